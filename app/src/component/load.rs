//! Fetching and sending, written once for all pages: what differs between pages (keys, data, views) is boxed, so
//! that the browser downloads this machinery once and not once a page.

use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use domain::problem::Problem;
use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_params_map;
use serde::{Serialize, de::DeserializeOwned};

use super::{Loading, ProblemPage};
use crate::error::{AppError, Encoded, read_json};

/// Data, or a problem, as JSON: one type for all resources.
type Fetched = Result<String, String>;
type Key = Arc<dyn Fn() -> String + Send + Sync>;
type Fetch = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Fetched> + Send>> + Send + Sync>;
type Show = Arc<dyn Fn(Fetched, Callback<()>) -> AnyView + Send + Sync>;

fn problem_json(error: &AppError) -> String {
    serde_json::to_string(error).unwrap_or_default()
}

/// A page's data: fetched for the key, again when the key changes, and shown with a way to fetch anew.
/// A problem is shown where the page would be.
pub fn load<K, T, F>(
    key: impl Fn() -> K + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + Send + Sync + 'static,
    show: impl Fn(T, Callback<()>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    K: Serialize + DeserializeOwned + 'static,
    T: DeserializeOwned + 'static,
    F: Future<Output = Result<Encoded<T>, AppError>> + Send + 'static,
{
    load_part(
        key,
        fetch,
        show,
        || view! { <Loading/> }.into_any(),
        |error| view! { <ProblemPage problem=error.0/> }.into_any(),
    )
}

/// A number in the page's path, such as the `id` of `/leads/:id`; `None` when something else stands there.
pub fn path_number(name: &'static str) -> Memo<Option<i64>> {
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get(name)?.parse::<i64>().ok()))
}

/// A page about the one thing whose id is in the path: what is no number is not found.
pub fn load_by_id<T, F>(
    fetch: impl Fn(i64) -> F + Send + Sync + 'static,
    show: impl Fn(T, Callback<()>) -> AnyView + Send + Sync + 'static,
) -> AnyView
where
    T: DeserializeOwned + 'static,
    F: Future<Output = Result<Encoded<T>, AppError>> + Send + 'static,
{
    let id = path_number("id");
    load(
        move || id.get(),
        move |id: Option<i64>| {
            let data = id.map(&fetch);
            async move {
                match data {
                    Some(data) => data.await,
                    None => Err(AppError(Problem::NotFound)),
                }
            }
        },
        show,
    )
}

/// The same for a part of a page, with its own words for waiting and for a problem.
pub fn load_part<K, T, F>(
    key: impl Fn() -> K + Send + Sync + 'static,
    fetch: impl Fn(K) -> F + Send + Sync + 'static,
    show: impl Fn(T, Callback<()>) -> AnyView + Send + Sync + 'static,
    waiting: fn() -> AnyView,
    failed: fn(AppError) -> AnyView,
) -> AnyView
where
    K: Serialize + DeserializeOwned + 'static,
    T: DeserializeOwned + 'static,
    F: Future<Output = Result<Encoded<T>, AppError>> + Send + 'static,
{
    load_erased(
        Arc::new(move || serde_json::to_string(&key()).unwrap_or_default()),
        Arc::new(move |key| match read_json::<K>(&key) {
            Ok(key) => {
                let data = fetch(key);
                Box::pin(async move {
                    data.await
                        .map(|data| data.json)
                        .map_err(|error| problem_json(&error))
                })
            }
            Err(error) => Box::pin(async move { Err(problem_json(&error)) }),
        }),
        Arc::new(move |fetched, again| {
            let data = match fetched {
                Ok(json) => read_json::<T>(&json),
                Err(json) => Err(read_json(&json).unwrap_or_else(|error| error)),
            };
            match data {
                Ok(data) => show(data, again),
                Err(error) => failed(error),
            }
        }),
        waiting,
    )
}

fn load_erased(key: Key, fetch: Fetch, show: Show, waiting: fn() -> AnyView) -> AnyView {
    let resource = Resource::new_blocking(move || key(), move |key| fetch(key));
    let again = Callback::new(move |()| resource.refetch());
    // Every page is such a view, so the next page is built into the place of this one. Data that are still on their way
    // then must not be shown there when they come.
    let is_left = Arc::new(AtomicBool::new(false));
    let leave = Arc::clone(&is_left);
    on_cleanup(move || leave.store(true, Ordering::Relaxed));
    view! {
        <Transition fallback=waiting>
            {move || {
                let show = Arc::clone(&show);
                let is_left = Arc::clone(&is_left);
                Suspend::new(async move {
                    let data = resource.await;
                    if cfg!(target_family = "wasm") && is_left.load(Ordering::Relaxed) {
                        std::future::pending::<()>().await;
                    }
                    show(data, again)
                })
            }}
        </Transition>
    }
    .into_any()
}

/// Sends something and hands over what came back. `pending` is true meanwhile.
pub fn submit<T: 'static>(
    pending: RwSignal<bool>,
    work: impl Future<Output = Result<T, AppError>> + 'static,
    done: impl FnOnce(Result<T, AppError>) + 'static,
) {
    pending.set(true);
    let whole: Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
        let outcome = work.await;
        // The page may be gone by now, and its signals with it.
        let _ = pending.try_set(false);
        done(outcome);
    });
    spawn_local(whole);
}
