//! Tokens for the REST API: one's own, or everybody's for an administrator.

use domain::{
    account::{
        MadeToken, NewToken, TOKEN_DAYS, TOKEN_DAYS_LIMIT, TOKEN_NAME_LIMIT, TokenPage as Tokens,
        TokenScope, TokenView,
    },
    problem::Problem,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    component::{
        FormDialog, Icon, PageTitle, Refusal, TextField, Typed, field_error, load, submit,
        typed_number, use_toasts,
    },
    error::{AppError, Encoded},
    format,
    words::use_words,
};

/// One's tokens, or everybody's.
///
/// # Errors
/// The use case's problem.
#[server(name = ListTokensRequest, prefix = "/api", endpoint = "list_tokens", input = Json)]
pub async fn list_tokens() -> Result<Encoded<Tokens>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.tokens(&actor).await)
}

/// Makes a token and hands over its secret, once.
///
/// # Errors
/// The use case's problem.
#[server(name = MakeTokenRequest, prefix = "/api", endpoint = "make_token", input = Json)]
pub async fn make_token(new: NewToken) -> Result<MadeToken, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.make_token(&actor, new).await)
}

/// Ends a token.
///
/// # Errors
/// The use case's problem.
#[server(name = RevokeTokenRequest, prefix = "/api", endpoint = "revoke_token", input = Json)]
pub async fn revoke_token(token_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.revoke_token(&actor, token_id).await)
}

/// The page of the tokens.
#[component]
pub fn TokenPage() -> impl IntoView {
    // Above what is fetched anew: the secret stays in view when the list below it changes.
    let made = RwSignal::new(None::<MadeToken>);
    load(
        || (),
        |()| list_tokens(),
        move |tokens, refetch| view! { <List tokens made refetch/> }.into_any(),
    )
}

#[component]
fn List(tokens: Tokens, made: RwSignal<Option<MadeToken>>, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let revoking = RwSignal::new(None::<(i64, String)>);
    let is_everybody = tokens.is_everybody;
    let is_empty = tokens.tokens.is_empty();
    view! {
        <PageTitle text=words.tokens_title()/>
        <main class="page token-page" id="main">
            <div class="page-head">
                <h1>{words.tokens_title()}</h1>
                <p class="sub">{if is_everybody { words.tokens_sub_all() } else { words.tokens_sub() }}</p>
            </div>
            <NewTokenForm made refetch/>
            {move || made.get().map(|token| view! { <Secret secret=token.secret/> })}
            <section class="panel">
                <header><h2>{words.tokens_in_use()}</h2></header>
                {if is_empty {
                    view! { <div class="empty"><Icon name="i-lock"/><b>{words.no_token()}</b><p>{words.no_token_hint()}</p></div> }.into_any()
                } else {
                    view! {
                        <div class="scroll-x" tabindex="0" role="region" aria-label=words.tokens_title()>
                            <table class="table">
                                <thead><tr>
                                    <th>{words.token_name()}</th>
                                    {is_everybody.then(|| view! { <th>{words.token_owner()}</th> })}
                                    <th>{words.token_scope_word()}</th><th>{words.token_made()}</th><th>{words.token_ends()}</th>
                                    <th>{words.token_used()}</th><th><span class="vh">{words.revoke()}</span></th>
                                </tr></thead>
                                <tbody>{tokens.tokens.into_iter().map(|token| view! { <Token token is_everybody revoking/> }).collect_view()}</tbody>
                            </table>
                        </div>
                    }.into_any()
                }}
            </section>
            {move || revoking.get().map(|(id, name)| view! {
                <RevokeForm id name close=Callback::new(move |()| revoking.set(None)) done=refetch/>
            })}
        </main>
    }
}

#[component]
fn Token(
    token: TokenView,
    is_everybody: bool,
    revoking: RwSignal<Option<(i64, String)>>,
) -> impl IntoView {
    let words = use_words();
    let name = token.name.clone();
    view! {
        <tr>
            <td><b>{token.name.clone()}</b></td>
            {is_everybody.then(|| view! { <td class="nowrap">{token.owner}</td> })}
            <td class="nowrap">{words.token_scope(token.scope)}</td>
            <td class="nowrap">{format::day(token.created_at)}</td>
            <td class="nowrap">
                {token.expires_at.map_or_else(|| words.no_end().to_owned(), format::day)}
                {token.is_expired.then(|| view! { " "<span class="badge" data-kind="danger">{words.expired()}</span> })}
            </td>
            <td class="nowrap">{token.last_used_at.map_or_else(|| words.never_used().to_owned(), format::instant)}</td>
            <td class="nowrap">
                <button type="button" class="btn small" aria-label=words.revoke_of(token.name)
                    on:click=move |_| revoking.set(Some((token.id, name.clone())))>{words.revoke()}</button>
            </td>
        </tr>
    }
}

#[component]
fn NewTokenForm(made: RwSignal<Option<MadeToken>>, refetch: Callback<()>) -> impl IntoView {
    let words = use_words();
    let name = RwSignal::new(String::new());
    let days = RwSignal::new(TOKEN_DAYS.to_string());
    let scope = RwSignal::new(TokenScope::Read);
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let error = move |field: &'static str| {
        Signal::derive(move || field_error(words, problem.get().as_ref(), field))
    };
    let days_error = Signal::derive(move || {
        if days.with(|text| typed_number(text).is_err()) {
            return Some(words.not_a_number().to_owned());
        }
        field_error(words, problem.get().as_ref(), "days")
    });
    let send = move || {
        let Ok(typed) = typed_number(&days.get_untracked()) else {
            return;
        };
        // What is no whole number of days is refused as out of range.
        #[allow(
            clippy::cast_possible_truncation,
            reason = "the server checks the range"
        )]
        let days = typed.map(|days| if days.fract() == 0.0 { days as i64 } else { 0 });
        let new = NewToken {
            name: name.get_untracked(),
            scope: scope.get_untracked(),
            days,
        };
        problem.set(None);
        submit(pending, make_token(new), move |outcome| match outcome {
            Ok(token) => {
                made.set(Some(token));
                refetch.run(());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    };
    view! {
        <section class="panel">
            <header><h2>{words.make_token()}</h2><span class="sub">{words.make_token_sub(TOKEN_DAYS_LIMIT)}</span></header>
            <form class="body inline-form" novalidate on:submit=move |event| {
                event.prevent_default();
                if !pending.get_untracked() { send(); }
            }>
                <Refusal problem/>
                <TextField id="token-name" label=words.token_name() value=name max=TOKEN_NAME_LIMIT error=error("name")/>
                <div class="field">
                    <label for="token-scope">{words.token_scope_word()}</label>
                    <select class="input" id="token-scope" on:change=move |event| scope.set(TokenScope::from_key(&event_target_value(&event)).unwrap_or_default())>
                        {TokenScope::ALL.into_iter().map(|scope| view! {
                            <option value=scope.key()>{words.token_scope(scope)}</option>
                        }).collect_view()}
                    </select>
                </div>
                <TextField id="token-days" label=words.token_days() value=days typed=Typed::Number error=days_error/>
                <button type="submit" class="btn primary" disabled=move || pending.get()>{words.make_token()}</button>
            </form>
        </section>
    }
}

/// The secret, shown once, with a button that copies it.
#[component]
fn Secret(secret: String) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let copied = secret.clone();
    view! {
        <section class="panel" role="status">
            <header><h2>{words.token_secret()}</h2><span class="sub">{words.token_secret_sub()}</span></header>
            <div class="body inline-form">
                <div class="field wide">
                    <label for="token-secret">{words.token_secret()}</label>
                    <input class="input" id="token-secret" readonly value=secret/>
                </div>
                <button type="button" class="btn" on:click=move |_| {
                    if copy(&copied) {
                        toasts.done(words.copied());
                    } else {
                        toasts.failed(words.not_copied());
                    }
                }>{words.copy()}</button>
            </div>
        </section>
    }
}

/// Puts a text on the clipboard. False where the browser has none to give, as on a page without TLS.
fn copy(text: &str) -> bool {
    use leptos::{
        wasm_bindgen::{JsCast, JsValue},
        web_sys::js_sys::{Function, Reflect},
    };
    // Not by its type: the binding's feature would have every crate of the browser's half compiled anew.
    let step = |from: &JsValue, name: &str| {
        Reflect::get(from, &JsValue::from_str(name))
            .ok()
            .filter(|value| !value.is_undefined() && !value.is_null())
    };
    step(&window(), "navigator")
        .and_then(|navigator| step(&navigator, "clipboard"))
        .and_then(|clipboard| {
            let write: Function = step(&clipboard, "writeText")?.dyn_into().ok()?;
            write.call1(&clipboard, &JsValue::from_str(text)).ok()
        })
        .is_some()
}

#[component]
fn RevokeForm(id: i64, name: String, close: Callback<()>, done: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let send = Callback::new(move |()| {
        submit(pending, revoke_token(id), move |outcome| match outcome {
            Ok(()) => {
                close.run(());
                toasts.done(words.revoked());
                done.run(());
            }
            Err(AppError(refused)) => problem.set(Some(refused)),
        });
    });
    view! {
        <FormDialog title=words.revoke() send_word=words.revoke() close send is_blocked=pending>
            <Refusal problem/>
            <p>{words.revoke_sentence(name)}</p>
        </FormDialog>
    }
}
