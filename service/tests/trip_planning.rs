//! Trips in hand: plans changed and locked, searched on, compared, and decided on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{collections::BTreeSet, time::Duration};

use chrono::NaiveDate;
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    problem::{FieldProblemKind, Problem},
    trip::{
        CandidateDemand, ChosenCandidate, NewTrip, NightFrame, TRIP_VARIANTS, TripCandidate,
        TripCandidatesChange, TripDetail, TripFrameChange, TripPlanChange, TripSearch, TripState,
        Violation, changes, moved, openings, restated, slots, taken_out, validate,
    },
};
use entity::{audit, trip, trip_candidate};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

/// A trip of two teams and three days for as many companies as the bureau can choose among.
async fn planned(zone: &Zone, actor: &Actor, count: usize) -> TripDetail {
    let choices = zone.service.trip_choices(actor, None, None).await.unwrap();
    let candidates: Vec<ChosenCandidate> = choices
        .leads
        .iter()
        .chain(&choices.targets)
        .take(count)
        .map(|one| ChosenCandidate {
            enterprise_id: one.enterprise_id,
            lead_id: one.lead_id,
            value: one.value,
            required: false,
        })
        .collect();
    assert_eq!(candidates.len(), count);
    let new = NewTrip {
        name: "七月外出".to_owned(),
        start_on: day(7, 6),
        days: 3,
        teams: 2,
        start_city: "安康".to_owned(),
        candidates,
        bureau_id: None,
    };
    let id = zone.service.plan_trip(actor, new).await.unwrap();
    zone.service.trip(actor, id).await.unwrap()
}

fn demand_of(one: &TripCandidate) -> CandidateDemand {
    CandidateDemand {
        enterprise_id: one.enterprise_id,
        value: one.value,
        duration_minutes: one.duration_minutes,
        required: one.required,
        demand: one.demand.clone(),
    }
}

/// The trip with one visit locked where it is, and the change that says so.
fn locked(trip: &TripDetail, id: i64) -> TripPlanChange {
    let slot = slots(&trip.plan)[&id];
    let one = trip
        .candidates
        .iter()
        .find(|one| one.enterprise_id == id)
        .unwrap();
    let mut demand = demand_of(one);
    demand.demand.locked = true;
    demand.demand.fixed_team = Some(slot.team);
    demand.demand.fixed_day = Some(slot.day);
    demand.demand.fixed_minute = Some(slot.begin_minute);
    let mut problem = trip.problem.clone();
    let asked = problem
        .candidates
        .iter_mut()
        .find(|one| one.id == id)
        .unwrap();
    asked.required = true;
    (asked.fixed_team, asked.fixed_day, asked.fixed_minute) =
        (Some(slot.team), Some(slot.day), Some(slot.begin_minute));
    TripPlanChange {
        version: trip.version,
        plan: restated(&problem, &trip.plan).unwrap(),
        demands: vec![demand],
    }
}

/// Waits for the end of a search, and gives the trip.
async fn searched(zone: &Zone, actor: &Actor, id: i64) -> TripDetail {
    for _ in 0..200 {
        let progress = zone
            .service
            .trip_search_progress(actor, id)
            .await
            .unwrap()
            .unwrap();
        if !progress.is_running {
            assert_eq!(progress.problem, None);
            return zone.service.trip(actor, id).await.unwrap();
        }
        assert!((0.0..=1.0).contains(&progress.share));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the search does not end");
}

on_both! {
    a_plan_changed_by_hand_is_checked_and_kept(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 30).await;
        assert_eq!(validate(&trip.problem, &trip.plan), []);
        assert!(!trip.plan.left_out.is_empty() && trip.plan.left_out.iter().all(|left| left.remedy.is_some()), "{:?}", trip.plan.left_out);
        assert!(trip.cost.total > 0.0 && trip.cost.people == 6);
        // One out, one in.
        let out = trip.plan.teams[0].days[1].stops[0].candidate_id;
        let without = taken_out(&trip.problem, &trip.plan, out).unwrap();
        let (id, slot) = without.left_out.iter()
            .filter(|left| left.candidate_id != out)
            .find_map(|left| Some((left.candidate_id, *openings(&trip.problem, &without, left.candidate_id).ok()?.first()?)))
            .expect("somebody fits where one has gone");
        let plan = moved(&trip.problem, &without, id, slot.team, slot.day).unwrap();
        let mut demand = demand_of(trip.candidates.iter().find(|one| one.enterprise_id == id).unwrap());
        (demand.demand.fixed_team, demand.demand.fixed_day) = (Some(slot.team), Some(slot.day));
        let change = TripPlanChange { version: trip.version, plan, demands: vec![demand] };
        let kept = zone.service.change_trip_plan(&officer, trip.id, change.clone()).await.unwrap();
        assert_eq!((kept.version, &kept.plan), (trip.version + 1, &change.plan));
        let put = kept.candidates.iter().find(|one| one.enterprise_id == id).unwrap();
        assert_eq!((put.demand.fixed_team, put.demand.fixed_day, put.demand.locked), (Some(slot.team), Some(slot.day), false));
        let different: BTreeSet<i64> = changes(&trip.plan, &kept.plan).iter().map(|change| change.candidate_id).collect();
        assert!(different.contains(&id) && different.contains(&out));
        // The same again comes too late.
        let again = zone.service.change_trip_plan(&officer, trip.id, change).await;
        assert!(matches!(refusal(again), Problem::Stale { version, .. } if version == kept.version));
        let traces = audit::Entity::find().filter(audit::Column::Entity.eq("trip")).filter(audit::Column::Action.eq("plan")).count(zone.tables()).await.unwrap();
        assert_eq!(traces, 1);
    }

    a_plan_that_breaks_a_rule_is_never_kept(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 12).await;
        let before = trip::Entity::find_by_id(trip.id).one(zone.tables()).await.unwrap().unwrap();
        let mut early = trip.plan.clone();
        let stop = &mut early.teams[0].days[1].stops[0];
        let id = stop.candidate_id;
        (stop.begin_minute, stop.end_minute) = (300, 390);
        let change = TripPlanChange { version: trip.version, plan: early, demands: Vec::new() };
        let Problem::TripPlan { violations, names } = refusal(zone.service.change_trip_plan(&officer, trip.id, change).await) else {
            panic!("a visit before dawn")
        };
        assert!(violations.contains(&Violation::OutsideWorkingHours { candidate_id: id }), "{violations:?}");
        assert!(names.contains_key(&id));
        // A value that the plan does not have, a length of no time, an order that there is not, a lock without a time.
        let one = demand_of(&trip.candidates[0]);
        let with = |change: &dyn Fn(&mut CandidateDemand)| {
            let mut demand = one.clone();
            change(&mut demand);
            TripPlanChange { version: trip.version, plan: trip.plan.clone(), demands: vec![demand] }
        };
        let value = FieldProblemKind::OutOfRange { from: 0.0, until: 100.0 };
        for (change, field, kind) in [
            (with(&|demand| demand.value = f64::NAN), "value", value.clone()),
            (with(&|demand| demand.value = 101.0), "value", value),
            (with(&|demand| demand.demand.locked = true), "locked", FieldProblemKind::Required),
            (with(&|demand| demand.enterprise_id = i64::MAX), "candidates", FieldProblemKind::Unknown),
        ] {
            assert_eq!(refused_fields(zone.service.change_trip_plan(&officer, trip.id, change).await), [(field.to_owned(), kind)]);
        }
        let none = zone.service.change_trip_plan(&officer, trip.id, with(&|demand| demand.duration_minutes = 0)).await;
        assert!(matches!(refusal(none), Problem::Trip { .. }));
        let after = trip::Entity::find_by_id(trip.id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(before, after, "nothing was written");
    }

    locked_visits_stay_through_everything(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 30).await;
        let id = trip.plan.teams[1].days[1].stops[1].candidate_id;
        let slot = slots(&trip.plan)[&id];
        let kept = zone.service.change_trip_plan(&officer, trip.id, locked(&trip, id)).await.unwrap();
        assert!(kept.candidates.iter().any(|one| one.enterprise_id == id && one.demand.locked));
        zone.service.search_trip(&officer, trip.id, TripSearch { version: kept.version, seconds: 1, keep: false }).await.unwrap();
        let busy = zone.service.search_trip(&officer, trip.id, TripSearch { version: kept.version, seconds: 1, keep: true }).await;
        assert_eq!(refusal(busy), Problem::SearchRunning);
        let found = searched(&zone, &officer, trip.id).await;
        assert_eq!(slots(&found.plan).get(&id), Some(&slot), "planned anew");
        assert!(found.plan.total_value >= trip.plan.total_value * 0.97, "{} {}", found.plan.total_value, trip.plan.total_value);
        assert_eq!(validate(&found.problem, &found.plan), []);
        // A neighbour is cancelled: the locked one and all others stay where they are.
        let gone = found.plan.teams[1].days[1].stops.iter().map(|stop| stop.candidate_id).find(|other| *other != id).unwrap();
        let change = TripCandidatesChange { version: found.version, add: Vec::new(), remove: vec![gone] };
        let mended = zone.service.change_trip_candidates(&officer, trip.id, change).await.unwrap();
        assert!(mended.candidates.iter().all(|one| one.enterprise_id != gone));
        let moved: Vec<_> = changes(&found.plan, &mended.plan).into_iter()
            .filter(|change| change.candidate_id != gone && change.before.is_some()).collect();
        assert_eq!(moved, [], "whoever has an appointment keeps it");
        // Locks on days that are no more are given up.
        let frame = TripFrameChange { version: mended.version, name: mended.name.clone(), start_on: mended.start_on, days: 1, frame: mended.frame.clone(), former: Vec::new() };
        let short = zone.service.change_trip_frame(&officer, trip.id, frame).await.unwrap();
        assert_eq!(short.days, 1);
        assert!(short.candidates.iter().all(|one| !one.demand.locked));
        assert_eq!(validate(&short.problem, &short.plan), []);
    }

    a_search_stops_when_it_is_told_and_yields_to_a_hand(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 30).await;
        assert_eq!(zone.service.trip_search_progress(&officer, trip.id).await.unwrap(), None);
        let search = TripSearch { version: trip.version, seconds: 60, keep: true };
        zone.service.search_trip(&officer, trip.id, search).await.unwrap();
        zone.service.stop_trip_search(&officer, trip.id).await.unwrap();
        let stopped = searched(&zone, &officer, trip.id).await;
        assert_eq!(stopped.version, trip.version + 1);
        // Somebody changes the trip while a search runs: the search's plan is not kept.
        zone.service.search_trip(&officer, trip.id, TripSearch { version: stopped.version, ..search }).await.unwrap();
        let id = stopped.plan.teams[0].days[1].stops[0].candidate_id;
        let by_hand = zone.service.change_trip_plan(&officer, trip.id, locked(&stopped, id)).await.unwrap();
        zone.service.stop_trip_search(&officer, trip.id).await.unwrap();
        let progress = loop {
            let progress = zone.service.trip_search_progress(&officer, trip.id).await.unwrap().unwrap();
            if !progress.is_running {
                break progress;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        };
        assert!(matches!(progress.problem, Some(Problem::Stale { .. })), "{progress:?}");
        assert_eq!(zone.service.trip(&officer, trip.id).await.unwrap().plan, by_hand.plan);
        for seconds in [0, 61] {
            let asked = zone.service.search_trip(&officer, trip.id, TripSearch { seconds, ..search }).await;
            assert_eq!(refused_fields(asked), [("seconds".to_owned(), FieldProblemKind::OutOfRange { from: 1.0, until: 60.0 })]);
        }
    }

    companies_join_and_the_plan_hardly_changes(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 8).await;
        let known: BTreeSet<i64> = trip.candidates.iter().map(|one| one.enterprise_id).collect();
        let free = zone.free_companies(40).await;
        let joining: Vec<i64> = free.iter().map(|company| company.id).filter(|id| !known.contains(id)).take(3).collect();
        let chosen = |id: &i64| ChosenCandidate { enterprise_id: *id, lead_id: None, value: 3.0, required: false };
        let change = TripCandidatesChange { version: trip.version, add: joining.iter().map(chosen).collect(), remove: Vec::new() };
        let more = zone.service.change_trip_candidates(&officer, trip.id, change).await.unwrap();
        assert_eq!(more.candidates.len(), 11);
        assert!(changes(&trip.plan, &more.plan).iter().all(|change| change.before.is_none()), "only new visits");
        let rows = trip_candidate::Entity::find().filter(trip_candidate::Column::TripId.eq(trip.id)).count(zone.tables()).await.unwrap();
        assert_eq!(rows, 11);
        let change = |add: Vec<ChosenCandidate>, remove: Vec<i64>| TripCandidatesChange { version: more.version, add, remove };
        let everybody: Vec<i64> = more.candidates.iter().map(|one| one.enterprise_id).collect();
        for (change, kind) in [
            (change(vec![chosen(&joining[0])], Vec::new()), FieldProblemKind::Taken),
            (change(Vec::new(), vec![i64::MAX]), FieldProblemKind::Unknown),
            (change(Vec::new(), everybody), FieldProblemKind::Required),
        ] {
            assert_eq!(refused_fields(zone.service.change_trip_candidates(&officer, trip.id, change).await), [("candidates".to_owned(), kind)]);
        }
    }

    teams_have_their_own_cities_people_and_nights(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 20).await;
        let mut frame = trip.frame.clone();
        frame.teams[0].name = "长三角队".to_owned();
        frame.teams[0].people = vec!["林演示".to_owned(), " ".to_owned(), "蒋示例".to_owned()];
        frame.teams[1].end_city = "西安".to_owned();
        frame.teams[1].nights = vec![NightFrame { day: 0, city: "武汉".to_owned() }];
        let change = TripFrameChange { version: trip.version, name: " 两队外出 ".to_owned(), start_on: day(7, 7), days: 4, frame: frame.clone(), former: Vec::new() };
        let kept = zone.service.change_trip_frame(&officer, trip.id, change.clone()).await.unwrap();
        assert_eq!((kept.name.as_str(), kept.start_on, kept.days), ("两队外出", day(7, 7), 4));
        assert_eq!(kept.frame.teams[0].people, ["林演示", "蒋示例"]);
        assert_eq!(kept.plan.teams[1].days[0].hotel_city.as_deref(), Some("武汉"));
        let last = kept.plan.teams[1].days.iter().rev().find_map(|day| day.legs.last()).unwrap();
        assert_eq!(last.to_city, "西安");
        assert_eq!(kept.cost.people, 5, "two by name, three by assumption");
        assert_eq!(validate(&kept.problem, &kept.plan), []);
        let mut wrong = frame;
        wrong.teams[0].start_city = "不是城市".to_owned();
        wrong.teams[1].nights[0].day = 3;
        let change = TripFrameChange { version: kept.version, name: String::new(), frame: wrong, ..change };
        let fields: Vec<String> = refused_fields(zone.service.change_trip_frame(&officer, trip.id, change).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["start_city-1", "nights-2", "name"]);
    }

    appointments_keep_their_dates_and_teams_when_the_frame_changes(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 30).await;
        let id = trip.plan.teams[1].days[1].stops[0].candidate_id;
        let slot = slots(&trip.plan)[&id];
        let kept = zone.service.change_trip_plan(&officer, trip.id, locked(&trip, id)).await.unwrap();
        // A name moves nobody.
        let mut frame = kept.frame.clone();
        frame.teams[0].name = "一路".to_owned();
        let change = TripFrameChange { version: kept.version, name: kept.name.clone(), start_on: kept.start_on, days: kept.days, frame: frame.clone(), former: vec![Some(0), Some(1)] };
        let named = zone.service.change_trip_frame(&officer, trip.id, change.clone()).await.unwrap();
        assert_eq!((&named.plan, named.frame.teams[0].name.as_str()), (&kept.plan, "一路"));
        // The first team is given up and the trip begins a day earlier: the date and the people stay.
        frame.teams.remove(0);
        let change = TripFrameChange { version: named.version, start_on: day(7, 5), days: 4, frame, former: vec![Some(1)], ..change };
        let one = zone.service.change_trip_frame(&officer, trip.id, change).await.unwrap();
        let now = slots(&one.plan)[&id];
        assert_eq!((now.team, now.day, now.begin_minute), (0, slot.day + 1, slot.begin_minute));
        let asked = one.candidates.iter().find(|one| one.enterprise_id == id).unwrap();
        assert_eq!((asked.demand.locked, asked.demand.fixed_team, asked.demand.fixed_day), (true, Some(0), Some(slot.day + 1)));
        let stayed = slots(&trip.plan).into_iter().filter(|(_, slot)| slot.team == 1)
            .filter(|(id, slot)| slots(&one.plan).get(id).is_some_and(|now| now.begin_minute == slot.begin_minute && now.day == slot.day + 1)).count();
        assert_eq!(stayed, usize::from(trip.plan.teams[1].visits), "nobody of that team has moved");
        assert_eq!(validate(&one.problem, &one.plan), []);
    }

    kept_plans_stand_beside_the_trip_s_own(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 10).await;
        let with = zone.service.keep_trip_variant(&officer, trip.id, " 方案甲 ".to_owned()).await.unwrap();
        assert_eq!((with.variants.len(), with.variants[0].name.as_str(), &with.variants[0].plan), (1, "方案甲", &trip.plan));
        assert_eq!(with.version, trip.version, "the trip itself has not changed");
        assert_eq!(refused_fields(zone.service.keep_trip_variant(&officer, trip.id, " ".to_owned()).await), [("variant".to_owned(), FieldProblemKind::Required)]);
        for number in 1..TRIP_VARIANTS {
            zone.service.keep_trip_variant(&officer, trip.id, format!("方案 {number}")).await.unwrap();
        }
        let many = zone.service.keep_trip_variant(&officer, trip.id, "多".to_owned()).await;
        assert_eq!(refused_fields(many), [("variant".to_owned(), FieldProblemKind::OutOfRange { from: 0.0, until: 8.0 })]);
        let fewer = zone.service.drop_trip_variant(&officer, trip.id, with.variants[0].id).await.unwrap();
        assert_eq!(fewer.variants.len(), TRIP_VARIANTS - 1);
        assert_eq!(refusal(zone.service.drop_trip_variant(&officer, trip.id, with.variants[0].id).await), Problem::NotFound);
    }

    a_leader_decides_and_a_change_after_it_is_seen(zone) {
        let (officer, leader) = (zone.actor("officer-east").await, zone.actor("leader").await);
        let trip = planned(&zone, &officer, 10).await;
        let decide = async |actor: &Actor, version: i64, to: TripState, remark: &str| {
            zone.service.decide_trip(actor, trip.id, version, to, remark.to_owned()).await
        };
        assert_eq!(refusal(decide(&officer, 1, TripState::Approved, "").await), Problem::Forbidden);
        assert_eq!(refused_fields(decide(&leader, 1, TripState::Approved, "").await), [("state".to_owned(), FieldProblemKind::NotAChoice)]);
        let sent = decide(&officer, 1, TripState::Submitted, "").await.unwrap();
        assert_eq!((sent.state, sent.version), (TripState::Submitted, 2));
        assert_eq!(refused_fields(decide(&leader, 2, TripState::Returned, " ").await), [("remark".to_owned(), FieldProblemKind::Required)]);
        let returned = decide(&leader, 2, TripState::Returned, "少去两个城市").await.unwrap();
        assert_eq!((returned.state, returned.remark.as_str(), returned.decided_by.is_some(), returned.is_changed), (TripState::Returned, "少去两个城市", true, false));
        decide(&officer, 3, TripState::Submitted, "").await.unwrap();
        let approved = decide(&leader, 4, TripState::Approved, "").await.unwrap();
        assert_eq!((approved.state, approved.is_changed, approved.may_decide, approved.may_write), (TripState::Approved, false, true, false));
        assert!(matches!(refusal(decide(&officer, 1, TripState::Submitted, "").await), Problem::Stale { .. }));
        let own = zone.service.trip(&officer, trip.id).await.unwrap();
        let id = own.plan.teams.iter().flat_map(|team| &team.days).flat_map(|day| &day.stops).next().unwrap().candidate_id;
        let changed = zone.service.change_trip_plan(&officer, trip.id, locked(&own, id)).await.unwrap();
        assert_eq!((changed.state, changed.is_changed), (TripState::Approved, true));
        assert_eq!(refusal(zone.service.change_trip_plan(&leader, trip.id, locked(&changed, id)).await), Problem::Forbidden);
        let strangers = zone.actor("chief-north").await;
        assert_eq!(refusal(zone.service.stop_trip_search(&strangers, trip.id).await), Problem::NotFound);
        let summary = zone.service.trips(&officer).await.unwrap().remove(0);
        assert_eq!(summary.state, TripState::Approved);
    }

    a_problem_alone_is_solved_and_a_bad_one_named(zone) {
        let officer = zone.actor("officer-east").await;
        let places: Vec<_> = [("南京", 8.0), ("苏州", 7.0), ("杭州", 6.0)].iter().zip(1..)
            .map(|((city, value), id)| json!({ "id": id, "city": city, "value": value })).collect();
        let asked = json!({ "teams": 1, "start": "合肥", "days": ["2026-07-06", "2026-07-07"], "places": places, "seconds": 0.2, "seed": 1 });
        let answer = serde_json::to_value(zone.service.solve_problem(&officer, asked.clone()).await.unwrap()).unwrap();
        assert_eq!((answer["profit"].as_f64(), answer["visited"].as_u64()), (Some(21.0), Some(3)));
        assert_eq!(answer["tours"][0]["date"], "2026-07-06");
        let flat = json!({ "metric": "euclidean", "truncate": 1, "start": { "x": 0.0, "y": 0.0, "opening": 0.0, "closing": 100.0 }, "teams": 1, "seconds": 0.1,
            "places": [{ "id": 1, "x": 3.0, "y": 4.0, "value": 5.0, "duration": 10.0 }] });
        let answer = serde_json::to_value(zone.service.solve_problem(&officer, flat).await.unwrap()).unwrap();
        assert_eq!((answer["profit"].as_f64(), answer["travel"].as_f64()), (Some(5.0), Some(10.0)));
        let mut none = asked.clone();
        none["places"] = json!([]);
        assert!(matches!(refusal(zone.service.solve_problem(&officer, none).await), Problem::Trip { .. }));
        let mut unknown = asked.clone();
        unknown["start"] = json!("不是城市");
        let Problem::TripRequest { sentence, .. } = refusal(zone.service.solve_problem(&officer, unknown).await) else { panic!("no city") };
        assert!(sentence.contains("start") && sentence.contains("不是城市"), "{sentence}");
        let mut long = asked;
        long["seconds"] = json!(1e9);
        assert!(matches!(refusal(zone.service.solve_problem(&officer, long).await), Problem::TripRequest { .. }));
    }

    what_has_happened_stays_when_a_team_is_held_up(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = planned(&zone, &officer, 30).await;
        assert_eq!(trip.problem.now, None);
        // The second day of the trip, at eleven: 2026-07-07.
        zone.pass(chrono::Duration::days(7) + chrono::Duration::hours(2));
        let road = zone.service.trip(&officer, trip.id).await.unwrap();
        let now = road.problem.now.unwrap();
        assert_eq!((now.day, now.minute), (1, 660));
        let before = slots(&road.plan);
        let past: Vec<i64> = before.iter().filter(|(_, slot)| (slot.day, slot.begin_minute) < (1, 660)).map(|(id, _)| *id).collect();
        assert!(past.len() >= 3, "{before:?}");
        assert!(matches!(taken_out(&road.problem, &road.plan, past[0]), Err(domain::trip::MoveProblem::Past)));
        // The first team waits until five in the afternoon.
        let mut frame = road.frame.clone();
        frame.holds.push(domain::trip::HoldFrame { team: 0, day: 1, from_minute: 660, until_minute: 1020 });
        let change = TripFrameChange { version: road.version, name: road.name.clone(), start_on: road.start_on, days: road.days, frame, former: Vec::new() };
        let held = zone.service.change_trip_frame(&officer, trip.id, change).await.unwrap();
        let after = slots(&held.plan);
        for id in &past {
            assert_eq!(after.get(id), before.get(id), "what has happened");
        }
        for (id, slot) in &after {
            assert!(past.contains(id) || (slot.day, slot.begin_minute) >= (1, 660), "{id} {slot:?}");
            let is_held = slot.team == 0 && slot.day == 1 && (660..1020).contains(&slot.begin_minute);
            assert!(!is_held || past.contains(id), "{id} {slot:?}");
        }
        assert_eq!(validate(&held.problem.begun(&road.plan), &held.plan), []);
        // A plan that puts something into the past is refused, and so is one that forgets what has happened.
        let mut forged = held.plan.clone();
        forged.teams[0].days[0].stops.clear();
        forged.teams[0].days[0].legs.clear();
        let change = TripPlanChange { version: held.version, plan: forged, demands: Vec::new() };
        assert!(matches!(refusal(zone.service.change_trip_plan(&officer, trip.id, change).await), Problem::TripPlan { .. }));
        // Searched anew, the past stays as well.
        zone.service.search_trip(&officer, trip.id, TripSearch { version: held.version, seconds: 1, keep: false }).await.unwrap();
        let anew = slots(&searched(&zone, &officer, trip.id).await.plan);
        for id in &past {
            assert_eq!(anew.get(id), before.get(id), "what has happened");
        }
        // It is a mistake: the hold goes, and what cannot be is named.
        let now = zone.service.trip(&officer, trip.id).await.unwrap();
        let mut frame = now.frame.clone();
        frame.holds.clear();
        let change = TripFrameChange { version: now.version, name: now.name.clone(), start_on: now.start_on, days: now.days, frame, former: Vec::new() };
        let free = zone.service.change_trip_frame(&officer, trip.id, change).await.unwrap();
        assert!(free.frame.holds.is_empty() && free.problem.holds.is_empty());
        let mut frame = free.frame.clone();
        frame.holds.push(domain::trip::HoldFrame { team: 9, day: 1, from_minute: 700, until_minute: 600 });
        let change = TripFrameChange { version: free.version, name: free.name.clone(), start_on: free.start_on, days: free.days, frame, former: Vec::new() };
        assert!(matches!(refusal(zone.service.change_trip_frame(&officer, trip.id, change).await), Problem::Trip { .. }));
        // After its end it is changed like any other.
        zone.pass(chrono::Duration::days(9));
        assert_eq!(zone.service.trip(&officer, trip.id).await.unwrap().problem.now, None);
    }
}
