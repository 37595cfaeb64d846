//! An uploaded table and what became of it.

use sea_orm::entity::prelude::*;

/// An uploaded table and what became of it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_job")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    pub file_name: String,
    pub file_size: i64,
    pub status: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub mapping: Option<Json>,
    pub total: i32,
    pub done: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub summary: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub problem: Option<Json>,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    pub leased_until: Option<DateTimeUtc>,
    /// The header row as read; empty for JSON lines, missing in imports of before it was kept.
    #[sea_orm(column_type = "JsonBinary")]
    pub header: Option<Json>,
    /// Who had it taken back.
    pub undo_account_id: Option<i64>,
    pub undo_asked_at: Option<DateTimeUtc>,
    /// Companies to take back.
    pub undo_total: Option<i32>,
    #[sea_orm(column_type = "JsonBinary")]
    pub undo_summary: Option<Json>,
    pub undo_finished_at: Option<DateTimeUtc>,
    /// The list is of the zone's own companies.
    pub is_local: bool,
}

impl ActiveModelBehavior for ActiveModel {}
