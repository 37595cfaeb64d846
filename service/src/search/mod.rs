//! Search: one trait, two real engines, one outbox that feeds them.
//!
//! The database is the truth. An engine holds documents that can be made again from it at any time, and
//! remembers how far in the outbox it has read; a hit is looked up in the database before it is shown.

mod embedded;
mod failover;
mod feed;
mod meilisearch;
mod rank;

use std::sync::Arc;

use async_trait::async_trait;
use domain::{
    enterprise::{DirectoryFilter, EngineProblem, Facets, SizeBand},
    region::Area,
    target::relevance::{Gram, Statistics},
};
use serde::{Deserialize, Serialize};

pub use embedded::EmbeddedEngine;
pub use failover::FailoverEngine;
pub use feed::SyncOutcome;
pub use feed::profile;
pub(crate) use feed::{FeedProblems, announce, announce_rebuild};
pub use meilisearch::MeilisearchEngine;
pub use rank::{ProfileSource, TextRanking, TextRequest, rank_by_text};

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
    /// Business scope, tags and places of business.
    pub scope: String,
    pub province: String,
    pub city: String,
    pub industry: String,
    pub sw_industry: String,
    pub tags: Vec<String>,
    pub revenue_wan: Option<i64>,
    pub is_local: bool,
    /// Full pinyin of name and short name, without tones or spaces; behind it the English name and the credit code, which are
    /// typed with the same keys.
    pub pinyin: String,
    /// First letters of the pinyin.
    pub initials: String,
    /// Length of its [`domain::target::relevance::Profile`].
    pub profile_length: f64,
}

impl EnterpriseDocument {
    fn area(&self) -> Area {
        Area::of(Some(&self.province), Some(&self.city))
    }

    const fn size(&self) -> SizeBand {
        SizeBand::of(self.revenue_wan)
    }

    fn is_listed(&self) -> bool {
        !self.stock_code.is_empty()
    }
}

/// A question to the engine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SearchRequest {
    /// Any of these hits. A term is found wherever its characters stand next to each other,
    /// whatever word segmentation makes of them.
    pub any_of: Vec<String>,
    /// Look in names, codes and pinyin as well as in products and scope.
    pub in_names: bool,
    pub filter: DirectoryFilter,
    pub offset: usize,
    pub limit: usize,
    /// The first hits and nothing else: no facets, and as the total only whether there are more. For what is asked with
    /// every key that is pressed.
    pub hits_only: bool,
}

/// Companies that may fit a question, to be read and ranked by what they make.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CandidateRequest {
    /// Grams with their weights; a company with any of them may fit.
    pub grams: Vec<(Gram, f64)>,
    pub filter: DirectoryFilter,
    pub limit: usize,
}

/// Companies that may fit, roughly best first.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Candidates {
    pub ids: Vec<i64>,
    /// Whether the engine that answered was not the one that should.
    pub stood_in: bool,
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
    pub facets: Facets,
    /// The name of the engine that answered.
    pub engine: &'static str,
    /// Whether that was not the one that should: it is down, or slow, or being filled.
    pub stood_in: bool,
}

/// How far an engine has read, and of which database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub database_id: String,
    pub last_id: i64,
}

#[derive(Clone, Debug, thiserror::Error)]
#[error("{engine}: {problem}")]
pub struct SearchError {
    pub engine: &'static str,
    pub problem: EngineProblem,
}

impl SearchError {
    /// What has no kind of its own, in the engine's words.
    pub(crate) fn other(engine: &'static str, detail: impl std::fmt::Display) -> Self {
        Self {
            engine,
            problem: EngineProblem::Other {
                detail: detail.to_string(),
            },
        }
    }
}

/// What both engines promise; `tests/search_contract.rs` holds them to it.
#[async_trait]
pub trait SearchEngine: Send + Sync {
    /// "embedded" or "meilisearch".
    fn name(&self) -> &'static str;

    /// The engines that are fed, each with a cursor of its own; the first is the one that should answer.
    fn parts(&self) -> Vec<&dyn SearchEngine>;

    /// Hears from the feed whether one of the [`Self::parts`] holds what it should.
    fn set_ready(&self, _part: usize, _is_ready: bool) {}

    /// Answers a question. The page is stable: equal relevance is ordered by id.
    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError>;

    /// The companies that share most with the grams, roughly best first.
    async fn candidates(&self, request: CandidateRequest) -> Result<Candidates, SearchError>;

    /// How often grams are in the directory; `None` from an engine that cannot count them.
    async fn statistics(&self, grams: Vec<Gram>) -> Result<Option<Statistics>, SearchError>;

    /// How far the engine has read; `None` when it holds nothing, or something that it cannot vouch for.
    async fn cursor(&self) -> Result<Option<Cursor>, SearchError>;

    /// Writes and removes documents and sets the cursor, all visible to the next search.
    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError>;

    /// Begins an index beside the one that answers, which goes on answering until the new one is finished. Nothing else
    /// is written meanwhile.
    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, SearchError>;
}

/// An index that is being made. Dropped before it is finished, it leaves nothing.
#[async_trait]
pub trait Rebuild: Send {
    async fn add(&mut self, documents: Vec<EnterpriseDocument>) -> Result<(), SearchError>;

    /// Puts the new index in the place of the old one.
    async fn finish(self: Box<Self>, cursor: Cursor) -> Result<(), SearchError>;
}

/// Text as both sides of every comparison have it.
pub(crate) fn folded(text: &str) -> String {
    domain::text::fold(&crate::find::simplified(text))
}

/// Pairs of neighbouring characters of a folded text, the unit that both engines index so that a substring
/// is found even where word segmentation cuts elsewhere. White space parts runs.
pub(crate) fn bigrams(text: &str) -> Vec<String> {
    let folded = folded(text);
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

/// A place as the indexes keep it.
pub(crate) fn place_key(area: &Area) -> String {
    format!("{}/{}", area.province, area.city)
}

pub(crate) fn place_of(key: &str) -> Area {
    let (province, city) = key.split_once('/').unwrap_or((key, ""));
    Area {
        province: province.to_owned(),
        city: city.to_owned(),
    }
}
