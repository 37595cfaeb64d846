//! The gate between stages. There is no other way to change a lead's stage.

use chrono::{DateTime, Utc};
use domain::{
    account::Actor,
    audit::{UNDO_REASON, UndoRefusal},
    lead::{
        EventKind, NOTE_LIMIT, RulePack, Stage, StageChange, StageMove, check_evidence, stage_move,
    },
    notice::{NoticeDetail, NoticeKind},
    problem::{FieldProblemKind, Problem, StaleField},
};
use entity::{lead, lead_event, stage_evidence};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder,
};
use serde_json::{Value, json};

use super::{work::barring_commitments, writable_held};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    notice::tell_of_lead,
    without_nul,
};

/// Where a move puts a lead.
pub(crate) struct Landing {
    pub to: Stage,
    /// From when on the stage's clock counts.
    pub entered_at: DateTime<Utc>,
    /// The planned investment that comes with it, 万元; `None` leaves it alone.
    pub investment: Option<Option<i64>>,
}

/// A move with what is written down about it.
struct Step {
    landing: Landing,
    /// The line of the timeline.
    body: String,
    evidence: serde_json::Map<String, Value>,
    reason: String,
    undo_of: Option<i64>,
}

impl Service {
    /// Moves a lead to the next stage with that stage's evidence, or back with a reason.
    /// Returns the lead's new version.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::StageNotReachable`], [`Problem::Invalid`] with the missing evidence,
    /// [`Problem::ClaimHeld`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn change_stage(&self, actor: &Actor, change: StageChange) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let lead = writable_held(&transaction, actor, change.lead_id).await?;
        let version = self.pass_gate(&transaction, actor, lead, change).await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// [`Service::change_stage`] of a lead from [`writable_held`], in that transaction.
    pub(super) async fn pass_gate(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        mut change: StageChange,
    ) -> ServiceResult<i64> {
        without_nul(&mut change.reason);
        for answer in change.evidence.values_mut() {
            if let Value::String(text) = answer {
                without_nul(text);
            }
        }
        let from = Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
        if lead.version != change.version {
            return Err(Problem::Stale {
                fields: vec![StaleField {
                    field: "stage".to_owned(),
                    theirs: from.key().to_owned(),
                    yours: change.to.key().to_owned(),
                }],
                version: lead.version,
            }
            .into());
        }
        let now = self.now();
        let pack = self.rule_pack(transaction).await?;
        let body = match stage_move(from, change.to) {
            None => {
                return Err(Problem::StageNotReachable {
                    from,
                    to: change.to,
                }
                .into());
            }
            Some(StageMove::Back) => {
                let reason = change.reason.trim();
                if reason.is_empty() {
                    return Err(Problem::invalid("reason", FieldProblemKind::Required).into());
                }
                if reason.chars().count() > NOTE_LIMIT {
                    return Err(Problem::invalid(
                        "reason",
                        FieldProblemKind::TooLong { limit: NOTE_LIMIT },
                    )
                    .into());
                }
                reason.to_owned()
            }
            Some(StageMove::Forward) => {
                let rule = pack.rule(change.to).ok_or(Problem::StageNotReachable {
                    from,
                    to: change.to,
                })?;
                let mut fields = check_evidence(rule, &change.evidence, self.today());
                fields.extend(barring_commitments(transaction, lead.id, change.to).await?);
                if !fields.is_empty() {
                    return Err(Problem::Invalid { fields }.into());
                }
                stage_evidence::ActiveModel {
                    lead_id: Set(lead.id),
                    stage: Set(change.to.number()),
                    evidence: Set(Value::Object(change.evidence.clone())),
                    rule_pack: Set(pack.version.clone()),
                    account_id: Set(actor.account_id),
                    entered_at: Set(now),
                    ..Default::default()
                }
                .insert(transaction)
                .await?;
                String::new()
            }
        };
        let investment = change
            .evidence
            .get("investment_wan")
            .or_else(|| change.evidence.get("amount_wan"))
            .and_then(amount)
            .map(Some);
        let landing = Landing {
            to: change.to,
            entered_at: now,
            investment,
        };
        let step = Step {
            landing,
            body,
            evidence: change.evidence,
            reason: change.reason,
            undo_of: None,
        };
        self.enter_stage(transaction, actor, lead, pack, step).await
    }

    /// Takes a stage move back. A step forward is undone by a step back; a step back by entering the stage again, which
    /// the gate allows only while the evidence of every stage between is on record under the rules in force. The clock
    /// of the stage goes on from where it was. The caller has asked for the right and holds the lead.
    ///
    /// # Errors
    /// [`Problem::CannotUndo`], [`Problem::ClaimHeld`].
    pub(crate) async fn undo_stage_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        landing: Landing,
        undo_of: i64,
    ) -> ServiceResult<i64> {
        let from = Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
        let pack = self.rule_pack(transaction).await?;
        let entries = stage_evidence::Entity::find()
            .filter(stage_evidence::Column::LeadId.eq(lead.id))
            .filter(stage_evidence::Column::RulePack.eq(&pack.version))
            .order_by_asc(stage_evidence::Column::Id)
            .all(transaction)
            .await?;
        for stage in Stage::ALL
            .into_iter()
            .filter(|stage| (from..=landing.to).contains(stage) && *stage != from)
        {
            // The last one counts, as on the lead's page.
            let evidence = entries
                .iter()
                .rev()
                .find(|entry| entry.stage == stage.number())
                .and_then(|entry| entry.evidence.as_object());
            let is_complete = pack
                .rule(stage)
                .zip(evidence)
                .is_some_and(|(rule, evidence)| {
                    check_evidence(rule, evidence, self.today()).is_empty()
                });
            let is_barred = !barring_commitments(transaction, lead.id, stage)
                .await?
                .is_empty();
            if !is_complete || is_barred {
                let reason = UndoRefusal::NoEvidence;
                return Err(Problem::CannotUndo { reason }.into());
            }
        }
        let step = Step {
            landing,
            body: UNDO_REASON.to_owned(),
            evidence: serde_json::Map::new(),
            reason: UNDO_REASON.to_owned(),
            undo_of: Some(undo_of),
        };
        self.enter_stage(transaction, actor, lead, pack, step).await
    }

    /// Writes a move that the gate has let through.
    async fn enter_stage(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        pack: RulePack,
        step: Step,
    ) -> ServiceResult<i64> {
        let Step {
            landing,
            body,
            evidence,
            reason,
            undo_of,
        } = step;
        let from = Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
        if landing.to >= Stage::Negotiating && from < Stage::Negotiating {
            self.keep_claim(transaction, actor, &pack.claim, &lead)
                .await?;
        }
        self.renew_by_move(transaction, actor, &pack.claim, &lead, (from, landing.to))
            .await?;
        let now = self.now();
        let (lead_id, version) = (lead.id, lead.version + 1);
        let (owner_id, enterprise_id) = (lead.owner_id, lead.enterprise_id);
        let mut before = json!({
            "stage": from.key(), "stage_entered_at": lead.stage_entered_at,
        });
        let mut after = json!({
            "stage": landing.to.key(), "stage_entered_at": landing.entered_at,
            "evidence": evidence, "reason": reason, "version": version,
        });
        let mut also = |field: &str, was: Value, is: Value| {
            if was != is
                && let (Some(before), Some(after)) = (before.as_object_mut(), after.as_object_mut())
            {
                before.insert(field.to_owned(), was);
                after.insert(field.to_owned(), is);
            }
        };
        also("rule_pack", json!(lead.rule_pack), json!(pack.version));
        if let Some(amount) = landing.investment {
            also("investment_wan", json!(lead.investment_wan), json!(amount));
        }
        let mut moved: lead::ActiveModel = lead.into();
        moved.stage = Set(landing.to.number());
        moved.stage_entered_at = Set(landing.entered_at);
        moved.last_activity_at = Set(now);
        moved.updated_at = Set(now);
        moved.version = Set(version);
        moved.rule_pack = Set(pack.version);
        if let Some(amount) = landing.investment {
            moved.investment_wan = Set(amount);
        }
        moved.update(transaction).await?;
        lead_event::ActiveModel {
            lead_id: Set(lead_id),
            kind: Set(EventKind::Stage.key().to_owned()),
            body: Set(body),
            detail: Set(Some(json!({ "from": from.key(), "to": landing.to.key() }))),
            account_id: Set(actor.account_id),
            happened_at: Set(now),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        let told = NoticeDetail {
            to: landing.to.key().to_owned(),
            ..NoticeDetail::default()
        };
        tell_of_lead(
            transaction,
            actor,
            owner_id,
            now,
            NoticeKind::StageMoved,
            (lead_id, enterprise_id),
            told,
        )
        .await?;
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "stage",
                entity: "lead",
                entity_id: lead_id,
                before: Some(before),
                after: Some(audit::undoing(after, undo_of)),
            },
        )
        .await?;
        Ok(version)
    }
}

/// 万元 as handed in: a number, or a number as text with thousands commas.
fn amount(value: &Value) -> Option<i64> {
    let number = value
        .as_f64()
        .or_else(|| value.as_str()?.trim().replace(',', "").parse().ok())?;
    #[allow(
        clippy::cast_possible_truncation,
        reason = "checked against the limit by the rule"
    )]
    (number.is_finite() && (0.0..=100_000_000.0).contains(&number)).then(|| number.round() as i64)
}
