//! Folding: the nodes of one stage, or of one group in it, drawn as a single box. The picture gets smaller, the
//! arithmetic does not change: scores are of nodes, never of boxes.

use super::{ChainMap, GapClass, Layout, LayoutNode, MapNode, Stream, layout};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What is folded: a whole stage, or one group of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct FoldKey {
    /// 上游, 中游 or 下游.
    pub stage: Stream,
    /// `None` for the whole stage.
    pub group: Option<String>,
}

impl FoldKey {
    /// The keys under which a node may be folded, the wider one first.
    #[must_use]
    pub fn of(node: &MapNode) -> Vec<Self> {
        let stage = node.stage;
        let mut keys = vec![Self { stage, group: None }];
        if node.group.is_some() {
            keys.push(Self {
                stage,
                group: node.group.clone(),
            });
        }
        keys
    }
}

/// A box that stands for several nodes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldedNode {
    /// Below 0, so that it is no node's id.
    pub id: i64,
    /// What it stands for.
    pub key: FoldKey,
    /// Ids of the nodes in it, in the map's order.
    pub members: Vec<i64>,
    /// The classes in it with their counts, in the order of [`GapClass::ALL`], none with 0.
    pub classes: Vec<(GapClass, u32)>,
    /// Open leads of its nodes together.
    pub open_leads: u64,
}

/// A map with some of its nodes folded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Folded {
    /// The boxes that stand for several nodes.
    pub boxes: Vec<FoldedNode>,
    /// Boxes and the nodes that are left, laid out anew.
    pub layout: Layout,
}

/// The groups of a map that can be folded: those of two nodes or more, by stage and name.
#[must_use]
pub fn groups(map: &ChainMap) -> Vec<(FoldKey, u32)> {
    let mut counts: BTreeMap<FoldKey, u32> = BTreeMap::new();
    for key in map.nodes.iter().flat_map(FoldKey::of) {
        *counts.entry(key).or_default() += 1;
    }
    counts.into_iter().filter(|(_, count)| *count > 1).collect()
}

/// Folds a map. A stage that is folded takes its groups with it; keys that no node has do nothing, and neither does a
/// key of a single node.
#[must_use]
pub fn folded(map: &ChainMap, keys: &BTreeSet<FoldKey>) -> Folded {
    let mut members: BTreeMap<FoldKey, Vec<&MapNode>> = BTreeMap::new();
    for node in &map.nodes {
        let key = FoldKey::of(node).into_iter().find(|key| keys.contains(key));
        if let Some(key) = key {
            members.entry(key).or_default().push(node);
        }
    }
    members.retain(|_, nodes| nodes.len() > 1);
    let mut boxes = Vec::with_capacity(members.len());
    // Which box a node is in.
    let mut inside: HashMap<i64, i64> = HashMap::new();
    for (id, (key, nodes)) in (1..).zip(members) {
        let id: i64 = -id;
        inside.extend(nodes.iter().map(|node| (node.id, id)));
        boxes.push(FoldedNode {
            id,
            key,
            members: nodes.iter().map(|node| node.id).collect(),
            classes: GapClass::ALL
                .into_iter()
                .map(|class| {
                    let count = nodes.iter().filter(|node| node.class == class).count();
                    (class, u32::try_from(count).unwrap_or(u32::MAX))
                })
                .filter(|(_, count)| *count > 0)
                .collect(),
            open_leads: nodes.iter().map(|node| node.open_leads).sum(),
        });
    }
    if boxes.is_empty() {
        return Folded {
            boxes,
            layout: map.layout.clone(),
        };
    }
    let shown = |id: i64| inside.get(&id).copied().unwrap_or(id);
    // A box stands where its first node stood; `layout` leaves out what is said twice.
    let nodes: Vec<LayoutNode> = map
        .nodes
        .iter()
        .zip(0..)
        .map(|(node, order)| LayoutNode {
            id: shown(node.id),
            stage: node.stage,
            order,
        })
        .collect();
    let edges: Vec<(i64, i64)> = map
        .layout
        .edges
        .iter()
        .map(|edge| (shown(edge.from), shown(edge.to)))
        .collect();
    Folded {
        boxes,
        layout: layout(&nodes, &edges),
    }
}
