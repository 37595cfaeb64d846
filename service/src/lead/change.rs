//! A lead's own fields, and the states beside the track. Stages are changed by the gate alone.

use domain::{
    account::{Action, Actor, Role},
    lead::{
        EventKind, LeadChange, LeadChoices, NOTE_LIMIT, SideState, SideStateChange, TITLE_LIMIT,
    },
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{account, chain, chain_node, lead, lead_event};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use super::{
    claim::has_ended,
    existing_held,
    register::{hold_company, numbers},
};
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    needed_text, require,
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
        let lead = existing_held(&transaction, change.lead_id).await?;
        let bureau_id = lead.bureau_id;
        require(actor, Action::WriteLead { bureau_id })?;
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
        hold_company(&transaction, lead.enterprise_id).await?;
        if change.to == Some(SideState::Lost) {
            self.release_claim(&transaction, actor, &lead).await?;
        } else if has_ended(&lead) {
            let other = open_leads()
                .filter(lead::Column::EnterpriseId.eq(lead.enterprise_id))
                .filter(lead::Column::BureauId.eq(bureau_id))
                .filter(lead::Column::Id.ne(lead.id))
                .one(&transaction)
                .await?;
            if let Some(other) = other {
                return Err(Problem::LeadExists { lead_id: other.id }.into());
            }
            let rule = self.rule_pack(&transaction).await?.claim;
            self.keep_claim(&transaction, actor, &rule, &lead).await?;
        }
        let now = self.now();
        let (lead_id, version) = (lead.id, lead.version + 1);
        let mut moved: lead::ActiveModel = lead.into();
        moved.side_state = Set(change.to.map(|to| to.key().to_owned()));
        moved.last_activity_at = Set(now);
        moved.updated_at = Set(now);
        moved.version = Set(version);
        moved.update(&transaction).await?;
        let detail = json!({ "from": key(from), "to": key(change.to) });
        self.tell(
            &transaction,
            actor,
            lead_id,
            EventKind::SideState,
            reason,
            &detail,
        )
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "side_state",
                entity: "lead",
                entity_id: lead_id,
                before: Some(json!({ "side_state": key(from) })),
                after: Some(detail),
            },
        )
        .await?;
        transaction.commit().await?;
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
        let held = existing_held(&transaction, lead_id).await?;
        let bureau_id = held.bureau_id;
        require(actor, Action::WriteLead { bureau_id })?;
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
        fields.extend(numbers(after.investment_wan, after.land_mu));
        if let Some(node_id) = change.chain_node_id {
            after.chain_node_id = node_id;
            let is_known = match node_id {
                Some(id) => chain_node::Entity::find_by_id(id)
                    .one(&transaction)
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
            let is_known = owners(&transaction, bureau_id)
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
        let mut row: lead::ActiveModel = held.into();
        row.title = Set(after.title);
        row.source = Set(after.source);
        row.investment_wan = Set(after.investment_wan);
        row.land_mu = Set(after.land_mu);
        row.chain_node_id = Set(after.chain_node_id);
        row.owner_id = Set(after.owner_id);
        row.last_activity_at = Set(now);
        row.updated_at = Set(now);
        row.version = Set(version);
        row.update(&transaction).await?;
        let detail = json!({ "fields": self.named(&transaction, &changed).await? });
        self.tell(
            &transaction,
            actor,
            lead_id,
            EventKind::Changed,
            String::new(),
            &detail,
        )
        .await?;
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
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "change",
                entity: "lead",
                entity_id: lead_id,
                before: Some(side(false)),
                after: Some(side(true)),
            },
        )
        .await?;
        transaction.commit().await?;
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

    async fn tell(
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
    Problem::Stale {
        fields,
        version: lead.version,
    }
    .into()
}

/// The people who may own a lead of a bureau: those who write leads there.
pub(super) async fn owners(
    connection: &impl ConnectionTrait,
    bureau_id: i64,
) -> ServiceResult<Vec<(i64, String)>> {
    let owning = Role::ALL
        .into_iter()
        .filter(|role| role.owns_leads())
        .map(Role::key);
    Ok(account::Entity::find()
        .select_only()
        .column(account::Column::Id)
        .column(account::Column::Name)
        .filter(account::Column::BureauId.eq(bureau_id))
        .filter(account::Column::Role.is_in(owning))
        .order_by_asc(account::Column::Id)
        .into_tuple()
        .all(connection)
        .await?)
}

/// The fields that differ, with their values before and after as text; ids stay ids.
fn differences(before: &lead::Model, after: &lead::Model) -> Vec<(&'static str, String, String)> {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let land = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let id = |value: i64| value.to_string();
    [
        ("title", before.title.clone(), after.title.clone()),
        ("source", before.source.clone(), after.source.clone()),
        (
            "investment_wan",
            number(before.investment_wan),
            number(after.investment_wan),
        ),
        ("land_mu", land(before.land_mu), land(after.land_mu)),
        (
            "chain_node_id",
            number(before.chain_node_id),
            number(after.chain_node_id),
        ),
        ("owner_id", id(before.owner_id), id(after.owner_id)),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .collect()
}
