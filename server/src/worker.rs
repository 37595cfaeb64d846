//! Work that no request waits for: feeding the search engine, comparing companies, and imports.

use std::time::Duration;

use service::{Service, ServiceResult};
use tokio::sync::watch;

const PAUSE: Duration = Duration::from_millis(500);
const ATLAS_PAUSE: Duration = Duration::from_secs(600);
const DUPLICATE_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Works until `stop` says true, or its sender is gone, and then ends with the round at hand.
pub async fn run(service: Service, stop: watch::Receiver<bool>) {
    tokio::join!(
        feed_search(service.clone(), stop.clone()),
        keep_atlas(service.clone(), stop.clone()),
        keep_duplicates(service.clone(), stop.clone()),
        run_imports(service, stop)
    );
}

async fn feed_search(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("search feed");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(outcome) = failures
            .round(async move { service.feed_search().await })
            .await
            && outcome.rebuilt
        {
            tracing::info!(documents = outcome.documents, "search index made anew");
        }
        if stopped_within(&mut stop, failures.pause()).await {
            break;
        }
    }
}

/// The week's snapshots and settings whose day has come; a look every ten minutes is soon enough for both.
async fn keep_atlas(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("atlas");
    let bell = service.clone();
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(taken) = failures
            .round(async move { service.keep_atlas().await })
            .await
            && taken > 0
        {
            tracing::info!(snapshots = taken, "the week's snapshots");
        }
        let pause = ATLAS_PAUSE.max(failures.pause());
        tokio::select! {
            stopped = stopped_within(&mut stop, pause) => {
                if stopped {
                    break;
                }
            }
            () = bell.atlas_rings() => {}
        }
    }
}

/// Compares what changed with the whole directory. People look at the pairs later, so it need not hurry.
async fn keep_duplicates(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("duplicates");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(found) = failures
            .round(async move { service.keep_duplicates().await })
            .await
            && found > 0
        {
            tracing::info!(pairs = found, "companies that may be one");
        }
        let pause = DUPLICATE_PAUSE.max(failures.pause());
        if stopped_within(&mut stop, pause).await {
            break;
        }
    }
}

async fn run_imports(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("imports");
    while !*stop.borrow() {
        let service = service.clone();
        let worked = failures
            .round(async move { service.run_next_import(&mut |_| {}).await })
            .await;
        if worked == Some(true) {
            continue;
        }
        if stopped_within(&mut stop, failures.pause()).await {
            break;
        }
    }
}

async fn stopped_within(stop: &mut watch::Receiver<bool>, pause: Duration) -> bool {
    // A sender that is gone stops as well: nobody is left who could.
    tokio::time::timeout(pause, stop.wait_for(|stop| *stop))
        .await
        .is_ok()
}

/// Failures of one loop in a row. The log hears of the first one and of the end, not of every one between.
struct Failures {
    work: &'static str,
    in_a_row: u32,
}

impl Failures {
    const fn new(work: &'static str) -> Self {
        Self { work, in_a_row: 0 }
    }

    /// One round, on a task of its own: a panic in one must not end the loop for good.
    async fn round<T: Send + 'static>(
        &mut self,
        work: impl Future<Output = ServiceResult<T>> + Send + 'static,
    ) -> Option<T> {
        let error = match tokio::spawn(work).await {
            Ok(Ok(outcome)) => {
                if self.in_a_row > 0 {
                    tracing::info!(failures = self.in_a_row, "{}: up again", self.work);
                    self.in_a_row = 0;
                }
                return Some(outcome);
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => error.to_string(),
        };
        if self.in_a_row == 0 {
            tracing::error!(%error, "{}: down, tried again until it works", self.work);
        } else {
            tracing::debug!(%error, "{}: still down", self.work);
        }
        self.in_a_row = self.in_a_row.saturating_add(1);
        None
    }

    fn pause(&self) -> Duration {
        PAUSE
            .saturating_mul(2_u32.saturating_pow(self.in_a_row))
            .min(LONGEST_PAUSE)
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, time::Instant};

    use domain::{
        account::Role,
        enterprise::{ImportStart, ImportStatus},
    };
    use service::{ServiceError, account::NewAccount, search::SearchRequest};

    use super::*;
    use crate::config::{Config, Surroundings, open_service};

    async fn service(folder: &Path) -> Service {
        let surroundings = Surroundings {
            environment: [(
                "WUTONG_DATA".to_owned(),
                folder.to_string_lossy().into_owned(),
            )]
            .into(),
            working_folder: folder.to_path_buf(),
            executable_folder: None,
        };
        open_service(&Config::load(None, &surroundings).unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn imports_reach_the_database_and_the_search_engine() {
        let folder = tempfile::tempdir().unwrap();
        let service = service(folder.path()).await;
        service
            .add_account(NewAccount {
                login: "admin".to_owned(),
                name: "admin".to_owned(),
                role: Role::Administrator,
                bureau_code: None,
                password: "a long password".to_owned(),
            })
            .await
            .unwrap();
        let actor = service.actor_by_login("admin").await.unwrap();
        let (stop, stopped) = watch::channel(false);
        let worker = tokio::spawn(run(service.clone(), stopped));
        let job_id = service
            .upload_enterprises(
                &actor,
                "x.csv",
                "企业名称,产品\n示例钒电有限公司,电解液\n"
                    .as_bytes()
                    .to_vec(),
            )
            .await
            .unwrap();
        let preview = service.import_preview(&actor, job_id, None).await.unwrap();
        let mapping = preview.columns.iter().map(|column| column.field).collect();
        service
            .start_import(&actor, ImportStart { job_id, mapping })
            .await
            .unwrap();
        let begun = Instant::now();
        loop {
            let job = service.import_job(&actor, job_id).await.unwrap();
            let page = service
                .search()
                .search(SearchRequest {
                    any_of: vec!["电解液".to_owned()],
                    limit: 5,
                    ..SearchRequest::default()
                })
                .await
                .unwrap();
            if job.status == ImportStatus::Finished && page.total == 1 {
                break;
            }
            assert!(begun.elapsed() < Duration::from_secs(60), "{job:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        stop.send(true).unwrap();
        tokio::time::timeout(Duration::from_secs(10), worker)
            .await
            .unwrap()
            .unwrap();
    }

    #[tokio::test]
    async fn failures_and_panics_slow_the_loop_down_and_a_success_brings_it_back() {
        let mut failures = Failures::new("test");
        assert_eq!(failures.pause(), PAUSE);
        for _ in 0..40 {
            let outcome: Option<()> = failures
                .round(async { Err(ServiceError::Internal("down".to_owned())) })
                .await;
            assert_eq!(outcome, None);
        }
        assert_eq!(failures.pause(), LONGEST_PAUSE);
        let outcome: Option<()> = failures.round(async { panic!("in a round") }).await;
        assert_eq!(outcome, None);
        assert_eq!(failures.round(async { Ok(7) }).await, Some(7));
        assert_eq!(failures.pause(), PAUSE);
    }

    #[tokio::test]
    async fn a_sender_that_is_gone_stops() {
        let (stop, mut stopped) = watch::channel(false);
        drop(stop);
        assert!(stopped_within(&mut stopped, LONGEST_PAUSE).await);
    }
}
