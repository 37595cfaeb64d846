//! The gap score: explainable arithmetic in which every term is shown.
//!
//! Notation: zone r, node i, company f with share w_fi of its business in node i. The zone is the
//! set of local companies; the other regions are the cities of the companies that are not local.
//! Sizes are in one unit for the whole calculation, 亿元 by custom: ln(1 + D) depends on it.

use super::{Adjacency, betweenness};
use serde::{Deserialize, Serialize};
use statrs::function::gamma::checked_gamma_lr;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

/// Slack in comparisons of sums that would be equal in exact arithmetic.
const TOLERANCE: f64 = 1e-9;

/// Everything the score is computed from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScoreInput {
    /// The nodes of one chain.
    pub nodes: Vec<ScoreNode>,
    /// Input → output relations between them.
    pub edges: Vec<ScoreEdge>,
    /// The companies of the reference set that match a node of this chain; others may be left out.
    pub firms: Vec<ScoreFirm>,
    /// n: all companies of the reference set, matched or not, local ones included.
    pub reference_firm_count: u64,
    /// n_r: all local companies, matched or not.
    pub local_firm_count: u64,
    /// Local companies that match any node of any chain.
    pub local_matched_count: u64,
    /// For each other region its companies, matched or not, local ones excluded.
    pub region_firm_counts: Vec<(String, u64)>,
    /// Weights and thresholds.
    pub settings: ScoreSettings,
}

/// One node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreNode {
    /// Its id.
    pub id: i64,
    /// Policy priority p, 0 to 1; `None` when nobody has set it.
    pub priority: Option<f64>,
}

/// One relation: `to` uses `from`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreEdge {
    /// The input node i.
    pub from: i64,
    /// The output node j.
    pub to: i64,
    /// a_ij: value of i per unit of output value of j; `None` when no table gives it.
    pub coefficient: Option<f64>,
}

/// One company.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreFirm {
    /// Its id.
    pub id: i64,
    /// Its city; blank when unknown, which leaves it out of the regions but not of the reference set.
    pub region: String,
    /// Whether it is in the zone.
    pub local: bool,
    /// Revenue, else output value, else staff: one kind for all companies; not negative.
    pub size: Option<f64>,
    /// w_fi by node, each 0 to 1 and together at most 1.
    pub shares: Vec<(i64, f64)>,
}

/// Weights of the four terms; not negative, they need not sum to 1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreWeights {
    /// Weight of u.
    pub unmet: f64,
    /// Weight of ω.
    pub relatedness: f64,
    /// Weight of C_B.
    pub criticality: f64,
    /// Weight of p.
    pub priority: f64,
}

impl Default for ScoreWeights {
    fn default() -> Self {
        Self {
            unmet: 0.40,
            relatedness: 0.25,
            criticality: 0.20,
            priority: 0.15,
        }
    }
}

/// What a zone may set. The defaults are those of the domain description.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScoreSettings {
    /// Weights of the terms.
    pub weights: ScoreWeights,
    /// α of the Gamma–Poisson smoothing, above 0.
    pub alpha: f64,
    /// Lower end of the location quotient's interval, as a probability.
    pub quantile_low: f64,
    /// Upper end of the interval, as a probability.
    pub quantile_high: f64,
    /// Companies of the reference set a node needs to be known at all.
    pub min_reference_firms: u32,
    /// Share of the zone's companies that must match some chain for the zone to be known at all.
    pub min_matched_share: f64,
    /// 弱链 when cover c is below this.
    pub weak_cover: f64,
    /// 弱链 when the upper end of the quotient is below this.
    pub weak_quotient: f64,
    /// 强链 needs at least this cover c, 0 to 1.
    pub strong_cover: f64,
    /// 强链 needs the lower end of the quotient to reach this.
    pub strong_quotient: f64,
    /// 延链 is at most this many edges away from a 强链 node.
    pub extension_hops: u32,
    /// Companies a region needs to take part in φ.
    pub min_region_firms: u64,
    /// Regions that must have a node for its relatedness to be known.
    pub min_regions: u32,
    /// Companies of the reference set from which a node's confidence is full.
    pub full_confidence_firms: u32,
}

impl Default for ScoreSettings {
    fn default() -> Self {
        Self {
            weights: ScoreWeights::default(),
            alpha: 1.0,
            quantile_low: 0.1,
            quantile_high: 0.9,
            min_reference_firms: 3,
            min_matched_share: 0.1,
            weak_cover: 0.5,
            weak_quotient: 1.0,
            strong_cover: 1.0,
            strong_quotient: 1.0,
            extension_hops: 2,
            min_region_firms: 10,
            min_regions: 3,
            full_confidence_firms: 10,
        }
    }
}

/// Why a score could not be computed.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ScoreError {
    /// Two nodes have one id.
    #[error("node {node} is given twice")]
    DuplicateNode {
        /// Its id.
        node: i64,
    },
    /// An edge or a share refers to a node that is not there.
    #[error("node {node} is referred to but not given")]
    UnknownNode {
        /// Its id.
        node: i64,
    },
    /// An edge is given twice.
    #[error("the edge from {from} to {to} is given twice")]
    DuplicateEdge {
        /// Input node.
        from: i64,
        /// Output node.
        to: i64,
    },
    /// An edge joins a node with itself.
    #[error("an edge joins node {node} with itself")]
    SelfLoop {
        /// Its id.
        node: i64,
    },
    /// Two companies have one id.
    #[error("company {firm} is given twice")]
    DuplicateFirm {
        /// Its id.
        firm: i64,
    },
    /// A share is outside 0 to 1, or a company's shares sum to more than 1.
    #[error("the shares of company {firm} are not parts of one whole")]
    InvalidShares {
        /// Its id.
        firm: i64,
    },
    /// A size is negative or no number.
    #[error("the size of company {firm} is negative or no number")]
    InvalidSize {
        /// Its id.
        firm: i64,
    },
    /// A priority is outside 0 to 1.
    #[error("the priority of node {node} is outside 0 to 1")]
    InvalidPriority {
        /// Its id.
        node: i64,
    },
    /// A coefficient is negative or no number.
    #[error("the coefficient from {from} to {to} is negative or no number")]
    InvalidCoefficient {
        /// Input node.
        from: i64,
        /// Output node.
        to: i64,
    },
    /// A company's region has no company count, or is counted twice.
    #[error("the region {region} has no company count, or more than one")]
    InvalidRegion {
        /// The region.
        region: String,
    },
    /// The counts contradict each other or the companies given.
    #[error("the company count of {what} is smaller than the companies it must contain")]
    InconsistentCount {
        /// `reference`, `local`, `local_matched`, or a region.
        what: String,
    },
    /// A setting is out of its range.
    #[error("the setting {name} is out of its range")]
    InvalidSetting {
        /// The setting.
        name: String,
    },
}

/// What stands for the size of a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeBasis {
    /// The size given.
    Size,
    /// One for every company, because a local company of the chain has no size.
    One,
}

/// The class of a node; see [`ClassReason`] for why.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GapClass {
    /// 强链.
    Strong,
    /// 在链.
    Present,
    /// 弱链: a gap.
    Weak,
    /// 断链: a gap.
    Missing,
    /// 延链: a gap.
    Extension,
    /// 空白: not a gap.
    Blank,
    /// 数据不足: never shown as a gap.
    Unknown,
}

impl GapClass {
    /// In the order of legends and tables.
    pub const ALL: [Self; 7] = [
        Self::Strong,
        Self::Present,
        Self::Weak,
        Self::Missing,
        Self::Extension,
        Self::Blank,
        Self::Unknown,
    ];

    /// The word in `data-gap` attributes, files and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Strong => "strong",
            Self::Present => "present",
            Self::Weak => "weak",
            Self::Missing => "missing",
            Self::Extension => "extension",
            Self::Blank => "blank",
            Self::Unknown => "unknown",
        }
    }

    /// Whether nodes of this class have a gap score: 弱链, 断链 and 延链.
    #[must_use]
    pub fn is_gap(self) -> bool {
        matches!(self, Self::Weak | Self::Missing | Self::Extension)
    }
}

/// Why a node has its class, with the numbers to say so in a sentence.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassReason {
    /// 数据不足: too few companies of the reference set match the node.
    FewReferenceFirms {
        /// Companies that match.
        reference_firms: u32,
        /// Companies needed.
        needed: u32,
    },
    /// 数据不足: too little of the zone's companies matches any chain.
    FewMatchedFirms {
        /// Local companies that match.
        matched: u64,
        /// All local companies.
        local_firms: u64,
        /// The share needed, 0 to 1.
        needed: f64,
    },
    /// 断链: no local company, and local demand D > 0.
    DemandWithoutFirms {
        /// D, in units of size.
        demand: f64,
    },
    /// 延链: no local company and no local demand, but near a 强链 node.
    NearStrong {
        /// The nearest 强链 node (smallest id when several).
        strong_node: i64,
        /// Edges to it.
        hops: u32,
    },
    /// 空白: no local company, no local demand, no 强链 node near.
    NothingNear {
        /// The edges looked at around the node.
        hops: u32,
    },
    /// 弱链: cover below the threshold.
    LowCover {
        /// Local companies.
        local_firms: u32,
        /// c.
        cover: f64,
        /// The threshold.
        below: f64,
    },
    /// 弱链: even the upper end of the location quotient is below the threshold.
    LowQuotient {
        /// Local companies.
        local_firms: u32,
        /// The upper end.
        high: f64,
        /// The threshold.
        below: f64,
    },
    /// 弱链: both of the two above.
    LowCoverAndQuotient {
        /// Local companies.
        local_firms: u32,
        /// c.
        cover: f64,
        /// The threshold of c.
        cover_below: f64,
        /// The upper end of the quotient.
        high: f64,
        /// The threshold of the quotient.
        quotient_below: f64,
    },
    /// 强链: even the lower end of the quotient reaches the threshold, and cover does too.
    HighQuotientAndCover {
        /// Local companies.
        local_firms: u32,
        /// The lower end.
        low: f64,
        /// c.
        cover: f64,
    },
    /// 在链: neither weak nor strong.
    Between {
        /// Local companies.
        local_firms: u32,
        /// The lower end of the quotient.
        low: f64,
        /// The upper end.
        high: f64,
        /// c.
        cover: Option<f64>,
    },
}

/// The location quotient: 1 means as many companies as the zone's size lets expect.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LocationQuotient {
    /// (n_ri + α)/(E_ri + α).
    pub mean: f64,
    /// Lower end of the interval, the 10 % quantile unless set otherwise.
    pub low: f64,
    /// Upper end of the interval, the 90 % quantile unless set otherwise.
    pub high: f64,
}

/// Where the coefficients of a node's demand come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CoefficientSource {
    /// All from the input-output table.
    Given,
    /// All 1/|inputs(j)|.
    Assumed,
    /// Some of each.
    Mixed,
    /// No node uses this one.
    None,
}

/// A term of the gap score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TermKind {
    /// u, unmet local demand.
    Unmet,
    /// ω, relatedness density.
    Relatedness,
    /// C_B, criticality.
    Criticality,
    /// p, policy priority.
    Priority,
}

/// One term of one node's gap score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreTerm {
    /// Which.
    pub kind: TermKind,
    /// Its value, 0 to 1; `None` when unknown, never zero instead.
    pub value: Option<f64>,
    /// Its weight as set.
    pub weight: f64,
    /// Its weight after rescaling over the known terms, which sum to 1; 0 when unknown.
    pub effective_weight: f64,
    /// What it adds to G, 0 to 100; 0 for a node without G.
    pub points: f64,
}

/// The score of one node and all it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeScore {
    /// The node.
    pub node_id: i64,
    /// Its class.
    pub class: GapClass,
    /// Local companies with a share in it.
    pub local_firms: u32,
    /// Companies of the reference set with a share in it, local ones included.
    pub reference_firms: u32,
    /// n_ri, in company equivalents.
    pub presence: f64,
    /// n_i over the reference set, in company equivalents.
    pub presence_total: f64,
    /// E_ri = n_r·n_i/n.
    pub expected: f64,
    /// LQ and its interval.
    pub location_quotient: LocationQuotient,
    /// X_ri, in units of size.
    pub output: f64,
    /// D_ri, in units of size.
    pub demand: f64,
    /// c; `None` when there is neither demand nor output.
    pub cover: Option<f64>,
    /// Where the coefficients in D come from.
    pub coefficient_source: CoefficientSource,
    /// The four terms, always all of them.
    pub terms: Vec<ScoreTerm>,
    /// G, 0 to 100; only for gaps.
    pub score: Option<f64>,
    /// Share of the weight that is known × min(1, reference companies / 10): 0 to 1.
    pub confidence: f64,
    /// Why it has its class.
    pub class_reason: ClassReason,
}

/// The scores of a chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainScore {
    /// One for each node, in the order given.
    pub nodes: Vec<NodeScore>,
    /// What stands for the size of a company in X and D.
    pub size_basis: SizeBasis,
    /// D_max, in units of size.
    pub demand_max: f64,
    /// Regions that take part in φ, the zone included when it is large enough.
    pub region_count: u32,
}

impl ChainScore {
    /// The score of one node.
    #[must_use]
    pub fn node(&self, node_id: i64) -> Option<&NodeScore> {
        self.nodes.iter().find(|node| node.node_id == node_id)
    }
}

/// Relevance R = Σ_i w_fi·G_i over the gap nodes of a company (Target score), 0 to 100 when its
/// shares are parts of one whole. Nodes without G, or not of this chain, add nothing.
#[must_use]
pub fn relevance(shares: &[(i64, f64)], chain: &ChainScore) -> f64 {
    let scores: HashMap<i64, f64> = chain
        .nodes
        .iter()
        .filter_map(|node| node.score.map(|score| (node.node_id, score)))
        .collect();
    shares
        .iter()
        .filter_map(|(node, share)| scores.get(node).map(|score| share * score))
        .sum()
}

/// Scores a chain.
///
/// - Presence n_ri = Σ_f w_fi, expected E_ri = n_r·n_i/n, LQ ~ Gamma(shape n_ri + α, rate
///   E_ri + α): Clayton & Kaldor 1987, Biometrics 43.
/// - Output X_ri = Σ size·w and demand D_ri = Σ_j a_ij·X_rj over local companies; a_ij given or
///   1/|inputs(j)|. Cover c = min(1, X/D).
/// - u = (1 − c)·ln(1 + D)/ln(1 + D_max), and 0 without demand.
/// - ω = Σ_j M_rj·φ_ij / Σ_j φ_ij over j ≠ i, φ_ij = min(P(i|j), P(j|i)): Hidalgo et al. 2007,
///   Science 317. A region has a node (M = 1) when its mean LQ ≥ 1 and its presence is above 0. The
///   regions of φ are the other cities and the zone itself, each with ten companies or more.
///   Unknown when fewer than three of them have the node, or no φ_ij is above 0.
/// - C_B: betweenness over shortest directed paths, divided by the largest: Brandes 2001, Journal
///   of Mathematical Sociology 25(2). Unknown when no node lies between two others.
/// - G = 100·Σ weight·value over the known terms, weights rescaled to sum 1.
///
/// Classes are tested in the order of the domain description; the 强链 nodes are found first,
/// because 延链 counts hops from them, along edges in either direction and through any node.
///
/// # Errors
/// [`ScoreError`] for input that contradicts itself; nothing is computed then.
pub fn score(input: &ScoreInput) -> Result<ChainScore, ScoreError> {
    score_again(input, None)
}

/// The same, with what an earlier score of the same nodes and edges found out about the graph: companies do not
/// change it, and its betweenness takes longest.
pub(super) fn score_again(
    input: &ScoreInput,
    earlier: Option<&ChainScore>,
) -> Result<ChainScore, ScoreError> {
    let index = check(input)?;
    let settings = &input.settings;
    let count = input.nodes.len();

    let presence = Presence::of(input, &index);
    let size_basis = size_basis(input);
    let output = outputs(input, &index, size_basis);
    let (demand, coefficient_sources) = demands(input, &index, &output);
    let demand_max = demand.iter().copied().fold(0.0, f64::max);
    let criticality = match earlier {
        Some(earlier) => known_criticality(input, earlier),
        None => None,
    }
    .unwrap_or_else(|| criticality(input, &index));
    let (relatedness, region_count) = relatedness(input, &presence);

    let mut quantiles = Quantiles {
        settings,
        known: HashMap::new(),
    };
    let mut facts: Vec<Facts> = Vec::with_capacity(count);
    for node in 0..count {
        let expected = expected(
            input.local_firm_count,
            presence.total[node],
            input.reference_firm_count,
        );
        facts.push(Facts {
            local_firms: presence.local_firms[node],
            reference_firms: presence.reference_firms[node],
            expected,
            quotient: quantiles.location_quotient(presence.local[node], expected),
            demand: demand[node],
            cover: cover(output[node], demand[node]),
        });
    }
    let classes = classify(input, settings, &index, &facts);

    let mut nodes = Vec::with_capacity(count);
    for (node, ((class, class_reason), facts)) in classes.into_iter().zip(facts).enumerate() {
        let values = [
            (
                TermKind::Unmet,
                settings.weights.unmet,
                Some(unmet(facts.cover, facts.demand, demand_max)),
            ),
            (
                TermKind::Relatedness,
                settings.weights.relatedness,
                relatedness[node],
            ),
            (
                TermKind::Criticality,
                settings.weights.criticality,
                criticality[node],
            ),
            (
                TermKind::Priority,
                settings.weights.priority,
                input.nodes[node].priority,
            ),
        ];
        let all: f64 = values.iter().map(|(_, weight, _)| weight).sum();
        let known: f64 = values
            .iter()
            .filter(|(_, _, value)| value.is_some())
            .map(|(_, weight, _)| weight)
            .sum();
        let scored = class.is_gap() && known > 0.0;
        let terms: Vec<ScoreTerm> = values
            .into_iter()
            .map(|(kind, weight, value)| {
                let effective_weight = match value {
                    Some(_) if known > 0.0 => weight / known,
                    _ => 0.0,
                };
                let points = if scored {
                    100.0 * effective_weight * value.unwrap_or(0.0)
                } else {
                    0.0
                };
                ScoreTerm {
                    kind,
                    value,
                    weight,
                    effective_weight,
                    points,
                }
            })
            .collect();
        let score = scored.then(|| {
            let sum: f64 = terms.iter().map(|term| term.points).sum();
            sum.clamp(0.0, 100.0)
        });
        let full = f64::from(settings.full_confidence_firms.max(1));
        nodes.push(NodeScore {
            node_id: input.nodes[node].id,
            class,
            local_firms: facts.local_firms,
            reference_firms: facts.reference_firms,
            presence: presence.local[node],
            presence_total: presence.total[node],
            expected: facts.expected,
            location_quotient: facts.quotient,
            output: output[node],
            demand: facts.demand,
            cover: facts.cover,
            coefficient_source: coefficient_sources[node],
            terms,
            score,
            confidence: (known / all).min(1.0) * (f64::from(facts.reference_firms) / full).min(1.0),
            class_reason,
        });
    }
    Ok(ChainScore {
        nodes,
        size_basis,
        demand_max,
        region_count,
    })
}

/// What the classes are decided on.
struct Facts {
    local_firms: u32,
    reference_firms: u32,
    expected: f64,
    quotient: LocationQuotient,
    demand: f64,
    cover: Option<f64>,
}

/// Refuses input that contradicts itself; gives the index of each node id.
fn check(input: &ScoreInput) -> Result<HashMap<i64, usize>, ScoreError> {
    check_settings(&input.settings)?;
    let mut index = HashMap::new();
    for (position, node) in input.nodes.iter().enumerate() {
        if index.insert(node.id, position).is_some() {
            return Err(ScoreError::DuplicateNode { node: node.id });
        }
        if node.priority.is_some_and(|p| !(0.0..=1.0).contains(&p)) {
            return Err(ScoreError::InvalidPriority { node: node.id });
        }
    }
    let mut edges = HashSet::new();
    for edge in &input.edges {
        for node in [edge.from, edge.to] {
            if !index.contains_key(&node) {
                return Err(ScoreError::UnknownNode { node });
            }
        }
        let (from, to) = (edge.from, edge.to);
        if from == to {
            return Err(ScoreError::SelfLoop { node: from });
        }
        if !edges.insert((from, to)) {
            return Err(ScoreError::DuplicateEdge { from, to });
        }
        if edge.coefficient.is_some_and(|a| !a.is_finite() || a < 0.0) {
            return Err(ScoreError::InvalidCoefficient { from, to });
        }
    }
    let mut regions: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (region, count) in &input.region_firm_counts {
        if regions.insert(region, (*count, 0)).is_some() {
            return Err(ScoreError::InvalidRegion {
                region: region.clone(),
            });
        }
    }
    let mut firms = HashSet::new();
    let (mut local, mut local_matched) = (0_u64, 0_u64);
    for firm in &input.firms {
        if !firms.insert(firm.id) {
            return Err(ScoreError::DuplicateFirm { firm: firm.id });
        }
        // Thirds and sixths summed up may pass 1 in the last digit.
        let whole = 1.0 + 1e-6;
        let sound = firm.shares.iter().all(|(_, w)| (0.0..=whole).contains(w));
        let sum: f64 = firm.shares.iter().map(|(_, w)| w).sum();
        if !sound || sum > whole {
            return Err(ScoreError::InvalidShares { firm: firm.id });
        }
        if firm
            .size
            .is_some_and(|size| !size.is_finite() || size < 0.0)
        {
            return Err(ScoreError::InvalidSize { firm: firm.id });
        }
        for (node, _) in &firm.shares {
            if !index.contains_key(node) {
                return Err(ScoreError::UnknownNode { node: *node });
            }
        }
        if firm.local {
            local += 1;
            local_matched += u64::from(sum > 0.0);
        } else if !firm.region.is_empty() {
            let Some((_, seen)) = regions.get_mut(firm.region.as_str()) else {
                return Err(ScoreError::InvalidRegion {
                    region: firm.region.clone(),
                });
            };
            *seen += 1;
        }
    }
    let others = input.firms.len() as u64 - local;
    let mut counts = vec![
        (
            "reference".to_owned(),
            input.reference_firm_count,
            input.local_firm_count.saturating_add(others),
        ),
        (
            "local".to_owned(),
            input.local_firm_count,
            local.max(input.local_matched_count),
        ),
        (
            "local_matched".to_owned(),
            input.local_matched_count,
            local_matched,
        ),
    ];
    counts.extend(
        regions
            .into_iter()
            .map(|(region, (count, seen))| (region.to_owned(), count, seen)),
    );
    for (what, count, at_least) in counts {
        if count < at_least {
            return Err(ScoreError::InconsistentCount { what });
        }
    }
    Ok(index)
}

fn check_settings(settings: &ScoreSettings) -> Result<(), ScoreError> {
    let weights = &settings.weights;
    let all = [
        weights.unmet,
        weights.relatedness,
        weights.criticality,
        weights.priority,
    ];
    let not_negative = |value: f64| value.is_finite() && value >= 0.0;
    let part = |value: f64| (0.0..=1.0).contains(&value);
    let checks = [
        (
            "weights",
            all.into_iter().all(not_negative) && all.iter().sum::<f64>() > 0.0,
        ),
        ("alpha", settings.alpha.is_finite() && settings.alpha > 0.0),
        (
            "quantiles",
            settings.quantile_low > 0.0
                && settings.quantile_low < settings.quantile_high
                && settings.quantile_high < 1.0,
        ),
        ("min_matched_share", part(settings.min_matched_share)),
        ("weak_cover", part(settings.weak_cover)),
        ("strong_cover", part(settings.strong_cover)),
        ("weak_quotient", not_negative(settings.weak_quotient)),
        ("strong_quotient", not_negative(settings.strong_quotient)),
    ];
    match checks.into_iter().find(|(_, sound)| !sound) {
        Some((name, _)) => Err(ScoreError::InvalidSetting { name: name.into() }),
        None => Ok(()),
    }
}

/// Presence in company equivalents, and companies, by node index.
struct Presence {
    local: Vec<f64>,
    total: Vec<f64>,
    local_firms: Vec<u32>,
    reference_firms: Vec<u32>,
    /// By region that is not the zone.
    regions: BTreeMap<String, Vec<f64>>,
}

impl Presence {
    fn of(input: &ScoreInput, index: &HashMap<i64, usize>) -> Self {
        let count = input.nodes.len();
        let mut presence = Self {
            local: vec![0.0; count],
            total: vec![0.0; count],
            local_firms: vec![0; count],
            reference_firms: vec![0; count],
            regions: BTreeMap::new(),
        };
        for firm in &input.firms {
            // A company with two shares in one node is still one company.
            let mut shares: BTreeMap<usize, f64> = BTreeMap::new();
            for (node, share) in &firm.shares {
                if let (Some(node), true) = (index.get(node), *share > 0.0) {
                    *shares.entry(*node).or_default() += share;
                }
            }
            for (node, share) in shares {
                presence.total[node] += share;
                presence.reference_firms[node] += 1;
                if firm.local {
                    presence.local[node] += share;
                    presence.local_firms[node] += 1;
                } else if !firm.region.is_empty() {
                    let region = presence
                        .regions
                        .entry(firm.region.clone())
                        .or_insert_with(|| vec![0.0; count]);
                    region[node] += share;
                }
            }
        }
        presence
    }
}

/// Sizes are used only when every local company of the chain has one: a mixture of revenue and
/// head counts would compare nothing.
fn size_basis(input: &ScoreInput) -> SizeBasis {
    let complete = input
        .firms
        .iter()
        .filter(|firm| firm.local && firm.shares.iter().any(|(_, share)| *share > 0.0))
        .all(|firm| firm.size.is_some());
    if complete {
        SizeBasis::Size
    } else {
        SizeBasis::One
    }
}

/// X_ri by node index.
fn outputs(input: &ScoreInput, index: &HashMap<i64, usize>, basis: SizeBasis) -> Vec<f64> {
    let mut output = vec![0.0; input.nodes.len()];
    for firm in input.firms.iter().filter(|firm| firm.local) {
        let size = match basis {
            SizeBasis::Size => firm.size.unwrap_or(0.0),
            SizeBasis::One => 1.0,
        };
        for (node, share) in &firm.shares {
            if let Some(node) = index.get(node) {
                output[*node] += size * share;
            }
        }
    }
    output
}

/// D_ri by node index, and where its coefficients come from.
fn demands(
    input: &ScoreInput,
    index: &HashMap<i64, usize>,
    output: &[f64],
) -> (Vec<f64>, Vec<CoefficientSource>) {
    let mut inputs: HashMap<i64, u32> = HashMap::new();
    for edge in &input.edges {
        *inputs.entry(edge.to).or_default() += 1;
    }
    let mut demand = vec![0.0; input.nodes.len()];
    let mut sources = vec![CoefficientSource::None; input.nodes.len()];
    for edge in &input.edges {
        let (Some(&from), Some(&to)) = (index.get(&edge.from), index.get(&edge.to)) else {
            continue;
        };
        let assumed = 1.0 / f64::from(inputs.get(&edge.to).copied().unwrap_or(1));
        demand[from] += edge.coefficient.unwrap_or(assumed) * output[to];
        let source = match edge.coefficient {
            Some(_) => CoefficientSource::Given,
            None => CoefficientSource::Assumed,
        };
        sources[from] = match sources[from] {
            CoefficientSource::None => source,
            held if held == source => held,
            _ => CoefficientSource::Mixed,
        };
    }
    (demand, sources)
}

/// E = n_r·n_i/n, 0 for an empty reference set.
fn expected(region_firms: u64, presence_total: f64, reference_firms: u64) -> f64 {
    if reference_firms == 0 {
        return 0.0;
    }
    region_firms as f64 * presence_total / reference_firms as f64
}

/// Both quantiles of Gamma(shape, rate 1) by shape: most nodes of a zone have no firm, and so the same shape.
struct Quantiles<'a> {
    settings: &'a ScoreSettings,
    known: HashMap<u64, (f64, f64)>,
}

impl Quantiles<'_> {
    /// LQ ~ Gamma(shape n + α, rate E + α).
    fn location_quotient(&mut self, presence: f64, expected: f64) -> LocationQuotient {
        let shape = presence + self.settings.alpha;
        let rate = expected + self.settings.alpha;
        let (low, high) = *self.known.entry(shape.to_bits()).or_insert_with(|| {
            (
                gamma_quantile(shape, self.settings.quantile_low),
                gamma_quantile(shape, self.settings.quantile_high),
            )
        });
        LocationQuotient {
            mean: shape / rate,
            low: low / rate,
            high: high / rate,
        }
    }
}

/// The quantile of Gamma(shape, rate 1) at `probability` in (0, 1): the root of the regularised
/// lower incomplete gamma function, by bisection. It never fails to converge, unlike Newton's
/// method far out in the tails, and a chain has few nodes.
fn gamma_quantile(shape: f64, probability: f64) -> f64 {
    let below = |x: f64| checked_gamma_lr(shape, x).is_ok_and(|value| value < probability);
    let (mut low, mut high) = (0.0, shape + 1.0);
    while below(high) && high < f64::MAX / 4.0 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if below(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low + (high - low) / 2.0
}

/// c = min(1, X/D); 1 without demand when there is output; `None` with neither.
fn cover(output: f64, demand: f64) -> Option<f64> {
    if demand > 0.0 {
        let ratio = output / demand;
        Some(if ratio >= 1.0 - TOLERANCE { 1.0 } else { ratio })
    } else {
        (output > 0.0).then_some(1.0)
    }
}

/// u = (1 − c)·ln(1 + D)/ln(1 + D_max). Without demand nothing is unmet: ln(1 + 0) = 0.
fn unmet(cover: Option<f64>, demand: f64, demand_max: f64) -> f64 {
    if demand <= 0.0 {
        return 0.0;
    }
    ((1.0 - cover.unwrap_or(0.0)) * demand.ln_1p() / demand_max.ln_1p()).clamp(0.0, 1.0)
}

/// ω by node index, and the number of regions that take part.
fn relatedness(input: &ScoreInput, presence: &Presence) -> (Vec<Option<f64>>, u32) {
    let settings = &input.settings;
    let count = input.nodes.len();
    // Under the smoothing mean LQ ≥ 1 is the same as n_ri ≥ E_ri, whatever α.
    let has = |local: &[f64], firms: u64| -> Vec<bool> {
        (0..count)
            .map(|node| {
                let expected = expected(firms, presence.total[node], input.reference_firm_count);
                local[node] > 0.0 && local[node] >= expected * (1.0 - TOLERANCE)
            })
            .collect()
    };
    let zone = has(&presence.local, input.local_firm_count);
    let nothing = vec![0.0; count];
    let mut regions: Vec<Vec<bool>> = input
        .region_firm_counts
        .iter()
        .filter(|(region, firms)| !region.is_empty() && *firms >= settings.min_region_firms)
        .map(|(region, firms)| has(presence.regions.get(region).unwrap_or(&nothing), *firms))
        .collect();
    if input.local_firm_count >= settings.min_region_firms {
        regions.push(zone.clone());
    }

    let mut alone = vec![0_u32; count];
    let mut together = vec![0_u32; count * count];
    for region in &regions {
        let held: Vec<usize> = (0..count).filter(|node| region[*node]).collect();
        for &i in &held {
            alone[i] += 1;
            for &j in &held {
                together[i * count + j] += 1;
            }
        }
    }
    let density = |i: usize| -> Option<f64> {
        if alone[i] < settings.min_regions.max(1) {
            return None;
        }
        let (mut near, mut all) = (0.0, 0.0);
        for j in (0..count).filter(|j| *j != i && alone[*j] > 0) {
            // min(P(i|j), P(j|i)) divides by the larger of the two counts.
            let proximity = f64::from(together[i * count + j]) / f64::from(alone[i].max(alone[j]));
            all += proximity;
            if zone[j] {
                near += proximity;
            }
        }
        (all > 0.0).then(|| (near / all).min(1.0))
    };
    let densities = (0..count).map(density).collect();
    (densities, u32::try_from(regions.len()).unwrap_or(u32::MAX))
}

/// C_B by node index from an earlier score; `None` unless that has the same nodes in the same order.
fn known_criticality(input: &ScoreInput, earlier: &ChainScore) -> Option<Vec<Option<f64>>> {
    if input.nodes.len() != earlier.nodes.len() {
        return None;
    }
    let mut known = Vec::with_capacity(input.nodes.len());
    for (node, scored) in input.nodes.iter().zip(&earlier.nodes) {
        if node.id != scored.node_id {
            return None;
        }
        let term = scored
            .terms
            .iter()
            .find(|term| term.kind == TermKind::Criticality)?;
        known.push(term.value);
    }
    Some(known)
}

/// C_B by node index, divided by the largest. `None` throughout when no node lies between two
/// others, for then 0/0 says nothing, and for a node with more paths than can be counted.
fn criticality(input: &ScoreInput, index: &HashMap<i64, usize>) -> Vec<Option<f64>> {
    let place = |id: &i64| index.get(id).and_then(|place| u32::try_from(*place).ok());
    // Backwards, for the order decides the last digit of the sums: so scores kept earlier stay equal.
    let edges: Vec<(u32, u32)> = input
        .edges
        .iter()
        .rev()
        .filter_map(|edge| Some((place(&edge.from)?, place(&edge.to)?)))
        .collect();
    let count = u32::try_from(input.nodes.len()).unwrap_or(u32::MAX);
    let centrality = betweenness(&Adjacency::new(count, &edges));
    let largest = centrality.iter().copied().fold(0.0, f64::max);
    centrality
        .into_iter()
        .map(|value| (largest > 0.0 && value.is_finite()).then(|| value / largest))
        .collect()
}

/// The share of the zone's companies that match any chain, 0 to 1.
pub(super) fn matched_share(input: &ScoreInput) -> f64 {
    if input.local_firm_count == 0 {
        return 0.0;
    }
    input.local_matched_count as f64 / input.local_firm_count as f64
}

/// Classes under other thresholds, by node id: what `score` found stays, only the tests are made again.
pub(super) fn classes_under(
    input: &ScoreInput,
    scored: &ChainScore,
    settings: &ScoreSettings,
) -> Vec<(i64, GapClass)> {
    let index: HashMap<i64, usize> = scored
        .nodes
        .iter()
        .enumerate()
        .map(|(position, node)| (node.node_id, position))
        .collect();
    let facts: Vec<Facts> = scored
        .nodes
        .iter()
        .map(|node| Facts {
            local_firms: node.local_firms,
            reference_firms: node.reference_firms,
            expected: node.expected,
            quotient: node.location_quotient,
            demand: node.demand,
            cover: node.cover,
        })
        .collect();
    classify(input, settings, &index, &facts)
        .into_iter()
        .zip(&scored.nodes)
        .map(|((class, _), node)| (node.node_id, class))
        .collect()
}

/// The class of every node with its reason, in the order of the nodes.
fn classify(
    input: &ScoreInput,
    settings: &ScoreSettings,
    index: &HashMap<i64, usize>,
    facts: &[Facts],
) -> Vec<(GapClass, ClassReason)> {
    let matched_share = matched_share(input);
    // First what a node's own facts decide; what is left open depends on where the strong nodes are.
    let own: Vec<Option<(GapClass, ClassReason)>> = facts
        .iter()
        .map(|facts| {
            if facts.reference_firms < settings.min_reference_firms {
                let reason = ClassReason::FewReferenceFirms {
                    reference_firms: facts.reference_firms,
                    needed: settings.min_reference_firms,
                };
                return Some((GapClass::Unknown, reason));
            }
            if input.local_firm_count == 0 || matched_share < settings.min_matched_share {
                let reason = ClassReason::FewMatchedFirms {
                    matched: input.local_matched_count,
                    local_firms: input.local_firm_count,
                    needed: settings.min_matched_share,
                };
                return Some((GapClass::Unknown, reason));
            }
            if facts.local_firms > 0 {
                return Some(classify_present(facts, settings));
            }
            (facts.demand > 0.0).then(|| {
                let reason = ClassReason::DemandWithoutFirms {
                    demand: facts.demand,
                };
                (GapClass::Missing, reason)
            })
        })
        .collect();
    let nearest = nearest_strong(input, index, &own);
    own.into_iter()
        .zip(nearest)
        .map(|(class, near)| match (class, near) {
            (Some(class), _) => class,
            (None, Some((strong_node, hops))) if hops <= settings.extension_hops => (
                GapClass::Extension,
                ClassReason::NearStrong { strong_node, hops },
            ),
            (None, _) => (
                GapClass::Blank,
                ClassReason::NothingNear {
                    hops: settings.extension_hops,
                },
            ),
        })
        .collect()
}

/// 弱链, 强链 or 在链, for a node with local companies.
fn classify_present(facts: &Facts, settings: &ScoreSettings) -> (GapClass, ClassReason) {
    let local_firms = facts.local_firms;
    let LocationQuotient { low, high, .. } = facts.quotient;
    let low_cover = facts.cover.filter(|cover| *cover < settings.weak_cover);
    let low_quotient = high < settings.weak_quotient;
    match (low_cover, low_quotient) {
        (Some(cover), true) => (
            GapClass::Weak,
            ClassReason::LowCoverAndQuotient {
                local_firms,
                cover,
                cover_below: settings.weak_cover,
                high,
                quotient_below: settings.weak_quotient,
            },
        ),
        (Some(cover), false) => (
            GapClass::Weak,
            ClassReason::LowCover {
                local_firms,
                cover,
                below: settings.weak_cover,
            },
        ),
        (None, true) => (
            GapClass::Weak,
            ClassReason::LowQuotient {
                local_firms,
                high,
                below: settings.weak_quotient,
            },
        ),
        (None, false) => match facts.cover {
            Some(cover) if low >= settings.strong_quotient && cover >= settings.strong_cover => (
                GapClass::Strong,
                ClassReason::HighQuotientAndCover {
                    local_firms,
                    low,
                    cover,
                },
            ),
            cover => (
                GapClass::Present,
                ClassReason::Between {
                    local_firms,
                    low,
                    high,
                    cover,
                },
            ),
        },
    }
}

/// For each node the nearest 强链 node and its distance in edges, direction ignored, through any
/// node. Breadth-first from all strong nodes at once, smallest id first, so that ties go to it.
fn nearest_strong(
    input: &ScoreInput,
    index: &HashMap<i64, usize>,
    classes: &[Option<(GapClass, ClassReason)>],
) -> Vec<Option<(i64, u32)>> {
    let count = input.nodes.len();
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); count];
    for edge in &input.edges {
        if let (Some(&from), Some(&to)) = (index.get(&edge.from), index.get(&edge.to)) {
            neighbours[from].push(to);
            neighbours[to].push(from);
        }
    }
    let mut strong: Vec<(i64, usize)> = input
        .nodes
        .iter()
        .enumerate()
        .filter(|(node, _)| matches!(classes[*node], Some((GapClass::Strong, _))))
        .map(|(node, given)| (given.id, node))
        .collect();
    strong.sort_unstable();
    let mut nearest: Vec<Option<(i64, u32)>> = vec![None; count];
    let mut queue = VecDeque::new();
    for (id, node) in strong {
        nearest[node] = Some((id, 0));
        queue.push_back((node, id, 0_u32));
    }
    while let Some((node, id, hops)) = queue.pop_front() {
        for &next in &neighbours[node] {
            if nearest[next].is_none() {
                nearest[next] = Some((id, hops + 1));
                queue.push_back((next, id, hops + 1));
            }
        }
    }
    nearest
}
