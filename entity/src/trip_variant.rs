//! A plan that is kept beside a trip's own, to compare.

use sea_orm::entity::prelude::*;

/// A plan that is kept beside a trip's own, to compare.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip_variant")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub trip_id: i64,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub plan: Json,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
