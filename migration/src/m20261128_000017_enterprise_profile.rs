//! What a company is beyond its register entry: 申万 industry, tags, places of business, figures over the years, and where
//! each of its fields is from. And whether a list that is taken in is of the zone's own companies.

use sea_orm_migration::{prelude::*, schema::*};

#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // One statement a column: SQLite adds no more at once.
        for column in [
            string_null("sw_industry"),
            json_binary_null("tags"),
            json_binary_null("sites"),
            json_binary_null("figures"),
            json_binary_null("field_sources"),
            string_null("former_name_key"),
            string_null("former_credit_code"),
        ] {
            manager
                .alter_table(
                    Table::alter()
                        .table("enterprise")
                        .add_column(column)
                        .to_owned(),
                )
                .await?;
        }
        for (name, column) in [
            ("index_enterprise_former_name_key", "former_name_key"),
            ("index_enterprise_former_credit_code", "former_credit_code"),
        ] {
            manager
                .create_index(
                    Index::create()
                        .name(name)
                        .table("enterprise")
                        .col(column)
                        .to_owned(),
                )
                .await?;
        }
        manager
            .alter_table(
                Table::alter()
                    .table("import_job")
                    .add_column(boolean("is_local").default(false))
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for index in [
            "index_enterprise_former_name_key",
            "index_enterprise_former_credit_code",
        ] {
            manager
                .drop_index(Index::drop().name(index).table("enterprise").to_owned())
                .await?;
        }
        for (table, column) in [
            ("enterprise", "sw_industry"),
            ("enterprise", "tags"),
            ("enterprise", "sites"),
            ("enterprise", "figures"),
            ("enterprise", "field_sources"),
            ("enterprise", "former_name_key"),
            ("enterprise", "former_credit_code"),
            ("import_job", "is_local"),
        ] {
            manager
                .alter_table(Table::alter().table(table).drop_column(column).to_owned())
                .await?;
        }
        Ok(())
    }
}
