//! Visits that wait on the phone until they are sent: kept in the browser's own database, in the order in which they were
//! written.

use chrono::{DateTime, Utc};
use domain::{
    problem::Problem,
    trip::{VisitForm, VisitPhoto, VisitPost, VisitReceipt},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// A visit that waits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Waiting {
    pub trip_id: i64,
    /// Who wrote it: nobody else at this phone sends it.
    pub account_id: i64,
    /// The company, for people.
    pub name: String,
    /// Milliseconds since 1970: the order.
    pub kept_at: f64,
    pub visit: VisitForm,
    pub photos: Vec<VisitPhoto>,
    /// Why the server did not take it; a person decides then.
    pub refused: Option<Problem>,
}

/// What came of sending one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    Done(VisitReceipt),
    /// The server will not take it as it is.
    Refused(Problem),
    SignedOut,
    /// No network, or the server is busy: later.
    Later,
}

/// What waits of one person and one trip.
#[derive(Clone, Copy)]
pub(super) struct Outbox {
    pub rows: RwSignal<Vec<Waiting>>,
    pub is_online: RwSignal<bool>,
    pub is_sending: RwSignal<bool>,
    pub is_signed_out: RwSignal<bool>,
}

impl Outbox {
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            is_online: RwSignal::new(true),
            is_sending: RwSignal::new(false),
            is_signed_out: RwSignal::new(false),
        }
    }

    /// Puts a visit where it belongs in the order, in the place of one with the same mark.
    pub fn put(self, waiting: Waiting) {
        let _ = self.rows.try_update(|rows| {
            rows.retain(|row| row.visit.mark != waiting.visit.mark);
            rows.push(waiting);
            in_order(rows);
        });
    }

    /// Whether a visit to the company waits.
    pub fn waits_for(self, enterprise_id: i64) -> bool {
        self.rows.with(|rows| {
            rows.iter()
                .any(|row| row.visit.enterprise_id == enterprise_id)
        })
    }
}

/// The oldest first.
fn in_order(rows: &mut [Waiting]) {
    rows.sort_by(|one, other| one.kept_at.total_cmp(&other.kept_at));
}

/// What is sent.
fn post(waiting: &Waiting) -> String {
    serde_json::to_string(&VisitPost {
        visit: waiting.visit.clone(),
        photos: waiting.photos.clone(),
    })
    .unwrap_or_default()
}

/// Where it is sent.
fn address(waiting: &Waiting) -> String {
    format!("/api/v1/trips/{}/visits", waiting.trip_id)
}

/// What an answer means.
fn read_answer(status: u16, text: &str) -> Sent {
    match status {
        200..=299 => serde_json::from_str(text).map_or(Sent::Later, Sent::Done),
        401 => Sent::SignedOut,
        // Too many at once, and what is the server's fault, are tried again.
        408 | 429 | 500.. => Sent::Later,
        _ => Sent::Refused(serde_json::from_str(text).unwrap_or(Problem::NotFound)),
    }
}

/// Now, by this machine's clock.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(milliseconds() as i64).unwrap_or_default()
}

#[cfg(feature = "hydrate")]
mod browser {
    use idb::{Database, DatabaseEvent, Factory, ObjectStoreParams, TransactionMode};
    use leptos::prelude::*;
    use wasm_bindgen::{JsCast, JsValue};
    use wasm_bindgen_futures::JsFuture;

    use super::{Sent, Waiting, address, in_order, post, read_answer};

    const DATABASE: &str = "wutong";
    const STORE: &str = "visit";

    async fn open() -> Result<Database, idb::Error> {
        let mut request = Factory::new()?.open(DATABASE, Some(1))?;
        request.on_upgrade_needed(|event| {
            // Nobody waits for an answer here: without the store the next question fails, and that is said.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(STORE, ObjectStoreParams::new());
            }
        });
        request.await
    }

    /// Everything that waits on this phone, the oldest first; `None` when the phone keeps nothing.
    pub async fn all() -> Option<Vec<Waiting>> {
        let read = async {
            let database = open().await?;
            let transaction = database.transaction(&[STORE], TransactionMode::ReadOnly)?;
            let rows = transaction
                .object_store(STORE)?
                .get_all(None, None)?
                .await?;
            transaction.await?;
            database.close();
            Ok::<_, idb::Error>(rows)
        };
        let mut rows: Vec<Waiting> = read
            .await
            .ok()?
            .into_iter()
            .filter_map(|value| serde_json::from_str(&value.as_string()?).ok())
            .collect();
        in_order(&mut rows);
        Some(rows)
    }

    /// Keeps one, in the place of one with the same mark; says whether it is kept.
    pub async fn keep(waiting: &Waiting) -> bool {
        let Ok(text) = serde_json::to_string(waiting) else {
            return false;
        };
        let key = JsValue::from_str(&waiting.visit.mark);
        let write = async {
            let database = open().await?;
            let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
            transaction
                .object_store(STORE)?
                .put(&JsValue::from_str(&text), Some(&key))?
                .await?;
            transaction.commit()?.await?;
            database.close();
            Ok::<_, idb::Error>(())
        };
        write.await.is_ok()
    }

    /// Forgets one that was sent or thrown away.
    pub async fn forget(mark: &str) {
        let key = JsValue::from_str(mark);
        let write = async {
            let database = open().await?;
            let transaction = database.transaction(&[STORE], TransactionMode::ReadWrite)?;
            transaction
                .object_store(STORE)?
                .delete(idb::Query::Key(key))?
                .await?;
            transaction.commit()?.await?;
            database.close();
            Ok::<_, idb::Error>(())
        };
        // What stays by accident is sent again, and the server knows its mark.
        let _ = write.await;
    }

    /// Sends one.
    pub async fn send(waiting: &Waiting) -> Sent {
        let ask = async {
            let headers = js_sys::Object::new();
            js_sys::Reflect::set(
                &headers,
                &JsValue::from_str("content-type"),
                &JsValue::from_str("application/json"),
            )?;
            let options = web_sys::RequestInit::new();
            options.set_method("POST");
            options.set_headers(&headers);
            options.set_body(&JsValue::from_str(&post(waiting)));
            let answer =
                JsFuture::from(window().fetch_with_str_and_init(&address(waiting), &options))
                    .await?;
            let answer: web_sys::Response = answer.dyn_into()?;
            let text = JsFuture::from(answer.text()?).await?;
            Ok::<_, JsValue>((answer.status(), text.as_string().unwrap_or_default()))
        };
        match ask.await {
            Ok((status, text)) => read_answer(status, &text),
            Err(_) => Sent::Later,
        }
    }

    /// A mark for a new visit.
    pub fn mark() -> String {
        let part = || (js_sys::Math::random() * f64::from(u32::MAX)) as u32;
        format!(
            "{:x}-{:08x}{:08x}",
            js_sys::Date::now() as u64,
            part(),
            part()
        )
    }

    pub fn milliseconds() -> f64 {
        js_sys::Date::now()
    }

    pub fn is_online() -> bool {
        window().navigator().on_line()
    }

    /// Longest side of a photo that is sent, in pixels, and its quality.
    const PHOTO_SIDE: f64 = 1600.0;
    const PHOTO_QUALITY: f64 = 0.8;

    /// A photo, made small enough for a mobile network, as a `data:` address; `None` when it is none.
    pub async fn photo(file: &web_sys::File) -> Option<String> {
        let whole =
            crate::component::read_file(file, |reader, file| reader.read_as_data_url(file)).await?;
        let image = web_sys::HtmlImageElement::new().ok()?;
        let shown = js_sys::Promise::new(&mut |done, failed| {
            image.set_onload(Some(&done));
            image.set_onerror(Some(&failed));
        });
        image.set_src(&whole);
        JsFuture::from(shown).await.ok()?;
        let (width, height) = (
            f64::from(image.natural_width()),
            f64::from(image.natural_height()),
        );
        let scale = (PHOTO_SIDE / width.max(height)).min(1.0);
        let canvas: web_sys::HtmlCanvasElement =
            document().create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width((width * scale).round().max(1.0) as u32);
        canvas.set_height((height * scale).round().max(1.0) as u32);
        let context: web_sys::CanvasRenderingContext2d =
            canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context
            .draw_image_with_html_image_element_and_dw_and_dh(
                &image,
                0.0,
                0.0,
                width * scale,
                height * scale,
            )
            .ok()?;
        canvas
            .to_data_url_with_type_and_encoder_options(
                "image/jpeg",
                &JsValue::from_f64(PHOTO_QUALITY),
            )
            .ok()
    }

    /// Has the page and its files kept for when there is no network.
    pub async fn keep_page(page: &str) -> Option<()> {
        let container =
            js_sys::Reflect::get(&window().navigator(), &JsValue::from_str("serviceWorker"))
                .ok()
                .filter(|container| !container.is_undefined())?
                .unchecked_into::<web_sys::ServiceWorkerContainer>();
        JsFuture::from(container.register("/road-worker.js"))
            .await
            .ok()?;
        let ready = JsFuture::from(container.ready().ok()?).await.ok()?;
        let worker = ready
            .unchecked_into::<web_sys::ServiceWorkerRegistration>()
            .active()?;
        let origin = window().location().origin().ok()?;
        let entries = window().performance()?.get_entries_by_type("resource");
        let files = js_sys::Array::new();
        for entry in entries.iter() {
            let name = js_sys::Reflect::get(&entry, &JsValue::from_str("name")).ok()?;
            let text = name.as_string().unwrap_or_default();
            if text.starts_with(&format!("{origin}/pkg/")) && !files.includes(&name, 0) {
                files.push(&name);
            }
        }
        let message = js_sys::Object::new();
        for (key, value) in [
            ("page", JsValue::from_str(&format!("{origin}{page}"))),
            ("files", files.into()),
        ] {
            js_sys::Reflect::set(&message, &JsValue::from_str(key), &value).ok()?;
        }
        worker.post_message(&message).ok()
    }
}

/// The same for the server, which renders the page and keeps nothing.
#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::{Sent, Waiting, address, post, read_answer};

    pub async fn all() -> Option<Vec<Waiting>> {
        None
    }

    pub async fn keep(_: &Waiting) -> bool {
        false
    }

    pub async fn forget(_: &str) {}

    pub async fn send(waiting: &Waiting) -> Sent {
        let _ = (address(waiting), post(waiting));
        read_answer(503, "")
    }

    pub fn mark() -> String {
        String::new()
    }

    pub fn milliseconds() -> f64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0.0, |since| since.as_secs_f64() * 1000.0)
    }

    pub fn is_online() -> bool {
        true
    }

    pub async fn photo(_: &web_sys::File) -> Option<String> {
        None
    }

    pub async fn keep_page(_: &str) -> Option<()> {
        None
    }
}

pub(super) use browser::{
    all, forget, is_online, keep, keep_page, mark, milliseconds, photo, send,
};

#[cfg(test)]
mod tests {
    use domain::trip::VisitOutcome;

    use super::*;

    #[test]
    fn an_answer_says_what_becomes_of_what_waits() {
        let receipt = r#"{"id":7,"lead_id":3,"is_repeated":true}"#;
        assert_eq!(
            read_answer(200, receipt),
            Sent::Done(VisitReceipt {
                id: 7,
                lead_id: Some(3),
                is_repeated: true
            })
        );
        // A proxy's page is no receipt.
        assert_eq!(read_answer(200, "<html>"), Sent::Later);
        assert_eq!(read_answer(401, ""), Sent::SignedOut);
        for status in [408, 429, 500, 503] {
            assert_eq!(read_answer(status, ""), Sent::Later);
        }
        let known = Problem::VisitKnown {
            by: "许示例".to_owned(),
            on: "2026-07-07".to_owned(),
            outcome: VisitOutcome::Again,
            remark: String::new(),
        };
        assert_eq!(
            read_answer(409, &serde_json::to_string(&known).unwrap()),
            Sent::Refused(known)
        );
        assert_eq!(
            read_answer(404, "not json"),
            Sent::Refused(Problem::NotFound)
        );
    }
}
