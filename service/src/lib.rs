//! Use cases of Wutong over the database and the search engine.
//!
//! Each use case is a method of [`Service`]: it checks the permission, opens the transaction, asks `domain`
//! to decide, writes through `entity`, and records audit and outbox in the same transaction.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod account;
mod audit;
pub mod chain;
pub mod database;
pub mod demo;
pub mod enterprise;
mod error;
mod find;
pub mod lead;
pub mod mail;
pub mod notice;
pub mod search;
pub mod target;
pub mod trip;

use std::sync::Arc;

use tokio::sync::Notify;

use chrono::{DateTime, Duration, NaiveDate, Utc};
use domain::{
    account::{Action, Actor},
    problem::{FieldProblem, FieldProblemKind, Problem},
};

pub use account::content_mark;
pub use database::Database;
pub use error::{ServiceError, ServiceResult};
pub use find::Named;
use sea_orm::{
    ColumnTrait, Condition,
    sea_query::{Expr, ExprTrait},
};
use search::{FeedProblems, Search};

/// Where the time comes from, so that tests can set it.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// The use cases, ready to be called from many requests at once.
#[derive(Clone)]
pub struct Service {
    pub(crate) database: Database,
    pub(crate) search: Search,
    pub(crate) clock: Clock,
    pub(crate) chain_cache: chain::ChainCache,
    pub(crate) subclass_cache: chain::SubclassCache,
    pub(crate) reference_cache: chain::ReferenceCache,
    pub(crate) supply_cache: target::SupplyCache,
    /// Whether this program sends mail: people are not asked what they want to be mailed by one that does not.
    pub(crate) sends_mail: bool,
    /// Rung when the atlas has work that its next round should not wait for.
    atlas_bell: Arc<Notify>,
    feed_problems: FeedProblems,
    pub(crate) trip_searches: trip::TripSearches,
}

impl Service {
    #[must_use]
    pub fn new(database: Database, search: Search, clock: Clock) -> Self {
        Self {
            database,
            search,
            clock,
            chain_cache: chain::ChainCache::default(),
            subclass_cache: chain::SubclassCache::default(),
            reference_cache: chain::ReferenceCache::default(),
            supply_cache: target::SupplyCache::default(),
            sends_mail: false,
            atlas_bell: Arc::default(),
            feed_problems: FeedProblems::default(),
            trip_searches: trip::TripSearches::default(),
        }
    }

    /// The same use cases for a program that sends mail, or does not.
    #[must_use]
    pub const fn with_mail(mut self, sends_mail: bool) -> Self {
        self.sends_mail = sends_mail;
        self
    }

    /// Waits until there is work for [`Service::keep_atlas`] that somebody on this server waits for.
    pub async fn atlas_rings(&self) {
        self.atlas_bell.notified().await;
    }

    pub(crate) fn wake_atlas(&self) {
        self.atlas_bell.notify_one();
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        (self.clock)()
    }

    /// The zone's local date. China keeps one time, eight hours ahead of UTC.
    #[must_use]
    pub fn today(&self) -> NaiveDate {
        local_date(self.now())
    }

    #[must_use]
    pub const fn search(&self) -> &Search {
        &self.search
    }

    #[must_use]
    pub const fn database(&self) -> &Database {
        &self.database
    }
}

/// PostgreSQL takes no text with a NUL character, and nobody types one.
pub(crate) fn without_nul(text: &mut String) {
    text.retain(|character| character != '\0');
}

/// A text that a person typed, trimmed and without what no database takes. Longer than `limit` characters, it is named
/// in `fields` under `field`.
pub(crate) fn clean_text(
    field: &str,
    mut text: String,
    limit: usize,
    fields: &mut Vec<FieldProblem>,
) -> String {
    without_nul(&mut text);
    let text = text.trim().to_owned();
    if text.chars().count() > limit {
        fields.push(FieldProblem::new(
            field,
            FieldProblemKind::TooLong { limit },
        ));
    }
    text
}

/// The same for a text that must be there.
pub(crate) fn needed_text(
    field: &str,
    text: String,
    limit: usize,
    fields: &mut Vec<FieldProblem>,
) -> String {
    let text = clean_text(field, text, limit, fields);
    if text.is_empty() {
        fields.push(FieldProblem::new(field, FieldProblemKind::Required));
    }
    text
}

/// Hours of China's one time zone.
const ZONE_HOURS: i64 = 8;

/// The zone's local date of an instant.
#[must_use]
pub fn local_date(instant: DateTime<Utc>) -> NaiveDate {
    (instant + Duration::hours(ZONE_HOURS)).date_naive()
}

/// The zone's local time of day of an instant.
#[must_use]
pub(crate) fn local_time(instant: DateTime<Utc>) -> chrono::NaiveTime {
    (instant + Duration::hours(ZONE_HOURS)).time()
}

/// The instant at which a local day begins.
#[must_use]
pub fn local_midnight(date: NaiveDate) -> DateTime<Utc> {
    (date.and_time(chrono::NaiveTime::MIN) - Duration::hours(ZONE_HOURS)).and_utc()
}

/// The records that a person asks for, as a condition on the column that names their bureau: those of the bureau that
/// is named; without one all for those who read every bureau, else those of the person's own.
///
/// # Errors
/// As [`require`], for the right that `action` makes of a bureau.
pub(crate) fn of_bureau(
    actor: &Actor,
    asked: Option<i64>,
    column: impl ColumnTrait,
    action: fn(i64) -> Action,
) -> Result<Condition, Problem> {
    let bureau_id = match asked {
        None if actor.reads_every_bureau() => return Ok(Condition::all()),
        None => actor.bureau_id,
        Some(bureau_id) => Some(bureau_id),
    };
    let Some(bureau_id) = bureau_id else {
        return Ok(nothing());
    };
    require(actor, action(bureau_id))?;
    Ok(Condition::all().add(column.eq(bureau_id)))
}

/// Lets no row through, which an empty condition would not do.
pub(crate) fn nothing() -> Condition {
    Condition::all().add(Expr::value(1).eq(0))
}

/// The only place where a right is asked for.
///
/// # Errors
/// [`Problem::Forbidden`] for an act that the person may see but not do; [`Problem::NotFound`] for a
/// record that the person may not even see.
pub(crate) fn require(actor: &Actor, action: Action) -> Result<(), Problem> {
    if actor.may(action) {
        return Ok(());
    }
    Err(match action {
        Action::ReadLead { .. } | Action::ReadTrip { .. } => Problem::NotFound,
        Action::WriteLead { bureau_id } | Action::NoteLead { bureau_id }
            if !actor.may(Action::ReadLead { bureau_id }) =>
        {
            Problem::NotFound
        }
        Action::ReadView { .. } => Problem::NotFound,
        Action::WriteView {
            account_id,
            bureau_id,
            for_everybody,
        } if !actor.may(Action::ReadView {
            account_id,
            bureau_id,
            for_everybody,
        }) =>
        {
            Problem::NotFound
        }
        Action::WriteTrip { bureau_id } if !actor.may(Action::ReadTrip { bureau_id }) => {
            Problem::NotFound
        }
        _ => Problem::Forbidden,
    })
}
