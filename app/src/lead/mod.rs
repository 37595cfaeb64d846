//! Leads: the board, the list, the lead's page, the gate's dialog, the rules.

mod board;
mod bulk;
mod claim;
mod conflict;
mod detail;
mod form;
mod gate;
mod ledger;
mod list;
mod pool;
mod rules;
#[cfg(feature = "ssr")]
mod table;
mod today;
mod transfer;
mod views;
mod week;
mod work;

pub use board::BoardPage;
pub use claim::claim_conflict;
pub use conflict::ClaimConflict;
pub use detail::LeadPage;
pub use ledger::LedgerPage;
pub use list::LeadListPage;
#[cfg(feature = "ssr")]
pub(crate) use list::parameters;
pub use pool::PoolPage;
pub use rules::StageRulesPage;
#[cfg(feature = "ssr")]
pub use table::{ledger_table, table};
pub use today::TodayPage;
pub use week::WeekPage;

use domain::lead::{
    Board, BulkChange, BulkOutcome, CommitmentForm, CommitmentState, ContactForm, LeadCard,
    LeadChange, LeadChoices, LeadColumn, LeadDetail, LeadGain, LeadList, LeadListQuery, LeadQuery,
    NewEvent, NewLead, NewView, PipelineRules, RulePack, SeenLead, SideStateChange, Stage,
    StageChange, TaskForm, Today, TodayScope, ViewChange, WeekScope, WeekSheet, WorkItem,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::error::{AppError, Encoded};

/// A bureau's board.
///
/// # Errors
/// The use case's problem.
#[server(name = BoardRequest, prefix = "/api", endpoint = "board", input = Json)]
pub async fn board(bureau_id: Option<i64>) -> Result<Encoded<Board>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.board(&actor, bureau_id).await)
}

/// More cards of a column.
///
/// # Errors
/// The use case's problem.
#[server(name = BoardColumnRequest, prefix = "/api", endpoint = "board_column", input = Json)]
pub async fn board_column(
    bureau_id: i64,
    stage: Stage,
    offset: u64,
) -> Result<Encoded<Vec<LeadCard>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.board_column(&actor, bureau_id, stage, offset).await)
}

/// One lead.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadRequest, prefix = "/api", endpoint = "lead", input = Json)]
pub async fn lead(lead_id: i64) -> Result<Encoded<LeadDetail>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.lead(&actor, lead_id).await)
}

/// Registers a lead as filled in and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = RegisterLeadRequest, prefix = "/api", endpoint = "register_lead", input = Json)]
pub async fn register_lead(new: NewLead) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.register_lead(&actor, new).await)
}

/// The last visit of a lead that was written down on a trip.
///
/// # Errors
/// The use case's problem.
#[server(name = LastVisitRequest, prefix = "/api", endpoint = "last_visit", input = Json)]
pub async fn last_visit(lead_id: i64) -> Result<Option<domain::trip::Visit>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.last_visit(&actor, lead_id).await)
}

/// Moves a lead through the gate and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeStageRequest, prefix = "/api", endpoint = "change_stage", input = Json)]
pub async fn change_stage(change: StageChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_stage(&actor, change).await)
}

/// Writes a line on the timeline.
///
/// # Errors
/// The use case's problem.
#[server(name = AddEventRequest, prefix = "/api", endpoint = "add_event", input = Json)]
pub async fn add_event(new: NewEvent) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.add_event(&actor, new).await)
}

/// A page of the list with its columns and views.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadListRequest, prefix = "/api", endpoint = "lead_list", input = Json)]
pub async fn lead_list(ask: LeadListQuery) -> Result<Encoded<LeadList>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.lead_list(&actor, ask).await)
}

/// Saves a view of the list and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = SaveViewRequest, prefix = "/api", endpoint = "save_view", input = Json)]
pub async fn save_view(new: NewView) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.save_view(&actor, new).await)
}

/// Changes a view and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeViewRequest, prefix = "/api", endpoint = "change_view", input = Json)]
pub async fn change_view(change: ViewChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_view(&actor, change).await)
}

/// Removes a view.
///
/// # Errors
/// The use case's problem.
#[server(name = RemoveViewRequest, prefix = "/api", endpoint = "remove_view", input = Json)]
pub async fn remove_view(id: i64, seen: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.remove_view(&actor, id, seen).await)
}

/// Brings a removed view back.
///
/// # Errors
/// The use case's problem.
#[server(name = RestoreViewRequest, prefix = "/api", endpoint = "restore_view", input = Json)]
pub async fn restore_view(id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.restore_view(&actor, id).await)
}

/// Keeps the person's columns of the list without a view.
///
/// # Errors
/// The use case's problem.
#[server(name = SetOwnColumnsRequest, prefix = "/api", endpoint = "set_own_columns", input = Json)]
pub async fn set_own_columns(columns: Vec<LeadColumn>) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_own_columns(&actor, columns).await)
}

/// All leads that match, with their versions, to be changed together.
///
/// # Errors
/// The use case's problem.
#[server(name = SeenLeadsRequest, prefix = "/api", endpoint = "seen_leads", input = Json)]
pub async fn seen_leads(query: LeadQuery) -> Result<Encoded<Vec<SeenLead>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.seen_leads(&actor, &query).await)
}

/// Changes many leads and says what became of each.
///
/// # Errors
/// The use case's problem.
#[server(name = BulkChangeRequest, prefix = "/api", endpoint = "bulk_change", input = Json)]
pub async fn bulk_change(change: BulkChange) -> Result<Encoded<BulkOutcome>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.bulk_change(&actor, change).await)
}

/// Takes a change of many leads back.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoBulkChangeRequest, prefix = "/api", endpoint = "undo_bulk_change", input = Json)]
pub async fn undo_bulk_change(id: i64) -> Result<Encoded<BulkOutcome>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    let reason = crate::words::Locale::current().bulk_undo_reason();
    crate::server_side::answer_page(service.undo_bulk_change(&actor, id, reason).await)
}

/// Changes fields of a lead and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = ChangeLeadRequest, prefix = "/api", endpoint = "change_lead", input = Json)]
pub async fn change_lead(lead_id: i64, seen: i64, change: LeadChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.change_lead(&actor, lead_id, seen, change).await)
}

/// What may be chosen in the form of a lead.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadChoicesRequest, prefix = "/api", endpoint = "lead_choices", input = Json)]
pub async fn lead_choices(lead_id: i64) -> Result<Encoded<LeadChoices>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.lead_choices(&actor, lead_id).await)
}

/// Takes a lead off the track, or back on it, and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = SetSideStateRequest, prefix = "/api", endpoint = "set_side_state", input = Json)]
pub async fn set_side_state(change: SideStateChange) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_side_state(&actor, change).await)
}

/// The rules of the pipeline.
///
/// # Errors
/// The use case's problem.
#[server(name = PipelineRulesRequest, prefix = "/api", endpoint = "pipeline_rules", input = Json)]
pub async fn pipeline_rules() -> Result<Encoded<PipelineRules>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.pipeline_rules(&actor).await)
}

/// Lets other rules hold from a day on.
///
/// # Errors
/// The use case's problem.
#[server(name = SetRulePackRequest, prefix = "/api", endpoint = "set_rule_pack", input = Json)]
pub async fn set_rule_pack(pack: RulePack) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_rule_pack(&actor, pack).await)
}

/// What waits for somebody today.
///
/// # Errors
/// The use case's problem.
#[server(name = TodayRequest, prefix = "/api", endpoint = "today", input = Json)]
pub async fn today(scope: TodayScope) -> Result<Encoded<Today>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.today_page(&actor, scope).await)
}

/// Writes a contact and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = WriteContactRequest, prefix = "/api", endpoint = "write_contact", input = Json)]
pub async fn write_contact(form: ContactForm) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.write_contact(&actor, form).await)
}

/// Writes a task and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = WriteTaskRequest, prefix = "/api", endpoint = "write_task", input = Json)]
pub async fn write_task(form: TaskForm) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.write_task(&actor, form).await)
}

/// Says that a task is done, or not after all, and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = SetTaskDoneRequest, prefix = "/api", endpoint = "set_task_done", input = Json)]
pub async fn set_task_done(item: WorkItem, done: bool) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_task_done(&actor, item, done).await)
}

/// Writes a commitment and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = WriteCommitmentRequest, prefix = "/api", endpoint = "write_commitment", input = Json)]
pub async fn write_commitment(form: CommitmentForm) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.write_commitment(&actor, form).await)
}

/// Says what became of a commitment and returns its version.
///
/// # Errors
/// The use case's problem.
#[server(name = SetCommitmentStateRequest, prefix = "/api", endpoint = "set_commitment_state", input = Json)]
pub async fn set_commitment_state(item: WorkItem, state: CommitmentState) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_commitment_state(&actor, item, state).await)
}

/// Takes something off a lead.
///
/// # Errors
/// The use case's problem.
#[server(name = RemoveWorkRequest, prefix = "/api", endpoint = "remove_work", input = Json)]
pub async fn remove_work(item: WorkItem) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.remove_work(&actor, item).await)
}

/// Brings back what was taken off a lead.
///
/// # Errors
/// The use case's problem.
#[server(name = RestoreWorkRequest, prefix = "/api", endpoint = "restore_work", input = Json)]
pub async fn restore_work(item: WorkItem) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.restore_work(&actor, item).await)
}

/// What a lead's chain would gain.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadGainRequest, prefix = "/api", endpoint = "lead_gain", input = Json)]
pub async fn lead_gain(lead_id: i64) -> Result<Encoded<Option<LeadGain>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.lead_gain(&actor, lead_id).await)
}

/// What the weekly meeting goes through.
///
/// # Errors
/// The use case's problem.
#[server(name = WeekSheetRequest, prefix = "/api", endpoint = "week_sheet", input = Json)]
pub async fn week_sheet(scope: WeekScope) -> Result<Encoded<WeekSheet>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.week_sheet(&actor, scope).await)
}
