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
pub(super) struct Span<'a> {
    pub(super) team: usize,
    pub(super) first: usize,
    pub(super) last: usize,
    start: usize,
    open: i32,
    goal: Goal,
    /// What has happened before, when it begins there.
    been: Option<&'a TeamPast>,
}

/// The visits of each span, in their order; numbers above those of the candidates are holds.
pub(super) type Tours = Vec<Vec<usize>>;

pub(super) struct World<'a> {
    problem: &'a TripProblem,
    pub(super) spans: Vec<Span<'a>>,
    /// Holds at a place that have not passed.
    waits: Vec<&'a Hold>,
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
        let latest = i32::from(problem.settings.latest_arrival_minute);
        let waits: Vec<&Hold> = problem
            .holds
            .iter()
            .filter(|hold| {
                let been = problem.past.get(usize::from(hold.team));
                let is_over = been.is_some_and(|been| hold.until() <= been.free_from);
                hold.place.is_some() && !is_over && i32::from(hold.from_minute) < latest
            })
            .collect();
        places.extend(waits.iter().filter_map(|hold| hold.place.as_ref()));
        let mut spans = Vec::new();
        for (index, team) in problem.teams.iter().enumerate() {
            let mut add = |place: &'a Place| {
                places.push(place);
                places.len() - 1
            };
            let been = problem.past.get(index);
            let free_from = been.map(|been| been.free_from).or(team.free_from);
            let (mut first, mut open) = (0, morning(problem, 0));
            let mut free = i32::MIN;
            if let Some(moment) = free_from {
                first = usize::from(moment.day);
                free = first as i32 * DAY + i32::from(moment.minute);
                open = free.max(morning(problem, first));
            }
            let mut start = add(been.map_or(&team.start, |been| &been.place));
            // What has happened counts until the team has slept in a given hotel.
            let mut begun = been;
            for night in &team.nights {
                let last = usize::from(night.day);
                if last < first {
                    continue;
                }
                let hotel = add(&night.place);
                let is_over = been.is_some() && free > last as i32 * DAY + latest;
                if !is_over {
                    spans.push(Span {
                        team: index,
                        first,
                        last,
                        start,
                        open,
                        goal: Goal::Hotel(hotel),
                        been: begun.take(),
                    });
                }
                if !is_over || been.is_some_and(|been| been.place.city == night.place.city) {
                    (start, begun) = (hotel, None);
                }
                (first, open) = (last + 1, morning(problem, last + 1).max(free));
            }
            let goal = if problem.settings.last_day_home {
                Goal::Home(add(&team.end))
            } else {
                Goal::Anywhere
            };
            let last = problem.days.len() - 1;
            if been.is_some() && free > last as i32 * DAY + latest {
                continue;
            }
            spans.push(Span {
                team: index,
                first,
                last,
                start,
                open,
                goal,
                been: begun,
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
            waits,
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
        let stops = tours
            .iter()
            .flatten()
            .filter(|stop| **stop < problem.candidates.len());
        let begun = problem
            .candidates
            .iter()
            .filter(|own| self.happened(own.id).is_some());
        stops
            .filter_map(|stop| problem.candidates[*stop].place.as_ref())
            .chain(begun.filter_map(|own| own.place.as_ref()))
            .chain(ends)
            .flat_map(|from| (0..24).map(move |hour| (from, hour * 60)))
            .map(|(from, minute)| travel.way(from, to, minute).minutes)
            .min()
            .unwrap()
    }

    /// The holds that are still ahead of a team.
    fn holds(&self, team: usize) -> impl Iterator<Item = (i32, i32)> + '_ {
        let own = self.problem.holds.iter();
        let free = self.problem.past.get(team).map(|been| been.free_from);
        own.filter(move |hold| usize::from(hold.team) == team)
            .filter(move |hold| free.is_none_or(|free| hold.until() > free))
            .map(|hold| {
                let day = i32::from(hold.day) * DAY;
                let (from, until) = (hold.from_minute, hold.until_minute);
                (day + i32::from(from), day + i32::from(until))
            })
    }

    /// The first arrival by a way that is left for at `ready` or later, on some day, and not during a hold.
    fn arrive(&self, team: usize, from: usize, to: usize, ready: i32) -> Option<i32> {
        let today = ready.div_euclid(DAY);
        let latest = i32::from(self.problem.settings.latest_arrival_minute);
        // A hold takes less than a day each.
        let last = today + 1 + self.holds(team).count() as i32;
        (today..=last).find_map(|day| {
            let free = ready.max(morning(self.problem, day as usize));
            let arrivals = self.ways[from][to].iter().zip(0..).flat_map(|(way, hour)| {
                let hour = day * DAY + hour * 60;
                let departures = self.holds(team).map(|(_, until)| until);
                departures
                    .chain([free, hour])
                    .map(move |departure| free.max(hour).max(departure))
                    .filter(move |departure| *departure < hour + 60)
                    .map(move |departure| (departure, departure + way))
            });
            arrivals
                .filter(|(departure, arrival)| {
                    self.holds(team)
                        .all(|(from, until)| from.max(*departure) >= until.min(*arrival))
                })
                .map(|(_, arrival)| arrival)
                .filter(|arrival| *arrival <= day * DAY + latest)
                .min()
        })
    }

    /// When the visits of a span begin; `None` when one of them cannot be.
    pub(super) fn visits(&self, span: usize, order: &[usize]) -> Option<Vec<i32>> {
        let own = &self.spans[span];
        let team = own.team;
        let (mut place, mut ready) = (own.start, own.open);
        let mut begins = Vec::new();
        for &candidate in order {
            if let Some(index) = candidate.checked_sub(self.problem.candidates.len()) {
                ready = self.wait(own, place, ready, index)?;
                begins.push(ready);
                place = candidate;
                continue;
            }
            let given = &self.problem.candidates[candidate];
            if given
                .fixed_team
                .is_some_and(|fixed| usize::from(fixed) != team)
            {
                return None;
            }
            let is_at_gate =
                place == own.start && own.been.is_some_and(|been| been.gate == Some(given.id));
            let arrival = if is_at_gate {
                ready
            } else {
                self.arrive(team, place, candidate, ready)?
            };
            let begin = self.begins[candidate].iter().copied().find(|&begin| {
                let day = begin.div_euclid(DAY);
                let is_held = self
                    .holds(team)
                    .any(|(from, _)| from.div_euclid(DAY) == day);
                let is_at_gate = is_at_gate && arrival.div_euclid(DAY) == day;
                // Whoever has slept in the city still has a way to the company in the morning.
                let local = if day > arrival.div_euclid(DAY) || is_held && !is_at_gate {
                    self.arrive(
                        team,
                        candidate,
                        candidate,
                        morning(self.problem, day as usize),
                    )
                } else {
                    Some(arrival)
                };
                (own.first..=own.last).contains(&(day as usize))
                    && local.is_some_and(|local| local.max(arrival) <= begin)
                    && !self
                        .holds(team)
                        .any(|(from, until)| (from..until).contains(&begin))
            })?;
            begins.push(begin);
            place = candidate;
            ready = begin + i32::from(given.duration_minutes);
        }
        Some(begins)
    }

    /// The end of a hold at a place which the team has reached before.
    fn wait(&self, own: &Span, place: usize, ready: i32, index: usize) -> Option<i32> {
        let hold = self.waits.get(index)?;
        let day = i32::from(hold.day) * DAY;
        let (from, until) = (i32::from(hold.from_minute), i32::from(hold.until_minute));
        let is_own = usize::from(hold.team) == own.team
            && (own.first..=own.last).contains(&usize::from(hold.day));
        let to = self.problem.candidates.len() + index;
        let is_there = if self.cities[place] == self.cities[to] {
            ready <= day + until
        } else {
            self.arrive(own.team, place, to, ready)? <= day + from
        };
        (is_own && is_there).then_some(day + until)
    }

    /// As [`World::visits`], with the way to the hotel or home.
    pub(super) fn time(&self, span: usize, order: &[usize]) -> Option<Vec<i32>> {
        let own = &self.spans[span];
        let begins = self.visits(span, order)?;
        let candidates = &self.problem.candidates;
        // Whether the team has made no visit since it was somewhere from where it need not go within the city.
        let (place, ready, is_idle) = match (order.last(), begins.last()) {
            (Some(&last), Some(&begin)) => {
                let visit = candidates.get(last);
                let duration = visit.map_or(0, |visit| visit.duration_minutes);
                (last, begin + i32::from(duration), visit.is_none())
            }
            _ => (own.start, own.open, !own.been.is_some_and(was_visiting)),
        };
        let close = own.last as i32 * DAY + i32::from(self.problem.settings.latest_arrival_minute);
        let goal = match own.goal {
            Goal::Anywhere => return Some(begins),
            // The way to a hotel of the same city is not counted; the way home is, unless the team never left.
            Goal::Hotel(hotel) if self.cities[hotel] == self.cities[place] => return Some(begins),
            Goal::Home(home) if is_idle && self.cities[home] == self.cities[place] => {
                return Some(begins);
            }
            Goal::Hotel(goal) | Goal::Home(goal) => goal,
        };
        let arrival = self.arrive(own.team, place, goal, ready)?;
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
                    .filter(|(own, _)| **own < self.problem.candidates.len())
                    .map(|(&candidate, begin)| (candidate, (span, begin))),
            );
        }
        self.is_bound_well(&when).then_some(when)
    }

    /// Team, day, begin and end of a visit that has happened.
    pub(super) fn happened(&self, id: i64) -> Option<(usize, i32, i32)> {
        let teams = self.problem.past.iter().enumerate();
        let mut days = teams.flat_map(|(team, own)| {
            let days = own.days.iter().zip(0..);
            days.map(move |(own, day)| (team, own, day))
        });
        days.find_map(|(team, own, day)| {
            let stop = own.stops.iter().find(|stop| stop.candidate_id == id)?;
            Some((team, day, day * DAY + i32::from(stop.end_minute)))
        })
    }

    /// Orders and hosts, of visits that are not locked.
    fn is_bound_well(&self, when: &HashMap<usize, (usize, i32)>) -> bool {
        let candidates = &self.problem.candidates;
        when.iter()
            .filter(|(candidate, _)| !candidates[**candidate].is_locked())
            .all(|(&candidate, &(span, begin))| {
                let own = &candidates[candidate];
                let is_after = own.after.iter().all(|id| {
                    if let Some((.., end)) = self.happened(*id) {
                        return end <= begin;
                    }
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
                let begun = candidates.iter().filter(|other| other.host == own.host);
                let is_together = is_together
                    && (own.host.is_none()
                        || begun
                            .filter_map(|other| self.happened(other.id))
                            .all(|(team, day, _)| (team, day) == team_day(span, begin)));
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
                    let moment = Moment {
                        day: day as u8,
                        minute: stop.begin_minute,
                    };
                    if self.problem.now.is_some_and(|now| moment < now) {
                        continue;
                    }
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
        for (index, hold) in self.waits.iter().enumerate() {
            let until = i32::from(hold.day) * DAY + i32::from(hold.until_minute);
            let span = self.spans.iter().position(|span| {
                span.team == usize::from(hold.team)
                    && (span.first..=span.last).contains(&usize::from(hold.day))
            });
            let span = span.unwrap();
            let position = times[span].partition_point(|begin| *begin < until);
            tours[span].insert(position, self.problem.candidates.len() + index);
            times[span].insert(position, until);
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

/// Whether the last thing that has happened is a visit.
fn was_visiting(been: &TeamPast) -> bool {
    let stops = been.days.iter().zip(0..).flat_map(|(own, day)| {
        let stops = own.stops.iter();
        stops.map(move |stop| (day, stop.begin_minute, true))
    });
    let legs = been.days.iter().zip(0..).flat_map(|(own, day)| {
        let legs = own.legs.iter();
        legs.map(move |leg| (day, leg.from_minute, false))
    });
    stops.chain(legs).max().is_some_and(|(.., is_stop)| is_stop)
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
    let mut past = problem.past.iter().flat_map(|own| &own.days);
    if past.any(|day| {
        day.stops
            .iter()
            .any(|stop| stop.candidate_id == candidate.id)
    }) {
        return Vec::new();
    }
    let now = problem
        .now
        .map_or(0, |now| i32::from(now.day) * DAY + i32::from(now.minute));
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
            if is_right && day as i32 * DAY + minute as i32 >= now {
                found.push(day as i32 * DAY + minute as i32);
            }
        }
    }
    found
}
