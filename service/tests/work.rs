//! What hangs on a lead: contacts, tasks, commitments, files; the weekly sheet.

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
    lead::{
        CommitmentForm, CommitmentState, ContactForm, EventKind, FILE_LIMIT, FairCompetition,
        LeadChange, LeadDetail, NewLead, Reminder, Side, SideState, Stage, StageChange, TaskForm,
        TodayScope, WeekScope, WorkItem, WorkKind,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::{audit, lead};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;

async fn lead_of(zone: &Zone, actor: &Actor) -> i64 {
    let company = zone.free_companies(1).await[0].id;
    let new = NewLead {
        enterprise_id: company,
        chain_node_id: None,
        bureau_id: None,
        title: "示例项目".to_owned(),
        investment_wan: Some(20_000),
        land_mu: None,
        source: "展会".to_owned(),
    };
    zone.service.register_lead(actor, new).await.unwrap()
}

fn contact(lead_id: i64) -> ContactForm {
    ContactForm {
        lead_id,
        changes: None,
        name: "何样例".to_owned(),
        position: "副总，决策".to_owned(),
        phone: "0512-6288 0000".to_owned(),
        email: String::new(),
    }
}

fn task(lead_id: i64, due_on: NaiveDate) -> TaskForm {
    TaskForm {
        lead_id,
        changes: None,
        title: "备回访提纲".to_owned(),
        due_on,
        due_minute: Some(570),
        reminder: Reminder::DayBefore,
        owner_id: None,
    }
}

fn commitment(lead_id: i64, side: Side) -> CommitmentForm {
    CommitmentForm {
        lead_id,
        changes: None,
        side,
        content: "设备搬迁补助".to_owned(),
        owner: "许示例".to_owned(),
        due_on: None,
        fair_competition: FairCompetition::Pending,
        state: None,
    }
}

fn item(kind: WorkKind, id: i64, version: i64) -> WorkItem {
    WorkItem { kind, id, version }
}

async fn detail(zone: &Zone, actor: &Actor, lead_id: i64) -> LeadDetail {
    zone.service.lead(actor, lead_id).await.unwrap()
}

/// Walks a lead to a stage with the evidence that the demo's rules ask for.
async fn walk(zone: &Zone, actor: &Actor, lead_id: i64, until: Stage) {
    loop {
        let card = detail(zone, actor, lead_id).await.card;
        if card.stage == until {
            return;
        }
        let to = card.stage.next().unwrap();
        zone.service
            .change_stage(actor, step(lead_id, card.version, to))
            .await
            .unwrap();
    }
}

fn step(lead_id: i64, version: i64, to: Stage) -> StageChange {
    let evidence = match to {
        Stage::Screened => {
            json!({"fit": "契合", "investment_wan": 20000, "land_mu": 30, "energy": "低", "environment": "达标", "verdict": "pursue"})
        }
        Stage::Negotiating => {
            json!({"contact_kind": "call", "contact_on": "2026-06-29", "summary": "已通话"})
        }
        Stage::SiteVisit => {
            json!({"visited_on": "2026-06-29", "people": "四人", "outcome": "满意"})
        }
        Stage::Review => {
            json!({"reviewed_on": "2026-06-29", "minutes": "同意", "fair_competition": "passed"})
        }
        _ => json!({"contract_kind": "formal", "signed_on": "2026-06-29", "amount_wan": 20000,
            "our_commitments": "三通一平", "their_commitments": "一年投产"}),
    };
    StageChange {
        lead_id,
        version,
        to,
        evidence: evidence.as_object().unwrap().clone(),
        reason: String::new(),
    }
}

on_both! {
    contacts_are_written_changed_and_brought_back(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        let id = zone.service.write_contact(&officer, contact(lead_id)).await.unwrap();
        let seen = detail(&zone, &officer, lead_id).await.work.contacts;
        assert_eq!((seen.len(), seen[0].name.as_str(), seen[0].version), (1, "何样例", 1));

        let wrong = ContactForm { phone: "问前台".to_owned(), email: "someone".to_owned(), name: " \0".to_owned(), ..contact(lead_id) };
        let fields = refused_fields(zone.service.write_contact(&officer, wrong).await);
        assert_eq!(fields.iter().map(|(field, _)| field.as_str()).collect::<Vec<_>>(), ["name", "phone", "email"]);

        let first = ContactForm { changes: Some((id, 1)), position: "总经理".to_owned(), ..contact(lead_id) };
        zone.service.write_contact(&officer, first).await.unwrap();
        let second = ContactForm { changes: Some((id, 1)), position: "董事长".to_owned(), ..contact(lead_id) };
        match refusal(zone.service.write_contact(&officer, second).await) {
            Problem::Stale { fields, version } => {
                assert_eq!(version, 2);
                assert_eq!(fields.len(), 1);
                assert_eq!((fields[0].field.as_str(), fields[0].theirs.as_str(), fields[0].yours.as_str()), ("position", "总经理", "董事长"));
            }
            other => panic!("{other:?}"),
        }
        // What was seen before the change is not removed over it.
        assert!(matches!(refusal(zone.service.remove_work(&officer, item(WorkKind::Contact, id, 1)).await), Problem::Stale { .. }));
        zone.service.remove_work(&officer, item(WorkKind::Contact, id, 2)).await.unwrap();
        assert!(detail(&zone, &officer, lead_id).await.work.contacts.is_empty());
        assert_eq!(refusal(zone.service.remove_work(&officer, item(WorkKind::Contact, id, 2)).await), Problem::NotFound);
        zone.service.restore_work(&officer, item(WorkKind::Contact, id, 0)).await.unwrap();
        assert_eq!(detail(&zone, &officer, lead_id).await.work.contacts[0].position, "总经理");

        let kept = audit::Entity::find().filter(audit::Column::Entity.eq("contact")).filter(audit::Column::EntityId.eq(id))
            .order_by_asc(audit::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!(kept.len(), 4);
        assert_eq!(kept[1].before.as_ref().unwrap()["position"], "副总，决策");
        assert_eq!(kept[1].after.as_ref().unwrap()["position"], "总经理");
    }

    tasks_are_the_days_follow_ups_of_those_who_own_them(zone) {
        let (officer, chief) = (zone.actor("officer-east").await, zone.actor("chief-east").await);
        let lead_id = lead_of(&zone, &officer).await;
        let today = zone.service.today();
        let day = |actor: Actor, mine: bool| {
            let service = zone.service.clone();
            async move { service.today_page(&actor, TodayScope { mine, bureau_id: None }).await.unwrap().follow_ups }
        };
        let (mine_before, bureau_before) = (day(officer.clone(), true).await, day(officer.clone(), false).await);
        let late = zone.service.write_task(&officer, task(lead_id, today - Duration::days(2))).await.unwrap();
        zone.service.write_task(&officer, task(lead_id, today)).await.unwrap();
        zone.service.write_task(&officer, task(lead_id, today + Duration::days(1))).await.unwrap();
        zone.service.write_task(&officer, TaskForm { owner_id: Some(chief.account_id), ..task(lead_id, today) }).await.unwrap();
        let mine = day(officer.clone(), true).await;
        assert_eq!((mine.total - mine_before.total, mine.overdue - mine_before.overdue), (2, 1));
        let bureau = day(officer.clone(), false).await;
        assert_eq!(bureau.total - bureau_before.total, 3);
        let own = mine.rows.iter().find(|row| row.task.id == late).unwrap();
        assert_eq!((own.lead_id, own.stage, own.investment_wan, own.may_write), (lead_id, Stage::Lead, Some(20_000), true));
        let west = zone.actor("officer-west").await;
        assert!(day(west.clone(), false).await.rows.iter().all(|row| row.lead_id != lead_id));

        zone.service.set_task_done(&officer, item(WorkKind::Task, late, 1), true).await.unwrap();
        let after = day(officer.clone(), true).await;
        assert_eq!((after.total, after.done), (mine.total - 1, mine.done + 1));
        // Two clicks are one act; a click on what somebody else reopened is not.
        assert_eq!(zone.service.set_task_done(&officer, item(WorkKind::Task, late, 1), true).await.unwrap(), 2);
        assert!(matches!(refusal(zone.service.set_task_done(&officer, item(WorkKind::Task, late, 1), false).await), Problem::Stale { .. }));
        zone.service.set_task_done(&officer, item(WorkKind::Task, late, 2), false).await.unwrap();
        assert_eq!(day(officer.clone(), true).await.total, mine.total);

        let tasks = detail(&zone, &officer, lead_id).await.work.tasks;
        assert_eq!(tasks.iter().map(|task| task.due_on).collect::<Vec<_>>(), [today - Duration::days(2), today, today, today + Duration::days(1)]);
        let stored = entity::task::Entity::find_by_id(late).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(stored.remind_on, Some(today - Duration::days(3)));

        // A lead that another bureau has taken over is nobody's day here.
        let held = lead::ActiveModel { id: Set(lead_id), side_state: Set(Some(SideState::Transferred.key().to_owned())), ..Default::default() };
        held.update(zone.tables()).await.unwrap();
        assert_eq!(day(officer.clone(), true).await.total, mine_before.total);
        let back = lead::ActiveModel { id: Set(lead_id), side_state: Set(None), ..Default::default() };
        back.update(zone.tables()).await.unwrap();
        assert_eq!(day(officer.clone(), true).await.total, mine.total);

        let stranger = TaskForm { owner_id: Some(west.account_id), ..task(lead_id, today) };
        assert_eq!(refused_fields(zone.service.write_task(&officer, stranger).await), [("owner_id".to_owned(), FieldProblemKind::Unknown)]);
        let far = TaskForm { title: "远".to_owned(), due_minute: Some(1440), ..task(lead_id, "9999-12-31".parse().unwrap()) };
        assert_eq!(refused_fields(zone.service.write_task(&officer, far).await).len(), 2);
    }

    a_promise_that_was_not_reviewed_keeps_the_lead_from_its_contract(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        walk(&zone, &officer, lead_id, Stage::Review).await;
        let id = zone.service.write_commitment(&officer, commitment(lead_id, Side::Ours)).await.unwrap();
        zone.service.write_commitment(&officer, commitment(lead_id, Side::Theirs)).await.unwrap();
        let sign = |version: i64| zone.service.change_stage(&officer, step(lead_id, version, Stage::Signed));
        let version = detail(&zone, &officer, lead_id).await.card.version;
        for review in [FairCompetition::Pending, FairCompetition::Failed] {
            let row = detail(&zone, &officer, lead_id).await.work.commitments.into_iter().find(|row| row.id == id).unwrap();
            let form = CommitmentForm { changes: Some((id, row.version)), fair_competition: review, ..commitment(lead_id, Side::Ours) };
            zone.service.write_commitment(&officer, form).await.unwrap();
            assert_eq!(refused_fields(sign(version).await), [("our_commitments".to_owned(), FieldProblemKind::FairCompetitionFailed)]);
            assert_eq!(detail(&zone, &officer, lead_id).await.card.stage, Stage::Review);
        }
        // Taken back, it bars nothing; and it is on the timeline.
        let row = detail(&zone, &officer, lead_id).await.work.commitments.into_iter().find(|row| row.id == id).unwrap();
        zone.service.set_commitment_state(&officer, item(WorkKind::Commitment, id, row.version), CommitmentState::Withdrawn).await.unwrap();
        sign(version).await.unwrap();
        let seen = detail(&zone, &officer, lead_id).await;
        assert_eq!(seen.card.stage, Stage::Signed);
        let told: Vec<_> = seen.events.iter().filter(|event| event.kind == EventKind::Commitment).filter_map(|event| event.commitment).collect();
        assert_eq!(told, [(Side::Ours, CommitmentState::Withdrawn), (Side::Theirs, CommitmentState::Open), (Side::Ours, CommitmentState::Open)]);
    }

    our_commitments_are_pointed_out_a_week_before_their_day(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        let today = zone.service.today();
        let asked = || zone.service.today_page(&officer, TodayScope::default());
        let before = asked().await.unwrap().commitments;
        for (side, days) in [(Side::Ours, -1), (Side::Ours, 7), (Side::Ours, 8), (Side::Theirs, -1)] {
            let form = CommitmentForm { due_on: Some(today + Duration::days(days)), ..commitment(lead_id, side) };
            zone.service.write_commitment(&officer, form).await.unwrap();
        }
        let after = asked().await.unwrap().commitments;
        assert_eq!((after.total - before.total, after.overdue - before.overdue), (2, 1));
    }

    files_come_back_as_they_went_in(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        let bytes: Vec<u8> = (0..=255).cycle().take(70_000).collect();
        let id = zone.service.add_lead_file(&officer, lead_id, "C:\\桌面\\厂房改造需求.pdf", bytes.clone()).await.unwrap();
        assert_eq!(zone.service.lead_file(&officer, lead_id, id).await.unwrap(), ("厂房改造需求.pdf".to_owned(), bytes));
        let seen = detail(&zone, &officer, lead_id).await;
        assert_eq!((seen.work.files[0].size, seen.work.files[0].name.as_str()), (70_000, "厂房改造需求.pdf"));
        assert_eq!(seen.events[0].file_id, Some(id));
        let other = lead_of(&zone, &officer).await;
        assert_eq!(refusal(zone.service.lead_file(&officer, other, id).await), Problem::NotFound);
        let west = zone.actor("officer-west").await;
        assert_eq!(refusal(zone.service.lead_file(&west, lead_id, id).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.remove_work(&west, item(WorkKind::File, id, 0)).await), Problem::NotFound);
        assert_eq!(refused_fields(zone.service.add_lead_file(&officer, lead_id, "空.txt", Vec::new()).await), [("file".to_owned(), FieldProblemKind::Required)]);
        assert!(matches!(refusal(zone.service.add_lead_file(&officer, lead_id, "大.bin", vec![0; FILE_LIMIT + 1]).await), Problem::TooLarge { .. }));
        zone.service.remove_work(&officer, item(WorkKind::File, id, 0)).await.unwrap();
        assert_eq!(refusal(zone.service.lead_file(&officer, lead_id, id).await), Problem::NotFound);
        zone.service.restore_work(&officer, item(WorkKind::File, id, 0)).await.unwrap();
        zone.service.lead_file(&officer, lead_id, id).await.unwrap();
    }

    those_who_write_notes_write_the_rest_and_nobody_else(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        let today = zone.service.today();
        for (login, expected) in [("delegate", None), ("leader", Some(Problem::Forbidden)), ("officer-west", Some(Problem::NotFound)), ("viewer", Some(Problem::NotFound))] {
            let actor = zone.actor(login).await;
            let outcomes = [
                zone.service.write_contact(&actor, contact(lead_id)).await,
                zone.service.write_task(&actor, task(lead_id, today)).await,
                zone.service.write_commitment(&actor, commitment(lead_id, Side::Ours)).await,
                zone.service.add_lead_file(&actor, lead_id, "a.txt", vec![1]).await,
            ];
            for outcome in outcomes {
                match &expected {
                    None => { outcome.unwrap(); }
                    Some(problem) => assert_eq!(&refusal(outcome), problem, "{login}"),
                }
            }
        }
    }

    energy_is_a_field_of_the_lead_like_any_other(zone) {
        let officer = zone.actor("officer-east").await;
        let lead_id = lead_of(&zone, &officer).await;
        let change = LeadChange { power_kva: Some(Some(2_400)), energy_tce: Some(Some(4_100)), ..LeadChange::default() };
        let version = zone.service.change_lead(&officer, lead_id, 1, change).await.unwrap();
        let seen = detail(&zone, &officer, lead_id).await;
        assert_eq!((seen.power_kva, seen.energy_tce), (Some(2_400), Some(4_100)));
        assert_eq!(seen.events[0].fields, [("power_kva".to_owned(), String::new(), "2400".to_owned()), ("energy_tce".to_owned(), String::new(), "4100".to_owned())]);
        let wrong = LeadChange { power_kva: Some(Some(-1)), ..LeadChange::default() };
        assert_eq!(refused_fields(zone.service.change_lead(&officer, lead_id, version, wrong).await)[0].0, "power_kva");
    }

    the_weekly_sheet_counts_what_the_week_held(zone) {
        let officer = zone.actor("officer-east").await;
        let asked = |day: Option<NaiveDate>| zone.service.week_sheet(&officer, WeekScope { bureau_id: None, day });
        let before = asked(None).await.unwrap();
        let lead_id = lead_of(&zone, &officer).await;
        walk(&zone, &officer, lead_id, Stage::Signed).await;
        let after = asked(None).await.unwrap();
        // The clock stands on Tuesday, 2026-06-30.
        assert_eq!((after.first_day.to_string(), after.last_day.to_string()), ("2026-06-29".to_owned(), "2026-07-05".to_owned()));
        assert_eq!((after.registered.count - before.registered.count, after.registered.investment_wan - before.registered.investment_wan), (1, 20_000));
        assert_eq!((after.signed.count - before.signed.count, after.signed.investment_wan - before.signed.investment_wan), (1, 20_000));
        assert_eq!(after.moves_total - before.moves_total, 5);
        assert!(after.moves.windows(2).all(|pair| pair[0].to >= pair[1].to), "the furthest stage first");
        // The week before does not know of it; the next one neither.
        let past = asked(Some("2026-06-28".parse().unwrap())).await.unwrap();
        assert!(past.moves.iter().all(|moved| moved.lead.id != lead_id));
        assert_eq!(asked(Some("2026-07-06".parse().unwrap())).await.unwrap().registered.count, 0);
        let west = zone.actor("officer-west").await;
        let east = officer.bureau_id;
        assert_eq!(refusal(zone.service.week_sheet(&west, WeekScope { bureau_id: east, day: None }).await), Problem::NotFound);
        let leader = zone.actor("leader").await;
        let whole = zone.service.week_sheet(&leader, WeekScope::default()).await.unwrap();
        assert!(whole.registered.count >= after.registered.count && whole.bureau.is_none());
    }

    the_gain_is_the_chains_own_what_if(zone) {
        let officer = zone.actor("officer-east").await;
        let chain = zone.service.chains(&officer).await.unwrap()[0].id;
        let map = zone.service.chain_map(&officer, chain).await.unwrap();
        let gap = map.nodes.iter().find(|node| node.class.is_gap()).unwrap();
        let lead_id = lead_of(&zone, &officer).await;
        assert_eq!(zone.service.lead_gain(&officer, lead_id).await.unwrap(), None, "no node, no gain");
        let change = LeadChange { chain_node_id: Some(Some(gap.id)), ..LeadChange::default() };
        zone.service.change_lead(&officer, lead_id, 1, change).await.unwrap();
        let gain = zone.service.lead_gain(&officer, lead_id).await.unwrap().unwrap();
        assert_eq!((gain.chain_id, gain.node.0.as_str(), gain.output_wan), (chain, gap.name.as_str(), 20_000));
        assert_eq!(gain.node.1.class_before, gap.class);
        assert!(gain.node.1.cover_after.unwrap_or(0.0) >= gain.node.1.cover_before.unwrap_or(0.0));
        let west = zone.actor("officer-west").await;
        assert_eq!(refusal(zone.service.lead_gain(&west, lead_id).await), Problem::NotFound);
    }
}
