//! Targets: which companies would close a gap, ranked by terms that can each be read on its own line.

use serde::{Deserialize, Serialize};

use crate::{chain::GapClass, lead::Stage, place::Place};

/// A term of the target score.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetTermKind {
    /// 文本契合: how well what the company makes says what the node is.
    Fit,
    /// 补缺 R: the gap scores it would cover.
    Gap,
    /// 供应联系: sells to or buys from strong local nodes.
    Supply,
    /// 可达: the bureau's region and the distance.
    Reach,
    /// 扩张信号.
    Growth,
}

impl TargetTermKind {
    pub const ALL: [Self; 5] = [
        Self::Fit,
        Self::Gap,
        Self::Supply,
        Self::Reach,
        Self::Growth,
    ];

    /// Default weight, from `domain.md`: 0.35 fit, 0.25 gap, 0.15 supply, 0.15 reach, 0.10 growth.
    #[must_use]
    pub const fn default_weight(self) -> f64 {
        match self {
            Self::Fit => 0.35,
            Self::Gap => 0.25,
            Self::Supply | Self::Reach => 0.15,
            Self::Growth => 0.10,
        }
    }
}

/// One term as shown: its value in 0..=1 or `None` when nothing is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetTerm {
    pub kind: TargetTermKind,
    pub value: Option<f64>,
    /// The weight as set.
    pub weight: f64,
    /// The weight after the unknown terms were left out; 0 when unknown.
    pub effective_weight: f64,
}

/// The terms and their weighted sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetScore {
    pub terms: Vec<TargetTerm>,
    /// 0..=100.
    pub total: f64,
}

/// Σ weight·value over the known terms, the weights rescaled to sum 1, times 100. A missing term is left
/// out and named, never counted as zero.
#[must_use]
pub fn target_score(values: &[(TargetTermKind, Option<f64>)]) -> TargetScore {
    let value_of = |kind: TargetTermKind| {
        values
            .iter()
            .find(|(known, _)| *known == kind)
            .and_then(|(_, value)| *value)
            .filter(|value| value.is_finite())
            .map(|value| value.clamp(0.0, 1.0))
    };
    let known: f64 = TargetTermKind::ALL
        .into_iter()
        .filter(|kind| value_of(*kind).is_some())
        .map(TargetTermKind::default_weight)
        .sum();
    let terms: Vec<TargetTerm> = TargetTermKind::ALL
        .into_iter()
        .map(|kind| {
            let value = value_of(kind);
            TargetTerm {
                kind,
                value,
                weight: kind.default_weight(),
                effective_weight: if value.is_some() && known > 0.0 {
                    kind.default_weight() / known
                } else {
                    0.0
                },
            }
        })
        .collect();
    let total = terms
        .iter()
        .map(|term| 100.0 * term.effective_weight * term.value.unwrap_or(0.0))
        .sum();
    TargetScore { terms, total }
}

/// Reach in 0..=1: 1 inside the bureau's region, else falling with the great-circle distance from the
/// zone, halved every 800 km (a day's return trip by high-speed rail). `None` without coordinates
/// or region.
#[must_use]
pub fn reach(in_region: bool, zone: &Place, place: Option<&Place>) -> Option<f64> {
    if in_region {
        return Some(1.0);
    }
    place.map(|place| 0.5_f64.powf(crate::place::haversine_kilometres(zone, place) / 800.0))
}

/// A company worth a visit, with the reasons.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetRow {
    pub rank: u32,
    pub enterprise_id: i64,
    pub name: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub stock_code: Option<String>,
    pub is_demo: bool,
    pub score: TargetScore,
    /// Products that hit, each with the term that it was found by.
    pub hits: Vec<ProductHit>,
    /// Who follows the company already.
    pub held: Option<TargetHold>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductHit {
    pub product: String,
    pub term: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetHold {
    /// Only for those who may read the lead.
    pub lead_id: Option<i64>,
    pub bureau: String,
    pub stage: Stage,
}

/// A page of targets for a node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetPage {
    pub chain_id: i64,
    pub chain_name: String,
    pub node_id: i64,
    pub node_name: String,
    pub class: GapClass,
    pub gap_score: Option<f64>,
    /// The words that were searched: name, aliases, keywords.
    pub terms: Vec<String>,
    pub rows: Vec<TargetRow>,
    pub total: u64,
    pub page: u64,
    pub excluded_local: u64,
    pub engine: String,
    pub directory_size: u64,
    pub provinces: Vec<(String, u64)>,
    pub may_write: bool,
}

/// Rows on a page of targets.
pub const TARGET_PAGE: u64 = 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_term_is_left_out_and_the_rest_rescaled() {
        // fit 0.8, gap 0.6, reach 1.0 known; weights 0.35 + 0.25 + 0.15 = 0.75.
        // total = 100 · (0.35·0.8 + 0.25·0.6 + 0.15·1.0) / 0.75 = 100 · 0.58 / 0.75 = 77.333…
        let score = target_score(&[
            (TargetTermKind::Fit, Some(0.8)),
            (TargetTermKind::Gap, Some(0.6)),
            (TargetTermKind::Reach, Some(1.0)),
        ]);
        assert!((score.total - 77.333_333).abs() < 1e-5, "{}", score.total);
        let weights: f64 = score.terms.iter().map(|term| term.effective_weight).sum();
        assert!((weights - 1.0).abs() < 1e-12);
        assert_eq!(
            score
                .terms
                .iter()
                .filter(|term| term.value.is_none())
                .count(),
            2
        );
    }

    #[test]
    fn nothing_known_scores_nothing() {
        assert!(target_score(&[]).total.abs() < 1e-12);
        assert!(
            target_score(&[(TargetTermKind::Fit, Some(f64::NAN))])
                .total
                .abs()
                < 1e-12
        );
    }

    #[test]
    fn reach_halves_every_eight_hundred_kilometres() {
        let zone = Place {
            city: "安康".into(),
            longitude: 109.03,
            latitude: 32.69,
        };
        assert_eq!(reach(true, &zone, None), Some(1.0));
        assert_eq!(reach(false, &zone, None), None);
        assert_eq!(reach(false, &zone, Some(&zone)), Some(1.0));
        // One degree of latitude is 111.195 km on a sphere of 6371 km: 7.1946 degrees are 800 km.
        let far = Place {
            latitude: 32.69 - 7.194_6,
            ..zone.clone()
        };
        let half = reach(false, &zone, Some(&far)).unwrap();
        assert!((half - 0.5).abs() < 1e-3, "{half}");
    }
}
