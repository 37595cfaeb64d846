//! Random chains and random edits of them, for the tests of what works on both.

use super::edit::*;
use super::{ChainEdge, ChainFile, ChainNode, Stream};
use crate::text::fold;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::HashSet;

/// Text as it stands in a file that was read: trimmed, not blank, without a separator of lists and without NUL.
fn any_text() -> impl Strategy<Value = String> {
    "[^;；\\s\\x00]([^;；\\x00]{0,5}[^;；\\s\\x00])?"
}

fn any_optional() -> impl Strategy<Value = Option<String>> {
    prop::option::of(any_text())
}

/// A number with few digits, as people write it: JSON gives it back exactly.
fn any_number() -> impl Strategy<Value = Option<f64>> {
    prop::option::of((1_u32..=1000).prop_map(|thousandths| f64::from(thousandths) / 1000.0))
}

/// Words from a small pool, so that two people meet; no two the same when folded.
fn any_words() -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(vec!["甲", "乙", "丙醇", "PCB", "电 池"], 0..4)
        .prop_shuffle()
        .prop_map(|words| words.into_iter().map(String::from).collect())
}

prop_compose! {
    /// A node as an editor may write it. Some codes and names are common.
    pub fn any_node()(
        code in prop_oneof!["n[0-9]", "[a-z]{3}"],
        name in prop_oneof!["名[甲乙丙丁]", "[a-z]{4,6}"],
        stage in prop::sample::select(Stream::ALL.to_vec()),
        group in any_optional(),
        aliases in any_words(),
        keywords in any_words(),
        priority in any_number(),
        priority_source in any_optional(),
    ) -> ChainNode {
        ChainNode { code, name, stage, group, aliases, keywords, priority, priority_source }
    }
}

prop_compose! {
    /// A chain as it comes from a file; names may repeat, and the texts are anything.
    pub fn any_file()(
        name in any_text(),
        description in any_optional(),
        chief in any_optional(),
        source in any_optional(),
        nodes in prop::collection::vec((any_node(), any_text()), 1..7),
        ends in prop::collection::vec((0_usize..7, 0_usize..7), 0..10),
        coefficient in any_number(),
    ) -> ChainFile {
        let (mut codes, mut aliases) = (HashSet::new(), HashSet::new());
        let mut file = ChainFile {
            code: "c".into(), name, description, chief, source, ..ChainFile::default()
        };
        for (mut node, text) in nodes {
            node.keywords.retain(|keyword| fold(keyword) != fold(&text));
            node.keywords.push(text);
            node.aliases.retain(|alias| aliases.insert(fold(alias)));
            if codes.insert(fold(&node.code)) {
                file.nodes.push(node);
            }
        }
        let mut joined = HashSet::new();
        for (from, to) in ends {
            if from < to && to < file.nodes.len() && joined.insert((from, to)) {
                file.edges.push(ChainEdge {
                    from: file.nodes[from].code.clone(),
                    to: file.nodes[to].code.clone(),
                    coefficient,
                });
            }
        }
        file
    }
}

/// An edit before it is known of which chain.
#[derive(Clone, Debug)]
pub struct Plan {
    kind: u8,
    one: Index,
    other: Index,
    fields: u8,
    node: ChainNode,
    coefficient: Option<f64>,
    text: Option<String>,
}

prop_compose! {
    pub fn any_plan()(
        kind in 0_u8..10,
        one in any::<Index>(),
        other in any::<Index>(),
        fields in 1_u8..=255,
        node in any_node(),
        coefficient in any_number(),
        text in any_optional(),
    ) -> Plan {
        Plan { kind, one, other, fields, node, coefficient, text }
    }
}

/// `node` with those fields of `wanted` whose bit is set.
pub fn with_fields(node: &ChainNode, wanted: &ChainNode, fields: u8) -> ChainNode {
    let pick = |bit: u8| {
        if fields & (1 << bit) == 0 {
            node
        } else {
            wanted
        }
    };
    ChainNode {
        code: pick(0).code.clone(),
        name: pick(1).name.clone(),
        stage: pick(2).stage,
        group: pick(7).group.clone(),
        aliases: pick(3).aliases.clone(),
        keywords: pick(4).keywords.clone(),
        priority: pick(5).priority,
        priority_source: pick(6).priority_source.clone(),
    }
}

/// The removal of a node by someone who sees this chain.
pub fn removal(file: &ChainFile, node: &ChainNode) -> ChainEdit {
    let at = |edge: &&ChainEdge| [&edge.from, &edge.to].contains(&&node.code);
    ChainEdit::RemoveNode {
        before: node.clone(),
        edges: file.edges.iter().filter(at).cloned().collect(),
    }
}

impl Plan {
    /// The edit of someone who sees this chain.
    pub fn of(&self, file: &ChainFile) -> ChainEdit {
        let at = Some(self.other.index(9));
        let add = ChainEdit::PutNode {
            before: None,
            after: self.node.clone(),
            at,
        };
        if file.nodes.is_empty() {
            return add;
        }
        let index = self.one.index(file.nodes.len());
        let node = &file.nodes[index];
        let other = self.other.get(&file.nodes);
        let new_edge = ChainEdge {
            from: node.code.clone(),
            to: other.code.clone(),
            coefficient: self.coefficient,
        };
        let edge = (!file.edges.is_empty()).then(|| self.one.get(&file.edges).clone());
        match (self.kind, edge) {
            (0, _) => add,
            (1 | 2, _) => ChainEdit::PutNode {
                before: Some(node.clone()),
                after: with_fields(node, &self.node, self.fields),
                at: None,
            },
            (3, _) => removal(file, node),
            (4, Some(before)) => ChainEdit::PutEdge {
                after: ChainEdge {
                    coefficient: self.coefficient,
                    ..before.clone()
                },
                before: Some(before),
                at: None,
            },
            (5, Some(before)) => ChainEdit::PutEdge {
                before: Some(before),
                after: new_edge,
                at: None,
            },
            (6, Some(before)) => ChainEdit::RemoveEdge { before },
            (7, _) => ChainEdit::SetChain {
                before: ChainFields::from(file),
                after: ChainFields {
                    chief: self.text.clone(),
                    ..ChainFields::from(file)
                },
            },
            (8, _) => ChainEdit::MoveNode {
                node: node.code.clone(),
                seen_behind: index
                    .checked_sub(1)
                    .map(|before| file.nodes[before].code.clone()),
                behind: self.fields.is_multiple_of(2).then(|| other.code.clone()),
            },
            (9, _) => {
                let mut after = file.clone();
                after.nodes.rotate_left(index);
                after.edges.truncate(index);
                after.source.clone_from(&self.text);
                ChainEdit::Replace {
                    before: file.clone(),
                    after,
                }
            }
            _ => ChainEdit::PutEdge {
                before: None,
                after: new_edge,
                at,
            },
        }
    }
}

/// The chain after those of the edits that can be made, each by someone who sees the last state.
pub fn edited(file: &ChainFile, plans: &[Plan]) -> ChainFile {
    plans.iter().fold(file.clone(), |file, plan| {
        match apply(&file, &plan.of(&file)) {
            Ok(applied) => applied.file,
            Err(_) => file,
        }
    })
}
