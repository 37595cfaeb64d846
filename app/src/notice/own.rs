//! A person's own settings: mail, and the address of the calendar.

use domain::{
    notice::{MAIL_ADDRESS_LIMIT, MailChoice, OwnSettings, OwnSettingsChange},
    problem::Problem,
};
use leptos::{html, prelude::*, task::spawn_local};

use super::{change_own_settings, make_calendar, own_settings, remove_calendar};
use crate::{
    component::{Icon, PageTitle, Refusal, TextField, field_error, load, submit, use_toasts},
    error::AppError,
    format,
    words::{problem_sentence, use_words},
};

/// My settings.
#[component]
pub fn OwnSettingsPage() -> impl IntoView {
    load(
        || (),
        |()| own_settings(),
        |own, again| view! { <Settings own again/> }.into_any(),
    )
}

#[component]
fn Settings(own: OwnSettings, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let has_calendar = own.has_calendar;
    view! {
        <PageTitle text=words.my_settings()/>
        <main class="page" id="main">
            <div class="page-head"><h1>{words.my_settings()}</h1></div>
            <Mail own again/>
            <Calendar has_calendar/>
        </main>
    }
}

#[component]
fn Mail(own: OwnSettings, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let email = RwSignal::new(own.email);
    let choice = RwSignal::new(own.mail_choice);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = move || {
        let change = OwnSettingsChange {
            email: email.get_untracked(),
            mail_choice: choice.get_untracked(),
            locale: words.tag().to_owned(),
        };
        submit(
            pending,
            change_own_settings(change),
            move |outcome| match outcome {
                Ok(()) => {
                    toasts.done(words.lead_saved());
                    again.run(());
                }
                Err(AppError(refused)) => problem.set(Some(refused)),
            },
        );
    };
    let error = Signal::derive(move || field_error(words, problem.get().as_ref(), "email"));
    view! {
        <section class="panel">
            <header><h2>{words.mail_title()}</h2></header>
            <form class="body inline-form" novalidate on:submit=move |event| { event.prevent_default(); send(); }>
                {(!own.sends_mail).then(|| view! { <p class="wide muted">{words.mail_is_off()}</p> })}
                {own.mail_failed_at.map(|at| view! {
                    <p class="wide text-warn"><Icon name="i-warn"/>" "{words.mail_failed_on(format::moment(at))}</p>
                })}
                <Refusal problem/>
                <TextField id="own-email" label=words.mail_address() value=email max=MAIL_ADDRESS_LIMIT error/>
                <div class="field">
                    <label for="own-mail">{words.mail_choice_word()}</label>
                    <select class="input" id="own-mail" on:change=move |event| {
                        if let Some(chosen) = MailChoice::from_key(&event_target_value(&event)) {
                            choice.set(chosen);
                        }
                    }>
                        {MailChoice::ALL.into_iter().map(|one| view! {
                            <option value=one.key() selected=one == own.mail_choice>{words.mail_choice(one)}</option>
                        }).collect_view()}
                    </select>
                </div>
                <button type="submit" class="btn primary" disabled=move || pending.get()>{words.save()}</button>
                <p class="wide muted small">{words.mail_urgent_sub()}</p>
            </form>
        </section>
    }
}

#[component]
fn Calendar(has_calendar: bool) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let has_one = RwSignal::new(has_calendar);
    let address = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let make = move |_| {
        let had_one = has_one.get_untracked();
        submit(pending, make_calendar(), move |outcome| match outcome {
            Ok(path) => {
                address.set(Some(format!("{}{path}", origin())));
                has_one.set(true);
                if had_one {
                    toasts.done(words.calendar_replaced());
                }
            }
            Err(refused) => toasts.failed(problem_sentence(words, &refused.0)),
        });
    };
    let remove = move |_| {
        submit(pending, remove_calendar(), move |outcome| match outcome {
            Ok(()) => {
                address.set(None);
                has_one.set(false);
                toasts.done(words.calendar_removed());
            }
            Err(refused) => toasts.failed(problem_sentence(words, &refused.0)),
        });
    };
    view! {
        <section class="panel">
            <header><h2>{words.calendar_title()}</h2></header>
            <div class="body stack">
                <p class="muted">{words.calendar_sub()}</p>
                {move || match address.get() {
                    Some(address) => view! { <Address address/> }.into_any(),
                    None if has_one.get() => view! { <p>{words.calendar_in_force()}</p> }.into_any(),
                    None => view! { <p>{words.calendar_none()}</p> }.into_any(),
                }}
                <div class="btns-row">
                    <button type="button" class="btn" disabled=move || pending.get() on:click=make>
                        {move || if has_one.get() { words.calendar_renew() } else { words.calendar_make() }}
                    </button>
                    <Show when=move || has_one.get()>
                        <button type="button" class="btn" disabled=move || pending.get() on:click=remove>{words.calendar_remove()}</button>
                    </Show>
                </div>
            </div>
        </section>
    }
}

/// The new address, to be copied now: it is shown once.
#[component]
fn Address(address: String) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let input: NodeRef<html::Input> = NodeRef::new();
    let text = StoredValue::new(address.clone());
    let take = move |_| {
        if let Some(input) = input.get_untracked() {
            input.select();
        }
        spawn_local(async move {
            if copy(&text.get_value()).await.is_some() {
                toasts.done(words.copied());
            } else {
                toasts.failed(words.copy_by_hand());
            }
        });
    };
    view! {
        <div class="field" role="status">
            <label for="calendar-address">{words.calendar_address()}</label>
            <div class="row">
                <input class="input" id="calendar-address" readonly value=address aria-describedby="calendar-once" node_ref=input
                    on:focus=move |_| { if let Some(input) = input.get_untracked() { input.select(); } }/>
                <button type="button" class="btn" on:click=take>{words.copy_word()}</button>
            </div>
            <span class="muted small" id="calendar-once">{words.calendar_once()}</span>
        </div>
    }
}

/// Where the browser found this page.
fn origin() -> String {
    window().location().origin().unwrap_or_default()
}

/// Puts a text on the clipboard. `None` when the browser does not allow it, as on a page without TLS.
#[cfg(feature = "hydrate")]
async fn copy(text: &str) -> Option<()> {
    use leptos::{
        wasm_bindgen::JsCast,
        web_sys::js_sys::{Function, Promise, Reflect},
    };

    let clipboard = Reflect::get(&window().navigator(), &"clipboard".into()).ok()?;
    let write: Function = Reflect::get(&clipboard, &"writeText".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let done: Promise = write
        .call1(&clipboard, &text.into())
        .ok()?
        .dyn_into()
        .ok()?;
    wasm_bindgen_futures::JsFuture::from(done).await.ok()?;
    Some(())
}

/// There is no clipboard on the server, and nobody asks there.
#[cfg(not(feature = "hydrate"))]
async fn copy(_text: &str) -> Option<()> {
    None
}
