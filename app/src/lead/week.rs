//! 周协调: what the weekly meeting goes through, ready to be projected and printed.

use chrono::{Datelike, Duration};
use domain::lead::{
    CommitmentRow, LeadCard, SILENT_DAYS, TaskRow, TodaySection, WeekMove, WeekScope, WeekSheet,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{list::parameters, week_sheet, work::due};
use crate::{
    component::{Icon, PageTitle, StageTag, load},
    format,
    words::use_words,
};

/// The sheet of a bureau's week, as the address says.
#[component]
pub fn WeekPage() -> impl IntoView {
    let query = use_query_map();
    let scope = Memo::new(move |_| {
        query.with(|query| WeekScope {
            bureau_id: query.get("bureau_id").and_then(|text| text.parse().ok()),
            day: query.get("day").and_then(|text| text.parse().ok()),
        })
    });
    load(
        move || scope.get(),
        week_sheet,
        |sheet, _| view! { <Sheet sheet/> }.into_any(),
    )
}

fn address(scope: WeekScope) -> String {
    let mut parts = Vec::new();
    if let Some(bureau_id) = scope.bureau_id {
        parts.push(format!("bureau_id={bureau_id}"));
    }
    if let Some(day) = scope.day {
        parts.push(format!("day={day}"));
    }
    if parts.is_empty() {
        "/leads/week".to_owned()
    } else {
        format!("/leads/week?{}", parts.join("&"))
    }
}

#[component]
fn Sheet(sheet: WeekSheet) -> impl IntoView {
    let words = use_words();
    let projected = RwSignal::new(false);
    let scope = sheet.scope;
    let whose = sheet.bureau.as_ref().map_or_else(
        || words.whole_zone().to_owned(),
        |bureau| bureau.name.clone(),
    );
    let title = words.week_title(&whose);
    let week = |days: i64| WeekScope {
        day: Some(sheet.first_day + Duration::days(days)),
        ..scope
    };
    let bureaus = (sheet.bureaus.len() > 1).then(|| {
        let all = WeekScope { bureau_id: None, ..scope };
        let others = sheet.bureaus.iter().map(|bureau| {
            (bureau.name.clone(), WeekScope { bureau_id: Some(bureau.id), ..scope })
        });
        let links = std::iter::once((words.whole_zone().to_owned(), all))
            .chain(others)
            .map(|(name, choice)| view! {
                <a class="btn" href=address(choice) aria-current=(choice.bureau_id == scope.bureau_id).then_some("true")>{name}</a>
            })
            .collect_view();
        view! { <nav class="btns screen-only" aria-label=words.whose_day()>{links}</nav> }
    });
    let today = sheet.today;
    let range = words.week_range(
        sheet.first_day.iso_week().week(),
        format::short_day(sheet.first_day),
        format::short_day(sheet.last_day),
    );
    let [outbound, inbound, online] = sheet.visits;
    view! {
        <PageTitle text=title.clone()/>
        <main class="page home week" class:projected=move || projected.get() id="main">
            <div class="page-head">
                <h1>{title}</h1>
                <p class="sub">{range}</p>
                <div class="end screen-only">
                    <a class="btn icon" href=address(week(-7)) aria-label=words.previous_week()><Icon name="i-left"/></a>
                    <a class="btn icon" href=address(week(7)) aria-label=words.next_week()><Icon name="i-right"/></a>
                    <button type="button" class="btn" data-act="project" aria-pressed=move || projected.get().to_string() on:click=move |_| projected.update(|on| *on = !*on)>{words.project_word()}" "<kbd>"F"</kbd></button>
                    <button type="button" class="btn" on:click=move |_| { let _ = window().print(); }><Icon name="i-print"/>{words.print_word()}</button>
                </div>
            </div>
            {bureaus}
            <div class="strip" role="group" aria-label=words.week_sheet()>
                <p><b>{format::count(sheet.registered.count)}</b>{words.week_registered()}" "<small>{words.yi(format::yi(sheet.registered.investment_wan))}</small></p>
                <p><b>{format::count(sheet.signed.count)}</b>{words.week_signed()}" "<small>{words.yi(format::yi(sheet.signed.investment_wan))}</small></p>
                <p><b>{format::count(outbound + inbound + online)}</b>{words.week_visits()}" "<small>{words.week_visits_by(outbound, inbound, online)}</small></p>
                <p><b class=(sheet.late.total > 0).then_some("bad")>{format::count(sheet.late.total)}</b>{words.late_title()}" "<small>{words.as_of_now()}</small></p>
                <p><b class=(sheet.lapsing.total > 0).then_some("soon")>{format::count(sheet.lapsing.total)}</b>{words.lapsing_short()}" "<small>{words.as_of_now()}</small></p>
                <p><b class=(sheet.commitments.overdue > 0).then_some("bad")>{format::count(sheet.commitments.overdue)}</b>{words.our_commitments_title()}" "<small>{words.overdue_count(sheet.commitments.overdue)}</small></p>
            </div>
            <Moves moves=sheet.moves total=sheet.moves_total/>
            <Leads title=words.late_title() section=sheet.late last=words.over_word() empty=words.none_late().to_owned()
                value=|words, card| format::late(words, card).unwrap_or_default()/>
            <Leads title=words.lapsing_title() section=sheet.lapsing last=words.claim_word() empty=words.none_lapsing(domain::lead::LAPSING_DAYS)
                value=|words, card| match card.claim_days_left.unwrap_or_default() {
                    0 => words.due_today().to_owned(),
                    left @ 1.. => words.days_left(left),
                    over => words.days_over(-over),
                }/>
            <Promises rows=sheet.commitments.rows total=sheet.commitments.total today/>
            <Leads title=words.silent_title() section=sheet.silent last=words.silent_word() empty=words.none_silent(SILENT_DAYS)
                value=|words, card| words.days_left(card.silent_days)/>
            <TaskTable rows=sheet.tasks.rows total=sheet.tasks.total/>
        </main>
    }
}

/// A part's title, and how much of it is shown.
#[component]
fn Part(title: &'static str, shown: usize, total: u64, children: Children) -> impl IntoView {
    let words = use_words();
    let sub = if shown as u64 == total {
        format::count(total)
    } else {
        words.shown_of(shown, format::count(total))
    };
    view! {
        <section class="panel" aria-label=title>
            <header><h2>{title}</h2><span class="sub">{(total > 0).then_some(sub)}</span></header>
            {children()}
        </section>
    }
}

/// The company's and the project's cells.
fn company(card: &LeadCard) -> impl IntoView + use<> {
    view! {
        <td><a href=format!("/leads/{}", card.id)>{card.enterprise_name.clone()}</a></td>
        <td class="muted">{card.title.clone()}</td>
    }
}

#[component]
fn Table(
    title: &'static str,
    head: Vec<(&'static str, bool)>,
    children: Children,
) -> impl IntoView {
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=title>
            <table class="table">
                <thead><tr>{head.into_iter().map(|(word, is_number)| view! { <th class=is_number.then_some("num")>{word}</th> }).collect_view()}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Nothing(#[prop(into)] text: String) -> impl IntoView {
    view! { <div class="empty"><p>{text}</p></div> }
}

#[component]
fn Moves(moves: Vec<WeekMove>, total: u64) -> impl IntoView {
    let words = use_words();
    let shown = moves.len();
    let head = vec![
        (words.stage_word(), false),
        (words.enterprise(), false),
        (words.project_name(), false),
        (words.unit_yi(), true),
        (words.entered_on(), true),
        (words.owner(), false),
    ];
    view! {
        <Part title=words.week_moves() shown total>
            {if moves.is_empty() { view! { <Nothing text=words.no_move()/> }.into_any() } else { view! {
                <Table title=words.week_moves() head>
                    {moves.into_iter().map(|moved| view! {
                        <tr>
                            <td class="nowrap"><StageTag stage=moved.to/></td>
                            {company(&moved.lead)}
                            <td class="num">{format::investment(moved.lead.investment_wan)}</td>
                            <td class="num nowrap">{format::day(moved.entered_at)}</td>
                            <td class="nowrap">{moved.lead.owner_name}</td>
                        </tr>
                    }).collect_view()}
                </Table>
            }.into_any() }}
        </Part>
    }
}

#[component]
fn Leads(
    title: &'static str,
    section: TodaySection,
    last: &'static str,
    empty: String,
    value: fn(crate::words::Locale, &LeadCard) -> String,
) -> impl IntoView {
    let words = use_words();
    let shown = section.leads.len();
    let total = section.total;
    let head = vec![
        (words.stage_word(), false),
        (words.enterprise(), false),
        (words.project_name(), false),
        (words.unit_yi(), true),
        (last, true),
        (words.owner(), false),
    ];
    let all = format!("/leads/list{}", parameters(&section.query));
    view! {
        <Part title shown total>
            {if section.leads.is_empty() { view! { <Nothing text=empty/> }.into_any() } else { view! {
                <Table title head>
                    {section.leads.into_iter().map(|card| view! {
                        <tr>
                            <td class="nowrap"><StageTag stage=card.stage/></td>
                            {company(&card)}
                            <td class="num">{format::investment(card.investment_wan)}</td>
                            <td class="num nowrap"><b>{value(words, &card)}</b></td>
                            <td class="nowrap">{card.owner_name}</td>
                        </tr>
                    }).collect_view()}
                </Table>
            }.into_any() }}
            {(total > shown as u64).then(|| view! { <p class="body screen-only"><a href=all>{words.show_all_of(format::count(total))}</a></p> })}
        </Part>
    }
}

#[component]
fn Promises(rows: Vec<CommitmentRow>, total: u64, today: chrono::NaiveDate) -> impl IntoView {
    let words = use_words();
    let title = words.our_commitments_title();
    let shown = rows.len();
    let head = vec![
        (words.due_word(), false),
        (words.enterprise(), false),
        (words.commitment_word(), false),
        (words.owner_of_commitment(), false),
    ];
    view! {
        <Part title shown total>
            {if rows.is_empty() { view! { <Nothing text=words.none_promised(domain::lead::COMMITMENT_DUE_DAYS)/> }.into_any() } else { view! {
                <Table title head>
                    {rows.into_iter().map(|row| {
                        let (text, is_past) = row.commitment.due_on.map(|day| due(words, day, today)).unwrap_or_default();
                        view! {
                            <tr>
                                <td class="nowrap" class:down=is_past>{text}</td>
                                <td><a href=format!("/leads/{}", row.lead_id)>{row.enterprise_name}</a></td>
                                <td>{row.commitment.content}</td>
                                <td>{row.commitment.owner}</td>
                            </tr>
                        }
                    }).collect_view()}
                </Table>
            }.into_any() }}
        </Part>
    }
}

#[component]
fn TaskTable(rows: Vec<TaskRow>, total: u64) -> impl IntoView {
    let words = use_words();
    let title = words.week_tasks();
    let shown = rows.len();
    let head = vec![
        (words.due_word(), false),
        (words.enterprise(), false),
        (words.task_word(), false),
        (words.owner(), false),
    ];
    view! {
        <Part title shown total>
            {if rows.is_empty() { view! { <Nothing text=words.no_lead_task()/> }.into_any() } else { view! {
                <Table title head>
                    {rows.into_iter().map(|row| view! {
                        <tr>
                            <td class="nowrap">{format::short_day(row.task.due_on)}</td>
                            <td><a href=format!("/leads/{}", row.lead_id)>{row.enterprise_name}</a></td>
                            <td>{row.task.title}</td>
                            <td class="nowrap">{row.task.owner_name}</td>
                        </tr>
                    }).collect_view()}
                </Table>
            }.into_any() }}
        </Part>
    }
}
