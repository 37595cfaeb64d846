//! The one draft of a chain, with the published form it began from and the way back.

use sea_orm::entity::prelude::*;

/// The one draft of a chain, with the published form it began from and the way back.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_draft")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub chain_id: i64,
    pub base_version: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub base: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub file: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub undo: Json,
    pub account_id: i64,
    pub updated_at: DateTimeUtc,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}
