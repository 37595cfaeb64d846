//! How near the trip search comes to proven optima: `make bench-trip`.
//!
//! Instances: the Solomon (c, r, rc) and Cordeau (pr) sets as published for the team orienteering problem with time
//! windows (Vansteenwegen et al. 2009, Computers & Operations Research 36(12)), in `../shared/data/toptw`. Travel is
//! the Euclidean distance, truncated to one decimal for Solomon's and to two for Cordeau's, as is usual; times are
//! kept as whole tenths or hundredths. A visit may begin until its window closes and end later. All tours start and
//! end at the depot, between 0 and its closing. Optima for one tour: Righini & Salani 2009, Computers & Operations
//! Research 36(4). For more tours there is no agreed table, so their profits are printed as they are.
//!
//! Each instance has the same seconds on one core and the same seed. Every plan is checked here, from the file's
//! numbers and without the search's code.
//!
//! - `TRIP_SECONDS`: seconds for each instance and number of tours; 5 when not set.
//! - `TRIP_TOURS`: numbers of tours, as in `1,2`; `1,2,3,4` when not set.
//! - `TRIP_INSTANCES`: names, as in `c101,pr04`; all when not set.
//!
//! Ends with status 1 when a plan breaks a rule, when one tour lacks more than 3 % anywhere or 0.5 % in the mean at 5
//! seconds or more, or when a profit is above a proven optimum.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{env, fs, path::Path, process::ExitCode, time::Instant};

use domain::trip::search::{Instance, Location, Plan, Route, Window, search};

const SEED: u64 = 20_250_601;
const SECONDS: f64 = 5.0;
const WORST_GAP: f64 = 3.0;
const MEAN_GAP: f64 = 0.5;

const OPTIMA: [(&str, i64); 16] = [
    ("c101", 320),
    ("c102", 360),
    ("c103", 400),
    ("c104", 420),
    ("r101", 198),
    ("r102", 286),
    ("r103", 293),
    ("r105", 247),
    ("rc101", 219),
    ("rc102", 266),
    ("rc103", 266),
    ("rc104", 301),
    ("pr01", 308),
    ("pr02", 404),
    ("pr03", 394),
    ("pr04", 489),
];

/// A line of the file.
struct Place {
    x: f64,
    y: f64,
    service: f64,
    score: i64,
    opening: f64,
    closing: f64,
}

/// The file's numbers; the depot is the first place.
struct File {
    places: Vec<Place>,
    /// Units of a whole number of time in one of the file's: 10 or 100.
    scale: f64,
}

impl File {
    fn read(name: &str, text: &str) -> Self {
        let places = text
            .lines()
            .skip(2)
            .filter(|line| !line.trim().is_empty())
            .map(|line| {
                let numbers: Vec<f64> = line
                    .split_whitespace()
                    .map(|word| word.parse().unwrap())
                    .collect();
                Place {
                    x: numbers[1],
                    y: numbers[2],
                    service: numbers[3],
                    score: numbers[4] as i64,
                    opening: numbers[numbers.len() - 2],
                    closing: numbers[numbers.len() - 1],
                }
            })
            .collect();
        let scale = if name.starts_with("pr") { 100.0 } else { 10.0 };
        Self { places, scale }
    }

    /// Whole units of a time of the file.
    fn units(&self, time: f64) -> i32 {
        (time * self.scale).round() as i32
    }

    /// The truncated distance in whole units. A distance such as 3, 4, 5 must not fall below by rounding.
    fn distance(&self, from: usize, to: usize) -> i32 {
        let (from, to) = (&self.places[from], &self.places[to]);
        let exact = (from.x - to.x).hypot(from.y - to.y);
        (exact * self.scale + 1e-7).floor() as i32
    }

    /// Locations are the places after the depot; the depot comes last.
    fn instance(&self, tours: usize) -> Instance {
        let order: Vec<usize> = (1..self.places.len()).chain([0]).collect();
        let travel: Vec<Vec<i32>> = order
            .iter()
            .map(|&from| order.iter().map(|&to| self.distance(from, to)).collect())
            .collect();
        let locations = self.places[1..]
            .iter()
            .map(|place| Location {
                service: self.units(place.service),
                profit: place.score,
                required: false,
                windows: vec![
                    vec![Window {
                        earliest: self.units(place.opening),
                        latest: self.units(place.closing),
                    }];
                    tours
                ],
            })
            .collect();
        let depot = self.places.len() - 1;
        let route = Route {
            start: depot,
            end: depot,
            open: self.units(self.places[0].opening),
            close: self.units(self.places[0].closing),
        };
        Instance::new(locations, &travel, vec![route; tours]).unwrap()
    }

    /// The profit of a plan, or what is wrong with it, from the order of its stops alone.
    fn check(&self, plan: &Plan, tours: usize) -> Result<i64, String> {
        if plan.routes.len() != tours {
            return Err(format!("{} tours", plan.routes.len()));
        }
        let mut seen = vec![false; self.places.len()];
        let mut profit = 0;
        for route in &plan.routes {
            let mut time = self.units(self.places[0].opening);
            let mut here = 0;
            for stop in route {
                let there = stop.location + 1;
                if std::mem::replace(&mut seen[there], true) {
                    return Err(format!("place {there} twice"));
                }
                let place = &self.places[there];
                time = (time + self.distance(here, there)).max(self.units(place.opening));
                if time > self.units(place.closing) {
                    return Err(format!("place {there} too late"));
                }
                if time != stop.begin {
                    return Err(format!("place {there} at another time"));
                }
                time += self.units(place.service);
                profit += place.score;
                here = there;
            }
            if time + self.distance(here, 0) > self.units(self.places[0].closing) {
                return Err("back too late".to_owned());
            }
        }
        if profit == plan.score.profit {
            Ok(profit)
        } else {
            Err(format!("profit {} is not {profit}", plan.score.profit))
        }
    }
}

fn list(name: &str) -> Option<Vec<String>> {
    let text = env::var(name).ok()?;
    Some(text.split(',').map(|part| part.trim().to_owned()).collect())
}

fn main() -> ExitCode {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/toptw");
    if !folder.is_dir() {
        println!("Skipped: ../shared/data/toptw is not there.");
        return ExitCode::SUCCESS;
    }
    let seconds: f64 = env::var("TRIP_SECONDS").map_or(SECONDS, |text| text.parse().unwrap());
    let tours: Vec<usize> = list("TRIP_TOURS").map_or_else(
        || vec![1, 2, 3, 4],
        |parts| parts.iter().map(|part| part.parse().unwrap()).collect(),
    );
    let names = list("TRIP_INSTANCES");
    let mut failed = false;
    for &tours in &tours {
        println!("{tours} tours, {seconds} s each, seed {SEED}");
        println!("instance  profit  optimum   gap %  found after s  iterations");
        let mut gaps = Vec::new();
        let mut sum = 0;
        for (name, optimum) in OPTIMA {
            if names
                .as_ref()
                .is_some_and(|names| !names.iter().any(|other| other == name))
            {
                continue;
            }
            let text = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
            let file = File::read(name, &text);
            let instance = file.instance(tours);
            let started = Instant::now();
            let (mut found, mut iterations, mut profit) = (0.0, 0, 0);
            let plan = search(&instance, SEED, &mut |progress| {
                let elapsed = started.elapsed().as_secs_f64();
                if progress.best.score.profit > profit {
                    profit = progress.best.score.profit;
                    found = elapsed;
                }
                iterations = progress.iterations;
                elapsed < seconds
            });
            let profit = match file.check(&plan, tours) {
                Ok(profit) => profit,
                Err(fault) => {
                    println!("{name}: {fault}");
                    failed = true;
                    continue;
                }
            };
            sum += profit;
            if tours == 1 {
                let gap = 100.0 * (optimum - profit) as f64 / optimum as f64;
                failed |= gap < 0.0;
                gaps.push(gap);
                println!(
                    "{name:8}  {profit:6}  {optimum:7}  {gap:6.2}  {found:13.2}  {iterations:10}"
                );
            } else {
                println!("{name:8}  {profit:6}        –       –  {found:13.2}  {iterations:10}");
            }
        }
        if tours == 1 && !gaps.is_empty() {
            let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
            let worst = gaps.iter().copied().fold(f64::MIN, f64::max);
            println!("mean gap {mean:.2} %, worst {worst:.2} %");
            failed |= seconds >= SECONDS && (mean > MEAN_GAP || worst > WORST_GAP);
        }
        println!("sum of profits {sum}\n");
    }
    if failed {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}
