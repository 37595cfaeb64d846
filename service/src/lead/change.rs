//! A lead's own fields, and the states beside the track. Stages are changed by the gate alone.

use domain::{
    account::{Action, Actor, Role},
    lead::{
        EventKind, LeadChange, LeadChoices, NOTE_LIMIT, SideState, SideStateChange, Stage,
        TITLE_LIMIT,
    },
    notice::{NoticeDetail, NoticeKind},
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{account, chain, chain_node, lead, lead_event};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::{Value, json};

use super::{
    claim::has_ended,
    register::{hold_company, numbers},
    work::energy_problems,
    writable_held,
};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    needed_text,
    notice::tell_of_lead,
    require,
};

impl Service {
    /// Takes a lead off the track (暂缓, 失联, 终止) or puts it back, with the reason, and returns its new version. A
    /// lost lead gives its claim up; coming back it takes it again, when nobody else holds the company.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::Invalid`], [`Problem::ClaimHeld`], [`Problem::LeadExists`],
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn set_side_state(
        &self,
        actor: &Actor,
        change: SideStateChange,
    ) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let lead = writable_held(&transaction, actor, change.lead_id).await?;
        let version = self
            .put_aside(&transaction, actor, lead, change, None)
            .await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// [`Service::set_side_state`] of a lead from [`writable_held`], in that transaction; `undo_of` is the audit row
    /// that it undoes, if it does.
    pub(crate) async fn put_aside(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        change: SideStateChange,
        undo_of: Option<i64>,
    ) -> ServiceResult<i64> {
        let bureau_id = lead.bureau_id;
        let from = lead.side_state.as_deref().and_then(SideState::from_key);
        let key = |state: Option<SideState>| state.map_or("", SideState::key).to_owned();
        if lead.version != change.version {
            let field = StaleField {
                field: "side_state".to_owned(),
                theirs: key(from),
                yours: key(change.to),
            };
            return Err(stale(&lead, vec![field]));
        }
        let mut fields = Vec::new();
        let reason = needed_text("reason", change.reason, NOTE_LIMIT, &mut fields);
        if change.to.is_some_and(|to| !SideState::SET.contains(&to)) || change.to == from {
            fields.push(FieldProblem::new("to", FieldProblemKind::NotAChoice));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        hold_company(transaction, lead.enterprise_id).await?;
        if change.to == Some(SideState::Lost) {
            self.release_claim(transaction, actor, &lead).await?;
        } else if has_ended(&lead) {
            let other = open_leads()
                .filter(lead::Column::EnterpriseId.eq(lead.enterprise_id))
                .filter(lead::Column::BureauId.eq(bureau_id))
                .filter(lead::Column::Id.ne(lead.id))
                .one(transaction)
                .await?;
            if let Some(other) = other {
                return Err(Problem::LeadExists { lead_id: other.id }.into());
            }
            let rule = self.rule_pack(transaction).await?.claim;
            self.keep_claim(transaction, actor, &rule, &lead).await?;
        }
        let now = self.now();
        let (lead_id, version) = (lead.id, lead.version + 1);
        let (owner_id, enterprise_id) = (lead.owner_id, lead.enterprise_id);
        let mut moved: lead::ActiveModel = lead.into();
        moved.side_state = Set(change.to.map(|to| to.key().to_owned()));
        moved.last_activity_at = Set(now);
        moved.updated_at = Set(now);
        moved.version = Set(version);
        moved.update(transaction).await?;
        let detail = json!({ "from": key(from), "to": key(change.to) });
        self.tell(
            transaction,
            actor,
            lead_id,
            EventKind::SideState,
            reason.clone(),
            &detail,
        )
        .await?;
        let told = NoticeDetail {
            to: key(change.to),
            ..NoticeDetail::default()
        };
        let kind = NoticeKind::SideStateSet;
        tell_of_lead(
            transaction,
            actor,
            owner_id,
            now,
            kind,
            (lead_id, enterprise_id),
            told,
        )
        .await?;
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "side_state",
                entity: "lead",
                entity_id: lead_id,
                before: Some(json!({ "side_state": key(from) })),
                after: Some(audit::undoing(
                    json!({ "side_state": key(change.to), "reason": reason, "version": version }),
                    undo_of,
                )),
            },
        )
        .await?;
        Ok(version)
    }

    /// Changes fields of a lead and returns its new version. `seen` is the version the person saw.
    ///
    /// # Errors
    /// [`Problem::Stale`] with the fields that somebody else changed differently, [`Problem::Invalid`] with every
    /// wrong field, [`Problem::NotFound`], [`Problem::Forbidden`]. Nothing is written then.
    pub async fn change_lead(
        &self,
        actor: &Actor,
        lead_id: i64,
        seen: i64,
        change: LeadChange,
    ) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let held = writable_held(&transaction, actor, lead_id).await?;
        let version = self
            .change_fields(&transaction, actor, (held, seen), change, None)
            .await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// [`Service::change_lead`] of a lead from [`writable_held`], in that transaction; `undo_of` is the audit row that
    /// it undoes, if it does.
    pub(crate) async fn change_fields(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        (held, seen): (lead::Model, i64),
        change: LeadChange,
        undo_of: Option<i64>,
    ) -> ServiceResult<i64> {
        let (lead_id, bureau_id) = (held.id, held.bureau_id);
        let mut fields = Vec::new();
        let mut after = held.clone();
        if let Some(title) = change.title {
            after.title = needed_text("title", title, TITLE_LIMIT, &mut fields);
        }
        if let Some(source) = change.source {
            after.source = needed_text("source", source, TITLE_LIMIT, &mut fields);
        }
        if let Some(investment) = change.investment_wan {
            after.investment_wan = investment;
        }
        if let Some(land) = change.land_mu {
            after.land_mu = land;
        }
        if let Some(power) = change.power_kva {
            after.power_kva = power;
        }
        if let Some(energy) = change.energy_tce {
            after.energy_tce = energy;
        }
        fields.extend(numbers(after.investment_wan, after.land_mu));
        fields.extend(energy_problems(after.power_kva, after.energy_tce));
        if let Some(node_id) = change.chain_node_id {
            after.chain_node_id = node_id;
            let is_known = match node_id {
                Some(id) => chain_node::Entity::find_by_id(id)
                    .one(transaction)
                    .await?
                    .is_some(),
                None => true,
            };
            if !is_known {
                fields.push(FieldProblem::new(
                    "chain_node_id",
                    FieldProblemKind::Unknown,
                ));
            }
        }
        if let Some(owner_id) = change.owner_id {
            after.owner_id = owner_id;
            let is_known = owners(transaction, bureau_id)
                .await?
                .iter()
                .any(|(id, _)| *id == owner_id);
            if !is_known && owner_id != held.owner_id {
                fields.push(FieldProblem::new("owner_id", FieldProblemKind::Unknown));
            }
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let changed = differences(&held, &after);
        if changed.is_empty() {
            return Ok(held.version);
        }
        if held.version != seen {
            let fields = changed
                .into_iter()
                .map(|(field, theirs, yours)| StaleField {
                    field: field.to_owned(),
                    theirs,
                    yours,
                })
                .collect::<Vec<_>>();
            return Err(stale(&held, fields));
        }
        let now = self.now();
        let version = held.version + 1;
        let (enterprise_id, new_owner) = (
            held.enterprise_id,
            (after.owner_id != held.owner_id).then_some(after.owner_id),
        );
        let mut row: lead::ActiveModel = held.into();
        row.find_key = Set(crate::find::find_key(&after.title));
        row.title = Set(after.title);
        row.source = Set(after.source);
        row.investment_wan = Set(after.investment_wan);
        row.land_mu = Set(after.land_mu);
        row.power_kva = Set(after.power_kva);
        row.energy_tce = Set(after.energy_tce);
        row.chain_node_id = Set(after.chain_node_id);
        row.owner_id = Set(after.owner_id);
        row.last_activity_at = Set(now);
        row.updated_at = Set(now);
        row.version = Set(version);
        row.update(transaction).await?;
        let detail = json!({ "fields": self.named(transaction, &changed).await? });
        self.tell(
            transaction,
            actor,
            lead_id,
            EventKind::Changed,
            String::new(),
            &detail,
        )
        .await?;
        if let Some(new_owner) = new_owner {
            tell_of_lead(
                transaction,
                actor,
                new_owner,
                now,
                NoticeKind::LeadAssigned,
                (lead_id, enterprise_id),
                NoticeDetail::default(),
            )
            .await?;
        }
        let side = |is_after: bool| -> Value {
            changed
                .iter()
                .map(|(field, before, after)| {
                    let text = if is_after { after } else { before };
                    ((*field).to_owned(), Value::String(text.clone()))
                })
                .collect::<serde_json::Map<String, Value>>()
                .into()
        };
        let mut after = side(true);
        if let Some(after) = after.as_object_mut() {
            after.insert("version".to_owned(), version.into());
        }
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "change",
                entity: "lead",
                entity_id: lead_id,
                before: Some(side(false)),
                after: Some(audit::undoing(after, undo_of)),
            },
        )
        .await?;
        Ok(version)
    }

    /// What may be chosen in the form of a lead: nodes of all chains, people of its bureau.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn lead_choices(&self, actor: &Actor, lead_id: i64) -> ServiceResult<LeadChoices> {
        let database = self.database.read();
        let bureau_id = super::existing(database, lead_id).await?.bureau_id;
        require(actor, Action::WriteLead { bureau_id })?;
        let nodes: Vec<(i64, String, String)> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .column(chain::Column::Name)
            .column(chain_node::Column::Name)
            .join(
                sea_orm::JoinType::InnerJoin,
                chain_node::Entity::belongs_to(chain::Entity)
                    .from(chain_node::Column::ChainId)
                    .to(chain::Column::Id)
                    .into(),
            )
            .order_by_asc(chain::Column::Position)
            .order_by_asc(chain_node::Column::Position)
            .into_tuple()
            .all(database)
            .await?;
        Ok(LeadChoices {
            nodes,
            owners: owners(database, bureau_id).await?,
        })
    }

    /// The same differences with names in the place of ids, as people read them on the timeline.
    async fn named(
        &self,
        transaction: &DatabaseTransaction,
        changed: &[(&'static str, String, String)],
    ) -> ServiceResult<Vec<(&'static str, String, String)>> {
        let mut named = changed.to_vec();
        for (field, before, after) in &mut named {
            for text in [before, after] {
                let Ok(id) = text.parse::<i64>() else {
                    continue;
                };
                let name = match *field {
                    "owner_id" => account::Entity::find_by_id(id)
                        .one(transaction)
                        .await?
                        .map(|person| person.name),
                    "chain_node_id" => chain_node::Entity::find_by_id(id)
                        .one(transaction)
                        .await?
                        .map(|node| node.name),
                    _ => None,
                };
                if let Some(name) = name {
                    *text = name;
                }
            }
        }
        Ok(named)
    }

    /// Writes a line of the timeline that the program itself words.
    pub(super) async fn tell(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead_id: i64,
        kind: EventKind,
        body: String,
        detail: &Value,
    ) -> ServiceResult<()> {
        let now = self.now();
        lead_event::ActiveModel {
            lead_id: Set(lead_id),
            kind: Set(kind.key().to_owned()),
            body: Set(body),
            detail: Set(Some(detail.clone())),
            account_id: Set(actor.account_id),
            happened_at: Set(now),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        Ok(())
    }
}

fn stale(lead: &lead::Model, fields: Vec<StaleField>) -> crate::ServiceError {
    stale_at(lead.version, fields)
}

pub(super) fn stale_at(version: i64, fields: Vec<StaleField>) -> crate::ServiceError {
    Problem::Stale { fields, version }.into()
}

/// The accounts whose roles own leads of a bureau, the oldest first.
pub(crate) fn owning_accounts(bureau_id: i64) -> Select<account::Entity> {
    let owning = Role::ALL
        .into_iter()
        .filter(|role| role.owns_leads())
        .map(Role::key);
    account::Entity::find()
        .filter(account::Column::BureauId.eq(bureau_id))
        .filter(account::Column::Role.is_in(owning))
        .order_by_asc(account::Column::Id)
}

/// The people who may own a lead of a bureau: those who write leads there.
pub(super) async fn owners(
    connection: &impl ConnectionTrait,
    bureau_id: i64,
) -> ServiceResult<Vec<(i64, String)>> {
    Ok(owning_accounts(bureau_id)
        .select_only()
        .column(account::Column::Id)
        .column(account::Column::Name)
        .into_tuple()
        .all(connection)
        .await?)
}

/// A field of a lead as the audit writes it; `None` for what is no field of its row.
pub(crate) fn field_text(lead: &lead::Model, field: &str) -> Option<String> {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    Some(match field {
        "title" => lead.title.clone(),
        "source" => lead.source.clone(),
        "investment_wan" => number(lead.investment_wan),
        "land_mu" => lead
            .land_mu
            .map(|value| value.to_string())
            .unwrap_or_default(),
        "power_kva" => number(lead.power_kva),
        "energy_tce" => number(lead.energy_tce),
        "chain_node_id" => number(lead.chain_node_id),
        "owner_id" => lead.owner_id.to_string(),
        "side_state" => lead.side_state.clone().unwrap_or_default(),
        "stage" => Stage::from_number(lead.stage)
            .map(Stage::key)
            .unwrap_or_default()
            .to_owned(),
        _ => return None,
    })
}

/// The fields that differ, with their values before and after as text; ids stay ids.
fn differences(before: &lead::Model, after: &lead::Model) -> Vec<(&'static str, String, String)> {
    let text = |lead: &lead::Model, field: &str| field_text(lead, field).unwrap_or_default();
    [
        "title",
        "source",
        "investment_wan",
        "land_mu",
        "power_kva",
        "energy_tce",
        "chain_node_id",
        "owner_id",
    ]
    .into_iter()
    .map(|field| (field, text(before, field), text(after, field)))
    .filter(|(_, before, after)| before != after)
    .collect()
}
