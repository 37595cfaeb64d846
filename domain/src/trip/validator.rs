//! Checks a plan against its problem. Nothing here uses the solver, so that an error there shows up here;
//! plans that people have changed by hand can be checked too.

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::{
    Candidate, DayPlan, Hold, Leg, Moment, Plan, Stop, Team, TeamPast, TeamPlan, Travel,
    TripProblem,
};
use crate::place::Place;

/// A rule that a plan breaks. Teams and days are zero-based.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Violation {
    WrongTeamCount {
        expected: u16,
        found: u16,
    },
    WrongDayCount {
        team: u8,
        expected: u16,
        found: u16,
    },
    WrongDate {
        team: u8,
        day: u8,
    },
    /// A stop or a left-out entry names a candidate that the problem does not have.
    UnknownCandidate {
        candidate_id: i64,
    },
    /// A stop without coordinates or with another city than its candidate's.
    WrongPlace {
        candidate_id: i64,
    },
    VisitedTwice {
        candidate_id: i64,
    },
    LeftOutTwice {
        candidate_id: i64,
    },
    VisitedAndLeftOut {
        candidate_id: i64,
    },
    /// Neither visited nor left out.
    Forgotten {
        candidate_id: i64,
    },
    /// On a day that is not a working day.
    ClosedDay {
        candidate_id: i64,
    },
    OutsideWorkingHours {
        candidate_id: i64,
    },
    OutsideWindow {
        candidate_id: i64,
    },
    AcrossLunch {
        candidate_id: i64,
    },
    /// The visit begins before the team arrives or does not last as long as it should.
    WrongDuration {
        candidate_id: i64,
    },
    WrongTeam {
        candidate_id: i64,
    },
    WrongDay {
        candidate_id: i64,
    },
    WrongMinute {
        candidate_id: i64,
    },
    /// Begins before the leg or stop before it has ended.
    Overlap {
        team: u8,
        day: u8,
        minute: u16,
    },
    /// The leg or stop is not where the team is.
    Discontinuity {
        team: u8,
        day: u8,
        minute: u16,
    },
    /// The leg is shorter than the estimate.
    LegTooShort {
        team: u8,
        day: u8,
        minute: u16,
        estimate_minutes: u16,
    },
    DepartureTooEarly {
        team: u8,
        day: u8,
        minute: u16,
    },
    ArrivalTooLate {
        team: u8,
        day: u8,
        minute: u16,
    },
    NotHome {
        team: u8,
    },
    WrongHotel {
        team: u8,
        day: u8,
    },
    /// Before the team is free.
    NotFree {
        team: u8,
        day: u8,
        minute: u16,
    },
    /// A visit or a leg begins before `now` that has not happened: the visit is not locked there, or the leg leads to no
    /// such visit.
    BeforeNow {
        team: u8,
        day: u8,
        minute: u16,
    },
    /// What has happened on that day is missing or otherwise.
    PastChanged {
        team: u8,
        day: u8,
    },
    /// A visit begins in a hold, a leg goes on in one, or the team is not where it waits.
    InHold {
        team: u8,
        day: u8,
        minute: u16,
    },
    /// Begins before a visit that must come first has ended, or that visit is missing.
    OutOfOrder {
        candidate_id: i64,
    },
    /// Another candidate of the same host is visited by another team or on another day.
    HostSplit {
        candidate_id: i64,
    },
    /// A total differs from the sum of its parts; `team` is `None` for the totals of the plan.
    WrongTotal {
        team: Option<u8>,
        total: Total,
    },
}

/// The totals that a plan states.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Total {
    Value,
    Visited,
    Cities,
    TravelMinutes,
    MeetingMinutes,
}

/// Finds every rule that the plan breaks; an empty answer means that the plan is valid.
///
/// Whether the reasons of left-out candidates are true is not checked. The problem itself must pass
/// [`TripProblem::check`]. With `now` it is to be the problem of [`TripProblem::begun`]: what has happened must be in the
/// plan as it was, and is not judged by any other rule.
#[must_use]
pub fn validate(problem: &TripProblem, plan: &Plan) -> Vec<Violation> {
    let mut checker = Checker {
        problem,
        travel: Travel::new(problem),
        known: problem
            .candidates
            .iter()
            .map(|candidate| (candidate.id, candidate))
            .collect(),
        violations: Vec::new(),
    };
    if plan.teams.len() != problem.teams.len() {
        checker.violations.push(Violation::WrongTeamCount {
            expected: saturated(problem.teams.len()),
            found: saturated(plan.teams.len()),
        });
    }
    for (index, team) in plan.teams.iter().enumerate() {
        // Teams beyond the count are already reported; their number only labels what else is wrong.
        checker.team(u8::try_from(index).unwrap_or(u8::MAX), team);
    }
    checker.bonds(plan);
    checker.accounts(plan);
    checker.totals(plan);
    checker.violations
}

fn saturated(count: usize) -> u16 {
    u16::try_from(count).unwrap_or(u16::MAX)
}

struct Checker<'a> {
    problem: &'a TripProblem,
    travel: Travel<'a>,
    known: HashMap<i64, &'a Candidate>,
    violations: Vec<Violation>,
}

/// A leg or a stop with its day.
#[derive(Clone, Copy)]
enum Item<'a> {
    Leg(&'a Leg),
    Stop(&'a Stop),
}

impl Item<'_> {
    /// When it has begun, so that nothing changes it any more.
    fn begin(&self) -> u16 {
        match self {
            Self::Leg(leg) => leg.from_minute,
            Self::Stop(stop) => stop.begin_minute,
        }
    }

    fn minute(&self) -> u16 {
        match self {
            Self::Leg(leg) => leg.from_minute,
            Self::Stop(stop) => stop.arrive_minute,
        }
    }
}

fn timeline(day: &DayPlan) -> Vec<Item<'_>> {
    // The sort is stable and legs come first: who arrives at a minute may be received at that minute.
    let mut items: Vec<Item<'_>> = day.legs.iter().map(Item::Leg).collect();
    items.extend(day.stops.iter().map(Item::Stop));
    items.sort_by_key(Item::minute);
    items
}

impl<'a> Checker<'a> {
    fn team(&mut self, team: u8, plan: &'a TeamPlan) {
        if plan.days.len() != self.problem.days.len() {
            self.violations.push(Violation::WrongDayCount {
                team,
                expected: saturated(self.problem.days.len()),
                found: saturated(plan.days.len()),
            });
        }
        self.history(team, plan);
        for (day, (own, given)) in plan.days.iter().zip(&self.problem.days).enumerate() {
            let day = day as u8;
            if own.date != given.date {
                self.violations.push(Violation::WrongDate { team, day });
            }
            for stop in &own.stops {
                self.stop(team, day, stop);
            }
        }
        self.journey(team, plan);
        self.hotels(team, plan);
    }

    /// The rules of one visit by itself.
    fn stop(&mut self, team: u8, day: u8, stop: &Stop) {
        let candidate_id = stop.candidate_id;
        let Some(&candidate) = self.known.get(&candidate_id) else {
            self.violations
                .push(Violation::UnknownCandidate { candidate_id });
            return;
        };
        let settings = &self.problem.settings;
        let (begin, end) = (stop.begin_minute, stop.end_minute);
        if self.is_over(day, begin) {
            let is_there = (
                candidate.fixed_team,
                candidate.fixed_day,
                candidate.fixed_minute,
            ) == (Some(team), Some(day), Some(begin));
            if !is_there || !candidate.required {
                let minute = begin;
                self.violations
                    .push(Violation::BeforeNow { team, day, minute });
            }
            return;
        }
        let is_held_up = self.problem.holds.iter().any(|hold| {
            (hold.team, hold.day) == (team, day)
                && (hold.from_minute..hold.until_minute).contains(&begin)
        });
        if is_held_up {
            let minute = begin;
            self.violations
                .push(Violation::InHold { team, day, minute });
        }
        let duration = u32::from(candidate.duration_minutes);
        let open = self
            .problem
            .days
            .get(usize::from(day))
            .and_then(|given| candidate.open_on(usize::from(day), given.date));
        let working = self
            .problem
            .days
            .get(usize::from(day))
            .is_some_and(|day| day.working);
        let checks = [
            (
                candidate
                    .place
                    .as_ref()
                    .is_some_and(|place| place.city == stop.city),
                Violation::WrongPlace { candidate_id },
            ),
            (
                stop.arrive_minute <= begin && u32::from(begin) + duration == u32::from(end),
                Violation::WrongDuration { candidate_id },
            ),
            (working, Violation::ClosedDay { candidate_id }),
            (
                begin >= settings.work_from_minute && end <= settings.work_until_minute,
                Violation::OutsideWorkingHours { candidate_id },
            ),
            (
                settings.lunch_from_minute == settings.lunch_until_minute
                    || end <= settings.lunch_from_minute
                    || begin >= settings.lunch_until_minute,
                Violation::AcrossLunch { candidate_id },
            ),
            (
                open.is_none_or(|open| is_covered(&open, begin, end)),
                Violation::OutsideWindow { candidate_id },
            ),
            (
                candidate.fixed_team.is_none_or(|fixed| fixed == team),
                Violation::WrongTeam { candidate_id },
            ),
            (
                candidate.fixed_day.is_none_or(|fixed| fixed == day),
                Violation::WrongDay { candidate_id },
            ),
            (
                candidate.fixed_minute.is_none_or(|fixed| fixed == begin),
                Violation::WrongMinute { candidate_id },
            ),
        ];
        self.violations.extend(
            checks
                .into_iter()
                .filter(|(is_kept, _)| !is_kept)
                .map(|(_, violation)| violation),
        );
    }

    /// Whether a moment is before `now`.
    fn is_over(&self, day: u8, minute: u16) -> bool {
        self.problem
            .now
            .is_some_and(|now| Moment { day, minute } < now)
    }

    /// What has happened to a team, when a plan in hand tells it.
    fn told(&self, team: u8) -> Option<&'a TeamPast> {
        let problem = self.problem;
        let is_told = problem.now.is_some() && problem.past.len() == problem.teams.len();
        problem.past.get(usize::from(team)).filter(|_| is_told)
    }

    /// What has happened is there as it was, and nothing else is.
    fn history(&mut self, team: u8, plan: &TeamPlan) {
        let told = self.told(team);
        for (index, own) in plan.days.iter().enumerate() {
            let day = index as u8;
            let is_over = |minute: u16| self.is_over(day, minute);
            let legs: Vec<&Leg> = own
                .legs
                .iter()
                .filter(|leg| is_over(leg.from_minute))
                .collect();
            let stops: Vec<&Stop> = own
                .stops
                .iter()
                .filter(|stop| is_over(stop.begin_minute))
                .collect();
            match told {
                Some(told) => {
                    let was = told.days.get(index);
                    let was_legs = was.map_or(&[][..], |was| &was.legs);
                    let was_stops = was.map_or(&[][..], |was| &was.stops);
                    if !legs.into_iter().eq(was_legs) || !stops.into_iter().eq(was_stops) {
                        self.violations.push(Violation::PastChanged { team, day });
                    }
                }
                // Nobody knows by which ways the visits were made that are locked in the past.
                None => self
                    .violations
                    .extend(legs.into_iter().map(|leg| Violation::BeforeNow {
                        team,
                        day,
                        minute: leg.from_minute,
                    })),
            }
        }
    }

    /// The holds of a team in order of time.
    fn holds(&self, team: u8) -> Vec<&'a Hold> {
        let problem = self.problem;
        let own = problem.holds.iter();
        let mut holds: Vec<&Hold> = own.filter(|hold| hold.team == team).collect();
        holds.sort_by_key(|hold| (hold.day, hold.from_minute));
        holds
    }

    /// Where a team is and from when on it goes on: at the beginning, or when what has happened is over.
    fn position(&self, team: u8, own: &'a Team, past: &[(u8, Item<'a>)]) -> (&'a Place, Moment) {
        let nothing = Moment { day: 0, minute: 0 };
        let Some(now) = self.problem.now else {
            return (&own.start, nothing);
        };
        if let Some(told) = self.told(team) {
            return (&told.place, told.free_from.max(now));
        }
        let (mut place, mut ready, mut last) = (&own.start, nothing, None);
        for &(day, item) in past {
            let Item::Stop(stop) = item else { continue };
            let known = self.known.get(&stop.candidate_id);
            if let Some(company) = known.and_then(|candidate| candidate.place.as_ref()) {
                place = company;
            }
            let minute = stop.end_minute.min(1440);
            ready = Moment { day, minute };
            last = Some((day, stop.begin_minute));
        }
        for hold in self.holds(team) {
            let until = (hold.day, hold.until_minute);
            let has_begun = (hold.day, hold.from_minute) <= (now.day, now.minute);
            if has_begun && last.is_none_or(|last| last < until) {
                place = hold.place.as_ref().unwrap_or(place);
                ready = ready.max(hold.until());
                last = last.max(Some((hold.day, hold.from_minute)));
            }
        }
        let ready = ready.max(now).max(own.free_from.unwrap_or(now));
        let first = last.map_or(0, |(day, _)| day);
        let slept = own.nights.iter().rev().find(|night| night.day < ready.day);
        if let Some(hotel) = slept.filter(|night| night.day >= first)
            && hotel.place.city == place.city
        {
            place = &hotel.place;
        }
        (place, ready)
    }

    /// Whether the last evening of a day was over before the team goes on: nothing can be done about it.
    fn is_night_over(&self, day: usize, ready: Moment) -> bool {
        let latest = self.problem.settings.latest_arrival_minute;
        let ready = (usize::from(ready.day), ready.minute);
        self.problem.now.is_some() && (day, latest) < ready
    }

    /// Follows the team from place to place, from where what has happened has brought it.
    fn journey(&mut self, team: u8, plan: &'a TeamPlan) {
        let problem = self.problem;
        let Some(own) = problem.teams.get(usize::from(team)) else {
            return;
        };
        let mut items: Vec<(u8, Item<'a>)> = plan
            .days
            .iter()
            .enumerate()
            .flat_map(|(day, own)| timeline(own).into_iter().map(move |item| (day as u8, item)))
            .collect();
        // Whoever is at a gate has arrived before `now`, but the visit has not begun.
        items.sort_by_key(|&(day, item)| !self.is_over(day, item.begin()));
        let begun = items.partition_point(|&(day, item)| self.is_over(day, item.begin()));
        let (mut current, start) = self.position(team, own, &items[..begun]);
        let mut ready = start;
        let mut has_moved = begun > 0;
        let all_holds = self.holds(team);
        let mut waits = all_holds
            .iter()
            .filter(|hold| {
                let is_late = hold.from_minute >= problem.settings.latest_arrival_minute;
                hold.until() > start && !is_late
            })
            .filter_map(|hold| Some((*hold, hold.place.as_ref()?)))
            .peekable();
        for (index, &(day, item)) in items.iter().enumerate().skip(begun) {
            loop {
                let moment = Moment {
                    day,
                    minute: item.begin(),
                };
                let Some((hold, place)) = waits.next_if(|(hold, _)| hold.until() <= moment) else {
                    break;
                };
                self.wait(own, hold, place, &mut current, ready);
                ready = ready.max(hold.from());
            }
            if day != ready.day {
                current = slept(own, current, ready.day, day);
            }
            let gate = self.told(team).and_then(|told| told.gate);
            let is_at_gate = index == begun
                && matches!(item, Item::Stop(stop) if gate == Some(stop.candidate_id));
            let minute = if is_at_gate {
                item.begin()
            } else {
                item.minute()
            };
            let is_free = own
                .free_from
                .is_none_or(|moment| (moment.day, moment.minute) <= (day, minute));
            if !is_free {
                self.violations
                    .push(Violation::NotFree { team, day, minute });
            }
            if (Moment { day, minute }) < ready {
                self.violations
                    .push(Violation::Overlap { team, day, minute });
            }
            match item {
                Item::Leg(leg) => {
                    let next_stop = items[index + 1..]
                        .iter()
                        .find_map(|(day, item)| match item {
                            Item::Stop(stop) => Some((*day, *stop)),
                            Item::Leg(_) => None,
                        });
                    let is_held_up = all_holds.iter().any(|hold| {
                        let from = leg.from_minute.max(hold.from_minute);
                        hold.day == day && from < leg.until_minute.min(hold.until_minute)
                    });
                    if is_held_up {
                        self.violations
                            .push(Violation::InHold { team, day, minute });
                    }
                    if leg.from_city != current.city {
                        self.violations
                            .push(Violation::Discontinuity { team, day, minute });
                    }
                    let next_wait = waits.peek().copied();
                    match self.target(own, day, leg, next_stop, next_wait) {
                        Some(target) => {
                            let least = self.travel.way(current, target, leg.from_minute).minutes;
                            let taken = leg.until_minute.checked_sub(leg.from_minute);
                            if taken.is_none_or(|taken| taken < least) {
                                self.violations.push(Violation::LegTooShort {
                                    team,
                                    day,
                                    minute,
                                    estimate_minutes: least,
                                });
                            }
                            current = target;
                        }
                        None => {
                            self.violations
                                .push(Violation::Discontinuity { team, day, minute });
                        }
                    }
                    if leg.from_minute < problem.settings.earliest_departure_minute {
                        self.violations
                            .push(Violation::DepartureTooEarly { team, day, minute });
                    }
                    if leg.until_minute > problem.settings.latest_arrival_minute {
                        self.violations.push(Violation::ArrivalTooLate {
                            team,
                            day,
                            minute: leg.until_minute,
                        });
                    }
                    ready = Moment {
                        day,
                        minute: leg.until_minute,
                    };
                }
                Item::Stop(stop) => {
                    let place = self
                        .known
                        .get(&stop.candidate_id)
                        .and_then(|candidate| candidate.place.as_ref());
                    // Every visit needs its own way: from the hotel, the station or the visit before.
                    let is_before_leg = index > 0
                        && (index > begun || is_at_gate)
                        && matches!(items[index - 1], (before, Item::Leg(_)) if before == day);
                    if !is_before_leg || place.is_some_and(|place| place.city != current.city) {
                        self.violations
                            .push(Violation::Discontinuity { team, day, minute });
                    }
                    if let Some(place) = place {
                        current = place;
                    }
                    ready = Moment {
                        day,
                        minute: stop.end_minute,
                    };
                }
            }
            has_moved = true;
        }
        let mut waits_at_home = false;
        for (hold, place) in waits {
            self.wait(own, hold, place, &mut current, ready);
            ready = ready.max(hold.from());
            waits_at_home = place.city == own.end.city;
        }
        let is_back = waits_at_home || matches!(items.last(), Some((_, Item::Leg(_))));
        let is_home = current.city == own.end.city && (!has_moved || is_back);
        let is_late = problem.days.is_empty() || self.is_night_over(problem.days.len() - 1, start);
        if problem.settings.last_day_home && !is_home && !is_late {
            self.violations.push(Violation::NotHome { team });
        }
    }

    /// The team is where it waits: it has come there, or slept there.
    fn wait(
        &mut self,
        own: &'a Team,
        hold: &'a Hold,
        place: &'a Place,
        current: &mut &'a Place,
        ready: Moment,
    ) {
        *current = slept(own, current, ready.day, hold.day);
        if current.city != place.city {
            self.violations.push(Violation::InHold {
                team: hold.team,
                day: hold.day,
                minute: hold.from_minute,
            });
        }
        *current = place;
    }

    /// The exact place a leg leads to: that of the given hotel or of the hold before the next stop, that of the next
    /// stop, or the end, or any place of its city.
    fn target(
        &self,
        own: &'a Team,
        day: u8,
        leg: &Leg,
        next_stop: Option<(u8, &Stop)>,
        next_wait: Option<(&'a Hold, &'a Place)>,
    ) -> Option<&'a Place> {
        let problem = self.problem;
        let until = next_stop.map_or((u8::MAX, u16::MAX), |(day, stop)| (day, stop.begin_minute));
        // A night comes after everything else of its day.
        let nights = own
            .nights
            .iter()
            .map(|night| ((night.day, u16::MAX), &night.place));
        let wait = next_wait.map(|(hold, place)| ((hold.day, hold.from_minute), place));
        let before = nights
            .chain(wait)
            .filter(|(when, place)| when.0 >= day && *when < until && place.city == leg.to_city)
            .min_by_key(|(when, _)| *when);
        if let Some((_, place)) = before {
            return Some(place);
        }
        let next = match next_stop {
            Some((_, stop)) => self
                .known
                .get(&stop.candidate_id)
                .and_then(|candidate| candidate.place.as_ref()),
            None => Some(&own.end),
        };
        next.filter(|place| place.city == leg.to_city).or_else(|| {
            own.nights
                .iter()
                .map(|night| &night.place)
                .chain([&own.start, &own.end])
                .chain(
                    problem
                        .candidates
                        .iter()
                        .filter_map(|candidate| candidate.place.as_ref()),
                )
                .find(|place| place.city == leg.to_city)
        })
    }

    fn hotels(&mut self, team: u8, plan: &'a TeamPlan) {
        let problem = self.problem;
        let position = match problem.teams.get(usize::from(team)) {
            Some(own) => {
                let items = plan.days.iter().enumerate();
                let begun: Vec<(u8, Item<'a>)> = items
                    .flat_map(|(day, own)| {
                        let items = timeline(own).into_iter();
                        items.map(move |item| (day as u8, item))
                    })
                    .filter(|&(day, item)| self.is_over(day, item.begin()))
                    .collect();
                Some(self.position(team, own, &begun))
            }
            None => None,
        };
        let start = position.map_or(Moment { day: 0, minute: 0 }, |(_, start)| start);
        let is_idle = |day: &DayPlan| day.legs.is_empty() && day.stops.is_empty();
        let first = plan.days.iter().position(|day| !is_idle(day));
        let last = plan.days.iter().rposition(|day| !is_idle(day));
        let mut city = self
            .problem
            .teams
            .get(usize::from(team))
            .map(|own| &own.start.city);
        for (index, day) in plan.days.iter().enumerate() {
            city = timeline(day)
                .last()
                .map(|item| match item {
                    Item::Leg(leg) => &leg.to_city,
                    Item::Stop(stop) => &stop.city,
                })
                .or(city);
            // A hold may have brought it elsewhere.
            let is_later = |item: &Item| !self.is_over(index as u8, item.begin());
            if let Some((place, _)) = position.filter(|_| problem.now.is_some())
                && usize::from(start.day) == index
                && !timeline(day).iter().any(is_later)
            {
                city = Some(&place.city);
            }
            let is_away =
                first.is_some_and(|first| first <= index) && last.is_some_and(|last| index < last);
            let night = self.problem.teams.get(usize::from(team)).and_then(|own| {
                own.nights
                    .iter()
                    .find(|night| usize::from(night.day) == index)
            });
            let expected = match night {
                Some(night) => Some(&night.place.city),
                None if is_away => city,
                None => None,
            };
            let is_there = night.is_none() || city == expected;
            if self.is_night_over(index, start) {
                continue;
            }
            if !is_there || day.hotel_city.as_ref() != expected {
                self.violations.push(Violation::WrongHotel {
                    team,
                    day: index as u8,
                });
            }
        }
    }

    /// Orders and hosts; a locked visit stays where it is, whatever they say.
    fn bonds(&mut self, plan: &Plan) {
        let mut when: HashMap<i64, (usize, usize, u16, u16)> = HashMap::new();
        for (team, own) in plan.teams.iter().enumerate() {
            for (day, own) in own.days.iter().enumerate() {
                for stop in &own.stops {
                    let span = (team, day, stop.begin_minute, stop.end_minute);
                    when.insert(stop.candidate_id, span);
                }
            }
        }
        let problem = self.problem;
        let visited = problem
            .candidates
            .iter()
            .filter(|candidate| !candidate.is_locked())
            .filter_map(|candidate| Some((candidate, when.get(&candidate.id)?)));
        for (candidate, &(team, day, begin, _)) in visited {
            let candidate_id = candidate.id;
            let is_in_order = candidate.after.iter().all(|other| {
                when.get(other)
                    .is_some_and(|&(_, before, _, end)| (before, end) <= (day, begin))
            });
            if !is_in_order {
                self.violations.push(Violation::OutOfOrder { candidate_id });
            }
            let is_together = candidate.host.is_none()
                || problem
                    .candidates
                    .iter()
                    .filter(|other| other.host == candidate.host)
                    .filter_map(|other| when.get(&other.id))
                    .all(|&(other_team, other_day, ..)| (other_team, other_day) == (team, day));
            if !is_together {
                self.violations.push(Violation::HostSplit { candidate_id });
            }
        }
    }

    /// Every candidate is visited once or left out once.
    fn accounts(&mut self, plan: &Plan) {
        let mut visited = HashSet::new();
        for stop in stops(plan) {
            if !visited.insert(stop.candidate_id) {
                self.violations.push(Violation::VisitedTwice {
                    candidate_id: stop.candidate_id,
                });
            }
        }
        let mut left_out = HashSet::new();
        for entry in &plan.left_out {
            let candidate_id = entry.candidate_id;
            if !self.known.contains_key(&candidate_id) {
                self.violations
                    .push(Violation::UnknownCandidate { candidate_id });
            }
            if !left_out.insert(candidate_id) {
                self.violations
                    .push(Violation::LeftOutTwice { candidate_id });
            }
            if visited.contains(&candidate_id) {
                self.violations
                    .push(Violation::VisitedAndLeftOut { candidate_id });
            }
        }
        for candidate in &self.problem.candidates {
            if !visited.contains(&candidate.id) && !left_out.contains(&candidate.id) {
                self.violations.push(Violation::Forgotten {
                    candidate_id: candidate.id,
                });
            }
        }
    }

    fn totals(&mut self, plan: &Plan) {
        for (index, team) in plan.teams.iter().enumerate() {
            let label = Some(u8::try_from(index).unwrap_or(u8::MAX));
            let visits: usize = team.days.iter().map(|day| day.stops.len()).sum();
            self.total(label, Total::Visited, usize::from(team.visits) == visits);
            self.total(
                label,
                Total::TravelMinutes,
                u64::from(team.travel_minutes) == travel_minutes(team),
            );
        }
        let travel: u64 = plan.teams.iter().map(travel_minutes).sum();
        let meeting: u64 = stops(plan)
            .map(|stop| u64::from(stop.end_minute.saturating_sub(stop.begin_minute)))
            .sum();
        let cities: HashSet<&str> = stops(plan).map(|stop| stop.city.as_str()).collect();
        let value: f64 = stops(plan)
            .filter_map(|stop| self.known.get(&stop.candidate_id))
            .map(|candidate| candidate.value)
            .sum();
        let is_value_equal = (value - plan.total_value).abs() <= 1e-9 * value.max(1.0);
        self.total(None, Total::Value, is_value_equal);
        self.total(
            None,
            Total::Visited,
            usize::from(plan.visited) == stops(plan).count(),
        );
        self.total(
            None,
            Total::Cities,
            usize::from(plan.cities) == cities.len(),
        );
        self.total(
            None,
            Total::TravelMinutes,
            u64::from(plan.travel_minutes) == travel,
        );
        self.total(
            None,
            Total::MeetingMinutes,
            u64::from(plan.meeting_minutes) == meeting,
        );
    }

    fn total(&mut self, team: Option<u8>, total: Total, is_equal: bool) {
        if !is_equal {
            self.violations.push(Violation::WrongTotal { team, total });
        }
    }
}

/// Where a team is on a later day: a given hotel in the city where it has been needs no way of its own.
fn slept<'a>(own: &'a Team, current: &'a Place, from: u8, until: u8) -> &'a Place {
    let slept = own.nights.iter().rev().find(|night| night.day < until);
    match slept.filter(|night| night.day >= from) {
        Some(hotel) if hotel.place.city == current.city => &hotel.place,
        _ => current,
    }
}

fn stops(plan: &Plan) -> impl Iterator<Item = &Stop> {
    plan.teams
        .iter()
        .flat_map(|team| &team.days)
        .flat_map(|day| &day.stops)
}

fn travel_minutes(team: &TeamPlan) -> u64 {
    team.days
        .iter()
        .flat_map(|day| &day.legs)
        .map(|leg| u64::from(leg.until_minute.saturating_sub(leg.from_minute)))
        .sum()
}

/// Whether spans, taken together, contain the whole span.
fn is_covered(open: &[(u16, u16)], begin: u16, end: u16) -> bool {
    let mut covered_until = begin;
    while covered_until < end {
        let furthest = open
            .iter()
            .filter(|(from, _)| *from <= covered_until)
            .map(|(_, until)| *until)
            .max();
        match furthest {
            Some(until) if until > covered_until => covered_until = until,
            _ => return false,
        }
    }
    true
}
