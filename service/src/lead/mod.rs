//! Leads: registration with its claim, the board and the list, the gate between stages and its rules, the timeline,
//! the claim's ledger, the public pool, disputes and leads handed over.

mod bulk;
mod change;
mod claim;
mod dispute;
mod feed;
mod gate;
pub(crate) mod ledger;
mod list;
mod notice;
mod pool;
mod read;
mod register;
mod rules;
mod saved_view;
mod today;
mod transfer;
mod week;
mod work;

pub(crate) use change::{field_text, owning_accounts};
pub(crate) use claim::has_ended;
pub(crate) use gate::Landing;
pub(crate) use ledger::bureau_names;
pub(crate) use read::visit_line;
pub(crate) use register::{Line, hold_company, hold_company_rows};
pub(crate) use rules::RulesInForce;

use domain::{
    account::{Action, Actor},
    problem::Problem,
};
use entity::lead;
use sea_orm::{
    ConnectionTrait, DatabaseTransaction, EntityTrait, QuerySelect, Select, sea_query::LockType,
};

use crate::{ServiceResult, require};

/// A lead that is there: deleted ones answer as if they were not.
pub(crate) async fn existing(
    connection: &impl ConnectionTrait,
    lead_id: i64,
) -> ServiceResult<lead::Model> {
    there(lead::Entity::find_by_id(lead_id), connection).await
}

/// The same lead, held until the transaction ends, so that its version is still true when it is written.
pub(crate) async fn existing_held(
    connection: &impl ConnectionTrait,
    lead_id: i64,
) -> ServiceResult<lead::Model> {
    there(
        lead::Entity::find_by_id(lead_id).lock(LockType::NoKeyUpdate),
        connection,
    )
    .await
}

/// The same for a person who wants to write it: the one door to every change of a lead.
async fn writable_held(
    transaction: &DatabaseTransaction,
    actor: &Actor,
    lead_id: i64,
) -> ServiceResult<lead::Model> {
    let lead = existing_held(transaction, lead_id).await?;
    require(
        actor,
        Action::WriteLead {
            bureau_id: lead.bureau_id,
        },
    )?;
    Ok(lead)
}

async fn there(
    query: Select<lead::Entity>,
    connection: &impl ConnectionTrait,
) -> ServiceResult<lead::Model> {
    query
        .one(connection)
        .await?
        .filter(|lead| lead.deleted_at.is_none())
        .ok_or_else(|| Problem::NotFound.into())
}
