//! Work that no request waits for: feeding the search engine, the atlas, titles of leads, comparing companies, claims
//! that lapse, imports, notices of the day, mail.

use std::time::Duration;

use service::{Service, ServiceResult};
use tokio::{sync::watch, task::JoinSet};

use crate::mail::Mailer;

const PAUSE: Duration = Duration::from_millis(500);
const ATLAS_PAUSE: Duration = Duration::from_secs(600);
const DAY_PAUSE: Duration = Duration::from_secs(600);
const MAIL_PAUSE: Duration = Duration::from_secs(20);
/// A claim lapses with its day; a look every ten minutes is soon enough.
const CLAIM_PAUSE: Duration = Duration::from_secs(600);
const DUPLICATE_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Works until `stop` says true, or its sender is gone, and then ends with the round at hand.
pub async fn run(service: Service, mailer: Option<Mailer>, stop: watch::Receiver<bool>) {
    tokio::join!(
        feed_search(service.clone(), stop.clone()),
        keep_atlas(service.clone(), stop.clone()),
        spell_leads(service.clone(), stop.clone()),
        keep_duplicates(service.clone(), stop.clone()),
        lapse_claims(service.clone(), stop.clone()),
        run_imports(service.clone(), stop.clone()),
        tell_of_the_day(service.clone(), stop.clone()),
        send_mail(service, mailer, stop)
    );
}

/// Each engine has a feeder of its own: one that is down keeps no other from being fed.
async fn feed_search(service: Service, stop: watch::Receiver<bool>) {
    let mut feeders: JoinSet<()> = (0..service.search().parts().len())
        .map(|part| feed_engine(service.clone(), part, stop.clone()))
        .collect();
    while feeders.join_next().await.is_some() {}
}

async fn feed_engine(service: Service, part: usize, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("search feed");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(outcome) = failures
            .round(async move { service.feed_engine(part).await })
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

/// Leads whose titles were written before they were spelled, or by other means than ours.
async fn spell_leads(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("titles of leads");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(spelled) = failures
            .round(async move { service.spell_leads().await })
            .await
            && spelled > 0
        {
            tracing::info!(leads = spelled, "titles spelled for the search");
        }
        let pause = if failures.in_a_row == 0 {
            ATLAS_PAUSE
        } else {
            failures.pause()
        };
        if stopped_within(&mut stop, pause).await {
            break;
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

/// 首报 whose days are over, and the public pool.
async fn lapse_claims(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("claims");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(lapsed) = failures
            .round(async move { service.lapse_claims().await })
            .await
            && lapsed > 0
        {
            tracing::info!(claims = lapsed, "claims lapsed");
        }
        if stopped_within(&mut stop, CLAIM_PAUSE.max(failures.pause())).await {
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

/// What the calendar tells people. Each thing is told once, so the round may come as often as it likes.
async fn tell_of_the_day(service: Service, mut stop: watch::Receiver<bool>) {
    let mut failures = Failures::new("notices of the day");
    while !*stop.borrow() {
        let service = service.clone();
        if let Some(told) = failures
            .round(async move { service.tell_of_the_day().await })
            .await
            && told > 0
        {
            tracing::info!(notices = told, "notices of the day");
        }
        if stopped_within(&mut stop, DAY_PAUSE.max(failures.pause())).await {
            break;
        }
    }
}

/// Mail, when there is a server for it.
async fn send_mail(service: Service, mailer: Option<Mailer>, mut stop: watch::Receiver<bool>) {
    let Some(mailer) = mailer else { return };
    let mut failures = Failures::new("mail");
    while !*stop.borrow() {
        let (service, mailer) = (service.clone(), mailer.clone());
        if let Some(sent) = failures
            .round(async move { mailer.round(&service).await })
            .await
            && sent > 0
        {
            tracing::info!(mails = sent, "mail sent");
        }
        if stopped_within(&mut stop, MAIL_PAUSE.max(failures.pause())).await {
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
        let worker = tokio::spawn(run(service.clone(), None, stopped));
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
            .start_import(
                &actor,
                ImportStart {
                    job_id,
                    mapping,
                    is_local: false,
                },
            )
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
