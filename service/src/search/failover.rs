//! Meilisearch with the embedded engine behind it: while the server is down, slow or being filled, the embedded engine
//! answers and the answer says so.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::target::relevance::{Gram, Statistics};

use super::{
    CandidateRequest, Candidates, Cursor, EmbeddedEngine, EnterpriseDocument, Rebuild, Search,
    SearchEngine, SearchError, SearchPage, SearchRequest,
};

/// An answer that takes longer is given by the embedded engine.
const PATIENCE: Duration = Duration::from_millis(1500);
/// How long a server that failed is not asked again.
const PAUSE: Duration = Duration::from_secs(5);

/// Two engines that are fed alike; the second answers when the first does not.
pub struct FailoverEngine {
    first: Search,
    embedded: Arc<EmbeddedEngine>,
    is_ready: AtomicBool,
    failed_at: Mutex<Option<Instant>>,
}

impl FailoverEngine {
    #[must_use]
    pub fn new(first: Search, embedded: Arc<EmbeddedEngine>) -> Self {
        Self {
            first,
            embedded,
            // Until the feed has looked: an index that was just made answers with nothing.
            is_ready: AtomicBool::new(false),
            failed_at: Mutex::new(None),
        }
    }

    /// Whether the first engine is to be asked: it holds an index, and did not fail a moment ago.
    fn is_open(&self) -> bool {
        let failed_at = *self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        self.is_ready.load(Ordering::Relaxed) && failed_at.is_none_or(|at| at.elapsed() > PAUSE)
    }

    fn note(&self, failed: Option<&SearchError>) {
        let mut failed_at = self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = failed
            && failed_at.is_none()
        {
            tracing::warn!(%error, "the embedded engine answers instead");
        }
        *failed_at = failed.map(|_| Instant::now());
    }

    /// The first engine's answer, in time and as long as it is to be asked.
    async fn first<T>(&self, asked: impl Future<Output = Result<T, SearchError>>) -> Option<T> {
        if !self.is_open() {
            return None;
        }
        let outcome = tokio::time::timeout(PATIENCE, asked)
            .await
            .unwrap_or_else(|_| {
                Err(SearchError::other(
                    self.first.name(),
                    format!("no answer within {} ms", PATIENCE.as_millis()),
                ))
            });
        self.note(outcome.as_ref().err());
        outcome.ok()
    }
}

#[async_trait]
impl SearchEngine for FailoverEngine {
    fn name(&self) -> &'static str {
        self.first.name()
    }

    fn parts(&self) -> Vec<&dyn SearchEngine> {
        vec![self.first.as_ref(), self.embedded.as_ref()]
    }

    fn set_ready(&self, part: usize, is_ready: bool) {
        if part == 0 {
            self.is_ready.store(is_ready, Ordering::Relaxed);
        }
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        if let Some(page) = self.first(self.first.search(request.clone())).await {
            return Ok(page);
        }
        let page = self.embedded.search(request).await?;
        Ok(SearchPage {
            stood_in: true,
            ..page
        })
    }

    async fn candidates(&self, request: CandidateRequest) -> Result<Candidates, SearchError> {
        if let Some(found) = self.first(self.first.candidates(request.clone())).await {
            return Ok(found);
        }
        let found = self.embedded.candidates(request).await?;
        Ok(Candidates {
            stood_in: true,
            ..found
        })
    }

    /// Counted by the embedded engine, which reads the same outbox.
    async fn statistics(&self, grams: Vec<Gram>) -> Result<Option<Statistics>, SearchError> {
        self.embedded.statistics(grams).await
    }

    async fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        self.first.cursor().await
    }

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        self.embedded
            .write(documents.clone(), removed.clone(), cursor.clone())
            .await?;
        self.first.write(documents, removed, cursor).await
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, SearchError> {
        self.first.rebuild().await
    }
}
