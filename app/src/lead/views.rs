//! Saved views above the list of leads, and the choice of its columns.

use domain::{
    lead::{
        LeadColumn, LeadList, LeadQuery, NewView, SavedView, VIEW_NAME_LIMIT, ViewChange, ViewReach,
    },
    problem::Problem,
};
use leptos::{prelude::*, task::spawn_local, wasm_bindgen::JsCast, web_sys::HtmlElement};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{change_view, list::parameters, remove_view, restore_view, save_view, set_own_columns};
use crate::{
    component::{FormDialog, Icon, Refusal, TextField, field_error, submit, use_toasts},
    error::AppError,
    words::{problem_sentence, use_words},
};

/// What follows `/leads/list` for filters, with a view or without: the view's number alone while its own filters hold.
pub(super) fn address(view: Option<&SavedView>, query: &LeadQuery) -> String {
    let Some(view) = view else {
        return parameters(query);
    };
    let mut text = format!("?view={}", view.id);
    if query.differs_from(&view.query) {
        let filters = parameters(query);
        // No filter at all must be said, or the view's own would be taken.
        match filters.strip_prefix('?') {
            Some(filters) if query.kept() != LeadQuery::default() => {
                text.push('&');
                text.push_str(filters);
            }
            filters => {
                text.push_str("&order=recent");
                if let Some(page) = filters {
                    text.push('&');
                    text.push_str(page);
                }
            }
        }
    } else if query.page > 0 {
        text.push_str(&format!("&page={}", query.page));
    }
    text
}

/// A dialog above the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Open {
    SaveAs,
    Settings,
    Columns,
    Bulk,
}

/// The views as links, the current one marked, and what can be done with it.
#[component]
pub(super) fn Views(
    list: LeadList,
    open: RwSignal<Option<Open>>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let pending = RwSignal::new(false);
    let current = list
        .view
        .and_then(|id| list.views.iter().find(|view| view.id == id).cloned());
    let query = list.query.kept();
    let is_modified = current
        .as_ref()
        .is_some_and(|view| query.differs_from(&view.query));
    let links = list
        .views
        .iter()
        .map(|view| {
            let name = if view.is_own {
                view.name.clone()
            } else {
                words.view_of(&view.name, &view.owner)
            };
            view! {
                <a class="chip" href=format!("/leads/list?view={}", view.id)
                    aria-current=(list.view == Some(view.id)).then_some("page")>{name}</a>
            }
        })
        .collect_view();
    let overwrite = current
        .clone()
        .filter(|view| view.may_write && is_modified)
        .map(|view| {
            let query = query.clone();
            let navigate = navigate.clone();
            let update = move |_| {
                let change = ViewChange {
                    id: view.id,
                    version: view.version,
                    query: Some(query.clone()),
                    ..ViewChange::default()
                };
                let (navigate, id) = (navigate.clone(), view.id);
                submit(pending, change_view(change), move |outcome| match outcome {
                    Ok(_) => {
                        toasts.done(words.view_updated());
                        navigate(&format!("/leads/list?view={id}"), NavigateOptions::default());
                    }
                    Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
                });
            };
            view! {
                <button type="button" class="btn small" disabled=move || pending.get() on:click=update>{words.view_overwrite()}</button>
            }
        });
    let own = current.clone().filter(|view| view.may_write).map(|view| {
        let remove = move |_| {
            let (id, name) = (view.id, view.name.clone());
            let navigate = navigate.clone();
            submit(
                pending,
                remove_view(id, view.version),
                move |outcome| match outcome {
                    Ok(()) => {
                        navigate("/leads/list", NavigateOptions::default());
                        let said = words.view_removed(&name);
                        toasts.undoable(said, move || {
                            let (navigate, name) = (navigate.clone(), name.clone());
                            spawn_local(async move {
                                match restore_view(id).await {
                                    Ok(()) => {
                                        toasts.done(words.view_restored(&name));
                                        navigate(
                                            &format!("/leads/list?view={id}"),
                                            NavigateOptions::default(),
                                        );
                                    }
                                    Err(AppError(problem)) => {
                                        toasts.failed(problem_sentence(words, &problem));
                                    }
                                }
                            });
                        });
                    }
                    Err(AppError(problem)) => {
                        toasts.failed(problem_sentence(words, &problem));
                        again.run(());
                    }
                },
            );
        };
        view! {
            <button type="button" class="btn small" on:click=move |_| open.set(Some(Open::Settings))>{words.view_settings()}</button>
            <button type="button" class="btn small" disabled=move || pending.get() on:click=remove>{words.view_remove()}</button>
        }
    });
    let back = current
        .filter(|_| is_modified)
        .map(|view| view! {
            <span class="badge" data-kind="warn">{words.view_modified()}</span>
            <a class="btn small quiet" href=format!("/leads/list?view={}", view.id)>{words.view_reset()}</a>
        });
    view! {
        <div class="views">
            <nav aria-label=words.views_word()>
                <a class="chip" href="/leads/list" aria-current=list.view.is_none().then_some("page")>{words.all_leads()}</a>
                {links}
            </nav>
            <span class="end">
                {back}
                {overwrite}
                <button type="button" class="btn small" on:click=move |_| open.set(Some(Open::SaveAs))>{words.view_save_as()}</button>
                {own}
                <button type="button" class="btn small" on:click=move |_| open.set(Some(Open::Columns))>{words.columns_word()}</button>
            </span>
        </div>
    }
}

/// Saves the list as a view, or changes the name and the reach of the one that is there.
#[component]
pub(super) fn ViewForm(
    list: LeadList,
    /// The view to change; without one another is saved.
    view: Option<SavedView>,
    close: Callback<()>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let name = RwSignal::new(
        view.as_ref()
            .map(|view| view.name.clone())
            .unwrap_or_default(),
    );
    let reach = RwSignal::new(view.as_ref().map(|view| view.reach).unwrap_or_default());
    let mut reaches = list.reaches.clone();
    if !reaches.contains(&reach.get_untracked()) {
        reaches.push(reach.get_untracked());
    }
    let title = if view.is_some() {
        words.view_settings()
    } else {
        words.view_save_as()
    };
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        let (name, reach) = (name.get_untracked(), reach.get_untracked());
        if let Some(view) = view.clone() {
            let change = ViewChange {
                id: view.id,
                version: view.version,
                name: Some(name),
                reach: Some(reach),
                ..ViewChange::default()
            };
            submit(pending, change_view(change), move |outcome| match outcome {
                Ok(_) => {
                    close.run(());
                    toasts.done(words.view_updated());
                    again.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            });
        } else {
            let new = NewView {
                name: name.clone(),
                query: list.query.kept(),
                columns: list.columns.clone(),
                reach,
            };
            let navigate = navigate.clone();
            submit(pending, save_view(new), move |outcome| match outcome {
                Ok(id) => {
                    close.run(());
                    toasts.done(words.view_saved(name.trim()));
                    navigate(
                        &format!("/leads/list?view={id}"),
                        NavigateOptions::default(),
                    );
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            });
        }
    });
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "name"));
    view! {
        <FormDialog title send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <TextField id="view-name" label=words.view_name() value=name max=VIEW_NAME_LIMIT error/>
            {(reaches.len() > 1).then(|| view! {
                <div class="field">
                    <label for="view-reach">{words.view_reach()}</label>
                    <select class="input" id="view-reach" on:change=move |event| {
                        if let Some(one) = ViewReach::from_key(&event_target_value(&event)) { reach.set(one); }
                    }>
                        {reaches.into_iter().map(|one| view! {
                            <option value=one.key() selected=reach.get_untracked() == one>{words.view_reach_of(one)}</option>
                        }).collect_view()}
                    </select>
                </div>
            })}
        </FormDialog>
    }
}

/// Which columns stand in which order. They belong to the view, or to the person when none is chosen; other columns of
/// somebody else's view make another view.
#[component]
pub(super) fn ColumnForm(
    list: LeadList,
    view: Option<SavedView>,
    close: Callback<()>,
    again: Callback<()>,
) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let is_copy = view.as_ref().is_some_and(|view| !view.may_write);
    let all = move |chosen: &[LeadColumn]| -> Vec<LeadColumn> {
        let rest = LeadColumn::ALL
            .into_iter()
            .filter(|column| !chosen.contains(column));
        chosen.iter().copied().chain(rest).collect()
    };
    let order = RwSignal::new(all(&list.columns));
    let shown = RwSignal::new(list.columns.clone());
    let name = RwSignal::new(String::new());
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        let columns: Vec<LeadColumn> = order.with_untracked(|order| {
            shown.with_untracked(|shown| {
                order
                    .iter()
                    .copied()
                    .filter(|column| shown.contains(column))
                    .collect()
            })
        });
        let kept = move || {
            close.run(());
            toasts.done(words.columns_saved());
            again.run(());
        };
        match view.clone() {
            None => submit(
                pending,
                set_own_columns(columns),
                move |outcome| match outcome {
                    Ok(()) => kept(),
                    Err(AppError(refused)) => problem.set(Some(refused)),
                },
            ),
            Some(view) if view.may_write => {
                let change = ViewChange {
                    id: view.id,
                    version: view.version,
                    columns: Some(columns),
                    ..ViewChange::default()
                };
                submit(pending, change_view(change), move |outcome| match outcome {
                    Ok(_) => kept(),
                    Err(AppError(refused)) => problem.set(Some(refused)),
                });
            }
            Some(_) => {
                let name = name.get_untracked();
                let new = NewView {
                    name: name.clone(),
                    query: list.query.kept(),
                    columns,
                    reach: ViewReach::Own,
                };
                let navigate = navigate.clone();
                submit(pending, save_view(new), move |outcome| match outcome {
                    Ok(id) => {
                        close.run(());
                        toasts.done(words.view_saved(name.trim()));
                        navigate(
                            &format!("/leads/list?view={id}"),
                            NavigateOptions::default(),
                        );
                    }
                    Err(AppError(refused)) => problem.set(Some(refused)),
                });
            }
        }
    });
    let shift = move |column: LeadColumn, is_up: bool| {
        order.update(|order| {
            let Some(at) = order.iter().position(|other| *other == column) else {
                return;
            };
            let to = if is_up {
                at.checked_sub(1)
            } else {
                at.checked_add(1)
            };
            if let Some(to) = to.filter(|to| *to < order.len()) {
                order.swap(at, to);
            }
        });
        // Moved in the page, a button loses the focus.
        request_animation_frame(move || {
            let id = step_id(column, is_up);
            if let Some(button) = document().get_element_by_id(&id)
                && let Ok(button) = button.dyn_into::<HtmlElement>()
            {
                let _ = button.focus();
            }
        });
    };
    let row = move |column: LeadColumn| {
        let is_fixed = column == LeadColumn::Enterprise;
        let label = words.lead_column(column);
        let is_first = move || order.with(|order| order.first() == Some(&column));
        let is_last = move || order.with(|order| order.last() == Some(&column));
        view! {
            <li>
                <label class="check">
                    <input type="checkbox" disabled=is_fixed
                        prop:checked=move || shown.with(|shown| shown.contains(&column))
                        on:change=move |event| {
                            let is_shown = event_target_checked(&event);
                            shown.update(|shown| {
                                shown.retain(|other| *other != column);
                                if is_shown { shown.push(column); }
                            });
                        }/>
                    {label}
                </label>
                <span class="btns">
                    <button type="button" class="btn small icon" id=step_id(column, true) aria-label=words.column_up(label)
                        aria-disabled=move || is_first().then_some("true") on:click=move |_| shift(column, true)><Icon name="i-up"/></button>
                    <button type="button" class="btn small icon" id=step_id(column, false) aria-label=words.column_down(label)
                        aria-disabled=move || is_last().then_some("true") on:click=move |_| shift(column, false)><Icon name="i-down"/></button>
                </span>
            </li>
        }
    };
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "name"));
    view! {
        <FormDialog title=words.columns_choose() send_word=words.save() close send is_blocked=pending>
            <Refusal problem/>
            <p class="muted small">{if is_copy { words.columns_copy_note() } else { words.columns_note() }}</p>
            {is_copy.then(|| view! {
                <TextField id="column-view-name" label=words.view_name() value=name max=VIEW_NAME_LIMIT error/>
            })}
            <ul class="column-list">
                <For each=move || order.get() key=|column| column.key() let:column>{row(column)}</For>
            </ul>
            <p><button type="button" class="btn small" on:click=move |_| {
                order.set(all(&LeadColumn::DEFAULT));
                shown.set(LeadColumn::DEFAULT.to_vec());
            }>{words.columns_default()}</button></p>
        </FormDialog>
    }
}

fn step_id(column: LeadColumn, is_up: bool) -> String {
    format!(
        "column-{}-{}",
        column.key(),
        if is_up { "up" } else { "down" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::lead::{LeadOrder, Stage};

    #[test]
    fn an_address_names_the_view_and_what_differs_from_it() {
        let signed = LeadQuery {
            stage: Some(Stage::Signed),
            ..LeadQuery::default()
        };
        let view = SavedView {
            id: 7,
            version: 1,
            name: "签约".into(),
            query: signed.clone(),
            columns: LeadColumn::DEFAULT.to_vec(),
            reach: ViewReach::Own,
            owner: String::new(),
            is_own: true,
            may_write: true,
        };
        let page = |query: &LeadQuery, page| LeadQuery {
            page,
            ..query.clone()
        };
        let none = LeadQuery::default();
        let silent = LeadQuery {
            order: LeadOrder::Silent,
            ..signed.clone()
        };
        assert_eq!(address(None, &signed), "?stage=signed");
        assert_eq!(address(Some(&view), &signed), "?view=7");
        assert_eq!(address(Some(&view), &page(&signed, 2)), "?view=7&page=2");
        assert_eq!(
            address(Some(&view), &page(&silent, 1)),
            "?view=7&stage=signed&order=silent&page=1"
        );
        assert_eq!(address(Some(&view), &none), "?view=7&order=recent");
        assert_eq!(
            address(Some(&view), &page(&none, 3)),
            "?view=7&order=recent&page=3"
        );
    }
}
