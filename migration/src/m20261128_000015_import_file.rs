//! An uploaded file is a row of its own. SQLite writes a row anew as a whole, and how far an import is changes with
//! every batch: a file of 30 MB was written two hundred times. And an index of the titles that are still to be spelled,
//! for which the program looks all day.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

const TO_SPELL: &str = "index_lead_to_spell";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("import_file")
                    .col(big_integer("import_job_id").primary_key().take())
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_import_file_import_job_id")
                            .from("import_file", "import_job_id")
                            .to("import_job", "id")
                            .on_delete(ForeignKeyAction::Cascade),
                    )
                    .col(blob("content"))
                    .to_owned(),
            )
            .await?;
        let connection = manager.get_connection();
        connection
            .execute_unprepared(
                "INSERT INTO import_file (import_job_id, content) SELECT id, content FROM import_job",
            )
            .await?;
        connection
            .execute_unprepared("ALTER TABLE import_job DROP COLUMN content")
            .await?;
        // Word for word what `service::find` asks for.
        connection
            .execute_unprepared(&format!(
                "CREATE INDEX {TO_SPELL} ON lead (id) WHERE find_key = ''"
            ))
            .await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name(TO_SPELL).table("lead").to_owned())
            .await?;
        let mut content = blob("content").default("").take();
        manager
            .alter_table(
                Table::alter()
                    .table("import_job")
                    .add_column(&mut content)
                    .to_owned(),
            )
            .await?;
        manager
            .get_connection()
            .execute_unprepared(
                "UPDATE import_job SET content = coalesce((SELECT content FROM import_file WHERE import_job_id = import_job.id), content)",
            )
            .await?;
        manager
            .drop_table(Table::drop().table("import_file").to_owned())
            .await
    }
}
