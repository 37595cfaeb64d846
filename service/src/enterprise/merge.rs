//! One company of two, and two again.
//!
//! A merge moves ids, not contents: the record remembers which rows moved and what both companies were, so that taking
//! it back gives back exactly that. What was added or changed since is the kept company's.

use std::{
    cmp::{max, min},
    collections::{BTreeMap, BTreeSet, HashMap},
};

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor},
    enterprise::{
        ClaimConflict, ClaimLine, DuplicateState, EnterpriseField, MergeField, MergeLine,
        MergeProblem, MergeRequest, MergeSide, MergeUndone, MergeView, MovedTable, ProductChoice,
        RunningClaim, Side, add_figure, claim_that_stays, default_side, normalise_name,
        same_company::{CompanyFacts, Verdict, same_company},
    },
    lead::{ClaimEventKind, EventKind},
    problem::{FieldProblemKind, Problem, StaleField},
};
use entity::{
    bureau, chain_match, claim, duplicate_candidate, enterprise, enterprise_merge,
    enterprise_product, lead, lead_event, trip, trip_candidate, trip_variant,
};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, LockType, Order, Query},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    import::{Former, spelling},
    profile::{column, figures, provenance, sources_column},
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::{open_leads, rematch_enterprises},
    lead::ledger::{self, Entry},
    local_date, require,
    search::announce,
};

/// Rows changed by one statement, below every database's limit of variables.
const CHUNK: usize = 1000;

/// A company whole.
#[derive(Clone, Serialize, Deserialize)]
struct Company {
    enterprise: enterprise::Model,
    products: Vec<enterprise_product::Model>,
}

#[derive(Serialize, Deserialize)]
struct Before {
    kept: Company,
    merged: Company,
}

/// What was known of the pair.
#[derive(Serialize, Deserialize)]
struct PairBefore {
    state: String,
    decided_by: Option<i64>,
    decided_at: Option<DateTime<Utc>>,
    reason: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Moved {
    /// Ids that went from the merged company to the kept one.
    rows: BTreeMap<MovedTable, Vec<i64>>,
    /// Ids that the kept company had before.
    had: BTreeMap<MovedTable, Vec<i64>>,
    /// Claims that gave way.
    released: Vec<i64>,
    /// The kept company as the merge left it, to see what was changed since.
    after: Company,
    pair: Option<PairBefore>,
}

/// The fields that are chosen one by one. The exchange goes with the stock code, products have a choice of their own.
fn fields() -> impl Iterator<Item = EnterpriseField> {
    EnterpriseField::ALL.into_iter().filter(|field| {
        !matches!(
            field,
            EnterpriseField::Products | EnterpriseField::ProductShares | EnterpriseField::AsOf
        )
    })
}

/// A field as the two sides are shown and compared. Products have a choice of their own.
fn text(company: &Former, field: EnterpriseField) -> String {
    let text = company.text(field);
    match field {
        EnterpriseField::Tags | EnterpriseField::Sites => text.replace('\n', "；"),
        _ => text,
    }
}

/// The fields of a company, without its products.
fn fields_of(company: &enterprise::Model) -> Former {
    Former::of(company, &[])
}

/// Takes one field over from another company, and where it is from.
fn take(company: &mut enterprise::Model, field: EnterpriseField, from: &enterprise::Model) {
    match field {
        EnterpriseField::Name => company.name.clone_from(&from.name),
        EnterpriseField::ShortName => company.short_name.clone_from(&from.short_name),
        EnterpriseField::EnglishName => company.english_name.clone_from(&from.english_name),
        EnterpriseField::CreditCode => company.credit_code.clone_from(&from.credit_code),
        EnterpriseField::StockCode => {
            company.stock_code.clone_from(&from.stock_code);
            company.exchange.clone_from(&from.exchange);
        }
        EnterpriseField::Board => company.board.clone_from(&from.board),
        EnterpriseField::ListedOn => company.listed_on = from.listed_on,
        EnterpriseField::TotalShares => company.total_shares = from.total_shares,
        EnterpriseField::Area => company.area.clone_from(&from.area),
        EnterpriseField::Province => company.province.clone_from(&from.province),
        EnterpriseField::City => company.city.clone_from(&from.city),
        EnterpriseField::Address => company.address.clone_from(&from.address),
        EnterpriseField::Industry => company.industry.clone_from(&from.industry),
        EnterpriseField::SwIndustry => company.sw_industry.clone_from(&from.sw_industry),
        EnterpriseField::Tags => company.tags.clone_from(&from.tags),
        EnterpriseField::Sites => company.sites.clone_from(&from.sites),
        EnterpriseField::Website => company.website.clone_from(&from.website),
        EnterpriseField::Revenue => company.revenue_wan = from.revenue_wan,
        EnterpriseField::Staff => company.staff = from.staff,
        EnterpriseField::BusinessScope => {
            company.business_scope.clone_from(&from.business_scope);
        }
        EnterpriseField::Products | EnterpriseField::ProductShares | EnterpriseField::AsOf => {}
    }
    take_source(company, field, from);
}

/// Takes over where a field is from.
fn take_source(company: &mut enterprise::Model, field: EnterpriseField, from: &enterprise::Model) {
    let mut sources = provenance(company);
    sources.take(field, &provenance(from));
    company.field_sources = sources_column(&sources);
}

/// The figures of both; of one day those of the company that is kept count.
fn joined_figures(kept: &enterprise::Model, merged: &enterprise::Model) -> Option<Value> {
    let mut all = figures(merged);
    for figure in figures(kept) {
        add_figure(&mut all, figure);
    }
    column(&all)
}

/// How the name is compared, sorted and typed, after the name was taken over.
fn spell(company: &mut enterprise::Model) {
    let name = spelling(&company.name);
    let short = spelling(company.short_name.as_deref().unwrap_or_default());
    company.name_key = normalise_name(&company.name);
    company.sort_key = name.sort_key;
    company.pinyin = format!("{} {}", name.pinyin, short.pinyin)
        .trim()
        .to_owned();
    company.initials = format!("{} {}", name.initials, short.initials)
        .trim()
        .to_owned();
}

pub(super) fn facts(company: &enterprise::Model) -> CompanyFacts<'_> {
    CompanyFacts {
        name: &company.name,
        short_name: company.short_name.as_deref(),
        credit_code: company.credit_code.as_deref(),
        stock_code: company.stock_code.as_deref(),
        province: company.province.as_deref(),
        city: company.city.as_deref(),
    }
}

fn problem(problem: MergeProblem) -> ServiceError {
    Problem::Merge { problem }.into()
}

impl Service {
    /// Two companies side by side, and what making one of them would move.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`], [`Problem::Merge`] when one went into another already.
    pub async fn merge_view(
        &self,
        actor: &Actor,
        left_id: i64,
        right_id: i64,
    ) -> ServiceResult<MergeView> {
        require(actor, Action::ReviewDuplicate)?;
        let database = self.database.read();
        let (left, right) = pair(database, left_id, right_id, false).await?;
        let bureaus = concerned(database, &[left_id, right_id]).await?;
        let is_right_newer = right.updated_at > left.updated_at;
        let mut differing = Vec::new();
        let mut equal = Vec::new();
        let (left_fields, right_fields) = (fields_of(&left), fields_of(&right));
        for field in fields() {
            let (one, two) = (text(&left_fields, field), text(&right_fields, field));
            if one == two {
                if !one.is_empty() {
                    equal.push((field, one));
                }
                continue;
            }
            differing.push(MergeField {
                field,
                default: default_side(&one, &two, is_right_newer),
                left: one,
                right: two,
            });
        }
        let Verdict { score, reasons } = same_company(&facts(&left), &facts(&right));
        let names: HashMap<i64, String> = bureau::Entity::find()
            .all(database)
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        let name = |id: i64| names.get(&id).cloned().unwrap_or_default();
        let claim_conflict = match claims(database, left_id, right_id).await? {
            Some((one, two)) => {
                let stays = self.staying(&one, &two);
                let line = |claim: &claim::Model| ClaimLine {
                    bureau: name(claim.bureau_id),
                    claimed_at: claim.claimed_at,
                    expires_on: claim.expires_on,
                };
                Some(ClaimConflict {
                    stays: line(stays.of(&one, &two)),
                    released: line(stays.other().of(&one, &two)),
                })
            }
            None => None,
        };
        let open: Vec<(i64, i64)> = open_leads()
            .select_only()
            .column(lead::Column::EnterpriseId)
            .column(lead::Column::BureauId)
            .filter(lead::Column::EnterpriseId.is_in([left_id, right_id]))
            .into_tuple()
            .all(database)
            .await?;
        let of = |id: i64| -> BTreeSet<i64> {
            open.iter()
                .filter(|(company, _)| *company == id)
                .map(|(_, bureau)| *bureau)
                .collect()
        };
        let twice_followed = of(left_id)
            .intersection(&of(right_id))
            .map(|id| name(*id))
            .collect();
        let shared = shared_trips(database, left_id, right_id).await?;
        let shared_trips = trip::Entity::find()
            .filter(trip::Column::Id.is_in(shared.iter().copied()))
            .filter(trip::Column::DeletedAt.is_null())
            .order_by_asc(trip::Column::Id)
            .all(database)
            .await?
            .into_iter()
            .map(|trip| trip.name)
            .collect();
        let mut matches = [0, 0];
        for (id, count) in [left_id, right_id].into_iter().zip(&mut matches) {
            *count = chain_match::Entity::find()
                .filter(chain_match::Column::EnterpriseId.eq(id))
                .count(database)
                .await?;
        }
        let left_side = side(database, &left, right_id).await?;
        let right_side = side(database, &right, left_id).await?;
        let leads = |side: &MergeSide| {
            side.moves
                .iter()
                .find(|(table, _)| *table == MovedTable::Lead)
                .map_or(0, |(_, count)| *count)
        };
        let rank = |company: &enterprise::Model, side: &MergeSide| {
            (
                leads(side),
                company.credit_code.is_some(),
                std::cmp::Reverse(company.id),
            )
        };
        let keep = if rank(&left, &left_side) >= rank(&right, &right_side) {
            Side::Left
        } else {
            Side::Right
        };
        Ok(MergeView {
            left: left_side,
            right: right_side,
            score,
            reasons,
            fields: differing,
            equal,
            keep,
            claim_conflict,
            twice_followed,
            shared_trips,
            matches: matches.into(),
            may_merge: may_merge(actor, &bureaus),
        })
    }

    /// Makes one company of two and returns the number of the merge. Everything that belongs to the other company moves;
    /// its row stays, closed and without codes, and its page leads to the kept one.
    ///
    /// # Errors
    /// [`Problem::Stale`] when either was changed since it was seen, [`Problem::Merge`], [`Problem::NotFound`],
    /// [`Problem::Forbidden`] when other bureaus have leads with them. Nothing is written then.
    pub async fn merge_enterprises(
        &self,
        actor: &Actor,
        request: MergeRequest,
    ) -> ServiceResult<i64> {
        require(actor, Action::ReviewDuplicate)?;
        let transaction = self.database.begin().await?;
        let (left, right) = pair(&transaction, request.left_id, request.right_id, true).await?;
        let ids = [left.id, right.id];
        if !may_merge(actor, &concerned(&transaction, &ids).await?) {
            return Err(Problem::Forbidden.into());
        }
        for (company, seen) in [
            (&left, request.left_version),
            (&right, request.right_version),
        ] {
            if company.version != seen {
                return Err(Problem::Stale {
                    fields: vec![StaleField {
                        field: "enterprise".to_owned(),
                        theirs: company.name.clone(),
                        yours: String::new(),
                    }],
                    version: company.version,
                }
                .into());
            }
        }
        let now = self.now();
        let is_right_newer = right.updated_at > left.updated_at;
        let kept = request.keep.of(&left, &right).clone();
        let merged = request.keep.other().of(&left, &right).clone();
        let before = Before {
            kept: whole(&transaction, kept.clone()).await?,
            merged: whole(&transaction, merged.clone()).await?,
        };
        let mut after = kept.clone();
        let (left_fields, right_fields) = (fields_of(&left), fields_of(&right));
        for field in fields() {
            let (one, two) = (text(&left_fields, field), text(&right_fields, field));
            if one == two && field != EnterpriseField::StockCode {
                // Of two that say the same, the one that a person wrote is the one to keep.
                if provenance(&merged).is_by_hand(field) {
                    take_source(&mut after, field, &merged);
                }
                continue;
            }
            let chosen = request
                .choices
                .get(&field)
                .copied()
                .unwrap_or_else(|| default_side(&one, &two, is_right_newer));
            take(&mut after, field, chosen.of(&left, &right));
        }
        let is_from_other = match request.products {
            ProductChoice::Both => provenance(&merged).is_by_hand(EnterpriseField::Products),
            ProductChoice::Left => request.keep != Side::Left,
            ProductChoice::Right => request.keep != Side::Right,
        };
        if is_from_other {
            take_source(&mut after, EnterpriseField::Products, &merged);
        }
        spell(&mut after);
        after.figures = joined_figures(&kept, &merged);
        after.is_local = left.is_local || right.is_local;
        after.version += 1;
        after.updated_at = now;

        let released = self
            .settle_claims(&transaction, actor, left.id, right.id)
            .await?;
        let mut rows = BTreeMap::new();
        let mut had = BTreeMap::new();
        for table in MovedTable::ALL {
            had.insert(table, owned(&transaction, table, kept.id).await?);
            let ids = movable(&transaction, table, merged.id, kept.id).await?;
            hand_over(&transaction, table, &ids, kept.id).await?;
            rows.insert(table, ids);
        }
        readdress_plans(
            &transaction,
            rows.get(&MovedTable::TripCandidate),
            merged.id,
            kept.id,
        )
        .await?;
        self.tell_leads(
            &transaction,
            actor,
            rows.get(&MovedTable::Lead),
            &[("enterprise", &merged.name, &after.name)],
        )
        .await?;

        // The codes first: they may be the kept company's now.
        let mut gone = merged.clone();
        gone.credit_code = None;
        gone.stock_code = None;
        gone.closed = true;
        gone.merged_into_id = Some(kept.id);
        gone.version += 1;
        gone.updated_at = now;
        gone.into_active_model()
            .reset_all()
            .update(&transaction)
            .await?;
        let after = after
            .into_active_model()
            .reset_all()
            .update(&transaction)
            .await?;
        let products = self
            .join_products(&transaction, &before, request.keep, request.products)
            .await?;
        rematch_after(self, &transaction, &[kept.id], Some(merged.id)).await?;
        let pair = self
            .close_pair(&transaction, actor, &before, DuplicateState::Merged)
            .await?;
        let moved = Moved {
            rows,
            had,
            released,
            after: Company {
                enterprise: after,
                products,
            },
            pair,
        };
        let record = enterprise_merge::ActiveModel {
            kept_id: Set(kept.id),
            merged_id: Set(merged.id),
            before: Set(as_json(&before)?),
            moved: Set(as_json(&moved)?),
            choices: Set(as_json(&request)?),
            account_id: Set(actor.account_id),
            merged_at: Set(now),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        // Claims are told apart by this instant when the merge is taken back.
        release(&transaction, &moved.released, record.merged_at).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "merge",
                entity: "enterprise",
                entity_id: kept.id,
                before: Some(record.before),
                after: Some(
                    json!({ "merge": record.id, "moved": record.moved, "choices": record.choices }),
                ),
            },
        )
        .await?;
        announce(&transaction, &ids, now).await?;
        transaction.commit().await?;
        Ok(record.id)
    }

    /// Takes a merge back: both companies get their fields, and exactly the rows that moved go back. What was added or
    /// changed since stays with the kept company and is named.
    ///
    /// # Errors
    /// [`Problem::Merge`] when it was undone, when the kept company was merged since, or when a code belongs to another
    /// company now; [`Problem::NotFound`], [`Problem::Forbidden`]. Nothing is written then.
    pub async fn undo_merge(&self, actor: &Actor, merge_id: i64) -> ServiceResult<MergeUndone> {
        require(actor, Action::ReviewDuplicate)?;
        let transaction = self.database.begin().await?;
        let record = enterprise_merge::Entity::find_by_id(merge_id)
            .lock(LockType::NoKeyUpdate)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        let before: Before = from_json(record.before.clone())?;
        let moved: Moved = from_json(record.moved.clone())?;
        let (kept_id, merged_id) = (record.kept_id, record.merged_id);
        let held = held_companies(&transaction, &[kept_id, merged_id]).await?;
        let (Some(kept), Some(merged)) = (held.get(&kept_id), held.get(&merged_id)) else {
            return Err(Problem::NotFound.into());
        };
        if !may_merge(
            actor,
            &concerned(&transaction, &[kept_id, merged_id]).await?,
        ) {
            return Err(Problem::Forbidden.into());
        }
        if record.undone_at.is_some() {
            return Err(problem(MergeProblem::AlreadyUndone));
        }
        if let Some(later) = later_merge(&transaction, &record).await? {
            let name = from_json::<Before>(later.before)?.merged.enterprise.name;
            return Err(problem(MergeProblem::MergedSince { name }));
        }
        let now = self.now();
        let mut outcome = MergeUndone {
            kept_id,
            merged_id,
            ..MergeUndone::default()
        };
        let mut back = kept.clone();
        let (now_fields, then_fields) = (fields_of(kept), fields_of(&moved.after.enterprise));
        for field in fields() {
            // A field that somebody changed since says something about the kept company.
            if text(&now_fields, field) == text(&then_fields, field) {
                take(&mut back, field, &before.kept.enterprise);
            } else {
                outcome.fields.push(field);
            }
        }
        // Its own figures, and what came since.
        let mut own = figures(&before.kept.enterprise);
        let then = figures(&moved.after.enterprise);
        for figure in figures(kept) {
            if !then.contains(&figure) {
                add_figure(&mut own, figure);
            }
        }
        back.figures = column(&own);
        take_source(
            &mut back,
            EnterpriseField::Products,
            &before.kept.enterprise,
        );
        if kept.is_local == moved.after.enterprise.is_local {
            back.is_local = before.kept.enterprise.is_local;
        }
        if outcome.fields.is_empty() {
            // Spelled as it was, even if the rules of spelling have changed.
            let own = &before.kept.enterprise;
            back.name_key.clone_from(&own.name_key);
            back.sort_key.clone_from(&own.sort_key);
            back.pinyin.clone_from(&own.pinyin);
            back.initials.clone_from(&own.initials);
        } else {
            spell(&mut back);
        }
        back.version += 1;
        back.updated_at = now;
        let mut again = before.merged.enterprise.clone();
        again.version = merged.version + 1;
        again.updated_at = now;
        free_codes(&transaction, &back, &again).await?;

        for table in MovedTable::ALL {
            let rows = moved
                .rows
                .get(&table)
                .map(Vec::as_slice)
                .unwrap_or_default();
            let there = owned(&transaction, table, kept_id).await?;
            let had = moved.had.get(&table).map(Vec::as_slice).unwrap_or_default();
            let (returning, others): (Vec<i64>, Vec<i64>) = there
                .into_iter()
                .partition(|id| rows.binary_search(id).is_ok());
            let added = others
                .iter()
                .filter(|id| had.binary_search(id).is_err())
                .count();
            if added > 0 {
                outcome.added.push((table, added as u64));
            }
            hand_over(&transaction, table, &returning, merged_id).await?;
            if table == MovedTable::TripCandidate {
                readdress_plans(&transaction, Some(&returning), kept_id, merged_id).await?;
            }
        }
        let leads = moved
            .rows
            .get(&MovedTable::Lead)
            .map(Vec::as_slice)
            .unwrap_or_default();
        self.return_claims(
            &transaction,
            actor,
            &record,
            &moved.released,
            leads,
            &mut outcome.added,
        )
        .await?;
        self.tell_leads(
            &transaction,
            actor,
            Some(&leads.to_vec()),
            &[("enterprise", &kept.name, &again.name)],
        )
        .await?;
        // The kept company first: it may have had the other's codes.
        back.into_active_model()
            .reset_all()
            .update(&transaction)
            .await?;
        again
            .into_active_model()
            .reset_all()
            .update(&transaction)
            .await?;
        outcome.products =
            !return_products(&transaction, &before.kept, &moved.after.products).await?;
        rematch_after(self, &transaction, &[kept_id, merged_id], None).await?;
        reopen_pair(&transaction, kept_id, merged_id, moved.pair).await?;
        let mut undone: enterprise_merge::ActiveModel = record.into();
        undone.undone_at = Set(Some(now));
        undone.undone_by = Set(Some(actor.account_id));
        undone.update(&transaction).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "unmerge",
                entity: "enterprise",
                entity_id: kept_id,
                before: Some(json!({ "merge": merge_id, "merged": merged_id })),
                after: serde_json::to_value(&outcome).ok(),
            },
        )
        .await?;
        announce(&transaction, &[kept_id, merged_id], now).await?;
        transaction.commit().await?;
        Ok(outcome)
    }

    /// Companies that went into this one, the latest first.
    pub(super) async fn merges_of(
        &self,
        actor: &Actor,
        kept_id: i64,
    ) -> ServiceResult<Vec<MergeLine>> {
        let database = self.database.read();
        let records = enterprise_merge::Entity::find()
            .filter(enterprise_merge::Column::KeptId.eq(kept_id))
            .order_by_desc(enterprise_merge::Column::Id)
            .limit(100)
            .all(database)
            .await?;
        if records.is_empty() {
            return Ok(Vec::new());
        }
        let mut ids: Vec<i64> = records.iter().map(|record| record.account_id).collect();
        ids.extend(records.iter().filter_map(|record| record.undone_by));
        let people = self.account_names(ids.into_iter()).await?;
        let may = actor.may(Action::ReviewDuplicate)
            && may_merge(actor, &concerned(database, &[kept_id]).await?);
        let latest = records
            .iter()
            .find(|record| record.undone_at.is_none())
            .map(|record| record.id);
        records
            .into_iter()
            .map(|record| {
                let merged = from_json::<Before>(record.before)?.merged.enterprise;
                let name = |id: i64| people.get(&id).cloned().unwrap_or_default();
                Ok(MergeLine {
                    merge_id: record.id,
                    name: merged.name,
                    credit_code: merged.credit_code,
                    by: name(record.account_id),
                    merged_at: record.merged_at,
                    undone_by: record.undone_by.map(name),
                    undone_at: record.undone_at,
                    may_undo: may && latest == Some(record.id),
                })
            })
            .collect()
    }

    /// Which of two running claims stays.
    fn staying(&self, left: &claim::Model, right: &claim::Model) -> Side {
        let running = |claim: &claim::Model| RunningClaim {
            claimed_at: claim.claimed_at,
            expires_on: claim.expires_on,
        };
        claim_that_stays(running(left), running(right), self.today())
    }

    /// Releases the claim that gives way and tells its lead why.
    async fn settle_claims(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        left_id: i64,
        right_id: i64,
    ) -> ServiceResult<Vec<i64>> {
        let Some((left, right)) = claims(connection, left_id, right_id).await? else {
            return Ok(Vec::new());
        };
        let side = self.staying(&left, &right);
        let (stays, gives_way) = (side.of(&left, &right), side.other().of(&left, &right));
        release(connection, &[gives_way.id], self.now()).await?;
        let entry = Entry {
            other_bureau_id: Some(stays.bureau_id),
            ..Entry::of(gives_way, ClaimEventKind::GaveWay, Some(actor), "")
        };
        ledger::write(connection, self.now(), [entry]).await?;
        let mut lines = Vec::new();
        for claim in [gives_way, stays] {
            let name = bureau::Entity::find_by_id(claim.bureau_id)
                .one(connection)
                .await?
                .map(|bureau| bureau.name)
                .unwrap_or_default();
            lines.push(format!("{name} {}", local_date(claim.claimed_at)));
        }
        if let [gave_way, stayed] = lines.as_slice() {
            self.tell_leads(
                connection,
                actor,
                Some(&vec![gives_way.lead_id]),
                &[("claim", gave_way, stayed)],
            )
            .await?;
        }
        Ok(vec![gives_way.id])
    }

    /// Claims made since on a lead that went back follow it, and the claim that gave way runs again where nothing runs.
    async fn return_claims(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        record: &enterprise_merge::Model,
        released: &[i64],
        leads: &[i64],
        added: &mut Vec<(MovedTable, u64)>,
    ) -> ServiceResult<()> {
        let mut following = Vec::new();
        for chunk in leads.chunks(CHUNK) {
            following.extend(
                claim::Entity::find()
                    .filter(claim::Column::EnterpriseId.eq(record.kept_id))
                    .filter(claim::Column::LeadId.is_in(chunk.iter().copied()))
                    .all(connection)
                    .await?
                    .into_iter()
                    .map(|claim| claim.id),
            );
        }
        hand_over(connection, MovedTable::Claim, &following, record.merged_id).await?;
        for (table, count) in added.iter_mut() {
            if *table == MovedTable::Claim {
                *count = count.saturating_sub(following.len() as u64);
            }
        }
        added.retain(|(_, count)| *count > 0);
        for id in released {
            let Some(gave_way) = claim::Entity::find_by_id(*id).one(connection).await? else {
                continue;
            };
            let runs = claim::Entity::find()
                .filter(claim::Column::EnterpriseId.eq(gave_way.enterprise_id))
                .filter(claim::Column::ReleasedAt.is_null())
                .count(connection)
                .await?;
            if runs == 0 && gave_way.released_at == Some(record.merged_at) {
                let mut claim: claim::ActiveModel = gave_way.into();
                claim.released_at = Set(None);
                let claim = claim.update(connection).await?;
                let entry = Entry::of(&claim, ClaimEventKind::Returned, Some(actor), "");
                ledger::write(connection, self.now(), [entry]).await?;
            }
        }
        Ok(())
    }

    /// A line on each lead's timeline, in one statement a thousand. It is no activity: nobody spoke with the company.
    async fn tell_leads(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        leads: Option<&Vec<i64>>,
        changes: &[(&str, &String, &String)],
    ) -> ServiceResult<()> {
        let now = self.now();
        let detail = json!({ "fields": changes });
        for chunk in leads.map(Vec::as_slice).unwrap_or_default().chunks(CHUNK) {
            lead_event::Entity::insert_many(chunk.iter().map(|id| lead_event::ActiveModel {
                lead_id: Set(*id),
                kind: Set(EventKind::Changed.key().to_owned()),
                body: Set(String::new()),
                detail: Set(Some(detail.clone())),
                account_id: Set(actor.account_id),
                happened_at: Set(now),
                created_at: Set(now),
                ..Default::default()
            }))
            .exec(connection)
            .await?;
        }
        Ok(())
    }

    /// Gives the kept company the products that were chosen, and says what it has then.
    async fn join_products(
        &self,
        connection: &impl ConnectionTrait,
        before: &Before,
        keep: Side,
        choice: ProductChoice,
    ) -> ServiceResult<Vec<enterprise_product::Model>> {
        let own = &before.kept.products;
        let others = &before.merged.products;
        let from_other = match (choice, keep) {
            (ProductChoice::Left, Side::Left) | (ProductChoice::Right, Side::Right) => {
                return Ok(own.clone());
            }
            (ProductChoice::Left | ProductChoice::Right, _) => {
                enterprise_product::Entity::delete_many()
                    .filter(enterprise_product::Column::EnterpriseId.eq(before.kept.enterprise.id))
                    .exec(connection)
                    .await?;
                others.iter().collect::<Vec<_>>()
            }
            (ProductChoice::Both, _) => {
                let known: BTreeSet<String> = own
                    .iter()
                    .map(|product| normalise_name(&product.name))
                    .collect();
                others
                    .iter()
                    .filter(|product| !known.contains(&normalise_name(&product.name)))
                    .collect()
            }
        };
        let kept_own = if choice == ProductChoice::Both {
            own.as_slice()
        } else {
            &[]
        };
        let first = kept_own
            .iter()
            .map(|product| product.position + 1)
            .max()
            .unwrap_or(0);
        // Shares of two lists do not add up to one business.
        let has_shares = kept_own
            .iter()
            .any(|product| product.revenue_share.is_some());
        for (position, product) in (first..).zip(from_other) {
            enterprise_product::ActiveModel {
                enterprise_id: Set(before.kept.enterprise.id),
                position: Set(position),
                name: Set(product.name.clone()),
                revenue_share: Set(product.revenue_share.filter(|_| !has_shares)),
                ..Default::default()
            }
            .insert(connection)
            .await?;
        }
        products(connection, before.kept.enterprise.id).await
    }

    /// Marks the pair as decided and says what was known of it.
    async fn close_pair(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        before: &Before,
        state: DuplicateState,
    ) -> ServiceResult<Option<PairBefore>> {
        let (one, two) = (&before.kept.enterprise, &before.merged.enterprise);
        let now = self.now();
        let found = find_pair(connection, one.id, two.id).await?;
        let known = found.as_ref().map(|pair| PairBefore {
            state: pair.state.clone(),
            decided_by: pair.decided_by,
            decided_at: pair.decided_at,
            reason: pair.reason.clone(),
        });
        let mut row: duplicate_candidate::ActiveModel = match found {
            Some(pair) => pair.into(),
            None => {
                let Verdict { score, reasons } = same_company(&facts(one), &facts(two));
                duplicate_candidate::ActiveModel {
                    left_id: Set(min(one.id, two.id)),
                    right_id: Set(max(one.id, two.id)),
                    score: Set(score),
                    reasons: Set(json!(reasons)),
                    found_at: Set(now),
                    ..Default::default()
                }
            }
        };
        row.state = Set(state.key().to_owned());
        row.decided_by = Set(Some(actor.account_id));
        row.decided_at = Set(Some(now));
        row.reason = Set(None);
        row.save(connection).await?;
        Ok(known)
    }
}

/// The pair of two companies, in whatever order they are named.
pub(super) async fn find_pair(
    connection: &impl ConnectionTrait,
    one: i64,
    two: i64,
) -> ServiceResult<Option<duplicate_candidate::Model>> {
    Ok(duplicate_candidate::Entity::find()
        .filter(duplicate_candidate::Column::LeftId.eq(min(one, two)))
        .filter(duplicate_candidate::Column::RightId.eq(max(one, two)))
        .one(connection)
        .await?)
}

async fn reopen_pair(
    connection: &impl ConnectionTrait,
    one: i64,
    two: i64,
    before: Option<PairBefore>,
) -> ServiceResult<()> {
    let Some(pair) = find_pair(connection, one, two).await? else {
        return Ok(());
    };
    let Some(before) = before else {
        duplicate_candidate::Entity::delete_by_id(pair.id)
            .exec(connection)
            .await?;
        return Ok(());
    };
    let mut row: duplicate_candidate::ActiveModel = pair.into();
    row.state = Set(before.state);
    row.decided_by = Set(before.decided_by);
    row.decided_at = Set(before.decided_at);
    row.reason = Set(before.reason);
    row.update(connection).await?;
    Ok(())
}

fn as_json(value: &impl Serialize) -> ServiceResult<Value> {
    serde_json::to_value(value).map_err(ServiceError::internal)
}

fn from_json<T: for<'a> Deserialize<'a>>(value: Value) -> ServiceResult<T> {
    serde_json::from_value(value).map_err(ServiceError::internal)
}

/// Bureaus whose leads or running claims a merge of these companies would touch, deleted leads included.
pub(super) async fn concerned(
    connection: &impl ConnectionTrait,
    ids: &[i64],
) -> ServiceResult<BTreeSet<i64>> {
    let leads: Vec<i64> = lead::Entity::find()
        .select_only()
        .column(lead::Column::BureauId)
        .filter(lead::Column::EnterpriseId.is_in(ids.iter().copied()))
        .distinct()
        .into_tuple()
        .all(connection)
        .await?;
    let claims: Vec<i64> = claim::Entity::find()
        .select_only()
        .column(claim::Column::BureauId)
        .filter(claim::Column::EnterpriseId.is_in(ids.iter().copied()))
        .filter(claim::Column::ReleasedAt.is_null())
        .into_tuple()
        .all(connection)
        .await?;
    Ok(leads.into_iter().chain(claims).collect())
}

pub(super) fn may_merge(actor: &Actor, bureaus: &BTreeSet<i64>) -> bool {
    bureaus.iter().all(|bureau_id| {
        actor.may(Action::MergeEnterprise {
            bureau_id: *bureau_id,
        })
    })
}

/// Both companies; `held` until the transaction ends, their leads first as everybody holds them.
async fn pair(
    connection: &impl ConnectionTrait,
    left_id: i64,
    right_id: i64,
    held: bool,
) -> ServiceResult<(enterprise::Model, enterprise::Model)> {
    if left_id == right_id {
        return Err(Problem::invalid("right", FieldProblemKind::NotAChoice).into());
    }
    let mut companies = if held {
        held_companies(connection, &[left_id, right_id]).await?
    } else {
        enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in([left_id, right_id]))
            .all(connection)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect()
    };
    let (Some(left), Some(right)) = (companies.remove(&left_id), companies.remove(&right_id))
    else {
        return Err(Problem::NotFound.into());
    };
    for company in [&left, &right] {
        if let Some(into_id) = company.merged_into_id {
            return Err(problem(MergeProblem::AlreadyMerged { into_id }));
        }
    }
    Ok((left, right))
}

async fn held_companies(
    connection: &impl ConnectionTrait,
    ids: &[i64],
) -> ServiceResult<HashMap<i64, enterprise::Model>> {
    // Who changes a lead holds the lead and then its company; the other way round two would wait for each other.
    lead::Entity::find()
        .filter(lead::Column::EnterpriseId.is_in(ids.iter().copied()))
        .order_by_asc(lead::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(connection)
        .await?;
    Ok(enterprise::Entity::find()
        .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
        .order_by_asc(enterprise::Column::Id)
        .lock(LockType::NoKeyUpdate)
        .all(connection)
        .await?
        .into_iter()
        .map(|company| (company.id, company))
        .collect())
}

async fn products(
    connection: &impl ConnectionTrait,
    enterprise_id: i64,
) -> ServiceResult<Vec<enterprise_product::Model>> {
    Ok(enterprise_product::Entity::find()
        .filter(enterprise_product::Column::EnterpriseId.eq(enterprise_id))
        .order_by_asc(enterprise_product::Column::Position)
        .order_by_asc(enterprise_product::Column::Id)
        .all(connection)
        .await?)
}

async fn whole(
    connection: &impl ConnectionTrait,
    enterprise: enterprise::Model,
) -> ServiceResult<Company> {
    Ok(Company {
        products: products(connection, enterprise.id).await?,
        enterprise,
    })
}

/// Ids of a company's rows in one table, ascending.
async fn owned(
    connection: &impl ConnectionTrait,
    table: MovedTable,
    enterprise_id: i64,
) -> ServiceResult<Vec<i64>> {
    let query = Query::select()
        .column("id")
        .from(table.table())
        .and_where(Expr::col("enterprise_id").eq(enterprise_id))
        .order_by("id", Order::Asc)
        .to_owned();
    connection
        .query_all(&query)
        .await?
        .iter()
        .map(|row| Ok(row.try_get("", "id")?))
        .collect()
}

/// The same, without the visits of trips on which the other company is too: a trip has a company once.
async fn movable(
    connection: &impl ConnectionTrait,
    table: MovedTable,
    from: i64,
    to: i64,
) -> ServiceResult<Vec<i64>> {
    let ids = owned(connection, table, from).await?;
    if table != MovedTable::TripCandidate {
        return Ok(ids);
    }
    let shared = shared_trips(connection, from, to).await?;
    let staying: BTreeSet<i64> = trip_candidate::Entity::find()
        .filter(trip_candidate::Column::EnterpriseId.eq(from))
        .filter(trip_candidate::Column::TripId.is_in(shared))
        .all(connection)
        .await?
        .into_iter()
        .map(|candidate| candidate.id)
        .collect();
    Ok(ids.into_iter().filter(|id| !staying.contains(id)).collect())
}

async fn hand_over(
    connection: &impl ConnectionTrait,
    table: MovedTable,
    ids: &[i64],
    to: i64,
) -> ServiceResult<()> {
    for chunk in ids.chunks(CHUNK) {
        let statement = Query::update()
            .table(table.table())
            .value("enterprise_id", to)
            .and_where(Expr::col("id").is_in(chunk.iter().copied()))
            .to_owned();
        connection.execute(&statement).await?;
    }
    Ok(())
}

/// Trips that have both companies among their candidates.
async fn shared_trips(
    connection: &impl ConnectionTrait,
    one: i64,
    two: i64,
) -> ServiceResult<BTreeSet<i64>> {
    let mut trips = [BTreeSet::new(), BTreeSet::new()];
    for (company, own) in [one, two].into_iter().zip(&mut trips) {
        own.extend(
            trip_candidate::Entity::find()
                .filter(trip_candidate::Column::EnterpriseId.eq(company))
                .all(connection)
                .await?
                .into_iter()
                .map(|candidate| candidate.trip_id),
        );
    }
    let [left, right] = trips;
    Ok(left.intersection(&right).copied().collect())
}

/// The plans of trips name companies by their ids.
async fn readdress_plans(
    connection: &impl ConnectionTrait,
    candidates: Option<&Vec<i64>>,
    from: i64,
    to: i64,
) -> ServiceResult<()> {
    for chunk in candidates
        .map(Vec::as_slice)
        .unwrap_or_default()
        .chunks(CHUNK)
    {
        let trips: BTreeSet<i64> = trip_candidate::Entity::find()
            .filter(trip_candidate::Column::Id.is_in(chunk.iter().copied()))
            .all(connection)
            .await?
            .into_iter()
            .map(|candidate| candidate.trip_id)
            .collect();
        for trip in trip::Entity::find()
            .filter(trip::Column::Id.is_in(trips))
            .order_by_asc(trip::Column::Id)
            .all(connection)
            .await?
        {
            for variant in trip_variant::Entity::find()
                .filter(trip_variant::Column::TripId.eq(trip.id))
                .all(connection)
                .await?
            {
                let mut plan = variant.plan.clone();
                readdress(&mut plan, from, to);
                let mut row: trip_variant::ActiveModel = variant.into();
                row.plan = Set(plan);
                row.update(connection).await?;
            }
            let Some(mut plan) = trip.plan.clone() else {
                continue;
            };
            readdress(&mut plan, from, to);
            if Some(&plan) == trip.plan.as_ref() {
                continue;
            }
            let mut row: trip::ActiveModel = trip.into();
            row.plan = Set(Some(plan));
            row.update(connection).await?;
        }
    }
    Ok(())
}

fn readdress(value: &mut Value, from: i64, to: i64) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| readdress(item, from, to)),
        Value::Object(fields) => {
            for (key, field) in fields {
                let is_company = matches!(key.as_str(), "candidate_id" | "displaced_by");
                if is_company && field.as_i64() == Some(from) {
                    *field = Value::from(to);
                } else {
                    readdress(field, from, to);
                }
            }
        }
        _ => {}
    }
}

/// The running claims of both companies, when both have one.
async fn claims(
    connection: &impl ConnectionTrait,
    left_id: i64,
    right_id: i64,
) -> ServiceResult<Option<(claim::Model, claim::Model)>> {
    let running = claim::Entity::find()
        .filter(claim::Column::EnterpriseId.is_in([left_id, right_id]))
        .filter(claim::Column::ReleasedAt.is_null())
        .all(connection)
        .await?;
    let of = |id: i64| {
        running
            .iter()
            .find(|claim| claim.enterprise_id == id)
            .cloned()
    };
    Ok(of(left_id).zip(of(right_id)))
}

async fn release(
    connection: &impl ConnectionTrait,
    ids: &[i64],
    at: DateTime<Utc>,
) -> ServiceResult<()> {
    claim::Entity::update_many()
        .col_expr(claim::Column::ReleasedAt, Expr::value(Some(at)))
        .filter(claim::Column::Id.is_in(ids.iter().copied()))
        .exec(connection)
        .await?;
    Ok(())
}

/// Puts back the products that the company had, unless somebody changed them since; says whether it did.
async fn return_products(
    connection: &impl ConnectionTrait,
    before: &Company,
    after: &[enterprise_product::Model],
) -> ServiceResult<bool> {
    let now = products(connection, before.enterprise.id).await?;
    if now != after {
        return Ok(false);
    }
    if now == before.products {
        return Ok(true);
    }
    enterprise_product::Entity::delete_many()
        .filter(enterprise_product::Column::EnterpriseId.eq(before.enterprise.id))
        .exec(connection)
        .await?;
    for chunk in before.products.chunks(CHUNK) {
        enterprise_product::Entity::insert_many(
            chunk
                .iter()
                .map(|product| product.clone().into_active_model().reset_all()),
        )
        .exec(connection)
        .await?;
    }
    Ok(true)
}

/// Matches are made of products and decisions, so they are made anew and not moved.
async fn rematch_after(
    service: &Service,
    connection: &impl ConnectionTrait,
    ids: &[i64],
    gone: Option<i64>,
) -> ServiceResult<()> {
    if let Some(gone) = gone {
        chain_match::Entity::delete_many()
            .filter(chain_match::Column::EnterpriseId.eq(gone))
            .exec(connection)
            .await?;
    }
    rematch_enterprises(service, connection, ids).await
}

/// A later merge of the kept company that still holds.
async fn later_merge(
    connection: &impl ConnectionTrait,
    record: &enterprise_merge::Model,
) -> ServiceResult<Option<enterprise_merge::Model>> {
    Ok(enterprise_merge::Entity::find()
        .filter(enterprise_merge::Column::Id.gt(record.id))
        .filter(enterprise_merge::Column::UndoneAt.is_null())
        .filter(
            Condition::any()
                .add(enterprise_merge::Column::KeptId.eq(record.kept_id))
                .add(enterprise_merge::Column::MergedId.eq(record.kept_id)),
        )
        .order_by_desc(enterprise_merge::Column::Id)
        .one(connection)
        .await?)
}

/// Refuses when a code that both would have, or that comes back, belongs to somebody else now.
async fn free_codes(
    connection: &impl ConnectionTrait,
    kept: &enterprise::Model,
    merged: &enterprise::Model,
) -> ServiceResult<()> {
    let taken = |code: &String, name: &str| {
        problem(MergeProblem::CodeTaken {
            code: code.clone(),
            name: name.to_owned(),
        })
    };
    for (column, one, two) in [
        (
            enterprise::Column::CreditCode,
            &kept.credit_code,
            &merged.credit_code,
        ),
        (
            enterprise::Column::StockCode,
            &kept.stock_code,
            &merged.stock_code,
        ),
    ] {
        if let (Some(one), Some(two)) = (one, two)
            && one == two
        {
            return Err(taken(one, &kept.name));
        }
        for code in [one, two].into_iter().flatten() {
            let other = enterprise::Entity::find()
                .filter(column.eq(code.as_str()))
                .filter(enterprise::Column::Id.is_not_in([kept.id, merged.id]))
                .one(connection)
                .await?;
            if let Some(other) = other {
                return Err(taken(code, &other.name));
            }
        }
    }
    Ok(())
}

/// One company of the pair, with what would leave it.
async fn side(
    connection: &impl ConnectionTrait,
    company: &enterprise::Model,
    other_id: i64,
) -> ServiceResult<MergeSide> {
    let mut moves = Vec::new();
    for table in MovedTable::ALL {
        let count = movable(connection, table, company.id, other_id)
            .await?
            .len();
        moves.push((table, count as u64));
    }
    Ok(MergeSide {
        id: company.id,
        version: company.version,
        name: company.name.clone(),
        credit_code: company.credit_code.clone(),
        updated_at: company.updated_at,
        source: company.source.clone(),
        is_local: company.is_local,
        products: products(connection, company.id)
            .await?
            .into_iter()
            .map(|product| product.name)
            .collect(),
        moves,
    })
}

/// What merged companies were known by, with the id and the name of the company that each means now.
pub(super) async fn merged_keys(
    connection: &impl ConnectionTrait,
) -> ServiceResult<Vec<(Vec<String>, i64, String)>> {
    let merges = enterprise_merge::Entity::find()
        .filter(enterprise_merge::Column::UndoneAt.is_null())
        .order_by_asc(enterprise_merge::Column::Id)
        .all(connection)
        .await?;
    let into: HashMap<i64, i64> = merges
        .iter()
        .map(|merge| (merge.merged_id, merge.kept_id))
        .collect();
    let last = |id: i64| {
        let mut id = id;
        while let Some(next) = into.get(&id) {
            id = *next;
        }
        id
    };
    let mut names = HashMap::new();
    let kept: BTreeSet<i64> = merges.iter().map(|merge| last(merge.kept_id)).collect();
    for chunk in kept.into_iter().collect::<Vec<_>>().chunks(CHUNK) {
        names.extend(
            enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .column(enterprise::Column::Name)
                .filter(enterprise::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple::<(i64, String)>()
                .all(connection)
                .await?,
        );
    }
    merges
        .into_iter()
        .filter_map(|merge| {
            let id = last(merge.kept_id);
            let name = names.get(&id)?.clone();
            Some(from_json::<Before>(merge.before).map(|before| {
                let gone = before.merged.enterprise;
                let keys = [gone.credit_code, gone.stock_code, Some(gone.name_key)];
                (keys.into_iter().flatten().collect(), id, name)
            }))
        })
        .collect()
}
