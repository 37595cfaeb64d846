//! A question to the finder under a name: node or words, and what it is narrowed by.

use sea_orm::entity::prelude::*;

/// A question to the finder under a name: node or words, and what it is narrowed by.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "target_query")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    /// The bureau that it is shared with.
    pub bureau_id: Option<i64>,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub query: Json,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i64,
    pub deleted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
