//! Leads as a list: filtered, ordered, paged, and taken away as a file.

use domain::lead::{
    LAPSING_DAYS, LEAD_PAGE, LeadOrder, LeadPage as Page, LeadQuery, SILENT_DAYS, SideState, Stage,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::lead_page;
use crate::{
    component::{GapMark, Icon, PageTitle, Pager, StageTag, load, query_value},
    format,
    words::use_words,
};

/// The list, as its address filters it.
#[component]
pub fn LeadListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| {
            let number = |key: &str| query.get(key).and_then(|text| text.parse().ok());
            let flag = |key: &str| query.get(key).is_some_and(|text| text == "true");
            LeadQuery {
                bureau_id: number("bureau_id"),
                stage: query.get("stage").and_then(|key| Stage::from_key(&key)),
                side_state: query
                    .get("side_state")
                    .and_then(|key| SideState::from_key(&key)),
                owner_id: number("owner_id"),
                text: query.get("text").unwrap_or_default(),
                silent: flag("silent"),
                late: flag("late"),
                lapsing: flag("lapsing"),
                order: query
                    .get("order")
                    .and_then(|key| LeadOrder::from_key(&key))
                    .unwrap_or_default(),
                page: query
                    .get("page")
                    .and_then(|page| page.parse().ok())
                    .unwrap_or(0),
            }
        })
    });
    load(
        move || asked.get(),
        lead_page,
        move |page, _| {
            let asked = asked.get_untracked();
            view! { <List page asked/> }.into_any()
        },
    )
}

/// The query as it stands in an address; the same for the page and its files.
pub(crate) fn parameters(query: &LeadQuery) -> String {
    let mut parts = Vec::new();
    if let Some(bureau) = query.bureau_id {
        parts.push(format!("bureau_id={bureau}"));
    }
    if let Some(stage) = query.stage {
        parts.push(format!("stage={}", stage.key()));
    }
    if let Some(state) = query.side_state {
        parts.push(format!("side_state={}", state.key()));
    }
    if let Some(owner) = query.owner_id {
        parts.push(format!("owner_id={owner}"));
    }
    if !query.text.is_empty() {
        parts.push(format!("text={}", query_value(&query.text)));
    }
    for (is_on, part) in [
        (query.silent, "silent=true"),
        (query.late, "late=true"),
        (query.lapsing, "lapsing=true"),
    ] {
        if is_on {
            parts.push(part.to_owned());
        }
    }
    if query.order != LeadOrder::default() {
        parts.push(format!("order={}", query.order.key()));
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

#[component]
fn List(page: Page, asked: LeadQuery) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let first = LeadQuery {
        page: 0,
        ..asked.clone()
    };
    let files = parameters(&first);
    let go = {
        let first = first.clone();
        Callback::new(move |change: Callback<LeadQuery, LeadQuery>| {
            let query = change.run(first.clone());
            navigate(
                &format!("/leads/list{}", parameters(&query)),
                NavigateOptions::default(),
            );
        })
    };
    let change = move |make: fn(&mut LeadQuery, String)| {
        move |event| {
            let value = event_target_value(&event);
            go.run(Callback::new(move |mut query: LeadQuery| {
                make(&mut query, value.clone());
                query
            }));
        }
    };
    let text = RwSignal::new(asked.text.clone());
    let find = move || {
        let value = text.get_untracked();
        go.run(Callback::new(move |mut query: LeadQuery| {
            query.text.clone_from(&value);
            query
        }));
    };
    let chip = move |text: String, is_on: bool, toggle: fn(&mut LeadQuery)| {
        view! {
            <button type="button" class="chip" aria-pressed=is_on.to_string()
                on:click=move |_| go.run(Callback::new(move |mut query: LeadQuery| {
                    toggle(&mut query);
                    query
                }))>{text}</button>
        }
    };
    let link = {
        let first = first.clone();
        Callback::new(move |page: u64| {
            format!(
                "/leads/list{}",
                parameters(&LeadQuery {
                    page,
                    ..first.clone()
                })
            )
        })
    };
    let is_filtered = LeadQuery {
        order: LeadOrder::default(),
        ..first.clone()
    } != LeadQuery::default();
    let bureaus = (page.bureaus.len() > 1).then(|| {
        view! {
            <select class="input" aria-label=words.bureau() on:change=change(|query, value| query.bureau_id = value.parse().ok())>
                    <option value="">{words.every_bureau()}</option>
                    {page.bureaus.iter().map(|bureau| view! {
                        <option value=bureau.id.to_string() selected=asked.bureau_id == Some(bureau.id)>{bureau.name.clone()}</option>
                    }).collect_view()}
                </select>
        }
    });
    let names: std::collections::HashMap<i64, String> = page
        .bureaus
        .iter()
        .map(|bureau| (bureau.id, bureau.name.clone()))
        .collect();
    let rows = page
        .leads
        .into_iter()
        .map(|card| {
            let late = format::late(words, &card);
            let silent = (card.silent_days >= SILENT_DAYS).then_some(card.silent_days);
            view! {
                <tr>
                    <td><a href=format!("/leads/{}", card.id)><b>{card.enterprise_name.clone()}</b></a><br/><span class="muted small">{card.title.clone()}</span></td>
                    <td class="nowrap"><StageTag stage=card.stage/>{card.side_state.map(|state| view! { " "<span class="badge" data-kind="warn">{words.side_state(state)}</span> })}</td>
                    <td class="nowrap">{card.node.clone().map(|node| view! {
                        {node.class.map(|class| view! { <GapMark class/> })}" "
                        <a href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{node.name}</a>
                    })}</td>
                    <td class="nowrap">{names.get(&card.bureau_id).cloned()}</td>
                    <td class="nowrap">{card.owner_name.clone()}</td>
                    <td class="num">{format::investment(card.investment_wan)}</td>
                    <td class="num nowrap">{format::stage_days(&card)}{late.map(|text| view! { " "<span class="badge" data-kind="danger">{text}</span> })}</td>
                    <td class="num nowrap">{card.silent_days}{silent.map(|_| view! { " "<span class="badge" data-kind="warn">{words.silent_word()}</span> })}</td>
                </tr>
            }
        })
        .collect_view();
    let total = page.total;
    view! {
        <PageTitle text=words.lead_list()/>
        <main class="page lead-list" id="main">
            <div class="page-head">
                <h1>{words.lead_list()}</h1>
                <p class="sub">{words.lead_list_sub(format::count(total), format::yi(page.investment_wan))}</p>
                <div class="end">
                    <a class="btn" href="/leads">{words.nav_board()}</a>
                    <details class="drop">
                        <summary class="btn">{words.export()}<Icon name="i-down"/></summary>
                        <div class="menu">
                            <a href=format!("/leads/list.xlsx{files}") rel="external" download="">"XLSX"</a>
                            <a href=format!("/leads/list.csv{files}") rel="external" download="">"CSV"</a>
                        </div>
                    </details>
                </div>
            </div>
            <form class="toolbar reference-search" role="search" on:submit=move |event| { event.prevent_default(); find(); }>
                <label class="search">
                    <Icon name="i-search"/>
                    <span class="vh">{words.find_lead()}</span>
                    <input type="search" placeholder=words.find_lead() prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))/>
                </label>
                {bureaus}
                <select class="input" aria-label=words.stage_word() on:change=change(|query, value| query.stage = Stage::from_key(&value))>
                        <option value="">{words.every_stage()}</option>
                        {Stage::ALL.into_iter().map(|stage| view! {
                            <option value=stage.key() selected=asked.stage == Some(stage)>{words.stage(stage)}</option>
                        }).collect_view()}
                    </select>
                <select class="input" aria-label=words.side_state_word() on:change=change(|query, value| query.side_state = SideState::from_key(&value))>
                        <option value="">{words.in_progress()}</option>
                        {SideState::ALL.into_iter().map(|state| view! {
                            <option value=state.key() selected=asked.side_state == Some(state)>{words.side_state(state)}</option>
                        }).collect_view()}
                    </select>
                <select class="input" aria-label=words.order_word() on:change=change(|query, value| query.order = LeadOrder::from_key(&value).unwrap_or_default())>
                        {LeadOrder::ALL.into_iter().map(|order| view! {
                            <option value=order.key() selected=asked.order == order>{words.lead_order(order)}</option>
                        }).collect_view()}
                    </select>
                {chip(words.only_late().to_owned(), asked.late, |query| query.late = !query.late)}
                {chip(words.only_silent(SILENT_DAYS), asked.silent, |query| query.silent = !query.silent)}
                {chip(words.only_lapsing(LAPSING_DAYS), asked.lapsing, |query| query.lapsing = !query.lapsing)}
            </form>
            <section class="panel">
                {if total == 0 {
                    view! {
                        <div class="empty"><Icon name="i-board"/><b>{words.no_lead_matches()}</b>
                            {is_filtered.then(|| view! { <p><a href="/leads/list">{words.clear_filter()}</a></p> })}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.lead_list()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.enterprise()}</th><th>{words.stage_word()}</th><th>{words.node()}</th>
                                    <th>{words.bureau()}</th><th>{words.owner()}</th>
                                    <th class="num">{words.planned_investment()}<span class="unit">{words.unit_yi()}</span></th>
                                    <th class="num">{words.days_in_stage()}<span class="unit">{words.unit_days()}</span></th>
                                    <th class="num">{words.silent_word()}<span class="unit">{words.unit_days()}</span></th>
                                </tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=LEAD_PAGE total link/>
                    }.into_any()
                }}
            </section>
        </main>
    }
}
