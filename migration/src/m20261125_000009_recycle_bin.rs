//! The bureau that owns an audited record, what the bin and the audit look things up by, and the scope of tokens.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Indexes with their tables and columns.
const INDEXES: [(&str, &str, &[&str]); 6] = [
    ("index_audit_account_id", "audit", &["account_id"]),
    ("index_audit_bureau_id", "audit", &["bureau_id"]),
    ("index_audit_at", "audit", &["at"]),
    ("index_lead_deleted_at", "lead", &["deleted_at"]),
    ("index_trip_deleted_at", "trip", &["deleted_at"]),
    ("index_api_token_account_id", "api_token", &["account_id"]),
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("audit")
                    .add_column(big_integer_null("bureau_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("api_token")
                    .add_column(string("scope").default("write").take())
                    .to_owned(),
            )
            .await?;
        for (name, table, columns) in INDEXES {
            let mut index = Index::create();
            index.name(name).table(table);
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        // Rows from before know their bureau by their record.
        for table in ["lead", "trip"] {
            let owner = Query::select()
                .column((table, "bureau_id"))
                .from(table)
                .and_where(Expr::col((table, "id")).equals(("audit", "entity_id")))
                .take();
            manager
                .execute(
                    Query::update()
                        .table("audit")
                        .value("bureau_id", SubQueryStatement::SelectStatement(owner))
                        .and_where(Expr::col(("audit", "entity")).eq(table))
                        .take(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table, _) in INDEXES {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("api_token")
                    .drop_column("scope")
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("audit")
                    .drop_column("bureau_id")
                    .to_owned(),
            )
            .await
    }
}
