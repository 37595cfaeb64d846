//! A draft whose published version moved on, for instance by an import: both are merged over the
//! version that the draft began with.

use super::difference::{node_fields, pair_nodes};
use super::edit::{
    ChainField, ChainFields, ChainPlace, Conflict, FieldConflict, Merge, removal_conflicts,
    shown_edges,
};
use super::file::{ChainEdge, ChainFile, ChainNode, Shown};
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::hash::Hash;

/// A draft on top of a newer version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rebased {
    /// Both merged. Where they conflict it has what `theirs` has. [`super::check`] says whether it
    /// can be published: changes that go together well enough can still make a cycle.
    pub file: ChainFile,
    /// What of `mine` could not be taken, at most one entry for each place.
    pub conflicts: Vec<Conflict>,
}

/// Merges the draft `mine` and the newer version `theirs`, both made from `base`.
///
/// Nodes are the same as in [`super::difference`]. What one side changed is taken field by field,
/// lists that both changed are merged as sets. Whoever removes what the other changed conflicts
/// with them. The order is that of the side that changed it; when both did, that of `theirs`, which
/// is a conflict for nodes and nothing worth telling for edges. Edges whose ends no node has are
/// left out.
#[must_use]
pub fn rebase(base: &ChainFile, mine: &ChainFile, theirs: &ChainFile) -> Rebased {
    let mut conflicts = Conflicts::default();
    let mut merge = Merge::default();
    let code = merge.field(ChainField::Code, Some(&base.code), &theirs.code, &mine.code);
    let fields = merge.chain(&base.into(), &theirs.into(), &mine.into());
    conflicts.add(ChainPlace::Chain, merge.fields);

    let identities = Identities::new(base, mine, theirs, &mut conflicts);
    let nodes = merge_nodes(&identities, &mut conflicts);
    let edges = merge_edges(&identities, &nodes, &mut conflicts);
    let ChainFields {
        name,
        description,
        chief,
        source,
    } = fields;
    Rebased {
        file: ChainFile {
            code,
            name,
            description,
            chief,
            source,
            nodes: nodes.list,
            edges,
        },
        conflicts: conflicts.list,
    }
}

/// The conflicts so far, one for each place.
#[derive(Default)]
struct Conflicts {
    list: Vec<Conflict>,
    places: HashMap<ChainPlace, usize>,
}

impl Conflicts {
    fn add(&mut self, place: ChainPlace, fields: Vec<FieldConflict>) {
        if fields.is_empty() {
            return;
        }
        let known = self.places.get(&place).copied();
        match known.and_then(|index| self.list.get_mut(index)) {
            Some(conflict) => conflict.fields.extend(fields),
            None => {
                self.places.insert(place.clone(), self.list.len());
                self.list.push(Conflict { place, fields });
            }
        }
    }
}

/// A number for each node of the three chains, the same for what is the same node.
type NodeId = usize;
/// An edge by the numbers of its ends.
type EdgeId = (NodeId, NodeId);

/// One of the three chains.
struct Side<'a> {
    nodes: HashMap<NodeId, &'a ChainNode>,
    node_order: Vec<NodeId>,
    edges: HashMap<EdgeId, &'a ChainEdge>,
    edge_order: Vec<EdgeId>,
}

impl<'a> Side<'a> {
    /// `ids` has the number of each node; a node with `None` stands for nothing but its edges, and
    /// `codes` has the number that these go to.
    fn new(file: &'a ChainFile, ids: &[Option<NodeId>], codes: &HashMap<String, NodeId>) -> Self {
        let mut side = Self {
            nodes: HashMap::new(),
            node_order: Vec::new(),
            edges: HashMap::new(),
            edge_order: Vec::new(),
        };
        for (node, id) in file.nodes.iter().zip(ids) {
            if let Some(id) = *id {
                side.nodes.insert(id, node);
                side.node_order.push(id);
            }
        }
        for edge in &file.edges {
            let end = |code: &str| codes.get(&fold(code)).copied();
            let (Some(from), Some(to)) = (end(&edge.from), end(&edge.to)) else {
                continue;
            };
            if from != to && side.edges.insert((from, to), edge).is_none() {
                side.edge_order.push((from, to));
            }
        }
        side
    }

    /// The edges at a node that the base has not, or with another coefficient.
    fn new_edges_at(&self, id: NodeId, base: &Side<'_>) -> Vec<&'a ChainEdge> {
        self.edge_order
            .iter()
            .filter(|(from, to)| *from == id || *to == id)
            .filter_map(|edge| Some((edge, *self.edges.get(edge)?)))
            .filter(|(id, edge)| {
                let known = base.edges.get(id);
                known.is_none_or(|known| known.coefficient != edge.coefficient)
            })
            .map(|(_, edge)| edge)
            .collect()
    }
}

struct Identities<'a> {
    base: Side<'a>,
    mine: Side<'a>,
    theirs: Side<'a>,
}

impl<'a> Identities<'a> {
    fn new(
        base: &'a ChainFile,
        mine: &'a ChainFile,
        theirs: &'a ChainFile,
        conflicts: &mut Conflicts,
    ) -> Self {
        let mut next_id = base.nodes.len();
        let mut number = |file: &ChainFile| -> Vec<NodeId> {
            let mut ids: Vec<Option<NodeId>> = vec![None; file.nodes.len()];
            for (id, index) in pair_nodes(&base.nodes, &file.nodes).into_iter().enumerate() {
                if let Some(slot) = index.and_then(|index| ids.get_mut(index)) {
                    *slot = Some(id);
                }
            }
            let ids = ids.into_iter().map(|id| {
                id.unwrap_or_else(|| {
                    next_id += 1;
                    next_id - 1
                })
            });
            ids.collect()
        };
        let their_ids = number(theirs);
        let my_ids = number(mine);
        let base_ids: Vec<NodeId> = (0..base.nodes.len()).collect();
        let codes = |file: &ChainFile, ids: &[NodeId]| -> HashMap<String, NodeId> {
            let nodes = file.nodes.iter().zip(ids).rev();
            nodes.map(|(node, id)| (fold(&node.code), *id)).collect()
        };
        let base_codes = codes(base, &base_ids);
        let their_codes = codes(theirs, &their_ids);
        let mut my_codes = codes(mine, &my_ids);

        // What I added under a code that they have is their node, or mine cannot be added.
        let their_new: HashSet<NodeId> = their_ids
            .iter()
            .copied()
            .filter(|id| *id >= base.nodes.len())
            .collect();
        let mut my_nodes: Vec<Option<NodeId>> = Vec::with_capacity(my_ids.len());
        for (node, id) in mine.nodes.iter().zip(my_ids) {
            let taken = their_codes.get(&fold(&node.code)).copied();
            match taken.filter(|_| id >= base.nodes.len()) {
                None => my_nodes.push(Some(id)),
                Some(theirs) => {
                    my_codes.insert(fold(&node.code), theirs);
                    if their_new.contains(&theirs) {
                        my_nodes.push(Some(theirs));
                    } else {
                        my_nodes.push(None);
                        conflicts.add(ChainPlace::node(node), vec![taken_code(None, node)]);
                    }
                }
            }
        }
        let some = |ids: Vec<NodeId>| ids.into_iter().map(Some).collect::<Vec<_>>();
        Self {
            base: Side::new(base, &some(base_ids), &base_codes),
            mine: Side::new(mine, &my_nodes, &my_codes),
            theirs: Side::new(theirs, &some(their_ids), &their_codes),
        }
    }
}

/// The conflict of a node whose wanted code another node has.
fn taken_code(seen: Option<&ChainNode>, wanted: &ChainNode) -> FieldConflict {
    FieldConflict {
        field: ChainField::Code,
        seen: seen.map(|node| node.code.clone()),
        there: Some(wanted.code.clone()),
        wanted: Some(wanted.code.clone()),
    }
}

/// The merged nodes.
struct MergedNodes {
    list: Vec<ChainNode>,
    codes: HashMap<NodeId, String>,
    /// Nodes that I removed and that stay, because they are not what I saw.
    kept: HashSet<NodeId>,
}

fn merge_nodes(sides: &Identities<'_>, conflicts: &mut Conflicts) -> MergedNodes {
    let Identities { base, mine, theirs } = sides;
    let their_codes: HashMap<String, NodeId> = theirs
        .nodes
        .iter()
        .map(|(id, node)| (fold(&node.code), *id))
        .collect();
    let mut merged: HashMap<NodeId, ChainNode> = HashMap::new();
    let mut kept = HashSet::new();
    for id in &theirs.node_order {
        let Some(there) = theirs.nodes.get(id).copied() else {
            continue;
        };
        let seen = base.nodes.get(id).copied();
        match (seen, mine.nodes.get(id)) {
            (seen, Some(wanted)) => {
                let mut merge = Merge::default();
                let mut node = merge.node(seen, there, wanted);
                let holder = their_codes.get(&fold(&node.code));
                if holder.is_some_and(|holder| holder != id) {
                    merge.fields.push(taken_code(seen, wanted));
                    node.code.clone_from(&there.code);
                }
                conflicts.add(ChainPlace::node(there), merge.fields);
                merged.insert(*id, node);
            }
            (None, None) => {
                merged.insert(*id, there.clone());
            }
            (Some(seen), None) => {
                let mut fields = removal_conflicts(node_fields(Some(seen), Some(there)));
                let edges = theirs.new_edges_at(*id, base);
                if !edges.is_empty() {
                    fields.push(FieldConflict {
                        field: ChainField::Edges,
                        seen: None,
                        there: shown_edges(edges),
                        wanted: None,
                    });
                }
                if !fields.is_empty() {
                    conflicts.add(ChainPlace::node(there), fields);
                    merged.insert(*id, there.clone());
                    kept.insert(*id);
                }
            }
        }
    }
    for id in &mine.node_order {
        let Some(wanted) = mine.nodes.get(id).copied() else {
            continue;
        };
        if theirs.nodes.contains_key(id) {
            continue;
        }
        match base.nodes.get(id) {
            None => {
                merged.insert(*id, wanted.clone());
            }
            Some(seen) => {
                let changes = node_fields(Some(seen), Some(wanted)).into_iter();
                let fields = changes.map(|change| FieldConflict {
                    field: change.field,
                    seen: change.before,
                    there: None,
                    wanted: change.after,
                });
                conflicts.add(ChainPlace::node(seen), fields.collect());
            }
        }
    }

    let order = merge_order(
        &base.node_order,
        &mine.node_order,
        &theirs.node_order,
        |id| merged.contains_key(id),
    );
    if order.conflict {
        let shown = |side: &Side<'_>| {
            let nodes = side.node_order.iter().filter_map(|id| side.nodes.get(id));
            nodes
                .map(|node| node.code.clone())
                .collect::<Vec<_>>()
                .shown()
        };
        conflicts.add(
            ChainPlace::Chain,
            vec![FieldConflict {
                field: ChainField::Position,
                seen: shown(base),
                there: shown(theirs),
                wanted: shown(mine),
            }],
        );
    }
    let codes = merged
        .iter()
        .map(|(id, node)| (*id, node.code.clone()))
        .collect();
    MergedNodes {
        list: order
            .list
            .iter()
            .filter_map(|id| merged.remove(id))
            .collect(),
        codes,
        kept,
    }
}

fn merge_edges(
    sides: &Identities<'_>,
    nodes: &MergedNodes,
    conflicts: &mut Conflicts,
) -> Vec<ChainEdge> {
    let Identities { base, mine, theirs } = sides;
    let joined = |(from, to): &EdgeId, coefficient| {
        Some(ChainEdge {
            from: nodes.codes.get(from)?.clone(),
            to: nodes.codes.get(to)?.clone(),
            coefficient,
        })
    };
    let mut merged: HashMap<EdgeId, ChainEdge> = HashMap::new();
    for id in &theirs.edge_order {
        let Some(there) = theirs.edges.get(id).copied() else {
            continue;
        };
        let Some(mut edge) = joined(id, there.coefficient) else {
            continue;
        };
        let seen = base.edges.get(id).map(|edge| &edge.coefficient);
        match (seen, mine.edges.get(id)) {
            (seen, Some(wanted)) => {
                let mut merge = Merge::default();
                edge.coefficient = merge.field(
                    ChainField::Coefficient,
                    seen,
                    &there.coefficient,
                    &wanted.coefficient,
                );
                conflicts.add(ChainPlace::edge(&edge), merge.fields);
            }
            (None, None) => {}
            (Some(seen), None) if *seen == there.coefficient => {
                // The edges of a node that stays against my wish stay with it.
                if !nodes.kept.contains(&id.0) && !nodes.kept.contains(&id.1) {
                    continue;
                }
            }
            (Some(seen), None) => {
                let conflict = FieldConflict {
                    field: ChainField::Coefficient,
                    seen: seen.shown(),
                    there: there.coefficient.shown(),
                    wanted: None,
                };
                conflicts.add(ChainPlace::edge(&edge), vec![conflict]);
            }
        }
        merged.insert(*id, edge);
    }
    for id in &mine.edge_order {
        let Some(wanted) = mine.edges.get(id).copied() else {
            continue;
        };
        if theirs.edges.contains_key(id) {
            continue;
        }
        match base.edges.get(id) {
            Some(seen) if seen.coefficient == wanted.coefficient => {}
            Some(seen) => {
                let conflict = FieldConflict {
                    field: ChainField::Coefficient,
                    seen: seen.coefficient.shown(),
                    there: None,
                    wanted: wanted.coefficient.shown(),
                };
                conflicts.add(ChainPlace::edge(wanted), vec![conflict]);
            }
            None => match joined(id, wanted.coefficient) {
                Some(edge) => {
                    merged.insert(*id, edge);
                }
                None => {
                    let ends = [
                        (ChainField::From, id.0, &wanted.from),
                        (ChainField::To, id.1, &wanted.to),
                    ];
                    let lost = ends
                        .into_iter()
                        .filter(|(_, end, _)| !nodes.codes.contains_key(end))
                        .map(|(field, end, code)| FieldConflict {
                            field,
                            seen: base.nodes.get(&end).map(|node| node.code.clone()),
                            there: None,
                            wanted: Some(code.clone()),
                        });
                    conflicts.add(ChainPlace::edge(wanted), lost.collect());
                }
            },
        }
    }
    let order = merge_order(
        &base.edge_order,
        &mine.edge_order,
        &theirs.edge_order,
        |id| merged.contains_key(id),
    );
    order
        .list
        .iter()
        .filter_map(|id| merged.remove(id))
        .collect()
}

struct Order<K> {
    list: Vec<K>,
    /// Both sides moved things, and differently.
    conflict: bool,
}

/// One order of what stays: that of the side that moved things, `theirs` when both or neither did.
/// What only the other side has stands behind what it stands behind there.
fn merge_order<K: Copy + Eq + Hash>(
    base: &[K],
    mine: &[K],
    theirs: &[K],
    stays: impl Fn(&K) -> bool,
) -> Order<K> {
    let i_moved = !same_order(base, mine);
    let they_moved = !same_order(base, theirs);
    let (main, other) = if i_moved && !they_moved {
        (mine, theirs)
    } else {
        (theirs, mine)
    };
    let in_main: HashSet<K> = main.iter().copied().collect();
    let mut followers: HashMap<Option<K>, K> = HashMap::new();
    let mut previous: Option<K> = None;
    for key in other.iter().copied().filter(|key| stays(key)) {
        if !in_main.contains(&key) {
            followers.insert(previous, key);
        }
        previous = Some(key);
    }
    let mut list = Vec::new();
    let heads = main.iter().copied().filter(|key| stays(key)).map(Some);
    for head in std::iter::once(None).chain(heads) {
        list.extend(head);
        let mut at = head;
        while let Some(next) = followers.remove(&at) {
            list.push(next);
            at = Some(next);
        }
    }
    Order {
        list,
        conflict: i_moved && they_moved && !same_order(mine, theirs),
    }
}

/// Whether what both have stands in the same order in both.
fn same_order<K: Copy + Eq + Hash>(one: &[K], other: &[K]) -> bool {
    let in_one: HashSet<K> = one.iter().copied().collect();
    let in_other: HashSet<K> = other.iter().copied().collect();
    let shared = one.iter().filter(|key| in_other.contains(key));
    shared.eq(other.iter().filter(|key| in_one.contains(key)))
}
