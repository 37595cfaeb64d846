//! What one side of a lead promised.

use sea_orm::entity::prelude::*;

/// What one side of a lead promised.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "commitment")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub side: String,
    #[sea_orm(column_type = "Text")]
    pub content: String,
    pub owner: String,
    pub due_on: Option<Date>,
    pub state: String,
    pub fair_competition: String,
    pub closed_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
