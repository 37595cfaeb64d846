//! Who is behind a request. Pages and server functions find the person in the request's extensions.

use app::server_side::SignedIn;
use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    account::{Actor, TokenScope},
    problem::Problem,
};
use service::{Service, ServiceError};

/// Name of the session's cookie.
pub const COOKIE: &str = "wutong_session";

/// A cookie of the request.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get(header::COOKIE)?
        .to_str()
        .ok()?
        .split(';')
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then_some(value)
        })
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// Paths that answer without a person. Everything else asks for one.
#[must_use]
pub fn is_public(path: &str) -> bool {
    matches!(path, "/login" | "/logout" | "/health" | "/favicon.svg")
        || ["/pkg/", "/locale/", "/theme/", "/calendar/"]
            .iter()
            .any(|prefix| path.starts_with(prefix))
}

/// Finds the person by session cookie or API token and stops those who need one and have none.
pub async fn identify(
    State(service): State<Service>,
    mut request: Request,
    next: Next,
) -> Response {
    let path = request.uri().path().to_owned();
    let found = match (bearer(request.headers()), cookie(request.headers(), COOKIE)) {
        // A token speaks for the API only: a page never takes one.
        (Some(token), _) if path.starts_with("/api/") => {
            by_token(&service, token, request.method(), &path).await
        }
        (_, Some(session)) => service
            .actor_by_session(session)
            .await
            .map_err(ServiceError::into_problem),
        _ => Ok(None),
    };
    let actor = match found {
        Ok(actor) => actor,
        Err(problem) => return problem_response(&problem),
    };
    if actor.is_none() && !is_public(&path) {
        if path.starts_with("/api/") {
            return problem_response(&Problem::NotSignedIn);
        }
        if request.method() == Method::GET {
            let next = request
                .uri()
                .path_and_query()
                .map_or("/", |path| path.as_str());
            return Redirect::to(&format!(
                "/login?next={}",
                app::component::query_value(next)
            ))
            .into_response();
        }
        return problem_response(&Problem::NotSignedIn);
    }
    request.extensions_mut().insert(SignedIn(actor));
    next.run(request).await
}

/// The one place where a token's scope is asked for: a token that may only read sends no method but `GET` and `HEAD`, and
/// no token calls the pages' own functions, which know no scope.
async fn by_token(
    service: &Service,
    token: &str,
    method: &Method,
    path: &str,
) -> Result<Option<Actor>, Problem> {
    let found = service
        .actor_by_token(token)
        .await
        .map_err(ServiceError::into_problem)?;
    let Some((actor, scope)) = found else {
        return Ok(None);
    };
    let reads = matches!(*method, Method::GET | Method::HEAD);
    if !path.starts_with("/api/v1/") || (scope == TokenScope::Read && !reads) {
        return Err(Problem::TokenScope);
    }
    Ok(Some(actor))
}

/// RFC 9457: the problem as JSON with its HTTP status.
#[must_use]
pub fn problem_response(problem: &Problem) -> Response {
    let status =
        StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut body = serde_json::to_value(problem).unwrap_or_default();
    if let Some(object) = body.as_object_mut() {
        let code = object
            .get("code")
            .and_then(|code| code.as_str())
            .unwrap_or("internal")
            .to_owned();
        object.insert(
            "type".to_owned(),
            format!("urn:wutong:problem:{code}").into(),
        );
        object.insert("status".to_owned(), problem.status().into());
        object.insert(
            "title".to_owned(),
            app::words::problem_sentence(app::words::Locale::ZhCn, problem).into(),
        );
    }
    (
        status,
        [(header::CONTENT_TYPE, "application/problem+json")],
        Json(body).into_response().into_body(),
    )
        .into_response()
}
