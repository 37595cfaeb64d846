//! Uploaded files as tables of texts: workbooks (.xlsx), CSV in the encodings met in practice, JSON lines.
//!
//! Files come from anybody, and the sizes written in them are claims. A workbook is therefore inflated once with a counter
//! before it is parsed, and cells are taken one by one with their position checked, so that neither a part that inflates to
//! gigabytes nor a single cell in the last column of the last row can claim memory.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx, XlsxError};
use domain::enterprise::{ADDED_HEADERS, added_columns, bare_cell};
use encoding_rs::{DecoderResult, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::{Deserialize, Serialize};

use super::rows::SheetCells;
pub use super::rows::{TableRow, TableRows};

/// Bytes in one mebibyte.
const MEBIBYTE: u64 = 1024 * 1024;
/// Rows a worksheet has in Excel.
const WORKSHEET_ROWS: u32 = 1_048_576;
/// The header is searched in this many rows; above it there may be titles and remarks.
const HEADER_ROWS: u32 = 20;
/// Parts smaller than this may be compressed as much as they like.
const RATIO_FREE: u64 = MEBIBYTE;
/// Parts a workbook may have; real ones have a few dozen.
const PART_LIMIT: usize = 10_000;
/// A UTF-8 text that breaks after this many three-byte characters is broken UTF-8 and not GB18030, which
/// looks like UTF-8 for two characters at most, and rarely.
const UTF_8_EVIDENCE: usize = 3;

/// The header of refused lines of JSON in a file of refused rows.
pub const JSON_HEADER: &str = "json";

/// What kind of file it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableFormat {
    Workbook,
    Csv,
    JsonLines,
}

/// A file's rows as texts.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    pub format: TableFormat,
    /// Name of the worksheet that was read: the first visible one with a header.
    pub sheet: Option<String>,
    /// Header cells exactly as in the file; empty for JSON lines.
    pub header: Vec<String>,
    /// Rows below the header that are not blank. For JSON lines each has one cell, the whole line.
    pub rows: TableRows,
    /// Encoding of the text, with "BOM" when the file said so itself; always "UTF-8" for workbooks.
    pub encoding: &'static str,
    /// True for a file of refused rows that came back: its added columns are gone, and rows have the numbers that they had
    /// in the file they come from.
    pub mended: bool,
}

/// How large a file and what is in it may be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableLimits {
    /// Bytes of the file.
    pub max_bytes: u64,
    /// Bytes of all parts of a workbook together after inflating, and bytes of all texts read from any file.
    pub max_uncompressed: u64,
    /// Inflated ÷ compressed size of one part, counted from 1 MiB on.
    pub max_ratio: u64,
    /// Rows that are not blank, header not counted.
    pub max_rows: u32,
    /// Position of the last column with text.
    pub max_columns: u32,
    /// Cells of all rows, empty ones between others counted.
    pub max_cells: u64,
    /// Longer cells are cut one character later, so that a reader with the same limit still sees that they are too long.
    pub max_cell_chars: usize,
}

impl Default for TableLimits {
    fn default() -> Self {
        Self {
            max_bytes: 64 * MEBIBYTE,
            max_uncompressed: 512 * MEBIBYTE,
            max_ratio: 200,
            max_rows: 300_000,
            max_columns: 256,
            max_cells: 10_000_000,
            // What a cell of Excel holds: a refused row goes back with every cell whole.
            max_cell_chars: 32_767,
        }
    }
}

/// Why a file is not read at all. Serialises with a stable `code`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum TableError {
    #[error("the file is not a workbook")]
    NotAWorkbook,
    #[error("the file is an old workbook (.xls); save it as .xlsx")]
    OldWorkbook,
    #[error("the workbook is protected by a password")]
    Encrypted,
    /// In bytes.
    #[error("the file is larger than {limit} bytes")]
    TooLarge { limit: u64 },
    /// In bytes; `uncompressed` is where counting stopped, or what the file declares.
    #[error("the workbook inflates to {uncompressed} bytes or more, {limit} are allowed")]
    ZipBomb { uncompressed: u64, limit: u64 },
    /// `column` as Excel names it.
    #[error("there is text in column {column}, {limit} columns are allowed")]
    TooManyColumns { column: String, limit: u32 },
    #[error("the table has more than {limit} rows")]
    TooManyRows { limit: u32 },
    #[error("the table has more than {limit} cells")]
    TooManyCells { limit: u64 },
    #[error("the file is empty")]
    Empty,
    #[error("no row among the first twenty has two cells with text")]
    NoHeader,
    /// `row` is the line that cannot be decoded.
    #[error("line {row} is neither UTF-8 nor GB18030")]
    Encoding { row: u32 },
    /// `row` is the line on which a quotation begins that never ends.
    #[error("the quotation that begins on line {row} never ends")]
    CsvSyntax { row: u32 },
    #[error("the workbook has no worksheet")]
    NoSheet,
}

/// Reads a file as a table. What it is is decided by its content first and its name second.
///
/// # Errors
/// See [`TableError`]; nothing of the file is returned then.
pub fn read_table(
    file_name: &str,
    bytes: &[u8],
    limits: &TableLimits,
) -> Result<Table, TableError> {
    if length(bytes) > limits.max_bytes {
        return Err(TableError::TooLarge {
            limit: limits.max_bytes,
        });
    }
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return read_workbook(bytes, limits);
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        // A workbook with a password is an OLE container around the encrypted package.
        let package: Vec<u8> = "EncryptedPackage"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let encrypted = bytes.windows(package.len()).any(|window| window == package);
        return Err(if encrypted {
            TableError::Encrypted
        } else {
            TableError::OldWorkbook
        });
    }
    if bytes.is_empty() {
        return Err(TableError::Empty);
    }
    let extension = file_name
        .rsplit_once('.')
        .map(|(_, extension)| extension.to_ascii_lowercase())
        .unwrap_or_default();
    if matches!(
        extension.as_str(),
        "xlsx" | "xlsm" | "xltx" | "xls" | "xlsb" | "et" | "ods"
    ) {
        return Err(TableError::NotAWorkbook);
    }
    let (text, encoding) = decode(bytes)?;
    // Some systems export web pages and call them tables.
    match text.trim_start().chars().next() {
        None => Err(TableError::Empty),
        Some('<') => Err(TableError::NotAWorkbook),
        Some('{') => read_lines(&text, encoding, limits),
        Some(_) if matches!(extension.as_str(), "json" | "jsonl" | "ndjson") => {
            read_lines(&text, encoding, limits)
        }
        Some(_) => read_csv(&text, encoding, limits).map(without_added_columns),
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn is_blank(cell: &str) -> bool {
    cell.trim().is_empty()
}

/// The name Excel gives to a column, from its 0-based position: 0 → A, 16383 → XFD.
fn column_name(index: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(index) + 1;
    while rest > 0 {
        rest -= 1;
        let letter = u8::try_from(rest % 26).unwrap_or_default();
        letters.push(char::from(b'A' + letter));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

/// How many of the longest cells a JSON line may hold.
const LINE_CELLS: usize = 32;

/// A text cut so that it is at most one character longer than the limit.
fn cut(text: &str, max_chars: usize) -> &str {
    // No text has more characters than bytes, which spares counting the usual short ones.
    if text.len() <= max_chars {
        return text;
    }
    text.char_indices()
        .nth(max_chars.saturating_add(1))
        .and_then(|(end, _)| text.get(..end))
        .unwrap_or(text)
}

/// Keeps count of what has been taken from a file.
struct Budget<'a> {
    limits: &'a TableLimits,
    rows: u32,
    cells: u64,
    text: u64,
}

impl<'a> Budget<'a> {
    fn new(limits: &'a TableLimits) -> Self {
        Self {
            limits,
            rows: 0,
            cells: 0,
            text: 0,
        }
    }

    fn row(&mut self) -> Result<(), TableError> {
        self.rows = self.rows.saturating_add(1);
        // The header is not known yet while rows are counted, hence the room for it and the titles above it.
        if self.rows > self.limits.max_rows.saturating_add(HEADER_ROWS) {
            Err(self.too_many_rows())
        } else {
            Ok(())
        }
    }

    fn column(&self, index: u32) -> Result<(), TableError> {
        if index < self.limits.max_columns {
            return Ok(());
        }
        Err(TableError::TooManyColumns {
            column: column_name(index),
            limit: self.limits.max_columns,
        })
    }

    fn cells(&mut self, added: u32) -> Result<(), TableError> {
        self.cells += u64::from(added);
        if self.cells > self.limits.max_cells {
            Err(TableError::TooManyCells {
                limit: self.limits.max_cells,
            })
        } else {
            Ok(())
        }
    }

    fn text(&mut self, cell: &str) -> Result<(), TableError> {
        self.text += length(cell.as_bytes());
        let limit = self.limits.max_uncompressed;
        if self.text > limit {
            Err(TableError::TooLarge { limit })
        } else {
            Ok(())
        }
    }

    fn too_many_rows(&self) -> TableError {
        TableError::TooManyRows {
            limit: self.limits.max_rows,
        }
    }
}

/// Separates the header from the rows below it.
fn split_header(
    mut rows: TableRows,
    limits: &TableLimits,
) -> Result<(Vec<String>, TableRows), TableError> {
    if rows.is_empty() {
        return Err(TableError::Empty);
    }
    let header = (0..rows.len())
        .take_while(|row| {
            rows.number(*row)
                .is_some_and(|number| number <= HEADER_ROWS)
        })
        .find(|row| rows.cells(*row).filter(|cell| !is_blank(cell)).count() >= 2)
        .ok_or(TableError::NoHeader)?;
    let cells = rows.cells(header).map(str::to_owned).collect();
    rows.remove_before(header + 1);
    rows.shrink();
    if rows.len() > usize::try_from(limits.max_rows).unwrap_or(usize::MAX) {
        return Err(TableError::TooManyRows {
            limit: limits.max_rows,
        });
    }
    Ok((cells, rows))
}

fn read_workbook(bytes: &[u8], limits: &TableLimits) -> Result<Table, TableError> {
    guarded(bytes, limits, parse_workbook).map(without_added_columns)
}

/// Whether a file is a workbook, or means to be one, by its content and its name.
#[must_use]
pub fn is_workbook(file_name: &str, bytes: &[u8]) -> bool {
    let name = file_name.to_ascii_lowercase();
    bytes.starts_with(b"PK\x03\x04")
        || bytes.starts_with(b"\xD0\xCF\x11\xE0")
        || [".xlsx", ".xlsm", ".xls"]
            .iter()
            .any(|extension| name.ends_with(extension))
}

/// Every visible sheet of a workbook, each as the cells of its rows. Rows keep their places, so that the first one is
/// row 1; blank rows at the end are not there.
///
/// # Errors
/// As [`read_table`].
pub fn read_sheets(
    bytes: &[u8],
    limits: &TableLimits,
) -> Result<Vec<Vec<Vec<String>>>, TableError> {
    if length(bytes) > limits.max_bytes {
        return Err(TableError::TooLarge {
            limit: limits.max_bytes,
        });
    }
    if bytes.starts_with(b"\xD0\xCF\x11\xE0") {
        return Err(TableError::OldWorkbook);
    }
    guarded(bytes, limits, |bytes, limits| {
        let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(workbook_error)?;
        let mut sheets = Vec::new();
        for sheet in visible_sheets(&workbook) {
            let mut table: Vec<Vec<String>> = Vec::new();
            for row in read_sheet(&mut workbook, &sheet, limits)?.iter() {
                let place = usize::try_from(row.number).unwrap_or_default();
                // A row far below the others is text that somebody left there by mistake; nothing is made between.
                if place > table.len() + limits.max_rows as usize {
                    return Err(TableError::TooManyRows {
                        limit: limits.max_rows,
                    });
                }
                table.resize_with(place.saturating_sub(1), Vec::new);
                table.push(row.cells);
            }
            sheets.push(table);
        }
        Ok(sheets)
    })
}

/// Reads a workbook after its sizes were looked at. The parser computes with numbers from the file; an overflow in it
/// must not take the caller's thread down.
fn guarded<T>(
    bytes: &[u8],
    limits: &TableLimits,
    read: impl FnOnce(&[u8], &TableLimits) -> Result<T, TableError>,
) -> Result<T, TableError> {
    check_package(bytes, limits)?;
    catch_unwind(AssertUnwindSafe(|| read(bytes, limits))).unwrap_or(Err(TableError::NotAWorkbook))
}

fn visible_sheets(workbook: &Xlsx<Cursor<&[u8]>>) -> Vec<String> {
    workbook
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect()
}

/// Inflates every part once, keeping nothing, and refuses a package whose declared or real sizes are out of bounds.
fn check_package(bytes: &[u8], limits: &TableLimits) -> Result<(), TableError> {
    let mut archive =
        zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| TableError::NotAWorkbook)?;
    if archive.len() > PART_LIMIT {
        return Err(TableError::NotAWorkbook);
    }
    let limit = limits.max_uncompressed;
    let mut declared: u64 = 0;
    let mut has_workbook = false;
    for index in 0..archive.len() {
        let part = archive
            .by_index_raw(index)
            .map_err(|_| TableError::NotAWorkbook)?;
        if part.encrypted() {
            return Err(TableError::Encrypted);
        }
        declared = declared.saturating_add(part.size());
        let name = part
            .name()
            .map_err(|_| TableError::NotAWorkbook)?
            .to_ascii_lowercase();
        has_workbook |= name.ends_with("workbook.xml") || name.ends_with("workbook2.xml");
    }
    if !has_workbook {
        return Err(TableError::NotAWorkbook);
    }
    if declared > limit {
        return Err(TableError::ZipBomb {
            uncompressed: declared,
            limit,
        });
    }
    let mut total: u64 = 0;
    let mut buffer = vec![0; 64 * 1024];
    for index in 0..archive.len() {
        let mut part = archive
            .by_index(index)
            .map_err(|_| TableError::NotAWorkbook)?;
        let compressed = part.compressed_size().min(length(bytes));
        let part_limit = compressed.saturating_mul(limits.max_ratio).max(RATIO_FREE);
        let is_shared_strings = part
            .name()
            .map_err(|_| TableError::NotAWorkbook)?
            .to_ascii_lowercase()
            .ends_with("sharedstrings.xml");
        let mut claim = StringCountClaim::default();
        let mut size: u64 = 0;
        loop {
            // A wrong checksum or a broken stream is an error here and would be one for the parser.
            let read = part
                .read(&mut buffer)
                .map_err(|_| TableError::NotAWorkbook)?;
            let Some(chunk) = buffer.get(..read).filter(|chunk| !chunk.is_empty()) else {
                break;
            };
            size += length(chunk);
            total += length(chunk);
            if size > part_limit {
                return Err(TableError::ZipBomb {
                    uncompressed: size,
                    limit: part_limit,
                });
            }
            if total > limit {
                return Err(TableError::ZipBomb {
                    uncompressed: total,
                    limit,
                });
            }
            if is_shared_strings {
                // In UTF-16 the claim below could not be seen; no writer of workbooks uses it.
                if chunk.contains(&0) {
                    return Err(TableError::NotAWorkbook);
                }
                chunk.iter().for_each(|byte| claim.feed(*byte));
            }
        }
        // Every string takes five bytes or more, `<si/>`, so a larger count is a lie that the parser would allocate for.
        if claim.largest > size {
            return Err(TableError::ZipBomb {
                uncompressed: claim.largest,
                limit: size,
            });
        }
    }
    Ok(())
}

/// Finds the largest number that follows the word `uniqueCount` in a stream of bytes.
#[derive(Default)]
struct StringCountClaim {
    /// How many letters of the word have been seen; all of them while its number is read.
    matched: usize,
    current: u64,
    largest: u64,
}

impl StringCountClaim {
    const WORD: &'static [u8] = b"uniqueCount";

    fn feed(&mut self, byte: u8) {
        if self.matched == Self::WORD.len() {
            match byte {
                b'0'..=b'9' => {
                    self.current = self
                        .current
                        .saturating_mul(10)
                        .saturating_add(u64::from(byte - b'0'));
                    self.largest = self.largest.max(self.current);
                    return;
                }
                b'=' | b'"' | b'\'' | b' ' | b'\t' | b'\r' | b'\n' | b'+' if self.current == 0 => {
                    return;
                }
                _ => {
                    self.matched = 0;
                    self.current = 0;
                }
            }
        }
        // An attribute's name follows white space or a quotation mark, so starting over cannot miss one.
        self.matched = match Self::WORD.get(self.matched) {
            Some(expected) if *expected == byte => self.matched + 1,
            _ => usize::from(byte == b'u'),
        };
    }
}

fn parse_workbook(bytes: &[u8], limits: &TableLimits) -> Result<Table, TableError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes)).map_err(workbook_error)?;
    let sheets = visible_sheets(&workbook);
    let mut outcome = TableError::NoSheet;
    for sheet in sheets {
        let rows = read_sheet(&mut workbook, &sheet, limits)?;
        match split_header(rows, limits) {
            Ok((header, rows)) => {
                return Ok(Table {
                    format: TableFormat::Workbook,
                    sheet: Some(sheet),
                    header,
                    rows,
                    encoding: "UTF-8",
                    mended: false,
                });
            }
            // A cover or an empty sheet may come first. That there was text at all is the more useful thing to say.
            Err(error @ (TableError::Empty | TableError::NoHeader)) => {
                if outcome != TableError::NoHeader {
                    outcome = error;
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(outcome)
}

fn workbook_error(error: XlsxError) -> TableError {
    match error {
        XlsxError::Password => TableError::Encrypted,
        _ => TableError::NotAWorkbook,
    }
}

/// The rows of one sheet that have text. What the sheet declares as its dimension is not used: nothing is allocated for it,
/// real files declare too little (A1) as well as too much (every formatted row).
fn read_sheet(
    workbook: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &str,
    limits: &TableLimits,
) -> Result<TableRows, TableError> {
    let mut reader = workbook
        .worksheet_cells_reader(sheet)
        .map_err(workbook_error)?;
    let mut budget = Budget::new(limits);
    let mut cells = SheetCells::default();
    let mut highest = 0;
    while let Some(cell) = reader.next_cell().map_err(workbook_error)? {
        let mut text = cell_text(cell.get_value());
        // No database takes it, and no program that writes workbooks does either.
        crate::without_nul(&mut text);
        if is_blank(&text) {
            continue;
        }
        let (row, column) = cell.get_position();
        budget.column(column)?;
        let number = row
            .checked_add(1)
            .filter(|number| *number <= WORKSHEET_ROWS)
            .ok_or_else(|| budget.too_many_rows())?;
        let text = cut(&text, limits.max_cell_chars);
        budget.text(text)?;
        // A file with too much is left as soon as that is sure; the exact count is of the rows as they are in the end.
        if number > highest {
            highest = number;
            budget.row()?;
        }
        budget.cells(1)?;
        cells.push(number, column, text);
    }
    let mut budget = Budget::new(limits);
    cells.into_rows(|width| {
        budget.row()?;
        budget.cells(width)
    })
}

/// A cell as text: what Excel would show without any number format, dates as ISO 8601.
fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_string(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::Bool(flag) => if *flag { "TRUE" } else { "FALSE" }.to_string(),
        DataRef::DateTime(moment) => moment_text(moment),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Fifteen significant digits, as Excel has them: 0.1 + 0.2 is 0.3, and 12 is 12.
fn number_text(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // Plain digits of a very large or small number would be hundreds of zeros.
    if rounded != 0.0 && !(1e-9..1e21).contains(&rounded.abs()) {
        format!("{rounded:e}")
    } else {
        rounded.to_string()
    }
}

/// The date alone at midnight, else date and time; a time span stays the number of days it is.
fn moment_text(moment: &ExcelDateTime) -> String {
    // Days of the years 1900 to 9999; others are no dates in Excel either.
    if !moment.is_datetime() || !(0.0..2_958_466.0).contains(&moment.as_f64()) {
        return number_text(moment.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    if (hour, minute, second) == (0, 0, 0) {
        format!("{year:04}-{month:02}-{day:02}")
    } else {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
    }
}

/// Decodes strictly: by byte order mark, else UTF-8, else GB18030. A text with a NUL character is no text.
fn decode(bytes: &[u8]) -> Result<(Cow<'_, str>, &'static str), TableError> {
    let wrong = |row| TableError::Encoding { row };
    let (text, name) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => {
            let rest = bytes.get(mark..).unwrap_or_default();
            // UTF-8 is not copied: a file of 64 MiB is in memory once.
            if encoding == UTF_8 {
                let text = std::str::from_utf8(rest)
                    .map_err(|error| wrong(line_after(valid_part(rest, error))))?;
                (Cow::Borrowed(text), "UTF-8 BOM")
            } else {
                let name = if encoding == UTF_16LE {
                    "UTF-16LE BOM"
                } else if encoding == UTF_16BE {
                    "UTF-16BE BOM"
                } else {
                    encoding.name()
                };
                (Cow::Owned(decode_as(encoding, rest).map_err(wrong)?), name)
            }
        }
        None => match std::str::from_utf8(bytes) {
            Ok(text) => (Cow::Borrowed(text), "UTF-8"),
            Err(error) => {
                let valid = valid_part(bytes, error);
                // Most byte pairs mean something in GB18030: broken UTF-8 would come out as other characters, unnoticed.
                if valid
                    .iter()
                    .filter(|byte| (0xE0..0xF0).contains(*byte))
                    .count()
                    >= UTF_8_EVIDENCE
                {
                    return Err(wrong(line_after(valid)));
                }
                (
                    Cow::Owned(decode_as(GB18030, bytes).map_err(wrong)?),
                    "GB18030",
                )
            }
        },
    };
    match text.split_once('\0') {
        Some((before, _)) => Err(wrong(line_after(before.as_bytes()))),
        None => Ok((text, name)),
    }
}

/// What comes before the first wrong byte.
fn valid_part(bytes: &[u8], error: std::str::Utf8Error) -> &[u8] {
    bytes.get(..error.valid_up_to()).unwrap_or_default()
}

/// The 1-based line that begins or goes on behind these bytes.
fn line_after(bytes: &[u8]) -> u32 {
    let breaks = bytes.iter().filter(|byte| **byte == b'\n').count();
    u32::try_from(breaks).unwrap_or(u32::MAX).saturating_add(1)
}

/// Decodes or says in which line that fails.
fn decode_as(encoding: &'static Encoding, bytes: &[u8]) -> Result<String, u32> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let capacity = decoder
        .max_utf8_buffer_length_without_replacement(bytes.len())
        .unwrap_or(bytes.len());
    let mut text = String::with_capacity(capacity);
    match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
        (DecoderResult::InputEmpty, _) => {
            text.shrink_to_fit();
            Ok(text)
        }
        _ => Err(line_after(text.as_bytes())),
    }
}

fn read_lines(
    text: &str,
    encoding: &'static str,
    limits: &TableLimits,
) -> Result<Table, TableError> {
    // A line is a whole row, with room for dozens of the longest cells. Parsing holds a line several times over, so a
    // longer one is cut, and refused as what it is then.
    let max_chars = limits.max_cell_chars.saturating_mul(LINE_CELLS);
    let mut rows = TableRows::default();
    for (number, line) in (1..).zip(text.lines()) {
        if is_blank(line) {
            continue;
        }
        if rows.len() >= usize::try_from(limits.max_rows).unwrap_or(usize::MAX) {
            return Err(TableError::TooManyRows {
                limit: limits.max_rows,
            });
        }
        rows.push(number, [cut(line, max_chars)]);
    }
    rows.shrink();
    Ok(Table {
        format: TableFormat::JsonLines,
        sheet: None,
        header: Vec::new(),
        rows,
        encoding,
        mended: false,
    })
}

fn read_csv(text: &str, encoding: &'static str, limits: &TableLimits) -> Result<Table, TableError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(separator(text))
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut rows = TableRows::default();
    let mut budget = Budget::new(limits);
    let mut lines = Lines::new(text);
    loop {
        let begin = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
        let found = reader
            .read_record(&mut record)
            .map_err(|_| TableError::CsvSyntax {
                row: lines.number(begin),
            })?;
        if !found {
            break;
        }
        let end = usize::try_from(reader.position().byte())
            .unwrap_or(usize::MAX)
            .min(text.len());
        let raw = text.get(begin..end).unwrap_or_default();
        // The reader steps over blank lines before a record.
        let begin = begin + raw.len() - raw.trim_start_matches(['\r', '\n']).len();
        let number = lines.number(begin);
        // At the end of the file the reader closes an open quotation by itself. Only one that has swallowed
        // line breaks matters: a lone inch mark on the last line is text.
        let raw = raw.trim_matches(['\r', '\n']);
        if end == text.len() && raw.contains(['\r', '\n']) && raw.matches('"').count() % 2 == 1 {
            return Err(TableError::CsvSyntax { row: number });
        }
        let Some((last, _)) = record
            .iter()
            .enumerate()
            .filter(|(_, cell)| !is_blank(cell))
            .last()
        else {
            continue;
        };
        let last = u32::try_from(last).unwrap_or(u32::MAX);
        budget.row()?;
        budget.column(last)?;
        budget.cells(last.saturating_add(1))?;
        let cells = (0..=last)
            .zip(&record)
            .map(|(_, cell)| cut(cell, limits.max_cell_chars));
        rows.push(number, cells);
    }
    let (header, rows) = split_header(rows, limits)?;
    Ok(Table {
        format: TableFormat::Csv,
        sheet: None,
        header,
        rows,
        encoding,
        mended: false,
    })
}

/// Takes the added columns off a file of refused rows that came back mended. A row that somebody added keeps the number
/// it has in this file.
fn without_added_columns(mut table: Table) -> Table {
    let Some(start) = added_columns(&table.header) else {
        return table;
    };
    let end = start + ADDED_HEADERS[0].len();
    let own = |cells: &mut Vec<String>| {
        cells.drain(start.min(cells.len())..end.min(cells.len()));
        for cell in cells.iter_mut() {
            if let bare = bare_cell(cell)
                && bare.len() != cell.len()
            {
                *cell = bare.to_owned();
            }
        }
        let length = cells
            .iter()
            .rposition(|cell| !is_blank(cell))
            .map_or(0, |last| last + 1);
        cells.truncate(length);
    };
    own(&mut table.header);
    table.mended = true;
    // Lines of JSON have no header of their own.
    let is_json = table.header == [JSON_HEADER];
    if is_json {
        table.header.clear();
        table.format = TableFormat::JsonLines;
    }
    let mut rows = TableRows::default();
    for mut row in table.rows.iter() {
        let number = row
            .cells
            .get(start)
            .and_then(|cell| cell.trim().parse().ok());
        if let Some(number) = number.filter(|number| *number > 0) {
            row.number = number;
        }
        own(&mut row.cells);
        if is_json {
            row.cells.truncate(1);
        }
        if !row.cells.is_empty() {
            rows.push(row.number, row.cells.iter().map(String::as_str));
        }
    }
    rows.shrink();
    table.rows = rows;
    table
}

/// Line numbers of growing positions in a text, counted once.
struct Lines<'a> {
    text: &'a [u8],
    position: usize,
    number: u32,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text: text.as_bytes(),
            position: 0,
            number: 1,
        }
    }

    /// The 1-based line of a byte position. Line breaks are `\n`, `\r\n` and a lone `\r`.
    fn number(&mut self, position: usize) -> u32 {
        let position = position.min(self.text.len());
        while self.position < position {
            let here = self.text.get(self.position);
            let next = self.text.get(self.position + 1);
            if here == Some(&b'\n') || (here == Some(&b'\r') && next != Some(&b'\n')) {
                self.number = self.number.saturating_add(1);
            }
            self.position += 1;
        }
        self.number
    }
}

/// The separator that the first line with any of `,`, `;` or tab has most of, outside quotations; a comma when in doubt.
fn separator(text: &str) -> u8 {
    let candidates = [b',', b'\t', b';'];
    let rows = usize::try_from(HEADER_ROWS).unwrap_or_default();
    for line in text
        .split(['\n', '\r'])
        .filter(|line| !is_blank(line))
        .take(rows)
    {
        let mut quoted = false;
        let mut counts = [0_u32; 3];
        for byte in line.bytes() {
            quoted ^= byte == b'"';
            if let Some(count) = candidates
                .iter()
                .position(|candidate| *candidate == byte)
                .and_then(|index| counts.get_mut(index))
                && !quoted
            {
                *count += 1;
            }
        }
        let mut best = (0, b',');
        for (count, candidate) in counts.into_iter().zip(candidates) {
            if count > best.0 {
                best = (count, candidate);
            }
        }
        if best.0 > 0 {
            return best.1;
        }
    }
    b','
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::panic)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{ExcelDateTime as WriterDate, Format, Workbook};
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    fn read(name: &str, bytes: &[u8]) -> Result<Table, TableError> {
        read_table(name, bytes, &TableLimits::default())
    }

    fn rows_of(table: &Table) -> Vec<TableRow> {
        table.rows.iter().collect()
    }

    fn shared(name: &str) -> Option<Vec<u8>> {
        let directory =
            std::env::var("WUTONG_SHARED_DATA").unwrap_or_else(|_| "../../shared/data".to_string());
        let bytes = std::fs::read(format!("{directory}/{name}")).ok();
        if bytes.is_none() {
            println!("skipped: {directory}/{name} is not there");
        }
        bytes
    }

    const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
    const PACKAGE: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
    const WORKBOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" r:id="rId1" sheetId="1"/></sheets></workbook>"#;
    const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;

    /// A valid package around the sheet that `write` puts in, with more parts if wanted.
    fn package(
        more: &[(&str, &str)],
        write: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>),
    ) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        let parts = [
            ("[Content_Types].xml", TYPES),
            ("_rels/.rels", PACKAGE),
            ("xl/workbook.xml", WORKBOOK),
            ("xl/_rels/workbook.xml.rels", RELATIONS),
        ];
        for (name, content) in parts.iter().chain(more) {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer
            .start_file("xl/worksheets/sheet1.xml", SimpleFileOptions::default())
            .unwrap();
        write(&mut writer);
        writer.finish().unwrap().into_inner()
    }

    fn sheet(rows: &str) -> Vec<u8> {
        let xml = format!(
            r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#
        );
        package(&[], |writer| writer.write_all(xml.as_bytes()).unwrap())
    }

    const HEADER: &str = r#"<row r="1"><c r="A1" t="inlineStr"><is><t>企业名称</t></is></c><c r="B1" t="inlineStr"><is><t>城市</t></is></c></row>"#;

    #[test]
    fn the_exchange_s_workbook() {
        let Some(bytes) = shared("szse_listed_companies.xlsx") else {
            return;
        };
        let start = std::time::Instant::now();
        let table = read("list.xlsx", &bytes).unwrap();
        println!(
            "workbook: {} rows in {:?}",
            table.rows.len(),
            start.elapsed()
        );
        assert_eq!(
            (table.format, table.sheet.as_deref()),
            (TableFormat::Workbook, Some("A股列表"))
        );
        assert_eq!((table.header.len(), table.rows.len()), (22, 2_882));
        assert_eq!(table.header[14], "地      区");
        assert_eq!(rows_of(&table)[0].number, 2);
        assert_eq!(rows_of(&table)[0].cells[4], "000001");
        assert_eq!(rows_of(&table)[1].cells[5], "万  科Ａ");
        assert_eq!(rows_of(&table).last().unwrap().number, 2_883);
    }

    #[test]
    fn the_shared_json_lines() {
        let Some(bytes) = shared("enterprises.jsonl") else {
            return;
        };
        let table = read("enterprises.jsonl", &bytes).unwrap();
        assert_eq!(
            (table.format, table.rows.len(), table.encoding),
            (TableFormat::JsonLines, 5_087, "UTF-8")
        );
        assert!(table.header.is_empty());
        assert!(
            table
                .rows
                .iter()
                .all(|row| row.cells.len() == 1 && row.cells[0].ends_with('}'))
        );
    }

    #[test]
    fn numbers_dates_titles_and_blank_rows() {
        let mut workbook = Workbook::new();
        workbook
            .add_worksheet()
            .set_name("封面")
            .unwrap()
            .write(0, 0, "说明")
            .unwrap();
        let sheet = workbook.add_worksheet();
        sheet
            .set_name("名单")
            .unwrap()
            .write(0, 0, "候选企业名单")
            .unwrap();
        for (column, header) in ["企业名称", "上市日期", "总股本", "占比"]
            .into_iter()
            .enumerate()
        {
            sheet
                .write(2, u16::try_from(column).unwrap(), header)
                .unwrap();
        }
        let format = Format::new().set_num_format("yyyy-mm-dd");
        let moments = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        let date = WriterDate::parse_from_str("1999-06-16").unwrap();
        let moment = WriterDate::parse_from_str("1999-06-16T09:30:00").unwrap();
        sheet
            .write(5, 0, "甲")
            .unwrap()
            .write_with_format(5, 1, &date, &format)
            .unwrap();
        sheet
            .write(5, 2, 472_621_118.0)
            .unwrap()
            .write(5, 3, 0.1 + 0.2)
            .unwrap();
        sheet
            .write(7, 0, "乙")
            .unwrap()
            .write_with_format(7, 1, &moment, &moments)
            .unwrap();
        let table = read("x.csv", &workbook.save_to_buffer().unwrap()).unwrap();
        assert_eq!(
            table.sheet.as_deref(),
            Some("名单"),
            "a cover is passed over; the content decides, not the name"
        );
        assert_eq!(table.header, ["企业名称", "上市日期", "总股本", "占比"]);
        assert_eq!(
            rows_of(&table)[0],
            TableRow {
                number: 6,
                cells: ["甲", "1999-06-16", "472621118", "0.3"]
                    .map(String::from)
                    .to_vec()
            }
        );
        assert_eq!(
            rows_of(&table)[1],
            TableRow {
                number: 8,
                cells: ["乙", "1999-06-16T09:30:00"].map(String::from).to_vec()
            }
        );
    }

    #[test]
    fn numbers_as_text() {
        for (number, text) in [
            (12.0, "12"),
            (0.1 + 0.2, "0.3"),
            (-1.5, "-1.5"),
            (0.0, "0"),
            (19_405_918_198.0, "19405918198"),
            (1e300, "1e300"),
            (1e-12, "1e-12"),
        ] {
            assert_eq!(number_text(number), text);
        }
        for (index, name) in [
            (0, "A"),
            (25, "Z"),
            (26, "AA"),
            (255, "IV"),
            (256, "IW"),
            (16_383, "XFD"),
        ] {
            assert_eq!(column_name(index), name);
        }
        assert!(!column_name(u32::MAX).is_empty());
    }

    #[test]
    fn a_cell_far_out_takes_no_memory() {
        let far = |reference: &str| {
            sheet(&format!(
                r#"{HEADER}<row><c r="{reference}" t="inlineStr"><is><t>x</t></is></c></row>"#
            ))
        };
        let too_many = |column: &str| {
            Err(TableError::TooManyColumns {
                column: column.to_string(),
                limit: 256,
            })
        };
        let start = std::time::Instant::now();
        assert_eq!(read("a.xlsx", &far("XFD1048576")), too_many("XFD"));
        assert_eq!(read("a.xlsx", &far("XFD1")), too_many("XFD"));
        assert_eq!(read("a.xlsx", &far("IW2")), too_many("IW"));
        let table = read("a.xlsx", &far("A1048576")).unwrap();
        assert_eq!(
            rows_of(&table),
            [TableRow {
                number: 1_048_576,
                cells: vec!["x".to_string()]
            }]
        );
        assert_eq!(
            read("a.xlsx", &far("A1048577")),
            Err(TableError::TooManyRows { limit: 300_000 })
        );
        assert!(read("a.xlsx", &far("ZZZZZZZZZZZZZZ99999999999999")).is_err());
        assert!(start.elapsed().as_secs() < 2);
        let empty = sheet(&format!(
            r#"{HEADER}<row r="1048576"><c r="XFD1048576" s="0"/></row>"#
        ));
        assert_eq!(
            rows_of(&read("a.xlsx", &empty).unwrap()),
            [],
            "a formatted but empty cell is no cell"
        );
    }

    #[test]
    fn rows_in_any_order_and_too_many_of_them() {
        let rows: String = [4, 2, 3]
            .iter()
            .map(|row| format!(r#"<row r="{row}"><c r="A{row}"><v>{row}</v></c></row>"#))
            .collect();
        let bytes = sheet(&format!("{HEADER}{rows}"));
        let table = read("a.xlsx", &bytes).unwrap();
        assert_eq!(
            table
                .rows
                .iter()
                .map(|row| (row.number, row.cells[0].clone()))
                .collect::<Vec<_>>(),
            [(2, "2"), (3, "3"), (4, "4")].map(|(row, cell)| (row, cell.to_owned()))
        );
        let limits = |max_rows, max_cells| TableLimits {
            max_rows,
            max_cells,
            ..TableLimits::default()
        };
        assert!(read_table("a.xlsx", &bytes, &limits(3, 100)).is_ok());
        assert_eq!(
            read_table("a.xlsx", &bytes, &limits(2, 100)),
            Err(TableError::TooManyRows { limit: 2 })
        );
        assert_eq!(
            read_table("a.xlsx", &bytes, &limits(3, 4)),
            Err(TableError::TooManyCells { limit: 4 })
        );
    }

    #[test]
    fn a_zip_bomb_is_refused_before_parsing() {
        let zeros = vec![b' '; 1024 * 1024];
        let bomb = package(&[], |writer| {
            for _ in 0..200 {
                writer.write_all(&zeros).unwrap();
            }
        });
        assert!(bomb.len() < 1024 * 1024, "{} bytes", bomb.len());
        let start = std::time::Instant::now();
        assert!(matches!(
            read("bomb.xlsx", &bomb),
            Err(TableError::ZipBomb { .. })
        ));
        println!(
            "bomb of 200 MiB in {} bytes: refused in {:?}",
            bomb.len(),
            start.elapsed()
        );
        let small = TableLimits {
            max_uncompressed: 1024,
            ..TableLimits::default()
        };
        assert!(
            matches!(
                read_table("bomb.xlsx", &bomb, &small),
                Err(TableError::ZipBomb { limit: 1024, .. })
            ),
            "the declared size is enough"
        );

        // The same with a lie in both places that declare the size (local header and central directory).
        let mut lying = bomb.clone();
        let truth = (200_u32 * 1024 * 1024).to_le_bytes();
        for start in 0..lying.len() - 4 {
            if lying[start..start + 4] == truth {
                lying[start..start + 4].copy_from_slice(&1000_u32.to_le_bytes());
            }
        }
        assert_ne!(lying, bomb);
        let start = std::time::Instant::now();
        assert!(read("bomb.xlsx", &lying).is_err());
        assert!(start.elapsed().as_secs() < 5);
    }

    #[test]
    fn a_false_count_of_strings_is_refused() {
        for count in ["18446744073709551615", "99999999999", " = '200000000000"] {
            let attribute = if count.contains('=') {
                format!("uniqueCount {count}'")
            } else {
                format!("uniqueCount=\"{count}\"")
            };
            let strings = format!(
                r#"<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" {attribute}><si><t>a</t></si></sst>"#
            );
            let bytes = package(&[("xl/sharedStrings.xml", &strings)], |writer| {
                writer
                    .write_all(b"<worksheet><sheetData/></worksheet>")
                    .unwrap()
            });
            assert!(
                matches!(read("a.xlsx", &bytes), Err(TableError::ZipBomb { .. })),
                "{count}"
            );
        }
    }

    #[test]
    fn not_workbooks() {
        let random: Vec<u8> = (0_u32..5000)
            .map(|index| (index.wrapping_mul(2_654_435_761) >> 24) as u8)
            .collect();
        assert_eq!(read("a.xlsx", &random), Err(TableError::NotAWorkbook));
        assert_eq!(
            read("a.xlsx", b"<html><table><tr><td>a</td></tr></table></html>"),
            Err(TableError::NotAWorkbook)
        );
        assert_eq!(
            read("a.csv", b"\n<!DOCTYPE html><html></html>"),
            Err(TableError::NotAWorkbook)
        );
        assert_eq!(
            read("a.xlsx", b"PK\x03\x04 and then nothing"),
            Err(TableError::NotAWorkbook)
        );
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        writer
            .start_file("readme.txt", SimpleFileOptions::default())
            .unwrap();
        writer.write_all(b"hello").unwrap();
        assert_eq!(
            read("a.xlsx", &writer.finish().unwrap().into_inner()),
            Err(TableError::NotAWorkbook)
        );
        assert_eq!(
            read("a.xlsx", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1rest"),
            Err(TableError::OldWorkbook)
        );
        let mut encrypted = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
        encrypted.extend("EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(read("a.xlsx", &encrypted), Err(TableError::Encrypted));
        assert_eq!(read("a.xlsx", b""), Err(TableError::Empty));
        assert_eq!(read("a.csv", b" \r\n\n"), Err(TableError::Empty));
        assert_eq!(read("a.xlsx", &sheet("")), Err(TableError::Empty));
        assert_eq!(read("a.csv", b"a\nb\n"), Err(TableError::NoHeader));
        let limits = TableLimits {
            max_bytes: 3,
            ..TableLimits::default()
        };
        assert_eq!(
            read_table("a.csv", b"a,b\n", &limits),
            Err(TableError::TooLarge { limit: 3 })
        );
    }

    #[test]
    fn damaged_workbooks_never_panic() {
        let bytes = sheet(&format!(
            r#"{HEADER}<row r="2"><c r="A2"><v>1</v></c></row>"#
        ));
        for position in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[position] ^= 0x55;
            let _ = read("a.xlsx", &damaged);
            let _ = read("a.xlsx", &bytes[..position]);
        }
    }

    const CSV: &str = "企业名称,城市,主营产品\n甲有限公司,深圳,\"电池,隔膜\"\n\n乙有限公司,,\"多\n行\"\n丙,常州\n丁,a,b,c\n";

    fn check_csv(bytes: &[u8], encoding: &str) {
        let table = read("a.csv", bytes).unwrap();
        assert_eq!((table.format, table.encoding), (TableFormat::Csv, encoding));
        assert_eq!(table.header, ["企业名称", "城市", "主营产品"]);
        let table_rows = rows_of(&table);
        let rows: Vec<(u32, Vec<&str>)> = table_rows
            .iter()
            .map(|row| (row.number, row.cells.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            rows,
            [
                (2, vec!["甲有限公司", "深圳", "电池,隔膜"]),
                (4, vec!["乙有限公司", "", "多\n行"]),
                (6, vec!["丙", "常州"]),
                (7, vec!["丁", "a", "b", "c"])
            ]
        );
    }

    #[test]
    fn csv_in_every_encoding() {
        check_csv(CSV.as_bytes(), "UTF-8");
        check_csv(format!("\u{FEFF}{CSV}").as_bytes(), "UTF-8 BOM");
        check_csv(&GB18030.encode(CSV).0, "GB18030");
        let units: Vec<u16> = format!("\u{FEFF}{CSV}").encode_utf16().collect();
        check_csv(
            &units
                .iter()
                .flat_map(|unit| unit.to_le_bytes())
                .collect::<Vec<_>>(),
            "UTF-16LE BOM",
        );
        check_csv(
            &units
                .iter()
                .flat_map(|unit| unit.to_be_bytes())
                .collect::<Vec<_>>(),
            "UTF-16BE BOM",
        );
    }

    #[test]
    fn broken_encodings_name_their_line() {
        let mut broken = CSV.as_bytes().to_vec();
        broken.extend(b"\xE6\xB7\n");
        assert_eq!(
            read("a.csv", &broken),
            Err(TableError::Encoding { row: 8 }),
            "broken UTF-8 is not read as GB18030"
        );
        let mut broken = GB18030.encode("名称,城市\n甲,乙\n").0.into_owned();
        broken.extend(b"\xFF\xFF,x\n");
        assert_eq!(read("a.csv", &broken), Err(TableError::Encoding { row: 3 }));
        assert_eq!(
            read("a.csv", b"a,b\n1,\0\n"),
            Err(TableError::Encoding { row: 2 })
        );
    }

    #[test]
    fn csv_separators_titles_and_syntax() {
        for separator in [',', ';', '\t'] {
            let text = format!("候选企业\n\"名;称,全\"{separator}城市{separator}产品\r\n甲{separator}乙{separator}x\r\n").replace(';', if separator == ';' { ";" } else { "；" });
            let table = read("a.csv", text.as_bytes()).unwrap();
            assert_eq!(table.header.len(), 3, "{separator:?}");
            assert_eq!(
                (rows_of(&table)[0].number, rows_of(&table)[0].cells.len()),
                (3, 3)
            );
        }
        assert_eq!(
            read("a.csv", b"a,b\n1,\"open\n2,3\n4,5\n"),
            Err(TableError::CsvSyntax { row: 2 })
        );
        assert_eq!(
            rows_of(&read("a.csv", b"a,b\n1,5\"").unwrap())[0].cells,
            ["1", "5\""]
        );
        let wide = format!("a,b\n{}x\n", ",".repeat(300));
        assert_eq!(
            read("a.csv", wide.as_bytes()),
            Err(TableError::TooManyColumns {
                column: "KO".to_string(),
                limit: 256
            })
        );
        let empty_columns = format!("a,b{}\n1,2{}\n", ",".repeat(300), ",".repeat(300));
        assert_eq!(
            read("a.csv", empty_columns.as_bytes())
                .unwrap()
                .header
                .len(),
            2
        );
        let long = format!("a,b\n1,{}\n", "长".repeat(40_000));
        assert_eq!(
            rows_of(&read("a.csv", long.as_bytes()).unwrap())[0].cells[1]
                .chars()
                .count(),
            32_768
        );
    }

    #[test]
    fn a_file_of_refused_rows_comes_back_as_the_rows_it_came_from() {
        let text = "企业名称,备注,,行号,字段,原因\n\
            甲有限公司,'=cmd|'/C calc'!A0,,17,信用代码,校验位应为 3\n\
            乙有限公司,''=1,多,52,,\n\
            ,,,60,企业名称,企业名称为空\n\
            丙有限公司\n";
        let table = read("refused.csv", text.as_bytes()).unwrap();
        assert!(table.mended);
        assert_eq!(table.header, ["企业名称", "备注"]);
        let table_rows = rows_of(&table);
        let rows: Vec<(u32, Vec<&str>)> = table_rows
            .iter()
            .map(|row| (row.number, row.cells.iter().map(String::as_str).collect()))
            .collect();
        assert_eq!(
            rows,
            [
                (17, vec!["甲有限公司", "=cmd|'/C calc'!A0"]),
                (52, vec!["乙有限公司", "'=1", "多"]),
                (5, vec!["丙有限公司"])
            ]
        );
        let table = read("a.csv", b"a,b\n'=1,2\n").unwrap();
        assert_eq!(
            (table.mended, rows_of(&table)[0].cells[0].as_str()),
            (false, "'=1"),
            "an apostrophe of any other file is its own"
        );
        let lines = "json,Row,Field,Reason\n\"{\"\"name\"\": \"\"甲\"\"}\",7,,x\n";
        let table = read("refused.csv", lines.as_bytes()).unwrap();
        assert_eq!(table.format, TableFormat::JsonLines);
        assert_eq!(
            rows_of(&table),
            [TableRow {
                number: 7,
                cells: vec!["{\"name\": \"甲\"}".to_string()]
            }]
        );
    }

    #[test]
    fn json_lines_keep_their_numbers() {
        let table = read(
            "whatever.txt",
            "\u{FEFF}{\"name\": \"甲\"}\r\n\n{\"name\": \"乙\"}".as_bytes(),
        )
        .unwrap();
        assert_eq!(table.format, TableFormat::JsonLines);
        assert_eq!(
            table.rows.iter().map(|row| row.number).collect::<Vec<_>>(),
            [1, 3]
        );
        assert_eq!(rows_of(&table)[0].cells, ["{\"name\": \"甲\"}"]);
        assert_eq!(
            read("a.jsonl", b"[1]\n").unwrap().format,
            TableFormat::JsonLines
        );
    }

    #[test]
    fn errors_serialise_with_a_code() {
        let error = TableError::TooManyColumns {
            column: "XFD".to_string(),
            limit: 256,
        };
        assert_eq!(
            serde_json::to_value(error).unwrap(),
            serde_json::json!({"code": "too_many_columns", "column": "XFD", "limit": 256})
        );
    }
}
