//! The gap map of the demo zone, and what comes in as a chain file.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use domain::{
    chain::{ChainFileProblemKind, GapClass},
    problem::Problem,
};

on_both! {
    every_class_occurs_and_the_counts_add_up(zone) {
        let leader = zone.actor("leader").await;
        let chains = zone.service.chains(&leader).await.unwrap();
        assert_eq!(chains.len(), 4);
        for chain in &chains {
            let sum: u32 = chain.classes.iter().map(|(_, count)| count).sum();
            assert_eq!(sum, chain.node_count, "{}", chain.name);
            assert!(chain.node_count >= 20, "{}", chain.name);
        }
        for class in GapClass::ALL {
            let count: u32 = chains
                .iter()
                .flat_map(|chain| &chain.classes)
                .filter(|(known, _)| *known == class)
                .map(|(_, count)| count)
                .sum();
            assert!(count > 0, "{class:?}: {chains:#?}");
        }
    }

    a_gap_has_a_score_with_its_terms_and_candidates(zone) {
        let leader = zone.actor("leader").await;
        let chains = zone.service.chains(&leader).await.unwrap();
        let map = zone.service.chain_map(&leader, chains[0].id).await.unwrap();
        assert_eq!(map.nodes.len(), map.layout.nodes.len());
        let gap = map.nodes.iter().find(|node| node.name == "离子交换膜").unwrap();
        assert_eq!(gap.class, GapClass::Missing);
        let panel = zone.service.node_panel(&leader, gap.id).await.unwrap();
        assert_eq!(panel.local_firms.len(), 0);
        let sum: f64 = panel.score.terms.iter().map(|term| term.points).sum();
        assert!((sum - panel.score.score.unwrap()).abs() < 1e-6);
        assert!(!panel.candidates.is_empty());
        assert!(panel.candidates.iter().all(|row| !row.hits.is_empty()));
    }

    a_chain_file_with_a_cycle_is_refused_whole(zone) {
        let admin = zone.actor("admin").await;
        let before = zone.service.chains(&admin).await.unwrap();
        let csv = "kind,code,name,stage,from,to\nchain,loop,环,,,\nnode,a,甲料,上游,,\nnode,b,乙料,中游,,\nedge,,,,a,b\nedge,,,,b,a\n";
        let error = zone.service.import_chain(&admin, "loop.csv", csv.as_bytes()).await.unwrap_err();
        let Problem::ChainFile { problems } = error.into_problem() else { panic!() };
        assert!(problems.iter().any(|problem| matches!(problem.kind, ChainFileProblemKind::Cycle { .. })), "{problems:?}");
        assert_eq!(zone.service.chains(&admin).await.unwrap(), before);
    }

    a_node_that_leads_point_to_stays(zone) {
        let admin = zone.actor("admin").await;
        let json = r#"{"code":"vanadium-storage","name":"钒","nodes":[{"code":"x","name":"新节点","stage":"upstream"}]}"#;
        let error = zone.service.import_chain(&admin, "v.json", json.as_bytes()).await.unwrap_err();
        assert!(matches!(error.into_problem(), Problem::NodeInUse { leads: 1.., .. }));
    }

    only_the_administrator_changes_chains(zone) {
        let chief = zone.actor("chief-east").await;
        let error = zone.service.import_chain(&chief, "v.json", b"{}").await.unwrap_err();
        assert_eq!(error.into_problem(), Problem::Forbidden);
    }
}
