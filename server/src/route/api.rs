//! The REST API: the same use cases, the same permission, problems as RFC 9457.

use app::{component::query_value, server_side::SignedIn};
use axum::{
    Json,
    extract::{
        Extension, Path, Query, State,
        rejection::{JsonRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, NaiveDate, Utc};
use domain::{
    account::Actor,
    audit::{RecordKind, RecordTag},
    chain::Landing,
    enterprise::{EnterpriseFilter, EnterpriseList},
    lead::{LeadChange, LeadQuery, NewLead, SideState, SideStateChange, Stage, StageChange},
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use serde::{Deserialize, Serialize};
use service::{Service, ServiceError, ServiceResult, content_mark, local_midnight};

use super::person;
use crate::session::problem_response;

pub(super) async fn answer<T: Serialize, F>(
    signed_in: &SignedIn,
    act: impl FnOnce(Actor) -> F,
) -> Response
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
pub(super) struct Written {
    pub(super) id: i64,
    pub(super) version: i64,
}

/// The version in `If-Match`; without one nobody knows what the caller saw.
fn seen(headers: &HeaderMap) -> Result<i64, Problem> {
    headers
        .get(header::IF_MATCH)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.trim().trim_matches('"').parse().ok())
        .ok_or_else(|| Problem::invalid("if-match", FieldProblemKind::Required))
}

pub(super) async fn written<F>(
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
pub(super) fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Problem> {
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

/// Why a lead is deleted.
#[derive(Deserialize)]
pub struct DeleteBody {
    #[serde(default)]
    reason: String,
}

/// `DELETE /api/v1/leads/{id}` with `If-Match` and `{"reason": "…"}`: puts the lead into the bin.
pub async fn delete_lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    reason: Result<Json<DeleteBody>, JsonRejection>,
) -> Response {
    written(&signed_in, StatusCode::OK, |actor| async move {
        let version = seen(&headers)?;
        let reason = body(reason)?.reason;
        let version = service.delete_lead(&actor, id, version, reason).await?;
        Ok(Written { id, version })
    })
    .await
}

/// `POST /api/v1/leads/{id}/restore`: takes the lead out of the bin.
pub async fn restore_lead(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    written(&signed_in, StatusCode::OK, |actor| async move {
        let tag = RecordTag {
            kind: RecordKind::Lead,
            id,
        };
        let version = service.restore_record(&actor, tag).await?;
        Ok(Written { id, version })
    })
    .await
}

/// Longest text that a filter takes, in characters.
const FILTER_LIMIT: usize = 100;

/// Reads the filter of [`enterprises`]. A parameter that is unknown, given twice or no value of its kind is named: what
/// is quietly passed over makes a list look complete that is not.
fn enterprise_filter(parameters: &[(String, String)]) -> Result<EnterpriseFilter, Problem> {
    let mut filter = EnterpriseFilter::default();
    let mut fields = Vec::new();
    for (index, (name, value)) in parameters.iter().enumerate() {
        let mut wrong = |kind| fields.push(FieldProblem::new(name, kind));
        if parameters
            .iter()
            .take(index)
            .any(|(earlier, _)| earlier == name)
        {
            wrong(FieldProblemKind::Taken);
            continue;
        }
        let text = || {
            let text = value.replace('\0', "").trim().to_owned();
            if text.chars().count() > FILTER_LIMIT {
                return Err(FieldProblemKind::TooLong {
                    limit: FILTER_LIMIT,
                });
            }
            Ok(text)
        };
        let flag = || match value.as_str() {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            _ => Err(FieldProblemKind::NotAChoice),
        };
        let read = match name.as_str() {
            "q" => text().map(|text| filter.q = text),
            "province" => text().map(|text| filter.province = text),
            "city" => text().map(|text| filter.city = text),
            "industry" => text().map(|text| filter.industry = text),
            "is_local" => flag().map(|flag| filter.is_local = flag),
            "listed" => flag().map(|flag| filter.listed = flag),
            "updated_since" => instant(value)
                .map(|since| filter.updated_since = Some(since))
                .ok_or(FieldProblemKind::NotADate),
            "page" => value
                .parse::<u32>()
                .map(|page| filter.page = page.into())
                .map_err(|_| FieldProblemKind::NotANumber),
            name => super::target::narrow(name, value, &mut filter.directory)
                .unwrap_or(Err(FieldProblemKind::Unknown)),
        };
        if let Err(kind) = read {
            wrong(kind);
        }
    }
    // Within a group any may hold: said in two ways, a group would be widened by what is to narrow it.
    let directory = &filter.directory;
    for (name, is_twice) in [
        (
            "province",
            !filter.province.is_empty() && directory.has_places(),
        ),
        ("city", !filter.city.is_empty() && directory.has_places()),
        (
            "industry",
            !filter.industry.is_empty() && !directory.industries.is_empty(),
        ),
        (
            "is_local",
            filter.is_local.is_some() && directory.is_local.is_some(),
        ),
        (
            "listed",
            filter.listed.is_some() && directory.is_listed.is_some(),
        ),
    ] {
        if is_twice {
            let other = "filter".to_owned();
            fields.push(FieldProblem::new(
                name,
                FieldProblemKind::NotTogether { other },
            ));
        }
    }
    // Said within `filter` they mean the same as by themselves.
    filter.is_local = filter.is_local.or(filter.directory.is_local.take());
    filter.listed = filter.listed.or(filter.directory.is_listed.take());
    if fields.is_empty() {
        Ok(filter)
    } else {
        Err(Problem::Invalid { fields })
    }
}

/// An instant by RFC 3339, or the beginning of a local day.
fn instant(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .map(|at| at.with_timezone(&Utc))
        .ok()
        .or_else(|| Some(local_midnight(text.parse::<NaiveDate>().ok()?)))
}

/// A page of companies, with the address of the next one.
#[derive(Serialize)]
struct EnterpriseAnswer {
    #[serde(flatten)]
    list: EnterpriseList,
    next: Option<String>,
}

/// `GET /api/v1/enterprises?q=&filter=&province=&city=&industry=&is_local=&listed=&updated_since=&page=`, and what
/// [`super::target::narrow`] takes: a page with its total and
/// the address of the next one, also as a `Link` (RFC 8288).
pub async fn enterprises(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    parameters: Result<Query<Vec<(String, String)>>, QueryRejection>,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        let Ok(Query(parameters)) = parameters else {
            return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
        };
        let filter = enterprise_filter(&parameters)?;
        let list = service
            .enterprise_list(&actor, &filter)
            .await
            .map_err(ServiceError::into_problem)?;
        let next = ((list.page + 1) * list.page_size < list.total).then(|| {
            let kept = parameters
                .iter()
                .filter(|(name, _)| name != "page")
                .map(|(name, value)| format!("{name}={}&", query_value(value)));
            format!(
                "/api/v1/enterprises?{}page={}",
                kept.collect::<String>(),
                list.page + 1
            )
        });
        Ok(EnterpriseAnswer { list, next })
    }
    .await;
    match outcome {
        Ok(answer) => {
            let link = answer
                .next
                .as_ref()
                .and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
            let mut response = Json(answer).into_response();
            if let Some(link) = link {
                response.headers_mut().insert(header::LINK, link);
            }
            response
        }
        Err(problem) => problem_response(&problem),
    }
}

/// `GET /api/v1/enterprises/{id}`, with an `ETag` of what it says: `If-None-Match` with it is answered 304 while nothing
/// changed, in the company, its places in chains, or the leads that the caller may see.
pub async fn enterprise(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        let detail = service
            .enterprise(&actor, id)
            .await
            .map_err(ServiceError::into_problem)?;
        serde_json::to_vec(&detail)
            .map_err(|error| ServiceError::Internal(error.to_string()).into_problem())
    }
    .await;
    let body = match outcome {
        Ok(body) => body,
        Err(problem) => return problem_response(&problem),
    };
    let tag = format!("\"{}\"", content_mark(&body));
    let is_known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .any(|known| known == "*" || known.trim_start_matches("W/") == tag);
    let tagged = [(header::ETAG, tag)];
    if is_known {
        return (StatusCode::NOT_MODIFIED, tagged).into_response();
    }
    (tagged, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Whatever else is asked for under `/api/v1`.
pub async fn unknown() -> Response {
    problem_response(&Problem::NotFound)
}
