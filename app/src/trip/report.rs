//! What came of trips: the report of one, and those of a year compared.

use domain::trip::{ReportRow, TripReport, TripYear, TripYield, VisitOutcome};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{last_day, trip_report, trip_year};
use crate::{
    component::{Icon, PageTitle, StageTag, load, load_by_id},
    format,
    words::{Locale, use_words},
};

/// Ten thousand yuan.
const WAN: f64 = 10_000.0;

/// The report of one trip.
#[component]
pub fn TripReportPage() -> impl IntoView {
    load_by_id(trip_report, |report, _| {
        view! { <Report report/> }.into_any()
    })
}

/// Badge of how a visit went.
fn outcome_badge(words: Locale, row: &ReportRow) -> AnyView {
    match &row.visit {
        Some(visit) => {
            let kind = match visit.outcome {
                VisitOutcome::Interested => Some("ok"),
                VisitOutcome::Again => Some("info"),
                VisitOutcome::Declined => None,
                VisitOutcome::Absent => Some("warn"),
            };
            view! { <span class="badge" data-kind=kind>{words.visit_outcome(visit.outcome)}</span> }
                .into_any()
        }
        None if row.is_unanswered => {
            view! { <span class="badge" data-kind="danger">{words.unanswered_word()}</span> }
                .into_any()
        }
        None => view! { <span class="muted">{words.not_yet_visited()}</span> }.into_any(),
    }
}

/// 万元 of a cost in 元.
fn wan(yuan: f64) -> String {
    format!("{:.2}", yuan / WAN)
}

fn open_promises(total: &TripYield) -> u32 {
    total.promises.ours_open + total.promises.theirs_open
}

/// The figures above both pages.
fn figures(words: Locale, total: &TripYield) -> impl IntoView + use<> {
    let tile = |value: String, unit: &'static str, label: &'static str, is_bad: bool| {
        view! { <div class:bad=is_bad><b>{value}<span class="unit">{unit}</span></b>{label}</div> }
    };
    let per_visit = if total.visited == 0 {
        "—".to_owned()
    } else {
        format::count(total.cost_yuan.round() as i64 / i64::from(total.visited))
    };
    view! {
        <div class="sum">
            {tile(format::count(total.cities), words.unit_cities(), words.cities(), false)}
            {tile(format::count(total.visited), words.unit_firms(), words.visited_word(), false)}
            {tile(format::count(total.outcomes[0]), words.unit_firms(), words.visit_outcome(VisitOutcome::Interested), false)}
            {tile(format::count(total.unanswered), words.unit_firms(), words.unanswered_word(), total.unanswered > 0)}
            {tile(format::count(open_promises(total)), words.unit_lines(), words.promises_open(), false)}
            {tile(format::count(total.promises.overdue), words.unit_lines(), words.promises_overdue(), total.promises.overdue > 0)}
            {tile(format::count(total.advanced), words.unit_leads(), words.advanced_word(), false)}
            {tile(format::count(total.signed), words.unit_leads(), words.signed_word(), false)}
            {tile(format::yi(total.signed_wan), words.unit_yi(), words.signed_amount(), false)}
            {tile(wan(total.cost_yuan), words.unit_yuan_wan(), words.cost_word(), false)}
            {tile(per_visit, if total.visited == 0 { "" } else { words.unit_yuan() }, words.cost_per_visit(), false)}
        </div>
    }
}

#[component]
fn Report(report: TripReport) -> impl IntoView {
    let words = use_words();
    let id = report.id;
    let last = last_day(report.start_on, report.days);
    let total = report.total.clone();
    let most = total
        .stages
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or(1)
        .max(1);
    let stages = total
        .stages
        .iter()
        .map(|(stage, count)| {
            let share = f64::from(*count) / f64::from(most) * 100.0;
            view! {
                <li><StageTag stage=*stage/><span class="bar" style=format!("--share:{share:.0}%")></span><span class="num">{format::count(*count)}</span></li>
            }
        })
        .collect_view();
    let no_stage = total.stages.is_empty();
    let outcomes = VisitOutcome::ALL
        .into_iter()
        .zip(total.outcomes)
        .map(|(outcome, count)| {
            let share = f64::from(count) / f64::from(total.planned.max(1)) * 100.0;
            view! {
                <li><span>{words.visit_outcome(outcome)}</span><span class="bar" style=format!("--share:{share:.0}%")></span><span class="num">{format::count(count)}</span></li>
            }
        })
        .collect_view();
    let teams = report.teams.clone();
    let rows = report
        .rows
        .iter()
        .map(|row| {
            let team = row.team.map(usize::from).map_or_else(
                || words.beside_plan().to_owned(),
                |team| words.team_called(teams.get(team).map(String::as_str), team),
            );
            let visit = row.visit.clone();
            let next = visit.as_ref().filter(|visit| !visit.next_step.is_empty()).map(|visit| {
                format!(
                    "{} {}",
                    visit.next_on.map(format::short_day).unwrap_or_default(),
                    visit.next_step
                )
            });
            let has_moved = row.stage.zip(row.stage_then).is_some_and(|(now, then)| now > then);
            view! {
                <tr>
                    <td class="nowrap">{team}</td>
                    <td class="nowrap">{format::short_day(row.date)}</td>
                    <td>{match row.lead_id {
                        Some(lead) => view! { <a href=format!("/leads/{lead}") data-row="record"><b>{row.name.clone()}</b></a> }.into_any(),
                        None => view! { <a href=format!("/enterprises/{}", row.enterprise_id) data-row="record"><b>{row.name.clone()}</b></a> }.into_any(),
                    }}</td>
                    <td class="nowrap">{row.city.clone()}</td>
                    <td class="nowrap">{outcome_badge(words, row)}</td>
                    <td class="num">{visit.as_ref().and_then(|visit| visit.interest).map_or_else(|| "—".to_owned(), |interest| interest.to_string())}</td>
                    <td class="said">{visit.as_ref().map(|visit| visit.remark.clone())}{next.map(|next| view! { <div class="muted small">{words.next_step()}"："{next}</div> })}</td>
                    <td class="num">{format::count(row.promises.ours_open + row.promises.theirs_open)}</td>
                    <td class="num" class:bad=row.promises.overdue != 0>{format::count(row.promises.overdue)}</td>
                    <td class="num">{format::count(row.promises.kept)}</td>
                    <td class="nowrap">{row.stage.map(|stage| view! { <StageTag stage/> })}{has_moved.then(|| view! { <span class="up small">" ↑"</span> })}</td>
                </tr>
            }
        })
        .collect_view();
    let is_empty = report.rows.is_empty();
    view! {
        <PageTitle text=words.report_of(&report.name)/>
        <main class="page trip-report" id="main">
            <div class="page-head">
                <h1>{words.report_of(&report.name)}</h1>
                <p class="sub">{words.date_span(report.start_on.to_string(), last.to_string())}"，"{report.bureau.clone()}"，"{words.visited_of(total.visited, total.planned)}</p>
                <div class="end">
                    <a class="btn" href=format!("/trips/{id}")>{words.back_to_trip()}</a>
                    <a class="btn" href=format!("/trips/{id}/report.xlsx") rel="external" download=""><Icon name="i-download"/>"XLSX"</a>
                    <button type="button" class="btn" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print()}</button>
                </div>
            </div>
            <section class="head">{figures(words, &total)}</section>
            <div class="two">
                <section class="panel"><header><h2>{words.outcomes_word()}</h2></header><ul class="bars">{outcomes}</ul></section>
                <section class="panel"><header><h2>{words.stages_now()}</h2></header>
                    {if no_stage { view! { <p class="body muted small">{words.no_lead_yet()}</p> }.into_any() } else { view! { <ul class="bars">{stages}</ul> }.into_any() }}
                </section>
            </div>
            <section class="panel">
                {if is_empty {
                    view! { <div class="empty"><Icon name="i-visit"/><b>{words.book_empty()}</b></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.visits()>
                            <table class="table" style="--min:68rem">
                                <thead><tr>
                                    <th>{words.team_word()}</th><th>{words.date_word()}</th><th>{words.enterprise()}</th><th>{words.city()}</th>
                                    <th>{words.outcome_word()}</th><th class="num">{words.interest_word()}</th><th>{words.remark_word()}</th>
                                    <th class="num">{words.open_word()}</th><th class="num">{words.overdue_word()}</th><th class="num">{words.kept_word()}</th>
                                    <th>{words.stage_now()}</th>
                                </tr></thead>
                                <tbody>{rows}</tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
            </section>
        </main>
    }
}

/// The trips of a year, compared.
#[component]
pub fn TripYearPage() -> impl IntoView {
    let query = use_query_map();
    let year = Memo::new(move |_| {
        query.with(|query| query.get("year").and_then(|year| year.parse::<i32>().ok()))
    });
    load(
        move || year.get(),
        trip_year,
        |year, _| view! { <Year year/> }.into_any(),
    )
}

#[component]
fn Year(year: TripYear) -> impl IntoView {
    let words = use_words();
    let chosen = year.year;
    let sum = year.total;
    let cells = |total: &TripYield| {
        view! {
            <td class="num">{format::count(total.cities)}</td>
            <td class="num">{format::count(total.planned)}</td>
            <td class="num">{format::count(total.visited)}</td>
            <td class="num">{format::count(total.outcomes[0])}</td>
            <td class="num" class:bad=total.unanswered != 0>{format::count(total.unanswered)}</td>
            <td class="num">{format::count(open_promises(total))}</td>
            <td class="num" class:bad=total.promises.overdue != 0>{format::count(total.promises.overdue)}</td>
            <td class="num">{format::count(total.promises.kept)}</td>
            <td class="num">{format::count(total.advanced)}</td>
            <td class="num">{format::count(total.signed)}</td>
            <td class="num">{format::yi(total.signed_wan)}</td>
            <td class="num">{wan(total.cost_yuan)}</td>
        }
    };
    let rows = year
        .rows
        .iter()
        .map(|row| {
            view! {
                <tr>
                    <td><a href=format!("/trips/{}/report", row.id) data-row="record"><b>{row.name.clone()}</b></a></td>
                    <td class="nowrap">{row.bureau.clone()}</td>
                    <td class="nowrap">{row.start_on.to_string()}</td>
                    {cells(&row.total)}
                </tr>
            }
        })
        .collect_view();
    let years = year
        .years
        .iter()
        .map(|one| {
            let one = *one;
            view! { <a class="btn small" href=format!("/trips/year?year={one}") aria-current=(one == chosen).then_some("page")>{one}</a> }
        })
        .collect_view();
    let unanswered = year
        .unanswered
        .iter()
        .map(|visit| {
            let days = (year.today - visit.date).num_days();
            view! {
                <li>
                    <span class="num nowrap">{visit.date.to_string()}</span>
                    <a href=format!("/enterprises/{}", visit.enterprise_id)>{visit.name.clone()}</a>
                    <a class="muted" href=format!("/trips/{}/report", visit.trip_id)>{visit.trip.clone()}</a>
                    <span class="num bad">{words.overdue_days(days)}</span>
                </li>
            }
        })
        .collect_view();
    let nothing = year.unanswered.is_empty();
    let is_empty = year.rows.is_empty();
    let count = year.rows.len();
    view! {
        <PageTitle text=words.year_of_trips(chosen)/>
        <main class="page trip-report" id="main">
            <div class="page-head">
                <h1>{words.year_of_trips(chosen)}</h1>
                <p class="sub">{words.year_sub(count, sum.visited, sum.signed)}</p>
                <div class="end">
                    {years}
                    <a class="btn" href="/trips">{words.nav_trips_long()}</a>
                    <a class="btn" href=format!("/trips/year.xlsx?year={chosen}") rel="external" download=""><Icon name="i-download"/>"XLSX"</a>
                    <button type="button" class="btn" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print()}</button>
                </div>
            </div>
            {if is_empty {
                view! { <section class="panel"><div class="empty"><Icon name="i-trip"/><b>{words.no_trip_in_year()}</b></div></section> }.into_any()
            } else {
                view! {
                    <section class="head">{figures(words, &sum)}</section>
                    <section class="panel">
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.year_of_trips(chosen)>
                            <table class="table" style="--min:72rem">
                                <thead><tr>
                                    <th>{words.trip_name()}</th><th>{words.bureau()}</th><th>{words.start_on()}</th>
                                    <th class="num">{words.cities()}</th><th class="num">{words.planned_word()}</th><th class="num">{words.visited_word()}</th>
                                    <th class="num">{words.visit_outcome(VisitOutcome::Interested)}</th><th class="num">{words.unanswered_word()}</th>
                                    <th class="num">{words.promises_open()}</th><th class="num">{words.overdue_word()}</th><th class="num">{words.kept_word()}</th>
                                    <th class="num">{words.advanced_word()}</th><th class="num">{words.signed_word()}</th>
                                    <th class="num">{words.signed_amount()}<span class="unit">{words.unit_yi()}</span></th>
                                    <th class="num">{words.cost_word()}<span class="unit">{words.unit_yuan_wan()}</span></th>
                                </tr></thead>
                                <tbody>{rows}</tbody>
                                <tfoot><tr><th colspan="3">{words.all_together()}</th>{cells(&sum)}</tr></tfoot>
                            </table>
                        </div>
                    </section>
                    <section class="panel">
                        <header><h2>{words.unanswered_word()}</h2><span class="sub">{words.unanswered_sub()}</span></header>
                        {if nothing {
                            view! { <p class="body muted small">{words.all_answered()}</p> }.into_any()
                        } else {
                            view! { <ul class="list late-visits">{unanswered}</ul> }.into_any()
                        }}
                    </section>
                }.into_any()
            }}
        </main>
    }
}
