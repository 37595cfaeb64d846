//! The rules of the stages from a day on.

use sea_orm::entity::prelude::*;

/// The rules of the stages from a day on.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "stage_rule_pack")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub version: String,
    pub effective_on: Date,
    #[sea_orm(column_type = "JsonBinary")]
    pub value: Json,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
