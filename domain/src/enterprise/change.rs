//! A company as a person changes it: every field as text, read by the rules of an import.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{
    column::EnterpriseField,
    record::{ProductRecord, RowReading, read_row},
};

/// Fields that a person writes, in the order of the form. Shares stand behind their products.
pub const WRITTEN_FIELDS: [EnterpriseField; 19] = [
    EnterpriseField::Name,
    EnterpriseField::ShortName,
    EnterpriseField::EnglishName,
    EnterpriseField::CreditCode,
    EnterpriseField::StockCode,
    EnterpriseField::Board,
    EnterpriseField::ListedOn,
    EnterpriseField::Province,
    EnterpriseField::City,
    EnterpriseField::Address,
    EnterpriseField::Industry,
    EnterpriseField::SwIndustry,
    EnterpriseField::Revenue,
    EnterpriseField::Staff,
    EnterpriseField::Website,
    EnterpriseField::Products,
    EnterpriseField::BusinessScope,
    EnterpriseField::Tags,
    EnterpriseField::Sites,
];

/// Longest name of a source, in characters.
pub const SOURCE_LIMIT: usize = 120;

/// A company as its form has it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseForm {
    pub id: i64,
    pub version: i64,
    /// [`WRITTEN_FIELDS`], each as text; products, tags and places one to a line.
    pub cells: BTreeMap<EnterpriseField, String>,
    pub is_local: bool,
    pub closed: bool,
}

/// What a person writes of a company.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseChange {
    pub id: i64,
    /// The version that was looked at.
    pub version: i64,
    /// A field that is not named stays as it is; an empty one is taken away, and the next import may fill it again.
    pub cells: BTreeMap<EnterpriseField, String>,
    /// Where it is known from; empty for "by hand".
    pub source: String,
    /// The day that it is of.
    pub as_of: Option<NaiveDate>,
    pub is_local: Option<bool>,
    /// 注销, or out of business: found by nobody, kept with all that hangs on it.
    pub closed: Option<bool>,
}

impl EnterpriseChange {
    /// Reads the cells as an import reads a row. The name stands for itself when it is not changed.
    #[must_use]
    pub fn read(&self, name: &str) -> RowReading {
        let mut fields = vec![Some(EnterpriseField::Name)];
        let mut cells = vec![
            self.cells
                .get(&EnterpriseField::Name)
                .map_or(name, String::as_str)
                .to_owned(),
        ];
        for field in WRITTEN_FIELDS {
            let Some(cell) = self.cells.get(&field) else {
                continue;
            };
            match field {
                EnterpriseField::Name => {}
                EnterpriseField::Products => {
                    let (names, shares) = product_cells(cell);
                    fields.push(Some(EnterpriseField::Products));
                    cells.push(names);
                    fields.push(Some(EnterpriseField::ProductShares));
                    cells.push(shares);
                }
                _ => {
                    fields.push(Some(field));
                    cells.push(cell.clone());
                }
            }
        }
        read_row(0, &cells, &fields)
    }
}

/// A percentage at the end of a line.
fn share_of(line: &str) -> Option<(&str, &str)> {
    let (name, share) = line.trim_end().rsplit_once(char::is_whitespace)?;
    let is_share =
        share.ends_with(['%', '％']) && share.starts_with(|first: char| first.is_numeric());
    is_share.then_some((name.trim_end(), share))
}

/// The lines of a form, each a product with or without its share of revenue (`电解铝 62.5%`), as the two cells of a table.
#[must_use]
fn product_cells(text: &str) -> (String, String) {
    let lines: Vec<(&str, &str)> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| share_of(line).unwrap_or((line, "")))
        .collect();
    let mut names = lines
        .iter()
        .map(|(name, _)| *name)
        .collect::<Vec<_>>()
        .join("\n");
    if !names.is_empty() {
        names.push('\n');
    }
    let shares = if lines.iter().all(|(_, share)| share.is_empty()) {
        String::new()
    } else {
        // "-" says nothing of one product and keeps the places of the others.
        let shares: Vec<&str> = lines
            .iter()
            .map(|(_, share)| if share.is_empty() { "-" } else { share })
            .collect();
        format!("{}\n", shares.join("\n"))
    };
    (names, shares)
}

/// Products as the lines of a form.
#[must_use]
pub fn product_lines(products: &[ProductRecord]) -> String {
    products
        .iter()
        .map(|product| match product.revenue_share {
            // Two digits behind the point of a percentage are what shares are published with.
            Some(share) => format!("{} {}%", product.name, (share * 10_000.0).round() / 100.0),
            None => product.name.clone(),
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enterprise::RowProblemKind;

    fn change(cells: &[(EnterpriseField, &str)]) -> EnterpriseChange {
        EnterpriseChange {
            cells: cells
                .iter()
                .map(|(field, cell)| (*field, (*cell).to_owned()))
                .collect(),
            ..EnterpriseChange::default()
        }
    }

    #[test]
    fn products_are_lines_and_come_back_as_they_were() {
        let reading = change(&[(
            EnterpriseField::Products,
            "电解铝、铝锭 62.5%\n\n氧化铝\nPVC 管 30 %\n",
        )])
        .read("甲公司");
        let products = reading
            .record
            .map(|record| record.products)
            .unwrap_or_default();
        let said: Vec<(&str, Option<f64>)> = products
            .iter()
            .map(|product| (product.name.as_str(), product.revenue_share))
            .collect();
        // A space before the sign is no share: what is meant is not guessed.
        assert_eq!(
            said,
            [
                ("电解铝、铝锭", Some(0.625)),
                ("氧化铝", None),
                ("PVC 管 30 %", None)
            ]
        );
        assert_eq!(
            product_lines(&products),
            "电解铝、铝锭 62.5%\n氧化铝\nPVC 管 30 %"
        );
    }

    #[test]
    fn one_line_is_one_product() {
        let reading = change(&[(EnterpriseField::Products, "铝板、铝带、铝箔")]).read("甲公司");
        let products = reading
            .record
            .map(|record| record.products)
            .unwrap_or_default();
        assert_eq!(products.len(), 1);
    }

    #[test]
    fn the_name_stays_and_wrong_cells_are_named() {
        let reading = change(&[(EnterpriseField::Staff, "三百")]).read("甲公司");
        assert_eq!(reading.record, None);
        assert_eq!(reading.problems.len(), 1);
        assert_eq!(reading.problems[0].field, Some(EnterpriseField::Staff));
        assert_eq!(reading.problems[0].kind, RowProblemKind::NumberNotReal);
        let reading = change(&[(EnterpriseField::Name, " ")]).read("甲公司");
        assert_eq!(reading.problems[0].kind, RowProblemKind::EmptyName);
    }
}
