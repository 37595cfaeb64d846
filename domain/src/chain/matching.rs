//! From a company's products to the nodes of a chain.
//!
//! Names and aliases say what a node is, keywords only hint at it. Every match keeps the product,
//! the term and its confidence, so that a person can see why a company stands in a node.

use crate::text::fold;
use aho_corasick::AhoCorasick;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};

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
    /// The product is a kind of something that the node is called. Confidence 0.50.
    Subclass,
    /// The industry label is the node's name or an alias. Confidence 0.50.
    Industry,
    /// Name or alias stand in the business scope. Confidence 0.40: a scope lists what a company may do.
    Scope,
    /// Product and name share most pairs of characters. Confidence 0.20 + 0.35 × Dice (Dice 1945, Ecology 26).
    Similar,
    /// A person said so. Confidence 1.
    Added,
}

impl MatchKind {
    /// The word in the database, files and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::NameExact => "name_exact",
            Self::AliasExact => "alias_exact",
            Self::NameContained => "name_contained",
            Self::AliasContained => "alias_contained",
            Self::Keyword => "keyword",
            Self::Subclass => "subclass",
            Self::Industry => "industry",
            Self::Scope => "scope",
            Self::Similar => "similar",
            Self::Added => "added",
        }
    }

    /// Reads [`MatchKind::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [
            Self::NameExact,
            Self::AliasExact,
            Self::NameContained,
            Self::AliasContained,
            Self::Keyword,
            Self::Subclass,
            Self::Industry,
            Self::Scope,
            Self::Similar,
            Self::Added,
        ]
        .into_iter()
        .find(|kind| kind.key() == key)
    }
}

/// What a person says about a company in a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchVerdict {
    /// It counts, however sure the matcher was.
    Confirmed,
    /// It does not count.
    Rejected,
    /// The matcher did not see it, a person did.
    Added,
    /// The person takes their word back; the matcher decides again.
    Withdrawn,
}

impl MatchVerdict {
    /// The word in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Rejected => "rejected",
            Self::Added => "added",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// Reads [`MatchVerdict::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [
            Self::Confirmed,
            Self::Rejected,
            Self::Added,
            Self::Withdrawn,
        ]
        .into_iter()
        .find(|verdict| verdict.key() == key)
    }
}

/// The last word on one company's product in one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchDecision {
    pub node_id: i64,
    /// The text that was judged: a product, or the words of scope or industry.
    pub product: String,
    pub verdict: MatchVerdict,
}

/// What is known of a company's business.
#[derive(Clone, Copy, Debug, Default)]
pub struct Business<'a> {
    /// Name and share of revenue.
    pub products: &'a [(String, Option<f64>)],
    pub scope: Option<&'a str>,
    pub industry: Option<&'a str>,
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
    /// A person's word on it, which outweighs the threshold.
    pub verdict: Option<MatchVerdict>,
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
    nodes: HashSet<i64>,
    /// Term by its folded text.
    by_text: HashMap<String, usize>,
    /// Names and aliases by the pairs of characters in them.
    by_pair: HashMap<(char, char), Vec<usize>>,
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
        let mut by_pair: HashMap<(char, char), Vec<usize>> = HashMap::new();
        for (index, term) in terms.iter().enumerate() {
            if term.owners.iter().all(|owner| owner.role == Role::Keyword) {
                continue;
            }
            for pair in pairs(&term.folded) {
                by_pair.entry(pair).or_default().push(index);
            }
        }
        Ok(Self {
            automaton,
            terms,
            settings,
            nodes: nodes.iter().map(|(id, ..)| *id).collect(),
            by_text: known,
            by_pair,
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
        let business = Business {
            products,
            ..Business::default()
        };
        self.match_business(&business, &[], &|_| Vec::new())
    }

    /// As [`Matcher::match_products`], from all that is known of the business, with people's decisions applied.
    ///
    /// Scope, industry, subclass and similarity say less than a product, so they only speak where no product met
    /// the node by its terms, and are below the default threshold: they wait for a person. `broader` gives what a
    /// folded product is a kind of. Evidence that is no product and that a person let count weighs like the company's
    /// average product.
    #[must_use]
    pub fn match_business(
        &self,
        business: &Business<'_>,
        decisions: &[MatchDecision],
        broader: &dyn Fn(&str) -> Vec<String>,
    ) -> Vec<NodeMatch> {
        let mut matches: Vec<NodeMatch> = business
            .products
            .iter()
            .flat_map(|(product, _)| self.match_product(product))
            .collect();
        let mut seen: HashSet<i64> = matches.iter().map(|found| found.node_id).collect();
        let mut weaker: Vec<NodeMatch> = Vec::new();
        for (product, _) in business.products {
            weaker.extend(self.hop(product, broader));
        }
        weaker.extend(business.industry.and_then(|industry| self.whole(industry)));
        weaker.extend(
            business
                .scope
                .map_or_else(Vec::new, |scope| self.in_scope(scope)),
        );
        for (product, _) in business.products {
            weaker.extend(self.similar(product));
        }
        // The first that speaks for a node is the best: they come in falling order of worth.
        for found in weaker {
            if seen.insert(found.node_id) {
                matches.push(found);
            }
        }
        self.decide(&mut matches, decisions);
        share_out(&mut matches, business.products);
        matches
    }

    /// Applies people's decisions. What they added is there even if the matcher saw nothing, as long as the node is.
    fn decide(&self, matches: &mut Vec<NodeMatch>, decisions: &[MatchDecision]) {
        for decision in decisions {
            let own = |found: &NodeMatch| {
                found.node_id == decision.node_id && found.product == decision.product
            };
            let counted = match decision.verdict {
                MatchVerdict::Confirmed | MatchVerdict::Added => true,
                MatchVerdict::Rejected => false,
                MatchVerdict::Withdrawn => continue,
            };
            if let Some(found) = matches.iter_mut().find(|found| own(found)) {
                found.counted = counted;
                found.verdict = Some(decision.verdict);
            } else if decision.verdict == MatchVerdict::Added
                && self.nodes.contains(&decision.node_id)
            {
                matches.push(NodeMatch {
                    node_id: decision.node_id,
                    share: 0.0,
                    confidence: 1.0,
                    product: decision.product.clone(),
                    term: String::new(),
                    kind: MatchKind::Added,
                    counted: true,
                    verdict: Some(MatchVerdict::Added),
                });
            }
        }
    }

    fn weak(&self, owner: &Owner, kind: MatchKind, confidence: f64, product: &str) -> NodeMatch {
        NodeMatch {
            node_id: owner.node_id,
            share: 0.0,
            confidence,
            product: product.to_owned(),
            term: owner.written.clone(),
            kind,
            counted: confidence >= self.settings.threshold,
            verdict: None,
        }
    }

    /// Nodes that are called exactly this.
    fn called(&self, text: &str) -> impl Iterator<Item = &Owner> {
        self.by_text
            .get(&fold(text))
            .and_then(|term| self.terms.get(*term))
            .into_iter()
            .flat_map(|term| &term.owners)
            .filter(|owner| owner.role != Role::Keyword)
    }

    fn hop(&self, product: &str, broader: &dyn Fn(&str) -> Vec<String>) -> Vec<NodeMatch> {
        broader(&fold(product))
            .iter()
            .flat_map(|wider| self.called(wider))
            .map(|owner| self.weak(owner, MatchKind::Subclass, 0.5, product))
            .collect()
    }

    fn whole(&self, industry: &str) -> Option<NodeMatch> {
        self.called(industry)
            .next()
            .map(|owner| self.weak(owner, MatchKind::Industry, 0.5, industry))
    }

    fn in_scope(&self, scope: &str) -> Vec<NodeMatch> {
        // One clause is the evidence, not the whole scope, which runs to hundreds of characters.
        scope
            .split(['；', ';', '。', '，', ',', '、'])
            .filter(|clause| !clause.trim().is_empty())
            .flat_map(|clause| self.match_product(clause.trim()))
            .filter(|found| {
                matches!(
                    found.kind,
                    MatchKind::NameExact
                        | MatchKind::AliasExact
                        | MatchKind::NameContained
                        | MatchKind::AliasContained
                )
            })
            .map(|found| NodeMatch {
                kind: MatchKind::Scope,
                confidence: 0.4,
                counted: 0.4 >= self.settings.threshold,
                ..found
            })
            .collect()
    }

    /// The node whose name or alias is most like the product, if it is like it at all.
    fn similar(&self, product: &str) -> Option<NodeMatch> {
        let pairs = pairs(&fold(product));
        let mut common: HashMap<usize, usize> = HashMap::new();
        for pair in &pairs {
            for term in self.by_pair.get(pair).into_iter().flatten() {
                *common.entry(*term).or_default() += 1;
            }
        }
        let (term, dice) = common
            .into_iter()
            .filter_map(|(index, shared)| {
                let term = self.terms.get(index)?;
                let all = pairs.len() + term.characters.saturating_sub(1);
                #[allow(clippy::cast_precision_loss, reason = "a few dozen pairs")]
                let dice = 2.0 * shared as f64 / all as f64;
                (dice >= SIMILAR_FROM).then_some((index, dice))
            })
            .max_by(|one, two| one.1.total_cmp(&two.1).then(two.0.cmp(&one.0)))?;
        let term = self.terms.get(term)?;
        let owner = term
            .owners
            .iter()
            .find(|owner| owner.role != Role::Keyword)?;
        Some(self.weak(
            owner,
            MatchKind::Similar,
            0.20 + 0.35 * dice.min(1.0),
            product,
        ))
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
                        verdict: None,
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

/// Below this part of common pairs two texts are not alike.
const SIMILAR_FROM: f64 = 0.6;

/// Different pairs of neighbouring characters.
fn pairs(text: &str) -> HashSet<(char, char)> {
    text.chars().zip(text.chars().skip(1)).collect()
}

/// Gives each counted match its part of the company: a product's share is divided among the nodes that it counts in.
fn share_out(matches: &mut [NodeMatch], products: &[(String, Option<f64>)]) {
    let mut texts: Vec<(String, Option<f64>)> = products.to_vec();
    let given: Vec<f64> = products
        .iter()
        .filter_map(|(_, share)| share.filter(|share| share.is_finite() && *share > 0.0))
        .collect();
    // It weighs as much as the company's average product: as one of unknown share it would get what the others
    // leave, which is nothing where they add up to one.
    let average = (!given.is_empty()).then(|| given.iter().sum::<f64>() / given.len() as f64);
    for found in matches.iter().filter(|found| found.counted) {
        if !texts.iter().any(|(text, _)| *text == found.product) {
            texts.push((found.product.clone(), average));
        }
    }
    let shares = product_shares(&texts);
    let mut portions: HashMap<&str, f64> = HashMap::new();
    for ((text, _), share) in texts.iter().zip(shares) {
        *portions.entry(text).or_default() += share;
    }
    let mut nodes: HashMap<String, u32> = HashMap::new();
    for found in matches.iter().filter(|found| found.counted) {
        *nodes.entry(found.product.clone()).or_default() += 1;
    }
    for found in matches {
        found.share = match (found.counted, nodes.get(&found.product)) {
            (true, Some(count)) => {
                portions.get(found.product.as_str()).copied().unwrap_or(0.0) / f64::from(*count)
            }
            _ => 0.0,
        };
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
