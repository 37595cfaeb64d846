//! Trips: several teams, several days, many cities, and more companies than there is time to visit.
//!
//! The problem is the team orienteering problem with time windows (Vansteenwegen et al. 2009, Computers &
//! Operations Research 36(12)), extended by nights in hotels, a lunch break and visits with fixed demands.
//! [`solve`] makes a plan, [`validate`] checks any plan without sharing code with the solver.
//!
//! Every minute in this module counts from midnight of its own day, local time; durations are minutes.
//!
//! What a plan assumes:
//! - A team is at `start` on the first day and leaves not before `earliest_departure_minute`.
//! - A visit is preceded by a leg, in the same city too (mode [`TravelMode::Local`], from the hotel or the
//!   last visit). The way from the last visit of the day to a hotel in the same city is not counted.
//! - After its last visit a team goes on in the evening to the city of its next visit when it arrives by
//!   `latest_arrival_minute`; otherwise it leaves the next morning. Before its first visit it stays at home
//!   as long as it can and travels on the day before, or in the morning when there is no day before.
//! - After its last visit of the trip a team goes home at the first opportunity.
//! - What has begun before `now` is not judged again; from then on a team goes on from where it is.
//! - A journey that a hold interrupts begins anew after it, where the team waits.

mod book;
mod change;
mod cost;
mod model;
mod past;
mod random;
mod reason;
#[cfg(not(target_family = "wasm"))]
mod request;
mod road;
mod schedule;
pub mod search;
mod solver;
#[cfg(test)]
mod tests;
pub mod tours;
mod travel;
mod typed;
mod validator;
mod view;

use std::collections::HashSet;
use std::fmt;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

pub use crate::place::Place;
pub use book::*;
pub use change::{
    MoveProblem, PlanChange, Slot, changes, moved, openings, replan, restated, slots, taken_out,
};
pub use cost::{CostRates, TEAM_SIZE, TripCost, trip_cost};
#[cfg(not(target_family = "wasm"))]
pub use request::{
    REQUEST_SECONDS, SolveAnswer, SolveOptions, SolveProblem, SolveRequest, TripAnswer, TripTour,
};
pub use road::*;
pub use solver::solve;
pub use travel::{KnownWay, Travel, TravelEstimate, TravelMode, estimate};
pub use typed::{TypedProblem, hours_text, read_hours, read_ways, ways_text};
pub use validator::{Total, Violation, validate};
pub use view::*;

/// The most teams one problem may have.
pub const MAXIMUM_TEAMS: u8 = 8;
/// The most days one problem may have.
pub const MAXIMUM_DAYS: usize = 60;
/// The most candidates one problem may have.
pub const MAXIMUM_CANDIDATES: usize = 500;
/// The largest value of a candidate; sums of values stay exact enough to compare below it.
pub const MAXIMUM_VALUE: f64 = 1e9;
/// Minutes of a day; the last minute that any setting may name.
const DAY_MINUTES: u16 = 1440;

/// Everything the solver needs to know. The same problem and seed give the same plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripProblem {
    /// Teams that travel in parallel, 1 to [`MAXIMUM_TEAMS`].
    pub teams: Vec<Team>,
    /// The days of the trip, in ascending order.
    pub days: Vec<TripDay>,
    pub candidates: Vec<Candidate>,
    pub settings: TripSettings,
    /// Travel times that are known; every other way is estimated.
    #[serde(default)]
    pub travel: Vec<KnownWay>,
    /// Seed of the search's random numbers.
    pub seed: u64,
    /// The moment that the trip has come to. What has begun before it has happened, and nothing else is put there.
    #[serde(default)]
    pub now: Option<Moment>,
    /// When teams are held up.
    #[serde(default)]
    pub holds: Vec<Hold>,
    /// What each team has done before `now`, as [`TripProblem::begun`] finds it in a plan. Empty: only the locked visits
    /// of before `now` have been made, nobody knows by which ways.
    #[serde(default)]
    pub past: Vec<TeamPast>,
}

/// A team is held up: a train is missed, a road is closed. From `from_minute` until `until_minute` of the zero-based
/// day it neither visits nor travels. A visit that has begun before may end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hold {
    /// Zero-based.
    pub team: u8,
    pub day: u8,
    pub from_minute: u16,
    pub until_minute: u16,
    /// Where the team waits. `None`: wherever it is then.
    #[serde(default)]
    pub place: Option<Place>,
}

/// What a team has done before `now`, and where and when it goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamPast {
    /// The legs and stops that have begun, one entry for each day of the trip; hotels are not told.
    pub days: Vec<DayPlan>,
    /// Where the team is; when it is on the way, where it arrives; when it is held up, where it waits.
    pub place: Place,
    /// From when on it may go on: not before `now`.
    pub free_from: Moment,
    /// The candidate at whose gate its last leg ends: a visit there on that day needs no other way.
    #[serde(default)]
    pub gate: Option<i64>,
}

/// Where a team begins, sleeps and ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Team {
    /// Where the team is on the morning of the first day, or at `free_from`.
    pub start: Place,
    /// Where the team is on the evening of the last day.
    pub end: Place,
    /// The team does nothing earlier: it is on the road already, or joins later.
    #[serde(default)]
    pub free_from: Option<Moment>,
    /// Nights whose hotel is given, in ascending order of their days; every other night is spent where the plan
    /// leads. A hotel in a city where the team has a visit counts as that city.
    #[serde(default)]
    pub nights: Vec<Night>,
}

/// A minute of a zero-based day of the trip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    pub day: u8,
    pub minute: u16,
}

/// A hotel that the team has reached by the latest arrival of a zero-based day, and leaves the next morning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Night {
    pub day: u8,
    pub place: Place,
}

/// One day of a trip. A day that is not a working day has no visits, but teams may travel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripDay {
    pub date: NaiveDate,
    pub working: bool,
}

/// A company that might be visited.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Unique within the problem.
    pub id: i64,
    /// What the visit is worth, 0 to [`MAXIMUM_VALUE`], in any unit that all candidates share.
    pub value: f64,
    /// `None` when the coordinates are not known; such a candidate is left out with that reason.
    pub place: Option<Place>,
    /// Length of the visit, 1 to 1440 minutes.
    pub duration_minutes: u16,
    /// When the company receives guests. Empty: in working hours on every working day.
    pub open: Vec<OpenWindow>,
    /// Goes into the plan before all candidates that are not required, whatever their value.
    pub required: bool,
    /// Zero-based team that must make the visit.
    #[serde(default)]
    pub fixed_team: Option<u8>,
    /// Zero-based day on which the visit must be.
    #[serde(default)]
    pub fixed_day: Option<u8>,
    /// Minute at which the visit must begin.
    #[serde(default)]
    pub fixed_minute: Option<u16>,
    /// Candidates whose visits, by whichever team, must have ended before this one begins. Without them there is no
    /// visit here either.
    #[serde(default)]
    pub after: Vec<i64>,
    /// Candidates of the same host are visited by one team on one day, as far as they are visited.
    #[serde(default)]
    pub host: Option<String>,
}

/// A span of a day, from inclusive, until exclusive. Windows that touch count as one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenWindow {
    #[serde(flatten)]
    pub on: OpenOn,
    pub from_minute: u16,
    /// Equal to `from_minute` in a window of a date on which nobody is received.
    pub until_minute: u16,
}

/// The days of an [`OpenWindow`]. Windows of a date replace all others on that date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OpenOn {
    /// A zero-based day of the trip; a window of a day that the trip does not have is ignored.
    Day(u8),
    /// 1 is Monday, 7 is Sunday.
    Weekday(u8),
    Date(NaiveDate),
}

/// The rules of the working day and of travel.
///
/// The minutes must satisfy earliest departure ≤ work from ≤ lunch from ≤ lunch until ≤ work until ≤ latest
/// arrival ≤ 1440. Equal lunch minutes mean that there is no lunch break.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TripSettings {
    pub work_from_minute: u16,
    pub work_until_minute: u16,
    pub lunch_from_minute: u16,
    pub lunch_until_minute: u16,
    /// No leg arrives later, whether at a hotel or at home.
    pub latest_arrival_minute: u16,
    /// No leg leaves earlier.
    pub earliest_departure_minute: u16,
    /// Travel between two visits in the same city, in minutes.
    pub local_minutes: u16,
    /// Every team must be at `end` by the last evening. When false, a team's plan ends at its last visit.
    pub last_day_home: bool,
    /// A left-out candidate farther than this from every stop, in minutes, is reported as too far.
    pub far_minutes: u16,
    /// Visits without a fixed minute begin at a multiple of it, 1 to 60: nobody makes an appointment for 10:07.
    pub grid_minutes: u16,
}

impl Default for TripSettings {
    fn default() -> Self {
        Self {
            work_from_minute: 540,
            work_until_minute: 1080,
            lunch_from_minute: 720,
            lunch_until_minute: 810,
            latest_arrival_minute: 1290,
            earliest_departure_minute: 420,
            local_minutes: 25,
            last_day_home: true,
            far_minutes: 240,
            grid_minutes: 1,
        }
    }
}

/// A plan for all teams. Every candidate is either one stop or one entry of `left_out`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    pub teams: Vec<TeamPlan>,
    /// In the order of the candidates.
    pub left_out: Vec<LeftOut>,
    /// Sum of the values of all stops.
    pub total_value: f64,
    /// Number of stops.
    pub visited: u16,
    /// Number of different cities with a stop.
    pub cities: u16,
    /// Sum over all legs.
    pub travel_minutes: u32,
    /// Sum over all stops, waiting not included.
    pub meeting_minutes: u32,
}

/// The plan of one team.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TeamPlan {
    /// One entry for each day of the problem.
    pub days: Vec<DayPlan>,
    pub visits: u16,
    pub travel_minutes: u32,
}

/// One team's day; legs and stops are each in order of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DayPlan {
    pub date: NaiveDate,
    pub legs: Vec<Leg>,
    pub stops: Vec<Stop>,
    /// Where the team sleeps. `None` before it has left `start`, once its trip is over, and on the last day.
    pub hotel_city: Option<String>,
}

/// One journey, door to door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Leg {
    pub from_city: String,
    pub to_city: String,
    pub from_minute: u16,
    pub until_minute: u16,
    pub mode: TravelMode,
    pub kilometres: f64,
}

/// One visit. The team waits from `arrive_minute` to `begin_minute`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stop {
    pub candidate_id: i64,
    pub city: String,
    pub arrive_minute: u16,
    pub begin_minute: u16,
    pub end_minute: u16,
}

/// A candidate that is not in the plan, why, and what would let it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    pub candidate_id: i64,
    pub reason: LeftOutReason,
    /// `None` in plans of before there were remedies.
    #[serde(default)]
    pub remedy: Option<Remedy>,
}

/// What lets a candidate into the plan as it stands. Each was tried, except those that ask a person to look.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Enter where the company is.
    Locate,
    /// Ask the company for a time within the working hours of the days.
    AskForTime,
    /// The visit fits when it lasts only so long.
    Shorten { minutes: u16 },
    /// The visit fits in place of another.
    Remove { candidate_id: i64 },
    /// The visit fits into the trip of one more team; on the road, of one that is where one of the teams is.
    AnotherTeam,
    /// The trip has too few days for it: so many would do, with a team of its own.
    MoreDays { days: u8 },
    /// Give up the fixed team, day or minute.
    Release,
    /// The visit fits with the one that must come before it.
    Include { candidate_id: i64 },
}

/// Why a candidate is not in the plan. In every case it cannot be put anywhere into the plan as it stands,
/// without reordering or removing other visits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// The candidate has no place.
    NoCoordinates,
    /// Nobody is received inside the working hours of the days.
    Closed,
    /// Nobody is received any more: all hours in which the visit could have begun are over.
    Past,
    /// No open span inside the working hours of the days is as long as the visit; the longest has so many minutes.
    WindowTooShort { longest_minutes: u16 },
    /// It cannot be reached and served even as the only visit of the whole trip, or every stop, the start
    /// and the end are more than `far_minutes` away.
    TooFar {
        /// The nearest among the cities of the stops, the start and the end.
        nearest_city: String,
        /// Travel minutes from there.
        minutes: u16,
    },
    /// At the best place in the plan, the visit or a later appointment would begin, or the team would be
    /// home, this many minutes too late. Team and day are zero-based.
    NoTime {
        team: u8,
        day: u8,
        short_minutes: u16,
    },
    /// It would fit in place of another visit, but only of one that is worth at least as much. The least
    /// valuable such visit is named.
    LowerValue { displaced_by: i64, value: f64 },
    /// Its fixed team, day or minute contradict the trip, its windows, or the fixed demands of a stop.
    Conflict,
    /// The visit that must come before it is not in the plan, or ends too late.
    Order { candidate_id: i64 },
    /// Its host is visited by this zero-based team on this zero-based day, where it does not fit.
    Host { team: u8, day: u8 },
    /// It fits: somebody has taken it out, or nobody has looked since. The solver leaves no such candidate out.
    Fits { team: u8, day: u8 },
}

/// How far the search has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Iterations finished; 0 after the first greedy plan.
    pub iterations: u64,
    /// Value of the best plan so far.
    pub value: f64,
}

/// Why a problem cannot be solved as it was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TripError {
    NoTeams,
    NoCandidates,
    TooManyTeams {
        maximum: u8,
    },
    NoDays,
    TooManyDays {
        maximum: u16,
    },
    /// The date of this zero-based day is not after the day before it.
    EndBeforeStart {
        day: u16,
    },
    TooManyCandidates {
        maximum: u16,
    },
    DuplicateCandidate {
        candidate_id: i64,
    },
    /// The value is negative, not finite or above [`MAXIMUM_VALUE`].
    InvalidValue {
        candidate_id: i64,
    },
    /// A duration, window or fixed minute is out of range.
    InvalidMinutes {
        candidate_id: i64,
    },
    /// The city has no name or the coordinates are not on Earth; `None` stands for the start or the end.
    InvalidPlace {
        candidate_id: Option<i64>,
    },
    /// The minutes of the settings are out of order; see [`TripSettings`].
    InvalidSettings,
    /// The way from start to end, or to or from a given hotel, does not fit into the time between, whatever is
    /// visited.
    EndOutOfReach {
        minutes: u16,
    },
    /// What a zero-based team is given contradicts itself or the trip.
    InvalidTeam {
        team: u8,
    },
    /// A known travel time is not from 0 to 1440 minutes, its hour is none, or its cities have no name.
    InvalidTravel {
        from: String,
        to: String,
    },
    /// `after` names a candidate that there is not, or goes round in a circle.
    InvalidOrder {
        candidate_id: i64,
    },
    /// Two locked visits that one team cannot both keep; the same one twice when it cannot be kept by itself.
    LockedConflict {
        candidate_id: i64,
        other_id: i64,
    },
    /// `now` is not on a day of the trip, or its minute is above 1440.
    InvalidNow,
    /// A hold's team or day is none of the trip's, its minutes are not from 0 to 1440 in ascending order, or its place
    /// is none.
    InvalidHold {
        team: u8,
        day: u8,
    },
    /// Two holds of a team are at the same time.
    HoldsOverlap {
        team: u8,
        day: u8,
    },
    /// A hold begins before its team is free.
    HoldBeforeFree {
        team: u8,
        day: u8,
    },
    /// The place where a team is to wait cannot be reached in time, or left in time for what is locked.
    HoldOutOfReach {
        team: u8,
        day: u8,
    },
}

impl fmt::Display for TripError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTeams => write!(formatter, "the trip has no team"),
            Self::TooManyTeams { maximum } => {
                write!(formatter, "the trip has more than {maximum} teams")
            }
            Self::NoCandidates => write!(formatter, "the trip has no candidate"),
            Self::NoDays => write!(formatter, "the trip has no day"),
            Self::TooManyDays { maximum } => {
                write!(formatter, "the trip has more than {maximum} days")
            }
            Self::EndBeforeStart { day } => {
                write!(formatter, "day {day} is not after the day before it")
            }
            Self::TooManyCandidates { maximum } => {
                write!(formatter, "the trip has more than {maximum} candidates")
            }
            Self::DuplicateCandidate { candidate_id } => {
                write!(formatter, "candidate {candidate_id} is given twice")
            }
            Self::InvalidValue { candidate_id } => {
                write!(formatter, "candidate {candidate_id} has an invalid value")
            }
            Self::InvalidMinutes { candidate_id } => {
                write!(formatter, "candidate {candidate_id} has invalid minutes")
            }
            Self::InvalidPlace {
                candidate_id: Some(candidate_id),
            } => {
                write!(formatter, "candidate {candidate_id} has an invalid place")
            }
            Self::InvalidPlace { candidate_id: None } => {
                write!(formatter, "the start or the end is not a valid place")
            }
            Self::InvalidSettings => write!(formatter, "the minutes of the settings contradict"),
            Self::EndOutOfReach { minutes } => {
                write!(formatter, "the end is {minutes} minutes from the start")
            }
            Self::InvalidTeam { team } => write!(formatter, "team {team} is not valid"),
            Self::InvalidTravel { from, to } => {
                write!(
                    formatter,
                    "the travel time from {from} to {to} is not valid"
                )
            }
            Self::InvalidOrder { candidate_id } => {
                write!(formatter, "candidate {candidate_id} has an invalid order")
            }
            Self::LockedConflict {
                candidate_id,
                other_id,
            } => write!(
                formatter,
                "locked candidates {candidate_id} and {other_id} cannot both be visited"
            ),
            Self::InvalidNow => write!(formatter, "now is not within the days of the trip"),
            Self::InvalidHold { team, day } => {
                write!(
                    formatter,
                    "the hold of team {team} on day {day} is not valid"
                )
            }
            Self::HoldsOverlap { team, day } => {
                write!(formatter, "two holds of team {team} on day {day} overlap")
            }
            Self::HoldBeforeFree { team, day } => write!(
                formatter,
                "the hold of team {team} on day {day} begins before the team is free"
            ),
            Self::HoldOutOfReach { team, day } => write!(
                formatter,
                "the place of the hold of team {team} on day {day} cannot be reached or left in time"
            ),
        }
    }
}

impl std::error::Error for TripError {}

impl TripProblem {
    /// Checks everything that [`solve`] relies on.
    ///
    /// # Errors
    /// The first [`TripError`] found.
    pub fn check(&self) -> Result<(), TripError> {
        if self.teams.is_empty() {
            return Err(TripError::NoTeams);
        }
        if self.teams.len() > usize::from(MAXIMUM_TEAMS) {
            return Err(TripError::TooManyTeams {
                maximum: MAXIMUM_TEAMS,
            });
        }
        self.check_days()?;
        self.settings.check()?;
        for way in &self.travel {
            way.check()?;
        }
        for (index, team) in self.teams.iter().enumerate() {
            team.check(index as u8, self.days.len())?;
        }
        self.check_moments()?;
        if self.candidates.is_empty() {
            return Err(TripError::NoCandidates);
        }
        if self.candidates.len() > MAXIMUM_CANDIDATES {
            return Err(TripError::TooManyCandidates {
                maximum: MAXIMUM_CANDIDATES as u16,
            });
        }
        let mut known = HashSet::new();
        for candidate in &self.candidates {
            if !known.insert(candidate.id) {
                return Err(TripError::DuplicateCandidate {
                    candidate_id: candidate.id,
                });
            }
            candidate.check()?;
        }
        self.check_order()
    }

    /// `now` and the holds.
    fn check_moments(&self) -> Result<(), TripError> {
        let is_on_trip = |moment: Moment| {
            usize::from(moment.day) < self.days.len() && moment.minute <= DAY_MINUTES
        };
        if self.now.is_some_and(|now| !is_on_trip(now)) {
            return Err(TripError::InvalidNow);
        }
        for (index, hold) in self.holds.iter().enumerate() {
            let Hold { team, day, .. } = *hold;
            let own = self.teams.get(usize::from(team));
            let place_is_valid = hold.place.as_ref().is_none_or(is_valid);
            let is_ordered = hold.from_minute < hold.until_minute;
            let Some(own) = own.filter(|_| {
                place_is_valid && is_ordered && is_on_trip(hold.until()) && is_on_trip(hold.from())
            }) else {
                return Err(TripError::InvalidHold { team, day });
            };
            if own.free_from.is_some_and(|free| hold.from() < free) {
                return Err(TripError::HoldBeforeFree { team, day });
            }
            let overlaps = |other: &Hold| {
                (other.team, other.day) == (team, day)
                    && other.from_minute < hold.until_minute
                    && hold.from_minute < other.until_minute
            };
            if self.holds[..index].iter().any(overlaps) {
                return Err(TripError::HoldsOverlap { team, day });
            }
        }
        Ok(())
    }

    /// Every visit's predecessors exist, and none is its own.
    fn check_order(&self) -> Result<(), TripError> {
        let mut waiting: Vec<&Candidate> = self.candidates.iter().collect();
        let mut done: HashSet<i64> = HashSet::new();
        loop {
            let before = waiting.len();
            waiting.retain(|candidate| {
                let is_free = candidate.after.iter().all(|id| done.contains(id));
                if is_free {
                    done.insert(candidate.id);
                }
                !is_free
            });
            match waiting.first() {
                None => return Ok(()),
                Some(stuck) if waiting.len() == before => {
                    return Err(TripError::InvalidOrder {
                        candidate_id: stuck.id,
                    });
                }
                Some(_) => {}
            }
        }
    }

    fn check_days(&self) -> Result<(), TripError> {
        if self.days.is_empty() {
            return Err(TripError::NoDays);
        }
        if self.days.len() > MAXIMUM_DAYS {
            return Err(TripError::TooManyDays {
                maximum: MAXIMUM_DAYS as u16,
            });
        }
        for (day, pair) in self.days.windows(2).enumerate() {
            if pair[1].date <= pair[0].date {
                return Err(TripError::EndBeforeStart {
                    day: day as u16 + 1,
                });
            }
        }
        Ok(())
    }
}

impl TripSettings {
    fn check(&self) -> Result<(), TripError> {
        let ordered = [
            self.earliest_departure_minute,
            self.work_from_minute,
            self.lunch_from_minute,
            self.lunch_until_minute,
            self.work_until_minute,
            self.latest_arrival_minute,
            DAY_MINUTES,
        ];
        let grid = 1..=60;
        if !ordered.is_sorted()
            || self.local_minutes > DAY_MINUTES
            || !grid.contains(&self.grid_minutes)
        {
            return Err(TripError::InvalidSettings);
        }
        Ok(())
    }
}

impl Team {
    fn check(&self, team: u8, days: usize) -> Result<(), TripError> {
        for place in [&self.start, &self.end] {
            if !is_valid(place) {
                return Err(TripError::InvalidPlace { candidate_id: None });
            }
        }
        let nights_are_valid = self.nights.iter().all(|night| {
            is_valid(&night.place)
                && usize::from(night.day) + 1 < days
                && self.free_from.is_none_or(|moment| moment.day <= night.day)
        });
        let is_ascending = self.nights.windows(2).all(|pair| pair[0].day < pair[1].day);
        let moment_is_valid = self
            .free_from
            .is_none_or(|moment| usize::from(moment.day) < days && moment.minute <= DAY_MINUTES);
        if nights_are_valid && is_ascending && moment_is_valid {
            Ok(())
        } else {
            Err(TripError::InvalidTeam { team })
        }
    }
}

impl Plan {
    /// Every visit with its team, its day (both zero-based) and what that day holds, by team, day and minute.
    pub fn stops(&self) -> impl Iterator<Item = (u8, u8, &DayPlan, &Stop)> {
        (0_u8..).zip(&self.teams).flat_map(|(team, own)| {
            (0_u8..).zip(&own.days).flat_map(move |(day, own)| {
                own.stops.iter().map(move |stop| (team, day, own, stop))
            })
        })
    }
}

impl Hold {
    /// When it begins.
    #[must_use]
    pub fn from(&self) -> Moment {
        Moment {
            day: self.day,
            minute: self.from_minute,
        }
    }

    /// When it ends.
    #[must_use]
    pub fn until(&self) -> Moment {
        Moment {
            day: self.day,
            minute: self.until_minute,
        }
    }
}

impl OpenWindow {
    fn is_valid(&self) -> bool {
        let is_ordered = self.from_minute < self.until_minute
            || self.from_minute == self.until_minute && matches!(self.on, OpenOn::Date(_));
        let is_day = !matches!(self.on, OpenOn::Weekday(day) if !(1..=7).contains(&day));
        is_ordered && is_day && self.until_minute <= DAY_MINUTES
    }
}

impl Candidate {
    /// Whether the visit is agreed upon to the minute: nothing moves it, and nothing takes it out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.required
            && self.fixed_team.is_some()
            && self.fixed_day.is_some()
            && self.fixed_minute.is_some()
    }

    /// When the company receives guests on a zero-based day of the trip; `None` when it says nothing of such days, so
    /// that working hours hold.
    #[must_use]
    pub fn open_on(&self, day: usize, date: NaiveDate) -> Option<Vec<(u16, u16)>> {
        let spans = |matches: &dyn Fn(OpenOn) -> bool| -> Vec<(u16, u16)> {
            let own = self.open.iter().filter(|window| matches(window.on));
            own.map(|window| (window.from_minute, window.until_minute))
                .collect()
        };
        let of_date = spans(&|on| on == OpenOn::Date(date));
        if !of_date.is_empty() {
            let received = of_date.into_iter().filter(|(from, until)| from < until);
            return Some(received.collect());
        }
        let is_regular = |window: &OpenWindow| !matches!(window.on, OpenOn::Date(_));
        if !self.open.iter().any(is_regular) {
            return None;
        }
        let weekday = date.weekday().number_from_monday();
        Some(spans(&|on| match on {
            OpenOn::Day(own) => usize::from(own) == day,
            OpenOn::Weekday(own) => u32::from(own) == weekday,
            OpenOn::Date(_) => false,
        }))
    }

    fn check(&self) -> Result<(), TripError> {
        if !(0.0..=MAXIMUM_VALUE).contains(&self.value) {
            return Err(TripError::InvalidValue {
                candidate_id: self.id,
            });
        }
        let duration_is_valid = (1..=DAY_MINUTES).contains(&self.duration_minutes);
        let windows_are_valid = self.open.iter().all(OpenWindow::is_valid);
        let minute_is_valid = self.fixed_minute.is_none_or(|minute| minute <= DAY_MINUTES);
        if !(duration_is_valid && windows_are_valid && minute_is_valid) {
            return Err(TripError::InvalidMinutes {
                candidate_id: self.id,
            });
        }
        if self.place.as_ref().is_some_and(|place| !is_valid(place)) {
            return Err(TripError::InvalidPlace {
                candidate_id: Some(self.id),
            });
        }
        Ok(())
    }
}

fn is_valid(place: &Place) -> bool {
    // Cities are compared by name, so a missing name would make strangers neighbours.
    !place.city.trim().is_empty()
        && (-180.0..=180.0).contains(&place.longitude)
        && (-90.0..=90.0).contains(&place.latitude)
}
