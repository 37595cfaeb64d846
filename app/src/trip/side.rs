//! Beside the plan: the visit that is looked at, what has changed, kept plans, and who is left out.

use std::collections::HashMap;

use domain::trip::{
    ChosenCandidate, LeftOutReason, PlanChange, Remedy, Slot, TripCandidate, TripCandidatesChange,
    TripVariant, changes, hours_text, read_hours,
};
use leptos::prelude::*;

use super::{
    change_trip_candidates, drop_trip_variant, keep_trip_variant,
    planner::{Planner, asked_of, read},
    timeline::team_name,
};
use crate::{
    component::{Icon, TextField, field_error, submit, typed_number, use_toasts},
    error::AppError,
    format,
    words::{Locale, problem_sentence, use_words},
};

/// Why a company is left out, in words.
pub(super) fn reason(
    words: Locale,
    reason: &LeftOutReason,
    names: &HashMap<i64, String>,
) -> String {
    let name = |id: &i64| names.get(id).cloned().unwrap_or_default();
    match reason {
        LeftOutReason::NoCoordinates => words.left_no_coordinates().to_owned(),
        LeftOutReason::Closed => words.left_closed().to_owned(),
        LeftOutReason::Past => words.left_past().to_owned(),
        LeftOutReason::WindowTooShort { longest_minutes } => {
            words.left_window_too_short(*longest_minutes)
        }
        LeftOutReason::TooFar {
            nearest_city,
            minutes,
        } => words.left_too_far(nearest_city.clone(), format::duration(u32::from(*minutes))),
        LeftOutReason::NoTime {
            team,
            day,
            short_minutes,
        } => words.left_no_time(team + 1, day + 1, *short_minutes),
        LeftOutReason::LowerValue {
            displaced_by,
            value,
        } => words.left_lower_value(name(displaced_by), format!("{value:.1}")),
        LeftOutReason::Conflict => words.left_conflict().to_owned(),
        LeftOutReason::Order { candidate_id } => words.left_order(name(candidate_id)),
        LeftOutReason::Host { team, day } => words.left_host(team + 1, day + 1),
        LeftOutReason::Fits { team, day } => words.left_fits(team + 1, day + 1),
    }
}

/// What would let it in, in words.
fn remedy(words: Locale, remedy: &Remedy, names: &HashMap<i64, String>) -> String {
    let name = |id: &i64| names.get(id).cloned().unwrap_or_default();
    match remedy {
        Remedy::Locate => words.remedy_locate().to_owned(),
        Remedy::AskForTime => words.remedy_ask_for_time().to_owned(),
        Remedy::Shorten { minutes } => words.remedy_shorten(*minutes),
        Remedy::Remove { candidate_id } => words.remedy_remove(name(candidate_id)),
        Remedy::AnotherTeam => words.remedy_another_team().to_owned(),
        Remedy::MoreDays { days } => words.remedy_more_days(*days),
        Remedy::Release => words.remedy_release().to_owned(),
        Remedy::Include { candidate_id } => words.remedy_include(name(candidate_id)),
    }
}

fn names(candidates: &[TripCandidate]) -> HashMap<i64, String> {
    candidates
        .iter()
        .map(|one| (one.enterprise_id, one.name.clone()))
        .collect()
}

#[component]
pub(super) fn Side(planner: Planner) -> impl IntoView {
    view! {
        <aside class="side">
            <Selected planner/>
            <Changed planner/>
            <Variants planner/>
            <LeftOutPanel planner/>
        </aside>
    }
}

/// Team, day and time of a slot.
fn slot_text(words: Locale, planner: Planner, slot: Slot) -> String {
    planner.detail.with(|detail| {
        let team = team_name(words, &detail.frame.teams, usize::from(slot.team));
        let day = detail
            .problem
            .days
            .get(usize::from(slot.day))
            .map(|day| format::weekday(words, day.date))
            .unwrap_or_default();
        format!("{team} {day} {}", format::clock(slot.begin_minute))
    })
}

/// The visit that is looked at, and what can be done with it.
#[component]
fn Selected(planner: Planner) -> impl IntoView {
    // What is typed outlives changes of the plan: the panel is made anew for another company only.
    let there = Memo::new(move |_| {
        let id = planner.selected.get()?;
        planner.candidate(id).map(|_| id)
    });
    move || there.get().map(|id| view! { <Visit planner id/> })
}

#[component]
fn Visit(planner: Planner, id: i64) -> impl IntoView {
    let words = use_words();
    let form = planner.candidate(id);
    let may_write = planner.detail.with_untracked(|detail| detail.may_write);
    view! {
        <section class="panel visit-panel">
            <header>
                <h2>{planner.name(id)}</h2>
                <span class="end"><button type="button" class="btn quiet small icon" aria-label=words.close()
                    on:click=move |_| planner.selected.set(None)><Icon name="i-x"/></button></span>
            </header>
            <div class="body stack">
                <Where planner id/>
                {may_write.then(|| form.map(|one| view! { <Asked planner one/> }))}
                {may_write.then(|| view! { <Acts planner id/> })}
            </div>
        </section>
    }
}

/// Where the visit is, and who they are.
#[component]
fn Where(planner: Planner, id: i64) -> impl IntoView {
    let words = use_words();
    move || {
        let one = planner.candidate(id)?;
        let slot = planner.slot(id);
        let href = match one.lead_id {
            Some(lead) => format!("/leads/{lead}"),
            None => format!("/enterprises/{id}"),
        };
        let is_locked = one.demand.locked;
        Some(view! {
                    <p class="row">
                        {match slot {
                            Some(slot) => slot_text(words, planner, slot),
                            None => words.not_in_the_plan().to_owned(),
                        }}
                        {is_locked.then(|| view! { <span class="badge" data-kind="ok"><Icon name="i-lock"/>{words.is_locked()}</span> })}
                        <a href=href>{words.open_record()}</a>
                    </p>
                    <p class="muted small">
                        {format::place(None, one.city.as_deref())}
                        {one.node.clone().map(|node| format!("，{node}"))}
                        {(!one.products.is_empty()).then(|| format!("；{}", one.products.join("、")))}
                    </p>
        })
    }
}

/// What can be done with the visit.
#[component]
fn Acts(planner: Planner, id: i64) -> impl IntoView {
    let words = use_words();
    move || {
        let one = planner.candidate(id)?;
        let slot = planner.slot(id);
        let is_locked = one.demand.locked;
        let open = planner.openings();
        let mut targets: Vec<(Slot, String)> = open
            .into_iter()
            .map(|((team, day), begin_minute)| {
                let slot = Slot {
                    team,
                    day,
                    begin_minute,
                };
                (slot, slot_text(words, planner, slot))
            })
            .collect();
        targets.sort_by_key(|(slot, _)| *slot);
        let is_anywhere = !targets.is_empty();
        let buttons = targets
            .into_iter()
            .map(|(slot, text)| view! {
                <button type="button" class="btn small" disabled=move || planner.pending.get() on:click=move |_| planner.place(id, slot.team, slot.day)>{text}</button>
            })
            .collect_view();
        Some(view! {
                        <p class="row">
                            {slot.map(|_| view! {
                                <button type="button" class="btn small" aria-pressed=is_locked.to_string()
                                    disabled=move || planner.pending.get()
                                    on:click=move |_| planner.lock(id, !is_locked)>
                                    <Icon name="i-lock"/>{if is_locked { words.unlock_visit() } else { words.lock_visit() }}</button>
                            })}
                            {(slot.is_some() && !is_locked).then(|| view! {
                                <button type="button" class="btn small" disabled=move || planner.pending.get() on:click=move |_| planner.take_out(id)>{words.take_out_visit()}</button>
                            })}
                            <Leave planner id/>
                        </p>
                        {(!is_locked).then(|| view! {
                            <div class="targets">
                                <h3>{if slot.is_some() { words.move_to() } else { words.put_into() }}</h3>
                                {if is_anywhere {
                                    view! { <div class="row wrap">{buttons}</div> }.into_any()
                                } else {
                                    view! { <p class="muted small">{words.nowhere_to_move()}</p> }.into_any()
                                }}
                            </div>
                        })}
        })
    }
}

/// Value, length and must of a visit.
#[component]
fn Asked(planner: Planner, one: TripCandidate) -> impl IntoView {
    let words = use_words();
    let id = one.enterprise_id;
    let value = RwSignal::new(one.value.to_string());
    let duration = RwSignal::new(one.duration_minutes.to_string());
    let wrong = RwSignal::new(None::<String>);
    let is_required = one.required;
    let name = one.name.clone();
    let (near, dates) = planner.detail.with_untracked(|detail| {
        let dates: Vec<chrono::NaiveDate> =
            detail.problem.days.iter().map(|day| day.date).collect();
        (detail.start_on, dates)
    });
    let hours = RwSignal::new(hours_text(&one.demand.open, &dates));
    let host = RwSignal::new(one.demand.host.clone().unwrap_or_default());
    let known = planner.detail.with_untracked(|detail| {
        let all = detail.candidates.iter();
        all.map(|one| one.enterprise_id).collect::<Vec<_>>()
    });
    let after = one.demand.after.iter().copied();
    let first = RwSignal::new(after.into_iter().find(|id| known.contains(id)));
    let others: Vec<(i64, String)> = planner.detail.with_untracked(|detail| {
        let others = detail
            .candidates
            .iter()
            .filter(|other| other.enterprise_id != id);
        others
            .map(|other| (other.enterprise_id, other.name.clone()))
            .collect()
    });
    let send = move || {
        let value = typed_number(&value.get_untracked()).ok().flatten();
        let minutes = typed_number(&duration.get_untracked()).ok().flatten();
        match (value, minutes) {
            (Some(value), Some(minutes))
                if (0.0..=100.0).contains(&value) && (15.0..=600.0).contains(&minutes) =>
            {
                let open = match read_hours(&hours.get_untracked(), near) {
                    Ok(open) => open,
                    Err(problem) => {
                        wrong.set(Some(words.hours_unread(problem.part, &problem.text)));
                        return;
                    }
                };
                wrong.set(None);
                let host = host.get_untracked().trim().to_owned();
                let first = first.get_untracked();
                planner.ask(id, words.visit_changed(&name), move |asked| {
                    asked.value = value;
                    asked.duration_minutes = minutes as u16;
                    asked.demand.open = open;
                    asked.demand.host = (!host.is_empty()).then_some(host);
                    asked.demand.after = first.into_iter().collect();
                });
            }
            _ => wrong.set(Some(words.value_and_minutes().to_owned())),
        }
    };
    let is_bound =
        one.demand.host.is_some() || !one.demand.after.is_empty() || !one.demand.open.is_empty();
    let required_name = one.name;
    view! {
        <form class="row asked" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
            <label for="visit-value" title=words.value_explained()>{words.visit_value()}</label>
            <input class="input num" id="visit-value" inputmode="decimal" autocomplete="off" prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))/>
            <label for="visit-minutes">{words.visit_minutes()}</label>
            <input class="input num" id="visit-minutes" inputmode="numeric" autocomplete="off" prop:value=move || duration.get()
                on:input=move |event| duration.set(event_target_value(&event))/>
            <label class="check"><input type="checkbox" prop:checked=is_required
                on:change=move |event| {
                    let on = event_target_checked(&event);
                    planner.ask(id, words.visit_changed(&required_name), move |asked| asked.required = on);
                }/>{words.must_visit()}</label>
            <details class="more-asked" open=is_bound>
                <summary>{words.more_demands()}</summary>
                <div class="field">
                    <label for="visit-hours">{words.visit_hours()}</label>
                    <input class="input" id="visit-hours" autocomplete="off" placeholder=words.hours_example() prop:value=move || hours.get()
                        on:input=move |event| hours.set(event_target_value(&event))/>
                </div>
                <div class="field">
                    <label for="visit-first">{words.visit_first()}</label>
                    <select class="input" id="visit-first" prop:value=move || first.get().map(|id| id.to_string()).unwrap_or_default() on:change=move |event| first.set(event_target_value(&event).parse().ok())>
                        <option value="">{words.nobody_first()}</option>
                        {others.into_iter().map(|(other, name)| view! {
                            <option value=other.to_string() selected=first.get_untracked() == Some(other)>{name}</option>
                        }).collect_view()}
                    </select>
                </div>
                <div class="field">
                    <label for="visit-host">{words.visit_host()}</label>
                    <input class="input" id="visit-host" maxlength="40" autocomplete="off" prop:value=move || host.get()
                        on:input=move |event| host.set(event_target_value(&event))/>
                </div>
            </details>
            <button type="submit" class="btn small">{words.save()}</button>
        </form>
        {move || wrong.get().map(|text| view! { <p class="error" role="alert"><Icon name="i-warn"/>{text}</p> })}
    }
}

/// A company that is no longer to be visited at all: it leaves the trip, and the gap is filled.
#[component]
fn Leave(planner: Planner, id: i64) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let send = move |_| {
        let before = planner.detail.get_untracked();
        let Some(former) = asked_of(&before, id) else {
            return;
        };
        let Some(chosen) = before
            .candidates
            .iter()
            .find(|one| one.enterprise_id == id)
            .map(|one| ChosenCandidate {
                enterprise_id: id,
                lead_id: one.lead_id,
                value: one.value,
                required: one.required,
            })
        else {
            return;
        };
        let name = planner.name(id);
        let change = TripCandidatesChange {
            version: before.version,
            add: Vec::new(),
            remove: vec![id],
        };
        // Who comes back has the place and the demands of before.
        let back = move || {
            let Some(version) = planner.detail.try_with_untracked(|detail| detail.version) else {
                return;
            };
            let change = TripCandidatesChange {
                version,
                add: vec![chosen.clone()],
                remove: Vec::new(),
            };
            let (plan, former) = (before.plan.clone(), former.clone());
            submit(
                planner.pending,
                change_trip_candidates(before.id, change),
                move |outcome| match read(outcome) {
                    Ok(kept) => {
                        planner.take(kept);
                        planner.restore(&plan, &[former]);
                    }
                    Err(AppError(problem)) => {
                        toasts.failed(problem_sentence(words, &problem));
                    }
                },
            );
        };
        let trip_id = planner.detail.with_untracked(|detail| detail.id);
        submit(
            planner.pending,
            change_trip_candidates(trip_id, change),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    planner.selected.set(None);
                    planner.take(kept);
                    toasts.undoable(words.visit_cancelled(name), back);
                }
                Err(AppError(problem)) => planner.refuse(problem),
            },
        );
    };
    view! {
        <button type="button" class="btn small danger" title=words.cancel_visit_hint() disabled=move || planner.pending.get()
            on:click=send>{words.cancel_visit()}</button>
    }
}

/// One line of a comparison.
fn change_line(words: Locale, planner: Planner, change: &PlanChange) -> impl IntoView + use<> {
    let text = |slot: Option<Slot>| slot.map(|slot| slot_text(words, planner, slot));
    let (before, after) = (text(change.before), text(change.after));
    let said = match (before, after) {
        (Some(before), Some(after)) => format!("{before} → {after}"),
        (None, Some(after)) => format!("{} {after}", words.visit_added()),
        (Some(before), None) => format!("{} {before}", words.visit_dropped()),
        (None, None) => String::new(),
    };
    let kind = match (change.before, change.after) {
        (None, _) => "up",
        (_, None) => "down",
        _ => "muted",
    };
    let id = change.candidate_id;
    view! {
        <li>
            <button type="button" class="link" on:click=move |_| planner.selected.set(Some(id))>{planner.name(id)}</button>
            <span class=kind>{said}</span>
        </li>
    }
}

/// What the last change has changed.
#[component]
fn Changed(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        let changed = planner.changed.get();
        if changed.is_empty() {
            return None;
        }
        let lines = changed
            .iter()
            .map(|change| change_line(words, planner, change))
            .collect_view();
        Some(view! {
            <section class="panel changed" aria-live="polite">
                <header>
                    <h2>{words.changes_of(changed.len())}</h2>
                    <span class="end"><button type="button" class="btn quiet small icon" aria-label=words.close()
                        on:click=move |_| planner.changed.set(Vec::new())><Icon name="i-x"/></button></span>
                </header>
                <ul class="body">{lines}</ul>
            </section>
        })
    }
}

/// Kept plans, each against the plan as it is.
#[component]
fn Variants(planner: Planner) -> impl IntoView {
    let words = use_words();
    let name = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let compared = RwSignal::new(None::<i64>);
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "variant"));
    let keep = move || {
        let id = planner.detail.with_untracked(|detail| detail.id);
        submit(
            planner.pending,
            keep_trip_variant(id, name.get_untracked()),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    problem.set(None);
                    name.set(String::new());
                    planner.detail.set(kept);
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let drop_variant = move |variant: i64| {
        let id = planner.detail.with_untracked(|detail| detail.id);
        submit(
            planner.pending,
            drop_trip_variant(id, variant),
            move |outcome| match read(outcome) {
                Ok(kept) => planner.detail.set(kept),
                Err(AppError(refused)) => planner.refuse(refused),
            },
        );
    };
    let row = move |variant: TripVariant, may_write: bool| {
        let id = variant.id;
        let plan = variant.plan.clone();
        let restored = variant.plan.clone();
        view! {
            <tr>
                <td><button type="button" class="link" aria-expanded=move || (compared.get() == Some(id)).to_string()
                    on:click=move |_| compared.update(|own| *own = (*own != Some(id)).then_some(id))>{variant.name}</button></td>
                <td class="num">{format::count(plan.visited)}</td>
                <td class="num">{format!("{:.1}", plan.total_value)}</td>
                <td class="num">{format::hours(plan.travel_minutes)}</td>
                <td class="num">
                    {may_write.then(|| view! {
                        <button type="button" class="btn small quiet" on:click=move |_| planner.restore(&restored, &[])>{words.use_variant()}</button>
                        <button type="button" class="btn small quiet icon" aria-label=words.delete_word() on:click=move |_| drop_variant(id)><Icon name="i-x"/></button>
                    })}
                </td>
            </tr>
            {move || (compared.get() == Some(id)).then(|| {
                let lines = planner.detail.with(|detail| changes(&detail.plan, &plan));
                let view = lines.iter().map(|change| change_line(words, planner, change)).collect_view();
                view! { <tr><td colspan="5">{if lines.is_empty() {
                    view! { <p class="muted small">{words.no_difference()}</p> }.into_any()
                } else {
                    view! { <ul class="changes">{view}</ul> }.into_any()
                }}</td></tr> }
            })}
        }
    };
    view! {
        <section class="panel variants">
            <header><h2>{words.kept_plans()}</h2></header>
            <div class="body stack">
                {move || {
                    let (variants, plan, may_write) = planner.detail.with(|detail| {
                        (detail.variants.clone(), detail.plan.clone(), detail.may_write)
                    });
                    if variants.is_empty() {
                        return view! { <p class="muted small">{words.no_kept_plan()}</p> }.into_any();
                    }
                    let rows = variants.into_iter().map(|variant| row(variant, may_write)).collect_view();
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.kept_plans()>
                            <table class="table">
                                <thead><tr><th>{words.plan_word()}</th><th class="num">{words.visits()}</th><th class="num">{words.visit_value()}</th>
                                    <th class="num">{words.travelling()}<span class="unit">"h"</span></th><th><span class="vh">{words.actions()}</span></th></tr></thead>
                                <tbody>
                                    <tr><td>{words.plan_now()}</td><td class="num">{format::count(plan.visited)}</td>
                                        <td class="num">{format!("{:.1}", plan.total_value)}</td><td class="num">{format::hours(plan.travel_minutes)}</td><td></td></tr>
                                    {rows}
                                </tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
                {move || planner.detail.with(|detail| detail.may_write).then(|| view! {
                    <form class="row keep" novalidate on:submit=move |event| { event.prevent_default(); keep(); }>
                        <TextField id="variant-name" label=words.keep_plan_as() value=name max=200 error/>
                        <button type="submit" class="btn small" disabled=move || planner.pending.get()>{words.keep_plan()}</button>
                    </form>
                })}
            </div>
        </section>
    }
}

/// Who is left out, why, and what would let them in.
#[component]
fn LeftOutPanel(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        planner.detail.with(|detail| {
            let names = names(&detail.candidates);
            let may_write = detail.may_write;
            let mut left: Vec<_> = detail
                .plan
                .left_out
                .iter()
                .filter_map(|left| {
                    let one = detail
                        .candidates
                        .iter()
                        .find(|one| one.enterprise_id == left.candidate_id)?;
                    Some((one.clone(), left.clone()))
                })
                .collect();
            left.sort_by(|one, other| other.0.value.total_cmp(&one.0.value));
            let count = left.len();
            let rows = left
                .into_iter()
                .map(|(one, left)| {
                    let id = one.enterprise_id;
                    view! {
                        <tr>
                            <td class="two nowrap"><b>{one.name}</b><small>{format::place(None, one.city.as_deref())}</small></td>
                            <td class="num">{format!("{:.1}", one.value)}</td>
                            <td class="two">
                                {reason(words, &left.reason, &names)}
                                {left.remedy.map(|own| view! { <small>{remedy(words, &own, &names)}</small> })}
                            </td>
                            <td class="num">{may_write.then(|| view! {
                                <button type="button" class="btn small quiet" aria-pressed=move || (planner.selected.get() == Some(id)).to_string()
                                    on:click=move |_| planner.selected.set(Some(id))>{words.put_in_visit()}</button>
                            })}</td>
                        </tr>
                    }
                })
                .collect_view();
            view! {
                <section class="panel out">
                    <header><h2>{words.left_out(count)}</h2></header>
                    {if count == 0 {
                        view! { <p class="body muted small">{words.nobody_left_out()}</p> }.into_any()
                    } else {
                        view! {
                            <div class="scroll-x" tabindex="0" role="region" aria-label=words.left_out(count)>
                                <table class="table">
                                    <thead><tr><th>{words.enterprise()}</th><th class="num">{words.visit_value()}</th><th>{words.reason()}</th>
                                        <th><span class="vh">{words.actions()}</span></th></tr></thead>
                                    <tbody>{rows}</tbody>
                                </table>
                            </div>
                        }.into_any()
                    }}
                </section>
            }
        })
    }
}
