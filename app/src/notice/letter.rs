//! Letters in words: the digest of a day, and urgent notices. Every count is a link into the program.

use std::fmt::Write;

use chrono::Datelike;
use domain::lead::{LAPSING_DAYS, LeadCard, SILENT_DAYS, TodaySection};
use service::mail::{Addressee, Digest, Letter, Urgent};

use crate::{format, lead::parameters, words::Locale};

/// A letter as it grows, in its two forms.
struct Draft<'a> {
    /// The program's address, without a slash at its end.
    base: &'a str,
    text: String,
    html: String,
}

/// What HTML would take for its own.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

impl<'a> Draft<'a> {
    fn new(words: Locale, base: &'a str, to: &Addressee) -> Self {
        let mut draft = Self {
            base,
            text: String::new(),
            html: String::new(),
        };
        draft.line(&words.letter_hello(&to.name));
        draft
    }

    fn line(&mut self, text: &str) {
        let _ = writeln!(self.text, "{text}\n");
        let _ = writeln!(self.html, "<p>{}</p>", escaped(text));
    }

    /// A line that is a link.
    fn link(&mut self, text: &str, path: &str) {
        let address = format!("{}{path}", self.base);
        let _ = writeln!(self.text, "{text}\n{address}");
        let _ = writeln!(
            self.html,
            "<p><a href=\"{}\"><b>{}</b></a></p>",
            escaped(&address),
            escaped(text)
        );
    }

    /// Lines below a link, each a link of its own in HTML.
    fn items(&mut self, items: &[(String, String)]) {
        if !items.is_empty() {
            self.html.push_str("<ul>\n");
            for (text, path) in items {
                let address = format!("{}{path}", self.base);
                let _ = writeln!(self.text, "- {text}");
                let _ = writeln!(
                    self.html,
                    "<li><a href=\"{}\">{}</a></li>",
                    escaped(&address),
                    escaped(text)
                );
            }
            self.html.push_str("</ul>\n");
        }
        self.text.push('\n');
    }

    fn end(mut self, words: Locale, subject: String) -> Letter {
        self.link(words.letter_foot(), "/settings/me");
        Letter {
            subject: one_line(&subject),
            text: self.text,
            html: format!(
                "<!DOCTYPE html>\n<html lang=\"{}\"><meta charset=\"utf-8\"><body>\n{}</body></html>\n",
                words.tag(),
                self.html
            ),
        }
    }
}

/// A subject has no line breaks, whatever a company is called.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn section(
    draft: &mut Draft<'_>,
    words: Locale,
    title: &str,
    section: &TodaySection,
    rest: impl Fn(&LeadCard) -> String,
) {
    if section.total == 0 {
        return;
    }
    draft.link(
        &words.letter_section(title, format::count(section.total)),
        &format!("/leads/list{}", parameters(&section.query)),
    );
    let items: Vec<(String, String)> = section
        .leads
        .iter()
        .map(|card| {
            let parts = [
                card.enterprise_name.clone(),
                words.stage(card.stage).to_owned(),
                rest(card),
            ];
            (
                parts.join(words.list_comma()),
                format!("/leads/{}", card.id),
            )
        })
        .collect();
    draft.items(&items);
}

/// The digest of a day; `None` when there is nothing to say. `base` is the program's address, without a slash at its
/// end.
#[must_use]
pub fn digest_letter(digest: &Digest, base: &str) -> Option<Letter> {
    if digest.is_empty() {
        return None;
    }
    let words = Locale::from_tag(&digest.to.locale);
    let today = &digest.today;
    let day = |date: chrono::NaiveDate| {
        words.itinerary_day(date.month(), date.day(), format::weekday(words, date))
    };
    let mut draft = Draft::new(words, base, &digest.to);
    section(&mut draft, words, words.late_title(), &today.late, |card| {
        format::late(words, card).unwrap_or_default()
    });
    section(
        &mut draft,
        words,
        &format!(
            "{} {}",
            words.lapsing_title(),
            words.lapsing_sub(LAPSING_DAYS)
        ),
        &today.lapsing,
        |card| match card.claim_days_left.unwrap_or(0) {
            0 => words.due_today().to_owned(),
            days if days < 0 => words.days_over(-days),
            days => words.days_left(days),
        },
    );
    section(
        &mut draft,
        words,
        &words.only_silent(SILENT_DAYS),
        &today.silent,
        |card| words.silent_days(card.silent_days),
    );
    if !today.visits.is_empty() {
        draft.link(
            &words.letter_section(
                format!("{} {}", words.tomorrow_visits(), day(today.visit_day)),
                today.visits.len(),
            ),
            "/today#visits",
        );
        let items: Vec<(String, String)> = today
            .visits
            .iter()
            .map(|visit| {
                let parts = [
                    format::clock(visit.begin_minute),
                    visit.enterprise_name.clone(),
                    visit.city.clone(),
                ];
                (
                    parts.join(words.list_comma()),
                    format!("/trips/{}", visit.trip_id),
                )
            })
            .collect();
        draft.items(&items);
    }
    if digest.unread > 0 {
        draft.link(
            &words.letter_unread(format::count(digest.unread)),
            "/notices?unread=true",
        );
        draft.items(&[]);
    }
    Some(draft.end(words, words.letter_digest_subject(day(today.date))))
}

/// A letter about urgent notices.
#[must_use]
pub fn urgent_letter(urgent: &Urgent, base: &str) -> Letter {
    let words = Locale::from_tag(&urgent.to.locale);
    let mut draft = Draft::new(words, base, &urgent.to);
    let mut subject = String::new();
    for notice in &urgent.notices {
        let sentence = words.notice(notice.kind, &notice.detail);
        if subject.is_empty() {
            subject = words.letter_urgent_subject(&sentence);
        }
        draft.link(&sentence, &notice.href());
        draft.items(&[]);
    }
    draft.end(words, subject)
}
