//! Enterprises: the directory, a company's page, imports.

mod duplicate;
mod edit;
mod import;
mod list;
mod merge;
mod portrait;

pub use duplicate::DuplicatesPage;
pub use import::{ImportListPage, ImportPage};
pub use list::{EnterpriseListPage, EnterprisePage};
pub use merge::MergePage;

use domain::enterprise::{
    DuplicateDecision, DuplicatePage, DuplicateQuery, EnterpriseDetail, EnterprisePage as Page,
    EnterpriseQuery, ImportJob, ImportPreview, ImportStart, Mapping, MergeRequest, MergeUndone,
    MergeView, RefusedPage, SimilarCompany, UndoReport,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::error::{AppError, Encoded};

/// A page of the directory.
///
/// # Errors
/// The use case's problem.
#[server(name = ListEnterprisesRequest, prefix = "/api", endpoint = "list_enterprises", input = Json)]
pub async fn list_enterprises(query: EnterpriseQuery) -> Result<Encoded<Page>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.enterprises(&actor, query).await)
}

/// One company.
///
/// # Errors
/// The use case's problem.
#[server(name = EnterpriseRequest, prefix = "/api", endpoint = "enterprise", input = Json)]
pub async fn enterprise(id: i64) -> Result<Encoded<EnterpriseDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.enterprise(&actor, id).await)
}

/// The last imports.
///
/// # Errors
/// The use case's problem.
#[server(name = ListImportsRequest, prefix = "/api", endpoint = "list_imports", input = Json)]
pub async fn list_imports() -> Result<Encoded<Vec<ImportJob>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.import_jobs(&actor).await)
}

/// An import's state.
///
/// # Errors
/// The use case's problem.
#[server(name = ImportJobRequest, prefix = "/api", endpoint = "import_job", input = Json)]
pub async fn import_job(job_id: i64) -> Result<Encoded<ImportJob>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.import_job(&actor, job_id).await)
}

/// The dry run.
///
/// # Errors
/// The use case's problem.
#[server(name = ImportPreviewRequest, prefix = "/api", endpoint = "import_preview", input = Json)]
pub async fn import_preview(
    job_id: i64,
    mapping: Option<Mapping>,
) -> Result<Encoded<ImportPreview>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.import_preview(&actor, job_id, mapping).await)
}

/// Starts an import.
///
/// # Errors
/// The use case's problem.
#[server(name = StartImportRequest, prefix = "/api", endpoint = "start_import", input = Json)]
pub async fn start_import(start: ImportStart) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.start_import(&actor, start).await)
}

/// Refused rows of an import.
///
/// # Errors
/// The use case's problem.
#[server(name = RefusedRowsRequest, prefix = "/api", endpoint = "refused_rows", input = Json)]
pub async fn refused_rows(job_id: i64, page: u64) -> Result<Encoded<RefusedPage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.refused_rows(&actor, job_id, page).await)
}

/// What taking an import back would do, or did.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoReportRequest, prefix = "/api", endpoint = "undo_report", input = Json)]
pub async fn undo_report(job_id: i64) -> Result<Encoded<UndoReport>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.undo_report(&actor, job_id).await)
}

/// Asks for an import to be taken back.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoImportRequest, prefix = "/api", endpoint = "undo_import", input = Json)]
pub async fn undo_import(job_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.undo_import(&actor, job_id).await)
}

/// A page of pairs that may be one company.
///
/// # Errors
/// The use case's problem.
#[server(name = DuplicatesRequest, prefix = "/api", endpoint = "duplicates", input = Json)]
pub async fn duplicates(query: DuplicateQuery) -> Result<Encoded<DuplicatePage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.duplicates(&actor, &query).await)
}

/// Says that two companies are two, or takes that back.
///
/// # Errors
/// The use case's problem.
#[server(name = DecideDuplicateRequest, prefix = "/api", endpoint = "decide_duplicate", input = Json)]
pub async fn decide_duplicate(decision: DuplicateDecision) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.decide_duplicate(&actor, decision).await)
}

/// Two companies side by side.
///
/// # Errors
/// The use case's problem.
#[server(name = MergeViewRequest, prefix = "/api", endpoint = "merge_view", input = Json)]
pub async fn merge_view(left_id: i64, right_id: i64) -> Result<Encoded<MergeView>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.merge_view(&actor, left_id, right_id).await)
}

/// Makes one company of two and returns the number of the merge.
///
/// # Errors
/// The use case's problem.
#[server(name = MergeEnterprisesRequest, prefix = "/api", endpoint = "merge_enterprises", input = Json)]
pub async fn merge_enterprises(request: MergeRequest) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.merge_enterprises(&actor, request).await)
}

/// Takes a merge back.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoMergeRequest, prefix = "/api", endpoint = "undo_merge", input = Json)]
pub async fn undo_merge(merge_id: i64) -> Result<MergeUndone, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.undo_merge(&actor, merge_id).await)
}

/// Companies of the directory that a name or code may mean.
///
/// # Errors
/// The use case's problem.
#[server(name = CompaniesLikeRequest, prefix = "/api", endpoint = "companies_like", input = Json)]
pub async fn companies_like(
    name: String,
    credit_code: Option<String>,
) -> Result<Encoded<Vec<SimilarCompany>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(
        service
            .companies_like(&actor, &name, credit_code.as_deref())
            .await,
    )
}
