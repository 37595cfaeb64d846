//! A trip's plan: a row a team, a column a day, time running down inside the cell; and the same on paper.

use std::collections::HashMap;

use chrono::Datelike;
use domain::audit::{RecordKind, RecordTag, UndoAct};
use domain::trip::{DayPlan, LeftOutReason, TravelMode, TripCandidate, TripDetail};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::trip;
use crate::{
    audit::{DeleteForm, done_undoable},
    component::{Icon, PageTitle, load_by_id, use_toasts},
    format,
    words::{Locale, use_words},
};

/// One trip.
#[component]
pub fn TripPage() -> impl IntoView {
    load_by_id(trip, |detail, _| view! { <Trip detail/> }.into_any())
}

/// The day in a cell runs from 7:00; a minute is this many pixels.
const FROM_MINUTE: u16 = 420;
const PIXELS_PER_MINUTE: f64 = 0.235;

fn block(from: u16, until: u16) -> String {
    let top = f64::from(from.saturating_sub(FROM_MINUTE)) * PIXELS_PER_MINUTE;
    let height = f64::from(until.saturating_sub(from)) * PIXELS_PER_MINUTE;
    format!("--y:{top:.0};--h:{height:.0}")
}

fn mode(words: Locale, mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Local => words.mode_local(),
        TravelMode::Road => words.mode_road(),
        TravelMode::Rail => words.mode_rail(),
        TravelMode::Flight => words.mode_flight(),
    }
}

fn reason(words: Locale, reason: &LeftOutReason, names: &HashMap<i64, TripCandidate>) -> String {
    match reason {
        LeftOutReason::NoCoordinates => words.left_no_coordinates().to_owned(),
        LeftOutReason::Closed => words.left_closed().to_owned(),
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
        } => words.left_lower_value(
            names
                .get(displaced_by)
                .map_or_else(String::new, |candidate| candidate.name.clone()),
            format!("{value:.1}"),
        ),
        LeftOutReason::Conflict => words.left_conflict().to_owned(),
    }
}

#[component]
fn Trip(detail: TripDetail) -> impl IntoView {
    let words = use_words();
    let names: HashMap<i64, TripCandidate> = detail
        .candidates
        .iter()
        .map(|candidate| (candidate.enterprise_id, candidate.clone()))
        .collect();
    let plan = detail.plan.clone();
    let id = detail.id;
    let toasts = use_toasts();
    let navigate = use_navigate();
    let deleting = RwSignal::new(false);
    let tag = RecordTag {
        kind: RecordKind::Trip,
        id,
    };
    let (seen, name) = (detail.version, detail.name.clone());
    let removed = name.clone();
    let deleted = Callback::new(move |version: i64| {
        let back = navigate.clone();
        let act = UndoAct {
            kind: tag.kind,
            id,
            version,
        };
        let text = words.deleted_name(name.clone());
        done_undoable(toasts, words, text, act, move || {
            back(&format!("/trips/{id}"), NavigateOptions::default());
        });
        navigate("/trips", NavigateOptions::default());
    });
    let last = detail.start_on + chrono::Days::new(u64::from(detail.days.saturating_sub(1)));
    let span = words.trip_span(
        detail.start_on.to_string(),
        last.to_string(),
        detail.start_city.clone(),
        detail.bureau.clone(),
    );
    let possible: f64 = detail.candidates.iter().map(|one| one.value).sum();
    let share = if possible > 0.0 {
        plan.total_value / possible * 100.0
    } else {
        0.0
    };
    let dates: Vec<_> = plan
        .teams
        .first()
        .map(|team| team.days.iter().map(|day| day.date).collect())
        .unwrap_or_default();
    let head = dates
        .iter()
        .map(|date| view! {
            <div class="d"><b>{format::weekday(words, *date)}</b><span class="muted">{format::short_day(*date)}</span></div>
        })
        .collect_view();
    let rows = plan
        .teams
        .iter()
        .enumerate()
        .map(|(index, team)| {
            let number = (index % 4 + 1).to_string();
            let cells = team
                .days
                .iter()
                .map(
                    |day| view! { <Cell day=day.clone() team=number.clone() names=names.clone()/> },
                )
                .collect_view();
            view! {
                <div class="tm" data-team=number.clone()>
                    <b>{words.team(index + 1)}</b>
                    <span>{words.firm_count(u32::from(team.visits))}</span>
                    <span>{words.on_the_way(format::hours(team.travel_minutes))}</span>
                </div>
                {cells}
            }
        })
        .collect_view();
    let left_out = plan
        .left_out
        .iter()
        .map(|left| {
            let candidate = names.get(&left.candidate_id);
            view! {
                <tr>
                    <td class="two nowrap">
                        <b>{candidate.map(|one| one.name.clone())}</b>
                        <small>{candidate.map(|one| format::place(None, one.city.as_deref()))}</small>
                    </td>
                    <td class="num">{candidate.map(|one| format!("{:.1}", one.value))}</td>
                    <td class="two">{reason(words, &left.reason, &names)}</td>
                </tr>
            }
        })
        .collect_view();
    let none_left = plan.left_out.is_empty();
    let left_count = plan.left_out.len();
    view! {
        <PageTitle text=detail.name.clone()/>
        <main class="page trip-page" id="main">
            <div class="page-head">
                <h1>{detail.name.clone()}</h1>
                <p class="sub">{span.clone()}</p>
                <div class="end">
                    <a class="btn" href=format!("/trips/{id}/calendar.ics") rel="external" download=""><Icon name="i-download"/>{words.calendar()}</a>
                    {detail.may_write.then(|| view! {
                        <button type="button" class="btn" on:click=move |_| deleting.set(true)>{words.delete_word()}</button>
                    })}
                    <button type="button" class="btn primary" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print()}</button>
                </div>
            </div>
            {move || deleting.get().then(|| view! {
                <DeleteForm tag version=seen name=removed.clone() close=Callback::new(move |()| deleting.set(false)) done=deleted/>
            })}
            <ul class="tot">
                <li>{words.cities()}<b>{format::count(plan.cities)}</b></li>
                <li>{words.visits()}<b>{format::count(plan.visited)}</b><span class="muted">{words.of_candidates(detail.candidates.len())}</span></li>
                <li>{words.value()}<b>{format!("{:.1}", plan.total_value)}</b><span class="muted">{words.of_value(format!("{share:.0}"))}</span></li>
                <li>{words.meetings()}<b>{format::hours(plan.meeting_minutes)}</b><span class="unit">{words.unit_hours()}</span></li>
                <li>{words.travelling()}<b>{format::hours(plan.travel_minutes)}</b><span class="unit">{words.unit_hours()}</span></li>
                <li class="end-x"><span class="up row"><Icon name="i-check"/>{words.plan_checked()}</span></li>
            </ul>
            <div class="cols fold">
                <section
                    class="plan"
                    aria-label=words.time_line()
                    tabindex="0"
                    style=format!("--days:{};--teams:{}", dates.len(), plan.teams.len())
                >
                    <div class="d muted">"7:00—22:00"</div>
                    {head}
                    {rows}
                </section>
                <aside class="side">
                    <section class="panel out">
                        <header><h2>{words.left_out(left_count)}</h2></header>
                        {if none_left {
                            view! { <p class="body muted small">{words.nobody_left_out()}</p> }.into_any()
                        } else {
                            view! {
                                <div class="scroll-x" tabindex="0" role="region" aria-label=words.left_out(left_count)>
                                    <table class="table">
                                        <thead><tr><th>{words.enterprise()}</th><th class="num">{words.value()}</th><th>{words.reason()}</th></tr></thead>
                                        <tbody>{left_out}</tbody>
                                    </table>
                                </div>
                            }.into_any()
                        }}
                    </section>
                </aside>
            </div>
            <Itinerary detail span names/>
        </main>
    }
}

#[component]
fn Cell(day: DayPlan, team: String, names: HashMap<i64, TripCandidate>) -> impl IntoView {
    let words = use_words();
    let free = day.stops.is_empty() && day.legs.is_empty();
    let weekend = matches!(
        day.date.weekday(),
        chrono::Weekday::Sat | chrono::Weekday::Sun
    );
    if free {
        return view! {
            <div class="c off" data-team=team>
                <span class="offt">{if weekend { words.rest_day() } else { words.free_day() }}</span>
            </div>
        }
        .into_any();
    }
    let legs = day
        .legs
        .iter()
        .filter(|leg| leg.from_city != leg.to_city)
        .map(|leg| {
            let minutes = u32::from(leg.until_minute.saturating_sub(leg.from_minute));
            view! {
                <span class="t" style=block(leg.from_minute, leg.until_minute)
                    title=format!("{} {}—{}", mode(words, leg.mode), format::clock(leg.from_minute), format::clock(leg.until_minute))>
                    <em>{format!("→{} {}", leg.to_city, format::duration(minutes))}</em>
                </span>
            }
        })
        .collect_view();
    let stops = day
        .stops
        .iter()
        .map(|stop| {
            let candidate = names.get(&stop.candidate_id);
            let href = candidate.map(|one| match one.lead_id {
                Some(lead) => format!("/leads/{lead}"),
                None => format!("/enterprises/{}", one.enterprise_id),
            });
            let name = candidate.map(|one| one.name.clone()).unwrap_or_default();
            let title = format!("{} {}", format::clock(stop.begin_minute), name);
            view! {
                <a class="v" href=href style=block(stop.begin_minute, stop.end_minute) title=title>
                    <span>{format::clock(stop.begin_minute)}</span>{name}
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="c" data-team=team>
            <i class="lunch" style=block(720, 810)></i>
            {legs}
            {stops}
            {day.hotel_city.map(|city| view! { <span class="h"><Icon name="i-bed"/>{city}</span> })}
        </div>
    }
    .into_any()
}

/// The same plan as a list a day, for paper.
#[component]
fn Itinerary(
    detail: TripDetail,
    span: String,
    names: HashMap<i64, TripCandidate>,
) -> impl IntoView {
    let words = use_words();
    let plan = detail.plan;
    let count = plan.teams.first().map_or(0, |team| team.days.len());
    let days = (0..count)
        .filter_map(|day| {
            let date = plan.teams.first()?.days.get(day)?.date;
            let teams = plan
                .teams
                .iter()
                .enumerate()
                .filter_map(|(index, team)| {
                    let own = team.days.get(day)?;
                    if own.stops.is_empty() && own.legs.is_empty() {
                        return None;
                    }
                    // Journeys and visits in the order of the clock.
                    let mut lines: Vec<(u16, AnyView)> = Vec::new();
                    for leg in own.legs.iter().filter(|leg| leg.from_city != leg.to_city) {
                        let minutes = u32::from(leg.until_minute.saturating_sub(leg.from_minute));
                        lines.push((leg.from_minute, view! {
                            <tr class="travel">
                                <td><time>{format::clock(leg.from_minute)}"—"{format::clock(leg.until_minute)}</time></td>
                                <td colspan="3">{words.journey(
                                    leg.from_city.clone(),
                                    leg.to_city.clone(),
                                    mode(words, leg.mode),
                                    format!("{:.0}", leg.kilometres),
                                    format::duration(minutes),
                                )}</td>
                            </tr>
                        }.into_any()));
                    }
                    for stop in &own.stops {
                        let one = names.get(&stop.candidate_id);
                        lines.push((stop.begin_minute, view! {
                            <tr>
                                <td><time>{format::clock(stop.begin_minute)}"—"{format::clock(stop.end_minute)}</time></td>
                                <td><b>{one.map(|one| one.name.clone())}</b></td>
                                <td>{one.and_then(|one| one.address.clone()).unwrap_or_else(|| stop.city.clone())}</td>
                                <td>{one.map(|one| one.products.join("、"))}</td>
                            </tr>
                        }.into_any()));
                    }
                    lines.sort_by_key(|(minute, _)| *minute);
                    Some(view! {
                        <div class="it-team" data-team=(index % 4 + 1).to_string()>
                            <h3>{words.team(index + 1)}</h3>
                            <table>
                                <thead><tr><th>{words.time()}</th><th>{words.enterprise()}</th><th>{words.address()}</th><th>{words.products()}</th></tr></thead>
                                <tbody>{lines.into_iter().map(|(_, line)| line).collect_view()}</tbody>
                            </table>
                            {own.hotel_city.clone().map(|city| view! { <p class="stay"><Icon name="i-bed"/>{words.stay_in(city)}</p> })}
                        </div>
                    })
                })
                .collect_view();
            Some(view! {
                <section class="it-day">
                    <h2>{words.itinerary_day(date.month(), date.day(), format::weekday(words, date))}</h2>
                    {teams}
                </section>
            })
        })
        .collect_view();
    view! {
        <section class="itinerary">
            <header><h1>{detail.name}</h1><p>{span}</p></header>
            {days}
        </section>
    }
}
