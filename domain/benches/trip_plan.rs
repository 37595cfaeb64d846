//! How fast a delegation's week is planned, and how good: `make bench-trip-plan`.
//!
//! Companies of a seeded draw over the country's real cities, with values, lengths and some opening hours of their own;
//! four teams, seven days. Prints when the first plan is there, what it is worth after some seconds, and how long it
//! takes to say where a visit could be moved, and to move it.
//!
//! - `PLAN_SECONDS`: moments at which the value is printed, as in `0.3,1,5`.
//! - `PLAN_SIZES`: numbers of candidates, as in `60,400`.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::cast_precision_loss)]

use std::{env, time::Instant};

use chrono::{Datelike, NaiveDate, Weekday};
use domain::{
    city,
    trip::{
        Candidate, OpenOn, OpenWindow, Team, TripDay, TripProblem, TripSettings, moved, openings,
        replan, solve, validate,
    },
};

/// SplitMix64, so that the draw is the same everywhere.
struct Draw(u64);

impl Draw {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }
}

fn problem(candidates: i64) -> TripProblem {
    let mut draw = Draw(20_260_706);
    // A delegation goes to some thirty cities, not to all.
    let all = city::names();
    let cities: Vec<&String> = (0..30)
        .map(|_| &all[draw.below(all.len() as u64) as usize])
        .collect();
    let home = city::find(None, "安康").unwrap();
    let first = NaiveDate::from_ymd_opt(2026, 7, 6).unwrap();
    let candidates = (1..=candidates)
        .map(|id| {
            let own = draw.below(5) == 0;
            Candidate {
                id,
                value: 4.0 + draw.below(60) as f64 / 10.0,
                place: city::find(None, cities[draw.below(cities.len() as u64) as usize]),
                duration_minutes: [60, 90, 120][draw.below(3) as usize],
                open: if own {
                    vec![OpenWindow {
                        on: OpenOn::Weekday(1 + draw.below(5) as u8),
                        from_minute: 540,
                        until_minute: 1020,
                    }]
                } else {
                    Vec::new()
                },
                required: draw.below(30) == 0,
                fixed_team: None,
                fixed_day: None,
                fixed_minute: None,
                after: Vec::new(),
                host: None,
            }
        })
        .collect();
    TripProblem {
        teams: vec![
            Team {
                start: home.clone(),
                end: home,
                free_from: None,
                nights: Vec::new(),
            };
            4
        ],
        days: (0..7)
            .map(|day| {
                let date = first + chrono::Days::new(day);
                TripDay {
                    date,
                    working: !matches!(date.weekday(), Weekday::Sat | Weekday::Sun),
                }
            })
            .collect(),
        candidates,
        settings: TripSettings {
            grid_minutes: 15,
            ..TripSettings::default()
        },
        travel: Vec::new(),
        seed: 7,
        now: None,
        holds: Vec::new(),
        past: Vec::new(),
    }
}

fn numbers(name: &str, default: &str) -> Vec<f64> {
    env::var(name)
        .unwrap_or_else(|_| default.to_owned())
        .split(',')
        .map(|number| number.trim().parse().unwrap())
        .collect()
}

fn main() {
    for size in numbers("PLAN_SIZES", "60,400") {
        let problem = problem(size as i64);
        let moments = numbers("PLAN_SECONDS", "0.3,1,5");
        let begun = Instant::now();
        let mut first = None;
        let mut next = 0;
        let mut values = Vec::new();
        let mut iterations = 0;
        let plan = solve(&problem, &mut |progress| {
            let passed = begun.elapsed().as_secs_f64();
            first.get_or_insert((passed, progress.value));
            iterations = progress.iterations;
            while next < moments.len() && passed >= moments[next] {
                values.push(format!("{} s {:.1}", moments[next], progress.value));
                next += 1;
            }
            next < moments.len()
        })
        .unwrap();
        let whole = begun.elapsed().as_secs_f64();
        assert_eq!(validate(&problem, &plan), []);
        let (passed, value) = first.unwrap_or_default();
        println!(
            "{size} candidates, 4 teams, 7 days: first plan after {passed:.3} s worth {value:.1}; {}; {} visits, {} cities, {iterations} iterations, {whole:.2} s with all reasons",
            values.join(", "),
            plan.visited,
            plan.cities,
        );
        let left = plan.left_out.first().map_or(1, |left| left.candidate_id);
        let stop = plan.teams[0].days.iter().flat_map(|day| &day.stops).next();
        for (what, id) in [
            ("a left-out one", left),
            ("a visit", stop.map_or(1, |stop| stop.candidate_id)),
        ] {
            let begun = Instant::now();
            let found = openings(&problem, &plan, id).unwrap_or_default();
            let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
            println!(
                "  where {what} could go: {milliseconds:.1} ms, {} places",
                found.len()
            );
            if let Some(slot) = found.first() {
                let begun = Instant::now();
                let after = moved(&problem, &plan, id, slot.team, slot.day).unwrap();
                let milliseconds = begun.elapsed().as_secs_f64() * 1e3;
                assert_eq!(validate(&problem, &after), []);
                println!("  moving it there: {milliseconds:.1} ms");
            }
        }
        let mut cancelled = problem.clone();
        cancelled
            .candidates
            .retain(|one| Some(one.id) != stop.map(|stop| stop.candidate_id));
        let begun = Instant::now();
        let after = replan(&cancelled, &plan, &mut |_| {
            begun.elapsed().as_secs_f64() < 1.0
        })
        .unwrap();
        assert_eq!(validate(&cancelled, &after), []);
        println!(
            "  after a cancelled visit: {} changes, value {:.1}, {:.2} s",
            domain::trip::changes(&plan, &after).len(),
            after.total_value,
            begun.elapsed().as_secs_f64(),
        );
    }
}
