//! The bell in the top bar: how many notices wait, kept true by the server's stream, and the latest of them in a panel.

use domain::notice::{NoticePage, NoticeView};
use leptos::{html, prelude::*, task::spawn_local};

use super::{Unread, latest_notices, read_notices, unread_notices, use_unread};
use crate::{component::Icon, format, words::use_words};

/// What the panel shows: nothing yet, the latest notices, or that they did not come.
type Shown = RwSignal<Option<Option<NoticePage>>>;

/// The bell with its number and its panel.
#[component]
pub fn Bell() -> impl IntoView {
    let words = use_words();
    let Unread(unread) = use_unread();
    let first = Resource::new_blocking(|| (), |()| unread_notices());
    let said = RwSignal::new(String::new());
    Effect::new(move |before: Option<Option<u64>>| {
        let now = unread.get();
        // Only what is more than before is news; the first number is on the page already.
        if let (Some(Some(before)), Some(now)) = (before, now)
            && now > before
        {
            said.set(words.notices_now(now));
        }
        now
    });
    #[cfg(feature = "hydrate")]
    stream::listen(unread);
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                let start = first.await.unwrap_or(0);
                if unread.get_untracked().is_none() {
                    unread.set(Some(start));
                }
                view! { <Panel unread/> }
            })}
        </Transition>
        <span class="vh" role="status">{move || said.get()}</span>
    }
}

#[component]
fn Panel(unread: RwSignal<Option<u64>>) -> impl IntoView {
    let words = use_words();
    let shown: Shown = RwSignal::new(None);
    let details: NodeRef<html::Details> = NodeRef::new();
    let count = move || unread.get().unwrap_or(0);
    let label = move || match count() {
        0 => words.notices_none_unread().to_owned(),
        count => words.notices_unread(count),
    };
    let is_open = move || {
        details
            .get_untracked()
            .is_some_and(|details| details.has_attribute("open"))
    };
    let fetch = move || {
        spawn_local(async move {
            let page = match latest_notices().await {
                Ok(page) => page.read().ok(),
                Err(_) => None,
            };
            if let Some(page) = &page {
                unread.try_set(Some(page.unread));
            }
            shown.try_set(Some(page));
        });
    };
    // A notice that comes while the panel is open is put into it.
    Effect::new(move |before: Option<u64>| {
        let now = count();
        if before.is_some_and(|before| now > before) && is_open() {
            fetch();
        }
        now
    });
    let close = move || {
        if let Some(details) = details.get_untracked() {
            let _ = details.remove_attribute("open");
        }
    };
    let leave_by_key = move || {
        close();
        let summary = details
            .get_untracked()
            .and_then(|details| details.query_selector("summary").ok().flatten());
        if let Some(summary) = summary {
            focus(&summary);
        }
    };
    let leave = move |id: i64| {
        close();
        mark_read(unread, Some(vec![id]), 0);
    };
    let read_all = move |_| {
        let latest = shown.with_untracked(|shown| latest_of(shown.as_ref()));
        mark_read(unread, None, latest);
        shown.update(|shown| {
            for notice in shown
                .iter_mut()
                .flatten()
                .flat_map(|page| &mut page.notices)
            {
                notice.is_read = true;
            }
        });
    };
    let rows = move || {
        shown.with(|shown| match shown {
            None => view! { <p class="muted" role="status">{words.loading()}</p> }.into_any(),
            Some(None) => view! { <p class="text-warn">{words.notices_failed()}</p> }.into_any(),
            Some(Some(page)) if page.notices.is_empty() => {
                view! { <p class="muted">{words.no_notice()}</p> }.into_any()
            }
            Some(Some(page)) => page
                .notices
                .iter()
                .cloned()
                .map(|notice| {
                    let id = notice.id;
                    view! { <NoticeLink notice on_open=Callback::new(move |()| leave(id))/> }
                })
                .collect_view()
                .into_any(),
        })
    };
    view! {
        <details class="drop bell" node_ref=details
            on:toggle=move |_| { if is_open() { fetch(); } }
            on:keydown=move |event| { if event.key() == "Escape" && is_open() { leave_by_key(); } }>
            <summary aria-label=label>
                <Icon name="i-bell"/>
                <span class="n" aria-hidden="true">{move || Some(count()).filter(|count| *count > 0)}</span>
            </summary>
            <div class="menu">
                <p class="group"><b>{words.notices()}</b>
                    <button type="button" class="btn quiet small end" disabled=move || count() == 0 on:click=read_all>{words.read_all()}</button>
                </p>
                <div class="rows">{rows}</div>
                <a href="/notices" on:click=move |_| close()>{words.all_notices()}</a>
            </div>
        </details>
    }
}

/// The number of the latest notice that is shown; 0 when none is.
fn latest_of(shown: Option<&Option<NoticePage>>) -> i64 {
    shown
        .and_then(Option::as_ref)
        .and_then(|page| page.notices.first())
        .map_or(0, |notice| notice.id)
}

/// Marks notices as read and sets the bell's number.
pub(super) fn mark_read(unread: RwSignal<Option<u64>>, ids: Option<Vec<i64>>, until: i64) {
    spawn_local(async move {
        // What could not be marked stays unread, and can be marked again.
        if let Ok(left) = read_notices(ids, until).await {
            unread.try_set(Some(left));
        }
    });
}

/// A notice in words, as a link to what it is about.
#[component]
pub(super) fn NoticeLink(notice: NoticeView, on_open: Callback<()>) -> impl IntoView {
    let words = use_words();
    let is_read = notice.is_read;
    view! {
        <a class="notice" href=notice.href() data-unread=(!is_read).then_some("") on:click=move |_| on_open.run(())>
            <span class="text">{words.notice(notice.kind, &notice.detail)}
                {(!is_read).then(|| view! { <span class="vh">{words.list_comma()}{words.unread_word()}</span> })}</span>
            <time class="end" datetime=notice.created_at.to_rfc3339()>{format::moment(notice.created_at)}</time>
        </a>
    }
}

#[cfg(feature = "hydrate")]
fn focus(element: &leptos::web_sys::Element) {
    use leptos::wasm_bindgen::JsCast;

    if let Some(element) = element.dyn_ref::<leptos::web_sys::HtmlElement>() {
        let _ = element.focus();
    }
}

#[cfg(not(feature = "hydrate"))]
fn focus(_element: &leptos::web_sys::Element) {}

/// The server's stream of numbers. Only a page that is looked at listens: browsers allow few connections to a server.
#[cfg(feature = "hydrate")]
mod stream {
    use domain::notice::NoticeSignal;
    use leptos::{
        prelude::*,
        wasm_bindgen::{JsCast, closure::Closure},
        web_sys::{EventSource, MessageEvent},
    };

    use crate::error::read_json;

    pub(super) fn listen(unread: RwSignal<Option<u64>>) {
        let open: StoredValue<Option<EventSource>, LocalStorage> = StoredValue::new_local(None);
        let follow = move || {
            let is_seen = !document().hidden();
            let is_open = open.with_value(|source| {
                source
                    .as_ref()
                    .is_some_and(|source| source.ready_state() != EventSource::CLOSED)
            });
            if is_seen && !is_open {
                open.set_value(connect(unread));
            } else if !is_seen {
                open.update_value(|source| {
                    if let Some(source) = source.take() {
                        source.close();
                    }
                });
            }
        };
        Effect::new(move |_| follow());
        let handle = window_event_listener_untyped("visibilitychange", move |_| follow());
        on_cleanup(move || {
            handle.remove();
            if let Some(Some(source)) = open.try_update_value(Option::take) {
                source.close();
            }
        });
    }

    fn connect(unread: RwSignal<Option<u64>>) -> Option<EventSource> {
        let source = EventSource::new("/notices/stream").ok()?;
        let heard = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            if let Some(signal) = event
                .data()
                .as_string()
                .and_then(|text| read_json::<NoticeSignal>(&text).ok())
            {
                unread.try_set(Some(signal.unread));
            }
        });
        source.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        // It lives as long as the page listens; a page is looked away from few times.
        heard.forget();
        Some(source)
    }
}
