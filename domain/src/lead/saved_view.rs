//! Saved views of the list of leads: filters and order, and which columns stand in which order.

use serde::{Deserialize, Serialize};

use super::{LeadOrder, LeadPage, LeadQuery};
use crate::problem::{FieldProblem, FieldProblemKind};

/// A column of the list and of its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeadColumn {
    Enterprise,
    Title,
    Stage,
    SideState,
    DaysInStage,
    Limit,
    DaysLate,
    Bureau,
    Owner,
    Chain,
    Node,
    Investment,
    Land,
    Source,
    Created,
    LastActivity,
    SilentDays,
    ClaimDaysLeft,
}

impl LeadColumn {
    pub const ALL: [Self; 18] = [
        Self::Enterprise,
        Self::Title,
        Self::Stage,
        Self::SideState,
        Self::DaysInStage,
        Self::Limit,
        Self::DaysLate,
        Self::Bureau,
        Self::Owner,
        Self::Chain,
        Self::Node,
        Self::Investment,
        Self::Land,
        Self::Source,
        Self::Created,
        Self::LastActivity,
        Self::SilentDays,
        Self::ClaimDaysLeft,
    ];
    /// What the list shows of leads when nobody has chosen.
    pub const DEFAULT: [Self; 10] = [
        Self::Enterprise,
        Self::Title,
        Self::Stage,
        Self::SideState,
        Self::Node,
        Self::Bureau,
        Self::Owner,
        Self::Investment,
        Self::DaysInStage,
        Self::SilentDays,
    ];

    /// The word in the database and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Enterprise => "enterprise",
            Self::Title => "title",
            Self::Stage => "stage",
            Self::SideState => "side_state",
            Self::DaysInStage => "days_in_stage",
            Self::Limit => "limit",
            Self::DaysLate => "days_late",
            Self::Bureau => "bureau",
            Self::Owner => "owner",
            Self::Chain => "chain",
            Self::Node => "node",
            Self::Investment => "investment",
            Self::Land => "land",
            Self::Source => "source",
            Self::Created => "created",
            Self::LastActivity => "last_activity",
            Self::SilentDays => "silent_days",
            Self::ClaimDaysLeft => "claim_days_left",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|column| column.key() == key)
    }

    /// Whether its cells are figures.
    #[must_use]
    pub const fn is_number(self) -> bool {
        matches!(
            self,
            Self::DaysInStage
                | Self::DaysLate
                | Self::Investment
                | Self::Land
                | Self::SilentDays
                | Self::ClaimDaysLeft
        )
    }
}

/// What is wrong with a choice of columns: each stands once, and the company, by which a row is opened, is among them.
#[must_use]
pub fn check_columns(columns: &[LeadColumn]) -> Vec<FieldProblem> {
    let mut fields = Vec::new();
    if !columns.contains(&LeadColumn::Enterprise) {
        fields.push(FieldProblem::new("columns", FieldProblemKind::Required));
    }
    let is_twice = columns
        .iter()
        .enumerate()
        .any(|(index, column)| columns.iter().take(index).any(|other| other == column));
    if is_twice {
        fields.push(FieldProblem::new("columns", FieldProblemKind::Taken));
    }
    fields
}

/// Columns as they were stored: what this version does not know is left out, and nothing readable is the default.
#[must_use]
pub fn stored_columns<'a>(keys: impl IntoIterator<Item = &'a str>) -> Vec<LeadColumn> {
    let columns: Vec<LeadColumn> = keys.into_iter().filter_map(LeadColumn::from_key).collect();
    if check_columns(&columns).is_empty() {
        columns
    } else {
        LeadColumn::DEFAULT.to_vec()
    }
}

impl LeadQuery {
    /// The same filters and order from the first page on: what a view keeps.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self {
            text: self.text.trim().to_owned(),
            page: 0,
            ..self.clone()
        }
    }

    /// Whether another query asks for something else than this one, whatever the page.
    #[must_use]
    pub fn differs_from(&self, other: &Self) -> bool {
        self.kept() != other.kept()
    }

    /// Whether it leaves anything out. The order does not.
    #[must_use]
    pub fn is_filtered(&self) -> bool {
        Self {
            order: LeadOrder::default(),
            ..self.kept()
        } != Self::default()
    }
}

/// Who sees a saved view.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ViewReach {
    /// Its owner alone.
    #[default]
    Own,
    /// The owner's bureau too.
    Bureau,
    Everybody,
}

impl ViewReach {
    pub const ALL: [Self; 3] = [Self::Own, Self::Bureau, Self::Everybody];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Bureau => "bureau",
            Self::Everybody => "everybody",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reach| reach.key() == key)
    }
}

/// A saved view, as the person who asks sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedView {
    pub id: i64,
    pub version: i64,
    pub name: String,
    pub query: LeadQuery,
    pub columns: Vec<LeadColumn>,
    pub reach: ViewReach,
    pub owner: String,
    pub is_own: bool,
    pub may_write: bool,
}

/// Saves filters, order and columns under a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewView {
    pub name: String,
    pub query: LeadQuery,
    pub columns: Vec<LeadColumn>,
    #[serde(default)]
    pub reach: ViewReach,
}

/// Changes a saved view. `None` leaves a field alone; `version` is the one the person saw.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewChange {
    pub id: i64,
    pub version: i64,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub query: Option<LeadQuery>,
    #[serde(default)]
    pub columns: Option<Vec<LeadColumn>>,
    #[serde(default)]
    pub reach: Option<ViewReach>,
}

/// What the list is asked for: a saved view as it is, or with other filters, or filters alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeadListQuery {
    #[serde(default)]
    pub view: Option<i64>,
    /// `None` takes the view's filters; without a view, none.
    #[serde(default)]
    pub query: Option<LeadQuery>,
    #[serde(default)]
    pub page: u64,
}

/// A page of the list with the views that the person may choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeadList {
    pub page: LeadPage,
    /// The filters that were used.
    pub query: LeadQuery,
    /// By name, in the order of pinyin.
    pub views: Vec<SavedView>,
    pub view: Option<i64>,
    pub columns: Vec<LeadColumn>,
    /// With whom the person may share a view.
    pub reaches: Vec<ViewReach>,
    /// Whether the person writes leads of some bureau.
    pub may_write: bool,
}

/// Longest name of a view, in characters.
pub const VIEW_NAME_LIMIT: usize = 40;
/// Views that one person keeps at most.
pub const VIEW_LIMIT: usize = 100;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lead::Stage;
    use proptest::{prelude::*, sample::subsequence};

    #[test]
    fn keys_and_columns_are_one_to_one() {
        for column in LeadColumn::ALL {
            assert_eq!(LeadColumn::from_key(column.key()), Some(column));
            assert_eq!(
                serde_json::to_value(column).unwrap(),
                serde_json::json!(column.key())
            );
        }
        for reach in ViewReach::ALL {
            assert_eq!(ViewReach::from_key(reach.key()), Some(reach));
        }
        assert!(check_columns(&LeadColumn::DEFAULT).is_empty());
    }

    #[test]
    fn a_row_can_be_opened_and_no_column_stands_twice() {
        let kinds = |columns: &[LeadColumn]| -> Vec<FieldProblemKind> {
            check_columns(columns)
                .into_iter()
                .map(|field| field.kind)
                .collect()
        };
        assert_eq!(kinds(&[]), [FieldProblemKind::Required]);
        assert_eq!(kinds(&[LeadColumn::Stage]), [FieldProblemKind::Required]);
        assert_eq!(kinds(&[LeadColumn::Stage, LeadColumn::Enterprise]), []);
        let twice = [
            LeadColumn::Enterprise,
            LeadColumn::Stage,
            LeadColumn::Enterprise,
        ];
        assert_eq!(kinds(&twice), [FieldProblemKind::Taken]);
    }

    #[test]
    fn what_a_later_version_stored_is_left_out() {
        assert_eq!(
            stored_columns(["stage", "mood", "enterprise"]),
            [LeadColumn::Stage, LeadColumn::Enterprise]
        );
        assert_eq!(stored_columns(["mood"]), LeadColumn::DEFAULT);
        assert_eq!(stored_columns([]), LeadColumn::DEFAULT);
    }

    #[test]
    fn a_page_is_no_difference_and_everything_else_is() {
        let saved = LeadQuery {
            stage: Some(Stage::Review),
            text: "储能".into(),
            ..LeadQuery::default()
        };
        let same = LeadQuery {
            page: 3,
            text: " 储能 ".into(),
            ..saved.clone()
        };
        assert!(!same.differs_from(&saved));
        let changes: [fn(&mut LeadQuery); 9] = [
            |query| query.bureau_id = Some(1),
            |query| query.stage = None,
            |query| query.side_state = Some(crate::lead::SideState::Lost),
            |query| query.owner_id = Some(1),
            |query| query.text.clear(),
            |query| query.silent = true,
            |query| query.late = true,
            |query| query.lapsing = true,
            |query| query.order = LeadOrder::Waiting,
        ];
        for change in changes {
            let mut other = saved.clone();
            change(&mut other);
            assert!(
                other.differs_from(&saved) && saved.differs_from(&other),
                "{other:?}"
            );
        }
        let ordered = LeadQuery {
            order: LeadOrder::Silent,
            page: 2,
            ..LeadQuery::default()
        };
        assert!(!ordered.is_filtered() && saved.is_filtered());
    }

    proptest! {
        #[test]
        fn a_choice_comes_back_as_it_was_stored(
            chosen in subsequence(LeadColumn::ALL.to_vec(), 0..=18).prop_shuffle()
        ) {
            let keys: Vec<&str> = chosen.iter().map(|column| column.key()).collect();
            let read = stored_columns(keys);
            if chosen.contains(&LeadColumn::Enterprise) {
                prop_assert_eq!(read, chosen);
            } else {
                prop_assert_eq!(read, LeadColumn::DEFAULT.to_vec());
            }
        }
    }
}
