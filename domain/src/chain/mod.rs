//! Industry chains: the file a chain comes in, editing it, matching companies to its nodes, the gap score, the
//! layout of the chain map, what-if and history, and the reference graph of products that helps to draw a chain.

mod adjacency;
mod atlas_view;
mod betweenness;
pub mod check;
pub mod difference;
pub mod edit;
pub mod file;
pub mod folding;
pub mod layout;
pub mod matching;
pub mod rebase;
pub mod reference;
pub mod score;
pub mod sensitivity;
pub mod setting;
mod view;
pub mod what_if;

#[cfg(test)]
mod betweenness_tests;
#[cfg(test)]
mod check_tests;
#[cfg(test)]
mod difference_tests;
#[cfg(test)]
mod edit_strategies;
#[cfg(test)]
mod edit_tests;
#[cfg(test)]
mod file_tests;
#[cfg(test)]
mod folding_tests;
#[cfg(test)]
mod layout_tests;
#[cfg(test)]
mod matching_tests;
#[cfg(test)]
mod rebase_tests;
#[cfg(test)]
mod reference_tests;
#[cfg(test)]
mod score_data_tests;
#[cfg(test)]
mod score_tests;
#[cfg(test)]
mod what_if_tests;

use crate::text::fold;
use serde::{Deserialize, Serialize};

pub use adjacency::Adjacency;
pub use atlas_view::*;
pub use betweenness::betweenness;
pub use check::{Finding, FindingKind, Severity, check};
pub use difference::{ChainChange, ChangeKind, FieldChange, difference};
pub use edit::{
    Applied, ChainEdit, ChainField, ChainFields, ChainPlace, Conflict, EditProblem, FieldConflict,
    FieldFault, apply, apply_all, undo,
};
pub use file::{
    ChainEdge, ChainFile, ChainFileProblem, ChainFileProblemKind, ChainNode, SheetRows, from_rows,
    parse_chain, parse_chain_csv, parse_chain_json,
};
pub use folding::{FoldKey, Folded, FoldedNode, folded, groups};
pub use layout::{Band, EdgePath, Layout, LayoutNode, NodeBox, layout};
pub use matching::{
    Business, MatchDecision, MatchKind, MatchSettings, MatchVerdict, Matcher, MatcherError,
    NodeMatch, NodeTerms, node_shares,
};
pub use rebase::{Rebased, rebase};
pub use reference::{
    HitKind, IndustryInput, IndustryInputs, LeftOut, LeftOutReason, LeftOutRow, NameProblem,
    Neighbour, NeighbourEdge, NeighbourEdgeKind, Neighbourhood, NewNode, ProductHit, Proposal,
    ProposalKind, ReferenceGraph, ReferenceProblem, ReferenceRelation, ReferenceReport,
    RelationKind, Side, read_industry_inputs, read_reference,
};
pub use score::{
    ChainScore, ClassReason, CoefficientSource, GapClass, LocationQuotient, NodeScore, ScoreEdge,
    ScoreError, ScoreFirm, ScoreInput, ScoreNode, ScoreSettings, ScoreTerm, ScoreWeights,
    SizeBasis, TermKind, relevance, score,
};
pub use sensitivity::{ClassFlip, RankFlip, Sensitivity, Threshold, sensitivity};
pub use setting::{AtlasSettings, DatedSettings, NewSettings, ReferenceSet};
pub use view::*;
pub use what_if::{Landing, NodeChange, SCENARIO_LANDINGS, WhatIf, compare, landed, what_if};

/// Where in a chain a node belongs: 上游, 中游 or 下游.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stream {
    /// 上游: raw materials and basic parts.
    Upstream,
    /// 中游: components and assemblies.
    Midstream,
    /// 下游: finished systems and their use.
    Downstream,
}

impl Stream {
    /// All three, from input to output.
    pub const ALL: [Self; 3] = [Self::Upstream, Self::Midstream, Self::Downstream];

    /// Reads a stage as people write it: `upstream`, `midstream`, `downstream`, 上游, 中游 or 下游,
    /// in any case and width. `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match fold(text).as_str() {
            "upstream" | "上游" => Some(Self::Upstream),
            "midstream" | "中游" => Some(Self::Midstream),
            "downstream" | "下游" => Some(Self::Downstream),
            _ => None,
        }
    }

    /// The word used in files: `upstream`, `midstream` or `downstream`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Upstream => "upstream",
            Self::Midstream => "midstream",
            Self::Downstream => "downstream",
        }
    }
}
