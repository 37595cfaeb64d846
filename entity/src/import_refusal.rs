//! A row that an import did not take, with its reason.

use sea_orm::entity::prelude::*;

/// A row that an import did not take, with its reason.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_refusal")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub import_job_id: i64,
    pub row: i32,
    pub field: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub value: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub kind: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub cells: Json,
}

impl ActiveModelBehavior for ActiveModel {}
