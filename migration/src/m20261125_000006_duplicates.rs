//! One company, once: pairs that may be one company, and merges that can be taken back.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn foreign(
    table: &'static str,
    column: &'static str,
    to: &'static str,
    on_delete: ForeignKeyAction,
) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("foreign_{table}_{column}"))
        .from(table, column)
        .to(to, "id")
        .on_delete(on_delete)
        .to_owned()
}

fn index(table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create()
        .name(format!("index_{table}_{}", columns.join("_")))
        .table(table)
        .to_owned();
    for column in columns {
        statement.col(*column);
    }
    statement
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("enterprise")
                    .add_column(big_integer_null("merged_into_id"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("enterprise", &["merged_into_id"]))
            .await?;
        let cascade = ForeignKeyAction::Cascade;
        let restrict = ForeignKeyAction::Restrict;
        manager
            .create_table(
                Table::create()
                    .table("duplicate_candidate")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("left_id"))
                    .foreign_key(&mut foreign(
                        "duplicate_candidate",
                        "left_id",
                        "enterprise",
                        cascade,
                    ))
                    .col(big_integer("right_id"))
                    .foreign_key(&mut foreign(
                        "duplicate_candidate",
                        "right_id",
                        "enterprise",
                        cascade,
                    ))
                    .col(double("score"))
                    .col(json_binary("reasons"))
                    .col(timestamp_with_time_zone("found_at"))
                    .col(string("state"))
                    .col(big_integer_null("decided_by"))
                    .foreign_key(&mut foreign(
                        "duplicate_candidate",
                        "decided_by",
                        "account",
                        restrict,
                    ))
                    .col(timestamp_with_time_zone_null("decided_at"))
                    .col(text_null("reason"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("unique_duplicate_candidate_left_id_right_id")
                    .table("duplicate_candidate")
                    .col("left_id")
                    .col("right_id")
                    .unique()
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("duplicate_candidate", &["right_id"]))
            .await?;
        manager
            .create_index(index("duplicate_candidate", &["state", "score"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("enterprise_merge")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("kept_id"))
                    .foreign_key(&mut foreign(
                        "enterprise_merge",
                        "kept_id",
                        "enterprise",
                        restrict,
                    ))
                    .col(big_integer("merged_id"))
                    .foreign_key(&mut foreign(
                        "enterprise_merge",
                        "merged_id",
                        "enterprise",
                        restrict,
                    ))
                    .col(json_binary("before"))
                    .col(json_binary("moved"))
                    .col(json_binary("choices"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign(
                        "enterprise_merge",
                        "account_id",
                        "account",
                        restrict,
                    ))
                    .col(timestamp_with_time_zone("merged_at"))
                    .col(timestamp_with_time_zone_null("undone_at"))
                    .col(big_integer_null("undone_by"))
                    .foreign_key(&mut foreign(
                        "enterprise_merge",
                        "undone_by",
                        "account",
                        restrict,
                    ))
                    .to_owned(),
            )
            .await?;
        for column in ["kept_id", "merged_id"] {
            manager
                .create_index(index("enterprise_merge", &[column]))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["enterprise_merge", "duplicate_candidate"] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        manager
            .drop_index(
                Index::drop()
                    .name("index_enterprise_merged_into_id")
                    .table("enterprise")
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("enterprise")
                    .drop_column("merged_into_id")
                    .to_owned(),
            )
            .await
    }
}
