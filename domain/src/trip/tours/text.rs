//! Public text forms of tours: one line of numbers for each place.
//!
//! TOPTW, the Solomon and Cordeau sets of team orienteering with time windows (Vansteenwegen et al. 2009, Computers &
//! Operations Research 36(12)):
//! - line 1: `k v N t`, of which only the number of places `N` counts;
//! - line 2 is skipped;
//! - the depot and then each place: `i x y d S … O C` with number, coordinates, duration, score, and opening and
//!   closing at the end of the line. The begin of a visit must be within.
//!
//! TTDP, tourist trips of several days with opening hours by weekday, as the sets for Gavalas et al. 2013 (SEA, LNCS
//! 7933):
//! - line 1: `k M SD N …` with the number of days, the weekday of the first one from 0 to 6, and the number of places;
//! - the hotel: `i x y d S O C`;
//! - each place: `i x y d S t`, then opening and closing on each of the seven weekdays, then a number that does not
//!   count. A place that opens and closes at 0 is closed all day. The whole visit must be within: then it is right
//!   whichever way the form is read.
//!
//! Blank lines between places do not count. Distances are Euclidean and rounded down.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Metric, ToursPlace, ToursProblem, ToursStart, ToursWindow, WindowsBound};
use crate::trip::MAXIMUM_DAYS;

/// Decimals of distances in the TTDP set.
const TTDP_DECIMALS: u8 = 2;
const WEEKDAYS: usize = 7;
/// Letters of a word that an error repeats.
const SHOWN: usize = 40;

/// What is wrong with a text, and in which line; the first line is 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextProblem {
    pub line: usize,
    #[serde(flatten)]
    pub kind: TextProblemKind,
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum TextProblemKind {
    /// The text ends before this line.
    Missing,
    /// The line has too few or too many numbers.
    Count { expected: usize, found: usize },
    /// The word is no finite number.
    NotANumber { word: String },
    /// The word is no whole number, or it is out of range.
    NotWhole { word: String },
    /// The word is a number below zero.
    Negative { word: String },
    /// It closes before it opens.
    Reversed,
    /// The number of the place was there before.
    DuplicateId { id: i64 },
    /// The first line says another number of places than there are.
    Places { expected: usize, found: usize },
}

impl fmt::Display for TextProblem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "line {}: ", self.line)?;
        match &self.kind {
            TextProblemKind::Missing => write!(formatter, "the text ends too early"),
            TextProblemKind::Count { expected, found } => {
                write!(formatter, "{found} numbers instead of {expected}")
            }
            TextProblemKind::NotANumber { word } => write!(formatter, "{word:?} is not a number"),
            TextProblemKind::NotWhole { word } => {
                write!(formatter, "{word:?} is not a whole number in range")
            }
            TextProblemKind::Negative { word } => write!(formatter, "{word:?} is below zero"),
            TextProblemKind::Reversed => write!(formatter, "it closes before it opens"),
            TextProblemKind::DuplicateId { id } => write!(formatter, "place {id} is given twice"),
            TextProblemKind::Places { expected, found } => {
                write!(formatter, "{expected} places, but {found} follow")
            }
        }
    }
}

impl std::error::Error for TextProblem {}

/// Decimals that are kept of distances in a TOPTW file, which only its name tells: two in Cordeau's set, whose names
/// begin with `pr`, and one in Solomon's.
#[must_use]
pub fn toptw_decimals(file_name: &str) -> u8 {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or_default();
    let is_cordeau = name
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("pr"));
    if is_cordeau { 2 } else { 1 }
}

/// Reads a TOPTW text for one team. `truncate` is the number of decimals that are kept of distances, see
/// [`toptw_decimals`].
///
/// # Errors
/// The first [`TextProblem`] found.
pub fn parse_toptw(text: &str, truncate: u8) -> Result<ToursProblem, TextProblem> {
    let mut lines = lines(text);
    let head = lines.next().unwrap_or(Line::end(1));
    head.at_least(4)?;
    let count: usize = head.whole(2)?;
    head.all_numbers()?;
    lines.next();
    let mut places = Places::new(lines);
    let depot = places.next_line()?;
    let (x, y) = (depot.number(1)?, depot.number(2)?);
    depot.at_least(7)?;
    depot.all_numbers()?;
    let (opening, closing) = depot.span(depot.words.len().saturating_sub(2))?;
    let mut problem = plain_problem(truncate, WindowsBound::Begin);
    problem.start = ToursStart {
        x: Some(x),
        y: Some(y),
        opening,
        closing,
        ..ToursStart::default()
    };
    problem.places = places.read(&head, count, |line| {
        line.at_least(7)?;
        let (opening, closing) = line.span(line.words.len().saturating_sub(2))?;
        Ok(vec![ToursWindow {
            day: None,
            opening,
            closing,
        }])
    })?;
    Ok(problem)
}

/// Reads a TTDP text for one team.
///
/// # Errors
/// The first [`TextProblem`] found.
pub fn parse_ttdp(text: &str) -> Result<ToursProblem, TextProblem> {
    let mut lines = lines(text);
    let head = lines.next().unwrap_or(Line::end(1));
    head.at_least(4)?;
    let days: usize = head.whole(1)?;
    let first: u8 = head.whole(2)?;
    let count: usize = head.whole(3)?;
    head.all_numbers()?;
    if !(1..=MAXIMUM_DAYS).contains(&days) {
        return Err(head.not_whole(1));
    }
    if usize::from(first) >= WEEKDAYS {
        return Err(head.not_whole(2));
    }
    let mut places = Places::new(lines);
    let hotel = places.next_line()?;
    hotel.exactly(7)?;
    hotel.all_numbers()?;
    let (opening, closing) = hotel.span(5)?;
    let mut problem = plain_problem(TTDP_DECIMALS, WindowsBound::End);
    problem.days = days;
    problem.first_weekday = Some(first);
    problem.start = ToursStart {
        x: Some(hotel.number(1)?),
        y: Some(hotel.number(2)?),
        opening,
        closing,
        ..ToursStart::default()
    };
    problem.places = places.read(&head, count, |line| {
        line.exactly(6 + 2 * WEEKDAYS + 1)?;
        let duration = line.number(3)?;
        let mut hours = Vec::with_capacity(WEEKDAYS);
        for weekday in 0..WEEKDAYS {
            hours.push(line.span(6 + 2 * weekday)?);
        }
        Ok((0..days)
            .filter_map(|day| {
                let (opening, closing) = *hours.get((usize::from(first) + day) % WEEKDAYS)?;
                // On a day that is too short for the visit the place might as well be closed.
                let is_open = (opening, closing) != (0.0, 0.0) && closing - opening >= duration;
                is_open.then_some(ToursWindow {
                    day: Some(day),
                    opening,
                    closing,
                })
            })
            .collect())
    })?;
    Ok(problem)
}

fn plain_problem(truncate: u8, bound: WindowsBound) -> ToursProblem {
    ToursProblem {
        metric: Metric::Euclidean,
        truncate: Some(truncate),
        windows_bound: Some(bound),
        start: ToursStart::default(),
        end: None,
        places: Vec::new(),
        matrix: None,
        teams: 1,
        days: 1,
        first_weekday: None,
        seed: 0,
        seconds: None,
    }
}

/// The words of a line.
struct Line<'a> {
    number: usize,
    words: Vec<&'a str>,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    (1..).zip(text.lines()).map(|(number, line)| Line {
        number,
        words: line.split_whitespace().collect(),
    })
}

impl<'a> Line<'a> {
    /// The line after the last one.
    fn end(number: usize) -> Self {
        Self {
            number,
            words: Vec::new(),
        }
    }

    fn problem(&self, kind: TextProblemKind) -> TextProblem {
        TextProblem {
            line: self.number,
            kind,
        }
    }

    fn at_least(&self, expected: usize) -> Result<(), TextProblem> {
        let found = self.words.len();
        if found < expected {
            return Err(self.problem(TextProblemKind::Count { expected, found }));
        }
        Ok(())
    }

    fn exactly(&self, expected: usize) -> Result<(), TextProblem> {
        let found = self.words.len();
        if found != expected {
            return Err(self.problem(TextProblemKind::Count { expected, found }));
        }
        Ok(())
    }

    fn word(&self, index: usize) -> Result<&'a str, TextProblem> {
        self.at_least(index + 1)?;
        Ok(self.words.get(index).copied().unwrap_or_default())
    }

    fn shown(&self, index: usize) -> String {
        let word = self.words.get(index).copied().unwrap_or_default();
        word.chars().take(SHOWN).collect()
    }

    fn number(&self, index: usize) -> Result<f64, TextProblem> {
        match self.word(index)?.parse() {
            Ok(number) if f64::is_finite(number) => Ok(number),
            _ => Err(self.problem(TextProblemKind::NotANumber {
                word: self.shown(index),
            })),
        }
    }

    fn not_negative(&self, index: usize) -> Result<f64, TextProblem> {
        let number = self.number(index)?;
        if number < 0.0 {
            return Err(self.problem(TextProblemKind::Negative {
                word: self.shown(index),
            }));
        }
        Ok(number)
    }

    fn whole<T: FromStr>(&self, index: usize) -> Result<T, TextProblem> {
        let word = self.word(index)?;
        word.parse().map_err(|_| self.not_whole(index))
    }

    fn not_whole(&self, index: usize) -> TextProblem {
        self.problem(TextProblemKind::NotWhole {
            word: self.shown(index),
        })
    }

    /// Numbers that do not count must be numbers all the same: else the line is of another form.
    fn all_numbers(&self) -> Result<(), TextProblem> {
        (0..self.words.len()).try_for_each(|index| self.number(index).map(|_| ()))
    }

    /// Opening and closing.
    fn span(&self, index: usize) -> Result<(f64, f64), TextProblem> {
        let (opening, closing) = (self.not_negative(index)?, self.not_negative(index + 1)?);
        if closing < opening {
            return Err(self.problem(TextProblemKind::Reversed));
        }
        Ok((opening, closing))
    }
}

/// The lines of places that are left.
struct Places<I> {
    lines: I,
    /// Number of the last line that was read.
    last: usize,
}

impl<'a, I: Iterator<Item = Line<'a>>> Places<I> {
    fn new(lines: I) -> Self {
        Self { lines, last: 1 }
    }

    fn next(&mut self) -> Option<Line<'a>> {
        let line = self.lines.find(|line| !line.words.is_empty())?;
        self.last = line.number;
        Some(line)
    }

    fn next_line(&mut self) -> Result<Line<'a>, TextProblem> {
        let missing = TextProblem {
            line: self.last + 1,
            kind: TextProblemKind::Missing,
        };
        self.next().ok_or(missing)
    }

    fn read(
        &mut self,
        head: &Line<'a>,
        count: usize,
        windows: impl Fn(&Line<'a>) -> Result<Vec<ToursWindow>, TextProblem>,
    ) -> Result<Vec<ToursPlace>, TextProblem> {
        let mut places = Vec::new();
        let mut known = HashSet::new();
        while let Some(line) = self.next() {
            let id = line.whole(0)?;
            if !known.insert(id) {
                return Err(line.problem(TextProblemKind::DuplicateId { id }));
            }
            line.all_numbers()?;
            places.push(ToursPlace {
                id,
                x: Some(line.number(1)?),
                y: Some(line.number(2)?),
                duration: line.not_negative(3)?,
                value: line.not_negative(4)?,
                windows: Some(windows(&line)?),
                ..ToursPlace::default()
            });
        }
        if places.len() != count {
            return Err(head.problem(TextProblemKind::Places {
                expected: count,
                found: places.len(),
            }));
        }
        Ok(places)
    }
}
