//! What holds for any problem.

use proptest::prelude::*;

use super::super::*;

/// When a visit begins for somebody who is there at a time; `None` when that is too late.
fn begin(problem: &ToursProblem, place: &ToursPlace, day: usize, arrival: f64) -> Option<f64> {
    let length = match problem.bound() {
        WindowsBound::Begin => 0.0,
        WindowsBound::End => place.duration,
    };
    let everywhen = [ToursWindow {
        day: None,
        opening: f64::MIN,
        closing: f64::MAX,
    }];
    let windows = place.windows.as_deref().unwrap_or(&everywhen);
    let earliest = windows
        .iter()
        .filter(|window| window.day.is_none_or(|own| own == day))
        .filter_map(|window| {
            let begin = arrival
                .max(window.opening)
                .max(place.begin.unwrap_or(f64::MIN));
            (begin + length <= window.closing + 1e-6).then_some(begin)
        })
        .fold(f64::INFINITY, f64::min);
    let is_kept =
        earliest.is_finite() && place.begin.is_none_or(|own| (own - earliest).abs() < 1e-6);
    is_kept.then_some(earliest)
}

/// The way between two points; all numbers of the problems here are whole or of one decimal.
fn way(problem: &ToursProblem, from: usize, to: usize) -> f64 {
    let scale = 10_f64.powi(i32::from(problem.decimals()));
    let points = problem.points();
    match problem.metric {
        Metric::Matrix if from == to => 0.0,
        Metric::Matrix => problem.matrix.as_ref().unwrap()[from][to].unwrap(),
        _ => {
            let (x, y) = (
                points[from].x.unwrap() - points[to].x.unwrap(),
                points[from].y.unwrap() - points[to].y.unwrap(),
            );
            ((x * x + y * y).sqrt() * scale + 1e-7).floor() / scale
        }
    }
}

/// The answer that visits places in an order, each as early as it can; `None` when a visit is too late or the rules
/// forbid it.
fn built(problem: &ToursProblem, orders: &[Vec<i64>]) -> Option<ToursAnswer> {
    let first = 1 + usize::from(problem.end.is_some());
    let mut tours = Vec::new();
    for (tour, order) in orders.iter().enumerate() {
        let day = tour % problem.days;
        let (mut here, mut time, mut travel) = (0, problem.start.opening, 0.0);
        let mut stops = Vec::new();
        for id in order {
            let index = problem.places.iter().position(|place| place.id == *id)?;
            let place = &problem.places[index];
            let own = way(problem, here, index + first);
            let arrive = time + own;
            let begin = begin(problem, place, day, arrive)?;
            let end = begin + place.duration;
            stops.push(TourStop {
                id: *id,
                arrive,
                begin,
                end,
                value: place.value,
            });
            (here, time, travel) = (index + first, end, travel + own);
        }
        let back = way(problem, here, first - 1);
        tours.push(TourPlan {
            team: tour / problem.days,
            day,
            weekday: None,
            leave: problem.start.opening,
            returns: time + back,
            profit: stops.iter().map(|stop| stop.value).sum(),
            travel: travel + back,
            stops,
        });
    }
    let visited: Vec<i64> = orders.concat();
    let answer = ToursAnswer {
        profit: tours.iter().map(|tour| tour.profit).sum(),
        visited: visited.len(),
        travel: tours.iter().map(|tour| tour.travel).sum(),
        iterations: 0,
        seed: problem.seed,
        tours,
        left_out: problem
            .places
            .iter()
            .filter(|place| !visited.contains(&place.id))
            .map(|place| LeftOutPlace {
                id: place.id,
                reason: LeftOutReason::Closed,
            })
            .collect(),
    };
    validate(problem, &answer).is_empty().then_some(answer)
}

/// The orders with one more visit, at every position.
fn with_one_more(orders: &[Vec<i64>], id: i64) -> Vec<Vec<Vec<i64>>> {
    let mut all = Vec::new();
    for tour in 0..orders.len() {
        for position in 0..=orders[tour].len() {
            let mut more = orders.to_vec();
            more[tour].insert(position, id);
            all.push(more);
        }
    }
    all
}

fn without(orders: &[Vec<i64>], id: i64) -> Vec<Vec<i64>> {
    let mut fewer = orders.to_vec();
    for own in &mut fewer {
        own.retain(|other| *other != id);
    }
    fewer
}

fn fits(problem: &ToursProblem, orders: &[Vec<i64>], id: i64) -> bool {
    with_one_more(orders, id)
        .iter()
        .any(|more| built(problem, more).is_some())
}

/// Every reason is true of the answer.
fn check_reasons(problem: &ToursProblem, answer: &ToursAnswer) {
    let orders: Vec<Vec<i64>> = answer
        .tours
        .iter()
        .map(|tour| tour.stops.iter().map(|stop| stop.id).collect())
        .collect();
    let place = |id: i64| problem.places.iter().find(|place| place.id == id).unwrap();
    let nothing = vec![Vec::new(); orders.len()];
    for LeftOutPlace { id, reason } in &answer.left_out {
        let own = place(*id);
        assert!(!fits(problem, &orders, *id), "{reason:?}, but {id} fits");
        // The place by itself, with nothing that must come before.
        let mut alone = problem.clone();
        for place in &mut alone.places {
            place.after.clear();
        }
        let is_alone_possible = fits(&alone, &nothing, *id);
        match reason {
            LeftOutReason::Closed
            | LeftOutReason::WindowTooShort { .. }
            | LeftOutReason::TooFar => {
                assert!(!is_alone_possible, "{reason:?}, but {id} fits alone");
            }
            LeftOutReason::NoTime {
                short_by,
                team,
                day,
            } => {
                assert!(is_alone_possible && *short_by > 0.0);
                assert!(own.team.is_none_or(|own| own == *team));
                assert!(own.day.is_none_or(|own| own == *day));
            }
            LeftOutReason::LowerValue {
                displaced_by,
                value,
            } => {
                let other = place(*displaced_by);
                assert!(other.value == *value && *value >= own.value && !other.is_locked());
                assert!(fits(problem, &without(&orders, *displaced_by), *id));
            }
            LeftOutReason::Order { after } => assert!(own.after.contains(after)),
            LeftOutReason::Host { team, day } => {
                let tour = answer
                    .tours
                    .iter()
                    .find(|tour| (tour.team, tour.day) == (*team, *day));
                let mut stops = tour.unwrap().stops.iter();
                assert!(own.host.is_some() && stops.any(|stop| place(stop.id).host == own.host));
            }
            LeftOutReason::Conflict => {
                let is_bound = own.is_fixed()
                    || problem
                        .places
                        .iter()
                        .any(|place| !place.after.is_empty() || place.host.is_some());
                assert!(is_bound, "{id} has no conflict");
            }
        }
    }
}

fn tenths(until: u32) -> impl Strategy<Value = f64> {
    (0..=until).prop_map(|number| f64::from(number) / 10.0)
}

fn any_windows(days: usize) -> impl Strategy<Value = Option<Vec<ToursWindow>>> {
    let window = (
        prop::option::of(0..days),
        tenths(800),
        tenths(600),
        0_u32..2,
    )
        .prop_map(|(day, opening, length, extra)| ToursWindow {
            day,
            opening,
            // Numbers of few digits survive JSON unchanged.
            closing: ((opening + length + f64::from(extra)) * 10.0).round() / 10.0,
        });
    prop_oneof![
        2 => Just(None),
        3 => prop::collection::vec(window, 0..3).prop_map(Some),
    ]
}

fn any_place(id: i64, teams: usize, days: usize) -> impl Strategy<Value = ToursPlace> {
    let spot = (0_u32..20, 0_u32..20);
    let work = (
        prop_oneof![Just(0.0), tenths(30), (1_u32..6).prop_map(f64::from)],
        tenths(400),
    );
    let fixed = (
        prop::bool::weighted(0.2),
        prop_oneof![3 => Just(None), 1 => (0..teams).prop_map(Some)],
        prop_oneof![3 => Just(None), 1 => (0..days).prop_map(Some)],
        prop_oneof![4 => Just(None), 1 => tenths(1000).prop_map(Some)],
    );
    let after = prop_oneof![
        4 => Just(Vec::new()),
        1 => prop::collection::vec(0..id.max(1), 1..3),
    ];
    let host = prop_oneof![5 => Just(None), 1 => prop_oneof![Just("A"), Just("B")].prop_map(Some)];
    (spot, work, any_windows(days), fixed, after, host).prop_map(
        move |((x, y), (value, duration), windows, (required, team, day, begin), after, host)| {
            ToursPlace {
                id,
                x: Some(f64::from(x)),
                y: Some(f64::from(y)),
                value,
                duration,
                windows,
                required,
                team,
                day,
                begin,
                after: after.into_iter().filter(|other| *other != id).collect(),
                host: host.map(str::to_owned),
                ..ToursPlace::default()
            }
        },
    )
}

fn any_problem() -> impl Strategy<Value = ToursProblem> {
    (
        1_usize..4,
        1_usize..4,
        1_i64..9,
        any::<bool>(),
        any::<bool>(),
        any::<bool>(),
    )
        .prop_flat_map(|(teams, days, count, is_bound, is_matrix, has_end)| {
            let places: Vec<_> = (0..count).map(|id| any_place(id, teams, days)).collect();
            let size = count as usize + 2;
            let matrix = prop::collection::vec(prop::collection::vec(tenths(300), size), size);
            let bound = prop_oneof![Just(WindowsBound::Begin), Just(WindowsBound::End)];
            (places, matrix, bound, any::<u64>(), 1_u8..4, tenths(200)).prop_map(
                move |(mut places, matrix, bound, seed, truncate, opening)| {
                    if !is_bound {
                        for place in &mut places {
                            place.after.clear();
                            place.host = None;
                        }
                    }
                    for place in &mut places {
                        // Windows that are too short for the visit are an error.
                        if bound == WindowsBound::End
                            && let Some(windows) = &mut place.windows
                        {
                            windows.retain(|own| own.closing - own.opening > place.duration);
                        }
                    }
                    let skipped = usize::from(!has_end);
                    let matrix = matrix[skipped..]
                        .iter()
                        .map(|row| row[skipped..].iter().copied().map(Some).collect())
                        .collect();
                    ToursProblem {
                        metric: if is_matrix {
                            Metric::Matrix
                        } else {
                            Metric::Euclidean
                        },
                        truncate: Some(truncate),
                        windows_bound: Some(bound),
                        start: ToursStart {
                            x: Some(5.0),
                            y: Some(5.0),
                            opening,
                            closing: (opening * 10.0 + 900.0).round() / 10.0,
                            ..ToursStart::default()
                        },
                        end: has_end.then(|| ToursEnd {
                            x: Some(10.0),
                            y: Some(3.0),
                            ..ToursEnd::default()
                        }),
                        places,
                        matrix: is_matrix.then_some(matrix),
                        teams,
                        days,
                        first_weekday: None,
                        seed,
                        seconds: None,
                    }
                },
            )
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_answer_keeps_the_rules_and_its_reasons_are_true(problem in any_problem()) {
        let answer = problem.solve(&mut |iterations, _, _| iterations < 40);
        prop_assert_eq!(&answer, &problem.solve(&mut |iterations, _, _| iterations < 40));
        match answer {
            Ok(answer) => {
                prop_assert_eq!(validate(&problem, &answer), Vec::<String>::new());
                check_reasons(&problem, &answer);
                let text = serde_json::to_string(&problem).unwrap();
                prop_assert_eq!(serde_json::from_str::<ToursProblem>(&text).unwrap(), problem);
            }
            Err(error) => prop_assert!(
                matches!(
                    error,
                    ToursError::LockedConflict { .. } | ToursError::LockedOutOfReach { .. }
                ),
                "{}", error
            ),
        }
    }

    #[test]
    fn every_answer_in_minutes_keeps_the_rules(
        spots in prop::collection::vec((-3.0..3.0, -3.0..3.0, prop::option::of(0_u8..3)), 1..8),
        seed in any::<u64>(),
    ) {
        let problem = ToursProblem {
            metric: Metric::Estimated,
            truncate: Some(0),
            windows_bound: None,
            start: ToursStart {
                longitude: Some(117.0),
                latitude: Some(31.0),
                opening: 480.0,
                closing: 1200.0,
                ..ToursStart::default()
            },
            end: None,
            places: (1..)
                .zip(spots)
                .map(|(id, (east, north, city))| ToursPlace {
                    id,
                    longitude: Some(117.0 + east),
                    latitude: Some(31.0 + north),
                    city: city.map(|city| city.to_string()),
                    value: 1.0,
                    duration: 90.0,
                    ..ToursPlace::default()
                })
                .collect(),
            matrix: None,
            teams: 2,
            days: 1,
            first_weekday: None,
            seed,
            seconds: None,
        };
        let answer = problem.solve(&mut |iterations, _, _| iterations < 20).unwrap();
        prop_assert_eq!(validate(&problem, &answer), Vec::<String>::new());
    }
}
