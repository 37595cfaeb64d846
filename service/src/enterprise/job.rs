//! Imports as jobs: uploaded, looked at, started, worked off by whichever server leases them.

use chrono::Duration;
use domain::{
    account::{Action, Actor},
    enterprise::{
        EnterpriseField, ImportColumn, ImportJob, ImportPreview, ImportStart, ImportStatus,
        ImportSummary, Mapping, RefusedPage, RefusedRow, RowVerdict, Severity, recognise_all,
    },
    problem::{FieldProblemKind, Problem, TableProblem},
};
use entity::{account, import_job, import_refusal};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};
use serde_json::json;

use super::{
    import::{self, BATCH, Origin},
    table::{Table, TableFormat},
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    require,
};

/// Rows done and rows in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    pub done: u32,
    pub total: u32,
}

const LEASE_SECONDS: i64 = 60;
/// Refused rows on a page.
const REFUSED_PAGE: u64 = 100;
/// Rows shown in a preview.
const PREVIEW_ROWS: usize = 20;

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
        let table = import::read(file_name.to_owned(), bytes.clone()).await?;
        if table.format != TableFormat::JsonLines
            && recognise_all(&table.header).iter().all(Option::is_none)
        {
            return Err(Problem::Table {
                problem: TableProblem::NoKnownColumn,
            }
            .into());
        }
        let now = self.now();
        let transaction = self.database.begin().await?;
        let job = import_job::ActiveModel {
            account_id: Set(actor.account_id),
            file_name: Set(file_name.chars().take(200).collect()),
            file_size: Set(i64::try_from(bytes.len()).unwrap_or(i64::MAX)),
            content: Set(bytes),
            status: Set(ImportStatus::Uploaded.key().to_owned()),
            total: Set(i32::try_from(table.rows.len()).unwrap_or(i32::MAX)),
            done: Set(0),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "upload",
                entity: "import_job",
                entity_id: job.id,
                before: None,
                after: Some(json!({ "file": job.file_name, "rows": job.total })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(job.id)
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
        let table = import::read(job.file_name.clone(), job.content.clone()).await?;
        let recognised = recognise_all(&table.header);
        let mapping = mapping.unwrap_or_else(|| {
            recognised
                .iter()
                .map(|found| found.as_ref().map(|found| found.field))
                .collect()
        });
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
        let (sheet, encoding) = (table.sheet.clone(), table.encoding.to_owned());
        let judged = import::judge(table, &mapping);
        let (verdicts, summary) = self.dry_run(&judged).await?;
        let rows = judged.iter().zip(&verdicts);
        Ok(ImportPreview {
            kinds: import::kinds(&judged),
            rows: rows
                .clone()
                .take(PREVIEW_ROWS)
                .map(|(row, verdict)| import::preview_row(row, *verdict))
                .collect(),
            problem_rows: rows
                .filter(|(row, _)| !row.problems.is_empty())
                .take(PREVIEW_ROWS * 5)
                .map(|(row, verdict)| import::preview_row(row, *verdict))
                .collect(),
            job: self.job_view(job).await?,
            sheet,
            encoding,
            columns,
            summary,
        })
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
        let table = import::read(job.file_name.clone(), job.content.clone()).await?;
        if table.format != TableFormat::JsonLines {
            check_mapping(&start.mapping, table.header.len())?;
        }
        let transaction = self.database.begin().await?;
        let taken = import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Queued.key()),
            )
            .col_expr(
                import_job::Column::Mapping,
                Expr::value(serde_json::to_value(&start.mapping).map_err(ServiceError::internal)?),
            )
            .col_expr(import_job::Column::UpdatedAt, Expr::value(self.now()))
            .filter(import_job::Column::Id.eq(job.id))
            .filter(import_job::Column::Status.eq(ImportStatus::Uploaded.key()))
            .exec(&transaction)
            .await?;
        if taken.rows_affected == 0 {
            return Err(Problem::ImportNotReady.into());
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Works off one queued import, or one whose worker died. Returns false when there is none, or while
    /// another worker is at one.
    ///
    /// # Errors
    /// The database does not answer; the lease lapses and another worker goes on.
    pub async fn run_next_import(
        &self,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> ServiceResult<bool> {
        let now = self.now();
        let waiting = || {
            Condition::any()
                .add(import_job::Column::Status.eq(ImportStatus::Queued.key()))
                .add(
                    Condition::all()
                        .add(import_job::Column::Status.eq(ImportStatus::Running.key()))
                        .add(import_job::Column::LeasedUntil.lt(now)),
                )
        };
        let transaction = self.database.begin().await?;
        if !self.database.is_sqlite() {
            transaction
                .execute_unprepared("SELECT pg_advisory_xact_lock(7303)")
                .await?;
        }
        // One at a time: each import knows the directory as it was when it began, and a company that two
        // files bring must come out as one.
        let busy = import_job::Entity::find()
            .filter(import_job::Column::Status.eq(ImportStatus::Running.key()))
            .filter(import_job::Column::LeasedUntil.gte(now))
            .count(&transaction)
            .await?;
        if busy > 0 {
            return Ok(false);
        }
        let next: Option<i64> = import_job::Entity::find()
            .select_only()
            .column(import_job::Column::Id)
            .filter(waiting())
            .order_by_asc(import_job::Column::Id)
            .into_tuple()
            .one(&transaction)
            .await?;
        let Some(id) = next else { return Ok(false) };
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Running.key()),
            )
            .col_expr(
                import_job::Column::LeasedUntil,
                Expr::value(now + Duration::seconds(LEASE_SECONDS)),
            )
            .filter(import_job::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
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
        transaction.commit().await?;
        Ok(())
    }

    async fn run_import(
        &self,
        id: i64,
        progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> ServiceResult<()> {
        let started = std::time::Instant::now();
        let job = import_job::Entity::find_by_id(id)
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        let mapping: Mapping = job
            .mapping
            .clone()
            .and_then(|value| serde_json::from_value(value).ok())
            .unwrap_or_default();
        let table = import::read(job.file_name.clone(), job.content).await?;
        let judged = import::judge(table, &mapping);
        let origin = Origin {
            source: job.file_name,
            is_local: false,
            is_demo: false,
        };
        let mut directory = self.directory().await?;
        let mut summary = ImportSummary {
            rows: u32::try_from(judged.len()).unwrap_or(u32::MAX),
            ..ImportSummary::default()
        };
        let total = summary.rows;
        let transaction = self.database.begin().await?;
        import_refusal::Entity::delete_many()
            .filter(import_refusal::Column::ImportJobId.eq(id))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        let mut done = 0_u32;
        for batch in judged.chunks(BATCH) {
            let transaction = self.database.begin().await?;
            let records: Vec<_> = batch.iter().filter_map(|row| row.record.clone()).collect();
            let mut verdicts = self
                .write_records(&transaction, &mut directory, &records, &origin)
                .await?
                .into_iter();
            let mut refusals = Vec::new();
            for row in batch {
                let verdict = if row.record.is_some() {
                    verdicts.next().unwrap_or(RowVerdict::Unchanged)
                } else {
                    RowVerdict::Refused
                };
                import::count(&mut summary, verdict, &row.problems);
                if verdict == RowVerdict::Refused {
                    for problem in row
                        .problems
                        .iter()
                        .filter(|problem| problem.severity == Severity::Refused)
                    {
                        refusals.push(import_refusal::ActiveModel {
                            import_job_id: Set(id),
                            row: Set(i32::try_from(row.number).unwrap_or(i32::MAX)),
                            field: Set(problem.field.map(|field| field.key().to_owned())),
                            value: Set(problem.value.clone()),
                            kind: Set(serde_json::to_value(&problem.kind)
                                .map_err(ServiceError::internal)?),
                            cells: Set(json!(row.cells)),
                            ..Default::default()
                        });
                    }
                }
            }
            if !refusals.is_empty() {
                import_refusal::Entity::insert_many(refusals)
                    .exec(&transaction)
                    .await?;
            }
            done += u32::try_from(batch.len()).unwrap_or(u32::MAX);
            import_job::Entity::update_many()
                .col_expr(
                    import_job::Column::Done,
                    Expr::value(i32::try_from(done).unwrap_or(i32::MAX)),
                )
                .col_expr(
                    import_job::Column::LeasedUntil,
                    Expr::value(self.now() + Duration::seconds(LEASE_SECONDS)),
                )
                .filter(import_job::Column::Id.eq(id))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
            progress(ImportProgress { done, total });
        }
        summary.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        let transaction = self.database.begin().await?;
        import_job::Entity::update_many()
            .col_expr(
                import_job::Column::Status,
                Expr::value(ImportStatus::Finished.key()),
            )
            .col_expr(
                import_job::Column::Summary,
                Expr::value(serde_json::to_value(&summary).map_err(ServiceError::internal)?),
            )
            .col_expr(
                import_job::Column::FinishedAt,
                Expr::value(Some(self.now())),
            )
            .filter(import_job::Column::Id.eq(id))
            .exec(&transaction)
            .await?;
        audit::record_by(
            &transaction,
            Some(job.account_id),
            self.now(),
            Change {
                action: "import",
                entity: "import_job",
                entity_id: id,
                before: Some(json!({ "status": ImportStatus::Running.key() })),
                after: import_left(&summary),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// An import's state.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for somebody else's.
    pub async fn import_job(&self, actor: &Actor, job_id: i64) -> ServiceResult<ImportJob> {
        let job = self.own_job(actor, job_id).await?;
        self.job_view(job).await
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
        let ids: Vec<i64> = query
            .select_only()
            .column(import_job::Column::Id)
            .order_by_desc(import_job::Column::Id)
            .limit(20)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let mut jobs = Vec::with_capacity(ids.len());
        // At most twenty, and without their files.
        for row in self.light_jobs(&ids).await? {
            jobs.push(row);
        }
        Ok(jobs)
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

    /// The refused rows with their cells as they were, to be mended and sent again: header, and a line a row.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn refused_table(
        &self,
        actor: &Actor,
        job_id: i64,
    ) -> ServiceResult<(String, Vec<String>, Vec<(RefusedRow, Vec<String>)>)> {
        let job = self.own_job(actor, job_id).await?;
        let table = import::read(job.file_name.clone(), job.content).await?;
        let rows = import_refusal::Entity::find()
            .filter(import_refusal::Column::ImportJobId.eq(job.id))
            .order_by_asc(import_refusal::Column::Row)
            .order_by_asc(import_refusal::Column::Id)
            .all(self.database.read())
            .await?;
        Ok((
            job.file_name,
            table.header,
            rows.iter()
                .filter_map(|row| Some((refused(row)?, crate::chain::strings(&row.cells))))
                .collect(),
        ))
    }

    async fn own_job(&self, actor: &Actor, job_id: i64) -> ServiceResult<import_job::Model> {
        require(actor, Action::ImportEnterprise)?;
        import_job::Entity::find_by_id(job_id)
            .one(self.database.read())
            .await?
            .filter(|job| job.account_id == actor.account_id || actor.may(Action::ReadEveryImport))
            .ok_or_else(|| Problem::NotFound.into())
    }

    async fn light_jobs(&self, ids: &[i64]) -> ServiceResult<Vec<ImportJob>> {
        let mut jobs = Vec::with_capacity(ids.len());
        for id in ids {
            let job = import_job::Entity::find_by_id(*id)
                .select_only()
                .columns([
                    import_job::Column::Id,
                    import_job::Column::AccountId,
                    import_job::Column::FileName,
                    import_job::Column::FileSize,
                    import_job::Column::Status,
                    import_job::Column::Mapping,
                    import_job::Column::Total,
                    import_job::Column::Done,
                    import_job::Column::Summary,
                    import_job::Column::Problem,
                    import_job::Column::CreatedAt,
                    import_job::Column::UpdatedAt,
                    import_job::Column::FinishedAt,
                    import_job::Column::LeasedUntil,
                ])
                .column_as(Expr::value(Vec::<u8>::new()), "content")
                .one(self.database.read())
                .await?;
            if let Some(job) = job {
                jobs.push(self.job_view(job).await?);
            }
        }
        Ok(jobs)
    }

    async fn job_view(&self, job: import_job::Model) -> ServiceResult<ImportJob> {
        let by = account::Entity::find_by_id(job.account_id)
            .one(self.database.read())
            .await?
            .map(|account| account.name)
            .unwrap_or_default();
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
        })
    }
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
        .iter()
        .filter_map(|row| row.cells.get(column))
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

/// What the audit keeps of an import that is over.
fn import_left(summary: &ImportSummary) -> Option<serde_json::Value> {
    let mut left = serde_json::to_value(summary).ok()?;
    left.as_object_mut()?
        .insert("status".to_owned(), ImportStatus::Finished.key().into());
    Some(left)
}
