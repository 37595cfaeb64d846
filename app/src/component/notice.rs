//! Problems, empty places, loading, toasts.

use std::sync::Arc;

use domain::problem::Problem;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use super::Icon;
use crate::{
    error::AppError,
    words::{problem_sentence, use_words},
};

/// A problem where a page should be.
#[component]
pub fn ProblemPage(problem: Problem) -> impl IntoView {
    let words = use_words();
    let not_found = problem == Problem::NotFound;
    let sentence = problem_sentence(words, &problem);
    view! {
        <main class="page" id="main">
            <super::PageTitle text=sentence.clone()/>
            <div class="page-state" data-kind="error">
                <Icon name="i-warn"/>
                <h1>{if not_found { words.page_not_found() } else { words.page_failed() }}</h1>
                <p>{sentence}</p>
                <div class="btns-row">
                    <a class="btn" href="/">{words.to_start()}</a>
                </div>
            </div>
        </main>
    }
}

/// A page that does not exist.
#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! { <ProblemPage problem=Problem::NotFound/> }
}

/// A problem inside a page or a form.
#[component]
pub fn ProblemNotice(problem: Problem) -> impl IntoView {
    let words = use_words();
    let other = match problem {
        Problem::LeadExists { lead_id } => Some(format!("/leads/{lead_id}")),
        _ => None,
    };
    view! {
        <div class="problem" role="alert">
            <Icon name="i-warn"/>
            <b>{problem_sentence(words, &problem)}</b>
            {other.map(|href| view! { <a href=href>{words.open_that_lead()}</a> })}
        </div>
    }
}

/// Shown while a page's data are on their way. It keeps the page's size.
#[component]
pub fn Loading() -> impl IntoView {
    let words = use_words();
    view! {
        <main class="page" id="main" aria-busy="true">
            <div class="page-head"><h1 class="vh">{words.loading()}</h1></div>
            <div class="stack" role="status" aria-label=words.loading()>
                {(0..6).map(|row| view! {
                    <span class="skeleton" style=format!("--w:{}%", 90 - row * 7)></span>
                }).collect_view()}
            </div>
        </main>
    }
}

/// A short word about what was done, or what was not.
#[derive(Clone)]
pub struct Toast {
    pub text: String,
    pub is_error: bool,
    /// Takes back what was done. It outlives the page that did it.
    pub undo: Option<Arc<dyn Fn() + Send + Sync>>,
}

/// The toasts on screen.
#[derive(Clone, Copy)]
pub struct Toasts(RwSignal<Vec<(u32, Toast)>>);

impl Toasts {
    /// An empty stack.
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(Vec::new()))
    }

    /// Says that something was done. It leaves by itself after six seconds.
    pub fn done(self, text: impl Into<String>) {
        self.push(Toast {
            text: text.into(),
            is_error: false,
            undo: None,
        });
    }

    /// The same with a way to take it back.
    pub fn undoable(self, text: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.push(Toast {
            text: text.into(),
            is_error: false,
            undo: Some(Arc::new(undo)),
        });
    }

    /// Says what went wrong. It stays until it is closed.
    pub fn failed(self, text: impl Into<String>) {
        self.push(Toast {
            text: text.into(),
            is_error: true,
            undo: None,
        });
    }

    fn push(self, toast: Toast) {
        let stays = toast.is_error;
        // Whoever waited for an answer may come back to a page that is gone, and the stack with it.
        let Some(id) = self.0.try_update(|toasts| {
            let id = toasts.last().map_or(0, |(id, _)| id + 1);
            toasts.push((id, toast));
            id
        }) else {
            return;
        };
        if !stays {
            set_timeout(move || self.close(id), std::time::Duration::from_secs(6));
        }
    }

    fn close(self, id: u32) {
        let _ = self
            .0
            .try_update(|toasts| toasts.retain(|(known, _)| *known != id));
    }
}

impl Default for Toasts {
    fn default() -> Self {
        Self::new()
    }
}

/// The stack that the frame shows.
#[must_use]
pub fn use_toasts() -> Toasts {
    use_context::<Toasts>().unwrap_or_default()
}

/// The stack's place on the page.
#[component]
pub fn ToastStack() -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    view! {
        <div class="toasts" aria-live="polite">
            <For each=move || toasts.0.get() key=|(id, _)| *id let:entry>
                {
                    let (id, toast) = entry;
                    view! {
                        <div
                            class=if toast.is_error { "toast danger" } else { "toast" }
                            role=if toast.is_error { "alert" } else { "status" }
                        >
                            <Icon name=if toast.is_error { "i-warn" } else { "i-check" }/>
                            <span>{toast.text}</span>
                            {toast.undo.map(|undo| view! {
                                <button type="button" on:click=move |_| { toasts.close(id); undo(); }>{words.undo()}</button>
                            })}
                            <button type="button" aria-label=words.close() on:click=move |_| toasts.close(id)>
                                <Icon name="i-x"/>
                            </button>
                        </div>
                    }
                }
            </For>
        </div>
    }
}

/// A refusal that no field of the form names; what a field has, stands under it.
#[component]
pub fn Refusal(#[prop(into)] problem: Signal<Option<Problem>>) -> impl IntoView {
    move || {
        problem
            .get()
            .filter(|problem| !matches!(problem, Problem::Invalid { .. }))
            .map(|problem| view! { <ProblemNotice problem/> })
    }
}

/// The reason that a refused form brings back in the address.
#[must_use]
pub fn problem_in_address(query: &ParamsMap) -> Option<Problem> {
    let problem = query.get("problem")?;
    let error = crate::error::read_json::<AppError>(&problem).ok()?;
    Some(error.0)
}
