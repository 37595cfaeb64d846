//! From a table to enterprises: read, judge every row, write in batches.
//!
//! A value in the file replaces the one that is there; an empty cell leaves it alone, so that a list without
//! products does not wipe the products that another list brought.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    enterprise::{
        CreditCode, DuplicateFinder, EnterpriseField, EnterpriseRecord, FieldChange, FieldSource,
        Figure, ImportSummary, Mapping, PreviewRow, ProductRecord, Provenance, RowProblem,
        RowProblemKind, RowReading, RowVerdict, Severity, Site, add_figure, kept_fields,
        normalise_name, product_lines, read_json_line, read_row,
    },
    problem::{Problem, TableProblem},
};
use entity::{enterprise, enterprise_product};
use pinyin::ToPinyin;
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder,
    QuerySelect,
    sea_query::{LockType, OnConflict},
};
use serde::{Deserialize, Serialize};

use super::profile::{column, figures, provenance, read_column, sites, sources_column, tags};
use super::table::{Table, TableError, TableFormat, TableLimits, TableRow, TableRows, read_table};
use crate::{Service, ServiceError, ServiceResult, chain::rematch_enterprises, search::announce};

/// Rows written and committed at a time.
pub(super) const BATCH: usize = 500;
/// How companies that are updated are held: others may still refer to them.
pub(super) const HELD: Option<LockType> = Some(LockType::NoKeyUpdate);
/// Companies asked for in one statement, by three keys each.
const LOOKUP: usize = 500;
/// Companies written in one statement: with some thirty columns each it stays far below the 32,000 values that a
/// statement may have.
const WIDE: usize = 250;

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        let problem = match error {
            TableError::NotAWorkbook => TableProblem::NotAWorkbook,
            TableError::OldWorkbook => TableProblem::OldWorkbook,
            TableError::Encrypted => TableProblem::Encrypted,
            TableError::TooLarge { limit } => TableProblem::TooLarge { limit_bytes: limit },
            TableError::ZipBomb { limit, .. } => TableProblem::ZipBomb { limit_bytes: limit },
            TableError::TooManyColumns { column, limit } => {
                TableProblem::TooManyColumns { column, limit }
            }
            TableError::TooManyRows { limit } => TableProblem::TooManyRows { limit },
            TableError::TooManyCells { limit } => TableProblem::TooManyCells { limit },
            TableError::Empty => TableProblem::Empty,
            TableError::NoHeader => TableProblem::NoHeader,
            TableError::Encoding { row } => TableProblem::Encoding { row },
            TableError::CsvSyntax { row } => TableProblem::Syntax { row },
            TableError::NoSheet => TableProblem::NoSheet,
        };
        Self::Table { problem }
    }
}

/// Reads a table on a thread where it may take its time, and gives the file back.
pub(super) async fn read(file_name: &str, bytes: Vec<u8>) -> ServiceResult<(Table, Vec<u8>)> {
    let file_name = file_name.to_owned();
    let (table, bytes) = tokio::task::spawn_blocking(move || {
        (
            read_table(&file_name, &bytes, &TableLimits::default()),
            bytes,
        )
    })
    .await
    .map_err(ServiceError::internal)?;
    Ok((table.map_err(Problem::from)?, bytes))
}

/// One row of the file, judged.
pub(super) struct Judged {
    pub number: u32,
    pub cells: Vec<String>,
    pub record: Option<EnterpriseRecord>,
    pub problems: Vec<RowProblem>,
}

/// Judges rows in the order of the file, each by itself and against those above it.
pub(super) struct Judge {
    rows: TableRows,
    /// Rows judged so far.
    judged: usize,
    format: TableFormat,
    mapping: Mapping,
    duplicates: DuplicateFinder,
    today: NaiveDate,
}

impl Judge {
    pub(super) fn new(table: Table, mapping: Mapping, today: NaiveDate) -> Self {
        Self {
            rows: table.rows,
            judged: 0,
            format: table.format,
            mapping,
            duplicates: DuplicateFinder::new(),
            today,
        }
    }

    fn row(&mut self, row: TableRow) -> Judged {
        let RowReading {
            mut record,
            mut problems,
        } = if self.format == TableFormat::JsonLines {
            read_json_line(row.number, row.cells.first().map_or("", String::as_str))
        } else {
            read_row(row.number, &row.cells, &self.mapping)
        };
        // Facts of a day to come would stand against every list until then.
        if let Some(day) = record
            .as_ref()
            .and_then(|record| record.as_of)
            .filter(|day| *day > self.today)
        {
            problems.push(RowProblem {
                row: row.number,
                field: Some(EnterpriseField::AsOf),
                value: day.to_string(),
                severity: Severity::Refused,
                kind: RowProblemKind::DateInFuture,
            });
            record = None;
        }
        if let Some(duplicate) = record
            .as_ref()
            .and_then(|record| self.duplicates.check(row.number, record))
        {
            problems.push(duplicate);
            record = None;
        }
        Judged {
            number: row.number,
            cells: row.cells,
            record,
            problems,
        }
    }

    /// The next rows, at most a batch; none at the end.
    pub(super) fn batch(&mut self) -> Vec<Judged> {
        std::iter::from_fn(|| self.next()).take(BATCH).collect()
    }

    /// Passes over rows that were worked off before. They still count when later ones are the same company.
    pub(super) fn skip(&mut self, count: u32) {
        for _ in 0..count {
            if self.next().is_none() {
                return;
            }
        }
    }

    fn next(&mut self) -> Option<Judged> {
        let row = self.rows.get(self.judged)?;
        self.judged += 1;
        Some(self.row(row))
    }
}

/// Identity keys of the companies that some records may mean: 统一社会信用代码, else stock code, else the normalised name.
#[derive(Default)]
struct Directory {
    by_id: HashMap<i64, Keys>,
    by_credit_code: HashMap<String, i64>,
    by_stock_code: HashMap<String, i64>,
    /// Namesakes with codes of their own are companies of their own.
    by_name: HashMap<String, Vec<i64>>,
    /// Names and codes of companies that were merged, and those that a person wrote others for, and whom they mean now: a
    /// list that still has them must not bring them back.
    merged: HashMap<String, Merged>,
}

/// Whom a name or code of a merged company means now.
struct Merged {
    id: i64,
    name: String,
}

/// What one company is known by.
#[derive(Clone, Default)]
struct Keys {
    credit_code: Option<String>,
    stock_code: Option<String>,
    name: String,
}

/// Id, the company it was merged into, 统一社会信用代码, stock code, normalised name.
type KeyRow = (i64, Option<i64>, Option<String>, Option<String>, String);

impl Directory {
    /// Asks for all companies that have a code or the name of one of the records.
    async fn of(
        connection: &impl ConnectionTrait,
        records: &[&EnterpriseRecord],
    ) -> ServiceResult<Self> {
        let mut found: BTreeMap<i64, Keys> = BTreeMap::new();
        for chunk in records.chunks(LOOKUP) {
            let credit_codes = chunk
                .iter()
                .filter_map(|record| record.credit_code.as_ref().map(CreditCode::as_str));
            let stock_codes = chunk
                .iter()
                .filter_map(|record| record.stock_code.as_deref());
            let names = chunk.iter().map(|record| normalise_name(&record.name));
            // Merged companies are left out here and not in the statement: PostgreSQL would look for the others by that,
            // and find all.
            let rows: Vec<KeyRow> = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .column(enterprise::Column::MergedIntoId)
                .column(enterprise::Column::CreditCode)
                .column(enterprise::Column::StockCode)
                .column(enterprise::Column::NameKey)
                .filter(
                    Condition::any()
                        .add(enterprise::Column::CreditCode.is_in(credit_codes))
                        .add(enterprise::Column::StockCode.is_in(stock_codes))
                        .add(enterprise::Column::NameKey.is_in(names)),
                )
                .into_tuple()
                .all(connection)
                .await?;
            for (id, merged_into_id, credit_code, stock_code, name) in rows {
                if merged_into_id.is_some() {
                    continue;
                }
                found.insert(
                    id,
                    Keys {
                        credit_code,
                        stock_code,
                        name,
                    },
                );
            }
        }
        let mut directory = Self::default();
        for (id, keys) in found {
            directory.enter(id, keys);
        }
        directory.learn_former(connection, records).await?;
        for (keys, id, name) in super::merge::merged_keys(connection).await? {
            for key in keys {
                let name = name.clone();
                directory.merged.insert(key, Merged { id, name });
            }
        }
        Ok(directory)
    }

    /// Companies that a person gave another name or code than the records have: they are meant all the same.
    async fn learn_former(
        &mut self,
        connection: &impl ConnectionTrait,
        records: &[&EnterpriseRecord],
    ) -> ServiceResult<()> {
        for chunk in records.chunks(LOOKUP) {
            let codes = chunk
                .iter()
                .filter_map(|record| record.credit_code.as_ref().map(CreditCode::as_str));
            let names = chunk.iter().map(|record| normalise_name(&record.name));
            let rows: Vec<(i64, String, Option<String>, Option<String>)> =
                enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .column(enterprise::Column::Name)
                    .column(enterprise::Column::FormerNameKey)
                    .column(enterprise::Column::FormerCreditCode)
                    .filter(enterprise::Column::MergedIntoId.is_null())
                    .filter(
                        Condition::any()
                            .add(enterprise::Column::FormerNameKey.is_in(names))
                            .add(enterprise::Column::FormerCreditCode.is_in(codes)),
                    )
                    .into_tuple()
                    .all(connection)
                    .await?;
            for (id, name, key, code) in rows {
                for key in [key, code].into_iter().flatten() {
                    let name = name.clone();
                    self.merged.insert(key, Merged { id, name });
                }
            }
        }
        Ok(())
    }

    fn find(&self, record: &EnterpriseRecord) -> Option<i64> {
        self.find_own(record)
            .or_else(|| Some(self.find_merged(record)?.id))
    }

    fn find_own(&self, record: &EnterpriseRecord) -> Option<i64> {
        let code = record.credit_code.as_ref().map(CreditCode::as_str);
        code.and_then(|code| self.by_credit_code.get(code))
            .or_else(|| {
                record
                    .stock_code
                    .as_ref()
                    .and_then(|code| self.by_stock_code.get(code))
            })
            .or_else(|| {
                self.by_name
                    .get(&normalise_name(&record.name))?
                    .iter()
                    .find(|id| {
                        let own = self
                            .by_id
                            .get(id)
                            .and_then(|keys| keys.credit_code.as_deref());
                        code.is_none() || own.is_none() || own == code
                    })
            })
            .copied()
    }

    /// The company that one of this name or code went into.
    fn find_merged(&self, record: &EnterpriseRecord) -> Option<&Merged> {
        let code = record.credit_code.as_ref().map(CreditCode::as_str);
        let name = normalise_name(&record.name);
        [code, record.stock_code.as_deref(), Some(name.as_str())]
            .into_iter()
            .flatten()
            .find_map(|key| self.merged.get(key))
    }

    /// The record without a code that another company has: a code cannot be two companies', and one wrong
    /// row must not stop the others. What a list says of a merged company is true of the one it went into, but for name
    /// and codes.
    fn without_codes_of_others<'a>(
        &self,
        record: &'a EnterpriseRecord,
        id: Option<i64>,
    ) -> Cow<'a, EnterpriseRecord> {
        if let Some(merged) = self.find_merged(record)
            && self.find_own(record).is_none()
        {
            return Cow::Owned(EnterpriseRecord {
                name: merged.name.clone(),
                credit_code: None,
                stock_code: None,
                ..record.clone()
            });
        }
        let taken = record
            .stock_code
            .as_ref()
            .and_then(|code| self.by_stock_code.get(code))
            .is_some_and(|owner| Some(*owner) != id);
        if !taken {
            return Cow::Borrowed(record);
        }
        Cow::Owned(EnterpriseRecord {
            stock_code: None,
            ..record.clone()
        })
    }

    fn enter(&mut self, id: i64, keys: Keys) {
        if let Some(code) = &keys.credit_code {
            self.by_credit_code.insert(code.clone(), id);
        }
        if let Some(code) = &keys.stock_code {
            self.by_stock_code.insert(code.clone(), id);
        }
        self.by_name.entry(keys.name.clone()).or_default().push(id);
        self.by_id.insert(id, keys);
    }

    /// What was written under a provisional number has a real one now.
    fn rename(&mut self, provisional: i64, id: i64) {
        let Some(keys) = self.by_id.remove(&provisional) else {
            return;
        };
        if let Some(namesakes) = self.by_name.get_mut(&keys.name) {
            namesakes.retain(|known| *known != provisional);
        }
        self.enter(id, keys);
    }

    /// Takes over what was written; a name or code that the company no longer has is forgotten.
    fn learn(&mut self, id: i64, record: &EnterpriseRecord) {
        let before = self.by_id.remove(&id).unwrap_or_default();
        if let Some(code) = &before.credit_code {
            self.by_credit_code.remove(code);
        }
        if let Some(code) = &before.stock_code {
            self.by_stock_code.remove(code);
        }
        if let Some(namesakes) = self.by_name.get_mut(&before.name) {
            namesakes.retain(|known| *known != id);
        }
        let keys = Keys {
            credit_code: record
                .credit_code
                .as_ref()
                .map(ToString::to_string)
                .or(before.credit_code),
            stock_code: record.stock_code.clone().or(before.stock_code),
            name: normalise_name(&record.name),
        };
        self.enter(id, keys);
    }
}

/// How a name is spelled and sorted.
pub(crate) struct Spelling {
    pub sort_key: String,
    pub pinyin: String,
    pub initials: String,
}

/// Pinyin without tones. A character with several readings takes its most common one.
pub(crate) fn spelling(name: &str) -> Spelling {
    let folded = domain::text::fold(name);
    let mut pinyin = String::new();
    let mut initials = String::new();
    let mut sort_key = String::new();
    for character in folded.chars() {
        match character.to_pinyin() {
            Some(reading) => {
                // ü is typed as v.
                let plain = reading.plain().replace('ü', "v");
                pinyin.push_str(&plain);
                initials.extend(plain.chars().next());
                sort_key.push_str(&plain);
                sort_key.push(' ');
            }
            None if character.is_alphanumeric() => {
                pinyin.push(character);
                initials.push(character);
                sort_key.push(character);
            }
            None => {}
        }
    }
    sort_key.truncate(sort_key.floor_char_boundary(240));
    initials.truncate(initials.floor_char_boundary(240));
    Spelling {
        sort_key,
        pinyin,
        initials,
    }
}

/// Where rows come from and what they are marked as.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub source: String,
    pub is_local: bool,
    pub is_demo: bool,
}

/// A company that was written, and what it was before.
pub(crate) struct Touched {
    pub enterprise_id: i64,
    pub name: String,
    /// None for a company that was created.
    pub before: Option<Former>,
    pub version_after: i64,
}

/// What became of each record, and of which companies.
#[derive(Default)]
pub(crate) struct Written {
    pub verdicts: Vec<RowVerdict>,
    /// Records of which something was left out: a person wrote it, or it is of a later day.
    pub kept: u32,
    pub touched: Vec<Touched>,
}

/// What waits to be written in a few statements.
#[derive(Default)]
struct Waiting {
    updates: Vec<enterprise::ActiveModel>,
    /// Each with its provisional number, which is negative, and its place among the touched.
    inserts: Vec<(i64, usize, enterprise::ActiveModel)>,
    /// Companies whose products are replaced.
    emptied: Vec<i64>,
    products: Vec<(i64, Vec<ProductRecord>)>,
}

impl Waiting {
    /// Writes what waits. Updates come first: a code that one gives up may be taken by a new company.
    async fn write(
        &mut self,
        connection: &impl ConnectionTrait,
        directory: &mut Directory,
        touched: &mut [Touched],
    ) -> ServiceResult<()> {
        replace_enterprises(connection, std::mem::take(&mut self.updates)).await?;
        let mut numbers: HashMap<i64, i64> = HashMap::new();
        let mut inserts = std::mem::take(&mut self.inserts);
        while !inserts.is_empty() {
            let rest = inserts.split_off(inserts.len().min(WIDE));
            let mut waiting: HashMap<_, (i64, usize)> = HashMap::new();
            let mut models = Vec::with_capacity(inserts.len());
            for (provisional, place, model) in inserts {
                // No two companies of a batch share all three, or they would be one.
                let key = (
                    model.name.try_as_ref().cloned(),
                    model.credit_code.try_as_ref().cloned().flatten(),
                    model.stock_code.try_as_ref().cloned().flatten(),
                );
                waiting.insert(key, (provisional, place));
                models.push(model);
            }
            for made in enterprise::Entity::insert_many(models)
                .exec_with_returning(connection)
                .await?
            {
                let key = (Some(made.name), made.credit_code, made.stock_code);
                let (provisional, place) = waiting.remove(&key).ok_or_else(|| {
                    ServiceError::internal("an inserted company came back as another")
                })?;
                numbers.insert(provisional, made.id);
                directory.rename(provisional, made.id);
                if let Some(touched) = touched.get_mut(place) {
                    touched.enterprise_id = made.id;
                }
            }
            inserts = rest;
        }
        let emptied = std::mem::take(&mut self.emptied);
        if !emptied.is_empty() {
            enterprise_product::Entity::delete_many()
                .filter(enterprise_product::Column::EnterpriseId.is_in(emptied))
                .exec(connection)
                .await?;
        }
        let products = std::mem::take(&mut self.products)
            .into_iter()
            .map(|(id, products)| (numbers.get(&id).copied().unwrap_or(id), products));
        insert_products(connection, products).await?;
        Ok(())
    }
}

/// Writes companies that are there already in a few statements, each as a whole.
pub(super) async fn replace_enterprises(
    connection: &impl ConnectionTrait,
    mut models: Vec<enterprise::ActiveModel>,
) -> Result<(), DbErr> {
    while !models.is_empty() {
        let rest = models.split_off(models.len().min(WIDE));
        let columns =
            enterprise::Column::iter().filter(|column| !matches!(column, enterprise::Column::Id));
        enterprise::Entity::insert_many(models)
            .on_conflict(
                OnConflict::column(enterprise::Column::Id)
                    .update_columns(columns)
                    .to_owned(),
            )
            .exec_without_returning(connection)
            .await?;
        models = rest;
    }
    Ok(())
}

impl Service {
    /// Writes one batch in the caller's transaction and says what became of each record.
    pub(crate) async fn write_records(
        &self,
        connection: &impl ConnectionTrait,
        records: &[&EnterpriseRecord],
        origin: &Origin,
    ) -> ServiceResult<Written> {
        let now = self.now();
        let mut directory = Directory::of(connection, records).await?;
        let known = records.iter().filter_map(|record| directory.find(record));
        let mut present = existing(connection, known, HELD).await?;
        let mut written = Written::default();
        let mut waiting = Waiting::default();
        for record in records {
            // Rows above may have made, renamed or changed the company that this one means.
            let mut id = directory.find(record);
            if id.is_some_and(|id| !present.contains_key(&id)) {
                waiting
                    .write(connection, &mut directory, &mut written.touched)
                    .await?;
                id = directory.find(record);
                present.extend(existing(connection, id.into_iter(), HELD).await?);
            }
            let record = directory.without_codes_of_others(record, id);
            let place = written.touched.len();
            let found = id.and_then(|id| present.get(&id));
            let said = Said::of(record, found, origin.is_local);
            written.kept += u32::from(!said.left.is_empty());
            let record = said.record.as_ref();
            let (id, verdict) = match found {
                None => {
                    let provisional = -1 - i64::try_from(place).unwrap_or(i64::MAX - 1);
                    let model = fresh(&said, origin, now);
                    waiting.inserts.push((provisional, place, model));
                    written.touched.push(Touched {
                        enterprise_id: provisional,
                        name: record.name.clone(),
                        before: None,
                        version_after: 1,
                    });
                    (provisional, RowVerdict::Insert)
                }
                Some((model, own)) => {
                    if !differs(model, own, &said) {
                        written.verdicts.push(RowVerdict::Unchanged);
                        continue;
                    }
                    waiting.updates.push(merged(model, &said, origin, now));
                    if !record.products.is_empty() {
                        waiting.emptied.push(model.id);
                    }
                    written.touched.push(Touched {
                        enterprise_id: model.id,
                        name: record.name.clone(),
                        before: Some(Former::of(model, own)),
                        version_after: model.version + 1,
                    });
                    (model.id, RowVerdict::Update)
                }
            };
            // What was read of it is no longer true.
            present.remove(&id);
            if !record.products.is_empty() {
                waiting.products.push((id, record.products.clone()));
            }
            directory.learn(id, record);
            written.verdicts.push(verdict);
        }
        waiting
            .write(connection, &mut directory, &mut written.touched)
            .await?;
        let changed: BTreeSet<i64> = written
            .touched
            .iter()
            .map(|touched| touched.enterprise_id)
            .collect();
        let changed: Vec<i64> = changed.into_iter().collect();
        if !changed.is_empty() {
            rematch_enterprises(self, connection, &changed).await?;
            announce(connection, &changed, now).await?;
        }
        Ok(written)
    }

    /// What writing rows would do, without writing: for each its verdict, and what an update would change.
    pub(super) async fn dry_run(
        &self,
        rows: &[Judged],
    ) -> ServiceResult<Vec<(RowVerdict, Vec<FieldChange>)>> {
        let connection = self.database.read();
        let records: Vec<&EnterpriseRecord> =
            rows.iter().filter_map(|row| row.record.as_ref()).collect();
        let directory = Directory::of(connection, &records).await?;
        let known = records.iter().filter_map(|record| directory.find(record));
        let present = existing(connection, known, None).await?;
        Ok(rows
            .iter()
            .map(|row| {
                let Some(record) = &row.record else {
                    return (RowVerdict::Refused, Vec::new());
                };
                let id = directory.find(record);
                let found = id.and_then(|id| present.get(&id));
                let record = directory.without_codes_of_others(record, id);
                // That a list is of the zone's own companies is said when it is taken in.
                let said = Said::of(record, found, false);
                match found {
                    None => (RowVerdict::Insert, Vec::new()),
                    Some((model, own)) if differs(model, own, &said) => {
                        let mut changes = changes(model, own, &said.record);
                        changes.extend(said.left);
                        (RowVerdict::Update, changes)
                    }
                    Some(_) => (RowVerdict::Unchanged, said.left),
                }
            })
            .collect())
    }
}

pub(super) fn count(summary: &mut ImportSummary, verdict: RowVerdict, problems: &[RowProblem]) {
    match verdict {
        RowVerdict::Insert => summary.inserted += 1,
        RowVerdict::Update => summary.updated += 1,
        RowVerdict::Unchanged => summary.unchanged += 1,
        RowVerdict::Refused => summary.refused += 1,
    }
    if verdict != RowVerdict::Refused
        && problems
            .iter()
            .any(|problem| problem.severity == Severity::Warning)
    {
        summary.warnings += 1;
    }
}

/// Kinds of problem with their counts. The figures inside a kind (a sum, a row number) do not make another kind.
#[derive(Default)]
pub(super) struct Kinds(BTreeMap<String, (RowProblemKind, bool, u32)>);

impl Kinds {
    pub(super) fn count(&mut self, problems: &[RowProblem]) {
        for problem in problems {
            let code = serde_json::to_value(&problem.kind)
                .ok()
                .and_then(|value| value["code"].as_str().map(str::to_owned))
                .unwrap_or_default();
            self.0
                .entry(code)
                .or_insert_with(|| {
                    (
                        problem.kind.clone(),
                        problem.severity == Severity::Refused,
                        0,
                    )
                })
                .2 += 1;
        }
    }

    /// The most frequent first.
    pub(super) fn ranked(self) -> Vec<(RowProblemKind, bool, u32)> {
        let mut kinds: Vec<_> = self.0.into_values().collect();
        kinds.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        kinds
    }
}

pub(super) fn preview_row(
    row: &Judged,
    verdict: RowVerdict,
    changes: &[FieldChange],
) -> PreviewRow {
    let record = row.record.as_ref();
    let text = |value: Option<&String>| value.cloned().unwrap_or_default();
    PreviewRow {
        number: row.number,
        verdict,
        name: record.map_or_else(
            || {
                row.cells
                    .iter()
                    .find(|cell| cell.chars().count() > 3)
                    .map(|cell| cell.chars().take(40).collect())
                    .unwrap_or_default()
            },
            |record| record.name.clone(),
        ),
        code: record
            .and_then(|record| {
                record
                    .credit_code
                    .as_ref()
                    .map(ToString::to_string)
                    .or_else(|| record.stock_code.clone())
            })
            .unwrap_or_default(),
        province: text(record.and_then(|record| record.province.as_ref())),
        city: text(record.and_then(|record| record.city.as_ref())),
        problems: row.problems.clone(),
        changes: changes.to_vec(),
    }
}

/// Writes the products of companies that have none, each list in its order.
pub(super) async fn insert_products(
    connection: &impl ConnectionTrait,
    products: impl Iterator<Item = (i64, Vec<ProductRecord>)>,
) -> Result<(), DbErr> {
    let mut rows = products
        .flat_map(|(id, products)| {
            (0..)
                .zip(products)
                .map(move |(position, product)| enterprise_product::ActiveModel {
                    enterprise_id: Set(id),
                    position: Set(position),
                    name: Set(product.name),
                    revenue_share: Set(product.revenue_share),
                    ..Default::default()
                })
        })
        .peekable();
    while rows.peek().is_some() {
        enterprise_product::Entity::insert_many(rows.by_ref().take(1000))
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

pub(super) type Present = HashMap<i64, (enterprise::Model, Vec<enterprise_product::Model>)>;

/// Companies with their products, held against other writers when they are to be changed.
pub(super) async fn existing(
    connection: &impl ConnectionTrait,
    ids: impl Iterator<Item = i64>,
    hold: Option<LockType>,
) -> Result<Present, DbErr> {
    let ids: BTreeSet<i64> = ids.filter(|id| *id > 0).collect();
    let ids: Vec<i64> = ids.into_iter().collect();
    let mut present = Present::new();
    for chunk in ids.chunks(LOOKUP) {
        let mut query = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(chunk.iter().copied()))
            .order_by_asc(enterprise::Column::Id);
        if let Some(lock) = hold {
            query = query.lock(lock);
        }
        for model in query.all(connection).await? {
            present.insert(model.id, (model, Vec::new()));
        }
        for product in enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.is_in(chunk.iter().copied()))
            .order_by_asc(enterprise_product::Column::Position)
            .all(connection)
            .await?
        {
            if let Some((_, products)) = present.get_mut(&product.enterprise_id) {
                products.push(product);
            }
        }
    }
    Ok(present)
}

/// What a record says to a company that is there, or to none.
struct Said<'a> {
    /// Without what it must leave alone.
    record: Cow<'a, EnterpriseRecord>,
    /// Its figures when it says of which day they are: those of an earlier day are history, whatever it must leave alone.
    figure: Option<Figure>,
    /// The fields that it must leave alone.
    kept: BTreeSet<EnterpriseField>,
    /// What it would have changed of them.
    left: Vec<FieldChange>,
    /// It is of a list of the zone's own companies.
    is_local: bool,
}

impl<'a> Said<'a> {
    fn of(
        record: Cow<'a, EnterpriseRecord>,
        found: Option<&(enterprise::Model, Vec<enterprise_product::Model>)>,
        is_local: bool,
    ) -> Self {
        let figure = record
            .as_of
            .filter(|_| record.revenue_wan.is_some() || record.staff.is_some())
            .map(|as_of| Figure {
                as_of,
                revenue_wan: record.revenue_wan,
                staff: record.staff,
                source: String::new(),
            });
        let whole = |record| Self {
            record,
            figure: figure.clone(),
            kept: BTreeSet::new(),
            left: Vec::new(),
            is_local,
        };
        let Some((model, own)) = found else {
            return whole(record);
        };
        let there = provenance(model);
        let kept = kept_fields(&record, &there);
        if kept.is_empty() {
            return whole(record);
        }
        // What a person wrote of this very day stays in the history, too.
        let is_written = |field: EnterpriseField| {
            there
                .of(field)
                .is_some_and(|source| source.by.is_some() && source.as_of == record.as_of)
        };
        let figure = figure
            .map(|figure| Figure {
                revenue_wan: figure
                    .revenue_wan
                    .filter(|_| !is_written(EnterpriseField::Revenue)),
                staff: figure.staff.filter(|_| !is_written(EnterpriseField::Staff)),
                ..figure
            })
            .filter(|figure| figure.revenue_wan.is_some() || figure.staff.is_some());
        let left = changes(model, own, &record)
            .into_iter()
            .filter(|change| {
                kept.contains(&change.field)
                    || (change.field == EnterpriseField::ProductShares
                        && kept.contains(&EnterpriseField::Products))
            })
            .map(|change| FieldChange {
                is_kept: true,
                ..change
            })
            .collect();
        let mut record = record.into_owned();
        for field in &kept {
            record.silence(*field);
            if *field == EnterpriseField::Name {
                record.name.clone_from(&model.name);
            }
        }
        Self {
            record: Cow::Owned(record),
            figure,
            kept,
            left,
            is_local,
        }
    }

    /// The company's figures with this one.
    fn figures(
        &self,
        model: Option<&enterprise::Model>,
        source: &str,
    ) -> Option<serde_json::Value> {
        let mut figures = model.map(figures).unwrap_or_default();
        if let Some(figure) = &self.figure {
            add_figure(
                &mut figures,
                Figure {
                    source: source.to_owned(),
                    ..figure.clone()
                },
            );
        }
        column(&figures)
    }

    /// Whether the company does not have this figure yet.
    fn has_new_figure(&self, model: &enterprise::Model) -> bool {
        let Some(figure) = &self.figure else {
            return false;
        };
        let before = figures(model);
        let mut after = before.clone();
        // The source alone is no news.
        let source = before
            .iter()
            .find(|known| known.as_of == figure.as_of)
            .map_or_else(String::new, |known| known.source.clone());
        add_figure(
            &mut after,
            Figure {
                source,
                ..figure.clone()
            },
        );
        before != after
    }

    /// Whether it says of a later day what is known of an earlier one.
    fn is_newer(&self, model: &enterprise::Model) -> bool {
        let Some(as_of) = self.record.as_of else {
            return false;
        };
        let there = provenance(model);
        self.record.said().difference(&self.kept).any(|field| {
            there
                .of(*field)
                .is_none_or(|source| source.as_of.is_none_or(|known| known < as_of))
        })
    }

    /// Where what it says is from.
    fn source(&self, origin: &Origin, now: DateTime<Utc>) -> FieldSource {
        FieldSource {
            source: origin.source.clone(),
            on: crate::local_date(now),
            as_of: self.record.as_of,
            by: None,
            // A name that stays is in the record still.
            fields: self.record.said().difference(&self.kept).copied().collect(),
        }
    }
}

/// A company's fields and products as they were before an import wrote to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Former {
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stock_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub short_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub english_name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub board: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listed_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_shares: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub area: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub province: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub industry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sw_industry: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sites: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field_sources: Option<serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_name_key: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub former_credit_code: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub business_scope: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_wan: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<i64>,
    pub source: String,
    pub version: i64,
    /// Missing in imports of before it was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_local: Option<bool>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<ProductRecord>,
}

impl Former {
    pub(super) fn of(model: &enterprise::Model, products: &[enterprise_product::Model]) -> Self {
        Self {
            name: model.name.clone(),
            credit_code: model.credit_code.clone(),
            stock_code: model.stock_code.clone(),
            short_name: model.short_name.clone(),
            english_name: model.english_name.clone(),
            exchange: model.exchange.clone(),
            board: model.board.clone(),
            listed_on: model.listed_on,
            total_shares: model.total_shares,
            area: model.area.clone(),
            province: model.province.clone(),
            city: model.city.clone(),
            address: model.address.clone(),
            industry: model.industry.clone(),
            sw_industry: model.sw_industry.clone(),
            tags: model.tags.clone(),
            sites: model.sites.clone(),
            figures: model.figures.clone(),
            field_sources: model.field_sources.clone(),
            former_name_key: model.former_name_key.clone(),
            former_credit_code: model.former_credit_code.clone(),
            website: model.website.clone(),
            business_scope: model.business_scope.clone(),
            revenue_wan: model.revenue_wan,
            staff: model.staff,
            source: model.source.clone(),
            version: model.version,
            is_local: Some(model.is_local),
            products: products
                .iter()
                .map(|product| ProductRecord {
                    name: product.name.clone(),
                    revenue_share: product.revenue_share,
                })
                .collect(),
        }
    }

    /// A field as people read and write it; products, tags and places are one to a line.
    pub(super) fn text(&self, field: EnterpriseField) -> String {
        let own = |value: &Option<String>| value.clone().unwrap_or_default();
        let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
        match field {
            EnterpriseField::Name => self.name.clone(),
            EnterpriseField::ShortName => own(&self.short_name),
            EnterpriseField::EnglishName => own(&self.english_name),
            EnterpriseField::CreditCode => own(&self.credit_code),
            EnterpriseField::StockCode => own(&self.stock_code),
            EnterpriseField::Board => own(&self.board),
            EnterpriseField::ListedOn => self
                .listed_on
                .map(|day| day.to_string())
                .unwrap_or_default(),
            EnterpriseField::TotalShares => number(self.total_shares),
            EnterpriseField::Area => own(&self.area),
            EnterpriseField::Province => own(&self.province),
            EnterpriseField::City => own(&self.city),
            EnterpriseField::Address => own(&self.address),
            EnterpriseField::Industry => own(&self.industry),
            EnterpriseField::SwIndustry => own(&self.sw_industry),
            EnterpriseField::Website => own(&self.website),
            EnterpriseField::Revenue => number(self.revenue_wan),
            EnterpriseField::Staff => number(self.staff),
            EnterpriseField::BusinessScope => own(&self.business_scope),
            EnterpriseField::Products | EnterpriseField::ProductShares => {
                product_lines(&self.products)
            }
            EnterpriseField::Tags => read_column::<Vec<String>>(self.tags.as_ref()).join("\n"),
            EnterpriseField::Sites => read_column::<Vec<Site>>(self.sites.as_ref())
                .iter()
                .map(Site::text)
                .collect::<Vec<_>>()
                .join("\n"),
            EnterpriseField::AsOf => String::new(),
        }
    }

    /// The company with these fields again, as its next version.
    pub(super) fn restored(
        &self,
        model: enterprise::Model,
        now: DateTime<Utc>,
    ) -> enterprise::ActiveModel {
        let version = model.version + 1;
        let mut restored: enterprise::ActiveModel = model.into();
        spell(
            &mut restored,
            &self.name,
            self.short_name.as_deref().unwrap_or_default(),
        );
        macro_rules! former {
            ($($field:ident),*) => {
                $(restored.$field = Set(self.$field.clone());)*
            };
        }
        former!(
            credit_code,
            stock_code,
            short_name,
            english_name,
            exchange,
            board,
            listed_on,
            total_shares,
            area,
            province,
            city,
            address,
            industry,
            sw_industry,
            tags,
            sites,
            figures,
            field_sources,
            former_name_key,
            former_credit_code,
            website,
            business_scope,
            revenue_wan,
            staff,
            source
        );
        if let Some(is_local) = self.is_local {
            restored.is_local = Set(is_local);
        }
        restored.updated_at = Set(now);
        restored.version = Set(version);
        restored
    }
}

/// What an update would change, field by field.
fn changes(
    model: &enterprise::Model,
    products: &[enterprise_product::Model],
    record: &EnterpriseRecord,
) -> Vec<FieldChange> {
    use EnterpriseField as Field;
    /// Longest text of a change, in characters.
    const SHOWN: usize = 60;
    let mut changes = Vec::new();
    let mut news = |field: Field, before: Option<String>, after: Option<String>| {
        let before = before.unwrap_or_default();
        if let Some(after) = after
            && before != after
        {
            let short = |text: &str| text.chars().take(SHOWN).collect();
            changes.push(FieldChange {
                field,
                before: short(&before),
                after: short(&after),
                is_kept: false,
            });
        }
    };
    macro_rules! scalar {
        ($($field:ident: $name:ident),*) => {
            $(news(
                Field::$name,
                model.$field.as_ref().map(ToString::to_string),
                record.$field.as_ref().map(ToString::to_string),
            );)*
        };
    }
    news(
        Field::Name,
        Some(model.name.clone()),
        Some(record.name.clone()),
    );
    scalar!(
        short_name: ShortName,
        english_name: EnglishName,
        credit_code: CreditCode,
        stock_code: StockCode,
        board: Board,
        listed_on: ListedOn,
        total_shares: TotalShares,
        area: Area,
        province: Province,
        city: City,
        address: Address,
        industry: Industry,
        sw_industry: SwIndustry,
        website: Website,
        revenue_wan: Revenue,
        staff: Staff,
        business_scope: BusinessScope
    );
    if !record.tags.is_empty() {
        let there = tags(model);
        news(
            Field::Tags,
            Some(there.join("；")),
            Some(record.tags.join("；")),
        );
    }
    if !record.sites.is_empty() {
        let joined = |sites: &[Site]| sites.iter().map(Site::text).collect::<Vec<_>>().join("；");
        news(
            Field::Sites,
            Some(joined(&sites(model))),
            Some(joined(&record.sites)),
        );
    }
    if !record.products.is_empty() {
        let there = products.iter().map(|one| one.name.as_str());
        let said = record.products.iter().map(|one| one.name.as_str());
        let joined = |names: &mut dyn Iterator<Item = &str>| names.collect::<Vec<_>>().join("；");
        let (before, after) = (joined(&mut there.clone()), joined(&mut said.clone()));
        if before == after {
            let share = |share: Option<f64>| share.map_or_else(String::new, |one| one.to_string());
            let joined = |shares: &mut dyn Iterator<Item = Option<f64>>| {
                shares.map(share).collect::<Vec<_>>().join("；")
            };
            news(
                Field::ProductShares,
                Some(joined(&mut products.iter().map(|one| one.revenue_share))),
                Some(joined(
                    &mut record.products.iter().map(|one| one.revenue_share),
                )),
            );
        } else {
            news(Field::Products, Some(before), Some(after));
        }
    }
    changes
}

/// True when the record says something that is not there yet.
fn differs(
    model: &enterprise::Model,
    products: &[enterprise_product::Model],
    said: &Said<'_>,
) -> bool {
    let record = said.record.as_ref();
    fn news<T: PartialEq>(there: Option<&T>, said: Option<&T>) -> bool {
        said.is_some() && there != said
    }
    let credit_code = record.credit_code.as_ref().map(ToString::to_string);
    let scalar = model.name != record.name
        || news(model.credit_code.as_ref(), credit_code.as_ref())
        || news(model.stock_code.as_ref(), record.stock_code.as_ref())
        || news(model.short_name.as_ref(), record.short_name.as_ref())
        || news(model.english_name.as_ref(), record.english_name.as_ref())
        || news(model.exchange.as_ref(), record.exchange.as_ref())
        || news(model.board.as_ref(), record.board.as_ref())
        || news(model.listed_on.as_ref(), record.listed_on.as_ref())
        || news(model.total_shares.as_ref(), record.total_shares.as_ref())
        || news(model.area.as_ref(), record.area.as_ref())
        || news(model.province.as_ref(), record.province.as_ref())
        || news(model.city.as_ref(), record.city.as_ref())
        || news(model.address.as_ref(), record.address.as_ref())
        || news(model.industry.as_ref(), record.industry.as_ref())
        || news(model.website.as_ref(), record.website.as_ref())
        || news(
            model.business_scope.as_ref(),
            record.business_scope.as_ref(),
        )
        || news(model.revenue_wan.as_ref(), record.revenue_wan.as_ref())
        || news(model.staff.as_ref(), record.staff.as_ref())
        || news(model.sw_industry.as_ref(), record.sw_industry.as_ref());
    scalar
        || (!record.tags.is_empty() && tags(model) != record.tags)
        || (!record.sites.is_empty() && sites(model) != record.sites)
        || (said.is_local && !model.is_local)
        || said.has_new_figure(model)
        || said.is_newer(model)
        || (!record.products.is_empty()
            && (products.len() != record.products.len()
                || products.iter().zip(&record.products).any(|(there, said)| {
                    there.name != said.name || there.revenue_share != said.revenue_share
                })))
}

fn fresh(said: &Said<'_>, origin: &Origin, now: DateTime<Utc>) -> enterprise::ActiveModel {
    let record = said.record.as_ref();
    let mut sources = Provenance::default();
    sources.set(said.source(origin, now));
    // Every column is said: rows of one statement have the same ones.
    macro_rules! model {
        ($($field:ident),*) => {
            enterprise::ActiveModel {
                is_local: Set(origin.is_local),
                is_demo: Set(origin.is_demo),
                closed: Set(false),
                source: Set(origin.source.clone()),
                credit_code: Set(record.credit_code.as_ref().map(ToString::to_string)),
                created_at: Set(now),
                updated_at: Set(now),
                version: Set(1),
                tags: Set(column(&record.tags)),
                sites: Set(column(&record.sites)),
                figures: Set(said.figures(None, &origin.source)),
                field_sources: Set(sources_column(&sources)),
                former_name_key: Set(None),
                former_credit_code: Set(None),
                $($field: Set(record.$field.clone()),)*
                ..Default::default()
            }
        };
    }
    let mut model = model!(
        stock_code,
        short_name,
        english_name,
        exchange,
        board,
        listed_on,
        total_shares,
        area,
        province,
        city,
        address,
        industry,
        sw_industry,
        website,
        business_scope,
        revenue_wan,
        staff
    );
    spell(
        &mut model,
        &record.name,
        record.short_name.as_deref().unwrap_or_default(),
    );
    model
}

fn merged(
    model: &enterprise::Model,
    said: &Said<'_>,
    origin: &Origin,
    now: DateTime<Utc>,
) -> enterprise::ActiveModel {
    let record = said.record.as_ref();
    let mut sources = provenance(model);
    sources.set(said.source(origin, now));
    let version = model.version + 1;
    let short_name = record.short_name.as_ref().or(model.short_name.as_ref());
    let mut merged: enterprise::ActiveModel = model.clone().into();
    spell(
        &mut merged,
        &record.name,
        short_name.map_or("", String::as_str),
    );
    macro_rules! said {
        ($($field:ident),*) => {
            $(if record.$field.is_some() {
                merged.$field = Set(record.$field.clone());
            })*
        };
    }
    said!(
        stock_code,
        short_name,
        english_name,
        exchange,
        board,
        listed_on,
        total_shares,
        area,
        province,
        city,
        address,
        industry,
        sw_industry,
        website,
        business_scope,
        revenue_wan,
        staff
    );
    if let Some(code) = &record.credit_code {
        merged.credit_code = Set(Some(code.to_string()));
    }
    if !record.tags.is_empty() {
        merged.tags = Set(column(&record.tags));
    }
    if !record.sites.is_empty() {
        merged.sites = Set(column(&record.sites));
    }
    if said.is_local {
        merged.is_local = Set(true);
    }
    merged.figures = Set(said.figures(Some(model), &origin.source));
    merged.field_sources = Set(sources_column(&sources));
    merged.version = Set(version);
    merged.source = Set(origin.source.clone());
    merged.updated_at = Set(now);
    merged
}

/// The name and all that is made of it and of the short name.
fn spell(model: &mut enterprise::ActiveModel, name: &str, short_name: &str) {
    let spelled = spelling(name);
    let short = spelling(short_name);
    model.name = Set(name.to_owned());
    model.name_key = Set(normalise_name(name));
    model.sort_key = Set(spelled.sort_key);
    model.pinyin = Set(format!("{} {}", spelled.pinyin, short.pinyin)
        .trim()
        .to_owned());
    model.initials = Set(format!("{} {}", spelled.initials, short.initials)
        .trim()
        .to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_spelled_by_its_pinyin() {
        let spelled = spelling("示例钒业");
        assert_eq!(spelled.pinyin, "shilifanye");
        assert_eq!(spelled.initials, "slfy");
        assert_eq!(spelling("万科Ａ").initials, "wka");
        assert_eq!(spelling("绿能").pinyin, "lvneng");
    }

    #[test]
    fn chinese_names_sort_by_sound() {
        let mut names = ["重庆", "安康", "北京"];
        names.sort_by_key(|name| spelling(name).sort_key);
        assert_eq!(names[0], "安康");
        assert_eq!(names[1], "北京");
    }
}
