use super::matching::*;
use proptest::prelude::*;

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

type Terms = (i64, &'static str, Vec<String>, Vec<String>);

fn nodes() -> Vec<Terms> {
    vec![
        (
            1,
            "离子交换膜",
            strings(&["质子交换膜", "全氟磺酸膜"]),
            strings(&["电池隔膜"]),
        ),
        (2, "薄膜", strings(&["膜", "塑料膜"]), strings(&["包装"])),
        (3, "LED", strings(&["发光二极管"]), strings(&[])),
        (4, "交换膜", strings(&[]), strings(&[])),
        (5, "电堆", strings(&["Stack"]), strings(&["膜电极"])),
    ]
}

fn find(products: &[(&str, Option<f64>)]) -> Vec<NodeMatch> {
    let nodes = nodes();
    let terms: Vec<NodeTerms<'_>> = nodes
        .iter()
        .map(|(id, name, aliases, keywords)| (*id, *name, aliases.as_slice(), keywords.as_slice()))
        .collect();
    let products: Vec<(String, Option<f64>)> = products
        .iter()
        .map(|(name, share)| ((*name).to_owned(), *share))
        .collect();
    Matcher::new(&terms).unwrap().match_products(&products)
}

fn brief(found: &[NodeMatch]) -> Vec<(i64, MatchKind, f64)> {
    found
        .iter()
        .map(|one| (one.node_id, one.kind, one.confidence))
        .collect()
}

#[test]
fn exact_names_and_aliases() {
    assert_eq!(
        brief(&find(&[("ＬＥＤ", None)])),
        [(3, MatchKind::NameExact, 1.0)]
    );
    assert_eq!(
        brief(&find(&[(" STACK ", None)])),
        [(5, MatchKind::AliasExact, 0.97)]
    );
}

#[test]
fn the_longer_term_wins_its_place() {
    // 交换膜 of node 4 lies within 离子交换膜 of node 1.
    assert_eq!(
        brief(&find(&[("离子交换膜", None)])),
        [(1, MatchKind::NameExact, 1.0)]
    );
    // Elsewhere in the product the shorter term stands on its own.
    let found = find(&[("离子交换膜、交换膜", None)]);
    assert_eq!(
        found.iter().map(|one| one.node_id).collect::<Vec<_>>(),
        [1, 4]
    );
}

#[test]
fn contained_terms_are_scaled_by_coverage() {
    // 5 of 6 characters: 0.85·5/6; 2 of 8 characters: the floor.
    assert_eq!(
        brief(&find(&[("离子交换膜片", None)])),
        [(1, MatchKind::NameContained, 0.85 * 5.0 / 6.0)]
    );
    assert_eq!(
        brief(&find(&[("光学薄膜及其制品", None)])),
        [(2, MatchKind::NameContained, 0.6)]
    );
}

#[test]
fn keywords_are_hints() {
    // 2 of 10 characters: 0.55 + 0.20·0.2 = 0.59, below the threshold.
    let found = find(&[("食品饮料用纸质包装箱子", None)]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].kind, MatchKind::Keyword);
    assert!((found[0].confidence - (0.55 + 0.2 * 2.0 / 11.0)).abs() < 1e-12);
    assert!(!found[0].counted);
    assert_eq!(found[0].share, 0.0);
    assert!(node_shares(&found).is_empty());
}

#[test]
fn one_character_and_parts_of_latin_words_do_not_match() {
    assert!(find(&[("膜", None), ("OLED面板", None), ("sealed", None)]).is_empty());
    assert_eq!(find(&[("LED灯", None)]).len(), 1);
}

#[test]
fn shares_are_normalised_and_split() {
    // 0.6 and 0.9 sum to 1.5; the second goes to nodes 3 and 5 in halves.
    let found = find(&[("离子交换膜", Some(0.6)), ("LED电堆", Some(0.9))]);
    assert_eq!(
        node_shares(&found)
            .iter()
            .map(|(node, share)| (*node, (share * 1000.0).round()))
            .collect::<Vec<_>>(),
        [(1, 400.0), (3, 300.0), (5, 300.0)]
    );
    // 0.4 is known, the two others share the rest; one of them matches nothing.
    let found = find(&[("离子交换膜", Some(0.4)), ("LED", None), ("咨询", None)]);
    let shares = node_shares(&found);
    assert!((shares[0].1 - 0.4).abs() < 1e-12 && (shares[1].1 - 0.3).abs() < 1e-12);
    // Nothing known: equal parts.
    let shares = node_shares(&find(&[("离子交换膜", None), ("LED", None)]));
    assert_eq!(shares, [(1, 0.5), (3, 0.5)]);
}

proptest! {
    #[test]
    fn shares_are_parts_of_one_whole(
        products in prop::collection::vec(
            ("(离子|交换|膜|薄|LED|电堆|全氟磺酸|包装| |片){0,6}", prop::option::of(prop::num::f64::ANY)), 0..8)
    ) {
        let products: Vec<(&str, Option<f64>)> =
            products.iter().map(|(name, share)| (name.as_str(), *share)).collect();
        let found = find(&products);
        let sum: f64 = found.iter().map(|one| one.share).sum();
        prop_assert!(sum <= 1.0 + 1e-9);
        for one in &found {
            prop_assert!((0.0..=1.0).contains(&one.confidence));
            prop_assert!((0.0..=1.0 + 1e-9).contains(&one.share));
            prop_assert_eq!(one.counted, one.confidence >= 0.6);
        }
        prop_assert_eq!(&found, &find(&products));
    }
}

fn matcher() -> Matcher {
    let nodes = nodes();
    let terms: Vec<NodeTerms<'_>> = nodes
        .iter()
        .map(|(id, name, aliases, keywords)| (*id, *name, aliases.as_slice(), keywords.as_slice()))
        .collect();
    Matcher::new(&terms).unwrap()
}

fn decision(node_id: i64, product: &str, verdict: MatchVerdict) -> MatchDecision {
    MatchDecision {
        node_id,
        product: product.to_owned(),
        verdict,
    }
}

fn nothing_broader(_: &str) -> Vec<String> {
    Vec::new()
}

#[test]
fn weaker_evidence_waits_for_a_person() {
    let products = [
        ("离子交换树脂膜".to_owned(), None),
        ("氟树脂粒".to_owned(), None),
    ];
    let business = Business {
        products: &products,
        scope: Some("全氟磺酸膜的研发、销售；发光二极管贸易，包装服务"),
        industry: Some("电堆"),
    };
    let broader = |product: &str| match product {
        "氟树脂粒" => vec!["薄膜".to_owned(), "树脂".to_owned()],
        _ => Vec::new(),
    };
    let found = matcher().match_business(&business, &[], &broader);
    // 离子交换树脂膜 holds 离子 子交 交换 换树 树脂 脂膜, six pairs; 离子交换膜 has four, three in common:
    // Dice = 2·3/10 = 0.6. But 全氟磺酸膜 in the scope is found before it and says as much of node 1.
    assert_eq!(
        found
            .iter()
            .map(|one| (one.node_id, one.kind))
            .collect::<Vec<_>>(),
        [
            (2, MatchKind::Subclass),
            (5, MatchKind::Industry),
            (1, MatchKind::Scope),
            (3, MatchKind::Scope),
        ]
    );
    assert!(found.iter().all(|one| !one.counted && one.share == 0.0));
    assert_eq!(
        found[2].product, "全氟磺酸膜的研发",
        "one clause is the evidence"
    );

    let alone = Business {
        scope: None,
        ..business
    };
    let found = matcher().match_business(&alone, &[], &nothing_broader);
    let similar = found
        .iter()
        .find(|one| one.kind == MatchKind::Similar)
        .unwrap();
    assert_eq!((similar.node_id, similar.term.as_str()), (1, "离子交换膜"));
    assert!((similar.confidence - (0.20 + 0.35 * 0.6)).abs() < 1e-12);
}

#[test]
fn a_product_that_matched_silences_weaker_evidence() {
    let products = [("LED灯珠".to_owned(), Some(1.0))];
    let business = Business {
        products: &products,
        scope: Some("发光二极管贸易"),
        industry: Some("LED"),
    };
    let found = matcher().match_business(&business, &[], &nothing_broader);
    assert_eq!(brief(&found).len(), 1);
    assert_eq!(found[0].kind, MatchKind::NameContained);
}

#[test]
fn decisions_outweigh_the_threshold_and_keep_shares_whole() {
    let products = [
        ("LED灯珠".to_owned(), Some(0.6)),
        ("食品饮料用纸质包装箱子".to_owned(), Some(0.4)),
    ];
    let business = Business {
        products: &products,
        ..Business::default()
    };
    let decided = |decisions: &[MatchDecision]| {
        matcher().match_business(&business, decisions, &nothing_broader)
    };
    assert_eq!(node_shares(&decided(&[])), [(3, 0.6)]);
    // Confirmed: the keyword hint counts with its product's share.
    let confirm = decision(2, "食品饮料用纸质包装箱子", MatchVerdict::Confirmed);
    assert_eq!(
        node_shares(&decided(std::slice::from_ref(&confirm))),
        [(2, 0.4), (3, 0.6)]
    );
    // Rejected: nothing is left of it; what else is there stays.
    let reject = decision(3, "LED灯珠", MatchVerdict::Rejected);
    assert_eq!(node_shares(&decided(&[confirm, reject])), [(2, 0.4)]);
    // Added: a text of its own weighs as the average product, 0.5; the whole is 1.5 then, and 0.5/1.5 is a third.
    let add = decision(5, "电堆代工", MatchVerdict::Added);
    let found = decided(std::slice::from_ref(&add));
    let shares = node_shares(&found);
    assert_eq!(
        shares.iter().map(|(node, _)| *node).collect::<Vec<_>>(),
        [3, 5]
    );
    assert!((shares[0].1 - 0.4).abs() < 1e-12 && (shares[1].1 - 1.0 / 3.0).abs() < 1e-12);
    let unknown = [("LED灯珠".to_owned(), None)];
    let business = Business {
        products: &unknown,
        ..Business::default()
    };
    let found = matcher().match_business(&business, std::slice::from_ref(&add), &nothing_broader);
    assert_eq!(node_shares(&found), [(3, 0.5), (5, 0.5)]);
    // A node that is gone takes no addition, and a word taken back changes nothing.
    let gone = decision(99, "电堆代工", MatchVerdict::Added);
    let back = decision(3, "LED灯珠", MatchVerdict::Withdrawn);
    assert_eq!(
        matcher().match_business(&business, &[gone, back], &nothing_broader),
        matcher().match_business(&business, &[], &nothing_broader)
    );
}

#[test]
fn keys_of_kinds_and_verdicts_come_back() {
    for kind in [
        MatchKind::Keyword,
        MatchKind::Similar,
        MatchKind::Added,
        MatchKind::Scope,
    ] {
        assert_eq!(MatchKind::from_key(kind.key()), Some(kind));
    }
    assert_eq!(
        MatchVerdict::from_key("rejected"),
        Some(MatchVerdict::Rejected)
    );
    assert_eq!(MatchVerdict::from_key("maybe"), None);
}
