//! Something to be done for a lead.

use sea_orm::entity::prelude::*;

/// Something to be done for a lead.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "task")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    pub due_on: Date,
    /// Minutes since local midnight.
    pub due_minute: Option<i32>,
    pub reminder: String,
    /// The local day on which the owner is reminded.
    pub remind_on: Option<Date>,
    pub owner_id: i64,
    pub done_at: Option<DateTimeUtc>,
    pub done_by: Option<i64>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
