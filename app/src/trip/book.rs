//! The delegation's book: a cover, a day sheet for each team, and one page for each visit; on paper as on the screen.

use domain::{
    lead::{FairCompetition, Side},
    trip::{Brief, BriefNode, TripBook},
};
use leptos::prelude::*;

use super::{
    timeline::team_name,
    trip_book,
};
use crate::{
    component::{GapTag, Icon, PageTitle, StageTag, load_by_id},
    format,
    words::{Locale, use_words},
};

/// The book of one trip.
#[component]
pub fn TripBookPage() -> impl IntoView {
    load_by_id(trip_book, |book, _| view! { <Book book/> }.into_any())
}

#[component]
fn Book(book: TripBook) -> impl IntoView {
    let words = use_words();
    let count = book.briefs.len();
    let last = book.start_on + chrono::Days::new(u64::from(book.days.saturating_sub(1)));
    let id = book.id;
    let contents = book
        .briefs
        .iter()
        .enumerate()
        .map(|(index, brief)| {
            let number = index + 1;
            view! {
                <li>
                    <a href=format!("#brief-{number}")>
                        <span class="num">{format!("{number:02}")}</span>
                        <span>{format::short_day(brief.date)}</span>
                        <span>{team_name(words, &book.teams, usize::from(brief.team))}</span>
                        <b>{brief.name.clone()}</b>
                    </a>
                </li>
            }
        })
        .collect_view();
    let teams = book
        .teams
        .iter()
        .enumerate()
        .map(|(index, team)| view! {
            <li><b>{team_name(words, &book.teams, index)}</b>" "{team.people.join("、")}</li>
        })
        .collect_view();
    let sheets = book
        .briefs
        .iter()
        .enumerate()
        .map(|(index, brief)| view! { <Sheet book=book.clone() brief=brief.clone() number=index + 1 count/> })
        .collect_view();
    view! {
        <PageTitle text=words.book_of(&book.name)/>
        <main class="page book-page" id="main">
            <div class="page-head">
                <h1>{words.book_of(&book.name)}</h1>
                <p class="sub">{words.book_sub(count)}</p>
                <div class="end">
                    <a class="btn" href=format!("/trips/{id}")>{words.back_to_trip()}</a>
                    <button type="button" class="btn primary" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print()}</button>
                </div>
            </div>
            <article class="sheet cover">
                <h2>{book.name.clone()}</h2>
                <p>{words.trip_span(book.start_on.to_string(), last.to_string(), String::new(), book.bureau.clone())}</p>
                <ul class="cover-teams">{teams}</ul>
                <h3>{words.contents()}</h3>
                <ol class="contents">{contents}</ol>
                <p class="foot">{words.internal_use()}" "{book.today.to_string()}</p>
            </article>
            {sheets}
        </main>
    }
}

/// One visit on one page.
#[component]
fn Sheet(book: TripBook, brief: Brief, number: usize, count: usize) -> impl IntoView {
    let words = use_words();
    let when = format!(
        "{} {} {}—{}",
        format::short_day(brief.date),
        format::weekday(words, brief.date),
        format::clock(brief.begin_minute),
        format::clock(brief.end_minute),
    );
    let ours = book
        .teams
        .get(usize::from(brief.team))
        .map(|team| team.people.join("、"))
        .filter(|people| !people.is_empty())
        .unwrap_or_else(|| words.not_said().to_owned());
    let facts = facts(words, &brief);
    let missing: Vec<&str> = facts
        .iter()
        .filter(|(_, value)| value.is_none())
        .map(|(label, _)| *label)
        .collect();
    let fact_rows = facts
        .iter()
        .filter_map(|(label, value)| {
            let value = value.clone()?;
            Some(view! { <dt>{*label}</dt><dd>{value}</dd> })
        })
        .collect_view();
    let supply = brief.supply.as_ref().map(|links| {
        links
            .iter()
            .map(|link| view! { <li>{words.supply_link(link)}</li> })
            .collect_view()
    });
    let has_supply = brief.supply.as_ref().is_some_and(|links| !links.is_empty());
    let past = brief
        .past
        .iter()
        .map(|meeting| view! {
            <li><span class="num">{format::day(meeting.at)}</span>" "{words.event_kind(meeting.kind)}"："{meeting.body.clone()}</li>
        })
        .collect_view();
    let people = brief
        .people
        .iter()
        .map(|person| view! { <li>{person.name.clone()}" "{person.position.clone()}" "<span class="num">{person.phone.clone()}</span></li> })
        .collect_view();
    let promised = brief
        .commitments
        .iter()
        .map(|commitment| {
            let side = match commitment.side {
                Side::Ours => words.our_side(),
                Side::Theirs => words.their_side(),
            };
            let late = commitment.due_on.is_some_and(|due| due < book.today);
            view! {
                <li>
                    <b>{side}</b>" "{commitment.content.clone()}
                    {commitment.due_on.map(|due| view! { <span class:bad=late>" "{due.to_string()}{late.then(|| words.overdue())}</span> })}
                </li>
            }
        })
        .collect_view();
    let red = brief
        .commitments
        .iter()
        .filter(|one| one.side == Side::Ours)
        .filter(|one| matches!(one.fair_competition, FairCompetition::Failed | FairCompetition::Pending))
        .map(|one| view! { <li>{words.fair_competition(one.fair_competition)}"："{one.content.clone()}</li> })
        .collect_view();
    let asks: Vec<String> = brief
        .to_ask
        .iter()
        .map(|key| words.evidence_field(key))
        .chain(missing.iter().map(|label| (*label).to_owned()))
        .collect();
    view! {
        <article class="sheet" id=format!("brief-{number}")>
            <p class="top"><span>{words.brief_number(number, count)}</span><span>{book.name.clone()}" "{words.internal_use()}</span></p>
            <header>
                <h2>{brief.full_name.clone()}</h2>
                <p><b>{when}</b>"，"{team_name(words, &book.teams, usize::from(brief.team))}"，"{brief.address.clone().unwrap_or_else(|| brief.city.clone())}</p>
            </header>
            <section><h3>{words.brief_place()}</h3>{place(words, brief.place.as_ref())}</section>
            <div class="two">
                <section><h3>{words.brief_facts()}</h3><dl>{fact_rows}</dl>
                    {(!missing.is_empty()).then(|| view! { <p class="muted small">{words.not_known(missing.join("、"))}</p> })}
                </section>
                <section><h3>{words.brief_supply()}</h3>
                    {if has_supply { view! { <ul>{supply}</ul> }.into_any() } else { view! { <p class="muted small">{words.no_supply_known()}</p> }.into_any() }}
                </section>
                <section><h3>{words.brief_past()}</h3>
                    {if brief.past.is_empty() { view! { <p class="muted small">{words.first_meeting()}</p> }.into_any() } else { view! { <ul>{past}</ul> }.into_any() }}
                </section>
                <section><h3>{words.brief_people()}</h3>
                    <ul>{people}</ul>
                    <p><b>{words.our_side()}</b>" "{ours}</p>
                    {brief.stage.map(|stage| view! { <p><StageTag stage/></p> })}
                </section>
                <section><h3>{words.brief_asks()}</h3><ol>{asks.into_iter().map(|ask| view! { <li>{ask}</li> }).collect_view()}</ol></section>
                <section class="red"><h3>{words.brief_red_lines()}</h3><ul><li>{words.red_line_rule()}</li>{red}</ul></section>
            </div>
            <section><h3>{words.brief_promises()}</h3><ul>{promised}</ul></section>
            <section class="notes"><h3>{words.brief_notes()}</h3><div class="lines" aria-hidden="true"></div></section>
        </article>
    }
}

/// What is known of a company, and what is not.
fn facts(words: Locale, brief: &Brief) -> Vec<(&'static str, Option<String>)> {
    let facts = &brief.facts;
    let products = facts.products.iter().take(5).cloned().collect::<Vec<_>>();
    vec![
        (
            words.products(),
            (!products.is_empty()).then(|| products.join("、")),
        ),
        (words.industry(), facts.industry.clone()),
        (words.revenue(), facts.revenue_wan.map(format::yi)),
        (words.staff(), facts.staff.map(format::count)),
        (words.listed_word(), facts.listed.clone()),
        (
            words.planned_investment(),
            facts.investment_wan.map(|wan| format::investment(Some(wan))),
        ),
        (
            words.planned_land(),
            facts.land_mu.map(|land| format!("{land:.1}")),
        ),
    ]
}

fn place(words: Locale, node: Option<&BriefNode>) -> impl IntoView + use<> {
    match node {
        None => view! { <p class="muted small">{words.in_no_chain()}</p> }.into_any(),
        Some(node) => {
            let (class, score) = (node.class, node.score);
            let text = words.place_in_chain(
                &node.chain,
                &node.node,
                format::count(node.local_firms),
                node.cover
                    .map_or_else(|| "—".to_owned(), |cover| format!("{:.0}%", cover * 100.0)),
            );
            view! {
                <p><GapTag class/>" "{text}
                    {score.map(|score| view! { <b class="num">" "{words.gap_score_of(format!("{score:.1}"))}</b> })}
                </p>
            }
            .into_any()
        }
    }
}
