//! Dated settings of the atlas. None is ever changed: what held on a day can be read for ever.

use domain::{
    account::{Action, Actor},
    chain::{AtlasSettings, DatedSettings, NewSettings},
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{atlas_setting, setting};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{matching, reference::list_numbers};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    needed_text, require,
};

/// Under this key lies what the stored matches were made with.
const APPLIED_MATCHING: &str = "atlas.matching";
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
    pub async fn set_atlas_settings(&self, actor: &Actor, new: NewSettings) -> ServiceResult<i64> {
        require(actor, Action::EditChain)?;
        let mut fields = new.settings.problems();
        let source = needed_text("source", new.source, SOURCE_CHARACTERS, &mut fields);
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
        self.apply_matching(&transaction).await?;
        transaction.commit().await?;
        Ok(row.id)
    }

    /// Whether the stored matches were made with the threshold in force and the newest reference graph.
    pub(super) async fn is_matched(&self) -> ServiceResult<bool> {
        let (wanted, held) = self.matching_state(self.database.read()).await?;
        Ok(held.map_or_else(Matching::default, |(_, held)| held) == wanted)
    }

    async fn matching_state(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<(Matching, Option<(setting::Model, Matching)>)> {
        let (_, settings) = self.settings_in_force(connection).await?;
        let (products, _) = list_numbers(connection).await?;
        let wanted = Matching {
            threshold: settings.match_threshold,
            products,
        };
        let held = setting::Entity::find()
            .filter(setting::Column::Key.eq(APPLIED_MATCHING))
            .one(connection)
            .await?
            .map(|held| {
                let applied = serde_json::from_value(held.value.clone()).unwrap_or_default();
                (held, applied)
            });
        Ok((wanted, held))
    }

    /// Matches all chains again when what matches depend on is not what they were made with: another threshold, on the
    /// morning of the day from which it holds, or another reference graph. Returns whether it did.
    pub(crate) async fn apply_matching(
        &self,
        connection: &impl ConnectionTrait,
    ) -> ServiceResult<bool> {
        let (wanted, held) = self.matching_state(connection).await?;
        let applied = held
            .as_ref()
            .map_or_else(Matching::default, |(_, applied)| *applied);
        if applied == wanted {
            return Ok(false);
        }
        for chain in self.chain_models().await? {
            matching::rematch_chain(self, connection, chain.id).await?;
        }
        let row = setting::ActiveModel {
            id: held.as_ref().map_or(NotSet, |(held, _)| Set(held.id)),
            key: Set(APPLIED_MATCHING.to_owned()),
            value: Set(json!(wanted)),
            updated_at: Set(self.now()),
        };
        if held.is_some() {
            row.update(connection).await?;
        } else {
            row.insert(connection).await?;
        }
        // The search index and every kept map were made from the matches.
        crate::search::announce_rebuild(connection, self.now()).await?;
        Ok(true)
    }
}

/// What stored matches depend on beside companies and chains.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Matching {
    threshold: f64,
    /// Number of the list of product relations.
    products: i64,
}

impl Default for Matching {
    fn default() -> Self {
        Self {
            threshold: AtlasSettings::default().match_threshold,
            products: 0,
        }
    }
}
