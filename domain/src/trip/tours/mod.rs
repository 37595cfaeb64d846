//! Tours: the team orienteering problem with time windows by itself, without dates, hotels or meals.
//!
//! Every tour goes from the start to the end, between the opening and the closing of the start; each team makes one
//! tour on each day. Places have a value, a duration and windows. The best plan visits most required places, then has
//! most value, then least travel (Vansteenwegen et al. 2009, Computers & Operations Research 36(12)).
//!
//! This is for public benchmark sets, see [`text`], and for people who have a problem of their own and nothing around
//! it. [`ToursProblem::solve`] makes an answer, [`validate`] checks any answer without sharing code with the solver.
//!
//! Times are of any unit, the same for travel, durations and windows. They count from the same moment of each day,
//! such as midnight. Inside they are whole multiples of the last decimal that [`ToursProblem::truncate`] keeps:
//! durations and given travel times are rounded up to it, windows inwards, so that no plan promises too much. Only
//! Euclidean distances are rounded down, because that is how the public sets are defined.

mod answer;
mod error;
mod model;
#[cfg(test)]
mod tests;
pub mod text;
mod validator;

use serde::{Deserialize, Serialize};

pub use answer::{LeftOutPlace, LeftOutReason, TourPlan, TourStop, ToursAnswer};
pub use error::{Spot, ToursError};
pub use text::{parse_toptw, parse_ttdp, toptw_decimals};
pub use validator::validate;

/// The most seconds that a problem may ask for.
pub const MAXIMUM_SECONDS: f64 = 300.0;
/// The most decimals of times that can be kept.
pub const MAXIMUM_DECIMALS: u8 = 4;
/// Decimals that are kept when the problem does not say.
pub const USUAL_DECIMALS: u8 = 2;

/// Everything the solver needs to know. The same problem with as many iterations gives the same answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToursProblem {
    pub metric: Metric,
    /// Decimals of times that are kept, 0 to [`MAXIMUM_DECIMALS`]; `None`: [`USUAL_DECIMALS`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub truncate: Option<u8>,
    /// `None`: the begin with Euclidean distances, as in the public sets, and the end with the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows_bound: Option<WindowsBound>,
    pub start: ToursStart,
    /// Where tours end; `None`: where they start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<ToursEnd>,
    /// At most [`super::MAXIMUM_CANDIDATES`].
    pub places: Vec<ToursPlace>,
    /// Travel times, a row for each place of departure: the start, the end if one is given, then the places in their
    /// order. The diagonal does not count. Only with [`Metric::Matrix`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matrix: Option<Vec<Vec<Option<f64>>>>,
    /// Teams that travel in parallel on each day, 1 to [`super::MAXIMUM_TEAMS`].
    #[serde(default = "one")]
    pub teams: usize,
    /// 1 to [`super::MAXIMUM_DAYS`].
    #[serde(default = "one")]
    pub days: usize,
    /// Weekday of the first day, 0 to 6, for sets that have one; the answer repeats it and it changes nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_weekday: Option<u8>,
    /// Seed of the search's random numbers.
    #[serde(default)]
    pub seed: u64,
    /// How long the caller should search, above 0 and at most [`MAXIMUM_SECONDS`]. The solver looks at no clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

/// Where travel times come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// The distance of `x` and `y`, rounded down to the decimals that are kept.
    Euclidean,
    /// They are given.
    Matrix,
    /// Minutes of [`super::estimate`] between `longitude` and `latitude`. Places that name the same city are as far
    /// apart as any two of one city, however near; a place without a city is in one of its own.
    Estimated,
}

/// What of a visit must be within a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowsBound {
    /// The begin; the visit may end later.
    Begin,
    /// The whole visit.
    End,
}

/// Where tours start, and when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToursStart {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// Degrees, east positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Degrees, north positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// Every tour leaves at this time.
    pub opening: f64,
    /// Every tour is at the end by this time.
    pub closing: f64,
}

/// Where tours end.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToursEnd {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// Degrees, east positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Degrees, north positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
}

/// A place that may be visited once.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToursPlace {
    /// Unique within the problem.
    pub id: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// Degrees, east positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longitude: Option<f64>,
    /// Degrees, north positive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latitude: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// What a visit is worth, 0 to [`super::MAXIMUM_VALUE`], in any unit that all places share.
    pub value: f64,
    /// Length of the visit, not negative.
    pub duration: f64,
    /// When the place can be visited. `None`: at any time. Empty: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub windows: Option<Vec<ToursWindow>>,
    /// Goes into the plan before all places that are not required, whatever their value.
    #[serde(default)]
    pub required: bool,
    /// Zero-based team that must make the visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<usize>,
    /// Zero-based day on which the visit must be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<usize>,
    /// When the visit must begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin: Option<f64>,
    /// Places whose visits, by whichever team, must have ended before this one begins. Without them there is no visit
    /// here either. Does not bind a locked place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<i64>,
    /// Places of the same host are visited by one team on one day, as far as they are visited. Does not bind a locked
    /// place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// When a place can be visited, both ends included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToursWindow {
    /// The only zero-based day of the window; `None`: every day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub day: Option<usize>,
    pub opening: f64,
    pub closing: f64,
}

impl ToursProblem {
    /// What of a visit must be within a window.
    #[must_use]
    pub fn bound(&self) -> WindowsBound {
        self.windows_bound.unwrap_or(match self.metric {
            Metric::Euclidean => WindowsBound::Begin,
            Metric::Matrix | Metric::Estimated => WindowsBound::End,
        })
    }

    fn decimals(&self) -> u8 {
        self.truncate.unwrap_or(USUAL_DECIMALS)
    }
}

impl ToursPlace {
    /// Whether the visit is agreed upon: nothing moves it, and nothing takes it out.
    #[must_use]
    pub fn is_locked(&self) -> bool {
        self.required && self.team.is_some() && self.day.is_some() && self.begin.is_some()
    }

    fn is_fixed(&self) -> bool {
        self.team.is_some() || self.day.is_some() || self.begin.is_some()
    }
}

/// Where something is, by whichever coordinates.
#[derive(Clone, Copy)]
struct Point<'a> {
    at: Spot,
    x: Option<f64>,
    y: Option<f64>,
    longitude: Option<f64>,
    latitude: Option<f64>,
    city: Option<&'a str>,
}

impl ToursProblem {
    /// The start, the end if one is given, then the places: the order of the matrix.
    fn points(&self) -> Vec<Point<'_>> {
        let start = Point {
            at: Spot::Start,
            x: self.start.x,
            y: self.start.y,
            longitude: self.start.longitude,
            latitude: self.start.latitude,
            city: self.start.city.as_deref(),
        };
        let end = self.end.iter().map(|end| Point {
            at: Spot::End,
            x: end.x,
            y: end.y,
            longitude: end.longitude,
            latitude: end.latitude,
            city: end.city.as_deref(),
        });
        let places = self.places.iter().map(|place| Point {
            at: Spot::Place(place.id),
            x: place.x,
            y: place.y,
            longitude: place.longitude,
            latitude: place.latitude,
            city: place.city.as_deref(),
        });
        std::iter::once(start).chain(end).chain(places).collect()
    }
}

fn one() -> usize {
    1
}
