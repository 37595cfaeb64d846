//! Targets for a gap, or for words: ranked companies, each term in its own column.

mod address;
#[cfg(not(target_family = "wasm"))]
mod export;
mod facet;
mod health;
mod list;
mod row;
mod saved;
mod side;
mod weight;

pub(crate) use address::{address, parameters};
#[cfg(not(target_family = "wasm"))]
pub use export::{asked_for, target_list_table, target_table};
pub use health::SearchHealthPage;
pub use list::{TargetListPage, TargetListsPage};

use domain::{
    problem::Problem,
    target::{
        Contact, ListedCompany, TARGET_PAGE, TargetPage as Targets, TargetQuery, TargetRow,
        TargetTermKind, TargetWeights,
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Json;

use self::{
    address::toggled,
    facet::{Facets, chosen},
    list::KeepOnList,
    row::Row,
    saved::{SaveQuery, SavedQueries},
    side::{Comparison, Places},
    weight::Weights,
};
use crate::{
    component::{GapTag, Icon, PageTitle, Pager, load, path_number},
    error::{AppError, Encoded},
    format,
    words::{Locale, use_words},
};

/// Ranked companies for a node or for words.
///
/// # Errors
/// The use case's problem.
#[server(name = FindTargetsRequest, prefix = "/api", endpoint = "find_targets", input = Json)]
pub async fn find_targets(query: TargetQuery) -> Result<Encoded<Targets>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.targets(&actor, &query).await)
}

/// Sets the weights that the own bureau ranks by; `None` for the defaults.
///
/// # Errors
/// The use case's problem.
#[server(name = SetTargetWeightsRequest, prefix = "/api", endpoint = "set_target_weights", input = Json)]
pub async fn set_target_weights(weights: Option<TargetWeights>) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_target_weights(&actor, weights).await)
}

/// The finder for a node.
#[component]
pub fn TargetPage() -> impl IntoView {
    let node = path_number("node");
    view! { <Find node has_node=true/> }
}

/// The finder for words, for a product that is in no chain yet.
#[component]
pub fn TargetTextPage() -> impl IntoView {
    view! { <Find node=Signal::stored(None) has_node=false/> }
}

#[component]
fn Find(#[prop(into)] node: Signal<Option<i64>>, has_node: bool) -> impl IntoView {
    let parameters = use_query_map();
    let asked = Memo::new(move |_| parameters.with(|query| address::asked(node.get(), query)));
    // Compared companies stay while the list is narrowed and its pages are turned.
    let compared = RwSignal::new(Vec::<TargetRow>::new());
    load(
        move || asked.get(),
        move |query: TargetQuery| async move {
            if has_node && query.node_id.is_none() {
                return Err(AppError(Problem::NotFound));
            }
            if !has_node && query.text.trim().is_empty() {
                return Encoded::new(&None::<Targets>);
            }
            find_targets(query).await.map(Encoded::optional)
        },
        move |targets, again| {
            let query = asked.get_untracked();
            match targets {
                Some(targets) => view! { <Finder targets query compared again/> }.into_any(),
                None => view! { <Ask/> }.into_any(),
            }
        },
    )
}

pub(super) fn term_name(words: Locale, kind: TargetTermKind) -> &'static str {
    match kind {
        TargetTermKind::Fit => words.target_fit(),
        TargetTermKind::Gap => words.target_gap(),
        TargetTermKind::Supply => words.target_supply(),
        TargetTermKind::Reach => words.target_reach(),
        TargetTermKind::Growth => words.target_growth(),
    }
}

/// Before anything is asked.
#[component]
fn Ask() -> impl IntoView {
    let words = use_words();
    view! {
        <PageTitle text=words.targets_title()/>
        <main class="page targets" id="main">
            <div class="page-head"><h1>{words.targets_title()}</h1><p class="sub">{words.targets_by_words()}</p>
                <div class="end"><a class="btn" href="/lists">{words.target_lists()}</a></div></div>
            <QueryForm action="/targets".to_owned() text=String::new() query=TargetQuery::default()/>
            <section class="panel"><div class="empty">
                <Icon name="i-target"/>
                <b>{words.targets_ask()}</b>
                <p>{words.targets_ask_hint()}</p>
                <div class="btns-row"><a class="btn" href="/chains">{words.from_a_chain()}</a></div>
            </div></section>
            <SavedQueries/>
        </main>
    }
}

/// The words of a query, to be edited. What it is narrowed by goes along.
#[component]
fn QueryForm(action: String, text: String, query: TargetQuery) -> impl IntoView {
    let words = use_words();
    let narrowed = TargetQuery {
        text: String::new(),
        page: 0,
        ..query
    };
    // Each parameter as a field of its own, or the browser would drop them.
    let kept = address::pairs(&narrowed);
    view! {
        <form class="ask" method="get" action=action role="search">
            <label class="vh" for="target-words">{words.target_words()}</label>
            <input class="input" id="target-words" name="q" value=text maxlength="800" autocomplete="off"
                placeholder=words.target_words_hint() data-act="search"/>
            {kept.into_iter().map(|(key, value)| view! { <input type="hidden" name=key value=value/> }).collect_view()}
            <button type="submit" class="btn primary">{words.find_them()}</button>
        </form>
    }
}

#[component]
fn Finder(
    targets: Targets,
    query: TargetQuery,
    compared: RwSignal<Vec<TargetRow>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let title = match &targets.node {
        Some(node) => words.targets_for(node.node_name.clone()),
        None => words.targets_for(targets.terms.join("、")),
    };
    let here = query.clone();
    let link = Callback::new(move |page: u64| {
        address(&TargetQuery {
            page,
            ..here.clone()
        })
    });
    let may_write = targets.may_write;
    let is_keeping = RwSignal::new(false);
    let is_saving = RwSignal::new(false);
    let saved = query.clone();
    let saved_name = title.clone();
    let suggested = title.clone();
    let exported = query.clone();
    let export = move |kind: &str| {
        let node = exported
            .node_id
            .map(|node_id| format!("node={node_id}"))
            .unwrap_or_default();
        let rest = parameters(&TargetQuery {
            page: 0,
            ..exported.clone()
        });
        let joined = [node.as_str(), rest.trim_start_matches('?')]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("&");
        format!("/targets/list.{kind}?{joined}")
    };
    let narrowed = chosen(words, &query);
    let bare = address(&TargetQuery {
        node_id: query.node_id,
        text: query.text.clone(),
        ..TargetQuery::default()
    });
    let own_words = toggled(&query, |query| query.text.clear());
    let is_edited = targets.node.is_some() && !query.text.trim().is_empty();
    let node = targets.node.clone();
    let node_id = node.as_ref().map(|node| node.node_id);
    let terms = targets.terms.join("、");
    let neighbours = node
        .as_ref()
        .map(|node| node.neighbours.clone())
        .unwrap_or_default();
    let action = format!(
        "/targets{}",
        node_id.map(|id| format!("/{id}")).unwrap_or_default()
    );
    let likeness = targets
        .total
        .saturating_sub(targets.said.min(targets.total));
    let page_of_all = targets.clone();
    let project = move |name: &str| match &node {
        Some(node) => words.project_title(name.to_owned(), words.gap_class(node.class)),
        None => words.project_of(name.to_owned()),
    };
    let turned_down = toggled(&query, |query| query.contacts = vec![Contact::TurnedDown]);
    view! {
        <PageTitle text=title.clone()/>
        <main class="page targets" id="main">
            <div class="page-head">
                <h1>{words.targets_title()}</h1>
                <p class="sub">{words.targets_sub(
                    format::count(targets.said),
                    format::count(likeness),
                    words.engine(&targets.engine),
                    format::count(targets.directory_size),
                )}</p>
                <div class="end">
                    <details class="drop">
                        <summary class="btn">{words.export()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            <a href=export("xlsx") rel="external" download="">"XLSX"</a>
                            <a href=export("csv") rel="external" download="">"CSV"</a>
                        </div>
                    </details>
                    <button type="button" class="btn" disabled=move || compared.with(Vec::is_empty)
                        on:click=move |_| is_keeping.set(true)>{move || words.keep_count(compared.with(Vec::len))}</button>
                    <button type="button" class="btn" on:click=move |_| is_saving.set(true)>{words.save_query()}</button>
                    <a class="btn" href="/targets">{words.saved_queries()}</a>
                    <Weights weights=targets.weights again/>
                    <a class="btn" href="/lists">{words.target_lists()}</a>
                    {targets.node.as_ref().map(|node| view! {
                        <a class="btn" href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{words.back_to_map()}</a>
                    })}
                </div>
            </div>
            {targets.stood_in.then(|| view! {
                <p class="notice" role="status"><Icon name="i-warn"/>{words.engine_stands_in()}</p>
            })}
            <section class="query" aria-label=words.query()>
                {targets.node.clone().map(|node| view! {
                    <span class="row">
                        <GapTag class=node.class/>
                        <b>{node.node_name}</b>
                        {node.gap_score.map(|score| view! { <span class="muted">{format!("G {score:.1}")}</span> })}
                    </span>
                })}
                <div class="terms" tabindex="0" role="group" aria-label=words.searched_terms()>
                    <span class="muted">{words.searched_terms()}</span>
                    {targets.terms.iter().map(|term| view! { <span class="chip" data-kind="term">{term.clone()}</span> }).collect_view()}
                    {is_edited.then(|| view! { <a href=own_words>{words.own_words()}</a> })}
                    {(!is_edited && !neighbours.is_empty()).then(|| view! { <span class="muted small">{words.neighbour_words(neighbours.join("、"))}</span> })}
                </div>
                <details class="edit" open=targets.node.is_none()>
                    <summary>{words.edit_query()}</summary>
                    <QueryForm action text=terms query=query.clone()/>
                    <p class="muted small">{words.edit_query_hint()}</p>
                </details>
                {targets.is_cut.then(|| view! { <p class="small" role="status">{words.query_cut()}</p> })}
            </section>
            {(!narrowed.is_empty()).then(|| view! {
                <p class="chosen">
                    <span class="muted">{words.filtered_by()}</span>
                    {narrowed.into_iter().map(|(name, href)| view! {
                        <a class="chip" href=href aria-label=words.without(&name)>{name.clone()}" ×"</a>
                    }).collect_view()}
                    <a href=bare.clone()>{words.clear_filter()}</a>
                </p>
            })}
            <div class="cols fold">
                <Facets page=page_of_all.clone() query=query.clone()/>
                <section class="panel res">
                    {if targets.rows.is_empty() {
                        view! {
                            <div class="empty">
                                <Icon name="i-target"/>
                                <b>{words.no_target()}</b>
                                <p>{words.no_target_hint()}</p>
                                <div class="btns-row"><a class="btn" href=bare>{words.clear_filter()}</a></div>
                            </div>
                        }.into_any()
                    } else {
                        let weights = targets.weights;
                        view! {
                            <div class="scroll scroll-x" tabindex="0" role="region" aria-label=title.clone()>
                                <table class="table">
                                    <thead>
                                        <tr>
                                            <th><span class="vh">{words.rank()}</span></th>
                                            <th>{words.enterprise()}<br/><span class="muted">{words.products_and_grounds()}</span></th>
                                            {TargetTermKind::ALL.into_iter().map(|kind| view! {
                                                <th class="num">{term_name(words, kind)}<br/><span class="muted">{format!("×{:.2}", weights.of(kind))}</span></th>
                                            }).collect_view()}
                                            <th class="num">{words.total()}<br/><span class="muted">"/ 100"</span></th>
                                        </tr>
                                    </thead>
                                    <tbody>
                                        {targets.rows.into_iter().map(|row| {
                                            let project = project(&row.name);
                                            view! { <Row row node_id project may_write chosen=compared/> }
                                        }).collect_view()}
                                    </tbody>
                                </table>
                            </div>
                        }.into_any()
                    }}
                    <p class="foot">
                        <span>{words.excluded_local(format::count(targets.excluded_local))}</span>
                        {(targets.excluded_turned_down > 0).then(|| view! {
                            <a href=turned_down>{words.excluded_turned_down(format::count(targets.excluded_turned_down))}</a>
                        })}
                    </p>
                    <Pager page=targets.page page_size=TARGET_PAGE total=targets.total link/>
                </section>
                {move || is_saving.get().then(|| view! {
                    <SaveQuery query=saved.clone() suggested=saved_name.clone() may_share=may_write
                        close=Callback::new(move |()| is_saving.set(false))/>
                })}
                {move || is_keeping.get().then(|| {
                    let companies = Signal::derive(move || compared.with(|rows| {
                        rows.iter().map(|row| ListedCompany { enterprise_id: row.enterprise_id, node_id }).collect()
                    }));
                    let suggested = suggested.chars().take(domain::target::LIST_NAME_LIMIT).collect::<String>();
                    view! { <KeepOnList companies suggested close=Callback::new(move |()| is_keeping.set(false))/> }
                })}
                <aside class="side">
                    <Places facets=page_of_all.facets query total=targets.said/>
                    <Comparison chosen=compared/>
                </aside>
            </div>
        </main>
    }
}
