//! Questions to the finder, kept under a name and shared with the bureau.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    enterprise::FILTER_VALUES,
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
    target::{
        NewTargetQuery, QUERY_LIMIT, QUERY_NAME_LIMIT, SavedTargetQuery, TargetQuery,
        TargetQueryChange,
    },
};
use entity::{chain, chain_node, target_query};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::sharing::{reading, shared, visible, writing};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    lead::bureau_names,
    needed_text, require,
};

/// Questions that are shown.
const SHOWN: u64 = 300;
/// Characters of the words of a question: as many as the finder reads.
const TEXT_LIMIT: usize = 2_000;
/// Characters of a place, an industry or a tag.
const WORD_LIMIT: usize = 100;

/// What of a question is kept: not the page that was looked at.
async fn kept(
    connection: &impl ConnectionTrait,
    query: TargetQuery,
    fields: &mut Vec<FieldProblem>,
) -> ServiceResult<TargetQuery> {
    let text = crate::clean_text("text", query.text.clone(), TEXT_LIMIT, fields);
    if query.node_id.is_none() && text.is_empty() {
        fields.push(FieldProblem::new("text", FieldProblemKind::Required));
    }
    let mut filter = query.filter.clone();
    let areas = filter
        .areas
        .iter_mut()
        .flat_map(|area| [&mut area.province, &mut area.city]);
    let words = filter
        .regions
        .iter_mut()
        .chain(&mut filter.industries)
        .chain(&mut filter.sw_industries)
        .chain(&mut filter.tags)
        .chain(areas);
    for word in words {
        *word = crate::clean_text("filter", std::mem::take(word), WORD_LIMIT, fields);
    }
    if !filter.is_short() {
        let limit = FILTER_VALUES;
        fields.push(FieldProblem::new(
            "filter",
            FieldProblemKind::TooLong { limit },
        ));
    }
    if let Some(node_id) = query.node_id {
        let node = chain_node::Entity::find_by_id(node_id)
            .one(connection)
            .await?;
        if node.is_none() {
            fields.push(FieldProblem::new("node_id", FieldProblemKind::Unknown));
        }
    }
    Ok(TargetQuery {
        text,
        filter,
        page: 0,
        ..query
    })
}

fn query_of(row: &target_query::Model) -> ServiceResult<TargetQuery> {
    use serde::Deserialize;
    TargetQuery::deserialize(&row.query).map_err(ServiceError::internal)
}

impl Service {
    /// The questions that this person has, own ones and those shared with the bureau, in the order of their names.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn target_queries(&self, actor: &Actor) -> ServiceResult<Vec<SavedTargetQuery>> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let visible = visible(
            actor,
            target_query::Column::AccountId,
            target_query::Column::BureauId,
        );
        let rows = target_query::Entity::find()
            .filter(target_query::Column::DeletedAt.is_null())
            .filter(visible)
            .order_by_desc(target_query::Column::UpdatedAt)
            .order_by_desc(target_query::Column::Id)
            .limit(SHOWN)
            .all(database)
            .await?;
        let queries = rows
            .iter()
            .map(query_of)
            .collect::<ServiceResult<Vec<TargetQuery>>>()?;
        let asked: Vec<i64> = queries.iter().filter_map(|query| query.node_id).collect();
        let nodes: Vec<(i64, i64, String)> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .column(chain_node::Column::ChainId)
            .column(chain_node::Column::Name)
            .filter(chain_node::Column::Id.is_in(asked))
            .into_tuple()
            .all(database)
            .await?;
        let chains: HashMap<i64, String> = chain::Entity::find()
            .select_only()
            .column(chain::Column::Id)
            .column(chain::Column::Name)
            .filter(chain::Column::Id.is_in(nodes.iter().map(|(_, chain_id, _)| *chain_id)))
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let nodes: HashMap<i64, (String, String)> = nodes
            .into_iter()
            .map(|(id, chain_id, node)| {
                let chain = chains.get(&chain_id).cloned().unwrap_or_default();
                (id, (chain, node))
            })
            .collect();
        let people = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        let bureaus = bureau_names(database).await?;
        Ok(rows
            .into_iter()
            .zip(queries)
            .map(|(row, query)| SavedTargetQuery {
                id: row.id,
                owner: people.get(&row.account_id).cloned().unwrap_or_default(),
                bureau: row.bureau_id.and_then(|id| bureaus.get(&id).cloned()),
                node: query.node_id.and_then(|id| nodes.get(&id).cloned()),
                query,
                updated_at: row.updated_at,
                version: row.version,
                may_write: actor.may(writing(row.account_id, row.bureau_id)),
                may_share: row.account_id == actor.account_id && shared(actor, true).is_ok(),
                name: row.name,
            })
            .collect())
    }

    /// Keeps a question and returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every wrong field, [`Problem::TooManyViews`], [`Problem::Forbidden`] for who has no bureau
    /// to share it with.
    pub async fn save_target_query(
        &self,
        actor: &Actor,
        new: NewTargetQuery,
    ) -> ServiceResult<i64> {
        require(actor, Action::ReadZone)?;
        let bureau_id = shared(actor, new.is_shared)?;
        let mut fields = Vec::new();
        let name = needed_text("name", new.name, QUERY_NAME_LIMIT, &mut fields);
        let transaction = self.database.begin().await?;
        let query = kept(&transaction, new.query, &mut fields).await?;
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let own = target_query::Entity::find()
            .filter(target_query::Column::AccountId.eq(actor.account_id))
            .filter(target_query::Column::DeletedAt.is_null())
            .count(&transaction)
            .await?;
        if own >= QUERY_LIMIT as u64 {
            return Err(Problem::TooManyViews { limit: QUERY_LIMIT }.into());
        }
        let now = self.now();
        let row = target_query::ActiveModel {
            account_id: Set(actor.account_id),
            bureau_id: Set(bureau_id),
            name: Set(name),
            query: Set(json!(query)),
            created_at: Set(now),
            updated_at: Set(now),
            version: Set(1),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        self.note_query(&transaction, actor, "add", None, Some(&row))
            .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Renames, shares or replaces a question and returns its new version.
    ///
    /// # Errors
    /// [`Problem::Stale`] with the fields that differ, [`Problem::Invalid`], [`Problem::NotFound`],
    /// [`Problem::Forbidden`].
    pub async fn change_target_query(
        &self,
        actor: &Actor,
        change: TargetQueryChange,
    ) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let held = own_query(&transaction, actor, change.id, false).await?;
        let mut fields = Vec::new();
        let mut after = held.clone();
        if let Some(name) = change.name {
            after.name = needed_text("name", name, QUERY_NAME_LIMIT, &mut fields);
        }
        if let Some(query) = change.query {
            after.query = json!(kept(&transaction, query, &mut fields).await?);
        }
        if let Some(is_shared) = change
            .is_shared
            .filter(|is_shared| *is_shared != held.bureau_id.is_some())
        {
            after.bureau_id = shared(actor, is_shared)?;
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let mut differing = Vec::new();
        if held.name != after.name {
            differing.push(StaleField {
                field: "name".to_owned(),
                theirs: held.name.clone(),
                yours: after.name.clone(),
            });
        }
        // A question and with whom it is shared are only named: they are no text.
        for (field, differs) in [
            ("query", held.query != after.query),
            ("reach", held.bureau_id != after.bureau_id),
        ] {
            if differs {
                differing.push(StaleField {
                    field: field.to_owned(),
                    theirs: String::new(),
                    yours: String::new(),
                });
            }
        }
        if differing.is_empty() {
            return Ok(held.version);
        }
        if held.version != change.version {
            return Err(Problem::Stale {
                fields: differing,
                version: held.version,
            }
            .into());
        }
        let mut row: target_query::ActiveModel = held.clone().into();
        row.name = Set(after.name);
        row.query = Set(after.query);
        row.bureau_id = Set(after.bureau_id);
        row.updated_at = Set(self.now());
        row.version = Set(held.version + 1);
        let row = row.update(&transaction).await?;
        self.note_query(&transaction, actor, "change", Some(&held), Some(&row))
            .await?;
        transaction.commit().await?;
        Ok(row.version)
    }

    /// Removes a question, or brings it back.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn set_target_query_deleted(
        &self,
        actor: &Actor,
        id: i64,
        is_deleted: bool,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let held = own_query(&transaction, actor, id, !is_deleted).await?;
        let now = self.now();
        let mut row: target_query::ActiveModel = held.clone().into();
        row.deleted_at = Set(is_deleted.then_some(now));
        row.updated_at = Set(now);
        row.version = Set(held.version + 1);
        row.update(&transaction).await?;
        let (action, before, after) = if is_deleted {
            ("remove", Some(&held), None)
        } else {
            ("restore", None, Some(&held))
        };
        self.note_query(&transaction, actor, action, before, after)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn note_query(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        action: &'static str,
        before: Option<&target_query::Model>,
        after: Option<&target_query::Model>,
    ) -> ServiceResult<()> {
        let told = |row: &target_query::Model| {
            json!({
                "name": row.name,
                "query": row.query,
                "bureau_id": row.bureau_id,
                "version": row.version,
            })
        };
        let entity_id = after.or(before).map_or(0, |row| row.id);
        audit::record(
            transaction,
            Some(actor),
            self.now(),
            Change {
                action,
                entity: "target_query",
                entity_id,
                before: before.map(told),
                after: after.map(told),
            },
        )
        .await?;
        Ok(())
    }
}

/// A question that the person may write to, held.
async fn own_query(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    id: i64,
    is_deleted: bool,
) -> ServiceResult<target_query::Model> {
    let row = target_query::Entity::find_by_id(id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?
        .filter(|row| row.deleted_at.is_some() == is_deleted)
        .filter(|row| actor.may(reading(row.account_id, row.bureau_id)))
        .ok_or(Problem::NotFound)?;
    require(actor, writing(row.account_id, row.bureau_id))?;
    Ok(row)
}
