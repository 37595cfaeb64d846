//! The atlas: dated settings of the score, people's decisions on matches, snapshots, scenarios, drafts, tasks of a
//! chain chief, and the reference graph of products.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn pk_auto_big(name: &'static str) -> ColumnDef {
    big_integer(name).primary_key().auto_increment().take()
}

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
    let mut index = Index::create();
    index
        .name(format!("index_{table}_{}", columns.join("_")))
        .table(table);
    for column in columns {
        index.col(*column);
    }
    index.to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    #[allow(clippy::too_many_lines, reason = "a schema is a list")]
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // A setting is never changed: a later one, or one of a later day, takes its place.
        manager
            .create_table(
                Table::create()
                    .table("atlas_setting")
                    .col(pk_auto_big("id"))
                    .col(date("effective_on"))
                    .col(json_binary("value"))
                    .col(text("source"))
                    .col(big_integer_null("account_id"))
                    .foreign_key(&mut foreign(
                        "atlas_setting",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("match_decision")
                    .col(pk_auto_big("id"))
                    .col(big_integer("node_id"))
                    .foreign_key(&mut foreign(
                        "match_decision",
                        "node_id",
                        "chain_node",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(big_integer("enterprise_id"))
                    .foreign_key(&mut foreign(
                        "match_decision",
                        "enterprise_id",
                        "enterprise",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(text("product"))
                    .col(string("verdict"))
                    .col(text_null("note"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign(
                        "match_decision",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .col(timestamp_with_time_zone("decided_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("match_decision", &["enterprise_id"]))
            .await?;
        manager
            .create_index(index("match_decision", &["node_id"]))
            .await?;
        // Whether a person has spoken on this match; the queue asks for those on which nobody has.
        manager
            .alter_table(
                Table::alter()
                    .table("chain_match")
                    .add_column(string_null("verdict"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("chain_snapshot")
                    .col(pk_auto_big("id"))
                    .col(big_integer("chain_id"))
                    .foreign_key(&mut foreign(
                        "chain_snapshot",
                        "chain_id",
                        "chain",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(timestamp_with_time_zone("taken_at"))
                    .col(string("reason"))
                    .col(big_integer("chain_version"))
                    .col(json_binary("nodes"))
                    .col(big_integer_null("account_id"))
                    .foreign_key(&mut foreign(
                        "chain_snapshot",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("chain_snapshot", &["chain_id", "taken_at"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("chain_scenario")
                    .col(pk_auto_big("id"))
                    .col(big_integer("chain_id"))
                    .foreign_key(&mut foreign(
                        "chain_scenario",
                        "chain_id",
                        "chain",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(string("name"))
                    .col(json_binary("landings"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign(
                        "chain_scenario",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("chain_scenario", &["chain_id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("chain_draft")
                    .col(pk_auto_big("id"))
                    .col(big_integer("chain_id").unique_key())
                    .foreign_key(&mut foreign(
                        "chain_draft",
                        "chain_id",
                        "chain",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(big_integer("base_version"))
                    .col(json_binary("base"))
                    .col(json_binary("file"))
                    .col(json_binary("undo"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign(
                        "chain_draft",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(big_integer("version"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("chief_task")
                    .col(pk_auto_big("id"))
                    .col(big_integer("chain_id"))
                    .foreign_key(&mut foreign(
                        "chief_task",
                        "chain_id",
                        "chain",
                        ForeignKeyAction::Cascade,
                    ))
                    .col(big_integer_null("node_id"))
                    .foreign_key(&mut foreign(
                        "chief_task",
                        "node_id",
                        "chain_node",
                        ForeignKeyAction::SetNull,
                    ))
                    .col(text("title"))
                    .col(string("owner"))
                    .col(date_null("due_on"))
                    .col(timestamp_with_time_zone_null("done_at"))
                    .col(big_integer("account_id"))
                    .foreign_key(&mut foreign(
                        "chief_task",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .col(timestamp_with_time_zone("created_at"))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(index("chief_task", &["chain_id"]))
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("reference_relation")
                    .col(pk_auto_big("id"))
                    .col(text("input"))
                    .col(text("output"))
                    .col(string("relation"))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("chain_match")
                    .drop_column("verdict")
                    .to_owned(),
            )
            .await?;
        for table in [
            "reference_relation",
            "chief_task",
            "chain_draft",
            "chain_scenario",
            "chain_snapshot",
            "match_decision",
            "atlas_setting",
        ] {
            manager
                .drop_table(Table::drop().table(table).if_exists().to_owned())
                .await?;
        }
        Ok(())
    }
}
