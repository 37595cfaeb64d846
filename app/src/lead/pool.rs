//! 公海: leads whose claim lapsed, to be taken by whoever comes first.

use domain::{
    lead::{HeldClaim, POOL_PAGE, PoolLead, PoolPage as Page, PoolQuery, Stage, claim_lapses},
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    claim::{claim_from_pool, claim_pool},
    conflict::ClaimConflict,
};
use crate::{
    component::{GapMark, Icon, PageTitle, Pager, StageTag, load, query_value, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The pool, as its address filters it.
#[component]
pub fn PoolPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| PoolQuery {
            text: query.get("text").unwrap_or_default(),
            stage: query.get("stage").and_then(|key| Stage::from_key(&key)),
            chain_id: query.get("chain_id").and_then(|text| text.parse().ok()),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        claim_pool,
        move |page, again| {
            let asked = asked.get_untracked();
            view! { <Pool page asked again/> }.into_any()
        },
    )
}

fn address(query: &PoolQuery) -> String {
    let mut parts = Vec::new();
    if !query.text.is_empty() {
        parts.push(format!("text={}", query_value(&query.text)));
    }
    if let Some(stage) = query.stage {
        parts.push(format!("stage={}", stage.key()));
    }
    if let Some(chain) = query.chain_id {
        parts.push(format!("chain_id={chain}"));
    }
    if query.page > 0 {
        parts.push(format!("page={}", query.page));
    }
    if parts.is_empty() {
        "/pool".to_owned()
    } else {
        format!("/pool?{}", parts.join("&"))
    }
}

#[component]
fn Pool(page: Page, asked: PoolQuery, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let first = PoolQuery {
        page: 0,
        ..asked.clone()
    };
    let is_filtered = first != PoolQuery::default();
    let link = {
        let first = first.clone();
        Callback::new(move |page: u64| {
            address(&PoolQuery {
                page,
                ..first.clone()
            })
        })
    };
    let go = Callback::new(move |query: PoolQuery| {
        navigate(&address(&query), NavigateOptions::default());
    });
    let base = StoredValue::new(first);
    let text = RwSignal::new(asked.text.clone());
    let conflict = RwSignal::new(None::<(i64, HeldClaim)>);
    let may_claim = page.may_claim;
    let total = page.total;
    let rows = page
        .leads
        .into_iter()
        .map(|lead| view! { <Row lead may_claim conflict again/> })
        .collect_view();
    view! {
        <PageTitle text=words.pool_title()/>
        <main class="page lead-list" id="main">
            <div class="page-head">
                <h1>{words.pool_title()}</h1>
                <p class="sub">{words.pool_sub(format::count(total), format::yi(page.investment_wan))}</p>
                <div class="end"><a class="btn" href="/claims">{words.ledger_title()}</a></div>
            </div>
            <form class="toolbar reference-search" role="search" on:submit=move |event| {
                event.prevent_default();
                go.run(PoolQuery { text: text.get_untracked(), ..base.get_value() });
            }>
                <label class="search">
                    <Icon name="i-search"/>
                    <span class="vh">{words.find_lead()}</span>
                    <input type="search" placeholder=words.find_lead() prop:value=move || text.get()
                        on:input=move |event| text.set(event_target_value(&event))/>
                </label>
                <select class="input" aria-label=words.stage_word() on:change=move |event| {
                    go.run(PoolQuery { stage: Stage::from_key(&event_target_value(&event)), ..base.get_value() });
                }>
                    <option value="">{words.every_stage()}</option>
                    {Stage::ALL.into_iter().filter(|stage| claim_lapses(*stage)).map(|stage| view! {
                        <option value=stage.key() selected=asked.stage == Some(stage)>{words.stage(stage)}</option>
                    }).collect_view()}
                </select>
                <select class="input" aria-label=words.chain() on:change=move |event| {
                    go.run(PoolQuery { chain_id: event_target_value(&event).parse().ok(), ..base.get_value() });
                }>
                    <option value="">{words.every_chain()}</option>
                    {page.chains.into_iter().map(|(id, name)| view! {
                        <option value=id.to_string() selected=asked.chain_id == Some(id)>{name}</option>
                    }).collect_view()}
                </select>
            </form>
            <section class="panel">
                {if total == 0 {
                    view! {
                        <div class="empty"><Icon name="i-globe"/>
                            {if is_filtered {
                                view! { <b>{words.no_lead_matches()}</b><p><a href="/pool">{words.clear_filter()}</a></p> }.into_any()
                            } else {
                                view! { <b>{words.pool_empty()}</b><p>{words.pool_empty_hint()}</p><p><a href="/leads/list?lapsing=true">{words.lapsing_title()}</a></p> }.into_any()
                            }}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.pool_title()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.enterprise()}</th><th>{words.stage_word()}</th><th>{words.node()}</th>
                                    <th class="num">{words.planned_investment()}<span class="unit">{words.unit_yi()}</span></th>
                                    <th>{words.pool_had_by()}</th><th>{words.pool_since()}</th><th>{words.reason()}</th><th>{words.last_activity()}</th>
                                    <th><span class="vh">{words.act()}</span></th>
                                </tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                        <Pager page=page.page page_size=POOL_PAGE total link/>
                    }.into_any()
                }}
            </section>
            {move || conflict.get().map(|(enterprise_id, held)| view! {
                <ClaimConflict enterprise_id held close=Callback::new(move |()| { conflict.set(None); again.run(()); })/>
            })}
        </main>
    }
}

#[component]
fn Row(
    lead: PoolLead,
    may_claim: bool,
    conflict: RwSignal<Option<(i64, HeldClaim)>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let pending = RwSignal::new(false);
    let (lead_id, enterprise_id) = (lead.lead_id, lead.enterprise_id);
    let name = lead.enterprise_name.clone();
    let take = {
        let name = name.clone();
        move |_| {
            let (navigate, name) = (navigate.clone(), name.clone());
            submit(
                pending,
                claim_from_pool(lead_id),
                move |outcome| match outcome {
                    Ok(lead_id) => {
                        toasts.done(words.taken_from_pool(name));
                        navigate(&format!("/leads/{lead_id}"), NavigateOptions::default());
                    }
                    // Somebody was quicker: who, and since when, is worth a dialog.
                    Err(AppError(Problem::ClaimHeld { held, .. })) => {
                        conflict.set(Some((enterprise_id, *held)));
                    }
                    Err(AppError(problem)) => {
                        toasts.failed(problem_sentence(words, &problem));
                        again.run(());
                    }
                },
            );
        }
    };
    let title = if lead.may_read {
        view! { <a href=format!("/leads/{lead_id}")>{lead.title}</a> }.into_any()
    } else {
        view! { {lead.title} }.into_any()
    };
    view! {
        <tr>
            <td>
                <a href=format!("/enterprises/{enterprise_id}")><b>{lead.enterprise_name}</b></a>
                {lead.is_demo.then(|| view! { " "<span class="badge" data-kind="demo">{words.demo()}</span> })}
                <br/><span class="muted small">{title}</span>
            </td>
            <td class="nowrap"><StageTag stage=lead.stage/></td>
            <td class="nowrap">{lead.node.map(|node| view! {
                {node.class.map(|class| view! { <GapMark class/> })}" "
                <a href=format!("/chains/{}?node={}", node.chain_id, node.node_id)>{node.name}</a>
            })}</td>
            <td class="num">{format::investment(lead.investment_wan)}</td>
            <td class="nowrap">{lead.bureau}</td>
            <td class="nowrap">{format::day(lead.pooled_at)}</td>
            <td class="nowrap">{lead.lapsed_on.map_or_else(
                || words.pool_given_up().to_owned(),
                |day| words.pool_lapsed(day.to_string()),
            )}</td>
            <td class="nowrap">{format::day(lead.last_activity_at)}</td>
            <td class="nowrap">{may_claim.then(|| view! {
                <button type="button" class="btn small" aria-label=words.take_of(name) disabled=move || pending.get()
                    on:click=take>{words.take_from_pool()}</button>
            })}</td>
        </tr>
    }
}
