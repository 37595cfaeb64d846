//! What can go wrong, as data: a stable code with its figures. The words are the reader's language's
//! and live in the one table of words; the API sends the code.

#[cfg(not(target_family = "wasm"))]
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{audit::UndoRefusal, calendar::CalendarProblem, enterprise::MergeProblem};

#[cfg(not(target_family = "wasm"))]
use crate::{
    chain::{ChainFileProblem, Conflict, EditProblem, ReferenceProblem},
    trip::{TripError, Violation},
};

/// A refusal that a person can do something about, or the sign that we failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Problem {
    NotSignedIn,
    WrongPassword,
    /// Too many failed tries; wait this many minutes.
    TooManyAttempts {
        minutes: i64,
    },
    Forbidden,
    NotFound,
    /// Fields that cannot be taken as they are. Nothing was written.
    Invalid {
        fields: Vec<FieldProblem>,
    },
    /// Somebody saved first.
    Stale {
        fields: Vec<StaleField>,
        version: i64,
    },
    /// 首报首谈: another bureau holds the company.
    ClaimHeld {
        bureau: String,
        expires_on: String,
        /// Since when, on what record, and how the company was recognised.
        #[serde(default)]
        held: Box<crate::lead::HeldClaim>,
    },
    /// The bureau already follows this company with an open lead.
    LeadExists {
        lead_id: i64,
    },
    /// A stage may be entered from the one before it, or gone back to with a reason.
    StageNotReachable {
        from: crate::lead::Stage,
        to: crate::lead::Stage,
    },
    /// Many leads at once may go back, and go on one by one, each with its evidence.
    OneByOne,
    /// More leads than are changed at once.
    TooManyLeads {
        count: usize,
        limit: usize,
    },
    /// A person keeps no more views than this.
    TooManyViews {
        limit: usize,
    },
    /// The uploaded table cannot be read.
    Table {
        problem: TableProblem,
    },
    #[cfg(not(target_family = "wasm"))]
    ChainFile {
        problems: Vec<ChainFileProblem>,
    },
    /// A change of a draft that cannot be, or that somebody else came before.
    #[cfg(not(target_family = "wasm"))]
    ChainEdit {
        problem: EditProblem,
    },
    /// The draft and what was published meanwhile changed the same fields.
    #[cfg(not(target_family = "wasm"))]
    DraftConflict {
        conflicts: Vec<Conflict>,
    },
    /// A list of relations that cannot be read.
    #[cfg(not(target_family = "wasm"))]
    Reference {
        problem: ReferenceProblem,
    },
    /// A node that leads point to cannot leave its chain.
    NodeInUse {
        node: String,
        leads: u64,
    },
    #[cfg(not(target_family = "wasm"))]
    Trip {
        problem: TripError,
        /// Names of the companies whose ids the problem gives.
        names: BTreeMap<i64, String>,
    },
    /// A plan that breaks rules of the trip.
    #[cfg(not(target_family = "wasm"))]
    TripPlan {
        violations: Vec<Violation>,
        names: BTreeMap<i64, String>,
    },
    /// A trip's problem that came alone and is none; `problem` is the same for programs.
    #[cfg(not(target_family = "wasm"))]
    TripRequest {
        sentence: String,
        problem: serde_json::Value,
    },
    /// A colleague has written the same visit of a trip down already.
    VisitKnown {
        by: String,
        /// The visit's local day.
        on: String,
        outcome: crate::trip::VisitOutcome,
        remark: String,
    },
    /// A better plan of the trip is being looked for already, or too many are.
    SearchRunning,
    /// One of those above, said already in the reader's language: the browser need not know their shapes.
    Said {
        sentence: String,
        status: u16,
    },
    /// A file of stage rules that cannot be read, from this place on.
    RuleFile {
        line: usize,
        column: usize,
    },
    /// A calendar that cannot be taken.
    Calendar {
        problem: CalendarProblem,
    },
    /// The token may only read, or may not be used here.
    TokenScope,
    /// The token's time is over; the local day on which it ended.
    TokenExpired {
        on: String,
    },
    /// The act stands.
    CannotUndo {
        reason: UndoRefusal,
    },
    /// It may be removed for good only from this local day on.
    TooEarly {
        on: String,
    },
    /// Two companies that cannot be made one, or one that cannot be made two again.
    Merge {
        problem: MergeProblem,
    },
    /// The import has been started already, or is over.
    ImportNotReady,
    /// The import cannot be taken back.
    UndoRefused {
        reason: ImportUndoRefusal,
    },
    /// The search engine does not answer.
    SearchUnavailable,
    TooLarge {
        limit_bytes: u64,
    },
    /// Our fault. The reference stands in the server's log.
    Internal {
        reference: String,
    },
}

impl Problem {
    #[must_use]
    pub fn invalid(field: &str, kind: FieldProblemKind) -> Self {
        Self::Invalid {
            fields: vec![FieldProblem::new(field, kind)],
        }
    }

    /// The HTTP status that says the same (RFC 9110).
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::Said { status, .. } => *status,
            #[cfg(not(target_family = "wasm"))]
            Self::DraftConflict { .. }
            | Self::ChainEdit {
                problem: EditProblem::Conflict(_) | EditProblem::Gone { .. },
            } => 409,
            #[cfg(not(target_family = "wasm"))]
            Self::ChainFile { .. }
            | Self::ChainEdit { .. }
            | Self::Reference { .. }
            | Self::Trip { .. }
            | Self::TripPlan { .. }
            | Self::TripRequest { .. } => 422,
            Self::NotSignedIn | Self::WrongPassword | Self::TokenExpired { .. } => 401,
            Self::Forbidden | Self::TokenScope => 403,
            Self::NotFound => 404,
            Self::Stale { .. }
            | Self::ClaimHeld { .. }
            | Self::LeadExists { .. }
            | Self::StageNotReachable { .. }
            | Self::NodeInUse { .. }
            | Self::OneByOne
            | Self::UndoRefused { .. }
            | Self::CannotUndo { .. }
            | Self::TooEarly { .. }
            | Self::Merge { .. }
            | Self::SearchRunning
            | Self::VisitKnown { .. }
            | Self::ImportNotReady => 409,
            Self::TooLarge { .. } => 413,
            Self::Invalid { .. }
            | Self::TooManyLeads { .. }
            | Self::TooManyViews { .. }
            | Self::Table { .. }
            | Self::Calendar { .. }
            | Self::RuleFile { .. } => 422,
            Self::TooManyAttempts { .. } => 429,
            Self::SearchUnavailable => 503,
            Self::Internal { .. } => 500,
        }
    }
}

/// One field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name as in the form and the API.
    pub field: String,
    #[serde(flatten)]
    pub kind: FieldProblemKind,
}

impl FieldProblem {
    #[must_use]
    pub fn new(field: &str, kind: FieldProblemKind) -> Self {
        Self {
            field: field.to_owned(),
            kind,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldProblemKind {
    Required,
    TooLong {
        limit: usize,
    },
    TooShort {
        limit: usize,
    },
    NotANumber,
    OutOfRange {
        from: f64,
        until: f64,
    },
    NotADate,
    NotAPhone,
    NotAnAddress,
    InTheFuture,
    InThePast,
    NotAChoice,
    Unknown,
    Taken,
    /// Not of the form of an e-mail address.
    NotAMailAddress,
    CreditCode,
    /// 公平竞争审查 must have passed before a contract.
    FairCompetitionFailed,
    /// It cannot be asked together with another field.
    NotTogether {
        other: String,
    },
    /// What an import would refuse in such a cell.
    Cell {
        problem: crate::enterprise::RowProblemKind,
    },
}

/// A field that two people changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StaleField {
    pub field: String,
    pub theirs: String,
    pub yours: String,
}

/// Why an import stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportUndoRefusal {
    /// It has not ended.
    NotEnded,
    /// It is being taken back, or was.
    Already,
    /// It ended longer ago than [`crate::enterprise::UNDO_DAYS`].
    TooLate,
    /// It changed no company, or ran before changes were kept.
    NothingKept,
}

/// Why a table could not be read at all. Rows have problems of their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableProblem {
    NotAWorkbook,
    OldWorkbook,
    Encrypted,
    TooLarge { limit_bytes: u64 },
    ZipBomb { limit_bytes: u64 },
    TooManyColumns { column: String, limit: u32 },
    TooManyRows { limit: u32 },
    TooManyCells { limit: u64 },
    Empty,
    NoHeader,
    NoKnownColumn,
    NoNameColumn,
    Encoding { row: u32 },
    Syntax { row: u32 },
    NoSheet,
}
