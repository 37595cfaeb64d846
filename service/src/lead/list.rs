//! The list of leads: filtered, ordered and paged in the database, and as a table to take away.

use chrono::NaiveDate;
use domain::{
    account::{Action, Actor},
    lead::{LAPSING_DAYS, LEAD_PAGE, LeadCard, LeadOrder, LeadPage, LeadQuery, SILENT_DAYS, Stage},
};
use entity::{claim, enterprise, lead};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, EntityTrait, JoinType, Order, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
    sea_query::{Expr, ExprTrait, NullOrdering, SelectStatement},
};

use super::RulesInForce;
use crate::{
    Service, ServiceResult,
    account::tag,
    chain::open_leads,
    find::{holding, simplified},
    local_midnight, nothing, of_bureau,
};

/// Leads that one export holds at most.
const EXPORT_LIMIT: u64 = 50_000;
/// Leads read at a time for an export.
const EXPORT_STEP: u64 = 2_000;
/// Longest text that is looked for, in characters.
pub(super) const TEXT_LIMIT: usize = 60;

impl Service {
    /// A page of the leads that a person may read and that match.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn lead_page(&self, actor: &Actor, query: &LeadQuery) -> ServiceResult<LeadPage> {
        let database = self.database.read();
        let rules = self.rules_in_force().await?;
        let matching = self.matching_leads(actor, query, &rules)?;
        let (total, investment_wan) = totals(database, &matching).await?;
        // A page behind the last one is the last one: a filter may have left fewer.
        let page = Ord::min(query.page, total.saturating_sub(1) / LEAD_PAGE);
        let leads = ordered(matching, query.order)
            .offset(page * LEAD_PAGE)
            .limit(LEAD_PAGE)
            .all(database)
            .await?;
        let bureaus = self.readable_bureaus(actor).await?;
        Ok(LeadPage {
            leads: self.cards(leads, &rules).await?,
            total,
            investment_wan,
            page,
            bureaus: bureaus.iter().map(tag).collect(),
        })
    }

    /// All leads that match, for a file; at most fifty thousand.
    ///
    /// # Errors
    /// As [`Service::lead_page`].
    pub async fn lead_export(
        &self,
        actor: &Actor,
        query: &LeadQuery,
    ) -> ServiceResult<Vec<LeadCard>> {
        let database = self.database.read();
        let rules = self.rules_in_force().await?;
        let matching = self.matching_leads(actor, query, &rules)?;
        let mut cards = Vec::new();
        let mut offset = 0;
        while offset < EXPORT_LIMIT {
            let leads = ordered(matching.clone(), query.order)
                .offset(offset)
                .limit(EXPORT_STEP)
                .all(database)
                .await?;
            let is_last = (leads.len() as u64) < EXPORT_STEP;
            cards.extend(self.cards(leads, &rules).await?);
            if is_last {
                break;
            }
            offset += EXPORT_STEP;
        }
        Ok(cards)
    }

    /// The leads that a person may read and that match: none for somebody who reads no bureau's.
    pub(super) fn matching_leads(
        &self,
        actor: &Actor,
        query: &LeadQuery,
        rules: &RulesInForce,
    ) -> ServiceResult<Select<lead::Entity>> {
        let mut matching = match query.side_state {
            // What has ended is found only by who asks for it.
            Some(state) => lead::Entity::find()
                .filter(lead::Column::DeletedAt.is_null())
                .filter(lead::Column::SideState.eq(state.key())),
            None => open_leads(),
        };
        matching = matching.filter(of_bureau(
            actor,
            query.bureau_id,
            lead::Column::BureauId,
            |bureau_id| Action::ReadLead { bureau_id },
        )?);
        if let Some(stage) = query.stage {
            matching = matching.filter(lead::Column::Stage.eq(stage.number()));
        }
        if let Some(owner_id) = query.owner_id {
            matching = matching.filter(lead::Column::OwnerId.eq(owner_id));
        }
        if query.silent {
            let since = self.now() - chrono::Duration::days(SILENT_DAYS);
            matching = matching.filter(lead::Column::LastActivityAt.lt(since));
        }
        if query.late {
            matching = matching
                .filter(lead::Column::SideState.is_null())
                .filter(late_condition(rules, self.today()));
        }
        if query.lapsing {
            let until = self.today() + chrono::Duration::days(LAPSING_DAYS);
            // A contract ends what the claim is for: to be the only one that negotiates.
            // A lead of another bureau than the one that holds the company has no claim to lose.
            matching = matching
                .join(JoinType::InnerJoin, held_claim())
                .filter(claim::Column::ReleasedAt.is_null())
                .filter(
                    Expr::col((claim::Entity, claim::Column::BureauId))
                        .equals((lead::Entity, lead::Column::BureauId)),
                )
                .filter(claim::Column::ExpiresOn.lte(until))
                .filter(lead::Column::Stage.lt(Stage::Signed.number()));
        }
        if let Some((text, companies)) = companies_named(&query.text) {
            let folded = domain::text::fold(&simplified(&text));
            matching = matching.filter(
                Condition::any()
                    .add(Expr::col((lead::Entity, lead::Column::Title)).like(holding(&text)))
                    .add(Expr::col((lead::Entity, lead::Column::FindKey)).like(holding(&folded)))
                    .add(lead::Column::EnterpriseId.in_subquery(companies)),
            );
        }
        Ok(matching)
    }
}

/// Beyond the time limit of the stage they stand in.
pub(super) fn late_condition(rules: &RulesInForce, today: NaiveDate) -> Condition {
    rules
        .pack
        .stages
        .iter()
        .filter_map(|rule| {
            let entered = rule.latest_late_entry(today, &rules.calendar)?.succ_opt()?;
            Some(
                Condition::all()
                    .add(lead::Column::Stage.eq(rule.stage.number()))
                    .add(lead::Column::StageEnteredAt.lt(local_midnight(entered))),
            )
        })
        // Without a limit nothing is late.
        .fold(Condition::any().add(nothing()), Condition::add)
}

/// Count and planned investment, 万元, of all that match.
pub(super) async fn totals(
    database: &DatabaseConnection,
    matching: &Select<lead::Entity>,
) -> ServiceResult<(u64, i64)> {
    let (total, sum) = matching
        .clone()
        .select_only()
        .column_as(lead::Column::Id.count(), "count")
        .column_as(lead::Column::InvestmentWan.sum().cast_as("bigint"), "sum")
        .into_tuple::<(i64, Option<i64>)>()
        .one(database)
        .await?
        .unwrap_or_default();
    Ok((u64::try_from(total).unwrap_or(0), sum.unwrap_or(0)))
}

/// From a lead to its claims. The few that end soon are found first, and their leads by number.
pub(super) fn held_claim() -> RelationDef {
    lead::Entity::belongs_to(claim::Entity)
        .from(lead::Column::Id)
        .to(claim::Column::LeadId)
        .into()
}

/// The text that is looked for, and the ids of the companies whose name, pinyin or initials hold it; `None` for nothing.
pub(super) fn companies_named(text: &str) -> Option<(String, SelectStatement)> {
    let text: String = text
        .trim()
        .chars()
        .filter(|one| *one != '\0')
        .take(TEXT_LIMIT)
        .collect();
    if text.is_empty() {
        return None;
    }
    let folded = domain::text::fold(&simplified(&text));
    let companies = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .filter(
            Condition::any()
                .add(Expr::col(enterprise::Column::Name).like(holding(&text)))
                .add(Expr::col(enterprise::Column::Name).like(holding(&folded)))
                .add(Expr::col(enterprise::Column::Pinyin).like(holding(&folded)))
                .add(Expr::col(enterprise::Column::Initials).like(holding(&folded))),
        )
        .into_query();
    Some((text, companies))
}

pub(super) fn ordered(matching: Select<lead::Entity>, order: LeadOrder) -> Select<lead::Entity> {
    let ordered = match order {
        LeadOrder::Recent => matching.order_by(lead::Column::LastActivityAt, Order::Desc),
        LeadOrder::Silent => matching.order_by(lead::Column::LastActivityAt, Order::Asc),
        LeadOrder::Investment => matching.order_by_with_nulls(
            lead::Column::InvestmentWan,
            Order::Desc,
            NullOrdering::Last,
        ),
        LeadOrder::Stage => matching
            .order_by(lead::Column::Stage, Order::Desc)
            .order_by(lead::Column::StageEnteredAt, Order::Asc),
        LeadOrder::Waiting => matching.order_by(lead::Column::StageEnteredAt, Order::Asc),
    };
    ordered.order_by(lead::Column::Id, Order::Desc)
}
