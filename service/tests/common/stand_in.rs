//! A server on loopback that answers as Meilisearch does, for what the real one cannot be made to do: be of another version,
//! or fail a task that it took. It keeps the ids of documents and answers no search.

use std::{
    collections::{BTreeSet, HashMap},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    routing::{get, patch, post},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

pub const FAILED_CODE: &str = "no_space_left_on_device";
pub const FAILED_MESSAGE: &str = "No space left on device (os error 28)";
const MOMENT: &str = "2026-11-28T08:00:00Z";

/// Ends when it is dropped.
pub struct StandIn {
    pub url: String,
    kept: Arc<Kept>,
    serving: JoinHandle<()>,
}

struct Kept {
    version: String,
    fails_writes: AtomicBool,
    documents: Mutex<HashMap<String, BTreeSet<i64>>>,
    /// Each task's kind, and whether it failed.
    tasks: Mutex<Vec<(&'static str, bool)>>,
}

type Shared = State<Arc<Kept>>;
type Accepted = (StatusCode, Json<Value>);

impl Drop for StandIn {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl StandIn {
    pub async fn start(version: &str) -> Self {
        let kept = Arc::new(Kept {
            version: version.to_owned(),
            fails_writes: AtomicBool::new(false),
            documents: Mutex::default(),
            tasks: Mutex::default(),
        });
        let router = Router::new()
            .route("/health", get(health))
            .route("/version", get(version_of))
            .route("/indexes/{uid}", get(index).delete(delete_index))
            .route("/indexes/{uid}/settings", patch(set_settings))
            .route("/indexes/{uid}/documents", post(add_documents))
            .route("/indexes/{uid}/stats", get(stats))
            .route("/swap-indexes", post(swap_indexes))
            .route("/tasks/{uid}", get(task))
            .layer(DefaultBodyLimit::disable())
            .with_state(Arc::clone(&kept));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self { url, kept, serving }
    }

    /// From now on documents are taken, and the task fails.
    pub fn fail_writes(&self, fails: bool) {
        self.kept.fails_writes.store(fails, Ordering::Relaxed);
    }
}

impl Kept {
    fn begin(&self, uid: Option<&str>, kind: &'static str, fails: bool) -> Accepted {
        let mut tasks = self.tasks.lock().unwrap();
        let number = tasks.len();
        tasks.push((kind, fails));
        let task = json!({
            "taskUid": number, "indexUid": uid, "status": "enqueued", "type": kind, "enqueuedAt": MOMENT,
        });
        (StatusCode::ACCEPTED, Json(task))
    }
}

async fn health() -> Json<Value> {
    Json(json!({ "status": "available" }))
}

async fn version_of(State(kept): Shared) -> Json<Value> {
    Json(json!({ "commitSha": "", "commitDate": MOMENT, "pkgVersion": kept.version }))
}

/// Every index is there, and all were made at the same moment.
async fn index(Path(uid): Path<String>) -> Json<Value> {
    Json(json!({ "uid": uid, "createdAt": MOMENT, "updatedAt": MOMENT, "primaryKey": "id" }))
}

async fn delete_index(State(kept): Shared, Path(uid): Path<String>) -> Accepted {
    kept.documents.lock().unwrap().remove(&uid);
    kept.begin(Some(&uid), "indexDeletion", false)
}

async fn set_settings(State(kept): Shared, Path(uid): Path<String>, _: Bytes) -> Accepted {
    kept.begin(Some(&uid), "settingsUpdate", false)
}

async fn add_documents(
    State(kept): Shared,
    Path(uid): Path<String>,
    Json(rows): Json<Vec<Value>>,
) -> Accepted {
    let fails = kept.fails_writes.load(Ordering::Relaxed);
    if !fails {
        let ids = rows.iter().map(|row| row["id"].as_i64().unwrap());
        let mut documents = kept.documents.lock().unwrap();
        documents.entry(uid.clone()).or_default().extend(ids);
    }
    kept.begin(Some(&uid), "documentAdditionOrUpdate", fails)
}

async fn stats(State(kept): Shared, Path(uid): Path<String>) -> Json<Value> {
    let documents = kept.documents.lock().unwrap();
    let count = documents.get(&uid).map_or(0, BTreeSet::len);
    Json(json!({
        "numberOfDocuments": count, "numberOfEmbeddedDocuments": 0, "numberOfEmbeddings": 0,
        "rawDocumentDbSize": 0, "avgDocumentSize": 0, "isIndexing": false, "fieldDistribution": {},
    }))
}

async fn swap_indexes(State(kept): Shared, Json(swaps): Json<Vec<Value>>) -> Accepted {
    {
        let mut documents = kept.documents.lock().unwrap();
        for swap in &swaps {
            let name = |place: usize| swap["indexes"][place].as_str().unwrap().to_owned();
            let one = documents.remove(&name(0)).unwrap_or_default();
            let other = documents.remove(&name(1)).unwrap_or_default();
            documents.insert(name(0), other);
            documents.insert(name(1), one);
        }
    }
    kept.begin(None, "indexSwap", false)
}

async fn task(State(kept): Shared, Path(uid): Path<usize>) -> Json<Value> {
    let (kind, fails) = kept.tasks.lock().unwrap()[uid];
    let status = if fails { "failed" } else { "succeeded" };
    let error = fails.then(
        || json!({ "message": FAILED_MESSAGE, "code": FAILED_CODE, "type": "system", "link": "" }),
    );
    Json(json!({
        "uid": uid, "indexUid": null, "status": status, "type": kind, "canceledBy": null, "error": error,
        "duration": "PT0.01S", "enqueuedAt": MOMENT, "startedAt": MOMENT, "finishedAt": MOMENT,
    }))
}
