//! A what-if that somebody kept.

use sea_orm::entity::prelude::*;

/// A what-if that somebody kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_scenario")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub landings: Json,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
