//! A company on a target list.

use sea_orm::entity::prelude::*;

/// A company on a target list, with the node that it is wanted for.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "target_list_company")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub target_list_id: i64,
    pub enterprise_id: i64,
    pub chain_node_id: Option<i64>,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
