//! Who changed what; the bin; taking back what was just done.

mod bin;
mod page;
#[cfg(feature = "ssr")]
mod table;
mod value;

pub use bin::{BinPage, DeleteForm};
pub use page::AuditPage;
#[cfg(feature = "ssr")]
pub use table::table;

use std::sync::Arc;

use domain::audit::{
    AuditPage as Rows, AuditQuery, BinPage as Bin, BinQuery, Deletion, RecordTag, UndoAct,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::{
    component::{Toasts, submit},
    error::{AppError, Encoded},
    words::{Locale, problem_sentence},
};

/// Puts a record into the bin and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = DeleteRecordRequest, prefix = "/api", endpoint = "delete_record", input = Json)]
pub async fn delete_record(deletion: Deletion) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.delete_record(&actor, deletion).await)
}

/// Takes a record out of the bin and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = RestoreRecordRequest, prefix = "/api", endpoint = "restore_record", input = Json)]
pub async fn restore_record(tag: RecordTag) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.restore_record(&actor, tag).await)
}

/// Removes a record for good.
///
/// # Errors
/// The use case's problem.
#[server(name = PurgeRecordRequest, prefix = "/api", endpoint = "purge_record", input = Json)]
pub async fn purge_record(tag: RecordTag) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.purge_record(&actor, tag).await)
}

/// A page of the bin.
///
/// # Errors
/// The use case's problem.
#[server(name = BinPageRequest, prefix = "/api", endpoint = "bin_page", input = Json)]
pub async fn bin_page(query: BinQuery) -> Result<Encoded<Bin>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.bin_page(&actor, query).await)
}

/// Takes back what left a record at a version, and returns the new one.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoActRequest, prefix = "/api", endpoint = "undo_act", input = Json)]
pub async fn undo_act(act: UndoAct) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.undo_act(&actor, act).await)
}

/// A page of the audit.
///
/// # Errors
/// The use case's problem.
#[server(name = AuditPageRequest, prefix = "/api", endpoint = "audit_page", input = Json)]
pub async fn audit_page(query: AuditQuery) -> Result<Encoded<Rows>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.audit_page(&actor, &query).await)
}

/// Says that something was done, and offers to take it back as long as the toast stands. `after` runs when it was taken
/// back; the page that asked may be gone by then.
pub fn done_undoable(
    toasts: Toasts,
    words: Locale,
    text: String,
    act: UndoAct,
    after: impl Fn() + Send + Sync + 'static,
) {
    let after = Arc::new(after);
    toasts.undoable(text, move || {
        let after = Arc::clone(&after);
        submit(
            RwSignal::new(false),
            undo_act(act),
            move |outcome| match outcome {
                Ok(_) => {
                    toasts.done(words.act_undone());
                    after();
                }
                Err(AppError(problem)) => toasts.failed(problem_sentence(words, &problem)),
            },
        );
    });
}
