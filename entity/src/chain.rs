//! An industry chain: a directed graph of nodes from input to output.

use sea_orm::entity::prelude::*;

/// An industry chain: a directed graph of nodes from input to output.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    #[sea_orm(column_type = "Text")]
    pub description: String,
    pub chief: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub source: Option<String>,
    pub position: i32,
    pub version: i64,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
