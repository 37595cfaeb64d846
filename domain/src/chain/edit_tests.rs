use super::edit::*;
use super::edit_strategies::*;
use super::file::{MAX_NODES, parse_chain_json};
use super::{ChainEdge, ChainFile, ChainNode, ChangeKind, Stream, difference};
use proptest::prelude::*;

const CHAIN: &str = r#"{"code":"vanadium-storage","name":"钒电池储能","chief":"沈示例",
"nodes":[{"code":"v2o5","name":"五氧化二钒","stage":"上游","aliases":["片钒","偏钒酸铵"],"priority":0.8},
{"code":"electrolyte","name":"钒电解液","stage":"中游","keywords":["电解液"]},
{"code":"stack","name":"电堆","stage":"中游"},
{"code":"system","name":"储能系统","stage":"下游"}],
"edges":[{"from":"v2o5","to":"electrolyte","coefficient":0.65},{"from":"electrolyte","to":"system"},{"from":"stack","to":"system"}]}"#;

fn chain() -> ChainFile {
    parse_chain_json(CHAIN).unwrap()
}

fn node(code: &str, name: &str) -> ChainNode {
    ChainNode {
        code: code.into(),
        name: name.into(),
        stage: Stream::Midstream,
        aliases: Vec::new(),
        keywords: Vec::new(),
        priority: None,
        priority_source: None,
        group: None,
    }
}

fn edge(from: &str, to: &str, coefficient: Option<f64>) -> ChainEdge {
    ChainEdge {
        from: from.into(),
        to: to.into(),
        coefficient,
    }
}

fn place(code: &str) -> ChainPlace {
    ChainPlace::Node { node: code.into() }
}

fn add(after: ChainNode) -> ChainEdit {
    ChainEdit::PutNode {
        before: None,
        after,
        at: None,
    }
}

fn join(after: ChainEdge) -> ChainEdit {
    ChainEdit::PutEdge {
        before: None,
        after,
        at: None,
    }
}

/// The change of the node at this position by someone who sees this chain.
fn change(file: &ChainFile, index: usize, with: impl FnOnce(&mut ChainNode)) -> ChainEdit {
    let before = file.nodes[index].clone();
    let mut after = before.clone();
    with(&mut after);
    ChainEdit::PutNode {
        before: Some(before),
        after,
        at: None,
    }
}

fn invalid(code: &str, field: ChainField, fault: FieldFault) -> EditProblem {
    EditProblem::InvalidField {
        place: place(code),
        field,
        fault,
    }
}

fn duplicate(place: ChainPlace, field: ChainField, value: &str) -> EditProblem {
    EditProblem::Duplicate {
        place,
        field,
        value: value.into(),
    }
}

fn conflict(
    field: ChainField,
    seen: Option<&str>,
    there: Option<&str>,
    wanted: Option<&str>,
) -> FieldConflict {
    FieldConflict {
        field,
        seen: seen.map(str::to_owned),
        there: there.map(str::to_owned),
        wanted: wanted.map(str::to_owned),
    }
}

/// The fields of the conflict that this edit meets.
fn conflicts(file: &ChainFile, edit: &ChainEdit) -> Vec<FieldConflict> {
    match apply(file, edit) {
        Err(EditProblem::Conflict(conflict)) => conflict.fields,
        other => panic!("no conflict: {other:?}"),
    }
}

#[test]
fn an_added_node_is_cleaned_and_stands_where_it_is_wanted() {
    let mut after = node(" membrane ", " 离子交换膜 ");
    after.aliases = vec!["隔膜；全氟膜".into(), "隔膜".into(), " ".into()];
    let edit = ChainEdit::PutNode {
        before: None,
        after,
        at: Some(2),
    };
    let applied = apply(&chain(), &edit).unwrap();
    assert_eq!(applied.file.nodes[2].code, "membrane");
    assert_eq!(applied.file.nodes[2].aliases, ["隔膜", "全氟膜"]);
    assert_eq!(applied.changed.len(), 1);
    assert_eq!(applied.changed[0].kind, ChangeKind::Added);
    assert_eq!(applied.changed[0].place, place("membrane"));
}

#[test]
fn codes_names_and_aliases_are_taken_once() {
    let file = chain();
    assert_eq!(
        apply(&file, &add(node("Ｖ2O5", "新"))).unwrap_err(),
        duplicate(place("Ｖ2O5"), ChainField::Code, "Ｖ2O5")
    );
    assert_eq!(
        apply(&file, &add(node("new", " 电堆"))).unwrap_err(),
        duplicate(place("stack"), ChainField::Name, "电堆")
    );
    let renamed = change(&file, 2, |node| node.code = "system".into());
    assert_eq!(
        apply(&file, &renamed).unwrap_err(),
        duplicate(place("system"), ChainField::Code, "system")
    );
    // Named is the other node, whichever of the two stands first.
    let first = change(&file, 1, |node| node.aliases = vec!["片钒".into()]);
    assert_eq!(
        apply(&file, &first).unwrap_err(),
        duplicate(place("v2o5"), ChainField::Aliases, "片钒")
    );
    let mut file = file;
    file.nodes[3].aliases = vec!["电站".into()];
    let last = change(&file, 0, |node| node.aliases.push("电站".into()));
    assert_eq!(
        apply(&file, &last).unwrap_err(),
        duplicate(place("system"), ChainField::Aliases, "电站")
    );
}

#[test]
fn what_a_file_brought_is_only_judged_when_it_is_touched() {
    let mut file = chain();
    file.nodes[0].name = "电堆".into();
    file.nodes[1].name = "长".repeat(NAME_LIMIT + 1);
    for index in [0, 1, 2] {
        let edit = change(&file, index, |node| node.priority = Some(0.5));
        apply(&file, &edit).unwrap();
    }
    let edit = change(&file, 0, |node| node.name = "五氧化二钒".into());
    let applied = apply(&file, &edit).unwrap();
    // An editor may not write it, but what they took away comes back.
    assert!(apply(&applied.file, &applied.undo[0]).is_err());
    assert_eq!(undo(&applied.file, &applied.undo).unwrap().file, file);
}

#[test]
fn fields_have_their_limits() {
    let file = chain();
    let refused = |with: &dyn Fn(&mut ChainNode)| {
        apply(&file, &change(&file, 2, |node| with(node))).unwrap_err()
    };
    let too_long = |limit| FieldFault::TooLong { limit };
    assert_eq!(
        refused(&|node| node.name = " \u{3000}".into()),
        invalid("stack", ChainField::Name, FieldFault::Empty)
    );
    assert_eq!(
        refused(&|node| node.code = " ".into()),
        invalid("", ChainField::Code, FieldFault::Empty)
    );
    assert_eq!(
        refused(&|node| node.code = "a b".into()),
        invalid("a b", ChainField::Code, FieldFault::Form)
    );
    let long = "x".repeat(CODE_LIMIT + 1);
    assert_eq!(
        refused(&|node| node.code.clone_from(&long)),
        invalid(&long, ChainField::Code, too_long(CODE_LIMIT))
    );
    assert_eq!(
        refused(&|node| node.name = "长".repeat(NAME_LIMIT + 1)),
        invalid("stack", ChainField::Name, too_long(NAME_LIMIT))
    );
    assert_eq!(
        refused(&|node| node.aliases = vec!["长".repeat(NAME_LIMIT + 1)]),
        invalid("stack", ChainField::Aliases, too_long(NAME_LIMIT))
    );
    assert_eq!(
        refused(&|node| node.keywords = (0..=TERMS_LIMIT).map(|n| n.to_string()).collect()),
        invalid("stack", ChainField::Keywords, too_long(TERMS_LIMIT))
    );
    assert_eq!(
        refused(&|node| node.priority_source = Some("长".repeat(TEXT_LIMIT + 1))),
        invalid("stack", ChainField::PrioritySource, too_long(TEXT_LIMIT))
    );
    for (priority, value) in [(f64::NAN, "NaN"), (1.01, "1.01"), (-0.1, "-0.1")] {
        assert_eq!(
            refused(&|node| node.priority = Some(priority)),
            invalid(
                "stack",
                ChainField::Priority,
                FieldFault::OutOfRange {
                    value: value.into()
                }
            )
        );
    }
    let mut full = file.clone();
    let count = usize::try_from(MAX_NODES).unwrap();
    full.nodes = (0..count)
        .map(|n| node(&format!("n{n}"), &format!("环节{n}")))
        .collect();
    full.edges.clear();
    assert_eq!(
        apply(&full, &add(node("more", "更多"))).unwrap_err(),
        EditProblem::TooLarge { limit: MAX_NODES }
    );
}

#[test]
fn edges_join_two_known_nodes_once() {
    let file = chain();
    let applied = apply(&file, &join(edge("V2O5", " STACK", Some(1.0)))).unwrap();
    assert_eq!(applied.file.edges[3], edge("v2o5", "stack", Some(1.0)));
    assert_eq!(
        apply(&file, &join(edge("stack", "Stack", None))).unwrap_err(),
        EditProblem::SelfLoop {
            node: "stack".into()
        }
    );
    assert_eq!(
        apply(&file, &join(edge("stack", "nothing", None))).unwrap_err(),
        EditProblem::UnknownNode {
            node: "nothing".into()
        }
    );
    let there = ChainPlace::edge(&file.edges[2]);
    assert_eq!(
        apply(&file, &join(edge("stack", "system", Some(0.5)))).unwrap_err(),
        duplicate(there, ChainField::To, "system")
    );
    for coefficient in [0.0, -0.5, 1.5, f64::NAN, f64::INFINITY] {
        let refused = apply(&file, &join(edge("v2o5", "stack", Some(coefficient))));
        assert!(matches!(
            refused,
            Err(EditProblem::InvalidField {
                field: ChainField::Coefficient,
                ..
            })
        ));
    }
    // A draft may go through a cycle.
    apply(&file, &join(edge("system", "v2o5", None))).unwrap();
}

#[test]
fn a_renamed_node_keeps_its_edges() {
    let file = chain();
    let edit = change(&file, 1, |node| node.code = "liquid".into());
    let applied = apply(&file, &edit).unwrap();
    assert_eq!(
        applied.file.edges[0],
        edge("v2o5", "liquid", file.edges[0].coefficient)
    );
    assert_eq!(applied.file.edges[1].from, "liquid");
    assert_eq!(applied.changed.len(), 1);
    assert_eq!(
        applied.changed,
        difference(&file, &applied.file),
        "the page before publishing says the same"
    );
    // Someone who still knows it by its old code changes it nevertheless.
    let late = change(&file, 1, |node| node.priority = Some(0.4));
    let both = apply(&applied.file, &late).unwrap().file;
    assert_eq!(both.nodes[1].code, "liquid");
    assert_eq!(both.nodes[1].priority, Some(0.4));
}

#[test]
fn a_field_that_both_changed_is_a_conflict() {
    let file = chain();
    let first = change(&file, 0, |node| {
        node.priority = Some(0.9);
        node.stage = Stream::Midstream;
    });
    let second = change(&file, 0, |node| {
        node.priority = None;
        node.stage = Stream::Midstream;
        node.name = "钒".into();
    });
    let changed = apply(&file, &first).unwrap().file;
    assert_eq!(
        apply(&changed, &second).unwrap_err(),
        EditProblem::Conflict(Conflict {
            place: place("v2o5"),
            fields: vec![conflict(
                ChainField::Priority,
                Some("0.8"),
                Some("0.9"),
                None
            )],
        })
    );
    // Sent a second time the first edit finds what it wants.
    let again = apply(&changed, &first).unwrap();
    assert_eq!((again.undo, again.changed), (Vec::new(), Vec::new()));
}

#[test]
fn lists_that_both_changed_are_merged_as_sets() {
    let file = chain();
    let mine = change(&file, 0, |node| {
        node.aliases = vec!["偏钒酸铵".into(), "V2O5粉".into()];
    });
    let theirs = change(&file, 0, |node| node.aliases.push("高纯钒".into()));
    let changed = apply(&file, &theirs).unwrap().file;
    let both = apply(&changed, &mine).unwrap();
    assert_eq!(both.file.nodes[0].aliases, ["偏钒酸铵", "高纯钒", "V2O5粉"]);
    assert_eq!(undo(&both.file, &both.undo).unwrap().file, changed);
}

#[test]
fn what_was_removed_meanwhile_is_gone() {
    let file = chain();
    let removed = apply(&file, &removal(&file, &file.nodes[1])).unwrap();
    assert_eq!(removed.file.edges, [edge("stack", "system", None)]);
    assert_eq!(removed.changed.len(), 3);
    let gone = |place| EditProblem::Gone { place };
    let edit = change(&file, 1, |node| node.priority = Some(1.0));
    assert_eq!(
        apply(&removed.file, &edit).unwrap_err(),
        gone(place("electrolyte"))
    );
    let edit = ChainEdit::RemoveEdge {
        before: file.edges[0].clone(),
    };
    assert_eq!(
        apply(&removed.file, &edit).unwrap_err(),
        gone(ChainPlace::edge(&file.edges[0]))
    );
    let edit = ChainEdit::MoveNode {
        node: "electrolyte".into(),
        seen_behind: Some("v2o5".into()),
        behind: None,
    };
    assert_eq!(
        apply(&removed.file, &edit).unwrap_err(),
        gone(place("electrolyte"))
    );
    assert_eq!(undo(&removed.file, &removed.undo).unwrap().file, file);
}

#[test]
fn a_removal_takes_nothing_along_that_was_not_seen() {
    let file = chain();
    let edit = removal(&file, &file.nodes[2]);
    let joined = apply(&file, &join(edge("v2o5", "stack", Some(0.5)))).unwrap();
    assert_eq!(
        conflicts(&joined.file, &edit),
        [conflict(
            ChainField::Edges,
            Some("stack → system"),
            Some("stack → system；v2o5 → stack 0.5"),
            None
        )]
    );
    let named = change(&file, 2, |node| node.name = "钒电堆".into());
    let named = apply(&file, &named).unwrap().file;
    assert_eq!(
        conflicts(&named, &edit),
        [conflict(
            ChainField::Name,
            Some("电堆"),
            Some("钒电堆"),
            None
        )]
    );
    // An edge that someone took away already is nothing to lose.
    let cut = ChainEdit::RemoveEdge {
        before: file.edges[2].clone(),
    };
    apply(&apply(&file, &cut).unwrap().file, &edit).unwrap();
}

#[test]
fn a_changed_coefficient_is_a_conflict_for_others() {
    let file = chain();
    let set = |coefficient| ChainEdit::PutEdge {
        before: Some(file.edges[0].clone()),
        after: edge("v2o5", "electrolyte", coefficient),
        at: None,
    };
    let changed = apply(&file, &set(Some(0.7))).unwrap().file;
    let field = ChainField::Coefficient;
    assert_eq!(
        conflicts(&changed, &set(None)),
        [conflict(field, Some("0.65"), Some("0.7"), None)]
    );
    let remove = ChainEdit::RemoveEdge {
        before: file.edges[0].clone(),
    };
    assert_eq!(
        conflicts(&changed, &remove),
        [conflict(field, Some("0.65"), Some("0.7"), None)]
    );
}

#[test]
fn the_last_digit_of_a_number_is_no_conflict() {
    let mut file = chain();
    file.edges[0].coefficient = Some(0.19695682648400797);
    let before = edge("v2o5", "electrolyte", Some(0.19695682648400795));
    let cut = ChainEdit::RemoveEdge {
        before: before.clone(),
    };
    apply(&file, &cut).unwrap();
    let same = ChainEdit::PutEdge {
        before: Some(before.clone()),
        after: before,
        at: None,
    };
    assert_eq!(apply(&file, &same).unwrap().changed, []);
}

#[test]
fn the_chain_itself_is_merged_by_field() {
    let file = chain();
    let set = |with: &dyn Fn(&mut ChainFields)| {
        let before = ChainFields::from(&file);
        let mut after = before.clone();
        with(&mut after);
        ChainEdit::SetChain { before, after }
    };
    let chief = set(&|fields| fields.chief = Some(" 李示例 ".into()));
    let source = set(&|fields| fields.source = Some("清单".into()));
    let changed = apply(&file, &chief).unwrap().file;
    let both = apply(&changed, &source).unwrap().file;
    assert_eq!(both.chief.as_deref(), Some("李示例"));
    assert_eq!(both.source.as_deref(), Some("清单"));
    let none = set(&|fields| fields.chief = None);
    assert_eq!(
        conflicts(&changed, &none),
        [conflict(
            ChainField::Chief,
            Some("沈示例"),
            Some("李示例"),
            None
        )]
    );
    assert_eq!(
        apply(&file, &set(&|fields| fields.name = " ".into())).unwrap_err(),
        EditProblem::InvalidField {
            place: ChainPlace::Chain,
            field: ChainField::Name,
            fault: FieldFault::Empty
        }
    );
    let long = "长".repeat(TEXT_LIMIT + 1);
    let long = set(&|fields| fields.description = Some(long.clone()));
    assert_eq!(
        apply(&file, &long).unwrap_err(),
        EditProblem::InvalidField {
            place: ChainPlace::Chain,
            field: ChainField::Description,
            fault: FieldFault::TooLong { limit: TEXT_LIMIT }
        }
    );
}

#[test]
fn nodes_move_behind_others() {
    let file = chain();
    let go = |node: &str, seen: Option<&str>, behind: Option<&str>| ChainEdit::MoveNode {
        node: node.into(),
        seen_behind: seen.map(str::to_owned),
        behind: behind.map(str::to_owned),
    };
    let order = |file: &ChainFile| -> Vec<String> {
        file.nodes.iter().map(|node| node.code.clone()).collect()
    };
    let last = apply(&file, &go("v2o5", None, Some("system"))).unwrap();
    assert_eq!(
        order(&last.file),
        ["electrolyte", "stack", "system", "v2o5"]
    );
    let first = apply(&file, &go("SYSTEM", Some("stack"), None)).unwrap();
    assert_eq!(
        order(&first.file),
        ["system", "v2o5", "electrolyte", "stack"]
    );
    assert_eq!(undo(&first.file, &first.undo).unwrap().file, file);
    assert_eq!(
        conflicts(&first.file, &go("system", Some("stack"), Some("v2o5"))),
        [conflict(
            ChainField::Position,
            Some("stack"),
            None,
            Some("v2o5")
        )]
    );
    assert_eq!(
        apply(&file, &go("stack", Some("electrolyte"), Some("x"))).unwrap_err(),
        EditProblem::UnknownNode { node: "x".into() }
    );
    let stays = apply(&file, &go("stack", Some("x"), Some("electrolyte"))).unwrap();
    assert!(stays.changed.is_empty());
}

#[test]
fn edits_and_problems_have_their_words() {
    let text = r#"{"put_edge":{"before":null,"after":{"from":"a","to":"b"}}}"#;
    let edit: ChainEdit = serde_json::from_str(text).unwrap();
    assert_eq!(edit, join(edge("a", "b", None)));
    assert_eq!(serde_json::to_string(&edit).unwrap(), text);
    let unknown = r#"{"remove_edge":{"befor":{"from":"a","to":"b"}}}"#;
    assert!(serde_json::from_str::<ChainEdit>(unknown).is_err());
    let file = chain();
    let first = change(&file, 2, |node| node.name = "甲堆".into());
    let second = change(&file, 2, |node| node.name = "乙堆".into());
    let problem = apply(&apply(&file, &first).unwrap().file, &second).unwrap_err();
    let json = serde_json::to_string(&problem).unwrap();
    assert_eq!(
        json,
        r#"{"conflict":{"place":{"node":{"node":"stack"}},"fields":[{"field":"name","seen":"电堆","there":"甲堆","wanted":"乙堆"}]}}"#
    );
    assert_eq!(serde_json::from_str::<EditProblem>(&json).unwrap(), problem);
}

proptest! {
    #[test]
    fn an_edit_and_its_undo_restore_the_file(file in any_file(), plans in prop::collection::vec(any_plan(), 1..6)) {
        let mut states = vec![file.clone()];
        let mut history = Vec::new();
        for plan in &plans {
            let state = states.last().unwrap().clone();
            let Ok(applied) = apply(&state, &plan.of(&state)) else { continue };
            prop_assert_eq!(applied.changed.is_empty(), applied.file == state);
            let back = undo(&applied.file, &applied.undo).unwrap();
            prop_assert_eq!(&back.file, &state);
            prop_assert_eq!(&undo(&back.file, &back.undo).unwrap().file, &applied.file);
            history.push(applied.undo);
            states.push(applied.file);
        }
        let mut last = states.pop().unwrap();
        while let (Some(edits), Some(state)) = (history.pop(), states.pop()) {
            last = undo(&last, &edits).unwrap().file;
            prop_assert_eq!(&last, &state);
        }
        prop_assert_eq!(last, file);
    }

    #[test]
    fn different_fields_of_one_node_both_survive(
        file in any_file(), which in any::<prop::sample::Index>(), wanted in any_node(), fields in any::<u8>(), mask in any::<u8>(),
    ) {
        let seen = which.get(&file.nodes).clone();
        let edit = |fields| ChainEdit::PutNode {
            before: Some(seen.clone()), after: with_fields(&seen, &wanted, fields), at: None,
        };
        let (one, other) = (edit(fields & mask), edit(fields & !mask));
        let together = apply(&file, &edit(fields));
        // A node with another code is found by its name, which must be its own and stay.
        let names = file.nodes.iter().filter(|node| node.name == seen.name).count();
        let hides = |part: u8| part & 3 == 3 && wanted.code != seen.code && wanted.name != seen.name;
        if together.is_err() || names > 1 || hides(fields & mask) || hides(fields & !mask) {
            return Ok(());
        }
        let (Ok(first), Ok(second)) = (apply(&file, &one), apply(&file, &other)) else {
            return Ok(());
        };
        let first = apply(&first.file, &other).map(|applied| applied.file);
        let second = apply(&second.file, &one).map(|applied| applied.file);
        prop_assert_eq!(&first, &second);
        prop_assert_eq!(first, together.map(|applied| applied.file));
    }

    #[test]
    fn nobody_overwrites_what_they_did_not_see(file in any_file(), one in any_plan(), other in any_plan()) {
        let (mine, theirs) = (one.of(&file), other.of(&file));
        let Ok(changed) = apply(&file, &theirs) else { return Ok(()) };
        let before = changed.file.clone();
        let result = apply(&changed.file, &mine);
        prop_assert_eq!(&changed.file, &before, "a refusal changes nothing");
        if let (Ok(result), ChainEdit::PutNode { before: Some(seen), after, .. }) = (result, &theirs)
            && !matches!(mine, ChainEdit::RemoveNode { .. })
        {
            // What they changed still stands, unless I wanted the same place to be something I knew.
            let there = result.file.nodes.iter().find(|node| node.code == after.code);
            if let Some(there) = there {
                if after.name != seen.name { prop_assert_eq!(&there.name, &after.name); }
                if after.stage != seen.stage { prop_assert_eq!(there.stage, after.stage); }
                if after.priority != seen.priority { prop_assert_eq!(there.priority, after.priority); }
            }
        }
    }

    #[test]
    fn drafts_hold_what_files_hold(file in any_file(), plans in prop::collection::vec(any_plan(), 0..8)) {
        use super::ChainFileProblemKind as Kind;
        prop_assert_eq!(file.problems(), []);
        let draft = edited(&file, &plans);
        let problems = draft.problems();
        prop_assert!(
            problems.iter().all(|problem| matches!(problem.kind, Kind::Cycle { .. } | Kind::NoNodes)),
            "{:?}", problems
        );
        if problems.is_empty() {
            prop_assert_eq!(&parse_chain_json(&draft.to_json()).unwrap(), &draft);
        }
    }
}
