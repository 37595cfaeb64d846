//! The audit as a file.

use app::{audit::table, server_side::SignedIn};
use axum::{
    extract::{Extension, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use domain::{
    audit::AuditQuery,
    problem::{FieldProblemKind, Problem},
};
use service::{Service, ServiceError};

use super::{csv_file, download, locale, person};

/// `GET /audit/list.csv`: the audit as filtered, a row a field.
pub async fn list_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    query: Result<Query<AuditQuery>, QueryRejection>,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        let Ok(Query(query)) = query else {
            return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
        };
        let rows = service
            .audit_export(&actor, &query)
            .await
            .map_err(ServiceError::into_problem)?;
        csv_file(table(locale(&headers), &rows))
    }
    .await;
    download(outcome, "text/csv; charset=utf-8", "audit.csv")
}
