//! The embedded engine: Tantivy with Jieba words for relevance and character pairs for recall.

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use tantivy::{
    Index, IndexReader, IndexWriter, Order, ReloadPolicy, TantivyDocument, TantivyError, Term,
    aggregation::AggregationCollector,
    collector::{
        Count, TopDocs,
        sort_key::{SortBySimilarityScore, SortByStaticFastValue},
    },
    directory::error::LockError,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, Occur,
        PhraseQuery, Query, RegexQuery, TermQuery,
    },
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing,
        TextOptions,
    },
    tokenizer::{Token, TokenStream, Tokenizer},
};
use tantivy_jieba::JiebaTokenizer;

use super::{
    Cursor, EnterpriseDocument, SearchEngine, SearchError, SearchHit, SearchPage, SearchRequest,
};

/// Changes when the schema does; an index of another version is made anew.
const VERSION: &str = "1";
const NAME: &str = "embedded";

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    stock_code: Field,
    province: Field,
    is_local: Field,
    name: Field,
    products: Field,
    name_pairs: Field,
    product_pairs: Field,
    scope_pairs: Field,
    latin_pairs: Field,
}

/// An index in a folder, read by all requests and written by one worker.
pub struct EmbeddedEngine {
    index: Index,
    reader: IndexReader,
    writer: Arc<Mutex<Option<IndexWriter>>>,
    fields: Fields,
}

fn failed(error: impl std::fmt::Display) -> SearchError {
    SearchError {
        engine: NAME,
        detail: error.to_string(),
    }
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let words = |tokenizer: &str| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(IndexRecordOption::WithFreqsAndPositions),
        )
    };
    let fields = Fields {
        id: builder.add_i64_field("id", INDEXED | STORED | FAST),
        stock_code: builder.add_text_field("stock_code", STRING),
        province: builder.add_text_field("province", STRING | FAST),
        is_local: builder.add_bool_field("is_local", INDEXED),
        name: builder.add_text_field("name", words("jieba_folded")),
        products: builder.add_text_field("products", words("jieba_folded")),
        name_pairs: builder.add_text_field("name_pairs", words("pairs")),
        product_pairs: builder.add_text_field("product_pairs", words("pairs")),
        scope_pairs: builder.add_text_field("scope_pairs", words("pairs")),
        latin_pairs: builder.add_text_field("latin_pairs", words("pairs")),
    };
    (builder.build(), fields)
}

/// Character pairs with positions, so that a phrase of pairs is an exact substring.
#[derive(Clone, Default)]
struct PairTokenizer;

struct PairStream {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for PairTokenizer {
    type TokenStream<'a> = PairStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> PairStream {
        let mut position = 0;
        let folded = domain::text::fold(text);
        let mut tokens = Vec::new();
        for run in folded.split_whitespace() {
            for pair in super::bigrams(run) {
                tokens.push(Token {
                    position,
                    text: pair,
                    position_length: 1,
                    ..Token::default()
                });
                position += 1;
            }
            position += 1;
        }
        PairStream {
            tokens: tokens.into_iter(),
            current: Token::default(),
        }
    }
}

impl TokenStream for PairStream {
    fn advance(&mut self) -> bool {
        match self.tokens.next() {
            Some(token) => {
                self.current = token;
                true
            }
            None => false,
        }
    }

    fn token(&self) -> &Token {
        &self.current
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.current
    }
}

impl EmbeddedEngine {
    /// Opens the index in `folder`, or makes an empty one.
    ///
    /// # Errors
    /// The folder cannot be written, or holds something that is no index.
    pub fn open(folder: &Path) -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        let folder = folder.join(format!("v{VERSION}"));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let directory = tantivy::directory::MmapDirectory::open(&folder).map_err(failed)?;
        let index = match Index::open_or_create(directory, schema.clone()) {
            Ok(index) => index,
            // A damaged index is no loss: it is made again from the database.
            Err(error) => {
                tracing::warn!(%error, "search index cannot be opened and is made anew");
                std::fs::remove_dir_all(&folder).map_err(failed)?;
                std::fs::create_dir_all(&folder).map_err(failed)?;
                Index::create_in_dir(&folder, schema).map_err(failed)?
            }
        };
        index.tokenizers().register("pairs", PairTokenizer);
        index
            .tokenizers()
            .register("jieba_folded", JiebaTokenizer::new());
        let reader = index
            .reader_builder()
            .reload_policy(ReloadPolicy::OnCommitWithDelay)
            .try_into()
            .map_err(failed)?;
        Ok(Self {
            index,
            reader,
            writer: Arc::new(Mutex::new(None)),
            fields,
        })
    }

    /// True when another process writes this index.
    #[must_use]
    pub fn is_locked_elsewhere(&self) -> bool {
        let guard = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        guard.is_none()
            && matches!(
                self.index.writer::<TantivyDocument>(15_000_000),
                Err(TantivyError::LockFailure(LockError::LockBusy, _))
            )
    }

    fn pairs_query(field: Field, text: &str, boost: f32) -> Option<Box<dyn Query>> {
        let pairs = super::bigrams(text);
        let mut terms: Vec<Term> = pairs
            .iter()
            .map(|pair| Term::from_field_text(field, pair))
            .collect();
        let query: Box<dyn Query> = match terms.len() {
            0 => return None,
            1 => {
                let pair = pairs.first()?;
                if pair.chars().count() == 1 {
                    // One character: every pair that it begins or ends, or it alone.
                    let one = regex_escape(pair);
                    let pattern = format!("{one}.?|.{one}");
                    Box::new(RegexQuery::from_pattern(&pattern, field).ok()?)
                } else {
                    Box::new(TermQuery::new(
                        terms.remove(0),
                        IndexRecordOption::WithFreqs,
                    ))
                }
            }
            _ => Box::new(PhraseQuery::new(terms)),
        };
        Some(Box::new(BoostQuery::new(query, boost)))
    }

    fn words_query(&self, field: Field, text: &str, boost: f32) -> Option<Box<dyn Query>> {
        let mut tokenizer = self.index.tokenizer_for_field(field).ok()?;
        let folded = domain::text::fold(text);
        let mut stream = tokenizer.token_stream(&folded);
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        while stream.advance() {
            let word = stream.token().text.trim();
            if !word.is_empty() {
                clauses.push((
                    Occur::Must,
                    Box::new(TermQuery::new(
                        Term::from_field_text(field, word),
                        IndexRecordOption::WithFreqs,
                    )),
                ));
            }
        }
        (!clauses.is_empty()).then(|| {
            Box::new(BoostQuery::new(Box::new(BooleanQuery::new(clauses)), boost)) as Box<dyn Query>
        })
    }

    /// One term, in the fields that are asked for. Several words in it must all hit, each anywhere.
    fn term_query(&self, text: &str, in_names: bool) -> Option<Box<dyn Query>> {
        let fields = &self.fields;
        // Folded first: a stock code in full-width digits is one, too.
        let folded = domain::text::fold(text);
        let mut clauses: Vec<(Occur, Box<dyn Query>)> = Vec::new();
        for word in folded.split_whitespace() {
            let mut any: Vec<Box<dyn Query>> = Vec::new();
            any.extend(Self::pairs_query(fields.product_pairs, word, 2.0));
            any.extend(self.words_query(fields.products, word, 1.0));
            any.extend(Self::pairs_query(fields.scope_pairs, word, 0.5));
            if in_names {
                any.extend(Self::pairs_query(fields.name_pairs, word, 4.0));
                any.extend(self.words_query(fields.name, word, 2.0));
                if word.is_ascii() {
                    any.extend(Self::pairs_query(fields.latin_pairs, word, 3.0));
                    any.push(Box::new(BoostQuery::new(
                        Box::new(TermQuery::new(
                            Term::from_field_text(fields.stock_code, word),
                            IndexRecordOption::Basic,
                        )),
                        9.0,
                    )));
                }
            }
            if any.is_empty() {
                continue;
            }
            clauses.push((
                Occur::Must,
                Box::new(DisjunctionMaxQuery::with_tie_breaker(any, 0.1)),
            ));
        }
        (!clauses.is_empty()).then(|| Box::new(BooleanQuery::new(clauses)) as Box<dyn Query>)
    }

    fn run(&self, request: &SearchRequest) -> tantivy::Result<SearchPage> {
        let searcher = self.reader.searcher();
        let terms: Vec<(Occur, Box<dyn Query>)> = request
            .any_of
            .iter()
            .filter_map(|term| self.term_query(term, request.in_names))
            .map(|query| (Occur::Should, query))
            .collect();
        let text: Box<dyn Query> = match (terms.is_empty(), request.any_of.is_empty()) {
            (false, _) => Box::new(BooleanQuery::new(terms)),
            (true, true) => Box::new(AllQuery),
            // Words were asked for and none of them can be looked up: nothing hits.
            (true, false) => return Ok(SearchPage::default()),
        };
        let mut clauses = vec![(Occur::Must, text)];
        if let Some(is_local) = request.is_local {
            clauses.push((
                Occur::Must,
                Box::new(ConstScoreQuery::new(
                    Box::new(TermQuery::new(
                        Term::from_field_bool(self.fields.is_local, is_local),
                        IndexRecordOption::Basic,
                    )),
                    0.0,
                )),
            ));
        }
        let without_province = BooleanQuery::new(
            clauses
                .iter()
                .map(|(occur, query)| (*occur, query.box_clone()))
                .collect(),
        );
        if let Some(province) = &request.province {
            clauses.push((
                Occur::Must,
                Box::new(ConstScoreQuery::new(
                    Box::new(TermQuery::new(
                        Term::from_field_text(self.fields.province, province),
                        IndexRecordOption::Basic,
                    )),
                    0.0,
                )),
            ));
        }
        let query = BooleanQuery::new(clauses);
        let total = searcher.search(&query, &Count)?;
        let wanted = request.offset.saturating_add(request.limit).min(total);
        let mut hits = Vec::new();
        if wanted > request.offset {
            // Ties are broken by id within the collector: afterwards, each page would cut the ties elsewhere.
            let order = (
                (SortBySimilarityScore, Order::Desc),
                (SortByStaticFastValue::<i64>::for_field("id"), Order::Asc),
            );
            let head = searcher.search(&query, &TopDocs::with_limit(wanted).order_by(order))?;
            hits.extend(head.into_iter().skip(request.offset).filter_map(
                |((relevance, id), _)| {
                    Some(SearchHit {
                        id: id?,
                        relevance: f64::from(relevance),
                    })
                },
            ));
        }
        let aggregation = serde_json::from_value(serde_json::json!({
            "provinces": { "terms": { "field": "province", "size": 60 } }
        }))?;
        let counted = searcher.search(
            &without_province,
            &AggregationCollector::from_aggs(aggregation, Default::default()),
        )?;
        let counted = serde_json::to_value(counted)?;
        let mut provinces: Vec<(String, u64)> = counted["provinces"]["buckets"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|bucket| {
                Some((
                    bucket["key"].as_str()?.to_owned(),
                    bucket["doc_count"].as_u64()?,
                ))
            })
            .filter(|(province, _)| !province.is_empty())
            .collect();
        provinces.sort_by(|one, two| two.1.cmp(&one.1).then(one.0.cmp(&two.0)));
        Ok(SearchPage {
            hits,
            total: total as u64,
            provinces,
        })
    }

    fn document(fields: &Fields, source: &EnterpriseDocument) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_i64(fields.id, source.id);
        document.add_text(fields.stock_code, domain::text::fold(&source.stock_code));
        document.add_text(fields.province, &source.province);
        document.add_bool(fields.is_local, source.is_local);
        for name in [&source.name, &source.short_name] {
            document.add_text(fields.name, domain::text::fold(name));
            document.add_text(fields.name_pairs, name);
        }
        for product in &source.products {
            document.add_text(fields.products, domain::text::fold(product));
            document.add_text(fields.product_pairs, product);
        }
        document.add_text(fields.scope_pairs, &source.scope);
        document.add_text(fields.latin_pairs, &source.initials);
        document.add_text(fields.latin_pairs, &source.pinyin);
        document.add_text(fields.latin_pairs, &source.stock_code);
        document
    }
}

fn regex_escape(text: &str) -> String {
    text.chars()
        .flat_map(|character| {
            let escape = character.is_ascii_punctuation();
            escape.then_some('\\').into_iter().chain([character])
        })
        .collect()
}

/// Runs work on the writer, which is made when it is first needed and kept.
fn with_writer<T>(
    slot: &Mutex<Option<IndexWriter>>,
    index: &Index,
    work: impl FnOnce(&mut IndexWriter) -> tantivy::Result<T>,
) -> Result<T, SearchError> {
    let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if guard.is_none() {
        *guard = Some(index.writer(64_000_000).map_err(failed)?);
    }
    let Some(writer) = guard.as_mut() else {
        return Err(failed("no writer"));
    };
    let outcome = work(writer);
    if outcome.is_err() {
        // What was written since the last commit must not slip into the next one.
        let _ = writer.rollback();
    }
    outcome.map_err(failed)
}

#[async_trait]
impl SearchEngine for EmbeddedEngine {
    fn name(&self) -> &'static str {
        NAME
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        // A search takes a few milliseconds: shorter than the way to another thread and back is long.
        tokio::task::yield_now().await;
        self.run(&request).map_err(failed)
    }

    async fn cursor(&self) -> Result<Option<Cursor>, SearchError> {
        let payload = self.index.load_metas().map_err(failed)?.payload;
        Ok(payload.as_deref().and_then(|payload| {
            let (database_id, last_id) = payload.rsplit_once(':')?;
            Some(Cursor {
                database_id: database_id.to_owned(),
                last_id: last_id.parse().ok()?,
            })
        }))
    }

    async fn clear(&self) -> Result<(), SearchError> {
        let (writer, index) = (Arc::clone(&self.writer), self.index.clone());
        tokio::task::spawn_blocking(move || {
            with_writer(&writer, &index, |writer| {
                writer.delete_all_documents()?;
                writer.prepare_commit()?.commit()?;
                Ok(())
            })
        })
        .await
        .map_err(failed)??;
        self.reader.reload().map_err(failed)
    }

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        let (writer, index, fields) = (Arc::clone(&self.writer), self.index.clone(), self.fields);
        tokio::task::spawn_blocking(move || {
            with_writer(&writer, &index, |writer| {
                for id in removed {
                    writer.delete_term(Term::from_field_i64(fields.id, id));
                }
                for source in &documents {
                    writer.delete_term(Term::from_field_i64(fields.id, source.id));
                    writer.add_document(Self::document(&fields, source))?;
                }
                let mut commit = writer.prepare_commit()?;
                if let Some(cursor) = cursor {
                    commit.set_payload(&format!("{}:{}", cursor.database_id, cursor.last_id));
                }
                commit.commit()?;
                Ok(())
            })
        })
        .await
        .map_err(failed)??;
        self.reader.reload().map_err(failed)
    }
}
