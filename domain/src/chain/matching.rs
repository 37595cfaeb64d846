//! From a company's products to the nodes of a chain.
//!
//! Names and aliases say what a node is, keywords only hint at it. Every match keeps the product,
//! the term and its confidence, so that a person can see why a company stands in a node.

use crate::text::fold;
use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// Characters a folded term needs to be looked for: one alone stands in too many words.
pub const MIN_TERM_CHARACTERS: usize = 2;

/// What a [`Matcher`] knows of one node: its id, name, aliases and keywords.
pub type NodeTerms<'a> = (i64, &'a str, &'a [String], &'a [String]);

/// How a product met a term, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// The product is the node's name. Confidence 1.
    NameExact,
    /// The product is one of the node's aliases. Confidence 0.97.
    AliasExact,
    /// The name stands within the product. Confidence 0.85 × coverage, at least 0.6.
    NameContained,
    /// An alias stands within the product. Confidence as for [`MatchKind::NameContained`].
    AliasContained,
    /// A keyword stands within the product. Confidence 0.55 + 0.20 × coverage.
    Keyword,
}

/// How sure a match must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MatchSettings {
    /// Confidence from which a match counts, 0 to 1; a match below it is for people to review.
    pub threshold: f64,
}

impl Default for MatchSettings {
    fn default() -> Self {
        Self { threshold: 0.6 }
    }
}

/// One product of a company in one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeMatch {
    /// The node.
    pub node_id: i64,
    /// This product's part of w_fi: the share of the company's business, 0 to 1. Zero when not counted.
    pub share: f64,
    /// How sure the match is, 0 to 1.
    pub confidence: f64,
    /// The product as the company names it.
    pub product: String,
    /// The node's term as the chain file has it.
    pub term: String,
    /// How they met.
    pub kind: MatchKind,
    /// False when the confidence is below the threshold: shown for review, without a share.
    pub counted: bool,
}

/// Why a matcher could not be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum MatcherError {
    /// The terms are too many or too long for one automaton.
    #[error("the terms do not fit into one automaton: {detail}")]
    TooManyTerms {
        /// The library's words.
        detail: String,
    },
}

/// All terms of some nodes in one automaton: a product is read once, however many nodes there are.
#[derive(Clone, Debug)]
pub struct Matcher {
    automaton: AhoCorasick,
    terms: Vec<Term>,
    settings: MatchSettings,
}

/// One folded term and the nodes it belongs to.
#[derive(Clone, Debug)]
struct Term {
    folded: String,
    characters: usize,
    owners: Vec<Owner>,
}

#[derive(Clone, Debug)]
struct Owner {
    node_id: i64,
    role: Role,
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Name,
    Alias,
    Keyword,
}

/// A term found in a product, in bytes of the folded product.
struct Occurrence {
    term: usize,
    start: usize,
    end: usize,
}

impl Matcher {
    /// A matcher with the default threshold of 0.6. Terms of one character never match and are left out.
    ///
    /// # Errors
    /// [`MatcherError::TooManyTerms`] when the terms do not fit into one automaton.
    pub fn new(nodes: &[NodeTerms<'_>]) -> Result<Self, MatcherError> {
        Self::with_settings(nodes, MatchSettings::default())
    }

    /// A matcher with its own threshold; otherwise as [`Matcher::new`].
    ///
    /// # Errors
    /// [`MatcherError::TooManyTerms`] when the terms do not fit into one automaton.
    pub fn with_settings(
        nodes: &[NodeTerms<'_>],
        settings: MatchSettings,
    ) -> Result<Self, MatcherError> {
        let mut terms: Vec<Term> = Vec::new();
        let mut known: HashMap<String, usize> = HashMap::new();
        for (node_id, name, aliases, keywords) in nodes {
            let all = std::iter::once((Role::Name, *name))
                .chain(aliases.iter().map(|text| (Role::Alias, text.as_str())))
                .chain(keywords.iter().map(|text| (Role::Keyword, text.as_str())));
            for (role, written) in all {
                let folded = fold(written);
                let characters = folded.chars().count();
                if characters < MIN_TERM_CHARACTERS {
                    continue;
                }
                let index = *known.entry(folded.clone()).or_insert_with(|| {
                    terms.push(Term {
                        folded,
                        characters,
                        owners: Vec::new(),
                    });
                    terms.len() - 1
                });
                let owners = &mut terms[index].owners;
                // Roles come in falling order of worth, so the first of a node is its best.
                if owners.iter().all(|owner| owner.node_id != *node_id) {
                    owners.push(Owner {
                        node_id: *node_id,
                        role,
                        written: written.trim().to_owned(),
                    });
                }
            }
        }
        let automaton =
            AhoCorasick::new(terms.iter().map(|term| &term.folded)).map_err(|error| {
                MatcherError::TooManyTerms {
                    detail: error.to_string(),
                }
            })?;
        Ok(Self {
            automaton,
            terms,
            settings,
        })
    }

    /// Finds the nodes a company is in by its products, given as (name, share of revenue).
    ///
    /// Each (product, node) keeps its best match. Where a longer term of another node covers the
    /// place of a shorter one, only the longer counts (离子交换膜, not 膜). Terms that begin or end
    /// with a Latin letter or a digit match whole words only (LED is not in OLED).
    ///
    /// Shares: what the products give, made to sum to 1; products without a share divide equally
    /// what the others leave below 1; with no share at all, all are equal. A product counted in
    /// several nodes gives each an equal part. The order is that of the products, then of falling
    /// confidence, then of node id.
    #[must_use]
    pub fn match_products(&self, products: &[(String, Option<f64>)]) -> Vec<NodeMatch> {
        let shares = product_shares(products);
        let mut matches = Vec::new();
        for ((product, _), share) in products.iter().zip(shares) {
            let mut found = self.match_product(product);
            let counted = found.iter().filter(|found| found.counted).count();
            for one in &mut found {
                if one.counted {
                    one.share = share / counted as f64;
                }
            }
            matches.append(&mut found);
        }
        matches
    }

    /// The best match of one product with each node, shares still zero.
    fn match_product(&self, product: &str) -> Vec<NodeMatch> {
        let folded = fold(product);
        let length = folded.chars().count();
        let occurrences: Vec<Occurrence> = self
            .automaton
            .find_overlapping_iter(&folded)
            .map(|found| Occurrence {
                term: found.pattern().as_usize(),
                start: found.start(),
                end: found.end(),
            })
            .filter(|found| stands_alone(&folded, found.start, found.end))
            .collect();
        let mut best: BTreeMap<i64, (Role, f64, usize, NodeMatch)> = BTreeMap::new();
        for occurrence in &occurrences {
            let Some(term) = self.terms.get(occurrence.term) else {
                continue;
            };
            for owner in &term.owners {
                if self.is_covered(occurrence, owner.node_id, &occurrences) {
                    continue;
                }
                let exact = occurrence.start == 0 && occurrence.end == folded.len();
                let coverage = term.characters as f64 / length as f64;
                let (kind, confidence) = grade(owner.role, exact, coverage);
                let better = best.get(&owner.node_id).is_none_or(|held| {
                    (confidence, term.characters) > (held.1, held.2)
                        || ((confidence, term.characters) == (held.1, held.2)
                            && owner.role < held.0)
                });
                if better {
                    let one = NodeMatch {
                        node_id: owner.node_id,
                        share: 0.0,
                        confidence,
                        product: product.to_owned(),
                        term: owner.written.clone(),
                        kind,
                        counted: confidence >= self.settings.threshold,
                    };
                    best.insert(
                        owner.node_id,
                        (owner.role, confidence, term.characters, one),
                    );
                }
            }
        }
        let mut found: Vec<NodeMatch> = best.into_values().map(|held| held.3).collect();
        found.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
        found
    }

    /// Whether a longer term of a node other than `node_id` covers the occurrence.
    fn is_covered(&self, occurrence: &Occurrence, node_id: i64, all: &[Occurrence]) -> bool {
        all.iter().any(|other| {
            other.start <= occurrence.start
                && other.end >= occurrence.end
                && other.end - other.start > occurrence.end - occurrence.start
                && self
                    .terms
                    .get(other.term)
                    .is_some_and(|term| term.owners.iter().any(|owner| owner.node_id != node_id))
        })
    }
}

/// The parts w_fi of a company's business in each node: counted shares summed by node, in order of
/// node id. The sum is at most 1.
#[must_use]
pub fn node_shares(matches: &[NodeMatch]) -> Vec<(i64, f64)> {
    let mut sums: BTreeMap<i64, f64> = BTreeMap::new();
    for one in matches.iter().filter(|one| one.counted) {
        *sums.entry(one.node_id).or_default() += one.share;
    }
    sums.into_iter()
        .map(|(node, share)| (node, share.min(1.0)))
        .collect()
}

/// Kind and confidence of one meeting. A keyword is never more than a hint, so even one that is
/// the whole product stays below a contained name of full coverage.
fn grade(role: Role, exact: bool, coverage: f64) -> (MatchKind, f64) {
    let contained = (0.85 * coverage).max(0.6);
    match (role, exact) {
        (Role::Name, true) => (MatchKind::NameExact, 1.0),
        (Role::Alias, true) => (MatchKind::AliasExact, 0.97),
        (Role::Name, false) => (MatchKind::NameContained, contained),
        (Role::Alias, false) => (MatchKind::AliasContained, contained),
        (Role::Keyword, _) => (MatchKind::Keyword, 0.55 + 0.20 * coverage),
    }
}

/// Whether the span does not cut a Latin word or a number in two. Chinese has no spaces between
/// words, so only ASCII letters and digits are looked at.
fn stands_alone(text: &str, start: usize, end: usize) -> bool {
    let bytes = text.as_bytes();
    let cut = |left: Option<&u8>, right: Option<&u8>| {
        left.is_some_and(u8::is_ascii_alphanumeric) && right.is_some_and(u8::is_ascii_alphanumeric)
    };
    let before = start.checked_sub(1).and_then(|index| bytes.get(index));
    let last = end.checked_sub(1).and_then(|index| bytes.get(index));
    !cut(before, bytes.get(start)) && !cut(last, bytes.get(end))
}

/// Each product's share of the company, summing to 1. A share that is no number or below zero
/// counts as missing.
fn product_shares(products: &[(String, Option<f64>)]) -> Vec<f64> {
    let given: Vec<Option<f64>> = products
        .iter()
        .map(|(_, share)| share.filter(|share| share.is_finite() && *share >= 0.0))
        .collect();
    // Dividing by the largest first keeps the sum finite whatever the unit.
    let largest = given.iter().flatten().copied().fold(0.0, f64::max);
    let unknown = given.iter().filter(|share| share.is_none()).count();
    if largest == 0.0 && unknown == 0 {
        return vec![1.0 / products.len().max(1) as f64; products.len()];
    }
    let relative: f64 = given
        .iter()
        .flatten()
        .map(|share| if largest > 0.0 { share / largest } else { 0.0 })
        .sum();
    let sum = relative * largest;
    let rest = if unknown > 0 {
        (1.0 - sum).max(0.0)
    } else {
        0.0
    };
    given
        .into_iter()
        .map(|share| match share {
            None => rest / unknown as f64,
            Some(share) if rest > 0.0 => share,
            Some(share) if largest > 0.0 => share / largest / relative,
            Some(_) => 0.0,
        })
        .collect()
}
