//! Somebody at a lead's company.

use sea_orm::entity::prelude::*;

/// Somebody at a lead's company.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "contact")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub name: String,
    pub position: String,
    pub phone: String,
    pub email: String,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
