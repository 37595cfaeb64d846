//! Saved views of the list of leads, its columns, and changes of many leads at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use chrono::Duration;
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    lead::{
        BULK_LIMIT, BulkAct, BulkChange, BulkEnd, BulkOutcome, EventKind, LeadCard, LeadChange,
        LeadColumn, LeadList, LeadListQuery, LeadOrder, LeadQuery, NewLead, NewView, SeenLead,
        SideState, SideStateChange, Stage, StageChange, ViewChange, ViewReach,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::stage_evidence;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Map, Value, json};

async fn register(zone: &Zone, actor: &Actor, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for company in zone.free_companies(count).await {
        let new = NewLead {
            enterprise_id: company.id,
            chain_node_id: None,
            bureau_id: None,
            title: format!("批量项目{}", company.id),
            investment_wan: Some(10_000),
            land_mu: Some(20.5),
            source: "展会".to_owned(),
        };
        ids.push(zone.service.register_lead(actor, new).await.unwrap());
    }
    ids
}

async fn card(zone: &Zone, actor: &Actor, id: i64) -> LeadCard {
    zone.service.lead(actor, id).await.unwrap().card
}

fn seen(ids: &[i64], version: i64) -> Vec<SeenLead> {
    ids.iter()
        .map(|id| SeenLead {
            lead_id: *id,
            version,
        })
        .collect()
}

fn screened() -> Map<String, Value> {
    let Value::Object(evidence) = json!({"fit": "契合", "investment_wan": 12_000, "land_mu": 50, "energy": "低",
        "environment": "无", "verdict": "pursue"})
    else {
        panic!()
    };
    evidence
}

async fn screen(zone: &Zone, actor: &Actor, id: i64) {
    let change = StageChange {
        lead_id: id,
        version: 1,
        to: Stage::Screened,
        evidence: screened(),
        reason: String::new(),
    };
    zone.service.change_stage(actor, change).await.unwrap();
}

fn problems(outcome: &BulkOutcome) -> Vec<&Problem> {
    outcome
        .rows
        .iter()
        .filter_map(|row| match &row.end {
            BulkEnd::Refused { problem } => Some(problem),
            _ => None,
        })
        .collect()
}

fn view(name: &str, query: LeadQuery, reach: ViewReach) -> NewView {
    NewView {
        name: name.to_owned(),
        query,
        columns: LeadColumn::DEFAULT.to_vec(),
        reach,
    }
}

async fn list(zone: &Zone, actor: &Actor, id: Option<i64>) -> LeadList {
    let ask = LeadListQuery {
        view: id,
        ..LeadListQuery::default()
    };
    zone.service.lead_list(actor, ask).await.unwrap()
}

async fn names(zone: &Zone, actor: &Actor) -> Vec<String> {
    let views = list(zone, actor, None).await.views;
    views.into_iter().map(|view| view.name).collect()
}

on_both! {
    a_view_keeps_filters_order_and_columns(zone) {
        let officer = zone.actor("officer-east").await;
        let query = LeadQuery { stage: Some(Stage::Signed), order: LeadOrder::Investment, page: 4, text: " 储能 ".into(), ..LeadQuery::default() };
        let columns = vec![LeadColumn::Land, LeadColumn::Enterprise, LeadColumn::Created];
        let new = NewView { columns: columns.clone(), ..view(" 签约储能 ", query.clone(), ViewReach::Own) };
        let id = zone.service.save_view(&officer, new).await.unwrap();
        let shown = list(&zone, &officer, Some(id)).await;
        assert_eq!((shown.view, &shown.columns), (Some(id), &columns));
        assert_eq!(shown.query, LeadQuery { page: 0, text: "储能".into(), ..query.clone() });
        assert_eq!((shown.views[0].name.as_str(), shown.views[0].is_own, shown.views[0].may_write), ("签约储能", true, true));
        // Other filters in the address hold for this time, and no filter is one of them.
        let ask = LeadListQuery { view: Some(id), query: Some(LeadQuery::default()), page: 0 };
        let other = zone.service.lead_list(&officer, ask.clone()).await.unwrap();
        assert!(other.query.differs_from(&other.views[0].query) && other.page.total > shown.page.total);
        assert_eq!(zone.service.lead_table(&officer, ask).await.unwrap().0, columns);
        // Nothing half-made is kept.
        let wrong = NewView { columns: vec![LeadColumn::Stage], ..view(" ", LeadQuery { text: "长".repeat(61), ..LeadQuery::default() }, ViewReach::Own) };
        let fields: Vec<String> = refused_fields(zone.service.save_view(&officer, wrong).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["name", "text", "columns"]);
        let west = zone.bureau("west-triangle").await.id;
        let elsewhere = LeadQuery { bureau_id: Some(west), ..LeadQuery::default() };
        assert_eq!(refusal(zone.service.save_view(&officer, view("别人的", elsewhere, ViewReach::Own)).await), Problem::NotFound);
        assert_eq!(names(&zone, &officer).await, ["签约储能"]);
    }

    views_stand_by_pinyin_and_a_name_is_free_again_when_its_view_is_gone(zone) {
        let officer = zone.actor("officer-east").await;
        let colleague = zone.actor("officer-east-2").await;
        let mut first = 0;
        // Code points would say 周报, 安徽, 超时; pinyin says an, chao, zhou.
        for name in ["周报", "超时", "安徽"] {
            first = zone.service.save_view(&officer, view(name, LeadQuery::default(), ViewReach::Own)).await.unwrap();
        }
        assert_eq!(names(&zone, &officer).await, ["安徽", "超时", "周报"]);
        let taken = [("name".to_owned(), FieldProblemKind::Taken)];
        let save = async |person: &Actor, name: &str| zone.service.save_view(person, view(name, LeadQuery::default(), ViewReach::Own)).await;
        assert_eq!(refused_fields(save(&officer, "安徽　").await), taken);
        save(&colleague, "安徽").await.unwrap();
        zone.service.remove_view(&officer, first, 1).await.unwrap();
        assert_eq!(names(&zone, &officer).await, ["超时", "周报"]);
        let gone = LeadListQuery { view: Some(first), ..LeadListQuery::default() };
        assert_eq!(refusal(zone.service.lead_list(&officer, gone).await), Problem::NotFound);
        let second = save(&officer, "安徽").await.unwrap();
        assert_eq!(refused_fields(zone.service.restore_view(&officer, first).await), taken);
        let rename = ViewChange { id: second, version: 1, name: Some("安徽二".into()), ..ViewChange::default() };
        zone.service.change_view(&officer, rename).await.unwrap();
        assert_eq!(refusal(zone.service.restore_view(&colleague, first).await), Problem::NotFound);
        zone.service.restore_view(&officer, first).await.unwrap();
        assert_eq!(names(&zone, &officer).await, ["安徽", "安徽二", "超时", "周报"]);
        assert_eq!(refusal(zone.service.restore_view(&officer, first).await), Problem::NotFound, "it is there already");
    }

    a_stale_view_is_not_overwritten(zone) {
        let officer = zone.actor("officer-east").await;
        let id = zone.service.save_view(&officer, view("周报", LeadQuery::default(), ViewReach::Own)).await.unwrap();
        let late = LeadQuery { late: true, ..LeadQuery::default() };
        let change = |version, name: Option<&str>, query: Option<LeadQuery>| ViewChange { id, version, name: name.map(str::to_owned), query, ..ViewChange::default() };
        assert_eq!(zone.service.change_view(&officer, change(1, Some("周会"), None)).await.unwrap(), 2);
        let Problem::Stale { fields, version } = refusal(zone.service.change_view(&officer, change(1, Some("例会"), Some(late.clone()))).await) else { panic!() };
        let named: Vec<(&str, &str, &str)> = fields.iter().map(|field| (field.field.as_str(), field.theirs.as_str(), field.yours.as_str())).collect();
        assert_eq!((version, named), (2, vec![("name", "周会", "例会"), ("query", "", "")]));
        assert_eq!(zone.service.change_view(&officer, change(1, Some("周会"), None)).await.unwrap(), 2, "the same is no conflict");
        assert!(matches!(refusal(zone.service.remove_view(&officer, id, 1).await), Problem::Stale { version: 2, .. }));
        let before = zone.audit_rows().await;
        assert_eq!(zone.service.change_view(&officer, change(2, None, Some(late.clone()))).await.unwrap(), 3);
        assert_eq!(zone.audit_rows().await, before + 1);
        let shown = list(&zone, &officer, Some(id)).await;
        assert_eq!((shown.query, shown.views[0].name.as_str()), (late, "周会"));
    }

    a_view_is_shared_with_the_bureau_or_by_the_administrator_with_all(zone) {
        let [officer, colleague, chief, west, admin, leader, viewer] = [
            zone.actor("officer-east").await, zone.actor("officer-east-2").await, zone.actor("chief-east").await,
            zone.actor("officer-west").await, zone.actor("admin").await, zone.actor("leader").await, zone.actor("viewer").await,
        ];
        let plain = LeadQuery::default;
        let own = zone.service.save_view(&officer, view("我的", plain(), ViewReach::Own)).await.unwrap();
        let bureau = zone.service.save_view(&officer, view("分局的", plain(), ViewReach::Bureau)).await.unwrap();
        let all = zone.service.save_view(&admin, view("大家的", plain(), ViewReach::Everybody)).await.unwrap();
        for (person, wanted) in [
            (&officer, vec!["大家的", "分局的", "我的"]), (&colleague, vec!["大家的", "分局的"]), (&chief, vec!["大家的", "分局的"]),
            (&west, vec!["大家的"]), (&viewer, vec!["大家的"]), (&admin, vec!["大家的", "分局的"]), (&leader, vec!["大家的", "分局的"]),
        ] {
            assert_eq!(names(&zone, person).await, wanted, "{}", person.login);
        }
        let shown = list(&zone, &colleague, Some(bureau)).await;
        let one = shown.views.iter().find(|view| view.id == bureau).unwrap();
        assert_eq!((one.is_own, one.may_write, one.owner.as_str()), (false, false, officer.name.as_str()));
        let ask = |id| LeadListQuery { view: Some(id), ..LeadListQuery::default() };
        // Not even the administrator sees what is private.
        for (person, id) in [(&west, bureau), (&west, own), (&admin, own), (&leader, own)] {
            assert_eq!(refusal(zone.service.lead_list(person, ask(id)).await), Problem::NotFound, "{}", person.login);
        }
        let rename = |id| ViewChange { id, version: 1, name: Some("改名".into()), ..ViewChange::default() };
        assert_eq!(refusal(zone.service.change_view(&colleague, rename(bureau)).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.change_view(&west, rename(bureau)).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.remove_view(&admin, own, 1).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.remove_view(&officer, all, 1).await), Problem::Forbidden);
        // The chief keeps the bureau's views in order.
        zone.service.change_view(&chief, rename(bureau)).await.unwrap();
        let share = |id, reach| ViewChange { id, version: 1, reach: Some(reach), ..ViewChange::default() };
        assert_eq!(refusal(zone.service.change_view(&officer, share(own, ViewReach::Everybody)).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.save_view(&viewer, view("看看", plain(), ViewReach::Bureau)).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.save_view(&admin, view("看看", plain(), ViewReach::Bureau)).await), Problem::Forbidden);
        // A view of a bureau is nothing for those to whom it is closed.
        let east = officer.bureau_id;
        zone.service.save_view(&admin, view("东边", LeadQuery { bureau_id: east, ..plain() }, ViewReach::Everybody)).await.unwrap();
        assert!(names(&zone, &officer).await.contains(&"东边".to_owned()));
        assert_eq!(names(&zone, &west).await, ["大家的"]);
        assert_eq!(list(&zone, &admin, None).await.reaches, [ViewReach::Own, ViewReach::Everybody]);
        assert_eq!(list(&zone, &officer, None).await.reaches, [ViewReach::Own, ViewReach::Bureau]);
        assert_eq!(list(&zone, &viewer, None).await.reaches, [ViewReach::Own]);
    }

    columns_without_a_view_are_each_persons(zone) {
        let officer = zone.actor("officer-east").await;
        let colleague = zone.actor("officer-east-2").await;
        let columns = vec![LeadColumn::Enterprise, LeadColumn::Source, LeadColumn::Bureau, LeadColumn::Land];
        register(&zone, &officer, 1).await;
        for wanted in [columns.clone(), vec![LeadColumn::Stage, LeadColumn::Enterprise], columns.clone()] {
            zone.service.set_own_columns(&officer, wanted.clone()).await.unwrap();
            assert_eq!(list(&zone, &officer, None).await.columns, wanted);
        }
        assert_eq!(list(&zone, &colleague, None).await.columns, LeadColumn::DEFAULT);
        assert_eq!(refused_fields(zone.service.set_own_columns(&officer, vec![]).await), [("columns".to_owned(), FieldProblemKind::Required)]);
        let (kept, cards) = zone.service.lead_table(&officer, LeadListQuery::default()).await.unwrap();
        let made = cards.iter().find(|card| card.land_mu == Some(20.5)).unwrap();
        let bureau = zone.bureau("yangtze-delta").await.name;
        assert_eq!((kept, made.source.as_str(), &made.bureau_name), (columns, "展会", &bureau));
        assert_eq!((made.created_at, made.last_activity_at), (zone.service.now(), zone.service.now()));
        assert!(names(&zone, &officer).await.is_empty(), "it is no view");
    }

    many_leads_change_one_by_one_and_come_back(zone) {
        let officer = zone.actor("officer-east").await;
        let colleague = zone.actor("officer-east-2").await;
        let west = zone.actor("officer-west").await;
        let ids = register(&zone, &officer, 3).await;
        let theirs = register(&zone, &west, 1).await[0];
        let owner = BulkAct::Owner { owner_id: colleague.account_id };
        let mut leads = seen(&ids, 1);
        // Seen before somebody else's change; another bureau's; one that never was; the same twice.
        let title = LeadChange { title: Some("改过".into()), ..LeadChange::default() };
        zone.service.change_lead(&colleague, ids[2], 1, title).await.unwrap();
        leads.extend(seen(&[theirs, 999_999, ids[0]], 1));
        let change = BulkChange { leads, act: owner.clone() };
        let outcome = zone.service.bulk_change(&officer, change.clone()).await.unwrap();
        assert_eq!(outcome.rows.iter().map(|row| row.lead_id).collect::<Vec<_>>(), [ids[0], ids[1], ids[2], theirs, 999_999]);
        assert_eq!(outcome.counts(), (2, 0, 3));
        assert!(matches!(problems(&outcome)[..], [Problem::Stale { version: 2, .. }, Problem::NotFound, Problem::NotFound]), "{outcome:?}");
        // What one may not see has no name, like what is not there.
        assert!(outcome.rows[2].enterprise_name.is_some());
        assert_eq!((&outcome.rows[3].enterprise_name, &outcome.rows[4].enterprise_name), (&None, &None));
        for id in &ids[..2] {
            let detail = zone.service.lead(&officer, *id).await.unwrap();
            assert_eq!((detail.card.owner_name.as_str(), detail.card.version, detail.events[0].kind), (colleague.name.as_str(), 2, EventKind::Changed));
        }
        assert_eq!((card(&zone, &officer, ids[2]).await.owner_name, card(&zone, &west, theirs).await.version), (officer.name.clone(), 1));
        // Again: it is so already, and there is nothing to take back.
        let again = zone.service.bulk_change(&officer, BulkChange { leads: seen(&ids[..2], 2), act: owner }).await.unwrap();
        assert_eq!((again.counts(), again.id), ((0, 2, 0), None));
        let id = outcome.id.unwrap();
        assert_eq!(refusal(zone.service.undo_bulk_change(&colleague, id, "撤销").await), Problem::NotFound);
        // One was changed meanwhile: it is named and left alone.
        let title = LeadChange { title: Some("又改过".into()), ..LeadChange::default() };
        zone.service.change_lead(&colleague, ids[1], 2, title).await.unwrap();
        let back = zone.service.undo_bulk_change(&officer, id, "撤销").await.unwrap();
        assert_eq!(back.counts(), (1, 0, 1));
        assert!(matches!((&back.rows[1], &problems(&back)[..]), (row, [Problem::Stale { version: 3, .. }]) if row.lead_id == ids[1] && row.enterprise_name.is_some()));
        assert_eq!(card(&zone, &officer, ids[0]).await.owner_name, officer.name);
        assert_eq!(card(&zone, &officer, ids[1]).await.owner_name, colleague.name);
        assert_eq!(zone.service.undo_bulk_change(&officer, id, "撤销").await.unwrap().rows.len(), 1, "what is taken back is not taken back twice");
    }

    many_leads_go_aside_and_come_back_by_the_rules_of_one(zone) {
        let officer = zone.actor("officer-east").await;
        let west = zone.actor("officer-west").await;
        let ids = register(&zone, &officer, 2).await;
        let aside = |leads, to, reason: &str| BulkChange { leads, act: BulkAct::SideState { to, reason: reason.to_owned() } };
        assert_eq!(refused_fields(zone.service.bulk_change(&officer, aside(seen(&ids, 1), Some(SideState::Lost), " ")).await), [("reason".to_owned(), FieldProblemKind::Required)]);
        let odd = zone.service.bulk_change(&officer, aside(seen(&ids, 1), Some(SideState::Transferred), "x")).await.unwrap();
        assert_eq!(odd.counts(), (0, 0, 2), "a lead is transferred by handing it over");
        let lost = zone.service.bulk_change(&officer, aside(seen(&ids, 1), Some(SideState::Lost), "转投外省")).await.unwrap();
        assert_eq!(lost.counts(), (2, 0, 0));
        let detail = zone.service.lead(&officer, ids[0]).await.unwrap();
        assert_eq!((detail.card.side_state, detail.claim.is_none(), detail.events[0].body.as_str()), (Some(SideState::Lost), true, "转投外省"));
        // Another bureau takes one of the companies meanwhile: that one does not come back.
        let company = detail.card.enterprise_id;
        let new = NewLead { enterprise_id: company, chain_node_id: None, bureau_id: None, title: "西部项目".into(), investment_wan: None, land_mu: None, source: "展会".into() };
        zone.service.register_lead(&west, new).await.unwrap();
        let back = zone.service.undo_bulk_change(&officer, lost.id.unwrap(), "撤销批量修改").await.unwrap();
        assert_eq!(back.counts(), (1, 0, 1));
        assert!(matches!(problems(&back)[..], [Problem::ClaimHeld { .. }]));
        let detail = zone.service.lead(&officer, ids[1]).await.unwrap();
        assert_eq!((detail.card.side_state, detail.claim.is_some(), detail.events[0].body.as_str()), (None, true, "撤销批量修改"));
        assert_eq!(card(&zone, &officer, ids[0]).await.side_state, Some(SideState::Lost));
    }

    the_gate_is_not_walked_around(zone) {
        let officer = zone.actor("officer-east").await;
        let ids = register(&zone, &officer, 3).await;
        let stage = |leads, to, reason: &str| BulkChange { leads, act: BulkAct::Stage { to, reason: reason.to_owned() } };
        for to in [Stage::Screened, Stage::Negotiating, Stage::Signed] {
            let outcome = zone.service.bulk_change(&officer, stage(seen(&ids, 1), to, "一起推进")).await.unwrap();
            assert_eq!(problems(&outcome), [&Problem::OneByOne; 3]);
        }
        for id in &ids {
            let seen = card(&zone, &officer, *id).await;
            assert_eq!((seen.stage, seen.version), (Stage::Lead, 1));
        }
        screen(&zone, &officer, ids[0]).await;
        screen(&zone, &officer, ids[1]).await;
        // People corrected the amount that the evidence named.
        let corrected = LeadChange { investment_wan: Some(Some(15_000)), ..LeadChange::default() };
        zone.service.change_lead(&officer, ids[0], 2, corrected).await.unwrap();
        zone.pass(Duration::days(1));
        let leads = [seen(&ids[..1], 3), seen(&ids[1..2], 2), seen(&ids[2..], 1)].concat();
        assert_eq!(refused_fields(zone.service.bulk_change(&officer, stage(leads.clone(), Stage::Lead, "")).await)[0].0, "reason");
        let back = zone.service.bulk_change(&officer, stage(leads, Stage::Lead, "材料不实")).await.unwrap();
        assert_eq!(back.counts(), (2, 1, 0));
        let detail = zone.service.lead(&officer, ids[0]).await.unwrap();
        assert_eq!((detail.card.stage, detail.events[0].body.as_str()), (Stage::Lead, "材料不实"));
        // Taken back it goes on through the gate, with the evidence on record, and keeps the corrected amount.
        let on = zone.service.undo_bulk_change(&officer, back.id.unwrap(), "撤销").await.unwrap();
        assert_eq!(on.counts(), (2, 0, 0), "{on:?}");
        let detail = zone.service.lead(&officer, ids[0]).await.unwrap();
        assert_eq!((detail.card.stage, detail.card.investment_wan, detail.entries.len()), (Stage::Screened, Some(15_000), 2));
        // Without evidence on record the gate stays shut.
        stage_evidence::Entity::delete_many().filter(stage_evidence::Column::LeadId.eq(ids[1])).exec(zone.tables()).await.unwrap();
        let leads = seen(&ids[1..2], card(&zone, &officer, ids[1]).await.version);
        let back = zone.service.bulk_change(&officer, stage(leads, Stage::Lead, "再退")).await.unwrap();
        let on = zone.service.undo_bulk_change(&officer, back.id.unwrap(), "撤销").await.unwrap();
        assert!(matches!(problems(&on)[..], [Problem::Invalid { .. }]), "{on:?}");
        assert_eq!(card(&zone, &officer, ids[1]).await.stage, Stage::Lead);
    }

    who_may_not_write_one_may_not_write_many(zone) {
        let officer = zone.actor("officer-east").await;
        let ids = register(&zone, &officer, 2).await;
        let act = BulkAct::Node { chain_node_id: None };
        for (login, problem) in [("delegate", Problem::Forbidden), ("leader", Problem::Forbidden), ("viewer", Problem::NotFound), ("chief-west", Problem::NotFound)] {
            let person = zone.actor(login).await;
            let outcome = zone.service.bulk_change(&person, BulkChange { leads: seen(&ids, 1), act: act.clone() }).await.unwrap();
            assert_eq!((problems(&outcome), outcome.id), (vec![&problem, &problem], None), "{login}");
            assert_eq!(list(&zone, &person, None).await.may_write, login == "chief-west", "{login}");
        }
        let wrong = BulkAct::Node { chain_node_id: Some(0) };
        let outcome = zone.service.bulk_change(&officer, BulkChange { leads: seen(&ids, 1), act: wrong }).await.unwrap();
        assert!(matches!(problems(&outcome)[..], [Problem::Invalid { .. }, Problem::Invalid { .. }]));
        let many = BulkChange { leads: seen(&(1..=501).collect::<Vec<i64>>(), 1), act: act.clone() };
        assert_eq!(refusal(zone.service.bulk_change(&officer, many).await), Problem::TooManyLeads { count: 501, limit: BULK_LIMIT });
        assert_eq!(refused_fields(zone.service.bulk_change(&officer, BulkChange { leads: vec![], act }).await)[0].0, "leads");
        // All that match, as they are now.
        let query = LeadQuery { text: "批量项目".into(), ..LeadQuery::default() };
        let mut all: Vec<i64> = zone.service.seen_leads(&officer, &query).await.unwrap().into_iter().map(|seen| seen.lead_id).collect();
        all.sort_unstable();
        assert_eq!(all, ids);
        let aside = SideStateChange { lead_id: ids[0], version: 1, to: Some(SideState::Lost), reason: "不谈了".into() };
        zone.service.set_side_state(&officer, aside).await.unwrap();
        assert_eq!(zone.service.seen_leads(&officer, &query).await.unwrap().len(), 1);
        let chief = zone.actor("chief-west").await;
        assert!(zone.service.seen_leads(&chief, &query).await.unwrap().is_empty());
    }
}
