//! Which companies are worth comparing at all. All pairs of a hundred thousand names are five thousand million; names
//! that could mean one company share a key, and a key that too many names have says nothing.

use std::collections::{HashMap, HashSet, hash_map::DefaultHasher};
use std::hash::{Hash, Hasher};

use super::{Compared, part::NameParts};

/// Rarest pairs of characters by which a short name is looked up.
const RARE: usize = 6;
/// Companies with one key beyond which they are told apart by more of the name.
const CROWD: usize = 600;

/// What one company can be found by. Keys are hashes: a collision costs a comparison and loses nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockingKeys {
    /// Codes and cores: whoever shares one is compared, whatever it costs.
    strong: Vec<u64>,
    /// Body together with branch, for strong keys that a crowd shares.
    fine: u64,
    /// Neighbouring characters, and the first one with each later one: what a short name and its long one share.
    pairs: Vec<u64>,
    is_short: bool,
}

fn key(kind: u8, parts: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    kind.hash(&mut hasher);
    parts.hash(&mut hasher);
    hasher.finish()
}

impl BlockingKeys {
    /// The keys of a company.
    #[must_use]
    pub fn of(company: &Compared) -> Self {
        let full = &company.full;
        let mut keys = Self {
            fine: key(9, (&full.body, &full.branch)),
            is_short: full.form.is_none(),
            ..Self::default()
        };
        keys.strong
            .extend(company.credit_code.iter().map(|code| key(1, code.as_str())));
        keys.strong
            .extend(company.stock_code.iter().map(|code| key(2, code)));
        keys.enter(full);
        if let Some(short) = &company.short {
            keys.enter(short);
        }
        for list in [&mut keys.strong, &mut keys.pairs] {
            list.sort_unstable();
            list.dedup();
        }
        keys
    }

    fn enter(&mut self, parts: &NameParts) {
        self.strong.push(key(3, &parts.core));
        self.strong.push(key(4, &parts.body));
        let body = &parts.body_characters;
        // 苏常柴 is 常柴: a short name may begin with its place's one-character name.
        if parts.form.is_none()
            && let Some(tail) = body.get(1..)
            && tail.len() >= 2
        {
            let text = tail.iter().collect::<String>();
            self.strong.push(key(3, &text));
            self.strong.push(key(4, &text));
            if let Some((first, rest)) = tail.split_first() {
                self.pairs
                    .extend(rest.iter().map(|one| key(6, (first, one))));
            }
        }
        for characters in [body, &parts.whole_characters] {
            if let Some((first, rest)) = characters.split_first() {
                self.pairs
                    .extend(rest.iter().take(12).map(|one| key(6, (first, one))));
            }
        }
        // 茅台 in 贵州茅台酒, 一重 in 第一重型机械.
        self.pairs.extend(body.windows(2).map(|two| key(7, two)));
    }
}

/// Calls `visit` for each two positions, the larger first, that share a key; a pair may come twice. With `only`, for those
/// of which one at least is in it. Needs memory for the keys, not for the pairs.
pub fn for_each_candidate(
    keys: &[BlockingKeys],
    only: Option<&HashSet<usize>>,
    mut visit: impl FnMut(usize, usize),
) {
    fn gather<'a>(
        keys: &'a [BlockingKeys],
        list: impl Fn(&'a BlockingKeys) -> &'a [u64],
    ) -> HashMap<u64, Vec<u32>> {
        let mut members: HashMap<u64, Vec<u32>> = HashMap::new();
        for (position, own) in (0_u32..).zip(keys) {
            for one in list(own) {
                members.entry(*one).or_default().push(position);
            }
        }
        members.retain(|_, members| members.len() > 1);
        members
    }
    let strong = gather(keys, |own| &own.strong);
    let pairs = gather(keys, |own| &own.pairs);
    // Crowds under a strong key, told apart once and not again for each member.
    let mut finer: HashMap<(u64, u64), Vec<u32>> = HashMap::new();
    for (one, members) in strong.iter().filter(|(_, members)| members.len() > CROWD) {
        for position in members {
            if let Some(own) = keys.get(*position as usize) {
                finer.entry((*one, own.fine)).or_default().push(*position);
            }
        }
    }
    let is_short = |position: &u32| keys.get(*position as usize).is_some_and(|own| own.is_short);
    let mut partners: Vec<u32> = Vec::new();
    for (position, own) in keys.iter().enumerate() {
        if only.is_some_and(|only| !only.contains(&position)) {
            continue;
        }
        partners.clear();
        for one in &own.strong {
            let members = match strong.get(one) {
                Some(members) if members.len() <= CROWD => members.as_slice(),
                // Beyond this even equal names are a list of somebody's branches.
                Some(_) => finer
                    .get(&(*one, own.fine))
                    .map(|members| members.get(..CROWD).unwrap_or(members))
                    .unwrap_or_default(),
                None => &[],
            };
            partners.extend(members);
        }
        // With all in question, the smaller one of two finds the pair under the same key.
        if only.is_none() {
            partners.retain(|partner| (*partner as usize) < position);
        }
        if own.is_short {
            for members in rarest(&own.pairs, &pairs).into_iter().take(RARE) {
                if members.len() <= CROWD {
                    partners.extend(members);
                }
            }
        } else if only.is_some() {
            for one in &own.pairs {
                if let Some(members) = pairs.get(one).filter(|members| members.len() <= CROWD) {
                    partners.extend(members.iter().filter(|member| is_short(member)));
                }
            }
        }
        partners.sort_unstable();
        partners.dedup();
        for partner in &partners {
            let partner = *partner as usize;
            if partner != position {
                visit(position.max(partner), position.min(partner));
            }
        }
    }
}

/// The members of these keys, the rarest key first.
fn rarest<'a>(own: &[u64], members: &'a HashMap<u64, Vec<u32>>) -> Vec<&'a Vec<u32>> {
    let mut found: Vec<&Vec<u32>> = own.iter().filter_map(|one| members.get(one)).collect();
    found.sort_by_key(|members| members.len());
    found
}
