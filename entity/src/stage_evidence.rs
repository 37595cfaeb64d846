//! What a stage was entered with.

use sea_orm::entity::prelude::*;

/// What a stage was entered with.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_evidence")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub stage: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub evidence: Json,
    pub rule_pack: String,
    pub account_id: i64,
    pub entered_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
