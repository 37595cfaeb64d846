//! Changes that the search engines have yet to hear of, in the order of their commits.

use sea_orm::entity::prelude::*;

/// Changes that the search engines have yet to hear of, in the order of their commits.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "outbox")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub topic: String,
    pub key: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
