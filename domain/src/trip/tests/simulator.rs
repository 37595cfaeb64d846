//! Times a plan from what a plan assumes alone, by trying minutes: no line of it is shared with the search.

use std::collections::HashMap;

use super::super::*;

const DAY: i32 = 1440;

/// Where a stretch of a team's days ends.
#[derive(Clone, Copy)]
enum Goal {
    Anywhere,
    Home(usize),
    Hotel(usize),
}

/// A team's days between two given nights.
pub(super) struct Span {
    pub(super) team: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    start: usize,
    open: i32,
    goal: Goal,
}

/// The visits of each span, in their order.
pub(super) type Tours = Vec<Vec<usize>>;

pub(super) struct World<'a> {
    problem: &'a TripProblem,
    pub(super) spans: Vec<Span>,
    /// For each candidate the minutes of the trip at which its visit may begin, in ascending order.
    begins: Vec<Vec<i32>>,
    cities: Vec<&'a str>,
    /// Travel minutes between two places for departures in each hour.
    ways: Vec<Vec<[i32; 24]>>,
}

impl<'a> World<'a> {
    pub(super) fn new(problem: &'a TripProblem) -> Self {
        let nowhere = &problem.teams[0].start;
        let mut places: Vec<&Place> = problem
            .candidates
            .iter()
            .map(|candidate| candidate.place.as_ref().unwrap_or(nowhere))
            .collect();
        let mut spans = Vec::new();
        for (index, team) in problem.teams.iter().enumerate() {
            let mut add = |place: &'a Place| {
                places.push(place);
                places.len() - 1
            };
            let (mut first, mut open) = (0, morning(problem, 0));
            if let Some(moment) = team.free_from {
                first = usize::from(moment.day);
                let free = first as i32 * DAY + i32::from(moment.minute);
                open = free.max(morning(problem, first));
            }
            let mut start = add(&team.start);
            for night in &team.nights {
                let last = usize::from(night.day);
                let hotel = add(&night.place);
                spans.push(Span {
                    team: index,
                    first,
                    last,
                    start,
                    open,
                    goal: Goal::Hotel(hotel),
                });
                (start, first, open) = (hotel, last + 1, morning(problem, last + 1));
            }
            let goal = if problem.settings.last_day_home {
                Goal::Home(add(&team.end))
            } else {
                Goal::Anywhere
            };
            let last = problem.days.len() - 1;
            spans.push(Span {
                team: index,
                first,
                last,
                start,
                open,
                goal,
            });
        }
        let travel = Travel::new(problem);
        let ways = places.iter().map(|from| {
            let row = places.iter().map(|to| {
                if travel.is_hourly(from, to) {
                    std::array::from_fn(|hour| {
                        i32::from(travel.way(from, to, hour as u16 * 60).minutes)
                    })
                } else {
                    [i32::from(travel.way(from, to, 0).minutes); 24]
                }
            });
            row.collect()
        });
        Self {
            problem,
            begins: problem
                .candidates
                .iter()
                .map(|candidate| begins(problem, candidate))
                .collect(),
            spans,
            ways: ways.collect(),
            cities: places.iter().map(|place| place.city.as_str()).collect(),
        }
    }

    pub(super) fn is_open(&self, candidate: usize) -> bool {
        !self.begins[candidate].is_empty()
    }

    /// Whether the team of a span is free before the latest arrival of its last day.
    pub(super) fn is_free_in_time(&self, span: usize) -> bool {
        let own = &self.spans[span];
        let latest = i32::from(self.problem.settings.latest_arrival_minute);
        own.open <= own.last as i32 * DAY + latest
    }

    pub(super) fn empty(&self) -> Tours {
        vec![Vec::new(); self.spans.len()]
    }

    /// The fewest minutes from a stop, a start or an end to a candidate, whenever one leaves.
    pub(super) fn nearest(&self, tours: &Tours, candidate: usize) -> u16 {
        let problem = self.problem;
        let to = problem.candidates[candidate].place.as_ref().unwrap();
        let travel = Travel::new(problem);
        let ends = problem
            .teams
            .iter()
            .flat_map(|team| [&team.start, &team.end]);
        let stops = tours.iter().flatten();
        stops
            .filter_map(|stop| problem.candidates[*stop].place.as_ref())
            .chain(ends)
            .flat_map(|from| (0..24).map(move |hour| (from, hour * 60)))
            .map(|(from, minute)| travel.way(from, to, minute).minutes)
            .min()
            .unwrap()
    }

    /// The first arrival by a way that is left for at `ready` or later, today or tomorrow.
    fn arrive(&self, from: usize, to: usize, ready: i32) -> Option<i32> {
        let today = ready.div_euclid(DAY);
        let latest = i32::from(self.problem.settings.latest_arrival_minute);
        [today, today + 1].into_iter().find_map(|day| {
            let free = ready.max(morning(self.problem, day as usize));
            let arrivals = self.ways[from][to].iter().zip(0..).map(|(way, hour)| {
                let hour = day * DAY + hour * 60;
                let departure = free.max(hour);
                (departure < hour + 60).then_some(departure + way)
            });
            arrivals
                .flatten()
                .filter(|arrival| *arrival <= day * DAY + latest)
                .min()
        })
    }

    /// When the visits of a span begin; `None` when one of them cannot be.
    pub(super) fn visits(&self, span: usize, order: &[usize]) -> Option<Vec<i32>> {
        let own = &self.spans[span];
        let (mut place, mut ready) = (own.start, own.open);
        let mut begins = Vec::new();
        for &candidate in order {
            let given = &self.problem.candidates[candidate];
            if given
                .fixed_team
                .is_some_and(|team| usize::from(team) != own.team)
            {
                return None;
            }
            let arrival = self.arrive(place, candidate, ready)?;
            let begin = self.begins[candidate].iter().copied().find(|&begin| {
                let day = begin.div_euclid(DAY);
                // Whoever has slept in the city still has a way to the company in the morning.
                let local = if day > arrival.div_euclid(DAY) {
                    self.arrive(candidate, candidate, morning(self.problem, day as usize))
                } else {
                    Some(arrival)
                };
                (own.first..=own.last).contains(&(day as usize))
                    && local.is_some_and(|local| local.max(arrival) <= begin)
            })?;
            begins.push(begin);
            place = candidate;
            ready = begin + i32::from(given.duration_minutes);
        }
        Some(begins)
    }

    /// As [`World::visits`], with the way to the hotel or home.
    pub(super) fn time(&self, span: usize, order: &[usize]) -> Option<Vec<i32>> {
        let own = &self.spans[span];
        let begins = self.visits(span, order)?;
        let (place, ready) = match (order.last(), begins.last()) {
            (Some(&last), Some(&begin)) => {
                let duration = self.problem.candidates[last].duration_minutes;
                (last, begin + i32::from(duration))
            }
            _ => (own.start, own.open),
        };
        let close = own.last as i32 * DAY + i32::from(self.problem.settings.latest_arrival_minute);
        let goal = match own.goal {
            Goal::Anywhere => return Some(begins),
            // The way to a hotel of the same city is not counted; the way home is, unless the team never left.
            Goal::Hotel(hotel) if self.cities[hotel] == self.cities[place] => return Some(begins),
            Goal::Home(home) if order.is_empty() && self.cities[home] == self.cities[place] => {
                return Some(begins);
            }
            Goal::Hotel(goal) | Goal::Home(goal) => goal,
        };
        let arrival = self.arrive(place, goal, ready)?;
        (arrival <= close).then_some(begins)
    }

    /// When each visited candidate is visited, and in which span; `None` when the tours break a rule.
    pub(super) fn check(&self, tours: &Tours) -> Option<HashMap<usize, (usize, i32)>> {
        let mut when = HashMap::new();
        for (span, order) in tours.iter().enumerate() {
            let begins = self.time(span, order)?;
            when.extend(
                order
                    .iter()
                    .zip(begins)
                    .map(|(&candidate, begin)| (candidate, (span, begin))),
            );
        }
        self.is_bound_well(&when).then_some(when)
    }

    /// Orders and hosts, of visits that are not locked.
    fn is_bound_well(&self, when: &HashMap<usize, (usize, i32)>) -> bool {
        let candidates = &self.problem.candidates;
        when.iter()
            .filter(|(candidate, _)| !candidates[**candidate].is_locked())
            .all(|(&candidate, &(span, begin))| {
                let own = &candidates[candidate];
                let is_after = own.after.iter().all(|id| {
                    let other = candidates.iter().position(|other| other.id == *id);
                    other
                        .and_then(|other| Some((other, when.get(&other)?)))
                        .is_some_and(|(other, (_, before))| {
                            before + i32::from(candidates[other].duration_minutes) <= begin
                        })
                });
                let team_day = |span: usize, begin: i32| (self.spans[span].team, begin / DAY);
                let is_together = own.host.is_none()
                    || when
                        .iter()
                        .filter(|(other, _)| candidates[**other].host == own.host)
                        .all(|(_, &(other, at))| team_day(other, at) == team_day(span, begin));
                is_after && is_together
            })
    }

    /// Whether a candidate can be put anywhere between the visits as they are.
    pub(super) fn has_room(&self, tours: &Tours, candidate: usize) -> bool {
        self.room(tours, candidate, |tours| self.check(tours).is_some())
    }

    /// As [`World::has_room`], but orders and hosts do not count.
    pub(super) fn has_time(&self, tours: &Tours, candidate: usize) -> bool {
        self.room(tours, candidate, |_| true)
    }

    fn room(&self, tours: &Tours, candidate: usize, fits: impl Fn(&Tours) -> bool) -> bool {
        if self.problem.candidates[candidate].place.is_none() {
            return false;
        }
        (0..tours.len()).any(|span| {
            (0..=tours[span].len()).any(|position| {
                let mut longer = tours.clone();
                longer[span].insert(position, candidate);
                self.time(span, &longer[span]).is_some() && fits(&longer)
            })
        })
    }

    /// The tours of a plan, whose times must be those of this world.
    pub(super) fn tours(&self, plan: &Plan) -> Tours {
        let mut tours = self.empty();
        let mut times = self.empty_times();
        for (team, own) in plan.teams.iter().enumerate() {
            for (day, own) in own.days.iter().enumerate() {
                for stop in &own.stops {
                    let candidates = &self.problem.candidates;
                    let candidate = candidates
                        .iter()
                        .position(|own| own.id == stop.candidate_id);
                    let span = self.spans.iter().position(|span| {
                        span.team == team && (span.first..=span.last).contains(&day)
                    });
                    tours[span.unwrap()].push(candidate.unwrap());
                    times[span.unwrap()].push(day as i32 * DAY + i32::from(stop.begin_minute));
                }
            }
        }
        for (span, order) in tours.iter().enumerate() {
            assert_eq!(
                self.time(span, order).as_ref(),
                Some(&times[span]),
                "span {span}"
            );
        }
        assert!(self.check(&tours).is_some(), "an order or a host is broken");
        tours
    }

    fn empty_times(&self) -> Vec<Vec<i32>> {
        vec![Vec::new(); self.spans.len()]
    }

    /// The best value of all tours, by trying every one; the given tours are the beginning of those tried.
    pub(super) fn best(&self, tours: &mut Tours, span: usize) -> f64 {
        let candidates = &self.problem.candidates;
        let mut best = f64::NEG_INFINITY;
        if self.check(tours).is_some() {
            best = tours
                .iter()
                .flatten()
                .map(|stop| candidates[*stop].value)
                .sum();
        }
        for later in span..tours.len() {
            for (candidate, own) in candidates.iter().enumerate() {
                if own.place.is_none() || tours.iter().flatten().any(|other| *other == candidate) {
                    continue;
                }
                tours[later].push(candidate);
                if self.visits(later, &tours[later]).is_some() {
                    best = best.max(self.best(tours, later));
                }
                tours[later].pop();
            }
        }
        best
    }
}

fn morning(problem: &TripProblem, day: usize) -> i32 {
    day as i32 * DAY + i32::from(problem.settings.earliest_departure_minute)
}

/// For each minute of a day whether guests are received.
pub(super) fn received(problem: &TripProblem, candidate: &Candidate, day: usize) -> Vec<bool> {
    let (settings, given) = (&problem.settings, &problem.days[day]);
    let own: Vec<&OpenWindow> = candidate.open.iter().collect();
    let of_date = own
        .iter()
        .any(|window| window.on == OpenOn::Date(given.date));
    let is_silent = own
        .iter()
        .all(|window| matches!(window.on, OpenOn::Date(_)));
    (0..1440_u16)
        .map(|minute| {
            let is_in =
                |window: &&&OpenWindow| (window.from_minute..window.until_minute).contains(&minute);
            let is_received = if of_date {
                own.iter()
                    .filter(is_in)
                    .any(|window| window.on == OpenOn::Date(given.date))
            } else {
                is_silent
                    || own.iter().filter(is_in).any(|window| match window.on {
                        OpenOn::Day(own) => usize::from(own) == day,
                        OpenOn::Weekday(own) => {
                            u32::from(own) == given.date.weekday().number_from_monday()
                        }
                        OpenOn::Date(_) => false,
                    })
            };
            let work = settings.work_from_minute..settings.work_until_minute;
            let lunch = settings.lunch_from_minute..settings.lunch_until_minute;
            given.working && is_received && work.contains(&minute) && !lunch.contains(&minute)
        })
        .collect()
}

/// The minutes of the trip at which a visit may begin, wherever the team is.
fn begins(problem: &TripProblem, candidate: &Candidate) -> Vec<i32> {
    let duration = usize::from(candidate.duration_minutes);
    let mut found = Vec::new();
    for day in 0..problem.days.len() {
        if candidate
            .fixed_day
            .is_some_and(|fixed| usize::from(fixed) != day)
        {
            continue;
        }
        let received = received(problem, candidate, day);
        let may_begin = |minute: usize| {
            received
                .get(minute..minute + duration)
                .is_some_and(|span| span.iter().all(|minute| *minute))
        };
        let allowed: Vec<bool> = (0..1440).map(may_begin).collect();
        let is_allowed = |minute: usize| allowed.get(minute).copied().unwrap_or(false);
        for minute in (0..1440).filter(|&minute| allowed[minute]) {
            // A visit that can begin at one moment only is an appointment, as one with a fixed minute.
            let is_moment =
                !is_allowed(minute + 1) && !minute.checked_sub(1).is_some_and(is_allowed);
            let is_on_grid = minute % usize::from(problem.settings.grid_minutes) == 0;
            let is_right = match candidate.fixed_minute {
                Some(fixed) => usize::from(fixed) == minute,
                None => is_on_grid || is_moment,
            };
            if is_right {
                found.push(day as i32 * DAY + minute as i32);
            }
        }
    }
    found
}
