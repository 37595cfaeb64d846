//! The audit as rows of text, for a file.

use domain::audit::AuditRow;

use super::value::in_words;
use crate::{format, words::Locale};

/// The header and a row a field; a change without fields has one row.
#[must_use]
pub fn table(words: Locale, rows: &[AuditRow]) -> Vec<Vec<String>> {
    let header = [
        words.audit_number(),
        words.when_word(),
        words.who_word(),
        words.what_word(),
        words.record_kind(),
        words.record_number(),
        words.record_name(),
        words.field_word(),
        words.before_word(),
        words.after_word(),
    ];
    let mut table = vec![header.map(str::to_owned).to_vec()];
    for row in rows {
        let head = [
            row.id.to_string(),
            format::instant(row.at),
            row.by
                .clone()
                .unwrap_or_else(|| words.the_program().to_owned()),
            words.audit_action(&row.action).to_owned(),
            words.audit_entity(&row.entity).to_owned(),
            row.entity_id.to_string(),
            row.subject.clone().unwrap_or_default(),
        ];
        if row.fields.is_empty() {
            table.push(head.iter().cloned().chain(vec![String::new(); 3]).collect());
        }
        for field in &row.fields {
            table.push(head.iter().cloned().chain(in_words(words, field)).collect());
        }
    }
    table
}
