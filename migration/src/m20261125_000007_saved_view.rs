//! Saved views of the list of leads, and what was changed of many leads at once, so that it can be taken back.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn foreign(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_{table}_{column}"))
        .from(table, column)
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
                    .table("saved_view")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign("saved_view", "account_id", "account"))
                    .col(big_integer_null("bureau_id"))
                    .foreign_key(&mut foreign("saved_view", "bureau_id", "bureau"))
                    .col(boolean("for_everybody"))
                    .col(string("name"))
                    .col(string("name_key"))
                    .col(json_binary("query"))
                    .col(json_binary("columns"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .to_owned(),
            )
            .await?;
        // A deleted view leaves its name to others.
        manager
            .get_connection()
            .execute_unprepared(
                "CREATE UNIQUE INDEX unique_saved_view_name ON saved_view (account_id, name_key) WHERE deleted_at IS NULL",
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("index_saved_view_bureau_id")
                    .table("saved_view")
                    .col("bureau_id")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("bulk_change")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign("bulk_change", "account_id", "account"))
                    .col(json_binary("act"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("bulk_change_lead")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("bulk_change_id"))
                    .foreign_key(&mut foreign(
                        "bulk_change_lead",
                        "bulk_change_id",
                        "bulk_change",
                    ))
                    .col(big_integer("lead_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_bulk_change_lead_lead_id")
                            .from("bulk_change_lead", "lead_id")
                            .to("lead", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .col(json_binary("before"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone_null("undone_at"))
                    .to_owned(),
            )
            .await?;
        for column in ["bulk_change_id", "lead_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("index_bulk_change_lead_{column}"))
                        .table("bulk_change_lead")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["bulk_change_lead", "bulk_change", "saved_view"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
