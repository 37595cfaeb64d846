//! A trip: its plan as time line, as list and on the map, what can be done with it, and the same on paper.

use std::collections::HashMap;

use domain::audit::{RecordKind, RecordTag, UndoAct};
use domain::trip::{SEARCH_SECONDS, TripDetail, TripState};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    decide_trip,
    frame::{CompaniesForm, FrameForm, HoldForm},
    itinerary::Itinerary,
    last_day,
    planner::{Look, Planner, read},
    side::Side,
    timeline::TimeLine,
    trip,
};
use crate::{
    audit::{DeleteForm, done_undoable},
    component::{
        CityMap, CityPoint, FormDialog, Icon, PageTitle, Refusal, TextField, field_error,
        load_by_id, submit, use_toasts,
    },
    error::AppError,
    format,
    words::{Locale, use_words},
};

/// Seconds that a search may be given.
const SECONDS: [u16; 3] = [5, 15, SEARCH_SECONDS];
/// Ten thousand yuan.
const WAN: f64 = 10_000.0;

/// One trip.
#[component]
pub fn TripPage() -> impl IntoView {
    load_by_id(trip, |detail, _| view! { <Trip detail/> }.into_any())
}

/// What is open above the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialog {
    Frame,
    Companies,
    Hold,
    Return,
    Delete,
}

/// The state of a trip in a word.
#[must_use]
pub(super) fn state_word(words: Locale, state: TripState) -> &'static str {
    match state {
        TripState::Draft => words.trip_draft(),
        TripState::Submitted => words.trip_submitted(),
        TripState::Approved => words.trip_approved(),
        TripState::Returned => words.trip_returned(),
    }
}

#[component]
fn Trip(detail: TripDetail) -> impl IntoView {
    let words = use_words();
    let planner = Planner::new(detail);
    let dialog = RwSignal::new(None::<Dialog>);
    let close = Callback::new(move |()| dialog.set(None));
    // A search may be running from before this page was opened.
    Effect::new(move |_| planner.follow(false));
    let name = move || planner.detail.with(|detail| detail.name.clone());
    let span = Memo::new(move |_| {
        planner.detail.with(|detail| {
            let last = last_day(detail.start_on, detail.days);
            words.trip_span(
                detail.start_on.to_string(),
                last.to_string(),
                detail.start_city.clone(),
                detail.bureau.clone(),
            )
        })
    });
    let look = planner.look;
    view! {
        {move || view! { <PageTitle text=name()/> }}
        <main class="page trip-page" id="main">
            <div class="page-head">
                <h1>{name}</h1>
                <p class="sub">{move || span.get()}</p>
                <Tools planner dialog/>
            </div>
            <State planner/>
            <Refusal problem=planner.refused/>
            {move || match dialog.get() {
                Some(Dialog::Frame) => Some(view! { <FrameForm planner close/> }.into_any()),
                Some(Dialog::Companies) => Some(view! { <CompaniesForm planner close/> }.into_any()),
                Some(Dialog::Hold) => Some(view! { <HoldForm planner close/> }.into_any()),
                Some(Dialog::Return) => Some(view! { <ReturnForm planner close/> }.into_any()),
                Some(Dialog::Delete) => Some(view! { <Delete planner close/> }.into_any()),
                None => None,
            }}
            <Progress planner/>
            <Totals planner/>
            <div class="cols fold" class:hidden=move || look.get() == Look::List>
                {move || match look.get() {
                    Look::TimeLine | Look::List => view! { <TimeLine planner/> }.into_any(),
                    Look::Map => view! { <Routes planner/> }.into_any(),
                }}
                <Side planner/>
            </div>
            // On paper it is the list, whatever is on the screen.
            {move || planner.detail.with(|detail| view! {
                <Itinerary detail=detail.clone() span=span.get() shown=Signal::derive(move || look.get() == Look::List)/>
            })}
        </main>
    }
}

#[component]
fn Tools(planner: Planner, dialog: RwSignal<Option<Dialog>>) -> impl IntoView {
    let words = use_words();
    let seconds = RwSignal::new(SECONDS[0]);
    let id = planner.detail.with_untracked(|detail| detail.id);
    let looks = [
        (Look::TimeLine, words.time_line()),
        (Look::List, words.as_list()),
        (Look::Map, words.on_the_map()),
    ]
    .into_iter()
    .map(|(look, word)| view! {
        <button type="button" class="btn" aria-pressed=move || (planner.look.get() == look).to_string()
            on:click=move |_| planner.look.set(look)>{word}</button>
    })
    .collect_view();
    let may_write = Memo::new(move |_| planner.detail.with(|detail| detail.may_write));
    let is_busy = move || planner.pending.get() || planner.progress.with(Option::is_some);
    let options = move || {
        SECONDS
            .into_iter()
            .map(|own| view! {
                <option value=own.to_string() selected=move || seconds.get() == own>{words.in_seconds(own)}</option>
            })
            .collect_view()
    };
    view! {
        <div class="end">
            <span class="btns" role="group" aria-label=words.looks()>{looks}</span>
            {move || may_write.get().then(|| view! {
                <span class="btns search-plan">
                    <select class="input" aria-label=words.search_seconds()
                        on:change=move |event| if let Ok(own) = event_target_value(&event).parse() { seconds.set(own); }>
                        {options()}
                    </select>
                    <button type="button" class="btn" disabled=is_busy title=words.search_anew_hint()
                        on:click=move |_| planner.search(seconds.get_untracked(), false)>{words.search_anew()}</button>
                    <button type="button" class="btn" disabled=is_busy title=words.search_kept_hint()
                        on:click=move |_| planner.search(seconds.get_untracked(), true)>{words.search_kept()}</button>
                </span>
                <button type="button" class="btn" disabled=is_busy on:click=move |_| dialog.set(Some(Dialog::Companies))>
                    <Icon name="i-plus"/>{words.add_companies()}</button>
                <button type="button" class="btn" disabled=is_busy on:click=move |_| dialog.set(Some(Dialog::Frame))>{words.teams_and_days()}</button>
            })}
            <a class="btn" href=format!("/trips/{id}/book")><Icon name="i-visit"/>{words.book_word()}</a>
            <details class="drop">
                <summary class="btn">{words.more()}<Icon name="i-down"/></summary>
                <ul class="menu">
                    <li><a href=format!("/road/{id}") rel="external"><Icon name="i-phone"/>{words.phone_page()}</a></li>
                    <li><a href=format!("/trips/{id}/report")><Icon name="i-chart"/>{words.report_word()}</a></li>
                    {move || may_write.get().then(|| view! {
                        <li><button type="button" disabled=is_busy on:click=move |_| dialog.set(Some(Dialog::Hold))><Icon name="i-clock"/>{words.held_up()}</button></li>
                    })}
                    <li><a href=format!("/trips/{id}/calendar.ics") rel="external" download=""><Icon name="i-download"/>{words.calendar()}</a></li>
                    <li><button type="button" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print()}</button></li>
                    {move || may_write.get().then(|| view! {
                        <li><button type="button" on:click=move |_| dialog.set(Some(Dialog::Delete))>{words.delete_word()}</button></li>
                    })}
                </ul>
            </details>
            <Decide planner dialog/>
        </div>
    }
}

/// What comes next for the trip's approval.
#[component]
fn Decide(planner: Planner, dialog: RwSignal<Option<Dialog>>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let decide = move |to: TripState, said: &'static str| {
        let (id, version) = planner
            .detail
            .with_untracked(|detail| (detail.id, detail.version));
        submit(
            planner.pending,
            decide_trip(id, version, to, String::new()),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    planner.refused.set(None);
                    planner.detail.set(kept);
                    toasts.done(said);
                }
                Err(AppError(problem)) => planner.refused.set(Some(problem)),
            },
        );
    };
    move || {
        let (state, may_write, may_decide, is_changed) = planner.detail.with(|detail| {
            (
                detail.state,
                detail.may_write,
                detail.may_decide,
                detail.is_changed,
            )
        });
        let is_busy = move || planner.pending.get();
        match state {
            TripState::Submitted => view! {
                {may_write.then(|| view! {
                    <button type="button" class="btn" disabled=is_busy
                        on:click=move |_| decide(TripState::Draft, words.trip_taken_back())>{words.take_back_trip()}</button>
                })}
                {may_decide.then(|| view! {
                    <button type="button" class="btn" disabled=is_busy on:click=move |_| dialog.set(Some(Dialog::Return))>{words.return_trip()}</button>
                    <button type="button" class="btn primary" disabled=is_busy
                        on:click=move |_| decide(TripState::Approved, words.trip_was_approved())>{words.approve_trip()}</button>
                })}
            }
            .into_any(),
            TripState::Approved if !is_changed => ().into_any(),
            _ => may_write
                .then(|| view! {
                    <button type="button" class="btn primary" disabled=is_busy
                        on:click=move |_| decide(TripState::Submitted, words.trip_was_submitted())>{words.submit_trip()}</button>
                })
                .into_any(),
        }
    }
}

/// Where the trip stands, and what the leader said.
#[component]
fn State(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        planner.detail.with(|detail| {
            if detail.state == TripState::Draft && detail.remark.is_empty() {
                return None;
            }
            let kind = match detail.state {
                TripState::Approved if !detail.is_changed => "ok",
                TripState::Returned => "bad",
                _ => "soon",
            };
            let who = detail.decided_by.clone().map(|who| match detail.decided_at {
                Some(at) => format!("{who}，{}", format::moment(at)),
                None => who,
            });
            Some(view! {
                <p class="trip-state" role="status">
                    <span class="badge" data-kind=kind>{state_word(words, detail.state)}</span>
                    {(detail.state == TripState::Approved && detail.is_changed).then(|| words.changed_since_approval())}
                    {who.map(|who| view! { <span class="muted">{who}</span> })}
                    {(!detail.remark.is_empty()).then(|| view! { <span>{detail.remark.clone()}</span> })}
                </p>
            })
        })
    }
}

/// How far the search for a better plan has come.
#[component]
fn Progress(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        let progress = planner.progress.get()?;
        let value = (progress.value > 0.0).then(|| format!("{:.1}", progress.value));
        Some(view! {
            <p class="search-progress" role="status">
                <progress max="1" value=format!("{:.2}", progress.share) aria-label=words.searching()></progress>
                <span>{words.searching()}</span>
                <span class="muted">{words.iterations(format::count(i128::from(progress.iterations)))}</span>
                {value.map(|value| view! { <span>{words.best_value(&value)}</span> })}
                <button type="button" class="btn small" on:click=move |_| planner.stop()>{words.stop_search()}</button>
            </p>
        })
    }
}

#[component]
fn Totals(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        planner.detail.with(|detail| {
            let plan = &detail.plan;
            let possible: f64 = detail.candidates.iter().map(|one| one.value).sum();
            let share = if possible > 0.0 {
                plan.total_value / possible * 100.0
            } else {
                0.0
            };
            let nights = plan
                .teams
                .iter()
                .flat_map(|team| &team.days)
                .filter(|day| day.hotel_city.is_some())
                .count();
            let cost = &detail.cost;
            let parts = words.cost_parts(
                format::count(cost.people),
                yuan(cost.travel),
                yuan(cost.hotels),
                yuan(cost.meals + cost.local),
            );
            view! {
                <ul class="tot" aria-label=words.totals()>
                    <li>{words.cities()}<b>{format::count(plan.cities)}</b></li>
                    <li>{words.visits()}<b>{format::count(plan.visited)}</b><span class="muted">{words.of_candidates(detail.candidates.len())}</span></li>
                    <li>{words.visit_value()}<b>{format!("{:.1}", plan.total_value)}</b><span class="muted">{words.of_value(format!("{share:.0}"))}</span></li>
                    <li>{words.meetings()}<b>{format::hours(plan.meeting_minutes)}</b><span class="unit">{words.unit_hours()}</span></li>
                    <li>{words.travelling()}<b>{format::hours(plan.travel_minutes)}</b><span class="unit">{words.unit_hours()}</span></li>
                    <li>{words.nights()}<b>{format::count(nights as i64)}</b><span class="unit">{words.unit_nights()}</span></li>
                    <li title=parts>{words.trip_cost()}<b>{format!("{:.1}", cost.total / WAN)}</b><span class="unit">{words.unit_wan_yuan()}</span></li>
                    <li class="end-x"><span class="up row"><Icon name="i-check"/>{words.plan_checked()}</span></li>
                </ul>
            }
        })
    }
}

fn yuan(amount: f64) -> String {
    format::count(amount.round() as i64)
}

/// The ways of the teams on the map.
#[component]
fn Routes(planner: Planner) -> impl IntoView {
    let words = use_words();
    move || {
        planner.detail.with(|detail| {
            let mut visits: HashMap<String, u64> = HashMap::new();
            let mut routes = Vec::new();
            for (team, own) in detail.plan.teams.iter().zip(&detail.problem.teams) {
                let mut route = vec![own.start.clone()];
                for stop in team.days.iter().flat_map(|day| &day.stops) {
                    *visits.entry(stop.city.clone()).or_default() += 1;
                    let place = detail
                        .problem
                        .candidates
                        .iter()
                        .find(|one| one.id == stop.candidate_id)
                        .and_then(|one| one.place.clone());
                    route.extend(place);
                }
                if route.len() > 1 && detail.problem.settings.last_day_home {
                    route.push(own.end.clone());
                }
                route.dedup_by(|one, other| one.city == other.city);
                routes.push(route);
            }
            let points = visits
                .into_iter()
                .filter_map(|(city, count)| {
                    Some(CityPoint {
                        area: domain::region::area_in(&city)?,
                        count,
                        href: None,
                        is_chosen: true,
                    })
                })
                .collect();
            let zone = detail.problem.teams.first().map(|team| team.start.clone());
            let legend = detail
                .plan
                .teams
                .iter()
                .enumerate()
                .map(|(index, team)| {
                    let mut cities: Vec<&str> = team
                        .days
                        .iter()
                        .flat_map(|day| &day.stops)
                        .map(|stop| stop.city.as_str())
                        .collect();
                    cities.dedup();
                    view! {
                        <li data-team=(index % 4 + 1).to_string()>
                            {super::timeline::team_name(words, &detail.frame.teams, index)}
                            <small>{cities.join(" ")}</small>
                        </li>
                    }
                })
                .collect_view();
            view! {
                <section class="panel routes-panel" aria-label=words.on_the_map()>
                    <div class="mapbox"><CityMap points label=words.on_the_map() zone routes/><ul>{legend}</ul></div>
                </section>
            }
        })
    }
}

/// A leader sends a trip back, and says why.
#[component]
fn ReturnForm(planner: Planner, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let remark = RwSignal::new(String::new());
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "remark"));
    let send = Callback::new(move |()| {
        let (id, version) = planner
            .detail
            .with_untracked(|detail| (detail.id, detail.version));
        submit(
            planner.pending,
            decide_trip(id, version, TripState::Returned, remark.get_untracked()),
            move |outcome| match read(outcome) {
                Ok(kept) => {
                    planner.detail.set(kept);
                    close.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.return_trip() send_word=words.return_trip() close send is_blocked=planner.pending>
            <Refusal problem/>
            <TextField id="trip-remark" label=words.return_reason() value=remark wide=true max=500 error/>
        </FormDialog>
    }
}

#[component]
fn Delete(planner: Planner, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let (id, version, name) = planner
        .detail
        .with_untracked(|detail| (detail.id, detail.version, detail.name.clone()));
    let tag = RecordTag {
        kind: RecordKind::Trip,
        id,
    };
    let removed = name.clone();
    let done = Callback::new(move |version: i64| {
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
    view! { <DeleteForm tag version name=removed close done/> }
}
