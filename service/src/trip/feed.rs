//! What a person's trips put into the person's calendar.

use std::collections::HashMap;

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    feed::{FeedEntry, FeedKind, FeedTime},
    trip::Plan,
};
use entity::{enterprise, trip};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::calendar::instant;
use crate::{Service, ServiceResult, of_bureau};

/// Days for which a visit stays in the calendar.
const PAST_DAYS: i64 = 60;
/// Trips that a calendar shows, the last first.
const TRIPS: u64 = 100;

impl Service {
    /// The visits of a person's own trips.
    pub(crate) async fn visit_entries(&self, person: &Actor) -> ServiceResult<Vec<FeedEntry>> {
        let database = self.database.read();
        let trips = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(trip::Column::OwnerId.eq(person.account_id))
            .filter(trip::Column::StartOn.gte(self.today() - Duration::days(PAST_DAYS)))
            .filter(of_bureau(
                person,
                None,
                trip::Column::BureauId,
                |bureau_id| Action::ReadTrip { bureau_id },
            )?)
            .order_by_desc(trip::Column::StartOn)
            .order_by_desc(trip::Column::Id)
            .limit(TRIPS)
            .all(database)
            .await?;
        let mut entries = Vec::new();
        let mut companies = Vec::new();
        for trip in trips {
            let Some(plan) = trip
                .plan
                .and_then(|plan| serde_json::from_value::<Plan>(plan).ok())
            else {
                continue;
            };
            for (team, _, day, stop) in plan.stops() {
                companies.push(stop.candidate_id);
                entries.push(FeedEntry {
                    // The same as in the trip's own file: who keeps both sees one.
                    uid: format!("trip-{}-visit-{}@wutong", trip.id, stop.candidate_id),
                    kind: FeedKind::Visit {
                        trip: trip.name.clone(),
                        team: usize::from(team) + 1,
                    },
                    subject: String::new(),
                    time: FeedTime::Span(
                        instant(day.date, stop.begin_minute),
                        instant(day.date, stop.end_minute),
                    ),
                    place: stop.city.clone(),
                    href: format!("/trips/{}", trip.id),
                    changed_at: trip.updated_at,
                });
            }
        }
        let mut names: HashMap<i64, String> = HashMap::new();
        for ids in companies.chunks(10_000) {
            names.extend(
                enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .column(enterprise::Column::Name)
                    .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
                    .into_tuple::<(i64, String)>()
                    .all(database)
                    .await?,
            );
        }
        for (entry, company) in entries.iter_mut().zip(companies) {
            entry.subject = names.get(&company).cloned().unwrap_or_default();
        }
        Ok(entries)
    }
}
