//! Trips: the calendar file, and the REST API.

use app::{format, server_side::SignedIn, words::Locale};
use axum::{
    Json,
    extract::{Extension, Path, Query, State, rejection::JsonRejection},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{
    problem::{FieldProblemKind, Problem},
    trip::{NewTrip, TripYield, VisitOutcome, VisitPost},
};
use serde::Deserialize;
use serde_json::{Value, json};
use service::Service;

use super::{
    XLSX,
    api::{Written, answer, body, written},
    download, locale, person, xlsx_file,
};
use crate::config::PublicUrl;

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

/// `GET /trips/{id}/book.xlsx?team=1`: the visits of a team, or of all, as a workbook.
pub async fn book(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Extension(PublicUrl(base)): Extension<PublicUrl>,
    headers: HeaderMap,
    Path(trip_id): Path<i64>,
    Query(query): Query<CalendarQuery>,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let actor = person(&signed_in)?;
        let book = service
            .trip_book(&actor, trip_id, base.as_deref().unwrap_or_default())
            .await
            .map_err(service::ServiceError::into_problem)?;
        let mut rows = vec![
            [
                words.page_word(),
                words.team_word(),
                words.date_word(),
                words.time(),
                words.enterprise(),
                words.city(),
                words.address(),
                words.contact_person(),
                words.position_word(),
                words.phone_word(),
                words.node(),
                words.to_do_word(),
                words.promised_word(),
                words.stay_word(),
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        for (number, brief) in (1_u32..).zip(&book.briefs) {
            let team = usize::from(brief.team);
            if query.team.is_some_and(|asked| asked != team + 1) {
                continue;
            }
            let first = brief.people.first();
            let own = book.teams.get(team).map(|own| own.name.as_str());
            let name = words.team_called(own, team);
            let night = book
                .plan
                .teams
                .get(team)
                .and_then(|team| team.days.get(usize::from(brief.day)))
                .and_then(|day| day.hotel_city.clone());
            let asked: Vec<String> = brief
                .to_ask
                .iter()
                .map(|field| words.evidence_of(field))
                .collect();
            let promised: Vec<String> = brief
                .commitments
                .iter()
                .map(|one| format!("{}：{}", words.commitment_side(one.side), one.content))
                .collect();
            rows.push(vec![
                format!("{number:02}"),
                name,
                brief.date.to_string(),
                format!(
                    "{}—{}",
                    format::clock(brief.begin_minute),
                    format::clock(brief.end_minute)
                ),
                brief.full_name.clone(),
                brief.city.clone(),
                brief.address.clone().unwrap_or_default(),
                first.map(|one| one.name.clone()).unwrap_or_default(),
                first.map(|one| one.position.clone()).unwrap_or_default(),
                first.map(|one| one.phone.clone()).unwrap_or_default(),
                brief
                    .place
                    .as_ref()
                    .map(|place| format!("{}（{}）", place.node, words.gap_class(place.class)))
                    .unwrap_or_default(),
                asked.join("；"),
                promised.join("；"),
                night.unwrap_or_default(),
            ]);
        }
        xlsx_file(rows).await
    };
    let name = match query.team {
        Some(team) => format!("trip-{trip_id}-team-{team}.xlsx"),
        None => format!("trip-{trip_id}.xlsx"),
    };
    download(outcome.await, XLSX, &name)
}

/// `GET /trips/{id}/report.xlsx`: what came of each visit of a trip.
pub async fn report(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    Path(trip_id): Path<i64>,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let actor = person(&signed_in)?;
        let report = service
            .trip_report(&actor, trip_id)
            .await
            .map_err(service::ServiceError::into_problem)?;
        let mut rows = vec![
            [
                words.team_word(),
                words.date_word(),
                words.enterprise(),
                words.city(),
                words.outcome_word(),
                words.interest_word(),
                words.whom_met(),
                words.remark_word(),
                words.next_step(),
                words.stage_then(),
                words.stage_now(),
                words.open_word(),
                words.overdue_word(),
                words.kept_word(),
            ]
            .map(str::to_owned)
            .to_vec(),
        ];
        for row in &report.rows {
            let visit = row.visit.as_ref();
            let team = row
                .team
                .map(usize::from)
                .map(|team| words.team_called(report.teams.get(team).map(String::as_str), team));
            rows.push(vec![
                team.unwrap_or_else(|| words.beside_plan().to_owned()),
                row.date.to_string(),
                row.name.clone(),
                row.city.clone(),
                match visit {
                    Some(visit) => words.visit_outcome(visit.outcome).to_owned(),
                    None if row.is_unanswered => words.unanswered_word().to_owned(),
                    None => words.not_yet_visited().to_owned(),
                },
                visit
                    .and_then(|visit| visit.interest)
                    .map(|interest| interest.to_string())
                    .unwrap_or_default(),
                visit
                    .map(|visit| visit.people.join("、"))
                    .unwrap_or_default(),
                visit.map(|visit| visit.remark.clone()).unwrap_or_default(),
                visit
                    .map(|visit| {
                        let day = visit.next_on.map(|day| day.to_string());
                        format!("{} {}", day.unwrap_or_default(), visit.next_step)
                            .trim()
                            .to_owned()
                    })
                    .unwrap_or_default(),
                row.stage_then
                    .map(|stage| words.stage(stage).to_owned())
                    .unwrap_or_default(),
                row.stage
                    .map(|stage| words.stage(stage).to_owned())
                    .unwrap_or_default(),
                (row.promises.ours_open + row.promises.theirs_open).to_string(),
                row.promises.overdue.to_string(),
                row.promises.kept.to_string(),
            ]);
        }
        xlsx_file(rows).await
    };
    download(outcome.await, XLSX, &format!("trip-{trip_id}-report.xlsx"))
}

#[derive(Deserialize)]
pub struct YearQuery {
    year: Option<i32>,
}

/// `GET /trips/year.xlsx?year=2026`: the trips of a year, compared.
pub async fn year(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    Query(query): Query<YearQuery>,
) -> Response {
    let words = locale(&headers);
    let outcome = async {
        let actor = person(&signed_in)?;
        let year = service
            .trip_year(&actor, query.year)
            .await
            .map_err(service::ServiceError::into_problem)?;
        let mut head = vec![
            words.trip_name().to_owned(),
            words.bureau().to_owned(),
            words.start_on().to_owned(),
            words.days().to_owned(),
            words.teams().to_owned(),
        ];
        head.extend(yield_heads(words));
        let mut rows = vec![head];
        for row in &year.rows {
            let mut cells = vec![
                row.name.clone(),
                row.bureau.clone(),
                row.start_on.to_string(),
                row.days.to_string(),
                row.teams.to_string(),
            ];
            cells.extend(yield_cells(&row.total));
            rows.push(cells);
        }
        let mut cells = vec![words.all_together().to_owned()];
        cells.resize(5, String::new());
        cells.extend(yield_cells(&year.total));
        rows.push(cells);
        xlsx_file(rows).await
    };
    download(outcome.await, XLSX, "trips.xlsx")
}

fn yield_heads(words: Locale) -> Vec<String> {
    let mut heads = vec![words.planned_word(), words.visited_word(), words.cities()];
    heads.extend(VisitOutcome::ALL.map(|outcome| words.visit_outcome(outcome)));
    heads.extend([
        words.unanswered_word(),
        words.open_word(),
        words.overdue_word(),
        words.kept_word(),
        words.advanced_word(),
        words.signed_word(),
    ]);
    let mut heads: Vec<String> = heads.into_iter().map(str::to_owned).collect();
    heads.push(format!("{}（{}）", words.signed_amount(), words.unit_yi()));
    heads.push(format!("{}（{}）", words.cost_word(), words.unit_yuan()));
    heads
}

fn yield_cells(total: &TripYield) -> Vec<String> {
    let mut cells = vec![total.planned, total.visited, total.cities];
    cells.extend(total.outcomes);
    cells.extend([
        total.unanswered,
        total.promises.ours_open + total.promises.theirs_open,
        total.promises.overdue,
        total.promises.kept,
        total.advanced,
        total.signed,
    ]);
    let mut cells: Vec<String> = cells.into_iter().map(|cell| cell.to_string()).collect();
    cells.push(format::yi(total.signed_wan));
    cells.push(format!("{:.0}", total.cost_yuan));
    cells
}

/// `POST /api/v1/trips/{id}/visits` with a [`VisitPost`]: writes a visit down and answers with its receipt; the same mark
/// again gives the same receipt.
pub async fn record_visit(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(trip_id): Path<i64>,
    post: Result<Json<VisitPost>, JsonRejection>,
) -> Response {
    answer(&signed_in, |actor| async move {
        let VisitPost { visit, photos } = body(post)?;
        let mut files = Vec::new();
        for photo in photos {
            let text = match photo.content.split_once(";base64,") {
                Some((head, text)) if head.starts_with("data:") => text,
                _ => photo.content.as_str(),
            };
            let content = STANDARD
                .decode(text.trim())
                .map_err(|_| Problem::invalid("photos", FieldProblemKind::NotAChoice))?;
            files.push((photo.name, content));
        }
        service.record_visit(&actor, trip_id, visit, files).await
    })
    .await
}

/// The worker that keeps the phone's page for when there is no network. It is asked for anew each time: it decides which
/// files are old.
pub async fn worker() -> Response {
    (
        [
            (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
            (header::CACHE_CONTROL, "no-cache"),
        ],
        include_str!("../road-worker.js"),
    )
        .into_response()
}
