//! What a person's calendar feed shows, as data; the words are the reader's language's.

use chrono::{DateTime, NaiveDate, Utc};

use crate::lead::Stage;

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FeedKind {
    /// The last day on which the lead is not late in this stage.
    StageDeadline(Stage),
    /// The last day of a claim.
    ClaimEnd,
    /// A task of a lead.
    Task { title: String },
    /// A visit of a trip.
    Visit { trip: String, team: usize },
}

/// When an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FeedTime {
    /// A local day.
    Day(NaiveDate),
    Span(DateTime<Utc>, DateTime<Utc>),
}

/// One entry of a calendar feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FeedEntry {
    /// The same as long as it is about the same thing.
    pub uid: String,
    pub kind: FeedKind,
    /// The company, or what else it is about.
    pub subject: String,
    pub time: FeedTime,
    pub place: String,
    /// The page with more.
    pub href: String,
    /// When it was last changed.
    pub changed_at: DateTime<Utc>,
}

/// A person's calendar feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Feed {
    pub person: String,
    /// The tag of the person's language.
    pub locale: String,
    pub entries: Vec<FeedEntry>,
}
