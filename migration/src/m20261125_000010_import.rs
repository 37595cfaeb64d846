//! What an import wrote, so that it can be taken back, and the columns that people confirmed.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "import_job";
const INDEX: &str = "index_import_change_enterprise_id";
const UNIQUE: &str = "unique_import_change_import_job_id_enterprise_id";

/// SQLite adds one column a statement.
fn added() -> [ColumnDef; 6] {
    [
        json_binary_null("header").take(),
        big_integer_null("undo_account_id").take(),
        timestamp_with_time_zone_null("undo_asked_at").take(),
        integer_null("undo_total").take(),
        json_binary_null("undo_summary").take(),
        timestamp_with_time_zone_null("undo_finished_at").take(),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in added() {
            let mut column = column;
            manager
                .alter_table(
                    Table::alter()
                        .table(TABLE)
                        .add_column(&mut column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .create_table(
                Table::create()
                    .table("import_mapping")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(string("signature").unique_key())
                    .col(json_binary("mapping"))
                    .col(big_integer("account_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_import_mapping_account_id")
                            .from("import_mapping", "account_id")
                            .to("account", "id")
                            .on_delete(ForeignKeyAction::Restrict),
                    )
                    .col(timestamp_with_time_zone("used_at"))
                    .to_owned(),
            )
            .await?;
        // A company that was created may be gone again, so its id is no foreign key.
        manager
            .create_table(
                Table::create()
                    .table("import_change")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("import_job_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_import_change_import_job_id")
                            .from("import_change", "import_job_id")
                            .to("import_job", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .col(big_integer("enterprise_id"))
                    .col(string("name"))
                    .col(string("kind"))
                    .col(json_binary_null("before"))
                    .col(big_integer("version_after"))
                    .col(string_null("outcome"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name(UNIQUE)
                    .table("import_change")
                    .col("import_job_id")
                    .col("enterprise_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name(INDEX)
                    .table("import_change")
                    .col("enterprise_id")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["import_change", "import_mapping"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        for column in added() {
            manager
                .alter_table(
                    Table::alter()
                        .table(TABLE)
                        .drop_column(column.get_column_name())
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }
}
