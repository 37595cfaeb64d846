//! Weights of the score, for who leads a bureau to set and for everybody to read.

use domain::{
    problem::Problem,
    target::{TargetTermKind, TargetWeights},
};
use leptos::prelude::*;

use super::{set_target_weights, term_name};
use crate::{
    component::{FormDialog, submit, use_toasts},
    error::AppError,
    words::{problem_sentence, use_words},
};

/// A button, and a dialog with a slider for each term.
#[component]
pub(super) fn Weights(weights: TargetWeights, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let is_open = RwSignal::new(false);
    view! {
        <button type="button" class="btn" on:click=move |_| is_open.set(true)>{words.weights()}</button>
        {move || is_open.get().then(|| view! {
            <Form weights again close=Callback::new(move |()| is_open.set(false))/>
        })}
    }
}

#[component]
fn Form(weights: TargetWeights, again: Callback<()>, close: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let current = RwSignal::new(weights);
    let save = move |weights: Option<TargetWeights>| {
        submit(
            pending,
            set_target_weights(weights),
            move |outcome| match outcome {
                Ok(()) => {
                    close.run(());
                    toasts.done(words.weights_saved());
                    again.run(());
                }
                Err(AppError(Problem::Invalid { .. })) => toasts.failed(words.weights_wrong()),
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    };
    let send = Callback::new(move |()| save(Some(current.get_untracked())));
    view! {
        <FormDialog title=words.weights() send_word=words.save() close send is_blocked=pending>
            <div class="weights">
                {TargetTermKind::ALL.into_iter().map(|kind| {
                    let id = format!("weight-{}", kind.key());
                    view! {
                        <label for=id.clone()>{term_name(words, kind)}</label>
                        <input id=id type="range" min="0" max="1" step="0.05"
                            prop:value=move || current.with(|weights| format!("{:.2}", weights.of(kind)))
                            on:input=move |event| {
                                if let Ok(weight) = event_target_value(&event).parse::<f64>() {
                                    current.update(|weights| weights.set(kind, weight));
                                }
                            }/>
                        <span class="num">{move || current.with(|weights| format!("{:.2}", weights.of(kind)))}</span>
                    }
                }).collect_view()}
            </div>
            <p class="muted small">{words.weights_hint()}</p>
            <div class="btns-row">
                <button type="button" class="btn small" disabled=move || pending.get()
                    on:click=move |_| save(None)>{words.weights_default()}</button>
            </div>
        </FormDialog>
    }
}
