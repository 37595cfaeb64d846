//! Sign-in and sign-out as plain forms; language and theme as cookies.

use std::net::SocketAddr;

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Extension, Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use domain::{account::SESSION_HOURS, problem::Problem};
use serde::Deserialize;
use service::Service;

use super::back_with;
use crate::session::{COOKIE, cookie};

/// A login form is a few hundred bytes; more than this is not read.
const FORM_LIMIT: usize = 16 * 1024;

/// How cookies are set.
#[derive(Clone, Copy, Debug)]
pub struct CookiePolicy {
    pub secure: bool,
}

#[derive(Deserialize)]
struct SignInForm {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// A page of our own, never another site: open redirects start with two slashes or a scheme.
fn safe_next(next: &str) -> &str {
    let inside = next.starts_with('/')
        && !next.starts_with("//")
        && !next.contains('\\')
        && !next.starts_with("/login")
        && !next.chars().any(char::is_control);
    if inside { next } else { "/" }
}

/// Takes the form of the sign-in page.
pub async fn sign_in(
    State(service): State<Service>,
    Extension(policy): Extension<CookiePolicy>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Ok(bytes) = to_bytes(body, FORM_LIMIT).await else {
        let mut answer = back_with(
            "/login",
            &Problem::TooLarge {
                limit_bytes: FORM_LIMIT as u64,
            },
        );
        // What was not read must not be taken for the next request.
        answer
            .headers_mut()
            .insert(header::CONNECTION, HeaderValue::from_static("close"));
        return answer;
    };
    let form: SignInForm = match serde_urlencoded::from_bytes(&bytes) {
        Ok(form) => form,
        Err(_) => return back_with("/login", &Problem::Invalid { fields: Vec::new() }),
    };
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok());
    match service
        .sign_in(
            &form.login,
            &form.password,
            &address.ip().to_string(),
            agent,
        )
        .await
    {
        Ok((token, _)) => with_cookie(
            Redirect::to(safe_next(&form.next)).into_response(),
            &format!(
                "{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{}",
                SESSION_HOURS * 3600,
                if policy.secure { "; Secure" } else { "" }
            ),
        ),
        Err(error) => back_with(
            &format!(
                "/login?login={}&next={}",
                app::component::query_value(&form.login.chars().take(200).collect::<String>()),
                app::component::query_value(safe_next(&form.next))
            ),
            &error.into_problem(),
        ),
    }
}

/// Ends the session.
pub async fn sign_out(State(service): State<Service>, headers: HeaderMap) -> Response {
    if let Some(token) = cookie(&headers, COOKIE)
        && let Err(error) = service.sign_out(token).await
    {
        return back_with("/login", &error.into_problem());
    }
    with_cookie(
        Redirect::to("/login").into_response(),
        &format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"),
    )
}

/// Chooses the language and goes back to where the reader was.
pub async fn set_locale(Path(tag): Path<String>, headers: HeaderMap) -> Response {
    let tag = app::words::Locale::from_tag(&tag).tag();
    with_cookie(
        Redirect::to(&came_from(&headers)).into_response(),
        &format!("wutong_locale={tag}; Path=/; SameSite=Lax; Max-Age=31536000"),
    )
}

/// Chooses light, dark, or what the system says.
pub async fn set_theme(Path(theme): Path<String>, headers: HeaderMap) -> Response {
    if !matches!(theme.as_str(), "light" | "dark" | "system") {
        return StatusCode::NOT_FOUND.into_response();
    }
    with_cookie(
        Redirect::to(&came_from(&headers)).into_response(),
        &format!("wutong_theme={theme}; Path=/; SameSite=Lax; Max-Age=31536000"),
    )
}

fn came_from(headers: &HeaderMap) -> String {
    let path = headers
        .get(header::REFERER)
        .and_then(|referer| referer.to_str().ok())
        .and_then(|referer| referer.parse::<axum::http::Uri>().ok())
        .and_then(|referer| referer.path_and_query().map(ToString::to_string))
        .unwrap_or_else(|| "/".to_owned());
    if path.starts_with('/') && !path.starts_with("//") {
        path
    } else {
        "/".to_owned()
    }
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn the_way_back_stays_inside() {
        assert_eq!(safe_next("/leads?bureau=2"), "/leads?bureau=2");
        for outside in [
            "//evil.example",
            "https://evil.example",
            "",
            "/\\evil",
            "/login?next=/",
            "/a\nb",
        ] {
            assert_eq!(safe_next(outside), "/", "{outside}");
        }
    }
}
