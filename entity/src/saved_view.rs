//! Filters, order and columns of the list of leads under a name.

use sea_orm::entity::prelude::*;

/// Filters, order and columns of the list of leads under a name. The one without a name holds the columns that its
/// owner sees when no view is chosen.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "saved_view")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    pub bureau_id: Option<i64>,
    pub for_everybody: bool,
    pub name: String,
    pub name_key: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub query: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub columns: Json,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i64,
    pub deleted_at: Option<DateTimeUtc>,
}

impl ActiveModelBehavior for ActiveModel {}
