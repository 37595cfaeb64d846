//! The reference product graph: what is made of what, as a list of relations somebody collected.
//! Chains are drawn by people; the graph only suggests what they may have forgotten.

mod industry;
mod name;
mod propose;

use super::Adjacency;
use crate::text::fold;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

pub use industry::{IndustryInput, IndustryInputs, read_industry_inputs};
pub use name::{MAX_NAME, NameProblem};
pub use propose::{NewNode, Proposal, ProposalKind};

/// The most bytes a file may have; products and relations then fit into 32 bits.
pub const MAX_REFERENCE_BYTES: u64 = 256 * 1024 * 1024;
/// The most rows shown for one reason of leaving rows out.
pub const MAX_EXAMPLES: usize = 20;

/// The most characters of a cell shown in a report.
const MAX_SHOWN: usize = 60;

/// Why a file could not be read at all. Everything else is in the report.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceProblem {
    /// No row at all.
    #[error("the file is empty")]
    Empty,
    /// The first row lacks a column.
    #[error("the header has no column {column}")]
    MissingColumn {
        /// Its name.
        column: String,
    },
    /// More bytes than are read.
    #[error("the file has more than {limit} bytes")]
    TooLarge {
        /// [`MAX_REFERENCE_BYTES`].
        limit: u64,
    },
}

/// Why a row was left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOutReason {
    /// Every cell is blank, or there is none.
    EmptyRow,
    /// Cells are missing.
    Malformed,
    /// The relation is neither `input`, `output` nor `subclass`.
    UnknownRelation,
    /// The count is no whole number above 0.
    InvalidCount,
    /// One of the names is no name.
    Name(NameProblem),
    /// Both names are the same when folded.
    SelfLoop,
    /// An earlier row says the same in the same words.
    Duplicate,
    /// As many rows, or more, say the opposite.
    TwoNodeCycle,
}

/// Rows left out for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Why.
    pub reason: LeftOutReason,
    /// How many rows.
    pub count: u32,
    /// The first of them, at most [`MAX_EXAMPLES`].
    pub examples: Vec<LeftOutRow>,
}

/// One row left out, as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOutRow {
    /// Its number as a spreadsheet counts: the header is 1.
    pub row: u32,
    /// The first name, cut after 60 characters.
    pub from: String,
    /// The second name, cut after 60 characters.
    pub to: String,
}

/// What reading a file came to. `rows` is the sum of `inputs`, `outputs`, `subclasses` and the
/// counts of `left_out`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceReport {
    /// Rows below the header, blank ones included.
    pub rows: u32,
    /// Products with at least one relation kept.
    pub products: u32,
    /// Rows of relation `input` kept.
    pub inputs: u32,
    /// Rows of relation `output` kept.
    pub outputs: u32,
    /// Rows of relation `subclass` kept.
    pub subclasses: u32,
    /// Input → output relations of the graph. Fewer than `inputs` and `outputs` together by those
    /// that one product's inputs and the other's outputs both name.
    pub flows: u32,
    /// What was left out, by reason.
    pub left_out: Vec<LeftOut>,
}

/// The rows left out so far, by reason.
#[derive(Default)]
struct LeftOutRows(BTreeMap<LeftOutReason, LeftOut>);

impl LeftOutRows {
    fn add(&mut self, reason: LeftOutReason, row: u32, from: &str, to: &str) {
        let held = self.0.entry(reason).or_insert_with(|| LeftOut {
            reason,
            count: 0,
            examples: Vec::new(),
        });
        held.count = held.count.saturating_add(1);
        if held.examples.len() < MAX_EXAMPLES {
            let shown = |text: &str| text.chars().take(MAX_SHOWN).collect();
            held.examples.push(LeftOutRow {
                row,
                from: shown(from),
                to: shown(to),
            });
        }
    }

    fn finish(self) -> Vec<LeftOut> {
        self.0
            .into_values()
            .map(|mut left_out| {
                left_out.examples.sort_by_key(|example| example.row);
                left_out
            })
            .collect()
    }
}

/// Products and their relations. A product is known by its number: the place of its folded name
/// among all of them, so the same file always gives the same numbers and another file does not.
///
/// Names are kept twice, as written and folded; relations as flat lists in both directions.
#[derive(Clone, Debug, Default)]
pub struct ReferenceGraph {
    /// By number, as first written.
    names: Vec<String>,
    /// The folded names by number, each followed by a line end, which no folded name contains.
    folded: String,
    /// Where each folded name begins, and the length of them all.
    starts: Vec<u32>,
    /// Input → output.
    users: Adjacency,
    /// Output → input.
    inputs: Adjacency,
    /// For each edge of `users` the rows that say so, 1 or 2.
    evidence: Vec<u8>,
    /// General → special.
    specials: Adjacency,
    /// Special → general.
    generals: Adjacency,
}

/// What a stored relation says of two products.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// The first goes into the second.
    Flow,
    /// The first is called a kind of the second.
    Subclass,
    /// The first is an industry that feeds the second.
    Industry,
}

impl RelationKind {
    /// The word it is stored as.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Flow => "flow",
            Self::Subclass => "subclass",
            Self::Industry => "industry",
        }
    }

    /// The kind of a stored word.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Flow, Self::Subclass, Self::Industry]
            .into_iter()
            .find(|kind| kind.key() == key)
    }
}

/// One relation as it is stored: read once, its names need no second check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReferenceRelation {
    /// What it says.
    pub kind: RelationKind,
    /// The input, the special product, or the industry that feeds.
    pub input: String,
    /// The output, the general product, or the industry that is fed.
    pub output: String,
    /// Rows that say so, at least 1.
    pub evidence: u32,
}

/// How a product met the text looked for, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HitKind {
    /// The text is its name.
    Exact,
    /// Its name begins with the text.
    Prefix,
    /// The text stands within its name.
    Contained,
}

/// A product found by its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductHit {
    /// Its number.
    pub product: u32,
    /// Its name.
    pub name: String,
    /// How it was found.
    pub kind: HitKind,
    /// Products it needs.
    pub inputs: u32,
    /// Products that need it.
    pub users: u32,
    /// Products that are a kind of it or that it is a kind of.
    pub related: u32,
}

/// On which side of the product asked for another one lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The product asked for itself.
    Centre,
    /// Goes into it, directly or through others.
    Upstream,
    /// Is made of it, directly or through others.
    Downstream,
    /// A kind of it, or what it is a kind of.
    Related,
}

/// The products around one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbourhood {
    /// The product itself, then upstream, downstream and related ones, the nearest first.
    pub products: Vec<Neighbour>,
    /// All relations among them: input → output first, then general → special, by numbers.
    pub edges: Vec<NeighbourEdge>,
    /// Products that lie as near but are more than the limit.
    pub more: u32,
}

/// One product of a neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Neighbour {
    /// Its number.
    pub product: u32,
    /// Its name.
    pub name: String,
    /// Where it lies.
    pub side: Side,
    /// Relations to it along the way that leads to its side.
    pub distance: u32,
}

impl Neighbour {
    /// The distance with the direction as its sign: below 0 upstream, above 0 downstream, 0 for
    /// the product itself and for related ones.
    #[must_use]
    pub fn level(&self) -> i32 {
        let distance = i32::try_from(self.distance).unwrap_or(i32::MAX);
        match self.side {
            Side::Upstream => -distance,
            Side::Downstream => distance,
            Side::Centre | Side::Related => 0,
        }
    }
}

/// What a relation of a neighbourhood says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NeighbourEdgeKind {
    /// `from` goes into `to`.
    Flow,
    /// `to` is called a kind of `from`.
    Subclass,
}

/// One relation of a neighbourhood.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NeighbourEdge {
    /// What it says.
    pub kind: NeighbourEdgeKind,
    /// Number of the input or the general product.
    pub from: u32,
    /// Number of the output or the special product.
    pub to: u32,
    /// Rows of the file that say so, 1 or 2.
    pub evidence: u32,
}

/// What a row says of two names, once read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Relation {
    Input,
    Output,
    Subclass,
}

/// A row of two good names, turned the way the graph runs.
struct Statement<'a> {
    row: u32,
    line: &'a str,
    from: u32,
    to: u32,
    relation: Relation,
}

/// Reads the graph from CSV text with the columns `from`, `to` and `relation`, in any order and
/// among others. The relations, as the public collection of 110,153 rows and 60,533 names has them:
///
/// - `input`: `from` needs `to` (ABS安全帽 needs ABS工程塑料). Kept as `to` → `from`. Some rows have it
///   the wrong way round (电解液 needs 化学电池); nothing in the file tells which.
/// - `output`: `from` goes into `to` or is used for it (甲醇 goes into 二甲醚). Kept as it stands; where a row of each
///   kind names the same two, the relation has an evidence of 2.
/// - `subclass`: `to` is called a kind of `from`. In the collection the name of `from` stands within
///   that of `to` without exception, so the containing name is taken for the special one; when
///   neither contains the other, the row counts as it stands. Only half of these names also end with
///   the general one, as kinds do in Chinese (塑料薄膜 is a 薄膜); the others are merely called after
///   it (大理石奶油蛋糕 is no 大理石). Kept apart from the flow.
///
/// A row that cannot be used is left out and reported, never fatal. Names are compared folded; the
/// first spelling is kept. Of two rows that say the opposite of one another both are left out,
/// unless one direction has more rows: then that one stays. Longer cycles are kept, for which of
/// their relations is wrong cannot be told. Each line is a row: a quotation mark out of place cannot
/// swallow the lines after it.
///
/// # Errors
/// [`ReferenceProblem`] for an empty file, a header without the three columns, or too many bytes.
pub fn read_reference(text: &str) -> Result<(ReferenceGraph, ReferenceReport), ReferenceProblem> {
    let (columns, lines) = read_header(text, ["from", "to", "relation"])?;
    let mut names = Names::default();
    let mut left_out = LeftOutRows::default();
    let mut rows = 0;
    let mut statements: Vec<Statement<'_>> = Vec::new();
    for (row, line) in lines {
        rows += 1;
        let [from, to, relation] = match read_row(line, columns) {
            Ok(cells) => cells,
            Err((reason, [from, to, _])) => {
                left_out.add(reason, row, &from, &to);
                continue;
            }
        };
        let mut refuse = |reason| left_out.add(reason, row, &from, &to);
        let relation = match fold(&relation).as_str() {
            "input" => Relation::Input,
            "output" => Relation::Output,
            "subclass" => Relation::Subclass,
            _ => {
                refuse(LeftOutReason::UnknownRelation);
                continue;
            }
        };
        let (first, second) = (names.number(&from), names.number(&to));
        if let Some(problem) = names.problem(first).or(names.problem(second)) {
            refuse(LeftOutReason::Name(problem));
            continue;
        }
        if first == second {
            refuse(LeftOutReason::SelfLoop);
            continue;
        }
        let turned = match relation {
            Relation::Input => true,
            Relation::Output => false,
            Relation::Subclass => names.folded(first).contains(names.folded(second)),
        };
        statements.push(Statement {
            row,
            line,
            from: if turned { second } else { first },
            to: if turned { first } else { second },
            relation,
        });
    }
    let statements = without_contradictions(statements, columns, &mut left_out);
    let graph = ReferenceGraph::new(names, &statements);
    let count = |relation| {
        let kept = statements.iter().filter(|one| one.relation == relation);
        u32::try_from(kept.count()).unwrap_or(u32::MAX)
    };
    let report = ReferenceReport {
        rows,
        products: graph.product_count(),
        inputs: count(Relation::Input),
        outputs: count(Relation::Output),
        subclasses: count(Relation::Subclass),
        flows: graph.flow_count(),
        left_out: left_out.finish(),
    };
    Ok((graph, report))
}

/// The places of some columns in the first line that is not blank, and the lines below it with
/// their numbers.
fn read_header<'a>(
    text: &'a str,
    wanted: [&str; 3],
) -> Result<([usize; 3], impl Iterator<Item = (u32, &'a str)>), ReferenceProblem> {
    if text.len() as u64 > MAX_REFERENCE_BYTES {
        return Err(ReferenceProblem::TooLarge {
            limit: MAX_REFERENCE_BYTES,
        });
    }
    let mut lines = (1_u32..).zip(text.trim_start_matches('\u{feff}').lines());
    let Some((_, header)) = lines.find(|(_, line)| !line.trim().is_empty()) else {
        return Err(ReferenceProblem::Empty);
    };
    let header: Vec<String> = cells(header).iter().map(|cell| fold(cell)).collect();
    let mut columns = [0; 3];
    for (place, name) in columns.iter_mut().zip(wanted) {
        *place = header.iter().position(|cell| cell == name).ok_or_else(|| {
            ReferenceProblem::MissingColumn {
                column: name.to_owned(),
            }
        })?;
    }
    Ok((columns, lines))
}

/// The three cells of a row, trimmed; what there is of them when some are missing.
fn read_row(line: &str, columns: [usize; 3]) -> Result<[String; 3], (LeftOutReason, [String; 3])> {
    let cells = cells(line);
    let found = columns.map(|column| cells.get(column).cloned().unwrap_or_default());
    if cells.iter().all(String::is_empty) {
        Err((LeftOutReason::EmptyRow, found))
    } else if columns.iter().any(|column| *column >= cells.len()) {
        Err((LeftOutReason::Malformed, found))
    } else {
        Ok(found)
    }
}

/// The cells of one line of CSV, trimmed.
fn cells(line: &str) -> Vec<String> {
    if !line.contains('"') {
        return line.split(',').map(|cell| cell.trim().to_owned()).collect();
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(line.as_bytes());
    let mut record = csv::StringRecord::new();
    match reader.read_record(&mut record) {
        Ok(true) => record.iter().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The distinct names of a file, numbered as they come.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, u32>,
    /// As written, folded, and what is wrong with it.
    all: Vec<(String, String, Option<NameProblem>)>,
}

impl Names {
    fn number(&mut self, written: &str) -> u32 {
        let folded = fold(written);
        if let Some(number) = self.numbers.get(&folded) {
            return *number;
        }
        // The limit on bytes keeps the count of names below 2³².
        let number = u32::try_from(self.all.len()).unwrap_or(u32::MAX);
        let problem = name::name_problem(&folded);
        self.all.push((written.to_owned(), folded.clone(), problem));
        self.numbers.insert(folded, number);
        number
    }

    fn folded(&self, number: u32) -> &str {
        self.all.get(number as usize).map_or("", |name| &name.1)
    }

    fn problem(&self, number: u32) -> Option<NameProblem> {
        self.all.get(number as usize).and_then(|name| name.2)
    }
}

/// The statements left without repetitions and without those that others contradict.
fn without_contradictions<'a>(
    statements: Vec<Statement<'a>>,
    columns: [usize; 3],
    left_out: &mut LeftOutRows,
) -> Vec<Statement<'a>> {
    let mut refuse = |reason, one: &Statement<'_>| {
        // Names are stored under their first spelling; the report shows the row's own.
        let (Ok([from, to, _]) | Err((_, [from, to, _]))) = read_row(one.line, columns);
        left_out.add(reason, one.row, &from, &to);
    };
    let mut seen = HashSet::new();
    let mut support: HashMap<(bool, u32, u32), u8> = HashMap::new();
    let mut distinct = Vec::with_capacity(statements.len());
    for one in statements {
        if seen.insert((one.relation, one.from, one.to)) {
            let is_flow = one.relation != Relation::Subclass;
            *support.entry((is_flow, one.from, one.to)).or_default() += 1;
            distinct.push(one);
        } else {
            refuse(LeftOutReason::Duplicate, &one);
        }
    }
    distinct.retain(|one| {
        let rows = |from, to| {
            let is_flow = one.relation != Relation::Subclass;
            support.get(&(is_flow, from, to)).copied().unwrap_or(0)
        };
        let against = rows(one.to, one.from);
        let kept = against == 0 || rows(one.from, one.to) > against;
        if !kept {
            refuse(LeftOutReason::TwoNodeCycle, one);
        }
        kept
    });
    distinct
}

impl ReferenceGraph {
    fn new(names: Names, statements: &[Statement<'_>]) -> Self {
        let flow = |one: &&Statement<'_>| one.relation != Relation::Subclass;
        let ends = |one: &Statement<'_>| (one.from, one.to);
        let flows: Vec<(u32, u32)> = statements.iter().filter(flow).map(ends).collect();
        let kinds: Vec<(u32, u32)> = statements
            .iter()
            .filter(|one| !flow(one))
            .map(ends)
            .collect();
        Self::from_edges(names, &flows, &kinds)
    }

    /// The graph of relations that were read and checked before, in any order.
    #[must_use]
    pub fn from_relations(relations: &[ReferenceRelation]) -> Self {
        let mut names = Names::default();
        let (mut flows, mut kinds) = (Vec::new(), Vec::new());
        for one in relations {
            let ends = (names.number(&one.input), names.number(&one.output));
            match one.kind {
                RelationKind::Flow => {
                    flows.extend(std::iter::repeat_n(ends, one.evidence.clamp(1, 2) as usize));
                }
                // General → special is the way the graph runs.
                RelationKind::Subclass => kinds.push((ends.1, ends.0)),
                RelationKind::Industry => {}
            }
        }
        Self::from_edges(names, &flows, &kinds)
    }

    /// The relations of the graph, as [`ReferenceGraph::from_relations`] takes them.
    #[must_use]
    pub fn relations(&self) -> Vec<ReferenceRelation> {
        let name = |product: u32| self.name(product).unwrap_or_default().to_owned();
        let flows = self.users.edges().map(|(input, output)| ReferenceRelation {
            kind: RelationKind::Flow,
            input: name(input),
            output: name(output),
            evidence: self.evidence(input, output),
        });
        let kinds = self
            .specials
            .edges()
            .map(|(general, special)| ReferenceRelation {
                kind: RelationKind::Subclass,
                input: name(special),
                output: name(general),
                evidence: 1,
            });
        flows.chain(kinds).collect()
    }

    /// The graph of numbered names; an edge given twice has two rows of evidence.
    fn from_edges(names: Names, flow_edges: &[(u32, u32)], kind_edges: &[(u32, u32)]) -> Self {
        let mut used = vec![false; names.all.len()];
        for (from, to) in flow_edges.iter().chain(kind_edges) {
            used[*from as usize] = true;
            used[*to as usize] = true;
        }
        let mut kept: Vec<(usize, String, String)> = names
            .all
            .into_iter()
            .enumerate()
            .filter(|(old, _)| used[*old])
            .map(|(old, (written, folded, _))| (old, written, folded))
            .collect();
        kept.sort_unstable_by(|a, b| a.2.cmp(&b.2));
        let mut renumbered = vec![0_u32; used.len()];
        let mut graph = Self::default();
        for (number, (old, written, folded)) in (0_u32..).zip(kept) {
            renumbered[old] = number;
            graph.names.push(written);
            graph.starts.push(text_length(&graph.folded));
            graph.folded.push_str(&folded);
            graph.folded.push('\n');
        }
        graph.starts.push(text_length(&graph.folded));
        graph.folded.shrink_to_fit();
        graph.names.shrink_to_fit();

        let edges = |numbered: &[(u32, u32)]| {
            let mut edges: Vec<(u32, u32)> = numbered
                .iter()
                .map(|(from, to)| (renumbered[*from as usize], renumbered[*to as usize]))
                .collect();
            edges.sort_unstable();
            edges
        };
        let mut flows: Vec<(u32, u32)> = Vec::new();
        for edge in edges(flow_edges) {
            match graph.evidence.last_mut() {
                Some(rows) if flows.last() == Some(&edge) => *rows += 1,
                _ => {
                    flows.push(edge);
                    graph.evidence.push(1);
                }
            }
        }
        let count = graph.product_count();
        graph.users = Adjacency::new(count, &flows);
        graph.inputs = graph.users.reversed();
        graph.specials = Adjacency::new(count, &edges(kind_edges));
        graph.generals = graph.specials.reversed();
        graph
    }

    /// The number of products; their own numbers lie below it.
    #[must_use]
    pub fn product_count(&self) -> u32 {
        u32::try_from(self.names.len()).unwrap_or(u32::MAX)
    }

    /// The number of input → output relations.
    #[must_use]
    pub fn flow_count(&self) -> u32 {
        self.users.edge_count()
    }

    /// The number of general → special relations.
    #[must_use]
    pub fn subclass_count(&self) -> u32 {
        self.specials.edge_count()
    }

    /// The name of a product as the file first writes it.
    #[must_use]
    pub fn name(&self, product: u32) -> Option<&str> {
        self.names.get(product as usize).map(String::as_str)
    }

    /// The product of a name, compared folded.
    #[must_use]
    pub fn product(&self, name: &str) -> Option<u32> {
        let folded = fold(name);
        let place = self.first_from(&folded);
        (!folded.is_empty() && self.folded_name(place) == folded).then_some(place)
    }

    /// The products it needs, by rising number.
    #[must_use]
    pub fn inputs(&self, product: u32) -> &[u32] {
        self.inputs.targets(product)
    }

    /// The products that need it, by rising number.
    #[must_use]
    pub fn users(&self, product: u32) -> &[u32] {
        self.users.targets(product)
    }

    /// The products called a kind of it, by rising number.
    #[must_use]
    pub fn specials(&self, product: u32) -> &[u32] {
        self.specials.targets(product)
    }

    /// The names under which a product is sold: its own, and those of the kinds of it whose names end with its own,
    /// at most `limit` in all.
    #[must_use]
    pub fn trade_names(&self, product: u32, limit: usize) -> Vec<&str> {
        let own = self.folded_name(product);
        std::iter::once(product)
            .chain(
                self.specials(product)
                    .iter()
                    .copied()
                    .filter(|kind| self.folded_name(*kind).ends_with(own)),
            )
            .filter_map(|one| self.name(one))
            .take(limit)
            .collect()
    }

    /// The products it is called a kind of, by rising number.
    #[must_use]
    pub fn generals(&self, product: u32) -> &[u32] {
        self.generals.targets(product)
    }

    /// The rows that say `input` goes into `output`: 0, 1 or 2.
    #[must_use]
    pub fn evidence(&self, input: u32, output: u32) -> u32 {
        let place = self.users(input).binary_search(&output).ok();
        place
            .and_then(|place| self.evidence.get(self.users.first_edge(input) + place))
            .map_or(0, |rows| u32::from(*rows))
    }

    /// The input → output relations as a bare graph.
    #[must_use]
    pub fn flow(&self) -> &Adjacency {
        &self.users
    }

    /// Products by a part of their name: the one of exactly this name, then those that begin with
    /// it, then those that contain it; shorter names first, equal ones by folded name. Nothing for
    /// a blank text.
    #[must_use]
    pub fn find(&self, text: &str, limit: usize) -> Vec<ProductHit> {
        let wanted = fold(text);
        if wanted.is_empty() {
            return Vec::new();
        }
        let mut found: Vec<(HitKind, usize, u32)> = Vec::new();
        let mut last = None;
        for (at, _) in self.folded.match_indices(&wanted) {
            let at = u32::try_from(at).unwrap_or(u32::MAX);
            let after = self.starts.partition_point(|start| *start <= at);
            let product = u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX);
            // The first place within a name is the best one it has.
            if last.replace(product) == Some(product) {
                continue;
            }
            let name = self.folded_name(product);
            let kind = if name == wanted {
                HitKind::Exact
            } else if name.starts_with(&wanted) {
                HitKind::Prefix
            } else {
                HitKind::Contained
            };
            found.push((kind, name.chars().count(), product));
        }
        // Numbers follow folded names.
        found.sort_unstable();
        found.truncate(limit);
        found
            .into_iter()
            .map(|(kind, _, product)| self.hit(product, kind))
            .collect()
    }

    fn hit(&self, product: u32, kind: HitKind) -> ProductHit {
        let count = |list: &[u32]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        ProductHit {
            product,
            name: self.name(product).unwrap_or_default().to_owned(),
            kind,
            inputs: count(self.inputs(product)),
            users: count(self.users(product)),
            related: count(self.specials(product)) + count(self.generals(product)),
        }
    }

    /// The products within some relations of one: upstream through inputs only, downstream through
    /// users only, related through general and special products only. One that lies on several
    /// sides is put where it is nearest, in this order. At most `limit` besides the product itself:
    /// the sides take turns, each giving its nearest first, then those whose name ends with the
    /// product's or the other way round (a true kind), then those with more relations, then by
    /// name. `None` for a product that is not there.
    #[must_use]
    pub fn neighbourhood(&self, product: u32, hops: u32, limit: usize) -> Option<Neighbourhood> {
        let name = self.name(product)?;
        let mut places: BTreeMap<u32, (u32, Side)> = BTreeMap::new();
        for side in [Side::Upstream, Side::Downstream, Side::Related] {
            for (found, distance) in self.reach(product, side, hops) {
                let place = places.entry(found).or_insert((distance, side));
                *place = (*place).min((distance, side));
            }
        }
        let centre = self.folded_name(product);
        let mut sides: [Vec<Ranked>; 3] = Default::default();
        for (found, (distance, side)) in &places {
            let other = self.folded_name(*found);
            let unlike = !(other.ends_with(centre) || centre.ends_with(other));
            let column = match side {
                Side::Upstream | Side::Centre => 0,
                Side::Downstream => 1,
                Side::Related => 2,
            };
            sides[column].push(Ranked {
                distance: *distance,
                unlike: *side == Side::Related && unlike,
                degree: Reverse(self.degree(*found)),
                product: *found,
            });
        }
        for side in &mut sides {
            side.sort_unstable();
        }
        let shares = fair_shares(sides.each_ref().map(Vec::len), limit);
        let mut products = vec![Neighbour {
            product,
            name: name.to_owned(),
            side: Side::Centre,
            distance: 0,
        }];
        for (held, share) in sides.iter().zip(shares) {
            for one in held.iter().take(share) {
                let product = one.product;
                products.push(Neighbour {
                    product,
                    name: self.name(product).unwrap_or_default().to_owned(),
                    side: places.get(&product).map_or(Side::Related, |place| place.1),
                    distance: one.distance,
                });
            }
        }
        let more = places.len() + 1 - products.len();
        Some(Neighbourhood {
            edges: self.edges_among(&products),
            products,
            more: u32::try_from(more).unwrap_or(u32::MAX),
        })
    }

    /// The products within `hops` relations on one side and their distances, breadth first.
    fn reach(&self, product: u32, side: Side, hops: u32) -> Vec<(u32, u32)> {
        let graphs: &[&Adjacency] = match side {
            Side::Centre => &[],
            Side::Upstream => &[&self.inputs],
            Side::Downstream => &[&self.users],
            Side::Related => &[&self.generals, &self.specials],
        };
        let mut seen = HashSet::from([product]);
        let mut queue = VecDeque::from([(product, 0)]);
        let mut found = Vec::new();
        while let Some((node, distance)) = queue.pop_front() {
            if distance == hops {
                break;
            }
            for next in graphs.iter().flat_map(|graph| graph.targets(node)) {
                if seen.insert(*next) {
                    found.push((*next, distance + 1));
                    queue.push_back((*next, distance + 1));
                }
            }
        }
        found
    }

    fn edges_among(&self, products: &[Neighbour]) -> Vec<NeighbourEdge> {
        let held: HashSet<u32> = products.iter().map(|one| one.product).collect();
        let mut edges = Vec::new();
        for one in products {
            let from = one.product;
            for to in self.users(from).iter().filter(|to| held.contains(to)) {
                edges.push(NeighbourEdge {
                    kind: NeighbourEdgeKind::Flow,
                    from,
                    to: *to,
                    evidence: self.evidence(from, *to),
                });
            }
            for to in self.specials(from).iter().filter(|to| held.contains(to)) {
                edges.push(NeighbourEdge {
                    kind: NeighbourEdgeKind::Subclass,
                    from,
                    to: *to,
                    evidence: 1,
                });
            }
        }
        edges.sort_unstable();
        edges
    }

    /// Relations of all kinds.
    fn degree(&self, product: u32) -> usize {
        self.inputs(product).len()
            + self.users(product).len()
            + self.specials(product).len()
            + self.generals(product).len()
    }

    fn folded_name(&self, product: u32) -> &str {
        let product = product as usize;
        match (self.starts.get(product), self.starts.get(product + 1)) {
            (Some(start), Some(end)) => self
                .folded
                .get(*start as usize..(*end as usize).saturating_sub(1))
                .unwrap_or_default(),
            _ => "",
        }
    }

    /// The first product whose folded name is not before `folded`.
    fn first_from(&self, folded: &str) -> u32 {
        let (mut low, mut high) = (0, self.product_count());
        while low < high {
            let middle = low + (high - low) / 2;
            if self.folded_name(middle) < folded {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }
}

/// A product of a neighbourhood by its claim to be shown.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    distance: u32,
    unlike: bool,
    degree: Reverse<usize>,
    product: u32,
}

/// The length of all folded names; it fits, as folding makes no text much longer.
fn text_length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

/// How many each of three lists gives when they take turns until `limit` are given.
fn fair_shares(lengths: [usize; 3], limit: usize) -> [usize; 3] {
    let mut shares = [0; 3];
    let mut left = limit;
    loop {
        let mut given = false;
        for (share, length) in shares.iter_mut().zip(lengths) {
            if *share < length && left > 0 {
                *share += 1;
                left -= 1;
                given = true;
            }
        }
        if !given {
            return shares;
        }
    }
}
