//! Chains by class, the zone's largest gaps, firms worth a leader's call, the chain chiefs' tasks.

use domain::chain::{
    ChiefTask, GapClass, LeaderCall, LeaderPage as Leader, MatrixRow, NewChiefTask, TopGap,
};
use leptos::prelude::*;

use super::{add_chief_task, finish_chief_task, leader_page};
use crate::{
    component::{
        GapTag, Icon, PageTitle, Refusal, StageTag, TextField, Typed, field_error, load, submit,
        use_toasts,
    },
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// The leader's page.
#[component]
pub fn LeaderPage() -> impl IntoView {
    load(
        || (),
        |()| leader_page(),
        |page, again| view! { <Overview page again/> }.into_any(),
    )
}

#[component]
fn Overview(page: Leader, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let gaps: u32 = page
        .matrix
        .iter()
        .flat_map(|row| GapClass::ALL.iter().zip(&row.classes))
        .filter(|(class, _)| class.is_gap())
        .map(|(_, count)| count)
        .sum();
    let sub = words.leader_sub(page.today, page.matrix.len(), format::count(gaps));
    view! {
        <PageTitle text=words.leader_title()/>
        <main class="page leader" id="main">
            <div class="page-head"><h1>{words.leader_title()}</h1><p class="sub">{sub}</p></div>
            <Matrix rows=page.matrix.clone()/>
            <div class="columns">
                <TopGaps gaps=page.gaps/>
                <Calls calls=page.calls/>
            </div>
            <Tasks tasks=page.tasks chains=page.matrix may_write=page.may_write again/>
        </main>
    }
}

#[component]
fn Matrix(rows: Vec<MatrixRow>) -> impl IntoView {
    let words = use_words();
    let most = rows
        .iter()
        .flat_map(|row| &row.classes)
        .copied()
        .max()
        .unwrap_or(1)
        .max(1);
    let missing = GapClass::ALL
        .iter()
        .position(|class| *class == GapClass::Missing)
        .unwrap_or(0);
    let sums: Vec<u32> = (0..GapClass::ALL.len())
        .map(|index| rows.iter().filter_map(|row| row.classes.get(index)).sum())
        .collect();
    let nodes: u32 = rows.iter().map(|row| row.nodes).sum();
    let is_empty = rows.is_empty();
    let body = rows
        .into_iter()
        .map(|row| {
            let trend = row.before.as_ref().and_then(|before| {
                Some((*before.get(missing)?, *row.classes.get(missing)?))
            });
            let cells = GapClass::ALL
                .into_iter()
                .zip(row.classes)
                .map(|(class, count)| {
                    let share = f64::from(count) / f64::from(most);
                    view! {
                        <td class="cell">
                            <span class="n">{count}</span>
                            <span class="bar" style=format!("--v:{share:.2};--bar:var(--gap-{}-line)", class.key())></span>
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row"><a href=format!("/chains/{}", row.chain_id)>{row.chain_name}</a></th>
                    {cells}
                    <td class="num">{row.nodes}</td>
                    <td class="num nowrap">{match trend {
                        Some((before, now)) => view! { {before}<span class="muted">" → "</span><b>{now}</b> }.into_any(),
                        None => view! { <span class="muted">"—"</span> }.into_any(),
                    }}</td>
                    <td class="num">{row.open_leads}</td>
                    <td class="nowrap">{row.chief.unwrap_or_else(|| "—".to_owned())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel matrix">
            <header><h2>{words.matrix_title()}</h2><span class="sub">{words.matrix_sub()}</span></header>
            {if is_empty {
                view! { <div class="empty"><Icon name="i-chain"/><b>{words.no_chain()}</b></div> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.matrix_title()>
                        <table class="table">
                            <thead><tr>
                                <th>{words.chain()}</th>
                                {GapClass::ALL.into_iter().map(|class| view! { <th><GapTag class/></th> }).collect_view()}
                                <th class="num">{words.nodes()}</th>
                                <th class="num">{words.missing_trend()}</th>
                                <th class="num">{words.open_leads()}</th>
                                <th>{words.chief()}</th>
                            </tr></thead>
                            <tbody>
                                {body}
                                <tr class="sum">
                                    <td>{words.total()}</td>
                                    {sums.into_iter().map(|sum| view! { <td class="cell"><span class="n">{sum}</span></td> }).collect_view()}
                                    <td class="num">{nodes}</td><td></td><td></td><td></td>
                                </tr>
                            </tbody>
                        </table>
                    </div>
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn TopGaps(gaps: Vec<TopGap>) -> impl IntoView {
    let words = use_words();
    let is_empty = gaps.is_empty();
    let rows = gaps
        .into_iter()
        .zip(1..)
        .map(|(gap, rank)| {
            let leads = gap
                .leads
                .iter()
                .map(|(stage, count)| {
                    view! { <span class="nowrap"><StageTag stage=*stage/>" "{*count}</span>" " }
                })
                .collect_view();
            view! {
                <tr>
                    <td class="num muted">{rank}</td>
                    <td><a href=format!("/chains/{}?node={}", gap.chain_id, gap.node_id)><b>{gap.node_name}</b></a></td>
                    <td>{gap.chain_name}</td>
                    <td class="nowrap"><GapTag class=gap.class/></td>
                    <td class="num"><b>{format!("{:.1}", gap.score)}</b></td>
                    <td class="nowrap">{gap.chief.unwrap_or_else(|| "—".to_owned())}</td>
                    <td class="num">{gap.days_open.map_or_else(|| "—".to_owned(), format::count)}</td>
                    <td class="num">{gap.value_wan.map_or_else(|| "—".to_owned(), |value| format!("{:.1}", value / 10_000.0))}</td>
                    <td>{leads}</td>
                    <td>{gap.bureaus.join("、")}</td>
                    <td class="num">{if gap.followed_wan > 0 { format::yi(gap.followed_wan) } else { "—".to_owned() }}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel">
            <header><h2>{words.top_gaps()}</h2><span class="sub">{words.top_gaps_sub()}</span></header>
            {if is_empty {
                view! { <div class="empty"><Icon name="i-check"/><b>{words.no_gap()}</b></div> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.top_gaps()>
                        <table class="table">
                            <thead><tr>
                                <th class="num">"#"</th><th>{words.node()}</th><th>{words.chain()}</th><th>{words.gap()}</th>
                                <th class="num">"G"</th><th>{words.chief()}</th>
                                <th class="num">{words.days_open()}<span class="unit">{words.unit_days()}</span></th>
                                <th class="num">{words.unmet_value()}<span class="unit">{words.unit_yi()}</span></th>
                                <th>{words.open_leads()}</th><th>{words.bureau()}</th>
                                <th class="num">{words.followed()}<span class="unit">{words.unit_yi()}</span></th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn Calls(calls: Vec<LeaderCall>) -> impl IntoView {
    let words = use_words();
    let is_empty = calls.is_empty();
    view! {
        <section class="panel">
            <header><h2>{words.leader_calls()}</h2><span class="sub">{words.leader_calls_sub()}</span></header>
            {if is_empty {
                view! { <div class="empty"><Icon name="i-firm"/><b>{words.no_candidate()}</b></div> }.into_any()
            } else {
                view! {
                    <ul class="call">
                        {calls.into_iter().map(|call| {
                            let held = match call.held {
                                Some((bureau, stage)) => words.held_badge(bureau, words.stage(stage)),
                                None => words.held_by_nobody().to_owned(),
                            };
                            view! {
                                <li>
                                    <p class="h">
                                        <a href=format!("/enterprises/{}", call.enterprise_id)><b>{call.name}</b></a>
                                        <span class="end-x"><b>{format!("{:.1}", call.relevance)}</b><span class="unit">"R"</span></span>
                                    </p>
                                    <p>{words.would_close(call.gaps.join("、"))}</p>
                                    <p class="muted small">
                                        {format::place(None, call.city.as_deref())}
                                        {call.revenue_wan.map(|revenue| words.revenue_of(format::yi(revenue)))}
                                        "　"{held}
                                    </p>
                                </li>
                            }
                        }).collect_view()}
                    </ul>
                }.into_any()
            }}
        </section>
    }
}

#[component]
fn Tasks(
    tasks: Vec<ChiefTask>,
    chains: Vec<MatrixRow>,
    may_write: bool,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<domain::problem::Problem>);
    let first = chains
        .first()
        .map(|chain| chain.chain_id)
        .unwrap_or_default();
    let chain = RwSignal::new(first.to_string());
    let title = RwSignal::new(String::new());
    let owner = RwSignal::new(String::new());
    let due = RwSignal::new(String::new());
    let add = move || {
        let new = NewChiefTask {
            chain_id: chain.get_untracked().parse().unwrap_or(0),
            node_id: None,
            title: title.get_untracked(),
            owner: owner.get_untracked(),
            due_on: due.get_untracked().parse().ok(),
        };
        submit(pending, add_chief_task(new), move |outcome| match outcome {
            Ok(_) => again.run(()),
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    };
    let finish = move |task_id: i64, done: bool| {
        submit(
            pending,
            finish_chief_task(task_id, done),
            move |outcome| match outcome {
                Ok(()) => again.run(()),
                Err(AppError(refused)) => toasts.failed(problem_sentence(words, &refused)),
            },
        );
    };
    let is_empty = tasks.is_empty();
    let rows = tasks
        .into_iter()
        .map(|task| {
            let done = task.done_at.is_some();
            let id = task.id;
            view! {
                <tr>
                    <td>
                        {if may_write {
                            view! {
                                <label class="check">
                                    <input type="checkbox" prop:checked=done disabled=move || pending.get()
                                        on:change=move |event| finish(id, event_target_checked(&event))/>
                                    <span class=if done { "muted" } else { "" }>{task.title}</span>
                                </label>
                            }.into_any()
                        } else {
                            view! { <span class=if done { "muted" } else { "" }>{task.title}</span> }.into_any()
                        }}
                    </td>
                    <td>{task.chain_name}</td>
                    <td>{task.owner}</td>
                    <td class="nowrap">{task.due_on.map_or_else(|| "—".to_owned(), |day| day.to_string())}</td>
                    <td class="nowrap">{task.done_at.map_or_else(|| words.task_open().to_owned(), |at| words.task_done(format::day(at)))}</td>
                </tr>
            }
        })
        .collect_view();
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    view! {
        <section class="panel">
            <header><h2>{words.chief_tasks()}</h2><span class="sub">{words.chief_tasks_sub()}</span></header>
            {if is_empty {
                view! { <p class="body muted">{words.no_task()}</p> }.into_any()
            } else {
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.chief_tasks()>
                        <table class="table">
                            <thead><tr>
                                <th>{words.task()}</th><th>{words.chain()}</th><th>{words.task_owner()}</th>
                                <th>{words.due_on()}</th><th>{words.state()}</th>
                            </tr></thead>
                            <tbody>{rows}</tbody>
                        </table>
                    </div>
                }.into_any()
            }}
            {(may_write && first != 0).then(|| view! {
                <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); add(); }>
                    <Refusal problem/>
                    <label class="field"><span>{words.chain()}</span>
                        <select class="input" on:change=move |event| chain.set(event_target_value(&event))>
                            {chains.iter().map(|row| view! { <option value=row.chain_id.to_string()>{row.chain_name.clone()}</option> }).collect_view()}
                        </select>
                    </label>
                    <TextField id="task-title" label=words.task() value=title wide=true error=error("title")/>
                    <TextField id="task-owner" label=words.task_owner() value=owner error=error("owner")/>
                    <TextField id="task-due" label=words.due_on() value=due typed=Typed::Date error=error("due_on")/>
                    <button type="submit" class="btn primary" disabled=move || pending.get()>{words.add_task()}</button>
                </form>
            })}
        </section>
    }
}
