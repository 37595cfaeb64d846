//! Target lists: companies to be tried, from a search or from pasted names, of a person or a bureau.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    enterprise::normalise_name,
    lead::NewLead,
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
    target::{
        Contact, LIST_LIMIT, LIST_NAME_LIMIT, ListAddition, ListLead, ListedCompany, NameMatch,
        NewTargetList, TargetListChange, TargetListDetail, TargetListRow, TargetListSummary,
        bare_stock_code, pasted_names,
    },
};
use entity::{chain_node, enterprise, target_list, target_list_company};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType},
};
use serde_json::json;

use super::sharing::{reading, shared, visible, writing};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    find::simplified,
    lead::bureau_names,
    needed_text, require,
    search::SearchRequest,
};

/// Lists that are shown; nobody keeps more.
const LISTS: u64 = 200;
/// Companies that a name may mean, as they are offered.
const OFFERED: usize = 4;
/// Names that are looked up one by one, because nothing has exactly that name.
const LOOKED_UP: usize = 60;

impl Service {
    /// The lists that this person has, newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn target_lists(&self, actor: &Actor) -> ServiceResult<Vec<TargetListSummary>> {
        require(actor, Action::ReadZone)?;
        let visible = visible(
            actor,
            target_list::Column::AccountId,
            target_list::Column::BureauId,
        );
        let lists = target_list::Entity::find()
            .filter(target_list::Column::DeletedAt.is_null())
            .filter(visible)
            .order_by_desc(target_list::Column::UpdatedAt)
            .order_by_desc(target_list::Column::Id)
            .limit(LISTS)
            .all(self.database.read())
            .await?;
        self.summaries(actor, lists).await
    }

    async fn summaries(
        &self,
        actor: &Actor,
        lists: Vec<target_list::Model>,
    ) -> ServiceResult<Vec<TargetListSummary>> {
        let database = self.database.read();
        let counts: HashMap<i64, i64> = target_list_company::Entity::find()
            .select_only()
            .column(target_list_company::Column::TargetListId)
            .column_as(
                Expr::col(target_list_company::Column::EnterpriseId).count_distinct(),
                "count",
            )
            .filter(
                target_list_company::Column::TargetListId.is_in(lists.iter().map(|list| list.id)),
            )
            .group_by(target_list_company::Column::TargetListId)
            .into_tuple::<(i64, i64)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let people = self
            .account_names(lists.iter().map(|list| list.account_id))
            .await?;
        let bureaus = bureau_names(database).await?;
        Ok(lists
            .into_iter()
            .map(|list| TargetListSummary {
                id: list.id,
                companies: counts
                    .get(&list.id)
                    .and_then(|count| u64::try_from(*count).ok())
                    .unwrap_or_default(),
                owner: people.get(&list.account_id).cloned().unwrap_or_default(),
                bureau: list.bureau_id.and_then(|id| bureaus.get(&id).cloned()),
                may_write: actor.may(writing(list.account_id, list.bureau_id)),
                may_share: list.account_id == actor.account_id && shared(actor, true).is_ok(),
                updated_at: list.updated_at,
                version: list.version,
                name: list.name,
            })
            .collect())
    }

    /// A list with its companies as they stand now.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for a list that the person does not have.
    pub async fn target_list(&self, actor: &Actor, id: i64) -> ServiceResult<TargetListDetail> {
        let database = self.database.read();
        let list = target_list::Entity::find_by_id(id)
            .filter(target_list::Column::DeletedAt.is_null())
            .one(database)
            .await?
            .filter(|list| actor.may(reading(list.account_id, list.bureau_id)))
            .ok_or(Problem::NotFound)?;
        let listed = target_list_company::Entity::find()
            .filter(target_list_company::Column::TargetListId.eq(id))
            .order_by_asc(target_list_company::Column::Id)
            .all(database)
            .await?;
        let ids: Vec<i64> = listed.iter().map(|row| row.enterprise_id).collect();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let nodes: HashMap<i64, String> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .column(chain_node::Column::Name)
            .filter(chain_node::Column::Id.is_in(listed.iter().filter_map(|row| row.chain_node_id)))
            .into_tuple::<(i64, String)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        let holds = self.holds(actor, &ids).await?;
        let turned_down = self.turned_down(actor, &ids).await?;
        let people = self
            .account_names(listed.iter().map(|row| row.account_id))
            .await?;
        // Two records of one company that were merged stand on a list twice; it is shown once.
        let mut seen = HashSet::new();
        let rows = listed
            .into_iter()
            .filter(|row| seen.insert(row.enterprise_id))
            .filter_map(|row| {
                let company = companies.get(&row.enterprise_id)?;
                let held = holds.get(&company.id).cloned();
                let refusal = turned_down.get(&company.id).cloned();
                Some(TargetListRow {
                    enterprise_id: company.id,
                    name: company.name.clone(),
                    province: company.province.clone(),
                    city: company.city.clone(),
                    stock_code: company.stock_code.clone(),
                    industry: company.industry.clone(),
                    node_id: row.chain_node_id,
                    node_name: row.chain_node_id.and_then(|id| nodes.get(&id).cloned()),
                    added_by: people.get(&row.account_id).cloned().unwrap_or_default(),
                    added_at: row.created_at,
                    contact: Contact::of(held.as_ref(), refusal.as_ref()),
                    held,
                    turned_down: refusal,
                    is_gone: company.closed || company.is_local,
                })
            })
            .collect();
        let list = self
            .summaries(actor, vec![list])
            .await?
            .pop()
            .ok_or(Problem::NotFound)?;
        Ok(TargetListDetail {
            list,
            rows,
            may_lead: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
        })
    }

    /// Makes a list, with companies on it.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every wrong field; [`Problem::Forbidden`] for whom it cannot be shared with.
    pub async fn make_target_list(
        &self,
        actor: &Actor,
        new: NewTargetList,
    ) -> ServiceResult<ListAddition> {
        require(actor, Action::ReadZone)?;
        let bureau_id = shared(actor, new.is_shared)?;
        let mut fields = Vec::new();
        let name = needed_text("name", new.name, LIST_NAME_LIMIT, &mut fields);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let now = self.now();
        let list = target_list::ActiveModel {
            account_id: Set(actor.account_id),
            bureau_id: Set(bureau_id),
            name: Set(name.clone()),
            created_at: Set(now),
            updated_at: Set(now),
            version: Set(1),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        let addition = self
            .put_on(&transaction, actor, &list, &new.companies)
            .await?;
        self.note_list(
            &transaction,
            actor,
            "add",
            &list,
            Some(json!({ "name": name, "bureau_id": bureau_id, "companies": addition.added })),
        )
        .await?;
        transaction.commit().await?;
        Ok(addition)
    }

    /// Puts companies on a list; those that are on it already stay as they are.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`], [`Problem::Invalid`] on `companies` when there is no room for them or one
    /// of them is not there.
    pub async fn add_to_target_list(
        &self,
        actor: &Actor,
        id: i64,
        companies: Vec<ListedCompany>,
    ) -> ServiceResult<ListAddition> {
        let transaction = self.database.begin().await?;
        let list = self.writable_list(&transaction, actor, id, false).await?;
        let addition = self.put_on(&transaction, actor, &list, &companies).await?;
        if addition.added > 0 {
            self.note_list(
                &transaction,
                actor,
                "change",
                &list,
                Some(json!({ "name": list.name, "added": addition.added })),
            )
            .await?;
            self.touch(&transaction, list).await?;
        }
        transaction.commit().await?;
        Ok(addition)
    }

    /// Takes companies off a list.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn remove_from_target_list(
        &self,
        actor: &Actor,
        id: i64,
        enterprise_ids: &[i64],
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let list = self.writable_list(&transaction, actor, id, false).await?;
        let wanted: HashSet<i64> = enterprise_ids.iter().copied().collect();
        // Only what stands on the list, which is few: what was sent may be anything.
        let mut gone: Vec<i64> = self
            .listed_on(&transaction, id)
            .await?
            .into_iter()
            .filter(|company| wanted.contains(company))
            .collect();
        gone.sort_unstable();
        if !gone.is_empty() {
            target_list_company::Entity::delete_many()
                .filter(target_list_company::Column::TargetListId.eq(id))
                .filter(target_list_company::Column::EnterpriseId.is_in(gone.iter().copied()))
                .exec(&transaction)
                .await?;
            self.note_list(
                &transaction,
                actor,
                "change",
                &list,
                Some(json!({ "name": list.name, "removed": gone })),
            )
            .await?;
            self.touch(&transaction, list).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Gives a list another name, shares it or keeps it to oneself.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::Invalid`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn change_target_list(
        &self,
        actor: &Actor,
        change: TargetListChange,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let list = self
            .writable_list(&transaction, actor, change.id, false)
            .await?;
        let mut fields = Vec::new();
        let name = needed_text("name", change.name, LIST_NAME_LIMIT, &mut fields);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        if list.version != change.version {
            return Err(Problem::Stale {
                fields: vec![StaleField {
                    field: "name".to_owned(),
                    theirs: list.name,
                    yours: name,
                }],
                version: list.version,
            }
            .into());
        }
        let bureau_id = if change.is_shared == list.bureau_id.is_some() {
            list.bureau_id
        } else if list.account_id == actor.account_id {
            shared(actor, change.is_shared)?
        } else {
            return Err(Problem::Forbidden.into());
        };
        self.note_list(
            &transaction,
            actor,
            "change",
            &list,
            Some(json!({ "name": name, "bureau_id": bureau_id })),
        )
        .await?;
        let version = list.version + 1;
        let mut changed: target_list::ActiveModel = list.into();
        changed.name = Set(name);
        changed.bureau_id = Set(bureau_id);
        changed.updated_at = Set(self.now());
        changed.version = Set(version);
        changed.update(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Removes a list, or brings it back.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn set_target_list_deleted(
        &self,
        actor: &Actor,
        id: i64,
        is_deleted: bool,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let list = self
            .writable_list(&transaction, actor, id, !is_deleted)
            .await?;
        let action = if is_deleted { "delete" } else { "restore" };
        let after = (!is_deleted).then(|| json!({ "name": list.name }));
        self.note_list(&transaction, actor, action, &list, after)
            .await?;
        let now = self.now();
        let version = list.version + 1;
        let mut changed: target_list::ActiveModel = list.into();
        changed.deleted_at = Set(is_deleted.then_some(now));
        changed.updated_at = Set(now);
        changed.version = Set(version);
        changed.update(&transaction).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn writable_list(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        id: i64,
        is_deleted: bool,
    ) -> ServiceResult<target_list::Model> {
        let list = target_list::Entity::find_by_id(id)
            .lock(LockType::NoKeyUpdate)
            .one(transaction)
            .await?
            .filter(|list| {
                list.deleted_at.is_some() == is_deleted
                    && actor.may(reading(list.account_id, list.bureau_id))
            })
            .ok_or(Problem::NotFound)?;
        require(actor, writing(list.account_id, list.bureau_id))?;
        Ok(list)
    }

    async fn touch(
        &self,
        transaction: &DatabaseTransaction,
        list: target_list::Model,
    ) -> ServiceResult<()> {
        let mut touched: target_list::ActiveModel = list.into();
        touched.updated_at = Set(self.now());
        touched.update(transaction).await?;
        Ok(())
    }

    async fn note_list(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        action: &str,
        list: &target_list::Model,
        after: Option<serde_json::Value>,
    ) -> ServiceResult<()> {
        let before =
            (action != "add").then(|| json!({ "name": list.name, "bureau_id": list.bureau_id }));
        audit::record(
            transaction,
            Some(actor),
            self.now(),
            Change {
                action,
                entity: "target_list",
                entity_id: list.id,
                before,
                after,
            },
        )
        .await?;
        Ok(())
    }

    /// The list is held: two who add at once do not add twice.
    async fn put_on(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        list: &target_list::Model,
        companies: &[ListedCompany],
    ) -> ServiceResult<ListAddition> {
        let refused = |kind| -> ServiceError {
            Problem::Invalid {
                fields: vec![FieldProblem::new("companies", kind)],
            }
            .into()
        };
        let on_it = self.listed_on(transaction, list.id).await?;
        let mut seen = HashSet::new();
        let wanted: Vec<&ListedCompany> = companies
            .iter()
            .filter(|company| seen.insert(company.enterprise_id))
            .collect();
        let fresh: Vec<&&ListedCompany> = wanted
            .iter()
            .filter(|company| !on_it.contains(&company.enterprise_id))
            .collect();
        if on_it.len().saturating_add(fresh.len()) > LIST_LIMIT {
            return Err(refused(FieldProblemKind::TooLong { limit: LIST_LIMIT }));
        }
        let there: HashSet<i64> = self
            .present(
                transaction,
                fresh.iter().map(|company| company.enterprise_id),
            )
            .await?;
        let nodes: HashSet<i64> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .filter(chain_node::Column::Id.is_in(fresh.iter().filter_map(|one| one.node_id)))
            .into_tuple::<i64>()
            .all(transaction)
            .await?
            .into_iter()
            .collect();
        if fresh
            .iter()
            .any(|company| !there.contains(&company.enterprise_id))
        {
            return Err(refused(FieldProblemKind::NotAChoice));
        }
        let now = self.now();
        for chunk in fresh.chunks(100) {
            target_list_company::Entity::insert_many(chunk.iter().map(|company| {
                target_list_company::ActiveModel {
                    target_list_id: Set(list.id),
                    enterprise_id: Set(company.enterprise_id),
                    chain_node_id: Set(company.node_id.filter(|id| nodes.contains(id))),
                    account_id: Set(actor.account_id),
                    created_at: Set(now),
                    ..Default::default()
                }
            }))
            .exec(transaction)
            .await?;
        }
        Ok(ListAddition {
            list_id: list.id,
            added: fresh.len() as u64,
            known: (wanted.len() - fresh.len()) as u64,
        })
    }

    async fn listed_on(
        &self,
        connection: &impl ConnectionTrait,
        list_id: i64,
    ) -> ServiceResult<HashSet<i64>> {
        Ok(target_list_company::Entity::find()
            .select_only()
            .column(target_list_company::Column::EnterpriseId)
            .filter(target_list_company::Column::TargetListId.eq(list_id))
            .into_tuple::<i64>()
            .all(connection)
            .await?
            .into_iter()
            .collect())
    }

    async fn present(
        &self,
        connection: &impl ConnectionTrait,
        ids: impl Iterator<Item = i64>,
    ) -> ServiceResult<HashSet<i64>> {
        Ok(enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::Id.is_in(ids))
            .filter(enterprise::Column::MergedIntoId.is_null())
            .into_tuple::<i64>()
            .all(connection)
            .await?
            .into_iter()
            .collect())
    }

    /// Which companies pasted names mean: by code, by name, by short name; else what the search offers for somebody to choose
    /// from. The flag says that there were more names than are looked up.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn match_names(
        &self,
        actor: &Actor,
        text: &str,
    ) -> ServiceResult<(Vec<NameMatch>, bool)> {
        require(actor, Action::ReadZone)?;
        let (names, is_cut) = pasted_names(&text.replace('\0', ""));
        let keys: Vec<String> = names.iter().map(|name| normalise_name(name)).collect();
        let folded: Vec<String> = names
            .iter()
            .map(|name| {
                let code = bare_stock_code(name).unwrap_or(name);
                simplified(code).trim().to_uppercase()
            })
            .collect();
        let companies: Vec<enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::MergedIntoId.is_null())
            .filter(
                Condition::any()
                    .add(enterprise::Column::NameKey.is_in(keys.iter().map(String::as_str)))
                    .add(enterprise::Column::ShortName.is_in(names.iter().map(String::as_str)))
                    .add(enterprise::Column::StockCode.is_in(folded.iter().map(String::as_str)))
                    .add(enterprise::Column::CreditCode.is_in(folded.iter().map(String::as_str))),
            )
            .order_by_asc(enterprise::Column::Id)
            .all(self.database.read())
            .await?;
        let mut matches = Vec::with_capacity(names.len());
        let mut looked_up = 0;
        for ((name, key), code) in names.into_iter().zip(&keys).zip(&folded) {
            let by = |holds: &dyn Fn(&enterprise::Model) -> bool| -> Vec<(i64, String)> {
                let found = companies.iter().filter(|company| holds(company));
                found
                    .map(|company| (company.id, company.name.clone()))
                    .collect()
            };
            let is_code = |own: &Option<String>| own.as_ref() == Some(code);
            let mut found =
                by(&|company| is_code(&company.stock_code) || is_code(&company.credit_code));
            if found.is_empty() {
                found = by(&|company| company.name_key == *key);
            }
            if found.is_empty() {
                found = by(&|company| company.short_name.as_ref() == Some(&name));
            }
            let is_certain = found.len() == 1;
            if found.is_empty() && looked_up < LOOKED_UP {
                looked_up += 1;
                found = self.offered(&name).await?;
            }
            matches.push(NameMatch {
                text: name,
                companies: found,
                is_certain,
            });
        }
        Ok((matches, is_cut))
    }

    /// What the search finds for a name; nothing while it is away.
    async fn offered(&self, name: &str) -> ServiceResult<Vec<(i64, String)>> {
        let request = SearchRequest {
            any_of: vec![domain::target::relevance::without_legal_form(name).to_owned()],
            in_names: true,
            limit: OFFERED,
            hits_only: true,
            ..SearchRequest::default()
        };
        let Ok(page) = self.search.search(request).await else {
            return Ok(Vec::new());
        };
        let names: HashMap<i64, String> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(page.hits.iter().map(|hit| hit.id)))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        Ok(page
            .hits
            .iter()
            .filter_map(|hit| Some((hit.id, names.get(&hit.id)?.clone())))
            .collect())
    }

    /// Makes a lead of each of these companies of a list, in a transaction of its own: what cannot be is named with its reason,
    /// and the others are made all the same.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a list that the person does not have.
    pub async fn leads_of_list(
        &self,
        actor: &Actor,
        id: i64,
        enterprise_ids: &[i64],
    ) -> ServiceResult<Vec<ListLead>> {
        let detail = self.target_list(actor, id).await?;
        let wanted: HashSet<i64> = enterprise_ids.iter().copied().collect();
        let mut outcomes = Vec::new();
        for row in detail
            .rows
            .into_iter()
            .filter(|row| wanted.contains(&row.enterprise_id))
        {
            let title: String = match &row.node_name {
                Some(node) => format!("{} {node}", row.name),
                None => row.name.clone(),
            };
            let new = NewLead {
                enterprise_id: row.enterprise_id,
                chain_node_id: row.node_id,
                bureau_id: None,
                title: title.chars().take(100).collect(),
                investment_wan: None,
                land_mu: None,
                source: detail.list.name.clone(),
            };
            // What was made stays made, whatever becomes of the next one.
            let outcome = if row.is_gone {
                Err(Problem::invalid(
                    "enterprise_id",
                    FieldProblemKind::NotAChoice,
                ))
            } else {
                self.register_lead(actor, new)
                    .await
                    .map_err(ServiceError::into_problem)
            };
            outcomes.push(ListLead {
                enterprise_id: row.enterprise_id,
                name: row.name,
                outcome,
            });
        }
        Ok(outcomes)
    }
}
