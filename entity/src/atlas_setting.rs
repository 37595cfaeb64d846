//! A dated setting of the scores and of matching. The one in force is the latest of the latest day that is not in the future.

use sea_orm::entity::prelude::*;

/// A dated setting of the scores and of matching. The one in force is the latest of the latest day that is not in the future.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "atlas_setting")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub effective_on: Date,
    #[sea_orm(column_type = "JsonBinary")]
    pub value: Json,
    #[sea_orm(column_type = "Text")]
    pub source: String,
    pub account_id: Option<i64>,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
