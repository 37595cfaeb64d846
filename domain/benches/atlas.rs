//! How long the chain map's arithmetic takes: `cargo bench -p domain --bench atlas`.
//!
//! - without arguments: the table of all measurements, against their aims
//! - `edges FILE NODES EDGES`: writes a random graph, one `from to` a line below `NODES EDGES`
//! - `betweenness FILE VALUES`: reads such a graph, prints the seconds of the fastest of five runs and writes
//!   the values, one a line; `benches/betweenness.py` compares them with other libraries

use domain::chain::*;
use std::collections::BTreeSet;
use std::error::Error;
use std::hint::black_box;
use std::time::{Duration, Instant};

type Outcome = Result<(), Box<dyn Error>>;

fn main() -> Outcome {
    // cargo passes `--bench` to every bench.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        [] => table(),
        ["edges", file, nodes, edges] => write_edges(file, nodes.parse()?, edges.parse()?),
        ["betweenness", file, values] => time_betweenness(file, values),
        _ => Err("expected nothing, `edges FILE NODES EDGES` or `betweenness FILE VALUES`".into()),
    }
}

fn table() -> Outcome {
    println!(
        "{:<44}{:>6}{:>12}{:>12}{:>12}",
        "", "runs", "p50 ms", "p95 ms", "aim ms"
    );
    reference()?;
    chain_of_500()?;
    for (nodes, edges, runs) in [(500, 1_200, 50), (5_000, 12_000, 5)] {
        let graph = Adjacency::new(nodes, &random_edges(nodes, edges));
        let times = measure(runs, || betweenness(&graph));
        row(
            &format!("betweenness, {nodes} nodes, {edges} edges"),
            times,
            None,
        );
    }
    Ok(())
}

/// The public collection of product relations, when it is there.
fn reference() -> Outcome {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = format!("{folder}/product_edges.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("reference graph skipped: {path} is not there");
        return Ok(());
    };
    let times = measure(5, || read_reference(&text));
    let (graph, report) = read_reference(&text)?;
    row(
        &format!("reference graph, {} rows", report.rows),
        times,
        Some(20_000),
    );
    let mut random = Random(1);
    let products: Vec<u32> = (0..2_000)
        .map(|_| random.below(graph.product_count()))
        .collect();
    let neighbourhoods = products
        .iter()
        .map(|product| timed(|| graph.neighbourhood(*product, 2, 200)))
        .collect();
    row("two hops around a product", neighbourhoods, Some(20));
    // Random products are nearly all at the rim; these have the most relations.
    let degree = |product: &u32| {
        graph.inputs(*product).len() + graph.users(*product).len() + graph.specials(*product).len()
    };
    let mut busiest: Vec<u32> = (0..graph.product_count()).collect();
    busiest.sort_by_key(|product| std::cmp::Reverse(degree(product)));
    busiest.truncate(200);
    let neighbourhoods = busiest
        .iter()
        .map(|product| timed(|| graph.neighbourhood(*product, 2, 200)))
        .collect();
    row("two hops, the 200 busiest products", neighbourhoods, None);
    let searches = products
        .iter()
        .filter_map(|product| graph.name(*product))
        .map(|name| name.chars().take(2).collect::<String>())
        .map(|text| timed(|| graph.find(&text, 20)))
        .collect();
    row("search by two characters", searches, None);
    let empty = ChainFile::default();
    let proposals = busiest
        .iter()
        .filter_map(|product| graph.name(*product))
        .map(|name| timed(|| graph.propose(name, &empty, &|name| name.len() as u32 % 7, 20)))
        .collect();
    row("proposals, the 200 busiest products", proposals, None);
    Ok(())
}

/// Scores and layout of a chain of the largest size anybody draws.
fn chain_of_500() -> Outcome {
    let nodes = 500;
    let edges = random_edges(nodes, 1_200);
    let input = score_input(nodes, &edges, 5_000);
    score(&input)?;
    row(
        "scores, 500 nodes, 5000 companies",
        measure(30, || score(&input)),
        Some(200),
    );
    let boxes: Vec<LayoutNode> = (0..nodes)
        .map(|node| LayoutNode {
            id: i64::from(node),
            stage: match node * 3 / nodes {
                0 => Stream::Upstream,
                1 => Stream::Midstream,
                _ => Stream::Downstream,
            },
            order: node,
        })
        .collect();
    let lines: Vec<(i64, i64)> = edges
        .iter()
        .map(|(from, to)| (i64::from(*from), i64::from(*to)))
        .collect();
    let before = score(&input)?;
    let landings: Vec<Landing> = (0..10)
        .map(|place| Landing {
            name: String::new(),
            node_id: place * 37,
            output: 500_000.0,
            lead_id: None,
            enterprise_id: None,
        })
        .collect();
    row(
        "what if, 10 projects, the same chain",
        measure(30, || what_if(&input, &before, &landings)),
        Some(50),
    );
    row(
        "layout, 500 nodes, 1200 edges",
        measure(30, || layout(&boxes, &lines)),
        Some(300),
    );
    Ok(())
}

/// Companies in 41 cities, the first of them the zone, each with up to four nodes.
fn score_input(nodes: u32, edges: &[(u32, u32)], companies: u32) -> ScoreInput {
    let mut random = Random(2);
    let cities = 41;
    let mut counts = vec![0_u64; cities as usize];
    let firms: Vec<ScoreFirm> = (0..companies)
        .map(|id| {
            let city = random.below(cities);
            counts[city as usize] += 1;
            let held: BTreeSet<u32> = (0..=random.below(4)).map(|_| random.below(nodes)).collect();
            let share = 1.0 / held.len() as f64;
            ScoreFirm {
                id: id.into(),
                region: format!("市{city}"),
                local: city == 0,
                size: Some(f64::from(1 + random.below(1_000)) / 10.0),
                shares: held
                    .into_iter()
                    .map(|node| (i64::from(node), share))
                    .collect(),
            }
        })
        .collect();
    ScoreInput {
        nodes: (0..nodes)
            .map(|id| ScoreNode {
                id: id.into(),
                priority: (random.below(3) == 0).then(|| f64::from(random.below(11)) / 10.0),
            })
            .collect(),
        edges: edges
            .iter()
            .map(|(from, to)| ScoreEdge {
                from: (*from).into(),
                to: (*to).into(),
                coefficient: None,
            })
            .collect(),
        firms,
        reference_firm_count: companies.into(),
        local_firm_count: counts[0],
        local_matched_count: counts[0],
        region_firm_counts: (1..cities)
            .map(|city| (format!("市{city}"), counts[city as usize]))
            .collect(),
        settings: ScoreSettings::default(),
    }
}

fn write_edges(file: &str, nodes: u32, edges: usize) -> Outcome {
    let mut text = format!("{nodes} {edges}\n");
    for (from, to) in random_edges(nodes, edges) {
        text.push_str(&format!("{from} {to}\n"));
    }
    std::fs::write(file, text)?;
    Ok(())
}

fn time_betweenness(file: &str, values: &str) -> Outcome {
    let text = std::fs::read_to_string(file)?;
    let mut pairs = text.lines().filter_map(|line| {
        let (first, second) = line.split_once(' ')?;
        Some((first.parse::<u32>().ok()?, second.parse::<u32>().ok()?))
    });
    let (nodes, _) = pairs.next().ok_or("the file has no first line")?;
    let edges: Vec<(u32, u32)> = pairs.collect();
    // Building the adjacency is part of the work other libraries are not spared either.
    let times = measure(5, || betweenness(&Adjacency::new(nodes, &edges)));
    let result = betweenness(&Adjacency::new(nodes, &edges));
    let fastest = times.into_iter().min().unwrap_or_default();
    std::fs::write(
        values,
        result
            .iter()
            .map(|value| format!("{value:?}\n"))
            .collect::<String>(),
    )?;
    println!("{}", fastest.as_secs_f64());
    Ok(())
}

/// Distinct edges from lower to higher nodes, most of them short, as chains have them. The same
/// for the same counts.
fn random_edges(nodes: u32, count: usize) -> Vec<(u32, u32)> {
    let mut random = Random(u64::from(nodes));
    let mut edges = BTreeSet::new();
    while edges.len() < count {
        let from = random.below(nodes - 1);
        let reach = if random.below(5) == 0 {
            nodes
        } else {
            nodes / 8
        };
        let to = from + 1 + random.below(reach.min(nodes - 1 - from).max(1));
        edges.insert((from, to));
    }
    edges.into_iter().collect()
}

/// A linear congruential generator with Knuth's constants (MMIX).
struct Random(u64);

impl Random {
    /// A number from 0 to `end` − 1.
    fn below(&mut self, end: u32) -> u32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // The high bits are the random ones; the product keeps them below `end`.
        (((self.0 >> 32) * u64::from(end)) >> 32) as u32
    }
}

fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

fn measure<T>(runs: usize, work: impl Fn() -> T) -> Vec<Duration> {
    (0..runs).map(|_| timed(&work)).collect()
}

fn row(name: &str, mut times: Vec<Duration>, aim: Option<u64>) {
    times.sort_unstable();
    let at = |part: f64| {
        let place = (times.len() as f64 * part).ceil() as usize;
        times
            .get(place.saturating_sub(1))
            .map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    };
    let aim_text = aim.map(|aim| aim.to_string()).unwrap_or_default();
    let missed = aim.is_some_and(|aim| at(0.95) > aim as f64);
    println!(
        "{name:<44}{:>6}{:>12.3}{:>12.3}{aim_text:>12}{}",
        times.len(),
        at(0.5),
        at(0.95),
        if missed { "  missed" } else { "" }
    );
}
