//! A company that a trip may visit.

use sea_orm::entity::prelude::*;

/// A company that a trip may visit.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "trip_candidate")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub trip_id: i64,
    pub enterprise_id: i64,
    pub lead_id: Option<i64>,
    pub value: f64,
    pub duration_minutes: i32,
    pub required: bool,
    pub position: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub demand: Option<Json>,
}

impl ActiveModelBehavior for ActiveModel {}
