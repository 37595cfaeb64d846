//! Days off and days worked of one year, in the place of those that came with the program.

use sea_orm::entity::prelude::*;

/// Days off and days worked of one year, in the place of those that came with the program.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "work_calendar_year")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub year: i32,
    #[sea_orm(column_type = "JsonBinary")]
    pub value: Json,
    pub account_id: i64,
    pub imported_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
