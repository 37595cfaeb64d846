//! An import taken back as a whole: created companies go, updated ones have their former fields and products again.
//!
//! What something hangs on, or what somebody changed since, stays and is named. As an import, it is worked off in batches;
//! each change is marked with its outcome in the transaction that brings it about, so that nothing is done twice.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    chain::Landing,
    enterprise::{
        ImportStatus, KeptCompany, KeptReason, UNDO_DAYS, UndoOutcome, UndoReport, UndoSummary,
    },
    problem::{ImportUndoRefusal, Problem},
};
use entity::{
    chain_scenario, claim, enterprise, enterprise_product, import_change, import_job, lead,
    match_decision, target_list_company, trip_candidate, visit,
};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, TransactionTrait,
    sea_query::{Expr, LockType, OnConflict},
};
use serde_json::json;

use super::{
    ImportProgress,
    import::{BATCH, Former, Present, existing, insert_products, replace_enterprises},
    job::lease,
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::rematch_enterprises,
    require,
    search::announce,
};

pub(super) const CREATED: &str = "created";
pub(super) const UPDATED: &str = "updated";

/// Companies named in a report.
const NAMED: usize = 100;

/// What was done so far.
pub(super) fn summary(job: &import_job::Model) -> UndoSummary {
    job.undo_summary
        .clone()
        .and_then(|value| serde_json::from_value(value).ok())
        .unwrap_or_default()
}

/// What hangs on companies, by the reason to keep them.
#[derive(Default)]
struct Hanging(BTreeMap<i64, KeptReason>);

impl Hanging {
    async fn on(connection: &impl ConnectionTrait, ids: &[i64]) -> ServiceResult<Self> {
        let mut hanging = BTreeMap::new();
        macro_rules! hangs {
            ($table:ident, $reason:ident) => {
                let found: Vec<i64> = $table::Entity::find()
                    .select_only()
                    .column($table::Column::EnterpriseId)
                    .distinct()
                    .filter($table::Column::EnterpriseId.is_in(ids.iter().copied()))
                    .into_tuple()
                    .all(connection)
                    .await?;
                for id in found {
                    hanging.entry(id).or_insert(KeptReason::$reason);
                }
            };
        }
        hangs!(lead, Lead);
        hangs!(claim, Lead);
        hangs!(trip_candidate, Trip);
        hangs!(visit, Trip);
        hangs!(match_decision, Decision);
        hangs!(target_list_company, List);
        let scenarios: Vec<serde_json::Value> = chain_scenario::Entity::find()
            .select_only()
            .column(chain_scenario::Column::Landings)
            .into_tuple()
            .all(connection)
            .await?;
        for landings in scenarios {
            let landings: Vec<Landing> = serde_json::from_value(landings).unwrap_or_default();
            for id in landings.iter().filter_map(|landing| landing.enterprise_id) {
                hanging.entry(id).or_insert(KeptReason::Scenario);
            }
        }
        Ok(Self(hanging))
    }
}

/// One change, judged.
struct Verdict {
    change: import_change::Model,
    former: Option<Former>,
    outcome: UndoOutcome,
}

/// Says what becomes of each change. `present` are the companies as they are.
async fn judge(
    connection: &impl ConnectionTrait,
    job_id: i64,
    changes: Vec<import_change::Model>,
    present: &Present,
) -> ServiceResult<Vec<Verdict>> {
    let ids: Vec<i64> = changes.iter().map(|change| change.enterprise_id).collect();
    let hanging = Hanging::on(connection, &ids).await?;
    let mut verdicts = Vec::with_capacity(changes.len());
    for change in changes {
        let former: Option<Former> = change
            .before
            .clone()
            .map(serde_json::from_value)
            .transpose()
            .map_err(ServiceError::internal)?;
        let outcome = match present.get(&change.enterprise_id) {
            None if former.is_none() => UndoOutcome::Removed,
            None => UndoOutcome::Kept(KeptReason::Gone),
            Some((model, _)) if model.version != change.version_after => {
                UndoOutcome::Kept(KeptReason::ChangedSince)
            }
            Some(_) if former.is_some() => UndoOutcome::Restored,
            Some(_) => hanging
                .0
                .get(&change.enterprise_id)
                .map_or(UndoOutcome::Removed, |reason| UndoOutcome::Kept(*reason)),
        };
        verdicts.push(Verdict {
            change,
            former,
            outcome,
        });
    }
    let taken = taken_codes(connection, job_id, &verdicts).await?;
    for verdict in &mut verdicts {
        if verdict.outcome == UndoOutcome::Restored && taken.contains(&verdict.change.enterprise_id)
        {
            verdict.outcome = UndoOutcome::Kept(KeptReason::CodeTaken);
        }
    }
    Ok(verdicts)
}

/// Companies whose former code another one has now, one that this import has not given it.
async fn taken_codes(
    connection: &impl ConnectionTrait,
    job_id: i64,
    verdicts: &[Verdict],
) -> ServiceResult<BTreeSet<i64>> {
    let restored = || {
        verdicts
            .iter()
            .filter(|verdict| verdict.outcome == UndoOutcome::Restored)
            .filter_map(|verdict| Some((verdict.change.enterprise_id, verdict.former.as_ref()?)))
    };
    let credit_codes = restored().filter_map(|(_, former)| former.credit_code.clone());
    let stock_codes = restored().filter_map(|(_, former)| former.stock_code.clone());
    let owners: Vec<(i64, Option<String>, Option<String>)> = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .column(enterprise::Column::CreditCode)
        .column(enterprise::Column::StockCode)
        .filter(
            Condition::any()
                .add(enterprise::Column::CreditCode.is_in(credit_codes))
                .add(enterprise::Column::StockCode.is_in(stock_codes)),
        )
        .into_tuple()
        .all(connection)
        .await?;
    let own: BTreeSet<i64> = import_change::Entity::find()
        .select_only()
        .column(import_change::Column::EnterpriseId)
        .filter(import_change::Column::ImportJobId.eq(job_id))
        .filter(import_change::Column::Outcome.is_null())
        .filter(import_change::Column::EnterpriseId.is_in(owners.iter().map(|owner| owner.0)))
        .into_tuple::<i64>()
        .all(connection)
        .await?
        .into_iter()
        .collect();
    let by_code: HashMap<String, i64> = owners
        .into_iter()
        .filter(|(id, ..)| !own.contains(id))
        .flat_map(|(id, credit_code, stock_code)| {
            let credit_code = credit_code.map(|code| (format!("c{code}"), id));
            let stock_code = stock_code.map(|code| (format!("s{code}"), id));
            credit_code.into_iter().chain(stock_code)
        })
        .collect();
    Ok(restored()
        .filter(|(id, former)| {
            let credit_code = former.credit_code.iter().map(|code| format!("c{code}"));
            let stock_code = former.stock_code.iter().map(|code| format!("s{code}"));
            credit_code
                .chain(stock_code)
                .filter_map(|code| by_code.get(&code))
                .any(|owner| owner != id)
        })
        .map(|(id, _)| id)
        .collect())
}

fn kept(verdict: &Verdict) -> Option<KeptCompany> {
    let UndoOutcome::Kept(reason) = verdict.outcome else {
        return None;
    };
    Some(kept_company(&verdict.change, reason))
}

fn kept_company(change: &import_change::Model, reason: KeptReason) -> KeptCompany {
    KeptCompany {
        enterprise_id: change.enterprise_id,
        name: change.name.clone(),
        is_new: change.kind == CREATED,
        reason,
    }
}

impl Service {
    /// Why an import cannot be taken back; none when it can.
    pub(super) async fn undo_refusal(
        &self,
        connection: &impl ConnectionTrait,
        job: &import_job::Model,
    ) -> ServiceResult<Option<ImportUndoRefusal>> {
        match ImportStatus::from_key(&job.status) {
            Some(ImportStatus::Finished | ImportStatus::Failed) => {}
            Some(ImportStatus::Undoing | ImportStatus::Undone) => {
                return Ok(Some(ImportUndoRefusal::Already));
            }
            _ => return Ok(Some(ImportUndoRefusal::NotEnded)),
        }
        let ended = job.finished_at.unwrap_or(job.updated_at);
        if ended + Duration::days(UNDO_DAYS) < self.now() {
            return Ok(Some(ImportUndoRefusal::TooLate));
        }
        let any = import_change::Entity::find()
            .select_only()
            .column(import_change::Column::Id)
            .filter(import_change::Column::ImportJobId.eq(job.id))
            .limit(1)
            .into_tuple::<i64>()
            .one(connection)
            .await?;
        Ok(any.is_none().then_some(ImportUndoRefusal::NothingKept))
    }

    /// What taking an import back would do now, or did.
    ///
    /// # Errors
    /// [`Problem::UndoRefused`] for one that cannot be taken back, [`Problem::NotFound`], also for somebody else's.
    pub async fn undo_report(&self, actor: &Actor, job_id: i64) -> ServiceResult<UndoReport> {
        let job = self.own_job(actor, job_id).await?;
        if job.undo_asked_at.is_some() {
            return self.undone(&job).await;
        }
        let connection = self.database.read();
        if let Some(reason) = self.undo_refusal(connection, &job).await? {
            return Err(Problem::UndoRefused { reason }.into());
        }
        let mut report = UndoReport {
            summary: UndoSummary::default(),
            kept: Vec::new(),
        };
        let mut before = i64::MAX;
        loop {
            let changes = changes_before(connection, job_id, before).await?;
            let Some(last) = changes.last() else { break };
            before = last.id;
            let ids = changes.iter().map(|change| change.enterprise_id);
            let present = existing(connection, ids, None).await?;
            for verdict in judge(connection, job_id, changes, &present).await? {
                report.summary.count(verdict.outcome);
                if let Some(company) = kept(&verdict)
                    && report.kept.len() < NAMED
                {
                    report.kept.push(company);
                }
            }
        }
        Ok(report)
    }

    async fn undone(&self, job: &import_job::Model) -> ServiceResult<UndoReport> {
        let changes = import_change::Entity::find()
            .filter(import_change::Column::ImportJobId.eq(job.id))
            .filter(
                import_change::Column::Outcome
                    .is_in(KeptReason::ALL.map(|reason| reason.key().to_owned())),
            )
            .order_by_desc(import_change::Column::Id)
            .limit(NAMED as u64)
            .all(self.database.read())
            .await?;
        let kept = changes.iter().filter_map(|change| {
            match UndoOutcome::from_key(change.outcome.as_deref()?)? {
                UndoOutcome::Kept(reason) => Some(kept_company(change, reason)),
                UndoOutcome::Removed | UndoOutcome::Restored => None,
            }
        });
        Ok(UndoReport {
            summary: summary(job),
            kept: kept.collect(),
        })
    }

    /// Asks for an import to be taken back as a whole. It is worked off as imports are.
    ///
    /// # Errors
    /// [`Problem::UndoRefused`] when it has not ended, was taken back before, ended too long ago, or changed nothing;
    /// [`Problem::NotFound`], also for somebody else's. Nothing is written then.
    pub async fn undo_import(&self, actor: &Actor, job_id: i64) -> ServiceResult<()> {
        require(actor, Action::ImportEnterprise)?;
        let now = self.now();
        let transaction = self.database.begin().await?;
        let job = import_job::Entity::find_by_id(job_id)
            .lock(LockType::NoKeyUpdate)
            .one(&transaction)
            .await?
            .filter(|job| job.account_id == actor.account_id || actor.may(Action::ReadEveryImport))
            .ok_or(Problem::NotFound)?;
        if let Some(reason) = self.undo_refusal(&transaction, &job).await? {
            return Err(Problem::UndoRefused { reason }.into());
        }
        let total = import_change::Entity::find()
            .filter(import_change::Column::ImportJobId.eq(job_id))
            .count(&transaction)
            .await?;
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Undoing.key()),
            )
            .col_expr(
                import_job::Column::UndoAccountId,
                Expr::value(Some(actor.account_id)),
            )
            .col_expr(import_job::Column::UndoAskedAt, Expr::value(Some(now)))
            .col_expr(
                import_job::Column::UndoTotal,
                Expr::value(Some(i32::try_from(total).unwrap_or(i32::MAX))),
            )
            .col_expr(
                import_job::Column::LeasedUntil,
                Expr::value(None::<chrono::DateTime<chrono::Utc>>),
            )
            .col_expr(import_job::Column::UpdatedAt, Expr::value(now))
            .filter(import_job::Column::Id.eq(job_id))
            .exec(&transaction)
            .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "ask_undo",
                entity: "import_job",
                entity_id: job_id,
                before: Some(json!({ "status": job.status })),
                after: Some(json!({ "companies": total })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes an import back until nothing of it is left to judge, or until another worker has it.
    pub(super) async fn run_undo(
        &self,
        job_id: i64,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> ServiceResult<()> {
        loop {
            let transaction = self.database.begin().await?;
            let job = import_job::Entity::find_by_id(job_id)
                .lock(LockType::NoKeyUpdate)
                .one(&transaction)
                .await?
                .ok_or(Problem::NotFound)?;
            if ImportStatus::from_key(&job.status) != Some(ImportStatus::Undoing) {
                return Ok(());
            }
            let mut told = summary(&job);
            // The last written goes first, as codes may have moved from company to company.
            let changes = changes_before(&transaction, job_id, i64::MAX).await?;
            if changes.is_empty() {
                return self.finish_undo(transaction, job_id, told).await;
            }
            for outcome in self.take_back(&transaction, job_id, changes).await? {
                told.count(outcome);
            }
            import_job::Entity::update_many()
                .col_expr(
                    import_job::Column::UndoSummary,
                    Expr::value(serde_json::to_value(told).map_err(ServiceError::internal)?),
                )
                .col_expr(
                    import_job::Column::LeasedUntil,
                    Expr::value(lease(self.now())),
                )
                .filter(import_job::Column::Id.eq(job_id))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            progress(ImportProgress {
                done: told.total(),
                total: job
                    .undo_total
                    .and_then(|total| u32::try_from(total).ok())
                    .unwrap_or_default(),
            });
        }
    }

    async fn finish_undo(
        &self,
        transaction: DatabaseTransaction,
        job_id: i64,
        told: UndoSummary,
    ) -> ServiceResult<()> {
        let now = self.now();
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Undone.key()),
            )
            .col_expr(import_job::Column::UndoFinishedAt, Expr::value(Some(now)))
            .filter(import_job::Column::Id.eq(job_id))
            .exec(&transaction)
            .await?;
        audit::record(
            &transaction,
            None,
            now,
            Change {
                action: "undo",
                entity: "import_job",
                entity_id: job_id,
                before: None,
                after: serde_json::to_value(told).ok(),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes a batch of changes back in the caller's transaction and marks each with its outcome.
    async fn take_back(
        &self,
        transaction: &DatabaseTransaction,
        job_id: i64,
        changes: Vec<import_change::Model>,
    ) -> ServiceResult<Vec<UndoOutcome>> {
        let ids: Vec<i64> = changes.iter().map(|change| change.enterprise_id).collect();
        let present = existing(transaction, ids.iter().copied(), Some(LockType::Update)).await?;
        let mut verdicts = judge(transaction, job_id, changes, &present).await?;
        let whole = transaction.begin().await?;
        match self.write_back(&whole, job_id, &verdicts, &present).await {
            Ok(()) => whole.commit().await?,
            Err(error) if error.sql_err().is_some() => {
                whole.rollback().await?;
                // Something that no rule above knows of holds one of them: each by itself then, and that one stays.
                for verdict in &mut verdicts {
                    let one = transaction.begin().await?;
                    let alone = std::slice::from_ref(&*verdict);
                    match self.write_back(&one, job_id, alone, &present).await {
                        Ok(()) => one.commit().await?,
                        Err(error) if error.sql_err().is_some() => {
                            one.rollback().await?;
                            verdict.outcome = UndoOutcome::Kept(KeptReason::InUse);
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
            }
            Err(error) => return Err(error.into()),
        }
        let mut by_outcome: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
        for verdict in &verdicts {
            by_outcome
                .entry(verdict.outcome.key())
                .or_default()
                .push(verdict.change.id);
        }
        for (outcome, ids) in by_outcome {
            import_change::Entity::update_many()
                .col_expr(import_change::Column::Outcome, Expr::value(outcome))
                .filter(import_change::Column::Id.is_in(ids))
                .exec(transaction)
                .await?;
        }
        let of = |outcome: UndoOutcome| {
            verdicts
                .iter()
                .filter(move |verdict| verdict.outcome == outcome)
                .map(|verdict| verdict.change.enterprise_id)
        };
        let restored: Vec<i64> = of(UndoOutcome::Restored).collect();
        if !restored.is_empty() {
            rematch_enterprises(self, transaction, &restored).await?;
        }
        let touched: Vec<i64> = of(UndoOutcome::Removed).chain(restored).collect();
        announce(transaction, &touched, self.now()).await?;
        Ok(verdicts.iter().map(|verdict| verdict.outcome).collect())
    }

    async fn write_back(
        &self,
        transaction: &DatabaseTransaction,
        job_id: i64,
        verdicts: &[Verdict],
        present: &Present,
    ) -> Result<(), DbErr> {
        let removed: Vec<i64> = verdicts
            .iter()
            .filter(|verdict| verdict.outcome == UndoOutcome::Removed)
            .map(|verdict| verdict.change.enterprise_id)
            .collect();
        if !removed.is_empty() {
            enterprise::Entity::delete_many()
                .filter(enterprise::Column::Id.is_in(removed))
                .exec(transaction)
                .await?;
        }
        let now = self.now();
        let mut models = Vec::new();
        let mut products = Vec::new();
        let mut versions = BTreeMap::new();
        for verdict in verdicts {
            let id = verdict.change.enterprise_id;
            if verdict.outcome == UndoOutcome::Restored
                && let (Some(former), Some((model, _))) = (&verdict.former, present.get(&id))
            {
                models.push(former.restored(model.clone(), now));
                products.push((id, former.products.clone()));
                versions.insert(id, (former.version, model.version + 1));
            }
        }
        if models.is_empty() {
            return Ok(());
        }
        replace_enterprises(transaction, models).await?;
        enterprise_product::Entity::delete_many()
            .filter(enterprise_product::Column::EnterpriseId.is_in(versions.keys().copied()))
            .exec(transaction)
            .await?;
        insert_products(transaction, products.into_iter()).await?;
        follow(transaction, Some(job_id), &versions).await
    }
}

/// The changes that nobody has taken back, from the last one on, at most a batch.
async fn changes_before(
    connection: &impl ConnectionTrait,
    job_id: i64,
    before: i64,
) -> Result<Vec<import_change::Model>, DbErr> {
    import_change::Entity::find()
        .filter(import_change::Column::ImportJobId.eq(job_id))
        .filter(import_change::Column::Outcome.is_null())
        .filter(import_change::Column::Id.lt(before))
        .order_by_desc(import_change::Column::Id)
        .limit(BATCH as u64)
        .all(connection)
        .await
}

/// A company that has again the state that an earlier import left is that import's to take back: its change follows to the
/// new version. `versions` has the version that came back and its new number, by company; `undone` is the import that is
/// taken back, if it is one that brought them back.
pub(super) async fn follow(
    transaction: &DatabaseTransaction,
    undone: Option<i64>,
    versions: &BTreeMap<i64, (i64, i64)>,
) -> Result<(), DbErr> {
    let mut changes = import_change::Entity::find()
        .filter(import_change::Column::EnterpriseId.is_in(versions.keys().copied()));
    if let Some(job_id) = undone {
        changes = changes.filter(import_change::Column::ImportJobId.ne(job_id));
    }
    let earlier: Vec<import_change::ActiveModel> = changes
        .filter(import_change::Column::Outcome.is_null())
        .all(transaction)
        .await?
        .into_iter()
        .filter_map(|change| {
            let (former, now) = versions.get(&change.enterprise_id)?;
            (change.version_after == *former).then(|| {
                let mut change: import_change::ActiveModel = change.into();
                change.version_after = Set(*now);
                change
            })
        })
        .collect();
    if earlier.is_empty() {
        return Ok(());
    }
    import_change::Entity::insert_many(earlier)
        .on_conflict(
            OnConflict::column(import_change::Column::Id)
                .update_column(import_change::Column::VersionAfter)
                .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}
