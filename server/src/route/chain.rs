//! A chain as a drawing and as files.

use app::{server_side::SignedIn, words::Locale};
use axum::{
    extract::{Extension, Path, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use domain::{account::Actor, problem::Problem};
use service::{Service, ServiceError};

use super::person;
use crate::session::problem_response;

fn download(outcome: Result<Vec<u8>, Problem>, kind: &'static str, name: String) -> Response {
    match outcome {
        Ok(body) => (
            [
                (header::CONTENT_TYPE, kind.to_owned()),
                (
                    header::CONTENT_DISPOSITION,
                    format!("attachment; filename=\"{name}\""),
                ),
            ],
            body,
        )
            .into_response(),
        Err(problem) => problem_response(&problem),
    }
}

async fn answer<F>(signed_in: &SignedIn, act: impl FnOnce(Actor) -> F) -> Result<Vec<u8>, Problem>
where
    F: Future<Output = Result<Vec<u8>, ServiceError>>,
{
    let actor = person(signed_in)?;
    act(actor).await.map_err(ServiceError::into_problem)
}

/// `GET /chains/{id}/map.svg`: the drawing, with its colours, shapes and legend in the file.
pub async fn map_svg(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    headers: HeaderMap,
) -> Response {
    let locale = CookieJar::from_headers(&headers)
        .get("wutong_locale")
        .map_or(Locale::ZhCn, |tag| Locale::from_tag(tag.value()));
    let outcome = answer(&signed_in, |actor| async move {
        let map = service.chain_map(&actor, id).await?;
        Ok(app::chain::map_svg(&map, locale).into_bytes())
    })
    .await;
    download(
        outcome,
        "image/svg+xml; charset=utf-8",
        format!("chain-{id}.svg"),
    )
}

/// `GET /chains/{id}/chain.json`
pub async fn file_json(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    let outcome = answer(&signed_in, |actor| async move {
        Ok(service.chain_file(&actor, id).await?.to_json().into_bytes())
    })
    .await;
    download(outcome, "application/json", format!("chain-{id}.json"))
}

/// `GET /chains/{id}/chain.csv`, with the mark by which a spreadsheet knows UTF-8.
pub async fn file_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    let outcome = answer(&signed_in, |actor| async move {
        let text = service.chain_file(&actor, id).await?.to_csv();
        Ok(format!("\u{feff}{text}").into_bytes())
    })
    .await;
    download(
        outcome,
        "text/csv; charset=utf-8",
        format!("chain-{id}.csv"),
    )
}

/// `GET /chains/{id}/chain.xlsx`: two sheets, nodes and edges.
pub async fn file_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
) -> Response {
    let outcome = answer(&signed_in, |actor| async move {
        service.chain_workbook(&actor, id).await
    })
    .await;
    download(
        outcome,
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        format!("chain-{id}.xlsx"),
    )
}
