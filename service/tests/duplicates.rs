//! One company, once: what may be one company is found and decided, merged without losing anything, and taken back to
//! exactly what it was.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use chrono::Duration;
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    enterprise::{
        DuplicateDecision, DuplicateQuery, DuplicateState, EnterpriseField, EnterpriseQuery,
        MergeProblem, MergeRequest, MovedTable, ProductChoice, Side, same_company::MatchReason,
    },
    lead::{ClaimEventKind, LedgerQuery, NewLead},
    problem::{FieldProblemKind, Problem},
    trip::{ChosenCandidate, NewTrip},
};
use entity::{
    chain_match, chain_node, claim, duplicate_candidate, enterprise, enterprise_product, lead,
    lead_event, match_decision, stage_evidence, trip, trip_candidate, visit,
};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait,
    PaginatorTrait, QueryFilter, QueryOrder, Statement,
};
use serde_json::Value;

/// Two records of one company, as a list brings them: the second one without its place.
const LIST: &str = "企业名称,省份,城市,产品\n西安市示例钒电储能科技有限公司,陕西,西安,电解液\n示例钒电储能科技有限公司,陕西,西安,钒电池\n";

async fn named(zone: &Zone, name: &str) -> enterprise::Model {
    enterprise::Entity::find()
        .filter(enterprise::Column::Name.eq(name))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
}

async fn two(zone: &Zone) -> (enterprise::Model, enterprise::Model) {
    let admin = zone.actor("admin").await;
    zone.import(&admin, "两条.csv", LIST.as_bytes().to_vec())
        .await;
    (
        named(zone, "西安市示例钒电储能科技有限公司").await,
        named(zone, "示例钒电储能科技有限公司").await,
    )
}

async fn follow(zone: &Zone, login: &str, enterprise_id: i64) -> i64 {
    let actor = zone.actor(login).await;
    let new = NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: format!("{login} 的项目"),
        investment_wan: Some(9_000),
        land_mu: None,
        source: "展会".to_owned(),
    };
    zone.service.register_lead(&actor, new).await.unwrap()
}

/// Follows a company whose record had another name on that day: who registers one that is held is refused.
async fn follow_before_renaming(zone: &Zone, login: &str, company: &enterprise::Model) -> i64 {
    let called = |name: &str| {
        let mut record: enterprise::ActiveModel = company.clone().into();
        record.name = Set(name.to_owned());
        record.name_key = Set(domain::enterprise::normalise_name(name));
        record.update(zone.tables())
    };
    called("那时另有其名有限公司").await.unwrap();
    let lead = follow(zone, login, company.id).await;
    called(&company.name).await.unwrap();
    lead
}

async fn visit(zone: &Zone, login: &str, enterprise_id: i64, lead_id: Option<i64>) -> i64 {
    let actor = zone.actor(login).await;
    let choices = zone.service.trip_choices(&actor, None, None).await.unwrap();
    let new = NewTrip {
        name: "秋行".into(),
        start_on: choices.today + Duration::days(7),
        days: 2,
        teams: 1,
        start_city: choices.start_city,
        candidates: vec![ChosenCandidate {
            enterprise_id,
            lead_id,
            value: 50.0,
            required: true,
        }],
        bureau_id: None,
    };
    zone.service.plan_trip(&actor, new).await.unwrap()
}

async fn request(
    zone: &Zone,
    actor: &Actor,
    left_id: i64,
    right_id: i64,
    keep: Side,
) -> MergeRequest {
    let view = zone
        .service
        .merge_view(actor, left_id, right_id)
        .await
        .unwrap();
    MergeRequest {
        left_id,
        left_version: view.left.version,
        right_id,
        right_version: view.right.version,
        keep,
        choices: BTreeMap::new(),
        products: ProductChoice::Both,
    }
}

/// Every row that a merge may touch, without versions, times of change and the matches' numbers.
async fn dump(zone: &Zone, last_event: i64) -> BTreeMap<&'static str, Vec<Value>> {
    macro_rules! rows {
        ($($table:ident),*) => { [$((stringify!($table), $table::Entity::find().order_by_asc($table::Column::Id).into_json().all(zone.tables()).await.unwrap())),*] };
    }
    let mut all: BTreeMap<&'static str, Vec<Value>> = rows![
        enterprise,
        enterprise_product,
        lead,
        claim,
        trip,
        trip_candidate,
        visit,
        match_decision,
        stage_evidence,
        duplicate_candidate
    ]
    .into_iter()
    .collect();
    // Lines that tell of the merge are history, like the audit.
    all.insert(
        "lead_event",
        lead_event::Entity::find()
            .filter(lead_event::Column::Id.lte(last_event))
            .order_by_asc(lead_event::Column::Id)
            .into_json()
            .all(zone.tables())
            .await
            .unwrap(),
    );
    let mut matches = chain_match::Entity::find()
        .into_json()
        .all(zone.tables())
        .await
        .unwrap();
    matches.iter_mut().for_each(|row| {
        row.as_object_mut().unwrap().remove("id");
    });
    matches.sort_by_key(Value::to_string);
    all.insert("chain_match", matches);
    for row in all.get_mut("enterprise").unwrap() {
        let row = row.as_object_mut().unwrap();
        row.remove("version");
        row.remove("updated_at");
    }
    all
}

/// The leads whose claims have such a line in the ledger.
async fn ledger_leads(zone: &Zone, actor: &Actor, kind: ClaimEventKind) -> Vec<Option<i64>> {
    let query = LedgerQuery {
        kind: Some(kind),
        ..LedgerQuery::default()
    };
    let ledger = zone.service.claim_ledger(actor, &query).await.unwrap();
    ledger.rows.into_iter().map(|row| row.lead_id).collect()
}

async fn last_event(zone: &Zone) -> i64 {
    lead_event::Entity::find()
        .order_by_desc(lead_event::Column::Id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
        .id
}

on_both! {
    what_looks_alike_is_found_and_a_word_on_it_lasts(zone) {
        let admin = zone.actor("admin").await;
        zone.service.find_duplicates().await.unwrap();
        let before = zone.service.duplicates(&admin, &DuplicateQuery::default()).await.unwrap();
        assert!(before.scanned_at.is_some());
        assert_eq!(zone.service.keep_duplicates().await.unwrap(), 0, "nothing changed");
        let (left, right) = two(&zone).await;
        assert_eq!(zone.service.keep_duplicates().await.unwrap(), 1, "the import alone was compared");
        let query = DuplicateQuery { enterprise_id: Some(left.id), ..DuplicateQuery::default() };
        let page = zone.service.duplicates(&admin, &query).await.unwrap();
        let [row] = page.rows.as_slice() else { panic!("{page:?}") };
        assert_eq!((row.left.id, row.right.id, row.state), (left.id, right.id, DuplicateState::Open));
        assert!(row.score >= 0.8 && row.reasons.contains(&MatchReason::PlaceMissing) && row.reasons.contains(&MatchReason::RecordPlaceSame), "{row:?}");
        assert_eq!(page.counts[0], (DuplicateState::Open, before.counts[0].1 + 1));
        let text = DuplicateQuery { text: "钒电储能".to_owned(), ..DuplicateQuery::default() };
        assert_eq!(zone.service.duplicates(&admin, &text).await.unwrap().total, 1);
        let percent = DuplicateQuery { text: "%".to_owned(), ..DuplicateQuery::default() };
        assert_eq!(zone.service.duplicates(&admin, &percent).await.unwrap().total, 0);
        assert_eq!(zone.service.enterprise(&admin, left.id).await.unwrap().duplicates, Some(1));

        let decide = |is_distinct, reason: &str| DuplicateDecision { id: row.id, is_distinct, reason: reason.to_owned() };
        assert_eq!(refused_fields(zone.service.decide_duplicate(&admin, decide(true, " ")).await),
            [("reason".to_owned(), FieldProblemKind::Required)]);
        let audits = zone.audit_rows().await;
        zone.service.decide_duplicate(&admin, decide(true, "两家股东不同")).await.unwrap();
        assert_eq!(zone.audit_rows().await, audits + 1);
        zone.service.find_duplicates().await.unwrap();
        assert_eq!(zone.service.duplicates(&admin, &query).await.unwrap().total, 0, "no scan asks again");
        let said = zone.service.duplicates(&admin, &DuplicateQuery { state: DuplicateState::Distinct, ..query.clone() }).await.unwrap();
        assert_eq!(said.rows[0].reason.as_deref(), Some("两家股东不同"));
        assert_eq!(said.rows[0].decided_by.as_deref(), Some(admin.name.as_str()));
        zone.service.decide_duplicate(&admin, decide(false, "")).await.unwrap();
        assert_eq!(zone.service.duplicates(&admin, &query).await.unwrap().total, 1);
        // An open pair that no longer looks alike goes by itself.
        let mut renamed: enterprise::ActiveModel = right.into();
        renamed.name = Set("完全不同的矿业有限公司".to_owned());
        renamed.update(zone.tables()).await.unwrap();
        zone.service.find_duplicates().await.unwrap();
        assert_eq!(zone.service.duplicates(&admin, &query).await.unwrap().total, 0);
    }

    who_asks_finds_the_company_that_is_there(zone) {
        let viewer = zone.actor("viewer").await;
        let (left, right) = two(&zone).await;
        let like = zone.service.companies_like(&viewer, "西安市示例釩電儲能科技有限公司", None).await.unwrap();
        let ids: Vec<i64> = like.iter().map(|one| one.id).collect();
        assert_eq!(ids, [left.id, right.id], "{like:?}");
        assert!(zone.service.companies_like(&viewer, "没有这样的字号有限公司", None).await.unwrap().is_empty());
        for odd in ["", "%", "（）", "\0"] {
            zone.service.companies_like(&viewer, odd, Some("x")).await.unwrap();
        }
    }

    a_merge_moves_everything_and_its_undoing_gives_it_back(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        zone.service.find_duplicates().await.unwrap();
        let ours = follow(&zone, "officer-east", left.id).await;
        zone.pass(Duration::days(1));
        let theirs = follow_before_renaming(&zone, "officer-west", &right).await;
        let tour = visit(&zone, "officer-west", right.id, Some(theirs)).await;
        let west = zone.actor("officer-west").await;
        let written = visit::ActiveModel { trip_id: Set(tour), enterprise_id: Set(right.id), lead_id: Set(Some(theirs)), account_id: Set(west.account_id),
            mark: Set("v1".to_owned()), visited_on: Set(zone.service.today()), begin_minute: Set(570), outcome: Set("again".to_owned()), interest: Set(None),
            people: Set(serde_json::json!([])), remark: Set(String::new()), next_step: Set(String::new()), next_on: Set(None), photos: Set(0), stage: Set(0),
            commitments: Set(serde_json::json!([])), written_at: Set(zone.service.now()), created_at: Set(zone.service.now()), ..Default::default() }
            .insert(zone.tables()).await.unwrap();
        let node = chain_node::Entity::find().one(zone.tables()).await.unwrap().unwrap();
        match_decision::ActiveModel { node_id: Set(node.id), enterprise_id: Set(right.id), product: Set("钒电池".to_owned()), verdict: Set("rejected".to_owned()),
            note: Set(None), account_id: Set(admin.account_id), decided_at: Set(zone.service.now()), ..Default::default() }.insert(zone.tables()).await.unwrap();
        let mut coded: enterprise::ActiveModel = right.clone().into();
        coded.credit_code = Set(Some("91350100M000100Y43".to_owned()));
        coded.staff = Set(Some(120));
        coded.update(zone.tables()).await.unwrap();
        let event = last_event(&zone).await;
        let before = dump(&zone, event).await;

        let view = zone.service.merge_view(&admin, left.id, right.id).await.unwrap();
        let conflict = view.claim_conflict.clone().unwrap();
        assert!(conflict.stays.claimed_at < conflict.released.claimed_at, "首报: {conflict:?}");
        assert_eq!(view.right.moves, [(MovedTable::Lead, 1), (MovedTable::Claim, 1), (MovedTable::TripCandidate, 1), (MovedTable::MatchDecision, 1),
            (MovedTable::ClaimEvent, 1), (MovedTable::ClaimDispute, 0), (MovedTable::TargetListCompany, 0), (MovedTable::Visit, 1)]);
        assert!(view.twice_followed.is_empty() && view.may_merge);
        let mut fields: Vec<EnterpriseField> = view.fields.iter().map(|row| row.field).collect();
        fields.sort();
        assert_eq!(fields, [EnterpriseField::Name, EnterpriseField::CreditCode, EnterpriseField::Staff]);

        let mut ask = request(&zone, &admin, left.id, right.id, Side::Left).await;
        ask.choices.insert(EnterpriseField::Name, Side::Left);
        let merge = zone.service.merge_enterprises(&admin, ask.clone()).await.unwrap();
        let kept = enterprise::Entity::find_by_id(left.id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((kept.name.as_str(), kept.credit_code.as_deref(), kept.staff), (left.name.as_str(), Some("91350100M000100Y43"), Some(120)));
        let gone = enterprise::Entity::find_by_id(right.id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!((gone.merged_into_id, gone.credit_code, gone.closed), (Some(left.id), None, true));
        assert_eq!(visit::Entity::find_by_id(written.id).one(zone.tables()).await.unwrap().unwrap().enterprise_id, left.id);
        for id in [ours, theirs] {
            assert_eq!(lead::Entity::find_by_id(id).one(zone.tables()).await.unwrap().unwrap().enterprise_id, left.id);
        }
        let running = claim::Entity::find().filter(claim::Column::EnterpriseId.eq(left.id)).filter(claim::Column::ReleasedAt.is_null()).all(zone.tables()).await.unwrap();
        assert_eq!(running.iter().map(|claim| claim.lead_id).collect::<Vec<_>>(), [ours], "the earlier claim stays");
        assert_eq!(ledger_leads(&zone, &admin, ClaimEventKind::GaveWay).await, [Some(theirs)]);
        let told = lead_event::Entity::find().filter(lead_event::Column::Id.gt(event)).filter(lead_event::Column::LeadId.eq(theirs)).all(zone.tables()).await.unwrap();
        assert!(told.iter().any(|event| event.detail.as_ref().unwrap()["fields"][0][0] == "claim"), "{told:?}");
        let plan = trip::Entity::find_by_id(tour).one(zone.tables()).await.unwrap().unwrap().plan.unwrap().to_string();
        assert!(plan.contains(&format!("\"candidate_id\":{}", left.id)) && !plan.contains(&format!("\"candidate_id\":{}", right.id)), "{plan}");
        let officer = zone.actor("officer-west").await;
        let stops = zone.service.trip(&officer, tour).await.unwrap();
        assert_eq!(stops.candidates[0].enterprise_id, left.id);
        let products: BTreeSet<String> = zone.service.enterprise(&admin, left.id).await.unwrap().products.into_iter().map(|(name, _)| name).collect();
        assert_eq!(products, ["电解液".to_owned(), "钒电池".to_owned()].into());

        // It is nowhere but under the company that it went into.
        zone.service.feed_search().await.unwrap();
        for text in ["", "示例钒电储能"] {
            let found = zone.service.enterprises(&admin, EnterpriseQuery { text: text.to_owned(), province: "陕西".to_owned(), ..EnterpriseQuery::default() }).await.unwrap();
            assert!(found.rows.iter().all(|row| row.id != right.id), "{text}");
        }
        assert_eq!(chain_match::Entity::find().filter(chain_match::Column::EnterpriseId.eq(right.id)).count(zone.tables()).await.unwrap(), 0);
        let detail = zone.service.enterprise(&admin, right.id).await.unwrap();
        assert_eq!(detail.row.id, left.id);
        assert_eq!((detail.merges.len(), detail.merges[0].name.as_str(), detail.merges[0].may_undo), (1, right.name.as_str(), true));
        let new = NewLead { enterprise_id: right.id, chain_node_id: None, bureau_id: admin.bureau_id.or(officer.bureau_id), title: "又一个".into(), investment_wan: None, land_mu: None, source: "x".into() };
        assert_eq!(refused_fields(zone.service.register_lead(&officer, new).await)[0].0, "enterprise");
        assert!(matches!(refusal(zone.service.merge_enterprises(&admin, ask).await), Problem::Merge { problem: MergeProblem::AlreadyMerged { into_id } } if into_id == left.id));
        let companies = enterprise::Entity::find().count(zone.tables()).await.unwrap();
        zone.import(&admin, "又来.csv", LIST.as_bytes().to_vec()).await;
        assert_eq!(enterprise::Entity::find().count(zone.tables()).await.unwrap(), companies, "a list that still has it does not bring it back");

        zone.service.undo_merge(&admin, merge).await.unwrap();
        let after = dump(&zone, event).await;
        assert_eq!(ledger_leads(&zone, &admin, ClaimEventKind::Returned).await, [Some(theirs)]);
        // The second import said something of the kept company, which stays its own.
        for (table, rows) in before.iter().filter(|(table, _)| !["enterprise", "enterprise_product", "chain_match"].contains(table)) {
            assert_eq!(&after[table], rows, "{table}");
        }
        assert_eq!(zone.service.enterprise(&admin, right.id).await.unwrap().row.id, right.id);
        assert!(matches!(refusal(zone.service.undo_merge(&admin, merge).await), Problem::Merge { problem: MergeProblem::AlreadyUndone }));
    }

    undoing_restores_every_byte(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        zone.service.find_duplicates().await.unwrap();
        let free = zone.free_companies(2).await;
        let mut pairs = vec![(left.id, right.id)];
        pairs.extend([(free[0].id, free[1].id), (free[1].id, left.id)]);
        for (number, (one, other)) in pairs.into_iter().enumerate() {
            if number < 2 {
                follow(&zone, "officer-east", one).await;
                zone.pass(Duration::hours(1));
                let company = enterprise::Entity::find_by_id(other).one(zone.tables()).await.unwrap().unwrap();
                let theirs = follow_before_renaming(&zone, "officer-west", &company).await;
                visit(&zone, "officer-west", other, Some(theirs)).await;
            }
            let event = last_event(&zone).await;
            let before = dump(&zone, event).await;
            for keep in [Side::Left, Side::Right] {
                for products in ProductChoice::ALL {
                    let mut ask = request(&zone, &admin, one, other, keep).await;
                    ask.products = products;
                    for (index, field) in EnterpriseField::ALL.into_iter().enumerate() {
                        ask.choices.insert(field, if index % 2 == number % 2 { Side::Left } else { Side::Right });
                    }
                    let merge = zone.service.merge_enterprises(&admin, ask).await.unwrap();
                    assert_ne!(dump(&zone, event).await, before);
                    let undone = zone.service.undo_merge(&admin, merge).await.unwrap();
                    assert!(undone.fields.is_empty() && undone.added.is_empty() && !undone.products, "{undone:?}");
                    let after = dump(&zone, event).await;
                    for (table, rows) in &before {
                        assert_eq!(&after[table], rows, "{table} {keep:?} {products:?}");
                    }
                }
            }
        }
    }

    what_came_since_stays_and_is_named(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        let moved = follow(&zone, "officer-west", right.id).await;
        let ask = request(&zone, &admin, left.id, right.id, Side::Left).await;
        let merge = zone.service.merge_enterprises(&admin, ask).await.unwrap();
        let mut kept: enterprise::ActiveModel = enterprise::Entity::find_by_id(left.id).one(zone.tables()).await.unwrap().unwrap().into();
        kept.staff = Set(Some(77));
        kept.update(zone.tables()).await.unwrap();
        let tour = visit(&zone, "officer-west", left.id, None).await;
        let undone = zone.service.undo_merge(&admin, merge).await.unwrap();
        assert_eq!(undone.fields, [EnterpriseField::Staff]);
        assert_eq!(undone.added, [(MovedTable::TripCandidate, 1)]);
        assert_eq!(lead::Entity::find_by_id(moved).one(zone.tables()).await.unwrap().unwrap().enterprise_id, right.id);
        let stays = trip_candidate::Entity::find().filter(trip_candidate::Column::TripId.eq(tour)).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(stays.enterprise_id, left.id);
        assert_eq!(enterprise::Entity::find_by_id(left.id).one(zone.tables()).await.unwrap().unwrap().staff, Some(77));
    }

    merges_come_apart_in_the_order_they_were_made(zone) {
        let admin = zone.actor("admin").await;
        let free = zone.free_companies(3).await;
        let [a, b, c] = [free[0].id, free[1].id, free[2].id];
        let first = zone.service.merge_enterprises(&admin, request(&zone, &admin, a, b, Side::Left).await).await.unwrap();
        let second = zone.service.merge_enterprises(&admin, request(&zone, &admin, a, c, Side::Right).await).await.unwrap();
        assert_eq!(zone.service.enterprise(&admin, b).await.unwrap().row.id, c, "through both");
        assert!(matches!(refusal(zone.service.undo_merge(&admin, first).await), Problem::Merge { problem: MergeProblem::MergedSince { .. } }));
        zone.service.undo_merge(&admin, second).await.unwrap();
        // A code that comes back must still be free.
        zone.service.undo_merge(&admin, first).await.unwrap();
        assert_eq!(zone.service.enterprise(&admin, b).await.unwrap().row.id, b);
    }

    a_code_that_is_somebody_elses_now_does_not_come_back(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        let mut coded: enterprise::ActiveModel = right.clone().into();
        coded.credit_code = Set(Some("91350100M000100Y43".to_owned()));
        coded.update(zone.tables()).await.unwrap();
        let mut ask = request(&zone, &admin, left.id, right.id, Side::Left).await;
        ask.choices.insert(EnterpriseField::CreditCode, Side::Left);
        let merge = zone.service.merge_enterprises(&admin, ask).await.unwrap();
        let other = zone.free_companies(1).await.remove(0);
        let mut takes: enterprise::ActiveModel = other.clone().into();
        takes.credit_code = Set(Some("91350100M000100Y43".to_owned()));
        takes.update(zone.tables()).await.unwrap();
        match refusal(zone.service.undo_merge(&admin, merge).await) {
            Problem::Merge { problem: MergeProblem::CodeTaken { code, name } } => assert_eq!((code.as_str(), name), ("91350100M000100Y43", other.name)),
            problem => panic!("{problem:?}"),
        }
        assert_eq!(zone.service.enterprise(&admin, right.id).await.unwrap().row.id, left.id, "nothing was written");
    }

    rights_and_versions_are_asked_before_anything_is_written(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        follow(&zone, "officer-east", left.id).await;
        let chief = zone.actor("chief-east").await;
        let ask = request(&zone, &chief, left.id, right.id, Side::Left).await;
        assert!(zone.service.merge_view(&chief, left.id, right.id).await.unwrap().may_merge);
        follow_before_renaming(&zone, "officer-west", &right).await;
        assert!(!zone.service.merge_view(&chief, left.id, right.id).await.unwrap().may_merge);
        let (audits, event) = (zone.audit_rows().await, last_event(&zone).await);
        let before = dump(&zone, event).await;
        assert_eq!(refusal(zone.service.merge_enterprises(&chief, ask.clone()).await), Problem::Forbidden);
        for login in ["leader", "delegate", "viewer"] {
            let person = zone.actor(login).await;
            assert_eq!(refusal(zone.service.merge_view(&person, left.id, right.id).await), Problem::Forbidden, "{login}");
            assert_eq!(refusal(zone.service.merge_enterprises(&person, ask.clone()).await), Problem::Forbidden, "{login}");
            assert_eq!(refusal(zone.service.duplicates(&person, &DuplicateQuery::default()).await), Problem::Forbidden, "{login}");
        }
        let stale = MergeRequest { right_version: ask.right_version - 1, ..ask.clone() };
        assert!(matches!(refusal(zone.service.merge_enterprises(&admin, stale).await), Problem::Stale { .. }));
        assert_eq!(refused_fields(zone.service.merge_view(&admin, left.id, left.id).await)[0].0, "right");
        assert_eq!(refusal(zone.service.merge_view(&admin, left.id, 0).await), Problem::NotFound);
        assert_eq!(dump(&zone, event).await, before);
        assert_eq!(zone.audit_rows().await, audits);
        let merge = zone.service.merge_enterprises(&admin, ask).await.unwrap();
        assert_eq!(refusal(zone.service.undo_merge(&chief, merge).await), Problem::Forbidden);
    }

    two_merges_at_once_are_one(zone) {
        let admin = zone.actor("admin").await;
        let (left, right) = two(&zone).await;
        let ask = request(&zone, &admin, left.id, right.id, Side::Left).await;
        let other = MergeRequest { keep: Side::Right, ..ask.clone() };
        let (one, two) = tokio::join!(zone.service.merge_enterprises(&admin, ask), zone.service.merge_enterprises(&admin, other));
        assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1, "{one:?} {two:?}");
    }

    every_table_of_a_company_is_thought_of(zone) {
        let database = zone.tables();
        let statement = match database.get_database_backend() {
            DatabaseBackend::Postgres => "SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'enterprise_id' AND table_schema = 'public'",
            _ => "SELECT m.name AS name FROM sqlite_master m JOIN pragma_table_info(m.name) c ON c.name = 'enterprise_id' WHERE m.type = 'table'",
        };
        let tables: BTreeSet<String> = database.query_all_raw(Statement::from_string(database.get_database_backend(), statement)).await.unwrap()
            .iter().map(|row| row.try_get("", "name").unwrap()).collect();
        // Products are chosen, matches are made anew; what an import wrote stays with the row it wrote.
        let mut known: BTreeSet<String> = MovedTable::ALL.iter().map(|table| table.table().to_owned()).collect();
        known.extend(["enterprise_product", "chain_match", "import_change"].map(str::to_owned));
        assert_eq!(tables, known, "a table with companies must move when they are merged: see MovedTable");
    }
}
