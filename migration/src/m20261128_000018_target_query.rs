//! Questions to the finder under a name.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn refers(column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_target_query_{column}"))
        .from("target_query", column)
        .to(to, "id")
        .on_delete(ForeignKeyAction::Restrict)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("target_query")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .col(big_integer_null("bureau_id"))
                    .col(string("name"))
                    .col(json_binary("query"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .foreign_key(&mut refers("account_id", "account"))
                    .foreign_key(&mut refers("bureau_id", "bureau"))
                    .to_owned(),
            )
            .await?;
        for (name, column) in [
            ("index_target_query_account_id", "account_id"),
            ("index_target_query_bureau_id", "bureau_id"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("target_query")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("target_query").to_owned())
            .await
    }
}
