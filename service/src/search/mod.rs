//! Search: one trait, two real engines, one outbox that feeds them.
//!
//! The database is the truth. An engine holds documents that can be made again from it at any time, and
//! remembers how far in the outbox it has read; a hit is looked up in the database before it is shown.

mod embedded;
mod feed;
mod meilisearch;

use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

pub use embedded::EmbeddedEngine;
pub use feed::SyncOutcome;
pub(crate) use feed::{announce, announce_rebuild};
pub use meilisearch::MeilisearchEngine;

/// The engine in use, shared by all requests.
pub type Search = Arc<dyn SearchEngine>;

/// What an engine knows of an enterprise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseDocument {
    pub id: i64,
    pub name: String,
    pub short_name: String,
    pub stock_code: String,
    pub products: Vec<String>,
    pub scope: String,
    pub province: String,
    pub is_local: bool,
    /// Full pinyin of name and short name, without tones or spaces.
    pub pinyin: String,
    /// First letters of the pinyin.
    pub initials: String,
}

/// A question to the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchRequest {
    /// Any of these hits. A term is found wherever its characters stand next to each other,
    /// whatever word segmentation makes of them.
    pub any_of: Vec<String>,
    /// Look in names, codes and pinyin as well as in products and scope.
    pub in_names: bool,
    pub province: Option<String>,
    pub is_local: Option<bool>,
    pub offset: usize,
    pub limit: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub struct SearchHit {
    pub id: i64,
    /// Larger is better; comparable within one answer only.
    pub relevance: f64,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchPage {
    pub hits: Vec<SearchHit>,
    pub total: u64,
    /// Hits by province, most first, whatever province was asked for.
    pub provinces: Vec<(String, u64)>,
}

/// How far an engine has read, and of which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub database_id: String,
    pub last_id: i64,
}

#[derive(Debug, thiserror::Error)]
#[error("{engine}: {detail}")]
pub struct SearchError {
    pub engine: &'static str,
    pub detail: String,
}

impl From<SearchError> for crate::ServiceError {
    fn from(error: SearchError) -> Self {
        Self::Search(error.to_string())
    }
}

/// What both engines promise; `tests/search_contract.rs` holds them to it.
#[async_trait]
pub trait SearchEngine: Send + Sync {
    /// "embedded" or "meilisearch".
    fn name(&self) -> &'static str;

    /// Answers a question. The page is stable: equal relevance is ordered by id.
    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError>;

    /// How far the engine has read; `None` when it holds nothing, or something that it cannot vouch for.
    async fn cursor(&self) -> Result<Option<Cursor>, SearchError>;

    /// Empties the engine. It has no cursor until documents are written.
    async fn clear(&self) -> Result<(), SearchError>;

    /// Writes and removes documents and sets the cursor, all visible to the next search.
    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError>;
}

/// Pairs of neighbouring characters of a folded text, the unit that both engines index so that a substring
/// is found even where word segmentation cuts elsewhere. White space parts runs.
pub(crate) fn bigrams(text: &str) -> Vec<String> {
    let folded = domain::text::fold(text);
    let mut pairs = Vec::new();
    for run in folded.split_whitespace() {
        let characters: Vec<char> = run.chars().collect();
        if let [single] = characters.as_slice() {
            pairs.push(single.to_string());
        }
        pairs.extend(
            characters
                .windows(2)
                .map(|pair| pair.iter().collect::<String>()),
        );
    }
    pairs
}
