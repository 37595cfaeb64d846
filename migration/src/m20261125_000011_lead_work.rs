//! What hangs on a lead: contacts, tasks, commitments, files; and the energy it needs.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLES: [&str; 4] = ["contact", "task", "commitment", "lead_file"];

fn id() -> ColumnDef {
    big_integer("id").primary_key().auto_increment().take()
}

fn foreign(
    table: &'static str,
    column: &'static str,
    to: &'static str,
) -> ForeignKeyCreateStatement {
    let action = if to == "lead" {
        ForeignKeyAction::Cascade
    } else {
        ForeignKeyAction::Restrict
    };
    ForeignKey::create()
        .name(format!("foreign_{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .on_delete(action)
        .to_owned()
}

/// What every one of the tables begins with: whose it is, who wrote it, when, and whether it is in the bin.
fn of_lead(table: &'static str) -> TableCreateStatement {
    Table::create()
        .table(table)
        .col(id())
        .col(big_integer("lead_id"))
        .foreign_key(&mut foreign(table, "lead_id", "lead"))
        .col(big_integer("account_id"))
        .foreign_key(&mut foreign(table, "account_id", "account"))
        .col(timestamp_with_time_zone("created_at"))
        .col(timestamp_with_time_zone_null("deleted_at"))
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
                of_lead("contact")
                    .col(string("name"))
                    .col(string("position"))
                    .col(string("phone"))
                    .col(string("email"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                of_lead("task")
                    .col(text("title"))
                    .col(date("due_on"))
                    .col(integer_null("due_minute"))
                    .col(string("reminder"))
                    .col(date_null("remind_on"))
                    .col(big_integer("owner_id"))
                    .foreign_key(&mut foreign("task", "owner_id", "account"))
                    .col(timestamp_with_time_zone_null("done_at"))
                    .col(big_integer_null("done_by"))
                    .foreign_key(&mut foreign("task", "done_by", "account"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                of_lead("commitment")
                    .col(string("side"))
                    .col(text("content"))
                    .col(string("owner"))
                    .col(date_null("due_on"))
                    .col(string("state"))
                    .col(string("fair_competition"))
                    .col(timestamp_with_time_zone_null("closed_at"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                of_lead("lead_file")
                    .col(string("name"))
                    .col(big_integer("size"))
                    .col(string("digest"))
                    .col(blob("content"))
                    .to_owned(),
            )
            .await?;
        for table in TABLES {
            manager
                .create_index(
                    Index::create()
                        .name(format!("index_{table}_lead_id"))
                        .table(table)
                        .col("lead_id")
                        .to_owned(),
                )
                .await?;
        }
        // Today and the reminders ask by day and by person.
        for (name, table, columns) in [
            ("index_task_due_on", "task", ["due_on", "owner_id"]),
            ("index_task_remind_on", "task", ["remind_on", "owner_id"]),
            ("index_commitment_due_on", "commitment", ["due_on", "side"]),
        ] {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        for column in ["power_kva", "energy_tce"] {
            manager
                .alter_table(
                    Table::alter()
                        .table("lead")
                        .add_column(big_integer_null(column))
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["power_kva", "energy_tce"] {
            manager
                .alter_table(Table::alter().table("lead").drop_column(column).to_owned())
                .await?;
        }
        for table in TABLES {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
