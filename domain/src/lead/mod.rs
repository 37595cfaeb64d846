//! Leads: the twelve stages, the rule pack that guards them, and the evidence each one asks for.

mod bulk;
mod claim;
mod rule_pack;
mod saved_view;
mod view;
mod work;

pub use bulk::*;
pub use claim::*;
pub use rule_pack::{EvidenceField, EvidenceKind, LimitUnit, RulePack, StageRule, check_evidence};
pub use saved_view::*;
pub use view::*;
pub use work::*;

use serde::{Deserialize, Serialize};

/// The stages in their order, 线索 to 达产.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    Lead,
    Screened,
    Negotiating,
    SiteVisit,
    Review,
    Signed,
    Registered,
    Permits,
    ConstructionStarted,
    Completed,
    InProduction,
    FullCapacity,
}

impl Stage {
    pub const ALL: [Self; 12] = [
        Self::Lead,
        Self::Screened,
        Self::Negotiating,
        Self::SiteVisit,
        Self::Review,
        Self::Signed,
        Self::Registered,
        Self::Permits,
        Self::ConstructionStarted,
        Self::Completed,
        Self::InProduction,
        Self::FullCapacity,
    ];

    /// 1 for 线索 to 12 for 达产: the number in the database and in `data-stage`.
    #[must_use]
    pub fn number(self) -> i32 {
        Self::ALL
            .iter()
            .zip(1..)
            .find_map(|(stage, number)| (*stage == self).then_some(number))
            .unwrap_or(1)
    }

    #[must_use]
    pub fn from_number(number: i32) -> Option<Self> {
        usize::try_from(number)
            .ok()
            .and_then(|number| number.checked_sub(1))
            .and_then(|index| Self::ALL.get(index).copied())
    }

    #[must_use]
    pub fn next(self) -> Option<Self> {
        Self::from_number(self.number() + 1)
    }

    /// The word in files, the API and `data-` attributes.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Screened => "screened",
            Self::Negotiating => "negotiating",
            Self::SiteVisit => "site_visit",
            Self::Review => "review",
            Self::Signed => "signed",
            Self::Registered => "registered",
            Self::Permits => "permits",
            Self::ConstructionStarted => "construction_started",
            Self::Completed => "completed",
            Self::InProduction => "in_production",
            Self::FullCapacity => "full_capacity",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.key() == key)
    }

    /// Before 签约 the board shows a column a stage; from 注册 on one panel sums them.
    #[must_use]
    pub fn is_before_registration(self) -> bool {
        self <= Self::Signed
    }
}

/// A lead beside the track.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SideState {
    Paused,
    Transferred,
    Lost,
    Unreachable,
}

impl SideState {
    pub const ALL: [Self; 4] = [
        Self::Paused,
        Self::Transferred,
        Self::Lost,
        Self::Unreachable,
    ];
    /// Those that a person sets; a lead is transferred by handing it over.
    pub const SET: [Self; 3] = [Self::Paused, Self::Unreachable, Self::Lost];
    /// Those in which the bureau follows the lead no more: it holds no claim and counts nowhere.
    pub const ENDED: [Self; 2] = [Self::Lost, Self::Transferred];

    /// The word in the database, the API and `data-` attributes.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Paused => "paused",
            Self::Transferred => "transferred",
            Self::Lost => "lost",
            Self::Unreachable => "unreachable",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.key() == key)
    }
}

/// What a line of the timeline is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    Created,
    Note,
    Call,
    /// 走出去
    VisitOutbound,
    /// 请进来
    VisitInbound,
    /// 屏对屏
    VisitOnline,
    Stage,
    /// 暂缓, 失联, 终止, or back on the track.
    SideState,
    /// Fields of the lead.
    Changed,
    /// A file was added.
    File,
    /// A side promised something, or a promise was kept or not.
    Commitment,
    /// Put into the bin.
    Deleted,
    /// Back from the bin.
    Restored,
    /// 首报首谈: what happened to the claim.
    Claim,
}

impl EventKind {
    pub const WRITTEN: [Self; 5] = [
        Self::Note,
        Self::Call,
        Self::VisitOutbound,
        Self::VisitInbound,
        Self::VisitOnline,
    ];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Note => "note",
            Self::Call => "call",
            Self::VisitOutbound => "visit_outbound",
            Self::VisitInbound => "visit_inbound",
            Self::VisitOnline => "visit_online",
            Self::Stage => "stage",
            Self::SideState => "side_state",
            Self::Changed => "changed",
            Self::File => "file",
            Self::Commitment => "commitment",
            Self::Deleted => "deleted",
            Self::Restored => "restored",
            Self::Claim => "claim",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [
            Self::Created,
            Self::Note,
            Self::Call,
            Self::VisitOutbound,
            Self::VisitInbound,
            Self::VisitOnline,
            Self::Stage,
            Self::SideState,
            Self::Changed,
            Self::File,
            Self::Commitment,
            Self::Deleted,
            Self::Restored,
            Self::Claim,
        ]
        .into_iter()
        .find(|kind| kind.key() == key)
    }
}

/// How a lead may move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageMove {
    /// To the next stage, with that stage's evidence.
    Forward,
    /// To an earlier stage, with a reason.
    Back,
}

/// Says what a move is, or `None` when it is no move at all: a stage is never skipped,
/// because each one's evidence would be missing for good.
#[must_use]
pub fn stage_move(from: Stage, to: Stage) -> Option<StageMove> {
    if from.next() == Some(to) {
        Some(StageMove::Forward)
    } else if to < from {
        Some(StageMove::Back)
    } else {
        None
    }
}

/// A lead nobody wrote to for this many days is marked 静默.
pub const SILENT_DAYS: i64 = 14;
/// A claim that lapses within so many days is pointed out.
pub const LAPSING_DAYS: i64 = 7;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_keys_are_one_to_one() {
        for (index, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage.number(), i32::try_from(index).unwrap() + 1);
            assert_eq!(Stage::from_number(stage.number()), Some(stage));
            assert_eq!(Stage::from_key(stage.key()), Some(stage));
        }
        for state in SideState::ALL {
            assert_eq!(SideState::from_key(state.key()), Some(state));
        }
        assert_eq!(Stage::from_number(0), None);
        assert_eq!(Stage::from_number(13), None);
    }

    #[test]
    fn no_stage_is_skipped() {
        assert_eq!(
            stage_move(Stage::Lead, Stage::Screened),
            Some(StageMove::Forward)
        );
        assert_eq!(stage_move(Stage::Lead, Stage::Negotiating), None);
        assert_eq!(
            stage_move(Stage::Review, Stage::Lead),
            Some(StageMove::Back)
        );
        assert_eq!(stage_move(Stage::Review, Stage::Review), None);
    }
}
