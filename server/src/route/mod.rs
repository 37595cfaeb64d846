//! Handlers that are no server functions: forms, files, the REST API.

pub mod account;
pub mod api;
pub mod chain;
pub mod enterprise;
pub mod lead;
pub mod trip;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::Actor, problem::Problem};

/// The person, who must be there: the session layer has let nobody else through.
pub(crate) fn person(signed_in: &app::server_side::SignedIn) -> Result<Actor, Problem> {
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
