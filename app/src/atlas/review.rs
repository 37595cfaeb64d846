//! The review queue: confirm, reject, take back, add.

use domain::{
    chain::{
        MatchVerdict, NewDecision, REVIEW_PAGE, ReviewFilter, ReviewItem, ReviewPage as Review,
        ReviewQuery,
    },
    enterprise::EnterpriseQuery,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{decide_matches, review};
use crate::{
    component::{Icon, Marked, PageTitle, Pager, load, path_number, submit, use_toasts},
    enterprise::list_enterprises,
    error::{AppError, read_json},
    format,
    words::{problem_sentence, use_words},
};

/// The queue of one chain.
#[component]
pub fn ReviewPage() -> impl IntoView {
    let id = path_number("id");
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| ReviewQuery {
            chain_id: id.get().unwrap_or(0),
            node_id: query.get("node").and_then(|node| node.parse().ok()),
            filter: query
                .get("filter")
                .and_then(|key| ReviewFilter::from_key(&key))
                .unwrap_or_default(),
            local_only: query.get("local").is_some(),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        review,
        move |page, again| {
            let query = asked.get_untracked();
            view! { <Queue page query again/> }.into_any()
        },
    )
}

/// The address of the queue under a query.
fn address(query: &ReviewQuery) -> String {
    let mut parts = vec![format!("filter={}", query.filter.key())];
    parts.extend(query.node_id.map(|node| format!("node={node}")));
    if query.local_only {
        parts.push("local=1".to_owned());
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    format!("/chains/{}/review?{}", query.chain_id, parts.join("&"))
}

#[component]
fn Queue(page: Review, query: ReviewQuery, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let decide = Callback::new(move |decisions: Vec<NewDecision>| {
        let count = decisions.len();
        submit(
            pending,
            decide_matches(decisions),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.done(words.decided(count));
                    again.run(());
                }
                Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
            },
        );
    });
    let may = page.may_review;
    let all: Vec<NewDecision> = page
        .items
        .iter()
        .filter(|item| item.verdict.is_none())
        .map(|item| decision(item, MatchVerdict::Confirmed))
        .collect();
    let tabs = ReviewFilter::ALL
        .into_iter()
        .zip(page.counts.clone())
        .map(|(filter, count)| {
            let href = address(&ReviewQuery {
                filter,
                page: 0,
                ..query.clone()
            });
            let word = match filter {
                ReviewFilter::Waiting => words.review_waiting(),
                ReviewFilter::Automatic => words.review_automatic(),
                ReviewFilter::Decided => words.review_decided(),
            };
            view! {
                <a class="chip" href=href aria-current=(filter == query.filter).then_some("true")>
                    {word}" "<b>{format::count(count)}</b>
                </a>
            }
        })
        .collect_view();
    let base = query.clone();
    let link = Callback::new(move |page: u64| {
        address(&ReviewQuery {
            page,
            ..base.clone()
        })
    });
    let is_empty = page.items.is_empty();
    let rows = page
        .items
        .into_iter()
        .map(|item| view! { <Row item may decide pending/> })
        .collect_view();
    let local = address(&ReviewQuery {
        local_only: !query.local_only,
        page: 0,
        ..query.clone()
    });
    let chain_id = page.chain_id;
    let node_query = query.clone();
    let nodes = page.nodes.clone();
    let navigate = leptos_router::hooks::use_navigate();
    view! {
        <PageTitle text=words.review_title(page.chain_name.clone())/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.review_title(page.chain_name)}</h1>
                <p class="sub">{words.review_sub(format!("{:.2}", page.threshold))}</p>
                <div class="end"><a class="btn" href=format!("/chains/{chain_id}")>{words.back_to_map()}</a></div>
            </div>
            <div class="toolbar">
                {tabs}
                <a class="chip" href=local aria-current=query.local_only.then_some("true")>{words.local_only()}</a>
                <label class="end"><span class="vh">{words.node()}</span>
                    <select class="input" on:change=move |event| {
                        let node_id = event_target_value(&event).parse().ok();
                        let to = address(&ReviewQuery { node_id, page: 0, ..node_query.clone() });
                        navigate(&to, leptos_router::NavigateOptions::default());
                    }>
                        <option value="" selected=query.node_id.is_none()>{words.every_node()}</option>
                        {page.nodes.into_iter().map(|(id, name)| view! {
                            <option value=id.to_string() selected=query.node_id == Some(id)>{name}</option>
                        }).collect_view()}
                    </select>
                </label>
            </div>
            <section class="panel">
                {if is_empty {
                    view! { <div class="empty"><Icon name="i-check"/><b>{words.nothing_to_review()}</b></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.review_queue()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.enterprise()}</th><th>{words.node()}</th><th>{words.match_evidence()}</th>
                                    <th>{words.match_kind_title()}</th><th class="num">{words.confidence()}</th><th>{words.state()}</th><th></th>
                                </tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
                <Pager page=query.page page_size=REVIEW_PAGE total=page.total link/>
            </section>
            {(may && !all.is_empty() && query.filter == ReviewFilter::Waiting).then(|| {
                let count = all.len();
                view! {
                    <p><button type="button" class="btn" disabled=move || pending.get()
                        on:click=move |_| decide.run(all.clone())>{words.confirm_all(count)}</button></p>
                }
            })}
            {may.then(|| view! { <AddMatch nodes decide pending/> })}
        </main>
    }
}

fn decision(item: &ReviewItem, verdict: MatchVerdict) -> NewDecision {
    NewDecision {
        node_id: item.node_id,
        enterprise_id: item.enterprise_id,
        product: item.product.clone(),
        verdict,
        note: None,
    }
}

#[component]
fn Row(
    item: ReviewItem,
    may: bool,
    decide: Callback<Vec<NewDecision>>,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let state = match item.verdict {
        Some(verdict) => words.match_verdict(verdict),
        None if item.counted => words.counted_automatically(),
        None => words.to_review(),
    };
    let button = |verdict: MatchVerdict, word: &'static str| {
        let one = decision(&item, verdict);
        view! {
            <button type="button" class="btn small" disabled=move || pending.get()
                on:click=move |_| decide.run(vec![one.clone()])>{word}</button>
        }
    };
    let buttons = may.then(|| match item.verdict {
        Some(_) => button(MatchVerdict::Withdrawn, words.take_back()).into_any(),
        None => view! {
            {button(MatchVerdict::Confirmed, words.confirm_match())}
            {button(MatchVerdict::Rejected, words.reject_match())}
        }
        .into_any(),
    });
    view! {
        <tr>
            <td>
                <a href=format!("/enterprises/{}", item.enterprise_id)>{item.enterprise_name}</a>
                {item.is_local.then(|| view! { " "<span class="tag">{words.local()}</span> })}
                <br/><span class="muted small">{format::place(None, item.city.as_deref())}</span>
            </td>
            <td>{item.node_name}</td>
            <td><Marked text=item.product term=item.term/></td>
            <td>{words.match_kind(item.kind)}</td>
            <td class="num">{format!("{:.2}", item.confidence)}</td>
            <td>{state}{item.by.map(|by| view! { <br/><span class="muted small">{by}</span> })}</td>
            <td class="nowrap"><span class="btns">{buttons}</span></td>
        </tr>
    }
}

/// What the matcher did not see and a person knows.
#[component]
fn AddMatch(
    nodes: Vec<(i64, String)>,
    decide: Callback<Vec<NewDecision>>,
    pending: RwSignal<bool>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let first = nodes.first().map(|(id, _)| *id).unwrap_or_default();
    let node = RwSignal::new(first);
    let text = RwSignal::new(String::new());
    let product = RwSignal::new(String::new());
    let found = RwSignal::new(Vec::<(i64, String)>::new());
    let chosen = RwSignal::new(None::<(i64, String)>);
    let searching = RwSignal::new(false);
    let search = move || {
        let query = EnterpriseQuery {
            text: text.get_untracked(),
            province: String::new(),
            local_only: false,
            page: 0,
        };
        submit(
            searching,
            list_enterprises(query),
            move |outcome| match outcome
                .and_then(|page| read_json::<domain::enterprise::EnterprisePage>(&page.json))
            {
                Ok(page) => found.set(
                    page.rows
                        .into_iter()
                        .take(6)
                        .map(|row| (row.id, row.name))
                        .collect(),
                ),
                Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
            },
        );
    };
    let add = move || {
        if let Some((enterprise_id, _)) = chosen.get_untracked() {
            decide.run(vec![NewDecision {
                node_id: node.get_untracked(),
                enterprise_id,
                product: product.get_untracked(),
                verdict: MatchVerdict::Added,
                note: None,
            }]);
        }
    };
    view! {
        <section class="panel">
            <header><h2>{words.add_match()}</h2><span class="sub">{words.add_match_sub()}</span></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                <label class="field wide"><span>{words.enterprise()}</span>
                    <input class="input" prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))
                        on:keydown=move |event| if event.key() == "Enter" { event.prevent_default(); search(); }/>
                </label>
                <button type="button" class="btn" disabled=move || searching.get() on:click=move |_| search()>{words.search()}</button>
                <span class="btns">
                    {move || found.get().into_iter().map(|(id, name)| {
                        let own = (id, name.clone());
                        view! {
                            <button type="button" class="chip" aria-pressed=move || (chosen.get().map(|(chosen, _)| chosen) == Some(id)).to_string()
                                on:click=move |_| chosen.set(Some(own.clone()))>{name}</button>
                        }
                    }).collect_view()}
                </span>
                <label class="field"><span>{words.node()}</span>
                    <select class="input" on:change=move |event| node.set(event_target_value(&event).parse().unwrap_or(first))>
                        {nodes.into_iter().map(|(id, name)| view! { <option value=id.to_string()>{name}</option> }).collect_view()}
                    </select>
                </label>
                <label class="field wide"><span>{words.what_it_makes()}</span>
                    <input class="input" prop:value=move || product.get() on:input=move |event| product.set(event_target_value(&event))/>
                </label>
                <button type="submit" class="btn primary"
                    disabled=move || pending.get() || chosen.get().is_none() || product.with(|text| text.trim().is_empty())>{words.add_match()}</button>
            </form>
        </section>
    }
}
