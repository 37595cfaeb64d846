//! Indexes for the orders in which boards, lists and sheets are read, so that no page sorts a bureau's leads.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub struct Migration;

const INDEXES: [(&str, &str, &[&str]); 5] = [
    (
        "index_lead_bureau_id_stage_stage_entered_at",
        "lead",
        &["bureau_id", "stage", "stage_entered_at"],
    ),
    (
        "index_lead_bureau_id_last_activity_at",
        "lead",
        &["bureau_id", "last_activity_at"],
    ),
    (
        "index_lead_owner_id_last_activity_at",
        "lead",
        &["owner_id", "last_activity_at"],
    ),
    ("index_lead_created_at", "lead", &["created_at"]),
    (
        "index_stage_evidence_entered_at",
        "stage_evidence",
        &["entered_at"],
    ),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, columns) in INDEXES {
            let mut index = Index::create().name(name).table(table).to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // The first of them begins with the same two columns.
        manager
            .drop_index(
                Index::drop()
                    .name("index_lead_bureau_id_stage")
                    .table("lead")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_index(
                Index::create()
                    .name("index_lead_bureau_id_stage")
                    .table("lead")
                    .col("bureau_id")
                    .col("stage")
                    .to_owned(),
            )
            .await?;
        for (name, table, _) in INDEXES {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
