//! The claim itself: made, renewed, let go, handed over. Every act holds the company, so that one transaction at a time
//! decides about it, and writes its line of the ledger.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    lead::{
        ClaimEventKind, ClaimEvidence, ClaimRule, ClaimStep, EVIDENCE_SHOWN, EventKind, HeldClaim,
        Recognition, Renewal, SideState, Stage, claim_is_over, claim_lapses,
    },
    problem::Problem,
};
use entity::{bureau, claim, claim_dispute, enterprise, lead, lead_event, lead_transfer};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{Expr, ExprTrait, LockType},
};
use serde_json::json;

use super::{
    ledger::{self, Entry, bureau_names},
    register::hold_company,
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    enterprise::other_rows_of,
    local_date, require,
};

/// A claim that nobody let go, and the stage of its lead: the two say whether it is over.
pub(super) struct Running {
    pub claim: claim::Model,
    pub stage: Stage,
}

/// The claim that runs on a company.
pub(super) async fn running_claim(
    connection: &impl ConnectionTrait,
    enterprise_id: i64,
) -> ServiceResult<Option<Running>> {
    let Some(claim) = claim::Entity::find()
        .filter(claim::Column::EnterpriseId.eq(enterprise_id))
        .filter(claim::Column::ReleasedAt.is_null())
        .one(connection)
        .await?
    else {
        return Ok(None);
    };
    let stage = lead::Entity::find_by_id(claim.lead_id)
        .select_only()
        .column(lead::Column::Stage)
        .into_tuple::<i32>()
        .one(connection)
        .await?
        .and_then(Stage::from_number)
        .unwrap_or(Stage::Lead);
    Ok(Some(Running { claim, stage }))
}

/// The rows of the directory that are the company, and how each was recognised; the row itself first.
///
/// Every question whether a company is held goes through here.
pub(super) async fn company_conflicts(
    connection: &impl ConnectionTrait,
    enterprise_id: i64,
) -> ServiceResult<Vec<(i64, Recognition)>> {
    let mut same = vec![(enterprise_id, Recognition::SameEnterprise)];
    let Some(company) = enterprise::Entity::find_by_id(enterprise_id)
        .one(connection)
        .await?
    else {
        return Ok(same);
    };
    let ours = company.credit_code.as_deref();
    let others = other_rows_of(connection, &company).await?;
    same.extend(others.into_iter().filter_map(|other| {
        match (other.credit_code.as_deref(), ours) {
            (Some(theirs), Some(ours)) if theirs == ours => {
                Some((other.id, Recognition::SameCreditCode))
            }
            // Two codes are two companies, whatever their names.
            (Some(_), Some(_)) => None,
            _ => Some((other.id, Recognition::SameName)),
        }
    }));
    Ok(same)
}

/// Holds companies in the order of their ids, so that two who hold several never wait for each other.
pub(super) async fn hold_companies(
    connection: &impl ConnectionTrait,
    ids: impl IntoIterator<Item = i64>,
) -> ServiceResult<()> {
    enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .filter(enterprise::Column::Id.is_in(ids))
        .order_by_asc(enterprise::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .into_tuple::<i64>()
        .all(connection)
        .await?;
    Ok(())
}

/// How a lead comes to another bureau.
pub(super) struct Handing {
    pub to_bureau_id: i64,
    pub owner_id: i64,
    /// [`ClaimEventKind::Registered`] out of the pool, else [`ClaimEventKind::Transferred`].
    pub kind: ClaimEventKind,
    pub share_percent: Option<i32>,
    pub reason: String,
}

impl Service {
    /// Makes a claim for a bureau and writes `line`, which gets the claim's number. Open objections of that bureau are
    /// settled by it; those of others turn against the new claim.
    pub(super) async fn make_claim(
        &self,
        transaction: &DatabaseTransaction,
        rule: &ClaimRule,
        bureau_id: i64,
        lead_id: i64,
        line: Entry,
    ) -> ServiceResult<claim::Model> {
        let now = self.now();
        let made = claim::ActiveModel {
            enterprise_id: Set(line.enterprise_id),
            bureau_id: Set(bureau_id),
            lead_id: Set(lead_id),
            claimed_at: Set(now),
            expires_on: Set(rule.first_until(local_date(now))),
            released_at: Set(None),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        let open = claim_dispute::Entity::update_many()
            .filter(claim_dispute::Column::EnterpriseId.eq(made.enterprise_id))
            .filter(claim_dispute::Column::State.eq("open"));
        open.clone()
            .filter(claim_dispute::Column::BureauId.eq(bureau_id))
            .col_expr(claim_dispute::Column::State, Expr::value("withdrawn"))
            .col_expr(claim_dispute::Column::DecidedAt, Expr::value(Some(now)))
            .exec(transaction)
            .await?;
        open.filter(claim_dispute::Column::BureauId.ne(bureau_id))
            .col_expr(claim_dispute::Column::ClaimId, Expr::value(made.id))
            .exec(transaction)
            .await?;
        let line = Entry {
            claim_id: Some(made.id),
            ..line
        };
        ledger::write(transaction, now, [line]).await?;
        Ok(made)
    }

    /// A claim that a bureau makes by registering, or by beginning to talk.
    pub(super) async fn make_first_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        rule: &ClaimRule,
        lead: &lead::Model,
    ) -> ServiceResult<claim::Model> {
        let line = Entry {
            enterprise_id: lead.enterprise_id,
            bureau_id: lead.bureau_id,
            lead_id: Some(lead.id),
            claim_id: None,
            kind: ClaimEventKind::Registered,
            other_bureau_id: None,
            share_percent: None,
            body: lead.source.clone(),
            account_id: Some(actor.account_id),
        };
        self.make_claim(transaction, rule, lead.bureau_id, lead.id, line)
            .await
    }

    /// Refuses when another bureau holds the company, under whatever row of the directory. The companies are held.
    pub(super) async fn refuse_held(
        &self,
        connection: &impl ConnectionTrait,
        same: &[(i64, Recognition)],
        bureau_id: i64,
    ) -> ServiceResult<()> {
        let today = self.today();
        for (enterprise_id, recognised) in same {
            if let Some(running) = running_claim(connection, *enterprise_id).await?
                && running.claim.bureau_id != bureau_id
                && !claim_is_over(running.stage, running.claim.expires_on, today)
            {
                return Err(self.held(connection, &running, *recognised).await?.into());
            }
        }
        Ok(())
    }

    /// Lets a claim on a company go that is over, or that is the bureau's own; another bureau's that still runs is
    /// refused.
    pub(super) async fn yield_lapsed_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        enterprise_id: i64,
        bureau_id: i64,
    ) -> ServiceResult<()> {
        let Some(running) = running_claim(transaction, enterprise_id).await? else {
            return Ok(());
        };
        if claim_is_over(running.stage, running.claim.expires_on, self.today()) {
            return self.lapse(transaction, vec![running.claim]).await;
        }
        if running.claim.bureau_id != bureau_id {
            let recognised = Recognition::SameEnterprise;
            return Err(self.held(transaction, &running, recognised).await?.into());
        }
        self.release(transaction, actor, running.claim).await
    }

    /// 在谈 needs the claim, and so do a lead that comes back and one that is handed over. One that is over is made
    /// good, and one that went is taken again when nobody else took it meanwhile.
    pub(super) async fn keep_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        rule: &ClaimRule,
        lead: &lead::Model,
    ) -> ServiceResult<()> {
        let today = self.today();
        hold_company(transaction, lead.enterprise_id).await?;
        let Some(running) = running_claim(transaction, lead.enterprise_id).await? else {
            self.make_first_claim(transaction, actor, rule, lead)
                .await?;
            return Ok(());
        };
        let is_over = claim_is_over(running.stage, running.claim.expires_on, today);
        if running.claim.bureau_id != lead.bureau_id {
            if !is_over {
                let recognised = Recognition::SameEnterprise;
                return Err(self.held(transaction, &running, recognised).await?.into());
            }
            self.lapse(transaction, vec![running.claim]).await?;
            self.make_first_claim(transaction, actor, rule, lead)
                .await?;
        } else if is_over {
            let until = rule.first_until(today);
            self.renew(transaction, actor, running.claim, until, Renewal::Stage)
                .await?;
        }
        Ok(())
    }

    /// Renews the claim of a lead by what has just been put on record, when the bureau has one and the rule says so.
    pub(super) async fn renew_by(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        rule: &ClaimRule,
        lead: &lead::Model,
        cause: Renewal,
    ) -> ServiceResult<()> {
        let today = self.today();
        if let Some(claim) = own_claim(transaction, lead).await?
            && let Some(until) = rule.renewed_until(cause, claim.expires_on, today)
        {
            self.renew(transaction, actor, claim, until, cause).await?;
        }
        Ok(())
    }

    /// The same for a move between stages.
    pub(super) async fn renew_by_move(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        rule: &ClaimRule,
        lead: &lead::Model,
        (from, to): (Stage, Stage),
    ) -> ServiceResult<()> {
        let today = self.today();
        if let Some(claim) = own_claim(transaction, lead).await?
            && let Some(until) = rule.moved_until(from, to, claim.expires_on, today)
        {
            self.renew(transaction, actor, claim, until, Renewal::Stage)
                .await?;
        }
        Ok(())
    }

    async fn renew(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        claim: claim::Model,
        until: chrono::NaiveDate,
        cause: Renewal,
    ) -> ServiceResult<()> {
        let line = Entry::of(&claim, ClaimEventKind::Renewed, Some(actor), cause.key());
        let mut renewed: claim::ActiveModel = claim.into();
        renewed.expires_on = Set(until);
        renewed.update(transaction).await?;
        ledger::write(transaction, self.now(), [line]).await
    }

    /// A lead that ends gives its claim up.
    pub(super) async fn release_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
    ) -> ServiceResult<()> {
        match own_claim(transaction, lead).await? {
            Some(claim) => self.release(transaction, actor, claim).await,
            None => Ok(()),
        }
    }

    /// Lets a claim go that still runs.
    pub(crate) async fn release(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        claim: claim::Model,
    ) -> ServiceResult<()> {
        let line = Entry::of(&claim, ClaimEventKind::Released, Some(actor), "");
        self.let_go(transaction, claim).await?;
        ledger::write(transaction, self.now(), [line]).await
    }

    /// Makes the claim of a lead again that comes back from the bin, with its old end: to delete and restore must be no
    /// way to hold a company for longer.
    pub(crate) async fn restore_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        expires_on: chrono::NaiveDate,
    ) -> ServiceResult<()> {
        self.yield_lapsed_claim(transaction, actor, lead.enterprise_id, lead.bureau_id)
            .await?;
        let rule = self.rule_pack(transaction).await?.claim;
        let made = self
            .make_first_claim(transaction, actor, &rule, lead)
            .await?;
        let mut restored: claim::ActiveModel = made.into();
        restored.expires_on = Set(expires_on);
        restored.update(transaction).await?;
        Ok(())
    }

    async fn let_go(
        &self,
        transaction: &DatabaseTransaction,
        claim: claim::Model,
    ) -> ServiceResult<()> {
        let mut released: claim::ActiveModel = claim.into();
        released.released_at = Set(Some(self.now()));
        released.update(transaction).await?;
        Ok(())
    }

    /// Lets claims go whose days are over, in a fixed number of statements: nobody did it, and their leads stay what
    /// and whose they are. The companies are held.
    pub(super) async fn lapse(
        &self,
        transaction: &DatabaseTransaction,
        claims: Vec<claim::Model>,
    ) -> ServiceResult<()> {
        if claims.is_empty() {
            return Ok(());
        }
        let now = self.now();
        claim::Entity::update_many()
            .col_expr(claim::Column::ReleasedAt, Expr::value(Some(now)))
            .filter(claim::Column::Id.is_in(claims.iter().map(|claim| claim.id)))
            .exec(transaction)
            .await?;
        let last_day = |claim: &claim::Model| claim.expires_on.to_string();
        let lines = claims
            .iter()
            .map(|claim| Entry::of(claim, ClaimEventKind::Lapsed, None, last_day(claim)));
        ledger::write(transaction, now, lines).await?;
        let owners: HashMap<i64, i64> = lead::Entity::find()
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::OwnerId)
            .filter(lead::Column::Id.is_in(claims.iter().map(|claim| claim.lead_id)))
            .into_tuple::<(i64, i64)>()
            .all(transaction)
            .await?
            .into_iter()
            .collect();
        let step = ClaimStep {
            kind: ClaimEventKind::Lapsed,
            from: None,
            to: None,
            share_percent: None,
            by_system: true,
        };
        let detail = step_detail(&step)?;
        let events: Vec<lead_event::ActiveModel> = claims
            .iter()
            .filter_map(|claim| {
                Some(lead_event::ActiveModel {
                    lead_id: Set(claim.lead_id),
                    kind: Set(EventKind::Claim.key().to_owned()),
                    body: Set(String::new()),
                    detail: Set(Some(detail.clone())),
                    // A line has somebody's name; the step says that it came by itself.
                    account_id: Set(*owners.get(&claim.lead_id)?),
                    happened_at: Set(now),
                    created_at: Set(now),
                    ..Default::default()
                })
            })
            .collect();
        if !events.is_empty() {
            lead_event::Entity::insert_many(events)
                .exec_without_returning(transaction)
                .await?;
        }
        let changes = claims.iter().map(|claim| Change {
            action: "lapse",
            entity: "claim",
            entity_id: claim.id,
            before: Some(json!({ "expires_on": last_day(claim) })),
            after: Some(json!({ "released_at": now })),
        });
        Ok(audit::record_all(transaction, None, now, changes).await?)
    }

    /// Brings a lead with its claim to another bureau, and returns the id of the lead that holds the claim now.
    ///
    /// The lead itself moves, with its whole timeline: it stays one project that counts once. Only when the receiving
    /// bureau follows the company with a lead of its own, that one gets the claim, and the lead that is given stands
    /// beside the track as 流转. The lead is held by the caller.
    pub(super) async fn hand_over(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        rule: &ClaimRule,
        lead: lead::Model,
        handing: Handing,
    ) -> ServiceResult<i64> {
        let now = self.now();
        let from_bureau_id = lead.bureau_id;
        hold_company(transaction, lead.enterprise_id).await?;
        if let Some(running) = running_claim(transaction, lead.enterprise_id).await? {
            if running.claim.bureau_id == from_bureau_id {
                self.let_go(transaction, running.claim).await?;
            } else {
                self.yield_lapsed_claim(
                    transaction,
                    actor,
                    lead.enterprise_id,
                    handing.to_bureau_id,
                )
                .await?;
            }
        }
        let own = open_leads()
            .filter(lead::Column::EnterpriseId.eq(lead.enterprise_id))
            .filter(lead::Column::BureauId.eq(handing.to_bureau_id))
            .filter(lead::Column::Id.ne(lead.id))
            .order_by_asc(lead::Column::Id)
            .one(transaction)
            .await?;
        let has_other = handing.to_bureau_id != from_bureau_id;
        let target_id = own.as_ref().map_or(lead.id, |own| own.id);
        let line = Entry {
            enterprise_id: lead.enterprise_id,
            bureau_id: match handing.kind {
                ClaimEventKind::Registered => handing.to_bureau_id,
                _ => from_bureau_id,
            },
            lead_id: Some(target_id),
            claim_id: None,
            kind: handing.kind,
            other_bureau_id: has_other.then_some(match handing.kind {
                ClaimEventKind::Registered => from_bureau_id,
                _ => handing.to_bureau_id,
            }),
            share_percent: handing.share_percent,
            body: handing.reason.clone(),
            account_id: Some(actor.account_id),
        };
        self.make_claim(transaction, rule, handing.to_bureau_id, target_id, line)
            .await?;
        lead_transfer::Entity::update_many()
            .col_expr(lead_transfer::Column::State, Expr::value("withdrawn"))
            .col_expr(lead_transfer::Column::AnsweredAt, Expr::value(Some(now)))
            .col_expr(
                lead_transfer::Column::Version,
                Expr::col(lead_transfer::Column::Version).add(1),
            )
            .filter(lead_transfer::Column::LeadId.eq(lead.id))
            .filter(lead_transfer::Column::State.eq("proposed"))
            .exec(transaction)
            .await?;
        let names = bureau_names(transaction).await?;
        let name = |id: i64| names.get(&id).cloned();
        let step = ClaimStep {
            kind: handing.kind,
            from: has_other.then(|| name(from_bureau_id)).flatten(),
            to: name(handing.to_bureau_id),
            share_percent: handing.share_percent,
            by_system: false,
        };
        let lead_id = lead.id;
        let before = json!({ "bureau_id": from_bureau_id, "owner_id": lead.owner_id, "side_state": lead.side_state });
        let (version, has_ended) = (lead.version + 1, has_ended(&lead));
        let mut moved: lead::ActiveModel = lead.into();
        if own.is_some() {
            moved.side_state = Set(Some(SideState::Transferred.key().to_owned()));
        } else {
            moved.bureau_id = Set(handing.to_bureau_id);
            moved.owner_id = Set(handing.owner_id);
            if has_ended || handing.kind == ClaimEventKind::Registered {
                moved.side_state = Set(None);
            }
        }
        moved.last_activity_at = Set(now);
        moved.updated_at = Set(now);
        moved.version = Set(version);
        let after = moved.update(transaction).await?;
        self.tell_claim(transaction, actor, lead_id, &step, &handing.reason)
            .await?;
        if target_id != lead_id {
            self.tell_claim(transaction, actor, target_id, &step, &handing.reason)
                .await?;
        }
        let change = Change {
            action: "hand_over",
            entity: "lead",
            entity_id: lead_id,
            before: Some(before),
            after: Some(json!({
                "bureau_id": after.bureau_id, "owner_id": after.owner_id, "side_state": after.side_state,
                "claim_of_lead": target_id, "share_percent": handing.share_percent, "reason": handing.reason,
            })),
        };
        audit::record(transaction, Some(actor), now, change).await?;
        Ok(target_id)
    }

    /// Writes what happened to the claim on a lead's timeline.
    pub(super) async fn tell_claim(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead_id: i64,
        step: &ClaimStep,
        body: &str,
    ) -> ServiceResult<()> {
        let now = self.now();
        lead_event::ActiveModel {
            lead_id: Set(lead_id),
            kind: Set(EventKind::Claim.key().to_owned()),
            body: Set(body.to_owned()),
            detail: Set(Some(step_detail(step)?)),
            account_id: Set(actor.account_id),
            happened_at: Set(now),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        Ok(())
    }

    /// Who holds a company, since when and on what record.
    pub(super) async fn held(
        &self,
        connection: &impl ConnectionTrait,
        running: &Running,
        recognised: Recognition,
    ) -> ServiceResult<Problem> {
        let held = held_claim(connection, running, recognised).await?;
        Ok(Problem::ClaimHeld {
            bureau: held.bureau.clone(),
            expires_on: held.expires_on.clone(),
            held: Box::new(held),
        })
    }

    /// The claim of another bureau that stands in the way of registering a company, if there is one.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a company that is not there; [`Problem::Forbidden`].
    pub async fn claim_conflict(
        &self,
        actor: &Actor,
        enterprise_id: i64,
    ) -> ServiceResult<Option<HeldClaim>> {
        let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
        require(actor, Action::ContestClaim { bureau_id })?;
        let database = self.database.read();
        if enterprise::Entity::find_by_id(enterprise_id)
            .one(database)
            .await?
            .is_none()
        {
            return Err(Problem::NotFound.into());
        }
        let same = company_conflicts(database, enterprise_id).await?;
        match self.refuse_held(database, &same, bureau_id).await {
            Ok(()) => Ok(None),
            Err(ServiceError::Problem(Problem::ClaimHeld { held, .. })) => Ok(Some(*held)),
            Err(other) => Err(other),
        }
    }
}

/// The claim that the lead's bureau has on its company, which is held from here on.
async fn own_claim(
    transaction: &DatabaseTransaction,
    lead: &lead::Model,
) -> ServiceResult<Option<claim::Model>> {
    hold_company(transaction, lead.enterprise_id).await?;
    Ok(claim::Entity::find()
        .filter(claim::Column::EnterpriseId.eq(lead.enterprise_id))
        .filter(claim::Column::BureauId.eq(lead.bureau_id))
        .filter(claim::Column::ReleasedAt.is_null())
        .one(transaction)
        .await?)
}

/// Whether the bureau follows a lead no more.
pub(crate) fn has_ended(lead: &lead::Model) -> bool {
    lead.side_state
        .as_deref()
        .and_then(SideState::from_key)
        .is_some_and(|state| SideState::ENDED.contains(&state))
}

fn step_detail(step: &ClaimStep) -> ServiceResult<serde_json::Value> {
    Ok(json!({ "claim": serde_json::to_value(step).map_err(ServiceError::internal)? }))
}

async fn held_claim(
    connection: &impl ConnectionTrait,
    running: &Running,
    recognised: Recognition,
) -> ServiceResult<HeldClaim> {
    let Running { claim, stage } = running;
    let bureau = bureau::Entity::find_by_id(claim.bureau_id)
        .one(connection)
        .await?
        .map(|bureau| bureau.name)
        .unwrap_or_default();
    let company = enterprise::Entity::find_by_id(claim.enterprise_id)
        .one(connection)
        .await?
        .map(|company| company.name)
        .unwrap_or_default();
    let shown = [
        EventKind::VisitOutbound,
        EventKind::VisitInbound,
        EventKind::VisitOnline,
        EventKind::Stage,
    ];
    let evidence = lead_event::Entity::find()
        .filter(lead_event::Column::LeadId.eq(claim.lead_id))
        .filter(lead_event::Column::Kind.is_in(shown.map(EventKind::key)))
        .order_by_desc(lead_event::Column::HappenedAt)
        .order_by_desc(lead_event::Column::Id)
        .limit(EVIDENCE_SHOWN)
        .all(connection)
        .await?
        .into_iter()
        .map(|event| ClaimEvidence {
            // Of a stage the stage that was entered; never what was said.
            kind: event
                .detail
                .as_ref()
                .and_then(|detail| detail["to"].as_str())
                .and_then(Stage::from_key)
                .map_or(event.kind, |stage| stage.key().to_owned()),
            on: local_date(event.happened_at).to_string(),
        })
        .collect();
    Ok(HeldClaim {
        enterprise_id: claim.enterprise_id,
        enterprise: company,
        bureau,
        claimed_on: local_date(claim.claimed_at).to_string(),
        expires_on: claim.expires_on.to_string(),
        is_kept: !claim_lapses(*stage),
        recognised,
        evidence,
    })
}
