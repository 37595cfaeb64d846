//! 首报首谈: how long a claim runs, what renews it, when it ends, and what pages show of its ledger, of disputes about
//! it, of the public pool (公海) and of leads handed from bureau to bureau. Money is 万元.

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{BureauTag, EventKind, NodeTag, Stage, StageMove, stage_move};

/// Where a zone's rule pack says nothing else (河南 practice).
const DAYS: u16 = 60;
/// Days for which 首报首谈 protects a lead where the zone's rule pack says nothing else.
pub const CLAIM_DAYS: i64 = DAYS as i64;

/// How claims run in a zone: a part of its dated rule pack.
///
/// From 签约 on a claim does not lapse, whatever its last day says ([`claim_lapses`]): the contract ends what the claim
/// is for, to be the only one that negotiates. A lead that goes back before the contract begins its days anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimRule {
    /// Days from the registration to the last day of the claim.
    pub days: u16,
    /// What on record renews a claim.
    pub renew_on: Vec<Renewal>,
    /// Days from what renews it to the new last day.
    pub renew_days: u16,
    /// Days after the last day before a claim is let go and its lead goes to the public pool.
    pub pool_after: u16,
    /// The document that says so.
    pub source: String,
}

impl Default for ClaimRule {
    fn default() -> Self {
        Self {
            days: DAYS,
            renew_on: vec![
                Renewal::VisitOutbound,
                Renewal::VisitInbound,
                Renewal::VisitOnline,
                Renewal::Stage,
            ],
            renew_days: DAYS,
            pool_after: 0,
            source: "首报首谈制度（河南等地公开做法）".to_owned(),
        }
    }
}

impl ClaimRule {
    /// The last day of a claim that is made today.
    #[must_use]
    pub fn first_until(&self, today: NaiveDate) -> NaiveDate {
        after(today, self.days)
    }

    /// The new last day of a claim that runs until `until`, when `cause` happens today. `None` when it does not renew
    /// the claim, or would not make it longer: a renewal never shortens.
    #[must_use]
    pub fn renewed_until(
        &self,
        cause: Renewal,
        until: NaiveDate,
        today: NaiveDate,
    ) -> Option<NaiveDate> {
        let renewed = after(today, self.renew_days);
        (self.renew_on.contains(&cause) && renewed > until).then_some(renewed)
    }

    /// The new last day when a lead moves between stages. A stage that is entered renews as [`Renewal::Stage`] says. A
    /// lead that goes back before the contract has its days anew whatever the pack says, since they stood still.
    #[must_use]
    pub fn moved_until(
        &self,
        from: Stage,
        to: Stage,
        until: NaiveDate,
        today: NaiveDate,
    ) -> Option<NaiveDate> {
        if !claim_lapses(from) && claim_lapses(to) {
            let renewed = after(today, self.renew_days);
            return (renewed > until).then_some(renewed);
        }
        (stage_move(from, to) == Some(StageMove::Forward))
            .then(|| self.renewed_until(Renewal::Stage, until, today))?
    }

    /// Claims whose last day is before this one are let go, as long as [`claim_lapses`] holds for their leads.
    #[must_use]
    pub fn pooled_before(&self, today: NaiveDate) -> NaiveDate {
        today
            .checked_sub_days(Days::new(u64::from(self.pool_after)))
            .unwrap_or(today)
    }
}

fn after(day: NaiveDate, days: u16) -> NaiveDate {
    day.checked_add_days(Days::new(u64::from(days)))
        .unwrap_or(NaiveDate::MAX)
}

/// Whether the claim of a lead in a stage can lapse at all: before 签约 it can, from there on it cannot.
#[must_use]
pub fn claim_lapses(stage: Stage) -> bool {
    stage < Stage::Signed
}

/// Whether a claim whose last day is `until` is over. The last day itself still counts.
#[must_use]
pub fn claim_is_over(stage: Stage, until: NaiveDate, today: NaiveDate) -> bool {
    claim_lapses(stage) && until < today
}

/// Something on record that may renew a claim. A note is none: it costs nothing to write one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Renewal {
    /// 走出去
    VisitOutbound,
    /// 请进来
    VisitInbound,
    /// 屏对屏
    VisitOnline,
    Call,
    /// A stage entered with its evidence.
    Stage,
}

impl Renewal {
    pub const ALL: [Self; 5] = [
        Self::VisitOutbound,
        Self::VisitInbound,
        Self::VisitOnline,
        Self::Call,
        Self::Stage,
    ];

    /// The line of the timeline that it is.
    #[must_use]
    pub const fn event(self) -> EventKind {
        match self {
            Self::VisitOutbound => EventKind::VisitOutbound,
            Self::VisitInbound => EventKind::VisitInbound,
            Self::VisitOnline => EventKind::VisitOnline,
            Self::Call => EventKind::Call,
            Self::Stage => EventKind::Stage,
        }
    }

    /// What a line that somebody writes could renew; `None` for a note.
    #[must_use]
    pub fn of_event(kind: EventKind) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.event() == kind)
    }

    /// The word in the ledger: that of its event.
    #[must_use]
    pub const fn key(self) -> &'static str {
        self.event().key()
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|cause| cause.key() == key)
    }
}

/// What a line of the claim ledger (首报台账) is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClaimEventKind {
    /// 首报: the claim came into being, by registration or from the public pool.
    Registered,
    /// Its last day moved; the text is the key of the [`Renewal`].
    Renewed,
    /// Its last day passed; the text is that day.
    Lapsed,
    /// Given up with the lead.
    Released,
    /// Moved to the other bureau, with what the giving bureau keeps of the benefit.
    Transferred,
    /// 异议: the other bureau objects, with its evidence.
    Contested,
    /// 裁定: the claim stays, with the reason.
    Upheld,
    /// 裁定: the claim does not stay and goes to the other bureau, with the reason.
    Rejected,
    /// The other bureau takes its objection back.
    Withdrawn,
    /// Two records of one company were merged, and the other bureau's claim stays.
    GaveWay,
    /// That merge was taken back, and the claim runs again.
    Returned,
}

impl ClaimEventKind {
    pub const ALL: [Self; 11] = [
        Self::Registered,
        Self::Renewed,
        Self::Lapsed,
        Self::Released,
        Self::Transferred,
        Self::Contested,
        Self::Upheld,
        Self::Rejected,
        Self::Withdrawn,
        Self::GaveWay,
        Self::Returned,
    ];

    /// The word in the database, the address and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Renewed => "renewed",
            Self::Lapsed => "lapsed",
            Self::Released => "released",
            Self::Transferred => "transferred",
            Self::Contested => "contested",
            Self::Upheld => "upheld",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
            Self::GaveWay => "gave_way",
            Self::Returned => "returned",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// How a company was recognised as the one that another bureau holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognition {
    /// It is the same row of the directory.
    #[default]
    SameEnterprise,
    /// Another row with the same 统一社会信用代码.
    SameCreditCode,
    /// Another row whose name means the same company.
    SameName,
}

/// Something on record for a claim: what and when, never what was said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimEvidence {
    /// The key of an [`EventKind`], or of the [`Stage`] that was entered.
    pub kind: String,
    /// The local day.
    pub on: String,
}

/// Latest entries of evidence that an answer names.
pub const EVIDENCE_SHOWN: u64 = 12;

/// The claim that another bureau holds, as far as it may be shown. Days are local, as text: the browser only shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldClaim {
    pub enterprise_id: i64,
    pub enterprise: String,
    pub bureau: String,
    pub claimed_on: String,
    pub expires_on: String,
    /// True from 签约 on: it does not lapse.
    pub is_kept: bool,
    pub recognised: Recognition,
    /// Latest first.
    pub evidence: Vec<ClaimEvidence>,
}

/// Which leads of the public pool.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PoolQuery {
    /// A part of the company's name, its pinyin or initials, or of the title.
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub stage: Option<Stage>,
    #[serde(default)]
    pub chain_id: Option<i64>,
    #[serde(default)]
    pub page: u64,
}

/// A lead of the public pool, as every bureau may see it: what it is about, and nothing that was said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolLead {
    pub lead_id: i64,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    pub title: String,
    pub stage: Stage,
    pub node: Option<NodeTag>,
    pub investment_wan: Option<i64>,
    /// The bureau that had it, and still reads it until another takes it.
    pub bureau: String,
    pub pooled_at: DateTime<Utc>,
    /// The last day of the claim, where it lapsed; `None` where it was given up before that day.
    pub lapsed_on: Option<NaiveDate>,
    pub last_activity_at: DateTime<Utc>,
    /// Whether this person may read the lead itself.
    pub may_read: bool,
    pub is_demo: bool,
}

/// Leads of the pool on one page.
pub const POOL_PAGE: u64 = 50;

/// A page of the public pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PoolPage {
    pub leads: Vec<PoolLead>,
    pub total: u64,
    /// Of all that match.
    pub investment_wan: i64,
    pub page: u64,
    /// Chains by id, to filter by.
    pub chains: Vec<(i64, String)>,
    /// Whether this person may take a lead for their bureau.
    pub may_claim: bool,
}

/// Which lines of the claim ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerQuery {
    /// Lines in which this bureau is one of the two parties.
    #[serde(default)]
    pub bureau_id: Option<i64>,
    #[serde(default)]
    pub kind: Option<ClaimEventKind>,
    /// A part of the company's name, its pinyin or initials.
    #[serde(default)]
    pub text: String,
    /// First and last local day.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub until: Option<NaiveDate>,
    #[serde(default)]
    pub page: u64,
}

/// A line of the claim ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerRow {
    pub id: i64,
    pub happened_at: DateTime<Utc>,
    pub kind: ClaimEventKind,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    /// The bureau whose claim it is, or was until this line.
    pub bureau: String,
    pub other_bureau: Option<String>,
    /// `None` also when the person may not read the lead.
    pub lead_id: Option<i64>,
    pub share_percent: Option<i32>,
    pub body: String,
    /// `None` for what the system did by itself.
    pub by: Option<String>,
}

/// Lines of the ledger on one page.
pub const LEDGER_PAGE: u64 = 50;

/// A page of the claim ledger, with what waits to be decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ledger {
    /// Newest first.
    pub rows: Vec<LedgerRow>,
    pub total: u64,
    pub page: u64,
    /// Bureaus to filter by.
    pub bureaus: Vec<BureauTag>,
    /// Open objections, the oldest first.
    pub disputes: Vec<DisputeView>,
    /// Open proposals, the oldest first.
    pub transfers: Vec<TransferView>,
}

/// What became of an objection. The words speak of the claim that was objected to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeState {
    Open,
    /// The claim stays.
    Upheld,
    /// The claim does not stay: it goes to the one who objected.
    Rejected,
    /// Taken back, or settled by other means.
    Withdrawn,
}

impl DisputeState {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Rejected => "rejected",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Objects to the claim on a company.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDispute {
    pub enterprise_id: i64,
    /// What the bureau has, in words: when it met the company, with whom, what can be shown.
    pub evidence: String,
}

/// 裁定.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeDecision {
    pub dispute_id: i64,
    /// True: the claim stays. False: it goes to the one who objected.
    pub uphold: bool,
    pub reason: String,
    /// What the bureau that loses the claim keeps of the benefit, in percent.
    #[serde(default)]
    pub share_percent: Option<i32>,
}

/// An open objection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DisputeView {
    pub id: i64,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    pub holder: String,
    pub claimant: String,
    pub by: String,
    pub evidence: String,
    pub opened_at: DateTime<Utc>,
    pub claimed_at: DateTime<Utc>,
    pub expires_on: NaiveDate,
    pub may_decide: bool,
    pub may_withdraw: bool,
}

/// What became of a proposal to hand a lead over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TransferState {
    Proposed,
    Accepted,
    Declined,
    Withdrawn,
}

impl TransferState {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Proposed => "proposed",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// Proposes to hand a lead to another bureau.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTransfer {
    pub lead_id: i64,
    /// The lead's version that the person saw.
    pub version: i64,
    pub to_bureau_id: i64,
    /// What the giving bureau keeps of the benefit, in percent.
    pub share_percent: i32,
    pub reason: String,
}

/// The receiving bureau's answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferAnswer {
    pub transfer_id: i64,
    /// The proposal's version that the person saw.
    pub version: i64,
    pub accept: bool,
}

/// An open proposal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransferView {
    pub id: i64,
    pub version: i64,
    pub lead_id: i64,
    pub enterprise_id: i64,
    pub enterprise_name: String,
    pub title: String,
    pub from_bureau: String,
    pub to_bureau: String,
    pub share_percent: i32,
    pub reason: String,
    pub by: String,
    pub proposed_at: DateTime<Utc>,
    pub may_answer: bool,
    pub may_withdraw: bool,
}

/// A bureau that keeps a part of a lead's benefit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadShare {
    pub bureau: String,
    pub percent: i32,
    pub since: DateTime<Utc>,
}

/// What stands on a lead's page about its claim, beside the claim itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LeadClaims {
    pub shares: Vec<LeadShare>,
    /// The open proposal to hand it over.
    pub transfer: Option<TransferView>,
    /// Whether it lies in the public pool.
    pub is_pooled: bool,
    /// Bureaus to which it can be handed; empty for who may not.
    pub bureaus: Vec<BureauTag>,
}

/// What a line of the timeline says of the claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClaimStep {
    pub kind: ClaimEventKind,
    /// Names of the bureaus, when two take part.
    #[serde(default)]
    pub from: Option<String>,
    #[serde(default)]
    pub to: Option<String>,
    #[serde(default)]
    pub share_percent: Option<i32>,
    /// Nobody did it: it came by itself.
    #[serde(default)]
    pub by_system: bool,
}

/// Longest evidence of an objection, and longest reason, in characters.
pub const DISPUTE_LIMIT: usize = 4000;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_claim_runs_sixty_days_and_its_last_day_counts() {
        let rule = ClaimRule::default();
        // 30 June + 60: 31 days of July leave 29, which is 29 August.
        let until = rule.first_until(date("2026-06-30"));
        assert_eq!(until, date("2026-08-29"));
        assert!(!claim_is_over(Stage::Review, until, date("2026-08-29")));
        assert!(claim_is_over(Stage::Review, until, date("2026-08-30")));
    }

    #[test]
    fn visits_and_stages_renew_and_talk_does_not() {
        let rule = ClaimRule::default();
        let (until, today) = (date("2026-08-29"), date("2026-07-20"));
        // 20 July + 60: 11 days of July and 31 of August leave 18, which is 18 September.
        for cause in [
            Renewal::VisitOutbound,
            Renewal::VisitInbound,
            Renewal::VisitOnline,
            Renewal::Stage,
        ] {
            assert_eq!(
                rule.renewed_until(cause, until, today),
                Some(date("2026-09-18"))
            );
        }
        assert_eq!(rule.renewed_until(Renewal::Call, until, today), None);
        assert_eq!(Renewal::of_event(EventKind::Note), None);
        assert_eq!(Renewal::of_event(EventKind::Call), Some(Renewal::Call));
        // A claim that was over is made good by the visit, as long as nobody took it.
        assert_eq!(
            rule.renewed_until(Renewal::VisitInbound, date("2026-07-01"), today),
            Some(date("2026-09-18"))
        );
    }

    #[test]
    fn a_renewal_never_shortens() {
        let rule = ClaimRule {
            renew_days: 30,
            ..ClaimRule::default()
        };
        let until = date("2026-08-29");
        // 30 July + 30 days is that very day, the day after adds one.
        assert_eq!(
            rule.renewed_until(Renewal::Stage, until, date("2026-07-30")),
            None
        );
        assert_eq!(
            rule.renewed_until(Renewal::Stage, until, date("2026-07-31")),
            Some(date("2026-08-30"))
        );
    }

    #[test]
    fn from_the_contract_on_nothing_lapses_and_back_from_it_the_days_begin_anew() {
        let rule = ClaimRule::default();
        let (until, today) = (date("2026-03-01"), date("2026-07-20"));
        for stage in Stage::ALL {
            assert_eq!(
                claim_is_over(stage, until, today),
                stage < Stage::Signed,
                "{stage:?}"
            );
        }
        let anew = Some(date("2026-09-18"));
        assert_eq!(
            rule.moved_until(Stage::Signed, Stage::Review, until, today),
            anew
        );
        assert_eq!(
            rule.moved_until(Stage::Permits, Stage::Negotiating, until, today),
            anew
        );
        assert_eq!(
            rule.moved_until(Stage::Lead, Stage::Screened, until, today),
            anew
        );
        assert_eq!(
            rule.moved_until(Stage::Review, Stage::Screened, until, today),
            None
        );
        let silent = ClaimRule {
            renew_on: Vec::new(),
            ..rule
        };
        assert_eq!(
            silent.moved_until(Stage::Lead, Stage::Screened, until, today),
            None
        );
        assert_eq!(
            silent.moved_until(Stage::Signed, Stage::Review, until, today),
            anew
        );
    }

    #[test]
    fn the_pool_waits_as_many_days_as_the_pack_says() {
        let today = date("2026-07-20");
        assert_eq!(ClaimRule::default().pooled_before(today), today);
        let late = ClaimRule {
            pool_after: 7,
            ..ClaimRule::default()
        };
        // Its last day 12 July, seven days of grace until the 19th.
        assert_eq!(late.pooled_before(today), date("2026-07-13"));
    }

    #[test]
    fn keys_are_one_to_one() {
        for kind in ClaimEventKind::ALL {
            assert_eq!(ClaimEventKind::from_key(kind.key()), Some(kind));
        }
        for cause in Renewal::ALL {
            assert_eq!(Renewal::from_key(cause.key()), Some(cause));
            assert_eq!(Renewal::of_event(cause.event()), Some(cause));
        }
    }

    proptest! {
        #[test]
        fn a_renewal_only_ever_lengthens(days in 1_u16..400, until in 0_i64..2000, today in 0_i64..2000) {
            let day = |number: i64| date("2026-01-01") + chrono::Duration::days(number);
            let rule = ClaimRule { renew_days: days, ..ClaimRule::default() };
            let renewed = rule.renewed_until(Renewal::Stage, day(until), day(today));
            let due = today + i64::from(days);
            prop_assert_eq!(renewed, (due > until).then(|| day(due)));
            if let Some(renewed) = renewed {
                // The same again on the same day is nothing new.
                prop_assert_eq!(rule.renewed_until(Renewal::Stage, renewed, day(today)), None);
            }
        }
    }
}
