//! The plan under the hands of a person: what is shown at once, and kept by the server after.

use std::collections::{HashMap, HashSet};

use domain::{
    problem::Problem,
    trip::{
        CandidateDemand, Demand, MoveProblem, Plan, PlanChange, Slot, TripCandidate, TripDetail,
        TripPlanChange, TripSearch, TripSearchProgress, changes, moved, openings, restated, slots,
        taken_out,
    },
};
use leptos::prelude::*;

use super::{change_trip_plan, search_trip, stop_trip_search, trip, trip_search_progress};
use crate::{
    component::{Toasts, field_error, submit, use_toasts},
    error::{AppError, Encoded},
    words::{Locale, problem_sentence, use_words},
};

/// How often the progress of a search is asked for, in milliseconds.
const POLL_MILLISECONDS: u64 = 400;

/// How the plan is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Look {
    TimeLine,
    List,
    Map,
}

#[derive(Clone, Copy)]
pub(super) struct Planner {
    pub(super) words: Locale,
    pub(super) detail: RwSignal<TripDetail>,
    /// The company whose visit is looked at or moved.
    pub(super) selected: RwSignal<Option<i64>>,
    pub(super) look: RwSignal<Look>,
    /// A request is under way.
    pub(super) pending: RwSignal<bool>,
    pub(super) refused: RwSignal<Option<Problem>>,
    pub(super) progress: RwSignal<Option<TripSearchProgress>>,
    /// What the last search or change has changed.
    pub(super) changed: RwSignal<Vec<PlanChange>>,
    /// Names of companies that have left the trip while the page was open.
    gone: StoredValue<HashMap<i64, String>>,
    toasts: Toasts,
}

impl Planner {
    pub(super) fn new(detail: TripDetail) -> Self {
        Self {
            words: use_words(),
            detail: RwSignal::new(detail),
            selected: RwSignal::new(None),
            look: RwSignal::new(Look::TimeLine),
            pending: RwSignal::new(false),
            refused: RwSignal::new(None),
            progress: RwSignal::new(None),
            changed: RwSignal::new(Vec::new()),
            gone: StoredValue::new(HashMap::new()),
            toasts: use_toasts(),
        }
    }

    pub(super) fn candidate(&self, id: i64) -> Option<TripCandidate> {
        self.detail.with(|detail| {
            let mut all = detail.candidates.iter();
            all.find(|one| one.enterprise_id == id).cloned()
        })
    }

    pub(super) fn slot(&self, id: i64) -> Option<Slot> {
        self.detail.with(|detail| slots(&detail.plan).remove(&id))
    }

    /// Where the selected visit could go, by team and day; empty when nothing is selected.
    pub(super) fn openings(&self) -> HashMap<(u8, u8), u16> {
        let Some(id) = self.selected.get() else {
            return HashMap::new();
        };
        self.detail.with(|detail| {
            openings(&detail.problem, &detail.plan, id)
                .unwrap_or_default()
                .into_iter()
                .map(|slot| ((slot.team, slot.day), slot.begin_minute))
                .collect()
        })
    }

    /// Puts a visit on a team's day.
    pub(super) fn place(self, id: i64, team: u8, day: u8) {
        let outcome = self
            .detail
            .with_untracked(|detail| moved(&detail.problem, &detail.plan, id, team, day));
        let said = self.words.visit_moved(self.name(id), team + 1, day + 1);
        self.shown(outcome, said, id, |demand| {
            // By hand, it stays with that team on that day whatever is planned anew.
            (demand.fixed_team, demand.fixed_day) = (Some(team), Some(day));
        });
    }

    /// Takes a visit out of the plan; the company stays a candidate.
    pub(super) fn take_out(self, id: i64) {
        let outcome = self
            .detail
            .with_untracked(|detail| taken_out(&detail.problem, &detail.plan, id));
        let said = self.words.visit_taken_out(self.name(id));
        self.shown(outcome, said, id, |demand| {
            (demand.fixed_team, demand.fixed_day) = (None, None);
        });
    }

    /// Locks a visit where it is, or frees it.
    pub(super) fn lock(self, id: i64, is_locked: bool) {
        let Some(slot) = self.slot(id) else {
            return;
        };
        let said = if is_locked {
            self.words.visit_locked(self.name(id))
        } else {
            self.words.visit_unlocked(self.name(id))
        };
        self.ask(id, said, move |one| {
            one.demand.locked = is_locked;
            let fixed = is_locked.then_some(slot);
            one.demand.fixed_team = fixed.map(|slot| slot.team);
            one.demand.fixed_day = fixed.map(|slot| slot.day);
            one.demand.fixed_minute = fixed.map(|slot| slot.begin_minute);
        });
    }

    /// Changes what is asked of a visit; the plan keeps its minutes.
    pub(super) fn ask(self, id: i64, said: String, change: impl FnOnce(&mut CandidateDemand)) {
        let before = self.detail.get_untracked();
        let mut after = before.clone();
        let Some(demand) = demanded(&mut after, id, change) else {
            return;
        };
        match restated(&after.problem, &after.plan) {
            Ok(plan) => {
                after.plan = plan;
                self.keep(before, after, vec![demand], said);
            }
            Err(problem) => self.toasts.failed(self.sentence(&problem)),
        }
    }

    fn shown(
        self,
        outcome: Result<Plan, MoveProblem>,
        said: String,
        id: i64,
        change: impl FnOnce(&mut Demand),
    ) {
        match outcome {
            Ok(plan) => {
                let before = self.detail.get_untracked();
                let mut after = before.clone();
                after.plan = plan;
                let demand = demanded(&mut after, id, |one| change(&mut one.demand));
                self.keep(before, after, demand.into_iter().collect(), said);
            }
            Err(problem) => self.toasts.failed(self.sentence(&problem)),
        }
    }

    /// Shows the changed trip at once and has it kept; what the server refuses is taken back.
    fn keep(
        self,
        before: TripDetail,
        after: TripDetail,
        demands: Vec<CandidateDemand>,
        said: String,
    ) {
        if self.pending.get_untracked() {
            // A hand that was faster than the network: dropped, and said.
            self.toasts.failed(self.words.still_saving());
            return;
        }
        let change = TripPlanChange {
            version: before.version,
            plan: after.plan.clone(),
            demands: demands.clone(),
        };
        self.changed.set(changes(&before.plan, &after.plan));
        self.refused.set(None);
        self.detail.set(after);
        let former: Vec<CandidateDemand> = demands
            .iter()
            .filter_map(|demand| asked_of(&before, demand.enterprise_id))
            .collect();
        submit(
            self.pending,
            change_trip_plan(before.id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    let plan = before.plan.clone();
                    self.detail.set(kept);
                    self.toasts
                        .undoable(said, move || self.restore(&plan, &former));
                }
                Err(AppError(problem)) => {
                    self.detail.set(before);
                    self.changed.set(Vec::new());
                    self.refused.set(Some(problem));
                }
            },
        );
    }

    /// Goes back to a plan and to what was asked then. Companies that have come or gone meanwhile stay or stay away.
    pub(super) fn restore(self, plan: &Plan, demands: &[CandidateDemand]) {
        let Some(mut now) = self.detail.try_get_untracked() else {
            self.toasts.failed(self.words.open_trip_first());
            return;
        };
        let asked: Vec<CandidateDemand> = demands
            .iter()
            .filter_map(|former| {
                demanded(&mut now, former.enterprise_id, |one| one.clone_from(former))
            })
            .collect();
        let wanted = slots(plan);
        let (mut locked, mut freed) = (Vec::new(), Vec::new());
        for one in &now.candidates {
            let demand = &one.demand;
            let slot = wanted.get(&one.enterprise_id);
            let differs = slot.is_none_or(|slot| {
                demand.fixed_team.is_some_and(|team| team != slot.team)
                    || demand.fixed_day.is_some_and(|day| day != slot.day)
                    || demand
                        .fixed_minute
                        .is_some_and(|minute| minute != slot.begin_minute)
            });
            let is_bound = demand.fixed_team.is_some() || demand.fixed_day.is_some();
            if demand.locked && differs {
                locked.push(one.name.clone());
            } else if is_bound && differs {
                freed.push(one.enterprise_id);
            }
        }
        if !locked.is_empty() {
            self.toasts
                .failed(self.words.locked_elsewhere(locked.join("、")));
            return;
        }
        // Where a hand has put somebody since, the plan of before says otherwise.
        let mut asked = asked;
        for id in freed {
            let demand = demanded(&mut now, id, |one| {
                (one.demand.fixed_team, one.demand.fixed_day) = (None, None);
            });
            asked.retain(|one| one.enterprise_id != id);
            asked.extend(demand);
        }
        let plan = match restated(&now.problem, plan) {
            Ok(plan) => plan,
            Err(problem) => {
                self.toasts.failed(self.sentence(&problem));
                return;
            }
        };
        let change = TripPlanChange {
            version: now.version,
            plan,
            demands: asked,
        };
        submit(
            self.pending,
            change_trip_plan(now.id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    self.changed.set(Vec::new());
                    self.detail.set(kept);
                    self.toasts.done(self.words.plan_restored());
                }
                Err(AppError(problem)) => {
                    self.toasts.failed(problem_sentence(self.words, &problem));
                }
            },
        );
    }

    /// Says why something was not done: above the page, or where that shows nothing, in a word of its own.
    pub(super) fn refuse(self, problem: Problem) {
        if matches!(problem, Problem::Invalid { .. }) {
            let said = field_error(self.words, Some(&problem), "candidates")
                .unwrap_or_else(|| problem_sentence(self.words, &problem));
            self.toasts.failed(said);
        } else {
            let _ = self.refused.try_set(Some(problem));
        }
    }

    /// Takes what the server has kept, and shows what is different.
    pub(super) fn take(self, kept: TripDetail) {
        let before = self.detail.try_with_untracked(|detail| {
            self.gone.update_value(|gone| {
                gone.extend(
                    detail
                        .candidates
                        .iter()
                        .map(|one| (one.enterprise_id, one.name.clone())),
                );
            });
            detail.plan.clone()
        });
        // The page may be gone by now, and its signals with it.
        let Some(before) = before else {
            return;
        };
        self.changed.set(changes(&before, &kept.plan));
        self.refused.set(None);
        self.detail.set(kept);
    }

    /// Looks for a better plan for so many seconds.
    pub(super) fn search(self, seconds: u16, keep: bool) {
        let (id, version) = self
            .detail
            .with_untracked(|detail| (detail.id, detail.version));
        let search = TripSearch {
            version,
            seconds,
            keep,
        };
        self.refused.set(None);
        submit(
            self.pending,
            search_trip(id, search),
            move |outcome| match outcome {
                Ok(()) => self.follow(true),
                Err(AppError(problem)) => self.refuse(problem),
            },
        );
    }

    pub(super) fn stop(self) {
        let id = self.detail.with_untracked(|detail| detail.id);
        submit(self.pending, stop_trip_search(id), |_| ());
    }

    /// Asks for the progress until the search has ended; then for the trip. One that had ended before it was `seen` to
    /// run is no news: the page shows its plan already.
    pub(super) fn follow(self, seen: bool) {
        let Some(id) = self.detail.try_with_untracked(|detail| detail.id) else {
            return;
        };
        let asking = RwSignal::new(false);
        submit(asking, trip_search_progress(id), move |outcome| {
            let progress = match read(outcome) {
                Ok(Some(progress)) => progress,
                Err(_) if seen && !self.progress.is_disposed() => {
                    // The network may come back.
                    set_timeout(
                        move || self.follow(true),
                        std::time::Duration::from_millis(10 * POLL_MILLISECONDS),
                    );
                    return;
                }
                _ => {
                    let _ = self.progress.try_set(None);
                    return;
                }
            };
            if progress.is_running {
                let _ = self.progress.try_set(Some(progress));
                set_timeout(
                    move || self.follow(true),
                    std::time::Duration::from_millis(POLL_MILLISECONDS),
                );
                return;
            }
            if self.progress.try_set(None).is_some() || !seen {
                return;
            }
            if let Some(problem) = progress.problem {
                self.refused.set(Some(problem));
                return;
            }
            submit(asking, trip(id), move |outcome| match read(outcome) {
                Ok(kept) => {
                    let Some(before) = self.detail.try_get_untracked() else {
                        return;
                    };
                    let former: Vec<CandidateDemand> = Vec::new();
                    let plan = before.plan.clone();
                    self.take(kept);
                    let said = self.words.search_ended();
                    self.toasts
                        .undoable(said, move || self.restore(&plan, &former));
                }
                Err(AppError(problem)) => self.refuse(problem),
            });
        });
    }

    /// The name of a company of the trip, of one that has left it, too.
    pub(super) fn name(&self, id: i64) -> String {
        let there = self.detail.with_untracked(|detail| {
            let mut all = detail.candidates.iter();
            all.find(|one| one.enterprise_id == id)
                .map(|one| one.name.clone())
        });
        there
            .or_else(|| self.gone.with_value(|gone| gone.get(&id).cloned()))
            .unwrap_or_else(|| self.words.company_gone().to_owned())
    }

    pub(super) fn sentence(&self, problem: &MoveProblem) -> String {
        let words = self.words;
        match problem {
            MoveProblem::Unknown => words.move_unknown().to_owned(),
            MoveProblem::Past => words.move_past().to_owned(),
            MoveProblem::Locked => words.move_locked().to_owned(),
            MoveProblem::Closed => words.move_closed().to_owned(),
            MoveProblem::NoTime { short_minutes: 0 } => words.move_full().to_owned(),
            MoveProblem::NoTime { short_minutes } => words.move_no_time(*short_minutes),
            MoveProblem::Bound => words.move_bound().to_owned(),
        }
    }
}

/// What a request has brought.
pub(super) fn read<T: serde::de::DeserializeOwned>(
    outcome: Result<Encoded<T>, AppError>,
) -> Result<T, AppError> {
    outcome.and_then(|data| data.read())
}

/// What is asked of a company's visit.
pub(super) fn asked_of(detail: &TripDetail, id: i64) -> Option<CandidateDemand> {
    let one = detail
        .candidates
        .iter()
        .find(|one| one.enterprise_id == id)?;
    Some(CandidateDemand {
        enterprise_id: id,
        value: one.value,
        duration_minutes: one.duration_minutes,
        required: one.required,
        demand: one.demand.clone(),
    })
}

/// Changes what is asked of a visit, in the list and in the problem alike.
fn demanded(
    detail: &mut TripDetail,
    id: i64,
    change: impl FnOnce(&mut CandidateDemand),
) -> Option<CandidateDemand> {
    let mut asked = asked_of(detail, id)?;
    change(&mut asked);
    let mut listed = detail.candidates.iter_mut();
    if let Some(one) = listed.find(|one| one.enterprise_id == id) {
        one.value = asked.value;
        one.duration_minutes = asked.duration_minutes;
        one.required = asked.required;
        one.demand = asked.demand.clone();
    }
    let known: HashSet<i64> = detail
        .candidates
        .iter()
        .map(|one| one.enterprise_id)
        .collect();
    let one = detail
        .candidates
        .iter()
        .find(|one| one.enterprise_id == id)?;
    let mut candidates = detail.problem.candidates.iter_mut();
    if let Some(candidate) = candidates.find(|candidate| candidate.id == id) {
        *candidate = one.candidate(candidate.place.clone(), |other| known.contains(&other));
    }
    Some(asked)
}
