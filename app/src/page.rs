//! The document and the routes.

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    account::{self, LoginPage},
    chain::{ChainListPage, ChainMapPage},
    component::{Frame, NotFound},
    enterprise::{EnterpriseListPage, EnterprisePage, ImportListPage, ImportPage},
    lead::{BoardPage, LeadPage},
    target::TargetPage,
    trip::{TripFormPage, TripListPage, TripPage},
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
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=ChainListPage ssr=SsrMode::Async/>
                    <Route path=path!("/chains") view=ChainListPage ssr=SsrMode::Async/>
                    <Route path=path!("/chains/:id") view=ChainMapPage ssr=SsrMode::Async/>
                    <Route path=path!("/targets/:node") view=TargetPage ssr=SsrMode::Async/>
                    <Route path=path!("/leads") view=BoardPage ssr=SsrMode::Async/>
                    <Route path=path!("/leads/:id") view=LeadPage ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises") view=EnterpriseListPage ssr=SsrMode::Async/>
                    <Route path=path!("/enterprises/:id") view=EnterprisePage ssr=SsrMode::Async/>
                    <Route path=path!("/trips") view=TripListPage ssr=SsrMode::Async/>
                    <Route path=path!("/trips/new") view=TripFormPage ssr=SsrMode::Async/>
                    <Route path=path!("/trips/:id") view=TripPage ssr=SsrMode::Async/>
                    <Route path=path!("/imports") view=ImportListPage ssr=SsrMode::Async/>
                    <Route path=path!("/imports/:id") view=ImportPage ssr=SsrMode::Async/>
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
    let nonce = use_nonce();
    if let (Some(response), Some(nonce)) = (use_context::<leptos_axum::ResponseOptions>(), &nonce)
        && let Ok(policy) = http::HeaderValue::from_str(&format!(
            "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; \
             style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; \
             base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
        ))
    {
        response.insert_header(http::header::CONTENT_SECURITY_POLICY, policy);
    }
    let start = site.as_ref().map(|site| {
        format!(
            "import start, {{ hydrate }} from '{}';\nstart({{ module_or_path: '{}' }}).then(hydrate);",
            site.js, site.wasm
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
                    <link rel="modulepreload" href=site.js.clone() nonce=nonce.clone()/>
                    <link rel="preload" href=site.wasm.clone() r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
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
