//! The shell that all pages live in: navigation, search, account.

use domain::account::Action;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};

use super::{
    Icon,
    notice::{ToastStack, Toasts},
};
use crate::{
    account::use_actor,
    find::{Finder, KeySheet, Shell, forget_opened, provide_shell},
    notice::{Bell, Unread},
    words::use_words,
};

struct Entry {
    href: &'static str,
    icon: &'static str,
    word: &'static str,
}

/// The shell around every page but the sign-in.
#[component]
pub fn Frame() -> impl IntoView {
    let words = use_words();
    provide_context(Toasts::new());
    provide_context(Unread::new());
    let path = use_location().pathname;
    let shell = provide_shell(path);
    let here = move |href: &str| {
        path.with(|path| {
            if href == "/" {
                path == "/" || path.starts_with("/chains")
            } else {
                path.starts_with(href)
            }
        })
    };
    // Wide screens (map, board, finder, planner) get a rail instead of the full navigation.
    let rail = move || {
        path.with(|path| {
            let wide = path.starts_with("/chains/")
                || path.starts_with("/leads")
                || path.starts_with("/targets")
                || path.starts_with("/trips/");
            wide.then_some("rail")
        })
    };
    let entries = move || {
        [
            Entry {
                href: "/today",
                icon: "i-today",
                word: words.nav_today(),
            },
            Entry {
                href: "/leads",
                icon: "i-board",
                word: words.nav_board(),
            },
            Entry {
                href: "/enterprises",
                icon: "i-firm",
                word: words.nav_enterprises(),
            },
            Entry {
                href: "/trips",
                icon: "i-trip",
                word: words.nav_trips(),
            },
            Entry {
                href: "/",
                icon: "i-chain",
                word: words.nav_chains(),
            },
            Entry {
                href: "/leader",
                icon: "i-chart",
                word: words.nav_leader(),
            },
            Entry {
                href: "/reference",
                icon: "i-globe",
                word: words.nav_reference(),
            },
            Entry {
                href: "/imports",
                icon: "i-import",
                word: words.nav_imports(),
            },
            Entry {
                href: "/settings/atlas",
                icon: "i-gear",
                word: words.nav_settings(),
            },
            Entry {
                href: "/pool",
                icon: "i-pin",
                word: words.nav_pool(),
            },
            Entry {
                href: "/claims",
                icon: "i-lock",
                word: words.nav_claims(),
            },
            Entry {
                href: "/targets",
                icon: "i-target",
                word: words.nav_targets(),
            },
        ]
    };
    let item = move |entry: Entry| {
        let href = entry.href;
        view! {
            <a href=href aria-current=move || here(href).then_some("page")>
                <Icon name=entry.icon/>
                {entry.word}
            </a>
        }
    };
    let list = move |from: usize, until: usize| {
        entries()
            .into_iter()
            .skip(from)
            .take(until - from)
            .map(|entry| view! { <li>{item(entry)}</li> })
            .collect_view()
    };
    // A phone has room for six; the reference, imports and settings are work for a desk.
    let list_tabs = move || entries().into_iter().take(6).map(item).collect_view();
    let section = move || {
        path.with(|path| {
            if path.starts_with("/today") {
                words.nav_today()
            } else if path.starts_with("/leads") {
                words.nav_board_long()
            } else if path.starts_with("/pool") {
                words.pool_title()
            } else if path.starts_with("/claims") {
                words.ledger_title()
            } else if path.starts_with("/enterprises") {
                words.nav_enterprises()
            } else if path.starts_with("/trips") {
                words.nav_trips_long()
            } else if path.starts_with("/imports") {
                words.nav_imports_long()
            } else if path.starts_with("/leader") {
                words.leader_title()
            } else if path.starts_with("/reference") {
                words.nav_reference_long()
            } else if path.starts_with("/notices") {
                words.notices()
            } else if path.starts_with("/settings/me") {
                words.my_settings()
            } else if path.starts_with("/settings/stages") {
                words.stage_rules()
            } else if path.starts_with("/settings/tokens") {
                words.tokens_title()
            } else if path.starts_with("/settings/search") {
                words.search_health()
            } else if path.starts_with("/audit") {
                words.audit_title()
            } else if path.starts_with("/bin") {
                words.bin_title()
            } else if path.starts_with("/settings") {
                words.settings_title()
            } else if path.starts_with("/lists") {
                words.target_lists()
            } else if path.starts_with("/targets") {
                words.targets_title()
            } else {
                words.nav_chains_long()
            }
        })
    };
    view! {
        <a class="skip" href="#main">{words.skip_to_content()}</a>
        <div class="shell" data-nav=rail>
            <nav class="nav" aria-label=words.main_navigation()>
                <a class="brand" href="/" aria-label=words.to_start()>
                    <Icon name="i-leaf"/>
                    <span>{words.product()}</span>
                </a>
                <h2>{words.nav_work()}</h2>
                <ul>{list(0, 4)}{list(9, 11)}</ul>
                <h2>{words.nav_study()}</h2>
                <ul>{list(4, 5)}{list(11, 12)}{list(5, 7)}</ul>
                <h2>{words.nav_manage()}</h2>
                <ul>{list(7, 9)}</ul>
                <p class="foot">{words.zone_name()}</p>
            </nav>
            <header class="topbar">
                <p class="crumb"><b>{section}</b></p>
                <SearchBox shell/>
                <div class="end">
                    <Bell/>
                    <AccountMenu shell/>
                </div>
            </header>
            <Outlet/>
            <nav class="tabbar" aria-label=words.main_navigation()>
                {list_tabs()}
            </nav>
            <ToastStack/>
            <Finder shell/>
            <KeySheet shell path/>
        </div>
    }
}

/// The field in the bar. Without a script it is a form that searches the companies; with one it opens the dialog that
/// finds everything.
#[component]
fn SearchBox(shell: Shell) -> impl IntoView {
    let words = use_words();
    view! {
        <div class="searchbox">
            <form action="/enterprises" method="get" role="search">
                <label class="search">
                    <Icon name="i-search"/>
                    <span class="vh">{words.search()}</span>
                    <input type="search" name="q" placeholder=words.search_placeholder() autocomplete="off"
                        on:click=move |_| shell.find("")
                        on:input:target=move |event| {
                            let input = event.target();
                            shell.find(&input.value());
                            input.set_value("");
                        }/>
                    <kbd>"Ctrl K"</kbd>
                </label>
            </form>
        </div>
    }
}

/// Who is signed in, language, theme, sign out.
#[component]
fn AccountMenu(shell: Shell) -> impl IntoView {
    let words = use_words();
    let actor = use_actor();
    view! {
        <Transition fallback=|| ()>
            {move || Suspend::new(async move {
                let actor = actor.await.ok().flatten();
                #[cfg(feature = "hydrate")]
                if let Some(actor) = &actor {
                    super::tell_worker(actor.account_id);
                }
                let health = actor.as_ref().is_some_and(|actor| actor.may(Action::ReadHealth));
                let audits = actor.as_ref().is_some_and(|actor| {
                    actor.may(Action::ReadEveryAudit)
                        || actor.bureau_id.is_some_and(|bureau_id| actor.may(Action::ReadAudit { bureau_id }))
                });
                view! {
                    <details class="drop">
                        <summary class="who">
                            <Icon name="i-user"/>
                            <b>{actor.as_ref().map(|actor| actor.name.clone())}</b>
                            <span>{actor.as_ref().and_then(|actor| actor.bureau_name.clone())
                                .or_else(|| actor.as_ref().map(|actor| words.role(actor.role).to_owned()))}</span>
                        </summary>
                        <div class="menu">
                            <a href="/settings/me"><Icon name="i-gear"/>{words.my_settings()}</a>
                            <a href="/settings/tokens"><Icon name="i-lock"/>{words.tokens_title()}</a>
                            <a href="/bin"><Icon name="i-file"/>{words.bin_title()}</a>
                            {health.then(|| view! { <a href="/settings/search"><Icon name="i-search"/>{words.search_health()}</a> })}
                            {audits.then(|| view! { <a href="/audit"><Icon name="i-clock"/>{words.audit_title()}</a> })}
                            <a href=words.other_locale_href() rel="external">
                                <Icon name="i-globe"/>{words.other_locale()}
                            </a>
                            <a href="/theme/light" rel="external"><Icon name="i-theme"/>{words.theme_light()}</a>
                            <a href="/theme/dark" rel="external"><Icon name="i-theme"/>{words.theme_dark()}</a>
                            <a href="/theme/system" rel="external"><Icon name="i-theme"/>{words.theme_system()}</a>
                            <button type="button" on:click=move |_| shell.sheet.set(true)><Icon name="i-info"/>{words.keys_title()}</button>
                            <form method="post" action="/logout" on:submit=move |_| forget_opened(shell)>
                                <button type="submit"><Icon name="i-out"/>{words.sign_out()}</button>
                            </form>
                        </div>
                    </details>
                }
            })}
        </Transition>
    }
}
