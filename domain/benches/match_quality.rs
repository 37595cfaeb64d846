//! How often the matcher is right, by threshold: `cargo bench -p domain --bench match_quality`.
//!
//! 申万 third-level industries are the nodes, called by their names only (parts around 及, 和, 与 are aliases);
//! the labels are those of Shenzhen-listed companies. A curated chain has aliases and keywords, so this is a floor.
//! Industry and scope are not given to the matcher: the label would be among the evidence.

#![allow(clippy::unwrap_used, clippy::print_stdout)]

use std::collections::{BTreeMap, BTreeSet};

use domain::chain::{Business, MatchSettings, Matcher, NodeTerms};
use serde_json::Value;

type Firm = (i64, Vec<(String, Option<f64>)>);

fn main() {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let (Ok(industries), Ok(companies)) = (
        std::fs::read_to_string(format!("{folder}/sw_industries.csv")),
        std::fs::read_to_string(format!("{folder}/enterprises.jsonl")),
    ) else {
        println!("skipped: {folder} is not there");
        return;
    };
    let mut ids: BTreeMap<String, i64> = BTreeMap::new();
    let mut aliases: Vec<(i64, String, Vec<String>)> = Vec::new();
    for (line, id) in industries.lines().skip(1).zip(1_i64..) {
        let mut cells = line.split(',');
        let (Some(code), Some(name)) = (cells.next(), cells.next()) else {
            continue;
        };
        // The third level has no zeros at the end of its code.
        if code.ends_with("00") || ids.contains_key(name) {
            continue;
        }
        ids.insert(name.to_owned(), id);
        let parts: Vec<String> = name
            .split(['及', '和', '与'])
            .filter(|part| part.chars().count() > 1 && *part != name)
            .map(str::to_owned)
            .collect();
        aliases.push((id, name.to_owned(), parts));
    }
    let none: Vec<String> = Vec::new();
    let terms: Vec<NodeTerms<'_>> = aliases
        .iter()
        .map(|(id, name, parts)| (*id, name.as_str(), parts.as_slice(), none.as_slice()))
        .collect();
    let firms: Vec<Firm> = companies
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|value| {
            let label = *ids.get(value["sw3_industry"].as_str()?)?;
            let products: Vec<(String, Option<f64>)> = value["products"]
                .as_array()?
                .iter()
                .filter_map(|product| {
                    let name = product["name"].as_str()?.to_owned();
                    Some((name, product["revenue_share"].as_f64()))
                })
                .collect();
            (!products.is_empty()).then_some((label, products))
        })
        .collect();
    println!(
        "{} industries, {} labelled companies with products",
        ids.len(),
        firms.len()
    );
    println!("threshold  matches  precision  recall  largest share right");
    for threshold in [0.30, 0.40, 0.50, 0.55, 0.60, 0.65, 0.70, 0.80, 0.90] {
        let matcher = Matcher::with_settings(&terms, MatchSettings { threshold }).unwrap();
        let (mut said, mut right, mut first) = (0_usize, 0_usize, 0_usize);
        let mut answered = 0_usize;
        for (label, products) in &firms {
            let business = Business {
                products,
                ..Business::default()
            };
            let found = matcher.match_business(&business, &[], &|_| Vec::new());
            let nodes: BTreeSet<i64> = found
                .iter()
                .filter(|found| found.counted)
                .map(|found| found.node_id)
                .collect();
            said += nodes.len();
            right += usize::from(nodes.contains(label));
            let largest = domain::chain::node_shares(&found)
                .into_iter()
                .max_by(|one, two| one.1.total_cmp(&two.1));
            if let Some((node, _)) = largest {
                answered += 1;
                first += usize::from(node == *label);
            }
        }
        let share = |part: usize, whole: usize| {
            #[allow(clippy::cast_precision_loss, reason = "a few thousand")]
            let share = part as f64 / whole.max(1) as f64;
            format!("{:.1} %", share * 100.0)
        };
        println!(
            "{threshold:>9.2}  {said:>7}  {:>9}  {:>6}  {:>19}",
            share(right, said),
            share(right, firms.len()),
            share(first, answered)
        );
    }
}
