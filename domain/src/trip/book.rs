//! The delegation's book: one brief for each visit, in the order in which the teams make them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Plan, TeamFrame, VisitLine};
use crate::{
    chain::{GapClass, ScoreTerm},
    lead::{EventKind, EvidenceField, FairCompetition, Side, Stage},
    target::SupplyLink,
};

/// Meetings of before that a brief shows, the last first.
pub const BRIEF_PAST: usize = 5;
/// Local buyers and suppliers that a brief shows.
pub const BRIEF_SUPPLY: usize = 6;
/// Nodes of the chain that a brief draws, the company's own among them.
pub const BRIEF_LINE: usize = 5;

/// Everything that a delegation carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripBook {
    pub id: i64,
    pub name: String,
    pub bureau: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: Vec<TeamFrame>,
    pub plan: Plan,
    /// By team, day and minute.
    pub briefs: Vec<Brief>,
    /// The zone's day on which it was put together.
    pub today: NaiveDate,
    /// The QR code of the trip's page for the phone, and that page's address; see [`Brief::code`].
    pub code: QrCode,
    pub address: String,
}

/// A QR code as one SVG path of unit squares.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QrCode {
    /// Squares on each side, without the quiet zone.
    pub side: u16,
    pub path: String,
}

/// One page for one visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    pub enterprise_id: i64,
    pub lead_id: Option<i64>,
    /// Zero-based; so is the day.
    pub team: u8,
    pub day: u8,
    pub date: NaiveDate,
    pub begin_minute: u16,
    pub end_minute: u16,
    pub name: String,
    pub full_name: String,
    pub city: String,
    pub address: Option<String>,
    pub place: Option<BriefNode>,
    pub facts: BriefFacts,
    /// Local firms that buy from it or sell to it; `None` when the reference graph knows none of its products.
    pub supply: Option<Vec<SupplyLink>>,
    pub past: Vec<BriefMeeting>,
    /// How many meetings and talks there were; `past` has the last ones.
    pub past_count: u32,
    pub people: Vec<BriefPerson>,
    /// Promises of both sides that are open.
    pub commitments: Vec<BriefCommitment>,
    /// Where its lead stands.
    pub stage: Option<Stage>,
    /// What the next stage asks for.
    pub to_ask: Vec<EvidenceField>,
    /// The QR code of the visit on the phone.
    pub code: QrCode,
}

/// Where a company stands in a chain, and the gap that it would close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefNode {
    pub chain_id: i64,
    pub node_id: i64,
    pub chain: String,
    pub node: String,
    pub class: GapClass,
    /// G, 0 to 100; only for gaps.
    pub score: Option<f64>,
    pub local_firms: u32,
    /// Share of the local demand that is met; `None` when there is neither demand nor output.
    pub cover: Option<f64>,
    /// What the gap score is made of; empty for a node without one.
    pub terms: Vec<ScoreTerm>,
    /// The chain around it, from its suppliers to its buyers; at most [`BRIEF_LINE`] nodes.
    pub line: Vec<BriefStep>,
}

/// A node of the chain around a company's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefStep {
    pub name: String,
    pub class: GapClass,
    pub score: Option<f64>,
    /// Whether it is the company's.
    pub is_own: bool,
}

/// Who they are; what is not known is `None` and named on the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BriefFacts {
    pub products: Vec<String>,
    /// 万元 a year.
    pub revenue_wan: Option<i64>,
    pub staff: Option<i64>,
    pub industry: Option<String>,
    pub listed: Option<String>,
    /// 万元, of the lead.
    pub investment_wan: Option<i64>,
    /// 亩, of the lead.
    pub land_mu: Option<f64>,
}

/// Something that was said before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefMeeting {
    pub at: DateTime<Utc>,
    pub kind: EventKind,
    pub body: String,
    /// What was written down of it on a trip.
    pub visit: Option<VisitLine>,
}

/// Somebody on their side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefPerson {
    pub name: String,
    pub position: String,
    pub phone: String,
}

/// A promise that is open.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefCommitment {
    pub side: Side,
    pub content: String,
    pub due_on: Option<NaiveDate>,
    /// Only `Passed` may be offered again.
    pub fair_competition: FairCompetition,
}

impl BriefCommitment {
    /// Whether its day is past.
    #[must_use]
    pub fn is_overdue(&self, today: NaiveDate) -> bool {
        self.due_on.is_some_and(|due| due < today)
    }
}
