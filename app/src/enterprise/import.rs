//! Imports: upload, columns, dry run, progress, refused rows.

use domain::{
    enterprise::{
        EnterpriseField, ImportColumn, ImportJob, ImportPreview, ImportStart, ImportStatus,
        Mapping, PreviewRow, RowVerdict, Severity,
    },
    problem::Problem,
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{import_job, import_preview, list_imports, refused_rows, start_import};
use crate::{
    component::{
        Icon, PageTitle, ProblemNotice, load, load_by_id, load_part, problem_in_address, submit,
    },
    error::AppError,
    format,
    words::{field_name, problem_sentence, row_problem_sentence, use_words},
};

/// Upload, and the imports before.
#[component]
pub fn ImportListPage() -> impl IntoView {
    let query = use_query_map();
    let problem = Memo::new(move |_| query.with(problem_in_address));
    load(
        || (),
        |()| list_imports(),
        move |jobs, _| view! { <Imports jobs problem=problem.get_untracked()/> }.into_any(),
    )
}

#[component]
fn Steps(current: usize) -> impl IntoView {
    let words = use_words();
    let steps = [
        words.step_upload(),
        words.step_columns(),
        words.step_check(),
        words.step_import(),
    ];
    view! {
        <ol class="steps end">
            {steps.into_iter().enumerate().map(|(index, step)| view! {
                <li
                    class=if index < current { "done" } else { "" }
                    aria-current=(index == current).then_some("step")
                >
                    <i>{index + 1}</i>{step}
                </li>
            }).collect_view()}
        </ol>
    }
}

#[component]
fn Imports(jobs: Vec<ImportJob>, problem: Option<Problem>) -> impl IntoView {
    let words = use_words();
    let (over, set_over) = signal(false);
    let (chosen, set_chosen) = signal(None::<String>);
    view! {
        <PageTitle text=words.nav_imports_long()/>
        <main class="page import-page" id="main">
            <div class="page-head">
                <h1>{words.import_enterprises()}</h1>
                <p class="sub">{words.import_sub()}</p>
                <Steps current=0/>
            </div>
            {problem.map(|problem| view! { <ProblemNotice problem/> })}
            <form class="upload" method="post" action="/imports" enctype="multipart/form-data">
                <label
                    class="dropzone"
                    data-over=move || over.get().to_string()
                    on:dragenter=move |_| set_over.set(true)
                    on:dragleave=move |_| set_over.set(false)
                    on:drop=move |_| set_over.set(false)
                >
                    <Icon name="i-upload"/>
                    <b>{move || chosen.get().unwrap_or_else(|| words.choose_file().to_owned())}</b>
                    <p>{words.choose_file_hint()}</p>
                    <input type="file" name="file" class="vh" required
                        accept=".xlsx,.csv,.txt,.jsonl,.json"
                        on:change=move |event| {
                            let name = event_target::<leptos::web_sys::HtmlInputElement>(&event)
                                .files()
                                .and_then(|files| files.get(0))
                                .map(|file| file.name());
                            set_chosen.set(name);
                        }/>
                </label>
                <div class="go">
                    <span class="muted small">{words.import_promise()}</span>
                    <span class="end-x"></span>
                    <button type="submit" class="btn primary">{words.upload()}</button>
                </div>
            </form>
            <section class="panel">
                <header><h2>{words.imports_before()}</h2></header>
                {if jobs.is_empty() {
                    view! { <div class="empty"><Icon name="i-import"/><b>{words.no_import()}</b><p>{words.no_import_hint()}</p></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.imports_before()>
                            <table class="table">
                                <thead>
                                    <tr>
                                        <th>{words.file()}</th><th>{words.status()}</th>
                                        <th class="num">{words.rows()}<span class="unit">{words.unit_rows()}</span></th>
                                        <th class="num">{words.inserted()}</th><th class="num">{words.updated()}</th>
                                        <th class="num">{words.unchanged()}</th><th class="num">{words.refused()}</th>
                                        <th>{words.by()}</th><th>{words.when()}</th>
                                    </tr>
                                </thead>
                                <tbody>
                                    {jobs.into_iter().map(|job| {
                                        let summary = job.summary.clone();
                                        let figure = move |pick: fn(&domain::enterprise::ImportSummary) -> u32| {
                                            summary.as_ref().map_or_else(|| "—".to_owned(), |summary| format::count(pick(summary)))
                                        };
                                        view! {
                                            <tr>
                                                <td><a href=format!("/imports/{}", job.id)>{job.file_name}</a></td>
                                                <td class="nowrap">{words.import_status(job.status)}</td>
                                                <td class="num">{format::count(job.total)}</td>
                                                <td class="num">{figure(|summary| summary.inserted)}</td>
                                                <td class="num">{figure(|summary| summary.updated)}</td>
                                                <td class="num">{figure(|summary| summary.unchanged)}</td>
                                                <td class="num">{figure(|summary| summary.refused)}</td>
                                                <td class="nowrap">{job.by}</td>
                                                <td class="nowrap">{format::moment(job.created_at)}</td>
                                            </tr>
                                        }
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

/// One import, wherever it stands.
#[component]
pub fn ImportPage() -> impl IntoView {
    load_by_id(import_job, |job: ImportJob, refetch| {
        if job.status == ImportStatus::Uploaded {
            view! { <Check job refetch/> }.into_any()
        } else {
            view! { <Outcome job/> }.into_any()
        }
    })
}

/// Columns and the dry run.
#[component]
fn Check(job: ImportJob, refetch: Callback<()>) -> impl IntoView {
    let job_id = job.id;
    let mapping = RwSignal::new(None::<Mapping>);
    load(
        move || mapping.get(),
        move |mapping| import_preview(job_id, mapping),
        move |preview, _| view! { <Preview preview mapping refetch/> }.into_any(),
    )
}

#[component]
fn Preview(
    preview: ImportPreview,
    mapping: RwSignal<Option<Mapping>>,
    refetch: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let job_id = preview.job.id;
    let current: Mapping = preview.columns.iter().map(|column| column.field).collect();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let start = {
        let mapping = current.clone();
        move || {
            let start = ImportStart {
                job_id,
                mapping: mapping.clone(),
            };
            submit(pending, start_import(start), move |outcome| match outcome {
                Ok(()) => refetch.run(()),
                Err(AppError(refused)) => problem.set(Some(refused)),
            });
        }
    };
    let summary = preview.summary.clone();
    let taken = summary.rows - summary.refused;
    let has_columns = !preview.columns.is_empty();
    let columns_count = preview.columns.len();
    let known = preview
        .columns
        .iter()
        .filter(|column| column.field.is_some())
        .count();
    let (show_problems, set_show_problems) = signal(false);
    let rows = preview.rows.clone();
    let problem_rows = preview.problem_rows.clone();
    let problem_count = summary.refused + summary.warnings;
    let largest = preview
        .kinds
        .first()
        .map_or(1, |(_, _, count)| *count)
        .max(1);
    view! {
        <PageTitle text=words.import_title(preview.job.file_name.clone())/>
        <main class="page import-page" id="main">
            <div class="page-head">
                <h1>{words.import_enterprises()}</h1>
                <p class="sub">{words.import_file(
                    preview.job.file_name.clone(),
                    preview.sheet.clone().unwrap_or_else(|| preview.encoding.clone()),
                    format::count(summary.rows),
                    columns_count,
                    format::size(preview.job.file_size),
                )}</p>
                <Steps current=2/>
            </div>
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            <div class="cols fold">
                {has_columns.then(|| view! {
                    <section class="panel">
                        <header><h2>{words.columns()}</h2><span class="sub">{words.columns_known(columns_count, known)}</span></header>
                        <div class="scroll" tabindex="0" role="region" aria-label=words.columns()>
                            <table class="table dense map">
                                <thead><tr><th>{words.file_column()}</th><th>{words.sample()}</th><th>{words.field()}</th><th>{words.basis()}</th></tr></thead>
                                <tbody>
                                    {preview.columns.into_iter().enumerate().map(|(index, column)| view! {
                                        <Column index column current=current.clone() mapping/>
                                    }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    </section>
                })}
                <div>
                    <ul class="tot">
                        <li>{words.inserted()}<b>{format::count(summary.inserted)}</b></li>
                        <li>{words.updated()}<b>{format::count(summary.updated)}</b></li>
                        <li>{words.unchanged()}<b>{format::count(summary.unchanged)}</b></li>
                        <li>{words.refused()}<b class="down">{format::count(summary.refused)}</b></li>
                        <li>{words.warned()}<b>{format::count(summary.warnings)}</b></li>
                    </ul>
                    <section class="panel fill">
                        <div class="tabs" role="tablist">
                            <button type="button" role="tab" aria-selected=move || (!show_problems.get()).to_string()
                                on:click=move |_| set_show_problems.set(false)>{words.first_rows()}<span class="n">{format::count(summary.rows)}</span></button>
                            <button type="button" role="tab" aria-selected=move || show_problems.get().to_string()
                                on:click=move |_| set_show_problems.set(true)>{words.rows_with_problems()}<span class="n">{format::count(problem_count)}</span></button>
                            <span class="end-x muted small">{words.dry_run()}</span>
                        </div>
                        <div class="scroll scroll-x" tabindex="0" role="region" aria-label=words.first_rows()>
                            <table class="table dense prev">
                                <thead><tr><th class="num">{words.row()}</th><th>{words.verdict()}</th><th>{words.enterprise()}</th><th>{words.code()}</th><th>{words.province()}</th><th>{words.city()}</th></tr></thead>
                                <tbody>
                                    {move || if show_problems.get() { problem_rows.clone() } else { rows.clone() }
                                        .into_iter().map(|row| view! { <Row row/> }).collect_view()}
                                </tbody>
                            </table>
                        </div>
                    </section>
                    {(!preview.kinds.is_empty()).then(|| view! {
                        <section class="panel">
                            <div class="probs">
                                {[true, false].into_iter().map(|refused| {
                                    let kinds: Vec<_> = preview.kinds.iter().filter(|(_, is_refused, _)| *is_refused == refused).cloned().collect();
                                    view! {
                                        <div>
                                            <h3>{if refused { words.refused_rows(format::count(summary.refused)) } else { words.warned_rows(format::count(summary.warnings)) }}</h3>
                                            <ul>
                                                {kinds.into_iter().map(|(kind, _, count)| {
                                                    let share = f64::from(count) / f64::from(largest);
                                                    view! {
                                                        <li>
                                                            <span>{row_problem_sentence(words, &kind)}</span>
                                                            <span class="bar thin" data-kind=if refused { "danger" } else { "warn" } style=format!("--v:{share:.3}")></span>
                                                            <span class="num">{format::count(count)}</span>
                                                        </li>
                                                    }
                                                }).collect_view()}
                                            </ul>
                                        </div>
                                    }
                                }).collect_view()}
                            </div>
                        </section>
                    })}
                    <div class="go">
                        <span class="muted small">{words.import_promise()}</span>
                        <span class="end-x"></span>
                        <a class="btn" href="/imports">{words.other_file()}</a>
                        <button type="button" class="btn primary" disabled=move || pending.get() || taken == 0
                            on:click=move |_| start()>{words.import_rows(format::count(taken))}</button>
                    </div>
                </div>
            </div>
        </main>
    }
}

#[component]
fn Column(
    index: usize,
    column: ImportColumn,
    current: Mapping,
    mapping: RwSignal<Option<Mapping>>,
) -> impl IntoView {
    let words = use_words();
    let chosen = column.field;
    // Stray spaces in a header are shown, so that a person sees why it looks as it does.
    let header = column
        .header
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("");
    let choose = move |value: String| {
        let mut next = current.clone();
        let field = EnterpriseField::from_key(&value);
        // A field has one column: choosing it here takes it from there.
        for taken in &mut next {
            if field.is_some() && *taken == field {
                *taken = None;
            }
        }
        if let Some(slot) = next.get_mut(index) {
            *slot = field;
        }
        mapping.set(Some(next));
    };
    let label = words.field_of_column(header.clone());
    view! {
        <tr>
            <td class="nowrap src">{header}</td>
            <td class="muted ex"><span class="clip">{column.sample}</span></td>
            <td>
                <select class=if chosen.is_some() { "to" } else { "to none" } aria-label=label
                    on:change=move |event| choose(event_target_value(&event))>
                    <option value="" selected=chosen.is_none()>{words.do_not_import()}</option>
                    {EnterpriseField::ALL.into_iter().map(|field| view! {
                        <option value=field.key() selected=chosen == Some(field)>{field_name(words, field)}</option>
                    }).collect_view()}
                </select>
            </td>
            <td class="nowrap">
                {match (chosen, column.certain) {
                    (Some(_), true) => view! { <span class="muted small">{words.recognised()}</span> }.into_any(),
                    (Some(_), false) => view! { <span class="badge" data-kind="warn">{words.please_check()}</span> }.into_any(),
                    (None, _) => view! { <span class="muted small">{words.left_alone()}</span> }.into_any(),
                }}
            </td>
        </tr>
    }
}

#[component]
fn Row(row: PreviewRow) -> impl IntoView {
    let words = use_words();
    let (kind, word) = match row.verdict {
        RowVerdict::Insert => ("claim", words.inserted()),
        RowVerdict::Update => ("info", words.updated()),
        RowVerdict::Unchanged => ("", words.unchanged()),
        RowVerdict::Refused => ("danger", words.refused()),
    };
    let bad = row.verdict == RowVerdict::Refused;
    let problems = row
        .problems
        .iter()
        .map(|problem| {
            let field = problem.field.map(|field| field_name(words, field));
            let class = if problem.severity == Severity::Refused { "why bad" } else { "why" };
            let value = problem.value.clone();
            view! {
                <tr class=class>
                    <td></td><td></td>
                    <td colspan="4"><b>{field}</b>" "{row_problem_sentence(words, &problem.kind)}
                        {(!value.is_empty()).then(|| view! { <span class="muted">{words.was(value)}</span> })}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <tr class=if bad { "bad" } else { "" }>
            <td class="num muted">{row.number}</td>
            <td><span class="badge" data-kind=kind>{word}</span></td>
            <td>{row.name}</td>
            <td class="nowrap">{row.code}</td>
            <td class="nowrap">{row.province}</td>
            <td class="nowrap">{row.city}</td>
        </tr>
        {problems}
    }
}

/// Progress, and what came of it.
#[component]
fn Outcome(job: ImportJob) -> impl IntoView {
    let words = use_words();
    let live = RwSignal::new(job.clone());
    let job_id = job.id;
    let running =
        move || live.with(|job| matches!(job.status, ImportStatus::Queued | ImportStatus::Running));
    let pending = RwSignal::new(false);
    Effect::new(move |_| {
        // Asks again half a second after each answer, as long as there is something to wait for.
        live.track();
        if running() {
            set_timeout(
                move || {
                    submit(pending, import_job(job_id), move |outcome| {
                        if let Ok(job) = outcome.and_then(|job| job.read()) {
                            let _ = live.try_set(job);
                        } else {
                            // A lost answer is asked for again.
                            let _ = live.try_update(|_| ());
                        }
                    });
                },
                std::time::Duration::from_millis(500),
            );
        }
    });
    view! {
        <PageTitle text=words.import_title(job.file_name.clone())/>
        <main class="page import-page" id="main">
            <div class="page-head">
                <h1>{words.import_enterprises()}</h1>
                <p class="sub">{job.file_name.clone()}</p>
                <Steps current=3/>
            </div>
            {move || {
                let job = live.get();
                match job.status {
                    ImportStatus::Finished => view! { <Finished job/> }.into_any(),
                    ImportStatus::Failed => view! {
                        <div class="problem" role="alert">
                            <Icon name="i-warn"/>
                            <b>{words.import_failed()}</b>
                            <p>{job.problem.map(|problem| problem_sentence(words, &problem))}</p>
                        </div>
                    }.into_any(),
                    _ => {
                        let share = if job.total == 0 { 0.0 } else { f64::from(job.done) / f64::from(job.total) };
                        view! {
                            <div class="progress-block" role="status">
                                <div class="row"><b>{words.importing()}</b><span class="num">{words.done_of(format::count(job.done), format::count(job.total))}</span></div>
                                <span class="progress" role="progressbar" aria-label=words.importing()
                                    aria-valuenow=format!("{:.0}", share * 100.0) aria-valuemin="0" aria-valuemax="100"
                                    style=format!("--v:{share:.3}")><i></i></span>
                            </div>
                        }.into_any()
                    }
                }
            }}
        </main>
    }
}

#[component]
fn Finished(job: ImportJob) -> impl IntoView {
    let words = use_words();
    let summary = job.summary.clone().unwrap_or_default();
    let job_id = job.id;
    let refused = (summary.refused > 0).then(|| {
        let rows = load_part(
            move || job_id,
            |job_id| refused_rows(job_id, 0),
            move |page: domain::enterprise::RefusedPage, _| page.rows.into_iter().map(|row| view! {
                <tr>
                    <td class="num">{row.row}</td>
                    <td class="nowrap">{row.field.map_or("—", |field| field_name(words, field))}</td>
                    <td>{row.value}</td>
                    <td>{row_problem_sentence(words, &row.kind)}</td>
                </tr>
            }).collect_view().into_any(),
            || ().into_any(),
            |_| ().into_any(),
        );
        view! {
            <section class="panel">
                <header>
                    <h2>{words.refused_rows(format::count(summary.refused))}</h2>
                    <span class="end">
                        <a class="btn small" href=format!("/imports/{job_id}/refused.csv") rel="external" download="">
                            <Icon name="i-download"/>{words.download_refused()}
                        </a>
                    </span>
                </header>
                <div class="scroll-x" tabindex="0" role="region" aria-label=words.refused()>
                    <table class="table dense">
                        <thead><tr><th class="num">{words.row()}</th><th>{words.field()}</th><th>{words.value()}</th><th>{words.reason()}</th></tr></thead>
                        <tbody>
                            {rows}
                        </tbody>
                    </table>
                </div>
            </section>
        }
    });
    #[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let seconds = summary.milliseconds as f64 / 1000.0;
    view! {
        <div class="done-note" role="status">
            <Icon name="i-check"/>
            <b>{words.import_done(format::count(summary.rows), format!("{seconds:.1}"))}</b>
        </div>
        <ul class="tot">
            <li>{words.inserted()}<b>{format::count(summary.inserted)}</b></li>
            <li>{words.updated()}<b>{format::count(summary.updated)}</b></li>
            <li>{words.unchanged()}<b>{format::count(summary.unchanged)}</b></li>
            <li>{words.refused()}<b class="down">{format::count(summary.refused)}</b></li>
            <li>{words.warned()}<b>{format::count(summary.warnings)}</b></li>
        </ul>
        {refused}
        <div class="go">
            <span class="end-x"></span>
            <a class="btn" href="/imports">{words.other_file()}</a>
            <a class="btn primary" href="/enterprises">{words.to_enterprises()}</a>
        </div>
    }
}
