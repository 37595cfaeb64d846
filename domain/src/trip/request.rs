//! A trip's problem alone, as JSON: what `POST /api/v1/trips/solve` and `wutong trip solve` take.
//!
//! A problem whose `days` are dates is a trip: working hours, lunch, nights in hotels, holidays. Any other is a set of
//! [`super::tours`], without a calendar.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::tours::{
    self, ToursAnswer, ToursError, ToursProblem, parse_toptw, parse_ttdp, toptw_decimals,
};
use super::{
    Candidate, Hold, KnownWay, Moment, Night, OpenWindow, Place, Plan, Progress, Team, TripDay,
    TripError, TripProblem, TripSettings, VISIT_MINUTES, solve, validate,
};
use crate::{calendar::WorkCalendar, city};

/// Seconds of a search when a request does not say.
const SECONDS: f64 = 5.0;
/// Most seconds of a request.
pub const REQUEST_SECONDS: f64 = 300.0;

/// A problem that was read.
#[derive(Clone, Debug)]
pub enum SolveRequest {
    Trip { problem: TripProblem, seconds: f64 },
    Tours(ToursProblem),
}

/// Why a request has no answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", content = "problem", rename_all = "snake_case")]
pub enum SolveProblem {
    /// It is not the JSON that it should be; the text says where.
    Malformed(String),
    Trip(TripError),
    Tours(ToursError),
    /// Our mistake: the answer breaks rules. It is not given.
    Invalid(Vec<String>),
}

impl std::fmt::Display for SolveProblem {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Malformed(text) => write!(formatter, "{text}"),
            Self::Trip(problem) => write!(formatter, "{problem}"),
            Self::Tours(problem) => write!(formatter, "{problem}"),
            Self::Invalid(violations) => write!(formatter, "the plan breaks rules: {violations:?}"),
        }
    }
}

impl std::error::Error for SolveProblem {}

/// The answer to a request.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum SolveAnswer {
    Trip(TripAnswer),
    Tours(ToursAnswer),
}

/// The answer to a trip's problem.
#[derive(Clone, Debug, Serialize)]
pub struct TripAnswer {
    /// Sum of the values of all visits.
    pub profit: f64,
    pub iterations: u64,
    pub seed: u64,
    /// One for each team and day with a visit or a journey.
    pub tours: Vec<TripTour>,
    pub left_out: Vec<super::LeftOut>,
    pub visited: u16,
    pub cities: u16,
    pub travel_minutes: u32,
    pub meeting_minutes: u32,
}

/// A team's day; minutes count from midnight.
#[derive(Clone, Debug, Serialize)]
pub struct TripTour {
    /// Zero-based; so is the day.
    pub team: usize,
    pub day: usize,
    pub date: NaiveDate,
    pub stops: Vec<super::Stop>,
    pub legs: Vec<super::Leg>,
    pub hotel_city: Option<String>,
}

/// The JSON of a trip.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TripRequest {
    teams: Teams,
    /// For teams that are given as a number.
    start: Option<PlaceRequest>,
    end: Option<PlaceRequest>,
    days: Vec<Day>,
    places: Vec<CandidateRequest>,
    #[serde(default)]
    settings: TripSettings,
    #[serde(default)]
    travel: Vec<KnownWay>,
    now: Option<MomentRequest>,
    #[serde(default)]
    holds: Vec<HoldRequest>,
    seconds: Option<f64>,
    #[serde(default)]
    seed: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "teams: neither a number from 1 on nor a list of teams with start, end, free_from and nights"
)]
enum Teams {
    Number(u8),
    Each(Vec<TeamRequest>),
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TeamRequest {
    start: PlaceRequest,
    end: Option<PlaceRequest>,
    free_from: Option<super::Moment>,
    #[serde(default)]
    nights: Vec<NightRequest>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct NightRequest {
    day: u8,
    place: PlaceRequest,
}

/// The moment that the trip has come to; the day is zero-based.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct MomentRequest {
    day: u8,
    minute: u16,
}

/// A team that is held up; team and day are zero-based.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct HoldRequest {
    team: u8,
    day: u8,
    from_minute: u16,
    until_minute: u16,
    place: Option<PlaceRequest>,
}

/// A date whose working hours follow the official calendar, or one that says it itself.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "days: neither a date such as 2026-07-06 nor {\"date\", \"working\"}"
)]
enum Day {
    Date(NaiveDate),
    Given(TripDay),
}

/// A city by its name, or any point: then the city only says what is near one another.
#[derive(Clone, Debug, Deserialize)]
#[serde(
    untagged,
    expecting = "start, end, a night or a hold: neither a city's name nor {\"city\", \"longitude\", \"latitude\"}"
)]
enum PlaceRequest {
    City(String),
    Point {
        #[serde(default)]
        city: String,
        longitude: Option<f64>,
        latitude: Option<f64>,
    },
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CandidateRequest {
    id: i64,
    /// For the reader of the request.
    #[serde(default, rename = "name")]
    _name: Option<String>,
    city: Option<String>,
    longitude: Option<f64>,
    latitude: Option<f64>,
    value: f64,
    #[serde(default = "visit_minutes")]
    duration_minutes: u16,
    #[serde(default)]
    open: Vec<OpenWindow>,
    #[serde(default)]
    required: bool,
    fixed_team: Option<u8>,
    fixed_day: Option<u8>,
    fixed_minute: Option<u16>,
    #[serde(default)]
    after: Vec<i64>,
    host: Option<String>,
}

fn visit_minutes() -> u16 {
    VISIT_MINUTES
}

/// A place from its city's name, its point, or both.
fn placed(city: &str, longitude: Option<f64>, latitude: Option<f64>) -> Option<Place> {
    match (longitude, latitude) {
        (Some(longitude), Some(latitude)) => Some(Place {
            city: if city.trim().is_empty() {
                // Points without a city are near nothing but themselves.
                format!("{longitude},{latitude}")
            } else {
                city.to_owned()
            },
            longitude,
            latitude,
        }),
        _ => city::find(None, city),
    }
}

impl PlaceRequest {
    fn place(&self, what: &str) -> Result<Place, SolveProblem> {
        let (city, longitude, latitude) = match self {
            Self::City(city) => (city, None, None),
            Self::Point {
                city,
                longitude,
                latitude,
            } => (city, *longitude, *latitude),
        };
        placed(city, longitude, latitude).ok_or_else(|| {
            SolveProblem::Malformed(format!(
                "{what}: `{city}` is no known city and has no longitude and latitude"
            ))
        })
    }
}

impl TripRequest {
    fn problem(self) -> Result<(TripProblem, f64), SolveProblem> {
        let seconds = self.seconds.unwrap_or(SECONDS);
        if !(seconds > 0.0 && seconds <= REQUEST_SECONDS) {
            return Err(SolveProblem::Malformed(format!(
                "seconds: {seconds} is not above 0 and at most {REQUEST_SECONDS}"
            )));
        }
        let teams = match self.teams {
            Teams::Number(number) => {
                let start = self
                    .start
                    .ok_or_else(|| SolveProblem::Malformed("start is missing".to_owned()))?;
                let begin = start.place("start")?;
                let end = match &self.end {
                    Some(end) => end.place("end")?,
                    None => begin.clone(),
                };
                let team = Team {
                    start: begin,
                    end,
                    free_from: None,
                    nights: Vec::new(),
                };
                vec![team; usize::from(number)]
            }
            Teams::Each(teams) => teams
                .into_iter()
                .enumerate()
                .map(|(index, team)| team.team(index))
                .collect::<Result<_, _>>()?,
        };
        let calendar =
            WorkCalendar::shipped().map_err(|error| SolveProblem::Malformed(error.to_string()))?;
        let days = self
            .days
            .into_iter()
            .map(|day| match day {
                Day::Date(date) => TripDay {
                    date,
                    working: calendar.is_working(date),
                },
                Day::Given(day) => day,
            })
            .collect();
        let candidates = self
            .places
            .into_iter()
            .map(|one| Candidate {
                id: one.id,
                value: one.value,
                place: placed(
                    one.city.as_deref().unwrap_or_default(),
                    one.longitude,
                    one.latitude,
                ),
                duration_minutes: one.duration_minutes,
                open: one.open,
                required: one.required,
                fixed_team: one.fixed_team,
                fixed_day: one.fixed_day,
                fixed_minute: one.fixed_minute,
                after: one.after,
                host: one.host,
            })
            .collect();
        let mut holds = Vec::new();
        for (index, hold) in self.holds.iter().enumerate() {
            let place = match &hold.place {
                Some(place) => Some(place.place(&format!("holds[{index}].place"))?),
                None => None,
            };
            holds.push(Hold {
                team: hold.team,
                day: hold.day,
                from_minute: hold.from_minute,
                until_minute: hold.until_minute,
                place,
            });
        }
        let problem = TripProblem {
            teams,
            days,
            candidates,
            settings: self.settings,
            travel: self.travel,
            seed: self.seed,
            now: self.now.map(|now| Moment {
                day: now.day,
                minute: now.minute,
            }),
            holds,
            past: Vec::new(),
        };
        problem.check().map_err(SolveProblem::Trip)?;
        Ok((problem, seconds))
    }
}

impl TeamRequest {
    fn team(self, index: usize) -> Result<Team, SolveProblem> {
        let mut nights = Vec::new();
        for night in &self.nights {
            nights.push(Night {
                day: night.day,
                place: night.place.place(&format!("teams[{index}].nights"))?,
            });
        }
        let start = self.start.place(&format!("teams[{index}].start"))?;
        let end = match &self.end {
            Some(end) => end.place(&format!("teams[{index}].end"))?,
            None => start.clone(),
        };
        Ok(Team {
            start,
            end,
            free_from: self.free_from,
            nights,
        })
    }
}

/// What a command line says beside the problem; what is `None` is the problem's own.
#[derive(Clone, Copy, Debug, Default)]
pub struct SolveOptions {
    pub teams: Option<usize>,
    pub seconds: Option<f64>,
    pub seed: Option<u64>,
    pub truncate: Option<u8>,
}

impl SolveRequest {
    /// Reads JSON text; options replace what it says.
    ///
    /// # Errors
    /// A [`SolveProblem`] that says what is wrong and where.
    pub fn from_text(text: &str, options: &SolveOptions) -> Result<Self, SolveProblem> {
        let mut value: Value = serde_json::from_str(text)
            .map_err(|error| SolveProblem::Malformed(error.to_string()))?;
        if let Some(fields) = value.as_object_mut() {
            if let Some(teams) = options.teams {
                fields.insert("teams".to_owned(), teams.into());
            }
            if let Some(seconds) = options.seconds {
                fields.insert("seconds".to_owned(), seconds.into());
            }
            if let Some(seed) = options.seed {
                fields.insert("seed".to_owned(), seed.into());
            }
            if let Some(truncate) = options.truncate {
                fields.insert("truncate".to_owned(), truncate.into());
            }
        }
        Self::from_json(value)
    }

    /// Reads a team orienteering problem with time windows in its public text form. Where no decimals are said, the
    /// file's name tells the family, and with it how distances are truncated.
    ///
    /// # Errors
    /// A [`SolveProblem`] with the line.
    pub fn from_toptw(
        text: &str,
        file_name: &str,
        options: &SolveOptions,
    ) -> Result<Self, SolveProblem> {
        let decimals = options
            .truncate
            .unwrap_or_else(|| toptw_decimals(file_name));
        let problem = parse_toptw(text, decimals)
            .map_err(|problem| SolveProblem::Malformed(problem.to_string()))?;
        Self::with_options(problem, options)
    }

    /// Reads a tourist trip of several days in its public text form.
    ///
    /// # Errors
    /// A [`SolveProblem`] with the line.
    pub fn from_ttdp(text: &str, options: &SolveOptions) -> Result<Self, SolveProblem> {
        let mut problem =
            parse_ttdp(text).map_err(|problem| SolveProblem::Malformed(problem.to_string()))?;
        problem.truncate = options.truncate.or(problem.truncate);
        Self::with_options(problem, options)
    }

    fn with_options(
        mut problem: ToursProblem,
        options: &SolveOptions,
    ) -> Result<Self, SolveProblem> {
        if let Some(teams) = options.teams {
            problem.teams = teams;
        }
        problem.seconds = options.seconds.or(problem.seconds);
        if let Some(seed) = options.seed {
            problem.seed = seed;
        }
        problem.check().map_err(SolveProblem::Tours)?;
        Ok(Self::Tours(problem))
    }

    /// Reads the JSON of a problem.
    ///
    /// # Errors
    /// A [`SolveProblem`] that says what is wrong and where.
    pub fn from_json(value: Value) -> Result<Self, SolveProblem> {
        let malformed = |error: serde_json::Error| SolveProblem::Malformed(error.to_string());
        if value.get("days").is_some_and(Value::is_array) {
            let request: TripRequest = serde_json::from_value(value).map_err(malformed)?;
            let (problem, seconds) = request.problem()?;
            return Ok(Self::Trip { problem, seconds });
        }
        let problem: ToursProblem = serde_json::from_value(value).map_err(malformed)?;
        problem.check().map_err(SolveProblem::Tours)?;
        Ok(Self::Tours(problem))
    }

    /// How long to search.
    #[must_use]
    pub fn seconds(&self) -> f64 {
        match self {
            Self::Trip { seconds, .. } => *seconds,
            Self::Tours(problem) => problem.seconds.unwrap_or(SECONDS),
        }
    }

    /// Searches until `keep_going`, which is given the number of iterations, says no. What is answered was checked
    /// without the search's code.
    ///
    /// # Errors
    /// A [`SolveProblem`].
    pub fn solve(
        &self,
        keep_going: &mut dyn FnMut(u64) -> bool,
    ) -> Result<SolveAnswer, SolveProblem> {
        match self {
            Self::Trip { problem, .. } => {
                let mut iterations = 0;
                let plan = solve(problem, &mut |progress: Progress| {
                    iterations = progress.iterations;
                    keep_going(iterations)
                })
                .map_err(SolveProblem::Trip)?;
                let violations = validate(problem, &plan);
                if !violations.is_empty() {
                    let told = violations.iter().map(|own| format!("{own:?}"));
                    return Err(SolveProblem::Invalid(told.collect()));
                }
                Ok(SolveAnswer::Trip(TripAnswer::new(
                    plan,
                    iterations,
                    problem.seed,
                )))
            }
            Self::Tours(problem) => {
                let answer = problem
                    .solve(&mut |iterations, _, _| keep_going(iterations))
                    .map_err(SolveProblem::Tours)?;
                let violations = tours::validate(problem, &answer);
                if violations.is_empty() {
                    Ok(SolveAnswer::Tours(answer))
                } else {
                    Err(SolveProblem::Invalid(violations))
                }
            }
        }
    }
}

impl TripAnswer {
    fn new(plan: Plan, iterations: u64, seed: u64) -> Self {
        let mut tours = Vec::new();
        for (team, own) in plan.teams.into_iter().enumerate() {
            for (day, own) in own.days.into_iter().enumerate() {
                if own.stops.is_empty() && own.legs.is_empty() {
                    continue;
                }
                tours.push(TripTour {
                    team,
                    day,
                    date: own.date,
                    stops: own.stops,
                    legs: own.legs,
                    hotel_city: own.hotel_city,
                });
            }
        }
        Self {
            profit: plan.total_value,
            iterations,
            seed,
            tours,
            left_out: plan.left_out,
            visited: plan.visited,
            cities: plan.cities,
            travel_minutes: plan.travel_minutes,
            meeting_minutes: plan.meeting_minutes,
        }
    }
}
