//! What is done around a lead: contacts, tasks, the commitments of both sides, files.

use chrono::{DateTime, Duration, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

use super::{LeadCard, Stage};
use crate::chain::{GapClass, NodeChange};

/// Longest name of a person, a position or a file, in characters.
pub const NAME_LIMIT: usize = 80;
/// Longest task or commitment, in characters.
pub const WORK_LIMIT: usize = 300;
/// Largest file of a lead, in bytes.
pub const FILE_LIMIT: usize = 20 * 1024 * 1024;
/// Our commitments are pointed out when they are due within so many days.
pub const COMMITMENT_DUE_DAYS: i64 = 7;
/// Largest load taken, in kVA or tonnes of coal equivalent a year.
pub const ENERGY_LIMIT: i64 = 100_000_000;

/// What hangs on a lead, each kind with its own form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    Contact,
    Task,
    Commitment,
    File,
}

impl WorkKind {
    /// The word in the audit and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Task => "task",
            Self::Commitment => "commitment",
            Self::File => "file",
        }
    }
}

/// One thing that hangs on a lead, as the person saw it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkItem {
    pub kind: WorkKind,
    pub id: i64,
    /// The version the person saw; files have none and are asked with 0.
    pub version: i64,
}

/// Somebody at the company.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    pub id: i64,
    pub version: i64,
    pub name: String,
    /// 副总，决策.
    pub position: String,
    pub phone: String,
    pub email: String,
}

/// Writes a contact of a lead: a new one without an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContactForm {
    pub lead_id: i64,
    /// Id and version of the one that is changed.
    #[serde(default)]
    pub changes: Option<(i64, i64)>,
    pub name: String,
    #[serde(default)]
    pub position: String,
    #[serde(default)]
    pub phone: String,
    #[serde(default)]
    pub email: String,
}

/// When somebody is reminded of a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reminder {
    #[default]
    None,
    /// At half past eight of the day.
    SameDay,
    DayBefore,
    /// Three days before.
    DaysBefore,
}

impl Reminder {
    pub const ALL: [Self; 4] = [Self::None, Self::SameDay, Self::DayBefore, Self::DaysBefore];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::SameDay => "same_day",
            Self::DayBefore => "day_before",
            Self::DaysBefore => "days_before",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reminder| reminder.key() == key)
    }

    /// The local day on which it rings, at [`REMINDER_TIME`].
    #[must_use]
    pub fn day(self, due_on: NaiveDate) -> Option<NaiveDate> {
        let before = match self {
            Self::None => return None,
            Self::SameDay => 0,
            Self::DayBefore => 1,
            Self::DaysBefore => 3,
        };
        due_on.checked_sub_signed(Duration::days(before))
    }
}

/// The local time at which reminders ring: when the office opens.
pub const REMINDER_TIME: NaiveTime = match NaiveTime::from_hms_opt(8, 30, 0) {
    Some(time) => time,
    None => NaiveTime::MIN,
};

/// Something to be done for a lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    pub id: i64,
    pub version: i64,
    pub title: String,
    pub due_on: NaiveDate,
    /// Minutes since local midnight; `None` for any time of the day.
    pub due_minute: Option<u16>,
    pub reminder: Reminder,
    pub owner_id: i64,
    pub owner_name: String,
    pub done_at: Option<DateTime<Utc>>,
}

/// Writes a task of a lead: a new one without an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskForm {
    pub lead_id: i64,
    #[serde(default)]
    pub changes: Option<(i64, i64)>,
    pub title: String,
    pub due_on: NaiveDate,
    #[serde(default)]
    pub due_minute: Option<u16>,
    #[serde(default)]
    pub reminder: Reminder,
    /// Somebody of the lead's bureau; without one the person who writes.
    #[serde(default)]
    pub owner_id: Option<i64>,
}

/// Who promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// 我方.
    Ours,
    /// 对方.
    Theirs,
}

impl Side {
    pub const ALL: [Self; 2] = [Self::Ours, Self::Theirs];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Ours => "ours",
            Self::Theirs => "theirs",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|side| side.key() == key)
    }
}

/// What became of a commitment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitmentState {
    Open,
    /// 已兑现.
    Kept,
    /// 未兑现: it is known that it will not be kept.
    Broken,
    /// 已撤回: taken back by whoever made it.
    Withdrawn,
}

impl CommitmentState {
    pub const ALL: [Self; 4] = [Self::Open, Self::Kept, Self::Broken, Self::Withdrawn];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Kept => "kept",
            Self::Broken => "broken",
            Self::Withdrawn => "withdrawn",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// 公平竞争审查 of one of our commitments (公平竞争审查条例, in force since 2024-08-01).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FairCompetition {
    /// It favours no named operator.
    #[default]
    NotNeeded,
    Pending,
    Passed,
    Failed,
}

impl FairCompetition {
    pub const ALL: [Self; 4] = [Self::NotNeeded, Self::Pending, Self::Passed, Self::Failed];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NotNeeded => "not_needed",
            Self::Pending => "pending",
            Self::Passed => "passed",
            Self::Failed => "failed",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|review| review.key() == key)
    }
}

/// What one side promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commitment {
    pub id: i64,
    pub version: i64,
    pub side: Side,
    pub content: String,
    /// Who answers for it, as written: their people have no account here.
    pub owner: String,
    pub due_on: Option<NaiveDate>,
    pub state: CommitmentState,
    pub fair_competition: FairCompetition,
    pub closed_at: Option<DateTime<Utc>>,
}

impl Commitment {
    /// Whether it may not stand in a contract: ours, still meant, and not through the fair-competition review.
    #[must_use]
    pub fn bars_signing(&self) -> bool {
        bars_signing(self.side, self.state, self.fair_competition)
    }
}

/// [`Commitment::bars_signing`] of its parts.
#[must_use]
pub const fn bars_signing(
    side: Side,
    state: CommitmentState,
    fair_competition: FairCompetition,
) -> bool {
    matches!(
        (side, state, fair_competition),
        (
            Side::Ours,
            CommitmentState::Open,
            FairCompetition::Pending | FairCompetition::Failed
        )
    )
}

/// Whether the commitments of both sides are looked at before this stage is entered.
#[must_use]
pub fn asks_for_commitments(stage: Stage) -> bool {
    stage == Stage::Signed
}

/// Writes a commitment: a new one without an id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommitmentForm {
    pub lead_id: i64,
    #[serde(default)]
    pub changes: Option<(i64, i64)>,
    pub side: Side,
    pub content: String,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    #[serde(default)]
    pub fair_competition: FairCompetition,
    /// `None` leaves it as it is.
    #[serde(default)]
    pub state: Option<CommitmentState>,
}

/// A file of a lead; its bytes are fetched apart.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadFile {
    pub id: i64,
    pub name: String,
    /// Bytes.
    pub size: i64,
    pub by: String,
    pub added_at: DateTime<Utc>,
}

/// Everything that hangs on a lead.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadWork {
    pub contacts: Vec<Contact>,
    /// What is open first, by its day.
    pub tasks: Vec<Task>,
    /// What is open first, by its day.
    pub commitments: Vec<Commitment>,
    /// The newest first.
    pub files: Vec<LeadFile>,
}

/// What a chain would gain if the lead were built as planned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadGain {
    pub chain_id: i64,
    /// Name of the lead's node, and what becomes of it.
    pub node: (String, NodeChange),
    /// Output that was assumed, in 万元 a year.
    pub output_wan: i64,
    /// The other nodes that change visibly, at most five.
    pub others: Vec<(String, NodeChange)>,
    /// Where to go next: the largest gap afterwards.
    pub next: Option<(String, GapClass, f64)>,
}

/// A task in a list over many leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    pub task: Task,
    pub lead_id: i64,
    pub enterprise_name: String,
    pub stage: Stage,
    /// 万元.
    pub investment_wan: Option<i64>,
    /// Whether the person may say that it is done.
    pub may_write: bool,
}

/// A commitment in a list over many leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitmentRow {
    pub commitment: Commitment,
    pub lead_id: i64,
    pub enterprise_name: String,
}

/// The day's tasks.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FollowUps {
    /// Open and due until today, the longest due first; at most [`FOLLOW_UP_ROWS`].
    pub rows: Vec<TaskRow>,
    pub total: u64,
    /// Those among them whose day is past.
    pub overdue: u64,
    /// Done today.
    pub done: u64,
}

/// Tasks that Today shows.
pub const FOLLOW_UP_ROWS: u64 = 20;

/// Our commitments that are overdue, or due within [`COMMITMENT_DUE_DAYS`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DueCommitments {
    /// The longest overdue first; at most [`FOLLOW_UP_ROWS`].
    pub rows: Vec<CommitmentRow>,
    pub total: u64,
    pub overdue: u64,
}

/// Which sheet of the weekly meeting is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct WeekScope {
    /// Without one: the person's own, or every bureau for those who read all.
    #[serde(default)]
    pub bureau_id: Option<i64>,
    /// Any day of the week; without one the week that runs.
    #[serde(default)]
    pub day: Option<NaiveDate>,
}

/// A move of the week: into which stage, and which lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeekMove {
    pub to: Stage,
    pub entered_at: DateTime<Utc>,
    pub lead: LeadCard,
}

/// 周协调: what a bureau's weekly meeting goes through, ready to be projected and printed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeekSheet {
    pub scope: WeekScope,
    /// The whole zone without one.
    pub bureau: Option<super::BureauTag>,
    pub bureaus: Vec<super::BureauTag>,
    /// The zone's day, by which something is overdue.
    pub today: NaiveDate,
    /// Monday and Sunday.
    pub first_day: NaiveDate,
    pub last_day: NaiveDate,
    /// Leads that were registered in the week.
    pub registered: WeekCount,
    /// Leads that entered 签约 in the week.
    pub signed: WeekCount,
    /// Visits that were written down in the week, by kind: out, in, online.
    pub visits: [u64; 3],
    /// Stages entered, the furthest first, at most [`WEEK_ROWS`].
    pub moves: Vec<WeekMove>,
    pub moves_total: u64,
    /// As of now, the longest late first, at most [`WEEK_ROWS`].
    pub late: super::TodaySection,
    pub lapsing: super::TodaySection,
    pub silent: super::TodaySection,
    pub commitments: DueCommitments,
    /// Open tasks that are due until the end of the next week.
    pub tasks: FollowUps,
}

/// How many, and their investment in 万元.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeekCount {
    pub count: u64,
    pub investment_wan: i64,
}

/// Rows of one part of the weekly sheet.
pub const WEEK_ROWS: u64 = 30;

/// Monday and Sunday of the week of a day.
#[must_use]
pub fn week_of(day: NaiveDate) -> (NaiveDate, NaiveDate) {
    let week = chrono::Datelike::iso_week(&day);
    let monday =
        NaiveDate::from_isoywd_opt(week.year(), week.week(), chrono::Weekday::Mon).unwrap_or(day);
    (monday, monday + Duration::days(6))
}

/// What a phone number may hold: digits with the marks that people write between them, at least five digits.
#[must_use]
pub fn is_phone_number(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    (5..=20).contains(&digits)
        && text.chars().all(|character| {
            character.is_ascii_digit() || matches!(character, ' ' | '-' | '+' | '(' | ')' | '转')
        })
}

/// What an e-mail address looks like: one @ between two parts, the second with a dot inside, no white space.
#[must_use]
pub fn is_email_address(text: &str) -> bool {
    let Some((name, host)) = text.split_once('@') else {
        return false;
    };
    !name.is_empty()
        && !host.contains('@')
        && !text
            .chars()
            .any(|character| character.is_whitespace() || character.is_control())
        && host.split('.').count() >= 2
        && host.split('.').all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_reminder_rings_before_the_day_it_is_for() {
        let due = day("2026-03-02");
        assert_eq!(Reminder::None.day(due), None);
        assert_eq!(Reminder::SameDay.day(due), Some(due));
        assert_eq!(Reminder::DayBefore.day(due), Some(day("2026-03-01")));
        // 2026 is no leap year.
        assert_eq!(Reminder::DaysBefore.day(due), Some(day("2026-02-27")));
        assert_eq!(Reminder::DaysBefore.day(NaiveDate::MIN), None);
    }

    #[test]
    fn only_our_own_unreviewed_promises_bar_a_contract() {
        for side in Side::ALL {
            for state in CommitmentState::ALL {
                for review in FairCompetition::ALL {
                    let bars = side == Side::Ours
                        && state == CommitmentState::Open
                        && (review == FairCompetition::Pending
                            || review == FairCompetition::Failed);
                    assert_eq!(
                        bars_signing(side, state, review),
                        bars,
                        "{side:?} {state:?} {review:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_week_runs_from_monday_to_sunday() {
        // 2026-11-25 is a Wednesday; 2027-01-01, a Friday, belongs to the last week of 2026.
        assert_eq!(
            week_of(day("2026-11-25")),
            (day("2026-11-23"), day("2026-11-29"))
        );
        assert_eq!(week_of(day("2026-11-23")).0, day("2026-11-23"));
        assert_eq!(week_of(day("2026-11-29")).0, day("2026-11-23"));
        assert_eq!(
            week_of(day("2027-01-01")),
            (day("2026-12-28"), day("2027-01-03"))
        );
    }

    #[test]
    fn numbers_and_addresses_are_told_from_words() {
        for good in [
            "0512-6288 0000",
            "+86 138 0013 8000",
            "(021)50500000转8012",
            "10086",
        ] {
            assert!(is_phone_number(good), "{good}");
        }
        for bad in [
            "",
            "1234",
            "问前台",
            "javascript:1380013",
            "138001380001380013800138",
        ] {
            assert!(!is_phone_number(bad), "{bad}");
        }
        for good in ["he.yangli@example.com", "招商@例.中国"] {
            assert!(is_email_address(good), "{good}");
        }
        for bad in ["", "@", "a@b", "a b@c.cn", "a@@c.cn", "a@c..cn", "a@.cn"] {
            assert!(!is_email_address(bad), "{bad}");
        }
    }

    #[test]
    fn keys_are_one_to_one() {
        for reminder in Reminder::ALL {
            assert_eq!(Reminder::from_key(reminder.key()), Some(reminder));
        }
        for side in Side::ALL {
            assert_eq!(Side::from_key(side.key()), Some(side));
        }
        for state in CommitmentState::ALL {
            assert_eq!(CommitmentState::from_key(state.key()), Some(state));
        }
        for review in FairCompetition::ALL {
            assert_eq!(FairCompetition::from_key(review.key()), Some(review));
        }
    }
}
