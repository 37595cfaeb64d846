//! A plan under search, with the times that make checks quick.

use super::super::solver::Random;
use super::{Instance, Plan, Score, Stop};

/// The stops of one route and everything derived from them.
#[derive(Debug, PartialEq)]
pub(super) struct Tour {
    pub(super) stops: Vec<usize>,
    /// The earliest begin of each stop.
    pub(super) begin: Vec<i32>,
    /// The latest begin of each stop that keeps all later ones in time: its begin plus MaxShift.
    pub(super) latest: Vec<i32>,
    /// Travel from the start to each stop and, last, to the end.
    pub(super) distance: Vec<i32>,
}

impl Clone for Tour {
    fn clone(&self) -> Self {
        Self {
            stops: self.stops.clone(),
            begin: self.begin.clone(),
            latest: self.latest.clone(),
            distance: self.distance.clone(),
        }
    }

    /// Keeps the memory: the search copies plans at every iteration.
    fn clone_from(&mut self, source: &Self) {
        self.stops.clone_from(&source.stops);
        self.begin.clone_from(&source.begin);
        self.latest.clone_from(&source.latest);
        self.distance.clone_from(&source.distance);
    }
}

/// What an insertion costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Insertion {
    pub(super) position: usize,
    /// Travel added.
    pub(super) detour: i32,
    /// By how much the next stop is reached later: detour, waiting and service.
    pub(super) shift: i32,
}

impl Tour {
    fn new(instance: &Instance, route: usize) -> Self {
        let mut tour = Self {
            stops: Vec::new(),
            begin: Vec::new(),
            latest: Vec::new(),
            distance: Vec::new(),
        };
        tour.refresh(instance, route);
        tour
    }

    /// Computes all times anew; false when a stop is too late.
    pub(super) fn refresh(&mut self, instance: &Instance, route: usize) -> bool {
        let own = instance.routes[route];
        self.begin.clear();
        self.distance.clear();
        let (mut place, mut ready, mut distance) = (own.start, own.open, 0);
        for &stop in &self.stops {
            let way = instance.way(place, stop);
            distance += way;
            let Some(begin) = instance.begin(stop, route, ready + way) else {
                return false;
            };
            self.begin.push(begin);
            self.distance.push(distance);
            ready = begin + instance.locations[stop].service;
            place = stop;
        }
        let way = instance.way(place, own.end);
        self.distance.push(distance + way);
        if ready + way > own.close {
            return false;
        }
        self.latest.clear();
        self.latest.resize(self.stops.len(), 0);
        let (mut place, mut bound) = (own.end, own.close);
        for (slot, &stop) in self.latest.iter_mut().zip(&self.stops).rev() {
            let limit = bound - instance.way(stop, place) - instance.locations[stop].service;
            let Some(latest) = instance.latest(stop, route, limit) else {
                return false;
            };
            *slot = latest;
            bound = latest;
            place = stop;
        }
        true
    }

    pub(super) fn travel(&self) -> i32 {
        self.distance.last().copied().unwrap_or(0)
    }

    /// Where the team is before a position, and from when on it may leave.
    pub(super) fn head(&self, instance: &Instance, route: usize, position: usize) -> (usize, i32) {
        match position.checked_sub(1) {
            Some(index) => {
                let stop = self.stops[index];
                (stop, self.begin[index] + instance.locations[stop].service)
            }
            None => (instance.routes[route].start, instance.routes[route].open),
        }
    }

    /// Where the team goes to at a position, and until when it must be there.
    pub(super) fn tail(&self, instance: &Instance, route: usize, position: usize) -> (usize, i32) {
        match self.stops.get(position) {
            Some(&stop) => (stop, self.latest[position]),
            None => (instance.routes[route].end, instance.routes[route].close),
        }
    }

    /// What a visit at a position costs; `None` when it, or a stop after it, would be too late.
    pub(super) fn insertion(
        &self,
        instance: &Instance,
        route: usize,
        location: usize,
        position: usize,
    ) -> Option<Insertion> {
        let (from, ready) = self.head(instance, route, position);
        let there = instance.way(from, location);
        let begin = instance.begin(location, route, ready + there)?;
        let (to, bound) = self.tail(instance, route, position);
        let onward = instance.way(location, to);
        let reached = begin + instance.locations[location].service + onward;
        if reached > bound {
            return None;
        }
        let direct = instance.way(from, to);
        Some(Insertion {
            position,
            detour: there + onward - direct,
            shift: reached - ready - direct,
        })
    }

    /// The insertion with the least cost.
    pub(super) fn cheapest(
        &self,
        instance: &Instance,
        route: usize,
        location: usize,
        cost: impl Fn(Insertion) -> i32,
    ) -> Option<Insertion> {
        let windows = instance.windows(location, route);
        let (first, last) = (windows.first()?, windows.last()?);
        let service = instance.locations[location].service;
        let mut best: Option<(i32, Insertion)> = None;
        for position in 0..=self.stops.len() {
            if self.head(instance, route, position).1 > last.latest {
                break;
            }
            if self.tail(instance, route, position).1 < first.earliest + service {
                continue;
            }
            let Some(insertion) = self.insertion(instance, route, location, position) else {
                continue;
            };
            let price = cost(insertion);
            if best.is_none_or(|best| price < best.0) {
                best = Some((price, insertion));
            }
        }
        best.map(|(_, insertion)| insertion)
    }

    /// Travel between two positions when the stops between them are others, or `None` when that is too late or
    /// not below `limit`.
    pub(super) fn splice(
        &self,
        instance: &Instance,
        route: usize,
        range: (usize, usize),
        middle: impl Iterator<Item = usize>,
        limit: i32,
    ) -> Option<i32> {
        let (mut place, mut ready) = self.head(instance, route, range.0);
        let mut travel = 0;
        for stop in middle {
            let way = instance.way(place, stop);
            travel += way;
            if travel >= limit {
                return None;
            }
            ready = instance.begin(stop, route, ready + way)? + instance.locations[stop].service;
            place = stop;
        }
        let (to, bound) = self.tail(instance, route, range.1);
        let way = instance.way(place, to);
        travel += way;
        (travel < limit && ready + way <= bound).then_some(travel)
    }

    /// Travel between two positions as it is: from the stop before the first to the stop at the second.
    pub(super) fn stretch(&self, range: (usize, usize)) -> i32 {
        let until = self.distance.get(range.1).copied().unwrap_or(0);
        let from = range
            .0
            .checked_sub(1)
            .and_then(|index| self.distance.get(index).copied());
        until - from.unwrap_or(0)
    }
}

/// All routes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) tours: Vec<Tour>,
    /// Whether each location is visited.
    pub(super) visited: Vec<bool>,
    score: Score,
}

impl Clone for State {
    fn clone(&self) -> Self {
        Self {
            tours: self.tours.clone(),
            visited: self.visited.clone(),
            score: self.score,
        }
    }

    fn clone_from(&mut self, source: &Self) {
        self.tours.clone_from(&source.tours);
        self.visited.clone_from(&source.visited);
        self.score = source.score;
    }
}

impl State {
    pub(super) fn new(instance: &Instance) -> Self {
        let tours: Vec<Tour> = (0..instance.routes.len())
            .map(|route| Tour::new(instance, route))
            .collect();
        let mut state = Self {
            tours,
            visited: vec![false; instance.size()],
            score: Score::default(),
        };
        state.count(instance);
        state
    }

    pub(super) fn score(&self) -> Score {
        self.score
    }

    /// Computes the score anew.
    pub(super) fn count(&mut self, instance: &Instance) {
        let mut score = Score::default();
        for tour in &self.tours {
            score.travel += i64::from(tour.travel());
            for &stop in &tour.stops {
                score.profit += instance.locations[stop].profit;
                score.required += usize::from(instance.locations[stop].required);
            }
        }
        self.score = score;
    }

    /// Recomputes a route after stops were taken out. Where a detour is shorter than the direct way, as rounding can
    /// make it, that may break the route: then its last stops go too.
    pub(super) fn settle(&mut self, instance: &Instance, route: usize) {
        while !self.tours[route].refresh(instance, route) {
            let Some(stop) = self.tours[route].stops.pop() else {
                break;
            };
            self.visited[stop] = false;
        }
    }

    pub(super) fn insert(
        &mut self,
        instance: &Instance,
        route: usize,
        location: usize,
        position: usize,
    ) {
        self.tours[route].stops.insert(position, location);
        self.visited[location] = true;
        self.settle(instance, route);
    }

    /// Inserts what fits, most profit per added time first.
    pub(super) fn fill(&mut self, instance: &Instance) {
        let weights: Vec<f64> = instance
            .locations
            .iter()
            .map(|location| location.profit as f64)
            .collect();
        self.fill_by(instance, &weights, |insertion| insertion.shift);
        self.count(instance);
    }

    /// Inserts by random weights and one of several notions of cost.
    pub(super) fn recreate(&mut self, instance: &Instance, random: &mut Random) {
        let exponent = [0.0, 1.0, 1.0, 1.5, 2.0][random.below(5)];
        let noise = [0.0, 0.5, 1.0, 2.0][random.below(4)];
        let weights: Vec<f64> = instance
            .locations
            .iter()
            .map(|location| {
                let disorder = if noise > 0.0 {
                    (0.02 + random.share()).powf(noise)
                } else {
                    1.0
                };
                (location.profit as f64).powf(exponent) * disorder
            })
            .collect();
        match random.below(4) {
            0 => self.fill_by(instance, &weights, |insertion| insertion.detour),
            _ => self.fill_by(instance, &weights, |insertion| insertion.shift),
        }
        self.count(instance);
    }

    fn fill_by(
        &mut self,
        instance: &Instance,
        weights: &[f64],
        cost: impl Fn(Insertion) -> i32 + Copy,
    ) {
        let routes = self.tours.len();
        let mut open: Vec<usize> = (0..instance.size())
            .filter(|&location| !self.visited[location])
            .collect();
        // One row for each open location, kept up to date for the route that changed.
        let mut places: Vec<Option<Insertion>> = Vec::with_capacity(open.len() * routes);
        for &location in &open {
            for (route, tour) in self.tours.iter().enumerate() {
                places.push(tour.cheapest(instance, route, location, cost));
            }
        }
        loop {
            let mut chosen: Option<((bool, f64), usize, usize, Insertion)> = None;
            for (row, &location) in open.iter().enumerate() {
                let own = &places[row * routes..(row + 1) * routes];
                for (route, insertion) in own.iter().enumerate() {
                    let Some(insertion) = *insertion else {
                        continue;
                    };
                    let price = f64::from(cost(insertion).max(1));
                    let rank = (
                        instance.locations[location].required,
                        weights[location] / price,
                    );
                    if chosen.is_none_or(|chosen| rank > chosen.0) {
                        chosen = Some((rank, row, route, insertion));
                    }
                }
            }
            let Some((_, row, route, insertion)) = chosen else {
                break;
            };
            let location = open[row];
            self.insert(instance, route, location, insertion.position);
            open.swap_remove(row);
            // The last row takes the free one's place, as in `open`.
            let last = open.len() * routes;
            places.copy_within(last.., row * routes);
            places.truncate(last);
            for (row, &location) in open.iter().enumerate() {
                places[row * routes + route] =
                    self.tours[route].cheapest(instance, route, location, cost);
            }
        }
    }

    pub(super) fn plan(&self, instance: &Instance) -> Plan {
        let routes = self
            .tours
            .iter()
            .enumerate()
            .map(|(route, tour)| {
                (0..tour.stops.len())
                    .map(|position| {
                        let (from, ready) = tour.head(instance, route, position);
                        let location = tour.stops[position];
                        Stop {
                            location,
                            arrival: ready + instance.way(from, location),
                            begin: tour.begin[position],
                        }
                    })
                    .collect()
            })
            .collect();
        Plan {
            routes,
            score: self.score,
        }
    }
}
