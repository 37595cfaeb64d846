//! Questions to the finder that are kept under a name.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::TargetQuery;

/// Characters of a name.
pub const QUERY_NAME_LIMIT: usize = 60;
/// Questions that one person keeps.
pub const QUERY_LIMIT: usize = 100;

/// A question to be kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewTargetQuery {
    pub name: String,
    /// With the own bureau.
    pub is_shared: bool,
    pub query: TargetQuery,
}

/// What is changed of a kept question; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetQueryChange {
    pub id: i64,
    pub version: i64,
    pub name: Option<String>,
    pub is_shared: Option<bool>,
    pub query: Option<TargetQuery>,
}

/// A kept question, as the person who asks sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SavedTargetQuery {
    pub id: i64,
    pub name: String,
    pub owner: String,
    /// The bureau that it is shared with.
    pub bureau: Option<String>,
    pub query: TargetQuery,
    /// The chain and name of its node; `None` for words, and for a node that is gone.
    pub node: Option<(String, String)>,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
    pub may_write: bool,
    pub may_share: bool,
}

impl SavedTargetQuery {
    /// Whether its node was taken out of its chain since.
    #[must_use]
    pub const fn is_gone(&self) -> bool {
        self.query.node_id.is_some() && self.node.is_none()
    }
}
