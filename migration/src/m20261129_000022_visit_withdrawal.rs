//! A visit that was written down by mistake is withdrawn, with what came of it.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in [
            // The line on the timeline, contacts, task and files; none for visits of before.
            json_binary_null("parts"),
            timestamp_with_time_zone_null("withdrawn_at"),
        ] {
            manager
                .alter_table(Table::alter().table("visit").add_column(column).to_owned())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["parts", "withdrawn_at"] {
            manager
                .alter_table(Table::alter().table("visit").drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
