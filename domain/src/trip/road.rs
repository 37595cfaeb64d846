//! A trip on the road: what is written down of a visit, on a phone and often without a network.

use std::collections::{BTreeMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::TripBook;
use crate::{
    lead::{
        EventKind, EvidenceField, EvidenceKind, FairCompetition, NAME_LIMIT, NOTE_LIMIT, Side,
        Stage, WORK_LIMIT, is_phone_number,
    },
    problem::{FieldProblem, FieldProblemKind},
};

/// Most photos of one visit.
pub const VISIT_PHOTOS: usize = 9;
/// Most people, and most commitments, of one visit.
pub const VISIT_LINES: usize = 20;
/// The best interest; the least is 1.
pub const MOST_INTEREST: u8 = 5;
/// Longest mark by which a visit that is sent twice is known, in characters.
const MARK_LIMIT: usize = 64;

/// How a visit went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VisitOutcome {
    /// 有意向.
    Interested,
    /// 再谈.
    Again,
    /// 暂不.
    Declined,
    /// 未见到: nobody was met, so it is no visit that could count as evidence.
    Absent,
}

impl VisitOutcome {
    pub const ALL: [Self; 4] = [Self::Interested, Self::Again, Self::Declined, Self::Absent];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Interested => "interested",
            Self::Again => "again",
            Self::Declined => "declined",
            Self::Absent => "absent",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.key() == key)
    }

    /// Whether somebody was met.
    #[must_use]
    pub const fn is_met(self) -> bool {
        !matches!(self, Self::Absent)
    }
}

/// Somebody who was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPerson {
    pub name: String,
    #[serde(default)]
    pub position: String,
    #[serde(default)]
    pub phone: String,
}

/// A promise that was made at a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitCommitment {
    pub side: Side,
    pub content: String,
    #[serde(default)]
    pub owner: String,
    #[serde(default)]
    pub due_on: Option<NaiveDate>,
    /// Of ours: whether the fair-competition review has yet to look at it.
    #[serde(default)]
    pub needs_review: bool,
}

impl VisitCommitment {
    /// Where its fair-competition review stands.
    #[must_use]
    pub const fn fair_competition(&self) -> FairCompetition {
        match (self.side, self.needs_review) {
            (Side::Ours, true) => FairCompetition::Pending,
            _ => FairCompetition::NotNeeded,
        }
    }
}

/// A visit as it is written down. Its photos travel beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitForm {
    /// Made up on the phone, once for each visit: the same visit sent twice is written once.
    pub mark: String,
    pub enterprise_id: i64,
    /// The zone's day, and minutes since its midnight.
    pub visited_on: NaiveDate,
    pub begin_minute: u16,
    /// When it was written down, by the phone's clock.
    pub written_at: DateTime<Utc>,
    pub outcome: VisitOutcome,
    #[serde(default)]
    pub people: Vec<VisitPerson>,
    /// 1 to [`MOST_INTEREST`].
    #[serde(default)]
    pub interest: Option<u8>,
    #[serde(default)]
    pub commitments: Vec<VisitCommitment>,
    /// One sentence.
    #[serde(default)]
    pub remark: String,
    /// Becomes a task of whoever writes it.
    #[serde(default)]
    pub next_step: String,
    #[serde(default)]
    pub next_on: Option<NaiveDate>,
    /// Who wrote it, where the phone knows: it is not sent in anybody else's name.
    #[serde(default)]
    pub account_id: Option<i64>,
    /// It is known that a colleague has written the visit down as well, and both are to be kept.
    #[serde(default)]
    pub beside_another: bool,
}

impl VisitForm {
    /// Trims what was typed and drops lines in which nothing was.
    pub fn tidy(&mut self) {
        let trim = |text: &mut String| {
            if text.trim().len() != text.len() || text.contains('\0') {
                *text = text.replace('\0', "").trim().to_owned();
            }
        };
        trim(&mut self.mark);
        trim(&mut self.remark);
        trim(&mut self.next_step);
        for person in &mut self.people {
            trim(&mut person.name);
            trim(&mut person.position);
            trim(&mut person.phone);
        }
        for commitment in &mut self.commitments {
            trim(&mut commitment.content);
            trim(&mut commitment.owner);
        }
        self.people
            .retain(|person| *person != VisitPerson::default());
        let mut seen = HashSet::new();
        self.people
            .retain(|person| seen.insert(person.name.clone()));
        self.commitments.retain(|commitment| {
            !(commitment.content.is_empty()
                && commitment.owner.is_empty()
                && commitment.due_on.is_none())
        });
    }

    /// Everything that is wrong with a tidy form, by field: `people.1.phone` is the second person's. `today` is the
    /// zone's day; a visit may be dated a day ahead, because a phone's clock may be in another zone.
    #[must_use]
    pub fn problems(&self, today: NaiveDate) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut refuse = |field: String, kind| problems.push(FieldProblem::new(&field, kind));
        let mut text = |field: String, text: &str, limit: usize, is_needed: bool| {
            if is_needed && text.is_empty() {
                refuse(field, FieldProblemKind::Required);
            } else if text.chars().count() > limit {
                refuse(field, FieldProblemKind::TooLong { limit });
            }
        };
        text("mark".to_owned(), &self.mark, MARK_LIMIT, true);
        text("remark".to_owned(), &self.remark, NOTE_LIMIT, false);
        text(
            "next_step".to_owned(),
            &self.next_step,
            WORK_LIMIT,
            self.next_on.is_some(),
        );
        for (place, person) in self.people.iter().enumerate() {
            text(
                format!("people.{place}.name"),
                &person.name,
                NAME_LIMIT,
                true,
            );
            text(
                format!("people.{place}.position"),
                &person.position,
                NAME_LIMIT,
                false,
            );
        }
        for (place, one) in self.commitments.iter().enumerate() {
            text(
                format!("commitments.{place}.content"),
                &one.content,
                WORK_LIMIT,
                true,
            );
            text(
                format!("commitments.{place}.owner"),
                &one.owner,
                NAME_LIMIT,
                false,
            );
        }
        for (place, person) in self.people.iter().enumerate() {
            if !person.phone.is_empty() && !is_phone_number(&person.phone) {
                refuse(format!("people.{place}.phone"), FieldProblemKind::NotAPhone);
            }
        }
        let range = |from: f64, until: f64| FieldProblemKind::OutOfRange { from, until };
        for (field, count) in [
            ("people", self.people.len()),
            ("commitments", self.commitments.len()),
        ] {
            if count > VISIT_LINES {
                let limit = VISIT_LINES;
                refuse(field.to_owned(), FieldProblemKind::TooLong { limit });
            }
        }
        if self
            .interest
            .is_some_and(|interest| !(1..=MOST_INTEREST).contains(&interest))
        {
            refuse("interest".to_owned(), range(1.0, f64::from(MOST_INTEREST)));
        }
        if self.begin_minute >= super::DAY_MINUTES {
            refuse("begin_minute".to_owned(), range(0.0, 1439.0));
        }
        if (self.visited_on - today).num_days() > 1 {
            refuse("visited_on".to_owned(), FieldProblemKind::InTheFuture);
        }
        // A year that nobody plans for is a slip of the finger.
        let is_far = |day: NaiveDate| (day - today).num_days().abs() > 3660;
        if is_far(self.visited_on) {
            refuse("visited_on".to_owned(), FieldProblemKind::NotADate);
        }
        if self.next_on.is_some_and(is_far) {
            refuse("next_on".to_owned(), FieldProblemKind::NotADate);
        }
        if !self.next_step.is_empty() && self.next_on.is_none() {
            refuse("next_on".to_owned(), FieldProblemKind::Required);
        }
        for (place, one) in self.commitments.iter().enumerate() {
            if one.due_on.is_some_and(is_far) {
                refuse(
                    format!("commitments.{place}.due_on"),
                    FieldProblemKind::NotADate,
                );
            }
        }
        problems
    }
}

/// A photo of a visit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPhoto {
    pub name: String,
    /// Its bytes in base64, or a `data:` address that holds them.
    pub content: String,
}

/// A visit with its photos, as it is sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitPost {
    pub visit: VisitForm,
    #[serde(default)]
    pub photos: Vec<VisitPhoto>,
}

/// A visit that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visit {
    pub id: i64,
    pub enterprise_id: i64,
    /// `None` once its lead was removed for good.
    pub lead_id: Option<i64>,
    pub visited_on: NaiveDate,
    pub begin_minute: u16,
    pub outcome: VisitOutcome,
    pub interest: Option<u8>,
    /// Names of those who were met.
    pub people: Vec<String>,
    pub remark: String,
    pub next_step: String,
    pub next_on: Option<NaiveDate>,
    pub photos: u16,
    /// Who wrote it.
    pub account_id: i64,
    pub by: String,
    pub written_at: DateTime<Utc>,
}

impl Visit {
    /// What the visit says to questions of a stage, by their keys; `outcome` is how it went, in words. Only what the
    /// shipped stage rules ask is known by name: other questions are left to people.
    #[must_use]
    pub fn evidence(&self, fields: &[EvidenceField], outcome: &str) -> BTreeMap<String, String> {
        let said = if self.remark.is_empty() {
            outcome.to_owned()
        } else {
            format!("{outcome}；{}", self.remark)
        };
        fields
            .iter()
            .filter_map(|field| {
                let kind = EventKind::VisitOutbound.key();
                let answer = match field.key.as_str() {
                    "contact_kind" if field.choices.iter().any(|choice| choice == kind) => {
                        kind.to_owned()
                    }
                    "contact_on" | "visited_on" => self.visited_on.to_string(),
                    "people" => self.people.join("、"),
                    "summary" | "outcome" if field.kind == EvidenceKind::Text => said.clone(),
                    _ => return None,
                };
                (!answer.is_empty()).then(|| (field.key.clone(), answer))
            })
            .collect()
    }
}

/// What became of a visit that was sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitReceipt {
    pub id: i64,
    /// `None` where nobody was met and nothing was said.
    pub lead_id: Option<i64>,
    /// Whether it had been written before: the same mark again.
    pub is_repeated: bool,
}

/// What a visit says on the timeline of its lead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitLine {
    pub visit_id: i64,
    pub trip_id: i64,
    pub trip: String,
    pub outcome: VisitOutcome,
    pub interest: Option<u8>,
    pub people: Vec<String>,
    /// It was a mistake.
    #[serde(default)]
    pub is_withdrawn: bool,
}

/// What a delegation has in its hand on the road: the book, and what is written down already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripRoad {
    pub book: TripBook,
    pub visits: Vec<Visit>,
    /// Whether the person may write visits down.
    pub may_write: bool,
    /// The person: what waits on a phone is sent by whoever wrote it.
    pub account_id: i64,
    /// That person's name.
    pub person: String,
}

/// A visit of the plan in the trip's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportRow {
    pub enterprise_id: i64,
    pub name: String,
    pub city: String,
    /// Zero-based; `None` for a visit that no plan has.
    pub team: Option<u8>,
    pub date: NaiveDate,
    pub begin_minute: u16,
    /// The last visit that was written down and at which somebody was met; else the last one.
    pub visit: Option<Visit>,
    /// Whether its day is past and nothing was written down.
    pub is_unanswered: bool,
    pub lead_id: Option<i64>,
    /// Where the lead stands now, and where it stood at the first visit of the trip.
    pub stage: Option<Stage>,
    pub stage_then: Option<Stage>,
    pub promises: Promises,
}

/// How commitments stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Promises {
    pub ours_open: u32,
    pub theirs_open: u32,
    /// Of the open ones: their day is past.
    pub overdue: u32,
    pub kept: u32,
    pub broken: u32,
}

impl Promises {
    /// All together; those that were taken back do not count.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.ours_open + self.theirs_open + self.kept + self.broken
    }

    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self {
            ours_open: self.ours_open + other.ours_open,
            theirs_open: self.theirs_open + other.theirs_open,
            overdue: self.overdue + other.overdue,
            kept: self.kept + other.kept,
            broken: self.broken + other.broken,
        }
    }
}

/// What came of one trip, in figures.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TripYield {
    /// Companies in the plan.
    pub planned: u32,
    /// Companies where somebody was met.
    pub visited: u32,
    /// Cities in which they are.
    pub cities: u32,
    /// By the record that a row shows of each company: interested, again, declined, absent, as in [`VisitOutcome::ALL`].
    pub outcomes: [u32; 4],
    /// Companies of the plan whose day is past and of which nothing was written down.
    pub unanswered: u32,
    pub promises: Promises,
    /// Leads of the companies where somebody was met, by where they stand now, in the order of the stages.
    pub stages: Vec<(Stage, u32)>,
    /// Leads that stand further than at the visit.
    pub advanced: u32,
    /// Leads that are signed or further and were not at the visit, and their planned investment in 万元.
    pub signed: u32,
    pub signed_wan: i64,
    /// By the rates of the calculation, 元; see [`super::trip_cost`].
    pub cost_yuan: f64,
}

/// The report of a trip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripReport {
    pub id: i64,
    pub name: String,
    pub bureau: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: Vec<String>,
    pub total: TripYield,
    /// In the order of the plan, then those beside it.
    pub rows: Vec<ReportRow>,
}

/// A trip among those of its year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripYearRow {
    pub id: i64,
    pub name: String,
    pub bureau: String,
    pub start_on: NaiveDate,
    pub days: u8,
    pub teams: u8,
    pub total: TripYield,
}

/// The trips of a year that were approved, or on which visits were made, compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TripYear {
    pub year: i32,
    /// Years in which there are trips, the last first.
    pub years: Vec<i32>,
    /// The last first.
    pub rows: Vec<TripYearRow>,
    /// All of them together.
    pub total: TripYield,
    /// Visits of all of them that nobody has written down, the longest ago first; at most [`UNANSWERED_ROWS`].
    pub unanswered: Vec<UnansweredVisit>,
    pub today: NaiveDate,
}

/// Unanswered visits that a year shows.
pub const UNANSWERED_ROWS: usize = 200;

/// A visit of a plan of which nothing was written down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnansweredVisit {
    pub trip_id: i64,
    pub trip: String,
    pub enterprise_id: i64,
    pub name: String,
    pub date: NaiveDate,
}

impl TripYield {
    /// The figures of several trips together: companies and cities as often as they were visited, each lead once, from
    /// where it stood at the first of its visits.
    #[must_use]
    pub fn together<'a>(
        trips: impl IntoIterator<Item = (&'a [ReportRow], &'a Self)>,
        investment: impl Fn(i64) -> Option<i64>,
    ) -> Self {
        let mut all = Self::default();
        let mut rows = Vec::new();
        for (own, total) in trips {
            all.planned += total.planned;
            all.visited += total.visited;
            all.cities += total.cities;
            for (all, one) in all.outcomes.iter_mut().zip(total.outcomes) {
                *all += one;
            }
            all.unanswered += total.unanswered;
            all.promises = all.promises.and(total.promises);
            all.cost_yuan += total.cost_yuan;
            rows.extend(own);
        }
        all.count_leads(rows, investment);
        all
    }

    /// The figures of a report's rows. `investment` is that of a lead, in 万元.
    #[must_use]
    pub fn of(rows: &[ReportRow], cost_yuan: f64, investment: impl Fn(i64) -> Option<i64>) -> Self {
        let mut total = Self {
            cost_yuan,
            ..Self::default()
        };
        let mut cities = HashSet::new();
        for row in rows {
            total.planned += u32::from(row.team.is_some());
            total.unanswered += u32::from(row.is_unanswered);
            total.promises = total.promises.and(row.promises);
            let Some(visit) = &row.visit else {
                continue;
            };
            for (own, outcome) in total.outcomes.iter_mut().zip(VisitOutcome::ALL) {
                *own += u32::from(outcome == visit.outcome);
            }
            if visit.outcome.is_met() {
                total.visited += 1;
                cities.insert(row.city.as_str());
            }
        }
        total.cities = u32::try_from(cities.len()).unwrap_or(u32::MAX);
        total.count_leads(rows, investment);
        total
    }

    /// Counts each lead of the companies where somebody was met once. Signed by the trip are those that were not signed
    /// before it.
    fn count_leads<'a>(
        &mut self,
        rows: impl IntoIterator<Item = &'a ReportRow>,
        investment: impl Fn(i64) -> Option<i64>,
    ) {
        let mut leads: BTreeMap<i64, (Stage, Stage)> = BTreeMap::new();
        for row in rows {
            let is_met = row.visit.as_ref().is_some_and(|one| one.outcome.is_met());
            if let (true, Some(lead_id), Some(stage)) = (is_met, row.lead_id, row.stage) {
                let then = row.stage_then.unwrap_or(stage);
                leads
                    .entry(lead_id)
                    .and_modify(|(_, first)| *first = then.min(*first))
                    .or_insert((stage, then));
            }
        }
        let mut stages: BTreeMap<Stage, u32> = BTreeMap::new();
        for (lead_id, (stage, then)) in leads {
            *stages.entry(stage).or_default() += 1;
            self.advanced += u32::from(stage > then);
            if stage >= Stage::Signed && then < Stage::Signed {
                self.signed += 1;
                self.signed_wan += investment(lead_id).unwrap_or(0);
            }
        }
        self.stages = stages.into_iter().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, day).unwrap()
    }

    fn form() -> VisitForm {
        VisitForm {
            mark: "a1".to_owned(),
            enterprise_id: 1,
            visited_on: day(7),
            begin_minute: 570,
            written_at: DateTime::UNIX_EPOCH,
            outcome: VisitOutcome::Interested,
            people: Vec::new(),
            interest: Some(4),
            commitments: Vec::new(),
            remark: String::new(),
            next_step: String::new(),
            next_on: None,
            account_id: None,
            beside_another: false,
        }
    }

    fn fields(form: &VisitForm) -> Vec<String> {
        form.problems(day(7))
            .into_iter()
            .map(|problem| problem.field)
            .collect()
    }

    #[test]
    fn a_form_of_two_taps_is_enough() {
        assert!(fields(&form()).is_empty());
    }

    #[test]
    fn empty_lines_go_and_the_rest_is_trimmed() {
        let person = |name: &str| VisitPerson {
            name: name.to_owned(),
            ..VisitPerson::default()
        };
        let promise = |content: &str| VisitCommitment {
            side: Side::Ours,
            content: content.to_owned(),
            owner: String::new(),
            due_on: None,
            needs_review: true,
        };
        let mut form = VisitForm {
            people: vec![person(" 何样例 "), person("  "), person("何样例")],
            commitments: vec![promise(" "), promise("送样检测 ")],
            remark: " 排第一\0 ".to_owned(),
            ..form()
        };
        form.tidy();
        assert_eq!(form.people, [person("何样例")]);
        assert_eq!(form.commitments, [promise("送样检测")]);
        assert_eq!(form.remark, "排第一");
        assert_eq!(
            form.commitments[0].fair_competition(),
            FairCompetition::Pending
        );
    }

    #[test]
    fn each_mistake_is_named_by_its_place() {
        let wrong = VisitForm {
            mark: String::new(),
            visited_on: day(9),
            begin_minute: 1440,
            interest: Some(6),
            people: vec![VisitPerson {
                name: String::new(),
                position: "副总".to_owned(),
                phone: "abc".to_owned(),
            }],
            commitments: vec![VisitCommitment {
                side: Side::Theirs,
                content: String::new(),
                owner: "吴样例".to_owned(),
                due_on: NaiveDate::from_ymd_opt(2062, 1, 1),
                needs_review: false,
            }],
            next_step: "请进来".to_owned(),
            ..form()
        };
        assert_eq!(
            fields(&wrong),
            [
                "mark",
                "people.0.name",
                "commitments.0.content",
                "people.0.phone",
                "interest",
                "begin_minute",
                "visited_on",
                "next_on",
                "commitments.0.due_on"
            ]
        );
        let later = VisitForm {
            next_on: Some(day(14)),
            ..form()
        };
        assert_eq!(fields(&later), ["next_step"]);
    }

    #[test]
    fn a_phone_ahead_of_the_zone_is_no_future() {
        let ahead = VisitForm {
            visited_on: day(8),
            ..form()
        };
        assert!(fields(&ahead).is_empty());
    }

    fn row(id: i64, outcome: Option<VisitOutcome>, stage: Option<Stage>) -> ReportRow {
        ReportRow {
            enterprise_id: id,
            name: String::new(),
            city: if id < 3 { "苏州" } else { "常州" }.to_owned(),
            team: (id < 5).then_some(0),
            date: day(7),
            begin_minute: 540,
            visit: outcome.map(|outcome| Visit {
                id,
                enterprise_id: id,
                lead_id: Some(id),
                visited_on: day(7),
                begin_minute: 540,
                outcome,
                interest: None,
                people: Vec::new(),
                remark: String::new(),
                next_step: String::new(),
                next_on: None,
                photos: 0,
                account_id: 1,
                by: String::new(),
                written_at: DateTime::UNIX_EPOCH,
            }),
            is_unanswered: outcome.is_none(),
            lead_id: Some(id),
            stage,
            stage_then: Some(Stage::Negotiating),
            promises: Promises {
                ours_open: 1,
                theirs_open: 0,
                overdue: 1,
                kept: 2,
                broken: 0,
            },
        }
    }

    #[test]
    fn a_visit_answers_what_the_stages_ask_of_it() {
        let pack = crate::lead::RulePack::shipped().unwrap();
        let mut visit = row(1, Some(VisitOutcome::Interested), None).visit.unwrap();
        visit.people = vec!["何样例".to_owned(), "吴样例".to_owned()];
        visit.remark = "差在蒸汽价".to_owned();
        let of = |stage| visit.evidence(&pack.rule(stage).unwrap().evidence, "有意向");
        let pairs = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
            pairs
                .iter()
                .map(|(key, answer)| ((*key).to_owned(), (*answer).to_owned()))
                .collect()
        };
        assert_eq!(
            of(Stage::SiteVisit),
            pairs(&[
                ("visited_on", "2026-07-07"),
                ("people", "何样例、吴样例"),
                ("outcome", "有意向；差在蒸汽价")
            ])
        );
        assert_eq!(
            of(Stage::Negotiating),
            pairs(&[
                ("contact_kind", "visit_outbound"),
                ("contact_on", "2026-07-07"),
                ("summary", "有意向；差在蒸汽价")
            ])
        );
        assert!(of(Stage::Screened).is_empty());
        // The gate takes them as they are.
        let answers: serde_json::Map<String, serde_json::Value> = of(Stage::SiteVisit)
            .into_iter()
            .map(|(key, answer)| (key, answer.into()))
            .collect();
        let rule = pack.rule(Stage::SiteVisit).unwrap();
        assert!(crate::lead::check_evidence(rule, &answers, day(8)).is_empty());
    }

    #[test]
    fn a_trip_is_counted_by_the_companies_where_somebody_was_met() {
        use VisitOutcome::{Absent, Again, Interested};
        let rows = [
            row(1, Some(Interested), Some(Stage::Signed)),
            row(2, Some(Again), Some(Stage::Negotiating)),
            row(3, Some(Absent), Some(Stage::Negotiating)),
            row(4, None, None),
            row(5, Some(Interested), Some(Stage::Negotiating)),
        ];
        let total = TripYield::of(&rows, 1000.0, |lead| (lead == 1).then_some(65_000));
        // Four of the plan and one beside it; of the five one was not met and one not written down.
        assert_eq!((total.planned, total.visited, total.cities), (4, 3, 2));
        assert_eq!(total.outcomes, [2, 1, 0, 1]);
        assert_eq!(total.unanswered, 1);
        assert_eq!(total.stages, [(Stage::Negotiating, 2), (Stage::Signed, 1)]);
        assert_eq!(
            (total.advanced, total.signed, total.signed_wan),
            (1, 1, 65_000)
        );
        assert_eq!((total.promises.count(), total.promises.overdue), (15, 5));
        // The same companies on a second trip, when one had signed already: visits count again, leads do not.
        let mut again = rows.clone();
        again[0].stage_then = Some(Stage::Signed);
        let second = TripYield::of(&again, 1000.0, |_| Some(65_000));
        assert_eq!(
            (second.advanced, second.signed, second.signed_wan),
            (0, 0, 0)
        );
        let trips = [(&again[..], &second), (&rows[..], &total)];
        let twice = TripYield::together(trips, |lead| (lead == 1).then_some(65_000));
        assert_eq!((twice.visited, twice.outcomes), (6, [4, 2, 0, 2]));
        assert_eq!(twice.stages, total.stages);
        assert_eq!(
            (twice.advanced, twice.signed, twice.signed_wan),
            (1, 1, 65_000)
        );
        assert!((twice.cost_yuan - 2000.0).abs() < 1e-9);
    }
}
