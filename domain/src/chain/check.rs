//! Everything about a draft that keeps it from being published, and everything worth a look.

use super::Stream;
use super::edit::ChainPlace;
use super::file::{ChainFile, ChainFileProblemKind, Fault, Place};
use super::matching::MIN_TERM_CHARACTERS;
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The chain cannot be published.
    Error,
    /// Worth a look.
    Warning,
}

/// One thing that was found, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Where; for a cycle its first edge.
    pub place: ChainPlace,
    /// The row of [`ChainFile::to_csv`] it stands in, counted from 1 with the header.
    pub row: Option<u32>,
    /// What it is.
    pub kind: FindingKind,
}

/// What can be found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// What a file would be refused for, an error, or [`ChainFileProblemKind::OrphanNode`].
    File(ChainFileProblemKind),
    /// A name, alias or keyword that several nodes have: a product that meets it counts for all of
    /// them. A warning; an alias that two nodes have is an error of the file.
    SharedTerm {
        /// The term as the first of them writes it.
        term: String,
        /// Codes of the nodes, in their order.
        nodes: Vec<String>,
    },
    /// No name, alias or keyword of the node is long enough to be looked for in products. A warning.
    NoTerm {
        /// The characters a term needs.
        characters: usize,
    },
    /// An edge that leads back to an earlier stage, such as from 下游 to 上游. A warning.
    StageOrder {
        /// Stage of the input node.
        from: Stream,
        /// Stage of the node that uses it.
        to: Stream,
    },
}

/// All errors of a chain, then all warnings, each by row. A chain without errors can be published:
/// as a file it would be read.
#[must_use]
pub fn check(file: &ChainFile) -> Vec<Finding> {
    let found = |severity, fault: Fault| Finding {
        severity,
        place: placed(file, &fault.place),
        row: fault.line,
        kind: FindingKind::File(fault.kind),
    };
    let errors = file.faults().into_iter();
    let orphans = file.orphans().into_iter();
    let mut findings: Vec<Finding> = errors
        .map(|fault| found(Severity::Error, fault))
        .chain(orphans.map(|fault| found(Severity::Warning, fault)))
        .collect();
    findings.extend(shared_terms(file));
    findings.extend(nodes_without_term(file));
    findings.extend(backward_edges(file));
    findings.sort_by_key(|finding| (finding.severity, finding.row));
    findings
}

/// A place of the file's own validation, by code.
pub(super) fn placed(file: &ChainFile, place: &Place) -> ChainPlace {
    let found = match place {
        Place::Chain | Place::Table(_) => None,
        Place::Node(index) => file.nodes.get(*index).map(ChainPlace::node),
        Place::Edges(edges) => edges
            .first()
            .and_then(|index| file.edges.get(*index))
            .map(ChainPlace::edge),
    };
    found.unwrap_or(ChainPlace::Chain)
}

fn warning(file: &ChainFile, place: &Place, kind: FindingKind) -> Finding {
    Finding {
        severity: Severity::Warning,
        place: placed(file, place),
        row: Some(file.row_of(place)),
        kind,
    }
}

fn shared_terms(file: &ChainFile) -> Vec<Finding> {
    struct Sharing<'a> {
        written: &'a str,
        nodes: Vec<usize>,
        only_aliases: bool,
    }
    let mut order: Vec<String> = Vec::new();
    let mut terms: HashMap<String, Sharing<'_>> = HashMap::new();
    for (index, node) in file.nodes.iter().enumerate() {
        let other = std::iter::once(&node.name).chain(&node.keywords);
        let all = other
            .map(|term| (term, false))
            .chain(node.aliases.iter().map(|term| (term, true)));
        for (term, is_alias) in all {
            let folded = fold(term);
            if folded.is_empty() {
                continue;
            }
            let sharing = terms.entry(folded.clone()).or_insert_with(|| {
                order.push(folded);
                Sharing {
                    written: term,
                    nodes: Vec::new(),
                    only_aliases: true,
                }
            });
            sharing.only_aliases &= is_alias;
            if sharing.nodes.last() != Some(&index) {
                sharing.nodes.push(index);
            }
        }
    }
    order
        .iter()
        .filter_map(|term| terms.get(term))
        .filter(|sharing| sharing.nodes.len() > 1 && !sharing.only_aliases)
        .filter_map(|sharing| {
            let nodes = sharing.nodes.iter();
            let kind = FindingKind::SharedTerm {
                term: sharing.written.to_owned(),
                nodes: nodes
                    .filter_map(|index| file.nodes.get(*index).map(|node| node.code.clone()))
                    .collect(),
            };
            let first = sharing.nodes.first()?;
            Some(warning(file, &Place::Node(*first), kind))
        })
        .collect()
}

fn nodes_without_term(file: &ChainFile) -> Vec<Finding> {
    let long_enough = |term: &String| fold(term).chars().count() >= MIN_TERM_CHARACTERS;
    file.nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| {
            let mut terms = std::iter::once(&node.name)
                .chain(&node.aliases)
                .chain(&node.keywords);
            !terms.any(long_enough)
        })
        .map(|(index, _)| {
            let kind = FindingKind::NoTerm {
                characters: MIN_TERM_CHARACTERS,
            };
            warning(file, &Place::Node(index), kind)
        })
        .collect()
}

fn backward_edges(file: &ChainFile) -> Vec<Finding> {
    let stages: HashMap<String, Stream> = file
        .nodes
        .iter()
        .map(|node| (fold(&node.code), node.stage))
        .collect();
    let stage = |code: &str| stages.get(&fold(code)).copied();
    file.edges
        .iter()
        .enumerate()
        .filter_map(|(index, edge)| {
            let (from, to) = (stage(&edge.from)?, stage(&edge.to)?);
            let kind = FindingKind::StageOrder { from, to };
            (from > to).then(|| warning(file, &Place::Edges(vec![index]), kind))
        })
        .collect()
}
