//! How well companies are ranked for a node, and whether every substring is found: `make bench-relevance`.
//!
//! Over the companies of `enterprises.jsonl` that have a label and products: the document is name and products, the
//! question a third-level industry of 申万 by its name, with its parents as what surrounds it; relevant is a company
//! labelled so. The label is never in a document. BM25 over Jieba words and a plain Meilisearch index stand beside ours
//! in the same run. Only industries with three relevant companies or more are asked, and the figures are given for the
//! two halves of them too: a ranking that was fitted to the one would fall on the other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss
)]

#[path = "../tests/common/meilisearch.rs"]
mod meilisearch;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::Arc,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use domain::{
    enterprise::DirectoryFilter,
    target::relevance::{Profile, Question},
};
use meilisearch::Server;
use meilisearch_sdk::{client::Client, settings::Settings};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{
    Database, ServiceResult,
    search::{
        Cursor, EmbeddedEngine, EnterpriseDocument, FailoverEngine, MeilisearchEngine,
        ProfileSource, SearchEngine, SearchRequest, TextRequest, profile, rank_by_text,
    },
};
use tantivy::{
    Index, TantivyDocument, Term,
    collector::TopDocs,
    query::{BooleanQuery, Occur, Query, TermQuery},
    schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions, Value as _},
    tokenizer::{TokenStream, Tokenizer},
};
use tantivy_jieba::JiebaTokenizer;

/// Companies that an answer may hold.
const DEPTH: usize = 200;
const LEAST_RELEVANT: usize = 3;
const SUBSTRINGS: usize = 300;

struct Company {
    name: String,
    products: Vec<(String, Option<f64>)>,
    label: String,
}

struct Node {
    name: String,
    parents: Vec<String>,
    relevant: HashSet<i64>,
}

struct Profiles(Vec<Profile>);

#[async_trait]
impl ProfileSource for Profiles {
    async fn profiles(&self, ids: &[i64]) -> ServiceResult<Vec<(i64, Profile)>> {
        Ok(ids
            .iter()
            .filter_map(|id| Some((*id, self.0.get(usize::try_from(*id).ok()?)?.clone())))
            .collect())
    }
}

fn read(folder: &str) -> Option<(Vec<Company>, Vec<Node>)> {
    let industries = std::fs::read_to_string(format!("{folder}/sw_industries.csv")).ok()?;
    let companies = std::fs::read_to_string(format!("{folder}/enterprises.jsonl")).ok()?;
    let companies: Vec<Company> = companies
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|value| {
            let products: Vec<(String, Option<f64>)> = value["products"]
                .as_array()?
                .iter()
                .filter_map(|product| {
                    let name = product["name"].as_str()?.to_owned();
                    Some((name, product["revenue_share"].as_f64()))
                })
                .collect();
            let label = value["sw3_industry"].as_str()?.to_owned();
            (!products.is_empty()).then(|| Company {
                name: value["name"].as_str().unwrap_or_default().to_owned(),
                products,
                label,
            })
        })
        .collect();
    let rows: Vec<(String, String, String)> = industries
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut cells = line.split(',').map(str::to_owned);
            Some((cells.next()?, cells.next()?, cells.next()?))
        })
        .collect();
    let by_code: HashMap<&str, &(String, String, String)> =
        rows.iter().map(|row| (row.0.as_str(), row)).collect();
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    for row in rows.iter().filter(|row| !row.0.ends_with("00")) {
        let mut parents = Vec::new();
        let mut above = by_code.get(row.2.as_str());
        while let Some(parent) = above {
            parents.push(parent.1.clone());
            above = by_code.get(parent.2.as_str());
        }
        nodes.entry(row.1.clone()).or_insert_with(|| Node {
            name: row.1.clone(),
            parents,
            relevant: (0_i64..)
                .zip(&companies)
                .filter(|(_, company)| company.label == row.1)
                .map(|(id, _)| id)
                .collect(),
        });
    }
    Some((companies, nodes.into_values().collect()))
}

/// nDCG@10, Recall@50, MRR, and how many questions found nothing.
#[derive(Clone, Copy, Default)]
struct Figures {
    gain: f64,
    recall: f64,
    reciprocal: f64,
    empty: usize,
    asked: usize,
}

impl Figures {
    fn add(&mut self, ranked: &[i64], relevant: &HashSet<i64>) {
        let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
        let gain: f64 = ranked
            .iter()
            .take(10)
            .enumerate()
            .filter(|(_, id)| relevant.contains(id))
            .map(|(place, _)| discount(place))
            .sum();
        let ideal: f64 = (0..relevant.len().min(10)).map(discount).sum();
        let found = ranked.iter().take(50).filter(|id| relevant.contains(id));
        self.gain += gain / ideal;
        self.recall += found.count() as f64 / relevant.len() as f64;
        self.reciprocal += ranked
            .iter()
            .position(|id| relevant.contains(id))
            .map_or(0.0, |place| 1.0 / (place + 1) as f64);
        self.empty += usize::from(ranked.is_empty());
        self.asked += 1;
    }

    fn line(&self) -> String {
        let mean = |sum: f64| sum / self.asked.max(1) as f64;
        format!(
            "nDCG@10 {:.3}  Recall@50 {:.3}  MRR {:.3}  nothing found {:>2}",
            mean(self.gain),
            mean(self.recall),
            mean(self.reciprocal),
            self.empty
        )
    }
}

fn show(name: &str, nodes: &[&Node], answers: &[Vec<i64>], took: Duration) {
    let mut all = Figures::default();
    let mut halves = [Figures::default(); 2];
    for (number, (node, ranked)) in nodes.iter().zip(answers).enumerate() {
        all.add(ranked, &node.relevant);
        halves[number % 2].add(ranked, &node.relevant);
    }
    println!(
        "{name:<34} {}  {:>5.1} ms a question   halves {:.3} / {:.3}",
        all.line(),
        took.as_secs_f64() * 1000.0 / nodes.len() as f64,
        halves[0].gain / halves[0].asked as f64,
        halves[1].gain / halves[1].asked as f64,
    );
}

/// A name as a plain index is asked for it: without the numerals of the classification.
fn plain(name: &str) -> String {
    name.trim_end_matches(['Ⅱ', 'Ⅲ']).to_owned()
}

/// BM25 over Jieba words of name and products in one field.
fn plain_bm25(companies: &[Company], nodes: &[&Node]) -> Vec<Vec<i64>> {
    let mut schema = Schema::builder();
    let text = schema.add_text_field(
        "text",
        TextOptions::default().set_indexing_options(
            TextFieldIndexing::default()
                .set_tokenizer("jieba")
                .set_index_option(IndexRecordOption::WithFreqs),
        ),
    );
    let id = schema.add_i64_field("id", STORED);
    let index = Index::create_in_ram(schema.build());
    index.tokenizers().register("jieba", JiebaTokenizer::new());
    let mut writer = index.writer_with_num_threads(1, 50_000_000).unwrap();
    for (number, company) in (0_i64..).zip(companies) {
        let mut document = TantivyDocument::new();
        document.add_i64(id, number);
        let mut words = company.name.to_lowercase();
        for (product, _) in &company.products {
            words.push(' ');
            words.push_str(&product.to_lowercase());
        }
        document.add_text(text, words);
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    let mut tokenizer = JiebaTokenizer::new();
    nodes
        .iter()
        .map(|node| {
            let name = plain(&node.name).to_lowercase();
            let mut stream = tokenizer.token_stream(&name);
            let mut any: Vec<(Occur, Box<dyn Query>)> = Vec::new();
            while stream.advance() {
                let term = Term::from_field_text(text, &stream.token().text);
                any.push((
                    Occur::Should,
                    Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)),
                ));
            }
            searcher
                .search(
                    &BooleanQuery::new(any),
                    &TopDocs::with_limit(DEPTH).order_by_score(),
                )
                .unwrap()
                .into_iter()
                .map(|(_, address)| {
                    let document: TantivyDocument = searcher.doc(address).unwrap();
                    document.get_first(id).unwrap().as_i64().unwrap()
                })
                .collect()
        })
        .collect()
}

#[derive(Serialize, Deserialize)]
struct PlainDocument {
    id: i64,
    name: String,
    products: Vec<String>,
}

/// A Meilisearch index as one makes it without thinking: name and products, told that they are Chinese.
async fn plain_meilisearch(url: &str, companies: &[Company], nodes: &[&Node]) -> Vec<Vec<i64>> {
    let client = Client::new(url, None::<String>).unwrap();
    let documents: Vec<PlainDocument> = (0_i64..)
        .zip(companies)
        .map(|(id, company)| PlainDocument {
            id,
            name: company.name.clone(),
            products: company
                .products
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
        })
        .collect();
    let index = client.index("plain");
    let wait = Some(Duration::from_secs(300));
    let settings = Settings::new()
        .with_searchable_attributes(["name", "products"])
        .with_localized_attributes([meilisearch_sdk::settings::LocalizedAttributes {
            locales: vec!["cmn".to_owned()],
            attribute_patterns: vec!["*".to_owned()],
        }]);
    let task = index.set_settings(&settings).await.unwrap();
    task.wait_for_completion(&client, None, wait).await.unwrap();
    let task = index.add_documents(&documents, Some("id")).await.unwrap();
    task.wait_for_completion(&client, None, wait).await.unwrap();
    let mut answers = Vec::new();
    for node in nodes {
        let name = plain(&node.name);
        let found = index
            .search()
            .with_query(&name)
            .with_limit(DEPTH)
            .with_locales(&["cmn"])
            .execute::<PlainDocument>()
            .await
            .unwrap();
        answers.push(found.hits.into_iter().map(|hit| hit.result.id).collect());
    }
    answers
}

/// The last answer and how long all of them took.
async fn ours(
    engine: &dyn SearchEngine,
    profiles: &Profiles,
    nodes: &[Node],
    asked: &[&Node],
) -> (Vec<Vec<i64>>, Duration) {
    let questions: Vec<Question> = nodes
        .iter()
        .map(|node| {
            Question::of(
                [(node.name.as_str(), 1.0)],
                node.parents.iter().map(String::as_str),
            )
        })
        .collect();
    let filter = DirectoryFilter::default();
    let began = Instant::now();
    let mut answers = Vec::new();
    for node in asked {
        let own = nodes.iter().position(|one| one.name == node.name).unwrap();
        let rivals: Vec<Question> = questions
            .iter()
            .enumerate()
            .filter(|(number, _)| *number != own)
            .map(|(_, question)| question.clone())
            .collect();
        let ranking = rank_by_text(
            engine,
            profiles,
            &TextRequest {
                question: &questions[own],
                rivals: &rivals,
                filter: &filter,
                certain: &[],
                limit: DEPTH,
            },
        )
        .await
        .unwrap();
        answers.push(ranking.fits.iter().map(|fit| fit.id).take(DEPTH).collect());
    }
    (answers, began.elapsed())
}

/// Two-character substrings of product names: how many of the companies that have them are found.
async fn substrings(name: &str, engine: &dyn SearchEngine, companies: &[Company]) {
    let mut pairs: BTreeSet<String> = BTreeSet::new();
    for company in companies {
        for (product, _) in &company.products {
            let characters: Vec<char> = product.chars().collect();
            pairs.extend(
                characters
                    .windows(2)
                    .filter(|pair| pair.iter().all(|one| one.is_alphanumeric()))
                    .map(|pair| pair.iter().collect::<String>()),
            );
        }
    }
    let pairs: Vec<String> = pairs.into_iter().collect();
    let step = (pairs.len() / SUBSTRINGS).max(1);
    let (mut wanted, mut found, mut nothing, mut asked) = (0, 0, 0, 0);
    for pair in pairs.iter().step_by(step).take(SUBSTRINGS) {
        let folded = domain::text::fold(pair);
        let have: HashSet<i64> = (0_i64..)
            .zip(companies)
            .filter(|(_, company)| {
                company
                    .products
                    .iter()
                    .any(|(product, _)| domain::text::fold(product).contains(&folded))
            })
            .map(|(id, _)| id)
            .collect();
        let page = engine
            .search(SearchRequest {
                any_of: vec![pair.clone()],
                limit: companies.len(),
                ..SearchRequest::default()
            })
            .await
            .unwrap();
        let hits: HashSet<i64> = page.hits.iter().map(|hit| hit.id).collect();
        asked += 1;
        wanted += have.len();
        found += have.intersection(&hits).count();
        nothing += usize::from(hits.is_empty());
    }
    println!(
        "{name:<34} {asked} substrings of two characters: {:.2} % of the companies that have them are found, {nothing} find nothing",
        100.0 * found as f64 / wanted as f64
    );
}

#[tokio::main]
async fn main() {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let Some((companies, nodes)) = read(&folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let asked: Vec<&Node> = nodes
        .iter()
        .filter(|node| node.relevant.len() >= LEAST_RELEVANT)
        .collect();
    println!(
        "{} companies, {} industries, {} asked",
        companies.len(),
        nodes.len(),
        asked.len()
    );
    let began = Instant::now();
    let answers = plain_bm25(&companies, &asked);
    show("BM25 over Jieba words", &asked, &answers, began.elapsed());

    let profiles = Profiles(
        companies
            .iter()
            .map(|company| profile(&company.name, &company.products))
            .collect(),
    );
    let documents: Vec<EnterpriseDocument> = (0_i64..)
        .zip(&companies)
        .zip(&profiles.0)
        .map(|((id, company), profile)| EnterpriseDocument {
            id,
            name: company.name.clone(),
            products: company
                .products
                .iter()
                .map(|(name, _)| name.clone())
                .collect(),
            profile_length: profile.length(),
            ..EnterpriseDocument::default()
        })
        .collect();
    let place = tempfile::tempdir().unwrap();
    let embedded = Arc::new(EmbeddedEngine::open(&place.path().join("search")).unwrap());
    let cursor = Cursor {
        database_id: "bench".to_owned(),
        last_id: 0,
    };
    embedded
        .write(documents.clone(), Vec::new(), Some(cursor.clone()))
        .await
        .unwrap();
    let (answers, took) = ours(embedded.as_ref(), &profiles, &nodes, &asked).await;
    show("ours, embedded", &asked, &answers, took);
    substrings("ours, embedded", embedded.as_ref(), &companies).await;

    let Some(server) = Server::start().await else {
        return;
    };
    let began = Instant::now();
    let answers = plain_meilisearch(&server.url, &companies, &asked).await;
    show(
        "Meilisearch, plain index",
        &asked,
        &answers,
        began.elapsed(),
    );
    let database = Database::connect(&format!(
        "sqlite://{}?mode=rwc",
        place.path().join("bench.sqlite").display()
    ))
    .await
    .unwrap();
    database.migrate().await.unwrap();
    let engine = MeilisearchEngine::open(&server.url, None, "ours", database).await;
    let mut rebuild = engine.rebuild().await.unwrap();
    rebuild.add(documents).await.unwrap();
    rebuild.finish(cursor).await.unwrap();
    let engine = FailoverEngine::new(Arc::new(engine), embedded);
    engine.set_ready(0, true);
    let (answers, took) = ours(&engine, &profiles, &nodes, &asked).await;
    show("ours, Meilisearch", &asked, &answers, took);
    substrings("ours, Meilisearch", &engine, &companies).await;
}
