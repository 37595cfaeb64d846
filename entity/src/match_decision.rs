//! What a person said about a company's product in a node. The last word counts; none is ever changed.

use sea_orm::entity::prelude::*;

/// What a person said about a company's product in a node. The last word counts; none is ever changed.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "match_decision")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub node_id: i64,
    pub enterprise_id: i64,
    #[sea_orm(column_type = "Text")]
    pub product: String,
    pub verdict: String,
    #[sea_orm(column_type = "Text")]
    pub note: Option<String>,
    pub account_id: i64,
    pub decided_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
