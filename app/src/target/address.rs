//! What is asked for, as it stands in the page's address: a list is kept, sent to a colleague and gone back to like any page.

use domain::{
    enterprise::{DirectoryFilter, SizeBand},
    region::Area,
    target::{Contact, TargetQuery},
};
use leptos_router::params::ParamsMap;

use crate::component::query_value;

/// Parts the values of one parameter; no name has it.
const PART: char = '|';

fn list(query: &ParamsMap, key: &str) -> Vec<String> {
    query
        .get(key)
        .unwrap_or_default()
        .split(PART)
        .map(str::trim)
        .filter(|value| !value.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What an address asks for; what it says that is none is passed over.
pub(super) fn asked(node_id: Option<i64>, query: &ParamsMap) -> TargetQuery {
    TargetQuery {
        node_id,
        text: query.get("q").unwrap_or_default(),
        filter: DirectoryFilter {
            regions: list(query, "region"),
            areas: list(query, "place")
                .iter()
                .map(|place| {
                    let (province, city) = place.split_once('/').unwrap_or((place, ""));
                    Area {
                        province: province.to_owned(),
                        city: city.to_owned(),
                    }
                })
                .collect(),
            industries: list(query, "industry"),
            sw_industries: list(query, "sw"),
            tags: list(query, "tag"),
            sizes: list(query, "size")
                .iter()
                .filter_map(|key| SizeBand::from_key(key))
                .collect(),
            is_listed: query
                .get("listed")
                .and_then(|text| text.parse::<bool>().ok()),
            is_local: None,
        },
        contacts: list(query, "contact")
            .iter()
            .filter_map(|key| Contact::from_key(key))
            .collect(),
        page: query
            .get("page")
            .and_then(|page| page.parse().ok())
            .unwrap_or(0),
    }
}

/// The parameters of a query, each once, those that say nothing left out.
pub(super) fn pairs(query: &TargetQuery) -> Vec<(&'static str, String)> {
    let joined = |values: Vec<String>| values.join(&PART.to_string());
    let filter = &query.filter;
    let places = filter
        .areas
        .iter()
        .map(|area| {
            if area.city.is_empty() {
                area.province.clone()
            } else {
                format!("{}/{}", area.province, area.city)
            }
        })
        .collect();
    let keys = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect();
    let sizes: Vec<&str> = filter.sizes.iter().map(|band| band.key()).collect();
    let contacts: Vec<&str> = query.contacts.iter().map(|contact| contact.key()).collect();
    let page = (query.page > 0).then(|| query.page.to_string());
    [
        ("q", query.text.clone()),
        ("region", joined(filter.regions.clone())),
        ("place", joined(places)),
        ("industry", joined(filter.industries.clone())),
        ("sw", joined(filter.sw_industries.clone())),
        ("tag", joined(filter.tags.clone())),
        ("size", joined(keys(&sizes))),
        (
            "listed",
            filter
                .is_listed
                .map(|is| is.to_string())
                .unwrap_or_default(),
        ),
        ("contact", joined(keys(&contacts))),
        ("page", page.unwrap_or_default()),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .collect()
}

/// The same as in an address, with their question mark; nothing when there are none.
pub(crate) fn parameters(query: &TargetQuery) -> String {
    let parts: Vec<String> = pairs(query)
        .into_iter()
        .map(|(key, value)| format!("{key}={}", query_value(&value)))
        .collect();
    if parts.is_empty() {
        String::new()
    } else {
        format!("?{}", parts.join("&"))
    }
}

/// The page's address for a query.
pub(crate) fn address(query: &TargetQuery) -> String {
    let node = query
        .node_id
        .map(|node_id| format!("/{node_id}"))
        .unwrap_or_default();
    format!("/targets{node}{}", parameters(query))
}

/// The address with one value of a group taken in or out, on the first page.
pub(super) fn toggled(query: &TargetQuery, change: impl FnOnce(&mut TargetQuery)) -> String {
    let mut query = query.clone();
    query.page = 0;
    change(&mut query);
    address(&query)
}

/// Takes a value into a list, or out of it.
pub(super) fn toggle<T: PartialEq>(values: &mut Vec<T>, value: T) {
    match values.iter().position(|one| *one == value) {
        Some(at) => {
            values.remove(at);
        }
        None => values.push(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_was_asked() {
        let query = TargetQuery {
            node_id: Some(7),
            text: "隔膜、膜".to_owned(),
            filter: DirectoryFilter {
                regions: vec!["长三角".to_owned(), "大湾区".to_owned()],
                areas: vec![
                    Area {
                        province: "广东".to_owned(),
                        city: "深圳".to_owned(),
                    },
                    Area {
                        province: "江苏".to_owned(),
                        city: String::new(),
                    },
                ],
                industries: vec!["C 制造业".to_owned()],
                sw_industries: vec!["铝".to_owned()],
                tags: vec!["瞪羚".to_owned(), "专精特新".to_owned()],
                sizes: vec![SizeBand::Huge, SizeBand::Unknown],
                is_listed: Some(false),
                is_local: None,
            },
            contacts: vec![Contact::TurnedDown],
            page: 2,
        };
        let mut map = ParamsMap::new();
        for (key, value) in [
            ("q", "隔膜、膜"),
            ("region", "长三角|大湾区"),
            ("place", "广东/深圳|江苏"),
            ("industry", "C 制造业"),
            ("sw", "铝"),
            ("tag", "瞪羚|专精特新"),
            ("size", "huge|unknown|none"),
            ("listed", "false"),
            ("contact", "turned_down"),
            ("page", "2"),
        ] {
            map.insert(key.to_owned(), value.to_owned());
        }
        assert_eq!(asked(Some(7), &map), query);
        let address = address(&query);
        assert!(address.starts_with("/targets/7?q=%E9%9A%94"), "{address}");
        assert!(address.ends_with("&listed=false&contact=turned_down&page=2"));
        assert_eq!(parameters(&TargetQuery::default()), "");
        assert_eq!(
            toggled(&query, |query| toggle(
                &mut query.contacts,
                Contact::TurnedDown
            )),
            address.replace("&contact=turned_down&page=2", "")
        );
    }
}
