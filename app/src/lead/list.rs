//! Leads as a list: filtered, ordered, paged, and taken away as a file.

use std::sync::Arc;

use domain::lead::{
    BulkOutcome, LAPSING_DAYS, LEAD_PAGE, LeadCard, LeadColumn, LeadList, LeadListQuery, LeadOrder,
    LeadQuery, LimitUnit, SILENT_DAYS, SeenLead, SideState, Stage,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
    params::ParamsMap,
};

use super::{
    bulk::{BulkBar, BulkForm, BulkResult, Chosen},
    lead_list,
    views::{ColumnForm, Open, ViewForm, Views, address},
};
use crate::{
    component::{GapMark, Icon, PageTitle, Pager, StageTag, load, query_value},
    format,
    words::{Locale, use_words},
};

/// What an address asks for: a view, filters in its place, or both.
fn asked(query: &ParamsMap) -> LeadListQuery {
    let number = |key: &str| query.get(key).and_then(|text| text.parse().ok());
    let flag = |key: &str| query.get(key).is_some_and(|text| text == "true");
    let order = query.get("order");
    let filters = LeadQuery {
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
        order: order
            .as_deref()
            .and_then(LeadOrder::from_key)
            .unwrap_or_default(),
        page: 0,
    };
    LeadListQuery {
        // What is no number is no view that anybody has.
        view: query
            .get("view")
            .map(|text| text.parse().unwrap_or_default()),
        query: (order.is_some() || filters != LeadQuery::default()).then_some(filters),
        page: query
            .get("page")
            .and_then(|page| page.parse().ok())
            .unwrap_or(0),
    }
}

/// The list, as its address filters it.
#[component]
pub fn LeadListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(asked));
    // What became of many leads stays while the list is fetched anew.
    let ended = RwSignal::new(None::<(BulkOutcome, bool)>);
    // Leads stay chosen when the page is turned, and not when another list is asked for.
    let chosen = Chosen::new();
    Effect::new(move |before: Option<(Option<i64>, Option<LeadQuery>)>| {
        let now = asked.with(|asked| {
            let filters = asked.query.clone();
            let filters = filters.or_else(|| asked.view.is_none().then(LeadQuery::default));
            let order = LeadOrder::default();
            let filters = filters.map(|filters| LeadQuery { order, ..filters });
            (asked.view, filters)
        });
        if before.is_some_and(|before| before != now) {
            chosen.clear();
        }
        now
    });
    load(
        move || asked.get(),
        lead_list,
        move |list, again| view! { <List list again ended chosen/> }.into_any(),
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

/// The head of a column with its unit.
fn head(words: Locale, column: LeadColumn) -> AnyView {
    let unit = match column {
        LeadColumn::Investment => Some(words.unit_yi()),
        LeadColumn::Land => Some(words.unit_mu()),
        LeadColumn::DaysInStage | LeadColumn::SilentDays | LeadColumn::ClaimDaysLeft => {
            Some(words.unit_days())
        }
        _ => None,
    };
    view! {
        <th class=column.is_number().then_some("num")>
            {words.lead_column(column)}{unit.map(|unit| view! { <span class="unit">{unit}</span> })}
        </th>
    }
    .into_any()
}

/// A lead's cell in a column.
fn cell(words: Locale, column: LeadColumn, card: &LeadCard) -> AnyView {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    match column {
        LeadColumn::Enterprise => view! {
            <td class="company"><a href=format!("/leads/{}", card.id) data-row="lead"><b>{card.enterprise_name.clone()}</b></a></td>
        }
        .into_any(),
        LeadColumn::Title => view! { <td class="title">{card.title.clone()}</td> }.into_any(),
        LeadColumn::Stage => view! { <td class="nowrap"><StageTag stage=card.stage/></td> }.into_any(),
        LeadColumn::SideState => view! {
            <td class="nowrap">{card.side_state.map(|state| view! { <span class="badge" data-kind="warn">{words.side_state(state)}</span> })}</td>
        }
        .into_any(),
        LeadColumn::DaysInStage => view! {
            <td class="num nowrap">{format::stage_days(card)}{format::late(words, card).map(|text| view! { " "<span class="badge" data-kind="danger">{text}</span> })}</td>
        }
        .into_any(),
        LeadColumn::Limit => {
            let limit = card.limit_days.map(|days| match card.limit_in {
                LimitUnit::Days => format!("{days} {}", words.unit_days()),
                LimitUnit::WorkingDays => format!("{days} {}", words.unit_working_days()),
            });
            view! { <td class="nowrap">{limit}</td> }.into_any()
        }
        LeadColumn::DaysLate => view! { <td class="num nowrap">{format::late(words, card)}</td> }.into_any(),
        LeadColumn::Bureau => view! { <td class="nowrap">{card.bureau_name.clone()}</td> }.into_any(),
        LeadColumn::Owner => view! { <td class="nowrap">{card.owner_name.clone()}</td> }.into_any(),
        LeadColumn::Chain => view! {
            <td class="nowrap">{card.node.clone().map(|node| view! { <a href=format!("/chains/{}", node.chain_id)>{node.chain_name}</a> })}</td>
        }
        .into_any(),
        LeadColumn::Node => view! {
            <td class="nowrap">{card.node.clone().map(|node| view! {
                {node.class.map(|class| view! { <GapMark class/> })}" "
                <a href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{node.name}</a>
            })}</td>
        }
        .into_any(),
        LeadColumn::Investment => view! { <td class="num">{format::investment(card.investment_wan)}</td> }.into_any(),
        LeadColumn::Land => view! { <td class="num">{card.land_mu.map_or_else(|| "—".to_owned(), |land| land.to_string())}</td> }.into_any(),
        LeadColumn::Source => view! { <td>{card.source.clone()}</td> }.into_any(),
        LeadColumn::Created => view! { <td class="nowrap">{format::day(card.created_at)}</td> }.into_any(),
        LeadColumn::LastActivity => view! { <td class="nowrap">{format::day(card.last_activity_at)}</td> }.into_any(),
        LeadColumn::SilentDays => view! {
            <td class="num nowrap">{card.silent_days}{(card.silent_days >= SILENT_DAYS).then(|| view! { " "<span class="badge" data-kind="warn">{words.silent_word()}</span> })}</td>
        }
        .into_any(),
        LeadColumn::ClaimDaysLeft => view! { <td class="num nowrap">{number(card.claim_days_left)}</td> }.into_any(),
    }
}

#[component]
fn List(
    list: LeadList,
    again: Callback<()>,
    ended: RwSignal<Option<(BulkOutcome, bool)>>,
    chosen: Chosen,
) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let page = list.page.clone();
    let asked = list.query.clone();
    let first = asked.kept();
    let view = list
        .view
        .and_then(|id| list.views.iter().find(|view| view.id == id).cloned());
    let files = address(view.as_ref(), &first);
    let go = {
        let (first, view) = (first.clone(), view.clone());
        Callback::new(move |change: Callback<LeadQuery, LeadQuery>| {
            let query = change.run(first.clone());
            navigate(
                &format!("/leads/list{}", address(view.as_ref(), &query)),
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
        let (first, view) = (first.clone(), view.clone());
        Callback::new(move |page: u64| {
            let query = LeadQuery {
                page,
                ..first.clone()
            };
            format!("/leads/list{}", address(view.as_ref(), &query))
        })
    };
    let cleared = format!(
        "/leads/list{}",
        address(view.as_ref(), &LeadQuery::default())
    );
    let is_filtered = first.is_filtered();
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
    let may_write = list.may_write;
    let seen: Arc<[SeenLead]> = page
        .leads
        .iter()
        .map(|card| SeenLead {
            lead_id: card.id,
            version: card.version,
        })
        .collect();
    chosen.turn_to(&seen);
    let columns = list.columns.clone();
    let heads = columns
        .iter()
        .map(|column| head(words, *column))
        .collect_view();
    let rows = page
        .leads
        .iter()
        .enumerate()
        .map(|(index, card)| {
            let (id, seen) = (card.id, Arc::clone(&seen));
            let cells = columns
                .iter()
                .map(|column| cell(words, *column, card))
                .collect_view();
            let pick = may_write.then(|| view! {
                <td class="pick">
                    <label class="check">
                        <input type="checkbox" aria-label=words.choose_lead(&card.enterprise_name)
                            prop:checked=move || chosen.has(id)
                            on:click=move |event| chosen.click(&seen, index, event.shift_key(), event_target_checked(&event))/>
                    </label>
                </td>
            });
            view! { <tr aria-selected=move || chosen.has(id).then_some("true")>{pick}{cells}</tr> }
        })
        .collect_view();
    let pick_page = may_write.then(|| {
        let all = Arc::clone(&seen);
        let is_all = move || chosen.has_all(&all);
        view! {
            <th class="pick">
                <label class="check">
                    <input type="checkbox" aria-label=words.choose_page() prop:checked=is_all
                        on:change=move |event| chosen.set(&seen, event_target_checked(&event))/>
                </label>
            </th>
        }
    });
    let open = RwSignal::new(None::<Open>);
    let close = Callback::new(move |()| open.set(None));
    let done = Callback::new(move |outcome: BulkOutcome| {
        chosen.clear();
        ended.set(Some((outcome, false)));
        again.run(());
    });
    let taken_back = Callback::new(move |outcome: BulkOutcome| {
        ended.set(Some((outcome, true)));
        again.run(());
    });
    let dialog = {
        let (list, view) = (list.clone(), view.clone());
        move || {
            let (list, view) = (list.clone(), view.clone());
            open.get().map(|open| match open {
                Open::SaveAs => view! { <ViewForm list view=None close again/> }.into_any(),
                Open::Settings => view! { <ViewForm list view close again/> }.into_any(),
                Open::Columns => view! { <ColumnForm list view close again/> }.into_any(),
                Open::Bulk => view! { <BulkForm chosen close done/> }.into_any(),
            })
        }
    };
    let edit = Callback::new(move |()| open.set(Some(Open::Bulk)));
    let bar =
        may_write.then(|| view! { <BulkBar chosen query=first.clone() total=page.total edit/> });
    let result = move || {
        ended.get().map(|(outcome, is_undo)| {
            let close = Callback::new(move |()| ended.set(None));
            view! { <BulkResult outcome is_undo close done=taken_back/> }
        })
    };
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
            <Views list open again/>
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
            {result}
            <section class="panel">
                {bar}
                {if total == 0 {
                    view! {
                        <div class="empty"><Icon name="i-board"/><b>{words.no_lead_matches()}</b>
                            {is_filtered.then(|| view! { <p><a href=cleared>{words.clear_filter()}</a></p> })}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.lead_list()>
                            <table class="table">
                                <thead><tr>{pick_page}{heads}</tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=LEAD_PAGE total link/>
                    }.into_any()
                }}
            </section>
            {dialog}
        </main>
    }
}
