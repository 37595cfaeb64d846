//! What waits for somebody today: late and silent leads, claims about to lapse, tomorrow's visits.

use std::collections::HashMap;

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    lead::{
        LeadOrder, LeadQuery, RulePack, TODAY_ROWS, Today, TodayScope, TodaySection, TodayVisit,
    },
    trip::{Plan, TRIP_DAYS},
};
use entity::{claim, enterprise, trip};
use sea_orm::{
    ColumnTrait, EntityTrait, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::list::{ordered, totals};
use crate::{Service, ServiceResult, account::tag, require};

impl Service {
    /// A person's day, or a bureau's. The sections are the list of leads with one of its filters each, so the list
    /// shows the rest of them.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn today_page(&self, actor: &Actor, scope: TodayScope) -> ServiceResult<Today> {
        if let Some(bureau_id) = scope.bureau_id {
            require(actor, Action::ReadLead { bureau_id })?;
        }
        let pack = self.rule_pack(self.database.read()).await?;
        let asked = LeadQuery {
            bureau_id: scope.bureau_id,
            owner_id: scope.mine.then_some(actor.account_id),
            ..LeadQuery::default()
        };
        let late = LeadQuery {
            late: true,
            order: LeadOrder::Waiting,
            ..asked.clone()
        };
        let lapsing = LeadQuery {
            lapsing: true,
            ..asked.clone()
        };
        let silent = LeadQuery {
            silent: true,
            order: LeadOrder::Silent,
            ..asked
        };
        let date = self.today();
        let visit_day = date + Duration::days(1);
        let calendar = self.work_calendar(self.database.read()).await?;
        // Whose claims and trips: those of the bureau that is asked for, or of all that the person reads.
        let bureau_id = match scope.bureau_id {
            None if !actor.reads_every_bureau() => actor.bureau_id,
            asked => asked,
        };
        let reads = bureau_id.is_some() || actor.reads_every_bureau();
        Ok(Today {
            scope,
            date,
            is_working: calendar.is_working(date),
            bureaus: self
                .bureaus()
                .await?
                .iter()
                .filter(|bureau| {
                    let bureau_id = bureau.id;
                    actor.may(Action::ReadLead { bureau_id })
                })
                .map(tag)
                .collect(),
            owns_leads: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
            late: self.today_section(actor, late, &pack).await?,
            lapsing: self.today_section(actor, lapsing, &pack).await?,
            claims: if reads {
                self.claims_in_effect(bureau_id).await?
            } else {
                0
            },
            silent: self.today_section(actor, silent, &pack).await?,
            visits: if reads {
                self.planned_visits(bureau_id, visit_day).await?
            } else {
                Vec::new()
            },
            visit_day,
        })
    }

    async fn today_section(
        &self,
        actor: &Actor,
        query: LeadQuery,
        pack: &RulePack,
    ) -> ServiceResult<TodaySection> {
        let database = self.database.read();
        let Some(matching) = self.matching_leads(actor, &query, pack).await? else {
            return Ok(TodaySection {
                leads: Vec::new(),
                total: 0,
                investment_wan: 0,
                query,
            });
        };
        let (total, investment_wan) = totals(database, &matching).await?;
        let matching = if query.lapsing {
            // The first to lapse first; the filter has joined the claim.
            matching.order_by(claim::Column::ExpiresOn, Order::Asc)
        } else {
            matching
        };
        let leads = ordered(matching, query.order)
            .limit(TODAY_ROWS)
            .all(database)
            .await?;
        Ok(TodaySection {
            leads: self.cards(leads, pack).await?,
            total,
            investment_wan,
            query,
        })
    }

    async fn claims_in_effect(&self, bureau_id: Option<i64>) -> ServiceResult<u64> {
        let mut claims = claim::Entity::find()
            .filter(claim::Column::ReleasedAt.is_null())
            .filter(claim::Column::ExpiresOn.gte(self.today()));
        if let Some(bureau_id) = bureau_id {
            claims = claims.filter(claim::Column::BureauId.eq(bureau_id));
        }
        Ok(claims.count(self.database.read()).await?)
    }

    /// The stops that trips plan for a day, in the order of the clock.
    async fn planned_visits(
        &self,
        bureau_id: Option<i64>,
        day: chrono::NaiveDate,
    ) -> ServiceResult<Vec<TodayVisit>> {
        let database = self.database.read();
        let mut trips = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(trip::Column::StartOn.lte(day))
            .filter(trip::Column::StartOn.gt(day - Duration::days(i64::from(TRIP_DAYS))));
        if let Some(bureau_id) = bureau_id {
            trips = trips.filter(trip::Column::BureauId.eq(bureau_id));
        }
        let mut visits = Vec::new();
        for trip in trips.order_by_asc(trip::Column::Id).all(database).await? {
            let Some(plan) = trip
                .plan
                .and_then(|plan| serde_json::from_value::<Plan>(plan).ok())
            else {
                continue;
            };
            for (team, plan) in (1..).zip(plan.teams) {
                for stop in plan
                    .days
                    .into_iter()
                    .filter(|planned| planned.date == day)
                    .flat_map(|planned| planned.stops)
                {
                    visits.push(TodayVisit {
                        trip_id: trip.id,
                        trip_name: trip.name.clone(),
                        team,
                        begin_minute: stop.begin_minute,
                        end_minute: stop.end_minute,
                        city: stop.city,
                        enterprise_id: stop.candidate_id,
                        enterprise_name: String::new(),
                    });
                }
            }
        }
        let names: HashMap<i64, String> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(visits.iter().map(|visit| visit.enterprise_id)))
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        for visit in &mut visits {
            visit.enterprise_name = names.get(&visit.enterprise_id).cloned().unwrap_or_default();
        }
        visits.sort_by_key(|visit| (visit.begin_minute, visit.trip_id, visit.team));
        Ok(visits)
    }
}
