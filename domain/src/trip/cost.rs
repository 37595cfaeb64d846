//! What a trip costs: an estimate from its plan, each rate with its source.

use serde::{Deserialize, Serialize};

use super::{Plan, TravelMode};

/// People of a team when nobody has said who travels.
pub const TEAM_SIZE: usize = 3;

/// Rates in yuan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CostRates {
    /// A person and kilometre in the second class of a 350 km/h line: 0.46 yuan, as the railways publish it.
    pub rail_per_kilometre: f64,
    /// A person and kilometre in economy class, an assumption: 0.75 yuan.
    pub flight_per_kilometre: f64,
    /// A hired car of the whole team and kilometre, tolls included, an assumption: 2.5 yuan.
    pub road_per_kilometre: f64,
    /// A person and night, within the limits of 财行〔2015〕497号 for staff: 450 yuan.
    pub hotel_per_night: f64,
    /// A person and day for meals, 财行〔2013〕531号: 100 yuan.
    pub meals_per_day: f64,
    /// A person and day for travel in the city, 财行〔2013〕531号: 80 yuan.
    pub local_per_day: f64,
}

impl Default for CostRates {
    fn default() -> Self {
        Self {
            rail_per_kilometre: 0.46,
            flight_per_kilometre: 0.75,
            road_per_kilometre: 2.5,
            hotel_per_night: 450.0,
            meals_per_day: 100.0,
            local_per_day: 80.0,
        }
    }
}

/// An estimate in yuan.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TripCost {
    /// Trains, flights and cars between cities.
    pub travel: f64,
    pub hotels: f64,
    pub meals: f64,
    /// Within cities.
    pub local: f64,
    pub total: f64,
    /// People who travel, all teams together.
    pub people: u32,
}

/// Estimates what a plan costs. `people` is the number of each team's members, in the order of the teams.
#[must_use]
pub fn trip_cost(plan: &Plan, people: &[usize], rates: &CostRates) -> TripCost {
    let mut cost = TripCost::default();
    for (index, team) in plan.teams.iter().enumerate() {
        let is_away = |day: &&super::DayPlan| {
            !day.legs.is_empty() || !day.stops.is_empty() || day.hotel_city.is_some()
        };
        let days = team.days.iter().filter(is_away).count() as f64;
        if days == 0.0 {
            continue;
        }
        let size = people
            .get(index)
            .copied()
            .filter(|size| *size > 0)
            .unwrap_or(TEAM_SIZE);
        cost.people += u32::try_from(size).unwrap_or(u32::MAX);
        let size = size as f64;
        let nights = team
            .days
            .iter()
            .filter(|day| day.hotel_city.is_some())
            .count() as f64;
        for leg in team.days.iter().flat_map(|day| &day.legs) {
            cost.travel += leg.kilometres
                * match leg.mode {
                    TravelMode::Rail => rates.rail_per_kilometre * size,
                    TravelMode::Flight => rates.flight_per_kilometre * size,
                    TravelMode::Road => rates.road_per_kilometre,
                    // Paid by the day, with `local_per_day`.
                    TravelMode::Local => 0.0,
                };
        }
        cost.hotels += nights * size * rates.hotel_per_night;
        cost.meals += days * size * rates.meals_per_day;
        cost.local += days * size * rates.local_per_day;
    }
    cost.total = cost.travel + cost.hotels + cost.meals + cost.local;
    cost
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::*;
    use crate::trip::{DayPlan, Leg, TeamPlan};

    #[test]
    fn two_people_by_train_for_one_night() {
        let day = |hotel_city: Option<&str>| DayPlan {
            date: NaiveDate::default(),
            legs: vec![Leg {
                from_city: "安康".to_owned(),
                to_city: "西安".to_owned(),
                from_minute: 480,
                until_minute: 600,
                mode: TravelMode::Rail,
                kilometres: 200.0,
            }],
            stops: Vec::new(),
            hotel_city: hotel_city.map(str::to_owned),
        };
        let idle = DayPlan {
            legs: Vec::new(),
            ..day(None)
        };
        let plan = Plan {
            teams: vec![TeamPlan {
                days: vec![day(Some("西安")), day(None), idle],
                visits: 0,
                travel_minutes: 240,
            }],
            left_out: Vec::new(),
            total_value: 0.0,
            visited: 0,
            cities: 0,
            travel_minutes: 240,
            meeting_minutes: 0,
        };
        let cost = trip_cost(&plan, &[2], &CostRates::default());
        // 2 · 200 km · 0.46 · 2 people; 1 night · 2 · 450; 2 days · 2 · 100; 2 days · 2 · 80.
        assert!((cost.travel - 368.0).abs() < 1e-9);
        assert_eq!((cost.hotels, cost.meals, cost.local), (900.0, 400.0, 320.0));
        assert!((cost.total - 1988.0).abs() < 1e-9);
        assert_eq!(cost.people, 2);
        let unknown = trip_cost(&plan, &[], &CostRates::default());
        assert_eq!(unknown.people, 3);
    }
}
