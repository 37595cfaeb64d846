//! Where the reference graph, or the list of industry inputs, was read from. One row a kind.

use sea_orm::entity::prelude::*;

/// Where the reference graph, or the list of industry inputs, was read from. One row a kind.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "reference_source")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub kind: String,
    pub file_name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub report: Json,
    pub account_id: i64,
    pub loaded_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
