//! The same change of many leads, and taking it back.
//!
//! Every lead has a transaction of its own, in which the functions of the single edit run: a refusal leaves the others
//! alone, nobody waits for five hundred rows, no two such changes lock rows in each other's order, and what is done
//! stays done if the server ends halfway, with the note by which it can be taken back.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    lead::{
        BULK_LIMIT, BulkAct, BulkChange, BulkEnd, BulkOutcome, BulkRow, LeadChange, LeadQuery,
        NOTE_LIMIT, SeenLead, SideState, SideStateChange, Stage, StageChange, check_bulk_move,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::{bulk_change, bulk_change_lead, enterprise, lead, stage_evidence};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{list::ordered, writable_held};
use crate::{Service, ServiceError, ServiceResult, needed_text};

/// What a lead was before, as far as a change of many touches it.
#[derive(Serialize, Deserialize)]
struct Before {
    owner_id: i64,
    chain_node_id: Option<i64>,
    side_state: Option<SideState>,
    stage: Stage,
    investment_wan: Option<i64>,
}

impl Before {
    fn of(lead: &lead::Model) -> Self {
        Self {
            owner_id: lead.owner_id,
            chain_node_id: lead.chain_node_id,
            side_state: lead.side_state.as_deref().and_then(SideState::from_key),
            stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
            investment_wan: lead.investment_wan,
        }
    }
}

impl Service {
    /// The leads that match, with their versions, to be changed together.
    ///
    /// # Errors
    /// [`Problem::TooManyLeads`]; as [`Service::lead_page`].
    pub async fn seen_leads(
        &self,
        actor: &Actor,
        query: &LeadQuery,
    ) -> ServiceResult<Vec<SeenLead>> {
        let database = self.database.read();
        let rules = self.rules_in_force().await?;
        let matching = self.matching_leads(actor, query, &rules)?;
        let total = matching.clone().count(database).await?;
        check_count(usize::try_from(total).unwrap_or(usize::MAX))?;
        let rows: Vec<(i64, i64)> = ordered(matching, query.order)
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::Version)
            .limit(BULK_LIMIT as u64)
            .into_tuple()
            .all(database)
            .await?;
        Ok(rows
            .into_iter()
            .map(|(lead_id, version)| SeenLead { lead_id, version })
            .collect())
    }

    /// Changes many leads as if each were changed alone, and says what became of each. A lead that the person may not
    /// see is refused as one that does not exist.
    ///
    /// # Errors
    /// [`Problem::TooManyLeads`], and [`Problem::Invalid`] for what would be wrong for every one of them.
    pub async fn bulk_change(
        &self,
        actor: &Actor,
        change: BulkChange,
    ) -> ServiceResult<BulkOutcome> {
        let (service, actor) = (self.clone(), actor.clone());
        to_the_end(async move { service.change_all(&actor, change).await }).await
    }

    async fn change_all(
        &self,
        actor: &Actor,
        mut change: BulkChange,
    ) -> ServiceResult<BulkOutcome> {
        if change.leads.is_empty() {
            return Err(Problem::invalid("leads", FieldProblemKind::Required).into());
        }
        check_count(change.leads.len())?;
        if let BulkAct::SideState { reason, .. } | BulkAct::Stage { reason, .. } = &mut change.act {
            let mut fields = Vec::new();
            *reason = needed_text("reason", std::mem::take(reason), NOTE_LIMIT, &mut fields);
            if !fields.is_empty() {
                return Err(Problem::Invalid { fields }.into());
            }
        }
        let mut known = HashSet::new();
        let leads: Vec<SeenLead> = change
            .leads
            .into_iter()
            .filter(|seen| known.insert(seen.lead_id))
            .collect();
        let mut id = None;
        let mut failure = None;
        let mut ends = Vec::with_capacity(leads.len());
        for seen in leads {
            let outcome = match &failure {
                None => self.change_one(actor, &mut id, seen, &change.act).await,
                Some(problem) => Err(Problem::clone(problem).into()),
            };
            ends.push((seen.lead_id, end_of(outcome, &mut failure)));
        }
        self.outcome(actor, id, ends).await
    }

    /// Takes a change of many back, each lead as if a person did it: a lead that somebody changed meanwhile stays as it
    /// is, and one that went back goes on through the gate with the evidence on record. `reason` is what the timeline
    /// says. What was refused can be tried again.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a change that the person did not make.
    pub async fn undo_bulk_change(
        &self,
        actor: &Actor,
        id: i64,
        reason: &str,
    ) -> ServiceResult<BulkOutcome> {
        let (service, actor, reason) = (self.clone(), actor.clone(), reason.to_owned());
        to_the_end(async move { service.undo_all(&actor, id, &reason).await }).await
    }

    async fn undo_all(&self, actor: &Actor, id: i64, reason: &str) -> ServiceResult<BulkOutcome> {
        let database = self.database.read();
        let made = bulk_change::Entity::find_by_id(id)
            .filter(bulk_change::Column::AccountId.eq(actor.account_id))
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        let act: BulkAct = serde_json::from_value(made.act).map_err(ServiceError::internal)?;
        let rows = bulk_change_lead::Entity::find()
            .filter(bulk_change_lead::Column::BulkChangeId.eq(id))
            .filter(bulk_change_lead::Column::UndoneAt.is_null())
            .order_by_asc(bulk_change_lead::Column::Id)
            .all(database)
            .await?;
        let mut failure = None;
        let mut ends = Vec::with_capacity(rows.len());
        for row in rows {
            let lead_id = row.lead_id;
            let outcome = match &failure {
                None => self.undo_one(actor, row, &act, reason).await,
                Some(problem) => Err(Problem::clone(problem).into()),
            };
            ends.push((lead_id, end_of(outcome, &mut failure)));
        }
        self.outcome(actor, Some(id), ends).await
    }

    /// Changes one lead and notes what it was. `id` is the change's, which is written with the first lead that is done.
    async fn change_one(
        &self,
        actor: &Actor,
        id: &mut Option<i64>,
        seen: SeenLead,
        act: &BulkAct,
    ) -> ServiceResult<BulkEnd> {
        let transaction = self.database.begin().await?;
        let held = writable_held(&transaction, actor, seen.lead_id).await?;
        let before = Before::of(&held);
        let was = held.version;
        let version = self.act(&transaction, actor, held, seen, act).await?;
        if version == was {
            return Ok(BulkEnd::Same);
        }
        let bulk_change_id = match *id {
            Some(id) => id,
            None => {
                bulk_change::ActiveModel {
                    account_id: Set(actor.account_id),
                    act: Set(serde_json::to_value(act).map_err(ServiceError::internal)?),
                    created_at: Set(self.now()),
                    ..Default::default()
                }
                .insert(&transaction)
                .await?
                .id
            }
        };
        bulk_change_lead::ActiveModel {
            bulk_change_id: Set(bulk_change_id),
            lead_id: Set(seen.lead_id),
            before: Set(serde_json::to_value(before).map_err(ServiceError::internal)?),
            version: Set(version),
            undone_at: Set(None),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        transaction.commit().await?;
        *id = Some(bulk_change_id);
        Ok(BulkEnd::Done { version })
    }

    /// What the person would do by hand to this one lead. The version stays where it is so already.
    async fn act(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        held: lead::Model,
        seen: SeenLead,
        act: &BulkAct,
    ) -> ServiceResult<i64> {
        let SeenLead { lead_id, version } = seen;
        let now = Before::of(&held);
        match act {
            BulkAct::Owner { owner_id } => {
                let change = LeadChange {
                    owner_id: Some(*owner_id),
                    ..LeadChange::default()
                };
                self.change_fields(transaction, actor, (held, version), change, None)
                    .await
            }
            BulkAct::Node { chain_node_id } => {
                let change = LeadChange {
                    chain_node_id: Some(*chain_node_id),
                    ..LeadChange::default()
                };
                self.change_fields(transaction, actor, (held, version), change, None)
                    .await
            }
            BulkAct::SideState { to, .. } if *to == now.side_state => Ok(held.version),
            BulkAct::SideState { to, reason } => {
                let change = SideStateChange {
                    lead_id,
                    version,
                    to: *to,
                    reason: reason.clone(),
                };
                self.put_aside(transaction, actor, held, change, None).await
            }
            BulkAct::Stage { to, .. } if *to == now.stage => Ok(held.version),
            BulkAct::Stage { to, reason } => {
                check_bulk_move(now.stage, *to)?;
                let change = StageChange {
                    lead_id,
                    version,
                    to: *to,
                    evidence: Map::new(),
                    reason: reason.clone(),
                };
                self.pass_gate(transaction, actor, held, change).await
            }
        }
    }

    async fn undo_one(
        &self,
        actor: &Actor,
        row: bulk_change_lead::Model,
        act: &BulkAct,
        reason: &str,
    ) -> ServiceResult<BulkEnd> {
        let before: Before =
            serde_json::from_value(row.before.clone()).map_err(ServiceError::internal)?;
        let transaction = self.database.begin().await?;
        let held = writable_held(&transaction, actor, row.lead_id).await?;
        let was = held.version;
        if was != row.version {
            // Whatever it was, it was decided after this change.
            return Err(Problem::Stale {
                fields: Vec::new(),
                version: was,
            }
            .into());
        }
        let seen = SeenLead {
            lead_id: row.lead_id,
            version: row.version,
        };
        let inverse = match act {
            BulkAct::Owner { .. } => BulkAct::Owner {
                owner_id: before.owner_id,
            },
            BulkAct::Node { .. } => BulkAct::Node {
                chain_node_id: before.chain_node_id,
            },
            BulkAct::SideState { .. } => BulkAct::SideState {
                to: before.side_state,
                reason: reason.to_owned(),
            },
            BulkAct::Stage { .. } => {
                let version = self.go_on_again(&transaction, actor, held, &before).await?;
                return undone(transaction, row, version, self.now()).await;
            }
        };
        let version = self.act(&transaction, actor, held, seen, &inverse).await?;
        undone(transaction, row, version, self.now()).await
    }

    /// Goes on through the gate, stage by stage, with the latest evidence on record, to where the lead stood.
    async fn go_on_again(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        mut held: lead::Model,
        before: &Before,
    ) -> ServiceResult<i64> {
        let lead_id = held.id;
        let evidence: BTreeMap<i32, Value> = stage_evidence::Entity::find()
            .filter(stage_evidence::Column::LeadId.eq(lead_id))
            .filter(stage_evidence::Column::Stage.lte(before.stage.number()))
            .order_by_asc(stage_evidence::Column::Id)
            .all(transaction)
            .await?
            .into_iter()
            .map(|entry| (entry.stage, entry.evidence))
            .collect();
        while let Some(to) = Stage::from_number(held.stage + 1).filter(|to| *to <= before.stage) {
            let change = StageChange {
                lead_id,
                version: held.version,
                to,
                evidence: evidence
                    .get(&to.number())
                    .and_then(Value::as_object)
                    .cloned()
                    .unwrap_or_default(),
                reason: String::new(),
            };
            self.pass_gate(transaction, actor, held, change).await?;
            held = writable_held(transaction, actor, lead_id).await?;
        }
        // The gate takes the amount from the evidence; people may have corrected it since.
        let version = held.version;
        let change = LeadChange {
            investment_wan: Some(before.investment_wan),
            ..LeadChange::default()
        };
        self.change_fields(transaction, actor, (held, version), change, None)
            .await
    }

    /// The ends with the names of those companies whose leads the person may see.
    async fn outcome(
        &self,
        actor: &Actor,
        id: Option<i64>,
        ends: Vec<(i64, BulkEnd)>,
    ) -> ServiceResult<BulkOutcome> {
        let named: Vec<(i64, i64, String)> = lead::Entity::find()
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::BureauId)
            .column(enterprise::Column::Name)
            .join(
                JoinType::InnerJoin,
                lead::Entity::belongs_to(enterprise::Entity)
                    .from(lead::Column::EnterpriseId)
                    .to(enterprise::Column::Id)
                    .into(),
            )
            .filter(lead::Column::Id.is_in(ends.iter().map(|(id, _)| *id)))
            .filter(lead::Column::DeletedAt.is_null())
            .into_tuple()
            .all(self.database.read())
            .await?;
        let names: HashMap<i64, String> = named
            .into_iter()
            .filter(|(_, bureau_id, _)| {
                actor.may(Action::ReadLead {
                    bureau_id: *bureau_id,
                })
            })
            .map(|(id, _, name)| (id, name))
            .collect();
        Ok(BulkOutcome {
            id,
            rows: ends
                .into_iter()
                .map(|(lead_id, end)| BulkRow {
                    lead_id,
                    enterprise_name: names.get(&lead_id).cloned(),
                    end,
                })
                .collect(),
        })
    }
}

/// Goes on when the person who asked has closed the page: some of the leads alone is not what was asked for.
async fn to_the_end(
    work: impl Future<Output = ServiceResult<BulkOutcome>> + Send + 'static,
) -> ServiceResult<BulkOutcome> {
    tokio::spawn(work).await.map_err(ServiceError::internal)?
}

fn check_count(count: usize) -> Result<(), Problem> {
    if count > BULK_LIMIT {
        return Err(Problem::TooManyLeads {
            count,
            limit: BULK_LIMIT,
        });
    }
    Ok(())
}

/// A refusal is this lead's alone; when we fail ourselves, the rest is not tried.
fn end_of(outcome: ServiceResult<BulkEnd>, failure: &mut Option<Problem>) -> BulkEnd {
    outcome.unwrap_or_else(|error| {
        let problem = error.into_problem();
        if matches!(problem, Problem::Internal { .. }) {
            *failure = Some(problem.clone());
        }
        BulkEnd::Refused { problem }
    })
}

async fn undone(
    transaction: DatabaseTransaction,
    row: bulk_change_lead::Model,
    version: i64,
    now: chrono::DateTime<chrono::Utc>,
) -> ServiceResult<BulkEnd> {
    let end = if version == row.version {
        BulkEnd::Same
    } else {
        BulkEnd::Done { version }
    };
    let mut row: bulk_change_lead::ActiveModel = row.into();
    row.undone_at = Set(Some(now));
    row.update(&transaction).await?;
    transaction.commit().await?;
    Ok(end)
}
