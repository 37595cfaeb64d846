//! 首报首谈: the bureau that registered a company first keeps it for a period.

use sea_orm::entity::prelude::*;

/// 首报首谈: the bureau that registered a company first keeps it for a period.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "claim")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub bureau_id: i64,
    pub lead_id: i64,
    pub claimed_at: DateTimeUtc,
    pub expires_on: Date,
    pub released_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
