//! Checks any answer from the numbers of its problem alone: no line is shared with the solver.

use std::collections::{BTreeMap, HashMap};

use super::{
    Metric, Point, TourPlan, ToursAnswer, ToursPlace, ToursProblem, USUAL_DECIMALS, WindowsBound,
};
use crate::place::Place;
use crate::trip::{TripSettings, estimate};

/// Share of a kept decimal by which two times may differ and be the same.
const SAME: f64 = 1e-3;

/// Every rule that an answer breaks, in words; empty when it is right.
///
/// The problem must have passed [`ToursProblem::check`].
#[must_use]
pub fn validate(problem: &ToursProblem, answer: &ToursAnswer) -> Vec<String> {
    let mut check = Check {
        problem,
        scale: 10_f64.powi(i32::from(problem.truncate.unwrap_or(USUAL_DECIMALS))),
        points: problem.points(),
        places: (0..)
            .zip(&problem.places)
            .map(|(index, place)| (place.id, (index, place)))
            .collect(),
        visits: BTreeMap::new(),
        found: Vec::new(),
    };
    check.frame(answer);
    for tour in &answer.tours {
        check.tour(tour);
    }
    check.orders();
    check.hosts();
    check.sums(answer);
    check.left_out(answer);
    check.found
}

/// Where and when a place is visited.
#[derive(Clone, Copy)]
struct Visit {
    team: usize,
    day: usize,
    begin: f64,
    end: f64,
}

struct Check<'a> {
    problem: &'a ToursProblem,
    /// Kept decimals in one unit of time.
    scale: f64,
    points: Vec<Point<'a>>,
    /// By id, with the index.
    places: HashMap<i64, (usize, &'a ToursPlace)>,
    visits: BTreeMap<i64, Visit>,
    found: Vec<String>,
}

impl<'a> Check<'a> {
    fn wrong(&mut self, text: String) {
        self.found.push(text);
    }

    fn is_same(&self, one: f64, other: f64) -> bool {
        (one - other).abs() * self.scale <= SAME
    }

    /// Not later, up to the dust of binary fractions.
    fn is_by(&self, one: f64, other: f64) -> bool {
        (one - other) * self.scale <= SAME
    }

    /// Rounded up to the decimals that are kept.
    fn up(&self, number: f64) -> f64 {
        (number * self.scale - 1e-7).ceil() / self.scale
    }

    fn down(&self, number: f64) -> f64 {
        (number * self.scale + 1e-7).floor() / self.scale
    }

    /// Every team's tour of every day, and nothing else.
    fn frame(&mut self, answer: &ToursAnswer) {
        let problem = self.problem;
        let own: Vec<(usize, usize)> = answer
            .tours
            .iter()
            .map(|tour| (tour.team, tour.day))
            .collect();
        let expected: Vec<(usize, usize)> = (0..problem.teams)
            .flat_map(|team| (0..problem.days).map(move |day| (team, day)))
            .collect();
        if own != expected {
            self.wrong(format!("the tours are {own:?} instead of {expected:?}"));
        }
        if answer.seed != problem.seed {
            self.wrong(format!("the seed is {}", answer.seed));
        }
    }

    fn way(&self, from: usize, to: usize) -> f64 {
        let (Some(one), Some(other)) = (self.points.get(from), self.points.get(to)) else {
            return f64::INFINITY;
        };
        if from == to {
            return 0.0;
        }
        match self.problem.metric {
            Metric::Matrix => {
                let rows = self.problem.matrix.as_deref().unwrap_or_default();
                let cell = rows.get(from).and_then(|row| row.get(to));
                cell.copied()
                    .flatten()
                    .map_or(f64::INFINITY, |cell| self.up(cell))
            }
            Metric::Euclidean => match (one.x, one.y, other.x, other.y) {
                (Some(x), Some(y), Some(other_x), Some(other_y)) => {
                    let square = (x - other_x).powi(2) + (y - other_y).powi(2);
                    self.down(square.sqrt())
                }
                _ => f64::INFINITY,
            },
            Metric::Estimated => match (place(from, one), place(to, other)) {
                (Some(one), Some(other)) => {
                    f64::from(estimate(&one, &other, &TripSettings::default()).minutes)
                }
                _ => f64::INFINITY,
            },
        }
    }

    fn tour(&mut self, tour: &TourPlan) {
        let problem = self.problem;
        let name = format!("tour of team {} on day {}", tour.team, tour.day);
        let weekday = problem
            .first_weekday
            .map(|first| ((usize::from(first) + tour.day) % 7) as u8);
        if tour.weekday != weekday {
            self.wrong(format!("{name}: the weekday is {:?}", tour.weekday));
        }
        // The start is the first point; the end follows if it is another.
        let first = self.points.len() - problem.places.len();
        let opening = self.up(problem.start.opening);
        if !self.is_same(tour.leave, opening) {
            self.wrong(format!("{name}: it leaves at {}", tour.leave));
        }
        let (mut here, mut time, mut travel, mut profit) = (0, opening, 0.0, 0.0);
        for stop in &tour.stops {
            let Some(&(index, place)) = self.places.get(&stop.id) else {
                self.wrong(format!("{name}: there is no place {}", stop.id));
                continue;
            };
            let name = format!("{name}, place {}", stop.id);
            let there = index + first;
            let way = self.way(here, there);
            if !self.is_same(stop.arrive, time + way) {
                self.wrong(format!(
                    "{name}: it arrives at {} instead of {}",
                    stop.arrive,
                    time + way
                ));
            }
            if !self.is_by(stop.arrive, stop.begin) {
                self.wrong(format!("{name}: it begins at {}, too early", stop.begin));
            }
            let duration = self.up(place.duration);
            if !self.is_same(stop.end, stop.begin + duration) {
                self.wrong(format!("{name}: it ends at {}", stop.end));
            }
            if !self.is_open(place, tour.day, stop.begin, stop.begin + duration) {
                self.wrong(format!("{name}: it is closed at {}", stop.begin));
            }
            self.fixed(&name, place, tour, stop.begin);
            if stop.value != place.value {
                self.wrong(format!("{name}: the value is {}", stop.value));
            }
            let visit = Visit {
                team: tour.team,
                day: tour.day,
                begin: stop.begin,
                end: stop.begin + duration,
            };
            if self.visits.insert(stop.id, visit).is_some() {
                self.wrong(format!("{name}: it was visited before"));
            }
            travel += way;
            profit += place.value;
            time = stop.begin + duration;
            here = there;
        }
        let way = self.way(here, first - 1);
        if !self.is_same(tour.returns, time + way) {
            self.wrong(format!(
                "{name}: it returns at {} instead of {}",
                tour.returns,
                time + way
            ));
        }
        if !self.is_by(time + way, problem.start.closing) {
            self.wrong(format!("{name}: it returns at {}, too late", time + way));
        }
        if !self.is_same(tour.travel, travel + way) {
            self.wrong(format!("{name}: the travel is {}", tour.travel));
        }
        if !is_sum(tour.profit, profit) {
            self.wrong(format!("{name}: the profit is {}", tour.profit));
        }
    }

    fn is_open(&self, place: &ToursPlace, day: usize, begin: f64, end: f64) -> bool {
        let last = match self.problem.bound() {
            WindowsBound::Begin => begin,
            WindowsBound::End => end,
        };
        let Some(windows) = &place.windows else {
            return true;
        };
        windows.iter().any(|window| {
            window.day.is_none_or(|own| own == day)
                && self.is_by(window.opening, begin)
                && self.is_by(last, window.closing)
        })
    }

    fn fixed(&mut self, name: &str, place: &ToursPlace, tour: &TourPlan, begin: f64) {
        let is_kept = place.team.is_none_or(|team| team == tour.team)
            && place.day.is_none_or(|day| day == tour.day)
            && place
                .begin
                .is_none_or(|own| self.is_same(self.up(own), begin));
        if !is_kept {
            self.wrong(format!("{name}: its team, day or begin is another"));
        }
    }

    fn is_locked(place: &ToursPlace) -> bool {
        place.required && place.team.is_some() && place.day.is_some() && place.begin.is_some()
    }

    fn orders(&mut self) {
        let mut found = Vec::new();
        for (id, visit) in &self.visits {
            let Some((_, place)) = self.places.get(id) else {
                continue;
            };
            if Self::is_locked(place) {
                continue;
            }
            for after in &place.after {
                let is_kept = self.visits.get(after).is_some_and(|before| {
                    before.day < visit.day
                        || before.day == visit.day && self.is_by(before.end, visit.begin)
                });
                if !is_kept {
                    found.push(format!("place {id} does not come after place {after}"));
                }
            }
        }
        self.found.extend(found);
    }

    /// A locked visit is where it is; all others of its host are with it, or with each other.
    fn hosts(&mut self) {
        // Whether the visit is locked, and its tour.
        let mut hosts: BTreeMap<&str, Vec<(bool, usize, usize)>> = BTreeMap::new();
        for (id, visit) in &self.visits {
            let Some((_, place)) = self.places.get(id) else {
                continue;
            };
            if let Some(host) = place.host.as_deref() {
                let own = (Self::is_locked(place), visit.team, visit.day);
                hosts.entry(host).or_default().push(own);
            }
        }
        for (host, own) in hosts {
            let free = own.iter().find(|(is_locked, ..)| !is_locked);
            let is_apart = free.is_some_and(|(_, team, day)| {
                own.iter().any(|(_, other, on)| (other, on) != (team, day))
            });
            if is_apart {
                self.found
                    .push(format!("the places of host {host} are apart"));
            }
        }
    }

    fn sums(&mut self, answer: &ToursAnswer) {
        let profit: f64 = self
            .visits
            .keys()
            .filter_map(|id| Some(self.places.get(id)?.1.value))
            .sum();
        if !is_sum(answer.profit, profit) {
            self.wrong(format!(
                "the profit is {} instead of {profit}",
                answer.profit
            ));
        }
        let travel: f64 = answer.tours.iter().map(|tour| tour.travel).sum();
        if !self.is_same(answer.travel, travel) {
            self.wrong(format!(
                "the travel is {} instead of {travel}",
                answer.travel
            ));
        }
        let visited: usize = answer.tours.iter().map(|tour| tour.stops.len()).sum();
        if answer.visited != visited {
            self.wrong(format!(
                "{} are visited instead of {visited}",
                answer.visited
            ));
        }
    }

    fn left_out(&mut self, answer: &ToursAnswer) {
        let own: Vec<i64> = answer.left_out.iter().map(|one| one.id).collect();
        let expected: Vec<i64> = self
            .problem
            .places
            .iter()
            .map(|place| place.id)
            .filter(|id| !self.visits.contains_key(id))
            .collect();
        if own != expected {
            self.wrong(format!("left out are {own:?} instead of {expected:?}"));
        }
    }
}

/// Sums of many values differ by the order in which they were added.
fn is_sum(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-6 * (1.0 + one.abs().max(other.abs()))
}

fn place(index: usize, point: &Point<'_>) -> Option<Place> {
    let city = point.city.map_or("", str::trim);
    Some(Place {
        city: if city.is_empty() {
            format!("without a city, {index}\n")
        } else {
            city.to_owned()
        },
        longitude: point.longitude?,
        latitude: point.latitude?,
    })
}
