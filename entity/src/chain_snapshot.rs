//! A chain's classes and scores at one moment.

use sea_orm::entity::prelude::*;

/// A chain's classes and scores at one moment.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_snapshot")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub taken_at: DateTimeUtc,
    pub reason: String,
    pub chain_version: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub nodes: Json,
    pub account_id: Option<i64>,
}

impl ActiveModelBehavior for ActiveModel {}
