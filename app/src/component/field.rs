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

/// A number as typed, `None` for nothing; an error for what is no number.
#[expect(
    clippy::result_unit_err,
    reason = "the one thing that can be wrong has its sentence in the words"
)]
pub fn typed_number(text: &str) -> Result<Option<f64>, ()> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(Some(value)),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::typed_number;

    #[test]
    fn what_is_no_number_is_told_apart_from_nothing() {
        assert_eq!(typed_number("  "), Ok(None));
        assert_eq!(typed_number(" 66.5 "), Ok(Some(66.5)));
        // They parse, but no amount is either.
        for text in ["很多", "NaN", "inf", "1,5"] {
            assert_eq!(typed_number(text), Err(()), "{text}");
        }
    }
}
