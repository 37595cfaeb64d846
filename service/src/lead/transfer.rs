//! 流转与利益分成: a bureau hands a lead to another and keeps a part of the benefit; the other takes it or not.

use domain::{
    account::{Action, Actor},
    lead::{
        ClaimEventKind, DISPUTE_LIMIT, LeadClaims, LeadShare, NewTransfer, TransferAnswer,
        TransferState, TransferView,
    },
    notice::NoticeKind,
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{bureau, claim_event, lead, lead_transfer};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait,
    DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    change::owners,
    claim::{Handing, has_ended},
    dispute::{receiving_owner, share_problem, tell_parties},
    existing_held,
    ledger::{bureau_names, of_either_party},
    pool::pooled,
};
use crate::{
    Service, ServiceError, ServiceResult,
    account::tag,
    audit::{self, Change},
    needed_text, require,
};

/// Open proposals that a page shows.
const SHOWN: u64 = 100;

impl Service {
    /// Proposes to hand a lead, with its claim, to another bureau, and returns the proposal's id.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::Invalid`] with every wrong field, an open proposal among them,
    /// [`Problem::ClaimHeld`] when another bureau holds the company, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn propose_transfer(&self, actor: &Actor, new: NewTransfer) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let lead = existing_held(&transaction, new.lead_id).await?;
        let bureau_id = lead.bureau_id;
        require(actor, Action::WriteLead { bureau_id })?;
        if lead.version != new.version {
            return Err(Problem::Stale {
                fields: Vec::new(),
                version: lead.version,
            }
            .into());
        }
        let mut fields = Vec::new();
        let reason = needed_text("reason", new.reason, DISPUTE_LIMIT, &mut fields);
        let kept = shares(&transaction, lead.id).await?;
        fields.extend(share_problem(
            new.share_percent,
            kept.iter().map(|one| one.1).sum(),
        ));
        let is_known = bureau::Entity::find_by_id(new.to_bureau_id)
            .one(&transaction)
            .await?
            .is_some();
        if !is_known || new.to_bureau_id == bureau_id {
            fields.push(FieldProblem::new(
                "to_bureau_id",
                FieldProblemKind::NotAChoice,
            ));
        }
        if proposal(&transaction, lead.id).await?.is_some() {
            fields.push(FieldProblem::new("transfer", FieldProblemKind::Taken));
        }
        if has_ended(&lead) {
            fields.push(FieldProblem::new(
                "side_state",
                FieldProblemKind::NotAChoice,
            ));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        // Only who holds the company can give it away.
        let rule = self.rule_pack(&transaction).await?.claim;
        self.keep_claim(&transaction, actor, &rule, &lead).await?;
        let now = self.now();
        let made = lead_transfer::ActiveModel {
            lead_id: Set(lead.id),
            from_bureau_id: Set(bureau_id),
            to_bureau_id: Set(new.to_bureau_id),
            share_percent: Set(new.share_percent),
            reason: Set(reason),
            state: Set(TransferState::Proposed.key().to_owned()),
            proposed_by: Set(actor.account_id),
            proposed_at: Set(now),
            answered_by: Set(None),
            answered_at: Set(None),
            version: Set(1),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        let change = Change {
            action: "add",
            entity: "lead_transfer",
            entity_id: made.id,
            before: None,
            after: Some(json!({
                "lead_id": lead.id, "to_bureau_id": made.to_bureau_id, "share_percent": made.share_percent, "reason": made.reason,
            })),
        };
        audit::record(&transaction, Some(actor), now, change).await?;
        let receivers = owners(&transaction, made.to_bureau_id).await?;
        let people = receivers.into_iter().map(|(id, _)| id).collect();
        let kind = NoticeKind::TransferProposed;
        tell_parties(
            &transaction,
            actor,
            now,
            kind,
            lead.enterprise_id,
            people,
            "",
        )
        .await?;
        transaction.commit().await?;
        Ok(made.id)
    }

    /// The receiving bureau takes the lead or declines it. Taken, the lead comes as [`Service::hand_over`] says, and
    /// the person who takes it owns it.
    ///
    /// # Errors
    /// [`Problem::Stale`] when it was answered or withdrawn meanwhile, [`Problem::ClaimHeld`], [`Problem::NotFound`],
    /// [`Problem::Forbidden`].
    pub async fn answer_transfer(
        &self,
        actor: &Actor,
        answer: TransferAnswer,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let (transfer, lead) = self
            .seen_transfer(&transaction, actor, answer.transfer_id)
            .await?;
        let bureau_id = transfer.to_bureau_id;
        require(actor, Action::AnswerTransfer { bureau_id })?;
        let state = if answer.accept {
            TransferState::Accepted
        } else {
            TransferState::Declined
        };
        still_proposed(&transfer, answer.version, state)?;
        if answer.accept && (lead.bureau_id != transfer.from_bureau_id || has_ended(&lead)) {
            return Err(stale(&transfer, state).into());
        }
        let closed = self.settle(&transaction, actor, transfer, state).await?;
        let kind = NoticeKind::TransferAnswered;
        let (people, key) = (vec![closed.proposed_by], state.key());
        let now = self.now();
        tell_parties(
            &transaction,
            actor,
            now,
            kind,
            lead.enterprise_id,
            people,
            key,
        )
        .await?;
        if answer.accept {
            let rule = self.rule_pack(&transaction).await?.claim;
            let owner_id = receiving_owner(&transaction, bureau_id, actor.account_id).await?;
            let handing = Handing {
                to_bureau_id: bureau_id,
                owner_id,
                kind: ClaimEventKind::Transferred,
                share_percent: Some(closed.share_percent),
                reason: closed.reason,
            };
            self.hand_over(&transaction, actor, &rule, lead, handing)
                .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The giving bureau takes its proposal back. `seen` is the version that the person saw.
    ///
    /// # Errors
    /// As [`Service::answer_transfer`].
    pub async fn withdraw_transfer(
        &self,
        actor: &Actor,
        transfer_id: i64,
        seen: i64,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let (transfer, _) = self.seen_transfer(&transaction, actor, transfer_id).await?;
        let bureau_id = transfer.from_bureau_id;
        require(actor, Action::WriteLead { bureau_id }).map_err(|_| Problem::Forbidden)?;
        still_proposed(&transfer, seen, TransferState::Withdrawn)?;
        self.settle(&transaction, actor, transfer, TransferState::Withdrawn)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A proposal that the person may see, as one of its two parties, with its lead held.
    async fn seen_transfer(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        transfer_id: i64,
    ) -> ServiceResult<(lead_transfer::Model, lead::Model)> {
        let find = || lead_transfer::Entity::find_by_id(transfer_id).one(transaction);
        let known = find().await?.ok_or(Problem::NotFound)?;
        let reads = |bureau_id: i64| actor.may(Action::ReadLead { bureau_id });
        if !reads(known.from_bureau_id) && !reads(known.to_bureau_id) {
            return Err(Problem::NotFound.into());
        }
        let lead = existing_held(transaction, known.lead_id).await?;
        Ok((find().await?.ok_or(Problem::NotFound)?, lead))
    }

    async fn settle(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        transfer: lead_transfer::Model,
        state: TransferState,
    ) -> ServiceResult<lead_transfer::Model> {
        let now = self.now();
        let (before, version) = (transfer.state.clone(), transfer.version + 1);
        let mut settled: lead_transfer::ActiveModel = transfer.into();
        settled.state = Set(state.key().to_owned());
        settled.answered_by = Set(Some(actor.account_id));
        settled.answered_at = Set(Some(now));
        settled.version = Set(version);
        let settled = settled.update(transaction).await?;
        let change = Change {
            action: "answer",
            entity: "lead_transfer",
            entity_id: settled.id,
            before: Some(json!({ "state": before })),
            after: Some(json!({ "state": settled.state })),
        };
        audit::record(transaction, Some(actor), now, change).await?;
        Ok(settled)
    }

    /// The open proposals in which the person's bureau is a party; all for those who read every bureau.
    pub(super) async fn open_transfers(&self, actor: &Actor) -> ServiceResult<Vec<TransferView>> {
        let parties = of_either_party(
            actor,
            None,
            lead_transfer::Column::FromBureauId,
            lead_transfer::Column::ToBureauId,
        )?;
        self.transfers(actor, parties).await
    }

    async fn transfers(
        &self,
        actor: &Actor,
        condition: Condition,
    ) -> ServiceResult<Vec<TransferView>> {
        let database = self.database.read();
        let rows = lead_transfer::Entity::find()
            .filter(lead_transfer::Column::State.eq(TransferState::Proposed.key()))
            .filter(condition)
            .order_by_asc(lead_transfer::Column::ProposedAt)
            .order_by_asc(lead_transfer::Column::Id)
            .limit(SHOWN)
            .all(database)
            .await?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let leads: std::collections::HashMap<i64, lead::Model> = lead::Entity::find()
            .filter(lead::Column::Id.is_in(rows.iter().map(|row| row.lead_id)))
            .filter(lead::Column::DeletedAt.is_null())
            .all(database)
            .await?
            .into_iter()
            .map(|lead| (lead.id, lead))
            .collect();
        let companies = self
            .enterprise_names(leads.values().map(|lead| lead.enterprise_id))
            .await?;
        let people = self
            .account_names(rows.iter().map(|row| row.proposed_by))
            .await?;
        let bureaus = bureau_names(database).await?;
        let bureau = |id: i64| bureaus.get(&id).cloned().unwrap_or_default();
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let lead = leads.get(&row.lead_id)?;
                Some(TransferView {
                    id: row.id,
                    version: row.version,
                    lead_id: lead.id,
                    enterprise_id: lead.enterprise_id,
                    enterprise_name: companies
                        .get(&lead.enterprise_id)
                        .cloned()
                        .unwrap_or_default(),
                    title: lead.title.clone(),
                    from_bureau: bureau(row.from_bureau_id),
                    to_bureau: bureau(row.to_bureau_id),
                    share_percent: row.share_percent,
                    reason: row.reason,
                    by: people.get(&row.proposed_by).cloned().unwrap_or_default(),
                    proposed_at: row.proposed_at,
                    may_answer: actor.may(Action::AnswerTransfer {
                        bureau_id: row.to_bureau_id,
                    }),
                    may_withdraw: actor.may(Action::WriteLead {
                        bureau_id: row.from_bureau_id,
                    }),
                })
            })
            .collect())
    }

    /// What stands on a lead's page about its claim.
    pub(super) async fn lead_claims(
        &self,
        actor: &Actor,
        lead: &lead::Model,
        all: &[bureau::Model],
    ) -> ServiceResult<LeadClaims> {
        let database = self.database.read();
        let bureau_id = lead.bureau_id;
        let may_write = actor.may(Action::WriteLead { bureau_id });
        let name = |id: i64| {
            all.iter()
                .find(|bureau| bureau.id == id)
                .map(|bureau| bureau.name.clone())
                .unwrap_or_default()
        };
        let shares = shares(database, lead.id)
            .await?
            .into_iter()
            .map(|(bureau_id, percent, since)| LeadShare {
                bureau: name(bureau_id),
                percent,
                since,
            })
            .collect();
        let of_lead = Condition::all().add(lead_transfer::Column::LeadId.eq(lead.id));
        let is_pooled = pooled()
            .filter(lead::Column::Id.eq(lead.id))
            .count(database)
            .await?
            > 0;
        Ok(LeadClaims {
            shares,
            transfer: self.transfers(actor, of_lead).await?.pop(),
            is_pooled,
            bureaus: all
                .iter()
                .filter(|bureau| may_write && bureau.id != bureau_id)
                .map(tag)
                .collect(),
        })
    }
}

/// The parts of a lead's benefit that bureaus keep: bureau, percent, since when.
pub(super) async fn shares(
    connection: &impl ConnectionTrait,
    lead_id: i64,
) -> Result<Vec<(i64, i32, chrono::DateTime<chrono::Utc>)>, ServiceError> {
    Ok(claim_event::Entity::find()
        .filter(claim_event::Column::LeadId.eq(lead_id))
        .filter(claim_event::Column::Kind.eq(ClaimEventKind::Transferred.key()))
        .filter(claim_event::Column::SharePercent.gt(0))
        .order_by_asc(claim_event::Column::Id)
        .all(connection)
        .await?
        .into_iter()
        .filter_map(|row| Some((row.bureau_id, row.share_percent?, row.happened_at)))
        .collect())
}

async fn proposal(
    connection: &impl ConnectionTrait,
    lead_id: i64,
) -> ServiceResult<Option<lead_transfer::Model>> {
    Ok(lead_transfer::Entity::find()
        .filter(lead_transfer::Column::LeadId.eq(lead_id))
        .filter(lead_transfer::Column::State.eq(TransferState::Proposed.key()))
        .one(connection)
        .await?)
}

fn still_proposed(
    transfer: &lead_transfer::Model,
    seen: i64,
    wanted: TransferState,
) -> Result<(), Problem> {
    if transfer.state == TransferState::Proposed.key() && transfer.version == seen {
        return Ok(());
    }
    Err(stale(transfer, wanted))
}

fn stale(transfer: &lead_transfer::Model, wanted: TransferState) -> Problem {
    Problem::Stale {
        fields: vec![StaleField {
            field: "transfer".to_owned(),
            theirs: transfer.state.clone(),
            yours: wanted.key().to_owned(),
        }],
        version: transfer.version,
    }
}
