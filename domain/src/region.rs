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

/// The first of some names in a text, with where it begins; of those that begin at one place the longest.
fn first_of<'a>(text: &str, names: impl Iterator<Item = &'a String>) -> Option<(usize, &'a str)> {
    names
        .filter_map(|name| Some((text.find(name.as_str())?, name.as_str())))
        .min_by_key(|(at, name)| (*at, std::cmp::Reverse(name.len())))
}

/// The place that a text names: 安徽合肥, 深圳市宝安区, 陕西. A city without its province must be in one province only.
#[must_use]
pub fn area_in(text: &str) -> Option<Area> {
    use crate::city::{names, province_of, provinces};
    let text = crate::text::fold(text);
    let city = first_of(&text, names().iter());
    let Some((begin, province)) = first_of(&text, provinces().iter())
        .filter(|(begin, _)| city.is_none_or(|(at, _)| *begin <= at))
    else {
        let (_, city) = city?;
        return Some(Area {
            province: province_of(city, None)?,
            city: city.to_owned(),
        });
    };
    // Behind the province its city; 吉林 is both, and so are the municipalities.
    let behind = text.get(begin + province.len()..).unwrap_or_default();
    let own = names()
        .iter()
        .filter(|city| province_of(city, Some(province)).is_some());
    let city = first_of(behind, own.clone()).map_or_else(
        || {
            let is_only = own.count() == 1;
            if is_only { province } else { "" }
        },
        |(_, city)| city,
    );
    Some(Area {
        province: province.to_owned(),
        city: city.to_owned(),
    })
}

/// Whether there is such a province, or such a city in it.
#[must_use]
pub fn is_known(area: &Area) -> bool {
    if area.city.is_empty() {
        return crate::city::provinces().contains(&area.province);
    }
    crate::city::find(Some(&area.province), &area.city)
        .is_some_and(|place| crate::city::province_of(&place.city, Some(&area.province)).is_some())
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
    fn a_place_in_a_text() {
        let said =
            |text: &str| area_in(text).map(|area| format!("{}/{}", area.province, area.city));
        for (text, area) in [
            ("安徽合肥", "安徽/合肥"),
            ("安徽省合肥市经开区", "安徽/合肥"),
            ("深圳市宝安区", "广东/深圳"),
            ("上海市浦东新区", "上海/上海"),
            ("陕西", "陕西/"),
            ("吉林省吉林市", "吉林/吉林"),
            ("吉林省", "吉林/"),
            ("合肥的安徽路", "安徽/合肥"),
            ("广东省西安路", "广东/"),
        ] {
            assert_eq!(said(text).as_deref(), Some(area), "{text}");
        }
        assert_eq!(said("越南北宁"), None);
        assert_eq!(said(""), None);
    }

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
