//! 演示企业名录: a pure, deterministic generator of example enterprises.
//!
//! The same seed, chains and profile always give the same directory. Every
//! name starts with 示例, so no generated firm can be taken for a real one.

use std::collections::{BTreeMap, BTreeSet};

/// What the generator needs to know of one chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainSeed {
    pub code: String,
    /// Node code, node name, aliases.
    pub nodes: Vec<(String, String, Vec<String>)>,
}

/// How the zone's own firms cover a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Four or five sizeable local firms with a high share.
    Strong,
    /// One small local firm.
    Weak,
    /// No local firm, firms elsewhere.
    Absent,
    /// No firm anywhere.
    Nowhere,
}

impl Profile {
    /// The word used in `local_profile.json`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "strong" => Some(Self::Strong),
            "weak" => Some(Self::Weak),
            "absent" => Some(Self::Absent),
            "nowhere" => Some(Self::Nowhere),
            _ => None,
        }
    }
}

/// One example enterprise.
#[derive(Debug, Clone, PartialEq)]
pub struct DemoEnterprise {
    pub name: String,
    pub short_name: String,
    pub province: String,
    pub city: String,
    pub local: bool,
    /// Yearly revenue in 万元.
    pub revenue_wan: i64,
    pub staff: i32,
    /// Product and its share of revenue, when known.
    pub products: Vec<(String, Option<f64>)>,
    pub founded_year: i32,
}

/// A city of the directory and the chains it is known for.
#[derive(Debug, Clone, Copy)]
pub struct DemoCity {
    pub province: &'static str,
    pub city: &'static str,
    pub local: bool,
    /// Firms outside the zone; the zone's own number follows from the profile.
    pub firms: usize,
    /// Chain code and weight; a chain not named has weight 1.
    pub chains: &'static [(&'static str, u32)],
}

const V: &str = "vanadium-storage";
const F: &str = "selenium-food";
const B: &str = "biomedicine";
const C: &str = "coal-materials";

const fn city(
    province: &'static str,
    city: &'static str,
    firms: usize,
    chains: &'static [(&'static str, u32)],
) -> DemoCity {
    DemoCity {
        province,
        city,
        local: false,
        firms,
        chains,
    }
}

/// The thirty cities of the directory, the zone's own first.
pub const CITIES: &[DemoCity] = &[
    DemoCity {
        province: "陕西",
        city: "安康市",
        local: true,
        firms: 0,
        chains: &[],
    },
    city("陕西", "西安市", 36, &[(V, 6), (B, 8), (F, 2), (C, 4)]),
    city("陕西", "榆林市", 34, &[(C, 20)]),
    city("四川", "成都市", 36, &[(B, 14), (F, 5), (V, 4)]),
    city("四川", "攀枝花市", 28, &[(V, 20)]),
    city("重庆", "重庆市", 32, &[(B, 8), (F, 6), (C, 3), (V, 3)]),
    city("湖北", "恩施州", 26, &[(F, 20)]),
    city("湖北", "武汉市", 32, &[(B, 10), (V, 6), (F, 3)]),
    city("湖北", "十堰市", 18, &[(V, 8), (F, 6)]),
    city("湖南", "长沙市", 26, &[(F, 8), (B, 6), (V, 5)]),
    city("河北", "石家庄市", 28, &[(B, 20)]),
    city("河北", "承德市", 18, &[(V, 12), (F, 5)]),
    city("北京", "北京市", 32, &[(B, 8), (V, 8), (C, 4)]),
    city("天津", "天津市", 24, &[(B, 8), (C, 5), (F, 3)]),
    city("辽宁", "大连市", 30, &[(V, 20)]),
    city("山东", "淄博市", 22, &[(V, 8), (C, 6), (B, 5)]),
    city("江苏", "苏州市", 34, &[(B, 12), (V, 10)]),
    city("江苏", "连云港市", 24, &[(B, 16), (C, 5)]),
    city("江苏", "常州市", 24, &[(V, 12), (C, 6)]),
    city("上海", "上海市", 34, &[(B, 12), (V, 8), (F, 3)]),
    city("浙江", "杭州市", 28, &[(B, 8), (F, 6), (V, 6)]),
    city("浙江", "台州市", 20, &[(B, 12), (V, 4)]),
    city("安徽", "合肥市", 24, &[(V, 14), (B, 3)]),
    city("广东", "广州市", 30, &[(F, 9), (B, 8), (V, 3)]),
    city("广东", "深圳市", 32, &[(V, 12), (B, 9)]),
    city("福建", "福州市", 18, &[(F, 12), (C, 3)]),
    city("内蒙古", "鄂尔多斯市", 26, &[(C, 20)]),
    city("宁夏", "银川市", 26, &[(C, 18), (F, 2)]),
    city("山西", "太原市", 20, &[(C, 14), (V, 2)]),
    city("新疆", "乌鲁木齐市", 18, &[(C, 12), (F, 3)]),
];

/// Firms every node gets outside the zone before the rest is spread.
const FLOOR: usize = 4;

const FIRST: [&str; 32] = [
    "恒", "瑞", "华", "泽", "启", "宏", "嘉", "润", "博", "盛", "鼎", "远", "明", "安", "天", "金",
    "秦", "汉", "江", "岭", "云", "景", "卓", "凯", "德", "信", "同", "兴", "星", "锦", "正", "昌",
];
const SECOND: [&str; 32] = [
    "源", "达", "川", "禾", "能", "通", "益", "康", "科", "和", "立", "峰", "泰", "帆", "宇", "创",
    "驰", "辉", "新", "程", "利", "杰", "庆", "林", "海", "成", "阳", "诚", "丰", "越", "衡", "舟",
];

/// Words put before or after a product. None of them changes what it is.
const AFFIXES: [(&str, &str); 10] = [
    ("", ""),
    ("", ""),
    ("", ""),
    ("", ""),
    ("高品质", ""),
    ("优质", ""),
    ("新型", ""),
    ("", "系列"),
    ("", "产品"),
    ("", "业务"),
];

/// The part of a firm that its chain does not see.
const OTHER: &str = "其他业务";

struct SplitMix64(u64);

impl SplitMix64 {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `bound`; 0 when the bound is 0.
    fn below(&mut self, bound: usize) -> usize {
        match u64::try_from(bound) {
            Ok(b) if b > 0 => usize::try_from(self.next() % b).unwrap_or(0),
            _ => 0,
        }
    }

    fn range(&mut self, low: i64, high: i64) -> i64 {
        let span = usize::try_from(high - low + 1).unwrap_or(1);
        low + i64::try_from(self.below(span)).unwrap_or(0)
    }

    /// An index drawn in proportion to its weight.
    fn weighted(&mut self, weights: &[u32]) -> Option<usize> {
        let total: usize = weights.iter().map(|w| *w as usize).sum();
        if total == 0 {
            return None;
        }
        let mut left = self.below(total);
        for (index, weight) in weights.iter().enumerate() {
            let weight = *weight as usize;
            if left < weight {
                return Some(index);
            }
            left -= weight;
        }
        None
    }
}

/// A node of a chain by position: chain index, node index.
type Spot = (usize, usize);

struct Builder<'a> {
    random: SplitMix64,
    chains: &'a [ChainSeed],
    names: BTreeSet<String>,
    list: Vec<DemoEnterprise>,
}

impl Builder<'_> {
    fn node(&self, spot: Spot) -> Option<&(String, String, Vec<String>)> {
        self.chains.get(spot.0)?.nodes.get(spot.1)
    }

    /// A product name for a node: its name or an alias, sometimes with an affix.
    fn product(&mut self, spot: Spot) -> Option<String> {
        let (_, name, aliases) = self.node(spot)?.clone();
        let pick = self.random.below(aliases.len() + 2);
        let core = match pick.checked_sub(2).and_then(|index| aliases.get(index)) {
            Some(alias) => alias.clone(),
            None => name,
        };
        let (before, after) = AFFIXES[self.random.below(AFFIXES.len())];
        Some(format!("{before}{core}{after}"))
    }

    /// The line of business in a firm's name, from the node it lives on.
    fn trade(&mut self, spot: Spot) -> String {
        let Some((_, name, _)) = self.node(spot) else {
            return "科技".to_owned();
        };
        let core: String = name
            .chars()
            .filter(|c| !c.is_whitespace())
            .take(7)
            .collect();
        let ending = ["", "科技", "实业", "技术"][self.random.below(4)];
        format!("{core}{ending}")
    }

    fn name(&mut self, spot: Spot, city: &DemoCity) -> (String, String) {
        // 广州市 is 广州, 恩施州 is 恩施.
        let short_city = city
            .city
            .strip_suffix('市')
            .or_else(|| city.city.strip_suffix('州'))
            .unwrap_or(city.city);
        let trade = self.trade(spot);
        let kind = [
            "有限公司",
            "有限公司",
            "有限公司",
            "有限责任公司",
            "股份有限公司",
        ][self.random.below(5)];
        let combinations = FIRST.len() * SECOND.len();
        let start = self.random.below(combinations);
        for step in 0..combinations {
            let index = (start + step) % combinations;
            let brand = format!(
                "示例{}{}",
                FIRST[index / SECOND.len()],
                SECOND[index % SECOND.len()]
            );
            // One brand, one firm: neither the name nor the short name repeats.
            if self.names.insert(brand.clone()) {
                return (format!("{brand}{trade}({short_city}){kind}"), brand);
            }
        }
        let brand = format!("示例{}号", self.list.len() + 1);
        self.names.insert(brand.clone());
        (format!("{brand}{trade}({short_city}){kind}"), brand)
    }

    /// Adds a firm; its first spot names it. Shares are per cent of revenue,
    /// and without them the firm's shares are unknown.
    fn firm(&mut self, city: &DemoCity, spots: &[(Spot, i64)], revenue_wan: i64, shares: bool) {
        let Some(&(main, _)) = spots.first() else {
            return;
        };
        let (name, short_name) = self.name(main, city);
        let mut products: Vec<(String, Option<f64>)> = Vec::new();
        let mut left = 100_i64;
        for &(spot, percent) in spots {
            let Some(product) = self.product(spot) else {
                continue;
            };
            if products.iter().any(|(known, _)| *known == product) {
                continue;
            }
            left -= percent;
            products.push((product, shares.then_some(fraction(percent))));
        }
        if shares && left >= 8 {
            products.push((OTHER.to_owned(), Some(fraction(left))));
        }
        // 35 to 90 万元 of revenue a head.
        let per_head = self.random.range(35, 90);
        let staff = i32::try_from((revenue_wan / per_head).max(8)).unwrap_or(i32::MAX);
        let founded_year = i32::try_from(self.random.range(1998, 2023)).unwrap_or(2010);
        self.list.push(DemoEnterprise {
            name,
            short_name,
            province: city.province.to_owned(),
            city: city.city.to_owned(),
            local: city.local,
            revenue_wan,
            staff,
            products,
            founded_year,
        });
    }

    /// The zone's own firms, as the profile asks.
    fn local(&mut self, city: &DemoCity, profile: &Table) {
        for chain in 0..self.chains.len() {
            let strong = spots(self.chains, profile, chain, Profile::Strong);
            let weak = spots(self.chains, profile, chain, Profile::Weak);
            for (index, &spot) in strong.iter().enumerate() {
                for turn in 0..if index == 0 { 5 } else { 4 } {
                    let share = self.random.range(84, 93);
                    let mut made = vec![(spot, share)];
                    // Every other firm also does a little of the next strong node.
                    if turn % 2 == 1
                        && let Some(&next) = strong.get((index + 1) % strong.len())
                        && next != spot
                    {
                        made.push((next, 98 - share));
                    }
                    let revenue = self.random.range(260, 420) * 100;
                    self.firm(city, &made, revenue, true);
                }
            }
            // A small firm for each three weak nodes, larger towards the market.
            let mut scale = 100;
            for few in weak.chunks(3) {
                let share = self.random.range(38, 46);
                let shares = [share, 72 - share, 22];
                let made: Vec<(Spot, i64)> = few.iter().copied().zip(shares).collect();
                let revenue = self.random.range(8, 14) * scale;
                scale = scale * 5 / 2;
                self.firm(city, &made, revenue, true);
            }
        }
    }

    /// A firm outside the zone on one node, often with a neighbouring one.
    fn elsewhere(&mut self, city: &DemoCity, reachable: &[Spot], at: usize) {
        let Some(&main) = reachable.get(at) else {
            return;
        };
        let share = self.random.range(55, 92);
        let mut made = vec![(main, share)];
        if self.random.below(10) < 4 {
            let step = 1 + self.random.below(2);
            if let Some(&next) = reachable.get((at + step) % reachable.len())
                && next != main
            {
                made.push((next, (97 - share).max(5)));
            }
        }
        // Many small firms, a few large ones.
        let base = self.random.range(12, 90) * 100;
        let factor = [1, 1, 2, 3, 4, 6, 10, 24][self.random.below(8)];
        let shares = self.random.below(5) > 0;
        self.firm(city, &made, base * factor, shares);
    }

    fn others(&mut self, cities: &[DemoCity], profile: &Table) {
        let mut room: Vec<usize> = cities.iter().map(|c| c.firms).collect();
        let reachable: Vec<Vec<Spot>> = (0..self.chains.len())
            .map(|chain| {
                let nodes = self.chains.get(chain).map_or(0, |c| c.nodes.len());
                (0..nodes)
                    .map(|node| (chain, node))
                    .filter(|spot| profile.get(spot) != Some(&Profile::Nowhere))
                    .collect()
            })
            .collect();
        // First, every node in several different cities of its chain.
        for (chain, nodes) in reachable.iter().enumerate() {
            for at in 0..nodes.len() {
                let mut used = BTreeSet::new();
                for _ in 0..FLOOR {
                    let weights: Vec<u32> = cities
                        .iter()
                        .enumerate()
                        .map(|(index, c)| {
                            if used.contains(&index) || room[index] == 0 {
                                0
                            } else {
                                self.weight(c, chain)
                            }
                        })
                        .collect();
                    let Some(index) = self.random.weighted(&weights) else {
                        break;
                    };
                    used.insert(index);
                    room[index] -= 1;
                    self.elsewhere(&cities[index], nodes, at);
                }
            }
        }
        // Then what is left of each city, round the node the city is known for.
        for (index, city) in cities.iter().enumerate() {
            let weights: Vec<u32> = (0..self.chains.len())
                .map(|chain| self.weight(city, chain))
                .collect();
            let focus: Vec<usize> = reachable
                .iter()
                .map(|nodes| self.random.below(nodes.len()))
                .collect();
            for _ in 0..room[index] {
                let Some(chain) = self.random.weighted(&weights) else {
                    break;
                };
                let nodes = &reachable[chain];
                if nodes.is_empty() {
                    continue;
                }
                let offset = self.random.below(5) + self.random.below(5);
                let mut at = (focus[chain] + offset) % nodes.len();
                // What the zone is strong in, others have less of.
                if profile.get(&nodes[at]) == Some(&Profile::Strong) {
                    at = self.random.below(nodes.len());
                }
                self.elsewhere(city, nodes, at);
            }
        }
    }

    fn weight(&self, city: &DemoCity, chain: usize) -> u32 {
        let code = self.chains.get(chain).map_or("", |c| c.code.as_str());
        city.chains
            .iter()
            .find(|(known, _)| *known == code)
            .map_or(1, |(_, weight)| *weight)
    }
}

type Table = BTreeMap<Spot, Profile>;

fn fraction(percent: i64) -> f64 {
    f64::from(i32::try_from(percent).unwrap_or(0)) / 100.0
}

fn spots(chains: &[ChainSeed], profile: &Table, chain: usize, wanted: Profile) -> Vec<Spot> {
    let nodes = chains.get(chain).map_or(0, |c| c.nodes.len());
    (0..nodes)
        .map(|node| (chain, node))
        .filter(|spot| profile.get(spot) == Some(&wanted))
        .collect()
}

/// The example directory: about 800 enterprises in [`CITIES`].
///
/// `profile` gives chain code, node code and how the zone covers the node; a
/// node it does not name is [`Profile::Absent`].
pub fn directory(
    seed: u64,
    chains: &[ChainSeed],
    profile: &[(String, String, Profile)],
) -> Vec<DemoEnterprise> {
    let mut table = Table::new();
    for (at, chain) in chains.iter().enumerate() {
        for (index, (code, _, _)) in chain.nodes.iter().enumerate() {
            let known = profile
                .iter()
                .find(|(c, n, _)| *c == chain.code && n == code)
                .map_or(Profile::Absent, |(_, _, p)| *p);
            table.insert((at, index), known);
        }
    }
    let mut builder = Builder {
        random: SplitMix64(seed),
        chains,
        names: BTreeSet::new(),
        list: Vec::new(),
    };
    let (local, others): (Vec<DemoCity>, Vec<DemoCity>) = CITIES.iter().partition(|c| c.local);
    for city in &local {
        builder.local(city, &table);
    }
    builder.others(&others, &table);
    builder.list
}

#[cfg(test)]
mod tests {
    use super::*;

    const KINDS: [Profile; 8] = [
        Profile::Strong,
        Profile::Strong,
        Profile::Absent,
        Profile::Weak,
        Profile::Absent,
        Profile::Weak,
        Profile::Nowhere,
        Profile::Absent,
    ];

    type Input = (Vec<ChainSeed>, Vec<(String, String, Profile)>);

    /// Four chains of 24 made-up nodes whose words never contain one another.
    fn input() -> Input {
        let mut chains = Vec::new();
        let mut profile = Vec::new();
        for chain in [V, F, B, C] {
            let mut nodes = Vec::new();
            for index in 0..24 {
                let code = format!("n{index:02}");
                profile.push((chain.to_owned(), code.clone(), KINDS[index % KINDS.len()]));
                nodes.push((
                    code,
                    format!("{}{index:02}甲", &chain[..1]),
                    vec![
                        format!("{}{index:02}乙", &chain[..1]),
                        format!("{}{index:02}丙", &chain[..1]),
                    ],
                ));
            }
            chains.push(ChainSeed {
                code: chain.to_owned(),
                nodes,
            });
        }
        (chains, profile)
    }

    fn makes(firm: &DemoEnterprise, chain: &str, node: &str) -> bool {
        let stem = format!("{}{}", &chain[..1], &node[1..]);
        firm.products
            .iter()
            .any(|(product, _)| product.contains(&stem))
    }

    #[test]
    fn the_same_seed_gives_the_same_directory() {
        let (chains, profile) = input();
        let one = directory(7, &chains, &profile);
        assert_eq!(one, directory(7, &chains, &profile));
        assert_ne!(one, directory(8, &chains, &profile));
    }

    #[test]
    fn names_are_unique_examples() {
        let (chains, profile) = input();
        let list = directory(7, &chains, &profile);
        let names: BTreeSet<&str> = list.iter().map(|f| f.name.as_str()).collect();
        let short: BTreeSet<&str> = list.iter().map(|f| f.short_name.as_str()).collect();
        assert_eq!(names.len(), list.len());
        assert_eq!(short.len(), list.len());
        assert!(
            list.iter()
                .filter(|f| f.city == "广州市")
                .all(|f| f.name.contains("(广州)"))
        );
        assert!(
            list.iter()
                .all(|f| f.name.starts_with("示例") && f.short_name.starts_with("示例"))
        );
    }

    #[test]
    fn there_are_about_eight_hundred_in_thirty_cities() {
        let (chains, profile) = input();
        let list = directory(7, &chains, &profile);
        assert!((760..=900).contains(&list.len()), "{}", list.len());
        let cities: BTreeSet<&str> = list.iter().map(|f| f.city.as_str()).collect();
        assert_eq!((CITIES.len(), cities.len()), (30, 30));
        for city in CITIES.iter().filter(|c| !c.local) {
            let count = list.iter().filter(|f| f.city == city.city).count();
            assert!(count >= 10, "{} has {count}", city.city);
        }
    }

    #[test]
    fn every_profile_gets_what_its_class_needs() {
        let (chains, profile) = input();
        let list = directory(7, &chains, &profile);
        for (chain, node, kind) in &profile {
            let local: Vec<_> = list
                .iter()
                .filter(|f| f.local && makes(f, chain, node))
                .collect();
            let cities: BTreeSet<&str> = list
                .iter()
                .filter(|f| !f.local && makes(f, chain, node))
                .map(|f| f.city.as_str())
                .collect();
            let label = format!("{chain} {node}");
            match kind {
                Profile::Strong => assert!((4..=8).contains(&local.len()), "{label}"),
                Profile::Weak => {
                    assert_eq!(local.len(), 1, "{label}");
                    assert!(local.iter().all(|f| f.revenue_wan < 25_000), "{label}");
                }
                Profile::Absent => assert!(local.is_empty(), "{label}"),
                Profile::Nowhere => assert!(local.is_empty() && cities.is_empty(), "{label}"),
            }
            if *kind != Profile::Nowhere {
                assert!(cities.len() >= 3, "{label} in {} cities", cities.len());
            }
        }
    }

    #[test]
    fn figures_are_plausible() {
        let (chains, profile) = input();
        for firm in directory(7, &chains, &profile) {
            assert!(firm.revenue_wan > 0 && firm.staff >= 8, "{}", firm.name);
            assert!((1998..=2023).contains(&firm.founded_year), "{}", firm.name);
            assert!(!firm.products.is_empty(), "{}", firm.name);
            let sum: f64 = firm.products.iter().filter_map(|(_, share)| *share).sum();
            assert!(sum <= 1.02, "{} {sum}", firm.name);
        }
    }

    #[test]
    fn nothing_to_make_gives_an_empty_directory() {
        assert!(directory(7, &[], &[]).is_empty());
        let bare = [ChainSeed {
            code: V.to_owned(),
            nodes: Vec::new(),
        }];
        assert!(directory(7, &bare, &[]).is_empty());
    }

    #[test]
    fn profile_words_parse() {
        assert_eq!(Profile::parse("strong"), Some(Profile::Strong));
        assert_eq!(Profile::parse("weak"), Some(Profile::Weak));
        assert_eq!(Profile::parse("absent"), Some(Profile::Absent));
        assert_eq!(Profile::parse("nowhere"), Some(Profile::Nowhere));
        assert_eq!(Profile::parse("?"), None);
    }
}
