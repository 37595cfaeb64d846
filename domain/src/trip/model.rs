//! A trip's problem as an instance of the search: candidates are locations, days follow one another in minutes, and a
//! route is a team's time between two given hotels, or between its start and its end.

use std::collections::HashMap;

use super::search::{Instance, InstanceError, Location, Nights, PARTS, Route, Window};
use super::{Candidate, DAY_MINUTES, Place, Travel, TripError, TripProblem};

/// Profit of a value of 1: values keep three decimals.
const PROFIT: f64 = 1000.0;

/// Zero-based days that a team has for one route, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) team: usize,
    pub(super) first: usize,
    pub(super) last: usize,
}

pub(super) struct Model<'a> {
    pub(super) problem: &'a TripProblem,
    pub(super) travel: Travel<'a>,
    pub(super) instance: Instance,
    /// Index of each location's candidate.
    pub(super) sources: Vec<usize>,
    /// One for each route of the instance.
    pub(super) stretches: Vec<Stretch>,
}

impl<'a> Model<'a> {
    /// The problem must have passed its check.
    pub(super) fn new(problem: &'a TripProblem) -> Result<Self, TripError> {
        let travel = Travel::new(problem);
        let stretches = stretches(problem);
        let sources = possible(problem, &travel, &stretches);
        let index: HashMap<i64, usize> = sources
            .iter()
            .enumerate()
            .map(|(location, &source)| (problem.candidates[source].id, location))
            .collect();
        let mut hosts: Vec<&str> = Vec::new();
        let mut places: Vec<Option<&Place>> = Vec::new();
        let mut locations = Vec::new();
        for &source in &sources {
            let candidate = &problem.candidates[source];
            places.push(candidate.place.as_ref());
            let host = candidate.host.as_deref().map(|host| {
                hosts
                    .iter()
                    .position(|known| *known == host)
                    .unwrap_or_else(|| {
                        hosts.push(host);
                        hosts.len() - 1
                    })
            });
            locations.push(Location {
                service: i32::from(candidate.duration_minutes),
                profit: (candidate.value * PROFIT).round() as i64,
                required: candidate.required,
                locked: candidate.is_locked(),
                windows: stretches
                    .iter()
                    .map(|stretch| windows(problem, &travel, candidate, *stretch))
                    .collect(),
                after: candidate
                    .after
                    .iter()
                    .filter_map(|id| index.get(id).copied())
                    .collect(),
                host,
            });
        }
        let mut place = |place: Option<&'a Place>| {
            places.push(place);
            places.len() - 1
        };
        let settings = &problem.settings;
        let mut routes = Vec::new();
        let mut hotels = Vec::new();
        for stretch in &stretches {
            let team = &problem.teams[stretch.team];
            let night = |day: usize| {
                let own = team
                    .nights
                    .iter()
                    .find(|night| usize::from(night.day) == day);
                own.map(|night| &night.place)
            };
            let start = stretch
                .first
                .checked_sub(1)
                .and_then(night)
                .unwrap_or(&team.start);
            let end = match night(stretch.last) {
                Some(hotel) => Some(hotel),
                None => settings.last_day_home.then_some(&team.end),
            };
            let (start, end) = (place(Some(start)), place(end));
            if night(stretch.last).is_some() {
                hotels.push(end);
            }
            routes.push(Route {
                start,
                end,
                open: opening(problem, *stretch),
                close: on_day(stretch.last, settings.latest_arrival_minute),
            });
        }
        let mut by_part = HashMap::new();
        let mut minutes = vec![vec![0; places.len()]; places.len()];
        for (from, row) in minutes.iter_mut().enumerate() {
            for (to, cell) in row.iter_mut().enumerate() {
                // No way leads to or from nowhere, where a team ends that need not be home.
                let (Some(start), Some(end)) = (places[from], places[to]) else {
                    continue;
                };
                // The way to a hotel of the same city is not counted, and who never leaves has no way home.
                let is_stay = hotels.contains(&to) || from.min(to) >= sources.len();
                if start.city == end.city && is_stay {
                    continue;
                }
                *cell = i32::from(travel.way(start, end, 0).minutes);
                if travel.is_hourly(start, end) {
                    let parts: [i32; PARTS] = std::array::from_fn(|hour| {
                        i32::from(travel.way(start, end, hour as u16 * 60).minutes)
                    });
                    *cell = parts.iter().sum::<i32>() / PARTS as i32;
                    by_part.insert((from, to), parts);
                }
            }
        }
        let ways: Vec<(usize, usize)> = routes
            .iter()
            .map(|route| (route.start, route.end))
            .collect();
        let instance = Instance::with_calendar(
            locations,
            &minutes,
            routes,
            Some(Nights {
                day: i32::from(DAY_MINUTES),
                earliest: i32::from(settings.earliest_departure_minute),
                latest: i32::from(settings.latest_arrival_minute),
            }),
            i32::from(settings.grid_minutes),
            by_part,
        )
        .map_err(|error| {
            let id = |location: usize| problem.candidates[sources[location]].id;
            match error {
                InstanceError::Locked { one, other } => TripError::LockedConflict {
                    candidate_id: id(one),
                    other_id: id(other),
                },
                InstanceError::RouteTooShort { route } | InstanceError::Route { route } => {
                    let (start, end) = ways[route];
                    TripError::EndOutOfReach {
                        minutes: minutes[start][end].clamp(0, i32::from(u16::MAX)) as u16,
                    }
                }
                // The problem's own check leaves nothing else.
                InstanceError::TravelSize
                | InstanceError::TravelTime { .. }
                | InstanceError::Location { .. } => TripError::InvalidSettings,
            }
        })?;
        Ok(Self {
            problem,
            travel,
            instance,
            sources,
            stretches,
        })
    }

    pub(super) fn candidate(&self, location: usize) -> &'a Candidate {
        &self.problem.candidates[self.sources[location]]
    }

    /// The place of a location.
    ///
    /// Every location has one: candidates without a place are none.
    pub(super) fn place(&self, location: usize) -> &'a Place {
        self.candidate(location)
            .place
            .as_ref()
            .unwrap_or(&self.problem.teams[0].start)
    }
}

/// Minutes from the beginning of the first day.
pub(super) fn on_day(day: usize, minute: u16) -> i32 {
    day as i32 * i32::from(DAY_MINUTES) + i32::from(minute)
}

/// Each team's days, cut where a hotel is given.
fn stretches(problem: &TripProblem) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    for (team, own) in problem.teams.iter().enumerate() {
        let mut first = own.free_from.map_or(0, |moment| usize::from(moment.day));
        let last = problem.days.len() - 1;
        for night in &own.nights {
            let day = usize::from(night.day);
            stretches.push(Stretch {
                team,
                first,
                last: day,
            });
            first = day + 1;
        }
        stretches.push(Stretch { team, first, last });
    }
    stretches
}

/// When a team may first leave in a stretch.
pub(super) fn opening(problem: &TripProblem, stretch: Stretch) -> i32 {
    let morning = on_day(stretch.first, problem.settings.earliest_departure_minute);
    match problem.teams[stretch.team].free_from {
        Some(moment) => morning.max(on_day(usize::from(moment.day), moment.minute)),
        None => morning,
    }
}

/// Candidates that some team could visit as far as their place, their hours and their order allow, in their order.
fn possible(problem: &TripProblem, travel: &Travel, stretches: &[Stretch]) -> Vec<usize> {
    let mut sources: Vec<usize> = (0..problem.candidates.len())
        .filter(|&source| {
            let candidate = &problem.candidates[source];
            stretches
                .iter()
                .any(|stretch| !windows(problem, travel, candidate, *stretch).is_empty())
        })
        .collect();
    loop {
        let known: Vec<i64> = sources
            .iter()
            .map(|&source| problem.candidates[source].id)
            .collect();
        let before = sources.len();
        sources.retain(|&source| {
            let candidate = &problem.candidates[source];
            candidate.is_locked() || candidate.after.iter().all(|id| known.contains(id))
        });
        if sources.len() == before {
            return sources;
        }
    }
}

/// When a visit may begin in a stretch.
fn windows(
    problem: &TripProblem,
    travel: &Travel,
    candidate: &Candidate,
    stretch: Stretch,
) -> Vec<Window> {
    let Some(place) = &candidate.place else {
        return Vec::new();
    };
    if candidate
        .fixed_team
        .is_some_and(|team| usize::from(team) != stretch.team)
    {
        return Vec::new();
    }
    let earliest = problem.settings.earliest_departure_minute;
    // Before every visit is a way, at least the one from the hotel of the same city in the morning.
    let local = (0..24)
        .map(|hour| travel.way(place, place, hour * 60).minutes)
        .max()
        .filter(|_| travel.is_hourly(place, place))
        .unwrap_or_else(|| travel.way(place, place, earliest).minutes);
    let first = i32::from(earliest) + i32::from(local);
    (stretch.first..=stretch.last)
        .flat_map(|day| {
            demanded_slots(problem, candidate, day)
                .into_iter()
                .filter(move |slot| slot.latest >= first)
                .map(move |slot| Window {
                    earliest: on_day(day, 0) + slot.earliest.max(first),
                    latest: on_day(day, 0) + slot.latest,
                })
        })
        .collect()
}

/// The moments of a day at which a visit may begin, its fixed day and minute ignored.
pub(super) fn open_slots(problem: &TripProblem, candidate: &Candidate, day: usize) -> Vec<Window> {
    let duration = i32::from(candidate.duration_minutes);
    received(problem, candidate, day)
        .into_iter()
        .filter_map(|(from, until)| Window::within(from, until, duration))
        .collect()
}

/// The spans of a day in which guests are received: within working hours, lunch left out.
pub(super) fn received(
    problem: &TripProblem,
    candidate: &Candidate,
    day: usize,
) -> Vec<(i32, i32)> {
    let Some(given) = problem.days.get(day).filter(|day| day.working) else {
        return Vec::new();
    };
    let settings = &problem.settings;
    let work = (settings.work_from_minute, settings.work_until_minute);
    let mut spans: Vec<(u16, u16)> = candidate
        .open_on(day, given.date)
        .unwrap_or_else(|| vec![work])
        .into_iter()
        .map(|(from, until)| (from.max(work.0), until.min(work.1)))
        .filter(|(from, until)| from < until)
        .collect();
    spans.sort_unstable();
    let mut merged: Vec<(u16, u16)> = Vec::with_capacity(spans.len());
    for (from, until) in spans {
        match merged.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(until),
            _ => merged.push((from, until)),
        }
    }
    let lunch = (settings.lunch_from_minute, settings.lunch_until_minute);
    let mut parts = Vec::with_capacity(merged.len() + 1);
    for (from, until) in merged {
        if lunch.0 < lunch.1 {
            parts.push((from, until.min(lunch.0)));
            parts.push((from.max(lunch.1), until));
        } else {
            parts.push((from, until));
        }
    }
    parts
        .into_iter()
        .filter(|(from, until)| from < until)
        .map(|(from, until)| (i32::from(from), i32::from(until)))
        .collect()
}

/// The slots of a candidate on a day, cut down to its fixed day and minute.
fn demanded_slots(problem: &TripProblem, candidate: &Candidate, day: usize) -> Vec<Window> {
    if candidate
        .fixed_day
        .is_some_and(|fixed| usize::from(fixed) != day)
    {
        return Vec::new();
    }
    let slots = open_slots(problem, candidate, day);
    let Some(minute) = candidate.fixed_minute.map(i32::from) else {
        return slots;
    };
    let at = Window {
        earliest: minute,
        latest: minute,
    };
    slots
        .into_iter()
        .filter(|slot| (slot.earliest..=slot.latest).contains(&minute))
        .map(|_| at)
        .collect()
}
