//! Below a company's record: local buyers and suppliers, who makes the like, and what we have had to do with it.

use domain::{enterprise::EnterpriseProfile, lead::EventKind, target::Portrait};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    component::{CityMap, CityPoint, Icon, StageTag, load_part},
    error::{AppError, Encoded},
    format,
    words::{problem_sentence, use_words},
};

/// What a company's page says beyond its record.
///
/// # Errors
/// The use case's problem.
#[server(name = EnterprisePortraitRequest, prefix = "/api", endpoint = "enterprise_portrait", input = Json)]
pub async fn enterprise_portrait(id: i64) -> Result<Encoded<Portrait>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.portrait(&actor, id).await)
}

/// The panels.
#[component]
pub(super) fn PortraitPanels(id: i64, profile: EnterpriseProfile) -> impl IntoView {
    load_part(
        move || id,
        enterprise_portrait,
        move |portrait, _| view! { <Panels portrait profile=profile.clone()/> }.into_any(),
        || view! { <p class="muted small" role="status">{use_words().loading()}</p> }.into_any(),
        |error| {
            let said = problem_sentence(use_words(), &error.0);
            view! { <p class="error" role="alert"><Icon name="i-warn"/>{said}</p> }.into_any()
        },
    )
}

#[component]
fn Panels(portrait: Portrait, profile: EnterpriseProfile) -> impl IntoView {
    let words = use_words();
    let points: Vec<CityPoint> = portrait
        .areas
        .iter()
        .enumerate()
        .map(|(index, area)| CityPoint {
            area: area.clone(),
            count: 1,
            href: None,
            is_chosen: index == 0,
        })
        .collect();
    let has_signs = !profile.growth.is_empty() || !profile.risk.is_empty();
    let has_history = !portrait.contacts.is_empty()
        || !portrait.past_leads.is_empty()
        || portrait.turned_down.is_some();
    view! {
        <div class="cols fold portrait">
            <section class="panel">
                <header><h2>{words.local_links()}</h2><span class="sub">{words.by_reference_graph()}</span></header>
                {match portrait.supply {
                    None => view! { <p class="body muted small">{words.links_unknown()}</p> }.into_any(),
                    Some(links) if links.is_empty() => view! { <p class="body muted small">{words.no_links()}</p> }.into_any(),
                    Some(links) => view! {
                        <ul class="body small stack">
                            {links.iter().map(|link| view! { <li>{words.supply_link(link)}</li> }).collect_view()}
                        </ul>
                    }.into_any(),
                }}
                {(!portrait.guesses.is_empty()).then(|| view! {
                    <div class="body small guesses">
                        <h3>{words.guessed_links()}</h3>
                        <ul class="stack">
                            {portrait.guesses.iter().map(|guess| view! {
                                <li>{words.supply_guess(&guess.input, &guess.product, &guess.firm, format::count(guess.firms))}
                                    " "<span class="muted">{format!("{:.2}", guess.score)}" "{words.guess_reasons(&guess.reasons)}</span></li>
                            }).collect_view()}
                        </ul>
                    </div>
                })}
            </section>
            <section class="panel">
                <header><h2>{words.peers()}</h2><span class="sub">{words.peers_sub()}</span></header>
                {match portrait.peers {
                    None => view! { <p class="body muted small">{words.search_unavailable()}</p> }.into_any(),
                    Some(peers) if peers.is_empty() => view! { <p class="body muted small">{words.no_peers()}</p> }.into_any(),
                    Some(peers) => view! {
                        <table class="table dense"><tbody>
                            {peers.into_iter().map(|peer| view! {
                                <tr>
                                    <td><a href=format!("/enterprises/{}", peer.enterprise_id)>{peer.name}</a>
                                        {peer.is_local.then(|| view! { " "<span class="badge">{words.local_firm()}</span> })}
                                        <br/><span class="muted small">{peer.products.join("、")}</span></td>
                                    <td class="nowrap">{format::place(peer.province.as_deref(), peer.city.as_deref())}</td>
                                    <td class="num">{format!("{:.2}", peer.likeness)}</td>
                                </tr>
                            }).collect_view()}
                        </tbody></table>
                    }.into_any(),
                }}
            </section>
            <section class="panel">
                <header><h2>{words.history_with_us()}</h2>
                    {portrait.kilometres.map(|kilometres| view! { <span class="sub">{words.kilometres_away(format!("{kilometres:.0}"))}</span> })}</header>
                {portrait.trip.map(|trip| view! {
                    <p class="body small"><a href=format!("/trips/{}", trip.trip_id)>{words.trip_passes(&trip.name, trip.start_on.to_string(), &trip.city)}</a></p>
                })}
                {portrait.turned_down.map(|refusal| view! { <p class="body small">{words.turned_down(&refusal)}</p> })}
                {if has_history {
                    view! {
                        <table class="table dense"><tbody>
                            {portrait.contacts.into_iter().map(|contact| view! {
                                <tr>
                                    <td class="nowrap">{format::day(contact.at)}</td>
                                    <td class="nowrap">{EventKind::from_key(&contact.kind).map(|kind| words.event(kind))}</td>
                                    <td><a href=format!("/leads/{}", contact.lead_id)>{contact.body}</a></td>
                                </tr>
                            }).collect_view()}
                            {portrait.past_leads.into_iter().map(|lead| view! {
                                <tr>
                                    <td class="nowrap">{lead.ended_on.to_string()}</td>
                                    <td><StageTag stage=lead.stage/></td>
                                    <td><a href=format!("/leads/{}", lead.lead_id)>{lead.title}</a>" "<span class="muted">{lead.bureau}</span></td>
                                </tr>
                            }).collect_view()}
                        </tbody></table>
                    }.into_any()
                } else {
                    view! { <p class="body muted small">{words.no_history()}</p> }.into_any()
                }}
            </section>
            <section class="panel">
                <header><h2>{words.where_it_is()}</h2></header>
                <div class="body">
                    <CityMap points label=words.where_it_is() zone=Some(portrait.zone)/>
                    {(!profile.sites.is_empty()).then(|| view! {
                        <dl class="facts">
                            {profile.sites.iter().map(|site| view! {
                                <dt>{words.site_kind(site.kind)}</dt><dd>{site.place.clone()}</dd>
                            }).collect_view()}
                        </dl>
                    })}
                </div>
            </section>
            <section class="panel">
                <header><h2>{words.signs()}</h2></header>
                {if has_signs {
                    view! {
                        <ul class="body small stack">
                            {profile.growth.iter().map(|sign| view! { <li>{words.growth_sign(sign)}</li> }).collect_view()}
                            {profile.risk.iter().map(|sign| view! { <li class="risk"><Icon name="i-warn"/>{words.risk_sign(sign)}</li> }).collect_view()}
                        </ul>
                    }.into_any()
                } else {
                    view! { <p class="body muted small">{words.no_signs()}</p> }.into_any()
                }}
                {(!profile.figures.is_empty()).then(|| view! {
                    <table class="table dense">
                        <thead><tr><th>{words.day_column()}</th><th class="num">{words.revenue_yi()}</th><th class="num">{words.staff()}</th><th>{words.source()}</th></tr></thead>
                        <tbody>
                            {profile.figures.iter().rev().map(|figure| view! {
                                <tr>
                                    <td class="nowrap">{figure.as_of.to_string()}</td>
                                    <td class="num">{figure.revenue_wan.map_or_else(|| "—".to_owned(), format::yi)}</td>
                                    <td class="num">{figure.staff.map_or_else(|| "—".to_owned(), format::count)}</td>
                                    <td class="muted">{figure.source.clone()}</td>
                                </tr>
                            }).collect_view()}
                        </tbody>
                    </table>
                })}
            </section>
            {(!portrait.files.is_empty()).then(|| view! {
                <section class="panel">
                    <header><h2>{words.files_of_leads()}</h2></header>
                    <table class="table dense"><tbody>
                        {portrait.files.into_iter().map(|file| view! {
                            <tr>
                                <td><a href=format!("/leads/{}/files/{}", file.lead_id, file.file_id) rel="external" download="">{file.name}</a></td>
                                <td class="num nowrap">{format::size(file.size)}</td>
                                <td class="nowrap">{format::day(file.at)}</td>
                            </tr>
                        }).collect_view()}
                    </tbody></table>
                </section>
            })}
        </div>
    }
}
