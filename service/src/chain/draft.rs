//! The draft of a chain: edited in small steps by several people, undone, compared, and published as a whole.

use std::collections::BTreeMap;

use domain::{
    account::{Action, Actor},
    chain::{
        ChainEdit, ChainField, ChainFile, ChainPlace, ChangeKind, DraftView, SnapshotReason, apply,
        check, difference, rebase, undo,
    },
    problem::Problem,
};
use entity::{chain, chain_draft};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
};
use serde_json::json;

use super::{export::published, import::ChainImported};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    require,
};

/// Steps that can be undone; older ones are part of the draft for good.
const UNDO_STEPS: usize = 100;

/// A stored draft, read.
struct Draft {
    row: chain_draft::Model,
    base: ChainFile,
    file: ChainFile,
    /// The way back from each step, the newest last.
    undo: Vec<Vec<ChainEdit>>,
}

impl Draft {
    fn read(row: chain_draft::Model) -> ServiceResult<Self> {
        let read = |value: &serde_json::Value| {
            serde_json::from_value::<ChainFile>(value.clone()).map_err(ServiceError::internal)
        };
        Ok(Self {
            base: read(&row.base)?,
            file: read(&row.file)?,
            undo: serde_json::from_value(row.undo.clone()).map_err(ServiceError::internal)?,
            row,
        })
    }
}

async fn find_draft(
    connection: &impl ConnectionTrait,
    chain_id: i64,
) -> ServiceResult<Option<Draft>> {
    chain_draft::Entity::find()
        .filter(chain_draft::Column::ChainId.eq(chain_id))
        .one(connection)
        .await?
        .map(Draft::read)
        .transpose()
}

async fn find_chain(
    connection: &impl ConnectionTrait,
    chain_id: i64,
) -> ServiceResult<chain::Model> {
    Ok(chain::Entity::find_by_id(chain_id)
        .one(connection)
        .await?
        .ok_or(Problem::NotFound)?)
}

impl Service {
    /// The draft of a chain, or its published form when there is none.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn chain_draft(&self, actor: &Actor, chain_id: i64) -> ServiceResult<DraftView> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let chain = find_chain(database, chain_id).await?;
        let now_published = published(database, &chain).await?;
        let draft = find_draft(database, chain_id).await?;
        let people = self
            .account_names(draft.iter().map(|draft| draft.row.account_id))
            .await?;
        let (base_version, version, steps) =
            draft.as_ref().map_or((chain.version, 0, 0), |draft| {
                (draft.row.base_version, draft.row.version, draft.undo.len())
            });
        let by = draft
            .as_ref()
            .and_then(|draft| people.get(&draft.row.account_id).cloned());
        let updated_at = draft.as_ref().map(|draft| draft.row.updated_at);
        let (base, file) = draft.map_or_else(
            || (now_published.clone(), now_published.clone()),
            |draft| (draft.base, draft.file),
        );
        Ok(DraftView {
            chain_id,
            chain_name: chain.name,
            published_version: chain.version,
            base_version,
            version,
            changes: difference(&base, &file),
            findings: check(&file),
            file,
            by,
            updated_at,
            undo_steps: steps,
            may_edit: actor.may(Action::EditChain),
        })
    }

    /// Makes one change in the draft, which begins with the first one.
    ///
    /// # Errors
    /// [`Problem::ChainEdit`] when somebody else changed the same field, or the change cannot be;
    /// [`Problem::NotFound`], [`Problem::Forbidden`]. The draft stays as it was then.
    pub async fn edit_chain(
        &self,
        actor: &Actor,
        chain_id: i64,
        edit: ChainEdit,
    ) -> ServiceResult<()> {
        require(actor, Action::EditChain)?;
        let transaction = self.database.begin().await?;
        let chain = find_chain(&transaction, chain_id).await?;
        let draft = find_draft(&transaction, chain_id).await?;
        let (base, file, mut steps) = match &draft {
            Some(draft) => (draft.base.clone(), draft.file.clone(), draft.undo.clone()),
            None => {
                let file = published(&transaction, &chain).await?;
                (file.clone(), file, Vec::new())
            }
        };
        let applied = apply(&file, &edit).map_err(|problem| Problem::ChainEdit { problem })?;
        steps.push(applied.undo);
        let surplus = steps.len().saturating_sub(UNDO_STEPS);
        steps.drain(..surplus);
        let base_version = draft
            .as_ref()
            .map_or(chain.version, |draft| draft.row.base_version);
        self.store_draft(
            &transaction,
            actor,
            draft.map(|draft| draft.row),
            (chain_id, base_version),
            (&base, &applied.file, &steps),
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn store_draft(
        &self,
        connection: &impl ConnectionTrait,
        actor: &Actor,
        row: Option<chain_draft::Model>,
        (chain_id, base_version): (i64, i64),
        (base, file, steps): (&ChainFile, &ChainFile, &[Vec<ChainEdit>]),
    ) -> ServiceResult<()> {
        let version = row.as_ref().map_or(1, |row| row.version + 1);
        let mut change = row.map_or_else(
            || chain_draft::ActiveModel {
                chain_id: Set(chain_id),
                ..Default::default()
            },
            Into::into,
        );
        change.base_version = Set(base_version);
        change.base = Set(json!(base));
        change.file = Set(json!(file));
        change.undo = Set(json!(steps));
        change.account_id = Set(actor.account_id);
        change.updated_at = Set(self.now());
        change.version = Set(version);
        if version == 1 {
            change.insert(connection).await?;
        } else {
            change.update(connection).await?;
        }
        Ok(())
    }

    /// Takes back the newest step of the draft. Without one nothing happens.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn undo_chain_edit(&self, actor: &Actor, chain_id: i64) -> ServiceResult<()> {
        require(actor, Action::EditChain)?;
        let transaction = self.database.begin().await?;
        find_chain(&transaction, chain_id).await?;
        let Some(mut draft) = find_draft(&transaction, chain_id).await? else {
            return Ok(());
        };
        let Some(step) = draft.undo.pop() else {
            return Ok(());
        };
        let back = undo(&draft.file, &step).map_err(|problem| Problem::ChainEdit { problem })?;
        let base_version = draft.row.base_version;
        self.store_draft(
            &transaction,
            actor,
            Some(draft.row),
            (chain_id, base_version),
            (&draft.base, &back.file, &draft.undo),
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Throws the draft away; what was published stays.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn discard_draft(&self, actor: &Actor, chain_id: i64) -> ServiceResult<()> {
        require(actor, Action::EditChain)?;
        let transaction = self.database.begin().await?;
        find_chain(&transaction, chain_id).await?;
        if let Some(draft) = find_draft(&transaction, chain_id).await? {
            chain_draft::Entity::delete_by_id(draft.row.id)
                .exec(&transaction)
                .await?;
            audit::record(
                &transaction,
                Some(actor),
                self.now(),
                Change {
                    action: "delete",
                    entity: "chain_draft",
                    entity_id: draft.row.id,
                    before: Some(draft.row.file),
                    after: None,
                },
            )
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// Publishes the draft. What was published meanwhile is merged in; the map before is kept as a snapshot.
    ///
    /// # Errors
    /// [`Problem::DraftConflict`] with the fields that differ when both changed the same; [`Problem::ChainFile`]
    /// with every fault; [`Problem::NodeInUse`]; [`Problem::NotFound`] without a draft; [`Problem::Forbidden`].
    pub async fn publish_draft(
        &self,
        actor: &Actor,
        chain_id: i64,
    ) -> ServiceResult<ChainImported> {
        require(actor, Action::EditChain)?;
        if find_draft(self.database.read(), chain_id).await?.is_none() {
            return Err(Problem::NotFound.into());
        }
        self.store_snapshot(Some(actor), chain_id, SnapshotReason::Published)
            .await?;
        let transaction = self.database.begin().await?;
        let chain = find_chain(&transaction, chain_id).await?;
        let draft = find_draft(&transaction, chain_id)
            .await?
            .ok_or(Problem::NotFound)?;
        let there = published(&transaction, &chain).await?;
        let file = if chain.version == draft.row.base_version {
            draft.file
        } else {
            let rebased = rebase(&draft.base, &draft.file, &there);
            if !rebased.conflicts.is_empty() {
                return Err(Problem::DraftConflict {
                    conflicts: rebased.conflicts,
                }
                .into());
            }
            rebased.file
        };
        let problems = file.problems();
        if !problems.is_empty() {
            return Err(Problem::ChainFile { problems }.into());
        }
        let imported = self
            .write_chain(&transaction, actor, &file, &renames(&there, &file))
            .await?;
        chain_draft::Entity::delete_by_id(draft.row.id)
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(imported)
    }
}

/// Old code of each renamed node by its new one: leads and matches point to the node, not to its code.
fn renames(before: &ChainFile, after: &ChainFile) -> BTreeMap<String, String> {
    difference(before, after)
        .into_iter()
        .filter(|change| change.kind == ChangeKind::Changed)
        .filter_map(|change| {
            let ChainPlace::Node { node } = change.place else {
                return None;
            };
            let code = change
                .fields
                .into_iter()
                .find(|field| field.field == ChainField::Code)?;
            Some((node, code.before?))
        })
        .collect()
}
