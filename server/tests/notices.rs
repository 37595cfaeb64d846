//! The stream of notices, the calendar behind its secret, and mail as a server receives it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::ConnectInfo,
    http::{Request, Response, StatusCode, header},
};
use domain::{
    account::Actor,
    lead::{LeadChange, LeadQuery, SideState, SideStateChange},
    notice::{MailChoice, OwnSettingsChange},
};
use http_body_util::BodyExt;
use server::{
    config::{Config, Surroundings},
    mail::Mailer,
    notice_hub::{NoticeHub, STREAMS_A_PERSON},
    router::build,
};
use service::{Database, Service, demo::DEMO_PASSWORD, search::EmbeddedEngine};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    time::timeout,
};
use tower::ServiceExt;

/// Longer than two rounds of the stream and one check of its sessions.
const SOON: Duration = Duration::from_secs(20);

struct Zone {
    router: Router,
    hub: NoticeHub,
    service: Service,
    clock: Arc<Mutex<chrono::DateTime<chrono::Utc>>>,
    _folder: tempfile::TempDir,
}

async fn zone() -> Zone {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/test.sqlite?mode=rwc", folder.path().display());
    let database = Database::connect(&url).await.unwrap();
    database.migrate().await.unwrap();
    let engine = EmbeddedEngine::open(&folder.path().join("search")).unwrap();
    // The Friday before, so that the demo has aged by Monday.
    let clock = Arc::new(Mutex::new(monday() - chrono::Duration::days(3)));
    let read = Arc::clone(&clock);
    let service = Service::new(
        database,
        Arc::new(engine),
        Arc::new(move || *read.lock().unwrap()),
    );
    service.load_demo(&mut |_| {}).await.unwrap();
    let surroundings = Surroundings {
        environment: BTreeMap::from([
            (
                "WUTONG_DATA".to_owned(),
                folder.path().display().to_string(),
            ),
            (
                "WUTONG_PUBLIC_URL".to_owned(),
                "https://crm.example.cn".to_owned(),
            ),
        ]),
        working_folder: folder.path().to_owned(),
        executable_folder: None,
    };
    let config = Config::load(None, &surroundings).unwrap();
    let hub = NoticeHub::default();
    let router = build(service.clone(), &config, hub.clone()).unwrap();
    Zone {
        router,
        hub,
        service,
        clock,
        _folder: folder,
    }
}

impl Zone {
    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Response<Body> {
        let mut request = Request::builder().uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(Body::empty()).unwrap();
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 4000))));
        self.router.clone().oneshot(request).await.unwrap()
    }

    async fn signed_in(&self, login: &str) -> (String, Actor) {
        self.service
            .sign_in(login, DEMO_PASSWORD, "127.0.0.1", None)
            .await
            .unwrap()
    }

    async fn listen(&self, token: &str, last_id: Option<&str>) -> Response<Body> {
        let cookie = format!("wutong_session={token}");
        let mut headers = vec![
            ("cookie", cookie.as_str()),
            ("accept", "text/event-stream"),
            ("accept-encoding", "gzip, br"),
        ];
        if let Some(last_id) = last_id {
            headers.push(("last-event-id", last_id));
        }
        self.get("/notices/stream", &headers).await
    }

    /// The chief of the east bureau pauses a lead of the officer's, or puts it back: the officer is told.
    async fn tell(&self, officer: &Actor) {
        let chief = self.service.actor_by_login("chief-east").await.unwrap();
        let query = LeadQuery {
            owner_id: Some(officer.account_id),
            ..LeadQuery::default()
        };
        let lead = self
            .service
            .lead_page(&chief, &query)
            .await
            .unwrap()
            .leads
            .remove(0);
        let change = SideStateChange {
            lead_id: lead.id,
            version: lead.version,
            to: lead.side_state.is_none().then_some(SideState::Paused),
            reason: "等土地".to_owned(),
        };
        self.service.set_side_state(&chief, change).await.unwrap();
    }
}

/// The next event's id and data; `None` when the stream ends, or nothing comes for so long.
async fn event(response: &mut Response<Body>, patience: Duration) -> Option<(String, String)> {
    let read = async {
        loop {
            let frame = response.body_mut().frame().await?.unwrap();
            let text = String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap();
            let find = |name: &str| {
                text.lines()
                    .find_map(|line| line.strip_prefix(name))
                    .map(|value| value.trim().to_owned())
            };
            // A comment keeps the connection alive and says nothing.
            if let (Some(id), Some(data)) = (find("id:"), find("data:")) {
                return Some((id, data));
            }
        }
    };
    timeout(patience, read).await.ok().flatten()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_notice_comes_over_the_stream_and_a_return_resumes() {
    let zone = zone().await;
    let (token, officer) = zone.signed_in("officer-east").await;
    let mut stream = zone.listen(&token, None).await;
    assert_eq!(stream.status(), StatusCode::OK);
    let headers = stream.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "text/event-stream");
    assert!(
        !headers.contains_key(header::CONTENT_ENCODING),
        "a compressor would gather events"
    );
    // The number at once, then each change of it, by this server or another one on the same database.
    let (_, first) = event(&mut stream, SOON).await.unwrap();
    assert_eq!(first, r#"{"unread":0}"#);
    zone.tell(&officer).await;
    let (seen, data) = event(&mut stream, SOON).await.unwrap();
    assert_eq!(data, r#"{"unread":1}"#);
    zone.tell(&officer).await;
    let (latest, data) = event(&mut stream, SOON).await.unwrap();
    assert_eq!(data, r#"{"unread":2}"#);
    assert!(latest.parse::<i64>().unwrap() > seen.parse::<i64>().unwrap());
    // Read elsewhere: the bell goes down as well.
    zone.service
        .read_notices(&officer, None, i64::MAX)
        .await
        .unwrap();
    let (id, data) = event(&mut stream, SOON).await.unwrap();
    assert_eq!((id, data.as_str()), (latest.clone(), r#"{"unread":0}"#));
    drop(stream);
    // Away while something came: told at once. Nothing came: silence.
    zone.tell(&officer).await;
    let mut back = zone.listen(&token, Some(&latest)).await;
    let (newest, data) = event(&mut back, SOON).await.unwrap();
    assert_eq!(data, r#"{"unread":1}"#);
    let mut again = zone.listen(&token, Some(&newest)).await;
    assert_eq!(event(&mut again, Duration::from_secs(5)).await, None);
    zone.tell(&officer).await;
    assert_eq!(event(&mut again, SOON).await.unwrap().1, r#"{"unread":2}"#);
    assert_eq!(event(&mut back, SOON).await.unwrap().1, r#"{"unread":2}"#);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn streams_end_with_the_session_are_few_and_stop_with_the_server() {
    let zone = zone().await;
    assert_eq!(
        zone.get("/notices/stream", &[]).await.status(),
        StatusCode::SEE_OTHER
    );
    let (token, _) = zone.signed_in("officer-east").await;
    let (other, _) = zone.signed_in("officer-west").await;
    let mut streams = Vec::new();
    for _ in 0..STREAMS_A_PERSON {
        let mut stream = zone.listen(&token, None).await;
        assert_eq!(stream.status(), StatusCode::OK);
        assert!(event(&mut stream, SOON).await.is_some());
        streams.push(stream);
    }
    assert_eq!(
        zone.listen(&token, None).await.status(),
        StatusCode::TOO_MANY_REQUESTS
    );
    let mut others = zone.listen(&other, None).await;
    assert_eq!(others.status(), StatusCode::OK, "the limit is a person's");
    assert!(event(&mut others, SOON).await.is_some());
    // One that is closed makes room.
    drop(streams.pop());
    let mut last = zone.listen(&token, None).await;
    assert_eq!(last.status(), StatusCode::OK);
    assert!(event(&mut last, SOON).await.is_some());
    // Signed out: the stream ends by itself, that of others goes on.
    zone.service.sign_out(&token).await.unwrap();
    let ended = timeout(SOON, last.body_mut().frame()).await.unwrap();
    assert!(ended.is_none(), "{ended:?}");
    assert!(
        timeout(Duration::from_secs(3), others.body_mut().frame())
            .await
            .is_err()
    );
    zone.hub.stop();
    let ended = timeout(Duration::from_secs(1), others.body_mut().frame())
        .await
        .unwrap();
    assert!(ended.is_none(), "{ended:?}");
    assert_eq!(
        zone.listen(&other, None).await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
}

async fn text(response: Response<Body>) -> String {
    String::from_utf8(
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

/// Names and values of the lines, unfolded; lines are never longer than RFC 5545 allows.
fn properties(calendar: &str) -> Vec<(String, String)> {
    assert!(calendar.split("\r\n").all(|line| line.len() <= 75));
    calendar
        .replace("\r\n ", "")
        .split("\r\n")
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = line.split_once(':').expect(line);
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_calendar_opens_with_its_secret_and_no_session() {
    let zone = zone().await;
    let officer = zone.service.actor_by_login("officer-east").await.unwrap();
    let unknown = format!("/calendar/{}.ics", "A".repeat(43));
    for path in [
        unknown.as_str(),
        "/calendar/x.ics",
        "/calendar/.ics",
        "/calendar/%00.ics",
        "/calendar/x",
    ] {
        assert_eq!(
            zone.get(path, &[]).await.status(),
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    let secret = zone.service.make_calendar_key(&officer).await.unwrap();
    let path = format!("/calendar/{secret}.ics");
    let response = zone.get(&path, &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[header::CONTENT_TYPE],
        "text/calendar; charset=utf-8"
    );
    let tag = response.headers()[header::ETAG]
        .to_str()
        .unwrap()
        .to_owned();
    let calendar = text(response).await;
    let lines = properties(&calendar);
    assert_eq!(
        lines.first(),
        Some(&("BEGIN".to_owned(), "VCALENDAR".to_owned()))
    );
    assert_eq!(
        lines.last(),
        Some(&("END".to_owned(), "VCALENDAR".to_owned()))
    );
    let count = |name: &str| {
        lines
            .iter()
            .filter(|(one, _)| one.split(';').next() == Some(name))
            .count()
    };
    let events = lines
        .iter()
        .filter(|line| **line == ("BEGIN".to_owned(), "VEVENT".to_owned()))
        .count();
    assert!(events > 0, "the demo's officer has claims");
    for name in ["UID", "DTSTAMP", "DTSTART", "SUMMARY", "URL"] {
        let extra = usize::from(name == "UID") * (count(name) - events);
        assert_eq!(count(name) - extra, events, "{name}");
    }
    assert!(
        lines
            .iter()
            .any(|(name, value)| name == "SUMMARY" && value.starts_with("首报到期："))
    );
    assert!(
        lines
            .iter()
            .filter(|(name, _)| name == "URL")
            .all(|(_, value)| value.starts_with("https://crm.example.cn/"))
    );
    // Nothing changed, a day later: the reader keeps what it has.
    *zone.clock.lock().unwrap() += chrono::Duration::days(1);
    let same = zone.get(&path, &[("if-none-match", &tag)]).await;
    assert_eq!(same.status(), StatusCode::NOT_MODIFIED);
    assert!(text(same).await.is_empty());
    // Made anew, the old address is one of many that open nothing.
    let other = zone.service.make_calendar_key(&officer).await.unwrap();
    assert_eq!(zone.get(&path, &[]).await.status(), StatusCode::NOT_FOUND);
    let other = format!("/calendar/{other}.ics");
    assert_eq!(zone.get(&other, &[]).await.status(), StatusCode::OK);
    zone.service.remove_calendar_key(&officer).await.unwrap();
    assert_eq!(zone.get(&other, &[]).await.status(), StatusCode::NOT_FOUND);
}

/// A mail as it arrived: sender, recipients, and the text between DATA and the dot.
#[derive(Clone, Debug, Default)]
struct Received {
    from: String,
    to: Vec<String>,
    data: String,
}

/// A mail server for one test. It answers recipients with `answer`, for as many tries as `busy` says with 451 first.
struct Post {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    connections: Arc<Mutex<u32>>,
}

async fn post(busy: u32, answer: &'static str) -> Post {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let received = Arc::new(Mutex::new(Vec::new()));
    let connections = Arc::new(Mutex::new(0));
    let (kept, counted) = (Arc::clone(&received), Arc::clone(&connections));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            let turn = {
                let mut count = counted.lock().unwrap();
                *count += 1;
                *count
            };
            let kept = Arc::clone(&kept);
            tokio::spawn(async move {
                let (reader, mut writer) = socket.into_split();
                let mut lines = BufReader::new(reader).lines();
                let mut mail = Received::default();
                writer.write_all(b"220 test\r\n").await.unwrap();
                while let Ok(Some(line)) = lines.next_line().await {
                    let said = if line.starts_with("EHLO") {
                        "250-test\r\n250 8BITMIME"
                    } else if let Some(from) = line.strip_prefix("MAIL FROM:") {
                        from.clone_into(&mut mail.from);
                        "250 ok"
                    } else if let Some(to) = line.strip_prefix("RCPT TO:") {
                        if turn <= busy {
                            "451 busy"
                        } else {
                            mail.to.push(to.to_owned());
                            answer
                        }
                    } else if line == "DATA" {
                        writer.write_all(b"354 go on\r\n").await.unwrap();
                        while let Ok(Some(line)) = lines.next_line().await {
                            if line == "." {
                                break;
                            }
                            mail.data.push_str(&line);
                            mail.data.push('\n');
                        }
                        kept.lock().unwrap().push(std::mem::take(&mut mail));
                        "250 taken"
                    } else if line == "QUIT" {
                        "221 bye"
                    } else {
                        "250 ok"
                    };
                    if writer
                        .write_all(format!("{said}\r\n").as_bytes())
                        .await
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
    });
    Post {
        address,
        received,
        connections,
    }
}

impl Post {
    fn mailer(&self) -> Mailer {
        let folder = tempfile::tempdir().unwrap();
        let surroundings = Surroundings {
            environment: BTreeMap::from(
                [
                    ("WUTONG_SMTP_URL", format!("smtp://{}", self.address)),
                    (
                        "WUTONG_MAIL_FROM",
                        "梧桐 <wutong@zone.example.cn>".to_owned(),
                    ),
                    (
                        "WUTONG_PUBLIC_URL",
                        "https://crm.example.cn/base/".to_owned(),
                    ),
                ]
                .map(|(name, value)| (name.to_owned(), value)),
            ),
            working_folder: folder.path().to_owned(),
            executable_folder: None,
        };
        Mailer::new(&Config::load(None, &surroundings).unwrap().smtp.unwrap()).unwrap()
    }

    fn taken(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

/// `=?utf-8?b?…?=` words of a header, joined and read.
fn header_text(data: &str, name: &str) -> String {
    let unfolded = data.replace("\n ", " ");
    let line = unfolded
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name}: ")))
        .unwrap_or_else(|| panic!("no {name} in {data}"))
        .to_owned();
    let mut text = String::new();
    let mut was_encoded = None;
    for word in line.split_whitespace() {
        let encoded = word
            .strip_prefix("=?utf-8?b?")
            .and_then(|word| word.strip_suffix("?="));
        // The space between two encoded words is none of the text (RFC 2047, 6.2).
        if was_encoded.is_some_and(|was| !(was && encoded.is_some())) {
            text.push(' ');
        }
        was_encoded = Some(encoded.is_some());
        match encoded {
            Some(word) => text.push_str(&String::from_utf8(base64(word)).unwrap()),
            None => text.push_str(word),
        }
    }
    text
}

fn base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bits = 0_u32;
    let mut count = 0;
    let mut bytes = Vec::new();
    for byte in text
        .bytes()
        .filter(|byte| *byte != b'=' && !byte.is_ascii_whitespace())
    {
        let value = ALPHABET.iter().position(|one| *one == byte).unwrap();
        bits = bits << 6 | u32::try_from(value).unwrap();
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).unwrap());
        }
    }
    bytes
}

/// A part of the message by its kind, decoded.
fn part(data: &str, kind: &str) -> String {
    encoded_part(data, kind).replace("\r\n", "\n")
}

fn encoded_part(data: &str, kind: &str) -> String {
    let (_, rest) = data
        .split_once(&format!("Content-Type: {kind}; charset=utf-8\n"))
        .unwrap_or_else(|| panic!("no {kind} in {data}"));
    let (headers, body) = rest.split_once("\n\n").unwrap();
    let body = body.split("\n--").next().unwrap();
    match headers
        .trim()
        .strip_prefix("Content-Transfer-Encoding: ")
        .unwrap()
    {
        "base64" => String::from_utf8(base64(body)).unwrap(),
        "quoted-printable" => {
            let joined = body.replace("=\n", "");
            let bytes = joined.as_bytes();
            let mut decoded = Vec::new();
            let mut index = 0;
            while let Some(byte) = bytes.get(index) {
                if *byte == b'=' {
                    decoded.push(u8::from_str_radix(&joined[index + 1..index + 3], 16).unwrap());
                    index += 3;
                } else {
                    decoded.push(*byte);
                    index += 1;
                }
            }
            String::from_utf8(decoded).unwrap()
        }
        "7bit" | "8bit" => body.to_owned(),
        other => panic!("{other}"),
    }
}

/// Monday 2026-07-06, nine in the zone.
fn monday() -> chrono::DateTime<chrono::Utc> {
    "2026-07-06T01:00:00Z".parse().unwrap()
}

async fn wants(zone: &Zone, login: &str, choice: MailChoice, locale: &str) -> Actor {
    let person = zone.service.actor_by_login(login).await.unwrap();
    let change = OwnSettingsChange {
        email: format!("{login}@example.cn"),
        mail_choice: choice,
        locale: locale.to_owned(),
    };
    zone.service
        .change_own_settings(&person, change)
        .await
        .unwrap();
    person
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_digest_arrives_once_in_both_forms_and_in_the_readers_language() {
    let zone = zone().await;
    let officer = wants(&zone, "officer-east", MailChoice::Digest, "zh-CN").await;
    wants(&zone, "leader", MailChoice::Digest, "en").await;
    *zone.clock.lock().unwrap() = monday();
    zone.tell(&officer).await;
    let post = post(0, "250 ok").await;
    let mailer = post.mailer();
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 2);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0, "once a day");
    let taken = post.taken();
    let mail = taken
        .iter()
        .find(|mail| mail.to == ["<officer-east@example.cn>"])
        .unwrap();
    assert!(
        mail.from.starts_with("<wutong@zone.example.cn>"),
        "{mail:?}"
    );
    assert_eq!(
        header_text(&mail.data, "Subject"),
        "梧桐日报 7 月 6 日 周一"
    );
    assert!(header_text(&mail.data, "From").contains("<wutong@zone.example.cn>"));
    assert_eq!(header_text(&mail.data, "Auto-Submitted"), "auto-generated");
    assert!(mail.data.contains("Content-Type: multipart/alternative"));
    assert!(header_text(&mail.data, "Message-ID").ends_with("@zone.example.cn>"));
    let (plain, html) = (
        part(&mail.data, "text/plain"),
        part(&mail.data, "text/html"),
    );
    // The same numbers as on the page of the day, each with the way to what it counts.
    let scope = domain::lead::TodayScope {
        mine: true,
        bureau_id: None,
    };
    let day = zone.service.today_page(&officer, scope).await.unwrap();
    let mut sections = 0;
    for (total, title, filter) in [
        (day.late.total, "阶段超时", "late=true"),
        (day.silent.total, "静默满 14 天", "silent=true"),
        (
            day.lapsing.total,
            "将失效的首报 7 天内到期或已过期",
            "lapsing=true",
        ),
    ] {
        let line = format!("{title} {total} 件");
        assert_eq!(plain.contains(&line), total > 0, "{line} in {plain}");
        assert_eq!(html.contains(&line), total > 0);
        assert_eq!(plain.contains(filter), total > 0);
        sections += usize::from(total > 0);
    }
    assert!(sections > 0, "the demo's officer has leads that wait");
    let address = format!(
        "https://crm.example.cn/base/leads/list?owner_id={}",
        officer.account_id
    );
    assert!(
        plain.contains(&address) && html.contains(&address),
        "{plain}"
    );
    assert!(plain.contains("未读通知 1 条\nhttps://crm.example.cn/base/notices?unread=true"));
    assert!(html.contains("<a href=\"https://crm.example.cn/base/settings/me\">"));
    let mail = taken
        .iter()
        .find(|mail| mail.to == ["<leader@example.cn>"])
        .unwrap();
    assert_eq!(
        header_text(&mail.data, "Subject").split(',').next(),
        Some("Wutong")
    );
    assert!(part(&mail.data, "text/plain").starts_with("Hello "));
    // Tomorrow there is another one.
    *zone.clock.lock().unwrap() += chrono::Duration::days(1);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_urgent_is_mailed_at_once_and_tried_again() {
    let zone = zone().await;
    *zone.clock.lock().unwrap() = monday();
    let officer = wants(&zone, "officer-east", MailChoice::Urgent, "zh-CN").await;
    let chief = zone.service.actor_by_login("chief-east").await.unwrap();
    // Two tries meet a server that is busy.
    let post = post(2, "250 ok").await;
    let mailer = post.mailer();
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0);
    assert_eq!(*post.connections.lock().unwrap(), 0, "nothing to send");
    let lead = {
        let page = zone
            .service
            .lead_page(&chief, &LeadQuery::default())
            .await
            .unwrap();
        page.leads
            .into_iter()
            .find(|card| card.owner_name != officer.name)
            .expect("a lead of somebody else")
    };
    let change = LeadChange {
        owner_id: Some(officer.account_id),
        ..LeadChange::default()
    };
    zone.service
        .change_lead(&chief, lead.id, lead.version, change)
        .await
        .unwrap();
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0, "a pause");
    assert_eq!(*post.connections.lock().unwrap(), 1);
    *zone.clock.lock().unwrap() += chrono::Duration::minutes(2);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0);
    *zone.clock.lock().unwrap() += chrono::Duration::minutes(6);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 1);
    *zone.clock.lock().unwrap() += chrono::Duration::minutes(60);
    assert_eq!(mailer.round(&zone.service).await.unwrap(), 0, "once");
    let taken = post.taken();
    assert_eq!(taken.len(), 1);
    let sentence = format!("{}把“{}”的线索交给您", chief.name, lead.enterprise_name);
    assert_eq!(
        header_text(&taken[0].data, "Subject"),
        format!("梧桐：{sentence}")
    );
    let plain = part(&taken[0].data, "text/plain");
    assert!(
        plain.contains(&format!(
            "{sentence}\nhttps://crm.example.cn/base/leads/{}",
            lead.id
        )),
        "{plain}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_address_that_is_refused_is_given_up_at_once() {
    let zone = zone().await;
    let officer = wants(&zone, "officer-east", MailChoice::Digest, "zh-CN").await;
    *zone.clock.lock().unwrap() = monday();
    let post = post(0, "550 no such user").await;
    assert_eq!(post.mailer().round(&zone.service).await.unwrap(), 0);
    let own = zone.service.own_settings(&officer).await.unwrap();
    assert_eq!(own.mail_failed_at, Some(monday()));
    *zone.clock.lock().unwrap() += chrono::Duration::hours(12);
    assert_eq!(post.mailer().round(&zone.service).await.unwrap(), 0);
    assert_eq!(*post.connections.lock().unwrap(), 1);
    assert!(post.taken().is_empty());
}

/// Without settings there is no sender that could try anything: the worker's mail loop ends at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_server_nothing_is_queued_or_sent() {
    let zone = zone().await;
    let officer = wants(&zone, "officer-east", MailChoice::Digest, "zh-CN").await;
    *zone.clock.lock().unwrap() = monday();
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let working = tokio::spawn(server::worker::run(zone.service.clone(), None, stopped));
    tokio::time::sleep(Duration::from_secs(2)).await;
    stop.send(true).unwrap();
    timeout(SOON, working).await.unwrap().unwrap();
    assert_eq!(
        zone.service.digests_due().await.unwrap().len(),
        1,
        "nobody took it"
    );
    assert!(zone.service.lease_mail().await.unwrap().is_none());
    assert!(
        !zone
            .service
            .own_settings(&officer)
            .await
            .unwrap()
            .sends_mail
    );
}
