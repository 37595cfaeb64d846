//! A trip's problem as an instance of the search: candidates are locations, days follow one another in minutes, and a
//! route is a team's time between two given hotels, or between its start and its end.

use std::borrow::Cow;
use std::collections::HashMap;

use super::past::{Begun, begun, pasts};
use super::search::{Break, Instance, InstanceError, Location, Nights, PARTS, Route, Window};
use super::{
    Candidate, DAY_MINUTES, Hold, Moment, Place, Team, TeamPast, Travel, TripError, TripProblem,
};

/// Profit of a value of 1: values keep three decimals.
const PROFIT: f64 = 1000.0;
/// No window is that early.
const BEFORE_ALL: i32 = -1;

/// Zero-based days that a team has for one route, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    pub(super) team: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    /// When the team may first leave, in minutes of the trip.
    pub(super) open: i32,
    start: Start,
}

impl Stretch {
    /// Whether the team has slept in a given hotel before.
    pub(super) fn is_from_hotel(self) -> bool {
        matches!(self.start, Start::Night(_))
    }
}

/// Where a stretch begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Start {
    /// At the team's own start.
    Team,
    /// Where what has happened has brought the team.
    Past,
    /// At the hotel of the team's night with this index.
    Night(usize),
}

pub(super) struct Model<'a> {
    pub(super) problem: &'a TripProblem,
    pub(super) travel: Travel<'a>,
    pub(super) instance: Instance,
    /// Index of each location's candidate.
    pub(super) sources: Vec<usize>,
    /// One for each route of the instance.
    pub(super) stretches: Vec<Stretch>,
    /// One for each team; none without `now`.
    pub(super) past: Cow<'a, [TeamPast]>,
    /// The visits that have begun: they are no locations.
    pub(super) begun: Vec<Begun>,
    /// Holds whose place the team has to reach. Their locations follow those of the candidates: a moment at the end of
    /// the hold, before which nobody travels.
    waits: Vec<&'a Hold>,
}

impl<'a> Model<'a> {
    /// The problem must have passed its check.
    pub(super) fn new(problem: &'a TripProblem) -> Result<Self, TripError> {
        let travel = Travel::new(problem);
        let past = pasts(problem);
        let begun = begun(problem, &past);
        let stretches = stretches(problem, &past)?;
        let limits = Limits {
            problem,
            travel: &travel,
            past: &past,
            begun: &begun,
        };
        let sources = possible(&limits, &stretches);
        let waits = waits(problem, &past, &stretches);
        let first_wait = sources.len();
        let first_end = first_wait + waits.len();
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
                    .map(|stretch| limits.windows(candidate, *stretch))
                    .collect(),
                after: candidate
                    .after
                    .iter()
                    .filter_map(|id| index.get(id).copied())
                    .collect(),
                host,
            });
        }
        for hold in &waits {
            places.push(hold.place.as_ref());
            // The team is there at the end, and as nobody travels in a hold, it has been since it began.
            let moment = wait_moment(problem, hold);
            let window = Window {
                earliest: moment,
                latest: moment,
            };
            let windows = stretches.iter().map(|stretch| {
                let is_own = is_covered(*stretch, hold);
                if is_own { vec![window] } else { Vec::new() }
            });
            locations.push(Location {
                service: 0,
                profit: 0,
                required: false,
                locked: true,
                windows: windows.collect(),
                after: Vec::new(),
                host: None,
            });
        }
        let settings = &problem.settings;
        let mut routes = Vec::new();
        let mut hotels = Vec::new();
        // Starts at a company after a visit, from which there is a way even within the city, and the location to whose
        // gate the team has come already.
        let (mut companies, mut gates) = (Vec::new(), Vec::new());
        for stretch in &stretches {
            let team = &problem.teams[stretch.team];
            let own = past.get(stretch.team);
            let night = team
                .nights
                .iter()
                .find(|night| usize::from(night.day) == stretch.last);
            let start = places.len();
            places.push(Some(match (stretch.start, own) {
                (Start::Night(index), _) => &team.nights[index].place,
                (Start::Past, Some(own)) => {
                    if own.ends_with_stop() {
                        companies.push(start);
                    }
                    if let Some(gate) = own.gate.and_then(|id| index.get(&id)) {
                        gates.push((start, *gate));
                    }
                    &own.place
                }
                _ => &team.start,
            }));
            let end = places.len();
            places.push(match night {
                Some(hotel) => Some(&hotel.place),
                None => settings.last_day_home.then_some(&team.end),
            });
            if night.is_some() {
                hotels.push(end);
            }
            routes.push(Route {
                start,
                end,
                open: stretch.open,
                close: on_day(stretch.last, settings.latest_arrival_minute),
            });
        }
        let is_wait = |place: usize| (first_wait..first_end).contains(&place);
        let mut by_part = HashMap::new();
        let mut minutes = vec![vec![0; places.len()]; places.len()];
        for (from, row) in minutes.iter_mut().enumerate() {
            for (to, cell) in row.iter_mut().enumerate() {
                // No way leads to or from nowhere, where a team ends that need not be home.
                let (Some(start), Some(end)) = (places[from], places[to]) else {
                    continue;
                };
                // The way to a hotel or to where a team waits in the same city is not counted, and who never leaves has
                // no way home.
                let never_leaves = from.min(to) >= first_wait && !companies.contains(&from);
                let is_stay = hotels.contains(&to) || is_wait(to) || never_leaves;
                if start.city == end.city && is_stay || gates.contains(&(from, to)) {
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
        .and_then(|instance| instance.with_breaks(breaks(problem, &past, &stretches)))
        .map_err(|error| {
            let id = |location: usize| problem.candidates[sources[location]].id;
            match error {
                InstanceError::Locked { one, other } if is_wait(one.max(other)) => {
                    let hold = waits[one.max(other) - first_wait];
                    TripError::HoldOutOfReach {
                        team: hold.team,
                        day: hold.day,
                    }
                }
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
            past,
            begun,
            waits,
        })
    }

    /// Where a stretch begins.
    pub(super) fn start(&self, stretch: Stretch) -> &Place {
        let team = &self.problem.teams[stretch.team];
        match (stretch.start, self.past.get(stretch.team)) {
            (Start::Night(index), _) => &team.nights[index].place,
            (Start::Past, Some(own)) => &own.place,
            _ => &team.start,
        }
    }

    /// The candidate's location of a stop; `None` when it is a hold.
    pub(super) fn company(&self, location: usize) -> Option<usize> {
        (location < self.sources.len()).then_some(location)
    }

    /// The hold that a location stands for.
    pub(super) fn hold(&self, location: usize) -> Option<&'a Hold> {
        let index = location.checked_sub(self.sources.len())?;
        self.waits.get(index).copied()
    }

    /// The locations of a stretch's holds with their moments.
    pub(super) fn waits_of(&self, stretch: Stretch) -> impl Iterator<Item = (i32, usize)> + '_ {
        let first = self.sources.len();
        let own = self.waits.iter().enumerate();
        own.filter(move |(_, hold)| is_covered(stretch, hold))
            .map(move |(index, hold)| (wait_moment(self.problem, hold), first + index))
    }

    /// The visit of a candidate that has begun.
    pub(super) fn begun_of(&self, source: usize) -> Option<&Begun> {
        self.begun.iter().find(|own| own.source == source)
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

pub(super) fn at(moment: Moment) -> i32 {
    on_day(usize::from(moment.day), moment.minute)
}

impl TeamPast {
    /// Whether the last thing that has happened is a visit, so that the team is at a company.
    pub(super) fn ends_with_stop(&self) -> bool {
        let busy = self
            .days
            .iter()
            .rfind(|day| !day.legs.is_empty() || !day.stops.is_empty());
        busy.is_some_and(|day| {
            let leg = day.legs.last().map(|leg| leg.from_minute);
            day.stops
                .last()
                .is_some_and(|stop| Some(stop.begin_minute) >= leg)
        })
    }

    /// Whether the team is held up, or at a company in the middle of a visit, until it is free: then it goes on at once.
    pub(super) fn is_kept(&self, problem: &TripProblem, team: usize) -> bool {
        let is_now = |stop: &super::Stop| stop.end_minute == self.free_from.minute;
        let today = self.days.get(usize::from(self.free_from.day));
        let last = today.and_then(|day| day.stops.last());
        let mut holds = problem.holds.iter();
        self.ends_with_stop() && last.is_some_and(is_now)
            || holds.any(|hold| is_of(hold, team) && hold.until() == self.free_from)
    }

    /// Whether the team has been at rest since a visit, and not in a given hotel: it goes on when that is comfortable.
    pub(super) fn is_resting(&self, team: &Team) -> bool {
        let busy = self.days.iter().rposition(|day| !day.stops.is_empty());
        let since = busy.unwrap_or_default()..usize::from(self.free_from.day);
        let mut nights = team.nights.iter();
        self.ends_with_stop() && !nights.any(|night| since.contains(&usize::from(night.day)))
    }
}

fn is_of(hold: &Hold, team: usize) -> bool {
    usize::from(hold.team) == team
}

/// Each team's days, cut where a hotel is given, from when on it is free.
fn stretches(problem: &TripProblem, past: &[TeamPast]) -> Result<Vec<Stretch>, TripError> {
    let settings = &problem.settings;
    let close = |day: usize| on_day(day, settings.latest_arrival_minute);
    let mut stretches = Vec::new();
    for (team, own) in problem.teams.iter().enumerate() {
        let been = past.get(team);
        let free = been.map(|been| been.free_from).or(own.free_from);
        let mut first = free.map_or(0, |moment| usize::from(moment.day));
        let mut start = if been.is_some() {
            Start::Past
        } else {
            Start::Team
        };
        let free = free.map_or(0, at);
        let stretch = |first: usize, last: usize, start: Start| Stretch {
            team,
            first,
            last,
            open: free.max(on_day(first, settings.earliest_departure_minute)),
            start,
        };
        // Whether the evening of a day is over before the team goes on.
        let is_over = |day: usize| been.is_some() && free > close(day);
        for (index, night) in own.nights.iter().enumerate() {
            let day = usize::from(night.day);
            if day < first {
                continue;
            }
            if !is_over(day) {
                stretches.push(stretch(first, day, start));
                start = Start::Night(index);
            } else if been.is_some_and(|been| been.place.city == night.place.city) {
                start = Start::Night(index);
            }
            first = day + 1;
        }
        let last = problem.days.len() - 1;
        match been {
            // The trip is over, but the team is not where it should be.
            Some(been)
                if is_over(last) && settings.last_day_home && been.place.city != own.end.city =>
            {
                let way = Travel::new(problem).way(&been.place, &own.end, 0);
                return Err(TripError::EndOutOfReach {
                    minutes: way.minutes,
                });
            }
            _ if is_over(last) => {}
            _ => stretches.push(stretch(first, last, start)),
        }
    }
    Ok(stretches)
}

/// The holds that are not over when their team goes on, in order of time.
pub(super) fn holds<'a>(problem: &'a TripProblem, past: &[TeamPast], team: usize) -> Vec<&'a Hold> {
    let free = past.get(team).map(|own| own.free_from);
    let mut holds: Vec<&Hold> = problem
        .holds
        .iter()
        .filter(|hold| is_of(hold, team) && free.is_none_or(|free| hold.until() > free))
        .collect();
    holds.sort_by_key(|hold| hold.from());
    holds
}

/// The times in which nobody travels, for each stretch.
fn breaks(problem: &TripProblem, past: &[TeamPast], stretches: &[Stretch]) -> Vec<Vec<Break>> {
    let own = stretches.iter().map(|stretch| {
        let holds = holds(problem, past, stretch.team).into_iter();
        holds
            .map(|hold| Break {
                from: at(hold.from()),
                until: at(hold.until()),
            })
            .collect()
    });
    own.collect()
}

/// Whether a hold is on a day of a stretch.
fn is_covered(stretch: Stretch, hold: &Hold) -> bool {
    is_of(hold, stretch.team) && (stretch.first..=stretch.last).contains(&usize::from(hold.day))
}

/// The holds whose place is to be reached. After the latest arrival nobody goes anywhere, held up or not.
fn waits<'a>(problem: &'a TripProblem, past: &[TeamPast], stretches: &[Stretch]) -> Vec<&'a Hold> {
    (0..problem.teams.len())
        .flat_map(|team| holds(problem, past, team))
        .filter(|hold| {
            hold.place.is_some()
                && hold.from_minute < problem.settings.latest_arrival_minute
                && stretches.iter().any(|stretch| is_covered(*stretch, hold))
        })
        .collect()
}

/// The moment at which a team must be where it waits: the end of the hold, but before the night.
fn wait_moment(problem: &TripProblem, hold: &Hold) -> i32 {
    let latest = problem.settings.latest_arrival_minute;
    on_day(usize::from(hold.day), hold.until_minute.min(latest))
}

/// Candidates that some team could visit as far as their place, their hours and their order allow, in their order.
/// Without those whose visits have begun.
fn possible(limits: &Limits, stretches: &[Stretch]) -> Vec<usize> {
    let problem = limits.problem;
    let mut sources: Vec<usize> = (0..problem.candidates.len())
        .filter(|&source| {
            let candidate = &problem.candidates[source];
            !limits.begun.iter().any(|own| own.source == source)
                && stretches
                    .iter()
                    .any(|stretch| !limits.windows(candidate, *stretch).is_empty())
        })
        .collect();
    loop {
        let known: Vec<i64> = sources
            .iter()
            .copied()
            .chain(limits.begun.iter().map(|own| own.source))
            .map(|source| problem.candidates[source].id)
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

/// What decides when a visit may begin.
struct Limits<'a> {
    problem: &'a TripProblem,
    travel: &'a Travel<'a>,
    past: &'a [TeamPast],
    begun: &'a [Begun],
}

impl Limits<'_> {
    /// When a visit may begin in a stretch.
    fn windows(&self, candidate: &Candidate, stretch: Stretch) -> Vec<Window> {
        let problem = self.problem;
        let Some(place) = &candidate.place else {
            return Vec::new();
        };
        if candidate
            .fixed_team
            .is_some_and(|team| usize::from(team) != stretch.team)
        {
            return Vec::new();
        }
        let holds = holds(problem, self.past, stretch.team);
        let windows = (stretch.first..=stretch.last)
            .filter(|&day| self.is_host_there(candidate, stretch.team, day))
            .flat_map(|day| {
                let first = first_arrival(problem, self.travel, place, &holds, day);
                demanded_slots(problem, candidate, day)
                    .into_iter()
                    .filter(move |slot| slot.latest >= first)
                    .map(move |slot| Window {
                        earliest: on_day(day, 0) + slot.earliest.max(first),
                        latest: on_day(day, 0) + slot.latest,
                    })
            })
            .collect();
        self.cut(candidate, windows, &holds)
    }

    /// Whether what has happened leaves a candidate's host to a team and day.
    fn is_host_there(&self, candidate: &Candidate, team: usize, day: usize) -> bool {
        candidate.is_locked()
            || candidate.host.is_none()
            || self
                .begun
                .iter()
                .filter(|own| self.problem.candidates[own.source].host == candidate.host)
                .all(|own| (own.team, own.day) == (team, day))
    }

    /// What is left of windows after `now`, after what has happened and must come before, and without holds.
    fn cut(&self, candidate: &Candidate, windows: Vec<Window>, holds: &[&Hold]) -> Vec<Window> {
        let problem = self.problem;
        let now = problem.now.map_or(BEFORE_ALL, at);
        let before = self.begun.iter().filter(|own| {
            let id = problem.candidates[own.source].id;
            !candidate.is_locked() && candidate.after.contains(&id)
        });
        let least = before
            .map(|own| own.end)
            .max()
            .map_or(now, |end| now.max(end));
        let grid = i32::from(problem.settings.grid_minutes);
        let mut left = without(windows, BEFORE_ALL, least, grid);
        for hold in holds {
            left = without(left, at(hold.from()), at(hold.until()), grid);
        }
        left
    }
}

/// The first minute of a day at which a team can be at a company: before every visit is a way, at least the one from the
/// hotel of the same city in the morning.
fn first_arrival(
    problem: &TripProblem,
    travel: &Travel,
    place: &Place,
    holds: &[&Hold],
    day: usize,
) -> i32 {
    let earliest = problem.settings.earliest_departure_minute;
    let of_day: Vec<&&Hold> = holds
        .iter()
        .filter(|hold| usize::from(hold.day) == day)
        .collect();
    let way = |minute: u16| travel.way(place, place, minute).minutes;
    if of_day.is_empty() {
        let longest = (0..24).map(|hour| way(hour * 60)).max();
        let local = longest
            .filter(|_| travel.is_hourly(place, place))
            .unwrap_or_else(|| way(earliest));
        return i32::from(earliest) + i32::from(local);
    }
    // In a morning that is held up, the way comes before or after.
    let hours = (0..24).map(|hour| hour * 60);
    let departures = of_day.iter().map(|hold| hold.until_minute).chain(hours);
    departures
        .chain([earliest])
        .filter(|departure| *departure >= earliest && *departure < DAY_MINUTES)
        .map(|departure| (departure, departure + way(departure)))
        .filter(|(departure, arrival)| {
            let is_free = |hold: &&&Hold| {
                *arrival <= hold.from_minute.max(*departure) || *departure >= hold.until_minute
            };
            of_day.iter().all(is_free)
        })
        .map(|(_, arrival)| i32::from(arrival))
        .min()
        .unwrap_or(i32::from(DAY_MINUTES))
}

/// Windows without the moments from one to before another. What remains of a window keeps to the grid, so that it is
/// not taken for an appointment; an appointment remains or does not.
fn without(windows: Vec<Window>, from: i32, until: i32, grid: i32) -> Vec<Window> {
    let up = |time: i32| (time + grid - 1).div_euclid(grid) * grid;
    let down = |time: i32| time.div_euclid(grid) * grid;
    let mut left = Vec::with_capacity(windows.len() + 1);
    for window in windows {
        if window.latest < from || window.earliest >= until {
            left.push(window);
            continue;
        }
        if window.earliest == window.latest {
            continue;
        }
        let parts = [
            (up(window.earliest), down(window.latest.min(from - 1))),
            (up(window.earliest.max(until)), down(window.latest)),
        ];
        let parts = parts
            .into_iter()
            .filter(|(earliest, latest)| earliest <= latest);
        left.extend(parts.map(|(earliest, latest)| Window { earliest, latest }));
    }
    left
}

/// When a visit could still begin if its fixed demands, its bonds and the holds did not count.
pub(super) fn later_slots(problem: &TripProblem, candidate: &Candidate) -> Vec<Window> {
    let now = problem.now.map_or(BEFORE_ALL, at);
    let grid = i32::from(problem.settings.grid_minutes);
    let slots = (0..problem.days.len()).flat_map(|day| {
        let own = open_slots(problem, candidate, day).into_iter();
        own.map(move |slot| Window {
            earliest: on_day(day, 0) + slot.earliest,
            latest: on_day(day, 0) + slot.latest,
        })
    });
    without(slots.collect(), BEFORE_ALL, now, grid)
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
