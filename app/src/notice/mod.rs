//! Notices: the bell, its panel, the page of all; a person's own settings; letters.

mod bell;
#[cfg(feature = "ssr")]
mod letter;
mod list;
mod own;

pub use bell::Bell;
#[cfg(feature = "ssr")]
pub use letter::{digest_letter, urgent_letter};
pub use list::NoticeListPage;
pub use own::OwnSettingsPage;

use domain::notice::{NoticePage, NoticeQuery, OwnSettings, OwnSettingsChange};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::error::{AppError, Encoded};

/// How many notices the person has not read, for the bell of all pages; `None` before the server has said.
#[derive(Clone, Copy)]
pub struct Unread(RwSignal<Option<u64>>);

impl Unread {
    #[must_use]
    pub fn new() -> Self {
        Self(RwSignal::new(None))
    }
}

impl Default for Unread {
    fn default() -> Self {
        Self::new()
    }
}

fn use_unread() -> Unread {
    use_context::<Unread>().unwrap_or_default()
}

/// How many notices the person has not read.
///
/// # Errors
/// The use case's problem.
#[server(name = UnreadNoticesRequest, prefix = "/api", endpoint = "unread_notices", input = Json)]
pub async fn unread_notices() -> Result<u64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.unread_notices(&actor).await)
}

/// The latest notices.
///
/// # Errors
/// The use case's problem.
#[server(name = LatestNoticesRequest, prefix = "/api", endpoint = "latest_notices", input = Json)]
pub async fn latest_notices() -> Result<Encoded<NoticePage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.latest_notices(&actor).await)
}

/// A page of notices.
///
/// # Errors
/// The use case's problem.
#[server(name = NoticePageRequest, prefix = "/api", endpoint = "notice_page", input = Json)]
pub async fn notice_page(query: NoticeQuery) -> Result<Encoded<NoticePage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.notice_page(&actor, query).await)
}

/// Marks notices as read, those named or all up to `until`, and returns how many are left.
///
/// # Errors
/// The use case's problem.
#[server(name = ReadNoticesRequest, prefix = "/api", endpoint = "read_notices", input = Json)]
pub async fn read_notices(ids: Option<Vec<i64>>, until: i64) -> Result<u64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.read_notices(&actor, ids, until).await)
}

/// The person's own settings.
///
/// # Errors
/// The use case's problem.
#[server(name = OwnSettingsRequest, prefix = "/api", endpoint = "own_settings", input = Json)]
pub async fn own_settings() -> Result<Encoded<OwnSettings>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.own_settings(&actor).await)
}

/// Changes the person's own settings.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeOwnSettingsRequest, prefix = "/api", endpoint = "change_own_settings", input = Json)]
pub async fn change_own_settings(change: OwnSettingsChange) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_own_settings(&actor, change).await)
}

/// Makes an address for the person's calendar and returns its path, which is kept nowhere.
///
/// # Errors
/// The use case's problem.
#[server(name = MakeCalendarRequest, prefix = "/api", endpoint = "make_calendar", input = Json)]
pub async fn make_calendar() -> Result<String, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    let secret = crate::server_side::answer(service.make_calendar_key(&actor).await)?;
    Ok(format!("/calendar/{secret}.ics"))
}

/// Takes the address of the person's calendar away.
///
/// # Errors
/// The use case's problem.
#[server(name = RemoveCalendarRequest, prefix = "/api", endpoint = "remove_calendar", input = Json)]
pub async fn remove_calendar() -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.remove_calendar_key(&actor).await)
}
