//! A fresh database for each test, on SQLite and on PostgreSQL, with the demo zone in it.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{path::PathBuf, sync::Arc};

use chrono::{DateTime, TimeZone, Utc};
use domain::account::Actor;
use sea_orm::ConnectionTrait;
use service::{Clock, Database, Service, search::EmbeddedEngine};
use tempfile::TempDir;

/// A Tuesday morning in the zone: 2026-06-30 09:00 at UTC+8.
pub fn morning() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 6, 30, 1, 0, 0).unwrap()
}

pub struct Zone {
    pub service: Service,
    pub clock: Arc<std::sync::Mutex<DateTime<Utc>>>,
    _folder: TempDir,
    drop_database: Option<(String, String)>,
}

impl Zone {
    pub async fn actor(&self, login: &str) -> Actor {
        self.service.actor_by_login(login).await.unwrap()
    }

    pub fn pass(&self, time: chrono::Duration) {
        *self.clock.lock().unwrap() += time;
    }
}

#[derive(Clone, Copy, Debug)]
pub enum Backend {
    Sqlite,
    Postgres,
}

/// An empty zone; `None`, with a word on the terminal, where no PostgreSQL is given.
pub async fn empty_zone(backend: Backend) -> Option<Zone> {
    let folder = tempfile::tempdir().unwrap();
    let (url, drop_database) = match backend {
        Backend::Sqlite => (
            format!("sqlite://{}/test.sqlite?mode=rwc", folder.path().display()),
            None,
        ),
        Backend::Postgres => {
            let Ok(server) = std::env::var("TEST_POSTGRES_URL") else {
                eprintln!("skipped: TEST_POSTGRES_URL is not set; `make test` sets it");
                return None;
            };
            let name = format!("wutong_{}", folder.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.').to_lowercase());
            let admin = sea_orm::Database::connect(&server).await.unwrap();
            admin
                .execute_unprepared(&format!("CREATE DATABASE \"{name}\""))
                .await
                .unwrap();
            admin.close().await.unwrap();
            (with_database(&server, &name), Some((server, name)))
        }
    };
    let database = Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("search")).unwrap();
    let clock = Arc::new(std::sync::Mutex::new(morning()));
    let shared = Arc::clone(&clock);
    let read: Clock = Arc::new(move || *shared.lock().unwrap());
    Some(Zone {
        service: Service::new(database, Arc::new(engine), read),
        clock,
        _folder: folder,
        drop_database,
    })
}

/// A zone with the demo data, its index fed.
pub async fn demo_zone(backend: Backend) -> Option<Zone> {
    let zone = empty_zone(backend).await?;
    zone.service.load_demo(&mut |_| {}).await.unwrap();
    zone.service.feed_search().await.unwrap();
    Some(zone)
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

impl Zone {
    /// Removes the test's database. SQLite's goes with its folder.
    pub async fn end(self) {
        let Some((server, name)) = self.drop_database else {
            return;
        };
        let database = self.service.database().clone();
        database.close().await.unwrap();
        let admin = sea_orm::Database::connect(&server).await.unwrap();
        admin
            .execute_unprepared(&format!("DROP DATABASE \"{name}\" WITH (FORCE)"))
            .await
            .unwrap();
    }
}

/// Where the real data lies; `None`, with a word on the terminal, where it does not.
pub fn shared_data(file: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("WUTONG_SHARED_DATA").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(file);
    if path.exists() {
        return Some(path);
    }
    eprintln!("skipped: {} is not there", path.display());
    None
}

/// Makes two tests of one: the same steps on SQLite and on PostgreSQL.
#[macro_export]
macro_rules! on_both {
    ($($name:ident($zone:ident) $body:block)*) => {
        $(mod $name {
            use super::*;

            async fn run(backend: common::Backend) {
                if let Some($zone) = common::demo_zone(backend).await {
                    $body
                    $zone.end().await;
                }
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                run(common::Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                run(common::Backend::Postgres).await;
            }
        })*
    };
}
