//! Editing a chain in small steps: what an editor saw goes along with what they want, so that two
//! people can work on one draft and neither overwrites the other unseen.
//!
//! Fields are merged one by one. What only one side changed is taken; what both changed differently
//! is a conflict and changes nothing. Lists that both changed are merged as sets.

use super::check::placed;
use super::difference::{
    ChainChange, FieldChange, chain_fields, difference, edge_fields, node_by_name, node_fields,
};
use super::file::{
    ChainEdge, ChainFile, ChainFileProblemKind, ChainNode, Shown, clean, clean_list,
};
use super::rebase::rebase;
use crate::text::fold;
use serde::{Deserialize, Serialize};

/// The most characters an editor may give a node's code.
pub const CODE_LIMIT: usize = 64;
/// The most characters an editor may give a name, an alias or a keyword.
pub const NAME_LIMIT: usize = 200;
/// The most aliases, and the most keywords, an editor may give a node.
pub const TERMS_LIMIT: usize = 200;
/// The most characters an editor may give any other text.
pub const TEXT_LIMIT: usize = 4000;

/// One step of an editor. `before` is what they saw, `after` is what they want.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum ChainEdit {
    /// Adds a node, or changes one. With another code the node is renamed and its edges follow.
    PutNode {
        /// `None` adds.
        #[serde(default)]
        before: Option<ChainNode>,
        /// All of the node as wanted.
        after: ChainNode,
        /// Position from 0 of a node that is added; at the end when absent or too large.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// Removes a node and the edges at it.
    RemoveNode {
        /// The node as seen.
        before: ChainNode,
        /// The edges at it as seen, in any order. An edge that is not among them is a conflict, for
        /// nobody knows that it would go too.
        #[serde(default)]
        edges: Vec<ChainEdge>,
    },
    /// Adds an edge, or changes its coefficient or its ends.
    PutEdge {
        /// `None` adds.
        #[serde(default)]
        before: Option<ChainEdge>,
        /// All of the edge as wanted.
        after: ChainEdge,
        /// Position from 0 of an edge that is added; at the end when absent or too large.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<usize>,
    },
    /// Removes an edge.
    RemoveEdge {
        /// The edge as seen.
        before: ChainEdge,
    },
    /// Changes the chain's own fields.
    SetChain {
        /// The fields as seen.
        before: ChainFields,
        /// All of them as wanted.
        after: ChainFields,
    },
    /// Moves a node behind another one in the order of lists.
    MoveNode {
        /// Code of the node.
        node: String,
        /// Code of the node it was seen behind; `None` when it was the first.
        #[serde(default)]
        seen_behind: Option<String>,
        /// Code of the node it is wanted behind; `None` makes it the first.
        #[serde(default)]
        behind: Option<String>,
    },
    /// Puts a whole file in the place of the draft. What others changed since it was seen is merged in.
    Replace {
        /// The draft as seen.
        before: ChainFile,
        /// The draft as wanted; its code must be that of the chain.
        after: ChainFile,
    },
}

/// What an editor may change of the chain itself. Its code stays: it is what the chain is known by.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFields {
    /// As [`ChainFile::name`].
    pub name: String,
    /// As [`ChainFile::description`].
    #[serde(default)]
    pub description: Option<String>,
    /// As [`ChainFile::chief`].
    #[serde(default)]
    pub chief: Option<String>,
    /// As [`ChainFile::source`].
    #[serde(default)]
    pub source: Option<String>,
}

impl From<&ChainFile> for ChainFields {
    fn from(file: &ChainFile) -> Self {
        Self {
            name: file.name.clone(),
            description: file.description.clone(),
            chief: file.chief.clone(),
            source: file.source.clone(),
        }
    }
}

/// A field of a chain, a node or an edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainField {
    /// Of a chain or a node.
    Code,
    /// Of a chain or a node.
    Name,
    /// Of a chain.
    Description,
    /// Of a chain: 链长.
    Chief,
    /// Of a chain.
    Source,
    /// Of a node: `upstream`, `midstream` or `downstream`.
    Stage,
    /// Of a node.
    Group,
    /// Of a node, separated by `；`.
    Aliases,
    /// Of a node, separated by `；`.
    Keywords,
    /// Of a node, 0 to 1.
    Priority,
    /// Of a node.
    PrioritySource,
    /// Of an edge: code of the input node.
    From,
    /// Of an edge: code of the node that uses it.
    To,
    /// Of an edge, above 0 and at most 1.
    Coefficient,
    /// Of a node or an edge: what it stands behind, absent for the first. Of a chain: the codes of
    /// its nodes in their order, separated by `；`.
    Position,
    /// Of a node: the edges at it, separated by `；`.
    Edges,
}

impl ChainField {
    /// The word in the API, and the column of the CSV form where there is one.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Name => "name",
            Self::Description => "description",
            Self::Chief => "chief",
            Self::Source => "source",
            Self::Stage => "stage",
            Self::Group => "group",
            Self::Aliases => "aliases",
            Self::Keywords => "keywords",
            Self::Priority => "priority",
            Self::PrioritySource => "priority_source",
            Self::From => "from",
            Self::To => "to",
            Self::Coefficient => "coefficient",
            Self::Position => "position",
            Self::Edges => "edges",
        }
    }
}

/// What of a chain is spoken of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainPlace {
    /// The chain itself.
    Chain,
    /// A node.
    Node {
        /// Its code.
        node: String,
    },
    /// An edge.
    Edge {
        /// Code of the input node.
        from: String,
        /// Code of the node that uses it.
        to: String,
    },
}

impl ChainPlace {
    /// The place of a node.
    #[must_use]
    pub fn node(node: &ChainNode) -> Self {
        Self::Node {
            node: node.code.clone(),
        }
    }

    /// The place of an edge.
    #[must_use]
    pub fn edge(edge: &ChainEdge) -> Self {
        Self::Edge {
            from: edge.from.clone(),
            to: edge.to.clone(),
        }
    }
}

/// A field that two people changed. Values are written as in the CSV form; `None` where there is no
/// value, or where the node or edge itself is absent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldConflict {
    /// Which.
    pub field: ChainField,
    /// What the editor saw.
    pub seen: Option<String>,
    /// What stands there by now.
    pub there: Option<String>,
    /// What the editor wants; `None` too when they remove the node or edge.
    pub wanted: Option<String>,
}

/// The fields of one place that two people changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conflict {
    /// Where, by the codes that stand there by now.
    pub place: ChainPlace,
    /// Never empty.
    pub fields: Vec<FieldConflict>,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldFault {
    /// There is none, and there must be.
    Empty,
    /// A text has more characters than this, or a list more items.
    TooLong {
        /// How many there may be.
        limit: usize,
    },
    /// The code of another chain than the one that is edited.
    OtherChain {
        /// The chain's own code.
        code: String,
        /// What stands there.
        value: String,
    },
    /// A code has a character that is neither a letter, a digit, `-`, `_` nor `.`.
    Form,
    /// Not a number, or outside 0 to 1; a coefficient must be above 0.
    OutOfRange {
        /// What stands there.
        value: String,
    },
}

/// Why an edit was refused. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EditProblem {
    /// Someone else changed the same fields.
    Conflict(Conflict),
    /// Someone else removed the node or edge.
    Gone {
        /// What the editor saw.
        place: ChainPlace,
    },
    /// Another node has the code, name or alias, or the edge is there already.
    Duplicate {
        /// What has it.
        place: ChainPlace,
        /// [`ChainField::Code`], [`ChainField::Name`], [`ChainField::Aliases`], or [`ChainField::To`]
        /// for an edge.
        field: ChainField,
        /// The value both would have.
        value: String,
    },
    /// An edge from a node to itself.
    SelfLoop {
        /// Code of the node.
        node: String,
    },
    /// A code that no node has.
    UnknownNode {
        /// The code.
        node: String,
    },
    /// A value that cannot be taken.
    InvalidField {
        /// Of what.
        place: ChainPlace,
        /// Which field.
        field: ChainField,
        /// What is wrong with it.
        fault: FieldFault,
    },
    /// More nodes or edges than a chain may have.
    TooLarge {
        /// How many there may be.
        limit: u64,
    },
}

/// An edit that was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Applied {
    /// The chain with the edit in it.
    pub file: ChainFile,
    /// What takes the edit back when made in this order; see [`undo`]. Empty when nothing changed.
    pub undo: Vec<ChainEdit>,
    /// What the edit changed. Edges that follow a renamed node are not listed.
    pub changed: Vec<ChainChange>,
}

impl Applied {
    fn nothing(file: &ChainFile) -> Self {
        Self {
            file: file.clone(),
            undo: Vec::new(),
            changed: Vec::new(),
        }
    }
}

/// Which rules hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rules {
    /// All of them.
    Editor,
    /// Only those without which nodes and edges could not be told apart: what stood there once may
    /// stand there again.
    History,
}

/// Makes one edit. Text is trimmed and lists are cleaned as when a file is read. Values that the
/// editor did not touch are not judged: a file may hold what an editor may not write.
///
/// A cycle is let pass, as is a chain without nodes: a draft may go through both. [`super::check`]
/// names them.
///
/// # Errors
/// The first reason against it; see [`EditProblem`].
pub fn apply(file: &ChainFile, edit: &ChainEdit) -> Result<Applied, EditProblem> {
    step(file, edit, Rules::Editor)
}

/// Makes several edits one after the other, all or none: one step for whoever undoes it.
///
/// # Errors
/// The first reason against one of them; see [`EditProblem`].
pub fn apply_all(file: &ChainFile, edits: &[ChainEdit]) -> Result<Applied, EditProblem> {
    steps(file, edits, Rules::Editor)
}

/// Takes an edit back: makes the edits of [`Applied::undo`] in their order, all or none. Right after
/// the edit it restores the file exactly; later it is merged like any other edit.
///
/// It differs from [`apply`] in what it lets pass: names that occur twice, lengths and forms that
/// came from an imported file may come back. The result's own `undo` makes the edit once more.
///
/// # Errors
/// The first reason against one of them; see [`EditProblem`].
pub fn undo(file: &ChainFile, edits: &[ChainEdit]) -> Result<Applied, EditProblem> {
    steps(file, edits, Rules::History)
}

fn steps(file: &ChainFile, edits: &[ChainEdit], rules: Rules) -> Result<Applied, EditProblem> {
    let mut done = Applied::nothing(file);
    for edit in edits {
        let step = step(&done.file, edit, rules)?;
        done.file = step.file;
        done.undo.splice(0..0, step.undo);
        done.changed.extend(step.changed);
    }
    Ok(done)
}

fn step(file: &ChainFile, edit: &ChainEdit, rules: Rules) -> Result<Applied, EditProblem> {
    // Taking away and moving can make nothing wrong that was right: only what is put in is judged.
    let (applied, codes) = match edit {
        ChainEdit::PutNode { before, after, at } => {
            let wanted = cleaned_node(after);
            let codes = (
                before.as_ref().map_or("", |seen| &seen.code),
                after.code.as_str(),
            );
            let applied = match before {
                Some(seen) => change_node(file, seen, &wanted, rules)?,
                None => add_node(file, wanted, *at, rules)?,
            };
            (applied, codes)
        }
        ChainEdit::PutEdge { before, after, at } => {
            let wanted = cleaned_edge(file, after);
            let applied = match before {
                Some(seen) => change_edge(file, seen, &wanted)?,
                None => add_edge(file, wanted, *at),
            };
            (applied, ("", ""))
        }
        ChainEdit::SetChain { before, after } => (set_chain(file, before, after, rules)?, ("", "")),
        ChainEdit::RemoveNode { before, edges } => return remove_node(file, before, edges),
        ChainEdit::RemoveEdge { before } => return remove_edge(file, before),
        ChainEdit::MoveNode {
            node,
            seen_behind,
            behind,
        } => return move_node(file, node, seen_behind.as_deref(), behind.as_deref()),
        ChainEdit::Replace { before, after } => return replace(file, before, after),
    };
    if !applied.changed.is_empty() {
        refuse_new_faults(file, &applied.file, codes, rules)?;
    }
    Ok(applied)
}

fn replace(file: &ChainFile, seen: &ChainFile, wanted: &ChainFile) -> Result<Applied, EditProblem> {
    if fold(&wanted.code) != fold(&file.code) {
        return Err(EditProblem::InvalidField {
            place: ChainPlace::Chain,
            field: ChainField::Code,
            fault: FieldFault::OtherChain {
                code: file.code.clone(),
                value: wanted.code.clone(),
            },
        });
    }
    // A chain is known by its code as it stands, whatever the case in the file.
    let wanted = ChainFile {
        code: file.code.clone(),
        ..wanted.clone()
    };
    let next = if seen == file {
        wanted
    } else {
        let rebased = rebase(seen, &wanted, file);
        if let Some(conflict) = rebased.conflicts.into_iter().next() {
            return Err(EditProblem::Conflict(conflict));
        }
        rebased.file
    };
    if next == *file {
        return Ok(Applied::nothing(file));
    }
    Ok(Applied {
        undo: vec![ChainEdit::Replace {
            before: next.clone(),
            after: file.clone(),
        }],
        changed: difference(file, &next),
        file: next,
    })
}

fn add_node(
    file: &ChainFile,
    wanted: ChainNode,
    at: Option<usize>,
    rules: Rules,
) -> Result<Applied, EditProblem> {
    if rules == Rules::Editor {
        check_node(file, None, &wanted)?;
    }
    let mut next = file.clone();
    let at = at.unwrap_or(usize::MAX).min(next.nodes.len());
    next.nodes.insert(at, wanted.clone());
    Ok(Applied {
        undo: vec![ChainEdit::RemoveNode {
            edges: edges_at(&next, &wanted.code),
            before: wanted.clone(),
        }],
        changed: vec![ChainChange::added(
            ChainPlace::node(&wanted),
            node_fields(None, Some(&wanted)),
        )],
        file: next,
    })
}

fn change_node(
    file: &ChainFile,
    seen: &ChainNode,
    wanted: &ChainNode,
    rules: Rules,
) -> Result<Applied, EditProblem> {
    let (index, there) = find_node(file, seen)?;
    let mut merge = Merge::default();
    let merged = merge.node(
        Some(&settled_node(seen, there)),
        there,
        &settled_node(wanted, there),
    );
    merge.finish(ChainPlace::node(there))?;
    let fields = node_fields(Some(there), Some(&merged));
    if fields.is_empty() {
        return Ok(Applied::nothing(file));
    }
    if rules == Rules::Editor {
        check_node(file, Some(index), &merged)?;
    }
    let mut next = file.clone();
    for edge in &mut next.edges {
        for end in [&mut edge.from, &mut edge.to] {
            if fold(end) == fold(&there.code) {
                end.clone_from(&merged.code);
            }
        }
    }
    if let Some(node) = next.nodes.get_mut(index) {
        node.clone_from(&merged);
    }
    Ok(Applied {
        file: next,
        changed: vec![ChainChange::changed(ChainPlace::node(&merged), fields)],
        undo: vec![ChainEdit::PutNode {
            before: Some(merged),
            after: there.clone(),
            at: None,
        }],
    })
}

fn remove_node(
    file: &ChainFile,
    seen: &ChainNode,
    seen_edges: &[ChainEdge],
) -> Result<Applied, EditProblem> {
    let (index, there) = find_node(file, seen)?;
    let seen = settled_node(seen, there);
    let mut fields = removal_conflicts(node_fields(Some(&seen), Some(there)));
    let edges = edges_at(file, &there.code);
    let unseen = edges.iter().any(|edge| {
        !seen_edges.iter().any(|seen| {
            same_edge(seen, edge) && settled_edge(seen, edge).coefficient == edge.coefficient
        })
    });
    if unseen {
        fields.push(FieldConflict {
            field: ChainField::Edges,
            seen: shown_edges(seen_edges),
            there: shown_edges(&edges),
            wanted: None,
        });
    }
    if !fields.is_empty() {
        return Err(EditProblem::Conflict(Conflict {
            place: ChainPlace::node(there),
            fields,
        }));
    }
    let mut next = file.clone();
    next.nodes.remove(index);
    next.edges.retain(|edge| !touches(edge, &there.code));
    let mut undo = vec![ChainEdit::PutNode {
        before: None,
        after: there.clone(),
        at: Some(index),
    }];
    let mut changed = vec![ChainChange::removed(
        ChainPlace::node(there),
        node_fields(Some(there), None),
    )];
    // In rising order every edge finds those before it in their places already.
    for (at, edge) in file.edges.iter().enumerate() {
        if touches(edge, &there.code) {
            undo.push(ChainEdit::PutEdge {
                before: None,
                after: edge.clone(),
                at: Some(at),
            });
            changed.push(ChainChange::removed(
                ChainPlace::edge(edge),
                edge_fields(Some(edge), None),
            ));
        }
    }
    Ok(Applied {
        file: next,
        undo,
        changed,
    })
}

fn add_edge(file: &ChainFile, wanted: ChainEdge, at: Option<usize>) -> Applied {
    let mut next = file.clone();
    let at = at.unwrap_or(usize::MAX).min(next.edges.len());
    next.edges.insert(at, wanted.clone());
    Applied {
        file: next,
        changed: vec![ChainChange::added(
            ChainPlace::edge(&wanted),
            edge_fields(None, Some(&wanted)),
        )],
        undo: vec![ChainEdit::RemoveEdge { before: wanted }],
    }
}

fn change_edge(
    file: &ChainFile,
    seen: &ChainEdge,
    wanted: &ChainEdge,
) -> Result<Applied, EditProblem> {
    let (index, there) = find_edge(file, seen)?;
    let mut merge = Merge::default();
    let merged = merge.edge(
        &settled_edge(seen, there),
        there,
        &settled_edge(wanted, there),
    );
    merge.finish(ChainPlace::edge(there))?;
    let fields = edge_fields(Some(there), Some(&merged));
    if fields.is_empty() {
        return Ok(Applied::nothing(file));
    }
    let mut next = file.clone();
    if let Some(edge) = next.edges.get_mut(index) {
        edge.clone_from(&merged);
    }
    Ok(Applied {
        file: next,
        changed: vec![ChainChange::changed(ChainPlace::edge(&merged), fields)],
        undo: vec![ChainEdit::PutEdge {
            before: Some(merged),
            after: there.clone(),
            at: None,
        }],
    })
}

fn remove_edge(file: &ChainFile, seen: &ChainEdge) -> Result<Applied, EditProblem> {
    let (index, there) = find_edge(file, seen)?;
    let seen = settled_edge(seen, there);
    if seen.coefficient != there.coefficient {
        return Err(EditProblem::Conflict(Conflict {
            place: ChainPlace::edge(there),
            fields: vec![FieldConflict {
                field: ChainField::Coefficient,
                seen: seen.coefficient.shown(),
                there: there.coefficient.shown(),
                wanted: None,
            }],
        }));
    }
    let mut next = file.clone();
    next.edges.remove(index);
    Ok(Applied {
        file: next,
        undo: vec![ChainEdit::PutEdge {
            before: None,
            after: there.clone(),
            at: Some(index),
        }],
        changed: vec![ChainChange::removed(
            ChainPlace::edge(there),
            edge_fields(Some(there), None),
        )],
    })
}

fn set_chain(
    file: &ChainFile,
    seen: &ChainFields,
    wanted: &ChainFields,
    rules: Rules,
) -> Result<Applied, EditProblem> {
    let there = ChainFields::from(file);
    let wanted = ChainFields {
        name: wanted.name.trim().to_owned(),
        description: cleaned(wanted.description.as_ref()),
        chief: cleaned(wanted.chief.as_ref()),
        source: cleaned(wanted.source.as_ref()),
    };
    let mut merge = Merge::default();
    let merged = merge.chain(seen, &there, &wanted);
    merge.finish(ChainPlace::Chain)?;
    let mut next = file.clone();
    next.name.clone_from(&merged.name);
    next.description.clone_from(&merged.description);
    next.chief.clone_from(&merged.chief);
    next.source.clone_from(&merged.source);
    let fields = chain_fields(file, &next);
    if fields.is_empty() {
        return Ok(Applied::nothing(file));
    }
    if rules == Rules::Editor {
        for change in &fields {
            let limit = match change.field {
                ChainField::Name => NAME_LIMIT,
                _ => TEXT_LIMIT,
            };
            check_length(&ChainPlace::Chain, change, limit)?;
        }
    }
    Ok(Applied {
        file: next,
        undo: vec![ChainEdit::SetChain {
            before: merged,
            after: there,
        }],
        changed: vec![ChainChange::changed(ChainPlace::Chain, fields)],
    })
}

fn move_node(
    file: &ChainFile,
    code: &str,
    seen_behind: Option<&str>,
    behind: Option<&str>,
) -> Result<Applied, EditProblem> {
    let index = node_index(file, code).ok_or_else(|| EditProblem::Gone {
        place: ChainPlace::Node {
            node: code.to_owned(),
        },
    })?;
    let anchor = match behind {
        Some(behind) => Some(
            node_index(file, behind).ok_or_else(|| EditProblem::UnknownNode {
                node: behind.to_owned(),
            })?,
        ),
        None => None,
    };
    let there = index.checked_sub(1);
    if anchor == there || anchor == Some(index) {
        return Ok(Applied::nothing(file));
    }
    let code_at = |index: usize| file.nodes.get(index).map(|node| node.code.clone());
    let there = there.and_then(code_at);
    let wanted = anchor.and_then(code_at);
    let Some(node) = file.nodes.get(index) else {
        return Ok(Applied::nothing(file));
    };
    if seen_behind.map(fold) != there.as_deref().map(fold) {
        return Err(EditProblem::Conflict(Conflict {
            place: ChainPlace::node(node),
            fields: vec![FieldConflict {
                field: ChainField::Position,
                seen: seen_behind.map(str::to_owned),
                there,
                wanted,
            }],
        }));
    }
    let mut next = file.clone();
    let moved = next.nodes.remove(index);
    let target = anchor.map_or(0, |anchor| if anchor > index { anchor } else { anchor + 1 });
    next.nodes.insert(target.min(next.nodes.len()), moved);
    let fields = vec![FieldChange {
        field: ChainField::Position,
        before: there.clone(),
        after: wanted.clone(),
    }];
    Ok(Applied {
        file: next,
        undo: vec![ChainEdit::MoveNode {
            node: node.code.clone(),
            seen_behind: wanted,
            behind: there,
        }],
        changed: vec![ChainChange::changed(ChainPlace::node(node), fields)],
    })
}

/// Whether a character may stand in the code of a chain or of a node that is made in the editor.
#[must_use]
pub fn is_code_character(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '_' | '.')
}

/// What an editor may write into a node. Only what differs from the node there is judged.
fn check_node(
    file: &ChainFile,
    index: Option<usize>,
    wanted: &ChainNode,
) -> Result<(), EditProblem> {
    let place = ChainPlace::node(wanted);
    let there = index.and_then(|index| file.nodes.get(index));
    for change in node_fields(there, Some(wanted)) {
        match change.field {
            ChainField::Code => {
                check_length(&place, &change, CODE_LIMIT)?;
                if !wanted.code.chars().all(is_code_character) {
                    return Err(EditProblem::InvalidField {
                        place,
                        field: ChainField::Code,
                        fault: FieldFault::Form,
                    });
                }
            }
            ChainField::Name => {
                check_length(&place, &change, NAME_LIMIT)?;
                let respelled = there.is_some_and(|there| fold(&there.name) == fold(&wanted.name));
                let other = file.nodes.iter().enumerate().find(|(other, node)| {
                    Some(*other) != index && fold(&node.name) == fold(&wanted.name)
                });
                if let Some((_, other)) = other
                    && !respelled
                    && !wanted.name.is_empty()
                {
                    return Err(EditProblem::Duplicate {
                        place: ChainPlace::node(other),
                        field: ChainField::Name,
                        value: wanted.name.clone(),
                    });
                }
            }
            ChainField::Aliases => check_terms(&place, change.field, &wanted.aliases)?,
            ChainField::Keywords => check_terms(&place, change.field, &wanted.keywords)?,
            _ => check_length(&place, &change, TEXT_LIMIT)?,
        }
    }
    Ok(())
}

fn check_length(place: &ChainPlace, change: &FieldChange, limit: usize) -> Result<(), EditProblem> {
    let length = change.after.as_ref().map_or(0, |text| text.chars().count());
    within(place, change.field, length, limit)
}

fn check_terms(place: &ChainPlace, field: ChainField, terms: &[String]) -> Result<(), EditProblem> {
    within(place, field, terms.len(), TERMS_LIMIT)?;
    terms
        .iter()
        .try_for_each(|term| within(place, field, term.chars().count(), NAME_LIMIT))
}

fn within(
    place: &ChainPlace,
    field: ChainField,
    length: usize,
    limit: usize,
) -> Result<(), EditProblem> {
    if length <= limit {
        return Ok(());
    }
    Err(EditProblem::InvalidField {
        place: place.clone(),
        field,
        fault: FieldFault::TooLong { limit },
    })
}

/// Judges the whole chain as a file is judged, and refuses what was not wrong before. `codes` are the
/// edited node's code before and after.
fn refuse_new_faults(
    before: &ChainFile,
    after: &ChainFile,
    codes: (&str, &str),
    rules: Rules,
) -> Result<(), EditProblem> {
    let refused = refusals(after, codes.1, rules);
    if refused.is_empty() {
        return Ok(());
    }
    let mut standing = refusals(before, codes.0, rules);
    for problem in refused {
        match standing.iter().position(|known| *known == problem) {
            Some(known) => {
                standing.swap_remove(known);
            }
            None => return Err(problem),
        }
    }
    Ok(())
}

/// What would keep an edit from leading to this chain.
fn refusals(file: &ChainFile, edited: &str, rules: Rules) -> Vec<EditProblem> {
    use ChainFileProblemKind as Kind;
    file.faults()
        .into_iter()
        .filter_map(|fault| {
            let place = placed(file, &fault.place);
            let always = matches!(
                fault.kind,
                Kind::EmptyCode
                    | Kind::DuplicateNode { .. }
                    | Kind::UnknownNode { .. }
                    | Kind::SelfLoop { .. }
                    | Kind::DuplicateEdge { .. }
            );
            if rules == Rules::History && !always {
                return None;
            }
            let invalid = |field, fault| EditProblem::InvalidField {
                place: place.clone(),
                field,
                fault,
            };
            Some(match fault.kind {
                Kind::EmptyCode => invalid(ChainField::Code, FieldFault::Empty),
                Kind::EmptyName => invalid(ChainField::Name, FieldFault::Empty),
                Kind::PriorityOutOfRange { value } => {
                    invalid(ChainField::Priority, FieldFault::OutOfRange { value })
                }
                Kind::CoefficientOutOfRange { value } => {
                    invalid(ChainField::Coefficient, FieldFault::OutOfRange { value })
                }
                Kind::DuplicateNode { code, .. } => EditProblem::Duplicate {
                    place: ChainPlace::Node { node: code.clone() },
                    field: ChainField::Code,
                    value: code,
                },
                Kind::DuplicateTerm { term, node, other } => EditProblem::Duplicate {
                    place: ChainPlace::Node {
                        node: if fold(&node) == fold(edited) {
                            other
                        } else {
                            node
                        },
                    },
                    field: ChainField::Aliases,
                    value: term,
                },
                Kind::DuplicateEdge { from, to, .. } => EditProblem::Duplicate {
                    value: to.clone(),
                    place: ChainPlace::Edge { from, to },
                    field: ChainField::To,
                },
                Kind::UnknownNode { code } => EditProblem::UnknownNode { node: code },
                Kind::SelfLoop { code } => EditProblem::SelfLoop { node: code },
                Kind::TooLarge { limit } => EditProblem::TooLarge { limit },
                // A draft may go through these two; the others cannot be in a chain that has been read.
                Kind::Cycle { .. }
                | Kind::NoNodes
                | Kind::Syntax { .. }
                | Kind::MissingColumn { .. }
                | Kind::UnknownKind { .. }
                | Kind::UnknownStage { .. }
                | Kind::OrphanNode { .. } => return None,
            })
        })
        .collect()
}

/// Merges one place, field by field, and keeps the fields that both sides changed.
#[derive(Default)]
pub(super) struct Merge {
    /// The conflicts so far; in each of them what is there stays.
    pub(super) fields: Vec<FieldConflict>,
}

impl Merge {
    /// The value that both sides get; what is there where they disagree. Without `seen` both sides
    /// added the place.
    pub(super) fn field<T: Shown + Clone + PartialEq>(
        &mut self,
        field: ChainField,
        seen: Option<&T>,
        there: &T,
        wanted: &T,
    ) -> T {
        if seen == Some(wanted) || there == wanted {
            return there.clone();
        }
        if seen == Some(there) {
            return wanted.clone();
        }
        self.fields.push(FieldConflict {
            field,
            seen: seen.and_then(Shown::shown),
            there: there.shown(),
            wanted: wanted.shown(),
        });
        there.clone()
    }

    pub(super) fn node(
        &mut self,
        seen: Option<&ChainNode>,
        there: &ChainNode,
        wanted: &ChainNode,
    ) -> ChainNode {
        macro_rules! field {
            ($field:ident, $name:ident) => {
                self.field(
                    ChainField::$field,
                    seen.map(|seen| &seen.$name),
                    &there.$name,
                    &wanted.$name,
                )
            };
        }
        ChainNode {
            code: field!(Code, code),
            name: field!(Name, name),
            stage: field!(Stage, stage),
            group: field!(Group, group),
            aliases: merged_list(
                seen.map(|seen| &seen.aliases),
                &there.aliases,
                &wanted.aliases,
            ),
            keywords: merged_list(
                seen.map(|seen| &seen.keywords),
                &there.keywords,
                &wanted.keywords,
            ),
            priority: field!(Priority, priority),
            priority_source: field!(PrioritySource, priority_source),
        }
    }

    fn edge(&mut self, seen: &ChainEdge, there: &ChainEdge, wanted: &ChainEdge) -> ChainEdge {
        // The edge was found by the ends that were seen, so nobody else has changed them.
        let end = |seen: &str, there: &str, wanted: &str| {
            let untouched = fold(seen) == fold(wanted);
            if untouched { there } else { wanted }.to_owned()
        };
        ChainEdge {
            from: end(&seen.from, &there.from, &wanted.from),
            to: end(&seen.to, &there.to, &wanted.to),
            coefficient: self.field(
                ChainField::Coefficient,
                Some(&seen.coefficient),
                &there.coefficient,
                &wanted.coefficient,
            ),
        }
    }

    pub(super) fn chain(
        &mut self,
        seen: &ChainFields,
        there: &ChainFields,
        wanted: &ChainFields,
    ) -> ChainFields {
        macro_rules! field {
            ($field:ident, $name:ident) => {
                self.field(
                    ChainField::$field,
                    Some(&seen.$name),
                    &there.$name,
                    &wanted.$name,
                )
            };
        }
        ChainFields {
            name: field!(Name, name),
            description: field!(Description, description),
            chief: field!(Chief, chief),
            source: field!(Source, source),
        }
    }

    fn finish(self, place: ChainPlace) -> Result<(), EditProblem> {
        if self.fields.is_empty() {
            return Ok(());
        }
        Err(EditProblem::Conflict(Conflict {
            place,
            fields: self.fields,
        }))
    }
}

/// The list one side changed, with its order; of two changed lists, what is there without what the
/// editor took out, then what they put in.
fn merged_list(
    seen: Option<&Vec<String>>,
    there: &Vec<String>,
    wanted: &Vec<String>,
) -> Vec<String> {
    if seen == Some(wanted) || there == wanted {
        return there.clone();
    }
    if seen == Some(there) {
        return wanted.clone();
    }
    let seen = seen.map(Vec::as_slice).unwrap_or_default();
    let kept = there
        .iter()
        .filter(|item| !seen.contains(item) || wanted.contains(item));
    let added = wanted.iter().filter(|item| !seen.contains(item));
    let merged: Vec<String> = kept.chain(added).cloned().collect();
    clean_list(&merged)
}

/// The node that was seen: by its code, else, for someone may have renamed it, by a name that only
/// one node has.
fn find_node<'a>(
    file: &'a ChainFile,
    seen: &ChainNode,
) -> Result<(usize, &'a ChainNode), EditProblem> {
    node_index(file, &seen.code)
        .or_else(|| node_by_name(&file.nodes, &seen.name))
        .and_then(|index| file.nodes.get(index).map(|node| (index, node)))
        .ok_or_else(|| EditProblem::Gone {
            place: ChainPlace::node(seen),
        })
}

fn find_edge<'a>(
    file: &'a ChainFile,
    seen: &ChainEdge,
) -> Result<(usize, &'a ChainEdge), EditProblem> {
    file.edges
        .iter()
        .enumerate()
        .find(|(_, edge)| same_edge(edge, seen))
        .ok_or_else(|| EditProblem::Gone {
            place: ChainPlace::edge(seen),
        })
}

fn node_index(file: &ChainFile, code: &str) -> Option<usize> {
    let code = fold(code);
    file.nodes.iter().position(|node| fold(&node.code) == code)
}

fn same_edge(one: &ChainEdge, other: &ChainEdge) -> bool {
    fold(&one.from) == fold(&other.from) && fold(&one.to) == fold(&other.to)
}

fn touches(edge: &ChainEdge, code: &str) -> bool {
    [&edge.from, &edge.to]
        .into_iter()
        .any(|end| fold(end) == fold(code))
}

fn edges_at(file: &ChainFile, code: &str) -> Vec<ChainEdge> {
    let edges = file.edges.iter().filter(|edge| touches(edge, code));
    edges.cloned().collect()
}

/// Changes by someone else, as conflicts with a removal.
pub(super) fn removal_conflicts(changes: Vec<FieldChange>) -> Vec<FieldConflict> {
    changes
        .into_iter()
        .map(|change| FieldConflict {
            field: change.field,
            seen: change.before,
            there: change.after,
            wanted: None,
        })
        .collect()
}

/// Edges in one text, such as `v2o5 → electrolyte 0.65`.
pub(super) fn shown_edges<'a>(edges: impl IntoIterator<Item = &'a ChainEdge>) -> Option<String> {
    let texts: Vec<String> = edges
        .into_iter()
        .map(|edge| match edge.coefficient.shown() {
            Some(coefficient) => format!("{} → {} {coefficient}", edge.from, edge.to),
            None => format!("{} → {}", edge.from, edge.to),
        })
        .collect();
    texts.shown()
}

/// The number there, when `number` is the same but for the last digits: an editor's numbers come
/// through JSON, whose reader does not always find the nearest one again.
fn settled(number: Option<f64>, there: Option<f64>) -> Option<f64> {
    match (number, there) {
        (Some(number), Some(there)) if (number - there).abs() <= there.abs() * 1e-15 => Some(there),
        _ => number,
    }
}

fn settled_node(node: &ChainNode, there: &ChainNode) -> ChainNode {
    ChainNode {
        priority: settled(node.priority, there.priority),
        ..node.clone()
    }
}

fn settled_edge(edge: &ChainEdge, there: &ChainEdge) -> ChainEdge {
    ChainEdge {
        coefficient: settled(edge.coefficient, there.coefficient),
        ..edge.clone()
    }
}

fn cleaned(text: Option<&String>) -> Option<String> {
    text.and_then(|text| clean(text))
}

fn cleaned_node(node: &ChainNode) -> ChainNode {
    ChainNode {
        code: clean(&node.code).unwrap_or_default(),
        name: clean(&node.name).unwrap_or_default(),
        stage: node.stage,
        group: cleaned(node.group.as_ref()),
        aliases: clean_list(&node.aliases),
        keywords: clean_list(&node.keywords),
        priority: node.priority,
        priority_source: cleaned(node.priority_source.as_ref()),
    }
}

/// The edge with its ends spelled as the nodes spell their codes.
fn cleaned_edge(file: &ChainFile, edge: &ChainEdge) -> ChainEdge {
    let end = |code: &String| {
        node_index(file, code)
            .and_then(|index| file.nodes.get(index))
            .map_or_else(|| code.trim().to_owned(), |node| node.code.clone())
    };
    ChainEdge {
        from: end(&edge.from),
        to: end(&edge.to),
        coefficient: edge.coefficient,
    }
}
