use super::score::*;
use proptest::prelude::*;

fn close(actual: f64, wanted: f64) {
    assert!(
        (actual - wanted).abs() < 1e-6,
        "got {actual}, wanted {wanted}"
    );
}

fn node(id: i64, priority: Option<f64>) -> ScoreNode {
    ScoreNode { id, priority }
}

fn edge(from: i64, to: i64, coefficient: Option<f64>) -> ScoreEdge {
    ScoreEdge {
        from,
        to,
        coefficient,
    }
}

fn firms(
    all: &mut Vec<ScoreFirm>,
    count: usize,
    node: i64,
    share: f64,
    local: bool,
    size: Option<f64>,
) {
    for _ in 0..count {
        all.push(ScoreFirm {
            id: all.len() as i64,
            region: if local { "区".into() } else { "甲市".into() },
            local,
            size,
            shares: vec![(node, share)],
        });
    }
}

/// 1 → 2 → 3 → 6 → 7 and 4 → 2; 5 and 8 stand alone. 20 of 200 companies are local.
pub(super) fn zone() -> ScoreInput {
    let mut all = Vec::new();
    firms(&mut all, 6, 2, 1.0, true, Some(10.0));
    firms(&mut all, 1, 1, 0.5, true, Some(8.0));
    firms(&mut all, 1, 3, 1.0, true, Some(40.0));
    for (node, count) in [
        (1, 4),
        (2, 4),
        (3, 2),
        (4, 5),
        (5, 3),
        (6, 3),
        (7, 3),
        (8, 2),
    ] {
        firms(&mut all, count, node, 1.0, false, None);
    }
    ScoreInput {
        nodes: (1..=8)
            .map(|id| node(id, (id == 4).then_some(1.0)))
            .collect(),
        edges: vec![
            edge(1, 2, None),
            edge(4, 2, None),
            edge(2, 3, Some(0.25)),
            edge(3, 6, None),
            edge(6, 7, None),
        ],
        firms: all,
        reference_firm_count: 200,
        local_firm_count: 20,
        local_matched_count: 10,
        region_firm_counts: vec![("甲市".into(), 180)],
        settings: ScoreSettings::default(),
    }
}

fn term(score: &NodeScore, kind: TermKind) -> &ScoreTerm {
    score.terms.iter().find(|term| term.kind == kind).unwrap()
}

#[test]
fn classes_follow_the_order_of_the_rules() {
    let result = score(&zone()).unwrap();
    let classes: Vec<GapClass> = result.nodes.iter().map(|node| node.class).collect();
    assert_eq!(
        classes,
        [
            GapClass::Weak,      // 1: c = 4/30
            GapClass::Strong,    // 2: q10 = 3.895/2, D = 10 < X = 60
            GapClass::Present,   // 3: one company is never a strength
            GapClass::Missing,   // 4: no company, D = 30
            GapClass::Blank,     // 5: stands alone
            GapClass::Extension, // 6: two edges from 2
            GapClass::Blank,     // 7: three edges from 2
            GapClass::Unknown,   // 8: two companies in the reference set
        ]
    );
    assert_eq!(
        result.nodes[5].class_reason,
        ClassReason::NearStrong {
            strong_node: 2,
            hops: 2
        }
    );
    assert_eq!(
        result.nodes[7].class_reason,
        ClassReason::FewReferenceFirms {
            reference_firms: 2,
            needed: 3
        }
    );
    for node in &result.nodes {
        assert_eq!(node.score.is_some(), node.class.is_gap());
    }
}

#[test]
fn presence_demand_and_cover() {
    let result = score(&zone()).unwrap();
    assert_eq!(result.size_basis, SizeBasis::Size);
    let one = result.node(1).unwrap();
    close(one.presence, 0.5);
    close(one.presence_total, 4.5);
    close(one.expected, 0.45); // 20 · 4.5 / 200
    close(one.output, 4.0); // 8 · 0.5
    close(one.demand, 30.0); // half of X_2 = 60, as node 2 has two inputs
    close(one.cover.unwrap(), 4.0 / 30.0);
    assert_eq!(one.coefficient_source, CoefficientSource::Assumed);
    let two = result.node(2).unwrap();
    close(two.demand, 10.0); // 0.25 · X_3 = 40
    assert_eq!(two.cover, Some(1.0));
    assert_eq!(two.coefficient_source, CoefficientSource::Given);
    let five = result.node(5).unwrap();
    assert_eq!(five.cover, None);
    assert_eq!(five.coefficient_source, CoefficientSource::None);
    close(result.demand_max, 30.0);
}

#[test]
fn location_quotient_interval() {
    let result = score(&zone()).unwrap();
    // Node 4: n = 0, E = 20·5/200 = 0.5. Gamma(1, 1) has q10 = 0.1053605 and q90 = ln 10 = 2.302585.
    let four = result.node(4).unwrap().location_quotient;
    close(four.mean, 1.0 / 1.5);
    close(four.low, 0.105_360_5 / 1.5);
    close(four.high, std::f64::consts::LN_10 / 1.5);
    // Node 2: n = 6, E = 1. Gamma(7, 1): half of the 10 % quantile of χ² with 14 degrees, 7.789534.
    let two = result.node(2).unwrap().location_quotient;
    close(two.mean, 3.5);
    close(two.low, 7.789_533_6 / 4.0);
    // Node 3: n = 1, E = 0.3. Gamma(2, 1): q10 = 0.5318116, q90 = 3.8897202.
    let three = result.node(3).unwrap().location_quotient;
    close(three.low, 0.531_811_6 / 1.3);
    close(three.high, 3.889_720_2 / 1.3);
}

#[test]
fn gap_score_rescales_over_the_known_terms() {
    let result = score(&zone()).unwrap();
    // One zone and one city: fewer than three regions, so ω is unknown everywhere.
    // Betweenness: 2 lies on {1,4}×{3,6,7} = 6 paths, 3 on {1,4,2}×{6,7} = 6, 6 on {1,4,2,3}×{7} = 4.
    close(
        term(result.node(6).unwrap(), TermKind::Criticality)
            .value
            .unwrap(),
        4.0 / 6.0,
    );
    // Node 4: (0.40·1 + 0.20·0 + 0.15·1) / 0.75.
    let four = result.node(4).unwrap();
    close(four.score.unwrap(), 100.0 * 0.55 / 0.75);
    close(four.confidence, 0.75 * 0.5);
    let relatedness = term(four, TermKind::Relatedness);
    assert_eq!(
        (relatedness.value, relatedness.effective_weight),
        (None, 0.0)
    );
    close(relatedness.weight, 0.25);
    close(term(four, TermKind::Unmet).points, 100.0 * 0.40 / 0.75);
    // Node 1: u = 26/30, no priority: 0.40·0.866667 / 0.60.
    close(
        result.node(1).unwrap().score.unwrap(),
        100.0 * 0.4 * (26.0 / 30.0) / 0.6,
    );
    // Node 6: u = 0 and C_B = 2/3: 0.20·0.666667 / 0.60.
    close(
        result.node(6).unwrap().score.unwrap(),
        100.0 * 0.2 * (2.0 / 3.0) / 0.6,
    );
    // R: half of node 4, and node 2 has no G.
    close(
        relevance(&[(4, 0.5), (2, 0.5), (99, 1.0)], &result),
        0.5 * 100.0 * 0.55 / 0.75,
    );
}

#[test]
fn unmet_demand_is_damped_by_the_logarithm() {
    let mut input = zone();
    // D_4 = 0.1·60 = 6 while D_1 = 30 stays the largest: u_4 = ln 7 / ln 31.
    input.edges[1].coefficient = Some(0.1);
    let result = score(&input).unwrap();
    close(
        term(result.node(4).unwrap(), TermKind::Unmet)
            .value
            .unwrap(),
        7.0_f64.ln() / 31.0_f64.ln(),
    );
}

#[test]
fn one_size_basis_for_all() {
    let mut input = zone();
    input.firms[0].size = None;
    let result = score(&input).unwrap();
    assert_eq!(result.size_basis, SizeBasis::One);
    close(result.node(2).unwrap().output, 6.0);
    close(result.node(1).unwrap().demand, 3.0);
}

#[test]
fn mixed_coefficients_are_named() {
    let mut input = zone();
    input.edges.push(edge(1, 3, Some(0.1)));
    let result = score(&input).unwrap();
    let one = result.node(1).unwrap();
    assert_eq!(one.coefficient_source, CoefficientSource::Mixed);
    close(one.demand, 30.0 + 4.0);
}

#[test]
fn too_little_matched_is_unknown_not_a_gap() {
    let mut input = zone();
    input.local_firm_count = 100;
    input.local_matched_count = 9;
    input.reference_firm_count = 300;
    let result = score(&input).unwrap();
    assert!(
        result
            .nodes
            .iter()
            .all(|node| node.class == GapClass::Unknown && node.score.is_none())
    );
    assert_eq!(
        result.nodes[0].class_reason,
        ClassReason::FewMatchedFirms {
            matched: 9,
            local_firms: 100,
            needed: 0.1
        }
    );
}

#[test]
fn relatedness_from_regions() {
    // Five regions of ten companies: A has 1 and 2, B 1 and 2, C 1 and 3, D 3, the zone 2.
    // Every node has E = 10·3/50 = 0.6 or 10·2/50 = 0.4, so one company makes M = 1.
    let mut all = Vec::new();
    for (region, node) in [
        ("A", 1),
        ("A", 2),
        ("B", 1),
        ("B", 2),
        ("C", 1),
        ("C", 3),
        ("D", 3),
        ("", 2),
    ] {
        all.push(ScoreFirm {
            id: all.len() as i64,
            region: region.into(),
            local: region.is_empty(),
            size: None,
            shares: vec![(node, 1.0)],
        });
    }
    let input = ScoreInput {
        nodes: (1..=3).map(|id| node(id, None)).collect(),
        firms: all,
        reference_firm_count: 50,
        local_firm_count: 10,
        local_matched_count: 1,
        region_firm_counts: ["A", "B", "C", "D"]
            .map(|region| (region.to_owned(), 10))
            .to_vec(),
        ..ScoreInput::default()
    };
    let result = score(&input).unwrap();
    assert_eq!(result.region_count, 5);
    let density = |id| term(result.node(id).unwrap(), TermKind::Relatedness).value;
    // φ_12 = 2/max(3,3), φ_13 = 1/max(3,2); the zone has 2 but not 3: (2/3) / (2/3 + 1/3).
    close(density(1).unwrap(), 2.0 / 3.0);
    // φ_21 = 2/3 but the zone has not 1; φ_23 = 0.
    close(density(2).unwrap(), 0.0);
    // Only C and D have 3.
    assert_eq!(density(3), None);
}

#[test]
fn more_paths_than_can_be_counted_are_unknown() {
    // 660 layers of three, each joined with all of the next: 3^659 paths from end to end.
    let nodes = (0..1980).map(|id| node(id, None)).collect();
    let edges = (0..1977)
        .flat_map(|from| (0..3).map(move |place| edge(from, (from / 3 + 1) * 3 + place, None)))
        .collect();
    let input = ScoreInput {
        nodes,
        edges,
        ..ScoreInput::default()
    };
    for node in score(&input).unwrap().nodes {
        let value = term(&node, TermKind::Criticality).value;
        assert!(value.is_none_or(|value| (0.0..=1.0).contains(&value)));
    }
}

#[test]
fn a_share_that_passes_one_by_a_last_digit_is_one() {
    let mut input = zone();
    // 0.1 eight times and 0.2 come to 1.0000000000000002 or so in one order or another.
    input.firms[0].shares = vec![(1, 1.0 + f64::EPSILON)];
    assert!(score(&input).is_ok());
}

#[test]
fn contradictions_are_refused() {
    let refuse = |change: fn(&mut ScoreInput)| {
        let mut input = zone();
        change(&mut input);
        score(&input).unwrap_err()
    };
    assert_eq!(
        refuse(|input| input.edges.push(edge(1, 9, None))),
        ScoreError::UnknownNode { node: 9 }
    );
    assert_eq!(
        refuse(|input| input.edges.push(edge(1, 1, None))),
        ScoreError::SelfLoop { node: 1 }
    );
    assert_eq!(
        refuse(|input| input.firms[0].shares.push((1, 0.5))),
        ScoreError::InvalidShares { firm: 0 }
    );
    assert_eq!(
        refuse(|input| input.firms[0].size = Some(f64::NAN)),
        ScoreError::InvalidSize { firm: 0 }
    );
    assert_eq!(
        refuse(|input| input.local_matched_count = 3),
        ScoreError::InconsistentCount {
            what: "local_matched".into()
        }
    );
    assert_eq!(
        refuse(|input| input.region_firm_counts.clear()),
        ScoreError::InvalidRegion {
            region: "甲市".into()
        }
    );
    assert_eq!(
        refuse(|input| input.settings.alpha = 0.0),
        ScoreError::InvalidSetting {
            name: "alpha".into()
        }
    );
}

#[test]
fn nothing_gives_nothing() {
    let result = score(&ScoreInput::default()).unwrap();
    assert!(result.nodes.is_empty());
}

prop_compose! {
    fn any_input()(
        count in 1_usize..12,
        edges in prop::collection::vec((0_usize..12, 0_usize..12, prop::option::of(0.0..2.0_f64)), 0..25),
        firms in prop::collection::vec(
            (0_usize..6, prop::option::of(0.0..1e6_f64), prop::collection::vec((0_usize..12, 0.0..=1.0_f64), 0..4)), 0..80),
        priorities in prop::collection::vec(prop::option::of(0.0..=1.0_f64), 12),
        weights in prop::array::uniform4(0.01..1.0_f64),
        spare in 0_u64..60,
    ) -> ScoreInput {
        let nodes = (0..count).map(|id| node(id as i64, priorities[id])).collect();
        let mut seen = std::collections::HashSet::new();
        let edges = edges.into_iter()
            .map(|(from, to, a)| (from % count, to % count, a))
            .filter(|(from, to, _)| from != to && seen.insert((*from, *to)))
            .map(|(from, to, a)| edge(from as i64, to as i64, a))
            .collect();
        let firms: Vec<ScoreFirm> = firms.into_iter().enumerate().map(|(id, (region, size, shares))| {
            let parts = shares.len().max(1) as f64;
            ScoreFirm {
                id: id as i64,
                region: format!("r{region}"),
                local: region == 0,
                size,
                shares: shares.into_iter().map(|(node, w)| ((node % count) as i64, w / parts)).collect(),
            }
        }).collect();
        let local = firms.iter().filter(|firm| firm.local).count() as u64;
        ScoreInput {
            nodes,
            edges,
            reference_firm_count: firms.len() as u64 + 6 * spare,
            local_firm_count: local + spare,
            local_matched_count: local,
            region_firm_counts: (1..6).map(|region| {
                let name = format!("r{region}");
                let held = firms.iter().filter(|firm| firm.region == name).count() as u64;
                (name, held + spare)
            }).collect(),
            firms,
            settings: ScoreSettings {
                weights: ScoreWeights { unmet: weights[0], relatedness: weights[1], criticality: weights[2], priority: weights[3] },
                ..ScoreSettings::default()
            },
        }
    }
}

proptest! {
    #[test]
    fn scores_keep_their_promises(input in any_input()) {
        let result = score(&input).unwrap();
        prop_assert_eq!(&result, &score(&input).unwrap());
        prop_assert_eq!(result.nodes.len(), input.nodes.len());
        for node in &result.nodes {
            prop_assert_eq!(node.score.is_some(), node.class.is_gap());
            if let Some(score) = node.score {
                prop_assert!((0.0..=100.0).contains(&score));
                let points: f64 = node.terms.iter().map(|term| term.points).sum();
                prop_assert!((points - score).abs() < 1e-9);
            }
            if let Some(cover) = node.cover {
                prop_assert!((0.0..=1.0).contains(&cover));
            }
            for term in &node.terms {
                prop_assert!(term.value.is_none_or(|value| (0.0..=1.0).contains(&value)));
                prop_assert!(term.value.is_some() || term.effective_weight == 0.0);
            }
            let weights: f64 = node.terms.iter().map(|term| term.effective_weight).sum();
            prop_assert!((weights - 1.0).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&node.confidence));
            let quotient = node.location_quotient;
            prop_assert!(0.0 <= quotient.low && quotient.low < quotient.high && quotient.high.is_finite());
            // Each class by its own definition: exactly one may hold, and it is the one given.
            let unknown = node.reference_firms < 3
                || input.local_firm_count == 0
                || (input.local_matched_count as f64) < 0.1 * input.local_firm_count as f64;
            let absent = !unknown && node.local_firms == 0;
            let held = !unknown && !absent;
            let weak = held && (node.cover.is_some_and(|c| c < 0.5) || quotient.high < 1.0);
            let strong = held && !weak && quotient.low >= 1.0 && node.cover == Some(1.0);
            let near = absent && matches!(node.class_reason, ClassReason::NearStrong { .. });
            let holds = [
                (GapClass::Unknown, unknown),
                (GapClass::Missing, absent && node.demand > 0.0),
                (GapClass::Extension, near && node.demand == 0.0),
                (GapClass::Blank, absent && node.demand == 0.0 && !near),
                (GapClass::Weak, weak),
                (GapClass::Strong, strong),
                (GapClass::Present, held && !weak && !strong),
            ];
            let classes: Vec<GapClass> = holds.into_iter().filter(|(_, yes)| *yes).map(|(class, _)| class).collect();
            prop_assert_eq!(classes, vec![node.class]);
        }
    }

    #[test]
    fn serialised_and_back(input in any_input()) {
        let result = score(&input).unwrap();
        let back: ChainScore = serde_json::from_str(&serde_json::to_string(&result).unwrap()).unwrap();
        prop_assert_eq!(back.nodes.len(), result.nodes.len());
    }
}
