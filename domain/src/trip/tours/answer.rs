//! From a problem to an answer: the search, its times, and why the other places are left out.

use serde::{Deserialize, Serialize, Serializer};

use super::model::Model;
use super::{ToursError, ToursPlace, ToursProblem};
use crate::trip::search::{Plan, State, Tour, search};

/// How many visits are tried, the least valuable first, when the one is looked for that keeps a place out.
const DISPLACED_TRIES: usize = 100;

/// A plan for all tours. Every place is either one stop or one entry of `left_out`. Times and travel are of the
/// problem's unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToursAnswer {
    /// Sum of the values of all stops.
    #[serde(serialize_with = "number")]
    pub profit: f64,
    /// Number of stops.
    pub visited: usize,
    /// Sum over all tours.
    #[serde(serialize_with = "number")]
    pub travel: f64,
    /// Iterations of the search.
    pub iterations: u64,
    pub seed: u64,
    /// All days of the first team, then those of the next.
    pub tours: Vec<TourPlan>,
    /// In the order of the places.
    pub left_out: Vec<LeftOutPlace>,
}

/// A team's day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TourPlan {
    /// Zero-based.
    pub team: usize,
    /// Zero-based.
    pub day: usize,
    /// 0 to 6, when the problem says on which weekday it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weekday: Option<u8>,
    /// When the team leaves the start.
    #[serde(serialize_with = "number")]
    pub leave: f64,
    /// In order of time.
    pub stops: Vec<TourStop>,
    /// When the team is at the end.
    #[serde(rename = "return", serialize_with = "number")]
    pub returns: f64,
    /// Sum of the values of the stops.
    #[serde(serialize_with = "number")]
    pub profit: f64,
    /// Travel from the start over all stops to the end.
    #[serde(serialize_with = "number")]
    pub travel: f64,
}

/// One visit. The team waits from `arrive` to `begin`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TourStop {
    pub id: i64,
    #[serde(serialize_with = "number")]
    pub arrive: f64,
    #[serde(serialize_with = "number")]
    pub begin: f64,
    #[serde(serialize_with = "number")]
    pub end: f64,
    #[serde(serialize_with = "number")]
    pub value: f64,
}

/// A place that is not in the plan, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOutPlace {
    pub id: i64,
    pub reason: LeftOutReason,
}

/// Why a place is not in the plan. It cannot be put anywhere into the plan as it stands, without reordering or
/// removing other visits. Teams and days are zero-based.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum LeftOutReason {
    /// No window of any day is between the opening and the closing of the tours.
    Closed,
    /// No window, as far as it is between the opening and the closing of the tours, is as long as the visit.
    WindowTooShort {
        #[serde(serialize_with = "number")]
        longest: f64,
    },
    /// Nobody gets there in time, or back in time, even with this as the only visit.
    TooFar,
    /// At the best position, which is on this tour, the visit or a later one would be so much too late.
    NoTime {
        team: usize,
        day: usize,
        #[serde(serialize_with = "number")]
        short_by: f64,
    },
    /// It would fit in place of another visit, but that one is worth at least as much. The least valuable such visit
    /// is named.
    LowerValue {
        displaced_by: i64,
        #[serde(serialize_with = "number")]
        value: f64,
    },
    /// A visit that must come before it is not in the plan, or ends too late.
    Order { after: i64 },
    /// Its host is visited on this tour, where it does not fit.
    Host { team: usize, day: usize },
    /// Its fixed team, day or begin contradict its windows or the tour, or its order or its host those of the other
    /// visits.
    Conflict,
}

/// Whole numbers are written without a decimal point.
fn number<S: Serializer>(number: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if number.fract() == 0.0 && number.abs() < 9e15 {
        serializer.serialize_i64(*number as i64)
    } else {
        serializer.serialize_f64(*number)
    }
}

/// A sum of values without the dust of binary fractions.
fn clean(sum: f64) -> f64 {
    let cleaned = (sum * 1e6).round() / 1e6;
    // Values that small are not dust.
    if sum.abs() < 1.0 { sum } else { cleaned }
}

impl ToursProblem {
    /// Checks everything that can be said before the search.
    ///
    /// # Errors
    /// The first [`ToursError`] found.
    pub fn check(&self) -> Result<(), ToursError> {
        Model::new(self).map(|_| ())
    }

    /// Plans all tours.
    ///
    /// A greedy plan is made first. Then `keep_going` is called before every iteration of the search, with the number
    /// of iterations finished, the value of the best plan and whether it is new since the last call. The search ends
    /// when that returns false: there is no other limit, unless there is nothing to choose. The reasons for left-out
    /// places follow. The same problem with the same number of iterations gives the same answer.
    ///
    /// # Errors
    /// A [`ToursError`] when the problem is not valid.
    pub fn solve(
        &self,
        keep_going: &mut dyn FnMut(u64, f64, bool) -> bool,
    ) -> Result<ToursAnswer, ToursError> {
        let model = Model::new(self)?;
        let has_choice = (0..model.sources.len())
            .filter_map(|location| model.place(location))
            .any(|place| !place.is_locked());
        let mut iterations = 0;
        let plan = search(&model.instance, self.seed, &mut |progress| {
            iterations = progress.iterations;
            let value = progress.best.score.profit as f64 / model.profit;
            has_choice && keep_going(progress.iterations, value, progress.improved)
        });
        Ok(describe(&model, &plan, iterations))
    }
}

fn describe(model: &Model, plan: &Plan, iterations: u64) -> ToursAnswer {
    let tours: Vec<TourPlan> = (0..plan.routes.len())
        .map(|tour| tour_plan(model, plan, tour))
        .collect();
    let stops = tours.iter().flat_map(|tour| &tour.stops);
    let (mut profit, mut visited) = (0.0, 0);
    for stop in stops {
        profit += stop.value;
        visited += 1;
    }
    let routes: Vec<Vec<usize>> = plan
        .routes
        .iter()
        .map(|route| route.iter().map(|stop| stop.location).collect())
        .collect();
    let state = State::of(&model.instance, &routes);
    ToursAnswer {
        profit: clean(profit),
        visited,
        travel: model.units.number(plan.score.travel),
        iterations,
        seed: model.problem.seed,
        tours,
        left_out: left_out(model, &state),
    }
}

fn tour_plan(model: &Model, plan: &Plan, tour: usize) -> TourPlan {
    let (team, day) = model.team_and_day(tour);
    let morning = model.morning(tour);
    let route = plan.routes.get(tour).map(Vec::as_slice).unwrap_or_default();
    let locations: Vec<usize> = route.iter().map(|stop| stop.location).collect();
    let ways = model.ways(&locations);
    let mut ready = morning;
    let mut stops = Vec::with_capacity(route.len());
    for stop in route {
        let Some(place) = model.place(stop.location) else {
            continue;
        };
        ready = stop.begin + model.service(place);
        stops.push(TourStop {
            id: place.id,
            arrive: model.units.time(stop.arrival, morning),
            begin: model.units.time(stop.begin, morning),
            end: model.units.time(ready, morning),
            value: place.value,
        });
    }
    let back = ways.last().copied().unwrap_or_default();
    let weekday = |first: u8| ((usize::from(first) + day) % 7) as u8;
    TourPlan {
        team,
        day,
        weekday: model.problem.first_weekday.map(weekday),
        leave: model.units.time(morning, morning),
        returns: model.units.time(ready + back, morning),
        profit: clean(stops.iter().map(|stop| stop.value).sum()),
        travel: model
            .units
            .number(ways.iter().copied().map(i64::from).sum()),
        stops,
    }
}

/// The places that are not in the state, in their order.
fn left_out(model: &Model, state: &State) -> Vec<LeftOutPlace> {
    let mut location_of = vec![None; model.problem.places.len()];
    for (location, &source) in model.sources.iter().enumerate() {
        if let Some(slot) = location_of.get_mut(source) {
            *slot = Some(location);
        }
    }
    model
        .problem
        .places
        .iter()
        .zip(location_of)
        .filter(|(_, location)| !location.is_some_and(|location| state.is_visited(location)))
        .map(|(place, location)| LeftOutPlace {
            id: place.id,
            reason: match location {
                Some(location) => searched(model, state, place, location),
                None => plain(model, place),
            },
        })
        .collect()
}

/// The reason of a place that was no part of the search.
fn plain(model: &Model, place: &ToursPlace) -> LeftOutReason {
    if model.is_closed(place) {
        return match model.longest_span(place) {
            Some(longest) => LeftOutReason::WindowTooShort {
                longest: model.units.number(i64::from(longest)),
            },
            None => LeftOutReason::Closed,
        };
    }
    if !model.has_window(place) {
        return LeftOutReason::Conflict;
    }
    let known: Vec<i64> = (0..model.sources.len())
        .filter_map(|location| Some(model.place(location)?.id))
        .collect();
    match place.after.iter().find(|id| !known.contains(id)) {
        Some(&after) => LeftOutReason::Order { after },
        None => LeftOutReason::Conflict,
    }
}

/// The reason of a place that the search could have visited.
fn searched(model: &Model, state: &State, place: &ToursPlace, location: usize) -> LeftOutReason {
    let instance = &model.instance;
    let is_alone_possible = (0..model.tours())
        .any(|tour| Tour::empty(instance, tour).has_place(instance, tour, location));
    if !is_alone_possible {
        return if place.is_fixed() && model.is_free_possible(location) {
            LeftOutReason::Conflict
        } else {
            LeftOutReason::TooFar
        };
    }
    bound(model, state, place, location)
        .or_else(|| displaced(model, state, place, location))
        .or_else(|| no_time(model, state, location))
        .unwrap_or(LeftOutReason::Conflict)
}

/// The order or the host that keeps a place out.
fn bound(
    model: &Model,
    state: &State,
    place: &ToursPlace,
    location: usize,
) -> Option<LeftOutReason> {
    if let Some(&after) = place
        .after
        .iter()
        .find(|id| when(model, state, **id).is_none())
    {
        return Some(LeftOutReason::Order { after });
    }
    let partner = state.stops().find(|&stop| {
        let other = model.place(stop);
        place.host.is_some() && other.is_some_and(|other| other.host == place.host)
    });
    if let Some((tour, _)) = partner.and_then(|partner| state.when(partner)) {
        let (team, day) = model.team_and_day(tour);
        return Some(LeftOutReason::Host { team, day });
    }
    // When there is no time for it at all, the order is not to blame.
    if !state.has_time(&model.instance, location) {
        return None;
    }
    let last = place
        .after
        .iter()
        .filter_map(|&id| Some((when(model, state, id)?, id)))
        .max()?;
    Some(LeftOutReason::Order { after: last.1 })
}

/// When the visit of the place with an id begins.
fn when(model: &Model, state: &State, id: i64) -> Option<i32> {
    let mut stops = state.stops();
    let stop = stops.find(|&stop| model.place(stop).is_some_and(|place| place.id == id))?;
    state.when(stop).map(|(_, begin)| begin)
}

/// The least valuable stop, worth at least as much, in whose place the visit would fit.
fn displaced(
    model: &Model,
    state: &State,
    place: &ToursPlace,
    location: usize,
) -> Option<LeftOutReason> {
    let mut stops: Vec<(&ToursPlace, usize)> = state
        .stops()
        .filter_map(|stop| Some((model.place(stop)?, stop)))
        .filter(|(other, _)| {
            !other.is_locked() && other.value >= place.value && other.required >= place.required
        })
        .collect();
    stops.sort_by(|(one, first), (other, second)| {
        one.value.total_cmp(&other.value).then(first.cmp(second))
    });
    let (other, _) = stops
        .into_iter()
        .take(DISPLACED_TRIES)
        .find(|(_, stop)| state.fits_without(&model.instance, *stop, location))?;
    Some(LeftOutReason::LowerValue {
        displaced_by: other.id,
        value: other.value,
    })
}

/// The position where the visit misses the least time.
fn no_time(model: &Model, state: &State, location: usize) -> Option<LeftOutReason> {
    let (short, tour, _) = state.shortage(&model.instance, location)?;
    let (team, day) = model.team_and_day(tour);
    // Where there is time, the order or the host of another visit forbids it.
    (short > 0).then(|| LeftOutReason::NoTime {
        team,
        day,
        short_by: model.units.number(i64::from(short)),
    })
}
