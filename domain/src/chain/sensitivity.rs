//! Which change of a setting would give a node another class, and which change of a weight another place.
//!
//! Weights order the gaps; they never make one. So the question "which weight would flip this" has two honest
//! halves: thresholds decide the class, weights decide the place among the gaps.

use serde::{Deserialize, Serialize};

use super::score::{classes_under, matched_share};
use super::{ChainScore, GapClass, NodeScore, ScoreInput, ScoreSettings, TermKind};

/// A threshold of [`ScoreSettings`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Threshold {
    MinReferenceFirms,
    MinMatchedShare,
    WeakCover,
    WeakQuotient,
    StrongCover,
    StrongQuotient,
    ExtensionHops,
}

/// The smallest change of one threshold that gives the node another class; all else stays as it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassFlip {
    pub threshold: Threshold,
    /// As set.
    pub now: f64,
    /// From here on the class is `to`: the last value that would do, rounded towards it by a hundredth at most.
    pub at: f64,
    pub to: GapClass,
}

/// The smallest change of one weight that puts the node before or behind another gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankFlip {
    pub term: TermKind,
    /// The weight as set.
    pub now: f64,
    /// The weight at which both have the same G; not negative.
    pub at: f64,
    /// The gap that it passes or that passes it.
    pub other_node: i64,
    /// Whether the node comes out before the other one.
    pub before: bool,
}

/// What would flip a node.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    pub classes: Vec<ClassFlip>,
    pub ranks: Vec<RankFlip>,
}

/// Weights are asked for up to this one; a larger one would drown the other terms.
const WEIGHT_MOST: f64 = 2.0;

/// What would flip one node. Empty for a node that is not in the chain.
#[must_use]
pub fn sensitivity(input: &ScoreInput, scored: &ChainScore, node_id: i64) -> Sensitivity {
    let Some(node) = scored.node(node_id) else {
        return Sensitivity::default();
    };
    Sensitivity {
        classes: class_flips(input, scored, node),
        ranks: rank_flips(scored, node, &input.settings),
    }
}

/// Thresholds meet a node where they equal one of its own numbers, so only those values need to be tried.
fn class_flips(input: &ScoreInput, scored: &ChainScore, node: &NodeScore) -> Vec<ClassFlip> {
    let settings = &input.settings;
    let quotient = node.location_quotient;
    let share = matched_share(input);
    let mut tries: Vec<(Threshold, f64, f64)> = Vec::new();
    let mut offer = |threshold: Threshold, now: f64, values: &[f64]| {
        for &value in values {
            if value >= 0.0 && value.is_finite() && (value - now).abs() > 1e-9 {
                tries.push((threshold, now, value));
            }
        }
    };
    let reference = f64::from(node.reference_firms);
    offer(
        Threshold::MinReferenceFirms,
        f64::from(settings.min_reference_firms),
        &[reference, reference + 1.0],
    );
    // A hundredth below or above the node's own number is enough to be on its other side, and reads well.
    let around = |value: f64| {
        [
            (value * 100.0).floor() / 100.0,
            ((value * 100.0).floor() + 1.0) / 100.0,
        ]
    };
    offer(
        Threshold::MinMatchedShare,
        settings.min_matched_share,
        &around(share).map(|value| value.min(1.0)),
    );
    if let Some(cover) = node.cover {
        offer(
            Threshold::WeakCover,
            settings.weak_cover,
            &around(cover).map(|value| value.min(1.0)),
        );
        offer(
            Threshold::StrongCover,
            settings.strong_cover,
            &around(cover).map(|value| value.min(1.0)),
        );
    }
    offer(
        Threshold::WeakQuotient,
        settings.weak_quotient,
        &around(quotient.high),
    );
    offer(
        Threshold::StrongQuotient,
        settings.strong_quotient,
        &around(quotient.low),
    );
    let hops: Vec<f64> = (0..=6).map(f64::from).collect();
    offer(
        Threshold::ExtensionHops,
        f64::from(settings.extension_hops),
        &hops,
    );
    let mut flips: Vec<ClassFlip> = Vec::new();
    for (threshold, now, at) in tries {
        let changed = with_threshold(settings, threshold, at);
        let Some(to) = classes_under(input, scored, &changed)
            .into_iter()
            .find(|(id, _)| *id == node.node_id)
            .map(|(_, class)| class)
            .filter(|class| *class != node.class)
        else {
            continue;
        };
        let nearer = |held: &ClassFlip| (held.at - now).abs() <= (at - now).abs();
        match flips.iter_mut().find(|held| held.threshold == threshold) {
            Some(held) if nearer(held) => {}
            Some(held) => {
                *held = ClassFlip {
                    threshold,
                    now,
                    at,
                    to,
                }
            }
            None => flips.push(ClassFlip {
                threshold,
                now,
                at,
                to,
            }),
        }
    }
    flips
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "small whole numbers offered above"
)]
fn with_threshold(settings: &ScoreSettings, threshold: Threshold, value: f64) -> ScoreSettings {
    let mut changed = settings.clone();
    match threshold {
        Threshold::MinReferenceFirms => changed.min_reference_firms = value as u32,
        Threshold::MinMatchedShare => changed.min_matched_share = value,
        Threshold::WeakCover => changed.weak_cover = value,
        Threshold::WeakQuotient => changed.weak_quotient = value,
        Threshold::StrongCover => changed.strong_cover = value,
        Threshold::StrongQuotient => changed.strong_quotient = value,
        Threshold::ExtensionHops => changed.extension_hops = value as u32,
    }
    changed
}

/// G as a fraction in one weight w: (a + w·v)/(b + w·k), where k says whether the term is known.
struct Fraction {
    a: f64,
    v: f64,
    b: f64,
    k: f64,
}

fn fraction(node: &NodeScore, kind: TermKind) -> Fraction {
    let mut parts = Fraction {
        a: 0.0,
        v: 0.0,
        b: 0.0,
        k: 0.0,
    };
    for term in &node.terms {
        let Some(value) = term.value else { continue };
        if term.kind == kind {
            parts.v = value;
            parts.k = 1.0;
        } else {
            parts.a += term.weight * value;
            parts.b += term.weight;
        }
    }
    parts
}

/// Weights from 0 to the most at which the two have the same G: roots of a polynomial of degree two.
fn crossings(one: &Fraction, two: &Fraction) -> Vec<f64> {
    // (a1 + w·v1)(b2 + w·k2) = (a2 + w·v2)(b1 + w·k1)
    let square = one.v * two.k - two.v * one.k;
    let linear = one.a * two.k + one.v * two.b - two.a * one.k - two.v * one.b;
    let constant = one.a * two.b - two.a * one.b;
    let roots = if square.abs() < 1e-12 {
        if linear.abs() < 1e-12 {
            return Vec::new();
        }
        vec![-constant / linear]
    } else {
        let inside = linear * linear - 4.0 * square * constant;
        if inside < 0.0 {
            return Vec::new();
        }
        let root = inside.sqrt();
        vec![
            (-linear - root) / (2.0 * square),
            (-linear + root) / (2.0 * square),
        ]
    };
    roots
        .into_iter()
        .filter(|weight| {
            weight.is_finite()
                && (0.0..=WEIGHT_MOST).contains(weight)
                && one.b + weight * one.k > 0.0
                && two.b + weight * two.k > 0.0
        })
        .collect()
}

/// The value of G, 0 to 1, at a weight.
fn value(parts: &Fraction, weight: f64) -> f64 {
    let known = parts.b + weight * parts.k;
    if known <= 0.0 {
        return 0.0;
    }
    (parts.a + weight * parts.v) / known
}

fn rank_flips(scored: &ChainScore, node: &NodeScore, settings: &ScoreSettings) -> Vec<RankFlip> {
    let Some(own) = node.score else {
        return Vec::new();
    };
    let weights = &settings.weights;
    let mut flips = Vec::new();
    for (term, now) in [
        (TermKind::Unmet, weights.unmet),
        (TermKind::Relatedness, weights.relatedness),
        (TermKind::Criticality, weights.criticality),
        (TermKind::Priority, weights.priority),
    ] {
        let parts = fraction(node, term);
        let mut best: Option<RankFlip> = None;
        for other in &scored.nodes {
            let Some(theirs) = other.score.filter(|_| other.node_id != node.node_id) else {
                continue;
            };
            // Equal scores are one place; nothing needs to change for them to swap.
            if (theirs - own).abs() < 1e-9 {
                continue;
            }
            let other_parts = fraction(other, term);
            for at in crossings(&parts, &other_parts) {
                if (at - now).abs() < 1e-9
                    || best
                        .as_ref()
                        .is_some_and(|held| (held.at - now).abs() <= (at - now).abs())
                {
                    continue;
                }
                // Two that touch and part again do not change places.
                let beyond = at + (at - now).signum() * 1e-6;
                let before = value(&parts, beyond) > value(&other_parts, beyond);
                if before == (own > theirs) {
                    continue;
                }
                best = Some(RankFlip {
                    term,
                    now,
                    at,
                    other_node: other.node_id,
                    before,
                });
            }
        }
        flips.extend(best);
    }
    flips
}
