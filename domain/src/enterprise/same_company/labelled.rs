//! Pairs of names of which people know whether they are one company, and how well the rules do on them.

use std::collections::HashSet;

use super::{BlockingKeys, CompanyFacts, Compared, Verdict, for_each_candidate, same_company};

/// A row of `domain/data/company_pairs.csv`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LabelledPair {
    pub left: String,
    pub right: String,
    pub left_code: Option<String>,
    pub right_code: Option<String>,
    pub same: bool,
    pub kind: String,
}

/// Reads the rows; those without both names are left out.
#[must_use]
pub fn read(text: &str) -> Vec<LabelledPair> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headers = reader.headers().cloned().unwrap_or_default();
    let column = |name: &str| headers.iter().position(|header| header == name);
    let cell = |row: &csv::StringRecord, name: &str| {
        column(name)
            .and_then(|at| row.get(at))
            .map(str::to_owned)
            .filter(|text| !text.is_empty())
    };
    reader
        .records()
        .flatten()
        .filter_map(|row| {
            Some(LabelledPair {
                left: cell(&row, "left")?,
                right: cell(&row, "right")?,
                left_code: cell(&row, "left_code"),
                right_code: cell(&row, "right_code"),
                same: cell(&row, "same")? == "1",
                kind: cell(&row, "kind").unwrap_or_default(),
            })
        })
        .collect()
}

impl LabelledPair {
    #[must_use]
    pub fn facts(&self) -> [CompanyFacts<'_>; 2] {
        let facts = |name, code| CompanyFacts {
            credit_code: code,
            ..CompanyFacts::named(name)
        };
        [
            facts(self.left.as_str(), self.left_code.as_deref()),
            facts(self.right.as_str(), self.right_code.as_deref()),
        ]
    }

    #[must_use]
    pub fn verdict(&self) -> Verdict {
        let [left, right] = self.facts();
        same_company(&left, &right)
    }

    /// Whether the pair is in the half that the rules were made with: by FNV-1a of both names, which does not change
    /// when rows are added.
    #[must_use]
    pub fn is_tuned_on(&self) -> bool {
        let hash = self
            .left
            .bytes()
            .chain([b'|'])
            .chain(self.right.bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        // The low bit of FNV-1a is the parity of the bytes' low bits.
        (hash >> 32) & 1 == 0
    }
}

/// Right and wrong answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub true_positive: u32,
    pub false_positive: u32,
    pub true_negative: u32,
    pub false_negative: u32,
}

impl Counts {
    pub fn count(&mut self, is_same: bool, said_same: bool) {
        *match (is_same, said_same) {
            (true, true) => &mut self.true_positive,
            (true, false) => &mut self.false_negative,
            (false, true) => &mut self.false_positive,
            (false, false) => &mut self.true_negative,
        } += 1;
    }

    #[must_use]
    pub const fn total(&self) -> u32 {
        self.right() + self.false_positive + self.false_negative
    }

    #[must_use]
    pub const fn right(&self) -> u32 {
        self.true_positive + self.true_negative
    }

    /// 1 when nothing was said to be the same.
    #[must_use]
    pub fn precision(&self) -> f64 {
        share(self.true_positive, self.false_positive)
    }

    /// 1 when nothing is the same.
    #[must_use]
    pub fn recall(&self) -> f64 {
        share(self.true_positive, self.false_negative)
    }

    #[must_use]
    pub fn f1(&self) -> f64 {
        let (precision, recall) = (self.precision(), self.recall());
        if precision + recall == 0.0 {
            return 0.0;
        }
        2.0 * precision * recall / (precision + recall)
    }
}

fn share(hits: u32, others: u32) -> f64 {
    if hits + others == 0 {
        return 1.0;
    }
    f64::from(hits) / f64::from(hits + others)
}

/// The share of pairs that are one company and that blocking compares, all names being in one directory.
#[must_use]
pub fn blocking_recall(pairs: &[LabelledPair]) -> f64 {
    let keys: Vec<BlockingKeys> = pairs
        .iter()
        .flat_map(|pair| pair.facts())
        .map(|facts| BlockingKeys::of(&Compared::of(&facts)))
        .collect();
    let mut found = HashSet::new();
    for_each_candidate(&keys, None, |larger, smaller| {
        found.insert((smaller, larger));
    });
    let (mut kept, mut lost) = (0, 0);
    for (index, _) in pairs.iter().enumerate().filter(|(_, pair)| pair.same) {
        if found.contains(&(2 * index, 2 * index + 1)) {
            kept += 1;
        } else {
            lost += 1;
        }
    }
    share(kept, lost)
}
