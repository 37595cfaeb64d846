//! What an enterprise makes, with its share of revenue when known.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// What an enterprise makes, with its share of revenue when known.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "enterprise_product")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub enterprise_id: i64,
    pub position: i32,
    pub name: String,
    pub revenue_share: Option<f64>,
}

impl ActiveModelBehavior for ActiveModel {}
