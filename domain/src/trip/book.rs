//! The delegation's book: one brief for each visit, in the order in which the teams make them.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{Plan, TeamFrame};
use crate::{
    chain::GapClass,
    lead::{CommitmentState, EventKind, FairCompetition, Side, Stage},
    target::SupplyLink,
};

/// Meetings of before that a brief shows, the last first.
pub const BRIEF_PAST: usize = 5;
/// Local buyers and suppliers that a brief shows.
pub const BRIEF_SUPPLY: usize = 6;

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
    pub people: Vec<BriefPerson>,
    /// Promises of both sides that are open.
    pub commitments: Vec<BriefCommitment>,
    /// Where its lead stands.
    pub stage: Option<Stage>,
    /// Keys of what the next stage's evidence still lacks, as the stage rules name it.
    pub to_ask: Vec<String>,
}

/// Where a company stands in a chain, and the gap that it would close.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BriefNode {
    pub chain: String,
    pub node: String,
    pub class: GapClass,
    /// G, 0 to 100; only for gaps.
    pub score: Option<f64>,
    pub local_firms: u32,
    /// Share of the local demand that is met; `None` when there is neither demand nor output.
    pub cover: Option<f64>,
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
    pub owner: String,
    pub due_on: Option<NaiveDate>,
    pub state: CommitmentState,
    /// Only `Passed` may be offered again.
    pub fair_competition: FairCompetition,
}
