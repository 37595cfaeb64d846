//! A proposal to hand a lead to another bureau (流转), and its answer.

use sea_orm::entity::prelude::*;

/// A proposal to hand a lead to another bureau (流转), and its answer.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_transfer")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub from_bureau_id: i64,
    pub to_bureau_id: i64,
    /// What the giving bureau keeps of the benefit.
    pub share_percent: i32,
    #[sea_orm(column_type = "Text")]
    pub reason: String,
    pub state: String,
    pub proposed_by: i64,
    pub proposed_at: DateTimeUtc,
    pub answered_by: Option<i64>,
    pub answered_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
