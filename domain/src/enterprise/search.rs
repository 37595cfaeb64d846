//! What the directory is narrowed by, and what is counted beside it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::region::{Area, regions};

/// How large a company is, by its revenue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SizeBand {
    /// 缺数据: no revenue is known.
    Unknown,
    /// Less than 2 亿元.
    Small,
    /// 2 to 10 亿元.
    Medium,
    /// 10 to 50 亿元.
    Large,
    /// 50 亿元 and more.
    Huge,
}

impl SizeBand {
    /// Largest first, as lists show them.
    pub const ALL: [Self; 5] = [
        Self::Huge,
        Self::Large,
        Self::Medium,
        Self::Small,
        Self::Unknown,
    ];

    /// By the revenue in 万元.
    #[must_use]
    pub const fn of(revenue_wan: Option<i64>) -> Self {
        match revenue_wan {
            None => Self::Unknown,
            Some(500_000..) => Self::Huge,
            Some(100_000..) => Self::Large,
            Some(20_000..) => Self::Medium,
            Some(_) => Self::Small,
        }
    }

    /// The word in addresses, the API and the index.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Small => "small",
            Self::Medium => "medium",
            Self::Large => "large",
            Self::Huge => "huge",
        }
    }

    /// The inverse of [`Self::key`].
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|band| band.key() == key)
    }
}

/// What companies are narrowed by. Within a group any may hold, and every group that says something must.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct DirectoryFilter {
    /// Names of clusters, see [`crate::region`]. One that does not exist holds nothing.
    pub regions: Vec<String>,
    /// Provinces, or cities of them. One group with the regions: places.
    pub areas: Vec<Area>,
    /// 国民经济行业.
    pub industries: Vec<String>,
    /// 申万行业.
    pub sw_industries: Vec<String>,
    /// A company with any of them passes.
    pub tags: Vec<String>,
    pub sizes: Vec<SizeBand>,
    pub is_listed: Option<bool>,
    pub is_local: Option<bool>,
}

/// Values that one group of a filter may have.
pub const FILTER_VALUES: usize = 100;

impl DirectoryFilter {
    /// Whether no group has more values than anybody chooses.
    #[must_use]
    pub fn is_short(&self) -> bool {
        [
            self.regions.len(),
            self.areas.len(),
            self.industries.len(),
            self.sw_industries.len(),
            self.tags.len(),
            self.sizes.len(),
        ]
        .into_iter()
        .all(|values| values <= FILTER_VALUES)
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether places are asked for.
    #[must_use]
    pub fn has_places(&self) -> bool {
        !self.regions.is_empty() || !self.areas.is_empty()
    }

    /// Whether a place passes.
    #[must_use]
    pub fn holds_place(&self, area: &Area) -> bool {
        !self.has_places()
            || self.areas.iter().any(|wanted| wanted.holds(area))
            || self
                .regions
                .iter()
                .any(|name| crate::region::region(name).is_some_and(|region| region.holds(area)))
    }

    /// All areas that are asked for, those of the regions among them.
    #[must_use]
    pub fn all_areas(&self) -> Vec<Area> {
        let mut areas = self.areas.clone();
        areas.extend(
            self.regions
                .iter()
                .filter_map(|name| crate::region::region(name))
                .flat_map(|region| region.areas.iter().cloned()),
        );
        areas
    }
}

/// Counts by what one may narrow by. Each group is counted as if it narrowed nothing itself, so that the other choices
/// of a group keep their numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// By province and city, most first.
    pub areas: Vec<(Area, u64)>,
    /// Most first.
    pub industries: Vec<(String, u64)>,
    /// Most first.
    pub sw_industries: Vec<(String, u64)>,
    /// Most first; a company counts with each of its tags.
    pub tags: Vec<(String, u64)>,
    pub sizes: Vec<(SizeBand, u64)>,
    pub listed: u64,
    pub not_listed: u64,
    pub local: u64,
    pub not_local: u64,
}

impl Facets {
    /// By province, most first; companies without one are left out.
    #[must_use]
    pub fn provinces(&self) -> Vec<(String, u64)> {
        let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
        for (area, count) in &self.areas {
            if !area.province.is_empty() {
                *counts.entry(&area.province).or_default() += count;
            }
        }
        most_first(
            counts
                .into_iter()
                .map(|(province, count)| (province.to_owned(), count)),
        )
    }

    /// By cluster, in their order, and last what lies in none.
    #[must_use]
    pub fn regions(&self) -> (Vec<(String, u64)>, u64) {
        let counts = regions()
            .iter()
            .map(|region| {
                let inside = self.areas.iter().filter(|(area, _)| region.holds(area));
                (region.name.clone(), inside.map(|(_, count)| count).sum())
            })
            .collect();
        let outside = self
            .areas
            .iter()
            .filter(|(area, _)| !regions().iter().any(|region| region.holds(area)))
            .map(|(_, count)| count)
            .sum();
        (counts, outside)
    }
}

/// Most first, equal ones in the order of their names.
#[must_use]
pub fn most_first<T: Ord>(counts: impl IntoIterator<Item = (T, u64)>) -> Vec<(T, u64)> {
    let mut counts: Vec<(T, u64)> = counts.into_iter().collect();
    counts.sort_by(|one, two| two.1.cmp(&one.1).then(one.0.cmp(&two.0)));
    counts
}

/// What is wrong with a search engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum EngineProblem {
    /// The server wants a key, and none is set.
    #[error("it wants a key and none is set")]
    KeyMissing,
    /// The key is expired, withdrawn or mistyped, or not for what is asked: the server does not say which.
    #[error("it refuses the key: expired, withdrawn, mistyped, or not for what is asked")]
    KeyRefused,
    /// The server is older than we can work with, or of another major version.
    #[error("it is of version {found}; {oldest} is needed, or a later one of that major version")]
    Version { found: String, oldest: String },
    /// It took a change and could not carry it out.
    #[error("a task failed with {code}: {message}")]
    TaskFailed { code: String, message: String },
    /// Anything else, in the engine's own words.
    #[error("{detail}")]
    Other { detail: String },
}

/// How a search engine stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineState {
    pub engine: String,
    /// Whether it is the one that should answer; the others stand by.
    pub answers: bool,
    /// Why it does not answer, or could not be written to when that was last tried.
    pub problem: Option<EngineProblem>,
    /// Whether it holds an index of this database.
    pub is_built: bool,
    /// Changes that it has not read, and the moment of the first of them.
    pub waiting: u64,
    pub waiting_since: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn area(province: &str, city: &str) -> Area {
        Area {
            province: province.to_owned(),
            city: city.to_owned(),
        }
    }

    #[test]
    fn sizes_begin_where_they_say() {
        for (revenue, band) in [
            (None, SizeBand::Unknown),
            (Some(-1), SizeBand::Small),
            (Some(19_999), SizeBand::Small),
            (Some(20_000), SizeBand::Medium),
            (Some(99_999), SizeBand::Medium),
            (Some(100_000), SizeBand::Large),
            (Some(499_999), SizeBand::Large),
            (Some(500_000), SizeBand::Huge),
        ] {
            assert_eq!(SizeBand::of(revenue), band, "{revenue:?}");
            assert_eq!(SizeBand::from_key(band.key()), Some(band));
        }
    }

    #[test]
    fn places_are_one_group() {
        let filter = DirectoryFilter {
            regions: vec!["长三角".to_owned(), "没有".to_owned()],
            areas: vec![area("广东", "深圳")],
            ..DirectoryFilter::default()
        };
        assert!(filter.holds_place(&area("江苏", "")));
        assert!(filter.holds_place(&area("广东", "深圳")));
        assert!(!filter.holds_place(&area("广东", "广州")));
        assert!(!filter.holds_place(&area("", "")));
        assert!(DirectoryFilter::default().holds_place(&area("", "")));
        let nowhere = DirectoryFilter {
            regions: vec!["没有".to_owned()],
            ..DirectoryFilter::default()
        };
        assert!(!nowhere.holds_place(&area("江苏", "")) && nowhere.all_areas().is_empty());
    }

    #[test]
    fn provinces_and_regions_are_read_off_the_areas() {
        let facets = Facets {
            areas: vec![
                (area("广东", "深圳"), 5),
                (area("广东", "韶关"), 2),
                (area("江苏", "苏州"), 4),
                (area("", ""), 3),
            ],
            ..Facets::default()
        };
        assert_eq!(
            facets.provinces(),
            [("广东".to_owned(), 7), ("江苏".to_owned(), 4)]
        );
        let (regions, outside) = facets.regions();
        let count = |name: &str| regions.iter().find(|(known, _)| known == name).unwrap().1;
        assert_eq!(
            (count("大湾区"), count("长三角"), count("京津冀")),
            (5, 4, 0)
        );
        // 韶关 and the company of no place.
        assert_eq!(outside, 5);
    }
}
