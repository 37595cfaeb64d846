//! Who changed what. Written in the same transaction as the change itself.

use domain::account::Actor;
use entity::audit;
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ConnectionTrait, DbErr, EntityTrait};
use serde_json::Value;

use chrono::{DateTime, Utc};

pub(crate) struct Change<'a> {
    pub action: &'a str,
    pub entity: &'a str,
    pub entity_id: i64,
    pub before: Option<Value>,
    pub after: Option<Value>,
}

pub(crate) async fn record(
    connection: &impl ConnectionTrait,
    actor: Option<&Actor>,
    at: DateTime<Utc>,
    change: Change<'_>,
) -> Result<(), DbErr> {
    audit::ActiveModel {
        account_id: Set(actor.map(|actor| actor.account_id)),
        action: Set(change.action.to_owned()),
        entity: Set(change.entity.to_owned()),
        entity_id: Set(change.entity_id),
        before: Set(change.before),
        after: Set(change.after),
        at: Set(at),
        ..Default::default()
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// The same for many at once.
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
