//! Parts that several pages use. The markup follows `style/`.

mod city_map;
mod dialog;
mod field;
#[cfg(feature = "hydrate")]
mod file;
mod frame;
mod load;
mod notice;
#[cfg(feature = "hydrate")]
mod worker;

pub use city_map::{CityMap, CityPoint};
pub use dialog::FormDialog;
pub use field::{TextField, Typed, typed_number};
#[cfg(feature = "hydrate")]
pub use file::read_file;
pub use frame::Frame;
pub use load::{load, load_by_id, load_part, path_number, submit};
pub use notice::{
    Loading, NotFound, ProblemNotice, ProblemPage, Refusal, Toast, ToastStack, Toasts,
    problem_in_address, use_toasts,
};
#[cfg(feature = "hydrate")]
pub use worker::{service_workers, tell_worker};

use domain::{chain::GapClass, lead::Stage};
use leptos::prelude::*;

use crate::words::{Locale, use_words};

/// The sprite that every icon points into. It stands once in the document, after the application.
pub const ICON_SPRITE: &str = include_str!("icon_sprite.svg");

/// An icon of the sprite. It says nothing by itself: the word stands beside it, or on its button.
#[component]
pub fn Icon(name: &'static str) -> impl IntoView {
    view! { <svg aria-hidden="true"><use href=format!("#{name}")></use></svg> }
}

/// Mark and word of a gap class.
#[component]
pub fn GapTag(class: GapClass) -> impl IntoView {
    let words = use_words();
    view! {
        <span class="gap" data-gap=class.key()>
            <svg aria-hidden="true"><use href=format!("#gap-{}", class.key())></use></svg>
            {words.gap_class(class)}
        </span>
    }
}

/// The mark alone, with the word for those who cannot see it.
#[component]
pub fn GapMark(class: GapClass) -> impl IntoView {
    let words = use_words();
    view! {
        <span class="gap" data-gap=class.key()>
            <svg role="img" aria-label=words.gap_class(class)>
                <use href=format!("#gap-{}", class.key())></use>
            </svg>
        </span>
    }
}

/// Square and name of a stage.
#[component]
pub fn StageTag(stage: Stage) -> impl IntoView {
    let words = use_words();
    view! {
        <span class="stage" data-stage=stage.number().to_string()>
            {words.stage(stage)}
        </span>
    }
}

/// A bar from 0 to 1, or hatched when nothing is known.
#[component]
pub fn Bar(value: Option<f64>) -> impl IntoView {
    match value {
        Some(value) => {
            view! { <span class="bar" style=format!("--v:{:.3}", value.clamp(0.0, 1.0))></span> }
                .into_any()
        }
        None => view! { <span class="bar" data-missing=""></span> }.into_any(),
    }
}

/// Three steps of confidence.
#[component]
pub fn Confidence(value: f64) -> impl IntoView {
    let words = use_words();
    let steps = if value >= 0.67 {
        3
    } else if value >= 0.34 {
        2
    } else {
        1
    };
    view! {
        <span class="conf" role="img" aria-label=words.confidence_word(steps)>
            {(0..3).map(|step| view! { <i class:on=step < steps></i> }).collect_view()}
        </span>
    }
}

/// Text with the places where a term stands marked.
#[component]
pub fn Marked(text: String, term: String) -> impl IntoView {
    if term.is_empty() {
        return text.into_any();
    }
    match text.split_once(term.as_str()) {
        Some((before, after)) => {
            let (before, after) = (before.to_owned(), after.to_owned());
            view! { {before}<mark>{term}</mark>{after} }.into_any()
        }
        None => text.into_any(),
    }
}

/// From–until of a total, with links to the pages before and after. `page` counts from 0.
#[component]
pub fn Pager(
    page: u64,
    page_size: u64,
    total: u64,
    #[prop(into)] link: Callback<u64, String>,
) -> impl IntoView {
    let words = use_words();
    let from = (page * page_size + 1).min(total);
    let until = ((page + 1) * page_size).min(total);
    let previous = page.checked_sub(1).map(|page| link.run(page));
    let next = (until < total).then(|| link.run(page + 1));
    let step = |href: Option<String>, label: &'static str, icon: &'static str| match href {
        Some(href) => view! {
            <a class="btn small icon" href=href aria-label=label><Icon name=icon/></a>
        }
        .into_any(),
        None => view! {
            <span class="btn small icon" role="link" aria-label=label aria-disabled="true">
                <Icon name=icon/>
            </span>
        }
        .into_any(),
    };
    view! {
        <nav class="pager" aria-label=words.paging()>
            <span>{words.from_until_of(crate::format::count(from), crate::format::count(until), crate::format::count(total))}</span>
            <span class="btns">
                {step(previous, words.previous_page(), "i-left")}
                {step(next, words.next_page(), "i-right")}
            </span>
        </nav>
    }
}

/// The page's title in the browser.
#[component]
pub fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let words = use_words();
    // What leptos_meta writes into the head it does not escape; in the browser it sets the title as text.
    #[cfg(feature = "ssr")]
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    view! { <leptos_meta::Title text=format!("{text} · {}", words.product())/> }
}

/// Percent-encodes a value for a query string.
#[must_use]
pub fn query_value(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}

/// What the browser keeps for this site; `None` where it keeps nothing.
#[must_use]
pub fn storage() -> Option<web_sys::Storage> {
    window().local_storage().ok().flatten()
}

/// The sentence of a field's problem, if the problem names the field.
#[must_use]
pub fn field_error(
    words: Locale,
    problem: Option<&domain::problem::Problem>,
    field: &str,
) -> Option<String> {
    let domain::problem::Problem::Invalid { fields } = problem? else {
        return None;
    };
    fields
        .iter()
        .find(|wrong| wrong.field == field)
        .map(|wrong| words.field_problem(&wrong.kind))
}
