//! Leads: registration with its claim, the board and the list, the gate between stages and its rules, the timeline.

mod change;
mod gate;
mod list;
mod read;
mod register;
mod rules;
mod today;

pub(crate) use list::holding;
pub(crate) use rules::RulesInForce;

use domain::problem::Problem;
use entity::lead;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Select, sea_query::LockType};

use crate::ServiceResult;

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
