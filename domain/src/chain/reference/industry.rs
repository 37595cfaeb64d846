//! Which industry feeds which: a second, coarser source, with counts of evidence.

use super::{
    LeftOut, LeftOutReason, LeftOutRows, ReferenceProblem, ReferenceRelation, RelationKind,
    name::name_problem, read_header, read_row,
};
use crate::chain::{ChainFile, ChainNode};
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// The inputs of industries, known by folded name without the level that 申万 puts behind the names
/// of its third level (焦炭Ⅲ is found as 焦炭).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct IndustryInputs {
    /// Rows below the header, blank ones included.
    pub rows: u32,
    /// What was left out, by reason; `from` is the industry and `to` its input.
    pub left_out: Vec<LeftOut>,
    industries: BTreeMap<String, Vec<IndustryInput>>,
}

/// One input of an industry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndustryInput {
    /// The industry that feeds it, as the file writes it.
    pub name: String,
    /// Pieces of evidence, at least 1.
    pub evidence: u32,
    /// Its part of the evidence for all inputs of the industry, above 0 and at most 1. A share of
    /// mentions, not of value: it stands in for a coefficient only where no input-output table is
    /// at hand.
    pub share: f64,
}

/// Reads CSV text with the columns `industry`, `input_industry` and `evidence_count`: the second
/// feeds the first. Rows are left out as by [`super::read_reference`], except that two industries
/// may feed one another, as they do in every input-output table.
///
/// # Errors
/// [`ReferenceProblem`] for an empty file, a header without the three columns, or too many bytes.
pub fn read_industry_inputs(text: &str) -> Result<IndustryInputs, ReferenceProblem> {
    let (columns, lines) = read_header(text, ["industry", "input_industry", "evidence_count"])?;
    let mut read = IndustryInputs::default();
    let mut left_out = LeftOutRows::default();
    let mut seen = HashSet::new();
    for (row, line) in lines {
        read.rows += 1;
        let [industry, input, evidence] = match read_row(line, columns) {
            Ok(cells) => cells,
            Err((reason, [industry, input, _])) => {
                left_out.add(reason, row, &industry, &input);
                continue;
            }
        };
        let (key, input_key) = (industry_key(&industry), industry_key(&input));
        let evidence = fold(&evidence).parse::<u32>().unwrap_or(0);
        let problem = name_problem(&key).or(name_problem(&input_key));
        let reason = match problem {
            Some(problem) => Some(LeftOutReason::Name(problem)),
            None if evidence == 0 => Some(LeftOutReason::InvalidCount),
            None if key == input_key => Some(LeftOutReason::SelfLoop),
            None if !seen.insert((key.clone(), input_key)) => Some(LeftOutReason::Duplicate),
            None => None,
        };
        if let Some(reason) = reason {
            left_out.add(reason, row, &industry, &input);
            continue;
        }
        read.industries.entry(key).or_default().push(IndustryInput {
            name: input,
            evidence,
            share: 0.0,
        });
    }
    read.left_out = left_out.finish();
    read.share_out();
    Ok(read)
}

impl IndustryInputs {
    /// The inputs of relations that were read and checked before.
    #[must_use]
    pub fn from_relations(relations: &[ReferenceRelation]) -> Self {
        let mut read = Self::default();
        for one in relations {
            if one.kind == RelationKind::Industry {
                read.rows += 1;
                read.industries
                    .entry(industry_key(&one.output))
                    .or_default()
                    .push(IndustryInput {
                        name: one.input.clone(),
                        evidence: one.evidence.max(1),
                        share: 0.0,
                    });
            }
        }
        read.share_out();
        read
    }

    /// The relations, as [`IndustryInputs::from_relations`] takes them. Industries come by their keys.
    #[must_use]
    pub fn relations(&self) -> Vec<ReferenceRelation> {
        let of = |(industry, inputs): (&String, &Vec<IndustryInput>)| {
            let relation = |one: &IndustryInput| ReferenceRelation {
                kind: RelationKind::Industry,
                input: one.name.clone(),
                output: industry.clone(),
                evidence: one.evidence,
            };
            inputs.iter().map(relation).collect::<Vec<_>>()
        };
        self.industries.iter().flat_map(of).collect()
    }

    /// Gives each input its part of the evidence and puts the best supported first.
    fn share_out(&mut self) {
        for inputs in self.industries.values_mut() {
            let total: f64 = inputs.iter().map(|one| f64::from(one.evidence)).sum();
            for one in inputs.iter_mut() {
                one.share = f64::from(one.evidence) / total;
            }
            inputs.sort_by(|a, b| {
                b.evidence
                    .cmp(&a.evidence)
                    .then_with(|| a.name.cmp(&b.name))
            });
        }
    }

    /// The number of industries with an input.
    #[must_use]
    pub fn industry_count(&self) -> usize {
        self.industries.len()
    }

    /// The number of relations.
    #[must_use]
    pub fn relation_count(&self) -> usize {
        self.industries.values().map(Vec::len).sum()
    }

    /// The inputs of an industry, the best supported first, equal ones by name; their shares sum
    /// to 1. None for an industry that is not there.
    #[must_use]
    pub fn inputs(&self, industry: &str) -> &[IndustryInput] {
        self.industries
            .get(&industry_key(industry))
            .map_or(&[], Vec::as_slice)
    }

    /// The share of `input` in the inputs of `output`, both names of industries.
    #[must_use]
    pub fn coefficient(&self, input: &str, output: &str) -> Option<f64> {
        let key = industry_key(input);
        self.inputs(output)
            .iter()
            .find(|one| industry_key(&one.name) == key)
            .map(|one| one.share)
    }

    /// Shares for the edges of a chain that have no coefficient and whose nodes are named like
    /// industries, by name or alias: places in `edges` and values, in file order.
    #[must_use]
    pub fn coefficients(&self, chain: &ChainFile) -> Vec<(usize, f64)> {
        let nodes: BTreeMap<&str, &ChainNode> = chain
            .nodes
            .iter()
            .map(|node| (node.code.as_str(), node))
            .collect();
        let terms = |code: &str| {
            nodes.get(code).into_iter().flat_map(|node| {
                std::iter::once(node.name.as_str()).chain(node.aliases.iter().map(String::as_str))
            })
        };
        chain
            .edges
            .iter()
            .enumerate()
            .filter(|(_, edge)| edge.coefficient.is_none())
            .filter_map(|(place, edge)| {
                let share = terms(&edge.to).find_map(|output| {
                    terms(&edge.from).find_map(|input| self.coefficient(input, output))
                })?;
                Some((place, share))
            })
            .collect()
    }
}

/// The folded name without the Roman two or three at its end.
fn industry_key(name: &str) -> String {
    // Folding makes Ⅱ and Ⅲ lower case.
    fold(name).trim_end_matches(['ⅱ', 'ⅲ']).to_owned()
}
