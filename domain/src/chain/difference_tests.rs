use super::edit_strategies::*;
use super::file::parse_chain_csv;
use super::{ChainChange, ChainField, ChainPlace, ChangeKind, FieldChange, difference};
use proptest::prelude::*;

const CHAIN: &str = "kind,code,name,stage,aliases,from,to,coefficient\nchain,c,链\nnode,a,甲,上游,甲料\nnode,b,乙,中游\nnode,c,丙,中游\nnode,d,丁,下游\nedge,,,,,a,b,0.5\nedge,,,,,b,d\n";

fn field(field: ChainField, before: Option<&str>, after: Option<&str>) -> FieldChange {
    FieldChange {
        field,
        before: before.map(str::to_owned),
        after: after.map(str::to_owned),
    }
}

fn node(code: &str, kind: ChangeKind, fields: Vec<FieldChange>) -> ChainChange {
    ChainChange {
        place: ChainPlace::Node { node: code.into() },
        kind,
        fields,
    }
}

fn edge(from: &str, to: &str, kind: ChangeKind, fields: Vec<FieldChange>) -> ChainChange {
    ChainChange {
        place: ChainPlace::Edge {
            from: from.into(),
            to: to.into(),
        },
        kind,
        fields,
    }
}

#[test]
fn every_change_is_named_once_in_a_stable_order() {
    let before = parse_chain_csv(CHAIN).unwrap();
    let mut after = before.clone();
    after.chief = Some("李示例".into());
    after.nodes[1].code = "b2".into();
    after.nodes[0].aliases.clear();
    after.nodes[0].priority = Some(0.25);
    after.nodes.remove(2);
    after.nodes.swap(1, 2);
    after.edges[0].to = "b2".into();
    after.edges[0].coefficient = Some(1.0);
    after.edges[1].from = "a".into();
    let changes = difference(&before, &after);
    use ChangeKind::{Added, Changed, Removed};
    assert_eq!(
        changes,
        [
            ChainChange {
                place: ChainPlace::Chain,
                kind: Changed,
                fields: vec![field(ChainField::Chief, None, Some("李示例"))]
            },
            node(
                "a",
                Changed,
                vec![
                    field(ChainField::Aliases, Some("甲料"), None),
                    field(ChainField::Priority, None, Some("0.25"))
                ]
            ),
            node(
                "d",
                Changed,
                vec![field(ChainField::Position, Some("c"), Some("a"))]
            ),
            node(
                "b2",
                Changed,
                vec![field(ChainField::Code, Some("b"), Some("b2"))]
            ),
            node(
                "c",
                Removed,
                vec![
                    field(ChainField::Code, Some("c"), None),
                    field(ChainField::Name, Some("丙"), None),
                    field(ChainField::Stage, Some("midstream"), None)
                ]
            ),
            edge(
                "a",
                "b2",
                Changed,
                vec![field(ChainField::Coefficient, Some("0.5"), Some("1"))]
            ),
            edge(
                "a",
                "d",
                Added,
                vec![
                    field(ChainField::From, None, Some("a")),
                    field(ChainField::To, None, Some("d"))
                ]
            ),
            edge(
                "b2",
                "d",
                Removed,
                vec![
                    field(ChainField::From, Some("b2"), None),
                    field(ChainField::To, Some("d"), None)
                ]
            ),
        ]
    );
}

#[test]
fn a_moved_run_is_named_by_its_first() {
    let before = parse_chain_csv(CHAIN).unwrap();
    let mut after = before.clone();
    after.nodes.rotate_left(1);
    assert_eq!(
        difference(&before, &after),
        [node(
            "a",
            ChangeKind::Changed,
            vec![field(ChainField::Position, None, Some("d"))]
        )]
    );
}

#[test]
fn a_node_with_another_code_and_name_is_another_node() {
    let before = parse_chain_csv(CHAIN).unwrap();
    let mut after = before.clone();
    after.nodes[2].code = "e".into();
    after.nodes[2].name = "戊".into();
    let kinds: Vec<ChangeKind> = difference(&before, &after)
        .into_iter()
        .map(|change| change.kind)
        .collect();
    assert_eq!(kinds, [ChangeKind::Added, ChangeKind::Removed]);
}

proptest! {
    #[test]
    fn there_is_no_difference_exactly_between_equals(
        file in any_file(), other in any_file(), plans in prop::collection::vec(any_plan(), 0..5), shuffle in any::<bool>(),
    ) {
        prop_assert_eq!(difference(&file, &file), []);
        prop_assert_eq!(difference(&file, &other).is_empty(), file == other);
        let mut draft = edited(&file, &plans);
        if shuffle {
            draft.edges.reverse();
        }
        let changes = difference(&file, &draft);
        prop_assert_eq!(changes.is_empty(), file == draft);
        prop_assert_eq!(difference(&draft, &file).is_empty(), file == draft);
        prop_assert!(changes.iter().all(|change| !change.fields.is_empty()));
        prop_assert_eq!(difference(&file, &draft), changes);
    }
}
