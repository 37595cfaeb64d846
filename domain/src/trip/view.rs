//! What pages and the API show of trips.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Plan;

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
    pub may_write: bool,
    pub version: i64,
}

/// Most days of a trip.
pub const TRIP_DAYS: u8 = 14;
/// Most teams of a trip.
pub const TRIP_TEAMS: u8 = 8;
/// Most companies a trip can choose among.
pub const TRIP_CANDIDATES: usize = 200;
/// A visit lasts this long unless said otherwise, in minutes.
pub const VISIT_MINUTES: u16 = 90;
