//! What we have had to do with companies: who follows them, who gave up, and which trips pass by.

use std::collections::HashMap;

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    lead::{EventKind, SideState, Stage},
    region::Area,
    target::{RETURN_DAYS, TargetHold, TripPast, TurnedDown},
};
use entity::{enterprise, lead, lead_event, trip, trip_candidate};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{Service, ServiceResult, lead::bureau_names, local_date};

/// Trips that are looked through for cities they pass, the next ones first.
const TRIPS: u64 = 50;

impl Service {
    /// Who follows these companies with an open lead. The lead's number only goes to those who may read it.
    pub(crate) async fn holds(
        &self,
        actor: &Actor,
        enterprise_ids: &[i64],
    ) -> ServiceResult<HashMap<i64, TargetHold>> {
        let bureaus = bureau_names(self.database.read()).await?;
        Ok(crate::chain::open_leads()
            .filter(lead::Column::EnterpriseId.is_in(enterprise_ids.iter().copied()))
            .order_by_asc(lead::Column::Stage)
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|lead| {
                (
                    lead.enterprise_id,
                    TargetHold {
                        lead_id: may_read(actor, &lead).then_some(lead.id),
                        bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                        stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                    },
                )
            })
            .collect())
    }

    /// The last lead of each of these companies that was lost. Its number and the reason only go to those who may read
    /// it; that it was lost, and when it may be tried again, to everybody.
    pub(crate) async fn turned_down(
        &self,
        actor: &Actor,
        enterprise_ids: &[i64],
    ) -> ServiceResult<HashMap<i64, TurnedDown>> {
        let database = self.database.read();
        let lost: Vec<lead::Model> = lead::Entity::find()
            .filter(lead::Column::EnterpriseId.is_in(enterprise_ids.iter().copied()))
            .filter(lead::Column::SideState.eq(SideState::Lost.key()))
            .filter(lead::Column::DeletedAt.is_null())
            .order_by_asc(lead::Column::Id)
            .all(database)
            .await?;
        if lost.is_empty() {
            return Ok(HashMap::new());
        }
        let bureaus = bureau_names(database).await?;
        // In their order, so that the last step of a lead stays.
        let steps: HashMap<i64, lead_event::Model> = lead_event::Entity::find()
            .filter(lead_event::Column::LeadId.is_in(lost.iter().map(|lead| lead.id)))
            .filter(lead_event::Column::Kind.eq(EventKind::SideState.key()))
            .order_by_asc(lead_event::Column::Id)
            .all(database)
            .await?
            .into_iter()
            .map(|event| (event.lead_id, event))
            .collect();
        let mut found: HashMap<i64, TurnedDown> = HashMap::new();
        for lead in lost {
            let step = steps.get(&lead.id);
            let at = step.map_or(lead.updated_at, |step| step.happened_at);
            let may_read = may_read(actor, &lead);
            let one = TurnedDown {
                lead_id: may_read.then_some(lead.id),
                bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                reason: step
                    .filter(|step| may_read && !step.body.is_empty())
                    .map(|step| step.body.clone()),
                at,
                returns_on: local_date(at) + Duration::days(RETURN_DAYS),
            };
            match found.get(&lead.enterprise_id) {
                Some(known) if known.at > one.at => {}
                _ => {
                    found.insert(lead.enterprise_id, one);
                }
            }
        }
        Ok(found)
    }

    /// Cities where trips of the own bureau stop from today on, each with the next such trip.
    pub(crate) async fn planned_stops(
        &self,
        actor: &Actor,
    ) -> ServiceResult<HashMap<Area, TripPast>> {
        let Some(bureau_id) = actor.bureau_id else {
            return Ok(HashMap::new());
        };
        let database = self.database.read();
        let today = self.today();
        let trips: Vec<trip::Model> = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(trip::Column::BureauId.eq(bureau_id))
            // No trip lasts a month.
            .filter(trip::Column::StartOn.gte(today - Duration::days(31)))
            .order_by_asc(trip::Column::StartOn)
            .order_by_asc(trip::Column::Id)
            .limit(TRIPS)
            .all(database)
            .await?
            .into_iter()
            .filter(|trip| trip.start_on + Duration::days(i64::from(trip.days)) > today)
            .collect();
        if trips.is_empty() {
            return Ok(HashMap::new());
        }
        let stops: Vec<(i64, i64)> = trip_candidate::Entity::find()
            .select_only()
            .column(trip_candidate::Column::TripId)
            .column(trip_candidate::Column::EnterpriseId)
            .filter(trip_candidate::Column::TripId.is_in(trips.iter().map(|trip| trip.id)))
            .into_tuple()
            .all(database)
            .await?;
        let places: HashMap<i64, Area> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Province)
            .column(enterprise::Column::City)
            .filter(enterprise::Column::Id.is_in(stops.iter().map(|(_, id)| *id)))
            .into_tuple::<(i64, Option<String>, Option<String>)>()
            .all(database)
            .await?
            .into_iter()
            .map(|(id, province, city)| (id, Area::of(province.as_deref(), city.as_deref())))
            .collect();
        let mut found: HashMap<Area, TripPast> = HashMap::new();
        for trip in trips {
            for area in stops
                .iter()
                .filter(|(trip_id, _)| *trip_id == trip.id)
                .filter_map(|(_, id)| places.get(id))
                .filter(|area| !area.city.is_empty())
            {
                found.entry(area.clone()).or_insert_with(|| TripPast {
                    trip_id: trip.id,
                    name: trip.name.clone(),
                    start_on: trip.start_on,
                    city: area.city.clone(),
                });
            }
        }
        Ok(found)
    }
}

const fn bureau_of(lead: &lead::Model) -> Action {
    Action::ReadLead {
        bureau_id: lead.bureau_id,
    }
}

fn may_read(actor: &Actor, lead: &lead::Model) -> bool {
    actor.may(bureau_of(lead))
}
