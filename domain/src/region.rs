//! Clusters of provinces and cities that people look for companies in: 京津冀, 长三角, 大湾区, 西三角, 长江中游.
//!
//! They are data (`data/regions.csv`), taken from the outline plans of the State Council (京津冀 2015, 长江中游 2015,
//! 长三角 2019, 大湾区 2019); 西三角 is the customary name for Chongqing, Chengdu and Xi'an.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use crate::enterprise::province_without_suffix;

/// A province, or a city of it; cities and provinces without their suffix (广东, 深圳).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Area {
    pub province: String,
    /// Empty for the whole province.
    #[serde(default)]
    pub city: String,
}

impl Area {
    /// From what a record says: the suffixes go, and a city that is in the table gets the name that it has there.
    #[must_use]
    pub fn of(province: Option<&str>, city: Option<&str>) -> Self {
        let province = province_without_suffix(province.unwrap_or_default().trim()).to_owned();
        let city = city.unwrap_or_default().trim();
        let city = crate::city::find(Some(&province), city).map_or_else(
            || city.strip_suffix('市').unwrap_or(city).to_owned(),
            |place| place.city,
        );
        Self { province, city }
    }

    /// Whether `other` lies in it.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.province == other.province && (self.city.is_empty() || self.city == other.city)
    }
}

/// Whether there is such a province, or such a city in it.
#[must_use]
pub fn is_known(area: &Area) -> bool {
    if area.city.is_empty() {
        return crate::city::provinces().contains(&area.province);
    }
    crate::city::find(Some(&area.province), &area.city).is_some()
}

/// A cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Region {
    pub name: String,
    pub areas: Vec<Area>,
}

impl Region {
    /// Whether an area lies in it.
    #[must_use]
    pub fn holds(&self, area: &Area) -> bool {
        self.areas.iter().any(|part| part.holds(area))
    }
}

/// All clusters, in the order of the table.
#[must_use]
pub fn regions() -> &'static [Region] {
    static REGIONS: OnceLock<Vec<Region>> = OnceLock::new();
    REGIONS.get_or_init(|| {
        let mut regions: Vec<Region> = Vec::new();
        for line in include_str!("../data/regions.csv").lines().skip(1) {
            let mut cells = line.split(',').map(str::trim);
            let (Some(name), Some(province)) = (cells.next(), cells.next()) else {
                continue;
            };
            let area = Area {
                province: province.to_owned(),
                city: cells.next().unwrap_or_default().to_owned(),
            };
            match regions.iter_mut().find(|region| region.name == name) {
                Some(region) => region.areas.push(area),
                None => regions.push(Region {
                    name: name.to_owned(),
                    areas: vec![area],
                }),
            }
        }
        regions
    })
}

/// The cluster of a name.
#[must_use]
pub fn region(name: &str) -> Option<&'static Region> {
    regions().iter().find(|region| region.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_holds_provinces_and_cities() {
        assert_eq!(
            regions()
                .iter()
                .map(|region| region.name.as_str())
                .collect::<Vec<_>>(),
            ["京津冀", "长三角", "大湾区", "西三角", "长江中游"]
        );
        let bay = region("大湾区").unwrap();
        assert!(bay.holds(&Area::of(Some("广东省"), Some("深圳市"))));
        assert!(!bay.holds(&Area::of(Some("广东"), Some("韶关市"))));
        assert!(!bay.holds(&Area::of(Some("广东"), None)));
        assert!(
            region("长三角")
                .unwrap()
                .holds(&Area::of(Some("江苏"), Some("常州")))
        );
        assert!(
            region("京津冀")
                .unwrap()
                .holds(&Area::of(Some("北京市"), None))
        );
        assert!(region("没有").is_none());
    }

    #[test]
    fn every_city_of_the_table_is_one_that_is_known() {
        for area in regions().iter().flat_map(|region| &region.areas) {
            if !area.city.is_empty() {
                let found = crate::city::find(Some(&area.province), &area.city);
                assert_eq!(found.map(|place| place.city), Some(area.city.clone()));
            }
        }
    }
}
