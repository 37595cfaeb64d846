//! Dated settings of the atlas. None is ever changed: what held on a day can be read for ever.

use domain::{
    account::{Action, Actor},
    chain::{AtlasSettings, DatedSettings, NewSettings},
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{atlas_setting, setting};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder,
};
use serde_json::json;

use super::matching;
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    require,
};

/// Under this key lies the threshold that the stored matches were made with.
const APPLIED_THRESHOLD: &str = "atlas.match_threshold";
/// Longest source of a setting, in characters.
const SOURCE_CHARACTERS: usize = 400;

impl Service {
    /// What maps are computed with today: its id, and the settings.
    pub(crate) async fn settings_in_force(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<(Option<i64>, AtlasSettings)> {
        let row = atlas_setting::Entity::find()
            .filter(atlas_setting::Column::EffectiveOn.lte(self.today()))
            .order_by_desc(atlas_setting::Column::EffectiveOn)
            .order_by_desc(atlas_setting::Column::Id)
            .one(connection)
            .await?;
        match row {
            Some(row) => {
                let settings = serde_json::from_value(row.value).map_err(ServiceError::internal)?;
                Ok((Some(row.id), settings))
            }
            None => Ok((None, AtlasSettings::default())),
        }
    }

    /// Every setting there was and will be, the latest day first, the defaults last.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn atlas_settings(&self, actor: &Actor) -> ServiceResult<Vec<DatedSettings>> {
        require(actor, Action::ReadZone)?;
        let (in_force, _) = self.settings_in_force(self.database.read()).await?;
        let rows = atlas_setting::Entity::find()
            .order_by_desc(atlas_setting::Column::EffectiveOn)
            .order_by_desc(atlas_setting::Column::Id)
            .all(self.database.read())
            .await?;
        let mut all = Vec::with_capacity(rows.len() + 1);
        let names = self
            .account_names(rows.iter().filter_map(|row| row.account_id))
            .await?;
        for row in rows {
            all.push(DatedSettings {
                id: Some(row.id),
                effective_on: Some(row.effective_on),
                settings: serde_json::from_value(row.value).map_err(ServiceError::internal)?,
                source: row.source,
                by: row.account_id.and_then(|id| names.get(&id).cloned()),
                created_at: Some(row.created_at),
                in_force: in_force == Some(row.id),
            });
        }
        all.push(DatedSettings {
            id: None,
            effective_on: None,
            settings: AtlasSettings::default(),
            source: String::new(),
            by: None,
            created_at: None,
            in_force: in_force.is_none(),
        });
        Ok(all)
    }

    /// Sets weights, thresholds, reference set and match threshold from a day on, and returns the id.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with every field out of range, a day in the past, no source; [`Problem::Forbidden`].
    pub async fn set_atlas_settings(
        &self,
        actor: &Actor,
        mut new: NewSettings,
    ) -> ServiceResult<i64> {
        require(actor, Action::EditChain)?;
        crate::without_nul(&mut new.source);
        let mut fields = new.settings.problems();
        let source = new.source.trim().to_owned();
        if source.is_empty() {
            fields.push(FieldProblem::new("source", FieldProblemKind::Required));
        } else if source.chars().count() > SOURCE_CHARACTERS {
            let limit = SOURCE_CHARACTERS;
            fields.push(FieldProblem::new(
                "source",
                FieldProblemKind::TooLong { limit },
            ));
        }
        // Yesterday's maps were computed, and perhaps printed, under yesterday's rules.
        if new.effective_on < self.today() {
            fields.push(FieldProblem::new(
                "effective_on",
                FieldProblemKind::InThePast,
            ));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let value = serde_json::to_value(&new.settings).map_err(ServiceError::internal)?;
        let row = atlas_setting::ActiveModel {
            effective_on: Set(new.effective_on),
            value: Set(value.clone()),
            source: Set(source.clone()),
            account_id: Set(Some(actor.account_id)),
            created_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "add",
                entity: "atlas_setting",
                entity_id: row.id,
                before: None,
                after: Some(json!({ "effective_on": new.effective_on, "source": source, "settings": value })),
            },
        )
        .await?;
        self.apply_match_threshold(&transaction).await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Matches all chains again when the threshold in force is not the one they were matched with: after a change,
    /// and on the morning of the day from which one holds. Returns whether it did.
    pub(crate) async fn apply_match_threshold(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<bool> {
        let (_, settings) = self.settings_in_force(connection).await?;
        let held = setting::Entity::find()
            .filter(setting::Column::Key.eq(APPLIED_THRESHOLD))
            .one(connection)
            .await?;
        let applied = held
            .as_ref()
            .and_then(|held| held.value.as_f64())
            .unwrap_or_else(|| AtlasSettings::default().match_threshold);
        if (applied - settings.match_threshold).abs() < 1e-9 {
            return Ok(false);
        }
        for chain in self.chain_models().await? {
            matching::rematch_chain(self, connection, chain.id).await?;
        }
        let value = json!(settings.match_threshold);
        match held {
            Some(held) => {
                let mut change: setting::ActiveModel = held.into();
                change.value = Set(value);
                change.updated_at = Set(self.now());
                change.update(connection).await?;
            }
            None => {
                setting::ActiveModel {
                    key: Set(APPLIED_THRESHOLD.to_owned()),
                    value: Set(value),
                    updated_at: Set(self.now()),
                    ..Default::default()
                }
                .insert(connection)
                .await?;
            }
        }
        Ok(true)
    }
}
