//! Who may do what: every use case, asked by every role, inside and outside the bureau that it is about.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::fmt::Debug;

use domain::{
    account::{Actor, Role},
    enterprise::{EnterpriseField, EnterpriseQuery, ImportStart},
    lead::{EventKind, NewEvent, NewLead, Stage, StageChange},
    problem::Problem,
    target::TargetQuery,
    trip::{ChosenCandidate, NewTrip},
};
use serde_json::{Map, Value, json};
use service::{ServiceResult, account::NewAccount, demo::DEMO_PASSWORD};

/// People, in the order of the columns below. Everything is about the bureau `yangtze-delta`.
const PEOPLE: [&str; 11] = [
    "admin",
    "leader",
    "chief-east",
    "officer-east-2",
    "delegate",
    "reader-east",
    "chief-north",
    "officer-north",
    "delegate-north",
    "reader-north",
    "viewer",
];

/// `o` done, `f` forbidden, `n` not there. The columns are the people; one gap parts all bureaus, this one, and others.
const EXPECTED: [(&str, &str); 22] = [
    ("chains", "oo oooo ooooo"),
    ("chain_map", "oo oooo ooooo"),
    ("node_panel", "oo oooo ooooo"),
    ("targets", "oo oooo ooooo"),
    ("enterprises", "oo oooo ooooo"),
    ("enterprise", "oo oooo ooooo"),
    ("import_chain", "of ffff fffff"),
    ("upload_enterprises", "of ooff oofff"),
    ("import_jobs", "of ooff oofff"),
    ("import_preview", "of nnff nnfff"),
    ("start_import", "of nnff nnfff"),
    ("leads", "oo oooo ooooo"),
    ("lead", "oo oooo nnnnn"),
    ("board", "oo oooo nnnnn"),
    ("board_column", "oo oooo nnnnn"),
    ("register_lead", "of ooff nnnnn"),
    ("change_stage", "of ooff nnnnn"),
    ("add_event", "of ooof nnnnn"),
    ("trip_choices", "of ooof nnnnn"),
    ("plan_trip", "of ooof nnnnn"),
    ("trip", "oo oooo nnnnn"),
    ("trip_calendar", "oo oooo nnnnn"),
];

#[track_caller]
fn letter<T: Debug>(result: ServiceResult<T>) -> char {
    match result.map_err(service::ServiceError::into_problem) {
        Ok(_) => 'o',
        Err(Problem::Forbidden) => 'f',
        Err(Problem::NotFound) => 'n',
        Err(other) => panic!("{other:?}"),
    }
}

fn screened() -> Map<String, Value> {
    let Value::Object(map) = json!({
        "fit": "补链", "investment_wan": 1, "land_mu": 1, "energy": "一般", "environment": "一般", "verdict": "watch",
    }) else {
        panic!()
    };
    map
}

on_both! {
    every_use_case_asks_for_its_right(zone) {
        for (login, role, bureau) in [
            ("reader-east", Role::Viewer, "yangtze-delta"),
            ("reader-north", Role::Viewer, "jing-jin-ji"),
            ("delegate-north", Role::Delegate, "jing-jin-ji"),
        ] {
            zone.service.add_account(NewAccount {
                login: login.to_owned(), name: login.to_owned(), role,
                bureau_code: Some(bureau.to_owned()), password: DEMO_PASSWORD.to_owned(),
            }).await.unwrap();
        }
        let service = &zone.service;
        let east = zone.bureau("yangtze-delta").await.id;
        let owner = zone.actor("officer-east").await;
        let chain = service.chains(&owner).await.unwrap().remove(0);
        let node = service.chain_map(&owner, chain.id).await.unwrap().nodes[0].id;
        let companies = zone.free_companies(PEOPLE.len() * 3 + 1).await;
        let lead = |enterprise_id: i64| NewLead {
            enterprise_id, chain_node_id: None, bureau_id: Some(east), title: "试验".to_owned(),
            investment_wan: None, land_mu: None, source: "目标名单".to_owned(),
        };
        let tour = |enterprise_id: i64| NewTrip {
            name: "一天".to_owned(), start_on: service.today(), days: 1, teams: 1, start_city: "安康".to_owned(),
            candidates: vec![ChosenCandidate { enterprise_id, lead_id: None, value: 1.0, required: false }],
            bureau_id: Some(east),
        };
        let trip = service.plan_trip(&owner, tour(companies[0].id)).await.unwrap();
        let table = "企业名称,省份\n甲试验膜业有限公司,江苏\n".as_bytes().to_vec();
        let mut found: Vec<(&str, String)> = EXPECTED.iter().map(|(name, _)| (*name, String::new())).collect();
        for (index, login) in PEOPLE.iter().enumerate() {
            let actor: Actor = zone.actor(login).await;
            let actor = &actor;
            let (free, followed) = (&companies[1 + index * 3], &companies[2 + index * 3]);
            let id = service.register_lead(&owner, lead(followed.id)).await.unwrap();
            let job = service.upload_enterprises(&owner, "名单.csv", table.clone()).await.unwrap();
            let start = ImportStart { job_id: job, mapping: vec![Some(EnterpriseField::Name)], is_local: false };
            let change = StageChange { lead_id: id, version: 1, to: Stage::Screened, evidence: screened(), reason: String::new() };
            let note = NewEvent { lead_id: id, kind: EventKind::Note, body: "记一笔".to_owned() };
            let file = format!(r#"{{"code":"own-{index}","name":"自建","nodes":[{{"code":"x","name":"节点","stage":"upstream"}}]}}"#);
            for (name, letters) in &mut found {
                if index == 2 || index == 6 { letters.push(' '); }
                letters.push(match *name {
                    "chains" => letter(service.chains(actor).await),
                    "chain_map" => letter(service.chain_map(actor, chain.id).await),
                    "node_panel" => letter(service.node_panel(actor, node).await),
                    "targets" => letter(service.targets(actor, &TargetQuery { node_id: Some(node), ..TargetQuery::default() }).await),
                    "enterprises" => letter(service.enterprises(actor, EnterpriseQuery::default()).await),
                    "enterprise" => letter(service.enterprise(actor, free.id).await),
                    "import_chain" => letter(service.import_chain(actor, "x.json", file.as_bytes()).await),
                    "upload_enterprises" => letter(service.upload_enterprises(actor, "x.csv", table.clone()).await),
                    "import_jobs" => letter(service.import_jobs(actor).await),
                    "import_preview" => letter(service.import_preview(actor, job, None).await),
                    "start_import" => letter(service.start_import(actor, start.clone()).await),
                    "leads" => {
                        let leads = service.lead_page(actor, &domain::lead::LeadQuery::default()).await.unwrap().leads;
                        let mine = |bureau: i64| actor.reads_every_bureau() || actor.bureau_id == Some(bureau);
                        assert!(leads.iter().all(|card| mine(card.bureau_id)), "{login}");
                        assert_eq!(leads.is_empty(), *login == "viewer", "{login}");
                        'o'
                    }
                    "lead" => letter(service.lead(actor, id).await),
                    "board" => letter(service.board(actor, Some(east)).await),
                    "board_column" => letter(service.board_column(actor, east, Stage::Lead, 0).await),
                    "register_lead" => letter(service.register_lead(actor, lead(free.id)).await),
                    "change_stage" => letter(service.change_stage(actor, change.clone()).await),
                    "add_event" => letter(service.add_event(actor, note.clone()).await),
                    "trip_choices" => letter(service.trip_choices(actor, Some(east), None).await),
                    "plan_trip" => letter(service.plan_trip(actor, tour(free.id)).await),
                    "trip" => letter(service.trip(actor, trip).await),
                    "trip_calendar" => letter(service.trip_calendar(actor, trip, None).await),
                    other => panic!("{other}"),
                });
            }
        }
        let expected: Vec<(&str, String)> = EXPECTED.iter().map(|(name, letters)| (*name, (*letters).to_owned())).collect();
        assert_eq!(found, expected);
    }

    what_a_page_promises_is_what_the_use_case_does(zone) {
        let east = zone.bureau("yangtze-delta").await.id;
        for login in ["admin", "leader", "chief-east", "officer-east", "delegate", "viewer", "officer-north"] {
            let actor = zone.actor(login).await;
            let leads = zone.service.lead_page(&actor, &domain::lead::LeadQuery::default()).await.unwrap().leads;
            for card in leads {
                let page = zone.service.lead(&actor, card.id).await.unwrap();
                let note = NewEvent { lead_id: card.id, kind: EventKind::Note, body: "记一笔".to_owned() };
                assert_eq!(page.may_note, zone.service.add_event(&actor, note).await.is_ok(), "{login}");
                // Back to where it is: never a move, so that only the right is asked.
                let change = StageChange { lead_id: card.id, version: card.version, to: card.stage, evidence: Map::new(), reason: String::new() };
                let problem = common::refusal(zone.service.change_stage(&actor, change).await);
                assert_eq!(page.may_write, problem != Problem::Forbidden, "{login} {problem:?}");
            }
            if let Ok(board) = zone.service.board(&actor, Some(east)).await {
                assert_eq!(board.may_write, matches!(login, "admin" | "chief-east" | "officer-east"), "{login}");
            }
        }
    }
}
