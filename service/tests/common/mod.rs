//! A fresh database for each test, on SQLite and on PostgreSQL, with the demo zone in it.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fmt::Debug,
    path::{Path, PathBuf},
    sync::Arc,
};

use chrono::{DateTime, TimeZone, Utc};
use domain::{
    account::Actor,
    enterprise::{ImportJob, ImportStart},
    problem::Problem,
};
use entity::{audit, bureau, enterprise, lead};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use service::{Clock, Database, Service, ServiceResult, search::EmbeddedEngine};
use tempfile::TempDir;
use tokio::sync::OnceCell;

mod postgres;

use postgres::{administer, postgres_server, with_database};

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

    /// The tables themselves, for what no use case shows.
    pub fn tables(&self) -> &DatabaseConnection {
        self.service.database().read()
    }

    pub async fn bureau(&self, code: &str) -> bureau::Model {
        bureau::Entity::find()
            .filter(bureau::Column::Code.eq(code))
            .one(self.tables())
            .await
            .unwrap()
            .unwrap()
    }

    /// Imports a file with its columns as recognised, and returns the job when it is over.
    pub async fn import(&self, actor: &Actor, file_name: &str, bytes: Vec<u8>) -> ImportJob {
        let id = self
            .service
            .upload_enterprises(actor, file_name, bytes)
            .await
            .unwrap();
        self.finish_import(actor, id).await
    }

    /// Starts an uploaded file and works it off.
    pub async fn finish_import(&self, actor: &Actor, job_id: i64) -> ImportJob {
        let preview = self
            .service
            .import_preview(actor, job_id, None)
            .await
            .unwrap();
        let mapping = preview.columns.iter().map(|column| column.field).collect();
        self.service
            .start_import(
                actor,
                ImportStart {
                    job_id,
                    mapping,
                    is_local: false,
                },
            )
            .await
            .unwrap();
        while self.service.run_next_import(&mut |_| {}).await.unwrap() {}
        self.service.import_job(actor, job_id).await.unwrap()
    }

    pub async fn audit_rows(&self) -> u64 {
        audit::Entity::find().count(self.tables()).await.unwrap()
    }

    /// Companies from elsewhere that nobody follows, in the order of ids.
    pub async fn free_companies(&self, count: usize) -> Vec<enterprise::Model> {
        let taken: Vec<i64> = lead::Entity::find()
            .all(self.tables())
            .await
            .unwrap()
            .into_iter()
            .map(|lead| lead.enterprise_id)
            .collect();
        let free: Vec<enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::IsLocal.eq(false))
            .filter(enterprise::Column::Closed.eq(false))
            .order_by_asc(enterprise::Column::Id)
            .all(self.tables())
            .await
            .unwrap()
            .into_iter()
            .filter(|company| !taken.contains(&company.id))
            .take(count)
            .collect();
        assert_eq!(free.len(), count);
        free
    }
}

/// The refusal that was expected.
#[track_caller]
pub fn refusal<T: Debug>(result: ServiceResult<T>) -> Problem {
    match result.expect_err("a refusal was expected").into_problem() {
        Problem::Internal { reference } => {
            panic!("an internal error instead of a refusal: {reference}")
        }
        problem => problem,
    }
}

/// A refusal's fields with their kinds, in order.
#[track_caller]
pub fn refused_fields<T: Debug>(
    result: ServiceResult<T>,
) -> Vec<(String, domain::problem::FieldProblemKind)> {
    match refusal(result) {
        Problem::Invalid { fields } => fields
            .into_iter()
            .map(|problem| (problem.field, problem.kind))
            .collect(),
        other => panic!("{other:?}"),
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
        Backend::Sqlite => (sqlite_url(folder.path()), None),
        Backend::Postgres => {
            let server = postgres_server()?;
            let name = database_name(&folder);
            administer(&server, &format!("CREATE DATABASE \"{name}\"")).await;
            (with_database(&server, &name), Some((server, name)))
        }
    };
    Some(open(folder, &url, drop_database).await)
}

/// A zone with the demo data, its index fed. The demo is loaded once a process and then copied: a database
/// file and its index on SQLite, a template database on PostgreSQL.
pub async fn demo_zone(backend: Backend) -> Option<Zone> {
    static SQLITE: OnceCell<PathBuf> = OnceCell::const_new();
    static POSTGRES: OnceCell<PathBuf> = OnceCell::const_new();
    let folder = tempfile::tempdir().unwrap();
    let (url, drop_database) = match backend {
        Backend::Sqlite => {
            let template = SQLITE.get_or_init(sqlite_template).await;
            copy_folder(template, folder.path());
            (sqlite_url(folder.path()), None)
        }
        Backend::Postgres => {
            let server = postgres_server()?;
            let template = POSTGRES
                .get_or_init(|| postgres_template(server.clone()))
                .await;
            copy_folder(template, folder.path());
            let name = database_name(&folder);
            administer(
                &server,
                &format!(
                    "CREATE DATABASE \"{name}\" TEMPLATE \"{}\"",
                    template_name()
                ),
            )
            .await;
            (with_database(&server, &name), Some((server, name)))
        }
    };
    Some(open(folder, &url, drop_database).await)
}

async fn load(folder: &Path, url: &str) {
    let database = Database::connect(url).await.unwrap();
    database.migrate().await.unwrap();
    let engine = EmbeddedEngine::open(&folder.join("search")).unwrap();
    let service = Service::new(database.clone(), Arc::new(engine), Arc::new(morning));
    service.load_demo(&mut |_| {}).await.unwrap();
    service.feed_search().await.unwrap();
    drop(service);
    database.close().await.unwrap();
}

/// A folder of this process, beside which those of ended processes are cleared away.
fn template_folder(kind: &str) -> PathBuf {
    let all = Path::new(env!("CARGO_TARGET_TMPDIR")).join("templates");
    std::fs::create_dir_all(&all).unwrap();
    for entry in std::fs::read_dir(&all).unwrap().flatten() {
        if !is_running(&entry.file_name().to_string_lossy()) {
            std::fs::remove_dir_all(entry.path()).ok();
        }
    }
    let own = all.join(format!("{kind}_{}", std::process::id()));
    std::fs::create_dir_all(&own).unwrap();
    own
}

/// Whether the process whose number ends a template's name still runs.
fn is_running(name: &str) -> bool {
    name.rsplit_once('_')
        .is_some_and(|(_, process)| Path::new("/proc").join(process).exists())
}

async fn sqlite_template() -> PathBuf {
    let folder = template_folder("sqlite");
    load(&folder, &sqlite_url(&folder)).await;
    folder
}

fn template_name() -> String {
    format!("wutong_template_{}", std::process::id())
}

async fn postgres_template(server: String) -> PathBuf {
    let folder = template_folder("postgres");
    let admin = sea_orm::Database::connect(&server).await.unwrap();
    let old = admin
        .query_all_raw(sea_orm::Statement::from_string(
            sea_orm::DatabaseBackend::Postgres,
            "SELECT datname FROM pg_database WHERE datname LIKE 'wutong_template_%'",
        ))
        .await
        .unwrap();
    for row in old {
        let name: String = row.try_get("", "datname").unwrap();
        if !is_running(&name) {
            // Another test program may be clearing up too.
            admin
                .execute_unprepared(&format!("DROP DATABASE IF EXISTS \"{name}\""))
                .await
                .ok();
        }
    }
    admin.close().await.unwrap();
    let name = template_name();
    administer(&server, &format!("CREATE DATABASE \"{name}\"")).await;
    load(&folder, &with_database(&server, &name)).await;
    folder
}

fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn sqlite_url(folder: &Path) -> String {
    format!("sqlite://{}/test.sqlite?mode=rwc", folder.display())
}

fn database_name(folder: &TempDir) -> String {
    let name = folder.path().file_name().unwrap().to_str().unwrap();
    format!("wutong_{}", name.trim_start_matches('.').to_lowercase())
}

async fn open(folder: TempDir, url: &str, drop_database: Option<(String, String)>) -> Zone {
    let database = Database::connect(url).await.unwrap();
    database.migrate().await.unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("search")).unwrap();
    let clock = Arc::new(std::sync::Mutex::new(morning()));
    let shared = Arc::clone(&clock);
    let read: Clock = Arc::new(move || *shared.lock().unwrap());
    Zone {
        service: Service::new(database, Arc::new(engine), read),
        clock,
        _folder: folder,
        drop_database,
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
        administer(&server, &format!("DROP DATABASE \"{name}\" WITH (FORCE)")).await;
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
