//! The delegation's book: a cover, a day sheet for each team, one page for each visit, the contacts; on paper as on the
//! screen.

use domain::{
    chain::TermKind,
    lead::{FairCompetition, Side},
    trip::{Brief, BriefCommitment, BriefNode, QrCode, TeamFrame, TripBook},
};
use leptos::prelude::*;

use super::{
    last_day,
    timeline::{journey, team_name},
    trip_book,
};
use crate::{
    component::{GapMark, Icon, PageTitle, load_by_id},
    format,
    words::{Locale, use_words},
};

/// Products that a brief names.
const PRODUCTS: usize = 5;
/// Questions that a brief has room for.
const QUESTIONS: usize = 8;

/// The book of one trip.
#[component]
pub fn TripBookPage() -> impl IntoView {
    load_by_id(trip_book, |book, _| view! { <Book book/> }.into_any())
}

/// What goes on the paper.
#[derive(Clone, Copy)]
pub(super) struct Options {
    codes: RwSignal<bool>,
    red_lines: RwSignal<bool>,
    contacts: RwSignal<bool>,
}

impl Options {
    pub(super) fn all() -> Self {
        Self {
            codes: RwSignal::new(true),
            red_lines: RwSignal::new(true),
            contacts: RwSignal::new(true),
        }
    }
}

/// What is known of a company, and what is not.
fn facts(words: Locale, brief: &Brief) -> Vec<(&'static str, Option<String>)> {
    let facts = &brief.facts;
    let products: Vec<String> = facts.products.iter().take(PRODUCTS).cloned().collect();
    vec![
        (
            words.products(),
            (!products.is_empty()).then(|| products.join("、")),
        ),
        (words.industry(), facts.industry.clone()),
        (
            words.revenue(),
            facts.revenue_wan.map(|wan| words.yi(format::yi(wan))),
        ),
        (
            words.staff(),
            facts
                .staff
                .map(|staff| words.people_count(format::count(staff))),
        ),
        (words.listed_code(), facts.listed.clone()),
        (
            words.planned_investment(),
            facts.investment_wan.map(|wan| match facts.land_mu {
                Some(land) => words.investment_and_land(format::yi(wan), format!("{land:.1}")),
                None => words.yi(format::yi(wan)),
            }),
        ),
    ]
}

/// What is missing of a brief: such companies are marked in the contents.
fn missing(words: Locale, brief: &Brief) -> Vec<&'static str> {
    let mut missing: Vec<&'static str> = facts(words, brief)
        .into_iter()
        .filter(|(_, value)| value.is_none())
        .map(|(label, _)| label)
        // Few companies are listed, and a stranger plans nothing yet.
        .filter(|label| *label != words.listed_code())
        .filter(|label| brief.lead_id.is_some() || *label != words.planned_investment())
        .collect();
    if brief.address.is_none() {
        missing.push(words.address());
    }
    if brief.people.is_empty() {
        missing.push(words.contacts());
    }
    missing
}

/// Who travels in a team, or that nobody has said.
fn members(words: Locale, teams: &[TeamFrame], index: usize) -> String {
    teams
        .get(index)
        .map(|team| team.people.join("、"))
        .filter(|people| !people.is_empty())
        .unwrap_or_else(|| words.people_unsaid().to_owned())
}

/// A QR code with its quiet zone.
#[component]
fn Code(code: QrCode, label: String) -> impl IntoView {
    let side = code.side;
    (side > 0).then(|| {
        view! {
            <svg class="qr" role="img" aria-label=label viewBox=format!("-2 -2 {0} {0}", side + 4)>
                <path d=code.path/>
            </svg>
        }
    })
}

#[component]
fn Book(book: TripBook) -> impl IntoView {
    let words = use_words();
    let options = Options::all();
    // The sheet that alone is printed, by its address on the page; empty for all.
    let only = RwSignal::new(String::new());
    let seen = RwSignal::new("cover".to_owned());
    let print_one = move |_| {
        only.set(seen.get_untracked());
        request_animation_frame(move || {
            let _ = window().print();
            only.set(String::new());
        });
    };
    let print_all = move |_| {
        let _ = window().print();
    };
    let id = book.id;
    let count = book.briefs.len();
    let lacking = book
        .briefs
        .iter()
        .filter(|brief| !missing(words, brief).is_empty())
        .count();
    let overdue: usize = book
        .briefs
        .iter()
        .flat_map(|brief| &brief.commitments)
        .filter(|one| one.side == Side::Ours && one.is_overdue(book.today))
        .count();
    let entry = move |anchor: String, number: String, day: String, name: String, lacks: usize| {
        let own = anchor.clone();
        let gone = anchor.clone();
        view! {
            <li aria-current=move || seen.with(|seen| *seen == own).then_some("true")>
                <a href=format!("#{anchor}") on:click=move |_| seen.set(gone.clone())>
                    <span class="muted">{number}</span><span class="muted">{day}</span><span class="cut">{name}</span>
                </a>
                {(lacks > 0).then(|| view! { <span class="badge" data-kind="warn">{words.lacks(lacks)}</span> })}
            </li>
        }
    };
    let contents = book
        .plan
        .teams
        .iter()
        .enumerate()
        .map(|(team, _)| {
            let own = || {
                book.briefs
                    .iter()
                    .enumerate()
                    .filter(move |(_, brief)| usize::from(brief.team) == team)
            };
            let rows = own()
                .map(|(index, brief)| {
                    entry(
                        format!("brief-{}", index + 1),
                        format!("{:02}", index + 1),
                        format::short_day(brief.date),
                        brief.name.clone(),
                        missing(words, brief).len(),
                    )
                })
                .collect_view();
            view! {
                <li class="g"><b>{team_name(words, &book.teams, team)}</b><span>{words.firms_count(own().count())}</span></li>
                {entry(format!("days-{}", team + 1), String::new(), String::new(), words.day_sheet().to_owned(), 0)}
                {rows}
            }
        })
        .collect_view();
    let files = book
        .plan
        .teams
        .iter()
        .enumerate()
        .map(|(team, _)| {
            let name = team_name(words, &book.teams, team);
            let number = team + 1;
            view! {
                <a class="btn" href=format!("/trips/{id}/book.xlsx?team={number}") rel="external" download="">
                    {words.of_team(&name, "XLSX")}
                </a>
                <a class="btn" href=format!("/trips/{id}/calendar.ics?team={number}") rel="external" download="">
                    {words.of_team(&name, words.calendar())}
                </a>
            }
        })
        .collect_view();
    let day_sheets = book
        .plan
        .teams
        .iter()
        .enumerate()
        .map(|(team, _)| view! { <DaySheet book=book.clone() team only options/> })
        .collect_view();
    let sheets = book
        .briefs
        .iter()
        .enumerate()
        .map(|(index, brief)| {
            view! { <Sheet book=book.clone() brief=brief.clone() number=index + 1 count only options/> }
        })
        .collect_view();
    let check = move |label: &'static str, signal: RwSignal<bool>| {
        view! {
            <label class="check">
                <input type="checkbox" checked=signal.get_untracked() on:change=move |event| signal.set(event_target_checked(&event))/>
                {label}
            </label>
        }
    };
    view! {
        <PageTitle text=words.book_of(&book.name)/>
        <main class="view brief-page" id="main">
            <nav class="book" aria-label=words.contents()>
                <h1>{words.book_of(&book.name)}</h1>
                <p>{words.book_sub(count, book.plan.teams.len(), lacking)}</p>
                <ul>
                    {entry("cover".to_owned(), String::new(), String::new(), words.cover_page().to_owned(), 0)}
                    {contents}
                    <li class="g"><b>{words.appendix()}</b></li>
                    {entry("contacts".to_owned(), String::new(), String::new(), words.contacts().to_owned(), 0)}
                </ul>
            </nav>
            <div class="desk" tabindex="0" role="region" aria-label=words.book_of(&book.name)>
                {if count == 0 {
                    view! { <div class="empty"><Icon name="i-visit"/><b>{words.book_empty()}</b><p>{words.book_empty_hint()}</p></div> }.into_any()
                } else {
                    view! {
                        <Cover book=book.clone() only options/>
                        {day_sheets}
                        {sheets}
                        <Contacts book=book.clone() only options/>
                    }.into_any()
                }}
            </div>
            <aside class="opts" aria-label=words.print_options()>
                <div class="btns-col">
                    <button type="button" class="btn primary" on:click=print_all><Icon name="i-print"/>{words.print_book()}</button>
                    <button type="button" class="btn" on:click=print_one><Icon name="i-print"/>{words.print_sheet()}</button>
                    {files}
                    <a class="btn" href=format!("/road/{id}")><Icon name="i-phone"/>{words.phone_page()}</a>
                    <a class="btn quiet" href=format!("/trips/{id}")>{words.back_to_trip()}</a>
                </div>
                <div>
                    <h2>{words.page_layout()}</h2>
                    <div class="stack">
                        {check(words.with_codes(), options.codes)}
                        {check(words.with_red_lines(), options.red_lines)}
                        {check(words.with_contacts(), options.contacts)}
                    </div>
                </div>
                <div>
                    <h2>{words.book_check()}</h2>
                    <div class="stack small">
                        {if lacking == 0 {
                            view! { <span class="row up"><Icon name="i-check"/>{words.nothing_lacks()}</span> }.into_any()
                        } else {
                            view! { <span class="row muted"><Icon name="i-info"/>{words.some_lack(lacking)}</span> }.into_any()
                        }}
                        {(overdue > 0).then(|| view! { <span class="row warn"><Icon name="i-warn"/>{words.ours_overdue(overdue)}</span> })}
                    </div>
                </div>
                <p class="small muted">{words.book_note()}</p>
            </aside>
        </main>
    }
}

/// A page of paper. It is not printed when another one alone is.
#[component]
fn Paper(
    anchor: String,
    left: String,
    right: String,
    only: RwSignal<String>,
    today: chrono::NaiveDate,
    children: Children,
) -> impl IntoView {
    let words = use_words();
    let own = anchor.clone();
    view! {
        <article class="sheet" id=anchor class:unprinted=move || only.with(|only| !only.is_empty() && *only != own)>
            <div class="top"><span class="row"><Icon name="i-leaf"/>{words.product()}" "{left}</span><span>{right}</span></div>
            {children()}
            <div class="foot"><span>{words.data_as_of(today.to_string())}</span><span>{words.internal_use()}</span></div>
        </article>
    }
}

#[component]
fn Cover(book: TripBook, only: RwSignal<String>, options: Options) -> impl IntoView {
    let words = use_words();
    let last = last_day(book.start_on, book.days);
    let teams = book
        .plan
        .teams
        .iter()
        .enumerate()
        .map(|(index, plan)| {
            let people = members(words, &book.teams, index);
            let mut cities: Vec<&str> = Vec::new();
            for stop in plan.days.iter().flat_map(|day| &day.stops) {
                if !cities.contains(&stop.city.as_str()) {
                    cities.push(&stop.city);
                }
            }
            view! {
                <tr>
                    <th>{team_name(words, &book.teams, index)}</th>
                    <td>{people}</td>
                    <td>{cities.join("、")}</td>
                    <td class="num">{plan.visits}</td>
                </tr>
            }
        })
        .collect_view();
    let rows = book
        .briefs
        .iter()
        .enumerate()
        .map(|(index, brief)| view! {
            <tr>
                <td class="num">{format!("{:02}", index + 1)}</td>
                <td class="nowrap">{format::short_day(brief.date)}" "{format::clock(brief.begin_minute)}</td>
                <td class="nowrap">{team_name(words, &book.teams, usize::from(brief.team))}</td>
                <td>{brief.name.clone()}</td>
                <td class="nowrap">{brief.city.clone()}</td>
                <td>{brief.place.as_ref().map(|place| view! { <GapMark class=place.class/>" "{place.node.clone()} })}</td>
            </tr>
        })
        .collect_view();
    let code = book.code.clone();
    let address = book.address.clone();
    view! {
        <Paper anchor="cover".to_owned() left=words.delegation_book().to_owned() right=words.internal_use().to_owned() only today=book.today>
            <header class="title">
                <h1>{book.name.clone()}</h1>
                <p class="when"><b>{words.date_span(book.start_on.to_string(), last.to_string())}</b>"，"{book.bureau.clone()}</p>
                <p>{words.book_totals(
                    format::count(book.plan.cities),
                    format::count(book.plan.visited),
                    book.plan.teams.len(),
                    format::hours(book.plan.travel_minutes),
                )}</p>
                {move || options.codes.get().then(|| view! { <Code code=code.clone() label=words.code_of_trip(&address)/> })}
            </header>
            <section>
                <h2>{words.teams_of_trip()}</h2>
                <table>
                    <thead><tr><th>{words.team_word()}</th><th>{words.members()}</th><th>{words.cities()}</th><th class="num">{words.visits()}</th></tr></thead>
                    <tbody>{teams}</tbody>
                </table>
            </section>
            <section>
                <h2>{words.contents()}</h2>
                <table class="toc">
                    <thead><tr><th class="num">{words.page_word()}</th><th>{words.time()}</th><th>{words.team_word()}</th><th>{words.enterprise()}</th><th>{words.city()}</th><th>{words.node()}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        </Paper>
    }
}

/// The days of one team.
#[component]
fn DaySheet(
    book: TripBook,
    team: usize,
    only: RwSignal<String>,
    options: Options,
) -> impl IntoView {
    let words = use_words();
    let name = team_name(words, &book.teams, team);
    let people = book
        .teams
        .get(team)
        .map(|team| team.people.join("、"))
        .unwrap_or_default();
    let days = book
        .plan
        .teams
        .get(team)
        .into_iter()
        .flat_map(|plan| plan.days.iter().enumerate())
        .filter(|(_, day)| !day.stops.is_empty() || !day.legs.is_empty())
        .map(|(number, day)| {
            let mut lines: Vec<(u16, AnyView)> = Vec::new();
            for leg in day.legs.iter().filter(|leg| leg.from_city != leg.to_city) {
                lines.push((leg.from_minute, view! {
                    <tr class="travel">
                        <td class="nowrap">{format::clock(leg.from_minute)}"—"{format::clock(leg.until_minute)}</td>
                        <td colspan="3">{journey(words, leg)}</td>
                    </tr>
                }.into_any()));
            }
            for (index, brief) in book.briefs.iter().enumerate().filter(|(_, brief)| {
                usize::from(brief.team) == team && usize::from(brief.day) == number
            }) {
                let first = brief.people.first().map(|person| {
                    (
                        format!("{} {}", person.name, person.position),
                        person.phone.clone(),
                    )
                });
                lines.push((brief.begin_minute, view! {
                    <tr>
                        <td class="nowrap"><b>{format::clock(brief.begin_minute)}"—"{format::clock(brief.end_minute)}</b></td>
                        <td><b>{brief.name.clone()}</b>" "<span class="muted">{words.sheet_number(index + 1)}</span></td>
                        <td>{brief.address.clone().unwrap_or_else(|| brief.city.clone())}</td>
                        <td>{move || options.contacts.get().then(|| first.clone()).flatten().map(|(who, phone)| view! { {who}" "<span class="nowrap">{phone}</span> })}</td>
                    </tr>
                }.into_any()));
            }
            lines.sort_by_key(|(minute, _)| *minute);
            let weekday = format::weekday(words, day.date);
            view! {
                <section>
                    <h2>{format::short_day(day.date)}" "{weekday}
                        <small>{day.hotel_city.clone().map(|city| words.stay_in(city))}</small>
                    </h2>
                    <table class="day">
                        <colgroup><col class="c-time"/><col/><col/><col class="c-person"/></colgroup>
                        <tbody>{lines.into_iter().map(|(_, line)| line).collect_view()}</tbody>
                    </table>
                </section>
            }
        })
        .collect_view();
    view! {
        <Paper anchor=format!("days-{}", team + 1) left=words.day_sheet().to_owned() right=book.name.clone() only today=book.today>
            <header class="title"><h1>{words.days_of_team(&name)}</h1><p class="when">{people}</p></header>
            {days}
        </Paper>
    }
}

/// Everybody who is met, with their numbers.
#[component]
fn Contacts(book: TripBook, only: RwSignal<String>, options: Options) -> impl IntoView {
    let words = use_words();
    let rows = book
        .briefs
        .iter()
        .enumerate()
        .map(|(index, brief)| {
            let people = if brief.people.is_empty() {
                view! { <td colspan="3" class="muted">{words.no_contact_yet()}</td> }.into_any()
            } else {
                let who: Vec<String> = brief.people.iter().map(|one| one.name.clone()).collect();
                let position: Vec<String> = brief
                    .people
                    .iter()
                    .map(|one| one.position.clone())
                    .collect();
                let phone: Vec<String> = brief.people.iter().map(|one| one.phone.clone()).collect();
                let lines = |texts: Vec<String>| {
                    texts
                        .into_iter()
                        .map(|text| view! { <div>{if text.is_empty() { "—".to_owned() } else { text }}</div> })
                        .collect_view()
                };
                view! { <td class="nowrap">{lines(who)}</td><td>{lines(position)}</td><td class="nowrap num">{lines(phone)}</td> }.into_any()
            };
            view! {
                <tr>
                    <td class="num">{format!("{:02}", index + 1)}</td>
                    <td>{brief.name.clone()}</td>
                    {people}
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class:unprinted=move || !options.contacts.get() hidden=move || !options.contacts.get()>
            <Paper anchor="contacts".to_owned() left=words.appendix().to_owned() right=book.name.clone() only today=book.today>
                <header class="title"><h1>{words.contacts()}</h1></header>
                <table>
                    <thead><tr><th class="num">{words.page_word()}</th><th>{words.enterprise()}</th><th>{words.name_word()}</th><th>{words.position_word()}</th><th class="num">{words.phone_word()}</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </Paper>
        </div>
    }
}

/// One visit on one page.
#[component]
fn Sheet(
    book: TripBook,
    brief: Brief,
    number: usize,
    count: usize,
    only: RwSignal<String>,
    options: Options,
) -> impl IntoView {
    let words = use_words();
    let code = brief.code.clone();
    let name = brief.name.clone();
    view! {
        <Paper anchor=format!("brief-{number}") left=words.brief_number(format!("{number:02}"), count) right=book.name.clone() only today=book.today>
            <header class="title">
                <h1>{brief.full_name.clone()}</h1>
                <p class="when">
                    <b>{when(words, &brief)}</b>"，"{team_name(words, &book.teams, usize::from(brief.team))}
                </p>
                <p>{brief.address.clone().unwrap_or_else(|| words.no_address_in(&brief.city))}</p>
                {move || options.codes.get().then(|| view! { <Code code=code.clone() label=words.code_of_visit(&name)/> })}
            </header>
            <BriefBody brief=brief.clone() teams=book.teams.clone() today=book.today options/>
        </Paper>
    }
}

/// Day, weekday and time of a visit.
pub(super) fn when(words: Locale, brief: &Brief) -> String {
    format!(
        "{} {} {}—{}",
        format::short_day(brief.date),
        format::weekday(words, brief.date),
        format::clock(brief.begin_minute),
        format::clock(brief.end_minute),
    )
}

/// The sections of a brief.
#[component]
pub(super) fn BriefBody(
    brief: Brief,
    teams: Vec<TeamFrame>,
    today: chrono::NaiveDate,
    options: Options,
) -> impl IntoView {
    let words = use_words();
    let ours = members(words, &teams, usize::from(brief.team));
    let lacks = missing(words, &brief);
    let fact_rows = facts(words, &brief)
        .into_iter()
        .filter_map(|(label, value)| Some(view! { <dt>{label}</dt><dd>{value?}</dd> }))
        .collect_view();
    let links = brief.supply.clone().unwrap_or_default();
    let has_links = !links.is_empty();
    let supply = links
        .iter()
        .map(|link| view! { <li>{words.supply_link(link)}</li> })
        .collect_view();
    let past = brief
        .past
        .iter()
        .map(|meeting| {
            let said = meeting
                .visit
                .as_ref()
                .map(|visit| words.visit_outcome(visit.outcome));
            view! {
                <tr>
                    <td class="num">{format::day(meeting.at)}</td>
                    <td>{words.event(meeting.kind)}{said.map(|said| format!("，{said}"))}
                        {(!meeting.body.is_empty()).then(|| format!("：{}", meeting.body))}</td>
                </tr>
            }
        })
        .collect_view();
    let people = brief
        .people
        .iter()
        .map(|person| {
            let phone = person.phone.clone();
            view! {
                <div>{person.name.clone()}" "{person.position.clone()}" "
                    {move || options.contacts.get().then(|| view! { <span class="nowrap">{phone.clone()}</span> })}
                </div>
            }
        })
        .collect_view();
    let no_people = brief.people.is_empty();
    let promise = |one: &BriefCommitment| {
        let late = one.is_overdue(today);
        view! {
            <div>{words.commitment_side(one.side)}"："{one.content.clone()}
                {one.due_on.map(|due| view! { " "{format::short_day(due)} })}
                {late.then(|| view! { <b>" "{words.say_it_first()}</b> })}
            </div>
        }
    };
    let promised = brief.commitments.iter().map(promise).collect_view();
    let has_promised = !brief.commitments.is_empty();
    let asks: Vec<String> = brief
        .commitments
        .iter()
        .filter(|one| one.side == Side::Theirs)
        .map(|one| words.ask_promise(&one.content))
        .chain(brief.to_ask.iter().map(|field| words.evidence_of(field)))
        .chain(lacks.iter().map(|label| words.ask_fact(label)))
        .chain(
            brief
                .past
                .is_empty()
                .then(|| words.ask_who_decides().to_owned()),
        )
        .take(QUESTIONS)
        .collect();
    let cleared = |one: &&BriefCommitment| {
        one.side == Side::Ours
            && matches!(
                one.fair_competition,
                FairCompetition::Passed | FairCompetition::NotNeeded
            )
    };
    let mut offers: Vec<String> = brief
        .commitments
        .iter()
        .filter(cleared)
        .map(|one| words.offer_promise(&one.content))
        .collect();
    if let Some(place) = &brief.place
        && place.cover.is_some_and(|cover| cover < 1.0)
    {
        offers.push(words.offer_demand(&place.node, share(place.cover)));
    }
    if has_links {
        offers.push(words.offer_partners(links.len()));
    }
    offers.push(words.offer_public().to_owned());
    let held: Vec<String> = brief
        .commitments
        .iter()
        .filter(|one| {
            one.side == Side::Ours
                && matches!(
                    one.fair_competition,
                    FairCompetition::Failed | FairCompetition::Pending
                )
        })
        .map(|one| {
            format!(
                "{}：{}",
                words.fair_competition(one.fair_competition),
                one.content
            )
        })
        .collect();
    let red = StoredValue::new(held);
    let dash = |texts: Vec<String>| {
        texts
            .into_iter()
            .map(|text| view! { <li>{text}</li> })
            .collect_view()
    };
    view! {
        <section>
            <h2>{words.brief_place()}<small>{brief.place.as_ref().map(|place| place.chain.clone())}</small></h2>
            {place(words, brief.place.as_ref())}
        </section>
        <div class="two">
            <section>
                <h2>{words.brief_facts()}</h2>
                <dl class="facts">{fact_rows}
                    {(!lacks.is_empty()).then(|| view! { <dt>{words.lacks_word()}</dt><dd class="muted">{words.lacks_these(lacks.join("、"))}</dd> })}
                </dl>
            </section>
            <section>
                <h2>{words.brief_supply()}</h2>
                {if has_links {
                    view! { <ul class="dash">{supply}</ul> }.into_any()
                } else {
                    let text = if brief.supply.is_some() { words.supply_none() } else { words.supply_unknown() };
                    view! { <p class="muted">{text}</p> }.into_any()
                }}
            </section>
            <section>
                <h2>{words.brief_past()}<small>{(brief.past_count > 0).then(|| words.last_of(brief.past.len(), brief.past_count))}</small></h2>
                {if brief.past.is_empty() {
                    view! { <p class="muted">{words.first_meeting()}</p> }.into_any()
                } else {
                    view! { <table><tbody>{past}</tbody></table> }.into_any()
                }}
            </section>
            <section>
                <h2>{words.brief_people()}<small>{brief.stage.map(|stage| words.stage(stage))}</small></h2>
                <table><tbody>
                    <tr><th>{words.commitment_side(Side::Theirs)}</th><td>{people}{no_people.then(|| view! { <span class="muted">{words.no_contact_yet()}</span> })}</td></tr>
                    <tr><th>{words.commitment_side(Side::Ours)}</th><td>{ours}</td></tr>
                    {has_promised.then(|| view! { <tr><th>{words.promised_word()}</th><td>{promised}</td></tr> })}
                </tbody></table>
            </section>
        </div>
        <div class="two">
            <section>
                <h2>{words.brief_asks()}</h2>
                <ol class="ask">{asks.into_iter().map(|ask| view! { <li>{ask}</li> }).collect_view()}</ol>
            </section>
            <section class="offers">
                <h2>{words.brief_offers()}</h2>
                <ul class="dash">{dash(offers)}</ul>
                {move || options.red_lines.get().then(|| view! {
                    <div class="red">
                        <h2>{words.brief_red_lines()}</h2>
                        <ul class="dash"><li>{words.red_line_rule()}</li><li>{words.red_line_local()}</li>
                            {red.with_value(|held| dash(held.clone()))}</ul>
                    </div>
                })}
            </section>
        </div>
        <section>
            <h2>{words.brief_end()}</h2>
            <ul class="dash box two"><li>{words.end_promises()}</li><li>{words.end_next()}</li><li>{words.end_people()}</li><li>{words.end_record()}</li></ul>
        </section>
    }
}

/// A share in per cent.
fn share(share: Option<f64>) -> String {
    share.map_or_else(|| "—".to_owned(), |share| format!("{:.0}%", share * 100.0))
}

fn place(words: Locale, node: Option<&BriefNode>) -> AnyView {
    let Some(node) = node else {
        return view! { <p class="muted">{words.in_no_chain()}</p> }.into_any();
    };
    let steps = node
        .line
        .iter()
        .enumerate()
        .map(|(index, step)| {
            let score = step.score.map(|score| format!(" {score:.1}"));
            view! {
                {(index > 0).then(|| view! { <span class="arrow" aria-hidden="true">"→"</span> })}
                <span class="step" data-gap=step.class.key() class:own=step.is_own>
                    <b>{step.name.clone()}</b>
                    <span class="row"><GapMark class=step.class/>{words.gap_class(step.class)}{score}</span>
                </span>
            }
        })
        .collect_view();
    let terms: Vec<String> = node
        .terms
        .iter()
        .filter(|term| term.value.is_some())
        .map(|term| {
            let word = match term.kind {
                TermKind::Unmet => words.brief_term_unmet(),
                TermKind::Relatedness => words.brief_term_relatedness(),
                TermKind::Criticality => words.brief_term_criticality(),
                TermKind::Priority => words.brief_term_priority(),
            };
            format!("{word} {:.1}", term.points)
        })
        .collect();
    let score = node
        .score
        .map(|score| words.brief_score(format!("{score:.1}"), terms.join(" + ")));
    view! {
        <div class="line">{steps}</div>
        <p>{words.brief_node(&node.node, words.gap_class(node.class), format::count(node.local_firms), share(node.cover))}
            {score}</p>
    }
    .into_any()
}
