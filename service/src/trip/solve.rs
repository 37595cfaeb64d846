//! Problems that come alone: nothing of the zone is read for them, and nothing is kept.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use domain::{
    account::Actor,
    problem::Problem,
    trip::{SolveAnswer, SolveProblem, SolveRequest},
};
use serde_json::Value;

use crate::{Service, ServiceError, ServiceResult};

/// Ends a search whose asker has gone away.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Service {
    /// Solves a trip's problem for anybody who may sign in. At most a few at the same time: the others wait.
    ///
    /// # Errors
    /// [`Problem::TripRequest`] for what is no problem or has no answer; [`Problem::Trip`].
    pub async fn solve_problem(&self, _: &Actor, body: Value) -> ServiceResult<SolveAnswer> {
        let request = SolveRequest::from_json(body).map_err(refused)?;
        let _turn = self
            .trip_searches
            .turns()
            .acquire_owned()
            .await
            .map_err(ServiceError::internal)?;
        let stop = Arc::new(AtomicBool::new(false));
        let _guard = StopOnDrop(stop.clone());
        tokio::task::spawn_blocking(move || {
            let started = Instant::now();
            let seconds = request.seconds();
            request
                .solve(&mut |_| {
                    started.elapsed().as_secs_f64() < seconds && !stop.load(Ordering::Relaxed)
                })
                .map_err(refused)
        })
        .await
        .map_err(ServiceError::internal)?
    }
}

fn refused(problem: SolveProblem) -> ServiceError {
    match problem {
        SolveProblem::Trip(problem) => super::unnamed(problem).into(),
        SolveProblem::Invalid(violations) => {
            ServiceError::internal(format!("invalid plan: {violations:?}"))
        }
        other => Problem::TripRequest {
            sentence: other.to_string(),
            problem: serde_json::to_value(&other).unwrap_or_default(),
        }
        .into(),
    }
}
