//! What is given to a trip besides its companies: hotels, ends, travel times, orders, hosts, appointments. Every
//! number is computed by hand; the ways stand at the top of the parent module.

use super::super::*;
use super::reasons::check_reasons;
use super::{
    candidate, days, far, home, is_left_out, leg_minutes, middle, near, night, problem, reason,
    remedy, solved, team, visits, way, window,
};

/// Visited at a fixed minute by a fixed team, whatever else.
fn locked(id: i64, place: Place, slot: (u8, u8, u16), duration_minutes: u16) -> Candidate {
    Candidate {
        required: true,
        fixed_team: Some(slot.0),
        fixed_day: Some(slot.1),
        fixed_minute: Some(slot.2),
        ..candidate(id, 1.0, place, duration_minutes)
    }
}

#[test]
fn a_given_hotel_is_reached_and_left() {
    let mut candidates = vec![candidate(1, 1.0, home(), 60), candidate(2, 1.0, near(), 60)];
    candidates[0].fixed_day = Some(0);
    candidates[1].fixed_day = Some(1);
    let mut problem = problem(1, 2, candidates);
    problem.teams[0].nights = vec![night(0, middle())];
    let plan = solved(&problem, 20);
    let own = &plan.teams[0].days;
    // To the hotel at once after the visit; in the morning as late as possible: 9:00 − 58 minutes.
    assert_eq!(
        leg_minutes(&own[0]),
        [("home", "home", 515, 540), ("home", "middle", 600, 707)]
    );
    assert_eq!(own[0].hotel_city.as_deref(), Some("middle"));
    assert_eq!(
        leg_minutes(&own[1]),
        [("middle", "near", 482, 540), ("near", "home", 600, 658)]
    );
    assert_eq!(plan.travel_minutes, 25 + 107 + 58 + 58);
    check_reasons(&problem, &plan);
}

#[test]
fn a_given_hotel_binds_the_evening() {
    // Until 17:00 at home, then 276 minutes: 21:36 is too late for the hotel.
    let mut candidates = vec![candidate(1, 1.0, home(), 60)];
    candidates[0].fixed_day = Some(0);
    candidates[0].fixed_minute = Some(960);
    let mut problem = problem(1, 2, candidates);
    problem.teams[0].nights = vec![night(0, far())];
    let plan = solved(&problem, 5);
    assert_eq!(
        reason(&plan, 1),
        LeftOutReason::TooFar {
            nearest_city: "home".to_owned(),
            minutes: 25
        }
    );
    assert_eq!(remedy(&plan, 1), None);
    // The team goes there all the same, and home again: after work 18:00 + 276 minutes is too late, so at 9:00.
    let own = &plan.teams[0].days;
    assert_eq!(leg_minutes(&own[0]), [("home", "far", 540, 816)]);
    assert_eq!(leg_minutes(&own[1]), [("far", "home", 540, 816)]);
    // Six minutes earlier it would do: 954 + 60 + 276 = 1290.
    problem.candidates[0].fixed_minute = Some(954);
    assert_eq!(solved(&problem, 5).visited, 1);
}

#[test]
fn the_way_to_a_hotel_in_the_city_is_not_counted() {
    let mut visit = candidate(1, 1.0, near(), 60);
    visit.fixed_day = Some(0);
    visit.fixed_minute = Some(1020);
    let mut problem = problem(1, 2, vec![visit]);
    problem.teams[0].nights = vec![night(0, near())];
    // The visit ends at the latest arrival, with no minute left for a way.
    problem.settings.latest_arrival_minute = 1080;
    let plan = solved(&problem, 5);
    let own = &plan.teams[0].days;
    assert_eq!(leg_minutes(&own[0]), [("home", "near", 962, 1020)]);
    assert_eq!(own[0].hotel_city.as_deref(), Some("near"));
    // Home on the next day at 9:00.
    assert_eq!(leg_minutes(&own[1]), [("near", "home", 540, 598)]);
}

#[test]
fn a_hotel_at_home_before_the_trip() {
    // The first night at home is given, the visit is on the third day: no hotel on the second night but the
    // visit's, where the team goes after work.
    let mut visit = candidate(1, 1.0, near(), 60);
    visit.fixed_day = Some(3);
    let mut problem = problem(1, 4, vec![visit]);
    problem.teams[0].nights = vec![night(0, home())];
    let plan = solved(&problem, 5);
    let hotels: Vec<Option<&str>> = plan.teams[0]
        .days
        .iter()
        .map(|day| day.hotel_city.as_deref())
        .collect();
    assert_eq!(hotels, [Some("home"), None, Some("near"), None]);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[2]),
        [("home", "near", 1080, 1138)]
    );
}

#[test]
fn a_hotel_in_the_city_of_a_visit_may_be_elsewhere_in_it() {
    // The hotel lies a little nearer to home than the company: 57 instead of 58 minutes by road.
    let hotel = Place {
        longitude: 0.49,
        ..near()
    };
    let mut visit = candidate(1, 1.0, near(), 60);
    visit.fixed_day = Some(1);
    let mut problem = problem(1, 2, vec![visit]);
    problem.teams[0].nights = vec![night(0, hotel)];
    let plan = solved(&problem, 5);
    let own = &plan.teams[0].days;
    // 0.49°: 54.49 km; 1.3 · 54.49 / 75 · 60 = 56.7.
    assert_eq!(leg_minutes(&own[0]), [("home", "near", 1080, 1137)]);
    assert_eq!(
        leg_minutes(&own[1]),
        [("near", "near", 515, 540), ("near", "home", 600, 658)]
    );
}

#[test]
fn teams_have_their_own_starts_and_ends() {
    // Far to middle, 8°: 889.56 km; flight 889.56 / 700 · 60 + 190 = 266.3 → 267.
    let candidates = vec![
        candidate(1, 1.0, home(), 120),
        candidate(2, 1.0, far(), 120),
    ];
    let mut problem = problem(1, 1, candidates);
    problem.teams.push(team(far(), middle()));
    let plan = solved(&problem, 20);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[0]),
        [("home", "home", 515, 540), ("home", "home", 660, 685)]
    );
    assert_eq!(
        leg_minutes(&plan.teams[1].days[0]),
        [("far", "far", 515, 540), ("far", "middle", 660, 927)]
    );
    assert_eq!(plan.travel_minutes, 25 + 25 + 25 + 267);
    // With the teams exchanged, only their numbers change.
    problem.teams.reverse();
    let other = solved(&problem, 20);
    assert_eq!(other.teams[0], plan.teams[1]);
    assert_eq!(other.teams[1], plan.teams[0]);
}

#[test]
fn nobody_leaves_before_being_free() {
    let mut candidates = vec![candidate(1, 1.0, home(), 60)];
    let mut own = problem(1, 1, candidates.clone());
    let free = |day, minute| Some(Moment { day, minute });
    own.teams[0].free_from = free(0, 600);
    let plan = solved(&own, 5);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[0]),
        [("home", "home", 600, 625), ("home", "home", 685, 710)]
    );
    // A visit of a day on which no team is free yet.
    candidates[0].fixed_day = Some(0);
    let mut later = problem(1, 2, candidates);
    later.teams[0].free_from = free(1, 0);
    let plan = solved(&later, 5);
    assert_eq!(reason(&plan, 1), LeftOutReason::Conflict);
    assert_eq!(remedy(&plan, 1), Some(Remedy::Release));
    // The morning of a free day begins as all others.
    later.candidates[0].fixed_day = None;
    let plan = solved(&later, 5);
    assert_eq!(visits(&plan.teams[0].days[1]), [(1, 540, 600)]);
}

#[test]
fn an_evening_too_short_for_the_way_is_spent_at_home() {
    // Free at 20:00, 276 minutes away: 0:36 is too late, so the team leaves in the morning, for 13:30.
    let mut own = problem(1, 2, vec![candidate(1, 1.0, far(), 60)]);
    own.teams[0].free_from = Some(Moment {
        day: 0,
        minute: 1200,
    });
    let plan = solved(&own, 5);
    let found = &plan.teams[0].days;
    assert!(found[0].legs.is_empty());
    assert_eq!(found[0].hotel_city, None);
    assert_eq!(
        leg_minutes(&found[1]),
        [("home", "far", 534, 810), ("far", "home", 870, 1146)]
    );
    // To an end without any visit, as comfortably as otherwise.
    own.candidates[0].place = None;
    own.teams[0].end = far();
    let plan = solved(&own, 5);
    assert_eq!(
        leg_minutes(&plan.teams[0].days[1]),
        [("home", "far", 540, 816)]
    );
}

#[test]
fn waiting_for_the_end_of_the_morning_peak_arrives_earlier() {
    let mut own = problem(1, 1, vec![candidate(1, 1.0, near(), 60)]);
    // Who leaves at 7:00 arrives at 10:00, who leaves at 9:00 at 9:30.
    own.travel = vec![way("home", "near", 7, 180), way("home", "near", 9, 30)];
    let plan = solved(&own, 5);
    let day = &plan.teams[0].days[0];
    assert_eq!(
        leg_minutes(day),
        [("home", "near", 540, 570), ("near", "home", 630, 688)]
    );
    assert_eq!(visits(day), [(1, 570, 630)]);
}

#[test]
fn a_team_waits_for_a_peak_between_two_visits() {
    let mut candidates = vec![candidate(1, 1.0, home(), 60), candidate(2, 1.0, near(), 30)];
    // Both in the morning, home first.
    candidates[0].open = vec![window(0, 540, 600)];
    candidates[1].open = vec![window(0, 600, 720)];
    let mut own = problem(1, 1, candidates);
    own.travel = vec![
        way("home", "near", 0, 30),
        way("home", "near", 10, 180),
        way("home", "near", 11, 30),
    ];
    // At 10:00 the way takes until 13:00; at 11:00 until 11:30, just in time for half an hour before noon.
    let plan = solved(&own, 5);
    let day = &plan.teams[0].days[0];
    assert_eq!(visits(day), [(1, 540, 600), (2, 690, 720)]);
    assert_eq!(leg_minutes(day)[1], ("home", "near", 660, 690));
    // One minute more, and both are no longer possible.
    own.candidates[1].duration_minutes = 31;
    assert_eq!(solved(&own, 5).visited, 1);
}

#[test]
fn one_team_keeps_an_order() {
    let mut candidates = vec![candidate(1, 9.0, home(), 60), candidate(2, 1.0, home(), 60)];
    candidates[0].after = vec![2];
    let own = problem(1, 1, candidates);
    let plan = solved(&own, 20);
    assert_eq!(
        visits(&plan.teams[0].days[0]),
        [(2, 540, 600), (1, 625, 685)]
    );
    // Without the first there is no second.
    let mut missing = own.clone();
    missing.candidates[1].place = None;
    let plan = solved(&missing, 20);
    assert_eq!(plan.visited, 0);
    assert_eq!(reason(&plan, 1), LeftOutReason::Order { candidate_id: 2 });
    assert_eq!(remedy(&plan, 1), Some(Remedy::Include { candidate_id: 2 }));
}

#[test]
fn an_order_holds_across_teams() {
    let mut candidates = vec![candidate(1, 1.0, home(), 60), candidate(2, 1.0, home(), 60)];
    candidates[0].fixed_team = Some(1);
    candidates[0].after = vec![2];
    candidates[1].fixed_team = Some(0);
    let mut own = problem(2, 1, candidates);
    // The second team's company opens when the first team's visit has ended, at 10:00.
    own.candidates[0].open = vec![window(0, 600, 660)];
    let plan = solved(&own, 20);
    assert_eq!(visits(&plan.teams[0].days[0]), [(2, 540, 600)]);
    assert_eq!(visits(&plan.teams[1].days[0]), [(1, 600, 660)]);
    // One minute longer, and it ends too late.
    own.candidates[1].duration_minutes = 61;
    let plan = solved(&own, 20);
    assert_eq!(reason(&plan, 1), LeftOutReason::Order { candidate_id: 2 });
    assert!(!is_left_out(&plan, 2));
}

#[test]
#[ignore = "every visit begins as early as its own team can, so nobody waits for another team"]
fn a_team_waits_for_the_visit_of_another() {
    let mut candidates = vec![candidate(1, 1.0, home(), 60), candidate(2, 1.0, home(), 60)];
    candidates[0].fixed_team = Some(1);
    candidates[0].after = vec![2];
    candidates[1].fixed_team = Some(0);
    let plan = solved(&problem(2, 1, candidates), 20);
    assert_eq!(visits(&plan.teams[1].days[0]), [(1, 600, 660)]);
}

#[test]
fn a_full_day_is_no_matter_of_the_order() {
    let mut morning = candidate(1, 0.0, home(), 180);
    morning.required = true;
    let mut afternoon = candidate(2, 0.0, home(), 270);
    afternoon.required = true;
    let mut third = candidate(3, 1.0, home(), 30);
    third.after = vec![1];
    let plan = solved(&problem(1, 1, vec![morning, afternoon, third]), 20);
    // As without an order: 55 minutes too late at the best place.
    assert_eq!(
        reason(&plan, 3),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 55
        }
    );
}

#[test]
fn one_host_is_visited_by_one_team_on_one_day() {
    // 9:00 to 12:00 and 13:30 to 18:00 fill a day; another 60 minutes do not fit.
    let mut candidates: Vec<Candidate> = [(1, 5.0, 180), (2, 5.0, 270), (3, 1.0, 60)]
        .map(|(id, value, duration)| candidate(id, value, home(), duration))
        .to_vec();
    for own in &mut candidates {
        own.host = Some("ministry".to_owned());
    }
    let mut own = problem(2, 2, candidates);
    let plan = solved(&own, 20);
    let full: Vec<(u8, u8)> = (0..2)
        .flat_map(|team| (0..2).map(move |day| (team, day)))
        .filter(|&(team, day)| {
            let day = &plan.teams[usize::from(team)].days[usize::from(day)];
            visits(day) == [(1, 540, 720), (2, 810, 1080)]
        })
        .collect();
    assert_eq!((plan.visited, full.len()), (2, 1));
    let (team, day) = full[0];
    assert_eq!(reason(&plan, 3), LeftOutReason::Host { team, day });
    check_reasons(&own, &plan);
    // Of another host it fits elsewhere.
    own.candidates[2].host = Some("chamber".to_owned());
    assert_eq!(solved(&own, 20).visited, 3);
}

#[test]
fn a_short_window_asks_for_a_shorter_visit() {
    let mut own = problem(1, 2, vec![candidate(1, 1.0, home(), 60)]);
    own.candidates[0].open = vec![window(0, 600, 640), window(1, 600, 650)];
    let plan = solved(&own, 5);
    assert_eq!(
        reason(&plan, 1),
        LeftOutReason::WindowTooShort {
            longest_minutes: 50
        }
    );
    assert_eq!(remedy(&plan, 1), Some(Remedy::Shorten { minutes: 50 }));
    own.candidates[0].duration_minutes = 50;
    let plan = solved(&own, 5);
    assert_eq!(visits(&plan.teams[0].days[1]), [(1, 600, 650)]);
}

#[test]
fn a_shorter_visit_cannot_begin_earlier_than_agreed() {
    // The first ends at 10:00, so the second is reached at 10:25; it must begin at 10:15, however short it is.
    let mut second = candidate(2, 1.0, home(), 60);
    second.fixed_minute = Some(615);
    let own = problem(1, 1, vec![locked(1, home(), (0, 0, 540), 60), second]);
    let plan = solved(&own, 5);
    assert_eq!(
        reason(&plan, 2),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            short_minutes: 10
        }
    );
    assert_eq!(remedy(&plan, 2), Some(Remedy::Release));
}

#[test]
fn locked_visits_that_cannot_both_be_are_named() {
    // The first ends at 10:00, 25 minutes from the second.
    let both = |minute| {
        let candidates = vec![
            locked(1, home(), (0, 0, 540), 60),
            locked(2, home(), (0, 0, minute), 60),
            candidate(3, 9.0, home(), 60),
        ];
        problem(1, 1, candidates)
    };
    assert_eq!(
        solve(&both(624), &mut |_| false),
        Err(TripError::LockedConflict {
            candidate_id: 1,
            other_id: 2
        })
    );
    let plan = solved(&both(625), 20);
    assert_eq!(
        visits(&plan.teams[0].days[0])[..2],
        [(1, 540, 600), (2, 625, 685)]
    );
    // One alone: nobody is 276 minutes away at 9:00.
    let alone = problem(1, 1, vec![locked(1, far(), (0, 0, 540), 60)]);
    assert_eq!(
        solve(&alone, &mut |_| false),
        Err(TripError::LockedConflict {
            candidate_id: 1,
            other_id: 1
        })
    );
    // Outside the hours it is no appointment that could be kept: it is left out.
    let closed = problem(1, 1, vec![locked(1, home(), (0, 0, 730), 60)]);
    assert_eq!(reason(&solved(&closed, 5), 1), LeftOutReason::Conflict);
}

#[test]
fn a_locked_visit_moves_for_nobody() {
    // A visit of any value that needs the same hours stays out.
    let candidates = vec![
        locked(1, home(), (0, 0, 600), 60),
        candidate(2, 100.0, home(), 180),
    ];
    let mut own = problem(1, 1, candidates);
    own.candidates[1].open = vec![window(0, 540, 720)];
    let plan = solved(&own, 50);
    assert_eq!(visits(&plan.teams[0].days[0]), [(1, 600, 660)]);
    assert!(matches!(
        reason(&plan, 2),
        LeftOutReason::NoTime {
            team: 0,
            day: 0,
            ..
        }
    ));
}

#[test]
fn an_order_in_a_circle_is_refused() {
    let mut candidates: Vec<Candidate> = (1..=3).map(|id| candidate(id, 1.0, home(), 60)).collect();
    candidates[0].after = vec![2];
    candidates[1].after = vec![3];
    let mut own = problem(1, 1, candidates);
    assert!(solve(&own, &mut |_| false).is_ok());
    own.candidates[2].after = vec![1];
    assert_eq!(
        solve(&own, &mut |_| false),
        Err(TripError::InvalidOrder { candidate_id: 1 })
    );
}

#[test]
fn windows_of_a_date_replace_those_of_its_weekday() {
    let on = |on: OpenOn, from_minute, until_minute| OpenWindow {
        on,
        from_minute,
        until_minute,
    };
    // The trip begins on a Monday; the eighth day is the next one.
    let monday = on(OpenOn::Weekday(1), 600, 700);
    let first = OpenOn::Date(days(1)[0].date);
    let begins = |open: Vec<OpenWindow>, day_count| {
        let mut own = problem(1, day_count, vec![candidate(1, 1.0, home(), 60)]);
        own.candidates[0].open = open;
        let plan = solved(&own, 5);
        let found = plan.teams[0]
            .days
            .iter()
            .enumerate()
            .find_map(|(day, own)| Some((day, own.stops.first()?.begin_minute)));
        found.ok_or_else(|| reason(&plan, 1))
    };
    assert_eq!(begins(vec![monday.clone()], 8), Ok((0, 600)));
    // Nobody is received on the first Monday.
    let closed = on(first, 0, 0);
    assert_eq!(
        begins(vec![monday.clone(), closed.clone()], 8),
        Ok((7, 600))
    );
    assert_eq!(
        begins(vec![monday.clone(), closed.clone()], 1),
        Err(LeftOutReason::Closed)
    );
    // Other hours on it.
    assert_eq!(begins(vec![monday, on(first, 900, 1000)], 8), Ok((0, 900)));
    // On all other days working hours hold, where nothing is said of them.
    assert_eq!(begins(vec![closed], 2), Ok((1, 540)));
    // A window of the first day alone says that there are no others.
    assert_eq!(
        begins(vec![window(0, 540, 570)], 2),
        Err(LeftOutReason::WindowTooShort {
            longest_minutes: 30
        })
    );
}

#[test]
fn visits_begin_on_the_grid() {
    // Until 9:55, 25 minutes: 10:20, so 10:30.
    let candidates = vec![candidate(1, 1.0, home(), 55), candidate(2, 1.0, home(), 55)];
    let mut own = problem(1, 1, candidates);
    own.settings.grid_minutes = 15;
    let plan = solved(&own, 20);
    let begins: Vec<u16> = plan.teams[0].days[0]
        .stops
        .iter()
        .map(|stop| stop.begin_minute)
        .collect();
    assert_eq!(begins, [540, 630]);
    // A window from 10:05 is one from 10:15, and too short when it ends at 11:14.
    own.candidates.truncate(1);
    own.candidates[0].duration_minutes = 60;
    let begin = |own: &TripProblem| {
        let plan = solved(own, 5);
        let day = &plan.teams[0].days[0];
        day.stops.first().map(|stop| stop.begin_minute)
    };
    own.candidates[0].open = vec![window(0, 605, 675)];
    assert_eq!(begin(&own), Some(615));
    own.candidates[0].open = vec![window(0, 605, 674)];
    assert_eq!(begin(&own), None);
    // An appointment is kept to the minute, also one that a window makes.
    own.candidates[0].open = vec![window(0, 605, 665)];
    assert_eq!(begin(&own), Some(605));
    own.candidates[0].open.clear();
    own.candidates[0].fixed_minute = Some(607);
    assert_eq!(begin(&own), Some(607));
}

#[test]
fn so_many_days_more_would_do() {
    // Until 18:00 far away, home at 22:36: not on one day, but on two.
    let one = problem(1, 1, vec![candidate(1, 1.0, far(), 270)]);
    let plan = solved(&one, 5);
    assert!(matches!(reason(&plan, 1), LeftOutReason::TooFar { .. }));
    assert_eq!(remedy(&plan, 1), Some(Remedy::MoreDays { days: 2 }));
    // At 9:00 the team must be there on the evening before, and it may be home on the day itself: also two.
    let mut early = one;
    early.candidates[0].duration_minutes = 60;
    early.candidates[0].fixed_minute = Some(540);
    assert_eq!(
        remedy(&solved(&early, 5), 1),
        Some(Remedy::MoreDays { days: 2 })
    );
}

#[test]
fn another_team_would_do() {
    // Two cities, 276 minutes apart, with a whole day's visit in each.
    let mut rich = candidate(1, 9.0, home(), 450);
    let mut poor = candidate(2, 1.0, home(), 450);
    for own in [&mut rich, &mut poor] {
        own.required = own.id == 1;
    }
    let mut own = problem(1, 1, vec![rich, poor]);
    own.settings.lunch_until_minute = own.settings.lunch_from_minute;
    let plan = solved(&own, 5);
    // Not required, it takes no required one's place.
    assert!(matches!(
        reason(&plan, 2),
        LeftOutReason::NoTime { .. } | LeftOutReason::LowerValue { .. }
    ));
    check_reasons(&own, &plan);
    own.teams.push(own.teams[0].clone());
    assert_eq!(solved(&own, 5).visited, 2);
}
