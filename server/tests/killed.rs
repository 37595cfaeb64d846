//! The program is killed (SIGKILL, as `kill -9` does) in the middle of an import and of a merge: what it was at is there
//! whole or not at all, and an import goes on. On SQLite and on PostgreSQL.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "../../service/tests/common/postgres.rs"]
mod postgres;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Read, Write as _},
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use common::free_companies;
use domain::{
    account::Actor,
    enterprise::{ImportStatus, ImportSummary, MergeRequest, ProductChoice, Side},
    lead::NewLead,
};
use entity::{
    audit, chain_match, claim, duplicate_candidate, enterprise, enterprise_merge,
    enterprise_product, import_change, import_job, lead, lead_event,
};
use postgres::{administer, postgres_server, with_database};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, Statement, sea_query::Expr,
};
use serde_json::{Value, json};
use service::{Database, Service, demo::DEMO_PASSWORD, search::EmbeddedEngine};

/// The test's own database on PostgreSQL, and the server to drop it on.
struct OwnDatabase {
    server: String,
    name: String,
    url: String,
}

struct Zone {
    folder: tempfile::TempDir,
    service: Service,
    postgres: Option<OwnDatabase>,
}

impl Zone {
    /// On PostgreSQL none where no server is named.
    async fn on(backend: DatabaseBackend) -> Option<Self> {
        if backend == DatabaseBackend::Sqlite {
            return Some(zone(None).await);
        }
        let server = postgres_server()?;
        let name = format!("wutong_killed_{}", std::process::id());
        administer(&server, &format!("CREATE DATABASE {name}")).await;
        let url = with_database(&server, &name);
        Some(zone(Some(OwnDatabase { server, name, url })).await)
    }

    /// A killed program's session on PostgreSQL ends when the server sees that nobody is there, a statement later. What
    /// was sent before, a COMMIT perhaps, is still done.
    async fn settled(&self) {
        let Some(OwnDatabase { name, .. }) = &self.postgres else {
            return;
        };
        let sessions = async || {
            let statement = Statement::from_string(
                DatabaseBackend::Postgres,
                format!(
                    "SELECT count(*) AS others FROM pg_stat_activity WHERE datname = '{name}' AND application_name = 'killed'"
                ),
            );
            let row = self
                .service
                .database()
                .read()
                .query_one_raw(statement)
                .await
                .unwrap()
                .unwrap();
            row.try_get::<i64>("", "others").unwrap()
        };
        until("the killed program's sessions end", async || {
            sessions().await == 0
        })
        .await;
    }

    async fn end(self) {
        let Some(own) = self.postgres else { return };
        drop(self.service);
        administer(
            &own.server,
            &format!("DROP DATABASE {} WITH (FORCE)", own.name),
        )
        .await;
    }

    fn start(&self, address: &str, arguments: &[&str]) -> Program {
        let folder = self.folder.path();
        let mut command = Command::new(env!("CARGO_BIN_EXE_wutong"));
        command
            .args(arguments)
            .current_dir(folder)
            .env("WUTONG_DATA", folder)
            .env("WUTONG_ADDR", address)
            .env_remove("DATABASE_URL")
            .env_remove("WUTONG_CONFIG")
            .env_remove("WUTONG_SITE")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(own) = &self.postgres {
            // By this name its sessions are known.
            command
                .env("DATABASE_URL", &own.url)
                .env("PGAPPNAME", "killed");
        }
        Program(command.spawn().unwrap())
    }
}

async fn zone(postgres: Option<OwnDatabase>) -> Zone {
    let folder = tempfile::tempdir().unwrap();
    let url = postgres.as_ref().map_or_else(
        || {
            format!(
                "sqlite://{}/wutong.sqlite?mode=rwc",
                folder.path().display()
            )
        },
        |own| own.url.clone(),
    );
    let database = Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    // The program has the index of its own folder.
    let engine = EmbeddedEngine::open(&folder.path().join("beside")).unwrap();
    let service = Service::new(database, Arc::new(engine), Arc::new(chrono::Utc::now));
    service.load_demo(&mut |_| {}).await.unwrap();
    Zone {
        folder,
        service,
        postgres,
    }
}

/// The program itself; killed at the latest when the test is over.
struct Program(Child);

impl Program {
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn free_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}

/// Asks until the answer is yes.
async fn until<F: Future<Output = bool>>(what: &str, mut asks: impl FnMut() -> F) {
    let begun = Instant::now();
    while !asks().await {
        assert!(begun.elapsed() < Duration::from_secs(90), "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

const ROWS: usize = 4_000;

async fn job(zone: &Zone) -> Option<import_job::Model> {
    import_job::Entity::find()
        .filter(import_job::Column::FileName.eq("名录.csv"))
        .one(zone.service.database().read())
        .await
        .unwrap()
}

/// What an import wrote so far says the same everywhere: companies, changes, the summary and the number of rows done.
async fn assert_whole_batches(zone: &Zone) -> i32 {
    let tables = zone.service.database().read();
    let job = job(zone).await.unwrap();
    let count = enterprise::Entity::find()
        .filter(enterprise::Column::Source.eq("名录.csv"))
        .count(tables)
        .await
        .unwrap();
    let changes = import_change::Entity::find()
        .filter(import_change::Column::ImportJobId.eq(job.id))
        .count(tables)
        .await
        .unwrap();
    let summary: ImportSummary = job
        .summary
        .map(|summary| serde_json::from_value(summary).unwrap())
        .unwrap_or_default();
    assert_eq!(count, u64::try_from(job.done).unwrap());
    assert_eq!(changes, count);
    assert_eq!(u64::from(summary.inserted), count);
    assert_eq!(
        enterprise_product::Entity::find()
            .filter(
                enterprise_product::Column::EnterpriseId.in_subquery(
                    enterprise::Entity::find()
                        .select_only()
                        .column(enterprise::Column::Id)
                        .filter(enterprise::Column::Source.eq("名录.csv"))
                        .into_query(),
                ),
            )
            .count(tables)
            .await
            .unwrap(),
        count,
        "one product a row"
    );
    job.done
}

async fn an_import_is_killed_and_goes_on(backend: DatabaseBackend) {
    let Some(zone) = Zone::on(backend).await else {
        return;
    };
    let folder = zone.folder.path().to_owned();
    let mut table = "企业名称,省份,主营产品\n".to_owned();
    for number in 0..ROWS {
        writeln!(
            table,
            "第{number}杀断试验膜业有限公司,江苏,第{number}种垫片"
        )
        .unwrap();
    }
    std::fs::write(folder.join("名录.csv"), table).unwrap();
    let address = free_address();
    let mut kills = Vec::new();
    for (number, arguments) in [
        ["import", "enterprises", "名录.csv"].as_slice(),
        ["serve"].as_slice(),
        ["serve"].as_slice(),
    ]
    .into_iter()
    .enumerate()
    {
        let mut program = zone.start(&address, arguments);
        let before = kills.last().copied().unwrap_or(0);
        until("a batch is written", || async {
            job(&zone).await.is_some_and(|job| job.done > before)
        })
        .await;
        // Somewhere in the next batch.
        tokio::time::sleep(Duration::from_millis(7 * number as u64)).await;
        program.kill();
        zone.settled().await;
        let done = assert_whole_batches(&zone).await;
        assert!(
            done > before && done < i32::try_from(ROWS).unwrap(),
            "{done}"
        );
        kills.push(done);
        // The minute of the lease.
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::LeasedUntil,
                Expr::value(Option::<chrono::DateTime<chrono::Utc>>::None),
            )
            .exec(zone.service.database().read())
            .await
            .unwrap();
    }
    while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
    assert_eq!(
        assert_whole_batches(&zone).await,
        i32::try_from(ROWS).unwrap()
    );
    assert_eq!(
        job(&zone).await.unwrap().status,
        ImportStatus::Finished.key()
    );
    zone.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_again_and_again_goes_on_to_its_end() {
    an_import_is_killed_and_goes_on(DatabaseBackend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_that_is_killed_again_and_again_goes_on_to_its_end_postgres() {
    an_import_is_killed_and_goes_on(DatabaseBackend::Postgres).await;
}

/// Every row that a merge writes.
async fn dump(zone: &Zone) -> BTreeMap<&'static str, Vec<Value>> {
    macro_rules! rows {
        ($($table:ident),*) => { [$((stringify!($table), $table::Entity::find().order_by_asc($table::Column::Id).into_json().all(zone.service.database().read()).await.unwrap())),*] };
    }
    let mut all: BTreeMap<_, _> = rows![
        audit,
        chain_match,
        claim,
        duplicate_candidate,
        enterprise,
        enterprise_merge,
        enterprise_product,
        lead,
        lead_event
    ]
    .into_iter()
    .collect();
    // The server's own work goes on beside it.
    all.entry("audit")
        .or_default()
        .retain(|row| row["action"] == "merge");
    all
}

async fn follow(zone: &Zone, login: &str, enterprise_id: i64) {
    let actor = zone.service.actor_by_login(login).await.unwrap();
    let new = NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: format!("{login} 的项目"),
        investment_wan: None,
        land_mu: None,
        source: "展会".to_owned(),
    };
    zone.service.register_lead(&actor, new).await.unwrap();
}

/// Sends the merge and does not wait for the answer.
fn send(address: &str, cookie: &str, request: &MergeRequest) -> TcpStream {
    let body = json!({ "request": request }).to_string();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST /api/merge_enterprises HTTP/1.1\r\nhost: {address}\r\ncookie: wutong_session={cookie}\r\n\
         content-type: application/json\r\naccept: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    stream
}

async fn serving(zone: &Zone) -> (Program, String) {
    let address = free_address();
    let program = zone.start(&address, &["serve"]);
    until("the server listens", || async {
        TcpStream::connect(&address).is_ok()
    })
    .await;
    (program, address)
}

async fn request(zone: &Zone, admin: &Actor, [left_id, right_id]: [i64; 2]) -> MergeRequest {
    let view = zone
        .service
        .merge_view(admin, left_id, right_id)
        .await
        .unwrap();
    MergeRequest {
        left_id,
        left_version: view.left.version,
        right_id,
        right_version: view.right.version,
        keep: Side::Left,
        choices: BTreeMap::new(),
        products: ProductChoice::Both,
    }
}

async fn a_merge_is_killed(backend: DatabaseBackend) {
    let Some(zone) = Zone::on(backend).await else {
        return;
    };
    let admin = zone.service.actor_by_login("admin").await.unwrap();
    let pair = free_companies(&zone.service)
        .await
        .map(|company| company.id);
    follow(&zone, "officer-east", pair[0]).await;
    follow(&zone, "officer-west", pair[1]).await;
    let (cookie, _) = zone
        .service
        .sign_in("admin", DEMO_PASSWORD, "127.0.0.1", None)
        .await
        .unwrap();

    // Once to its end: so long it takes.
    let (mut program, address) = serving(&zone).await;
    let ask = request(&zone, &admin, pair).await;
    let begun = Instant::now();
    let mut answer = String::new();
    send(&address, &cookie, &ask)
        .read_to_string(&mut answer)
        .unwrap();
    let takes = begun.elapsed();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    program.kill();
    zone.settled().await;
    let take_back = async || {
        let merge = enterprise_merge::Entity::find()
            .filter(enterprise_merge::Column::UndoneAt.is_null())
            .one(zone.service.database().read())
            .await
            .unwrap();
        match merge {
            Some(merge) => {
                zone.service.undo_merge(&admin, merge.id).await.unwrap();
                true
            }
            None => false,
        }
    };
    assert!(take_back().await);

    let mut whole = 0;
    for tenth in 0..10_u32 {
        let ask = request(&zone, &admin, pair).await;
        let (mut program, address) = serving(&zone).await;
        let before = dump(&zone).await;
        let stream = send(&address, &cookie, &ask);
        tokio::time::sleep(takes * tenth / 9).await;
        program.kill();
        drop(stream);
        zone.settled().await;
        let after = dump(&zone).await;
        let gone = enterprise::Entity::find_by_id(pair[1])
            .one(zone.service.database().read())
            .await
            .unwrap()
            .unwrap();
        if gone.merged_into_id.is_none() {
            for (table, rows) in &before {
                assert_eq!(&after[table], rows, "{table} after {tenth} tenths");
            }
            continue;
        }
        whole += 1;
        let held = lead::Entity::find()
            .filter(lead::Column::EnterpriseId.eq(pair[1]))
            .count(zone.service.database().read())
            .await
            .unwrap();
        let running = claim::Entity::find()
            .filter(claim::Column::EnterpriseId.is_in(pair))
            .filter(claim::Column::ReleasedAt.is_null())
            .count(zone.service.database().read())
            .await
            .unwrap();
        assert_eq!((held, running), (0, 1), "{tenth} tenths");
        assert_eq!(
            after["enterprise_merge"].len(),
            before["enterprise_merge"].len() + 1
        );
        assert_eq!(after["audit"].len(), before["audit"].len() + 1);
        // It can be taken back, so everything that this needs was written.
        assert!(take_back().await);
    }
    println!("{whole} of 10 merges were written, one takes {takes:?}");
    zone.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_is_killed_is_whole_or_not_at_all() {
    a_merge_is_killed(DatabaseBackend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_merge_that_is_killed_is_whole_or_not_at_all_postgres() {
    a_merge_is_killed(DatabaseBackend::Postgres).await;
}
