//! Imports as jobs: uploaded, looked at, started, worked off by whichever server leases them.
//!
//! A batch is written in one transaction with its refusals, what it changed, the running summary and the number of rows
//! done. Whoever takes over a lapsed lease goes on behind that number; a worker that lost its lease without knowing
//! finds another number there and writes nothing.

use chrono::{DateTime, Duration, Utc};
use domain::{
    account::{Action, Actor},
    enterprise::{
        EnterpriseField, ImportColumn, ImportJob, ImportPreview, ImportStart, ImportStatus,
        ImportSummary, Mapping, MappingBasis, RefusedPage, RefusedRow, RowVerdict, RunningImport,
        Severity, UndoState, header_signature, recognise_all,
    },
    notice::{NoticeDetail, NoticeKind},
    problem::{FieldProblemKind, Problem, TableProblem},
};
use entity::{account, import_change, import_file, import_job, import_mapping, import_refusal};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect,
    sea_query::{Expr, LockType, OnConflict},
};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{
    import::{self, Judge, Judged, Kinds, Origin, Touched},
    table::{Table, TableFormat},
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    database::{HOLD_IMPORT, hold, plan_anew},
    notice::{Notice, tell},
    require, without_nul,
};

/// Rows done and rows in all, or companies of an import that is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    pub done: u32,
    pub total: u32,
}

/// Refused rows as they were, to be mended and sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct RefusedTable {
    pub file_name: String,
    /// As in the file; empty for JSON lines, whose rows have one cell, the line.
    pub header: Vec<String>,
    pub rows: Vec<Refused>,
}

/// One refused row with all its reasons.
#[derive(Clone, Debug, PartialEq)]
pub struct Refused {
    pub row: u32,
    pub cells: Vec<String>,
    pub reasons: Vec<RefusedRow>,
}

const LEASE_SECONDS: i64 = 60;
/// Refused rows on a page.
const REFUSED_PAGE: u64 = 100;
/// Rows shown in a preview.
const PREVIEW_ROWS: usize = 20;
/// Rows of one kind shown in a preview.
const PREVIEW_KIND: usize = 100;

impl Service {
    /// Takes a file in. It is read at once, so that a file which is none is refused at the door.
    ///
    /// # Errors
    /// [`Problem::Table`], [`Problem::Forbidden`]. Nothing is kept then.
    pub async fn upload_enterprises(
        &self,
        actor: &Actor,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> ServiceResult<i64> {
        require(actor, Action::ImportEnterprise)?;
        let mut file_name: String = file_name.chars().take(200).collect();
        without_nul(&mut file_name);
        let (table, bytes) = import::read(&file_name, bytes).await?;
        if table.format != TableFormat::JsonLines
            && recognise_all(&table.header).iter().all(Option::is_none)
        {
            return Err(Problem::Table {
                problem: TableProblem::NoKnownColumn,
            }
            .into());
        }
        let now = self.now();
        let rows = i32::try_from(table.rows.len()).unwrap_or(i32::MAX);
        let header = table.header;
        // Of a large file the rows take several times its size; they are read again when they are wanted.
        drop(table.rows);
        let told = json!({ "file": file_name, "rows": rows });
        let transaction = self.database.begin().await?;
        let job = import_job::ActiveModel {
            account_id: Set(actor.account_id),
            file_name: Set(file_name),
            file_size: Set(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
            status: Set(ImportStatus::Uploaded.key().to_owned()),
            total: Set(rows),
            done: Set(0),
            header: Set(Some(json!(header))),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        let job_id = import_job::Entity::insert(job)
            .exec(&transaction)
            .await?
            .last_insert_id;
        import_file::Entity::insert(import_file::ActiveModel {
            import_job_id: Set(job_id),
            content: Set(bytes),
        })
        .exec_without_returning(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "upload",
                entity: "import_job",
                entity_id: job_id,
                before: None,
                after: Some(told),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(job_id)
    }

    /// The dry run: columns, first rows, problems, and what would be written. Writes nothing.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Invalid`] for a mapping without a name column.
    pub async fn import_preview(
        &self,
        actor: &Actor,
        job_id: i64,
        mapping: Option<Mapping>,
    ) -> ServiceResult<ImportPreview> {
        let job = self.own_job(actor, job_id).await?;
        let (table, _) = import::read(&job.file_name, self.content(job_id).await?).await?;
        let recognised = recognise_all(&table.header);
        let guess: Mapping = recognised
            .iter()
            .map(|found| found.as_ref().map(|found| found.field))
            .collect();
        let (mapping, basis) = match mapping {
            Some(mapping) if mapping == guess => (mapping, MappingBasis::Guessed),
            Some(mapping) => (mapping, MappingBasis::Chosen),
            None => match self.remembered(&table).await? {
                Some((mapping, basis)) if mapping != guess => (mapping, basis),
                _ => (guess.clone(), MappingBasis::Guessed),
            },
        };
        let columns = if table.format == TableFormat::JsonLines {
            Vec::new()
        } else {
            table
                .header
                .iter()
                .enumerate()
                .map(|(index, header)| ImportColumn {
                    header: header.clone(),
                    sample: sample(&table, index),
                    field: mapping.get(index).copied().flatten(),
                    certain: recognised
                        .get(index)
                        .and_then(Option::as_ref)
                        .is_some_and(|found| found.certain),
                })
                .collect()
        };
        let mut preview = ImportPreview {
            job: self.job_view(actor, job).await?,
            sheet: table.sheet.clone(),
            encoding: table.encoding.to_owned(),
            columns,
            summary: ImportSummary {
                rows: count(table.rows.len()),
                ..ImportSummary::default()
            },
            rows: Vec::new(),
            problem_rows: Vec::new(),
            updated_rows: Vec::new(),
            kinds: Vec::new(),
            basis,
            guess,
            mended: table.mended,
        };
        let mut judge = Judge::new(table, mapping, self.today());
        let mut kinds = Kinds::default();
        let (mut refused, mut warned) = (0, 0);
        loop {
            let batch = judge.batch();
            if batch.is_empty() {
                break;
            }
            let verdicts = self.dry_run(&batch).await?;
            for (row, (verdict, changes)) in batch.iter().zip(&verdicts) {
                import::count(&mut preview.summary, *verdict, &row.problems);
                kinds.count(&row.problems);
                let shown = || import::preview_row(row, *verdict, changes);
                if preview.rows.len() < PREVIEW_ROWS {
                    preview.rows.push(shown());
                }
                let is_kept = changes.iter().any(|change| change.is_kept);
                preview.summary.kept += u32::from(is_kept);
                let is_shown = *verdict == RowVerdict::Update || is_kept;
                if is_shown && preview.updated_rows.len() < PREVIEW_KIND {
                    preview.updated_rows.push(shown());
                }
                let seen = if *verdict == RowVerdict::Refused {
                    &mut refused
                } else {
                    &mut warned
                };
                if !row.problems.is_empty() && *seen < PREVIEW_KIND {
                    *seen += 1;
                    preview.problem_rows.push(shown());
                }
            }
        }
        preview.kinds = kinds.ranked();
        Ok(preview)
    }

    /// The columns that somebody confirmed for the same header row.
    async fn remembered(&self, table: &Table) -> ServiceResult<Option<(Mapping, MappingBasis)>> {
        if table.format == TableFormat::JsonLines {
            return Ok(None);
        }
        let found = import_mapping::Entity::find()
            .filter(import_mapping::Column::Signature.eq(signature(&table.header)))
            .one(self.database.read())
            .await?;
        let Some(found) = found else { return Ok(None) };
        let Ok(mut mapping) = serde_json::from_value::<Mapping>(found.mapping) else {
            return Ok(None);
        };
        // Empty headers at the end make no other row of headers.
        mapping.resize(table.header.len(), None);
        let by = self.account_name(found.account_id).await?;
        let basis = MappingBasis::Remembered {
            by,
            used_at: found.used_at,
        };
        Ok(Some((mapping, basis)))
    }

    /// Puts an uploaded file in the queue with its columns as confirmed.
    ///
    /// # Errors
    /// [`Problem::ImportNotReady`] when it was started before, [`Problem::Invalid`], [`Problem::NotFound`].
    pub async fn start_import(&self, actor: &Actor, start: ImportStart) -> ServiceResult<()> {
        require(actor, Action::ImportEnterprise)?;
        let job = self.own_job(actor, start.job_id).await?;
        if ImportStatus::from_key(&job.status) != Some(ImportStatus::Uploaded) {
            return Err(Problem::ImportNotReady.into());
        }
        let header = self.header(&job).await?;
        if !header.is_empty() {
            check_mapping(&start.mapping, header.len())?;
        }
        let now = self.now();
        let mapping = serde_json::to_value(&start.mapping).map_err(ServiceError::internal)?;
        let transaction = self.database.begin().await?;
        let taken = import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Queued.key()),
            )
            .col_expr(import_job::Column::Mapping, Expr::value(mapping.clone()))
            .col_expr(import_job::Column::IsLocal, Expr::value(start.is_local))
            .col_expr(import_job::Column::UpdatedAt, Expr::value(now))
            .filter(import_job::Column::Id.eq(job.id))
            .filter(import_job::Column::Status.eq(ImportStatus::Uploaded.key()))
            .exec(&transaction)
            .await?;
        if taken.rows_affected == 0 {
            return Err(Problem::ImportNotReady.into());
        }
        if !header.is_empty() {
            import_mapping::Entity::insert(import_mapping::ActiveModel {
                signature: Set(signature(&header)),
                mapping: Set(mapping),
                account_id: Set(actor.account_id),
                used_at: Set(now),
                ..Default::default()
            })
            .on_conflict(
                OnConflict::column(import_mapping::Column::Signature)
                    .update_columns([
                        import_mapping::Column::Mapping,
                        import_mapping::Column::AccountId,
                        import_mapping::Column::UsedAt,
                    ])
                    .to_owned(),
            )
            .exec_without_returning(&transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Works off one queued import, or one that is to be taken back, or one whose worker died. Returns false when there is none, or while
    /// another worker is at one.
    ///
    /// # Errors
    /// The database does not answer; the lease lapses and another worker goes on.
    pub async fn run_next_import(
        &self,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> ServiceResult<bool> {
        let now = self.now();
        let worked_at = [ImportStatus::Running.key(), ImportStatus::Undoing.key()];
        let waiting = Condition::any()
            .add(import_job::Column::Status.eq(ImportStatus::Queued.key()))
            .add(
                Condition::all()
                    .add(import_job::Column::Status.is_in(worked_at))
                    .add(
                        Condition::any()
                            .add(import_job::Column::LeasedUntil.is_null())
                            .add(import_job::Column::LeasedUntil.lt(now)),
                    ),
            );
        let transaction = self.database.begin().await?;
        hold(&transaction, HOLD_IMPORT).await?;
        // One at a time: a company that two files bring must come out as one.
        let busy = import_job::Entity::find()
            .filter(import_job::Column::Status.is_in(worked_at))
            .filter(import_job::Column::LeasedUntil.gte(now))
            .count(&transaction)
            .await?;
        if busy > 0 {
            return Ok(false);
        }
        let next: Option<(i64, String)> = import_job::Entity::find()
            .select_only()
            .column(import_job::Column::Id)
            .column(import_job::Column::Status)
            .filter(waiting)
            .order_by_asc(import_job::Column::Id)
            .into_tuple()
            .one(&transaction)
            .await?;
        let Some((id, status)) = next else {
            return Ok(false);
        };
        let is_undo = status == ImportStatus::Undoing.key();
        let status = if is_undo {
            ImportStatus::Undoing
        } else {
            ImportStatus::Running
        };
        import_job::Entity::update_many()
            .col_expr(import_job::Column::Status, Expr::value(status.key()))
            .col_expr(import_job::Column::LeasedUntil, Expr::value(lease(now)))
            .filter(import_job::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        if is_undo {
            self.run_undo(id, progress).await?;
            return Ok(true);
        }
        match self.run_import(id, progress).await {
            Ok(()) => Ok(true),
            Err(ServiceError::Problem(problem)) => {
                self.fail_import(id, problem).await?;
                Ok(true)
            }
            // What breaks a rule of the database breaks it again at every try.
            Err(ServiceError::Database(error)) if error.sql_err().is_some() => {
                self.fail_import(id, ServiceError::from(error).into_problem())
                    .await?;
                Ok(true)
            }
            Err(error) => Err(error),
        }
    }

    async fn fail_import(&self, id: i64, problem: Problem) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Failed.key()),
            )
            .col_expr(
                import_job::Column::Problem,
                Expr::value(serde_json::to_value(problem).map_err(ServiceError::internal)?),
            )
            .col_expr(
                import_job::Column::FinishedAt,
                Expr::value(Some(self.now())),
            )
            .filter(import_job::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        let job: Option<(i64, String)> = import_job::Entity::find_by_id(id)
            .select_only()
            .column(import_job::Column::AccountId)
            .column(import_job::Column::FileName)
            .into_tuple()
            .one(&transaction)
            .await?;
        if let Some((account_id, file)) = job {
            let notice = import_notice(NoticeKind::ImportFailed, id, file, None);
            tell(&transaction, None, [account_id], self.now(), notice).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    async fn run_import(
        &self,
        id: i64,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> ServiceResult<()> {
        let job = import_job::Entity::find_by_id(id)
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        let mapping: Mapping = job
            .mapping
            .clone()
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        let (table, bytes) = import::read(&job.file_name, self.content(id).await?).await?;
        drop(bytes);
        let total = count(table.rows.len());
        let mut judge = Judge::new(table, mapping, self.today());
        let mut done = u32::try_from(job.done).unwrap_or(0);
        judge.skip(done);
        let mut summary = job
            .summary
            .filter(|_| done > 0)
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or(ImportSummary {
                rows: total,
                ..ImportSummary::default()
            });
        let origin = Origin {
            source: job.file_name,
            is_local: job.is_local,
            is_demo: false,
        };
        let mut begun = std::time::Instant::now();
        loop {
            let batch = judge.batch();
            let transaction = self.database.begin().await?;
            plan_anew(&transaction).await?;
            if !held_at(&transaction, id, ImportStatus::Running, done).await? {
                return Ok(());
            }
            let elapsed = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
            summary.milliseconds = summary.milliseconds.saturating_add(elapsed);
            begun = std::time::Instant::now();
            if batch.is_empty() {
                return self.finish_import(transaction, id, &summary).await;
            }
            self.write_batch(&transaction, id, &batch, &origin, &mut summary)
                .await?;
            done += count(batch.len());
            import_job::Entity::update_many()
                .col_expr(
                    import_job::Column::Done,
                    Expr::value(i32::try_from(done).unwrap_or(i32::MAX)),
                )
                .col_expr(
                    import_job::Column::Summary,
                    Expr::value(serde_json::to_value(&summary).map_err(ServiceError::internal)?),
                )
                .col_expr(
                    import_job::Column::LeasedUntil,
                    Expr::value(lease(self.now())),
                )
                .filter(import_job::Column::Id.eq(id))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            progress(ImportProgress { done, total });
        }
    }

    async fn write_batch(
        &self,
        transaction: &DatabaseTransaction,
        id: i64,
        batch: &[Judged],
        origin: &Origin,
        summary: &mut ImportSummary,
    ) -> ServiceResult<()> {
        let records: Vec<_> = batch.iter().filter_map(|row| row.record.as_ref()).collect();
        let written = self.write_records(transaction, &records, origin).await?;
        summary.kept += written.kept;
        keep_changes(transaction, id, written.touched).await?;
        let mut verdicts = written.verdicts.into_iter();
        let mut refusals = Vec::new();
        for row in batch {
            let verdict = if row.record.is_some() {
                verdicts.next().unwrap_or(RowVerdict::Unchanged)
            } else {
                RowVerdict::Refused
            };
            import::count(summary, verdict, &row.problems);
            if verdict != RowVerdict::Refused {
                continue;
            }
            let reasons = row
                .problems
                .iter()
                .filter(|problem| problem.severity == Severity::Refused);
            for problem in reasons {
                refusals.push(import_refusal::ActiveModel {
                    import_job_id: Set(id),
                    row: Set(i32::try_from(row.number).unwrap_or(i32::MAX)),
                    field: Set(problem.field.map(|field| field.key().to_owned())),
                    value: Set(problem.value.clone()),
                    kind: Set(serde_json::to_value(&problem.kind).map_err(ServiceError::internal)?),
                    cells: Set(json!(row.cells)),
                    ..Default::default()
                });
            }
        }
        while !refusals.is_empty() {
            let rest = refusals.split_off(refusals.len().min(1000));
            import_refusal::Entity::insert_many(refusals)
                .exec_without_returning(transaction)
                .await?;
            refusals = rest;
        }
        Ok(())
    }

    async fn finish_import(
        &self,
        transaction: DatabaseTransaction,
        id: i64,
        summary: &ImportSummary,
    ) -> ServiceResult<()> {
        let value = serde_json::to_value(summary).map_err(ServiceError::internal)?;
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Finished.key()),
            )
            .col_expr(import_job::Column::Summary, Expr::value(value))
            .col_expr(
                import_job::Column::FinishedAt,
                Expr::value(Some(self.now())),
            )
            .filter(import_job::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        let job: Option<(i64, String, i32)> = import_job::Entity::find_by_id(id)
            .select_only()
            .column(import_job::Column::AccountId)
            .column(import_job::Column::FileName)
            .column(import_job::Column::Total)
            .into_tuple()
            .one(&transaction)
            .await?;
        audit::record_by(
            &transaction,
            job.as_ref().map(|(account_id, _, _)| *account_id),
            self.now(),
            Change {
                action: "import",
                entity: "import_job",
                entity_id: id,
                before: Some(json!({ "status": ImportStatus::Running.key() })),
                after: import_left(summary),
            },
        )
        .await?;
        if let Some((account_id, file, total)) = job {
            let rows = u32::try_from(total).ok();
            let notice = import_notice(NoticeKind::ImportFinished, id, file, rows);
            tell(&transaction, None, [account_id], self.now(), notice).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// An import's state.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for somebody else's.
    pub async fn import_job(&self, actor: &Actor, job_id: i64) -> ServiceResult<ImportJob> {
        let job = self.own_job(actor, job_id).await?;
        self.job_view(actor, job).await
    }

    /// The last imports that a person may see, newest first.
    ///
    /// # Errors
    /// [`Problem::Forbidden`].
    pub async fn import_jobs(&self, actor: &Actor) -> ServiceResult<Vec<ImportJob>> {
        require(actor, Action::ImportEnterprise)?;
        let mut query = import_job::Entity::find();
        if !actor.may(Action::ReadEveryImport) {
            query = query.filter(import_job::Column::AccountId.eq(actor.account_id));
        }
        let jobs = query
            .order_by_desc(import_job::Column::Id)
            .limit(20)
            .all(self.database.read())
            .await?;
        let mut views = Vec::with_capacity(jobs.len());
        // At most twenty.
        for job in jobs {
            views.push(self.job_view(actor, job).await?);
        }
        Ok(views)
    }

    /// Refused rows of an import.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn refused_rows(
        &self,
        actor: &Actor,
        job_id: i64,
        page: u64,
    ) -> ServiceResult<RefusedPage> {
        let job = self.own_job(actor, job_id).await?;
        let query =
            import_refusal::Entity::find().filter(import_refusal::Column::ImportJobId.eq(job.id));
        let total = query.clone().count(self.database.read()).await?;
        let rows = query
            .order_by_asc(import_refusal::Column::Row)
            .order_by_asc(import_refusal::Column::Id)
            .offset(page.saturating_mul(REFUSED_PAGE))
            .limit(REFUSED_PAGE)
            .all(self.database.read())
            .await?;
        Ok(RefusedPage {
            rows: rows.iter().filter_map(refused).collect(),
            total,
            page,
        })
    }

    /// The refused rows with their cells as they were, each once with all its reasons.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn refused_table(&self, actor: &Actor, job_id: i64) -> ServiceResult<RefusedTable> {
        let job = self.own_job(actor, job_id).await?;
        let header = self.header(&job).await?;
        let refusals = import_refusal::Entity::find()
            .filter(import_refusal::Column::ImportJobId.eq(job.id))
            .order_by_asc(import_refusal::Column::Id)
            .all(self.database.read())
            .await?;
        let mut rows: Vec<Refused> = Vec::new();
        for refusal in &refusals {
            let Some(reason) = refused(refusal) else {
                continue;
            };
            let cells = crate::chain::strings(&refusal.cells);
            // In a mended file two rows may have the same number.
            match rows.last_mut() {
                Some(last) if last.row == reason.row && last.cells == cells => {
                    last.reasons.push(reason);
                }
                _ => rows.push(Refused {
                    row: reason.row,
                    cells,
                    reasons: vec![reason],
                }),
            }
        }
        Ok(RefusedTable {
            file_name: job.file_name,
            header,
            rows,
        })
    }

    /// The import that is being written or taken back, for those who see its first half: how far it is, and no more.
    pub(super) async fn running_import(&self) -> ServiceResult<Option<RunningImport>> {
        let running = import_job::Entity::find()
            .filter(
                import_job::Column::Status
                    .is_in([ImportStatus::Running.key(), ImportStatus::Undoing.key()]),
            )
            .order_by_asc(import_job::Column::Id)
            .one(self.database.read())
            .await?;
        let number = |number: i32| u32::try_from(number).unwrap_or(0);
        Ok(running.map(|job| {
            let is_undo = job.status == ImportStatus::Undoing.key();
            RunningImport {
                is_undo,
                done: if is_undo {
                    super::undo::summary(&job).total()
                } else {
                    number(job.done)
                },
                total: if is_undo {
                    number(job.undo_total.unwrap_or(0))
                } else {
                    number(job.total)
                },
            }
        }))
    }

    pub(super) async fn own_job(
        &self,
        actor: &Actor,
        job_id: i64,
    ) -> ServiceResult<import_job::Model> {
        require(actor, Action::ImportEnterprise)?;
        import_job::Entity::find_by_id(job_id)
            .one(self.database.read())
            .await?
            .filter(|job| job.account_id == actor.account_id || actor.may(Action::ReadEveryImport))
            .ok_or_else(|| Problem::NotFound.into())
    }

    async fn content(&self, job_id: i64) -> ServiceResult<Vec<u8>> {
        let file = import_file::Entity::find_by_id(job_id)
            .one(self.database.read())
            .await?;
        Ok(file.ok_or(Problem::NotFound)?.content)
    }

    /// The header row as read at the upload.
    async fn header(&self, job: &import_job::Model) -> ServiceResult<Vec<String>> {
        match &job.header {
            Some(header) => Ok(crate::chain::strings(header)),
            None => {
                let (table, _) = import::read(&job.file_name, self.content(job.id).await?).await?;
                Ok(table.header)
            }
        }
    }

    async fn account_name(&self, account_id: i64) -> ServiceResult<String> {
        Ok(account::Entity::find_by_id(account_id)
            .one(self.database.read())
            .await?
            .map(|account| account.name)
            .unwrap_or_default())
    }

    async fn job_view(&self, actor: &Actor, job: import_job::Model) -> ServiceResult<ImportJob> {
        let by = self.account_name(job.account_id).await?;
        let undo = match (job.undo_account_id, job.undo_asked_at) {
            (Some(account_id), Some(asked_at)) => Some(UndoState {
                by: self.account_name(account_id).await?,
                asked_at,
                finished_at: job.undo_finished_at,
                total: job
                    .undo_total
                    .and_then(|total| u32::try_from(total).ok())
                    .unwrap_or(0),
                summary: super::undo::summary(&job),
            }),
            _ => None,
        };
        let may_undo = self
            .undo_refusal(self.database.read(), &job)
            .await?
            .is_none()
            && actor.may(Action::ImportEnterprise);
        Ok(ImportJob {
            id: job.id,
            file_name: job.file_name,
            file_size: job.file_size,
            status: ImportStatus::from_key(&job.status).unwrap_or(ImportStatus::Failed),
            done: u32::try_from(job.done).unwrap_or(0),
            total: u32::try_from(job.total).unwrap_or(0),
            summary: job
                .summary
                .and_then(|value| serde_json::from_value(value).ok()),
            problem: job
                .problem
                .and_then(|value| serde_json::from_value(value).ok()),
            by,
            created_at: job.created_at,
            may_undo,
            undo,
        })
    }
}

pub(super) fn lease(now: DateTime<Utc>) -> DateTime<Utc> {
    now + Duration::seconds(LEASE_SECONDS)
}

/// Holds the job and says whether it still stands where this worker left it. If not, another one has gone on.
async fn held_at(
    transaction: &DatabaseTransaction,
    id: i64,
    status: ImportStatus,
    done: u32,
) -> ServiceResult<bool> {
    let held: Option<(String, i32)> = import_job::Entity::find_by_id(id)
        .select_only()
        .column(import_job::Column::Status)
        .column(import_job::Column::Done)
        .lock(LockType::NoKeyUpdate)
        .into_tuple()
        .one(transaction)
        .await?;
    Ok(held.is_some_and(|(held, at)| held == status.key() && u32::try_from(at) == Ok(done)))
}

/// Keeps what a batch wrote. Of a company that is written twice the first state before and the last version after count.
async fn keep_changes(
    transaction: &DatabaseTransaction,
    job_id: i64,
    touched: Vec<Touched>,
) -> ServiceResult<()> {
    let mut changes: std::collections::BTreeMap<i64, import_change::ActiveModel> =
        std::collections::BTreeMap::new();
    for touched in touched {
        let version = Set(touched.version_after);
        if let Some(known) = changes.get_mut(&touched.enterprise_id) {
            known.version_after = version;
            known.name = Set(touched.name);
            continue;
        }
        let before = touched
            .before
            .as_ref()
            .map(serde_json::to_value)
            .transpose()
            .map_err(ServiceError::internal)?;
        let kind = if before.is_some() {
            super::undo::UPDATED
        } else {
            super::undo::CREATED
        };
        changes.insert(
            touched.enterprise_id,
            import_change::ActiveModel {
                import_job_id: Set(job_id),
                enterprise_id: Set(touched.enterprise_id),
                name: Set(touched.name),
                kind: Set(kind.to_owned()),
                before: Set(before),
                version_after: version,
                outcome: Set(None),
                ..Default::default()
            },
        );
    }
    if changes.is_empty() {
        return Ok(());
    }
    import_change::Entity::insert_many(changes.into_values())
        .on_conflict(
            OnConflict::columns([
                import_change::Column::ImportJobId,
                import_change::Column::EnterpriseId,
            ])
            .update_columns([
                import_change::Column::VersionAfter,
                import_change::Column::Name,
            ])
            .to_owned(),
        )
        .exec_without_returning(transaction)
        .await?;
    Ok(())
}

/// SHA-256 of what makes two header rows the same, in hexadecimal.
fn signature(header: &[String]) -> String {
    Sha256::digest(header_signature(header))
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn check_mapping(mapping: &Mapping, columns: usize) -> Result<(), Problem> {
    if mapping.len() > columns {
        return Err(Problem::invalid("mapping", FieldProblemKind::Unknown));
    }
    if !mapping.contains(&Some(EnterpriseField::Name)) {
        return Err(Problem::Table {
            problem: TableProblem::NoNameColumn,
        });
    }
    for field in EnterpriseField::ALL {
        if mapping.iter().filter(|said| **said == Some(field)).count() > 1 {
            return Err(Problem::invalid(field.key(), FieldProblemKind::Taken));
        }
    }
    Ok(())
}

fn sample(table: &Table, column: usize) -> String {
    table
        .rows
        .column(column)
        .find(|cell| !cell.trim().is_empty())
        .map(|cell| cell.chars().take(24).collect())
        .unwrap_or_default()
}

fn refused(row: &import_refusal::Model) -> Option<RefusedRow> {
    Some(RefusedRow {
        row: u32::try_from(row.row).ok()?,
        field: row.field.as_deref().and_then(EnterpriseField::from_key),
        value: row.value.clone(),
        kind: serde_json::from_value(row.kind.clone()).ok()?,
    })
}

/// What is told of an import that is over. The file's own person is told: it was the program that ended it.
fn import_notice(kind: NoticeKind, job_id: i64, file: String, rows: Option<u32>) -> Notice {
    Notice {
        kind,
        lead_id: None,
        detail: NoticeDetail {
            subject: file,
            count: rows.map(i64::from),
            href: format!("/imports/{job_id}"),
            ..NoticeDetail::default()
        },
        once: None,
    }
}

/// What the audit keeps of an import that is over.
fn import_left(summary: &ImportSummary) -> Option<serde_json::Value> {
    let mut left = serde_json::to_value(summary).ok()?;
    left.as_object_mut()?
        .insert("status".to_owned(), ImportStatus::Finished.key().into());
    Some(left)
}
