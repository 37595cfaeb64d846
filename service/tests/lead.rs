//! Leads: registration with its claim, the gate between stages, the board, the timeline, who sees what.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::Duration;
use common::{Zone, refusal, refused_fields};
use domain::{
    account::{Actor, Role},
    lead::{
        BOARD_PAGE, CLAIM_DAYS, EventKind, LeadDetail, NOTE_LIMIT, NewEvent, NewLead, Recognition,
        RulePack, Stage, StageChange,
    },
    problem::{FieldProblemKind, Problem},
    target::TargetQuery,
};
use entity::{audit, claim, lead, lead_event, stage_evidence};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};
use serde_json::{Map, Value, json};
use service::{ServiceResult, account::NewAccount, demo::DEMO_PASSWORD};

fn new_lead(enterprise_id: i64) -> NewLead {
    NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: "试验项目".to_owned(),
        investment_wan: Some(12_000),
        land_mu: Some(20.5),
        source: "目标名单".to_owned(),
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(map) => map,
        other => panic!("{other}"),
    }
}

/// Evidence that a stage takes.
fn evidence(stage: Stage) -> Map<String, Value> {
    object(match stage {
        Stage::Lead => json!({}),
        Stage::Screened => json!({
            "fit": "补链", "investment_wan": 15_000, "land_mu": 30, "energy": "一般", "environment": "无异味", "verdict": "pursue",
        }),
        Stage::Negotiating => {
            json!({ "contact_kind": "call", "contact_on": "2026-06-29", "summary": "有意向" })
        }
        Stage::SiteVisit => {
            json!({ "visited_on": "2026-06-29", "people": "两人", "outcome": "看过厂房" })
        }
        Stage::Review => {
            json!({ "reviewed_on": "2026-06-29", "minutes": "同意", "fair_competition": "passed" })
        }
        Stage::Signed => json!({
            "contract_kind": "formal", "signed_on": "2026-06-29", "amount_wan": "16,000",
            "our_commitments": "供地", "their_commitments": "投资",
        }),
        Stage::Registered => {
            json!({ "credit_code": "91350100M000100Y43", "registered_on": "2026-06-29" })
        }
        Stage::Permits => json!({
            "project_approval": "granted", "land_use": "granted", "planning_permit": "in_progress",
            "environment_assessment": "promised", "energy_assessment": "not_needed", "construction_permit": "in_progress",
        }),
        Stage::ConstructionStarted => json!({ "started_on": "2026-06-29", "proof": "照片" }),
        Stage::Completed => {
            json!({ "completed_on": "2026-06-29", "proof": "验收", "actual_investment_wan": 15_500 })
        }
        Stage::InProduction => {
            json!({ "production_on": "2026-06-29", "proof": "照片", "jobs": 120 })
        }
        Stage::FullCapacity => {
            json!({ "full_capacity_on": "2026-06-29", "proof": "报表", "jobs": 200, "output_wan": 30_000 })
        }
    })
}

async fn read(zone: &Zone, actor: &Actor, lead_id: i64) -> LeadDetail {
    zone.service.lead(actor, lead_id).await.unwrap()
}

async fn change(
    zone: &Zone,
    actor: &Actor,
    lead: &LeadDetail,
    to: Stage,
    evidence: Map<String, Value>,
) -> ServiceResult<i64> {
    zone.service
        .change_stage(
            actor,
            StageChange {
                lead_id: lead.card.id,
                version: lead.card.version,
                to,
                evidence,
                reason: String::new(),
            },
        )
        .await
}

/// Moves a lead through its gates.
async fn bring_to(zone: &Zone, actor: &Actor, lead_id: i64, stage: Stage) -> LeadDetail {
    loop {
        let lead = read(zone, actor, lead_id).await;
        if lead.card.stage == stage {
            return lead;
        }
        let next = lead.card.stage.next().unwrap();
        change(zone, actor, &lead, next, evidence(next))
            .await
            .unwrap();
    }
}

/// A refusal that left the lead, its timeline, its evidence and the audit as they were.
async fn refused_untouched(zone: &Zone, actor: &Actor, change: StageChange) -> Problem {
    let lead_id = change.lead_id;
    let before = (read(zone, actor, lead_id).await, zone.audit_rows().await);
    let problem = refusal(zone.service.change_stage(actor, change.clone()).await);
    assert_eq!(
        (read(zone, actor, lead_id).await, zone.audit_rows().await),
        before,
        "{change:?}"
    );
    problem
}

async fn audit_of(zone: &Zone, lead_id: i64) -> Vec<(String, Option<i64>)> {
    audit::Entity::find()
        .filter(audit::Column::Entity.eq("lead"))
        .filter(audit::Column::EntityId.eq(lead_id))
        .order_by_asc(audit::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.action, row.account_id))
        .collect()
}

/// One lead of another bureau than officer-north's.
async fn lead_of_east(zone: &Zone) -> i64 {
    let bureau = zone.bureau("yangtze-delta").await;
    lead::Entity::find()
        .filter(lead::Column::BureauId.eq(bureau.id))
        .order_by_asc(lead::Column::Id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
        .id
}

on_both! {
    a_target_becomes_a_lead_with_a_claim(zone) {
        let officer = zone.actor("officer-east").await;
        let chain = zone.service.chains(&officer).await.unwrap().remove(0);
        let map = zone.service.chain_map(&officer, chain.id).await.unwrap();
        let gap = map.nodes.iter().find(|node| node.name == "离子交换膜").unwrap();
        let page = zone.service.targets(&officer, &TargetQuery { node_id: Some(gap.id), ..TargetQuery::default() }).await.unwrap();
        let target = page.rows.iter().find(|row| row.held.is_none()).unwrap();
        let new = NewLead { chain_node_id: Some(gap.id), ..new_lead(target.enterprise_id) };
        let id = zone.service.register_lead(&officer, new).await.unwrap();
        let lead = read(&zone, &officer, id).await;
        assert_eq!((lead.card.stage, lead.card.version), (Stage::Lead, 1));
        assert_eq!(lead.card.enterprise_name, target.name);
        assert_eq!((lead.card.owner_name.as_str(), lead.bureau.code.as_str()), ("林演示", "yangtze-delta"));
        assert_eq!((lead.card.investment_wan, lead.land_mu, lead.source.as_str()), (Some(12_000), Some(20.5), "目标名单"));
        assert_eq!(lead.card.node.as_ref().unwrap().node_id, gap.id);
        assert_eq!(lead.card.claim_days_left, Some(CLAIM_DAYS));
        let claim = lead.claim.as_ref().unwrap();
        assert_eq!((claim.bureau.as_str(), claim.expires_on), ("长三角分局", zone.service.today() + Duration::days(CLAIM_DAYS)));
        assert_eq!(lead.events.len(), 1);
        assert_eq!((lead.events[0].kind, lead.events[0].body.as_str()), (EventKind::Created, "目标名单"));
        assert!(lead.may_write && lead.may_note);
        let again = zone.service.targets(&officer, &TargetQuery { node_id: Some(gap.id), ..TargetQuery::default() }).await.unwrap();
        let row = again.rows.iter().find(|row| row.enterprise_id == target.enterprise_id).unwrap();
        assert_eq!(row.held.as_ref().unwrap().lead_id, Some(id), "the list of targets knows at once");
    }

    who_comes_second_is_told_who_was_first(zone) {
        let (east, north) = (zone.actor("officer-east").await, zone.actor("officer-north").await);
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&east, new_lead(company.id)).await.unwrap();
        let (leads, audit) = (lead::Entity::find().count(zone.tables()).await.unwrap(), zone.audit_rows().await);
        let expires_on = (zone.service.today() + Duration::days(CLAIM_DAYS)).to_string();
        let Problem::ClaimHeld { bureau, expires_on: until, held } = refusal(zone.service.register_lead(&north, new_lead(company.id)).await) else { panic!() };
        assert_eq!((bureau.as_str(), until), ("长三角分局", expires_on));
        assert_eq!((held.enterprise_id, held.enterprise.as_str(), held.recognised), (company.id, company.name.as_str(), Recognition::SameEnterprise));
        assert_eq!(held.claimed_on, zone.service.today().to_string());
        for login in ["officer-east", "officer-east-2", "chief-east"] {
            let own = zone.actor(login).await;
            let problem = refusal(zone.service.register_lead(&own, new_lead(company.id)).await);
            assert_eq!(problem, Problem::LeadExists { lead_id: id }, "{login}");
        }
        assert_eq!(lead::Entity::find().count(zone.tables()).await.unwrap(), leads);
        assert_eq!(zone.audit_rows().await, audit);
    }

    a_lead_that_cannot_be_registered_names_its_fields(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0).id;
        let leads = lead::Entity::find().count(zone.tables()).await.unwrap();
        for (new, field, kind) in [
            (NewLead { title: " ".to_owned(), ..new_lead(company) }, "title", FieldProblemKind::Required),
            (NewLead { title: "长".repeat(121), ..new_lead(company) }, "title", FieldProblemKind::TooLong { limit: 120 }),
            (NewLead { source: String::new(), ..new_lead(company) }, "source", FieldProblemKind::Required),
            (
                NewLead { investment_wan: Some(-1), ..new_lead(company) },
                "investment_wan",
                FieldProblemKind::OutOfRange { from: 0.0, until: 100_000_000.0 },
            ),
            (
                NewLead { land_mu: Some(f64::NAN), ..new_lead(company) },
                "land_mu",
                FieldProblemKind::OutOfRange { from: 0.0, until: 100_000.0 },
            ),
            (new_lead(i64::MAX), "enterprise", FieldProblemKind::Unknown),
            (NewLead { chain_node_id: Some(i64::MAX), ..new_lead(company) }, "chain_node", FieldProblemKind::Unknown),
        ] {
            assert_eq!(refused_fields(zone.service.register_lead(&officer, new).await), [(field.to_owned(), kind)]);
        }
        let admin = zone.actor("admin").await;
        assert_eq!(
            refused_fields(zone.service.register_lead(&admin, new_lead(company)).await),
            [("bureau".to_owned(), FieldProblemKind::Required)]
        );
        let nowhere = NewLead { bureau_id: Some(i64::MAX), ..new_lead(company) };
        assert_eq!(
            refused_fields(zone.service.register_lead(&admin, nowhere).await),
            [("bureau".to_owned(), FieldProblemKind::Unknown)]
        );
        assert_eq!(lead::Entity::find().count(zone.tables()).await.unwrap(), leads);
        let south = zone.bureau("greater-bay").await.id;
        let named = NewLead { bureau_id: Some(south), ..new_lead(company) };
        let id = zone.service.register_lead(&admin, named).await.unwrap();
        assert_eq!(read(&zone, &admin, id).await.bureau.id, south);
    }

    of_two_bureaus_at_the_same_moment_one_wins(zone) {
        let (east, north) = (zone.actor("officer-east").await, zone.actor("officer-north").await);
        for company in zone.free_companies(25).await {
            let (one, two) = tokio::join!(
                zone.service.register_lead(&east, new_lead(company.id)),
                zone.service.register_lead(&north, new_lead(company.id)),
            );
            let winner = match (one, two) {
                (Ok(_), Err(error)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); &east }
                (Err(error), Ok(_)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); &north }
                other => panic!("{other:?}"),
            };
            let leads = lead::Entity::find().filter(lead::Column::EnterpriseId.eq(company.id)).all(zone.tables()).await.unwrap();
            let claims = claim::Entity::find().filter(claim::Column::EnterpriseId.eq(company.id)).all(zone.tables()).await.unwrap();
            assert_eq!((leads.len(), claims.len()), (1, 1), "the loser leaves nothing behind");
            assert_eq!((Some(leads[0].bureau_id), claims[0].lead_id), (winner.bureau_id, leads[0].id));
        }
    }

    of_two_colleagues_at_the_same_moment_one_wins(zone) {
        let (one, two) = (zone.actor("officer-east").await, zone.actor("officer-east-2").await);
        for company in zone.free_companies(25).await {
            let (first, second) = tokio::join!(
                zone.service.register_lead(&one, new_lead(company.id)),
                zone.service.register_lead(&two, new_lead(company.id)),
            );
            let (Ok(id), Err(error)) = (if first.is_ok() { (first, second) } else { (second, first) }) else { panic!("two leads") };
            assert_eq!(error.into_problem(), Problem::LeadExists { lead_id: id });
            let claims = claim::Entity::find().filter(claim::Column::EnterpriseId.eq(company.id)).all(zone.tables()).await.unwrap();
            assert_eq!(claims.len(), 1);
        }
    }

    a_lapsed_claim_can_be_taken(zone) {
        let (east, north) = (zone.actor("officer-east").await, zone.actor("officer-north").await);
        let company = zone.free_companies(1).await.remove(0);
        let first = zone.service.register_lead(&east, new_lead(company.id)).await.unwrap();
        zone.pass(Duration::days(CLAIM_DAYS));
        assert!(matches!(refusal(zone.service.register_lead(&north, new_lead(company.id)).await), Problem::ClaimHeld { .. }), "the last day counts");
        zone.pass(Duration::days(1));
        assert_eq!(read(&zone, &east, first).await.card.claim_days_left, Some(-1));
        let second = zone.service.register_lead(&north, new_lead(company.id)).await.unwrap();
        assert_eq!(read(&zone, &north, second).await.card.claim_days_left, Some(CLAIM_DAYS));
        let old = bring_to(&zone, &east, first, Stage::Screened).await;
        assert_eq!((old.card.claim_days_left, old.claim.as_ref().unwrap().bureau.as_str()), (None, "京津冀分局"));
        let change = StageChange {
            lead_id: first, version: old.card.version, to: Stage::Negotiating,
            evidence: evidence(Stage::Negotiating), reason: String::new(),
        };
        let problem = refused_untouched(&zone, &east, change).await;
        assert!(matches!(problem, Problem::ClaimHeld { bureau, .. } if bureau == "京津冀分局"));
        bring_to(&zone, &north, second, Stage::Negotiating).await;
        let running = claim::Entity::find()
            .filter(claim::Column::EnterpriseId.eq(company.id))
            .filter(claim::Column::ReleasedAt.is_null())
            .all(zone.tables()).await.unwrap();
        assert_eq!(running.len(), 1);
        assert_eq!(running[0].lead_id, second);
    }

    a_lapsed_claim_is_renewed_when_talks_begin(zone) {
        let east = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&east, new_lead(company.id)).await.unwrap();
        bring_to(&zone, &east, id, Stage::Screened).await;
        zone.pass(Duration::days(CLAIM_DAYS + 1));
        let lead = bring_to(&zone, &east, id, Stage::Negotiating).await;
        assert_eq!(lead.card.claim_days_left, Some(CLAIM_DAYS));
        let north = zone.actor("officer-north").await;
        assert!(matches!(refusal(zone.service.register_lead(&north, new_lead(company.id)).await), Problem::ClaimHeld { .. }));
    }

    of_a_renewal_and_a_registration_at_the_same_moment_one_wins(zone) {
        let (east, north) = (zone.actor("officer-east").await, zone.actor("officer-north").await);
        let companies = zone.free_companies(15).await;
        let mut leads = Vec::new();
        for company in &companies {
            let id = zone.service.register_lead(&east, new_lead(company.id)).await.unwrap();
            leads.push(bring_to(&zone, &east, id, Stage::Screened).await);
        }
        zone.pass(Duration::days(CLAIM_DAYS + 1));
        for (company, lead) in companies.iter().zip(&leads) {
            let (moved, registered) = tokio::join!(
                change(&zone, &east, lead, Stage::Negotiating, evidence(Stage::Negotiating)),
                zone.service.register_lead(&north, new_lead(company.id)),
            );
            let won_by = match (moved, registered) {
                (Ok(_), Err(error)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); lead.card.id }
                (Err(error), Ok(id)) => { assert!(matches!(error.into_problem(), Problem::ClaimHeld { .. })); id }
                other => panic!("{other:?}"),
            };
            let running = claim::Entity::find()
                .filter(claim::Column::EnterpriseId.eq(company.id))
                .filter(claim::Column::ReleasedAt.is_null())
                .all(zone.tables()).await.unwrap();
            assert_eq!(running.iter().map(|claim| claim.lead_id).collect::<Vec<_>>(), [won_by]);
        }
    }

    every_gate_asks_for_its_evidence(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap();
        let pack = RulePack::shipped().unwrap();
        for stage in Stage::ALL.into_iter().skip(1) {
            let lead = read(&zone, &officer, id).await;
            let to = |to: Stage, evidence: Map<String, Value>| StageChange {
                lead_id: id, version: lead.card.version, to, evidence, reason: String::new(),
            };
            let required: Vec<&str> = pack.rule(stage).unwrap().evidence.iter()
                .filter(|field| field.required).map(|field| field.key.as_str()).collect();
            assert!(!required.is_empty(), "{stage:?}");
            let Problem::Invalid { fields } = refused_untouched(&zone, &officer, to(stage, Map::new())).await else { panic!("{stage:?}") };
            assert_eq!(fields.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), required, "{stage:?}");
            assert!(fields.iter().all(|problem| problem.kind == FieldProblemKind::Required));
            for missing in &required {
                let mut partly = evidence(stage);
                partly.remove(*missing);
                let Problem::Invalid { fields } = refused_untouched(&zone, &officer, to(stage, partly)).await else { panic!("{stage:?}") };
                assert_eq!(fields.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), [*missing], "{stage:?}");
            }
            for far in Stage::ALL.into_iter().filter(|far| *far > stage) {
                let problem = refused_untouched(&zone, &officer, to(far, evidence(far))).await;
                assert_eq!(problem, Problem::StageNotReachable { from: lead.card.stage, to: far });
            }
            let problem = refused_untouched(&zone, &officer, to(lead.card.stage, evidence(lead.card.stage))).await;
            assert_eq!(problem, Problem::StageNotReachable { from: lead.card.stage, to: lead.card.stage });
            for version in [lead.card.version - 1, lead.card.version + 1] {
                let Problem::Stale { fields, version } =
                    refused_untouched(&zone, &officer, StageChange { version, ..to(stage, evidence(stage)) }).await
                else { panic!("{stage:?}") };
                assert_eq!(version, lead.card.version);
                assert_eq!(fields.len(), 1);
                assert_eq!((fields[0].field.as_str(), fields[0].theirs.as_str(), fields[0].yours.as_str()), ("stage", lead.card.stage.key(), stage.key()));
            }
            let version = change(&zone, &officer, &lead, stage, evidence(stage)).await.unwrap();
            let after = read(&zone, &officer, id).await;
            assert_eq!((after.card.stage, after.card.version, version), (stage, lead.card.version + 1, lead.card.version + 1));
            let entry = after.entries.last().unwrap();
            assert_eq!((entry.stage, &entry.evidence, entry.by.as_str()), (stage, &evidence(stage), "林演示"));
            assert_eq!((after.events[0].kind, after.events[0].stage), (EventKind::Stage, Some(stage)));
        }
        let end = read(&zone, &officer, id).await;
        assert_eq!(end.card.investment_wan, Some(16_000), "the contract's amount replaces the estimate");
        assert_eq!(end.entries.len(), 11);
    }

    what_a_gate_does_not_take_changes_nothing(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap();
        for (stage, field, value, kind) in [
            (Stage::Screened, "verdict", json!("perhaps"), FieldProblemKind::NotAChoice),
            (Stage::Screened, "investment_wan", json!("很多"), FieldProblemKind::NotANumber),
            (Stage::Screened, "investment_wan", json!(-1), FieldProblemKind::OutOfRange { from: 0.0, until: 100_000_000.0 }),
            (Stage::Screened, "unasked", json!("x"), FieldProblemKind::Unknown),
            (Stage::Negotiating, "contact_on", json!("2026-07-01"), FieldProblemKind::InTheFuture),
            (Stage::Negotiating, "contact_on", json!("2026-02-30"), FieldProblemKind::NotADate),
            (Stage::Negotiating, "summary", json!("长".repeat(4001)), FieldProblemKind::TooLong { limit: 4000 }),
            (Stage::Review, "fair_competition", json!("failed"), FieldProblemKind::FairCompetitionFailed),
            (Stage::Registered, "credit_code", json!("91350100M000100Y44"), FieldProblemKind::CreditCode),
            (Stage::Registered, "credit_code", json!("91350100M000100Y4"), FieldProblemKind::CreditCode),
        ] {
            let before = Stage::from_number(stage.number() - 1).unwrap();
            let lead = bring_to(&zone, &officer, id, before).await;
            let mut answer = evidence(stage);
            answer.insert(field.to_owned(), value);
            let change = StageChange { lead_id: id, version: lead.card.version, to: stage, evidence: answer, reason: String::new() };
            let Problem::Invalid { fields } = refused_untouched(&zone, &officer, change).await else { panic!("{stage:?} {field}") };
            assert_eq!(fields.len(), 1, "{fields:?}");
            assert_eq!((fields[0].field.as_str(), &fields[0].kind), (field, &kind));
        }
    }

    going_back_needs_a_reason(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap();
        let lead = bring_to(&zone, &officer, id, Stage::SiteVisit).await;
        let back = |reason: &str| StageChange {
            lead_id: id, version: lead.card.version, to: Stage::Screened, evidence: Map::new(), reason: reason.to_owned(),
        };
        for (reason, kind) in [
            ("", FieldProblemKind::Required),
            (" \u{3000}\n", FieldProblemKind::Required),
            (&"长".repeat(NOTE_LIMIT + 1), FieldProblemKind::TooLong { limit: NOTE_LIMIT }),
        ] {
            assert_eq!(refused_untouched(&zone, &officer, back(reason)).await, Problem::invalid("reason", kind));
        }
        zone.service.change_stage(&officer, back(" 业主换了方案 ")).await.unwrap();
        let after = read(&zone, &officer, id).await;
        assert_eq!((after.card.stage, after.card.version), (Stage::Screened, lead.card.version + 1));
        assert_eq!((after.events[0].kind, after.events[0].stage, after.events[0].body.as_str()), (EventKind::Stage, Some(Stage::Screened), "业主换了方案"));
        assert_eq!(after.entries, lead.entries, "what was proved once stays on record");
        let change = StageChange { lead_id: id, version: after.card.version, to: Stage::Negotiating, evidence: Map::new(), reason: "再来".to_owned() };
        assert!(matches!(refused_untouched(&zone, &officer, change).await, Problem::Invalid { .. }), "the way up asks again");
    }

    of_two_moves_at_the_same_moment_one_wins(zone) {
        let (one, two) = (zone.actor("officer-east").await, zone.actor("chief-east").await);
        for company in zone.free_companies(20).await {
            let id = zone.service.register_lead(&one, new_lead(company.id)).await.unwrap();
            let lead = read(&zone, &one, id).await;
            let (first, second) = tokio::join!(
                change(&zone, &one, &lead, Stage::Screened, evidence(Stage::Screened)),
                change(&zone, &two, &lead, Stage::Screened, evidence(Stage::Screened)),
            );
            let (Ok(version), Err(error)) = (if first.is_ok() { (first, second) } else { (second, first) }) else { panic!("both moved it") };
            assert!(matches!(error.into_problem(), Problem::Stale { version: theirs, .. } if theirs == version));
            let entries = stage_evidence::Entity::find().filter(stage_evidence::Column::LeadId.eq(id)).count(zone.tables()).await.unwrap();
            assert_eq!(entries, 1);
        }
    }

    notes_stand_newest_first(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap();
        let version = read(&zone, &officer, id).await.card.version;
        zone.pass(Duration::days(20));
        assert_eq!(read(&zone, &officer, id).await.card.silent_days, 20);
        for (index, kind) in EventKind::WRITTEN.into_iter().enumerate() {
            // The second and third in the same instant: then the later row is the newer one.
            if index != 2 { zone.pass(Duration::minutes(1)); }
            let event = NewEvent { lead_id: id, kind, body: format!(" 第{index}条 ") };
            zone.service.add_event(&officer, event).await.unwrap();
        }
        let lead = read(&zone, &officer, id).await;
        let bodies: Vec<&str> = lead.events.iter().map(|event| event.body.as_str()).collect();
        assert_eq!(bodies, ["第4条", "第3条", "第2条", "第1条", "第0条", "目标名单"]);
        let kinds: Vec<EventKind> = lead.events.iter().rev().skip(1).map(|event| event.kind).collect();
        assert_eq!(kinds, EventKind::WRITTEN);
        assert_eq!((lead.card.silent_days, lead.card.version), (0, version), "a note ends the silence and is no edit");
        let before = (lead, zone.audit_rows().await);
        for (kind, body, field, problem) in [
            (EventKind::Note, " \n ".to_owned(), "body", FieldProblemKind::Required),
            (EventKind::Note, "长".repeat(NOTE_LIMIT + 1), "body", FieldProblemKind::TooLong { limit: NOTE_LIMIT }),
            (EventKind::Created, "又登记".to_owned(), "kind", FieldProblemKind::NotAChoice),
            (EventKind::Stage, "又推进".to_owned(), "kind", FieldProblemKind::NotAChoice),
        ] {
            let refused = refused_fields(zone.service.add_event(&officer, NewEvent { lead_id: id, kind, body }).await);
            assert_eq!(refused, [(field.to_owned(), problem)]);
        }
        assert_eq!((read(&zone, &officer, id).await, zone.audit_rows().await), before);
        zone.service.add_event(&officer, NewEvent { lead_id: id, kind: EventKind::Note, body: "长".repeat(NOTE_LIMIT) }).await.unwrap();
    }

    the_board_counts_what_is_there(zone) {
        let officer = zone.actor("officer-east").await;
        for (index, company) in zone.free_companies(25).await.into_iter().enumerate() {
            let id = zone.service.register_lead(&officer, NewLead { investment_wan: (index % 5 != 0).then_some(1000), ..new_lead(company.id) }).await.unwrap();
            if index < 2 { bring_to(&zone, &officer, id, Stage::Negotiating).await; }
        }
        let leader = zone.actor("leader").await;
        let bureaus = zone.service.board(&leader, None).await.unwrap().bureaus;
        assert_eq!(bureaus.len(), 4);
        for bureau in bureaus {
            let board = zone.service.board(&leader, Some(bureau.id)).await.unwrap();
            assert_eq!((board.bureau.id, board.may_write), (bureau.id, false));
            assert_eq!(board.columns.iter().map(|column| column.stage).collect::<Vec<_>>(), Stage::ALL);
            let rows = lead::Entity::find().filter(lead::Column::BureauId.eq(bureau.id)).all(zone.tables()).await.unwrap();
            assert!(!rows.is_empty());
            for column in &board.columns {
                let own: Vec<&lead::Model> = rows.iter()
                    .filter(|lead| lead.stage == column.stage.number() && lead.deleted_at.is_none()).collect();
                assert_eq!(column.count, own.len() as u64, "{} {:?}", bureau.code, column.stage);
                let sum: i64 = own.iter().filter_map(|lead| lead.investment_wan).sum();
                assert_eq!(column.investment_wan, sum, "{} {:?}", bureau.code, column.stage);
                let shown = if column.stage.is_before_registration() { own.len().min(20) } else { 0 };
                assert_eq!(column.cards.len(), shown, "{} {:?}", bureau.code, column.stage);
                let mut seen: Vec<i64> = column.cards.iter().map(|card| card.id).collect();
                if column.stage.is_before_registration() {
                    for page in 1..=2 {
                        let more = zone.service.board_column(&leader, bureau.id, column.stage, page * BOARD_PAGE).await.unwrap();
                        seen.extend(more.iter().map(|card| card.id));
                    }
                    seen.sort_unstable();
                    let mut ids: Vec<i64> = own.iter().map(|lead| lead.id).collect();
                    ids.sort_unstable();
                    assert_eq!(seen, ids, "every card once over the pages");
                }
            }
        }
        assert_eq!(zone.service.board(&officer, None).await.unwrap().bureau.code, "yangtze-delta");
        assert!(zone.service.board(&officer, None).await.unwrap().may_write);
    }

    another_bureau_s_lead_is_not_there(zone) {
        let id = lead_of_east(&zone).await;
        let east = zone.bureau("yangtze-delta").await.id;
        let west = zone.bureau("west-triangle").await;
        let mut actors = Vec::new();
        for (login, role) in [("d", Role::Delegate), ("v", Role::Viewer)] {
            zone.service.add_account(NewAccount {
                login: login.to_owned(), name: login.to_owned(), role,
                bureau_code: Some(west.code.clone()), password: DEMO_PASSWORD.to_owned(),
            }).await.unwrap();
            actors.push(zone.actor(login).await);
        }
        for login in ["chief-north", "officer-north", "officer-west", "viewer"] {
            actors.push(zone.actor(login).await);
        }
        let admin = zone.actor("admin").await;
        let before = (read(&zone, &admin, id).await, zone.audit_rows().await);
        for actor in &actors {
            assert_eq!(refusal(zone.service.lead(actor, id).await), Problem::NotFound, "{}", actor.login);
            let move_it = StageChange { lead_id: id, version: before.0.card.version, to: Stage::Screened, evidence: evidence(Stage::Screened), reason: "x".to_owned() };
            assert_eq!(refusal(zone.service.change_stage(actor, move_it).await), Problem::NotFound, "{}", actor.login);
            let note = NewEvent { lead_id: id, kind: EventKind::Note, body: "x".to_owned() };
            assert_eq!(refusal(zone.service.add_event(actor, note).await), Problem::NotFound, "{}", actor.login);
            assert_eq!(refusal(zone.service.board(actor, Some(east)).await), Problem::NotFound, "{}", actor.login);
            assert_eq!(refusal(zone.service.board_column(actor, east, Stage::Lead, 0).await), Problem::NotFound, "{}", actor.login);
            assert!(zone.service.lead_page(actor, &domain::lead::LeadQuery::default()).await.unwrap().leads.iter().all(|card| Some(card.bureau_id) == actor.bureau_id), "{}", actor.login);
        }
        assert_eq!((read(&zone, &admin, id).await, zone.audit_rows().await), before);
        for login in ["admin", "leader", "chief-east", "officer-east-2", "delegate"] {
            assert_eq!(read(&zone, &zone.actor(login).await, id).await.card.id, id, "{login}");
        }
        assert_eq!(refusal(zone.service.lead(&admin, i64::MAX).await), Problem::NotFound);
    }

    who_only_reads_cannot_write(zone) {
        let id = lead_of_east(&zone).await;
        zone.service.add_account(NewAccount {
            login: "reader-east".to_owned(), name: "阅示例".to_owned(), role: Role::Viewer,
            bureau_code: Some("yangtze-delta".to_owned()), password: DEMO_PASSWORD.to_owned(),
        }).await.unwrap();
        let company = zone.free_companies(1).await.remove(0).id;
        let admin = zone.actor("admin").await;
        let before = (read(&zone, &admin, id).await, zone.audit_rows().await);
        for (login, may_note) in [("leader", false), ("reader-east", false), ("delegate", true)] {
            let actor = zone.actor(login).await;
            let lead = read(&zone, &actor, id).await;
            assert_eq!((lead.may_write, lead.may_note), (false, may_note), "{login}");
            let move_it = StageChange { lead_id: id, version: lead.card.version, to: lead.card.stage.next().unwrap(), evidence: Map::new(), reason: "x".to_owned() };
            assert_eq!(refusal(zone.service.change_stage(&actor, move_it).await), Problem::Forbidden, "{login}");
            let new = NewLead { bureau_id: Some(lead.bureau.id), ..new_lead(company) };
            assert_eq!(refusal(zone.service.register_lead(&actor, new).await), Problem::Forbidden, "{login}");
            assert_eq!(refusal(zone.service.register_lead(&actor, new_lead(company)).await), Problem::Forbidden, "{login}");
            if !may_note {
                let note = NewEvent { lead_id: id, kind: EventKind::Note, body: "x".to_owned() };
                assert_eq!(refusal(zone.service.add_event(&actor, note).await), Problem::Forbidden, "{login}");
            }
        }
        assert_eq!((read(&zone, &admin, id).await, zone.audit_rows().await), before);
    }

    every_change_leaves_its_trace(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let id = zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap();
        zone.service.add_event(&chief, NewEvent { lead_id: id, kind: EventKind::Call, body: "通话".to_owned() }).await.unwrap();
        let lead = bring_to(&zone, &officer, id, Stage::Screened).await;
        zone.service.change_stage(&chief, StageChange {
            lead_id: id, version: lead.card.version, to: Stage::Lead, evidence: Map::new(), reason: "重来".to_owned(),
        }).await.unwrap();
        let by = |actor: &Actor| Some(actor.account_id);
        assert_eq!(
            audit_of(&zone, id).await,
            [("add".to_owned(), by(&officer)), ("note".to_owned(), by(&chief)), ("stage".to_owned(), by(&officer)), ("stage".to_owned(), by(&chief))]
        );
        assert_eq!(lead_event::Entity::find().filter(lead_event::Column::LeadId.eq(id)).count(zone.tables()).await.unwrap(), 4);
    }

    a_nul_character_is_no_reason_to_fail(zone) {
        let officer = zone.actor("officer-east").await;
        let company = zone.free_companies(1).await.remove(0);
        let new = NewLead { title: "题\0目".to_owned(), source: "来\0源".to_owned(), ..new_lead(company.id) };
        let id = match zone.service.register_lead(&officer, new).await {
            Ok(id) => id,
            refused => {
                refusal(refused);
                zone.service.register_lead(&officer, new_lead(company.id)).await.unwrap()
            }
        };
        let note = NewEvent { lead_id: id, kind: EventKind::Note, body: "通\0话".to_owned() };
        if let refused @ Err(_) = zone.service.add_event(&officer, note).await { refusal(refused); }
        let mut answer = evidence(Stage::Screened);
        answer.insert("fit".to_owned(), json!("补\0链"));
        let lead = read(&zone, &officer, id).await;
        if let refused @ Err(_) = change(&zone, &officer, &lead, Stage::Screened, answer).await { refusal(refused); }
        let lead = bring_to(&zone, &officer, id, Stage::Screened).await;
        let back = StageChange { lead_id: id, version: lead.card.version, to: Stage::Lead, evidence: Map::new(), reason: "退\0回".to_owned() };
        if let refused @ Err(_) = zone.service.change_stage(&officer, back).await { refusal(refused); }
    }
}
