//! The claim ledger, objections to claims, and leads handed from bureau to bureau.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn to(
    table: &'static str,
    column: &'static str,
    other: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_{table}_{column}"))
        .from(table, column)
        .to(other, "id")
        .on_delete(on_delete)
        .to_owned()
}

fn index(table: &'static str, column: &'static str) -> IndexCreateStatement {
    Index::create()
        .name(format!("index_{table}_{column}"))
        .table(table)
        .col(column)
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        use ForeignKeyAction::{Cascade, Restrict, SetNull};
        manager
            .create_table(
                Table::create()
                    .table("claim_event")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("enterprise_id"))
                    .foreign_key(&mut to(
                        "claim_event",
                        "enterprise_id",
                        "enterprise",
                        Restrict,
                    ))
                    .col(big_integer("bureau_id"))
                    .foreign_key(&mut to("claim_event", "bureau_id", "bureau", Restrict))
                    // A line outlives the lead and the claim that it speaks of.
                    .col(big_integer_null("lead_id"))
                    .foreign_key(&mut to("claim_event", "lead_id", "lead", SetNull))
                    .col(big_integer_null("claim_id"))
                    .foreign_key(&mut to("claim_event", "claim_id", "claim", SetNull))
                    .col(string("kind"))
                    .col(big_integer_null("other_bureau_id"))
                    .foreign_key(&mut to(
                        "claim_event",
                        "other_bureau_id",
                        "bureau",
                        Restrict,
                    ))
                    .col(integer_null("share_percent"))
                    .col(text("body"))
                    .col(big_integer_null("account_id"))
                    .foreign_key(&mut to("claim_event", "account_id", "account", Restrict))
                    .col(timestamp_with_time_zone("happened_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("claim_dispute")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("enterprise_id"))
                    .foreign_key(&mut to(
                        "claim_dispute",
                        "enterprise_id",
                        "enterprise",
                        Restrict,
                    ))
                    .col(big_integer("claim_id"))
                    .foreign_key(&mut to("claim_dispute", "claim_id", "claim", Cascade))
                    .col(big_integer("bureau_id"))
                    .foreign_key(&mut to("claim_dispute", "bureau_id", "bureau", Restrict))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut to("claim_dispute", "account_id", "account", Restrict))
                    .col(text("evidence"))
                    .col(timestamp_with_time_zone("opened_at"))
                    .col(string("state"))
                    .col(text_null("decision_reason"))
                    .col(integer_null("share_percent"))
                    .col(big_integer_null("decided_by"))
                    .foreign_key(&mut to("claim_dispute", "decided_by", "account", Restrict))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("lead_transfer")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("lead_id"))
                    .foreign_key(&mut to("lead_transfer", "lead_id", "lead", Cascade))
                    .col(big_integer("from_bureau_id"))
                    .foreign_key(&mut to(
                        "lead_transfer",
                        "from_bureau_id",
                        "bureau",
                        Restrict,
                    ))
                    .col(big_integer("to_bureau_id"))
                    .foreign_key(&mut to("lead_transfer", "to_bureau_id", "bureau", Restrict))
                    .col(integer("share_percent"))
                    .col(text("reason"))
                    .col(string("state"))
                    .col(big_integer("proposed_by"))
                    .foreign_key(&mut to("lead_transfer", "proposed_by", "account", Restrict))
                    .col(timestamp_with_time_zone("proposed_at"))
                    .col(big_integer_null("answered_by"))
                    .foreign_key(&mut to("lead_transfer", "answered_by", "account", Restrict))
                    .col(timestamp_with_time_zone_null("answered_at"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        for (table, column) in [
            ("claim_event", "enterprise_id"),
            ("claim_event", "bureau_id"),
            ("claim_event", "other_bureau_id"),
            ("claim_event", "lead_id"),
            ("claim_event", "happened_at"),
            ("claim_dispute", "claim_id"),
            ("lead_transfer", "lead_id"),
            ("claim", "lead_id"),
        ] {
            manager.create_index(index(table, column)).await?;
        }
        let connection = manager.get_connection();
        // One open objection of a bureau to the claim on a company, and one open proposal on a lead, whatever two
        // people do in the same second; and the sweep reads the claims that run by their last day.
        connection
            .execute_unprepared(
                "CREATE UNIQUE INDEX unique_claim_dispute_open ON claim_dispute (enterprise_id, bureau_id) WHERE state = 'open'",
            )
            .await?;
        connection
            .execute_unprepared(
                "CREATE UNIQUE INDEX unique_lead_transfer_proposed ON lead_transfer (lead_id) WHERE state = 'proposed'",
            )
            .await?;
        connection
            .execute_unprepared(
                "CREATE INDEX index_claim_running_expires_on ON claim (expires_on) WHERE released_at IS NULL",
            )
            .await?;
        // What was claimed before there was a ledger: the lead says who did it, and from what source.
        connection
            .execute_unprepared(
                "INSERT INTO claim_event (enterprise_id, bureau_id, lead_id, claim_id, kind, body, account_id, happened_at) \
                 SELECT claim.enterprise_id, claim.bureau_id, claim.lead_id, claim.id, 'registered', lead.source, lead.owner_id, claim.claimed_at \
                 FROM claim JOIN lead ON lead.id = claim.lead_id ORDER BY claim.claimed_at, claim.id",
            )
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in ["index_claim_running_expires_on", "index_claim_lead_id"] {
            manager
                .drop_index(Index::drop().name(name).table("claim").to_owned())
                .await?;
        }
        for table in ["lead_transfer", "claim_dispute", "claim_event"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
