//! The stream of notices, and the calendar behind a secret address.

use app::{server_side::SignedIn, words::Locale};
use axum::{
    extract::{Extension, Path, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{KeepAlive, Sse},
    },
};
use domain::{
    feed::{Feed, FeedKind, FeedTime},
    problem::Problem,
};
use icalendar::{Calendar, Component, Event, EventLike};
use service::{Service, ServiceError};
use sha2::{Digest, Sha256};
use tokio_stream::wrappers::ReceiverStream;

use super::person;
use crate::{
    config::PublicUrl,
    notice_hub::{Closed, NoticeHub},
    session::{COOKIE, cookie, problem_response},
};

/// A proxy ends a silent connection after a minute or less.
const KEEP_ALIVE: std::time::Duration = std::time::Duration::from_secs(25);

/// How many notices wait, as server-sent events. `Last-Event-ID` says what the browser has heard already.
pub async fn stream(
    State(service): State<Service>,
    Extension(hub): Extension<NoticeHub>,
    Extension(signed_in): Extension<SignedIn>,
    headers: HeaderMap,
) -> Response {
    let actor = match person(&signed_in) {
        Ok(actor) => actor,
        Err(problem) => return problem_response(&problem),
    };
    let session = cookie(&headers, COOKIE).unwrap_or_default().to_owned();
    let last_id = headers
        .get("last-event-id")
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.trim().parse().ok());
    match hub.listen(&service, actor, session, last_id).await {
        Ok(receiver) => (
            // What stands between must not gather events into one answer.
            [(
                HeaderName::from_static("x-accel-buffering"),
                HeaderValue::from_static("no"),
            )],
            Sse::new(ReceiverStream::new(receiver))
                .keep_alive(KeepAlive::new().interval(KEEP_ALIVE)),
        )
            .into_response(),
        // A browser that is told so does not try again by itself.
        Err(Closed::TooMany) => StatusCode::TOO_MANY_REQUESTS.into_response(),
        Err(Closed::Stopping) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}

/// A person's calendar as iCalendar. The address is the key.
pub async fn calendar(
    State(service): State<Service>,
    Extension(PublicUrl(base)): Extension<PublicUrl>,
    Path(file): Path<String>,
    headers: HeaderMap,
) -> Response {
    let Some(secret) = file.strip_suffix(".ics") else {
        return problem_response(&Problem::NotFound);
    };
    let feed = match service.calendar_feed(secret).await {
        Ok(feed) => feed,
        Err(error) => return problem_response(&ServiceError::into_problem(error)),
    };
    let text = calendar_text(&feed, base.as_deref());
    let hash = Sha256::digest(text.as_bytes());
    let tag = format!(
        "\"{}\"",
        hash.iter()
            .take(16)
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    );
    let is_known = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|known| {
            known
                .split(',')
                .any(|one| one.trim().trim_start_matches("W/") == tag)
        });
    if is_known {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response();
    }
    (
        [
            (
                header::CONTENT_TYPE,
                "text/calendar; charset=utf-8".to_owned(),
            ),
            (
                header::CONTENT_DISPOSITION,
                "inline; filename=\"wutong.ics\"".to_owned(),
            ),
            (header::ETAG, tag),
        ],
        text,
    )
        .into_response()
}

/// The feed as iCalendar (RFC 5545). The same feed gives the same text: an entry's stamp is its last change.
fn calendar_text(feed: &Feed, base: Option<&str>) -> String {
    let words = Locale::from_tag(&feed.locale);
    let mut calendar = Calendar::new();
    calendar.name(&words.feed_name(&feed.person));
    for entry in &feed.entries {
        let summary = match &entry.kind {
            FeedKind::StageDeadline(stage) => {
                words.feed_deadline(words.stage(*stage), &entry.subject)
            }
            FeedKind::ClaimEnd => words.feed_claim(&entry.subject),
            FeedKind::Task { title } => words.feed_task(title, &entry.subject),
            FeedKind::Visit { .. } => words.feed_visit(&entry.subject),
        };
        let mut event = Event::new();
        event
            .uid(&entry.uid)
            .timestamp(entry.changed_at)
            .summary(&summary);
        if let FeedKind::Visit { trip, team } = &entry.kind {
            event.description(&words.feed_trip(trip, team));
        }
        if !entry.place.is_empty() {
            event.location(&entry.place);
        }
        if let Some(base) = base {
            event.url(&format!("{base}{}", entry.href));
        }
        match entry.time {
            FeedTime::Day(day) => event.all_day(day),
            FeedTime::Span(from, until) => event.starts(from).ends(until),
        };
        calendar.push(event.done());
    }
    calendar.done().to_string()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use domain::{feed::FeedEntry, lead::Stage};

    use super::*;

    fn feed() -> Feed {
        Feed {
            person: "周强".to_owned(),
            locale: "zh-CN".to_owned(),
            entries: vec![
                FeedEntry {
                    uid: "lead-7-site_visit@wutong".to_owned(),
                    kind: FeedKind::StageDeadline(Stage::SiteVisit),
                    subject: "示例;甲,乙\\公司\n第二行".to_owned(),
                    time: FeedTime::Day(NaiveDate::from_ymd_opt(2026, 7, 30).unwrap()),
                    place: String::new(),
                    href: "/leads/7".to_owned(),
                    changed_at: DateTime::UNIX_EPOCH,
                },
                FeedEntry {
                    uid: "trip-3-visit-9@wutong".to_owned(),
                    kind: FeedKind::Visit {
                        trip: "沪上行".to_owned(),
                        team: 1,
                    },
                    subject: "一家名字长得一行放不下、折行时也不能从汉字中间断开的示例储能科技股份有限公司"
                        .to_owned(),
                    time: FeedTime::Span(
                        DateTime::UNIX_EPOCH,
                        DateTime::UNIX_EPOCH + chrono::Duration::hours(1),
                    ),
                    place: "上海市".to_owned(),
                    href: "/trips/3".to_owned(),
                    changed_at: DateTime::UNIX_EPOCH,
                },
            ],
        }
    }

    #[test]
    fn the_calendar_is_escaped_folded_and_the_same_each_time() {
        let text = calendar_text(&feed(), Some("https://crm.example.cn"));
        assert_eq!(text, calendar_text(&feed(), Some("https://crm.example.cn")));
        assert!(text.split("\r\n").all(|line| line.len() <= 75), "{text}");
        let lines = text.replace("\r\n ", "");
        for line in [
            "SUMMARY:考察到期：示例\\;甲\\,乙\\\\公司\\n第二行",
            "UID:lead-7-site_visit@wutong",
            "DTSTART;VALUE=DATE:20260730",
            "DTSTAMP:19700101T000000Z",
            "URL:https://crm.example.cn/leads/7",
            "DTSTART:19700101T000000Z",
            "DTEND:19700101T010000Z",
            "LOCATION:上海市",
            "DESCRIPTION:沪上行，第 1 组",
        ] {
            assert!(
                lines.split("\r\n").any(|one| one == line),
                "{line} in {lines}"
            );
        }
        assert!(lines.contains("折行时也不能从汉字中间断开"));
        assert!(!calendar_text(&feed(), None).contains("URL:"));
    }
}
