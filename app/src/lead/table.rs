//! The list of leads as rows of text, for files.

use domain::lead::{LeadCard, LeadColumn, LedgerRow, LimitUnit};

use crate::{format, words::Locale};

/// The header and a row a lead, in the columns of the list. Money is 万元 here, without commas: a file is for reckoning.
#[must_use]
pub fn table(words: Locale, columns: &[LeadColumn], cards: &[LeadCard]) -> Vec<Vec<String>> {
    let header = columns
        .iter()
        .map(|column| {
            match column {
                LeadColumn::Investment => words.investment_wan(),
                LeadColumn::Land => words.land_mu(),
                other => words.lead_column(*other),
            }
            .to_owned()
        })
        .collect();
    let mut rows = vec![header];
    rows.extend(cards.iter().map(|card| {
        columns
            .iter()
            .map(|column| cell(words, *column, card))
            .collect()
    }));
    rows
}

fn cell(words: Locale, column: LeadColumn, card: &LeadCard) -> String {
    let number = |value: Option<i64>| value.map(|value| value.to_string()).unwrap_or_default();
    let node = card.node.as_ref();
    match column {
        LeadColumn::Enterprise => card.enterprise_name.clone(),
        LeadColumn::Title => card.title.clone(),
        LeadColumn::Stage => words.stage(card.stage).to_owned(),
        LeadColumn::SideState => card
            .side_state
            .map(|state| words.side_state(state).to_owned())
            .unwrap_or_default(),
        LeadColumn::DaysInStage => card.days_in_stage.to_string(),
        LeadColumn::Limit => card.limit_days.map_or_else(String::new, |days| {
            let unit = match card.limit_in {
                LimitUnit::Days => words.unit_days(),
                LimitUnit::WorkingDays => words.unit_working_days(),
            };
            format!("{days} {unit}")
        }),
        LeadColumn::DaysLate => number(card.days_late()),
        LeadColumn::Bureau => card.bureau_name.clone(),
        LeadColumn::Owner => card.owner_name.clone(),
        LeadColumn::Chain => node.map(|node| node.chain_name.clone()).unwrap_or_default(),
        LeadColumn::Node => node.map(|node| node.name.clone()).unwrap_or_default(),
        LeadColumn::Investment => number(card.investment_wan),
        LeadColumn::Land => card
            .land_mu
            .map(|land| land.to_string())
            .unwrap_or_default(),
        LeadColumn::Source => card.source.clone(),
        LeadColumn::Created => format::day(card.created_at),
        LeadColumn::LastActivity => format::day(card.last_activity_at),
        LeadColumn::SilentDays => card.silent_days.to_string(),
        LeadColumn::ClaimDaysLeft => number(card.claim_days_left),
    }
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
            format::instant(line.happened_at),
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::lead::{NodeTag, Stage};

    #[test]
    fn cells_follow_the_columns() {
        let instant = chrono::DateTime::from_timestamp(1_782_781_200, 0).unwrap();
        let card = LeadCard {
            id: 7,
            version: 1,
            enterprise_id: 1,
            enterprise_name: "示例甲公司".into(),
            title: "储能项目".into(),
            stage: Stage::Screened,
            side_state: None,
            node: Some(NodeTag {
                chain_id: 1,
                chain_name: "钒电池储能".into(),
                node_id: 2,
                name: "离子交换膜".into(),
                class: None,
            }),
            bureau_id: 1,
            owner_name: "张三".into(),
            investment_wan: Some(65_000),
            days_in_stage: 5,
            limit_days: Some(3),
            limit_in: LimitUnit::WorkingDays,
            claim_days_left: None,
            silent_days: 2,
            is_demo: true,
            bureau_name: "长三角分局".into(),
            land_mu: Some(66.5),
            source: "展会".into(),
            // 2026-06-30 01:00 UTC is nine in the morning in the zone.
            created_at: instant,
            last_activity_at: instant,
        };
        let columns = [
            LeadColumn::Land,
            LeadColumn::DaysLate,
            LeadColumn::Enterprise,
            LeadColumn::Limit,
            LeadColumn::Investment,
            LeadColumn::Created,
            LeadColumn::ClaimDaysLeft,
        ];
        let rows = table(Locale::ZhCn, &columns, std::slice::from_ref(&card));
        assert_eq!(
            rows,
            [
                vec![
                    "用地（亩）",
                    "超时",
                    "企业",
                    "时限",
                    "拟投资（万元）",
                    "登记日期",
                    "首报剩余"
                ],
                vec![
                    "66.5",
                    "2",
                    "示例甲公司",
                    "3 工作日",
                    "65000",
                    "2026-06-30",
                    ""
                ],
            ]
        );
        for column in LeadColumn::ALL {
            let rows = table(Locale::ZhCn, &[column], std::slice::from_ref(&card));
            assert!(!rows[0][0].is_empty(), "{column:?}");
        }
    }
}
