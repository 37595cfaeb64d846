//! How often a product relation that was hidden is found again, and with it who makes the input: `make bench-extension`.
//!
//! One fifth of the distinct input → output relations of the public collection is hidden, drawn by a fixed seed. A
//! relation is hidden with all rows that say it, `input` (A needs B) and `output` (B goes into A) alike; relations that
//! the file contradicts are no relations at all, as everywhere. Asked is each hidden relation (A needs B) whose B some
//! company makes, by the folded name of the product.
//!
//! - Products: all inputs that the visible relations know are ranked for A; right is B. Equal scores share the mean of
//!   their places.
//! - Companies: they are ranked by the best-ranked product that they make, those of one product by its share of their
//!   revenue; right is any company that makes B, and the first one counts.
//! - Filtered, as is usual for link prediction (Bordes et al. 2013): other inputs of A, visible or hidden, are taken out
//!   before counting places, and so are companies that make one of them and not B. Nobody else is: a company that makes
//!   A itself may stand in the list.
//! - What is not ranked, since hiding took its last relation, counts 0. Hits@10 is the share of asked relations whose
//!   place is among the first ten, MRR the mean of 1/place.
//!
//! Beside it stand two baselines that see the same. Popularity: what most products need. Same industry: the industries
//! of the companies that make A, or else the longest end of its name that anybody makes, with the industries that feed
//! these by share of evidence; their products by share times popularity, then all others by popularity.
//!
//! A `subclass` row between A and B stays visible: it cannot name B by itself, and hiding it too is measured as well. But
//! where it is, B stands within A's name. So the figures are given, too, for the relations with no such row and no name
//! within the other. Ends with status 1
//! unless the prediction beats both baselines in both measures, for products and companies, all relations and those.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::{
    chain::{
        IndustryInputs, ReferenceGraph, ReferenceRelation, RelationKind, read_industry_inputs,
        read_reference,
    },
    target::extension::LinkExtension,
    text::fold,
};
use serde_json::Value;

/// The split that is reported in full, and others that show how much depends on it.
const SEED: u64 = 20_250_601;
const OTHER_SEEDS: [u64; 4] = [1, 2, 3, 4];
/// One relation in so many is hidden.
const HIDDEN: usize = 5;

const METHODS: [&str; 3] = ["link extension", "popularity", "same industry"];

/// Companies, by their places in the file.
struct Companies {
    industries: Vec<Option<String>>,
    /// By folded product: those that make it, the largest share of revenue first.
    makers: HashMap<String, Vec<usize>>,
}

impl Companies {
    fn read(text: &str) -> Self {
        let mut industries = Vec::new();
        let mut makers: HashMap<String, Vec<(f64, usize)>> = HashMap::new();
        for (company, line) in text.lines().enumerate() {
            let value: Value = serde_json::from_str(line).unwrap();
            industries.push(value["sw3_industry"].as_str().map(str::to_owned));
            for product in value["products"].as_array().into_iter().flatten() {
                let Some(name) = product["name"].as_str() else {
                    continue;
                };
                let share = product["revenue_share"].as_f64().unwrap_or_default();
                makers.entry(fold(name)).or_default().push((share, company));
            }
        }
        let sorted = |mut makers: Vec<(f64, usize)>| {
            makers.sort_by(|one, two| two.0.total_cmp(&one.0).then(one.1.cmp(&two.1)));
            let mut seen = HashSet::new();
            makers.retain(|(_, company)| seen.insert(*company));
            makers.into_iter().map(|(_, company)| company).collect()
        };
        Self {
            industries,
            makers: makers
                .into_iter()
                .map(|(product, makers)| (product, sorted(makers)))
                .collect(),
        }
    }
}

/// The whole graph, products known by its numbers, and who makes them.
struct World {
    graph: ReferenceGraph,
    relations: Vec<ReferenceRelation>,
    companies: Companies,
    /// By product.
    makers: BTreeMap<u32, Vec<usize>>,
    industry_inputs: IndustryInputs,
}

/// A needs B, hidden.
struct Asked {
    user: u32,
    input: u32,
    /// No `subclass` row between the two, and neither name within the other.
    apart: bool,
}

/// Places of one method, one for each asked relation; infinite when it is not ranked.
#[derive(Default)]
struct Places {
    products: Vec<f64>,
    companies: Vec<f64>,
    took: Duration,
}

fn main() -> ExitCode {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let read = |file: &str| std::fs::read_to_string(format!("{folder}/{file}"));
    let (Ok(edges), Ok(companies), Ok(industry_inputs)) = (
        read("product_edges.csv"),
        read("enterprises.jsonl"),
        read("sw_industry_inputs.csv"),
    ) else {
        println!("skipped: {folder} is not there");
        return ExitCode::SUCCESS;
    };
    let (graph, report) = read_reference(&edges).unwrap();
    let companies = Companies::read(&companies);
    let makers: BTreeMap<u32, Vec<usize>> = companies
        .makers
        .iter()
        .filter_map(|(name, makers)| Some((graph.product(name)?, makers.clone())))
        .collect();
    println!(
        "{} products, {} input → output relations, {} of subclass; {} companies make {} of the products",
        graph.product_count(),
        report.flows,
        report.subclasses,
        makers.values().flatten().collect::<BTreeSet<_>>().len(),
        makers.len()
    );
    let world = World {
        relations: graph.relations(),
        graph,
        companies,
        makers,
        industry_inputs: read_industry_inputs(&industry_inputs).unwrap(),
    };
    let is_better = full(&world);
    println!("\nall relations{:>36}{:>20}", "products", "companies");
    // The subclass rows of hidden relations hidden as well.
    let without = Split::new(&world, SEED, true).places();
    let [ours, ..] = &without;
    println!(
        "{:<29}{:>20}{:>20}",
        "ours, subclass hidden too",
        figures(ours.products.iter().map(|place| (1.0, *place))).text(),
        figures(ours.companies.iter().map(|place| (1.0, *place))).text(),
    );
    for seed in OTHER_SEEDS {
        let split = Split::new(&world, seed, false);
        for (name, places) in METHODS.iter().zip(split.places()) {
            println!(
                "seed {seed}  {name:<21}{:>20}{:>20}",
                figures(places.products.iter().map(|place| (1.0, *place))).text(),
                figures(places.companies.iter().map(|place| (1.0, *place))).text(),
            );
        }
    }
    if is_better {
        ExitCode::SUCCESS
    } else {
        println!("\nnot better than both baselines");
        ExitCode::FAILURE
    }
}

/// The tables of the split that is reported in full, and whether the prediction is better wherever it must be.
fn full(world: &World) -> bool {
    let split = Split::new(world, SEED, false);
    let all = split.places();
    let asked = &split.asked;
    let lost = asked
        .iter()
        .filter(|one| !split.popularity.contains_key(&one.input));
    println!(
        "seed {SEED}: {} relations hidden; asked are the {} whose input a company makes: {} inputs of {} products; \
         {} inputs lost all relations",
        split.hidden,
        asked.len(),
        asked
            .iter()
            .map(|one| one.input)
            .collect::<BTreeSet<_>>()
            .len(),
        asked
            .iter()
            .map(|one| one.user)
            .collect::<BTreeSet<_>>()
            .len(),
        lost.map(|one| one.input).collect::<BTreeSet<_>>().len(),
    );
    let mut times: BTreeMap<u32, f64> = BTreeMap::new();
    for one in asked {
        *times.entry(one.input).or_default() += 1.0;
    }
    type Weight<'a> = Box<dyn Fn(&Asked) -> f64 + 'a>;
    let parts: [(&str, bool, Weight<'_>); 5] = [
        ("all", true, Box::new(|_| 1.0)),
        (
            "no subclass row, no name within the other",
            true,
            Box::new(|one| f64::from(u8::from(one.apart))),
        ),
        (
            "a company makes A",
            false,
            Box::new(|one| f64::from(u8::from(world.makers.contains_key(&one.user)))),
        ),
        (
            "a labelled company makes A or the end of its name",
            false,
            Box::new(|one| f64::from(u8::from(!split.industries(one.user).is_empty()))),
        ),
        (
            "each input counts once",
            false,
            Box::new(|one| 1.0 / times[&one.input]),
        ),
    ];
    let mut is_better = true;
    for (title, must, weight) in &parts {
        let count = asked.iter().filter(|one| weight(one) > 0.0).count();
        println!("\n{title}: {count} relations");
        println!(
            "{:<16}{:>20}{:>20}",
            "Hits@10 / MRR", "products", "companies"
        );
        let measured: Vec<[Figures; 2]> = all
            .iter()
            .map(|places| {
                [&places.products, &places.companies].map(|places| {
                    figures(
                        asked
                            .iter()
                            .zip(places)
                            .map(|(one, place)| (weight(one), *place)),
                    )
                })
            })
            .collect();
        for (name, [products, companies]) in METHODS.iter().zip(&measured) {
            println!("{name:<16}{:>20}{:>20}", products.text(), companies.text());
        }
        if let Some((ours, baselines)) = measured.split_first().filter(|_| *must) {
            is_better &=
                baselines
                    .iter()
                    .flatten()
                    .zip(ours.iter().cycle())
                    .all(|(baseline, ours)| {
                        ours.hits > baseline.hits && ours.reciprocal > baseline.reciprocal
                    });
        }
    }
    split.bands();
    println!(
        "\ncounting the visible graph {:.0} ms, a prediction {:.2} ms",
        split.counted.as_secs_f64() * 1_000.0,
        all.first().unwrap().took.as_secs_f64() * 1_000.0 / asked.len().max(1) as f64
    );
    is_better
}

#[derive(Clone, Copy, Default)]
struct Figures {
    hits: f64,
    reciprocal: f64,
}

impl Figures {
    fn text(self) -> String {
        format!("{:.3} / {:.3}", self.hits, self.reciprocal)
    }
}

/// The weighted means over (weight, place).
fn figures(places: impl Iterator<Item = (f64, f64)>) -> Figures {
    let (mut all, mut sum) = (0.0, Figures::default());
    for (weight, place) in places {
        all += weight;
        sum.hits += if place <= 10.0 { weight } else { 0.0 };
        sum.reciprocal += weight / place;
    }
    let all = f64::max(all, f64::MIN_POSITIVE);
    Figures {
        hits: sum.hits / all,
        reciprocal: sum.reciprocal / all,
    }
}

/// What one split leaves visible, and what it asks.
struct Split<'a> {
    world: &'a World,
    visible: ReferenceGraph,
    extension: LinkExtension,
    counted: Duration,
    hidden: usize,
    hidden_inputs: BTreeMap<u32, BTreeSet<u32>>,
    asked: Vec<Asked>,
    /// Products that need it, by visible relations, by product of the whole graph.
    popularity: BTreeMap<u32, u32>,
    /// Companies by their most popular product.
    company_popularity: Vec<u32>,
}

impl<'a> Split<'a> {
    fn new(world: &'a World, seed: u64, kinds_are_hidden: bool) -> Self {
        let mut flows: Vec<&ReferenceRelation> = world
            .relations
            .iter()
            .filter(|one| one.kind == RelationKind::Flow)
            .collect();
        shuffle(&mut flows, seed);
        let (hidden, shown) = flows.split_at(flows.len() / HIDDEN);
        let pairs: HashSet<(&str, &str)> = hidden
            .iter()
            .flat_map(|one| {
                [
                    (one.input.as_str(), one.output.as_str()),
                    (one.output.as_str(), one.input.as_str()),
                ]
            })
            .collect();
        let kinds = world.relations.iter().filter(|one| {
            one.kind == RelationKind::Subclass
                && !(kinds_are_hidden && pairs.contains(&(one.input.as_str(), one.output.as_str())))
        });
        let visible: Vec<ReferenceRelation> = shown.iter().copied().chain(kinds).cloned().collect();
        let visible = ReferenceGraph::from_relations(&visible);
        let begun = Instant::now();
        let extension = LinkExtension::new(&visible);
        let counted = begun.elapsed();

        let graph = &world.graph;
        let mut asked = Vec::new();
        let mut hidden_inputs: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
        for one in hidden {
            let user = graph.product(&one.output).unwrap();
            let input = graph.product(&one.input).unwrap();
            hidden_inputs.entry(user).or_default().insert(input);
            if world.makers.contains_key(&input) {
                let (long, short) = (fold(&one.output), fold(&one.input));
                let is_kind =
                    graph.generals(user).contains(&input) || graph.specials(user).contains(&input);
                asked.push(Asked {
                    user,
                    input,
                    apart: !is_kind && !long.contains(&short) && !short.contains(&long),
                });
            }
        }
        let popularity: BTreeMap<u32, u32> = (0..visible.product_count())
            .filter(|product| !visible.users(*product).is_empty())
            .map(|product| {
                let whole = graph.product(visible.name(product).unwrap()).unwrap();
                (
                    whole,
                    u32::try_from(visible.users(product).len()).unwrap_or(u32::MAX),
                )
            })
            .collect();
        let mut company_popularity = vec![0; world.companies.industries.len()];
        for (product, makers) in &world.makers {
            let users = popularity.get(product).copied().unwrap_or_default();
            for maker in makers {
                company_popularity[*maker] = users.max(company_popularity[*maker]);
            }
        }
        Self {
            world,
            visible,
            extension,
            counted,
            hidden: hidden.len(),
            hidden_inputs,
            asked,
            popularity,
            company_popularity,
        }
    }

    /// Places by method, in the order of [`METHODS`].
    fn places(&self) -> [Places; 3] {
        let mut all: [Places; 3] = Default::default();
        let by_popularity: Vec<(u32, f64)> = ranked(
            self.popularity
                .iter()
                .map(|(product, users)| (*product, f64::from(*users))),
        );
        for one in &self.asked {
            let [ours, popular, industry] = &mut all;
            let begun = Instant::now();
            let predicted = self.predicted(one.user);
            ours.took += begun.elapsed();
            self.place(one, &predicted, None, ours);
            self.place(one, &by_popularity, None, popular);
            let industries = self.industries(one.user);
            if industries.is_empty() {
                self.place(one, &by_popularity, None, industry);
            } else {
                let (products, companies) = self.by_industry(&industries);
                self.place(one, &products, Some(&companies), industry);
            }
        }
        all
    }

    fn predicted(&self, user: u32) -> Vec<(u32, f64)> {
        let name = self.world.graph.name(user).unwrap();
        let missing = self
            .extension
            .missing_inputs(&self.visible, name, usize::MAX);
        missing
            .iter()
            .map(|one| (self.world.graph.product(&one.name).unwrap(), one.score))
            .collect()
    }

    /// Whether this is another input of A than B.
    fn is_other(&self, one: &Asked, product: u32) -> bool {
        product != one.input && self.world.graph.inputs(one.user).contains(&product)
    }

    /// Adds the places of one asked relation, from products by falling score; `companies` when these are not ranked by
    /// their products.
    fn place(
        &self,
        one: &Asked,
        products: &[(u32, f64)],
        companies: Option<&[usize]>,
        places: &mut Places,
    ) {
        let score = products
            .iter()
            .find(|(product, _)| *product == one.input)
            .map(|(_, score)| *score);
        places.products.push(score.map_or(f64::INFINITY, |score| {
            // Scores fall, so what is before B's and what equals it are two runs.
            let better = products.partition_point(|(_, other)| *other > score);
            let (better, rest) = products.split_at(better);
            let equal = rest.partition_point(|(_, other)| *other >= score);
            let count = |run: &[(u32, f64)]| {
                let others = run
                    .iter()
                    .filter(|(product, _)| self.is_other(one, *product));
                (run.len() - others.count()) as f64
            };
            // B itself is in the second run.
            1.0 + count(better) + (count(&rest[..equal]) - 1.0) / 2.0
        }));

        let none = Vec::new();
        let makers = |product: &u32| self.world.makers.get(product).unwrap_or(&none);
        let right: HashSet<usize> = makers(&one.input).iter().copied().collect();
        let mut passed: HashSet<usize> = self
            .world
            .graph
            .inputs(one.user)
            .iter()
            .flat_map(makers)
            .copied()
            .filter(|company| !right.contains(company))
            .collect();
        let ranked: Box<dyn Iterator<Item = usize>> = match companies {
            Some(companies) => Box::new(companies.iter().copied()),
            None => Box::new(
                products
                    .iter()
                    .flat_map(|(product, _)| makers(product))
                    .copied(),
            ),
        };
        let place = ranked
            .filter(|company| passed.insert(*company))
            .position(|company| right.contains(&company));
        places
            .companies
            .push(place.map_or(f64::INFINITY, |place| place as f64 + 1.0));
    }

    /// The industries of who makes a product, or else the longest end of its name that anybody with a label makes, and
    /// those that feed them: shares of the evidence, the own ones counting as much as the largest.
    fn industries(&self, product: u32) -> BTreeMap<&str, f64> {
        let companies = &self.world.companies;
        let name = fold(self.world.graph.name(product).unwrap());
        let own: BTreeSet<&str> = name
            .char_indices()
            .filter(|(start, _)| *start == 0 || name[*start..].chars().count() > 1)
            .map(|(start, _)| {
                let makers = companies.makers.get(&name[start..]).into_iter().flatten();
                makers
                    .filter_map(|maker| companies.industries[*maker].as_deref())
                    .collect::<BTreeSet<&str>>()
            })
            .find(|own| !own.is_empty())
            .unwrap_or_default();
        let mut shares: BTreeMap<&str, f64> = BTreeMap::new();
        for industry in &own {
            for input in self.world.industry_inputs.inputs(industry) {
                *shares.entry(&input.name).or_default() += input.share;
            }
        }
        let most = shares.values().copied().fold(0.0, f64::max);
        for industry in own {
            let share = shares.entry(industry).or_default();
            *share = share.max(if most > 0.0 { most } else { 1.0 });
        }
        shares
    }

    /// Products and companies by share of their industry times popularity, then by popularity alone.
    fn by_industry(&self, industries: &BTreeMap<&str, f64>) -> (Vec<(u32, f64)>, Vec<usize>) {
        let labels = &self.world.companies.industries;
        let share = |company: usize| {
            let label = labels[company].as_deref();
            label.and_then(|label| industries.get(label)).copied()
        };
        // What has no such maker stands behind all that have one.
        let least = industries.values().copied().fold(1.0, f64::min) * 1e-6;
        let products = self.popularity.iter().map(|(product, users)| {
            let makers = self.world.makers.get(product).into_iter().flatten();
            let share = makers
                .filter_map(|maker| share(*maker))
                .fold(least, f64::max);
            (*product, share * f64::from(*users))
        });
        let mut companies: Vec<(usize, f64)> = self
            .company_popularity
            .iter()
            .enumerate()
            .map(|(company, users)| (company, share(company).unwrap_or(least) * f64::from(*users)))
            .filter(|(_, score)| *score > 0.0)
            .collect();
        companies.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
        (
            ranked(products),
            companies.into_iter().map(|(company, _)| company).collect(),
        )
    }

    /// How often the first prediction for a product is a hidden relation, by its score. A floor: what the file does not
    /// say may be true all the same, and only products that something was hidden of are asked.
    fn bands(&self) {
        let edges = [0.0, 0.2, 0.4, 0.6, 0.8, 0.9];
        let mut bands = [(0_u32, 0_u32); 6];
        for (user, inputs) in &self.hidden_inputs {
            let name = self.world.graph.name(*user).unwrap();
            let first = self.extension.missing_inputs(&self.visible, name, 1);
            let Some(first) = first.first() else {
                continue;
            };
            let band = edges.partition_point(|edge| *edge <= first.score) - 1;
            bands[band].0 += 1;
            let product = self.world.graph.product(&first.name).unwrap();
            bands[band].1 += u32::from(inputs.contains(&product));
        }
        println!(
            "\nfirst prediction for each of the {} products that something was hidden of, companies or not",
            self.hidden_inputs.len()
        );
        println!("score from  predictions  hidden relations");
        for (edge, (all, right)) in edges.iter().zip(bands) {
            println!(
                "{edge:>10.1}{all:>13}{:>16.1} %",
                100.0 * f64::from(right) / f64::from(all.max(1))
            );
        }
    }
}

/// By falling score, equal ones by number.
fn ranked(scores: impl Iterator<Item = (u32, f64)>) -> Vec<(u32, f64)> {
    let mut ranked: Vec<(u32, f64)> = scores.collect();
    ranked.sort_by(|one, two| two.1.total_cmp(&one.1).then(one.0.cmp(&two.0)));
    ranked
}

/// Fisher and Yates' shuffle, by SplitMix64 (Steele, Lea & Flood 2014).
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed;
    for end in (1..items.len()).rev() {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let other = (u128::from(mixed) * (end as u128 + 1)) >> 64;
        items.swap(end, usize::try_from(other).unwrap_or(0));
    }
}
