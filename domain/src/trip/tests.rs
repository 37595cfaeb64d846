#![allow(clippy::unwrap_used)]

mod given;
mod property;
mod reasons;
mod road;
mod simulator;
mod validation;

use chrono::{Days, NaiveDate};

use super::*;
use reasons::check_reasons;

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
        after: Vec::new(),
        host: None,
    }
}

fn team(start: Place, end: Place) -> Team {
    Team {
        start,
        end,
        free_from: None,
        nights: Vec::new(),
    }
}

fn window(day: u8, from_minute: u16, until_minute: u16) -> OpenWindow {
    OpenWindow {
        on: OpenOn::Day(day),
        from_minute,
        until_minute,
    }
}

fn hold(team: u8, day: u8, from_minute: u16, until_minute: u16) -> Hold {
    Hold {
        team,
        day,
        from_minute,
        until_minute,
        place: None,
    }
}

fn night(day: u8, place: Place) -> Night {
    Night { day, place }
}

/// A time that is known from an hour on.
fn way(from: &str, to: &str, from_hour: u8, minutes: u16) -> KnownWay {
    KnownWay {
        from: from.to_owned(),
        to: to.to_owned(),
        from_hour,
        minutes,
        mode: None,
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
        teams: vec![team(home(), home()); usize::from(teams)],
        days: days(day_count),
        candidates,
        settings: TripSettings::default(),
        travel: Vec::new(),
        seed: 7,
        now: None,
        holds: Vec::new(),
        past: Vec::new(),
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

fn remedy(plan: &Plan, candidate_id: i64) -> Option<Remedy> {
    let entry = plan
        .left_out
        .iter()
        .find(|entry| entry.candidate_id == candidate_id);
    entry.unwrap().remedy.clone()
}

/// Candidate, begin and end of each visit of a day.
fn visits(day: &DayPlan) -> Vec<(i64, u16, u16)> {
    day.stops
        .iter()
        .map(|stop| (stop.candidate_id, stop.begin_minute, stop.end_minute))
        .collect()
}

fn is_left_out(plan: &Plan, candidate_id: i64) -> bool {
    plan.left_out
        .iter()
        .any(|entry| entry.candidate_id == candidate_id)
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
    let problem = problem(1, 1, Vec::new());
    let travel = Travel::new(&problem);
    assert_eq!(travel.way(&far(), &home(), 600).minutes, 276);
    assert_eq!(travel.way(&home(), &far(), 0).kilometres, 1000.8);
    assert!(!travel.is_hourly(&home(), &far()));
}

#[test]
fn known_times_go_before_estimates() {
    let mut problem = problem(1, 1, Vec::new());
    problem.travel = vec![
        way("home", "far", 9, 300),
        way("home", "far", 7, 400),
        way("near", "near", 5, 40),
    ];
    let travel = Travel::new(&problem);
    let minutes = |from: &Place, to: &Place, minute| travel.way(from, to, minute).minutes;
    // From seven to nine it takes 400 minutes; the last row of the day holds through the night.
    let cases = [
        (0, 300),
        (419, 300),
        (420, 400),
        (539, 400),
        (540, 300),
        (1439, 300),
    ];
    for (minute, expected) in cases {
        assert_eq!(minutes(&home(), &far(), minute), expected, "{minute}");
    }
    // The way back is another.
    assert_eq!(minutes(&far(), &home(), 420), 276);
    assert_eq!(minutes(&near(), &near(), 0), 40);
    assert!(travel.is_hourly(&home(), &far()) && !travel.is_hourly(&near(), &near()));
    assert_eq!(travel.way(&home(), &far(), 420).mode, TravelMode::Flight);
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
    assert_eq!(
        reason(&plan, 2),
        LeftOutReason::WindowTooShort {
            longest_minutes: 270
        }
    );
    assert_eq!(remedy(&plan, 2), Some(Remedy::Shorten { minutes: 270 }));
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
    let mut problem = problem(2, 2, vec![candidate(1, 1.0, home(), 60)]);
    problem.candidates[0].place = None;
    for team in &mut problem.teams {
        team.end = middle();
    }
    let plan = solved(&problem, 5);
    assert_eq!(
        leg_minutes(&plan.teams[1].days[0]),
        [("home", "middle", 540, 647)]
    );
    assert_eq!(plan.travel_minutes, 214);
    problem.teams[1].end = place("beyond", 170.0, 0.0);
    let found = solve(&problem, &mut |_| false);
    assert!(matches!(found, Err(TripError::EndOutOfReach { .. })));
}

#[test]
fn windows_that_touch_are_one() {
    let mut problem = problem(1, 1, vec![candidate(1, 1.0, home(), 90)]);
    problem.candidates[0].open = vec![window(0, 660, 710), window(0, 600, 660)];
    let plan = solved(&problem, 1);
    assert_eq!(plan.teams[0].days[0].stops[0].begin_minute, 600);
    problem.candidates[0].open = vec![window(0, 661, 710), window(0, 600, 660)];
    assert_eq!(
        reason(&solved(&problem, 1), 1),
        LeftOutReason::WindowTooShort {
            longest_minutes: 60
        }
    );
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
    let plan = solved(&problem, 20);
    assert_eq!(
        reason(&plan, 3),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 55
        }
    );
    assert_eq!(remedy(&plan, 3), Some(Remedy::AnotherTeam));
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
    let cases: Vec<(Change, TripError)> = vec![
        (|problem| problem.teams.clear(), TripError::NoTeams),
        (
            |problem| problem.teams = vec![problem.teams[0].clone(); 9],
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
            |problem| problem.candidates.clear(),
            TripError::NoCandidates,
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
            |problem| problem.candidates[0].open = vec![window(0, 700, 600)],
            TripError::InvalidMinutes { candidate_id: 1 },
        ),
        (
            // Only a window of a date may be empty.
            |problem| problem.candidates[0].open = vec![window(0, 600, 600)],
            TripError::InvalidMinutes { candidate_id: 1 },
        ),
        (
            |problem| {
                problem.candidates[0].open = vec![OpenWindow {
                    on: OpenOn::Weekday(8),
                    ..window(0, 600, 700)
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
            |problem| problem.teams[0].end.city.clear(),
            TripError::InvalidPlace { candidate_id: None },
        ),
        (
            |problem| problem.settings.work_from_minute = 400,
            TripError::InvalidSettings,
        ),
        (
            |problem| problem.settings.grid_minutes = 0,
            TripError::InvalidSettings,
        ),
        (
            // The last evening is at the end, not in a hotel.
            |problem| problem.teams[0].nights = vec![night(1, near())],
            TripError::InvalidTeam { team: 0 },
        ),
        (
            |problem| {
                problem.teams.push(problem.teams[0].clone());
                problem.teams[1].nights = vec![night(0, near()), night(0, near())];
            },
            TripError::InvalidTeam { team: 1 },
        ),
        (
            |problem| problem.teams[0].free_from = Some(Moment { day: 2, minute: 0 }),
            TripError::InvalidTeam { team: 0 },
        ),
        (
            |problem| {
                problem.teams[0].free_from = Some(Moment { day: 1, minute: 0 });
                problem.teams[0].nights = vec![night(0, near())];
            },
            TripError::InvalidTeam { team: 0 },
        ),
        (
            |problem| problem.travel = vec![way("home", "far", 24, 100)],
            TripError::InvalidTravel {
                from: "home".to_owned(),
                to: "far".to_owned(),
            },
        ),
        (
            |problem| problem.travel = vec![way("home", " ", 0, 100)],
            TripError::InvalidTravel {
                from: "home".to_owned(),
                to: " ".to_owned(),
            },
        ),
        (
            |problem| problem.candidates[0].after = vec![1],
            TripError::InvalidOrder { candidate_id: 1 },
        ),
        (
            |problem| problem.candidates[0].after = vec![2],
            TripError::InvalidOrder { candidate_id: 1 },
        ),
        (
            |problem| problem.now = Some(Moment { day: 2, minute: 0 }),
            TripError::InvalidNow,
        ),
        (
            |problem| {
                problem.now = Some(Moment {
                    day: 1,
                    minute: 1441,
                });
            },
            TripError::InvalidNow,
        ),
        (
            |problem| problem.holds = vec![hold(1, 0, 600, 700)],
            TripError::InvalidHold { team: 1, day: 0 },
        ),
        (
            |problem| problem.holds = vec![hold(0, 2, 600, 700)],
            TripError::InvalidHold { team: 0, day: 2 },
        ),
        (
            |problem| problem.holds = vec![hold(0, 1, 700, 700)],
            TripError::InvalidHold { team: 0, day: 1 },
        ),
        (
            |problem| problem.holds = vec![hold(0, 1, 700, 1441)],
            TripError::InvalidHold { team: 0, day: 1 },
        ),
        (
            |problem| {
                problem.holds = vec![Hold {
                    place: Some(place(" ", 0.0, 0.0)),
                    ..hold(0, 1, 700, 800)
                }];
            },
            TripError::InvalidHold { team: 0, day: 1 },
        ),
        (
            |problem| problem.holds = vec![hold(0, 1, 700, 800), hold(0, 1, 600, 701)],
            TripError::HoldsOverlap { team: 0, day: 1 },
        ),
        (
            |problem| {
                problem.teams[0].free_from = Some(Moment {
                    day: 1,
                    minute: 600,
                });
                problem.holds = vec![hold(0, 1, 599, 700)];
            },
            TripError::HoldBeforeFree { team: 0, day: 1 },
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

fn shenyang_team() -> Team {
    let shenyang = place("沈阳", 123.43, 41.80);
    team(shenyang.clone(), shenyang)
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
                own.open = vec![window(1, 540, 720), window(3, 810, 1020)];
            }
            own
        })
        .collect();
    TripProblem {
        teams: vec![shenyang_team(); 4],
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
        large.teams = vec![shenyang_team(); teams];
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
