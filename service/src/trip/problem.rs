//! The planning problem of a trip, from what is stored of it.

use std::collections::{HashMap, HashSet};

use chrono::{Duration, NaiveDate, Timelike};
use domain::{
    city,
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{
        CostRates, GRID_MINUTES, Hold, Moment, Night, Place, Plan, TEAM_PEOPLE, TRIP_DAYS,
        TRIP_TEAMS, Team, TeamFrame, TripCandidate, TripCost, TripDay, TripFrame, TripProblem,
        TripSettings, trip_cost,
    },
};
use entity::{enterprise, trip};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::{Service, ServiceError, ServiceResult, local_date};

/// Most letters of a team's name or of a person's.
const NAME_LIMIT: usize = 40;
/// Most known ways of a trip.
const WAY_LIMIT: usize = 5_000;

/// Most times that the teams of a trip are held up.
const HOLD_LIMIT: usize = 50;

/// A trip's settings, when nothing else was said.
pub(super) fn planning_settings() -> TripSettings {
    TripSettings {
        grid_minutes: GRID_MINUTES,
        ..TripSettings::default()
    }
}

/// A trip without its candidates.
pub(super) struct Outline {
    pub(super) start_on: NaiveDate,
    pub(super) days: u8,
    pub(super) frame: TripFrame,
    pub(super) settings: TripSettings,
    pub(super) seed: u64,
}

impl Outline {
    /// Of a stored trip. Trips of before there were frames have teams that start and end in one city.
    pub(super) fn of(stored: &trip::Model) -> ServiceResult<Self> {
        let frame = match &stored.frame {
            Some(frame) => serde_json::from_value(frame.clone()).map_err(ServiceError::internal)?,
            None => TripFrame {
                teams: vec![
                    TeamFrame {
                        name: String::new(),
                        people: Vec::new(),
                        start_city: stored.start_city.clone(),
                        end_city: stored.start_city.clone(),
                        nights: Vec::new(),
                    };
                    usize::try_from(stored.teams).unwrap_or(1)
                ],
                travel: Vec::new(),
                holds: Vec::new(),
            },
        };
        Ok(Self {
            start_on: stored.start_on,
            days: u8::try_from(stored.days).unwrap_or(1),
            frame,
            settings: serde_json::from_value(stored.settings.clone()).unwrap_or_default(),
            seed: u64::try_from(stored.seed).unwrap_or(0),
        })
    }

    /// What a plan of the trip costs.
    pub(super) fn cost(&self, plan: &Plan) -> TripCost {
        let teams = self.frame.teams.iter();
        let people: Vec<usize> = teams.map(|team| team.people.len()).collect();
        trip_cost(plan, &people, &CostRates::default())
    }

    /// Names cities of known ways as the table of cities does: the solver compares names.
    pub(super) fn name_cities(&mut self) {
        for way in &mut self.frame.travel {
            for name in [&mut way.from, &mut way.to] {
                if let Some(place) = city::find(None, name) {
                    *name = place.city;
                }
            }
        }
    }

    /// What of a frame cannot be.
    pub(super) fn check(&self) -> Vec<FieldProblem> {
        let mut fields = Vec::new();
        let mut wrong = |field: String, kind| fields.push(FieldProblem::new(&field, kind));
        let teams = &self.frame.teams;
        if teams.is_empty() || teams.len() > usize::from(TRIP_TEAMS) {
            let kind = FieldProblemKind::OutOfRange {
                from: 1.0,
                until: f64::from(TRIP_TEAMS),
            };
            wrong("teams".to_owned(), kind);
        }
        if !(1..=TRIP_DAYS).contains(&self.days) {
            let kind = FieldProblemKind::OutOfRange {
                from: 1.0,
                until: f64::from(TRIP_DAYS),
            };
            wrong("days".to_owned(), kind);
        }
        let too_long = |text: &String| text.chars().count() > NAME_LIMIT;
        for (index, team) in teams.iter().enumerate() {
            let number = index + 1;
            for (field, city) in [
                ("start_city", &team.start_city),
                ("end_city", &team.end_city),
            ] {
                if city::find(None, city).is_none() {
                    wrong(format!("{field}-{number}"), FieldProblemKind::Unknown);
                }
            }
            if too_long(&team.name) {
                let kind = FieldProblemKind::TooLong { limit: NAME_LIMIT };
                wrong(format!("team_name-{number}"), kind);
            }
            if team.people.len() > TEAM_PEOPLE {
                let kind = FieldProblemKind::TooLong { limit: TEAM_PEOPLE };
                wrong(format!("people-{number}"), kind);
            } else if team.people.iter().any(too_long) {
                let kind = FieldProblemKind::TooLong { limit: NAME_LIMIT };
                wrong(format!("people-{number}"), kind);
            }
            for night in &team.nights {
                if city::find(None, &night.city).is_none() {
                    wrong(format!("nights-{number}"), FieldProblemKind::Unknown);
                } else if usize::from(night.day) + 1 >= usize::from(self.days) {
                    let kind = FieldProblemKind::OutOfRange {
                        from: 1.0,
                        until: f64::from(self.days.saturating_sub(1)),
                    };
                    wrong(format!("nights-{number}"), kind);
                }
            }
        }
        let is_unknown = |name: &String| city::find(None, name).is_none();
        if let Some(way) = self
            .frame
            .travel
            .iter()
            .find(|way| is_unknown(&way.from) || is_unknown(&way.to))
        {
            let cell = if is_unknown(&way.from) {
                &way.from
            } else {
                &way.to
            };
            wrong(format!("travel-{cell}"), FieldProblemKind::Unknown);
        }
        if self.frame.holds.len() > HOLD_LIMIT {
            let kind = FieldProblemKind::TooLong { limit: HOLD_LIMIT };
            wrong("holds".to_owned(), kind);
        }
        if self.frame.travel.len() > WAY_LIMIT {
            let kind = FieldProblemKind::TooLong { limit: WAY_LIMIT };
            wrong("travel".to_owned(), kind);
        }
        fields
    }
}

impl Service {
    /// The problem that the solver and the validator are asked.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for a city that is not known.
    pub(super) async fn trip_problem(
        &self,
        outline: &Outline,
        candidates: &[TripCandidate],
    ) -> ServiceResult<TripProblem> {
        let provinces: HashMap<i64, Option<String>> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Province)
            .filter(enterprise::Column::Id.is_in(candidates.iter().map(|one| one.enterprise_id)))
            .into_tuple::<(i64, Option<String>)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        let known: HashSet<i64> = candidates.iter().map(|one| one.enterprise_id).collect();
        let calendar = self.rules_in_force().await?.calendar;
        let days = (0..i64::from(outline.days))
            .map(|day| {
                let date = outline.start_on + Duration::days(day);
                TripDay {
                    date,
                    working: calendar.is_working(date),
                }
            })
            .collect();
        let teams = outline
            .frame
            .teams
            .iter()
            .map(team)
            .collect::<ServiceResult<_>>()?;
        Ok(TripProblem {
            teams,
            days,
            candidates: candidates
                .iter()
                .map(|one| {
                    let place = city::find(
                        provinces.get(&one.enterprise_id).and_then(Option::as_deref),
                        one.city.as_deref().unwrap_or_default(),
                    );
                    one.candidate(place, |id| known.contains(&id))
                })
                .collect(),
            settings: outline.settings.clone(),
            travel: outline.frame.travel.clone(),
            seed: outline.seed,
            now: self.moment_of(outline),
            holds: outline
                .frame
                .holds
                .iter()
                .map(|hold| Hold {
                    team: hold.team,
                    day: hold.day,
                    from_minute: hold.from_minute,
                    until_minute: hold.until_minute,
                    place: None,
                })
                .collect(),
            past: Vec::new(),
        })
    }
}

impl Service {
    /// The moment to which a trip has come; `None` before it and after it.
    fn moment_of(&self, outline: &Outline) -> Option<Moment> {
        let now = self.now();
        let day = (local_date(now) - outline.start_on).num_days();
        let time = crate::local_time(now);
        let minute = time.hour() * 60 + time.minute();
        Some(Moment {
            day: u8::try_from(day).ok().filter(|day| *day < outline.days)?,
            minute: u16::try_from(minute).ok()?,
        })
    }
}

fn team(frame: &TeamFrame) -> ServiceResult<Team> {
    let place = |field: &str, name: &str| -> ServiceResult<Place> {
        Ok(city::find(None, name)
            .ok_or_else(|| Problem::invalid(field, FieldProblemKind::Unknown))?)
    };
    let mut nights = Vec::new();
    for night in &frame.nights {
        nights.push(Night {
            day: night.day,
            place: place("nights", &night.city)?,
        });
    }
    nights.sort_by_key(|night| night.day);
    nights.dedup_by_key(|night| night.day);
    Ok(Team {
        start: place("start_city", &frame.start_city)?,
        end: place("end_city", &frame.end_city)?,
        free_from: None,
        nights,
    })
}
