//! An outbound delegation: teams, days, cities, visits.

use sea_orm::entity::prelude::*;

/// An outbound delegation: teams, days, cities, visits.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub bureau_id: i64,
    pub owner_id: i64,
    pub name: String,
    pub start_on: Date,
    pub days: i32,
    pub teams: i32,
    pub start_city: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub settings: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub plan: Option<Json>,
    pub seed: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub version: i64,
    /// Teams and known ways; none in trips of before there were any.
    #[sea_orm(column_type = "JsonBinary")]
    pub frame: Option<Json>,
    /// Draft, submitted, approved or returned.
    pub state: String,
    pub decided_by_id: Option<i64>,
    pub decided_at: Option<DateTimeUtc>,
    /// The version that was approved.
    pub decided_version: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub remark: String,
}

impl ActiveModelBehavior for ActiveModel {}
