//! 公海, the public pool: what lapsed goes there by itself, every bureau sees what it is about, and who takes it first
//! has it.
//!
//! The pool holds the leads whose last claim was let go, that are open and stand before 签约, as long as nobody holds
//! their company. It is read off the claims: there is no mark that could contradict them. A lead in the pool stays its
//! old bureau's to read and to write in, until another bureau takes it.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    lead::{
        ClaimEventKind, NodeTag, POOL_PAGE, PoolLead, PoolPage, PoolQuery, Stage, claim_lapses,
    },
    problem::Problem,
};
use entity::{chain, chain_node, claim, claim_event, enterprise, lead};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, QueryTrait, RelationDef, Select,
    sea_query::{Expr, ExprTrait, Query},
};

use super::{
    claim::{Handing, company_conflicts, has_ended, hold_companies, running_claim},
    existing_held,
    ledger::bureau_names,
    list::{companies_named, totals},
};
use crate::{Service, ServiceResult, chain::open_leads, find::holding, require};

/// Claims let go in one transaction.
const SWEEP_PAGE: u64 = 200;

impl Service {
    /// Lets every claim go whose days are over, and says how many. Several servers may do it at once, and again: a
    /// claim that went is not there for the next one.
    ///
    /// # Errors
    /// The database does not answer. What was let go until then stays so.
    pub async fn lapse_claims(&self) -> ServiceResult<u64> {
        let mut lapsed = 0;
        let mut last = 0;
        loop {
            let database = self.database.read();
            let before = self
                .rule_pack(database)
                .await?
                .claim
                .pooled_before(self.today());
            let due = over(before)
                .filter(claim::Column::Id.gt(last))
                .order_by_asc(claim::Column::Id)
                .limit(SWEEP_PAGE)
                .all(database)
                .await?;
            let Some(latest) = due.last() else {
                return Ok(lapsed);
            };
            last = latest.id;
            let transaction = self.database.begin().await?;
            hold_companies(&transaction, due.iter().map(|claim| claim.enterprise_id)).await?;
            // Renewed, released or signed meanwhile? Now that the companies are held, it stays true.
            let still = over(before)
                .filter(claim::Column::Id.is_in(due.iter().map(|claim| claim.id)))
                .order_by_asc(claim::Column::Id)
                .all(&transaction)
                .await?;
            lapsed += still.len() as u64;
            self.lapse(&transaction, still).await?;
            transaction.commit().await?;
        }
    }

    /// A page of the pool, what lapsed last first.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn claim_pool(&self, actor: &Actor, query: &PoolQuery) -> ServiceResult<PoolPage> {
        require(actor, Action::ReadPool)?;
        let database = self.database.read();
        let mut matching = pooled();
        if let Some(stage) = query.stage {
            matching = matching.filter(lead::Column::Stage.eq(stage.number()));
        }
        if let Some(chain_id) = query.chain_id {
            let nodes = chain_node::Entity::find()
                .select_only()
                .column(chain_node::Column::Id)
                .filter(chain_node::Column::ChainId.eq(chain_id))
                .into_query();
            matching = matching.filter(lead::Column::ChainNodeId.in_subquery(nodes));
        }
        if let Some((text, companies)) = companies_named(&query.text) {
            matching = matching.filter(
                Condition::any()
                    .add(Expr::col((lead::Entity, lead::Column::Title)).like(holding(&text)))
                    .add(lead::Column::EnterpriseId.in_subquery(companies)),
            );
        }
        let (total, investment_wan) = totals(database, &matching).await?;
        let page = Ord::min(query.page, total.saturating_sub(1) / POOL_PAGE);
        let leads = matching
            .order_by(claim::Column::ReleasedAt, Order::Desc)
            .order_by(lead::Column::Id, Order::Desc)
            .offset(page * POOL_PAGE)
            .limit(POOL_PAGE)
            .all(database)
            .await?;
        let chains = chain::Entity::find()
            .select_only()
            .column(chain::Column::Id)
            .column(chain::Column::Name)
            .order_by_asc(chain::Column::Position)
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?;
        Ok(PoolPage {
            leads: self.pool_leads(actor, leads).await?,
            total,
            investment_wan,
            page,
            chains,
            may_claim: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::ClaimFromPool { bureau_id })),
        })
    }

    /// Whether a lead of a company lies in the pool.
    pub(crate) async fn is_pooled(&self, enterprise_id: i64) -> ServiceResult<bool> {
        let leads = pooled().filter(lead::Column::EnterpriseId.eq(enterprise_id));
        Ok(leads.count(self.database.read()).await? > 0)
    }

    async fn pool_leads(
        &self,
        actor: &Actor,
        leads: Vec<lead::Model>,
    ) -> ServiceResult<Vec<PoolLead>> {
        let database = self.database.read();
        let companies: HashMap<i64, (String, bool)> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .column(enterprise::Column::IsDemo)
            .filter(enterprise::Column::Id.is_in(leads.iter().map(|lead| lead.enterprise_id)))
            .into_tuple::<(i64, String, bool)>()
            .all(database)
            .await?
            .into_iter()
            .map(|(id, name, is_demo)| (id, (name, is_demo)))
            .collect();
        // In the order of their ids, so that the last one of a lead stays.
        let claims: HashMap<i64, claim::Model> = claim::Entity::find()
            .filter(claim::Column::LeadId.is_in(leads.iter().map(|lead| lead.id)))
            .order_by_asc(claim::Column::Id)
            .all(database)
            .await?
            .into_iter()
            .map(|claim| (claim.lead_id, claim))
            .collect();
        let lapsed: HashSet<i64> = claim_event::Entity::find()
            .select_only()
            .column(claim_event::Column::ClaimId)
            .filter(claim_event::Column::ClaimId.is_in(claims.values().map(|claim| claim.id)))
            .filter(claim_event::Column::Kind.eq(ClaimEventKind::Lapsed.key()))
            .into_tuple::<i64>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let nodes = self
            .node_classes(&leads.iter().filter_map(|lead| lead.chain_node_id).collect())
            .await?;
        let bureaus = bureau_names(database).await?;
        Ok(leads
            .into_iter()
            .map(|lead| {
                let claim = claims.get(&lead.id);
                let pooled_at = claim
                    .and_then(|claim| claim.released_at)
                    .unwrap_or(lead.updated_at);
                let (enterprise_name, is_demo) = companies
                    .get(&lead.enterprise_id)
                    .cloned()
                    .unwrap_or_default();
                PoolLead {
                    lead_id: lead.id,
                    enterprise_id: lead.enterprise_id,
                    enterprise_name,
                    title: lead.title,
                    stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                    node: lead.chain_node_id.and_then(|id| {
                        nodes
                            .get(&id)
                            .map(|(chain_id, chain_name, name, class)| NodeTag {
                                chain_id: *chain_id,
                                chain_name: chain_name.clone(),
                                node_id: id,
                                name: name.clone(),
                                class: Some(*class),
                            })
                    }),
                    investment_wan: lead.investment_wan,
                    bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                    pooled_at,
                    lapsed_on: claim
                        .filter(|claim| lapsed.contains(&claim.id))
                        .map(|claim| claim.expires_on),
                    last_activity_at: lead.last_activity_at,
                    may_read: actor.may(Action::ReadLead {
                        bureau_id: lead.bureau_id,
                    }),
                    is_demo,
                }
            })
            .collect())
    }

    /// 认领: takes a lead of the pool for the person's bureau, with its whole timeline; the person owns it from here on.
    /// The bureau that had it may take it back.
    ///
    /// # Errors
    /// [`Problem::ClaimHeld`] when another bureau was quicker, [`Problem::LeadExists`] when the own bureau follows the
    /// company already, [`Problem::NotFound`] for what does not lie in the pool, [`Problem::Forbidden`].
    pub async fn claim_from_pool(&self, actor: &Actor, lead_id: i64) -> ServiceResult<i64> {
        let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
        require(actor, Action::ClaimFromPool { bureau_id })?;
        let transaction = self.database.begin().await?;
        let lead = existing_held(&transaction, lead_id).await?;
        let same = company_conflicts(&transaction, lead.enterprise_id).await?;
        hold_companies(&transaction, same.iter().map(|(id, _)| *id)).await?;
        let latest = claim::Entity::find()
            .filter(claim::Column::LeadId.eq(lead.id))
            .order_by_desc(claim::Column::Id)
            .one(&transaction)
            .await?;
        let is_open = !has_ended(&lead)
            && claim_lapses(Stage::from_number(lead.stage).unwrap_or(Stage::Lead));
        let is_free = is_open && latest.is_some_and(|claim| claim.released_at.is_some());
        if !is_free && !has_lapsed(&transaction, lead.id).await? {
            // It never lay in the pool, and nothing about it is told.
            return Err(Problem::NotFound.into());
        }
        self.refuse_held(&transaction, &same, bureau_id).await?;
        if let Some(running) = running_claim(&transaction, lead.enterprise_id).await?
            && running.claim.bureau_id == bureau_id
        {
            let lead_id = running.claim.lead_id;
            return Err(Problem::LeadExists { lead_id }.into());
        }
        if !is_free {
            return Err(Problem::NotFound.into());
        }
        if let Some(own) = open_leads()
            .filter(lead::Column::EnterpriseId.is_in(same.iter().map(|(id, _)| *id)))
            .filter(lead::Column::BureauId.eq(bureau_id))
            .filter(lead::Column::Id.ne(lead.id))
            .one(&transaction)
            .await?
        {
            return Err(Problem::LeadExists { lead_id: own.id }.into());
        }
        let rule = self.rule_pack(&transaction).await?.claim;
        let handing = Handing {
            to_bureau_id: bureau_id,
            owner_id: actor.account_id,
            kind: ClaimEventKind::Registered,
            share_percent: None,
            reason: String::new(),
        };
        self.hand_over(&transaction, actor, &rule, lead, handing)
            .await?;
        transaction.commit().await?;
        Ok(lead_id)
    }
}

/// Claims that nobody let go, whose last day is before `before`, on leads before 签约.
fn over(before: chrono::NaiveDate) -> Select<claim::Entity> {
    claim::Entity::find()
        .join(JoinType::InnerJoin, claim_of_lead().rev())
        .filter(claim::Column::ReleasedAt.is_null())
        .filter(claim::Column::ExpiresOn.lt(before))
        .filter(lead::Column::Stage.lt(Stage::Signed.number()))
}

fn claim_of_lead() -> RelationDef {
    lead::Entity::belongs_to(claim::Entity)
        .from(lead::Column::Id)
        .to(claim::Column::LeadId)
        .into()
}

/// The leads in the pool, each joined with the claim that was let go.
pub(super) fn pooled() -> Select<lead::Entity> {
    // Asked row by row: of one lead they are two looks into an index, of all leads the databases make joins of them.
    let other = |name: &'static str, column: claim::Column| Expr::col((name, column));
    let later = Query::select()
        .expr(Expr::val(1))
        .from_as(claim::Entity, "later")
        .and_where(
            other("later", claim::Column::LeadId).equals((claim::Entity, claim::Column::LeadId)),
        )
        .and_where(
            other("later", claim::Column::Id).gt(Expr::col((claim::Entity, claim::Column::Id))),
        )
        .to_owned();
    let held = Query::select()
        .expr(Expr::val(1))
        .from_as(claim::Entity, "held")
        .and_where(
            other("held", claim::Column::EnterpriseId)
                .equals((lead::Entity, lead::Column::EnterpriseId)),
        )
        .and_where(other("held", claim::Column::ReleasedAt).is_null())
        .to_owned();
    open_leads()
        .join(JoinType::InnerJoin, claim_of_lead())
        .filter(Expr::exists(later).not())
        .filter(claim::Column::ReleasedAt.is_not_null())
        .filter(lead::Column::Stage.lt(Stage::Signed.number()))
        .filter(Expr::exists(held).not())
}

async fn has_lapsed(connection: &impl ConnectionTrait, lead_id: i64) -> ServiceResult<bool> {
    Ok(claim_event::Entity::find()
        .filter(claim_event::Column::LeadId.eq(lead_id))
        .filter(claim_event::Column::Kind.eq(ClaimEventKind::Lapsed.key()))
        .count(connection)
        .await?
        > 0)
}
