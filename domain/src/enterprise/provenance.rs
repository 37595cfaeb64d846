//! Where each fact of a company comes from, and of which day it is.
//!
//! An import refreshes what imports said; what a person wrote stays until a person changes it or gives it back.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{column::EnterpriseField, record::EnterpriseRecord};

/// Facts that came together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSource {
    /// The file, the document or the talk.
    pub source: String,
    /// The day on which it was written down here.
    pub on: NaiveDate,
    /// The day that the facts are of, when the source says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<NaiveDate>,
    /// The account of the person who wrote it; `None` for an import.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<i64>,
    pub fields: BTreeSet<EnterpriseField>,
}

impl FieldSource {
    fn says_like(&self, other: &Self) -> bool {
        self.source == other.source
            && self.on == other.on
            && self.as_of == other.as_of
            && self.by == other.by
    }
}

/// The sources of a company's fields. Each field is in one of them at most; of a company older than the record of sources it
/// is in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Provenance(Vec<FieldSource>);

impl Provenance {
    /// Where a field is from.
    #[must_use]
    pub fn of(&self, field: EnterpriseField) -> Option<&FieldSource> {
        self.0.iter().find(|source| source.fields.contains(&field))
    }

    /// Whether a person wrote a field.
    #[must_use]
    pub fn is_by_hand(&self, field: EnterpriseField) -> bool {
        self.of(field).is_some_and(|source| source.by.is_some())
    }

    /// All sources.
    #[must_use]
    pub fn sources(&self) -> &[FieldSource] {
        &self.0
    }

    /// Whether nothing is on record.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets where some fields are from.
    pub fn forget(&mut self, fields: &BTreeSet<EnterpriseField>) {
        for source in &mut self.0 {
            source.fields.retain(|field| !fields.contains(field));
        }
        self.0.retain(|source| !source.fields.is_empty());
    }

    /// Sets where some fields are from.
    pub fn set(&mut self, source: FieldSource) {
        if source.fields.is_empty() {
            return;
        }
        self.forget(&source.fields);
        match self.0.iter_mut().find(|known| known.says_like(&source)) {
            Some(known) => known.fields.extend(source.fields),
            None => self.0.push(source),
        }
    }

    /// Takes over where a field is from, as another company has it.
    pub fn take(&mut self, field: EnterpriseField, from: &Self) {
        let fields = BTreeSet::from([field]);
        match from.of(field) {
            Some(source) => self.set(FieldSource {
                fields,
                ..source.clone()
            }),
            None => self.forget(&fields),
        }
    }
}

/// Fields that a record says but that stay as they are: a person wrote them, or they are of a later day than the record.
/// A company must keep a name, so one that a person wrote stays, too.
#[must_use]
pub fn kept_fields(record: &EnterpriseRecord, there: &Provenance) -> BTreeSet<EnterpriseField> {
    let said = record.said();
    let mut kept: BTreeSet<EnterpriseField> = said
        .iter()
        .copied()
        .filter(|field| {
            there.of(*field).is_some_and(|source| {
                source.by.is_some()
                    || matches!((record.as_of, source.as_of), (Some(new), Some(old)) if new < old)
            })
        })
        .collect();
    // A city without its province would be another city.
    if PLACE.iter().any(|field| kept.contains(field)) {
        kept.extend(PLACE.into_iter().filter(|field| said.contains(field)));
    }
    kept
}

/// Fields that say one thing together.
pub const PLACE: [EnterpriseField; 2] = [EnterpriseField::Province, EnterpriseField::City];

impl EnterpriseRecord {
    /// The fields that it says something of. Shares go with their products, and the exchange with the stock code.
    #[must_use]
    pub fn said(&self) -> BTreeSet<EnterpriseField> {
        use EnterpriseField as Field;
        let mut said = BTreeSet::new();
        let mut says = |field: Field, is_said: bool| {
            if is_said {
                said.insert(field);
            }
        };
        says(Field::Name, !self.name.is_empty());
        says(Field::ShortName, self.short_name.is_some());
        says(Field::EnglishName, self.english_name.is_some());
        says(Field::CreditCode, self.credit_code.is_some());
        says(Field::StockCode, self.stock_code.is_some());
        says(Field::Board, self.board.is_some());
        says(Field::ListedOn, self.listed_on.is_some());
        says(Field::TotalShares, self.total_shares.is_some());
        says(Field::Area, self.area.is_some());
        says(Field::Province, self.province.is_some());
        says(Field::City, self.city.is_some());
        says(Field::Address, self.address.is_some());
        says(Field::Industry, self.industry.is_some());
        says(Field::SwIndustry, self.sw_industry.is_some());
        says(Field::Products, !self.products.is_empty());
        says(Field::Website, self.website.is_some());
        says(Field::Revenue, self.revenue_wan.is_some());
        says(Field::Staff, self.staff.is_some());
        says(Field::BusinessScope, self.business_scope.is_some());
        says(Field::Tags, !self.tags.is_empty());
        says(Field::Sites, !self.sites.is_empty());
        said
    }

    /// Takes a field out, so that it says nothing of it. The name stays: it is who is meant.
    pub fn silence(&mut self, field: EnterpriseField) {
        use EnterpriseField as Field;
        match field {
            Field::Name => {}
            Field::ShortName => self.short_name = None,
            Field::EnglishName => self.english_name = None,
            Field::CreditCode => self.credit_code = None,
            Field::StockCode => {
                self.stock_code = None;
                self.exchange = None;
            }
            Field::Board => self.board = None,
            Field::ListedOn => self.listed_on = None,
            Field::TotalShares => self.total_shares = None,
            Field::Area => self.area = None,
            Field::Province => self.province = None,
            Field::City => self.city = None,
            Field::Address => self.address = None,
            Field::Industry => self.industry = None,
            Field::SwIndustry => self.sw_industry = None,
            Field::Products | Field::ProductShares => self.products.clear(),
            Field::Website => self.website = None,
            Field::Revenue => self.revenue_wan = None,
            Field::Staff => self.staff = None,
            Field::BusinessScope => self.business_scope = None,
            Field::Tags => self.tags.clear(),
            Field::Sites => self.sites.clear(),
            Field::AsOf => self.as_of = None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use EnterpriseField as Field;

    fn day(year: i32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, 12, 31).unwrap_or_default()
    }

    fn source(name: &str, as_of: Option<i32>, by: Option<i64>, fields: &[Field]) -> FieldSource {
        FieldSource {
            source: name.to_owned(),
            on: day(2026),
            as_of: as_of.map(day),
            by,
            fields: fields.iter().copied().collect(),
        }
    }

    #[test]
    fn a_field_has_one_source() {
        let mut there = Provenance::default();
        there.set(source(
            "名录",
            None,
            None,
            &[Field::Name, Field::City, Field::Staff],
        ));
        there.set(source("走访", None, Some(3), &[Field::Staff]));
        assert!(there.is_by_hand(Field::Staff));
        assert!(!there.is_by_hand(Field::City));
        assert_eq!(
            there.of(Field::City).map(|one| one.source.as_str()),
            Some("名录")
        );
        assert_eq!(there.sources().len(), 2);
        // The same source again is one group; a source whose fields went is none.
        there.set(source("名录", None, None, &[Field::Staff]));
        assert_eq!(there.sources().len(), 1);
        there.forget(&BTreeSet::from([Field::Name, Field::City, Field::Staff]));
        assert!(there.is_empty());
    }

    #[test]
    fn what_people_wrote_and_what_is_newer_stays() {
        let mut there = Provenance::default();
        there.set(source("年报", Some(2025), None, &[Field::Revenue]));
        there.set(source("名录", None, None, &[Field::City]));
        there.set(source("走访", None, Some(3), &[Field::Address]));
        let record = EnterpriseRecord {
            name: "甲公司".to_owned(),
            city: Some("深圳".to_owned()),
            address: Some("旧址".to_owned()),
            revenue_wan: Some(10),
            as_of: Some(day(2024)),
            ..EnterpriseRecord::default()
        };
        assert_eq!(
            kept_fields(&record, &there),
            BTreeSet::from([Field::Address, Field::Revenue])
        );
        let newer = EnterpriseRecord {
            as_of: None,
            ..record
        };
        assert_eq!(
            kept_fields(&newer, &there),
            BTreeSet::from([Field::Address])
        );
    }

    #[test]
    fn a_place_stays_whole() {
        let mut there = Provenance::default();
        there.set(source("名录", None, None, &[Field::Province]));
        there.set(source("走访", None, Some(3), &[Field::City]));
        let record = EnterpriseRecord {
            name: "甲公司".to_owned(),
            province: Some("江苏".to_owned()),
            city: Some("苏州".to_owned()),
            ..EnterpriseRecord::default()
        };
        assert_eq!(kept_fields(&record, &there), BTreeSet::from(PLACE));
    }

    #[test]
    fn silence_takes_every_field_out() {
        let mut record = EnterpriseRecord {
            name: "甲公司".to_owned(),
            short_name: Some("甲".to_owned()),
            stock_code: Some("000001".to_owned()),
            exchange: Some("深交所".to_owned()),
            staff: Some(1),
            tags: vec!["瞪羚".to_owned()],
            ..EnterpriseRecord::default()
        };
        for field in record.said() {
            record.silence(field);
        }
        assert_eq!(record.said(), BTreeSet::from([Field::Name]));
        assert_eq!(record.exchange, None);
    }
}
