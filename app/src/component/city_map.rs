//! Cities as points: every city is a faint dot, so that the country is recognised without a line drawn.

use domain::{place::Place, region::Area};
use leptos::prelude::*;

use crate::{format, words::use_words};

/// A city that says something.
#[derive(Clone, Debug, PartialEq)]
pub struct CityPoint {
    pub area: Area,
    pub count: u64,
    /// Where a click leads.
    pub href: Option<String>,
    pub is_chosen: bool,
}

const WIDTH: f64 = 290.0;
const HEIGHT: f64 = 210.0;
/// Names that are written at most.
const NAMED: usize = 10;
/// Units of the drawing to a degree of latitude; a degree of longitude is shorter by the cosine of 36° north, the middle of
/// the country.
const DEGREE: f64 = 5.6;

/// Longitude and latitude in degrees to the drawing's x and y (equirectangular).
fn position(longitude: f64, latitude: f64) -> (f64, f64) {
    (
        (longitude - 73.5) * DEGREE * 36.0_f64.to_radians().cos(),
        (54.0 - latitude) * DEGREE,
    )
}

/// Radius by count, so that the area grows with it.
#[allow(clippy::cast_precision_loss, reason = "a drawing")]
fn radius(count: u64, most: u64) -> f64 {
    2.0 + 9.0 * (count as f64 / most.max(1) as f64).sqrt()
}

/// Whether two names would stand on each other, each given by the left end of its middle line and its number of characters.
#[allow(clippy::cast_precision_loss, reason = "a drawing")]
fn overlap(one: (f64, f64, usize), two: (f64, f64, usize)) -> bool {
    let width = |characters: usize| characters as f64 * 11.0;
    one.0 < two.0 + width(two.2) && two.0 < one.0 + width(one.2) && (one.1 - two.1).abs() < 12.0
}

/// The cities with their counts, largest below; the zone is marked.
#[component]
pub fn CityMap(
    points: Vec<CityPoint>,
    #[prop(into)] label: String,
    zone: Option<Place>,
    /// Ways from place to place, drawn in the colours of teams.
    #[prop(optional)]
    routes: Vec<Vec<Place>>,
) -> impl IntoView {
    let words = use_words();
    let most = points.iter().map(|point| point.count).max().unwrap_or(1);
    let mut placed: Vec<(CityPoint, f64, f64, f64)> = points
        .into_iter()
        .filter_map(|point| {
            let place = domain::city::find(Some(&point.area.province), &point.area.city)?;
            let (x, y) = position(place.longitude, place.latitude);
            let radius = radius(point.count, most);
            Some((point, x, y, radius))
        })
        .collect();
    // Small ones on top, or a large neighbour would hide them.
    placed.sort_by_key(|(point, ..)| std::cmp::Reverse(point.count));
    let mut names: Vec<(f64, f64, usize)> = Vec::new();
    let labels = placed
        .iter()
        .filter_map(|(point, x, y, radius)| {
            let characters = point.area.city.chars().count();
            let box_of = (x + radius + 2.0, *y, characters);
            if !point.is_chosen && (names.len() >= NAMED || names.iter().any(|name| overlap(*name, box_of))) {
                return None;
            }
            names.push(box_of);
            Some(view! {
                <text x=format!("{:.1}", box_of.0) y=format!("{:.1}", y + 4.0)>{point.area.city.clone()}</text>
            })
        })
        .collect_view();
    let dots = domain::city::places()
        .map(|place| {
            let (x, y) = position(place.longitude, place.latitude);
            view! { <circle class="dot" cx=format!("{x:.1}") cy=format!("{y:.1}") r="1.1"/> }
        })
        .collect_view();
    let circles = placed
        .into_iter()
        .map(|(point, x, y, radius)| {
            let label = words.province_count(&point.area.city, format::count(point.count));
            let title = label.clone();
            let (cx, cy, r) = (format!("{x:.1}"), format!("{y:.1}"), format!("{radius:.1}"));
            match point.href {
                Some(href) => view! {
                    <svg>
                        <a href=href aria-label=label aria-current=point.is_chosen.then_some("true")>
                            <circle class="city" cx=cx cy=cy r=r><title>{title}</title></circle>
                        </a>
                    </svg>
                }
                .into_any(),
                None => view! {
                    <svg><circle class="city" cx=cx cy=cy r=r><title>{title}</title></circle></svg>
                }
                .into_any(),
            }
        })
        .collect_view();
    let home = zone.map(|zone| {
        let (x, y) = position(zone.longitude, zone.latitude);
        view! {
            <svg>
                <path class="zone" d=format!("M{x:.1} {:.1}l4 7h-8z", y - 4.5)><title>{words.the_zone(&zone.city)}</title></path>
            </svg>
        }
    });
    let lines = routes
        .into_iter()
        .enumerate()
        .map(|(index, route)| {
            let points: Vec<String> = route
                .iter()
                .map(|place| {
                    let (x, y) = position(place.longitude, place.latitude);
                    format!("{x:.1},{y:.1}")
                })
                .collect();
            let team = (index % 4 + 1).to_string();
            view! { <svg><polyline class="route" data-team=team points=points.join(" ")/></svg> }
        })
        .collect_view();
    view! {
        <svg class="citymap" viewBox=format!("0 0 {WIDTH} {HEIGHT}") role="group" aria-label=label>
            {dots}{lines}{circles}{home}<g class="names" aria-hidden="true">{labels}</g>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_city_is_inside_the_drawing() {
        for place in domain::city::places() {
            let (x, y) = position(place.longitude, place.latitude);
            assert!((0.0..=WIDTH).contains(&x), "{} {x}", place.city);
            assert!((0.0..=HEIGHT).contains(&y), "{} {y}", place.city);
        }
    }

    #[test]
    fn area_grows_with_the_count_and_names_do_not_touch() {
        assert!((radius(4, 4) - 11.0).abs() < 1e-9);
        assert!((radius(1, 4) - 6.5).abs() < 1e-9);
        assert!(overlap((0.0, 0.0, 2), (20.0, 5.0, 2)));
        assert!(!overlap((0.0, 0.0, 2), (23.0, 5.0, 2)));
        assert!(!overlap((0.0, 0.0, 2), (0.0, 13.0, 2)));
    }
}
