//! A product or process in a chain.

use sea_orm::entity::prelude::*;

/// A product or process in a chain.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "chain_node")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub chain_id: i64,
    pub code: String,
    pub name: String,
    pub stage: String,
    /// What it is drawn together with.
    pub group_name: Option<String>,
    #[sea_orm(column_type = "JsonBinary")]
    pub aliases: Json,
    #[sea_orm(column_type = "JsonBinary")]
    pub keywords: Json,
    pub priority: Option<f64>,
    #[sea_orm(column_type = "Text")]
    pub priority_source: Option<String>,
    pub position: i32,
}

impl ActiveModelBehavior for ActiveModel {}
