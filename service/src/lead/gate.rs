//! The gate between stages. There is no other way to change a lead's stage.

use domain::{
    account::{Action, Actor},
    lead::{EventKind, NOTE_LIMIT, Stage, StageChange, StageMove, check_evidence, stage_move},
    problem::{FieldProblemKind, Problem, StaleField},
};
use entity::{lead, lead_event, stage_evidence};
use sea_orm::{ActiveModelTrait, ActiveValue::Set};
use serde_json::{Value, json};

use super::existing_held;
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    require, without_nul,
};

impl Service {
    /// Moves a lead to the next stage with that stage's evidence, or back with a reason.
    /// Returns the lead's new version.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::StageNotReachable`], [`Problem::Invalid`] with the missing evidence,
    /// [`Problem::ClaimHeld`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn change_stage(&self, actor: &Actor, mut change: StageChange) -> ServiceResult<i64> {
        without_nul(&mut change.reason);
        for answer in change.evidence.values_mut() {
            if let Value::String(text) = answer {
                without_nul(text);
            }
        }
        let transaction = self.database.begin().await?;
        let lead = existing_held(&transaction, change.lead_id).await?;
        let bureau_id = lead.bureau_id;
        require(actor, Action::WriteLead { bureau_id })?;
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
        let pack = self.rule_pack(&transaction).await?;
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
                let fields = check_evidence(rule, &change.evidence, self.today());
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
                .insert(&transaction)
                .await?;
                String::new()
            }
        };
        if change.to == Stage::Negotiating && from < Stage::Negotiating {
            self.keep_claim(&transaction, actor, &pack.claim, &lead)
                .await?;
        }
        self.renew_by_move(&transaction, actor, &pack.claim, &lead, (from, change.to))
            .await?;
        let (lead_id, version) = (lead.id, lead.version + 1);
        let investment = change
            .evidence
            .get("investment_wan")
            .or_else(|| change.evidence.get("amount_wan"))
            .and_then(amount);
        let mut moved: lead::ActiveModel = lead.into();
        moved.stage = Set(change.to.number());
        moved.stage_entered_at = Set(now);
        moved.last_activity_at = Set(now);
        moved.updated_at = Set(now);
        moved.version = Set(version);
        moved.rule_pack = Set(pack.version);
        if let Some(amount) = investment {
            moved.investment_wan = Set(Some(amount));
        }
        moved.update(&transaction).await?;
        lead_event::ActiveModel {
            lead_id: Set(lead_id),
            kind: Set(EventKind::Stage.key().to_owned()),
            body: Set(body),
            detail: Set(Some(json!({ "from": from.key(), "to": change.to.key() }))),
            account_id: Set(actor.account_id),
            happened_at: Set(now),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "stage",
                entity: "lead",
                entity_id: lead_id,
                before: Some(json!({ "stage": from.key() })),
                after: Some(json!({ "stage": change.to.key(), "evidence": change.evidence, "reason": change.reason })),
            },
        )
        .await?;
        transaction.commit().await?;
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
