//! What a zone may set about its maps, with the day from which it holds.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{MatchSettings, ScoreSettings};
use crate::problem::{FieldProblem, FieldProblemKind};

/// Which companies the reference set holds. Companies of the zone are in each of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceSet {
    /// All that are loaded.
    #[default]
    All,
    /// Those with a stock code: a directory of listed companies is complete, others seldom are.
    Listed,
    /// All but those marked as demo.
    WithoutDemo,
}

impl ReferenceSet {
    pub const ALL: [Self; 3] = [Self::All, Self::Listed, Self::WithoutDemo];

    /// The word in forms and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Listed => "listed",
            Self::WithoutDemo => "without_demo",
        }
    }
}

/// Weights, thresholds, reference set and the matcher's threshold: one whole, so that a map is always computed
/// under one set of rules that somebody signed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AtlasSettings {
    pub score: ScoreSettings,
    pub reference: ReferenceSet,
    /// Confidence from which a match counts without a person, 0 to 1.
    pub match_threshold: f64,
}

impl Default for AtlasSettings {
    fn default() -> Self {
        Self {
            score: ScoreSettings::default(),
            reference: ReferenceSet::All,
            match_threshold: MatchSettings::default().threshold,
        }
    }
}

impl AtlasSettings {
    /// Every field that is out of its range, by its name in the form. Empty when all is well.
    #[must_use]
    pub fn problems(&self) -> Vec<FieldProblem> {
        let score = &self.score;
        let weights = &score.weights;
        let fields = [
            ("weight_unmet", weights.unmet, 0.0, 1.0),
            ("weight_relatedness", weights.relatedness, 0.0, 1.0),
            ("weight_criticality", weights.criticality, 0.0, 1.0),
            ("weight_priority", weights.priority, 0.0, 1.0),
            ("alpha", score.alpha, 0.01, 100.0),
            ("quantile_low", score.quantile_low, 0.001, 0.499),
            ("quantile_high", score.quantile_high, 0.501, 0.999),
            (
                "min_reference_firms",
                f64::from(score.min_reference_firms),
                1.0,
                1000.0,
            ),
            ("min_matched_share", score.min_matched_share, 0.0, 1.0),
            ("weak_cover", score.weak_cover, 0.0, 1.0),
            ("weak_quotient", score.weak_quotient, 0.0, 100.0),
            ("strong_cover", score.strong_cover, 0.0, 1.0),
            ("strong_quotient", score.strong_quotient, 0.0, 100.0),
            ("extension_hops", f64::from(score.extension_hops), 0.0, 6.0),
            ("match_threshold", self.match_threshold, 0.0, 1.0),
        ];
        let mut problems: Vec<FieldProblem> = fields
            .into_iter()
            // NaN is in no range.
            .filter(|(_, value, from, until)| !(*from..=*until).contains(value))
            .map(|(field, _, from, until)| {
                FieldProblem::new(field, FieldProblemKind::OutOfRange { from, until })
            })
            .collect();
        let sum = weights.unmet + weights.relatedness + weights.criticality + weights.priority;
        if problems.is_empty() && sum <= 0.0 {
            problems.push(FieldProblem::new(
                "weight_unmet",
                FieldProblemKind::Required,
            ));
        }
        problems
    }
}

/// Settings with their day and their source.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DatedSettings {
    /// `None` for the defaults, which hold until somebody sets others.
    pub id: Option<i64>,
    pub effective_on: Option<NaiveDate>,
    pub settings: AtlasSettings,
    /// The document or meeting that decided it.
    pub source: String,
    pub by: Option<String>,
    pub created_at: Option<DateTime<Utc>>,
    /// Whether it is what maps are computed with today.
    pub in_force: bool,
}

/// New settings, from a day on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewSettings {
    pub settings: AtlasSettings,
    pub effective_on: NaiveDate,
    pub source: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_sound_and_nonsense_is_named() {
        assert!(AtlasSettings::default().problems().is_empty());
        let mut wrong = AtlasSettings::default();
        wrong.score.weights.unmet = f64::NAN;
        wrong.score.weak_cover = 1.5;
        wrong.match_threshold = -0.1;
        let fields: Vec<String> = wrong
            .problems()
            .into_iter()
            .map(|problem| problem.field)
            .collect();
        assert_eq!(fields, ["weight_unmet", "weak_cover", "match_threshold"]);
        let mut nothing = AtlasSettings::default();
        nothing.score.weights = super::super::ScoreWeights {
            unmet: 0.0,
            relatedness: 0.0,
            criticality: 0.0,
            priority: 0.0,
        };
        assert_eq!(
            nothing.problems().len(),
            1,
            "all weights zero weigh nothing"
        );
    }

    #[test]
    fn a_setting_that_names_only_what_differs_takes_the_rest_from_the_defaults() {
        let read: AtlasSettings =
            serde_json::from_str(r#"{"score":{"weak_cover":0.4},"reference":"listed"}"#).unwrap();
        assert_eq!(
            (read.score.weak_cover, read.reference),
            (0.4, ReferenceSet::Listed)
        );
        assert_eq!(read.match_threshold, 0.6);
    }
}
