//! Trips on the road: the book, visits that are written down, what came of it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::{Duration, NaiveDate};
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    lead::{EventKind, FairCompetition, NewEvent, Side, Stage, StageChange},
    problem::{FieldProblemKind, Problem},
    trip::{
        ChosenCandidate, NewTrip, TripDetail, VisitCommitment, VisitForm, VisitOutcome,
        VisitPerson, slots,
    },
};
use entity::{audit, claim, commitment, contact, lead, lead_event, lead_file, task, visit};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use serde_json::json;

/// A trip that began three days ago, to leads of the bureau and companies that nobody follows.
async fn trip(zone: &Zone, actor: &Actor) -> TripDetail {
    let choices = zone.service.trip_choices(actor, None, None).await.unwrap();
    let candidates: Vec<ChosenCandidate> = choices
        .leads
        .iter()
        .chain(choices.targets.iter().take(6))
        .map(|one| ChosenCandidate {
            enterprise_id: one.enterprise_id,
            lead_id: one.lead_id,
            value: one.value,
            required: false,
        })
        .collect();
    let new = NewTrip {
        name: "七月外出".to_owned(),
        start_on: zone.service.today() - Duration::days(3),
        days: 7,
        teams: 2,
        start_city: "安康".to_owned(),
        candidates,
        bureau_id: None,
    };
    let id = zone.service.plan_trip(actor, new).await.unwrap();
    zone.service.trip(actor, id).await.unwrap()
}

fn form(zone: &Zone, mark: &str, enterprise_id: i64) -> VisitForm {
    VisitForm {
        mark: mark.to_owned(),
        enterprise_id,
        visited_on: zone.service.today(),
        begin_minute: 570,
        written_at: zone.service.now(),
        outcome: VisitOutcome::Interested,
        people: Vec::new(),
        interest: Some(4),
        commitments: Vec::new(),
        remark: "差在蒸汽价".to_owned(),
        next_step: String::new(),
        next_on: None,
        account_id: None,
        beside_another: false,
    }
}

fn promise(side: Side, content: &str, due_on: NaiveDate, needs_review: bool) -> VisitCommitment {
    VisitCommitment {
        side,
        content: content.to_owned(),
        owner: "许示例".to_owned(),
        due_on: Some(due_on),
        needs_review,
    }
}

/// A company of the trip that has a lead, with that lead.
fn followed(trip: &TripDetail) -> (i64, i64) {
    let one = trip
        .candidates
        .iter()
        .find(|one| one.lead_id.is_some())
        .unwrap();
    (one.enterprise_id, one.lead_id.unwrap())
}

fn unfollowed(trip: &TripDetail) -> i64 {
    trip.candidates
        .iter()
        .find(|one| one.lead_id.is_none())
        .unwrap()
        .enterprise_id
}

on_both! {
    the_book_has_a_brief_for_each_visit(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let book = zone.service.trip_book(&officer, trip.id, "https://crm.example.cn/").await.unwrap();
        assert_eq!(book.briefs.len(), usize::from(trip.plan.visited));
        assert_eq!(book.address, format!("https://crm.example.cn/road/{}", trip.id));
        assert!(book.code.side > 20 && book.briefs.iter().all(|brief| brief.code.side > 20 && brief.code != book.code));
        let order: Vec<_> = book.briefs.iter().map(|brief| (brief.team, brief.day, brief.begin_minute)).collect();
        assert!(order.is_sorted());
        let slots = slots(&trip.plan);
        for brief in &book.briefs {
            let slot = slots[&brief.enterprise_id];
            assert_eq!((brief.team, brief.day, brief.begin_minute), (slot.team, slot.day, slot.begin_minute));
        }
        // A lead brings its stage and people; every company that was proposed for a gap brings the gap.
        let with_lead = book.briefs.iter().find(|brief| brief.lead_id.is_some()).unwrap();
        assert!(with_lead.stage.is_some() && !with_lead.to_ask.is_empty());
        let target = book.briefs.iter().find(|brief| brief.lead_id.is_none()).unwrap();
        let place = target.place.as_ref().unwrap();
        assert!(place.score.unwrap() > 0.0 && !place.terms.is_empty());
        let sum: f64 = place.terms.iter().map(|term| term.points).sum();
        assert!((sum - place.score.unwrap()).abs() < 0.01, "{sum} {:?}", place.score);
        assert_eq!(place.line.iter().filter(|step| step.is_own).count(), 1);
        assert!(place.line.len() <= 5);
        let other = zone.actor("officer-west").await;
        assert!(matches!(refusal(zone.service.trip_book(&other, trip.id, "").await), Problem::NotFound | Problem::Forbidden));
    }

    a_visit_becomes_timeline_contacts_commitments_task_and_file(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let (company, lead_id) = followed(&trip);
        let was = lead::Entity::find_by_id(lead_id).one(zone.tables()).await.unwrap().unwrap();
        let known = contact::Entity::find().filter(contact::Column::LeadId.eq(lead_id)).count(zone.tables()).await.unwrap();
        let due = zone.service.today() + Duration::days(7);
        let mut visit_form = form(&zone, "m1", company);
        visit_form.people = vec![
            VisitPerson { name: " 何新人 ".to_owned(), position: "副总".to_owned(), phone: "029-8888 1234".to_owned() },
            VisitPerson::default(),
        ];
        visit_form.commitments = vec![promise(Side::Theirs, "技术组来访", due, false), promise(Side::Ours, "搬迁补助", due, true)];
        visit_form.next_step = "请进来看厂房".to_owned();
        visit_form.next_on = Some(due);
        let photo = ("厂门.jpg".to_owned(), vec![0xff, 0xd8, 0xff]);
        let receipt = zone.service.record_visit(&officer, trip.id, visit_form.clone(), vec![photo.clone()]).await.unwrap();
        assert_eq!((receipt.lead_id, receipt.is_repeated), (Some(lead_id), false));

        let detail = zone.service.lead(&officer, lead_id).await.unwrap();
        let line = detail.events.iter().find_map(|event| event.visit.clone().map(|visit| (event.clone(), visit))).unwrap();
        assert_eq!(line.0.body, "差在蒸汽价");
        assert_eq!((line.1.outcome, line.1.interest, line.1.people.clone()), (VisitOutcome::Interested, Some(4), vec!["何新人".to_owned()]));
        // 9:30 of the zone.
        assert_eq!(service::local_date(line.0.happened_at), zone.service.today());
        assert_eq!(line.0.happened_at, service::local_midnight(zone.service.today()) + Duration::minutes(570));
        let contacts = contact::Entity::find().filter(contact::Column::LeadId.eq(lead_id)).order_by_desc(contact::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!(contacts.len() as u64, known + 1);
        assert_eq!((contacts[0].name.as_str(), contacts[0].position.as_str()), ("何新人", "副总"));
        let made = commitment::Entity::find().filter(commitment::Column::LeadId.eq(lead_id)).order_by_desc(commitment::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!((made[0].content.as_str(), made[0].fair_competition.as_str()), ("搬迁补助", FairCompetition::Pending.key()));
        assert_eq!((made[1].content.as_str(), made[1].side.as_str(), made[1].due_on), ("技术组来访", "theirs", Some(due)));
        let task = task::Entity::find().filter(task::Column::LeadId.eq(lead_id)).order_by_desc(task::Column::Id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((task.title.as_str(), task.due_on, task.owner_id), ("请进来看厂房", due, officer.account_id));
        let file = lead_file::Entity::find().filter(lead_file::Column::LeadId.eq(lead_id)).order_by_desc(lead_file::Column::Id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((file.name.as_str(), file.content), ("厂门.jpg", vec![0xff, 0xd8, 0xff]));
        let row = visit::Entity::find_by_id(receipt.id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((row.stage, row.photos, row.commitments), (was.stage, 1, json!([made[1].id, made[0].id])));
        let told = audit::Entity::find().filter(audit::Column::Entity.eq("visit")).filter(audit::Column::EntityId.eq(receipt.id)).count(zone.tables()).await.unwrap();
        assert_eq!(told, 1);

        // The phone had no answer and sends it again: nothing is written twice.
        let before = zone.audit_rows().await;
        let again = zone.service.record_visit(&officer, trip.id, visit_form.clone(), vec![photo]).await.unwrap();
        assert_eq!((again.id, again.is_repeated), (receipt.id, true));
        assert_eq!(zone.audit_rows().await, before);
        // Somebody else's mark is refused, and nobody learns of whose it is.
        let chief = zone.actor("chief-east").await;
        assert_eq!(refused_fields(zone.service.record_visit(&chief, trip.id, visit_form.clone(), Vec::new()).await), [("mark".to_owned(), FieldProblemKind::Taken)]);

        // A colleague wrote it down as well: shown, and kept beside it when that is meant.
        let mut second = form(&zone, "m2", company);
        second.outcome = VisitOutcome::Again;
        let Problem::VisitKnown { by, outcome, remark, .. } = refusal(zone.service.record_visit(&chief, trip.id, second.clone(), Vec::new()).await) else { panic!("known") };
        assert_eq!((by, outcome, remark.as_str()), (officer.name.clone(), VisitOutcome::Interested, "差在蒸汽价"));
        assert_eq!(zone.audit_rows().await, before);
        second.beside_another = true;
        let kept = zone.service.record_visit(&chief, trip.id, second, Vec::new()).await.unwrap();
        assert_ne!(kept.id, receipt.id);
        let road = zone.service.trip_road(&officer, trip.id, "").await.unwrap();
        assert_eq!(road.visits.iter().map(|visit| visit.id).collect::<Vec<_>>(), [receipt.id, kept.id]);
        assert!(road.may_write);

        // The next brief says what was said.
        let brief = road.book.briefs.iter().find(|brief| brief.enterprise_id == company);
        if let Some(brief) = brief {
            assert_eq!(brief.past[0].visit.as_ref().unwrap().outcome, VisitOutcome::Again);
            assert!(brief.commitments.iter().any(|one| one.content == "搬迁补助"));
        }
    }

    a_stage_takes_its_evidence_from_the_visit(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let (_, lead_id) = trip.candidates.iter().filter_map(|one| Some((one.enterprise_id, one.lead_id?))).min().unwrap();
        assert_eq!(zone.service.last_visit(&officer, lead_id).await.unwrap(), None);
        let row = lead::Entity::find_by_id(lead_id).one(zone.tables()).await.unwrap().unwrap();
        let mut at = lead::ActiveModel { id: Set(lead_id), ..Default::default() };
        at.stage = Set(Stage::Negotiating.number());
        at.update(zone.tables()).await.unwrap();
        let mut met = form(&zone, "e1", row.enterprise_id);
        met.people = vec![VisitPerson { name: "何样例".to_owned(), ..VisitPerson::default() }];
        zone.service.record_visit(&officer, trip.id, met, Vec::new()).await.unwrap();
        let seen = zone.service.last_visit(&officer, lead_id).await.unwrap().unwrap();
        let detail = zone.service.lead(&officer, lead_id).await.unwrap();
        let rule = detail.rules.iter().find(|rule| rule.stage == Stage::SiteVisit).unwrap();
        let evidence = seen.evidence(&rule.evidence, "有意向").into_iter().map(|(key, answer)| (key, answer.into())).collect();
        let change = StageChange { lead_id, version: detail.card.version, to: Stage::SiteVisit, evidence, reason: String::new() };
        zone.service.change_stage(&officer, change).await.unwrap();
        // Another bureau's people do not read it.
        let west = zone.actor("officer-west").await;
        assert!(matches!(refusal(zone.service.last_visit(&west, lead_id).await), Problem::NotFound | Problem::Forbidden));
    }

    a_company_without_a_lead_gets_one_when_somebody_was_met(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let company = unfollowed(&trip);
        let leads = lead::Entity::find().count(zone.tables()).await.unwrap();
        // Nobody was there and nothing was said.
        let absent = VisitForm { outcome: VisitOutcome::Absent, interest: None, remark: "门口没人".to_owned(), ..form(&zone, "a0", company) };
        let receipt = zone.service.record_visit(&officer, trip.id, absent, Vec::new()).await.unwrap();
        assert_eq!(receipt.lead_id, None);
        assert_eq!(lead::Entity::find().count(zone.tables()).await.unwrap(), leads);
        // The next day somebody was.
        let met = VisitForm { beside_another: true, ..form(&zone, "a1", company) };
        let receipt = zone.service.record_visit(&officer, trip.id, met, Vec::new()).await.unwrap();
        let lead_id = receipt.lead_id.unwrap();
        let made = zone.service.lead(&officer, lead_id).await.unwrap();
        assert_eq!((made.card.enterprise_id, made.card.stage, made.source.as_str()), (company, Stage::Lead, "七月外出"));
        assert!(made.card.node.is_some(), "the gap that it closes");
        assert_eq!(claim::Entity::find().filter(claim::Column::EnterpriseId.eq(company)).count(zone.tables()).await.unwrap(), 1);
        // Another company, that another bureau holds: nothing is written, and the phone is told who.
        let west = zone.actor("officer-west").await;
        let held = trip.candidates.iter().rfind(|one| one.lead_id.is_none() && one.enterprise_id != company).unwrap().enterprise_id;
        let new = domain::lead::NewLead {
            enterprise_id: held, chain_node_id: None, bureau_id: None, title: "西部先报".to_owned(), investment_wan: None, land_mu: None, source: "展会".to_owned(),
        };
        zone.service.register_lead(&west, new).await.unwrap();
        let before = zone.audit_rows().await;
        let refused = refusal(zone.service.record_visit(&officer, trip.id, form(&zone, "a2", held), Vec::new()).await);
        assert!(matches!(refused, Problem::ClaimHeld { .. }), "{refused:?}");
        assert_eq!(zone.audit_rows().await, before);
        assert_eq!(visit::Entity::find().filter(visit::Column::Mark.eq("a2")).count(zone.tables()).await.unwrap(), 0);
        // A company that no plan has is a visit, too.
        let beside = zone.free_companies(40).await.into_iter().find(|one| trip.candidates.iter().all(|known| known.enterprise_id != one.id)).unwrap();
        zone.service.record_visit(&officer, trip.id, form(&zone, "a3", beside.id), Vec::new()).await.unwrap();
        let report = zone.service.trip_report(&officer, trip.id).await.unwrap();
        let row = report.rows.last().unwrap();
        assert_eq!((row.enterprise_id, row.team), (beside.id, None));
    }

    visits_and_lines_at_the_same_moment_do_not_lock_each_other_out(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let (company, lead_id) = followed(&trip);
        for round in 0..6 {
            let visit = |mark: String| VisitForm { beside_another: true, ..form(&zone, &mark, company) };
            let line = |kind| NewEvent { lead_id, kind, body: "同时写".to_owned() };
            let (one, two, three, four) = tokio::join!(
                zone.service.record_visit(&officer, trip.id, visit(format!("p{round}")), Vec::new()),
                zone.service.add_event(&officer, line(EventKind::VisitInbound)),
                zone.service.record_visit(&officer, trip.id, visit(format!("q{round}")), Vec::new()),
                zone.service.add_event(&officer, line(EventKind::VisitOnline)),
            );
            let (one, three) = (one.unwrap(), three.unwrap());
            assert!(two.unwrap() != four.unwrap() && one.id != three.id);
        }
        assert_eq!(visit::Entity::find().count(zone.tables()).await.unwrap(), 12);
        // Two phones at a company that nobody follows: one lead, two records.
        let fresh = unfollowed(&trip);
        let both = |mark: &str| VisitForm { beside_another: true, ..form(&zone, mark, fresh) };
        let chief = zone.actor("chief-east").await;
        let (one, two) = tokio::join!(
            zone.service.record_visit(&officer, trip.id, both("s1"), Vec::new()),
            zone.service.record_visit(&chief, trip.id, both("s2"), Vec::new()),
        );
        assert_eq!(one.unwrap().lead_id, two.unwrap().lead_id);
        assert_eq!(lead::Entity::find().filter(lead::Column::EnterpriseId.eq(fresh)).count(zone.tables()).await.unwrap(), 1);
    }

    a_visit_written_by_mistake_is_withdrawn_with_what_came_of_it(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let (company, lead_id) = followed(&trip);
        let before = zone.service.lead(&officer, lead_id).await.unwrap();
        let due = zone.service.today() + Duration::days(7);
        let mut wrong = form(&zone, "u1", company);
        wrong.people = vec![VisitPerson { name: "何新人".to_owned(), ..VisitPerson::default() }];
        wrong.commitments = vec![promise(Side::Theirs, "技术组来访", due, false), promise(Side::Ours, "送样检测", due, false)];
        wrong.next_step = "请进来看厂房".to_owned();
        wrong.next_on = Some(due);
        let photo = ("厂门.jpg".to_owned(), vec![0xff, 0xd8, 0xff]);
        let receipt = zone.service.record_visit(&officer, trip.id, wrong.clone(), vec![photo]).await.unwrap();
        // One of the promises is worked with meanwhile.
        let row = visit::Entity::find_by_id(receipt.id).one(zone.tables()).await.unwrap().unwrap();
        let promises: Vec<i64> = serde_json::from_value(row.commitments).unwrap();
        let mut touched = commitment::ActiveModel { id: Set(promises[0]), ..Default::default() };
        touched.version = Set(2);
        touched.update(zone.tables()).await.unwrap();
        // Nobody else takes it back.
        let chief = zone.actor("chief-east").await;
        assert_eq!(refusal(zone.service.withdraw_visit(&chief, trip.id, receipt.id).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.withdraw_visit(&officer, trip.id, receipt.id + 1).await), Problem::NotFound);
        zone.service.withdraw_visit(&officer, trip.id, receipt.id).await.unwrap();
        assert_eq!(refusal(zone.service.withdraw_visit(&officer, trip.id, receipt.id).await), Problem::NotFound);
        // What nobody touched is gone, the promise that somebody works with is not, and the timeline says what happened.
        let after = zone.service.lead(&officer, lead_id).await.unwrap();
        assert_eq!(after.work.contacts.len(), before.work.contacts.len());
        assert_eq!(after.work.tasks.len(), before.work.tasks.len());
        assert_eq!(after.work.files.len(), before.work.files.len());
        assert_eq!(after.work.commitments.len(), before.work.commitments.len() + 1);
        let line = after.events.iter().find(|event| event.visit.is_some()).unwrap();
        assert_eq!((line.visit.as_ref().unwrap().is_withdrawn, line.kind), (true, EventKind::Note));
        // It counts nowhere: not on the road, not as evidence, not in the report, nor against the next record.
        assert_eq!(zone.service.trip_road(&officer, trip.id, "").await.unwrap().visits, []);
        assert_eq!(zone.service.last_visit(&officer, lead_id).await.unwrap(), None);
        let report = zone.service.trip_report(&officer, trip.id).await.unwrap();
        assert_eq!((report.total.visited, report.total.promises.count()), (0, 0));
        assert_eq!(zone.service.trip_year(&officer, None).await.unwrap().rows, []);
        let told = audit::Entity::find().filter(audit::Column::Entity.eq("visit")).filter(audit::Column::Action.eq("withdraw")).count(zone.tables()).await.unwrap();
        assert_eq!(told, 1);
        zone.service.record_visit(&officer, trip.id, form(&zone, "u2", company), Vec::new()).await.unwrap();
    }

    a_delegate_writes_down_what_the_bureau_does_not_follow_yet(zone) {
        let officer = zone.actor("officer-east").await;
        let delegate = zone.actor("delegate").await;
        let trip = trip(&zone, &officer).await;
        assert_eq!(delegate.bureau_id, officer.bureau_id);
        let company = unfollowed(&trip);
        // The phone's page was kept for somebody else than is signed in now: nothing is written in the wrong name.
        let before = zone.audit_rows().await;
        let others = VisitForm { account_id: Some(officer.account_id), ..form(&zone, "d0", company) };
        assert_eq!(refusal(zone.service.record_visit(&delegate, trip.id, others, Vec::new()).await), Problem::NotSignedIn);
        assert_eq!(zone.audit_rows().await, before);
        // No lead comes of a record that is refused.
        let leads = lead::Entity::find().count(zone.tables()).await.unwrap();
        let empty = vec![("a.jpg".to_owned(), Vec::new())];
        refused_fields(zone.service.record_visit(&delegate, trip.id, form(&zone, "d1", company), empty).await);
        assert_eq!(lead::Entity::find().count(zone.tables()).await.unwrap(), leads);
        assert_eq!(zone.audit_rows().await, before);
        // A delegate may not register a lead, and the visit brings one all the same; whoever planned the trip owns it.
        let own = VisitForm { account_id: Some(delegate.account_id), ..form(&zone, "d2", company) };
        let receipt = zone.service.record_visit(&delegate, trip.id, own, Vec::new()).await.unwrap();
        let made = lead::Entity::find_by_id(receipt.lead_id.unwrap()).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((made.owner_id, Some(made.bureau_id)), (officer.account_id, delegate.bureau_id));
        assert_eq!(claim::Entity::find().filter(claim::Column::EnterpriseId.eq(company)).count(zone.tables()).await.unwrap(), 1);
        // A colleague's record that is refused leaves no second lead, nor a claim.
        let before = zone.audit_rows().await;
        assert!(matches!(refusal(zone.service.record_visit(&officer, trip.id, form(&zone, "d3", company), Vec::new()).await), Problem::VisitKnown { .. }));
        assert_eq!(zone.audit_rows().await, before);
    }

    what_is_wrong_with_a_visit_is_named_and_nothing_is_written(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let (company, lead_id) = followed(&trip);
        let before = zone.audit_rows().await;
        let wrong = VisitForm { interest: Some(9), next_step: "看厂房".to_owned(), ..form(&zone, "w1", company) };
        let fields: Vec<String> = refused_fields(zone.service.record_visit(&officer, trip.id, wrong, Vec::new()).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["interest", "next_on"]);
        let many = vec![("a.jpg".to_owned(), vec![1_u8]); 10];
        let fields = refused_fields(zone.service.record_visit(&officer, trip.id, form(&zone, "w2", company), many).await);
        assert_eq!(fields, [("photos".to_owned(), FieldProblemKind::TooLong { limit: 9 })]);
        // An empty photo is found in the middle of writing: the visit goes with it.
        let empty = vec![("a.jpg".to_owned(), Vec::new())];
        assert_eq!(refused_fields(zone.service.record_visit(&officer, trip.id, form(&zone, "w3", company), empty).await), [("file".to_owned(), FieldProblemKind::Required)]);
        assert_eq!(refused_fields(zone.service.record_visit(&officer, trip.id, form(&zone, "w4", 9_999_999), Vec::new()).await), [("enterprise".to_owned(), FieldProblemKind::Unknown)]);
        let west = zone.actor("officer-west").await;
        assert!(matches!(refusal(zone.service.record_visit(&west, trip.id, form(&zone, "w5", company), Vec::new()).await), Problem::NotFound | Problem::Forbidden));
        let leader = zone.actor("leader").await;
        assert_eq!(refusal(zone.service.record_visit(&leader, trip.id, form(&zone, "w6", company), Vec::new()).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.record_visit(&officer, 9_999_999, form(&zone, "w7", company), Vec::new()).await), Problem::NotFound);
        assert_eq!(zone.audit_rows().await, before);
        assert_eq!(visit::Entity::find().count(zone.tables()).await.unwrap(), 0);
        let lines = lead_event::Entity::find().filter(lead_event::Column::LeadId.eq(lead_id)).all(zone.tables()).await.unwrap();
        assert!(lines.iter().all(|line| line.detail.as_ref().is_none_or(|detail| detail.get("visit").is_none())));
    }

    what_came_of_a_trip_is_counted(zone) {
        let officer = zone.actor("officer-east").await;
        let trip = trip(&zone, &officer).await;
        let past: Vec<i64> = trip.plan.teams.iter().flat_map(|team| &team.days).filter(|day| day.date < zone.service.today())
            .flat_map(|day| day.stops.iter().map(|stop| stop.candidate_id)).collect();
        assert!(past.len() >= 2, "{past:?}");
        let empty = zone.service.trip_report(&officer, trip.id).await.unwrap();
        assert_eq!((empty.total.planned, empty.total.visited, empty.total.unanswered as usize), (u32::from(trip.plan.visited), 0, past.len()));
        let due = zone.service.today() + Duration::days(2);
        let mut first = form(&zone, "r1", past[0]);
        first.commitments = vec![promise(Side::Ours, "送样检测", due, false), promise(Side::Theirs, "答复选址", due, false)];
        let receipt = zone.service.record_visit(&officer, trip.id, first, Vec::new()).await.unwrap();
        let second = VisitForm { outcome: VisitOutcome::Declined, ..form(&zone, "r2", past[1]) };
        zone.service.record_visit(&officer, trip.id, second, Vec::new()).await.unwrap();
        // The first one signs.
        let mut signed = lead::ActiveModel { id: Set(receipt.lead_id.unwrap()), ..Default::default() };
        signed.stage = Set(Stage::Signed.number());
        signed.investment_wan = Set(Some(65_000));
        signed.update(zone.tables()).await.unwrap();
        zone.pass(Duration::days(3));
        let report = zone.service.trip_report(&officer, trip.id).await.unwrap();
        let total = &report.total;
        assert_eq!(total.outcomes, [1, 0, 1, 0]);
        assert_eq!((total.visited, total.signed, total.signed_wan, total.advanced), (2, 1, 65_000, 1));
        assert_eq!((total.promises.ours_open, total.promises.theirs_open, total.promises.overdue), (1, 1, 2));
        assert!(total.cost_yuan > 0.0);
        let row = report.rows.iter().find(|row| row.enterprise_id == past[0]).unwrap();
        assert_eq!((row.stage, row.visit.as_ref().unwrap().by.as_str()), (Some(Stage::Signed), officer.name.as_str()));
        assert!(report.rows.iter().filter(|row| row.is_unanswered).all(|row| row.visit.is_none() && row.date < zone.service.today()));
        let year = zone.service.trip_year(&officer, None).await.unwrap();
        assert_eq!((year.year, year.years.clone(), year.rows.len()), (2026, vec![2026], 1));
        assert_eq!((&year.rows[0].total, &year.total), (&report.total, &report.total));
        assert_eq!(year.unanswered.len(), report.total.unanswered as usize);
        assert_eq!(zone.service.trip_year(&officer, Some(2024)).await.unwrap().rows, []);
        assert_eq!(zone.service.trip_year(&officer, Some(i32::MAX)).await.unwrap().rows, []);
        // The signed company is seen again on a second trip, and a day later nobody is there: visits are counted twice, the
        // lead once, the report shows the visit at which somebody was met, and the trip that nobody made is not there.
        let second = self::trip(&zone, &officer).await;
        assert_eq!(zone.service.trip_year(&officer, None).await.unwrap().rows.len(), 1);
        zone.service.record_visit(&officer, second.id, form(&zone, "r3", past[0]), Vec::new()).await.unwrap();
        zone.pass(Duration::days(1));
        let nobody = VisitForm { outcome: VisitOutcome::Absent, beside_another: true, ..form(&zone, "r4", past[0]) };
        zone.service.record_visit(&officer, second.id, nobody, Vec::new()).await.unwrap();
        let again = zone.service.trip_report(&officer, second.id).await.unwrap();
        assert_eq!((again.total.outcomes, again.total.visited, again.total.signed, again.total.advanced), ([1, 0, 0, 0], 1, 0, 0));
        let year = zone.service.trip_year(&officer, None).await.unwrap();
        assert_eq!(year.rows.len(), 2);
        assert_eq!((year.total.visited, year.total.signed, year.total.signed_wan, year.total.advanced), (3, 1, 65_000, 1));
        // A lead that another bureau has taken over is its own business now.
        let mut gone = lead::ActiveModel { id: Set(receipt.lead_id.unwrap()), ..Default::default() };
        gone.bureau_id = Set(zone.actor("officer-west").await.bureau_id.unwrap());
        gone.update(zone.tables()).await.unwrap();
        let report = zone.service.trip_report(&officer, trip.id).await.unwrap();
        let row = report.rows.iter().find(|row| row.enterprise_id == past[0]).unwrap();
        assert_eq!((row.lead_id, row.stage, row.promises.count()), (None, None, 0));
        assert_eq!((report.total.visited, report.total.signed), (2, 0));
        // A leader compares every bureau's; another bureau sees its own.
        let leader = zone.actor("leader").await;
        assert_eq!(zone.service.trip_year(&leader, None).await.unwrap().rows.len(), 2);
        let west = zone.actor("officer-west").await;
        assert_eq!(zone.service.trip_year(&west, None).await.unwrap().rows.len(), 0);
        assert!(matches!(refusal(zone.service.trip_report(&west, trip.id).await), Problem::NotFound | Problem::Forbidden));

    }
}
