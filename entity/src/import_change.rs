//! A company that an import created or updated, and what it was before.

use sea_orm::entity::prelude::*;

/// A company that an import created or updated, and what it was before.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_change")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub import_job_id: i64,
    /// No foreign key: a company that was created may be gone again.
    pub enterprise_id: i64,
    /// The company's name as imported.
    pub name: String,
    /// `created` or `updated`.
    pub kind: String,
    /// The record with its products before the first write of this import; none for a created company.
    #[sea_orm(column_type = "JsonBinary")]
    pub before: Option<Json>,
    /// The company's version after the last write of this import.
    pub version_after: i64,
    /// What taking it back came to; none as long as nobody did.
    pub outcome: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
