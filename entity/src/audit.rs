//! Who changed what, when, from what to what.

use sea_orm::entity::prelude::*;

/// Who changed what, when, from what to what.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "audit")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: Option<i64>,
    pub action: String,
    pub entity: String,
    pub entity_id: i64,
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Option<Json>,
    #[sea_orm(column_type = "JsonBinary")]
    pub after: Option<Json>,
    /// The bureau that owned the record then; `None` for records of the whole zone.
    pub bureau_id: Option<i64>,
    pub at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
