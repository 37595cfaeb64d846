//! Handlers that are no server functions: forms, files, the REST API.

pub mod account;
pub mod api;
pub mod audit;
pub mod chain;
pub mod claim;
pub mod enterprise;
pub mod lead;
pub mod notice;
pub mod target;
pub mod trip;

use app::{
    server_side::{SignedIn, said},
    words::Locale,
};
use axum::{
    extract::Multipart,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::Actor, problem::Problem};
use service::{ServiceError, ServiceResult};

use crate::session::{cookie, problem_response};

/// The media type of a workbook.
pub(crate) const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The person, who must be there: the session layer has let nobody else through.
pub(crate) fn person(signed_in: &SignedIn) -> Result<Actor, Problem> {
    signed_in.0.clone().ok_or(Problem::NotSignedIn)
}

/// Sends a form's sender back to a page that shows the problem.
pub(crate) fn back_with(page: &str, problem: &Problem) -> Response {
    let problem = serde_json::to_string(problem).unwrap_or_default();
    let mark = if page.contains('?') { '&' } else { '?' };
    Redirect::to(&format!(
        "{page}{mark}problem={}",
        app::component::query_value(&problem)
    ))
    .into_response()
}

/// The language that the reader chose.
pub(crate) fn locale(headers: &HeaderMap) -> Locale {
    cookie(headers, "wutong_locale").map_or(Locale::ZhCn, Locale::from_tag)
}

/// Where a form's sender goes: on, or back with the reason in words.
pub(crate) fn settled(
    outcome: Result<String, Problem>,
    back: &str,
    headers: &HeaderMap,
) -> Response {
    match outcome {
        Ok(page) => Redirect::to(&page).into_response(),
        Err(problem) => back_with(back, &said(locale(headers), problem)),
    }
}

/// Hands the file of a form, with its name, to a use case.
pub(crate) async fn uploaded<T>(
    signed_in: &SignedIn,
    form: &mut Multipart,
    act: impl AsyncFnOnce(Actor, String, Vec<u8>) -> ServiceResult<T>,
) -> Result<T, Problem> {
    let actor = person(signed_in)?;
    let (name, bytes) = enterprise::read_file(form).await?;
    act(actor, name, bytes)
        .await
        .map_err(ServiceError::into_problem)
}

/// A file to keep, or the problem.
pub(crate) fn download(
    outcome: Result<Vec<u8>, Problem>,
    kind: &'static str,
    name: &str,
) -> Response {
    match outcome {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, kind.to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ),
            ],
            body,
        )
            .into_response(),
        Err(problem) => problem_response(&problem),
    }
}

/// A table as a workbook of one sheet. Every cell is text, never a formula.
pub(crate) async fn xlsx_file(rows: Vec<Vec<String>>) -> Result<Vec<u8>, Problem> {
    let failed = |error: String| ServiceError::Internal(error).into_problem();
    let book =
        tokio::task::spawn_blocking(move || -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet();
            sheet.set_freeze_panes(1, 0)?;
            for (row, cells) in (0..).zip(&rows) {
                for (column, cell) in (0..).zip(cells) {
                    sheet.write_string(row, column, cell)?;
                }
            }
            sheet.autofit();
            book.save_to_buffer()
        });
    book.await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))
}

/// A table as CSV, with the mark by which a spreadsheet knows UTF-8; what looks like a formula is made text.
pub(crate) fn csv_file(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>, Problem> {
    let failed = |error: String| ServiceError::Internal(error).into_problem();
    let mut writer = csv::Writer::from_writer(b"\xef\xbb\xbf".to_vec());
    for cells in rows {
        writer
            .write_record(cells.iter().map(|cell| harmless(cell)))
            .map_err(|error| failed(error.to_string()))?;
    }
    writer
        .into_inner()
        .map_err(|error| failed(error.to_string()))
}

/// A cell that a spreadsheet would run as a formula is told to be text.
fn harmless(cell: &str) -> String {
    if cell.starts_with(['=', '+', '@', '\t', '\r'])
        || (cell.starts_with('-') && cell.parse::<f64>().is_err() && cell.len() > 1)
    {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Alive, and the database answers.
pub async fn health(
    axum::extract::State(service): axum::extract::State<service::Service>,
) -> Response {
    match service.has_no_account().await {
        Ok(_) => (StatusCode::OK, "ok").into_response(),
        Err(error) => {
            let _ = error.into_problem();
            (StatusCode::SERVICE_UNAVAILABLE, "database").into_response()
        }
    }
}
