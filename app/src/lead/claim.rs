//! 首报首谈: what pages ask of the claim ledger, the public pool, objections and leads handed over.

use domain::lead::{
    DisputeDecision, HeldClaim, Ledger, LedgerQuery, NewDispute, NewTransfer, PoolPage, PoolQuery,
    TransferAnswer,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::error::{AppError, Encoded};

/// The claim that stands in the way of registering a company.
///
/// # Errors
/// The use case's problem.
#[server(name = ClaimConflictRequest, prefix = "/api", endpoint = "claim_conflict", input = Json)]
pub async fn claim_conflict(enterprise_id: i64) -> Result<Encoded<Option<HeldClaim>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.claim_conflict(&actor, enterprise_id).await)
}

/// Objects to a claim and returns the objection's id.
///
/// # Errors
/// The use case's problem.
#[server(name = ContestClaimRequest, prefix = "/api", endpoint = "contest_claim", input = Json)]
pub async fn contest_claim(new: NewDispute) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.contest_claim(&actor, new).await)
}

/// Takes an objection back.
///
/// # Errors
/// The use case's problem.
#[server(name = WithdrawDisputeRequest, prefix = "/api", endpoint = "withdraw_dispute", input = Json)]
pub async fn withdraw_dispute(dispute_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.withdraw_dispute(&actor, dispute_id).await)
}

/// Decides an objection.
///
/// # Errors
/// The use case's problem.
#[server(name = DecideDisputeRequest, prefix = "/api", endpoint = "decide_dispute", input = Json)]
pub async fn decide_dispute(decision: DisputeDecision) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.decide_dispute(&actor, decision).await)
}

/// A page of the public pool.
///
/// # Errors
/// The use case's problem.
#[server(name = ClaimPoolRequest, prefix = "/api", endpoint = "claim_pool", input = Json)]
pub async fn claim_pool(query: PoolQuery) -> Result<Encoded<PoolPage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.claim_pool(&actor, &query).await)
}

/// Takes a lead of the pool and returns its id.
///
/// # Errors
/// The use case's problem.
#[server(name = ClaimFromPoolRequest, prefix = "/api", endpoint = "claim_from_pool", input = Json)]
pub async fn claim_from_pool(lead_id: i64) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.claim_from_pool(&actor, lead_id).await)
}

/// A page of the claim ledger.
///
/// # Errors
/// The use case's problem.
#[server(name = ClaimLedgerRequest, prefix = "/api", endpoint = "claim_ledger", input = Json)]
pub async fn claim_ledger(query: LedgerQuery) -> Result<Encoded<Ledger>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.claim_ledger(&actor, &query).await)
}

/// Proposes to hand a lead over and returns the proposal's id.
///
/// # Errors
/// The use case's problem.
#[server(name = ProposeTransferRequest, prefix = "/api", endpoint = "propose_transfer", input = Json)]
pub async fn propose_transfer(new: NewTransfer) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.propose_transfer(&actor, new).await)
}

/// Takes what is handed over, or declines it.
///
/// # Errors
/// The use case's problem.
#[server(name = AnswerTransferRequest, prefix = "/api", endpoint = "answer_transfer", input = Json)]
pub async fn answer_transfer(answer: TransferAnswer) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.answer_transfer(&actor, answer).await)
}

/// Takes a proposal back.
///
/// # Errors
/// The use case's problem.
#[server(name = WithdrawTransferRequest, prefix = "/api", endpoint = "withdraw_transfer", input = Json)]
pub async fn withdraw_transfer(transfer_id: i64, seen: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.withdraw_transfer(&actor, transfer_id, seen).await)
}
