//! Upload of a table, download of its refused rows.

use app::{
    server_side::SignedIn,
    words::{Locale, field_name, row_problem_sentence},
};
use axum::{
    extract::{Extension, Multipart, Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    enterprise::{ADDED_HEADERS, guard_cell, guard_text_cell},
    problem::{FieldProblemKind, Problem},
};
use rust_xlsxwriter::Workbook;
use service::{
    Service, ServiceError,
    enterprise::{RefusedTable, table::JSON_HEADER},
};

use super::{XLSX, back_with, download, locale, person, uploaded};
use crate::session::problem_response;

/// The largest file taken, and the form around it.
pub const UPLOAD_LIMIT: usize = 64 * 1024 * 1024;

/// Takes a file and leads on to its dry run.
pub async fn upload(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    mut form: Multipart,
) -> Response {
    let outcome = uploaded(&signed_in, &mut form, async |actor, name, bytes| {
        service.upload_enterprises(&actor, &name, bytes).await
    })
    .await;
    match outcome {
        Ok(id) => Redirect::to(&format!("/imports/{id}")).into_response(),
        Err(problem) => back_with("/imports", &problem),
    }
}

pub(super) async fn read_file(form: &mut Multipart) -> Result<(String, Vec<u8>), Problem> {
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::TooLarge {
                limit_bytes: UPLOAD_LIMIT as u64,
            }
        } else {
            Problem::Invalid { fields: Vec::new() }
        }
    };
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let bytes = field.bytes().await.map_err(unreadable)?;
        if name.is_empty() && bytes.is_empty() {
            break;
        }
        return Ok((name, bytes.to_vec()));
    }
    Err(Problem::invalid("file", FieldProblemKind::Required))
}

/// The refused rows of an import as lines of a table, header first: the cells as they were, then number, fields and
/// reasons. By these three headers the file is known again when it comes back mended.
#[must_use]
pub fn refused_lines(words: Locale, table: &RefusedTable) -> Vec<Vec<String>> {
    let added = match words {
        Locale::ZhCn => ADDED_HEADERS[0],
        Locale::En => ADDED_HEADERS[1],
    };
    let mut header = table.header.clone();
    if header.is_empty() {
        header.push(JSON_HEADER.to_owned());
    }
    let rows = table.rows.iter();
    let width = rows
        .clone()
        .map(|row| row.cells.len())
        .chain([header.len()])
        .max()
        .unwrap_or_default();
    let line = |mut cells: Vec<String>, more: [String; 3]| {
        cells.resize(width, String::new());
        cells.extend(more);
        cells
    };
    let between = words.reason_separator();
    let mut lines = vec![line(header, added.map(str::to_owned))];
    lines.extend(rows.map(|row| {
        let mut fields: Vec<&str> = Vec::new();
        let mut reasons = Vec::new();
        for reason in &row.reasons {
            let sentence = row_problem_sentence(words, &reason.kind);
            match reason.field.map(|field| field_name(words, field)) {
                Some(field) => {
                    if !fields.contains(&field) {
                        fields.push(field);
                    }
                    reasons.push(words.reason_of_field(field, sentence));
                }
                None => reasons.push(sentence),
            }
        }
        line(
            row.cells.clone(),
            [
                row.row.to_string(),
                fields.join(between),
                reasons.join(between),
            ],
        )
    }));
    lines
}

/// These lines as CSV with a byte-order mark, as Excel wants it; what a spreadsheet would run is guarded.
///
/// # Errors
/// The writer's, which writes to memory.
pub fn refused_csv(lines: &[Vec<String>]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    for line in lines {
        writer.write_record(line.iter().map(|cell| guard_cell(cell)))?;
    }
    writer
        .into_inner()
        .map_err(|error| error.into_error().into())
}

/// The same as a workbook whose every cell is text.
///
/// # Errors
/// The writer's, which writes to memory.
pub fn refused_xlsx(lines: &[Vec<String>]) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    /// Characters that a cell holds, counted as UTF-16 has them.
    const CELL: usize = 32_767;
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    sheet.set_freeze_panes(1, 0)?;
    for (row, cells) in (0..).zip(lines) {
        for (column, cell) in (0..).zip(cells) {
            if cell.is_empty() {
                continue;
            }
            let mut length = 0;
            let cell: String = guard_text_cell(cell)
                .chars()
                .take_while(|character| {
                    length += character.len_utf16();
                    length <= CELL
                })
                .collect();
            sheet.write_string(row, column, cell)?;
        }
    }
    book.save_to_buffer()
}

async fn refused_file(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    job_id: i64,
    write: impl FnOnce(&[Vec<String>]) -> Result<Vec<u8>, String> + Send + 'static,
) -> Result<(String, Vec<u8>), Problem> {
    let actor = person(signed_in)?;
    let table = service
        .refused_table(&actor, job_id)
        .await
        .map_err(ServiceError::into_problem)?;
    let name = table
        .file_name
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .take(60)
        .collect();
    let bytes = tokio::task::spawn_blocking(move || write(&refused_lines(words, &table)))
        .await
        .map_err(|error| error.to_string())
        .flatten()
        .map_err(|error| ServiceError::Internal(error).into_problem())?;
    Ok((name, bytes))
}

fn refused_download(
    outcome: Result<(String, Vec<u8>), Problem>,
    kind: &'static str,
    extension: &str,
) -> Response {
    match outcome {
        Ok((name, bytes)) => download(Ok(bytes), kind, &format!("refused-{name}.{extension}")),
        Err(problem) => problem_response(&problem),
    }
}

/// `GET /imports/{id}/refused.csv`: the refused rows, to be mended and sent again.
pub async fn refused(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(job_id): Path<i64>,
    headers: HeaderMap,
) -> Response {
    let write = |lines: &[Vec<String>]| refused_csv(lines).map_err(|error| error.to_string());
    let outcome = refused_file(&service, &signed_in, locale(&headers), job_id, write).await;
    refused_download(outcome, "text/csv; charset=utf-8", "csv")
}

/// `GET /imports/{id}/refused.xlsx`: the same as a workbook.
pub async fn refused_workbook(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(job_id): Path<i64>,
    headers: HeaderMap,
) -> Response {
    let write = |lines: &[Vec<String>]| refused_xlsx(lines).map_err(|error| error.to_string());
    let outcome = refused_file(&service, &signed_in, locale(&headers), job_id, write).await;
    refused_download(outcome, XLSX, "xlsx")
}

#[cfg(test)]
mod tests {
    use domain::enterprise::{EnterpriseField, RefusedRow, RowProblemKind};
    use service::enterprise::{
        Refused,
        table::{TableLimits, read_table},
    };

    use super::*;

    fn table(cells: &[&[&str]]) -> RefusedTable {
        let reason = |row: u32, field| RefusedRow {
            row,
            field,
            value: String::new(),
            kind: RowProblemKind::EmptyName,
        };
        RefusedTable {
            file_name: "名单.csv".to_owned(),
            header: ["企业名称", "产品", "备注"].map(str::to_owned).to_vec(),
            rows: (3..)
                .zip(cells)
                .map(|(row, cells)| Refused {
                    row,
                    cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
                    reasons: vec![
                        reason(row, None),
                        reason(row, Some(EnterpriseField::Name)),
                        reason(row, Some(EnterpriseField::Name)),
                    ],
                })
                .collect(),
        }
    }

    #[test]
    fn refused_rows_come_out_once_each_with_all_their_reasons() {
        let lines = refused_lines(Locale::En, &table(&[&["甲,乙"]]));
        assert_eq!(lines.len(), 2);
        assert_eq!(
            lines[0],
            ["企业名称", "产品", "备注", "Row", "Field", "Reason"]
        );
        assert_eq!(
            lines[1],
            [
                "甲,乙",
                "",
                "",
                "3",
                "Name",
                "The name is empty; Name: The name is empty; Name: The name is empty"
            ]
        );
        let chinese = refused_lines(Locale::ZhCn, &table(&[]));
        assert_eq!(chinese[0][3..], ["行号", "字段", "原因"]);
    }

    #[test]
    fn what_goes_out_comes_back_unchanged_and_never_runs() {
        let rows: [&[&str]; 4] = [
            &["=cmd|'/C calc'!A0", "@SUM(A1)", "+86 138"],
            &["'=1", "''=1", "-2+3", "第四格"],
            &["a \"b\"", "多\n行", "\t=1"],
            &["-5", "'甲", "=HYPERLINK(\"http://x\",\"y\")"],
        ];
        let told = table(&rows);
        for words in [Locale::ZhCn, Locale::En] {
            let lines = refused_lines(words, &told);
            let csv = refused_csv(&lines).unwrap();
            let text = String::from_utf8(csv.clone()).unwrap();
            assert!(text.starts_with("\u{feff}企业名称,"));
            for line in csv::Reader::from_reader(text.as_bytes())
                .records()
                .flatten()
            {
                for cell in &line {
                    assert!(!cell.starts_with(['=', '@', '+']), "{cell}");
                }
            }
            let xlsx = refused_xlsx(&lines).unwrap();
            for (name, bytes) in [("refused.csv", csv), ("refused.xlsx", xlsx)] {
                let back = read_table(name, &bytes, &TableLimits::default()).unwrap();
                assert!(back.mended, "{name}");
                assert_eq!(back.header, told.header, "{name}");
                let numbers: Vec<u32> = back.rows.iter().map(|row| row.number).collect();
                assert_eq!(numbers, [3, 4, 5, 6], "{name}");
                for (row, cells) in back.rows.iter().zip(rows) {
                    assert_eq!(row.cells, cells, "{name}");
                }
            }
        }
    }
}
