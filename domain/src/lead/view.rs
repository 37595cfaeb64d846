//! What pages and the API show of leads. Money is 万元.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    ClaimStep, CommitmentState, DueCommitments, EventKind, FollowUps, LeadClaims, LeadWork,
    LimitUnit, RulePack, Side, SideState, Stage, StageRule,
};
use crate::{calendar::CalendarYearView, chain::GapClass};

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
    /// Counted as its limit is: in days or in working days.
    pub days_in_stage: i64,
    pub limit_days: Option<u16>,
    #[serde(default)]
    pub limit_in: LimitUnit,
    /// Days until the claim lapses; negative when it has.
    pub claim_days_left: Option<i64>,
    pub silent_days: i64,
    pub is_demo: bool,
    #[serde(default)]
    pub bureau_name: String,
    /// 亩.
    #[serde(default)]
    pub land_mu: Option<f64>,
    #[serde(default)]
    pub source: String,
    pub created_at: DateTime<Utc>,
    pub last_activity_at: DateTime<Utc>,
}

impl LeadCard {
    /// Days beyond the stage's limit, counted as the limit is; `None` when it is not late.
    #[must_use]
    pub fn days_late(&self) -> Option<i64> {
        let days = self.days_in_stage - i64::from(self.limit_days?);
        (days > 0).then_some(days)
    }
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
    /// For [`EventKind::SideState`]: the state entered; `None` for back on the track.
    #[serde(default)]
    pub side_state: Option<SideState>,
    /// For [`EventKind::Commitment`]: who promised, and what became of it.
    #[serde(default)]
    pub commitment: Option<(Side, CommitmentState)>,
    /// For [`EventKind::File`]: the file's id.
    #[serde(default)]
    pub file_id: Option<i64>,
    /// For [`EventKind::Changed`]: field, before and after.
    #[serde(default)]
    pub fields: Vec<(String, String, String)>,
    /// For [`EventKind::Claim`].
    #[serde(default)]
    pub claim: Option<ClaimStep>,
    /// For a visit that was written down on a trip.
    #[serde(default)]
    pub visit: Option<crate::trip::VisitLine>,
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
    /// Connected load, kVA.
    #[serde(default)]
    pub power_kva: Option<i64>,
    /// Energy a year, in tonnes of coal equivalent.
    #[serde(default)]
    pub energy_tce: Option<i64>,
    pub created_at: DateTime<Utc>,
    /// The zone's day, by which something is overdue.
    pub today: NaiveDate,
    #[serde(default)]
    pub work: LeadWork,
    pub claim: Option<ClaimView>,
    #[serde(default)]
    pub claims: LeadClaims,
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
    /// It does not lapse: the contract is signed.
    #[serde(default)]
    pub is_kept: bool,
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

/// Takes a lead off the track, or back on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SideStateChange {
    pub lead_id: i64,
    /// The version the person saw.
    pub version: i64,
    /// `None` puts it back on the track.
    pub to: Option<SideState>,
    /// Why: asked for whatever the state, for the next one who looks.
    pub reason: String,
}

/// Changes fields of a lead. `None` leaves a field alone; `version` is the one the person saw.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeadChange {
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
    /// 万元; `Some(None)` empties it.
    #[serde(
        default,
        with = "double_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub investment_wan: Option<Option<i64>>,
    /// 亩.
    #[serde(
        default,
        with = "double_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub land_mu: Option<Option<f64>>,
    #[serde(
        default,
        with = "double_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub chain_node_id: Option<Option<i64>>,
    /// kVA.
    #[serde(
        default,
        with = "double_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub power_kva: Option<Option<i64>>,
    /// Tonnes of coal equivalent a year.
    #[serde(
        default,
        with = "double_option",
        skip_serializing_if = "Option::is_none"
    )]
    pub energy_tce: Option<Option<i64>>,
    /// Somebody of the lead's bureau.
    #[serde(default)]
    pub owner_id: Option<i64>,
}

/// JSON's `null` empties a field, and a field that is not there is left alone.
mod double_option {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[allow(clippy::option_option, reason = "absent and null differ")]
    pub fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::<T>::deserialize(deserializer).map(Some)
    }

    #[allow(
        clippy::option_option,
        clippy::ref_option,
        reason = "absent and null differ"
    )]
    pub fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        value
            .as_ref()
            .and_then(Option::as_ref)
            .serialize(serializer)
    }
}

/// Which leads, for the list, its export and the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadQuery {
    #[serde(default)]
    pub bureau_id: Option<i64>,
    #[serde(default)]
    pub stage: Option<Stage>,
    /// Leads beside the track: of this state, or with `Some` of lost ones too.
    #[serde(default)]
    pub side_state: Option<SideState>,
    #[serde(default)]
    pub owner_id: Option<i64>,
    /// A part of the company's name or of the title, or of the pinyin or initials of either.
    #[serde(default)]
    pub text: String,
    /// Only those that nobody wrote to for [`SILENT_DAYS`](super::SILENT_DAYS).
    #[serde(default)]
    pub silent: bool,
    /// Only those on the track that are beyond their stage's time limit.
    #[serde(default)]
    pub late: bool,
    /// Only those before the contract whose claim lapses within [`LAPSING_DAYS`](super::LAPSING_DAYS), or has lapsed.
    #[serde(default)]
    pub lapsing: bool,
    #[serde(default)]
    pub order: LeadOrder,
    #[serde(default)]
    pub page: u64,
}

/// The order of a list of leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadOrder {
    /// What was touched last comes first.
    #[default]
    Recent,
    /// The longest silent first.
    Silent,
    /// The largest investment first.
    Investment,
    /// Furthest stage first, the longest in it before the others.
    Stage,
    /// The longest in its stage first.
    Waiting,
}

impl LeadOrder {
    pub const ALL: [Self; 5] = [
        Self::Recent,
        Self::Silent,
        Self::Investment,
        Self::Stage,
        Self::Waiting,
    ];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Recent => "recent",
            Self::Silent => "silent",
            Self::Investment => "investment",
            Self::Stage => "stage",
            Self::Waiting => "waiting",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.key() == key)
    }
}

/// Leads on one page of a list.
pub const LEAD_PAGE: u64 = 50;

/// A page of leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadPage {
    pub leads: Vec<LeadCard>,
    pub total: u64,
    /// Of all that match, not of this page.
    pub investment_wan: i64,
    pub page: u64,
    /// Bureaus whose leads this person may read.
    pub bureaus: Vec<BureauTag>,
}

/// What may be chosen in the form of a lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadChoices {
    /// Chain and node by id.
    pub nodes: Vec<(i64, String, String)>,
    /// People of the lead's bureau.
    pub owners: Vec<(i64, String)>,
}

/// A rule pack with its history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatedRulePack {
    /// `None` for the one that comes with the program.
    pub id: Option<i64>,
    pub pack: RulePack,
    pub by: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    pub in_force: bool,
}

/// The rules of the pipeline: packs, the latest day first, and the calendar they count by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PipelineRules {
    pub packs: Vec<DatedRulePack>,
    pub calendar: Vec<CalendarYearView>,
    pub may_edit: bool,
}

/// Writes a line on the timeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    pub lead_id: i64,
    pub kind: EventKind,
    pub body: String,
}

/// Whose day is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TodayScope {
    /// Only leads that the person owns.
    #[serde(default)]
    pub mine: bool,
    /// Without one: the person's own, or every bureau for those who read all.
    #[serde(default)]
    pub bureau_id: Option<i64>,
}

/// Leads in one section of the day.
pub const TODAY_ROWS: u64 = 8;

/// What waits for somebody today.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Today {
    pub scope: TodayScope,
    pub date: NaiveDate,
    pub is_working: bool,
    /// Bureaus whose leads this person may read.
    pub bureaus: Vec<BureauTag>,
    /// Whether "mine" can be asked for: somebody who owns no lead has none.
    pub owns_leads: bool,
    /// Tasks that are due until today.
    pub follow_ups: FollowUps,
    pub commitments: DueCommitments,
    pub late: TodaySection,
    pub lapsing: TodaySection,
    /// Claims in effect; those that have lapsed are not among them.
    pub claims: u64,
    pub silent: TodaySection,
    /// The day after `date`.
    pub visit_day: NaiveDate,
    pub visits: Vec<TodayVisit>,
}

/// A kind of lead that waits: the first of them, and what all come to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodaySection {
    pub leads: Vec<LeadCard>,
    pub total: u64,
    pub investment_wan: i64,
    /// What the list of leads is asked for to show all of them.
    pub query: LeadQuery,
}

/// A visit that a trip plans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TodayVisit {
    pub trip_id: i64,
    pub trip_name: String,
    /// From 1.
    pub team: usize,
    /// Minutes since local midnight.
    pub begin_minute: u16,
    pub end_minute: u16,
    pub city: String,
    pub enterprise_id: i64,
    pub enterprise_name: String,
}

/// Longest note, in characters.
pub const NOTE_LIMIT: usize = 4000;
/// Longest project title, in characters.
pub const TITLE_LIMIT: usize = 120;
