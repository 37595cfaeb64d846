//! Target lists (目标名单): companies to be tried, kept by a person or a bureau.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Contact, TargetHold, TurnedDown};
use crate::problem::Problem;

/// Companies on one list, and characters of its name.
pub const LIST_LIMIT: usize = 500;
pub const LIST_NAME_LIMIT: usize = 60;
/// Names that are looked up at once.
pub const PASTED_LIMIT: usize = 200;

/// A company to be put on a list, with the node that it is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedCompany {
    pub enterprise_id: i64,
    #[serde(default)]
    pub node_id: Option<i64>,
}

/// A list to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTargetList {
    pub name: String,
    /// Whether the bureau has it, too.
    #[serde(default)]
    pub is_shared: bool,
    #[serde(default)]
    pub companies: Vec<ListedCompany>,
}

/// What a list is called, and who has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetListChange {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub is_shared: bool,
}

/// A list among others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetListSummary {
    pub id: i64,
    pub name: String,
    pub companies: u64,
    pub owner: String,
    /// The bureau that has it, too.
    pub bureau: Option<String>,
    pub may_write: bool,
    pub may_share: bool,
    pub updated_at: DateTime<Utc>,
    pub version: i64,
}

/// A company on a list, as it stands now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetListRow {
    pub enterprise_id: i64,
    pub name: String,
    pub province: Option<String>,
    pub city: Option<String>,
    pub stock_code: Option<String>,
    pub industry: Option<String>,
    pub node_id: Option<i64>,
    pub node_name: Option<String>,
    pub added_by: String,
    pub added_at: DateTime<Utc>,
    pub contact: Contact,
    pub held: Option<TargetHold>,
    pub turned_down: Option<TurnedDown>,
    /// 注销, or local by now: no target any more.
    pub is_gone: bool,
}

/// A list with its companies, in the order in which they came.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetListDetail {
    pub list: TargetListSummary,
    pub rows: Vec<TargetListRow>,
    /// Whether this person may make leads of them.
    pub may_lead: bool,
}

/// What putting companies on a list came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAddition {
    pub list_id: i64,
    pub added: u64,
    /// They were on it already.
    pub known: u64,
}

/// A line of pasted names, with the companies that it may mean.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NameMatch {
    pub text: String,
    /// One when it is certain; several, or none, when somebody must say which.
    pub companies: Vec<(i64, String)>,
    pub is_certain: bool,
}

/// What became of a company of which a lead was to be made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListLead {
    pub enterprise_id: i64,
    pub name: String,
    /// The lead, or why there is none.
    pub outcome: Result<i64, Problem>,
}

/// The names of a pasted text, each once, in their order: lines, or parted by 、 or semicolons; numbers in front of a line
/// go. Those past [`PASTED_LIMIT`] are left out, and said so by the flag.
#[must_use]
pub fn pasted_names(text: &str) -> (Vec<String>, bool) {
    let mut names: Vec<String> = Vec::new();
    let mut is_cut = false;
    let parts = text
        .lines()
        .flat_map(|line| without_number(line.trim()).split(['\t', '、', ';', '；']));
    for part in parts {
        let name = part.trim().trim_matches(['"', '“', '”']).trim();
        if name.is_empty() || names.iter().any(|known| known == name) {
            continue;
        }
        if names.len() >= PASTED_LIMIT || name.chars().count() > 200 {
            is_cut = true;
            continue;
        }
        names.push(name.to_owned());
    }
    (names, is_cut)
}

/// A line without the number in front of it: 1. 甲公司, 2、乙公司, (3) 丙公司. A code stays: 000920.SZ, and 3M中国.
fn without_number(line: &str) -> &str {
    let inside = line.strip_prefix(['(', '（']).unwrap_or(line);
    let rest = inside.trim_start_matches(|one: char| one.is_ascii_digit());
    let digits = inside.len() - rest.len();
    if !(1..=3).contains(&digits) {
        return line;
    }
    rest.strip_prefix(['.', '．', '、', ')', '）'])
        .map_or(line, str::trim_start)
}

/// A stock code without its exchange: 000920.SZ is 000920. `None` for what is no such code.
#[must_use]
pub fn bare_stock_code(text: &str) -> Option<&str> {
    let (code, exchange) = text.split_once('.')?;
    let is_exchange = ["SZ", "SH", "BJ"]
        .iter()
        .any(|known| exchange.eq_ignore_ascii_case(known));
    (is_exchange && code.len() == 6 && code.bytes().all(|one| one.is_ascii_digit())).then_some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_people_paste_them() {
        let (names, is_cut) = pasted_names(
            "1. 沃顿科技股份有限公司\r\n2．泛亚微透\n\n000920.SZ\n“三达膜”；泛亚微透\t3M中国\n3、星源材质\n（4）恩捷股份\n360安全",
        );
        assert_eq!(
            names,
            [
                "沃顿科技股份有限公司",
                "泛亚微透",
                "000920.SZ",
                "三达膜",
                "3M中国",
                "星源材质",
                "恩捷股份",
                "360安全"
            ]
        );
        assert_eq!(bare_stock_code("000920.sz"), Some("000920"));
        assert_eq!(
            bare_stock_code("3.SZ").or(bare_stock_code("000920.US")),
            None
        );
        assert!(!is_cut);
        let many: Vec<String> = (0..300).map(|number| format!("企业{number}")).collect();
        let (names, is_cut) = pasted_names(&many.join("\n"));
        assert!(names.len() == PASTED_LIMIT && is_cut);
        assert_eq!(pasted_names(" \n、"), (Vec::new(), false));
    }
}
