//! The rule pack: stages, what each one needs, and its time limit, as data with a source and a date,
//! because every zone differs. The gate itself, `check_evidence`, is the only one there is.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{ClaimRule, Stage};
use crate::{
    calendar::WorkCalendar,
    enterprise::check_credit_code,
    problem::{FieldProblem, FieldProblemKind},
};

/// A versioned set of stage rules.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RulePack {
    /// Such as "2026-03".
    pub version: String,
    pub effective_from: NaiveDate,
    pub source: String,
    pub stages: Vec<StageRule>,
    /// 首报首谈; packs from before it was data hold what the program says.
    #[serde(default)]
    pub claim: ClaimRule,
}

/// One stage's rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    pub stage: Stage,
    /// Days a lead may stay here before it counts as late; `None` for no limit.
    pub limit_days: Option<u16>,
    /// Whether weekends and holidays count.
    #[serde(default)]
    pub limit_in: LimitUnit,
    /// What is asked for on entry, in the order of the form.
    pub evidence: Vec<EvidenceField>,
}

impl StageRule {
    /// The latest day on which a lead that is late today can have entered the stage; `None` without a limit. The
    /// same rule as [`LeadCard::days_late`](super::LeadCard::days_late), in the form that a database can filter by.
    #[must_use]
    pub fn latest_late_entry(
        &self,
        today: NaiveDate,
        calendar: &WorkCalendar,
    ) -> Option<NaiveDate> {
        let more_than = self.limit_days?.saturating_add(1);
        match self.limit_in {
            LimitUnit::Days => today.checked_sub_days(Days::new(u64::from(more_than))),
            LimitUnit::WorkingDays => Some(calendar.before_working_days(today, more_than)),
        }
    }

    /// The day on which a lead that entered the stage on `entered` has used its limit up, and after which it is late;
    /// `None` without a limit.
    #[must_use]
    pub fn last_day(&self, entered: NaiveDate, calendar: &WorkCalendar) -> Option<NaiveDate> {
        let limit = self.limit_days?;
        match self.limit_in {
            LimitUnit::Days => entered.checked_add_days(Days::new(u64::from(limit))),
            LimitUnit::WorkingDays => Some(calendar.after_working_days(entered, limit)),
        }
    }
}

/// How the days of a time limit are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LimitUnit {
    #[default]
    Days,
    /// 工作日, by the official calendar with 调休.
    WorkingDays,
}

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceField {
    pub key: String,
    /// What people read, for a key that the program has no words for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    pub kind: EvidenceKind,
    #[serde(default = "yes")]
    pub required: bool,
    /// Keys of the answers, for [`EvidenceKind::Choice`].
    #[serde(default)]
    pub choices: Vec<String>,
    /// Answers that stop the lead here, such as a failed fair-competition check.
    #[serde(default)]
    pub refused: Vec<String>,
}

const fn yes() -> bool {
    true
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    Text,
    /// 万元, an integer, not negative.
    MoneyWan,
    /// A number, not negative.
    Number,
    /// A local date of the zone, not in the future.
    Date,
    Choice,
    /// 统一社会信用代码 with a valid check character.
    CreditCode,
}

/// Longest version, source, key and label of a pack, in characters.
const VERSION_LIMIT: usize = 40;
const SOURCE_LIMIT: usize = 400;
const KEY_LIMIT: usize = 40;
const LABEL_LIMIT: usize = 80;
/// Most questions of a stage.
const FIELDS_LIMIT: usize = 30;
/// Longest time limit: ten years.
const LIMIT_DAYS: u16 = 3650;
/// Longest time between a claim's last day and the public pool: a year.
const GRACE_DAYS: u16 = 365;
/// Longest text taken as evidence, in characters.
const TEXT_LIMIT: usize = 4000;
/// Largest amount taken, 万元: ten thousand 亿元.
const MONEY_LIMIT: f64 = 100_000_000.0;

impl RulePack {
    /// The pack a new zone starts with, from the stage table that zones publish.
    ///
    /// # Errors
    /// The shipped file does not parse; a test makes sure that it does.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        serde_json::from_str(include_str!("../../data/stage_rules.json"))
    }

    /// Everything that is wrong with the pack, by field: `stages.3.evidence.0.key` is the first key of the fourth
    /// stage. Empty for a pack that can be taken. Whether its version is free and its day to come is not asked here.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let mut refuse = |field: String, kind| problems.push(FieldProblem::new(&field, kind));
        for (field, text, limit) in [
            ("version", &self.version, VERSION_LIMIT),
            ("source", &self.source, SOURCE_LIMIT),
            ("claim.source", &self.claim.source, SOURCE_LIMIT),
        ] {
            if text.trim().is_empty() {
                refuse(field.to_owned(), FieldProblemKind::Required);
            } else if text.chars().count() > limit {
                refuse(field.to_owned(), FieldProblemKind::TooLong { limit });
            }
        }
        for (field, days, from, until) in [
            ("claim.days", self.claim.days, 1, LIMIT_DAYS),
            ("claim.renew_days", self.claim.renew_days, 1, LIMIT_DAYS),
            ("claim.pool_after", self.claim.pool_after, 0, GRACE_DAYS),
        ] {
            if !(from..=until).contains(&days) {
                let (from, until) = (f64::from(from), f64::from(until));
                refuse(
                    field.to_owned(),
                    FieldProblemKind::OutOfRange { from, until },
                );
            }
        }
        let causes = &self.claim.renew_on;
        if (1..causes.len()).any(|place| causes[..place].contains(&causes[place])) {
            refuse("claim.renew_on".to_owned(), FieldProblemKind::Taken);
        }
        let stages: Vec<Stage> = self.stages.iter().map(|rule| rule.stage).collect();
        if stages != Stage::ALL {
            // Each stage once and in order: a lead must never stand where no rule is.
            refuse("stages".to_owned(), FieldProblemKind::NotAChoice);
        }
        for (place, rule) in self.stages.iter().enumerate() {
            if rule
                .limit_days
                .is_some_and(|days| days == 0 || days > LIMIT_DAYS)
            {
                refuse(
                    format!("stages.{place}.limit_days"),
                    FieldProblemKind::OutOfRange {
                        from: 1.0,
                        until: f64::from(LIMIT_DAYS),
                    },
                );
            }
            if rule.stage == Stage::Lead && !rule.evidence.is_empty() {
                // Nobody is asked when a lead is registered: the form of the registration is what it needs.
                refuse(
                    format!("stages.{place}.evidence"),
                    FieldProblemKind::NotAChoice,
                );
            }
            if rule.evidence.len() > FIELDS_LIMIT {
                let limit = FIELDS_LIMIT;
                refuse(
                    format!("stages.{place}.evidence"),
                    FieldProblemKind::TooLong { limit },
                );
            }
            for (number, field) in rule.evidence.iter().enumerate() {
                let at = |name: &str| format!("stages.{place}.evidence.{number}.{name}");
                let formed =
                    |one: char| one.is_ascii_lowercase() || one.is_ascii_digit() || one == '_';
                if field.key.is_empty() {
                    refuse(at("key"), FieldProblemKind::Required);
                } else if field.key.len() > KEY_LIMIT || !field.key.chars().all(formed) {
                    refuse(at("key"), FieldProblemKind::NotAChoice);
                } else if rule.evidence[..number]
                    .iter()
                    .any(|one| one.key == field.key)
                {
                    refuse(at("key"), FieldProblemKind::Taken);
                }
                let label = field.label.as_deref().unwrap_or_default();
                if label.chars().count() > LABEL_LIMIT {
                    let limit = LABEL_LIMIT;
                    refuse(at("label"), FieldProblemKind::TooLong { limit });
                }
                let is_choice = field.kind == EvidenceKind::Choice;
                if is_choice == field.choices.is_empty() {
                    refuse(at("choices"), FieldProblemKind::Required);
                }
                if field.refused.iter().any(|one| !field.choices.contains(one)) {
                    refuse(at("refused"), FieldProblemKind::Unknown);
                }
            }
        }
        problems
    }

    #[must_use]
    pub fn rule(&self, stage: Stage) -> Option<&StageRule> {
        self.stages.iter().find(|rule| rule.stage == stage)
    }

    /// What a company has to be asked for before its lead can go on: the evidence of the next stage that rests on the
    /// company's word. Talks, visits and reviews are acts of ours, and so are verdicts. `None` is a company without a lead.
    #[must_use]
    pub fn to_ask(&self, stage: Option<Stage>) -> Vec<&EvidenceField> {
        let is_ours = |next: Stage| {
            matches!(
                next,
                Stage::Lead | Stage::Negotiating | Stage::SiteVisit | Stage::Review
            )
        };
        Stage::ALL
            .into_iter()
            .find(|next| stage.is_none_or(|stage| *next > stage) && !is_ours(*next))
            .and_then(|next| self.rule(next))
            .map(|rule| {
                rule.evidence
                    .iter()
                    .filter(|field| field.kind != EvidenceKind::Choice)
                    .collect()
            })
            .unwrap_or_default()
    }
}

/// Checks what was handed in for a stage. An empty answer means that the stage may be entered.
/// Answers to questions that the rule does not ask are refused too: they would be lost silently.
#[must_use]
pub fn check_evidence(
    rule: &StageRule,
    evidence: &Map<String, Value>,
    today: NaiveDate,
) -> Vec<FieldProblem> {
    let mut problems: Vec<FieldProblem> = rule
        .evidence
        .iter()
        .filter_map(|field| {
            check_field(field, evidence.get(&field.key), today)
                .map(|kind| FieldProblem::new(&field.key, kind))
        })
        .collect();
    problems.extend(
        evidence
            .keys()
            .filter(|key| rule.evidence.iter().all(|field| field.key != **key))
            .map(|key| FieldProblem::new(key, FieldProblemKind::Unknown)),
    );
    problems
}

fn check_field(
    field: &EvidenceField,
    answer: Option<&Value>,
    today: NaiveDate,
) -> Option<FieldProblemKind> {
    let empty = match answer {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(_) => false,
    };
    if empty {
        return field.required.then_some(FieldProblemKind::Required);
    }
    let text = answer.and_then(Value::as_str).map(str::trim);
    match field.kind {
        EvidenceKind::Text => match text {
            None => Some(FieldProblemKind::Unknown),
            Some(text) if text.chars().count() > TEXT_LIMIT => {
                Some(FieldProblemKind::TooLong { limit: TEXT_LIMIT })
            }
            Some(_) => None,
        },
        EvidenceKind::MoneyWan | EvidenceKind::Number => {
            let number = answer
                .and_then(Value::as_f64)
                .or_else(|| text.and_then(|text| text.replace(',', "").parse().ok()));
            match number {
                None => Some(FieldProblemKind::NotANumber),
                Some(number) if !number.is_finite() || !(0.0..=MONEY_LIMIT).contains(&number) => {
                    Some(FieldProblemKind::OutOfRange {
                        from: 0.0,
                        until: MONEY_LIMIT,
                    })
                }
                Some(_) => None,
            }
        }
        EvidenceKind::Date => match text.and_then(|text| text.parse::<NaiveDate>().ok()) {
            None => Some(FieldProblemKind::NotADate),
            Some(date) if date > today => Some(FieldProblemKind::InTheFuture),
            Some(_) => None,
        },
        EvidenceKind::Choice => match text {
            Some(text) if field.refused.iter().any(|refused| refused == text) => {
                Some(FieldProblemKind::FairCompetitionFailed)
            }
            Some(text) if field.choices.iter().any(|choice| choice == text) => None,
            _ => Some(FieldProblemKind::NotAChoice),
        },
        EvidenceKind::CreditCode => match text.map(check_credit_code) {
            Some(Ok(_)) => None,
            _ => Some(FieldProblemKind::CreditCode),
        },
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_company_is_asked_for_what_only_it_knows() {
        let pack = super::RulePack::shipped().unwrap();
        let keys = |stage| -> Vec<String> {
            pack.to_ask(stage)
                .into_iter()
                .map(|field| field.key.clone())
                .collect()
        };
        let first = ["fit", "investment_wan", "land_mu", "energy", "environment"];
        assert_eq!(keys(None), first);
        assert_eq!(keys(Some(super::Stage::Lead)), first);
        // Neither the talks nor the visit nor the review are asked for.
        let signing = [
            "signed_on",
            "amount_wan",
            "our_commitments",
            "their_commitments",
        ];
        assert_eq!(keys(Some(super::Stage::Screened)), signing);
        assert_eq!(keys(Some(super::Stage::Review)), signing);
        assert_eq!(keys(super::Stage::ALL.last().copied()), [""; 0]);
    }

    use super::*;

    fn today() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 30).unwrap()
    }

    fn check(stage: Stage, answer: Value) -> Vec<(String, FieldProblemKind)> {
        let pack = RulePack::shipped().unwrap();
        let Value::Object(answer) = answer else {
            panic!("an object")
        };
        check_evidence(pack.rule(stage).unwrap(), &answer, today())
            .into_iter()
            .map(|problem| (problem.field, problem.kind))
            .collect()
    }

    #[test]
    fn the_shipped_pack_has_every_stage_once_and_in_order() {
        let pack = RulePack::shipped().unwrap();
        let stages: Vec<Stage> = pack.stages.iter().map(|rule| rule.stage).collect();
        assert_eq!(stages, Stage::ALL);
        for rule in &pack.stages {
            for field in &rule.evidence {
                assert_eq!(
                    field.kind == EvidenceKind::Choice,
                    !field.choices.is_empty(),
                    "{field:?}"
                );
            }
        }
    }

    #[test]
    fn a_pack_that_cannot_hold_is_refused_field_by_field() {
        let good = RulePack::shipped().unwrap();
        assert_eq!(good.problems(), []);
        let named = |change: fn(&mut RulePack)| {
            let mut pack = RulePack::shipped().unwrap();
            change(&mut pack);
            let fields = pack.problems().into_iter().map(|problem| problem.field);
            fields.collect::<Vec<_>>()
        };
        assert_eq!(named(|pack| pack.version.clear()), ["version"]);
        assert_eq!(named(|pack| pack.stages.swap(1, 2)), ["stages"]);
        assert_eq!(named(|pack| drop(pack.stages.pop())), ["stages"]);
        assert_eq!(
            named(|pack| pack.stages[1].limit_days = Some(0)),
            ["stages.1.limit_days"]
        );
        assert_eq!(
            named(|pack| pack.stages[4].evidence[0].key = "Datum".to_owned()),
            ["stages.4.evidence.0.key"]
        );
        assert_eq!(
            named(|pack| pack.stages[1].evidence[1].key = "fit".to_owned()),
            ["stages.1.evidence.1.key"]
        );
        assert_eq!(
            named(|pack| pack.stages[4].evidence[2].choices.clear()),
            ["stages.4.evidence.2.choices", "stages.4.evidence.2.refused"]
        );
        assert_eq!(
            named(|pack| pack.stages[0].evidence = pack.stages[1].evidence.clone()),
            ["stages.0.evidence"]
        );
    }

    #[test]
    fn the_claim_rule_is_dated_data_and_old_packs_still_read() {
        let pack = RulePack::shipped().unwrap();
        assert_eq!(pack.claim, ClaimRule::default());
        let mut old = serde_json::to_value(&pack).unwrap();
        old.as_object_mut().unwrap().remove("claim");
        assert_eq!(serde_json::from_value::<RulePack>(old).unwrap(), pack);
        let named = |change: fn(&mut ClaimRule)| {
            let mut pack = RulePack::shipped().unwrap();
            change(&mut pack.claim);
            let fields = pack.problems().into_iter().map(|problem| problem.field);
            fields.collect::<Vec<_>>()
        };
        assert_eq!(named(|claim| claim.days = 0), ["claim.days"]);
        assert_eq!(named(|claim| claim.renew_days = 0), ["claim.renew_days"]);
        assert_eq!(named(|claim| claim.pool_after = 366), ["claim.pool_after"]);
        assert_eq!(named(|claim| claim.source.clear()), ["claim.source"]);
        assert_eq!(
            named(|claim| claim.renew_on.extend(claim.renew_on.clone())),
            ["claim.renew_on"]
        );
        assert_eq!(named(|claim| claim.renew_on.clear()), Vec::<String>::new());
    }

    #[test]
    fn every_required_answer_is_named_when_it_is_missing() {
        let missing = check(Stage::Review, json!({}));
        let fields: Vec<&str> = missing.iter().map(|(field, _)| field.as_str()).collect();
        assert_eq!(fields, ["reviewed_on", "minutes", "fair_competition"]);
        assert!(
            missing
                .iter()
                .all(|(_, kind)| *kind == FieldProblemKind::Required)
        );
    }

    #[test]
    fn the_latest_late_entry_is_the_day_before_the_limit_is_kept() {
        let calendar = WorkCalendar::shipped().unwrap();
        let pack = RulePack::shipped().unwrap();
        let entry = |stage| {
            pack.rule(stage)
                .unwrap()
                .latest_late_entry(today(), &calendar)
        };
        let date = |text: &str| Some(text.parse::<NaiveDate>().unwrap());
        // No limit at all.
        assert_eq!(entry(Stage::Lead), None);
        // 30 days: 31 before 2026-06-30.
        assert_eq!(entry(Stage::SiteVisit), date("2026-05-30"));
        // 7 working days: the eighth before is Thursday 06-18, as Friday 06-19 is 端午 (30, 29, 26 to 22, 18).
        assert_eq!(entry(Stage::Negotiating), date("2026-06-17"));
        // 3 working days: the fourth before Tuesday 06-30 is after Wednesday 06-24 (25, 26, 29, 30).
        assert_eq!(entry(Stage::Screened), date("2026-06-24"));
    }

    #[test]
    fn the_last_day_is_the_one_after_which_a_lead_is_late() {
        let calendar = WorkCalendar::shipped().unwrap();
        let pack = RulePack::shipped().unwrap();
        let date = |text: &str| text.parse::<NaiveDate>().unwrap();
        let last =
            |stage, entered: &str| pack.rule(stage).unwrap().last_day(date(entered), &calendar);
        assert_eq!(last(Stage::Lead, "2026-06-30"), None);
        assert_eq!(
            last(Stage::SiteVisit, "2026-05-31"),
            Some(date("2026-06-30"))
        );
        // 3 working days from Wednesday 06-17: 18, then 端午 on Friday 19, 22, 23.
        assert_eq!(
            last(Stage::Screened, "2026-06-17"),
            Some(date("2026-06-23"))
        );
        for rule in &pack.stages {
            for offset in 0..40 {
                let entered = date("2026-04-20") + Days::new(offset);
                let Some(last) = rule.last_day(entered, &calendar) else {
                    continue;
                };
                let is_late = |today: NaiveDate| {
                    rule.latest_late_entry(today, &calendar)
                        .is_some_and(|latest| entered <= latest)
                };
                assert!(!is_late(last), "{:?} {entered}", rule.stage);
                // The next working day at the latest: ten days on every holiday is over.
                assert!(is_late(last + Days::new(10)), "{:?} {entered}", rule.stage);
            }
        }
    }

    #[test]
    fn a_failed_fair_competition_check_stops_the_lead() {
        let answer = |result: &str| json!({"reviewed_on": "2026-06-30", "minutes": "纪要", "fair_competition": result});
        assert_eq!(check(Stage::Review, answer("passed")), []);
        assert_eq!(
            check(Stage::Review, answer("failed")),
            [(
                "fair_competition".to_owned(),
                FieldProblemKind::FairCompetitionFailed
            )]
        );
    }

    #[test]
    fn dates_in_the_future_numbers_that_are_none_and_unasked_answers_are_refused() {
        let problems = check(
            Stage::Signed,
            json!({"contract_kind": "formal", "amount_wan": "很多", "signed_on": "2026-07-01",
                   "our_commitments": "无", "their_commitments": "无", "extra": 1}),
        );
        assert_eq!(
            problems,
            [
                ("signed_on".to_owned(), FieldProblemKind::InTheFuture),
                ("amount_wan".to_owned(), FieldProblemKind::NotANumber),
                ("extra".to_owned(), FieldProblemKind::Unknown)
            ]
        );
    }

    #[test]
    fn a_credit_code_needs_its_check_character() {
        // 91350100M000100Y43 is the worked example of GB 32100-2015.
        assert_eq!(
            check(
                Stage::Registered,
                json!({"credit_code": "91350100M000100Y43", "registered_on": "2026-06-01"})
            ),
            []
        );
        assert_eq!(
            check(
                Stage::Registered,
                json!({"credit_code": "91350100M000100Y44", "registered_on": "2026-06-01"})
            ),
            [("credit_code".to_owned(), FieldProblemKind::CreditCode)]
        );
    }
}
