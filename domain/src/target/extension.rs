//! Link extension: what a product probably needs that the reference graph does not say yet.
//!
//! Collected graphs are thin: most products have one or two inputs on record, and of what companies make, most have
//! none. Three shares are estimated, each of which can be said in a sentence, and joined as independent causes are
//! (noisy-or, Pearl 1988, Probabilistic Reasoning in Intelligent Systems): 1 − Π (1 − share).
//!
//! - Products like it need it: a vote of the nearest names (nearest neighbours by cosine, as in item-based
//!   recommendation), in which what the `subclass` relation puts beside the product counts more; siblings the less, the
//!   more there are (Adamic & Adar 2003, Social Networks 25).
//! - The input stands within the name: 番茄汤 is called after 番茄, and so many of what is called after 番茄 need it.
//! - It goes together with an input on record: so many of what needs 面粉 need 鸡蛋, too.
//!
//! Each share is drawn towards what is usual by a few imagined cases, or one lucky case would be certainty.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::relevance::{Gram, grams};
use crate::{
    chain::{ReferenceGraph, reference::MAX_NAME},
    text::fold,
};

/// A single character against a pair, in a name.
const CHARACTER_WEIGHT: f64 = 0.5;
/// Products that vote, the nearest ones.
const VOTERS: usize = 200;
/// What a kind of the product or what it is a kind of weighs besides its name; a name that is the same weighs 1.
const KINSHIP_WEIGHT: f64 = 0.1;
/// The weight of imagined voters that need nothing.
const ABSTENTIONS: f64 = 1.0;
/// Imagined products called after an input, which need it as often as is usual.
const IMAGINED_NAMES: f64 = 2.0;
/// Imagined products that need an input on record and nothing else.
const IMAGINED_USERS: f64 = 2.0;
/// Like products, and inputs on record, that are named for one answer.
pub const REASONS_SHOWN: usize = 3;

/// A product that another one probably needs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MissingInput {
    /// Its number in the graph.
    pub product: u32,
    /// Its name.
    pub name: String,
    /// 1 − Π (1 − share) over the reasons, in 0..=1. Relations that nobody wrote down count as absent where the shares
    /// are estimated, so it is rather too low than too high.
    pub score: f64,
    /// Why, at least one, the kinds in the order of [`InputReason`].
    pub reasons: Vec<InputReason>,
}

/// Why a product probably needs another one. Each `share` lies in 0..=1.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum InputReason {
    /// Products like it need it.
    Alike {
        /// Σ of the weights of those that need it / (1 + Σ of the weights of all that vote).
        share: f64,
        /// How many of those that vote need it.
        products: u32,
        /// The nearest of them, at most [`REASONS_SHOWN`].
        examples: Vec<AlikeProduct>,
    },
    /// The product is called after it.
    Named {
        /// (need + 2·usual) / (called + 2), where `usual` is the same share over all inputs.
        share: f64,
        /// Other products with inputs on record within whose names it stands.
        called: u32,
        /// How many of these need it.
        need: u32,
    },
    /// What needs an input on record needs it, too. At most [`REASONS_SHOWN`] of these are told, the strongest first;
    /// all of them count.
    Together {
        /// both / (users + 2).
        share: f64,
        /// The input on record.
        with: String,
        /// Other products that need the input on record.
        users: u32,
        /// How many of these need it as well.
        both: u32,
    },
}

/// A product that is like the one asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlikeProduct {
    pub name: String,
    pub kinship: Kinship,
    /// The longest run of characters that both names have, folded; may be empty.
    pub shared: String,
}

/// How a product stands to the one asked for, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kinship {
    /// 子类: a kind of it.
    Special,
    /// 上位: what it is a kind of.
    General,
    /// 兄弟: a kind of what it is a kind of.
    Sibling,
    /// 名称相近: by the name alone.
    Name,
}

/// What is counted once over a reference graph. It must be asked with the graph that it was made of; with another one
/// its answers mean nothing.
#[derive(Clone, Debug, Default)]
pub struct LinkExtension {
    /// Products with an input on record, by rising number.
    consumers: Vec<u32>,
    /// The places in `consumers` where a gram occurs, with its part of the name as a unit vector.
    postings: HashMap<Gram, Vec<(u32, f64)>>,
    /// Products that another one needs, by folded name.
    inputs: HashMap<String, u32>,
    /// By input: products of `consumers` called after it, and those of them that need it.
    named: HashMap<u32, (u32, u32)>,
    /// The part of all pairs of `named` that need.
    usual: f64,
}

/// A product that votes.
struct Voter {
    product: u32,
    weight: f64,
    kinship: Kinship,
}

impl LinkExtension {
    /// Counts names and needs: O(names), about a tenth of a second for sixty thousand products.
    #[must_use]
    pub fn new(graph: &ReferenceGraph) -> Self {
        let products = 0..graph.product_count();
        let consumers: Vec<u32> = products
            .clone()
            .filter(|product| !graph.inputs(*product).is_empty())
            .collect();
        let inputs = products
            .filter(|product| !graph.users(*product).is_empty())
            .map(|product| (fold(graph.name(product).unwrap_or_default()), product))
            .collect();
        let mut extension = Self {
            consumers,
            inputs,
            ..Self::default()
        };
        extension.count_names(graph);
        extension.count_grams(graph);
        extension
    }

    fn count_names(&mut self, graph: &ReferenceGraph) {
        let (mut all, mut needed) = (0, 0);
        for consumer in &self.consumers {
            let name = fold(graph.name(*consumer).unwrap_or_default());
            for input in self.within(&name) {
                let needs = u32::from(graph.evidence(input, *consumer) > 0);
                let counts = self.named.entry(input).or_default();
                *counts = (counts.0 + 1, counts.1 + needs);
                (all, needed) = (all + 1, needed + needs);
            }
        }
        self.usual = f64::from(needed) / f64::from(all.max(1));
    }

    fn count_grams(&mut self, graph: &ReferenceGraph) {
        let mut bags = Vec::with_capacity(self.consumers.len());
        for (place, consumer) in (0_u32..).zip(&self.consumers) {
            let bag = bag(graph.name(*consumer).unwrap_or_default());
            for (gram, weight) in &bag {
                self.postings
                    .entry(*gram)
                    .or_default()
                    .push((place, *weight));
            }
            bags.push(bag);
        }
        let norms: Vec<f64> = bags.iter().map(|bag| self.norm(bag)).collect();
        let count = self.consumers.len();
        for postings in self.postings.values_mut() {
            let rarity = rarity(count, postings.len());
            for (place, weight) in postings {
                let norm = norms.get(*place as usize).copied().unwrap_or(1.0);
                *weight *= rarity / norm.max(f64::MIN_POSITIVE);
            }
        }
    }

    /// ln(1 + (N − n + ½)/(n + ½)) over the names of `consumers`: BM25's weight of a rare gram.
    fn rarity(&self, gram: Gram) -> f64 {
        rarity(
            self.consumers.len(),
            self.postings.get(&gram).map_or(0, Vec::len),
        )
    }

    fn norm(&self, bag: &BTreeMap<Gram, f64>) -> f64 {
        let square = |(gram, weight): (&Gram, &f64)| (weight * self.rarity(*gram)).powi(2);
        bag.iter().map(square).sum::<f64>().sqrt()
    }

    /// The inputs whose names stand within a folded name and are shorter than it, each once. Names longer than those of
    /// products are read as far as those go.
    fn within(&self, name: &str) -> BTreeSet<u32> {
        let starts: Vec<usize> = name
            .char_indices()
            .map(|(start, _)| start)
            .chain([name.len()])
            .take(MAX_NAME + 1)
            .collect();
        let mut found = BTreeSet::new();
        for (place, from) in starts.iter().enumerate() {
            for to in starts.iter().skip(place + 1) {
                let part = name.get(*from..*to).unwrap_or_default();
                if part.len() < name.len()
                    && let Some(input) = self.inputs.get(part)
                {
                    found.insert(*input);
                }
            }
        }
        found
    }

    /// The products that one of this name probably needs and that the graph does not know it to need, the most probable
    /// first, then those that more products need, then by name; at most `limit`. The graph need not know the name.
    #[must_use]
    pub fn missing_inputs(
        &self,
        graph: &ReferenceGraph,
        name: &str,
        limit: usize,
    ) -> Vec<MissingInput> {
        let own = graph.product(name);
        let known = own.map_or(&[][..], |own| graph.inputs(own));
        let folded = fold(name);
        let voters = self.voters(graph, own, name);
        let alike = votes(graph, &voters);
        let named: BTreeMap<u32, Named> = self
            .within(&folded)
            .into_iter()
            .map(|input| (input, self.named(graph, own, input)))
            .collect();
        let together: BTreeMap<u32, BTreeMap<u32, Together>> = known
            .iter()
            .map(|with| (*with, together(graph, own, *with)))
            .collect();

        let mut doubts: BTreeMap<u32, f64> = BTreeMap::new();
        let shares = alike
            .iter()
            .map(|(input, vote)| (*input, vote.share))
            .chain(named.iter().map(|(input, named)| (*input, named.share)))
            .chain(
                together
                    .values()
                    .flatten()
                    .map(|(input, together)| (*input, together.share)),
            );
        for (input, share) in shares {
            *doubts.entry(input).or_insert(1.0) *= 1.0 - share;
        }
        let mut ranked: Vec<(u32, f64)> = doubts
            .into_iter()
            .filter(|(input, _)| Some(*input) != own && !known.contains(input))
            .map(|(input, doubt)| (input, (1.0 - doubt).clamp(0.0, 1.0)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        let users = |input: u32| graph.users(input).len();
        // Numbers follow names.
        ranked.sort_by(|one, two| {
            two.1
                .total_cmp(&one.1)
                .then(users(two.0).cmp(&users(one.0)))
                .then(one.0.cmp(&two.0))
        });
        ranked.truncate(limit);
        ranked
            .into_iter()
            .map(|(input, score)| {
                let mut reasons = Vec::new();
                if let Some(vote) = alike.get(&input) {
                    reasons.push(vote.reason(graph, &folded));
                }
                if let Some(named) = named.get(&input) {
                    reasons.push(named.reason());
                }
                let mut others: Vec<(u32, Together)> = together
                    .iter()
                    .filter_map(|(with, found)| Some((*with, *found.get(&input)?)))
                    .collect();
                others.sort_by(|one, two| two.1.share.total_cmp(&one.1.share));
                let others = others.into_iter().take(REASONS_SHOWN);
                reasons.extend(others.map(|(with, found)| found.reason(graph, with)));
                MissingInput {
                    product: input,
                    name: graph.name(input).unwrap_or_default().to_owned(),
                    score,
                    reasons,
                }
            })
            .collect()
    }

    /// The products like one, nearest first. The weight is the squared cosine of the names' grams, each weighted by
    /// rarity, and what kinship adds.
    fn voters(&self, graph: &ReferenceGraph, own: Option<u32>, name: &str) -> Vec<Voter> {
        let bag = bag(name);
        let norm = self.norm(&bag).max(f64::MIN_POSITIVE);
        let mut likeness = vec![0.0; self.consumers.len()];
        for (gram, weight) in &bag {
            let Some(postings) = self.postings.get(gram) else {
                continue;
            };
            let weight = weight * self.rarity(*gram) / norm;
            for (place, part) in postings {
                if let Some(sum) = likeness.get_mut(*place as usize) {
                    *sum += weight * part;
                }
            }
        }
        let mut kin = own.map(|own| kin(graph, own)).unwrap_or_default();
        let mut voters: Vec<Voter> = self
            .consumers
            .iter()
            .zip(likeness)
            .filter(|(product, _)| Some(**product) != own)
            .map(|(product, likeness)| {
                let (added, kinship) = kin.remove(product).unwrap_or((0.0, Kinship::Name));
                Voter {
                    product: *product,
                    weight: likeness * likeness + added,
                    kinship,
                }
            })
            .filter(|voter| voter.weight > 0.0)
            .collect();
        voters.sort_by(|one, two| {
            two.weight
                .total_cmp(&one.weight)
                .then(one.product.cmp(&two.product))
        });
        voters.truncate(VOTERS);
        voters
    }

    /// How often what is called after an input needs it, the product asked for left out: whether that does is the
    /// question.
    fn named(&self, graph: &ReferenceGraph, own: Option<u32>, input: u32) -> Named {
        let (mut called, mut need) = self.named.get(&input).copied().unwrap_or_default();
        if let Some(own) = own.filter(|own| !graph.inputs(*own).is_empty()) {
            called = called.saturating_sub(1);
            need = need.saturating_sub(u32::from(graph.evidence(input, own) > 0));
        }
        Named {
            share: (f64::from(need) + IMAGINED_NAMES * self.usual)
                / (f64::from(called) + IMAGINED_NAMES),
            called,
            need,
        }
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "products are counted in 32 bits"
)]
fn rarity(count: usize, have: usize) -> f64 {
    let (count, have) = (count as f64, have as f64);
    (1.0 + (count - have + 0.5) / (have + 0.5)).ln()
}

/// The grams of a name with how often they stand there, a single character counting half.
fn bag(name: &str) -> BTreeMap<Gram, f64> {
    let mut bag = BTreeMap::new();
    for gram in grams(name) {
        *bag.entry(gram).or_default() += if gram.is_pair() {
            1.0
        } else {
            CHARACTER_WEIGHT
        };
    }
    bag
}

/// What the `subclass` relation puts beside a product: what it adds to the weight, and how the two are related.
/// Siblings add w/ln(1 + n) for each general product of theirs that has n kinds.
fn kin(graph: &ReferenceGraph, own: u32) -> BTreeMap<u32, (f64, Kinship)> {
    let mut kin: BTreeMap<u32, (f64, Kinship)> = BTreeMap::new();
    let mut add = |product: u32, weight: f64, kinship: Kinship| {
        let held = kin.entry(product).or_insert((0.0, kinship));
        *held = (held.0 + KINSHIP_WEIGHT * weight, held.1.min(kinship));
    };
    for special in graph.specials(own) {
        add(*special, 1.0, Kinship::Special);
    }
    for general in graph.generals(own) {
        add(*general, 1.0, Kinship::General);
        let siblings = graph.specials(*general);
        let count = u32::try_from(siblings.len()).unwrap_or(u32::MAX);
        for sibling in siblings.iter().filter(|sibling| **sibling != own) {
            add(
                *sibling,
                1.0 / (1.0 + f64::from(count)).ln(),
                Kinship::Sibling,
            );
        }
    }
    kin
}

/// The voters for one input, nearest first.
struct Vote<'a> {
    share: f64,
    voters: Vec<&'a Voter>,
}

fn votes<'a>(graph: &ReferenceGraph, voters: &'a [Voter]) -> BTreeMap<u32, Vote<'a>> {
    let all: f64 = voters.iter().map(|voter| voter.weight).sum();
    let mut votes: BTreeMap<u32, Vote<'a>> = BTreeMap::new();
    for voter in voters {
        for input in graph.inputs(voter.product) {
            let vote = votes.entry(*input).or_insert_with(|| Vote {
                share: 0.0,
                voters: Vec::new(),
            });
            vote.share += voter.weight / (all + ABSTENTIONS);
            vote.voters.push(voter);
        }
    }
    votes
}

impl Vote<'_> {
    fn reason(&self, graph: &ReferenceGraph, folded: &str) -> InputReason {
        let examples = self.voters.iter().take(REASONS_SHOWN).map(|voter| {
            let name = graph.name(voter.product).unwrap_or_default();
            AlikeProduct {
                name: name.to_owned(),
                kinship: voter.kinship,
                shared: shared_run(folded, &fold(name)),
            }
        });
        InputReason::Alike {
            share: self.share,
            products: u32::try_from(self.voters.len()).unwrap_or(u32::MAX),
            examples: examples.collect(),
        }
    }
}

/// The longest run of characters that two texts have in common, the first of equally long ones.
fn shared_run(one: &str, two: &str) -> String {
    let starts: Vec<usize> = one
        .char_indices()
        .map(|(start, _)| start)
        .chain([one.len()])
        .take(MAX_NAME + 1)
        .collect();
    let mut longest = "";
    for (place, from) in starts.iter().enumerate() {
        for to in starts.iter().skip(place + 1) {
            let part = one.get(*from..*to).unwrap_or_default();
            if part.len() > longest.len() && two.contains(part) {
                longest = part;
            }
        }
    }
    longest.trim().to_owned()
}

struct Named {
    share: f64,
    called: u32,
    need: u32,
}

impl Named {
    fn reason(&self) -> InputReason {
        InputReason::Named {
            share: self.share,
            called: self.called,
            need: self.need,
        }
    }
}

/// How often a product is needed by what needs an input on record.
#[derive(Clone, Copy)]
struct Together {
    share: f64,
    users: u32,
    both: u32,
}

/// What goes together with one input, counted over its users without the product asked for.
fn together(graph: &ReferenceGraph, own: Option<u32>, with: u32) -> BTreeMap<u32, Together> {
    let mut counts: BTreeMap<u32, u32> = BTreeMap::new();
    let mut users = 0;
    for user in graph.users(with).iter().filter(|user| Some(**user) != own) {
        users += 1;
        for input in graph.inputs(*user).iter().filter(|input| **input != with) {
            *counts.entry(*input).or_default() += 1;
        }
    }
    counts
        .into_iter()
        .map(|(input, both)| {
            let share = f64::from(both) / (f64::from(users) + IMAGINED_USERS);
            (input, Together { share, users, both })
        })
        .collect()
}

impl Together {
    fn reason(&self, graph: &ReferenceGraph, with: u32) -> InputReason {
        InputReason::Together {
            share: self.share,
            with: graph.name(with).unwrap_or_default().to_owned(),
            users: self.users,
            both: self.both,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::{ReferenceRelation, RelationKind};
    use proptest::prelude::*;

    fn relation(kind: RelationKind, input: &str, output: &str) -> ReferenceRelation {
        ReferenceRelation {
            kind,
            input: input.into(),
            output: output.into(),
            evidence: 1,
        }
    }

    /// From (output, its input) and (special, general).
    fn graph(needs: &[(&str, &str)], kinds: &[(&str, &str)]) -> ReferenceGraph {
        let needs = needs
            .iter()
            .map(|(output, input)| relation(RelationKind::Flow, input, output));
        let kinds = kinds
            .iter()
            .map(|(special, general)| relation(RelationKind::Subclass, special, general));
        ReferenceGraph::from_relations(&needs.chain(kinds).collect::<Vec<_>>())
    }

    fn missing(graph: &ReferenceGraph, name: &str) -> Vec<MissingInput> {
        LinkExtension::new(graph).missing_inputs(graph, name, 10)
    }

    fn share(reason: &InputReason) -> f64 {
        match reason {
            InputReason::Alike { share, .. }
            | InputReason::Named { share, .. }
            | InputReason::Together { share, .. } => *share,
        }
    }

    fn close(one: f64, two: f64) {
        assert!((one - two).abs() < 1e-6, "{one} is not {two}");
    }

    #[test]
    fn what_goes_together_is_counted_without_the_product_itself() {
        let graph = graph(
            &[
                ("面包", "面粉"),
                ("面包", "鸡蛋"),
                ("蛋糕", "面粉"),
                ("蛋糕", "鸡蛋"),
                ("饼干", "面粉"),
            ],
            &[],
        );
        // No other name has a character of 饼干. Two others need 面粉, and both need 鸡蛋: 2 / (2 + 2).
        let found = missing(&graph, "饼干");
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].name, "鸡蛋");
        close(found[0].score, 0.5);
        assert_eq!(
            found[0].reasons,
            [InputReason::Together {
                share: 0.5,
                with: "面粉".into(),
                users: 2,
                both: 2
            }]
        );
    }

    #[test]
    fn an_input_within_the_name_counts_as_often_as_it_is_needed() {
        let graph = graph(&[("番茄酱", "番茄"), ("番茄盒", "纸")], &[]);
        // 番茄 stands in two names, of which one needs it; the same holds over all inputs: (1 + 2·½) / (2 + 2).
        let found = missing(&graph, "番茄汤");
        assert_eq!(found[0].name, "番茄");
        assert!(found[0].reasons.contains(&InputReason::Named {
            share: 0.5,
            called: 2,
            need: 1
        }));
        // Both voters are equally near, so each input has the same vote.
        let InputReason::Alike {
            share: vote,
            products: 1,
            examples,
        } = &found[0].reasons[0]
        else {
            panic!("{:?}", found[0].reasons);
        };
        assert_eq!(
            examples,
            &[AlikeProduct {
                name: "番茄酱".into(),
                kinship: Kinship::Name,
                shared: "番茄".into()
            }]
        );
        close(found[0].score, 1.0 - 0.5 * (1.0 - vote));
        assert_eq!(found[1].name, "纸");
        close(found[1].score, *vote);
    }

    #[test]
    fn a_like_name_votes_by_its_squared_cosine() {
        let graph = graph(&[("泵", "钢")], &[]);
        // One name with an input: a gram that is in it weighs ln(1 + ½/1½) = ln 4/3, any other ln(1 + 1½/½) = ln 4.
        // 泵阀: ½·0.287682, ½·1.386294 and 1.386294, a length of 1.556585; cosine 0.143841 / 1.556585 = 0.092408.
        // Vote: 0.092408² / (1 + 0.092408²) = 0.008467.
        let found = missing(&graph, "泵阀");
        close(found[0].score, 0.008_467);
    }

    #[test]
    fn kin_votes_without_a_common_character() {
        let graph = graph(
            &[("轿车", "钢"), ("飞机", "铝"), ("载具", "漆")],
            &[("轿车", "载具"), ("飞机", "载具")],
        );
        // 载具 weighs 0.1, its other kind 轿车 0.1 / ln(1 + 2) = 0.091024; all with one abstention 1.191024.
        let found = missing(&graph, "飞机");
        assert_eq!(found.len(), 2);
        close(found[0].score, 0.1 / 1.191_024);
        close(found[1].score, 0.091_024 / 1.191_024);
        let kinship = |found: &MissingInput| match &found.reasons[0] {
            InputReason::Alike { examples, .. } => (found.name.clone(), examples[0].kinship),
            other => panic!("{other:?}"),
        };
        assert_eq!(kinship(&found[0]), ("漆".into(), Kinship::General));
        assert_eq!(kinship(&found[1]), ("钢".into(), Kinship::Sibling));
        assert!(matches!(
            &missing(&graph, "载具")[0].reasons[0],
            InputReason::Alike { examples, .. } if examples[0].kinship == Kinship::Special
        ));
    }

    #[test]
    fn reasons_are_joined_as_independent_causes() {
        let graph = graph(
            &[
                ("面包", "面粉"),
                ("面包", "番茄"),
                ("番茄酱", "番茄"),
                ("番茄盒", "纸"),
                ("番茄饼", "面粉"),
            ],
            &[],
        );
        let found = missing(&graph, "番茄饼");
        let tomato = found.iter().find(|found| found.name == "番茄").unwrap();
        assert_eq!(tomato.reasons.len(), 3);
        // Of the three names with 番茄 one needs it: ⅓ is usual. Without 番茄饼 itself (1 + ⅔) / (2 + 2).
        close(share(&tomato.reasons[1]), 5.0 / 12.0);
        // One other product needs 面粉, and it needs 番茄: 1 / (1 + 2).
        close(share(&tomato.reasons[2]), 1.0 / 3.0);
        let doubt: f64 = tomato.reasons.iter().map(|one| 1.0 - share(one)).product();
        close(tomato.score, 1.0 - doubt);
    }

    #[test]
    fn nothing_known_predicts_nothing() {
        let empty = ReferenceGraph::default();
        assert!(missing(&empty, "泵").is_empty());
        let graph = graph(&[("泵", "钢")], &[]);
        assert!(missing(&graph, "").is_empty());
        assert!(missing(&graph, "……").is_empty());
        assert!(missing(&graph, "书").is_empty());
        // Its only neighbour is itself, and what it needs is on record.
        assert!(missing(&graph, "泵").is_empty());
        assert!(
            LinkExtension::new(&graph)
                .missing_inputs(&graph, "泵阀", 0)
                .is_empty()
        );
    }

    proptest! {
        #[test]
        fn scores_are_shares_and_do_not_depend_on_the_order_of_rows(
            needs in prop::collection::vec(("[番茄面泵 a]{1,4}", "[番茄面泵]{1,3}"), 0..20),
            kinds in prop::collection::vec(("[番茄面泵]{1,3}", "[番茄面泵]{1,2}"), 0..8),
            asked in "[番茄面泵书 ]{0,5}",
        ) {
            let rows = |pairs: &[(String, String)]| -> Vec<(String, String)> {
                pairs.iter().filter(|(one, two)| !one.trim().is_empty() && fold(one) != fold(two)).cloned().collect()
            };
            let (mut needs, kinds) = (rows(&needs), rows(&kinds));
            // Of names that differ in spacing only the first one written is kept, so they are folded beforehand.
            for need in &mut needs {
                need.0 = fold(&need.0);
            }
            let pairs = |rows: &[(String, String)], turned: bool| {
                let mut rows = rows.to_vec();
                if turned {
                    rows.reverse();
                }
                rows
            };
            let build = |turned| {
                let (needs, kinds) = (pairs(&needs, turned), pairs(&kinds, turned));
                let needs: Vec<(&str, &str)> = needs.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
                let kinds: Vec<(&str, &str)> = kinds.iter().map(|(one, two)| (one.as_str(), two.as_str())).collect();
                graph(&needs, &kinds)
            };
            let graph = build(false);
            let extension = LinkExtension::new(&graph);
            let found = extension.missing_inputs(&graph, &asked, usize::MAX);
            prop_assert_eq!(&found, &missing_all(&build(true), &asked));
            prop_assert!(found.is_sorted_by(|one, two| one.score >= two.score));
            let own = graph.product(&asked);
            for one in &found {
                prop_assert!(one.score > 0.0 && one.score <= 1.0);
                prop_assert!(Some(one.product) != own);
                prop_assert!(own.is_none_or(|own| graph.evidence(one.product, own) == 0));
                prop_assert!(!one.reasons.is_empty());
                prop_assert!(one.reasons.iter().all(|reason| (0.0..=one.score + 1e-12).contains(&share(reason))));
            }
            let first = extension.missing_inputs(&graph, &asked, 2);
            prop_assert_eq!(&first[..], &found[..found.len().min(2)]);
        }
    }

    fn missing_all(graph: &ReferenceGraph, name: &str) -> Vec<MissingInput> {
        LinkExtension::new(graph).missing_inputs(graph, name, usize::MAX)
    }
}
