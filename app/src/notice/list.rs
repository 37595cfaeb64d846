//! All notices of a person, newest first.

use domain::notice::{NOTICE_PAGE, NoticePage, NoticeQuery};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    Unread,
    bell::{NoticeLink, mark_read},
    notice_page, read_notices, use_unread,
};
use crate::{
    component::{Icon, PageTitle, Pager, load, submit, use_toasts},
    format,
    words::{problem_sentence, use_words},
};

/// The page of all notices, or of those that are unread, as its address says.
#[component]
pub fn NoticeListPage() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| {
        query.with(|query| NoticeQuery {
            unread: query.get("unread").is_some_and(|text| text == "true"),
            page: query
                .get("page")
                .and_then(|page| page.parse().ok())
                .unwrap_or(0),
        })
    });
    load(
        move || asked.get(),
        notice_page,
        move |page, again| {
            let is_unread = asked.get_untracked().unread;
            view! { <List page is_unread again/> }.into_any()
        },
    )
}

fn address(unread: bool, page: u64) -> String {
    match (unread, page) {
        (false, 0) => "/notices".to_owned(),
        (true, 0) => "/notices?unread=true".to_owned(),
        (false, page) => format!("/notices?page={page}"),
        (true, page) => format!("/notices?unread=true&page={page}"),
    }
}

#[component]
fn List(page: NoticePage, is_unread: bool, again: Callback<()>) -> impl IntoView {
    let words = use_words();
    let toasts = use_toasts();
    let Unread(unread) = use_unread();
    let pending = RwSignal::new(false);
    let NoticePage {
        notices,
        total,
        unread: waiting,
        page,
    } = page;
    // The latest on the first page; further pages hold older ones only.
    let latest = notices.first().map_or(0, |notice| notice.id);
    let read_all = move |_| {
        submit(
            pending,
            read_notices(None, latest),
            move |outcome| match outcome {
                Ok(left) => {
                    unread.set(Some(left));
                    again.run(());
                }
                Err(refused) => toasts.failed(problem_sentence(words, &refused.0)),
            },
        );
    };
    let rows = notices
        .into_iter()
        .map(|notice| {
            let id = notice.id;
            let on_open = Callback::new(move |()| mark_read(unread, Some(vec![id]), 0));
            view! { <li><NoticeLink notice on_open/></li> }
        })
        .collect_view();
    view! {
        <PageTitle text=words.notices()/>
        <main class="page notices" id="main">
            <div class="page-head">
                <h1>{words.notices()}</h1>
                <p class="sub">{words.notices_sub(format::count(total), format::count(waiting))}</p>
                <div class="end">
                    <a class="btn" href=address(!is_unread, 0) aria-current=is_unread.then_some("true")>{words.only_unread()}</a>
                    <button type="button" class="btn" disabled=move || waiting == 0 || pending.get() on:click=read_all>{words.read_all()}</button>
                </div>
            </div>
            <section class="panel">
                {if total == 0 {
                    view! {
                        <div class="empty"><Icon name="i-bell"/>
                            {if is_unread {
                                view! { <b>{words.no_unread_notice()}</b><p><a href="/notices">{words.all_notices()}</a></p> }.into_any()
                            } else {
                                view! { <b>{words.no_notice()}</b><p>{words.no_notice_sub()}</p><p><a href="/settings/me">{words.my_settings()}</a></p> }.into_any()
                            }}
                        </div>
                    }.into_any()
                } else {
                    view! {
                        <ul class="notice-list">{rows}</ul>
                        <Pager page page_size=NOTICE_PAGE total link=move |page| address(is_unread, page)/>
                    }.into_any()
                }}
            </section>
        </main>
    }
}
