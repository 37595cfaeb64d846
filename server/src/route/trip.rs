//! Trips: the calendar file, and the REST API.

use app::server_side::SignedIn;
use axum::{
    Json,
    extract::{Extension, Path, Query, State, rejection::JsonRejection},
    http::StatusCode,
    response::Response,
};
use domain::{problem::Problem, trip::NewTrip};
use serde::Deserialize;
use serde_json::{Value, json};
use service::Service;

use super::{
    api::{Written, answer, body, written},
    download, person,
};

#[derive(Deserialize)]
pub struct CalendarQuery {
    /// One team only, counted from 1.
    team: Option<usize>,
}

/// The trip as iCalendar.
pub async fn calendar(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(trip_id): Path<i64>,
    Query(query): Query<CalendarQuery>,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        service
            .trip_calendar(&actor, trip_id, query.team)
            .await
            .map_err(service::ServiceError::into_problem)
    }
    .await;
    download(
        outcome.map(String::into_bytes),
        "text/calendar; charset=utf-8",
        &format!("trip-{trip_id}.ics"),
    )
}

/// `GET /api/v1/trips`: the trips that a person may see, newest first.
pub async fn trips(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
) -> Response {
    answer(&signed_in, |actor| async move {
        Ok(json!({ "rows": service.trips(&actor).await? }))
    })
    .await
}

/// `GET /api/v1/trips/{id}`: a trip with its plan, its candidates and the problem that the plan answers.
pub async fn trip(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    answer(
        &signed_in,
        |actor| async move { service.trip(&actor, id).await },
    )
    .await
}

/// `POST /api/v1/trips` with a [`NewTrip`]: plans a trip and keeps it. 201 with its id.
pub async fn plan(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    new: Result<Json<NewTrip>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::CREATED, |actor| async move {
        let id = service.plan_trip(&actor, body(new)?).await?;
        Ok(Written { id, version: 1 })
    })
    .await
}

/// `POST /api/v1/trips/solve`: a problem alone, see `docs/trip-solver.md`. Nothing is kept.
pub async fn solve(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    body: Result<Json<Value>, JsonRejection>,
) -> Response {
    answer(&signed_in, |actor| async move {
        let body = match body {
            Ok(Json(body)) => body,
            Err(rejection) => {
                return Err(Problem::TripRequest {
                    sentence: rejection.body_text(),
                    problem: Value::Null,
                }
                .into());
            }
        };
        service.solve_problem(&actor, body).await
    })
    .await
}
