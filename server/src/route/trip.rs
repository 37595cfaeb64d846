//! A trip's calendar file.

use app::server_side::SignedIn;
use axum::{
    extract::{Extension, Path, Query, State},
    response::Response,
};
use serde::Deserialize;
use service::Service;

use super::{download, person};

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
