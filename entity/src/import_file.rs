//! What was uploaded, apart from the import that goes on row by row.

use sea_orm::entity::prelude::*;

/// What was uploaded, apart from the import that goes on row by row.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "import_file")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub import_job_id: i64,
    pub content: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
