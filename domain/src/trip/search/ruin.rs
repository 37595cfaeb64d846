//! Taking stops out, in several ways, and learning which way pays.

use super::super::random::Random;
use super::Instance;
use super::state::State;

/// The most stops that one ruin takes out, and the largest share of a plan.
const MOST: usize = 20;
const LARGEST_SHARE: usize = 2;
/// So many stops may go even when they are more than that share.
const FEW: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    /// Any stops.
    Random,
    /// Stops near one another.
    Related,
    /// Stops with little profit for the time they take.
    Poor,
    /// A stretch of one route.
    Segment,
    /// Stretches of several routes at about the same time of day.
    Hours,
}

const OPERATORS: [Operator; 5] = [
    Operator::Random,
    Operator::Related,
    Operator::Poor,
    Operator::Segment,
    Operator::Hours,
];

/// How much a weight keeps of what it was at each reward.
const MEMORY: f64 = 0.99;
/// No weight falls below this: what fails now may be wanted later.
const LEAST_WEIGHT: f64 = 0.3;

/// Chances of the operators, by what they brought (Ropke & Pisinger 2006, Transportation Science 40(4)).
pub(super) struct Adaptive([f64; OPERATORS.len()]);

impl Adaptive {
    pub(super) fn new() -> Self {
        Self([1.0; OPERATORS.len()])
    }

    pub(super) fn choose(&self, random: &mut Random) -> Operator {
        let mut rest = random.share() * self.0.iter().sum::<f64>();
        for (operator, weight) in OPERATORS.into_iter().zip(self.0) {
            rest -= weight;
            if rest < 0.0 {
                return operator;
            }
        }
        Operator::Random
    }

    pub(super) fn reward(
        &mut self,
        operator: Operator,
        is_best: bool,
        is_better: bool,
        is_accepted: bool,
    ) {
        let reward = match (is_best, is_better, is_accepted) {
            (true, _, _) => 20.0,
            (_, true, _) => 5.0,
            (_, _, true) => 1.0,
            _ => 0.0,
        };
        for (other, weight) in OPERATORS.into_iter().zip(&mut self.0) {
            if other == operator {
                *weight = (*weight * MEMORY + reward * (1.0 - MEMORY)).max(LEAST_WEIGHT);
            }
        }
    }
}

impl State {
    pub(super) fn ruin(&mut self, instance: &Instance, operator: Operator, random: &mut Random) {
        let stops: Vec<usize> = self
            .tours
            .iter()
            .flat_map(|tour| tour.stops.iter().copied())
            .filter(|&stop| !instance.locations[stop].locked)
            .collect();
        if stops.is_empty() {
            return;
        }
        let most = (stops.len() / LARGEST_SHARE)
            .max(FEW)
            .min(stops.len())
            .min(MOST);
        let count = 1 + random.below(most);
        match operator {
            Operator::Random => {
                for _ in 0..count {
                    self.visited[stops[random.below(stops.len())]] = false;
                }
            }
            Operator::Related => {
                let center = stops[random.below(stops.len())];
                self.take_lowest(&stops, count, random, |stop| {
                    f64::from(instance.way(center, stop) + 1)
                });
            }
            Operator::Poor => {
                let mut price = vec![0.0; instance.size()];
                for (route, tour) in self.tours.iter().enumerate() {
                    for (position, &stop) in tour.stops.iter().enumerate() {
                        let (from, ready) = tour.head(instance, route, position);
                        let until = tour.begin[position] + instance.locations[stop].service;
                        let next = tour
                            .stops
                            .get(position + 1)
                            .copied()
                            .unwrap_or(instance.routes[route].end);
                        let time =
                            until - ready + instance.way(stop, next) - instance.way(from, next);
                        price[stop] =
                            (instance.locations[stop].profit + 1) as f64 / f64::from(time.max(1));
                    }
                }
                self.take_lowest(&stops, count, random, |stop| price[stop]);
            }
            Operator::Segment => {
                let route = random.below(self.tours.len());
                let own = &self.tours[route].stops;
                let first = random.below(own.len());
                for &stop in own.iter().skip(first).take(count) {
                    self.visited[stop] = instance.locations[stop].locked;
                }
            }
            Operator::Hours => {
                let center = stops[random.below(stops.len())];
                let mut middle = 0;
                let mut times = vec![0; instance.size()];
                for tour in &self.tours {
                    for (&stop, &begin) in tour.stops.iter().zip(&tour.begin) {
                        times[stop] = begin;
                        if stop == center {
                            middle = begin;
                        }
                    }
                }
                self.take_lowest(&stops, count, random, |stop| {
                    f64::from((times[stop] - middle).abs() + 1)
                });
            }
        }
        for route in 0..self.tours.len() {
            let before = self.tours[route].stops.len();
            let visited = &self.visited;
            self.tours[route].stops.retain(|&stop| visited[stop]);
            if self.tours[route].stops.len() != before {
                self.settle(instance, route);
            }
        }
    }

    /// Takes out the stops with the lowest measure, each disturbed by a random factor.
    fn take_lowest(
        &mut self,
        stops: &[usize],
        count: usize,
        random: &mut Random,
        measure: impl Fn(usize) -> f64,
    ) {
        let mut ranked: Vec<(f64, usize)> = stops
            .iter()
            .map(|&stop| (measure(stop) * (0.5 + random.share()), stop))
            .collect();
        ranked.sort_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        for &(_, stop) in ranked.iter().take(count) {
            self.visited[stop] = false;
        }
    }
}
