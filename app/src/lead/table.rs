//! The list of leads as rows of text, for files.

use domain::lead::{LeadCard, LedgerRow, LimitUnit};

use crate::{format, words::Locale};

/// The header and a row a lead. Money is 万元 here, without commas: a file is for reckoning.
#[must_use]
pub fn table(words: Locale, cards: &[LeadCard]) -> Vec<Vec<String>> {
    let header = [
        words.enterprise(),
        words.project_name(),
        words.stage_word(),
        words.side_state_word(),
        words.chain(),
        words.node(),
        words.owner(),
        words.investment_wan(),
        words.days_in_stage(),
        words.limit_word(),
        words.silent_word(),
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(cards.iter().map(|card| {
        let node = card.node.as_ref();
        let limit = card.limit_days.map_or_else(String::new, |days| {
            let unit = match card.limit_in {
                LimitUnit::Days => words.unit_days(),
                LimitUnit::WorkingDays => words.unit_working_days(),
            };
            format!("{days} {unit}")
        });
        vec![
            card.enterprise_name.clone(),
            card.title.clone(),
            words.stage(card.stage).to_owned(),
            card.side_state
                .map(|state| words.side_state(state).to_owned())
                .unwrap_or_default(),
            node.map(|node| node.chain_name.clone()).unwrap_or_default(),
            node.map(|node| node.name.clone()).unwrap_or_default(),
            card.owner_name.clone(),
            card.investment_wan
                .map(|wan| wan.to_string())
                .unwrap_or_default(),
            card.days_in_stage.to_string(),
            limit,
            card.silent_days.to_string(),
        ]
    }));
    rows
}

/// The header and a row a line of the claim ledger.
#[must_use]
pub fn ledger_table(words: Locale, lines: &[LedgerRow]) -> Vec<Vec<String>> {
    let header = [
        words.time(),
        words.enterprise(),
        words.ledger_kind(),
        words.bureau(),
        words.other_bureau(),
        words.share_word(),
        words.ledger_text(),
        words.by(),
    ];
    let mut rows = vec![header.map(str::to_owned).to_vec()];
    rows.extend(lines.iter().map(|line| {
        vec![
            format::minute(line.happened_at),
            line.enterprise_name.clone(),
            words.claim_event(line.kind).to_owned(),
            line.bureau.clone(),
            line.other_bureau.clone().unwrap_or_default(),
            line.share_percent
                .map(|percent| percent.to_string())
                .unwrap_or_default(),
            words.ledger_body(line),
            line.by
                .clone()
                .unwrap_or_else(|| words.by_system().to_owned()),
        ]
    }));
    rows
}
