//! Weights, thresholds, reference set: what held when, and what shall hold from a day on.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use domain::chain::{AtlasSettings, DatedSettings, NewSettings, ReferenceSet};
use leptos::prelude::*;

use super::{atlas_settings, set_atlas_settings};
use crate::{
    account::use_actor,
    component::{PageTitle, Refusal, TextField, Typed, field_error, load, submit, use_toasts},
    error::AppError,
    format,
    words::{Locale, use_words},
};

/// Settings of the atlas.
#[component]
pub fn SettingPage() -> impl IntoView {
    load(
        || (),
        |()| atlas_settings(),
        |all, again| view! { <Settings all again/> }.into_any(),
    )
}

/// The numbers of the form, by their names in the form and in problems.
fn numbers(settings: &AtlasSettings) -> Vec<(&'static str, f64)> {
    let score = &settings.score;
    vec![
        ("weight_unmet", score.weights.unmet),
        ("weight_relatedness", score.weights.relatedness),
        ("weight_criticality", score.weights.criticality),
        ("weight_priority", score.weights.priority),
        ("weak_cover", score.weak_cover),
        ("weak_quotient", score.weak_quotient),
        ("strong_cover", score.strong_cover),
        ("strong_quotient", score.strong_quotient),
        ("min_reference_firms", f64::from(score.min_reference_firms)),
        ("min_matched_share", score.min_matched_share),
        ("extension_hops", f64::from(score.extension_hops)),
        ("alpha", score.alpha),
        ("match_threshold", settings.match_threshold),
    ]
}

/// Settings from the form. What is no number becomes -1, which is in no range: the server names
/// the field (NaN would not survive JSON).
fn settings(
    base: &AtlasSettings,
    values: &BTreeMap<&'static str, String>,
    reference: ReferenceSet,
) -> AtlasSettings {
    let number = |name: &str| {
        values
            .get(name)
            .and_then(|text| text.trim().parse::<f64>().ok())
            .unwrap_or(-1.0)
    };
    // A whole number that is none becomes 1001, which is in no range either.
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 1000 by the line before"
    )]
    let whole = |name: &str| {
        let value = number(name);
        if value.fract() == 0.0 && (0.0..=1000.0).contains(&value) {
            value as u32
        } else {
            1001
        }
    };
    let mut new = base.clone();
    let score = &mut new.score;
    score.weights.unmet = number("weight_unmet");
    score.weights.relatedness = number("weight_relatedness");
    score.weights.criticality = number("weight_criticality");
    score.weights.priority = number("weight_priority");
    score.weak_cover = number("weak_cover");
    score.weak_quotient = number("weak_quotient");
    score.strong_cover = number("strong_cover");
    score.strong_quotient = number("strong_quotient");
    score.min_reference_firms = whole("min_reference_firms");
    score.min_matched_share = number("min_matched_share");
    score.extension_hops = whole("extension_hops");
    score.alpha = number("alpha");
    new.match_threshold = number("match_threshold");
    new.reference = reference;
    new
}

fn reference_word(words: Locale, reference: ReferenceSet) -> &'static str {
    match reference {
        ReferenceSet::All => words.reference_all(),
        ReferenceSet::Listed => words.reference_listed(),
        ReferenceSet::WithoutDemo => words.reference_without_demo(),
    }
}

#[component]
fn Settings(all: Vec<DatedSettings>, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let actor = use_actor();
    let current = all
        .iter()
        .find(|one| one.in_force)
        .map(|one| one.settings.clone())
        .unwrap_or_default();
    let columns: Vec<&'static str> = numbers(&current)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let rows = all
        .into_iter()
        .map(|one| {
            let cells = numbers(&one.settings)
                .into_iter()
                .map(|(_, value)| view! { <td class="num">{value}</td> })
                .collect_view();
            view! {
                <tr aria-current=one.in_force.then_some("true")>
                    <th scope="row" class="nowrap">
                        {one.effective_on.map_or_else(|| words.by_default().to_owned(), |day| day.to_string())}
                        {one.in_force.then(|| view! { " "<span class="tag">{words.in_force()}</span> })}
                    </th>
                    {cells}
                    <td class="nowrap">{reference_word(words, one.settings.reference)}</td>
                    <td>{one.source}</td>
                    <td class="nowrap">{one.by}{one.created_at.map(|at| format!(" {}", format::day(at)))}</td>
                </tr>
            }
        })
        .collect_view();
    let editable = move || {
        let current = current.clone();
        view! {
            <Transition fallback=|| ()>
                {move || {
                    let current = current.clone();
                    Suspend::new(async move {
                        actor.await.ok().flatten()
                            .is_some_and(|actor| actor.may(domain::account::Action::EditChain))
                            .then(|| view! { <Form current again/> })
                    })
                }}
            </Transition>
        }
    };
    view! {
        <PageTitle text=words.settings_title()/>
        <main class="page" id="main">
            <div class="page-head"><h1>{words.settings_title()}</h1><p class="sub">{words.settings_sub()}</p>
                <div class="end"><a class="btn" href="/settings/stages">{words.stage_rules()}</a></div></div>
            <section class="panel">
                <header><h2>{words.settings_history()}</h2></header>
                <div class="scroll-x" tabindex="0" role="region" aria-label=words.settings_history()>
                    <table class="table">
                        <thead><tr>
                            <th>{words.effective_on()}</th>
                            {columns.into_iter().map(|name| view! { <th class="num">{words.setting_name(name)}</th> }).collect_view()}
                            <th>{words.reference_set()}</th><th>{words.setting_source()}</th><th>{words.setting_by()}</th>
                        </tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </section>
            {editable()}
        </main>
    }
}

#[component]
fn Form(current: AtlasSettings, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let fields = numbers(&current);
    let values: Vec<(&'static str, RwSignal<String>)> = fields
        .into_iter()
        .map(|(name, value)| (name, RwSignal::new(value.to_string())))
        .collect();
    let typed = values.clone();
    let reference = RwSignal::new(current.reference);
    let effective = RwSignal::new(String::new());
    let source = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let send = move || {
        let typed: BTreeMap<&'static str, String> = typed
            .iter()
            .map(|(name, value)| (*name, value.get_untracked()))
            .collect();
        let new = NewSettings {
            settings: settings(&current, &typed, reference.get_untracked()),
            effective_on: effective.get_untracked().parse().unwrap_or(NaiveDate::MIN),
            source: source.get_untracked(),
        };
        submit(
            pending,
            set_atlas_settings(new),
            move |outcome| match outcome {
                Ok(_) => {
                    toasts.done(words.settings_saved());
                    again.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    view! {
        <section class="panel">
            <header><h2>{words.new_settings()}</h2><span class="sub">{words.new_settings_sub()}</span></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <Refusal problem/>
                {values.into_iter().map(|(name, value)| view! {
                    <TextField id=format!("setting-{name}") label=words.setting_name(name) value typed=Typed::Number error=error(name)/>
                }).collect_view()}
                <label class="field"><span>{words.reference_set()}</span>
                    <select class="input" on:change=move |event| {
                        let key = event_target_value(&event);
                        if let Some(chosen) = ReferenceSet::ALL.into_iter().find(|one| one.key() == key) {
                            reference.set(chosen);
                        }
                    }>
                        {ReferenceSet::ALL.into_iter().map(|one| view! {
                            <option value=one.key() selected=one == reference.get_untracked()>{reference_word(words, one)}</option>
                        }).collect_view()}
                    </select>
                </label>
                <TextField id="setting-effective" label=words.effective_on() value=effective typed=Typed::Date error=error("effective_on")/>
                <TextField id="setting-source" label=words.setting_source() value=source wide=true error=error("source")/>
                <button type="submit" class="btn primary" disabled=move || pending.get()>{words.save_settings()}</button>
            </form>
        </section>
    }
}
