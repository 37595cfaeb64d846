//! Betweenness: how many shortest paths lead through a node.

use super::Adjacency;

/// Marks a node the search has not met.
const UNREACHED: u32 = u32::MAX;

/// C_B(v) = Σ over s ≠ v ≠ t of σ_st(v)/σ_st, by node: σ_st counts the shortest directed paths from
/// s to t, σ_st(v) those through v. Every edge has length 1; nothing is normalised, so a value lies
/// between 0 and (n − 1)(n − 2). An edge given twice counts as two paths.
///
/// Breadth-first search from every node and accumulation of dependencies on the way back: Brandes
/// 2001, Journal of Mathematical Sociology 25(2). Time n·m, memory n + m: the lists are made once
/// and only the entries a search has touched are cleared. Paths are counted in floating point: a
/// value is no number where there are more than 10³⁰⁸ shortest paths between two nodes.
#[must_use]
pub fn betweenness(graph: &Adjacency) -> Vec<f64> {
    let count = graph.node_count() as usize;
    let incoming = graph.reversed();
    let mut centrality = vec![0.0_f64; count];
    let mut distance = vec![UNREACHED; count];
    let mut paths = vec![0.0_f64; count];
    let mut dependency = vec![0.0_f64; count];
    // The nodes met, in the order they were met: queue on the way out, stack on the way back.
    let mut reached: Vec<u32> = Vec::with_capacity(count);
    for source in 0..graph.node_count() {
        paths[source as usize] = 1.0;
        distance[source as usize] = 0;
        reached.push(source);
        let mut head = 0;
        while let Some(&node) = reached.get(head) {
            head += 1;
            let next_distance = distance[node as usize] + 1;
            let through = paths[node as usize];
            for &next in graph.targets(node) {
                let next_place = next as usize;
                if distance[next_place] == UNREACHED {
                    distance[next_place] = next_distance;
                    reached.push(next);
                }
                if distance[next_place] == next_distance {
                    paths[next_place] += through;
                }
            }
        }
        for &node in reached.iter().skip(1).rev() {
            let place = node as usize;
            let (away, all, passed) = (distance[place], paths[place], 1.0 + dependency[place]);
            for &earlier in incoming.targets(node) {
                let earlier = earlier as usize;
                // Nodes the search has not met are at the largest distance, so the sum wraps to 0.
                if distance[earlier].wrapping_add(1) == away {
                    dependency[earlier] += paths[earlier] / all * passed;
                }
            }
            centrality[place] += dependency[place];
        }
        for node in reached.drain(..) {
            distance[node as usize] = UNREACHED;
            paths[node as usize] = 0.0;
            dependency[node as usize] = 0.0;
        }
    }
    centrality
}
