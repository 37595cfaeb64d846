//! From a problem to a plan: the search, then what the plan looks like and why the others are left out.

use std::collections::HashSet;

use super::model::Model;
use super::reason::reasons;
use super::schedule::team_plan;
use super::search::{self, State, search_from};
use super::{Plan, Progress, TeamPlan, TripError, TripProblem};

/// Plans a trip.
///
/// A greedy plan is made first. Then `keep_going` is called before every iteration of the search, and the
/// search ends when it returns false: there is no other limit, unless no candidate can be visited at all.
/// The reasons for left-out candidates follow, so a call takes a little longer than its iterations. The same problem
/// with the same number of iterations gives the same plan.
///
/// With `now` nothing is put before it but what has happened: see [`TripProblem::begun`].
///
/// # Errors
/// A [`TripError`] when the problem is not valid, see [`TripProblem::check`], or when its locked visits cannot be.
pub fn solve(
    problem: &TripProblem,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) -> Result<Plan, TripError> {
    problem.check()?;
    let model = Model::new(problem)?;
    let found = searched(&model, &[], None, keep_going);
    Ok(describe(&model, &found))
}

/// Searches from given routes on; with a `limit` not longer than so many iterations, nor when everybody is visited.
pub(super) fn searched(
    model: &Model,
    routes: &[Vec<usize>],
    limit: Option<u64>,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) -> search::Plan {
    let candidates = &model.problem.candidates;
    let is_free = |source: &usize| !candidates[*source].is_locked();
    let has_choice = model.sources.iter().any(is_free);
    search_from(
        &model.instance,
        routes,
        model.problem.seed,
        &mut |progress| {
            let is_enough = limit.is_some_and(|limit| {
                let visited: usize = progress.best.routes.iter().map(Vec::len).sum();
                progress.iterations >= limit || visited == model.instance.size()
            });
            has_choice
                && !is_enough
                && keep_going(Progress {
                    iterations: progress.iterations,
                    value: value(model, progress.best),
                })
        },
    )
}

fn value(model: &Model, found: &search::Plan) -> f64 {
    let stops = found.routes.iter().flatten();
    let candidates = &model.problem.candidates;
    let begun = model.begun.iter().map(|own| candidates[own.source].value);
    let later = stops
        .filter_map(|stop| model.company(stop.location))
        .map(|location| model.candidate(location).value);
    begun.chain(later).sum()
}

/// The plan that the visits of all routes make.
pub(super) fn describe(model: &Model, found: &search::Plan) -> Plan {
    let teams: Vec<TeamPlan> = (0..model.problem.teams.len())
        .map(|team| team_plan(model, team, &found.routes))
        .collect();
    let mut cities = HashSet::new();
    let mut visited: u16 = 0;
    let mut meeting_minutes = 0;
    for stop in teams
        .iter()
        .flat_map(|team| &team.days)
        .flat_map(|day| &day.stops)
    {
        cities.insert(stop.city.clone());
        visited += 1;
        meeting_minutes += u32::from(stop.end_minute.saturating_sub(stop.begin_minute));
    }
    let routes: Vec<Vec<usize>> = found
        .routes
        .iter()
        .map(|route| route.iter().map(|stop| stop.location).collect())
        .collect();
    Plan {
        left_out: reasons(model, &State::of(&model.instance, &routes)),
        total_value: value(model, found),
        visited,
        cities: cities.len() as u16,
        travel_minutes: teams.iter().map(|team| team.travel_minutes).sum(),
        meeting_minutes,
        teams,
    }
}
