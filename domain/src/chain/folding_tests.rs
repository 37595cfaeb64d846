use super::folding::{FoldKey, folded, groups};
use super::{ChainMap, ChainSummary, GapClass, LayoutNode, MapNode, SizeBasis, Stream, layout};
use chrono::DateTime;
use std::collections::BTreeSet;

fn node(id: i64, stage: Stream, group: Option<&str>, class: GapClass) -> MapNode {
    MapNode {
        id,
        code: format!("n{id}"),
        name: format!("环节{id}"),
        stage,
        group: group.map(str::to_owned),
        class,
        score: None,
        cover: None,
        local_firms: 0,
        open_leads: 1,
        bureaus: Vec::new(),
    }
}

/// 1 → 3, 2 → 3, 3 → 4 → 5; 1 and 2 are 矿 in 上游, 3 and 4 are 材料 in 中游, 5 stands alone in 下游.
fn map() -> ChainMap {
    let nodes = vec![
        node(1, Stream::Upstream, Some("矿"), GapClass::Missing),
        node(2, Stream::Upstream, Some("矿"), GapClass::Strong),
        node(3, Stream::Midstream, Some("材料"), GapClass::Missing),
        node(4, Stream::Midstream, Some("材料"), GapClass::Missing),
        node(5, Stream::Downstream, Some("电站"), GapClass::Weak),
    ];
    let places: Vec<LayoutNode> = nodes
        .iter()
        .zip(0..)
        .map(|(node, order)| LayoutNode {
            id: node.id,
            stage: node.stage,
            order,
        })
        .collect();
    ChainMap {
        summary: ChainSummary {
            id: 1,
            code: "c".into(),
            name: "链".into(),
            chief: None,
            node_count: 5,
            edge_count: 4,
            local_firms: 0,
            open_leads: 5,
            classes: Vec::new(),
        },
        description: String::new(),
        source: String::new(),
        basis: SizeBasis::One,
        reference_firms: 0,
        matched_share: 0.0,
        layout: layout(&places, &[(1, 3), (2, 3), (3, 4), (4, 5)]),
        nodes,
        bureaus: Vec::new(),
        computed_at: DateTime::UNIX_EPOCH,
        chains: Vec::new(),
    }
}

fn key(stage: Stream, group: Option<&str>) -> FoldKey {
    FoldKey {
        stage,
        group: group.map(str::to_owned),
    }
}

#[test]
fn groups_of_one_node_are_none() {
    let found: Vec<FoldKey> = groups(&map()).into_iter().map(|(key, _)| key).collect();
    assert_eq!(
        found,
        [
            key(Stream::Upstream, None),
            key(Stream::Upstream, Some("矿")),
            key(Stream::Midstream, None),
            key(Stream::Midstream, Some("材料")),
        ]
    );
}

#[test]
fn a_folded_group_is_one_box_with_its_classes_and_leads_and_edges_lead_to_it() {
    let folded = folded(
        &map(),
        &BTreeSet::from([key(Stream::Midstream, Some("材料"))]),
    );
    let [one] = folded.boxes.as_slice() else {
        panic!("{:?}", folded.boxes)
    };
    assert_eq!(one.members, [3, 4]);
    assert_eq!(one.classes, [(GapClass::Missing, 2)]);
    assert_eq!(one.open_leads, 2);
    let ids: Vec<i64> = folded.layout.nodes.iter().map(|node| node.id).collect();
    assert_eq!(ids, [1, 2, -1, 5]);
    // 3 → 4 is within the box and gone; 1 → 3 and 2 → 3 lead to the box.
    let ends: Vec<(i64, i64)> = folded
        .layout
        .edges
        .iter()
        .map(|edge| (edge.from, edge.to))
        .collect();
    assert_eq!(ends, [(1, -1), (2, -1), (-1, 5)]);
}

#[test]
fn a_folded_stage_takes_its_groups_with_it() {
    let folded = folded(
        &map(),
        &BTreeSet::from([
            key(Stream::Upstream, None),
            key(Stream::Upstream, Some("矿")),
        ]),
    );
    assert_eq!(folded.boxes.len(), 1);
    assert_eq!(folded.boxes[0].key, key(Stream::Upstream, None));
}

#[test]
fn nothing_folded_is_the_map_as_it_stands() {
    let map = map();
    assert_eq!(folded(&map, &BTreeSet::new()).layout, map.layout);
    // A group of one node, and one that is not there.
    let keys = BTreeSet::from([
        key(Stream::Downstream, Some("电站")),
        key(Stream::Upstream, Some("无")),
    ]);
    assert_eq!(folded(&map, &keys).layout, map.layout);
}
