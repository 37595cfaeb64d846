//! A trip's calendar file.

use app::server_side::SignedIn;
use axum::{
    extract::{Extension, Path, Query, State},
    http::header,
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use service::Service;

use super::person;
use crate::session::problem_response;

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
    match outcome {
        Ok(calendar) => (
            [
                (
                    header::CONTENT_TYPE,
                    "text/calendar; charset=utf-8".to_owned(),
                ),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"trip-{trip_id}.ics\""),
                ),
            ],
            calendar,
        )
            .into_response(),
        Err(problem) => problem_response(&problem),
    }
}
