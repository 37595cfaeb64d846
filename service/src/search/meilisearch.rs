//! Meilisearch, through its own client. Its Chinese segmentation misses many substrings (measured: 84 of
//! 300 two-character substrings of product names find nothing), so the same character pairs that the
//! embedded engine uses are sent along in a field of their own, spelled in letters that no segmenter cuts.

mod access;

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use entity::search_cursor;
use meilisearch_sdk::{
    client::{Client, SwapIndexes},
    errors::{Error, ErrorCode},
    indexes::Index,
    search::{FederationOptions, MatchingStrategies, MergeFacets, Selectors},
    settings::{
        FacetingSettings, LocalizedAttributes, PaginationSetting, Settings, TypoToleranceSettings,
    },
    task_info::TaskInfo,
    tasks::Task,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, sea_query::OnConflict};
use serde::{Deserialize, Serialize};

use domain::{
    enterprise::{DirectoryFilter, EngineProblem, Facets, SizeBand, most_first},
    target::relevance::{Gram, Statistics},
};

use super::{
    CandidateRequest, Candidates, Cursor, EnterpriseDocument, Rebuild, SearchEngine, SearchError,
    SearchHit, SearchPage, SearchRequest, bigrams, folded, place_key, place_of,
};
use crate::{Database, content_mark};

const NAME: &str = "meilisearch";
/// Hits that can be paged through.
const MOST_HITS: usize = 20_000;
/// Values of a facet that are counted: there are some 340 cities and 1,400 industries.
const FACET_VALUES: usize = 5_000;
/// Pairs that candidates are looked for by, and the most that one of them brings.
const CANDIDATE_PAIRS: usize = 24;
const CANDIDATES_OF_PAIR: usize = 300;
const TASK_TIMEOUT: Duration = Duration::from_secs(120);
const TASK_INTERVAL: Duration = Duration::from_millis(20);
/// Version and key are asked for while others wait; a server that is slower than this is one that does not answer.
const CONNECTING: Duration = Duration::from_secs(10);
/// Changes when what a [`Row`] holds does; an index of other rows is made anew.
const ROWS: &str = "1";

/// An index on a Meilisearch server.
pub struct MeilisearchEngine {
    url: String,
    key: Option<String>,
    index: String,
    database: Database,
    /// `None` until the server has answered, and again after it failed.
    session: tokio::sync::Mutex<Option<Session>>,
}

/// A server that is known to be of a version that fits, and a key that it took.
#[derive(Clone)]
struct Session {
    client: Client,
    index: Index,
    database: Database,
}

#[derive(Serialize)]
struct Row<'a> {
    id: i64,
    name: &'a str,
    short_name: &'a str,
    stock_code: &'a str,
    products: &'a [String],
    province: String,
    place: String,
    industry: &'a str,
    sw_industry: &'a str,
    tags: &'a [String],
    size: &'static str,
    is_listed: bool,
    is_local: bool,
    name_pairs: String,
    product_pairs: String,
    scope_pairs: String,
    latin_pairs: String,
}

impl<'a> Row<'a> {
    fn of(document: &'a EnterpriseDocument) -> Self {
        let area = document.area();
        Self {
            id: document.id,
            name: &document.name,
            short_name: &document.short_name,
            stock_code: &document.stock_code,
            products: &document.products,
            place: place_key(&area),
            province: area.province,
            industry: &document.industry,
            sw_industry: &document.sw_industry,
            tags: &document.tags,
            size: document.size().key(),
            is_listed: document.is_listed(),
            is_local: document.is_local,
            name_pairs: indexed_pairs(&format!("{} {}", document.name, document.short_name)),
            product_pairs: indexed_pairs(&document.products.join(" ")),
            scope_pairs: indexed_pairs(&document.scope),
            latin_pairs: indexed_pairs(&format!(
                "{} {} {}",
                document.stock_code, document.initials, document.pinyin
            )),
        }
    }
}

/// A group of a filter, and what it is counted by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Place,
    Industry,
    SwIndustry,
    Tag,
    Size,
    Listed,
    Local,
}

impl Group {
    const ALL: [Self; 7] = [
        Self::Place,
        Self::Industry,
        Self::SwIndustry,
        Self::Tag,
        Self::Size,
        Self::Listed,
        Self::Local,
    ];

    const fn attribute(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Industry => "industry",
            Self::SwIndustry => "sw_industry",
            Self::Tag => "tags",
            Self::Size => "size",
            Self::Listed => "is_listed",
            Self::Local => "is_local",
        }
    }

    /// Its part of a filter, empty when it narrows nothing.
    fn condition(self, filter: &DirectoryFilter) -> String {
        let any = |attribute: &str, values: &[String]| {
            let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
            format!("{attribute} IN [{}]", values.join(", "))
        };
        match self {
            Self::Place if filter.has_places() => {
                let (mut provinces, mut places) = (Vec::new(), Vec::new());
                for area in filter.all_areas() {
                    if area.city.is_empty() {
                        provinces.push(area.province);
                    } else {
                        places.push(place_key(&area));
                    }
                }
                format!(
                    "({} OR {})",
                    any("province", &provinces),
                    any("place", &places)
                )
            }
            Self::Industry if !filter.industries.is_empty() => any("industry", &filter.industries),
            Self::SwIndustry if !filter.sw_industries.is_empty() => {
                any("sw_industry", &filter.sw_industries)
            }
            Self::Tag if !filter.tags.is_empty() => any("tags", &filter.tags),
            Self::Size if !filter.sizes.is_empty() => {
                let keys: Vec<String> = filter
                    .sizes
                    .iter()
                    .map(|band| band.key().to_owned())
                    .collect();
                any("size", &keys)
            }
            Self::Listed => filter
                .is_listed
                .map(|wanted| format!("is_listed = {wanted}"))
                .unwrap_or_default(),
            Self::Local => filter
                .is_local
                .map(|wanted| format!("is_local = {wanted}"))
                .unwrap_or_default(),
            Self::Place | Self::Industry | Self::SwIndustry | Self::Tag | Self::Size => {
                String::new()
            }
        }
    }
}

/// A filter in Meilisearch's language, without one of its groups.
fn condition(filter: &DirectoryFilter, without: Option<Group>) -> String {
    Group::ALL
        .into_iter()
        .filter(|group| Some(*group) != without)
        .map(|group| group.condition(filter))
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" AND ")
}

type Distribution = HashMap<String, HashMap<String, usize>>;

/// What is asked of the index: each with the attributes that it is looked for in.
type Asked = Vec<(String, &'static [&'static str])>;

/// Counts from a distribution; a group that has one of its own is taken from there.
fn facets(found: &Distribution) -> Facets {
    let counts = |group: Group| {
        found
            .get(group.attribute())
            .into_iter()
            .flatten()
            .map(|(value, count)| (value.as_str(), *count as u64))
    };
    let flag = |group: Group, wanted: &str| {
        counts(group)
            .find(|(value, _)| *value == wanted)
            .map_or(0, |(_, count)| count)
    };
    let words = |group: Group| {
        most_first(
            counts(group)
                .filter(|(word, _)| !word.is_empty())
                .map(|(word, count)| (word.to_owned(), count)),
        )
    };
    Facets {
        areas: most_first(counts(Group::Place).map(|(key, count)| (place_of(key), count))),
        industries: words(Group::Industry),
        sw_industries: words(Group::SwIndustry),
        tags: words(Group::Tag),
        sizes: SizeBand::ALL
            .into_iter()
            .map(|band| (band, flag(Group::Size, band.key())))
            .collect(),
        listed: flag(Group::Listed, "true"),
        not_listed: flag(Group::Listed, "false"),
        local: flag(Group::Local, "true"),
        not_local: flag(Group::Local, "false"),
    }
}

#[derive(Deserialize)]
struct Found {
    id: i64,
}

fn failed(error: impl std::fmt::Display) -> SearchError {
    SearchError::other(NAME, error)
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
    let folded = folded(text);
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

/// The index that is filled beside the one that answers.
fn beside(index: &str) -> String {
    format!("{index}_beside")
}

impl MeilisearchEngine {
    /// An index on a server, which need not answer yet: the outbox waits for it, and whoever asks hears why it does not.
    pub async fn open(url: &str, key: Option<&str>, index: &str, database: Database) -> Self {
        let engine = Self {
            url: url.to_owned(),
            key: key.map(str::to_owned),
            index: index.to_owned(),
            database,
            session: tokio::sync::Mutex::default(),
        };
        if let Err(error) = engine.session().await {
            tracing::warn!(%error, "Meilisearch cannot be used yet; the outbox waits for it");
        }
        engine
    }

    async fn session(&self) -> Result<Session, SearchError> {
        let mut held = self.session.lock().await;
        if let Some(session) = held.as_ref() {
            return Ok(session.clone());
        }
        let beside = beside(&self.index);
        let indexes = [self.index.as_str(), beside.as_str()];
        let asked = access::client(&self.url, self.key.as_deref(), &indexes);
        let client = tokio::time::timeout(CONNECTING, asked)
            .await
            .map_err(|_| failed(format!("no answer within {} s", CONNECTING.as_secs())))??;
        let session = Session {
            index: client.index(&self.index),
            client,
            database: self.database.clone(),
        };
        *held = Some(session.clone());
        Ok(session)
    }

    /// Passes an outcome on. After a failure that may come of another server or a withdrawn key, version and key are
    /// asked for again before the next question.
    async fn heard<T>(&self, outcome: Result<T, SearchError>) -> Result<T, SearchError> {
        let is_lost = matches!(
            &outcome,
            Err(error) if !matches!(error.problem, EngineProblem::TaskFailed { .. })
        );
        if is_lost {
            *self.session.lock().await = None;
        }
        outcome
    }
}

/// The settings are code.
fn settings() -> Settings {
    Settings::new()
        .with_searchable_attributes([
            "name_pairs",
            "short_name",
            "name",
            "stock_code",
            "product_pairs",
            "products",
            "latin_pairs",
            "scope_pairs",
        ])
        .with_filterable_attributes([
            "id",
            "province",
            "place",
            "industry",
            "sw_industry",
            "tags",
            "size",
            "is_listed",
            "is_local",
        ])
        .with_sortable_attributes(["id"])
        .with_displayed_attributes(["id"])
        // Equal hits in the order of their ids, after everything that says how well they fit.
        .with_ranking_rules(["words", "proximity", "attribute", "exactness", "id:asc"])
        .with_pagination(PaginationSetting {
            max_total_hits: MOST_HITS,
        })
        .with_faceting(FacetingSettings {
            max_values_per_facet: FACET_VALUES,
            sort_facet_values_by: None,
        })
        .with_localized_attributes([LocalizedAttributes {
            locales: vec!["cmn".to_owned()],
            attribute_patterns: ["name", "short_name", "products"]
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

/// Which settings and rows an index was made with, to be kept beside its cursor.
fn settings_mark() -> Result<String, SearchError> {
    // Lists only, so that the text is always the same: a map is written in any order.
    let settings = serde_json::to_string(&settings()).map_err(failed)?;
    Ok(content_mark(format!("{ROWS} {settings}").as_bytes()))
}

impl Session {
    /// Makes an index of this name where there is none; it has no settings then.
    async fn ensure(&self, index: &Index) -> Result<(), SearchError> {
        match self.client.get_index(&index.uid).await {
            Ok(_) => Ok(()),
            Err(error) if is_missing(&error) => {
                let task = self.client.create_index(&index.uid, Some("id")).await?;
                self.wait(task).await
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn wait(&self, task: TaskInfo) -> Result<(), SearchError> {
        let task = task
            .wait_for_completion(&self.client, Some(TASK_INTERVAL), Some(TASK_TIMEOUT))
            .await?;
        match task {
            Task::Succeeded { .. } => Ok(()),
            Task::Failed { content } => Err(SearchError {
                engine: NAME,
                problem: EngineProblem::TaskFailed {
                    code: content.error.error_code.to_string(),
                    message: content.error.error_message,
                },
            }),
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
                    settings_mark: Set(settings_mark()?),
                    updated_at: Set(now),
                    ..Default::default()
                })
                .on_conflict(
                    OnConflict::column(search_cursor::Column::Engine)
                        .update_columns([
                            search_cursor::Column::LastId,
                            search_cursor::Column::SettingsMark,
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

    /// One federated question: the hits of any of the queries, how many there are, and their facets.
    async fn federated(
        &self,
        asked: &Asked,
        filter: &str,
        facets: &[Group],
        (offset, limit): (usize, usize),
    ) -> Result<(Vec<SearchHit>, u64, Distribution), SearchError> {
        let mut queries = self.client.multi_search();
        for (query, attributes) in asked {
            let mut search = self.index.search();
            search
                .with_query(query)
                .with_attributes_to_search_on(attributes)
                .with_attributes_to_retrieve(Selectors::Some(&["id"]))
                .with_matching_strategy(MatchingStrategies::ALL);
            if !filter.is_empty() {
                search.with_filter(filter);
            }
            queries.with_search_query(search.clone());
        }
        let wanted: Vec<String> = facets
            .iter()
            .map(|group| group.attribute().to_owned())
            .collect();
        let answer = queries
            .with_federation(FederationOptions {
                offset: Some(offset),
                limit: Some(limit),
                facets_by_index: Some(HashMap::from([(self.index.uid.clone(), wanted)])),
                merge_facets: Some(MergeFacets {
                    max_values_per_facet: Some(FACET_VALUES),
                }),
                show_performance_details: None,
            })
            .execute::<Found>()
            .await?;
        let hits = answer
            .hits
            .into_iter()
            .map(|hit| SearchHit {
                id: hit.result.id,
                relevance: hit
                    .federation
                    .map_or(0.0, |info| f64::from(info.weighted_ranking_score)),
            })
            .collect();
        Ok((
            hits,
            answer.estimated_total_hits as u64,
            answer.facet_distribution.unwrap_or_default(),
        ))
    }

    async fn add(
        &self,
        index: &Index,
        documents: &[EnterpriseDocument],
    ) -> Result<(), SearchError> {
        let mut tasks = Vec::new();
        for chunk in documents.chunks(2000) {
            let rows: Vec<Row<'_>> = chunk.iter().map(Row::of).collect();
            tasks.push(index.add_or_replace(&rows, Some("id")).await?);
        }
        for task in tasks {
            self.wait(task).await?;
        }
        Ok(())
    }
}

/// The queries for a term: every word of it must hit, each anywhere. `None` when there is nothing to look up.
fn asked_for(term: &str, in_names: bool) -> Option<(String, &'static [&'static str])> {
    let folded = folded(term);
    // The last word may be the beginning of one: a single character finds every pair that it begins.
    let mut words: Vec<&str> = folded.split_whitespace().collect();
    words.sort_by_key(|word| word.chars().count() == 1);
    let spelled: Vec<String> = words.into_iter().map(spelled_pairs).collect();
    let query = spelled.join(" ");
    let attributes: &'static [&'static str] = if in_names {
        &["name_pairs", "product_pairs", "latin_pairs", "scope_pairs"]
    } else {
        &["product_pairs", "scope_pairs"]
    };
    (!query.trim().is_empty()).then_some((query, attributes))
}

fn is_missing(error: &Error) -> bool {
    access::code(error) == Some(&ErrorCode::IndexNotFound)
}

#[async_trait]
impl SearchEngine for MeilisearchEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    fn parts(&self) -> Vec<&dyn SearchEngine> {
        vec![self]
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        let session = self.session().await?;
        self.heard(session.search(request).await).await
    }

    async fn candidates(&self, request: CandidateRequest) -> Result<Candidates, SearchError> {
        let session = self.session().await?;
        self.heard(session.candidates(request).await).await
    }

    /// It has no counts of words to give.
    async fn statistics(&self, _: Vec<Gram>) -> Result<Option<Statistics>, SearchError> {
        Ok(None)
    }

    async fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        let session = self.session().await?;
        self.heard(session.cursor().await).await
    }

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        let session = self.session().await?;
        self.heard(session.write(documents, removed, cursor).await)
            .await
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, SearchError> {
        let session = self.session().await?;
        self.heard(session.rebuild().await).await
    }
}

impl Session {
    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        let mut asked: Asked = request
            .any_of
            .iter()
            .filter_map(|term| asked_for(term, request.in_names))
            .collect();
        if asked.is_empty() {
            if !request.any_of.is_empty() {
                // Words were asked for and none of them can be looked up: nothing hits.
                return Ok(SearchPage {
                    engine: NAME,
                    ..SearchPage::default()
                });
            }
            // An empty question is answered with everything.
            asked.push((String::new(), &["name_pairs"]));
        }
        let filter = condition(&request.filter, None);
        let page = (request.offset, request.limit);
        let narrowing: Vec<Group> = Group::ALL
            .into_iter()
            .filter(|group| !group.condition(&request.filter).is_empty())
            .collect();
        if request.hits_only {
            let (hits, total, _) = self.federated(&asked, &filter, &[], page).await?;
            return Ok(SearchPage {
                hits,
                total,
                engine: NAME,
                ..SearchPage::default()
            });
        }
        let (hits, total, mut found) = self.federated(&asked, &filter, &Group::ALL, page).await?;
        // A group that narrows is counted without itself.
        for group in narrowing {
            let filter = condition(&request.filter, Some(group));
            let (_, _, mut counted) = self.federated(&asked, &filter, &[group], (0, 0)).await?;
            let own = counted.remove(group.attribute()).unwrap_or_default();
            found.insert(group.attribute().to_owned(), own);
        }
        Ok(SearchPage {
            hits,
            total,
            facets: facets(&found),
            engine: NAME,
            stood_in: false,
        })
    }

    async fn candidates(&self, request: CandidateRequest) -> Result<Candidates, SearchError> {
        let mut grams = request.grams;
        let any_pair = grams.iter().any(|(gram, _)| gram.is_pair());
        grams.retain(|(gram, _)| gram.is_pair() || !any_pair);
        grams.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        grams.truncate(CANDIDATE_PAIRS);
        let spelled: Vec<(String, f64)> = grams
            .iter()
            .map(|(gram, weight)| (spelled_pairs(&gram.text()), *weight))
            .collect();
        if spelled.is_empty() || request.limit == 0 {
            return Ok(Candidates::default());
        }
        let filter = condition(&request.filter, None);
        let mut queries = self.client.multi_search();
        for (query, _) in &spelled {
            let mut search = self.index.search();
            search
                .with_query(query)
                .with_limit(CANDIDATES_OF_PAIR)
                .with_attributes_to_search_on(&["product_pairs", "name_pairs"])
                .with_attributes_to_retrieve(Selectors::Some(&["id"]))
                .with_matching_strategy(MatchingStrategies::ALL);
            if !filter.is_empty() {
                search.with_filter(&filter);
            }
            queries.with_search_query(search.clone());
        }
        let answers = queries.execute::<Found>().await?;
        let mut votes: BTreeMap<i64, f64> = BTreeMap::new();
        for (answer, (_, weight)) in answers.results.into_iter().zip(&spelled) {
            for hit in answer.hits {
                *votes.entry(hit.result.id).or_default() += weight;
            }
        }
        let mut votes: Vec<(i64, f64)> = votes.into_iter().collect();
        votes.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        Ok(Candidates {
            ids: votes
                .into_iter()
                .map(|(id, _)| id)
                .take(request.limit)
                .collect(),
            stood_in: false,
        })
    }

    async fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        let stats = match self.index.get_stats().await {
            Ok(stats) => stats,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let found = search_cursor::Entity::find()
            .filter(search_cursor::Column::Engine.eq(&self.index.uid))
            .one(self.database.read())
            .await
            .map_err(failed)?;
        let Some(found) = found else {
            return Ok(None);
        };
        // Made with other settings, or of other rows: by another version of this program.
        if found.settings_mark != settings_mark()? {
            return Ok(None);
        }
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

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        if !removed.is_empty() {
            let task = self.index.delete_documents(&removed).await?;
            self.wait(task).await?;
        }
        self.add(&self.index, &documents).await?;
        match cursor {
            Some(cursor) => self.set_cursor(Some(&cursor)).await,
            None => Ok(()),
        }
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, SearchError> {
        // The old one must be there to change places with. It answers until then, with the settings that it has.
        self.ensure(&self.index).await?;
        let beside = self.client.index(beside(&self.index.uid));
        self.drop_index(&beside).await?;
        self.ensure(&beside).await?;
        let task = beside.set_settings(&settings()).await?;
        self.wait(task).await?;
        Ok(Box::new(MeilisearchRebuild {
            session: self.clone(),
            beside,
        }))
    }

    async fn drop_index(&self, index: &Index) -> Result<(), SearchError> {
        match self.client.delete_index(&index.uid).await {
            Ok(task) => match self.wait(task).await {
                // There was none.
                Err(SearchError {
                    problem: EngineProblem::TaskFailed { code, .. },
                    ..
                }) if code == ErrorCode::IndexNotFound.to_string() => Ok(()),
                outcome => outcome,
            },
            Err(error) if is_missing(&error) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// An index that is filled beside the one that answers, and changes places with it.
struct MeilisearchRebuild {
    session: Session,
    beside: Index,
}

#[async_trait]
impl Rebuild for MeilisearchRebuild {
    async fn add(&mut self, documents: Vec<EnterpriseDocument>) -> Result<(), SearchError> {
        self.session.add(&self.beside, &documents).await
    }

    async fn finish(self: Box<Self>, cursor: Cursor) -> Result<(), SearchError> {
        let session = &self.session;
        let made_at = session.client.get_index(&self.beside.uid).await?.created_at;
        // Between the two steps the cursor is that of the old index: nothing is lost, at worst it is made again.
        session.set_cursor(None).await?;
        session
            .client
            .swap_indexes([&SwapIndexes {
                indexes: (session.index.uid.clone(), self.beside.uid.clone()),
                rename: None,
            }])
            .await?;
        // The task of a swap belongs to no index, so that a key for some indexes may not see it. When it was made tells
        // which of the two now has the name.
        let asked_at = Instant::now();
        while session
            .client
            .get_index(&session.index.uid)
            .await?
            .created_at
            != made_at
        {
            if asked_at.elapsed() > TASK_TIMEOUT {
                return Err(failed("the indexes did not change places in time"));
            }
            tokio::time::sleep(TASK_INTERVAL).await;
        }
        session.set_cursor(Some(&cursor)).await?;
        session.drop_index(&self.beside).await
    }
}
