use super::edit_strategies::*;
use super::file::parse_chain_csv;
use super::rebase::*;
use super::{
    ChainEdge, ChainField, ChainFile, ChainFileProblemKind as Kind, ChainPlace, FieldConflict,
};
use proptest::prelude::*;

const CHAIN: &str = "kind,code,name,stage,aliases,priority,from,to,coefficient\nchain,c,链\nnode,a,甲,上游,甲料,0.5\nnode,b,乙,中游\nnode,c,丙,中游\nnode,d,丁,下游\nedge,,,,,,a,b,0.5\nedge,,,,,,b,d\n";

/// The base and twice the chance to change it.
fn three() -> (ChainFile, ChainFile, ChainFile) {
    let base = parse_chain_csv(CHAIN).unwrap();
    (base.clone(), base.clone(), base)
}

fn edge(from: &str, to: &str) -> ChainEdge {
    ChainEdge {
        from: from.into(),
        to: to.into(),
        coefficient: None,
    }
}

fn codes(file: &ChainFile) -> Vec<&str> {
    file.nodes.iter().map(|node| node.code.as_str()).collect()
}

fn joined(file: &ChainFile) -> Vec<(&str, &str)> {
    let edges = file.edges.iter();
    edges
        .map(|edge| (edge.from.as_str(), edge.to.as_str()))
        .collect()
}

fn fields(rebased: &Rebased) -> Vec<(ChainPlace, ChainField)> {
    let all = rebased.conflicts.iter();
    all.flat_map(|conflict| {
        let fields = conflict.fields.iter();
        fields.map(|field| (conflict.place.clone(), field.field))
    })
    .collect()
}

fn node(code: &str) -> ChainPlace {
    ChainPlace::Node { node: code.into() }
}

fn remove(file: &mut ChainFile, code: &str) {
    file.nodes.retain(|node| node.code != code);
    file.edges
        .retain(|edge| edge.from != code && edge.to != code);
}

#[test]
fn both_sides_are_merged_by_field() {
    let (base, mut mine, mut theirs) = three();
    mine.chief = Some("李示例".into());
    mine.nodes[0].priority = Some(0.7);
    mine.nodes[0].aliases.push("新料".into());
    mine.nodes[1].code = "b2".into();
    mine.edges[0].to = "b2".into();
    mine.edges[1].from = "b2".into();
    mine.edges.push(edge("c", "d"));
    theirs.source = Some("清单".into());
    theirs.nodes[0].name = "甲醇".into();
    theirs.nodes[0].aliases = vec!["工业料".into()];
    theirs.edges[0].coefficient = Some(0.25);
    theirs.edges.push(edge("a", "c"));
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(rebased.conflicts, []);
    let file = rebased.file;
    assert_eq!(file.chief.as_deref(), Some("李示例"));
    assert_eq!(file.source.as_deref(), Some("清单"));
    assert_eq!(file.nodes[0].priority, Some(0.7));
    assert_eq!(file.nodes[0].name, "甲醇");
    assert_eq!(file.nodes[0].aliases, ["工业料", "新料"]);
    assert_eq!(
        joined(&file),
        [("a", "b2"), ("b2", "d"), ("c", "d"), ("a", "c")]
    );
    assert_eq!(file.edges[0].coefficient, Some(0.25));
}

#[test]
fn a_field_that_both_changed_stays_as_theirs() {
    let (base, mut mine, mut theirs) = three();
    mine.nodes[0].priority = None;
    theirs.nodes[0].priority = Some(0.9);
    mine.edges[0].coefficient = Some(1.0);
    theirs.edges[0].coefficient = None;
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(rebased.file, theirs);
    assert_eq!(
        rebased.conflicts[0].fields,
        [FieldConflict {
            field: ChainField::Priority,
            seen: Some("0.5".into()),
            there: Some("0.9".into()),
            wanted: None
        }]
    );
    let between = ChainPlace::edge(&base.edges[0]);
    assert_eq!(
        fields(&rebased),
        [
            (node("a"), ChainField::Priority),
            (between, ChainField::Coefficient)
        ]
    );
}

#[test]
fn who_removes_what_the_other_changed_conflicts() {
    let (base, mut mine, mut theirs) = three();
    remove(&mut mine, "b");
    theirs.nodes[1].priority = Some(1.0);
    remove(&mut theirs, "a");
    mine.nodes[0].priority = Some(1.0);
    mine.edges.push(edge("a", "c"));
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(rebased.file, theirs);
    assert_eq!(
        fields(&rebased),
        [
            (node("b"), ChainField::Priority),
            (node("a"), ChainField::Priority),
            (
                ChainPlace::edge(&ChainEdge {
                    from: "a".into(),
                    to: "c".into(),
                    coefficient: None
                }),
                ChainField::From
            ),
        ]
    );
    // A node that they use anew is not what I removed.
    let (base, mut mine, mut theirs) = three();
    remove(&mut mine, "c");
    theirs.edges.push(edge("a", "c"));
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(rebased.file, theirs);
    assert_eq!(fields(&rebased), [(node("c"), ChainField::Edges)]);
    // What nobody else touched goes.
    let rebased = rebase(&base, &mine, &base);
    assert_eq!((rebased.file, rebased.conflicts), (mine, vec![]));
}

#[test]
fn nodes_added_by_both_are_one_or_one_is_refused() {
    let (base, mut mine, mut theirs) = three();
    let mut added = base.nodes[3].clone();
    added.code = "e".into();
    added.name = "戊".into();
    added.keywords = vec!["我".into()];
    mine.nodes.insert(1, added.clone());
    mine.edges.push(edge("a", "e"));
    added.keywords = vec!["他".into()];
    added.priority = Some(0.1);
    theirs.nodes.push(added);
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(fields(&rebased), [(node("e"), ChainField::Priority)]);
    assert_eq!(codes(&rebased.file), ["a", "b", "c", "d", "e"]);
    assert_eq!(rebased.file.nodes[4].keywords, ["他", "我"]);
    assert_eq!(joined(&rebased.file), [("a", "b"), ("b", "d"), ("a", "e")]);

    // Their renamed node has the code that mine was to have.
    let (base, mut mine, mut theirs) = three();
    let mut added = base.nodes[3].clone();
    added.code = "e".into();
    added.name = "戊".into();
    mine.nodes.push(added);
    theirs.nodes[2].code = "E".into();
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(rebased.file, theirs);
    assert_eq!(fields(&rebased), [(node("e"), ChainField::Code)]);
    // And the other way round.
    let rebased = rebase(&base, &theirs, &mine);
    assert_eq!(rebased.file, mine);
    assert_eq!(fields(&rebased), [(node("c"), ChainField::Code)]);
}

#[test]
fn the_order_is_that_of_the_side_that_changed_it() {
    let (base, mut mine, mut theirs) = three();
    mine.nodes.reverse();
    let mut added = base.nodes[3].clone();
    added.code = "e".into();
    added.name = "戊".into();
    theirs.nodes.insert(1, added);
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(codes(&rebased.file), ["d", "c", "b", "a", "e"]);
    assert_eq!(rebased.conflicts, []);
    theirs.nodes.swap(3, 4);
    let rebased = rebase(&base, &mine, &theirs);
    assert_eq!(codes(&rebased.file), codes(&theirs));
    assert_eq!(
        rebased.conflicts[0].fields[0],
        FieldConflict {
            field: ChainField::Position,
            seen: Some("a；b；c；d".into()),
            there: Some("a；e；b；d；c".into()),
            wanted: Some("d；c；b；a".into()),
        }
    );
}

proptest! {
    #[test]
    fn one_side_alone_is_taken_as_it_is(
        base in any_file(), stranger in any_file(), plans in prop::collection::vec(any_plan(), 0..6),
    ) {
        for side in [edited(&base, &plans), stranger] {
            for rebased in [rebase(&base, &side, &base), rebase(&base, &base, &side), rebase(&base, &side, &side)] {
                prop_assert_eq!(&rebased.file, &side);
                prop_assert_eq!(rebased.conflicts, []);
            }
        }
    }

    #[test]
    fn what_comes_out_can_be_edited(
        base in any_file(), mine in prop::collection::vec(any_plan(), 0..6), theirs in prop::collection::vec(any_plan(), 0..6),
    ) {
        let (mine, theirs) = (edited(&base, &mine), edited(&base, &theirs));
        let rebased = rebase(&base, &mine, &theirs);
        let problems = rebased.file.problems();
        prop_assert!(
            problems.iter().all(|problem| matches!(
                problem.kind,
                Kind::Cycle { .. } | Kind::NoNodes | Kind::DuplicateTerm { .. }
            )),
            "{:?}", problems
        );
        prop_assert!(rebased.conflicts.iter().all(|conflict| !conflict.fields.is_empty()));
        // With nothing of mine left to merge it stays as it is.
        let again = rebase(&theirs, &rebased.file, &theirs);
        prop_assert_eq!(again.file, rebased.file);
        prop_assert_eq!(rebase(&base, &mine, &theirs).conflicts, rebased.conflicts);
    }
}
