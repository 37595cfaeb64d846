//! Imports: upload, columns, dry run, progress, refused rows.

use domain::{
    enterprise::{
        EnterpriseField, ImportColumn, ImportJob, ImportPreview, ImportStart, ImportStatus,
        KeptCompany, KeptReason, Mapping, MappingBasis, PreviewRow, RowVerdict, Severity,
        UNDO_DAYS, UndoReport,
    },
    problem::Problem,
};
use leptos::{html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::{
    import_job, import_preview, list_imports, refused_rows, start_import, undo_import, undo_report,
};
use crate::{
    component::{
        FormDialog, Icon, PageTitle, ProblemNotice, Refusal, load, load_by_id, load_part,
        problem_in_address, submit,
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
    let is_local = RwSignal::new(false);
    let start = {
        let mapping = current.clone();
        move || {
            let start = ImportStart {
                job_id,
                mapping: mapping.clone(),
                is_local: is_local.get_untracked(),
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
    let guess = preview.guess.clone();
    let basis = preview.basis.clone();
    let is_remembered = matches!(basis, MappingBasis::Remembered { .. });
    let tabs = rows_by_tab(&preview);
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
            {preview.mended.then(|| view! { <p class="small" role="status">{words.mended_file()}</p> })}
            {move || problem.get().map(|problem| view! { <ProblemNotice problem/> })}
            <div class="cols fold">
                {has_columns.then(|| view! {
                    <section class="panel">
                        <header><h2>{words.columns()}</h2><span class="sub">{words.columns_known(columns_count, known)}</span></header>
                        {match basis {
                            MappingBasis::Remembered { by, used_at } => Some(view! {
                                <div class="go body">
                                    <span class="small" role="status">{words.columns_remembered(by, format::day(used_at))}</span>
                                    <span class="end-x"></span>
                                    <button type="button" class="btn small" on:click=move |_| mapping.set(Some(guess.clone()))>
                                        {words.columns_guessed_again()}
                                    </button>
                                </div>
                            }),
                            MappingBasis::Guessed | MappingBasis::Chosen => None,
                        }}
                        <div class="scroll" tabindex="0" role="region" aria-label=words.columns()>
                            <table class="table dense map">
                                <thead><tr><th>{words.file_column()}</th><th>{words.sample()}</th><th>{words.field()}</th><th>{words.basis()}</th></tr></thead>
                                <tbody>
                                    {preview.columns.into_iter().enumerate().map(|(index, column)| view! {
                                        <Column index column current=current.clone() mapping is_remembered/>
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
                    <Rows tabs/>
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
                    {(summary.kept > 0).then(|| view! { <p class="small" role="status">{words.kept_rows(format::count(summary.kept))}</p> })}
                    <label class="check small">
                        <input type="checkbox" name="is-local" prop:checked=move || is_local.get()
                            on:change=move |event| is_local.set(event_target_checked(&event))/>
                        {words.list_is_local()}
                    </label>
                    <div class="go">
                        <span class="muted small">{words.import_promise_undo(UNDO_DAYS)}</span>
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

/// The rows of a tab, and how many there are in all.
struct Tab {
    name: &'static str,
    total: u32,
    rows: Vec<PreviewRow>,
}

fn rows_by_tab(preview: &ImportPreview) -> Vec<Tab> {
    let words = use_words();
    let summary = &preview.summary;
    let problems = |refused: bool| -> Vec<PreviewRow> {
        let is_refused = |row: &&PreviewRow| (row.verdict == RowVerdict::Refused) == refused;
        let rows = preview.problem_rows.iter();
        rows.filter(is_refused).cloned().collect()
    };
    vec![
        Tab {
            name: words.all_rows(),
            total: summary.rows,
            rows: preview.rows.clone(),
        },
        Tab {
            name: words.refused(),
            total: summary.refused,
            rows: problems(true),
        },
        Tab {
            name: words.warned(),
            total: summary.warnings,
            rows: problems(false),
        },
        Tab {
            name: words.updated(),
            total: summary.updated,
            rows: preview.updated_rows.clone(),
        },
    ]
}

/// The rows with their verdicts. `N` goes to the next one that has a problem.
#[component]
fn Rows(tabs: Vec<Tab>) -> impl IntoView {
    let words = use_words();
    let tab = RwSignal::new(0_usize);
    let current = RwSignal::new(None::<usize>);
    let heads: Vec<(&'static str, u32)> = tabs.iter().map(|tab| (tab.name, tab.total)).collect();
    let has_problems = tabs.iter().skip(1).take(2).any(|tab| !tab.rows.is_empty());
    let tabs = StoredValue::new(tabs);
    // Rows with problems in the tab at hand; if it has none, those of the first tab that has.
    let next = move || {
        let here = tab.get_untracked();
        let found = tabs.with_value(|tabs| {
            let marks = |tab: &Tab| -> Vec<usize> {
                let rows = tab.rows.iter().enumerate();
                rows.filter(|(_, row)| !row.problems.is_empty())
                    .map(|(index, _)| index)
                    .collect()
            };
            let own = tabs.get(here).map(marks).unwrap_or_default();
            let after = current.get_untracked();
            let following = own
                .iter()
                .copied()
                .find(|index| after.is_none_or(|after| *index > after))
                .or_else(|| own.first().copied());
            following.map(|index| (here, index)).or_else(|| {
                let mut others = tabs.iter().enumerate();
                others.find_map(|(number, tab)| Some((number, *marks(tab).first()?)))
            })
        });
        if let Some((number, index)) = found {
            if number != here {
                tab.set(number);
            }
            // Set twice, so that a single row is come back to as well.
            current.set(None);
            current.set(Some(index));
        }
    };
    view! {
        <section class="panel fill">
            <div class="tabs" role="tablist">
                {heads.into_iter().enumerate().map(|(number, (name, total))| view! {
                    <button type="button" role="tab" aria-selected=move || (tab.get() == number).to_string()
                        on:click=move |_| {
                            current.set(None);
                            tab.set(number);
                        }>{name}<span class="n">{format::count(total)}</span></button>
                }).collect_view()}
                <span class="end-x muted small">{words.dry_run()}</span>
            </div>
            {has_problems.then(|| view! {
                <div class="go body">
                    <button type="button" class="btn small" aria-keyshortcuts="N" data-act="next-problem" on:click=move |_| next()>
                        {words.next_problem()}" "<kbd>"N"</kbd>
                    </button>
                </div>
            })}
            <div class="scroll scroll-x" tabindex="0" role="region" aria-label=words.step_check()>
                {move || {
                    let number = tab.get();
                    let (rows, total) = tabs.with_value(|tabs| {
                        tabs.get(number).map_or((Vec::new(), 0), |tab| (tab.rows.clone(), tab.total))
                    });
                    if rows.is_empty() {
                        return view! { <p class="body muted small">{words.no_such_rows()}</p> }.into_any();
                    }
                    let shown = rows.len();
                    view! {
                        <table class="table dense prev">
                            <thead><tr><th class="num">{words.row()}</th><th>{words.verdict()}</th><th>{words.enterprise()}</th><th>{words.code()}</th><th>{words.province()}</th><th>{words.city()}</th></tr></thead>
                            <tbody>
                                {rows.into_iter().enumerate().map(|(index, row)| view! { <Row index row current/> }).collect_view()}
                            </tbody>
                        </table>
                        {(u32::try_from(shown).is_ok_and(|shown| shown < total)).then(|| view! {
                            <p class="body muted small">{words.first_of(shown, format::count(total))}</p>
                        })}
                    }.into_any()
                }}
            </div>
        </section>
    }
}

#[component]
fn Column(
    index: usize,
    column: ImportColumn,
    current: Mapping,
    mapping: RwSignal<Option<Mapping>>,
    /// Whether the columns are those of the last import with this header.
    is_remembered: bool,
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
                    (Some(_), _) if is_remembered => view! { <span class="muted small">{words.remembered()}</span> }.into_any(),
                    (Some(_), true) => view! { <span class="muted small">{words.recognised()}</span> }.into_any(),
                    (Some(_), false) => view! { <span class="badge" data-kind="warn">{words.please_check()}</span> }.into_any(),
                    (None, _) => view! { <span class="muted small">{words.left_alone()}</span> }.into_any(),
                }}
            </td>
        </tr>
    }
}

#[component]
fn Row(index: usize, row: PreviewRow, current: RwSignal<Option<usize>>) -> impl IntoView {
    let words = use_words();
    let place: NodeRef<html::Tr> = NodeRef::new();
    Effect::new(move |_| {
        if current.get() == Some(index)
            && let Some(place) = place.get()
        {
            let _ = place.focus();
        }
    });
    let changes = row
        .changes
        .iter()
        .map(|change| {
            let before = Some(change.before.clone()).filter(|before| !before.is_empty());
            let before = before.unwrap_or_else(|| words.not_known().to_owned());
            view! {
                <tr class="why upd">
                    <td></td><td></td>
                    <td colspan="4"><b>{field_name(words, change.field)}</b>" "
                        {if change.is_kept { words.stays_as(before, change.after.clone()) } else { words.changed_from(before, change.after.clone()) }}</td>
                </tr>
            }
        })
        .collect_view();
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
        <tr class=if bad { "bad" } else { "" } tabindex="-1" node_ref=place>
            <td class="num muted">{row.number}</td>
            <td><span class="badge" data-kind=kind>{word}</span></td>
            <td>{row.name}</td>
            <td class="nowrap">{row.code}</td>
            <td class="nowrap">{row.province}</td>
            <td class="nowrap">{row.city}</td>
        </tr>
        {problems}
        {changes}
    }
}

/// Progress, and what came of it.
#[component]
fn Outcome(job: ImportJob) -> impl IntoView {
    let words = use_words();
    let live = RwSignal::new(job.clone());
    let job_id = job.id;
    let running = move || {
        live.with(|job| {
            matches!(
                job.status,
                ImportStatus::Queued | ImportStatus::Running | ImportStatus::Undoing
            )
        })
    };
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
                    ImportStatus::Finished => view! { <Finished job live/> }.into_any(),
                    ImportStatus::Failed => {
                        let (done, total, may_undo) = (job.done, job.total, job.may_undo);
                        view! {
                            <div class="problem" role="alert">
                                <Icon name="i-warn"/>
                                <b>{words.import_failed()}</b>
                                <p>{job.problem.map(|problem| problem_sentence(words, &problem))}</p>
                                {(done > 0).then(|| view! { <p>{words.import_half(format::count(done), format::count(total))}</p> })}
                            </div>
                            <div class="go">
                                {may_undo.then(|| view! { <TakeBack job_id live/> })}
                                <span class="end-x"></span>
                                <a class="btn" href="/imports">{words.other_file()}</a>
                            </div>
                        }.into_any()
                    }
                    ImportStatus::Undone => view! { <Undone job/> }.into_any(),
                    ImportStatus::Undoing => {
                        let (done, total) = job.undo.map_or((0, 0), |undo| (undo.summary.total(), undo.total));
                        view! { <Progress word=words.undoing() done total count=words.undone_of(format::count(done), format::count(total))/> }.into_any()
                    }
                    ImportStatus::Uploaded | ImportStatus::Queued | ImportStatus::Running => view! {
                        <Progress word=words.importing() done=job.done total=job.total
                            count=words.done_of(format::count(job.done), format::count(job.total))/>
                    }.into_any(),
                }
            }}
        </main>
    }
}

#[component]
fn Progress(word: &'static str, done: u32, total: u32, count: String) -> impl IntoView {
    let share = if total == 0 {
        0.0
    } else {
        f64::from(done) / f64::from(total)
    };
    view! {
        <div class="progress-block" role="status">
            <div class="row"><b>{word}</b><span class="num">{count}</span></div>
            <span class="progress" role="progressbar" aria-label=word
                aria-valuenow=format!("{:.0}", share * 100.0) aria-valuemin="0" aria-valuemax="100"
                style=format!("--v:{share:.3}")><i></i></span>
        </div>
    }
}

/// The button that takes an import back, and what stands before it is done.
#[component]
fn TakeBack(job_id: i64, live: RwSignal<ImportJob>) -> impl IntoView {
    let words = use_words();
    let open = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let close = Callback::new(move |()| open.set(false));
    let send = Callback::new(move |()| {
        submit(pending, undo_import(job_id), move |outcome| match outcome {
            Ok(()) => {
                open.set(false);
                submit(pending, import_job(job_id), move |outcome| {
                    if let Ok(job) = outcome.and_then(|job| job.read()) {
                        let _ = live.try_set(job);
                    }
                });
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    });
    view! {
        <button type="button" class="btn" on:click=move |_| {
            problem.set(None);
            open.set(true);
        }>{words.undo_import()}</button>
        {move || open.get().then(|| {
            let preview = load_part(
                move || job_id,
                undo_report,
                move |report: UndoReport, _| {
                    let summary = report.summary;
                    view! {
                        <p role="status"><b>{words.undo_counts(
                            format::count(summary.removed),
                            format::count(summary.restored),
                            format::count(summary.kept),
                        )}</b></p>
                        <Kept kept=report.kept total=summary.kept/>
                    }.into_any()
                },
                || ().into_any(),
                |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
            );
            view! {
                <FormDialog title=words.undo_import() send_word=words.undo_send() close send is_blocked=pending>
                    <Refusal problem/>
                    <p>{words.undo_explained()}</p>
                    {preview}
                </FormDialog>
            }
        })}
    }
}

/// Companies that stay, each with its reason.
#[component]
fn Kept(kept: Vec<KeptCompany>, total: u32) -> impl IntoView {
    let words = use_words();
    if kept.is_empty() {
        return ().into_any();
    }
    let shown = kept.len();
    let heading = words.kept_companies(format::count(total));
    view! {
        <section class="panel">
            <header>
                <h2>{heading.clone()}</h2>
                {u32::try_from(shown).is_ok_and(|shown| shown < total).then(|| view! { <span class="sub">{words.kept_first(shown)}</span> })}
            </header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=heading>
                <table class="table dense">
                    <thead><tr><th>{words.enterprise()}</th><th>{words.verdict()}</th><th>{words.reason()}</th></tr></thead>
                    <tbody>
                        {kept.into_iter().map(|company| view! {
                            <tr>
                                <td>{if company.reason == KeptReason::Gone {
                                    company.name.into_any()
                                } else {
                                    view! { <a href=format!("/enterprises/{}", company.enterprise_id)>{company.name}</a> }.into_any()
                                }}</td>
                                <td class="nowrap">{if company.is_new { words.is_new_company() } else { words.is_updated_company() }}</td>
                                <td class="nowrap">{words.kept_reason(company.reason)}</td>
                            </tr>
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// What was taken back, and what was not.
#[component]
fn Undone(job: ImportJob) -> impl IntoView {
    let words = use_words();
    let job_id = job.id;
    let told = job.undo.map(|undo| {
        let when = undo.finished_at.unwrap_or(undo.asked_at);
        let summary = undo.summary;
        let kept = (summary.kept > 0).then(|| {
            load_part(
                move || job_id,
                undo_report,
                move |report: UndoReport, _| {
                    view! { <Kept kept=report.kept total=report.summary.kept/> }.into_any()
                },
                || ().into_any(),
                |error| view! { <ProblemNotice problem=error.0/> }.into_any(),
            )
        });
        view! {
            <div class="done-note" role="status">
                <Icon name="i-check"/>
                <b>{words.undone_by(undo.by, format::moment(when))}</b>
            </div>
            <ul class="tot">
                <li>{words.undo_removed()}<b>{format::count(summary.removed)}</b></li>
                <li>{words.undo_restored()}<b>{format::count(summary.restored)}</b></li>
                <li>{words.undo_kept()}<b>{format::count(summary.kept)}</b></li>
            </ul>
            {kept}
        }
    });
    view! {
        {told}
        <div class="go">
            <span class="end-x"></span>
            <a class="btn" href="/imports">{words.other_file()}</a>
            <a class="btn primary" href="/enterprises">{words.to_enterprises()}</a>
        </div>
    }
}

#[component]
fn Finished(job: ImportJob, live: RwSignal<ImportJob>) -> impl IntoView {
    let words = use_words();
    let may_undo = job.may_undo;
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
                        <a class="btn small" href=format!("/imports/{job_id}/refused.xlsx") rel="external" download="">
                            <Icon name="i-download"/>{words.download_refused_xlsx()}
                        </a>
                        <a class="btn small" href=format!("/imports/{job_id}/refused.csv") rel="external" download="">
                            <Icon name="i-download"/>{words.download_refused_csv()}
                        </a>
                    </span>
                </header>
                <p class="body muted small">{words.mend_hint()}</p>
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
            {(summary.kept > 0).then(|| view! { <li>{words.kept_by_hand()}<b>{format::count(summary.kept)}</b></li> })}
        </ul>
        {refused}
        <div class="go">
            {may_undo.then(|| view! { <TakeBack job_id live/> })}
            <span class="end-x"></span>
            <a class="btn" href="/imports">{words.other_file()}</a>
            <a class="btn primary" href="/enterprises">{words.to_enterprises()}</a>
        </div>
    }
}
