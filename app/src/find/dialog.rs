//! The dialog that finds: a combobox over a list of hits, after the pattern of the ARIA Authoring Practices.

use std::time::Duration;

use domain::find::{Found, FoundGroup, FoundItem, FoundKind};
use leptos::{
    ev, html, leptos_dom::helpers::TimeoutHandle, prelude::*, wasm_bindgen::JsCast,
    web_sys::HtmlElement,
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{Shell, find, opened};
use crate::{
    component::{Icon, Marked, StageTag, query_value, submit},
    error::AppError,
    words::{Locale, problem_sentence, use_words},
};

/// How long typing must rest before the server is asked.
const PAUSE: Duration = Duration::from_millis(120);

/// The dialog, as long as the shell says that it is open.
#[component]
pub fn Finder(shell: Shell) -> impl IntoView {
    move || {
        shell
            .finder
            .get()
            .map(|text| view! { <Open shell begin=text/> })
    }
}

fn icon(kind: FoundKind) -> &'static str {
    match kind {
        FoundKind::Recent => "i-clock",
        FoundKind::Lead => "i-board",
        FoundKind::Enterprise => "i-firm",
        FoundKind::Node => "i-target",
        FoundKind::Chain => "i-chain",
        FoundKind::Trip => "i-trip",
        FoundKind::Person => "i-user",
        FoundKind::Page => "i-right",
        FoundKind::Action => "i-plus",
    }
}

/// What the list shows: the hits of a text, and the ways to the full lists.
#[derive(Clone, PartialEq)]
struct Shown {
    text: String,
    groups: Vec<(&'static str, Vec<FoundItem>)>,
    hits: usize,
}

impl Shown {
    fn new(words: Locale, text: String, found: Found) -> Self {
        let hits = found.groups.iter().map(|group| group.items.len()).sum();
        let mut groups: Vec<(&'static str, Vec<FoundItem>)> = found
            .groups
            .into_iter()
            .map(|FoundGroup { kind, items }| (words.found_kind(kind), items))
            .collect();
        let typed = text.trim();
        if !typed.is_empty() {
            let everywhere = |kind, name: String, href: &str| FoundItem {
                kind,
                id: 0,
                name,
                note: String::new(),
                stage: None,
                href: format!("{href}{}", query_value(typed)),
            };
            groups.push((
                words.full_search(),
                vec![
                    everywhere(
                        FoundKind::Lead,
                        words.search_all_leads(typed),
                        "/leads/list?text=",
                    ),
                    everywhere(
                        FoundKind::Enterprise,
                        words.search_all_enterprises(typed),
                        "/enterprises?q=",
                    ),
                ],
            ));
        }
        Self { text, groups, hits }
    }

    fn items(&self) -> impl Iterator<Item = &FoundItem> {
        self.groups.iter().flat_map(|(_, items)| items)
    }
}

#[component]
fn Open(shell: Shell, begin: String) -> impl IntoView {
    let words = use_words();
    let navigate = use_navigate();
    let dialog: NodeRef<html::Dialog> = NodeRef::new();
    let text = RwSignal::new(begin);
    let shown = RwSignal::new(None::<Shown>);
    let failed = RwSignal::new(None::<String>);
    let active = RwSignal::new(0_usize);
    let pending = RwSignal::new(false);
    // The number of the last question: an older answer that comes later is dropped.
    let asked = StoredValue::new(0_u64);
    let timer = StoredValue::new(None::<TimeoutHandle>);
    // Enter pressed before the answer was there, and whether with Ctrl.
    let waiting = StoredValue::new(None::<bool>);
    Effect::new(move |_| {
        if let Some(dialog) = dialog.get()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
        }
    });
    let leave = move || match dialog.get_untracked() {
        Some(dialog) => dialog.close(),
        None => shell.finder.set(None),
    };
    let open = Callback::new(move |(href, in_new_tab): (String, bool)| {
        if in_new_tab {
            let _ = window().open_with_url_and_target(&href, "_blank");
        } else {
            leave();
            navigate(&href, NavigateOptions::default());
        }
    });
    let open_active = move |in_new_tab: bool| {
        let href = shown.with_untracked(|shown| {
            shown
                .as_ref()
                .and_then(|shown| shown.items().nth(active.get_untracked()))
                .map(|item| item.href.clone())
        });
        if let Some(href) = href {
            open.run((href, in_new_tab));
        }
    };
    let ask = move || {
        timer.set_value(None);
        let number = asked.get_value() + 1;
        asked.set_value(number);
        let typed = text.get_untracked();
        let opened = if typed.trim().is_empty() {
            opened(shell.account.get_untracked())
        } else {
            Vec::new()
        };
        submit(pending, find(typed.clone(), opened), move |outcome| {
            // The dialog may be closed by now, or another question asked.
            if asked.try_get_value() != Some(number) {
                return;
            }
            match outcome.and_then(|found| found.read()) {
                Ok(found) => {
                    failed.set(None);
                    active.set(0);
                    shown.set(Some(Shown::new(words, typed, found)));
                    if let Some(in_new_tab) = waiting.get_value() {
                        waiting.set_value(None);
                        open_active(in_new_tab);
                    }
                }
                Err(AppError(problem)) => failed.set(Some(problem_sentence(words, &problem))),
            }
        });
    };
    let cancel = move || {
        if let Some(timer) = timer.get_value() {
            timer.clear();
        }
    };
    Effect::new(move |_| ask());
    on_cleanup(move || {
        if let Some(Some(timer)) = timer.try_get_value() {
            timer.clear();
        }
    });
    let typed = move |event| {
        text.set(event_target_value(&event));
        waiting.set_value(None);
        cancel();
        timer.set_value(set_timeout_with_handle(ask, PAUSE).ok());
    };
    let count = move || {
        shown.with_untracked(|shown| shown.as_ref().map_or(0, |shown| shown.items().count()))
    };
    let key = move |event: ev::KeyboardEvent| {
        // These belong to the input method while it composes.
        if event.is_composing() {
            return;
        }
        let last = count().saturating_sub(1);
        let here = active.get_untracked();
        match event.key().as_str() {
            "ArrowDown" => active.set(if here >= last { 0 } else { here + 1 }),
            "ArrowUp" => active.set(if here == 0 { last } else { here - 1 }),
            "Home" => active.set(0),
            "End" => active.set(last),
            "Enter" => {
                let in_new_tab = event.ctrl_key() || event.meta_key();
                let is_of_text = shown.with_untracked(|shown| {
                    shown
                        .as_ref()
                        .is_some_and(|shown| text.with_untracked(|text| *text == shown.text))
                });
                if is_of_text {
                    open_active(in_new_tab);
                } else {
                    // Not the hits of what is typed: the first of those is opened when they are there.
                    waiting.set_value(Some(in_new_tab));
                    cancel();
                    ask();
                }
            }
            _ => return,
        }
        event.prevent_default();
    };
    Effect::new(move |_| show_active(active.get()));
    let is_filled = move || {
        shown.with(|shown| {
            shown
                .as_ref()
                .is_some_and(|one| one.items().next().is_some())
        })
    };
    let status = move || {
        if let Some(sentence) = failed.get() {
            return sentence;
        }
        shown.with(|shown| match shown {
            Some(shown) if shown.text.trim().is_empty() => words.find_hint().to_owned(),
            Some(shown) if shown.hits == 0 => words.nothing_found(shown.text.trim()),
            Some(shown) => words.found_count(shown.hits),
            None => String::new(),
        })
    };
    let list = move || {
        shown.with(|shown| {
            let Some(Shown { text, groups, .. }) = shown.as_ref() else {
                return ().into_any();
            };
            let mut at = 0;
            groups
                .iter()
                .enumerate()
                .map(|(number, (name, items))| {
                    let from = at;
                    at += items.len();
                    let label = format!("finder-group-{number}");
                    let id = label.clone();
                    let rows = items
                        .iter()
                        .zip(from..)
                        .map(|(item, at)| {
                            view! { <Row item=item.clone() term=text.trim().to_owned() at active open/> }
                        })
                        .collect_view();
                    view! {
                        <div class="menu" role="group" aria-labelledby=label>
                            <div class="group" id=id role="presentation">{*name}</div>
                            {rows}
                        </div>
                    }
                })
                .collect_view()
                .into_any()
        })
    };
    view! {
        <dialog class="dialog finder" aria-label=words.search() node_ref=dialog
            on:close=move |_| shell.finder.set(None)
            // A click beside the dialog closes it.
            on:click=move |event| {
                let beside = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok())
                    .is_some_and(|element| element.tag_name() == "DIALOG");
                if beside { leave(); }
            }>
            <div class="head">
                <div class="search">
                    <Icon name="i-search"/>
                    <input type="text" role="combobox" autofocus aria-label=words.find_label() placeholder=words.find_placeholder()
                        aria-expanded=move || is_filled().to_string() aria-controls="finder-list" aria-autocomplete="list"
                        aria-activedescendant=move || is_filled().then(|| format!("finder-{}", active.get()))
                        autocomplete="off" autocapitalize="off" spellcheck="false" enterkeyhint="go" maxlength="200"
                        prop:value=move || text.get() on:input=typed on:keydown=key/>
                    <kbd>"Esc"</kbd>
                </div>
                <button type="button" class="btn quiet small icon" aria-label=words.close() on:click=move |_| leave()><Icon name="i-x"/></button>
            </div>
            <p class="hint" role="status">{status}</p>
            <div class="hits" id="finder-list" role="listbox" aria-label=words.find_hits()>{list}</div>
        </dialog>
    }
}

/// One hit. The focus stays in the field; the row that is active is named by the field.
#[component]
fn Row(
    item: FoundItem,
    term: String,
    at: usize,
    active: RwSignal<usize>,
    open: Callback<(String, bool)>,
) -> impl IntoView {
    let words = use_words();
    let FoundItem {
        kind,
        name,
        note,
        stage,
        href,
        ..
    } = item;
    let name = if kind == FoundKind::Person {
        words.leads_of(name)
    } else {
        name
    };
    let target = href.clone();
    view! {
        <a role="option" id=format!("finder-{at}") href=href tabindex="-1"
            aria-selected=move || (active.get() == at).to_string()
            on:mousemove=move |_| if active.get_untracked() != at { active.set(at) }
            on:click=move |event| {
                // With Ctrl, ⌘ or Shift the browser opens it where it is told to.
                if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    event.prevent_default();
                    event.stop_propagation();
                    open.run((target.clone(), false));
                }
            }>
            <Icon name=icon(kind)/>
            <span><Marked text=name term/></span>
            {(!note.is_empty()).then(|| view! { <span class="muted small">{note}</span> })}
            {stage.map(|stage| view! { <span class="end"><StageTag stage/></span> })}
        </a>
    }
}

/// Scrolls the list so far that the active row is in view, and no further.
fn show_active(at: usize) {
    let (Some(row), Some(list)) = (
        document().get_element_by_id(&format!("finder-{at}")),
        document().get_element_by_id("finder-list"),
    ) else {
        return;
    };
    let (row, frame) = (
        row.get_bounding_client_rect(),
        list.get_bounding_client_rect(),
    );
    let by = if at == 0 || row.top() < frame.top() {
        // The name of the first group comes along.
        if at == 0 {
            f64::from(-list.scroll_top())
        } else {
            row.top() - frame.top()
        }
    } else if row.bottom() > frame.bottom() {
        row.bottom() - frame.bottom()
    } else {
        return;
    };
    #[allow(clippy::cast_possible_truncation, reason = "pixels")]
    list.set_scroll_top(list.scroll_top() + by.ceil() as i32);
}
