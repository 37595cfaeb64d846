//! Leads: the board, the list, the lead's page, the gate's dialog, the rules.

mod board;
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

pub use board::BoardPage;
pub use claim::claim_conflict;
pub use conflict::ClaimConflict;
pub use detail::LeadPage;
pub use ledger::LedgerPage;
pub use list::LeadListPage;
pub use pool::PoolPage;
pub use rules::StageRulesPage;
#[cfg(feature = "ssr")]
pub use table::{ledger_table, table};
pub use today::TodayPage;

use domain::lead::{
    Board, LeadCard, LeadChange, LeadChoices, LeadDetail, LeadPage as Leads, LeadQuery, NewEvent,
    NewLead, PipelineRules, RulePack, SideStateChange, Stage, StageChange, Today, TodayScope,
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

/// A page of the list.
///
/// # Errors
/// The use case's problem.
#[server(name = LeadPageRequest, prefix = "/api", endpoint = "lead_page", input = Json)]
pub async fn lead_page(query: LeadQuery) -> Result<Encoded<Leads>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.lead_page(&actor, &query).await)
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
