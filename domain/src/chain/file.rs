//! A chain is a file: JSON or CSV in, every problem named at once, JSON or CSV out.

use super::Stream;
use crate::text::fold;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};
use std::fmt;

/// The most bytes a chain file may have.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The most nodes a chain may have.
pub const MAX_NODES: u64 = 5_000;
/// The most edges a chain may have.
pub const MAX_EDGES: u64 = 20_000;

/// The columns of the CSV form, in the order they are written.
pub const COLUMNS: [&str; 15] = [
    "kind",
    "code",
    "name",
    "stage",
    "group",
    "aliases",
    "keywords",
    "priority",
    "priority_source",
    "from",
    "to",
    "coefficient",
    "description",
    "chief",
    "source",
];

/// The columns of the sheet of nodes, in the order they are written. Its first row is the chain.
pub const NODE_COLUMNS: [&str; 12] = [
    "kind",
    "code",
    "name",
    "stage",
    "group",
    "aliases",
    "keywords",
    "priority",
    "priority_source",
    "description",
    "chief",
    "source",
];

/// The columns of the sheet of edges, in the order they are written.
pub const EDGE_COLUMNS: [&str; 3] = ["from", "to", "coefficient"];

/// The rows of one sheet, header first, each as its cells from the first column on.
pub type SheetRows = Vec<Vec<String>>;

/// A chain as it is written in a file. Values that come from `parse_chain*` are valid: codes are
/// unique, edges join known nodes, and the graph has no cycle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainFile {
    /// Short stable name, such as `vanadium-storage`.
    pub code: String,
    /// The name people read, such as 钒电池储能.
    pub name: String,
    /// What the chain is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// 链长: the leader who answers for the chain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chief: Option<String>,
    /// Where the chain's structure was taken from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// 环节, in file order.
    pub nodes: Vec<ChainNode>,
    /// Input → output relations, in file order.
    #[serde(default)]
    pub edges: Vec<ChainEdge>,
}

/// One 环节 of a chain file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainNode {
    /// Unique within the chain; edges refer to it.
    pub code: String,
    /// The product or process, such as 五氧化二钒.
    pub name: String,
    /// 上游, 中游 or 下游.
    pub stage: Stream,
    /// What it is drawn together with, such as 关键材料: nodes of one stage and group fold into one box.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Other names of the same thing.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Words that hint at the node without naming it.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Policy priority p, 0 to 1; absent when nobody has set it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<f64>,
    /// The document and date the priority rests on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority_source: Option<String>,
}

/// One input → output relation of a chain file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChainEdge {
    /// Code of the input node.
    pub from: String,
    /// Code of the node that uses it.
    pub to: String,
    /// a_ij of an input-output table: value of the input per unit of output value, above 0 and at
    /// most 1; absent when no table gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coefficient: Option<f64>,
}

/// One thing wrong with a chain file, and where.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChainFileProblem {
    /// Line of the file, counted from 1: always for CSV rows, for JSON only when it is not JSON at
    /// all. For sheets it is the row of the sheet.
    pub line: Option<u32>,
    /// `chain`, `header`, `nodes[3]` or `edges[2]`, counted from 0; a cycle names all its edges,
    /// separated by `, `. Headers and rows of sheets are `nodes header` or `edges line 7`.
    pub place: String,
    /// What is wrong.
    pub kind: ChainFileProblemKind,
}

/// What can be wrong with a chain file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChainFileProblemKind {
    /// Not readable as JSON or CSV, a value of the wrong type, or a field nobody knows.
    Syntax {
        /// The reader's words, for people who edit files by hand.
        detail: String,
    },
    /// The CSV header lacks a column the rows need.
    MissingColumn {
        /// Its exact name.
        column: String,
    },
    /// `kind` is neither `chain`, `node` nor `edge`.
    UnknownKind {
        /// What stands there.
        value: String,
    },
    /// The chain or a node has no code.
    EmptyCode,
    /// The chain or a node has no name.
    EmptyName,
    /// `stage` is none of the three.
    UnknownStage {
        /// What stands there.
        value: String,
    },
    /// A code that an earlier node has, compared folded.
    DuplicateNode {
        /// The code. (Named `node` in the serialised form, where `code` names the problem.)
        #[serde(rename = "node")]
        code: String,
        /// Place of the earlier node.
        first: String,
    },
    /// The same alias in two nodes: a product could not be told apart.
    DuplicateTerm {
        /// The alias.
        term: String,
        /// Code of the node it is reported at.
        node: String,
        /// Code of the earlier node.
        other: String,
    },
    /// An edge refers to a code no node has.
    UnknownNode {
        /// The code.
        #[serde(rename = "node")]
        code: String,
    },
    /// An edge from a node to itself.
    SelfLoop {
        /// Code of the node.
        #[serde(rename = "node")]
        code: String,
    },
    /// An edge that is there already.
    DuplicateEdge {
        /// Code of the input node.
        from: String,
        /// Code of the output node.
        to: String,
        /// Place of the earlier edge.
        first: String,
    },
    /// Edges that lead back to where they began.
    Cycle {
        /// Node codes along the cycle; the first is repeated at the end.
        path: Vec<String>,
    },
    /// A priority that is not a number from 0 to 1.
    PriorityOutOfRange {
        /// What stands there.
        value: String,
    },
    /// A coefficient that is not a number above 0 and at most 1.
    CoefficientOutOfRange {
        /// What stands there.
        value: String,
    },
    /// A chain without nodes.
    NoNodes,
    /// More bytes, nodes or edges than are read.
    TooLarge {
        /// The limit that is exceeded: [`MAX_BYTES`], [`MAX_NODES`] or [`MAX_EDGES`].
        limit: u64,
    },
    /// A node without any edge. Only a warning; see [`ChainFile::warnings`].
    OrphanNode {
        /// Code of the node.
        #[serde(rename = "node")]
        code: String,
    },
}

impl ChainFile {
    /// Everything that keeps the chain from being read back from a file: empty for a chain that
    /// comes from `parse_chain*`. Lines are those of the rows of [`ChainFile::to_csv`] as a
    /// spreadsheet counts them.
    #[must_use]
    pub fn problems(&self) -> Vec<ChainFileProblem> {
        self.faults().into_iter().map(Fault::into_problem).collect()
    }

    /// As [`ChainFile::problems`], with places that can be looked up.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let mut draft = Draft {
            code: self.code.clone(),
            name: self.name.clone(),
            chain_line: Some(CHAIN_ROW),
            ..Draft::default()
        };
        for (index, node) in self.nodes.iter().enumerate() {
            let row = Row::line(self.row_of(&Place::Node(index)), 0, Place::Node(index));
            draft.nodes.push((row, RawNode::from(node)));
        }
        for (index, edge) in self.edges.iter().enumerate() {
            let place = Place::Edges(vec![index]);
            let row = Row::line(self.row_of(&place), 0, place);
            draft.edges.push((row, RawEdge::from(edge)));
        }
        draft.examine();
        draft.into_faults()
    }

    /// The row of [`ChainFile::to_csv`] in which a place stands, counted from 1.
    pub(super) fn row_of(&self, place: &Place) -> u32 {
        let behind = match place {
            Place::Chain | Place::Table(_) => 0,
            Place::Node(index) => index + 1,
            Place::Edges(edges) => self.nodes.len() + edges.first().copied().unwrap_or(0) + 1,
        };
        CHAIN_ROW.saturating_add(u32::try_from(behind).unwrap_or(u32::MAX))
    }

    /// Things worth a look that do not keep the chain from being used: nodes without any edge.
    #[must_use]
    pub fn warnings(&self) -> Vec<ChainFileProblem> {
        self.orphans()
            .into_iter()
            .map(|fault| ChainFileProblem {
                line: None,
                ..fault.into_problem()
            })
            .collect()
    }

    /// The nodes without any edge.
    pub(super) fn orphans(&self) -> Vec<Fault> {
        let joined: HashSet<&str> = self
            .edges
            .iter()
            .flat_map(|edge| [edge.from.as_str(), edge.to.as_str()])
            .collect();
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !joined.contains(node.code.as_str()))
            .map(|(index, node)| Fault {
                line: Some(self.row_of(&Place::Node(index))),
                place: Place::Node(index),
                kind: ChainFileProblemKind::OrphanNode {
                    code: node.code.clone(),
                },
            })
            .collect()
    }

    /// The JSON form, indented. Reading it back gives the same chain.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Serialising plain strings, numbers and lists cannot fail; an empty text is the harmless way out.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// The CSV form: a `chain` row, the nodes, the edges. Reading it back gives the same chain.
    #[must_use]
    pub fn to_csv(&self) -> String {
        let mut rows = self.node_rows(&COLUMNS);
        rows.extend(self.edge_rows(&COLUMNS));
        let mut writer = csv::Writer::from_writer(Vec::new());
        for row in rows {
            // Rows of one length into memory: there is nothing that could fail.
            if writer.write_record(&row).is_err() {
                return String::new();
            }
        }
        writer
            .into_inner()
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok())
            .unwrap_or_default()
    }

    /// The form for a workbook with two sheets: the rows of the chain and its nodes under
    /// [`NODE_COLUMNS`], the rows of the edges under [`EDGE_COLUMNS`]. [`from_rows`] gives the same chain.
    #[must_use]
    pub fn to_rows(&self) -> (SheetRows, SheetRows) {
        let mut edges = vec![EDGE_COLUMNS.map(String::from).to_vec()];
        edges.extend(self.edge_rows(&EDGE_COLUMNS));
        (self.node_rows(&NODE_COLUMNS), edges)
    }

    /// The header, the chain's row and the nodes' rows in these columns.
    fn node_rows(&self, columns: &[&str]) -> SheetRows {
        let header = columns.iter().map(|column| (*column).to_owned()).collect();
        let chain = cells(columns, |column| match column {
            "kind" => "chain".shown(),
            "code" => self.code.shown(),
            "name" => self.name.shown(),
            "description" => self.description.shown(),
            "chief" => self.chief.shown(),
            "source" => self.source.shown(),
            _ => None,
        });
        let nodes = self.nodes.iter().map(|node| {
            cells(columns, |column| match column {
                "kind" => "node".shown(),
                "code" => node.code.shown(),
                "name" => node.name.shown(),
                "stage" => node.stage.shown(),
                "group" => node.group.shown(),
                "aliases" => node.aliases.shown(),
                "keywords" => node.keywords.shown(),
                "priority" => node.priority.shown(),
                "priority_source" => node.priority_source.shown(),
                _ => None,
            })
        });
        [header, chain].into_iter().chain(nodes).collect()
    }

    /// The edges' rows in these columns.
    fn edge_rows(&self, columns: &[&str]) -> SheetRows {
        let row = |edge: &ChainEdge| {
            cells(columns, |column| match column {
                "kind" => "edge".shown(),
                "from" => edge.from.shown(),
                "to" => edge.to.shown(),
                "coefficient" => edge.coefficient.shown(),
                _ => None,
            })
        };
        self.edges.iter().map(row).collect()
    }
}

/// One row: what `value` gives for each column.
fn cells(columns: &[&str], value: impl Fn(&str) -> Option<String>) -> Vec<String> {
    columns
        .iter()
        .map(|column| value(column).unwrap_or_default())
        .collect()
}

/// How a value is written in a cell, and shown where old and new values stand side by side.
pub(super) trait Shown {
    /// The text; `None` when there is no value.
    fn shown(&self) -> Option<String>;
}

impl Shown for str {
    fn shown(&self) -> Option<String> {
        Some(self.to_owned())
    }
}

impl Shown for String {
    fn shown(&self) -> Option<String> {
        Some(self.clone())
    }
}

impl Shown for Option<String> {
    fn shown(&self) -> Option<String> {
        self.clone()
    }
}

impl Shown for Option<f64> {
    fn shown(&self) -> Option<String> {
        self.map(|value| value.to_string())
    }
}

impl Shown for Stream {
    fn shown(&self) -> Option<String> {
        Some(self.code().to_owned())
    }
}

impl Shown for Vec<String> {
    fn shown(&self) -> Option<String> {
        (!self.is_empty()).then(|| self.join("；"))
    }
}

/// Reads a chain file in the form its name says (`.json` or `.csv`, any case); a name with neither
/// is read as JSON when the text begins with `{`, else as CSV.
///
/// # Errors
/// Every problem found, in row order; see [`ChainFileProblemKind`].
pub fn parse_chain(file_name: &str, text: &str) -> Result<ChainFile, Vec<ChainFileProblem>> {
    let name = fold(file_name);
    let looks_like_json = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .starts_with('{');
    if name.ends_with(".json") || (!name.ends_with(".csv") && looks_like_json) {
        parse_chain_json(text)
    } else {
        parse_chain_csv(text)
    }
}

/// Reads the JSON form of a chain.
///
/// # Errors
/// Every problem found: the chain's own first, then nodes and edges by position.
pub fn parse_chain_json(text: &str) -> Result<ChainFile, Vec<ChainFileProblem>> {
    check_bytes(text)?;
    let text = text.trim_start_matches('\u{feff}');
    let value: Value = serde_json::from_str(text).map_err(|error| {
        vec![ChainFileProblem {
            line: u32::try_from(error.line()).ok().filter(|line| *line > 0),
            place: "chain".into(),
            kind: ChainFileProblemKind::Syntax {
                detail: error.to_string(),
            },
        }]
    })?;
    let mut draft = Draft::default();
    let Value::Object(fields) = value else {
        draft.report(
            0,
            None,
            Place::Chain,
            syntax("the file must be one object with code, name, nodes and edges"),
        );
        return draft.finish();
    };
    for (field, value) in fields {
        match field.as_str() {
            "code" => draft.code = draft.text_field(&field, value),
            "name" => draft.name = draft.text_field(&field, value),
            "description" => draft.description = clean(&draft.text_field(&field, value)),
            "chief" => draft.chief = clean(&draft.text_field(&field, value)),
            "source" => draft.source = clean(&draft.text_field(&field, value)),
            "nodes" => {
                for (index, item) in draft.list_field(&field, value).into_iter().enumerate() {
                    let row = Row::json(Place::Node(index));
                    match serde_json::from_value::<RawNode>(item) {
                        Ok(node) => draft.nodes.push((row, node)),
                        Err(error) => {
                            draft.incomplete = true;
                            draft.report_row(&row, syntax(&error.to_string()));
                        }
                    }
                }
            }
            "edges" => {
                for (index, item) in draft.list_field(&field, value).into_iter().enumerate() {
                    let row = Row::json(Place::Edges(vec![index]));
                    match serde_json::from_value::<RawEdge>(item) {
                        Ok(edge) => draft.edges.push((row, edge)),
                        Err(error) => draft.report_row(&row, syntax(&error.to_string())),
                    }
                }
            }
            _ => draft.report(
                0,
                None,
                Place::Chain,
                syntax(&format!(
                    "unknown field `{field}`, expected one of `code`, `name`, `description`, `chief`, `source`, `nodes`, `edges`"
                )),
            ),
        }
    }
    draft.finish()
}

/// Reads the CSV form of a chain: a header row with the names of [`COLUMNS`], then rows of kind
/// `chain`, `node` and `edge` in any order. Columns the file has no use for may be left out.
///
/// # Errors
/// Every problem found, by line.
pub fn parse_chain_csv(text: &str) -> Result<ChainFile, Vec<ChainFileProblem>> {
    check_bytes(text)?;
    let text = text.trim_start_matches('\u{feff}');
    let mut draft = Draft::default();
    let mut table = Table::csv();
    let mut lines = LineCounter::new(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();
    match records.next() {
        Some(Ok(header)) => {
            let line = lines.line_of(&header);
            let cells: Vec<&str> = header.iter().collect();
            draft.read_header(&mut table, line, &cells);
        }
        Some(Err(error)) => draft.report(1, Some(1), table.header(), syntax(&error.to_string())),
        None => draft.report_missing(&table, "kind"),
    }
    if table.has_kind() {
        for record in records {
            match record {
                Ok(record) => {
                    let line = lines.line_of(&record);
                    let cells: Vec<&str> = record.iter().collect();
                    draft.read_row(&table, line, &cells);
                }
                Err(error) => {
                    draft.report(u64::MAX, None, Place::Chain, syntax(&error.to_string()));
                }
            }
        }
    }
    draft.finish_tables(&[table])
}

/// Reads the two sheets that [`ChainFile::to_rows`] gives: the chain and its nodes, and the edges.
/// In the sheet of nodes a row without `kind` is a node. A sheet without any row is an empty one.
///
/// # Errors
/// Every problem found, with its row in the sheet: the chain and the nodes first, then the edges.
pub fn from_rows(
    nodes: &[Vec<String>],
    edges: &[Vec<String>],
) -> Result<ChainFile, Vec<ChainFileProblem>> {
    let bytes = nodes.iter().chain(edges).flatten().map(String::len);
    check_length(bytes.map(|length| length as u64).sum())?;
    let mut draft = Draft::default();
    let mut tables = [Table::nodes(), Table::edges()];
    for (table, rows) in tables.iter_mut().zip([nodes, edges]) {
        let mut lines = (1_u32..).zip(rows).map(|(line, row)| {
            let cells: Vec<&str> = row.iter().map(|cell| cell.trim()).collect();
            (line, cells)
        });
        match lines.next() {
            Some((line, header)) => draft.read_header(table, line, &header),
            None if table.kinds.contains(&"chain") => draft.report_missing(table, "kind"),
            None => {}
        }
        if table.has_kind() {
            for (line, row) in lines {
                draft.read_row(table, line, &row);
            }
        }
    }
    draft.finish_tables(&tables)
}

/// Refuses text that is too long before any of it is read.
fn check_bytes(text: &str) -> Result<(), Vec<ChainFileProblem>> {
    check_length(text.len() as u64)
}

fn check_length(bytes: u64) -> Result<(), Vec<ChainFileProblem>> {
    if bytes > MAX_BYTES {
        return Err(vec![ChainFileProblem {
            line: None,
            place: Place::Chain.to_string(),
            kind: ChainFileProblemKind::TooLarge { limit: MAX_BYTES },
        }]);
    }
    Ok(())
}

fn syntax(detail: &str) -> ChainFileProblemKind {
    ChainFileProblemKind::Syntax {
        detail: detail.to_owned(),
    }
}

fn missing(column: &str) -> ChainFileProblemKind {
    ChainFileProblemKind::MissingColumn {
        column: column.to_owned(),
    }
}

/// Trimmed text, or nothing when it is blank.
pub(super) fn clean(text: &str) -> Option<String> {
    // Nobody types a NUL, and not every database takes one.
    let text = text.replace('\0', "");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Splits lists at ； and ;, trims, and drops blanks and repetitions (compared folded). JSON lists
/// go through it too, so that a list means the same in both forms.
pub(super) fn clean_list(items: &[String]) -> Vec<String> {
    let mut seen = HashSet::new();
    items
        .iter()
        .flat_map(|item| item.split(['；', ';']))
        .filter_map(clean)
        .filter(|item| seen.insert(fold(item)))
        .collect()
}

/// The number in a field; `Err` carries the text of what is no number within reach of `accept`.
fn number(value: &Value, accept: impl Fn(f64) -> bool) -> Result<Option<f64>, String> {
    let (parsed, text) = match value {
        Value::Null => return Ok(None),
        Value::Number(number) => (number.as_f64(), number.to_string()),
        Value::String(text) => match fold(text) {
            folded if folded.is_empty() => return Ok(None),
            folded => (folded.parse().ok(), text.clone()),
        },
        other => (None, other.to_string()),
    };
    match parsed {
        Some(number) if accept(number) => Ok(Some(number)),
        _ => Err(text),
    }
}

/// A node as it stands in the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNode {
    #[serde(default)]
    code: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    stage: String,
    #[serde(default)]
    group: Option<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    priority: Value,
    #[serde(default)]
    priority_source: Option<String>,
}

/// An edge as it stands in the file, before it is checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawEdge {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    coefficient: Value,
}

impl From<&ChainNode> for RawNode {
    fn from(node: &ChainNode) -> Self {
        Self {
            code: node.code.clone(),
            name: node.name.clone(),
            stage: node.stage.code().to_owned(),
            group: node.group.clone(),
            aliases: node.aliases.clone(),
            keywords: node.keywords.clone(),
            // As text: JSON has no way to write what is not a number, and it must not pass as absent.
            priority: node.priority.shown().map_or(Value::Null, Value::String),
            priority_source: node.priority_source.clone(),
        }
    }
}

impl From<&ChainEdge> for RawEdge {
    fn from(edge: &ChainEdge) -> Self {
        Self {
            from: edge.from.clone(),
            to: edge.to.clone(),
            coefficient: edge.coefficient.shown().map_or(Value::Null, Value::String),
        }
    }
}

/// The chain's row in the CSV form, below the header.
const CHAIN_ROW: u32 = 2;

/// Where in a chain a problem lies. Its text is the `place` of a [`ChainFileProblem`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The chain itself.
    Chain,
    /// A header, or a row that is neither a node nor an edge.
    Table(String),
    /// A node, by its position from 0.
    Node(usize),
    /// One edge by its position from 0, or all edges of a cycle.
    Edges(Vec<usize>),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Chain => formatter.write_str("chain"),
            Self::Table(place) => formatter.write_str(place),
            Self::Node(index) => write!(formatter, "nodes[{index}]"),
            Self::Edges(edges) => {
                let edges: Vec<String> = edges
                    .iter()
                    .map(|index| format!("edges[{index}]"))
                    .collect();
                formatter.write_str(&edges.join(", "))
            }
        }
    }
}

/// A problem whose place can still be looked up.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    /// As in [`ChainFileProblem`].
    pub(super) line: Option<u32>,
    pub(super) place: Place,
    pub(super) kind: ChainFileProblemKind,
}

impl Fault {
    fn into_problem(self) -> ChainFileProblem {
        ChainFileProblem {
            line: self.line,
            place: self.place.to_string(),
            kind: self.kind,
        }
    }
}

/// Where a node or an edge stands, and its rank among all problems.
#[derive(Clone)]
struct Row {
    rank: u64,
    line: Option<u32>,
    place: Place,
}

impl Row {
    fn json(place: Place) -> Self {
        let rank = match &place {
            Place::Chain | Place::Table(_) => 0,
            Place::Node(index) => NODE_RANK + *index as u64,
            Place::Edges(edges) => EDGE_RANK + edges.first().map_or(0, |index| *index as u64),
        };
        Self {
            rank,
            line: None,
            place,
        }
    }

    fn line(line: u32, rank: u64, place: Place) -> Self {
        Self {
            rank: rank + u64::from(line),
            line: Some(line),
            place,
        }
    }
}

/// Ranks from which nodes and edges are counted where they are not in one table.
const NODE_RANK: u64 = 1 << 32;
const EDGE_RANK: u64 = 2 << 32;

/// One table with a header: a whole CSV file, or one sheet of a workbook.
struct Table {
    /// The columns that are known here.
    columns: &'static [&'static str],
    /// The kinds of rows that may stand here.
    kinds: &'static [&'static str],
    /// What a row is that does not say its kind.
    kind: Option<&'static str>,
    /// What headers and rows are called by in places, to tell sheets apart.
    name: &'static str,
    /// Added to a line for its rank among all problems.
    rank: u64,
    header_line: u32,
    /// The columns found, with their positions.
    found: HashMap<&'static str, usize>,
}

impl Table {
    fn csv() -> Self {
        Self {
            columns: &COLUMNS,
            kinds: &["chain", "node", "edge"],
            kind: None,
            name: "",
            rank: 0,
            header_line: 1,
            found: HashMap::new(),
        }
    }

    fn nodes() -> Self {
        Self {
            columns: &NODE_COLUMNS,
            kinds: &["chain", "node"],
            kind: Some("node"),
            name: "nodes ",
            ..Self::csv()
        }
    }

    fn edges() -> Self {
        Self {
            columns: &EDGE_COLUMNS,
            kinds: &["edge"],
            kind: Some("edge"),
            name: "edges ",
            rank: EDGE_RANK,
            ..Self::csv()
        }
    }

    /// Whether rows can be told apart, or need not be.
    fn has_kind(&self) -> bool {
        !self.columns.contains(&"kind") || self.found.contains_key("kind")
    }

    fn header(&self) -> Place {
        Place::Table(format!("{}header", self.name))
    }

    fn row(&self, line: u32) -> Place {
        Place::Table(format!("{}line {line}", self.name))
    }
}

/// Line numbers from byte offsets. The csv reader's own line is that of the line end before a
/// record (CRLF, blank lines), so it is not what an editor shows.
struct LineCounter<'a> {
    bytes: &'a [u8],
    offset: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            offset: 0,
            line: 1,
        }
    }

    fn line_of(&mut self, record: &csv::StringRecord) -> u32 {
        let start = record
            .position()
            .and_then(|position| usize::try_from(position.byte()).ok())
            .unwrap_or(self.offset);
        while let Some(byte) = self.bytes.get(self.offset) {
            if self.offset >= start && !matches!(byte, b'\r' | b'\n') {
                break;
            }
            if *byte == b'\n' {
                self.line += 1;
            }
            self.offset += 1;
        }
        self.line
    }
}

/// What has been read so far, and everything wrong with it.
#[derive(Default)]
struct Draft {
    code: String,
    name: String,
    description: Option<String>,
    chief: Option<String>,
    source: Option<String>,
    chain_line: Option<u32>,
    nodes: Vec<(Row, RawNode)>,
    edges: Vec<(Row, RawEdge)>,
    /// Some node could not be read at all, so an unknown code in an edge may be a consequence.
    incomplete: bool,
    problems: Vec<(u64, Fault)>,
}

impl Draft {
    fn report(&mut self, rank: u64, line: Option<u32>, place: Place, kind: ChainFileProblemKind) {
        self.problems.push((rank, Fault { line, place, kind }));
    }

    fn report_row(&mut self, row: &Row, kind: ChainFileProblemKind) {
        self.report(row.rank, row.line, row.place.clone(), kind);
    }

    fn text_field(&mut self, field: &str, value: Value) -> String {
        match value {
            Value::String(text) => text,
            Value::Null => String::new(),
            _ => {
                self.report(
                    0,
                    None,
                    Place::Chain,
                    syntax(&format!("`{field}` must be text")),
                );
                String::new()
            }
        }
    }

    fn list_field(&mut self, field: &str, value: Value) -> Vec<Value> {
        match value {
            Value::Array(items) => items,
            Value::Null => Vec::new(),
            _ => {
                self.report(
                    0,
                    None,
                    Place::Chain,
                    syntax(&format!("`{field}` must be a list")),
                );
                Vec::new()
            }
        }
    }

    fn report_missing(&mut self, table: &Table, column: &str) {
        let line = table.header_line;
        let rank = table.rank + u64::from(line);
        self.report(rank, Some(line), table.header(), missing(column));
    }

    /// Finds the known columns of a table and names the others.
    fn read_header(&mut self, table: &mut Table, line: u32, cells: &[&str]) {
        table.header_line = line;
        let rank = table.rank + u64::from(line);
        for (index, name) in cells.iter().enumerate() {
            match table.columns.iter().find(|column| *column == name) {
                Some(column) if table.found.contains_key(column) => self.report(
                    rank,
                    Some(line),
                    table.header(),
                    syntax(&format!("column `{name}` appears twice")),
                ),
                Some(column) => {
                    table.found.insert(column, index);
                }
                // Spreadsheets leave empty columns behind the table.
                None if name.is_empty() => {}
                None => self.report(
                    rank,
                    Some(line),
                    table.header(),
                    syntax(&format!(
                        "unknown column `{name}`, expected some of {}",
                        table.columns.join(", ")
                    )),
                ),
            }
        }
        if !table.has_kind() {
            self.report_missing(table, "kind");
        }
    }

    /// Takes in one row below a header; its cells are trimmed.
    fn read_row(&mut self, table: &Table, line: u32, cells: &[&str]) {
        if cells.iter().all(|cell| cell.is_empty()) {
            return;
        }
        let field = |column: &str| -> String {
            table
                .found
                .get(column)
                .and_then(|index| cells.get(*index))
                .copied()
                .unwrap_or_default()
                .to_owned()
        };
        let cell = |column: &str| match field(column) {
            text if text.is_empty() => Value::Null,
            text => Value::String(text),
        };
        let rank = table.rank + u64::from(line);
        let written = field("kind");
        let kind = match fold(&written) {
            folded if folded.is_empty() => table.kind,
            folded => table.kinds.iter().find(|kind| **kind == folded).copied(),
        };
        match kind {
            Some("chain") => {
                if let Some(first) = self.chain_line {
                    self.report(
                        rank,
                        Some(line),
                        Place::Chain,
                        syntax(&format!("a second chain row; the first is line {first}")),
                    );
                    return;
                }
                self.chain_line = Some(line);
                self.code = field("code");
                self.name = field("name");
                self.description = clean(&field("description"));
                self.chief = clean(&field("chief"));
                self.source = clean(&field("source"));
            }
            Some("node") => {
                let row = Row::line(line, table.rank, Place::Node(self.nodes.len()));
                let node = RawNode {
                    code: field("code"),
                    name: field("name"),
                    stage: field("stage"),
                    group: Some(field("group")),
                    aliases: vec![field("aliases")],
                    keywords: vec![field("keywords")],
                    priority: cell("priority"),
                    priority_source: Some(field("priority_source")),
                };
                self.nodes.push((row, node));
            }
            Some("edge") => {
                let place = Place::Edges(vec![self.edges.len()]);
                let row = Row::line(line, table.rank, place);
                let edge = RawEdge {
                    from: field("from"),
                    to: field("to"),
                    coefficient: cell("coefficient"),
                };
                self.edges.push((row, edge));
            }
            _ => self.report(
                rank,
                Some(line),
                table.row(line),
                ChainFileProblemKind::UnknownKind { value: written },
            ),
        }
        let known = table.found.len();
        if cells.iter().skip(known).any(|cell| !cell.is_empty()) {
            let extra = cells.iter().enumerate().any(|(index, cell)| {
                !cell.is_empty() && !table.found.values().any(|known| *known == index)
            });
            if extra {
                self.report(
                    rank,
                    Some(line),
                    table.row(line),
                    syntax("more fields than the header has columns"),
                );
            }
        }
    }

    /// Names the columns that the rows need and the headers lack, then finishes.
    fn finish_tables(mut self, tables: &[Table]) -> Result<ChainFile, Vec<ChainFileProblem>> {
        let mut complete = true;
        for table in tables {
            if !table.has_kind() {
                complete = false;
                continue;
            }
            let mut needed = Vec::new();
            if table.kinds.contains(&"chain") {
                needed.extend(["code", "name"]);
            }
            if table.kinds.contains(&"node") && !self.nodes.is_empty() {
                needed.push("stage");
            }
            if table.kinds.contains(&"edge") && !self.edges.is_empty() {
                needed.extend(["from", "to"]);
            }
            for column in needed {
                if !table.found.contains_key(column) {
                    complete = false;
                    self.report_missing(table, column);
                }
            }
        }
        if complete {
            return self.finish();
        }
        // Without its columns every row would be wrong in the same way: the header is the problem.
        Err(self.into_problems())
    }

    fn finish(mut self) -> Result<ChainFile, Vec<ChainFileProblem>> {
        match self.examine() {
            Some(file) if self.problems.is_empty() => Ok(file),
            _ => Err(self.into_problems()),
        }
    }

    /// Reports everything that is wrong with what has been read, and makes the chain of the rest;
    /// `None` when there is too much to look at.
    fn examine(&mut self) -> Option<ChainFile> {
        for (count, limit) in [
            (self.nodes.len() as u64, MAX_NODES),
            (self.edges.len() as u64, MAX_EDGES),
        ] {
            if count > limit {
                self.report(
                    0,
                    None,
                    Place::Chain,
                    ChainFileProblemKind::TooLarge { limit },
                );
                return None;
            }
        }
        let chain_rank = self.chain_line.map_or(0, u64::from);
        let code = clean(&self.code).unwrap_or_default();
        let name = clean(&self.name).unwrap_or_default();
        for (text, kind) in [
            (&code, ChainFileProblemKind::EmptyCode),
            (&name, ChainFileProblemKind::EmptyName),
        ] {
            if text.is_empty() {
                self.report(chain_rank, self.chain_line, Place::Chain, kind);
            }
        }
        if self.nodes.is_empty() && !self.incomplete {
            self.report(
                chain_rank,
                self.chain_line,
                Place::Chain,
                ChainFileProblemKind::NoNodes,
            );
        }
        let (nodes, codes) = self.check_nodes();
        let edges = self.check_edges(&nodes, &codes);
        Some(ChainFile {
            code,
            name,
            description: self.description.take(),
            chief: self.chief.take(),
            source: self.source.take(),
            nodes,
            edges,
        })
    }

    fn into_faults(mut self) -> Vec<Fault> {
        self.problems.sort_by_key(|(rank, _)| *rank);
        self.problems.into_iter().map(|(_, fault)| fault).collect()
    }

    fn into_problems(self) -> Vec<ChainFileProblem> {
        self.into_faults()
            .into_iter()
            .map(Fault::into_problem)
            .collect()
    }

    /// The nodes, and the index of each folded code.
    fn check_nodes(&mut self) -> (Vec<ChainNode>, HashMap<String, usize>) {
        let mut nodes: Vec<ChainNode> = Vec::new();
        let mut codes: HashMap<String, usize> = HashMap::new();
        let mut places: Vec<String> = Vec::new();
        let mut terms: HashMap<String, usize> = HashMap::new();
        for (row, raw) in std::mem::take(&mut self.nodes) {
            let code = clean(&raw.code).unwrap_or_default();
            let name = clean(&raw.name).unwrap_or_default();
            let index = nodes.len();
            if code.is_empty() {
                self.report_row(&row, ChainFileProblemKind::EmptyCode);
            } else if let Some(first) = codes.get(&fold(&code)) {
                let first = places.get(*first).cloned().unwrap_or_default();
                self.report_row(
                    &row,
                    ChainFileProblemKind::DuplicateNode {
                        code: code.clone(),
                        first,
                    },
                );
            } else {
                codes.insert(fold(&code), index);
            }
            if name.is_empty() {
                self.report_row(&row, ChainFileProblemKind::EmptyName);
            }
            let stage = Stream::parse(&raw.stage).unwrap_or_else(|| {
                self.report_row(
                    &row,
                    ChainFileProblemKind::UnknownStage {
                        value: raw.stage.clone(),
                    },
                );
                Stream::Upstream
            });
            let aliases = clean_list(&raw.aliases);
            for alias in &aliases {
                if let Some(other) = terms.get(&fold(alias)) {
                    let other = nodes
                        .get(*other)
                        .map(|node: &ChainNode| node.code.clone())
                        .unwrap_or_default();
                    self.report_row(
                        &row,
                        ChainFileProblemKind::DuplicateTerm {
                            term: alias.clone(),
                            node: code.clone(),
                            other,
                        },
                    );
                } else {
                    terms.insert(fold(alias), index);
                }
            }
            let priority = number(&raw.priority, |value| (0.0..=1.0).contains(&value))
                .unwrap_or_else(|value| {
                    self.report_row(&row, ChainFileProblemKind::PriorityOutOfRange { value });
                    None
                });
            places.push(row.place.to_string());
            nodes.push(ChainNode {
                code,
                name,
                stage,
                group: raw.group.as_deref().and_then(clean),
                aliases,
                keywords: clean_list(&raw.keywords),
                priority,
                priority_source: raw.priority_source.as_deref().and_then(clean),
            });
        }
        (nodes, codes)
    }

    fn check_edges(
        &mut self,
        nodes: &[ChainNode],
        codes: &HashMap<String, usize>,
    ) -> Vec<ChainEdge> {
        let mut edges = Vec::new();
        // The sound edges as node indexes, with their rows: what the search for cycles works on.
        let mut joined: HashMap<(usize, usize), Row> = HashMap::new();
        for (row, raw) in std::mem::take(&mut self.edges) {
            let coefficient = number(&raw.coefficient, |value| value > 0.0 && value <= 1.0)
                .unwrap_or_else(|value| {
                    self.report_row(&row, ChainFileProblemKind::CoefficientOutOfRange { value });
                    None
                });
            let mut ends = Vec::with_capacity(2);
            for code in [&raw.from, &raw.to] {
                let found = codes
                    .get(&fold(code))
                    .and_then(|index| nodes.get(*index).map(|node| (*index, node.code.clone())));
                match found {
                    Some(end) => ends.push(end),
                    None if self.incomplete => {}
                    None => self.report_row(
                        &row,
                        ChainFileProblemKind::UnknownNode {
                            code: code.trim().to_owned(),
                        },
                    ),
                }
            }
            let [(from_index, from), (to_index, to)] = ends.as_slice() else {
                continue;
            };
            if from_index == to_index {
                self.report_row(&row, ChainFileProblemKind::SelfLoop { code: from.clone() });
                continue;
            }
            if let Some(first) = joined.get(&(*from_index, *to_index)) {
                let first = first.place.to_string();
                self.report_row(
                    &row,
                    ChainFileProblemKind::DuplicateEdge {
                        from: from.clone(),
                        to: to.clone(),
                        first,
                    },
                );
                continue;
            }
            joined.insert((*from_index, *to_index), row);
            edges.push(ChainEdge {
                from: from.clone(),
                to: to.clone(),
                coefficient,
            });
        }
        for cycle in cycles(nodes.len(), &joined) {
            let rows: Vec<Row> = cycle
                .windows(2)
                .filter_map(|pair| joined.get(&(pair[0], pair[1])).cloned())
                .collect();
            let Some(first) = rows.iter().min_by_key(|row| row.rank) else {
                continue;
            };
            let path = cycle
                .iter()
                .filter_map(|index| nodes.get(*index).map(|node| node.code.clone()))
                .collect();
            let places = rows.iter().flat_map(|row| match &row.place {
                Place::Edges(edges) => edges.clone(),
                _ => Vec::new(),
            });
            self.report(
                first.rank,
                first.line,
                Place::Edges(places.collect()),
                ChainFileProblemKind::Cycle { path },
            );
        }
        edges
    }
}

/// One shortest cycle for each strongly connected part of the graph, as node indexes with the
/// first repeated at the end. It begins at the part's earliest node that lies on such a cycle.
fn cycles(count: usize, edges: &HashMap<(usize, usize), Row>) -> Vec<Vec<usize>> {
    let mut graph: DiGraph<(), ()> = DiGraph::new();
    for _ in 0..count {
        graph.add_node(());
    }
    let mut sorted: Vec<(usize, usize)> = edges.keys().copied().collect();
    sorted.sort_unstable();
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (from, to) in sorted {
        graph.add_edge(NodeIndex::new(from), NodeIndex::new(to), ());
        outputs[from].push(to);
    }
    let mut found = Vec::new();
    // Kosaraju's algorithm keeps its own stack: a long chain cannot overflow the program's.
    for part in kosaraju_scc(&graph) {
        let members: HashSet<usize> = part.iter().map(|node| node.index()).collect();
        if members.len() < 2 {
            continue;
        }
        let mut starts: Vec<usize> = members.iter().copied().collect();
        starts.sort_unstable();
        // Every member lies on some cycle; a few starts are enough to show a short one.
        let best = starts
            .into_iter()
            .take(64)
            .filter_map(|start| shortest_return(start, &outputs, &members))
            .min_by_key(Vec::len);
        found.extend(best);
    }
    found.sort();
    found
}

/// The shortest way from `start` back to `start` inside `members`, by breadth-first search.
fn shortest_return(
    start: usize,
    outputs: &[Vec<usize>],
    members: &HashSet<usize>,
) -> Option<Vec<usize>> {
    let mut previous: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(node) = queue.pop_front() {
        for &next in outputs.get(node)? {
            if next == start {
                let mut path = vec![start, node];
                let mut at = node;
                while at != start {
                    at = *previous.get(&at)?;
                    path.push(at);
                }
                path.reverse();
                return Some(path);
            }
            if members.contains(&next) && !previous.contains_key(&next) {
                previous.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}
