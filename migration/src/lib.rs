//! Schema history. One set of migrations serves SQLite and PostgreSQL.

pub use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait};

mod m20261122_000001_first_schema;
mod m20261122_000002_atlas;
mod m20261124_000003_reference;
mod m20261125_000004_pipeline_rules;
mod m20261125_000005_ledger;
mod m20261125_000006_duplicates;
mod m20261125_000007_saved_view;
mod m20261125_000008_notice;
mod m20261125_000009_recycle_bin;
mod m20261125_000010_import;
mod m20261125_000011_lead_work;
mod m20261125_000012_lead_finding;
mod m20261125_000013_lead_orders;
mod m20261127_000014_open_leads;
mod m20261128_000015_import_file;
mod m20261128_000016_target_list;
mod m20261128_000017_enterprise_profile;
mod m20261128_000018_target_query;
mod m20261128_000019_search_settings;
mod m20261128_000020_trip_planning;
mod m20261128_000021_visit;
mod m20261129_000022_visit_withdrawal;

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
            Box::new(m20261125_000011_lead_work::Migration),
            Box::new(m20261125_000013_lead_orders::Migration),
            Box::new(m20261125_000012_lead_finding::Migration),
            Box::new(m20261125_000007_saved_view::Migration),
            Box::new(m20261125_000008_notice::Migration),
            Box::new(m20261125_000010_import::Migration),
            Box::new(m20261125_000009_recycle_bin::Migration),
            Box::new(m20261125_000005_ledger::Migration),
            Box::new(m20261125_000006_duplicates::Migration),
            Box::new(m20261127_000014_open_leads::Migration),
            Box::new(m20261128_000015_import_file::Migration),
            Box::new(m20261128_000016_target_list::Migration),
            Box::new(m20261128_000017_enterprise_profile::Migration),
            Box::new(m20261128_000018_target_query::Migration),
            Box::new(m20261128_000019_search_settings::Migration),
            Box::new(m20261128_000020_trip_planning::Migration),
            Box::new(m20261128_000021_visit::Migration),
            Box::new(m20261129_000022_visit_withdrawal::Migration),
        ]
    }
}
