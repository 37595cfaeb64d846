use proptest::prelude::*;

use super::*;
use crate::enterprise::normalise_name;

fn score(left: &str, right: &str) -> f64 {
    same_company(&CompanyFacts::named(left), &CompanyFacts::named(right)).score
}

#[track_caller]
fn same(left: &str, right: &str) {
    let found = same_company(&CompanyFacts::named(left), &CompanyFacts::named(right));
    assert!(
        found.is_same(),
        "{left} / {right}: {found:?} {:?} {:?}",
        NameParts::of(left),
        NameParts::of(right)
    );
}

#[track_caller]
fn different(left: &str, right: &str) {
    let found = same_company(&CompanyFacts::named(left), &CompanyFacts::named(right));
    assert!(
        !found.is_same(),
        "{left} / {right}: {found:?} {:?} {:?}",
        NameParts::of(left),
        NameParts::of(right)
    );
}

#[test]
fn a_name_falls_into_its_parts() {
    let parts = NameParts::of("广东省深圳市南山区示例达电子科技（集团）股份有限公司上海分公司");
    assert_eq!(parts.core, "示例达");
    assert_eq!(parts.industry, ["电子", "科技"]);
    assert_eq!(parts.form, Some(Form::Shares));
    assert!(parts.is_group && !parts.is_holding && !parts.is_generic);
    assert_eq!(parts.branch.as_deref(), Some("上海分公司"));
    let place = parts.places.first().unwrap();
    assert_eq!(place.province.as_deref(), Some("广东"));
    assert_eq!(place.city.as_deref(), Some("深圳"));
    assert_eq!(place.county.as_deref(), Some("南山区"));
    let bank = NameParts::of("中国农业银行股份有限公司深圳市分行");
    assert_eq!(bank.core, "农业");
    assert!(bank.is_generic);
    assert_eq!(bank.branch.as_deref(), Some("深圳分行"));
    assert_eq!(NameParts::of("昆山示例光电有限公司").core, "示例");
    assert_eq!(NameParts::of("*ST国华").body, "国华");
}

#[test]
fn one_name_in_many_spellings_is_one_company() {
    for (left, right) in [
        ("比亞迪股份有限公司", "比亚迪股份有限公司"),
        ("比亚迪股份有限公司", "比亚迪"),
        ("ＴＣＬ科技集团股份有限公司", "tcl科技集团股份有限公司"),
        ("金田实业(集团)有限公司", "金田实业集团有限公司"),
        ("示例电子有限责任公司", "示例电子有限公司"),
        ("上海浦东发展银行股份有限公司", "浦发银行"),
        ("广东电力发展股份有限公司", "粤电力A"),
        ("中国石油化工股份有限公司", "中国石化"),
        ("中国示例工程集团有限公司", "中国示例工程总公司"),
        ("示例达股份有限公司", "示例达股份有限公司 SHILIDA CO., LTD."),
        ("江苏省昆山市示例达光电有限公司", "昆山示例达光电有限公司"),
        ("招商银行深圳分行", "招商银行股份有限公司深圳市分行"),
        ("Example Motor Co., Ltd.", "EXAMPLE MOTOR CO LTD"),
    ] {
        same(left, right);
    }
}

#[test]
fn a_like_name_may_be_another_company() {
    for (left, right) in [
        ("中国农业银行", "中国农业发展银行"),
        ("比亚迪股份有限公司", "比亚迪汽车有限公司"),
        ("上海电气集团股份有限公司", "哈尔滨电气集团有限公司"),
        (
            "中国农业银行股份有限公司",
            "中国农业银行股份有限公司深圳分行",
        ),
        ("招商银行深圳分行", "招商银行上海分行"),
        ("示例达科技集团有限公司", "示例达科技有限公司"),
        ("中铁十一局集团有限公司", "中铁十二局集团有限公司"),
        ("华联股份有限公司", "新华联股份有限公司"),
        ("广东示例达科技有限公司", "深圳市示例达科技有限公司"),
        ("示例达（上海）科技有限公司", "示例达（北京）科技有限公司"),
        ("示例第一建筑有限公司", "示例第二建筑有限公司"),
        // Two names in the register are two companies.
        (
            "深圳市腾讯计算机系统有限公司",
            "腾讯计算机系统（深圳）有限公司",
        ),
        ("苏州明远机械有限公司", "苏州鸣远机械有限公司"),
        ("吉林省示例投资有限公司", "吉林市示例投资有限公司"),
        ("示例集团有限公司", "示例集团股份有限公司"),
    ] {
        different(left, right);
    }
}

#[test]
fn codes_decide() {
    // All valid by GB 32100-2015; the third has the first one's organisation and another register.
    let (one, two, moved) = (
        "91350100M000100Y43",
        "91440300192317458F",
        "91440300M000100Y40",
    );
    for code in [one, two, moved] {
        assert!(check_credit_code(code).is_ok(), "{code}");
    }
    let facts = |name, code| CompanyFacts {
        credit_code: Some(code),
        ..CompanyFacts::named(name)
    };
    let equal = same_company(&facts("甲有限公司", one), &facts("乙有限公司", one));
    assert_eq!(equal.score, 1.0);
    assert_eq!(equal.reasons, [MatchReason::SameCreditCode]);
    let differ = same_company(&facts("甲有限公司", one), &facts("甲有限公司", two));
    assert!(!differ.is_same(), "{differ:?}");
    let elsewhere = same_company(&facts("甲有限公司", one), &facts("乙有限公司", moved));
    assert!(elsewhere.is_same(), "{elsewhere:?}");
    assert!(
        elsewhere
            .reasons
            .contains(&MatchReason::SameOrganisationCode)
    );
    // A code that is none says nothing.
    let broken = same_company(
        &facts("甲乙有限公司", "91350100M000100Y44"),
        &facts("甲乙有限公司", one),
    );
    assert!(broken.is_same(), "{broken:?}");
    let stock = |name, code| CompanyFacts {
        stock_code: Some(code),
        ..CompanyFacts::named(name)
    };
    assert!(
        same_company(
            &stock("深圳发展银行", "000001"),
            &stock("平安银行", "000001")
        )
        .is_same()
    );
    assert!(
        !same_company(
            &stock("示例达", "000001"),
            &stock("示例达股份有限公司", "000002")
        )
        .is_same()
    );
}

#[test]
fn the_record_says_what_the_names_leave_out() {
    let with = |name, city| CompanyFacts {
        city: Some(city),
        ..CompanyFacts::named(name)
    };
    let (short, long) = ("示例达电子有限公司", "深圳市示例达电子有限公司");
    let near = same_company(&with(short, "深圳市"), &with(long, "深圳"));
    let far = same_company(&with(short, "西安"), &with(long, "深圳"));
    assert!(near.score > score(short, long), "{near:?}");
    assert!(!far.is_same(), "{far:?}");
    assert!(far.reasons.contains(&MatchReason::RecordPlaceDiffers));
}

#[test]
fn every_reason_has_its_own_key() {
    let json = serde_json::to_value(MatchReason::EqualName).unwrap();
    assert_eq!(json, MatchReason::EqualName.key());
}

fn candidates(names: &[&str], only: Option<&[usize]>) -> Vec<(usize, usize)> {
    let keys: Vec<BlockingKeys> = names
        .iter()
        .map(|name| BlockingKeys::of(&Compared::of(&CompanyFacts::named(name))))
        .collect();
    let only = only.map(|only| only.iter().copied().collect());
    let mut found = std::collections::BTreeSet::new();
    for_each_candidate(&keys, only.as_ref(), |larger, smaller| {
        found.insert((smaller, larger));
    });
    found.into_iter().collect()
}

#[test]
fn what_shares_nothing_is_not_compared() {
    let names = [
        "深圳市示例达电子有限公司",
        "示例达光学有限公司",
        "无关矿业有限公司",
        "上海浦东发展银行股份有限公司",
        "浦发银行",
    ];
    assert_eq!(candidates(&names, None), [(0, 1), (3, 4)]);
    assert_eq!(candidates(&names, Some(&[4])), [(3, 4)]);
    assert!(candidates(&names, Some(&[2])).is_empty());
}

/// The labelled pairs of companies, whose labels were made without these rules.
const LABELLED: &str = include_str!("../../../data/company_pairs.csv");

#[test]
fn labelled_pairs_are_told_apart() {
    let pairs = labelled::read(LABELLED);
    assert!(pairs.len() >= 600, "{}", pairs.len());
    let mut counts = labelled::Counts::default();
    for pair in &pairs {
        counts.count(pair.same, pair.verdict().is_same());
    }
    // What was measured, see benches/company_pairs.rs; a change of the rules must not fall behind it.
    assert!(counts.f1() >= 0.97, "F1 {:.4} {counts:?}", counts.f1());
    let recall = labelled::blocking_recall(&pairs);
    assert!(recall >= 0.99, "blocking {recall:.4}");
}

fn name() -> impl Strategy<Value = String> {
    let text = |list: &'static [&'static str]| proptest::sample::select(list);
    (
        text(&["", "深圳市", "广东省", "上海", "中国", "昆山市", "廣東省"]),
        "[示例達达华新联永丰A]{1,4}",
        text(&["", "科技", "电子", "汽车", "銀行", "新能源科技", "实业"]),
        text(&["", "（上海）", "(集团)", "(中国)", "集团", "控股"]),
        text(&[
            "",
            "有限公司",
            "股份有限公司",
            "有限责任公司",
            "厂",
            "有限公司深圳分公司",
        ]),
    )
        .prop_map(|(place, core, industry, middle, form)| {
            format!("{place}{core}{industry}{middle}{form}")
        })
}

proptest! {
    #[test]
    fn it_is_the_same_from_either_side(one in name(), two in name()) {
        let (left, right) = (CompanyFacts::named(&one), CompanyFacts::named(&two));
        prop_assert_eq!(same_company(&left, &right), same_company(&right, &left));
    }

    #[test]
    fn a_company_is_itself(one in name(), any in "\\PC{1,30}") {
        for text in [one, any] {
            let facts = CompanyFacts::named(&text);
            prop_assert!(same_company(&facts, &facts).score > 0.9);
        }
    }

    #[test]
    fn comparing_forms_are_stable(text in any::<String>()) {
        let once = comparable(&text);
        prop_assert_eq!(comparable(&once), once.clone());
        prop_assert_eq!(comparable(&normalise_name(&text)), once);
        let _ = NameParts::of(&text);
    }

    #[test]
    fn an_equal_core_is_never_lost(names in proptest::collection::vec(name(), 2..40)) {
        let texts: Vec<&str> = names.iter().map(String::as_str).collect();
        let found: std::collections::HashSet<(usize, usize)> = candidates(&texts, None).into_iter().collect();
        for (left, one) in names.iter().enumerate() {
            for (right, two) in names.iter().enumerate().skip(left + 1) {
                if NameParts::of(one).core == NameParts::of(two).core {
                    prop_assert!(found.contains(&(left, right)), "{} {}", one, two);
                }
            }
        }
    }

    #[test]
    fn scores_are_shares(one in "\\PC{0,20}", two in "\\PC{0,20}") {
        let score = score(&one, &two);
        prop_assert!((0.0..=1.0).contains(&score));
    }
}
