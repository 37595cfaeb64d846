//! Who the server is and what we may do there: its version, and a key for our own indexes.

use domain::enterprise::EngineProblem;
use meilisearch_sdk::{
    client::Client,
    errors::{Error, ErrorCode},
    key::{Action, Key, KeyBuilder},
};

use super::NAME;
use crate::{content_mark, search::SearchError};

/// The oldest version that is worked with, as major and minor: an index's counts, by which a wiped one is noticed,
/// are read whole, and 1.13.1 was the first to give all of them. A new major may change anything.
const OLDEST: (u64, u64) = (1, 14);

impl From<Error> for SearchError {
    fn from(error: Error) -> Self {
        let problem = match code(&error) {
            // The same answer for a key that is expired, withdrawn, mistyped or for other things.
            Some(ErrorCode::InvalidApiKey) => EngineProblem::KeyRefused,
            Some(ErrorCode::MissingAuthorizationHeader) => EngineProblem::KeyMissing,
            _ => EngineProblem::Other {
                detail: error.to_string(),
            },
        };
        Self {
            engine: NAME,
            problem,
        }
    }
}

/// What the server refused with; `None` when it was not the server.
pub(super) fn code(error: &Error) -> Option<&ErrorCode> {
    match error {
        Error::Meilisearch(answer) => Some(&answer.error_code),
        _ => None,
    }
}

/// What the scoped key may do. Without any one of them a call that we make is refused; `version` is not among them,
/// because the server gives it to keys for all indexes only.
fn actions() -> Vec<Action> {
    vec![
        Action::Search,
        Action::DocumentsAdd,
        Action::DocumentsDelete,
        Action::IndexesCreate,
        Action::IndexesGet,
        Action::IndexesDelete,
        // The client has no word of its own for it.
        Action::Unknown("indexes.swap".to_owned()),
        Action::TasksGet,
        Action::SettingsUpdate,
        Action::StatsGet,
    ]
}

/// A client for the rest of the work. A key that may make keys is used to find, or make, one for these indexes alone,
/// and for nothing else; any other is used as it is.
///
/// # Errors
/// The server does not answer, is of a version that we do not know, or asks for a key that we do not have.
pub(super) async fn client(
    url: &str,
    key: Option<&str>,
    indexes: &[&str],
) -> Result<Client, SearchError> {
    // The client would panic at it: no header holds a line break.
    if key.is_some_and(|key| key.contains(char::is_control)) {
        return Err(SearchError {
            engine: NAME,
            problem: EngineProblem::KeyRefused,
        });
    }
    let given = Client::new(url, key)?;
    match given.get_version().await {
        Ok(version) => check_version(&version.pkg_version)?,
        // A key for some indexes may not ask. Whether it is good for them shows with the first question.
        Err(error) if code(&error) == Some(&ErrorCode::InvalidApiKey) => {}
        Err(error) => return Err(error.into()),
    }
    if key.is_none() {
        return Ok(given);
    }
    match scoped_key(&given, indexes).await {
        Ok(own) => Ok(Client::new(url, Some(own.key))?),
        Err(error)
            if matches!(
                code(&error),
                // It may not make keys; or the server was started without keys and takes any.
                Some(ErrorCode::InvalidApiKey | ErrorCode::MissingMasterKey)
            ) =>
        {
            Ok(given)
        }
        Err(error) => Err(error.into()),
    }
}

/// The key of these indexes: always the same one, so that a server holds one however often we start.
async fn scoped_key(given: &Client, indexes: &[&str]) -> Result<Key, Error> {
    let uid = key_uid(indexes);
    match given.get_key(&uid).await {
        Ok(found) if is_ours(&found, indexes) => return Ok(found),
        // Another version of this program needed other rights, and a key's rights cannot be changed.
        Ok(found) => given.delete_key(&found.uid).await?,
        Err(error) if code(&error) == Some(&ErrorCode::ApiKeyNotFound) => {}
        Err(error) => return Err(error),
    }
    let mut key = KeyBuilder::new();
    key.with_uid(&uid)
        .with_name("Wutong")
        .with_description("Made by Wutong for its own indexes; made again when it is deleted")
        .with_actions(actions())
        .with_indexes(indexes);
    let made = given.create_key(&key).await?;
    tracing::info!(%uid, ?indexes, "made a Meilisearch key for our own indexes");
    Ok(made)
}

fn is_ours(key: &Key, indexes: &[&str]) -> bool {
    let actions = actions();
    key.expires_at.is_none()
        && key.actions.len() == actions.len()
        && actions.iter().all(|action| key.actions.contains(action))
        && key.indexes.len() == indexes.len()
        && indexes
            .iter()
            .all(|index| key.indexes.iter().any(|known| known == index))
}

/// A UUID of the eighth version, which is for one's own making, out of the names of the indexes.
fn key_uid(indexes: &[&str]) -> String {
    let mark = content_mark(format!("Wutong key {}", indexes.join(" ")).as_bytes());
    let mut uid = String::new();
    for (place, digit) in mark.chars().enumerate() {
        if matches!(place, 8 | 12 | 16 | 20) {
            uid.push('-');
        }
        // Where the version and the variant stand.
        uid.push(if matches!(place, 12 | 16) { '8' } else { digit });
    }
    uid
}

fn check_version(found: &str) -> Result<(), SearchError> {
    let mut parts = found
        .split('.')
        .map(|part| part.parse::<u64>().unwrap_or_default());
    let (major, minor) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    if major == OLDEST.0 && minor >= OLDEST.1 {
        return Ok(());
    }
    Err(SearchError {
        engine: NAME,
        problem: EngineProblem::Version {
            found: found.to_owned(),
            oldest: format!("{}.{}", OLDEST.0, OLDEST.1),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_from_the_oldest_on_and_of_its_major_are_worked_with() {
        for found in ["1.14.0", "1.50.0", "1.14.0-rc.1", "1.100.2"] {
            assert!(check_version(found).is_ok(), "{found}");
        }
        for found in ["0.30.5", "1.13.3", "2.0.0", "", "new", "1", "-1.20", "1.x"] {
            assert_eq!(
                check_version(found).unwrap_err().problem,
                EngineProblem::Version {
                    found: found.to_owned(),
                    oldest: "1.14".to_owned()
                }
            );
        }
    }

    #[test]
    fn a_key_has_the_same_uuid_for_the_same_indexes() {
        let uid = key_uid(&["enterprises", "enterprises_beside"]);
        assert_eq!(uid, key_uid(&["enterprises", "enterprises_beside"]));
        assert_ne!(uid, key_uid(&["other", "other_beside"]));
        let lengths: Vec<usize> = uid.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12]);
    }

    #[tokio::test]
    async fn a_key_that_no_header_can_hold_is_a_refused_one() {
        let error = client("http://127.0.0.1:9", Some("a\nb"), &["enterprises"])
            .await
            .map(|_| ())
            .unwrap_err();
        assert_eq!(error.problem, EngineProblem::KeyRefused);
    }
}
