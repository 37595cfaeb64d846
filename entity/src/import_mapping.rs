//! The columns that somebody confirmed for a header row, for the next file that has it.

use sea_orm::entity::prelude::*;

/// The columns that somebody confirmed for a header row, for the next file that has it.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_mapping")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    /// SHA-256 of the normalised header row, in hexadecimal.
    #[sea_orm(unique)]
    pub signature: String,
    #[sea_orm(column_type = "JsonBinary")]
    pub mapping: Json,
    pub account_id: i64,
    pub used_at: DateTimeUtc,
}

impl ActiveModelBehavior for ActiveModel {}
