//! What people see of Wutong: pages, components, words, and thin server functions.
//! A server function checks the session and hands over to `service`; it decides nothing.

// Components take their properties by value; that is the framework's way.
#![allow(clippy::needless_pass_by_value, clippy::must_use_candidate)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod account;
pub mod atlas;
pub mod audit;
pub mod chain;
pub mod component;
pub mod enterprise;
pub mod error;
pub mod find;
pub mod format;
pub mod lead;
pub mod notice;
mod page;
mod room;
#[cfg(feature = "ssr")]
pub mod server_side;
pub mod target;
pub mod trip;
pub mod words;

pub use page::App;
#[cfg(feature = "ssr")]
pub use page::document;

/// Takes over the page that the server rendered.
#[cfg(feature = "hydrate")]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    wasm_bindgen_futures::spawn_local(async {
        // The page's own code may still be on its way.
        leptos::mount::hydrate_from_async(leptos::tachys::dom::body(), App)
            .await
            .forget();
        // Tests and style sheets wait for this mark: from here on the page answers.
        if let Some(root) = leptos::prelude::document().document_element() {
            let _ = root.set_attribute("data-ready", "true");
        }
    });
}
