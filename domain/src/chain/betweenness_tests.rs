use super::{Adjacency, betweenness};
use proptest::prelude::*;

fn values(count: u32, edges: &[(u32, u32)]) -> Vec<f64> {
    betweenness(&Adjacency::new(count, edges))
}

fn close(actual: &[f64], wanted: &[f64]) {
    assert_eq!(actual.len(), wanted.len());
    for (place, (actual, wanted)) in actual.iter().zip(wanted).enumerate() {
        assert!(
            (actual - wanted).abs() < 1e-9,
            "node {place}: got {actual}, wanted {wanted}"
        );
    }
}

#[test]
fn edges_in_two_flat_lists() {
    let graph = Adjacency::new(4, &[(2, 1), (0, 3), (2, 0), (0, 1), (9, 1), (1, 4)]);
    assert_eq!((graph.node_count(), graph.edge_count()), (4, 4));
    assert_eq!(graph.targets(0), [3, 1]);
    assert_eq!(graph.targets(1), [0_u32; 0]);
    assert_eq!(graph.targets(2), [1, 0]);
    assert_eq!(graph.targets(7), [0_u32; 0]);
    assert_eq!(graph.reversed().targets(1), [0, 2]);
    assert_eq!(graph.reversed().reversed().targets(2), [0, 1]);
    assert_eq!(Adjacency::default().node_count(), 0);
}

#[test]
fn path() {
    // 0 → 1 → 2 → 3 → 4. Through 1 go 0-2, 0-3, 0-4; through 2 go 0-3, 0-4, 1-3, 1-4; through 3 go
    // 0-4, 1-4, 2-4.
    close(
        &values(5, &[(0, 1), (1, 2), (2, 3), (3, 4)]),
        &[0.0, 3.0, 4.0, 3.0, 0.0],
    );
}

#[test]
fn star() {
    // Three nodes give to 0 and 0 gives to two: 3 · 2 pairs, all through 0.
    close(
        &values(6, &[(1, 0), (2, 0), (3, 0), (0, 4), (0, 5)]),
        &[6.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    );
    // Both directions: each of the 3 · 2 ordered pairs of leaves goes through 0.
    close(
        &values(4, &[(0, 1), (1, 0), (0, 2), (2, 0), (0, 3), (3, 0)]),
        &[6.0, 0.0, 0.0, 0.0],
    );
}

#[test]
fn diamond() {
    // 0 → 1 → 3, 0 → 2 → 3, 3 → 4. Of two shortest paths 0-3 one goes through 1 and one through 2,
    // and so do those 0-4; besides, 1-4 goes through 3 alone, and so do 2-4 and 0-4.
    // 1: 1/2 (0-3) + 1/2 (0-4) = 1; 2 the same; 3: 0-4, 1-4, 2-4 = 3.
    let edges = [(0, 1), (0, 2), (1, 3), (2, 3), (3, 4)];
    close(&values(5, &edges), &[0.0, 1.0, 1.0, 3.0, 0.0]);
    // With a third way over 5, twice as wide: 0-5 given twice makes two of four paths go through 5.
    // 1: 1/4 + 1/4, 2 the same, 5: 1/2 + 1/2; 3: 0-4, 1-4, 2-4, 5-4.
    let wide = [&edges[..], &[(0, 5), (0, 5), (5, 3)]].concat();
    close(&values(6, &wide), &[0.0, 0.5, 0.5, 4.0, 0.0, 1.0]);
}

#[test]
fn two_components_and_what_lies_alone() {
    // 0 → 1 → 2: 1 for node 1. 3 → 4 → 5 → 3 in a circle: 3-5 over 4, 4-3 over 5, 5-4 over 3, 1 each.
    // 6 stands alone, 7 leads to itself.
    close(
        &values(8, &[(0, 1), (1, 2), (3, 4), (4, 5), (5, 3), (7, 7)]),
        &[0.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 0.0],
    );
    assert!(values(0, &[]).is_empty());
}

#[test]
fn a_shorter_way_takes_it_all() {
    // 0 → 1 → 2 → 3 and the short cut 0 → 3: only 0-2 is left for 1 and 1-3 for 2.
    close(
        &values(4, &[(0, 1), (1, 2), (2, 3), (0, 3)]),
        &[0.0, 1.0, 1.0, 0.0],
    );
}

/// Distances and numbers of shortest paths between all pairs, from the powers of the adjacency
/// matrix: the first power with an entry gives both.
fn naive(count: usize, edges: &[(u32, u32)]) -> Vec<f64> {
    let mut step = vec![vec![0_u64; count]; count];
    for (from, to) in edges {
        step[*from as usize][*to as usize] += 1;
    }
    let mut shortest: Vec<Vec<Option<(usize, u64)>>> = vec![vec![None; count]; count];
    let mut walks: Vec<Vec<u64>> = (0..count)
        .map(|row| (0..count).map(|column| u64::from(row == column)).collect())
        .collect();
    for length in 0..count {
        for from in 0..count {
            for to in 0..count {
                if walks[from][to] > 0 && shortest[from][to].is_none() {
                    shortest[from][to] = Some((length, walks[from][to]));
                }
            }
        }
        walks = (0..count)
            .map(|from| {
                (0..count)
                    .map(|to| (0..count).map(|by| walks[from][by] * step[by][to]).sum())
                    .collect()
            })
            .collect();
    }
    let mut centrality = vec![0.0; count];
    for from in 0..count {
        for to in (0..count).filter(|to| *to != from) {
            let Some((length, all)) = shortest[from][to] else {
                continue;
            };
            for by in (0..count).filter(|by| *by != from && *by != to) {
                if let (Some((before, a)), Some((after, b))) =
                    (shortest[from][by], shortest[by][to])
                    && before + after == length
                {
                    centrality[by] += (a * b) as f64 / all as f64;
                }
            }
        }
    }
    centrality
}

prop_compose! {
    fn any_graph()(count in 1_u32..12)(
        edges in prop::collection::btree_set((0..count, 0..count), 0..30),
        count in Just(count),
    ) -> (u32, Vec<(u32, u32)>) {
        (count, edges.into_iter().filter(|(from, to)| from != to).collect())
    }
}

proptest! {
    #[test]
    fn as_counted_pair_by_pair((count, edges) in any_graph()) {
        close(&values(count, &edges), &naive(count as usize, &edges));
    }

    #[test]
    fn turned_round_it_is_the_same((count, edges) in any_graph()) {
        let graph = Adjacency::new(count, &edges);
        close(&betweenness(&graph), &betweenness(&graph.reversed()));
    }
}
