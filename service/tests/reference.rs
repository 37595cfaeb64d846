//! The reference graph, its proposals, files put into drafts, and chains begun from nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    chain::{
        ChainEdit, ChainFileProblemKind, LeftOutReason, MatchKind, NewChain, ProposalKind,
        ReferenceProblem, ReferenceQuery, RelationKind, Side, SourceKind,
    },
    problem::{Problem, TableProblem},
};
use entity::{chain_match, enterprise, enterprise_product};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};

/// 钒电解液 is a node of the demo's first chain; 特种钒电解液 is said to be a kind of it.
const PRODUCTS: &str = "from,to,relation\n\
    钒电解液,五氧化二钒,input\n\
    钒电解液,去离子水,input\n\
    五氧化二钒,钒电解液,output\n\
    钒电解液,示例储能柜,output\n\
    钒电解液,高纯钒电解液,subclass\n\
    钒电解液,钒电解液,input\n\
    甲醇,,input\n\
    甲醇,乙醇,neighbour\n";

async fn first_chain(zone: &Zone, actor: &Actor) -> i64 {
    zone.service.chains(actor).await.unwrap()[0].id
}

/// Gives a company of the zone one more product.
async fn product(zone: &Zone, name: &str) -> i64 {
    let company = enterprise::Entity::find()
        .filter(enterprise::Column::IsLocal.eq(true))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap();
    let row = enterprise_product::ActiveModel {
        enterprise_id: Set(company.id),
        position: Set(99),
        name: Set(name.to_owned()),
        revenue_share: Set(None),
        ..Default::default()
    };
    row.insert(zone.tables()).await.unwrap();
    company.id
}

async fn load(zone: &Zone, admin: &Actor) {
    let report = zone
        .service
        .load_reference(admin, "products.csv", PRODUCTS.as_bytes().to_vec())
        .await
        .unwrap();
    assert_eq!((report.rows, report.kept), (8, 5));
}

on_both! {
    a_list_is_read_reported_and_looked_at(zone) {
        let admin = zone.actor("admin").await;
        product(&zone, "高纯钒电解液").await;
        load(&zone, &admin).await;
        let viewer = zone.actor("viewer").await;
        let query = ReferenceQuery { text: "钒电解".to_owned(), product: None };
        let page = zone.service.reference_page(&viewer, query).await.unwrap();
        assert!(!page.may_load && !page.is_matched, "the background has not matched yet");
        let source = &page.sources[0];
        assert_eq!((source.kind, source.by.as_str(), source.file_name.as_str()), (SourceKind::Product, admin.name.as_str(), "products.csv"));
        assert_eq!(source.report.relations, [(RelationKind::Flow, 3), (RelationKind::Subclass, 1)]);
        let reasons: Vec<(LeftOutReason, u32)> = source.report.left_out.iter().map(|left| (left.reason, left.count)).collect();
        assert!(reasons.contains(&(LeftOutReason::SelfLoop, 1)) && reasons.contains(&(LeftOutReason::UnknownRelation, 1)), "{reasons:?}");
        assert_eq!(page.hits[0].name, "钒电解液");
        assert_eq!((page.products[0].name.as_str(), page.products[0].side), ("钒电解液", Side::Centre));
        // Those that make it, and the one that makes a kind of it.
        let own = enterprise_product::Entity::find().filter(enterprise_product::Column::Name.eq("钒电解液")).count(zone.tables()).await.unwrap();
        assert_eq!(u64::from(page.products[0].companies), own + 1);
        let side = |name: &str| page.products.iter().find(|one| one.name == name).map(|one| one.side);
        assert_eq!(side("去离子水"), Some(Side::Upstream));
        assert_eq!(side("示例储能柜"), Some(Side::Downstream));
        assert_eq!(side("高纯钒电解液"), Some(Side::Related));
    }

    companies_are_matched_by_the_kinds_a_graph_knows(zone) {
        let admin = zone.actor("admin").await;
        // 特制液甲 shares no word with the node; only the graph knows that it is a kind of it.
        let company = product(&zone, "特制液甲").await;
        let list = "from,to,relation\n钒电解液,特制液甲,subclass\n";
        zone.service.load_reference(&admin, "kinds.csv", list.as_bytes().to_vec()).await.unwrap();
        let met = |zone: &Zone| {
            let tables = zone.tables().clone();
            async move {
                chain_match::Entity::find()
                    .filter(chain_match::Column::EnterpriseId.eq(company))
                    .filter(chain_match::Column::Kind.eq(MatchKind::Subclass.key()))
                    .filter(chain_match::Column::Product.eq("特制液甲"))
                    .count(&tables)
                    .await
                    .unwrap()
            }
        };
        assert_eq!(met(&zone).await, 0);
        zone.service.keep_atlas().await.unwrap();
        assert_eq!(met(&zone).await, 1);
        assert!(zone.service.reference_page(&admin, ReferenceQuery::default()).await.unwrap().is_matched);
        // An empty list takes its place, and what the old one said no longer counts.
        zone.service.load_reference(&admin, "none.csv", b"from,to,relation\n".to_vec()).await.unwrap();
        let page = zone.service.reference_page(&admin, ReferenceQuery { text: "特制".to_owned(), product: None }).await.unwrap();
        assert!(page.hits.is_empty() && !page.is_matched);
        zone.service.keep_atlas().await.unwrap();
        assert_eq!(met(&zone).await, 0);
    }

    proposals_are_taken_as_one_step(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let page = zone.service.chain_proposals(&admin, chain, "钒电解液".to_owned()).await.unwrap();
        assert!(!page.has_graph && page.proposals.is_empty());
        load(&zone, &admin).await;
        let inputs = "industry,input_industry,evidence_count\n钒电解液,五氧化二钒,3\n钒电解液,其他,1\n";
        zone.service.load_reference(&admin, "industries.csv", inputs.as_bytes().to_vec()).await.unwrap();
        let page = zone.service.chain_proposals(&admin, chain, "钒电解液".to_owned()).await.unwrap();
        let water = page.proposals.iter().find(|one| one.name == "去离子水").unwrap();
        let ProposalKind::Input(new) = &water.kind else { panic!("{water:?}") };
        assert!(new.inputs.is_empty());
        assert!(page.proposals.iter().any(|one| one.name == "高纯钒电解液" && one.kind == ProposalKind::Alias));
        // Shares stand only at edges that have no coefficient; the demo's chain gives one here.
        let file = zone.service.chain_draft(&admin, chain).await.unwrap().file;
        // An alias is as good as the name.
        let alias = file.nodes.iter().find(|node| node.name == "钒电解液").unwrap().aliases[0].clone();
        let by_alias = zone.service.chain_proposals(&admin, chain, alias).await.unwrap();
        assert!(by_alias.is_known && by_alias.proposals.len() == page.proposals.len());
        for (from, to, share) in &page.coefficients {
            let edge = file.edges.iter().find(|edge| edge.from == *from && edge.to == *to).unwrap();
            assert!(edge.coefficient.is_none() && (0.0..=1.0).contains(share));
        }
        let node = file.nodes.iter().find(|node| node.name == "钒电解液").unwrap();
        let mut added = node.clone();
        (added.code, added.name) = ("water".to_owned(), "去离子水".to_owned());
        (added.aliases, added.keywords) = (vec![], vec![]);
        let edge = domain::chain::ChainEdge { from: "water".to_owned(), to: node.code.clone(), coefficient: None };
        let edits = vec![
            ChainEdit::PutNode { before: None, after: added, at: None },
            ChainEdit::PutEdge { before: None, after: edge.clone(), at: None },
        ];
        zone.service.edit_chain(&admin, chain, edits.clone()).await.unwrap();
        let draft = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!((draft.undo_steps, draft.file.nodes.len()), (1, file.nodes.len() + 1));
        zone.service.undo_chain_edit(&admin, chain).await.unwrap();
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().file, file);
        // The second change cannot be, so the first one is not made either.
        let loop_edge = domain::chain::ChainEdge { to: "water".to_owned(), ..edge };
        let half = vec![edits[0].clone(), ChainEdit::PutEdge { before: None, after: loop_edge, at: None }];
        assert!(matches!(refusal(zone.service.edit_chain(&admin, chain, half).await), Problem::ChainEdit { .. }));
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().file, file);
        assert!(matches!(refusal(zone.service.edit_chain(&admin, chain, vec![]).await), Problem::Invalid { .. }));
        let chief = zone.actor("chief-east").await;
        assert_eq!(refusal(zone.service.chain_proposals(&chief, chain, String::new()).await), Problem::Forbidden);
    }

    a_file_takes_the_draft_s_place_and_can_be_undone(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let start = zone.service.chain_draft(&admin, chain).await.unwrap().file;
        let mark = zone.service.chain_draft(&admin, chain).await.unwrap().mark;
        // What was exported changes nothing.
        let book = zone.service.chain_workbook(&admin, chain).await.unwrap();
        zone.service.upload_draft(&admin, chain, &mark, "chain.xlsx", book).await.unwrap();
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().version, 0);
        let mut file = start.clone();
        file.nodes[0].name = "改名".to_owned();
        file.nodes[0].group = Some("矿产".to_owned());
        file.nodes.rotate_left(1);
        zone.service.upload_draft(&admin, chain, &mark, "chain.csv", file.to_csv().into_bytes()).await.unwrap();
        let draft = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!((draft.version, &draft.file), (1, &file));
        // Somebody who still sees the draft of before is told.
        let old = start.to_json().into_bytes();
        assert!(matches!(refusal(zone.service.upload_draft(&admin, chain, &mark, "chain.json", old).await), Problem::Stale { .. }));
        zone.service.undo_chain_edit(&admin, chain).await.unwrap();
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().file, start);
        zone.service.discard_draft(&admin, chain).await.unwrap();

        // The code in other letters is this chain all the same, and its code stays.
        let louder = domain::chain::ChainFile { code: start.code.to_uppercase(), chief: Some("示例链长".to_owned()), ..start.clone() };
        zone.service.upload_draft(&admin, chain, &mark, "chain.json", louder.to_json().into_bytes()).await.unwrap();
        assert_eq!(zone.service.publish_draft(&admin, chain).await.unwrap().chain_id, chain);
        assert_eq!(zone.service.chain_file(&admin, chain).await.unwrap().code, start.code);
        // There is no draft, as before; but what was published meanwhile was not seen.
        let stale = zone.service.upload_draft(&admin, chain, &mark, "chain.json", start.to_json().into_bytes()).await;
        assert!(matches!(refusal(stale), Problem::Stale { .. }));
        let mark = zone.service.chain_draft(&admin, chain).await.unwrap().mark;

        let other = domain::chain::ChainFile { code: "other".to_owned(), ..start.clone() };
        let problem = refusal(zone.service.upload_draft(&admin, chain, &mark, "chain.json", other.to_json().into_bytes()).await);
        assert!(matches!(problem, Problem::ChainEdit { .. }), "{problem:?}");
        let mut wrong = start.clone();
        let edge = wrong.edges[0].clone();
        wrong.edges.push(domain::chain::ChainEdge { from: edge.to, to: edge.from, coefficient: None });
        let Problem::ChainFile { problems } = refusal(zone.service.upload_draft(&admin, chain, &mark, "chain.csv", wrong.to_csv().into_bytes()).await) else { panic!() };
        assert!(problems.iter().any(|problem| matches!(problem.kind, ChainFileProblemKind::Cycle { .. })));
        let problem = refusal(zone.service.upload_draft(&admin, chain, &mark, "chain.xlsx", b"PK\x03\x04 no workbook".to_vec()).await);
        assert_eq!(problem, Problem::Table { problem: TableProblem::NotAWorkbook });
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().version, 0, "nothing was written");
        let chief = zone.actor("chief-east").await;
        assert_eq!(refusal(zone.service.upload_draft(&chief, chain, "", "x.csv", vec![]).await), Problem::Forbidden);
    }

    edits_at_the_same_moment_all_stand(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let nodes = zone.service.chain_draft(&admin, chain).await.unwrap().file.nodes;
        let edits = nodes.iter().take(8).map(|node| {
            let (service, admin) = (zone.service.clone(), admin.clone());
            let after = domain::chain::ChainNode { keywords: vec![format!("并行{}", node.code)], ..node.clone() };
            let edit = ChainEdit::PutNode { before: Some(node.clone()), after, at: None };
            tokio::spawn(async move { service.edit_chain(&admin, chain, vec![edit]).await })
        });
        for edit in edits.collect::<Vec<_>>() {
            edit.await.unwrap().unwrap();
        }
        let draft = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!((draft.version, draft.undo_steps), (8, 8));
        for node in nodes.iter().take(8) {
            let there = draft.file.nodes.iter().find(|one| one.code == node.code).unwrap();
            assert_eq!(there.keywords, [format!("并行{}", node.code)]);
        }
        // So do lists: the last one stands alone.
        let loads = (0..3).map(|_| {
            let (service, admin) = (zone.service.clone(), admin.clone());
            tokio::spawn(async move { service.load_reference(&admin, "p.csv", PRODUCTS.as_bytes().to_vec()).await })
        });
        for load in loads.collect::<Vec<_>>() {
            load.await.unwrap().unwrap();
        }
        let rows = entity::reference_relation::Entity::find().count(zone.tables()).await.unwrap();
        assert_eq!(rows, 4);
    }

    a_character_no_database_takes_is_left_out(zone) {
        let admin = zone.actor("admin").await;
        let json = r#"{"code": "nul\u0000", "name": "链\u0000", "nodes": [{"code": "a\u0000", "name": "b\u0000c", "stage": "upstream"}]}"#;
        let chain = zone.service.import_chain(&admin, "n.json", json.as_bytes()).await.unwrap().chain_id;
        let file = zone.service.chain_file(&admin, chain).await.unwrap();
        assert_eq!((file.code.as_str(), file.nodes[0].name.as_str()), ("nul", "bc"));
        let list = "from,to,relation\n甲\0品,乙品,input\n";
        assert_eq!(zone.service.load_reference(&admin, "n.csv", list.as_bytes().to_vec()).await.unwrap().kept, 1);
        let mut after = file.nodes[0].clone();
        after.name = "d\0".to_owned();
        let edit = ChainEdit::PutNode { before: Some(file.nodes[0].clone()), after, at: None };
        zone.service.edit_chain(&admin, chain, vec![edit]).await.unwrap();
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().file.nodes[0].name, "d");
    }

    a_chain_begins_with_one_node(zone) {
        let admin = zone.actor("admin").await;
        let new = NewChain { code: "new-energy".to_owned(), name: "新链".to_owned(), node: "示例产品".to_owned() };
        let id = zone.service.new_chain(&admin, new.clone()).await.unwrap();
        let map = zone.service.chain_map(&admin, id).await.unwrap();
        assert_eq!((map.nodes.len(), map.nodes[0].name.as_str()), (1, "示例产品"));
        assert_eq!(refused_fields(zone.service.new_chain(&admin, new.clone()).await)[0].0, "code");
        let empty = refused_fields(zone.service.new_chain(&admin, NewChain::default()).await);
        assert_eq!(empty.len(), 3);
        let odd = NewChain { code: "a b".to_owned(), ..new.clone() };
        assert_eq!(refused_fields(zone.service.new_chain(&admin, odd).await)[0].0, "code");
        let leader = zone.actor("leader").await;
        assert_eq!(refusal(zone.service.new_chain(&leader, new).await), Problem::Forbidden);
    }

    what_is_no_list_is_refused_and_changes_nothing(zone) {
        let admin = zone.actor("admin").await;
        load(&zone, &admin).await;
        let read = |bytes: &'static [u8]| zone.service.load_reference(&admin, "x.csv", bytes.to_vec());
        let problem = |problem| Problem::Reference { problem };
        assert_eq!(refusal(read(b"").await), problem(ReferenceProblem::Empty));
        let missing = |column: &str| problem(ReferenceProblem::MissingColumn { column: column.to_owned() });
        assert_eq!(refusal(read(b"a,b\n1,2\n").await), missing("from"));
        assert_eq!(refusal(read(b"industry,evidence_count\n").await), missing("input_industry"));
        let page = zone.service.reference_page(&admin, ReferenceQuery::default()).await.unwrap();
        assert_eq!((page.sources.len(), page.sources[0].report.kept), (1, 5));
        assert!(page.products.is_empty() && page.hits.is_empty());
        let unknown = ReferenceQuery { text: String::new(), product: Some("没有".to_owned()) };
        assert!(zone.service.reference_page(&admin, unknown).await.unwrap().products.is_empty());
        let chief = zone.actor("chief-east").await;
        assert_eq!(refusal(zone.service.load_reference(&chief, "x.csv", vec![]).await), Problem::Forbidden);
    }
}

/// The public collection, where it is at hand: every row is kept or named.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_public_collection_is_taken_in() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
    let Ok(bytes) = std::fs::read(format!("{folder}/product_edges.csv")) else {
        eprintln!("skipped: {folder} is not here");
        return;
    };
    let zone = common::demo_zone(common::Backend::Sqlite).await.unwrap();
    let admin = zone.actor("admin").await;
    let report = zone
        .service
        .load_reference(&admin, "product_edges.csv", bytes)
        .await
        .unwrap();
    let left: u32 = report.left_out.iter().map(|one| one.count).sum();
    assert_eq!((report.rows, report.kept + left), (110_153, 110_153));
    let inputs = std::fs::read(format!("{folder}/sw_industry_inputs.csv")).unwrap();
    let industries = zone
        .service
        .load_reference(&admin, "sw_industry_inputs.csv", inputs)
        .await
        .unwrap();
    assert!(industries.kept > 1000, "{industries:?}");
    let query = ReferenceQuery {
        text: "氧化铝".to_owned(),
        product: None,
    };
    let page = zone.service.reference_page(&admin, query).await.unwrap();
    assert_eq!(page.sources.len(), 2);
    assert!(page.products.len() > 10, "{:?}", page.products);
    zone.end().await;
}
