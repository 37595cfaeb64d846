//! An objection (异议) to a claim, and its decision.

use sea_orm::entity::prelude::*;

/// An objection (异议) to a claim, and its decision.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "claim_dispute")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub claim_id: i64,
    /// The bureau that objects.
    pub bureau_id: i64,
    pub account_id: i64,
    #[sea_orm(column_type = "Text")]
    pub evidence: String,
    pub opened_at: DateTimeUtc,
    pub state: String,
    #[sea_orm(column_type = "Text")]
    pub decision_reason: Option<String>,
    pub share_percent: Option<i32>,
    pub decided_by: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
