use super::edit_strategies::any_file;
use super::file::*;
use super::{Stream, parse_chain};
use ChainFileProblemKind as Kind;
use proptest::prelude::*;

const GOOD: &str = r#"{"code":"vanadium-storage","name":"钒电池储能","chief":"沈示例",
"nodes":[{"code":"v2o5","name":"五氧化二钒","stage":"上游","aliases":["V2O5；片钒"],"priority":0.8,"priority_source":"文件名, 2026-03-01"},
{"code":"electrolyte","name":"钒电解液","stage":"midstream","keywords":["电解液"]}],
"edges":[{"from":"V2O5","to":"electrolyte","coefficient":0.3}]}"#;

fn kinds(problems: &[ChainFileProblem]) -> Vec<(Option<u32>, &str, Kind)> {
    problems
        .iter()
        .map(|problem| (problem.line, problem.place.as_str(), problem.kind.clone()))
        .collect()
}

#[test]
fn json_is_read_and_cleaned() {
    let chain = parse_chain("钒.JSON", GOOD).unwrap();
    assert_eq!(chain.nodes[0].aliases, ["V2O5", "片钒"]);
    assert_eq!(chain.nodes[0].stage, Stream::Upstream);
    assert_eq!(chain.edges[0].from, "v2o5");
    assert!(chain.warnings().is_empty());
    assert_eq!(parse_chain_json(&chain.to_json()).unwrap(), chain);
    assert_eq!(parse_chain("钒.csv", &chain.to_csv()).unwrap(), chain);
}

#[test]
fn all_json_problems_come_at_once_in_order() {
    let text = r#"{"code":" ","name":"x","extra":1,"nodes":[
        {"code":"a","name":"","stage":"顶游","aliases":["same"]},
        {"code":"A","name":"b","stage":"upstream","aliases":["ＳＡＭＥ"],"priority":1.5},
        {"code":"c","name":"c","stage":"upstream","prority":1},
        {"code":"d","name":"d","stage":"下游","priority":"high"}],
        "edges":[{"from":"a","to":"a"},{"from":"a","to":"d","coefficient":0},{"from":"a","to":"d"},{"from":"d","to":"a"}]}"#;
    let problems = parse_chain_json(text).unwrap_err();
    let places: Vec<&str> = problems
        .iter()
        .map(|problem| problem.place.as_str())
        .collect();
    assert_eq!(
        places,
        [
            "chain",
            "chain",
            "nodes[0]",
            "nodes[0]",
            "nodes[1]",
            "nodes[1]",
            "nodes[1]",
            "nodes[2]",
            "nodes[3]",
            "edges[0]",
            "edges[1]",
            "edges[1], edges[3]",
            "edges[2]"
        ]
    );
    assert!(matches!(&problems[7].kind, Kind::Syntax { detail } if detail.contains("prority")));
    assert_eq!(
        problems[4].kind,
        Kind::DuplicateNode {
            code: "A".into(),
            first: "nodes[0]".into()
        }
    );
    assert_eq!(
        problems[11].kind,
        Kind::Cycle {
            path: vec!["a".into(), "d".into(), "a".into()]
        }
    );
    let json = serde_json::to_string(&problems).unwrap();
    assert!(json.contains(r#""duplicate_node":{"node":"A""#));
    let back: Vec<ChainFileProblem> = serde_json::from_str(&json).unwrap();
    assert_eq!(back, problems);
}

#[test]
fn broken_json_names_its_line() {
    let problems = parse_chain_json("{\"code\":\"a\",\n oops").unwrap_err();
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].line, Some(2));
    assert!(parse_chain_json("[]").is_err());
}

#[test]
fn csv_problems_have_the_lines_an_editor_shows() {
    let text = "\u{feff}kind,code,name,stage,from,to\r\nchain,c,链\r\n\r\nnode,a,\"甲\r\n乙\",上游\r\nnode,b,,上游,,\r\nnodes,x,y\r\nedge,,,,a,z\r\n";
    let problems = parse_chain_csv(text).unwrap_err();
    assert_eq!(
        kinds(&problems),
        [
            (Some(6), "nodes[1]", Kind::EmptyName),
            (
                Some(7),
                "line 7",
                Kind::UnknownKind {
                    value: "nodes".into()
                }
            ),
            (Some(8), "edges[0]", Kind::UnknownNode { code: "z".into() }),
        ]
    );
}

#[test]
fn csv_columns() {
    let missing = |column: &str| {
        (
            Some(1),
            "header",
            Kind::MissingColumn {
                column: column.into(),
            },
        )
    };
    assert_eq!(kinds(&parse_chain_csv("").unwrap_err()), [missing("kind")]);
    assert_eq!(
        kinds(&parse_chain_csv("kind,code,name\nnode,a,b\nedge,a,b\n").unwrap_err()),
        [missing("stage"), missing("from"), missing("to")]
    );
    let problems =
        parse_chain_csv("kind,code,name,stage,Stage\nchain,c,n\nnode,a,b,上游\n").unwrap_err();
    assert!(matches!(&problems[0].kind, Kind::Syntax { detail } if detail.contains("`Stage`")));
}

#[test]
fn cycles_give_the_whole_path() {
    let text = "kind,code,name,stage,from,to\nchain,c,n\nnode,a,a,上游\nnode,b,b,上游\nnode,c,c,上游\nedge,,,,a,b\nedge,,,,b,c\nedge,,,,c,a\n";
    assert_eq!(
        kinds(&parse_chain_csv(text).unwrap_err()),
        [(
            Some(6),
            "edges[0], edges[1], edges[2]",
            Kind::Cycle {
                path: ["a", "b", "c", "a"].map(String::from).to_vec()
            }
        )]
    );
}

#[test]
fn size_and_emptiness() {
    let large = " ".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    assert_eq!(
        parse_chain_json(&large).unwrap_err()[0].kind,
        Kind::TooLarge { limit: MAX_BYTES }
    );
    let problems = parse_chain_json(r#"{"code":"a","name":"b","nodes":[]}"#).unwrap_err();
    assert_eq!(kinds(&problems), [(None, "chain", Kind::NoNodes)]);
}

#[test]
fn orphans_are_a_warning() {
    let chain = parse_chain_csv("kind,code,name,stage\nchain,c,n\nnode,a,b,上游\n").unwrap();
    assert_eq!(
        chain.warnings()[0].kind,
        Kind::OrphanNode { code: "a".into() }
    );
}

prop_compose! {
    fn any_chain()(
        texts in prop::collection::vec(("[^;；\\s\\x00]([^;；\\x00]{0,6}[^;；\\s\\x00])?", "\\PC{0,8}", prop::option::of(0.0..=1.0_f64), 0_usize..3), 1..8),
        edges in prop::collection::hash_set((0_usize..8, 0_usize..8), 0..12),
        description in "[\\s\\S]{0,20}",
        coefficient in prop::option::of(0.001..=1.0_f64),
    ) -> serde_json::Value {
        let nodes: Vec<_> = texts.iter().enumerate().map(|(place, (name, word, priority, stage))| serde_json::json!({
            "code": format!("n{place}"), "name": name, "stage": Stream::ALL[*stage].code(),
            "aliases": [format!("{place}{word}"), word.repeat(0)], "keywords": [word, name],
            "priority": priority, "priority_source": word,
        })).collect();
        let edges: Vec<_> = edges.into_iter()
            .filter(|(from, to)| from < to && *to < nodes.len())
            .map(|(from, to)| serde_json::json!({"from": format!("n{from}"), "to": format!("n{to}"), "coefficient": coefficient}))
            .collect();
        serde_json::json!({"code": "c", "name": "链", "description": description, "nodes": nodes, "edges": edges})
    }
}

proptest! {
    #[test]
    fn files_come_back_as_they_went(value in any_chain()) {
        let parsed = parse_chain_json(&value.to_string());
        // Random aliases may coincide; every other chain must be accepted.
        if let Err(problems) = &parsed {
            prop_assert!(problems.iter().all(|p| matches!(p.kind, Kind::DuplicateTerm { .. } | Kind::EmptyName)), "{:?}", problems);
            return Ok(());
        }
        let chain = parsed.unwrap();
        prop_assert_eq!(&parse_chain_json(&chain.to_json()).unwrap(), &chain);
        prop_assert_eq!(&parse_chain_csv(&chain.to_csv()).unwrap(), &chain);
    }

    #[test]
    fn no_text_breaks_the_reader(text in "[\\s\\S]{0,200}", rows in "(kind|node|edge|chain|,|\n|\"|a|上游|code|name){0,60}") {
        let _ = parse_chain("x.json", &text);
        let _ = parse_chain("x.csv", &text);
        let _ = parse_chain("x.csv", &format!("kind,code,name,stage,from,to\n{rows}"));
    }
}

fn sheet(text: &str) -> SheetRows {
    let cells = |line: &str| line.split(',').map(String::from).collect();
    text.lines().map(cells).collect()
}

#[test]
fn sheets_have_the_columns_of_the_csv_form() {
    let chain = parse_chain_json(GOOD).unwrap();
    let (nodes, edges) = chain.to_rows();
    assert_eq!(nodes[0], NODE_COLUMNS);
    assert_eq!(nodes[1][..3], ["chain", "vanadium-storage", "钒电池储能"]);
    assert_eq!(
        nodes[2][..8],
        [
            "node",
            "v2o5",
            "五氧化二钒",
            "upstream",
            "",
            "V2O5；片钒",
            "",
            "0.8"
        ]
    );
    assert_eq!(
        edges,
        [
            ["from", "to", "coefficient"],
            ["v2o5", "electrolyte", "0.3"]
        ]
    );
    assert!(
        NODE_COLUMNS
            .iter()
            .chain(&EDGE_COLUMNS)
            .all(|column| COLUMNS.contains(column))
    );
    assert_eq!(from_rows(&nodes, &edges).unwrap(), chain);
}

#[test]
fn sheets_are_read_as_people_leave_them() {
    let nodes = sheet("name,kind,code,stage,,\n链, CHAIN ,c\n,,,\n 甲 ,,a,上游,\n乙,node,b,下游");
    let edges = sheet("to,from\nB, A \n,");
    let chain = from_rows(&nodes, &edges).unwrap();
    assert_eq!(chain.nodes[0].name, "甲");
    assert_eq!(chain.edges[0].from, "a");
    assert_eq!(from_rows(&nodes, &[]).unwrap().edges, []);
}

#[test]
fn sheet_problems_have_their_rows() {
    let nodes =
        sheet("kind,code,name,stage\nchain,c,链\nnode,a,,上游\n\nedge,x,y,\n,a,乙,上游,更多");
    let edges = sheet("from,to,coefficient\na,a\na,z,2");
    let problems = from_rows(&nodes, &edges).unwrap_err();
    let syntax = |detail: &str| Kind::Syntax {
        detail: detail.into(),
    };
    assert_eq!(
        kinds(&problems),
        [
            (Some(3), "nodes[0]", Kind::EmptyName),
            (
                Some(5),
                "nodes line 5",
                Kind::UnknownKind {
                    value: "edge".into()
                }
            ),
            (
                Some(6),
                "nodes line 6",
                syntax("more fields than the header has columns")
            ),
            (
                Some(6),
                "nodes[1]",
                Kind::DuplicateNode {
                    code: "a".into(),
                    first: "nodes[0]".into()
                }
            ),
            (Some(2), "edges[0]", Kind::SelfLoop { code: "a".into() }),
            (
                Some(3),
                "edges[1]",
                Kind::CoefficientOutOfRange { value: "2".into() }
            ),
            (Some(3), "edges[1]", Kind::UnknownNode { code: "z".into() }),
        ]
    );
    let missing = |place, column: &str| {
        let column = column.into();
        (Some(1), place, Kind::MissingColumn { column })
    };
    assert_eq!(
        kinds(&from_rows(&[], &[]).unwrap_err()),
        [missing("nodes header", "kind")]
    );
    assert_eq!(
        kinds(&from_rows(&sheet("kind,code\nnode,a"), &sheet("from\na")).unwrap_err()),
        [
            missing("nodes header", "name"),
            missing("nodes header", "stage"),
            missing("edges header", "to")
        ]
    );
    let large = usize::try_from(MAX_BYTES).unwrap() / 2 + 1;
    let large = vec![vec![" ".repeat(large)]];
    assert_eq!(
        from_rows(&large, &large).unwrap_err()[0].kind,
        Kind::TooLarge { limit: MAX_BYTES }
    );
}

proptest! {
    #[test]
    fn every_form_gives_the_same_file(chain in any_file()) {
        prop_assert_eq!(chain.problems(), []);
        let (nodes, edges) = chain.to_rows();
        prop_assert_eq!(&from_rows(&nodes, &edges).unwrap(), &chain);
        prop_assert_eq!(&parse_chain_json(&chain.to_json()).unwrap(), &chain);
        prop_assert_eq!(&parse_chain_csv(&chain.to_csv()).unwrap(), &chain);
    }

    #[test]
    fn no_sheet_breaks_the_reader(
        nodes in prop::collection::vec(prop::collection::vec("(kind|node|chain|code|name|stage|上游|a|)", 0..6), 0..5),
        edges in prop::collection::vec(prop::collection::vec("(from|to|coefficient|a|2|)", 0..4), 0..4),
    ) {
        let _ = from_rows(&nodes, &edges);
    }
}
