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
