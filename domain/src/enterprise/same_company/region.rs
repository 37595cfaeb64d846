//! Where a company says it is, read from its name or its record: province, city, county.

use std::{collections::HashMap, sync::OnceLock};

use crate::enterprise::province_without_suffix;

/// Places as deep as they are known. A city brings its province, a county of one city alone brings both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Region {
    /// 中国 in the place of a region.
    pub is_national: bool,
    /// Without 省, 市 or 自治区.
    pub province: Option<String>,
    /// Without 市.
    pub city: Option<String>,
    /// With its suffix, as in the list of divisions.
    pub county: Option<String>,
}

/// How two places stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// One side names none.
    Missing,
    Equal,
    /// One lies in the other: 广东 and 深圳.
    Within,
    Conflict,
}

impl Region {
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.is_national && self.province.is_none() && self.city.is_none() && self.county.is_none()
    }

    /// How this place stands to another; the same from either side.
    #[must_use]
    pub fn relation(&self, other: &Self) -> Relation {
        if self.is_empty() || other.is_empty() {
            return Relation::Missing;
        }
        if self.is_national != other.is_national {
            return Relation::Conflict;
        }
        let mut is_equal = true;
        for (one, two) in [
            (&self.province, &other.province),
            (&self.city, &other.city),
            (&self.county, &other.county),
        ] {
            match (one, two) {
                (Some(one), Some(two)) if one != two => return Relation::Conflict,
                (Some(_), None) | (None, Some(_)) => is_equal = false,
                _ => {}
            }
        }
        if is_equal {
            Relation::Equal
        } else {
            Relation::Within
        }
    }

    /// The place of a record, whose province and city may carry their suffixes or be empty.
    #[must_use]
    pub fn of_record(province: Option<&str>, city: Option<&str>) -> Self {
        let read = |text: Option<&str>| {
            let text = super::part::comparable(text?);
            (!text.is_empty()).then(|| province_without_suffix(&text).to_owned())
        };
        let city = read(city).filter(|city| table().city_province.contains_key(city.as_str()));
        let province = city
            .as_deref()
            .and_then(|city| table().city_province.get(city).cloned())
            .or_else(|| read(province));
        Self {
            is_national: false,
            province,
            city,
            county: None,
        }
    }

    fn fill(&mut self, from: Self) {
        self.is_national |= from.is_national;
        self.province = self.province.take().or(from.province);
        self.city = self.city.take().or(from.city);
        self.county = self.county.take().or(from.county);
    }
}

struct Table {
    /// Names as they begin a company's name, longest first, with what they mean and whether the suffix is there.
    words: HashMap<String, Vec<Region>>,
    city_province: HashMap<String, String>,
    longest: usize,
}

/// County-level cities that are words of everyday names without their 市.
const COMMON_WORDS: [&str; 8] = [
    "东方",
    "新星",
    "双河",
    "大安",
    "新乐",
    "华亭",
    "万宁",
    "可克达拉",
];

/// One-character names of places, as short names of listed companies use them.
const LETTERS: [(char, &str); 41] = [
    ('京', "北京"),
    ('津', "天津"),
    ('沪', "上海"),
    ('申', "上海"),
    ('渝', "重庆"),
    ('冀', "河北"),
    ('晋', "山西"),
    ('蒙', "内蒙古"),
    ('辽', "辽宁"),
    ('吉', "吉林"),
    ('黑', "黑龙江"),
    ('苏', "江苏"),
    ('浙', "浙江"),
    ('皖', "安徽"),
    ('闽', "福建"),
    ('赣', "江西"),
    ('鲁', "山东"),
    ('豫', "河南"),
    ('鄂', "湖北"),
    ('湘', "湖南"),
    ('粤', "广东"),
    ('桂', "广西"),
    ('琼', "海南"),
    ('川', "四川"),
    ('蜀', "四川"),
    ('黔', "贵州"),
    ('贵', "贵州"),
    ('滇', "云南"),
    ('云', "云南"),
    ('藏', "西藏"),
    ('陕', "陕西"),
    ('秦', "陕西"),
    ('甘', "甘肃"),
    ('陇', "甘肃"),
    ('青', "青海"),
    ('宁', "宁夏"),
    ('新', "新疆"),
    ('深', "深圳"),
    ('穗', "广州"),
    ('杭', "杭州"),
    ('甬', "宁波"),
];

/// Whether a character stands for one of these places, or for no place that is known.
pub(super) fn letter_fits(letter: char, places: &[Region]) -> bool {
    LETTERS.iter().any(|(one, name)| {
        *one == letter
            && (places.is_empty()
                || places.iter().any(|place| {
                    [&place.province, &place.city]
                        .into_iter()
                        .flatten()
                        .any(|own| own == name)
                }))
    })
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut words: HashMap<String, Vec<Region>> = HashMap::new();
        let mut city_province = HashMap::new();
        let mut enter = |word: String, region: &Region| {
            let known = words.entry(word).or_default();
            if !known.contains(region) {
                known.push(region.clone());
            }
        };
        let rows = |text: &'static str| {
            text.lines().skip(1).filter_map(|line| {
                let mut cells = line.split(',');
                Some((cells.next()?, cells.next()?, cells.next()?))
            })
        };
        for (province, city, _) in rows(include_str!("../../../data/cities.csv")) {
            let whole = Region {
                province: Some(province.to_owned()),
                ..Region::default()
            };
            enter(province.to_owned(), &whole);
            // 吉林省 is not 吉林市.
            let suffixes: &[&str] = match province {
                "北京" | "天津" | "上海" | "重庆" => &["市"],
                "内蒙古" | "广西" | "西藏" | "宁夏" | "新疆" => {
                    &["自治区", "壮族自治区", "回族自治区", "维吾尔自治区"]
                }
                "香港" | "澳门" => &["特别行政区"],
                _ => &["省"],
            };
            for suffix in suffixes {
                enter(format!("{province}{suffix}"), &whole);
            }
            // A municipality is its own city; 吉林 is a city of 吉林.
            if province == city && city != "吉林" {
                continue;
            }
            city_province.insert(city.to_owned(), province.to_owned());
            let region = Region {
                city: Some(city.to_owned()),
                ..whole
            };
            for suffix in ["", "市", "地区", "盟", "州", "自治州"] {
                enter(format!("{city}{suffix}"), &region);
            }
        }
        for (county, city, province) in rows(include_str!("../../../data/counties.csv")) {
            let region = Region {
                is_national: false,
                province: Some(province.to_owned()),
                city: (city != province).then(|| city.to_owned()),
                county: Some(county.to_owned()),
            };
            enter(county.to_owned(), &region);
            if let Some(bare) = county.strip_suffix('市')
                && bare.chars().count() >= 2
                && !COMMON_WORDS.contains(&bare)
                && !city_province.contains_key(bare)
            {
                enter(bare.to_owned(), &region);
            }
        }
        enter(
            "中国".to_owned(),
            &Region {
                is_national: true,
                ..Region::default()
            },
        );
        let longest = words
            .keys()
            .map(|word| word.chars().count())
            .max()
            .unwrap_or(0);
        Table {
            words,
            city_province,
            longest,
        }
    })
}

/// The place that a whole text names, such as what stands in brackets.
pub(super) fn exact(text: &str) -> Option<Region> {
    let (region, rest) = leading(text, 0);
    (rest.is_empty() && !region.is_empty()).then_some(region)
}

/// Takes places off the head of a name, as long as `keep` characters remain: 广东省深圳市南山区….
pub(super) fn leading(text: &str, keep: usize) -> (Region, &str) {
    let table = table();
    let mut region = Region::default();
    let mut rest = text;
    for _ in 0..3 {
        let ends: Vec<usize> = rest
            .char_indices()
            .map(|(at, _)| at)
            .chain([rest.len()])
            .collect();
        let found = (2..=table.longest.min(ends.len().saturating_sub(1)))
            .rev()
            .filter(|length| ends.len() - 1 - length >= keep)
            .find_map(|length| {
                let end = *ends.get(length)?;
                let known = table.words.get(rest.get(..end)?)?;
                let fitting: Vec<&Region> = known
                    .iter()
                    .filter(|one| {
                        // 中国北京… says no more than 北京….
                        (region.is_national && !one.is_national)
                            || (one.relation(&region) != Relation::Conflict && **one != region)
                    })
                    .collect();
                let meant = match fitting.as_slice() {
                    [] => return None,
                    [one] => (*one).clone(),
                    // 朝阳区 lies in several cities: all that is known is its name.
                    [one, ..] if one.county.is_some() => Region {
                        county: one.county.clone(),
                        ..Region::default()
                    },
                    [one, ..] => (*one).clone(),
                };
                Some((meant, end))
            });
        let Some((meant, end)) = found else { break };
        region.is_national = false;
        region.fill(meant);
        rest = rest.get(end..).unwrap_or_default();
    }
    (region, rest)
}

/// Takes one place off the end of a name: 微软中国.
pub(super) fn trailing(text: &str, keep: usize) -> (Region, &str) {
    let table = table();
    let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for length in (2..=table.longest.min(starts.len())).rev() {
        if starts.len() - length < keep {
            continue;
        }
        let Some(start) = starts.get(starts.len() - length) else {
            continue;
        };
        let (head, tail) = text.split_at(*start);
        if let Some([one, ..]) = table.words.get(tail).map(Vec::as_slice)
            // A county's bare name is more likely a word here.
            && (one.county.is_none() || tail.ends_with(['市', '区', '县']))
        {
            return (one.clone(), head);
        }
    }
    (Region::default(), text)
}
