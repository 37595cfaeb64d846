//! A company that was merged into another one, with all that it takes to undo it.

use sea_orm::entity::prelude::*;

/// A company that was merged into another one, with all that it takes to undo it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "enterprise_merge")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub kept_id: i64,
    pub merged_id: i64,
    /// Both companies whole, with their products.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Json,
    /// Ids by table, claims that gave way, and the kept company as it was left.
    #[sea_orm(column_type = "JsonBinary")]
    pub moved: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub choices: Json,
    pub account_id: i64,
    pub merged_at: DateTimeUtc,
    pub undone_at: Option<DateTimeUtc>,
    pub undone_by: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
