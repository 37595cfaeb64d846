//! What the server puts into the context of every request, and how server functions take it out again.

use std::collections::HashMap;

use domain::{account::Actor, problem::Problem};
use http::{StatusCode, request::Parts};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;
use service::{Service, ServiceResult};

use crate::{
    error::{AppError, Encoded},
    words::{Locale, problem_sentence},
};

/// The person behind a request, as the session layer found them.
#[derive(Clone, Debug)]
pub struct SignedIn(pub Option<Actor>);

/// Names of the built files of the site.
#[derive(Clone, Debug)]
pub struct Site {
    pub css: String,
    pub code: SiteCode,
}

/// The browser's code, in one folder.
#[derive(Clone, Debug, Default, serde::Deserialize)]
pub struct SiteCode {
    /// Addresses of the folder and of the two files that every page starts with.
    pub folder: String,
    pub js: String,
    pub wasm: String,
    /// The script that fetches rooms, by its name in the folder.
    pub split: String,
    /// Each room's files without their ending `.wasm`, by their names in the folder.
    pub rooms: HashMap<String, Vec<String>>,
}

/// Where people find this program, if it is set.
#[derive(Clone, Debug)]
pub struct PublicAddress(pub Option<String>);

/// The address that people reach this program by: as it is set, else as the request came.
#[must_use]
pub fn base_address() -> String {
    if let Some(PublicAddress(Some(base))) = use_context::<PublicAddress>() {
        return base;
    }
    let header = |name: &str| {
        let parts = use_context::<Parts>()?;
        Some(parts.headers.get(name)?.to_str().ok()?.to_owned())
    };
    let scheme = header("x-forwarded-proto")
        .filter(|scheme| scheme == "https")
        .unwrap_or_else(|| "http".to_owned());
    let host = header("host").unwrap_or_else(|| "localhost".to_owned());
    format!("{scheme}://{host}")
}

/// The person, or `None` when nobody is signed in.
#[must_use]
pub fn actor() -> Option<Actor> {
    use_context::<Parts>()?
        .extensions
        .get::<SignedIn>()
        .and_then(|signed_in| signed_in.0.clone())
}

/// The use cases and the person on whose behalf they run.
///
/// # Errors
/// [`Problem::NotSignedIn`].
pub fn signed_in() -> Result<(Service, Actor), AppError> {
    let service = use_context::<Service>().ok_or_else(|| {
        fail(Problem::Internal {
            reference: "context".to_owned(),
        })
    })?;
    let actor = actor().ok_or_else(|| fail(Problem::NotSignedIn))?;
    Ok((service, actor))
}

/// Sets the status of the answer and hands the problem over.
#[must_use]
pub fn fail(problem: Problem) -> AppError {
    if let Some(response) = use_context::<ResponseOptions>()
        && let Ok(status) = StatusCode::from_u16(problem.status())
    {
        response.set_status(status);
    }
    AppError(problem)
}

/// What a use case answered, for the page.
///
/// # Errors
/// The use case's problem.
pub fn answer<T>(outcome: ServiceResult<T>) -> Result<T, AppError> {
    outcome.map_err(|error| fail(said(Locale::current(), error.into_problem())))
}

/// Puts words to problems whose shapes the browser does not know.
#[must_use]
pub fn said(words: Locale, problem: Problem) -> Problem {
    match problem {
        Problem::ChainFile { .. }
        | Problem::ChainEdit { .. }
        | Problem::DraftConflict { .. }
        | Problem::Reference { .. }
        | Problem::Trip { .. }
        | Problem::TripPlan { .. }
        | Problem::TripRequest { .. } => Problem::Said {
            sentence: problem_sentence(words, &problem),
            status: problem.status(),
        },
        other => other,
    }
}

/// What a use case answered, for a page that fetches it through `load`.
///
/// # Errors
/// The use case's problem.
pub fn answer_page<T: serde::Serialize>(outcome: ServiceResult<T>) -> Result<Encoded<T>, AppError> {
    answer(outcome).and_then(|data| Encoded::new(&data))
}

/// A cookie of the request.
#[must_use]
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    let header = parts.headers.get(http::header::COOKIE)?.to_str().ok()?;
    header.split(';').find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        (key == name).then(|| value.to_owned())
    })
}
