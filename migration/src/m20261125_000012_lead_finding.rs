//! What a lead is found by: its title as written, as pinyin and as first letters, in one column that a search reads alone.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // Empty until the server has spelled the title; it does so in rounds.
        manager
            .alter_table(
                Table::alter()
                    .table("lead")
                    .add_column(text("find_key").default(""))
                    .to_owned(),
            )
            .await?;
        // All that the search for a part of a title asks for, so that it reads this index and not the table.
        manager
            .create_index(
                Index::create()
                    .name("index_lead_find_key")
                    .table("lead")
                    .col("bureau_id")
                    .col("deleted_at")
                    .col("side_state")
                    .col("find_key")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("index_lead_find_key")
                    .table("lead")
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("lead")
                    .drop_column("find_key")
                    .to_owned(),
            )
            .await
    }
}
