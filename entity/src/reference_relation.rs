//! A relation of the reference graph: `input` goes into `output`, is a kind of it, or is an industry that feeds it.

use sea_orm::entity::prelude::*;

/// A relation of the reference graph: `input` goes into `output`, or is a kind of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_relation")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(column_type = "Text")]
    pub input: String,
    #[sea_orm(column_type = "Text")]
    pub output: String,
    pub relation: String,
    /// Rows of the file that say so, at least 1.
    pub evidence: i32,
}

impl ActiveModelBehavior for ActiveModel {}
