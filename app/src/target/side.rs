//! Beside the list: where the companies are, and the chosen ones next to each other.

use std::collections::HashMap;

use domain::{
    enterprise::Facets,
    region::Area,
    target::{TargetQuery, TargetRow, TargetTermKind},
};
use leptos::prelude::*;

use super::{
    address::{toggle, toggled},
    term_name,
};
use crate::{
    component::{CityMap, CityPoint},
    format,
    words::use_words,
};

/// Provinces as tiles: name, its one-character sign, column and row. Neighbours on the map are neighbours here.
const TILES: [(&str, &str, u32, u32); 34] = [
    ("黑龙江", "黑", 7, 0),
    ("内蒙古", "蒙", 4, 1),
    ("辽宁", "辽", 6, 1),
    ("吉林", "吉", 7, 1),
    ("新疆", "新", 0, 2),
    ("甘肃", "甘", 2, 2),
    ("宁夏", "宁", 3, 2),
    ("山西", "晋", 4, 2),
    ("北京", "京", 5, 2),
    ("天津", "津", 6, 2),
    ("青海", "青", 2, 3),
    ("陕西", "陕", 3, 3),
    ("河南", "豫", 4, 3),
    ("河北", "冀", 5, 3),
    ("山东", "鲁", 6, 3),
    ("西藏", "藏", 1, 4),
    ("四川", "川", 2, 4),
    ("重庆", "渝", 3, 4),
    ("湖北", "鄂", 4, 4),
    ("安徽", "皖", 5, 4),
    ("江苏", "苏", 6, 4),
    ("上海", "沪", 7, 4),
    ("云南", "滇", 2, 5),
    ("贵州", "黔", 3, 5),
    ("湖南", "湘", 4, 5),
    ("江西", "赣", 5, 5),
    ("浙江", "浙", 6, 5),
    ("广西", "桂", 3, 6),
    ("广东", "粤", 4, 6),
    ("福建", "闽", 5, 6),
    ("台湾", "台", 7, 6),
    ("海南", "琼", 3, 7),
    ("澳门", "澳", 4, 7),
    ("香港", "港", 5, 7),
];
const TILE: u32 = 36;

/// How dark a tile is: four steps up to the most.
fn step(count: u64, most: u64) -> &'static str {
    match count {
        0 => "zero",
        _ => match (count * 4).div_ceil(most.max(1)) {
            1 => "t1",
            2 => "t2",
            3 => "t3",
            _ => "t4",
        },
    }
}

/// The provinces with their counts; one is chosen by clicking on it. The clusters stand below.
#[component]
pub(super) fn Places(facets: Facets, query: TargetQuery, total: u64) -> impl IntoView {
    let words = use_words();
    let counts: HashMap<String, u64> = facets.provinces().into_iter().collect();
    let most = counts.values().copied().max().unwrap_or(1);
    let tiles = TILES
        .into_iter()
        .map(|(name, sign, column, row)| {
            let count = counts.get(name).copied().unwrap_or_default();
            let (x, y) = (column * TILE, row * TILE);
            let area = Area {
                province: name.to_owned(),
                city: String::new(),
            };
            let is_chosen = query.filter.areas.contains(&area);
            let href = toggled(&query, |query| toggle(&mut query.filter.areas, area));
            let label = words.province_count(name, format::count(count));
            // A drawing of its own, so that the link in it is one of SVG.
            if count > 0 || is_chosen {
                view! {
                    <svg x=x.to_string() y=y.to_string() width="36" height="36">
                        <a href=href aria-label=label aria-current=is_chosen.then_some("true") class=step(count, most)>
                            <rect width="35" height="35"/>
                            <text x="18" y="15">{sign}</text>
                            <text class="n" x="18" y="29">{format::count(count)}</text>
                        </a>
                    </svg>
                }
                .into_any()
            } else {
                view! {
                    <svg x=x.to_string() y=y.to_string() width="36" height="36">
                        <g class="zero"><rect width="35" height="35"/><text x="18" y="22">{sign}</text></g>
                    </svg>
                }
                .into_any()
            }
        })
        .collect_view();
    let points: Vec<CityPoint> = facets
        .areas
        .iter()
        .filter(|(area, count)| !area.city.is_empty() && *count > 0)
        .map(|(area, count)| CityPoint {
            area: area.clone(),
            count: *count,
            href: Some(toggled(&query, |query| {
                query
                    .filter
                    .areas
                    .retain(|other| !(other.city.is_empty() && other.holds(area)));
                toggle(&mut query.filter.areas, area.clone());
            })),
            is_chosen: query.filter.areas.contains(area),
        })
        .collect();
    // A choice of cities is looked at among cities.
    let by_city = RwSignal::new(query.filter.areas.iter().any(|area| !area.city.is_empty()));
    let (regions, _) = facets.regions();
    let widest = regions
        .iter()
        .map(|(_, count)| *count)
        .max()
        .unwrap_or(1)
        .max(1);
    view! {
        <section class="panel">
            <header><h2>{words.distribution()}</h2><span class="sub">{words.click_province()}</span>
                <span class="end"><span class="muted">{words.companies_count(format::count(total))}</span></span></header>
            <div class="segmented" role="radiogroup" aria-label=words.map_by()>
                <label><input type="radio" name="map-by" prop:checked=move || !by_city.get() on:change=move |_| by_city.set(false)/>{words.province()}</label>
                <label><input type="radio" name="map-by" prop:checked=move || by_city.get() on:change=move |_| by_city.set(true)/>{words.city()}</label>
            </div>
            <div hidden=move || by_city.get()>
                <svg class="tilegrid" viewBox="-1 -1 290 290" role="group" aria-label=words.distribution()>{tiles}</svg>
            </div>
            <div hidden=move || !by_city.get()>
                <CityMap points label=words.cities_on_map() zone=None/>
            </div>
            <div class="clu">
                {regions.into_iter().map(|(name, count)| {
                    #[allow(clippy::cast_precision_loss, reason = "a bar's length")]
                    let share = count as f64 / widest as f64;
                    view! {
                        <span>{name}</span>
                        <span class="bar" style=format!("--v:{share:.3}")></span>
                        <span class="num">{format::count(count)}</span>
                    }
                }).collect_view()}
            </div>
        </section>
    }
}

/// Companies that stand next to each other, at most.
pub(super) const COMPARED: usize = 4;

/// The chosen companies, term by term; the best of a line is bold.
#[component]
pub(super) fn Comparison(chosen: RwSignal<Vec<TargetRow>>) -> impl IntoView {
    let words = use_words();
    view! {
        <section class="panel fill" aria-live="polite">
            <header>
                <h2>{move || words.compare_count(chosen.with(Vec::len))}</h2>
                <span class="end">
                    {move || chosen.with(|chosen| !chosen.is_empty()).then(|| view! {
                        <button type="button" class="btn small" on:click=move |_| chosen.update(Vec::clear)>{words.clear()}</button>
                    })}
                </span>
            </header>
            {move || {
                let mut rows = chosen.get();
                rows.truncate(COMPARED);
                if rows.len() < 2 {
                    return view! { <p class="body muted small">{words.compare_hint(COMPARED)}</p> }.into_any();
                }
                let line = |kind: TargetTermKind| {
                    let values: Vec<Option<f64>> = rows
                        .iter()
                        .map(|row| row.score.terms.iter().find(|term| term.kind == kind).and_then(|term| term.value))
                        .collect();
                    let best = values.iter().flatten().copied().fold(f64::MIN, f64::max);
                    view! {
                        <tr>
                            <td>{term_name(words, kind)}</td>
                            {values.into_iter().map(|value| match value {
                                Some(value) if (value - best).abs() < 1e-9 => view! { <td class="num"><b>{format!("{value:.2}")}</b></td> }.into_any(),
                                Some(value) => view! { <td class="num">{format!("{value:.2}")}</td> }.into_any(),
                                None => view! { <td class="num muted">{words.missing_word()}</td> }.into_any(),
                            }).collect_view()}
                        </tr>
                    }
                };
                let revenue = rows.iter().map(|row| view! {
                    <td class="num">{row.revenue_wan.map_or_else(|| words.missing_word().to_owned(), format::yi)}</td>
                }).collect_view();
                let risk = rows.iter().map(|row| {
                    let signs: Vec<String> = row.risk.iter().map(|sign| words.risk_sign(sign)).collect();
                    view! { <td class="num">{if signs.is_empty() { "—".to_owned() } else { signs.join("、") }}</td> }
                }).collect_view();
                let distance = rows.iter().map(|row| view! {
                    <td class="num">{row.kilometres.map_or_else(|| words.missing_word().to_owned(), |distance| format!("{distance:.0}"))}</td>
                }).collect_view();
                view! {
                    <div class="scroll-x" tabindex="0" role="region" aria-label=words.compare_count(rows.len())>
                        <table class="table dense cmp">
                            <thead><tr><th><span class="vh">{words.term()}</span></th>
                                {rows.iter().map(|row| view! {
                                    <th class="num"><a href=format!("/enterprises/{}", row.enterprise_id)>{short(&row.name)}</a></th>
                                }).collect_view()}
                            </tr></thead>
                            <tbody>
                                {TargetTermKind::ALL.into_iter().map(line).collect_view()}
                                <tr><td>{words.revenue_yi()}</td>{revenue}</tr>
                                <tr><td>{words.distance_km()}</td>{distance}</tr>
                                <tr><td>{words.risk()}</td>{risk}</tr>
                                <tr><td><b>{words.total()}</b></td>
                                    {rows.iter().map(|row| view! { <td class="num"><b>{format!("{:.1}", row.score.total)}</b></td> }).collect_view()}
                                </tr>
                            </tbody>
                        </table>
                    </div>
                }
                .into_any()
            }}
        </section>
    }
}

/// A name for a narrow column: without its legal form.
fn short(name: &str) -> String {
    domain::target::relevance::without_legal_form(name)
        .chars()
        .take(8)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_province_has_a_tile_of_its_own() {
        let places: std::collections::BTreeSet<(u32, u32)> = TILES
            .iter()
            .map(|(_, _, column, row)| (*column, *row))
            .collect();
        assert_eq!(places.len(), TILES.len());
        for region in domain::region::regions() {
            for area in &region.areas {
                assert!(
                    TILES.iter().any(|(name, ..)| *name == area.province),
                    "{area:?}"
                );
            }
        }
    }

    #[test]
    fn tiles_darken_in_four_steps() {
        let steps: Vec<&str> = [0, 1, 2, 3, 4, 5, 8]
            .into_iter()
            .map(|count| step(count, 8))
            .collect();
        assert_eq!(steps, ["zero", "t1", "t1", "t2", "t2", "t3", "t4"]);
        assert_eq!(step(1, 1), "t4");
    }
}
