//! Targets: which companies would close a gap, ranked by terms that can each be read on its own line.

pub mod extension;
mod list;
mod portrait;
mod query;
pub mod relevance;

pub use list::*;
pub use portrait::*;
pub use query::*;

use serde::{Deserialize, Serialize};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    chain::GapClass,
    enterprise::{DirectoryFilter, Facets, GrowthSign, RiskSign, Site},
    lead::Stage,
    place::Place,
};

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

    /// The word in addresses, forms and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::Gap => "gap",
            Self::Supply => "supply",
            Self::Reach => "reach",
            Self::Growth => "growth",
        }
    }

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

/// Weights of the terms, each in 0..=1, at least one above 0; they need not sum to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetWeights {
    pub fit: f64,
    pub gap: f64,
    pub supply: f64,
    pub reach: f64,
    pub growth: f64,
}

impl Default for TargetWeights {
    fn default() -> Self {
        Self {
            fit: TargetTermKind::Fit.default_weight(),
            gap: TargetTermKind::Gap.default_weight(),
            supply: TargetTermKind::Supply.default_weight(),
            reach: TargetTermKind::Reach.default_weight(),
            growth: TargetTermKind::Growth.default_weight(),
        }
    }
}

impl TargetWeights {
    #[must_use]
    pub const fn of(&self, kind: TargetTermKind) -> f64 {
        match kind {
            TargetTermKind::Fit => self.fit,
            TargetTermKind::Gap => self.gap,
            TargetTermKind::Supply => self.supply,
            TargetTermKind::Reach => self.reach,
            TargetTermKind::Growth => self.growth,
        }
    }

    /// Sets one weight.
    pub const fn set(&mut self, kind: TargetTermKind, weight: f64) {
        match kind {
            TargetTermKind::Fit => self.fit = weight,
            TargetTermKind::Gap => self.gap = weight,
            TargetTermKind::Supply => self.supply = weight,
            TargetTermKind::Reach => self.reach = weight,
            TargetTermKind::Growth => self.growth = weight,
        }
    }

    /// The terms whose weight is none: not in 0..=1, or, when neither fit nor reach weighs anything, all of them: the
    /// others are not known of every company, and nothing would tell most of them apart.
    #[must_use]
    pub fn wrong(&self) -> Vec<TargetTermKind> {
        let all = TargetTermKind::ALL;
        let wrong: Vec<TargetTermKind> = all
            .into_iter()
            .filter(|kind| !(0.0..=1.0).contains(&self.of(*kind)))
            .collect();
        if wrong.is_empty() && self.fit <= 0.0 && self.reach <= 0.0 {
            return all.to_vec();
        }
        wrong
    }
}

/// Σ weight·value over the known terms, the weights rescaled to sum 1, times 100. A missing term is left
/// out and named, never counted as zero.
#[must_use]
pub fn target_score(
    values: &[(TargetTermKind, Option<f64>)],
    weights: &TargetWeights,
) -> TargetScore {
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
        .map(|kind| weights.of(kind))
        .sum();
    let terms: Vec<TargetTerm> = TargetTermKind::ALL
        .into_iter()
        .map(|kind| {
            let value = value_of(kind);
            TargetTerm {
                kind,
                value,
                weight: weights.of(kind),
                effective_weight: if value.is_some() && known > 0.0 {
                    weights.of(kind) / known
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

/// Supply links in 0..=1: 1 − ½^Σ, a link to a company of a 强链 node counting 1 and any other ½, so that the first
/// links say most.
#[must_use]
pub fn supply(links: &[SupplyLink]) -> f64 {
    let sum: f64 = links
        .iter()
        .map(|link| if link.is_strong { 1.0 } else { 0.5 })
        .sum();
    1.0 - 0.5_f64.powf(sum)
}

/// Which way a product goes between a company and firms of the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SupplyDirection {
    /// What it makes needs what firms here make.
    Buys,
    /// What it makes goes into what firms here make.
    Sells,
}

/// A product that, by the reference graph, may go between a company and firms of the zone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SupplyLink {
    pub direction: SupplyDirection,
    /// What goes between them.
    pub product: String,
    /// What it is made into on the other side: of the company when it buys, of the firms when it sells.
    pub into: String,
    /// Firms of the zone on the other side.
    pub firms: u64,
    /// The name of one of them.
    pub firm: String,
    /// Whether one of them is counted in a 强链 node.
    pub is_strong: bool,
}

/// Least score with which an input that is not on record is proposed: of those from here to 0.6 every third was on record
/// when it was hidden.
pub const LEAST_GUESS: f64 = 0.4;

/// An input that a company probably needs and firms of the zone make, without a relation on record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SupplyGuess {
    /// What the company makes.
    pub product: String,
    pub input: String,
    /// In 0..=1; it orders and is no probability.
    pub score: f64,
    /// Firms of the zone that make the input.
    pub firms: u64,
    /// The name of one of them.
    pub firm: String,
    pub reasons: Vec<extension::InputReason>,
}

/// What we have had to do with a company.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// 未接触: no bureau has or had a lead.
    Untouched,
    /// 在跟: a bureau follows it.
    Held,
    /// 谈过: it was followed, and the lead came to nothing.
    TurnedDown,
}

impl Contact {
    pub const ALL: [Self; 3] = [Self::Untouched, Self::Held, Self::TurnedDown];

    /// By who follows a company now, and whose lead with it came to nothing.
    #[must_use]
    pub const fn of(held: Option<&TargetHold>, turned_down: Option<&TurnedDown>) -> Self {
        match (held, turned_down) {
            (Some(_), _) => Self::Held,
            (None, Some(_)) => Self::TurnedDown,
            (None, None) => Self::Untouched,
        }
    }

    /// The word in addresses and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Untouched => "untouched",
            Self::Held => "held",
            Self::TurnedDown => "turned_down",
        }
    }

    /// The inverse of [`Self::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|contact| contact.key() == key)
    }
}

/// Days for which a company that a lead was lost with stays away from the list; then it comes back, with the reason.
pub const RETURN_DAYS: i64 = 180;

/// A lead with a company that came to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnedDown {
    /// Only for those who may read the lead.
    pub lead_id: Option<i64>,
    pub bureau: String,
    /// Only for those who may read the lead.
    pub reason: Option<String>,
    pub at: DateTime<Utc>,
    /// The day on which it comes back.
    pub returns_on: NaiveDate,
}

/// A trip that goes where the company is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TripPast {
    pub trip_id: i64,
    pub name: String,
    pub start_on: NaiveDate,
    pub city: String,
}

/// What targets are asked for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetQuery {
    /// The node whose gap is to be closed; `None` for a product that is in no chain yet.
    pub node_id: Option<i64>,
    /// Words instead of those of the node, parted by 、 or a comma. Without a node they are what is asked.
    pub text: String,
    pub filter: DirectoryFilter,
    /// Any of these; empty for those that are not turned down.
    pub contacts: Vec<Contact>,
    /// From 0.
    pub page: u64,
}

/// Words that a query may have, and characters of one.
pub const QUERY_TERMS: usize = 40;
pub const QUERY_TERM_CHARACTERS: usize = 40;

/// The words of a query as somebody typed it, each once, in their order. Those that are too many or too long are left
/// out, and said so by the flag.
#[must_use]
pub fn query_terms(text: &str) -> (Vec<String>, bool) {
    let mut terms: Vec<String> = Vec::new();
    let mut is_cut = false;
    for term in text.split(['、', ',', '，', ';', '；', '\n', '\t']) {
        let term = term.trim();
        if term.is_empty() || terms.iter().any(|known| known == term) {
            continue;
        }
        if terms.len() >= QUERY_TERMS || term.chars().count() > QUERY_TERM_CHARACTERS {
            is_cut = true;
            continue;
        }
        terms.push(term.to_owned());
    }
    (terms, is_cut)
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
    pub industry: Option<String>,
    pub revenue_wan: Option<i64>,
    pub is_demo: bool,
    pub score: TargetScore,
    /// Products that hit, each with the term that it was found by.
    pub hits: Vec<ProductHit>,
    /// Whether a product says one of the words; one that does not is found by what it has in common with those that do.
    pub says: bool,
    /// The strongest links first, up to [`SUPPLY_SHOWN`].
    pub supply: Vec<SupplyLink>,
    /// What the growth term rests on.
    pub growth: Vec<GrowthSign>,
    /// What to be careful of; it takes nothing off the score.
    pub risk: Vec<RiskSign>,
    /// The place of business that the reach rests on, when it is not the company's own city.
    pub near_site: Option<Site>,
    pub in_region: bool,
    /// From the zone, as the crow flies.
    pub kilometres: Option<f64>,
    pub trip: Option<TripPast>,
    pub contact: Contact,
    /// Who follows the company already.
    pub held: Option<TargetHold>,
    pub turned_down: Option<TurnedDown>,
}

/// Links of one company that are shown.
pub const SUPPLY_SHOWN: usize = 3;

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

/// The node whose gap is to be closed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetNode {
    pub chain_id: i64,
    pub chain_name: String,
    pub node_id: i64,
    pub node_name: String,
    pub class: GapClass,
    pub gap_score: Option<f64>,
    /// The words of the node itself: name, aliases, keywords.
    pub terms: Vec<String>,
    /// Nodes before and behind it in the chain: they only colour the question.
    pub neighbours: Vec<String>,
}

/// A page of targets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetPage {
    pub node: Option<TargetNode>,
    /// The words that were searched.
    pub terms: Vec<String>,
    /// Whether words were left out, because they are too many or too long.
    pub is_cut: bool,
    pub rows: Vec<TargetRow>,
    /// Ranked companies over all pages.
    pub total: u64,
    pub page: u64,
    /// Companies in which one of the words stands, by what one may narrow by.
    pub said: u64,
    pub facets: Facets,
    pub contacts: Vec<(Contact, u64)>,
    /// Local firms in which one of the words stands: excluded.
    pub excluded_local: u64,
    /// Companies that are left out until the reason of their refusal has passed.
    pub excluded_turned_down: u64,
    pub engine: String,
    /// Whether the embedded engine answered for one that is down.
    pub stood_in: bool,
    pub directory_size: u64,
    pub weights: TargetWeights,
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
        let score = target_score(
            &[
                (TargetTermKind::Fit, Some(0.8)),
                (TargetTermKind::Gap, Some(0.6)),
                (TargetTermKind::Reach, Some(1.0)),
            ],
            &TargetWeights::default(),
        );
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
        assert!(target_score(&[], &TargetWeights::default()).total.abs() < 1e-12);
        assert!(
            target_score(
                &[(TargetTermKind::Fit, Some(f64::NAN))],
                &TargetWeights::default()
            )
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

    #[test]
    fn links_say_less_the_more_there_are() {
        let link = |is_strong| SupplyLink {
            direction: SupplyDirection::Buys,
            product: "氧化铝".into(),
            into: "陶瓷基板".into(),
            firms: 2,
            firm: "甲".into(),
            is_strong,
        };
        assert!(supply(&[]).abs() < 1e-12);
        assert!((supply(&[link(true)]) - 0.5).abs() < 1e-12);
        // ½ + ½ + 1 = 2: 1 − ¼.
        assert!((supply(&[link(false), link(false), link(true)]) - 0.75).abs() < 1e-12);
    }

    #[test]
    fn words_are_parted_and_limited() {
        assert_eq!(
            query_terms(" 隔膜、膜 ,隔膜，\n锂电池 隔膜").0,
            ["隔膜", "膜", "锂电池 隔膜"]
        );
        assert_eq!(query_terms("、 ,"), (Vec::new(), false));
        let (terms, is_cut) = query_terms(&"长".repeat(41));
        assert!(terms.is_empty() && is_cut);
        let many: Vec<String> = (0..50).map(|number| number.to_string()).collect();
        let (terms, is_cut) = query_terms(&many.join("、"));
        assert!(terms.len() == QUERY_TERMS && is_cut);
    }

    #[test]
    fn weights_are_shares_and_something_must_weigh() {
        let mut weights = TargetWeights::default();
        assert!(weights.wrong().is_empty());
        weights.set(TargetTermKind::Fit, 1.5);
        weights.set(TargetTermKind::Reach, f64::NAN);
        assert_eq!(
            weights.wrong(),
            [TargetTermKind::Fit, TargetTermKind::Reach]
        );
        for kind in TargetTermKind::ALL {
            weights.set(kind, 0.0);
        }
        assert_eq!(weights.wrong(), TargetTermKind::ALL);
    }
}
