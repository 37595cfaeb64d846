//! What the atlas shows beyond one map: review queue, snapshots, scenarios, the leader's page.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    ChainChange, ChainFile, ChainMap, Finding, GapClass, Landing, LeftOut, MatchKind, MatchVerdict,
    NodeScore, ProductHit, Proposal, RelationKind, ScoreInput, Side,
};
use crate::lead::Stage;

/// Matches on one page of the queue.
pub const REVIEW_PAGE: u64 = 50;

/// Which matches the queue shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewFilter {
    /// Below the threshold, and nobody has spoken.
    #[default]
    Waiting,
    /// Counted by the matcher alone.
    Automatic,
    /// A person has spoken.
    Decided,
}

impl ReviewFilter {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Automatic, Self::Decided];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Automatic => "automatic",
            Self::Decided => "decided",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|filter| filter.key() == key)
    }
}

/// What to look for in the queue.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewQuery {
    pub chain_id: i64,
    #[serde(default)]
    pub node_id: Option<i64>,
    #[serde(default)]
    pub filter: ReviewFilter,
    /// Only companies of the zone: they decide the classes.
    #[serde(default)]
    pub local_only: bool,
    #[serde(default)]
    pub page: u64,
}

/// One match to judge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewItem {
    pub node_id: i64,
    pub node_name: String,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    pub city: Option<String>,
    pub is_local: bool,
    /// The text that met the node, and the node's term it met.
    pub product: String,
    pub term: String,
    pub kind: MatchKind,
    pub confidence: f64,
    pub share: f64,
    pub counted: bool,
    pub verdict: Option<MatchVerdict>,
    pub by: Option<String>,
    pub note: Option<String>,
}

/// A page of the queue.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReviewPage {
    pub chain_id: i64,
    pub chain_name: String,
    pub nodes: Vec<(i64, String)>,
    pub chains: Vec<(i64, String)>,
    pub items: Vec<ReviewItem>,
    pub total: u64,
    /// In the order of [`ReviewFilter::ALL`], for the whole chain.
    pub counts: Vec<u64>,
    pub threshold: f64,
    pub may_review: bool,
}

/// A person's word on one match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDecision {
    pub node_id: i64,
    pub enterprise_id: i64,
    pub product: String,
    pub verdict: MatchVerdict,
    #[serde(default)]
    pub note: Option<String>,
}

/// One node in a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SnapshotNode {
    pub node_id: i64,
    pub name: String,
    pub class: GapClass,
    pub score: Option<f64>,
    pub cover: Option<f64>,
    pub local_firms: u32,
    #[serde(default)]
    pub open_leads: u64,
    /// Since when it has been a gap without a break, as far as snapshots tell; `None` when it is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap_since: Option<DateTime<Utc>>,
}

impl SnapshotNode {
    /// When the gap opened: at the snapshot before, if it was one there already, else at this one. `before` is the
    /// node in the snapshot before this one, with the moment it was taken.
    #[must_use]
    pub fn gap_opened(
        &self,
        taken_at: DateTime<Utc>,
        before: Option<(&Self, DateTime<Utc>)>,
    ) -> Option<DateTime<Utc>> {
        if !self.class.is_gap() {
            return None;
        }
        match before {
            Some((node, at)) if node.class.is_gap() => Some(node.gap_since.unwrap_or(at)),
            _ => Some(taken_at),
        }
    }
}

/// Why a snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SnapshotReason {
    Weekly,
    OnDemand,
    /// Before a new version of the chain took the place of the old one.
    Published,
}

impl SnapshotReason {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Weekly => "weekly",
            Self::OnDemand => "on_demand",
            Self::Published => "published",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Weekly, Self::OnDemand, Self::Published]
            .into_iter()
            .find(|reason| reason.key() == key)
    }
}

/// A chain at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// `None` for today, which is computed and not stored.
    pub id: Option<i64>,
    pub taken_at: DateTime<Utc>,
    pub reason: SnapshotReason,
    pub nodes: Vec<SnapshotNode>,
}

/// A gap that opened or closed between two moments.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassMove {
    pub node_id: i64,
    pub name: String,
    /// `None` when the node was not there.
    pub before: Option<GapClass>,
    pub after: Option<GapClass>,
    /// Projects on the node that were signed or went further in between: what may have closed it.
    pub projects: Vec<MoveProject>,
}

/// A project that moved on a node between two snapshots.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveProject {
    pub lead_id: i64,
    /// Empty when the reader may not see the bureau's leads.
    pub title: String,
    pub bureau: String,
    pub stage: Stage,
}

/// A chain over time: all moments from old to new, today last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainHistory {
    pub chain_id: i64,
    pub chain_name: String,
    pub snapshots: Vec<Snapshot>,
    /// What moved up to each moment since the one before it; as long as `snapshots`, the first entry empty.
    pub moves: Vec<Vec<ClassMove>>,
    /// Today's map, on which any moment can be drawn.
    pub map: ChainMap,
    pub may_take: bool,
}

/// Differences in class between two lists of nodes, in the order of the later one, then nodes that are gone.
#[must_use]
pub fn class_moves(before: &[SnapshotNode], after: &[SnapshotNode]) -> Vec<ClassMove> {
    let class_in = |nodes: &[SnapshotNode], id: i64| {
        nodes
            .iter()
            .find(|node| node.node_id == id)
            .map(|node| node.class)
    };
    let one = |node: &SnapshotNode, before: Option<GapClass>, after: Option<GapClass>| ClassMove {
        node_id: node.node_id,
        name: node.name.clone(),
        before,
        after,
        projects: Vec::new(),
    };
    let changed = after.iter().filter_map(|node| {
        let old = class_in(before, node.node_id);
        (old != Some(node.class)).then(|| one(node, old, Some(node.class)))
    });
    let gone = before
        .iter()
        .filter(|node| class_in(after, node.node_id).is_none())
        .map(|node| one(node, Some(node.class), None));
    changed.chain(gone).collect()
}

/// A scenario that somebody kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scenario {
    pub id: i64,
    pub name: String,
    pub landings: Vec<Landing>,
    pub by: String,
    pub created_at: DateTime<Utc>,
    pub may_remove: bool,
}

/// A scenario to keep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewScenario {
    pub chain_id: i64,
    pub name: String,
    pub landings: Vec<Landing>,
}

/// All that the browser needs to answer "what if" by itself.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIfInput {
    pub chain_id: i64,
    pub map: ChainMap,
    pub input: ScoreInput,
    /// Open leads with a node of this chain, of bureaus that the reader may see.
    pub leads: Vec<WhatIfLead>,
    pub scenarios: Vec<Scenario>,
    pub may_keep: bool,
}

/// A lead that could land.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WhatIfLead {
    pub lead_id: i64,
    pub title: String,
    pub node_id: i64,
    pub enterprise_id: i64,
    pub investment_wan: Option<i64>,
}

/// A gap among the zone's largest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopGap {
    pub chain_id: i64,
    pub chain_name: String,
    pub chief: Option<String>,
    pub node_id: i64,
    pub node_name: String,
    pub class: GapClass,
    pub score: f64,
    /// Days since the first snapshot from which it has been a gap without a break; `None` without any snapshot.
    pub days_open: Option<i64>,
    /// D − X, in 万元 of output value; `None` when sizes are unknown.
    pub value_wan: Option<f64>,
    /// Investment of the open leads together, in 万元.
    pub followed_wan: i64,
    /// Open leads by stage, and their bureaus.
    pub leads: Vec<(Stage, u32)>,
    pub bureaus: Vec<String>,
}

/// A firm that is worth a leader's call (顶格招商).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaderCall {
    pub enterprise_id: i64,
    pub name: String,
    pub city: Option<String>,
    pub revenue_wan: Option<i64>,
    /// Σ w·G over the gaps of all chains, 0 to 100.
    pub relevance: f64,
    pub gaps: Vec<String>,
    /// The bureau that holds it, and its stage.
    pub held: Option<(String, Stage)>,
}

/// A task of a chain chief.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChiefTask {
    pub id: i64,
    pub chain_id: i64,
    pub chain_name: String,
    pub chief: Option<String>,
    pub node_id: Option<i64>,
    pub node_name: Option<String>,
    pub title: String,
    pub owner: String,
    pub due_on: Option<NaiveDate>,
    pub done_at: Option<DateTime<Utc>>,
}

/// A task to set.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewChiefTask {
    pub chain_id: i64,
    #[serde(default)]
    pub node_id: Option<i64>,
    pub title: String,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
}

/// One row of the matrix chains × classes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatrixRow {
    pub chain_id: i64,
    pub chain_name: String,
    pub chief: Option<String>,
    pub nodes: u32,
    /// In the order of [`GapClass::ALL`].
    pub classes: Vec<u32>,
    /// The same at the snapshot nearest to 30 days ago, if there is one.
    pub before: Option<Vec<u32>>,
    pub open_leads: u64,
}

/// The draft of a chain, or its published form while there is none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DraftView {
    pub chain_id: i64,
    pub chain_name: String,
    pub published_version: i64,
    /// The published version that the draft began from.
    pub base_version: i64,
    /// Counts the steps of the draft; 0 while there is none.
    pub version: i64,
    /// What is seen here, for whoever puts a file in its place: it changes with every step and every version.
    pub mark: String,
    pub file: ChainFile,
    /// What publishing would change.
    pub changes: Vec<ChainChange>,
    /// Errors, which publishing refuses, and warnings.
    pub findings: Vec<Finding>,
    pub by: Option<String>,
    pub updated_at: Option<DateTime<Utc>>,
    /// Steps that can be taken back.
    pub undo_steps: usize,
    pub may_edit: bool,
}

/// A chain to begin.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChain {
    /// Short and stable, such as `vanadium-storage`.
    pub code: String,
    pub name: String,
    /// Name of its first node.
    pub node: String,
}

/// Which list of relations was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Products: what goes into what, and what is a kind of what.
    Product,
    /// Industries: which feeds which.
    Industry,
}

impl SourceKind {
    pub const ALL: [Self; 2] = [Self::Product, Self::Industry];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Industry => "industry",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// What was read, and from where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceSource {
    pub kind: SourceKind,
    pub file_name: String,
    pub by: String,
    pub loaded_at: DateTime<Utc>,
    pub report: SourceReport,
}

/// What reading came to. `rows` is the sum of `kept` and the counts of `left_out`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    pub rows: u32,
    pub kept: u32,
    /// Products or industries with a relation.
    pub names: u32,
    /// Relations by their kind, as stored.
    pub relations: Vec<(RelationKind, u32)>,
    pub left_out: Vec<LeftOut>,
}

/// A product of the reference graph in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceProduct {
    pub name: String,
    /// Where it lies of the product asked for, and how far.
    pub side: Side,
    pub distance: u32,
    /// Companies of the directory that make it, or a kind of it that is called after it.
    pub companies: u32,
    pub local_companies: u32,
}

/// The reference graph: what was read, and what lies around one product.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferencePage {
    pub sources: Vec<ReferenceSource>,
    /// False while the background still matches companies by a graph that was just read.
    pub is_matched: bool,
    pub text: String,
    /// Products whose name has the text.
    pub hits: Vec<ProductHit>,
    /// The product looked at, first, and those around it; empty when none is.
    pub products: Vec<ReferenceProduct>,
    /// Products that lie as near but are more than are shown.
    pub more: u32,
    pub may_load: bool,
}

/// What to look at in the reference graph.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceQuery {
    /// A part of a product's name.
    #[serde(default)]
    pub text: String,
    /// A product's name; the best hit of `text` when absent.
    #[serde(default)]
    pub product: Option<String>,
}

/// What the reference graph and the industry inputs propose for a draft.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProposalPage {
    pub product: String,
    /// False when nothing was read yet.
    pub has_graph: bool,
    /// False when the graph does not know the product.
    pub is_known: bool,
    pub proposals: Vec<Proposal>,
    /// Coefficients for edges that have none: code of the input, code of the user, share of the mentions.
    pub coefficients: Vec<(String, String, f64)>,
}

/// A node with its class, score, every term and confidence, as the API gives it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GapRow {
    pub code: String,
    pub name: String,
    pub is_gap: bool,
    #[serde(flatten)]
    pub score: NodeScore,
}

/// The leader's page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaderPage {
    pub today: NaiveDate,
    pub matrix: Vec<MatrixRow>,
    pub gaps: Vec<TopGap>,
    pub calls: Vec<LeaderCall>,
    pub tasks: Vec<ChiefTask>,
    pub may_write: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(node_id: i64, class: GapClass) -> SnapshotNode {
        SnapshotNode {
            node_id,
            name: format!("环节{node_id}"),
            class,
            score: None,
            cover: None,
            local_firms: 0,
            open_leads: 0,
            gap_since: None,
        }
    }

    #[test]
    fn a_gap_is_as_old_as_the_snapshots_in_a_row_that_have_it() {
        let at = |day: i64| DateTime::UNIX_EPOCH + chrono::Duration::days(day);
        let gap = node(1, GapClass::Missing);
        let open = SnapshotNode {
            gap_since: Some(at(1)),
            ..gap.clone()
        };
        let closed = node(1, GapClass::Strong);
        assert_eq!(gap.gap_opened(at(9), None), Some(at(9)));
        assert_eq!(gap.gap_opened(at(9), Some((&closed, at(8)))), Some(at(9)));
        assert_eq!(gap.gap_opened(at(9), Some((&open, at(8)))), Some(at(1)));
        // A snapshot from before the day was kept: its own moment is the earliest that is known.
        assert_eq!(gap.gap_opened(at(9), Some((&gap, at(8)))), Some(at(8)));
        assert_eq!(closed.gap_opened(at(9), Some((&open, at(8)))), None);
    }

    #[test]
    fn moves_name_what_changed_came_and_went() {
        let before = [
            node(1, GapClass::Missing),
            node(2, GapClass::Strong),
            node(3, GapClass::Blank),
        ];
        let after = [
            node(1, GapClass::Present),
            node(2, GapClass::Strong),
            node(4, GapClass::Unknown),
        ];
        let moves = class_moves(&before, &after);
        assert_eq!(
            moves
                .iter()
                .map(|one| (one.node_id, one.before, one.after))
                .collect::<Vec<_>>(),
            [
                (1, Some(GapClass::Missing), Some(GapClass::Present)),
                (4, None, Some(GapClass::Unknown)),
                (3, Some(GapClass::Blank), None),
            ]
        );
        assert!(class_moves(&after, &after).is_empty());
    }
}
