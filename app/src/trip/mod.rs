//! Trips: the list, the form, the plan as time line and on paper.

mod form;
mod plan;

pub use form::TripFormPage;
pub use plan::TripPage;

use domain::trip::{NewTrip, TripChoices, TripDetail, TripSummary};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    account::use_actor,
    component::{Icon, PageTitle, load},
    error::{AppError, Encoded},
    format,
    words::use_words,
};

/// Trips a person may see.
///
/// # Errors
/// The use case's problem.
#[server(name = ListTripsRequest, prefix = "/api", endpoint = "list_trips", input = Json)]
pub async fn list_trips() -> Result<Encoded<Vec<TripSummary>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trips(&actor).await)
}

/// What a new trip may visit.
///
/// # Errors
/// The use case's problem.
#[server(name = TripChoicesRequest, prefix = "/api", endpoint = "trip_choices", input = Json)]
pub async fn trip_choices(list_id: Option<i64>) -> Result<Encoded<TripChoices>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trip_choices(&actor, None, list_id).await)
}

/// Plans a trip and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = PlanTripRequest, prefix = "/api", endpoint = "plan_trip", input = Json)]
pub async fn plan_trip(new: NewTrip) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.plan_trip(&actor, new).await)
}

/// A trip with its plan.
///
/// # Errors
/// The use case's problem.
#[server(name = TripRequest, prefix = "/api", endpoint = "trip", input = Json)]
pub async fn trip(trip_id: i64) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trip(&actor, trip_id).await)
}

/// Trips, newest first.
#[component]
pub fn TripListPage() -> impl IntoView {
    load(
        || (),
        |()| list_trips(),
        |trips, _| view! { <Trips trips/> }.into_any(),
    )
}

#[component]
fn Trips(trips: Vec<TripSummary>) -> impl IntoView {
    let words = use_words();
    let actor = use_actor();
    let new = move || {
        view! {
            <Transition fallback=|| ()>
                {move || Suspend::new(async move {
                    let may = actor.await.ok().flatten().is_some_and(|actor| {
                        actor.bureau_id.is_some_and(|bureau_id| {
                            actor.may(domain::account::Action::WriteTrip { bureau_id })
                        })
                    });
                    may.then(|| view! { <a class="btn primary" href="/trips/new"><Icon name="i-plus"/>{words.new_trip()}</a> })
                })}
            </Transition>
        }
    };
    view! {
        <PageTitle text=words.nav_trips_long()/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.nav_trips_long()}</h1>
                <p class="sub">{words.trips_sub(trips.len())}</p>
                <div class="end">{new()}</div>
            </div>
            <section class="panel">
                {if trips.is_empty() {
                    view! { <div class="empty"><Icon name="i-trip"/><b>{words.no_trip()}</b><p>{words.no_trip_hint()}</p></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.nav_trips_long()>
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th>{words.trip_name()}</th><th>{words.bureau()}</th><th>{words.start_on()}</th>
                                        <th class="num">{words.days()}<span class="unit">{words.unit_days()}</span></th>
                                        <th class="num">{words.teams()}<span class="unit">{words.unit_teams()}</span></th>
                                        <th class="num">{words.cities()}<span class="unit">{words.unit_cities()}</span></th>
                                        <th class="num">{words.visits()}<span class="unit">{words.unit_firms()}</span></th>
                                        <th class="num">{words.candidates()}<span class="unit">{words.unit_firms()}</span></th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {trips.into_iter().map(|trip| view! {
                                        <tr>
                                            <td><a href=format!("/trips/{}", trip.id) data-row="record"><b>{trip.name}</b></a></td>
                                            <td>{trip.bureau}</td>
                                            <td class="nowrap">{trip.start_on.to_string()}</td>
                                            <td class="num">{trip.days}</td>
                                            <td class="num">{trip.teams}</td>
                                            <td class="num">{trip.cities.map_or_else(|| "—".to_owned(), format::count)}</td>
                                            <td class="num">{trip.visited.map_or_else(|| "—".to_owned(), format::count)}</td>
                                            <td class="num">{format::count(trip.candidates)}</td>
                                        </tr>
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
            </section>
        </main>
    }
}
