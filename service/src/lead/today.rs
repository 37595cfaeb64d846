//! What waits for somebody today: late and silent leads, claims about to lapse, tomorrow's visits.

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    lead::{LeadOrder, LeadQuery, Stage, TODAY_ROWS, Today, TodayScope, TodaySection, TodayVisit},
    trip::{Plan, TRIP_DAYS},
};
use entity::{claim, lead, trip};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, JoinType, Order, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    RulesInForce,
    list::{ordered, totals},
};
use crate::{Service, ServiceResult, account::tag, of_bureau};

impl Service {
    /// A person's day, or a bureau's. The sections are the list of leads with one of its filters each, so the list
    /// shows the rest of them.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn today_page(&self, actor: &Actor, scope: TodayScope) -> ServiceResult<Today> {
        let rules = self.rules_in_force().await?;
        let asked = LeadQuery {
            bureau_id: scope.bureau_id,
            owner_id: scope.mine.then_some(actor.account_id),
            ..LeadQuery::default()
        };
        let [late, lapsing, silent] = self
            .today_sections(actor, waiting(&asked), &rules, TODAY_ROWS)
            .await?;
        let date = self.today();
        let visit_day = date + Duration::days(1);
        Ok(Today {
            scope,
            date,
            is_working: rules.calendar.is_working(date),
            bureaus: self
                .readable_bureaus(actor)
                .await?
                .iter()
                .map(tag)
                .collect(),
            owns_leads: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
            follow_ups: self.follow_ups(actor, scope, date).await?,
            commitments: self.due_commitments(actor, scope).await?,
            late,
            lapsing,
            claims: self.claims_in_effect(actor, scope.bureau_id).await?,
            silent,
            visits: self
                .planned_visits(actor, scope.bureau_id, visit_day)
                .await?,
            visit_day,
        })
    }

    /// The first leads of several lists, and what all of each come to. The cards are made for all lists at once.
    pub(super) async fn today_sections<const N: usize>(
        &self,
        actor: &Actor,
        queries: [LeadQuery; N],
        rules: &RulesInForce,
        rows: u64,
    ) -> ServiceResult<[TodaySection; N]> {
        let database = self.database.read();
        let mut found = Vec::new();
        let mut parts = Vec::new();
        for query in &queries {
            let matching = self.matching_leads(actor, query, rules)?;
            let (total, investment_wan) = totals(database, &matching).await?;
            let matching = if query.lapsing {
                // The first to lapse first; the filter has joined the claim.
                matching.order_by(claim::Column::ExpiresOn, Order::Asc)
            } else {
                matching
            };
            let leads = ordered(matching, query.order)
                .limit(rows)
                .all(database)
                .await?;
            parts.push((leads.len(), total, investment_wan));
            found.extend(leads);
        }
        let mut cards = self.cards(found, rules).await?.into_iter();
        let mut parts = parts.into_iter();
        Ok(queries.map(|query| {
            let (count, total, investment_wan) = parts.next().unwrap_or_default();
            TodaySection {
                leads: cards.by_ref().take(count).collect(),
                total,
                investment_wan,
                query,
            }
        }))
    }

    async fn claims_in_effect(&self, actor: &Actor, bureau_id: Option<i64>) -> ServiceResult<u64> {
        Ok(claim::Entity::find()
            .join(
                JoinType::InnerJoin,
                claim::Entity::belongs_to(lead::Entity)
                    .from(claim::Column::LeadId)
                    .to(lead::Column::Id)
                    .into(),
            )
            .filter(claim::Column::ReleasedAt.is_null())
            .filter(
                Condition::any()
                    .add(claim::Column::ExpiresOn.gte(self.today()))
                    .add(lead::Column::Stage.gte(Stage::Signed.number())),
            )
            .filter(of_bureau(
                actor,
                bureau_id,
                claim::Column::BureauId,
                |bureau_id| Action::ReadLead { bureau_id },
            )?)
            .count(self.database.read())
            .await?)
    }

    /// The stops that trips plan for a day, in the order of the clock.
    async fn planned_visits(
        &self,
        actor: &Actor,
        bureau_id: Option<i64>,
        day: chrono::NaiveDate,
    ) -> ServiceResult<Vec<TodayVisit>> {
        let database = self.database.read();
        let trips = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(trip::Column::StartOn.lte(day))
            .filter(trip::Column::StartOn.gt(day - Duration::days(i64::from(TRIP_DAYS))))
            .filter(of_bureau(
                actor,
                bureau_id,
                trip::Column::BureauId,
                |bureau_id| Action::ReadTrip { bureau_id },
            )?)
            .order_by_asc(trip::Column::Id)
            .all(database)
            .await?;
        let mut visits = Vec::new();
        for trip in trips {
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
        let names = self
            .enterprise_names(visits.iter().map(|visit| visit.enterprise_id))
            .await?;
        for visit in &mut visits {
            visit.enterprise_name = names.get(&visit.enterprise_id).cloned().unwrap_or_default();
        }
        visits.sort_by_key(|visit| (visit.begin_minute, visit.trip_id, visit.team));
        Ok(visits)
    }
}

/// What waits of some leads: those beyond their limit, those whose claim ends, those nobody wrote to.
pub(super) fn waiting(asked: &LeadQuery) -> [LeadQuery; 3] {
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
        ..asked.clone()
    };
    [late, lapsing, silent]
}
