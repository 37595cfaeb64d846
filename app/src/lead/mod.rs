//! Leads: the board, the lead's page, the gate's dialog.

mod board;
mod detail;
mod gate;

pub use board::BoardPage;
pub use detail::LeadPage;

use domain::lead::{Board, LeadCard, LeadDetail, NewEvent, NewLead, Stage, StageChange};
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
