//! Something a person is told.

use sea_orm::entity::prelude::*;

/// Something a person is told.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "notice")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    pub kind: String,
    pub lead_id: Option<i64>,
    #[sea_orm(column_type = "JsonBinary")]
    pub detail: Json,
    /// Unique with account and kind: what may be told once only.
    pub once: Option<String>,
    pub created_at: DateTimeUtc,
    pub read_at: Option<DateTimeUtc>,
    pub mailed_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
