//! The board and the lead's page.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor},
    chain::GapClass,
    lead::{
        BOARD_PAGE, Board, BoardColumn, ClaimStep, ClaimView, CommitmentState, EnterpriseFacts,
        EventKind, LeadCard, LeadDetail, LeadEvent, LimitUnit, NodeTag, Side, SideState, Stage,
        StageEntry, claim_lapses,
    },
    problem::Problem,
};
use entity::{
    account, bureau, claim, enterprise, enterprise_product, lead, lead_event, stage_evidence,
};
use sea_orm::{
    ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::ExprTrait,
};

use super::{
    RulesInForce,
    claim::{Running, running_claim},
    existing,
    ledger::bureau_names,
    work::work_of,
};
use crate::{Service, ServiceResult, account::tag, chain::open_leads, local_date, require};

/// What cards name beside their leads.
struct Named {
    /// Name, and whether it is of the demo.
    companies: HashMap<i64, (String, bool)>,
    /// By company.
    claims: HashMap<i64, claim::Model>,
    people: HashMap<i64, String>,
    /// Chain, its name, the node's name and class.
    nodes: HashMap<i64, (i64, String, String, GapClass)>,
    bureaus: HashMap<i64, String>,
}

/// What was written down of a visit on a trip, from the detail of its line.
pub(crate) fn visit_line(detail: &serde_json::Value) -> Option<domain::trip::VisitLine> {
    serde_json::from_value(detail.get("visit")?.clone()).ok()
}

impl Service {
    /// A bureau's board. Without a bureau, the person's own, or the first one.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn board(&self, actor: &Actor, bureau_id: Option<i64>) -> ServiceResult<Board> {
        let (chosen, bureaus) = self.readable_bureau(actor, bureau_id).await?;
        let rules = self.rules_in_force().await?;
        let sums: Vec<(i32, i64, Option<i64>)> = open_leads()
            .select_only()
            .column(lead::Column::Stage)
            .column_as(lead::Column::Id.count(), "count")
            .column_as(lead::Column::InvestmentWan.sum().cast_as("bigint"), "sum")
            .filter(lead::Column::BureauId.eq(chosen.id))
            .group_by(lead::Column::Stage)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let mut columns = Vec::with_capacity(Stage::ALL.len());
        for stage in Stage::ALL {
            let (count, sum) = sums
                .iter()
                .find(|(number, _, _)| *number == stage.number())
                .map_or((0, 0), |(_, count, sum)| (*count, sum.unwrap_or(0)));
            let cards = if stage.is_before_registration() && count > 0 {
                self.stage_page(chosen.id, stage, 0).await?
            } else {
                Vec::new()
            };
            columns.push((stage, count, sum, cards));
        }
        let all: Vec<lead::Model> = columns
            .iter()
            .flat_map(|(_, _, _, leads)| leads.iter().cloned())
            .collect();
        let mut cards = self.cards(all, &rules).await?.into_iter();
        Ok(Board {
            bureau: tag(&chosen),
            bureaus: bureaus.iter().map(tag).collect(),
            columns: columns
                .into_iter()
                .map(|(stage, count, investment_wan, leads)| BoardColumn {
                    stage,
                    count: u64::try_from(count).unwrap_or(0),
                    investment_wan,
                    cards: cards.by_ref().take(leads.len()).collect(),
                })
                .collect(),
            rule_pack_version: rules.pack.version,
            rules: rules.pack.stages,
            may_write: actor.may(Action::WriteLead {
                bureau_id: chosen.id,
            }),
        })
    }

    /// More cards of one column.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn board_column(
        &self,
        actor: &Actor,
        bureau_id: i64,
        stage: Stage,
        offset: u64,
    ) -> ServiceResult<Vec<LeadCard>> {
        require(actor, Action::ReadLead { bureau_id })?;
        let leads = self.stage_page(bureau_id, stage, offset).await?;
        let rules = self.rules_in_force().await?;
        self.cards(leads, &rules).await
    }

    /// One lead with everything about it.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for another bureau's lead.
    pub async fn lead(&self, actor: &Actor, lead_id: i64) -> ServiceResult<LeadDetail> {
        let database = self.database.read();
        let lead = existing(database, lead_id).await?;
        let bureau_id = lead.bureau_id;
        require(actor, Action::ReadLead { bureau_id })?;
        let rules = self.rules_in_force().await?;
        let bureaus = self.bureaus().await?;
        let bureau = bureaus
            .iter()
            .find(|bureau| bureau.id == bureau_id)
            .ok_or(Problem::NotFound)?;
        let company = enterprise::Entity::find_by_id(lead.enterprise_id)
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        let products: Vec<String> = enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.eq(company.id))
            .order_by_asc(enterprise_product::Column::Position)
            .limit(8)
            .all(database)
            .await?
            .into_iter()
            .map(|product| product.name)
            .collect();
        let entries = stage_evidence::Entity::find()
            .filter(stage_evidence::Column::LeadId.eq(lead_id))
            .order_by_asc(stage_evidence::Column::EnteredAt)
            .order_by_asc(stage_evidence::Column::Id)
            .all(database)
            .await?;
        let events = lead_event::Entity::find()
            .filter(lead_event::Column::LeadId.eq(lead_id))
            .order_by_desc(lead_event::Column::HappenedAt)
            .order_by_desc(lead_event::Column::Id)
            .limit(500)
            .all(database)
            .await?;
        let people = self
            .account_names(
                entries
                    .iter()
                    .map(|entry| entry.account_id)
                    .chain(events.iter().map(|event| event.account_id))
                    .chain([lead.owner_id]),
            )
            .await?;
        let bureau_names: HashMap<i64, String> = bureaus
            .iter()
            .map(|bureau| (bureau.id, bureau.name.clone()))
            .collect();
        let running = running_claim(database, lead.enterprise_id).await?;
        let claim = running
            .as_ref()
            .map(|Running { claim: held, stage }| ClaimView {
                bureau: bureau_names
                    .get(&held.bureau_id)
                    .cloned()
                    .unwrap_or_default(),
                claimed_at: held.claimed_at,
                expires_on: held.expires_on,
                is_kept: !claim_lapses(*stage),
            });
        let work = work_of(self, lead_id).await?;
        let claims = self.lead_claims(actor, &lead, &bureaus).await?;
        let (source, land_mu, created_at) = (lead.source.clone(), lead.land_mu, lead.created_at);
        let (power_kva, energy_tce) = (lead.power_kva, lead.energy_tce);
        // What a card names beside its lead is known already, but for the node.
        let known = Named {
            companies: HashMap::from([(company.id, (company.name.clone(), company.is_demo))]),
            claims: running
                .map(|running| (running.claim.enterprise_id, running.claim))
                .into_iter()
                .collect(),
            nodes: self
                .node_classes(&lead.chain_node_id.into_iter().collect())
                .await?,
            bureaus: bureau_names,
            people,
        };
        let name_of = |id: i64| known.people.get(&id).cloned().unwrap_or_default();
        let card = self
            .cards_of(vec![lead], &rules, &known)
            .pop()
            .ok_or(Problem::NotFound)?;
        Ok(LeadDetail {
            card,
            bureau: tag(bureau),
            source,
            land_mu,
            power_kva,
            energy_tce,
            created_at,
            today: self.today(),
            work,
            claim,
            claims,
            entries: entries
                .into_iter()
                .map(|entry| StageEntry {
                    stage: Stage::from_number(entry.stage).unwrap_or(Stage::Lead),
                    entered_at: entry.entered_at,
                    by: name_of(entry.account_id),
                    evidence: entry.evidence.as_object().cloned().unwrap_or_default(),
                })
                .collect(),
            events: events
                .into_iter()
                .map(|event| {
                    let claim = event.detail.as_ref().and_then(|detail| {
                        serde_json::from_value::<ClaimStep>(detail["claim"].clone()).ok()
                    });
                    (event, claim)
                })
                .map(|(event, claim)| LeadEvent {
                    id: event.id,
                    kind: EventKind::from_key(&event.kind).unwrap_or(EventKind::Note),
                    stage: event
                        .detail
                        .as_ref()
                        .and_then(|detail| detail["to"].as_str())
                        .and_then(Stage::from_key),
                    side_state: event
                        .detail
                        .as_ref()
                        .and_then(|detail| detail["to"].as_str())
                        .and_then(SideState::from_key),
                    commitment: event.detail.as_ref().and_then(|detail| {
                        let side = Side::from_key(detail["side"].as_str()?)?;
                        let state = CommitmentState::from_key(detail["state"].as_str()?)?;
                        Some((side, state))
                    }),
                    file_id: event
                        .detail
                        .as_ref()
                        .and_then(|detail| detail["file"].as_i64()),
                    fields: event
                        .detail
                        .as_ref()
                        .and_then(|detail| serde_json::from_value(detail["fields"].clone()).ok())
                        .unwrap_or_default(),
                    visit: event.detail.as_ref().and_then(visit_line),
                    body: event.body,
                    by: match &claim {
                        Some(step) if step.by_system => String::new(),
                        _ => name_of(event.account_id),
                    },
                    claim,
                    happened_at: event.happened_at,
                })
                .collect(),
            rule_pack_version: rules.pack.version,
            rules: rules.pack.stages,
            enterprise: EnterpriseFacts {
                credit_code: company.credit_code,
                province: company.province,
                city: company.city,
                products,
                revenue_wan: company.revenue_wan,
                staff: company.staff,
            },
            may_write: actor.may(Action::WriteLead { bureau_id }),
            may_note: actor.may(Action::NoteLead { bureau_id }),
        })
    }

    /// The bureaus whose leads a person may read.
    pub(super) async fn readable_bureaus(
        &self,
        actor: &Actor,
    ) -> ServiceResult<Vec<bureau::Model>> {
        let mut bureaus = self.bureaus().await?;
        bureaus.retain(|bureau| {
            let bureau_id = bureau.id;
            actor.may(Action::ReadLead { bureau_id })
        });
        Ok(bureaus)
    }

    /// The bureau to show and all that the person may choose from.
    pub(crate) async fn readable_bureau(
        &self,
        actor: &Actor,
        bureau_id: Option<i64>,
    ) -> ServiceResult<(bureau::Model, Vec<bureau::Model>)> {
        let bureaus = self.readable_bureaus(actor).await?;
        let chosen = match bureau_id {
            Some(id) => bureaus.iter().find(|bureau| bureau.id == id),
            None => bureaus
                .iter()
                .find(|bureau| Some(bureau.id) == actor.bureau_id)
                .or_else(|| bureaus.first()),
        }
        .cloned()
        .ok_or(Problem::NotFound)?;
        Ok((chosen, bureaus))
    }

    async fn stage_page(
        &self,
        bureau_id: i64,
        stage: Stage,
        offset: u64,
    ) -> ServiceResult<Vec<lead::Model>> {
        Ok(open_leads()
            .filter(lead::Column::BureauId.eq(bureau_id))
            .filter(lead::Column::Stage.eq(stage.number()))
            // The longest in the stage first: those are the ones to speak of.
            .order_by_asc(lead::Column::StageEnteredAt)
            .order_by_asc(lead::Column::Id)
            .offset(offset)
            .limit(BOARD_PAGE)
            .all(self.database.read())
            .await?)
    }

    pub(crate) async fn enterprise_names(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> ServiceResult<HashMap<i64, String>> {
        let ids: HashSet<i64> = ids.collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(ids))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect())
    }

    pub(crate) async fn account_names(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> ServiceResult<HashMap<i64, String>> {
        let ids: HashSet<i64> = ids.collect();
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        Ok(account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .column(account::Column::Name)
            .filter(account::Column::Id.is_in(ids))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect())
    }

    /// Cards for leads, in their order, with a fixed number of queries.
    pub(crate) async fn cards(
        &self,
        leads: Vec<lead::Model>,
        rules: &RulesInForce,
    ) -> ServiceResult<Vec<LeadCard>> {
        if leads.is_empty() {
            return Ok(Vec::new());
        }
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
        let claims: HashMap<i64, claim::Model> = claim::Entity::find()
            .filter(claim::Column::EnterpriseId.is_in(leads.iter().map(|lead| lead.enterprise_id)))
            .filter(claim::Column::ReleasedAt.is_null())
            .all(database)
            .await?
            .into_iter()
            .map(|claim| (claim.enterprise_id, claim))
            .collect();
        let known = Named {
            companies,
            claims,
            people: self
                .account_names(leads.iter().map(|lead| lead.owner_id))
                .await?,
            nodes: self
                .node_classes(&leads.iter().filter_map(|lead| lead.chain_node_id).collect())
                .await?,
            bureaus: bureau_names(database).await?,
        };
        Ok(self.cards_of(leads, rules, &known))
    }

    fn cards_of(
        &self,
        leads: Vec<lead::Model>,
        rules: &RulesInForce,
        known: &Named,
    ) -> Vec<LeadCard> {
        let Named {
            companies,
            claims,
            people,
            nodes,
            bureaus,
        } = known;
        let now = self.now();
        let today = local_date(now);
        let RulesInForce { pack, calendar } = rules;
        leads
            .into_iter()
            .map(|lead| {
                let stage = Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
                let limit_in = pack
                    .rule(stage)
                    .map(|rule| rule.limit_in)
                    .unwrap_or_default();
                let (enterprise_name, is_demo) = companies
                    .get(&lead.enterprise_id)
                    .cloned()
                    .unwrap_or_default();
                LeadCard {
                    id: lead.id,
                    version: lead.version,
                    enterprise_id: lead.enterprise_id,
                    enterprise_name,
                    title: lead.title,
                    stage,
                    side_state: lead.side_state.as_deref().and_then(SideState::from_key),
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
                    bureau_id: lead.bureau_id,
                    owner_name: people.get(&lead.owner_id).cloned().unwrap_or_default(),
                    investment_wan: lead.investment_wan,
                    days_in_stage: match limit_in {
                        LimitUnit::Days => days_between(lead.stage_entered_at, now),
                        LimitUnit::WorkingDays => {
                            calendar.working_days_between(local_date(lead.stage_entered_at), today)
                        }
                    },
                    limit_days: pack.rule(stage).and_then(|rule| rule.limit_days),
                    limit_in,
                    claim_days_left: claims
                        .get(&lead.enterprise_id)
                        .filter(|claim| claim.bureau_id == lead.bureau_id)
                        .map(|claim| (claim.expires_on - today).num_days()),
                    silent_days: days_between(lead.last_activity_at, now),
                    is_demo,
                    bureau_name: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                    land_mu: lead.land_mu,
                    source: lead.source,
                    created_at: lead.created_at,
                    last_activity_at: lead.last_activity_at,
                }
            })
            .collect()
    }
}

fn days_between(from: DateTime<Utc>, until: DateTime<Utc>) -> i64 {
    Ord::max((local_date(until) - local_date(from)).num_days(), 0)
}
