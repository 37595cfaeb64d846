//! How far an external search engine has read the outbox.

use sea_orm::entity::prelude::*;

/// How far an external search engine has read the outbox.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "search_cursor")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub engine: String,
    pub last_id: i64,
    /// Which settings the index was made with.
    pub settings_mark: String,
    pub updated_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
