//! How well what a company makes says what a node is: the text side of the target score.
//!
//! Text is compared by its characters and its pairs of neighbouring characters, not by words: a segmenter cuts 复合膜
//! and 膜材料 so that they share nothing, and to a buyer of membranes they share everything. Counts are weighted by
//! revenue share and saturated as in BM25 (Robertson & Zaragoza 2009, Foundations and Trends in IR 3). What the best
//! companies have in common widens the question (pseudo-relevance feedback, Rocchio 1971), and a company counts for a
//! node the less, the better it fits the nodes beside it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::text::fold;

/// Saturation of repeated grams, and how far long profiles are discounted: BM25's k₁ and b.
const SATURATION: f64 = 2.0;
const LENGTH_DISCOUNT: f64 = 0.75;
/// What a gram of the name counts, of any product, and of a product that makes the whole revenue on top of that.
const NAME_WEIGHT: f64 = 2.0;
const PRODUCT_WEIGHT: f64 = 0.3;
const REVENUE_WEIGHT: f64 = 3.0;
/// A single character against a pair, in a question.
const CHARACTER_WEIGHT: f64 = 0.5;
/// What surrounds a node (the group that it is drawn in, a neighbour) against what it is called.
const CONTEXT_WEIGHT: f64 = 0.2;
/// Companies whose profiles widen the question, grams that they widen it by, and what those count.
pub const FEEDBACK_COMPANIES: usize = 10;
pub const FEEDBACK_GRAMS: usize = 40;
const FEEDBACK_WEIGHT: f64 = 2.0;
/// How sharply nodes compete for a company, and how much that counts.
const CONTRAST_POWER: i32 = 4;
const CONTRAST_WEIGHT: f64 = 0.5;
/// Characters of a text that are read; nobody names a product with more.
const MAX_CHARACTERS: usize = 200;
const BITS: u32 = 32;

/// One character, or two that stand next to each other, of a folded text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gram(u64);

impl Gram {
    fn one(character: char) -> Self {
        Self(u64::from(u32::from(character)))
    }

    fn two(first: char, second: char) -> Self {
        Self(u64::from(u32::from(first)) << BITS | u64::from(u32::from(second)))
    }

    /// Whether it is a pair.
    #[must_use]
    pub const fn is_pair(self) -> bool {
        self.0 >> BITS != 0
    }

    /// Its one or two characters.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        reason = "each half was a character of 32 bits"
    )]
    pub fn text(self) -> String {
        [(self.0 >> BITS) as u32, self.0 as u32]
            .into_iter()
            .filter(|code| *code != 0)
            .filter_map(char::from_u32)
            .collect()
    }
}

/// The grams of a text in simplified characters, each as often as it stands there. What is neither letter nor digit
/// parts runs.
#[must_use]
pub fn grams(text: &str) -> Vec<Gram> {
    let mut found = Vec::new();
    let mut before = None;
    for character in fold(text).chars().take(MAX_CHARACTERS) {
        if !character.is_alphanumeric() {
            before = None;
            continue;
        }
        found.push(Gram::one(character));
        if let Some(before) = before {
            found.push(Gram::two(before, character));
        }
        before = Some(character);
    }
    found
}

/// What a company is known by: grams with their weights, and the sum of these.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    weights: Vec<(Gram, f64)>,
    length: f64,
}

impl Profile {
    /// From a name and products with their shares of revenue (0..=1; more than 1 counts as 1, as sources have it).
    #[must_use]
    pub fn of<'a>(name: &str, products: impl IntoIterator<Item = (&'a str, Option<f64>)>) -> Self {
        let mut weights: BTreeMap<Gram, f64> = BTreeMap::new();
        let mut add = |text: &str, weight: f64| {
            for gram in grams(text) {
                *weights.entry(gram).or_default() += weight;
            }
        };
        add(without_legal_form(name), NAME_WEIGHT);
        for (product, share) in products {
            let share = share.filter(|share| share.is_finite()).unwrap_or_default();
            add(
                product,
                PRODUCT_WEIGHT + REVENUE_WEIGHT * share.clamp(0.0, 1.0),
            );
        }
        let weights: Vec<(Gram, f64)> = weights.into_iter().collect();
        let length = weights.iter().map(|(_, weight)| weight).sum();
        Self { weights, length }
    }

    /// The grams, each once.
    pub fn grams(&self) -> impl Iterator<Item = Gram> {
        self.weights.iter().map(|(gram, _)| *gram)
    }

    /// Σ of the weights: how long the profile is.
    #[must_use]
    pub const fn length(&self) -> f64 {
        self.length
    }
}

/// A name without its legal form: 股份有限公司 and the like say nothing of what a company makes.
#[must_use]
pub fn without_legal_form(name: &str) -> &str {
    let mut rest = name.trim();
    for form in ["股份有限公司", "有限责任公司", "有限公司", "集团", "控股"] {
        rest = rest.strip_suffix(form).unwrap_or(rest);
    }
    rest
}

/// What the directory as a whole looks like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Statistics {
    /// Companies in the directory.
    pub documents: u64,
    /// Mean length of their profiles.
    pub mean_length: f64,
    /// Companies that have the gram; a gram that is not in it is taken to be in one.
    pub frequency: HashMap<Gram, u64>,
}

impl Statistics {
    /// Counted over all profiles: for a small directory, and for tests.
    #[must_use]
    pub fn of<'a>(profiles: impl IntoIterator<Item = &'a Profile>) -> Self {
        let mut statistics = Self::default();
        let mut length = 0.0;
        for profile in profiles {
            statistics.documents += 1;
            length += profile.length;
            for gram in profile.grams() {
                *statistics.frequency.entry(gram).or_default() += 1;
            }
        }
        statistics.mean_length = length / real(statistics.documents.max(1));
        statistics
    }

    /// ln(1 + (N − n + ½)/(n + ½)): BM25's weight of a rare gram.
    #[must_use]
    pub fn rarity(&self, gram: Gram) -> f64 {
        let have = self.frequency.get(&gram).copied().unwrap_or(1);
        let have = real(have.min(self.documents));
        (1.0 + (real(self.documents) - have + 0.5) / (have + 0.5)).ln()
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "companies are counted in millions, not in 2^53"
)]
fn real(count: u64) -> f64 {
    count as f64
}

/// What is asked: grams with their weights.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Question {
    weights: BTreeMap<Gram, f64>,
}

impl Question {
    /// From what a node is called (name, aliases, keywords, each with its weight in 0..=1) and what stands around it,
    /// nearest first; what is farther counts half of what is nearer.
    ///
    /// A name of several parts (鞋帽及其他) asks for each part.
    #[must_use]
    pub fn of<'a>(
        terms: impl IntoIterator<Item = (&'a str, f64)>,
        context: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let mut weights: BTreeMap<Gram, f64> = BTreeMap::new();
        for (term, weight) in terms {
            let weight = if weight.is_finite() {
                weight.clamp(0.0, 1.0)
            } else {
                0.0
            };
            for gram in term_grams(term) {
                let value = weights.entry(gram).or_default();
                *value = value.max(weight * gram_weight(gram));
            }
        }
        let mut weight = CONTEXT_WEIGHT;
        for term in context {
            for gram in term_grams(term) {
                *weights.entry(gram).or_default() += weight * gram_weight(gram);
            }
            weight /= 2.0;
        }
        weights.retain(|_, weight| *weight > 0.0);
        Self { weights }
    }

    /// Whether nothing is asked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.weights.is_empty()
    }

    /// The grams with their weights.
    pub fn grams(&self) -> impl Iterator<Item = (Gram, f64)> {
        self.weights.iter().map(|(gram, weight)| (*gram, *weight))
    }
}

const fn gram_weight(gram: Gram) -> f64 {
    if gram.is_pair() {
        1.0
    } else {
        CHARACTER_WEIGHT
    }
}

/// The grams of a node's name, without the words of a classification that no product has: 其他, roman numerals, what
/// stands in brackets.
fn term_grams(term: &str) -> Vec<Gram> {
    let folded = fold(term);
    let mut text = folded
        .trim_end_matches(['ⅰ', 'ⅱ', 'ⅲ', 'ⅳ', 'Ⅰ', 'Ⅱ', 'Ⅲ', 'Ⅳ'])
        .to_owned();
    for (open, close) in [('（', '）'), ('(', ')')] {
        while let (Some(from), Some(to)) = (text.find(open), text.find(close)) {
            if to < from {
                break;
            }
            text.replace_range(from..to + close.len_utf8(), " ");
        }
    }
    let rest = text.trim();
    let rest = rest.strip_prefix("其他").unwrap_or(rest);
    let rest = rest.strip_suffix("及其他").unwrap_or(rest);
    // A node that is called 其他 and nothing else asks for that.
    let rest = if rest.is_empty() {
        folded.as_str()
    } else {
        rest
    };
    rest.split(['及', '和', '与', '、', '/'])
        .flat_map(grams)
        .collect()
}

/// A company as it is compared: its grams saturated and weighted by rarity.
struct Vector {
    id: i64,
    /// By gram. Sums run in this order, or their last digits would differ from one answer to the next.
    weights: Vec<(Gram, f64)>,
    norm: f64,
}

impl Vector {
    fn of(id: i64, profile: &Profile, statistics: &Statistics) -> Self {
        let relative = profile.length / statistics.mean_length.max(f64::EPSILON);
        let discount = SATURATION * (1.0 - LENGTH_DISCOUNT + LENGTH_DISCOUNT * relative);
        let weights: Vec<(Gram, f64)> = profile
            .weights
            .iter()
            .map(|(gram, count)| {
                let saturated = count * (SATURATION + 1.0) / (count + discount);
                (*gram, saturated * statistics.rarity(*gram))
            })
            .collect();
        let norm = weights
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f64>()
            .sqrt();
        Self { id, weights, norm }
    }

    fn weight(&self, gram: Gram) -> Option<f64> {
        let place = self
            .weights
            .binary_search_by_key(&gram, |(known, _)| *known);
        place
            .ok()
            .and_then(|place| Some(self.weights.get(place)?.1))
    }

    fn product(&self, weights: &BTreeMap<Gram, f64>) -> f64 {
        weights
            .iter()
            .filter_map(|(gram, weight)| Some(weight * self.weight(*gram)?))
            .sum()
    }
}

/// A company with its text fit in 0..=1, 1 for the best of the answer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    pub id: i64,
    pub value: f64,
}

/// Companies against a question, among the questions of the nodes beside it.
pub struct Ranking<'a> {
    question: &'a Question,
    rivals: Vec<(&'a Question, f64)>,
    statistics: &'a Statistics,
    ideal: f64,
    vectors: Vec<Vector>,
    known: HashSet<i64>,
}

impl<'a> Ranking<'a> {
    /// `rivals` are the questions of other nodes, without this one.
    #[must_use]
    pub fn new(
        question: &'a Question,
        rivals: impl IntoIterator<Item = &'a Question>,
        statistics: &'a Statistics,
    ) -> Self {
        let ideal = |question: &Question| {
            question
                .grams()
                .map(|(gram, weight)| weight * statistics.rarity(gram))
                .sum::<f64>()
                * (SATURATION + 1.0)
        };
        Self {
            question,
            rivals: rivals
                .into_iter()
                .map(|rival| (rival, ideal(rival)))
                .filter(|(_, ideal)| *ideal > 0.0)
                .collect(),
            statistics,
            ideal: ideal(question).max(f64::EPSILON),
            vectors: Vec::new(),
            known: HashSet::new(),
        }
    }

    /// Adds companies; one that is there already stays as it is.
    pub fn add(&mut self, companies: impl IntoIterator<Item = (i64, Profile)>) {
        for (id, profile) in companies {
            if self.known.insert(id) {
                self.vectors.push(Vector::of(id, &profile, self.statistics));
            }
        }
    }

    /// Score of each company and, for the contrast, its best achievable share of it in 0..=1.
    fn plain(&self) -> Vec<f64> {
        self.vectors
            .iter()
            .map(|vector| vector.product(&self.question.weights))
            .collect()
    }

    /// Σ over the rivals of their score to [`CONTRAST_POWER`], each relative to the best that it could be.
    fn rivalry(&self) -> Vec<f64> {
        let mut by_gram: HashMap<Gram, Vec<(usize, f64)>> = HashMap::new();
        for (index, (rival, ideal)) in self.rivals.iter().enumerate() {
            for (gram, weight) in rival.grams() {
                by_gram
                    .entry(gram)
                    .or_default()
                    .push((index, weight / ideal));
            }
        }
        self.vectors
            .iter()
            .map(|vector| {
                let mut scores: HashMap<usize, f64> = HashMap::new();
                for (gram, weight) in &vector.weights {
                    for (rival, share) in by_gram.get(gram).into_iter().flatten() {
                        *scores.entry(*rival).or_default() += weight * share;
                    }
                }
                // In one order, or the sum's last digit differs from run to run.
                let mut scores: Vec<f64> = scores.into_values().collect();
                scores.sort_by(f64::total_cmp);
                scores
                    .into_iter()
                    .map(|score| score.powi(CONTRAST_POWER))
                    .sum()
            })
            .collect()
    }

    /// Fit of all companies after `scores` met the rivals, best first; equal ones by id.
    fn contrasted(&self, scores: &[f64], best: f64) -> Vec<Fit> {
        let most = scores.iter().copied().fold(0.0, f64::max);
        if most <= 0.0 {
            return Vec::new();
        }
        let mut fits: Vec<Fit> = self
            .vectors
            .iter()
            .zip(scores)
            .zip(self.rivalry())
            .filter(|((_, score), _)| **score > 0.0)
            .map(|((vector, score), rivals)| {
                let relative = score / most;
                let own = (relative * best).powi(CONTRAST_POWER);
                let share = own / (own + rivals).max(f64::MIN_POSITIVE);
                Fit {
                    id: vector.id,
                    value: relative * share.powf(CONTRAST_WEIGHT),
                }
            })
            .collect();
        let most = fits.iter().map(|fit| fit.value).fold(0.0, f64::max);
        for fit in &mut fits {
            fit.value /= most.max(f64::MIN_POSITIVE);
        }
        fits.sort_by(|one, two| two.value.total_cmp(&one.value).then(one.id.cmp(&two.id)));
        fits
    }

    /// The best score relative to the best that could be.
    fn best(&self, plain: &[f64]) -> f64 {
        plain.iter().copied().fold(0.0, f64::max) / self.ideal
    }

    /// What the best companies have in common: up to [`FEEDBACK_GRAMS`] grams, the weightiest first, as a unit vector.
    /// Empty when nothing fits.
    #[must_use]
    pub fn feedback(&self) -> Vec<(Gram, f64)> {
        let plain = self.plain();
        let head: Vec<Fit> = self
            .contrasted(&plain, self.best(&plain))
            .into_iter()
            .take(FEEDBACK_COMPANIES)
            .collect();
        let by_id: HashMap<i64, &Vector> = self
            .vectors
            .iter()
            .map(|vector| (vector.id, vector))
            .collect();
        let mut common: HashMap<Gram, f64> = HashMap::new();
        for fit in &head {
            let Some(vector) = by_id.get(&fit.id) else {
                continue;
            };
            for (gram, weight) in &vector.weights {
                *common.entry(*gram).or_default() +=
                    fit.value * weight / vector.norm.max(f64::MIN_POSITIVE);
            }
        }
        let mut common: Vec<(Gram, f64)> = common.into_iter().collect();
        common.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        common.truncate(FEEDBACK_GRAMS);
        let norm = common
            .iter()
            .map(|(_, weight)| weight * weight)
            .sum::<f64>()
            .sqrt();
        for (_, weight) in &mut common {
            *weight /= norm.max(f64::MIN_POSITIVE);
        }
        common
    }

    /// The companies best first, with the question widened by `feedback`.
    #[must_use]
    pub fn rank(&self, feedback: &[(Gram, f64)]) -> Vec<Fit> {
        let plain = self.plain();
        let most = plain.iter().copied().fold(0.0, f64::max);
        let wider: BTreeMap<Gram, f64> = feedback.iter().copied().collect();
        let wide: Vec<f64> = self
            .vectors
            .iter()
            .map(|vector| vector.product(&wider) / vector.norm.max(f64::MIN_POSITIVE))
            .collect();
        let widest = wide.iter().copied().fold(0.0, f64::max);
        let scores: Vec<f64> = plain
            .iter()
            .zip(&wide)
            .map(|(plain, wide)| {
                let first = if most > 0.0 { plain / most } else { 0.0 };
                let second = if widest > 0.0 { wide / widest } else { 0.0 };
                first + FEEDBACK_WEIGHT * second
            })
            .collect();
        self.contrasted(&scores, self.best(&plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts(grams: &[Gram]) -> Vec<String> {
        grams.iter().map(|gram| gram.text()).collect()
    }

    #[test]
    fn grams_are_characters_and_pairs_within_runs() {
        assert_eq!(texts(&grams("膜Ａ、铜")), ["膜", "a", "膜a", "铜"]);
        assert!(grams("膜材").iter().any(|gram| gram.is_pair()));
        assert_eq!(grams("、。 "), []);
    }

    #[test]
    fn what_a_classification_adds_to_a_name_is_not_asked_for() {
        let asked = |name: &str| {
            Question::of([(name, 1.0)], [])
                .grams()
                .map(|(gram, _)| gram.text())
                .collect::<std::collections::BTreeSet<_>>()
        };
        let set = |grams: &[&str]| grams.iter().map(|gram| (*gram).to_owned()).collect();
        assert_eq!(asked("水泥Ⅲ"), set(&["水", "泥", "水泥"]));
        assert_eq!(asked("其他水泥"), set(&["水", "泥", "水泥"]));
        assert_eq!(asked("鞋帽及其他"), set(&["鞋", "帽", "鞋帽"]));
        assert_eq!(asked("鞋及帽"), set(&["鞋", "帽"]));
        assert_eq!(asked("泵（含阀）"), set(&["泵"]));
        assert_eq!(asked("其他"), set(&["其", "他", "其他"]));
    }

    #[test]
    fn rarity_is_that_of_bm25() {
        // N = 3, n = 2: ln(1 + 1.5/2.5) = 0.470004.
        let profiles = [
            Profile::of("", [("水泥", None)]),
            Profile::of("", [("水杯", None)]),
            Profile::of("", [("钢", None)]),
        ];
        let statistics = Statistics::of(&profiles);
        assert!((statistics.rarity(Gram::one('水')) - 0.470_004).abs() < 1e-6);
        // Lengths: 0.3 for each of 3, 3 and 1 grams; the mean is 0.7.
        assert!((statistics.mean_length - 0.7).abs() < 1e-12);
    }

    #[test]
    fn a_company_that_lives_on_a_product_comes_before_one_that_also_sells_it() {
        let companies = [
            (
                1,
                Profile::of("甲", [("水泥", Some(0.05)), ("百货", Some(0.95))]),
            ),
            (
                2,
                Profile::of("乙", [("水泥", Some(0.95)), ("百货", Some(0.05))]),
            ),
            (3, Profile::of("丙", [("电视", Some(1.0))])),
        ];
        let statistics = Statistics::of(companies.iter().map(|(_, profile)| profile));
        let question = Question::of([("水泥", 1.0)], []);
        let mut ranking = Ranking::new(&question, [], &statistics);
        ranking.add(companies);
        let order: Vec<i64> = ranking.rank(&[]).iter().map(|fit| fit.id).collect();
        assert_eq!(order, [2, 1]);
    }

    #[test]
    fn what_the_best_have_in_common_finds_who_does_not_say_the_word() {
        // 4 says nothing of 白酒, but 浓香 as those do who say it.
        let companies = [
            (1, Profile::of("甲", [("浓香白酒", Some(1.0))])),
            (2, Profile::of("乙", [("浓香白酒", Some(0.9))])),
            (3, Profile::of("丙", [("电视", Some(1.0))])),
            (4, Profile::of("丁", [("浓香老窖", Some(1.0))])),
        ];
        let statistics = Statistics::of(companies.iter().map(|(_, profile)| profile));
        let question = Question::of([("白酒", 1.0)], []);
        let mut ranking = Ranking::new(&question, [], &statistics);
        ranking.add(companies);
        assert!(ranking.rank(&[]).iter().all(|fit| fit.id != 4));
        let feedback = ranking.feedback();
        let norm: f64 = feedback.iter().map(|(_, weight)| weight * weight).sum();
        assert!((norm - 1.0).abs() < 1e-9);
        let ranked = ranking.rank(&feedback);
        assert_eq!(
            ranked.iter().map(|fit| fit.id).collect::<Vec<_>>(),
            [1, 2, 4]
        );
        assert!((ranked[0].value - 1.0).abs() < 1e-12);
    }

    #[test]
    fn who_fits_the_next_node_better_falls_behind() {
        let companies = [
            (1, Profile::of("甲", [("电池隔膜", Some(1.0))])),
            (2, Profile::of("乙", [("电池组装", Some(1.0))])),
        ];
        let statistics = Statistics::of(companies.iter().map(|(_, profile)| profile));
        let (battery, membrane) = (
            Question::of([("电池", 1.0)], []),
            Question::of([("隔膜", 1.0)], []),
        );
        let mut alone = Ranking::new(&battery, [], &statistics);
        alone.add(companies.clone());
        let equal = alone.rank(&[]);
        assert!((equal[0].value - equal[1].value).abs() < 1e-12);
        let mut beside = Ranking::new(&battery, [&membrane], &statistics);
        beside.add(companies);
        let ranked = beside.rank(&[]);
        assert_eq!(ranked[0].id, 2);
        assert!(ranked[1].value < 0.9);
    }

    proptest! {
        #[test]
        fn fits_lie_between_0_and_1_and_fall(
            names in prop::collection::vec("[电池膜铜锂泵a1 、]{0,8}", 0..12),
            asked in "[电池膜铜锂泵a1 ]{0,6}",
            rival in "[电池膜铜锂泵]{0,4}",
            share in prop::option::of(-1.0_f64..3.0),
        ) {
            let companies: Vec<(i64, Profile)> = (0_i64..).zip(&names)
                .map(|(id, name)| (id, Profile::of(name, [(name.as_str(), share)]))).collect();
            let statistics = Statistics::of(companies.iter().map(|(_, profile)| profile));
            let (question, rival) = (Question::of([(asked.as_str(), 1.0)], []), Question::of([(rival.as_str(), 1.0)], ["电池"]));
            let mut ranking = Ranking::new(&question, [&rival], &statistics);
            ranking.add(companies.clone());
            ranking.add(companies);
            let feedback = ranking.feedback();
            let ranked = ranking.rank(&feedback);
            prop_assert!(ranked.len() <= names.len());
            prop_assert!(ranked.iter().all(|fit| fit.value > 0.0 && fit.value <= 1.0));
            prop_assert!(ranked.is_sorted_by(|one, two| one.value > two.value || (one.value == two.value && one.id < two.id)));
            if let Some(first) = ranked.first() {
                prop_assert!((first.value - 1.0).abs() < 1e-12);
            }
        }
    }
}
