use super::check::*;
use super::edit_strategies::*;
use super::file::{MAX_NODES, parse_chain_csv};
use super::{ChainEdge, ChainFile, ChainFileProblemKind as Kind, ChainPlace, Stream};
use proptest::prelude::*;

const CHAIN: &str = "kind,code,name,stage,aliases,keywords,from,to\nchain,c,链\nnode,a,甲料,上游,共,电池\nnode,b,乙料,中游,,电池；甲料\nnode,c,丙,下游\nedge,,,,,,a,b\nedge,,,,,,b,c\n";

fn chain() -> ChainFile {
    parse_chain_csv(CHAIN).unwrap()
}

fn join(file: &mut ChainFile, from: &str, to: &str) {
    file.edges.push(ChainEdge {
        from: from.into(),
        to: to.into(),
        coefficient: None,
    });
}

fn node(code: &str) -> ChainPlace {
    ChainPlace::Node { node: code.into() }
}

fn edge(from: &str, to: &str) -> ChainPlace {
    ChainPlace::Edge {
        from: from.into(),
        to: to.into(),
    }
}

fn finding(severity: Severity, place: ChainPlace, row: u32, kind: FindingKind) -> Finding {
    Finding {
        severity,
        place,
        row: Some(row),
        kind,
    }
}

fn error(place: ChainPlace, row: u32, kind: Kind) -> Finding {
    finding(Severity::Error, place, row, FindingKind::File(kind))
}

fn warning(place: ChainPlace, row: u32, kind: FindingKind) -> Finding {
    finding(Severity::Warning, place, row, kind)
}

fn shared(term: &str, nodes: &[&str]) -> FindingKind {
    FindingKind::SharedTerm {
        term: term.into(),
        nodes: nodes.iter().map(|node| (*node).to_owned()).collect(),
    }
}

fn errors(file: &ChainFile) -> Vec<Finding> {
    let findings = check(file).into_iter();
    findings
        .filter(|finding| finding.severity == Severity::Error)
        .collect()
}

#[test]
fn warnings_have_their_rows() {
    let mut file = chain();
    join(&mut file, "c", "a");
    file.edges.remove(0);
    file.nodes.push(super::ChainNode {
        code: "d".into(),
        name: "丁料".into(),
        ..file.nodes[2].clone()
    });
    assert_eq!(
        check(&file),
        [
            warning(node("a"), 3, shared("甲料", &["a", "b"])),
            warning(node("a"), 3, shared("电池", &["a", "b"])),
            warning(node("c"), 5, FindingKind::NoTerm { characters: 2 }),
            warning(
                node("d"),
                6,
                FindingKind::File(Kind::OrphanNode { code: "d".into() })
            ),
            warning(
                edge("c", "a"),
                8,
                FindingKind::StageOrder {
                    from: Stream::Downstream,
                    to: Stream::Upstream
                }
            ),
        ]
    );
}

#[test]
fn a_cycle_is_named_whole() {
    let mut file = chain();
    join(&mut file, "c", "a");
    let path = ["a", "b", "c", "a"].map(String::from).to_vec();
    assert_eq!(
        errors(&file),
        [error(edge("a", "b"), 6, Kind::Cycle { path })]
    );
}

#[test]
fn faults_of_files_are_errors() {
    let mut file = chain();
    join(&mut file, "a", "a");
    join(&mut file, "A", "b");
    join(&mut file, "a", "x");
    file.nodes[1].aliases = vec!["共".into()];
    file.nodes[1].priority = Some(f64::NAN);
    file.nodes[2].code = "B".into();
    file.nodes[2].name = " ".into();
    file.edges[1].coefficient = Some(0.0);
    assert_eq!(
        errors(&file),
        [
            error(
                node("b"),
                4,
                Kind::DuplicateTerm {
                    term: "共".into(),
                    node: "b".into(),
                    other: "a".into()
                }
            ),
            error(
                node("b"),
                4,
                Kind::PriorityOutOfRange {
                    value: "NaN".into()
                }
            ),
            error(
                node("B"),
                5,
                Kind::DuplicateNode {
                    code: "B".into(),
                    first: "nodes[1]".into()
                }
            ),
            error(node("B"), 5, Kind::EmptyName),
            error(
                edge("b", "c"),
                7,
                Kind::CoefficientOutOfRange { value: "0".into() }
            ),
            error(edge("b", "c"), 7, Kind::UnknownNode { code: "c".into() }),
            error(edge("a", "a"), 8, Kind::SelfLoop { code: "a".into() }),
            error(
                edge("A", "b"),
                9,
                Kind::DuplicateEdge {
                    from: "a".into(),
                    to: "b".into(),
                    first: "edges[0]".into()
                }
            ),
            error(edge("a", "x"), 10, Kind::UnknownNode { code: "x".into() }),
        ]
    );
    // Two aliases are an error already.
    let shares = |finding: &Finding| matches!(&finding.kind, FindingKind::SharedTerm { term, .. } if term == "共");
    assert!(!check(&file).iter().any(shares));
}

#[test]
fn nothing_and_too_much() {
    let empty = ChainFile {
        code: "c".into(),
        name: "链".into(),
        ..ChainFile::default()
    };
    assert_eq!(check(&empty), [error(ChainPlace::Chain, 2, Kind::NoNodes)]);
    let mut full = chain();
    let node = full.nodes[0].clone();
    full.nodes = vec![node; usize::try_from(MAX_NODES).unwrap() + 1];
    let limit = MAX_NODES;
    assert_eq!(
        errors(&full)[0].kind,
        FindingKind::File(Kind::TooLarge { limit })
    );
}

proptest! {
    #[test]
    fn a_chain_without_errors_is_a_file(file in any_file(), plans in prop::collection::vec(any_plan(), 0..6)) {
        prop_assert_eq!(errors(&file), []);
        let draft = edited(&file, &plans);
        let read = parse_chain_csv(&draft.to_csv());
        prop_assert_eq!(errors(&draft).is_empty(), read.is_ok());
        // No text here has a line break, so that rows are lines.
        if let Err(problems) = read && !draft.to_csv().contains('"') {
            let rows: Vec<_> = errors(&draft).into_iter().map(|finding| finding.row).collect();
            let lines: Vec<_> = problems.into_iter().map(|problem| problem.line).collect();
            prop_assert_eq!(rows, lines);
        }
    }
}
