//! What a person's leads put into the person's calendar.

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    account::Actor,
    feed::{FeedEntry, FeedKind, FeedTime},
    lead::{LeadQuery, Stage},
};
use entity::{claim, enterprise, lead};
use sea_orm::{
    ColumnTrait, JoinType, QueryFilter, QueryOrder, QuerySelect, Select,
    sea_query::{Expr, ExprTrait},
};

use super::{RulesInForce, list::held_claim, notice::its_company};
use crate::{Service, ServiceResult, local_date};

/// Leads whose days a calendar shows, the last touched first.
const LEADS: u64 = 1_000;

impl Service {
    /// The last days of the stages in which a person's own leads stand.
    pub(crate) async fn stage_deadline_entries(
        &self,
        person: &Actor,
    ) -> ServiceResult<Vec<FeedEntry>> {
        let rules = self.rules_in_force().await?;
        let rows: Vec<(i64, i32, DateTime<Utc>, String)> = self
            .own_leads(person, &rules)?
            .filter(lead::Column::SideState.is_null())
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::Stage)
            .column(lead::Column::StageEnteredAt)
            .column(enterprise::Column::Name)
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .filter_map(|(lead_id, stage, entered_at, subject)| {
                let stage = Stage::from_number(stage)?;
                let last = rules
                    .pack
                    .rule(stage)?
                    .last_day(local_date(entered_at), &rules.calendar)?;
                Some(FeedEntry {
                    uid: format!("lead-{lead_id}-{}@wutong", stage.key()),
                    kind: FeedKind::StageDeadline(stage),
                    subject,
                    time: FeedTime::Day(last),
                    place: String::new(),
                    href: format!("/leads/{lead_id}"),
                    changed_at: entered_at,
                })
            })
            .collect())
    }

    /// The last days of the claims under a person's own leads, as long as there is no contract.
    pub(crate) async fn claim_entries(&self, person: &Actor) -> ServiceResult<Vec<FeedEntry>> {
        let rules = self.rules_in_force().await?;
        let rows: Vec<(i64, i64, NaiveDate, DateTime<Utc>, String)> = self
            .own_leads(person, &rules)?
            .join(JoinType::InnerJoin, held_claim())
            .filter(claim::Column::ReleasedAt.is_null())
            .filter(
                Expr::col((claim::Entity, claim::Column::BureauId))
                    .equals((lead::Entity, lead::Column::BureauId)),
            )
            .filter(lead::Column::Stage.lt(Stage::Signed.number()))
            .select_only()
            .column(lead::Column::Id)
            .column(claim::Column::Id)
            .column(claim::Column::ExpiresOn)
            .column(claim::Column::ClaimedAt)
            .column(enterprise::Column::Name)
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows
            .into_iter()
            .map(
                |(lead_id, claim_id, expires_on, claimed_at, subject)| FeedEntry {
                    uid: format!("claim-{claim_id}@wutong"),
                    kind: FeedKind::ClaimEnd,
                    subject,
                    time: FeedTime::Day(expires_on),
                    place: String::new(),
                    href: format!("/leads/{lead_id}"),
                    changed_at: claimed_at,
                },
            )
            .collect())
    }

    fn own_leads(
        &self,
        person: &Actor,
        rules: &RulesInForce,
    ) -> ServiceResult<Select<lead::Entity>> {
        let asked = LeadQuery {
            owner_id: Some(person.account_id),
            ..LeadQuery::default()
        };
        Ok(self
            .matching_leads(person, &asked, rules)?
            .join(JoinType::InnerJoin, its_company())
            .order_by_desc(lead::Column::LastActivityAt)
            .order_by_desc(lead::Column::Id)
            .limit(LEADS))
    }
}
