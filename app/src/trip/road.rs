//! The trip on the phone: the day's visits of one team, written down with or without a network.

use std::collections::HashSet;

use chrono::NaiveDate;
use domain::{
    lead::Side,
    problem::Problem,
    trip::{Brief, TripRoad, Visit},
};
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_query_map;

use super::{
    book::{BriefBody, Options, when},
    outbox::{self, Outbox, Sent, Waiting},
    record::RecordSheet,
    timeline::{journey, mode, team_name},
    trip_road, withdraw_visit,
};
use crate::{
    component::{GapTag, Icon, PageTitle, ToastStack, Toasts, load_by_id, storage},
    error::AppError,
    format,
    words::{Locale, problem_sentence, use_words},
};

/// How often what waits is tried again, in seconds.
const RETRY_SECONDS: u64 = 30;
/// Things to get that a line of the day names.
const TO_GET: usize = 3;

/// What lies above the day.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Above {
    /// The form of a visit, by the place of its brief; with what was written already when it is mended.
    Record(usize, Option<Box<Waiting>>),
    Brief(usize),
    Outbox,
    Promises,
}

/// What the page holds while it is open.
#[derive(Clone, Copy)]
pub(super) struct Desk {
    pub team: RwSignal<usize>,
    pub day: RwSignal<usize>,
    pub above: RwSignal<Option<Above>>,
    pub outbox: Outbox,
    pub visits: RwSignal<Vec<Visit>>,
    pub toasts: Toasts,
}

impl Desk {
    fn new(toasts: Toasts) -> Self {
        Self {
            team: RwSignal::new(0),
            day: RwSignal::new(0),
            above: RwSignal::new(None),
            outbox: Outbox::new(),
            visits: RwSignal::new(Vec::new()),
            toasts,
        }
    }
}

/// The zone's day by this machine's clock.
pub(super) fn zone_today() -> NaiveDate {
    format::zone_day(outbox::now())
}

/// The trip on the phone.
#[component]
pub fn TripRoadPage() -> impl IntoView {
    let toasts = Toasts::new();
    provide_context(toasts);
    let desk = Desk::new(toasts);
    view! {
        {load_by_id(trip_road, move |road, _| view! { <Road road desk/> }.into_any())}
        <ToastStack/>
    }
}

#[component]
fn Road(road: TripRoad, desk: Desk) -> impl IntoView {
    let words = use_words();
    let TripRoad {
        book,
        visits,
        may_write,
        account_id,
        person,
    } = road;
    let trip_id = book.id;
    let start_on = book.start_on;
    let day_count = usize::from(book.days);
    let day_of = move |date: NaiveDate| {
        usize::try_from((date - start_on).num_days().max(0))
            .unwrap_or(0)
            .min(day_count.saturating_sub(1))
    };
    desk.visits.set(visits);
    desk.day.set(day_of(book.today));
    let query = use_query_map();
    let book = StoredValue::new(book);
    let person = StoredValue::new(person);
    let team_key = format!("wutong-road-team-{trip_id}");
    let page = format!("/road/{trip_id}");
    let flush = move || {
        if let Some(person) = person.try_get_value() {
            flush(desk, words, trip_id, person);
        }
    };
    // All that the server does not know: the phone's clock, what it keeps, the visit that the code leads to.
    {
        let team_key = team_key.clone();
        let page = page.clone();
        Effect::new(move |_| {
            desk.day.set(day_of(zone_today()));
            let stored = storage().and_then(|storage| storage.get_item(&team_key).ok().flatten());
            let teams = book.with_value(|book| book.plan.teams.len());
            if let Some(team) = stored
                .and_then(|team| team.parse().ok())
                .filter(|team| *team < teams)
            {
                desk.team.set(team);
            }
            let company = query.with_untracked(|query| query.get("company"));
            if let Some(company) = company.and_then(|id| id.parse::<i64>().ok()) {
                let place = book.with_value(|book| {
                    book.briefs
                        .iter()
                        .position(|brief| brief.enterprise_id == company)
                        .map(|place| {
                            let brief = &book.briefs[place];
                            (place, usize::from(brief.team), usize::from(brief.day))
                        })
                });
                if let Some((place, team, day)) = place {
                    desk.team.set(team);
                    desk.day.set(day);
                    if may_write {
                        desk.above.set(Some(Above::Record(place, None)));
                    }
                }
            }
            desk.outbox.is_online.set(outbox::is_online());
            let page = page.clone();
            spawn_local(async move {
                let (rows, unread) = outbox::all(account_id).await.unwrap_or_default();
                let _ = desk.outbox.rows.try_set(rows);
                let _ = desk.outbox.unread.try_set(unread);
                flush();
                let is_kept = outbox::keep_page(&page, account_id).await == Some(true);
                let _ = desk.outbox.is_page_kept.try_set(is_kept);
            });
        });
    }
    let went_online = window_event_listener_untyped("online", move |_| {
        desk.outbox.is_online.set(true);
        flush();
    });
    let went_offline = window_event_listener_untyped("offline", move |_| {
        desk.outbox.is_online.set(false);
    });
    on_cleanup(move || {
        went_online.remove();
        went_offline.remove();
    });
    Effect::new(move |_| {
        let again = set_interval_with_handle(
            move || {
                let waits = desk
                    .outbox
                    .rows
                    .try_with_untracked(|rows| rows.iter().any(|row| row.refused.is_none()));
                if waits == Some(true) {
                    flush();
                }
            },
            std::time::Duration::from_secs(RETRY_SECONDS),
        );
        if let Ok(again) = again {
            on_cleanup(move || again.clear());
        }
    });
    let teams = book.with_value(|book| {
        (0..book.plan.teams.len())
            .map(|team| team_name(words, &book.teams, team))
            .collect::<Vec<_>>()
    });
    let one_team = teams.len() < 2;
    let first_team = teams.first().cloned().unwrap_or_default();
    let choose_team = move |event| {
        if let Ok(team) = event_target_value(&event).parse::<usize>() {
            desk.team.set(team);
            if let Some(storage) = storage() {
                let _ = storage.set_item(&team_key, &team.to_string());
            }
        }
    };
    let date = move || start_on + chrono::Days::new(desk.day.get() as u64);
    let day_buttons = (0..day_count)
        .map(|day| {
            let date = start_on + chrono::Days::new(day as u64);
            let number = date.format("%-d").to_string();
            view! {
                <button type="button" aria-current=move || (desk.day.get() == day).then_some("date") on:click=move |_| desk.day.set(day)>
                    <b>{number}</b>{format::weekday(words, date)}
                </button>
            }
        })
        .collect_view();
    let stuck = move || {
        let refused = |rows: &Vec<Waiting>| rows.iter().filter(|row| row.refused.is_some()).count();
        desk.outbox.rows.with(refused) + desk.outbox.unread.with(Vec::len)
    };
    let waiting = move || desk.outbox.rows.with(Vec::len) + desk.outbox.unread.with(Vec::len);
    let net = move || {
        let stuck = stuck();
        let count = waiting() - stuck;
        let is_online = desk.outbox.is_online.get();
        let text = match (is_online, count) {
            (true, 0) if stuck > 0 => words.to_be_decided(stuck),
            (true, 0) if desk.outbox.is_page_kept.get() => {
                return view! { <span class="net ok" role="status"><Icon name="i-check"/>{words.opens_offline()}</span> }
                    .into_any();
            }
            (true, 0) => return view! { <span class="net" role="status"></span> }.into_any(),
            (true, count) => words.to_be_sent(count),
            (false, 0) => words.is_offline().to_owned(),
            (false, count) => format!("{}，{}", words.is_offline(), words.to_be_sent(count)),
        };
        view! { <span class="net" role="status"><Icon name="i-cloud"/>{text}</span> }.into_any()
    };
    let promises: usize = book.with_value(|book| {
        book.briefs
            .iter()
            .map(|brief| brief.commitments.len())
            .sum()
    });
    let name = book.with_value(|book| book.name.clone());
    let trip = StoredValue::new(name.clone());
    let tab = move |above: Above| {
        let own = above.clone();
        move |_: leptos::ev::MouseEvent| {
            desk.above.set(Some(own.clone()));
        }
    };
    view! {
        <PageTitle text=words.road_title(&name)/>
        <div class="ph">
            <div>
                <header class="hd">
                    <div class="row">
                        <h1>
                            {if one_team {
                                first_team.into_any()
                            } else {
                                view! {
                                    <select class="select" aria-label=words.choose_team() prop:value=move || desk.team.get().to_string() on:change=choose_team>
                                        {teams.into_iter().enumerate().map(|(team, name)| view! {
                                            <option value=team.to_string() selected=move || desk.team.get() == team>{name}</option>
                                        }).collect_view()}
                                    </select>
                                }.into_any()
                            }}
                            " "{move || format::short_day(date())}" "{move || format::weekday(words, date())}
                        </h1>
                        {net}
                    </div>
                </header>
                <nav class="days" aria-label=words.days()>{day_buttons}</nav>
                {move || desk.outbox.is_signed_out.get().then(|| view! {
                    <p class="notice" data-kind="warn">{words.signed_out_on_road()}
                        " "<a href=format!("/login?next=/road/{trip_id}") rel="external">{words.sign_in()}</a></p>
                })}
            </div>
            <main id="main">
                {move || book.with_value(|book| view! { <Day book=book.clone() team=desk.team.get() day=desk.day.get() desk account_id may_write/> })}
            </main>
            <nav class="tabbar" aria-label=words.main_navigation()>
                <button type="button" aria-current="page" on:click=move |_| { desk.day.set(day_of(zone_today())); }><Icon name="i-today"/>{words.road_today()}</button>
                <button type="button" on:click=tab(Above::Promises)><Icon name="i-flag"/>{words.road_promises(promises)}</button>
                <button type="button" on:click=tab(Above::Outbox)><Icon name="i-cloud"/>{move || words.road_outbox(waiting())}</button>
                <a href=format!("/trips/{trip_id}/report") rel="external"><Icon name="i-chart"/>{words.road_report()}</a>
            </nav>
            {move || desk.above.get().map(|above| match above {
                Above::Record(place, mended) => book.with_value(|book| {
                    book.briefs.get(place).cloned().map(|brief| view! {
                        <RecordSheet brief mended=mended.map(|mended| *mended) trip_id trip account_id desk send=Callback::new(move |()| flush())/>
                    })
                }).into_any(),
                Above::Brief(place) => book.with_value(|book| {
                    book.briefs.get(place).cloned().map(|brief| {
                        let title = brief.full_name.clone();
                        let sub = when(words, &brief);
                        let lead = brief.lead_id;
                        let (teams, today) = (book.teams.clone(), book.today);
                        let options = Options::all();
                        view! { <Layer title sub desk><div class="brief-sheet">{lead.map(|lead| view! { <p><a href=format!("/leads/{lead}") rel="external">{words.more_of_company()}</a></p> })}<BriefBody brief teams today options/></div></Layer> }
                    })
                }).into_any(),
                Above::Outbox => view! { <Waitings desk book send=Callback::new(move |()| flush())/> }.into_any(),
                Above::Promises => view! { <OpenPromises desk book/> }.into_any(),
            })}
        </div>
    }
}

/// Sends what waits, in the order in which it was written, one after the other.
fn flush(desk: Desk, words: Locale, trip_id: i64, person: String) {
    if desk.outbox.is_sending.try_get_untracked() != Some(false) {
        return;
    }
    desk.outbox.is_sending.set(true);
    spawn_local(async move {
        let mut failed = HashSet::new();
        loop {
            // One that is open on the screen, or half mended, waits for the person.
            let open = desk.above.try_with_untracked(|above| match above {
                Some(Above::Record(_, Some(mended))) => Some(mended.visit.mark.clone()),
                _ => None,
            });
            let open = open.flatten();
            let next = desk
                .outbox
                .rows
                .try_with_untracked(|rows| {
                    rows.iter()
                        .find(|row| {
                            row.refused.is_none()
                                && !failed.contains(&row.visit.mark)
                                && open.as_ref() != Some(&row.visit.mark)
                                && !row.is_being_mended()
                        })
                        .cloned()
                })
                .flatten();
            let Some(next) = next else {
                break;
            };
            let mark = next.visit.mark.clone();
            // Another page of this phone may have seen to it.
            if next.draft.is_none() && outbox::is_kept(&mark).await == Some(false) {
                desk.outbox.take(&mark);
                continue;
            }
            let _ = desk.outbox.in_flight.try_set(Some(mark.clone()));
            let sent = outbox::send(&next).await;
            let _ = desk.outbox.in_flight.try_set(None);
            if desk.outbox.is_sending.try_get_untracked().is_none() {
                // The page is gone: what was sent is not sent again, the rest waits.
                if let Sent::Done(_) = sent {
                    outbox::settle(&next).await;
                }
                return;
            }
            match sent {
                Sent::Done(receipt) => {
                    outbox::settle(&next).await;
                    if next.trip_id == trip_id {
                        let visit = made(&next, receipt.id, receipt.lead_id, person.clone());
                        let _ = desk.visits.try_update(|visits| {
                            if visits.iter().all(|known| known.id != visit.id) {
                                visits.push(visit);
                            }
                        });
                    }
                    desk.outbox.take(&mark);
                    let _ = desk.outbox.is_signed_out.try_set(false);
                    let _ = desk.outbox.is_online.try_set(true);
                    desk.toasts.done(words.sent_visit(&next.name));
                    let page = format!("/road/{}", next.trip_id);
                    // The kept page is to know it, too.
                    spawn_local(async move {
                        let _ = outbox::keep_page(&page, next.account_id).await;
                    });
                }
                Sent::Refused(problem) => {
                    desk.toasts.failed(format!(
                        "{}：{}",
                        next.name,
                        problem_sentence(words, &problem)
                    ));
                    // One that was mended or thrown away meanwhile does not come back.
                    let refused = desk.outbox.mend(&mark, |row| row.refused = Some(problem));
                    if let Some(refused) = refused
                        && outbox::is_kept(&mark).await == Some(true)
                    {
                        outbox::keep(&refused).await;
                    }
                }
                Sent::SignedOut => {
                    let _ = desk.outbox.is_signed_out.try_set(true);
                    break;
                }
                Sent::Failed => {
                    failed.insert(mark);
                }
                Sent::Later => {
                    let _ = desk.outbox.is_online.try_set(outbox::is_online());
                    break;
                }
            }
        }
        let _ = desk.outbox.is_sending.try_set(false);
    });
}

/// What was sent, as the server would show it.
fn made(waiting: &Waiting, id: i64, lead_id: Option<i64>, by: String) -> Visit {
    let visit = &waiting.visit;
    Visit {
        id,
        enterprise_id: visit.enterprise_id,
        lead_id,
        visited_on: visit.visited_on,
        begin_minute: visit.begin_minute,
        outcome: visit.outcome,
        interest: visit.interest,
        people: visit.people.iter().map(|one| one.name.clone()).collect(),
        remark: visit.remark.clone(),
        next_step: visit.next_step.clone(),
        next_on: visit.next_on,
        photos: u16::try_from(waiting.photos.len()).unwrap_or(0),
        account_id: waiting.account_id,
        by,
        written_at: visit.written_at,
    }
}

/// The visits and journeys of a day.
#[component]
fn Day(
    book: domain::trip::TripBook,
    team: usize,
    day: usize,
    desk: Desk,
    account_id: i64,
    may_write: bool,
) -> impl IntoView {
    let words = use_words();
    let Some(plan) = book
        .plan
        .teams
        .get(team)
        .and_then(|team| team.days.get(day))
    else {
        return view! { <p class="empty">{words.no_visit_that_day()}</p> }.into_any();
    };
    let briefs: Vec<(usize, Brief)> = book
        .briefs
        .iter()
        .enumerate()
        .filter(|(_, brief)| usize::from(brief.team) == team && usize::from(brief.day) == day)
        .map(|(place, brief)| (place, brief.clone()))
        .collect();
    if briefs.is_empty() && plan.legs.is_empty() {
        return view! { <p class="empty">{words.no_visit_that_day()}</p> }.into_any();
    }
    // Now is the first visit of today that nobody has written down.
    let ids: Vec<i64> = briefs
        .iter()
        .map(|(_, brief)| brief.enterprise_id)
        .collect();
    let date = plan.date;
    let trip_id = book.id;
    let now = Memo::new(move |_| {
        (date == zone_today())
            .then(|| {
                ids.iter().copied().find(|id| {
                    !desk.outbox.waits_for(trip_id, *id)
                        && desk
                            .visits
                            .with(|visits| visits.iter().all(|visit| visit.enterprise_id != *id))
                })
            })
            .flatten()
    });
    let mut lines: Vec<(u16, AnyView)> = Vec::new();
    for leg in plan
        .legs
        .iter()
        .filter(|leg| leg.until_minute > leg.from_minute)
    {
        let text = if leg.from_city == leg.to_city {
            let minutes = u32::from(leg.until_minute - leg.from_minute);
            words.drive_to(mode(words, leg.mode), format::duration(minutes))
        } else {
            journey(words, leg)
        };
        lines.push((
            leg.from_minute,
            view! { <li class="tr"><span>{format::clock(leg.from_minute)}</span><span class="ln">{text}</span></li> }.into_any(),
        ));
    }
    for (place, brief) in briefs {
        let today = book.today;
        lines.push((
            brief.begin_minute,
            view! { <Stop brief place trip_id today desk now account_id may_write/> }.into_any(),
        ));
    }
    lines.sort_by_key(|(minute, _)| *minute);
    let night = plan.hotel_city.clone();
    view! {
        <ul class="vs">
            {lines.into_iter().map(|(_, line)| line).collect_view()}
            {night.map(|city| view! { <li class="tr last"><span></span><span class="ln">{words.stay_in(city)}</span></li> })}
        </ul>
    }
    .into_any()
}

/// One visit of the day.
#[component]
fn Stop(
    brief: Brief,
    place: usize,
    trip_id: i64,
    today: NaiveDate,
    desk: Desk,
    now: Memo<Option<i64>>,
    account_id: i64,
    may_write: bool,
) -> impl IntoView {
    let words = use_words();
    let id = brief.enterprise_id;
    let is_now = move || now.get() == Some(id);
    let own = Memo::new(move |_| {
        desk.visits.with(|visits| {
            visits
                .iter()
                .rev()
                .find(|visit| visit.enterprise_id == id)
                .cloned()
        })
    });
    let waits = move || desk.outbox.waits_for(trip_id, id);
    let name = StoredValue::new(brief.name.clone());
    let is_done = move || own.with(Option::is_some) || waits();
    let digits = brief
        .people
        .iter()
        .map(|person| format::dialled(&person.phone))
        .find(|digits| !digits.is_empty())
        .unwrap_or_default();
    let who = brief.people.first().map_or_else(
        || words.first_meeting_short().to_owned(),
        |person| format!("{} {}", person.name, person.position),
    );
    let address = brief
        .address
        .clone()
        .unwrap_or_else(|| words.no_address_in(&brief.city));
    let to_get: Vec<String> = brief
        .to_ask
        .iter()
        .take(TO_GET)
        .map(|field| words.evidence_of(field))
        .collect();
    let overdue = brief
        .commitments
        .iter()
        .filter(|one| one.side == Side::Ours && one.is_overdue(today))
        .map(|one| view! { <p class="text-danger">{words.promise_overdue(&one.content)}</p> })
        .collect_view();
    let map = format!(
        "geo:0,0?q={}",
        crate::component::query_value(&format!("{} {address}", brief.full_name))
    );
    view! {
        <li class:now=is_now class:done=is_done>
            <time>{format::clock(brief.begin_minute)}<small>{words.until_clock(format::clock(brief.end_minute))}</small></time>
            <div>
                <h2>{brief.name.clone()}{brief.place.as_ref().map(|node| view! { <GapTag class=node.class/> })}</h2>
                <p>{address}"　"{who}</p>
                {move || if waits() {
                    view! { <p><span class="badge" data-kind="warn">{words.to_be_sent(1_usize)}</span></p> }.into_any()
                } else {
                    own.get().map(|visit| view! {
                        <p><span class="badge" data-kind="ok">{words.visit_outcome(visit.outcome)}</span>
                            " "{visit.by}{(!visit.remark.is_empty()).then(|| format!("：{}", visit.remark))}
                            {(visit.account_id == account_id).then(|| view! { " "<Withdrawal trip_id visit_id=visit.id account_id name=name.get_value() desk/> })}</p>
                    }).into_any()
                }}
                {move || (!is_done()).then(|| (!to_get.is_empty()).then(|| view! { <p>{words.to_get(to_get.join("、"))}</p> }))}
                {overdue}
                <div class="acts">
                    {may_write.then(|| view! {
                        <button type="button" class=move || if is_now() { "btn primary" } else { "btn wide" }
                            on:click=move |_| desk.above.set(Some(Above::Record(place, None)))>
                            {move || if is_done() { words.record_again() } else { words.record_this_visit() }}
                        </button>
                    })}
                    {if digits.is_empty() {
                        view! { <a class="btn" aria-disabled="true" title=words.no_number()><Icon name="i-phone"/>{words.call_word()}</a> }.into_any()
                    } else {
                        view! { <a class="btn" href=format!("tel:{digits}")><Icon name="i-phone"/>{words.call_word()}</a> }.into_any()
                    }}
                    <a class="btn" href=map rel="external"><Icon name="i-pin"/>{words.navigate_word()}</a>
                    <button type="button" class="btn" on:click=move |_| desk.above.set(Some(Above::Brief(place)))><Icon name="i-visit"/>{words.brief_word()}</button>
                </div>
            </div>
        </li>
    }
}

/// Takes back a visit that was sent by mistake: asks once more, and needs a network.
#[component]
fn Withdrawal(
    trip_id: i64,
    visit_id: i64,
    account_id: i64,
    name: String,
    desk: Desk,
) -> impl IntoView {
    let words = use_words();
    let is_asked = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let name = StoredValue::new(name);
    let withdraw = move |_| {
        if !is_asked.get_untracked() {
            is_asked.set(true);
            return;
        }
        pending.set(true);
        let name = name.get_value();
        spawn_local(async move {
            let done = withdraw_visit(trip_id, visit_id).await;
            let _ = pending.try_set(false);
            match done {
                Ok(()) => {
                    let _ = desk
                        .visits
                        .try_update(|visits| visits.retain(|visit| visit.id != visit_id));
                    desk.toasts.done(words.visit_withdrawn(&name));
                    let _ = outbox::keep_page(&format!("/road/{trip_id}"), account_id).await;
                }
                Err(AppError(problem)) => {
                    desk.toasts.failed(problem_sentence(words, &problem));
                }
            }
        });
    };
    view! {
        {move || is_asked.get().then(|| view! { <span class="muted">{words.withdraw_takes()}</span>" " })}
        <button type="button" class="text" disabled=move || pending.get() || !desk.outbox.is_online.get() on:click=withdraw>
            {move || if is_asked.get() { words.withdraw_really() } else { words.withdraw_visit() }}
        </button>
    }
}

/// A layer above the day, with the way back.
#[component]
pub(super) fn Layer(
    #[prop(into)] title: String,
    #[prop(into)] sub: String,
    desk: Desk,
    children: Children,
) -> impl IntoView {
    let words = use_words();
    let label = title.clone();
    let back: NodeRef<leptos::html::Button> = NodeRef::new();
    Effect::new(move |_| {
        if let Some(back) = back.get() {
            let _ = back.focus();
        }
    });
    view! {
        <section class="rec open" role="dialog" aria-modal="true" aria-label=label
            on:keydown=move |event| if event.key() == "Escape" { desk.above.set(None); }>
            <header>
                <button type="button" class="back" aria-label=words.back_word() node_ref=back on:click=move |_| desk.above.set(None)><Icon name="i-left"/></button>
                <h1>{title}<small>{sub}</small></h1>
                <span class="t"></span>
            </header>
            {children()}
        </section>
    }
}

/// What waits to be sent.
#[component]
fn Waitings(
    desk: Desk,
    book: StoredValue<domain::trip::TripBook>,
    send: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let trip_id = book.with_value(|book| book.id);
    let drop_row = move |mark: String| {
        let Some(gone) = desk.outbox.take(&mark) else {
            return;
        };
        spawn_local(async move {
            outbox::forget(&mark).await;
            outbox::forget_draft(&outbox::mending_key(&mark)).await;
            desk.toasts.undoable(words.thrown_away(), move || {
                let gone = gone.clone();
                spawn_local(async move {
                    outbox::keep(&gone).await;
                    desk.outbox.put(gone);
                });
            });
        });
    };
    let again = move |mark: String, both: bool| {
        let mended = desk.outbox.mend(&mark, |row| {
            row.refused = None;
            row.visit.beside_another |= both;
        });
        if let Some(row) = mended {
            spawn_local(async move {
                outbox::keep(&row).await;
                send.try_run(());
            });
        }
    };
    let as_it_was = move |mark: String| {
        spawn_local(async move {
            outbox::forget_draft(&outbox::mending_key(&mark)).await;
            // Shown anew, without the draft.
            desk.outbox.mend(&mark, |_| {});
            send.try_run(());
        });
    };
    let unread = move || {
        desk.outbox
            .unread
            .get()
            .into_iter()
            .map(|one| {
                let key = one.key;
                let forget = move |_| {
                    let key = key.clone();
                    desk.outbox.unread.update(|rows| rows.retain(|row| row.key != key));
                    spawn_local(async move { outbox::forget(&key).await });
                };
                view! {
                    <li>
                        <p class="text-danger">{words.unread_record()}</p>
                        <p class="raw">{one.text}</p>
                        <div class="acts"><button type="button" class="btn" on:click=forget>{words.throw_away()}</button></div>
                    </li>
                }
            })
            .collect_view()
    };
    let rows = move || {
        desk.outbox
            .rows
            .get()
            .into_iter()
            .map(|row| {
                let mark = row.visit.mark.clone();
                let (drop_mark, again_mark) = (mark.clone(), mark.clone());
                let is_known = matches!(row.refused, Some(Problem::VisitKnown { .. }));
                let is_here = row.trip_id == trip_id;
                let place = book.with_value(|book| {
                    book.briefs
                        .iter()
                        .position(|brief| is_here && brief.enterprise_id == row.visit.enterprise_id)
                });
                let is_in_flight = {
                    let mark = mark.clone();
                    Memo::new(move |_| desk.outbox.in_flight.with(|own| own.as_ref() == Some(&mark)))
                };
                let reason = row.refused.as_ref().map(|problem| problem_sentence(words, problem));
                let is_refused = reason.is_some();
                let is_mended = row.is_being_mended();
                let plain_mark = mark.clone();
                let mended = row.clone();
                view! {
                    <li>
                        <h2>{row.name.clone()}" "<small>{format::short_day(row.visit.visited_on)}" "{words.visit_outcome(row.visit.outcome)}</small></h2>
                        {(!is_here).then(|| view! { <p class="muted">{row.trip.clone()}</p> })}
                        <p>{row.visit.remark.clone()}</p>
                        {is_mended.then(|| view! { <p class="text-warn">{words.half_mended()}</p> })}
                        {reason.map(|reason| view! { <p class="text-danger" role="alert">{words.visit_refused()}"："{reason}</p> })}
                        <div class="acts">
                            {is_refused.then(|| view! {
                                <button type="button" class="btn" on:click=move |_| again(again_mark.clone(), is_known)>
                                    {if is_known { words.keep_both() } else { words.send_again() }}
                                </button>
                            })}
                            {(is_mended && !is_refused).then(|| view! {
                                <button type="button" class="btn" on:click=move |_| as_it_was(plain_mark.clone())>{words.send_as_it_was()}</button>
                            })}
                            {place.map(|place| view! {
                                <button type="button" class="btn" disabled=move || is_in_flight.get()
                                    on:click=move |_| desk.above.set(Some(Above::Record(place, Some(Box::new(mended.clone())))))>{words.open_again()}</button>
                            })}
                            <button type="button" class="btn" disabled=move || is_in_flight.get() on:click=move |_| drop_row(drop_mark.clone())>{words.throw_away()}</button>
                        </div>
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <Layer title=words.outbox_title() sub="" desk>
            <div class="f">
                {move || (desk.outbox.rows.with(Vec::is_empty) && desk.outbox.unread.with(Vec::is_empty)).then(|| view! { <p class="muted">{words.outbox_empty()}</p> })}
                <ul class="waiting">{rows}{unread}</ul>
            </div>
            <footer>
                <button type="button" class="btn primary" disabled=move || desk.outbox.is_sending.get() || desk.outbox.rows.with(Vec::is_empty)
                    on:click=move |_| send.run(())>
                    {move || if desk.outbox.is_sending.get() { words.sending_word() } else { words.send_now() }}
                </button>
                <p>{words.kept_offline_hint()}</p>
            </footer>
        </Layer>
    }
}

/// Open promises of the companies on the trip.
#[component]
fn OpenPromises(desk: Desk, book: StoredValue<domain::trip::TripBook>) -> impl IntoView {
    let words = use_words();
    let rows = book.with_value(|book| {
        book.briefs
            .iter()
            .filter(|brief| !brief.commitments.is_empty())
            .map(|brief| {
                let lines = brief
                    .commitments
                    .iter()
                    .map(|one| {
                        let late = one.is_overdue(book.today);
                        view! {
                            <li>
                                <span class="badge" data-kind=(one.side == Side::Theirs).then_some("info")>{words.commitment_side(one.side)}</span>
                                <span>{one.content.clone()}</span>
                                <span class="num" class:text-danger=late>{one.due_on.map(format::short_day)}</span>
                            </li>
                        }
                    })
                    .collect_view();
                view! { <div><p class="l"><b>{brief.name.clone()}</b></p><ul class="com">{lines}</ul></div> }
            })
            .collect_view()
    });
    let is_empty =
        book.with_value(|book| book.briefs.iter().all(|brief| brief.commitments.is_empty()));
    view! {
        <Layer title=words.their_word_open() sub="" desk>
            <div class="f">
                {is_empty.then(|| view! { <p class="muted">{words.no_promise_open()}</p> })}
                {rows}
            </div>
        </Layer>
    }
}
