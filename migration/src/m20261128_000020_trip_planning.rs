//! What a trip's planning keeps: teams and known ways, what is asked of each visit, plans to compare, and the leader's
//! word.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One statement a column: SQLite adds no more at once.
        for (table, column) in [
            ("trip", json_binary_null("frame")),
            ("trip", string("state").default("draft").take()),
            ("trip", big_integer_null("decided_by_id")),
            ("trip", timestamp_with_time_zone_null("decided_at")),
            ("trip", big_integer_null("decided_version")),
            ("trip", text("remark").default("").take()),
            ("trip_candidate", json_binary_null("demand")),
        ] {
            manager
                .alter_table(Table::alter().table(table).add_column(column).to_owned())
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("trip_variant")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("trip_id"))
                    .col(string("name"))
                    .col(json_binary("plan"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_trip_variant_trip_id")
                            .from("trip_variant", "trip_id")
                            .to("trip", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("index_trip_variant_trip_id")
                    .table("trip_variant")
                    .col("trip_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("trip_variant").to_owned())
            .await?;
        for (table, column) in [
            ("trip", "frame"),
            ("trip", "state"),
            ("trip", "decided_by_id"),
            ("trip", "decided_at"),
            ("trip", "decided_version"),
            ("trip", "remark"),
            ("trip_candidate", "demand"),
        ] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
