//! Input to output between two nodes of one chain.

use sea_orm::entity::prelude::*;

/// Input to output between two nodes of one chain.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_edge")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub from_node_id: i64,
    pub to_node_id: i64,
    pub coefficient: Option<f64>,
}

impl ActiveModelBehavior for ActiveModel {}
