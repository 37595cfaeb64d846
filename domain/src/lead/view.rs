//! What pages and the API show of leads. Money is 万元.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{EventKind, SideState, Stage, StageRule};
use crate::chain::GapClass;

/// A bureau as a choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BureauTag {
    pub id: i64,
    pub code: String,
    pub name: String,
}

/// The chain node a lead would fill.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeTag {
    pub chain_id: i64,
    pub chain_name: String,
    pub node_id: i64,
    pub name: String,
    pub class: Option<GapClass>,
}

/// A card on the board, a row in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadCard {
    pub id: i64,
    pub version: i64,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    pub title: String,
    pub stage: Stage,
    pub side_state: Option<SideState>,
    pub node: Option<NodeTag>,
    pub bureau_id: i64,
    pub owner_name: String,
    pub investment_wan: Option<i64>,
    pub days_in_stage: i64,
    pub limit_days: Option<u16>,
    /// Days until the claim lapses; negative when it has.
    pub claim_days_left: Option<i64>,
    pub silent_days: i64,
    pub is_demo: bool,
}

/// A stage's column: exact count and sum over all its leads, and one page of cards.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BoardColumn {
    pub stage: Stage,
    pub count: u64,
    pub investment_wan: i64,
    pub cards: Vec<LeadCard>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Board {
    pub bureau: BureauTag,
    /// Bureaus this person may look at.
    pub bureaus: Vec<BureauTag>,
    /// 线索 to 签约, with cards; 注册 to 达产 with counts only.
    pub columns: Vec<BoardColumn>,
    /// The rule of every stage, so that a column can say what it asks for.
    pub rules: Vec<StageRule>,
    pub rule_pack_version: String,
    pub may_write: bool,
}

/// Cards shown of a column at a time.
pub const BOARD_PAGE: u64 = 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadEvent {
    pub id: i64,
    pub kind: EventKind,
    pub body: String,
    /// For [`EventKind::Stage`]: the stage entered.
    pub stage: Option<Stage>,
    pub by: String,
    pub happened_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageEntry {
    pub stage: Stage,
    pub entered_at: DateTime<Utc>,
    pub by: String,
    pub evidence: Map<String, Value>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadDetail {
    pub card: LeadCard,
    pub bureau: BureauTag,
    pub source: String,
    pub land_mu: Option<f64>,
    pub created_at: DateTime<Utc>,
    pub claim: Option<ClaimView>,
    pub entries: Vec<StageEntry>,
    /// Newest first.
    pub events: Vec<LeadEvent>,
    pub rules: Vec<StageRule>,
    pub rule_pack_version: String,
    pub enterprise: EnterpriseFacts,
    pub may_write: bool,
    pub may_note: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseFacts {
    pub credit_code: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    pub products: Vec<String>,
    pub revenue_wan: Option<i64>,
    pub staff: Option<i64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimView {
    pub bureau: String,
    pub claimed_at: DateTime<Utc>,
    pub expires_on: NaiveDate,
}

/// Registers a lead. The bureau is the person's own unless an administrator names one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewLead {
    pub enterprise_id: i64,
    pub chain_node_id: Option<i64>,
    #[serde(default)]
    pub bureau_id: Option<i64>,
    pub title: String,
    #[serde(default)]
    pub investment_wan: Option<i64>,
    #[serde(default)]
    pub land_mu: Option<f64>,
    pub source: String,
}

/// Moves a lead. `version` is the one the person saw.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageChange {
    pub lead_id: i64,
    pub version: i64,
    pub to: Stage,
    #[serde(default)]
    pub evidence: Map<String, Value>,
    /// Asked for when going back.
    #[serde(default)]
    pub reason: String,
}

/// Writes a line on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    pub lead_id: i64,
    pub kind: EventKind,
    pub body: String,
}

/// Longest note, in characters.
pub const NOTE_LIMIT: usize = 4000;
/// Longest project title, in characters.
pub const TITLE_LIMIT: usize = 120;
