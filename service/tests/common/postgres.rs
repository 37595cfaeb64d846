//! The PostgreSQL server of the tests. The tests of `server` have it too.

use sea_orm::ConnectionTrait;

pub fn postgres_server() -> Option<String> {
    let server = std::env::var("TEST_POSTGRES_URL").ok();
    if server.is_none() {
        eprintln!("skipped: TEST_POSTGRES_URL is not set; `make test` sets it");
    }
    server
}

pub async fn administer(server: &str, statement: &str) {
    let admin = sea_orm::Database::connect(server).await.unwrap();
    admin.execute_unprepared(statement).await.unwrap();
    admin.close().await.unwrap();
}

/// Swaps the database in a `postgres://…/name?…` address.
pub fn with_database(server: &str, name: &str) -> String {
    let (head, query) = server.split_once('?').unwrap_or((server, ""));
    let base = head.rsplit_once('/').map_or(head, |(base, _)| base);
    if query.is_empty() {
        format!("{base}/{name}")
    } else {
        format!("{base}/{name}?{query}")
    }
}
