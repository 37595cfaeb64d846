//! Target lists with their companies.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

fn refers(
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

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .create_table(
                Table::create()
                    .table("target_list")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("account_id"))
                    .col(big_integer_null("bureau_id"))
                    .col(string("name"))
                    .col(timestamp_with_time_zone("created_at"))
                    .col(timestamp_with_time_zone("updated_at"))
                    .col(big_integer("version"))
                    .col(timestamp_with_time_zone_null("deleted_at"))
                    .foreign_key(&mut refers(
                        "target_list",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .foreign_key(&mut refers(
                        "target_list",
                        "bureau_id",
                        "bureau",
                        ForeignKeyAction::Restrict,
                    ))
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("target_list_company")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(big_integer("target_list_id"))
                    .col(big_integer("enterprise_id"))
                    .col(big_integer_null("chain_node_id"))
                    .col(big_integer("account_id"))
                    .col(timestamp_with_time_zone("created_at"))
                    .foreign_key(&mut refers(
                        "target_list_company",
                        "target_list_id",
                        "target_list",
                        ForeignKeyAction::Cascade,
                    ))
                    .foreign_key(&mut refers(
                        "target_list_company",
                        "enterprise_id",
                        "enterprise",
                        ForeignKeyAction::Restrict,
                    ))
                    .foreign_key(&mut refers(
                        "target_list_company",
                        "chain_node_id",
                        "chain_node",
                        ForeignKeyAction::SetNull,
                    ))
                    .foreign_key(&mut refers(
                        "target_list_company",
                        "account_id",
                        "account",
                        ForeignKeyAction::Restrict,
                    ))
                    .to_owned(),
            )
            .await?;
        for column in ["target_list_id", "enterprise_id", "chain_node_id"] {
            manager
                .create_index(
                    Index::create()
                        .name(format!("index_target_list_company_{column}"))
                        .table("target_list_company")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["target_list_company", "target_list"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
