//! The document and the routes.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    Lazy, SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    account::{self, LoginPage},
    component::{Frame, NotFound},
    room::{
        AuditRoute, BinRoute, BoardRoute, ChainEditRoute, ChainListRoute, ChainMapRoute,
        DuplicatesRoute, EnterpriseListRoute, EnterpriseRoute, HistoryRoute, ImportListRoute,
        ImportRoute, LeadListRoute, LeadRoute, LeaderRoute, LedgerRoute, MergeRoute, NewChainRoute,
        NoticeListRoute, OwnSettingsRoute, PoolRoute, ReferenceRoute, ReviewRoute,
        SearchHealthRoute, SettingRoute, StageRulesRoute, TargetListRoute, TargetListsRoute,
        TargetRoute, TargetTextRoute, TodayRoute, TokenRoute, TripBookRoute, TripFormRoute,
        TripListRoute, TripReportRoute, TripRoadRoute, TripRoute, TripYearRoute, WeekRoute,
        WhatIfRoute,
    },
    words::Locale,
};

/// The application: the same on the server and in the browser.
///
/// Every route waits for its data before the first byte of HTML is sent (`SsrMode::Async`): the page is
/// whole without a script, its status is true, and the answer is milliseconds away anyway.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_context(Locale::current());
    account::provide_actor();
    view! {
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/login") view=LoginPage ssr=SsrMode::Async/>
                // A page of its own: the phone has no room for the frame.
                <Route path=path!("/road/:id") view={Lazy::<TripRoadRoute>::new()} ssr=SsrMode::Async/>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view={Lazy::<ChainListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains") view={Lazy::<ChainListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/new") view={Lazy::<NewChainRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/reference") view={Lazy::<ReferenceRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id") view={Lazy::<ChainMapRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id/what-if") view={Lazy::<WhatIfRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id/edit") view={Lazy::<ChainEditRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id/history") view={Lazy::<HistoryRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id/review") view={Lazy::<ReviewRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/leader") view={Lazy::<LeaderRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/atlas") view={Lazy::<SettingRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/search") view={Lazy::<SearchHealthRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/lists") view={Lazy::<TargetListsRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/lists/:id") view={Lazy::<TargetListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/targets") view={Lazy::<TargetTextRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/targets/:node") view={Lazy::<TargetRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/today") view={Lazy::<TodayRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/leads") view={Lazy::<BoardRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/leads/list") view={Lazy::<LeadListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/leads/week") view={Lazy::<WeekRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/pool") view={Lazy::<PoolRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/claims") view={Lazy::<LedgerRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/stages") view={Lazy::<StageRulesRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/notices") view={Lazy::<NoticeListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/me") view={Lazy::<OwnSettingsRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/settings/tokens") view={Lazy::<TokenRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/audit") view={Lazy::<AuditRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/bin") view={Lazy::<BinRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/leads/:id") view={Lazy::<LeadRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises") view={Lazy::<EnterpriseListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises/duplicates") view={Lazy::<DuplicatesRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises/merge") view={Lazy::<MergeRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises/:id") view={Lazy::<EnterpriseRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips") view={Lazy::<TripListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips/new") view={Lazy::<TripFormRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips/year") view={Lazy::<TripYearRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips/:id/book") view={Lazy::<TripBookRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips/:id/report") view={Lazy::<TripReportRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/trips/:id") view={Lazy::<TripRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/imports") view={Lazy::<ImportListRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/imports/:id") view={Lazy::<ImportRoute>::new()} ssr=SsrMode::Async/>
                    <Route path=path!("/*any") view=NotFound ssr=SsrMode::Async/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The document around the application.
#[cfg(feature = "ssr")]
pub fn document() -> impl IntoView {
    use leptos::nonce::use_nonce;
    use leptos_meta::MetaTags;

    use crate::{component::ICON_SPRITE, server_side};

    let locale = Locale::current();
    let theme =
        server_side::cookie("wutong_theme").filter(|theme| theme == "light" || theme == "dark");
    let site = use_context::<server_side::Site>();
    if let Some(code) = site.as_ref().map(|site| &site.code) {
        // With it the page's head names the files of the room that the page belongs to.
        let split = (code.folder.clone(), code.rooms.clone(), code.split.clone());
        provide_context(leptos::WasmSplitManifest(ArcStoredValue::new(split)));
    }
    let nonce = use_nonce();
    if let (Some(response), Some(nonce)) = (use_context::<leptos_axum::ResponseOptions>(), &nonce)
        && let Ok(policy) = http::HeaderValue::from_str(&format!(
            "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
             style-src 'self' 'unsafe-inline'; worker-src 'self'; img-src 'self' data:; object-src 'none'; \
             base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        ))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
    let start = site.as_ref().map(|site| {
        format!(
            "import start, {{ hydrate }} from '{}';\nstart({{ module_or_path: '{}' }}).then(hydrate);",
            site.code.js, site.code.wasm
        )
    });
    view! {
        <!DOCTYPE html>
        <html lang=locale.tag() data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                {site.as_ref().map(|site| view! {
                    <link rel="stylesheet" href=site.css.clone()/>
                    <link rel="modulepreload" href=site.code.js.clone() nonce=nonce.clone()/>
                    <link rel="preload" href=site.code.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                })}
                <MetaTags/>
                {start.map(|start| view! { <script type="module" nonce=nonce inner_html=start></script> })}
            </head>
            <body>
                <App/>
                <div hidden inner_html=ICON_SPRITE></div>
            </body>
        </html>
    }
}
