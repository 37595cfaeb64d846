//! What both search engines promise. The embedded engine is always held to it; Meilisearch when `TEST_MEILI_URL`
//! names a server or there is a `meilisearch` to start.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/meilisearch.rs"]
mod meilisearch;
#[path = "common/stand_in.rs"]
mod stand_in;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{
        Arc, Weak,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use common::{Backend, Zone, refusal};
use domain::{
    enterprise::{DirectoryFilter, EngineProblem, EngineState},
    problem::Problem,
    region::Area,
    text::fold,
};
use entity::{enterprise, enterprise_product, outbox, search_cursor};
use meilisearch::{Server, free_port};
use meilisearch_sdk::{
    client::Client,
    errors::{Error, ErrorCode},
    key::{Action, Key, KeyBuilder},
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use service::{
    Service,
    search::{
        Cursor, EmbeddedEngine, EnterpriseDocument, FailoverEngine, MeilisearchEngine, Search,
        SearchPage, SearchRequest, SyncOutcome,
    },
};
use stand_in::{FAILED_CODE, FAILED_MESSAGE, StandIn};
use tempfile::TempDir;
use tokio::sync::Mutex;

const EVERYTHING: usize = 10_000;

/// The server of all tests; it ends with the last one that uses it.
async fn server() -> Option<Arc<Server>> {
    static RUNNING: Mutex<Weak<Server>> = Mutex::const_new(Weak::new());
    let mut running = RUNNING.lock().await;
    if let Some(server) = running.upgrade() {
        return Some(server);
    }
    let server = match std::env::var("TEST_MEILI_URL") {
        Ok(url) => {
            let server = Server::at(url);
            server.until_it_answers().await;
            server
        }
        Err(_) => Server::start().await?,
    };
    let server = Arc::new(server);
    *running = Arc::downgrade(&server);
    Some(server)
}

/// Where an engine of one test keeps its index.
enum Store {
    Embedded(TempDir),
    Meilisearch { server: Arc<Server>, index: String },
}

impl Store {
    /// An engine on this store, as a starting server opens one.
    async fn open(&self, zone: &Zone) -> Search {
        match self {
            Self::Embedded(folder) => Arc::new(EmbeddedEngine::open(folder.path()).unwrap()),
            Self::Meilisearch { server, index } => {
                let database = zone.service.database().clone();
                Arc::new(MeilisearchEngine::open(&server.url, None, index, database).await)
            }
        }
    }

    /// Takes the index away behind the engine's back. Nothing may have it open.
    async fn lose(&self) {
        match self {
            Self::Embedded(folder) => {
                for entry in std::fs::read_dir(folder.path()).unwrap() {
                    std::fs::remove_dir_all(entry.unwrap().path()).unwrap();
                }
            }
            Self::Meilisearch { server, index } => {
                let client = Client::new(&server.url, None::<String>).unwrap();
                let task = client.index(index).delete_all_documents().await.unwrap();
                task.wait_for_completion(&client, None, Some(Duration::from_secs(60)))
                    .await
                    .unwrap();
            }
        }
    }

    async fn end(self) {
        if let Self::Meilisearch { server, index } = self {
            let client = Client::new(&server.url, None::<String>).unwrap();
            if let Ok(task) = client.delete_index(&index).await {
                task.wait_for_completion(&client, None, Some(Duration::from_secs(60)))
                    .await
                    .ok();
            }
        }
    }
}

/// The use cases of a zone over another engine.
fn over(zone: &Zone, engine: &Search) -> Service {
    Service::new(
        zone.service.database().clone(),
        Arc::clone(engine),
        Arc::new(common::morning),
    )
}

/// Makes two tests of one: the same promise by both engines. The index has been fed with the demo zone.
macro_rules! by_both {
    ($($name:ident($zone:ident, $store:ident, $service:ident) $body:block)*) => {
        $(mod $name {
            use super::*;

            async fn run($store: Store, backend: Backend) {
                let Some($zone) = common::demo_zone(backend).await else { return };
                let $service = over(&$zone, &$store.open(&$zone).await);
                $service.feed_search().await.unwrap();
                $body
                $zone.end().await;
                $store.end().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded() {
                run(Store::Embedded(tempfile::tempdir().unwrap()), Backend::Sqlite).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn embedded_postgres() {
                run(Store::Embedded(tempfile::tempdir().unwrap()), Backend::Postgres).await;
            }

            /// Beside PostgreSQL, as it would stand; beside SQLite where there is none.
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn meilisearch() {
                if let Some(server) = server().await {
                    let index = format!("{}_{}", stringify!($name), std::process::id());
                    let backend = if std::env::var_os("TEST_POSTGRES_URL").is_some() { Backend::Postgres } else { Backend::Sqlite };
                    run(Store::Meilisearch { server, index }, backend).await;
                }
            }
        })*
    };
}

fn request(terms: &[&str]) -> SearchRequest {
    SearchRequest {
        any_of: terms.iter().map(|term| (*term).to_owned()).collect(),
        limit: EVERYTHING,
        ..SearchRequest::default()
    }
}

fn named(term: &str) -> SearchRequest {
    SearchRequest {
        in_names: true,
        ..request(&[term])
    }
}

async fn ask(service: &Service, request: SearchRequest) -> SearchPage {
    service.search().search(request).await.unwrap()
}

async fn ids(service: &Service, request: SearchRequest) -> BTreeSet<i64> {
    let page = ask(service, request).await;
    let ids: BTreeSet<i64> = page.hits.iter().map(|hit| hit.id).collect();
    assert_eq!(
        (ids.len(), page.total),
        (page.hits.len(), page.hits.len() as u64)
    );
    ids
}

async fn companies(zone: &Zone) -> Vec<enterprise::Model> {
    enterprise::Entity::find()
        .filter(enterprise::Column::Closed.eq(false))
        .order_by_asc(enterprise::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
}

async fn products(zone: &Zone) -> Vec<enterprise_product::Model> {
    enterprise_product::Entity::find()
        .order_by_asc(enterprise_product::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
}

/// A few of many, always the same.
fn some<T>(all: Vec<T>, count: usize) -> Vec<T> {
    let step = (all.len() / count).max(1);
    all.into_iter().step_by(step).take(count).collect()
}

/// Writes a company in, past the search, and into the outbox.
async fn announce(zone: &Zone, id: i64) {
    outbox::ActiveModel {
        topic: Set("enterprise".to_owned()),
        key: Set(id),
        created_at: Set(zone.service.now()),
        ..Default::default()
    }
    .insert(zone.tables())
    .await
    .unwrap();
}

async fn last_outbox(zone: &Zone) -> i64 {
    outbox::Entity::find()
        .order_by_desc(outbox::Column::Id)
        .one(zone.tables())
        .await
        .unwrap()
        .map_or(0, |row| row.id)
}

by_both! {
    any_two_neighbouring_characters_of_a_product_find_it(zone, store, service) {
        let officer = zone.actor("officer-east").await;
        let table = "企业名称,主营产品\n甲试验银行有限公司,中国农业发展银行结算服务\n".as_bytes().to_vec();
        zone.import(&officer, "银行.csv", table).await;
        service.feed_search().await.unwrap();
        let bank = companies(&zone).await.into_iter().find(|company| company.name == "甲试验银行有限公司").unwrap();
        for pair in ["中国", "国农", "农业", "业发", "发展", "展银", "银行", "行结", "结算", "算服", "服务"] {
            assert!(ids(&service, request(&[pair])).await.contains(&bank.id), "{pair}");
        }
        let mut pairs = Vec::new();
        for product in products(&zone).await {
            let characters: Vec<char> = product.name.chars().collect();
            for pair in characters.windows(2).filter(|pair| pair.iter().all(|character| !character.is_whitespace())) {
                pairs.push((pair.iter().collect::<String>(), product.enterprise_id, product.name.clone()));
            }
        }
        let pairs = some(pairs, 100);
        assert_eq!(pairs.len(), 100);
        let mut missed = Vec::new();
        for (pair, id, product) in pairs {
            if !ids(&service, request(&[&pair])).await.contains(&id) {
                missed.push((pair, product));
            }
        }
        assert_eq!(missed, []);
    }

    any_longer_part_of_a_product_finds_exactly_who_has_it(zone, store, service) {
        let all = products(&zone).await;
        let scopes: Vec<(i64, String)> = companies(&zone).await.into_iter()
            .filter_map(|company| Some((company.id, company.business_scope?))).collect();
        let mut parts = Vec::new();
        for product in &all {
            let characters: Vec<char> = product.name.chars().collect();
            parts.extend(characters.windows(3).filter(|part| part.iter().all(|character| character.is_alphanumeric()))
                .map(|part| part.iter().collect::<String>()));
        }
        for part in some(parts, 40) {
            let folded = fold(&part);
            let expected: BTreeSet<i64> = all.iter().filter(|product| fold(&product.name).contains(&folded)).map(|product| product.enterprise_id)
                .chain(scopes.iter().filter(|(_, scope)| fold(scope).contains(&folded)).map(|(id, _)| *id)).collect();
            let found = ids(&service, request(&[&part])).await;
            assert!(expected.is_subset(&found), "{part}: {:?}", expected.difference(&found).collect::<Vec<_>>());
        }
    }

    one_character_finds_it_too(zone, store, service) {
        let mut characters: Vec<(String, i64)> = Vec::new();
        for product in products(&zone).await {
            // The last one, too: 膜 is where such names end.
            characters.extend(product.name.chars().last().map(|last| (last.to_string(), product.enterprise_id)));
            characters.extend(product.name.chars().nth(1).map(|second| (second.to_string(), product.enterprise_id)));
        }
        let mut missed = BTreeSet::new();
        for (character, id) in some(characters, 60) {
            if !ids(&service, request(&[&character])).await.contains(&id) {
                missed.insert(character);
            }
        }
        assert_eq!(missed, BTreeSet::new());
    }

    names_are_found_as_people_type_them(zone, store, service) {
        let all = companies(&zone).await;
        let listed: Vec<_> = all.iter().filter(|company| company.stock_code.is_some()).cloned().collect();
        assert!(listed.len() >= 10);
        let wide = |text: &str| -> String {
            text.chars().map(|character| match character {
                '!'..='~' => char::from_u32(u32::from(character) + 0xfee0).unwrap(),
                other => other,
            }).collect()
        };
        let green = "绿能试验科技有限公司";
        let officer = zone.actor("officer-east").await;
        zone.import(&officer, "绿.csv", format!("企业名称,省份\n{green},江苏\n").into_bytes()).await;
        service.feed_search().await.unwrap();
        let green = companies(&zone).await.into_iter().find(|company| company.name == green).unwrap();
        assert!(ids(&service, named("lvneng")).await.contains(&green.id), "ü as it is typed");
        for company in some(listed, 10).into_iter().chain(some(all, 15)) {
            let mut asked = vec![company.name.clone(), wide(&company.name), company.name.chars().take(4).collect()];
            asked.extend(company.initials.split(' ').map(str::to_owned));
            asked.extend(company.initials.split(' ').map(str::to_uppercase));
            asked.extend(company.pinyin.split(' ').map(str::to_owned));
            asked.extend(company.short_name.clone());
            if let Some(code) = &company.stock_code {
                asked.extend([code.clone(), wide(code), format!(" {code} ")]);
            }
            for text in asked {
                assert!(ids(&service, named(&text)).await.contains(&company.id), "{text:?} should find {}", company.name);
            }
        }
    }

    names_only_count_where_they_are_asked_for(zone, store, service) {
        let company = companies(&zone).await.into_iter().find(|company| company.stock_code.is_some()).unwrap();
        let code = company.stock_code.unwrap();
        assert!(ids(&service, named(&code)).await.contains(&company.id));
        assert!(!ids(&service, request(&[&code])).await.contains(&company.id));
    }

    every_word_must_hit_and_any_term_may(zone, store, service) {
        let (one, two) = (ids(&service, request(&["电池"])).await, ids(&service, request(&["系统"])).await);
        assert!(!one.is_empty() && !two.is_empty() && one != two);
        let both: BTreeSet<i64> = one.intersection(&two).copied().collect();
        let either: BTreeSet<i64> = one.union(&two).copied().collect();
        assert_eq!(ids(&service, request(&["电池 系统"])).await, both);
        assert_eq!(ids(&service, request(&["系统\u{3000}电池"])).await, both);
        assert_eq!(ids(&service, request(&["电池", "系统"])).await, either);
    }

    filters_and_counts_agree_with_the_database(zone, store, service) {
        let all = companies(&zone).await;
        let place: BTreeMap<i64, (Option<String>, bool)> = all.iter().map(|company| (company.id, (company.province.clone(), company.is_local))).collect();
        for terms in [&[][..], &["电池"][..], &["产品", "系统"][..]] {
            let found = ids(&service, request(terms)).await;
            assert!(found.len() > 3, "{terms:?}");
            if terms.is_empty() { assert_eq!(found.len(), all.len()); }
            for is_local in [None, Some(true), Some(false)] {
                let filter = DirectoryFilter { is_local, ..DirectoryFilter::default() };
                let matching: BTreeSet<i64> = found.iter().copied().filter(|id| is_local.is_none_or(|local| place[id].1 == local)).collect();
                let page = ask(&service, SearchRequest { filter: filter.clone(), ..request(terms) }).await;
                assert_eq!(page.hits.iter().map(|hit| hit.id).collect::<BTreeSet<_>>(), matching, "{terms:?} {is_local:?}");
                let mut counts: BTreeMap<String, u64> = BTreeMap::new();
                for id in &matching {
                    if let Some(province) = &place[id].0 { *counts.entry(province.clone()).or_default() += 1; }
                }
                let mut counts: Vec<(String, u64)> = counts.into_iter().collect();
                counts.sort_by(|one, two| two.1.cmp(&one.1).then(one.0.cmp(&two.0)));
                assert_eq!(page.facets.provinces(), counts, "{terms:?} {is_local:?}");
                for (province, count) in counts.iter().take(3) {
                    let narrowed = ask(&service, SearchRequest { filter: DirectoryFilter { areas: vec![Area::of(Some(province), None)], ..filter.clone() }, ..request(terms) }).await;
                    assert_eq!((narrowed.total, narrowed.hits.len() as u64), (*count, *count), "{terms:?} {province}");
                    assert!(narrowed.hits.iter().all(|hit| place[&hit.id].0.as_ref() == Some(province) && matching.contains(&hit.id)));
                    assert_eq!(narrowed.facets.provinces(), counts, "whatever province was asked for");
                }
            }
        }
        let nowhere = ask(&service, SearchRequest { filter: DirectoryFilter { areas: vec![Area { province: "\"不\\存在\" OR id > 0".to_owned(), city: "'".to_owned() }], ..DirectoryFilter::default() }, ..request(&[]) }).await;
        assert_eq!((nowhere.total, nowhere.hits), (0, Vec::new()));
    }

    pages_do_not_overlap_and_hold_everything(zone, store, service) {
        for terms in [&[][..], &["电池"][..], &["有限"][..], &["产品", "系统"][..]] {
            for limit in [1, 7, 50] {
                let asked = |offset: usize| SearchRequest { in_names: true, offset, limit, ..request(terms) };
                let total = ask(&service, asked(0)).await.total;
                // Of small pages only the first ones, to keep the test short.
                let until = total.min(if limit < 50 { 12 * limit as u64 } else { total });
                let mut seen = Vec::new();
                while (seen.len() as u64) < until {
                    let page = ask(&service, asked(seen.len())).await;
                    assert_eq!(page.total, total);
                    assert_eq!(page.hits.len() as u64, (total - seen.len() as u64).min(limit as u64), "{terms:?} {limit}");
                    assert!(page.hits.is_sorted_by(|one, two| one.relevance >= two.relevance));
                    seen.extend(page.hits.iter().map(|hit| hit.id));
                }
                let once: BTreeSet<i64> = seen.iter().copied().collect();
                assert_eq!(once.len(), seen.len(), "{terms:?} {limit}: a page repeats another");
                let whole = ask(&service, SearchRequest { in_names: true, ..request(terms) }).await;
                let order: Vec<i64> = whole.hits.iter().map(|hit| hit.id).take(seen.len()).collect();
                assert_eq!(seen, order, "{terms:?} {limit}");
            }
        }
        let past = ask(&service, SearchRequest { offset: 9_999, limit: 10, ..request(&["电池"]) }).await;
        assert!(past.hits.is_empty() && past.total > 0);
        let none = ask(&service, SearchRequest { limit: 0, ..request(&["电池"]) }).await;
        assert_eq!((none.hits.len(), none.total), (0, past.total));
    }

    whatever_is_typed_is_answered(zone, store, service) {
        let long = "长".repeat(1000);
        for text in [
            "\"", "*", "\\", "'; DROP TABLE enterprise; --", "a AND (b", "+-&&||!(){}[]^~?:", "😀", "\0", "膜\u{200b}", "-电池", "电池 -系统",
            "\"电池\"", &long, "ａｂｃ", "%", "_", "..", "电池*",
        ] {
            for in_names in [true, false] {
                let page = ask(&service, SearchRequest { in_names, ..request(&[text]) }).await;
                assert_eq!(page.total, page.hits.len() as u64, "{text:?}");
            }
        }
        for nothing in ["", " ", "\u{3000}"] {
            assert_eq!(ask(&service, request(&[nothing])).await.total, 0, "words were asked for and there are none: {nothing:?}");
        }
        assert_eq!(ids(&service, request(&["没有这样的产品名"])).await, BTreeSet::new());
        let minus = ids(&service, request(&["-电池"])).await;
        assert!(minus.is_subset(&ids(&service, request(&["电池"])).await), "a minus sign turns nothing round");
    }

    what_is_written_is_seen_at_once(zone, store, service) {
        let company = companies(&zone).await.remove(0);
        let document = EnterpriseDocument {
            id: company.id,
            name: "改名试验有限公司".to_owned(),
            products: vec!["奇异果膜片".to_owned()],
            province: company.province.clone().unwrap_or_default(),
            ..EnterpriseDocument::default()
        };
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::new());
        service.search().write(vec![document.clone()], Vec::new(), None).await.unwrap();
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::from([company.id]));
        assert!(!ids(&service, named(&company.name)).await.contains(&company.id), "the old one is replaced");
        service.search().write(vec![EnterpriseDocument { products: vec!["猕猴桃膜片".to_owned()], ..document }], Vec::new(), None).await.unwrap();
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::new());
        assert_eq!(ids(&service, request(&["猴桃膜"])).await, BTreeSet::from([company.id]));
        service.search().write(Vec::new(), vec![company.id], None).await.unwrap();
        assert_eq!(ids(&service, request(&["猴桃膜"])).await, BTreeSet::new());
        assert!(!ids(&service, request(&[])).await.contains(&company.id));
    }

    an_emptied_engine_says_so_and_is_filled_again(zone, store, service) {
        let count = companies(&zone).await.len() as u64;
        let before = service.search().cursor().await.unwrap().unwrap();
        assert_eq!(before.last_id, last_outbox(&zone).await);
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome::default(), "nothing to do");
        let other = Cursor { last_id: -2, ..before.clone() };
        service.search().rebuild().await.unwrap().finish(other).await.unwrap();
        assert_eq!(ask(&service, request(&[])).await.total, 0);
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome { documents: count, rebuilt: true });
        assert_eq!(service.search().cursor().await.unwrap(), Some(before));
        assert_eq!(ask(&service, request(&[])).await.total, count);
    }

    the_outbox_brings_and_takes_companies(zone, store, service) {
        let officer = zone.actor("officer-east").await;
        let table = "企业名称,主营产品\n甲试验果业有限公司,奇异果膜片\n乙试验果业有限公司,奇异果膜片\n".as_bytes().to_vec();
        zone.import(&officer, "果.csv", table).await;
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::new());
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome { documents: 2, rebuilt: false });
        let found = ids(&service, request(&["异果膜"])).await;
        assert_eq!(found.len(), 2);
        let (closed, deleted) = (*found.first().unwrap(), *found.last().unwrap());
        let row = enterprise::Entity::find_by_id(closed).one(zone.tables()).await.unwrap().unwrap();
        let mut change: enterprise::ActiveModel = row.into();
        change.closed = Set(true);
        change.update(zone.tables()).await.unwrap();
        announce(&zone, closed).await;
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome::default());
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::from([deleted]));
        enterprise::Entity::delete_by_id(deleted).exec(zone.tables()).await.unwrap();
        announce(&zone, deleted).await;
        service.feed_search().await.unwrap();
        assert_eq!(ids(&service, request(&["异果膜"])).await, BTreeSet::new());
        assert_eq!(service.search().cursor().await.unwrap().unwrap().last_id, last_outbox(&zone).await);
    }

    an_index_lost_behind_our_back_is_made_again(zone, store, service) {
        let before = ids(&service, request(&["电池"])).await;
        assert!(!before.is_empty());
        let cursor = service.search().cursor().await.unwrap();
        let service = { drop(service); store.lose().await; over(&zone, &store.open(&zone).await) };
        assert_eq!(service.search().cursor().await.unwrap(), None, "it cannot vouch for what is not there");
        assert!(service.feed_search().await.unwrap().rebuilt);
        assert_eq!(ids(&service, request(&["电池"])).await, before);
        assert_eq!(service.search().cursor().await.unwrap(), cursor);
    }

    an_index_of_another_database_is_noticed(zone, store, service) {
        let here = companies(&zone).await.len() as u64;
        drop(service);
        let other = common::empty_zone(Backend::Sqlite).await.unwrap();
        enterprise::ActiveModel {
            name: Set("丙试验果业有限公司".to_owned()), name_key: Set("丙试验果业有限公司".to_owned()),
            is_local: Set(false), is_demo: Set(false), closed: Set(false), source: Set(String::new()),
            sort_key: Set(String::new()), pinyin: Set(String::new()), initials: Set(String::new()),
            created_at: Set(common::morning()), updated_at: Set(common::morning()), version: Set(1),
            ..Default::default()
        }.insert(other.tables()).await.unwrap();
        announce(&other, 1).await;
        {
            let there = over(&other, &store.open(&other).await);
            assert_eq!(there.feed_search().await.unwrap(), SyncOutcome { documents: 1, rebuilt: true });
            assert_eq!(ask(&there, request(&[])).await.total, 1);
        }
        let service = over(&zone, &store.open(&zone).await);
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome { documents: here, rebuilt: true });
        assert_eq!(ask(&service, request(&[])).await.total, here);
        other.end().await;
    }

    an_older_backup_or_a_cleaned_outbox_is_noticed(zone, store, service) {
        let last = last_outbox(&zone).await;
        // The database as it was before its last changes, with the index of later.
        outbox::Entity::delete_many().filter(outbox::Column::Id.gt(last - 5)).exec(zone.tables()).await.unwrap();
        assert!(service.feed_search().await.unwrap().rebuilt);
        assert!(!service.feed_search().await.unwrap().rebuilt);
        for _ in 0..3 { announce(&zone, 1).await; }
        let newest = last_outbox(&zone).await;
        outbox::Entity::delete_many().filter(outbox::Column::Id.lt(newest)).exec(zone.tables()).await.unwrap();
        assert_eq!(outbox::Entity::find().count(zone.tables()).await.unwrap(), 1);
        assert!(service.feed_search().await.unwrap().rebuilt, "rows between the cursor and the first one were never read");
        assert!(!service.feed_search().await.unwrap().rebuilt);
    }

    a_rebuild_can_be_asked_for(zone, store, service) {
        let count = companies(&zone).await.len() as u64;
        zone.service.request_search_rebuild().await.unwrap();
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome { documents: count, rebuilt: true });
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome::default());
        let mut heard = Vec::new();
        service.rebuild_search(&mut |done, total| heard.push((done, total))).await.unwrap();
        assert_eq!(heard.last(), Some(&(count, count)));
    }

    a_reopened_engine_goes_on_where_it_stopped(zone, store, service) {
        let cursor = service.search().cursor().await.unwrap();
        drop(service);
        let service = over(&zone, &store.open(&zone).await);
        assert_eq!(service.search().cursor().await.unwrap(), cursor);
        assert_eq!(service.feed_search().await.unwrap(), SyncOutcome::default());
        assert!(!ids(&service, request(&["电池"])).await.is_empty());
    }
}

/// A folder with something in it that is no index is made anew, not died of.
#[tokio::test]
async fn a_damaged_index_is_made_anew() {
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let open = || -> Search { Arc::new(EmbeddedEngine::open(folder.path()).unwrap()) };
    over(&zone, &open()).feed_search().await.unwrap();
    damage(folder.path());
    let service = over(&zone, &open());
    assert!(service.feed_search().await.unwrap().rebuilt);
    assert!(!ids(&service, request(&["电池"])).await.is_empty());
}

fn damage(folder: &Path) {
    for version in std::fs::read_dir(folder).unwrap() {
        std::fs::write(version.unwrap().path().join("meta.json"), b"{ no json").unwrap();
    }
}

/// Only one process writes an index; a second one is told so.
#[tokio::test]
async fn a_second_writer_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        EmbeddedEngine::open(folder.path()).unwrap(),
        EmbeddedEngine::open(folder.path()).unwrap(),
    );
    assert!(!one.is_locked_elsewhere() && !two.is_locked_elsewhere());
    let (one, two): (Search, Search) = (Arc::new(one), Arc::new(two));
    let cursor = Cursor {
        database_id: "x".to_owned(),
        last_id: 7,
    };
    one.write(Vec::new(), Vec::new(), Some(cursor.clone()))
        .await
        .unwrap();
    assert!(two.write(Vec::new(), Vec::new(), None).await.is_err());
    assert_eq!(two.cursor().await.unwrap(), Some(cursor));
    assert!(
        EmbeddedEngine::open(folder.path())
            .unwrap()
            .is_locked_elsewhere()
    );
}

/// Meilisearch at `url` with the embedded engine behind it.
async fn failover(zone: &Zone, url: &str, key: Option<&str>, folder: &Path) -> Service {
    let database = zone.service.database().clone();
    let first = MeilisearchEngine::open(url, key, "enterprises", database).await;
    let embedded = Arc::new(EmbeddedEngine::open(folder).unwrap());
    let engine: Search = Arc::new(FailoverEngine::new(Arc::new(first), embedded));
    over(zone, &engine)
}

const FRUIT: &str = "企业名称,主营产品\n甲试验果业有限公司,奇异果膜片\n";

/// Nothing listens at the first engine's address.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_embedded_engine_stands_in_for_a_server_that_is_down() {
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = failover(
        &zone,
        &format!("http://127.0.0.1:{}", free_port()),
        None,
        folder.path(),
    )
    .await;
    assert!(
        service.feed_search().await.is_err(),
        "one engine is not fed"
    );
    let page = ask(&service, request(&["电池"])).await;
    assert_eq!((page.engine, page.stood_in), ("embedded", true));
    let alone = ids(&zone.service, request(&["电池"])).await;
    assert_eq!(
        page.hits.iter().map(|hit| hit.id).collect::<BTreeSet<_>>(),
        alone
    );
    // Saving goes on, and what was saved is found.
    let officer = zone.actor("officer-east").await;
    zone.import(&officer, "果.csv", FRUIT.as_bytes().to_vec())
        .await;
    assert!(service.feed_search().await.is_err());
    assert_eq!(ids(&service, request(&["异果膜"])).await.len(), 1);
    let admin = zone.actor("admin").await;
    let states = service.search_health(&admin).await.unwrap();
    let found: Vec<(&str, bool, bool)> = states
        .iter()
        .map(|state| {
            (
                state.engine.as_str(),
                state.answers,
                state.problem.is_some(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [("meilisearch", true, true), ("embedded", false, false)]
    );
    assert_eq!((states[1].is_built, states[1].waiting), (true, 0));
    assert_eq!(
        refusal(service.search_health(&officer).await),
        Problem::Forbidden
    );
}

/// A real server that dies, misses a change, and comes back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_comes_back_has_everything_within_a_minute() {
    let place = tempfile::tempdir().unwrap();
    let port = free_port();
    let Some(mut server) = Server::start_in(port, place.path()).await else {
        return;
    };
    let url = server.url.clone();
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = failover(&zone, &url, None, folder.path()).await;
    service.feed_search().await.unwrap();
    let before = ask(&service, request(&["电池"])).await;
    assert_eq!((before.engine, before.stood_in), ("meilisearch", false));
    server.kill();
    let down = ask(&service, request(&["电池"])).await;
    assert_eq!(
        (down.engine, down.stood_in, down.total),
        ("embedded", true, before.total)
    );
    let officer = zone.actor("officer-east").await;
    zone.import(&officer, "果.csv", FRUIT.as_bytes().to_vec())
        .await;
    assert!(service.feed_search().await.is_err());
    let _server = Server::start_in(port, place.path()).await.unwrap();
    let back = Instant::now();
    let found = loop {
        service.feed_search().await.ok();
        let page = ask(&service, request(&["异果膜"])).await;
        if page.engine == "meilisearch" && page.total == 1 {
            break page;
        }
        assert!(back.elapsed() < Duration::from_secs(60), "{page:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert!(!found.stood_in);
    // Wiped behind our back, it is noticed, and nobody is told that there is nothing.
    let client = Client::new(&url, None::<String>).unwrap();
    let task = client
        .index("enterprises")
        .delete_all_documents()
        .await
        .unwrap();
    task.wait_for_completion(&client, None, Some(Duration::from_secs(60)))
        .await
        .unwrap();
    assert!(service.feed_search().await.unwrap().rebuilt);
    assert_eq!(ask(&service, request(&["异果膜"])).await.total, 1);
}

const MASTER_KEY: &str = "the-master-key-of-a-test";

/// The keys that the program made itself.
async fn own_keys(master: &Client) -> Vec<Key> {
    let keys = master.get_keys().await.unwrap().results;
    keys.into_iter()
        .filter(|key| key.name.as_deref() == Some("Wutong"))
        .collect()
}

/// How the engine stands that should answer.
async fn first_state(zone: &Zone, service: &Service) -> EngineState {
    let admin = zone.actor("admin").await;
    let states = service.search_health(&admin).await.unwrap();
    states.into_iter().next().unwrap()
}

/// Asserts that the embedded engine answers what Meilisearch should.
async fn assert_stood_in(service: &Service) {
    let page = ask(service, request(&["电池"])).await;
    assert_eq!((page.engine, page.stood_in), ("embedded", true));
    assert!(page.total > 0);
}

fn is_refused(error: &Error) -> bool {
    matches!(error, Error::Meilisearch(answer) if answer.error_code == ErrorCode::InvalidApiKey)
}

/// A key that may do anything is used to make one for our own indexes, and that one for the work.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scoped_key_is_made_once_and_opens_nothing_else() {
    let Some(server) = Server::start_with_key(MASTER_KEY).await else {
        return;
    };
    let master = Client::new(&server.url, Some(MASTER_KEY)).unwrap();
    let others = master.index("other");
    let task = others
        .add_documents(&[serde_json::json!({ "id": 1 })], Some("id"))
        .await
        .unwrap();
    task.wait_for_completion(&master, None, Some(Duration::from_secs(60)))
        .await
        .unwrap();
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = failover(&zone, &server.url, Some(MASTER_KEY), folder.path()).await;
    // Everything that the key must allow: an index made, filled, swapped, dropped, asked, written to and taken from.
    assert!(service.feed_search().await.unwrap().rebuilt);
    let officer = zone.actor("officer-east").await;
    zone.import(&officer, "果.csv", FRUIT.as_bytes().to_vec())
        .await;
    assert!(!service.feed_search().await.unwrap().rebuilt);
    let page = ask(&service, request(&["异果膜"])).await;
    assert_eq!((page.engine, page.total), ("meilisearch", 1));
    let found = page.hits.iter().map(|hit| hit.id).collect();
    service
        .search()
        .write(Vec::new(), found, None)
        .await
        .unwrap();
    let page = ask(&service, request(&["异果膜"])).await;
    assert_eq!((page.engine, page.total), ("meilisearch", 0));

    let keys = own_keys(&master).await;
    let [own] = keys.as_slice() else {
        panic!("{} keys", keys.len())
    };
    let opened: BTreeSet<&str> = own.indexes.iter().map(String::as_str).collect();
    assert_eq!(
        opened,
        BTreeSet::from(["enterprises", "enterprises_beside"])
    );
    let scoped = Client::new(&server.url, Some(own.key.as_str())).unwrap();
    scoped.index("enterprises").get_stats().await.unwrap();
    let others = scoped.index("other");
    assert!(is_refused(&others.get_stats().await.unwrap_err()));
    let read = others.search().execute::<serde_json::Value>().await;
    assert!(read.is_err_and(|error| is_refused(&error)));
    assert!(is_refused(&scoped.get_keys().await.unwrap_err()));

    // Another start finds the same key.
    let database = zone.service.database().clone();
    MeilisearchEngine::open(&server.url, Some(MASTER_KEY), "enterprises", database).await;
    let again = own_keys(&master).await;
    assert_eq!((again.len(), &again[0].key), (1, &own.key));

    // It is the one that is worked with: without it a round fails, and the next one has another.
    master.delete_key(&own.uid).await.unwrap();
    assert!(service.feed_search().await.is_err());
    service.feed_search().await.unwrap();
    assert_eq!(own_keys(&master).await.len(), 1);
    assert_eq!(first_state(&zone, &service).await.problem, None);
}

/// A key as an administrator makes one by hand: it may not make keys, is used as it is, and expires.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_expired_key_is_said_and_the_embedded_engine_stands_in() {
    let Some(server) = Server::start_with_key(MASTER_KEY).await else {
        return;
    };
    let master = Client::new(&server.url, Some(MASTER_KEY)).unwrap();
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    for (key, problem) in [
        (None, EngineProblem::KeyMissing),
        (Some("mistyped"), EngineProblem::KeyRefused),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let service = failover(&zone, &server.url, key, folder.path()).await;
        assert!(service.feed_search().await.is_err());
        assert_eq!(first_state(&zone, &service).await.problem, Some(problem));
        assert_stood_in(&service).await;
    }

    let mut limited = KeyBuilder::new();
    limited
        .with_actions([
            Action::Search,
            Action::DocumentsAdd,
            Action::DocumentsDelete,
            Action::IndexesCreate,
            Action::IndexesGet,
            Action::IndexesDelete,
            Action::Unknown("indexes.swap".to_owned()),
            Action::TasksGet,
            Action::SettingsUpdate,
            Action::StatsGet,
        ])
        .with_indexes(["enterprises", "enterprises_beside"]);
    // The server's own time, by which it expires, is that of a key that it makes now.
    let now = limited.execute(&master).await.unwrap().created_at;
    limited.with_expires_at(now + Duration::from_secs(3));
    let key = limited.execute(&master).await.unwrap().key;
    let folder = tempfile::tempdir().unwrap();
    let service = failover(&zone, &server.url, Some(&key), folder.path()).await;
    assert_eq!(service.search().cursor().await.unwrap(), None, "still good");
    assert_eq!(own_keys(&master).await.len(), 0);
    let begun = Instant::now();
    let state = loop {
        service.feed_search().await.ok();
        let state = first_state(&zone, &service).await;
        if state.problem.is_some() {
            break state;
        }
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(200)).await;
    };
    assert_eq!(state.problem, Some(EngineProblem::KeyRefused));
    let error = service.search().cursor().await.unwrap_err();
    assert!(!format!("{error} {error:?} {state:?}").contains(&key));
    assert_stood_in(&service).await;
}

/// By a stand-in: the tests have one version of the real server.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_of_the_wrong_version_is_named_and_the_embedded_engine_stands_in() {
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    for found in ["1.13.3", "2.0.0"] {
        let server = StandIn::start(found).await;
        let folder = tempfile::tempdir().unwrap();
        let service = failover(&zone, &server.url, None, folder.path()).await;
        assert!(service.feed_search().await.is_err());
        assert_eq!(
            first_state(&zone, &service).await.problem,
            Some(EngineProblem::Version {
                found: found.to_owned(),
                oldest: "1.14".to_owned()
            })
        );
        assert_stood_in(&service).await;
    }
}

/// By a stand-in: a real server fails no task of ours unless its disk is full.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_task_that_fails_is_said_and_tried_again() {
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let server = StandIn::start("1.50.0").await;
    let folder = tempfile::tempdir().unwrap();
    let service = failover(&zone, &server.url, None, folder.path()).await;
    assert!(service.feed_search().await.unwrap().rebuilt);
    let fed = first_state(&zone, &service).await;
    assert_eq!((&fed.problem, fed.is_built, fed.waiting), (&None, true, 0));

    server.fail_writes(true);
    let officer = zone.actor("officer-east").await;
    zone.import(&officer, "果.csv", FRUIT.as_bytes().to_vec())
        .await;
    let rows = last_outbox(&zone).await;
    for _ in 0..2 {
        assert!(service.feed_search().await.is_err());
        let state = first_state(&zone, &service).await;
        assert_eq!(
            state.problem,
            Some(EngineProblem::TaskFailed {
                code: FAILED_CODE.to_owned(),
                message: FAILED_MESSAGE.to_owned()
            })
        );
        assert!(state.is_built && state.waiting > 0 && state.waiting_since.is_some());
    }
    assert_eq!(last_outbox(&zone).await, rows);
    assert_eq!(ids(&service, request(&["异果膜"])).await.len(), 1);

    server.fail_writes(false);
    assert_eq!(service.feed_search().await.unwrap().documents, 1);
    let state = first_state(&zone, &service).await;
    assert_eq!(
        (&state.problem, state.is_built, state.waiting),
        (&None, true, 0)
    );
}

/// The settings are code. An index that was made with others is made anew, and whoever asks meanwhile gets an answer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_index_of_other_settings_is_made_anew_while_search_goes_on() {
    let Some(server) = Server::start().await else {
        return;
    };
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let service = failover(&zone, &server.url, None, folder.path()).await;
    service.feed_search().await.unwrap();
    assert_eq!(
        service.feed_search().await.unwrap(),
        SyncOutcome::default(),
        "nothing to do"
    );
    let total = ask(&service, request(&["电池"])).await.total;
    search_cursor::Entity::update_many()
        .col_expr(
            search_cursor::Column::SettingsMark,
            Expr::value("of another version"),
        )
        .exec(zone.tables())
        .await
        .unwrap();
    let is_done = Arc::new(AtomicBool::new(false));
    let asking = tokio::spawn({
        let (service, is_done) = (service.clone(), Arc::clone(&is_done));
        async move {
            loop {
                assert_eq!(ask(&service, request(&["电池"])).await.total, total);
                if is_done.load(Ordering::Relaxed) {
                    break;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    });
    assert!(service.feed_search().await.unwrap().rebuilt);
    is_done.store(true, Ordering::Relaxed);
    asking.await.unwrap();
    assert_eq!(service.feed_search().await.unwrap(), SyncOutcome::default());
    // An answer that took too long meanwhile keeps the server from being asked for some seconds.
    let begun = Instant::now();
    loop {
        let page = ask(&service, request(&["电池"])).await;
        assert_eq!(page.total, total);
        if page.engine == "meilisearch" {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(60));
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}
