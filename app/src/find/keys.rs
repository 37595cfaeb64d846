//! The keyboard. One table says which key does what and where; the handlers and the sheet of keys both read it.

use std::cell::Cell;

use leptos::{
    ev,
    prelude::*,
    wasm_bindgen::JsCast,
    web_sys::{Element, HtmlElement, KeyboardEvent},
};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::Shell;
use crate::words::Locale;

/// What a key does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    Find,
    Help,
    Today,
    Board,
    LeadList,
    Chains,
    Enterprises,
    Trips,
    NewLead,
    NextRow,
    PreviousRow,
    OpenRow,
    Edit,
    Note,
    SaveNote,
    MoveCard,
    LiftCard,
    AimCard,
    DropCard,
    Project,
    NextProblem,
    MapFind,
    ClosePanel,
    ZoomIn,
    ZoomOut,
    ZoomFit,
    Walk,
    OpenNode,
}

/// Where it does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Anywhere,
    /// Pages with rows of records.
    Rows,
    /// The same, of leads.
    LeadRows,
    Lead,
    Board,
    Week,
    Import,
    Map,
}

/// Who listens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The page, wherever the focus is but in a field. These keys can be turned off (WCAG 2.1.4).
    Page,
    /// The page, with Ctrl or ⌘.
    Chord,
    /// What has the focus, and nothing else.
    Focus,
    /// What has the focus, with Ctrl or ⌘.
    FocusChord,
}

pub struct Key {
    pub act: Act,
    pub scope: Scope,
    pub reach: Reach,
    /// A key that comes before it.
    pub first: Option<&'static str>,
    /// Any of these, as the browser names them. The first is the one that the sheet shows.
    pub any: &'static [&'static str],
}

const fn key(act: Act, scope: Scope, reach: Reach, any: &'static [&'static str]) -> Key {
    Key {
        act,
        scope,
        reach,
        first: None,
        any,
    }
}

const fn go(act: Act, any: &'static [&'static str]) -> Key {
    Key {
        act,
        scope: Scope::Anywhere,
        reach: Reach::Page,
        first: Some("g"),
        any,
    }
}

/// Every key. What stands for a page goes before what stands for all.
pub const KEYS: &[Key] = &[
    key(Act::NextRow, Scope::Rows, Reach::Page, &["j"]),
    key(Act::PreviousRow, Scope::Rows, Reach::Page, &["k"]),
    // A row is a link, and the browser opens it.
    key(Act::OpenRow, Scope::Rows, Reach::Focus, &["Enter"]),
    key(Act::Edit, Scope::LeadRows, Reach::Page, &["e"]),
    key(Act::Note, Scope::LeadRows, Reach::Page, &["r"]),
    key(Act::Edit, Scope::Lead, Reach::Page, &["e"]),
    key(Act::Note, Scope::Lead, Reach::Page, &["r"]),
    key(Act::SaveNote, Scope::Lead, Reach::FocusChord, &["Enter"]),
    key(Act::MoveCard, Scope::Board, Reach::Focus, &["m"]),
    key(Act::LiftCard, Scope::Board, Reach::Focus, &[" "]),
    key(
        Act::AimCard,
        Scope::Board,
        Reach::Focus,
        &["ArrowLeft", "ArrowRight"],
    ),
    key(Act::DropCard, Scope::Board, Reach::Focus, &["Enter"]),
    key(Act::Project, Scope::Week, Reach::Page, &["f"]),
    key(Act::NextProblem, Scope::Import, Reach::Page, &["n"]),
    key(Act::MapFind, Scope::Map, Reach::Page, &["/"]),
    key(
        Act::Walk,
        Scope::Map,
        Reach::Focus,
        &["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"],
    ),
    key(Act::OpenNode, Scope::Map, Reach::Focus, &["Enter", " "]),
    key(Act::ClosePanel, Scope::Map, Reach::Focus, &["Escape"]),
    key(Act::ZoomIn, Scope::Map, Reach::Focus, &["+", "="]),
    key(Act::ZoomOut, Scope::Map, Reach::Focus, &["-"]),
    key(Act::ZoomFit, Scope::Map, Reach::Focus, &["0"]),
    key(Act::Find, Scope::Anywhere, Reach::Chord, &["k"]),
    key(Act::Find, Scope::Anywhere, Reach::Page, &["/"]),
    key(Act::Help, Scope::Anywhere, Reach::Page, &["?", "？"]),
    key(Act::NewLead, Scope::Anywhere, Reach::Page, &["n"]),
    go(Act::Today, &["t"]),
    go(Act::Board, &["b"]),
    go(Act::LeadList, &["l"]),
    go(Act::Chains, &["m"]),
    go(Act::Enterprises, &["e"]),
    go(Act::Trips, &["p"]),
];

/// How long the second key of two is waited for, in milliseconds.
const SECOND_KEY: f64 = 1_500.0;

/// The parts of the shell and of pages that keys reach. Pages mark theirs with these.
const ROWS: &str = "main a[data-row]";
const LEAD_ROWS: &str = "main a[data-row='lead']";
const EDIT: &str = "main [data-act='edit']";
const NOTE: &str = "main [data-act='note']";
const NEW_LEAD: &str = "main [data-act='new-lead']";
const NEXT_PROBLEM: &str = "main [data-act='next-problem']";
const PROJECT: &str = "main [data-act='project']";
const MAP_FIND: &str = "#map-find";

/// The scopes of a page, by its path.
#[must_use]
pub fn scopes(path: &str) -> &'static [Scope] {
    let mut parts = path.trim_matches('/').split('/');
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<i64>().is_ok());
    match (parts.next(), parts.next(), parts.next()) {
        (Some("today"), None, _) | (Some("leads"), Some("list"), None) => {
            &[Scope::Rows, Scope::LeadRows]
        }
        (Some("enterprises" | "trips"), None, _) => &[Scope::Rows],
        (Some("leads"), None, _) => &[Scope::Board],
        (Some("leads"), Some("week"), None) => &[Scope::Week],
        (Some("leads"), id, None) if is_number(id) => &[Scope::Lead],
        (Some("chains"), id, None) if is_number(id) => &[Scope::Map],
        (Some("imports"), id, None) if is_number(id) => &[Scope::Import],
        _ => &[],
    }
}

/// True where keys are for typing, or are not meant for us.
pub fn is_typing(event: &KeyboardEvent) -> bool {
    event
        .target()
        .and_then(|target| target.dyn_into::<Element>().ok())
        .is_some_and(|element| {
            matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
                || element
                    .dyn_ref::<HtmlElement>()
                    .is_some_and(HtmlElement::is_content_editable)
        })
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
}

/// Whether a name in the table is the key that was pressed. Letters count without Shift, whatever Caps Lock says;
/// other characters as they come, since many stand behind Shift.
fn is_named(name: &str, pressed: &str, shift: bool) -> bool {
    if name.len() == 1 && name.as_bytes().iter().all(u8::is_ascii_alphabetic) {
        !shift && name.eq_ignore_ascii_case(pressed)
    } else {
        name == pressed
    }
}

impl Key {
    fn is_pressed(&self, event: &KeyboardEvent) -> bool {
        let pressed = event.key();
        self.any
            .iter()
            .any(|name| is_named(name, &pressed, event.shift_key()))
    }

    /// True when the page at this path has the scope.
    fn is_of(&self, path: &str) -> bool {
        self.scope == Scope::Anywhere || scopes(path).contains(&self.scope)
    }

    /// As the sheet shows it.
    #[must_use]
    pub fn caps(&self, words: Locale) -> Vec<String> {
        let name = |name: &str| match name {
            "ArrowLeft" => "←".to_owned(),
            "ArrowRight" => "→".to_owned(),
            "ArrowUp" => "↑".to_owned(),
            "ArrowDown" => "↓".to_owned(),
            "Escape" => "Esc".to_owned(),
            " " => words.key_space().to_owned(),
            one if one.len() == 1 => one.to_uppercase(),
            other => other.to_owned(),
        };
        let mut caps: Vec<String> = self.first.map(name).into_iter().collect();
        match self.reach {
            Reach::Chord | Reach::FocusChord => {
                caps.push("Ctrl".to_owned());
                caps.extend(self.any.first().map(|one| name(one)));
            }
            _ if matches!(self.act, Act::Walk | Act::AimCard) => {
                caps.extend(self.any.iter().map(|one| name(one)))
            }
            _ => caps.extend(self.any.first().map(|one| name(one))),
        }
        caps
    }
}

thread_local! {
    /// The first of two keys, and when it was pressed.
    static FIRST: Cell<Option<(&'static str, f64)>> = const { Cell::new(None) };
}

/// The first of two keys, as long as the second is waited for.
fn begun(event: &KeyboardEvent) -> Option<&'static str> {
    FIRST
        .get()
        .filter(|(_, at)| event.time_stamp() - at < SECOND_KEY)
        .map(|(name, _)| name)
}

/// True for the second of two keys: it is not for what has the focus.
fn is_second(event: &KeyboardEvent) -> bool {
    begun(event).is_some_and(|begun| {
        KEYS.iter()
            .any(|key| key.first == Some(begun) && key.is_pressed(event))
    })
}

/// What a key means to the part of a page that has the focus; the part then does it.
#[must_use]
pub fn pressed(event: &KeyboardEvent, scope: Scope) -> Option<Act> {
    let chord = event.ctrl_key() || event.meta_key();
    KEYS.iter()
        .filter(|key| key.scope == scope)
        .find(|key| match key.reach {
            Reach::Focus => !is_typing(event) && key.is_pressed(event) && !is_second(event),
            Reach::FocusChord => chord && !event.alt_key() && key.is_pressed(event),
            Reach::Page | Reach::Chord => false,
        })
        .map(|key| key.act)
}

/// Whether the key that was pressed is one of an act's, wherever the focus is.
#[must_use]
pub fn is_for(event: &KeyboardEvent, act: Act) -> bool {
    KEYS.iter()
        .any(|key| key.act == act && key.is_pressed(event))
}

fn select(selector: &str) -> Option<HtmlElement> {
    document()
        .query_selector(selector)
        .ok()
        .flatten()?
        .dyn_into()
        .ok()
}

/// Moves the focus to a part of the page as soon as it is in place, within so many frames.
pub fn focus_soon(selector: &'static str, frames: u8) {
    request_animation_frame(move || match select(selector) {
        Some(part) => {
            let _ = part.focus();
        }
        None if frames > 0 => focus_soon(selector, frames - 1),
        None => {}
    });
}

/// The keys that work on a page now: what cannot be done is not among them.
#[must_use]
pub fn offered(path: &str, may_register: bool) -> Vec<&'static Key> {
    KEYS.iter()
        .enumerate()
        .filter(|(at, key)| {
            // The same key of the page hides the one that is the same everywhere.
            let is_hidden = KEYS.iter().take(*at).any(|other| {
                other.is_of(path)
                    && other.reach == key.reach
                    && other.first == key.first
                    && other.any == key.any
            });
            key.is_of(path) && !is_hidden && is_possible(key, may_register)
        })
        .map(|(_, key)| key)
        .collect()
}

fn is_possible(key: &Key, may_register: bool) -> bool {
    let there = |selector: &str| select(selector).is_some();
    match (key.act, key.scope) {
        (Act::NewLead, _) => may_register || there(NEW_LEAD),
        (Act::NextRow | Act::PreviousRow | Act::OpenRow, _) => there(ROWS),
        (Act::Edit | Act::Note, Scope::LeadRows) => there(LEAD_ROWS),
        (Act::Edit, _) => there(EDIT),
        (Act::Project, _) => there(PROJECT),
        (Act::NextProblem, _) => there(NEXT_PROBLEM),
        (Act::Note | Act::SaveNote, _) => there(NOTE),
        (Act::MapFind, _) => there(MAP_FIND),
        (Act::MoveCard | Act::LiftCard | Act::AimCard | Act::DropCard, _) => {
            there("main .card[data-movable]")
        }
        _ => true,
    }
}

/// The rows in the order of the page.
fn rows() -> Vec<HtmlElement> {
    let mut rows = Vec::new();
    let Some(main) = select("main").map(Element::from) else {
        return rows;
    };
    let mut next = Some(main.clone());
    while let Some(element) = next {
        if element.has_attribute("data-row")
            && let Some(row) = element.dyn_ref::<HtmlElement>()
        {
            rows.push(row.clone());
        }
        next = element.first_element_child();
        let mut above = Some(element);
        // Where there is nothing below, on to the side, or to the side of what is above.
        while next.is_none()
            && let Some(element) = above.filter(|element| *element != main)
        {
            next = element.next_element_sibling();
            above = element.parent_element();
        }
    }
    rows
}

/// Moves the focus along the rows, and stays at the ends.
fn step(forward: bool) {
    let rows = rows();
    let active = document().active_element();
    let here = rows
        .iter()
        .position(|row| active.as_ref() == Some(AsRef::<Element>::as_ref(row)));
    let to = match here {
        Some(here) if forward => here + 1,
        Some(here) => here.saturating_sub(1),
        None => 0,
    };
    if let Some(row) = rows.get(to) {
        let _ = row.focus();
    }
}

/// The lead whose row has the focus.
fn lead_in_focus() -> Option<String> {
    let active = document().active_element()?;
    (active.get_attribute("data-row").as_deref() == Some("lead"))
        .then(|| active.get_attribute("href"))
        .flatten()
}

/// Listens for the keys of the shell and of the page, as long as the shell is there.
pub fn listen(shell: Shell, path: Memo<String>) {
    let navigate = use_navigate();
    let act_on = move |key: &Key| -> bool {
        let go = |href: &str| {
            navigate(href, NavigateOptions::default());
            true
        };
        let focus = |selector: &str| select(selector).map(|part| part.focus()).is_some();
        let click = |selector: &str| select(selector).map(|part| part.click()).is_some();
        match (key.act, key.scope) {
            (Act::Find, _) => {
                shell.find("");
                true
            }
            (Act::Help, _) => {
                shell.sheet.set(true);
                true
            }
            (Act::Today, _) => go("/today"),
            (Act::Board, _) => go("/leads"),
            (Act::LeadList, _) => go("/leads/list"),
            (Act::Chains, _) => go("/"),
            (Act::Enterprises, _) => go("/enterprises"),
            (Act::Trips, _) => go("/trips"),
            (Act::NewLead, _) => {
                click(NEW_LEAD)
                    || (shell.may_register.get_untracked()
                        && go(domain::find::Destination::NewLead.href()))
            }
            (Act::NextRow | Act::PreviousRow, _) => {
                step(key.act == Act::NextRow);
                true
            }
            (Act::Edit | Act::Note, Scope::LeadRows) => lead_in_focus().is_some_and(|href| {
                let what = if key.act == Act::Edit { "edit" } else { "note" };
                go(&format!("{href}?do={what}"))
            }),
            (Act::Edit, _) => click(EDIT),
            (Act::Project, _) => click(PROJECT),
            (Act::NextProblem, _) => click(NEXT_PROBLEM),
            (Act::Note, _) => focus(NOTE),
            (Act::MapFind, _) => focus(MAP_FIND),
            // The rest is done by what has the focus.
            _ => false,
        }
    };
    let handle = window_event_listener(ev::keydown, move |event| {
        if event.default_prevented() || event.is_composing() {
            return;
        }
        let path = path.get_untracked();
        let is_open = select("dialog[open]").is_some();
        let chord = (event.ctrl_key() || event.meta_key()) && !event.alt_key();
        let of_reach = |reach: Reach, first: Option<&str>| {
            KEYS.iter().find(|key| {
                key.reach == reach
                    && key.first == first
                    && key.is_of(&path)
                    && key.is_pressed(&event)
            })
        };
        if chord {
            if let Some(key) = of_reach(Reach::Chord, None) {
                event.prevent_default();
                if !is_open {
                    act_on(key);
                }
            }
            return;
        }
        if is_open || is_typing(&event) || !shell.single_keys.get_untracked() {
            return;
        }
        let begun = begun(&event);
        FIRST.set(None);
        let key = begun
            .and_then(|begun| of_reach(Reach::Page, Some(begun)))
            .or_else(|| of_reach(Reach::Page, None));
        if let Some(key) = key {
            if act_on(key) {
                event.prevent_default();
            }
        } else if let Some(begins) = KEYS.iter().find_map(|key| {
            key.first
                .filter(|first| is_named(first, &event.key(), event.shift_key()))
        }) {
            FIRST.set(Some((begins, event.time_stamp())));
        }
    });
    on_cleanup(move || handle.remove());
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_key_means_one_thing_on_a_page() {
        for path in [
            "/today",
            "/leads",
            "/leads/list",
            "/leads/12",
            "/enterprises",
            "/enterprises/3",
            "/trips",
            "/chains/1",
            "/chains/1/edit",
            "/",
        ] {
            let mut of_page = BTreeSet::new();
            for key in KEYS
                .iter()
                .filter(|key| key.scope != Scope::Anywhere && key.is_of(path))
            {
                for name in key.any {
                    let reach = format!("{:?}", key.reach);
                    assert!(of_page.insert((reach, key.first, *name)), "{path}: {name}");
                }
            }
            let mut anywhere = BTreeSet::new();
            for key in KEYS.iter().filter(|key| key.scope == Scope::Anywhere) {
                for name in key.any {
                    let reach = format!("{:?}", key.reach);
                    assert!(anywhere.insert((reach, key.first, *name)), "{name}");
                    // The first of two keys is no key by itself.
                    assert!(key.first.is_none_or(|first| first != *name));
                }
            }
        }
        let firsts: BTreeSet<&str> = KEYS.iter().filter_map(|key| key.first).collect();
        for key in KEYS
            .iter()
            .filter(|key| key.first.is_none() && key.reach == Reach::Page)
        {
            assert!(key.any.iter().all(|name| !firsts.contains(name)));
        }
    }

    #[test]
    fn pages_have_the_keys_of_their_kind() {
        assert_eq!(scopes("/today"), [Scope::Rows, Scope::LeadRows]);
        assert_eq!(scopes("/leads"), [Scope::Board]);
        assert_eq!(scopes("/leads/list"), [Scope::Rows, Scope::LeadRows]);
        assert_eq!(scopes("/leads/12"), [Scope::Lead]);
        assert_eq!(scopes("/chains/1"), [Scope::Map]);
        assert_eq!(scopes("/chains/1/edit"), []);
        assert_eq!(scopes("/chains/new"), []);
        assert_eq!(scopes("/"), []);
    }

    #[test]
    fn letters_count_without_shift_and_signs_as_they_come() {
        assert!(is_named("j", "j", false) && is_named("j", "J", false));
        assert!(!is_named("j", "J", true) && !is_named("j", "k", false));
        assert!(is_named("?", "?", true) && is_named("+", "+", true) && is_named("/", "/", false));
    }
}
