//! One row of an imported table, checked: either a whole record or the reasons why not.

use std::collections::HashMap;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::column::{EnterpriseField, Mapping};
use super::credit_code::{CreditCode, CreditCodeProblem, check_credit_code};
use super::name::{
    fold_full_width, is_invisible, normalise_name, province_without_suffix, tidy_name,
};
use super::profile::Site;

/// Longest ordinary field, in characters.
const FIELD_LIMIT: usize = 500;
/// Longest business scope and longest list of products in one cell, in characters.
const SCOPE_LIMIT: usize = 8000;
/// Most products of one enterprise.
const PRODUCT_LIMIT: usize = 500;
/// Most tags of one enterprise, and characters of one.
const TAG_LIMIT: usize = 40;
const TAG_CHARACTERS: usize = 20;
/// Most places of business of one enterprise.
const SITE_LIMIT: usize = 60;
/// Longest quotation of a cell in a problem, in characters.
const QUOTE_LIMIT: usize = 80;
/// How far the revenue shares may be from 1 before a person is told; published shares are rounded.
const SHARE_TOLERANCE: f64 = 0.01;
/// Excel day numbers taken for dates: 1927-05-18 to 2100-12-31. Smaller ones are more likely a year somebody typed.
const SERIAL_DAYS: std::ops::RangeInclusive<u64> = 10_000..=73_415;
/// Years a real listing date can have.
const YEARS: std::ops::RangeInclusive<i32> = 1800..=2100;

/// A company as an import gives it. Empty fields of the file are `None`, never `Some("")`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseRecord {
    /// Full name, never empty; letters and digits half-width, brackets as written.
    pub name: String,
    pub short_name: Option<String>,
    pub english_name: Option<String>,
    pub credit_code: Option<CreditCode>,
    /// As text; leading zeros are kept.
    pub stock_code: Option<String>,
    pub exchange: Option<String>,
    pub board: Option<String>,
    pub listed_on: Option<NaiveDate>,
    /// In shares.
    pub total_shares: Option<i64>,
    pub area: Option<String>,
    /// Without 省, 市 or 自治区.
    pub province: Option<String>,
    pub city: Option<String>,
    pub address: Option<String>,
    pub industry: Option<String>,
    pub sw_industry: Option<String>,
    pub website: Option<String>,
    pub business_scope: Option<String>,
    /// In 万元, fractions rounded.
    pub revenue_wan: Option<i64>,
    pub staff: Option<i64>,
    pub products: Vec<ProductRecord>,
    pub tags: Vec<String>,
    pub sites: Vec<Site>,
    /// The day that these facts are of; `None` when the file does not say.
    pub as_of: Option<NaiveDate>,
}

/// One product of a company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub name: String,
    /// Share of the company's revenue in [0, 1].
    pub revenue_share: Option<f64>,
}

/// What became of one row. `record` is `None` exactly when a problem is [`Severity::Refused`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RowReading {
    pub record: Option<EnterpriseRecord>,
    pub problems: Vec<RowProblem>,
}

/// One thing to tell about one row.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowProblem {
    /// The row's number in the file, 1-based, as the reader of the file counts it.
    pub row: u32,
    /// `None` when the row as a whole is meant.
    pub field: Option<EnterpriseField>,
    /// What the file says, at most 80 characters.
    pub value: String,
    pub severity: Severity,
    pub kind: RowProblemKind,
}

/// Whether the row is imported in spite of the problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Nothing of the row is imported.
    Refused,
    /// The row is imported and marked.
    Warning,
}

/// What is wrong. The page translates the code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum RowProblemKind {
    EmptyName,
    CreditCodeLength,
    CreditCodeCharacter {
        character: char,
    },
    CreditCodeCheck {
        expected: char,
    },
    /// No date, or a day the calendar does not have.
    DateNotReal,
    /// The facts are of a day that has not come.
    DateInFuture,
    /// No number, a negative one, or a fraction where things are counted.
    NumberNotReal,
    /// A revenue share outside [0, 1].
    ShareOutOfRange,
    /// The list of shares is not as long as the list of products, so nobody knows which belongs to which.
    ShareCount {
        products: u32,
        shares: u32,
    },
    /// Warning: the revenue shares are off 1 by more than 0.01.
    SharesDoNotAddUp {
        sum: f64,
    },
    /// Warning: a full-width letter or digit of a name was converted.
    FullWidthFolded,
    /// An earlier row of the file is the same company.
    DuplicateOf {
        row: u32,
    },
    /// The line is no JSON, or a value in it has an unusable type.
    JsonSyntax {
        detail: String,
    },
    NotAnObject,
    /// The row has text to the right of the last column.
    TooManyCells,
    /// Longer than `limit` characters (for products also: more of them than `limit`).
    TooLong {
        limit: u32,
    },
}

impl RowProblemKind {
    fn severity(&self) -> Severity {
        match self {
            Self::SharesDoNotAddUp { .. } | Self::FullWidthFolded => Severity::Warning,
            _ => Severity::Refused,
        }
    }
}

/// Reads one row of a workbook or CSV file.
///
/// `cells` are the row's texts by column and may be fewer than `mapping` has columns.
/// When two columns map to one field, the first one that is not empty counts.
/// All problems of the row are reported, not only the first.
pub fn read_row(row_number: u32, cells: &[String], mapping: &Mapping) -> RowReading {
    let mut reader = Reader::new(row_number);
    let mut texts = FieldTexts::default();
    for (cell, field) in cells.iter().zip(mapping) {
        if let Some(field) = field {
            texts.offer(*field, cell);
        }
    }
    if let Some(surplus) = cells
        .iter()
        .skip(mapping.len())
        .find(|cell| !cell.trim().is_empty())
    {
        reader.report(None, surplus, RowProblemKind::TooManyCells);
    }
    let products = reader.products_from_text(&texts);
    reader.finish(&texts, None, products)
}

/// Reads one line of a JSON-lines file: [`read_json`], or a [`RowProblemKind::JsonSyntax`] problem.
pub fn read_json_line(row_number: u32, line: &str) -> RowReading {
    match serde_json::from_str::<Value>(line) {
        Ok(value) => read_json(row_number, &value),
        Err(error) => {
            let mut reader = Reader::new(row_number);
            reader.report(
                None,
                line,
                RowProblemKind::JsonSyntax {
                    detail: error.to_string(),
                },
            );
            reader.refuse()
        }
    }
}

/// Reads one JSON object.
///
/// Keys are those of [`EnterpriseField::key`], and `exchange`, `revenue_wan`, `csrc_industry` (for `industry`) and
/// `sw3_industry` (for `sw_industry`).
/// `products` is a list of `{name, revenue_share}` or of names, or one text as in a table; `tags` and `sites` are a list of
/// texts, or one text. Other keys are ignored.
pub fn read_json(row_number: u32, value: &Value) -> RowReading {
    let mut reader = Reader::new(row_number);
    let Value::Object(object) = value else {
        reader.report(None, &value.to_string(), RowProblemKind::NotAnObject);
        return reader.refuse();
    };
    let mut texts = FieldTexts::default();
    let mut exchange = None;
    let aliases = [
        (EnterpriseField::Industry, "csrc_industry"),
        (EnterpriseField::SwIndustry, "sw3_industry"),
        (EnterpriseField::Revenue, "revenue_wan"),
    ];
    let keys = EnterpriseField::ALL
        .into_iter()
        .map(|field| (field, field.key()))
        .chain(aliases);
    for (field, key) in keys {
        let Some(value) = object.get(key) else {
            continue;
        };
        if field == EnterpriseField::Products && value.is_array() {
            continue;
        }
        if let (EnterpriseField::Tags | EnterpriseField::Sites, Value::Array(list)) = (field, value)
        {
            // One to a line is how a cell has them, too.
            let lines: Vec<String> = list
                .iter()
                .take(SITE_LIMIT + 1)
                .filter_map(|item| reader.scalar(Some(field), item))
                .collect();
            texts.offer(field, &lines.join("\n"));
            continue;
        }
        if let Some(text) = reader.scalar(Some(field), value) {
            texts.offer(field, &text);
        }
    }
    if let Some(value) = object.get("exchange")
        && let Some(text) = reader.scalar(None, value)
    {
        exchange = reader.line(None, &text, FIELD_LIMIT);
    }
    let products = match object.get("products") {
        Some(Value::Array(list)) => reader.products_from_list(list),
        _ => reader.products_from_text(&texts),
    };
    reader.finish(&texts, exchange, products)
}

/// The raw text per field, before anything is checked.
#[derive(Default)]
struct FieldTexts(HashMap<EnterpriseField, String>);

impl FieldTexts {
    fn offer(&mut self, field: EnterpriseField, text: &str) {
        if !is_absent(text) {
            self.0.entry(field).or_insert_with(|| text.to_string());
        }
    }

    fn get(&self, field: EnterpriseField) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }
}

/// Collects the problems of one row.
struct Reader {
    row: u32,
    problems: Vec<RowProblem>,
}

impl Reader {
    fn new(row: u32) -> Self {
        Self {
            row,
            problems: Vec::new(),
        }
    }

    fn report(&mut self, field: Option<EnterpriseField>, value: &str, kind: RowProblemKind) {
        self.problems.push(problem(self.row, field, value, kind));
    }

    fn refuse(self) -> RowReading {
        RowReading {
            record: None,
            problems: self.problems,
        }
    }

    /// A JSON value as the text a table would hold; objects and lists are reported.
    fn scalar(&mut self, field: Option<EnterpriseField>, value: &Value) -> Option<String> {
        match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            Value::Array(_) | Value::Object(_) => {
                let detail = "a text or a number was expected".to_string();
                self.report(
                    field,
                    &value.to_string(),
                    RowProblemKind::JsonSyntax { detail },
                );
                None
            }
        }
    }

    /// Text on one line, white space collapsed, at most `limit` characters.
    fn line(&mut self, field: Option<EnterpriseField>, raw: &str, limit: usize) -> Option<String> {
        let visible: String = raw
            .chars()
            .filter(|character| !is_invisible(*character))
            .collect();
        let text = visible.split_whitespace().collect::<Vec<_>>().join(" ");
        self.limited(field, text, limit)
    }

    fn limited(
        &mut self,
        field: Option<EnterpriseField>,
        text: String,
        limit: usize,
    ) -> Option<String> {
        if is_absent(&text) {
            return None;
        }
        if text.chars().count() > limit {
            self.report(
                field,
                &text,
                RowProblemKind::TooLong {
                    limit: count(limit),
                },
            );
            return None;
        }
        Some(text)
    }

    fn field(&mut self, texts: &FieldTexts, field: EnterpriseField) -> Option<String> {
        texts
            .get(field)
            .and_then(|raw| self.line(Some(field), raw, FIELD_LIMIT))
    }

    fn name(&mut self, texts: &FieldTexts, field: EnterpriseField) -> Option<String> {
        let raw = texts.get(field)?;
        let (text, folded) = tidy_name(raw);
        let text = self.limited(Some(field), text, FIELD_LIMIT)?;
        if folded {
            self.report(Some(field), raw, RowProblemKind::FullWidthFolded);
        }
        Some(text)
    }

    fn credit_code(&mut self, texts: &FieldTexts) -> Option<CreditCode> {
        let field = EnterpriseField::CreditCode;
        let raw = texts.get(field)?;
        match check_credit_code(raw) {
            Ok(code) => Some(code),
            Err(problem) => {
                let kind = match problem {
                    CreditCodeProblem::Length { .. } => RowProblemKind::CreditCodeLength,
                    CreditCodeProblem::Character { character, .. } => {
                        RowProblemKind::CreditCodeCharacter { character }
                    }
                    CreditCodeProblem::Check { expected } => {
                        RowProblemKind::CreditCodeCheck { expected }
                    }
                };
                self.report(Some(field), raw, kind);
                None
            }
        }
    }

    fn date(&mut self, texts: &FieldTexts, field: EnterpriseField) -> Option<NaiveDate> {
        let raw = texts.get(field)?;
        let date = parse_date(raw);
        if date.is_none() {
            self.report(Some(field), raw, RowProblemKind::DateNotReal);
        }
        date
    }

    fn number(
        &mut self,
        texts: &FieldTexts,
        field: EnterpriseField,
        fraction: Fraction,
    ) -> Option<i64> {
        let raw = texts.get(field)?;
        let number = parse_number(raw, fraction);
        if number.is_none() {
            self.report(Some(field), raw, RowProblemKind::NumberNotReal);
        }
        number
    }

    fn share(&mut self, raw: &str) -> Option<f64> {
        if is_absent(raw) {
            return None;
        }
        let kind = match parse_share(raw) {
            Some(share) if (0.0..=1.0).contains(&share) => return Some(share),
            Some(_) => RowProblemKind::ShareOutOfRange,
            None => RowProblemKind::NumberNotReal,
        };
        self.report(Some(EnterpriseField::ProductShares), raw, kind);
        None
    }

    fn products_from_text(&mut self, texts: &FieldTexts) -> Vec<ProductRecord> {
        let Some(names) = texts.get(EnterpriseField::Products) else {
            return Vec::new();
        };
        if names.chars().count() > SCOPE_LIMIT {
            self.report(
                Some(EnterpriseField::Products),
                names,
                RowProblemKind::TooLong {
                    limit: count(SCOPE_LIMIT),
                },
            );
            return Vec::new();
        }
        let names = split_list(names);
        let mut shares = texts
            .get(EnterpriseField::ProductShares)
            .map(split_list)
            .unwrap_or_default();
        if shares.is_empty() {
            shares.resize(names.len(), "");
        } else if shares.len() != names.len() {
            let raw = texts
                .get(EnterpriseField::ProductShares)
                .unwrap_or_default();
            let kind = RowProblemKind::ShareCount {
                products: count(names.len()),
                shares: count(shares.len()),
            };
            self.report(Some(EnterpriseField::ProductShares), raw, kind);
            return Vec::new();
        }
        let mut products = Vec::new();
        for (name, share) in names.into_iter().zip(shares) {
            let share = self.share(share);
            self.add_product(&mut products, name, share);
        }
        self.check_products(products)
    }

    fn products_from_list(&mut self, list: &[Value]) -> Vec<ProductRecord> {
        let mut products = Vec::new();
        for item in list.iter().take(PRODUCT_LIMIT + 1) {
            let (name, share) = match item {
                Value::Object(object) => {
                    let field = Some(EnterpriseField::ProductShares);
                    let share = object
                        .get("revenue_share")
                        .and_then(|value| self.scalar(field, value));
                    (object.get("name").unwrap_or(&Value::Null), share)
                }
                other => (other, None),
            };
            let name = self
                .scalar(Some(EnterpriseField::Products), name)
                .unwrap_or_default();
            let share = share.and_then(|share| self.share(&share));
            self.add_product(&mut products, &name, share);
        }
        self.check_products(products)
    }

    fn add_product(
        &mut self,
        products: &mut Vec<ProductRecord>,
        name: &str,
        revenue_share: Option<f64>,
    ) {
        if let Some(name) = self.line(Some(EnterpriseField::Products), name, FIELD_LIMIT) {
            products.push(ProductRecord {
                name,
                revenue_share,
            });
        }
    }

    /// The parts of a list in one cell, each on one line and once; a problem when there are too many or one is too long.
    fn parts(
        &mut self,
        texts: &FieldTexts,
        field: EnterpriseField,
        (most, longest): (usize, usize),
    ) -> Vec<String> {
        let raw = texts.get(field).unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        for part in split_list(raw) {
            if let Some(part) = self.line(Some(field), part, longest)
                && !parts.contains(&part)
            {
                parts.push(part);
            }
        }
        if parts.len() > most {
            self.report(
                Some(field),
                "",
                RowProblemKind::TooLong { limit: count(most) },
            );
            parts.clear();
        }
        parts
    }

    fn tags(&mut self, texts: &FieldTexts) -> Vec<String> {
        self.parts(texts, EnterpriseField::Tags, (TAG_LIMIT, TAG_CHARACTERS))
            .into_iter()
            .map(|tag| tag.chars().map(fold_full_width).collect())
            .collect()
    }

    fn sites(&mut self, texts: &FieldTexts) -> Vec<Site> {
        self.parts(texts, EnterpriseField::Sites, (SITE_LIMIT, FIELD_LIMIT))
            .iter()
            .map(|part| Site::read(part))
            .collect()
    }

    fn check_products(&mut self, products: Vec<ProductRecord>) -> Vec<ProductRecord> {
        if products.len() > PRODUCT_LIMIT {
            self.report(
                Some(EnterpriseField::Products),
                "",
                RowProblemKind::TooLong {
                    limit: count(PRODUCT_LIMIT),
                },
            );
        }
        let known: Vec<f64> = products
            .iter()
            .filter_map(|product| product.revenue_share)
            .collect();
        let sum: f64 = known.iter().sum();
        // A missing share explains why the known ones fall short of 1, but not why they exceed it.
        let short = known.len() == products.len() && sum < 1.0 - SHARE_TOLERANCE;
        if !known.is_empty() && (short || sum > 1.0 + SHARE_TOLERANCE) {
            let sum = (sum * 10_000.0).round() / 10_000.0;
            self.report(
                Some(EnterpriseField::ProductShares),
                &sum.to_string(),
                RowProblemKind::SharesDoNotAddUp { sum },
            );
        }
        products
    }

    fn finish(
        mut self,
        texts: &FieldTexts,
        exchange: Option<String>,
        products: Vec<ProductRecord>,
    ) -> RowReading {
        use EnterpriseField as Field;
        let name = self.name(texts, Field::Name);
        if name.is_none()
            && !self
                .problems
                .iter()
                .any(|problem| problem.field == Some(Field::Name))
        {
            self.report(
                Some(Field::Name),
                texts.get(Field::Name).unwrap_or_default(),
                RowProblemKind::EmptyName,
            );
        }
        let record = EnterpriseRecord {
            name: name.unwrap_or_default(),
            short_name: self.name(texts, Field::ShortName),
            english_name: self.field(texts, Field::EnglishName),
            credit_code: self.credit_code(texts),
            stock_code: self
                .field(texts, Field::StockCode)
                .map(|code| code.chars().map(fold_full_width).collect()),
            exchange,
            board: self.field(texts, Field::Board),
            listed_on: self.date(texts, Field::ListedOn),
            total_shares: self.number(texts, Field::TotalShares, Fraction::Refused),
            area: self.field(texts, Field::Area),
            province: self
                .field(texts, Field::Province)
                .map(|province| province_without_suffix(&province).to_string()),
            city: self.field(texts, Field::City),
            address: self.field(texts, Field::Address),
            industry: self.field(texts, Field::Industry),
            sw_industry: self.field(texts, Field::SwIndustry),
            website: self.field(texts, Field::Website),
            business_scope: texts.get(Field::BusinessScope).and_then(|raw| {
                let kept = |character: &char| {
                    *character == '\n' || (!is_invisible(*character) && !character.is_control())
                };
                let text: String = raw.trim().chars().filter(kept).collect();
                self.limited(Some(Field::BusinessScope), text, SCOPE_LIMIT)
            }),
            revenue_wan: self.number(texts, Field::Revenue, Fraction::Rounded),
            staff: self.number(texts, Field::Staff, Fraction::Refused),
            products,
            tags: self.tags(texts),
            sites: self.sites(texts),
            as_of: self.date(texts, Field::AsOf),
        };
        let refused = self
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Refused);
        RowReading {
            record: (!refused).then_some(record),
            problems: self.problems,
        }
    }
}

fn problem(
    row: u32,
    field: Option<EnterpriseField>,
    value: &str,
    kind: RowProblemKind,
) -> RowProblem {
    // Quoted values end up in databases and pages, where control characters only do harm.
    let value = value
        .chars()
        .filter(|character| !character.is_control())
        .take(QUOTE_LIMIT)
        .collect();
    RowProblem {
        row,
        field,
        value,
        severity: kind.severity(),
        kind,
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

/// Cells that say "nothing": empty, a dash, or the #N/A a lookup formula leaves behind.
fn is_absent(text: &str) -> bool {
    let text = text.trim_matches(|character: char| {
        character.is_whitespace() || is_invisible(character) || character.is_control()
    });
    matches!(text, "" | "-" | "--" | "－" | "—" | "——" | "#N/A")
}

/// Splits a list in one cell by the strongest separator it has: ；;| or line break, else 、, else a comma.
/// Empty places in between are kept so that two lists stay aligned; empty ones at the end are not.
fn split_list(text: &str) -> Vec<&str> {
    let levels: [&[char]; 3] = [&['；', ';', '|', '｜', '\n'], &['、'], &['，', ',']];
    let separators = levels
        .into_iter()
        .find(|separators| text.contains(*separators))
        .unwrap_or(&[]);
    let mut parts: Vec<&str> = text.split(separators).map(str::trim).collect();
    while parts.last().is_some_and(|last| last.is_empty()) {
        parts.pop();
    }
    parts
}

/// What to do with digits behind the decimal point.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fraction {
    Refused,
    Rounded,
}

/// A number not below zero in plain digits, `19,405,918,198` or `12600.50`; commas only between groups of three.
fn parse_number(text: &str, fraction: Fraction) -> Option<i64> {
    let text: String = text.trim().chars().map(fold_full_width).collect();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !all_digits(decimals) || (text.contains('.') && decimals.is_empty()) {
        return None;
    }
    let mut groups = whole.split(',');
    let first = groups.next()?;
    if first.is_empty() || !all_digits(first) || (whole.contains(',') && first.len() > 3) {
        return None;
    }
    let mut digits = first.to_string();
    for group in groups {
        if group.len() != 3 || !all_digits(group) {
            return None;
        }
        digits.push_str(group);
    }
    let number: i64 = digits.parse().ok()?;
    match fraction {
        Fraction::Refused if decimals.bytes().any(|byte| byte != b'0') => None,
        Fraction::Rounded if decimals.bytes().next().is_some_and(|byte| byte >= b'5') => {
            number.checked_add(1)
        }
        _ => Some(number),
    }
}

/// `0.15`, `15%`, `15.3％`; also a negative number, so that the caller can say it is out of range.
fn parse_share(text: &str) -> Option<f64> {
    let text: String = text.trim().chars().map(fold_full_width).collect();
    let (digits, divisor) = text
        .strip_suffix('%')
        .map_or((text.as_str(), 1.0), |digits| (digits.trim_end(), 100.0));
    // Exponents are how Excel and JSON write very small shares.
    let is_part =
        |byte: u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'e' | b'E');
    if !digits.bytes().all(is_part) {
        return None;
    }
    digits
        .parse::<f64>()
        .ok()
        .filter(|share| share.is_finite())
        .map(|share| share / divisor)
}

/// `1999-06-16`, `1999/6/16`, `1999.6.16`, `1999年6月16日`, `19990616`, each also with a time behind it, and Excel's day numbers.
fn parse_date(text: &str) -> Option<NaiveDate> {
    let text: String = text.trim().chars().map(fold_full_width).collect();
    let date = if text.bytes().all(|byte| byte.is_ascii_digit()) && text.len() == 8 {
        date_of(text.get(0..4)?, text.get(4..6)?, text.get(6..8)?)?
    } else if let Some(serial) = excel_serial(&text) {
        // The two days Excel is wrong about lie before 1900-03-01, far below the range.
        NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(serial))?
    } else {
        let day_only = text.split([' ', 'T']).next()?;
        let day_only = day_only.strip_suffix('日').unwrap_or(day_only);
        let separator = day_only
            .chars()
            .find(|character| !character.is_ascii_digit())?;
        let mut parts = match separator {
            '-' | '/' | '.' => day_only.split(separator).collect::<Vec<_>>(),
            '年' => day_only.split(['年', '月']).collect(),
            _ => return None,
        }
        .into_iter();
        let date = date_of(parts.next()?, parts.next()?, parts.next()?)?;
        if parts.next().is_some() {
            return None;
        }
        date
    };
    YEARS.contains(&date.year()).then_some(date)
}

fn excel_serial(text: &str) -> Option<u64> {
    let (days, time) = text.split_once('.').unwrap_or((text, ""));
    if days.len() != 5 || !time.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    days.parse().ok().filter(|days| SERIAL_DAYS.contains(days))
}

fn date_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let digits = |part: &str, lengths: std::ops::RangeInclusive<usize>| {
        lengths.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !digits(year, 4..=4) || !digits(month, 1..=2) || !digits(day, 1..=2) {
        return None;
    }
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// Finds rows of one file that are the same company. Give it only records that are not refused, in file order.
#[derive(Clone, Debug, Default)]
pub struct DuplicateFinder {
    by_credit_code: HashMap<CreditCode, u32>,
    by_stock_code: HashMap<String, u32>,
    /// Rows with this normalised name and the credit code each of them has.
    by_name: HashMap<String, Vec<(u32, Option<CreditCode>)>>,
}

impl DuplicateFinder {
    /// A finder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Compares a record with the earlier ones: same credit code, else same stock code, else same normalised name
    /// (two companies of one name with different credit codes are two companies).
    ///
    /// Returns the refusal with the row of the first one; otherwise remembers the record.
    pub fn check(&mut self, row_number: u32, record: &EnterpriseRecord) -> Option<RowProblem> {
        let code = record.credit_code.as_ref();
        let same = |row: u32, field: EnterpriseField, value: &str| {
            Some(problem(
                row_number,
                Some(field),
                value,
                RowProblemKind::DuplicateOf { row },
            ))
        };
        if let Some(code) = code
            && let Some(row) = self.by_credit_code.get(code)
        {
            return same(*row, EnterpriseField::CreditCode, code.as_str());
        }
        if let Some(stock_code) = &record.stock_code
            && let Some(row) = self.by_stock_code.get(stock_code)
        {
            return same(*row, EnterpriseField::StockCode, stock_code);
        }
        // Nearly all names are one row's; a list that grows by itself begins with room for four.
        let namesakes = self
            .by_name
            .entry(normalise_name(&record.name))
            .or_insert_with(|| Vec::with_capacity(1));
        let namesake = namesakes.iter().find(|(_, other)| match (other, code) {
            (Some(other), Some(code)) => other == code,
            _ => true,
        });
        if let Some((row, _)) = namesake {
            return same(*row, EnterpriseField::Name, &record.name);
        }
        namesakes.push((row_number, code.cloned()));
        if let Some(code) = code {
            self.by_credit_code.insert(code.clone(), row_number);
        }
        if let Some(stock_code) = &record.stock_code {
            self.by_stock_code.insert(stock_code.clone(), row_number);
        }
        None
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use proptest::prelude::*;

    use super::super::column::recognise_all;
    use super::*;
    use EnterpriseField as Field;

    fn row(pairs: &[(Field, &str)]) -> RowReading {
        let cells: Vec<String> = pairs.iter().map(|(_, cell)| (*cell).to_string()).collect();
        let mapping: Mapping = pairs.iter().map(|(field, _)| Some(*field)).collect();
        read_row(7, &cells, &mapping)
    }

    fn kinds(reading: &RowReading) -> Vec<RowProblemKind> {
        reading
            .problems
            .iter()
            .map(|problem| problem.kind.clone())
            .collect()
    }

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap()
    }

    #[test]
    fn a_row_of_the_exchange_becomes_a_record() {
        let headers = [
            "板块",
            "公司全称",
            "A股代码",
            "A股简称",
            "A股上市日期",
            "A股总股本",
            "地      区",
            "省    份",
            "城     市",
            "所属行业",
            "未盈利",
        ];
        let mapping: Mapping = recognise_all(&headers)
            .into_iter()
            .map(|found| found.map(|found| found.field))
            .collect();
        let cells = [
            "主板",
            "示例科技股份有限公司",
            "000920",
            "示  例Ａ",
            "1999-06-16",
            "19,405,918,198",
            "西南",
            "贵州省",
            "贵阳市",
            "C 制造业",
            "-",
        ]
        .map(String::from);
        let reading = read_row(2, &cells, &mapping);
        assert_eq!(kinds(&reading), [RowProblemKind::FullWidthFolded]);
        let problem = &reading.problems[0];
        assert_eq!(
            (
                problem.row,
                problem.field,
                problem.value.as_str(),
                problem.severity
            ),
            (2, Some(Field::ShortName), "示  例Ａ", Severity::Warning)
        );
        let expected = EnterpriseRecord {
            name: "示例科技股份有限公司".to_string(),
            short_name: Some("示例A".to_string()),
            stock_code: Some("000920".to_string()),
            board: Some("主板".to_string()),
            listed_on: Some(day(1999, 6, 16)),
            total_shares: Some(19_405_918_198),
            area: Some("西南".to_string()),
            province: Some("贵州".to_string()),
            city: Some("贵阳市".to_string()),
            industry: Some("C 制造业".to_string()),
            ..EnterpriseRecord::default()
        };
        assert_eq!(reading.record, Some(expected));
    }

    #[test]
    fn every_problem_of_a_refused_row_is_named() {
        let reading = row(&[
            (Field::Name, " \u{3000}"),
            (Field::CreditCode, "91350100M000100Y4X"),
            (Field::ListedOn, "2019-02-30"),
            (Field::Staff, "many"),
            (Field::City, "衢州"),
        ]);
        assert_eq!(reading.record, None);
        assert_eq!(
            kinds(&reading),
            [
                RowProblemKind::EmptyName,
                RowProblemKind::CreditCodeCheck { expected: '3' },
                RowProblemKind::DateNotReal,
                RowProblemKind::NumberNotReal
            ]
        );
        assert!(
            reading
                .problems
                .iter()
                .all(|problem| problem.row == 7 && problem.severity == Severity::Refused)
        );
    }

    #[test]
    fn empty_optional_fields_are_fine() {
        let reading = row(&[
            (Field::Name, "甲有限公司"),
            (Field::ListedOn, "-"),
            (Field::TotalShares, ""),
            (Field::CreditCode, "—"),
            (Field::City, "#N/A"),
        ]);
        assert_eq!(
            reading.record,
            Some(EnterpriseRecord {
                name: "甲有限公司".to_string(),
                ..EnterpriseRecord::default()
            })
        );
        assert!(reading.problems.is_empty());
        assert_eq!(
            kinds(&row(&[(Field::Name, "-")])),
            [RowProblemKind::EmptyName]
        );
    }

    #[test]
    fn surplus_and_missing_cells() {
        let mapping = vec![Some(Field::Name), Some(Field::City)];
        assert!(read_row(1, &["甲".to_string()], &mapping).record.is_some());
        let cells = ["甲", "常州", " ", "江苏"].map(String::from);
        let reading = read_row(1, &cells, &mapping);
        assert_eq!(kinds(&reading), [RowProblemKind::TooManyCells]);
        assert_eq!(reading.problems[0].value, "江苏");
        assert!(read_row(1, &cells[..3], &mapping).record.is_some());
    }

    #[test]
    fn long_texts_are_refused_and_quoted_shortly() {
        let reading = row(&[(Field::Name, "甲"), (Field::Address, &"路".repeat(501))]);
        assert_eq!(kinds(&reading), [RowProblemKind::TooLong { limit: 500 }]);
        assert_eq!(reading.problems[0].value.chars().count(), 80);
        assert!(
            row(&[
                (Field::Name, "甲"),
                (Field::BusinessScope, &"营".repeat(8000))
            ])
            .record
            .is_some()
        );
        assert_eq!(
            kinds(&row(&[
                (Field::Name, "甲"),
                (Field::BusinessScope, &"营".repeat(8001))
            ])),
            [RowProblemKind::TooLong { limit: 8000 }]
        );
        assert_eq!(
            kinds(&row(&[(Field::Name, &"甲".repeat(501))])),
            [RowProblemKind::TooLong { limit: 500 }]
        );
    }

    #[test]
    fn dates_in_every_spelling() {
        let expected = Some(day(1999, 6, 16));
        for text in [
            "1999-06-16",
            "1999/6/16",
            "1999.6.16",
            "1999年6月16日",
            "19990616",
            "36327",
            "36327.5",
            "１９９９-06-16",
            "1999-06-16T00:00:00",
            "1999-06-16 09:30:00",
        ] {
            assert_eq!(parse_date(text), expected, "{text}");
        }
        for text in [
            "2019-02-30",
            "2019",
            "2019-02",
            "99-6-16",
            "1999-6-16-1",
            "0219-01-01",
            "6/16/1999",
            "7",
            "999999",
            "日",
            "1999年",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_in_every_spelling() {
        for (text, number) in [
            ("472,621,118", 472_621_118),
            ("12600", 12_600),
            ("12600.00", 12_600),
            ("０", 0),
            (" 1，234 ", 1_234),
        ] {
            assert_eq!(
                parse_number(text, Fraction::Refused),
                Some(number),
                "{text}"
            );
        }
        for text in [
            "1,2,3",
            "12,34",
            "1234,567",
            "-5",
            "1.5",
            "12亿",
            "1.9E+10",
            ",123",
            "1.",
            ".5",
            "99999999999999999999",
        ] {
            assert_eq!(parse_number(text, Fraction::Refused), None, "{text}");
        }
        assert_eq!(parse_number("12,345.67", Fraction::Rounded), Some(12_346));
        assert_eq!(parse_number("12345.49", Fraction::Rounded), Some(12_345));
    }

    #[test]
    fn products_and_their_shares() {
        let reading = row(&[
            (Field::Name, "甲"),
            (Field::Products, "复合反渗透膜；橡胶、塑料制品；"),
            (Field::ProductShares, "85%;15％"),
        ]);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let products = reading.record.unwrap().products;
        assert_eq!(products.len(), 2);
        assert_eq!(
            products[1],
            ProductRecord {
                name: "橡胶、塑料制品".to_string(),
                revenue_share: Some(0.15)
            }
        );

        let names = (Field::Products, "膜、泵、阀");
        let shares = |text: &str| row(&[(Field::Name, "甲"), names, (Field::ProductShares, text)]);
        assert_eq!(
            kinds(&shares("0.5、0.6、0.1")),
            [RowProblemKind::SharesDoNotAddUp { sum: 1.2 }]
        );
        assert_eq!(
            kinds(&shares("0.5、、0.1")),
            [],
            "an unknown share may explain the rest"
        );
        assert_eq!(
            kinds(&shares("0.5、0.4")),
            [RowProblemKind::ShareCount {
                products: 3,
                shares: 2
            }]
        );
        assert_eq!(
            kinds(&shares("50、40、10")),
            vec![RowProblemKind::ShareOutOfRange; 3]
        );
        assert_eq!(
            kinds(&shares("half、0.5、-"))[0],
            RowProblemKind::NumberNotReal
        );
        assert_eq!(
            row(&[(Field::Name, "甲"), names])
                .record
                .unwrap()
                .products
                .len(),
            3
        );
    }

    #[test]
    fn a_json_line() {
        let line = r#"{"stock_code": "000002", "name": "示例企业股份有限公司", "short_name": "示例", "exchange": "深圳证券交易所", "listed_on": "1991-01-29",
            "province": "广东", "city": "深圳市", "website": "www.example.com", "csrc_industry": "K 房地产", "sw3_industry": "住宅开发", "unknown": [1],
            "products": [{"name": "住宅", "revenue_share": 0.6}, {"name": "物业", "revenue_share": 0.400001}, {"name": "租赁"}], "revenue_wan": 1200.4, "staff": 31}"#;
        let reading = read_json_line(3, line);
        assert!(reading.problems.is_empty(), "{:?}", reading.problems);
        let record = reading.record.unwrap();
        assert_eq!(record.stock_code.as_deref(), Some("000002"));
        assert_eq!(record.exchange.as_deref(), Some("深圳证券交易所"));
        assert_eq!(record.industry.as_deref(), Some("K 房地产"));
        assert_eq!(
            (record.revenue_wan, record.staff, record.products.len()),
            (Some(1200), Some(31), 3)
        );
    }

    #[test]
    fn broken_json_lines() {
        assert!(matches!(
            kinds(&read_json_line(1, "{\"name\": "))[..],
            [RowProblemKind::JsonSyntax { .. }]
        ));
        assert_eq!(
            kinds(&read_json_line(1, "[1]")),
            [RowProblemKind::NotAnObject]
        );
        assert_eq!(kinds(&read_json_line(1, "{}")), [RowProblemKind::EmptyName]);
        assert!(matches!(
            kinds(&read_json_line(1, "{\"name\": \"甲\", \"city\": {}}"))[..],
            [RowProblemKind::JsonSyntax { .. }]
        ));
        assert_eq!(
            kinds(&read_json_line(
                1,
                "{\"name\": \"甲\", \"listed_on\": \"1991-13-01\"}"
            )),
            [RowProblemKind::DateNotReal]
        );
        let reading = read_json_line(1, "{\"name\": \"甲\\u0000乙\", \"city\": null}");
        assert_eq!(
            reading.record.unwrap().name,
            "甲乙",
            "databases refuse the NUL character"
        );
    }

    #[test]
    fn kinds_serialise_with_a_code() {
        let json = serde_json::to_value(RowProblemKind::CreditCodeCheck { expected: 'F' }).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"code": "credit_code_check", "expected": "F"})
        );
        let reading = row(&[(Field::Name, "")]);
        let back: RowReading =
            serde_json::from_str(&serde_json::to_string(&reading).unwrap()).unwrap();
        assert_eq!(back, reading);
    }

    #[test]
    fn duplicates_within_a_file() {
        let code = || check_credit_code("91350100M000100Y43").ok();
        let record = |name: &str, stock_code: Option<&str>, credit_code: Option<CreditCode>| {
            EnterpriseRecord {
                name: name.to_string(),
                stock_code: stock_code.map(String::from),
                credit_code,
                ..EnterpriseRecord::default()
            }
        };
        let mut finder = DuplicateFinder::new();
        assert_eq!(
            finder.check(2, &record("甲（集团）公司", Some("000001"), code())),
            None
        );
        let found = |problem: Option<RowProblem>| {
            problem.map(|problem| (problem.row, problem.field, problem.kind))
        };
        let of_two = RowProblemKind::DuplicateOf { row: 2 };
        assert_eq!(
            found(finder.check(3, &record("乙", None, code()))),
            Some((3, Some(Field::CreditCode), of_two.clone()))
        );
        assert_eq!(
            found(finder.check(4, &record("丙", Some("000001"), None))),
            Some((4, Some(Field::StockCode), of_two.clone()))
        );
        assert_eq!(
            found(finder.check(5, &record("甲(集团) 公司", Some("000002"), None))),
            Some((5, Some(Field::Name), of_two))
        );
        let other_code = "0123456789ABCDEFGHJKLMNPQRTUWXY"
            .chars()
            .find_map(|check| check_credit_code(&format!("91350100M000100Y5{check}")).ok());
        assert!(other_code.is_some());
        assert_eq!(
            finder.check(6, &record("甲（集团）公司", None, other_code)),
            None,
            "a namesake with another code is another company"
        );
        assert_eq!(
            finder.check(7, &record("丙", None, None)),
            None,
            "a refused row is not remembered"
        );
    }

    /// All lines of the shared data set: the rows refused are those whose listing date is the name of an exchange.
    #[test]
    fn the_shared_data_set_reads() {
        let directory =
            std::env::var("WUTONG_SHARED_DATA").unwrap_or_else(|_| "../../shared/data".to_string());
        let Ok(text) = std::fs::read_to_string(format!("{directory}/enterprises.jsonl")) else {
            println!("skipped: {directory}/enterprises.jsonl is not there");
            return;
        };
        let mut finder = DuplicateFinder::new();
        let (mut records, mut refused, mut duplicates) = (0, 0, 0);
        for (index, line) in text.lines().enumerate() {
            let number = u32::try_from(index + 1).unwrap();
            let reading = read_json_line(number, line);
            match reading.record {
                Some(record) => {
                    records += 1;
                    duplicates += usize::from(finder.check(number, &record).is_some());
                }
                None => {
                    refused += 1;
                    for problem in reading
                        .problems
                        .iter()
                        .filter(|problem| problem.severity == Severity::Refused)
                    {
                        assert_eq!(
                            problem.kind,
                            RowProblemKind::DateNotReal,
                            "line {number}: {problem:?}"
                        );
                    }
                }
            }
        }
        println!("{records} records, {duplicates} of them duplicates, {refused} lines refused");
        assert_eq!(records + refused, 5_087);
        assert!(records > 5_000 && duplicates <= 3);
    }

    proptest! {
        #[test]
        fn arbitrary_rows_never_panic(cells in prop::collection::vec(any::<String>(), 0..25), number in any::<u32>()) {
            let mapping: Mapping = EnterpriseField::ALL.into_iter().map(Some).collect();
            let reading = read_row(number, &cells, &mapping);
            let refused = reading.problems.iter().any(|problem| problem.severity == Severity::Refused);
            prop_assert_eq!(reading.record.is_none(), refused);
            prop_assert!(reading.problems.iter().all(|problem| problem.value.chars().count() <= 80));
        }

        #[test]
        fn arbitrary_values_never_panic(text in any::<String>(), digits in "[0-9０-９.,，/年月日%eE+-]{0,24}") {
            for text in [&text, &digits] {
                let _ = (parse_date(text), parse_number(text, Fraction::Refused), parse_number(text, Fraction::Rounded), parse_share(text));
                let _ = (split_list(text), read_json_line(1, text));
            }
        }

        #[test]
        fn a_written_date_reads_back(days in 0u64..100_000) {
            let date = day(1850, 1, 1).checked_add_days(Days::new(days)).unwrap();
            prop_assume!(date.year() <= 2100);
            prop_assert_eq!(parse_date(&date.to_string()), Some(date));
            prop_assert_eq!(parse_date(&date.format("%Y/%-m/%-d").to_string()), Some(date));
        }

        #[test]
        fn what_was_read_reads_the_same_again(name in "[甲乙ＡａA ]{1,6}", province in "[广东省市西]{0,5}", staff in 0i64..1_000_000) {
            let first = row(&[(Field::Name, &name), (Field::Province, &province), (Field::Staff, &staff.to_string())]);
            if let Some(record) = first.record {
                prop_assert_eq!(record.staff, Some(staff));
                let second = row(&[(Field::Name, &record.name), (Field::Staff, &staff.to_string())]);
                prop_assert_eq!(second.record.unwrap().name, record.name);
            }
        }
    }
}
