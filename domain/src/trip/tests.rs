#![allow(clippy::unwrap_used)]

use chrono::{Days, NaiveDate};
use proptest::prelude::*;

use super::route::{Model, Route};
use super::*;

// Cities on the equator, where one degree is 111.195 km. Home is at 0°.
//   near,  0.5°:   55.60 km; road 1.3 · 55.60 / 75 · 60          =  57.8 → 58 minutes
//   middle,  1°:  111.20 km; rail 1.25 · 111.20 / 230 · 60 + 70  = 106.3 → 107 (road 115.6)
//   far,     9°: 1000.76 km; flight 1000.76 / 700 · 60 + 190     = 275.8 → 276 (rail 396.3)
fn place(city: &str, longitude: f64, latitude: f64) -> Place {
    Place {
        city: city.to_owned(),
        longitude,
        latitude,
    }
}

fn home() -> Place {
    place("home", 0.0, 0.0)
}

fn near() -> Place {
    place("near", 0.5, 0.0)
}

fn middle() -> Place {
    place("middle", 1.0, 0.0)
}

fn far() -> Place {
    place("far", 9.0, 0.0)
}

fn candidate(id: i64, value: f64, place: Place, duration_minutes: u16) -> Candidate {
    Candidate {
        id,
        value,
        place: Some(place),
        duration_minutes,
        open: Vec::new(),
        required: false,
        fixed_team: None,
        fixed_day: None,
        fixed_minute: None,
    }
}

fn days(count: u64) -> Vec<TripDay> {
    let first = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    (0..count)
        .map(|offset| TripDay {
            date: first + Days::new(offset),
            working: true,
        })
        .collect()
}

fn problem(teams: u8, day_count: u64, candidates: Vec<Candidate>) -> TripProblem {
    TripProblem {
        teams,
        days: days(day_count),
        start: home(),
        end: home(),
        candidates,
        settings: TripSettings::default(),
        seed: 7,
    }
}

fn solved(problem: &TripProblem, iterations: u64) -> Plan {
    let plan = solve(problem, &mut |progress| progress.iterations < iterations).unwrap();
    assert_eq!(validate(problem, &plan), Vec::new());
    plan
}

fn reason(plan: &Plan, candidate_id: i64) -> LeftOutReason {
    let entry = plan
        .left_out
        .iter()
        .find(|entry| entry.candidate_id == candidate_id);
    entry.unwrap().reason.clone()
}

fn leg_minutes(day: &DayPlan) -> Vec<(&str, &str, u16, u16)> {
    day.legs
        .iter()
        .map(|leg| {
            (
                leg.from_city.as_str(),
                leg.to_city.as_str(),
                leg.from_minute,
                leg.until_minute,
            )
        })
        .collect()
}

#[test]
fn estimates() {
    let settings = TripSettings::default();
    let cases = [
        (home(), 25, TravelMode::Local),
        (near(), 58, TravelMode::Road),
        (middle(), 107, TravelMode::Rail),
        (far(), 276, TravelMode::Flight),
    ];
    for (to, minutes, mode) in cases {
        let found = estimate(&home(), &to, &settings);
        assert_eq!((found.minutes, found.mode), (minutes, mode), "{}", to.city);
    }
    let matrix = TravelMatrix::new(&[&home(), &far()], &settings);
    assert_eq!(matrix.get(1, 0).unwrap().minutes, 276);
    assert_eq!(matrix.get(0, 1).unwrap().kilometres, 1000.8);
    assert_eq!(matrix.get(0, 2), None);
}

#[test]
fn two_cities_in_a_day() {
    let problem = problem(
        1,
        1,
        vec![
            candidate(1, 5.0, home(), 120),
            candidate(2, 5.0, middle(), 120),
        ],
    );
    let plan = solved(&problem, 20);
    // In either order: 9:00 to 11:00, 107 minutes of rail, lunch until 13:30, then 120 minutes.
    // Travel: 25 minutes in the home city, and the railway there and back: 25 + 2 · 107 = 239.
    let day = &plan.teams[0].days[0];
    let begins: Vec<u16> = day.stops.iter().map(|stop| stop.begin_minute).collect();
    assert_eq!(begins, [540, 810]);
    assert_eq!(day.stops[1].arrive_minute, 660 + 107);
    assert_eq!(
        (plan.travel_minutes, plan.meeting_minutes, plan.cities),
        (239, 240, 2)
    );
    // The first leg arrives just in time.
    assert_eq!(day.legs[0].until_minute, 540);
    assert_eq!(day.hotel_city, None);
    assert_eq!(plan.left_out, Vec::new());
}

#[test]
fn lunch_is_kept() {
    // The morning has 180 minutes, the afternoon 270.
    let problem = problem(
        1,
        1,
        vec![
            candidate(1, 1.0, home(), 181),
            candidate(2, 1.0, home(), 271),
        ],
    );
    let plan = solved(&problem, 5);
    assert_eq!(plan.teams[0].days[0].stops[0].begin_minute, 810);
    assert_eq!(reason(&plan, 2), LeftOutReason::Closed);
}

#[test]
fn no_lunch_break() {
    let mut problem = problem(1, 1, vec![candidate(1, 1.0, home(), 540)]);
    problem.settings.lunch_until_minute = problem.settings.lunch_from_minute;
    assert_eq!(solved(&problem, 1).visited, 1);
}

fn evening_problem(second_minute: u16) -> TripProblem {
    let mut first = candidate(1, 9.0, home(), 120);
    first.fixed_day = Some(0);
    first.fixed_minute = Some(960);
    let mut second = candidate(2, 5.0, far(), 120);
    second.fixed_day = Some(1);
    second.fixed_minute = Some(second_minute);
    problem(1, 2, vec![first, second])
}

#[test]
fn evening_transfer() {
    // 18:00 + 276 minutes = 22:36 is too late for the default, 21:30, and 7:00 + 276 = 11:36 for 9:00.
    let mut problem = evening_problem(540);
    assert_eq!(
        reason(&solved(&problem, 20), 2),
        LeftOutReason::TooFar {
            nearest_city: "home".to_owned(),
            minutes: 276
        }
    );
    problem.settings.latest_arrival_minute = 1380;
    let plan = solved(&problem, 20);
    let own = &plan.teams[0].days;
    assert_eq!(
        leg_minutes(&own[0]),
        [("home", "home", 935, 960), ("home", "far", 1080, 1356)]
    );
    assert_eq!(own[0].hotel_city.as_deref(), Some("far"));
    assert_eq!(
        leg_minutes(&own[1]),
        [("far", "far", 515, 540), ("far", "home", 660, 936)]
    );
    assert_eq!(own[1].hotel_city, None);
}

#[test]
fn morning_transfer() {
    // 14:00 − 276 minutes = 9:24.
    let plan = solved(&evening_problem(840), 20);
    let own = &plan.teams[0].days;
    assert_eq!(own[0].hotel_city.as_deref(), Some("home"));
    assert_eq!(
        leg_minutes(&own[1]),
        [("home", "far", 564, 840), ("far", "home", 960, 1236)]
    );
}

#[test]
fn home_by_the_end() {
    // Until 18:00 in the far city, home at 22:36: not on one day, but on two.
    let visit = candidate(1, 1.0, far(), 270);
    let one_day = problem(1, 1, vec![visit.clone()]);
    assert_eq!(
        reason(&solved(&one_day, 5), 1),
        LeftOutReason::TooFar {
            nearest_city: "home".to_owned(),
            minutes: 276
        }
    );
    let plan = solved(&problem(1, 2, vec![visit.clone()]), 0);
    let own = &plan.teams[0].days;
    assert_eq!(leg_minutes(&own[0]), [("home", "far", 534, 810)]);
    assert_eq!(own[0].hotel_city.as_deref(), Some("far"));
    assert_eq!(leg_minutes(&own[1]), [("far", "home", 540, 816)]);
    let mut open_end = problem(1, 1, vec![visit]);
    open_end.settings.last_day_home = false;
    assert_eq!(solved(&open_end, 0).visited, 1);
}

#[test]
fn a_weekend_is_for_travel_only() {
    let mut problem = problem(1, 3, vec![candidate(1, 1.0, far(), 60)]);
    problem.days[0].working = false;
    problem.days[2].working = false;
    problem.candidates[0].fixed_minute = Some(540);
    let plan = solved(&problem, 5);
    let own = &plan.teams[0].days;
    // 18:00 + 276 minutes is too late, so the team leaves at 9:00 on the day before.
    assert_eq!(leg_minutes(&own[0]), [("home", "far", 540, 816)]);
    assert_eq!(own[0].hotel_city.as_deref(), Some("far"));
    assert_eq!(own[1].stops[0].begin_minute, 540);
    // 10:00 + 276 minutes = 14:36: home the same day, and no hotel.
    assert_eq!(own[1].legs[1].until_minute, 876);
    assert_eq!(own[1].hotel_city, None);
}

#[test]
fn another_end_even_without_visits() {
    let mut problem = problem(2, 2, Vec::new());
    problem.end = middle();
    let plan = solved(&problem, 5);
    assert_eq!(
        leg_minutes(&plan.teams[1].days[0]),
        [("home", "middle", 540, 647)]
    );
    assert_eq!(plan.travel_minutes, 214);
    problem.end = place("beyond", 170.0, 0.0);
    let found = solve(&problem, &mut |_| false);
    assert!(matches!(found, Err(TripError::EndOutOfReach { .. })));
}

#[test]
fn windows_that_touch_are_one() {
    let mut problem = problem(1, 1, vec![candidate(1, 1.0, home(), 90)]);
    let window = |from_minute, until_minute| OpenWindow {
        day: 0,
        from_minute,
        until_minute,
    };
    problem.candidates[0].open = vec![window(660, 710), window(600, 660)];
    let plan = solved(&problem, 1);
    assert_eq!(plan.teams[0].days[0].stops[0].begin_minute, 600);
    problem.candidates[0].open = vec![window(661, 710), window(600, 660)];
    assert_eq!(reason(&solved(&problem, 1), 1), LeftOutReason::Closed);
}

#[test]
fn a_full_day_has_no_time() {
    let mut morning = candidate(1, 0.0, home(), 180);
    morning.required = true;
    let mut afternoon = candidate(2, 0.0, home(), 270);
    afternoon.required = true;
    let problem = problem(
        1,
        1,
        vec![morning, afternoon, candidate(3, 1.0, home(), 30)],
    );
    // Before the first: it would begin at 9:30 + 25 instead of 9:00. Between: 14:00 + 25 instead of 13:30.
    // Last: 18:00 + 25 instead of 17:30. 55 minutes each.
    assert_eq!(
        reason(&solved(&problem, 20), 3),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 55
        }
    );
}

#[test]
fn a_lower_value_is_displaced() {
    let problem = problem(
        1,
        1,
        vec![
            candidate(1, 20.0, home(), 180),
            candidate(2, 10.0, home(), 270),
            candidate(3, 5.0, home(), 30),
        ],
    );
    assert_eq!(
        reason(&solved(&problem, 20), 3),
        LeftOutReason::LowerValue {
            displaced_by: 2,
            value: 10.0
        }
    );
}

#[test]
fn fixed_demands_that_contradict() {
    let mut candidates: Vec<Candidate> = (1..=6).map(|id| candidate(id, 1.0, home(), 60)).collect();
    candidates[0].fixed_team = Some(2);
    candidates[1].fixed_day = Some(9);
    candidates[2].fixed_minute = Some(730);
    for index in [3, 4] {
        candidates[index].fixed_team = Some(0);
        candidates[index].fixed_day = Some(0);
        candidates[index].fixed_minute = Some(600);
    }
    candidates[5].place = None;
    let plan = solved(&problem(2, 2, candidates), 20);
    for id in [1, 2, 3] {
        assert_eq!(reason(&plan, id), LeftOutReason::Conflict, "{id}");
    }
    assert_eq!(reason(&plan, 6), LeftOutReason::NoCoordinates);
    assert_eq!(plan.visited, 1);
    assert_eq!(plan.left_out.last().unwrap().candidate_id, 6);
    let loser = if plan.left_out.iter().any(|entry| entry.candidate_id == 4) {
        4
    } else {
        5
    };
    assert_eq!(reason(&plan, loser), LeftOutReason::Conflict);
}

#[test]
fn bad_input_is_refused() {
    let good = problem(1, 2, vec![candidate(1, 1.0, home(), 60)]);
    type Change = fn(&mut TripProblem);
    let cases: [(Change, TripError); 15] = [
        (|problem| problem.teams = 0, TripError::NoTeams),
        (
            |problem| problem.teams = 9,
            TripError::TooManyTeams { maximum: 8 },
        ),
        (|problem| problem.days.clear(), TripError::NoDays),
        (
            |problem| problem.days = days(61),
            TripError::TooManyDays { maximum: 60 },
        ),
        (
            |problem| problem.days.reverse(),
            TripError::EndBeforeStart { day: 1 },
        ),
        (
            |problem| problem.candidates = vec![problem.candidates[0].clone(); 501],
            TripError::TooManyCandidates { maximum: 500 },
        ),
        (
            |problem| problem.candidates.push(problem.candidates[0].clone()),
            TripError::DuplicateCandidate { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].value = f64::NAN,
            TripError::InvalidValue { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].value = -1.0,
            TripError::InvalidValue { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].duration_minutes = 0,
            TripError::InvalidMinutes { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].fixed_minute = Some(1441),
            TripError::InvalidMinutes { candidate_id: 1 },
        ),
        (
            |problem| {
                problem.candidates[0].open = vec![OpenWindow {
                    day: 0,
                    from_minute: 700,
                    until_minute: 600,
                }];
            },
            TripError::InvalidMinutes { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].place = Some(place("x", f64::INFINITY, 0.0)),
            TripError::InvalidPlace {
                candidate_id: Some(1),
            },
        ),
        (
            |problem| problem.end.city.clear(),
            TripError::InvalidPlace { candidate_id: None },
        ),
        (
            |problem| problem.settings.work_from_minute = 400,
            TripError::InvalidSettings,
        ),
    ];
    for (change, expected) in cases {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(solve(&bad, &mut |_| true), Err(expected));
    }
}

#[test]
fn codes_are_stable() {
    let json = serde_json::to_string(&LeftOutReason::TooFar {
        nearest_city: "合肥".to_owned(),
        minutes: 300,
    });
    assert_eq!(
        json.unwrap(),
        r#"{"too_far":{"nearest_city":"合肥","minutes":300}}"#
    );
    let json = serde_json::to_string(&TripError::NoTeams);
    assert_eq!(json.unwrap(), r#""no_teams""#);
    let settings: TripSettings = serde_json::from_str(r#"{"local_minutes":40}"#).unwrap();
    assert_eq!(
        (settings.local_minutes, settings.work_from_minute),
        (40, 540)
    );
    let plan = solved(&realistic(), 5);
    let json = serde_json::to_string(&plan).unwrap();
    assert_eq!(serde_json::from_str::<Plan>(&json).unwrap(), plan);
}

#[test]
fn the_validator_finds_each_fault() {
    let mut problem = evening_problem(840);
    problem.candidates.push(Candidate {
        place: None,
        ..candidate(3, 1.0, home(), 60)
    });
    problem.candidates[0].fixed_team = Some(0);
    let good = solved(&problem, 20);
    assert_eq!(good.visited, 2);
    type Change = fn(&mut Plan);
    let cases: [(Change, &str); 17] = [
        (|plan| plan.teams.clear(), "wrong_team_count"),
        (|plan| plan.teams[0].days.truncate(1), "wrong_day_count"),
        (
            |plan| plan.teams[0].days[0].date = plan.teams[0].days[1].date,
            "wrong_date",
        ),
        (|plan| plan.left_out.clear(), "forgotten"),
        (
            |plan| plan.left_out.push(plan.left_out[0].clone()),
            "left_out_twice",
        ),
        (
            |plan| plan.left_out[0].candidate_id = 1,
            "visited_and_left_out",
        ),
        (
            |plan| plan.left_out[0].candidate_id = 99,
            "unknown_candidate",
        ),
        (
            |plan| {
                let stop = plan.teams[0].days[0].stops[0].clone();
                plan.teams[0].days[1].stops.push(stop);
            },
            "visited_twice",
        ),
        (
            |plan| plan.teams[0].days[0].stops[0].end_minute = 1081,
            "outside_working_hours",
        ),
        (
            |plan| plan.teams[0].days[0].stops[0].end_minute = 1070,
            "wrong_duration",
        ),
        (
            |plan| plan.teams[0].days[0].stops[0].begin_minute = 700,
            "across_lunch",
        ),
        (|plan| plan.teams[0].days.swap(0, 1), "wrong_day"),
        (
            |plan| plan.teams[0].days[1].legs[0].from_minute += 1,
            "leg_too_short",
        ),
        (
            |plan| plan.teams[0].days[1].legs[0].from_minute = 419,
            "departure_too_early",
        ),
        (
            |plan| {
                plan.teams[0].days[1].legs.pop();
            },
            "not_home",
        ),
        (
            |plan| plan.teams[0].days[0].hotel_city = None,
            "wrong_hotel",
        ),
        (|plan| plan.total_value += 0.5, "wrong_total"),
    ];
    for (change, code) in cases {
        let mut bad = good.clone();
        change(&mut bad);
        let json = serde_json::to_string(&validate(&problem, &bad)).unwrap();
        assert!(json.contains(&format!("\"{code}\"")), "{code}: {json}");
    }
    // The rules of the problem's side.
    let mut closed = problem.clone();
    closed.days[0].working = false;
    assert!(validate(&closed, &good).contains(&Violation::ClosedDay { candidate_id: 1 }));
    let mut shut = problem.clone();
    shut.candidates[0].open = vec![OpenWindow {
        day: 0,
        from_minute: 540,
        until_minute: 1079,
    }];
    assert!(validate(&shut, &good).contains(&Violation::OutsideWindow { candidate_id: 1 }));
    let mut other = problem;
    other.candidates[0].fixed_team = Some(1);
    assert!(validate(&other, &good).contains(&Violation::WrongTeam { candidate_id: 1 }));
}

/// Four teams leave Shenyang for five days; 46 companies in twelve cities.
fn realistic() -> TripProblem {
    let cities = [
        place("北京", 116.41, 39.90),
        place("天津", 117.20, 39.08),
        place("济南", 117.12, 36.65),
        place("青岛", 120.38, 36.07),
        place("上海", 121.47, 31.23),
        place("苏州", 120.58, 31.30),
        place("南京", 118.80, 32.06),
        place("杭州", 120.16, 30.27),
        place("合肥", 117.23, 31.82),
        place("武汉", 114.31, 30.59),
        place("深圳", 114.06, 22.54),
        place("成都", 104.07, 30.57),
    ];
    let candidates = (0..46_usize)
        .map(|index| {
            let city = &cities[index * 7 % 12];
            let mut own = candidate(
                index as i64 + 1,
                20.0 + (index * 37 % 80) as f64,
                place(
                    &city.city,
                    city.longitude + (index % 5) as f64 * 0.03,
                    city.latitude + (index % 3) as f64 * 0.03,
                ),
                [60, 90, 120][index % 3],
            );
            own.required = index % 15 == 4;
            if index % 9 == 2 {
                own.open = vec![
                    OpenWindow {
                        day: 1,
                        from_minute: 540,
                        until_minute: 720,
                    },
                    OpenWindow {
                        day: 3,
                        from_minute: 810,
                        until_minute: 1020,
                    },
                ];
            }
            own
        })
        .collect();
    TripProblem {
        start: place("沈阳", 123.43, 41.80),
        end: place("沈阳", 123.43, 41.80),
        ..problem(4, 5, candidates)
    }
}

#[test]
fn a_real_delegation() {
    let problem = realistic();
    let greedy = solved(&problem, 0);
    let plan = solved(&problem, 200);
    assert!(plan.total_value >= greedy.total_value);
    assert!(plan.visited >= 35, "{}", plan.visited);
    check_reasons(&problem, &plan);
    for (candidate, entry) in plan.left_out.iter().filter_map(|entry| {
        let candidate = problem
            .candidates
            .iter()
            .find(|candidate| candidate.id == entry.candidate_id)?;
        Some((candidate, entry))
    }) {
        assert!(!candidate.required, "{entry:?}");
    }
}

/// Measures; run it with `--release -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let problem = realistic();
    let begin = std::time::Instant::now();
    let plan = solved(&problem, 5000);
    let seconds = begin.elapsed().as_secs_f64();
    println!("46: {:.0} iterations/s, {}", 5000.0 / seconds, plan.visited);
    let mut large = realistic();
    let sample = large.candidates.clone();
    large.candidates = (0..500)
        .map(|index| Candidate {
            id: index as i64,
            value: 20.0 + (index * 37 % 83) as f64,
            ..sample[index % 46].clone()
        })
        .collect();
    for (teams, day_count) in [(4, 5), (8, 60)] {
        large.teams = teams;
        large.days = days(day_count);
        for iterations in [0, 100] {
            let begin = std::time::Instant::now();
            let plan = solved(&large, iterations);
            let seconds = begin.elapsed().as_secs_f64();
            println!(
                "500, {teams} × {day_count}, {iterations}: {seconds:.2} s, {}",
                plan.visited
            );
        }
    }
}

/// The routes of a plan, and the model they belong to.
fn routes(problem: &TripProblem, plan: &Plan) -> (Model, Vec<Route>) {
    let model = Model::new(problem);
    let visit_of = |id: i64| {
        let found = model
            .visits
            .iter()
            .position(|visit| problem.candidates[visit.source].id == id);
        found.unwrap()
    };
    let routes = plan
        .teams
        .iter()
        .map(|team| {
            let mut route = Route::new(&model);
            for (own, day) in route.days.iter_mut().zip(&team.days) {
                own.extend(day.stops.iter().map(|stop| visit_of(stop.candidate_id)));
            }
            assert!(route.refresh(&model));
            route
        })
        .collect();
    (model, routes)
}

/// Tries every place by timing the whole route again, which the search itself never does.
fn fits(model: &Model, route: &Route, team: usize, visit: usize) -> bool {
    if model.visits[visit]
        .fixed_team
        .is_some_and(|fixed| fixed != team)
    {
        return false;
    }
    (0..model.days).any(|day| {
        (0..=route.days[day].len()).any(|position| {
            let mut trial = route.clone();
            trial.days[day].insert(position, visit);
            model.is_open(visit, day) && trial.refresh(model)
        })
    })
}

/// Every reason must be true.
fn check_reasons(problem: &TripProblem, plan: &Plan) {
    let (model, routes) = routes(problem, plan);
    for entry in &plan.left_out {
        let source = problem
            .candidates
            .iter()
            .position(|candidate| candidate.id == entry.candidate_id)
            .unwrap();
        let Some(visit) = model.visits.iter().position(|visit| visit.source == source) else {
            let is_plain = matches!(
                entry.reason,
                LeftOutReason::NoCoordinates | LeftOutReason::Closed | LeftOutReason::Conflict
            );
            assert!(is_plain, "{entry:?}");
            continue;
        };
        for (team, route) in routes.iter().enumerate() {
            assert!(!fits(&model, route, team, visit), "{entry:?} fits");
        }
        let candidate = &problem.candidates[source];
        match &entry.reason {
            LeftOutReason::NoCoordinates | LeftOutReason::Closed => {
                unreachable!("{entry:?} has a slot")
            }
            LeftOutReason::Conflict => {
                assert!(candidate.fixed_team.is_some() && candidate.fixed_day.is_some());
            }
            LeftOutReason::TooFar { minutes, .. } => {
                let empty = Route::new(&model);
                let is_alone_possible =
                    (0..model.teams).any(|team| fits(&model, &empty, team, visit));
                assert!(
                    !is_alone_possible || *minutes > problem.settings.far_minutes,
                    "{entry:?}"
                );
            }
            LeftOutReason::NoTime { short_minutes, .. } => assert!(*short_minutes > 0),
            LeftOutReason::LowerValue {
                displaced_by,
                value,
            } => {
                assert!(*value >= candidate.value);
                let is_possible = routes.iter().enumerate().any(|(team, route)| {
                    let mut without = route.clone();
                    for day in &mut without.days {
                        day.retain(|&stop| {
                            problem.candidates[model.visits[stop].source].id != *displaced_by
                        });
                    }
                    let has_stop = without.visits().count() < route.visits().count();
                    has_stop && without.refresh(&model) && fits(&model, &without, team, visit)
                });
                assert!(is_possible, "{entry:?}");
            }
        }
    }
}

/// The best value of one team by trying every sequence.
fn exhaustive(model: &Model, route: &mut Route, day: usize) -> f64 {
    let mut best = f64::NEG_INFINITY;
    if route.refresh(model) {
        best = route.visits().map(|visit| model.visits[visit].value).sum();
    }
    for later in day..model.days {
        for visit in 0..model.visits.len() {
            if route.visits().any(|other| other == visit) || !model.is_open(visit, later) {
                continue;
            }
            route.days[later].push(visit);
            best = best.max(exhaustive(model, route, later));
            route.days[later].pop();
        }
    }
    best
}

fn any_candidate(id: i64, day_count: u8) -> impl Strategy<Value = Candidate> {
    let spots = prop_oneof![
        8 => (0_usize..4).prop_map(|index| Some([home(), near(), middle(), far()][index].clone())),
        4 => (0_u8..6, 100.0..122.0, 22.0..42.0_f64).prop_map(|(city, longitude, latitude)| Some(
            place(&format!("city {city}"), longitude - 100.0, latitude - 30.0)
        )),
        1 => Just(None),
    ];
    let window =
        (0..=day_count, 480_u16..1000, 30_u16..400).prop_map(|(day, from_minute, length)| {
            OpenWindow {
                day,
                from_minute,
                until_minute: from_minute + length,
            }
        });
    let rare = |upper: u8| proptest::option::weighted(0.1, 0..=upper);
    (
        spots,
        0_u16..100,
        prop_oneof![9 => 15_u16..180, 1 => 1_u16..=1440],
        prop_oneof![3 => Just(Vec::new()).boxed(), 1 => prop::collection::vec(window, 1..4).boxed()],
        proptest::bool::weighted(0.1),
        rare(2),
        rare(day_count),
        proptest::option::weighted(0.1, 500_u16..1100),
    )
        .prop_map(
            move |(place, value, duration_minutes, open, required, team, day, fixed_minute)| {
                Candidate {
                    id,
                    value: f64::from(value),
                    place,
                    duration_minutes,
                    open,
                    required,
                    fixed_team: team,
                    fixed_day: day,
                    fixed_minute,
                }
            },
        )
}

fn any_problem(most: i64) -> impl Strategy<Value = TripProblem> {
    (1_u8..=3, 1_u8..=4, 0..=most).prop_flat_map(|(teams, day_count, count)| {
        let candidates: Vec<_> = (1..=count).map(|id| any_candidate(id, day_count)).collect();
        (
            candidates,
            prop::collection::vec(proptest::bool::weighted(0.8), usize::from(day_count)),
            0_usize..3,
            proptest::bool::weighted(0.8),
            1100_u16..=1440,
            0_u16..60,
            any::<u64>(),
        )
            .prop_map(
                move |(candidates, working, end, last_day_home, latest, local_minutes, seed)| {
                    let mut own = problem(teams, u64::from(day_count), candidates);
                    for (day, working) in own.days.iter_mut().zip(working) {
                        day.working = working;
                    }
                    own.end = [home(), near(), far()][end].clone();
                    own.settings.last_day_home = last_day_home;
                    own.settings.latest_arrival_minute = latest;
                    own.settings.local_minutes = local_minutes;
                    own.seed = seed;
                    own
                },
            )
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plans_are_valid_and_reasons_true(problem in any_problem(18)) {
        let plan = solved(&problem, 15);
        check_reasons(&problem, &plan);
    }

    #[test]
    fn the_seed_decides(problem in any_problem(12)) {
        prop_assert_eq!(solved(&problem, 10), solved(&problem, 10));
    }

    #[test]
    fn more_days_do_no_harm(problem in any_problem(10), more in 1_u64..56) {
        let mut longer = problem.clone();
        longer.days = days(problem.days.len() as u64 + more);
        check_reasons(&longer, &solved(&longer, 5));
    }

    #[test]
    fn a_required_visit_is_kept(mut problem in any_problem(12), mut wanted in any_candidate(99, 3)) {
        for candidate in &mut problem.candidates {
            candidate.required = false;
        }
        wanted.required = true;
        wanted.value = 0.0;
        let mut alone = problem.clone();
        alone.candidates = vec![wanted.clone()];
        problem.candidates.push(wanted);
        let is_left_out = |plan: &Plan| plan.left_out.iter().any(|entry| entry.candidate_id == 99);
        prop_assert!(is_left_out(&solved(&alone, 0)) || !is_left_out(&solved(&problem, 15)));
    }

    #[test]
    fn nonsense_never_panics(
        teams in any::<u8>(),
        minutes in prop::collection::vec(any::<u16>(), 9),
        value in any::<f64>(),
        longitude in any::<f64>(),
        fixed in any::<u8>(),
    ) {
        let mut problem = problem(teams, 2, vec![candidate(1, value, place("x", longitude, 0.0), minutes[0])]);
        problem.candidates[0].fixed_team = Some(fixed);
        problem.candidates[0].fixed_day = Some(fixed);
        problem.candidates[0].fixed_minute = Some(minutes[1]);
        problem.settings.local_minutes = minutes[2];
        if teams % 2 == 0 {
            problem.settings.latest_arrival_minute = minutes[3];
        }
        if let Ok(plan) = solve(&problem, &mut |progress| progress.iterations < 3) {
            prop_assert_eq!(validate(&problem, &plan), Vec::new());
        }
        // The validator must stand anything.
        let mut plan = solved(&evening_problem(840), 1);
        let day = &mut plan.teams[0].days[0];
        day.stops[0].begin_minute = minutes[4];
        day.stops[0].end_minute = minutes[5];
        day.legs[0].from_minute = minutes[6];
        day.legs[0].until_minute = minutes[7];
        plan.teams.resize(usize::from(teams), plan.teams[0].clone());
        let _ = validate(&problem, &plan);
    }
}

/// The search is a heuristic: nearly every small problem must reach the optimum, and none may pass it.
#[test]
fn small_problems_reach_the_optimum() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    let mut reached = 0;
    for _ in 0..100 {
        let mut problem = any_problem(5).new_tree(&mut runner).unwrap().current();
        problem.teams = 1;
        problem.days.truncate(2);
        for candidate in &mut problem.candidates {
            candidate.required = false;
        }
        let model = Model::new(&problem);
        let best = exhaustive(&model, &mut Route::new(&model), 0);
        let value = solved(&problem, 300).total_value;
        assert!(value <= best + 1e-6);
        reached += usize::from(value >= best - 1e-6);
    }
    assert!(reached >= 97, "{reached}");
}
