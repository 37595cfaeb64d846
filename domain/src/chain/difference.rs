//! What one state of a chain changes against another, for a page that lists the changes before they
//! are published and for the audit.

use super::edit::{ChainField, ChainPlace};
use super::file::{ChainEdge, ChainFile, ChainNode, Shown};
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, VecDeque};

/// What happened to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was not there before.
    Added,
    /// It is not there any more.
    Removed,
    /// It is there, with other values.
    Changed,
}

/// One field with its old and its new value, as the CSV form writes them; `None` for no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// Which.
    pub field: ChainField,
    /// The old value.
    pub before: Option<String>,
    /// The new value.
    pub after: Option<String>,
}

/// What changed at one place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainChange {
    /// Where, by its new codes; by the old ones when it was removed. A renamed node has its old code
    /// among the fields.
    pub place: ChainPlace,
    /// What happened to it.
    pub kind: ChangeKind,
    /// The fields that differ; all that have a value when the place was added or removed.
    pub fields: Vec<FieldChange>,
}

impl ChainChange {
    pub(super) fn added(place: ChainPlace, fields: Vec<FieldChange>) -> Self {
        Self {
            place,
            kind: ChangeKind::Added,
            fields,
        }
    }

    pub(super) fn removed(place: ChainPlace, fields: Vec<FieldChange>) -> Self {
        Self {
            place,
            kind: ChangeKind::Removed,
            fields,
        }
    }

    pub(super) fn changed(place: ChainPlace, fields: Vec<FieldChange>) -> Self {
        Self {
            place,
            kind: ChangeKind::Changed,
            fields,
        }
    }
}

/// All changes from `before` to `after`, none exactly when they are equal: the chain's own, then the
/// nodes in their new order, then the removed nodes in their old one, then the edges alike.
///
/// A node is the same one when its code is, compared folded. Of the others, one that went and one
/// that came with the same name, unique on both sides, are one node that was renamed. The edges that
/// follow it are not listed, and those that are have its new code.
#[must_use]
pub fn difference(before: &ChainFile, after: &ChainFile) -> Vec<ChainChange> {
    let mut changes = Vec::new();
    let fields = chain_fields(before, after);
    if !fields.is_empty() {
        changes.push(ChainChange::changed(ChainPlace::Chain, fields));
    }
    let nodes = pair_nodes(&before.nodes, &after.nodes);
    list_changes(
        &before.nodes,
        &after.nodes,
        &nodes,
        |node| node.code.clone(),
        ChainPlace::node,
        node_fields,
        &mut changes,
    );
    // The edges as they would be if nothing but the names of their nodes had changed.
    let renamed: HashMap<&str, &str> = before
        .nodes
        .iter()
        .zip(&nodes)
        .filter_map(|(node, pair)| Some((node, after.nodes.get((*pair)?)?)))
        .map(|(old, new)| (old.code.as_str(), new.code.as_str()))
        .collect();
    let follow = |code: &String| {
        let new = renamed.get(code.as_str()).copied();
        new.map_or_else(|| code.clone(), str::to_owned)
    };
    let followed: Vec<ChainEdge> = before
        .edges
        .iter()
        .map(|edge| ChainEdge {
            from: follow(&edge.from),
            to: follow(&edge.to),
            coefficient: edge.coefficient,
        })
        .collect();
    let key = |edge: &ChainEdge| (fold(&edge.from), fold(&edge.to));
    let edges = pair_by(&followed, &after.edges, key);
    list_changes(
        &followed,
        &after.edges,
        &edges,
        |edge| format!("{} → {}", edge.from, edge.to),
        ChainPlace::edge,
        edge_fields,
        &mut changes,
    );
    changes
}

/// The changes of one list, whose items are paired by `pairs`: for each old item its new position.
fn list_changes<T>(
    before: &[T],
    after: &[T],
    pairs: &[Option<usize>],
    label: impl Fn(&T) -> String,
    place: impl Fn(&T) -> ChainPlace,
    fields: impl Fn(Option<&T>, Option<&T>) -> Vec<FieldChange>,
    changes: &mut Vec<ChainChange>,
) {
    let mut old_positions: Vec<Option<usize>> = vec![None; after.len()];
    for (old, new) in pairs.iter().enumerate() {
        if let Some(slot) = new.and_then(|new| old_positions.get_mut(new)) {
            *slot = Some(old);
        }
    }
    let kept: Vec<usize> = old_positions.iter().flatten().copied().collect();
    let mut stayed = vec![false; before.len()];
    for old in longest_rising(&kept) {
        if let Some(slot) = stayed.get_mut(old) {
            *slot = true;
        }
    }
    let behind = |list: &[T], index: usize| {
        let previous = index.checked_sub(1).and_then(|index| list.get(index));
        previous.map(&label)
    };
    for (index, (new, old)) in after.iter().zip(&old_positions).enumerate() {
        let Some((old_index, old)) = old.and_then(|old| Some((old, before.get(old)?))) else {
            changes.push(ChainChange::added(place(new), fields(None, Some(new))));
            continue;
        };
        let mut changed = fields(Some(old), Some(new));
        if stayed.get(old_index) == Some(&false) {
            // What moved along behind its neighbour is not listed: the first of a moved run is.
            push_change(
                &mut changed,
                ChainField::Position,
                behind(before, old_index),
                behind(after, index),
            );
        }
        if !changed.is_empty() {
            changes.push(ChainChange::changed(place(new), changed));
        }
    }
    for (old, new) in before.iter().zip(pairs) {
        if new.is_none() {
            changes.push(ChainChange::removed(place(old), fields(Some(old), None)));
        }
    }
}

fn push_change(
    changes: &mut Vec<FieldChange>,
    field: ChainField,
    before: Option<String>,
    after: Option<String>,
) {
    if before != after {
        changes.push(FieldChange {
            field,
            before,
            after,
        });
    }
}

/// Pushes a field whose values differ, also when both are written alike.
fn compare<T: Shown + PartialEq>(
    changes: &mut Vec<FieldChange>,
    field: ChainField,
    before: Option<&T>,
    after: Option<&T>,
) {
    let change = FieldChange {
        field,
        before: before.and_then(Shown::shown),
        after: after.and_then(Shown::shown),
    };
    let there = before.is_some() && after.is_some();
    if before != after && (there || change.before != change.after) {
        changes.push(change);
    }
}

/// The chain's own fields that differ.
pub(super) fn chain_fields(before: &ChainFile, after: &ChainFile) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    macro_rules! compare {
        ($field:ident, $name:ident) => {
            compare(
                &mut changes,
                ChainField::$field,
                Some(&before.$name),
                Some(&after.$name),
            )
        };
    }
    compare!(Code, code);
    compare!(Name, name);
    compare!(Description, description);
    compare!(Chief, chief);
    compare!(Source, source);
    changes
}

/// The fields of a node that differ; `None` for a node that is not there.
pub(super) fn node_fields(
    before: Option<&ChainNode>,
    after: Option<&ChainNode>,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    macro_rules! compare {
        ($field:ident, $name:ident) => {
            compare(
                &mut changes,
                ChainField::$field,
                before.map(|node| &node.$name),
                after.map(|node| &node.$name),
            )
        };
    }
    compare!(Code, code);
    compare!(Name, name);
    compare!(Stage, stage);
    compare!(Group, group);
    compare!(Aliases, aliases);
    compare!(Keywords, keywords);
    compare!(Priority, priority);
    compare!(PrioritySource, priority_source);
    changes
}

/// The fields of an edge that differ; `None` for an edge that is not there.
pub(super) fn edge_fields(
    before: Option<&ChainEdge>,
    after: Option<&ChainEdge>,
) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    macro_rules! compare {
        ($field:ident, $name:ident) => {
            compare(
                &mut changes,
                ChainField::$field,
                before.map(|edge| &edge.$name),
                after.map(|edge| &edge.$name),
            )
        };
    }
    compare!(From, from);
    compare!(To, to);
    compare!(Coefficient, coefficient);
    changes
}

/// For each old node the position of the new one that it is: by code, then by a name that one node
/// has on either side of those left.
pub(super) fn pair_nodes(before: &[ChainNode], after: &[ChainNode]) -> Vec<Option<usize>> {
    let mut pairs = pair_by(before, after, |node| fold(&node.code));
    let taken: Vec<usize> = pairs.iter().flatten().copied().collect();
    let mut is_taken = vec![false; after.len()];
    for index in taken {
        if let Some(slot) = is_taken.get_mut(index) {
            *slot = true;
        }
    }
    let mut came: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, node) in after.iter().enumerate() {
        if is_taken.get(index) == Some(&false) {
            came.entry(fold(&node.name)).or_default().push(index);
        }
    }
    let mut went: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, (node, pair)) in before.iter().zip(&pairs).enumerate() {
        if pair.is_none() {
            went.entry(fold(&node.name)).or_default().push(index);
        }
    }
    for (name, old) in went {
        if let ([old], Some([new])) = (old.as_slice(), came.get(&name).map(Vec::as_slice))
            && let Some(pair) = pairs.get_mut(*old)
        {
            *pair = Some(*new);
        }
    }
    pairs
}

/// The only node with this name.
pub(super) fn node_by_name(nodes: &[ChainNode], name: &str) -> Option<usize> {
    let name = fold(name);
    let mut found = nodes
        .iter()
        .enumerate()
        .filter(|(_, node)| fold(&node.name) == name);
    let (first, _) = found.next()?;
    found.next().is_none().then_some(first)
}

/// For each old item the position of the new one with the same key; of several the first with the first.
fn pair_by<T, K: std::hash::Hash + Eq>(
    before: &[T],
    after: &[T],
    key: impl Fn(&T) -> K,
) -> Vec<Option<usize>> {
    let mut positions: HashMap<K, VecDeque<usize>> = HashMap::new();
    for (index, item) in after.iter().enumerate() {
        positions.entry(key(item)).or_default().push_back(index);
    }
    before
        .iter()
        .map(|item| positions.get_mut(&key(item)).and_then(VecDeque::pop_front))
        .collect()
}

/// The longest run of rising values among distinct ones, not necessarily side by side: what did not
/// move when as little as possible did.
fn longest_rising(values: &[usize]) -> Vec<usize> {
    // For each length the index of the smallest value that ends such a run.
    let mut ends: Vec<usize> = Vec::new();
    let mut previous: Vec<Option<usize>> = vec![None; values.len()];
    for (index, value) in values.iter().enumerate() {
        let length = ends.partition_point(|end| values[*end] < *value);
        previous[index] = length.checked_sub(1).map(|shorter| ends[shorter]);
        if length == ends.len() {
            ends.push(index);
        } else {
            ends[length] = index;
        }
    }
    let mut run = Vec::with_capacity(ends.len());
    let mut at = ends.last().copied();
    while let Some(index) = at {
        run.push(values[index]);
        at = previous[index];
    }
    run.reverse();
    run
}
