//! A signed-in browser. Only the hash of its token is kept.

use sea_orm::entity::prelude::*;

/// A signed-in browser. Only the hash of its token is kept.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "session")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub token_hash: String,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub user_agent: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
