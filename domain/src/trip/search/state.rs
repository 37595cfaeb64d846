//! A plan under search, with the times that make checks quick.

use std::collections::{HashMap, HashSet};

use super::super::random::Random;
use super::{Ask, Instance, Plan, Score, Stop};

/// After so many turns, which are more than a week's plan takes, filling asks whether to go on, at every so many.
const PATIENT_TURNS: u32 = 1_000;
const ASK_TURNS: u32 = 16;

/// The stops of one route and everything derived from them.
#[derive(Debug, PartialEq)]
pub(in crate::trip) struct Tour {
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
            stops: instance.locked(route),
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
            let arrival = instance.arrive(route, place, stop, ready);
            let Some(begin) = instance.begin(stop, route, arrival) else {
                return false;
            };
            self.begin.push(begin);
            self.distance.push(distance);
            ready = begin + instance.locations[stop].service;
            place = stop;
        }
        let way = instance.way(place, own.end);
        self.distance.push(distance + way);
        if instance.arrive(route, place, own.end, ready) > own.close {
            return false;
        }
        self.latest.clear();
        self.latest.resize(self.stops.len(), 0);
        let (mut place, mut bound) = (own.end, own.close);
        for (slot, &stop) in self.latest.iter_mut().zip(&self.stops).rev() {
            let limit =
                instance.leave(route, stop, place, bound) - instance.locations[stop].service;
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
        let arrival = instance.arrive(route, from, location, ready);
        let begin = instance.begin(location, route, arrival)?;
        let (to, bound) = self.tail(instance, route, position);
        let service = instance.locations[location].service;
        let reached = instance.arrive(route, location, to, begin + service);
        if reached > bound {
            return None;
        }
        let detour =
            instance.way(from, location) + instance.way(location, to) - instance.way(from, to);
        let shift = if instance.nights.is_some() {
            // Waiting for the morning is no cost of a visit.
            detour + service
        } else {
            reached - instance.arrive(route, from, to, ready)
        };
        Some(Insertion {
            position,
            detour,
            shift,
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
            let arrival = instance.arrive(route, place, stop, ready);
            ready = instance.begin(stop, route, arrival)? + instance.locations[stop].service;
            place = stop;
        }
        let (to, bound) = self.tail(instance, route, range.1);
        let way = instance.way(place, to);
        travel += way;
        (travel < limit && instance.arrive(route, place, to, ready) <= bound).then_some(travel)
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
pub(in crate::trip) struct State {
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
    /// The locked visits alone.
    pub(in crate::trip) fn new(instance: &Instance) -> Self {
        let tours: Vec<Tour> = (0..instance.routes.len())
            .map(|route| Tour::new(instance, route))
            .collect();
        let mut visited = vec![false; instance.size()];
        for &stop in tours.iter().flat_map(|tour| &tour.stops) {
            visited[stop] = true;
        }
        let mut state = Self {
            tours,
            visited,
            score: Score::default(),
        };
        state.count(instance);
        state
    }

    /// The locked visits, and of the given ones in their order those that fit.
    pub(in crate::trip) fn of(instance: &Instance, routes: &[Vec<usize>]) -> Self {
        let mut state = Self::new(instance);
        for (route, own) in routes.iter().enumerate().take(instance.routes.len()) {
            if state.take_over(instance, route, own) {
                continue;
            }
            let mut position = 0;
            for &location in own.iter().filter(|&&location| location < instance.size()) {
                let tour = &state.tours[route];
                if state.visited[location] {
                    let found = tour.stops.iter().position(|&stop| stop == location);
                    position = found.map_or(position, |found| found + 1);
                } else if tour
                    .insertion(instance, route, location, position)
                    .is_some()
                {
                    state.insert(instance, route, location, position);
                    position += 1;
                }
            }
        }
        state.enforce(instance);
        state.count(instance);
        state
    }

    /// The given stops in their order, if all fit together: then a part of them need not, where a detour is shorter
    /// than the direct way.
    fn take_over(&mut self, instance: &Instance, route: usize, own: &[usize]) -> bool {
        let mut tour = self.tours[route].clone();
        let mut seen = HashSet::new();
        let is_own = |stop: &usize| {
            *stop < instance.size()
                && (!self.visited[*stop] || self.tours[route].stops.contains(stop))
        };
        if !own.iter().all(|stop| is_own(stop) && seen.insert(*stop))
            || !tour.stops.iter().all(|locked| own.contains(locked))
        {
            return false;
        }
        tour.stops = own.to_vec();
        if !tour.refresh(instance, route) {
            return false;
        }
        for &stop in own {
            self.visited[stop] = true;
        }
        self.tours[route] = tour;
        true
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
            let stops = &mut self.tours[route].stops;
            let last = stops
                .iter()
                .rposition(|&stop| !instance.locations[stop].locked);
            // Locked stops alone are in time: the instance was checked for that.
            let Some(last) = last else {
                break;
            };
            let stop = stops.remove(last);
            self.visited[stop] = false;
        }
    }

    pub(super) fn remove(&mut self, instance: &Instance, location: usize) {
        self.visited[location] = false;
        for route in 0..self.tours.len() {
            let stops = &mut self.tours[route].stops;
            if let Some(position) = stops.iter().position(|&stop| stop == location) {
                stops.remove(position);
                self.settle(instance, route);
            }
        }
    }

    /// A visit that its order or its host forbids as things stand.
    pub(super) fn unbound(&self, instance: &Instance) -> Option<usize> {
        if !instance.is_bound {
            return None;
        }
        // Route and begin of each visit.
        let mut when: Vec<Option<(usize, i32)>> = vec![None; instance.size()];
        for (route, tour) in self.tours.iter().enumerate() {
            for (&stop, &begin) in tour.stops.iter().zip(&tour.begin) {
                when[stop] = Some((route, begin));
            }
        }
        let mut hosts: HashMap<usize, Option<(usize, i32)>> = HashMap::new();
        for (location, own) in instance.locations.iter().enumerate() {
            if let (Some(host), Some((route, begin)), true) = (own.host, when[location], own.locked)
            {
                let here = Some((route, instance.day(begin)));
                // Locked visits of one host that are apart leave no place for a third.
                let known = hosts.entry(host).or_insert(here);
                *known = (*known).filter(|_| *known == here);
            }
        }
        instance
            .locations
            .iter()
            .enumerate()
            .find_map(|(location, own)| {
                let (route, begin) = when[location]?;
                if own.locked {
                    return None;
                }
                let is_early = own.after.iter().any(|&other| {
                    when[other].is_none_or(|(_, before)| {
                        before + instance.locations[other].service > begin
                    })
                });
                let is_elsewhere = own.host.is_some_and(|host| {
                    let here = Some((route, instance.day(begin)));
                    *hosts.entry(host).or_insert(here) != here
                });
                (is_early || is_elsewhere).then_some(location)
            })
    }

    /// Takes out visits until every order and host is kept.
    pub(super) fn enforce(&mut self, instance: &Instance) {
        while let Some(location) = self.unbound(instance) {
            self.remove(instance, location);
        }
    }

    /// Tries a change that orders and hosts may forbid: then nothing changes.
    pub(super) fn attempt(
        &mut self,
        instance: &Instance,
        change: impl FnOnce(&mut Self) -> bool,
    ) -> bool {
        if !instance.is_bound {
            return change(self);
        }
        let before = self.clone();
        if change(self) && self.unbound(instance).is_none() {
            return true;
        }
        self.clone_from(&before);
        false
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

    /// Inserts at a position, or at any other of the route when orders or hosts forbid that one.
    fn try_insert(
        &mut self,
        instance: &Instance,
        route: usize,
        location: usize,
        position: usize,
    ) -> bool {
        let mut after = instance.locations[location].after.iter();
        if !instance.locations[location].locked && after.any(|&other| !self.visited[other]) {
            return false;
        }
        let others = (0..=self.tours[route].stops.len()).filter(|_| instance.is_bound);
        std::iter::once(position).chain(others).any(|position| {
            self.tours[route]
                .insertion(instance, route, location, position)
                .is_some()
                && self.attempt(instance, |state| {
                    state.insert(instance, route, location, position);
                    true
                })
        })
    }

    /// Inserts what fits, most profit per added time first.
    pub(super) fn fill(&mut self, instance: &Instance, ask: Ask) {
        let weights: Vec<f64> = instance
            .locations
            .iter()
            .map(|location| location.profit as f64)
            .collect();
        self.fill_by(instance, &weights, |insertion| insertion.shift, ask);
        self.count(instance);
    }

    /// Inserts by random weights and one of several notions of cost.
    pub(super) fn recreate(&mut self, instance: &Instance, random: &mut Random, ask: Ask) {
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
            0 => self.fill_by(instance, &weights, |insertion| insertion.detour, ask),
            _ => self.fill_by(instance, &weights, |insertion| insertion.shift, ask),
        }
        self.count(instance);
    }

    fn fill_by(
        &mut self,
        instance: &Instance,
        weights: &[f64],
        cost: impl Fn(Insertion) -> i32 + Copy,
        ask: Ask,
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
        // Whether orders or hosts have refused a place, and whether something has changed since.
        let (mut is_refused, mut is_changed) = (false, false);
        for turn in 0_u32.. {
            if turn > PATIENT_TURNS && turn.is_multiple_of(ASK_TURNS) && !ask() {
                break;
            }
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
                if !(is_refused && is_changed) {
                    break;
                }
                // What was refused may be allowed by now.
                (is_refused, is_changed) = (false, false);
                for (row, &location) in open.iter().enumerate() {
                    for (route, tour) in self.tours.iter().enumerate() {
                        places[row * routes + route] =
                            tour.cheapest(instance, route, location, cost);
                    }
                }
                continue;
            };
            let location = open[row];
            if !self.try_insert(instance, route, location, insertion.position) {
                places[row * routes + route] = None;
                is_refused = true;
                continue;
            }
            is_changed = true;
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

    pub(in crate::trip) fn plan(&self, instance: &Instance) -> Plan {
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
                            arrival: instance.arrive(route, from, location, ready),
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

/// What the reasons of left-out locations ask.
impl Tour {
    /// A route without any stop, not even a locked one.
    pub(in crate::trip) fn empty(instance: &Instance, route: usize) -> Self {
        let mut tour = Self {
            stops: Vec::new(),
            begin: Vec::new(),
            latest: Vec::new(),
            distance: Vec::new(),
        };
        tour.refresh(instance, route);
        tour
    }

    /// Whether a visit can be inserted anywhere.
    pub(in crate::trip) fn has_place(
        &self,
        instance: &Instance,
        route: usize,
        location: usize,
    ) -> bool {
        self.cheapest(instance, route, location, |insertion| insertion.detour)
            .is_some()
    }

    /// Inserts a visit where it costs least; false when it does not fit.
    pub(in crate::trip) fn put(
        &mut self,
        instance: &Instance,
        route: usize,
        location: usize,
    ) -> bool {
        let Some(place) = self.cheapest(instance, route, location, |insertion| insertion.detour)
        else {
            return false;
        };
        self.stops.insert(place.position, location);
        self.refresh(instance, route)
    }

    /// When the first visit begins.
    pub(in crate::trip) fn first_begin(&self) -> Option<i32> {
        self.begin.first().copied()
    }

    /// By how much time a visit at a position is too long on some day, and the day; the least of its windows.
    fn shortage(
        &self,
        instance: &Instance,
        route: usize,
        location: usize,
        position: usize,
    ) -> Option<(i32, i32)> {
        let (from, ready) = self.head(instance, route, position);
        let (to, bound) = self.tail(instance, route, position);
        let arrival = instance.arrive(route, from, location, ready);
        let departure = instance.leave(route, location, to, bound);
        let service = instance.locations[location].service;
        instance
            .windows(location, route)
            .iter()
            .map(|window| {
                let begin = instance.up(arrival.max(window.earliest));
                let end = departure.min(window.latest + service);
                (service - (end - begin), instance.day(window.earliest))
            })
            .min()
    }
}

/// What the reasons of left-out locations ask.
impl State {
    pub(in crate::trip) fn is_visited(&self, location: usize) -> bool {
        self.visited[location]
    }

    pub(in crate::trip) fn stops(&self) -> impl Iterator<Item = usize> + '_ {
        self.tours
            .iter()
            .flat_map(|tour| tour.stops.iter().copied())
    }

    /// Route and begin of a visit.
    pub(in crate::trip) fn when(&self, location: usize) -> Option<(usize, i32)> {
        self.tours.iter().enumerate().find_map(|(route, tour)| {
            let position = tour.stops.iter().position(|&stop| stop == location)?;
            Some((route, tour.begin[position]))
        })
    }

    /// Whether a location could be visited if orders and hosts did not count.
    pub(in crate::trip) fn has_time(&self, instance: &Instance, location: usize) -> bool {
        let mut tours = self.tours.iter().enumerate();
        tours.any(|(route, tour)| tour.has_place(instance, route, location))
    }

    /// Whether all that must come before a location has ended by a time.
    pub(in crate::trip) fn is_in_order(
        &self,
        instance: &Instance,
        location: usize,
        time: i32,
    ) -> bool {
        instance.locations[location].after.iter().all(|&other| {
            self.when(other)
                .is_some_and(|(_, begin)| begin + instance.locations[other].service <= time)
        })
    }

    /// Whether a location could be visited if one stop were not.
    pub(in crate::trip) fn fits_without(
        &self,
        instance: &Instance,
        stop: usize,
        location: usize,
    ) -> bool {
        let Some((route, _)) = self.when(stop) else {
            return false;
        };
        if instance.is_bound {
            let mut without = self.clone();
            without.visited[stop] = false;
            without.tours[route].stops.retain(|&other| other != stop);
            return without.tours[route].refresh(instance, route)
                && without.unbound(instance).is_none()
                && without.put(instance, location);
        }
        if instance.windows(location, route).is_empty() {
            return false;
        }
        let mut without = self.tours[route].clone();
        without.stops.retain(|&other| other != stop);
        without.refresh(instance, route) && without.has_place(instance, route, location)
    }

    /// The fewest minutes that a visit lacks anywhere, the route and the day.
    pub(in crate::trip) fn shortage(
        &self,
        instance: &Instance,
        location: usize,
    ) -> Option<(i32, usize, i32)> {
        let places = self.tours.iter().enumerate().flat_map(|(route, tour)| {
            (0..=tour.stops.len()).filter_map(move |position| {
                let (short, day) = tour.shortage(instance, route, location, position)?;
                Some((short, route, day))
            })
        });
        places.min()
    }

    /// When a visit could begin on a day, at the position where it costs least.
    pub(in crate::trip) fn begin_on(
        &self,
        instance: &Instance,
        route: usize,
        location: usize,
        day: i32,
    ) -> Option<i32> {
        let tour = &self.tours[route];
        let mut best: Option<(i32, i32)> = None;
        for window in instance.windows(location, route) {
            if instance.day(window.earliest) != day {
                continue;
            }
            for position in 0..=tour.stops.len() {
                let (from, ready) = tour.head(instance, route, position);
                let (to, bound) = tour.tail(instance, route, position);
                let arrival = instance.arrive(route, from, location, ready);
                let begin = if arrival <= window.earliest {
                    window.earliest
                } else {
                    instance.up(arrival)
                };
                let end = begin + instance.locations[location].service;
                if begin > window.latest || instance.arrive(route, location, to, end) > bound {
                    continue;
                }
                let detour = instance.way(from, location) + instance.way(location, to)
                    - instance.way(from, to);
                let is_better = best.is_none_or(|best| (detour, begin) < best);
                if is_better && self.allows(instance, route, location, position) {
                    best = Some((detour, begin));
                }
            }
        }
        best.map(|(_, begin)| begin)
    }

    /// Whether orders and hosts allow a visit at a position.
    fn allows(&self, instance: &Instance, route: usize, location: usize, position: usize) -> bool {
        if !instance.is_bound {
            return true;
        }
        let mut trial = self.clone();
        trial.insert(instance, route, location, position);
        trial.unbound(instance).is_none()
    }

    /// Puts in a visit where it costs least, on whichever route; false when it does not fit.
    pub(in crate::trip) fn put(&mut self, instance: &Instance, location: usize) -> bool {
        let mut places: Vec<(i32, usize, usize)> = self
            .tours
            .iter()
            .enumerate()
            .filter_map(|(route, tour)| {
                let place =
                    tour.cheapest(instance, route, location, |insertion| insertion.detour)?;
                Some((place.detour, route, place.position))
            })
            .collect();
        places.sort_unstable();
        places
            .into_iter()
            .any(|(_, route, position)| self.try_insert(instance, route, location, position))
    }
}
