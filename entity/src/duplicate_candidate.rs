//! Two companies that may be one, and what people said about it.

use sea_orm::entity::prelude::*;

/// Two companies that may be one, and what people said about it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "duplicate_candidate")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// The smaller id of the two.
    pub left_id: i64,
    pub right_id: i64,
    pub score: f64,
    #[sea_orm(column_type = "JsonBinary")]
    pub reasons: Json,
    pub found_at: DateTimeUtc,
    /// `open`, `merged` or `distinct`.
    pub state: String,
    pub decided_by: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub reason: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
