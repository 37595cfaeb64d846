//! Any company, local or target.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

/// Any company, local or target.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
#[sea_orm(table_name = "enterprise")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub credit_code: Option<String>,
    #[sea_orm(unique)]
    pub stock_code: Option<String>,
    pub name: String,
    pub name_key: String,
    pub short_name: Option<String>,
    pub english_name: Option<String>,
    pub exchange: Option<String>,
    pub board: Option<String>,
    pub listed_on: Option<Date>,
    pub total_shares: Option<i64>,
    pub area: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub address: Option<String>,
    /// 国民经济行业, GB/T 4754-2017.
    pub industry: Option<String>,
    /// 申万行业, 2021.
    pub sw_industry: Option<String>,
    pub website: Option<String>,
    #[sea_orm(column_type = "Text")]
    pub business_scope: Option<String>,
    pub revenue_wan: Option<i64>,
    pub staff: Option<i64>,
    pub is_local: bool,
    pub is_demo: bool,
    pub closed: bool,
    pub source: String,
    pub sort_key: String,
    #[sea_orm(column_type = "Text")]
    pub pinyin: String,
    pub initials: String,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub version: i64,
    /// The company that this one was merged into; such a row is closed and has no codes.
    pub merged_into_id: Option<i64>,
    /// A list of texts.
    pub tags: Option<Json>,
    /// A list of places of business: kind and place.
    pub sites: Option<Json>,
    /// Revenue and staff by day, oldest first.
    pub figures: Option<Json>,
    /// Where each field is from: a list of sources with their fields.
    pub field_sources: Option<Json>,
    /// What lists call it since a person wrote another name, as names are compared.
    pub former_name_key: Option<String>,
    /// The credit code that lists have for it since a person wrote another.
    pub former_credit_code: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
