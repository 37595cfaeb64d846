//! Today: what waits for a person or a bureau, each kind with the way to all of it.

use chrono::{Datelike, NaiveDate};
use domain::lead::{
    COMMITMENT_DUE_DAYS, CommitmentRow, FollowUps, LAPSING_DAYS, LeadCard, SILENT_DAYS, Task,
    TaskRow, Today, TodayScope, TodaySection, TodayVisit, WorkItem, WorkKind,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    list::parameters,
    set_task_done, today,
    work::{Desk, TaskDialog, due},
};
use crate::{
    component::{PageTitle, StageTag, load, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// A person's day, or a bureau's, as the address says.
#[component]
pub fn TodayPage() -> impl IntoView {
    let query = use_query_map();
    let scope = Memo::new(move |_| {
        query.with(|query| TodayScope {
            mine: query.get("mine").is_some_and(|text| text == "true"),
            bureau_id: query.get("bureau_id").and_then(|text| text.parse().ok()),
        })
    });
    load(
        move || scope.get(),
        today,
        |today, refetch| view! { <Day today refetch/> }.into_any(),
    )
}

fn address(scope: TodayScope) -> String {
    match scope {
        TodayScope { mine: true, .. } => "/today?mine=true".to_owned(),
        TodayScope {
            bureau_id: Some(bureau_id),
            ..
        } => format!("/today?bureau_id={bureau_id}"),
        TodayScope { .. } => "/today".to_owned(),
    }
}

#[component]
fn Day(today: Today, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let Today {
        scope,
        date,
        is_working,
        bureaus,
        owns_leads,
        follow_ups,
        commitments,
        late,
        lapsing,
        claims,
        silent,
        visit_day,
        visits,
    } = today;
    let day = |date: chrono::NaiveDate| {
        words.itinerary_day(date.month(), date.day(), format::weekday(words, date))
    };
    // Whose day: one's own, one's bureau's or, for those who read all, any bureau's.
    let mut choices: Vec<(String, TodayScope)> = Vec::new();
    if owns_leads {
        let mine = TodayScope {
            mine: true,
            bureau_id: None,
        };
        choices.push((words.my_leads().to_owned(), mine));
    }
    match bureaus.as_slice() {
        [only] => choices.push((only.name.clone(), TodayScope::default())),
        several => {
            choices.push((words.every_bureau().to_owned(), TodayScope::default()));
            choices.extend(several.iter().map(|bureau| {
                let scope = TodayScope {
                    mine: false,
                    bureau_id: Some(bureau.id),
                };
                (bureau.name.clone(), scope)
            }));
        }
    }
    let whose = (choices.len() > 1).then(|| {
        view! {
            <nav class="btns" aria-label=words.whose_day()>
                {choices.into_iter().map(|(name, choice)| view! {
                    <a class="btn" href=address(choice) aria-current=(choice == scope).then_some("true")>{name}</a>
                }).collect_view()}
            </nav>
        }
    });
    let week = scope.bureau_id.map_or_else(
        || "/leads/week".to_owned(),
        |bureau_id| format!("/leads/week?bureau_id={bureau_id}"),
    );
    // The longest in its stage is not always the latest, as limits differ: the most is known when all are here.
    let most_late = (late.leads.len() as u64 == late.total)
        .then(|| late.leads.iter().filter_map(LeadCard::days_late).max())
        .flatten();
    let most_silent = silent.leads.iter().map(|card| card.silent_days).max();
    view! {
        <PageTitle text=words.nav_today()/>
        <main class="page home today" id="main">
            <div class="page-head">
                <h1>{day(date)}</h1>
                <p class="sub">{words.today_week(date.iso_week().week(), if is_working { words.working_day() } else { words.day_off() })}</p>
                <div class="end">
                    {whose}
                    <a class="btn" href=week>{words.week_sheet()}</a>
                </div>
            </div>
            <nav class="strip" aria-label=words.today_overview()>
                <a href="#follow-ups"><b class=(follow_ups.overdue > 0).then_some("bad")>{format::count(follow_ups.total)}</b>{words.follow_ups()}" "
                    <small>{words.follow_ups_done(follow_ups.done)}</small></a>
                <a href="#late"><b class=(late.total > 0).then_some("bad")>{format::count(late.total)}</b>{words.late_title()}" "
                    <small>{most_late.map(|days| words.longest_late(days))}</small></a>
                <a href="#lapsing"><b class=(lapsing.total > 0).then_some("soon")>{format::count(lapsing.total)}</b>{words.lapsing_short()}" "
                    <small>{words.claims_in_effect(format::count(claims))}</small></a>
                <a href="#silent"><b class=(silent.total > 0).then_some("soon")>{format::count(silent.total)}</b>{words.only_silent(SILENT_DAYS)}" "
                    <small>{most_silent.map(|days| words.longest_silent(days))}</small></a>
                <a href="#commitments"><b class=(commitments.overdue > 0).then_some("bad")>{format::count(commitments.total)}</b>{words.our_commitments_title()}" "
                    <small>{words.overdue_count(commitments.overdue)}</small></a>
                <a href="#visits"><b>{visits.len()}</b>{words.tomorrow_visits()}" "<small>{day(visit_day)}</small></a>
            </nav>
            <div class="cols fold">
                <div>
                    <section class="panel" id="follow-ups">
                        <header>
                            <h2>{words.follow_ups()}</h2>
                            <span class="sub">{words.follow_ups_sub()}</span>
                        </header>
                        <FollowUpRows follow_ups today=date refetch/>
                    </section>
                    <section class="panel" id="late">
                        <Head title=words.late_title() sub=words.late_sub().to_owned() section=late.clone()/>
                        <Late section=late/>
                    </section>
                    <section class="panel" id="silent">
                        <Head title=words.silent_title() sub=words.silent_sub(SILENT_DAYS) section=silent.clone()/>
                        <Silent section=silent/>
                    </section>
                </div>
                <div>
                    <section class="panel" id="commitments">
                        <header><h2>{words.our_commitments_title()}</h2><span class="sub">{words.our_commitments_sub(COMMITMENT_DUE_DAYS)}</span></header>
                        <Promises rows=commitments.rows today=date/>
                    </section>
                    <section class="panel" id="lapsing">
                        <Head title=words.lapsing_title() sub=words.lapsing_sub(LAPSING_DAYS) section=lapsing.clone()/>
                        <Lapsing section=lapsing/>
                    </section>
                    <section class="panel" id="visits">
                        <header><h2>{words.tomorrow_visits()}</h2><span class="sub">{day(visit_day)}</span></header>
                        <Visits visits/>
                    </section>
                </div>
            </div>
        </main>
    }
}

/// A section's title, with the sum of all its leads and the way to the list that shows them.
#[component]
fn Head(title: &'static str, sub: String, section: TodaySection) -> impl IntoView {
    let words = use_words();
    let href = format!("/leads/list{}", parameters(&section.query));
    view! {
        <header>
            <h2>{title}</h2>
            <span class="sub">{sub}</span>
            {(section.total > 0).then(|| view! {
                <span class="end nowrap">
                    <span class="muted">{format::yi(section.investment_wan)}<span class="unit">{words.unit_yi()}</span></span>"　"
                    <a href=href>{words.show_all_of(format::count(section.total))}</a>
                </span>
            })}
        </header>
    }
}

fn company(card: &LeadCard) -> impl IntoView + use<> {
    view! {
        <a href=format!("/leads/{}", card.id) data-row="lead">{card.enterprise_name.clone()}</a>
    }
}

#[component]
fn Nothing(text: String) -> impl IntoView {
    view! { <div class="empty"><p>{text}</p></div> }
}

#[component]
fn FollowUpRows(follow_ups: FollowUps, today: NaiveDate, refetch: Callback<()>) -> AnyView {
    let words = use_words();
    if follow_ups.rows.is_empty() {
        return view! { <Nothing text=words.no_follow_up().to_owned()/> }.into_any();
    }
    let moved = RwSignal::new(None::<(i64, Task)>);
    let rest = (follow_ups.total > follow_ups.rows.len() as u64).then(|| {
        let shown = words.shown_of(follow_ups.rows.len(), format::count(follow_ups.total));
        view! { <p class="body muted small">{shown}</p> }
    });
    let rows = follow_ups
        .rows
        .into_iter()
        .map(|row| view! { <FollowUp row today moved refetch/> })
        .collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words.follow_ups()>
            <table class="table">
                <thead><tr>
                    <th class="num">{words.due_word()}</th><th>{words.enterprise()}</th><th>{words.task_word()}</th><th>{words.stage_word()}</th>
                    <th class="num">{words.unit_yi()}</th><th>{words.owner()}</th><th><span class="vh">{words.finish_word()}</span></th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        {rest}
        {move || moved.get().map(|(lead_id, task)| {
            let desk = Desk { lead_id, today, may_write: true, refetch };
            view! { <TaskDialog row=Some(task) desk close=Callback::new(move |()| moved.set(None))/> }
        })}
    }
    .into_any()
}

#[component]
fn FollowUp(
    row: TaskRow,
    today: NaiveDate,
    moved: RwSignal<Option<(i64, Task)>>,
    refetch: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let TaskRow {
        task,
        lead_id,
        enterprise_name,
        stage,
        investment_wan,
        may_write,
    } = row;
    let item = WorkItem {
        kind: WorkKind::Task,
        id: task.id,
        version: task.version,
    };
    let finish = move |_| {
        submit(pending, set_task_done(item, true), move |outcome| {
            match outcome {
                Ok(_) => toasts.done(words.task_is_done()),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            }
            refetch.run(());
        });
    };
    let (when, is_past) = if task.due_on == today {
        let time = task
            .due_minute
            .map_or_else(|| words.before_closing().to_owned(), format::clock);
        (time, false)
    } else {
        due(words, task.due_on, today)
    };
    let title = task.title.clone();
    let done_label = words.finish_task(&task.title);
    let again = task.clone();
    view! {
        <tr>
            <td class="num nowrap" class:down=is_past>{when}</td>
            <td><a href=format!("/leads/{lead_id}") data-row="lead">{enterprise_name}</a></td>
            <td>{title}</td>
            <td class="nowrap"><StageTag stage/></td>
            <td class="num">{format::investment(investment_wan)}</td>
            <td class="nowrap">{task.owner_name}</td>
            <td class="num act nowrap">{may_write.then(|| view! {
                <button type="button" class="btn small quiet" aria-label=done_label disabled=move || pending.get() on:click=finish>{words.finish_word()}</button>
                <button type="button" class="btn small quiet" on:click=move |_| moved.set(Some((lead_id, again.clone())))>{words.reschedule()}</button>
            })}</td>
        </tr>
    }
}

#[component]
fn Promises(rows: Vec<CommitmentRow>, today: NaiveDate) -> AnyView {
    let words = use_words();
    if rows.is_empty() {
        return view! { <Nothing text=words.none_promised(COMMITMENT_DUE_DAYS)/> }.into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let (text, is_past) = row
                .commitment
                .due_on
                .map(|day| due(words, day, today))
                .unwrap_or_default();
            view! {
                <tr>
                    <td><a href=format!("/leads/{}", row.lead_id)>{row.enterprise_name}</a></td>
                    <td>{row.commitment.content}</td>
                    <td class="num nowrap" class:down=is_past>{text}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <table class="table dense"><tbody>{rows}</tbody></table> }.into_any()
}

#[component]
fn Late(section: TodaySection) -> AnyView {
    let words = use_words();
    if section.leads.is_empty() {
        return view! { <Nothing text=words.none_late().to_owned()/> }.into_any();
    }
    // One scale for all rows, so that the longest bar is the longest wait.
    let longest = section
        .leads
        .iter()
        .map(|card| card.days_in_stage)
        .max()
        .unwrap_or(1)
        .max(1);
    let share = move |days: i64| {
        #[expect(clippy::cast_precision_loss, reason = "days of a lead's life")]
        let share = days as f64 / longest as f64;
        share.min(1.0)
    };
    let rows = section
        .leads
        .into_iter()
        .map(|card| {
            let limit = card.limit_days.map(i64::from).unwrap_or_default();
            let used = card.days_in_stage;
            view! {
                <tr>
                    <td>{company(&card)}</td>
                    <td class="nowrap"><StageTag stage=card.stage/></td>
                    <td class="run"><span class="over" role="img" style=format!("--l:{:.3};--d:{:.3}", share(limit), share(used))
                        aria-label=words.over_bar(limit, used)></span></td>
                    <td class="num nowrap">{format::stage_days(&card)}</td>
                    <td class="num nowrap down"><b>{format::late(words, &card)}</b></td>
                    <td class="num">{format::investment(card.investment_wan)}</td>
                    <td class="nowrap">{card.owner_name}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words.late_title()>
            <table class="table">
                <thead><tr>
                    <th>{words.enterprise()}</th><th>{words.stage_word()}</th>
                    <th class="run"><span class="vh">{words.late_sub()}</span></th><th class="num">{words.used_of_limit()}</th><th class="num">{words.over_word()}</th>
                    <th class="num">{words.planned_investment()}<span class="unit">{words.unit_yi()}</span></th><th>{words.owner()}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Silent(section: TodaySection) -> AnyView {
    let words = use_words();
    if section.leads.is_empty() {
        return view! { <Nothing text=words.none_silent(SILENT_DAYS)/> }.into_any();
    }
    let rows = section
        .leads
        .into_iter()
        .map(|card| {
            view! {
                <tr>
                    <td>{company(&card)}</td>
                    <td class="nowrap"><StageTag stage=card.stage/></td>
                    <td class="num nowrap">{card.silent_days}<span class="unit">{words.unit_days()}</span></td>
                    <td class="num">{format::investment(card.investment_wan)}</td>
                    <td class="nowrap">{card.owner_name}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="scroll-x" tabindex="0" role="region" aria-label=words.silent_title()>
            <table class="table dense">
                <thead><tr>
                    <th>{words.enterprise()}</th><th>{words.stage_word()}</th><th class="num">{words.silent_word()}</th>
                    <th class="num">{words.planned_investment()}<span class="unit">{words.unit_yi()}</span></th><th>{words.owner()}</th>
                </tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Lapsing(section: TodaySection) -> AnyView {
    let words = use_words();
    if section.leads.is_empty() {
        return view! { <Nothing text=words.none_lapsing(LAPSING_DAYS)/> }.into_any();
    }
    let rows = section
        .leads
        .into_iter()
        .map(|card| {
            let left = card.claim_days_left.unwrap_or_default();
            let text = match left {
                0 => words.due_today().to_owned(),
                1.. => words.days_left(left),
                _ => words.days_over(-left),
            };
            view! {
                <tr>
                    <td>{company(&card)}</td>
                    <td class="nowrap"><StageTag stage=card.stage/></td>
                    <td class="num nowrap" class:down=(left < 0)><b>{text}</b></td>
                    <td class="nowrap">{card.owner_name}</td>
                </tr>
            }
        })
        .collect_view();
    view! { <table class="table dense"><tbody>{rows}</tbody></table> }.into_any()
}

#[component]
fn Visits(visits: Vec<TodayVisit>) -> AnyView {
    let words = use_words();
    if visits.is_empty() {
        return view! {
            <div class="empty"><p>{words.no_visit_tomorrow()}</p><p><a href="/trips">{words.nav_trips_long()}</a></p></div>
        }
        .into_any();
    }
    let rows = visits
        .into_iter()
        .map(|visit| {
            view! {
                <tr>
                    <td class="num nowrap">{format::clock(visit.begin_minute)}"—"{format::clock(visit.end_minute)}</td>
                    <td><a href=format!("/enterprises/{}", visit.enterprise_id) data-row="record">{visit.enterprise_name}</a></td>
                    <td class="nowrap">{visit.city}</td>
                    <td class="nowrap muted"><a href=format!("/trips/{}", visit.trip_id) title=visit.trip_name>{words.team_number(visit.team)}</a></td>
                </tr>
            }
        })
        .collect_view();
    view! { <table class="table dense"><tbody>{rows}</tbody></table> }.into_any()
}
