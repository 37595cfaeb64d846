//! Today: what waits, in numbers that agree with the list and with the cards themselves.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use chrono::Duration;
use common::{Zone, refusal};
use domain::{
    lead::{
        LAPSING_DAYS, LeadQuery, NewLead, SILENT_DAYS, SideState, SideStateChange, TODAY_ROWS,
        TodayScope,
    },
    problem::Problem,
    trip::{ChosenCandidate, NewTrip},
};
use entity::{claim, lead};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

/// Lets the days of a claim run out.
async fn lapse(zone: &Zone, lead_id: i64, days: i64) {
    let held = claim::Entity::find()
        .filter(claim::Column::LeadId.eq(lead_id))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap();
    let mut held: claim::ActiveModel = held.into();
    held.expires_on = Set(zone.service.today() + Duration::days(days));
    held.update(zone.tables()).await.unwrap();
}

async fn enter(zone: &Zone, lead_id: i64, stage: i32, days_ago: i64) {
    lead::ActiveModel {
        id: Set(lead_id),
        stage: Set(stage),
        stage_entered_at: Set(zone.service.now() - Duration::days(days_ago)),
        ..Default::default()
    }
    .update(zone.tables())
    .await
    .unwrap();
}

on_both! {
    late_leads_are_those_whose_own_clock_says_so(zone) {
        let officer = zone.actor("officer-east").await;
        let mut ids = Vec::new();
        for (number, company) in zone.free_companies(40).await.into_iter().enumerate() {
            let new = NewLead { enterprise_id: company.id, chain_node_id: None, bureau_id: None, title: format!("超时项目{number}"),
                investment_wan: Some(1_000), land_mu: None, source: "展会".to_owned() };
            let id = zone.service.register_lead(&officer, new).await.unwrap();
            // All stages that have a limit, from today to 44 days ago.
            enter(&zone, id, i32::try_from(number % 5).unwrap() + 1, i64::try_from(number).unwrap() / 5 * 6 + 2).await;
            ids.push(id);
        }
        for moved in [0, 4, 1, 1] {
            zone.pass(Duration::days(moved));
            let all = zone.service.lead_export(&officer, &LeadQuery::default()).await.unwrap();
            let mut late: Vec<i64> = all.iter().filter(|card| card.side_state.is_none() && card.days_late().is_some()).map(|card| card.id).collect();
            let mut found: Vec<i64> = zone.service.lead_export(&officer, &LeadQuery { late: true, ..LeadQuery::default() }).await.unwrap()
                .iter().map(|card| card.id).collect();
            late.sort_unstable();
            found.sort_unstable();
            assert!(late.len() > 5 && late.len() < all.len());
            assert_eq!(found, late);
            let day = zone.service.today_page(&officer, TodayScope::default()).await.unwrap();
            assert_eq!(day.late.total, late.len() as u64);
            assert_eq!(day.late.leads.len() as u64, TODAY_ROWS.min(day.late.total));
            assert!(day.late.leads.iter().all(|card| late.contains(&card.id)));
        }
        // What is paused has no clock that could run out.
        let late = zone.service.lead_page(&officer, &LeadQuery { late: true, ..LeadQuery::default() }).await.unwrap();
        let card = late.leads[0].clone();
        zone.service.set_side_state(&officer, SideStateChange { lead_id: card.id, version: card.version, to: Some(SideState::Paused), reason: "企业改期".to_owned() }).await.unwrap();
        let fewer = zone.service.lead_page(&officer, &LeadQuery { late: true, ..LeadQuery::default() }).await.unwrap();
        assert_eq!(fewer.total, late.total - 1);
    }

    claims_that_lapse_and_silent_leads_are_counted_and_lead_to_their_list(zone) {
        let officer = zone.actor("officer-east").await;
        let before = zone.service.today_page(&officer, TodayScope { mine: true, bureau_id: None }).await.unwrap();
        assert!(before.owns_leads && before.is_working);
        let mut ids = Vec::new();
        for company in zone.free_companies(3).await {
            let new = NewLead { enterprise_id: company.id, chain_node_id: None, bureau_id: None, title: "首报项目".to_owned(),
                investment_wan: Some(2_000), land_mu: None, source: "展会".to_owned() };
            ids.push(zone.service.register_lead(&officer, new).await.unwrap());
        }
        let mine = TodayScope { mine: true, bureau_id: None };
        let fresh = zone.service.today_page(&officer, mine).await.unwrap();
        assert_eq!((fresh.lapsing.total, fresh.claims), (before.lapsing.total, before.claims + 3));
        // One on the last day that counts, one a day later, one already over.
        lapse(&zone, ids[0], LAPSING_DAYS).await;
        lapse(&zone, ids[1], LAPSING_DAYS + 1).await;
        lapse(&zone, ids[2], -2).await;
        let now = zone.service.today_page(&officer, mine).await.unwrap();
        assert_eq!(now.lapsing.total, before.lapsing.total + 2);
        assert_eq!(now.lapsing.investment_wan, before.lapsing.investment_wan + 4_000);
        // The first to lapse comes first.
        let left: Vec<i64> = now.lapsing.leads.iter().filter_map(|card| card.claim_days_left).collect();
        assert!(left.len() == now.lapsing.leads.len() && left.is_sorted());
        assert!(now.lapsing.leads.iter().any(|card| card.id == ids[2] && card.claim_days_left == Some(-2)));
        let list = zone.service.lead_page(&officer, &now.lapsing.query).await.unwrap();
        assert_eq!((list.total, list.investment_wan), (now.lapsing.total, now.lapsing.investment_wan));
        zone.pass(Duration::days(SILENT_DAYS + 1));
        let later = zone.service.today_page(&officer, mine).await.unwrap();
        let silent = zone.service.lead_page(&officer, &later.silent.query).await.unwrap();
        assert!(later.silent.total >= 3 && silent.total == later.silent.total);
        assert!(silent.leads.iter().all(|card| card.silent_days >= SILENT_DAYS && card.owner_name == officer.name));
        assert!(later.silent.leads.windows(2).all(|pair| pair[0].silent_days >= pair[1].silent_days));
    }

    tomorrows_visits_are_those_of_the_bureaus_that_are_read(zone) {
        let officer = zone.actor("officer-east").await;
        let candidates: Vec<ChosenCandidate> = zone.free_companies(200).await.into_iter()
            .filter(|company| company.city.as_deref() == Some("上海市"))
            .take(3)
            .map(|company| ChosenCandidate { enterprise_id: company.id, lead_id: None, value: 50.0, required: false })
            .collect();
        assert_eq!(candidates.len(), 3);
        let start_on = zone.service.today() + Duration::days(1);
        let before = zone.service.today_page(&officer, TodayScope::default()).await.unwrap().visits.len();
        let new = NewTrip { name: "明日出发".to_owned(), start_on, days: 2, teams: 1, start_city: "上海市".to_owned(), candidates, bureau_id: None };
        let trip_id = zone.service.plan_trip(&officer, new).await.unwrap();
        let planned = zone.service.trip(&officer, trip_id).await.unwrap().plan.teams[0].days[0].stops.len();
        assert!(planned > 0);
        let day = zone.service.today_page(&officer, TodayScope::default()).await.unwrap();
        assert_eq!((day.visits.len(), day.visit_day), (before + planned, start_on));
        assert!(day.visits.iter().filter(|visit| visit.trip_id == trip_id).all(|visit| !visit.enterprise_name.is_empty() && visit.team == 1));
        assert!(day.visits.windows(2).all(|pair| pair[0].begin_minute <= pair[1].begin_minute));
        let leader = zone.actor("leader").await;
        let seen = |day: &domain::lead::Today| day.visits.iter().any(|visit| visit.trip_id == trip_id);
        let all = zone.service.today_page(&leader, TodayScope::default()).await.unwrap();
        assert!(seen(&all) && !all.owns_leads && all.bureaus.len() == 4);
        let west = zone.bureau("west-triangle").await.id;
        let other = zone.service.today_page(&leader, TodayScope { mine: false, bureau_id: Some(west) }).await.unwrap();
        assert!(!seen(&other));
        let chief = zone.actor("chief-west").await;
        assert!(!seen(&zone.service.today_page(&chief, TodayScope::default()).await.unwrap()));
        // Another bureau's day is not there; who reads no lead has an empty one.
        assert_eq!(refusal(zone.service.today_page(&officer, TodayScope { mine: false, bureau_id: Some(west) }).await), Problem::NotFound);
        let viewer = zone.service.today_page(&zone.actor("viewer").await, TodayScope::default()).await.unwrap();
        assert_eq!((viewer.late.total, viewer.silent.total), (0, 0));
    }
}
