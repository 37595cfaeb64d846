//! Rule packs of the pipeline and the calendar they count by, as dated data.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_{table}_account_id"))
        .from(table, "account_id")
        .to("account", "id")
        .on_delete(ForeignKeyAction::Restrict)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A pack is never changed: another one, of a later day, takes its place.
        manager
            .create_table(
                Table::create()
                    .table("stage_rule_pack")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(string("version").unique_key())
                    .col(date("effective_on"))
                    .col(json_binary("value"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut account("stage_rule_pack"))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("work_calendar_year")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(integer("year").unique_key())
                    .col(json_binary("value"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut account("work_calendar_year"))
                    .col(timestamp_with_time_zone("imported_at"))
                    .to_owned(),
            )
            .await?;
        // The list's first order.
        manager
            .create_index(
                Index::create()
                    .name("index_lead_last_activity_at")
                    .table("lead")
                    .col("last_activity_at")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("index_lead_last_activity_at")
                    .table("lead")
                    .to_owned(),
            )
            .await?;
        for table in ["work_calendar_year", "stage_rule_pack"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
