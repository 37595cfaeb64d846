//! Signing in, and who is signed in.

mod token;

pub use token::TokenPage;

use domain::account::Actor;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use server_fn::codec::Json;

use crate::{
    component::{Icon, PageTitle, ProblemNotice, problem_in_address},
    error::AppError,
    words::use_words,
};

/// The person who is signed in; `None` when nobody is.
///
/// # Errors
/// The request does not arrive.
#[server(name = CurrentActorRequest, prefix = "/api", endpoint = "current_actor", input = Json)]
pub async fn current_actor() -> Result<Option<Actor>, AppError> {
    Ok(crate::server_side::actor())
}

#[derive(Clone, Copy)]
struct ActorResource(Resource<Result<Option<Actor>, AppError>>);

/// Fetches the person once for all pages.
pub fn provide_actor() {
    provide_context(ActorResource(Resource::new_blocking(
        || (),
        |()| current_actor(),
    )));
}

/// The person, for any page.
#[must_use]
pub fn use_actor() -> Resource<Result<Option<Actor>, AppError>> {
    expect_context::<ActorResource>().0
}

/// The sign-in form: a plain form that needs no script.
#[component]
pub fn LoginPage() -> impl IntoView {
    let words = use_words();
    let query = use_query_map();
    let login = query.with_untracked(|query| query.get("login").unwrap_or_default());
    let next = query.with_untracked(|query| query.get("next").unwrap_or_default());
    let problem = query.with_untracked(problem_in_address);
    let has_login = !login.is_empty();
    view! {
        <PageTitle text=words.sign_in()/>
        <main class="login" id="main">
            <p class="brand"><Icon name="i-leaf"/>{words.product()}</p>
            <section class="panel">
                <form method="post" action="/login">
                    <div>
                        <h1>{words.sign_in()}</h1>
                        <p class="sub">{words.zone_name()}</p>
                    </div>
                    {problem.map(|problem| view! { <ProblemNotice problem/> })}
                    <div class="field">
                        <label for="login">{words.login_name()}</label>
                        <input class="input" id="login" name="login" autocomplete="username" required
                            maxlength="200" value=login autofocus=!has_login/>
                    </div>
                    <div class="field">
                        <label for="password">{words.password()}</label>
                        <input class="input" id="password" name="password" type="password"
                            autocomplete="current-password" required autofocus=has_login/>
                    </div>
                    <input type="hidden" name="next" value=next/>
                    <button class="btn primary" type="submit">{words.sign_in()}</button>
                </form>
            </section>
            <p class="foot">
                <a href=words.other_locale_href() rel="external"><Icon name="i-globe"/>{words.other_locale()}</a>
            </p>
        </main>
    }
}
