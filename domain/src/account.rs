//! People, their roles, and what a role may do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What a person is in the zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// 管理员: people, chains, settings, everything.
    Administrator,
    /// 领导: reads all, changes nothing.
    Leader,
    /// 分局长: the leads and trips of one bureau.
    BureauChief,
    /// 招商专员: the same daily work as the chief's, in one bureau.
    Officer,
    /// 小分队成员: reads the bureau's leads, writes notes, plans and makes trips.
    Delegate,
    /// 只读: reads chains, companies and the bureau's leads.
    Viewer,
}

impl Role {
    pub const ALL: [Self; 6] = [
        Self::Administrator,
        Self::Leader,
        Self::BureauChief,
        Self::Officer,
        Self::Delegate,
        Self::Viewer,
    ];

    /// The word in the database, the command line and the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Leader => "leader",
            Self::BureauChief => "bureau_chief",
            Self::Officer => "officer",
            Self::Delegate => "delegate",
            Self::Viewer => "viewer",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    /// Roles whose people write the leads of their bureau, and may own them.
    #[must_use]
    pub const fn owns_leads(self) -> bool {
        matches!(self, Self::BureauChief | Self::Officer)
    }

    /// Roles that belong to one bureau and mean nothing without it.
    #[must_use]
    pub const fn needs_bureau(self) -> bool {
        matches!(self, Self::BureauChief | Self::Officer | Self::Delegate)
    }
}

/// The person on whose behalf a use case runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub account_id: i64,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub bureau_id: Option<i64>,
    pub bureau_name: Option<String>,
}

/// Something a person may or may not do. The bureau is the one that owns the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Chain maps, companies and targets.
    ReadZone,
    /// The chains themselves and the settings of the scores.
    EditChain,
    /// The rules of the pipeline and the calendar they count by.
    EditRules,
    /// A word on whether a company's product belongs to a node.
    ReviewMatch,
    /// Scenarios and snapshots: what others will see and compare with.
    KeepScenario,
    TakeSnapshot,
    /// The tasks of the chain chiefs.
    WriteChiefTask,
    ImportEnterprise,
    /// What is known of a company: the directory is everybody's.
    ChangeEnterprise,
    /// Pairs of companies that may be one: to read them, and to say that they are two.
    ReviewDuplicate,
    /// To make one company of two, or two again; asked of every bureau that has leads with them.
    MergeEnterprise {
        bureau_id: i64,
    },
    ReadLead {
        bureau_id: i64,
    },
    WriteLead {
        bureau_id: i64,
    },
    NoteLead {
        bureau_id: i64,
    },
    ReadTrip {
        bureau_id: i64,
    },
    WriteTrip {
        bureau_id: i64,
    },
    /// To approve a trip that was submitted, or to send it back.
    DecideTrip {
        bureau_id: i64,
    },
    /// An import of somebody else.
    ReadEveryImport,
    /// A saved view of the list of leads: whose it is, and with whom it is shared.
    ReadView {
        account_id: i64,
        bureau_id: Option<i64>,
        for_everybody: bool,
    },
    WriteView {
        account_id: i64,
        bureau_id: Option<i64>,
        for_everybody: bool,
    },
    /// With a bureau, or with everybody.
    ShareView {
        bureau_id: Option<i64>,
    },
    /// Who changed what, of all records.
    ReadEveryAudit,
    /// The same of one bureau's leads and trips.
    ReadAudit {
        bureau_id: i64,
    },
    /// Removing from the bin for good.
    PurgeBin,
    /// Tokens of somebody else.
    ManageEveryToken,
    /// The weights by which a bureau ranks targets.
    WeighTargets {
        bureau_id: i64,
    },
    /// How the search engines and the work behind the pages stand.
    ReadHealth,
    /// 公海: of a lead whose claim lapsed its company, title, stage, amount and node, and nothing that was said.
    ReadPool,
    /// To take a lead of the public pool for a bureau.
    ClaimFromPool {
        bureau_id: i64,
    },
    /// 异议: to object to a claim for a bureau.
    ContestClaim {
        bureau_id: i64,
    },
    /// 裁定: to decide who keeps a claim.
    DecideClaim,
    /// 流转: to take what another bureau hands over, or not.
    AnswerTransfer {
        bureau_id: i64,
    },
}

impl Actor {
    /// The one table of rights. `service` asks it; nobody else does.
    #[must_use]
    pub fn may(&self, action: Action) -> bool {
        let own = |bureau_id: i64| self.bureau_id == Some(bureau_id);
        match (self.role, action) {
            // A view that is not shared is its owner's alone, whoever asks.
            (
                _,
                Action::ReadView {
                    account_id,
                    bureau_id,
                    for_everybody,
                },
            ) => {
                account_id == self.account_id
                    || for_everybody
                    || bureau_id
                        .is_some_and(|bureau_id| own(bureau_id) || self.reads_every_bureau())
            }
            (
                role,
                Action::WriteView {
                    account_id,
                    bureau_id,
                    for_everybody,
                },
            ) => {
                let is_shared = for_everybody || bureau_id.is_some();
                account_id == self.account_id
                    || role == Role::Administrator && is_shared
                    || role == Role::BureauChief && bureau_id.is_some_and(own)
            }
            (role, Action::ShareView { bureau_id }) => match bureau_id {
                Some(bureau_id) => role.owns_leads() && own(bureau_id),
                None => role == Role::Administrator,
            },
            (Role::Administrator, _) | (_, Action::ReadZone) => true,
            (
                _,
                Action::EditChain
                | Action::EditRules
                | Action::ReadEveryImport
                | Action::PurgeBin
                | Action::ManageEveryToken
                | Action::ReadHealth,
            ) => false,
            // Who belongs to no bureau and does not lead has nothing to take.
            (role, Action::ReadPool) => role == Role::Leader || self.bureau_id.is_some(),
            (role, Action::DecideClaim) => role == Role::Leader,
            (
                role,
                Action::ClaimFromPool { bureau_id }
                | Action::ContestClaim { bureau_id }
                | Action::AnswerTransfer { bureau_id },
            ) => role.owns_leads() && own(bureau_id),
            (
                Role::Leader,
                Action::ReadLead { .. }
                | Action::ReadTrip { .. }
                | Action::DecideTrip { .. }
                | Action::ReadEveryAudit
                | Action::ReadAudit { .. }
                | Action::KeepScenario
                | Action::TakeSnapshot
                | Action::WriteChiefTask,
            ) => true,
            (Role::Leader, _) => false,
            (
                role,
                Action::ImportEnterprise | Action::ChangeEnterprise | Action::ReviewDuplicate,
            ) => matches!(role, Role::BureauChief | Role::Officer) && self.bureau_id.is_some(),
            (role, Action::ReviewMatch | Action::KeepScenario) => {
                matches!(role, Role::BureauChief | Role::Officer)
            }
            (
                _,
                Action::TakeSnapshot
                | Action::WriteChiefTask
                | Action::ReadEveryAudit
                | Action::DecideTrip { .. },
            ) => false,
            (role, Action::ReadAudit { bureau_id }) => role == Role::BureauChief && own(bureau_id),
            (role, Action::WeighTargets { bureau_id }) => {
                role == Role::BureauChief && own(bureau_id)
            }
            (_, Action::ReadLead { bureau_id } | Action::ReadTrip { bureau_id }) => own(bureau_id),
            (role, Action::WriteLead { bureau_id } | Action::MergeEnterprise { bureau_id })
                if role.owns_leads() =>
            {
                own(bureau_id)
            }
            (
                Role::BureauChief | Role::Officer | Role::Delegate,
                Action::NoteLead { bureau_id } | Action::WriteTrip { bureau_id },
            ) => own(bureau_id),
            (_, Action::WriteLead { .. } | Action::MergeEnterprise { .. }) | (Role::Viewer, _) => {
                false
            }
        }
    }

    /// True when every bureau's leads and trips are open to this person.
    #[must_use]
    pub const fn reads_every_bureau(&self) -> bool {
        matches!(self.role, Role::Administrator | Role::Leader)
    }
}

/// What a token for the REST API may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenScope {
    /// `GET` and `HEAD` only.
    #[default]
    Read,
    /// All that its owner may do.
    Write,
}

impl TokenScope {
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.key() == key)
    }
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewToken {
    /// What it is for.
    pub name: String,
    pub scope: TokenScope,
    /// Days until it ends: [`TOKEN_DAYS`] when nothing is said, [`TOKEN_DAYS_LIMIT`] at most.
    #[serde(default)]
    pub days: Option<i64>,
}

/// A token just made. The secret is shown this once and kept as a hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeToken {
    pub id: i64,
    pub secret: String,
}

/// A token as listed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenView {
    pub id: i64,
    pub name: String,
    pub scope: TokenScope,
    /// Whose it is.
    pub owner: String,
    pub is_own: bool,
    pub created_at: DateTime<Utc>,
    /// `None` for tokens from before they had an end.
    pub expires_at: Option<DateTime<Utc>>,
    pub is_expired: bool,
    /// To [`TOKEN_USE_MINUTES`].
    pub last_used_at: Option<DateTime<Utc>>,
}

/// One's own tokens, or everybody's for who manages them; newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenPage {
    pub tokens: Vec<TokenView>,
    pub is_everybody: bool,
}

/// A token ends after so many days unless said otherwise, and after so many at the latest.
pub const TOKEN_DAYS: i64 = 90;
pub const TOKEN_DAYS_LIMIT: i64 = 365;
/// Longest name of a token, in characters.
pub const TOKEN_NAME_LIMIT: usize = 60;
/// The last use of a token is written down once in so many minutes, so that reading by the API is no stream of writes.
pub const TOKEN_USE_MINUTES: i64 = 10;

/// Shortest password accepted for an account, in characters.
pub const PASSWORD_MIN_CHARACTERS: usize = 10;
/// Longest login or password that is even looked at, in bytes: hashing must not be a way to tire the server.
pub const CREDENTIAL_MAX_BYTES: usize = 1024;
/// Failed sign-ins for one login, or from one address, after which further tries wait.
pub const SIGN_IN_FAILURES_ALLOWED: u64 = 8;
/// Length of the window in which failures are counted, in minutes.
pub const SIGN_IN_WINDOW_MINUTES: i64 = 15;
/// A session ends after this many hours.
pub const SESSION_HOURS: i64 = 72;

#[cfg(test)]
mod tests {
    use super::*;

    fn actor(role: Role, bureau_id: Option<i64>) -> Actor {
        Actor {
            account_id: 1,
            login: "x".into(),
            name: "x".into(),
            role,
            bureau_id,
            bureau_name: None,
        }
    }

    #[test]
    fn another_bureau_is_closed_to_all_but_administrator_and_leader() {
        for role in Role::ALL {
            let person = actor(role, Some(1));
            let reads = matches!(role, Role::Administrator | Role::Leader);
            assert_eq!(
                person.may(Action::ReadLead { bureau_id: 2 }),
                reads,
                "{role:?}"
            );
            let writes = role == Role::Administrator;
            assert_eq!(
                person.may(Action::WriteLead { bureau_id: 2 }),
                writes,
                "{role:?}"
            );
            assert_eq!(
                person.may(Action::WriteTrip { bureau_id: 2 }),
                writes,
                "{role:?}"
            );
        }
    }

    #[test]
    fn a_leader_reads_all_and_writes_only_what_leads() {
        let leader = actor(Role::Leader, None);
        assert!(leader.may(Action::ReadLead { bureau_id: 7 }));
        assert!(!leader.may(Action::NoteLead { bureau_id: 7 }));
        assert!(!leader.may(Action::ImportEnterprise));
        assert!(!leader.may(Action::EditChain));
        assert!(!leader.may(Action::ReviewMatch));
        assert!(leader.may(Action::WriteChiefTask) && leader.may(Action::TakeSnapshot));
    }

    #[test]
    fn companies_are_merged_by_those_whose_leads_alone_are_concerned() {
        let merges =
            |role, bureau_id| actor(role, Some(1)).may(Action::MergeEnterprise { bureau_id });
        assert!(merges(Role::Administrator, 2));
        assert!(merges(Role::BureauChief, 1) && merges(Role::Officer, 1));
        assert!(!merges(Role::BureauChief, 2) && !merges(Role::Officer, 2));
        assert!(!merges(Role::Delegate, 1) && !merges(Role::Leader, 1) && !merges(Role::Viewer, 1));
        assert!(!actor(Role::Leader, None).may(Action::ReviewDuplicate));
        assert!(!actor(Role::Delegate, Some(1)).may(Action::ReviewDuplicate));
        assert!(actor(Role::Officer, Some(1)).may(Action::ReviewDuplicate));
    }

    #[test]
    fn a_delegate_writes_notes_and_trips_but_no_stage() {
        let delegate = actor(Role::Delegate, Some(1));
        assert!(delegate.may(Action::NoteLead { bureau_id: 1 }));
        assert!(delegate.may(Action::WriteTrip { bureau_id: 1 }));
        assert!(!delegate.may(Action::WriteLead { bureau_id: 1 }));
    }

    #[test]
    fn a_view_is_its_owners_until_it_is_shared() {
        let view = |account_id, bureau_id, for_everybody| {
            let read = Action::ReadView {
                account_id,
                bureau_id,
                for_everybody,
            };
            let write = Action::WriteView {
                account_id,
                bureau_id,
                for_everybody,
            };
            (read, write)
        };
        for role in Role::ALL {
            let person = actor(role, Some(1));
            let may = |(read, write)| (person.may(read), person.may(write));
            let sees_all = matches!(role, Role::Administrator | Role::Leader);
            let admin = role == Role::Administrator;
            let chief = role == Role::BureauChief;
            assert_eq!(may(view(1, None, false)), (true, true), "{role:?}");
            assert_eq!(may(view(2, None, false)), (false, false), "{role:?}");
            assert_eq!(may(view(2, None, true)), (true, admin), "{role:?}");
            assert_eq!(may(view(2, Some(1), false)), (true, admin || chief));
            assert_eq!(may(view(2, Some(2), false)), (sees_all, admin));
            let shares = |bureau_id| person.may(Action::ShareView { bureau_id });
            assert_eq!(shares(Some(1)), role.owns_leads(), "{role:?}");
            assert!(!shares(Some(2)), "{role:?}");
            assert_eq!(shares(None), admin, "{role:?}");
        }
    }

    #[test]
    fn the_audit_is_open_to_those_who_answer_for_it() {
        for role in Role::ALL {
            let person = actor(role, Some(1));
            let all = matches!(role, Role::Administrator | Role::Leader);
            assert_eq!(person.may(Action::ReadEveryAudit), all, "{role:?}");
            let other = Action::ReadAudit { bureau_id: 2 };
            assert_eq!(person.may(other), all, "{role:?}");
            let own = Action::ReadAudit { bureau_id: 1 };
            assert_eq!(
                person.may(own),
                all || role == Role::BureauChief,
                "{role:?}"
            );
            let administers = role == Role::Administrator;
            assert_eq!(person.may(Action::PurgeBin), administers, "{role:?}");
            assert_eq!(
                person.may(Action::ManageEveryToken),
                administers,
                "{role:?}"
            );
        }
    }

    #[test]
    fn the_pool_is_read_by_the_bureaus_and_taken_from_by_who_writes_leads() {
        for role in Role::ALL {
            let person = actor(role, Some(1));
            assert!(person.may(Action::ReadPool), "{role:?}");
            let writes = role.owns_leads() || role == Role::Administrator;
            for bureau_id in [1, 2] {
                let due = writes && (bureau_id == 1 || role == Role::Administrator);
                for action in [
                    Action::ClaimFromPool { bureau_id },
                    Action::ContestClaim { bureau_id },
                    Action::AnswerTransfer { bureau_id },
                ] {
                    assert_eq!(person.may(action), due, "{role:?} {action:?}");
                }
            }
            let decides = matches!(role, Role::Administrator | Role::Leader);
            assert_eq!(person.may(Action::DecideClaim), decides, "{role:?}");
        }
        assert!(!actor(Role::Viewer, None).may(Action::ReadPool));
    }

    #[test]
    fn keys_and_roles_are_one_to_one() {
        for role in Role::ALL {
            assert_eq!(Role::from_key(role.key()), Some(role));
        }
    }
}
