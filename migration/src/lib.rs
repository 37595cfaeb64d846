//! Schema history. One set of migrations serves SQLite and PostgreSQL.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod m20261122_000001_first_schema;
mod m20261122_000002_atlas;
mod m20261124_000003_reference;
mod m20261125_000004_pipeline_rules;
mod m20261125_000006_duplicates;

/// Runs the migrations in order.
pub struct Migrator;

#[sea_orm_migration::async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261122_000001_first_schema::Migration),
            Box::new(m20261122_000002_atlas::Migration),
            Box::new(m20261124_000003_reference::Migration),
            Box::new(m20261125_000004_pipeline_rules::Migration),
            Box::new(m20261125_000006_duplicates::Migration),
        ]
    }
}
