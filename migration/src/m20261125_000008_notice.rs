//! Notices in the program, outgoing mail, and what a person wants to be told and where.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn account(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_{table}_account_id"))
        .from(table, "account_id")
        .to("account", "id")
        .on_delete(ForeignKeyAction::Cascade)
        .to_owned()
}

/// SQLite alters one column at a time.
fn account_columns() -> [ColumnDef; 5] {
    [
        string_null("email").take(),
        string("mail_choice").default("nothing").take(),
        string("locale").default("zh-CN").take(),
        string_null("calendar_key_hash").take(),
        // The last day whose digest was made, or found to be empty.
        date_null("digest_on").take(),
    ]
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
                    .table("notice")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .foreign_key(&mut account("notice"))
                    .col(string("kind"))
                    .col(big_integer_null("lead_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_notice_lead_id")
                            .from("notice", "lead_id")
                            .to("lead", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .col(json_binary("detail"))
                    // What may be told once only; without one it may be told again.
                    .col(string_null("once"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone_null("read_at"))
                    .col(timestamp_with_time_zone_null("mailed_at"))
                    .to_owned(),
            )
            .await?;
        // Pages go by id; the number in the bell, asked for all the time, by what is unread.
        for (name, column) in [
            ("index_notice_account_id_id", "id"),
            ("index_notice_account_id_read_at", "read_at"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("notice")
                        .col("account_id")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("unique_notice_once")
                    .table("notice")
                    .col("account_id")
                    .col("kind")
                    .col("once")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("mail")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .foreign_key(&mut account("mail"))
                    .col(string("recipient"))
                    .col(text("subject"))
                    .col(text("text"))
                    .col(text("html"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(integer("attempts").default(0))
                    // Not before: a lease while somebody sends it, a pause after a failure.
                    .col(timestamp_with_time_zone("due_at"))
                    .col(timestamp_with_time_zone_null("sent_at"))
                    .col(timestamp_with_time_zone_null("given_up_at"))
                    .col(text_null("last_error"))
                    .to_owned(),
            )
            .await?;
        for (name, columns) in [
            ("index_mail_account_id", ["account_id", "id"]),
            ("index_mail_sent_at_due_at", ["sent_at", "due_at"]),
        ] {
            let mut index = Index::create();
            index.name(name).table("mail");
            for column in columns {
                index.col(column);
            }
            manager.create_index(index).await?;
        }
        for column in account_columns() {
            manager
                .alter_table(
                    Table::alter()
                        .table("account")
                        .add_column(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_index(
                Index::create()
                    .name("unique_account_calendar_key_hash")
                    .table("account")
                    .col("calendar_key_hash")
                    .unique()
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(
                Index::drop()
                    .name("unique_account_calendar_key_hash")
                    .table("account")
                    .to_owned(),
            )
            .await?;
        for column in account_columns() {
            manager
                .alter_table(
                    Table::alter()
                        .table("account")
                        .drop_column(column.get_column_name())
                        .to_owned(),
                )
                .await?;
        }
        for table in ["mail", "notice"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
