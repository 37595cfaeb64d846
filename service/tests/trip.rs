//! Trips: what can be chosen, the plan, the calendar.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Duration, NaiveDate, NaiveDateTime, NaiveTime, Weekday};
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    lead::{NewLead, Stage},
    problem::{FieldProblemKind, Problem},
    trip::{ChosenCandidate, LeftOutReason, NewTrip, TRIP_CANDIDATES, TripDetail, VISIT_MINUTES},
};
use entity::{audit, enterprise, lead, trip};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};

fn day(month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, month, day).unwrap()
}

/// Two teams, five days from a Friday on, so that a weekend lies within.
fn new_trip(candidates: Vec<ChosenCandidate>) -> NewTrip {
    NewTrip {
        name: "长三角拜访".to_owned(),
        start_on: day(7, 3),
        days: 5,
        teams: 2,
        start_city: "安康".to_owned(),
        candidates,
        bureau_id: None,
    }
}

fn chosen(enterprise_id: i64) -> ChosenCandidate {
    ChosenCandidate {
        enterprise_id,
        lead_id: None,
        value: 5.0,
        required: false,
    }
}

/// Twelve: the bureau's leads first, then targets.
async fn twelve(zone: &Zone, actor: &Actor) -> Vec<ChosenCandidate> {
    let choices = zone.service.trip_choices(actor, None, None).await.unwrap();
    let candidates: Vec<ChosenCandidate> = choices
        .leads
        .iter()
        .chain(&choices.targets)
        .take(12)
        .map(|one| ChosenCandidate {
            enterprise_id: one.enterprise_id,
            lead_id: one.lead_id,
            value: one.value,
            required: false,
        })
        .collect();
    assert_eq!(candidates.len(), 12);
    candidates
}

async fn planned(zone: &Zone, actor: &Actor, new: NewTrip) -> TripDetail {
    let id = zone.service.plan_trip(actor, new).await.unwrap();
    zone.service.trip(actor, id).await.unwrap()
}

/// The events of a calendar as their properties. Lines are unfolded as RFC 5545 says.
fn events(calendar: &str) -> Vec<BTreeMap<String, String>> {
    assert!(calendar.starts_with("BEGIN:VCALENDAR\r\n") && calendar.ends_with("END:VCALENDAR\r\n"));
    assert!(
        calendar.split("\r\n").all(|line| line.len() <= 75),
        "no line is longer than 75 octets"
    );
    let unfolded = calendar.replace("\r\n ", "");
    let mut events = Vec::new();
    let mut open: Option<BTreeMap<String, String>> = None;
    for line in unfolded.split("\r\n") {
        match line {
            "BEGIN:VEVENT" => assert!(open.replace(BTreeMap::new()).is_none()),
            "END:VEVENT" => events.push(open.take().unwrap()),
            _ => {
                if let Some(event) = &mut open {
                    let (name, value) = line.split_once(':').unwrap();
                    event.insert(name.to_owned(), value.to_owned());
                }
            }
        }
    }
    assert!(open.is_none());
    events
}

on_both! {
    what_can_be_chosen_is_the_bureau_s_or_nobody_s(zone) {
        for login in ["officer-east", "delegate", "chief-south", "officer-west"] {
            let actor = zone.actor(login).await;
            let choices = zone.service.trip_choices(&actor, None, None).await.unwrap();
            let rows = lead::Entity::find().filter(lead::Column::DeletedAt.is_null()).all(zone.tables()).await.unwrap();
            let mut own: Vec<i64> = rows.iter()
                .filter(|lead| Some(lead.bureau_id) == actor.bureau_id && lead.stage < Stage::Registered.number())
                .map(|lead| lead.id).collect();
            own.sort_unstable();
            let mut offered: Vec<i64> = choices.leads.iter().filter_map(|one| one.lead_id).collect();
            offered.sort_unstable();
            assert_eq!(offered, own, "{login}");
            assert!(!own.is_empty());
            assert!(!choices.targets.is_empty());
            for target in &choices.targets {
                assert_eq!(target.lead_id, None);
                assert!(rows.iter().all(|lead| lead.enterprise_id != target.enterprise_id), "{login}: {target:?}");
                assert!((0.0..=10.0).contains(&target.value));
                assert!(target.node.is_some());
            }
            let all: BTreeSet<i64> = choices.leads.iter().chain(&choices.targets).map(|one| one.enterprise_id).collect();
            assert_eq!(all.len(), choices.leads.len() + choices.targets.len(), "nobody is offered twice");
            assert_eq!((choices.start_city.as_str(), choices.today), ("安康", zone.service.today()));
            assert!(choices.cities.contains(&"安康".to_owned()));
        }
    }

    paused_and_new_leads_change_the_choice(zone) {
        let officer = zone.actor("officer-east").await;
        let before = zone.service.trip_choices(&officer, None, None).await.unwrap();
        let target = before.targets[0].enterprise_id;
        let north = zone.actor("officer-north").await;
        zone.service.register_lead(&north, NewLead {
            enterprise_id: target, chain_node_id: None, bureau_id: None, title: "试验".to_owned(),
            investment_wan: None, land_mu: None, source: "目标名单".to_owned(),
        }).await.unwrap();
        let paused = before.leads[0].lead_id.unwrap();
        let row = lead::Entity::find_by_id(paused).one(zone.tables()).await.unwrap().unwrap();
        let mut change: lead::ActiveModel = row.into();
        change.side_state = Set(Some("paused".to_owned()));
        change.update(zone.tables()).await.unwrap();
        let after = zone.service.trip_choices(&officer, None, None).await.unwrap();
        assert!(after.targets.iter().all(|one| one.enterprise_id != target), "another bureau holds it now");
        assert!(after.leads.iter().all(|one| one.lead_id != Some(paused)));
        assert_eq!(after.leads.len(), before.leads.len() - 1);
    }

    a_plan_keeps_to_the_working_day_and_forgets_nobody(zone) {
        let officer = zone.actor("officer-east").await;
        let mut candidates = twelve(&zone, &officer).await;
        let nowhere = enterprise::Entity::find_by_id(candidates[11].enterprise_id).one(zone.tables()).await.unwrap().unwrap();
        let mut change: enterprise::ActiveModel = nowhere.into();
        change.city = Set(None);
        change.update(zone.tables()).await.unwrap();
        candidates[0].required = true;
        let asked: BTreeSet<i64> = candidates.iter().map(|one| one.enterprise_id).collect();
        let trip = planned(&zone, &officer, new_trip(candidates.clone())).await;
        assert_eq!((trip.days, trip.teams, trip.start_on, trip.start_city.as_str()), (5, 2, day(7, 3), "安康"));
        assert_eq!((trip.bureau.as_str(), trip.may_write), ("长三角分局", true));
        assert_eq!(trip.plan.teams.len(), 2);
        let mut seen = Vec::new();
        for team in &trip.plan.teams {
            assert_eq!(team.days.iter().map(|day| day.date).collect::<Vec<_>>(), [day(7, 3), day(7, 4), day(7, 5), day(7, 6), day(7, 7)]);
            for plan in &team.days {
                let weekend = matches!(plan.date.weekday(), Weekday::Sat | Weekday::Sun);
                assert!(!weekend || plan.stops.is_empty(), "{plan:?}");
                let mut free_from = 0;
                for stop in &plan.stops {
                    assert!(stop.begin_minute >= 9 * 60 && stop.end_minute <= 18 * 60, "{stop:?}");
                    assert!(stop.end_minute <= 12 * 60 || stop.begin_minute >= 13 * 60 + 30, "lunch: {stop:?}");
                    assert_eq!(stop.end_minute - stop.begin_minute, VISIT_MINUTES);
                    assert!(stop.arrive_minute <= stop.begin_minute && stop.arrive_minute >= free_from, "{stop:?}");
                    free_from = stop.end_minute;
                    seen.push(stop.candidate_id);
                }
                for leg in &plan.legs {
                    assert!(leg.from_minute >= 7 * 60 && leg.until_minute <= 21 * 60 + 30 && leg.from_minute <= leg.until_minute, "{leg:?}");
                }
            }
        }
        assert_eq!(usize::from(trip.plan.visited), seen.len());
        assert!(seen.contains(&candidates[0].enterprise_id), "the required one is visited");
        assert!(seen.len() >= 6, "two teams and three working days: {}", seen.len());
        assert!(trip.plan.left_out.iter().any(|left| left.candidate_id == candidates[11].enterprise_id
            && matches!(left.reason, LeftOutReason::NoCoordinates)), "{:?}", trip.plan.left_out);
        let mut all = seen.clone();
        all.extend(trip.plan.left_out.iter().map(|left| left.candidate_id));
        assert_eq!(all.len(), 12, "visited or left out, and once: {all:?}");
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), asked);
        let value: f64 = candidates.iter().filter(|one| seen.contains(&one.enterprise_id)).map(|one| one.value).sum();
        assert!((value - trip.plan.total_value).abs() < 1e-9);
        assert_eq!(trip.candidates.iter().map(|one| one.enterprise_id).collect::<Vec<_>>(), candidates.iter().map(|one| one.enterprise_id).collect::<Vec<_>>());
        let summary = zone.service.trips(&officer).await.unwrap().remove(0);
        assert_eq!((summary.id, summary.candidates, summary.visited, summary.bureau.as_str()), (trip.id, 12, Some(trip.plan.visited), "长三角分局"));
        let traces = audit::Entity::find().filter(audit::Column::Entity.eq("trip")).filter(audit::Column::EntityId.eq(trip.id)).all(zone.tables()).await.unwrap();
        assert_eq!((traces.len(), traces[0].account_id), (1, Some(officer.account_id)));
    }

    what_cannot_be_planned_names_its_field(zone) {
        let officer = zone.actor("officer-east").await;
        let companies = zone.free_companies(TRIP_CANDIDATES + 1).await;
        let (one, two) = (companies[0].id, companies[1].id);
        let north = zone.bureau("jing-jin-ji").await.id;
        let foreign = lead::Entity::find().filter(lead::Column::BureauId.eq(north)).one(zone.tables()).await.unwrap().unwrap();
        let east = officer.bureau_id.unwrap();
        let own = lead::Entity::find().filter(lead::Column::BureauId.eq(east)).one(zone.tables()).await.unwrap().unwrap();
        let range = |until: f64| FieldProblemKind::OutOfRange { from: 1.0, until };
        let value = FieldProblemKind::OutOfRange { from: 0.0, until: 100.0 };
        let good = || new_trip(vec![chosen(one), chosen(two)]);
        for (new, field, kind) in [
            (NewTrip { teams: 0, ..good() }, "teams", range(8.0)),
            (NewTrip { teams: 9, ..good() }, "teams", range(8.0)),
            (NewTrip { days: 0, ..good() }, "days", range(14.0)),
            (NewTrip { days: 15, ..good() }, "days", range(14.0)),
            (NewTrip { name: " ".to_owned(), ..good() }, "name", FieldProblemKind::Required),
            (NewTrip { name: "长".repeat(121), ..good() }, "name", FieldProblemKind::TooLong { limit: 120 }),
            (NewTrip { start_city: "不是城市".to_owned(), ..good() }, "start_city", FieldProblemKind::Unknown),
            (NewTrip { start_city: String::new(), ..good() }, "start_city", FieldProblemKind::Unknown),
            (NewTrip { start_on: NaiveDate::MAX, ..good() }, "start_on", FieldProblemKind::NotADate),
            (new_trip(Vec::new()), "candidates", FieldProblemKind::Required),
            (new_trip(vec![chosen(one), chosen(one)]), "candidates", FieldProblemKind::Taken),
            (new_trip(companies.iter().map(|company| chosen(company.id)).collect()), "candidates", FieldProblemKind::TooLong { limit: TRIP_CANDIDATES }),
            (new_trip(vec![chosen(i64::MAX)]), "candidates", FieldProblemKind::Unknown),
            (new_trip(vec![ChosenCandidate { lead_id: Some(foreign.id), ..chosen(foreign.enterprise_id) }]), "candidates", FieldProblemKind::Unknown),
            (new_trip(vec![ChosenCandidate { lead_id: Some(i64::MAX), ..chosen(one) }]), "candidates", FieldProblemKind::Unknown),
            (new_trip(vec![ChosenCandidate { lead_id: Some(own.id), ..chosen(one) }]), "candidates", FieldProblemKind::Unknown),
            (new_trip(vec![ChosenCandidate { value: f64::NAN, ..chosen(one) }]), "value", value.clone()),
            (new_trip(vec![ChosenCandidate { value: -1.0, ..chosen(one) }]), "value", value.clone()),
            (new_trip(vec![ChosenCandidate { value: 100.5, ..chosen(one) }]), "value", value),
        ] {
            assert_eq!(refused_fields(zone.service.plan_trip(&officer, new).await), [(field.to_owned(), kind)]);
        }
        let admin = zone.actor("admin").await;
        assert_eq!(refused_fields(zone.service.plan_trip(&admin, good()).await), [("bureau".to_owned(), FieldProblemKind::Required)]);
        let nowhere = NewTrip { bureau_id: Some(i64::MAX), ..good() };
        assert_eq!(refused_fields(zone.service.plan_trip(&admin, nowhere).await), [("bureau".to_owned(), FieldProblemKind::Unknown)]);
        assert_eq!(trip::Entity::find().count(zone.tables()).await.unwrap(), 0);
        planned(&zone, &officer, NewTrip { days: 1, teams: 1, name: "短\0途".to_owned(), ..good() }).await;
    }

    another_bureau_s_trip_is_not_there(zone) {
        let officer = zone.actor("officer-east").await;
        let candidates = twelve(&zone, &officer).await;
        let trip = planned(&zone, &officer, NewTrip { days: 1, teams: 1, ..new_trip(candidates[..2].to_vec()) }).await;
        for login in ["officer-north", "chief-north", "viewer"] {
            let actor = zone.actor(login).await;
            assert_eq!(refusal(zone.service.trip(&actor, trip.id).await), Problem::NotFound, "{login}");
            assert_eq!(refusal(zone.service.trip_calendar(&actor, trip.id, None).await), Problem::NotFound, "{login}");
            assert_eq!(zone.service.trips(&actor).await.unwrap(), [], "{login}");
        }
        for (login, may_write) in [("admin", true), ("leader", false), ("chief-east", true), ("delegate", true)] {
            let actor = zone.actor(login).await;
            assert_eq!(zone.service.trip(&actor, trip.id).await.unwrap().may_write, may_write, "{login}");
            assert_eq!(zone.service.trips(&actor).await.unwrap().len(), 1, "{login}");
        }
        assert_eq!(refusal(zone.service.trip(&officer, i64::MAX).await), Problem::NotFound);
    }

    the_calendar_says_the_same_as_the_plan(zone) {
        let officer = zone.actor("officer-east").await;
        let candidates = twelve(&zone, &officer).await;
        let odd = enterprise::Entity::find_by_id(candidates[0].enterprise_id).one(zone.tables()).await.unwrap().unwrap();
        let mut change: enterprise::ActiveModel = odd.into();
        change.address = Set(Some("园区路1号; 甲楼, 2层\\东\nEND:VEVENT".to_owned()));
        change.update(zone.tables()).await.unwrap();
        let mut new = new_trip(candidates);
        new.candidates[0].required = true;
        let trip = planned(&zone, &officer, new).await;
        let stamp = |text: &str| NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").unwrap();
        let utc = |date: NaiveDate, minute: u16| date.and_time(NaiveTime::MIN) + Duration::minutes(i64::from(minute)) - Duration::hours(8);
        let everything = events(&zone.service.trip_calendar(&officer, trip.id, None).await.unwrap());
        let uids: BTreeSet<&String> = everything.iter().map(|event| &event["UID"]).collect();
        assert_eq!(uids.len(), everything.len());
        let mut of_teams = 0;
        for (number, team) in (1..).zip(&trip.plan.teams) {
            let own = events(&zone.service.trip_calendar(&officer, trip.id, Some(number)).await.unwrap());
            of_teams += own.len();
            assert!(own.iter().all(|event| event["SUMMARY"].starts_with(&format!("{number}: "))));
            let mut visits = 0;
            for day in &team.days {
                for stop in &day.stops {
                    visits += 1;
                    let uid = format!("trip-{}-visit-{}@wutong", trip.id, stop.candidate_id);
                    let found: Vec<_> = own.iter().filter(|event| event["UID"] == uid).collect();
                    assert_eq!(found.len(), 1, "{uid}");
                    assert_eq!(stamp(&found[0]["DTSTART"]), utc(day.date, stop.begin_minute));
                    assert_eq!(stamp(&found[0]["DTEND"]), utc(day.date, stop.end_minute));
                }
            }
            assert_eq!(own.iter().filter(|event| event["UID"].contains("-visit-")).count(), visits);
            let journeys: usize = team.days.iter().flat_map(|day| &day.legs).filter(|leg| leg.from_city != leg.to_city).count();
            assert_eq!(own.len(), visits + journeys);
        }
        assert_eq!(of_teams, everything.len());
        let required = format!("trip-{}-visit-{}@wutong", trip.id, trip.candidates[0].enterprise_id);
        let event = everything.iter().find(|event| event["UID"] == required).unwrap();
        assert_eq!(event["LOCATION"], "园区路1号\\; 甲楼\\, 2层\\\\东\\nEND:VEVENT");
        assert_eq!(events(&zone.service.trip_calendar(&officer, trip.id, Some(3)).await.unwrap()), []);
        assert_eq!(events(&zone.service.trip_calendar(&officer, trip.id, Some(0)).await.unwrap()), []);
    }
}
