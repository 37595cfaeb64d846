//! What pages and the API show of chains.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{GapClass, Layout, NodeScore, Sensitivity, SizeBasis, Stream};
use crate::{lead::Stage, target::TargetRow};

/// A chain in the list, with the count of its nodes by class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainSummary {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub chief: Option<String>,
    pub node_count: u32,
    pub edge_count: u32,
    pub local_firms: u32,
    pub open_leads: u64,
    pub classes: Vec<(GapClass, u32)>,
}

/// A node as drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MapNode {
    pub id: i64,
    pub code: String,
    pub name: String,
    pub stage: Stream,
    /// What it is drawn together with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    pub class: GapClass,
    /// G, only for weak, missing and extension.
    pub score: Option<f64>,
    pub cover: Option<f64>,
    pub local_firms: u32,
    pub open_leads: u64,
    /// Ids of the bureaus that follow an open lead here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bureaus: Vec<i64>,
}

/// The gap map of one chain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainMap {
    pub summary: ChainSummary,
    pub description: String,
    pub source: String,
    pub basis: SizeBasis,
    pub reference_firms: u64,
    pub matched_share: f64,
    pub nodes: Vec<MapNode>,
    pub layout: Layout,
    /// The bureaus with an open lead on the map, by id and name.
    pub bureaus: Vec<(i64, String)>,
    pub computed_at: DateTime<Utc>,
    pub chains: Vec<(i64, String)>,
}

/// A local firm that makes the node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeFirm {
    pub enterprise_id: i64,
    pub name: String,
    pub product: String,
    pub term: String,
    pub share: f64,
    pub confidence: f64,
    pub counted: bool,
}

/// A lead in progress for the node, of a bureau whose leads the reader may see.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeLead {
    pub lead_id: i64,
    pub enterprise_name: String,
    pub stage: Stage,
    pub bureau: String,
    pub investment_wan: Option<i64>,
}

/// All that is known of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodePanel {
    pub chain_id: i64,
    pub node: MapNode,
    pub aliases: Vec<String>,
    pub keywords: Vec<String>,
    pub priority_source: Option<String>,
    pub inputs: Vec<String>,
    pub outputs: Vec<String>,
    pub score: NodeScore,
    /// Which change would flip its class or its place.
    pub sensitivity: Sensitivity,
    /// Names of the nodes that the sensitivity speaks of.
    pub other_names: Vec<(i64, String)>,
    /// Place of its G among the chain's gaps, from 1.
    pub rank: Option<u32>,
    pub largest_demand: f64,
    pub local_firms: Vec<NodeFirm>,
    pub candidates: Vec<TargetRow>,
    pub candidate_total: u64,
    /// Set when the search engine did not answer: the rest of the panel still stands.
    pub search_down: bool,
    pub leads: Vec<NodeLead>,
    /// Leads of bureaus the reader may not see.
    pub hidden_leads: u64,
    pub may_write: bool,
}
