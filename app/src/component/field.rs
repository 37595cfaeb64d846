//! A labelled input with its error: the label and the sentence belong to the input for those who cannot see it.

use leptos::prelude::*;

use super::Icon;

/// What is typed into a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Typed {
    #[default]
    Text,
    Number,
    Date,
}

/// One line of text, a number or a date.
#[component]
pub fn TextField(
    /// Unique in the page.
    #[prop(into)]
    id: String,
    #[prop(into)] label: String,
    value: RwSignal<String>,
    #[prop(optional)] typed: Typed,
    #[prop(optional)] wide: bool,
    #[prop(optional)] max: Option<usize>,
    /// What is wrong with it.
    #[prop(optional, into)]
    error: Signal<Option<String>>,
) -> impl IntoView {
    let error_id = format!("{id}-error");
    let described = error_id.clone();
    let is_wrong = move || error.with(Option::is_some);
    view! {
        <div class=if wide { "field wide" } else { "field" }>
            <label for=id.clone()>{label}</label>
            <input
                class=if typed == Typed::Number { "input num" } else { "input" }
                id=id
                type=if typed == Typed::Date { "date" } else { "text" }
                inputmode=(typed == Typed::Number).then_some("decimal")
                maxlength=max.map(|max| max.to_string())
                autocomplete="off"
                aria-invalid=move || is_wrong().then_some("true")
                aria-describedby=move || is_wrong().then(|| described.clone())
                prop:value=move || value.get()
                on:input=move |event| value.set(event_target_value(&event))
            />
            {move || error.get().map(|text| view! {
                <span class="error" id=error_id.clone()><Icon name="i-warn"/>{text}</span>
            })}
        </div>
    }
}
