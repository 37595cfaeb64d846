//! The audit as people read it: names in the place of ids, newest first, paged by the last row seen.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor},
    audit::{AUDIT_PAGE, AuditField, AuditPage, AuditQuery, AuditRow, RecordKind, changed_fields},
    problem::Problem,
};
use entity::{account, audit, bureau, chain, chain_node, enterprise, lead, trip};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};

use crate::{Service, ServiceResult, local_midnight, require};

/// Rows that one export holds at most, and rows read at a time for it.
const EXPORT_LIMIT: usize = 50_000;
const EXPORT_STEP: u64 = 1_000;
/// Longest name of a kind of record.
const ENTITY_LIMIT: usize = 60;

/// Names of records by their ids.
#[derive(Default)]
struct Names {
    leads: HashMap<i64, (String, bool)>,
    trips: HashMap<i64, (String, bool)>,
    accounts: HashMap<i64, String>,
    enterprises: HashMap<i64, String>,
    bureaus: HashMap<i64, String>,
    chains: HashMap<i64, String>,
    nodes: HashMap<i64, String>,
}

impl Service {
    /// A page of the audit: all of it for administrator and leader, that of the bureau's leads and trips for its chief, and
    /// one lead's for whoever may read the lead.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NotFound`] for a lead that the person may not see.
    pub async fn audit_page(&self, actor: &Actor, query: &AuditQuery) -> ServiceResult<AuditPage> {
        let matching = self.matching_audit(actor, query).await?;
        let database = self.database.read();
        let mut rows = before(matching, query.before)
            .limit(AUDIT_PAGE + 1)
            .all(database)
            .await?;
        let more = rows.len() as u64 > AUDIT_PAGE;
        rows.truncate(usize::try_from(AUDIT_PAGE).unwrap_or(usize::MAX));
        let next = rows.last().map(|row| row.id).filter(|_| more);
        let people = account::Entity::find().select_only();
        let people = match actor
            .bureau_id
            .filter(|_| !actor.may(Action::ReadEveryAudit))
        {
            Some(bureau_id) => people.filter(account::Column::BureauId.eq(bureau_id)),
            None => people,
        };
        Ok(AuditPage {
            rows: self.audit_rows(rows).await?,
            next,
            people: people
                .column(account::Column::Id)
                .column(account::Column::Name)
                .order_by_asc(account::Column::Id)
                .into_tuple()
                .all(database)
                .await?,
        })
    }

    /// All rows that match, for a file; at most fifty thousand.
    ///
    /// # Errors
    /// As [`Service::audit_page`].
    pub async fn audit_export(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> ServiceResult<Vec<AuditRow>> {
        let matching = self.matching_audit(actor, query).await?;
        let mut rows = Vec::new();
        let mut last = query.before;
        while rows.len() < EXPORT_LIMIT {
            let step = before(matching.clone(), last)
                .limit(EXPORT_STEP)
                .all(self.database.read())
                .await?;
            let is_last = (step.len() as u64) < EXPORT_STEP;
            last = step.last().map(|row| row.id);
            rows.extend(self.audit_rows(step).await?);
            if is_last {
                break;
            }
        }
        Ok(rows)
    }

    async fn matching_audit(
        &self,
        actor: &Actor,
        query: &AuditQuery,
    ) -> ServiceResult<Select<audit::Entity>> {
        let mut matching = audit::Entity::find().filter(self.audit_scope(actor, query).await?);
        let entity: String = query
            .entity
            .chars()
            .take(ENTITY_LIMIT)
            .filter(|one| *one != '\0')
            .collect();
        if !entity.is_empty() {
            matching = matching.filter(audit::Column::Entity.eq(entity));
        }
        if let Some(entity_id) = query.entity_id {
            matching = matching.filter(audit::Column::EntityId.eq(entity_id));
        }
        if let Some(account_id) = query.account_id {
            matching = matching.filter(audit::Column::AccountId.eq(account_id));
        }
        if let Some(from) = query.from {
            matching = matching.filter(audit::Column::At.gte(local_midnight(from)));
        }
        if let Some(end) = query.until.and_then(|until| until.succ_opt()) {
            matching = matching.filter(audit::Column::At.lt(local_midnight(end)));
        }
        Ok(matching)
    }

    /// The rows that a person may see at all.
    async fn audit_scope(&self, actor: &Actor, query: &AuditQuery) -> ServiceResult<Condition> {
        if actor.may(Action::ReadEveryAudit) {
            return Ok(Condition::all());
        }
        if query.entity == RecordKind::Lead.key()
            && let Some(id) = query.entity_id
        {
            // Also of one in the bin, and of one that another bureau had before: who reads the lead, reads its history.
            let bureau_id = lead::Entity::find_by_id(id)
                .one(self.database.read())
                .await?
                .ok_or(Problem::NotFound)?
                .bureau_id;
            require(actor, Action::ReadLead { bureau_id })?;
            return Ok(Condition::all());
        }
        let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
        require(actor, Action::ReadAudit { bureau_id })?;
        Ok(Condition::all().add(audit::Column::BureauId.eq(bureau_id)))
    }

    /// Rows in words, with a fixed number of queries.
    async fn audit_rows(&self, rows: Vec<audit::Model>) -> ServiceResult<Vec<AuditRow>> {
        let changes: Vec<Vec<AuditField>> = rows
            .iter()
            .map(|row| changed_fields(row.before.as_ref(), row.after.as_ref()))
            .collect();
        let names = self.audit_names(&rows, &changes).await?;
        Ok(rows
            .into_iter()
            .zip(changes)
            .map(|(row, mut fields)| {
                for field in &mut fields {
                    let known = names.of_field(&field.field);
                    for text in [&mut field.before, &mut field.after] {
                        if let Some(name) =
                            known.and_then(|known| known.get(&text.parse::<i64>().ok()?))
                        {
                            text.clone_from(name);
                        }
                    }
                }
                let (subject, is_open) = names.of_record(&row.entity, row.entity_id);
                AuditRow {
                    id: row.id,
                    at: row.at,
                    by: row
                        .account_id
                        .map(|id| names.accounts.get(&id).cloned().unwrap_or_default()),
                    action: row.action,
                    entity: row.entity,
                    entity_id: row.entity_id,
                    subject,
                    is_open,
                    fields,
                }
            })
            .collect())
    }

    async fn audit_names(
        &self,
        rows: &[audit::Model],
        changes: &[Vec<AuditField>],
    ) -> ServiceResult<Names> {
        let database = self.database.read();
        let records = |entity: &str| -> HashSet<i64> {
            rows.iter()
                .filter(|row| row.entity == entity)
                .map(|row| row.entity_id)
                .collect()
        };
        let values = |kind: Named| -> HashSet<i64> {
            changes
                .iter()
                .flatten()
                .filter(|field| named(&field.field) == Some(kind))
                .flat_map(|field| [&field.before, &field.after])
                .filter_map(|text| text.parse().ok())
                .collect()
        };
        let mut accounts = records("account");
        accounts.extend(rows.iter().filter_map(|row| row.account_id));
        accounts.extend(values(Named::Account));
        let mut chains = records("chain");
        chains.extend(values(Named::Chain));
        let mut enterprises = records("enterprise");
        enterprises.extend(values(Named::Enterprise));
        let with_bin = |rows: Vec<(i64, String, Option<chrono::DateTime<chrono::Utc>>)>| {
            rows.into_iter()
                .map(|(id, name, deleted_at)| (id, (name, deleted_at.is_none())))
                .collect()
        };
        Ok(Names {
            leads: with_bin(
                lead::Entity::find()
                    .select_only()
                    .column(lead::Column::Id)
                    .column(lead::Column::Title)
                    .column(lead::Column::DeletedAt)
                    .filter(lead::Column::Id.is_in(records("lead")))
                    .into_tuple()
                    .all(database)
                    .await?,
            ),
            trips: with_bin(
                trip::Entity::find()
                    .select_only()
                    .column(trip::Column::Id)
                    .column(trip::Column::Name)
                    .column(trip::Column::DeletedAt)
                    .filter(trip::Column::Id.is_in(records("trip")))
                    .into_tuple()
                    .all(database)
                    .await?,
            ),
            accounts: self.account_names(accounts.into_iter()).await?,
            enterprises: enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .column(enterprise::Column::Name)
                .filter(enterprise::Column::Id.is_in(enterprises))
                .into_tuple::<(i64, String)>()
                .all(database)
                .await?
                .into_iter()
                .collect(),
            bureaus: bureau::Entity::find()
                .select_only()
                .column(bureau::Column::Id)
                .column(bureau::Column::Name)
                .filter(bureau::Column::Id.is_in(values(Named::Bureau)))
                .into_tuple::<(i64, String)>()
                .all(database)
                .await?
                .into_iter()
                .collect(),
            chains: chain::Entity::find()
                .select_only()
                .column(chain::Column::Id)
                .column(chain::Column::Name)
                .filter(chain::Column::Id.is_in(chains))
                .into_tuple::<(i64, String)>()
                .all(database)
                .await?
                .into_iter()
                .collect(),
            nodes: chain_node::Entity::find()
                .select_only()
                .column(chain_node::Column::Id)
                .column(chain_node::Column::Name)
                .filter(chain_node::Column::Id.is_in(values(Named::Node)))
                .into_tuple::<(i64, String)>()
                .all(database)
                .await?
                .into_iter()
                .collect(),
        })
    }
}

/// What an id in a field is the id of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Named {
    Account,
    Enterprise,
    Bureau,
    Chain,
    Node,
}

fn named(field: &str) -> Option<Named> {
    Some(match field {
        "owner_id" | "account_id" => Named::Account,
        "enterprise_id" => Named::Enterprise,
        "bureau_id" => Named::Bureau,
        "chain_id" => Named::Chain,
        "chain_node_id" | "node_id" => Named::Node,
        _ => return None,
    })
}

impl Names {
    fn of_field(&self, field: &str) -> Option<&HashMap<i64, String>> {
        Some(match named(field)? {
            Named::Account => &self.accounts,
            Named::Enterprise => &self.enterprises,
            Named::Bureau => &self.bureaus,
            Named::Chain => &self.chains,
            Named::Node => &self.nodes,
        })
    }

    /// A record's name, and whether it has a page.
    fn of_record(&self, entity: &str, id: i64) -> (Option<String>, bool) {
        let with_page = |names: &HashMap<i64, String>, has_page: bool| {
            let name = names.get(&id).cloned();
            let is_open = has_page && name.is_some();
            (name, is_open)
        };
        match entity {
            "lead" | "trip" => {
                let names = if entity == "lead" {
                    &self.leads
                } else {
                    &self.trips
                };
                names.get(&id).map_or((None, false), |(name, is_open)| {
                    (Some(name.clone()), *is_open)
                })
            }
            "account" => with_page(&self.accounts, false),
            "chain" => with_page(&self.chains, true),
            "enterprise" => with_page(&self.enterprises, true),
            _ => (None, false),
        }
    }
}

fn before(matching: Select<audit::Entity>, row: Option<i64>) -> Select<audit::Entity> {
    let matching = match row {
        Some(id) => matching.filter(audit::Column::Id.lt(id)),
        None => matching,
    };
    matching.order_by_desc(audit::Column::Id)
}
