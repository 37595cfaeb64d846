//! 异议与裁定: a bureau objects to another's claim with its evidence, and who leads decides with a reason.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor, Role},
    lead::{
        ClaimEventKind, ClaimStep, DISPUTE_LIMIT, DisputeDecision, DisputeState, DisputeView,
        NewDispute, claim_is_over,
    },
    notice::{NoticeDetail, NoticeKind},
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{account, claim, claim_dispute};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, JoinType, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use super::{
    change::owners,
    claim::{Handing, company_conflicts, hold_companies, running_claim},
    existing_held,
    ledger::{self, Entry, bureau_names},
    register::hold_company,
};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    needed_text,
    notice::{Notice, tell_of_company},
    require,
};

/// Open objections that a page shows.
const SHOWN: u64 = 100;

impl Service {
    /// 提出异议: objects to the claim that another bureau has on a company, and returns the objection's id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] without evidence or with an open objection already, [`Problem::LeadExists`] when the claim
    /// is the own bureau's, [`Problem::NotFound`] when nobody holds the company, [`Problem::Forbidden`].
    pub async fn contest_claim(&self, actor: &Actor, new: NewDispute) -> ServiceResult<i64> {
        let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
        require(actor, Action::ContestClaim { bureau_id })?;
        let mut fields = Vec::new();
        let evidence = needed_text("evidence", new.evidence, DISPUTE_LIMIT, &mut fields);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let same = company_conflicts(&transaction, new.enterprise_id).await?;
        hold_companies(&transaction, same.iter().map(|(id, _)| *id)).await?;
        let (mut theirs, mut own) = (None, None);
        for (enterprise_id, _) in same {
            let Some(running) = running_claim(&transaction, enterprise_id).await? else {
                continue;
            };
            if running.claim.bureau_id == bureau_id {
                own = own.or(Some(running.claim.lead_id));
            } else if !claim_is_over(running.stage, running.claim.expires_on, self.today()) {
                theirs = theirs.or(Some(running.claim));
            }
        }
        let Some(held) = theirs else {
            return Err(match own {
                Some(lead_id) => Problem::LeadExists { lead_id },
                None => Problem::NotFound,
            }
            .into());
        };
        let is_open = claim_dispute::Entity::find()
            .filter(claim_dispute::Column::EnterpriseId.eq(held.enterprise_id))
            .filter(claim_dispute::Column::BureauId.eq(bureau_id))
            .filter(claim_dispute::Column::State.eq(DisputeState::Open.key()))
            .one(&transaction)
            .await?
            .is_some();
        if is_open {
            return Err(Problem::invalid("dispute", FieldProblemKind::Taken).into());
        }
        let now = self.now();
        let dispute = claim_dispute::ActiveModel {
            enterprise_id: Set(held.enterprise_id),
            claim_id: Set(held.id),
            bureau_id: Set(bureau_id),
            account_id: Set(actor.account_id),
            evidence: Set(evidence.clone()),
            opened_at: Set(now),
            state: Set(DisputeState::Open.key().to_owned()),
            decision_reason: Set(None),
            share_percent: Set(None),
            decided_by: Set(None),
            decided_at: Set(None),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        self.tell_dispute(
            &transaction,
            actor,
            &held,
            &dispute,
            ClaimEventKind::Contested,
            &evidence,
        )
        .await?;
        let change = Change {
            action: "add",
            entity: "claim_dispute",
            entity_id: dispute.id,
            before: None,
            after: Some(json!({ "claim_id": held.id, "evidence": evidence })),
        };
        audit::record(&transaction, Some(actor), now, change).await?;
        let mut people: Vec<i64> = owners(&transaction, held.bureau_id)
            .await?
            .into_iter()
            .map(|(id, _)| id)
            .collect();
        people.extend(deciders(&transaction).await?);
        let kind = NoticeKind::ClaimContested;
        tell_parties(
            &transaction,
            actor,
            now,
            kind,
            held.enterprise_id,
            people,
            "",
        )
        .await?;
        transaction.commit().await?;
        Ok(dispute.id)
    }

    /// 裁定: the claim stays, or goes to the bureau that objected, as [`Service::hand_over`] brings a lead to it.
    ///
    /// # Errors
    /// [`Problem::Invalid`] without a reason or with a share that is none, [`Problem::Stale`] when it is decided
    /// already, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn decide_dispute(
        &self,
        actor: &Actor,
        decision: DisputeDecision,
    ) -> ServiceResult<()> {
        require(actor, Action::DecideClaim)?;
        let mut fields = Vec::new();
        let reason = needed_text("reason", decision.reason, DISPUTE_LIMIT, &mut fields);
        let share_percent = decision.share_percent.filter(|_| !decision.uphold);
        if let Some(percent) = share_percent {
            fields.extend(share_problem(percent, 0));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let state = if decision.uphold {
            DisputeState::Upheld
        } else {
            DisputeState::Rejected
        };
        let transaction = self.database.begin().await?;
        let known = existing_dispute(&transaction, decision.dispute_id).await?;
        // The lead before the company, as everybody who changes a lead does.
        let lead = match contested(&transaction, &known).await? {
            Some(claim) => Some(existing_held(&transaction, claim.lead_id).await?),
            None => None,
        };
        hold_company(&transaction, known.enterprise_id).await?;
        let dispute = existing_dispute(&transaction, known.id).await?;
        still_open(&dispute, state)?;
        if dispute.claim_id != known.claim_id {
            // The claim moved in this very moment: look again at whom it is held by.
            return Err(stale(&dispute, state).into());
        }
        let (Some(held), Some(lead)) = (contested(&transaction, &dispute).await?, lead) else {
            return Err(Problem::NotFound.into());
        };
        let now = self.now();
        let closed = self
            .close(
                &transaction,
                dispute,
                state,
                Some((actor, &reason, share_percent)),
            )
            .await?;
        let kind = if decision.uphold {
            ClaimEventKind::Upheld
        } else {
            ClaimEventKind::Rejected
        };
        self.tell_dispute(&transaction, actor, &held, &closed, kind, &reason)
            .await?;
        if !decision.uphold {
            let kept = super::transfer::shares(&transaction, lead.id).await?;
            let problem = share_percent
                .and_then(|percent| share_problem(percent, kept.iter().map(|one| one.1).sum()));
            if let Some(problem) = problem {
                return Err(Problem::Invalid {
                    fields: vec![problem],
                }
                .into());
            }
            let owner_id =
                receiving_owner(&transaction, closed.bureau_id, closed.account_id).await?;
            let rule = self.rule_pack(&transaction).await?.claim;
            let handing = Handing {
                to_bureau_id: closed.bureau_id,
                owner_id,
                kind: ClaimEventKind::Transferred,
                share_percent,
                reason: reason.clone(),
            };
            self.hand_over(&transaction, actor, &rule, lead, handing)
                .await?;
        }
        let change = Change {
            action: "decide",
            entity: "claim_dispute",
            entity_id: closed.id,
            before: Some(json!({ "state": DisputeState::Open.key() })),
            after: Some(
                json!({ "state": state.key(), "reason": reason, "share_percent": share_percent }),
            ),
        };
        audit::record(&transaction, Some(actor), now, change).await?;
        let mut people = Vec::new();
        for bureau_id in [held.bureau_id, closed.bureau_id] {
            let of_bureau = owners(&transaction, bureau_id).await?;
            people.extend(of_bureau.into_iter().map(|(id, _)| id));
        }
        let kind = NoticeKind::ClaimDecided;
        let key = state.key();
        tell_parties(
            &transaction,
            actor,
            now,
            kind,
            held.enterprise_id,
            people,
            key,
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes the own bureau's objection back.
    ///
    /// # Errors
    /// [`Problem::Stale`] when it is decided already, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn withdraw_dispute(&self, actor: &Actor, dispute_id: i64) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let known = existing_dispute(&transaction, dispute_id).await?;
        hold_company(&transaction, known.enterprise_id).await?;
        let dispute = existing_dispute(&transaction, dispute_id).await?;
        let held = contested(&transaction, &dispute)
            .await?
            .ok_or(Problem::NotFound)?;
        let reads = |bureau_id: i64| actor.may(Action::ReadLead { bureau_id });
        if !reads(dispute.bureau_id) && !reads(held.bureau_id) {
            return Err(Problem::NotFound.into());
        }
        let bureau_id = dispute.bureau_id;
        require(actor, Action::ContestClaim { bureau_id })?;
        let state = DisputeState::Withdrawn;
        still_open(&dispute, state)?;
        let closed = self.close(&transaction, dispute, state, None).await?;
        self.tell_dispute(
            &transaction,
            actor,
            &held,
            &closed,
            ClaimEventKind::Withdrawn,
            "",
        )
        .await?;
        let change = Change {
            action: "withdraw",
            entity: "claim_dispute",
            entity_id: dispute_id,
            before: Some(json!({ "state": DisputeState::Open.key() })),
            after: Some(json!({ "state": state.key() })),
        };
        audit::record(&transaction, Some(actor), self.now(), change).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn close(
        &self,
        transaction: &DatabaseTransaction,
        dispute: claim_dispute::Model,
        state: DisputeState,
        decision: Option<(&Actor, &str, Option<i32>)>,
    ) -> ServiceResult<claim_dispute::Model> {
        let mut closed: claim_dispute::ActiveModel = dispute.into();
        closed.state = Set(state.key().to_owned());
        closed.decided_at = Set(Some(self.now()));
        if let Some((actor, reason, share_percent)) = decision {
            closed.decided_by = Set(Some(actor.account_id));
            closed.decision_reason = Set(Some(reason.to_owned()));
            closed.share_percent = Set(share_percent);
        }
        Ok(closed.update(transaction).await?)
    }

    /// A line of the ledger and one on the holder's timeline.
    async fn tell_dispute(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        held: &claim::Model,
        dispute: &claim_dispute::Model,
        kind: ClaimEventKind,
        body: &str,
    ) -> ServiceResult<()> {
        let line = Entry {
            other_bureau_id: Some(dispute.bureau_id),
            ..Entry::of(held, kind, Some(actor), body)
        };
        ledger::write(transaction, self.now(), [line]).await?;
        let names = bureau_names(transaction).await?;
        let step = ClaimStep {
            kind,
            from: names.get(&held.bureau_id).cloned(),
            to: names.get(&dispute.bureau_id).cloned(),
            share_percent: None,
            by_system: false,
        };
        self.tell_claim(transaction, actor, held.lead_id, &step, body)
            .await
    }

    /// The open objections in which the person's bureau is a party; all for those who read every bureau.
    pub(super) async fn open_disputes(&self, actor: &Actor) -> ServiceResult<Vec<DisputeView>> {
        let database = self.database.read();
        let parties = super::ledger::of_either_party(
            actor,
            None,
            claim::Column::BureauId,
            claim_dispute::Column::BureauId,
        )?;
        let rows = claim_dispute::Entity::find()
            .join(
                JoinType::InnerJoin,
                claim_dispute::Entity::belongs_to(claim::Entity)
                    .from(claim_dispute::Column::ClaimId)
                    .to(claim::Column::Id)
                    .into(),
            )
            .filter(claim_dispute::Column::State.eq(DisputeState::Open.key()))
            .filter(parties)
            .order_by_asc(claim_dispute::Column::OpenedAt)
            .order_by_asc(claim_dispute::Column::Id)
            .limit(SHOWN)
            .all(database)
            .await?;
        let claims: HashMap<i64, claim::Model> = claim::Entity::find()
            .filter(claim::Column::Id.is_in(rows.iter().map(|dispute| dispute.claim_id)))
            .all(database)
            .await?
            .into_iter()
            .map(|claim| (claim.id, claim))
            .collect();
        let companies = self
            .enterprise_names(rows.iter().map(|dispute| dispute.enterprise_id))
            .await?;
        let people = self
            .account_names(rows.iter().map(|dispute| dispute.account_id))
            .await?;
        let bureaus = bureau_names(database).await?;
        let bureau = |id: i64| bureaus.get(&id).cloned().unwrap_or_default();
        Ok(rows
            .into_iter()
            .filter_map(|dispute| {
                let claim = claims.get(&dispute.claim_id)?;
                Some(DisputeView {
                    id: dispute.id,
                    enterprise_id: dispute.enterprise_id,
                    enterprise_name: companies
                        .get(&dispute.enterprise_id)
                        .cloned()
                        .unwrap_or_default(),
                    holder: bureau(claim.bureau_id),
                    claimant: bureau(dispute.bureau_id),
                    by: people.get(&dispute.account_id).cloned().unwrap_or_default(),
                    evidence: dispute.evidence,
                    opened_at: dispute.opened_at,
                    claimed_at: claim.claimed_at,
                    expires_on: claim.expires_on,
                    may_decide: actor.may(Action::DecideClaim),
                    may_withdraw: actor.may(Action::ContestClaim {
                        bureau_id: dispute.bureau_id,
                    }),
                })
            })
            .collect())
    }
}

async fn existing_dispute(
    transaction: &DatabaseTransaction,
    dispute_id: i64,
) -> ServiceResult<claim_dispute::Model> {
    claim_dispute::Entity::find_by_id(dispute_id)
        .one(transaction)
        .await?
        .ok_or_else(|| Problem::NotFound.into())
}

async fn contested(
    transaction: &DatabaseTransaction,
    dispute: &claim_dispute::Model,
) -> ServiceResult<Option<claim::Model>> {
    Ok(claim::Entity::find_by_id(dispute.claim_id)
        .one(transaction)
        .await?)
}

fn still_open(dispute: &claim_dispute::Model, wanted: DisputeState) -> Result<(), Problem> {
    if dispute.state == DisputeState::Open.key() {
        return Ok(());
    }
    Err(stale(dispute, wanted))
}

fn stale(dispute: &claim_dispute::Model, wanted: DisputeState) -> Problem {
    Problem::Stale {
        fields: vec![StaleField {
            field: "dispute".to_owned(),
            theirs: dispute.state.clone(),
            yours: wanted.key().to_owned(),
        }],
        version: 0,
    }
}

/// What is wrong with a share, in percent, where others keep `kept` already.
pub(super) fn share_problem(percent: i32, kept: i32) -> Option<FieldProblem> {
    let most = 100 - kept.clamp(0, 100);
    (!(0..=most).contains(&percent)).then(|| {
        FieldProblem::new(
            "share_percent",
            FieldProblemKind::OutOfRange {
                from: 0.0,
                until: f64::from(most),
            },
        )
    })
}

/// Who owns a lead in the bureau that receives it: the one who is wished, when that is one of its people who own leads,
/// else the first of them.
pub(super) async fn receiving_owner(
    transaction: &DatabaseTransaction,
    bureau_id: i64,
    wished: i64,
) -> ServiceResult<i64> {
    let people = owners(transaction, bureau_id).await?;
    people
        .iter()
        .find(|(id, _)| *id == wished)
        .or_else(|| people.first())
        .map(|(id, _)| *id)
        .ok_or_else(|| Problem::invalid("to_bureau_id", FieldProblemKind::NotAChoice).into())
}

/// Those who decide about claims, besides the administrator, who has other things to do.
async fn deciders(connection: &impl ConnectionTrait) -> ServiceResult<Vec<i64>> {
    Ok(account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .filter(account::Column::Role.eq(Role::Leader.key()))
        .into_tuple()
        .all(connection)
        .await?)
}

/// Tells people of what concerns a claim. It leads to the ledger: the lead may be another bureau's.
pub(super) async fn tell_parties(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    now: DateTime<Utc>,
    kind: NoticeKind,
    enterprise_id: i64,
    people: Vec<i64>,
    to: &str,
) -> ServiceResult<()> {
    let notice = Notice {
        kind,
        lead_id: None,
        detail: NoticeDetail {
            to: to.to_owned(),
            href: "/claims".to_owned(),
            ..NoticeDetail::default()
        },
        once: None,
    };
    tell_of_company(transaction, actor, people, now, enterprise_id, notice).await
}
