//! Finding anything from anywhere, the keys of the whole program, and what was opened last.

mod dialog;
pub mod keys;
mod sheet;

pub use dialog::Finder;
pub use sheet::KeySheet;

use domain::find::{Found, FoundKind, RECENT};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    account::use_actor,
    component::storage,
    error::{AppError, Encoded},
};

/// What fits a text; for an empty one what was opened last.
///
/// # Errors
/// The use case's problem.
#[server(name = FindRequest, prefix = "/api", endpoint = "find", input = Json)]
pub async fn find(text: String, opened: Vec<(FoundKind, i64)>) -> Result<Encoded<Found>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    let names = names();
    crate::server_side::answer_page(if text.trim().is_empty() {
        service.opened_last(&actor, &opened, &names).await
    } else {
        service.find(&actor, &text, &names).await
    })
}

/// Pages and actions with what people call them, in the reader's language first.
#[cfg(feature = "ssr")]
fn names() -> Vec<service::Named> {
    use crate::words::Locale;
    let here = Locale::current();
    domain::find::Destination::ALL
        .into_iter()
        .map(|destination| {
            let mut names = vec![here.destination(destination).to_owned()];
            for locale in [Locale::ZhCn, Locale::En] {
                names.push(locale.destination(destination).to_owned());
                names.extend(
                    locale
                        .destination_also(destination)
                        .split('|')
                        .filter(|name| !name.is_empty())
                        .map(str::to_owned),
                );
            }
            (destination, names)
        })
        .collect()
}

/// What the shell's keys and its two dialogs share.
#[derive(Clone, Copy)]
pub struct Shell {
    /// Open, with the text that it begins with.
    pub finder: RwSignal<Option<String>>,
    pub sheet: RwSignal<bool>,
    /// Whether keys without Ctrl count. A person may turn them off.
    pub single_keys: RwSignal<bool>,
    pub account: RwSignal<Option<i64>>,
    /// Whether the person registers leads of an own bureau. A convenience: the page behind it asks for the right.
    pub may_register: RwSignal<bool>,
}

impl Shell {
    pub fn find(self, text: &str) {
        if self.finder.with_untracked(Option::is_none) {
            self.finder.set(Some(text.to_owned()));
        }
    }
}

// Both keys carry the account, so that people who share a computer do not share these.
fn recent_key(account: i64) -> String {
    format!("wutong-recent-{account}")
}

fn switch_key(account: i64) -> String {
    format!("wutong-keys-{account}")
}

/// Kinds that are remembered, by the first part of their addresses.
const REMEMBERED: [(&str, FoundKind); 4] = [
    ("leads", FoundKind::Lead),
    ("enterprises", FoundKind::Enterprise),
    ("trips", FoundKind::Trip),
    ("chains", FoundKind::Chain),
];

/// The record that an address shows, when it shows one.
fn record_at(path: &str) -> Option<(&str, i64)> {
    let (folder, id) = path.trim_matches('/').split_once('/')?;
    REMEMBERED
        .iter()
        .any(|(known, _)| *known == folder)
        .then_some((folder, id.parse().ok()?))
}

/// The list as it is kept, `leads/12 chains/3`: addresses only, so that no name of a record lies on the computer.
fn with_record(kept: &str, folder: &str, id: i64) -> String {
    let first = format!("{folder}/{id}");
    std::iter::once(first.as_str())
        .chain(kept.split(' ').filter(|one| *one != first))
        .take(RECENT)
        .collect::<Vec<_>>()
        .join(" ")
        .trim_end()
        .to_owned()
}

/// What was opened last, the latest first.
fn opened(account: Option<i64>) -> Vec<(FoundKind, i64)> {
    let kept = account
        .and_then(|account| storage()?.get_item(&recent_key(account)).ok()?)
        .unwrap_or_default();
    kept.split(' ')
        .filter_map(|one| {
            let (folder, id) = record_at(one)?;
            let (_, kind) = REMEMBERED.iter().find(|(known, _)| *known == folder)?;
            Some((*kind, id))
        })
        .collect()
}

/// Forgets what was opened: whoever signs out leaves nothing behind.
pub fn forget_opened(shell: Shell) {
    if let (Some(account), Some(storage)) = (shell.account.get_untracked(), storage()) {
        let _ = storage.remove_item(&recent_key(account));
    }
}

/// Turns keys without Ctrl on or off, for this person on this computer.
fn keep_single_keys(shell: Shell, is_on: bool) {
    shell.single_keys.set(is_on);
    if let (Some(account), Some(storage)) = (shell.account.get_untracked(), storage()) {
        let _ = if is_on {
            storage.remove_item(&switch_key(account))
        } else {
            storage.set_item(&switch_key(account), "off")
        };
    }
}

/// Makes the shell's part of finding and keys: the keys listen, and what is opened is remembered.
pub fn provide_shell(path: Memo<String>) -> Shell {
    let shell = Shell {
        finder: RwSignal::new(None),
        sheet: RwSignal::new(false),
        single_keys: RwSignal::new(true),
        account: RwSignal::new(None),
        may_register: RwSignal::new(false),
    };
    provide_context(shell);
    keys::listen(shell, path);
    let actor = use_actor();
    Effect::new(move |_| {
        let Some(Ok(Some(actor))) = actor.get() else {
            return;
        };
        shell
            .may_register
            .set(domain::find::Destination::NewLead.is_open_to(&actor));
        shell.account.set(Some(actor.account_id));
        let kept = storage()
            .and_then(|storage| storage.get_item(&switch_key(actor.account_id)).ok())
            .flatten();
        shell.single_keys.set(kept.as_deref() != Some("off"));
    });
    Effect::new(move |_| {
        let path = path.get();
        if let (Some(account), Some((folder, id)), Some(storage)) =
            (shell.account.get(), record_at(&path), storage())
        {
            let key = recent_key(account);
            let kept = storage.get_item(&key).ok().flatten().unwrap_or_default();
            let _ = storage.set_item(&key, &with_record(&kept, folder, id));
        }
    });
    shell
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_remembered_by_their_address_the_latest_first() {
        assert_eq!(record_at("/leads/12"), Some(("leads", 12)));
        for none in [
            "/leads",
            "/leads/list",
            "/leads/12/x",
            "/imports/3",
            "/",
            "leads/",
        ] {
            assert_eq!(record_at(none), None, "{none}");
        }
        let mut kept = String::new();
        for id in 1..=12 {
            kept = with_record(&kept, "leads", id);
        }
        kept = with_record(&kept, "leads", 5);
        assert_eq!(
            kept,
            "leads/5 leads/12 leads/11 leads/10 leads/9 leads/8 leads/7 leads/6 leads/4 leads/3"
        );
        assert_eq!(kept.split(' ').count(), RECENT);
        assert_eq!(with_record("", "chains", 1), "chains/1");
    }
}
