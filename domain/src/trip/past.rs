//! What has happened by a plan when the trip has come to a moment, and from where each team goes on.

use std::borrow::Cow;
use std::collections::HashMap;

use super::model::on_day;
use super::{
    Candidate, DAY_MINUTES, DayPlan, Hold, Leg, Moment, Place, Plan, Stop, Team, TeamPast,
    TeamPlan, Travel, TripProblem,
};
use crate::city;

/// A visit that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Begun {
    /// Index of its candidate.
    pub(super) source: usize,
    pub(super) team: usize,
    pub(super) day: usize,
    /// In minutes of the trip.
    pub(super) begin: i32,
    pub(super) end: i32,
}

impl TripProblem {
    /// The problem with what has happened by a plan in hand: its visits that have begun before `now` are locked where
    /// they are, and each team goes on from where the plan has brought it. Without `now` nothing has happened.
    ///
    /// Visits of candidates that the problem does not have are cancelled, and are no part of it. The way on which a
    /// hold takes a team by surprise ends at the place of the hold, or has not been begun.
    ///
    /// A plan that follows the plan in hand is to be judged by this problem.
    #[must_use]
    pub fn begun(&self, plan: &Plan) -> TripProblem {
        let mut own = self.clone();
        own.past.clear();
        let Some(now) = self.now else {
            return own;
        };
        let past = Past::new(self, now);
        own.past = (0..self.teams.len())
            .map(|team| past.team(team, plan.teams.get(team)))
            .collect();
        let slots: HashMap<i64, (u8, u8, u16)> = stops(&own.past)
            .map(|(team, day, stop)| {
                let slot = (team as u8, day as u8, stop.begin_minute);
                (stop.candidate_id, slot)
            })
            .collect();
        for candidate in &mut own.candidates {
            if let Some(&(team, day, minute)) = slots.get(&candidate.id) {
                candidate.required = true;
                candidate.fixed_team = Some(team);
                candidate.fixed_day = Some(day);
                candidate.fixed_minute = Some(minute);
            }
        }
        own
    }
}

/// All stops with their team and day.
fn stops(past: &[TeamPast]) -> impl Iterator<Item = (usize, usize, &Stop)> {
    past.iter().enumerate().flat_map(|(team, own)| {
        own.days
            .iter()
            .enumerate()
            .flat_map(move |(day, own)| own.stops.iter().map(move |stop| (team, day, stop)))
    })
}

/// What the teams of a problem have done: one entry for each team, none when nothing can have happened yet.
///
/// When no plan tells, it is the locked visits of before `now`.
pub(super) fn pasts(problem: &TripProblem) -> Cow<'_, [TeamPast]> {
    let Some(now) = problem.now else {
        return Cow::Borrowed(&[]);
    };
    if problem.past.len() == problem.teams.len() {
        return Cow::Borrowed(&problem.past);
    }
    let past = Past::new(problem, now);
    let teams = 0..problem.teams.len();
    Cow::Owned(
        teams
            .map(|team| past.team(team, Some(&locked(problem, now, team))))
            .collect(),
    )
}

/// The visits that have begun.
pub(super) fn begun(problem: &TripProblem, past: &[TeamPast]) -> Vec<Begun> {
    let index: HashMap<i64, usize> = problem
        .candidates
        .iter()
        .enumerate()
        .map(|(index, candidate)| (candidate.id, index))
        .collect();
    stops(past)
        .filter_map(|(team, day, stop)| {
            Some(Begun {
                source: *index.get(&stop.candidate_id)?,
                team,
                day,
                begin: on_day(day, stop.begin_minute),
                end: on_day(day, stop.end_minute),
            })
        })
        .collect()
}

/// A plan of the locked visits of before `now` alone.
fn locked(problem: &TripProblem, now: Moment, team: usize) -> TeamPlan {
    let mut days = empty_days(problem);
    for candidate in problem.candidates.iter().filter(|own| own.is_locked()) {
        let (Some(place), Some(own), Some(day), Some(minute)) = (
            &candidate.place,
            candidate.fixed_team,
            candidate.fixed_day,
            candidate.fixed_minute,
        ) else {
            continue;
        };
        let is_over = Moment { day, minute } < now && usize::from(own) == team;
        if let (Some(day), true) = (days.get_mut(usize::from(day)), is_over) {
            day.stops.push(Stop {
                candidate_id: candidate.id,
                city: place.city.clone(),
                arrive_minute: minute,
                begin_minute: minute,
                end_minute: minute.saturating_add(candidate.duration_minutes),
            });
        }
    }
    for day in &mut days {
        day.stops
            .sort_by_key(|stop| (stop.begin_minute, stop.candidate_id));
    }
    TeamPlan {
        days,
        visits: 0,
        travel_minutes: 0,
    }
}

fn empty_days(problem: &TripProblem) -> Vec<DayPlan> {
    let days = problem.days.iter();
    days.map(|day| DayPlan {
        date: day.date,
        legs: Vec::new(),
        stops: Vec::new(),
        hotel_city: None,
    })
    .collect()
}

/// A leg or a stop of a plan.
#[derive(Clone, Copy)]
enum Event<'a> {
    Leg(&'a Leg),
    Stop(&'a Stop),
}

/// Where a team is, and from when on it may leave.
#[derive(Clone)]
struct Position {
    place: Place,
    ready: Moment,
    gate: Option<i64>,
}

struct Past<'a> {
    problem: &'a TripProblem,
    now: Moment,
    known: HashMap<i64, &'a Candidate>,
}

impl<'a> Past<'a> {
    fn new(problem: &'a TripProblem, now: Moment) -> Self {
        let candidates = problem.candidates.iter();
        Self {
            problem,
            now,
            known: candidates.map(|own| (own.id, own)).collect(),
        }
    }

    fn team(&self, team: usize, plan: Option<&TeamPlan>) -> TeamPast {
        let own = &self.problem.teams[team];
        let mut days = empty_days(self.problem);
        let events = plan.map_or_else(Vec::new, |plan| self.events(plan));
        let holds = self.holds(team);
        let begun = events.partition_point(|(moment, _)| *moment < self.now);
        let (begun, surprise) = surprised(&events[..begun], &holds);
        let mut position = Position {
            place: own.start.clone(),
            ready: Moment { day: 0, minute: 0 },
            gate: None,
        };
        // When the last thing that has happened began.
        let mut last = None;
        for (index, &(moment, event)) in events[..begun].iter().enumerate() {
            let day = &mut days[usize::from(moment.day)];
            if let Some(hotel) = slept(own, &position.place, last, moment.day) {
                position.place = hotel.clone();
            }
            match event {
                Event::Stop(stop) => {
                    if let Some(candidate) = self.known.get(&stop.candidate_id) {
                        day.stops.push(stop.clone());
                        if let Some(place) = &candidate.place {
                            position.place = place.clone();
                        }
                        position.ready = at(moment.day, stop.end_minute);
                    } else {
                        // It was cancelled, but the team has gone there.
                        position.place = self.place_in(
                            own,
                            &stop.city,
                            &events[index..],
                            &position.place,
                            &|_| true,
                        );
                        position.ready = moment;
                    }
                    position.gate = None;
                }
                Event::Leg(leg) => {
                    let is_last = index + 1 == begun;
                    if let Some((hold, place)) = surprise.filter(|_| is_last) {
                        day.legs
                            .push(self.interrupted(leg, &position.place, hold, place));
                        position = Position {
                            place: place.clone(),
                            ready: hold.until(),
                            gate: None,
                        };
                    } else {
                        day.legs.push(leg.clone());
                        position = self.arrived(own, &events[index..], &position.place);
                    }
                }
            }
            last = Some(moment);
        }
        for hold in holds {
            let is_later = last.is_none_or(|last| last < hold.until());
            if hold.from() <= self.now && is_later {
                if let Some(place) = &hold.place {
                    position.place = place.clone();
                    position.gate = None;
                }
                position.ready = position.ready.max(hold.until());
                last = last.max(Some(hold.from()));
            }
        }
        let free_from = position
            .ready
            .max(self.now)
            .max(own.free_from.unwrap_or(self.now));
        if let Some(hotel) = slept(own, &position.place, last, free_from.day) {
            position.place = hotel.clone();
            position.gate = None;
        }
        TeamPast {
            days,
            place: position.place,
            free_from,
            gate: position.gate,
        }
    }

    /// What a plan says of one team, in order of time. Legs go before stops of the same minute.
    fn events<'b>(&self, plan: &'b TeamPlan) -> Vec<(Moment, Event<'b>)> {
        let days = plan.days.iter().take(self.problem.days.len());
        let mut events: Vec<(Moment, Event<'b>)> = (0_u8..)
            .zip(days)
            .flat_map(|(day, own)| {
                let legs = own.legs.iter().map(Event::Leg);
                let events = legs.chain(own.stops.iter().map(Event::Stop));
                events.map(move |event| {
                    let minute = match event {
                        Event::Leg(leg) => leg.from_minute,
                        Event::Stop(stop) => stop.begin_minute,
                    };
                    (at(day, minute), event)
                })
            })
            .collect();
        events.sort_by_key(|(moment, _)| *moment);
        events
    }

    /// The holds of a team, in order of time.
    fn holds(&self, team: usize) -> Vec<&'a Hold> {
        let all = self.problem.holds.iter();
        let mut holds: Vec<&Hold> = all.filter(|own| usize::from(own.team) == team).collect();
        holds.sort_by_key(|hold| hold.from());
        holds
    }

    /// Where the leg at the beginning of the events leads, and whether to a gate.
    fn arrived(&self, own: &Team, events: &[(Moment, Event)], from: &Place) -> Position {
        let Some(&(moment, Event::Leg(leg))) = events.first() else {
            return Position {
                place: from.clone(),
                ready: self.now,
                gate: None,
            };
        };
        let travel = Travel::new(self.problem);
        let is_as_far = |to: &Place| {
            to.city == leg.to_city
                && travel.way(from, to, leg.from_minute).kilometres == leg.kilometres
        };
        // What the plan does next tells where the leg leads, but that may have been given up since the leg was begun:
        // then it is the place that is as far as the leg says.
        let known = self.places(own);
        let is_told = known.iter().any(|place| is_as_far(place));
        let aim = self.aim(own, events);
        let aim = aim.filter(|(place, gate)| gate.is_some() || is_as_far(place) || !is_told);
        let (place, gate) = match aim {
            Some((place, gate)) => (place.clone(), gate),
            None => {
                let is_likely = |place: &Place| is_as_far(place) || !is_told;
                let place = self.place_in(own, &leg.to_city, events, from, &is_likely);
                (place, None)
            }
        };
        Position {
            place,
            ready: at(moment.day, leg.until_minute),
            gate,
        }
    }

    /// The given hotel or the company to which the leg at the beginning of the events leads, and whether to its gate.
    fn aim<'b>(&self, own: &'b Team, events: &[(Moment, Event)]) -> Option<(&'b Place, Option<i64>)>
    where
        'a: 'b,
    {
        let Some(&(moment, Event::Leg(leg))) = events.first() else {
            return None;
        };
        let next = events[1..].iter().find_map(|(moment, event)| match event {
            Event::Stop(stop) => Some((*moment, *stop)),
            Event::Leg(_) => None,
        });
        let until = next.map_or(u8::MAX, |(moment, _)| moment.day);
        let hotel = own.nights.iter().find(|night| {
            (moment.day..until).contains(&night.day) && night.place.city == leg.to_city
        });
        if let Some(hotel) = hotel {
            return Some((&hotel.place, None));
        }
        let Some((when, stop)) = next else {
            // Only the last leg leads to the end.
            let is_home = events.len() == 1 && own.end.city == leg.to_city;
            return is_home.then_some((&own.end, None));
        };
        let candidate = self.known.get(&stop.candidate_id)?;
        let place = candidate.place.as_ref()?;
        let is_next = matches!(events.get(1), Some((_, Event::Stop(_))));
        let gate = (is_next && when.day == moment.day).then_some(candidate.id);
        (place.city == leg.to_city).then_some((place, gate))
    }

    /// The places that the problem tells of, those of the team first.
    fn places<'b>(&self, own: &'b Team) -> Vec<&'b Place>
    where
        'a: 'b,
    {
        let holds = self.problem.holds.iter();
        let candidates = self.problem.candidates.iter();
        [&own.end, &own.start]
            .into_iter()
            .chain(own.nights.iter().map(|night| &night.place))
            .chain(holds.filter_map(|hold| hold.place.as_ref()))
            .chain(candidates.filter_map(|candidate| candidate.place.as_ref()))
            .collect()
    }

    /// Some likely place of a city to which the event at the beginning has led: one from which the next leg of the plan
    /// takes no longer than it says, if one is known.
    fn place_in(
        &self,
        own: &Team,
        city: &str,
        events: &[(Moment, Event)],
        from: &Place,
        is_likely: &dyn Fn(&Place) -> bool,
    ) -> Place {
        let places = self.places(own);
        let known = || {
            let places = places.iter().copied();
            places.filter(|place| place.city == city && is_likely(place))
        };
        let next = (1..events.len()).find_map(|index| match events[index] {
            (_, Event::Leg(leg)) => Some((leg, self.aim(own, &events[index..]))),
            _ => None,
        });
        let travel = Travel::new(self.problem);
        let is_near_enough = |place: &&Place| {
            let Some((leg, aim)) = next else {
                return false;
            };
            let minutes = leg.until_minute.saturating_sub(leg.from_minute);
            let is_reached = |to: &Place| travel.way(place, to, leg.from_minute).minutes <= minutes;
            match aim {
                Some((to, _)) => is_reached(to),
                None => {
                    let mut targets = places.iter().filter(|to| to.city == leg.to_city);
                    targets.any(|to| is_reached(to))
                }
            }
        };
        known()
            .find(is_near_enough)
            .or_else(|| known().next())
            .cloned()
            .or_else(|| {
                let found = city::find(None, city)?;
                Some(Place {
                    city: city.to_owned(),
                    ..found
                })
            })
            .unwrap_or_else(|| Place {
                city: city.to_owned(),
                ..from.clone()
            })
    }

    /// As much of a leg as was gone when a hold began.
    fn interrupted(&self, leg: &Leg, from: &Place, hold: &Hold, place: &Place) -> Leg {
        let way = Travel::new(self.problem).way(from, place, leg.from_minute);
        Leg {
            from_city: leg.from_city.clone(),
            to_city: place.city.clone(),
            from_minute: leg.from_minute,
            until_minute: hold.from_minute,
            mode: way.mode,
            kilometres: way.kilometres,
        }
    }
}

/// How many events have happened all the same when holds took the team by surprise on its last leg, and the hold and the
/// place in which the last of them has ended. A leg that led nowhere, or of which nobody knows where, has not been begun.
fn surprised<'a>(
    events: &[(Moment, Event)],
    holds: &[&'a Hold],
) -> (usize, Option<(&'a Hold, &'a Place)>) {
    let mut begun = events.len();
    while let Some((moment, Event::Leg(leg))) = events[..begun].last() {
        let Some(hold) = holds.iter().find(|hold| crosses(leg, *moment, hold)) else {
            break;
        };
        let has_left = leg.from_minute < hold.from_minute;
        let place = hold
            .place
            .as_ref()
            .filter(|place| place.city != leg.from_city);
        if let (Some(place), true) = (place, has_left) {
            return (begun, Some((hold, place)));
        }
        begun -= 1;
    }
    (begun, None)
}

/// The given hotel of a team's last night before a day, if it has slept there since something happened: who is in its
/// city goes on from there.
fn slept<'a>(own: &'a Team, place: &Place, since: Option<Moment>, day: u8) -> Option<&'a Place> {
    let first = since.map_or(0, |since| since.day);
    let mut nights = own.nights.iter();
    let night = nights.rfind(|night| (first..day).contains(&night.day))?;
    (night.place.city == place.city).then_some(&night.place)
}

/// Ends after midnight are none: no plan has them but one with a locked visit that nobody could make.
fn at(day: u8, minute: u16) -> Moment {
    Moment {
        day,
        minute: minute.min(DAY_MINUTES),
    }
}

fn crosses(leg: &Leg, begun: Moment, hold: &Hold) -> bool {
    let is_long = leg.from_minute < leg.until_minute;
    hold.day == begun.day
        && is_long
        && leg.from_minute < hold.until_minute
        && hold.from_minute < leg.until_minute
}
