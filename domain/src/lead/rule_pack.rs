//! The rule pack: stages, what each one needs, and its time limit, as data with a source and a date,
//! because every zone differs. The gate itself, `check_evidence`, is the only one there is.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Stage;
use crate::{
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
}

/// One stage's rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StageRule {
    pub stage: Stage,
    /// Days a lead may stay here before it counts as late; `None` for no limit.
    pub limit_days: Option<u16>,
    /// What is asked for on entry, in the order of the form.
    pub evidence: Vec<EvidenceField>,
}

/// One thing asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceField {
    pub key: String,
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

    #[must_use]
    pub fn rule(&self, stage: Stage) -> Option<&StageRule> {
        self.stages.iter().find(|rule| rule.stage == stage)
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
