//! From a table to enterprises: read, judge every row, write in batches.
//!
//! A value in the file replaces the one that is there; an empty cell leaves it alone, so that a list without
//! products does not wipe the products that another list brought. That also makes an import its own
//! resumption: rows that were written before a crash come out as unchanged.

use std::{
    borrow::Cow,
    collections::{BTreeMap, HashMap},
};

use chrono::{DateTime, Utc};
use domain::{
    enterprise::{
        CreditCode, DuplicateFinder, EnterpriseRecord, ImportSummary, Mapping, PreviewRow,
        RowProblem, RowProblemKind, RowReading, RowVerdict, Severity, normalise_name,
        read_json_line, read_row,
    },
    problem::{Problem, TableProblem},
};
use entity::{enterprise, enterprise_product};
use pinyin::ToPinyin;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::table::{Table, TableError, TableFormat, TableLimits, read_table};
use crate::{Service, ServiceError, ServiceResult, chain::rematch_enterprises, search::announce};

/// Rows written and committed at a time.
pub(super) const BATCH: usize = 500;

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

/// Reads a table on a thread where it may take its time.
pub(super) async fn read(file_name: String, bytes: Vec<u8>) -> ServiceResult<Table> {
    tokio::task::spawn_blocking(move || read_table(&file_name, &bytes, &TableLimits::default()))
        .await
        .map_err(ServiceError::internal)?
        .map_err(|error| Problem::from(error).into())
}

/// One row of the file, judged.
pub(super) struct Judged {
    pub number: u32,
    pub cells: Vec<String>,
    pub record: Option<EnterpriseRecord>,
    pub problems: Vec<RowProblem>,
}

/// Judges every row of a table by itself and against the rows above it.
pub(super) fn judge(table: Table, mapping: &Mapping) -> Vec<Judged> {
    let mut duplicates = DuplicateFinder::new();
    table
        .rows
        .into_iter()
        .map(|row| {
            let RowReading {
                mut record,
                mut problems,
            } = if table.format == TableFormat::JsonLines {
                read_json_line(row.number, row.cells.first().map_or("", String::as_str))
            } else {
                read_row(row.number, &row.cells, mapping)
            };
            if let Some(duplicate) = record
                .as_ref()
                .and_then(|record| duplicates.check(row.number, record))
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
        })
        .collect()
}

/// Identity keys of all companies: 统一社会信用代码, else stock code, else the normalised name.
#[derive(Default)]
pub(crate) struct Directory {
    by_id: HashMap<i64, Keys>,
    by_credit_code: HashMap<String, i64>,
    by_stock_code: HashMap<String, i64>,
    /// Namesakes with codes of their own are companies of their own.
    by_name: HashMap<String, Vec<i64>>,
    /// Names and codes of companies that were merged, and whom they mean now: a list that still has them must not bring
    /// them back.
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

impl Directory {
    pub(crate) fn find(&self, record: &EnterpriseRecord) -> Option<i64> {
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

impl Service {
    pub(crate) async fn directory(&self) -> ServiceResult<Directory> {
        let mut directory = Directory::default();
        let rows: Vec<(i64, Option<String>, Option<String>, String)> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::CreditCode)
            .column(enterprise::Column::StockCode)
            .column(enterprise::Column::NameKey)
            .filter(enterprise::Column::MergedIntoId.is_null())
            .order_by_asc(enterprise::Column::Id)
            .into_tuple()
            .all(self.database.read())
            .await?;
        for (id, credit_code, stock_code, name) in rows {
            directory.enter(
                id,
                Keys {
                    credit_code,
                    stock_code,
                    name,
                },
            );
        }
        for (keys, id, name) in super::merge::merged_keys(self.database.read()).await? {
            for key in keys {
                directory.merged.insert(
                    key,
                    Merged {
                        id,
                        name: name.clone(),
                    },
                );
            }
        }
        Ok(directory)
    }

    /// Writes one batch in the caller's transaction and says what became of each record.
    pub(crate) async fn write_records(
        &self,
        connection: &impl ConnectionTrait,
        directory: &mut Directory,
        records: &[EnterpriseRecord],
        origin: &Origin,
    ) -> ServiceResult<Vec<RowVerdict>> {
        let now = self.now();
        let known = records.iter().filter_map(|record| directory.find(record));
        let mut present = existing(connection, known).await?;
        let mut verdicts = Vec::with_capacity(records.len());
        let mut changed = Vec::new();
        let mut products = Vec::new();
        for record in records {
            // Rows above may have made, renamed or changed the company that this one means.
            let id = directory.find(record);
            if let Some(id) = id
                && !present.contains_key(&id)
            {
                insert_products(connection, std::mem::take(&mut products)).await?;
                present.extend(existing(connection, std::iter::once(id)).await?);
            }
            let record = directory.without_codes_of_others(record, id);
            let record = record.as_ref();
            let found = id.and_then(|id| present.get(&id));
            let (id, verdict) = match found {
                None => {
                    let model = fresh(record, origin, now).insert(connection).await?;
                    (model.id, RowVerdict::Insert)
                }
                Some((model, own)) => {
                    if !differs(model, own, record) {
                        verdicts.push(RowVerdict::Unchanged);
                        continue;
                    }
                    let id = model.id;
                    merged(model, record, origin, now)
                        .update(connection)
                        .await?;
                    if !record.products.is_empty() {
                        enterprise_product::Entity::delete_many()
                            .filter(enterprise_product::Column::EnterpriseId.eq(id))
                            .exec(connection)
                            .await?;
                    }
                    (id, RowVerdict::Update)
                }
            };
            // What was read of it is no longer true.
            present.remove(&id);
            products.extend((0..).zip(&record.products).map(|(position, product)| {
                enterprise_product::ActiveModel {
                    enterprise_id: Set(id),
                    position: Set(position),
                    name: Set(product.name.clone()),
                    revenue_share: Set(product.revenue_share),
                    ..Default::default()
                }
            }));
            directory.learn(id, record);
            changed.push(id);
            verdicts.push(verdict);
        }
        insert_products(connection, products).await?;
        if !changed.is_empty() {
            rematch_enterprises(self, connection, &changed).await?;
            announce(connection, &changed, now).await?;
        }
        Ok(verdicts)
    }

    /// What writing would do, without writing.
    pub(super) async fn dry_run(
        &self,
        judged: &[Judged],
    ) -> ServiceResult<(Vec<RowVerdict>, ImportSummary)> {
        let directory = self.directory().await?;
        let mut verdicts = Vec::with_capacity(judged.len());
        let mut summary = ImportSummary {
            rows: u32::try_from(judged.len()).unwrap_or(u32::MAX),
            ..ImportSummary::default()
        };
        for chunk in judged.chunks(BATCH) {
            let ids: Vec<Option<i64>> = chunk
                .iter()
                .map(|row| {
                    row.record
                        .as_ref()
                        .and_then(|record| directory.find(record))
                })
                .collect();
            let present = existing(self.database.read(), ids.iter().flatten().copied()).await?;
            for (row, id) in chunk.iter().zip(&ids) {
                let verdict = match &row.record {
                    None => RowVerdict::Refused,
                    Some(record) => match id.and_then(|id| present.get(&id)) {
                        None => RowVerdict::Insert,
                        Some((model, own))
                            if differs(
                                model,
                                own,
                                directory.without_codes_of_others(record, *id).as_ref(),
                            ) =>
                        {
                            RowVerdict::Update
                        }
                        Some(_) => RowVerdict::Unchanged,
                    },
                };
                count(&mut summary, verdict, &row.problems);
                verdicts.push(verdict);
            }
        }
        Ok((verdicts, summary))
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

/// Kinds of problem with their counts, the most frequent first. The figures inside a kind (a sum, a row
/// number) do not make another kind.
pub(super) fn kinds(judged: &[Judged]) -> Vec<(RowProblemKind, bool, u32)> {
    let mut counts: BTreeMap<String, (RowProblemKind, bool, u32)> = BTreeMap::new();
    for problem in judged.iter().flat_map(|row| &row.problems) {
        let code = serde_json::to_value(&problem.kind)
            .ok()
            .and_then(|value| value["code"].as_str().map(str::to_owned))
            .unwrap_or_default();
        counts
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
    let mut kinds: Vec<_> = counts.into_values().collect();
    kinds.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    kinds
}

pub(super) fn preview_row(row: &Judged, verdict: RowVerdict) -> PreviewRow {
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
    }
}

async fn insert_products(
    connection: &impl ConnectionTrait,
    mut products: Vec<enterprise_product::ActiveModel>,
) -> Result<(), DbErr> {
    while !products.is_empty() {
        let rest = products.split_off(products.len().min(1000));
        enterprise_product::Entity::insert_many(products)
            .exec(connection)
            .await?;
        products = rest;
    }
    Ok(())
}

type Present = HashMap<i64, (enterprise::Model, Vec<enterprise_product::Model>)>;

async fn existing(
    connection: &impl ConnectionTrait,
    ids: impl Iterator<Item = i64>,
) -> Result<Present, DbErr> {
    let ids: Vec<i64> = ids.collect();
    if ids.is_empty() {
        return Ok(Present::new());
    }
    let mut present: Present = enterprise::Entity::find()
        .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
        .all(connection)
        .await?
        .into_iter()
        .map(|model| (model.id, (model, Vec::new())))
        .collect();
    for product in enterprise_product::Entity::find()
        .filter(enterprise_product::Column::EnterpriseId.is_in(ids.iter().copied()))
        .order_by_asc(enterprise_product::Column::Position)
        .all(connection)
        .await?
    {
        if let Some((_, products)) = present.get_mut(&product.enterprise_id) {
            products.push(product);
        }
    }
    Ok(present)
}

/// True when the record says something that is not there yet.
fn differs(
    model: &enterprise::Model,
    products: &[enterprise_product::Model],
    record: &EnterpriseRecord,
) -> bool {
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
        || news(model.staff.as_ref(), record.staff.as_ref());
    scalar
        || (!record.products.is_empty()
            && (products.len() != record.products.len()
                || products.iter().zip(&record.products).any(|(there, said)| {
                    there.name != said.name || there.revenue_share != said.revenue_share
                })))
}

fn fresh(
    record: &EnterpriseRecord,
    origin: &Origin,
    now: DateTime<Utc>,
) -> enterprise::ActiveModel {
    let mut model = enterprise::ActiveModel {
        is_local: Set(origin.is_local),
        is_demo: Set(origin.is_demo),
        closed: Set(false),
        source: Set(origin.source.clone()),
        created_at: Set(now),
        version: Set(1),
        ..Default::default()
    };
    say(&mut model, record, now);
    model
}

fn merged(
    model: &enterprise::Model,
    record: &EnterpriseRecord,
    origin: &Origin,
    now: DateTime<Utc>,
) -> enterprise::ActiveModel {
    let version = model.version + 1;
    let mut merged: enterprise::ActiveModel = model.clone().into();
    merged.version = Set(version);
    merged.source = Set(origin.source.clone());
    say(&mut merged, record, now);
    merged
}

fn say(model: &mut enterprise::ActiveModel, record: &EnterpriseRecord, now: DateTime<Utc>) {
    let short_name = record.short_name.as_deref().unwrap_or_default();
    let spelled = spelling(&record.name);
    let short = spelling(short_name);
    model.name = Set(record.name.clone());
    model.name_key = Set(normalise_name(&record.name));
    model.sort_key = Set(spelled.sort_key);
    model.pinyin = Set(format!("{} {}", spelled.pinyin, short.pinyin)
        .trim()
        .to_owned());
    model.initials = Set(format!("{} {}", spelled.initials, short.initials)
        .trim()
        .to_owned());
    model.updated_at = Set(now);
    macro_rules! said {
        ($($field:ident),*) => {
            $(if record.$field.is_some() {
                model.$field = Set(record.$field.clone());
            })*
        };
    }
    if let Some(code) = &record.credit_code {
        model.credit_code = Set(Some(code.to_string()));
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
        website,
        business_scope,
        revenue_wan,
        staff
    );
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
