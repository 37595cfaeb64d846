//! Questions to the finder that are kept under a name.

use domain::{
    problem::Problem,
    target::{NewTargetQuery, QUERY_NAME_LIMIT, SavedTargetQuery, TargetQuery, TargetQueryChange},
};
use leptos::prelude::*;
use server_fn::codec::Json;

use super::address::address;
use crate::{
    component::{FormDialog, Icon, Refusal, TextField, field_error, load_part, submit, use_toasts},
    error::{AppError, Encoded},
    format,
    words::{problem_sentence, use_words},
};

/// The questions that this person has.
///
/// # Errors
/// The use case's problem.
#[server(name = TargetQueriesRequest, prefix = "/api", endpoint = "target_queries", input = Json)]
pub async fn target_queries() -> Result<Encoded<Vec<SavedTargetQuery>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.target_queries(&actor).await)
}

/// Keeps a question.
///
/// # Errors
/// The use case's problem.
#[server(name = SaveTargetQueryRequest, prefix = "/api", endpoint = "save_target_query", input = Json)]
pub async fn save_target_query(new: NewTargetQuery) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.save_target_query(&actor, new).await)
}

/// Renames, shares or replaces a question.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeTargetQueryRequest, prefix = "/api", endpoint = "change_target_query", input = Json)]
pub async fn change_target_query(change: TargetQueryChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_target_query(&actor, change).await)
}

/// Removes a question, or brings it back.
///
/// # Errors
/// The use case's problem.
#[server(name = DeleteTargetQueryRequest, prefix = "/api", endpoint = "delete_target_query", input = Json)]
pub async fn delete_target_query(id: i64, is_deleted: bool) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(
        service
            .set_target_query_deleted(&actor, id, is_deleted)
            .await,
    )
}

/// What a question asks, in one line.
fn asked(words: crate::words::Locale, saved: &SavedTargetQuery) -> String {
    let mut parts: Vec<String> = Vec::new();
    match &saved.node {
        Some((chain, node)) => parts.push(format!("{chain} · {node}")),
        None if saved.is_gone() => parts.push(words.node_is_gone().to_owned()),
        None => {}
    }
    if !saved.query.text.trim().is_empty() {
        parts.push(saved.query.text.clone());
    }
    parts.extend(
        super::facet::chosen(words, &saved.query)
            .into_iter()
            .map(|(name, _)| name),
    );
    parts.join("；")
}

/// The kept questions.
#[component]
pub(super) fn SavedQueries() -> impl IntoView {
    load_part(
        || (),
        |()| target_queries(),
        |saved: Vec<SavedTargetQuery>, again| {
            (!saved.is_empty())
                .then(|| view! { <List saved again/> })
                .into_any()
        },
        || ().into_any(),
        |error| {
            let said = problem_sentence(use_words(), &error.0);
            view! { <p class="error" role="alert"><Icon name="i-warn"/>{said}</p> }.into_any()
        },
    )
}

#[component]
fn List(saved: Vec<SavedTargetQuery>, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let edited = RwSignal::new(None::<SavedTargetQuery>);
    let remove = move |id: i64, name: String| {
        submit(
            pending,
            delete_target_query(id, true),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.undoable(words.query_removed(&name), move || {
                        submit(pending, delete_target_query(id, false), move |outcome| {
                            if let Err(AppError(problem)) = outcome {
                                toasts.failed(problem_sentence(words, &problem));
                            }
                            again.run(());
                        });
                    });
                    again.run(());
                }
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    view! {
        <section class="panel saved-queries">
            <header><h2>{words.saved_queries()}</h2><span class="sub">{words.entries_count(saved.len())}</span></header>
            <div class="scroll-x" tabindex="0" role="region" aria-label=words.saved_queries()>
                <table class="table dense">
                    <thead><tr><th>{words.record_name()}</th><th>{words.query()}</th><th>{words.view_reach()}</th><th>{words.updated_on()}</th><th><span class="vh">{words.what_word()}</span></th></tr></thead>
                    <tbody>
                        {saved.into_iter().map(|one| {
                            let (id, name) = (one.id, one.name.clone());
                            let gone = one.is_gone();
                            let own = one.clone();
                            view! {
                                <tr>
                                    <td>{if gone {
                                        view! { <b>{one.name.clone()}</b> }.into_any()
                                    } else {
                                        view! { <a href=address(&one.query)><b>{one.name.clone()}</b></a> }.into_any()
                                    }}</td>
                                    <td class="muted">{asked(words, &one)}</td>
                                    <td class="nowrap">{match &one.bureau {
                                        Some(bureau) => format!("{} · {bureau}", one.owner),
                                        None => one.owner.clone(),
                                    }}</td>
                                    <td class="nowrap">{format::day(one.updated_at)}</td>
                                    <td class="nowrap">
                                        {one.may_write.then(|| view! {
                                            <button type="button" class="btn quiet small" aria-label=words.change_query(&name)
                                                on:click=move |_| edited.set(Some(own.clone()))>{words.change_this()}</button>
                                            <button type="button" class="btn quiet small" aria-label=words.remove_query(&name) disabled=move || pending.get()
                                                on:click=move |_| remove(id, name.clone())>{words.delete_word()}</button>
                                        })}
                                    </td>
                                </tr>
                            }
                        }).collect_view()}
                    </tbody>
                </table>
            </div>
            {move || edited.get().map(|one| view! {
                <ChangeQuery saved=one close=Callback::new(move |()| edited.set(None)) done=again/>
            })}
        </section>
    }
}

/// A name, and whether the bureau has it too.
#[component]
fn ChangeQuery(saved: SavedTargetQuery, close: Callback<()>, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let name = RwSignal::new(saved.name.clone());
    let is_shared = RwSignal::new(saved.bureau.is_some());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let (id, version) = (saved.id, saved.version);
    let send = Callback::new(move |()| {
        let change = TargetQueryChange {
            id,
            version,
            name: Some(name.get_untracked()),
            is_shared: Some(is_shared.get_untracked()),
            query: None,
        };
        submit(
            pending,
            change_target_query(change),
            move |outcome| match outcome {
                Ok(_) => {
                    close.run(());
                    done.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.change_query(&saved.name) send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <NameAndReach name is_shared may_share=saved.may_share problem/>
        </FormDialog>
    }
}

#[component]
fn NameAndReach(
    name: RwSignal<String>,
    is_shared: RwSignal<bool>,
    may_share: bool,
    problem: RwSignal<Option<Problem>>,
) -> impl IntoView {
    let words = use_words();
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "name"));
    view! {
        <TextField id="query-name" label=words.record_name() value=name max=QUERY_NAME_LIMIT error/>
        {may_share.then(|| view! {
            <label class="check">
                <input type="checkbox" prop:checked=move || is_shared.get() on:change=move |event| is_shared.set(event_target_checked(&event))/>
                {words.share_query()}
            </label>
        })}
    }
}

/// Keeps the question that is asked.
#[component]
pub(super) fn SaveQuery(
    query: TargetQuery,
    suggested: String,
    may_share: bool,
    close: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let name = RwSignal::new(suggested.chars().take(QUERY_NAME_LIMIT).collect::<String>());
    let is_shared = RwSignal::new(false);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        let new = NewTargetQuery {
            name: name.get_untracked(),
            is_shared: is_shared.get_untracked(),
            query: query.clone(),
        };
        submit(
            pending,
            save_target_query(new),
            move |outcome| match outcome {
                Ok(_) => {
                    close.run(());
                    toasts.done(words.query_saved());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    });
    view! {
        <FormDialog title=words.save_query() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <NameAndReach name is_shared may_share problem/>
            <p class="muted small">{words.save_query_hint()}</p>
        </FormDialog>
    }
}
