//! A chain is a file: JSON or CSV in, every problem named at once, JSON or CSV out.

use super::Stream;
use crate::text::fold;
use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{HashMap, HashSet, VecDeque};

/// The most bytes a chain file may have.
pub const MAX_BYTES: u64 = 4 * 1024 * 1024;
/// The most nodes a chain may have.
pub const MAX_NODES: u64 = 2_000;
/// The most edges a chain may have.
pub const MAX_EDGES: u64 = 10_000;

/// The columns of the CSV form, in the order they are written.
pub const COLUMNS: [&str; 14] = [
    "kind",
    "code",
    "name",
    "stage",
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
    /// Line of the file, counted from 1: always for CSV rows, for JSON only when it is not JSON at all.
    pub line: Option<u32>,
    /// `chain`, `header`, `nodes[3]` or `edges[2]`, counted from 0; a cycle names all its edges,
    /// separated by `, `.
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
    /// Things worth a look that do not keep the chain from being used: nodes without any edge.
    #[must_use]
    pub fn warnings(&self) -> Vec<ChainFileProblem> {
        let joined: HashSet<&str> = self
            .edges
            .iter()
            .flat_map(|edge| [edge.from.as_str(), edge.to.as_str()])
            .collect();
        self.nodes
            .iter()
            .enumerate()
            .filter(|(_, node)| !joined.contains(node.code.as_str()))
            .map(|(index, node)| ChainFileProblem {
                line: None,
                place: format!("nodes[{index}]"),
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
        let number = |value: Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut rows: Vec<[String; COLUMNS.len()]> = vec![COLUMNS.map(String::from)];
        let mut row: [String; COLUMNS.len()] = Default::default();
        row[0] = "chain".into();
        row[1].clone_from(&self.code);
        row[2].clone_from(&self.name);
        row[11] = text(&self.description);
        row[12] = text(&self.chief);
        row[13] = text(&self.source);
        rows.push(row);
        for node in &self.nodes {
            let mut row: [String; COLUMNS.len()] = Default::default();
            row[0] = "node".into();
            row[1].clone_from(&node.code);
            row[2].clone_from(&node.name);
            row[3] = node.stage.code().into();
            row[4] = node.aliases.join("；");
            row[5] = node.keywords.join("；");
            row[6] = number(node.priority);
            row[7] = text(&node.priority_source);
            rows.push(row);
        }
        for edge in &self.edges {
            let mut row: [String; COLUMNS.len()] = Default::default();
            row[0] = "edge".into();
            row[8].clone_from(&edge.from);
            row[9].clone_from(&edge.to);
            row[10] = number(edge.coefficient);
            rows.push(row);
        }
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
            "chain".into(),
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
                    let row = Row::json("nodes", index);
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
                    let row = Row::json("edges", index);
                    match serde_json::from_value::<RawEdge>(item) {
                        Ok(edge) => draft.edges.push((row, edge)),
                        Err(error) => draft.report_row(&row, syntax(&error.to_string())),
                    }
                }
            }
            _ => draft.report(
                0,
                None,
                "chain".into(),
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
    let mut lines = LineCounter::new(text);
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = reader.records();

    let mut columns: HashMap<&'static str, usize> = HashMap::new();
    match records.next() {
        Some(Ok(header)) => {
            let line = lines.line_of(&header);
            for (index, name) in header.iter().enumerate() {
                match COLUMNS.into_iter().find(|column| *column == name) {
                    Some(column) if columns.contains_key(column) => draft.report(
                        u64::from(line),
                        Some(line),
                        "header".into(),
                        syntax(&format!("column `{name}` appears twice")),
                    ),
                    Some(column) => {
                        columns.insert(column, index);
                    }
                    // Spreadsheets leave empty columns behind the table.
                    None if name.is_empty() => {}
                    None => draft.report(
                        u64::from(line),
                        Some(line),
                        "header".into(),
                        syntax(&format!(
                            "unknown column `{name}`, expected some of {}",
                            COLUMNS.join(", ")
                        )),
                    ),
                }
            }
            if !columns.contains_key("kind") {
                draft.report(line.into(), Some(line), "header".into(), missing("kind"));
                return draft.finish_csv(&columns, line);
            }
        }
        Some(Err(error)) => {
            draft.report(1, Some(1), "header".into(), syntax(&error.to_string()));
            return draft.finish_csv(&columns, 1);
        }
        None => {
            draft.report(1, Some(1), "header".into(), missing("kind"));
            return draft.finish_csv(&columns, 1);
        }
    }

    let mut chain_line: Option<u32> = None;
    for record in records {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                draft.report(u64::MAX, None, "chain".into(), syntax(&error.to_string()));
                continue;
            }
        };
        if record.iter().all(str::is_empty) {
            continue;
        }
        let line = lines.line_of(&record);
        let field = |column: &str| -> String {
            columns
                .get(column)
                .and_then(|index| record.get(*index))
                .unwrap_or_default()
                .to_owned()
        };
        let cell = |column: &str| match field(column) {
            text if text.is_empty() => Value::Null,
            text => Value::String(text),
        };
        let kind = field("kind");
        match fold(&kind).as_str() {
            "chain" => {
                if let Some(first) = chain_line {
                    draft.report(
                        line.into(),
                        Some(line),
                        "chain".into(),
                        syntax(&format!("a second chain row; the first is line {first}")),
                    );
                    continue;
                }
                chain_line = Some(line);
                draft.code = field("code");
                draft.name = field("name");
                draft.description = clean(&field("description"));
                draft.chief = clean(&field("chief"));
                draft.source = clean(&field("source"));
            }
            "node" => {
                let row = Row::csv("nodes", draft.nodes.len(), line);
                let node = RawNode {
                    code: field("code"),
                    name: field("name"),
                    stage: field("stage"),
                    aliases: vec![field("aliases")],
                    keywords: vec![field("keywords")],
                    priority: cell("priority"),
                    priority_source: Some(field("priority_source")),
                };
                draft.nodes.push((row, node));
            }
            "edge" => {
                let row = Row::csv("edges", draft.edges.len(), line);
                let edge = RawEdge {
                    from: field("from"),
                    to: field("to"),
                    coefficient: cell("coefficient"),
                };
                draft.edges.push((row, edge));
            }
            _ => draft.report(
                line.into(),
                Some(line),
                format!("line {line}"),
                ChainFileProblemKind::UnknownKind { value: kind },
            ),
        }
        if record.len() > columns.len() && record.iter().skip(columns.len()).any(|f| !f.is_empty())
        {
            let extra = record
                .iter()
                .enumerate()
                .any(|(index, f)| !f.is_empty() && !columns.values().any(|known| *known == index));
            if extra {
                draft.report(
                    line.into(),
                    Some(line),
                    format!("line {line}"),
                    syntax("more fields than the header has columns"),
                );
            }
        }
    }
    draft.chain_line = chain_line;
    draft.finish_csv(&columns, 1)
}

/// Refuses text that is too long before any of it is read.
fn check_bytes(text: &str) -> Result<(), Vec<ChainFileProblem>> {
    if text.len() as u64 > MAX_BYTES {
        return Err(vec![ChainFileProblem {
            line: None,
            place: "chain".into(),
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
fn clean(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// Splits lists at ； and ;, trims, and drops blanks and repetitions (compared folded). JSON lists
/// go through it too, so that a list means the same in both forms.
fn clean_list(items: &[String]) -> Vec<String> {
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

/// Where a node or an edge stands, and its rank among all problems.
#[derive(Clone)]
struct Row {
    rank: u64,
    line: Option<u32>,
    place: String,
}

impl Row {
    fn json(section: &str, index: usize) -> Self {
        let base: u64 = if section == "nodes" { 1 << 32 } else { 2 << 32 };
        Self {
            rank: base + index as u64,
            line: None,
            place: format!("{section}[{index}]"),
        }
    }

    fn csv(section: &str, index: usize, line: u32) -> Self {
        Self {
            rank: line.into(),
            line: Some(line),
            place: format!("{section}[{index}]"),
        }
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
    problems: Vec<(u64, ChainFileProblem)>,
}

impl Draft {
    fn report(&mut self, rank: u64, line: Option<u32>, place: String, kind: ChainFileProblemKind) {
        self.problems
            .push((rank, ChainFileProblem { line, place, kind }));
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
                    "chain".into(),
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
                    "chain".into(),
                    syntax(&format!("`{field}` must be a list")),
                );
                Vec::new()
            }
        }
    }

    /// Names the columns that the rows need and the header lacks, then finishes.
    fn finish_csv(
        mut self,
        columns: &HashMap<&'static str, usize>,
        header_line: u32,
    ) -> Result<ChainFile, Vec<ChainFileProblem>> {
        if columns.contains_key("kind") {
            let mut needed = vec!["code", "name"];
            if !self.nodes.is_empty() {
                needed.push("stage");
            }
            if !self.edges.is_empty() {
                needed.extend(["from", "to"]);
            }
            let lacking: Vec<&str> = needed
                .into_iter()
                .filter(|column| !columns.contains_key(column))
                .collect();
            if lacking.is_empty() {
                return self.finish();
            }
            for column in lacking {
                self.report(
                    header_line.into(),
                    Some(header_line),
                    "header".into(),
                    missing(column),
                );
            }
        }
        // Without its columns every row would be wrong in the same way: the header is the problem.
        Err(self.into_problems())
    }

    fn finish(mut self) -> Result<ChainFile, Vec<ChainFileProblem>> {
        for (count, limit) in [
            (self.nodes.len() as u64, MAX_NODES),
            (self.edges.len() as u64, MAX_EDGES),
        ] {
            if count > limit {
                self.report(
                    0,
                    None,
                    "chain".into(),
                    ChainFileProblemKind::TooLarge { limit },
                );
                return Err(self.into_problems());
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
                self.report(chain_rank, self.chain_line, "chain".into(), kind);
            }
        }
        if self.nodes.is_empty() && !self.incomplete {
            self.report(
                chain_rank,
                self.chain_line,
                "chain".into(),
                ChainFileProblemKind::NoNodes,
            );
        }
        let (nodes, codes) = self.check_nodes();
        let edges = self.check_edges(&nodes, &codes);
        if !self.problems.is_empty() {
            return Err(self.into_problems());
        }
        Ok(ChainFile {
            code,
            name,
            description: self.description,
            chief: self.chief,
            source: self.source,
            nodes,
            edges,
        })
    }

    fn into_problems(mut self) -> Vec<ChainFileProblem> {
        self.problems.sort_by_key(|(rank, _)| *rank);
        self.problems
            .into_iter()
            .map(|(_, problem)| problem)
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
            places.push(row.place);
            nodes.push(ChainNode {
                code,
                name,
                stage,
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
                let first = first.place.clone();
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
            let place: Vec<&str> = rows.iter().map(|row| row.place.as_str()).collect();
            self.report(
                first.rank,
                first.line,
                place.join(", "),
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
