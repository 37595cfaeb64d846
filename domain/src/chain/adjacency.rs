//! The edges of a directed graph in two flat lists.

/// A directed graph over the nodes 0 to n − 1, as compressed sparse rows: the targets of node i are
/// `targets[offsets[i]..offsets[i + 1]]`. Four bytes a node and four an edge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Adjacency {
    /// n + 1 positions in `targets`, never falling; the first is 0, the last the number of edges.
    offsets: Vec<u32>,
    /// Nodes below n.
    targets: Vec<u32>,
}

impl Default for Adjacency {
    fn default() -> Self {
        Self::new(0, &[])
    }
}

impl Adjacency {
    /// The graph of some edges (from, to). The targets of a node keep the order of the edges, and
    /// an edge given twice is there twice. Edges of nodes that are not there are left out, and so
    /// is what comes after the first 2³² − 1 edges.
    #[must_use]
    pub fn new(node_count: u32, edges: &[(u32, u32)]) -> Self {
        let known = || {
            edges
                .iter()
                .filter(|(from, to)| *from < node_count && *to < node_count)
                .take(u32::MAX as usize)
        };
        let mut offsets = vec![0_u32; node_count as usize + 1];
        for (from, _) in known() {
            offsets[*from as usize + 1] += 1;
        }
        for node in 0..node_count as usize {
            offsets[node + 1] += offsets[node];
        }
        let mut next = offsets.clone();
        let mut targets = vec![0_u32; offsets[node_count as usize] as usize];
        for (from, to) in known() {
            let place = &mut next[*from as usize];
            targets[*place as usize] = *to;
            *place += 1;
        }
        Self { offsets, targets }
    }

    /// The same graph with every edge turned round; the targets of a node rise.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let edges: Vec<(u32, u32)> = self.edges().map(|(from, to)| (to, from)).collect();
        Self::new(self.node_count(), &edges)
    }

    /// n.
    #[must_use]
    pub fn node_count(&self) -> u32 {
        // The constructor takes n as u32, so it always fits.
        u32::try_from(self.offsets.len() - 1).unwrap_or(u32::MAX)
    }

    /// The number of edges.
    #[must_use]
    pub fn edge_count(&self) -> u32 {
        self.offsets.last().copied().unwrap_or(0)
    }

    /// The nodes the edges of `node` lead to; none for a node that is not there.
    #[must_use]
    pub fn targets(&self, node: u32) -> &[u32] {
        let node = node as usize;
        match (self.offsets.get(node), self.offsets.get(node + 1)) {
            (Some(start), Some(end)) => self
                .targets
                .get(*start as usize..*end as usize)
                .unwrap_or_default(),
            _ => &[],
        }
    }

    /// All edges (from, to), by rising `from`.
    pub fn edges(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.node_count())
            .flat_map(|node| self.targets(node).iter().map(move |target| (node, *target)))
    }

    /// The place of the first edge in the order of [`Adjacency::edges`] for each target of `node`.
    pub(super) fn first_edge(&self, node: u32) -> usize {
        self.offsets.get(node as usize).copied().unwrap_or(0) as usize
    }
}
