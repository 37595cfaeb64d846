//! Visits that wait on the phone until they are sent: kept in the browser's own database, in the order in which they were
//! written.

use chrono::{DateTime, Utc};
use domain::{
    problem::Problem,
    trip::{VisitForm, VisitPhoto, VisitPost, VisitReceipt},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::component::storage;

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
    /// Why the server did not take it; a person decides then. A reason that this program does not know is asked for
    /// again.
    #[serde(default, deserialize_with = "known_problem")]
    pub refused: Option<Problem>,
    /// The name of the trip, for people who look at it from another one's page.
    #[serde(default)]
    pub trip: String,
    /// Where the phone could not keep it: the draft that is forgotten once it has been sent.
    #[serde(skip)]
    pub draft: Option<String>,
    /// In that case: the mark of the kept one in whose place it stands.
    #[serde(skip)]
    pub replaces: Option<String>,
}

impl Waiting {
    /// Whether somebody has begun to mend it: so long it is not sent.
    pub fn is_being_mended(&self) -> bool {
        draft(&mending_key(&self.visit.mark)).is_some()
    }
}

fn known_problem<'a, D: serde::Deserializer<'a>>(from: D) -> Result<Option<Problem>, D::Error> {
    let value = serde_json::Value::deserialize(from)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

/// Something that waits and that this program cannot read: people can.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Unread {
    pub key: String,
    pub text: String,
}

/// Characters of what cannot be read that are shown.
const UNREAD_LIMIT: usize = 2000;

/// What the phone keeps, sorted out: the rows of a person, the oldest first, and what cannot be read and is nobody else's.
/// `pairs` are keys and texts.
fn sorted_out(pairs: Vec<(String, String)>, account_id: i64) -> (Vec<Waiting>, Vec<Unread>) {
    let mut rows = Vec::new();
    let mut unread = Vec::new();
    for (key, text) in pairs {
        match serde_json::from_str::<Waiting>(&text) {
            Ok(row) if row.account_id == account_id => rows.push(row),
            Ok(_) => {}
            Err(_) => {
                let value: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
                let owner = value.get("account_id").and_then(serde_json::Value::as_i64);
                if owner.is_none_or(|owner| owner == account_id) {
                    // A photo's text helps nobody.
                    let text = value.get("visit").map_or(text, ToString::to_string);
                    let text = text.chars().take(UNREAD_LIMIT).collect();
                    unread.push(Unread { key, text });
                }
            }
        }
    }
    in_order(&mut rows);
    (rows, unread)
}

/// Half a form, as it outlasts a page that is closed. Its photos are in the browser's database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Draft {
    pub outcome: Option<domain::trip::VisitOutcome>,
    pub visit: VisitForm,
}

/// The name of the draft of a company's next visit.
pub(super) fn draft_key(account_id: i64, trip_id: i64, enterprise_id: i64) -> String {
    format!("wutong-visit-{account_id}-{trip_id}-{enterprise_id}")
}

/// The name of the draft of one that waits and is mended.
pub(super) fn mending_key(mark: &str) -> String {
    format!("wutong-visit-{mark}")
}

pub(super) fn draft(key: &str) -> Option<Draft> {
    let text = storage()?.get_item(key).ok().flatten()?;
    serde_json::from_str(&text).ok()
}

pub(super) fn keep_draft(key: &str, draft: &Draft) {
    if let (Some(storage), Ok(text)) = (storage(), serde_json::to_string(draft)) {
        let _ = storage.set_item(key, &text);
    }
}

/// Forgets what has arrived, with everything that it was made of.
pub(super) async fn settle(waiting: &Waiting) {
    let mark = &waiting.visit.mark;
    for mark in [Some(mark), waiting.replaces.as_ref()]
        .into_iter()
        .flatten()
    {
        forget(mark).await;
    }
    for key in [Some(mending_key(mark)), waiting.draft.clone()]
        .into_iter()
        .flatten()
    {
        forget_draft(&key).await;
    }
}

/// Forgets a draft with its photos.
pub(super) async fn forget_draft(key: &str) {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(key);
    }
    forget_photos(key).await;
}

/// What came of sending one.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sent {
    Done(VisitReceipt),
    /// The server will not take it as it is.
    Refused(Problem),
    SignedOut,
    /// No network, or the server is busy: later, and the others as well.
    Later,
    /// The server failed at this one: later, after the others.
    Failed,
}

/// What waits of one person, of whatever trip.
#[derive(Clone, Copy)]
pub(super) struct Outbox {
    pub rows: RwSignal<Vec<Waiting>>,
    pub unread: RwSignal<Vec<Unread>>,
    pub is_online: RwSignal<bool>,
    pub is_sending: RwSignal<bool>,
    /// The mark of the one that is on its way.
    pub in_flight: RwSignal<Option<String>>,
    /// Whether the page opens without a network.
    pub is_page_kept: RwSignal<bool>,
    pub is_signed_out: RwSignal<bool>,
}

impl Outbox {
    pub fn new() -> Self {
        Self {
            rows: RwSignal::new(Vec::new()),
            unread: RwSignal::new(Vec::new()),
            is_online: RwSignal::new(true),
            is_sending: RwSignal::new(false),
            in_flight: RwSignal::new(None),
            is_page_kept: RwSignal::new(false),
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

    /// Takes one out of what waits; `None` when it is not there, or the page is gone.
    pub fn take(self, mark: &str) -> Option<Waiting> {
        self.rows
            .try_update(|rows| {
                let place = rows.iter().position(|row| row.visit.mark == mark)?;
                Some(rows.remove(place))
            })
            .flatten()
    }

    /// Changes one where it waits, and gives it back.
    pub fn mend(self, mark: &str, change: impl FnOnce(&mut Waiting)) -> Option<Waiting> {
        self.rows
            .try_update(|rows| {
                let row = rows.iter_mut().find(|row| row.visit.mark == mark)?;
                change(row);
                Some(row.clone())
            })
            .flatten()
    }

    /// Whether a visit of the trip to the company waits.
    pub fn waits_for(self, trip_id: i64, enterprise_id: i64) -> bool {
        self.rows.with(|rows| {
            rows.iter()
                .any(|row| row.trip_id == trip_id && row.visit.enterprise_id == enterprise_id)
        })
    }
}

/// The oldest first.
fn in_order(rows: &mut [Waiting]) {
    rows.sort_by(|one, other| one.kept_at.total_cmp(&other.kept_at));
}

/// What is sent.
fn post(waiting: &Waiting) -> String {
    let visit = VisitForm {
        account_id: Some(waiting.account_id),
        ..waiting.visit.clone()
    };
    serde_json::to_string(&VisitPost {
        visit,
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
        500 => Sent::Failed,
        // Too many at once, and a server that is away, are tried again.
        408 | 429 | 501.. => Sent::Later,
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

    use super::{Sent, Unread, VisitPhoto, Waiting, address, post, read_answer, sorted_out};

    /// A database with one store. Its version stays: a page of an older program that is kept on the phone opens it, too.
    #[derive(Clone, Copy)]
    struct Store {
        database: &'static str,
        name: &'static str,
    }

    /// What waits, by its mark.
    const VISITS: Store = Store {
        database: "wutong",
        name: "visit",
    };
    /// Photos of drafts, by the draft's key.
    const PHOTOS: Store = Store {
        database: "wutong-draft",
        name: "photo",
    };

    async fn open(store: Store) -> Result<Database, idb::Error> {
        let mut request = Factory::new()?.open(store.database, Some(1))?;
        request.on_upgrade_needed(move |event| {
            // Nobody waits for an answer here: without the store the next question fails, and that is said.
            if let Ok(database) = event.database() {
                let _ = database.create_object_store(store.name, ObjectStoreParams::new());
            }
        });
        request.await
    }

    /// Keys and texts of a store.
    async fn pairs(store: Store) -> Result<Vec<(String, String)>, idb::Error> {
        let database = open(store).await?;
        let transaction = database.transaction(&[store.name], TransactionMode::ReadOnly)?;
        let rows = transaction.object_store(store.name)?;
        let texts = rows.get_all(None, None)?.await?;
        let keys = rows.get_all_keys(None, None)?.await?;
        transaction.await?;
        database.close();
        let text = |value: JsValue| value.as_string().unwrap_or_default();
        Ok(keys
            .into_iter()
            .map(text)
            .zip(texts.into_iter().map(text))
            .collect())
    }

    /// Writes a text, or forgets what there is.
    async fn write(store: Store, key: &str, value: Option<String>) -> Result<(), idb::Error> {
        let key = JsValue::from_str(key);
        let database = open(store).await?;
        let transaction = database.transaction(&[store.name], TransactionMode::ReadWrite)?;
        let rows = transaction.object_store(store.name)?;
        match value {
            Some(text) => {
                rows.put(&JsValue::from_str(&text), Some(&key))?.await?;
            }
            None => rows.delete(idb::Query::Key(key))?.await?,
        }
        transaction.commit()?.await?;
        database.close();
        Ok(())
    }

    /// Everything that waits on this phone of a person, and what cannot be read of it; `None` when the phone keeps
    /// nothing.
    pub async fn all(account_id: i64) -> Option<(Vec<Waiting>, Vec<Unread>)> {
        Some(sorted_out(pairs(VISITS).await.ok()?, account_id))
    }

    /// Keeps one, in the place of one with the same mark; says whether it is kept.
    pub async fn keep(waiting: &Waiting) -> bool {
        let Ok(text) = serde_json::to_string(waiting) else {
            return false;
        };
        let is_kept = write(VISITS, &waiting.visit.mark, Some(text)).await.is_ok();
        if is_kept {
            // A browser that is short of space is asked to leave it alone; where it will not promise, it is kept as before.
            let _ = window().navigator().storage().persist();
        }
        is_kept
    }

    /// Whether one still waits on this phone: another page may have sent it, mended it or thrown it away. `None` when the
    /// phone does not say.
    pub async fn is_kept(mark: &str) -> Option<bool> {
        let ask = async {
            let database = open(VISITS).await?;
            let transaction = database.transaction(&[VISITS.name], TransactionMode::ReadOnly)?;
            let key = idb::Query::Key(JsValue::from_str(mark));
            let count = transaction
                .object_store(VISITS.name)?
                .count(Some(key))?
                .await?;
            transaction.await?;
            database.close();
            Ok::<_, idb::Error>(count)
        };
        ask.await.ok().map(|count| count > 0)
    }

    /// Forgets one that was sent or thrown away.
    pub async fn forget(mark: &str) {
        // What stays by accident is sent again, and the server knows its mark.
        let _ = write(VISITS, mark, None).await;
    }

    /// Keeps the photos of a draft.
    pub async fn keep_photos(key: &str, photos: &[VisitPhoto]) {
        if let Ok(text) = serde_json::to_string(photos) {
            let _ = write(PHOTOS, key, Some(text)).await;
        }
    }

    /// The photos of a draft; `None` when none were kept.
    pub async fn photos(key: &str) -> Option<Vec<VisitPhoto>> {
        let read = async {
            let database = open(PHOTOS).await?;
            let transaction = database.transaction(&[PHOTOS.name], TransactionMode::ReadOnly)?;
            let key = idb::Query::Key(JsValue::from_str(key));
            let text = transaction.object_store(PHOTOS.name)?.get(key)?.await?;
            transaction.await?;
            database.close();
            Ok::<_, idb::Error>(text)
        };
        serde_json::from_str(&read.await.ok()??.as_string()?).ok()
    }

    pub async fn forget_photos(key: &str) {
        let _ = write(PHOTOS, key, None).await;
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

    /// Has the page and its files kept for when there is no network; says whether they are.
    pub async fn keep_page(page: &str, account_id: i64) -> Option<bool> {
        let container = crate::component::service_workers()?;
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
            ("person", JsValue::from_f64(account_id as f64)),
        ] {
            js_sys::Reflect::set(&message, &JsValue::from_str(key), &value).ok()?;
        }
        let channel = web_sys::MessageChannel::new().ok()?;
        let (own, other) = (channel.port1(), channel.port2());
        let answer = js_sys::Promise::new(&mut |done, _| own.set_onmessage(Some(&done)));
        worker
            .post_message_with_transferable(&message, &js_sys::Array::of1(&other))
            .ok()?;
        let answer = JsFuture::from(answer).await.ok()?;
        let answer = answer.unchecked_into::<web_sys::MessageEvent>();
        answer.data().as_bool()
    }
}

/// The same for the server, which renders the page and keeps nothing.
#[cfg(not(feature = "hydrate"))]
mod browser {
    use super::{Sent, Unread, VisitPhoto, Waiting, address, post, read_answer, sorted_out};

    pub async fn all(account_id: i64) -> Option<(Vec<Waiting>, Vec<Unread>)> {
        Some(sorted_out(Vec::new(), account_id))
    }

    pub async fn keep(_: &Waiting) -> bool {
        false
    }

    pub async fn is_kept(_: &str) -> Option<bool> {
        None
    }

    pub async fn forget(_: &str) {}

    pub async fn keep_photos(_: &str, _: &[VisitPhoto]) {}

    pub async fn photos(_: &str) -> Option<Vec<VisitPhoto>> {
        None
    }

    pub async fn forget_photos(_: &str) {}

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

    pub async fn keep_page(_: &str, _: i64) -> Option<bool> {
        None
    }
}

use browser::forget_photos;
pub(super) use browser::{
    all, forget, is_kept, is_online, keep, keep_page, keep_photos, mark, milliseconds, photo,
    photos, send,
};

#[cfg(test)]
mod tests {
    use domain::trip::VisitOutcome;

    use super::*;

    fn waiting(mark: &str, account_id: i64, kept_at: f64) -> Waiting {
        let visit = serde_json::json!({
            "mark": mark, "enterprise_id": 1, "visited_on": "2026-07-07", "begin_minute": 570,
            "written_at": "2026-07-07T02:00:00Z", "outcome": "again",
        });
        Waiting {
            trip_id: 1,
            account_id,
            name: "样例".to_owned(),
            kept_at,
            visit: serde_json::from_value(visit).unwrap(),
            photos: Vec::new(),
            refused: None,
            trip: "七月外出".to_owned(),
            draft: None,
            replaces: None,
        }
    }

    #[test]
    fn what_is_kept_is_sorted_out_and_nothing_vanishes() {
        let text = |row: &Waiting| serde_json::to_string(row).unwrap();
        let (second, first) = (waiting("b", 7, 2.0), waiting("a", 7, 1.0));
        // A reason that a later program gave, and this one does not know.
        let strange = text(&first).replace(
            r#""refused":null"#,
            r#""refused":{"kind":"of_next_year","until":9}"#,
        );
        assert!(strange.contains("of_next_year"));
        let broken = r#"{"account_id":7,"visit":{"outcome":"of_next_year","remark":"差在蒸汽价"},"photos":[1]}"#;
        let pairs = [
            ("b", text(&second)),
            ("a", strange),
            ("c", text(&waiting("c", 8, 0.0))),
            ("d", broken.to_owned()),
            ("e", broken.replace('7', "8")),
            ("f", "no JSON".to_owned()),
        ];
        let pairs = pairs.map(|(key, text)| (key.to_owned(), text)).to_vec();
        let (rows, unread) = sorted_out(pairs, 7);
        assert_eq!(rows, [first, second]);
        let keys: Vec<&str> = unread.iter().map(|one| one.key.as_str()).collect();
        assert_eq!(keys, ["d", "f"]);
        assert!(unread[0].text.contains("差在蒸汽价") && !unread[0].text.contains("photos"));
        assert_eq!(unread[1].text, "no JSON");
    }

    #[test]
    fn what_is_sent_says_who_wrote_it() {
        let sent: VisitPost = serde_json::from_str(&post(&waiting("a", 7, 0.0))).unwrap();
        assert_eq!(sent.visit.account_id, Some(7));
    }

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
        for status in [408, 429, 502, 503] {
            assert_eq!(read_answer(status, ""), Sent::Later);
        }
        assert_eq!(read_answer(500, ""), Sent::Failed);
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
