//! 首报台账, the claim ledger: the one place that writes it, and the page that reads it.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use domain::{
    account::{Action, Actor},
    lead::{ClaimEventKind, LEDGER_PAGE, Ledger, LedgerQuery, LedgerRow},
};
use entity::{bureau, claim, claim_event, lead};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};

use super::list::companies_named;
use crate::{Service, ServiceResult, account::tag, local_midnight, nothing, require};

/// Lines that one export holds at most, and those read at a time for it.
const EXPORT_LIMIT: u64 = 50_000;
const EXPORT_STEP: u64 = 2_000;

/// A line to be written.
pub(crate) struct Entry {
    pub enterprise_id: i64,
    pub bureau_id: i64,
    pub lead_id: Option<i64>,
    pub claim_id: Option<i64>,
    pub kind: ClaimEventKind,
    pub other_bureau_id: Option<i64>,
    pub share_percent: Option<i32>,
    pub body: String,
    /// `None` for the system.
    pub account_id: Option<i64>,
}

impl Entry {
    /// A line about a claim as it stands.
    pub(crate) fn of(
        claim: &claim::Model,
        kind: ClaimEventKind,
        actor: Option<&Actor>,
        body: impl Into<String>,
    ) -> Self {
        Self {
            enterprise_id: claim.enterprise_id,
            bureau_id: claim.bureau_id,
            lead_id: Some(claim.lead_id),
            claim_id: Some(claim.id),
            kind,
            other_bureau_id: None,
            share_percent: None,
            body: body.into(),
            account_id: actor.map(|actor| actor.account_id),
        }
    }
}

/// Writes lines, in the transaction of what they tell.
pub(crate) async fn write(
    connection: &impl ConnectionTrait,
    now: DateTime<Utc>,
    entries: impl IntoIterator<Item = Entry>,
) -> ServiceResult<()> {
    let rows: Vec<claim_event::ActiveModel> = entries
        .into_iter()
        .map(|entry| claim_event::ActiveModel {
            enterprise_id: Set(entry.enterprise_id),
            bureau_id: Set(entry.bureau_id),
            lead_id: Set(entry.lead_id),
            claim_id: Set(entry.claim_id),
            kind: Set(entry.kind.key().to_owned()),
            other_bureau_id: Set(entry.other_bureau_id),
            share_percent: Set(entry.share_percent),
            body: Set(entry.body),
            account_id: Set(entry.account_id),
            happened_at: Set(now),
            ..Default::default()
        })
        .collect();
    if !rows.is_empty() {
        claim_event::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

impl Service {
    /// A page of the ledger: a person's bureau as either party, or all for those who read every bureau; with the open
    /// objections and proposals of the same bureaus.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`] for a bureau whose leads the person may not see.
    pub async fn claim_ledger(&self, actor: &Actor, query: &LedgerQuery) -> ServiceResult<Ledger> {
        let database = self.database.read();
        let matching = matching(actor, query)?;
        let total = matching.clone().count(database).await?;
        let page = Ord::min(query.page, total.saturating_sub(1) / LEDGER_PAGE);
        let rows = newest_first(matching)
            .offset(page * LEDGER_PAGE)
            .limit(LEDGER_PAGE)
            .all(database)
            .await?;
        Ok(Ledger {
            rows: self.ledger_rows(actor, rows).await?,
            total,
            page,
            bureaus: self
                .readable_bureaus(actor)
                .await?
                .iter()
                .map(tag)
                .collect(),
            disputes: self.open_disputes(actor).await?,
            transfers: self.open_transfers(actor).await?,
        })
    }

    /// All lines that match, for a file; at most fifty thousand.
    ///
    /// # Errors
    /// As [`Service::claim_ledger`].
    pub async fn ledger_export(
        &self,
        actor: &Actor,
        query: &LedgerQuery,
    ) -> ServiceResult<Vec<LedgerRow>> {
        let database = self.database.read();
        let matching = newest_first(matching(actor, query)?);
        let mut rows = Vec::new();
        let mut offset = 0;
        while offset < EXPORT_LIMIT {
            let step = matching
                .clone()
                .offset(offset)
                .limit(EXPORT_STEP)
                .all(database)
                .await?;
            let is_last = (step.len() as u64) < EXPORT_STEP;
            rows.extend(self.ledger_rows(actor, step).await?);
            if is_last {
                break;
            }
            offset += EXPORT_STEP;
        }
        Ok(rows)
    }

    async fn ledger_rows(
        &self,
        actor: &Actor,
        rows: Vec<claim_event::Model>,
    ) -> ServiceResult<Vec<LedgerRow>> {
        let database = self.database.read();
        let companies = self
            .enterprise_names(rows.iter().map(|row| row.enterprise_id))
            .await?;
        let bureaus = bureau_names(database).await?;
        let people = self
            .account_names(rows.iter().filter_map(|row| row.account_id))
            .await?;
        // Where a lead is now decides who reads it.
        let leads: HashMap<i64, i64> = lead::Entity::find()
            .select_only()
            .column(lead::Column::Id)
            .column(lead::Column::BureauId)
            .filter(lead::Column::Id.is_in(rows.iter().filter_map(|row| row.lead_id)))
            .filter(lead::Column::DeletedAt.is_null())
            .into_tuple::<(i64, i64)>()
            .all(database)
            .await?
            .into_iter()
            .collect();
        Ok(rows
            .into_iter()
            .map(|row| LedgerRow {
                id: row.id,
                happened_at: row.happened_at,
                kind: ClaimEventKind::from_key(&row.kind).unwrap_or(ClaimEventKind::Registered),
                enterprise_id: row.enterprise_id,
                enterprise_name: companies
                    .get(&row.enterprise_id)
                    .cloned()
                    .unwrap_or_default(),
                bureau: bureaus.get(&row.bureau_id).cloned().unwrap_or_default(),
                other_bureau: row
                    .other_bureau_id
                    .and_then(|bureau_id| bureaus.get(&bureau_id).cloned()),
                lead_id: row.lead_id.filter(|lead_id| {
                    leads.get(lead_id).is_some_and(|bureau_id| {
                        let bureau_id = *bureau_id;
                        actor.may(Action::ReadLead { bureau_id })
                    })
                }),
                share_percent: row.share_percent,
                body: row.body,
                by: row
                    .account_id
                    .map(|account_id| people.get(&account_id).cloned().unwrap_or_default()),
            })
            .collect())
    }
}

/// The names of all bureaus by id.
pub(crate) async fn bureau_names(
    connection: &impl ConnectionTrait,
) -> ServiceResult<HashMap<i64, String>> {
    Ok(bureau::Entity::find()
        .select_only()
        .column(bureau::Column::Id)
        .column(bureau::Column::Name)
        .into_tuple::<(i64, String)>()
        .all(connection)
        .await?
        .into_iter()
        .collect())
}

/// Rows in which a bureau of the person's is one of the two parties: all for those who read every bureau.
pub(super) fn of_either_party(
    actor: &Actor,
    asked: Option<i64>,
    one: impl ColumnTrait,
    other: impl ColumnTrait,
) -> ServiceResult<Condition> {
    let bureau_id = match asked {
        None if actor.reads_every_bureau() => return Ok(Condition::all()),
        None => actor.bureau_id,
        asked => asked,
    };
    let Some(bureau_id) = bureau_id else {
        return Ok(nothing());
    };
    require(actor, Action::ReadLead { bureau_id })?;
    Ok(Condition::any()
        .add(one.eq(bureau_id))
        .add(other.eq(bureau_id)))
}

fn matching(actor: &Actor, query: &LedgerQuery) -> ServiceResult<Select<claim_event::Entity>> {
    let mut matching = claim_event::Entity::find().filter(of_either_party(
        actor,
        query.bureau_id,
        claim_event::Column::BureauId,
        claim_event::Column::OtherBureauId,
    )?);
    if let Some(kind) = query.kind {
        matching = matching.filter(claim_event::Column::Kind.eq(kind.key()));
    }
    if let Some(from) = query.from {
        matching = matching.filter(claim_event::Column::HappenedAt.gte(local_midnight(from)));
    }
    if let Some(until) = query
        .until
        .and_then(|until| until.checked_add_signed(Duration::days(1)))
    {
        matching = matching.filter(claim_event::Column::HappenedAt.lt(local_midnight(until)));
    }
    if let Some((_, companies)) = companies_named(&query.text) {
        matching = matching.filter(claim_event::Column::EnterpriseId.in_subquery(companies));
    }
    Ok(matching)
}

fn newest_first(matching: Select<claim_event::Entity>) -> Select<claim_event::Entity> {
    matching
        .order_by_desc(claim_event::Column::HappenedAt)
        .order_by_desc(claim_event::Column::Id)
}
