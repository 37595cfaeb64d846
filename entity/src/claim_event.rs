//! A line of the claim ledger (首报台账): never changed, never removed.

use sea_orm::entity::prelude::*;

/// A line of the claim ledger (首报台账): never changed, never removed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "claim_event")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub bureau_id: i64,
    pub lead_id: Option<i64>,
    pub claim_id: Option<i64>,
    pub kind: String,
    pub other_bureau_id: Option<i64>,
    pub share_percent: Option<i32>,
    #[sea_orm(column_type = "Text")]
    pub body: String,
    /// `None` for what the system did by itself.
    pub account_id: Option<i64>,
    pub happened_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
