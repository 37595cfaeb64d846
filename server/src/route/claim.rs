//! The claim ledger as a file.

use app::{lead::ledger_table, server_side::SignedIn, words::Locale};
use axum::{
    extract::{Extension, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use domain::{
    lead::LedgerQuery,
    problem::{FieldProblemKind, Problem},
};
use service::{Service, ServiceError};

use super::{XLSX, csv_file, download, locale, person, xlsx_file};

async fn rows(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Result<Vec<Vec<String>>, Problem> {
    let actor = person(signed_in)?;
    let Ok(Query(query)) = query else {
        return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
    };
    let lines = service
        .ledger_export(&actor, &query)
        .await
        .map_err(ServiceError::into_problem)?;
    Ok(ledger_table(words, &lines))
}

/// `GET /claims/ledger.xlsx`: the ledger as filtered.
pub async fn ledger_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Response {
    let outcome =
        async { xlsx_file(rows(&service, &signed_in, locale(&headers), query).await?).await }.await;
    download(outcome, XLSX, "claims.xlsx")
}

/// `GET /claims/ledger.csv`: the same as CSV.
pub async fn ledger_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<LedgerQuery>, QueryRejection>,
) -> Response {
    let outcome =
        async { csv_file(rows(&service, &signed_in, locale(&headers), query).await?) }.await;
    download(outcome, "text/csv; charset=utf-8", "claims.csv")
}
