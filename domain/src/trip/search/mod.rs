//! The team orienteering problem with time windows (TOPTW), by itself: no dates, no cities, no meals.
//!
//! Locations with a profit and a service time are shared out among routes, each from its start to its end and
//! between its opening and its closing; a location may have other windows on each route. A route is one team on one
//! day, or on several days with [`Nights`] between: then all times count from the beginning of the first day, and
//! nobody travels by night. The best plan visits most required locations, then has most profit, then least travel.
//!
//! Whether a visit can be inserted is decided exactly and without walking the route, by the latest minute at which
//! each stop may begin: that is Vansteenwegen's begin plus MaxShift (Vansteenwegen et al. 2009, Computers & Operations
//! Research 36(12)), which also holds for several windows, and for travel that waits for the morning: who leaves later
//! never arrives earlier. Orders and hosts bind locations of several routes; they are checked by themselves, after
//! each change, and only where there are any. The search ruins and recreates (Pisinger & Ropke 2007,
//! Computers & Operations Research 34(8)) with simulated annealing, and improves promising plans by moves.
//!
//! Times are whole numbers of any unit that an instance keeps to, such as minutes of the day.

mod moves;
mod ruin;
mod state;
#[cfg(test)]
mod tests;

use std::{collections::HashMap, fmt};

use super::random::Random;
use ruin::Adaptive;
pub(super) use state::{State, Tour};

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
    /// Part of every plan, at the earliest of its windows; there must be one on one route only.
    pub locked: bool,
    /// For each route: when the visit may begin, in any order. None: not on this route.
    pub windows: Vec<Vec<Window>>,
    /// Locations whose visits must have ended before, on whichever route. Does not bind a locked location.
    pub after: Vec<usize>,
    /// Locations of the same host are on one route and one day, if at all. Does not bind a locked location.
    pub host: Option<usize>,
}

/// Days of equal length, and when nobody travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nights {
    /// Length of a day.
    pub day: i32,
    /// No way begins earlier in a day.
    pub earliest: i32,
    /// No way ends later in a day.
    pub latest: i32,
}

/// Travel times of one pair of places for departures in each of so many equal parts of a day.
pub const PARTS: usize = 24;

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
    /// Service, profit or a window is out of range, the windows are not one list for each route, or a locked location
    /// has not exactly one.
    Location { location: usize },
    /// Two locked locations cannot both be visited by their route; the same one twice when it cannot by itself.
    Locked { one: usize, other: usize },
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
            Self::Locked { one, other } => {
                write!(
                    formatter,
                    "locations {one} and {other} cannot both be locked"
                )
            }
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
    nights: Option<Nights>,
    /// Visits begin at multiples of it.
    grid: i32,
    /// By the two places; the matrix has a typical time for those.
    by_part: HashMap<(usize, usize), [i32; PARTS]>,
    /// For each route: times in which nobody travels, in ascending order and apart.
    breaks: Vec<Vec<Break>>,
    /// Whether some location has an order or a host.
    is_bound: bool,
}

/// A time in which a route stands still; visits and waiting are not concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Break {
    pub from: i32,
    pub until: i32,
}

/// Later than everything: no window and no closing is that late.
const NEVER: i32 = 1_000_000_000;

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
        Self::with_calendar(locations, travel, routes, None, 1, HashMap::new())
    }

    /// As [`Instance::new`], for routes of several days with `nights` between, where visits begin at multiples of
    /// `grid` unless their window has one moment only, and where some ways take longer at some times of the day:
    /// `by_part` needs `nights`.
    ///
    /// # Errors
    /// The first [`InstanceError`] found.
    pub fn with_calendar(
        locations: Vec<Location>,
        travel: &[Vec<i32>],
        routes: Vec<Route>,
        nights: Option<Nights>,
        grid: i32,
        by_part: HashMap<(usize, usize), [i32; PARTS]>,
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
        let count = locations.len();
        for (index, location) in locations.iter_mut().enumerate() {
            let valid = time.contains(&location.service)
                && (0..=MAXIMUM_PROFIT).contains(&location.profit)
                && location.windows.len() == routes.len()
                && location.windows.iter().flatten().all(|window| {
                    time.contains(&window.earliest)
                        && time.contains(&window.latest)
                        && window.earliest <= window.latest
                })
                && (!location.locked || location.windows.iter().flatten().count() == 1)
                && location.after.iter().all(|&other| other < count);
            if !valid {
                return Err(InstanceError::Location { location: index });
            }
            for windows in &mut location.windows {
                on_grid(windows, grid);
                merge(windows);
            }
        }
        let is_bound = locations
            .iter()
            .any(|location| !location.after.is_empty() || location.host.is_some());
        let breaks = vec![Vec::new(); routes.len()];
        let own = Self {
            locations,
            routes,
            breaks,
            places,
            travel: travel.concat(),
            nights,
            grid,
            by_part,
            is_bound,
        };
        own.check_routes()?;
        own.check_locked()?;
        Ok(own)
    }

    /// The same with times in which a route stands still: one list for each route, in ascending order and apart.
    ///
    /// # Errors
    /// An [`InstanceError`] when a route's end or its locked locations are out of reach now.
    pub fn with_breaks(mut self, breaks: Vec<Vec<Break>>) -> Result<Self, InstanceError> {
        self.breaks = breaks;
        self.breaks.resize(self.routes.len(), Vec::new());
        self.check_routes()?;
        self.check_locked()?;
        Ok(self)
    }

    /// The same with a shorter visit, until the same closing.
    pub(super) fn shortened(&self, location: usize, service: i32) -> Self {
        let mut shorter = self.clone();
        let own = &mut shorter.locations[location];
        let more = own.service - service;
        own.service = service;
        for windows in &mut own.windows {
            for window in windows.iter_mut() {
                window.latest += more;
            }
            on_grid(windows, self.grid);
        }
        shorter
    }

    fn check_routes(&self) -> Result<(), InstanceError> {
        let time = 0..=MAXIMUM_TIME;
        for (index, route) in self.routes.iter().enumerate() {
            if route.start >= self.places
                || route.end >= self.places
                || !time.contains(&route.open)
                || !time.contains(&route.close)
            {
                return Err(InstanceError::Route { route: index });
            }
            if self.arrive(index, route.start, route.end, route.open) > route.close {
                return Err(InstanceError::RouteTooShort { route: index });
            }
        }
        Ok(())
    }

    /// Every route can keep its locked locations, when it has no others.
    fn check_locked(&self) -> Result<(), InstanceError> {
        for (route, own) in self.routes.iter().enumerate() {
            let (mut place, mut ready, mut previous) = (own.start, own.open, None);
            for location in self.locked(route) {
                let fault = InstanceError::Locked {
                    one: previous.unwrap_or(location),
                    other: location,
                };
                let arrival = self.arrive(route, place, location, ready);
                let begin = self.begin(location, route, arrival).ok_or(fault)?;
                ready = begin + self.locations[location].service;
                (place, previous) = (location, Some(location));
            }
            if self.arrive(route, place, own.end, ready) > own.close {
                let one = previous.unwrap_or_default();
                return Err(InstanceError::Locked { one, other: one });
            }
        }
        Ok(())
    }

    /// The locked locations of a route, in order of time.
    fn locked(&self, route: usize) -> Vec<usize> {
        let mut own: Vec<(i32, usize)> = self
            .locations
            .iter()
            .enumerate()
            .filter(|(_, location)| location.locked)
            .filter_map(|(index, location)| {
                Some((location.windows[route].first()?.earliest, index))
            })
            .collect();
        own.sort_unstable();
        own.into_iter().map(|(_, location)| location).collect()
    }

    /// How many locations there are.
    #[must_use]
    pub fn size(&self) -> usize {
        self.locations.len()
    }

    /// Travel time; a typical one where it depends on the departure.
    fn way(&self, from: usize, to: usize) -> i32 {
        self.travel[from * self.places + to]
    }

    /// When somebody on a route is there who may leave at `ready` or later; [`NEVER`] when no day is long enough for the
    /// way.
    fn arrive(&self, route: usize, from: usize, to: usize, ready: i32) -> i32 {
        let breaks = &self.breaks[route];
        if breaks.is_empty() || !self.is_way(from, to) {
            return self.arrive_unhindered(from, to, ready);
        }
        // Between two breaks, whoever arrives before the later one has left after the earlier one.
        let mut ready = ready;
        for own in breaks {
            if ready < own.until {
                let arrival = self.arrive_unhindered(from, to, ready);
                if arrival <= own.from {
                    return arrival;
                }
                ready = ready.max(own.until);
            }
        }
        self.arrive_unhindered(from, to, ready)
    }

    /// Whether going there takes any time: who does not move is not hindered.
    fn is_way(&self, from: usize, to: usize) -> bool {
        self.way(from, to) > 0 || self.parts(from, to).is_some()
    }

    fn arrive_unhindered(&self, from: usize, to: usize, ready: i32) -> i32 {
        let way = self.way(from, to);
        let Some(nights) = &self.nights else {
            return ready + way;
        };
        if from == to {
            return ready;
        }
        let (day, minute) = (ready.div_euclid(nights.day), ready.rem_euclid(nights.day));
        let minute = minute.max(nights.earliest);
        if let Some(parts) = self.parts(from, to) {
            let today = nights.first_arrival(parts, minute);
            return match today {
                Some(arrival) => day * nights.day + arrival,
                None => nights
                    .first_arrival(parts, nights.earliest)
                    .map_or(NEVER, |arrival| (day + 1) * nights.day + arrival),
            };
        }
        if minute + way <= nights.latest {
            day * nights.day + minute + way
        } else if nights.earliest + way <= nights.latest {
            (day + 1) * nights.day + nights.earliest + way
        } else {
            NEVER
        }
    }

    /// The latest time at which somebody on a route may be ready to leave who must be there by `bound`; [`NEVER`] before
    /// the beginning of time when the way cannot be gone.
    fn leave(&self, route: usize, from: usize, to: usize, bound: i32) -> i32 {
        let breaks = &self.breaks[route];
        if breaks.is_empty() || !self.is_way(from, to) {
            return self.leave_unhindered(from, to, bound);
        }
        let mut bound = bound;
        for own in breaks.iter().rev() {
            if bound > own.from {
                let departure = self.leave_unhindered(from, to, bound);
                if departure >= own.until {
                    return departure;
                }
                bound = bound.min(own.from);
            }
        }
        self.leave_unhindered(from, to, bound)
    }

    fn leave_unhindered(&self, from: usize, to: usize, bound: i32) -> i32 {
        let way = self.way(from, to);
        let Some(nights) = &self.nights else {
            return bound - way;
        };
        if from == to {
            return bound;
        }
        let (day, minute) = (bound.div_euclid(nights.day), bound.rem_euclid(nights.day));
        if let Some(parts) = self.parts(from, to) {
            let today = nights.last_departure(parts, minute.min(nights.latest));
            return match today {
                Some(departure) => day * nights.day + departure,
                None => nights
                    .last_departure(parts, nights.latest)
                    .map_or(-NEVER, |departure| (day - 1) * nights.day + departure),
            };
        }
        if nights.earliest + way > nights.latest {
            -NEVER
        } else if nights.earliest + way <= minute {
            day * nights.day + minute.min(nights.latest) - way
        } else {
            (day - 1) * nights.day + nights.latest - way
        }
    }

    fn parts(&self, from: usize, to: usize) -> Option<&[i32; PARTS]> {
        if self.by_part.is_empty() {
            return None;
        }
        self.by_part.get(&(from, to))
    }

    /// The day of a time; the same for all where there are no nights.
    fn day(&self, time: i32) -> i32 {
        self.nights
            .as_ref()
            .map_or(0, |nights| time.div_euclid(nights.day))
    }

    fn windows(&self, location: usize, route: usize) -> &[Window] {
        &self.locations[location].windows[route]
    }

    /// When a visit begins for somebody who is there at `arrival`; `None` when that is too late.
    fn begin(&self, location: usize, route: usize, arrival: i32) -> Option<i32> {
        let windows = self.windows(location, route);
        let first = windows.partition_point(|window| window.latest < arrival);
        let window = windows.get(first)?;
        // Windows begin and end on the grid, so going up to it stays within.
        Some(if arrival <= window.earliest {
            window.earliest
        } else {
            self.up(arrival)
        })
    }

    fn up(&self, time: i32) -> i32 {
        if self.grid == 1 {
            return time;
        }
        (time + self.grid - 1).div_euclid(self.grid) * self.grid
    }

    /// The latest begin of a visit that is not after `bound`.
    fn latest(&self, location: usize, route: usize, bound: i32) -> Option<i32> {
        let windows = self.windows(location, route);
        let after = windows.partition_point(|window| window.earliest <= bound);
        let window = windows.get(after.checked_sub(1)?)?;
        Some(if window.latest <= bound {
            window.latest
        } else if self.grid == 1 {
            bound
        } else {
            bound.div_euclid(self.grid) * self.grid
        })
    }
}

impl Nights {
    /// The earliest arrival of a departure at a minute or later of the same day.
    fn first_arrival(&self, parts: &[i32; PARTS], minute: i32) -> Option<i32> {
        let length = self.day / PARTS as i32;
        let first = minute / length;
        (0..)
            .zip(parts)
            .filter(|(part, _)| *part >= first)
            .map(|(part, way)| minute.max(part * length) + way)
            .filter(|arrival| *arrival <= self.latest)
            .min()
    }

    /// The latest departure of an arrival at a minute or earlier of the same day.
    fn last_departure(&self, parts: &[i32; PARTS], minute: i32) -> Option<i32> {
        let length = self.day / PARTS as i32;
        (0..)
            .zip(parts)
            .filter_map(|(part, way)| {
                let departure = ((part + 1) * length - 1).min(minute - way);
                (departure >= (part * length).max(self.earliest)).then_some(departure)
            })
            .max()
    }
}

/// Moves the ends of windows inwards to the grid. A window of one moment stays: it is an appointment.
fn on_grid(windows: &mut Vec<Window>, grid: i32) {
    if grid == 1 {
        return;
    }
    windows.retain_mut(|window| {
        if window.earliest < window.latest {
            window.earliest = (window.earliest + grid - 1).div_euclid(grid) * grid;
            window.latest = window.latest.div_euclid(grid) * grid;
        }
        window.earliest <= window.latest
    });
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

/// Asked now and then whether to go on.
type Ask<'a> = &'a mut dyn FnMut() -> bool;

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

/// Searches until `keep_going` says no; it is called before each iteration, and within one that takes long, and may look at a clock, a flag or the
/// number of iterations. The search itself knows no time: the same instance, seed and number of iterations give the
/// same plan.
pub fn search(
    instance: &Instance,
    seed: u64,
    keep_going: &mut dyn FnMut(Progress<'_>) -> bool,
) -> Plan {
    search_from(instance, &[], seed, keep_going)
}

/// Searches from given routes on: locations of each in order of time. What of them does not fit is left out.
pub fn search_from(
    instance: &Instance,
    routes: &[Vec<usize>],
    seed: u64,
    keep_going: &mut dyn FnMut(Progress<'_>) -> bool,
) -> Plan {
    let mut random = Random(seed);
    let mut adaptive = Adaptive::new();
    let mut current = State::of(instance, routes);
    let mut plan = current.plan(instance);
    let mut ask = |plan: &Plan, iterations: u64| {
        keep_going(Progress {
            iterations,
            improved: false,
            best: plan,
        })
    };
    current.fill(instance, &mut || ask(&plan, 0));
    plan = current.plan(instance);
    current.improve(instance, &mut random, &mut || ask(&plan, 0));
    let mut best = current.clone();
    plan = best.plan(instance);
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
    loop {
        let goes_on = keep_going(Progress {
            iterations,
            improved,
            best: &plan,
        });
        if !goes_on {
            break;
        }
        let mut ask = |plan: &Plan, iterations: u64| {
            keep_going(Progress {
                iterations,
                improved: false,
                best: plan,
            })
        };
        iterations += 1;
        if step >= cycle {
            cycle = ((cycle as f64 * CYCLE_GROWTH) as u64).min(LONGEST_CYCLE);
            step = 0;
            if random.below(FRESH) == 0 {
                current = State::new(instance);
                current.fill(instance, &mut || ask(&plan, iterations));
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
        trial.enforce(instance);
        trial.recreate(instance, &mut random, &mut || ask(&plan, iterations));
        let before = current.score();
        let mut score = trial.score();
        let lacking = (before.profit - score.profit) as f64;
        if score.required >= before.required && lacking <= before.profit as f64 * PROMISING {
            trial.improve(instance, &mut random, &mut || ask(&plan, iterations));
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
