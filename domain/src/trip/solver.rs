//! The search: greedy insertion, then large-neighbourhood search.
//!
//! Each iteration removes some visits of the current plan and inserts candidates again in order of value
//! per added minute, disturbed by random factors (Shaw 1998, CP-98; Pisinger & Ropke 2007, Computers &
//! Operations Research 34(8)). A plan is better when it has more required visits, then more value, then
//! less travel. A slightly worse plan may become the current one; the best one is always kept.
//!
//! Random numbers come from SplitMix64 (Steele, Lea & Flood 2014, OOPSLA), seeded by the problem, so the
//! plan depends on the problem and the number of iterations only.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::route::{END, Event, Model, Route, START, open_slots};
use super::{
    Candidate, DayPlan, LeftOut, LeftOutReason, Leg, Plan, Progress, Stop, TeamPlan, TripError,
    TripProblem,
};

/// After so many iterations without a better plan the search returns to the best one.
const PATIENCE: u32 = 150;
/// How much value, as a share, an accepted plan may lack against the best one.
const TOLERANCE: f64 = 0.02;
/// The most visits that one iteration removes; more would cost time without finding more.
const MAXIMUM_REMOVED: usize = 30;
/// So many visits may be removed even when they are more than a third of the plan.
const FEW: usize = 5;
/// Values that differ by less are equal; sums of decimal values differ in their last digits.
const VALUE_PRECISION: f64 = 1e-6;
/// One in so many places is overlooked at random during the search, so that it does not always take the
/// nearest one (Christiaens & Vanden Berghe 2020, Transportation Science 54(2)).
const BLINK: usize = 20;

/// Plans a trip.
///
/// A greedy plan is made first. Then `keep_going` is called before every iteration of the search, and the
/// search ends when it returns false: there is no other limit, unless no candidate can be visited at all.
/// Finishing touches and the reasons for left-out candidates follow, so a call takes a little longer than
/// its iterations. The same problem with the same number of iterations gives the same plan.
///
/// # Errors
/// A [`TripError`] when the problem is not valid, see [`TripProblem::check`].
pub fn solve(
    problem: &TripProblem,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) -> Result<Plan, TripError> {
    problem.check()?;
    let model = Model::new(problem);
    let mut best = State::new(&model);
    best.repair(&model, &best.plain_weights(&model), None);
    best.polish(&model);
    if !model.visits.is_empty() {
        search(&model, problem.seed, &mut best, keep_going);
        best.repair(&model, &best.plain_weights(&model), None);
        best.polish(&model);
    }
    Ok(describe(problem, &model, &best))
}

/// SplitMix64.
pub(super) struct Random(pub(super) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`; 0 when the bound is 0. The bias is far below what a search could notice.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        (self.next() % (bound.max(1) as u64)) as usize
    }

    /// A number from 0 inclusive to 1 exclusive.
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// What makes one plan better than another.
#[derive(Clone, Copy, Debug)]
struct Score {
    required: usize,
    value: f64,
    travel: i32,
}

impl Score {
    fn compare(&self, other: &Self) -> Ordering {
        let value = if (self.value - other.value).abs() < VALUE_PRECISION {
            Ordering::Equal
        } else {
            self.value.total_cmp(&other.value)
        };
        self.required
            .cmp(&other.required)
            .then(value)
            .then(other.travel.cmp(&self.travel))
    }
}

/// The cheapest place for a visit in one route.
#[derive(Clone, Copy)]
struct Insertion {
    cost: i32,
    day: usize,
    position: usize,
}

#[derive(Clone)]
struct State {
    routes: Vec<Route>,
    placed: Vec<bool>,
}

impl State {
    fn new(model: &Model) -> Self {
        Self {
            routes: vec![Route::new(model); model.teams],
            placed: vec![false; model.visits.len()],
        }
    }

    fn score(&self, model: &Model) -> Score {
        let mut score = Score {
            required: 0,
            value: 0.0,
            travel: self.routes.iter().map(|route| route.travel).sum(),
        };
        for (visit, _) in model
            .visits
            .iter()
            .zip(&self.placed)
            .filter(|(_, placed)| **placed)
        {
            score.value += visit.value;
            score.required += usize::from(visit.required);
        }
        score
    }

    fn unplaced(&self) -> Vec<usize> {
        (0..self.placed.len())
            .filter(|&visit| !self.placed[visit])
            .collect()
    }

    fn plain_weights(&self, model: &Model) -> Vec<f64> {
        model.visits.iter().map(|visit| visit.value).collect()
    }

    fn insert(&mut self, model: &Model, team: usize, visit: usize, insertion: Insertion) {
        self.routes[team].days[insertion.day].insert(insertion.position, visit);
        self.routes[team].refresh(model);
        self.placed[visit] = true;
    }

    fn remove(&mut self, visit: usize) {
        for day in self.routes.iter_mut().flat_map(|route| &mut route.days) {
            day.retain(|&other| other != visit);
        }
        self.placed[visit] = false;
    }

    /// Inserts visits one after the other until no more fits: required ones first, among them those with a
    /// fixed time, then by weight per added minute.
    ///
    /// Without random numbers nothing that fits is left out.
    fn repair(&mut self, model: &Model, weights: &[f64], mut random: Option<&mut Random>) {
        let mut open = self.unplaced();
        let mut places: Vec<Vec<Option<Insertion>>> = open
            .iter()
            .map(|&visit| {
                (0..model.teams)
                    .map(|team| {
                        cheapest(
                            model,
                            &self.routes[team],
                            team,
                            visit,
                            random.as_deref_mut(),
                        )
                    })
                    .collect()
            })
            .collect();
        loop {
            let mut chosen: Option<((u8, f64), usize, usize, Insertion)> = None;
            for (index, &visit) in open.iter().enumerate() {
                let own = places[index]
                    .iter()
                    .enumerate()
                    .filter_map(|(team, place)| place.map(|place| (team, place)))
                    .min_by_key(|(team, place)| (place.cost, *team));
                let Some((team, place)) = own else {
                    continue;
                };
                let rank = match &model.visits[visit] {
                    visit if visit.required && visit.pinned => 2,
                    visit if visit.required => 1,
                    _ => 0,
                };
                // Visits without value still go in where they cost least.
                let urgency = (rank, (weights[visit] + 1e-9) / f64::from(place.cost));
                let is_better = chosen.as_ref().is_none_or(|(other, ..)| {
                    urgency.0.cmp(&other.0).then(urgency.1.total_cmp(&other.1)) == Ordering::Greater
                });
                if is_better {
                    chosen = Some((urgency, index, team, place));
                }
            }
            let Some((_, index, team, place)) = chosen else {
                return;
            };
            let visit = open.swap_remove(index);
            places.swap_remove(index);
            self.insert(model, team, visit, place);
            for (&other, own) in open.iter().zip(&mut places) {
                own[team] = cheapest(
                    model,
                    &self.routes[team],
                    team,
                    other,
                    random.as_deref_mut(),
                );
            }
        }
    }

    /// Exchanges a left-out visit for a placed one of a lower rank, until no such exchange is left.
    fn polish(&mut self, model: &Model) {
        'again: loop {
            for visit in self.unplaced() {
                for team in 0..model.teams {
                    let stops: Vec<usize> = self.routes[team].visits().collect();
                    for stop in stops {
                        if outranks(model, visit, stop) && self.exchange(model, team, stop, visit) {
                            self.repair(model, &self.plain_weights(model), None);
                            continue 'again;
                        }
                    }
                }
            }
            return;
        }
    }

    fn exchange(&mut self, model: &Model, team: usize, stop: usize, visit: usize) -> bool {
        let Some((without, insertion)) = displacement(model, &self.routes[team], team, stop, visit)
        else {
            return false;
        };
        self.routes[team] = without;
        self.placed[stop] = false;
        self.insert(model, team, visit, insertion);
        true
    }
}

/// Whether one visit should displace another.
fn outranks(model: &Model, visit: usize, stop: usize) -> bool {
    let (visit, stop) = (&model.visits[visit], &model.visits[stop]);
    match visit.required.cmp(&stop.required) {
        Ordering::Greater => true,
        Ordering::Less => false,
        Ordering::Equal => visit.value > stop.value + VALUE_PRECISION,
    }
}

/// The route without `stop`, and the cheapest place for `visit` in it.
fn displacement(
    model: &Model,
    route: &Route,
    team: usize,
    stop: usize,
    visit: usize,
) -> Option<(Route, Insertion)> {
    if model.visits[visit]
        .fixed_team
        .is_some_and(|fixed| fixed != team)
    {
        return None;
    }
    let mut without = route.clone();
    for day in &mut without.days {
        day.retain(|&other| other != stop);
    }
    if !without.refresh(model) {
        return None;
    }
    let insertion = cheapest(model, &without, team, visit, None)?;
    Some((without, insertion))
}

/// The cheapest place that keeps all rules.
fn cheapest(
    model: &Model,
    route: &Route,
    team: usize,
    visit: usize,
    mut random: Option<&mut Random>,
) -> Option<Insertion> {
    if model.visits[visit]
        .fixed_team
        .is_some_and(|fixed| fixed != team)
    {
        return None;
    }
    let mut best: Option<Insertion> = None;
    for day in (0..model.days).filter(|&day| model.is_open(visit, day)) {
        for position in 0..=route.days[day].len() {
            let cost = route.cost(model, visit, day, position);
            if best.is_some_and(|best| best.cost <= cost) {
                continue;
            }
            if random
                .as_deref_mut()
                .is_some_and(|random| random.below(BLINK) == 0)
            {
                continue;
            }
            if route.lateness(model, visit, day, position, 0).is_some() {
                best = Some(Insertion {
                    cost,
                    day,
                    position,
                });
            }
        }
    }
    best
}

fn search(
    model: &Model,
    seed: u64,
    best: &mut State,
    keep_going: &mut dyn FnMut(Progress) -> bool,
) {
    let mut random = Random(seed);
    let mut current = best.clone();
    let mut current_score = best.score(model);
    let mut best_score = current_score;
    let mut iterations = 0;
    let mut fruitless = 0;
    while keep_going(Progress {
        iterations,
        value: best_score.value,
    }) {
        iterations += 1;
        let mut trial = current.clone();
        destroy(model, &mut trial, &mut random);
        let exponent = [0.0, 1.0, 1.5, 2.0][random.below(4)];
        let noise = [0.0, 0.5, 2.0][random.below(3)];
        let weights: Vec<f64> = model
            .visits
            .iter()
            .map(|visit| visit.value.powf(exponent) * (0.02 + random.share()).powf(noise))
            .collect();
        trial.repair(model, &weights, Some(&mut random));
        let trial_score = trial.score(model);
        let tolerated = best_score.value * (1.0 - TOLERANCE * random.share());
        let is_tolerable =
            trial_score.required == best_score.required && trial_score.value >= tolerated;
        fruitless += 1;
        if trial_score.compare(&best_score) == Ordering::Greater {
            fruitless = 0;
            best.clone_from(&trial);
            best_score = trial_score;
        }
        if is_tolerable || trial_score.compare(&current_score) != Ordering::Less {
            current = trial;
            current_score = trial_score;
        }
        if fruitless >= PATIENCE {
            fruitless = 0;
            current.clone_from(best);
            current_score = best_score;
        }
    }
}

/// Removes some visits: any, or those of a day, a team, a neighbourhood.
fn destroy(model: &Model, state: &mut State, random: &mut Random) {
    let stops: Vec<usize> = state.routes.iter().flat_map(Route::visits).collect();
    if stops.is_empty() {
        return;
    }
    let most = (stops.len() / 3)
        .max(FEW)
        .min(stops.len())
        .min(MAXIMUM_REMOVED);
    let count = 1 + random.below(most);
    match random.below(8) {
        0..=2 => {
            for _ in 0..count {
                let stop = stops[random.below(stops.len())];
                state.remove(stop);
            }
        }
        3..=5 => {
            let center = Model::node(stops[random.below(stops.len())]);
            let mut near: Vec<(i32, usize)> = stops
                .iter()
                .map(|&stop| {
                    let minutes = model.minutes(center, Model::node(stop));
                    // Some disorder among those at the same distance, all of one city for example.
                    (minutes + random.below(60) as i32, stop)
                })
                .collect();
            near.sort_unstable();
            for (_, stop) in near.into_iter().take(count) {
                state.remove(stop);
            }
        }
        6 => {
            // The same stretch of days in two teams lets them trade cities.
            let first = random.below(model.days);
            let until = (first + 1 + random.below(2)).min(model.days);
            for _ in 0..2 {
                let team = random.below(model.teams);
                for day in first..until {
                    for stop in state.routes[team].days[day].clone() {
                        state.remove(stop);
                    }
                }
            }
        }
        _ => {
            let team = random.below(model.teams);
            let own: Vec<usize> = state.routes[team].visits().collect();
            for stop in own {
                state.remove(stop);
            }
        }
    }
    // A stop on the way can make the evening's journey short enough, so that removing it breaks the route.
    for team in 0..model.teams {
        while !state.routes[team].refresh(model) {
            let Some(last) = state.routes[team].visits().last() else {
                break;
            };
            state.remove(last);
        }
    }
}

fn describe(problem: &TripProblem, model: &Model, state: &State) -> Plan {
    let teams: Vec<TeamPlan> = state
        .routes
        .iter()
        .map(|route| describe_team(problem, model, route))
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
        meeting_minutes += u32::from(stop.end_minute - stop.begin_minute);
    }
    Plan {
        left_out: reasons(problem, model, state),
        total_value: state.score(model).value,
        visited,
        cities: cities.len() as u16,
        travel_minutes: teams.iter().map(|team| team.travel_minutes).sum(),
        meeting_minutes,
        teams,
    }
}

fn describe_team(problem: &TripProblem, model: &Model, route: &Route) -> TeamPlan {
    let mut days: Vec<DayPlan> = problem
        .days
        .iter()
        .map(|day| DayPlan {
            date: day.date,
            legs: Vec::new(),
            stops: Vec::new(),
            hotel_city: None,
        })
        .collect();
    let mut team = TeamPlan {
        days: Vec::new(),
        visits: 0,
        travel_minutes: 0,
    };
    let mut last_event = None;
    let mut last_node = vec![None; days.len()];
    for event in route.events(model) {
        match event {
            Event::Journey {
                day,
                from,
                to,
                minute,
            } => {
                let way = model.way(from, to);
                team.travel_minutes += u32::from(way.minutes);
                days[day].legs.push(Leg {
                    from_city: city(problem, model, from).to_owned(),
                    to_city: city(problem, model, to).to_owned(),
                    from_minute: minute as u16,
                    until_minute: minute as u16 + way.minutes,
                    mode: way.mode,
                    kilometres: way.kilometres,
                });
                last_node[day] = Some(to);
                last_event = Some(day);
            }
            Event::Meeting {
                day,
                visit,
                arrive,
                begin,
                end,
            } => {
                team.visits += 1;
                let candidate = &problem.candidates[model.visits[visit].source];
                days[day].stops.push(Stop {
                    candidate_id: candidate.id,
                    city: city(problem, model, Model::node(visit)).to_owned(),
                    arrive_minute: arrive as u16,
                    begin_minute: begin as u16,
                    end_minute: end as u16,
                });
                last_event = Some(day);
            }
        }
    }
    // Nights from the first journey to the day before the last event are spent in hotels.
    let mut node = None;
    for (day, plan) in days.iter_mut().enumerate() {
        node = last_node[day].or(node);
        if last_event.is_some_and(|last| day < last) {
            plan.hotel_city = node.map(|node| city(problem, model, node).to_owned());
        }
    }
    team.days = days;
    team
}

fn city<'a>(problem: &'a TripProblem, model: &Model, node: usize) -> &'a str {
    match node {
        START => &problem.start.city,
        END => &problem.end.city,
        _ => problem.candidates[model.visits[node - Model::node(0)].source]
            .place
            .as_ref()
            .map_or("", |place| &place.city),
    }
}

fn reasons(problem: &TripProblem, model: &Model, state: &State) -> Vec<LeftOut> {
    let mut visit_of = vec![None; problem.candidates.len()];
    for (index, visit) in model.visits.iter().enumerate() {
        visit_of[visit.source] = Some(index);
    }
    problem
        .candidates
        .iter()
        .zip(visit_of)
        .filter(|(_, visit)| !visit.is_some_and(|visit| state.placed[visit]))
        .map(|(candidate, visit)| LeftOut {
            candidate_id: candidate.id,
            reason: match visit {
                Some(visit) => search_reason(problem, model, state, candidate, visit),
                None => plain_reason(problem, candidate),
            },
        })
        .collect()
}

/// The reason of a candidate that has no slot at all.
fn plain_reason(problem: &TripProblem, candidate: &Candidate) -> LeftOutReason {
    if candidate.place.is_none() {
        return LeftOutReason::NoCoordinates;
    }
    let is_open =
        (0..problem.days.len()).any(|day| !open_slots(problem, candidate, day).is_empty());
    if is_open {
        LeftOutReason::Conflict
    } else {
        LeftOutReason::Closed
    }
}

/// The reason of a candidate that the search could have visited.
fn search_reason(
    problem: &TripProblem,
    model: &Model,
    state: &State,
    candidate: &Candidate,
    visit: usize,
) -> LeftOutReason {
    let node = Model::node(visit);
    let nearest = state
        .routes
        .iter()
        .flat_map(Route::visits)
        .map(Model::node)
        .chain([START, END])
        .min_by_key(|&other| model.minutes(other, node))
        .unwrap_or(START);
    let minutes = model.minutes(nearest, node);
    let is_alone_impossible = (0..model.teams)
        .all(|team| cheapest(model, &Route::new(model), team, visit, None).is_none());
    let too_far = || LeftOutReason::TooFar {
        nearest_city: city(problem, model, nearest).to_owned(),
        minutes: minutes as u16,
    };
    if is_alone_impossible {
        return too_far();
    }
    if contradicts(problem, model, state, candidate, visit) {
        return LeftOutReason::Conflict;
    }
    if minutes > i32::from(problem.settings.far_minutes) {
        return too_far();
    }
    displaced(problem, model, state, visit)
        .or_else(|| shortage(model, state, visit))
        .unwrap_or(LeftOutReason::Conflict)
}

/// Whether a stop of the same fixed team and day cannot go together with the candidate.
fn contradicts(
    problem: &TripProblem,
    model: &Model,
    state: &State,
    candidate: &Candidate,
    visit: usize,
) -> bool {
    let (Some(team), Some(_)) = (candidate.fixed_team, candidate.fixed_day) else {
        return false;
    };
    let team = usize::from(team);
    state.routes[team].visits().any(|stop| {
        let other = &problem.candidates[model.visits[stop].source];
        if (other.fixed_team, other.fixed_day) != (candidate.fixed_team, candidate.fixed_day) {
            return false;
        }
        let mut alone = Route::new(model);
        let Some(insertion) = cheapest(model, &alone, team, stop, None) else {
            return false;
        };
        alone.days[insertion.day].push(stop);
        alone.refresh(model) && cheapest(model, &alone, team, visit, None).is_none()
    })
}

/// The least valuable stop, worth at least as much, in whose place the visit would fit.
fn displaced(
    problem: &TripProblem,
    model: &Model,
    state: &State,
    visit: usize,
) -> Option<LeftOutReason> {
    let own = &model.visits[visit];
    let mut stops: Vec<(usize, usize)> = state
        .routes
        .iter()
        .enumerate()
        .flat_map(|(team, route)| route.visits().map(move |stop| (team, stop)))
        .filter(|&(_, stop)| {
            let other = &model.visits[stop];
            other.value >= own.value && other.required >= own.required
        })
        .collect();
    stops.sort_by(|(_, one), (_, other)| {
        let (one, other) = (&model.visits[*one], &model.visits[*other]);
        one.value
            .total_cmp(&other.value)
            .then(one.source.cmp(&other.source))
    });
    stops
        .into_iter()
        .find(|&(team, stop)| displacement(model, &state.routes[team], team, stop, visit).is_some())
        .map(|(_, stop)| LeftOutReason::LowerValue {
            displaced_by: problem.candidates[model.visits[stop].source].id,
            value: model.visits[stop].value,
        })
}

/// The place where the visit misses the fewest minutes.
fn shortage(model: &Model, state: &State, visit: usize) -> Option<LeftOutReason> {
    let own = &model.visits[visit];
    let mut best: Option<(i32, usize, usize)> = None;
    for (team, route) in state.routes.iter().enumerate() {
        if own.fixed_team.is_some_and(|fixed| fixed != team) {
            continue;
        }
        for day in (0..model.days).filter(|&day| model.is_open(visit, day)) {
            for position in 0..=route.days[day].len() {
                let limit = best.map_or(i32::MAX, |best| best.0 - 1);
                if let Some(late) = route.lateness(model, visit, day, position, limit) {
                    best = Some((late, team, day));
                }
            }
        }
    }
    best.map(|(late, team, day)| LeftOutReason::NoTime {
        team: team as u8,
        day: day as u8,
        short_minutes: late.clamp(0, i32::from(u16::MAX)) as u16,
    })
}
