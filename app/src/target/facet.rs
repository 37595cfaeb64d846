//! What the list may be narrowed by, with how many companies each choice has. Choices are links: they work before the
//! page is awake, and the address says what was chosen.

use domain::{
    enterprise::{DirectoryFilter, SizeBand},
    region::Area,
    target::{Contact, TargetPage, TargetQuery},
};
use leptos::prelude::*;

use super::address::{toggle, toggled};
use crate::{format, words::use_words};

/// Values of a long group that are shown; chosen ones always are.
const SHOWN: usize = 8;

struct Choice {
    name: String,
    count: u64,
    is_chosen: bool,
    href: String,
}

#[component]
fn Group(title: &'static str, choices: Vec<Choice>) -> impl IntoView {
    let most = choices
        .iter()
        .map(|choice| choice.count)
        .max()
        .unwrap_or(1)
        .max(1);
    (!choices.is_empty()).then(|| {
        view! {
            <section>
                <h2>{title}</h2>
                <ul>
                    {choices.into_iter().map(|choice| {
                        #[allow(clippy::cast_precision_loss, reason = "a bar's length")]
                        let share = choice.count as f64 / most as f64;
                        view! {
                            <li>
                                <a class="check" href=choice.href title=choice.name.clone()
                                    aria-current=choice.is_chosen.then_some("true")>{choice.name.clone()}</a>
                                <span class="bar thin" data-kind="plain" style=format!("--v:{share:.3}")></span>
                                <span class="n">{format::count(choice.count)}</span>
                            </li>
                        }
                    }).collect_view()}
                </ul>
            </section>
        }
    })
}

/// All groups of a page of targets.
#[component]
pub(super) fn Facets(page: TargetPage, query: TargetQuery) -> impl IntoView {
    let words = use_words();
    let facets = &page.facets;
    let filter = &query.filter;
    let (regions, _) = facets.regions();
    let regions: Vec<Choice> = regions
        .into_iter()
        .map(|(name, count)| Choice {
            count,
            is_chosen: filter.regions.contains(&name),
            href: toggled(&query, |query| {
                toggle(&mut query.filter.regions, name.clone());
            }),
            name,
        })
        .filter(|choice| choice.count > 0 || choice.is_chosen)
        .collect();
    // Cities of what is chosen, or the fullest ones.
    let mut cities: Vec<Choice> = facets
        .areas
        .iter()
        .filter(|(area, _)| !area.city.is_empty())
        .filter(|(area, _)| {
            let wide = |wanted: &Area| wanted.city.is_empty() && wanted.holds(area);
            let inside = filter.areas.iter().any(wide)
                || filter.regions.iter().any(|name| {
                    domain::region::region(name).is_some_and(|region| region.holds(area))
                });
            filter.areas.contains(area) || inside || !filter.has_places()
        })
        .map(|(area, count)| Choice {
            name: area.city.clone(),
            count: *count,
            is_chosen: filter.areas.contains(area),
            href: toggled(&query, |query| {
                // A city of a chosen province stands for it: together they would be the province.
                query
                    .filter
                    .areas
                    .retain(|other| !(other.city.is_empty() && other.holds(area)));
                toggle(&mut query.filter.areas, area.clone());
            }),
        })
        .collect();
    shorten(&mut cities);
    let named = |counts: &[(String, u64)], chosen: WordGroup| {
        let picked = chosen(&mut filter.clone()).clone();
        let mut choices: Vec<Choice> = counts
            .iter()
            .map(|(name, count)| Choice {
                name: name.clone(),
                count: *count,
                is_chosen: picked.contains(name),
                href: toggled(&query, |query| {
                    toggle(chosen(&mut query.filter), name.clone());
                }),
            })
            .collect();
        shorten(&mut choices);
        choices
    };
    let industries = named(&facets.industries, |filter| &mut filter.industries);
    let sw_industries = named(&facets.sw_industries, |filter| &mut filter.sw_industries);
    let tags = named(&facets.tags, |filter| &mut filter.tags);
    let sizes: Vec<Choice> = facets
        .sizes
        .iter()
        .filter(|(band, count)| *count > 0 || filter.sizes.contains(band))
        .map(|(band, count)| Choice {
            name: words.size_band(*band).to_owned(),
            count: *count,
            is_chosen: filter.sizes.contains(band),
            href: toggled(&query, |query| toggle(&mut query.filter.sizes, *band)),
        })
        .collect();
    let listed: Vec<Choice> = [
        (true, words.listed(), facets.listed),
        (false, words.not_listed(), facets.not_listed),
    ]
    .into_iter()
    .filter(|(is_listed, _, count)| *count > 0 || filter.is_listed == Some(*is_listed))
    .map(|(is_listed, name, count)| Choice {
        name: name.to_owned(),
        count,
        is_chosen: filter.is_listed == Some(is_listed),
        href: toggled(&query, |query| {
            let filter = &mut query.filter;
            filter.is_listed = (filter.is_listed != Some(is_listed)).then_some(is_listed);
        }),
    })
    .collect();
    let contacts: Vec<Choice> = page
        .contacts
        .iter()
        .filter(|(contact, count)| *count > 0 || query.contacts.contains(contact))
        .map(|(contact, count)| Choice {
            name: words.contact(*contact).to_owned(),
            count: *count,
            is_chosen: query.contacts.contains(contact),
            href: toggled(&query, |query| toggle(&mut query.contacts, *contact)),
        })
        .collect();
    view! {
        <aside class="facets" aria-label=words.narrow()>
            <Group title=words.region() choices=regions/>
            <Group title=words.city() choices=cities/>
            <Group title=words.industry() choices=industries/>
            <Group title=words.sw_industry() choices=sw_industries/>
            <Group title=words.tags() choices=tags/>
            <Group title=words.revenue_size() choices=sizes/>
            <Group title=words.listing() choices=listed/>
            <Group title=words.contact_group() choices=contacts/>
        </aside>
    }
}

/// A group of a filter whose values are words.
type WordGroup = fn(&mut DirectoryFilter) -> &mut Vec<String>;

const WORD_GROUPS: [WordGroup; 3] = [
    |filter| &mut filter.industries,
    |filter| &mut filter.sw_industries,
    |filter| &mut filter.tags,
];

/// Keeps the first [`SHOWN`] and whatever is chosen.
fn shorten(choices: &mut Vec<Choice>) {
    let mut place = 0;
    choices.retain(|choice| {
        place += 1;
        place <= SHOWN || choice.is_chosen
    });
}

/// What is chosen, each with a link that takes it out.
pub(super) fn chosen(words: crate::words::Locale, query: &TargetQuery) -> Vec<(String, String)> {
    let filter = &query.filter;
    let mut chosen: Vec<(String, String)> = Vec::new();
    for name in &filter.regions {
        let href = toggled(query, |query| {
            toggle(&mut query.filter.regions, name.clone())
        });
        chosen.push((name.clone(), href));
    }
    for area in &filter.areas {
        let href = toggled(query, |query| toggle(&mut query.filter.areas, area.clone()));
        let name = if area.city.is_empty() {
            &area.province
        } else {
            &area.city
        };
        chosen.push((name.clone(), href));
    }
    for group in WORD_GROUPS {
        for name in &group(&mut filter.clone()).clone() {
            let href = toggled(query, |query| {
                toggle(group(&mut query.filter), name.clone());
            });
            chosen.push((name.clone(), href));
        }
    }
    let size = |band: SizeBand| words.size_band(band).to_owned();
    for band in &filter.sizes {
        let href = toggled(query, |query| toggle(&mut query.filter.sizes, *band));
        chosen.push((size(*band), href));
    }
    if let Some(is_listed) = filter.is_listed {
        let name = if is_listed {
            words.listed()
        } else {
            words.not_listed()
        };
        let href = toggled(query, |query| query.filter.is_listed = None);
        chosen.push((name.to_owned(), href));
    }
    let contact = |contact: Contact| words.contact(contact).to_owned();
    for one in &query.contacts {
        let href = toggled(query, |query| toggle(&mut query.contacts, *one));
        chosen.push((contact(*one), href));
    }
    chosen
}
