//! A delegation on the road: what has happened stays, teams are held up, plans change. Every number is computed by hand;
//! the ways stand at the top of the parent module. From near to middle it is 58 minutes, as from home to near.

use super::super::*;
use super::{
    candidate, far, hold, home, leg_minutes, middle, near, place, problem, reason, remedy, solved,
    visits, window,
};

fn moment(day: u8, minute: u16) -> Option<Moment> {
    Some(Moment { day, minute })
}

fn at(place: Place, hold: Hold) -> Hold {
    Hold {
        place: Some(place),
        ..hold
    }
}

fn slot(team: u8, day: u8, begin_minute: u16) -> Slot {
    Slot {
        team,
        day,
        begin_minute,
    }
}

/// The plan in which each candidate has such a slot.
fn planned(problem: &TripProblem, slots: &[Slot]) -> Plan {
    let mut fixed = problem.clone();
    for (candidate, slot) in fixed.candidates.iter_mut().zip(slots) {
        candidate.required = true;
        candidate.fixed_team = Some(slot.team);
        candidate.fixed_day = Some(slot.day);
        candidate.fixed_minute = Some(slot.begin_minute);
    }
    let plan = solved(&fixed, 1);
    assert_eq!(usize::from(plan.visited), slots.len());
    plan
}

/// The new plan, which the validator finds right.
fn replanned(problem: &TripProblem, before: &Plan) -> Plan {
    let plan = replan(problem, before, &mut |progress| progress.iterations < 50).unwrap();
    assert_eq!(validate(&problem.begun(before), &plan), Vec::new());
    plan
}

/// Three days. On the second the team is near from 10:00 to 11:00, takes the train at once and is in the middle at 11:58,
/// for visits at 14:00 and at 16:00; it goes home at 17:00, and is there on the third day at 10:00.
fn delegation() -> (TripProblem, Plan) {
    let candidates = vec![
        candidate(1, 1.0, home(), 60),
        candidate(2, 1.0, near(), 60),
        candidate(3, 1.0, middle(), 60),
        candidate(4, 1.0, middle(), 60),
        candidate(5, 1.0, home(), 60),
    ];
    let problem = problem(1, 3, candidates);
    let slots = [
        slot(0, 0, 540),
        slot(0, 1, 600),
        slot(0, 1, 840),
        slot(0, 1, 960),
        slot(0, 2, 600),
    ];
    let plan = planned(&problem, &slots);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[1]),
        [
            ("near", "near", 575, 600),
            ("near", "middle", 660, 718),
            ("middle", "middle", 900, 925),
            ("middle", "home", 1020, 1127)
        ]
    );
    (problem, plan)
}

#[test]
fn time_alone_changes_nothing() {
    let (mut problem, plan) = delegation();
    // Early in the morning, on the train, at the gate, in the middle of a visit, in the evening, and when all is over.
    for (day, minute) in [
        (0, 0),
        (1, 690),
        (1, 730),
        (1, 841),
        (1, 1300),
        (2, 661),
        (2, 1440),
    ] {
        problem.now = moment(day, minute);
        let same = restated(&problem, &plan).unwrap();
        assert_eq!(same.teams, plan.teams, "{day} {minute}");
        assert_eq!(validate(&problem.begun(&plan), &same), Vec::new());
        assert_eq!(changes(&plan, &replanned(&problem, &plan)), []);
    }
}

#[test]
fn what_has_happened_is_moved_by_nobody() {
    let (mut problem, plan) = delegation();
    problem.now = moment(1, 720);
    for id in [1, 2] {
        assert_eq!(openings(&problem, &plan, id), Err(MoveProblem::Past));
        assert_eq!(moved(&problem, &plan, id, 0, 2), Err(MoveProblem::Past));
        assert_eq!(taken_out(&problem, &plan, id), Err(MoveProblem::Past));
    }
    // The first day is over. On the third the team would come from home, as on the second evening it goes home.
    assert_eq!(openings(&problem, &plan, 3), Ok(vec![slot(0, 2, 810)]));
    let later = moved(&problem, &plan, 3, 0, 2).unwrap();
    assert_eq!(slots(&later)[&3], slot(0, 2, 810));
    assert_eq!(validate(&problem.begun(&plan), &later), Vec::new());
    assert_eq!(moved(&problem, &plan, 3, 0, 0), Err(MoveProblem::Closed));
    let without = taken_out(&problem, &plan, 4).unwrap();
    assert_eq!(without.visited, 4);
    // The way that has been made stays.
    assert_eq!(
        leg_minutes(&without.teams[0].days[1]),
        [
            ("near", "near", 575, 600),
            ("near", "middle", 660, 718),
            ("middle", "home", 900, 1007)
        ]
    );
}

#[test]
fn a_missed_train_moves_the_visit_that_it_makes_impossible() {
    let (mut problem, plan) = delegation();
    problem.now = moment(1, 720);
    problem.holds = vec![at(near(), hold(0, 1, 660, 900))];
    let again = replanned(&problem, &plan);
    // In the middle at 15:58: in time for the visit at 16:00, but two hours late for that at 14:00, and after 17:25 there
    // is no hour left. On the third day the team leaves home at 11:00, and begins after lunch.
    assert_eq!(
        changes(&plan, &again),
        [PlanChange {
            candidate_id: 3,
            before: Some(slot(0, 1, 840)),
            after: Some(slot(0, 2, 810))
        }]
    );
    assert_eq!(
        leg_minutes(&again.teams[0].days[1]),
        [
            ("near", "near", 575, 600),
            ("near", "middle", 900, 958),
            ("middle", "home", 1020, 1127)
        ]
    );
    // Nobody waits for the train, with the same words.
    problem.holds[0].place = None;
    assert_eq!(replanned(&problem, &plan), again);
    // Until 14:30 the first visit could still be, at 15:28; then the second has no time. So it moves as well.
    problem.holds[0].until_minute = 870;
    let again = replanned(&problem, &plan);
    assert_eq!(slots(&again)[&4], slot(0, 1, 960));
    assert_eq!(slots(&again)[&3], slot(0, 2, 810));
    // Until 13:30 it is late by 28 minutes, and moves within the day: 14:28 to 15:28, and 25 minutes to the next.
    problem.holds[0].until_minute = 810;
    let again = replanned(&problem, &plan);
    assert_eq!(
        changes(&plan, &again),
        [PlanChange {
            candidate_id: 3,
            before: Some(slot(0, 1, 840)),
            after: Some(slot(0, 1, 868))
        }]
    );
}

#[test]
fn another_team_takes_over() {
    let candidates = vec![
        candidate(1, 1.0, home(), 60),
        candidate(2, 1.0, home(), 60),
        candidate(3, 1.0, home(), 60),
    ];
    let mut problem = problem(2, 1, candidates);
    let plan = planned(
        &problem,
        &[slot(0, 0, 540), slot(0, 0, 840), slot(1, 0, 540)],
    );
    problem.now = moment(0, 700);
    problem.holds = vec![hold(0, 0, 700, 1080)];
    let again = replanned(&problem, &plan);
    assert_eq!(
        changes(&plan, &again),
        [PlanChange {
            candidate_id: 2,
            before: Some(slot(0, 0, 840)),
            after: Some(slot(1, 0, 810))
        }]
    );
    // The other team has gone home at 10:00, and comes again after lunch. The first one waits where it is, with the way
    // to the second visit behind it, and goes home when it can.
    assert_eq!(
        leg_minutes(&again.teams[1].days[0]),
        [
            ("home", "home", 515, 540),
            ("home", "home", 600, 625),
            ("home", "home", 785, 810),
            ("home", "home", 870, 895)
        ]
    );
    assert_eq!(visits(&again.teams[0].days[0]), [(1, 540, 600)]);
    // Alone, the team has no time for it: it stands at the gate until 18:00.
    problem.teams.truncate(1);
    problem.candidates.pop();
    let again = replanned(&problem, &plan);
    assert_eq!(
        reason(&again, 2),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 60
        }
    );
}

#[test]
fn a_required_visit_with_a_fixed_minute_moves() {
    let mut visit = candidate(1, 1.0, home(), 60);
    visit.required = true;
    visit.fixed_minute = Some(600);
    let own = problem(1, 2, vec![visit]);
    let plan = solved(&own, 1);
    assert_eq!(slots(&plan)[&1], slot(0, 0, 600));
    let later = moved(&own, &plan, 1, 0, 1).unwrap();
    assert_eq!(slots(&later)[&1], slot(0, 1, 600));
}

#[test]
fn a_hold_leaves_no_time() {
    let mut visit = candidate(1, 1.0, home(), 60);
    visit.open = vec![window(0, 900, 1000)];
    let mut own = problem(1, 1, vec![visit]);
    // It would begin at 18:00 instead of 15:40.
    own.holds = vec![hold(0, 0, 840, 1080)];
    let plan = solved(&own, 5);
    assert_eq!(
        reason(&plan, 1),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 140
        }
    );
    assert_eq!(remedy(&plan, 1), None);
    // A visit that has begun may end in the hold; the team goes home after it.
    own.holds[0].from_minute = 901;
    let plan = solved(&own, 5);
    let day = &plan.teams[0].days[0];
    assert_eq!(visits(day), [(1, 900, 960)]);
    assert_eq!(
        leg_minutes(day),
        [("home", "home", 875, 900), ("home", "home", 1080, 1105)]
    );
}

#[test]
fn what_could_only_be_before_is_past() {
    let mut morning = candidate(1, 1.0, home(), 60);
    morning.open = vec![window(0, 540, 700)];
    let mut own = problem(1, 1, vec![morning, candidate(2, 1.0, home(), 60)]);
    own.now = moment(0, 641);
    let plan = solved(&own, 5);
    assert_eq!(reason(&plan, 1), LeftOutReason::Past);
    assert_eq!(remedy(&plan, 1), Some(Remedy::AskForTime));
    // At 10:41 the team leaves home, for 11:06: too late before lunch, so after it.
    assert_eq!(visits(&plan.teams[0].days[0]), [(2, 810, 870)]);
    // A minute earlier it is not past, but the way takes until 11:05.
    own.now = moment(0, 640);
    assert_eq!(
        reason(&solved(&own, 5), 1),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 25
        }
    );
    // What is locked in the past has happened, at whatever hour.
    let own_lock = &mut own.candidates[0];
    own_lock.required = true;
    (own_lock.fixed_team, own_lock.fixed_day) = (Some(0), Some(0));
    own_lock.fixed_minute = Some(600);
    own_lock.open = vec![window(0, 700, 710)];
    let plan = solved(&own, 5);
    assert_eq!(
        visits(&plan.teams[0].days[0]),
        [(1, 600, 660), (2, 810, 870)]
    );
    // A fixed minute that is over is a contradiction.
    own.candidates[0].required = false;
    own.candidates[0].open.clear();
    assert_eq!(reason(&solved(&own, 5), 1), LeftOutReason::Conflict);
}

#[test]
fn a_cancelled_visit_has_brought_the_team_there() {
    let mut own = problem(1, 1, vec![candidate(1, 1.0, near(), 60)]);
    let plan = planned(&own, &[slot(0, 0, 540)]);
    own.now = moment(0, 560);
    own.candidates = vec![candidate(2, 1.0, near(), 60)];
    let again = replanned(&own, &plan);
    let day = &again.teams[0].days[0];
    assert_eq!(visits(day), [(2, 585, 645)]);
    assert_eq!(
        leg_minutes(day),
        [
            ("home", "near", 482, 540),
            ("near", "near", 560, 585),
            ("near", "home", 645, 703)
        ]
    );
}

#[test]
fn who_is_on_the_way_arrives() {
    let mut own = problem(1, 1, vec![candidate(1, 1.0, far(), 60)]);
    let plan = planned(&own, &[slot(0, 0, 840)]);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[0])[0],
        ("home", "far", 564, 840)
    );
    // Cancelled on the way: the team is far away at 14:00, where it is 25 minutes to the next company.
    own.now = moment(0, 600);
    own.candidates = vec![candidate(2, 1.0, far(), 60)];
    let again = replanned(&own, &plan);
    assert_eq!(visits(&again.teams[0].days[0]), [(2, 865, 925)]);
    // A landing in the middle at 10:00, until 15:00: it is 267 minutes to the end of the way, so home.
    own.candidates = vec![candidate(1, 1.0, far(), 60)];
    own.holds = vec![at(middle(), hold(0, 0, 600, 900))];
    let again = replanned(&own, &plan);
    assert_eq!(
        leg_minutes(&again.teams[0].days[0]),
        [("home", "middle", 564, 600), ("middle", "home", 900, 1007)]
    );
    assert_eq!(
        reason(&again, 1),
        LeftOutReason::TooFar {
            nearest_city: "home".to_owned(),
            minutes: 276
        }
    );
}

/// The team flies to the farther of two companies of a city. When both are given up on the way, it goes home from there,
/// however the new plan is looked at.
#[test]
fn a_leg_has_led_as_far_as_it_says() {
    let nearer = place("far", 5.0, 0.0);
    let candidates = vec![candidate(1, 1.0, nearer, 60), candidate(2, 1.0, far(), 60)];
    let mut problem = problem(1, 3, candidates);
    let plan = planned(&problem, &[slot(0, 2, 600), slot(0, 1, 840)]);
    let mut days = plan.teams[0].days.iter().zip(0..);
    let (leg, day) = days
        .find_map(|(own, day)| Some((own.legs.first()?, day)))
        .unwrap();
    problem.now = moment(day, leg.from_minute + 1);
    for candidate in &mut problem.candidates {
        candidate.open = vec![window(9, 540, 1080)];
    }
    let closed = replanned(&problem, &plan);
    assert_eq!(closed.visited, 0);
    assert_eq!(problem.begun(&plan).past[0].place, far());
    assert_eq!(problem.begun(&closed).past[0].place, far());
}

#[test]
fn a_team_waits_where_it_is_to_wait() {
    let mut candidates = vec![candidate(1, 1.0, near(), 60), candidate(2, 1.0, home(), 60)];
    candidates[1].fixed_minute = Some(960);
    let mut own = problem(1, 1, candidates);
    own.holds = vec![at(near(), hold(0, 0, 690, 880))];
    let plan = solved(&own, 20);
    let day = &plan.teams[0].days[0];
    assert_eq!(visits(day), [(1, 540, 600), (2, 960, 1020)]);
    assert_eq!(
        leg_minutes(day),
        [
            ("home", "near", 482, 540),
            ("near", "home", 880, 938),
            ("home", "home", 1020, 1045)
        ]
    );
    assert_eq!((plan.visited, plan.cities, plan.total_value), (2, 2, 2.0));
    // 276 minutes from 7:00 on it is not there at 8:20.
    own.holds = vec![at(far(), hold(0, 0, 500, 880))];
    assert_eq!(
        solve(&own, &mut |_| false),
        Err(TripError::HoldOutOfReach { team: 0, day: 0 })
    );
    // Unless it is there already.
    own.now = moment(0, 500);
    let plan = solved(&own, 20);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[0]),
        [("far", "home", 880, 1156)]
    );
}

#[test]
fn orders_and_hosts_hold_for_what_has_happened() {
    let mut candidates = vec![
        candidate(1, 1.0, home(), 60),
        candidate(2, 1.0, home(), 60),
        candidate(3, 1.0, home(), 60),
    ];
    let mut own = problem(1, 2, vec![candidates[0].clone()]);
    let plan = planned(&own, &[slot(0, 0, 640)]);
    // During the first visit, which ends at 11:40: the second comes after it, the third is of the host of that day.
    candidates[1].after = vec![1];
    candidates[2].fixed_day = Some(1);
    candidates[0].host = Some("ministry".to_owned());
    candidates[2].host = Some("ministry".to_owned());
    own.candidates = candidates;
    own.now = moment(0, 650);
    let again = replanned(&own, &plan);
    assert_eq!(slots(&again)[&2], slot(0, 0, 810));
    assert_eq!(reason(&again, 3), LeftOutReason::Host { team: 0, day: 0 });
    own.candidates[2].fixed_day = None;
    own.candidates[2].open = vec![window(1, 540, 1080)];
    let again = replanned(&own, &plan);
    assert_eq!(reason(&again, 3), LeftOutReason::Host { team: 0, day: 0 });
}

#[test]
fn what_is_read_says_now_and_holds() {
    let request = |now: &str, holds: &str| {
        let text = format!(
            r#"{{"teams": 1, "start": "安康", "days": ["2026-07-06"], "seconds": 1,
                "places": [{{"id": 1, "city": "安康", "value": 1}}], "now": {now}, "holds": {holds}}}"#
        );
        match SolveRequest::from_text(&text, &SolveOptions::default()) {
            Ok(SolveRequest::Trip { problem, .. }) => Ok((problem.now, problem.holds)),
            Ok(SolveRequest::Tours(_)) => unreachable!(),
            Err(problem) => Err(problem.to_string()),
        }
    };
    let one = r#"{"team": 0, "day": 0, "from_minute": 600, "until_minute": 700"#;
    let (now, holds) = request(
        r#"{"day": 0, "minute": 600}"#,
        &format!(r#"[{one}, "place": "西安"}}]"#),
    )
    .unwrap();
    assert_eq!(now, moment(0, 600));
    assert_eq!(holds[0].place.as_ref().unwrap().city, "西安");
    assert_eq!(request("null", &format!("[{one}}}]")).unwrap().0, None);
    let cases = [
        (r#"{"day": 1, "minute": 0}"#, "[]".to_owned(), "now"),
        (
            r#"{"day": 0, "minute": 0, "hour": 1}"#,
            "[]".to_owned(),
            "unknown field `hour`",
        ),
        (
            "null",
            format!("[{one}, \"place\": \"亚特兰蒂斯\"}}]"),
            "holds[0].place",
        ),
        ("null", format!("[{one}}}, {one}}}]"), "overlap"),
        (
            "null",
            format!("[{one}, \"why\": 1}}]"),
            "unknown field `why`",
        ),
        (
            "null",
            r#"[{"team": 1, "day": 0, "from_minute": 1, "until_minute": 2}]"#.to_owned(),
            "the hold of team 1 on day 0 is not valid",
        ),
    ];
    for (now, holds, expected) in cases {
        let problem = request(now, &holds).unwrap_err();
        assert!(problem.contains(expected), "{expected}: {problem}");
    }
}

#[test]
fn a_problem_of_before_has_no_holds() {
    let own = problem(1, 1, vec![candidate(1, 1.0, home(), 60)]);
    let mut json = serde_json::to_value(&own).unwrap();
    let fields = json.as_object_mut().unwrap();
    for name in ["now", "holds", "past"] {
        fields.remove(name);
    }
    assert_eq!(serde_json::from_value::<TripProblem>(json).unwrap(), own);
}
