//! Targets as a table for files.

use domain::target::{TargetListDetail, TargetPage, TargetQuery, TargetTermKind};
use leptos_router::params::ParamsMap;

use super::{address, list::standing, row::circumstances, term_name};
use crate::{format, words::Locale};

/// The query of an address whose node stands among its parameters.
#[must_use]
pub fn asked_for(parameters: &[(String, String)]) -> TargetQuery {
    let map: ParamsMap = parameters.iter().cloned().collect();
    let node_id = map.get("node").and_then(|text| text.parse().ok());
    address::asked(node_id, &map)
}

/// Everything that is ranked, with a head: a term without data is an empty cell.
#[must_use]
pub fn target_table(words: Locale, page: &TargetPage) -> Vec<Vec<String>> {
    let mut head = vec![
        words.rank().to_owned(),
        words.enterprise().to_owned(),
        words.province().to_owned(),
        words.city().to_owned(),
        words.stock_code().to_owned(),
        words.industry().to_owned(),
        words.revenue_yi().to_owned(),
    ];
    head.extend(TargetTermKind::ALL.map(|kind| term_name(words, kind).to_owned()));
    head.extend([
        words.total().to_owned(),
        words.products().to_owned(),
        words.products_and_grounds().to_owned(),
        words.risk().to_owned(),
        words.contact_group().to_owned(),
    ]);
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut table = vec![head];
    for row in &page.rows {
        let mut cells = vec![
            row.rank.to_string(),
            row.name.clone(),
            text(&row.province),
            text(&row.city),
            text(&row.stock_code),
            text(&row.industry),
            row.revenue_wan.map(format::yi).unwrap_or_default(),
        ];
        for kind in TargetTermKind::ALL {
            let value = row
                .score
                .terms
                .iter()
                .find(|term| term.kind == kind)
                .and_then(|term| term.value);
            cells.push(value.map(|value| format!("{value:.2}")).unwrap_or_default());
        }
        let hits: Vec<&str> = row.hits.iter().map(|hit| hit.product.as_str()).collect();
        let contact = match &row.held {
            Some(held) => words.held_badge(&held.bureau, words.stage(held.stage)),
            None => words.contact(row.contact).to_owned(),
        };
        cells.extend([
            format!("{:.1}", row.score.total),
            hits.join("、"),
            circumstances(words, row).join("；"),
            row.risk
                .iter()
                .map(|sign| words.risk_sign(sign))
                .collect::<Vec<_>>()
                .join("；"),
            contact,
        ]);
        table.push(cells);
    }
    table
}

/// A target list, with a head.
#[must_use]
pub fn target_list_table(words: Locale, detail: &TargetListDetail) -> Vec<Vec<String>> {
    let head = [
        words.enterprise(),
        words.province(),
        words.city(),
        words.stock_code(),
        words.industry(),
        words.node(),
        words.contact_group(),
        words.added_by(),
    ];
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    std::iter::once(head.map(str::to_owned).to_vec())
        .chain(detail.rows.iter().map(|row| {
            vec![
                row.name.clone(),
                text(&row.province),
                text(&row.city),
                text(&row.stock_code),
                text(&row.industry),
                text(&row.node_name),
                standing(words, row),
                format!("{} {}", row.added_by, format::day(row.added_at)),
            ]
        }))
        .collect()
}
