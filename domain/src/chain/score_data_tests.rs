//! The score on real companies: Shenzhen-listed ones as the reference set, their 申万 third-level
//! industries as nodes, cities as zones. Skipped where the data is not there.

use super::score::*;
use serde_json::Value;
use std::collections::BTreeMap;

struct Listed {
    city: String,
    industry: Option<String>,
}

fn listed() -> Option<Vec<Listed>> {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = format!("{folder}/enterprises.jsonl");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {path} is not there");
        return None;
    };
    let word = |value: &Value, key: &str| value[key].as_str().map(str::to_owned);
    let firms = text
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter_map(|value| {
            Some(Listed {
                city: word(&value, "city")?,
                industry: word(&value, "sw3_industry").filter(|name| !name.is_empty()),
            })
        })
        .collect();
    Some(firms)
}

/// The scores with one city as the zone, by the industry's name.
fn city_scores(listed: &[Listed], city: &str) -> BTreeMap<String, NodeScore> {
    let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for firm in listed {
        if let Some(industry) = &firm.industry {
            let next = ids.len() as i64;
            ids.entry(industry).or_insert(next);
        }
        *counts.entry(&firm.city).or_default() += 1;
    }
    let firms: Vec<ScoreFirm> = listed
        .iter()
        .enumerate()
        .filter_map(|(id, firm)| {
            Some(ScoreFirm {
                id: id as i64,
                region: firm.city.clone(),
                local: firm.city == city,
                size: None,
                shares: vec![(*ids.get(firm.industry.as_deref()?)?, 1.0)],
            })
        })
        .collect();
    let local_firm_count = counts.remove(city).unwrap_or(0);
    let input = ScoreInput {
        nodes: ids
            .values()
            .map(|id| ScoreNode {
                id: *id,
                priority: None,
            })
            .collect(),
        edges: Vec::new(),
        reference_firm_count: listed.len() as u64,
        local_firm_count,
        local_matched_count: firms.iter().filter(|firm| firm.local).count() as u64,
        region_firm_counts: counts
            .into_iter()
            .filter(|(name, _)| !name.is_empty())
            .map(|(name, count)| (name.to_owned(), count))
            .collect(),
        firms,
        settings: ScoreSettings::default(),
    };
    let result = score(&input).unwrap();
    ids.into_iter()
        .map(|(name, id)| (name.to_owned(), result.node(id).unwrap().clone()))
        .collect()
}

fn strong(scores: &BTreeMap<String, NodeScore>) -> Vec<&str> {
    scores
        .iter()
        .filter(|(_, score)| score.class == GapClass::Strong)
        .map(|(name, _)| name.as_str())
        .collect()
}

#[test]
fn strengths_of_three_cities() {
    let Some(listed) = listed() else { return };
    for (city, wanted) in [
        (
            "深圳市",
            &["消费电子零部件及组装", "LED", "印制电路板", "面板"][..],
        ),
        ("佛山市", &["照明设备", "空调"][..]),
        ("合肥市", &["种子", "钢结构"][..]),
    ] {
        let scores = city_scores(&listed, city);
        let found = strong(&scores);
        println!("{city}: {}", found.join(" "));
        for name in wanted {
            assert!(
                found.iter().any(|strong| strong.starts_with(name)),
                "{name} should be strong in {city}; strong are {found:?}"
            );
        }
        for (name, score) in &scores {
            assert!(
                score.class != GapClass::Strong
                    || score.presence_total < 4.0
                    || score.local_firms > 1,
                "{name}: a single company is no strength of {city}"
            );
            // Without edges there is no demand: whoever is there covers it.
            assert_eq!(score.demand, 0.0);
            assert_eq!(score.cover, (score.local_firms > 0).then_some(1.0));
            assert_ne!(score.class, GapClass::Missing);
        }
    }
}
