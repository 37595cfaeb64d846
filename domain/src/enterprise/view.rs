//! What pages and the API show of enterprises and imports.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{EnterpriseField, Mapping, MergeLine, RowProblem, RowProblemKind};
use crate::{lead::Stage, problem::Problem};

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
    /// Whether the person decides on pairs of companies that may be one.
    pub may_merge: bool,
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
    pub may_write: bool,
    /// True when another id was asked for, of a company that was merged into this one.
    pub is_merged: bool,
    /// Companies that were merged into this one, the latest first.
    pub merges: Vec<MergeLine>,
    /// Open pairs with this company; `None` for those who do not decide on pairs.
    pub duplicates: Option<u64>,
}

/// Where a company stands in a chain.
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
    /// The first rows, then the first rows with problems.
    pub rows: Vec<PreviewRow>,
    pub problem_rows: Vec<PreviewRow>,
    /// Kinds of problem with their counts, most frequent first.
    pub kinds: Vec<(RowProblemKind, bool, u32)>,
}

/// Starts an import with the columns as confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportStart {
    pub job_id: i64,
    pub mapping: Mapping,
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
