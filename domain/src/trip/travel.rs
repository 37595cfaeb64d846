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

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::{DAY_MINUTES, TripError, TripProblem, TripSettings};
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

/// A travel time that is known, from a timetable or by experience, between two cities or within one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KnownWay {
    /// Name of the city, as in [`Place::city`].
    pub from: String,
    pub to: String,
    /// The time holds for departures from this hour on, until the hour of the next row of the same two cities; the
    /// last row of a day holds until the first of the next.
    #[serde(default)]
    pub from_hour: u8,
    /// Door to door, 0 to 1440.
    pub minutes: u16,
    #[serde(default)]
    pub mode: Option<TravelMode>,
}

impl KnownWay {
    pub(super) fn check(&self) -> Result<(), TripError> {
        let is_named = !self.from.trim().is_empty() && !self.to.trim().is_empty();
        if is_named && self.from_hour < 24 && self.minutes <= DAY_MINUTES {
            Ok(())
        } else {
            Err(TripError::InvalidTravel {
                from: self.from.clone(),
                to: self.to.clone(),
            })
        }
    }
}

/// Travel times between any two places: known ones where there are, estimates everywhere else.
pub struct Travel<'a> {
    settings: &'a TripSettings,
    /// By the names of the two cities, in order of the hours.
    known: HashMap<(&'a str, &'a str), Vec<&'a KnownWay>>,
}

impl<'a> Travel<'a> {
    /// The travel times of a problem.
    #[must_use]
    pub fn new(problem: &'a TripProblem) -> Self {
        let mut known: HashMap<(&str, &str), Vec<&KnownWay>> = HashMap::new();
        for way in &problem.travel {
            known.entry((&way.from, &way.to)).or_default().push(way);
        }
        for ways in known.values_mut() {
            ways.sort_by_key(|way| way.from_hour);
        }
        Self {
            settings: &problem.settings,
            known,
        }
    }

    /// Whether the time between two places depends on the hour of the departure.
    #[must_use]
    pub fn is_hourly(&self, from: &Place, to: &Place) -> bool {
        self.ways(from, to).is_some_and(|ways| ways.len() > 1)
    }

    /// The way from one place to another, for a departure at a minute of the day.
    #[must_use]
    pub fn way(&self, from: &Place, to: &Place, minute: u16) -> TravelEstimate {
        let estimated = estimate(from, to, self.settings);
        let Some(ways) = self.ways(from, to) else {
            return estimated;
        };
        let hour = minute / 60;
        let own = ways
            .iter()
            .rev()
            .find(|way| u16::from(way.from_hour) <= hour);
        match own.or(ways.last()) {
            Some(way) => TravelEstimate {
                minutes: way.minutes,
                mode: way.mode.unwrap_or(estimated.mode),
                ..estimated
            },
            None => estimated,
        }
    }

    fn ways<'b>(&'b self, from: &'b Place, to: &'b Place) -> Option<&'b Vec<&'a KnownWay>> {
        if self.known.is_empty() {
            return None;
        }
        self.known.get(&(from.city.as_str(), to.city.as_str()))
    }
}
