//! Upload of a table, download of its refused rows.

use app::{
    server_side::SignedIn,
    words::{field_name, row_problem_sentence},
};
use axum::{
    extract::{Extension, Multipart, Path, State},
    http::HeaderMap,
    response::{IntoResponse, Redirect, Response},
};
use domain::problem::{FieldProblemKind, Problem};
use service::Service;

use super::{back_with, csv_file, download, locale, person, uploaded};
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

/// The refused rows as CSV with a byte-order mark, as Excel wants it: number, field, reason, then the cells as
/// they were, to be mended and sent again.
pub async fn refused(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(job_id): Path<i64>,
    headers: HeaderMap,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let actor = person(&signed_in)?;
        service
            .refused_table(&actor, job_id)
            .await
            .map_err(service::ServiceError::into_problem)
    }
    .await;
    let (file, header_row, rows) = match outcome {
        Ok(table) => table,
        Err(problem) => return problem_response(&problem),
    };
    let head = [words.row(), words.field(), words.reason()]
        .into_iter()
        .map(str::to_owned)
        .chain(header_row)
        .collect();
    let rows = rows.into_iter().map(|(row, cells)| {
        [
            row.row.to_string(),
            row.field
                .map(|field| field_name(words, field).to_owned())
                .unwrap_or_default(),
            row_problem_sentence(words, &row.kind),
        ]
        .into_iter()
        .chain(cells)
        .collect()
    });
    let bytes = csv_file(std::iter::once(head).chain(rows));
    let name: String = file
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
    download(
        bytes,
        "text/csv; charset=utf-8",
        &format!("refused-{name}.csv"),
    )
}
