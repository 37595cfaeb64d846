//! The list of leads as a file, and files that the pipeline's rules come in.

use app::{lead::table, server_side::SignedIn, words::Locale};
use axum::{
    extract::{Extension, Multipart, Path, Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use domain::{
    lead::{LeadListQuery, LeadQuery},
    problem::{FieldProblemKind, Problem},
};
use serde::Deserialize;
use service::{Service, ServiceError};

use super::{XLSX, csv_file, download, locale, person, settled, uploaded, xlsx_file};
use crate::session::problem_response;

/// What an address says of a view: its number, and whether an order is named, which makes its filters others.
#[derive(Deserialize)]
pub struct ViewQuery {
    view: Option<i64>,
    order: Option<String>,
}

type Asked = (
    Result<Query<LeadQuery>, QueryRejection>,
    Result<Query<ViewQuery>, QueryRejection>,
);

/// The rows of the list in its columns, header first.
async fn rows(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    asked: Asked,
) -> Result<Vec<Vec<String>>, Problem> {
    let actor = person(signed_in)?;
    let (Ok(Query(query)), Ok(Query(ViewQuery { view, order }))) = asked else {
        return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
    };
    let query = query.kept();
    let ask = LeadListQuery {
        view,
        query: (order.is_some() || query != LeadQuery::default()).then_some(query),
        page: 0,
    };
    let (columns, cards) = service
        .lead_table(&actor, ask)
        .await
        .map_err(ServiceError::into_problem)?;
    Ok(table(words, &columns, &cards))
}

/// `GET /leads/list.xlsx`: the list as filtered. Every cell is text, never a formula.
pub async fn list_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<LeadQuery>, QueryRejection>,
    view: Result<Query<ViewQuery>, QueryRejection>,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let rows = rows(&service, &signed_in, words, (query, view)).await?;
        xlsx_file(rows).await
    }
    .await;
    download(outcome, XLSX, "leads.xlsx")
}

/// `GET /leads/list.csv`, with the mark by which a spreadsheet knows UTF-8; what looks like a formula is made text.
pub async fn list_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<LeadQuery>, QueryRejection>,
    view: Result<Query<ViewQuery>, QueryRejection>,
) -> Response {
    let outcome =
        async { csv_file(rows(&service, &signed_in, locale(&headers), (query, view)).await?) }
            .await;
    download(outcome, "text/csv; charset=utf-8", "leads.csv")
}

/// `GET /settings/stages/pack.json`: the rules in force, to be changed and uploaded again.
pub async fn rule_pack(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        let rules = service
            .pipeline_rules(&actor)
            .await
            .map_err(ServiceError::into_problem)?;
        let current = rules.packs.into_iter().find(|pack| pack.in_force);
        let pack = current.ok_or(Problem::NotFound)?.pack;
        serde_json::to_vec_pretty(&pack)
            .map_err(|error| ServiceError::Internal(error.to_string()).into_problem())
    }
    .await;
    download(outcome, "application/json", "stage-rules.json")
}

/// `POST /leads/{id}/files`: a file for a lead.
pub async fn upload_file(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(lead_id): Path<i64>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let page = format!("/leads/{lead_id}");
    let outcome = uploaded(&signed_in, &mut form, async |actor, name, bytes| {
        service.add_lead_file(&actor, lead_id, &name, bytes).await
    })
    .await
    .map(|_| page.clone());
    settled(outcome, &page, &headers)
}

/// `GET /leads/{id}/files/{file}`: a file as it was uploaded. It is kept, never shown: what is in it might run.
pub async fn file(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path((lead_id, file_id)): Path<(i64, i64)>,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        service
            .lead_file(&actor, lead_id, file_id)
            .await
            .map_err(ServiceError::into_problem)
    }
    .await;
    match outcome {
        Ok((name, content)) => {
            // RFC 6266: the name in UTF-8 for all browsers of today.
            let name = app::component::query_value(&name);
            (
                [
                    (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
                    (
                        header::CONTENT_DISPOSITION,
                        format!("attachment; filename*=UTF-8''{name}"),
                    ),
                ],
                content,
            )
                .into_response()
        }
        Err(problem) => problem_response(&problem),
    }
}

const PAGE: &str = "/settings/stages";

/// `POST /settings/stages`: a rule pack as a file.
pub async fn upload_rule_pack(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let outcome = uploaded(&signed_in, &mut form, async |actor, _, bytes| {
        service.upload_rule_pack(&actor, &bytes).await
    })
    .await
    .map(|_| PAGE.to_owned());
    settled(outcome, PAGE, &headers)
}

/// `POST /settings/calendar`: a year of the calendar as a file.
pub async fn upload_calendar(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let outcome = uploaded(&signed_in, &mut form, async |actor, _, bytes| {
        service.import_calendar(&actor, &bytes).await
    })
    .await
    .map(|_| PAGE.to_owned());
    settled(outcome, PAGE, &headers)
}
