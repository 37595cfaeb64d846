//! A ranked company: its terms in columns, and below them what they rest on.

use domain::{
    lead::{HeldClaim, NewLead},
    problem::Problem,
    target::{TargetRow, TargetTerm},
};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;

use super::term_name;
use crate::{
    component::{Bar, Icon, Marked, submit, use_toasts},
    error::AppError,
    format,
    lead::{ClaimConflict, register_lead},
    words::{Locale, problem_sentence, use_words},
};

#[component]
fn Term(term: TargetTerm) -> impl IntoView {
    let words = use_words();
    match term.value {
        Some(value) => view! {
            <td class="t"><span class="num">{format!("{value:.2}")}</span><Bar value=Some(value)/></td>
        }
        .into_any(),
        None => view! {
            <td class="t"><span class="num muted">{words.missing_word()}</span><Bar value=None/></td>
        }
        .into_any(),
    }
}

/// Where a company is, when it was last tried, and what a trip has to do with it.
pub(super) fn circumstances(words: Locale, row: &TargetRow) -> Vec<String> {
    let mut said = Vec::new();
    if !row.says {
        said.push(words.found_by_likeness().to_owned());
    }
    said.extend(row.supply.iter().map(|link| words.supply_link(link)));
    said.extend(
        row.revenue_wan
            .map(|wan| words.with_revenue(format::yi(wan))),
    );
    said.extend(row.growth.iter().map(|sign| words.growth_sign(sign)));
    said.extend(row.near_site.iter().map(|site| words.near_site(site)));
    if row.in_region {
        said.push(words.in_own_region().to_owned());
    }
    if let Some(trip) = &row.trip {
        said.push(words.trip_passes(&trip.name, trip.start_on.to_string(), &trip.city));
    } else if let Some(kilometres) = row.kilometres {
        said.push(words.kilometres_away(format!("{kilometres:.0}")));
    }
    said.extend(
        row.turned_down
            .as_ref()
            .map(|refusal| words.turned_down(refusal)),
    );
    said
}

#[component]
pub(super) fn Row(
    row: TargetRow,
    node_id: Option<i64>,
    project: String,
    may_write: bool,
    chosen: RwSignal<Vec<TargetRow>>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let pending = RwSignal::new(false);
    let conflict = RwSignal::new(None::<HeldClaim>);
    let register = move |enterprise_id: i64, title: String| {
        let navigate = navigate.clone();
        submit(
            pending,
            register_lead(NewLead {
                enterprise_id,
                chain_node_id: node_id,
                bureau_id: None,
                title,
                investment_wan: None,
                land_mu: None,
                source: words.source_chain_map().to_owned(),
            }),
            move |outcome| match outcome {
                Ok(lead_id) => navigate(
                    &format!("/leads/{lead_id}"),
                    leptos_router::NavigateOptions::default(),
                ),
                Err(AppError(Problem::ClaimHeld { held, .. })) => conflict.set(Some(*held)),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let missing: Vec<&str> = row
        .score
        .terms
        .iter()
        .filter(|term| term.value.is_none() && term.weight > 0.0)
        .map(|term| term_name(words, term.kind))
        .collect();
    let missing = (!missing.is_empty()).then(|| words.missing_terms(missing.join("、")));
    let terms_line = row
        .score
        .terms
        .iter()
        .filter_map(|term| Some((term_name(words, term.kind), term.value?)))
        .map(|(name, value)| format!("{name} {value:.2}"))
        .collect::<Vec<_>>()
        .join(" · ");
    let enterprise_id = row.enterprise_id;
    let name = row.name.clone();
    let held = row.held.clone();
    let why = circumstances(words, &row);
    let risk: Vec<String> = row.risk.iter().map(|sign| words.risk_sign(sign)).collect();
    let act = match (&held, may_write) {
        (None, true) => view! {
            <button
                type="button"
                class="btn small"
                aria-label=words.make_lead_of(name.clone())
                disabled=move || pending.get()
                on:click=move |_| register(enterprise_id, project.clone())
            >
                {words.make_lead()}
            </button>
        }
        .into_any(),
        _ => ().into_any(),
    };
    let is_chosen =
        move || chosen.with(|chosen| chosen.iter().any(|one| one.enterprise_id == enterprise_id));
    let own = row.clone();
    let choose = move |_| {
        chosen.update(|chosen| {
            match chosen
                .iter()
                .position(|one| one.enterprise_id == enterprise_id)
            {
                Some(at) => {
                    chosen.remove(at);
                }
                None => chosen.push(own.clone()),
            }
        });
    };
    view! {
        <tr class="r" aria-selected=move || is_chosen().then_some("true")>
            <td rowspan="2" class="ck">
                <label class="check">
                    <input type="checkbox" aria-label=words.choose_it(name.clone()) prop:checked=is_chosen
                        on:change=choose/>
                </label>
                <span class="muted">{row.rank}</span>
            </td>
            <td class="co">
                <a href=format!("/enterprises/{enterprise_id}") data-row><b>{row.name.clone()}</b></a>
                <span class="muted">{format::place(row.province.as_deref(), row.city.as_deref())}
                    {row.stock_code.clone().map(|code| format!("　{code}"))}</span>
                {row.is_demo.then(|| view! { " "<span class="badge" data-kind="demo">{words.demo()}</span> })}
                // Where there is no room for a column a term.
                <small class="terms-line">{terms_line}</small>
            </td>
            {row.score.terms.clone().into_iter().map(|term| view! { <Term term/> }).collect_view()}
            <td class="tot num">{format!("{:.1}", row.score.total)}</td>
        </tr>
        <tr class="ev">
            <td colspan="7">
                <div>
                    <span class="pr">
                        {row.hits.into_iter().enumerate().map(|(index, hit)| view! {
                            {(index > 0).then_some("、")}<Marked text=hit.product term=hit.term/>
                        }).collect_view()}
                    </span>
                    {why.into_iter().map(|text| view! { <span class="why">{text}</span> }).collect_view()}
                    {risk.into_iter().map(|text| view! { <span class="why risk"><Icon name="i-warn"/>{text}</span> }).collect_view()}
                    {missing.map(|missing| view! { <span class="miss">{missing}</span> })}
                    {held.map(|held| {
                        let text = words.held_badge(held.bureau, words.stage(held.stage));
                        match held.lead_id {
                            Some(id) => view! {
                                <a class="badge" data-kind="claim" href=format!("/leads/{id}")><Icon name="i-lock"/>{text}</a>
                            }.into_any(),
                            None => view! {
                                <span class="badge" data-kind="claim"><Icon name="i-lock"/>{text}</span>
                            }.into_any(),
                        }
                    })}
                    <span class="end-x"></span>
                    {act}
                    {move || conflict.get().map(|held| view! {
                        <ClaimConflict enterprise_id held close=Callback::new(move |()| conflict.set(None))/>
                    })}
                </div>
            </td>
        </tr>
    }
}
