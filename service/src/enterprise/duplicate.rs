//! 疑似重复: which companies of the directory may be one, found in the background and decided by people.
//!
//! The outbox tells what changed, whoever changed it; so a round compares the changed companies with all the others, and
//! only the first one compares all with all.

use std::{
    cmp::{max, min},
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor},
    enterprise::{
        DISTINCT_REASON_LIMIT, DUPLICATE_PAGE, DuplicateDecision, DuplicatePage, DuplicateQuery,
        DuplicateRow, DuplicateSide, DuplicateState, LIKELY_SCORE, MergeProblem, SimilarCompany,
        same_company::{
            BlockingKeys, CompanyFacts, Compared, NameParts, Verdict, for_each_candidate,
        },
    },
    problem::Problem,
};
use entity::{duplicate_candidate, enterprise, lead, outbox, setting};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
    sea_query::{Expr, ExprTrait, LockType, OnConflict, SelectStatement},
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::merge::{facts, may_merge};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    find::holding,
    needed_text, require,
};

/// Companies read, and pairs written, at a time.
const READ: u64 = 5_000;
const WRITE: usize = 500;
/// Changed companies from which on comparing all with all costs no more.
const MANY: usize = 20_000;
/// Companies that are looked at for one name.
const LIKE_LIMIT: u64 = 300;
const KEY: &str = "duplicate_scan";

/// How far the comparing has come.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Cursor {
    /// The last row of the outbox that was taken into account.
    outbox: i64,
    /// When all were compared with all.
    scanned_at: DateTime<Utc>,
}

/// A pair that was found, the smaller id first.
type Found = BTreeMap<(i64, i64), Verdict>;

impl Service {
    /// Compares what changed since the last round with the whole directory, or all with all when nothing was compared
    /// yet. Returns how many pairs are new. Cheap when nothing changed.
    ///
    /// # Errors
    /// The database does not answer; the next round begins where this one did.
    pub async fn keep_duplicates(&self) -> ServiceResult<u64> {
        let cursor = self.duplicate_cursor().await?;
        let last = self.last_outbox_id().await?;
        let now = self.now();
        let Some(cursor) = cursor else {
            return self.find_duplicates().await;
        };
        if cursor.outbox >= last {
            return Ok(0);
        }
        let first = outbox::Entity::find()
            .order_by_asc(outbox::Column::Id)
            .one(self.database.read())
            .await?
            .map_or(last, |row| row.id);
        let changed: Vec<i64> = outbox::Entity::find()
            .select_only()
            .column(outbox::Column::Key)
            .filter(outbox::Column::Id.gt(cursor.outbox))
            .filter(outbox::Column::Id.lte(last))
            .filter(outbox::Column::Topic.eq("enterprise"))
            .distinct()
            .into_tuple()
            .all(self.database.read())
            .await?;
        if first > cursor.outbox + 1 || changed.len() > MANY {
            return self.find_duplicates().await;
        }
        let added = if changed.is_empty() {
            0
        } else {
            self.compare(Some(changed.into_iter().collect())).await?
        };
        self.keep_cursor(
            &Cursor {
                outbox: last,
                ..cursor
            },
            now,
        )
        .await?;
        Ok(added)
    }

    /// Compares all companies with all, by the keys that they share. Returns how many pairs are new.
    ///
    /// # Errors
    /// The database does not answer. Pairs that were written stay, and another scan goes over them again.
    pub async fn find_duplicates(&self) -> ServiceResult<u64> {
        // Read before the companies: what changes meanwhile is compared once more.
        let last = self.last_outbox_id().await?;
        let now = self.now();
        let added = self.compare(None).await?;
        self.keep_cursor(
            &Cursor {
                outbox: last,
                scanned_at: now,
            },
            now,
        )
        .await?;
        Ok(added)
    }

    async fn duplicate_cursor(&self) -> ServiceResult<Option<Cursor>> {
        Ok(setting::Entity::find()
            .filter(setting::Column::Key.eq(KEY))
            .one(self.database.read())
            .await?
            .and_then(|row| serde_json::from_value(row.value).ok()))
    }

    async fn keep_cursor(&self, cursor: &Cursor, now: DateTime<Utc>) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        setting::Entity::insert(setting::ActiveModel {
            key: Set(KEY.to_owned()),
            value: Set(serde_json::to_value(cursor).map_err(ServiceError::internal)?),
            updated_at: Set(now),
            ..Default::default()
        })
        .on_conflict(
            OnConflict::column(setting::Column::Key)
                .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
                .to_owned(),
        )
        .exec_without_returning(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn compare(&self, only: Option<HashSet<i64>>) -> ServiceResult<u64> {
        let (ids, companies) = self.prepared().await?;
        let scope = only.clone();
        let found = tokio::task::spawn_blocking(move || pairs(&ids, &companies, scope.as_ref()))
            .await
            .map_err(ServiceError::internal)?;
        self.write_pairs(found, only.as_ref()).await
    }

    /// Every company that is there, ready to be compared, with its id.
    async fn prepared(&self) -> ServiceResult<(Vec<i64>, Vec<Compared>)> {
        type Row = (
            i64,
            String,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<String>,
            Option<String>,
        );
        let mut ids = Vec::new();
        let mut companies = Vec::new();
        let mut after = 0;
        loop {
            let rows: Vec<Row> = enterprise::Entity::find()
                .select_only()
                .columns([
                    enterprise::Column::Id,
                    enterprise::Column::Name,
                    enterprise::Column::ShortName,
                    enterprise::Column::CreditCode,
                    enterprise::Column::StockCode,
                    enterprise::Column::Province,
                    enterprise::Column::City,
                ])
                .filter(enterprise::Column::Id.gt(after))
                .filter(enterprise::Column::Closed.eq(false))
                .filter(enterprise::Column::MergedIntoId.is_null())
                .order_by_asc(enterprise::Column::Id)
                .limit(READ)
                .into_tuple()
                .all(self.database.read())
                .await?;
            let Some(newest) = rows.last().map(|row| row.0) else {
                return Ok((ids, companies));
            };
            after = newest;
            for (id, name, short_name, credit_code, stock_code, province, city) in &rows {
                ids.push(*id);
                companies.push(Compared::of(&CompanyFacts {
                    name,
                    short_name: short_name.as_deref(),
                    credit_code: credit_code.as_deref(),
                    stock_code: stock_code.as_deref(),
                    province: province.as_deref(),
                    city: city.as_deref(),
                }));
            }
            // Other work of the process has its turn between the pages.
            tokio::task::yield_now().await;
        }
    }

    /// Writes what was found. Decided pairs stay as they are; open ones that no longer look alike go.
    async fn write_pairs(
        &self,
        mut found: Found,
        only: Option<&HashSet<i64>>,
    ) -> ServiceResult<u64> {
        let mut gone = Vec::new();
        let mut changed = Vec::new();
        let mut after = 0;
        loop {
            let known = duplicate_candidate::Entity::find()
                .filter(duplicate_candidate::Column::Id.gt(after))
                .order_by_asc(duplicate_candidate::Column::Id)
                .limit(READ)
                .all(self.database.read())
                .await?;
            let Some(newest) = known.last().map(|pair| pair.id) else {
                break;
            };
            after = newest;
            for pair in known {
                let is_asked = only.is_none_or(|only| {
                    only.contains(&pair.left_id) || only.contains(&pair.right_id)
                });
                if !is_asked {
                    continue;
                }
                let verdict = found.remove(&(pair.left_id, pair.right_id));
                if pair.state != DuplicateState::Open.key() {
                    continue;
                }
                match verdict {
                    None => gone.push(pair.id),
                    Some(verdict) if json!(verdict.reasons) != pair.reasons => {
                        changed.push((pair.id, verdict));
                    }
                    Some(_) => {}
                }
            }
        }
        let now = self.now();
        let added = found.len() as u64;
        for chunk in gone.chunks(WRITE) {
            let transaction = self.database.begin().await?;
            duplicate_candidate::Entity::delete_many()
                .filter(duplicate_candidate::Column::Id.is_in(chunk.iter().copied()))
                .filter(duplicate_candidate::Column::State.eq(DuplicateState::Open.key()))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
        }
        for chunk in changed.chunks(WRITE) {
            let transaction = self.database.begin().await?;
            for (id, verdict) in chunk {
                duplicate_candidate::ActiveModel {
                    id: Set(*id),
                    score: Set(verdict.score),
                    reasons: Set(json!(verdict.reasons)),
                    ..Default::default()
                }
                .update(&transaction)
                .await?;
            }
            transaction.commit().await?;
        }
        let fresh: Vec<_> = found.into_iter().collect();
        for chunk in fresh.chunks(WRITE) {
            let transaction = self.database.begin().await?;
            duplicate_candidate::Entity::insert_many(chunk.iter().map(
                |((left_id, right_id), verdict)| duplicate_candidate::ActiveModel {
                    left_id: Set(*left_id),
                    right_id: Set(*right_id),
                    score: Set(verdict.score),
                    reasons: Set(json!(verdict.reasons)),
                    found_at: Set(now),
                    state: Set(DuplicateState::Open.key().to_owned()),
                    ..Default::default()
                },
            ))
            // Another server may have found the same.
            .on_conflict_do_nothing_on([
                duplicate_candidate::Column::LeftId,
                duplicate_candidate::Column::RightId,
            ])
            .exec_without_returning(&transaction)
            .await?;
            transaction.commit().await?;
        }
        Ok(added)
    }

    /// A page of pairs, the likeliest first.
    ///
    /// # Errors
    /// [`Problem::Forbidden`] for those who may not merge.
    pub async fn duplicates(
        &self,
        actor: &Actor,
        query: &DuplicateQuery,
    ) -> ServiceResult<DuplicatePage> {
        require(actor, Action::ReviewDuplicate)?;
        let database = self.database.read();
        let mut matching = listed(query.state);
        if query.likely {
            matching = matching.filter(duplicate_candidate::Column::Score.gte(LIKELY_SCORE));
        }
        if let Some(id) = query.enterprise_id {
            matching = matching.filter(
                Condition::any()
                    .add(duplicate_candidate::Column::LeftId.eq(id))
                    .add(duplicate_candidate::Column::RightId.eq(id)),
            );
        }
        let text: String = query
            .text
            .trim()
            .chars()
            .filter(|one| *one != '\0')
            .take(100)
            .collect();
        if !text.is_empty() {
            let named = || {
                enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .filter(Expr::col(enterprise::Column::Name).like(holding(&text)))
                    .into_query()
            };
            matching = matching.filter(
                Condition::any()
                    .add(duplicate_candidate::Column::LeftId.in_subquery(named()))
                    .add(duplicate_candidate::Column::RightId.in_subquery(named())),
            );
        }
        let total = matching.clone().count(database).await?;
        let pairs = matching
            .order_by_desc(duplicate_candidate::Column::Score)
            .order_by_asc(duplicate_candidate::Column::Id)
            .offset(query.page.saturating_mul(DUPLICATE_PAGE))
            .limit(DUPLICATE_PAGE)
            .all(database)
            .await?;
        let mut counts = Vec::new();
        for state in DuplicateState::ALL {
            counts.push((state, listed(state).count(database).await?));
        }
        Ok(DuplicatePage {
            rows: self.pair_rows(actor, pairs).await?,
            total,
            page: query.page,
            counts,
            scanned_at: self
                .duplicate_cursor()
                .await?
                .map(|cursor| cursor.scanned_at),
        })
    }

    async fn pair_rows(
        &self,
        actor: &Actor,
        pairs: Vec<duplicate_candidate::Model>,
    ) -> ServiceResult<Vec<DuplicateRow>> {
        let database = self.database.read();
        let ids: BTreeSet<i64> = pairs
            .iter()
            .flat_map(|pair| [pair.left_id, pair.right_id])
            .collect();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let leads: Vec<(i64, i64, i64)> = lead::Entity::find()
            .select_only()
            .column(lead::Column::EnterpriseId)
            .column(lead::Column::BureauId)
            .column_as(lead::Column::Id.count(), "count")
            .filter(lead::Column::EnterpriseId.is_in(ids.iter().copied()))
            .filter(lead::Column::DeletedAt.is_null())
            .group_by(lead::Column::EnterpriseId)
            .group_by(lead::Column::BureauId)
            .into_tuple()
            .all(database)
            .await?;
        let deciders: Vec<i64> = pairs.iter().filter_map(|pair| pair.decided_by).collect();
        let people = self.account_names(deciders.into_iter()).await?;
        let side = |id: i64| {
            let company = companies.get(&id)?;
            Some(DuplicateSide {
                id,
                name: company.name.clone(),
                credit_code: company.credit_code.clone(),
                stock_code: company.stock_code.clone(),
                province: company.province.clone(),
                city: company.city.clone(),
                leads: leads
                    .iter()
                    .filter(|(company, _, _)| *company == id)
                    .map(|(_, _, count)| u64::try_from(*count).unwrap_or(0))
                    .sum(),
            })
        };
        Ok(pairs
            .iter()
            .filter_map(|pair| {
                let bureaus: BTreeSet<i64> = leads
                    .iter()
                    .filter(|(company, _, _)| [pair.left_id, pair.right_id].contains(company))
                    .map(|(_, bureau, _)| *bureau)
                    .collect();
                Some(DuplicateRow {
                    id: pair.id,
                    score: pair.score,
                    reasons: serde_json::from_value(pair.reasons.clone()).unwrap_or_default(),
                    left: side(pair.left_id)?,
                    right: side(pair.right_id)?,
                    state: DuplicateState::from_key(&pair.state).unwrap_or_default(),
                    decided_by: pair.decided_by.and_then(|id| people.get(&id).cloned()),
                    decided_at: pair.decided_at,
                    reason: pair.reason.clone(),
                    may_merge: may_merge(actor, &bureaus),
                })
            })
            .collect())
    }

    /// Says that two companies are two, with the reason, or takes that back. No later scan asks again.
    ///
    /// # Errors
    /// [`Problem::Invalid`] without a reason, [`Problem::Merge`] for a pair that was merged, [`Problem::NotFound`],
    /// [`Problem::Forbidden`].
    pub async fn decide_duplicate(
        &self,
        actor: &Actor,
        decision: DuplicateDecision,
    ) -> ServiceResult<()> {
        require(actor, Action::ReviewDuplicate)?;
        let mut fields = Vec::new();
        let reason = if decision.is_distinct {
            needed_text(
                "reason",
                decision.reason,
                DISTINCT_REASON_LIMIT,
                &mut fields,
            )
        } else {
            String::new()
        };
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let pair = duplicate_candidate::Entity::find_by_id(decision.id)
            .lock(LockType::NoKeyUpdate)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        if pair.state == DuplicateState::Merged.key() {
            let into_id = enterprise::Entity::find()
                .filter(enterprise::Column::Id.is_in([pair.left_id, pair.right_id]))
                .filter(enterprise::Column::MergedIntoId.is_not_null())
                .one(&transaction)
                .await?
                .and_then(|company| company.merged_into_id)
                .unwrap_or(pair.left_id);
            return Err(Problem::Merge {
                problem: MergeProblem::AlreadyMerged { into_id },
            }
            .into());
        }
        let now = self.now();
        let state = if decision.is_distinct {
            DuplicateState::Distinct
        } else {
            DuplicateState::Open
        };
        let before = json!({ "state": pair.state, "reason": pair.reason });
        let (left_id, right_id) = (pair.left_id, pair.right_id);
        let mut row: duplicate_candidate::ActiveModel = pair.into();
        row.state = Set(state.key().to_owned());
        row.decided_by = Set(decision.is_distinct.then_some(actor.account_id));
        row.decided_at = Set(decision.is_distinct.then_some(now));
        row.reason = Set(Some(reason.clone()).filter(|reason| !reason.is_empty()));
        row.update(&transaction).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "decide",
                entity: "duplicate_candidate",
                entity_id: decision.id,
                before: Some(before),
                after: Some(json!({
                    "state": state.key(), "reason": reason, "left": left_id, "right": right_id,
                })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Companies of the directory that this name, or this code, means; the likeliest first.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn companies_like(
        &self,
        actor: &Actor,
        name: &str,
        credit_code: Option<&str>,
    ) -> ServiceResult<Vec<SimilarCompany>> {
        require(actor, Action::ReadZone)?;
        let name: String = name.chars().filter(|one| *one != '\0').take(500).collect();
        let asked = CompanyFacts {
            credit_code,
            ..CompanyFacts::named(&name)
        };
        like(self.database.read(), &asked).await
    }

    /// Open pairs with a company.
    pub(super) async fn duplicates_of(&self, enterprise_id: i64) -> ServiceResult<u64> {
        Ok(listed(DuplicateState::Open)
            .filter(
                Condition::any()
                    .add(duplicate_candidate::Column::LeftId.eq(enterprise_id))
                    .add(duplicate_candidate::Column::RightId.eq(enterprise_id)),
            )
            .count(self.database.read())
            .await?)
    }
}

/// The other companies of the directory that mean this one, less those of which somebody said that they are two.
pub(crate) async fn other_rows_of(
    connection: &impl ConnectionTrait,
    company: &enterprise::Model,
) -> ServiceResult<Vec<SimilarCompany>> {
    let mut others = like(connection, &facts(company)).await?;
    others.retain(|other| other.id != company.id);
    if others.is_empty() {
        return Ok(others);
    }
    let ids = || others.iter().map(|other| other.id);
    let pair = |own: duplicate_candidate::Column, other: duplicate_candidate::Column| {
        Condition::all()
            .add(own.eq(company.id))
            .add(other.is_in(ids()))
    };
    let (left, right) = (
        duplicate_candidate::Column::LeftId,
        duplicate_candidate::Column::RightId,
    );
    let distinct: Vec<(i64, i64)> = duplicate_candidate::Entity::find()
        .select_only()
        .columns([left, right])
        .filter(duplicate_candidate::Column::State.eq(DuplicateState::Distinct.key()))
        .filter(
            Condition::any()
                .add(pair(left, right))
                .add(pair(right, left)),
        )
        .into_tuple()
        .all(connection)
        .await?;
    others.retain(|other| {
        let pair = (min(company.id, other.id), max(company.id, other.id));
        !distinct.contains(&pair)
    });
    Ok(others)
}

/// Companies of the directory that these facts mean, the likeliest first.
async fn like(
    connection: &impl ConnectionTrait,
    asked: &CompanyFacts<'_>,
) -> ServiceResult<Vec<SimilarCompany>> {
    let (name, credit_code) = (asked.name, asked.credit_code);
    let parts = NameParts::of(name);
    let column = |column: enterprise::Column| Expr::col(column);
    let mut wanted = Condition::any();
    if let Ok(code) = domain::enterprise::check_credit_code(credit_code.unwrap_or_default()) {
        wanted = wanted.add(column(enterprise::Column::CreditCode).eq(code.to_string()));
    }
    let written = domain::enterprise::normalise_name(name);
    if !written.is_empty() {
        wanted = wanted.add(column(enterprise::Column::NameKey).eq(&*written));
    }
    if parts.core.chars().count() >= 2 {
        wanted = wanted
            .add(column(enterprise::Column::NameKey).like(holding(&parts.core)))
            .add(column(enterprise::Column::ShortName).eq(name.trim()));
    }
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let companies = enterprise::Entity::find()
        .filter(wanted)
        .filter(enterprise::Column::MergedIntoId.is_null())
        // Of many that hold a common core, the equal one must not be beyond the limit.
        .order_by_desc(column(enterprise::Column::NameKey).eq(&*written))
        .order_by_asc(enterprise::Column::Id)
        .limit(LIKE_LIMIT)
        .all(connection)
        .await?;
    let asked = Compared::of(asked);
    let mut found: Vec<SimilarCompany> = companies
        .into_iter()
        .filter_map(|company| {
            let verdict = asked.verdict(&Compared::of(&facts(&company)));
            let is_same = verdict.is_same() || company.name_key == written;
            is_same.then_some(SimilarCompany {
                id: company.id,
                name: company.name,
                credit_code: company.credit_code,
                province: company.province,
                city: company.city,
                score: verdict.score,
                reasons: verdict.reasons,
            })
        })
        .collect();
    found.sort_by(|one, two| two.score.total_cmp(&one.score).then(one.id.cmp(&two.id)));
    Ok(found)
}

/// Pairs in a state. Open ones only while both companies are there.
fn listed(state: DuplicateState) -> sea_orm::Select<duplicate_candidate::Entity> {
    let query = duplicate_candidate::Entity::find()
        .filter(duplicate_candidate::Column::State.eq(state.key()));
    if state == DuplicateState::Merged {
        return query;
    }
    let gone = || -> SelectStatement {
        enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(
                Condition::any()
                    .add(enterprise::Column::MergedIntoId.is_not_null())
                    .add(enterprise::Column::Closed.eq(true)),
            )
            .into_query()
    };
    query
        .filter(duplicate_candidate::Column::LeftId.not_in_subquery(gone()))
        .filter(duplicate_candidate::Column::RightId.not_in_subquery(gone()))
}

/// The pairs among these companies that are taken for one, those of `only` with any.
fn pairs(ids: &[i64], companies: &[Compared], only: Option<&HashSet<i64>>) -> Found {
    let keys: Vec<BlockingKeys> = companies.iter().map(BlockingKeys::of).collect();
    let only: Option<HashSet<usize>> = only.map(|only| {
        ids.iter()
            .enumerate()
            .filter(|(_, id)| only.contains(id))
            .map(|(position, _)| position)
            .collect()
    });
    let mut found = Found::new();
    for_each_candidate(&keys, only.as_ref(), |one, two| {
        let (Some(left), Some(right), Some(left_id), Some(right_id)) = (
            companies.get(one),
            companies.get(two),
            ids.get(one),
            ids.get(two),
        ) else {
            return;
        };
        let verdict = left.verdict(right);
        if verdict.is_same() {
            found.insert(
                (min(*left_id, *right_id), max(*left_id, *right_id)),
                verdict,
            );
        }
    });
    found
}
