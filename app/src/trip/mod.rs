//! Trips: the list, the form, the plan as time line and on paper.

mod book;
mod form;
mod frame;
mod itinerary;
mod outbox;
mod plan;
mod planner;
mod record;
mod report;
mod road;
mod side;
mod timeline;

pub use book::TripBookPage;
pub use form::TripFormPage;
pub use plan::TripPage;
pub use report::{TripReportPage, TripYearPage};
pub use road::TripRoadPage;

use chrono::{Days, NaiveDate};
use domain::trip::{
    NewTrip, TripBook, TripCandidatesChange, TripChoices, TripDetail, TripFrameChange,
    TripPlanChange, TripReport, TripRoad, TripSearch, TripSearchProgress, TripState, TripSummary,
    TripYear,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    account::use_actor,
    component::{Icon, PageTitle, load},
    error::{AppError, Encoded},
    format,
    words::use_words,
};

/// The last day of a trip.
fn last_day(start_on: NaiveDate, days: u8) -> NaiveDate {
    start_on + Days::new(u64::from(days.saturating_sub(1)))
}

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

/// Keeps a plan that was changed by hand.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeTripPlanRequest, prefix = "/api", endpoint = "change_trip_plan", input = Json)]
pub async fn change_trip_plan(
    trip_id: i64,
    change: TripPlanChange,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.change_trip_plan(&actor, trip_id, change).await)
}

/// Companies join a trip or leave it.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeTripCandidatesRequest, prefix = "/api", endpoint = "change_trip_candidates", input = Json)]
pub async fn change_trip_candidates(
    trip_id: i64,
    change: TripCandidatesChange,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(
        service
            .change_trip_candidates(&actor, trip_id, change)
            .await,
    )
}

/// Changes when a trip is, and who travels from where.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeTripFrameRequest, prefix = "/api", endpoint = "change_trip_frame", input = Json)]
pub async fn change_trip_frame(
    trip_id: i64,
    change: TripFrameChange,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.change_trip_frame(&actor, trip_id, change).await)
}

/// Begins to look for a better plan.
///
/// # Errors
/// The use case's problem.
#[server(name = SearchTripRequest, prefix = "/api", endpoint = "search_trip", input = Json)]
pub async fn search_trip(trip_id: i64, search: TripSearch) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.search_trip(&actor, trip_id, search).await)
}

/// How far the search has come.
///
/// # Errors
/// The use case's problem.
#[server(name = TripSearchProgressRequest, prefix = "/api", endpoint = "trip_search_progress", input = Json)]
pub async fn trip_search_progress(
    trip_id: i64,
) -> Result<Encoded<Option<TripSearchProgress>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trip_search_progress(&actor, trip_id).await)
}

/// Ends a search early.
///
/// # Errors
/// The use case's problem.
#[server(name = StopTripSearchRequest, prefix = "/api", endpoint = "stop_trip_search", input = Json)]
pub async fn stop_trip_search(trip_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.stop_trip_search(&actor, trip_id).await)
}

/// Keeps the plan as it is, to compare.
///
/// # Errors
/// The use case's problem.
#[server(name = KeepTripVariantRequest, prefix = "/api", endpoint = "keep_trip_variant", input = Json)]
pub async fn keep_trip_variant(
    trip_id: i64,
    name: String,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.keep_trip_variant(&actor, trip_id, name).await)
}

/// Forgets a kept plan.
///
/// # Errors
/// The use case's problem.
#[server(name = DropTripVariantRequest, prefix = "/api", endpoint = "drop_trip_variant", input = Json)]
pub async fn drop_trip_variant(
    trip_id: i64,
    variant_id: i64,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.drop_trip_variant(&actor, trip_id, variant_id).await)
}

/// Submits a trip, takes it back, approves it or returns it.
///
/// # Errors
/// The use case's problem.
#[server(name = DecideTripRequest, prefix = "/api", endpoint = "decide_trip", input = Json)]
pub async fn decide_trip(
    trip_id: i64,
    version: i64,
    to: TripState,
    remark: String,
) -> Result<Encoded<TripDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(
        service
            .decide_trip(&actor, trip_id, version, to, remark)
            .await,
    )
}

/// The delegation's book of a trip.
///
/// # Errors
/// The use case's problem.
#[server(name = TripBookRequest, prefix = "/api", endpoint = "trip_book", input = Json)]
pub async fn trip_book(trip_id: i64) -> Result<Encoded<TripBook>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    let base = crate::server_side::base_address();
    crate::server_side::answer_page(service.trip_book(&actor, trip_id, &base).await)
}

/// A trip as a delegation carries it.
///
/// # Errors
/// The use case's problem.
#[server(name = TripRoadRequest, prefix = "/api", endpoint = "trip_road", input = Json)]
pub async fn trip_road(trip_id: i64) -> Result<Encoded<TripRoad>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    let base = crate::server_side::base_address();
    crate::server_side::answer_page(service.trip_road(&actor, trip_id, &base).await)
}

/// Withdraws a visit that was written down by mistake.
///
/// # Errors
/// The use case's problem.
#[server(name = WithdrawVisit, prefix = "/api", endpoint = "withdraw_visit", input = Json)]
pub async fn withdraw_visit(trip_id: i64, visit_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.withdraw_visit(&actor, trip_id, visit_id).await)
}

/// What came of a trip.
///
/// # Errors
/// The use case's problem.
#[server(name = TripReportRequest, prefix = "/api", endpoint = "trip_report", input = Json)]
pub async fn trip_report(trip_id: i64) -> Result<Encoded<TripReport>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trip_report(&actor, trip_id).await)
}

/// The trips of a year, compared.
///
/// # Errors
/// The use case's problem.
#[server(name = TripYearRequest, prefix = "/api", endpoint = "trip_year", input = Json)]
pub async fn trip_year(year: Option<i32>) -> Result<Encoded<TripYear>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.trip_year(&actor, year).await)
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
                <div class="end"><a class="btn" href="/trips/year"><Icon name="i-chart"/>{words.trips_of_year()}</a>{new()}</div>
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
                                        <th>{words.state()}</th>
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
                                            <td class="nowrap">{plan::state_word(words, trip.state)}</td>
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
