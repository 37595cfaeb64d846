//! What pages and the API show of trips.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Candidate, KnownWay, OpenWindow, Place, Plan, TripCost, TripProblem};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripSummary {
    pub id: i64,
    pub name: String,
    pub bureau: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: u8,
    pub candidates: u32,
    pub visited: Option<u16>,
    pub cities: Option<u16>,
    pub state: TripState,
}

/// How far a trip has come. A plan that is changed after its approval stays approved, and its page says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TripState {
    #[default]
    Draft,
    /// A leader is asked for approval.
    Submitted,
    Approved,
    /// A leader wants something else.
    Returned,
}

impl TripState {
    pub const ALL: [Self; 4] = [Self::Draft, Self::Submitted, Self::Approved, Self::Returned];

    /// As stored.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Approved => "approved",
            Self::Returned => "returned",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Who travels in a team, and from where to where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamFrame {
    /// Empty: the team has its number only.
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub people: Vec<String>,
    pub start_city: String,
    pub end_city: String,
    /// Nights whose city is given.
    #[serde(default)]
    pub nights: Vec<NightFrame>,
}

/// A night whose city is given; the day is zero-based.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NightFrame {
    pub day: u8,
    pub city: String,
}

/// What is kept of a trip beside its dates and its candidates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TripFrame {
    pub teams: Vec<TeamFrame>,
    /// Known travel times between cities.
    #[serde(default)]
    pub travel: Vec<KnownWay>,
    /// When teams are held up on the road.
    #[serde(default)]
    pub holds: Vec<HoldFrame>,
}

/// A team that is held up where it is: a train is missed, a road is closed. Team and day are zero-based.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldFrame {
    pub team: u8,
    pub day: u8,
    pub from_minute: u16,
    pub until_minute: u16,
}

/// What is asked of one visit beside its value and its length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Demand {
    /// When the company receives guests; empty: in working hours.
    pub open: Vec<OpenWindow>,
    /// Zero-based; so is the day. Set by hand, or by the lock.
    pub fixed_team: Option<u8>,
    pub fixed_day: Option<u8>,
    pub fixed_minute: Option<u16>,
    /// The appointment is confirmed: it stays where it is.
    pub locked: bool,
    /// Companies to be visited before.
    pub after: Vec<i64>,
    /// Companies of one host are visited together.
    pub host: Option<String>,
}

impl TripCandidate {
    /// What the solver is asked of the company: the one reading of its demands. `is_there` tells whether another company
    /// is on the trip; one that has left it holds nobody up.
    #[must_use]
    pub fn candidate(&self, place: Option<Place>, is_there: impl Fn(i64) -> bool) -> Candidate {
        let demand = &self.demand;
        Candidate {
            id: self.enterprise_id,
            value: self.value,
            place,
            duration_minutes: self.duration_minutes,
            open: demand.open.clone(),
            required: self.required || demand.locked,
            fixed_team: demand.fixed_team,
            fixed_day: demand.fixed_day,
            fixed_minute: demand.fixed_minute,
            after: demand
                .after
                .iter()
                .copied()
                .filter(|id| is_there(*id))
                .collect(),
            host: demand.host.clone(),
        }
    }
}

/// A candidate's demands as they are to be kept with a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CandidateDemand {
    pub enterprise_id: i64,
    pub value: f64,
    pub duration_minutes: u16,
    pub required: bool,
    pub demand: Demand,
}

/// A plan changed by hand, with the demands that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripPlanChange {
    /// The version that was changed.
    pub version: i64,
    pub plan: Plan,
    pub demands: Vec<CandidateDemand>,
}

/// Asks for a better plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TripSearch {
    /// The version to begin with.
    pub version: i64,
    /// 1 to [`SEARCH_SECONDS`].
    pub seconds: u16,
    /// Keeps the visits of the plan where they are, as far as possible; else everything that is not locked may move.
    pub keep: bool,
}

/// How far a search for a better plan has come.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripSearchProgress {
    pub is_running: bool,
    /// 0 to 1 of the seconds.
    pub share: f64,
    pub iterations: u64,
    /// Value of the best plan so far.
    pub value: f64,
    /// Why there is no better plan, once it has ended; the new plan itself is on the trip.
    pub problem: Option<crate::problem::Problem>,
}

/// Companies that join a trip or leave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripCandidatesChange {
    pub version: i64,
    #[serde(default)]
    pub add: Vec<ChosenCandidate>,
    #[serde(default)]
    pub remove: Vec<i64>,
}

/// A trip's frame, as it is to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripFrameChange {
    pub version: i64,
    pub name: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub frame: TripFrame,
    /// For each team the zero-based number that it had before, `None` for a new one. Empty: the teams are as before.
    #[serde(default)]
    pub former: Vec<Option<u8>>,
}

/// A plan that is kept beside the trip's own, to compare.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripVariant {
    pub id: i64,
    pub name: String,
    pub plan: Plan,
}

/// A company that a trip may visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripCandidate {
    pub enterprise_id: i64,
    pub lead_id: Option<i64>,
    pub name: String,
    pub city: Option<String>,
    pub has_place: bool,
    pub node: Option<String>,
    pub value: f64,
    pub duration_minutes: u16,
    pub required: bool,
    pub address: Option<String>,
    pub products: Vec<String>,
    #[serde(default)]
    pub demand: Demand,
}

/// What can be chosen for a new trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripChoices {
    pub leads: Vec<TripCandidate>,
    /// The best targets of the largest gaps that nobody follows yet.
    pub targets: Vec<TripCandidate>,
    /// Companies that are picked to begin with: the leads, or those of a target list.
    pub picked: Vec<i64>,
    pub cities: Vec<String>,
    pub start_city: String,
    pub today: NaiveDate,
}

/// A chosen company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenCandidate {
    pub enterprise_id: i64,
    #[serde(default)]
    pub lead_id: Option<i64>,
    pub value: f64,
    #[serde(default)]
    pub required: bool,
}

/// Plans a trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewTrip {
    pub name: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: u8,
    pub start_city: String,
    pub candidates: Vec<ChosenCandidate>,
    #[serde(default)]
    pub bureau_id: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripDetail {
    pub id: i64,
    pub name: String,
    pub bureau: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: u8,
    pub start_city: String,
    pub seed: u64,
    pub candidates: Vec<TripCandidate>,
    pub plan: Plan,
    pub frame: TripFrame,
    /// What the plan answers: the browser checks changes by hand with it.
    pub problem: TripProblem,
    /// By the rates of the calculation; see [`super::trip_cost`].
    pub cost: TripCost,
    pub variants: Vec<TripVariant>,
    pub state: TripState,
    /// Who approved it or sent it back, and when.
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    /// What was said at that.
    pub remark: String,
    /// Whether the plan was changed since it was approved.
    pub is_changed: bool,
    pub may_write: bool,
    /// Whether the person may approve it.
    pub may_decide: bool,
    pub version: i64,
}

/// Most days of a trip.
pub const TRIP_DAYS: u8 = 14;
/// Most teams of a trip.
pub const TRIP_TEAMS: u8 = 8;
/// Most companies a trip can choose among.
pub const TRIP_CANDIDATES: usize = 400;
/// Most seconds of one search for a better plan.
pub const SEARCH_SECONDS: u16 = 60;
/// Most plans that are kept beside a trip's own.
pub const TRIP_VARIANTS: usize = 8;
/// Most people of a team.
pub const TEAM_PEOPLE: usize = 20;
/// Appointments begin at multiples of so many minutes.
pub const GRID_MINUTES: u16 = 15;
/// A visit lasts this long unless said otherwise, in minutes.
pub const VISIT_MINUTES: u16 = 90;

impl NewTrip {
    /// Teams that all start and end in the trip's city.
    #[must_use]
    pub fn frame(&self) -> TripFrame {
        let team = TeamFrame {
            name: String::new(),
            people: Vec::new(),
            start_city: self.start_city.clone(),
            end_city: self.start_city.clone(),
            nights: Vec::new(),
        };
        TripFrame {
            teams: vec![team; usize::from(self.teams)],
            travel: Vec::new(),
            holds: Vec::new(),
        }
    }
}
