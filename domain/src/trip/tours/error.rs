//! What a problem may not be.

use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::model::Units;
use super::{
    MAXIMUM_DECIMALS, MAXIMUM_SECONDS, Metric, Point, ToursPlace, ToursProblem, WindowsBound,
};
use crate::trip::search::MAXIMUM_TIME;
use crate::trip::{MAXIMUM_CANDIDATES, MAXIMUM_DAYS, MAXIMUM_TEAMS, MAXIMUM_VALUE};

/// What an error is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spot {
    Start,
    End,
    /// The place with this id.
    Place(i64),
}

impl fmt::Display for Spot {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start => write!(formatter, "the start"),
            Self::End => write!(formatter, "the end"),
            Self::Place(id) => write!(formatter, "place {id}"),
        }
    }
}

/// Why a problem cannot be solved as it was given. Teams, days, windows, rows and columns are zero-based.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ToursError {
    NoPlaces,
    TooManyPlaces {
        maximum: usize,
    },
    NoTeams,
    TooManyTeams {
        maximum: usize,
    },
    NoDays,
    TooManyDays {
        maximum: usize,
    },
    TruncateOutOfRange {
        maximum: u8,
    },
    SecondsOutOfRange {
        maximum: f64,
    },
    WeekdayOutOfRange,
    DuplicateId {
        id: i64,
    },
    /// Negative, above the maximum, or no number.
    InvalidValue {
        id: i64,
        maximum: f64,
    },
    /// Negative, above the maximum, or no number.
    InvalidDuration {
        id: i64,
        maximum: f64,
    },
    /// The window closes before it opens.
    WindowReversed {
        id: i64,
        window: usize,
    },
    /// The whole visit must be within the window and takes longer.
    WindowTooShort {
        id: i64,
        window: usize,
    },
    NotFinite {
        at: Spot,
        field: String,
    },
    /// The coordinates that the metric needs are missing.
    NoCoordinates {
        at: Spot,
    },
    /// The longitude or the latitude is not on Earth.
    InvalidCoordinates {
        at: Spot,
    },
    /// There are too few or too many rows, or too many numbers in `row`.
    MatrixSize {
        expected: usize,
        found: usize,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        row: Option<usize>,
    },
    /// A travel time is missing.
    MatrixHole {
        row: usize,
        column: usize,
    },
    /// A travel time is negative, above the maximum, or no number.
    MatrixNumber {
        row: usize,
        column: usize,
        maximum: f64,
    },
    /// There is a matrix, but the metric is another.
    UnusedMatrix,
    UnknownPredecessor {
        id: i64,
        after: i64,
    },
    /// The place would have to come before itself.
    CircularOrder {
        id: i64,
    },
    UnknownTeam {
        id: i64,
        team: usize,
    },
    UnknownDay {
        id: i64,
        day: usize,
    },
    /// The two are required with team, day and begin, but nobody can keep both.
    LockedConflict {
        id: i64,
        other: i64,
    },
    /// The place is required with team, day and begin, but nobody is there in time, or at the end in time afterwards.
    LockedOutOfReach {
        id: i64,
    },
    ClosingBeforeOpening,
    /// The time between opening and closing, on all days together where visits have an order, is more than the
    /// maximum.
    TourTooLong {
        maximum: f64,
    },
    /// The way from the start to the end takes longer than there is time between opening and closing.
    TourTooShort {
        needed: f64,
        available: f64,
    },
}

impl fmt::Display for ToursError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPlaces => write!(formatter, "there is no place to visit"),
            Self::TooManyPlaces { maximum } => {
                write!(formatter, "there are more than {maximum} places")
            }
            Self::NoTeams => write!(formatter, "there is no team"),
            Self::TooManyTeams { maximum } => {
                write!(formatter, "there are more than {maximum} teams")
            }
            Self::NoDays => write!(formatter, "there is no day"),
            Self::TooManyDays { maximum } => {
                write!(formatter, "there are more than {maximum} days")
            }
            Self::TruncateOutOfRange { maximum } => {
                write!(formatter, "truncate is not from 0 to {maximum}")
            }
            Self::SecondsOutOfRange { maximum } => {
                write!(formatter, "seconds are not above 0 and at most {maximum}")
            }
            Self::WeekdayOutOfRange => write!(formatter, "first_weekday is not from 0 to 6"),
            Self::DuplicateId { id } => write!(formatter, "place {id} is given twice"),
            Self::InvalidValue { id, maximum } => write!(
                formatter,
                "the value of place {id} is not from 0 to {maximum}"
            ),
            Self::InvalidDuration { id, maximum } => write!(
                formatter,
                "the duration of place {id} is not from 0 to {maximum}"
            ),
            Self::WindowReversed { id, window } => write!(
                formatter,
                "window {window} of place {id} closes before it opens"
            ),
            Self::WindowTooShort { id, window } => write!(
                formatter,
                "window {window} of place {id} is shorter than the visit"
            ),
            Self::NotFinite { at, field } => {
                write!(formatter, "{field} of {at} is not a finite number")
            }
            Self::NoCoordinates { at } => {
                write!(formatter, "{at} lacks the coordinates of the metric")
            }
            Self::InvalidCoordinates { at } => {
                write!(
                    formatter,
                    "the longitude or latitude of {at} is not on Earth"
                )
            }
            Self::MatrixSize {
                expected,
                found,
                row: None,
            } => write!(
                formatter,
                "the matrix has {found} rows instead of {expected}"
            ),
            Self::MatrixSize {
                expected,
                found,
                row: Some(row),
            } => write!(
                formatter,
                "row {row} of the matrix has {found} numbers instead of {expected}"
            ),
            Self::MatrixHole { row, column } => write!(
                formatter,
                "the matrix has no number in row {row}, column {column}"
            ),
            Self::MatrixNumber {
                row,
                column,
                maximum,
            } => write!(
                formatter,
                "the number in row {row}, column {column} of the matrix is not from 0 to {maximum}"
            ),
            Self::UnusedMatrix => {
                write!(formatter, "there is a matrix, but the metric is another")
            }
            Self::UnknownPredecessor { id, after } => write!(
                formatter,
                "place {id} is to come after place {after}, which there is not"
            ),
            Self::CircularOrder { id } => {
                write!(formatter, "place {id} would have to come before itself")
            }
            Self::UnknownTeam { id, team } => {
                write!(
                    formatter,
                    "place {id} names team {team}, which there is not"
                )
            }
            Self::UnknownDay { id, day } => {
                write!(formatter, "place {id} names day {day}, which there is not")
            }
            Self::LockedConflict { id, other } => write!(
                formatter,
                "the fixed visits of places {id} and {other} cannot both be"
            ),
            Self::LockedOutOfReach { id } => {
                write!(formatter, "the fixed visit of place {id} cannot be reached")
            }
            Self::ClosingBeforeOpening => write!(formatter, "the start closes before it opens"),
            Self::TourTooLong { maximum } => write!(
                formatter,
                "the time between opening and closing, on all days, is more than {maximum}"
            ),
            Self::TourTooShort { needed, available } => write!(
                formatter,
                "the way from the start to the end takes {needed}, but there is only {available}"
            ),
        }
    }
}

impl std::error::Error for ToursError {}

fn finite(at: Spot, field: &str, number: f64) -> Result<(), ToursError> {
    if number.is_finite() {
        return Ok(());
    }
    Err(ToursError::NotFinite {
        at,
        field: field.to_owned(),
    })
}

impl ToursProblem {
    /// Checks everything that [`ToursProblem::solve`] relies on, but whether fixed visits can be kept and the end
    /// reached.
    ///
    /// # Errors
    /// The first [`ToursError`] found.
    pub(super) fn check_numbers(&self) -> Result<(), ToursError> {
        self.check_frame()?;
        let points = self.points();
        for point in &points {
            self.check_point(point)?;
        }
        if self.places.is_empty() {
            return Err(ToursError::NoPlaces);
        }
        if self.places.len() > MAXIMUM_CANDIDATES {
            return Err(ToursError::TooManyPlaces {
                maximum: MAXIMUM_CANDIDATES,
            });
        }
        let mut known = HashSet::new();
        for place in &self.places {
            if !known.insert(place.id) {
                return Err(ToursError::DuplicateId { id: place.id });
            }
            self.check_place(place)?;
        }
        self.check_order()?;
        self.check_matrix(points.len())
    }

    fn check_frame(&self) -> Result<(), ToursError> {
        if self.teams == 0 {
            return Err(ToursError::NoTeams);
        }
        if self.teams > usize::from(MAXIMUM_TEAMS) {
            return Err(ToursError::TooManyTeams {
                maximum: usize::from(MAXIMUM_TEAMS),
            });
        }
        if self.days == 0 {
            return Err(ToursError::NoDays);
        }
        if self.days > MAXIMUM_DAYS {
            return Err(ToursError::TooManyDays {
                maximum: MAXIMUM_DAYS,
            });
        }
        if self.decimals() > MAXIMUM_DECIMALS {
            return Err(ToursError::TruncateOutOfRange {
                maximum: MAXIMUM_DECIMALS,
            });
        }
        let is_time = |seconds| seconds > 0.0 && seconds <= MAXIMUM_SECONDS;
        if !self.seconds.is_none_or(is_time) {
            return Err(ToursError::SecondsOutOfRange {
                maximum: MAXIMUM_SECONDS,
            });
        }
        if self.first_weekday.is_some_and(|weekday| weekday > 6) {
            return Err(ToursError::WeekdayOutOfRange);
        }
        finite(Spot::Start, "opening", self.start.opening)?;
        finite(Spot::Start, "closing", self.start.closing)?;
        let units = Units::new(self);
        let length = units.length(self);
        if self.start.closing < self.start.opening || length < 0 {
            return Err(ToursError::ClosingBeforeOpening);
        }
        // Only an order compares the times of different days.
        let days = if self.is_ordered() { self.days } else { 1 };
        let maximum = i64::from(MAXIMUM_TIME) / days as i64 - 1;
        if length > maximum {
            return Err(ToursError::TourTooLong {
                maximum: units.number(maximum),
            });
        }
        Ok(())
    }

    fn check_point(&self, point: &Point<'_>) -> Result<(), ToursError> {
        let at = point.at;
        let fields = [
            ("x", point.x),
            ("y", point.y),
            ("longitude", point.longitude),
            ("latitude", point.latitude),
        ];
        for (field, number) in fields {
            if let Some(number) = number {
                finite(at, field, number)?;
            }
        }
        match self.metric {
            Metric::Matrix => Ok(()),
            Metric::Euclidean => match (point.x, point.y) {
                (Some(_), Some(_)) => Ok(()),
                _ => Err(ToursError::NoCoordinates { at }),
            },
            Metric::Estimated => match (point.longitude, point.latitude) {
                (Some(longitude), Some(latitude)) => {
                    let is_on_earth =
                        (-180.0..=180.0).contains(&longitude) && (-90.0..=90.0).contains(&latitude);
                    is_on_earth
                        .then_some(())
                        .ok_or(ToursError::InvalidCoordinates { at })
                }
                _ => Err(ToursError::NoCoordinates { at }),
            },
        }
    }

    fn check_place(&self, place: &ToursPlace) -> Result<(), ToursError> {
        let id = place.id;
        let at = Spot::Place(id);
        let units = Units::new(self);
        if !(0.0..=MAXIMUM_VALUE).contains(&place.value) {
            return Err(ToursError::InvalidValue {
                id,
                maximum: MAXIMUM_VALUE,
            });
        }
        let maximum = units.number(i64::from(MAXIMUM_TIME));
        if !(0.0..=maximum).contains(&place.duration) {
            return Err(ToursError::InvalidDuration { id, maximum });
        }
        if let Some(begin) = place.begin {
            finite(at, "begin", begin)?;
        }
        if let Some(team) = place.team.filter(|team| *team >= self.teams) {
            return Err(ToursError::UnknownTeam { id, team });
        }
        let days = place.windows.iter().flatten().filter_map(|own| own.day);
        if let Some(day) = place
            .day
            .into_iter()
            .chain(days)
            .find(|day| *day >= self.days)
        {
            return Err(ToursError::UnknownDay { id, day });
        }
        for (window, own) in place.windows.iter().flatten().enumerate() {
            finite(at, "opening", own.opening)?;
            finite(at, "closing", own.closing)?;
            if own.closing < own.opening {
                return Err(ToursError::WindowReversed { id, window });
            }
            let span = units.down(own.closing) - units.up(own.opening);
            if self.bound() == WindowsBound::End && span < units.up(place.duration) {
                return Err(ToursError::WindowTooShort { id, window });
            }
        }
        Ok(())
    }

    /// Every predecessor exists, and no place is its own.
    fn check_order(&self) -> Result<(), ToursError> {
        let places: HashMap<i64, &ToursPlace> =
            self.places.iter().map(|place| (place.id, place)).collect();
        for place in &self.places {
            if let Some(&after) = place.after.iter().find(|id| !places.contains_key(id)) {
                return Err(ToursError::UnknownPredecessor {
                    id: place.id,
                    after,
                });
            }
        }
        let mut waiting: Vec<&ToursPlace> = self.places.iter().collect();
        let mut done: HashSet<i64> = HashSet::new();
        loop {
            let before = waiting.len();
            waiting.retain(|place| {
                let is_free = place.after.iter().all(|id| done.contains(id));
                if is_free {
                    done.insert(place.id);
                }
                !is_free
            });
            let Some(stuck) = waiting.first() else {
                return Ok(());
            };
            if waiting.len() < before {
                continue;
            }
            // The first one may only wait for a circle; enough steps back lead into it.
            let mut id = stuck.id;
            for _ in 0..waiting.len() {
                let after = places.get(&id).map(|place| place.after.as_slice());
                let back = after
                    .unwrap_or_default()
                    .iter()
                    .find(|id| !done.contains(id));
                id = back.copied().unwrap_or(id);
            }
            return Err(ToursError::CircularOrder { id });
        }
    }

    fn check_matrix(&self, expected: usize) -> Result<(), ToursError> {
        if self.metric != Metric::Matrix {
            return match self.matrix {
                Some(_) => Err(ToursError::UnusedMatrix),
                None => Ok(()),
            };
        }
        let rows = self.matrix.as_deref().unwrap_or_default();
        if rows.len() != expected {
            return Err(ToursError::MatrixSize {
                expected,
                found: rows.len(),
                row: None,
            });
        }
        let units = Units::new(self);
        let maximum = units.number(i64::from(MAXIMUM_TIME));
        for (row, cells) in rows.iter().enumerate() {
            if cells.len() > expected {
                return Err(ToursError::MatrixSize {
                    expected,
                    found: cells.len(),
                    row: Some(row),
                });
            }
            for column in (0..expected).filter(|column| *column != row) {
                let Some(number) = cells.get(column).copied().flatten() else {
                    return Err(ToursError::MatrixHole { row, column });
                };
                if !(0.0..=maximum).contains(&number) {
                    return Err(ToursError::MatrixNumber {
                        row,
                        column,
                        maximum,
                    });
                }
            }
        }
        Ok(())
    }
}
