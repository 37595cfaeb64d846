//! A person who signs in.

use sea_orm::entity::prelude::*;

/// A person who signs in.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "account")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    #[sea_orm(unique)]
    pub login: String,
    pub name: String,
    pub role: String,
    pub bureau_id: Option<i64>,
    #[sea_orm(column_type = "Text")]
    pub password_hash: String,
    pub disabled: bool,
    pub created_at: DateTimeUtc,
    pub email: Option<String>,
    /// A `domain::notice::MailChoice` by its key.
    pub mail_choice: String,
    /// The language of mails.
    pub locale: String,
    /// SHA-256 of the secret in the address of the person's calendar.
    #[sea_orm(unique)]
    pub calendar_key_hash: Option<String>,
    /// The last day whose digest was made, or found to be empty.
    pub digest_on: Option<Date>,
}

impl ActiveModelBehavior for ActiveModel {}
