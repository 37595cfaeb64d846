//! Indexes of open leads alone, from which counts and sums are read without the leads, and every order of the list is
//! read without sorting. An ordinary index would hold as many leads again that have ended.

use sea_orm_migration::{prelude::*, sea_orm::DatabaseBackend};

#[derive(DeriveMigrationName)]
pub struct Migration;

/// Word for word what `service::chain::is_open` asks for: a database compares the two as they are written.
const IS_OPEN: &str =
    "deleted_at IS NULL AND (side_state IS NULL OR side_state NOT IN ('lost', 'transferred'))";

/// What counts and sums ask for beside a bureau and a stage.
macro_rules! counted {
    () => {
        "side_state, deleted_at, last_activity_at, owner_id, enterprise_id, investment_wan"
    };
}

const OPEN_LEADS: [(&str, &str); 8] = [
    (
        "index_lead_open_bureau_id_stage",
        concat!("bureau_id, stage, stage_entered_at, id, ", counted!()),
    ),
    (
        "index_lead_open_stage",
        concat!("stage, stage_entered_at, id, bureau_id, ", counted!()),
    ),
    (
        "index_lead_open_bureau_id_last_activity_at",
        "bureau_id, last_activity_at, id",
    ),
    (
        "index_lead_open_owner_id_last_activity_at",
        "owner_id, last_activity_at, id",
    ),
    ("index_lead_open_last_activity_at", "last_activity_at, id"),
    (
        "index_lead_open_bureau_id_stage_entered_at",
        "bureau_id, stage_entered_at, id",
    ),
    ("index_lead_open_stage_entered_at", "stage_entered_at, id"),
    (
        "index_lead_open_find_key",
        "bureau_id, find_key, title, enterprise_id, investment_wan, side_state, deleted_at",
    ),
];

/// Of other rows: leads that have ended by state, deleted ones, those of a company, claims that run.
const OTHERS: [(&str, &str); 4] = [
    (
        "index_lead_bureau_id_side_state",
        "lead (bureau_id, side_state, last_activity_at)",
    ),
    (
        "index_lead_deleted",
        "lead (deleted_at) WHERE deleted_at IS NOT NULL",
    ),
    (
        "index_lead_enterprise_id_bureau_id",
        "lead (enterprise_id, bureau_id)",
    ),
    (
        "index_claim_running_bureau_id_expires_on",
        "claim (bureau_id, expires_on, enterprise_id) WHERE released_at IS NULL",
    ),
];

/// What they replace, with the columns for the way back.
const REPLACED: [(&str, &[&str]); 7] = [
    (
        "index_lead_bureau_id_stage_stage_entered_at",
        &["bureau_id", "stage", "stage_entered_at"],
    ),
    (
        "index_lead_bureau_id_last_activity_at",
        &["bureau_id", "last_activity_at"],
    ),
    (
        "index_lead_owner_id_last_activity_at",
        &["owner_id", "last_activity_at"],
    ),
    ("index_lead_last_activity_at", &["last_activity_at"]),
    ("index_lead_deleted_at", &["deleted_at"]),
    ("index_lead_enterprise_id", &["enterprise_id"]),
    (
        "index_lead_find_key",
        &["bureau_id", "deleted_at", "side_state", "find_key"],
    ),
];

const INVESTMENT: &str = "index_lead_open_investment_wan";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }

    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let connection = manager.get_connection();
        // A descending order begins with the nulls in PostgreSQL and ends with them in SQLite, which has no words for it
        // in an index.
        let investment = match manager.get_database_backend() {
            DatabaseBackend::Postgres => "investment_wan DESC NULLS LAST, id DESC",
            _ => "investment_wan DESC, id DESC",
        };
        let orders = OPEN_LEADS.into_iter().chain([(INVESTMENT, investment)]);
        for (name, columns) in orders {
            connection
                .execute_unprepared(&format!(
                    "CREATE INDEX {name} ON lead ({columns}) WHERE {IS_OPEN}"
                ))
                .await?;
        }
        for (name, on) in OTHERS {
            connection
                .execute_unprepared(&format!("CREATE INDEX {name} ON {on}"))
                .await?;
        }
        for (name, _) in REPLACED {
            manager
                .drop_index(Index::drop().name(name).table("lead").to_owned())
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (name, columns) in REPLACED {
            let mut index = Index::create().name(name).table("lead").to_owned();
            for column in columns {
                index.col(*column);
            }
            manager.create_index(index).await?;
        }
        let connection = manager.get_connection();
        let names = OPEN_LEADS.into_iter().chain(OTHERS).map(|(name, _)| name);
        for name in names.chain([INVESTMENT]) {
            connection
                .execute_unprepared(&format!("DROP INDEX {name}"))
                .await?;
        }
        Ok(())
    }
}
