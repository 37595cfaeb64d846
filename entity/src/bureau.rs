//! A promotion bureau: the team that owns leads, with the regions it works.

use sea_orm::entity::prelude::*;

/// A promotion bureau: the team that owns leads, with the regions it works.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bureau")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub code: String,
    pub name: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub regions: Json,
    pub position: i32,
}

impl ActiveModelBehavior for ActiveModel {}
