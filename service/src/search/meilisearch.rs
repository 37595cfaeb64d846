//! Meilisearch, through its own client. Its Chinese segmentation misses many substrings (measured: 84 of
//! 300 two-character substrings of product names find nothing), so the same character pairs that the
//! embedded engine uses are sent along in a field of their own, spelled in letters that no segmenter cuts.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use entity::search_cursor;
use meilisearch_sdk::{
    client::Client,
    errors::{Error, ErrorCode},
    indexes::Index,
    search::{MatchingStrategies, Selectors},
    settings::{LocalizedAttributes, Settings, TypoToleranceSettings},
    task_info::TaskInfo,
    tasks::Task,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use super::{
    Cursor, EnterpriseDocument, SearchEngine, SearchError, SearchHit, SearchPage, SearchRequest,
    bigrams,
};
use crate::Database;

const NAME: &str = "meilisearch";
/// The most hits that one term contributes: beyond them nobody pages, and totals are shown as "at least".
const TERM_LIMIT: usize = 1000;
const TASK_TIMEOUT: Duration = Duration::from_secs(120);

/// An index on a Meilisearch server.
pub struct MeilisearchEngine {
    client: Client,
    index: Index,
    database: Database,
}

#[derive(Serialize)]
struct Row<'a> {
    #[serde(flatten)]
    document: &'a EnterpriseDocument,
    name_pairs: String,
    product_pairs: String,
    scope_pairs: String,
}

#[derive(Deserialize)]
struct Found {
    id: i64,
}

fn failed(error: impl std::fmt::Display) -> SearchError {
    SearchError {
        engine: NAME,
        detail: error.to_string(),
    }
}

/// Spells each pair of characters with letters only: a digit or a Han character would invite the
/// segmenter. Every spelling has the same length for a character, so no spelling is a prefix of another.
fn spelled_pairs(text: &str) -> String {
    let mut spelled = String::new();
    for pair in bigrams(text) {
        if !spelled.is_empty() {
            spelled.push(' ');
        }
        for character in pair.chars() {
            for digit in format!("{:05x}", u32::from(character)).bytes() {
                let value = if digit.is_ascii_digit() {
                    digit - b'0'
                } else {
                    digit - b'a' + 10
                };
                spelled.push(char::from(b'a' + value));
            }
        }
    }
    spelled
}

/// The pairs as indexed: with each run's last character by itself, so that one character, which finds what
/// begins with it, finds what ends with it too.
fn indexed_pairs(text: &str) -> String {
    let folded = domain::text::fold(text);
    let mut spelled = spelled_pairs(text);
    for last in folded
        .split_whitespace()
        .filter_map(|run| run.chars().last())
    {
        spelled.push(' ');
        spelled.push_str(&spelled_pairs(&last.to_string()));
    }
    spelled
}

/// A quoted string in Meilisearch's filter language.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

impl MeilisearchEngine {
    /// Prepares the index on the server: settings are code, applied at every start.
    ///
    /// # Errors
    /// The address is none, or the server refuses the settings. A server that is merely down is no error
    /// here: the outbox waits for it.
    pub async fn open(
        url: &str,
        key: Option<&str>,
        index: &str,
        database: Database,
    ) -> Result<Self, SearchError> {
        let client = Client::new(url, key).map_err(failed)?;
        let engine = Self {
            index: client.index(index),
            client,
            database,
        };
        match engine.prepare().await {
            Ok(()) => {}
            Err(error) if engine.client.health().await.is_err() => {
                tracing::warn!(%error, "Meilisearch does not answer; the outbox waits for it");
            }
            Err(error) => return Err(error),
        }
        Ok(engine)
    }

    fn settings() -> Settings {
        Settings::new()
            .with_searchable_attributes([
                "name_pairs",
                "short_name",
                "name",
                "stock_code",
                "product_pairs",
                "products",
                "initials",
                "pinyin",
                "scope_pairs",
                "scope",
            ])
            .with_filterable_attributes(["province", "is_local"])
            .with_sortable_attributes(["id"])
            .with_localized_attributes([LocalizedAttributes {
                locales: vec!["cmn".to_owned()],
                attribute_patterns: ["name", "short_name", "products", "scope"]
                    .map(str::to_owned)
                    .to_vec(),
            }])
            .with_typo_tolerance(TypoToleranceSettings {
                enabled: Some(false),
                disable_on_attributes: None,
                disable_on_words: None,
                min_word_size_for_typos: None,
                ..TypoToleranceSettings::default()
            })
    }

    async fn prepare(&self) -> Result<(), SearchError> {
        if let Err(error) = self.client.get_index(&self.index.uid).await {
            if !is_missing(&error) {
                return Err(failed(error));
            }
            let task = self
                .client
                .create_index(&self.index.uid, Some("id"))
                .await
                .map_err(failed)?;
            self.wait(task).await?;
        }
        let task = self
            .index
            .set_settings(&Self::settings())
            .await
            .map_err(failed)?;
        self.wait(task).await
    }

    async fn wait(&self, task: TaskInfo) -> Result<(), SearchError> {
        let task = task
            .wait_for_completion(
                &self.client,
                Some(Duration::from_millis(20)),
                Some(TASK_TIMEOUT),
            )
            .await
            .map_err(failed)?;
        match task {
            Task::Succeeded { .. } => Ok(()),
            Task::Failed { content } => Err(failed(content.error)),
            _ => Err(failed("a task did not end in time")),
        }
    }

    async fn set_cursor(&self, cursor: Option<&Cursor>) -> Result<(), SearchError> {
        let transaction = self.database.begin().await.map_err(failed)?;
        let key = self.index.uid.clone();
        match cursor {
            None => {
                search_cursor::Entity::delete_many()
                    .filter(search_cursor::Column::Engine.eq(key))
                    .exec(&transaction)
                    .await
                    .map_err(failed)?;
            }
            Some(cursor) => {
                let now: DateTime<Utc> = Utc::now();
                search_cursor::Entity::insert(search_cursor::ActiveModel {
                    engine: Set(key),
                    last_id: Set(cursor.last_id),
                    updated_at: Set(now),
                    ..Default::default()
                })
                .on_conflict(
                    OnConflict::column(search_cursor::Column::Engine)
                        .update_columns([
                            search_cursor::Column::LastId,
                            search_cursor::Column::UpdatedAt,
                        ])
                        .to_owned(),
                )
                .exec(&transaction)
                .await
                .map_err(failed)?;
            }
        }
        transaction.commit().await.map_err(failed)
    }

    /// One term's hits with their relevance, best first.
    async fn term_hits(
        &self,
        query: &str,
        attributes: &[&str],
        filter: &str,
    ) -> Result<Vec<(i64, f64)>, SearchError> {
        let mut search = self.index.search();
        search
            .with_query(query)
            .with_limit(TERM_LIMIT)
            .with_attributes_to_search_on(attributes)
            .with_attributes_to_retrieve(Selectors::Some(&["id"]))
            .with_matching_strategy(MatchingStrategies::ALL)
            .with_show_ranking_score(true);
        if !filter.is_empty() {
            search.with_filter(filter);
        }
        let results = search.execute::<Found>().await.map_err(failed)?;
        Ok(results
            .hits
            .into_iter()
            .map(|hit| (hit.result.id, hit.ranking_score.unwrap_or_default()))
            .collect())
    }
}

fn is_missing(error: &Error) -> bool {
    matches!(error, Error::Meilisearch(answer) if answer.error_code == ErrorCode::IndexNotFound)
}

#[async_trait]
impl SearchEngine for MeilisearchEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        let local = request
            .is_local
            .map(|is_local| format!("is_local = {is_local}"))
            .unwrap_or_default();
        if request.any_of.is_empty() {
            return self.browse(&request, &local).await;
        }
        let mut relevance: HashMap<i64, f64> = HashMap::new();
        for term in &request.any_of {
            // Every word of a term must hit, each anywhere: intersect the words' hits.
            let mut of_term: Option<HashMap<i64, f64>> = None;
            for word in domain::text::fold(term).split_whitespace() {
                let mut of_word: HashMap<i64, f64> = HashMap::new();
                let pairs = spelled_pairs(word);
                // Quotation marks and a minus sign in front are commands to Meilisearch.
                let folded = word.replace('"', " ");
                let folded = folded.trim_start_matches([' ', '-']).to_owned();
                let mut looks: Vec<(f64, &str, &[&str])> = vec![
                    (2.0, &pairs, &["product_pairs"]),
                    (1.0, &folded, &["products"]),
                    (0.5, &pairs, &["scope_pairs"]),
                ];
                if request.in_names {
                    looks.push((4.0, &pairs, &["name_pairs"]));
                    looks.push((3.0, &folded, &["name", "short_name", "stock_code"]));
                    if word.is_ascii() {
                        looks.push((2.0, &folded, &["initials", "pinyin"]));
                    }
                }
                for (weight, query, attributes) in looks {
                    // An empty question is answered with everything.
                    if query.trim().is_empty() {
                        continue;
                    }
                    for (id, score) in self.term_hits(query, attributes, &local).await? {
                        let entry = of_word.entry(id).or_default();
                        *entry = entry.max(weight * score);
                    }
                }
                of_term = Some(match of_term {
                    None => of_word,
                    Some(before) => before
                        .into_iter()
                        .filter_map(|(id, score)| of_word.get(&id).map(|more| (id, score + more)))
                        .collect(),
                });
            }
            for (id, score) in of_term.unwrap_or_default() {
                *relevance.entry(id).or_default() += score;
            }
        }
        let provinces = self.provinces_of(&relevance).await?;
        let mut hits: Vec<SearchHit> = relevance
            .into_iter()
            .filter(|(id, _)| {
                request
                    .province
                    .as_ref()
                    .is_none_or(|province| provinces.get(id) == Some(province))
            })
            .map(|(id, relevance)| SearchHit { id, relevance })
            .collect();
        hits.sort_by(|one, two| {
            two.relevance
                .total_cmp(&one.relevance)
                .then(one.id.cmp(&two.id))
        });
        let total = hits.len() as u64;
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for province in provinces
            .into_values()
            .filter(|province| !province.is_empty())
        {
            *counts.entry(province).or_default() += 1;
        }
        Ok(SearchPage {
            hits: hits
                .into_iter()
                .skip(request.offset)
                .take(request.limit)
                .collect(),
            total,
            provinces: most_first(counts.into_iter().collect()),
        })
    }

    async fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        let stats = match self.index.get_stats().await {
            Ok(stats) => stats,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        let found = search_cursor::Entity::find()
            .filter(search_cursor::Column::Engine.eq(&self.index.uid))
            .one(self.database.read())
            .await
            .map_err(failed)?;
        let Some(found) = found else {
            return Ok(None);
        };
        // An index that was wiped, or restored from an older backup, holds another number of documents
        // than the database has companies.
        use sea_orm::PaginatorTrait;
        let companies = entity::enterprise::Entity::find()
            .filter(entity::enterprise::Column::Closed.eq(false))
            .count(self.database.read())
            .await
            .map_err(failed)?;
        let pending = entity::outbox::Entity::find()
            .filter(entity::outbox::Column::Id.gt(found.last_id))
            .count(self.database.read())
            .await
            .map_err(failed)?;
        if pending == 0 && stats.number_of_documents as u64 != companies {
            return Ok(None);
        }
        // The cursor lives in the database itself, so it cannot be another database's.
        let database_id = entity::setting::Entity::find()
            .filter(entity::setting::Column::Key.eq("database_id"))
            .one(self.database.read())
            .await
            .map_err(failed)?
            .and_then(|row| row.value.as_str().map(str::to_owned))
            .unwrap_or_default();
        Ok(Some(Cursor {
            database_id,
            last_id: found.last_id,
        }))
    }

    async fn clear(&self) -> Result<(), SearchError> {
        self.set_cursor(None).await?;
        self.prepare().await?;
        let task = self.index.delete_all_documents().await.map_err(failed)?;
        self.wait(task).await
    }

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        let mut tasks = Vec::new();
        if !removed.is_empty() {
            tasks.push(
                self.index
                    .delete_documents(&removed)
                    .await
                    .map_err(failed)?,
            );
        }
        for chunk in documents.chunks(2000) {
            let rows: Vec<Row<'_>> = chunk
                .iter()
                .map(|document| Row {
                    name_pairs: indexed_pairs(&format!(
                        "{} {}",
                        document.name, document.short_name
                    )),
                    product_pairs: indexed_pairs(&document.products.join(" ")),
                    scope_pairs: indexed_pairs(&document.scope),
                    document,
                })
                .collect();
            tasks.push(
                self.index
                    .add_or_replace(&rows, Some("id"))
                    .await
                    .map_err(failed)?,
            );
        }
        for task in tasks {
            self.wait(task).await?;
        }
        match cursor {
            Some(cursor) => self.set_cursor(Some(&cursor)).await,
            None => Ok(()),
        }
    }
}

impl MeilisearchEngine {
    /// Everything, in the order of ids.
    async fn browse(
        &self,
        request: &SearchRequest,
        local: &str,
    ) -> Result<SearchPage, SearchError> {
        let province = request
            .province
            .as_ref()
            .map(|province| format!("province = {}", quoted(province)));
        let filter = [Some(local.to_owned()), province]
            .into_iter()
            .flatten()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" AND ");
        let mut search = self.index.search();
        search
            .with_page(request.offset / request.limit.max(1) + 1)
            .with_hits_per_page(request.limit.max(1))
            .with_sort(&["id:asc"])
            .with_attributes_to_retrieve(Selectors::Some(&["id"]));
        if !filter.is_empty() {
            search.with_filter(&filter);
        }
        let results = search.execute::<Found>().await.map_err(failed)?;
        let mut facets = self.index.search();
        facets
            .with_limit(0)
            .with_facets(Selectors::Some(&["province"]));
        if !local.is_empty() {
            facets.with_filter(local);
        }
        let counted = facets.execute::<Found>().await.map_err(failed)?;
        let provinces = counted
            .facet_distribution
            .and_then(|mut facets| facets.remove("province"))
            .unwrap_or_default()
            .into_iter()
            .map(|(province, count)| (province, count as u64))
            .filter(|(province, _)| !province.is_empty())
            .collect();
        Ok(SearchPage {
            total: results.total_hits.unwrap_or_default() as u64,
            hits: results
                .hits
                .into_iter()
                .map(|hit| SearchHit {
                    id: hit.result.id,
                    relevance: 1.0,
                })
                .collect(),
            provinces: most_first(provinces),
        })
    }

    /// The hits' provinces, from the database, which is the truth.
    async fn provinces_of(
        &self,
        hits: &HashMap<i64, f64>,
    ) -> Result<HashMap<i64, String>, SearchError> {
        use entity::enterprise;
        use sea_orm::QuerySelect;
        let ids: Vec<i64> = hits.keys().copied().collect();
        let mut provinces = HashMap::with_capacity(ids.len());
        for chunk in ids.chunks(500) {
            let rows: Vec<(i64, Option<String>)> = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .column(enterprise::Column::Province)
                .filter(enterprise::Column::Id.is_in(chunk.iter().copied()))
                .into_tuple()
                .all(self.database.read())
                .await
                .map_err(failed)?;
            provinces.extend(
                rows.into_iter()
                    .map(|(id, province)| (id, province.unwrap_or_default())),
            );
        }
        Ok(provinces)
    }
}

fn most_first(mut provinces: Vec<(String, u64)>) -> Vec<(String, u64)> {
    provinces.sort_by(|one, two| two.1.cmp(&one.1).then(one.0.cmp(&two.0)));
    provinces
}
