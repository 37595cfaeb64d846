//! A file of a lead, with its bytes.

use sea_orm::entity::prelude::*;

/// A file of a lead, with its bytes.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "lead_file")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub lead_id: i64,
    pub account_id: i64,
    pub created_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub name: String,
    pub size: i64,
    /// SHA-256 of the content, in hexadecimal digits.
    pub digest: String,
    pub content: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
