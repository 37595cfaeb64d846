//! "It lands with this output": the same arithmetic on the same numbers, with the landed projects added.
//!
//! It runs in the browser on the input that the server scored, so an answer needs no request.

use serde::{Deserialize, Serialize};

use super::{
    ChainScore, GapClass, ScoreError, ScoreFirm, ScoreInput, SizeBasis, score::score_again,
};

/// Projects in one scenario at most: beyond that it is a plan, not a question.
pub const SCENARIO_LANDINGS: usize = 20;

/// A project that lands in the zone: one more local company whose whole business is one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Landing {
    /// What people call it: the company, or the lead's title.
    pub name: String,
    /// The node it makes.
    pub node_id: i64,
    /// Output value a year, in the unit of the companies' sizes (万元); not negative.
    pub output: f64,
    /// The lead it stands for, if any.
    #[serde(default)]
    pub lead_id: Option<i64>,
    /// The company it is a new site of, if known.
    #[serde(default)]
    pub enterprise_id: Option<i64>,
}

/// What becomes of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeChange {
    pub node_id: i64,
    pub class_before: GapClass,
    pub class_after: GapClass,
    /// G, 0 to 100; only for gaps.
    pub score_before: Option<f64>,
    pub score_after: Option<f64>,
    /// c, 0 to 1.
    pub cover_before: Option<f64>,
    pub cover_after: Option<f64>,
    /// D, in units of size.
    pub demand_before: f64,
    pub demand_after: f64,
}

impl NodeChange {
    /// Whether anything that a person would notice differs: the class, half a point of G, or half a per cent of cover.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        let moved = |before: Option<f64>, after: Option<f64>, least: f64| match (before, after) {
            (None, None) => false,
            (Some(before), Some(after)) => (before - after).abs() >= least,
            _ => true,
        };
        self.class_before != self.class_after
            || moved(self.score_before, self.score_after, 0.5)
            || moved(self.cover_before, self.cover_after, 0.005)
    }
}

/// The answer to a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// One for each node, in the order of the chain.
    pub nodes: Vec<NodeChange>,
    /// What stands for size before and after: when it differs, X and D are not comparable and the page says so.
    pub basis_before: SizeBasis,
    pub basis_after: SizeBasis,
    /// Gaps that are gaps no longer.
    pub closed: Vec<i64>,
    /// Nodes that become gaps, because the landed projects need what nobody here makes.
    pub opened: Vec<i64>,
    /// The gaps afterwards by falling G, at most ten: where to go next.
    pub next: Vec<i64>,
}

/// The input with the projects landed.
///
/// A landed project counts as a company of the zone and of the reference set. A second site of a company that is
/// in the reference set elsewhere is still a new local company: its old site stays where it is.
#[must_use]
pub fn landed(input: &ScoreInput, landings: &[Landing]) -> ScoreInput {
    let mut after = input.clone();
    let first_free = input
        .firms
        .iter()
        .map(|firm| firm.id)
        .min()
        .unwrap_or(0)
        .min(0);
    for (landing, number) in landings.iter().zip(1_i64..) {
        after.firms.push(ScoreFirm {
            id: first_free - number,
            region: String::new(),
            local: true,
            size: Some(landing.output),
            shares: vec![(landing.node_id, 1.0)],
        });
        after.reference_firm_count += 1;
        after.local_firm_count += 1;
        after.local_matched_count += 1;
    }
    after
}

/// Scores a chain with the projects landed and says what differs from `before`, the score of `input` itself.
///
/// # Errors
/// [`ScoreError`] for an unknown node, an output that is negative or no number, or input that contradicts itself.
pub fn what_if(
    input: &ScoreInput,
    before: &ChainScore,
    landings: &[Landing],
) -> Result<WhatIf, ScoreError> {
    let after = score_again(&landed(input, landings), Some(before))?;
    Ok(compare(before, &after))
}

/// What differs between two scores of one chain. Nodes that only one of them has are left out.
#[must_use]
pub fn compare(before: &ChainScore, after: &ChainScore) -> WhatIf {
    let nodes: Vec<NodeChange> = before
        .nodes
        .iter()
        .filter_map(|old| {
            let new = after.node(old.node_id)?;
            Some(NodeChange {
                node_id: old.node_id,
                class_before: old.class,
                class_after: new.class,
                score_before: old.score,
                score_after: new.score,
                cover_before: old.cover,
                cover_after: new.cover,
                demand_before: old.demand,
                demand_after: new.demand,
            })
        })
        .collect();
    let changed = |from: bool, to: bool| -> Vec<i64> {
        nodes
            .iter()
            .filter(|node| node.class_before.is_gap() == from && node.class_after.is_gap() == to)
            .map(|node| node.node_id)
            .collect()
    };
    let mut next: Vec<(i64, f64)> = nodes
        .iter()
        .filter_map(|node| Some((node.node_id, node.score_after?)))
        .collect();
    next.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
    WhatIf {
        closed: changed(true, false),
        opened: changed(false, true),
        next: next.into_iter().take(10).map(|(node, _)| node).collect(),
        basis_before: before.size_basis,
        basis_after: after.size_basis,
        nodes,
    }
}
