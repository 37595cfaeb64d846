//! A problem as an instance of the search: every tour is a route, in whole units of time.

use std::collections::HashMap;

use super::{Metric, Point, ToursError, ToursPlace, ToursProblem, WindowsBound};
use crate::place::Place;
use crate::trip::search::{
    Instance, InstanceError, Location, MAXIMUM_PROFIT, MAXIMUM_TIME, Route, Window,
};
use crate::trip::{TripSettings, estimate};

/// Share of a unit by which binary fractions may miss a decimal: 0.07 times 100 is a little above 7.
const SLACK: f64 = 1e-7;
/// No number of units has more: all whole numbers below are exact.
const EXACT: f64 = 9e15;

/// Whole units of the last decimal that is kept.
#[derive(Clone, Copy)]
pub(super) struct Units {
    scale: f64,
    /// The opening of the start. Routes begin at 0, so that large times, as of a clock that began long ago, fit.
    opening: i64,
}

impl Units {
    pub(super) fn new(problem: &ToursProblem) -> Self {
        let mut units = Self {
            scale: 10_f64.powi(i32::from(problem.decimals())),
            opening: 0,
        };
        units.opening = units.up(problem.start.opening);
        units
    }

    pub(super) fn up(&self, time: f64) -> i64 {
        (time * self.scale - SLACK).ceil().clamp(-EXACT, EXACT) as i64
    }

    pub(super) fn down(&self, time: f64) -> i64 {
        (time * self.scale + SLACK).floor().clamp(-EXACT, EXACT) as i64
    }

    /// A length of time in the problem's unit.
    pub(super) fn number(&self, units: i64) -> f64 {
        units as f64 / self.scale
    }

    /// From opening to closing.
    pub(super) fn length(&self, problem: &ToursProblem) -> i64 {
        self.down(problem.start.closing) - self.opening
    }

    /// A time of the search on a day that begins at `morning`, in the problem's unit.
    pub(super) fn time(&self, time: i32, morning: i32) -> f64 {
        self.number(i64::from(time - morning) + self.opening)
    }
}

pub(super) struct Model<'a> {
    pub(super) problem: &'a ToursProblem,
    pub(super) units: Units,
    pub(super) instance: Instance,
    /// Index of each location's place.
    pub(super) sources: Vec<usize>,
    /// Units of profit in one of value.
    pub(super) profit: f64,
    /// Between the locations, then the start and the end; these two may be one.
    travel: Vec<Vec<i32>>,
    calendar: Calendar,
}

/// When places are open, in times of the search.
struct Calendar {
    units: Units,
    bound: WindowsBound,
    /// From opening to closing.
    length: i32,
    /// From one day's opening to the next one's; 0 when all days may lie upon one another.
    day: i32,
    days: usize,
}

impl<'a> Model<'a> {
    /// # Errors
    /// The first [`ToursError`] found.
    pub(super) fn new(problem: &'a ToursProblem) -> Result<Self, ToursError> {
        problem.check_numbers()?;
        let units = Units::new(problem);
        let length = small(units.length(problem));
        let calendar = Calendar {
            units,
            bound: problem.bound(),
            length,
            day: if problem.is_ordered() { length + 1 } else { 0 },
            days: problem.days,
        };
        let tours = problem.teams * problem.days;
        let sources = possible(problem, &calendar, tours);
        let profit = profit_units(problem);
        let locations = locations(problem, &calendar, &sources, profit, tours);
        let travel = travel(problem, &units, &sources);
        let start = sources.len();
        let end = travel.len().saturating_sub(1);
        let routes = (0..tours)
            .map(|tour| {
                let morning = calendar.morning(tour);
                Route {
                    start,
                    end,
                    open: morning,
                    close: morning + length,
                }
            })
            .collect();
        let instance = Instance::new(locations, &travel, routes).map_err(|error| {
            let id = |location: usize| {
                let place = sources
                    .get(location)
                    .and_then(|&source| problem.places.get(source));
                place.map_or(0, |place| place.id)
            };
            match error {
                InstanceError::Locked { one, other } if one == other => {
                    ToursError::LockedOutOfReach { id: id(one) }
                }
                InstanceError::Locked { one, other } => ToursError::LockedConflict {
                    id: id(one),
                    other: id(other),
                },
                InstanceError::RouteTooShort { .. } => ToursError::TourTooShort {
                    needed: units.number(i64::from(way(&travel, start, end))),
                    available: units.number(i64::from(length)),
                },
                // The check of the numbers leaves nothing else.
                InstanceError::TravelSize
                | InstanceError::TravelTime { .. }
                | InstanceError::Location { .. }
                | InstanceError::Route { .. } => ToursError::TourTooLong {
                    maximum: units.number(i64::from(MAXIMUM_TIME)),
                },
            }
        })?;
        Ok(Self {
            problem,
            units,
            instance,
            sources,
            profit,
            travel,
            calendar,
        })
    }

    pub(super) fn tours(&self) -> usize {
        self.problem.teams * self.problem.days
    }

    pub(super) fn service(&self, place: &ToursPlace) -> i32 {
        self.calendar.service(place)
    }

    /// Whether a place can be visited on some tour as far as its windows and what is fixed go.
    pub(super) fn has_window(&self, place: &ToursPlace) -> bool {
        (0..self.tours()).any(|tour| !self.calendar.windows(place, tour).is_empty())
    }

    /// Zero-based team and day of a tour: all days of the first team, then those of the next.
    pub(super) fn team_and_day(&self, tour: usize) -> (usize, usize) {
        (tour / self.problem.days, tour % self.problem.days)
    }

    /// When a tour opens, in times of the search.
    pub(super) fn morning(&self, tour: usize) -> i32 {
        self.calendar.morning(tour)
    }

    pub(super) fn place(&self, location: usize) -> Option<&'a ToursPlace> {
        self.problem.places.get(*self.sources.get(location)?)
    }

    /// Travel of each way of a tour that makes the given stops.
    pub(super) fn ways(&self, stops: &[usize]) -> Vec<i32> {
        let (start, end) = (self.sources.len(), self.travel.len().saturating_sub(1));
        let from = std::iter::once(start).chain(stops.iter().copied());
        let to = stops.iter().copied().chain(std::iter::once(end));
        from.zip(to)
            .map(|(from, to)| way(&self.travel, from, to))
            .collect()
    }

    /// The longest span of any tour in which a place is open; `None` when it never is.
    pub(super) fn longest_span(&self, place: &ToursPlace) -> Option<i32> {
        (0..self.problem.days)
            .flat_map(|day| self.calendar.spans(place, day))
            .map(|(from, until)| until - from)
            .max()
    }

    /// Whether a visit can begin on no day, what is fixed ignored.
    pub(super) fn is_closed(&self, place: &ToursPlace) -> bool {
        (0..self.problem.days).all(|day| self.calendar.slots(place, day).is_empty())
    }

    /// Whether a place could be visited alone, its fixed team, day and begin ignored.
    pub(super) fn is_free_possible(&self, location: usize) -> bool {
        let Some(place) = self.place(location) else {
            return false;
        };
        let [there, back] = self.ways(&[location])[..] else {
            return false;
        };
        let service = self.calendar.service(place);
        (0..self.problem.days)
            .flat_map(|day| self.calendar.slots(place, day))
            .any(|slot| {
                let begin = slot.earliest.max(there);
                begin <= slot.latest && begin + service + back <= self.calendar.length
            })
    }
}

impl Calendar {
    /// When a tour opens.
    fn morning(&self, tour: usize) -> i32 {
        (tour % self.days) as i32 * self.day
    }

    fn service(&self, place: &ToursPlace) -> i32 {
        small(self.units.up(place.duration))
    }

    /// When a place is open on a day, within the tour, from the day's opening on.
    fn spans(&self, place: &ToursPlace, day: usize) -> Vec<(i32, i32)> {
        let Some(windows) = &place.windows else {
            return vec![(0, self.length)];
        };
        windows
            .iter()
            .filter(|window| window.day.is_none_or(|own| own == day))
            .map(|window| {
                let from = self.units.up(window.opening) - self.units.opening;
                let until = self.units.down(window.closing) - self.units.opening;
                (from.max(0), until.min(i64::from(self.length)))
            })
            .filter(|(from, until)| from <= until)
            .map(|(from, until)| (small(from), small(until)))
            .collect()
    }

    /// When a visit may begin on a day, from the day's opening on; what is fixed is ignored.
    fn slots(&self, place: &ToursPlace, day: usize) -> Vec<Window> {
        let service = self.service(place);
        self.spans(place, day)
            .into_iter()
            .filter_map(|(earliest, latest)| match self.bound {
                WindowsBound::Begin => Some(Window { earliest, latest }),
                WindowsBound::End => Window::within(earliest, latest, service),
            })
            .collect()
    }

    /// When a visit may begin on a tour.
    fn windows(&self, place: &ToursPlace, tour: usize) -> Vec<Window> {
        let (team, day) = (tour / self.days, tour % self.days);
        if place.team.is_some_and(|own| own != team) || place.day.is_some_and(|own| own != day) {
            return Vec::new();
        }
        let mut slots = self.slots(place, day);
        if let Some(begin) = place.begin {
            let begin = self.units.up(begin) - self.units.opening;
            slots.retain_mut(|slot| {
                let is_within =
                    (i64::from(slot.earliest)..=i64::from(slot.latest)).contains(&begin);
                if is_within {
                    (slot.earliest, slot.latest) = (small(begin), small(begin));
                }
                is_within
            });
            // One moment in several windows is one window.
            slots.truncate(1);
        }
        let morning = self.morning(tour);
        for slot in &mut slots {
            slot.earliest += morning;
            slot.latest += morning;
        }
        slots
    }
}

impl ToursProblem {
    /// Whether visits must come before others.
    pub(super) fn is_ordered(&self) -> bool {
        self.places.iter().any(|place| !place.after.is_empty())
    }
}

/// A checked number of units.
fn small(units: i64) -> i32 {
    units.clamp(0, i64::from(MAXIMUM_TIME)) as i32
}

fn way(travel: &[Vec<i32>], from: usize, to: usize) -> i32 {
    let row = travel.get(from);
    row.and_then(|row| row.get(to))
        .copied()
        .unwrap_or(MAXIMUM_TIME)
}

/// Places that some tour could visit as far as their windows, what is fixed and their order allow.
fn possible(problem: &ToursProblem, calendar: &Calendar, tours: usize) -> Vec<usize> {
    let mut sources: Vec<(usize, &ToursPlace)> = problem
        .places
        .iter()
        .enumerate()
        .filter(|(_, place)| (0..tours).any(|tour| !calendar.windows(place, tour).is_empty()))
        .collect();
    loop {
        let known: Vec<i64> = sources.iter().map(|(_, place)| place.id).collect();
        let before = sources.len();
        sources.retain(|(_, place)| {
            place.is_locked() || place.after.iter().all(|id| known.contains(id))
        });
        if sources.len() == before {
            return sources.into_iter().map(|(source, _)| source).collect();
        }
    }
}

/// The fewest units that make all values whole, as far as there is room for them.
fn profit_units(problem: &ToursProblem) -> f64 {
    let largest = problem
        .places
        .iter()
        .map(|place| place.value)
        .fold(0.0, f64::max);
    let is_whole = |units: f64| {
        problem.places.iter().all(|place| {
            let profit = place.value * units;
            (profit - profit.round()).abs() <= SLACK
        })
    };
    let mut units = 1.0;
    while !is_whole(units) && largest * units * 10.0 <= MAXIMUM_PROFIT as f64 {
        units *= 10.0;
    }
    units
}

fn locations(
    problem: &ToursProblem,
    calendar: &Calendar,
    sources: &[usize],
    profit: f64,
    tours: usize,
) -> Vec<Location> {
    let places: Vec<&ToursPlace> = sources
        .iter()
        .filter_map(|&source| problem.places.get(source))
        .collect();
    let index: HashMap<i64, usize> = (0..)
        .zip(&places)
        .map(|(location, place)| (place.id, location))
        .collect();
    let mut hosts: HashMap<&str, usize> = HashMap::new();
    places
        .iter()
        .map(|place| Location {
            service: calendar.service(place),
            profit: (place.value * profit).round() as i64,
            required: place.required,
            locked: place.is_locked(),
            windows: (0..tours)
                .map(|tour| calendar.windows(place, tour))
                .collect(),
            after: place
                .after
                .iter()
                .filter_map(|id| index.get(id).copied())
                .collect(),
            host: place.host.as_deref().map(|host| {
                let next = hosts.len();
                *hosts.entry(host).or_insert(next)
            }),
        })
        .collect()
}

/// Travel between the places of the sources, then the start, and then the end if it is another.
fn travel(problem: &ToursProblem, units: &Units, sources: &[usize]) -> Vec<Vec<i32>> {
    let points = problem.points();
    let first = points.len() - problem.places.len();
    let order: Vec<usize> = sources
        .iter()
        .map(|source| source + first)
        .chain(0..first)
        .collect();
    let settings = TripSettings::default();
    let cities: Vec<Place> = (0..)
        .zip(&points)
        .map(|(index, point)| city(index, point))
        .collect();
    let rows = problem.matrix.as_deref().unwrap_or_default();
    let between = |from: usize, to: usize| -> i64 {
        if from == to {
            return 0;
        }
        let far = i64::from(MAXIMUM_TIME);
        match problem.metric {
            Metric::Euclidean => match (points.get(from), points.get(to)) {
                (Some(from), Some(to)) => units.down(distance(from, to)),
                _ => far,
            },
            Metric::Matrix => {
                let cell = rows
                    .get(from)
                    .and_then(|row| row.get(to))
                    .copied()
                    .flatten();
                cell.map_or(far, |cell| units.up(cell))
            }
            Metric::Estimated => match (cities.get(from), cities.get(to)) {
                (Some(from), Some(to)) => {
                    units.up(f64::from(estimate(from, to, &settings).minutes))
                }
                _ => far,
            },
        }
    };
    // A way of the largest time is longer than any tour, so longer ones need not be told from it.
    order
        .iter()
        .map(|&from| order.iter().map(|&to| small(between(from, to))).collect())
        .collect()
}

fn distance(from: &Point<'_>, to: &Point<'_>) -> f64 {
    let across = from.x.unwrap_or_default() - to.x.unwrap_or_default();
    let along = from.y.unwrap_or_default() - to.y.unwrap_or_default();
    across.hypot(along)
}

fn city(index: usize, point: &Point<'_>) -> Place {
    Place {
        // Cities are compared by name, so one that was not named must not be like any other.
        city: match point.city.map(str::trim) {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => format!("\u{0}{index}"),
        },
        longitude: point.longitude.unwrap_or_default(),
        latitude: point.latitude.unwrap_or_default(),
    }
}
