//! Targets: as files, and for the REST API.

use app::{
    server_side::SignedIn,
    target::{asked_for, target_list_table, target_table},
    words::Locale,
};
use axum::{
    Json,
    extract::{Extension, Path, Query, State, rejection::QueryRejection},
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use domain::{
    enterprise::{DirectoryFilter, SizeBand},
    problem::{FieldProblem, FieldProblemKind, Problem},
    region::{Area, is_known, region},
    target::{TargetPage, TargetQuery},
};
use serde::Serialize;
use service::{Service, ServiceError};

use super::{XLSX, csv_file, download, locale, person, xlsx_file};
use crate::session::problem_response;

type Parameters = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// Targets that a request of the API may ask for.
const LIMIT: u64 = 200;

async fn rows(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    parameters: Parameters,
) -> Result<Vec<Vec<String>>, Problem> {
    let actor = person(signed_in)?;
    let Ok(Query(parameters)) = parameters else {
        return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
    };
    let query = TargetQuery {
        page: 0,
        ..asked_for(&parameters)
    };
    let page = service
        .targets_in_pages(&actor, &query, u64::MAX)
        .await
        .map_err(ServiceError::into_problem)?;
    Ok(target_table(words, &page))
}

/// `GET /targets/list.xlsx`: everything that is ranked, as the page's address narrows it.
pub async fn list_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let words = locale(&headers);
    let outcome = async { xlsx_file(rows(&service, &signed_in, words, parameters).await?).await };
    download(outcome.await, XLSX, "targets.xlsx")
}

/// `GET /targets/list.csv`: the same as CSV.
pub async fn list_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    parameters: Parameters,
) -> Response {
    let words = locale(&headers);
    let outcome = async { csv_file(rows(&service, &signed_in, words, parameters).await?) };
    download(outcome.await, "text/csv; charset=utf-8", "targets.csv")
}

/// What the API was asked for.
#[derive(Default)]
struct Asked {
    chain: Option<i64>,
    node: String,
    query: TargetQuery,
    limit: u64,
}

/// Reads the parameters of [`targets`]. One that is unknown, given twice or no value of its kind is named.
fn read(parameters: &[(String, String)]) -> Result<Asked, Problem> {
    let mut asked = Asked {
        limit: domain::target::TARGET_PAGE,
        ..Asked::default()
    };
    let mut fields = Vec::new();
    for (index, (name, value)) in parameters.iter().enumerate() {
        let mut wrong = |kind| fields.push(FieldProblem::new(name, kind));
        let before = parameters.iter().take(index);
        if before.clone().any(|(earlier, _)| earlier == name) {
            wrong(FieldProblemKind::Taken);
            continue;
        }
        let outcome = match name.as_str() {
            "chain" => value
                .parse()
                .map(|chain| asked.chain = Some(chain))
                .map_err(|_| FieldProblemKind::NotANumber),
            "node" => {
                asked.node = value.trim().to_owned();
                Ok(())
            }
            "query" => {
                asked.query.text.clone_from(value);
                Ok(())
            }
            "limit" => match value.parse::<u64>() {
                Ok(limit @ 1..=LIMIT) => {
                    asked.limit = limit;
                    Ok(())
                }
                Ok(_) => Err(FieldProblemKind::OutOfRange {
                    from: 1.0,
                    until: 200.0,
                }),
                Err(_) => Err(FieldProblemKind::NotANumber),
            },
            "page" => value
                .parse::<u32>()
                .map(|page| asked.query.page = page.into())
                .map_err(|_| FieldProblemKind::NotANumber),
            // Local firms are no targets: there is nothing to choose.
            name if name != "is_local" => narrow(name, value, &mut asked.query.filter)
                .unwrap_or(Err(FieldProblemKind::Unknown)),
            _ => Err(FieldProblemKind::Unknown),
        };
        if let Err(kind) = outcome {
            wrong(kind);
        }
    }
    if asked.node.is_empty() && asked.query.text.trim().is_empty() {
        fields.push(FieldProblem::new("node", FieldProblemKind::Required));
    }
    if fields.is_empty() {
        Ok(asked)
    } else {
        Err(Problem::Invalid { fields })
    }
}

/// Narrows by one parameter; `None` when there is none of that name. Values of one parameter are parted by commas.
///
/// `filter` holds several: `filter=region:长三角,大湾区;size:large;tag:瞪羚`.
pub(super) fn narrow(
    name: &str,
    value: &str,
    filter: &mut DirectoryFilter,
) -> Option<Result<(), FieldProblemKind>> {
    let words = |into: &mut Vec<String>| {
        for word in value.split([',', '，']).map(str::trim) {
            if word.is_empty() {
                return Err(FieldProblemKind::NotAChoice);
            }
            into.push(word.replace('\0', ""));
        }
        Ok(())
    };
    let flag = || match value.trim() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(FieldProblemKind::NotAChoice),
    };
    Some(match name {
        "region" => places(value, filter),
        "industry" => words(&mut filter.industries),
        "sw_industry" => words(&mut filter.sw_industries),
        "tag" => words(&mut filter.tags),
        "size" => value.split([',', '，']).map(str::trim).try_for_each(|key| {
            let band = SizeBand::from_key(key).ok_or(FieldProblemKind::NotAChoice)?;
            filter.sizes.push(band);
            Ok(())
        }),
        "listed" => flag().map(|flag| filter.is_listed = flag),
        "is_local" => flag().map(|flag| filter.is_local = flag),
        "filter" => value
            .split([';', '；'])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .try_for_each(|part| {
                let (name, value) = part
                    .split_once([':', '：'])
                    .ok_or(FieldProblemKind::NotAChoice)?;
                match name.trim() {
                    "filter" => Err(FieldProblemKind::Unknown),
                    name => narrow(name, value, filter).unwrap_or(Err(FieldProblemKind::Unknown)),
                }
            }),
        _ => return None,
    })
}

/// Clusters (长三角), provinces (江苏) and cities (江苏/苏州), parted by commas.
fn places(value: &str, filter: &mut DirectoryFilter) -> Result<(), FieldProblemKind> {
    for name in value.split([',', '，']).map(str::trim) {
        if name.is_empty() {
            return Err(FieldProblemKind::NotAChoice);
        }
        if region(name).is_some() {
            filter.regions.push(name.to_owned());
        } else {
            let (province, city) = name.split_once('/').unwrap_or((name, ""));
            let area = Area::of(Some(province), Some(city));
            if !is_known(&area) {
                return Err(FieldProblemKind::NotAChoice);
            }
            filter.areas.push(area);
        }
    }
    Ok(())
}

/// A page of targets, and whether there is more.
#[derive(Serialize)]
struct TargetAnswer {
    #[serde(flatten)]
    page: TargetPage,
    has_more: bool,
}

/// `GET /api/v1/targets?chain=&node=&query=&filter=&region=&industry=&sw_industry=&tag=&size=&listed=&limit=&page=`: ranked companies with each term of their score. `node` is
/// the id of a node, or its code, within `chain` when that is said; `query` are words instead, for a node that is in no chain.
pub async fn targets(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    parameters: Parameters,
) -> Response {
    let outcome = async {
        let actor = person(&signed_in)?;
        let Ok(Query(parameters)) = parameters else {
            return Err(Problem::invalid("query", FieldProblemKind::NotAChoice));
        };
        let mut asked = read(&parameters)?;
        if !asked.node.is_empty() {
            // Within a chain a code may be of digits, too; by itself such a word is an id.
            let number = asked.node.parse::<i64>().ok();
            let by_code = match (number, asked.chain) {
                (Some(_), None) => None,
                _ => match service.node_of_code(&actor, asked.chain, &asked.node).await {
                    Ok(id) => Some(id),
                    Err(ServiceError::Problem(Problem::NotFound)) => None,
                    Err(error) => return Err(error.into_problem()),
                },
            };
            asked.query.node_id = Some(by_code.or(number).ok_or(Problem::NotFound)?);
        }
        let page = service
            .targets_in_pages(&actor, &asked.query, asked.limit)
            .await
            .map_err(ServiceError::into_problem)?;
        if let (Some(chain), Some(node)) = (asked.chain, &page.node)
            && node.chain_id != chain
        {
            return Err(Problem::NotFound);
        }
        let has_more = (page.page + 1).saturating_mul(asked.limit) < page.total;
        Ok(TargetAnswer { page, has_more })
    };
    match outcome.await {
        Ok(answer) => Json(answer).into_response(),
        Err(problem) => problem_response(&problem),
    }
}

async fn list_rows(
    service: &Service,
    signed_in: &SignedIn,
    words: Locale,
    id: i64,
) -> Result<Vec<Vec<String>>, Problem> {
    let actor = person(signed_in)?;
    let detail = service
        .target_list(&actor, id)
        .await
        .map_err(ServiceError::into_problem)?;
    Ok(target_list_table(words, &detail))
}

/// `GET /lists/{id}/list.xlsx`: a target list.
pub async fn target_list_xlsx(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Response {
    let words = locale(&headers);
    let outcome = async { xlsx_file(list_rows(&service, &signed_in, words, id).await?).await };
    download(outcome.await, XLSX, "target-list.xlsx")
}

/// `GET /lists/{id}/list.csv`: the same as CSV.
pub async fn target_list_csv(
    State(service): State<Service>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
    Path(id): Path<i64>,
) -> Response {
    let words = locale(&headers);
    let outcome = async { csv_file(list_rows(&service, &signed_in, words, id).await?) };
    download(outcome.await, "text/csv; charset=utf-8", "target-list.csv")
}
