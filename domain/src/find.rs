//! Finding anything by a few characters: what fits them, how well, and what comes first.

use serde::{Deserialize, Serialize};

use crate::{
    account::{Action, Actor},
    lead::Stage,
    text::fold,
};

/// Longest text that is looked for, in characters; the rest is not read.
pub const FIND_TEXT: usize = 60;
/// Things of one kind in an answer.
pub const FOUND_IN_GROUP: usize = 6;
/// Things that are remembered as opened last.
pub const RECENT: usize = 10;

/// What is found, in the order of the groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FoundKind {
    /// A group of any kinds: what was opened last.
    Recent,
    Lead,
    Enterprise,
    Node,
    Chain,
    Trip,
    /// The leads of a person.
    Person,
    Page,
    Action,
}

/// One thing, with the way to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundItem {
    pub kind: FoundKind,
    /// The record's id; 0 for pages and actions.
    pub id: i64,
    pub name: String,
    /// What tells it from others of its name; may be empty.
    pub note: String,
    pub stage: Option<Stage>,
    pub href: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundGroup {
    pub kind: FoundKind,
    pub items: Vec<FoundItem>,
}

/// What a person may see of what was asked for; a group that would be empty is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub groups: Vec<FoundGroup>,
}

/// A page, or an act that begins on a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    Today,
    Board,
    LeadList,
    Pool,
    Ledger,
    Week,
    Duplicates,
    Bin,
    OwnSettings,
    Enterprises,
    Trips,
    Chains,
    Leader,
    Reference,
    Imports,
    AtlasSettings,
    StageRules,
    NewLead,
    NewTrip,
    NewChain,
    ImportEnterprises,
}

impl Destination {
    pub const ALL: [Self; 21] = [
        Self::Today,
        Self::Board,
        Self::LeadList,
        Self::Pool,
        Self::Ledger,
        Self::Week,
        Self::Duplicates,
        Self::Bin,
        Self::OwnSettings,
        Self::Enterprises,
        Self::Trips,
        Self::Chains,
        Self::Leader,
        Self::Reference,
        Self::Imports,
        Self::AtlasSettings,
        Self::StageRules,
        Self::NewLead,
        Self::NewTrip,
        Self::NewChain,
        Self::ImportEnterprises,
    ];

    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Today => "/today",
            Self::Board => "/leads",
            Self::LeadList => "/leads/list",
            Self::Pool => "/pool",
            Self::Ledger => "/claims",
            Self::Week => "/leads/week",
            Self::Duplicates => "/enterprises/duplicates",
            Self::Bin => "/bin",
            Self::OwnSettings => "/settings/me",
            // A lead is registered for a company, on the company's page.
            Self::Enterprises | Self::NewLead => "/enterprises",
            Self::Trips => "/trips",
            Self::Chains => "/",
            Self::Leader => "/leader",
            Self::Reference => "/reference",
            Self::Imports | Self::ImportEnterprises => "/imports",
            Self::AtlasSettings => "/settings/atlas",
            Self::StageRules => "/settings/stages",
            Self::NewTrip => "/trips/new",
            Self::NewChain => "/chains/new",
        }
    }

    #[must_use]
    pub const fn kind(self) -> FoundKind {
        match self {
            Self::NewLead | Self::NewTrip | Self::NewChain | Self::ImportEnterprises => {
                FoundKind::Action
            }
            _ => FoundKind::Page,
        }
    }

    /// The right that it needs of somebody of this bureau; `None` when nobody without a bureau can use it.
    #[must_use]
    pub fn action(self, bureau_id: Option<i64>) -> Option<Action> {
        Some(match self {
            // Who reads every bureau's leads needs none of their own.
            Self::Board => Action::ReadLead {
                bureau_id: bureau_id.unwrap_or_default(),
            },
            Self::NewLead => Action::WriteLead {
                bureau_id: bureau_id?,
            },
            Self::NewTrip => Action::WriteTrip {
                bureau_id: bureau_id?,
            },
            Self::NewChain => Action::EditChain,
            Self::Pool => Action::ReadPool,
            Self::Duplicates => Action::ReviewDuplicate,
            Self::Imports | Self::ImportEnterprises => Action::ImportEnterprise,
            _ => Action::ReadZone,
        })
    }

    /// Whether it is of use to a person.
    #[must_use]
    pub fn is_open_to(self, actor: &Actor) -> bool {
        self.action(actor.bureau_id)
            .is_some_and(|action| actor.may(action))
    }
}

/// How closely something fits, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Closeness {
    Exact,
    Prefix,
    Part,
    /// By something else than its names, such as a product.
    Elsewhere,
}

/// By what it fits, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Written,
    Pinyin,
    Initials,
}

/// How well something fits; the least is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fit {
    pub closeness: Closeness,
    pub way: Way,
}

impl Fit {
    pub const ELSEWHERE: Self = Self {
        closeness: Closeness::Elsewhere,
        way: Way::Written,
    };
}

/// How a thing's names may be typed, folded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spelled {
    /// Name, short name, aliases, codes.
    pub written: Vec<String>,
    /// Pinyin without tones of each name, with spaces between names and none in them.
    pub pinyin: String,
    /// First letters, likewise.
    pub initials: String,
}

/// What somebody typed, ready to be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Folded, words parted by one space, at most [`FIND_TEXT`] characters.
    pub text: String,
    /// The same as letters and digits alone, when it holds nothing but these and what an input method puts between
    /// syllables (`nong'ye`, `nong ye`).
    pub latin: Option<String>,
}

impl Asked {
    /// `None` when there is nothing to look for.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let short: String = text
            .trim_start()
            .chars()
            .filter(|one| *one != '\0')
            .take(FIND_TEXT)
            .collect();
        let text = fold(&short);
        let is_latin = |one: char| one.is_ascii_alphanumeric() || matches!(one, ' ' | '\'' | '-');
        let latin: Option<String> = text
            .chars()
            .all(is_latin)
            .then(|| text.chars().filter(char::is_ascii_alphanumeric).collect());
        let latin = latin.filter(|latin| !latin.is_empty());
        (!text.is_empty()).then_some(Self { text, latin })
    }

    /// How well a thing fits; `None` when it does not. Of several words each must be there, and that counts as a part.
    #[must_use]
    pub fn fit(&self, spelled: &Spelled) -> Option<Fit> {
        let mut best = closest(
            spelled.written.iter().map(String::as_str),
            &self.text,
            Way::Written,
        );
        if let Some(latin) = &self.latin {
            for (names, way) in [
                (&spelled.pinyin, Way::Pinyin),
                (&spelled.initials, Way::Initials),
            ] {
                let fit = closest(names.split(' '), latin, way);
                best = [best, fit].into_iter().flatten().min();
            }
        }
        best.or_else(|| self.fit_by_words(spelled))
    }

    fn fit_by_words(&self, spelled: &Spelled) -> Option<Fit> {
        let mut worst = None;
        for word in self.text.split_once(' ').map(|_| self.text.split(' '))? {
            let fit = Self {
                text: word.to_owned(),
                latin: word
                    .chars()
                    .all(|one| one.is_ascii_alphanumeric())
                    .then(|| word.to_owned()),
            }
            .fit(spelled)?;
            worst = worst.max(Some(fit.way));
        }
        Some(Fit {
            closeness: Closeness::Part,
            way: worst?,
        })
    }
}

fn closest<'a>(names: impl Iterator<Item = &'a str>, asked: &str, way: Way) -> Option<Fit> {
    names
        .filter_map(|name| {
            if name == asked {
                Some(Closeness::Exact)
            } else if name.starts_with(asked) {
                Some(Closeness::Prefix)
            } else if name.contains(asked) {
                Some(Closeness::Part)
            } else {
                None
            }
        })
        .min()
        .map(|closeness| Fit { closeness, way })
}

/// Something that fits, before it is known whether there is room for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    pub fit: Fit,
    /// Of the person's own bureau.
    pub own: bool,
    pub item: FoundItem,
}

/// The best of one kind: the closest first, of these the own bureau's, of these as written before pinyin before
/// initials, of these the shortest name. What is equal keeps its order.
#[must_use]
pub fn best(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by_key(|one| {
        (
            one.fit.closeness,
            !one.own,
            one.fit.way,
            one.item.name.chars().count(),
        )
    });
    candidates.truncate(FOUND_IN_GROUP);
    candidates
}

/// Groups of the best, the group with the closest fit first; groups that fit alike stand in the order of their kinds.
#[must_use]
pub fn grouped(kinds: Vec<(FoundKind, Vec<Candidate>)>) -> Found {
    let mut groups: Vec<(Closeness, FoundGroup)> = kinds
        .into_iter()
        .filter_map(|(kind, candidates)| {
            let candidates = best(candidates);
            let closeness = candidates.first()?.fit.closeness;
            let items = candidates.into_iter().map(|one| one.item).collect();
            Some((closeness, FoundGroup { kind, items }))
        })
        .collect();
    groups.sort_by_key(|(closeness, group)| (*closeness, group.kind));
    Found {
        groups: groups.into_iter().map(|(_, group)| group).collect(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::account::Role;

    fn bank() -> Spelled {
        Spelled {
            written: vec!["中国农业发展银行".into(), "农发行".into()],
            pinyin: "zhongguonongyefazhanyinhang nongfahang".into(),
            initials: "zgnyfzyh nfh".into(),
        }
    }

    fn fit(text: &str) -> Option<(Closeness, Way)> {
        Asked::new(text)?
            .fit(&bank())
            .map(|fit| (fit.closeness, fit.way))
    }

    #[test]
    fn a_name_is_found_by_its_parts_its_pinyin_and_its_initials() {
        use Closeness::{Exact, Part, Prefix};
        use Way::{Initials, Pinyin, Written};
        assert_eq!(fit("中国农业发展银行"), Some((Exact, Written)));
        assert_eq!(fit("中国"), Some((Prefix, Written)));
        assert_eq!(fit("农业"), Some((Part, Written)));
        assert_eq!(fit("农发"), Some((Prefix, Written)));
        assert_eq!(fit("nongye"), Some((Part, Pinyin)));
        assert_eq!(fit("NONG'YE"), Some((Part, Pinyin)));
        assert_eq!(fit("ｎｏｎｇ　ｙｅ"), Some((Part, Pinyin)));
        // Letters may fit across syllables, too: 农业 by its first letters, and fazha-n y-inhang.
        assert_eq!(fit("ny"), Some((Part, Pinyin)));
        assert_eq!(fit("nyfz"), Some((Part, Initials)));
        assert_eq!(fit("zgny"), Some((Prefix, Initials)));
        assert_eq!(fit("nfh"), Some((Exact, Initials)));
        assert_eq!(fit("银行 农业"), Some((Part, Written)));
        assert_eq!(fit("农业 yinhang"), Some((Part, Pinyin)));
        for nothing in ["工业", "银行 工业", "%", "_", "，。", "nyy", "😀"] {
            assert_eq!(fit(nothing), None, "{nothing}");
        }
        for empty in ["", "  ", "\u{3000}", "\0", "\u{200b}"] {
            assert_eq!(Asked::new(empty), None, "{empty:?}");
        }
    }

    fn candidate(name: &str, closeness: Closeness, own: bool, way: Way) -> Candidate {
        Candidate {
            fit: Fit { closeness, way },
            own,
            item: FoundItem {
                kind: FoundKind::Lead,
                id: 1,
                name: name.into(),
                note: String::new(),
                stage: None,
                href: String::new(),
            },
        }
    }

    #[test]
    fn the_closest_comes_first_then_the_own_bureau() {
        use Closeness::{Exact, Part, Prefix};
        use Way::{Initials, Written};
        let order = best(vec![
            candidate("部分本局", Part, true, Written),
            candidate("部分本", Part, true, Written),
            candidate("前缀他局", Prefix, false, Written),
            candidate("前缀本局", Prefix, true, Initials),
            candidate("全同他局", Exact, false, Written),
            candidate("部分他局", Part, false, Written),
            candidate("部分他局二", Part, false, Written),
        ]);
        let names: Vec<&str> = order.iter().map(|one| one.item.name.as_str()).collect();
        assert_eq!(
            names,
            [
                "全同他局",
                "前缀本局",
                "前缀他局",
                "部分本",
                "部分本局",
                "部分他局"
            ]
        );
    }

    #[test]
    fn groups_stand_by_their_best_and_empty_ones_are_gone() {
        let page = candidate("看板", Closeness::Exact, false, Way::Written);
        let lead = candidate("看板厂", Closeness::Prefix, true, Way::Written);
        let found = grouped(vec![
            (FoundKind::Lead, vec![lead.clone()]),
            (FoundKind::Enterprise, vec![lead]),
            (FoundKind::Trip, Vec::new()),
            (FoundKind::Page, vec![page]),
        ]);
        let kinds: Vec<FoundKind> = found.groups.iter().map(|group| group.kind).collect();
        assert_eq!(
            kinds,
            [FoundKind::Page, FoundKind::Lead, FoundKind::Enterprise]
        );
    }

    #[test]
    fn nobody_is_led_to_what_they_may_not_do() {
        let person = |role, bureau_id| Actor {
            account_id: 1,
            login: "x".into(),
            name: "x".into(),
            role,
            bureau_id,
            bureau_name: None,
        };
        let open = |actor: &Actor| -> Vec<Destination> {
            Destination::ALL
                .into_iter()
                .filter(|one| one.kind() == FoundKind::Action && one.is_open_to(actor))
                .collect()
        };
        assert_eq!(
            open(&person(Role::Officer, Some(1))),
            [
                Destination::NewLead,
                Destination::NewTrip,
                Destination::ImportEnterprises
            ]
        );
        assert_eq!(
            open(&person(Role::Delegate, Some(1))),
            [Destination::NewTrip]
        );
        assert_eq!(open(&person(Role::Leader, None)), []);
        assert_eq!(
            open(&person(Role::Administrator, None)),
            [Destination::NewChain, Destination::ImportEnterprises]
        );
        assert!(Destination::Board.is_open_to(&person(Role::Leader, None)));
        assert!(!Destination::Board.is_open_to(&person(Role::Viewer, None)));
    }

    proptest! {
        #[test]
        fn any_part_of_a_name_finds_it(from in 0_usize..8, length in 1_usize..8) {
            let part: String = "中国农业发展银行".chars().skip(from).take(length).collect();
            prop_assume!(!part.is_empty());
            prop_assert!(fit(&part).is_some());
        }

        #[test]
        fn any_text_is_taken(text in "\\PC{0,200}") {
            let name = crate::text::fold(&text);
            if let Some(asked) = Asked::new(&text) {
                let itself = Spelled { written: vec![name], ..Spelled::default() };
                prop_assert!(asked.fit(&itself).is_some(), "{asked:?}");
            }
        }
    }
}
