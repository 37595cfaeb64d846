//! A company's business that matched a node, with its evidence. Rebuilt by the matcher, never typed in.

use sea_orm::entity::prelude::*;

/// A company's business that matched a node, with its evidence. Rebuilt by the matcher, never typed in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_match")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub node_id: i64,
    pub enterprise_id: i64,
    pub share: f64,
    pub confidence: f64,
    #[sea_orm(column_type = "Text")]
    pub product: String,
    pub term: String,
    pub kind: String,
    pub counted: bool,
    /// `confirmed`, `rejected` or `added` when a person has spoken.
    pub verdict: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
