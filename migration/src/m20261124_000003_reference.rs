//! Groups of nodes, and where the reference graph of products was read from.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .alter_table(
                Table::alter()
                    .table("chain_node")
                    // `group` is a word of SQL.
                    .add_column(string_null("group_name"))
                    .to_owned(),
            )
            .await?;
        manager
            .alter_table(
                Table::alter()
                    .table("reference_relation")
                    .add_column(integer("evidence").default(1))
                    .to_owned(),
            )
            .await?;
        manager
            .create_index(
                Index::create()
                    .name("index_reference_relation_relation")
                    .table("reference_relation")
                    .col("relation")
                    .to_owned(),
            )
            .await?;
        manager
            .create_table(
                Table::create()
                    .table("reference_source")
                    .col(big_integer("id").primary_key().auto_increment().take())
                    .col(string("kind").unique_key())
                    .col(string("file_name"))
                    .col(json_binary("report"))
                    .col(big_integer("account_id"))
                    .foreign_key(
                        ForeignKey::create()
                            .name("foreign_reference_source_account_id")
                            .from("reference_source", "account_id")
                            .to("account", "id")
                            .on_delete(ForeignKeyAction::Restrict),
                    )
                    .col(timestamp_with_time_zone("loaded_at"))
                    .to_owned(),
            )
            .await?;
        // How many companies make a product is asked by its name.
        manager
            .create_index(
                Index::create()
                    .name("index_enterprise_product_name")
                    .table("enterprise_product")
                    .col("name")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, table) in [
            ("index_enterprise_product_name", "enterprise_product"),
            ("index_reference_relation_relation", "reference_relation"),
        ] {
            manager
                .drop_index(Index::drop().name(name).table(table).to_owned())
                .await?;
        }
        manager
            .drop_table(
                Table::drop()
                    .table("reference_source")
                    .if_exists()
                    .to_owned(),
            )
            .await?;
        for (table, column) in [
            ("reference_relation", "evidence"),
            ("chain_node", "group_name"),
        ] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
