//! What pages and the API show of enterprises and imports.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    DirectoryFilter, EnterpriseField, Figure, GrowthSign, Mapping, MergeLine, RiskSign, RowProblem,
    RowProblemKind, Site,
};
use crate::{lead::Stage, problem::Problem, region::Area};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseRow {
    pub id: i64,
    pub name: String,
    pub short_name: Option<String>,
    pub stock_code: Option<String>,
    pub province: Option<String>,
    pub city: Option<String>,
    pub industry: Option<String>,
    pub products: Vec<String>,
    pub is_local: bool,
    pub is_demo: bool,
}

/// What to list. Empty strings mean no filter.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseQuery {
    #[serde(default)]
    pub text: String,
    #[serde(default)]
    pub province: String,
    #[serde(default)]
    pub local_only: bool,
    /// From 0.
    #[serde(default)]
    pub page: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterprisePage {
    pub rows: Vec<EnterpriseRow>,
    pub total: u64,
    pub page: u64,
    pub directory_size: u64,
    pub provinces: Vec<(String, u64)>,
    pub engine: Option<String>,
    /// An import that is being written or taken back now: the directory holds a part of it.
    #[serde(default)]
    pub importing: Option<RunningImport>,
    /// Whether the person decides on pairs of companies that may be one.
    pub may_merge: bool,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunningImport {
    pub is_undo: bool,
    /// Rows written, or companies taken back.
    pub done: u32,
    pub total: u32,
}

/// Which companies the API lists. All that is said must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnterpriseFilter {
    /// A part of a name, its pinyin or initials, a code, or a product.
    pub q: String,
    pub province: String,
    pub city: String,
    pub industry: String,
    pub is_local: Option<bool>,
    /// Has a stock code.
    pub listed: Option<bool>,
    pub updated_since: Option<DateTime<Utc>>,
    /// What only the search engine can narrow by: clusters, 申万 industry, tags, size.
    pub directory: DirectoryFilter,
    /// From 0.
    pub page: u64,
}

impl EnterpriseFilter {
    /// Whether the search engine answers: words are looked for, or something only it can narrow by. Such pages are in the
    /// order of relevance.
    #[must_use]
    pub fn needs_engine(&self) -> bool {
        !self.q.is_empty() || !self.directory.is_empty()
    }

    /// Everything that is narrowed by, for the search engine.
    #[must_use]
    pub fn narrowed(&self) -> DirectoryFilter {
        let mut filter = self.directory.clone();
        if !self.province.is_empty() || !self.city.is_empty() {
            let province = Some(self.province.as_str()).filter(|province| !province.is_empty());
            let place = crate::city::find(province, &self.city);
            let known = place
                .as_ref()
                .and_then(|place| crate::city::province_of(&place.city, province));
            let province = province.or(known.as_deref());
            filter.areas.push(Area::of(province, Some(&self.city)));
        }
        if !self.industry.is_empty() {
            filter.industries.push(self.industry.clone());
        }
        filter.is_local = self.is_local;
        filter.is_listed = self.listed;
        filter
    }
}

/// A page of companies for the API: in the order of ids, so that a page stays itself while others are read, or by relevance
/// when words are looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseList {
    pub rows: Vec<EnterpriseRow>,
    pub total: u64,
    pub page: u64,
    pub page_size: u64,
}

/// Rows on a page of enterprises.
pub const ENTERPRISE_PAGE: u64 = 50;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseDetail {
    pub row: EnterpriseRow,
    pub english_name: Option<String>,
    pub credit_code: Option<String>,
    pub exchange: Option<String>,
    pub board: Option<String>,
    pub listed_on: Option<NaiveDate>,
    pub total_shares: Option<i64>,
    pub address: Option<String>,
    pub website: Option<String>,
    pub business_scope: Option<String>,
    pub revenue_wan: Option<i64>,
    pub staff: Option<i64>,
    pub source: String,
    pub updated_at: DateTime<Utc>,
    pub products: Vec<(String, Option<f64>)>,
    pub nodes: Vec<EnterpriseNode>,
    pub leads: Vec<EnterpriseLead>,
    pub held_by: Option<(String, Stage)>,
    /// Its lead lies in the public pool, and nobody holds the company.
    #[serde(default)]
    pub in_pool: bool,
    pub may_write: bool,
    /// True when another id was asked for, of a company that was merged into this one.
    pub is_merged: bool,
    /// Companies that were merged into this one, the latest first.
    pub merges: Vec<MergeLine>,
    /// Whether the reader may write its fields.
    pub may_change: bool,
    /// 注销, or out of business.
    pub closed: bool,
    pub profile: EnterpriseProfile,
    /// Open pairs with this company; `None` for those who do not decide on pairs.
    pub duplicates: Option<u64>,
}

/// Where a company stands in a chain.
/// What a company is beyond its register entry, and where it is known from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseProfile {
    pub sw_industry: Option<String>,
    pub tags: Vec<String>,
    pub sites: Vec<Site>,
    /// Oldest first.
    pub figures: Vec<Figure>,
    pub growth: Vec<GrowthSign>,
    pub risk: Vec<RiskSign>,
    pub sources: Vec<FieldOrigin>,
}

/// Where some fields are from, for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldOrigin {
    /// Empty when a person wrote it and did not say from what.
    pub source: String,
    pub on: NaiveDate,
    pub as_of: Option<NaiveDate>,
    /// The name of the person who wrote it.
    pub by: Option<String>,
    pub fields: Vec<EnterpriseField>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseNode {
    pub chain_id: i64,
    pub chain_name: String,
    pub node_id: i64,
    pub node_name: String,
    pub product: String,
    pub term: String,
    pub share: f64,
    pub confidence: f64,
    pub counted: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnterpriseLead {
    pub lead_id: i64,
    pub title: String,
    pub stage: Stage,
    pub bureau: String,
}

/// Where an import stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportStatus {
    /// Uploaded and readable; waits for its columns to be confirmed.
    Uploaded,
    Queued,
    Running,
    Finished,
    Failed,
    /// Being taken back, or waiting for it.
    Undoing,
    Undone,
}

impl ImportStatus {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Uploaded => "uploaded",
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        [
            Self::Uploaded,
            Self::Queued,
            Self::Running,
            Self::Finished,
            Self::Failed,
            Self::Undoing,
            Self::Undone,
        ]
        .into_iter()
        .find(|status| status.key() == key)
    }
}

/// What an import did, or would do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ImportSummary {
    pub rows: u32,
    pub inserted: u32,
    pub updated: u32,
    pub unchanged: u32,
    pub refused: u32,
    pub warnings: u32,
    /// Rows of which something was left out: a person wrote it, or it is of a later day.
    #[serde(default)]
    pub kept: u32,
    /// Milliseconds from start to commit; 0 for a dry run.
    #[serde(default)]
    pub milliseconds: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportJob {
    pub id: i64,
    pub file_name: String,
    pub file_size: i64,
    pub status: ImportStatus,
    pub done: u32,
    pub total: u32,
    pub summary: Option<ImportSummary>,
    pub problem: Option<Problem>,
    pub by: String,
    pub created_at: DateTime<Utc>,
    /// Whether the person may have it taken back now.
    #[serde(default)]
    pub may_undo: bool,
    #[serde(default)]
    pub undo: Option<UndoState>,
}

/// An import can be taken back for this many days after it ended.
pub const UNDO_DAYS: i64 = 30;

/// How far an import has been taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoState {
    pub by: String,
    pub asked_at: DateTime<Utc>,
    pub finished_at: Option<DateTime<Utc>>,
    /// Companies to take back.
    pub total: u32,
    pub summary: UndoSummary,
}

/// What taking an import back did, or would do, in companies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoSummary {
    pub removed: u32,
    pub restored: u32,
    pub kept: u32,
}

impl UndoSummary {
    /// Counts one company.
    pub fn count(&mut self, outcome: UndoOutcome) {
        match outcome {
            UndoOutcome::Removed => self.removed += 1,
            UndoOutcome::Restored => self.restored += 1,
            UndoOutcome::Kept(_) => self.kept += 1,
        }
    }

    /// Companies counted.
    #[must_use]
    pub const fn total(&self) -> u32 {
        self.removed + self.restored + self.kept
    }
}

/// What becomes of one company when its import is taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UndoOutcome {
    /// It was created and is gone.
    Removed,
    /// It was updated and has its former fields and products.
    Restored,
    Kept(KeptReason),
}

/// Why a company stays as the import left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeptReason {
    /// Somebody, or another import, changed it since.
    ChangedSince,
    Lead,
    Trip,
    /// A person's word on one of its products.
    Decision,
    Scenario,
    /// On somebody's target list.
    List,
    /// Its former code is another company's now.
    CodeTaken,
    /// Something else refers to it.
    InUse,
    /// It is not there any more.
    Gone,
}

impl KeptReason {
    pub const ALL: [Self; 9] = [
        Self::ChangedSince,
        Self::Lead,
        Self::Trip,
        Self::Decision,
        Self::Scenario,
        Self::List,
        Self::CodeTaken,
        Self::InUse,
        Self::Gone,
    ];

    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::ChangedSince => "changed_since",
            Self::Lead => "lead",
            Self::Trip => "trip",
            Self::Decision => "decision",
            Self::Scenario => "scenario",
            Self::List => "list",
            Self::CodeTaken => "code_taken",
            Self::InUse => "in_use",
            Self::Gone => "gone",
        }
    }
}

impl UndoOutcome {
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Removed => "removed",
            Self::Restored => "restored",
            Self::Kept(reason) => reason.key(),
        }
    }

    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "removed" => Some(Self::Removed),
            "restored" => Some(Self::Restored),
            _ => KeptReason::ALL
                .into_iter()
                .find(|reason| reason.key() == key)
                .map(Self::Kept),
        }
    }
}

/// What taking an import back would do, or did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UndoReport {
    pub summary: UndoSummary,
    /// The first hundred companies that stay.
    pub kept: Vec<KeptCompany>,
}

/// A company that stays, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptCompany {
    pub enterprise_id: i64,
    pub name: String,
    pub is_new: bool,
    pub reason: KeptReason,
}

/// A column of the uploaded file and what it was taken for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportColumn {
    pub header: String,
    pub sample: String,
    pub field: Option<EnterpriseField>,
    pub certain: bool,
}

/// What a row would become.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RowVerdict {
    Insert,
    Update,
    Unchanged,
    Refused,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PreviewRow {
    pub number: u32,
    pub verdict: RowVerdict,
    pub name: String,
    pub code: String,
    pub province: String,
    pub city: String,
    pub problems: Vec<RowProblem>,
    /// For a row that updates a company.
    #[serde(default)]
    pub changes: Vec<FieldChange>,
}

/// What an update changes in one field, in the words of the file and of the directory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    pub field: EnterpriseField,
    pub before: String,
    pub after: String,
    /// It stays as it was: a person wrote it, or it is of a later day.
    #[serde(default)]
    pub is_kept: bool,
}

/// Where the columns of a preview come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MappingBasis {
    /// The headers' words.
    Guessed,
    /// The last import with the same header row.
    Remembered { by: String, used_at: DateTime<Utc> },
    /// The person who looks at it.
    Chosen,
}

/// The dry run: nothing was written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportPreview {
    pub job: ImportJob,
    pub sheet: Option<String>,
    pub encoding: String,
    /// Empty for JSON lines, whose keys are fixed.
    pub columns: Vec<ImportColumn>,
    pub summary: ImportSummary,
    /// The first twenty rows.
    pub rows: Vec<PreviewRow>,
    /// The first hundred refused rows and the first hundred with warnings, in the order of the file.
    pub problem_rows: Vec<PreviewRow>,
    /// The first hundred rows that update a company.
    pub updated_rows: Vec<PreviewRow>,
    pub basis: MappingBasis,
    /// What the headers alone say; the way back from remembered columns.
    pub guess: Mapping,
    /// The file is one of refused rows that somebody mended; row numbers are those of the file it came from.
    pub mended: bool,
    /// Kinds of problem with their counts, most frequent first.
    pub kinds: Vec<(RowProblemKind, bool, u32)>,
}

/// Starts an import with the columns as confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportStart {
    pub job_id: i64,
    pub mapping: Mapping,
    /// The list is of the zone's own companies: they count in the coverage of chains and are no targets.
    #[serde(default)]
    pub is_local: bool,
}

/// A refused row as listed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedRow {
    pub row: u32,
    pub field: Option<EnterpriseField>,
    pub value: String,
    pub kind: RowProblemKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefusedPage {
    pub rows: Vec<RefusedRow>,
    pub total: u64,
    pub page: u64,
}
