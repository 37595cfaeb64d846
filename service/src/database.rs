//! The connection: SQLite embedded, PostgreSQL for a real server, the same statements on both.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction,
    DbErr, SqliteTransactionMode, TransactionOptions, TransactionTrait,
};
use sea_orm_migration::MigratorTrait;

/// A pool of readers and a way to write. SQLite has one writer by nature; giving it one connection keeps
/// writers in a fair queue instead of in a busy loop.
#[derive(Clone, Debug)]
pub struct Database {
    reader: DatabaseConnection,
    writer: DatabaseConnection,
}

impl Database {
    /// Opens `sqlite://PATH?mode=rwc` or `postgres://…`.
    ///
    /// # Errors
    /// The address cannot be read or nobody answers there.
    pub async fn connect(url: &str) -> Result<Self, DbErr> {
        if url.starts_with("sqlite:") {
            let writer =
                sea_orm::Database::connect(sqlite_options(url, 1, "0", WRITE_STATEMENTS)).await?;
            // More threads than that only wait for each other.
            let readers = std::thread::available_parallelism().map_or(4, |cores| 2 * cores.get());
            let readers = u32::try_from(readers).unwrap_or(16).clamp(4, 16);
            let reader = sea_orm::Database::connect(sqlite_options(
                url,
                readers,
                MAPPED_BYTES,
                READ_STATEMENTS,
            ))
            .await?;
            Ok(Self { reader, writer })
        } else {
            let mut options = ConnectOptions::new(url);
            options
                .max_connections(16)
                .acquire_timeout(Duration::from_secs(10))
                // Before every statement it would be one way there and back more.
                .test_before_acquire_if_idle_for(Duration::from_secs(5))
                // Of a few rows joined with their leads it is thought to end early and reads thousands of leads.
                .map_sqlx_postgres_opts(|postgres| postgres.options([("enable_mergejoin", "off")]))
                .sqlx_logging(false);
            let pool = sea_orm::Database::connect(options).await?;
            Ok(Self {
                reader: pool.clone(),
                writer: pool,
            })
        }
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// A migration fails; on both databases it leaves nothing half-done.
    pub async fn migrate(&self) -> Result<(), DbErr> {
        migration::Migrator::up(&self.writer, None).await
    }

    #[must_use]
    pub const fn read(&self) -> &DatabaseConnection {
        &self.reader
    }

    /// Begins a transaction that writes. On SQLite it takes the write lock at once, so that what it
    /// read is still true when it writes.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn begin(&self) -> Result<DatabaseTransaction, DbErr> {
        self.writer
            .begin_with_options(TransactionOptions {
                sqlite_transaction_mode: self
                    .is_sqlite()
                    .then_some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            })
            .await
    }

    #[must_use]
    pub fn is_sqlite(&self) -> bool {
        self.writer.get_database_backend() == DatabaseBackend::Sqlite
    }

    /// Closes the pools.
    ///
    /// # Errors
    /// A connection cannot be closed in order.
    pub async fn close(self) -> Result<(), DbErr> {
        self.reader.close().await?;
        self.writer.close().await
    }
}

/// How much of an SQLite file is read from the system's memory: 1 GiB of addresses, not of memory. Not by who writes: an
/// import goes through the whole file.
const MAPPED_BYTES: &str = "1073741824";
/// Prepared statements that a reader keeps: lists of ids make many of one. The writer keeps few, because those that write
/// hundreds of rows at once are large, and every number of rows is a statement of its own.
const READ_STATEMENTS: usize = 200;
const WRITE_STATEMENTS: usize = 32;

fn sqlite_options(
    url: &str,
    connections: u32,
    mapped_bytes: &'static str,
    statements: usize,
) -> ConnectOptions {
    let mut options = ConnectOptions::new(url);
    options
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        // A file does not hang up.
        .test_before_acquire(false)
        .sqlx_logging(false)
        .map_sqlx_sqlite_opts(move |sqlite| {
            sqlite
                .pragma("journal_mode", "WAL")
                .pragma("synchronous", "FULL")
                .pragma("foreign_keys", "ON")
                .pragma("temp_store", "MEMORY")
                // 16 MB a connection, for what stands in the log. Whenever somebody writes, the caches of all others
                // are void; what is in the file is read where the system has it anyway.
                .pragma("cache_size", "-16000")
                .pragma("mmap_size", mapped_bytes)
                .statement_cache_capacity(statements)
                .busy_timeout(Duration::from_secs(20))
        });
    options
}

/// Numbers of the locks that are no rows.
pub(crate) const HOLD_OUTBOX: i64 = 7301;
pub(crate) const HOLD_REFERENCE: i64 = 7302;
pub(crate) const HOLD_IMPORT: i64 = 7303;
pub(crate) const HOLD_SIGN_IN: i64 = 7304;

/// Lets one transaction at a time go on from here, until it ends. SQLite has one writer and needs no lock.
pub(crate) async fn hold(connection: &impl ConnectionTrait, number: i64) -> Result<(), DbErr> {
    if connection.get_database_backend() == DatabaseBackend::Postgres {
        connection
            .execute_unprepared(&format!("SELECT pg_advisory_xact_lock({number})"))
            .await?;
    }
    Ok(())
}

/// Has each statement of a transaction planned for its own values: a plan that PostgreSQL keeps was made for tables as
/// they were, and an import makes them grow twentyfold.
pub(crate) async fn plan_anew(transaction: &DatabaseTransaction) -> Result<(), DbErr> {
    if transaction.get_database_backend() == DatabaseBackend::Postgres {
        transaction
            .execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan")
            .await?;
    }
    Ok(())
}
