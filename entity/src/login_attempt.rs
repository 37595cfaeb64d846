//! One try to sign in; the throttle counts these.

use sea_orm::entity::prelude::*;

/// One try to sign in; the throttle counts these.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "login_attempt")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub login: String,
    pub address: String,
    pub attempted_at: DateTimeUtc,
    pub succeeded: bool,
}

impl ActiveModelBehavior for ActiveModel {}
