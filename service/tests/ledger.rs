//! The claim ledger: what renews a claim, what lets it lapse, the public pool, objections and leads handed over.

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
    account::{Actor, Role},
    enterprise::{DuplicateDecision, DuplicateQuery},
    lead::{
        CLAIM_DAYS, ClaimEventKind, ClaimRule, DisputeDecision, EventKind, LeadQuery, LedgerQuery,
        NewDispute, NewEvent, NewLead, NewTransfer, PoolQuery, Recognition, Renewal, RulePack,
        SideState, SideStateChange, Stage, StageChange, TransferAnswer,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::{claim, claim_dispute, claim_event, enterprise, lead, lead_transfer};
use migration::{Migrator, MigratorTrait};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder, sea_query::Expr,
};
use serde_json::{Map, Value, json};
use service::{account::NewAccount, demo::DEMO_PASSWORD};

fn new_lead(enterprise_id: i64) -> NewLead {
    NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: "首报项目".to_owned(),
        investment_wan: Some(12_000),
        land_mu: None,
        source: "展会".to_owned(),
    }
}

async fn register(zone: &Zone, actor: &Actor, enterprise_id: i64) -> i64 {
    zone.service
        .register_lead(actor, new_lead(enterprise_id))
        .await
        .unwrap()
}

async fn write(zone: &Zone, actor: &Actor, lead_id: i64, kind: EventKind) {
    let event = NewEvent {
        lead_id,
        kind,
        body: "谈了扩产".to_owned(),
    };
    zone.service.add_event(actor, event).await.unwrap();
}

async fn running(zone: &Zone, enterprise_id: i64) -> Option<claim::Model> {
    let mut held = claim::Entity::find()
        .filter(claim::Column::EnterpriseId.eq(enterprise_id))
        .filter(claim::Column::ReleasedAt.is_null())
        .all(zone.tables())
        .await
        .unwrap();
    assert!(held.len() <= 1, "{held:?}");
    held.pop()
}

async fn until(zone: &Zone, enterprise_id: i64) -> NaiveDate {
    running(zone, enterprise_id).await.unwrap().expires_on
}

/// The kinds of a company's lines, the oldest first.
async fn kinds(zone: &Zone, enterprise_id: i64) -> Vec<String> {
    claim_event::Entity::find()
        .filter(claim_event::Column::EnterpriseId.eq(enterprise_id))
        .order_by_asc(claim_event::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|line| line.kind)
        .collect()
}

async fn stored(zone: &Zone, lead_id: i64) -> lead::Model {
    lead::Entity::find_by_id(lead_id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
}

async fn at_stage(zone: &Zone, lead_id: i64, stage: Stage) {
    lead::ActiveModel {
        id: Set(lead_id),
        stage: Set(stage.number()),
        ..Default::default()
    }
    .update(zone.tables())
    .await
    .unwrap();
}

fn screened(lead: &lead::Model) -> StageChange {
    let Value::Object(evidence) = json!({"fit": "契合", "investment_wan": 10_000, "land_mu": 50, "energy": "低",
        "environment": "无", "verdict": "pursue"})
    else {
        panic!()
    };
    StageChange {
        lead_id: lead.id,
        version: lead.version,
        to: Stage::Screened,
        evidence,
        reason: String::new(),
    }
}

/// A lead of the east bureau that lies in the pool, and its company.
async fn pooled(zone: &Zone, east: &Actor) -> (i64, enterprise::Model) {
    let company = zone.free_companies(1).await.remove(0);
    let id = register(zone, east, company.id).await;
    zone.pass(Duration::days(CLAIM_DAYS + 1));
    assert!(zone.service.lapse_claims().await.unwrap() >= 1);
    (id, company)
}

/// Somebody of the west bureau with a role.
async fn person(zone: &Zone, login: &str, role: Role, bureau_code: &str) -> Actor {
    zone.service
        .add_account(NewAccount {
            login: login.to_owned(),
            name: login.to_owned(),
            role,
            bureau_code: Some(bureau_code.to_owned()),
            password: DEMO_PASSWORD.to_owned(),
        })
        .await
        .unwrap();
    zone.actor(login).await
}

fn decision(dispute_id: i64, uphold: bool, share_percent: Option<i32>) -> DisputeDecision {
    DisputeDecision {
        dispute_id,
        uphold,
        reason: "依据走访记录".to_owned(),
        share_percent,
    }
}

async fn contest(zone: &Zone, actor: &Actor, enterprise_id: i64) -> i64 {
    let new = NewDispute {
        enterprise_id,
        evidence: "五月已与董事长会谈".to_owned(),
    };
    zone.service.contest_claim(actor, new).await.unwrap()
}

on_both! {
    the_ledger_begins_with_the_claims_that_there_are(zone) {
        // The four migrations before the ledger's stay.
        let back = u32::try_from(Migrator::migrations().len() - 4).unwrap();
        Migrator::down(zone.tables(), Some(back)).await.unwrap();
        Migrator::up(zone.tables(), None).await.unwrap();
        let claims = claim::Entity::find().order_by_asc(claim::Column::Id).all(zone.tables()).await.unwrap();
        let mut lines = claim_event::Entity::find().all(zone.tables()).await.unwrap();
        lines.sort_by_key(|line| line.claim_id);
        assert!(claims.len() >= 14 && claims.len() == lines.len());
        for (claim, line) in claims.iter().zip(&lines) {
            assert_eq!((line.claim_id, line.bureau_id, line.lead_id, line.kind.as_str()), (Some(claim.id), claim.bureau_id, Some(claim.lead_id), "registered"));
            assert_eq!((line.happened_at, line.enterprise_id, line.account_id.is_some()), (claim.claimed_at, claim.enterprise_id, true));
        }
    }

    visits_and_stages_renew_and_notes_do_not(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let id = register(&zone, &officer, company).await;
        let day = |text: &str| text.parse::<NaiveDate>().unwrap();
        // Registered on 2026-06-30: sixty days are 2026-08-29.
        assert_eq!(until(&zone, company).await, day("2026-08-29"));
        zone.pass(Duration::days(20));
        write(&zone, &officer, id, EventKind::Note).await;
        write(&zone, &officer, id, EventKind::Call).await;
        assert_eq!(until(&zone, company).await, day("2026-08-29"));
        // 2026-07-20 and sixty days: 2026-09-18.
        write(&zone, &officer, id, EventKind::VisitInbound).await;
        assert_eq!(until(&zone, company).await, day("2026-09-18"));
        write(&zone, &officer, id, EventKind::VisitOnline).await;
        assert_eq!(kinds(&zone, company).await, ["registered", "renewed"], "the same day again is nothing new");
        zone.pass(Duration::days(10));
        zone.service.change_stage(&officer, screened(&stored(&zone, id).await)).await.unwrap();
        assert_eq!(until(&zone, company).await, day("2026-09-28"));
        // A pack of its own: calls renew too, by thirty days, which would shorten and so does nothing.
        let admin = zone.actor("admin").await;
        let mut pack = RulePack::shipped().unwrap();
        pack.version = "2026-08".to_owned();
        pack.effective_from = zone.service.today();
        pack.claim = ClaimRule { days: 30, renew_days: 30, renew_on: vec![Renewal::Call], ..ClaimRule::default() };
        zone.service.set_rule_pack(&admin, pack).await.unwrap();
        write(&zone, &officer, id, EventKind::Call).await;
        assert_eq!(until(&zone, company).await, day("2026-09-28"));
        zone.pass(Duration::days(40));
        write(&zone, &officer, id, EventKind::VisitOutbound).await;
        assert_eq!(until(&zone, company).await, day("2026-09-28"), "visits renew nothing under this pack");
        // 2026-09-08 and thirty days: 2026-10-08.
        write(&zone, &officer, id, EventKind::Call).await;
        assert_eq!(until(&zone, company).await, day("2026-10-08"));
        assert_eq!(kinds(&zone, company).await, ["registered", "renewed", "renewed", "renewed"]);
        let other = zone.free_companies(1).await.remove(0).id;
        register(&zone, &officer, other).await;
        assert_eq!(until(&zone, other).await, day("2026-10-08"));
        // A visit makes a claim good that is over, as long as nobody took it; the delegate's counts as well.
        zone.pass(Duration::days(60));
        let delegate = zone.actor("delegate").await;
        write(&zone, &delegate, id, EventKind::Call).await;
        assert_eq!(until(&zone, company).await, day("2026-12-07"));
    }

    claims_lapse_once_and_their_leads_stay_readable(zone) {
        let east = zone.actor("officer-east").await;
        let companies = zone.free_companies(5).await;
        let mut ids = Vec::new();
        for company in &companies {
            ids.push(register(&zone, &east, company.id).await);
        }
        // Signed, lost, and renewed in time: none of them lapses.
        at_stage(&zone, ids[1], Stage::Signed).await;
        let lost = SideStateChange { lead_id: ids[2], version: 1, to: Some(SideState::Lost), reason: "转投外省".to_owned() };
        zone.service.set_side_state(&east, lost).await.unwrap();
        zone.pass(Duration::days(10));
        write(&zone, &east, ids[3], EventKind::VisitOutbound).await;
        zone.pass(Duration::days(CLAIM_DAYS - 10));
        zone.service.lapse_claims().await.unwrap();
        assert!(running(&zone, companies[0].id).await.is_some(), "the last day counts");
        zone.pass(Duration::days(1));
        let (one, two) = tokio::join!(zone.service.lapse_claims(), zone.service.lapse_claims());
        assert!(one.unwrap() + two.unwrap() >= 2);
        assert_eq!(zone.service.lapse_claims().await.unwrap(), 0, "nothing is left to do");
        for (place, lines) in [(0, vec!["registered", "lapsed"]), (1, vec!["registered"]), (2, vec!["registered", "released"]),
            (3, vec!["registered", "renewed"]), (4, vec!["registered", "lapsed"])] {
            assert_eq!(kinds(&zone, companies[place].id).await, lines, "{place}");
            assert_eq!(running(&zone, companies[place].id).await.is_some(), [1, 3].contains(&place), "{place}");
        }
        let detail = zone.service.lead(&east, ids[0]).await.unwrap();
        assert_eq!((detail.card.side_state, detail.claims.is_pooled, detail.claim.is_none(), detail.may_write), (None, true, true, true));
        let step = detail.events[0].claim.as_ref().unwrap();
        assert_eq!((detail.events[0].kind, step.kind, step.by_system, detail.events[0].by.as_str()), (EventKind::Claim, ClaimEventKind::Lapsed, true, ""));
        let line = claim_event::Entity::find().filter(claim_event::Column::LeadId.eq(ids[0])).filter(claim_event::Column::Kind.eq("lapsed"))
            .one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((line.account_id, line.body.as_str()), (None, (zone.service.today() - Duration::days(1)).to_string().as_str()));
        let signed = zone.service.lead(&east, ids[1]).await.unwrap();
        assert!(signed.claim.unwrap().is_kept && !signed.claims.is_pooled);
        // And nobody takes what is signed, whatever its last day.
        let north = zone.actor("officer-north").await;
        let Problem::ClaimHeld { held, .. } = refusal(zone.service.register_lead(&north, new_lead(companies[1].id)).await) else { panic!() };
        assert!(held.is_kept);
        // Back before the contract its days begin anew.
        let back = StageChange { lead_id: ids[1], version: 1, to: Stage::Review, evidence: Map::new(), reason: "重新评审".to_owned() };
        zone.service.change_stage(&east, back).await.unwrap();
        assert_eq!(until(&zone, companies[1].id).await, zone.service.today() + Duration::days(CLAIM_DAYS));
    }

    a_sweep_goes_page_by_page_and_waits_the_days_of_grace(zone) {
        let east = zone.actor("officer-east").await;
        let admin = zone.actor("admin").await;
        let mut pack = RulePack::shipped().unwrap();
        pack.version = "grace".to_owned();
        pack.effective_from = zone.service.today();
        pack.claim.pool_after = 5;
        zone.service.set_rule_pack(&admin, pack).await.unwrap();
        let companies = zone.free_companies(230).await;
        for company in &companies {
            register(&zone, &east, company.id).await;
        }
        let free = |ids: Vec<i64>| claim::Entity::find().filter(claim::Column::EnterpriseId.is_in(ids)).filter(claim::Column::ReleasedAt.is_null());
        let ids: Vec<i64> = companies.iter().map(|company| company.id).collect();
        zone.pass(Duration::days(CLAIM_DAYS + 5));
        zone.service.lapse_claims().await.unwrap();
        assert_eq!(free(ids.clone()).count(zone.tables()).await.unwrap(), 230);
        zone.pass(Duration::days(1));
        assert!(zone.service.lapse_claims().await.unwrap() >= 230);
        assert_eq!(free(ids).count(zone.tables()).await.unwrap(), 0);
        let first = zone.service.claim_pool(&east, &PoolQuery::default()).await.unwrap();
        assert!(first.total >= 230 && first.leads.len() == 50);
        let second = zone.service.claim_pool(&east, &PoolQuery { page: 1, ..PoolQuery::default() }).await.unwrap();
        assert!(second.leads.iter().all(|lead| first.leads.iter().all(|other| other.lead_id != lead.lead_id)));
    }

    the_pool_says_that_a_claim_lapsed_only_where_it_did(zone) {
        let east = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &east, company.id).await;
        // Let go long before its last day, as a claim is that gave way in a merge.
        claim::Entity::update_many()
            .col_expr(claim::Column::ReleasedAt, Expr::value(Some(zone.service.now())))
            .filter(claim::Column::LeadId.eq(id))
            .exec(zone.tables())
            .await
            .unwrap();
        let seen = zone.service.claim_pool(&east, &PoolQuery { text: company.name.clone(), ..PoolQuery::default() }).await.unwrap();
        assert_eq!((seen.leads[0].lead_id, seen.leads[0].lapsed_on), (id, None));
    }

    the_pool_shows_what_a_lead_is_about_and_who_takes_it_has_it(zone) {
        let (east, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        let (id, company) = pooled(&zone, &east).await;
        let seen = zone.service.claim_pool(&west, &PoolQuery { text: company.name.clone(), ..PoolQuery::default() }).await.unwrap();
        assert_eq!((seen.total, seen.investment_wan, seen.may_claim), (1, 12_000, true));
        let row = &seen.leads[0];
        assert_eq!((row.lead_id, row.title.as_str(), row.bureau.as_str(), row.may_read), (id, "首报项目", "长三角分局", false));
        assert_eq!(row.lapsed_on, Some(zone.service.today() - Duration::days(1)));
        assert_eq!(zone.service.claim_pool(&west, &PoolQuery { stage: Some(Stage::Review), text: company.name.clone(), ..PoolQuery::default() }).await.unwrap().total, 0);
        assert_eq!(zone.service.claim_pool(&west, &PoolQuery { chain_id: Some(seen.chains[0].0), text: company.name.clone(), ..PoolQuery::default() }).await.unwrap().total, 0);
        // What was said stays with the old bureau until somebody takes the lead.
        assert_eq!(refusal(zone.service.lead(&west, id).await), Problem::NotFound);
        assert!(zone.service.enterprise(&west, company.id).await.unwrap().in_pool);
        assert_eq!(zone.service.claim_from_pool(&west, id).await.unwrap(), id);
        let detail = zone.service.lead(&west, id).await.unwrap();
        assert_eq!((detail.card.owner_name.as_str(), detail.bureau.code.as_str(), detail.card.claim_days_left), (west.name.as_str(), "west-triangle", Some(CLAIM_DAYS)));
        assert_eq!(detail.events.last().unwrap().kind, EventKind::Created, "the whole timeline came along");
        let step = detail.events[0].claim.as_ref().unwrap();
        assert_eq!((step.from.as_deref(), step.kind), (Some("长三角分局"), ClaimEventKind::Registered));
        assert_eq!(refusal(zone.service.lead(&east, id).await), Problem::NotFound);
        assert_eq!(kinds(&zone, company.id).await, ["registered", "lapsed", "registered"]);
        let after = zone.service.claim_pool(&east, &PoolQuery { text: company.name.clone(), ..PoolQuery::default() }).await.unwrap();
        assert_eq!(after.total, 0);
        // Both bureaus read the line, and only who has the lead gets its link.
        for (actor, link) in [(&east, None), (&west, Some(id))] {
            let ledger = zone.service.claim_ledger(actor, &LedgerQuery { text: company.name.clone(), ..LedgerQuery::default() }).await.unwrap();
            assert_eq!((ledger.rows[0].kind, ledger.rows[0].lead_id), (ClaimEventKind::Registered, link));
            assert_eq!(ledger.rows[0].other_bureau.as_deref(), Some("长三角分局"));
        }
        let Problem::ClaimHeld { bureau, held, .. } = refusal(zone.service.claim_from_pool(&east, id).await) else { panic!() };
        assert_eq!((bureau.as_str(), held.enterprise_id), (detail.bureau.name.as_str(), company.id));
        assert_eq!(refusal(zone.service.claim_from_pool(&west, id).await), Problem::LeadExists { lead_id: id });
    }

    the_old_bureau_takes_its_lead_back(zone) {
        let east = zone.actor("officer-east").await;
        let (id, company) = pooled(&zone, &east).await;
        let colleague = zone.actor("officer-east-2").await;
        zone.service.claim_from_pool(&colleague, id).await.unwrap();
        let lead = stored(&zone, id).await;
        assert_eq!((lead.owner_id, Some(lead.bureau_id)), (colleague.account_id, colleague.bureau_id));
        assert!(running(&zone, company.id).await.is_some());
        // What never lay in the pool is not there, not even its holder.
        let other = zone.free_companies(1).await.remove(0).id;
        let theirs = register(&zone, &zone.actor("officer-north").await, other).await;
        assert_eq!(refusal(zone.service.claim_from_pool(&east, theirs).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.claim_from_pool(&east, i64::MAX).await), Problem::NotFound);
    }

    of_two_bureaus_at_the_pool_one_wins(zone) {
        let (east, west, north) = (zone.actor("officer-east").await, zone.actor("officer-west").await, zone.actor("officer-north").await);
        let companies = zone.free_companies(15).await;
        let mut ids = Vec::new();
        for company in &companies {
            ids.push(register(&zone, &east, company.id).await);
        }
        zone.pass(Duration::days(CLAIM_DAYS + 1));
        zone.service.lapse_claims().await.unwrap();
        for (number, (company, id)) in companies.iter().zip(ids).enumerate() {
            // Against another who takes it, and against one who registers the company anew.
            let (one, two) = if number % 2 == 0 {
                tokio::join!(zone.service.claim_from_pool(&west, id), zone.service.claim_from_pool(&north, id))
            } else {
                tokio::join!(zone.service.claim_from_pool(&west, id), zone.service.register_lead(&north, new_lead(company.id)))
            };
            let (winner, lead_id) = match (one, two) {
                (Ok(lead_id), Err(error)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); (&west, lead_id) }
                (Err(error), Ok(lead_id)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); (&north, lead_id) }
                other => panic!("{other:?}"),
            };
            let held = running(&zone, company.id).await.unwrap();
            assert_eq!((Some(held.bureau_id), held.lead_id), (winner.bureau_id, lead_id));
            assert_eq!(kinds(&zone, company.id).await, ["registered", "lapsed", "registered"]);
        }
    }

    a_sweep_and_a_visit_at_the_same_moment_leave_one_truth(zone) {
        let east = zone.actor("officer-east").await;
        let companies = zone.free_companies(10).await;
        let mut ids = Vec::new();
        for company in &companies {
            ids.push(register(&zone, &east, company.id).await);
        }
        zone.pass(Duration::days(CLAIM_DAYS + 1));
        let visits = async {
            for id in &ids {
                write(&zone, &east, *id, EventKind::VisitInbound).await;
            }
        };
        let (_, swept) = tokio::join!(visits, zone.service.lapse_claims());
        swept.unwrap();
        for company in &companies {
            let last = kinds(&zone, company.id).await.pop().unwrap();
            let due = if running(&zone, company.id).await.is_some() { "renewed" } else { "lapsed" };
            assert_eq!(last, due);
        }
    }

    who_is_second_is_told_who_holds_the_company_and_how_it_was_recognised(zone) {
        let (east, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        let companies = zone.free_companies(2).await;
        let id = register(&zone, &east, companies[0].id).await;
        write(&zone, &east, id, EventKind::VisitOutbound).await;
        zone.service.change_stage(&east, screened(&stored(&zone, id).await)).await.unwrap();
        write(&zone, &east, id, EventKind::Note).await;
        let held = zone.service.claim_conflict(&west, companies[0].id).await.unwrap().unwrap();
        assert_eq!((held.bureau.as_str(), held.recognised), ("长三角分局", Recognition::SameEnterprise));
        let record: Vec<&str> = held.evidence.iter().map(|entry| entry.kind.as_str()).collect();
        assert_eq!(record, ["screened", "visit_outbound"], "kinds and days only, the latest first");
        assert!(held.evidence.iter().all(|entry| entry.on == zone.service.today().to_string()));
        // Another row of the directory with the same name is the same company.
        let twin = enterprise::ActiveModel { id: Set(companies[1].id), name: Set(companies[0].name.clone()), name_key: Set(companies[0].name_key.clone()), ..Default::default() };
        twin.update(zone.tables()).await.unwrap();
        let Problem::ClaimHeld { held, .. } = refusal(zone.service.register_lead(&west, new_lead(companies[1].id)).await) else { panic!() };
        assert_eq!((held.enterprise_id, held.recognised), (companies[0].id, Recognition::SameName));
        assert_eq!(refusal(zone.service.register_lead(&east, new_lead(companies[1].id)).await), Problem::LeadExists { lead_id: id });
        // Two different credit codes are two companies.
        for (company, code) in [(&companies[0], "91350100M000100Y43"), (&companies[1], "91110000600037341L")] {
            let coded = enterprise::ActiveModel { id: Set(company.id), credit_code: Set(Some(code.to_owned())), ..Default::default() };
            coded.update(zone.tables()).await.unwrap();
        }
        assert_eq!(zone.service.claim_conflict(&west, companies[1].id).await.unwrap(), None);
        register(&zone, &west, companies[1].id).await;
    }

    a_dispute_is_decided_for_the_holder(zone) {
        let (east, west, leader) = (zone.actor("officer-east").await, zone.actor("officer-west").await, zone.actor("leader").await);
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &east, company.id).await;
        let empty = NewDispute { enterprise_id: company.id, evidence: " ".to_owned() };
        assert_eq!(refused_fields(zone.service.contest_claim(&west, empty).await), [("evidence".to_owned(), FieldProblemKind::Required)]);
        let dispute = contest(&zone, &west, company.id).await;
        let again = NewDispute { enterprise_id: company.id, evidence: "再次".to_owned() };
        assert_eq!(refused_fields(zone.service.contest_claim(&west, again.clone()).await), [("dispute".to_owned(), FieldProblemKind::Taken)]);
        assert_eq!(refusal(zone.service.contest_claim(&east, again).await), Problem::LeadExists { lead_id: id });
        let free = NewDispute { enterprise_id: zone.free_companies(1).await.remove(0).id, evidence: "无人".to_owned() };
        assert_eq!(refusal(zone.service.contest_claim(&west, free).await), Problem::NotFound);
        // Both parties see it with its evidence, others do not; only who leads may decide.
        for (login, count, decides, withdraws) in [("officer-east", 1, false, false), ("officer-west", 1, false, true), ("officer-north", 0, false, false), ("leader", 1, true, false), ("viewer", 0, false, false)] {
            let ledger = zone.service.claim_ledger(&zone.actor(login).await, &LedgerQuery::default()).await.unwrap();
            assert_eq!(ledger.disputes.len(), count, "{login}");
            for open in &ledger.disputes {
                assert_eq!((open.may_decide, open.may_withdraw, open.evidence.as_str()), (decides, withdraws, "五月已与董事长会谈"), "{login}");
            }
        }
        let silent = DisputeDecision { reason: " ".to_owned(), ..decision(dispute, true, None) };
        assert_eq!(refused_fields(zone.service.decide_dispute(&leader, silent).await), [("reason".to_owned(), FieldProblemKind::Required)]);
        zone.service.decide_dispute(&leader, decision(dispute, true, Some(40))).await.unwrap();
        assert!(matches!(refusal(zone.service.decide_dispute(&leader, decision(dispute, false, None)).await), Problem::Stale { .. }));
        let row = claim_dispute::Entity::find_by_id(dispute).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((row.state.as_str(), row.decided_by, row.share_percent), ("upheld", Some(leader.account_id), None), "a claim that stays shares nothing");
        let held = running(&zone, company.id).await.unwrap();
        assert_eq!((Some(held.bureau_id), held.lead_id), (east.bureau_id, id));
        assert_eq!(kinds(&zone, company.id).await, ["registered", "contested", "upheld"]);
        for actor in [&east, &west] {
            let ledger = zone.service.claim_ledger(actor, &LedgerQuery { kind: Some(ClaimEventKind::Upheld), ..LedgerQuery::default() }).await.unwrap();
            assert_eq!((ledger.total, ledger.rows[0].body.as_str()), (1, "依据走访记录"));
        }
        // Decided, the claimant may object again, and take it back.
        let dispute = contest(&zone, &west, company.id).await;
        assert_eq!(refusal(zone.service.withdraw_dispute(&zone.actor("officer-north").await, dispute).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.withdraw_dispute(&east, dispute).await), Problem::Forbidden);
        zone.service.withdraw_dispute(&west, dispute).await.unwrap();
        assert!(matches!(refusal(zone.service.withdraw_dispute(&west, dispute).await), Problem::Stale { .. }));
        assert_eq!(kinds(&zone, company.id).await, ["registered", "contested", "upheld", "contested", "withdrawn"]);
    }

    a_dispute_is_decided_for_the_claimant(zone) {
        let (east, west, admin) = (zone.actor("officer-east").await, zone.actor("officer-west").await, zone.actor("admin").await);
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &east, company.id).await;
        write(&zone, &east, id, EventKind::VisitOutbound).await;
        let dispute = contest(&zone, &west, company.id).await;
        let north = contest(&zone, &zone.actor("officer-north").await, company.id).await;
        assert_eq!(refused_fields(zone.service.decide_dispute(&admin, decision(dispute, false, Some(101))).await)[0].0, "share_percent");
        zone.service.decide_dispute(&admin, decision(dispute, false, Some(30))).await.unwrap();
        let detail = zone.service.lead(&west, id).await.unwrap();
        assert_eq!((detail.card.owner_name.as_str(), detail.bureau.code.as_str()), (west.name.as_str(), "west-triangle"));
        assert_eq!((detail.claims.shares.len(), detail.claims.shares[0].percent, detail.claims.shares[0].bureau.as_str()), (1, 30, "长三角分局"));
        assert!(detail.events.iter().any(|event| event.kind == EventKind::VisitOutbound), "the timeline came along");
        assert_eq!(refusal(zone.service.lead(&east, id).await), Problem::NotFound);
        assert_eq!(kinds(&zone, company.id).await, ["registered", "contested", "contested", "rejected", "transferred"]);
        let held = running(&zone, company.id).await.unwrap();
        assert_eq!(Some(held.bureau_id), west.bureau_id);
        // The other objection turns against the new holder.
        let open = claim_dispute::Entity::find_by_id(north).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((open.state.as_str(), open.claim_id), ("open", held.id));
        for actor in [&east, &west] {
            let ledger = zone.service.claim_ledger(actor, &LedgerQuery { kind: Some(ClaimEventKind::Transferred), ..LedgerQuery::default() }).await.unwrap();
            assert_eq!((ledger.total, ledger.rows[0].share_percent, ledger.rows[0].other_bureau.is_some()), (1, Some(30), true));
        }
    }

    a_claimant_with_a_lead_of_its_own_gets_the_claim_on_it(zone) {
        let (east, west, leader) = (zone.actor("officer-east").await, zone.actor("officer-west").await, zone.actor("leader").await);
        let company = zone.free_companies(1).await.remove(0);
        let theirs = register(&zone, &west, company.id).await;
        zone.pass(Duration::days(CLAIM_DAYS + 1));
        let id = register(&zone, &east, company.id).await;
        let dispute = contest(&zone, &west, company.id).await;
        zone.service.decide_dispute(&leader, decision(dispute, false, None)).await.unwrap();
        let held = running(&zone, company.id).await.unwrap();
        assert_eq!((held.lead_id, Some(held.bureau_id)), (theirs, west.bureau_id));
        let given = stored(&zone, id).await;
        assert_eq!((given.side_state.as_deref(), Some(given.bureau_id)), (Some("transferred"), east.bureau_id));
        // It counts nowhere, and is found by who asks for it.
        assert!(zone.service.lead_page(&east, &LeadQuery::default()).await.unwrap().leads.iter().all(|card| card.id != id));
        let moved = LeadQuery { side_state: Some(SideState::Transferred), ..LeadQuery::default() };
        assert_eq!(zone.service.lead_page(&east, &moved).await.unwrap().total, 1);
        // Back on the track it would need the claim.
        let back = SideStateChange { lead_id: id, version: given.version, to: None, reason: "x".to_owned() };
        assert!(matches!(refusal(zone.service.set_side_state(&east, back).await), Problem::ClaimHeld { .. }));
    }

    a_lead_is_handed_over_with_its_share(zone) {
        let (east, west) = (zone.actor("officer-east").await, zone.actor("chief-west").await);
        let company = zone.free_companies(1).await.remove(0);
        let id = register(&zone, &east, company.id).await;
        write(&zone, &east, id, EventKind::VisitOutbound).await;
        let to = west.bureau_id.unwrap();
        let new = |version, share_percent| NewTransfer { lead_id: id, version, to_bureau_id: to, share_percent, reason: "靠近总部".to_owned() };
        let wrong = NewTransfer { to_bureau_id: east.bureau_id.unwrap(), reason: String::new(), ..new(1, 101) };
        let fields: Vec<String> = refused_fields(zone.service.propose_transfer(&east, wrong).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(fields, ["reason", "share_percent", "to_bureau_id"]);
        assert!(matches!(refusal(zone.service.propose_transfer(&east, new(0, 10)).await), Problem::Stale { version: 1, .. }));
        assert_eq!(refusal(zone.service.propose_transfer(&west, new(1, 10)).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.propose_transfer(&zone.actor("delegate").await, new(1, 10)).await), Problem::Forbidden);
        let first = zone.service.propose_transfer(&east, new(1, 20)).await.unwrap();
        assert_eq!(refused_fields(zone.service.propose_transfer(&east, new(1, 20)).await), [("transfer".to_owned(), FieldProblemKind::Taken)]);
        let answer = |transfer_id, version, accept| TransferAnswer { transfer_id, version, accept };
        assert!(matches!(refusal(zone.service.answer_transfer(&west, answer(first, 2, true)).await), Problem::Stale { version: 1, .. }));
        assert_eq!(refusal(zone.service.answer_transfer(&east, answer(first, 1, true)).await), Problem::Forbidden);
        assert_eq!(refusal(zone.service.answer_transfer(&zone.actor("officer-north").await, answer(first, 1, true)).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.lead(&west, id).await), Problem::NotFound, "not before it is accepted");
        zone.service.answer_transfer(&west, answer(first, 1, false)).await.unwrap();
        assert!(matches!(refusal(zone.service.answer_transfer(&west, answer(first, 1, true)).await), Problem::Stale { version: 2, .. }));
        assert_eq!(Some(stored(&zone, id).await.bureau_id), east.bureau_id, "declined, it stays");
        let second = zone.service.propose_transfer(&east, new(1, 20)).await.unwrap();
        assert_eq!(refusal(zone.service.withdraw_transfer(&west, second, 1).await), Problem::Forbidden);
        zone.service.withdraw_transfer(&east, second, 1).await.unwrap();
        assert!(matches!(refusal(zone.service.answer_transfer(&west, answer(second, 1, true)).await), Problem::Stale { version: 2, .. }));
        let third = zone.service.propose_transfer(&east, new(1, 20)).await.unwrap();
        let waiting = zone.service.claim_ledger(&west, &LedgerQuery::default()).await.unwrap().transfers;
        assert_eq!((waiting.len(), waiting[0].id, waiting[0].may_answer, waiting[0].may_withdraw, waiting[0].share_percent), (1, third, true, false, 20));
        assert_eq!(zone.service.lead(&east, id).await.unwrap().claims.transfer.unwrap().id, third);
        zone.service.answer_transfer(&west, answer(third, 1, true)).await.unwrap();
        let detail = zone.service.lead(&west, id).await.unwrap();
        assert_eq!((detail.card.owner_name.as_str(), detail.bureau.id, detail.card.claim_days_left), (west.name.as_str(), to, Some(CLAIM_DAYS)));
        assert_eq!((detail.claims.shares[0].percent, detail.claims.shares[0].bureau.as_str(), detail.claims.transfer.is_none()), (20, "长三角分局", true));
        let step = detail.events[0].claim.as_ref().unwrap();
        assert_eq!((step.kind, step.share_percent, detail.events[0].body.as_str()), (ClaimEventKind::Transferred, Some(20), "靠近总部"));
        assert_eq!(refusal(zone.service.lead(&east, id).await), Problem::NotFound);
        assert_eq!(kinds(&zone, company.id).await, ["registered", "transferred"]);
        // What others keep already bounds what the next one may.
        let onward = NewTransfer { to_bureau_id: east.bureau_id.unwrap(), version: detail.card.version, ..new(0, 81) };
        assert_eq!(refused_fields(zone.service.propose_transfer(&west, onward).await), [("share_percent".to_owned(), FieldProblemKind::OutOfRange { from: 0.0, until: 80.0 })]);
        let open = lead_transfer::Entity::find().filter(lead_transfer::Column::State.eq("proposed")).count(zone.tables()).await.unwrap();
        assert_eq!(open, 0);
    }

    each_role_does_what_is_its_to_do(zone) {
        let east = zone.actor("officer-east").await;
        let (id, company) = pooled(&zone, &east).await;
        let reader = person(&zone, "reader-west", Role::Viewer, "west-triangle").await;
        let delegate = person(&zone, "delegate-west", Role::Delegate, "west-triangle").await;
        let object = || NewDispute { enterprise_id: company.id, evidence: "证据".to_owned() };
        for actor in [&reader, &delegate, &zone.actor("leader").await, &zone.actor("admin").await, &zone.actor("viewer").await] {
            let login = actor.login.as_str();
            let pool = zone.service.claim_pool(actor, &PoolQuery::default()).await;
            if login == "viewer" {
                assert_eq!(refusal(pool), Problem::Forbidden);
            } else {
                assert!(!pool.unwrap().may_claim, "{login}");
            }
            assert_eq!(refusal(zone.service.claim_from_pool(actor, id).await), Problem::Forbidden, "{login}");
            assert_eq!(refusal(zone.service.contest_claim(actor, object()).await), Problem::Forbidden, "{login}");
            assert_eq!(refusal(zone.service.claim_conflict(actor, company.id).await), Problem::Forbidden, "{login}");
        }
        for login in ["chief-west", "officer-west", "delegate", "viewer", "officer-east"] {
            let actor = zone.actor(login).await;
            assert_eq!(refusal(zone.service.decide_dispute(&actor, decision(1, true, None)).await), Problem::Forbidden, "{login}");
        }
        // A bureau's people read their own lines and those where it is the other party; the leader all.
        let west = zone.actor("chief-west").await;
        let all = zone.service.claim_ledger(&zone.actor("leader").await, &LedgerQuery::default()).await.unwrap();
        assert_eq!(all.total, claim_event::Entity::find().count(zone.tables()).await.unwrap());
        let own = zone.service.claim_ledger(&reader, &LedgerQuery::default()).await.unwrap();
        assert!(own.total > 0 && own.total < all.total && own.rows.iter().all(|row| row.bureau == west.bureau_name.clone().unwrap()));
        assert_eq!(zone.service.claim_ledger(&zone.actor("viewer").await, &LedgerQuery::default()).await.unwrap().total, 0);
        let foreign = LedgerQuery { bureau_id: east.bureau_id, ..LedgerQuery::default() };
        assert_eq!(refusal(zone.service.claim_ledger(&west, &foreign).await), Problem::NotFound);
        let some = zone.service.ledger_export(&zone.actor("leader").await, &foreign).await.unwrap();
        assert!(!some.is_empty() && (some.len() as u64) < all.total);
        // A day's lines, and none of the day before the first.
        let today = zone.service.today();
        let of_today = LedgerQuery { from: Some(today), until: Some(today), ..LedgerQuery::default() };
        let lapsed = zone.service.claim_ledger(&east, &of_today).await.unwrap();
        assert!(lapsed.total > 0 && lapsed.rows.iter().all(|row| row.kind == ClaimEventKind::Lapsed && row.by.is_none()));
        let never = LedgerQuery { until: Some(NaiveDate::from_ymd_opt(2000, 1, 1).unwrap()), ..LedgerQuery::default() };
        assert_eq!(zone.service.claim_ledger(&east, &never).await.unwrap().total, 0);
    }
    a_name_that_means_the_same_company_is_recognised(zone) {
        let (east, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        let table = "企业名称,省份\n示例申城光子科技（上海）有限公司,上海\n示例申城光子科技(上海)有限责任公司,上海\n示例申城光子科技（上海）有限公司苏州分公司,江苏\n";
        zone.import(&east, "名录.csv", table.as_bytes().to_vec()).await;
        let mut ids = Vec::new();
        for name in ["示例申城光子科技（上海）有限公司", "示例申城光子科技(上海)有限责任公司", "示例申城光子科技（上海）有限公司苏州分公司"] {
            ids.push(enterprise::Entity::find().filter(enterprise::Column::Name.eq(name)).one(zone.tables()).await.unwrap().unwrap().id);
        }
        register(&zone, &east, ids[0]).await;
        match refusal(zone.service.register_lead(&west, new_lead(ids[1])).await) {
            Problem::ClaimHeld { held, .. } => assert_eq!((held.enterprise_id, held.recognised), (ids[0], Recognition::SameName)),
            other => panic!("{other:?}"),
        }
        // A branch is a company of its own.
        register(&zone, &west, ids[2]).await;
        // So are two records of which somebody said with a reason that they are two.
        let admin = zone.actor("admin").await;
        zone.service.find_duplicates().await.unwrap();
        let of_pair = DuplicateQuery { enterprise_id: Some(ids[1]), ..DuplicateQuery::default() };
        let pairs = zone.service.duplicates(&admin, &of_pair).await.unwrap().rows;
        let pair = pairs.iter().find(|row| [row.left.id, row.right.id] == [ids[0], ids[1]]).unwrap();
        let distinct = DuplicateDecision { id: pair.id, is_distinct: true, reason: "股东与代码都不同".to_owned() };
        zone.service.decide_duplicate(&admin, distinct).await.unwrap();
        register(&zone, &west, ids[1]).await;
    }

    who_is_concerned_is_told_of_objections_and_offers(zone) {
        let (east, west, leader) = (zone.actor("officer-east").await, zone.actor("officer-west").await, zone.actor("leader").await);
        let unread = |actor: &Actor| { let (service, actor) = (zone.service.clone(), actor.clone()); async move { service.unread_notices(&actor).await.unwrap() } };
        let company = zone.free_companies(1).await[0].id;
        let lead_id = register(&zone, &east, company).await;
        let before = [unread(&east).await, unread(&leader).await, unread(&west).await];
        let id = zone.service.contest_claim(&west, NewDispute { enterprise_id: company, evidence: "五月已会谈".to_owned() }).await.unwrap();
        assert_eq!([unread(&east).await, unread(&leader).await, unread(&west).await], [before[0] + 1, before[1] + 1, before[2]]);
        let decision = DisputeDecision { dispute_id: id, uphold: true, reason: "走访在先".to_owned(), share_percent: None };
        zone.service.decide_dispute(&leader, decision).await.unwrap();
        assert_eq!([unread(&east).await, unread(&leader).await, unread(&west).await], [before[0] + 2, before[1] + 1, before[2] + 1]);
        let version = zone.service.lead(&east, lead_id).await.unwrap().card.version;
        let to_bureau_id = west.bureau_id.unwrap();
        let offer = NewTransfer { lead_id, version, to_bureau_id, share_percent: 20, reason: "更近".to_owned() };
        let transfer_id = zone.service.propose_transfer(&east, offer).await.unwrap();
        assert_eq!(unread(&west).await, before[2] + 2);
        zone.service.answer_transfer(&west, TransferAnswer { transfer_id, version: 1, accept: false }).await.unwrap();
        assert_eq!(unread(&east).await, before[0] + 3);
    }
}
