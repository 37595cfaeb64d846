//! Changing a plan: a visit moved by hand, or a new plan after something has happened, with as little change as
//! possible.
//!
//! Whoever has an appointment keeps it if that is possible at all: first every visit of the plan stays at its minute;
//! what cannot stay may move within its day, then anywhere; and only then the gaps are filled with others. What has
//! begun before the moment that the trip has come to is no longer asked.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::model::{Model, on_day};
use super::search::{self, State};
use super::solver::{describe, searched};
use super::{Candidate, DAY_MINUTES, MAXIMUM_VALUE, Plan, Progress, TripError, TripProblem};

/// Iterations of each step that finds room for old visits; most need none.
const STEP: u64 = 1_500;

/// When and by whom a visit is made; team and day are zero-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Slot {
    pub team: u8,
    pub day: u8,
    pub begin_minute: u16,
}

/// What is different between two plans, for one candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanChange {
    pub candidate_id: i64,
    /// `None` when it was not visited before.
    pub before: Option<Slot>,
    /// `None` when it is no longer visited.
    pub after: Option<Slot>,
}

/// Why a visit cannot be where somebody wants it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum MoveProblem {
    /// The problem has no such candidate, team or day, or the candidate has no place.
    Unknown,
    /// The visit is locked.
    Locked,
    /// The visit has begun before `now`.
    Past,
    /// Nobody is received on that day for so long, or the visit is bound to another team, day or minute.
    Closed,
    /// It does not fit between the other visits of the day, whatever their times.
    NoTime { short_minutes: u16 },
    /// A visit that must come before it, or one of the same host, does not allow it.
    Bound,
}

/// All visits of a plan with their slots.
#[must_use]
pub fn slots(plan: &Plan) -> HashMap<i64, Slot> {
    plan.stops()
        .map(|(team, day, _, stop)| {
            let slot = Slot {
                team,
                day,
                begin_minute: stop.begin_minute,
            };
            (stop.candidate_id, slot)
        })
        .collect()
}

/// What has changed from one plan to another, in the order of the earlier slot, then of the later.
#[must_use]
pub fn changes(before: &Plan, after: &Plan) -> Vec<PlanChange> {
    let (before, after) = (slots(before), slots(after));
    let ids: HashSet<i64> = before.keys().chain(after.keys()).copied().collect();
    let mut changes: Vec<PlanChange> = ids
        .into_iter()
        .map(|candidate_id| PlanChange {
            candidate_id,
            before: before.get(&candidate_id).copied(),
            after: after.get(&candidate_id).copied(),
        })
        .filter(|change| change.before != change.after)
        .collect();
    changes.sort_by_key(|change| {
        let first = change.before.or(change.after);
        (first, change.after, change.candidate_id)
    });
    changes
}

/// How strictly the visits of a plan keep their slots.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stays {
    Minute,
    Day,
}

/// The problem of the visits of a plan, each held where it is as far as nothing binds it elsewhere, and of the others.
///
/// A held visit is not locked: it obeys orders and hosts, and goes when it must.
fn held(
    problem: &TripProblem,
    slots: &HashMap<i64, Slot>,
    hold: &dyn Fn(i64) -> Option<Stays>,
    others: &dyn Fn(&Candidate) -> bool,
) -> TripProblem {
    let candidates = problem
        .candidates
        .iter()
        .filter_map(|candidate| {
            let Some(slot) = slots.get(&candidate.id) else {
                return others(candidate).then(|| candidate.clone());
            };
            let mut own = candidate.clone();
            if let (Some(hold), false) = (hold(candidate.id), candidate.is_locked()) {
                own.fixed_team = own.fixed_team.or(Some(slot.team));
                own.fixed_day = own.fixed_day.or(Some(slot.day));
                if hold == Stays::Minute {
                    own.fixed_minute = own.fixed_minute.or(Some(slot.begin_minute));
                    own.required = false;
                }
            }
            Some(own)
        })
        .collect();
    TripProblem {
        candidates,
        ..problem.clone()
    }
}

/// The problem in which nothing binds a visit to a team or a day: it is about to be moved.
fn released(problem: &TripProblem, candidate_id: i64) -> TripProblem {
    let mut released = problem.clone();
    for candidate in &mut released.candidates {
        if candidate.id == candidate_id {
            (candidate.fixed_team, candidate.fixed_day) = (None, None);
        }
    }
    released
}

/// The locations of each route of the model, in the order of the plan.
fn routes(model: &Model, slots: &HashMap<i64, Slot>) -> Vec<Vec<usize>> {
    let stops: Vec<(Slot, usize)> = (0..model.sources.len())
        .filter_map(|location| Some((*slots.get(&model.candidate(location).id)?, location)))
        .collect();
    let routes = model.stretches.iter().map(|stretch| {
        let own = stops.iter().filter(|(slot, _)| {
            usize::from(slot.team) == stretch.team
                && (stretch.first..=stretch.last).contains(&usize::from(slot.day))
        });
        let mut own: Vec<(i32, bool, usize)> = own
            .map(|(slot, location)| {
                let begin = on_day(usize::from(slot.day), slot.begin_minute);
                (begin, true, *location)
            })
            .chain(model.waits_of(*stretch).map(|(at, wait)| (at, false, wait)))
            .collect();
        // A visit that begins when a hold ends comes after it.
        own.sort_unstable();
        own.into_iter().map(|(.., location)| location).collect()
    });
    routes.collect()
}

/// Every team and day to which a visit could be moved, or where one that is left out could be put in, while all other
/// visits of the plan stay on their team and day. Without the slot in which it is.
///
/// # Errors
/// A [`MoveProblem`] when the candidate cannot be moved at all.
pub fn openings(
    problem: &TripProblem,
    plan: &Plan,
    candidate_id: i64,
) -> Result<Vec<Slot>, MoveProblem> {
    let mut slots = slots(plan);
    let own = slots.remove(&candidate_id);
    let problem = &problem.begun(plan);
    movable(problem, candidate_id)?;
    let problem = &released(problem, candidate_id);
    let mut found = Vec::new();
    for hold in [Stays::Minute, Stays::Day] {
        let narrow = held(problem, &slots, &|_| Some(hold), &|other| {
            other.id == candidate_id
        });
        let model = Model::new(&narrow).map_err(|_| MoveProblem::Unknown)?;
        let Some(location) = location_of(&model, candidate_id) else {
            return Err(MoveProblem::Closed);
        };
        let routes = routes(&model, &slots);
        let state = State::of(&model.instance, &routes);
        // Where a detour is shorter than the direct way, or others come after it, the visit is not to be missed.
        if routes.iter().flatten().any(|stop| !state.is_visited(*stop)) {
            continue;
        }
        for (route, stretch) in model.stretches.iter().enumerate() {
            for day in stretch.first..=stretch.last {
                let (team, day_number) = (stretch.team as u8, day as u8);
                let is_known = found
                    .iter()
                    .any(|slot: &Slot| (slot.team, slot.day) == (team, day_number));
                let is_own = own.is_some_and(|own| (own.team, own.day) == (team, day_number));
                if is_known || is_own {
                    continue;
                }
                if let Some(begin) = state.begin_on(&model.instance, route, location, day as i32) {
                    found.push(Slot {
                        team,
                        day: day_number,
                        begin_minute: (begin % i32::from(DAY_MINUTES)) as u16,
                    });
                }
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// The plan with a visit on another team or day, or put in when it was left out. All other visits keep their minutes
/// if that is possible; else those of the same team may move within their days. A team or day to which the visit itself
/// was bound is given up: the problem of the new plan binds it to the new one, or to none.
///
/// # Errors
/// A [`MoveProblem`] when it does not fit there.
pub fn moved(
    problem: &TripProblem,
    plan: &Plan,
    candidate_id: i64,
    team: u8,
    day: u8,
) -> Result<Plan, MoveProblem> {
    let mut slots = slots(plan);
    slots.remove(&candidate_id);
    let problem = &problem.begun(plan);
    movable(problem, candidate_id)?;
    let problem = &released(problem, candidate_id);
    let holds: [&dyn Fn(i64) -> Option<Stays>; 2] = [&|_| Some(Stays::Minute), &|id| {
        let is_own_team = slots.get(&id).is_some_and(|slot| slot.team == team);
        Some(if is_own_team {
            Stays::Day
        } else {
            Stays::Minute
        })
    }];
    let mut problem_found = MoveProblem::Unknown;
    for hold in holds {
        let mut narrow = held(problem, &slots, hold, &|other| other.id == candidate_id);
        for own in &mut narrow.candidates {
            if own.id == candidate_id {
                own.fixed_team = Some(team);
                own.fixed_day = Some(day);
                // A visit with a fixed minute would be locked, and there before it is put in.
                own.required = false;
            }
        }
        let model = Model::new(&narrow).map_err(|_| MoveProblem::Unknown)?;
        let Some(location) = location_of(&model, candidate_id) else {
            return Err(MoveProblem::Closed);
        };
        let mut state = State::of(&model.instance, &routes(&model, &slots));
        if state.put(&model.instance, location) {
            let found = found_slots(&model, &state.plan(&model.instance));
            let plan = complete(problem, &found).map_err(|_| MoveProblem::Unknown)?;
            let visited = usize::from(plan.visited);
            if visited == found.len() && visited == slots.len() + 1 {
                return Ok(plan);
            }
        }
        problem_found = match state.shortage(&model.instance, location) {
            Some((short, ..)) if short > 0 => MoveProblem::NoTime {
                short_minutes: short.clamp(1, i32::from(u16::MAX)) as u16,
            },
            _ => MoveProblem::Bound,
        };
    }
    Err(problem_found)
}

/// The plan without a visit; all others keep their minutes.
///
/// # Errors
/// A [`MoveProblem`] when there is no such candidate, or it is locked.
pub fn taken_out(
    problem: &TripProblem,
    plan: &Plan,
    candidate_id: i64,
) -> Result<Plan, MoveProblem> {
    let problem = &problem.begun(plan);
    movable(problem, candidate_id)?;
    let mut slots = slots(plan);
    slots.remove(&candidate_id);
    kept(problem, &slots).ok_or(MoveProblem::Bound)
}

/// The same visits at the same minutes, with totals and reasons by what the problem says now; without those of
/// candidates that it no longer has.
///
/// # Errors
/// [`MoveProblem::NoTime`] when they can no longer be: a visit has become longer, or another one is bound.
pub fn restated(problem: &TripProblem, plan: &Plan) -> Result<Plan, MoveProblem> {
    let problem = &problem.begun(plan);
    let known: HashSet<i64> = problem.candidates.iter().map(|one| one.id).collect();
    let mut slots = slots(plan);
    slots.retain(|id, _| known.contains(id));
    kept(problem, &slots).ok_or(MoveProblem::NoTime { short_minutes: 0 })
}

/// The plan with exactly these visits at exactly these minutes, if the rules allow.
fn kept(problem: &TripProblem, slots: &HashMap<i64, Slot>) -> Option<Plan> {
    let narrow = held(problem, slots, &|_| Some(Stays::Minute), &|_| false);
    if narrow.candidates.is_empty() {
        // Nobody is visited any more.
        let whole = Model::new(problem).ok()?;
        let state = State::new(&whole.instance);
        return Some(describe(&whole, &state.plan(&whole.instance)));
    }
    let model = Model::new(&narrow).ok()?;
    let state = State::of(&model.instance, &routes(&model, slots));
    let plan = complete(problem, &found_slots(&model, &state.plan(&model.instance))).ok()?;
    (self::slots(&plan) == *slots).then_some(plan)
}

fn movable(problem: &TripProblem, candidate_id: i64) -> Result<&Candidate, MoveProblem> {
    let candidate = problem
        .candidates
        .iter()
        .find(|candidate| candidate.id == candidate_id)
        .filter(|candidate| candidate.place.is_some())
        .ok_or(MoveProblem::Unknown)?;
    let stops = problem.past.iter().flat_map(|own| &own.days);
    let mut stops = stops.flat_map(|day| &day.stops);
    if stops.any(|stop| stop.candidate_id == candidate_id) {
        return Err(MoveProblem::Past);
    }
    if candidate.is_locked() {
        return Err(MoveProblem::Locked);
    }
    Ok(candidate)
}

fn location_of(model: &Model, candidate_id: i64) -> Option<usize> {
    (0..model.sources.len()).find(|&location| model.candidate(location).id == candidate_id)
}

/// The slots of what has begun and of what a search has found.
fn found_slots(model: &Model, found: &search::Plan) -> HashMap<i64, Slot> {
    let length = i32::from(DAY_MINUTES);
    let slot = |team: usize, begin: i32| Slot {
        team: team as u8,
        day: begin.div_euclid(length) as u8,
        begin_minute: begin.rem_euclid(length) as u16,
    };
    let mut slots = HashMap::new();
    for own in &model.begun {
        let id = model.problem.candidates[own.source].id;
        slots.insert(id, slot(own.team, own.begin));
    }
    for (stretch, stops) in model.stretches.iter().zip(&found.routes) {
        for stop in stops {
            if let Some(location) = model.company(stop.location) {
                let id = model.candidate(location).id;
                slots.insert(id, slot(stretch.team, stop.begin));
            }
        }
    }
    slots
}

/// The plan of all candidates in which some have these slots: with the reasons of those that are left out, as things
/// stand.
fn complete(problem: &TripProblem, slots: &HashMap<i64, Slot>) -> Result<Plan, TripError> {
    let whole = held(problem, slots, &|_| Some(Stays::Minute), &|_| true);
    let model = Model::new(&whole)?;
    let state = State::of(&model.instance, &routes(&model, slots));
    Ok(describe(&model, &state.plan(&model.instance)))
}

/// A new plan after something has happened: candidates were taken away or added, locked, given other hours, a team is
/// held up, or the trip has come to another moment. `before` is the plan as it was; what it visits that the problem no
/// longer has is cancelled. What of it has begun before `now` stays as it is.
///
/// `keep_going` is called as by [`super::solve`], for each of the steps anew.
///
/// # Errors
/// As [`super::solve`].
pub fn replan(
    problem: &TripProblem,
    before: &Plan,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) -> Result<Plan, TripError> {
    problem.check()?;
    let problem = &problem.begun(before);
    let known: HashSet<i64> = problem
        .candidates
        .iter()
        .map(|candidate| candidate.id)
        .collect();
    let mut old = slots(before);
    old.retain(|id, _| known.contains(id));
    // First: who can stay at the minute.
    let staying = step(
        problem,
        &old,
        &|_| Some(Stays::Minute),
        &|_| false,
        Some(STEP),
        keep_going,
    )?;
    let leaving: HashSet<i64> = old
        .keys()
        .filter(|id| !staying.contains_key(id))
        .copied()
        .collect();
    let mut best = staying.clone();
    if !leaving.is_empty() {
        // Those that cannot stay go where there is room, the others do not move.
        let hold = |id: i64| staying.contains_key(&id).then_some(Stays::Minute);
        let apart = step(problem, &old, &hold, &|_| false, Some(STEP), keep_going)?;
        best = apart;
        if best.len() < old.len() {
            // Or everybody moves a little within the day.
            let hold = |id: i64| (!leaving.contains(&id)).then_some(Stays::Day);
            let together = step(problem, &old, &hold, &|_| false, Some(STEP), keep_going)?;
            if together.len() > best.len() {
                best = together;
            }
        }
    }
    // Last: the gaps. An old visit that has found no place is one among the others now.
    let mut fill = |best: &HashMap<i64, Slot>| {
        let hold = |_| Some(Stays::Minute);
        step(problem, best, &hold, &|_| true, None, keep_going)
    };
    let mut filled = fill(&best)?;
    if best.keys().any(|id| !filled.contains_key(id)) {
        // A new visit that is required has taken an old one's place: there may be another for it.
        filled = fill(&filled)?;
    }
    complete(problem, &filled)
}

/// One search in which the visits of `old` are held, and are required; the answer is who is visited when.
fn step(
    problem: &TripProblem,
    old: &HashMap<i64, Slot>,
    hold: &dyn Fn(i64) -> Option<Stays>,
    others: &dyn Fn(&Candidate) -> bool,
    limit: Option<u64>,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) -> Result<HashMap<i64, Slot>, TripError> {
    let mut narrow = held(problem, old, hold, others);
    for candidate in &mut narrow.candidates {
        // An old visit is worth more than all new ones together. It is not locked, though: when two of them cannot
        // both be, one goes.
        if old.contains_key(&candidate.id) && !candidate.is_locked() {
            candidate.required = false;
            candidate.value = MAXIMUM_VALUE;
        }
    }
    if narrow.candidates.is_empty() {
        narrow.candidates.clone_from(&problem.candidates);
    }
    let model = Model::new(&narrow)?;
    let found = searched(&model, &routes(&model, old), limit, keep_going);
    Ok(found_slots(&model, &found))
}
