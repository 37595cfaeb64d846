//! The small worker that keeps pages of trips on the phone (`server/src/road-worker.js`).

use wasm_bindgen::{JsCast, JsValue};
use web_sys::ServiceWorkerContainer;

/// The browser's workers; `None` where a page may have none.
pub fn service_workers() -> Option<ServiceWorkerContainer> {
    js_sys::Reflect::get(
        &leptos::prelude::window().navigator(),
        &JsValue::from_str("serviceWorker"),
    )
    .ok()
    .filter(|container| !container.is_undefined())
    .map(JsCast::unchecked_into)
}

/// Tells the worker who is signed in, so that it forgets what it keeps of others.
pub fn tell_worker(account_id: i64) {
    let message = js_sys::Object::new();
    let told = js_sys::Reflect::set(
        &message,
        &JsValue::from_str("person"),
        &JsValue::from_f64(account_id as f64),
    );
    if told.is_ok()
        && let Some(worker) = service_workers().and_then(|workers| workers.controller())
    {
        let _ = worker.post_message(&message);
    }
}
