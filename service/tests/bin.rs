//! Deleting and bringing back, undoing, the audit, tokens.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::Duration;
use common::{Zone, refusal, refused_fields};
use domain::{
    account::{Actor, NewToken, TOKEN_DAYS, TokenScope},
    audit::{
        AUDIT_PAGE, AuditQuery, BinQuery, Deletion, RecordKind, RecordTag, UNDO_MINUTES, UndoAct,
        UndoRefusal,
    },
    enterprise::EnterpriseFilter,
    lead::{
        EventKind, LeadCard, LeadChange, LeadDetail, LeadQuery, NewEvent, NewLead, RulePack,
        SideState, SideStateChange, Stage, StageChange, TodayScope,
    },
    problem::{FieldProblemKind, Problem},
    trip::{ChosenCandidate, NewTrip},
};
use entity::{api_token, audit, claim, enterprise, lead, lead_event, trip_candidate};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
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

async fn detail(zone: &Zone, actor: &Actor, id: i64) -> LeadDetail {
    zone.service.lead(actor, id).await.unwrap()
}

async fn card(zone: &Zone, actor: &Actor, id: i64) -> LeadCard {
    detail(zone, actor, id).await.card
}

const fn of_lead(id: i64) -> RecordTag {
    RecordTag {
        kind: RecordKind::Lead,
        id,
    }
}

const fn act(id: i64, version: i64) -> UndoAct {
    UndoAct {
        kind: RecordKind::Lead,
        id,
        version,
    }
}

fn screened(investment: i64) -> Map<String, Value> {
    let Value::Object(evidence) = json!({"fit": "契合", "investment_wan": investment, "land_mu": 50, "energy": "低",
        "environment": "无", "verdict": "pursue"})
    else {
        panic!()
    };
    evidence
}

fn to(lead_id: i64, version: i64, to: Stage, evidence: Map<String, Value>) -> StageChange {
    StageChange {
        lead_id,
        version,
        to,
        evidence,
        reason: "资料要重做".to_owned(),
    }
}

async fn deleted(zone: &Zone, actor: &Actor, id: i64) -> i64 {
    let version = card(zone, actor, id).await.version;
    zone.service
        .delete_lead(actor, id, version, "重复登记".to_owned())
        .await
        .unwrap()
}

/// The newest audit row of a lead.
async fn newest(zone: &Zone, id: i64) -> audit::Model {
    audit::Entity::find()
        .filter(audit::Column::Entity.eq("lead"))
        .filter(audit::Column::EntityId.eq(id))
        .order_by_desc(audit::Column::Id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
}

async fn running_claims(zone: &Zone, enterprise_id: i64) -> Vec<claim::Model> {
    claim::Entity::find()
        .filter(claim::Column::EnterpriseId.eq(enterprise_id))
        .filter(claim::Column::ReleasedAt.is_null())
        .all(zone.tables())
        .await
        .unwrap()
}

on_both! {
    a_deleted_lead_is_nowhere_and_comes_back_as_it_was(zone) {
        let officer = zone.actor("officer-east").await;
        let leader = zone.actor("leader").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &officer, company.id, "回收项目").await;
        zone.service.change_stage(&officer, to(id, 1, Stage::Screened, screened(20_000))).await.unwrap();
        let pause = SideStateChange { lead_id: id, version: 2, to: Some(SideState::Paused), reason: "等土地".to_owned() };
        zone.service.set_side_state(&officer, pause).await.unwrap();
        zone.pass(Duration::days(3));
        let before = detail(&zone, &officer, id).await;
        let board = |board: domain::lead::Board| board.columns.iter().map(|column| (column.count, column.investment_wan)).collect::<Vec<_>>();
        let counted = board(zone.service.board(&officer, None).await.unwrap());
        let claims = zone.service.today_page(&officer, TodayScope::default()).await.unwrap().claims;

        // A reason and the version that was seen are asked for, and the right.
        assert_eq!(refused_fields(zone.service.delete_lead(&officer, id, 3, " ".to_owned()).await), [("reason".to_owned(), FieldProblemKind::Required)]);
        assert!(matches!(refusal(zone.service.delete_lead(&officer, id, 1, "x".to_owned()).await), Problem::Stale { version: 3, .. }));
        for (login, problem) in [("officer-west", Problem::NotFound), ("delegate", Problem::Forbidden), ("leader", Problem::Forbidden), ("viewer", Problem::NotFound)] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.delete_lead(&person, id, 3, "x".to_owned()).await), problem, "{login}");
        }
        assert_eq!(deleted(&zone, &officer, id).await, 4);

        assert_eq!(refusal(zone.service.lead(&officer, id).await), Problem::NotFound);
        for query in [
            LeadQuery { text: "回收项目".to_owned(), ..LeadQuery::default() },
            LeadQuery { text: "回收项目".to_owned(), side_state: Some(SideState::Paused), ..LeadQuery::default() },
        ] {
            assert_eq!(zone.service.lead_page(&leader, &query).await.unwrap().total, 0);
            assert!(zone.service.lead_export(&leader, &query).await.unwrap().is_empty());
        }
        let now = board(zone.service.board(&officer, None).await.unwrap());
        assert_eq!((now[1].0 + 1, now[1].1 + 20_000), counted[1]);
        assert_eq!(zone.service.today_page(&officer, TodayScope::default()).await.unwrap().claims + 1, claims);
        assert!(zone.service.enterprise(&officer, company.id).await.unwrap().leads.is_empty());
        assert!(running_claims(&zone, company.id).await.is_empty());
        let note = NewEvent { lead_id: id, kind: EventKind::Note, body: "x".to_owned() };
        assert_eq!(refusal(zone.service.add_event(&officer, note).await), Problem::NotFound);

        // In the bin it says who, when and why; only those who may write see it there.
        let bin = zone.service.bin_page(&officer, BinQuery::default()).await.unwrap();
        assert_eq!(bin.total, 1);
        let item = &bin.items[0];
        assert_eq!((item.id, item.by.as_str(), item.reason.as_str(), item.stage, item.may_purge), (id, officer.name.as_str(), "重复登记", Some(Stage::Screened), false));
        assert_eq!((item.deleted_at, item.enterprise_name.as_deref()), (zone.service.now(), Some(company.name.as_str())));
        for (login, total) in [("admin", 1), ("chief-east", 1), ("officer-west", 0), ("leader", 0), ("delegate", 0), ("viewer", 0)] {
            let person = zone.actor(login).await;
            assert_eq!(zone.service.bin_page(&person, BinQuery::default()).await.unwrap().total, total, "{login}");
        }
        for (login, problem) in [("officer-west", Problem::NotFound), ("delegate", Problem::Forbidden)] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.restore_record(&person, of_lead(id)).await), problem, "{login}");
        }

        zone.pass(Duration::days(2));
        assert_eq!(zone.service.restore_record(&officer, of_lead(id)).await.unwrap(), 5);
        assert_eq!(refusal(zone.service.restore_record(&officer, of_lead(id)).await), Problem::NotFound, "it is in the bin no more");
        let after = detail(&zone, &officer, id).await;
        let kept = |detail: &LeadDetail| (detail.card.stage, detail.card.side_state, detail.card.owner_name.clone(), detail.card.investment_wan, detail.entries.clone());
        assert_eq!(kept(&after), kept(&before));
        assert_eq!(after.card.silent_days, before.card.silent_days + 2, "neither deleting nor restoring is work on the lead");
        let end = |detail: &LeadDetail| detail.claim.as_ref().map(|claim| (claim.bureau.clone(), claim.expires_on));
        assert_eq!(end(&after), end(&before), "the claim is the old one, with its old end");
        assert_eq!(board(zone.service.board(&officer, None).await.unwrap()), counted);
        let told: Vec<EventKind> = after.events.iter().take(2).map(|event| event.kind).collect();
        assert_eq!(told, [EventKind::Restored, EventKind::Deleted]);
        assert_eq!(after.events[1].body, "重复登记");
        assert_eq!(zone.service.bin_page(&officer, BinQuery::default()).await.unwrap().total, 0);
    }

    who_came_meanwhile_is_named_and_nothing_is_restored(zone) {
        let east = zone.actor("officer-east").await;
        let west = zone.actor("officer-west").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &east, company, "先来的").await;
        deleted(&zone, &east, id).await;
        let other = register(&zone, &west, company, "后到的").await;
        let rows = zone.audit_rows().await;
        let held = refusal(zone.service.restore_record(&east, of_lead(id)).await);
        assert!(matches!(&held, Problem::ClaimHeld { bureau, .. } if *bureau == west.bureau_name.clone().unwrap()), "{held:?}");
        assert_eq!((zone.audit_rows().await, refusal(zone.service.lead(&east, id).await)), (rows, Problem::NotFound), "nothing was written");
        deleted(&zone, &west, other).await;
        // The own bureau has another open lead of the company by now: there is one at most.
        let again = register(&zone, &east, company, "又登记的").await;
        assert_eq!(refusal(zone.service.restore_record(&east, of_lead(id)).await), Problem::LeadExists { lead_id: again });
        assert!(matches!(refusal(zone.service.restore_record(&west, of_lead(other)).await), Problem::ClaimHeld { .. }));
        // A lost lead takes nothing from anybody, and its deletion leaves the claim of the other one alone.
        let lost = SideStateChange { lead_id: again, version: 1, to: Some(SideState::Lost), reason: "不谈了".to_owned() };
        zone.service.set_side_state(&east, lost).await.unwrap();
        let third = register(&zone, &east, company, "第三次").await;
        deleted(&zone, &east, again).await;
        assert_eq!(running_claims(&zone, company).await.iter().map(|claim| claim.lead_id).collect::<Vec<_>>(), [third]);
        zone.service.restore_record(&east, of_lead(again)).await.unwrap();
        assert_eq!(card(&zone, &east, again).await.side_state, Some(SideState::Lost));
        assert_eq!(running_claims(&zone, company).await.len(), 1);
    }

    only_one_of_two_bureaus_gets_the_company_at_the_same_moment(zone) {
        let east = zone.actor("officer-east").await;
        let west = zone.actor("officer-west").await;
        for company in zone.free_companies(3).await {
            let id = register(&zone, &east, company.id, "抢").await;
            deleted(&zone, &east, id).await;
            let (one, two) = (zone.service.clone(), zone.service.clone());
            let (restorer, registrar) = (east.clone(), west.clone());
            let new = NewLead { enterprise_id: company.id, chain_node_id: None, bureau_id: None, title: "抢".to_owned(), investment_wan: None, land_mu: None, source: "展会".to_owned() };
            let restored = tokio::spawn(async move { one.restore_record(&restorer, of_lead(id)).await.is_ok() });
            let registered = tokio::spawn(async move { two.register_lead(&registrar, new).await.is_ok() });
            let won = [restored.await.unwrap(), registered.await.unwrap()];
            assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
            assert_eq!(running_claims(&zone, company.id).await.len(), 1);
        }
    }

    what_is_old_goes_for_good_by_the_administrator_alone(zone) {
        let admin = zone.actor("admin").await;
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "旧项目").await;
        let candidate = ChosenCandidate { enterprise_id: company, lead_id: Some(id), value: 8.0, required: false };
        let new = NewTrip { name: "东行".to_owned(), start_on: zone.service.today() + Duration::days(7), days: 1, teams: 1, start_city: "安康".to_owned(), candidates: vec![candidate], bureau_id: None };
        let trip = zone.service.plan_trip(&officer, new).await.unwrap();
        assert_eq!(zone.service.trip(&officer, trip).await.unwrap().candidates[0].lead_id, Some(id));
        deleted(&zone, &officer, id).await;
        assert_eq!(zone.service.trip(&officer, trip).await.unwrap().candidates[0].lead_id, None, "no link to a lead in the bin");
        let on = (zone.service.today() + Duration::days(30)).to_string();
        assert_eq!(refusal(zone.service.purge_record(&admin, of_lead(id)).await), Problem::TooEarly { on });
        zone.pass(Duration::days(30));
        assert!(zone.service.bin_page(&admin, BinQuery::default()).await.unwrap().items[0].may_purge);
        for login in ["officer-east", "chief-east", "leader"] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.purge_record(&person, of_lead(id)).await), Problem::Forbidden, "{login}");
        }
        zone.service.purge_record(&admin, of_lead(id)).await.unwrap();
        assert_eq!(refusal(zone.service.purge_record(&admin, of_lead(id)).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.restore_record(&officer, of_lead(id)).await), Problem::NotFound);
        assert!(lead::Entity::find_by_id(id).one(zone.tables()).await.unwrap().is_none());
        assert_eq!(lead_event::Entity::find().filter(lead_event::Column::LeadId.eq(id)).count(zone.tables()).await.unwrap(), 0);
        assert_eq!(claim::Entity::find().filter(claim::Column::LeadId.eq(id)).count(zone.tables()).await.unwrap(), 0);
        let visits = trip_candidate::Entity::find().filter(trip_candidate::Column::TripId.eq(trip)).all(zone.tables()).await.unwrap();
        assert_eq!((visits.len(), visits[0].lead_id), (1, None), "the trip keeps its visit");
        let row = newest(&zone, id).await;
        assert_eq!((row.action.as_str(), row.account_id, row.bureau_id), ("purge", Some(admin.account_id), officer.bureau_id));
        assert_eq!(row.before.unwrap()["title"], "旧项目");
        // What the audit says of it stays, for those who answer for the bureau.
        let chief = zone.actor("chief-east").await;
        let query = AuditQuery { entity: "trip".to_owned(), entity_id: Some(trip), ..AuditQuery::default() };
        assert_eq!(zone.service.audit_page(&chief, &query).await.unwrap().rows.len(), 1);
    }

    a_trip_goes_and_comes_back(zone) {
        let delegate = zone.actor("delegate").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let candidate = ChosenCandidate { enterprise_id: company, lead_id: None, value: 8.0, required: false };
        let new = NewTrip { name: "南行".to_owned(), start_on: zone.service.today() + Duration::days(1), days: 1, teams: 1, start_city: "安康".to_owned(), candidates: vec![candidate], bureau_id: None };
        let id = zone.service.plan_trip(&delegate, new).await.unwrap();
        let seen = zone.service.trip(&delegate, id).await.unwrap();
        let deletion = |version: i64, reason: &str| Deletion { kind: RecordKind::Trip, id, version, reason: reason.to_owned() };
        assert_eq!(refused_fields(zone.service.delete_record(&delegate, deletion(seen.version, "")).await)[0].0, "reason");
        let west = zone.actor("officer-west").await;
        assert_eq!(refusal(zone.service.delete_record(&west, deletion(seen.version, "x")).await), Problem::NotFound);
        let version = zone.service.delete_record(&delegate, deletion(seen.version, "改期")).await.unwrap();
        assert_eq!(refusal(zone.service.trip(&delegate, id).await), Problem::NotFound);
        assert!(zone.service.trips(&delegate).await.unwrap().iter().all(|trip| trip.id != id));
        let bin = zone.service.bin_page(&delegate, BinQuery { kind: RecordKind::Trip, page: 0 }).await.unwrap();
        assert_eq!((bin.items[0].id, bin.items[0].reason.as_str()), (id, "改期"));
        let undone = zone.service.undo_act(&delegate, UndoAct { kind: RecordKind::Trip, id, version }).await.unwrap();
        let back = zone.service.trip(&delegate, id).await.unwrap();
        assert_eq!((back.version, &back.plan), (undone, &seen.plan));
        zone.service.delete_record(&delegate, deletion(undone, "不去了")).await.unwrap();
        zone.pass(Duration::days(30));
        let admin = zone.actor("admin").await;
        zone.service.purge_record(&admin, RecordTag { kind: RecordKind::Trip, id }).await.unwrap();
        assert_eq!(trip_candidate::Entity::find().filter(trip_candidate::Column::TripId.eq(id)).count(zone.tables()).await.unwrap(), 0);
    }

    acts_are_undone_through_the_same_rules(zone) {
        let officer = zone.actor("officer-east").await;
        let colleague = zone.actor("officer-east-2").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "原名").await;
        let service = &zone.service;
        // Fields: all that the act changed go back, what it did not touch stays.
        let change = LeadChange { title: Some("新名".to_owned()), investment_wan: Some(None), land_mu: Some(Some(66.5)), owner_id: Some(colleague.account_id), ..LeadChange::default() };
        assert_eq!(service.change_lead(&officer, id, 1, change).await.unwrap(), 2);
        let source = LeadChange { source: Some("同事改的来源".to_owned()), ..LeadChange::default() };
        assert_eq!(service.change_lead(&colleague, id, 2, source).await.unwrap(), 3);
        assert_eq!(refusal(service.undo_act(&colleague, act(id, 2)).await), Problem::NotFound, "it was somebody else's act");
        assert_eq!(service.undo_act(&officer, act(id, 2)).await.unwrap(), 4);
        let seen = detail(&zone, &officer, id).await;
        assert_eq!((seen.card.title.as_str(), seen.card.investment_wan, seen.land_mu, seen.card.owner_name.as_str(), seen.source.as_str()), ("原名", Some(10_000), None, officer.name.as_str(), "同事改的来源"));
        assert_eq!(refusal(service.undo_act(&officer, act(id, 2)).await), Problem::CannotUndo { reason: UndoRefusal::Undone });
        assert_eq!(refusal(service.undo_act(&officer, act(id, 4)).await), Problem::CannotUndo { reason: UndoRefusal::NotUndoable }, "an undoing is not undone");

        // A field that somebody changed since is not overwritten.
        let title = |text: &str| LeadChange { title: Some(text.to_owned()), ..LeadChange::default() };
        service.change_lead(&officer, id, 4, title("我改的")).await.unwrap();
        service.change_lead(&colleague, id, 5, title("同事改的")).await.unwrap();
        let Problem::Stale { fields, version } = refusal(service.undo_act(&officer, act(id, 5)).await) else { panic!() };
        assert_eq!((version, fields.len(), fields[0].theirs.as_str(), fields[0].yours.as_str()), (6, 1, "同事改的", "原名"));

        // States beside the track.
        let lost = SideStateChange { lead_id: id, version: 6, to: Some(SideState::Lost), reason: "不谈了".to_owned() };
        service.set_side_state(&officer, lost).await.unwrap();
        assert_eq!(service.undo_act(&officer, act(id, 7)).await.unwrap(), 8);
        let seen = detail(&zone, &officer, id).await;
        assert_eq!((seen.card.side_state, seen.claim.is_some(), seen.events[0].body.as_str()), (None, true, "撤销"));

        // The company was taken meanwhile: the rule of the claim holds for an undoing too.
        let pause = |version| SideStateChange { lead_id: id, version, to: Some(SideState::Lost), reason: "再想想".to_owned() };
        service.set_side_state(&officer, pause(8)).await.unwrap();
        let west = zone.actor("officer-west").await;
        let other = register(&zone, &west, company, "西部项目").await;
        assert!(matches!(refusal(service.undo_act(&officer, act(id, 9)).await), Problem::ClaimHeld { .. }));
        deleted(&zone, &west, other).await;

        // After ten minutes it stands.
        zone.pass(Duration::minutes(UNDO_MINUTES));
        assert_eq!(service.undo_act(&officer, act(id, 9)).await.unwrap(), 10);
        service.delete_lead(&officer, id, 10, "重复".to_owned()).await.unwrap();
        zone.pass(Duration::minutes(UNDO_MINUTES) + Duration::seconds(1));
        assert_eq!(refusal(service.undo_act(&officer, act(id, 11)).await), Problem::CannotUndo { reason: UndoRefusal::TooLate });
        // Registering and notes are no acts to undo.
        service.restore_record(&officer, of_lead(id)).await.unwrap();
        assert_eq!(refusal(service.undo_act(&officer, act(id, 12)).await), Problem::CannotUndo { reason: UndoRefusal::NotUndoable });
    }

    a_stage_is_undone_by_the_gate_and_never_around_it(zone) {
        let admin = zone.actor("admin").await;
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company, "阶段项目").await;
        let service = &zone.service;
        let registered = zone.service.now();
        zone.pass(Duration::days(2));
        service.change_stage(&officer, to(id, 1, Stage::Screened, screened(30_000))).await.unwrap();
        assert_eq!(card(&zone, &officer, id).await.investment_wan, Some(30_000));
        assert_eq!(service.undo_act(&officer, act(id, 2)).await.unwrap(), 3);
        let seen = detail(&zone, &officer, id).await;
        assert_eq!((seen.card.stage, seen.card.investment_wan, seen.card.days_in_stage), (Stage::Lead, Some(10_000), 2), "the clock goes on, and the amount that came with the evidence goes");
        let stored = lead::Entity::find_by_id(id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(stored.stage_entered_at.timestamp_micros(), registered.timestamp_micros());
        // What was undone is no key: the gate asks for evidence as ever.
        assert!(!refused_fields(service.change_stage(&officer, to(id, 3, Stage::Screened, Map::new())).await).is_empty());

        // A step back is undone while the stage's evidence is on record under the rules in force.
        service.change_stage(&officer, to(id, 3, Stage::Screened, screened(30_000))).await.unwrap();
        service.change_stage(&officer, to(id, 4, Stage::Lead, Map::new())).await.unwrap();
        assert_eq!(service.undo_act(&officer, act(id, 5)).await.unwrap(), 6);
        let seen = card(&zone, &officer, id).await;
        assert_eq!((seen.stage, seen.days_in_stage), (Stage::Screened, 0));

        // Other rules hold from tomorrow on: what was entered under the old ones does not open the gate then.
        let mut pack = RulePack::shipped().unwrap();
        pack.version = "2026-07".to_owned();
        pack.source = "示例办法".to_owned();
        pack.effective_from = service.today() + Duration::days(1);
        service.set_rule_pack(&admin, pack).await.unwrap();
        zone.pass(Duration::days(1));
        service.change_stage(&officer, to(id, 6, Stage::Lead, Map::new())).await.unwrap();
        assert_eq!(refusal(service.undo_act(&officer, act(id, 7)).await), Problem::CannotUndo { reason: UndoRefusal::NoEvidence });
        assert_eq!(card(&zone, &officer, id).await.stage, Stage::Lead, "nothing was written");
    }

    the_audit_is_whole_and_each_sees_what_is_theirs(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let west = zone.actor("officer-west").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &officer, company.id, "审计项目").await;
        zone.service.change_stage(&officer, to(id, 1, Stage::Screened, screened(20_000))).await.unwrap();
        let row = newest(&zone, id).await;
        assert_eq!((row.account_id, row.bureau_id, row.at.timestamp_micros()), (Some(officer.account_id), officer.bureau_id, zone.service.now().timestamp_micros()));
        let (before, after) = (row.before.unwrap(), row.after.unwrap());
        assert_eq!((&before["stage"], &after["stage"]), (&json!("lead"), &json!("screened")));
        assert_eq!((&before["investment_wan"], &after["investment_wan"]), (&json!(10_000), &json!(20_000)));

        let of_it = AuditQuery { entity: "lead".to_owned(), entity_id: Some(id), ..AuditQuery::default() };
        for login in ["admin", "leader", "chief-east", "officer-east", "delegate"] {
            let person = zone.actor(login).await;
            let page = zone.service.audit_page(&person, &of_it).await.unwrap();
            assert_eq!(page.rows.len(), 2, "{login}");
            let made = &page.rows[1];
            assert_eq!((made.action.as_str(), made.subject.as_deref(), made.is_open, made.by.as_deref()), ("add", Some("审计项目"), true, Some(officer.name.as_str())));
            let shown = |field: &str| made.fields.iter().find(|one| one.field == field).unwrap().after.clone();
            assert_eq!((shown("enterprise_id"), shown("owner_id")), (company.name.clone(), officer.name.clone()), "names, not numbers");
        }
        assert_eq!(refusal(zone.service.audit_page(&west, &of_it).await), Problem::NotFound);
        for login in ["officer-east", "delegate", "viewer"] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.audit_page(&person, &AuditQuery::default()).await), Problem::Forbidden, "{login}");
        }
        // The chief sees the own bureau's, nothing of another and nothing of the whole zone.
        let theirs = zone.service.audit_export(&chief, &AuditQuery::default()).await.unwrap();
        let owned = audit::Entity::find().filter(audit::Column::BureauId.eq(chief.bureau_id)).count(zone.tables()).await.unwrap();
        assert_eq!(theirs.len() as u64, owned);
        assert!(owned > 5 && theirs.iter().all(|row| ["lead", "contact", "task", "commitment", "trip"].contains(&row.entity.as_str())));
        let leader = zone.actor("leader").await;
        assert_eq!(zone.service.audit_export(&leader, &AuditQuery::default()).await.unwrap().len() as u64, zone.audit_rows().await);
        assert!(zone.service.audit_page(&chief, &AuditQuery::default()).await.unwrap().people.iter().all(|(id, _)| *id != west.account_id));

        // Pages go on where the one before ended, and filters hold on every page.
        for number in 0..AUDIT_PAGE {
            let note = NewEvent { lead_id: id, kind: EventKind::Note, body: format!("第{number}条") };
            zone.service.add_event(&officer, note).await.unwrap();
        }
        let first = zone.service.audit_page(&officer, &of_it).await.unwrap();
        assert_eq!(first.rows.len() as u64, AUDIT_PAGE);
        let second = zone.service.audit_page(&officer, &AuditQuery { before: first.next, ..of_it.clone() }).await.unwrap();
        assert_eq!((second.rows.len(), second.next), (2, None));
        assert!(second.rows.iter().all(|row| first.rows.iter().all(|other| other.id > row.id)));
        let nobody = AuditQuery { account_id: Some(west.account_id), ..of_it.clone() };
        assert!(zone.service.audit_page(&officer, &nobody).await.unwrap().rows.is_empty());
        let today = zone.service.today();
        let on = |from, until| AuditQuery { from, until, ..of_it.clone() };
        assert_eq!(zone.service.audit_export(&officer, &on(Some(today), Some(today))).await.unwrap().len() as u64, AUDIT_PAGE + 2);
        assert!(zone.service.audit_export(&officer, &on(today.succ_opt(), None)).await.unwrap().is_empty());
        assert!(zone.service.audit_export(&officer, &on(None, today.pred_opt())).await.unwrap().is_empty());
        let odd = AuditQuery { entity: "' OR 1=1 --\0".to_owned(), ..AuditQuery::default() };
        assert!(zone.service.audit_page(&leader, &odd).await.unwrap().rows.is_empty());
    }

    tokens_have_a_scope_and_an_end(zone) {
        let officer = zone.actor("officer-east").await;
        let west = zone.actor("officer-west").await;
        let admin = zone.actor("admin").await;
        let new = |name: &str, scope, days| NewToken { name: name.to_owned(), scope, days };
        let made = zone.service.make_token(&officer, new("报表", TokenScope::Read, None)).await.unwrap();
        let (actor, scope) = zone.service.actor_by_token(&made.secret).await.unwrap().unwrap();
        assert_eq!((actor, scope), (officer.clone(), TokenScope::Read));
        for days in [0, -1, 366, i64::MAX] {
            let fields = refused_fields(zone.service.make_token(&officer, new(" ", TokenScope::Read, Some(days))).await);
            assert_eq!(fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["name", "days"]);
        }
        // The last use is written down, and not at every call.
        let used = async || api_token::Entity::find_by_id(made.id).one(zone.tables()).await.unwrap().unwrap().last_used_at.unwrap().timestamp_micros();
        let first = used().await;
        zone.pass(Duration::minutes(9));
        zone.service.actor_by_token(&made.secret).await.unwrap();
        assert_eq!(used().await, first);
        zone.pass(Duration::minutes(1));
        zone.service.actor_by_token(&made.secret).await.unwrap();
        assert_eq!(used().await, zone.service.now().timestamp_micros());
        // Everybody sees their own; an administrator sees and ends all.
        let page = zone.service.tokens(&officer).await.unwrap();
        assert_eq!((page.tokens.len(), page.is_everybody), (1, false));
        assert_eq!(page.tokens[0].expires_at.unwrap() - page.tokens[0].created_at, Duration::days(TOKEN_DAYS));
        assert!(zone.service.tokens(&west).await.unwrap().tokens.is_empty());
        assert_eq!(refusal(zone.service.revoke_token(&west, made.id).await), Problem::NotFound);
        let all = zone.service.tokens(&admin).await.unwrap();
        assert_eq!((all.is_everybody, all.tokens[0].owner.as_str(), all.tokens[0].is_own), (true, officer.name.as_str(), false));
        let rows = zone.audit_rows().await;
        zone.service.revoke_token(&admin, made.id).await.unwrap();
        assert_eq!(zone.audit_rows().await, rows + 1);
        assert_eq!(zone.service.actor_by_token(&made.secret).await.unwrap(), None);
        assert_eq!(refusal(zone.service.revoke_token(&admin, made.id).await), Problem::NotFound);
        let kept = audit::Entity::find().filter(audit::Column::Entity.eq("api_token")).order_by_asc(audit::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!(kept.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["add", "revoke"]);
        assert!(!format!("{kept:?}").contains(&made.secret));
        // The end is the end, to the second.
        let short = zone.service.make_token(&officer, new("一天", TokenScope::Write, Some(1))).await.unwrap();
        zone.pass(Duration::days(1) - Duration::seconds(1));
        assert!(zone.service.actor_by_token(&short.secret).await.unwrap().is_some());
        zone.pass(Duration::seconds(1));
        assert!(matches!(refusal(zone.service.actor_by_token(&short.secret).await), Problem::TokenExpired { .. }));
        assert!(zone.service.tokens(&officer).await.unwrap().tokens[0].is_expired);
    }

    companies_are_listed_by_every_filter_at_once(zone) {
        let officer = zone.actor("officer-east").await;
        let all = enterprise::Entity::find().filter(enterprise::Column::Closed.eq(false)).order_by_asc(enterprise::Column::Id).all(zone.tables()).await.unwrap();
        let list = async |filter: EnterpriseFilter| zone.service.enterprise_list(&officer, &filter).await.unwrap();
        let whole = list(EnterpriseFilter::default()).await;
        assert_eq!((whole.total, whole.rows.len() as u64), (all.len() as u64, whole.page_size.min(all.len() as u64)));
        assert_eq!(whole.rows[0].id, all[0].id);
        let second = list(EnterpriseFilter { page: 1, ..EnterpriseFilter::default() }).await;
        assert!(second.rows.iter().all(|row| whole.rows.iter().all(|other| other.id < row.id)));
        assert!(list(EnterpriseFilter { page: u64::MAX, ..EnterpriseFilter::default() }).await.rows.is_empty());
        let count = |test: &dyn Fn(&enterprise::Model) -> bool| all.iter().filter(|one| test(one)).count() as u64;
        let province = all.iter().find_map(|one| one.province.clone()).unwrap();
        let city = all.iter().find_map(|one| one.city.clone()).unwrap();
        assert_eq!(list(EnterpriseFilter { province: province.clone(), ..EnterpriseFilter::default() }).await.total, count(&|one| one.province.as_deref() == Some(&province)));
        assert_eq!(list(EnterpriseFilter { city: city.clone(), ..EnterpriseFilter::default() }).await.total, count(&|one| one.city.as_deref() == Some(&city)));
        for flag in [true, false] {
            assert_eq!(list(EnterpriseFilter { is_local: Some(flag), ..EnterpriseFilter::default() }).await.total, count(&|one| one.is_local == flag));
            assert_eq!(list(EnterpriseFilter { listed: Some(flag), ..EnterpriseFilter::default() }).await.total, count(&|one| one.stock_code.is_some() == flag));
        }
        let one = all.last().unwrap().clone();
        assert!(list(EnterpriseFilter { q: one.name.clone(), ..EnterpriseFilter::default() }).await.rows.iter().any(|row| row.id == one.id));
        assert_eq!(list(EnterpriseFilter { industry: "没有这个行业".to_owned(), ..EnterpriseFilter::default() }).await.total, 0);
        assert_eq!(list(EnterpriseFilter { q: "%".to_owned(), ..EnterpriseFilter::default() }).await.total, 0, "a percent sign is text");
        zone.pass(Duration::days(1));
        let since = EnterpriseFilter { updated_since: Some(zone.service.now()), ..EnterpriseFilter::default() };
        assert_eq!(list(since.clone()).await.total, 0);
        let id = one.id;
        let mut touched: enterprise::ActiveModel = one.into();
        touched.updated_at = Set(zone.service.now());
        touched.update(zone.tables()).await.unwrap();
        assert_eq!(list(since).await.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [id]);
    }
}
