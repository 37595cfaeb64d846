//! A lead that a change of many has changed: what it was, and the version that it has since.

use sea_orm::entity::prelude::*;

/// A lead that a change of many has changed: what it was, and the version that it has since.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_change_lead")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub bulk_change_id: i64,
    pub lead_id: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Json,
    pub version: i64,
    pub undone_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
