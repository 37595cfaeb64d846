//! The rules of the pipeline as dated data, the working-day clock, a lead's fields and states, and the list.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use chrono::{Duration, NaiveDate};
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    calendar::CalendarProblem,
    lead::{
        EventKind, LEAD_PAGE, LeadCard, LeadChange, LeadOrder, LeadQuery, LimitUnit, NewLead,
        RulePack, SideState, SideStateChange, Stage, StageChange,
    },
    problem::{FieldProblemKind, Problem},
};
use serde_json::{Map, Value, json};

async fn register(zone: &Zone, actor: &Actor, enterprise_id: i64, title: &str) -> i64 {
    let new = NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: title.to_owned(),
        investment_wan: Some(10_000),
        land_mu: None,
        source: "展会".to_owned(),
    };
    zone.service.register_lead(actor, new).await.unwrap()
}

async fn card(zone: &Zone, actor: &Actor, id: i64) -> LeadCard {
    zone.service.lead(actor, id).await.unwrap().card
}

fn screened() -> Map<String, Value> {
    let Value::Object(evidence) = json!({"fit": "契合", "investment_wan": 10_000, "land_mu": 50, "energy": "低",
        "environment": "无", "verdict": "pursue"})
    else {
        panic!()
    };
    evidence
}

fn aside(card: &LeadCard, to: Option<SideState>, reason: &str) -> SideStateChange {
    SideStateChange {
        lead_id: card.id,
        version: card.version,
        to,
        reason: reason.to_owned(),
    }
}

on_both! {
    rules_hold_from_their_day_and_what_was_entered_keeps_its_version(zone) {
        let admin = zone.actor("admin").await;
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "示例项目").await;
        let mut pack = RulePack::shipped().unwrap();
        pack.version = "2026-07".to_owned();
        pack.source = "示例办法".to_owned();
        pack.effective_from = zone.service.today() + Duration::days(1);
        // From tomorrow on 研判 asks one thing only, of the zone's own making.
        let own = &mut pack.stages[1];
        own.limit_days = Some(10);
        own.limit_in = LimitUnit::Days;
        own.evidence.truncate(1);
        own.evidence[0].key = "zone_fit".to_owned();
        own.evidence[0].label = Some("园区契合度".to_owned());
        zone.service.set_rule_pack(&admin, pack.clone()).await.unwrap();
        let to = |version, evidence| StageChange { lead_id: id, version, to: Stage::Screened, evidence, reason: String::new() };
        let mut own_answer = Map::new();
        own_answer.insert("zone_fit".to_owned(), "好".into());
        // Today the old rules hold.
        assert!(!refused_fields(zone.service.change_stage(&officer, to(1, own_answer.clone())).await).is_empty());
        assert_eq!(card(&zone, &officer, id).await.stage, Stage::Lead, "nothing was written");
        zone.pass(Duration::days(1));
        assert!(!refused_fields(zone.service.change_stage(&officer, to(1, screened())).await).is_empty());
        zone.service.change_stage(&officer, to(1, own_answer)).await.unwrap();
        let detail = zone.service.lead(&officer, id).await.unwrap();
        assert_eq!((detail.rule_pack_version.as_str(), detail.card.limit_days), ("2026-07", Some(10)));
        // Each version once, no day in the past, every stage there.
        let fields = refused_fields(zone.service.set_rule_pack(&admin, pack.clone()).await);
        assert_eq!(fields, [("effective_from".to_owned(), FieldProblemKind::InThePast), ("version".to_owned(), FieldProblemKind::Taken)].into_iter().filter(|(field, _)| field != "effective_from" || pack.effective_from < zone.service.today()).collect::<Vec<_>>());
        pack.version = "2026-08".to_owned();
        pack.effective_from = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap();
        pack.stages.pop();
        let fields: Vec<String> = refused_fields(zone.service.set_rule_pack(&admin, pack.clone()).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["stages", "effective_from"]);
        for login in ["leader", "chief-east", "viewer"] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.set_rule_pack(&person, pack.clone()).await), Problem::Forbidden, "{login}");
            let rules = zone.service.pipeline_rules(&person).await.unwrap();
            assert_eq!((rules.packs.len(), rules.packs[0].in_force, rules.may_edit), (2, true, false));
        }
    }

    the_clock_counts_working_days(zone) {
        let admin = zone.actor("admin").await;
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "示例项目").await;
        let change = StageChange { lead_id: id, version: 1, to: Stage::Screened, evidence: screened(), reason: String::new() };
        zone.service.change_stage(&officer, change).await.unwrap();
        // Entered on Tuesday 30 June 2026; Monday 6 July is the fourth working day, the sixth day.
        zone.pass(Duration::days(6));
        let seen = card(&zone, &officer, id).await;
        assert_eq!((seen.limit_in, seen.limit_days, seen.days_in_stage), (LimitUnit::WorkingDays, Some(3), 4));
        // A notice makes that Monday a day off.
        let notice = r#"{"year": 2026, "source": "示例通知", "off": ["2026-07-06"], "work": []}"#;
        zone.service.import_calendar(&admin, notice.as_bytes()).await.unwrap();
        assert_eq!(card(&zone, &officer, id).await.days_in_stage, 3);
        let rules = zone.service.pipeline_rules(&officer).await.unwrap();
        let year = rules.calendar.iter().find(|year| year.calendar.year == 2026).unwrap();
        assert_eq!((year.calendar.source.as_str(), year.off_days, year.by.is_some()), ("示例通知", 1, true));
        let wrong = refusal(zone.service.import_calendar(&admin, b"{}").await);
        assert_eq!(wrong, Problem::Calendar { problem: CalendarProblem::NotACalendar });
        assert_eq!(refusal(zone.service.import_calendar(&officer, notice.as_bytes()).await), Problem::Forbidden);
    }

    a_lost_lead_gives_its_claim_up_and_comes_back_only_when_it_is_free(zone) {
        let east = zone.actor("officer-east").await;
        let west = zone.actor("officer-west").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &east, company, "东部项目").await;
        let seen = card(&zone, &east, id).await;
        assert_eq!(refused_fields(zone.service.set_side_state(&east, aside(&seen, Some(SideState::Lost), " ")).await)[0].0, "reason");
        assert_eq!(refused_fields(zone.service.set_side_state(&east, aside(&seen, Some(SideState::Transferred), "x")).await)[0].0, "to");
        assert_eq!(refusal(zone.service.set_side_state(&west, aside(&seen, Some(SideState::Lost), "x")).await), Problem::NotFound);
        let version = zone.service.set_side_state(&east, aside(&seen, Some(SideState::Lost), "转投外省")).await.unwrap();
        assert_eq!(version, 2);
        let detail = zone.service.lead(&east, id).await.unwrap();
        assert_eq!((detail.card.side_state, detail.claim.is_none()), (Some(SideState::Lost), true));
        assert_eq!((detail.events[0].kind, detail.events[0].side_state, detail.events[0].body.as_str()), (EventKind::SideState, Some(SideState::Lost), "转投外省"));
        // It is no open lead any more, and is found by who asks for lost ones.
        let all = zone.service.lead_page(&east, &LeadQuery::default()).await.unwrap();
        assert!(all.leads.iter().all(|card| card.id != id));
        let lost = LeadQuery { side_state: Some(SideState::Lost), ..LeadQuery::default() };
        assert!(zone.service.lead_page(&east, &lost).await.unwrap().leads.iter().any(|card| card.id == id));
        // Another bureau registers the company meanwhile; then the first one cannot come back.
        let other = register(&zone, &west, company, "西部项目").await;
        let seen = card(&zone, &east, id).await;
        assert!(matches!(refusal(zone.service.set_side_state(&east, aside(&seen, None, "又有意向")).await), Problem::ClaimHeld { .. }));
        let theirs = card(&zone, &west, other).await;
        zone.service.set_side_state(&west, aside(&theirs, Some(SideState::Lost), "不谈了")).await.unwrap();
        zone.service.set_side_state(&east, aside(&seen, None, "又有意向")).await.unwrap();
        let detail = zone.service.lead(&east, id).await.unwrap();
        assert_eq!((detail.card.side_state, detail.claim.is_some()), (None, true));
        assert!(matches!(refusal(zone.service.set_side_state(&east, aside(&seen, Some(SideState::Paused), "x")).await), Problem::Stale { version: 3, .. }));
    }

    fields_change_with_their_history_and_nothing_is_overwritten(zone) {
        let officer = zone.actor("officer-east").await;
        let colleague = zone.actor("officer-east-2").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "示例项目").await;
        let title = |text: &str| LeadChange { title: Some(text.to_owned()), ..LeadChange::default() };
        let mut change = title("示例储能项目");
        change.investment_wan = Some(None);
        change.owner_id = Some(colleague.account_id);
        assert_eq!(zone.service.change_lead(&officer, id, 1, change).await.unwrap(), 2);
        let detail = zone.service.lead(&officer, id).await.unwrap();
        assert_eq!((detail.card.title.as_str(), detail.card.investment_wan, detail.card.owner_name.as_str()), ("示例储能项目", None, colleague.name.as_str()));
        let event = &detail.events[0];
        assert_eq!(event.kind, EventKind::Changed);
        assert!(event.fields.contains(&("investment_wan".to_owned(), "10000".to_owned(), String::new())));
        assert!(event.fields.iter().any(|(field, before, after)| field == "owner_id" && *before == officer.name && *after == colleague.name), "{:?}", event.fields);
        // Who still sees the first version is shown the fields that differ.
        let Problem::Stale { fields, version } = refusal(zone.service.change_lead(&colleague, id, 1, title("另一个名字")).await) else { panic!() };
        assert_eq!((version, fields.len(), fields[0].theirs.as_str(), fields[0].yours.as_str()), (2, 1, "示例储能项目", "另一个名字"));
        // What is the same already is no conflict and no event.
        assert_eq!(zone.service.change_lead(&colleague, id, 1, title("示例储能项目")).await.unwrap(), 2);
        let west = zone.actor("officer-west").await;
        let mut wrong = title(" ");
        wrong.investment_wan = Some(Some(-1));
        wrong.chain_node_id = Some(Some(0));
        wrong.owner_id = Some(west.account_id);
        let fields: Vec<String> = refused_fields(zone.service.change_lead(&officer, id, 2, wrong).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["title", "investment_wan", "chain_node_id", "owner_id"]);
        assert_eq!(refusal(zone.service.change_lead(&west, id, 2, title("x")).await), Problem::NotFound);
        let delegate = zone.actor("delegate").await;
        assert_eq!(refusal(zone.service.change_lead(&delegate, id, 2, title("x")).await), Problem::Forbidden);
        let choices = zone.service.lead_choices(&officer, id).await.unwrap();
        assert!(choices.nodes.len() > 100 && choices.owners.iter().all(|(owner, _)| *owner != west.account_id));
        assert_eq!(zone.service.lead(&officer, id).await.unwrap().card.version, 2);
    }

    the_list_filters_orders_pages_and_keeps_to_the_bureau(zone) {
        let officer = zone.actor("officer-east").await;
        let leader = zone.actor("leader").await;
        for (number, company) in zone.free_companies(55).await.into_iter().enumerate() {
            register(&zone, &officer, company.id, &format!("批量项目{number}")).await;
        }
        let bulk = LeadQuery { text: "批量项目".to_owned(), ..LeadQuery::default() };
        let first = zone.service.lead_page(&officer, &bulk).await.unwrap();
        assert_eq!((first.total, first.leads.len() as u64, first.investment_wan), (55, LEAD_PAGE, 550_000));
        let second = zone.service.lead_page(&officer, &LeadQuery { page: 1, ..bulk.clone() }).await.unwrap();
        assert_eq!(second.leads.len(), 5);
        assert!(second.leads.iter().all(|card| first.leads.iter().all(|other| other.id != card.id)));
        let far = zone.service.lead_page(&officer, &LeadQuery { page: 99, ..bulk.clone() }).await.unwrap();
        assert_eq!((far.page, far.leads.len()), (1, 5));
        assert_eq!(zone.service.lead_export(&officer, &bulk).await.unwrap().len(), 55);
        // By a part of the company's name, by pinyin and by initials.
        let one = first.leads[0].clone();
        let company = zone.service.enterprise(&officer, one.enterprise_id).await.unwrap();
        let part: String = company.row.name.chars().skip(2).take(4).collect();
        let found = zone.service.lead_page(&officer, &LeadQuery { text: part, ..LeadQuery::default() }).await.unwrap();
        assert!(found.leads.iter().any(|card| card.id == one.id));
        // Percent and quotes are text, not patterns.
        for text in ["%", "_", "' OR 1=1 --", "\\0"] {
            let odd = LeadQuery { text: text.to_owned(), ..LeadQuery::default() };
            let page = zone.service.lead_page(&officer, &odd).await.unwrap();
            assert!(text == "\\0" || page.total == 0, "{text}: {}", page.total);
        }
        let all = zone.service.lead_page(&leader, &LeadQuery { order: LeadOrder::Investment, ..LeadQuery::default() }).await.unwrap();
        assert!(all.total > 55 && all.bureaus.len() == 4);
        assert!(all.leads.windows(2).all(|pair| pair[0].investment_wan >= pair[1].investment_wan));
        let staged = zone.service.lead_page(&leader, &LeadQuery { stage: Some(Stage::Lead), ..LeadQuery::default() }).await.unwrap();
        assert!(staged.leads.iter().all(|card| card.stage == Stage::Lead));
        zone.pass(Duration::days(20));
        let silent = zone.service.lead_page(&officer, &LeadQuery { silent: true, ..bulk.clone() }).await.unwrap();
        assert_eq!(silent.total, 55);
        let west = zone.bureau("west-triangle").await.id;
        assert_eq!(refusal(zone.service.lead_page(&officer, &LeadQuery { bureau_id: Some(west), ..bulk }).await), Problem::NotFound);
        let viewer = zone.actor("viewer").await;
        assert_eq!(zone.service.lead_page(&viewer, &LeadQuery::default()).await.unwrap().total, 0);
    }
}
