//! Saved views of the list of leads: kept, shared, changed, removed and brought back, and the columns of who uses none.

use domain::{
    account::{Action, Actor},
    lead::{
        LeadCard, LeadColumn, LeadList, LeadListQuery, LeadQuery, NewView, SavedView, VIEW_LIMIT,
        VIEW_NAME_LIMIT, ViewChange, ViewReach, check_columns, stored_columns,
    },
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::saved_view;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, DatabaseTransaction, EntityTrait,
    PaginatorTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::{Value, json};

use super::list::TEXT_LIMIT;
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    clean_text,
    enterprise::spelling,
    needed_text, require,
};

/// What a request for the list comes to.
struct Choice {
    views: Vec<SavedView>,
    view: Option<i64>,
    query: LeadQuery,
    columns: Vec<LeadColumn>,
}

impl Service {
    /// A page of the list with its columns and the views that the person may choose from.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a view or a bureau that the person may not see.
    pub async fn lead_list(&self, actor: &Actor, ask: LeadListQuery) -> ServiceResult<LeadList> {
        let Choice {
            views,
            view,
            query,
            columns,
        } = self.choice(actor, ask).await?;
        let page = self.lead_page(actor, &query).await?;
        let may_write = page.bureaus.iter().any(|bureau| {
            actor.may(Action::WriteLead {
                bureau_id: bureau.id,
            })
        });
        Ok(LeadList {
            page,
            query,
            views,
            view,
            columns,
            reaches: ViewReach::ALL
                .into_iter()
                .filter(|reach| shared(actor, *reach).is_ok())
                .collect(),
            may_write,
        })
    }

    /// The same for a file: all leads, in the columns of the list.
    ///
    /// # Errors
    /// As [`Service::lead_list`].
    pub async fn lead_table(
        &self,
        actor: &Actor,
        ask: LeadListQuery,
    ) -> ServiceResult<(Vec<LeadColumn>, Vec<LeadCard>)> {
        let choice = self.choice(actor, ask).await?;
        let cards = self.lead_export(actor, &choice.query).await?;
        Ok((choice.columns, cards))
    }

    async fn choice(&self, actor: &Actor, ask: LeadListQuery) -> ServiceResult<Choice> {
        let mut visible = Condition::any()
            .add(saved_view::Column::AccountId.eq(actor.account_id))
            .add(saved_view::Column::ForEverybody.eq(true));
        if actor.reads_every_bureau() {
            visible = visible.add(saved_view::Column::BureauId.is_not_null());
        } else if let Some(bureau_id) = actor.bureau_id {
            visible = visible.add(saved_view::Column::BureauId.eq(bureau_id));
        }
        let rows = saved_view::Entity::find()
            .filter(saved_view::Column::DeletedAt.is_null())
            .filter(visible)
            .all(self.database.read())
            .await?;
        let people = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        let mut own_columns = LeadColumn::DEFAULT.to_vec();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            if row.name.is_empty() {
                if row.account_id == actor.account_id {
                    own_columns = columns_of(&row);
                }
                continue;
            }
            let query = query_of(&row)?;
            // A view of a bureau that one may not see would only lead to a closed door.
            let is_open = query
                .bureau_id
                .is_none_or(|bureau_id| actor.may(Action::ReadLead { bureau_id }));
            if !is_open || require(actor, read(&row)).is_err() {
                continue;
            }
            views.push(SavedView {
                id: row.id,
                version: row.version,
                query,
                columns: columns_of(&row),
                reach: reach_of(&row),
                owner: people.get(&row.account_id).cloned().unwrap_or_default(),
                is_own: row.account_id == actor.account_id,
                may_write: actor.may(write(&row)),
                name: row.name,
            });
        }
        views
            .sort_by_cached_key(|view| (spelling(&view.name).sort_key, view.name.clone(), view.id));
        let chosen = match ask.view {
            None => None,
            Some(id) => Some(
                views
                    .iter()
                    .find(|view| view.id == id)
                    .ok_or(Problem::NotFound)?,
            ),
        };
        let mut query = ask
            .query
            .or_else(|| chosen.map(|view| view.query.clone()))
            .unwrap_or_default();
        query.page = ask.page;
        let columns = chosen.map_or(own_columns, |view| view.columns.clone());
        Ok(Choice {
            view: ask.view,
            views,
            query,
            columns,
        })
    }

    /// Saves a view and returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every wrong field, [`Problem::TooManyViews`], [`Problem::Forbidden`] for whom it
    /// cannot be shared with.
    pub async fn save_view(&self, actor: &Actor, new: NewView) -> ServiceResult<i64> {
        require(actor, Action::ReadZone)?;
        let (bureau_id, for_everybody) = shared(actor, new.reach)?;
        let mut fields = Vec::new();
        let name = needed_text("name", new.name, VIEW_NAME_LIMIT, &mut fields);
        let query = kept(actor, new.query, &mut fields)?;
        fields.extend(check_columns(&new.columns));
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let own = saved_view::Entity::find()
            .filter(saved_view::Column::AccountId.eq(actor.account_id))
            .filter(saved_view::Column::DeletedAt.is_null())
            .filter(saved_view::Column::Name.ne(""))
            .count(&transaction)
            .await?;
        if own >= VIEW_LIMIT as u64 {
            return Err(Problem::TooManyViews { limit: VIEW_LIMIT }.into());
        }
        let row = saved_view::ActiveModel {
            bureau_id: Set(bureau_id),
            for_everybody: Set(for_everybody),
            ..fresh(self, actor, &name, &query, &new.columns)
        };
        let row = unique(row.insert(&transaction).await)?;
        self.note(&transaction, actor, "add", row.id, None, Some(&row))
            .await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Changes a view and returns its new version.
    ///
    /// # Errors
    /// [`Problem::Stale`] with the fields that differ, [`Problem::Invalid`], [`Problem::NotFound`],
    /// [`Problem::Forbidden`].
    pub async fn change_view(&self, actor: &Actor, change: ViewChange) -> ServiceResult<i64> {
        let transaction = self.database.begin().await?;
        let held = self
            .writable_view(&transaction, actor, change.id, false)
            .await?;
        let mut fields = Vec::new();
        let mut after = held.clone();
        if let Some(name) = change.name {
            after.name = needed_text("name", name, VIEW_NAME_LIMIT, &mut fields);
            after.name_key = domain::text::fold(&after.name);
        }
        if let Some(query) = change.query {
            after.query = json!(kept(actor, query, &mut fields)?);
        }
        if let Some(columns) = change.columns {
            fields.extend(check_columns(&columns));
            after.columns = json!(columns);
        }
        if let Some(reach) = change.reach.filter(|reach| *reach != reach_of(&held)) {
            (after.bureau_id, after.for_everybody) = shared(actor, reach)?;
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let changed = differences(&held, &after)?;
        if changed.is_empty() {
            return Ok(held.version);
        }
        if held.version != change.version {
            return Err(Problem::Stale {
                fields: changed,
                version: held.version,
            }
            .into());
        }
        let version = held.version + 1;
        let mut row: saved_view::ActiveModel = held.clone().into();
        row.name = Set(after.name);
        row.name_key = Set(after.name_key);
        row.query = Set(after.query);
        row.columns = Set(after.columns);
        row.bureau_id = Set(after.bureau_id);
        row.for_everybody = Set(after.for_everybody);
        row.updated_at = Set(self.now());
        row.version = Set(version);
        let row = unique(row.update(&transaction).await)?;
        self.note(
            &transaction,
            actor,
            "change",
            row.id,
            Some(&held),
            Some(&row),
        )
        .await?;
        transaction.commit().await?;
        Ok(version)
    }

    /// Removes a view; [`Service::restore_view`] brings it back.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn remove_view(&self, actor: &Actor, id: i64, seen: i64) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let held = self.writable_view(&transaction, actor, id, false).await?;
        if held.version != seen {
            return Err(Problem::Stale {
                fields: Vec::new(),
                version: held.version,
            }
            .into());
        }
        self.set_deleted(transaction, actor, held, true).await
    }

    /// Brings a removed view back.
    ///
    /// # Errors
    /// [`Problem::Invalid`] when another view has its name by now, [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn restore_view(&self, actor: &Actor, id: i64) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let held = self.writable_view(&transaction, actor, id, true).await?;
        self.set_deleted(transaction, actor, held, false).await
    }

    async fn set_deleted(
        &self,
        transaction: DatabaseTransaction,
        actor: &Actor,
        held: saved_view::Model,
        is_deleted: bool,
    ) -> ServiceResult<()> {
        let now = self.now();
        let mut row: saved_view::ActiveModel = held.clone().into();
        row.deleted_at = Set(is_deleted.then_some(now));
        row.updated_at = Set(now);
        row.version = Set(held.version + 1);
        unique(row.update(&transaction).await)?;
        let (action, before, after) = if is_deleted {
            ("remove", Some(&held), None)
        } else {
            ("restore", None, Some(&held))
        };
        self.note(&transaction, actor, action, held.id, before, after)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Keeps the columns that a person sees when no view is chosen.
    ///
    /// # Errors
    /// [`Problem::Invalid`].
    pub async fn set_own_columns(
        &self,
        actor: &Actor,
        columns: Vec<LeadColumn>,
    ) -> ServiceResult<()> {
        require(actor, Action::ReadZone)?;
        let fields = check_columns(&columns);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let held = saved_view::Entity::find()
            .filter(saved_view::Column::AccountId.eq(actor.account_id))
            .filter(saved_view::Column::Name.eq(""))
            .filter(saved_view::Column::DeletedAt.is_null())
            .lock(LockType::NoKeyUpdate)
            .one(&transaction)
            .await?;
        let (before, row) = match held {
            Some(held) => {
                let mut row: saved_view::ActiveModel = held.clone().into();
                row.columns = Set(json!(columns));
                row.updated_at = Set(self.now());
                row.version = Set(held.version + 1);
                (Some(held), row.update(&transaction).await?)
            }
            None => {
                let row = fresh(self, actor, "", &LeadQuery::default(), &columns);
                (None, unique(row.insert(&transaction).await)?)
            }
        };
        self.note(
            &transaction,
            actor,
            "change",
            row.id,
            before.as_ref(),
            Some(&row),
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// A view that the person may change, held until the transaction ends.
    async fn writable_view(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        id: i64,
        is_deleted: bool,
    ) -> ServiceResult<saved_view::Model> {
        let row = saved_view::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(transaction)
            .await?
            .filter(|row| row.deleted_at.is_some() == is_deleted && !row.name.is_empty())
            .ok_or(Problem::NotFound)?;
        require(actor, write(&row))?;
        Ok(row)
    }

    async fn note(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        action: &str,
        entity_id: i64,
        before: Option<&saved_view::Model>,
        after: Option<&saved_view::Model>,
    ) -> ServiceResult<()> {
        let side = |row: &saved_view::Model| -> Value {
            json!({ "name": row.name, "query": row.query, "columns": row.columns, "reach": reach_of(row) })
        };
        audit::record(
            transaction,
            Some(actor),
            self.now(),
            Change {
                action,
                entity: "saved_view",
                entity_id,
                before: before.map(side),
                after: after.map(side),
            },
        )
        .await?;
        Ok(())
    }
}

fn fresh(
    service: &Service,
    actor: &Actor,
    name: &str,
    query: &LeadQuery,
    columns: &[LeadColumn],
) -> saved_view::ActiveModel {
    let now = service.now();
    saved_view::ActiveModel {
        account_id: Set(actor.account_id),
        bureau_id: Set(None),
        for_everybody: Set(false),
        name: Set(name.to_owned()),
        name_key: Set(domain::text::fold(name)),
        query: Set(json!(query)),
        columns: Set(json!(columns)),
        created_at: Set(now),
        updated_at: Set(now),
        version: Set(1),
        deleted_at: Set(None),
        ..Default::default()
    }
}

/// With whom a view is then shared: a bureau, or everybody.
fn shared(actor: &Actor, reach: ViewReach) -> Result<(Option<i64>, bool), Problem> {
    match reach {
        ViewReach::Own => Ok((None, false)),
        ViewReach::Bureau => {
            let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
            let bureau_id = Some(bureau_id);
            require(actor, Action::ShareView { bureau_id })?;
            Ok((bureau_id, false))
        }
        ViewReach::Everybody => {
            require(actor, Action::ShareView { bureau_id: None })?;
            Ok((None, true))
        }
    }
}

/// The filters that a view keeps. A bureau among them is one that the person may see.
fn kept(
    actor: &Actor,
    query: LeadQuery,
    fields: &mut Vec<FieldProblem>,
) -> Result<LeadQuery, Problem> {
    if let Some(bureau_id) = query.bureau_id {
        require(actor, Action::ReadLead { bureau_id })?;
    }
    let text = clean_text("text", query.text.clone(), TEXT_LIMIT, fields);
    Ok(LeadQuery { text, ..query }.kept())
}

const fn read(row: &saved_view::Model) -> Action {
    Action::ReadView {
        account_id: row.account_id,
        bureau_id: row.bureau_id,
        for_everybody: row.for_everybody,
    }
}

const fn write(row: &saved_view::Model) -> Action {
    Action::WriteView {
        account_id: row.account_id,
        bureau_id: row.bureau_id,
        for_everybody: row.for_everybody,
    }
}

const fn reach_of(row: &saved_view::Model) -> ViewReach {
    if row.for_everybody {
        ViewReach::Everybody
    } else if row.bureau_id.is_some() {
        ViewReach::Bureau
    } else {
        ViewReach::Own
    }
}

fn query_of(row: &saved_view::Model) -> ServiceResult<LeadQuery> {
    serde_json::from_value(row.query.clone()).map_err(ServiceError::internal)
}

fn columns_of(row: &saved_view::Model) -> Vec<LeadColumn> {
    stored_columns(
        row.columns
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str),
    )
}

/// The fields that differ. Filters and columns are too long to be told as text and are only named.
fn differences(
    before: &saved_view::Model,
    after: &saved_view::Model,
) -> ServiceResult<Vec<StaleField>> {
    let field = |field: &str, theirs: &str, yours: &str| StaleField {
        field: field.to_owned(),
        theirs: theirs.to_owned(),
        yours: yours.to_owned(),
    };
    let mut fields = Vec::new();
    if before.name != after.name {
        fields.push(field("name", &before.name, &after.name));
    }
    if query_of(before)?.differs_from(&query_of(after)?) {
        fields.push(field("query", "", ""));
    }
    if columns_of(before) != columns_of(after) {
        fields.push(field("columns", "", ""));
    }
    if reach_of(before) != reach_of(after) {
        fields.push(field("reach", "", ""));
    }
    Ok(fields)
}

/// Another view of the same person has the name.
fn unique<T>(written: Result<T, sea_orm::DbErr>) -> ServiceResult<T> {
    written.map_err(|error| {
        if ServiceError::is_unique_violation(&error) {
            Problem::invalid("name", FieldProblemKind::Taken).into()
        } else {
            error.into()
        }
    })
}
