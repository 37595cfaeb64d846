//! Moves that shorten a plan, so that more fits in, and moves that put a better visit in place of others.

use super::super::random::Random;
use super::state::{State, Tour};
use super::{Ask, Instance};

/// The most neighbouring stops that one better visit replaces.
const REPLACED: usize = 3;
/// Moves of one call; a plan that needs more is not worth the time.
const MOST_MOVES: usize = 200;

/// A visit in place of the stops of a range.
#[derive(Clone, Copy)]
struct Replacement {
    /// More profit, then less travel.
    gain: (i64, i32),
    location: usize,
    route: usize,
    range: (usize, usize),
}

impl State {
    /// Shortens, fills and replaces until nothing changes.
    pub(super) fn improve(&mut self, instance: &Instance, random: &mut Random, ask: Ask) {
        for _ in 0..MOST_MOVES {
            if !ask() {
                break;
            }
            let shortened = self.shorten(instance, random, ask);
            if shortened {
                self.fill(instance, ask);
            }
            if !self.replace(instance) {
                if !shortened {
                    break;
                }
                continue;
            }
            self.fill(instance, ask);
        }
        self.count(instance);
    }

    /// Applies moves that shorten the travel until there is none; whether there was any.
    fn shorten(&mut self, instance: &Instance, random: &mut Random, ask: Ask) -> bool {
        let routes = self.tours.len();
        let mut any = false;
        for _ in 0..MOST_MOVES {
            let offset = random.below(routes);
            let mut moved = false;
            for index in 0..routes {
                if !ask() {
                    return any || moved;
                }
                let one = (index + offset) % routes;
                moved |= self.shorten_within(instance, one);
                for other in 0..routes {
                    if other != one {
                        moved |= self.shorten_between(instance, one, other);
                    }
                }
            }
            if !moved {
                break;
            }
            any = true;
        }
        any
    }

    /// 2-opt, shift and swap within a route: the first move that shortens it.
    fn shorten_within(&mut self, instance: &Instance, route: usize) -> bool {
        let Some(order) = shorter_order(instance, &self.tours[route], route) else {
            return false;
        };
        self.attempt(instance, |state| {
            state.tours[route].stops = order;
            state.settle(instance, route);
            true
        })
    }

    /// Shift, swap and exchange of ends between two routes: the first move that shortens both together.
    fn shorten_between(&mut self, instance: &Instance, one: usize, other: usize) -> bool {
        let Some((first, second)) = shorter_pair(instance, &self.tours, one, other) else {
            return false;
        };
        self.attempt(instance, |state| {
            state.tours[one].stops = first;
            state.tours[other].stops = second;
            state.settle(instance, one);
            state.settle(instance, other);
            true
        })
    }

    /// Puts a visit in place of up to [`REPLACED`] neighbours with less profit, or with the same and more travel: the
    /// replacement that gains most.
    fn replace(&mut self, instance: &Instance) -> bool {
        let mut best: Option<Replacement> = None;
        for location in (0..instance.size()).filter(|&location| !self.visited[location]) {
            let profit = instance.locations[location].profit;
            for (route, tour) in self.tours.iter().enumerate() {
                if instance.windows(location, route).is_empty() {
                    continue;
                }
                for from in 0..tour.stops.len() {
                    let (mut lost, mut required) = (0, 0);
                    for until in from + 1..=(from + REPLACED).min(tour.stops.len()) {
                        let stop = tour.stops[until - 1];
                        lost += instance.locations[stop].profit;
                        required += usize::from(instance.locations[stop].required);
                        if instance.locations[stop].locked
                            || lost > profit
                            || required > usize::from(instance.locations[location].required)
                        {
                            break;
                        }
                        let range = (from, until);
                        let old = tour.stretch(range);
                        let limit = if lost < profit { i32::MAX } else { old };
                        let Some(travel) =
                            tour.splice(instance, route, range, std::iter::once(location), limit)
                        else {
                            continue;
                        };
                        let gain = (profit - lost, old - travel);
                        if best.is_none_or(|best| gain > best.gain) {
                            best = Some(Replacement {
                                gain,
                                location,
                                route,
                                range,
                            });
                        }
                    }
                }
            }
        }
        let Some(Replacement {
            location,
            route,
            range,
            ..
        }) = best
        else {
            return false;
        };
        self.attempt(instance, |state| {
            for stop in state.tours[route]
                .stops
                .splice(range.0..range.1, [location])
            {
                state.visited[stop] = false;
            }
            state.visited[location] = true;
            state.settle(instance, route);
            true
        })
    }
}

fn shorter_order(instance: &Instance, tour: &Tour, route: usize) -> Option<Vec<usize>> {
    let stops = &tour.stops;
    for from in 0..stops.len() {
        for until in from + 2..=stops.len() {
            let range = (from, until);
            let own = &stops[from..until];
            let limit = tour.stretch(range);
            let (Some((&first, after)), Some((&last, before))) =
                (own.split_first(), own.split_last())
            else {
                continue;
            };
            // Reversed; the first one last; the last one first; first and last exchanged.
            let reversed = own.iter().rev().copied();
            if tour
                .splice(instance, route, range, reversed.clone(), limit)
                .is_some()
            {
                return Some(spliced(stops, range, reversed));
            }
            let later = after.iter().copied().chain([first]);
            if tour
                .splice(instance, route, range, later.clone(), limit)
                .is_some()
            {
                return Some(spliced(stops, range, later));
            }
            let earlier = [last].into_iter().chain(before.iter().copied());
            if tour
                .splice(instance, route, range, earlier.clone(), limit)
                .is_some()
            {
                return Some(spliced(stops, range, earlier));
            }
            let inner = before.get(1..).unwrap_or_default();
            let exchanged = [last]
                .into_iter()
                .chain(inner.iter().copied())
                .chain([first]);
            if tour
                .splice(instance, route, range, exchanged.clone(), limit)
                .is_some()
            {
                return Some(spliced(stops, range, exchanged));
            }
        }
    }
    None
}

fn shorter_pair(
    instance: &Instance,
    tours: &[Tour],
    one: usize,
    other: usize,
) -> Option<(Vec<usize>, Vec<usize>)> {
    let (first, second) = (&tours[one], &tours[other]);
    for from in 0..first.stops.len() {
        let stop = first.stops[from];
        let out = (from, from + 1);
        // Shift: out of the one, into the other.
        let saved = first
            .splice(instance, one, out, std::iter::empty(), i32::MAX)
            .map(|travel| first.stretch(out) - travel);
        if let Some(saved) = saved {
            let fits = second.cheapest(instance, other, stop, |insertion| insertion.detour);
            if let Some(insertion) = fits.filter(|insertion| insertion.detour < saved) {
                let at = (insertion.position, insertion.position);
                return Some((
                    spliced(&first.stops, out, std::iter::empty()),
                    spliced(&second.stops, at, std::iter::once(stop)),
                ));
            }
        }
        // The rest is symmetrical: once for each pair is enough.
        if one > other {
            continue;
        }
        for to in 0..second.stops.len() {
            let guest = second.stops[to];
            let place = (to, to + 1);
            let total = first.stretch(out) + second.stretch(place);
            let swapped = first
                .splice(instance, one, out, std::iter::once(guest), total)
                .and_then(|travel| {
                    let host = std::iter::once(stop);
                    second.splice(instance, other, place, host, total - travel)
                });
            if swapped.is_some() {
                return Some((
                    spliced(&first.stops, out, std::iter::once(guest)),
                    spliced(&second.stops, place, std::iter::once(stop)),
                ));
            }
        }
    }
    if one > other {
        return None;
    }
    for from in 0..=first.stops.len() {
        for to in 0..=second.stops.len() {
            let (mine, yours) = ((from, first.stops.len()), (to, second.stops.len()));
            let total = first.stretch(mine) + second.stretch(yours);
            let (tail, guest) = (&first.stops[from..], &second.stops[to..]);
            let crossed = first
                .splice(instance, one, mine, guest.iter().copied(), total)
                .and_then(|travel| {
                    let host = tail.iter().copied();
                    second.splice(instance, other, yours, host, total - travel)
                });
            if crossed.is_some() {
                return Some((
                    spliced(&first.stops, mine, guest.iter().copied()),
                    spliced(&second.stops, yours, tail.iter().copied()),
                ));
            }
        }
    }
    None
}

fn spliced(
    stops: &[usize],
    range: (usize, usize),
    middle: impl Iterator<Item = usize>,
) -> Vec<usize> {
    let before = stops.iter().take(range.0).copied();
    let after = stops.iter().skip(range.1).copied();
    before.chain(middle).chain(after).collect()
}
