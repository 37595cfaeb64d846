//! A trip's plan as a time line: a row a team, a column a day, time running down inside the cell.

use std::collections::HashMap;

use domain::trip::{DayPlan, Demand, Leg, TeamFrame, TravelMode};
use leptos::{ev::KeyboardEvent, prelude::*};

use super::planner::Planner;
use crate::{
    component::Icon,
    format,
    words::{Locale, use_words},
};

/// The day in a cell runs from 7:00; a minute is this many pixels.
const FROM_MINUTE: u16 = 420;
const PIXELS_PER_MINUTE: f64 = 0.235;
const LUNCH: (u16, u16) = (720, 810);

fn block(from: u16, until: u16) -> String {
    let top = f64::from(from.saturating_sub(FROM_MINUTE)) * PIXELS_PER_MINUTE;
    let height = f64::from(until.saturating_sub(from)) * PIXELS_PER_MINUTE;
    format!("--y:{top:.0};--h:{height:.0}")
}

pub(super) fn mode(words: Locale, mode: TravelMode) -> &'static str {
    match mode {
        TravelMode::Local => words.mode_local(),
        TravelMode::Road => words.mode_road(),
        TravelMode::Rail => words.mode_rail(),
        TravelMode::Flight => words.mode_flight(),
    }
}

/// A team's own name, or its number.
pub(super) fn team_name(words: Locale, teams: &[TeamFrame], index: usize) -> String {
    words.team_called(teams.get(index).map(|team| team.name.as_str()), index)
}

/// A way between two cities: from, to, by what, how long, how far.
pub(super) fn journey(words: Locale, leg: &Leg) -> String {
    let minutes = u32::from(leg.until_minute.saturating_sub(leg.from_minute));
    words.journey(
        leg.from_city.clone(),
        leg.to_city.clone(),
        mode(words, leg.mode),
        format!("{:.0}", leg.kilometres),
        format::duration(minutes),
    )
}

/// What a cell shows of a visit.
#[derive(Clone, PartialEq)]
struct Shown {
    id: i64,
    name: String,
    demand: Demand,
    begin: u16,
    end: u16,
}

/// The whole time line.
#[component]
pub(super) fn TimeLine(planner: Planner) -> impl IntoView {
    let words = use_words();
    let openings = Memo::new(move |_| planner.openings());
    move || {
        planner.detail.with(|detail| {
            let plan = &detail.plan;
            let working: Vec<bool> = detail.problem.days.iter().map(|day| day.working).collect();
            let head = detail
                .problem
                .days
                .iter()
                .map(|day| view! {
                    <div class="d" class:we=!day.working>
                        <b>{format::weekday(words, day.date)}</b><span class="muted">{format::short_day(day.date)}</span>
                    </div>
                })
                .collect_view();
            let known: HashMap<i64, (String, Demand)> = detail
                .candidates
                .iter()
                .map(|one| (one.enterprise_id, (one.name.clone(), one.demand.clone())))
                .collect();
            let rows = plan
                .teams
                .iter()
                .enumerate()
                .map(|(index, team)| {
                    let number = (index % 4 + 1).to_string();
                    let people = detail
                        .frame
                        .teams
                        .get(index)
                        .map(|team| team.people.join("、"))
                        .unwrap_or_default();
                    let cells = team
                        .days
                        .iter()
                        .enumerate()
                        .map(|(day, own)| {
                            let shown = own
                                .stops
                                .iter()
                                .map(|stop| {
                                    let (name, demand) =
                                        known.get(&stop.candidate_id).cloned().unwrap_or_default();
                                    Shown {
                                        id: stop.candidate_id,
                                        name,
                                        demand,
                                        begin: stop.begin_minute,
                                        end: stop.end_minute,
                                    }
                                })
                                .collect();
                            let (team_number, day_number) = (index as u8, day as u8);
                            let held: Vec<(u16, u16)> = detail
                                .problem
                                .holds
                                .iter()
                                .filter(|hold| (hold.team, hold.day) == (team_number, day_number))
                                .map(|hold| (hold.from_minute, hold.until_minute))
                                .collect();
                            let now = detail
                                .problem
                                .now
                                .filter(|now| now.day == day_number)
                                .map(|now| now.minute);
                            view! {
                                <Cell held now planner openings team=index as u8 day=day as u8 plan=own.clone() shown
                                    is_working=working.get(day).copied().unwrap_or(true)
                                    may_write=detail.may_write/>
                            }
                        })
                        .collect_view();
                    view! {
                        <div class="tm" data-team=number>
                            <b>{team_name(words, &detail.frame.teams, index)}</b>
                            {(!people.is_empty()).then(|| view! { <span class="who" title=people.clone()>{people.clone()}</span> })}
                            <span>{words.firm_count(u32::from(team.visits))}</span>
                            <span>{words.on_the_way(format::hours(team.travel_minutes))}</span>
                        </div>
                        {cells}
                    }
                })
                .collect_view();
            view! {
                <section
                    class="plan"
                    aria-label=words.time_line()
                    tabindex="0"
                    style=format!("--days:{};--teams:{}", detail.problem.days.len(), plan.teams.len())
                >
                    <div class="d muted">"7:00—22:00"</div>
                    {head}
                    {rows}
                </section>
            }
        })
    }
}

#[component]
fn Cell(
    planner: Planner,
    openings: Memo<HashMap<(u8, u8), u16>>,
    team: u8,
    day: u8,
    plan: DayPlan,
    shown: Vec<Shown>,
    is_working: bool,
    may_write: bool,
    /// When the team is held up.
    held: Vec<(u16, u16)>,
    /// The minute that the trip has come to, on its day.
    now: Option<u16>,
) -> impl IntoView {
    let words = use_words();
    let number = (usize::from(team) % 4 + 1).to_string();
    let is_idle = plan.stops.is_empty() && plan.legs.is_empty();
    let legs = plan
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
    let stops = shown
        .into_iter()
        .map(|visit| {
            let id = visit.id;
            let is_locked = visit.demand.locked;
            let is_pinned = !is_locked && visit.demand.fixed_day.is_some();
            let title = format!(
                "{}—{} {}",
                format::clock(visit.begin),
                format::clock(visit.end),
                visit.name,
            );
            let mark = if is_locked {
                Some(("i-lock", words.is_locked()))
            } else if is_pinned {
                Some(("i-pin", words.is_pinned()))
            } else {
                None
            };
            let is_selected = move || planner.selected.get() == Some(id);
            view! {
                <button type="button" class="v" class:lk=is_locked style=block(visit.begin, visit.end) title=title
                    aria-pressed=move || is_selected().to_string()
                    draggable=(may_write && !is_locked).to_string()
                    on:dragstart=move |_| planner.selected.set(Some(id))
                    on:click=move |_| planner.selected.update(|selected| {
                        *selected = (*selected != Some(id)).then_some(id);
                    })>
                    <span>{format::clock(visit.begin)}</span>{visit.name}
                    {mark.map(|(icon, word)| view! { <i title=word><Icon name=icon/><span class="vh">{word}</span></i> })}
                </button>
            }
        })
        .collect_view();
    let date = plan.date;
    // Only while a visit is selected a cell is a place to put it.
    let begin = move || openings.with(|openings| openings.get(&(team, day)).copied());
    let drop_here = move || {
        if may_write
            && begin().is_some()
            && let Some(id) = planner.selected.get_untracked()
        {
            planner.place(id, team, day);
        }
    };
    let target = move || {
        let minute = begin().filter(|_| may_write)?;
        let clock = format::clock(minute);
        let short = format::short_day(date);
        Some(view! {
            <button type="button" class="here" aria-label=format!("{} {} {}", words.team(usize::from(team) + 1), short, words.move_here(&clock)) on:click=move |_| drop_here()
                on:keydown=move |event: KeyboardEvent| if event.key() == "Escape" { planner.selected.set(None); }>
                {words.move_here(&clock)}
            </button>
        })
    };
    let rest = if is_working {
        words.free_day()
    } else {
        words.rest_day()
    };
    view! {
        <div class="c" class:off=is_idle class:we=!is_working data-team=number
            class:ok=move || begin().is_some()
            on:dragover=move |event| if begin().is_some() { event.prevent_default(); }
            on:drop=move |event| { event.prevent_default(); drop_here(); }>
            {if is_idle {
                view! { <span class="offt">{rest}</span> }.into_any()
            } else {
                view! {
                    <i class="lunch" style=block(LUNCH.0, LUNCH.1)></i>
                    {now.map(|now| view! { <i class="now" style=block(now, now) title=words.now_word()></i> })}
                    {held.into_iter().map(|(from, until)| view! {
                        <span class="held" style=block(from, until) title=format!("{} {}—{}", words.held_up(), format::clock(from), format::clock(until))></span>
                    }).collect_view()}
                    {legs}
                    {stops}
                    {plan.hotel_city.map(|city| view! { <span class="h"><Icon name="i-bed"/>{city}</span> })}
                }.into_any()
            }}
            {target}
        </div>
    }
}
