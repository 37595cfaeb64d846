//! Problems whose answers can be found by hand, the public sets, and what holds for any problem.

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::text::{TextProblemKind, parse_toptw, parse_ttdp, toptw_decimals};
use super::*;

mod property;

fn problem(value: Value) -> ToursProblem {
    serde_json::from_value(value).unwrap()
}

fn solved(problem: &ToursProblem, count: u64) -> ToursAnswer {
    let answer = problem
        .solve(&mut |iterations, _, _| iterations < count)
        .unwrap();
    assert_eq!(validate(problem, &answer), Vec::<String>::new());
    answer
}

fn error(value: Value) -> ToursError {
    let problem = problem(value);
    let error = problem.check().unwrap_err();
    assert_eq!(problem.solve(&mut |_, _, _| false), Err(error.clone()));
    assert!(!error.to_string().is_empty());
    let text = serde_json::to_string(&error).unwrap();
    assert_eq!(serde_json::from_str::<ToursError>(&text).unwrap(), error);
    error
}

/// One place five away, with other fields instead of the usual ones.
fn with_place(fields: Value) -> Value {
    let mut place = json!({ "id": 1, "x": 3.0, "y": 4.0, "value": 5.0, "duration": 10.0 });
    merge(&mut place, fields);
    flat(json!({ "places": [place] }))
}

fn flat(fields: Value) -> Value {
    let mut value = json!({
        "metric": "euclidean",
        "start": { "x": 0.0, "y": 0.0, "opening": 0.0, "closing": 100.0 },
        "places": [{ "id": 1, "x": 3.0, "y": 4.0, "value": 5.0, "duration": 10.0 }],
    });
    merge(&mut value, fields);
    value
}

fn merge(value: &mut Value, fields: Value) {
    let (Some(value), Value::Object(fields)) = (value.as_object_mut(), fields) else {
        panic!("no object");
    };
    value.extend(fields);
}

fn reason(answer: &ToursAnswer, id: i64) -> LeftOutReason {
    let mut left_out = answer.left_out.iter();
    left_out.find(|one| one.id == id).unwrap().reason.clone()
}

fn order(tour: &TourPlan) -> Vec<i64> {
    tour.stops.iter().map(|stop| stop.id).collect()
}

#[test]
fn euclidean_distances_are_rounded_down() {
    // The diagonal of a square of 1 is 1.414…: there and back 2.8 with one decimal, 2 with none.
    for (decimals, travel) in [(0, 2.0), (1, 2.8), (2, 2.82), (4, 2.8284)] {
        let given = flat(json!({
            "truncate": decimals,
            "places": [{ "id": 7, "x": 1, "y": 1, "value": 5, "duration": 10 }],
        }));
        let answer = solved(&problem(given), 5);
        assert_eq!(answer.travel, travel);
        assert_eq!(answer.tours[0].returns, 10.0 + travel);
    }
    let usual = solved(&problem(with_place(json!({ "x": 1.0, "y": 1.0 }))), 5);
    assert_eq!(usual.travel, 2.82);
}

#[test]
fn an_answer_in_json() {
    let given = flat(json!({
        "seed": 3,
        "truncate": 1,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 5, "duration": 10 },
            { "id": 2, "x": 6, "y": 8, "value": 2.5, "duration": 4, "windows": [{ "opening": 30, "closing": 40 }] },
            { "id": 3, "x": 0, "y": 60, "value": 9, "duration": 1 },
        ],
    }));
    let answer = solved(&problem(given), 20);
    let expected = json!({
        "profit": 7.5,
        "visited": 2,
        "travel": 20,
        "iterations": 20,
        "seed": 3,
        "tours": [{
            "team": 0,
            "day": 0,
            "leave": 0,
            "stops": [
                { "id": 1, "arrive": 5, "begin": 5, "end": 15, "value": 5 },
                { "id": 2, "arrive": 20, "begin": 30, "end": 34, "value": 2.5 },
            ],
            "return": 44,
            "profit": 7.5,
            "travel": 20,
        }],
        "left_out": [{ "id": 3, "reason": { "code": "too_far" } }],
    });
    assert_eq!(serde_json::to_value(&answer).unwrap(), expected);
    assert_eq!(
        serde_json::from_value::<ToursAnswer>(expected).unwrap(),
        answer
    );
}

#[test]
fn a_matrix_need_not_be_symmetrical() {
    // One way round is 3, the other 30; either place alone is 11. Numbers are rounded up to the decimals that are kept.
    let given = json!({
        "metric": "matrix",
        "truncate": 0,
        "start": { "opening": 0, "closing": 14 },
        "places": [{ "id": 1, "value": 1, "duration": 1 }, { "id": 2, "value": 1, "duration": 1.2 }],
        "matrix": [[null, 0.5, 10], [10, 99, 1], [1, 10]],
    });
    let answer = solved(&problem(given), 20);
    assert_eq!(order(&answer.tours[0]), [1, 2]);
    assert_eq!((answer.travel, answer.tours[0].returns), (3.0, 6.0));
}

#[test]
fn the_end_may_be_elsewhere() {
    let given = json!({
        "metric": "matrix",
        "start": { "opening": 10, "closing": 20 },
        "end": {},
        "places": [{ "id": 1, "value": 1, "duration": 1 }],
        "matrix": [[0, 7, 1], [99, 0, 99], [99, 2, 0]],
        "teams": 2,
    });
    let answer = solved(&problem(given), 20);
    assert_eq!(answer.tours.len(), 2);
    let lengths: f64 = answer
        .tours
        .iter()
        .map(|tour| tour.returns - tour.leave)
        .sum();
    assert_eq!((answer.travel, lengths), (10.0, 11.0));
}

#[test]
fn estimated_travel_is_in_minutes() {
    // Two places in Hefei are 25 minutes apart, however near. One degree of the equator is 111.195 km: by rail
    // 111.195 · 1.25 / 230 · 60 + 70 = 106.3 minutes, by road 111.195 · 1.3 / 75 · 60 = 115.6.
    let given = json!({
        "metric": "estimated",
        "start": { "longitude": 117, "latitude": 0, "city": "合肥", "opening": 480, "closing": 1080 },
        "places": [
            { "id": 1, "longitude": 117, "latitude": 0, "city": "合肥", "value": 1, "duration": 60 },
            { "id": 2, "longitude": 118, "latitude": 0, "value": 1, "duration": 60 },
        ],
    });
    let answer = solved(&problem(given), 20);
    assert_eq!((answer.visited, answer.travel), (2, 25.0 + 107.0 + 107.0));
}

#[test]
fn places_without_a_city_are_in_different_ones() {
    let given = json!({
        "metric": "estimated",
        "start": { "longitude": 117, "latitude": 30, "opening": 0, "closing": 100 },
        "places": [{ "id": 1, "longitude": 117, "latitude": 30, "value": 1, "duration": 60 }],
    });
    assert_eq!(solved(&problem(given), 5).travel, 0.0);
}

#[test]
fn a_window_bounds_the_begin_or_the_whole_visit() {
    let given = |bound: &str, closing: f64| {
        with_place(json!({
            "windows": [{ "opening": 0.0, "closing": closing }],
            "duration": 10.0,
        }))
        .as_object()
        .map(|fields| {
            let mut fields = fields.clone();
            fields.insert("windows_bound".to_owned(), bound.into());
            problem(Value::Object(fields))
        })
        .unwrap()
    };
    assert_eq!(solved(&given("begin", 5.0), 5).visited, 1);
    assert_eq!(solved(&given("begin", 4.9), 5).visited, 0);
    assert_eq!(solved(&given("end", 15.0), 5).visited, 1);
    let late = solved(&given("end", 14.9), 5);
    assert_eq!(reason(&late, 1), LeftOutReason::TooFar);
    assert_eq!(given("begin", 5.0).bound(), WindowsBound::Begin);
    let usual = problem(with_place(json!({})));
    assert_eq!(usual.bound(), WindowsBound::Begin);
    let matrix = ToursProblem {
        metric: Metric::Matrix,
        ..usual
    };
    assert_eq!(matrix.bound(), WindowsBound::End);
}

#[test]
fn windows_of_a_day_hold_on_that_day() {
    let given = flat(json!({
        "days": 2,
        "first_weekday": 6,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 1, "duration": 1, "windows": [{ "day": 1, "opening": 50, "closing": 60 }] },
            { "id": 2, "x": 3, "y": 4, "value": 1, "duration": 1, "windows": [] },
        ],
    }));
    let answer = solved(&problem(given), 20);
    assert_eq!(order(&answer.tours[1]), [1]);
    let days: Vec<(usize, Option<u8>)> = answer
        .tours
        .iter()
        .map(|tour| (tour.day, tour.weekday))
        .collect();
    assert_eq!(days, [(0, Some(6)), (1, Some(0))]);
    assert_eq!(answer.tours[1].stops[0].begin, 50.0);
    assert_eq!(reason(&answer, 2), LeftOutReason::Closed);
}

#[test]
fn a_fixed_team_day_and_begin_are_kept() {
    let given = flat(json!({
        "teams": 2,
        "days": 2,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 0, "duration": 1, "required": true, "team": 1, "day": 1, "begin": 33.5 },
            { "id": 2, "x": 3, "y": 4, "value": 1, "duration": 1, "team": 0, "day": 1 },
            { "id": 3, "x": 3, "y": 4, "value": 1, "duration": 1, "team": 0, "begin": 200 },
        ],
    }));
    let answer = solved(&problem(given), 20);
    let tours: Vec<(usize, usize, Vec<i64>)> = answer
        .tours
        .iter()
        .map(|tour| (tour.team, tour.day, order(tour)))
        .collect();
    let expected = [
        (0, 0, vec![]),
        (0, 1, vec![2]),
        (1, 0, vec![]),
        (1, 1, vec![1]),
    ];
    assert_eq!(tours, expected);
    assert_eq!(answer.tours[3].stops[0].begin, 33.5);
    assert_eq!(reason(&answer, 3), LeftOutReason::Conflict);
}

#[test]
fn an_order_holds_from_day_to_day() {
    // Both are open all day, but the first one only on the second day, so that the second one cannot follow it there
    // before noon of that day.
    let given = flat(json!({
        "days": 2,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 1, "duration": 1, "day": 1, "begin": 60 },
            { "id": 2, "x": 3, "y": 4, "value": 1, "duration": 1, "after": [1], "day": 0 },
            { "id": 3, "x": 3, "y": 4, "value": 1, "duration": 1, "after": [1] },
            { "id": 4, "x": 3, "y": 4, "value": 1, "duration": 1, "windows": [] },
            { "id": 5, "x": 3, "y": 4, "value": 1, "duration": 1, "after": [4] },
        ],
    }));
    let answer = solved(&problem(given), 50);
    assert_eq!(order(&answer.tours[1]), [1, 3]);
    assert_eq!(reason(&answer, 2), LeftOutReason::Order { after: 1 });
    assert_eq!(reason(&answer, 5), LeftOutReason::Order { after: 4 });
}

#[test]
fn a_host_is_visited_by_one_team_on_one_day() {
    let given = flat(json!({
        "days": 2,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 2, "duration": 60, "host": "A" },
            { "id": 2, "x": 3, "y": 4, "value": 1, "duration": 60, "host": "A" },
        ],
    }));
    let answer = solved(&problem(given), 50);
    assert_eq!(answer.profit, 2.0);
    let day = answer.tours.iter().find(|tour| !tour.stops.is_empty());
    let day = day.unwrap().day;
    assert_eq!(reason(&answer, 2), LeftOutReason::Host { team: 0, day });
}

#[test]
fn reasons_of_time() {
    // The tour has 100: 5 to and fro, and 60 for the better one; the other one needs 31.
    let given = flat(json!({
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 2, "duration": 60 },
            { "id": 2, "x": 3, "y": 4, "value": 1, "duration": 31 },
            { "id": 3, "x": 3, "y": 4, "value": 1, "duration": 95 },
            { "id": 4, "x": 3, "y": 4, "value": 1, "duration": 2, "windows": [{ "opening": 0, "closing": 4 }] },
            { "id": 5, "x": 3, "y": 4, "value": 1, "duration": 2, "windows": [{ "opening": 101, "closing": 400 }] },
        ],
    }));
    let answer = solved(&problem(given), 50);
    assert_eq!(order(&answer.tours[0]), [1]);
    let displaced = LeftOutReason::LowerValue {
        displaced_by: 1,
        value: 2.0,
    };
    assert_eq!(reason(&answer, 2), displaced);
    assert_eq!(reason(&answer, 3), LeftOutReason::TooFar);
    assert_eq!(reason(&answer, 4), LeftOutReason::TooFar);
    assert_eq!(reason(&answer, 5), LeftOutReason::Closed);
    // Two locked visits leave 20 between them, and nothing may take their place.
    let given = flat(json!({
        "windows_bound": "end",
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 0, "duration": 10, "required": true, "team": 0, "day": 0, "begin": 5 },
            { "id": 2, "x": 3, "y": 4, "value": 0, "duration": 60, "required": true, "team": 0, "day": 0, "begin": 35 },
            { "id": 3, "x": 3, "y": 4, "value": 9, "duration": 22.5 },
            { "id": 4, "x": 3, "y": 4, "value": 9, "duration": 50, "windows": [{ "opening": 60, "closing": 300 }] },
        ],
    }));
    let answer = solved(&problem(given), 50);
    let short = LeftOutReason::NoTime {
        team: 0,
        day: 0,
        short_by: 2.5,
    };
    assert_eq!(reason(&answer, 3), short);
    let short = LeftOutReason::WindowTooShort { longest: 40.0 };
    assert_eq!(reason(&answer, 4), short);
}

#[test]
fn nothing_to_choose_is_no_error() {
    let mut calls = 0;
    let closed = problem(with_place(json!({ "windows": [] })));
    let answer = closed.solve(&mut |_, _, _| {
        calls += 1;
        true
    });
    let answer = answer.unwrap();
    assert_eq!((calls, answer.visited, answer.iterations), (0, 0, 0));
    assert_eq!(validate(&closed, &answer), Vec::<String>::new());
    assert_eq!(reason(&answer, 1), LeftOutReason::Closed);
}

#[test]
fn times_may_count_from_long_ago() {
    let given = flat(json!({
        "start": { "x": 0, "y": 0, "opening": 1_770_000_000, "closing": 1_770_003_600 },
    }));
    let answer = solved(&problem(given), 5);
    assert_eq!(answer.tours[0].stops[0].end, 1_770_000_015.0);
    let given = flat(json!({ "start": { "x": 0, "y": 0, "opening": -50.5, "closing": 0 } }));
    assert_eq!(solved(&problem(given), 5).tours[0].returns, -30.5);
}

#[test]
fn small_values_count() {
    let given = flat(json!({
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 0.000_01, "duration": 60 },
            { "id": 2, "x": 3, "y": 4, "value": 0.000_02, "duration": 60 },
        ],
    }));
    let mut last = 0.0;
    let answer = problem(given).solve(&mut |iterations, value, _| {
        last = value;
        iterations < 50
    });
    assert_eq!((answer.unwrap().profit, last), (0.000_02, 0.000_02));
}

#[test]
fn far_coordinates_are_only_too_far() {
    let given = with_place(json!({ "x": 1e300, "y": -1e300 }));
    assert_eq!(
        reason(&solved(&problem(given), 5), 1),
        LeftOutReason::TooFar
    );
}

#[test]
fn every_error_says_what_and_where() {
    let place = |index: i64| json!({ "id": index, "x": 1, "y": 1, "value": 1, "duration": 1 });
    let many: Vec<Value> = (0..501).map(place).collect();
    let start = |opening: f64, closing: f64| json!({ "start": { "x": 0, "y": 0, "opening": opening, "closing": closing } });
    let window = |opening: f64, closing: f64| json!([{ "opening": 0, "closing": 90 }, { "opening": opening, "closing": closing }]);
    let cases = [
        (
            flat(json!({ "places": [] })),
            json!({ "code": "no_places" }),
        ),
        (
            flat(json!({ "places": many })),
            json!({ "code": "too_many_places", "maximum": 500 }),
        ),
        (flat(json!({ "teams": 0 })), json!({ "code": "no_teams" })),
        (
            flat(json!({ "teams": 9 })),
            json!({ "code": "too_many_teams", "maximum": 8 }),
        ),
        (flat(json!({ "days": 0 })), json!({ "code": "no_days" })),
        (
            flat(json!({ "days": 61 })),
            json!({ "code": "too_many_days", "maximum": 60 }),
        ),
        (
            flat(json!({ "truncate": 5 })),
            json!({ "code": "truncate_out_of_range", "maximum": 4 }),
        ),
        (
            flat(json!({ "seconds": 0 })),
            json!({ "code": "seconds_out_of_range", "maximum": 300.0 }),
        ),
        (
            flat(json!({ "seconds": 300.5 })),
            json!({ "code": "seconds_out_of_range", "maximum": 300.0 }),
        ),
        (
            flat(json!({ "first_weekday": 7 })),
            json!({ "code": "weekday_out_of_range" }),
        ),
        (
            flat(json!({ "places": [place(4), place(4)] })),
            json!({ "code": "duplicate_id", "id": 4 }),
        ),
        (
            with_place(json!({ "value": -1 })),
            json!({ "code": "invalid_value", "id": 1, "maximum": 1e9 }),
        ),
        (
            with_place(json!({ "value": 1.1e9 })),
            json!({ "code": "invalid_value", "id": 1, "maximum": 1e9 }),
        ),
        (
            with_place(json!({ "duration": -0.5 })),
            json!({ "code": "invalid_duration", "id": 1, "maximum": 1e6 }),
        ),
        (
            with_place(json!({ "duration": 1e7 })),
            json!({ "code": "invalid_duration", "id": 1, "maximum": 1e6 }),
        ),
        (
            with_place(json!({ "windows": window(5.0, 4.0) })),
            json!({ "code": "window_reversed", "id": 1, "window": 1 }),
        ),
        (
            with_place(json!({ "x": null })),
            json!({ "code": "no_coordinates", "at": { "place": 1 } }),
        ),
        (
            flat(json!({ "start": { "opening": 0, "closing": 9 } })),
            json!({ "code": "no_coordinates", "at": "start" }),
        ),
        (
            flat(json!({ "end": { "x": 1 } })),
            json!({ "code": "no_coordinates", "at": "end" }),
        ),
        (
            flat(json!({ "metric": "estimated" })),
            json!({ "code": "no_coordinates", "at": "start" }),
        ),
        (
            flat(json!({ "matrix": [] })),
            json!({ "code": "unused_matrix" }),
        ),
        (
            with_place(json!({ "after": [9] })),
            json!({ "code": "unknown_predecessor", "id": 1, "after": 9 }),
        ),
        (
            with_place(json!({ "after": [1] })),
            json!({ "code": "circular_order", "id": 1 }),
        ),
        (
            with_place(json!({ "team": 1 })),
            json!({ "code": "unknown_team", "id": 1, "team": 1 }),
        ),
        (
            with_place(json!({ "day": 1 })),
            json!({ "code": "unknown_day", "id": 1, "day": 1 }),
        ),
        (
            with_place(json!({ "windows": [{ "day": 2, "opening": 0, "closing": 9 }] })),
            json!({ "code": "unknown_day", "id": 1, "day": 2 }),
        ),
        (
            flat(start(5.0, 4.0)),
            json!({ "code": "closing_before_opening" }),
        ),
        (
            flat(start(0.0, 1e7)),
            json!({ "code": "tour_too_long", "maximum": 999_999.99 }),
        ),
        (
            flat(json!({ "end": { "x": 60, "y": 80.5 } })),
            json!({ "code": "tour_too_short", "needed": 100.4, "available": 100.0 }),
        ),
    ];
    for (given, expected) in cases {
        assert_eq!(serde_json::to_value(error(given)).unwrap(), expected);
    }
}

#[test]
fn errors_of_windows_for_the_whole_visit() {
    let given = |opening: f64, closing: f64| {
        let mut value =
            with_place(json!({ "windows": [{ "opening": opening, "closing": closing }] }));
        merge(&mut value, json!({ "windows_bound": "end" }));
        value
    };
    let short = ToursError::WindowTooShort { id: 1, window: 0 };
    assert_eq!(error(given(20.0, 29.9)), short);
    assert_eq!(error(given(20.0, 20.0)), short);
    assert_eq!(problem(given(20.0, 30.0)).check(), Ok(()));
}

#[test]
fn errors_of_orders_and_fixed_visits() {
    let place = |id: i64, after: &[i64]| json!({ "id": id, "x": 3, "y": 4, "value": 1, "duration": 1, "after": after });
    // The first waits for a circle, but is not in it.
    let given =
        flat(json!({ "places": [place(1, &[2]), place(2, &[3]), place(3, &[2]), place(4, &[])] }));
    assert!(matches!(
        error(given),
        ToursError::CircularOrder { id: 2 | 3 }
    ));
    let fixed = |id: i64, begin: f64, duration: f64| {
        json!({ "id": id, "x": 3, "y": 4, "value": 1, "duration": duration,
            "required": true, "team": 0, "day": 0, "begin": begin })
    };
    let given = flat(json!({ "places": [fixed(1, 10.0, 5.0), fixed(2, 14.0, 5.0)] }));
    assert_eq!(error(given), ToursError::LockedConflict { id: 1, other: 2 });
    let given = flat(json!({ "places": [fixed(1, 4.0, 5.0)] }));
    assert_eq!(error(given), ToursError::LockedOutOfReach { id: 1 });
    let given = flat(json!({ "places": [fixed(1, 10.0, 5.0), fixed(2, 95.0, 1.0)] }));
    assert_eq!(error(given), ToursError::LockedOutOfReach { id: 2 });
    let given = flat(json!({ "places": [fixed(1, 10.0, 5.0), fixed(2, 15.0, 5.0)] }));
    assert_eq!(solved(&problem(given), 5).visited, 2);
}

#[test]
fn errors_of_the_matrix() {
    let given = |matrix: Value| {
        json!({
            "metric": "matrix",
            "start": { "opening": 0, "closing": 10 },
            "places": [{ "id": 1, "value": 1, "duration": 1 }],
            "matrix": matrix,
        })
    };
    let size = |found, row| ToursError::MatrixSize {
        expected: 2,
        found,
        row,
    };
    let hole = |row, column| ToursError::MatrixHole { row, column };
    let number = |row, column| ToursError::MatrixNumber {
        row,
        column,
        maximum: 1e6,
    };
    assert_eq!(error(given(Value::Null)), size(0, None));
    assert_eq!(error(given(json!([[0, 1]]))), size(1, None));
    assert_eq!(error(given(json!([[0, 1], [1, 0, 1]]))), size(3, Some(1)));
    assert_eq!(error(given(json!([[0, null], [1, 0]]))), hole(0, 1));
    assert_eq!(error(given(json!([[0, 1], []]))), hole(1, 0));
    assert_eq!(error(given(json!([[0, 1], [-0.1, 0]]))), number(1, 0));
    assert_eq!(error(given(json!([[0, 2e6], [1, 0]]))), number(0, 1));
}

#[test]
fn numbers_must_be_finite() {
    let usual = problem(with_place(
        json!({ "windows": [{ "opening": 0, "closing": 9 }] }),
    ));
    let not_finite = |at: Spot, field: &str| ToursError::NotFinite {
        at,
        field: field.to_owned(),
    };
    let mut given = usual.clone();
    given.start.closing = f64::NAN;
    assert_eq!(given.check(), Err(not_finite(Spot::Start, "closing")));
    let mut given = usual.clone();
    given.places[0].x = Some(f64::INFINITY);
    assert_eq!(given.check(), Err(not_finite(Spot::Place(1), "x")));
    let mut given = usual.clone();
    given.places[0].begin = Some(f64::NAN);
    assert_eq!(given.check(), Err(not_finite(Spot::Place(1), "begin")));
    let mut given = usual.clone();
    given.places[0].windows.as_mut().unwrap()[0].closing = f64::INFINITY;
    assert_eq!(given.check(), Err(not_finite(Spot::Place(1), "closing")));
    let mut given = usual.clone();
    given.places[0].value = f64::NAN;
    assert!(matches!(
        given.check(),
        Err(ToursError::InvalidValue { id: 1, .. })
    ));
    let mut given = usual.clone();
    given.places[0].duration = f64::NAN;
    assert!(matches!(
        given.check(),
        Err(ToursError::InvalidDuration { id: 1, .. })
    ));
    let mut given = usual.clone();
    given.seconds = Some(f64::NAN);
    assert!(matches!(
        given.check(),
        Err(ToursError::SecondsOutOfRange { .. })
    ));
    let mut given = usual;
    given.metric = Metric::Matrix;
    given.places[0].windows = None;
    given.matrix = Some(vec![vec![None, Some(f64::NAN)], vec![Some(1.0), None]]);
    assert!(matches!(
        given.check(),
        Err(ToursError::MatrixNumber {
            row: 0,
            column: 1,
            ..
        })
    ));
    let mut given = problem(json!({
        "metric": "estimated",
        "start": { "longitude": 181, "latitude": 0, "opening": 0, "closing": 10 },
        "places": [{ "id": 1, "longitude": 0, "latitude": 0, "value": 1, "duration": 1 }],
    }));
    assert_eq!(
        given.check(),
        Err(ToursError::InvalidCoordinates { at: Spot::Start })
    );
    given.start.longitude = Some(0.0);
    given.places[0].latitude = Some(-91.0);
    assert_eq!(
        given.check(),
        Err(ToursError::InvalidCoordinates { at: Spot::Place(1) })
    );
}

#[test]
fn unknown_fields_are_refused() {
    for given in [
        flat(json!({ "speed": 1 })),
        with_place(json!({ "profit": 1 })),
        with_place(json!({ "windows": [{ "opening": 0, "closing": 1, "open": 2 }] })),
        flat(json!({ "end": { "z": 1 } })),
    ] {
        let found = serde_json::from_value::<ToursProblem>(given).unwrap_err();
        assert!(found.to_string().contains("unknown field"), "{found}");
    }
}

#[test]
fn the_validator_sees_what_is_wrong() {
    let given = problem(flat(json!({
        "teams": 2,
        "places": [
            { "id": 1, "x": 3, "y": 4, "value": 5, "duration": 10, "windows": [{ "opening": 6, "closing": 9 }] },
            { "id": 2, "x": 3, "y": 4, "value": 5, "duration": 10, "after": [1], "host": "A" },
            { "id": 3, "x": 3, "y": 4, "value": 5, "duration": 10, "host": "A", "begin": 60, "team": 1 },
            { "id": 4, "x": 90, "y": 90, "value": 5, "duration": 10 },
        ],
    })));
    let right = solved(&given, 50);
    assert_eq!(right.visited, 3);
    let stop = right
        .tours
        .iter()
        .position(|tour| order(tour).contains(&1))
        .unwrap();
    let breaks = |change: &dyn Fn(&mut ToursAnswer)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        assert_ne!(validate(&given, &wrong), Vec::<String>::new());
    };
    breaks(&|answer| answer.profit += 1.0);
    breaks(&|answer| answer.travel += 0.01);
    breaks(&|answer| answer.visited += 1);
    breaks(&|answer| answer.seed += 1);
    breaks(&|answer| answer.left_out.clear());
    breaks(&|answer| answer.tours.swap(0, 1));
    breaks(&|answer| drop(answer.tours.pop()));
    breaks(&|answer| answer.tours[stop].leave = 1.0);
    breaks(&|answer| answer.tours[stop].returns += 0.01);
    breaks(&|answer| answer.tours[stop].weekday = Some(0));
    breaks(&|answer| answer.tours[stop].profit = 0.0);
    breaks(&|answer| answer.tours[stop].stops.clear());
    breaks(&|answer| answer.tours[stop].stops[0].arrive -= 0.01);
    breaks(&|answer| answer.tours[stop].stops[0].begin -= 1.0);
    breaks(&|answer| answer.tours[stop].stops[0].end -= 1.0);
    breaks(&|answer| answer.tours[stop].stops[0].value += 1.0);
    breaks(&|answer| answer.tours[stop].stops[0].id = 8);
    breaks(&|answer| {
        let again = answer.tours[stop].stops[0].clone();
        answer.tours[stop].stops.push(again);
    });
}

fn folder(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../shared/data")
        .join(name);
    path.is_dir().then_some(path)
}

fn read(path: PathBuf) -> String {
    std::fs::read_to_string(path).unwrap()
}

const TOPTW: &str = "4 10 2 1\n0 200\n0 40.00 50.00 0.00 0.00 0 0 0 1236\n\
     1 45.00 68.00 90.00 10.00 1 1 1 912 967\n\n2 45 70 90 30 1 2 1 2 825 870\n";

const TTDP: &str = "20 2 6 2 9 250 10\n0 43 78 0 0 510 1210\n\
     1 12.22 88.27 10 7 4 0 1439 0 1439 0 1439 0 1439 0 1439 0 1439 0 1439 0\n\
     2 39.65 33.2 64 27 2 510 990 510 550 0 0 510 990 510 990 510 990 0 0 36\n";

#[test]
fn a_toptw_text() {
    let problem = parse_toptw(TOPTW, 1).unwrap();
    assert_eq!(problem.check(), Ok(()));
    assert_eq!(problem.bound(), WindowsBound::Begin);
    assert_eq!(
        (problem.truncate, problem.teams, problem.days),
        (Some(1), 1, 1)
    );
    assert_eq!(
        (problem.start.x, problem.start.closing),
        (Some(40.0), 1236.0)
    );
    let place = &problem.places[1];
    assert_eq!((place.id, place.value, place.duration), (2, 30.0, 90.0));
    let window = ToursWindow {
        day: None,
        opening: 825.0,
        closing: 870.0,
    };
    assert_eq!(place.windows, Some(vec![window]));
    let windows_text = TOPTW.replace('\n', "\r\n");
    assert_eq!(
        parse_toptw(&format!("\u{feff}{windows_text}"), 1),
        Ok(problem)
    );
}

#[test]
fn a_ttdp_text() {
    let problem = parse_ttdp(TTDP).unwrap();
    assert_eq!(problem.check(), Ok(()));
    assert_eq!(problem.bound(), WindowsBound::End);
    assert_eq!((problem.days, problem.first_weekday), (2, Some(6)));
    assert_eq!(
        (problem.start.opening, problem.start.closing),
        (510.0, 1210.0)
    );
    let window = |day: usize, closing: f64| ToursWindow {
        day: Some(day),
        opening: 0.0,
        closing,
    };
    assert_eq!(
        problem.places[0].windows,
        Some(vec![window(0, 1439.0), window(1, 1439.0)])
    );
    // The first day is a 6, closed; the second one a 0.
    let open = ToursWindow {
        day: Some(1),
        opening: 510.0,
        closing: 990.0,
    };
    assert_eq!(problem.places[1].windows, Some(vec![open]));
    let weekdays: Vec<Option<u8>> = solved(&problem, 10)
        .tours
        .iter()
        .map(|tour| tour.weekday)
        .collect();
    assert_eq!(weekdays, [Some(6), Some(0)]);
    // From weekday 1 on, the visit is longer than the first day's window, and the second day is closed.
    let closed = parse_ttdp(&TTDP.replacen("20 2 6", "20 2 1", 1)).unwrap();
    assert_eq!(closed.places[1].windows, Some(Vec::new()));
    assert_eq!(reason(&solved(&closed, 10), 2), LeftOutReason::Closed);
}

#[test]
fn malformed_lines_are_named() {
    let toptw = |from: &str, to: &str| {
        let text = TOPTW.replacen(from, to, 1);
        assert_ne!(text, TOPTW);
        let found = parse_toptw(&text, 1).unwrap_err();
        assert!(
            found
                .to_string()
                .starts_with(&format!("line {}: ", found.line))
        );
        (
            found.line,
            serde_json::to_value(found.kind).unwrap()["code"].clone(),
        )
    };
    assert_eq!(toptw("4 10 2 1", "4 10 2"), (1, json!("count")));
    assert_eq!(toptw("4 10 2 1", "4 10 x 1"), (1, json!("not_whole")));
    assert_eq!(toptw("4 10 2 1", "4 10 3 1"), (1, json!("places")));
    assert_eq!(toptw("0 40.00", "0 nan"), (3, json!("not_a_number")));
    assert_eq!(toptw("0 0 0 1236", "0"), (3, json!("count")));
    assert_eq!(toptw("1236", "-1236"), (3, json!("negative")));
    assert_eq!(toptw("912 967", "968 967"), (4, json!("reversed")));
    assert_eq!(toptw("68.00", "1e999"), (4, json!("not_a_number")));
    assert_eq!(toptw("90.00 10.00", "-90.00 10.00"), (4, json!("negative")));
    assert_eq!(toptw("\n2 45", "\n1 45"), (6, json!("duplicate_id")));
    assert_eq!(toptw("\n2 45", "\n2.5 45"), (6, json!("not_whole")));
    let end = |text: &str| parse_toptw(text, 1).unwrap_err();
    assert_eq!(end("").line, 1);
    let early = end("4 10 2 1\n0 200\n\n");
    assert_eq!(early.kind, TextProblemKind::Missing);
    let ttdp = |from: &str, to: &str| {
        let found = parse_ttdp(&TTDP.replacen(from, to, 1)).unwrap_err();
        (
            found.line,
            serde_json::to_value(found.kind).unwrap()["code"].clone(),
        )
    };
    assert_eq!(ttdp("20 2 6 2", "20 2 7 2"), (1, json!("not_whole")));
    assert_eq!(ttdp("20 2 6 2", "20 61 6 2"), (1, json!("not_whole")));
    assert_eq!(ttdp("20 2 6 2", "20 0 6 2"), (1, json!("not_whole")));
    assert_eq!(ttdp("20 2 6 2", "20 2 6 1"), (1, json!("places")));
    assert_eq!(ttdp("510 1210", "510"), (2, json!("count")));
    assert_eq!(ttdp(" 36\n", "\n"), (4, json!("count")));
    assert_eq!(ttdp("510 550", "560 550"), (4, json!("reversed")));
}

#[test]
fn the_name_tells_the_decimals() {
    assert_eq!(toptw_decimals("pr01.txt"), 2);
    assert_eq!(toptw_decimals("data/toptw/PR10.txt"), 2);
    for name in [
        "c101.txt",
        "rc101.txt",
        "r1",
        "p",
        "",
        "pr/c101.txt",
        "日本",
    ] {
        assert_eq!(toptw_decimals(name), 1, "{name}");
    }
}

#[test]
fn the_public_sets_are_read() {
    for (name, count) in [("toptw", 16), ("ttdp", 10)] {
        let Some(folder) = folder(name) else {
            continue;
        };
        let mut found = 0;
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let file_name = path.file_name().unwrap().to_string_lossy().into_owned();
            let is_instance = file_name.ends_with(".txt") && file_name != "FORMAT.txt";
            if !is_instance {
                continue;
            }
            let text = read(path);
            let problem = if name == "ttdp" {
                parse_ttdp(&text).unwrap()
            } else {
                parse_toptw(&text, toptw_decimals(&file_name)).unwrap()
            };
            found += 1;
            let answer = solved(&problem, 0);
            assert_eq!(answer.tours.len(), problem.days);
            assert!(answer.visited > 0);
        }
        assert_eq!(found, count);
    }
}

#[test]
fn a_real_file_has_its_numbers() {
    let Some(folder) = folder("ttdp") else {
        return;
    };
    let problem = parse_ttdp(&read(folder.join("t102.txt"))).unwrap();
    assert_eq!(
        (problem.places.len(), problem.days, problem.first_weekday),
        (104, 2, Some(0))
    );
    // Closed on weekday 1, the second day.
    assert_eq!(problem.places[0].windows.as_ref().map(Vec::len), Some(1));
}

proptest! {
    #[test]
    fn no_text_makes_the_parsers_panic(text in "\\PC*", truncate in any::<u8>()) {
        let _ = parse_toptw(&text, truncate);
        let _ = parse_ttdp(&text);
        let _ = toptw_decimals(&text);
    }

    #[test]
    fn no_line_of_numbers_makes_the_parsers_panic(
        lines in prop::collection::vec(
            prop::collection::vec(
                prop_oneof![
                    (0_u32..4).prop_map(|number| number.to_string()),
                    (-2.0..2000.0).prop_map(|number: f64| number.to_string()),
                    prop_oneof![Just("inf"), Just("NaN"), Just("1e400"), Just("18446744073709551615"), Just("-1")]
                        .prop_map(str::to_owned),
                ],
                0..24,
            ),
            0..6,
        ),
        end in prop_oneof![Just("\n"), Just("\r\n")],
    ) {
        let text: Vec<String> = lines.iter().map(|line| line.join(" ")).collect();
        let text = text.join(end);
        for found in [parse_toptw(&text, 1), parse_ttdp(&text)] {
            match found {
                Ok(problem) => drop(problem.check()),
                Err(problem) => prop_assert!(problem.line >= 1 && problem.line <= lines.len() + 2),
            }
        }
    }

    #[test]
    fn a_broken_public_text_names_a_line(line in 0_usize..6, word in 0_usize..21, new in "\\PC{0,4}") {
        for (text, is_toptw) in [(TOPTW, true), (TTDP, false)] {
            let broken: Vec<String> = text
                .lines()
                .enumerate()
                .map(|(index, own)| {
                    let mut words: Vec<&str> = own.split(' ').collect();
                    if let (true, Some(slot)) = (index == line, words.get_mut(word)) {
                        *slot = &new;
                    }
                    words.join(" ")
                })
                .collect();
            let broken = broken.join("\n");
            let found = if is_toptw { parse_toptw(&broken, 1) } else { parse_ttdp(&broken) };
            match found {
                Ok(problem) => drop(problem.check()),
                Err(problem) => prop_assert!(problem.line == line + 1 || problem.line == 1),
            }
        }
    }
}
