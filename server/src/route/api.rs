//! The REST API: the same use cases, the same permission, problems as RFC 9457.

use app::server_side::SignedIn;
use axum::{
    Json,
    extract::{Extension, Path, Query, State, rejection::JsonRejection},
    response::{IntoResponse, Response},
};
use domain::{
    account::Actor,
    chain::Landing,
    enterprise::EnterpriseQuery,
    problem::{FieldProblemKind, Problem},
};
use serde::{Deserialize, Serialize};
use service::{Service, ServiceResult};

use super::person;
use crate::session::problem_response;

#[derive(Deserialize)]
pub struct Paging {
    /// From 0.
    #[serde(default)]
    page: u64,
}

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

/// `GET /api/v1/leads?page=`
pub async fn leads(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Query(paging): Query<Paging>,
) -> Response {
    answer(&signed_in, |actor| async move {
        service.leads(&actor, paging.page).await
    })
    .await
}

/// `GET /api/v1/leads/{id}`
pub async fn lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    answer(
        &signed_in,
        |actor| async move { service.lead(&actor, id).await },
    )
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
