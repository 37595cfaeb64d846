//! The embedded engine: Tantivy with Jieba words for relevance and character pairs for recall.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
use domain::{
    enterprise::{DirectoryFilter, Facets, SizeBand, most_first},
    target::relevance::{Gram, Statistics, grams},
};
use tantivy::{
    DocId, Index, IndexReader, IndexWriter, Order, ReloadPolicy, Score, SegmentOrdinal,
    SegmentReader, TantivyDocument, TantivyError, Term,
    collector::{
        Collector, SegmentCollector, TopDocs,
        sort_key::{SortBySimilarityScore, SortByStaticFastValue},
    },
    columnar::{Column, StrColumn},
    directory::error::LockError,
    query::{
        AllQuery, BooleanQuery, BoostQuery, ConstScoreQuery, DisjunctionMaxQuery, EmptyQuery,
        Occur, PhraseQuery, Query, TermQuery, TermSetQuery,
    },
    schema::{
        FAST, Field, INDEXED, IndexRecordOption, STRING, Schema, TextFieldIndexing, TextOptions,
    },
    tokenizer::{Token, TokenStream, Tokenizer},
};
use tantivy_jieba::JiebaTokenizer;

use super::{
    CandidateRequest, Candidates, Cursor, EnterpriseDocument, Rebuild, SearchEngine, SearchError,
    SearchHit, SearchPage, SearchRequest, folded, place_key, place_of,
};

/// Changes when the schema does; an index of another version is made anew.
const VERSION: &str = "3";
const NAME: &str = "embedded";
/// What a writer keeps in memory before it goes to the disk, in bytes.
const WRITER_MEMORY: usize = 128_000_000;

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    stock_code: Field,
    place: Field,
    province: Field,
    industry: Field,
    sw_industry: Field,
    tags: Field,
    size: Field,
    is_listed: Field,
    is_local: Field,
    name: Field,
    products: Field,
    name_pairs: Field,
    product_pairs: Field,
    scope_pairs: Field,
    latin_pairs: Field,
    /// Characters and pairs of name and products without positions: for candidates, and to count how rare a gram is.
    profile: Field,
    profile_length: Field,
}

/// An index in a folder, read by all requests and written by one worker.
pub struct EmbeddedEngine {
    index: Index,
    reader: IndexReader,
    writer: Arc<Mutex<Option<IndexWriter>>>,
    /// Held by whoever writes: an index that is being made must not be committed by the way.
    writing: Arc<tokio::sync::Mutex<()>>,
    fields: Fields,
    /// Mean length of the profiles, and of which generation of the index.
    mean_length: Mutex<Option<(u64, f64)>>,
}

fn failed(error: impl std::fmt::Display) -> SearchError {
    SearchError::other(NAME, error)
}

fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let text = |tokenizer: &str, option: IndexRecordOption| {
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer(tokenizer)
                .set_index_option(option),
        )
    };
    let phrases = IndexRecordOption::WithFreqsAndPositions;
    let counts = IndexRecordOption::WithFreqs;
    let fields = Fields {
        id: builder.add_i64_field("id", INDEXED | FAST),
        stock_code: builder.add_text_field("stock_code", STRING),
        place: builder.add_text_field("place", STRING | FAST),
        province: builder.add_text_field("province", STRING),
        industry: builder.add_text_field("industry", STRING | FAST),
        sw_industry: builder.add_text_field("sw_industry", STRING | FAST),
        tags: builder.add_text_field("tags", STRING | FAST),
        size: builder.add_u64_field("size", INDEXED | FAST),
        is_listed: builder.add_bool_field("is_listed", INDEXED | FAST),
        is_local: builder.add_bool_field("is_local", INDEXED | FAST),
        name: builder.add_text_field("name", text("jieba_folded", counts)),
        products: builder.add_text_field("products", text("jieba_folded", counts)),
        name_pairs: builder.add_text_field("name_pairs", text("characters", phrases)),
        product_pairs: builder.add_text_field("product_pairs", text("characters", phrases)),
        scope_pairs: builder.add_text_field("scope_pairs", text("pairs", phrases)),
        latin_pairs: builder.add_text_field("latin_pairs", text("characters", phrases)),
        profile: builder.add_text_field("profile", text("profile", counts)),
        profile_length: builder.add_f64_field("profile_length", FAST),
    };
    (builder.build(), fields)
}

/// Character pairs with positions, so that a phrase of pairs is an exact substring.
#[derive(Clone)]
enum GramTokenizer {
    Pairs,
    /// And each character by itself, where the pair stands that begins with it.
    Characters,
    /// Without positions, what [`grams`] gives.
    Profile,
}

struct GramStream {
    tokens: std::vec::IntoIter<Token>,
    current: Token,
}

impl Tokenizer for GramTokenizer {
    type TokenStream<'a> = GramStream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> GramStream {
        let mut tokens = Vec::new();
        let mut push = |text: String, position: usize| {
            tokens.push(Token {
                position,
                text,
                position_length: 1,
                ..Token::default()
            });
        };
        let folded = folded(text);
        if matches!(self, Self::Profile) {
            for gram in grams(&folded) {
                push(gram.text(), 0);
            }
        } else {
            let mut position = 0;
            for run in folded.split_whitespace() {
                let characters: Vec<char> = run.chars().collect();
                for (index, character) in characters.iter().enumerate() {
                    if matches!(self, Self::Characters) || characters.len() == 1 {
                        push(character.to_string(), position);
                    }
                    if let Some(next) = characters.get(index + 1) {
                        push([*character, *next].iter().collect(), position);
                    }
                    position += 1;
                }
                position += 1;
            }
        }
        GramStream {
            tokens: tokens.into_iter(),
            current: Token::default(),
        }
    }
}

impl TokenStream for GramStream {
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

const fn size_number(band: SizeBand) -> u64 {
    match band {
        SizeBand::Unknown => 0,
        SizeBand::Small => 1,
        SizeBand::Medium => 2,
        SizeBand::Large => 3,
        SizeBand::Huge => 4,
    }
}

/// Hits, counts and facets in one pass over what the text finds: a company that fails one group of the filter only is
/// counted in that group, so that its other choices keep their numbers.
struct DirectoryCollector {
    filter: DirectoryFilter,
    limit: usize,
}

#[derive(Default)]
struct Counted {
    total: u64,
    places: HashMap<String, u64>,
    industries: HashMap<String, u64>,
    sw_industries: HashMap<String, u64>,
    tags: HashMap<String, u64>,
    sizes: [u64; 5],
    listed: [u64; 2],
    local: [u64; 2],
    /// Not in order, and up to twice as many as asked for.
    hits: Vec<(Score, i64)>,
}

fn best_first(one: &(Score, i64), two: &(Score, i64)) -> std::cmp::Ordering {
    two.0.total_cmp(&one.0).then(one.1.cmp(&two.1))
}

/// Drops all but the best `limit`.
fn keep_best(hits: &mut Vec<(Score, i64)>, limit: usize) {
    if hits.len() > limit {
        if limit > 0 {
            hits.select_nth_unstable_by(limit - 1, best_first);
        }
        hits.truncate(limit);
    }
}

/// A column of words with its counts, and which words pass.
struct WordColumn {
    column: Option<StrColumn>,
    passes: Vec<bool>,
    counts: Vec<u64>,
    /// Whether a company without a word passes.
    none_passes: bool,
}

impl WordColumn {
    fn new(
        segment: &SegmentReader,
        field: &str,
        passes: impl Fn(&str) -> bool,
    ) -> tantivy::Result<Self> {
        let column = segment.fast_fields().str(field)?;
        let mut words = Vec::new();
        if let Some(column) = &column {
            let mut word = String::new();
            for ordinal in 0..column.num_terms() as u64 {
                word.clear();
                column.ord_to_str(ordinal, &mut word)?;
                words.push(passes(&word));
            }
        }
        Ok(Self {
            column,
            counts: vec![0; words.len()],
            passes: words,
            none_passes: passes(""),
        })
    }

    /// Only those that are wanted pass, or all when none is.
    fn among(segment: &SegmentReader, field: &str, wanted: &[String]) -> tantivy::Result<Self> {
        Self::new(segment, field, |word| {
            wanted.is_empty() || wanted.iter().any(|one| one == word)
        })
    }

    /// The words of a company that may have several, into a list that is used again.
    fn ordinals(&self, document: DocId, into: &mut Vec<usize>) {
        into.clear();
        if let Some(column) = &self.column {
            let ordinals = column.ords().values_for_doc(document);
            into.extend(ordinals.filter_map(|ordinal| usize::try_from(ordinal).ok()));
        }
    }

    /// Whether one of several words passes.
    fn any_passes(&self, ordinals: &[usize]) -> bool {
        if ordinals.is_empty() {
            return self.none_passes;
        }
        ordinals.iter().any(|ordinal| self.passes(Some(*ordinal)))
    }

    fn ordinal(&self, document: DocId) -> Option<usize> {
        let ordinal = self.column.as_ref()?.ords().first(document)?;
        usize::try_from(ordinal).ok()
    }

    fn passes(&self, ordinal: Option<usize>) -> bool {
        match ordinal {
            Some(ordinal) => self.passes.get(ordinal).copied().unwrap_or_default(),
            None => self.none_passes,
        }
    }

    fn count(&mut self, ordinal: Option<usize>) {
        if let Some(count) = ordinal.and_then(|ordinal| self.counts.get_mut(ordinal)) {
            *count += 1;
        }
    }

    fn words(&self) -> HashMap<String, u64> {
        let mut found = HashMap::new();
        let Some(column) = &self.column else {
            return found;
        };
        for (ordinal, count) in self
            .counts
            .iter()
            .enumerate()
            .filter(|(_, count)| **count > 0)
        {
            let mut word = String::new();
            if column
                .ord_to_str(ordinal as u64, &mut word)
                .is_ok_and(|found| found)
            {
                found.insert(word, *count);
            }
        }
        found
    }
}

struct DirectorySegment {
    limit: usize,
    /// A score below it is not among the best any more.
    floor: Option<(Score, i64)>,
    id: Column<i64>,
    place: WordColumn,
    industry: WordColumn,
    sw_industry: WordColumn,
    tags: WordColumn,
    /// Those of the company that is looked at.
    own_tags: Vec<usize>,
    size: Column<u64>,
    size_passes: [bool; 5],
    is_listed: Column<bool>,
    listed_passes: [bool; 2],
    is_local: Column<bool>,
    local_passes: [bool; 2],
    counted: Counted,
}

impl Collector for DirectoryCollector {
    type Fruit = Counted;
    type Child = DirectorySegment;

    fn for_segment(
        &self,
        _: SegmentOrdinal,
        segment: &SegmentReader,
    ) -> tantivy::Result<DirectorySegment> {
        let filter = &self.filter;
        let columns = segment.fast_fields();
        let either = |wanted: Option<bool>| {
            [false, true].map(|value| wanted.is_none_or(|wanted| wanted == value))
        };
        let mut size_passes = [filter.sizes.is_empty(); 5];
        for band in &filter.sizes {
            if let Some(passes) = usize::try_from(size_number(*band))
                .ok()
                .and_then(|number| size_passes.get_mut(number))
            {
                *passes = true;
            }
        }
        Ok(DirectorySegment {
            limit: self.limit,
            floor: None,
            id: columns.i64("id")?,
            place: WordColumn::new(segment, "place", |key| filter.holds_place(&place_of(key)))?,
            industry: WordColumn::among(segment, "industry", &filter.industries)?,
            sw_industry: WordColumn::among(segment, "sw_industry", &filter.sw_industries)?,
            tags: WordColumn::among(segment, "tags", &filter.tags)?,
            own_tags: Vec::new(),
            size: columns.u64("size")?,
            size_passes,
            is_listed: columns.bool("is_listed")?,
            listed_passes: either(filter.is_listed),
            is_local: columns.bool("is_local")?,
            local_passes: either(filter.is_local),
            counted: Counted::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        self.limit > 0
    }

    fn merge_fruits(&self, parts: Vec<Counted>) -> tantivy::Result<Counted> {
        let mut all = Counted::default();
        let add = |into: &mut HashMap<String, u64>, from: HashMap<String, u64>| {
            for (word, count) in from {
                *into.entry(word).or_default() += count;
            }
        };
        for part in parts {
            all.total += part.total;
            add(&mut all.places, part.places);
            add(&mut all.industries, part.industries);
            add(&mut all.sw_industries, part.sw_industries);
            add(&mut all.tags, part.tags);
            for (into, from) in all.sizes.iter_mut().zip(part.sizes) {
                *into += from;
            }
            for (into, from) in all.listed.iter_mut().zip(part.listed) {
                *into += from;
            }
            for (into, from) in all.local.iter_mut().zip(part.local) {
                *into += from;
            }
            all.hits.extend(part.hits);
        }
        keep_best(&mut all.hits, self.limit);
        all.hits.sort_unstable_by(best_first);
        Ok(all)
    }
}

fn bump(counts: &mut [u64], number: usize) {
    if let Some(count) = counts.get_mut(number) {
        *count += 1;
    }
}

impl SegmentCollector for DirectorySegment {
    type Fruit = Counted;

    fn collect(&mut self, document: DocId, score: Score) {
        let place = self.place.ordinal(document);
        let industry = self.industry.ordinal(document);
        let sw_industry = self.sw_industry.ordinal(document);
        self.tags.ordinals(document, &mut self.own_tags);
        let size = self
            .size
            .first(document)
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or_default();
        let listed = usize::from(self.is_listed.first(document).unwrap_or_default());
        let local = usize::from(self.is_local.first(document).unwrap_or_default());
        let passes = |table: &[bool], number: usize| table.get(number).copied().unwrap_or_default();
        let groups = [
            self.place.passes(place),
            self.industry.passes(industry),
            self.sw_industry.passes(sw_industry),
            self.tags.any_passes(&self.own_tags),
            passes(&self.size_passes, size),
            passes(&self.listed_passes, listed),
            passes(&self.local_passes, local),
        ];
        let missed = groups.iter().filter(|passes| !**passes).count();
        if missed > 1 {
            return;
        }
        let [
            by_place,
            by_industry,
            by_sw_industry,
            by_tag,
            by_size,
            by_listed,
            by_local,
        ] = groups.map(|passes| missed == 0 || !passes);
        if by_place {
            self.place.count(place);
        }
        if by_industry {
            self.industry.count(industry);
        }
        if by_sw_industry {
            self.sw_industry.count(sw_industry);
        }
        if by_tag {
            for tag in &self.own_tags {
                self.tags.count(Some(*tag));
            }
        }
        if by_size {
            bump(&mut self.counted.sizes, size);
        }
        if by_listed {
            bump(&mut self.counted.listed, listed);
        }
        if by_local {
            bump(&mut self.counted.local, local);
        }
        if missed > 0 {
            return;
        }
        self.counted.total += 1;
        if self.limit == 0 {
            return;
        }
        let hit = (score, self.id.first(document).unwrap_or_default());
        if self
            .floor
            .is_some_and(|floor| best_first(&floor, &hit).is_lt())
        {
            return;
        }
        self.counted.hits.push(hit);
        if self.counted.hits.len() >= self.limit.saturating_mul(2).max(256) {
            keep_best(&mut self.counted.hits, self.limit);
            self.floor = self.counted.hits.iter().copied().max_by(best_first);
        }
    }

    fn collect_block(&mut self, documents: &[DocId]) {
        for document in documents {
            self.collect(*document, 1.0);
        }
    }

    fn harvest(mut self) -> Counted {
        keep_best(&mut self.counted.hits, self.limit);
        self.counted.places = self.place.words();
        self.counted.industries = self.industry.words();
        self.counted.sw_industries = self.sw_industry.words();
        self.counted.tags = self.tags.words();
        self.counted
    }
}

impl EmbeddedEngine {
    /// Opens the index in `folder`, or makes an empty one.
    ///
    /// # Errors
    /// The folder cannot be written, or holds something that is no index.
    pub fn open(folder: &Path) -> Result<Self, SearchError> {
        let (schema, fields) = schema();
        remove_other_versions(folder);
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
        for (name, tokenizer) in [
            ("pairs", GramTokenizer::Pairs),
            ("characters", GramTokenizer::Characters),
            ("profile", GramTokenizer::Profile),
        ] {
            index.tokenizers().register(name, tokenizer);
        }
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
            writing: Arc::default(),
            fields,
            mean_length: Mutex::new(None),
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
        let mut terms: Vec<Term> = super::bigrams(text)
            .iter()
            .map(|pair| Term::from_field_text(field, pair))
            .collect();
        let query: Box<dyn Query> = match terms.len() {
            0 => return None,
            1 => Box::new(TermQuery::new(
                terms.remove(0),
                IndexRecordOption::WithFreqs,
            )),
            _ => Box::new(PhraseQuery::new(terms)),
        };
        Some(Box::new(BoostQuery::new(query, boost)))
    }

    fn words_query(&self, field: Field, text: &str, boost: f32) -> Option<Box<dyn Query>> {
        let mut tokenizer = self.index.tokenizer_for_field(field).ok()?;
        let mut stream = tokenizer.token_stream(text);
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
        let folded = folded(text);
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

    fn search_now(&self, request: &SearchRequest) -> tantivy::Result<SearchPage> {
        let mut page = SearchPage {
            engine: NAME,
            ..SearchPage::default()
        };
        let terms: Vec<(Occur, Box<dyn Query>)> = request
            .any_of
            .iter()
            .filter_map(|term| self.term_query(term, request.in_names))
            .map(|query| (Occur::Should, query))
            .collect();
        let query: Box<dyn Query> = match (terms.is_empty(), request.any_of.is_empty()) {
            (false, _) => Box::new(BooleanQuery::new(terms)),
            (true, true) => Box::new(AllQuery),
            // Words were asked for and none of them can be looked up: nothing hits.
            (true, false) => return Ok(page),
        };
        if request.hits_only {
            let wanted = request.offset.saturating_add(request.limit);
            let mut clauses = self.filter_clauses(&request.filter);
            let query: Box<dyn Query> = if clauses.is_empty() {
                query
            } else {
                clauses.push((Occur::Must, query));
                Box::new(BooleanQuery::new(clauses))
            };
            let head = self.best_of(&query, wanted.saturating_add(1))?;
            page.total = head.len() as u64;
            page.hits = head
                .into_iter()
                .take(wanted)
                .skip(request.offset)
                .map(|(relevance, id)| SearchHit { id, relevance })
                .collect();
            return Ok(page);
        }
        let counted = self.reader.searcher().search(
            &query,
            &DirectoryCollector {
                filter: request.filter.clone(),
                limit: request.offset.saturating_add(request.limit),
            },
        )?;
        page.total = counted.total;
        page.hits = counted
            .hits
            .into_iter()
            .skip(request.offset)
            .take(request.limit)
            .map(|(relevance, id)| SearchHit {
                id,
                relevance: f64::from(relevance),
            })
            .collect();
        page.facets = Facets {
            areas: most_first(
                counted
                    .places
                    .into_iter()
                    .map(|(key, count)| (place_of(&key), count)),
            ),
            industries: most_first(counted.industries),
            sw_industries: most_first(counted.sw_industries),
            tags: most_first(counted.tags),
            sizes: SizeBand::ALL
                .into_iter()
                .map(|band| {
                    let number = usize::try_from(size_number(band)).unwrap_or_default();
                    (band, counted.sizes.get(number).copied().unwrap_or_default())
                })
                .collect(),
            listed: counted.listed[1],
            not_listed: counted.listed[0],
            local: counted.local[1],
            not_local: counted.local[0],
        };
        Ok(page)
    }

    /// The filter as clauses that must hold and give no score.
    fn filter_clauses(&self, filter: &DirectoryFilter) -> Vec<(Occur, Box<dyn Query>)> {
        let fields = &self.fields;
        let mut clauses: Vec<Box<dyn Query>> = Vec::new();
        if filter.has_places() {
            let terms: Vec<Term> = filter
                .all_areas()
                .iter()
                .map(|area| {
                    if area.city.is_empty() {
                        Term::from_field_text(fields.province, &area.province)
                    } else {
                        Term::from_field_text(fields.place, &place_key(area))
                    }
                })
                .collect();
            clauses.push(if terms.is_empty() {
                Box::new(EmptyQuery)
            } else {
                Box::new(TermSetQuery::new(terms))
            });
        }
        for (field, words) in [
            (fields.industry, &filter.industries),
            (fields.sw_industry, &filter.sw_industries),
            (fields.tags, &filter.tags),
        ] {
            if !words.is_empty() {
                let terms = words.iter().map(|word| Term::from_field_text(field, word));
                clauses.push(Box::new(TermSetQuery::new(terms)));
            }
        }
        if !filter.sizes.is_empty() {
            clauses.push(Box::new(TermSetQuery::new(
                filter
                    .sizes
                    .iter()
                    .map(|band| Term::from_field_u64(fields.size, size_number(*band))),
            )));
        }
        for (field, wanted) in [
            (fields.is_listed, filter.is_listed),
            (fields.is_local, filter.is_local),
        ] {
            if let Some(wanted) = wanted {
                clauses.push(Box::new(TermQuery::new(
                    Term::from_field_bool(field, wanted),
                    IndexRecordOption::Basic,
                )));
            }
        }
        clauses
            .into_iter()
            .map(|query| {
                let silent: Box<dyn Query> = Box::new(ConstScoreQuery::new(query, 0.0));
                (Occur::Must, silent)
            })
            .collect()
    }

    /// The best hits with their scores, equal ones by id.
    fn best_of(&self, query: &dyn Query, limit: usize) -> tantivy::Result<Vec<(f64, i64)>> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        // Ties are broken by id within the collector: afterwards, each page would cut the ties elsewhere.
        let order = (
            (SortBySimilarityScore, Order::Desc),
            (SortByStaticFastValue::<i64>::for_field("id"), Order::Asc),
        );
        let head = self
            .reader
            .searcher()
            .search(query, &TopDocs::with_limit(limit).order_by(order))?;
        Ok(head
            .into_iter()
            .filter_map(|((score, id), _)| Some((f64::from(score), id?)))
            .collect())
    }

    fn candidates_now(&self, request: &CandidateRequest) -> tantivy::Result<Vec<i64>> {
        let mut found = Vec::new();
        let any_pair = request.grams.iter().any(|(gram, _)| gram.is_pair());
        // Single characters stand nearly everywhere: they are asked for when pairs find too few.
        for pairs_only in [true, false] {
            if (pairs_only && !any_pair) || found.len() >= request.limit || request.limit == 0 {
                continue;
            }
            let any: Vec<(Occur, Box<dyn Query>)> = request
                .grams
                .iter()
                .filter(|(gram, _)| gram.is_pair() || !pairs_only)
                .map(|(gram, weight)| {
                    let term = Term::from_field_text(self.fields.profile, &gram.text());
                    #[allow(clippy::cast_possible_truncation, reason = "a weight near 1")]
                    let boost = *weight as f32;
                    let query: Box<dyn Query> = Box::new(BoostQuery::new(
                        Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
                        boost,
                    ));
                    (Occur::Should, query)
                })
                .collect();
            if any.is_empty() {
                continue;
            }
            let mut clauses = self.filter_clauses(&request.filter);
            let query = if clauses.is_empty() {
                BooleanQuery::new(any)
            } else {
                clauses.push((Occur::Must, Box::new(BooleanQuery::new(any))));
                BooleanQuery::new(clauses)
            };
            for (_, id) in self.best_of(&query, request.limit)? {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        found.truncate(request.limit);
        Ok(found)
    }

    fn statistics_now(&self, grams: &[Gram]) -> tantivy::Result<Statistics> {
        let searcher = self.reader.searcher();
        let documents = searcher.num_docs();
        let generation = searcher.generation().generation_id();
        let known = {
            let guard = self
                .mean_length
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            guard.filter(|(of, _)| *of == generation)
        };
        let mean_length = match known {
            Some((_, mean)) => mean,
            None => {
                let (mut sum, mut count) = (0.0, 0_u32);
                for segment in searcher.segment_readers() {
                    let column = segment.fast_fields().f64("profile_length")?;
                    for document in segment.doc_ids_alive() {
                        sum += column.first(document).unwrap_or_default();
                        count += 1;
                    }
                }
                let mean = sum / f64::from(count.max(1));
                *self
                    .mean_length
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner) = Some((generation, mean));
                mean
            }
        };
        let mut frequency = HashMap::with_capacity(grams.len());
        for gram in grams {
            let term = Term::from_field_text(self.fields.profile, &gram.text());
            frequency.insert(*gram, searcher.doc_freq(&term)?);
        }
        Ok(Statistics {
            documents,
            mean_length,
            frequency,
        })
    }

    fn document(fields: &Fields, source: &EnterpriseDocument) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        let area = source.area();
        document.add_i64(fields.id, source.id);
        document.add_text(fields.stock_code, folded(&source.stock_code));
        document.add_text(fields.place, place_key(&area));
        document.add_text(fields.province, &area.province);
        if !source.industry.is_empty() {
            document.add_text(fields.industry, &source.industry);
        }
        if !source.sw_industry.is_empty() {
            document.add_text(fields.sw_industry, &source.sw_industry);
        }
        for tag in &source.tags {
            document.add_text(fields.tags, tag);
        }
        document.add_u64(fields.size, size_number(source.size()));
        document.add_bool(fields.is_listed, source.is_listed());
        document.add_bool(fields.is_local, source.is_local);
        for name in [&source.name, &source.short_name] {
            document.add_text(fields.name, folded(name));
            document.add_text(fields.name_pairs, name);
        }
        document.add_text(
            fields.profile,
            domain::target::relevance::without_legal_form(&source.name),
        );
        for product in &source.products {
            document.add_text(fields.products, folded(product));
            document.add_text(fields.product_pairs, product);
            document.add_text(fields.profile, product);
        }
        document.add_text(fields.scope_pairs, &source.scope);
        document.add_text(fields.latin_pairs, &source.initials);
        document.add_text(fields.latin_pairs, &source.pinyin);
        document.add_text(fields.latin_pairs, &source.stock_code);
        document.add_f64(fields.profile_length, source.profile_length);
        document
    }
}

/// An index of an older version is of no use to anybody.
fn remove_other_versions(folder: &Path) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_version = name
            .strip_prefix('v')
            .is_some_and(|number| number.parse::<u32>().is_ok());
        if is_version && name != format!("v{VERSION}") {
            // What cannot be removed only takes room.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

/// Runs work on the writer, which is made when it is first needed and kept.
fn with_writer<T>(
    slot: &Mutex<Option<IndexWriter>>,
    index: &Index,
    work: impl FnOnce(&mut IndexWriter) -> tantivy::Result<T>,
) -> Result<T, SearchError> {
    let mut guard = slot.lock().unwrap_or_else(PoisonError::into_inner);
    if guard.is_none() {
        *guard = Some(index.writer(WRITER_MEMORY).map_err(failed)?);
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

    fn parts(&self) -> Vec<&dyn SearchEngine> {
        vec![self]
    }

    async fn search(&self, request: SearchRequest) -> Result<SearchPage, SearchError> {
        // A search takes a few milliseconds: shorter than the way to another thread and back is long.
        tokio::task::yield_now().await;
        self.search_now(&request).map_err(failed)
    }

    async fn candidates(&self, request: CandidateRequest) -> Result<Candidates, SearchError> {
        tokio::task::yield_now().await;
        Ok(Candidates {
            ids: self.candidates_now(&request).map_err(failed)?,
            stood_in: false,
        })
    }

    async fn statistics(&self, grams: Vec<Gram>) -> Result<Option<Statistics>, SearchError> {
        self.statistics_now(&grams).map(Some).map_err(failed)
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

    async fn write(
        &self,
        documents: Vec<EnterpriseDocument>,
        removed: Vec<i64>,
        cursor: Option<Cursor>,
    ) -> Result<(), SearchError> {
        let _writing = self.writing.lock().await;
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
                commit(writer, cursor.as_ref())
            })
        })
        .await
        .map_err(failed)??;
        self.reader.reload().map_err(failed)
    }

    async fn rebuild(&self) -> Result<Box<dyn Rebuild>, SearchError> {
        let writing = Arc::clone(&self.writing).lock_owned().await;
        let rebuild = EmbeddedRebuild {
            writer: Arc::clone(&self.writer),
            index: self.index.clone(),
            reader: self.reader.clone(),
            fields: self.fields,
            is_finished: false,
            _writing: writing,
        };
        rebuild
            .work(|writer, _| writer.delete_all_documents().map(|_| ()))
            .await?;
        Ok(Box::new(rebuild))
    }
}

fn commit(writer: &mut IndexWriter, cursor: Option<&Cursor>) -> tantivy::Result<()> {
    let mut commit = writer.prepare_commit()?;
    if let Some(cursor) = cursor {
        commit.set_payload(&format!("{}:{}", cursor.database_id, cursor.last_id));
    }
    commit.commit()?;
    Ok(())
}

/// The documents of a new index, written beside the old ones: readers see the last commit until the next one.
struct EmbeddedRebuild {
    writer: Arc<Mutex<Option<IndexWriter>>>,
    index: Index,
    reader: IndexReader,
    fields: Fields,
    is_finished: bool,
    _writing: tokio::sync::OwnedMutexGuard<()>,
}

impl EmbeddedRebuild {
    async fn work(
        &self,
        work: impl FnOnce(&mut IndexWriter, &Fields) -> tantivy::Result<()> + Send + 'static,
    ) -> Result<(), SearchError> {
        let (writer, index, fields) = (Arc::clone(&self.writer), self.index.clone(), self.fields);
        tokio::task::spawn_blocking(move || {
            with_writer(&writer, &index, |writer| work(writer, &fields))
        })
        .await
        .map_err(failed)?
    }
}

impl Drop for EmbeddedRebuild {
    fn drop(&mut self) {
        if !self.is_finished {
            let mut guard = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(writer) = guard.as_mut() {
                let _ = writer.rollback();
            }
        }
    }
}

#[async_trait]
impl Rebuild for EmbeddedRebuild {
    async fn add(&mut self, documents: Vec<EnterpriseDocument>) -> Result<(), SearchError> {
        self.work(move |writer, fields| {
            for source in &documents {
                writer.add_document(EmbeddedEngine::document(fields, source))?;
            }
            Ok(())
        })
        .await
    }

    async fn finish(mut self: Box<Self>, cursor: Cursor) -> Result<(), SearchError> {
        self.work(move |writer, _| commit(writer, Some(&cursor)))
            .await?;
        self.is_finished = true;
        self.reader.reload().map_err(failed)
    }
}
