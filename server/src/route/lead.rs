//! The list of leads as a file, and files that the pipeline's rules come in.

use app::{lead::table, server_side::SignedIn, words::Locale};
use axum::{
    extract::{Extension, Multipart, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use domain::{
    lead::LeadQuery,
    problem::{FieldProblemKind, Problem},
};
use service::{Service, ServiceError};

use super::{XLSX, csv_file, download, locale, person, settled, uploaded, xlsx_file};

/// The rows of the list, header first.
async fn rows(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    query: Result<Query<LeadQuery>, QueryRejection>,
) -> Result<Vec<Vec<String>>, Problem> {
    let actor = person(signed_in)?;
    let Ok(Query(query)) = query else {
        return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
    };
    let cards = service
        .lead_export(&actor, &query)
        .await
        .map_err(ServiceError::into_problem)?;
    Ok(table(words, &cards))
}

/// `GET /leads/list.xlsx`: the list as filtered. Every cell is text, never a formula.
pub async fn list_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<LeadQuery>, QueryRejection>,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let rows = rows(&service, &signed_in, words, query).await?;
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
) -> Response {
    let outcome =
        async { csv_file(rows(&service, &signed_in, locale(&headers), query).await?) }.await;
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
