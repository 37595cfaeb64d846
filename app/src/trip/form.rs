//! The form of a new trip: when, from where, how many teams, and whom it may visit.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use domain::trip::{ChosenCandidate, NewTrip, TRIP_DAYS, TRIP_TEAMS, TripCandidate, TripChoices};
use leptos::prelude::*;
use leptos_router::hooks::{use_navigate, use_query_map};

use super::{plan_trip, trip_choices};
use crate::{
    component::{Icon, PageTitle, Refusal, field_error, load, submit},
    error::AppError,
    format,
    words::use_words,
};

/// A new trip.
#[component]
pub fn TripFormPage() -> impl IntoView {
    let query = use_query_map();
    let list = Memo::new(move |_| query.with(|query| query.get("list")?.parse::<i64>().ok()));
    load(
        move || list.get(),
        trip_choices,
        |choices, _| view! { <Form choices/> }.into_any(),
    )
}

/// The Monday after a date: trips begin with the week.
fn next_monday(today: NaiveDate) -> NaiveDate {
    let ahead = 7 - u64::from(today.weekday().num_days_from_monday());
    today.checked_add_days(Days::new(ahead)).unwrap_or(today)
}

#[component]
fn Form(choices: TripChoices) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let monday = next_monday(choices.today);
    let name = RwSignal::new(words.trip_default_name(monday.month()));
    let start_on = RwSignal::new(monday.to_string());
    let days = RwSignal::new("5".to_owned());
    let teams = RwSignal::new("2".to_owned());
    let start_city = RwSignal::new(choices.start_city.clone());
    // Leads are picked to begin with: somebody waits for those visits already.
    let picked = RwSignal::new(choices.picked.iter().copied().collect::<BTreeSet<i64>>());
    let required = RwSignal::new(BTreeSet::<i64>::new());
    // Where the trip goes; empty: wherever.
    let cities = RwSignal::new(BTreeSet::<String>::new());
    let all: Vec<TripCandidate> = choices
        .leads
        .iter()
        .chain(&choices.targets)
        .cloned()
        .collect();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let send = {
        let all = all.clone();
        move || {
            let candidates = all
                .iter()
                .filter(|one| picked.with_untracked(|picked| picked.contains(&one.enterprise_id)))
                .filter(|one| cities.with_untracked(|cities| is_there(cities, one)))
                .map(|one| ChosenCandidate {
                    enterprise_id: one.enterprise_id,
                    lead_id: one.lead_id,
                    value: one.value,
                    required: required
                        .with_untracked(|required| required.contains(&one.enterprise_id)),
                })
                .collect();
            let new = NewTrip {
                name: name.get_untracked(),
                start_on: start_on.get_untracked().parse().unwrap_or(NaiveDate::MIN),
                // What is no number is 0, which the server refuses with the field's name.
                days: days.get_untracked().trim().parse().unwrap_or(0),
                teams: teams.get_untracked().trim().parse().unwrap_or(0),
                start_city: start_city.get_untracked(),
                candidates,
                bureau_id: None,
            };
            let navigate = navigate.clone();
            submit(pending, plan_trip(new), move |outcome| match outcome {
                Ok(id) => navigate(
                    &format!("/trips/{id}"),
                    leptos_router::NavigateOptions::default(),
                ),
                Err(AppError(refused)) => problem.set(Some(refused)),
            });
        }
    };
    let error = move |field: &'static str| {
        move || {
            field_error(words, problem.get().as_ref(), field)
                .map(|text| view! { <span class="error"><Icon name="i-warn"/>{text}</span> })
        }
    };
    let chosen_count = {
        let all = all.clone();
        move || {
            all.iter()
                .filter(|one| picked.with(|picked| picked.contains(&one.enterprise_id)))
                .filter(|one| cities.with(|cities| is_there(cities, one)))
                .count()
        }
    };
    let everybody = all.clone();
    let unplaced = all.iter().filter(|one| !one.has_place).count();
    view! {
        <PageTitle text=words.new_trip()/>
        <main class="page trip-form" id="main">
            <div class="page-head">
                <h1>{words.new_trip()}</h1>
                <p class="sub">{words.trip_form_sub()}</p>
            </div>
            <form novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                <div class="stack">
                    <section class="panel">
                        <header><h2>{words.whom_to_visit()}</h2>
                            <span class="sub">{move || words.picked_count(chosen_count())}</span></header>
                        <div class="body">
                            {error("candidates")}
                            <p class="muted small">{words.value_explained()}</p>
                            <Cities candidates=everybody chosen=cities/>
                            <Pool title=words.own_leads() candidates=choices.leads picked required cities/>
                            <Pool title=words.free_targets() candidates=choices.targets picked required cities/>
                            {(unplaced > 0).then(|| view! { <p class="muted small">{words.unplaced(unplaced)}</p> })}
                        </div>
                    </section>
                </div>
                <section class="panel">
                    <header><h2>{words.frame_of_trip()}</h2></header>
                    <div class="body">
                        <Refusal problem/>
                        <div class="field">
                            <label for="trip-name">{words.trip_name()}</label>
                            <input class="input" id="trip-name" prop:value=move || name.get()
                                on:input=move |event| name.set(event_target_value(&event))/>
                            {error("name")}
                        </div>
                        <div class="field">
                            <label for="trip-start">{words.start_on()}</label>
                            <input class="input" id="trip-start" type="date" prop:value=move || start_on.get()
                                on:input=move |event| start_on.set(event_target_value(&event))/>
                            {error("start_on")}
                        </div>
                        <div class="field">
                            <label for="trip-days">{words.days_of(TRIP_DAYS)}</label>
                            <input class="input num" id="trip-days" type="number" min="1" max=TRIP_DAYS.to_string() prop:value=move || days.get()
                                on:input=move |event| days.set(event_target_value(&event))/>
                            {error("days")}
                        </div>
                        <div class="field">
                            <label for="trip-teams">{words.teams_of(TRIP_TEAMS)}</label>
                            <input class="input num" id="trip-teams" type="number" min="1" max=TRIP_TEAMS.to_string() prop:value=move || teams.get()
                                on:input=move |event| teams.set(event_target_value(&event))/>
                            {error("teams")}
                        </div>
                        <div class="field">
                            <label for="trip-city">{words.start_city()}</label>
                            <input class="input" id="trip-city" list="trip-cities" prop:value=move || start_city.get()
                                on:input=move |event| start_city.set(event_target_value(&event))/>
                            <datalist id="trip-cities">
                                {choices.cities.into_iter().map(|city| view! { <option value=city></option> }).collect_view()}
                            </datalist>
                            {error("start_city")}
                        </div>
                        <p class="muted small">{words.trip_assumptions()}</p>
                        <button type="submit" class="btn primary" disabled=move || pending.get()
                            aria-busy=move || pending.get().to_string()>
                            {move || if pending.get() { words.planning() } else { words.plan_it() }}
                        </button>
                    </div>
                </section>
            </form>
        </main>
    }
}

/// Whether a company lies where the trip goes.
fn is_there(cities: &BTreeSet<String>, one: &TripCandidate) -> bool {
    cities.is_empty() || one.city.as_ref().is_some_and(|city| cities.contains(city))
}

/// The cities of the companies, the one with most first, to choose where the trip goes.
#[component]
pub(super) fn Cities(
    candidates: Vec<TripCandidate>,
    chosen: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let words = use_words();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for city in candidates.into_iter().filter_map(|one| one.city) {
        *counts.entry(city).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    let chips = counts
        .into_iter()
        .map(|(city, count)| {
            let own = StoredValue::new(city.clone());
            let is_chosen =
                move || chosen.with(|chosen| own.with_value(|own| chosen.contains(own)));
            view! {
                <button type="button" class="chip" aria-pressed=move || is_chosen().to_string()
                    on:click=move |_| chosen.update(|chosen| {
                        let own = own.get_value();
                        if !chosen.remove(&own) { chosen.insert(own); }
                    })>{city}" "<span class="muted">{count}</span></button>
            }
        })
        .collect_view();
    view! {
        <fieldset class="fieldset cities">
            <legend>{words.where_to()}</legend>
            <div class="chips">{chips}
                {move || (!chosen.with(BTreeSet::is_empty)).then(|| view! {
                    <button type="button" class="btn small quiet" on:click=move |_| chosen.update(BTreeSet::clear)>{words.every_city()}</button>
                })}
            </div>
        </fieldset>
    }
}

#[component]
pub(super) fn Pool(
    title: &'static str,
    candidates: Vec<TripCandidate>,
    picked: RwSignal<BTreeSet<i64>>,
    required: RwSignal<BTreeSet<i64>>,
    /// Those of other cities are neither shown nor picked; empty: all are.
    cities: RwSignal<BTreeSet<String>>,
) -> impl IntoView {
    let words = use_words();
    let everybody = StoredValue::new(candidates.clone());
    let shown = Memo::new(move |_| {
        cities.with(|cities| {
            everybody.with_value(|all| {
                all.iter()
                    .filter(|one| is_there(cities, one))
                    .map(|one| one.enterprise_id)
                    .collect::<BTreeSet<i64>>()
            })
        })
    });
    let all_picked = move || {
        shown.with(|shown| picked.with(|picked| shown.iter().all(|id| picked.contains(id))))
    };
    let is_empty = candidates.is_empty();
    view! {
        <fieldset class="fieldset">
            <legend>{title}</legend>
            {if is_empty {
                view! { <p class="muted small">{words.nothing_to_pick()}</p> }.into_any()
            } else {
                view! {
                    <label class="check">
                        <input type="checkbox" prop:checked=all_picked
                            on:change=move |event| {
                                let on = event_target_checked(&event);
                                let shown = shown.get_untracked();
                                picked.update(|picked| for id in shown {
                                    if on { picked.insert(id); } else { picked.remove(&id); }
                                });
                            }/>
                        {words.pick_all()}
                    </label>
                    <ul class="pool">
                        {candidates.into_iter().map(|one| {
                            let id = one.enterprise_id;
                            view! {
                                <li hidden=move || !shown.with(|shown| shown.contains(&id))>
                                    <label class="check">
                                        <input type="checkbox" prop:checked=move || picked.with(|picked| picked.contains(&id))
                                            on:change=move |event| {
                                                let on = event_target_checked(&event);
                                                picked.update(|picked| if on { picked.insert(id); } else { picked.remove(&id); });
                                            }/>
                                        <span>{one.name}" "<span class="muted">{format::place(None, one.city.as_deref())}{one.node.map(|node| format!("，{node}"))}</span></span>
                                    </label>
                                    <label class="check">
                                        <input type="checkbox" prop:checked=move || required.with(|required| required.contains(&id))
                                            on:change=move |event| {
                                                let on = event_target_checked(&event);
                                                required.update(|required| if on { required.insert(id); } else { required.remove(&id); });
                                            }/>
                                        {words.must_visit()}
                                    </label>
                                    <span class="num">{format!("{:.1}", one.value)}</span>
                                </li>
                            }
                        }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </fieldset>
    }
}
