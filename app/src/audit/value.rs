//! Values of the audit in words.

use chrono::DateTime;
use domain::{
    account::{Role, TokenScope},
    audit::AuditField,
    lead::{EventKind, SideState, Stage},
};

use crate::{
    format,
    words::{Locale, form_field},
};

/// A field's name and its values before and after; a dash for nothing.
#[must_use]
pub(super) fn in_words(words: Locale, field: &AuditField) -> [String; 3] {
    let value = |text: &str| {
        if text.is_empty() {
            "—".to_owned()
        } else {
            value(words, &field.field, text)
        }
    };
    [
        form_field(words, &field.field).to_owned(),
        value(&field.before),
        value(&field.after),
    ]
}

fn value(words: Locale, field: &str, text: &str) -> String {
    let known = match field {
        "stage" => Stage::from_key(text).map(|stage| words.stage(stage).to_owned()),
        "side_state" => SideState::from_key(text).map(|state| words.side_state(state).to_owned()),
        "role" => Role::from_key(text).map(|role| words.role(role).to_owned()),
        "scope" => TokenScope::from_key(text).map(|scope| words.token_scope(scope).to_owned()),
        "kind" => EventKind::from_key(text).map(|kind| words.event(kind).to_owned()),
        _ => None,
    };
    if let Some(known) = known {
        return known;
    }
    match text {
        "true" => return words.yes().to_owned(),
        "false" => return words.no().to_owned(),
        _ => {}
    }
    if field.ends_with("_wan")
        && let Ok(wan) = text.parse::<i64>()
    {
        return words.wan(format::count(wan));
    }
    if field.ends_with("_at")
        && let Ok(at) = DateTime::parse_from_rfc3339(text)
    {
        return format::instant(at.to_utc());
    }
    words.evidence_choice_or(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_said_in_the_reader_s_words() {
        let said = |field: &str, before: &str, after: &str| {
            in_words(
                Locale::ZhCn,
                &AuditField {
                    field: field.to_owned(),
                    before: before.to_owned(),
                    after: after.to_owned(),
                },
            )
        };
        assert_eq!(said("stage", "lead", "screened"), ["阶段", "线索", "研判"]);
        assert_eq!(said("side_state", "", "paused"), ["状态", "—", "暂缓"]);
        assert_eq!(said("deleted", "false", "true"), ["已删除", "否", "是"]);
        assert_eq!(said("investment_wan", "", "12000")[2], "12,000 万元");
        assert_eq!(
            said("expires_at", "", "2026-06-30T01:00:00Z")[2],
            "2026-06-30 09:00"
        );
    }
}
