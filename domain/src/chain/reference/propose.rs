//! What the reference graph knows around a place of a chain and the chain does not have yet.

use super::ReferenceGraph;
use crate::chain::{ChainFile, Stream};
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet};

/// One thing that could be added to a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The product; for an edge the names of both nodes, joined by an arrow.
    pub name: String,
    /// What to add.
    pub kind: ProposalKind,
    /// Companies behind the product; for an edge those behind the node with fewer.
    pub companies: u32,
    /// Relations of the reference graph that speak for it: between the product and the chain's
    /// nodes, or between the two nodes.
    pub evidence: u32,
}

/// What could be added.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalKind {
    /// The product asked for itself, which no node is.
    Itself(NewNode),
    /// A node for what goes into it.
    Input(NewNode),
    /// A node for what is made of it.
    Output(NewNode),
    /// Another name for the node: a kind of it, for its name ends with the node's.
    Alias,
    /// A word that hints at the node: the node's name stands within it, but not at the end.
    Keyword,
    /// An edge between two nodes of the chain.
    Edge {
        /// Code of the input node.
        from: String,
        /// Code of the output node.
        to: String,
    },
}

/// Where a new node would hang. Together with the product asked for, its edges close no cycle.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewNode {
    /// The stage that fits: one before what it goes into or one after what it is made of, as far
    /// as the other nodes it would be joined with allow.
    pub stage: Stream,
    /// Codes of the nodes that would go into it, in the chain's order.
    pub inputs: Vec<String>,
    /// Codes of the nodes it would go into, in the chain's order.
    pub outputs: Vec<String>,
}

/// A chain as the graph sees it; nodes are known by their places.
struct Existing<'a> {
    chain: &'a ChainFile,
    /// Products by node: those of its name and aliases.
    products: Vec<Vec<u32>>,
    node_of: HashMap<u32, usize>,
    /// All names, aliases and keywords, folded.
    terms: HashSet<String>,
    users: Vec<Vec<usize>>,
    inputs: Vec<Vec<usize>>,
}

/// Nodes a product is joined with and the evidence for each.
#[derive(Default)]
struct Joins {
    inputs: BTreeMap<usize, u32>,
    outputs: BTreeMap<usize, u32>,
}

/// On which side of the product asked for a new node hangs.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Hangs {
    Itself,
    Before,
    After,
}

impl ReferenceGraph {
    /// What could be added to a chain around a product: the node whose name, alias or code it is,
    /// else the product of this name in the graph.
    ///
    /// - The product itself, when no node is it.
    /// - Nodes for what goes into it and for what is made of it. A product on both sides, through
    ///   different names of the node, is put on the side with more evidence.
    /// - Aliases and keywords from the names called kinds of it.
    /// - Edges between it and other nodes of the chain, as by [`ReferenceGraph::propose_edges`].
    ///
    /// Names the chain has already, as a name, alias or keyword of any node, are left out. At most
    /// `limit` of each kind; sorted by falling number of companies, then falling evidence, then
    /// name. `companies` gives the number of companies that make a product of this name; it is
    /// asked once for each candidate. Nothing for a product the graph does not know.
    #[must_use]
    pub fn propose(
        &self,
        product: &str,
        existing: &ChainFile,
        companies: &dyn Fn(&str) -> u32,
        limit: usize,
    ) -> Vec<Proposal> {
        let chain = Existing::new(self, existing);
        let node = chain.find(product);
        let products = match node {
            Some(node) => chain.products[node].clone(),
            None => self.product(product).into_iter().collect(),
        };
        let Some(&first) = products.first() else {
            return Vec::new();
        };
        let own = self.joins(&chain, &products);
        let stage = match node.and_then(|node| existing.nodes.get(node)) {
            Some(node) => node.stage,
            None => self.stage_of_itself(&chain, first, &own),
        };

        let (mut before, mut after) = self.around(&chain, &products);
        let both: Vec<u32> = before
            .keys()
            .copied()
            .filter(|candidate| after.contains_key(candidate))
            .collect();
        for candidate in both {
            if after.get(&candidate) > before.get(&candidate) {
                before.remove(&candidate);
            } else {
                after.remove(&candidate);
            }
        }

        let mut proposals = Vec::new();
        if node.is_none() && !chain.has(self.folded_name(first)) {
            let sum = own.inputs.values().sum::<u32>() + own.outputs.values().sum::<u32>();
            let name = self.name(first).unwrap_or_default();
            proposals.push(Proposal {
                name: name.to_owned(),
                companies: companies(name),
                evidence: sum,
                kind: ProposalKind::Itself(chain.new_node(Hangs::Itself, stage, own)),
            });
        }
        for (hangs, candidates) in [(Hangs::Before, &before), (Hangs::After, &after)] {
            let found = candidates
                .iter()
                .map(|(candidate, evidence)| {
                    let joins = self.joins(&chain, &[*candidate]);
                    let mut sum: u32 = joins.inputs.values().chain(joins.outputs.values()).sum();
                    if node.is_none() {
                        sum += evidence;
                    }
                    (self.name(*candidate).unwrap_or_default(), sum, joins)
                })
                .collect();
            for (name, evidence, joins, companies) in best(found, companies, limit) {
                let new = chain.new_node(hangs, stage, joins);
                proposals.push(Proposal {
                    name: name.to_owned(),
                    kind: match hangs {
                        Hangs::After => ProposalKind::Output(new),
                        _ => ProposalKind::Input(new),
                    },
                    companies,
                    evidence,
                });
            }
        }

        let mut terms: [BTreeMap<u32, u32>; 2] = Default::default();
        for &product in &products {
            let general = self.folded_name(product);
            for &special in self.specials(product) {
                let name = self.folded_name(special);
                let known = chain.has(name)
                    || products.contains(&special)
                    || before.contains_key(&special)
                    || after.contains_key(&special);
                if !known && name.contains(general) {
                    let column = usize::from(!name.ends_with(general));
                    *terms[column].entry(special).or_default() += 1;
                }
            }
        }
        let [aliases, mut keywords] = terms;
        keywords.retain(|special, _| !aliases.contains_key(special));
        for (kind, terms) in [
            (ProposalKind::Alias, aliases),
            (ProposalKind::Keyword, keywords),
        ] {
            let found = terms
                .into_iter()
                .map(|(special, rows)| (self.name(special).unwrap_or_default(), rows, ()))
                .collect();
            for (name, evidence, (), companies) in best(found, companies, limit) {
                proposals.push(Proposal {
                    name: name.to_owned(),
                    kind: kind.clone(),
                    companies,
                    evidence,
                });
            }
        }
        if let Some(node) = node {
            proposals.extend(self.edges_of(&chain, Some(node), companies, limit));
        }
        sort(&mut proposals);
        proposals
    }

    /// Edges between nodes of a chain that the graph knows and the chain does not have, at most
    /// `limit`, sorted as by [`ReferenceGraph::propose`]. The direction with more evidence wins, and
    /// none is proposed when both have the same. Each of them alone closes no cycle; two of them
    /// together may.
    #[must_use]
    pub fn propose_edges(
        &self,
        existing: &ChainFile,
        companies: &dyn Fn(&str) -> u32,
        limit: usize,
    ) -> Vec<Proposal> {
        self.edges_of(&Existing::new(self, existing), None, companies, limit)
    }

    /// Edges between nodes; with `only`, those of this node.
    fn edges_of(
        &self,
        chain: &Existing<'_>,
        only: Option<usize>,
        companies: &dyn Fn(&str) -> u32,
        limit: usize,
    ) -> Vec<Proposal> {
        let mut rows: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        for (node, products) in chain.products.iter().enumerate() {
            if only.is_some_and(|only| only != node) {
                continue;
            }
            let joins = self.joins_on_both_sides(chain, products);
            rows.extend(joins.inputs.iter().map(|(input, n)| ((*input, node), *n)));
            rows.extend(joins.outputs.iter().map(|(user, n)| ((node, *user), *n)));
        }
        let mut reaches: HashMap<usize, HashSet<usize>> = HashMap::new();
        let mut counts: HashMap<usize, u32> = HashMap::new();
        let mut proposals = Vec::new();
        for (&(from, to), &evidence) in &rows {
            let against = rows.get(&(to, from)).copied().unwrap_or(0);
            if from == to || against >= evidence || chain.users[from].contains(&to) {
                continue;
            }
            let closes_cycle = reaches
                .entry(to)
                .or_insert_with(|| reach(&chain.users, [to]))
                .contains(&from);
            let nodes = &chain.chain.nodes;
            let (Some(input), Some(user)) = (nodes.get(from), nodes.get(to)) else {
                continue;
            };
            if closes_cycle {
                continue;
            }
            let mut count =
                |place: usize, name: &str| *counts.entry(place).or_insert_with(|| companies(name));
            proposals.push(Proposal {
                name: format!("{} → {}", input.name, user.name),
                companies: count(from, &input.name).min(count(to, &user.name)),
                evidence,
                kind: ProposalKind::Edge {
                    from: input.code.clone(),
                    to: user.code.clone(),
                },
            });
        }
        sort(&mut proposals);
        proposals.truncate(limit);
        proposals
    }

    /// What goes into some products and what is made of them, without what the chain has, each
    /// with its evidence.
    fn around(
        &self,
        chain: &Existing<'_>,
        products: &[u32],
    ) -> (BTreeMap<u32, u32>, BTreeMap<u32, u32>) {
        let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
        let is_new = |candidate: u32| {
            !products.contains(&candidate) && !chain.has(self.folded_name(candidate))
        };
        for &product in products {
            for &input in self.inputs(product).iter().filter(|one| is_new(**one)) {
                *before.entry(input).or_default() += self.evidence(input, product);
            }
            for &user in self.users(product).iter().filter(|one| is_new(**one)) {
                *after.entry(user).or_default() += self.evidence(product, user);
            }
        }
        (before, after)
    }

    /// The nodes some products are joined with, each on both sides it may be on.
    fn joins_on_both_sides(&self, chain: &Existing<'_>, products: &[u32]) -> Joins {
        let mut joins = Joins::default();
        for &product in products {
            for &input in self.inputs(product) {
                if let Some(node) = chain.node_of.get(&input) {
                    *joins.inputs.entry(*node).or_default() += self.evidence(input, product);
                }
            }
            for &user in self.users(product) {
                if let Some(node) = chain.node_of.get(&user) {
                    *joins.outputs.entry(*node).or_default() += self.evidence(product, user);
                }
            }
        }
        joins
    }

    /// The nodes some products are joined with, each on the side with more evidence.
    fn joins(&self, chain: &Existing<'_>, products: &[u32]) -> Joins {
        let mut joins = self.joins_on_both_sides(chain, products);
        let outputs = joins.outputs.clone();
        joins
            .outputs
            .retain(|node, rows| joins.inputs.get(node).is_none_or(|other| *rows > *other));
        joins
            .inputs
            .retain(|node, rows| outputs.get(node).is_none_or(|other| *rows >= *other));
        joins
    }

    /// The stage of a product no node is: between the nodes it is joined with, else by whether the
    /// graph has inputs and users of it.
    fn stage_of_itself(&self, chain: &Existing<'_>, product: u32, joins: &Joins) -> Stream {
        let (after, before) = chain.bounds(joins);
        match (after, before) {
            (Some(after), Some(before)) => Stream::Midstream.max(after).min(before),
            (Some(after), None) => later(after),
            (None, Some(before)) => earlier(before),
            (None, None) => match (
                self.inputs(product).is_empty(),
                self.users(product).is_empty(),
            ) {
                (true, false) => Stream::Upstream,
                (false, true) => Stream::Downstream,
                _ => Stream::Midstream,
            },
        }
    }
}

impl<'a> Existing<'a> {
    fn new(graph: &ReferenceGraph, chain: &'a ChainFile) -> Self {
        let mut existing = Self {
            chain,
            products: Vec::with_capacity(chain.nodes.len()),
            node_of: HashMap::new(),
            terms: HashSet::new(),
            users: vec![Vec::new(); chain.nodes.len()],
            inputs: vec![Vec::new(); chain.nodes.len()],
        };
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, node) in chain.nodes.iter().enumerate() {
            places.entry(&node.code).or_insert(place);
            let mut products = Vec::new();
            for name in std::iter::once(&node.name).chain(&node.aliases) {
                existing.terms.insert(fold(name));
                if let Some(product) = graph.product(name)
                    && *existing.node_of.entry(product).or_insert(place) == place
                    && !products.contains(&product)
                {
                    products.push(product);
                }
            }
            existing
                .terms
                .extend(node.keywords.iter().map(|word| fold(word)));
            existing.products.push(products);
        }
        for edge in &chain.edges {
            if let (Some(&from), Some(&to)) =
                (places.get(edge.from.as_str()), places.get(edge.to.as_str()))
            {
                existing.users[from].push(to);
                existing.inputs[to].push(from);
            }
        }
        existing
    }

    /// The node of a name, an alias or a code, in this order.
    fn find(&self, text: &str) -> Option<usize> {
        let wanted = fold(text);
        let nodes = &self.chain.nodes;
        nodes
            .iter()
            .position(|node| fold(&node.name) == wanted)
            .or_else(|| {
                let is = |alias: &String| fold(alias) == wanted;
                nodes.iter().position(|node| node.aliases.iter().any(is))
            })
            .or_else(|| nodes.iter().position(|node| fold(&node.code) == wanted))
    }

    fn has(&self, folded: &str) -> bool {
        self.terms.contains(folded)
    }

    /// The latest stage of the nodes a product is made of and the earliest of those it goes into.
    fn bounds(&self, joins: &Joins) -> (Option<Stream>, Option<Stream>) {
        let stage = |node: &usize| self.chain.nodes.get(*node).map(|node| node.stage);
        (
            joins.inputs.keys().filter_map(stage).max(),
            joins.outputs.keys().filter_map(stage).min(),
        )
    }

    /// The new node without the joins that would close a cycle, and its stage. `stage` is that of
    /// the product asked for.
    fn new_node(&self, hangs: Hangs, stage: Stream, mut joins: Joins) -> NewNode {
        if hangs == Hangs::Before {
            let below = reach(&self.users, joins.outputs.keys().copied());
            joins.inputs.retain(|node, _| !below.contains(node));
        } else {
            let above = reach(&self.inputs, joins.inputs.keys().copied());
            joins.outputs.retain(|node, _| !above.contains(node));
        }
        let (after, before) = self.bounds(&joins);
        let after = after.unwrap_or(Stream::Upstream);
        let before = before.unwrap_or(Stream::Downstream);
        let stage = match hangs {
            Hangs::Itself => stage,
            Hangs::Before => earlier(stage).max(after).min(before),
            Hangs::After => later(stage).min(before).max(after),
        };
        let codes = |nodes: BTreeMap<usize, u32>| {
            nodes
                .into_keys()
                .filter_map(|node| self.chain.nodes.get(node))
                .map(|node| node.code.clone())
                .collect()
        };
        NewNode {
            stage,
            inputs: codes(joins.inputs),
            outputs: codes(joins.outputs),
        }
    }
}

/// The nodes that some lead to, themselves included.
fn reach(edges: &[Vec<usize>], from: impl IntoIterator<Item = usize>) -> HashSet<usize> {
    let mut waiting: Vec<usize> = from.into_iter().collect();
    let mut reached: HashSet<usize> = waiting.iter().copied().collect();
    while let Some(node) = waiting.pop() {
        for &next in edges.get(node).into_iter().flatten() {
            if reached.insert(next) {
                waiting.push(next);
            }
        }
    }
    reached
}

/// The first `limit` candidates (name, evidence, rest) in the order of proposals, with the number
/// of companies of each.
fn best<'a, T>(
    found: Vec<(&'a str, u32, T)>,
    companies: &dyn Fn(&str) -> u32,
    limit: usize,
) -> Vec<(&'a str, u32, T, u32)> {
    let mut counted: Vec<(&str, u32, T, u32)> = found
        .into_iter()
        .map(|(name, evidence, rest)| (name, evidence, rest, companies(name)))
        .collect();
    counted.sort_by_key(|(name, evidence, _, companies)| {
        (Reverse(*companies), Reverse(*evidence), *name)
    });
    counted.truncate(limit);
    counted
}

fn sort(proposals: &mut [Proposal]) {
    proposals.sort_by(|a, b| {
        (b.companies, b.evidence)
            .cmp(&(a.companies, a.evidence))
            .then_with(|| a.name.cmp(&b.name))
    });
}

fn earlier(stage: Stream) -> Stream {
    match stage {
        Stream::Upstream | Stream::Midstream => Stream::Upstream,
        Stream::Downstream => Stream::Midstream,
    }
}

fn later(stage: Stream) -> Stream {
    match stage {
        Stream::Upstream => Stream::Midstream,
        Stream::Midstream | Stream::Downstream => Stream::Downstream,
    }
}
