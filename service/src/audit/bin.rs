//! The bin: deleting leads and trips, listing them, bringing them back, removing them for good.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use domain::{
    account::{Action, Actor},
    audit::{BIN_PAGE, BinItem, BinPage, BinQuery, Deletion, PURGE_DAYS, RecordKind, RecordTag},
    lead::{EventKind, NOTE_LIMIT, Stage},
    problem::Problem,
};
use entity::{audit, claim, enterprise, lead, lead_event, stage_evidence, trip, trip_candidate};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, LockType},
};
use serde_json::{Value, json};

use super::{Change, record, undoing};
use crate::{
    Service, ServiceResult,
    chain::open_leads,
    lead::{existing_held, has_ended, hold_company},
    local_date, needed_text, nothing, require,
};

fn write_action(kind: RecordKind, bureau_id: i64) -> Action {
    match kind {
        RecordKind::Lead => Action::WriteLead { bureau_id },
        RecordKind::Trip => Action::WriteTrip { bureau_id },
    }
}

fn stale(version: i64) -> crate::ServiceError {
    Problem::Stale {
        fields: Vec::new(),
        version,
    }
    .into()
}

fn reason(text: String) -> Result<String, Problem> {
    let mut fields = Vec::new();
    let reason = needed_text("reason", text, NOTE_LIMIT, &mut fields);
    if fields.is_empty() {
        Ok(reason)
    } else {
        Err(Problem::Invalid { fields })
    }
}

impl Service {
    /// Puts a lead or a trip into the bin and returns its new version. A lead gives its claim up.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::Invalid`] without a reason, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn delete_record(&self, actor: &Actor, deletion: Deletion) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let version = match deletion.kind {
            RecordKind::Lead => self.delete_lead_in(&transaction, actor, deletion).await?,
            RecordKind::Trip => self.delete_trip_in(&transaction, actor, deletion).await?,
        };
        transaction.commit().await?;
        Ok(version)
    }

    /// [`Service::delete_record`] of a lead.
    ///
    /// # Errors
    /// As there.
    pub async fn delete_lead(
        &self,
        actor: &Actor,
        id: i64,
        version: i64,
        reason: String,
    ) -> ServiceResult<i64> {
        self.delete_record(
            actor,
            Deletion {
                kind: RecordKind::Lead,
                id,
                version,
                reason,
            },
        )
        .await
    }

    async fn delete_lead_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        deletion: Deletion,
    ) -> ServiceResult<i64> {
        let lead = existing_held(transaction, deletion.id).await?;
        require(actor, write_action(RecordKind::Lead, lead.bureau_id))?;
        if lead.version != deletion.version {
            return Err(stale(lead.version));
        }
        let reason = reason(deletion.reason)?;
        hold_company(transaction, lead.enterprise_id).await?;
        let now = self.now();
        // Only the claim that this lead made: an older one of the bureau may belong to another lead.
        let held = claim::Entity::find()
            .filter(claim::Column::LeadId.eq(lead.id))
            .filter(claim::Column::ReleasedAt.is_null())
            .one(transaction)
            .await?;
        let claim_until = held.as_ref().map(|held| held.expires_on);
        if let Some(held) = held {
            self.release(transaction, actor, held).await?;
        }
        let (lead_id, version) = (lead.id, lead.version + 1);
        // Nothing else is touched, so that it comes back as it was.
        let mut deleted: lead::ActiveModel = lead.into();
        deleted.deleted_at = Set(Some(now));
        deleted.version = Set(version);
        deleted.update(transaction).await?;
        tell(
            transaction,
            actor,
            lead_id,
            EventKind::Deleted,
            reason.clone(),
            now,
        )
        .await?;
        record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "delete",
                entity: RecordKind::Lead.key(),
                entity_id: lead_id,
                before: Some(json!({ "deleted": false, "claim_until": claim_until })),
                after: Some(
                    json!({ "deleted": true, "claim_until": null, "reason": reason, "version": version }),
                ),
            },
        )
        .await?;
        Ok(version)
    }

    async fn delete_trip_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        deletion: Deletion,
    ) -> ServiceResult<i64> {
        let trip = trip::Entity::find_by_id(deletion.id)
            .lock(LockType::NoKeyUpdate)
            .one(transaction)
            .await?
            .filter(|trip| trip.deleted_at.is_none())
            .ok_or(Problem::NotFound)?;
        require(actor, write_action(RecordKind::Trip, trip.bureau_id))?;
        if trip.version != deletion.version {
            return Err(stale(trip.version));
        }
        let reason = reason(deletion.reason)?;
        let now = self.now();
        let (trip_id, version) = (trip.id, trip.version + 1);
        let mut deleted: trip::ActiveModel = trip.into();
        deleted.deleted_at = Set(Some(now));
        deleted.version = Set(version);
        deleted.update(transaction).await?;
        record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "delete",
                entity: RecordKind::Trip.key(),
                entity_id: trip_id,
                before: Some(json!({ "deleted": false })),
                after: Some(json!({ "deleted": true, "reason": reason, "version": version })),
            },
        )
        .await?;
        Ok(version)
    }

    /// Brings a record back exactly where it was and returns its new version. A lead takes the claim again that it gave up,
    /// with the end that it had.
    ///
    /// # Errors
    /// [`Problem::ClaimHeld`] when another bureau holds the company now, [`Problem::LeadExists`] when the own bureau has
    /// another open lead of it; nothing is restored then. [`Problem::NotFound`] for what is not in the bin,
    /// [`Problem::Forbidden`].
    pub async fn restore_record(&self, actor: &Actor, tag: RecordTag) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let version = self.restore_in(&transaction, actor, tag, None).await?;
        transaction.commit().await?;
        Ok(version)
    }

    pub(super) async fn restore_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        tag: RecordTag,
        undo_of: Option<i64>,
    ) -> ServiceResult<i64> {
        match tag.kind {
            RecordKind::Lead => {
                self.restore_lead_in(transaction, actor, tag.id, undo_of)
                    .await
            }
            RecordKind::Trip => {
                self.restore_trip_in(transaction, actor, tag.id, undo_of)
                    .await
            }
        }
    }

    async fn restore_lead_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        id: i64,
        undo_of: Option<i64>,
    ) -> ServiceResult<i64> {
        let (lead, deleted_at) = deleted_lead(transaction, id).await?;
        let bureau_id = lead.bureau_id;
        require(actor, write_action(RecordKind::Lead, bureau_id))?;
        hold_company(transaction, lead.enterprise_id).await?;
        // A lost lead is no open one and takes no company from anybody.
        let is_open = !has_ended(&lead);
        if is_open {
            let other = open_leads()
                .filter(lead::Column::EnterpriseId.eq(lead.enterprise_id))
                .filter(lead::Column::BureauId.eq(bureau_id))
                .one(transaction)
                .await?;
            if let Some(other) = other {
                return Err(Problem::LeadExists { lead_id: other.id }.into());
            }
        }
        // The one that was given up in the moment of the deletion; a lost lead had none by then.
        let given_up = claim::Entity::find()
            .filter(claim::Column::LeadId.eq(lead.id))
            .filter(claim::Column::ReleasedAt.eq(deleted_at))
            .order_by_desc(claim::Column::Id)
            .one(transaction)
            .await?
            .filter(|_| is_open);
        let now = self.now();
        let claim_until = given_up.map(|claim| claim.expires_on);
        if let Some(expires_on) = claim_until {
            self.restore_claim(transaction, actor, &lead, expires_on)
                .await?;
        }
        let version = lead.version + 1;
        let mut restored: lead::ActiveModel = lead.into();
        restored.deleted_at = Set(None);
        restored.version = Set(version);
        restored.update(transaction).await?;
        tell(
            transaction,
            actor,
            id,
            EventKind::Restored,
            String::new(),
            now,
        )
        .await?;
        record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "restore",
                entity: RecordKind::Lead.key(),
                entity_id: id,
                before: Some(json!({ "deleted": true, "claim_until": null })),
                after: Some(undoing(
                    json!({ "deleted": false, "claim_until": claim_until, "version": version }),
                    undo_of,
                )),
            },
        )
        .await?;
        Ok(version)
    }

    async fn restore_trip_in(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        id: i64,
        undo_of: Option<i64>,
    ) -> ServiceResult<i64> {
        let (trip, _) = deleted_trip(transaction, id).await?;
        require(actor, write_action(RecordKind::Trip, trip.bureau_id))?;
        let version = trip.version + 1;
        let mut restored: trip::ActiveModel = trip.into();
        restored.deleted_at = Set(None);
        restored.version = Set(version);
        restored.update(transaction).await?;
        record(
            transaction,
            Some(actor),
            self.now(),
            Change {
                action: "restore",
                entity: RecordKind::Trip.key(),
                entity_id: id,
                before: Some(json!({ "deleted": true })),
                after: Some(undoing(
                    json!({ "deleted": false, "version": version }),
                    undo_of,
                )),
            },
        )
        .await?;
        Ok(version)
    }

    /// Removes a record for good that has been in the bin for [`PURGE_DAYS`]. What the audit says of it stays.
    ///
    /// # Errors
    /// [`Problem::TooEarly`], [`Problem::NotFound`] for what is not in the bin, [`Problem::Forbidden`].
    pub async fn purge_record(&self, actor: &Actor, tag: RecordTag) -> ServiceResult<()> {
        require(actor, Action::PurgeBin)?;
        let transaction = self.database.begin().await?;
        let now = self.now();
        let late_enough = |deleted_at: DateTime<Utc>| {
            let on = local_date(deleted_at + Duration::days(PURGE_DAYS));
            if local_date(now) < on {
                Err(Problem::TooEarly { on: on.to_string() })
            } else {
                Ok(())
            }
        };
        let before = match tag.kind {
            RecordKind::Lead => {
                let (lead, deleted_at) = deleted_lead(&transaction, tag.id).await?;
                late_enough(deleted_at)?;
                lead_left(&transaction, &lead).await?
            }
            RecordKind::Trip => {
                let (trip, deleted_at) = deleted_trip(&transaction, tag.id).await?;
                late_enough(deleted_at)?;
                json!({
                    "name": trip.name, "bureau_id": trip.bureau_id, "owner_id": trip.owner_id,
                    "start_on": trip.start_on, "days": trip.days, "teams": trip.teams,
                    "start_city": trip.start_city, "deleted": true,
                })
            }
        };
        record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "purge",
                entity: tag.kind.key(),
                entity_id: tag.id,
                before: Some(before),
                after: None,
            },
        )
        .await?;
        match tag.kind {
            RecordKind::Lead => {
                // The visits that a trip planned stay, as visits to the company; claims, evidence and the timeline go.
                trip_candidate::Entity::update_many()
                    .col_expr(trip_candidate::Column::LeadId, Expr::value(None::<i64>))
                    .filter(trip_candidate::Column::LeadId.eq(tag.id))
                    .exec(&transaction)
                    .await?;
                // So does what was written down of them: the foreign key lets go of the lead.
                lead::Entity::delete_by_id(tag.id)
                    .exec(&transaction)
                    .await?;
            }
            RecordKind::Trip => {
                trip::Entity::delete_by_id(tag.id)
                    .exec(&transaction)
                    .await?;
            }
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The deleted records that a person may bring back, the latest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn bin_page(&self, actor: &Actor, query: BinQuery) -> ServiceResult<BinPage> {
        let database = self.database.read();
        let kind = query.kind;
        let last = |total: u64| Ord::min(query.page, total.saturating_sub(1) / BIN_PAGE);
        let (records, total, page) = match kind {
            RecordKind::Lead => {
                let matching = lead::Entity::find()
                    .filter(lead::Column::DeletedAt.is_not_null())
                    .filter(writable(actor, kind, lead::Column::BureauId));
                let total = matching.clone().count(database).await?;
                let page = last(total);
                let leads = matching
                    .order_by_desc(lead::Column::DeletedAt)
                    .order_by_desc(lead::Column::Id)
                    .offset(page * BIN_PAGE)
                    .limit(BIN_PAGE)
                    .all(database)
                    .await?;
                let companies: HashMap<i64, String> = enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .column(enterprise::Column::Name)
                    .filter(
                        enterprise::Column::Id.is_in(leads.iter().map(|lead| lead.enterprise_id)),
                    )
                    .into_tuple::<(i64, String)>()
                    .all(database)
                    .await?
                    .into_iter()
                    .collect();
                let records: Vec<Deleted> = leads
                    .into_iter()
                    .filter_map(|lead| {
                        Some(Deleted {
                            id: lead.id,
                            title: lead.title,
                            enterprise_name: companies.get(&lead.enterprise_id).cloned(),
                            stage: Stage::from_number(lead.stage),
                            bureau_id: lead.bureau_id,
                            deleted_at: lead.deleted_at?,
                        })
                    })
                    .collect();
                (records, total, page)
            }
            RecordKind::Trip => {
                let matching = trip::Entity::find()
                    .filter(trip::Column::DeletedAt.is_not_null())
                    .filter(writable(actor, kind, trip::Column::BureauId));
                let total = matching.clone().count(database).await?;
                let page = last(total);
                let records: Vec<Deleted> = matching
                    .order_by_desc(trip::Column::DeletedAt)
                    .order_by_desc(trip::Column::Id)
                    .offset(page * BIN_PAGE)
                    .limit(BIN_PAGE)
                    .all(database)
                    .await?
                    .into_iter()
                    .filter_map(|trip| {
                        Some(Deleted {
                            id: trip.id,
                            title: trip.name,
                            enterprise_name: None,
                            stage: None,
                            bureau_id: trip.bureau_id,
                            deleted_at: trip.deleted_at?,
                        })
                    })
                    .collect();
                (records, total, page)
            }
        };
        // Who and why stand in the audit: the latest deletion of each.
        let acts: HashMap<i64, audit::Model> = audit::Entity::find()
            .filter(audit::Column::Entity.eq(kind.key()))
            .filter(audit::Column::EntityId.is_in(records.iter().map(|record| record.id)))
            .filter(audit::Column::Action.eq("delete"))
            .order_by_asc(audit::Column::Id)
            .all(database)
            .await?
            .into_iter()
            .map(|row| (row.entity_id, row))
            .collect();
        let people = self
            .account_names(acts.values().filter_map(|row| row.account_id))
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        let today = self.today();
        let items = records
            .into_iter()
            .map(|record| {
                let act = acts.get(&record.id);
                let purge_on = local_date(record.deleted_at + Duration::days(PURGE_DAYS));
                BinItem {
                    kind,
                    id: record.id,
                    title: record.title,
                    enterprise_name: record.enterprise_name,
                    stage: record.stage,
                    bureau: bureaus.get(&record.bureau_id).cloned().unwrap_or_default(),
                    by: act
                        .and_then(|row| people.get(&row.account_id?).cloned())
                        .unwrap_or_default(),
                    deleted_at: record.deleted_at,
                    reason: act
                        .and_then(|row| row.after.as_ref())
                        .and_then(|after| after["reason"].as_str())
                        .unwrap_or_default()
                        .to_owned(),
                    purge_on,
                    may_purge: purge_on <= today && actor.may(Action::PurgeBin),
                }
            })
            .collect();
        Ok(BinPage {
            kind,
            items,
            total,
            page,
        })
    }
}

struct Deleted {
    id: i64,
    title: String,
    enterprise_name: Option<String>,
    stage: Option<Stage>,
    bureau_id: i64,
    deleted_at: DateTime<Utc>,
}

/// The records that a person may write: every bureau's, the own bureau's, or none.
fn writable(actor: &Actor, kind: RecordKind, column: impl ColumnTrait) -> Condition {
    if actor.may(Action::PurgeBin) {
        return Condition::all();
    }
    actor
        .bureau_id
        .filter(|bureau_id| actor.may(write_action(kind, *bureau_id)))
        .map_or_else(nothing, |bureau_id| {
            Condition::all().add(column.eq(bureau_id))
        })
}

async fn deleted_lead(
    transaction: &DatabaseTransaction,
    id: i64,
) -> ServiceResult<(lead::Model, DateTime<Utc>)> {
    lead::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?
        .and_then(|lead| lead.deleted_at.map(|at| (lead, at)))
        .ok_or_else(|| Problem::NotFound.into())
}

async fn deleted_trip(
    transaction: &DatabaseTransaction,
    id: i64,
) -> ServiceResult<(trip::Model, DateTime<Utc>)> {
    trip::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?
        .and_then(|trip| trip.deleted_at.map(|at| (trip, at)))
        .ok_or_else(|| Problem::NotFound.into())
}

/// What the audit keeps of a lead that goes for good.
async fn lead_left(connection: &impl ConnectionTrait, lead: &lead::Model) -> ServiceResult<Value> {
    let events = lead_event::Entity::find()
        .filter(lead_event::Column::LeadId.eq(lead.id))
        .count(connection)
        .await?;
    let entries = stage_evidence::Entity::find()
        .filter(stage_evidence::Column::LeadId.eq(lead.id))
        .count(connection)
        .await?;
    Ok(json!({
        "title": lead.title, "enterprise_id": lead.enterprise_id, "bureau_id": lead.bureau_id,
        "owner_id": lead.owner_id, "chain_node_id": lead.chain_node_id, "source": lead.source,
        "stage": Stage::from_number(lead.stage).map(Stage::key), "side_state": lead.side_state,
        "investment_wan": lead.investment_wan, "land_mu": lead.land_mu, "created_at": lead.created_at,
        "events": events, "entries": entries, "deleted": true,
    }))
}

async fn tell(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    lead_id: i64,
    kind: EventKind,
    body: String,
    now: DateTime<Utc>,
) -> ServiceResult<()> {
    lead_event::ActiveModel {
        lead_id: Set(lead_id),
        kind: Set(kind.key().to_owned()),
        body: Set(body),
        detail: Set(None),
        account_id: Set(actor.account_id),
        happened_at: Set(now),
        created_at: Set(now),
        ..Default::default()
    }
    .insert(transaction)
    .await?;
    Ok(())
}
