//! The same change of many leads at once.

use serde::{Deserialize, Serialize};

use super::{SideState, Stage, StageMove, stage_move};
use crate::problem::Problem;

/// Leads that are changed at once at most.
pub const BULK_LIMIT: usize = 500;

/// What is done to each of the leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BulkAct {
    /// Gives them to somebody of their bureau.
    Owner { owner_id: i64 },
    /// `None` takes the node away.
    Node { chain_node_id: Option<i64> },
    /// `None` puts them back on the track.
    SideState {
        to: Option<SideState>,
        reason: String,
    },
    /// Back to an earlier stage.
    Stage { to: Stage, reason: String },
}

/// A lead with the version that the person saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct SeenLead {
    pub lead_id: i64,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BulkChange {
    pub leads: Vec<SeenLead>,
    pub act: BulkAct,
}

/// What became of one lead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum BulkEnd {
    Done {
        version: i64,
    },
    /// It was so already.
    Same,
    Refused {
        problem: Problem,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkRow {
    pub lead_id: i64,
    /// `None` for a lead that the person may not see.
    pub enterprise_name: Option<String>,
    pub end: BulkEnd,
}

/// What became of all of them, in the order in which they were named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BulkOutcome {
    /// By it the change is taken back; `None` when nothing was done.
    pub id: Option<i64>,
    pub rows: Vec<BulkRow>,
}

impl BulkOutcome {
    /// How many were done, were so already, were refused.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.rows
            .iter()
            .fold((0, 0, 0), |(done, same, refused), row| match row.end {
                BulkEnd::Done { .. } => (done + 1, same, refused),
                BulkEnd::Same => (done, same + 1, refused),
                BulkEnd::Refused { .. } => (done, same, refused + 1),
            })
    }
}

/// Whether many leads may be moved like this at once: back only. Each step on has evidence of its own, which one answer
/// for all would forge.
///
/// # Errors
/// [`Problem::OneByOne`].
pub fn check_bulk_move(from: Stage, to: Stage) -> Result<(), Problem> {
    match stage_move(from, to) {
        Some(StageMove::Back) => Ok(()),
        _ if to == from => Ok(()),
        _ => Err(Problem::OneByOne),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_go_back_together_and_on_one_by_one() {
        for from in Stage::ALL {
            for to in Stage::ALL {
                assert_eq!(
                    check_bulk_move(from, to).is_ok(),
                    to <= from,
                    "{from:?} {to:?}"
                );
            }
        }
    }

    #[test]
    fn ends_are_counted() {
        let row = |end| BulkRow {
            lead_id: 1,
            enterprise_name: None,
            end,
        };
        let outcome = BulkOutcome {
            id: Some(1),
            rows: vec![
                row(BulkEnd::Done { version: 2 }),
                row(BulkEnd::Same),
                row(BulkEnd::Done { version: 3 }),
                row(BulkEnd::Refused {
                    problem: Problem::NotFound,
                }),
            ],
        };
        assert_eq!(outcome.counts(), (2, 1, 1));
    }
}
