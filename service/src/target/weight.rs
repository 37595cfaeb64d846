//! Weights of the target score, of each bureau.

use domain::{
    account::{Action, Actor},
    problem::{FieldProblem, FieldProblemKind, Problem},
    target::TargetWeights,
};
use entity::setting;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, sea_query::OnConflict,
};
use serde_json::json;

use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    require,
};

fn key(bureau_id: i64) -> String {
    format!("target_weights_{bureau_id}")
}

async fn stored(
    connection: &impl ConnectionTrait,
    bureau_id: i64,
) -> ServiceResult<Option<setting::Model>> {
    Ok(setting::Entity::find()
        .filter(setting::Column::Key.eq(key(bureau_id)))
        .one(connection)
        .await?)
}

fn read(row: Option<&setting::Model>) -> TargetWeights {
    row.and_then(|row| serde_json::from_value::<TargetWeights>(row.value.clone()).ok())
        .filter(|weights| weights.wrong().is_empty())
        .unwrap_or_default()
}

impl Service {
    /// The weights of a bureau; the defaults for who belongs to none.
    pub(crate) async fn weights_of(&self, bureau_id: Option<i64>) -> ServiceResult<TargetWeights> {
        Ok(match bureau_id {
            None => TargetWeights::default(),
            Some(bureau_id) => read(stored(self.database.read(), bureau_id).await?.as_ref()),
        })
    }

    /// Sets the weights that the own bureau ranks targets by; `None` goes back to the defaults.
    ///
    /// # Errors
    /// [`Problem::Forbidden`] for who does not lead a bureau; [`Problem::Invalid`] with the terms whose weight is none.
    pub async fn set_target_weights(
        &self,
        actor: &Actor,
        weights: Option<TargetWeights>,
    ) -> ServiceResult<()> {
        let bureau_id = actor.bureau_id.ok_or(Problem::Forbidden)?;
        require(actor, Action::WeighTargets { bureau_id })?;
        if let Some(weights) = &weights {
            let fields: Vec<FieldProblem> = weights
                .wrong()
                .into_iter()
                .map(|kind| {
                    FieldProblem::new(
                        kind.key(),
                        FieldProblemKind::OutOfRange {
                            from: 0.0,
                            until: 1.0,
                        },
                    )
                })
                .collect();
            if !fields.is_empty() {
                return Err(Problem::Invalid { fields }.into());
            }
        }
        let transaction = self.database.begin().await?;
        let before = stored(&transaction, bureau_id).await?;
        let now = self.now();
        let value = json!(weights.unwrap_or_default());
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "change",
                entity: "target_weights",
                entity_id: bureau_id,
                before: Some(json!(read(before.as_ref()))),
                after: Some(value.clone()),
            },
        )
        .await?;
        // Two who save for the first time at once both found nothing.
        setting::Entity::insert(setting::ActiveModel {
            key: Set(key(bureau_id)),
            value: Set(value),
            updated_at: Set(now),
            ..Default::default()
        })
        .on_conflict(
            OnConflict::column(setting::Column::Key)
                .update_columns([setting::Column::Value, setting::Column::UpdatedAt])
                .to_owned(),
        )
        .exec(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }
}
