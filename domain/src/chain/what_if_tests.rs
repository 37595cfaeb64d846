use super::score_tests::zone;
use super::*;

fn landing(node_id: i64, output: f64) -> Landing {
    Landing {
        name: "示例项目".to_owned(),
        node_id,
        output,
        lead_id: None,
        enterprise_id: None,
    }
}

fn node(answer: &WhatIf, node_id: i64) -> &NodeChange {
    answer
        .nodes
        .iter()
        .find(|node| node.node_id == node_id)
        .unwrap()
}

#[test]
fn a_project_that_covers_the_demand_closes_the_gap() {
    let input = zone();
    let before = score(&input).unwrap();
    assert_eq!(before.node(4).unwrap().class, GapClass::Missing);
    // X2 = 6·10 = 60 and 2 has two inputs without coefficients, so D4 = 60/2 = 30. It lands with 30: c = 1.
    // n_r4 = 1, E = 21·6/201 = 0.627: Gamma(2, 1.627) has q10 = 0.33 and q90 = 2.39, neither weak nor strong.
    let answer = what_if(&input, &before, &[landing(4, 30.0)]).unwrap();
    let four = node(&answer, 4);
    assert_eq!(
        (four.class_before, four.class_after),
        (GapClass::Missing, GapClass::Present)
    );
    assert_eq!(
        (four.cover_before, four.cover_after),
        (Some(0.0), Some(1.0))
    );
    assert_eq!((four.demand_before, four.demand_after), (30.0, 30.0));
    assert_eq!(
        (answer.closed.clone(), answer.opened.clone()),
        (vec![4], vec![])
    );
    assert!(!answer.next.contains(&4));
    // A smaller one leaves it open: 12 of 30 is 0.4, below one half.
    let answer = what_if(&input, &before, &[landing(4, 12.0)]).unwrap();
    let four = node(&answer, 4);
    assert_eq!(four.class_after, GapClass::Weak);
    assert!((four.cover_after.unwrap() - 0.4).abs() < 1e-12);
    assert!(answer.closed.is_empty());
}

#[test]
fn what_is_known_of_the_graph_changes_no_answer() {
    let input = zone();
    let before = score(&input).unwrap();
    for landings in [vec![], vec![landing(4, 30.0), landing(1, 1e6)]] {
        let whole = score(&landed(&input, &landings)).unwrap();
        let answer = what_if(&input, &before, &landings).unwrap();
        assert_eq!(answer, compare(&before, &whole));
    }
    // The score of another chain knows nothing of this one.
    let mut other = input.clone();
    other.nodes.reverse();
    let strange = score(&other).unwrap();
    let answer = what_if(&input, &strange, &[]).unwrap();
    assert_eq!(answer, compare(&strange, &before));
}

#[test]
fn a_project_brings_its_own_demand() {
    let input = zone();
    let before = score(&input).unwrap();
    assert!(!before.node(3).unwrap().class.is_gap());
    // 6 uses nothing but 3, so D3 = 100; X3 = 40: c = 0.4 and what was no gap becomes one.
    let answer = what_if(&input, &before, &[landing(6, 100.0)]).unwrap();
    assert_eq!(node(&answer, 3).demand_after, 100.0);
    assert_eq!(node(&answer, 3).class_after, GapClass::Weak);
    assert!(answer.opened.contains(&3), "{answer:?}");
    // Both together: 60 more of 3 make up the rest.
    let both = [landing(6, 100.0), landing(3, 60.0)];
    let answer = what_if(&input, &before, &both).unwrap();
    assert_eq!(node(&answer, 3).cover_after, Some(1.0));
    assert!(!answer.opened.contains(&3));
}

#[test]
fn nothing_landed_changes_nothing_and_nonsense_is_refused() {
    let input = zone();
    let before = score(&input).unwrap();
    let answer = what_if(&input, &before, &[]).unwrap();
    assert!(answer.nodes.iter().all(|node| !node.is_visible()));
    assert!(answer.closed.is_empty() && answer.opened.is_empty());
    for wrong in [f64::NAN, -1.0, f64::INFINITY] {
        assert!(matches!(
            what_if(&input, &before, &[landing(4, wrong)]),
            Err(ScoreError::InvalidSize { .. })
        ));
    }
    assert_eq!(
        what_if(&input, &before, &[landing(99, 1.0)]),
        Err(ScoreError::UnknownNode { node: 99 })
    );
}

#[test]
fn thresholds_meet_the_node_s_own_numbers() {
    let input = zone();
    let scored = score(&input).unwrap();
    // Node 1: X = 8·0.5 = 4, D = 60/2 = 30, c = 0.133: weak by cover alone. Five companies match it, and half
    // of the zone's companies match something.
    let found = sensitivity(&input, &scored, 1);
    let flips: Vec<(Threshold, f64, GapClass)> = found
        .classes
        .iter()
        .map(|flip| (flip.threshold, flip.at, flip.to))
        .collect();
    assert_eq!(
        flips,
        [
            (Threshold::MinReferenceFirms, 6.0, GapClass::Unknown),
            (Threshold::MinMatchedShare, 0.51, GapClass::Unknown),
            (Threshold::WeakCover, 0.13, GapClass::Present),
        ]
    );
    assert_eq!(sensitivity(&input, &scored, 99), Sensitivity::default());
}

#[test]
fn every_flip_is_true_when_it_is_tried() {
    let input = zone();
    let scored = score(&input).unwrap();
    let mut seen = 0;
    for node in &scored.nodes {
        let found = sensitivity(&input, &scored, node.node_id);
        for flip in &found.classes {
            let mut changed = input.clone();
            let settings = &mut changed.settings;
            match flip.threshold {
                Threshold::MinReferenceFirms => settings.min_reference_firms = flip.at as u32,
                Threshold::MinMatchedShare => settings.min_matched_share = flip.at,
                Threshold::WeakCover => settings.weak_cover = flip.at,
                Threshold::WeakQuotient => settings.weak_quotient = flip.at,
                Threshold::StrongCover => settings.strong_cover = flip.at,
                Threshold::StrongQuotient => settings.strong_quotient = flip.at,
                Threshold::ExtensionHops => settings.extension_hops = flip.at as u32,
            }
            let again = score(&changed).unwrap();
            assert_eq!(again.node(node.node_id).unwrap().class, flip.to, "{flip:?}");
            seen += 1;
        }
        for flip in &found.ranks {
            let beyond = (flip.at + (flip.at - flip.now).signum() * 1e-4).max(0.0);
            let mut changed = input.clone();
            let weights = &mut changed.settings.weights;
            match flip.term {
                TermKind::Unmet => weights.unmet = beyond,
                TermKind::Relatedness => weights.relatedness = beyond,
                TermKind::Criticality => weights.criticality = beyond,
                TermKind::Priority => weights.priority = beyond,
            }
            let again = score(&changed).unwrap();
            let of = |id: i64| again.node(id).unwrap().score.unwrap();
            assert_eq!(
                of(node.node_id) > of(flip.other_node),
                flip.before,
                "{flip:?}"
            );
            seen += 1;
        }
    }
    assert!(seen > 10, "{seen}");
}
