//! A directory of a million companies: how long its index takes to build, in how much memory, and how soon it answers:
//! `make bench-directory`. `DIRECTORY_SIZE` makes it smaller.
//!
//! The companies are drawn with a seed from the names and products of `enterprises.jsonl`, so that words are as common
//! as they are. Where there is a `meilisearch` on the path, the same questions are put to it in the same run.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation
)]

#[path = "../tests/common/meilisearch.rs"]
mod meilisearch;

use std::time::Instant;

use domain::{
    enterprise::{DirectoryFilter, SizeBand},
    region::Area,
    target::relevance::Question,
};
use meilisearch::Server;
use serde_json::Value;
use service::{
    Database,
    search::{
        CandidateRequest, Cursor, EmbeddedEngine, EnterpriseDocument, MeilisearchEngine,
        SearchEngine, SearchRequest, profile,
    },
};

const BATCH: usize = 5000;
const ROUNDS: usize = 200;

/// A generator of numbers with a seed: splitmix64 (Steele, Lea & Flood 2014, OOPSLA).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }
}

/// Sections of 国民经济行业, and titles that companies are tagged with.
const SECTIONS: [&str; 5] = [
    "C 制造业",
    "D 水电煤气",
    "G 运输仓储",
    "I 信息技术",
    "M 科研服务",
];
const TAGS: [&str; 6] = [
    "专精特新",
    "瞪羚",
    "高新技术",
    "制造业单项冠军",
    "独角兽",
    "拟上市",
];

/// What companies are drawn from.
struct Source {
    names: Vec<String>,
    products: Vec<String>,
    industries: Vec<String>,
    places: Vec<(String, String)>,
}

fn source(folder: &str) -> Option<Source> {
    let text = std::fs::read_to_string(format!("{folder}/enterprises.jsonl")).ok()?;
    let mut source = Source {
        names: Vec::new(),
        products: Vec::new(),
        industries: Vec::new(),
        places: Vec::new(),
    };
    for line in text.lines() {
        let value: Value = serde_json::from_str(line).unwrap();
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_owned();
        source.names.push(text("short_name"));
        for product in value["products"].as_array().into_iter().flatten() {
            source
                .products
                .push(product["name"].as_str().unwrap_or_default().to_owned());
        }
        if !text("city").is_empty() {
            source.places.push((text("province"), text("city")));
        }
        if !text("sw3_industry").is_empty() {
            source.industries.push(text("sw3_industry"));
        }
    }
    Some(source)
}

fn company(id: i64, dice: &mut Dice, source: &Source) -> EnterpriseDocument {
    let (province, city) = dice.pick(&source.places).clone();
    let one: String = dice.pick(&source.names).chars().take(2).collect();
    let two: String = dice.pick(&source.names).chars().skip(1).take(2).collect();
    let count = 1 + dice.below(8);
    let products: Vec<(String, Option<f64>)> = (0..count)
        .map(|_| {
            let share = dice.below(100) as f64 / 100.0;
            (dice.pick(&source.products).clone(), Some(share))
        })
        .collect();
    let scope: Vec<String> = (0..6)
        .map(|_| dice.pick(&source.products).clone())
        .collect();
    let bare = city.trim_end_matches('市');
    let name = format!(
        "{bare}{one}{two}{}有限公司",
        dice.pick(&["科技", "材料", "实业", "电子"])
    );
    let known = dice.below(3) > 0;
    EnterpriseDocument {
        id,
        short_name: format!("{one}{two}"),
        stock_code: if dice.below(200) == 0 {
            format!("{:06}", dice.below(700_000))
        } else {
            String::new()
        },
        profile_length: profile(&name, &products).length(),
        products: products.into_iter().map(|(name, _)| name).collect(),
        scope: scope.join("；"),
        industry: (*dice.pick(&SECTIONS)).to_owned(),
        sw_industry: dice.pick(&source.industries).clone(),
        tags: (0..dice.below(4))
            .map(|_| (*dice.pick(&TAGS)).to_owned())
            .collect(),
        revenue_wan: known.then(|| i64::try_from(dice.below(2_000_000)).unwrap()),
        is_local: dice.below(1000) == 0,
        pinyin: format!("{}{}", pinyin(dice), pinyin(dice)),
        initials: "abcd"
            .chars()
            .map(|_| char::from(b'a' + dice.below(26) as u8))
            .collect(),
        name,
        province,
        city,
    }
}

fn pinyin(dice: &mut Dice) -> &'static str {
    const SOUNDS: [&str; 12] = [
        "shang", "zhong", "guo", "hua", "jin", "tong", "xin", "neng", "dian", "mo", "li", "yuan",
    ];
    SOUNDS[dice.below(SOUNDS.len())]
}

/// The most memory that the process had, in MB; `None` where the system does not say.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1024)
}

fn folder_size(folder: &std::path::Path) -> u64 {
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| {
            let meta = entry.metadata().unwrap();
            if meta.is_dir() {
                folder_size(&entry.path())
            } else {
                meta.len()
            }
        })
        .sum()
}

struct Times(Vec<f64>);

impl Times {
    fn line(&mut self) -> String {
        self.0.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let place = ((self.0.len() - 1) as f64 * share).round() as usize;
            self.0[place]
        };
        format!(
            "p50 {:>7.1}  p95 {:>7.1}  p99 {:>7.1}  max {:>7.1} ms",
            at(0.5),
            at(0.95),
            at(0.99),
            at(1.0)
        )
    }
}

/// The questions, each with its name: filters and facets, typing, a gap's candidates.
async fn ask(name: &str, engine: &dyn SearchEngine, source: &Source) {
    let mut dice = Dice(7);
    let (mut full, mut typing, mut gap, mut hits) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for round in 0..ROUNDS {
        let product = dice.pick(&source.products).clone();
        let word: String = product.chars().take(2 + round % 4).collect();
        let (province, _) = dice.pick(&source.places).clone();
        let filter = match round % 4 {
            0 => DirectoryFilter::default(),
            1 => DirectoryFilter {
                regions: vec!["长三角".to_owned(), "大湾区".to_owned()],
                ..DirectoryFilter::default()
            },
            2 => DirectoryFilter {
                areas: vec![Area::of(Some(&province), None)],
                sizes: vec![SizeBand::Huge, SizeBand::Large],
                ..DirectoryFilter::default()
            },
            _ => DirectoryFilter {
                sw_industries: vec![dice.pick(&source.industries).clone()],
                tags: vec![(*dice.pick(&TAGS)).to_owned()],
                is_local: Some(false),
                ..DirectoryFilter::default()
            },
        };
        let began = Instant::now();
        let page = engine
            .search(SearchRequest {
                any_of: vec![word],
                in_names: true,
                filter: filter.clone(),
                offset: 0,
                limit: 50,
                ..SearchRequest::default()
            })
            .await
            .unwrap();
        full.push(began.elapsed().as_secs_f64() * 1000.0);
        hits += page.total;

        let company = dice.pick(&source.names).clone();
        let typed: String = company.chars().take(1 + round % 3).collect();
        let began = Instant::now();
        engine
            .search(SearchRequest {
                any_of: vec![typed],
                in_names: true,
                limit: 8,
                hits_only: true,
                ..SearchRequest::default()
            })
            .await
            .unwrap();
        typing.push(began.elapsed().as_secs_f64() * 1000.0);

        let question = Question::of([(product.as_str(), 1.0)], []);
        let began = Instant::now();
        engine
            .candidates(CandidateRequest {
                grams: question.grams().collect(),
                filter,
                limit: 240,
            })
            .await
            .unwrap();
        gap.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    println!(
        "{name}: {} hits a question on average",
        hits / ROUNDS as u64
    );
    println!("  words, filters and facets   {}", Times(full).line());
    println!("  while typing                {}", Times(typing).line());
    println!("  candidates for a gap        {}", Times(gap).line());
}

async fn build(name: &str, engine: &dyn SearchEngine, size: usize, source: &Source) {
    let mut dice = Dice(1);
    let began = Instant::now();
    let mut rebuild = engine.rebuild().await.unwrap();
    let mut id = 0;
    while id < size {
        let until = (id + BATCH).min(size);
        let documents = (id..until)
            .map(|id| company(i64::try_from(id).unwrap(), &mut dice, source))
            .collect();
        rebuild.add(documents).await.unwrap();
        id = until;
    }
    let cursor = Cursor {
        database_id: "bench".to_owned(),
        last_id: 0,
    };
    rebuild.finish(cursor).await.unwrap();
    println!(
        "{name}: {size} companies in {:.0} s",
        began.elapsed().as_secs_f64()
    );
}

/// How soon a change is seen.
async fn change(name: &str, engine: &dyn SearchEngine, source: &Source) {
    let mut dice = Dice(3);
    let mut times = Vec::new();
    for round in 0..20 {
        let document = company(round * 37, &mut dice, source);
        let began = Instant::now();
        engine
            .write(vec![document], Vec::new(), None)
            .await
            .unwrap();
        times.push(began.elapsed().as_secs_f64() * 1000.0);
    }
    println!("{name}: a change is seen after {}", Times(times).line());
}

#[tokio::main]
async fn main() {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let Some(source) = source(&folder) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let size = std::env::var("DIRECTORY_SIZE")
        .ok()
        .and_then(|size| size.parse().ok())
        .unwrap_or(1_000_000);
    let place = tempfile::tempdir().unwrap();
    let index = place.path().join("search");
    let embedded = EmbeddedEngine::open(&index).unwrap();
    build("embedded", &embedded, size, &source).await;
    println!(
        "embedded: {} MB of memory at most, {} MB on the disk",
        peak_memory().unwrap_or_default(),
        folder_size(&index) / 1_000_000
    );
    ask("embedded", &embedded, &source).await;
    change("embedded", &embedded, &source).await;
    drop(embedded);
    if std::env::var_os("DIRECTORY_EMBEDDED_ONLY").is_some() {
        return;
    }
    let Some(server) = Server::start().await else {
        return;
    };
    let database = Database::connect(&format!(
        "sqlite://{}?mode=rwc",
        place.path().join("bench.sqlite").display()
    ))
    .await
    .unwrap();
    database.migrate().await.unwrap();
    let engine = MeilisearchEngine::open(&server.url, None, "directory", database).await;
    build("meilisearch", &engine, size, &source).await;
    ask("meilisearch", &engine, &source).await;
    change("meilisearch", &engine, &source).await;
}
