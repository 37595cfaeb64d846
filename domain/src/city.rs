//! Where cities lie. The table holds prefecture-level cities of China with two decimals, about a kilometre:
//! enough to estimate a journey, not to find a door.

use std::{
    collections::{BTreeSet, HashMap},
    sync::OnceLock,
};

use crate::place::Place;

struct Table {
    by_name: HashMap<String, Vec<(String, Place)>>,
    names: Vec<String>,
    provinces: BTreeSet<String>,
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut by_name: HashMap<String, Vec<(String, Place)>> = HashMap::new();
        let mut names = Vec::new();
        let mut provinces = BTreeSet::new();
        for line in include_str!("../data/cities.csv").lines().skip(1) {
            let mut parts = line.split(',').map(str::trim);
            let (Some(province), Some(city), Some(longitude), Some(latitude)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let (Ok(longitude), Ok(latitude)) = (longitude.parse(), latitude.parse()) else {
                continue;
            };
            names.push(city.to_owned());
            provinces.insert(province.to_owned());
            by_name.entry(city.to_owned()).or_default().push((
                province.to_owned(),
                Place {
                    city: city.to_owned(),
                    longitude,
                    latitude,
                },
            ));
        }
        Table {
            by_name,
            names,
            provinces,
        }
    })
}

/// Names of a city from longest to barest: 恩施土家族苗族自治州, 安康市, 延边州 are all in the table under
/// their bare names. 州 alone is cut last, or 广州 would become 广.
fn spellings(name: &str) -> impl Iterator<Item = String> {
    let name = crate::text::fold(name);
    let cut = |suffix: &str| name.strip_suffix(suffix).map(str::to_owned);
    let ethnic = [
        "土家族",
        "藏族",
        "彝族",
        "回族",
        "苗族",
        "壮族",
        "傣族",
        "白族",
        "哈尼族",
        "景颇族",
        "傈僳族",
        "朝鲜族",
        "蒙古",
        "哈萨克",
        "布依族",
        "侗族",
        "羌族",
        "柯尔克孜",
    ];
    let without_people = name.strip_suffix("自治州").map(|bare| {
        ethnic
            .iter()
            .filter_map(|people| bare.find(people))
            .min()
            .filter(|at| *at > 0)
            .and_then(|at| bare.get(..at))
            .unwrap_or(bare)
            .to_owned()
    });
    let all = [
        Some(name.clone()),
        cut("市"),
        cut("地区"),
        cut("盟"),
        without_people,
        cut("州"),
        cut("特别行政区"),
        cut("自治州"),
    ];
    all.into_iter().flatten()
}

/// The place of a city, with or without its suffix. A name that two provinces share needs the province.
#[must_use]
pub fn find(province: Option<&str>, city: &str) -> Option<Place> {
    if city.trim().is_empty() {
        return None;
    }
    spellings(city).find_map(|name| {
        let candidates = table().by_name.get(&name)?;
        match candidates.as_slice() {
            [(_, place)] => Some(place.clone()),
            several => several
                .iter()
                .find(|(known, _)| {
                    province.is_some_and(|province| province.starts_with(known.as_str()))
                })
                .map(|(_, place)| place.clone()),
        }
    })
}

/// The province of a city under its bare name: the one that is named if it has such a city, else the only one that has.
#[must_use]
pub fn province_of(city: &str, province: Option<&str>) -> Option<String> {
    let candidates = table().by_name.get(city)?;
    match (province, candidates.as_slice()) {
        (Some(province), several) => several
            .iter()
            .find(|(known, _)| province.starts_with(known.as_str()))
            .map(|(known, _)| known.clone()),
        (None, [(only, _)]) => Some(only.clone()),
        (None, _) => None,
    }
}

/// All provinces, without their suffix.
#[must_use]
pub fn provinces() -> &'static BTreeSet<String> {
    &table().provinces
}

/// Where all cities lie, in the order of the table.
pub fn places() -> impl Iterator<Item = &'static Place> {
    let table = table();
    let mut seen = BTreeSet::new();
    table
        .names
        .iter()
        .filter(move |name| seen.insert(name.as_str()))
        .filter_map(|name| table.by_name.get(name.as_str()))
        .flatten()
        .map(|(_, place)| place)
}

/// All city names, in the order of the table.
#[must_use]
pub fn names() -> &'static [String] {
    &table().names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_do_not_matter() {
        for name in [
            "安康",
            "安康市",
            "广州",
            "广州市",
            "恩施州",
            "恩施土家族苗族自治州",
            "延边朝鲜族自治州",
            "香港特别行政区",
        ] {
            assert!(find(None, name).is_some(), "{name}");
        }
        assert_eq!(find(None, "广州市").unwrap().city, "广州");
        assert_eq!(find(None, "不是城市"), None);
        assert_eq!(find(None, ""), None);
    }

    #[test]
    fn every_row_lies_in_china() {
        assert!(names().len() > 300);
        for name in names() {
            for (_, place) in &table().by_name[name] {
                assert!((73.0..136.0).contains(&place.longitude), "{name}");
                assert!((3.0..54.0).contains(&place.latitude), "{name}");
            }
        }
    }
}
