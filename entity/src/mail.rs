//! A mail that is to be sent, or was.

use sea_orm::entity::prelude::*;

/// A mail that is to be sent, or was.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "mail")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub account_id: i64,
    pub recipient: String,
    #[sea_orm(column_type = "Text")]
    pub subject: String,
    #[sea_orm(column_type = "Text")]
    pub text: String,
    #[sea_orm(column_type = "Text")]
    pub html: String,
    pub created_at: DateTimeUtc,
    pub attempts: i32,
    /// Not before: a lease while somebody sends it, a pause after a failure.
    pub due_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
    pub given_up_at: Option<DateTimeUtc>,
    #[sea_orm(column_type = "Text")]
    pub last_error: Option<String>,
}

impl ActiveModelBehavior for ActiveModel {}
