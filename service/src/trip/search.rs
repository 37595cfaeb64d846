//! Searches for better plans: they run beside everything else, say how far they are, and can be stopped.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use domain::{
    account::{Action, Actor},
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{
        Plan, Progress, SEARCH_SECONDS, TripProblem, TripSearch, TripSearchProgress, replan, solve,
    },
};
use entity::trip;
use tokio::sync::Semaphore;

use super::{checked, named, problem::Outline, stored_plan, unnamed};
use crate::{Service, ServiceError, ServiceResult, require};

/// Searches of this program that run at the same time; each takes a core.
const MOST_SEARCHES: usize = 4;
/// A search that has ended is forgotten after so long.
const FORGOTTEN_AFTER: Duration = Duration::from_secs(600);

/// Searches by trip, and turns for problems that come alone.
#[derive(Clone)]
pub(crate) struct TripSearches {
    all: Arc<Mutex<HashMap<i64, Arc<Running>>>>,
    turns: Arc<Semaphore>,
}

impl Default for TripSearches {
    fn default() -> Self {
        Self {
            all: Arc::default(),
            turns: Arc::new(Semaphore::new(MOST_SEARCHES)),
        }
    }
}

struct Running {
    stop: AtomicBool,
    started: Instant,
    seconds: u16,
    /// Iterations and value so far, and why there is nothing better once it has ended.
    state: Mutex<(TripSearchProgress, Option<Instant>)>,
}

impl Running {
    fn lock(&self) -> std::sync::MutexGuard<'_, (TripSearchProgress, Option<Instant>)> {
        // What is inside is replaced as a whole: a panic elsewhere leaves nothing half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the search goes on, after keeping what it tells.
    fn goes_on(&self, progress: &Progress) -> bool {
        let passed = self.started.elapsed().as_secs_f64();
        let mut state = self.lock();
        state.0.iterations = progress.iterations;
        // The steps of a plan with little change weigh old visits higher than anything: no value to show.
        state.0.value = if progress.value < domain::trip::MAXIMUM_VALUE {
            progress.value
        } else {
            0.0
        };
        state.0.share = (passed / f64::from(self.seconds)).min(1.0);
        passed < f64::from(self.seconds) && !self.stop.load(Ordering::Relaxed)
    }
}

impl TripSearches {
    pub(super) fn turns(&self) -> Arc<Semaphore> {
        self.turns.clone()
    }

    fn begin(&self, trip_id: i64, seconds: u16) -> ServiceResult<Arc<Running>> {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, running| {
            running
                .lock()
                .1
                .is_none_or(|ended| ended.elapsed() < FORGOTTEN_AFTER)
        });
        let is_running = |running: &Arc<Running>| running.lock().0.is_running;
        let busy = all.values().filter(|running| is_running(running)).count();
        if all.get(&trip_id).is_some_and(is_running) || busy >= MOST_SEARCHES {
            return Err(Problem::SearchRunning.into());
        }
        let running = Arc::new(Running {
            stop: AtomicBool::new(false),
            started: Instant::now(),
            seconds,
            state: Mutex::new((
                TripSearchProgress {
                    is_running: true,
                    share: 0.0,
                    iterations: 0,
                    value: 0.0,
                    problem: None,
                },
                None,
            )),
        });
        all.insert(trip_id, running.clone());
        Ok(running)
    }

    fn get(&self, trip_id: i64) -> Option<Arc<Running>> {
        let all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        all.get(&trip_id).cloned()
    }
}

impl Service {
    /// Begins to look for a better plan. The answer comes at once; the plan is kept when the search ends, unless the
    /// trip was changed meanwhile.
    ///
    /// # Errors
    /// [`Problem::SearchRunning`] when one runs already, [`Problem::Invalid`] for seconds out of range,
    /// [`Problem::Stale`], [`Problem::Forbidden`], [`Problem::NotFound`], [`Problem::Trip`].
    pub async fn search_trip(
        &self,
        actor: &Actor,
        trip_id: i64,
        asked: TripSearch,
    ) -> ServiceResult<()> {
        if !(1..=SEARCH_SECONDS).contains(&asked.seconds) {
            let kind = FieldProblemKind::OutOfRange {
                from: 1.0,
                until: f64::from(SEARCH_SECONDS),
            };
            let fields = vec![FieldProblem::new("seconds", kind)];
            return Err(Problem::Invalid { fields }.into());
        }
        let stored = self.changeable_trip(actor, trip_id, asked.version).await?;
        let candidates = self.trip_candidates(trip_id).await?;
        let outline = Outline::of(&stored)?;
        let problem = self.trip_problem(&outline, &candidates).await?;
        problem
            .check()
            .map_err(|problem| named(unnamed(problem).into(), &candidates))?;
        let before = stored_plan(&stored)?;
        let running = self.trip_searches.begin(trip_id, asked.seconds)?;
        let (service, actor) = (self.clone(), actor.clone());
        tokio::spawn(async move {
            let outcome = service
                .search_and_keep(&actor, stored, problem, before, asked.keep, running.clone())
                .await;
            let mut state = running.lock();
            state.0.is_running = false;
            state.0.share = 1.0;
            state.0.problem = outcome.err().map(ServiceError::into_problem);
            state.1 = Some(Instant::now());
        });
        Ok(())
    }

    async fn search_and_keep(
        &self,
        actor: &Actor,
        stored: trip::Model,
        problem: TripProblem,
        before: Plan,
        keep: bool,
        running: Arc<Running>,
    ) -> ServiceResult<()> {
        let plan = tokio::task::spawn_blocking(move || {
            // What has happened stays whatever is asked.
            let problem = problem.begun(&before);
            let found = if keep {
                replan(&problem, &before, &mut |progress| {
                    running.goes_on(&progress)
                })
            } else {
                solve(&problem, &mut |progress| running.goes_on(&progress))
            };
            let plan = found.map_err(unnamed)?;
            checked(&problem, plan)
        })
        .await
        .map_err(ServiceError::internal)??;
        let transaction = self.database.begin().await?;
        self.keep_plan(&transaction, actor, &stored, &plan, "plan")
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// How far the search for a trip's better plan has come; `None` when there was none lately.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for another bureau's.
    pub async fn trip_search_progress(
        &self,
        actor: &Actor,
        trip_id: i64,
    ) -> ServiceResult<Option<TripSearchProgress>> {
        let bureau_id = self.stored_trip(trip_id).await?.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        Ok(self
            .trip_searches
            .get(trip_id)
            .map(|running| running.lock().0.clone()))
    }

    /// Ends a search early: its best plan so far is kept.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NotFound`].
    pub async fn stop_trip_search(&self, actor: &Actor, trip_id: i64) -> ServiceResult<()> {
        let bureau_id = self.stored_trip(trip_id).await?.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::WriteTrip { bureau_id })?;
        if let Some(running) = self.trip_searches.get(trip_id) {
            running.stop.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}
