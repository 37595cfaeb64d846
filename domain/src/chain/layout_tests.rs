use super::Stream;
use super::layout::*;
use proptest::prelude::*;

fn nodes(stages: &[Stream]) -> Vec<LayoutNode> {
    stages
        .iter()
        .enumerate()
        .map(|(place, stage)| LayoutNode {
            id: place as i64,
            stage: *stage,
            order: place as u32,
        })
        .collect()
}

use Stream::{Downstream, Midstream, Upstream};

/// The points of a path, corners taken as sharp.
fn points(path: &str) -> Vec<(f64, f64)> {
    let mut points = Vec::new();
    for command in path.split(['M', 'L']).filter(|part| !part.is_empty()) {
        let numbers: Vec<f64> = command
            .split(['Q', ' '])
            .map(|number| number.parse().unwrap())
            .collect();
        for pair in numbers.chunks(2).take(2) {
            points.push((pair[0], pair[1]));
        }
        if let [.., x, y] = numbers[..] {
            points.push((x, y));
        }
    }
    points
}

fn check(layout: &Layout, nodes: &[LayoutNode]) {
    assert_eq!(layout.nodes.len(), nodes.len());
    for (place, one) in layout.nodes.iter().enumerate() {
        assert!(one.x >= 0.0 && one.x + one.width <= layout.width);
        assert!(one.y >= HEADER && one.y + one.height <= layout.height);
        for other in &layout.nodes[place + 1..] {
            let apart = one.layer != other.layer && (one.x - other.x).abs() >= COLUMN_STEP
                || one.layer == other.layer && (one.y - other.y).abs() >= ROW_STEP;
            assert!(apart, "{one:?} and {other:?} overlap");
        }
        assert!(layout.nodes.iter().filter(|o| o.layer == one.layer).count() <= MAX_ROWS);
    }
    for pair in layout.bands.windows(2) {
        assert!(pair[0].stage < pair[1].stage && pair[0].x_to < pair[1].x_from);
    }
    for edge in &layout.edges {
        let at = |id| layout.nodes.iter().find(|one| one.id == id).unwrap();
        let (from, to) = (at(edge.from), at(edge.to));
        let points = points(&edge.path);
        assert_eq!(points[0], (from.x + BOX_WIDTH, from.y + BOX_HEIGHT / 2.0));
        assert_eq!(
            *points.last().unwrap(),
            (to.x - ARROW, to.y + BOX_HEIGHT / 2.0)
        );
        for pair in points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            assert!(ax.min(bx) >= 0.0 && ax.max(bx) <= layout.width);
            assert!(ay.max(by) <= layout.height);
            for one in &layout.nodes {
                let through = ax.max(bx) > one.x + 0.01
                    && ax.min(bx) < one.x + one.width - 0.01
                    && ay.max(by) > one.y + 0.01
                    && ay.min(by) < one.y + one.height - 0.01;
                assert!(!through, "{edge:?} runs through {one:?}");
            }
        }
    }
}

#[test]
fn a_straight_chain_is_a_straight_line() {
    let nodes = nodes(&[Upstream, Midstream, Downstream]);
    let result = layout(&nodes, &[(0, 1), (1, 2)]);
    check(&result, &nodes);
    assert_eq!(result.edges[0].path, "M100 71L126 71");
    assert_eq!(result.edges[1].path, "M232 71L258 71");
    assert_eq!(
        result
            .bands
            .iter()
            .map(|band| (band.x_from, band.x_to))
            .collect::<Vec<_>>(),
        [(0.0, 100.0), (132.0, 232.0), (264.0, 364.0)]
    );
}

#[test]
fn edges_into_one_node_share_a_trunk() {
    let nodes = nodes(&[Upstream, Upstream, Upstream, Midstream]);
    let result = layout(&nodes, &[(0, 3), (1, 3), (2, 3)]);
    check(&result, &nodes);
    // Boxes at 71, 137 and 203; the trunk in the middle of the gap, at 113.
    assert_eq!(
        result.edges[0].path,
        "M100 71L108 71Q113 71 113 76L113 132Q113 137 118 137L126 137"
    );
    assert_eq!(result.edges[1].path, "M100 137L126 137");
    assert_eq!(
        result.edges[2].path,
        "M100 203L108 203Q113 203 113 198L113 142Q113 137 118 137L126 137"
    );
}

#[test]
fn long_edges_go_around_boxes() {
    let nodes = nodes(&[Upstream, Midstream, Downstream]);
    let result = layout(&nodes, &[(0, 1), (1, 2), (0, 2)]);
    check(&result, &nodes);
}

#[test]
fn backward_edges_and_cycles_are_drawn() {
    let nodes = nodes(&[Upstream, Midstream, Midstream, Downstream]);
    let edges = [
        (0, 1),
        (1, 2),
        (2, 1),
        (3, 0),
        (3, 2),
        (2, 3),
        (2, 2),
        (9, 1),
    ];
    let result = layout(&nodes, &edges);
    check(&result, &nodes);
    assert_eq!(result.edges.len(), 6);
}

#[test]
fn high_layers_are_divided() {
    let nodes = nodes(&[Upstream; 20]);
    let result = layout(&nodes, &[]);
    check(&result, &nodes);
    assert_eq!(result.nodes.iter().map(|one| one.layer).max(), Some(2));
    assert_eq!(result.bands.len(), 1);
}

#[test]
fn nothing_gives_nothing() {
    let result = layout(&[], &[]);
    assert_eq!((result.width, result.height), (0.0, 0.0));
}

proptest! {
    // Every case looks at each segment against each box; 64 of them keep the test quick.
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn boxes_never_overlap_and_edges_avoid_them(
        stages in prop::collection::vec(0_usize..3, 1..60),
        edges in prop::collection::vec((0_i64..60, 0_i64..60), 0..90),
    ) {
        let stages: Vec<Stream> = stages.into_iter().map(|stage| Stream::ALL[stage]).collect();
        let nodes = nodes(&stages);
        let result = layout(&nodes, &edges);
        check(&result, &nodes);
        prop_assert_eq!(&result, &layout(&nodes, &edges));
    }
}
