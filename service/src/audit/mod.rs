//! Who changed what, written in the same transaction as the change itself; the bin; undoing.

mod bin;
mod read;
mod undo;

use chrono::{DateTime, Utc};
use domain::account::Actor;
use entity::{audit, lead, trip};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait, QuerySelect,
};
use serde_json::Value;

pub(crate) struct Change<'a> {
    pub action: &'a str,
    pub entity: &'a str,
    pub entity_id: i64,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

/// Writes a row. The bureau that owns the record is looked up here, so that no caller can forget it: a record that is to
/// be removed is recorded first.
pub(crate) async fn record(
    connection: &impl ConnectionTrait,
    actor: Option<&Actor>,
    at: DateTime<Utc>,
    change: Change<'_>,
) -> Result<(), DbErr> {
    record_by(connection, actor.map(|actor| actor.account_id), at, change).await
}

/// The same for work that goes on after the person's request.
pub(crate) async fn record_by(
    connection: &impl ConnectionTrait,
    account_id: Option<i64>,
    at: DateTime<Utc>,
    change: Change<'_>,
) -> Result<(), DbErr> {
    let bureau_id = match change.entity {
        "lead" => {
            lead::Entity::find_by_id(change.entity_id)
                .select_only()
                .column(lead::Column::BureauId)
                .into_tuple::<i64>()
                .one(connection)
                .await?
        }
        // What hangs on a lead names it.
        "contact" | "task" | "commitment" | "file" => {
            let lead_id = change
                .after
                .as_ref()
                .or(change.before.as_ref())
                .and_then(|row| row["lead_id"].as_i64());
            lead::Entity::find_by_id(lead_id.unwrap_or_default())
                .select_only()
                .column(lead::Column::BureauId)
                .into_tuple::<i64>()
                .one(connection)
                .await?
        }
        "trip" => {
            trip::Entity::find_by_id(change.entity_id)
                .select_only()
                .column(trip::Column::BureauId)
                .into_tuple::<i64>()
                .one(connection)
                .await?
        }
        // Its number is that of the bureau.
        "target_weights" => Some(change.entity_id),
        _ => None,
    };
    audit::ActiveModel {
        account_id: Set(account_id),
        action: Set(change.action.to_owned()),
        entity: Set(change.entity.to_owned()),
        entity_id: Set(change.entity_id),
        before: Set(change.before),
        after: Set(change.after),
        at: Set(at),
        bureau_id: Set(bureau_id),
        ..Default::default()
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// Writes many rows at once, of records that no bureau owns.
pub(crate) async fn record_all(
    connection: &impl ConnectionTrait,
    actor: Option<&Actor>,
    at: DateTime<Utc>,
    changes: impl Iterator<Item = Change<'static>>,
) -> Result<(), DbErr> {
    let rows: Vec<audit::ActiveModel> = changes
        .map(|change| audit::ActiveModel {
            account_id: Set(actor.map(|actor| actor.account_id)),
            action: Set(change.action.to_owned()),
            entity: Set(change.entity.to_owned()),
            entity_id: Set(change.entity_id),
            before: Set(change.before),
            after: Set(change.after),
            at: Set(at),
            ..Default::default()
        })
        .collect();
    if !rows.is_empty() {
        audit::Entity::insert_many(rows)
            .exec_without_returning(connection)
            .await?;
    }
    Ok(())
}

/// Marks what a change left as an undoing of the act that an audit row records.
pub(crate) fn undoing(mut after: Value, undo_of: Option<i64>) -> Value {
    if let (Some(object), Some(id)) = (after.as_object_mut(), undo_of) {
        object.insert("undo_of".to_owned(), id.into());
    }
    after
}
