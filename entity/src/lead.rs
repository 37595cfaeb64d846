//! One investment intention of one enterprise.

use sea_orm::entity::prelude::*;

/// One investment intention of one enterprise.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lead")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub chain_node_id: Option<i64>,
    pub bureau_id: i64,
    pub owner_id: i64,
    pub stage: i32,
    pub side_state: Option<String>,
    pub title: String,
    /// The title folded, its pinyin and its first letters, each after a space; empty until they are made.
    #[sea_orm(column_type = "Text")]
    pub find_key: String,
    pub investment_wan: Option<i64>,
    pub land_mu: Option<f64>,
    pub power_kva: Option<i64>,
    pub energy_tce: Option<i64>,
    pub source: String,
    pub rule_pack: String,
    pub stage_entered_at: DateTimeUtc,
    pub last_activity_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
