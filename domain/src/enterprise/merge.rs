//! Pairs that may be one company, and making one of two.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{EnterpriseField, same_company::MatchReason};

/// What people said about a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateState {
    /// Nothing yet.
    #[default]
    Open,
    Merged,
    /// 不是同一家, with the reason; no later scan asks again.
    Distinct,
}

impl DuplicateState {
    pub const ALL: [Self; 3] = [Self::Open, Self::Distinct, Self::Merged];

    /// The word in the database, addresses and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Merged => "merged",
            Self::Distinct => "distinct",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// Pairs on a page.
pub const DUPLICATE_PAGE: u64 = 20;
/// From this score on a pair is likely one company, on the list of pairs.
pub const LIKELY_SCORE: f64 = 0.8;
/// Longest reason why two companies are not one, in characters.
pub const DISTINCT_REASON_LIMIT: usize = 500;

/// Which pairs to list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DuplicateQuery {
    #[serde(default)]
    pub state: DuplicateState,
    /// Part of either name.
    #[serde(default)]
    pub text: String,
    /// Only those from [`LIKELY_SCORE`] on.
    #[serde(default)]
    pub likely: bool,
    /// Only those with this company.
    #[serde(default)]
    pub enterprise_id: Option<i64>,
    /// From 0.
    #[serde(default)]
    pub page: u64,
}

/// One company of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateSide {
    pub id: i64,
    pub name: String,
    pub credit_code: Option<String>,
    pub stock_code: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    /// Leads of all bureaus, ended ones too.
    pub leads: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateRow {
    pub id: i64,
    /// From 0 to 1.
    pub score: f64,
    pub reasons: Vec<MatchReason>,
    pub left: DuplicateSide,
    pub right: DuplicateSide,
    pub state: DuplicateState,
    pub decided_by: Option<String>,
    pub decided_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    /// False while other bureaus have leads with either company.
    pub may_merge: bool,
}

/// A word on a pair: two companies, or not decided any more.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicateDecision {
    pub id: i64,
    pub is_distinct: bool,
    /// Needed for two companies.
    #[serde(default)]
    pub reason: String,
}

/// A company of the directory that a name or code may mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SimilarCompany {
    pub id: i64,
    pub name: String,
    pub credit_code: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    /// From 0 to 1.
    pub score: f64,
    pub reasons: Vec<MatchReason>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DuplicatePage {
    pub rows: Vec<DuplicateRow>,
    pub total: u64,
    pub page: u64,
    /// Pairs by state, whatever else is filtered.
    pub counts: Vec<(DuplicateState, u64)>,
    /// When the whole directory was last compared; `None` before the first time.
    pub scanned_at: Option<DateTime<Utc>>,
}

/// Which of two companies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Left,
    Right,
}

impl Side {
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Left => Self::Right,
            Self::Right => Self::Left,
        }
    }

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
        }
    }

    /// What stands on this side.
    pub fn of<T>(self, left: T, right: T) -> T {
        match self {
            Self::Left => left,
            Self::Right => right,
        }
    }
}

/// Whose products the company has afterwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProductChoice {
    Left,
    Right,
    /// The kept company's, then those that only the other has.
    #[default]
    Both,
}

impl ProductChoice {
    pub const ALL: [Self; 3] = [Self::Both, Self::Left, Self::Right];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Left => "left",
            Self::Right => "right",
            Self::Both => "both",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.key() == key)
    }
}

/// Whose value a field starts with: the filled one, else the newer one; the left one when both are as old.
#[must_use]
pub fn default_side(left: &str, right: &str, is_right_newer: bool) -> Side {
    match (left.is_empty(), right.is_empty()) {
        (false, true) => Side::Left,
        (true, false) => Side::Right,
        _ if is_right_newer => Side::Right,
        _ => Side::Left,
    }
}

/// A running claim, as far as it decides which of two stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunningClaim {
    pub claimed_at: DateTime<Utc>,
    pub expires_on: NaiveDate,
}

/// Whose claim stays when both companies have a running one (首报首谈): the earlier; a lapsed one gives way to one that
/// runs, whenever it was made. The left one when both were made in the same instant.
#[must_use]
pub fn claim_that_stays(left: RunningClaim, right: RunningClaim, today: NaiveDate) -> Side {
    let runs = |claim: RunningClaim| claim.expires_on >= today;
    match (runs(left), runs(right)) {
        (true, false) => Side::Left,
        (false, true) => Side::Right,
        _ if right.claimed_at < left.claimed_at => Side::Right,
        _ => Side::Left,
    }
}

/// A field whose values differ, as text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeField {
    pub field: EnterpriseField,
    pub left: String,
    pub right: String,
    pub default: Side,
}

/// One of the two companies before they are merged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeSide {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub credit_code: Option<String>,
    pub updated_at: DateTime<Utc>,
    pub source: String,
    pub is_local: bool,
    pub products: Vec<String>,
    /// Rows by table that go to the other company if that one is kept.
    pub moves: Vec<(MovedTable, u64)>,
}

/// What belongs to a company and moves with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MovedTable {
    /// With their timelines and evidence.
    Lead,
    Claim,
    TripCandidate,
    MatchDecision,
    /// Lines of the claim ledger.
    ClaimEvent,
    ClaimDispute,
    /// On target lists.
    TargetListCompany,
    /// Written down on trips.
    Visit,
}

impl MovedTable {
    /// Every table whose rows follow the company in their column `enterprise_id`.
    pub const ALL: [Self; 8] = [
        Self::Lead,
        Self::Claim,
        Self::TripCandidate,
        Self::MatchDecision,
        Self::ClaimEvent,
        Self::ClaimDispute,
        Self::TargetListCompany,
        Self::Visit,
    ];

    /// The table's name.
    #[must_use]
    pub const fn table(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Claim => "claim",
            Self::TripCandidate => "trip_candidate",
            Self::MatchDecision => "match_decision",
            Self::ClaimEvent => "claim_event",
            Self::ClaimDispute => "claim_dispute",
            Self::TargetListCompany => "target_list_company",
            Self::Visit => "visit",
        }
    }
}

/// A running claim as people read it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimLine {
    pub bureau: String,
    pub claimed_at: DateTime<Utc>,
    pub expires_on: NaiveDate,
}

/// Both companies are claimed: one claim stays, the other is released.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClaimConflict {
    pub stays: ClaimLine,
    pub released: ClaimLine,
}

/// Two companies side by side, and what becoming one would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeView {
    pub left: MergeSide,
    pub right: MergeSide,
    pub score: f64,
    pub reasons: Vec<MatchReason>,
    /// Fields that differ; the others need no choice.
    pub fields: Vec<MergeField>,
    /// Fields that both have and that are equal.
    pub equal: Vec<(EnterpriseField, String)>,
    /// The one with more leads, else with a credit code, else the older row.
    pub keep: Side,
    pub claim_conflict: Option<ClaimConflict>,
    /// Bureaus with an open lead on either side: they stay two leads.
    pub twice_followed: Vec<String>,
    /// Trips that visit both: the visits stay two until somebody takes one out.
    pub shared_trips: Vec<String>,
    /// Matches are made anew from the products; this many stand in chains now, left and right.
    pub matches: (u64, u64),
    pub may_merge: bool,
}

/// Makes one company of two. Fields that are not chosen keep the default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeRequest {
    pub left_id: i64,
    pub left_version: i64,
    pub right_id: i64,
    pub right_version: i64,
    pub keep: Side,
    #[serde(default)]
    pub choices: BTreeMap<EnterpriseField, Side>,
    #[serde(default)]
    pub products: ProductChoice,
}

/// A merge in a company's history.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MergeLine {
    pub merge_id: i64,
    /// The name of the company that went in.
    pub name: String,
    pub credit_code: Option<String>,
    pub by: String,
    pub merged_at: DateTime<Utc>,
    pub undone_by: Option<String>,
    pub undone_at: Option<DateTime<Utc>>,
    pub may_undo: bool,
}

/// What taking a merge back left with the kept company, because it came or changed after the merge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MergeUndone {
    pub kept_id: i64,
    pub merged_id: i64,
    pub fields: Vec<EnterpriseField>,
    pub products: bool,
    pub added: Vec<(MovedTable, u64)>,
}

/// Why two companies cannot be made one, or one two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MergeProblem {
    /// One of them went into this company already.
    AlreadyMerged {
        into_id: i64,
    },
    AlreadyUndone,
    /// The kept company was merged once more; that must be undone first.
    MergedSince {
        name: String,
    },
    /// A code that would come back belongs to another company now.
    CodeTaken {
        code: String,
        name: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(day: u32, expires: u32) -> RunningClaim {
        let date = |day| NaiveDate::from_ymd_opt(2026, 6, day).unwrap();
        RunningClaim {
            claimed_at: date(day).and_time(chrono::NaiveTime::MIN).and_utc(),
            expires_on: date(expires),
        }
    }

    #[test]
    fn the_earlier_claim_stays_unless_it_has_lapsed() {
        let today = NaiveDate::from_ymd_opt(2026, 6, 20).unwrap();
        assert_eq!(
            claim_that_stays(claim(1, 25), claim(2, 26), today),
            Side::Left
        );
        assert_eq!(
            claim_that_stays(claim(2, 26), claim(1, 25), today),
            Side::Right
        );
        assert_eq!(
            claim_that_stays(claim(1, 19), claim(2, 26), today),
            Side::Right
        );
        // The last day counts.
        assert_eq!(
            claim_that_stays(claim(1, 20), claim(2, 26), today),
            Side::Left
        );
        assert_eq!(
            claim_that_stays(claim(1, 18), claim(2, 19), today),
            Side::Left
        );
    }

    #[test]
    fn a_field_starts_with_what_is_known_and_then_with_what_is_newer() {
        assert_eq!(default_side("甲", "", true), Side::Left);
        assert_eq!(default_side("", "乙", false), Side::Right);
        assert_eq!(default_side("甲", "乙", true), Side::Right);
        assert_eq!(default_side("甲", "乙", false), Side::Left);
    }

    #[test]
    fn keys_are_one_to_one() {
        for state in DuplicateState::ALL {
            assert_eq!(DuplicateState::from_key(state.key()), Some(state));
        }
        for choice in ProductChoice::ALL {
            assert_eq!(ProductChoice::from_key(choice.key()), Some(choice));
        }
        for table in MovedTable::ALL {
            assert_eq!(serde_json::to_value(table).unwrap(), table.table());
        }
    }
}
