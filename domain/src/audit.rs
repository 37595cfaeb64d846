//! Who changed what; what was deleted and can come back; what can be undone.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::lead::Stage;

/// An act can be undone for so many minutes, by the person who did it.
pub const UNDO_MINUTES: i64 = 10;
/// What the timeline and the audit give as the reason of an undoing.
pub const UNDO_REASON: &str = "撤销";
/// What was deleted stays in the bin for so many days before it may be removed for good.
pub const PURGE_DAYS: i64 = 30;
/// Records on one page of the bin.
pub const BIN_PAGE: u64 = 50;
/// Rows on one page of the audit.
pub const AUDIT_PAGE: u64 = 50;

/// Records that can be deleted and come back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    #[default]
    Lead,
    Trip,
}

impl RecordKind {
    pub const ALL: [Self; 2] = [Self::Lead, Self::Trip];

    /// The word in the audit, the API and addresses.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Trip => "trip",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// Puts a record into the bin.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deletion {
    pub kind: RecordKind,
    pub id: i64,
    /// The version the person saw.
    pub version: i64,
    /// Why: asked for, for the next one who looks.
    pub reason: String,
}

/// A record in the bin, or on its way out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordTag {
    pub kind: RecordKind,
    pub id: i64,
}

/// The act that left a record at this version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoAct {
    pub kind: RecordKind,
    pub id: i64,
    pub version: i64,
}

/// Which deleted records to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BinQuery {
    #[serde(default)]
    pub kind: RecordKind,
    #[serde(default)]
    pub page: u64,
}

/// A deleted record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinItem {
    pub kind: RecordKind,
    pub id: i64,
    /// The project's title, or the trip's name.
    pub title: String,
    /// Of a lead.
    pub enterprise_name: Option<String>,
    /// Of a lead.
    pub stage: Option<Stage>,
    pub bureau: String,
    pub by: String,
    pub deleted_at: DateTime<Utc>,
    pub reason: String,
    /// The day from which on it may be removed for good.
    pub purge_on: NaiveDate,
    /// The day has come, and the person may.
    pub may_purge: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BinPage {
    pub kind: RecordKind,
    pub items: Vec<BinItem>,
    pub total: u64,
    pub page: u64,
}

/// Why an act cannot be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoRefusal {
    /// More than [`UNDO_MINUTES`] ago.
    TooLate,
    /// It was undone already.
    Undone,
    /// Acts of this kind, or undoings themselves, are not undone.
    NotUndoable,
    /// The stage that would be entered again has no evidence on record under the rules in force.
    NoEvidence,
}

/// Which rows of the audit to show.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditQuery {
    #[serde(default)]
    pub account_id: Option<i64>,
    /// A kind of record, as [`AUDIT_ENTITIES`] names it; empty for all.
    #[serde(default)]
    pub entity: String,
    #[serde(default)]
    pub entity_id: Option<i64>,
    /// First and last local day, both included.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Only rows older than this one: where the page before ended.
    #[serde(default)]
    pub before: Option<i64>,
}

/// Kinds of records that leave audit rows.
pub const AUDIT_ENTITIES: [&str; 29] = [
    "lead",
    "contact",
    "task",
    "commitment",
    "file",
    "claim",
    "claim_dispute",
    "lead_transfer",
    "saved_view",
    "trip",
    "visit",
    "enterprise",
    "enterprise_merge",
    "account",
    "api_token",
    "import_job",
    "chain",
    "chain_draft",
    "chain_snapshot",
    "chain_scenario",
    "chief_task",
    "match_decision",
    "reference_source",
    "atlas_setting",
    "target_weights",
    "target_list",
    "target_query",
    "stage_rule_pack",
    "work_calendar_year",
];

/// A field with its values as text; ids of people, nodes, companies, chains and bureaus are names already.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditField {
    pub field: String,
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditRow {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// `None` for the command line and work that nobody asked for.
    pub by: Option<String>,
    pub action: String,
    pub entity: String,
    pub entity_id: i64,
    /// The record's name, as long as the record is there.
    pub subject: Option<String>,
    /// Whether the record has a page: it is there and not deleted.
    pub is_open: bool,
    pub fields: Vec<AuditField>,
}

/// A page of the audit, newest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AuditPage {
    pub rows: Vec<AuditRow>,
    /// [`AuditQuery::before`] of the next page, if there is one.
    pub next: Option<i64>,
    /// People whose acts may be asked for.
    pub people: Vec<(i64, String)>,
}

/// What of two values of a record differs, field by field; objects in them are taken apart once, so that the evidence of a
/// stage reads as its fields. The version is left out: it says nothing to people.
#[must_use]
pub fn changed_fields(
    before: Option<&serde_json::Value>,
    after: Option<&serde_json::Value>,
) -> Vec<AuditField> {
    let (before, after) = (flat(before), flat(after));
    let mut names: Vec<&String> = before.iter().map(|(name, _)| name).collect();
    names.extend(
        after
            .iter()
            .map(|(name, _)| name)
            .filter(|name| before.iter().all(|(known, _)| known != *name)),
    );
    let text = |side: &[(String, String)], name: &str| {
        side.iter()
            .find(|(known, _)| known == name)
            .map(|(_, text)| text.clone())
            .unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| AuditField {
            field: name.clone(),
            before: text(&before, name),
            after: text(&after, name),
        })
        .filter(|field| field.before != field.after)
        .collect()
}

/// Longest value shown, in characters.
const VALUE_CHARACTERS: usize = 300;

fn flat(value: Option<&serde_json::Value>) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    match value {
        Some(serde_json::Value::Object(object)) => {
            for (name, value) in object {
                match value {
                    serde_json::Value::Object(inner) if name == "evidence" => {
                        fields.extend(inner.iter().map(|(key, value)| (key.clone(), text(value))));
                    }
                    // The whole record as it was is kept for undoing, not for reading.
                    _ if matches!(name.as_str(), "version" | "undo_of" | "former") => {}
                    value => fields.push((name.clone(), text(value))),
                }
            }
        }
        None | Some(serde_json::Value::Null) => {}
        Some(other) => fields.push(("value".to_owned(), text(other))),
    }
    fields
}

fn text(value: &serde_json::Value) -> String {
    let whole = match value {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if whole.chars().count() <= VALUE_CHARACTERS {
        return whole;
    }
    let mut cut: String = whole.chars().take(VALUE_CHARACTERS).collect();
    cut.push('…');
    cut
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_named_and_evidence_is_taken_apart() {
        let before = json!({"stage": "lead", "title": "甲", "version": 1});
        let after = json!({"stage": "screened", "title": "甲", "version": 2, "evidence": {"fit": "好"}, "reason": ""});
        let field = |field: &str, before: &str, after: &str| AuditField {
            field: field.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        let mut found = changed_fields(Some(&before), Some(&after));
        found.sort_by(|one, two| one.field.cmp(&two.field));
        assert_eq!(
            found,
            [field("fit", "", "好"), field("stage", "lead", "screened")]
        );
        assert!(changed_fields(None, None).is_empty());
        assert_eq!(
            changed_fields(Some(&json!({"done": false})), None),
            [field("done", "false", "")]
        );
    }

    #[test]
    fn a_long_value_is_cut_between_characters() {
        let long = "链".repeat(VALUE_CHARACTERS + 1);
        let found = changed_fields(None, Some(&json!({ "file": long })));
        assert_eq!(found[0].after.chars().count(), VALUE_CHARACTERS + 1);
        assert!(found[0].after.ends_with('…'));
    }

    #[test]
    fn kinds_have_keys() {
        for kind in RecordKind::ALL {
            assert_eq!(RecordKind::from_key(kind.key()), Some(kind));
            assert!(AUDIT_ENTITIES.contains(&kind.key()));
        }
    }
}
