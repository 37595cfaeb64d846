//! What was written down of a visit on a trip.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("visit")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("trip_id"))
                    .col(big_integer("enterprise_id"))
                    .col(big_integer_null("lead_id"))
                    .col(big_integer("account_id"))
                    // The phone's: a visit that is sent twice is written once.
                    .col(string("mark").unique_key().take())
                    .col(date("visited_on"))
                    .col(integer("begin_minute"))
                    .col(string("outcome"))
                    .col(integer_null("interest"))
                    .col(json_binary("people"))
                    .col(text("remark"))
                    .col(text("next_step"))
                    .col(date_null("next_on"))
                    .col(integer("photos"))
                    // The lead's stage at that time.
                    .col(integer("stage"))
                    .col(json_binary("commitments"))
                    .col(timestamp_with_time_zone("written_at"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_visit_trip_id")
                            .from("visit", "trip_id")
                            .to("trip", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_visit_enterprise_id")
                            .from("visit", "enterprise_id")
                            .to("enterprise", "id"),
                    )
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_visit_lead_id")
                            .from("visit", "lead_id")
                            .to("lead", "id")
                            .on_delete(ForeignKeyAction::SetNull),
                    )
                    .to_owned(),
            )
            .await?;
        for column in ["trip_id", "enterprise_id", "lead_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("index_visit_{column}"))
                        .table("visit")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("visit").to_owned())
            .await
    }
}
