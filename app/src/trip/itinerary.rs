//! A trip's plan as a list a day, for reading through and for paper.

use std::collections::HashMap;

use chrono::Datelike;
use domain::trip::{TeamFrame, TripCandidate, TripDetail};
use leptos::prelude::*;

use super::timeline::{journey, team_name};
use crate::{component::Icon, format, words::use_words};

/// Who travels in a team.
fn people(teams: &[TeamFrame], index: usize) -> Option<impl IntoView + use<>> {
    let people = teams.get(index)?.people.join("、");
    (!people.is_empty()).then(|| view! { <span class="muted">" "{people}</span> })
}

/// The same plan as a list a day, for paper.
#[component]
pub(super) fn Itinerary(
    detail: TripDetail,
    span: String,
    /// On the screen, too; on paper it always is.
    shown: Signal<bool>,
) -> impl IntoView {
    let words = use_words();
    let names: HashMap<i64, TripCandidate> = detail
        .candidates
        .iter()
        .map(|candidate| (candidate.enterprise_id, candidate.clone()))
        .collect();
    let frame = detail.frame;
    let plan = detail.plan;
    let count = plan.teams.first().map_or(0, |team| team.days.len());
    let days = (0..count)
        .filter_map(|day| {
            let date = plan.teams.first()?.days.get(day)?.date;
            let frame = &frame;
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
                        lines.push((leg.from_minute, view! {
                            <tr class="travel">
                                <td><time>{format::clock(leg.from_minute)}"—"{format::clock(leg.until_minute)}</time></td>
                                <td colspan="3">{journey(words, leg)}</td>
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
                            <h3>{team_name(words, &frame.teams, index)}{people(&frame.teams, index)}</h3>
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
        <section class="itinerary" class:shown=move || shown.get()>
            <header><h1>{detail.name}</h1><p>{span}</p></header>
            {days}
        </section>
    }
}
