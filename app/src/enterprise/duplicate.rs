//! 疑似重复: pairs that may be one company, and the word on each.

use domain::{
    enterprise::{
        DUPLICATE_PAGE, DuplicateDecision, DuplicatePage as Page, DuplicateQuery, DuplicateRow,
        DuplicateSide, DuplicateState,
    },
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{decide_duplicate, duplicates};
use crate::{
    component::{
        Bar, FormDialog, Icon, PageTitle, Pager, Refusal, TextField, field_error, load,
        query_value, submit, use_toasts,
    },
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The pairs, as the address filters them.
#[component]
pub fn DuplicatesPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| DuplicateQuery {
            state: query
                .get("state")
                .and_then(|key| DuplicateState::from_key(&key))
                .unwrap_or_default(),
            text: query.get("text").unwrap_or_default(),
            likely: query.get("likely").is_some(),
            enterprise_id: query.get("enterprise").and_then(|id| id.parse().ok()),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        duplicates,
        move |page, again| {
            let asked = asked.get_untracked();
            view! { <List page asked again/> }.into_any()
        },
    )
}

fn address(query: &DuplicateQuery) -> String {
    let mut parts = Vec::new();
    if query.state != DuplicateState::default() {
        parts.push(format!("state={}", query.state.key()));
    }
    if !query.text.is_empty() {
        parts.push(format!("text={}", query_value(&query.text)));
    }
    if query.likely {
        parts.push("likely=1".to_owned());
    }
    if let Some(id) = query.enterprise_id {
        parts.push(format!("enterprise={id}"));
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    if parts.is_empty() {
        "/enterprises/duplicates".to_owned()
    } else {
        format!("/enterprises/duplicates?{}", parts.join("&"))
    }
}

#[component]
fn List(page: Page, asked: DuplicateQuery, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let first = DuplicateQuery {
        page: 0,
        ..asked.clone()
    };
    let count = |state: DuplicateState| {
        page.counts
            .iter()
            .find(|(known, _)| *known == state)
            .map_or(0, |(_, count)| *count)
    };
    let sub = match page.scanned_at {
        Some(at) => words.duplicates_sub(
            format::count(count(DuplicateState::Open)),
            format::moment(at),
        ),
        None => words.duplicates_never().to_owned(),
    };
    let states = DuplicateState::ALL
        .into_iter()
        .map(|state| {
            let href = address(&DuplicateQuery {
                state,
                ..first.clone()
            });
            let is_on = state == asked.state;
            view! {
                <a class="chip" href=href aria-current=is_on.then_some("true") data-pressed=is_on.to_string()>
                    {format!("{} {}", words.duplicate_state_of(state), format::count(count(state)))}
                </a>
            }
        })
        .collect_view();
    let likely = address(&DuplicateQuery {
        likely: !asked.likely,
        ..first.clone()
    });
    let text = RwSignal::new(asked.text.clone());
    let find = {
        let first = first.clone();
        move || {
            let query = DuplicateQuery {
                text: text.get_untracked(),
                ..first.clone()
            };
            navigate(&address(&query), NavigateOptions::default());
        }
    };
    let link = {
        let first = first.clone();
        Callback::new(move |page: u64| {
            address(&DuplicateQuery {
                page,
                ..first.clone()
            })
        })
    };
    let is_filtered = DuplicateQuery {
        state: DuplicateState::Open,
        ..first.clone()
    } != DuplicateQuery::default();
    let state = asked.state;
    let deciding = RwSignal::new(None::<DuplicateRow>);
    let total = page.total;
    let has_state = asked.state != DuplicateState::default();
    let kept_state = asked.state.key();
    view! {
        <PageTitle text=words.duplicates_title()/>
        <main class="page enterprise-list" id="main">
            <div class="page-head">
                <h1>{words.duplicates_title()}</h1>
                <p class="sub">{sub}</p>
            </div>
            <div class="toolbar">
                {states}
                <a class="chip" href=likely aria-current=asked.likely.then_some("true")
                    data-pressed=asked.likely.to_string()>{words.duplicate_likely()}</a>
                <form action="/enterprises/duplicates" method="get" role="search" class="row"
                    on:submit=move |event| { event.prevent_default(); find(); }>
                    {has_state.then(|| view! { <input type="hidden" name="state" value=kept_state/> })}
                    <label class="search compact">
                        <Icon name="i-search"/>
                        <span class="vh">{words.search_duplicates()}</span>
                        <input type="search" name="text" placeholder=words.search_duplicates()
                            value=asked.text.clone() on:input=move |event| text.set(event_target_value(&event))/>
                    </label>
                </form>
                {is_filtered.then(|| view! { <a class="btn quiet small" href="/enterprises/duplicates">{words.clear_filter()}</a> })}
            </div>
            <section class="panel">
                {if page.rows.is_empty() {
                    view! {
                        <div class="empty">
                            <Icon name="i-firm"/>
                            <b>{if is_filtered { words.no_duplicate_filtered() } else { words.no_duplicate() }}</b>
                            <p>{words.no_duplicate_hint()}</p>
                            <div class="btns-row">
                                {is_filtered.then(|| view! { <a class="btn" href="/enterprises/duplicates">{words.clear_filter()}</a> })}
                                <a class="btn" href="/enterprises">{words.to_enterprises()}</a>
                            </div>
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.duplicates_title()>
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th class="num">{words.duplicate_score()}</th>
                                        <th>{words.duplicate_pair()}</th>
                                        <th>{words.duplicate_reasons()}</th>
                                        <th>{words.act()}</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {page.rows.into_iter().map(|row| view! { <Pair row state deciding again/> }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=DUPLICATE_PAGE total link/>
                    }.into_any()
                }}
            </section>
            {move || deciding.get().map(|row| view! {
                <DistinctForm row close=Callback::new(move |()| deciding.set(None)) done=again/>
            })}
        </main>
    }
}

#[component]
fn Firm(side: DuplicateSide) -> impl IntoView {
    let words = use_words();
    let codes: Vec<String> = [side.credit_code, side.stock_code]
        .into_iter()
        .flatten()
        .collect();
    let place = format::place(side.province.as_deref(), side.city.as_deref());
    view! {
        <p>
            <a href=format!("/enterprises/{}", side.id)><b>{side.name}</b></a><br/>
            <span class="muted small">
                {(!codes.is_empty()).then(|| format!("{}　", codes.join("　")))}{place}"　"{words.duplicate_leads(format::count(side.leads))}
            </span>
        </p>
    }
}

#[component]
fn Pair(
    row: DuplicateRow,
    state: DuplicateState,
    deciding: RwSignal<Option<DuplicateRow>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let id = row.id;
    let reasons = row
        .reasons
        .iter()
        .map(|reason| words.match_reason(*reason))
        .collect::<Vec<_>>()
        .join("、");
    let decided = row
        .decided_by
        .clone()
        .zip(row.decided_at)
        .map(|(name, at)| words.decided_by_on(name, format::day(at)));
    let (left, right) = (row.left.clone(), row.right.clone());
    let (left_name, right_name) = (left.name.clone(), right.name.clone());
    let reopen = move |_| {
        let decision = DuplicateDecision {
            id,
            is_distinct: false,
            reason: String::new(),
        };
        submit(
            pending,
            decide_duplicate(decision),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.done(words.reopened_duplicate());
                    again.run(());
                }
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let may_merge = row.may_merge;
    let merge = format!("/enterprises/merge?left={}&right={}", left.id, right.id);
    let acts = match state {
        DuplicateState::Open => {
            let asked = row.clone();
            view! {
                {if may_merge {
                    view! { <a class="btn small primary" href=merge aria-label=words.merge_pair(&left_name, &right_name)>{words.merge_action()}</a> }.into_any()
                } else {
                    view! { <a class="btn small" href=merge title=words.merge_other_bureau() aria-label=words.merge_pair(&left_name, &right_name)>{words.merge_action()}</a> }.into_any()
                }}
                " "
                <button type="button" class="btn small" aria-label=words.distinct_pair(&left_name, &right_name)
                    on:click=move |_| deciding.set(Some(asked.clone()))>{words.duplicate_distinct()}</button>
            }
            .into_any()
        }
        DuplicateState::Distinct => view! {
            <button type="button" class="btn small" disabled=move || pending.get() on:click=reopen>{words.reopen_duplicate()}</button>
        }
        .into_any(),
        DuplicateState::Merged => ().into_any(),
    };
    view! {
        <tr>
            <td class="num nowrap">{format!("{:.0} %", row.score * 100.0)}<Bar value=Some(row.score)/></td>
            <td><Firm side=left/><Firm side=right/></td>
            <td>
                {reasons}
                {row.reason.map(|reason| view! { <p class="small">{reason}</p> })}
                {decided.map(|by| view! { <p class="muted small">{by}</p> })}
            </td>
            <td class="nowrap">{acts}</td>
        </tr>
    }
}

/// Two companies, with the reason.
#[component]
fn DistinctForm(row: DuplicateRow, close: Callback<()>, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let reason = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let id = row.id;
    let send = Callback::new(move |()| {
        let decision = DuplicateDecision {
            id,
            is_distinct: true,
            reason: reason.get_untracked(),
        };
        submit(
            pending,
            decide_duplicate(decision),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.done(words.distinct_saved());
                    close.run(());
                    done.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "reason"));
    view! {
        <FormDialog title=words.duplicate_distinct() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <p><b>{row.left.name}</b><br/><b>{row.right.name}</b></p>
            <TextField id="distinct-reason" label=words.reason() value=reason error/>
            <p class="muted small">{words.distinct_hint()}</p>
        </FormDialog>
    }
}
