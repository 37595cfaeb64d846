//! The chain map's geometry: boxes in three bands from left to right, edges with right angles and
//! rounded corners. Units are those of the SVG view box; the origin is the top left corner.
//!
//! The method is that of Sugiyama, Tagawa and Toda (1981, IEEE Transactions on Systems, Man, and
//! Cybernetics 11(2)): layers, places for long edges in the layers they cross, ordering by
//! barycentres, then positions. All edges into one node share one line (a trunk), also across
//! layers, which keeps large chains readable.

use super::Stream;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Width of a box.
pub const BOX_WIDTH: f64 = 100.0;
/// Height of a box.
pub const BOX_HEIGHT: f64 = 46.0;
/// Distance between the left edges of neighbouring columns.
pub const COLUMN_STEP: f64 = 132.0;
/// Least distance between the tops of boxes in one column.
pub const ROW_STEP: f64 = 66.0;
/// Radius of an edge's corners.
pub const CORNER_RADIUS: f64 = 5.0;
/// Room the arrow head takes between the end of a path and the box.
pub const ARROW: f64 = 6.0;
/// Room above the boxes for the names of the bands.
pub const HEADER: f64 = 48.0;
/// The most boxes in one column of a chain that fits a screen.
pub const MAX_ROWS: usize = 9;

/// The most boxes in one column. A large chain gets higher columns, so that the whole stays about as wide as a screen
/// is: n boxes in r rows are n / r columns, and 16 : 9 = (n / r · [`COLUMN_STEP`]) / (r · [`ROW_STEP`]).
fn most_rows(count: usize) -> usize {
    let mut rows = MAX_ROWS;
    // 9 · 132 / (16 · 66) is 9 / 8 of n.
    while rows * rows * 8 < count * 9 {
        rows += 1;
    }
    rows
}

/// Distance between the lines of two long edges that run side by side.
const LINE_STEP: f64 = 8.0;
/// Room below the boxes and at the sides.
const MARGIN: f64 = 12.0;
/// Room between two columns.
const GAP: f64 = COLUMN_STEP - BOX_WIDTH;
/// Times the order of all columns is improved, and their positions.
const SWEEPS: usize = 12;

/// One node to place.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LayoutNode {
    /// Its id.
    pub id: i64,
    /// The band it belongs to.
    pub stage: Stream,
    /// Its place among equals: smaller is higher.
    pub order: u32,
}

/// Where everything goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Layout {
    /// Width of the whole.
    pub width: f64,
    /// Height of the whole.
    pub height: f64,
    /// The bands that have nodes, from left to right.
    pub bands: Vec<Band>,
    /// A box for each node, in the order given.
    pub nodes: Vec<NodeBox>,
    /// A path for each edge, in the order given.
    pub edges: Vec<EdgePath>,
}

/// The columns of one stage.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Band {
    /// The stage.
    pub stage: Stream,
    /// Left edge of its first column.
    pub x_from: f64,
    /// Right edge of its last column.
    pub x_to: f64,
}

/// The box of one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeBox {
    /// The node.
    pub id: i64,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Its column, counted from 0 over all bands.
    pub layer: u32,
}

/// The line of one edge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EdgePath {
    /// The input node.
    pub from: i64,
    /// The output node.
    pub to: i64,
    /// The `d` of an SVG path: from the right edge of the first box to [`ARROW`] before the left
    /// edge of the second.
    pub path: String,
}

/// Lays out a chain. The same input gives the same layout.
///
/// Within a band the layer is the longest path from the band's inputs; a node that gives to more
/// nodes than it takes from then moves right, up to the first node that uses it, so that its edge
/// is short. A layer of more nodes than a column holds ([`MAX_ROWS`], more in a large chain) is divided into columns. Edges to the left or
/// within a column run below all boxes. Repeated ids and edges, edges from a node to itself and
/// edges of unknown nodes are left out.
#[must_use]
pub fn layout(nodes: &[LayoutNode], edges: &[(i64, i64)]) -> Layout {
    let mut index: HashMap<i64, usize> = HashMap::new();
    let mut kept: Vec<&LayoutNode> = Vec::new();
    for node in nodes {
        index.entry(node.id).or_insert_with(|| {
            kept.push(node);
            kept.len() - 1
        });
    }
    let mut seen = HashSet::new();
    let joined: Vec<(usize, usize)> = edges
        .iter()
        .filter_map(|(from, to)| Some((*index.get(from)?, *index.get(to)?)))
        .filter(|edge| edge.0 != edge.1 && seen.insert(*edge))
        .collect();
    let columns = assign_columns(&kept, &joined);
    let column_count = columns.iter().map(|column| column + 1).max().unwrap_or(0);
    let mut grid = Grid::new(&kept, &joined, &columns, column_count);
    grid.sort();
    grid.place();
    draw(&kept, &joined, &columns, column_count, &grid)
}

/// The column of every node.
fn assign_columns(nodes: &[&LayoutNode], edges: &[(usize, usize)]) -> Vec<usize> {
    let forward = without_cycles(nodes.len(), edges);
    let mut columns = vec![0; nodes.len()];
    let mut first_column = 0;
    let most_rows = most_rows(nodes.len());
    for stage in Stream::ALL {
        let members: Vec<usize> = (0..nodes.len())
            .filter(|node| nodes[*node].stage == stage)
            .collect();
        if members.is_empty() {
            continue;
        }
        let inside: Vec<(usize, usize)> = forward
            .iter()
            .copied()
            .filter(|(from, to)| nodes[*from].stage == stage && nodes[*to].stage == stage)
            .collect();
        let mut layer = longest_paths(nodes.len(), &inside);
        let last = members.iter().map(|node| layer[*node]).max().unwrap_or(0);
        pull_right(nodes, edges, &inside, &members, &mut layer, last);
        for level in 0..=last {
            let mut held: Vec<usize> = members
                .iter()
                .copied()
                .filter(|node| layer[*node] == level)
                .collect();
            held.sort_by_key(|node| (nodes[*node].order, *node));
            if held.is_empty() {
                continue;
            }
            let parts = held.len().div_ceil(most_rows);
            let rows = held.len().div_ceil(parts);
            for (place, node) in held.iter().enumerate() {
                columns[*node] = first_column + place / rows;
            }
            first_column += held.len().div_ceil(rows);
        }
    }
    columns
}

/// The edges left when those that close a cycle are dropped: depth-first search without recursion.
fn without_cycles(count: usize, edges: &[(usize, usize)]) -> Vec<(usize, usize)> {
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in edges {
        outputs[*from].push(*to);
    }
    // 0 not seen, 1 on the current path, 2 done.
    let mut state = vec![0_u8; count];
    let mut closing = HashSet::new();
    for start in 0..count {
        if state[start] != 0 {
            continue;
        }
        state[start] = 1;
        let mut path = vec![(start, 0_usize)];
        while let Some((node, next)) = path.pop() {
            let Some(&target) = outputs[node].get(next) else {
                state[node] = 2;
                continue;
            };
            path.push((node, next + 1));
            match state[target] {
                0 => {
                    state[target] = 1;
                    path.push((target, 0));
                }
                1 => {
                    closing.insert((node, target));
                }
                _ => {}
            }
        }
    }
    edges
        .iter()
        .copied()
        .filter(|edge| !closing.contains(edge))
        .collect()
}

/// The length of the longest path that ends in each node; the edges have no cycle.
fn longest_paths(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut waiting = vec![0_usize; count];
    for (from, to) in edges {
        outputs[*from].push(*to);
        waiting[*to] += 1;
    }
    let mut ready: Vec<usize> = (0..count).filter(|node| waiting[*node] == 0).collect();
    let mut length = vec![0; count];
    while let Some(node) = ready.pop() {
        for &next in &outputs[node] {
            length[next] = length[next].max(length[node] + 1);
            waiting[next] -= 1;
            if waiting[next] == 0 {
                ready.push(next);
            }
        }
    }
    length
}

/// Moves nodes with more outputs than inputs right, up to their first user in the band or to the
/// band's last layer when all users are in later bands.
fn pull_right(
    nodes: &[&LayoutNode],
    edges: &[(usize, usize)],
    inside: &[(usize, usize)],
    members: &[usize],
    layer: &mut [usize],
    last: usize,
) {
    let mut balance = vec![0_i64; nodes.len()];
    for (from, to) in edges {
        // An edge to an earlier band pulls nobody to the right.
        if nodes[*from].stage <= nodes[*to].stage {
            balance[*from] += 1;
            balance[*to] -= 1;
        }
    }
    let mut users: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (from, to) in inside {
        users[*from].push(*to);
    }
    let mut from_right = members.to_vec();
    from_right.sort_by_key(|node| (std::cmp::Reverse(layer[*node]), *node));
    for node in from_right {
        if balance[node] > 0 {
            layer[node] = users[node]
                .iter()
                .map(|user| layer[*user] - 1)
                .min()
                .unwrap_or(last);
        }
    }
}

/// What stands in a column: a box, or the line of the edges that pass through to a node further right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Item {
    Node(usize),
    Line { target: usize, column: usize },
}

/// Values by item, only ever looked up, never gone through.
type ByItem<T> = HashMap<Item, T, BuildHasherDefault<ItemHasher>>;

/// Hashes items by a rotation and a multiplication a number. Items are small numbers nobody chooses
/// with bad intent, and most of a layout's time goes into looking them up.
#[derive(Default)]
struct ItemHasher(u64);

impl Hasher for ItemHasher {
    fn finish(&self) -> u64 {
        // The table looks at the highest and the lowest bits; multiplication mixes upwards only.
        self.0.rotate_left(26)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = (self.0.rotate_left(5) ^ number).wrapping_mul(0x517c_c1b7_2722_0a95);
    }

    fn write_usize(&mut self, number: usize) {
        self.write_u64(number as u64);
    }

    fn write_isize(&mut self, number: isize) {
        self.write_u64(number as u64);
    }
}

/// The items of all columns, their order and their heights.
struct Grid {
    /// Items by column, from top to bottom.
    columns: Vec<Vec<Item>>,
    /// Neighbours in the column to the left and to the right.
    left: ByItem<Vec<Item>>,
    right: ByItem<Vec<Item>>,
    /// Height of the middle of each item, from 0.
    y: ByItem<f64>,
    /// Height of the tallest column, from the first box's top to the last one's bottom.
    height: f64,
}

impl Grid {
    fn new(
        nodes: &[&LayoutNode],
        edges: &[(usize, usize)],
        columns: &[usize],
        column_count: usize,
    ) -> Self {
        let mut grid = Self {
            columns: vec![Vec::new(); column_count],
            left: ByItem::default(),
            right: ByItem::default(),
            y: ByItem::default(),
            height: 0.0,
        };
        for (node, column) in columns.iter().enumerate() {
            grid.columns[*column].push(Item::Node(node));
        }
        let mut links: Vec<(Item, Item)> = Vec::new();
        let mut known: HashSet<(Item, Item)> = HashSet::new();
        for &(from, to) in edges {
            let mut before = Item::Node(from);
            for column in columns[from] + 1..=columns[to] {
                let item = entry(to, column, columns);
                if item != Item::Node(to) && !grid.columns[column].contains(&item) {
                    grid.columns[column].push(item);
                }
                if known.insert((before, item)) {
                    links.push((before, item));
                }
                before = item;
            }
        }
        for (from, to) in links {
            grid.right.entry(from).or_default().push(to);
            grid.left.entry(to).or_default().push(from);
        }
        for column in &mut grid.columns {
            column.sort_by_key(|item| match *item {
                Item::Node(node) => (nodes[node].order, 0, node),
                Item::Line { target, .. } => (nodes[target].order, 1, target),
            });
        }
        grid
    }

    /// Orders every column by the mean position of its neighbours, sweeping right and left; the
    /// order with the fewest crossings wins, the earliest of equals.
    fn sort(&mut self) {
        let mut best = self.columns.clone();
        let mut fewest = self.crossings();
        for sweep in 0..SWEEPS {
            if fewest == 0 {
                break;
            }
            let rightward = sweep % 2 == 0;
            let count = self.columns.len();
            for step in 1..count {
                let (column, fixed) = if rightward {
                    (step, step - 1)
                } else {
                    (count - 1 - step, count - step)
                };
                let rank = self.ranks(fixed);
                let links = if rightward { &self.left } else { &self.right };
                let here = self.ranks(column);
                let mean = |item: &Item| {
                    let own = here.get(item).copied().unwrap_or(0.5);
                    links
                        .get(item)
                        .and_then(|others| {
                            average(others.iter().filter_map(|other| rank.get(other).copied()))
                        })
                        .unwrap_or(own)
                };
                let mut keyed: Vec<(f64, Item)> = self.columns[column]
                    .iter()
                    .map(|item| (mean(item), *item))
                    .collect();
                // A stable sort: ties keep the order they have, at first that of `order`.
                keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
                self.columns[column] = keyed.into_iter().map(|(_, item)| item).collect();
            }
            let crossings = self.crossings();
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&self.columns);
            }
        }
        self.columns = best;
    }

    /// Relative position of each item of a column, 0 to 1.
    fn ranks(&self, column: usize) -> ByItem<f64> {
        let items = &self.columns[column];
        let count = items.len().max(1) as f64;
        items
            .iter()
            .enumerate()
            .map(|(place, item)| (*item, (place as f64 + 0.5) / count))
            .collect()
    }

    /// Pairs of links between neighbouring columns that cross.
    fn crossings(&self) -> u64 {
        let mut sum = 0;
        for pair in self.columns.windows(2) {
            let places: ByItem<usize> = pair[1]
                .iter()
                .enumerate()
                .map(|(place, item)| (*item, place))
                .collect();
            // A Fenwick tree over the right column counts, for each link, earlier links that end below it.
            let mut tree = vec![0_u64; pair[1].len() + 1];
            let mut counted = 0;
            for item in &pair[0] {
                let mut ends: Vec<usize> = self
                    .right
                    .get(item)
                    .into_iter()
                    .flatten()
                    .filter_map(|other| places.get(other).copied())
                    .collect();
                ends.sort_unstable();
                for end in &ends {
                    let mut not_below = 0;
                    let mut at = end + 1;
                    while at > 0 {
                        not_below += tree[at];
                        at &= at - 1;
                    }
                    sum += counted - not_below;
                }
                for end in ends {
                    counted += 1;
                    let mut at = end + 1;
                    while at < tree.len() {
                        tree[at] += 1;
                        at += at & at.wrapping_neg();
                    }
                }
            }
        }
        sum
    }

    /// Gives every item its height: columns centred at first, then every item drawn towards its
    /// neighbours as far as order and distances allow.
    fn place(&mut self) {
        let offsets: Vec<Vec<f64>> = self.columns.iter().map(|items| offsets(items)).collect();
        self.height = offsets
            .iter()
            .zip(&self.columns)
            .filter_map(|(offsets, items)| {
                Some(offsets.last()? + edge_room(items.first()?) + edge_room(items.last()?))
            })
            .fold(0.0, f64::max);
        for (items, offsets) in self.columns.iter().zip(&offsets) {
            let (Some(first), Some(last), Some(length)) =
                (items.first(), items.last(), offsets.last())
            else {
                continue;
            };
            let free = self.height - length - edge_room(first) - edge_room(last);
            for (item, offset) in items.iter().zip(offsets) {
                self.y
                    .insert(*item, (free / 2.0).round() + edge_room(first) + offset);
            }
        }
        let count = self.columns.len();
        for sweep in 0..SWEEPS {
            for step in 0..count {
                let column = if sweep % 2 == 0 {
                    step
                } else {
                    count - 1 - step
                };
                self.draw_together(column, &offsets[column]);
            }
        }
    }

    /// Moves the items of one column to the heights with the least sum of squared distances to
    /// where their neighbours are, keeping order and distances: isotonic regression by pooling
    /// adjacent violators, then clamped into the height of the whole.
    fn draw_together(&mut self, column: usize, offsets: &[f64]) {
        let items = &self.columns[column];
        let (Some(first), Some(last), Some(length)) = (items.first(), items.last(), offsets.last())
        else {
            return;
        };
        let mut pools: Vec<(f64, f64, usize)> = Vec::new();
        for (item, offset) in items.iter().zip(offsets) {
            let neighbours = [&self.left, &self.right]
                .into_iter()
                .filter_map(|links| links.get(item))
                .flatten();
            let wanted = average(neighbours.filter_map(|other| self.y.get(other).copied()));
            let (wanted, weight) = match wanted {
                Some(wanted) => (wanted, 1.0),
                // A box without edges stays where it is unless others need the room.
                None => (self.y.get(item).copied().unwrap_or(0.0), 0.1),
            };
            let mut pool = (wanted - offset, weight, 1);
            while let Some(above) = pools.last().copied() {
                if above.0 < pool.0 {
                    break;
                }
                let weight = above.1 + pool.1;
                let mean = (above.0 * above.1 + pool.0 * pool.1) / weight;
                pool = (mean, weight, above.2 + pool.2);
                pools.pop();
            }
            pools.push(pool);
        }
        let low = edge_room(first);
        let high = self.height - edge_room(last) - length;
        let shifts = pools
            .into_iter()
            .flat_map(|(mean, _, count)| std::iter::repeat_n(mean, count));
        for ((item, offset), shift) in items.iter().zip(offsets).zip(shifts) {
            // Whole units keep lines sharp; rounding equal steps cannot bring two items closer.
            let shift = shift.round().max(low).min(high.max(low));
            self.y.insert(*item, shift + offset);
        }
    }
}

/// What the edges to `target` meet in `column`: the node itself in its own column, else their line.
fn entry(target: usize, column: usize, columns: &[usize]) -> Item {
    if columns[target] == column {
        Item::Node(target)
    } else {
        Item::Line { target, column }
    }
}

/// Room an item needs above or below its middle at the ends of a column.
fn edge_room(item: &Item) -> f64 {
    match item {
        Item::Node(_) => BOX_HEIGHT / 2.0,
        Item::Line { .. } => LINE_STEP / 2.0,
    }
}

/// Least distances of the items' middles from the first one's.
fn offsets(items: &[Item]) -> Vec<f64> {
    let mut offsets = Vec::with_capacity(items.len());
    let mut at = 0.0;
    for (place, item) in items.iter().enumerate() {
        if let Some(before) = place.checked_sub(1).and_then(|place| items.get(place)) {
            at += match (before, item) {
                (Item::Node(_), Item::Node(_)) => ROW_STEP,
                (Item::Line { .. }, Item::Line { .. }) => LINE_STEP,
                // One line between two boxes fits into the space they have anyway.
                _ => ROW_STEP / 2.0,
            };
        }
        offsets.push(at);
    }
    offsets
}

fn average(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    (count > 0).then(|| sum / f64::from(count))
}

/// The vertical line in one gap on which edges come together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Trunk {
    /// Edges on their way to a node, in the gap before one of its items.
    To(usize),
    /// Edges of one node on their way down to run back to the left.
    Down(usize),
}

/// One trunk in one gap: the heights it takes lines from and the one it leads to.
#[derive(Clone, Debug, Default)]
struct TrunkEnds {
    from: Vec<f64>,
    to: f64,
}

/// Boxes, bands and paths from the heights found.
fn draw(
    nodes: &[&LayoutNode],
    edges: &[(usize, usize)],
    columns: &[usize],
    column_count: usize,
    grid: &Grid,
) -> Layout {
    let is_back = |(from, to): (usize, usize)| columns[to] <= columns[from];
    // Lines that run back to the left need room at the sides and one height below for each target.
    let mut below: BTreeMap<usize, f64> = BTreeMap::new();
    for &(_, to) in edges.iter().filter(|edge| is_back(**edge)) {
        let next = below.len() as f64;
        below
            .entry(to)
            .or_insert(HEADER + grid.height + MARGIN + LINE_STEP * next);
    }
    let back_into_first = below.keys().any(|target| columns[*target] == 0);
    let back_from_last = edges
        .iter()
        .any(|edge| is_back(*edge) && columns[edge.0] + 1 == column_count);
    let indent = if back_into_first { GAP } else { 0.0 };
    let left_of = |column: usize| indent + column as f64 * COLUMN_STEP;
    let right_of = |column: usize| left_of(column) + BOX_WIDTH;
    let height_of = |item: Item| HEADER + grid.y.get(&item).copied().unwrap_or(0.0);

    // Gap g lies to the left of column g.
    let mut gaps: BTreeMap<usize, BTreeMap<Trunk, TrunkEnds>> = BTreeMap::new();
    for &(from, to) in edges {
        if is_back((from, to)) {
            let Some(&bottom) = below.get(&to) else {
                continue;
            };
            let down = gaps
                .entry(columns[from] + 1)
                .or_default()
                .entry(Trunk::Down(to))
                .or_default();
            down.from.push(height_of(Item::Node(from)));
            down.to = bottom;
            let up = gaps
                .entry(columns[to])
                .or_default()
                .entry(Trunk::To(to))
                .or_default();
            up.from.push(bottom);
            up.to = height_of(Item::Node(to));
            continue;
        }
        let mut before = Item::Node(from);
        for column in columns[from] + 1..=columns[to] {
            let item = entry(to, column, columns);
            let trunk = gaps
                .entry(column)
                .or_default()
                .entry(Trunk::To(to))
                .or_default();
            trunk.from.push(height_of(before));
            trunk.to = height_of(item);
            before = item;
        }
    }
    let mut lanes: HashMap<(usize, Trunk), f64> = HashMap::new();
    for (gap, trunks) in &gaps {
        for (trunk, offset) in assign_lanes(trunks) {
            lanes.insert((*gap, trunk), left_of(*gap) - GAP + offset);
        }
    }
    let lane = |gap: usize, trunk: Trunk| {
        lanes
            .get(&(gap, trunk))
            .copied()
            .unwrap_or(left_of(gap) - GAP / 2.0)
    };

    let paths = edges.iter().map(|&(from, to)| {
        let start = height_of(Item::Node(from));
        let end = (left_of(columns[to]) - ARROW, height_of(Item::Node(to)));
        let mut points = vec![(right_of(columns[from]), start)];
        if is_back((from, to)) {
            let bottom = below.get(&to).copied().unwrap_or(HEADER + grid.height);
            let down = lane(columns[from] + 1, Trunk::Down(to));
            let up = lane(columns[to], Trunk::To(to));
            points.extend([(down, start), (down, bottom), (up, bottom), (up, end.1)]);
        } else {
            let mut at = start;
            for column in columns[from] + 1..=columns[to] {
                let next = height_of(entry(to, column, columns));
                let x = lane(column, Trunk::To(to));
                points.extend([(x, at), (x, next)]);
                at = next;
            }
        }
        points.push(end);
        EdgePath {
            from: nodes[from].id,
            to: nodes[to].id,
            path: rounded(&points),
        }
    });
    let edge_paths = paths.collect();

    let boxes: Vec<NodeBox> = nodes
        .iter()
        .enumerate()
        .map(|(node, given)| NodeBox {
            id: given.id,
            x: left_of(columns[node]),
            y: height_of(Item::Node(node)) - BOX_HEIGHT / 2.0,
            width: BOX_WIDTH,
            height: BOX_HEIGHT,
            layer: u32::try_from(columns[node]).unwrap_or(u32::MAX),
        })
        .collect();
    let bands = Stream::ALL
        .into_iter()
        .filter_map(|stage| {
            let held = || (0..nodes.len()).filter(|node| nodes[*node].stage == stage);
            let first = held().map(|node| columns[node]).min()?;
            let last = held().map(|node| columns[node]).max()?;
            Some(Band {
                stage,
                x_from: left_of(first),
                x_to: right_of(last),
            })
        })
        .collect();
    let width = match column_count.checked_sub(1) {
        Some(last) => right_of(last) + if back_from_last { GAP } else { 0.0 },
        None => 0.0,
    };
    let height = if nodes.is_empty() {
        0.0
    } else {
        HEADER + grid.height + MARGIN + LINE_STEP * below.len() as f64
    };
    Layout {
        width,
        height,
        bands,
        nodes: boxes,
        edges: edge_paths,
    }
}

/// Places the trunks of one gap side by side, as distances from the gap's left edge. Trunks whose
/// heights do not meet share a place. A trunk that takes a line at the height at which another
/// leads on stands left of it where possible, or the two lines would lie on one another.
fn assign_lanes(trunks: &BTreeMap<Trunk, TrunkEnds>) -> Vec<(Trunk, f64)> {
    let close = |a: f64, b: f64| (a - b).abs() < 4.0;
    let mut waiting: Vec<(Trunk, &TrunkEnds)> = trunks.iter().map(|(t, ends)| (*t, ends)).collect();
    waiting.sort_by(|a, b| a.1.to.total_cmp(&b.1.to).then(a.0.cmp(&b.0)));
    let span = |ends: &TrunkEnds| {
        ends.from.iter().fold((ends.to, ends.to), |(low, high), y| {
            (low.min(*y), high.max(*y))
        })
    };
    let left_of = |a: &TrunkEnds, b: &TrunkEnds| a.from.iter().any(|y| close(*y, b.to));
    let mut placed: Vec<(Trunk, &TrunkEnds, (f64, f64), usize)> = Vec::new();
    while !waiting.is_empty() {
        // The first that need not wait for another; when they wait for one another, the first of all.
        let next = (0..waiting.len())
            .find(|candidate| {
                waiting.iter().enumerate().all(|(other, (_, ends))| {
                    other == *candidate || !left_of(ends, waiting[*candidate].1)
                })
            })
            .unwrap_or(0);
        let (trunk, ends) = waiting.remove(next);
        let (low, high) = span(ends);
        let least = placed
            .iter()
            .filter(|(_, other, _, _)| left_of(other, ends))
            .map(|(_, _, _, place)| place + 1)
            .max()
            .unwrap_or(0);
        let meets = |place: usize| {
            placed.iter().any(|&(_, _, (other_low, other_high), held)| {
                held == place && other_low < high + 4.0 && low < other_high + 4.0
            })
        };
        let place = (least..=placed.len() + least)
            .find(|place| !meets(*place))
            .unwrap_or(least);
        placed.push((trunk, ends, (low, high), place));
    }
    let last = placed.iter().map(|placed| placed.3).max().unwrap_or(0);
    // Corners need their radius on the left, on the right that and the arrow head.
    let (first_x, last_x) = (CORNER_RADIUS, GAP - ARROW - CORNER_RADIUS);
    let step = if last == 0 {
        0.0
    } else {
        ((last_x - first_x) / last as f64).min(6.0)
    };
    let middle = (first_x + last_x) / 2.0;
    placed
        .into_iter()
        .map(|(trunk, _, _, place)| (trunk, middle + (place as f64 - last as f64 / 2.0) * step))
        .collect()
}

/// An SVG path along points joined by horizontal and vertical lines, its corners rounded.
fn rounded(points: &[(f64, f64)]) -> String {
    let same = |a: f64, b: f64| (a - b).abs() < 1e-6;
    let mut corners: Vec<(f64, f64)> = Vec::new();
    for &point in points {
        if corners
            .last()
            .is_some_and(|last| same(last.0, point.0) && same(last.1, point.1))
        {
            continue;
        }
        if let [.., first, second] = corners.as_slice()
            && ((same(first.0, second.0) && same(second.0, point.0))
                || (same(first.1, second.1) && same(second.1, point.1)))
        {
            corners.pop();
        }
        corners.push(point);
    }
    let mut path = String::new();
    for (place, &(x, y)) in corners.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| corners.get(place));
        match (before, corners.get(place + 1)) {
            (None, _) => path.push_str(&format!("M{} {}", short(x), short(y))),
            (Some(_), None) => path.push_str(&format!("L{} {}", short(x), short(y))),
            (Some(&before), Some(&after)) => {
                let length = |a: (f64, f64)| (a.0 - x).abs() + (a.1 - y).abs();
                let radius = CORNER_RADIUS
                    .min(length(before) / 2.0)
                    .min(length(after) / 2.0);
                let towards = |a: (f64, f64)| {
                    let part = radius / length(a);
                    (x + (a.0 - x) * part, y + (a.1 - y) * part)
                };
                let (start, end) = (towards(before), towards(after));
                path.push_str(&format!(
                    "L{} {}Q{} {} {} {}",
                    short(start.0),
                    short(start.1),
                    short(x),
                    short(y),
                    short(end.0),
                    short(end.1)
                ));
            }
        }
    }
    path
}

/// A coordinate with at most two decimals.
fn short(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // Adding zero turns -0 into 0.
    (rounded + 0.0).to_string()
}
