//! Every route of the program, and the layers around them.

use app::{
    App, document,
    server_side::{PublicAddress, Site, SiteCode},
};
use axum::{
    Router,
    extract::{DefaultBodyLimit, Extension},
    handler::Handler,
    http::{HeaderName, HeaderValue, header},
    middleware::from_fn_with_state,
    routing::{delete, get, patch, post},
};
use domain::lead::FILE_LIMIT;
use leptos::prelude::*;
use leptos_axum::{LeptosRoutes, generate_route_list};
use serde::Deserialize;
use service::Service;
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    csrf::CsrfLayer,
    limit::RequestBodyLimitLayer,
    services::{ServeDir, ServeFile},
    set_header::SetResponseHeaderLayer,
    trace::TraceLayer,
};

use crate::{
    config::{Config, PublicUrl},
    notice_hub::NoticeHub,
    route::{self, account::CookiePolicy, enterprise::UPLOAD_LIMIT},
    session::{identify, problem_response},
};

/// The largest body of anything but an upload.
const BODY_LIMIT: usize = 1024 * 1024;
/// The largest upload of a chain: a workbook may be larger than the text in it.
const CHAIN_LIMIT: usize = 8 * 1024 * 1024;

/// The largest trip's problem: travel times between 500 places for each hour of the day.
const SOLVE_LIMIT: usize = 32 * 1024 * 1024;
/// The largest visit with its photos.
const VISIT_LIMIT: usize = FILE_LIMIT * 4 / 3 + 1024 * 1024;

/// A route that was added, so that a test can ask each one who may use it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Listed {
    pub method: &'static str,
    pub path: String,
}

/// Adds routes and remembers them: axum itself cannot list what it serves.
struct Recorder {
    router: Router<Service>,
    listed: Vec<Listed>,
}

impl Recorder {
    fn new() -> Self {
        Self {
            router: Router::new(),
            listed: Vec::new(),
        }
    }

    fn list(&mut self, method: &'static str, path: &str) {
        self.listed.push(Listed {
            method,
            path: path.to_owned(),
        });
    }

    fn get<T: 'static>(mut self, path: &str, handler: impl Handler<T, Service>) -> Self {
        self.list("GET", path);
        self.router = self.router.route(path, get(handler));
        self
    }

    fn patch<T: 'static>(mut self, path: &str, handler: impl Handler<T, Service>) -> Self {
        self.list("PATCH", path);
        self.router = self.router.route(path, patch(handler));
        self
    }

    fn delete<T: 'static>(mut self, path: &str, handler: impl Handler<T, Service>) -> Self {
        self.list("DELETE", path);
        self.router = self.router.route(path, delete(handler));
        self
    }

    fn post<T: 'static>(mut self, path: &str, handler: impl Handler<T, Service>) -> Self {
        self.list("POST", path);
        self.router = self.router.route(path, post(handler));
        self
    }
}

/// What the bundler wrote.
#[derive(Deserialize)]
struct Manifest {
    css: String,
    code: SiteCode,
}

/// Names of the built files; those of `cargo leptos watch --split` when there is no manifest.
fn site(config: &Config) -> Site {
    let manifest = std::fs::read(config.site.join("manifest.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Manifest>(&bytes).ok());
    match manifest {
        Some(Manifest { css, code }) => Site { css, code },
        None => Site {
            css: "/pkg/wutong.css".to_owned(),
            code: SiteCode {
                folder: "/pkg".to_owned(),
                js: "/pkg/wutong.js".to_owned(),
                wasm: "/pkg/wutong.wasm".to_owned(),
                split: "__wasm_split.______________________.js".to_owned(),
                ..SiteCode::default()
            },
        },
    }
}

/// The whole router. `hub` holds the streams that it opens, so that they can be ended.
///
/// # Errors
/// A trusted origin is none.
pub fn build(service: Service, config: &Config, hub: NoticeHub) -> anyhow::Result<Router> {
    Ok(build_whole(service, config, hub)?.0)
}

/// The whole router and the list of its routes.
///
/// # Errors
/// A trusted origin is none.
pub fn build_listed(service: Service, config: &Config) -> anyhow::Result<(Router, Vec<Listed>)> {
    build_whole(service, config, NoticeHub::default())
}

fn build_whole(
    service: Service,
    config: &Config,
    hub: NoticeHub,
) -> anyhow::Result<(Router, Vec<Listed>)> {
    let routes = Recorder::new()
        .get("/health", route::health)
        .post("/logout", route::account::sign_out)
        .get("/locale/{tag}", route::account::set_locale)
        .get("/theme/{theme}", route::account::set_theme)
        .get("/imports/{id}/refused.csv", route::enterprise::refused)
        .get(
            "/imports/{id}/refused.xlsx",
            route::enterprise::refused_workbook,
        )
        .get("/trips/{id}/calendar.ics", route::trip::calendar)
        .get("/trips/{id}/book.xlsx", route::trip::book)
        .get("/trips/{id}/report.xlsx", route::trip::report)
        .get("/trips/year.xlsx", route::trip::year)
        .get("/notices/stream", route::notice::stream)
        .get("/calendar/{file}", route::notice::calendar)
        .get("/targets/list.xlsx", route::target::list_xlsx)
        .get("/targets/list.csv", route::target::list_csv)
        .get("/lists/{id}/list.xlsx", route::target::target_list_xlsx)
        .get("/lists/{id}/list.csv", route::target::target_list_csv)
        .get("/leads/list.xlsx", route::lead::list_xlsx)
        .get("/leads/list.csv", route::lead::list_csv)
        .get("/leads/{id}/files/{file}", route::lead::file)
        .get("/audit/list.csv", route::audit::list_csv)
        .get("/claims/ledger.xlsx", route::claim::ledger_xlsx)
        .get("/claims/ledger.csv", route::claim::ledger_csv)
        .get("/settings/stages/pack.json", route::lead::rule_pack)
        .get("/chains/{id}/map.svg", route::chain::map_svg)
        .get("/chains/{id}/chain.json", route::chain::file_json)
        .get("/chains/{id}/chain.csv", route::chain::file_csv)
        .get("/chains/{id}/chain.xlsx", route::chain::file_xlsx)
        .get("/api/v1/chains", route::api::chains)
        .get("/api/v1/chains/{id}", route::api::chain)
        .get("/api/v1/chains/{id}/gaps", route::api::chain_gaps)
        .post("/api/v1/chains/{id}/what-if", route::api::chain_what_if)
        .get("/api/v1/leads", route::api::leads)
        .post("/api/v1/leads", route::api::register_lead)
        .get("/api/v1/leads/{id}", route::api::lead)
        .patch("/api/v1/leads/{id}", route::api::change_lead)
        .delete("/api/v1/leads/{id}", route::api::delete_lead)
        .post("/api/v1/leads/{id}/restore", route::api::restore_lead)
        .post("/api/v1/leads/{id}/stage", route::api::move_lead)
        .post("/api/v1/leads/{id}/side-state", route::api::set_side_state)
        .get("/api/v1/trips", route::trip::trips)
        .post("/api/v1/trips", route::trip::plan)
        .get("/api/v1/trips/{id}", route::trip::trip)
        .get("/api/v1/targets", route::target::targets)
        .get("/api/v1/enterprises", route::api::enterprises)
        .get("/api/v1/enterprises/{id}", route::api::enterprise)
        .get("/api/v1/{*rest}", route::api::unknown);
    // These read their own bodies, each with a limit of its own.
    let forms = Recorder::new()
        .post("/login", route::account::sign_in)
        .post(
            "/imports",
            route::enterprise::upload.layer(DefaultBodyLimit::max(UPLOAD_LIMIT + 64 * 1024)),
        )
        .post(
            "/chains",
            route::chain::upload.layer(DefaultBodyLimit::max(CHAIN_LIMIT)),
        )
        .post(
            "/chains/{id}/draft",
            route::chain::upload_draft.layer(DefaultBodyLimit::max(CHAIN_LIMIT)),
        )
        .post(
            "/api/v1/trips/solve",
            route::trip::solve.layer(DefaultBodyLimit::max(SOLVE_LIMIT)),
        )
        .post(
            "/api/v1/trips/{id}/visits",
            route::trip::record_visit.layer(DefaultBodyLimit::max(VISIT_LIMIT)),
        )
        .post(
            "/leads/{id}/files",
            route::lead::upload_file.layer(DefaultBodyLimit::max(FILE_LIMIT + 64 * 1024)),
        )
        .post("/settings/stages", route::lead::upload_rule_pack)
        .post("/settings/calendar", route::lead::upload_calendar)
        .post(
            "/reference",
            route::chain::upload_reference.layer(DefaultBodyLimit::max(UPLOAD_LIMIT + 64 * 1024)),
        );
    let pages = generate_route_list(App);
    let mut listed: Vec<Listed> = routes.listed.into_iter().chain(forms.listed).collect();
    listed.extend(pages.iter().map(|page| Listed {
        method: "GET",
        path: page.path().to_owned(),
    }));
    listed.extend(server_fn::axum::server_fn_paths().map(|(path, _)| Listed {
        method: "POST",
        path: path.to_owned(),
    }));
    listed.sort();
    listed.dedup();

    let options = LeptosOptions::builder()
        .output_name("wutong")
        .site_root(config.site.display().to_string())
        .site_addr(config.address)
        .build();
    let site = site(config);
    let context = {
        let service = service.clone();
        let address = PublicAddress(config.public_url.clone());
        move || {
            provide_context(service.clone());
            provide_context(address.clone());
            provide_context(site.clone());
        }
    };
    let application: Router<Service> = Router::new()
        .leptos_routes_with_context(&options, pages, context, document)
        .with_state(options);

    let immutable = SetResponseHeaderLayer::if_not_present(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=31536000, immutable"),
    );
    let files = Router::new()
        .nest_service(
            "/pkg",
            ServiceBuilder::new().layer(immutable).service(
                ServeDir::new(config.site.join("pkg"))
                    .precompressed_br()
                    .precompressed_gzip(),
            ),
        )
        .route("/road-worker.js", get(route::trip::worker))
        .route_service(
            "/favicon.svg",
            ServeFile::new(config.site.join("favicon.svg")),
        );

    let mut csrf = CsrfLayer::new();
    for origin in &config.trusted_origins {
        csrf = csrf
            .add_trusted_origin(origin)
            .map_err(|error| anyhow::anyhow!("WUTONG_TRUSTED_ORIGINS: {origin}: {error}"))?;
    }
    let router = routes
        .router
        .merge(application)
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .merge(forms.router)
        .layer(from_fn_with_state(service.clone(), identify))
        .layer(Extension(CookiePolicy {
            secure: config.secure_cookies,
        }))
        .layer(Extension(hub))
        .layer(Extension(PublicUrl(config.public_url.clone())))
        // Pages hold what one person may see: no cache between us keeps them.
        .layer(SetResponseHeaderLayer::if_not_present(
            header::CACHE_CONTROL,
            HeaderValue::from_static("private, no-store"),
        ))
        .merge(files)
        .layer(csrf)
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(CatchPanicLayer::custom(|_| {
            problem_response(&domain::problem::Problem::Internal {
                reference: "panic".to_owned(),
            })
        }))
        .layer(fixed("x-content-type-options", "nosniff"))
        .layer(fixed("referrer-policy", "same-origin"))
        .layer(fixed("x-frame-options", "DENY"))
        .layer(
            TraceLayer::new_for_http().make_span_with(|request: &http::Request<_>| {
                tracing::debug_span!(
                    "request",
                    method = %request.method(),
                    uri = %shown_uri(request.uri()),
                    version = ?request.version(),
                )
            }),
        )
        .with_state(service);
    Ok((router, listed))
}

/// A request's address for the log: that of a calendar is a key, and is not written down.
fn shown_uri(uri: &http::Uri) -> String {
    if uri.path().starts_with("/calendar/") {
        return "/calendar/***".to_owned();
    }
    uri.to_string()
}

fn fixed(name: &'static str, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

#[cfg(test)]
mod tests {
    use super::shown_uri;

    #[test]
    fn the_secret_of_a_calendar_is_not_written_down() {
        let shown = |uri: &str| shown_uri(&uri.parse().unwrap());
        assert_eq!(shown("/calendar/c2VjcmV0.ics?x=1"), "/calendar/***");
        assert_eq!(
            shown("https://crm.example.cn/calendar/c2VjcmV0.ics"),
            "/calendar/***"
        );
        assert_eq!(shown("/leads?late=true"), "/leads?late=true");
    }
}
