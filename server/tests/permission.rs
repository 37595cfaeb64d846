//! Walks every route and every server function as nobody and as every role of two bureaus.
//! A route that the table below does not know fails the test: it must be thought about first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Method, Request, StatusCode, header},
};
use common::free_companies;
use domain::trip::{ChosenCandidate, NewTrip};
use entity::{chain_node, lead, stage_evidence};
use http_body_util::BodyExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};
use server::{
    config::{Config, Surroundings},
    router::{Listed, build_listed},
};
use service::{Database, Service, demo::DEMO_PASSWORD, search::EmbeddedEngine};
use tower::ServiceExt;

struct Zone {
    router: Router,
    listed: Vec<Listed>,
    service: Service,
    _folder: tempfile::TempDir,
}

async fn zone() -> Zone {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.sqlite?mode=rwc", folder.path().display());
    let database = Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("search")).unwrap();
    let service = Service::new(database, Arc::new(engine), Arc::new(chrono::Utc::now));
    service.load_demo(&mut |_| {}).await.unwrap();
    service.feed_search().await.unwrap();
    let data = folder.path().display().to_string();
    let surroundings = Surroundings {
        environment: BTreeMap::from([("WUTONG_DATA".to_owned(), data)]),
        working_folder: folder.path().to_owned(),
        executable_folder: None,
    };
    let config = Config::load(None, &surroundings).unwrap();
    let (router, listed) = build_listed(service.clone(), &config).unwrap();
    Zone {
        router,
        listed,
        service,
        _folder: folder,
    }
}

/// The people who try: every role, and both bureaus for the roles that have one.
const PEOPLE: [&str; 8] = [
    "admin",
    "leader",
    "chief-east",
    "officer-east",
    "chief-west",
    "officer-west",
    "delegate",
    "viewer",
];

impl Zone {
    async fn send(&self, mut request: Request<Body>) -> (StatusCode, String, String) {
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let location = response
            .headers()
            .get(header::LOCATION)
            .map(|value| value.to_str().unwrap().to_owned())
            .unwrap_or_default();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (
            status,
            String::from_utf8_lossy(&body).into_owned(),
            location,
        )
    }

    async fn session(&self, login: &str) -> String {
        let signed_in = self
            .service
            .sign_in(login, DEMO_PASSWORD, "127.0.0.1", None)
            .await
            .unwrap();
        format!("wutong_session={}", signed_in.0)
    }

    async fn ask(&self, case: &Case, cookie: Option<&str>) -> (StatusCode, String, String) {
        let mut request = Request::builder().method(&case.method).uri(&case.path);
        if let Some(cookie) = cookie {
            request = request.header(header::COOKIE, cookie);
        }
        let body = if case.method != Method::GET {
            request = request
                .header(header::CONTENT_TYPE, "application/json")
                .header(header::ACCEPT, "application/json");
            Body::from(case.body.to_string())
        } else {
            Body::empty()
        };
        self.send(request.body(body).unwrap()).await
    }
}

/// Who may. "East" is the bureau that owns the lead and the trip of the cases.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Rule {
    /// Answers without a person.
    Public,
    Everybody,
    /// Administrator, chiefs, officers.
    Importers,
    /// The same, but the record is the administrator's: it is not there for the others.
    OwnImport,
    /// The east bureau's people, administrator, leader; not there for the rest.
    EastReaders,
    /// Administrator, the bureau's chief and officers; forbidden for its other readers, not there for the rest.
    EastWriters,
    /// The same, and forbidden for all others.
    EastMergers,
    /// As the writers, and the delegate.
    EastNotes,
    /// Those with a bureau in which they plan trips.
    Planners,
    /// Those with a bureau in which they register leads.
    Registrars,
    /// Those who may read some bureau's leads.
    BoardReaders,
    Administrator,
    /// Those who lead a bureau; an administrator has none.
    Chiefs,
    /// Administrator, leader, chiefs.
    AuditReaders,
    /// Administrator and leader.
    Leaders,
    /// Administrator, leader, chiefs, officers.
    ScenarioKeepers,
    /// Who belongs to a bureau, administrator, leader.
    PoolReaders,
    /// Those with a bureau in which they write leads; an administrator has none.
    Claimers,
    /// Who gives: the east bureau's writers; who receives: the west's readers may see it.
    Givers,
    /// Who receives: the west bureau's writers; not there for who is no party.
    Receivers,
}

fn expected(rule: Rule, login: &str) -> StatusCode {
    let east = ["chief-east", "officer-east", "delegate"].contains(&login);
    let sees_all = ["admin", "leader"].contains(&login);
    let works = login.starts_with("chief") || login.starts_with("officer");
    let admin = login == "admin";
    match rule {
        Rule::Public | Rule::Everybody => StatusCode::OK,
        Rule::Importers if works || admin => StatusCode::OK,
        Rule::OwnImport if admin => StatusCode::OK,
        Rule::OwnImport if works => StatusCode::NOT_FOUND,
        Rule::EastReaders if east || sees_all => StatusCode::OK,
        Rule::EastWriters | Rule::EastMergers if admin || (east && works) => StatusCode::OK,
        Rule::EastNotes if admin || east => StatusCode::OK,
        Rule::EastWriters | Rule::EastNotes if east || sees_all => StatusCode::FORBIDDEN,
        Rule::EastReaders | Rule::EastWriters | Rule::EastNotes => StatusCode::NOT_FOUND,
        Rule::Planners if works || login == "delegate" => StatusCode::OK,
        // An administrator has no bureau of their own and must name one.
        Rule::Planners | Rule::Registrars if admin => StatusCode::UNPROCESSABLE_ENTITY,
        Rule::Registrars if works => StatusCode::OK,
        Rule::BoardReaders if login == "viewer" => StatusCode::NOT_FOUND,
        Rule::BoardReaders => StatusCode::OK,
        Rule::Administrator if admin => StatusCode::OK,
        Rule::Chiefs if login.starts_with("chief") => StatusCode::OK,
        Rule::Leaders if sees_all => StatusCode::OK,
        Rule::AuditReaders if sees_all || login.starts_with("chief") => StatusCode::OK,
        Rule::ScenarioKeepers if sees_all || works => StatusCode::OK,
        Rule::PoolReaders if login != "viewer" => StatusCode::OK,
        Rule::Claimers if works => StatusCode::OK,
        Rule::Givers if admin || (east && works) => StatusCode::OK,
        Rule::Receivers if admin || (!east && works) => StatusCode::OK,
        Rule::Givers | Rule::Receivers if login == "viewer" => StatusCode::NOT_FOUND,
        Rule::PoolReaders | Rule::Claimers | Rule::Givers | Rule::Receivers => {
            StatusCode::FORBIDDEN
        }
        Rule::Administrator
        | Rule::Chiefs
        | Rule::AuditReaders
        | Rule::EastMergers
        | Rule::Leaders
        | Rule::ScenarioKeepers
        | Rule::Importers
        | Rule::OwnImport
        | Rule::Planners
        | Rule::Registrars => StatusCode::FORBIDDEN,
    }
}

struct Case {
    method: Method,
    route: &'static str,
    path: String,
    body: Value,
    rule: Rule,
    /// What those who may are answered, when the content is made so that nothing is written.
    stopped: Option<StatusCode>,
}

fn read(route: &'static str, path: impl Into<String>, rule: Rule) -> Case {
    Case {
        method: Method::GET,
        route,
        path: path.into(),
        body: Value::Null,
        rule,
        stopped: None,
    }
}

fn call(route: &'static str, body: Value, rule: Rule) -> Case {
    Case {
        method: Method::POST,
        body,
        ..read(route, route, rule)
    }
}

fn stopped(case: Case, status: StatusCode) -> Case {
    Case {
        stopped: Some(status),
        ..case
    }
}

#[allow(clippy::too_many_lines, reason = "a table")]
async fn cases(zone: &Zone) -> Vec<Case> {
    let service = &zone.service;
    let admin = service.actor_by_login("admin").await.unwrap();
    let chief = service.actor_by_login("chief-east").await.unwrap();
    let east = chief.bureau_id.unwrap();
    let board = service.board(&admin, Some(east)).await.unwrap();
    let lead = board
        .columns
        .iter()
        .flat_map(|column| &column.cards)
        .next()
        .unwrap();
    let chain = service.chains(&admin).await.unwrap()[0].id;
    let node = service.chain_map(&admin, chain).await.unwrap().nodes[0].id;
    let company = lead.enterprise_id;
    let free = domain::enterprise::EnterpriseQuery::default();
    let taken: BTreeSet<i64> = service
        .lead_export(&admin, &domain::lead::LeadQuery::default())
        .await
        .unwrap()
        .iter()
        .map(|card| card.enterprise_id)
        .collect();
    let other_company = service
        .enterprises(&admin, free)
        .await
        .unwrap()
        .rows
        .iter()
        .map(|row| row.id)
        .find(|id| !taken.contains(id))
        .unwrap();
    let choices = service.trip_choices(&chief, None, None).await.unwrap();
    let candidates = choices.leads.iter().take(2).map(|one| ChosenCandidate {
        enterprise_id: one.enterprise_id,
        lead_id: one.lead_id,
        value: one.value,
        required: false,
    });
    let new = NewTrip {
        name: "东行".into(),
        start_on: choices.today + chrono::Duration::days(7),
        days: 2,
        teams: 1,
        start_city: choices.start_city.clone(),
        candidates: candidates.collect(),
        bureau_id: None,
    };
    let trip = service.plan_trip(&chief, new).await.unwrap();
    let plan = service.trip(&chief, trip).await.unwrap().plan;
    let officer = service.actor_by_login("officer-east").await.unwrap();
    let new_list = serde_json::from_value(json!({"name": "名单", "is_shared": true}));
    let list = service
        .make_target_list(&officer, new_list.unwrap())
        .await
        .unwrap()
        .list_id;
    let table = "企业名称,省份\n示例审计甲公司,陕西\n"
        .to_owned()
        .into_bytes();
    let job = service
        .upload_enterprises(&admin, "a.csv", table)
        .await
        .unwrap();
    let due_on = service.today();
    let new_task =
        serde_json::from_value(json!({"lead_id": lead.id, "title": "回电", "due_on": due_on}));
    let task = service.write_task(&chief, new_task.unwrap()).await.unwrap();
    let promise = json!({"lead_id": lead.id, "side": "ours", "content": "送样检测"});
    let commitment = service
        .write_commitment(&chief, serde_json::from_value(promise).unwrap())
        .await
        .unwrap();
    let file = service
        .add_lead_file(&chief, lead.id, "图纸.pdf", b"%PDF".to_vec())
        .await
        .unwrap();
    let west = service
        .actor_by_login("chief-west")
        .await
        .unwrap()
        .bureau_id
        .unwrap();
    let given = board
        .columns
        .iter()
        .flat_map(|column| &column.cards)
        .nth(1)
        .unwrap();
    let transfer = service
        .propose_transfer(
            &chief,
            domain::lead::NewTransfer {
                lead_id: given.id,
                version: given.version,
                to_bureau_id: west,
                share_percent: 10,
                reason: "更近".into(),
            },
        )
        .await
        .unwrap();
    let (everybody, importers) = (Rule::Everybody, Rule::Importers);
    let (missing, refused) = (StatusCode::NOT_FOUND, StatusCode::UNPROCESSABLE_ENTITY);
    let next = lead.stage.next().unwrap();
    vec![
        read("/health", "/health", Rule::Public),
        read("/login", "/login", Rule::Public),
        read("/", "/", everybody),
        read("/chains", "/chains", everybody),
        read("/chains/{id}", format!("/chains/{chain}"), everybody),
        read("/targets/{node}", format!("/targets/{node}"), everybody),
        read("/enterprises", "/enterprises", everybody),
        read(
            "/enterprises/{id}",
            format!("/enterprises/{company}"),
            everybody,
        ),
        read("/leads", "/leads", Rule::BoardReaders),
        read(
            "/leads/{id}",
            format!("/leads/{}", lead.id),
            Rule::EastReaders,
        ),
        read("/trips", "/trips", everybody),
        read("/trips/new", "/trips/new", Rule::Planners),
        read("/trips/{id}", format!("/trips/{trip}"), Rule::EastReaders),
        read(
            "/trips/{id}/calendar.ics",
            format!("/trips/{trip}/calendar.ics"),
            Rule::EastReaders,
        ),
        read("/road/{id}", format!("/road/{trip}"), Rule::EastReaders),
        read(
            "/trips/{id}/book",
            format!("/trips/{trip}/book"),
            Rule::EastReaders,
        ),
        read(
            "/trips/{id}/book.xlsx",
            format!("/trips/{trip}/book.xlsx?team=1"),
            Rule::EastReaders,
        ),
        read(
            "/trips/{id}/report",
            format!("/trips/{trip}/report"),
            Rule::EastReaders,
        ),
        read(
            "/trips/{id}/report.xlsx",
            format!("/trips/{trip}/report.xlsx"),
            Rule::EastReaders,
        ),
        read("/trips/year", "/trips/year?year=2026", everybody),
        read("/trips/year.xlsx", "/trips/year.xlsx", everybody),
        read("/imports", "/imports", importers),
        read("/imports/{id}", format!("/imports/{job}"), Rule::OwnImport),
        read(
            "/imports/{id}/refused.csv",
            format!("/imports/{job}/refused.csv"),
            Rule::OwnImport,
        ),
        read(
            "/imports/{id}/refused.xlsx",
            format!("/imports/{job}/refused.xlsx"),
            Rule::OwnImport,
        ),
        read("/api/v1/chains", "/api/v1/chains", everybody),
        read(
            "/api/v1/chains/{id}",
            format!("/api/v1/chains/{chain}"),
            everybody,
        ),
        read(
            "/api/v1/chains/{id}/gaps",
            format!("/api/v1/chains/{chain}/gaps"),
            everybody,
        ),
        Case {
            path: format!("/api/v1/chains/{chain}/what-if"),
            ..call(
                "/api/v1/chains/{id}/what-if",
                json!({"landings": [{"name": "示例", "node_id": node, "output": 100.0}]}),
                everybody,
            )
        },
        read(
            "/chains/{id}/map.svg",
            format!("/chains/{chain}/map.svg"),
            everybody,
        ),
        read(
            "/chains/{id}/chain.json",
            format!("/chains/{chain}/chain.json"),
            everybody,
        ),
        read(
            "/chains/{id}/chain.csv",
            format!("/chains/{chain}/chain.csv"),
            everybody,
        ),
        read(
            "/chains/{id}/chain.xlsx",
            format!("/chains/{chain}/chain.xlsx"),
            everybody,
        ),
        read(
            "/chains/{id}/edit",
            format!("/chains/{chain}/edit"),
            everybody,
        ),
        call("/api/chain_draft", json!({"chain_id": chain}), everybody),
        stopped(
            call(
                "/api/edit_chain",
                json!({"chain_id": chain, "edits": [{"remove_edge": {"before": {"from": "a", "to": "b", "coefficient": null}}}]}),
                Rule::Administrator,
            ),
            StatusCode::CONFLICT,
        ),
        call(
            "/api/undo_chain_edit",
            json!({"chain_id": chain}),
            Rule::Administrator,
        ),
        call(
            "/api/discard_draft",
            json!({"chain_id": chain}),
            Rule::Administrator,
        ),
        stopped(
            call(
                "/api/publish_draft",
                json!({"chain_id": chain}),
                Rule::Administrator,
            ),
            missing,
        ),
        read("/chains/new", "/chains/new", everybody),
        read("/reference", "/reference", everybody),
        call(
            "/api/reference",
            json!({"query": {"text": "电解液"}}),
            everybody,
        ),
        call(
            "/api/chain_proposals",
            json!({"chain_id": chain, "product": "电解液"}),
            Rule::Administrator,
        ),
        stopped(
            call(
                "/api/new_chain",
                json!({"new": {"code": "", "name": "", "node": ""}}),
                Rule::Administrator,
            ),
            refused,
        ),
        read("/leader", "/leader", everybody),
        read("/settings/atlas", "/settings/atlas", everybody),
        read(
            "/chains/{id}/what-if",
            format!("/chains/{chain}/what-if"),
            everybody,
        ),
        read(
            "/chains/{id}/history",
            format!("/chains/{chain}/history"),
            everybody,
        ),
        read(
            "/chains/{id}/review",
            format!("/chains/{chain}/review"),
            everybody,
        ),
        call("/api/leader_page", json!({}), everybody),
        call(
            "/api/review",
            json!({"query": {"chain_id": chain}}),
            everybody,
        ),
        call("/api/atlas_settings", json!({}), everybody),
        call("/api/chain_history", json!({"chain_id": chain}), everybody),
        call("/api/what_if_input", json!({"chain_id": chain}), everybody),
        call(
            "/api/take_snapshot",
            json!({"chain_id": chain}),
            Rule::Leaders,
        ),
        stopped(
            call(
                "/api/add_chief_task",
                json!({"new": {"chain_id": chain, "title": " "}}),
                Rule::Leaders,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/finish_chief_task",
                json!({"task_id": 0, "done": true}),
                Rule::Leaders,
            ),
            missing,
        ),
        stopped(
            call("/api/decide_matches", json!({"decisions": []}), importers),
            refused,
        ),
        stopped(
            call(
                "/api/set_atlas_settings",
                json!({"new": {"settings": {}, "effective_on": "2000-01-01", "source": ""}}),
                Rule::Administrator,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/keep_scenario",
                json!({"new": {"chain_id": chain, "name": "", "landings": []}}),
                Rule::ScenarioKeepers,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/remove_scenario",
                json!({"scenario_id": 0}),
                Rule::ScenarioKeepers,
            ),
            missing,
        ),
        read("/api/v1/leads", "/api/v1/leads", everybody),
        stopped(
            Case {
                path: "/api/v1/leads".to_owned(),
                ..call(
                    "/api/v1/leads",
                    json!({"enterprise_id": 0, "chain_node_id": null, "title": "", "source": ""}),
                    Rule::Registrars,
                )
            },
            refused,
        ),
        // Without If-Match nobody who may is let through, and nobody else learns of the lead.
        stopped(
            Case {
                method: Method::PATCH,
                path: format!("/api/v1/leads/{}", lead.id),
                ..call("/api/v1/leads/{id}", json!({"title": ""}), Rule::Everybody)
            },
            refused,
        ),
        stopped(
            Case {
                path: format!("/api/v1/leads/{}/stage", lead.id),
                ..call(
                    "/api/v1/leads/{id}/stage",
                    json!({"to": "screened"}),
                    Rule::Everybody,
                )
            },
            refused,
        ),
        stopped(
            Case {
                path: format!("/api/v1/leads/{}/side-state", lead.id),
                ..call(
                    "/api/v1/leads/{id}/side-state",
                    json!({"to": "paused"}),
                    Rule::Everybody,
                )
            },
            refused,
        ),
        read("/notices", "/notices", everybody),
        read("/settings/me", "/settings/me", everybody),
        call("/api/unread_notices", json!({}), everybody),
        call("/api/latest_notices", json!({}), everybody),
        call("/api/notice_page", json!({"query": {}}), everybody),
        call(
            "/api/read_notices",
            json!({"ids": [0], "until": 0}),
            everybody,
        ),
        call("/api/own_settings", json!({}), everybody),
        stopped(
            call(
                "/api/change_own_settings",
                json!({"change": {"email": "x", "mail_choice": "digest", "locale": "en"}}),
                everybody,
            ),
            refused,
        ),
        call("/api/make_calendar", json!({}), everybody),
        call("/api/remove_calendar", json!({}), everybody),
        read("/today", "/today", everybody),
        call(
            "/api/find",
            json!({"text": "储能", "opened": []}),
            everybody,
        ),
        call("/api/today", json!({"scope": {}}), everybody),
        read("/pool", "/pool", Rule::PoolReaders),
        read("/claims", "/claims", everybody),
        read("/claims/ledger.xlsx", "/claims/ledger.xlsx", everybody),
        read("/claims/ledger.csv", "/claims/ledger.csv", everybody),
        call("/api/claim_pool", json!({"query": {}}), Rule::PoolReaders),
        call("/api/claim_ledger", json!({"query": {}}), everybody),
        call(
            "/api/claim_conflict",
            json!({"enterprise_id": company}),
            Rule::Claimers,
        ),
        stopped(
            call(
                "/api/claim_from_pool",
                json!({"lead_id": 0}),
                Rule::Claimers,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/contest_claim",
                json!({"new": {"enterprise_id": company, "evidence": " "}}),
                Rule::Claimers,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/decide_dispute",
                json!({"decision": {"dispute_id": 0, "uphold": true, "reason": " "}}),
                Rule::Leaders,
            ),
            refused,
        ),
        // Nobody's objection is not there, for whoever asks.
        stopped(
            call("/api/withdraw_dispute", json!({"dispute_id": 0}), everybody),
            missing,
        ),
        stopped(
            call(
                "/api/propose_transfer",
                json!({"new": {"lead_id": lead.id, "version": 0, "to_bureau_id": west, "share_percent": 0, "reason": ""}}),
                Rule::EastWriters,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/answer_transfer",
                json!({"answer": {"transfer_id": transfer, "version": 0, "accept": true}}),
                Rule::Receivers,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/withdraw_transfer",
                json!({"transfer_id": transfer, "seen": 0}),
                Rule::Givers,
            ),
            StatusCode::CONFLICT,
        ),
        read("/leads/list", "/leads/list", everybody),
        read("/leads/list.xlsx", "/leads/list.xlsx", everybody),
        read("/leads/list.csv", "/leads/list.csv", everybody),
        read("/settings/stages", "/settings/stages", everybody),
        read(
            "/settings/stages/pack.json",
            "/settings/stages/pack.json",
            everybody,
        ),
        call("/api/lead_list", json!({"ask": {}}), everybody),
        call("/api/seen_leads", json!({"query": {}}), everybody),
        // No leads: nobody changes any. Whose leads may be changed, the tests of the service try one by one.
        stopped(
            call(
                "/api/bulk_change",
                json!({"change": {"leads": [], "act": {"kind": "owner", "owner_id": 1}}}),
                everybody,
            ),
            refused,
        ),
        stopped(
            call("/api/undo_bulk_change", json!({"id": 0}), everybody),
            missing,
        ),
        stopped(
            call(
                "/api/save_view",
                json!({"new": {"name": "", "query": {}, "columns": []}}),
                everybody,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/save_view",
                json!({"new": {"name": "", "query": {}, "columns": [], "reach": "everybody"}}),
                Rule::Administrator,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/change_view",
                json!({"change": {"id": 0, "version": 1}}),
                everybody,
            ),
            missing,
        ),
        stopped(
            call("/api/remove_view", json!({"id": 0, "seen": 1}), everybody),
            missing,
        ),
        stopped(
            call("/api/restore_view", json!({"id": 0}), everybody),
            missing,
        ),
        stopped(
            call("/api/set_own_columns", json!({"columns": []}), everybody),
            refused,
        ),
        call("/api/pipeline_rules", json!({}), everybody),
        call(
            "/api/lead_choices",
            json!({"lead_id": lead.id}),
            Rule::EastWriters,
        ),
        stopped(
            call(
                "/api/change_lead",
                json!({"lead_id": lead.id, "seen": 0, "change": {"title": ""}}),
                Rule::EastWriters,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/set_side_state",
                json!({"change": {"lead_id": lead.id, "version": 0, "to": "paused", "reason": ""}}),
                Rule::EastWriters,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/set_rule_pack",
                json!({"pack": {"version": "", "effective_from": "2000-01-01", "source": "", "stages": []}}),
                Rule::Administrator,
            ),
            refused,
        ),
        read(
            "/api/v1/leads/{id}",
            format!("/api/v1/leads/{}", lead.id),
            Rule::EastReaders,
        ),
        read("/api/v1/enterprises", "/api/v1/enterprises", everybody),
        read(
            "/api/v1/enterprises/{id}",
            format!("/api/v1/enterprises/{company}"),
            everybody,
        ),
        stopped(
            Case {
                method: Method::DELETE,
                path: format!("/api/v1/leads/{}", lead.id),
                ..call("/api/v1/leads/{id}", json!({"reason": "x"}), everybody)
            },
            refused,
        ),
        stopped(
            Case {
                path: "/api/v1/leads/0/restore".to_owned(),
                ..call("/api/v1/leads/{id}/restore", json!({}), everybody)
            },
            missing,
        ),
        read("/audit", "/audit", Rule::AuditReaders),
        read("/audit/list.csv", "/audit/list.csv", Rule::AuditReaders),
        call(
            "/api/audit_page",
            json!({"query": {"entity": "lead", "entity_id": lead.id}}),
            Rule::EastReaders,
        ),
        read("/bin", "/bin", everybody),
        call("/api/bin_page", json!({"query": {}}), everybody),
        stopped(
            call(
                "/api/delete_record",
                json!({"deletion": {"kind": "lead", "id": lead.id, "version": 0, "reason": ""}}),
                Rule::EastWriters,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/restore_record",
                json!({"tag": {"kind": "lead", "id": 0}}),
                everybody,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/purge_record",
                json!({"tag": {"kind": "lead", "id": 0}}),
                Rule::Administrator,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/undo_act",
                json!({"act": {"kind": "lead", "id": 0, "version": 0}}),
                everybody,
            ),
            missing,
        ),
        read("/settings/tokens", "/settings/tokens", everybody),
        call("/api/list_tokens", json!({}), everybody),
        stopped(
            call(
                "/api/make_token",
                json!({"new": {"name": "", "scope": "read"}}),
                everybody,
            ),
            refused,
        ),
        stopped(
            call("/api/revoke_token", json!({"token_id": 0}), everybody),
            missing,
        ),
        stopped(
            read("/api/v1/{*rest}", "/api/v1/nothing", everybody),
            missing,
        ),
        stopped(read("/{*any}", "/nothing/here", everybody), missing),
        call("/api/current_actor", json!({}), everybody),
        call("/api/list_chains", json!({}), everybody),
        call("/api/chain_map", json!({"chain_id": chain}), everybody),
        call("/api/node_panel", json!({"node_id": node}), everybody),
        call(
            "/api/find_targets",
            json!({"query": {"node_id": node}}),
            everybody,
        ),
        stopped(
            call(
                "/api/set_target_weights",
                json!({"weights": {"fit": 2.0, "gap": 0, "supply": 0, "reach": 0, "growth": 0}}),
                Rule::Chiefs,
            ),
            refused,
        ),
        read("/lists", "/lists", everybody),
        read("/lists/{id}", format!("/lists/{list}"), Rule::EastReaders),
        read(
            "/lists/{id}/list.xlsx",
            format!("/lists/{list}/list.xlsx"),
            Rule::EastReaders,
        ),
        read(
            "/lists/{id}/list.csv",
            format!("/lists/{list}/list.csv"),
            Rule::EastReaders,
        ),
        call("/api/target_lists", json!({}), everybody),
        call("/api/target_list", json!({"id": list}), Rule::EastReaders),
        call("/api/match_names", json!({"text": "甲"}), everybody),
        call(
            "/api/leads_of_list",
            json!({"id": list, "enterprise_ids": []}),
            Rule::EastReaders,
        ),
        stopped(
            call(
                "/api/make_target_list",
                json!({"new": {"name": ""}}),
                everybody,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/change_target_list",
                json!({"change": {"id": list, "version": 1, "name": "", "is_shared": true}}),
                Rule::EastWriters,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/add_to_target_list",
                json!({"id": list, "companies": [{"enterprise_id": 0}]}),
                Rule::EastWriters,
            ),
            refused,
        ),
        call(
            "/api/remove_from_target_list",
            json!({"id": list, "enterprise_ids": []}),
            Rule::EastWriters,
        ),
        stopped(
            call(
                "/api/delete_target_list",
                json!({"id": list, "is_deleted": false}),
                everybody,
            ),
            missing,
        ),
        call("/api/search_health", json!({}), Rule::Administrator),
        call("/api/rebuild_search", json!({}), Rule::Administrator),
        read("/settings/search", "/settings/search", Rule::Administrator),
        read("/targets", "/targets?q=%E8%86%9C", everybody),
        read(
            "/targets/list.xlsx",
            format!("/targets/list.xlsx?node={node}"),
            everybody,
        ),
        read(
            "/targets/list.csv",
            format!("/targets/list.csv?node={node}"),
            everybody,
        ),
        read(
            "/api/v1/targets",
            format!("/api/v1/targets?node={node}"),
            everybody,
        ),
        call("/api/list_enterprises", json!({"query": {}}), everybody),
        call("/api/enterprise", json!({"id": company}), everybody),
        call(
            "/api/enterprise_portrait",
            json!({"id": company}),
            everybody,
        ),
        call("/api/enterprise_form", json!({"id": company}), importers),
        stopped(
            call(
                "/api/change_enterprise",
                json!({"change": {"id": company, "version": 0, "cells": {"staff": "?"}, "source": "", "as_of": null, "is_local": null, "closed": null}}),
                importers,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/undo_enterprise_change",
                json!({"id": company, "version": 0}),
                importers,
            ),
            missing,
        ),
        call("/api/target_queries", json!({}), everybody),
        stopped(
            call(
                "/api/save_target_query",
                json!({"new": {"name": "", "is_shared": false, "query": {}}}),
                everybody,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/change_target_query",
                json!({"change": {"id": 0, "version": 1}}),
                everybody,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/delete_target_query",
                json!({"id": 0, "is_deleted": true}),
                everybody,
            ),
            missing,
        ),
        read(
            "/enterprises/duplicates",
            "/enterprises/duplicates",
            importers,
        ),
        read(
            "/enterprises/merge",
            format!("/enterprises/merge?left={company}&right={other_company}"),
            importers,
        ),
        call("/api/duplicates", json!({"query": {}}), importers),
        call(
            "/api/merge_view",
            json!({"left_id": company, "right_id": other_company}),
            importers,
        ),
        call("/api/companies_like", json!({"name": "示例"}), everybody),
        stopped(
            call(
                "/api/decide_duplicate",
                json!({"decision": {"id": 0, "is_distinct": true, "reason": "两家"}}),
                importers,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/merge_enterprises",
                json!({"request": {"left_id": company, "left_version": 0, "right_id": other_company, "right_version": 0, "keep": "left"}}),
                Rule::EastMergers,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call("/api/undo_merge", json!({"merge_id": 0}), importers),
            missing,
        ),
        call("/api/board", json!({"bureau_id": east}), Rule::EastReaders),
        call(
            "/api/board_column",
            json!({"bureau_id": east, "stage": "lead", "offset": 0}),
            Rule::EastReaders,
        ),
        call("/api/lead", json!({"lead_id": lead.id}), Rule::EastReaders),
        call("/api/list_trips", json!({}), everybody),
        call("/api/trip", json!({"trip_id": trip}), Rule::EastReaders),
        call("/api/trip_choices", json!({}), Rule::Planners),
        call(
            "/api/trip_search_progress",
            json!({"trip_id": trip}),
            Rule::EastReaders,
        ),
        call(
            "/api/stop_trip_search",
            json!({"trip_id": trip}),
            Rule::EastNotes,
        ),
        stopped(
            call(
                "/api/change_trip_plan",
                json!({"trip_id": trip, "change": {"version": 999, "plan": plan, "demands": []}}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/change_trip_candidates",
                json!({"trip_id": trip, "change": {"version": 999}}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/change_trip_frame",
                json!({"trip_id": trip, "change": {"version": 999, "name": "东行", "start_on": "2026-07-06", "days": 1, "frame": {"teams": []}}}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/search_trip",
                json!({"trip_id": trip, "search": {"version": 999, "seconds": 1, "keep": true}}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/decide_trip",
                json!({"trip_id": trip, "version": 999, "to": "submitted", "remark": ""}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/keep_trip_variant",
                json!({"trip_id": trip, "name": ""}),
                Rule::EastNotes,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/drop_trip_variant",
                json!({"trip_id": trip, "variant_id": 999}),
                Rule::EastNotes,
            ),
            StatusCode::NOT_FOUND,
        ),
        call(
            "/api/trip_book",
            json!({"trip_id": trip}),
            Rule::EastReaders,
        ),
        call(
            "/api/trip_road",
            json!({"trip_id": trip}),
            Rule::EastReaders,
        ),
        call(
            "/api/trip_report",
            json!({"trip_id": trip}),
            Rule::EastReaders,
        ),
        call("/api/trip_year", json!({"year": null}), everybody),
        stopped(
            call(
                "/api/withdraw_visit",
                json!({"trip_id": trip, "visit_id": 999_999_999}),
                Rule::EastNotes,
            ),
            missing,
        ),
        call(
            "/api/last_visit",
            json!({"lead_id": lead.id}),
            Rule::EastReaders,
        ),
        stopped(
            Case {
                path: format!("/api/v1/trips/{trip}/visits"),
                ..call(
                    "/api/v1/trips/{id}/visits",
                    json!({"visit": {"mark": "", "enterprise_id": company, "visited_on": "2026-06-30", "begin_minute": 570,
                        "written_at": "2026-06-30T02:00:00Z", "outcome": "again"}}),
                    Rule::EastNotes,
                )
            },
            refused,
        ),
        read("/api/v1/trips", "/api/v1/trips", everybody),
        read(
            "/api/v1/trips/{id}",
            format!("/api/v1/trips/{trip}"),
            Rule::EastReaders,
        ),
        stopped(
            call(
                "/api/v1/trips",
                json!({"name": "", "start_on": "2026-01-01", "days": 0, "teams": 0, "start_city": "", "candidates": []}),
                Rule::Planners,
            ),
            refused,
        ),
        call(
            "/api/v1/trips/solve",
            json!({"metric": "euclidean", "start": {"x": 0, "y": 0, "opening": 0, "closing": 9}, "seconds": 0.01,
                "places": [{"id": 1, "x": 1, "y": 1, "value": 1, "duration": 1}]}),
            everybody,
        ),
        call("/api/list_imports", json!({}), importers),
        call("/api/import_job", json!({"job_id": job}), Rule::OwnImport),
        call(
            "/api/import_preview",
            json!({"job_id": job, "mapping": null}),
            Rule::OwnImport,
        ),
        call(
            "/api/refused_rows",
            json!({"job_id": job, "page": 0}),
            Rule::OwnImport,
        ),
        stopped(
            call("/api/undo_report", json!({"job_id": job}), Rule::OwnImport),
            StatusCode::CONFLICT,
        ),
        stopped(
            call("/api/undo_import", json!({"job_id": job}), Rule::OwnImport),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/start_import",
                json!({"start": {"job_id": job, "mapping": []}}),
                Rule::OwnImport,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/change_stage",
                json!({"change": {"lead_id": lead.id, "version": lead.version, "to": next, "evidence": {}}}),
                Rule::EastWriters,
            ),
            refused,
        ),
        read("/leads/week", "/leads/week", everybody),
        call("/api/week_sheet", json!({"scope": {}}), everybody),
        call(
            "/api/lead_gain",
            json!({"lead_id": lead.id}),
            Rule::EastReaders,
        ),
        read(
            "/leads/{id}/files/{file}",
            format!("/leads/{}/files/{file}", lead.id),
            Rule::EastReaders,
        ),
        stopped(
            call(
                "/api/write_contact",
                json!({"form": {"lead_id": lead.id, "name": ""}}),
                Rule::EastNotes,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/write_task",
                json!({"form": {"lead_id": lead.id, "title": "", "due_on": "2026-07-01"}}),
                Rule::EastNotes,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/write_commitment",
                json!({"form": {"lead_id": lead.id, "side": "ours", "content": ""}}),
                Rule::EastNotes,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/set_task_done",
                json!({"item": {"kind": "task", "id": task, "version": 0}, "done": true}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/set_commitment_state",
                json!({"item": {"kind": "commitment", "id": commitment, "version": 0}, "state": "kept"}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/remove_work",
                json!({"item": {"kind": "task", "id": task, "version": 0}}),
                Rule::EastNotes,
            ),
            StatusCode::CONFLICT,
        ),
        stopped(
            call(
                "/api/restore_work",
                json!({"item": {"kind": "task", "id": task, "version": 0}}),
                Rule::EastNotes,
            ),
            missing,
        ),
        stopped(
            call(
                "/api/add_event",
                json!({"new": {"lead_id": lead.id, "kind": "note", "body": " "}}),
                Rule::EastNotes,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/register_lead",
                json!({"new": {"enterprise_id": company, "chain_node_id": null, "title": "", "source": ""}}),
                Rule::Registrars,
            ),
            refused,
        ),
        stopped(
            call(
                "/api/plan_trip",
                json!({"new": {"name": "", "start_on": "2026-01-01", "days": 0, "teams": 0, "start_city": "", "candidates": []}}),
                Rule::Planners,
            ),
            refused,
        ),
    ]
}

/// Routes that change only the visitor's own cookies, or are forms with tests of their own.
const ELSEWHERE: &[&str] = &[
    "POST /leads/{id}/files",
    "POST /login",
    "POST /logout",
    "POST /imports",
    "POST /chains",
    "POST /chains/{id}/draft",
    "POST /reference",
    "POST /settings/stages",
    "POST /settings/calendar",
    "GET /locale/{tag}",
    "GET /theme/{theme}",
    // A stream does not end, and a calendar asks for a secret and no session: tests/notices.rs.
    "GET /notices/stream",
    "GET /calendar/{file}",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_asks_for_the_right() {
    let zone = zone().await;
    let cases = cases(&zone).await;
    let known: BTreeSet<String> = cases
        .iter()
        .map(|case| format!("{} {}", case.method, case.route))
        .chain(ELSEWHERE.iter().copied().map(str::to_owned))
        .collect();
    let served: BTreeSet<String> = zone
        .listed
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let unknown: Vec<&String> = served.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "routes that nobody has thought about: {unknown:?}"
    );
    let gone: Vec<&String> = known.difference(&served).collect();
    assert!(
        gone.is_empty(),
        "routes that are not served any more: {gone:?}"
    );

    let mut sessions = BTreeMap::new();
    for login in PEOPLE {
        sessions.insert(login, zone.session(login).await);
    }
    let mut wrong = Vec::new();
    for case in &cases {
        let (status, _, location) = zone.ask(case, None).await;
        let fine = if case.rule == Rule::Public {
            status == StatusCode::OK
        } else if case.path.starts_with("/api/") {
            status == StatusCode::UNAUTHORIZED
        } else {
            status == StatusCode::SEE_OTHER && location.starts_with("/login?next=")
        };
        if !fine {
            wrong.push(format!("{} {} as nobody: {status}", case.method, case.path));
        }
        for login in PEOPLE {
            let (status, body, _) = zone.ask(case, Some(&sessions[login])).await;
            let mut due = expected(case.rule, login);
            if due == StatusCode::OK
                && let Some(stopped) = case.stopped
            {
                due = stopped;
            }
            if status != due {
                let body: String = body.chars().take(160).collect();
                wrong.push(format!(
                    "{} {} as {login}: {status}, expected {due}: {body}",
                    case.method, case.path
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_from_another_site_is_refused() {
    let zone = zone().await;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/list_chains")
        .header(header::COOKIE, zone.session("officer-east").await)
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::HOST, "wutong.example")
        .header(header::ORIGIN, "https://evil.example")
        .header("sec-fetch-site", "cross-site")
        .body(Body::from("{}"))
        .unwrap();
    assert_eq!(zone.send(request).await.0, StatusCode::FORBIDDEN);
}

fn form(body: String) -> Request<Body> {
    Request::builder()
        .method(Method::POST)
        .uri("/login")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(body))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_sign_in_form_answers_good_bad_and_huge() {
    let zone = zone().await;
    let huge = form(format!(
        "login=admin&password={}",
        "x".repeat(10 * 1024 * 1024)
    ));
    let (status, _, location) = zone.send(huge).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(location.contains("too_large"), "{location}");

    let (status, _, location) = zone
        .send(form("login=viewer&password=wrong-password".to_owned()))
        .await;
    assert_eq!(status, StatusCode::SEE_OTHER);
    assert!(
        location.starts_with("/login?login=viewer") && location.contains("wrong_password"),
        "{location}"
    );

    let (status, _, location) = zone
        .send(form(format!(
            "login=viewer&password={DEMO_PASSWORD}&next=%2Fchains"
        )))
        .await;
    assert_eq!(
        (status, location.as_str()),
        (StatusCode::SEE_OTHER, "/chains")
    );
}

/// Uploads come back to a page: with the file's fault for who may, with the refusal for who may not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn uploads_ask_for_the_right() {
    let zone = zone().await;
    let admin = zone.service.actor_by_login("admin").await.unwrap();
    let chain = zone.service.chains(&admin).await.unwrap()[0].id;
    let body = "--b\r\ncontent-disposition: form-data; name=\"mark\"\r\n\r\n1.0.0\r\n\
        --b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\nno,thing\r\n--b--\r\n";
    for (path, rule) in [
        ("/imports".to_owned(), Rule::Importers),
        ("/chains".to_owned(), Rule::Administrator),
        (format!("/chains/{chain}/draft"), Rule::Administrator),
        ("/reference".to_owned(), Rule::Administrator),
        ("/settings/stages".to_owned(), Rule::Administrator),
        ("/settings/calendar".to_owned(), Rule::Administrator),
    ] {
        let send = |cookie: Option<String>| {
            let mut request = Request::builder()
                .method(Method::POST)
                .uri(&path)
                .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b");
            if let Some(cookie) = cookie {
                request = request.header(header::COOKIE, cookie);
            }
            request.body(Body::from(body)).unwrap()
        };
        let (status, ..) = zone.send(send(None)).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{path} as nobody");
        for login in PEOPLE {
            let session = zone.session(login).await;
            let (status, _, location) = zone.send(send(Some(session))).await;
            assert_eq!(status, StatusCode::SEE_OTHER, "{path} as {login}");
            let is_refused = location.contains("forbidden");
            assert!(
                location.contains("problem="),
                "{path} as {login}: {location}"
            );
            assert_eq!(
                !is_refused,
                expected(rule, login) == StatusCode::OK,
                "{path} as {login}: {location}"
            );
        }
    }
    let file = zone.service.chain_draft(&admin, chain).await.unwrap();
    assert_eq!(file.version, 0, "nothing was written");
}

/// A file of a lead: kept for those who may write notes there, refused to the rest, and given back byte for byte.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_leads_files_ask_for_the_right() {
    let zone = zone().await;
    let chief = zone.service.actor_by_login("chief-east").await.unwrap();
    let board = zone.service.board(&chief, None).await.unwrap();
    let lead = board
        .columns
        .iter()
        .flat_map(|column| &column.cards)
        .next()
        .unwrap()
        .id;
    let body = "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"说明 1.html\"\r\n\r\n<script>alert(1)</script>\r\n--b--\r\n";
    for login in PEOPLE {
        let before = zone.service.lead(&chief, lead).await.unwrap().work.files;
        let session = zone.session(login).await;
        let request = Request::builder()
            .method(Method::POST)
            .uri(format!("/leads/{lead}/files"))
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
            .header(header::COOKIE, &session)
            .body(Body::from(body))
            .unwrap();
        let (status, _, location) = zone.send(request).await;
        assert_eq!(status, StatusCode::SEE_OTHER, "{login}");
        let may = expected(Rule::EastNotes, login) == StatusCode::OK;
        assert_eq!(
            location == format!("/leads/{lead}"),
            may,
            "{login}: {location}"
        );
        let after = zone.service.lead(&chief, lead).await.unwrap().work.files;
        assert_eq!(after.len(), before.len() + usize::from(may), "{login}");
        if may {
            let mut request = Request::builder()
                .uri(format!("/leads/{lead}/files/{}", after[0].id))
                .header(header::COOKIE, &session)
                .body(Body::empty())
                .unwrap();
            request
                .extensions_mut()
                .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
            let response = zone.router.clone().oneshot(request).await.unwrap();
            let head = response.headers();
            assert_eq!(head[header::CONTENT_TYPE], "application/octet-stream");
            assert_eq!(
                head[header::CONTENT_DISPOSITION],
                "attachment; filename*=UTF-8''%E8%AF%B4%E6%98%8E%201.html"
            );
            let bytes = response.into_body().collect().await.unwrap().to_bytes();
            assert_eq!(&bytes[..], b"<script>alert(1)</script>");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_api_token_opens_the_api_and_no_page() {
    let zone = zone().await;
    let token = zone
        .service
        .create_token("officer-west", "test", None)
        .await
        .unwrap();
    let request = |path: &str| {
        Request::builder()
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .unwrap()
    };
    let (status, body, _) = zone.send(request("/api/v1/leads")).await;
    assert_eq!(status, StatusCode::OK);
    let page: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(page["total"], 3, "{body}");
    assert_eq!(zone.send(request("/leads")).await.0, StatusCode::SEE_OTHER);
}

/// The REST API end to end: register, change, move, and what a stale or half-made call is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn leads_live_through_the_api() {
    let zone = zone().await;
    let token = zone
        .service
        .create_token("officer-west", "test", None)
        .await
        .unwrap();
    let send = async |method: Method, path: &str, version: Option<i64>, body: Value| {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let (status, body, _) = zone
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await;
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        (status, body)
    };
    let officer = zone.service.actor_by_login("officer-west").await.unwrap();
    let taken: BTreeSet<i64> = zone
        .service
        .lead_page(
            &zone.service.actor_by_login("admin").await.unwrap(),
            &domain::lead::LeadQuery::default(),
        )
        .await
        .unwrap()
        .leads
        .into_iter()
        .map(|card| card.enterprise_id)
        .collect();
    let free = zone
        .service
        .enterprises(&officer, domain::enterprise::EnterpriseQuery::default())
        .await
        .unwrap()
        .rows
        .into_iter()
        .find(|row| !taken.contains(&row.id) && !row.is_local)
        .unwrap();
    let new = json!({"enterprise_id": free.id, "chain_node_id": null, "title": "接口项目", "source": "接口"});
    let (status, made) = send(Method::POST, "/api/v1/leads", None, new.clone()).await;
    assert_eq!((status, &made["version"]), (StatusCode::CREATED, &json!(1)));
    let lead = format!("/api/v1/leads/{}", made["id"]);
    let (status, again) = send(Method::POST, "/api/v1/leads", None, new).await;
    assert_eq!(
        (status, &again["code"]),
        (StatusCode::CONFLICT, &json!("lead_exists"))
    );

    let (status, _) = send(Method::PATCH, &lead, None, json!({"title": "x"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "without If-Match");
    let (status, odd) = send(Method::PATCH, &lead, Some(1), json!({"stage": "signed"})).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "the stage is the gate's: {odd}"
    );
    let (status, changed) = send(
        Method::PATCH,
        &lead,
        Some(1),
        json!({"land_mu": 20, "title": "接口储能项目"}),
    )
    .await;
    assert_eq!((status, &changed["version"]), (StatusCode::OK, &json!(2)));
    let (status, stale) = send(Method::PATCH, &lead, Some(1), json!({"title": "另一个"})).await;
    assert_eq!(
        (status, &stale["fields"][0]["theirs"]),
        (StatusCode::CONFLICT, &json!("接口储能项目")),
        "{stale}"
    );

    let gate = format!("{lead}/stage");
    let (status, asked) = send(Method::POST, &gate, Some(2), json!({"to": "screened"})).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(asked["fields"][0]["field"], "fit", "{asked}");
    let (status, skipped) = send(Method::POST, &gate, Some(2), json!({"to": "signed"})).await;
    assert_eq!(
        (status, &skipped["code"]),
        (StatusCode::CONFLICT, &json!("stage_not_reachable"))
    );
    let evidence = json!({"fit": "好", "investment_wan": 5000, "land_mu": 20, "energy": "低", "environment": "无", "verdict": "pursue"});
    let (status, moved) = send(
        Method::POST,
        &gate,
        Some(2),
        json!({"to": "screened", "evidence": evidence}),
    )
    .await;
    assert_eq!(
        (status, &moved["version"]),
        (StatusCode::OK, &json!(3)),
        "{moved}"
    );
    let (status, _) = send(
        Method::POST,
        &format!("{lead}/side-state"),
        Some(3),
        json!({"to": "paused", "reason": "等土地"}),
    )
    .await;
    assert_eq!(status, StatusCode::OK);
    let (status, page) = send(
        Method::GET,
        "/api/v1/leads?side_state=paused",
        None,
        Value::Null,
    )
    .await;
    assert_eq!(
        (status, &page["total"]),
        (StatusCode::OK, &json!(1)),
        "{page}"
    );
    let (status, _) = send(
        Method::GET,
        "/api/v1/leads?stage=nonsense",
        None,
        Value::Null,
    )
    .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

/// The list as a file has the columns of the view that its address names, and of nobody else's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn files_follow_the_columns_of_the_view() {
    use domain::lead::{LeadColumn, LeadQuery, NewView, ViewReach};
    let zone = zone().await;
    let chief = zone.service.actor_by_login("chief-east").await.unwrap();
    let leads = zone
        .service
        .lead_page(&chief, &LeadQuery::default())
        .await
        .unwrap()
        .leads;
    let stage = leads[0].stage;
    assert!(leads.iter().any(|card| card.stage != stage));
    let new = NewView {
        name: "一个阶段".into(),
        query: LeadQuery {
            stage: Some(stage),
            ..LeadQuery::default()
        },
        columns: vec![
            LeadColumn::Stage,
            LeadColumn::Investment,
            LeadColumn::Enterprise,
        ],
        reach: ViewReach::Own,
    };
    let id = zone.service.save_view(&chief, new).await.unwrap();
    let get = async |login: &str, filters: &str| {
        let request = Request::builder()
            .uri(format!("/leads/list.csv?view={id}{filters}"))
            .header(header::COOKIE, zone.session(login).await)
            .body(Body::empty())
            .unwrap();
        let (status, body, _) = zone.send(request).await;
        let lines: Vec<String> = body
            .trim_start_matches('\u{feff}')
            .lines()
            .map(str::to_owned)
            .collect();
        (status, lines)
    };
    let named = format!("{},", app::words::Locale::ZhCn.stage(stage));
    let (status, lines) = get("chief-east", "").await;
    assert_eq!(
        (status, lines[0].as_str()),
        (StatusCode::OK, "阶段,拟投资（万元）,企业")
    );
    assert!(
        lines.len() > 1 && lines[1..].iter().all(|line| line.starts_with(&named)),
        "{lines:?}"
    );
    // Other filters with the same columns; the order alone says that there are none.
    let (_, all) = get("chief-east", "&order=recent").await;
    assert!(all.len() > lines.len() && all[0] == lines[0], "{all:?}");
    let (_, none) = get("chief-east", "&stage=full_capacity").await;
    assert_eq!(none, [lines[0].clone()]);
    let (status, _) = get("admin", "").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

/// The zone as it is so many days later: another server on the same database, with its router.
fn later(zone: &Zone, days: i64) -> Zone {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::new(
        zone.service.database().clone(),
        Arc::clone(zone.service.search()),
        Arc::new(move || chrono::Utc::now() + chrono::Duration::days(days)),
    );
    let surroundings = Surroundings {
        environment: BTreeMap::from([(
            "WUTONG_DATA".to_owned(),
            folder.path().display().to_string(),
        )]),
        working_folder: folder.path().to_owned(),
        executable_folder: None,
    };
    let config = Config::load(None, &surroundings).unwrap();
    let (router, listed) = build_listed(service.clone(), &config).unwrap();
    Zone {
        router,
        listed,
        service,
        _folder: folder,
    }
}

fn with_token(method: Method, path: &str, token: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(path)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()))
        .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_reads_writes_nowhere_and_one_that_ended_says_so() {
    let zone = zone().await;
    let officer = zone.service.actor_by_login("officer-east").await.unwrap();
    let new = domain::account::NewToken {
        name: "报表".to_owned(),
        scope: domain::account::TokenScope::Read,
        days: None,
    };
    let token = zone.service.make_token(&officer, new).await.unwrap().secret;
    let admin = zone.service.actor_by_login("admin").await.unwrap();
    let before = zone
        .service
        .audit_export(&admin, &domain::audit::AuditQuery::default())
        .await
        .unwrap()
        .len();
    let mut tried = 0;
    // Every route that is not read only, and the pages' own functions.
    for route in &zone.listed {
        let method: Method = route.method.parse().unwrap();
        if method == Method::GET || !route.path.starts_with("/api/") {
            continue;
        }
        let path = route.path.replace("{id}", "1");
        let (status, body, _) = zone
            .send(with_token(method, &path, &token, &json!({})))
            .await;
        let problem: Value = serde_json::from_str(&body).unwrap();
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::FORBIDDEN, &json!("token_scope")),
            "{} {path}",
            route.method
        );
        tried += 1;
    }
    assert!(tried > 40, "{tried}");
    let after = zone
        .service
        .audit_export(&admin, &domain::audit::AuditQuery::default())
        .await
        .unwrap()
        .len();
    assert_eq!(after, before);
    for method in [Method::GET, Method::HEAD] {
        let request = with_token(method.clone(), "/api/v1/leads", &token, &json!({}));
        assert_eq!(zone.send(request).await.0, StatusCode::OK, "{method}");
    }
    let request = with_token(Method::GET, "/api/v1/leads", "wutong_0", &json!({}));
    assert_eq!(zone.send(request).await.0, StatusCode::UNAUTHORIZED);
    let request = with_token(Method::GET, "/api/v1/leads", &token, &json!({}));
    let (status, body, _) = later(&zone, 91).send(request).await;
    let problem: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(
        (status, &problem["code"]),
        (StatusCode::UNAUTHORIZED, &json!("token_expired"))
    );
    assert!(
        problem["title"].as_str().unwrap().contains("到期"),
        "{problem}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn targets_are_ranked_through_the_api() {
    let zone = zone().await;
    let token = zone
        .service
        .create_token("officer-west", "test", None)
        .await
        .unwrap();
    let get = async |query: &str| {
        let path = format!("/api/v1/targets?{query}");
        let (status, body, _) = zone
            .send(with_token(Method::GET, &path, &token, &Value::Null))
            .await;
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        (status, body)
    };
    let membrane = "%E7%A6%BB%E5%AD%90%E4%BA%A4%E6%8D%A2%E8%86%9C";
    let (status, page) = get(&format!("query={membrane}&limit=2")).await;
    assert_eq!(status, StatusCode::OK, "{page}");
    assert_eq!(page["rows"].as_array().unwrap().len(), 2);
    assert_eq!(
        (&page["has_more"], &page["node"]),
        (&json!(true), &Value::Null)
    );
    let terms = page["rows"][0]["score"]["terms"].as_array().unwrap();
    assert_eq!(terms.len(), 5);
    for term in terms {
        assert!(
            term["kind"].is_string() && term["weight"].is_number() && term.get("value").is_some()
        );
    }
    // By its id, and by its code in its chain.
    let node: chain_node::Model = chain_node::Entity::find()
        .filter(chain_node::Column::Name.eq("离子交换膜"))
        .one(zone.service.database().read())
        .await
        .unwrap()
        .unwrap();
    let (_, by_id) = get(&format!("node={}", node.id)).await;
    let (_, by_code) = get(&format!("chain={}&node={}", node.chain_id, node.code)).await;
    assert_eq!(by_id["node"]["node_id"], node.id);
    assert_eq!(by_id["rows"], by_code["rows"]);
    let (_, delta) = get(&format!(
        "node={}&region=%E9%95%BF%E4%B8%89%E8%A7%92",
        node.id
    ))
    .await;
    let provinces: BTreeSet<&str> = delta["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["province"].as_str())
        .collect();
    assert!(
        !provinces.is_empty()
            && provinces.is_subset(&BTreeSet::from(["上海", "江苏", "浙江", "安徽"]))
    );
    for nowhere in [
        format!("node={}&chain={}", node.id, node.chain_id + 1),
        "node=%00".to_owned(),
    ] {
        let (status, _) = get(&nowhere).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{nowhere}");
    }
    for (query, field) in [
        ("limit=5", "node"),
        ("node=1&limit=0", "limit"),
        ("node=1&limit=x", "limit"),
        ("node=1&page=-1", "page"),
        ("node=1&region=", "region"),
        ("node=1&region=%E7%81%AB%E6%98%9F", "region"),
        ("node=1&chain=a", "chain"),
        ("node=1&node=2", "node"),
        ("node=1&filter=id%20%3E%200", "filter"),
    ] {
        let (status, problem) = get(query).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(problem["fields"][0]["field"], field, "{problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn companies_are_listed_and_read_through_the_api() {
    let zone = zone().await;
    let token = zone
        .service
        .create_token("officer-west", "test", None)
        .await
        .unwrap();
    let get = async |path: &str| {
        let (status, body, _) = zone
            .send(with_token(Method::GET, path, &token, &Value::Null))
            .await;
        let body: Value = serde_json::from_str(&body).unwrap_or(Value::Null);
        (status, body)
    };
    // By `next` one comes to all of them, each once.
    let mut path = "/api/v1/enterprises?is_local=false".to_owned();
    let mut seen = BTreeSet::new();
    let total = loop {
        let (status, page) = get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        for row in page["rows"].as_array().unwrap() {
            assert_eq!(row["is_local"], false);
            assert!(seen.insert(row["id"].as_i64().unwrap()));
        }
        match page["next"].as_str() {
            Some(next) => path = next.to_owned(),
            None => break page["total"].as_u64().unwrap(),
        }
    };
    assert_eq!(seen.len() as u64, total);
    assert!(path.contains("is_local=false&page="), "{path}");
    for (query, field) in [
        ("colour=red", "colour"),
        ("is_local=1", "is_local"),
        ("listed=", "listed"),
        ("updated_since=gestern", "updated_since"),
        ("page=-1", "page"),
        ("city=a&city=b", "city"),
    ] {
        let (status, problem) = get(&format!("/api/v1/enterprises?{query}")).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(problem["fields"][0]["field"], field, "{problem}");
    }
    for since in ["2999-01-01", "2999-01-01T00:00:00%2B08:00"] {
        let (_, page) = get(&format!("/api/v1/enterprises?updated_since={since}")).await;
        assert_eq!(page["total"], 0, "{page}");
    }

    let id = *seen.first().unwrap();
    let address = format!("/api/v1/enterprises/{id}");
    let read = async |mark: Option<&str>| {
        let mut request = with_token(Method::GET, &address, &token, &Value::Null);
        if let Some(mark) = mark {
            request
                .headers_mut()
                .insert(header::IF_NONE_MATCH, mark.parse().unwrap());
        }
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        let response = zone.router.clone().oneshot(request).await.unwrap();
        let tag = response.headers()[header::ETAG]
            .to_str()
            .unwrap()
            .to_owned();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, tag, body)
    };
    let (status, tag, body) = read(None).await;
    assert_eq!(status, StatusCode::OK);
    let body: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(body["row"]["id"], id);
    let (status, same, body) = read(Some(&format!("\"x\", {tag}"))).await;
    assert_eq!(
        (status, same.as_str(), body.len()),
        (StatusCode::NOT_MODIFIED, tag.as_str(), 0)
    );
    let (status, ..) = read(Some("\"x\"")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(get("/api/v1/enterprises/0").await.0, StatusCode::NOT_FOUND);
    assert_eq!(
        get("/api/v1/enterprises/x").await.0,
        StatusCode::BAD_REQUEST
    );
}

/// Routes that are sent by POST and change nothing.
const READING: [&str; 62] = [
    "POST /api/atlas_settings",
    "POST /api/audit_page",
    "POST /api/bin_page",
    "POST /api/board",
    "POST /api/board_column",
    "POST /api/chain_draft",
    "POST /api/chain_history",
    "POST /api/chain_map",
    "POST /api/chain_proposals",
    "POST /api/claim_conflict",
    "POST /api/claim_ledger",
    "POST /api/claim_pool",
    "POST /api/companies_like",
    "POST /api/current_actor",
    "POST /api/duplicates",
    "POST /api/enterprise",
    "POST /api/enterprise_form",
    "POST /api/enterprise_portrait",
    "POST /api/find",
    "POST /api/find_targets",
    "POST /api/import_job",
    "POST /api/import_preview",
    "POST /api/latest_notices",
    "POST /api/lead",
    "POST /api/lead_choices",
    "POST /api/lead_gain",
    "POST /api/lead_list",
    "POST /api/leader_page",
    "POST /api/list_chains",
    "POST /api/list_enterprises",
    "POST /api/list_imports",
    "POST /api/list_tokens",
    "POST /api/list_trips",
    "POST /api/match_names",
    "POST /api/merge_view",
    "POST /api/node_panel",
    "POST /api/notice_page",
    "POST /api/own_settings",
    "POST /api/pipeline_rules",
    "POST /api/reference",
    "POST /api/refused_rows",
    "POST /api/review",
    "POST /api/search_health",
    "POST /api/seen_leads",
    "POST /api/target_list",
    "POST /api/target_lists",
    "POST /api/target_queries",
    "POST /api/today",
    "POST /api/last_visit",
    "POST /api/trip",
    "POST /api/trip_book",
    "POST /api/trip_choices",
    "POST /api/trip_report",
    "POST /api/trip_road",
    "POST /api/trip_search_progress",
    "POST /api/trip_year",
    "POST /api/undo_report",
    "POST /api/unread_notices",
    "POST /api/v1/chains/{id}/what-if",
    "POST /api/v1/trips/solve",
    "POST /api/week_sheet",
    "POST /api/what_if_input",
];

/// Routes that change something else than a lead; the tests of their areas look at what they leave.
const NO_LEAD: [&str; 59] = [
    "POST /api/add_chief_task",
    "POST /api/add_to_target_list",
    "POST /api/change_enterprise",
    "POST /api/change_own_settings",
    "POST /api/change_target_list",
    "POST /api/change_target_query",
    "POST /api/change_trip_candidates",
    "POST /api/change_trip_frame",
    "POST /api/change_trip_plan",
    "POST /api/change_view",
    "POST /api/decide_duplicate",
    "POST /api/decide_matches",
    "POST /api/decide_trip",
    "POST /api/delete_target_list",
    "POST /api/delete_target_query",
    "POST /api/discard_draft",
    "POST /api/drop_trip_variant",
    "POST /api/edit_chain",
    "POST /api/finish_chief_task",
    "POST /api/keep_scenario",
    "POST /api/keep_trip_variant",
    "POST /api/make_calendar",
    "POST /api/make_target_list",
    "POST /api/make_token",
    "POST /api/merge_enterprises",
    "POST /api/new_chain",
    "POST /api/plan_trip",
    "POST /api/publish_draft",
    "POST /api/read_notices",
    "POST /api/rebuild_search",
    "POST /api/remove_calendar",
    "POST /api/remove_from_target_list",
    "POST /api/remove_scenario",
    "POST /api/remove_view",
    "POST /api/restore_view",
    "POST /api/revoke_token",
    "POST /api/save_target_query",
    "POST /api/save_view",
    "POST /api/search_trip",
    "POST /api/set_atlas_settings",
    "POST /api/set_own_columns",
    "POST /api/set_rule_pack",
    "POST /api/set_target_weights",
    "POST /api/start_import",
    "POST /api/stop_trip_search",
    "POST /api/take_snapshot",
    "POST /api/undo_chain_edit",
    "POST /api/undo_enterprise_change",
    "POST /api/undo_import",
    "POST /api/undo_merge",
    "POST /api/v1/trips",
    "POST /chains",
    "POST /chains/{id}/draft",
    "POST /imports",
    "POST /login",
    "POST /logout",
    "POST /reference",
    "POST /settings/calendar",
    "POST /settings/stages",
];

/// Routes that need two bureaus, many leads or a form: service/tests/ledger.rs, views.rs and trip_road.rs look at what they leave, and
/// a test above at the files.
const ELSEWHERE_TRIED: [&str; 13] = [
    "POST /api/answer_transfer",
    "POST /api/bulk_change",
    "POST /api/claim_from_pool",
    "POST /api/contest_claim",
    "POST /api/decide_dispute",
    "POST /api/leads_of_list",
    "POST /api/propose_transfer",
    "POST /api/undo_bulk_change",
    "POST /api/withdraw_dispute",
    "POST /api/v1/trips/{id}/visits",
    "POST /api/withdraw_transfer",
    "POST /api/withdraw_visit",
    "POST /leads/{id}/files",
];

/// Does everything that changes a lead, by every route that does, and looks at the audit after each.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_change_of_a_lead_leaves_who_when_before_and_after() {
    let zone = zone().await;
    let admin = zone.service.actor_by_login("admin").await.unwrap();
    let officer = zone.service.actor_by_login("officer-west").await.unwrap();
    let list = zone
        .service
        .enterprises(&officer, domain::enterprise::EnterpriseQuery::default())
        .await
        .unwrap();
    let mut free = Vec::new();
    for row in list.rows {
        let company = zone.service.enterprise(&admin, row.id).await.unwrap();
        if !row.is_local && company.leads.is_empty() {
            free.push(row.id);
        }
    }
    let session = zone.session("officer-west").await;
    let everything = domain::audit::AuditQuery::default();
    let mut tried = BTreeSet::new();
    let mut act = async |zone: &Zone,
                         session: &str,
                         who: &str,
                         route: &str,
                         path: &str,
                         version: Option<i64>,
                         body: Value| {
        let (method, _) = route.split_once(' ').unwrap();
        let last = zone
            .service
            .audit_page(&admin, &everything)
            .await
            .unwrap()
            .rows[0]
            .id;
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, session)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json");
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, format!("\"{version}\""));
        }
        let begun = zone.service.now();
        let (status, answer, _) = zone
            .send(request.body(Body::from(body.to_string())).unwrap())
            .await;
        assert!(status.is_success(), "{route}: {status} {answer}");
        let rows: Vec<_> = zone
            .service
            .audit_page(&admin, &everything)
            .await
            .unwrap()
            .rows
            .into_iter()
            .filter(|row| {
                let own = ["lead", "contact", "task", "commitment"];
                row.id > last && own.contains(&row.entity.as_str())
            })
            .collect();
        assert!(!rows.is_empty(), "{route} left no audit row");
        for row in rows {
            assert_eq!(row.by.as_deref(), Some(who), "{route}");
            // The database keeps microseconds.
            let slack = chrono::Duration::milliseconds(1);
            assert!(
                row.at >= begun - slack && row.at <= zone.service.now() + slack,
                "{route}"
            );
            let made = ["add", "note"].contains(&row.action.as_str());
            let gone = row.action == "purge";
            // A lead on the track has the empty state.
            assert!(
                row.fields
                    .iter()
                    .any(|field| made || !field.before.is_empty() || field.field == "side_state"),
                "{route}: nothing before"
            );
            assert!(
                row.fields
                    .iter()
                    .any(|field| gone || !field.after.is_empty()),
                "{route}: nothing after"
            );
        }
        tried.insert(route.to_owned());
        serde_json::from_str::<Value>(&answer).unwrap_or(Value::Null)
    };
    let evidence = json!({"fit": "好", "investment_wan": 5000, "land_mu": 20, "energy": "低", "environment": "无", "verdict": "pursue"});
    let new = |company: i64| json!({"enterprise_id": company, "chain_node_id": null, "title": "审计", "source": "展会"});
    let who = officer.name.clone();
    let made = act(
        &zone,
        &session,
        &who,
        "POST /api/register_lead",
        "/api/register_lead",
        None,
        json!({"new": new(free[0])}),
    )
    .await;
    let id = made.as_i64().unwrap();
    let tag = json!({"kind": "lead", "id": id});
    let day = zone.service.today();
    let mut made = Vec::new();
    for (name, form) in [
        ("write_contact", json!({"lead_id": id, "name": "何样例"})),
        (
            "write_task",
            json!({"lead_id": id, "title": "回电", "due_on": day}),
        ),
        (
            "write_commitment",
            json!({"lead_id": id, "side": "ours", "content": "送样检测"}),
        ),
    ] {
        let path = format!("/api/{name}");
        let route = format!("POST {path}");
        let body = json!({"form": form});
        let number = act(&zone, &session, &who, &route, &path, None, body).await;
        made.push(number.as_i64().unwrap());
    }
    let item =
        |kind: &str, id: i64, version: i64| json!({"kind": kind, "id": id, "version": version});
    for (name, body) in [
        (
            "set_task_done",
            json!({"item": item("task", made[1], 1), "done": true}),
        ),
        (
            "set_commitment_state",
            json!({"item": item("commitment", made[2], 1), "state": "kept"}),
        ),
        ("remove_work", json!({"item": item("contact", made[0], 1)})),
        ("restore_work", json!({"item": item("contact", made[0], 1)})),
    ] {
        let path = format!("/api/{name}");
        let route = format!("POST {path}");
        act(&zone, &session, &who, &route, &path, None, body).await;
    }
    for (name, body) in [
        (
            "change_lead",
            json!({"lead_id": id, "seen": 1, "change": {"title": "改名"}}),
        ),
        (
            "undo_act",
            json!({"act": {"kind": "lead", "id": id, "version": 2}}),
        ),
        (
            "change_stage",
            json!({"change": {"lead_id": id, "version": 3, "to": "screened", "evidence": evidence}}),
        ),
        (
            "set_side_state",
            json!({"change": {"lead_id": id, "version": 4, "to": "paused", "reason": "等土地"}}),
        ),
        (
            "add_event",
            json!({"new": {"lead_id": id, "kind": "note", "body": "记一笔"}}),
        ),
        (
            "delete_record",
            json!({"deletion": {"kind": "lead", "id": id, "version": 5, "reason": "重复"}}),
        ),
        ("restore_record", json!({"tag": tag})),
    ] {
        let path = format!("/api/{name}");
        act(
            &zone,
            &session,
            &who,
            &format!("POST {path}"),
            &path,
            None,
            body,
        )
        .await;
    }
    let lead = format!("/api/v1/leads/{id}");
    let named = "/api/v1/leads/{id}";
    act(
        &zone,
        &session,
        &who,
        "POST /api/v1/leads",
        "/api/v1/leads",
        None,
        new(free[1]),
    )
    .await;
    act(
        &zone,
        &session,
        &who,
        &format!("PATCH {named}"),
        &lead,
        Some(7),
        json!({"title": "再改名"}),
    )
    .await;
    act(
        &zone,
        &session,
        &who,
        &format!("POST {named}/stage"),
        &format!("{lead}/stage"),
        Some(8),
        json!({"to": "lead", "reason": "重做"}),
    )
    .await;
    act(
        &zone,
        &session,
        &who,
        &format!("POST {named}/side-state"),
        &format!("{lead}/side-state"),
        Some(9),
        json!({"to": null, "reason": "恢复"}),
    )
    .await;
    let gone = act(
        &zone,
        &session,
        &who,
        &format!("DELETE {named}"),
        &lead,
        Some(10),
        json!({"reason": "重复"}),
    )
    .await;
    assert_eq!(gone["version"], 11);
    act(
        &zone,
        &session,
        &who,
        &format!("POST {named}/restore"),
        &format!("{lead}/restore"),
        None,
        json!({}),
    )
    .await;
    act(
        &zone,
        &session,
        &who,
        &format!("DELETE {named}"),
        &lead,
        Some(12),
        json!({"reason": "重复"}),
    )
    .await;
    let month = later(&zone, 31);
    let session = month.session("admin").await;
    act(
        &month,
        &session,
        &admin.name,
        "POST /api/purge_record",
        "/api/purge_record",
        None,
        json!({"tag": tag}),
    )
    .await;

    let known: BTreeSet<String> = READING
        .into_iter()
        .chain(NO_LEAD)
        .chain(ELSEWHERE_TRIED)
        .map(str::to_owned)
        .chain(tried.iter().cloned())
        .collect();
    let served: BTreeSet<String> = zone
        .listed
        .iter()
        .filter(|route| route.method != "GET")
        .map(|route| format!("{} {}", route.method, route.path))
        .collect();
    let unknown: Vec<&String> = served.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "what do they leave in the audit? {unknown:?}"
    );
    let gone: Vec<&String> = known.difference(&served).collect();
    assert!(gone.is_empty(), "not served any more: {gone:?}");
}

/// The stage of every lead, and how many stages of it have their evidence.
async fn stages(zone: &Zone) -> BTreeMap<i64, (i32, u64)> {
    let tables = zone.service.database().read();
    let mut stages: BTreeMap<i64, (i32, u64)> = lead::Entity::find()
        .all(tables)
        .await
        .unwrap()
        .into_iter()
        .map(|lead| (lead.id, (lead.stage, 0)))
        .collect();
    for entry in stage_evidence::Entity::find().all(tables).await.unwrap() {
        stages.get_mut(&entry.lead_id).unwrap().1 += 1;
    }
    stages
}

/// Every path that writes, and what somebody would send who wants to be past the gate: no lead goes on without its
/// evidence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_path_walks_around_the_gate() {
    let zone = zone().await;
    let writers = ["admin", "chief-east", "officer-east"];
    let mut sessions = BTreeMap::new();
    for login in writers {
        sessions.insert(login, zone.session(login).await);
    }
    let officer = zone.service.actor_by_login("officer-east").await.unwrap();
    let tables = zone.service.database().read();
    let [company, other] = free_companies(&zone.service).await;
    let new = json!({"enterprise_id": company.id, "title": "闯关项目", "source": "展会", "investment_wan": 9000});
    let id = zone
        .service
        .register_lead(&officer, serde_json::from_value(new.clone()).unwrap())
        .await
        .unwrap();

    // What the table of rights sends, on every lead of the zone.
    let before = stages(&zone).await;
    for case in &cases(&zone).await {
        for login in writers {
            zone.ask(case, Some(&sessions[login])).await;
        }
    }
    for (lead, (stage, evidence)) in stages(&zone).await {
        let (stage_before, evidence_before) = before.get(&lead).copied().unwrap_or((1, 0));
        let went_on = u64::try_from(Ord::max(stage - stage_before, 0)).unwrap();
        assert!(
            evidence - evidence_before >= went_on,
            "lead {lead} went from {stage_before} to {stage} with {evidence} entries of evidence"
        );
    }
    assert_eq!(stages(&zone).await[&id], (1, 0));

    // What somebody would try on one lead. `VERSION` stands for the version that it has by then.
    let lead = format!("/api/v1/leads/{id}");
    let gate = format!("{lead}/stage");
    let whole = json!({"fit": "好", "investment_wan": 5000, "land_mu": 20, "energy": "低", "environment": "无", "verdict": "pursue"});
    let blank = json!({"fit": " ", "investment_wan": null, "land_mu": "", "energy": "\u{3000}", "environment": [], "verdict": {}});
    let signed = json!({"contract_kind": "formal", "signed_on": "2026-01-05", "amount_wan": 1, "our_commitments": "有", "their_commitments": "有"});
    let unasked =
        json!({"fit": "好", "stage": "signed", "force": true, "skip_gate": 1, "verdict": "pursue"});
    let change = |to: &str, evidence: &Value, version: Value| json!({"change": {"lead_id": id, "version": version, "to": to, "evidence": evidence, "reason": "请放行"}});
    let mut attempts: Vec<(Method, String, Value)> = Vec::new();
    for (to, evidence) in [
        ("screened", &Value::Null),
        ("screened", &json!({})),
        ("screened", &blank),
        ("screened", &unasked),
        ("negotiating", &whole),
        ("signed", &signed),
        ("signed", &whole),
        ("ramped", &json!({})),
        ("lead", &whole),
        ("闯", &whole),
        ("", &whole),
        ("2", &whole),
    ] {
        attempts.push((
            Method::POST,
            gate.clone(),
            json!({"to": to, "evidence": evidence, "reason": "请放行"}),
        ));
        attempts.push((
            Method::POST,
            "/api/change_stage".to_owned(),
            change(to, evidence, json!("VERSION")),
        ));
    }
    // With its evidence, but as somebody who saw another version.
    for version in [0, 99, -1] {
        attempts.push((
            Method::POST,
            "/api/change_stage".to_owned(),
            change("screened", &whole, json!(version)),
        ));
    }
    for fields in [
        json!({"stage": "signed"}),
        json!({"stage": 6}),
        json!({"title": "闯关项目", "stage": "screened", "stage_entered_at": "2026-01-01T00:00:00Z", "rule_pack": "none"}),
    ] {
        attempts.push((Method::PATCH, lead.clone(), fields.clone()));
        attempts.push((
            Method::POST,
            "/api/change_lead".to_owned(),
            json!({"lead_id": id, "seen": "VERSION", "change": fields}),
        ));
    }
    for act in [
        json!({"stage": {"to": "screened", "reason": "一起推进"}}),
        json!({"kind": "stage", "to": "screened", "reason": "一起推进"}),
        json!({"stage": {"to": "signed", "reason": "一起推进", "evidence": whole}}),
    ] {
        attempts.push((
            Method::POST,
            "/api/bulk_change".to_owned(),
            json!({"change": {"leads": [{"lead_id": id, "version": "VERSION"}], "act": act}}),
        ));
    }
    attempts.push((
        Method::POST,
        format!("{lead}/side-state"),
        json!({"to": "paused", "reason": "等", "stage": "signed", "evidence": whole}),
    ));
    attempts.push((
        Method::POST,
        format!("{lead}/side-state"),
        json!({"to": null, "reason": "", "stage": "signed"}),
    ));
    for kind in ["stage", "claim", "note"] {
        attempts.push((
            Method::POST,
            "/api/add_event".to_owned(),
            json!({"new": {"lead_id": id, "kind": kind, "body": "已签约", "stage": "signed"}}),
        ));
    }
    for version in 0..4 {
        attempts.push((
            Method::POST,
            "/api/undo_act".to_owned(),
            json!({"act": {"kind": "lead", "id": id, "version": version}}),
        ));
    }
    attempts.push((
        Method::POST,
        "/api/undo_bulk_change".to_owned(),
        json!({"id": 1}),
    ));
    // Into the bin and out of it again.
    attempts.push((
        Method::DELETE,
        lead.clone(),
        json!({"reason": "重来", "stage": "signed"}),
    ));
    attempts.push((
        Method::POST,
        format!("{lead}/restore"),
        json!({"stage": "signed"}),
    ));
    attempts.push((
        Method::POST,
        "/api/restore_record".to_owned(),
        json!({"tag": {"kind": "lead", "id": id, "stage": 6}}),
    ));
    let mut refused = 0;
    for (method, path, body) in &attempts {
        let version = lead::Entity::find_by_id(id)
            .one(tables)
            .await
            .unwrap()
            .unwrap()
            .version;
        let body = body
            .to_string()
            .replace("\"VERSION\"", &version.to_string());
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, &sessions["officer-east"])
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT, "application/json")
            .header(header::IF_MATCH, format!("\"{version}\""))
            .body(Body::from(body.clone()))
            .unwrap();
        let (status, answer, _) = zone.send(request).await;
        assert!(
            !status.is_server_error(),
            "{method} {path} {body}: {status} {answer}"
        );
        refused += u32::from(status.is_client_error());
        assert_eq!(
            stages(&zone).await[&id],
            (1, 0),
            "{method} {path} {body}: {status} {answer}"
        );
    }
    assert!(refused > 30, "{refused} of {} were refused", attempts.len());

    // A lead begins at the beginning, whatever its registration says.
    let mut new = new;
    new["enterprise_id"] = json!(other.id);
    new["stage"] = json!("signed");
    new["evidence"] = signed;
    let request = Request::builder()
        .method(Method::POST)
        .uri("/api/v1/leads")
        .header(header::COOKIE, &sessions["officer-east"])
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(new.to_string()))
        .unwrap();
    zone.send(request).await;
    // Neither a list of companies nor one company made of two says how far a project is.
    let admin = zone.service.actor_by_login("admin").await.unwrap();
    let table = format!(
        "企业名称,阶段,stage,side_state\n{},签约,signed,\n",
        company.name
    );
    let job_id = zone
        .service
        .upload_enterprises(&admin, "闯关.csv", table.into_bytes())
        .await
        .unwrap();
    let preview = zone
        .service
        .import_preview(&admin, job_id, None)
        .await
        .unwrap();
    let mapping = preview.columns.iter().map(|column| column.field).collect();
    zone.service
        .start_import(
            &admin,
            domain::enterprise::ImportStart {
                job_id,
                mapping,
                is_local: false,
            },
        )
        .await
        .unwrap();
    while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
    for (lead, (stage, evidence)) in stages(&zone).await {
        if !before.contains_key(&lead) || lead == id {
            assert_eq!((stage, evidence), (1, 0), "lead {lead}");
        }
    }
}
