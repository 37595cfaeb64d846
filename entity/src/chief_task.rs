//! A task on a chain chief's list.

use sea_orm::entity::prelude::*;

/// A task on a chain chief's list.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chief_task")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub node_id: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub title: String,
    pub owner: String,
    pub due_on: Option<Date>,
    pub done_at: Option<DateTimeUtc>,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
