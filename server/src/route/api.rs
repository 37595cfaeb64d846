//! The REST API: the same use cases, the same permission, problems as RFC 9457.

use app::server_side::SignedIn;
use axum::{
    Json,
    extract::{
        Extension, Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    account::Actor,
    chain::Landing,
    enterprise::EnterpriseQuery,
    lead::{LeadChange, LeadQuery, NewLead, SideState, SideStateChange, Stage, StageChange},
    problem::{FieldProblemKind, Problem},
};
use serde::{Deserialize, Serialize};
use service::{Service, ServiceError, ServiceResult};

use super::person;
use crate::session::problem_response;

async fn answer<T: Serialize, F>(signed_in: &SignedIn, act: impl FnOnce(Actor) -> F) -> Response
where
    F: Future<Output = ServiceResult<T>>,
{
    let outcome = match person(signed_in) {
        Ok(actor) => act(actor)
            .await
            .map_err(service::ServiceError::into_problem),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(body) => Json(body).into_response(),
        Err(problem) => problem_response(&problem),
    }
}

/// `GET /api/v1/chains`
pub async fn chains(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
) -> Response {
    answer(
        &signed_in,
        |actor| async move { service.chains(&actor).await },
    )
    .await
}

/// `GET /api/v1/chains/{id}`
pub async fn chain(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    answer(&signed_in, |actor| async move {
        service.chain_map(&actor, id).await
    })
    .await
}

/// `GET /api/v1/chains/{id}/gaps`: every node with its class, score, each term and confidence.
pub async fn chain_gaps(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    answer(&signed_in, |actor| async move {
        service.chain_gaps(&actor, id).await
    })
    .await
}

/// What lands, for [`chain_what_if`].
#[derive(Deserialize)]
pub struct WhatIfBody {
    landings: Vec<Landing>,
}

/// `POST /api/v1/chains/{id}/what-if` with `{"landings": [{"name", "node_id", "output"}]}`, output in 万元 a year.
pub async fn chain_what_if(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    body: Result<Json<WhatIfBody>, JsonRejection>,
) -> Response {
    answer(&signed_in, |actor| async move {
        let Ok(Json(body)) = body else {
            return Err(Problem::invalid("landings", FieldProblemKind::Unknown).into());
        };
        service.what_if(&actor, id, body.landings).await
    })
    .await
}

/// `GET /api/v1/leads?bureau_id=&stage=&side_state=&owner_id=&text=&silent=&late=&lapsing=&order=&page=`: a page with its total.
pub async fn leads(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    query: Result<Query<LeadQuery>, QueryRejection>,
) -> Response {
    answer(&signed_in, |actor| async move {
        let Ok(Query(query)) = query else {
            return Err(Problem::invalid("query", FieldProblemKind::NotAChoice).into());
        };
        service.lead_page(&actor, &query).await
    })
    .await
}

/// A lead with the version that `If-Match` asks for.
fn tagged(response: Response, version: Option<i64>) -> Response {
    let mut response = response;
    if let Some(tag) =
        version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok())
    {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// `GET /api/v1/leads/{id}`
pub async fn lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    let outcome = match person(&signed_in) {
        Ok(actor) => service
            .lead(&actor, id)
            .await
            .map_err(service::ServiceError::into_problem),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(lead) => {
            let version = lead.card.version;
            tagged(Json(lead).into_response(), Some(version))
        }
        Err(problem) => problem_response(&problem),
    }
}

/// What a change answers.
#[derive(Serialize)]
struct Written {
    id: i64,
    version: i64,
}

/// The version in `If-Match`; without one nobody knows what the caller saw.
fn seen(headers: &HeaderMap) -> Result<i64, Problem> {
    headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().trim_matches('"').parse().ok())
        .ok_or_else(|| Problem::invalid("if-match", FieldProblemKind::Required))
}

async fn written<F>(
    signed_in: &SignedIn,
    status: StatusCode,
    act: impl FnOnce(Actor) -> F,
) -> Response
where
    F: Future<Output = Result<Written, ServiceError>>,
{
    let outcome = match person(signed_in) {
        Ok(actor) => act(actor)
            .await
            .map_err(service::ServiceError::into_problem),
        Err(problem) => Err(problem),
    };
    match outcome {
        Ok(written) => {
            let version = written.version;
            tagged((status, Json(written)).into_response(), Some(version))
        }
        Err(problem) => problem_response(&problem),
    }
}

/// Why a body cannot be read: not JSON, or a field of the wrong kind.
fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
    body.map(|Json(body)| body)
        .map_err(|_| Problem::invalid("body", FieldProblemKind::Unknown))
}

/// `POST /api/v1/leads`: registers a lead with its claim.
pub async fn register_lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    new: Result<Json<NewLead>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::CREATED, |actor| async move {
        let id = service.register_lead(&actor, body(new)?).await?;
        Ok(Written { id, version: 1 })
    })
    .await
}

/// `PATCH /api/v1/leads/{id}` with `If-Match`: fields that are not there are left alone, `null` empties one.
pub async fn change_lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    change: Result<Json<LeadChange>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::OK, |actor| async move {
        let version = service
            .change_lead(&actor, id, seen(&headers)?, body(change)?)
            .await?;
        Ok(Written { id, version })
    })
    .await
}

/// The stage to enter, as [`move_lead`] takes it.
#[derive(Deserialize)]
pub struct MoveBody {
    to: Stage,
    #[serde(default)]
    evidence: serde_json::Map<String, serde_json::Value>,
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/leads/{id}/stage` with `If-Match`: through the same gate as everybody.
pub async fn move_lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(lead_id): Path<i64>,
    headers: HeaderMap,
    change: Result<Json<MoveBody>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::OK, |actor| async move {
        let change = body(change)?;
        let change = StageChange {
            lead_id,
            version: seen(&headers)?,
            to: change.to,
            evidence: change.evidence,
            reason: change.reason,
        };
        let version = service.change_stage(&actor, change).await?;
        Ok(Written {
            id: lead_id,
            version,
        })
    })
    .await
}

/// What takes a lead off the track, or puts it back.
#[derive(Deserialize)]
pub struct SideStateBody {
    to: Option<SideState>,
    #[serde(default)]
    reason: String,
}

/// `POST /api/v1/leads/{id}/side-state` with `If-Match`: `{"to": "paused"}`, or `null` for back on the track.
pub async fn set_side_state(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(lead_id): Path<i64>,
    headers: HeaderMap,
    change: Result<Json<SideStateBody>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::OK, |actor| async move {
        let change = body(change)?;
        let change = SideStateChange {
            lead_id,
            version: seen(&headers)?,
            to: change.to,
            reason: change.reason,
        };
        let version = service.set_side_state(&actor, change).await?;
        Ok(Written {
            id: lead_id,
            version,
        })
    })
    .await
}

#[derive(Deserialize)]
pub struct EnterpriseFilter {
    #[serde(default)]
    q: String,
    #[serde(default)]
    province: String,
    #[serde(default)]
    page: u64,
}

/// `GET /api/v1/enterprises?q=&province=&page=`
pub async fn enterprises(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Query(filter): Query<EnterpriseFilter>,
) -> Response {
    answer(&signed_in, |actor| async move {
        service
            .enterprises(
                &actor,
                EnterpriseQuery {
                    text: filter.q,
                    province: filter.province,
                    local_only: false,
                    page: filter.page,
                },
            )
            .await
    })
    .await
}

/// Whatever else is asked for under `/api/v1`.
pub async fn unknown() -> Response {
    problem_response(&Problem::NotFound)
}
