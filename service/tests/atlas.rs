//! Settings, review of matches, snapshots, scenarios and the leader's page on the demo zone.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use chrono::Duration;
use common::{Zone, refused_fields};
use domain::{
    account::{Actor, Role},
    chain::{
        AtlasSettings, ChainEdge, ChainEdit, ChainFileProblemKind, ChainNode, EditProblem,
        FindingKind, GapClass, Landing, MatchVerdict, NewChiefTask, NewDecision, NewScenario,
        NewSettings, ReferenceSet, ReviewFilter, ReviewQuery, SnapshotReason,
    },
    problem::Problem,
};
use service::{account::NewAccount, demo::DEMO_PASSWORD};

async fn first_chain(zone: &Zone, actor: &Actor) -> i64 {
    zone.service.chains(actor).await.unwrap()[0].id
}

async fn node_named(zone: &Zone, actor: &Actor, name: &str) -> (i64, i64) {
    let chain = first_chain(zone, actor).await;
    let map = zone.service.chain_map(actor, chain).await.unwrap();
    let node = map.nodes.iter().find(|node| node.name == name).unwrap();
    (chain, node.id)
}

fn landing(node_id: i64, output: f64) -> Landing {
    Landing {
        name: "示例项目".to_owned(),
        node_id,
        output,
        lead_id: None,
        enterprise_id: None,
    }
}

fn waiting(chain_id: i64) -> ReviewQuery {
    ReviewQuery {
        chain_id,
        ..ReviewQuery::default()
    }
}

on_both! {
    a_decision_changes_the_map_and_outlasts_an_import(zone) {
        let officer = zone.actor("officer-east").await;
        let (chain, _) = node_named(&zone, &officer, "离子交换膜").await;
        let page = zone.service.review(&officer, ReviewQuery { filter: ReviewFilter::Automatic, local_only: true, ..waiting(chain) }).await.unwrap();
        let item = page.items.iter().find(|item| item.share > 0.0).unwrap().clone();
        assert_eq!(page.counts[1], page.total);
        let before = zone.service.node_panel(&officer, item.node_id).await.unwrap();
        let word = |verdict| NewDecision {
            node_id: item.node_id,
            enterprise_id: item.enterprise_id,
            product: item.product.clone(),
            verdict,
            note: Some("走访核实".to_owned()),
        };
        zone.service.decide_matches(&officer, vec![word(MatchVerdict::Rejected)]).await.unwrap();
        let after = zone.service.node_panel(&officer, item.node_id).await.unwrap();
        assert!(after.score.presence < before.score.presence, "{} of {}", after.score.presence, before.score.presence);
        let decided = ReviewQuery { filter: ReviewFilter::Decided, ..waiting(chain) };
        let page = zone.service.review(&officer, decided.clone()).await.unwrap();
        assert_eq!((page.total, page.items[0].verdict), (1, Some(MatchVerdict::Rejected)));
        assert_eq!((page.items[0].by.as_deref(), page.items[0].note.as_deref()), (Some(officer.name.as_str()), Some("走访核实")));
        // The same company comes in again, with one thing changed, and is matched anew.
        let csv = format!("公司全称,主营产品,员工人数\n{},{},77\n", item.enterprise_name, item.product);
        let admin = zone.actor("admin").await;
        let job = zone.import(&admin, "again.csv", csv.into_bytes()).await;
        assert_eq!(job.summary.as_ref().unwrap().updated, 1, "{:?}", job.summary);
        let page = zone.service.review(&officer, decided.clone()).await.unwrap();
        assert_eq!((page.total, page.items[0].counted), (1, false));
        // Taken back, the matcher decides again.
        zone.service.decide_matches(&officer, vec![word(MatchVerdict::Withdrawn)]).await.unwrap();
        assert_eq!(zone.service.review(&officer, decided).await.unwrap().total, 0);
    }

    what_a_person_adds_counts(zone) {
        let officer = zone.actor("officer-east").await;
        let (_, node) = node_named(&zone, &officer, "离子交换膜").await;
        let local = zone.service.enterprises(&officer, domain::enterprise::EnterpriseQuery { text: String::new(), province: String::new(), local_only: true, page: 0 }).await.unwrap().rows[0].id;
        let add = NewDecision { node_id: node, enterprise_id: local, product: "离子膜中试线".to_owned(), verdict: MatchVerdict::Added, note: None };
        zone.service.decide_matches(&officer, vec![add.clone()]).await.unwrap();
        let panel = zone.service.node_panel(&officer, node).await.unwrap();
        assert_eq!(panel.score.local_firms, 1);
        assert_ne!(panel.node.class, GapClass::Missing);
        assert!(panel.local_firms.iter().any(|firm| firm.product == "离子膜中试线"));
        // All or none, and each refusal says what.
        let nowhere = NewDecision { node_id: 0, ..add.clone() };
        assert_eq!(common::refusal(zone.service.decide_matches(&officer, vec![add.clone(), nowhere]).await), Problem::NotFound);
        let empty = NewDecision { product: " \0".to_owned(), ..add.clone() };
        refused_fields(zone.service.decide_matches(&officer, vec![empty]).await).iter().any(|(field, _)| field == "product");
        let viewer = zone.actor("viewer").await;
        assert_eq!(common::refusal(zone.service.decide_matches(&viewer, vec![add]).await), Problem::Forbidden);
    }

    settings_hold_from_their_day_on(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let today = zone.service.today();
        let before = zone.service.chain_map(&admin, chain).await.unwrap();
        let mut settings = AtlasSettings::default();
        // Nobody passes: every node is unknown from tomorrow on.
        settings.score.min_reference_firms = 1000;
        let new = NewSettings { settings, effective_on: today + Duration::days(1), source: "示例会议纪要".to_owned() };
        zone.service.set_atlas_settings(&admin, new.clone()).await.unwrap();
        assert_eq!(zone.service.chain_map(&admin, chain).await.unwrap().nodes, before.nodes, "not yet");
        zone.pass(Duration::days(1));
        let after = zone.service.chain_map(&admin, chain).await.unwrap();
        assert!(after.nodes.iter().all(|node| node.class == GapClass::Unknown));
        let all = zone.service.atlas_settings(&admin).await.unwrap();
        assert_eq!((all.len(), all[0].in_force, all[0].by.as_deref()), (2, true, Some(admin.name.as_str())));
        // A day that is over, no source, NaN and a share above 1: each is named, nothing is written.
        let mut wrong = new.clone();
        wrong.effective_on = today;
        wrong.source = " ".to_owned();
        wrong.settings.score.weights.unmet = f64::NAN;
        wrong.settings.match_threshold = 1.5;
        let fields: Vec<String> = refused_fields(zone.service.set_atlas_settings(&admin, wrong).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["weight_unmet", "match_threshold", "source", "effective_on"]);
        assert_eq!(zone.service.atlas_settings(&admin).await.unwrap().len(), 2);
        let chief = zone.actor("chief-east").await;
        assert_eq!(common::refusal(zone.service.set_atlas_settings(&chief, new).await), Problem::Forbidden);
    }

    the_threshold_decides_what_waits(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let counts = |page: domain::chain::ReviewPage| (page.counts[0], page.counts[1]);
        let before = counts(zone.service.review(&admin, waiting(chain)).await.unwrap());
        let settings = AtlasSettings { match_threshold: 1.0, ..AtlasSettings::default() };
        let new = NewSettings { settings, effective_on: zone.service.today() + Duration::days(2), source: "示例".to_owned() };
        zone.service.set_atlas_settings(&admin, new).await.unwrap();
        assert_eq!(counts(zone.service.review(&admin, waiting(chain)).await.unwrap()), before);
        zone.pass(Duration::days(2));
        zone.service.keep_atlas().await.unwrap();
        let after = counts(zone.service.review(&admin, waiting(chain)).await.unwrap());
        assert!(after.0 > before.0 && after.1 < before.1, "{before:?} {after:?}");
        assert_eq!(after.0 + after.1, before.0 + before.1, "the same matches, judged otherwise");
    }

    the_reference_set_is_a_setting(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let before = zone.service.chain_map(&admin, chain).await.unwrap();
        let settings = AtlasSettings { reference: ReferenceSet::Listed, ..AtlasSettings::default() };
        let new = NewSettings { settings, effective_on: zone.service.today(), source: "示例".to_owned() };
        zone.service.set_atlas_settings(&admin, new).await.unwrap();
        let after = zone.service.chain_map(&admin, chain).await.unwrap();
        assert!(after.reference_firms < before.reference_firms && after.reference_firms > 0);
        assert_eq!(after.summary.local_firms, before.summary.local_firms, "the zone's own are in every set");
    }

    a_snapshot_each_week_and_what_moved(zone) {
        let leader = zone.actor("leader").await;
        let (chain, node) = node_named(&zone, &leader, "离子交换膜").await;
        assert_eq!(zone.service.keep_atlas().await.unwrap(), 4);
        assert_eq!(zone.service.keep_atlas().await.unwrap(), 0, "one a week");
        let officer = zone.actor("officer-east").await;
        let local = zone.service.enterprises(&officer, domain::enterprise::EnterpriseQuery { text: String::new(), province: String::new(), local_only: true, page: 0 }).await.unwrap().rows[0].id;
        let add = NewDecision { node_id: node, enterprise_id: local, product: "离子膜".to_owned(), verdict: MatchVerdict::Added, note: None };
        zone.service.decide_matches(&officer, vec![add]).await.unwrap();
        let history = zone.service.chain_history(&leader, chain).await.unwrap();
        assert_eq!((history.snapshots.len(), history.snapshots[0].reason), (2, SnapshotReason::Weekly));
        let moved: Vec<i64> = history.moves[1].iter().map(|one| one.node_id).collect();
        assert!(moved.contains(&node), "{moved:?}");
        zone.pass(Duration::days(7));
        assert_eq!(zone.service.keep_atlas().await.unwrap(), 4);
        zone.service.take_snapshot(&leader, chain).await.unwrap();
        assert_eq!(zone.service.chain_history(&leader, chain).await.unwrap().snapshots.len(), 4);
        assert_eq!(common::refusal(zone.service.take_snapshot(&officer, chain).await), Problem::Forbidden);
        assert_eq!(common::refusal(zone.service.chain_history(&leader, 0).await), Problem::NotFound);
    }

    scenarios_are_computed_kept_and_removed(zone) {
        let officer = zone.actor("officer-east").await;
        let (chain, node) = node_named(&zone, &officer, "离子交换膜").await;
        let input = zone.service.what_if_input(&officer, chain).await.unwrap();
        assert!(input.may_keep && input.scenarios.is_empty());
        assert!(input.leads.iter().all(|lead| input.map.nodes.iter().any(|node| node.id == lead.node_id)));
        let answer = zone.service.what_if(&officer, chain, vec![landing(node, 1e8)]).await.unwrap();
        assert!(answer.closed.contains(&node), "{:?}", answer.closed);
        // The browser's arithmetic is the same function on the same numbers.
        let before = domain::chain::score(&input.input).unwrap();
        assert_eq!(domain::chain::what_if(&input.input, &before, &[landing(node, 1e8)]).unwrap(), answer);
        let new = NewScenario { chain_id: chain, name: "膜材料落地".to_owned(), landings: vec![landing(node, 1e8)] };
        let id = zone.service.keep_scenario(&officer, new.clone()).await.unwrap();
        let west = zone.actor("officer-west").await;
        let seen = zone.service.what_if_input(&west, chain).await.unwrap().scenarios;
        assert_eq!((seen.len(), seen[0].name.as_str(), seen[0].may_remove), (1, "膜材料落地", false));
        assert_eq!(common::refusal(zone.service.remove_scenario(&west, id).await), Problem::Forbidden);
        zone.service.remove_scenario(&officer, id).await.unwrap();
        assert!(zone.service.what_if_input(&officer, chain).await.unwrap().scenarios.is_empty());
        let wrong = NewScenario { name: String::new(), landings: vec![landing(0, f64::NAN)], ..new };
        let fields: Vec<String> = refused_fields(zone.service.keep_scenario(&officer, wrong).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["landings.0.node_id", "landings.0.output", "name"]);
    }

    the_leader_sees_chains_gaps_calls_and_tasks(zone) {
        let leader = zone.actor("leader").await;
        zone.service.keep_atlas().await.unwrap();
        zone.pass(Duration::days(30));
        let page = zone.service.leader_page(&leader).await.unwrap();
        assert_eq!(page.matrix.len(), 4);
        for row in &page.matrix {
            assert_eq!(row.classes.iter().sum::<u32>(), row.nodes);
            assert_eq!(row.before.as_ref(), Some(&row.classes), "nothing moved in a month");
        }
        assert!(page.gaps.windows(2).all(|pair| pair[0].score >= pair[1].score));
        assert!(page.gaps.iter().all(|gap| gap.days_open == Some(30)));
        assert!(!page.calls.is_empty() && page.calls.iter().all(|call| call.relevance > 0.0 && !call.gaps.is_empty()));
        let chain_id = page.matrix[0].chain_id;
        let due = zone.service.today() + Duration::days(7);
        let late = NewChiefTask { chain_id, node_id: None, title: "回访示例膜业".to_owned(), owner: String::new(), due_on: None };
        let soon = NewChiefTask { title: "见示例电气".to_owned(), due_on: Some(due), ..late.clone() };
        zone.service.add_chief_task(&leader, late.clone()).await.unwrap();
        let id = zone.service.add_chief_task(&leader, soon).await.unwrap();
        let tasks = zone.service.leader_page(&leader).await.unwrap().tasks;
        assert_eq!(tasks.iter().map(|task| task.title.as_str()).collect::<Vec<_>>(), ["见示例电气", "回访示例膜业"]);
        assert_eq!(Some(tasks[0].owner.clone()), page.matrix[0].chief, "the chief answers unless somebody else is named");
        zone.service.finish_chief_task(&leader, id, true).await.unwrap();
        let tasks = zone.service.leader_page(&leader).await.unwrap().tasks;
        assert_eq!((tasks[1].id, tasks[1].done_at.is_some()), (id, true), "what is done goes to the end");
        let officer = zone.actor("officer-east").await;
        assert_eq!(common::refusal(zone.service.add_chief_task(&officer, late.clone()).await), Problem::Forbidden);
        let titles = refused_fields(zone.service.add_chief_task(&leader, NewChiefTask { title: "长".repeat(201), ..late }).await);
        assert_eq!(titles[0].0, "title");
    }

    every_node_has_its_row_for_the_api(zone) {
        let viewer = zone.actor("viewer").await;
        let chain = first_chain(&zone, &viewer).await;
        let rows = zone.service.chain_gaps(&viewer, chain).await.unwrap();
        let map = zone.service.chain_map(&viewer, chain).await.unwrap();
        assert_eq!(rows.len(), map.nodes.len());
        for row in &rows {
            assert_eq!(row.is_gap, row.score.score.is_some(), "{}", row.name);
            assert_eq!(row.score.terms.len(), 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_loaded_is_a_page_all_the_same() {
    for backend in [common::Backend::Sqlite, common::Backend::Postgres] {
        let Some(zone) = common::empty_zone(backend).await else {
            continue;
        };
        let new = NewAccount {
            login: "first".to_owned(),
            name: "初示例".to_owned(),
            role: Role::Administrator,
            bureau_code: None,
            password: DEMO_PASSWORD.to_owned(),
        };
        zone.service.add_account(new).await.unwrap();
        let admin = zone.actor("first").await;
        assert!(
            zone.service
                .leader_page(&admin)
                .await
                .unwrap()
                .matrix
                .is_empty()
        );
        assert_eq!(zone.service.keep_atlas().await.unwrap(), 0);
        // One node, no edge, no company: unknown, and no division by nothing.
        let one = r#"{"code":"one","name":"独","nodes":[{"code":"a","name":"单环","stage":"midstream"}]}"#;
        let chain = zone
            .service
            .import_chain(&admin, "one.json", one.as_bytes())
            .await
            .unwrap()
            .chain_id;
        let map = zone.service.chain_map(&admin, chain).await.unwrap();
        assert_eq!(
            (map.nodes.len(), map.nodes[0].class),
            (1, GapClass::Unknown)
        );
        let answer = zone
            .service
            .what_if(&admin, chain, vec![landing(map.nodes[0].id, 10.0)])
            .await
            .unwrap();
        assert_eq!(answer.nodes[0].class_after, GapClass::Unknown);
        assert!(
            zone.service
                .leader_page(&admin)
                .await
                .unwrap()
                .calls
                .is_empty()
        );
        let history = zone.service.chain_history(&admin, chain).await.unwrap();
        assert_eq!(history.snapshots.len(), 1, "today");
        zone.end().await;
    }
}

fn put(before: &ChainNode, after: ChainNode) -> Vec<ChainEdit> {
    vec![ChainEdit::PutNode {
        before: Some(before.clone()),
        after,
        at: None,
    }]
}

on_both! {
    a_draft_is_edited_undone_and_published(zone) {
        let admin = zone.actor("admin").await;
        let (chain, node) = node_named(&zone, &admin, "离子交换膜").await;
        let start = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!((start.version, start.changes.len(), start.may_edit), (0, 0, true));
        let seen = start.file.nodes.iter().find(|node| node.name == "离子交换膜").unwrap().clone();
        // A new code and a new alias: leads and decisions point to the node, and stay with it.
        let renamed = ChainNode { code: "ion-membrane".to_owned(), aliases: vec!["示例膜".to_owned()], ..seen.clone() };
        zone.service.edit_chain(&admin, chain, put(&seen, renamed.clone())).await.unwrap();
        let draft = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!((draft.version, draft.undo_steps, !draft.changes.is_empty()), (1, 1, true));
        assert_eq!(zone.service.chain_file(&admin, chain).await.unwrap(), start.file, "nothing is published yet");
        // A second editor who still sees the old name of the same field is told, and nothing is overwritten.
        let theirs = ChainNode { aliases: vec![], name: "交换膜材料".to_owned(), ..seen.clone() };
        let other = ChainNode { code: "membrane-2".to_owned(), ..seen.clone() };
        zone.service.edit_chain(&admin, chain, put(&renamed, ChainNode { name: theirs.name.clone(), ..renamed.clone() })).await.unwrap();
        let problem = common::refusal(zone.service.edit_chain(&admin, chain, put(&ChainNode { code: renamed.code.clone(), ..seen.clone() }, ChainNode { code: renamed.code.clone(), name: "另一个名字".to_owned(), ..other })).await);
        let Problem::ChainEdit { problem: EditProblem::Conflict(conflict) } = problem else { panic!("{problem:?}") };
        assert_eq!(conflict.fields[0].there.as_deref(), Some("交换膜材料"));
        zone.service.undo_chain_edit(&admin, chain).await.unwrap();
        let back = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert_eq!(back.file.nodes.iter().find(|node| node.code == "ion-membrane"), Some(&renamed));
        let imported = zone.service.publish_draft(&admin, chain).await.unwrap();
        assert_eq!(imported.chain_id, chain);
        let map = zone.service.chain_map(&admin, chain).await.unwrap();
        assert_eq!(map.nodes.iter().find(|one| one.code == "ion-membrane").unwrap().id, node, "the node keeps its id");
        let history = zone.service.chain_history(&admin, chain).await.unwrap();
        assert_eq!(history.snapshots[0].reason, SnapshotReason::Published);
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().version, 0);
        assert_eq!(common::refusal(zone.service.publish_draft(&admin, chain).await), Problem::NotFound);
    }

    a_cycle_stays_in_the_draft_until_it_is_mended(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let start = zone.service.chain_draft(&admin, chain).await.unwrap();
        let edge = start.file.edges[0].clone();
        let back = ChainEdge { from: edge.to.clone(), to: edge.from.clone(), coefficient: None };
        zone.service.edit_chain(&admin, chain, vec![ChainEdit::PutEdge { before: None, after: back, at: None }]).await.unwrap();
        let draft = zone.service.chain_draft(&admin, chain).await.unwrap();
        assert!(draft.findings.iter().any(|finding| matches!(finding.kind, FindingKind::File(ChainFileProblemKind::Cycle { .. }))));
        assert!(matches!(common::refusal(zone.service.publish_draft(&admin, chain).await), Problem::ChainFile { .. }));
        assert_eq!(zone.service.chain_file(&admin, chain).await.unwrap(), start.file);
        // A loop and a coefficient that is no number are refused at once.
        let lone = ChainEdge { from: edge.from.clone(), to: edge.from.clone(), coefficient: None };
        let problem = common::refusal(zone.service.edit_chain(&admin, chain, vec![ChainEdit::PutEdge { before: None, after: lone, at: None }]).await);
        assert!(matches!(problem, Problem::ChainEdit { problem: EditProblem::SelfLoop { .. } }), "{problem:?}");
        let nan = ChainEdge { coefficient: Some(f64::NAN), ..edge.clone() };
        let problem = common::refusal(zone.service.edit_chain(&admin, chain, vec![ChainEdit::PutEdge { before: Some(edge), after: nan, at: None }]).await);
        assert!(matches!(problem, Problem::ChainEdit { problem: EditProblem::InvalidField { .. } }), "{problem:?}");
        zone.service.discard_draft(&admin, chain).await.unwrap();
        assert_eq!(zone.service.chain_draft(&admin, chain).await.unwrap().version, 0);
        let chief = zone.actor("chief-east").await;
        assert_eq!(common::refusal(zone.service.discard_draft(&chief, chain).await), Problem::Forbidden);
    }

    a_file_that_comes_meanwhile_is_merged_or_named(zone) {
        let admin = zone.actor("admin").await;
        let chain = first_chain(&zone, &admin).await;
        let start = zone.service.chain_file(&admin, chain).await.unwrap();
        let (one, two) = (start.nodes[0].clone(), start.nodes[1].clone());
        let mine = ChainNode { keywords: vec!["示例词".to_owned()], ..one.clone() };
        zone.service.edit_chain(&admin, chain, put(&one, mine)).await.unwrap();
        // Another node in the file: both are in.
        let mut file = start.clone();
        file.nodes[1].name = "示例改名".to_owned();
        zone.service.import_chain(&admin, "chain.json", file.to_json().as_bytes()).await.unwrap();
        zone.service.publish_draft(&admin, chain).await.unwrap();
        let merged = zone.service.chain_file(&admin, chain).await.unwrap();
        assert_eq!((merged.nodes[0].keywords.as_slice(), merged.nodes[1].name.as_str()), (["示例词".to_owned()].as_slice(), "示例改名"));
        // The same field: named, and what is published stays.
        let again = ChainNode { name: "我的名字".to_owned(), ..merged.nodes[1].clone() };
        zone.service.edit_chain(&admin, chain, put(&merged.nodes[1], again)).await.unwrap();
        let mut file = merged.clone();
        file.nodes[1].name = "他的名字".to_owned();
        zone.service.import_chain(&admin, "chain.json", file.to_json().as_bytes()).await.unwrap();
        let Problem::DraftConflict { conflicts } = common::refusal(zone.service.publish_draft(&admin, chain).await) else { panic!() };
        assert_eq!(conflicts[0].fields[0].there.as_deref(), Some("他的名字"));
        assert_eq!(zone.service.chain_file(&admin, chain).await.unwrap().nodes[1].name, "他的名字");
        assert_ne!(two.name, "他的名字");
    }

    a_chain_leaves_as_a_workbook_that_says_the_same(zone) {
        let viewer = zone.actor("viewer").await;
        let chain = first_chain(&zone, &viewer).await;
        let file = zone.service.chain_file(&viewer, chain).await.unwrap();
        assert_eq!(domain::chain::parse_chain("chain.json", &file.to_json()).unwrap(), file);
        let bytes = zone.service.chain_workbook(&viewer, chain).await.unwrap();
        assert!(bytes.starts_with(b"PK"));
    }
}
