//! Whether two records mean one company, and why.
//!
//! Codes decide; without them names are compared part by part. A branch is not its parent, and a company of another
//! industry or place is a company of its own, however much of the name they share.

mod block;
pub mod labelled;
mod part;
mod region;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use block::{BlockingKeys, for_each_candidate};
pub use part::{Form, NameParts, comparable};
pub use region::{Region, Relation};

use super::{CreditCode, check_credit_code};

/// What is known of a company when it is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CompanyFacts<'a> {
    pub name: &'a str,
    pub short_name: Option<&'a str>,
    pub credit_code: Option<&'a str>,
    pub stock_code: Option<&'a str>,
    pub province: Option<&'a str>,
    pub city: Option<&'a str>,
}

impl<'a> CompanyFacts<'a> {
    #[must_use]
    pub fn named(name: &'a str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }
}

/// One thing that speaks for or against; its words live in the table of words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// Decides.
    SameCreditCode,
    /// Decides against, except beside [`Self::SameOrganisationCode`] or [`Self::SameStockCode`]: then one code is wrong.
    DifferentCreditCode,
    /// Characters 9 to 17 of the credit code, the organisation's own (GB 32100-2015, GB 11714).
    SameOrganisationCode,
    SameStockCode,
    DifferentStockCode,
    /// Letter by letter, apart from width, case, brackets and 繁體.
    EqualName,
    /// Place, core, industry and form are equal, written in another way.
    EqualParts,
    /// 字号 and industry words are equal.
    EqualBody,
    /// Only the 字号 is equal.
    EqualCore,
    EqualShortName,
    /// One is what people call the other.
    ShortName,
    PlaceMissing,
    /// One place lies in the other: 广东 and 深圳.
    PlaceWithin,
    PlaceDiffers,
    /// 深圳市甲有限公司 and 甲(深圳)有限公司: two names in the register, and so two companies.
    PlaceElsewhere,
    RecordPlaceSame,
    RecordPlaceDiffers,
    IndustryDiffers,
    /// 有限公司 and 股份有限公司: often the same company before and after.
    FormDiffers,
    /// 集团 or 控股 on one side only.
    GroupDiffers,
    BranchDiffers,
    /// One character differs, is missing or has changed places: registers have such companies side by side.
    OneCharacter,
    CoreDiffers,
}

impl MatchReason {
    /// The word in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::SameCreditCode => "same_credit_code",
            Self::DifferentCreditCode => "different_credit_code",
            Self::SameOrganisationCode => "same_organisation_code",
            Self::SameStockCode => "same_stock_code",
            Self::DifferentStockCode => "different_stock_code",
            Self::EqualName => "equal_name",
            Self::EqualParts => "equal_parts",
            Self::EqualBody => "equal_body",
            Self::EqualCore => "equal_core",
            Self::EqualShortName => "equal_short_name",
            Self::ShortName => "short_name",
            Self::PlaceMissing => "place_missing",
            Self::PlaceWithin => "place_within",
            Self::PlaceDiffers => "place_differs",
            Self::PlaceElsewhere => "place_elsewhere",
            Self::RecordPlaceSame => "record_place_same",
            Self::RecordPlaceDiffers => "record_place_differs",
            Self::IndustryDiffers => "industry_differs",
            Self::FormDiffers => "form_differs",
            Self::GroupDiffers => "group_differs",
            Self::BranchDiffers => "branch_differs",
            Self::OneCharacter => "one_character",
            Self::CoreDiffers => "core_differs",
        }
    }
}

/// How likely two records mean one company, from 0 to 1, and what said so.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub score: f64,
    pub reasons: Vec<MatchReason>,
}

/// From this score on two records are taken for one company, and shown to people.
pub const SAME_COMPANY: f64 = 0.5;

impl Verdict {
    #[must_use]
    pub fn is_same(&self) -> bool {
        self.score >= SAME_COMPANY
    }
}

/// A company prepared to be compared with many others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    pub(crate) full: NameParts,
    pub(crate) short: Option<NameParts>,
    record: Region,
    pub(crate) credit_code: Option<CreditCode>,
    pub(crate) stock_code: Option<String>,
}

impl Compared {
    #[must_use]
    pub fn of(facts: &CompanyFacts<'_>) -> Self {
        Self {
            full: NameParts::of(facts.name),
            short: facts
                .short_name
                .map(NameParts::of)
                .filter(|short| short.body_characters.len() >= 2),
            record: Region::of_record(facts.province, facts.city),
            // A code that is none says nothing.
            credit_code: facts
                .credit_code
                .and_then(|code| check_credit_code(code).ok()),
            stock_code: facts
                .stock_code
                .map(comparable)
                .filter(|code| !code.is_empty()),
        }
    }

    /// Whether two records mean one company. The same from either side; a record is always the same as itself.
    #[must_use]
    pub fn verdict(&self, other: &Self) -> Verdict {
        let mut reasons = Vec::new();
        let same_stock = self
            .stock_code
            .as_ref()
            .zip(other.stock_code.as_ref())
            .map(|(one, two)| one == two);
        if let (Some(left), Some(right)) = (&self.credit_code, &other.credit_code) {
            if left == right {
                return verdict(1.0, vec![MatchReason::SameCreditCode]);
            }
            reasons.push(MatchReason::DifferentCreditCode);
            if left.as_str().get(8..17) == right.as_str().get(8..17) {
                reasons.push(MatchReason::SameOrganisationCode);
                return verdict(0.85, reasons);
            }
            if same_stock == Some(true) {
                reasons.push(MatchReason::SameStockCode);
                return verdict(0.6, reasons);
            }
            return verdict(0.02, reasons);
        }
        let names = by_name(self, other);
        match same_stock {
            Some(true) => {
                reasons.push(MatchReason::SameStockCode);
                reasons.extend(names.reasons);
                verdict(0.98, reasons)
            }
            // One company may be listed twice, in Shenzhen and in Hong Kong; then its name is the same.
            Some(false) if !names.reasons.contains(&MatchReason::EqualName) => {
                reasons.push(MatchReason::DifferentStockCode);
                reasons.extend(names.reasons);
                verdict(names.score.min(0.1), reasons)
            }
            _ => names,
        }
    }
}

/// [`Compared::verdict`] of two records that are compared once.
#[must_use]
pub fn same_company(one: &CompanyFacts<'_>, two: &CompanyFacts<'_>) -> Verdict {
    Compared::of(one).verdict(&Compared::of(two))
}

fn verdict(score: f64, reasons: Vec<MatchReason>) -> Verdict {
    Verdict { score, reasons }
}

fn by_name(one: &Compared, two: &Compared) -> Verdict {
    let (left, right) = (&one.full, &two.full);
    let mut found = compare(left, right);
    if found.score < 0.8 && left.branch == right.branch {
        let called = |short: &Option<NameParts>, other: &NameParts| {
            short
                .as_ref()
                .is_some_and(|short| short.whole == other.whole)
        };
        let is_called = called(&one.short, right) || called(&two.short, left);
        let both_called = matches!((&one.short, &two.short), (Some(left), Some(right)) if left.whole == right.whole);
        if is_called || both_called {
            let score = if is_called { 0.85 } else { 0.6 };
            if score > found.score {
                found = verdict(score, vec![MatchReason::EqualShortName]);
            }
        }
    }
    if found.score < SAME_COMPANY {
        return found;
    }
    // The record's own place speaks where the names do not.
    let says_no_place = found.reasons.iter().any(|reason| {
        matches!(
            reason,
            MatchReason::PlaceMissing | MatchReason::EqualShortName | MatchReason::ShortName
        )
    });
    let known = |parts: &NameParts, record: &Region| {
        parts
            .places
            .first()
            .filter(|place| !place.is_national)
            .unwrap_or(record)
            .clone()
    };
    let filled = known(left, &one.record).relation(&known(right, &two.record));
    if says_no_place && filled == Relation::Equal {
        found.score = (found.score + 0.05).min(0.95);
        found.reasons.push(MatchReason::RecordPlaceSame);
    } else if says_no_place && filled == Relation::Conflict {
        found.score = found.score.min(0.35);
        found.reasons.push(MatchReason::RecordPlaceDiffers);
    } else if one.record.relation(&two.record) == Relation::Conflict {
        // A seat moves and lists are old: equal names outlast it.
        found.score -= 0.25;
        found.reasons.push(MatchReason::RecordPlaceDiffers);
    }
    found
}

/// The places of two names, taken together.
fn places(left: &NameParts, right: &NameParts) -> Relation {
    match (left.places.as_slice(), right.places.as_slice()) {
        ([], []) => Relation::Equal,
        ([], _) | (_, []) => Relation::Missing,
        (one, two) if one.len() == two.len() => {
            let mut one = one.to_vec();
            let mut two = two.to_vec();
            one.sort();
            two.sort();
            let relations: Vec<Relation> = one
                .iter()
                .zip(&two)
                .map(|(one, two)| one.relation(two))
                .collect();
            if relations.contains(&Relation::Conflict) {
                Relation::Conflict
            } else if relations.iter().all(|one| *one == Relation::Equal) {
                Relation::Equal
            } else {
                Relation::Within
            }
        }
        (one, two) => {
            let is_any_equal = one
                .iter()
                .any(|one| two.iter().any(|two| one.relation(two) == Relation::Equal));
            if is_any_equal {
                Relation::Within
            } else {
                Relation::Conflict
            }
        }
    }
}

/// A name as people say it: without a form, and of no branch.
fn is_short(parts: &NameParts) -> bool {
    parts.form.is_none() && parts.branch.is_none()
}

fn compare(left: &NameParts, right: &NameParts) -> Verdict {
    if left.branch != right.branch {
        return verdict(0.05, vec![MatchReason::BranchDiffers]);
    }
    if left.whole == right.whole {
        return verdict(0.97, vec![MatchReason::EqualName]);
    }
    let place = places(left, right);
    if left.body == right.body {
        return equal_bodies(left, right, place);
    }
    let called = match (is_short(left), is_short(right)) {
        (true, false) => is_called(left, right, place),
        (false, true) => is_called(right, left, place),
        _ => false,
    };
    if called {
        return verdict(0.6, vec![MatchReason::ShortName]);
    }
    if place == Relation::Conflict {
        return verdict(0.04, vec![MatchReason::PlaceDiffers]);
    }
    if left.core == right.core && !left.is_generic {
        return verdict(
            0.15,
            vec![MatchReason::EqualCore, MatchReason::IndustryDiffers],
        );
    }
    if is_one_slip(&left.body_characters, &right.body_characters) {
        return verdict(0.3, vec![MatchReason::OneCharacter]);
    }
    verdict(0.03, vec![MatchReason::CoreDiffers])
}

fn equal_bodies(left: &NameParts, right: &NameParts, place: Relation) -> Verdict {
    let mut reasons = vec![MatchReason::EqualBody];
    let is_named = left.form.is_some() && right.form.is_some();
    let is_short_of = !is_named;
    let mut score: f64 = match place {
        Relation::Equal
            if is_named
                && !left.places.is_empty()
                && left.is_place_first != right.is_place_first =>
        {
            reasons.push(MatchReason::PlaceElsewhere);
            return verdict(0.35, reasons);
        }
        Relation::Equal => 0.95,
        Relation::Missing => {
            reasons.push(MatchReason::PlaceMissing);
            let is_national =
                |parts: &NameParts| parts.places.iter().any(|place| place.is_national);
            // 电气 alone may be anybody's; 农业银行 is 中国农业银行.
            if !left.is_generic {
                0.8
            } else if is_national(left) || is_national(right) {
                0.6
            } else {
                0.4
            }
        }
        Relation::Within => {
            reasons.push(MatchReason::PlaceWithin);
            0.4
        }
        Relation::Conflict => {
            reasons.push(MatchReason::PlaceDiffers);
            return verdict(0.08, reasons);
        }
    };
    let is_group = |parts: &NameParts| (parts.is_group, parts.is_holding);
    if is_short_of {
        reasons.push(MatchReason::ShortName);
        score -= 0.05;
        if is_group(left) != is_group(right) {
            reasons.push(MatchReason::GroupDiffers);
            score -= 0.1;
        }
    } else if left.form != right.form {
        reasons.push(MatchReason::FormDiffers);
        let is_old = |parts: &NameParts| parts.form == Some(Form::Company);
        let is_limited = |parts: &NameParts| parts.form == Some(Form::Limited);
        if (is_old(left) && is_limited(right)) || (is_limited(left) && is_old(right)) {
            // 总公司, 公司: state firms of old, which became 集团有限公司.
            score -= 0.3;
        } else if is_group(left) != is_group(right) {
            reasons.push(MatchReason::GroupDiffers);
            score -= 0.6;
        } else if left.is_group || place == Relation::Missing {
            // 甲集团有限公司 is the owner of 甲集团股份有限公司, 北京甲有限公司 a daughter of 甲股份有限公司.
            score -= 0.5;
        } else {
            score -= 0.2;
        }
    } else if is_group(left) != is_group(right) {
        // 甲集团有限公司 owns 甲有限公司.
        reasons.push(MatchReason::GroupDiffers);
        score -= 0.6;
    }
    if reasons == [MatchReason::EqualBody] {
        reasons = vec![MatchReason::EqualParts];
    }
    verdict(score.max(0.05), reasons)
}

/// Whether a short name is what people call a company: its characters stand in the long name in this order, beginning
/// with the core; before it may stand the first character of the place, or the place's one-character name.
fn is_called(short: &NameParts, long: &NameParts, place: Relation) -> bool {
    if matches!(place, Relation::Conflict | Relation::Within) {
        return false;
    }
    let spoken = short.body_characters.as_slice();
    let text = long.body_characters.as_slice();
    if !(2..=8).contains(&spoken.len()) {
        return false;
    }
    let begins = |characters: &[char]| follows(characters, text) == Some(0);
    if let Some((first, rest)) = spoken.split_first() {
        // 粤电力, 苏常柴: the letter is the place, and the rest is the name.
        if rest.len() >= 2 && region::letter_fits(*first, &long.places) && begins(rest) {
            return true;
        }
        // 上汽, 沈化, 瓦轴.
        if long.is_place_first
            && short.places.is_empty()
            && long.whole_characters.first() == Some(first)
            && begins(rest)
        {
            return true;
        }
    }
    // 农业银行 is not 农业发展银行, nor 建筑 what 建筑材料 is called.
    if short.is_generic && (!short.industry.is_empty() || long.body.starts_with(&short.body)) {
        return false;
    }
    begins(spoken)
        || (text.first() == Some(&'第') && follows(spoken, text) == Some(1))
        || (spoken.len() >= 3 && long.body.contains(&short.body))
}

/// Where the first of these characters stands in a text that has all of them in this order.
fn follows(characters: &[char], text: &[char]) -> Option<usize> {
    let first = text
        .iter()
        .position(|one| Some(one) == characters.first())?;
    let mut rest = text.get(first..)?.iter();
    characters
        .iter()
        .all(|wanted| rest.any(|one| one == wanted))
        .then_some(first)
}

/// One character that differs, is missing, or two that changed places.
fn is_one_slip(one: &[char], two: &[char]) -> bool {
    let (short, long) = if one.len() <= two.len() {
        (one, two)
    } else {
        (two, one)
    };
    if short.len() < 3 || long.len() - short.len() > 1 {
        return false;
    }
    let head = short
        .iter()
        .zip(long)
        .take_while(|(one, two)| one == two)
        .count();
    if short.len() < long.len() {
        return short.get(head..) == long.get(head + 1..);
    }
    short.get(head + 1..) == long.get(head + 1..)
        || (short.get(head) == long.get(head + 1)
            && short.get(head + 1) == long.get(head)
            && short.get(head + 2..) == long.get(head + 2..))
}
