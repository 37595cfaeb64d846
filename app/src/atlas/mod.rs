//! The atlas beyond one map: the leader's page, review of matches, settings, history, what-if.

mod edit;
mod edit_check;
mod edit_form;
mod edit_map;
mod edit_propose;
mod history;
mod leader;
mod reference;
mod review;
mod setting;
mod what_if;

pub use edit::ChainEditPage;
pub use history::HistoryPage;
pub use leader::LeaderPage;
pub use reference::{NewChainPage, ReferencePage};
pub use review::ReviewPage;
pub use setting::SettingPage;
pub use what_if::WhatIfPage;

use domain::chain::{
    ChainEdit, ChainHistory, DatedSettings, DraftView, LeaderPage as Leader, NewChain,
    NewChiefTask, NewDecision, NewScenario, NewSettings, ProposalPage, ReferencePage as Reference,
    ReferenceQuery, ReviewPage as Review, ReviewQuery, WhatIfInput,
};
use leptos::prelude::*;
use server_fn::codec::Json;

use crate::error::{AppError, Encoded};

/// The leader's page.
///
/// # Errors
/// The use case's problem.
#[server(name = LeaderPageRequest, prefix = "/api", endpoint = "leader_page", input = Json)]
pub async fn leader_page() -> Result<Encoded<Leader>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.leader_page(&actor).await)
}

/// Puts a task on a chain chief's list.
///
/// # Errors
/// The use case's problem.
#[server(name = AddChiefTaskRequest, prefix = "/api", endpoint = "add_chief_task", input = Json)]
pub async fn add_chief_task(new: NewChiefTask) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.add_chief_task(&actor, new).await)
}

/// Marks a task as done, or as open again.
///
/// # Errors
/// The use case's problem.
#[server(name = FinishChiefTaskRequest, prefix = "/api", endpoint = "finish_chief_task", input = Json)]
pub async fn finish_chief_task(task_id: i64, done: bool) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.finish_chief_task(&actor, task_id, done).await)
}

/// Matches to judge.
///
/// # Errors
/// The use case's problem.
#[server(name = ReviewRequest, prefix = "/api", endpoint = "review", input = Json)]
pub async fn review(query: ReviewQuery) -> Result<Encoded<Review>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.review(&actor, query).await)
}

/// Takes words on matches, all or none.
///
/// # Errors
/// The use case's problem.
#[server(name = DecideMatchesRequest, prefix = "/api", endpoint = "decide_matches", input = Json)]
pub async fn decide_matches(decisions: Vec<NewDecision>) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.decide_matches(&actor, decisions).await)
}

/// Every dated setting.
///
/// # Errors
/// The use case's problem.
#[server(name = AtlasSettingsRequest, prefix = "/api", endpoint = "atlas_settings", input = Json)]
pub async fn atlas_settings() -> Result<Encoded<Vec<DatedSettings>>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.atlas_settings(&actor).await)
}

/// Sets others from a day on.
///
/// # Errors
/// The use case's problem.
#[server(name = SetAtlasSettingsRequest, prefix = "/api", endpoint = "set_atlas_settings", input = Json)]
pub async fn set_atlas_settings(new: NewSettings) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.set_atlas_settings(&actor, new).await)
}

/// A chain over time.
///
/// # Errors
/// The use case's problem.
#[server(name = ChainHistoryRequest, prefix = "/api", endpoint = "chain_history", input = Json)]
pub async fn chain_history(chain_id: i64) -> Result<Encoded<ChainHistory>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.chain_history(&actor, chain_id).await)
}

/// Takes a snapshot now.
///
/// # Errors
/// The use case's problem.
#[server(name = TakeSnapshotRequest, prefix = "/api", endpoint = "take_snapshot", input = Json)]
pub async fn take_snapshot(chain_id: i64) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.take_snapshot(&actor, chain_id).await)
}

/// What the browser computes "what if" with.
///
/// # Errors
/// The use case's problem.
#[server(name = WhatIfInputRequest, prefix = "/api", endpoint = "what_if_input", input = Json)]
pub async fn what_if_input(chain_id: i64) -> Result<Encoded<WhatIfInput>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.what_if_input(&actor, chain_id).await)
}

/// Keeps a scenario.
///
/// # Errors
/// The use case's problem.
#[server(name = KeepScenarioRequest, prefix = "/api", endpoint = "keep_scenario", input = Json)]
pub async fn keep_scenario(new: NewScenario) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.keep_scenario(&actor, new).await)
}

/// Removes a scenario.
///
/// # Errors
/// The use case's problem.
#[server(name = RemoveScenarioRequest, prefix = "/api", endpoint = "remove_scenario", input = Json)]
pub async fn remove_scenario(scenario_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.remove_scenario(&actor, scenario_id).await)
}

/// The draft of a chain.
///
/// # Errors
/// The use case's problem.
#[server(name = ChainDraftRequest, prefix = "/api", endpoint = "chain_draft", input = Json)]
pub async fn chain_draft(chain_id: i64) -> Result<Encoded<DraftView>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.chain_draft(&actor, chain_id).await)
}

/// Makes changes in the draft, as one step.
///
/// # Errors
/// The use case's problem.
#[server(name = EditChainRequest, prefix = "/api", endpoint = "edit_chain", input = Json)]
pub async fn edit_chain(chain_id: i64, edits: Vec<ChainEdit>) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.edit_chain(&actor, chain_id, edits).await)
}

/// Takes back the newest step.
///
/// # Errors
/// The use case's problem.
#[server(name = UndoChainEditRequest, prefix = "/api", endpoint = "undo_chain_edit", input = Json)]
pub async fn undo_chain_edit(chain_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.undo_chain_edit(&actor, chain_id).await)
}

/// Throws the draft away.
///
/// # Errors
/// The use case's problem.
#[server(name = DiscardDraftRequest, prefix = "/api", endpoint = "discard_draft", input = Json)]
pub async fn discard_draft(chain_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.discard_draft(&actor, chain_id).await)
}

/// Publishes the draft.
///
/// # Errors
/// The use case's problem.
#[server(name = PublishDraftRequest, prefix = "/api", endpoint = "publish_draft", input = Json)]
pub async fn publish_draft(chain_id: i64) -> Result<(), AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.publish_draft(&actor, chain_id).await.map(|_| ()))
}

/// Begins a chain with one node.
///
/// # Errors
/// The use case's problem.
#[server(name = NewChainRequest, prefix = "/api", endpoint = "new_chain", input = Json)]
pub async fn new_chain(new: NewChain) -> Result<i64, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer(service.new_chain(&actor, new).await)
}

/// The reference graph around a product.
///
/// # Errors
/// The use case's problem.
#[server(name = ReferenceRequest, prefix = "/api", endpoint = "reference", input = Json)]
pub async fn reference_page(query: ReferenceQuery) -> Result<Encoded<Reference>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.reference_page(&actor, query).await)
}

/// What the reference graph proposes for a draft.
///
/// # Errors
/// The use case's problem.
#[server(name = ChainProposalsRequest, prefix = "/api", endpoint = "chain_proposals", input = Json)]
pub async fn chain_proposals(
    chain_id: i64,
    product: String,
) -> Result<Encoded<ProposalPage>, AppError> {
    let (service, actor) = crate::server_side::signed_in()?;
    crate::server_side::answer_page(service.chain_proposals(&actor, chain_id, product).await)
}
