//! Undoing: an ordinary act that puts back what an audit row says was there before, through the same functions as any
//! other change, so that no rule is walked around.

use chrono::{DateTime, Duration, Utc};
use domain::{
    account::{Action, Actor},
    audit::{RecordKind, RecordTag, UNDO_MINUTES, UNDO_REASON, UndoAct, UndoRefusal},
    lead::{LeadChange, SideState, SideStateChange, Stage},
    problem::{Problem, StaleField},
};
use entity::{audit, lead};
use sea_orm::{
    ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::Value;

use crate::{
    Service, ServiceResult,
    lead::{Landing, existing_held, field_text},
    require,
};

/// Acts of one person on one record that are looked through for the one to undo.
const ACTS: u64 = 50;

impl Service {
    /// Undoes the act that left a record at a version, as [`Service::undo`] does.
    ///
    /// # Errors
    /// As there; [`Problem::NotFound`] when the person did no such act lately.
    pub async fn undo_act(&self, actor: &Actor, act: UndoAct) -> ServiceResult<i64> {
        let row = audit::Entity::find()
            .filter(audit::Column::Entity.eq(act.kind.key()))
            .filter(audit::Column::EntityId.eq(act.id))
            .filter(audit::Column::AccountId.eq(actor.account_id))
            .order_by_desc(audit::Column::Id)
            .limit(ACTS)
            .all(self.database.read())
            .await?
            .into_iter()
            .find(|row| {
                row.after
                    .as_ref()
                    .is_some_and(|after| after["version"].as_i64() == Some(act.version))
            })
            .ok_or(Problem::NotFound)?;
        self.undo(actor, row.id).await
    }

    /// Undoes what an audit row records and returns the record's new version: a deletion, a state beside the track, fields,
    /// or a stage. Only the person who did it, within [`UNDO_MINUTES`].
    ///
    /// # Errors
    /// [`Problem::Stale`] with the fields that are not as the act left them, [`Problem::CannotUndo`],
    /// [`Problem::NotFound`] for somebody else's act, and whatever the change itself is refused with.
    pub async fn undo(&self, actor: &Actor, audit_id: i64) -> ServiceResult<i64> {
        let row = audit::Entity::find_by_id(audit_id)
            .one(self.database.read())
            .await?
            .filter(|row| row.account_id == Some(actor.account_id))
            .ok_or(Problem::NotFound)?;
        let (Some(kind), Some(before), Some(after)) = (
            RecordKind::from_key(&row.entity),
            row.before.clone(),
            row.after.clone(),
        ) else {
            return Err(refused(UndoRefusal::NotUndoable));
        };
        if after["undo_of"].is_i64() {
            return Err(refused(UndoRefusal::NotUndoable));
        }
        if self.now() - row.at > Duration::minutes(UNDO_MINUTES) {
            return Err(refused(UndoRefusal::TooLate));
        }
        let transaction = self.database.begin().await?;
        let version = match (kind, row.action.as_str()) {
            (kind, "delete") => {
                let tag = RecordTag {
                    kind,
                    id: row.entity_id,
                };
                not_yet(&transaction, &row).await?;
                self.restore_in(&transaction, actor, tag, Some(audit_id))
                    .await?
            }
            (RecordKind::Lead, "side_state" | "change" | "stage") => {
                let lead = existing_held(&transaction, row.entity_id).await?;
                let bureau_id = lead.bureau_id;
                require(actor, Action::WriteLead { bureau_id })?;
                not_yet(&transaction, &row).await?;
                self.undo_lead(&transaction, actor, lead, &row, (&before, &after))
                    .await?
            }
            _ => return Err(refused(UndoRefusal::NotUndoable)),
        };
        transaction.commit().await?;
        Ok(version)
    }

    async fn undo_lead(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        row: &audit::Model,
        (before, after): (&Value, &Value),
    ) -> ServiceResult<i64> {
        still_so(&lead, before, after)?;
        let mark = Some(row.id);
        let (lead_id, version) = (lead.id, lead.version);
        match row.action.as_str() {
            "side_state" => {
                let change = SideStateChange {
                    lead_id,
                    version,
                    to: before["side_state"].as_str().and_then(SideState::from_key),
                    reason: UNDO_REASON.to_owned(),
                };
                self.put_aside(transaction, actor, lead, change, mark).await
            }
            "change" => {
                let change = change_back(before);
                self.change_fields(transaction, actor, (lead, version), change, mark)
                    .await
            }
            _ => {
                let to = before["stage"]
                    .as_str()
                    .and_then(Stage::from_key)
                    .ok_or_else(|| refused(UndoRefusal::NotUndoable))?;
                let landing = Landing {
                    to,
                    entered_at: before["stage_entered_at"]
                        .as_str()
                        .and_then(|text| DateTime::parse_from_rfc3339(text).ok())
                        .map_or_else(|| self.now(), |at| at.with_timezone(&Utc)),
                    investment: before.get("investment_wan").map(Value::as_i64),
                };
                self.undo_stage_in(transaction, actor, lead, landing, row.id)
                    .await
            }
        }
    }
}

fn refused(reason: UndoRefusal) -> crate::ServiceError {
    Problem::CannotUndo { reason }.into()
}

/// Refuses what was undone already. The record is held by now.
async fn not_yet(transaction: &DatabaseTransaction, row: &audit::Model) -> ServiceResult<()> {
    let since = audit::Entity::find()
        .filter(audit::Column::Entity.eq(&row.entity))
        .filter(audit::Column::EntityId.eq(row.entity_id))
        .filter(audit::Column::Id.gt(row.id))
        .all(transaction)
        .await?;
    let is_undone = since.iter().any(|later| {
        later
            .after
            .as_ref()
            .is_some_and(|after| after["undo_of"].as_i64() == Some(row.id))
    });
    if is_undone {
        return Err(refused(UndoRefusal::Undone));
    }
    Ok(())
}

/// The fields that the act changed must be as it left them: what somebody else did since is not overwritten.
fn still_so(lead: &lead::Model, before: &Value, after: &Value) -> Result<(), Problem> {
    let Some(changed) = before.as_object() else {
        return Ok(());
    };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let fields: Vec<StaleField> = changed
        .iter()
        .filter_map(|(field, was)| {
            let now = field_text(lead, field)?;
            (now != text(&after[field])).then(|| StaleField {
                field: field.clone(),
                theirs: now,
                yours: text(was),
            })
        })
        .collect();
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Problem::Stale {
            fields,
            version: lead.version,
        })
    }
}

/// The change that gives every field of `before` its value again.
fn change_back(before: &Value) -> LeadChange {
    let text = |field: &str| before[field].as_str();
    let number = |field: &str| text(field).map(|text| text.parse::<i64>().ok());
    LeadChange {
        title: text("title").map(str::to_owned),
        source: text("source").map(str::to_owned),
        investment_wan: number("investment_wan"),
        land_mu: text("land_mu").map(|text| text.parse::<f64>().ok()),
        power_kva: number("power_kva"),
        energy_tce: number("energy_tce"),
        chain_node_id: number("chain_node_id"),
        owner_id: number("owner_id").flatten(),
    }
}
