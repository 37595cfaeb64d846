#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::state::Insertion;
use super::*;

// Places on a line: one at 10, two at 20, three at 5, the depot at 0. Travel is the distance.
const POSITIONS: [i32; 4] = [10, 20, 5, 0];
const ONE: usize = 0;
const TWO: usize = 1;
const THREE: usize = 2;
const DEPOT: usize = 3;

fn window(earliest: i32, latest: i32) -> Window {
    Window { earliest, latest }
}

fn location(service: i32, profit: i64, windows: Vec<Window>) -> Location {
    Location {
        service,
        profit,
        required: false,
        locked: false,
        windows: vec![windows],
        after: Vec::new(),
        host: None,
    }
}

fn day(close: i32) -> Route {
    Route {
        start: DEPOT,
        end: DEPOT,
        open: 0,
        close,
    }
}

/// One may begin from 30 to 40, two until 60, three until 100 and takes `third`.
fn line(third: i32, close: i32) -> Instance {
    let travel: Vec<Vec<i32>> = POSITIONS
        .iter()
        .map(|from| POSITIONS.iter().map(|to| (from - to).abs()).collect())
        .collect();
    let locations = vec![
        location(5, 10, vec![window(30, 40)]),
        location(5, 10, vec![window(0, 60)]),
        location(third, 1, vec![window(0, 100)]),
    ];
    Instance::new(locations, &travel, vec![day(close)]).unwrap()
}

fn state(instance: &Instance, stops: &[usize]) -> State {
    let mut state = State::new(instance);
    for (position, &stop) in stops.iter().enumerate() {
        state.insert(instance, 0, stop, position);
    }
    state.count(instance);
    state
}

#[test]
fn waiting_and_latest_begins_are_exact() {
    let instance = line(10, 100);
    let state = state(&instance, &[ONE, TWO]);
    let tour = &state.tours[0];
    // Arrives at one at 10, waits 20, leaves at 35; begins at two at 45, is home at 70.
    assert_eq!(tour.begin, [30, 45]);
    // Two: its window closes before 100 - 20 - 5 = 75. One: 60 - 10 - 5 = 45, its window closes at 40.
    assert_eq!(tour.latest, [40, 60]);
    assert_eq!(tour.distance, [10, 20, 40]);
    let plan = state.plan(&instance);
    assert_eq!(
        plan.routes[0][0],
        Stop {
            location: ONE,
            arrival: 10,
            begin: 30
        }
    );
    assert_eq!(
        plan.score,
        Score {
            required: 0,
            profit: 20,
            travel: 40
        }
    );
}

#[test]
fn the_close_of_the_route_bounds_the_latest_begin() {
    // Home by 72: two begins by 72 - 20 - 5 = 47, one by 47 - 10 - 5 = 32.
    let instance = line(10, 72);
    assert_eq!(state(&instance, &[ONE, TWO]).tours[0].latest, [32, 47]);
}

#[test]
fn an_insertion_may_use_the_waiting_and_no_minute_more() {
    // Three on the way to one: there at 5, no detour. One is reached at 5 + service + 5 and must begin by 40.
    let at_start = |service| {
        let instance = line(service, 100);
        state(&instance, &[ONE, TWO]).tours[0].insertion(&instance, 0, THREE, 0)
    };
    assert_eq!(
        at_start(30),
        Some(Insertion {
            position: 0,
            detour: 0,
            shift: 30
        })
    );
    assert_eq!(at_start(31), None);
    // After two: there at 50 + 15 = 65, home at 65 + service + 5 by 100.
    let at_end = |service| {
        let instance = line(service, 100);
        state(&instance, &[ONE, TWO]).tours[0].insertion(&instance, 0, THREE, 2)
    };
    assert!(at_end(30).is_some());
    assert_eq!(at_end(31), None);
}

#[test]
fn several_windows_count_in_both_directions() {
    let travel = vec![vec![0, 10], vec![10, 0]];
    let twice = location(5, 1, vec![window(50, 60), window(0, 20), window(15, 25)]);
    let route = Route {
        start: 1,
        end: 1,
        open: 0,
        close: 64,
    };
    let instance = Instance::new(vec![twice], &travel, vec![route]).unwrap();
    assert_eq!(instance.windows(0, 0), [window(0, 25), window(50, 60)]);
    assert_eq!(instance.begin(0, 0, 25), Some(25));
    assert_eq!(instance.begin(0, 0, 26), Some(50));
    assert_eq!(instance.begin(0, 0, 61), None);
    // Home by 64 means begin by 49, when it is closed: 25.
    assert_eq!(instance.latest(0, 0, 49), Some(25));
    assert_eq!(state(&instance, &[0]).tours[0].latest, [25]);
}

#[test]
fn a_window_shorter_than_the_visit_is_none() {
    assert_eq!(Window::within(540, 600, 60), Some(window(540, 540)));
    assert_eq!(Window::within(540, 600, 61), None);
    // Without windows a location is not visited, whatever it is worth.
    let instance = Instance::new(
        vec![location(61, 100, Vec::new())],
        &[vec![0; 2], vec![0; 2]],
        {
            vec![Route {
                start: 1,
                end: 1,
                open: 0,
                close: 1000,
            }]
        },
    )
    .unwrap();
    let plan = search(&instance, 1, &mut |progress| progress.iterations < 100);
    assert!(plan.routes[0].is_empty());
}

#[test]
fn a_required_location_goes_before_profit() {
    let travel = vec![vec![0; 3]; 3];
    let route = Route {
        start: 2,
        end: 2,
        open: 0,
        close: 10,
    };
    let mut needed = location(10, 1, vec![window(0, 10)]);
    needed.required = true;
    let rich = location(10, 100, vec![window(0, 10)]);
    let instance = Instance::new(vec![rich, needed], &travel, vec![route]).unwrap();
    let plan = search(&instance, 1, &mut |progress| progress.iterations < 100);
    assert_eq!(plan.routes[0].len(), 1);
    assert_eq!(plan.routes[0][0].location, 1);
}

#[test]
fn invalid_instances_are_refused() {
    let travel = vec![vec![0, 10], vec![10, 0]];
    let route = Route {
        start: 0,
        end: 1,
        open: 0,
        close: 9,
    };
    assert_eq!(
        Instance::new(Vec::new(), &travel, vec![route]).unwrap_err(),
        InstanceError::RouteTooShort { route: 0 }
    );
    assert_eq!(
        Instance::new(Vec::new(), &[vec![0, 1]], Vec::new()).unwrap_err(),
        InstanceError::TravelSize
    );
    assert_eq!(
        Instance::new(vec![location(1, 1, Vec::new())], &travel, Vec::new()).unwrap_err(),
        InstanceError::Location { location: 0 }
    );
    assert_eq!(
        Instance::new(Vec::new(), &[vec![-1]], Vec::new()).unwrap_err(),
        InstanceError::TravelTime { from: 0, to: 0 }
    );
}

/// What is wrong with a plan, from the order of its stops alone.
fn fault(instance: &Instance, plan: &Plan) -> Option<String> {
    let mut seen = vec![false; instance.size()];
    let mut score = Score::default();
    for (index, (stops, route)) in plan.routes.iter().zip(&instance.routes).enumerate() {
        let (mut here, mut time) = (route.start, route.open);
        for stop in stops {
            let own = &instance.locations[stop.location];
            if std::mem::replace(&mut seen[stop.location], true) {
                return Some(format!("{} twice", stop.location));
            }
            let way = instance.travel[here * instance.places + stop.location];
            score.travel += i64::from(way);
            time += way;
            let begin = (time..=stop.begin.max(time)).find(|&minute| {
                own.windows[index]
                    .iter()
                    .any(|window| (window.earliest..=window.latest).contains(&minute))
            });
            if stop.arrival != time || begin != Some(stop.begin) {
                return Some(format!("{} at the wrong time", stop.location));
            }
            time = stop.begin + own.service;
            score.profit += own.profit;
            score.required += usize::from(own.required);
            here = stop.location;
        }
        let way = instance.travel[here * instance.places + route.end];
        score.travel += i64::from(way);
        if time + way > route.close {
            return Some(format!("route {index} is late"));
        }
    }
    (plan.routes.len() != instance.routes.len() || score != plan.score)
        .then(|| format!("the score is {score:?}"))
}

/// Any instance: travel without the triangle inequality, several windows, routes of any ends and times.
fn instances() -> impl Strategy<Value = Instance> {
    (0_usize..12, 0_usize..4).prop_flat_map(|(locations, routes)| {
        let places = locations + 2;
        let windows = prop::collection::vec(
            (0..200_i32, 0..60_i32).prop_map(|(from, length)| window(from, from + length)),
            0..4,
        );
        let visit = (
            0..40_i32,
            0..50_i64,
            prop::bool::weighted(0.1),
            prop::collection::vec(windows, routes),
        )
            .prop_map(|(service, profit, required, windows)| Location {
                service,
                profit,
                required,
                locked: false,
                windows,
                after: Vec::new(),
                host: None,
            });
        let route = (0..places, 0..places, 0..60_i32, 60..300_i32);
        (
            prop::collection::vec(visit, locations),
            prop::collection::vec(prop::collection::vec(0..60_i32, places), places),
            prop::collection::vec(route, routes),
        )
            .prop_map(|(locations, travel, routes)| {
                let routes = routes
                    .into_iter()
                    .map(|(start, end, open, length)| Route {
                        start,
                        end,
                        open,
                        close: open + length,
                    })
                    .collect();
                Instance::new(locations, &travel, routes).unwrap()
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn every_plan_keeps_the_rules_and_comes_again(instance in instances(), seed: u64) {
        let mut last = Score::default();
        let plan = search(&instance, seed, &mut |progress| {
            assert_eq!(fault(&instance, progress.best), None);
            assert!(progress.iterations == 0 || progress.best.score >= last);
            assert!(!progress.improved || progress.iterations == 0 || progress.best.score > last);
            last = progress.best.score;
            progress.iterations < 60
        });
        prop_assert_eq!(fault(&instance, &plan), None);
        let again = search(&instance, seed, &mut |progress| progress.iterations < 60);
        prop_assert_eq!(plan, again);
    }

    /// The quick check says what inserting and computing all times anew says.
    #[test]
    fn the_quick_check_is_exact(instance in instances(), seed: u64) {
        let mut random = Random(seed);
        let mut state = State::new(&instance);
        state.recreate(&instance, &mut random, &mut || true);
        for location in (0..instance.size()).filter(|&location| !state.visited[location]) {
            for (route, tour) in state.tours.iter().enumerate() {
                for position in 0..=tour.stops.len() {
                    let mut longer = tour.clone();
                    longer.stops.insert(position, location);
                    let fits = longer.refresh(&instance, route);
                    let quick = tour.insertion(&instance, route, location, position);
                    prop_assert_eq!(fits, quick.is_some());
                    if let Some(quick) = quick {
                        prop_assert_eq!(longer.travel() - tour.travel(), quick.detour);
                    }
                }
            }
        }
    }
}
