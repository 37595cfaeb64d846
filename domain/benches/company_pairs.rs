//! How often two records are rightly taken for one company: `cargo bench -p domain --bench company_pairs`.
//!
//! The labelled pairs (`domain/data/company_pairs.csv`) are split by a stable hash of both names: the rules were made
//! looking at one half, the other half is only reported. Then the scan of a hundred thousand generated names.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{collections::BTreeMap, time::Instant};

use domain::enterprise::same_company::{
    BlockingKeys, CompanyFacts, Compared, for_each_candidate,
    labelled::{self, Counts, LabelledPair},
};

fn main() {
    let pairs = labelled::read(include_str!("../data/company_pairs.csv"));
    let show_misses = std::env::args().any(|one| one == "--misses");
    let mut halves: [(Counts, BTreeMap<String, Counts>); 2] = Default::default();
    for pair in &pairs {
        let half = &mut halves[usize::from(!pair.is_tuned_on())];
        let found = pair.verdict();
        half.0.count(pair.same, found.is_same());
        half.1
            .entry(pair.kind.clone())
            .or_default()
            .count(pair.same, found.is_same());
        // What the other half got wrong is not for the eyes of who makes the rules.
        if show_misses && pair.is_tuned_on() && found.is_same() != pair.same {
            println!(
                "{} {} / {}: {found:?} ({})",
                u8::from(pair.same),
                pair.left,
                pair.right,
                pair.kind
            );
        }
    }
    for ((all, kinds), name) in halves.iter().zip(["looked at", "only reported"]) {
        println!("\nhalf {name}: {} pairs", all.total());
        println!("{:<28} {}", "all", line(all));
        for (kind, counts) in kinds {
            println!("{kind:<28} {}", line(counts));
        }
    }
    let mut whole = Counts::default();
    for pair in &pairs {
        whole.count(pair.same, pair.verdict().is_same());
    }
    println!("\n{:<28} {}", "both halves", line(&whole));
    println!(
        "blocking keeps {:.4} of the pairs that are one company",
        labelled::blocking_recall(&pairs)
    );
    scan(&pairs);
}

fn line(counts: &Counts) -> String {
    format!(
        "precision {:.4} recall {:.4} F1 {:.4}  right {}/{}",
        counts.precision(),
        counts.recall(),
        counts.f1(),
        counts.right(),
        counts.total()
    )
}

/// A hundred thousand names out of what names are made of, every twentieth in a second spelling.
fn scan(pairs: &[LabelledPair]) {
    const COUNT: usize = 100_000;
    let places = [
        "深圳市",
        "上海",
        "江苏",
        "昆山",
        "广东省",
        "北京",
        "西安",
        "苏州市",
        "杭州",
        "成都",
    ];
    let heads: Vec<char> =
        "华新联永丰恒瑞德信达远方正泰安康盛金鑫宏伟明光大兴隆源海天龙凤祥云飞翔宇星辰"
            .chars()
            .collect();
    let industries = [
        "科技",
        "电子科技",
        "新材料",
        "机械",
        "生物医药",
        "新能源科技",
        "实业",
        "贸易",
        "精密机械",
        "环保科技",
    ];
    let mut state = 88_172_645_463_325_252_u64;
    let mut next = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap_or(0)
    };
    let mut names: Vec<String> = Vec::with_capacity(COUNT);
    while names.len() < COUNT {
        if names.len() % 20 == 19 {
            let one = names[next(names.len())].clone();
            names.push(one.replace("有限公司", "有限责任公司"));
            continue;
        }
        let core: String = (0..2 + next(3)).map(|_| heads[next(heads.len())]).collect();
        let (place, industry) = (
            places[next(places.len())],
            industries[next(industries.len())],
        );
        names.push(format!("{place}{core}{industry}有限公司"));
    }
    names.extend(
        pairs
            .iter()
            .flat_map(|pair| [pair.left.clone(), pair.right.clone()]),
    );
    let begun = Instant::now();
    let companies: Vec<Compared> = names
        .iter()
        .map(|name| Compared::of(&CompanyFacts::named(name)))
        .collect();
    let keys: Vec<BlockingKeys> = companies.iter().map(BlockingKeys::of).collect();
    let keyed = begun.elapsed();
    let (mut compared, mut found) = (0_u64, std::collections::HashSet::new());
    for_each_candidate(&keys, None, |larger, smaller| {
        compared += 1;
        if companies[larger].verdict(&companies[smaller]).is_same() {
            found.insert((smaller, larger));
        }
    });
    println!(
        "\n{} names: prepared in {keyed:.2?}, {compared} comparisons, {} pairs found, {:.2?} in all",
        names.len(),
        found.len(),
        begun.elapsed()
    );
    let labelled = names.len() - 2 * pairs.len();
    let (mut kept, mut all) = (0, 0);
    for (index, _) in pairs
        .iter()
        .enumerate()
        .filter(|(_, pair)| pair.same && pair.verdict().is_same())
    {
        let left = labelled + 2 * index;
        all += 1;
        kept += u32::from(found.contains(&(left, left + 1)));
    }
    println!("among them {kept} of the {all} labelled pairs that the rules take for one company");
    let begun = Instant::now();
    let mut compared = 0_u64;
    for_each_candidate(&keys, Some(&(0..500).collect()), |larger, smaller| {
        compared += u64::from(companies[larger].verdict(&companies[smaller]).is_same());
    });
    println!(
        "500 changed companies against all: {:.2?}, {compared} hits",
        begun.elapsed()
    );
}
