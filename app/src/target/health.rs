//! How the search engines stand, for who looks after them.

use domain::enterprise::EngineState;
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    component::{PageTitle, load, submit, use_toasts},
    error::{AppError, Encoded},
    format,
    words::{problem_sentence, use_words},
};

/// How each engine stands.
///
/// # Errors
/// The use case's problem.
#[server(name = SearchHealthRequest, prefix = "/api", endpoint = "search_health", input = Json)]
pub async fn search_health() -> Result<Encoded<Vec<EngineState>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.search_health(&actor).await)
}

/// Asks for every index to be made anew.
///
/// # Errors
/// The use case's problem.
#[server(name = RebuildSearchRequest, prefix = "/api", endpoint = "rebuild_search", input = Json)]
pub async fn rebuild_search() -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.ask_search_rebuild(&actor).await)
}

/// The page.
#[component]
pub fn SearchHealthPage() -> impl IntoView {
    load(
        || (),
        |()| search_health(),
        |states, again| view! { <Health states again/> }.into_any(),
    )
}

#[component]
fn Health(states: Vec<EngineState>, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let pending = RwSignal::new(false);
    let rebuild = move |_| {
        submit(pending, rebuild_search(), move |outcome| match outcome {
            Ok(()) => {
                toasts.done(words.rebuild_asked());
                again.run(());
            }
            Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
        });
    };
    view! {
        <PageTitle text=words.search_health()/>
        <main class="page" id="main">
            <div class="page-head">
                <h1>{words.search_health()}</h1>
                <p class="sub">{words.search_health_sub()}</p>
                <div class="end">
                    <button type="button" class="btn" on:click=move |_| again.run(())>{words.look_again()}</button>
                    <button type="button" class="btn primary" disabled=move || pending.get() on:click=rebuild>{words.rebuild_index()}</button>
                </div>
            </div>
            <section class="panel">
                <div class="scroll-x" tabindex="0" role="region" aria-label=words.search_health()>
                    <table class="table">
                        <thead><tr>
                            <th>{words.search_engine()}</th><th>{words.duty()}</th><th>{words.state()}</th>
                            <th class="num">{words.waiting_changes()}<span class="unit">{words.unit_rows()}</span></th>
                            <th>{words.waiting_since()}</th>
                        </tr></thead>
                        <tbody>
                            {states.into_iter().map(|state| {
                                let condition = match (&state.problem, state.is_built) {
                                    (Some(problem), _) => words.engine_problem(problem),
                                    (None, false) => words.engine_building().to_owned(),
                                    (None, true) => words.engine_fine().to_owned(),
                                };
                                view! {
                                    <tr>
                                        <td class="nowrap"><b>{words.engine(&state.engine)}</b></td>
                                        <td class="nowrap">{if state.answers { words.answers_questions() } else { words.stands_by() }}</td>
                                        <td>{condition}</td>
                                        <td class="num">{format::count(state.waiting)}</td>
                                        <td class="nowrap">{state.waiting_since.map(format::moment)}</td>
                                    </tr>
                                }
                            }).collect_view()}
                        </tbody>
                    </table>
                </div>
            </section>
        </main>
    }
}
