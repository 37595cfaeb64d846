//! The team orienteering problem with time windows (TOPTW), by itself: no dates, no hotels, no meals.
//!
//! Locations with a profit and a service time are shared out among routes, each from its start to its end and
//! between its opening and its closing; a route is one team on one day, so a location may have other windows on
//! each route. The best plan visits most required locations, then has most profit, then least travel.
//!
//! Whether a visit can be inserted is decided exactly and without walking the route, by the latest minute at which
//! each stop may begin: that is Vansteenwegen's begin plus MaxShift (Vansteenwegen et al. 2009, Computers & Operations
//! Research 36(12)), which also holds for several windows. The search ruins and recreates (Pisinger & Ropke 2007,
//! Computers & Operations Research 34(8)) with simulated annealing, and improves promising plans by moves.
//!
//! Times are whole numbers of any unit that an instance keeps to, such as minutes of the day.

mod moves;
mod ruin;
mod state;
#[cfg(test)]
mod tests;

use std::fmt;

use super::solver::Random;
use ruin::Adaptive;
use state::State;

/// The largest time of an instance; sums of a few times stay far below the end of `i32`.
pub const MAXIMUM_TIME: i32 = 100_000_000;
/// The largest profit of one location.
pub const MAXIMUM_PROFIT: i64 = 1_000_000_000_000;

/// When a visit may begin, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Window {
    pub earliest: i32,
    pub latest: i32,
}

impl Window {
    /// The window of a visit that must also end by the closing; `None` when the visit takes longer than that.
    #[must_use]
    pub fn within(opening: i32, closing: i32, service: i32) -> Option<Self> {
        let latest = closing.checked_sub(service)?;
        (opening <= latest).then_some(Self {
            earliest: opening,
            latest,
        })
    }
}

/// A location that may be visited once. Its place in the travel matrix is its place in the instance's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    /// Length of the visit.
    pub service: i32,
    pub profit: i64,
    /// Whether it goes before all locations that are not required, whatever their profit.
    pub required: bool,
    /// For each route: when the visit may begin, in any order. None: not on this route.
    pub windows: Vec<Vec<Window>>,
}

/// A route to be filled: a team's day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Place in the travel matrix.
    pub start: usize,
    /// Place in the travel matrix.
    pub end: usize,
    /// The route leaves its start not before.
    pub open: i32,
    /// The route reaches its end not after.
    pub close: i32,
}

/// Why an instance cannot be searched. All numbers are zero-based.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InstanceError {
    /// The matrix is not square, or has fewer places than there are locations.
    TravelSize,
    /// A travel time is negative or above [`MAXIMUM_TIME`].
    TravelTime { from: usize, to: usize },
    /// Service, profit or a window is out of range, or the windows are not one list for each route.
    Location { location: usize },
    /// A place or time is out of range.
    Route { route: usize },
    /// The route's end cannot be reached from its start in time, even without a visit.
    RouteTooShort { route: usize },
}

impl fmt::Display for InstanceError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TravelSize => write!(formatter, "the travel matrix has the wrong size"),
            Self::TravelTime { from, to } => {
                write!(formatter, "the way from {from} to {to} is out of range")
            }
            Self::Location { location } => write!(formatter, "location {location} is not valid"),
            Self::Route { route } => write!(formatter, "route {route} is not valid"),
            Self::RouteTooShort { route } => {
                write!(formatter, "route {route} is too short to reach its end")
            }
        }
    }
}

impl std::error::Error for InstanceError {}

/// A checked problem: every index in it is in range, and no sum of its times overflows.
#[derive(Clone, Debug)]
pub struct Instance {
    locations: Vec<Location>,
    routes: Vec<Route>,
    places: usize,
    travel: Vec<i32>,
}

impl Instance {
    /// `travel` has one row for each place, the locations first, then any places where routes start and end.
    ///
    /// # Errors
    /// The first [`InstanceError`] found.
    pub fn new(
        locations: Vec<Location>,
        travel: &[Vec<i32>],
        routes: Vec<Route>,
    ) -> Result<Self, InstanceError> {
        let places = travel.len();
        if locations.len() > places || travel.iter().any(|row| row.len() != places) {
            return Err(InstanceError::TravelSize);
        }
        let time = 0..=MAXIMUM_TIME;
        for (from, row) in travel.iter().enumerate() {
            if let Some(to) = row.iter().position(|minutes| !time.contains(minutes)) {
                return Err(InstanceError::TravelTime { from, to });
            }
        }
        let mut locations = locations;
        for (index, location) in locations.iter_mut().enumerate() {
            let valid = time.contains(&location.service)
                && (0..=MAXIMUM_PROFIT).contains(&location.profit)
                && location.windows.len() == routes.len()
                && location.windows.iter().flatten().all(|window| {
                    time.contains(&window.earliest)
                        && time.contains(&window.latest)
                        && window.earliest <= window.latest
                });
            if !valid {
                return Err(InstanceError::Location { location: index });
            }
            location.windows.iter_mut().for_each(merge);
        }
        for (index, route) in routes.iter().enumerate() {
            if route.start >= places
                || route.end >= places
                || !time.contains(&route.open)
                || !time.contains(&route.close)
            {
                return Err(InstanceError::Route { route: index });
            }
            if route.open + travel[route.start][route.end] > route.close {
                return Err(InstanceError::RouteTooShort { route: index });
            }
        }
        Ok(Self {
            locations,
            routes,
            places,
            travel: travel.concat(),
        })
    }

    /// How many locations there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.locations.len()
    }

    fn way(&self, from: usize, to: usize) -> i32 {
        self.travel[from * self.places + to]
    }

    fn windows(&self, location: usize, route: usize) -> &[Window] {
        &self.locations[location].windows[route]
    }

    /// When a visit begins for somebody who is there at `arrival`; `None` when that is too late.
    fn begin(&self, location: usize, route: usize, arrival: i32) -> Option<i32> {
        self.windows(location, route)
            .iter()
            .find(|window| arrival <= window.latest)
            .map(|window| arrival.max(window.earliest))
    }

    /// The latest begin of a visit that is not after `bound`.
    fn latest(&self, location: usize, route: usize, bound: i32) -> Option<i32> {
        self.windows(location, route)
            .iter()
            .rev()
            .find(|window| window.earliest <= bound)
            .map(|window| bound.min(window.latest))
    }
}

/// Sorts windows and joins those that overlap.
fn merge(windows: &mut Vec<Window>) {
    windows.sort_unstable();
    windows.dedup_by(|next, kept| {
        let joins = next.earliest <= kept.latest;
        if joins {
            kept.latest = kept.latest.max(next.latest);
        }
        joins
    });
}

/// A visit of a plan. Between arrival and begin is waiting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stop {
    pub location: usize,
    pub arrival: i32,
    pub begin: i32,
}

/// What makes one plan better than another: the first field that differs decides, and less travel is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Required locations visited.
    pub required: usize,
    pub profit: i64,
    pub travel: i64,
}

impl Ord for Score {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.required, self.profit, other.travel).cmp(&(other.required, other.profit, self.travel))
    }
}

impl PartialOrd for Score {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

/// One list of stops for each route. Every visit begins as early as it can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    pub routes: Vec<Vec<Stop>>,
    pub score: Score,
}

/// What the search tells before each iteration.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Iterations finished.
    pub iterations: u64,
    /// Whether `best` is new since the last call.
    pub improved: bool,
    pub best: &'a Plan,
}

/// Iterations of the first annealing; each following one is longer, so that an answer comes early and gets better.
const FIRST_CYCLE: u64 = 3_000;
/// How much longer each annealing is than the one before.
const CYCLE_GROWTH: f64 = 1.5;
/// Iterations of the longest annealing.
const LONGEST_CYCLE: u64 = 60_000;
/// Temperatures at the beginning and the end of an annealing, in mean profits of a location. As measured by
/// `benches/trip_search.rs`: a colder beginning, 0.25 to 1, finds less.
const HOT: f64 = 2.0;
const COLD: f64 = 0.02;
/// Plans whose profit lacks at most this share against the current one are improved by moves.
const PROMISING: f64 = 0.02;
/// One annealing in so many starts from nothing, the others from the best plan.
const FRESH: usize = 3;

/// Searches until `keep_going` says no; it is called before each iteration and may look at a clock, a flag or the
/// number of iterations. The search itself knows no time: the same instance, seed and number of iterations give the
/// same plan.
pub fn search(
    instance: &Instance,
    seed: u64,
    keep_going: &mut dyn FnMut(Progress<'_>) -> bool,
) -> Plan {
    let mut random = Random(seed);
    let mut adaptive = Adaptive::new();
    let mut current = State::new(instance);
    current.fill(instance);
    current.improve(instance, &mut random);
    let mut best = current.clone();
    let mut plan = best.plan(instance);
    let mut trial = current.clone();
    let mean = instance
        .locations
        .iter()
        .map(|location| location.profit as f64)
        .sum::<f64>()
        / instance.size().max(1) as f64;
    let (mut cycle, mut step) = (FIRST_CYCLE, 0);
    let mut improved = true;
    let mut iterations = 0;
    while keep_going(Progress {
        iterations,
        improved,
        best: &plan,
    }) {
        iterations += 1;
        if step >= cycle {
            cycle = ((cycle as f64 * CYCLE_GROWTH) as u64).min(LONGEST_CYCLE);
            step = 0;
            if random.below(FRESH) == 0 {
                current = State::new(instance);
                current.fill(instance);
            } else {
                current.clone_from(&best);
            }
        }
        let share = step as f64 / cycle as f64;
        let temperature = mean * HOT * (COLD / HOT).powf(share);
        step += 1;
        trial.clone_from(&current);
        let operator = adaptive.choose(&mut random);
        trial.ruin(instance, operator, &mut random);
        trial.recreate(instance, &mut random);
        let before = current.score();
        let mut score = trial.score();
        let lacking = (before.profit - score.profit) as f64;
        if score.required >= before.required && lacking <= before.profit as f64 * PROMISING {
            trial.improve(instance, &mut random);
            score = trial.score();
        }
        let lacking = (before.profit - score.profit) as f64;
        let accepted = score >= before
            || score.required == before.required
                && random.share() < (-lacking / temperature.max(f64::MIN_POSITIVE)).exp();
        improved = score > best.score();
        adaptive.reward(operator, improved, score > before, accepted);
        if improved {
            best.clone_from(&trial);
            plan = best.plan(instance);
        }
        if accepted {
            std::mem::swap(&mut current, &mut trial);
        }
    }
    plan
}
