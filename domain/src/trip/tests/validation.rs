//! The validator finds each fault.

use std::collections::HashSet;

use super::super::*;
use super::{candidate, evening_problem, home, near, problem, reason, solved};

/// One stop at home on the first day, one far away on the second, and a candidate without a place.
///
/// The first day: home to home from 935 to 960, the visit until 1080. The second: home to far from 564 to 840, the
/// visit until 960, far to home until 1236.
fn validated() -> (TripProblem, Plan) {
    let mut problem = evening_problem(840);
    problem.candidates.push(Candidate {
        place: None,
        ..candidate(3, 1.0, home(), 60)
    });
    problem.candidates[0].fixed_team = Some(0);
    let plan = solved(&problem, 20);
    assert_eq!(plan.visited, 2);
    (problem, plan)
}

/// The code of a violation. A new one does not compile here, so that it gets a case below.
fn code(violation: &Violation) -> &'static str {
    match violation {
        Violation::WrongTeamCount { .. } => "wrong_team_count",
        Violation::WrongDayCount { .. } => "wrong_day_count",
        Violation::WrongDate { .. } => "wrong_date",
        Violation::UnknownCandidate { .. } => "unknown_candidate",
        Violation::WrongPlace { .. } => "wrong_place",
        Violation::VisitedTwice { .. } => "visited_twice",
        Violation::LeftOutTwice { .. } => "left_out_twice",
        Violation::VisitedAndLeftOut { .. } => "visited_and_left_out",
        Violation::Forgotten { .. } => "forgotten",
        Violation::ClosedDay { .. } => "closed_day",
        Violation::OutsideWorkingHours { .. } => "outside_working_hours",
        Violation::OutsideWindow { .. } => "outside_window",
        Violation::AcrossLunch { .. } => "across_lunch",
        Violation::WrongDuration { .. } => "wrong_duration",
        Violation::WrongTeam { .. } => "wrong_team",
        Violation::WrongDay { .. } => "wrong_day",
        Violation::WrongMinute { .. } => "wrong_minute",
        Violation::Overlap { .. } => "overlap",
        Violation::Discontinuity { .. } => "discontinuity",
        Violation::LegTooShort { .. } => "leg_too_short",
        Violation::DepartureTooEarly { .. } => "departure_too_early",
        Violation::ArrivalTooLate { .. } => "arrival_too_late",
        Violation::NotHome { .. } => "not_home",
        Violation::WrongHotel { .. } => "wrong_hotel",
        Violation::NotFree { .. } => "not_free",
        Violation::OutOfOrder { .. } => "out_of_order",
        Violation::HostSplit { .. } => "host_split",
        Violation::WrongTotal { .. } => "wrong_total",
        Violation::BeforeNow { .. } => "before_now",
        Violation::PastChanged { .. } => "past_changed",
        Violation::InHold { .. } => "in_hold",
    }
}

const CODES: usize = 31;

type Change = fn(&mut TripProblem, &mut Plan);

/// Faults of a plan by itself.
fn account_cases() -> Vec<(Change, Violation)> {
    let total = |team, total| Violation::WrongTotal { team, total };
    vec![
        (
            |_, plan| plan.teams.clear(),
            Violation::WrongTeamCount {
                expected: 1,
                found: 0,
            },
        ),
        (
            |_, plan| plan.teams[0].days.truncate(1),
            Violation::WrongDayCount {
                team: 0,
                expected: 2,
                found: 1,
            },
        ),
        (
            |_, plan| plan.teams[0].days[0].date = plan.teams[0].days[1].date,
            Violation::WrongDate { team: 0, day: 0 },
        ),
        (
            |_, plan| plan.left_out[0].candidate_id = 99,
            Violation::UnknownCandidate { candidate_id: 99 },
        ),
        (
            |_, plan| plan.teams[0].days[0].stops[0].candidate_id = 98,
            Violation::UnknownCandidate { candidate_id: 98 },
        ),
        (
            |_, plan| {
                let stop = plan.teams[0].days[0].stops[0].clone();
                plan.teams[0].days[1].stops.push(stop);
            },
            Violation::VisitedTwice { candidate_id: 1 },
        ),
        (
            |_, plan| plan.left_out.push(plan.left_out[0].clone()),
            Violation::LeftOutTwice { candidate_id: 3 },
        ),
        (
            |_, plan| plan.left_out[0].candidate_id = 1,
            Violation::VisitedAndLeftOut { candidate_id: 1 },
        ),
        (
            |_, plan| plan.left_out.clear(),
            Violation::Forgotten { candidate_id: 3 },
        ),
        (|_, plan| plan.total_value += 0.5, total(None, Total::Value)),
        (|_, plan| plan.visited += 1, total(None, Total::Visited)),
        (|_, plan| plan.cities += 1, total(None, Total::Cities)),
        (
            |_, plan| plan.travel_minutes += 1,
            total(None, Total::TravelMinutes),
        ),
        (
            |_, plan| plan.meeting_minutes += 1,
            total(None, Total::MeetingMinutes),
        ),
        (
            |_, plan| plan.teams[0].visits += 1,
            total(Some(0), Total::Visited),
        ),
        (
            |_, plan| plan.teams[0].travel_minutes += 1,
            total(Some(0), Total::TravelMinutes),
        ),
    ]
}

/// Faults of single visits.
fn visit_cases() -> Vec<(Change, Violation)> {
    vec![
        (
            |_, plan| plan.teams[0].days[0].stops[0].city = "far".to_owned(),
            Violation::WrongPlace { candidate_id: 1 },
        ),
        (
            |problem, _| problem.days[0].working = false,
            Violation::ClosedDay { candidate_id: 1 },
        ),
        (
            |_, plan| plan.teams[0].days[0].stops[0].end_minute = 1081,
            Violation::OutsideWorkingHours { candidate_id: 1 },
        ),
        (
            |problem, _| {
                problem.candidates[0].open = vec![OpenWindow {
                    on: OpenOn::Day(0),
                    from_minute: 540,
                    until_minute: 1079,
                }];
            },
            Violation::OutsideWindow { candidate_id: 1 },
        ),
        (
            // The second day is a Tuesday.
            |problem, _| {
                problem.candidates[1].open = vec![OpenWindow {
                    on: OpenOn::Weekday(1),
                    from_minute: 540,
                    until_minute: 1080,
                }];
            },
            Violation::OutsideWindow { candidate_id: 2 },
        ),
        (
            |problem, _| {
                problem.candidates[1].open = vec![OpenWindow {
                    on: OpenOn::Date(problem.days[1].date),
                    from_minute: 0,
                    until_minute: 0,
                }];
            },
            Violation::OutsideWindow { candidate_id: 2 },
        ),
        (
            |_, plan| plan.teams[0].days[0].stops[0].begin_minute = 700,
            Violation::AcrossLunch { candidate_id: 1 },
        ),
        (
            |_, plan| plan.teams[0].days[0].stops[0].end_minute = 1070,
            Violation::WrongDuration { candidate_id: 1 },
        ),
        (
            |_, plan| plan.teams[0].days[0].stops[0].arrive_minute = 961,
            Violation::WrongDuration { candidate_id: 1 },
        ),
        (
            |problem, _| problem.candidates[0].fixed_team = Some(1),
            Violation::WrongTeam { candidate_id: 1 },
        ),
        (
            |_, plan| plan.teams[0].days.swap(0, 1),
            Violation::WrongDay { candidate_id: 1 },
        ),
        (
            |problem, _| problem.candidates[0].fixed_minute = Some(959),
            Violation::WrongMinute { candidate_id: 1 },
        ),
        (
            // The second visit is on the second day.
            |problem, _| problem.candidates[0].after = vec![2],
            Violation::OutOfOrder { candidate_id: 1 },
        ),
        (
            |problem, _| problem.candidates[1].after = vec![3],
            Violation::OutOfOrder { candidate_id: 2 },
        ),
        (
            |problem, _| {
                for candidate in &mut problem.candidates {
                    candidate.host = Some("the same".to_owned());
                }
            },
            Violation::HostSplit { candidate_id: 2 },
        ),
    ]
}

/// Faults of the journey.
fn journey_cases() -> Vec<(Change, Violation)> {
    vec![
        (
            |_, plan| plan.teams[0].days[1].legs[1].from_minute = 950,
            Violation::Overlap {
                team: 0,
                day: 1,
                minute: 950,
            },
        ),
        (
            |_, plan| plan.teams[0].days[1].legs[1].from_city = "near".to_owned(),
            Violation::Discontinuity {
                team: 0,
                day: 1,
                minute: 960,
            },
        ),
        (
            // A visit without a way to it.
            |_, plan| plan.teams[0].days[0].legs.clear(),
            Violation::Discontinuity {
                team: 0,
                day: 0,
                minute: 960,
            },
        ),
        (
            |_, plan| plan.teams[0].days[1].legs[0].from_minute += 1,
            Violation::LegTooShort {
                team: 0,
                day: 1,
                minute: 565,
                estimate_minutes: 276,
            },
        ),
        (
            // The train of nine o'clock takes longer; that of ten would not matter.
            |problem, _| {
                problem.travel = [(9, 277), (10, 300)]
                    .map(|(from_hour, minutes)| KnownWay {
                        from: "home".to_owned(),
                        to: "far".to_owned(),
                        from_hour,
                        minutes,
                        mode: None,
                    })
                    .to_vec();
            },
            Violation::LegTooShort {
                team: 0,
                day: 1,
                minute: 564,
                estimate_minutes: 277,
            },
        ),
        (
            |_, plan| plan.teams[0].days[1].legs[0].from_minute = 419,
            Violation::DepartureTooEarly {
                team: 0,
                day: 1,
                minute: 419,
            },
        ),
        (
            |_, plan| plan.teams[0].days[1].legs[1].until_minute = 1291,
            Violation::ArrivalTooLate {
                team: 0,
                day: 1,
                minute: 1291,
            },
        ),
        (
            |_, plan| {
                plan.teams[0].days[1].legs.pop();
            },
            Violation::NotHome { team: 0 },
        ),
        (
            |problem, _| problem.teams[0].end = near(),
            Violation::NotHome { team: 0 },
        ),
        (
            |_, plan| plan.teams[0].days[0].hotel_city = None,
            Violation::WrongHotel { team: 0, day: 0 },
        ),
        (
            |problem, _| {
                problem.teams[0].nights = vec![Night {
                    day: 0,
                    place: near(),
                }];
            },
            Violation::WrongHotel { team: 0, day: 0 },
        ),
        (
            |problem, _| {
                problem.teams[0].free_from = Some(Moment {
                    day: 0,
                    minute: 936,
                });
            },
            Violation::NotFree {
                team: 0,
                day: 0,
                minute: 935,
            },
        ),
    ]
}

/// Faults of a plan on the road: 16:20 on the first day, when the visit has begun, and others. The plan in hand is the
/// good one.
fn road_cases() -> Vec<(Change, Violation)> {
    fn at(day: u8, minute: u16) -> Option<Moment> {
        Some(Moment { day, minute })
    }
    fn hold(problem: &mut TripProblem, day: u8, from_minute: u16, place: Option<Place>) {
        problem.holds.push(Hold {
            team: 0,
            day,
            from_minute,
            until_minute: from_minute + 10,
            place,
        });
    }
    let before = |day, minute| Violation::BeforeNow {
        team: 0,
        day,
        minute,
    };
    let in_hold = |day, minute| Violation::InHold {
        team: 0,
        day,
        minute,
    };
    vec![
        (
            // Nobody has locked what is over.
            |problem, _| problem.now = at(0, 980),
            before(0, 960),
        ),
        (
            // A leg leads to no visit that has begun.
            |problem, _| problem.now = at(0, 940),
            before(0, 935),
        ),
        (
            |problem, plan| {
                problem.now = at(0, 980);
                *problem = problem.begun(plan);
                plan.teams[0].days[0].legs[0].from_minute -= 1;
            },
            Violation::PastChanged { team: 0, day: 0 },
        ),
        (
            |problem, plan| {
                problem.now = at(1, 1439);
                *problem = problem.begun(plan);
                plan.teams[0].days[1].stops.clear();
            },
            Violation::PastChanged { team: 0, day: 1 },
        ),
        (
            // A visit begins in a hold.
            |problem, _| hold(problem, 1, 835, None),
            in_hold(1, 840),
        ),
        (
            // So does a leg, and one is under way.
            |problem, _| hold(problem, 1, 555, None),
            in_hold(1, 564),
        ),
        (|problem, _| hold(problem, 1, 700, None), in_hold(1, 564)),
        (
            // At night the team is at home.
            |problem, _| hold(problem, 1, 430, Some(near())),
            in_hold(1, 430),
        ),
        (
            |problem, _| hold(problem, 1, 1240, Some(near())),
            in_hold(1, 1240),
        ),
    ]
}

#[test]
fn a_visit_may_end_in_a_hold() {
    let (mut problem, good) = validated();
    // The visit of the first day is from 960 to 1080; nothing follows on that day.
    problem.holds.push(Hold {
        team: 0,
        day: 0,
        from_minute: 961,
        until_minute: 1440,
        place: Some(home()),
    });
    assert_eq!(validate(&problem, &good), Vec::new());
}

#[test]
fn what_has_happened_is_not_judged() {
    let (mut problem, good) = validated();
    problem.now = Some(Moment {
        day: 0,
        minute: 980,
    });
    problem.days[0].working = false;
    problem.candidates[0].duration_minutes = 500;
    problem.settings.local_minutes = 300;
    problem.candidates[0].after = vec![3];
    assert_eq!(validate(&problem.begun(&good), &good), Vec::new());
}

#[test]
fn the_validator_finds_each_fault() {
    let (problem, good) = validated();
    let mut seen = HashSet::new();
    let cases = [
        account_cases(),
        visit_cases(),
        journey_cases(),
        road_cases(),
    ]
    .concat();
    for (change, expected) in cases {
        let (mut problem, mut bad) = (problem.clone(), good.clone());
        change(&mut problem, &mut bad);
        let found = validate(&problem, &bad);
        assert!(found.contains(&expected), "{expected:?}: {found:?}");
        let json = serde_json::to_value(&expected).unwrap();
        assert_eq!(json["code"], code(&expected));
        seen.insert(code(&expected));
    }
    assert_eq!(seen.len(), CODES);
}

#[test]
fn a_team_that_stays_at_home_misses_its_hotel() {
    let mut problem = problem(1, 2, vec![candidate(1, 1.0, home(), 60)]);
    problem.candidates[0].place = None;
    let mut plan = solved(&problem, 1);
    assert_eq!(reason(&plan, 1), LeftOutReason::NoCoordinates);
    problem.teams[0].nights = vec![Night {
        day: 0,
        place: near(),
    }];
    // Naming the hotel is not being there.
    plan.teams[0].days[0].hotel_city = Some("near".to_owned());
    let expected = vec![Violation::WrongHotel { team: 0, day: 0 }];
    assert_eq!(validate(&problem, &plan), expected);
    problem.teams[0].nights[0].place = home();
    plan.teams[0].days[0].hotel_city = Some("home".to_owned());
    assert_eq!(validate(&problem, &plan), Vec::new());
}

#[test]
fn a_locked_visit_is_above_orders_and_hosts() {
    let (mut problem, good) = validated();
    for candidate in &mut problem.candidates {
        candidate.host = Some("the same".to_owned());
        candidate.required = true;
        candidate.fixed_team = Some(0);
    }
    problem.candidates[0].after = vec![2];
    assert_eq!(validate(&problem, &good), Vec::new());
}
