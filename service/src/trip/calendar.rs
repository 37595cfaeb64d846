//! A trip as an iCalendar file (RFC 5545), one event a visit and a journey.

use std::collections::HashMap;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::{account::Actor, trip::TripCandidate};
use icalendar::{Calendar, Component, Event, EventLike};

use crate::{Service, ServiceResult, local_midnight};

/// An instant from a local date and minutes since midnight.
pub(super) fn instant(date: NaiveDate, minute: u16) -> DateTime<Utc> {
    local_midnight(date) + Duration::minutes(i64::from(minute))
}

impl Service {
    /// The calendar of a trip; of one team, counted from 1, or of all.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`].
    pub async fn trip_calendar(
        &self,
        actor: &Actor,
        trip_id: i64,
        team: Option<usize>,
    ) -> ServiceResult<String> {
        let trip = self.trip(actor, trip_id).await?;
        let names: HashMap<i64, &TripCandidate> = trip
            .candidates
            .iter()
            .map(|candidate| (candidate.enterprise_id, candidate))
            .collect();
        let stamp = self.now();
        let mut calendar = Calendar::new();
        calendar.name(&trip.name);
        for (index, plan) in trip.plan.teams.iter().enumerate() {
            let number = index + 1;
            if team.is_some_and(|asked| asked != number) {
                continue;
            }
            for (day_number, day) in plan.days.iter().enumerate() {
                for (leg_number, leg) in day.legs.iter().enumerate() {
                    if leg.from_city == leg.to_city {
                        continue;
                    }
                    calendar.push(
                        Event::new()
                            .uid(&format!(
                                "trip-{trip_id}-{number}-{day_number}-{leg_number}@wutong"
                            ))
                            .timestamp(stamp)
                            .summary(&format!("{number}: {} → {}", leg.from_city, leg.to_city))
                            .starts(instant(day.date, leg.from_minute))
                            .ends(instant(day.date, leg.until_minute))
                            .done(),
                    );
                }
                for stop in &day.stops {
                    let Some(candidate) = names.get(&stop.candidate_id) else {
                        continue;
                    };
                    let place = candidate
                        .address
                        .clone()
                        .unwrap_or_else(|| stop.city.clone());
                    calendar.push(
                        Event::new()
                            .uid(&format!(
                                "trip-{trip_id}-visit-{}@wutong",
                                stop.candidate_id
                            ))
                            .timestamp(stamp)
                            .summary(&format!("{number}: {}", candidate.name))
                            .location(&place)
                            .description(&candidate.products.join("、"))
                            .starts(instant(day.date, stop.begin_minute))
                            .ends(instant(day.date, stop.end_minute))
                            .done(),
                    );
                }
            }
        }
        Ok(calendar.done().to_string())
    }
}
