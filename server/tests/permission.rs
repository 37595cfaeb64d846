//! Walks every route and every server function as nobody and as every role of two bureaus.
//! A route that the table below does not know fails the test: it must be thought about first.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

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
use domain::trip::{ChosenCandidate, NewTrip};
use http_body_util::BodyExt;
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
    /// Administrator and leader.
    Leaders,
    /// Administrator, leader, chiefs, officers.
    ScenarioKeepers,
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
        Rule::Leaders if sees_all => StatusCode::OK,
        Rule::ScenarioKeepers if sees_all || works => StatusCode::OK,
        Rule::Administrator
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
    let choices = service.trip_choices(&chief, None).await.unwrap();
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
    let table = "企业名称,省份\n示例审计甲公司,陕西\n"
        .to_owned()
        .into_bytes();
    let job = service
        .upload_enterprises(&admin, "a.csv", table)
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
        read("/imports", "/imports", importers),
        read("/imports/{id}", format!("/imports/{job}"), Rule::OwnImport),
        read(
            "/imports/{id}/refused.csv",
            format!("/imports/{job}/refused.csv"),
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
        read("/today", "/today", everybody),
        call("/api/today", json!({"scope": {}}), everybody),
        read("/leads/list", "/leads/list", everybody),
        read("/leads/list.xlsx", "/leads/list.xlsx", everybody),
        read("/leads/list.csv", "/leads/list.csv", everybody),
        read("/settings/stages", "/settings/stages", everybody),
        read(
            "/settings/stages/pack.json",
            "/settings/stages/pack.json",
            everybody,
        ),
        call("/api/lead_page", json!({"query": {}}), everybody),
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
            json!({"node_id": node, "province": null, "page": 0}),
            everybody,
        ),
        call("/api/list_enterprises", json!({"query": {}}), everybody),
        call("/api/enterprise", json!({"id": company}), everybody),
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
const ELSEWHERE: [&str; 10] = [
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
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_route_asks_for_the_right() {
    let zone = zone().await;
    let cases = cases(&zone).await;
    let known: BTreeSet<String> = cases
        .iter()
        .map(|case| format!("{} {}", case.method, case.route))
        .chain(ELSEWHERE.map(str::to_owned))
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
