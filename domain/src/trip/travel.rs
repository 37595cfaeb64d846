//! How long it takes from one place to another.
//!
//! These are planning assumptions, not timetables. Distances are factors of the great circle:
//! - same city: the setting `local_minutes`;
//! - road: 1.3 times the great circle at 75 km/h, breaks and town traffic included;
//! - high-speed rail, from 80 km: 1.25 times the great circle at 230 km/h (a mix of 250 and 350 km/h lines
//!   with stops) and 70 minutes for both stations;
//! - flight, from 700 km: the great circle at 700 km/h and 190 minutes for both airports.
//!
//! The fastest wins. Minutes are rounded up, so that a plan never promises less than the assumption.

use serde::{Deserialize, Serialize};

use super::TripSettings;
use crate::place::{Place, haversine_kilometres};

const ROAD_DETOUR: f64 = 1.3;
const ROAD_KILOMETRES_PER_HOUR: f64 = 75.0;
const RAIL_FROM_KILOMETRES: f64 = 80.0;
const RAIL_DETOUR: f64 = 1.25;
const RAIL_KILOMETRES_PER_HOUR: f64 = 230.0;
const RAIL_STATION_MINUTES: f64 = 70.0;
const FLIGHT_FROM_KILOMETRES: f64 = 700.0;
const FLIGHT_KILOMETRES_PER_HOUR: f64 = 700.0;
const FLIGHT_AIRPORT_MINUTES: f64 = 190.0;

/// A means of travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TravelMode {
    /// Within one city.
    Local,
    Road,
    /// High-speed rail.
    Rail,
    Flight,
}

/// The fastest way between two places, door to door.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TravelEstimate {
    /// Minutes, rounded up.
    pub minutes: u16,
    pub mode: TravelMode,
    /// Kilometres travelled, detours included, to a tenth.
    pub kilometres: f64,
}

/// Estimates the fastest way between two places; the assumptions stand at the top of this file.
///
/// Two places are in the same city when the names of their cities are equal.
#[must_use]
pub fn estimate(from: &Place, to: &Place, settings: &TripSettings) -> TravelEstimate {
    let great_circle = haversine_kilometres(from, to);
    if from.city == to.city {
        return TravelEstimate {
            minutes: settings.local_minutes,
            mode: TravelMode::Local,
            kilometres: tenths(ROAD_DETOUR * great_circle),
        };
    }
    let road_kilometres = ROAD_DETOUR * great_circle;
    let mut mode = TravelMode::Road;
    let mut kilometres = road_kilometres;
    let mut minutes = road_kilometres / ROAD_KILOMETRES_PER_HOUR * 60.0;
    if great_circle >= RAIL_FROM_KILOMETRES {
        let rail_kilometres = RAIL_DETOUR * great_circle;
        let rail_minutes = rail_kilometres / RAIL_KILOMETRES_PER_HOUR * 60.0 + RAIL_STATION_MINUTES;
        if rail_minutes < minutes {
            (mode, kilometres, minutes) = (TravelMode::Rail, rail_kilometres, rail_minutes);
        }
    }
    if great_circle >= FLIGHT_FROM_KILOMETRES {
        let flight_minutes =
            great_circle / FLIGHT_KILOMETRES_PER_HOUR * 60.0 + FLIGHT_AIRPORT_MINUTES;
        if flight_minutes < minutes {
            (mode, kilometres, minutes) = (TravelMode::Flight, great_circle, flight_minutes);
        }
    }
    TravelEstimate {
        // Half the Earth takes fewer than 2,000 minutes, so the cast keeps every real value.
        minutes: minutes.ceil() as u16,
        mode,
        kilometres: tenths(kilometres),
    }
}

/// An estimate has no more digits than it deserves, and short numbers survive JSON unchanged.
fn tenths(kilometres: f64) -> f64 {
    (kilometres * 10.0).round() / 10.0
}

/// All estimates between some places, computed once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TravelMatrix {
    size: usize,
    estimates: Vec<TravelEstimate>,
}

impl TravelMatrix {
    /// Estimates every ordered pair of `places`.
    #[must_use]
    pub fn new(places: &[&Place], settings: &TripSettings) -> Self {
        let estimates = places
            .iter()
            .flat_map(|from| places.iter().map(|to| estimate(from, to, settings)))
            .collect();
        Self {
            size: places.len(),
            estimates,
        }
    }

    /// Number of places.
    #[must_use]
    pub fn size(&self) -> usize {
        self.size
    }

    /// The estimate between two places, by their index; `None` when an index is out of range.
    #[must_use]
    pub fn get(&self, from: usize, to: usize) -> Option<&TravelEstimate> {
        if from >= self.size || to >= self.size {
            return None;
        }
        self.estimates.get(from * self.size + to)
    }
}
