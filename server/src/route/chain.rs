//! A chain as a drawing and as files.

use app::server_side::SignedIn;
use axum::{
    extract::{Extension, Multipart, Path, State},
    http::HeaderMap,
    response::Response,
};
use domain::{
    account::Actor,
    problem::{FieldProblemKind, Problem},
};
use service::{Service, ServiceError};

use super::{XLSX, download, enterprise::read_file, locale, person, settled, uploaded};

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
    let locale = locale(&headers);
    let outcome = answer(&signed_in, |actor| async move {
        let map = service.chain_map(&actor, id).await?;
        Ok(app::chain::map_svg(&map, locale).into_bytes())
    })
    .await;
    download(
        outcome,
        "image/svg+xml; charset=utf-8",
        &format!("chain-{id}.svg"),
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
    download(outcome, "application/json", &format!("chain-{id}.json"))
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
        &format!("chain-{id}.csv"),
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
    download(outcome, XLSX, &format!("chain-{id}.xlsx"))
}

/// `POST /chains`: a chain from a file; it replaces the chain of the same code.
pub async fn upload(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let outcome = uploaded(&signed_in, &mut form, async |actor, name, bytes| {
        service.import_chain(&actor, &name, &bytes).await
    })
    .await
    .map(|imported| format!("/chains/{}", imported.chain_id));
    settled(outcome, "/chains/new", &headers)
}

/// `POST /chains/{id}/draft`: a file in the place of the draft, with the mark of the draft that was seen.
pub async fn upload_draft(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    Path(id): Path<i64>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let page = format!("/chains/{id}/edit");
    let outcome = async {
        let actor = person(&signed_in)?;
        let mut seen = None;
        // The mark stands before the file in the form.
        if let Ok(Some(field)) = form.next_field().await
            && field.name() == Some("mark")
        {
            seen = field.text().await.ok();
        }
        let seen = seen.ok_or_else(|| Problem::invalid("version", FieldProblemKind::Required))?;
        let (name, bytes) = read_file(&mut form).await?;
        service
            .upload_draft(&actor, id, &seen, &name, bytes)
            .await
            .map_err(ServiceError::into_problem)
    }
    .await
    .map(|()| page.clone());
    settled(outcome, &page, &headers)
}

/// `POST /reference`: a list of product relations or industry inputs.
pub async fn upload_reference(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    mut form: Multipart,
) -> Response {
    let outcome = uploaded(&signed_in, &mut form, async |actor, name, bytes| {
        service.load_reference(&actor, &name, bytes).await
    })
    .await
    .map(|_| "/reference".to_owned());
    settled(outcome, "/reference", &headers)
}
