//! How near the trip search comes to proven optima, and whether its plans are right: `make bench-trip`.
//!
//! TOPTW: the Solomon (c, r, rc) and Cordeau (pr) sets as published for the team orienteering problem with time windows
//! (Vansteenwegen et al. 2009, Computers & Operations Research 36(12)), in `../shared/data/toptw`. Travel is the
//! Euclidean distance, truncated to one decimal for Solomon's and to two for Cordeau's, as is usual; times are kept as
//! whole tenths or hundredths. A visit may begin until its window closes and end later. All tours start and end at the
//! depot, between 0 and its closing. Optima for one tour: Righini & Salani 2009, Computers & Operations Research 36(4).
//! For more tours there is no agreed table, so their profits are printed as they are.
//!
//! TTDP: tourist trips of one to three days with opening hours by weekday, in `../shared/data/ttdp`. Visits end before
//! their place closes. There are no published optima for this reading, so what counts is that every plan is right.
//!
//! Each instance has the same seconds on one core and the same seed. Every plan is checked here, from the file's
//! numbers and without the code that reads, searches or validates.
//!
//! - `TRIP_SECONDS`: seconds for each instance and number of tours; 5 when not set.
//! - `TRIP_TOURS`: numbers of tours of TOPTW, as in `1,2`; `1,2,3,4` when not set.
//! - `TRIP_INSTANCES`: names, as in `c101,pr04,t101`; all when not set.
//!
//! Ends with status 1 when a plan breaks a rule, when one tour lacks more than 3 % anywhere or 0.5 % in the mean at 5
//! seconds or more, or when a profit is above a proven optimum.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{env, fs, path::Path, path::PathBuf, process::ExitCode, time::Instant};

use domain::trip::tours::{ToursAnswer, ToursProblem, parse_toptw, parse_ttdp, toptw_decimals};

const SEED: u64 = 20_250_601;
const SECONDS: f64 = 5.0;
const WORST_GAP: f64 = 3.0;
const MEAN_GAP: f64 = 0.5;
/// Numbers of teams for each of the tourist trips.
const TTDP_TEAMS: [usize; 2] = [1, 2];

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
    score: f64,
    /// Opening and closing of each day; not a number when it is closed.
    open: Vec<(f64, f64)>,
}

/// The file's numbers; the start and end of all tours is the first place.
struct File {
    places: Vec<Place>,
    /// Units of a whole number of time in one of the file's: 10 or 100.
    scale: f64,
    days: usize,
    /// Whether visits must end by the closing, and not only begin.
    ends_within: bool,
}

fn numbers(line: &str) -> Vec<f64> {
    line.split_whitespace()
        .map(|word| word.parse().unwrap())
        .collect()
}

impl File {
    fn toptw(name: &str, text: &str) -> Self {
        let places = text
            .lines()
            .skip(2)
            .map(numbers)
            .filter(|own| !own.is_empty())
            .map(|own| Place::new(&own, vec![(own[own.len() - 2], own[own.len() - 1])]))
            .collect();
        Self {
            places,
            scale: if name.starts_with("pr") { 100.0 } else { 10.0 },
            days: 1,
            ends_within: false,
        }
    }

    fn ttdp(text: &str) -> Self {
        let lines: Vec<Vec<f64>> = text
            .lines()
            .map(numbers)
            .filter(|own| !own.is_empty())
            .collect();
        let (days, first) = (lines[0][1] as usize, lines[0][2] as usize);
        let hotel = &lines[1];
        let mut places = vec![Place::new(hotel, vec![(hotel[5], hotel[6]); days])];
        for own in &lines[2..] {
            let hours = (0..days).map(|day| {
                let column = 6 + 2 * ((first + day) % 7);
                match (own[column], own[column + 1]) {
                    (0.0, 0.0) => (f64::NAN, f64::NAN),
                    hours => hours,
                }
            });
            places.push(Place::new(own, hours.collect()));
        }
        Self {
            places,
            scale: 100.0,
            days,
            ends_within: true,
        }
    }

    /// Whole units of a time of the file.
    fn units(&self, time: f64) -> i64 {
        (time * self.scale).round() as i64
    }

    /// The truncated distance in whole units. A distance such as 3, 4, 5 must not fall below by rounding.
    fn distance(&self, from: usize, to: usize) -> i64 {
        let (from, to) = (&self.places[from], &self.places[to]);
        let exact = (from.x - to.x).hypot(from.y - to.y);
        (exact * self.scale + 1e-7).floor() as i64
    }

    /// The profit of an answer, or what is wrong with it, from the order of its stops alone.
    fn check(&self, answer: &ToursAnswer, teams: usize) -> Result<f64, String> {
        if answer.tours.len() != teams * self.days {
            return Err(format!("{} tours", answer.tours.len()));
        }
        let mut seen = vec![false; self.places.len()];
        let mut profit = 0.0;
        for (index, tour) in answer.tours.iter().enumerate() {
            if (tour.team, tour.day) != (index / self.days, index % self.days) {
                return Err("tours in disorder".to_owned());
            }
            let (opening, closing) = self.places[0].open[tour.day];
            let mut time = self.units(opening);
            let mut here = 0;
            for stop in &tour.stops {
                // The places are numbered from 1 in their order.
                let there = stop.id as usize;
                if there == 0 || std::mem::replace(&mut seen[there], true) {
                    return Err(format!("place {there} twice"));
                }
                let place = &self.places[there];
                let (opening, closing) = place.open[tour.day];
                if opening.is_nan() {
                    return Err(format!("place {there} when it is closed"));
                }
                time = (time + self.distance(here, there)).max(self.units(opening));
                if time != self.units(stop.begin) {
                    return Err(format!("place {there} at another time"));
                }
                let end = time + self.units(place.service);
                if (if self.ends_within { end } else { time }) > self.units(closing) {
                    return Err(format!("place {there} too late"));
                }
                time = end;
                profit += place.score;
                here = there;
            }
            if time + self.distance(here, 0) > self.units(closing) {
                return Err("back too late".to_owned());
            }
        }
        if profit == answer.profit {
            Ok(profit)
        } else {
            Err(format!("profit {} is not {profit}", answer.profit))
        }
    }
}

impl Place {
    fn new(numbers: &[f64], open: Vec<(f64, f64)>) -> Self {
        Self {
            x: numbers[1],
            y: numbers[2],
            service: numbers[3],
            score: numbers[4],
            open,
        }
    }
}

/// A plan that was found, and how.
struct Run {
    answer: ToursAnswer,
    /// Seconds until the last better plan.
    found: f64,
}

fn run(mut problem: ToursProblem, teams: usize, seconds: f64) -> Run {
    problem.teams = teams;
    problem.seed = SEED;
    let started = Instant::now();
    let (mut found, mut best) = (0.0, 0.0);
    let answer = problem
        .solve(&mut |_, value, _| {
            let elapsed = started.elapsed().as_secs_f64();
            if value > best {
                best = value;
                found = elapsed;
            }
            elapsed < seconds
        })
        .unwrap();
    Run { answer, found }
}

fn list(name: &str) -> Option<Vec<String>> {
    let text = env::var(name).ok()?;
    Some(text.split(',').map(|part| part.trim().to_owned()).collect())
}

/// What the environment asks for.
struct Choice {
    seconds: f64,
    names: Option<Vec<String>>,
}

impl Choice {
    fn has(&self, name: &str) -> bool {
        let mut names = self.names.iter().flatten();
        self.names.is_none() || names.any(|other| other == name)
    }
}

/// The folder of a set, if it is there.
fn folder(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    if path.is_dir() {
        return Some(path);
    }
    println!("Skipped: ../shared/data/{name} is not there.");
    None
}

/// Whether everything is as it should be.
fn toptw(choice: &Choice, tours: usize) -> bool {
    let seconds = choice.seconds;
    let chosen: Vec<(&str, i64)> = OPTIMA
        .into_iter()
        .filter(|(name, _)| choice.has(name))
        .collect();
    let Some(folder) = folder("toptw").filter(|_| !chosen.is_empty()) else {
        return true;
    };
    println!("{tours} tours, {seconds} s each, seed {SEED}");
    println!("instance  profit  optimum   gap %  found after s  iterations");
    let mut is_right = true;
    let mut gaps = Vec::new();
    let mut sum = 0.0;
    for (name, optimum) in chosen {
        let text = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        let problem = parse_toptw(&text, toptw_decimals(name)).unwrap();
        let Run { answer, found } = run(problem, tours, seconds);
        let iterations = answer.iterations;
        let profit = match File::toptw(name, &text).check(&answer, tours) {
            Ok(profit) => profit,
            Err(fault) => {
                println!("{name}: {fault}");
                is_right = false;
                continue;
            }
        };
        sum += profit;
        if tours == 1 {
            let gap = 100.0 * (optimum as f64 - profit) / optimum as f64;
            is_right &= gap >= 0.0;
            gaps.push(gap);
            println!("{name:8}  {profit:6}  {optimum:7}  {gap:6.2}  {found:13.2}  {iterations:10}");
        } else {
            println!("{name:8}  {profit:6}        –       –  {found:13.2}  {iterations:10}");
        }
    }
    if !gaps.is_empty() {
        let mean = gaps.iter().sum::<f64>() / gaps.len() as f64;
        let worst = gaps.iter().copied().fold(f64::MIN, f64::max);
        println!("mean gap {mean:.2} %, worst {worst:.2} %");
        is_right &= seconds < SECONDS || (mean <= MEAN_GAP && worst <= WORST_GAP);
    }
    println!("sum of profits {sum}\n");
    is_right
}

/// Whether every plan is right.
fn ttdp(choice: &Choice) -> bool {
    let chosen: Vec<String> = (101..=110)
        .map(|number| format!("t{number}"))
        .filter(|name| choice.has(name))
        .collect();
    let Some(folder) = folder("ttdp").filter(|_| !chosen.is_empty()) else {
        return true;
    };
    println!("tourist trips, {} s each, seed {SEED}", choice.seconds);
    println!("instance  days  teams  places  profit  stops  feasible  found after s  iterations");
    let (mut feasible, mut total) = (0, 0);
    for name in &chosen {
        let text = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        let file = File::ttdp(&text);
        for teams in TTDP_TEAMS {
            let Run { answer, found } = run(parse_ttdp(&text).unwrap(), teams, choice.seconds);
            let fault = file.check(&answer, teams).err();
            total += 1;
            feasible += usize::from(fault.is_none());
            println!(
                "{name:8}  {:4}  {teams:5}  {:6}  {:6}  {:5}  {:8}  {found:13.2}  {:10}",
                file.days,
                file.places.len() - 1,
                answer.profit,
                answer.visited,
                if fault.is_none() { "yes" } else { "no" },
                answer.iterations
            );
            if let Some(fault) = fault {
                println!("{name}: {fault}");
            }
        }
    }
    println!("{feasible} of {total} plans are feasible\n");
    feasible == total
}

fn main() -> ExitCode {
    let choice = Choice {
        seconds: env::var("TRIP_SECONDS").map_or(SECONDS, |text| text.parse().unwrap()),
        names: list("TRIP_INSTANCES"),
    };
    let tours: Vec<usize> = list("TRIP_TOURS").map_or_else(
        || vec![1, 2, 3, 4],
        |parts| parts.iter().map(|part| part.parse().unwrap()).collect(),
    );
    let mut is_right = true;
    for tours in tours {
        is_right &= toptw(&choice, tours);
    }
    is_right &= ttdp(&choice);
    if is_right {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
