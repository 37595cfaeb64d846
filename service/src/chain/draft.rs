//! The draft of a chain: edited in small steps by several people, undone, compared, and published as a whole.

use std::collections::BTreeMap;

use domain::{
    account::{Action, Actor},
    chain::{
        Applied, ChainEdit, ChainField, ChainFile, ChainNode, ChainPlace, ChangeKind, DraftView,
        NewChain, SnapshotReason, Stream, apply, apply_all, check, difference,
        edit::{CODE_LIMIT, NAME_LIMIT, is_code_character},
        rebase, undo,
    },
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{chain, chain_draft};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, QueryFilter, QuerySelect, sea_query::LockType,
};
use serde_json::json;

use super::{
    export::published,
    import::{ChainImported, read_file},
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    needed_text, require,
};

/// Steps that can be undone; older ones are part of the draft for good.
const UNDO_STEPS: usize = 100;
/// Bytes of JSON that all steps to undo may have together; the newest one is kept whatever its size.
const UNDO_BYTES: usize = 8 * 1024 * 1024;
/// Changes made in one step.
const EDITS: usize = 500;

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

/// The chain, held until the transaction ends: whoever changes its draft has read the newest one.
async fn hold_chain(
    transaction: &DatabaseTransaction,
    chain_id: i64,
) -> ServiceResult<chain::Model> {
    Ok(chain::Entity::find_by_id(chain_id)
        .lock(LockType::NoKeyUpdate)
        .one(transaction)
        .await?
        .ok_or(Problem::NotFound)?)
}

/// What somebody sees when they look at a draft: published version, draft and its step. It changes with each of them.
fn mark(chain: &chain::Model, draft: Option<&chain_draft::Model>) -> String {
    let (id, version) = draft.map_or((0, 0), |draft| (draft.id, draft.version));
    format!("{}.{id}.{version}", chain.version)
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
        let mark = mark(&chain, draft.as_ref().map(|draft| &draft.row));
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
            mark,
            changes: difference(&base, &file),
            findings: check(&file),
            file,
            by,
            updated_at,
            undo_steps: steps,
            may_edit: actor.may(Action::EditChain),
        })
    }

    /// Makes some changes in the draft, which begins with the first ones: all or none, and one step to undo.
    ///
    /// # Errors
    /// [`Problem::ChainEdit`] when somebody else changed the same field, or a change cannot be;
    /// [`Problem::Invalid`] for none or too many; [`Problem::NotFound`], [`Problem::Forbidden`]. The draft stays as it
    /// was then.
    pub async fn edit_chain(
        &self,
        actor: &Actor,
        chain_id: i64,
        edits: Vec<ChainEdit>,
    ) -> ServiceResult<()> {
        require(actor, Action::EditChain)?;
        if edits.is_empty() || edits.len() > EDITS {
            #[allow(clippy::cast_precision_loss, reason = "some hundreds")]
            let until = EDITS as f64;
            let kind = FieldProblemKind::OutOfRange { from: 1.0, until };
            return Err(Problem::invalid("edits", kind).into());
        }
        let step = |_: &str, file: &ChainFile| {
            apply_all(file, &edits).map_err(|problem| Problem::ChainEdit { problem }.into())
        };
        self.step_draft(actor, chain_id, step).await
    }

    /// Puts a file in the place of the draft, as one step. `seen` is the mark of the draft that the person saw.
    ///
    /// # Errors
    /// [`Problem::ChainFile`] with every fault and its row; [`Problem::Stale`] when somebody changed the draft
    /// meanwhile; [`Problem::ChainEdit`] for the file of another chain; [`Problem::Table`] for a workbook that cannot
    /// be read; [`Problem::NotFound`], [`Problem::Forbidden`]. The draft stays as it was then.
    pub async fn upload_draft(
        &self,
        actor: &Actor,
        chain_id: i64,
        seen: &str,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> ServiceResult<()> {
        require(actor, Action::EditChain)?;
        let uploaded = read_file(file_name, bytes).await?;
        let step = |mark: &str, file: &ChainFile| {
            if mark != seen {
                let (fields, version) = (Vec::new(), 0);
                return Err(Problem::Stale { fields, version }.into());
            }
            let edit = ChainEdit::Replace {
                before: file.clone(),
                after: uploaded.clone(),
            };
            apply(file, &edit).map_err(|problem| Problem::ChainEdit { problem }.into())
        };
        self.step_draft(actor, chain_id, step).await
    }

    /// Begins a chain with one node and returns its id; the rest is drawn in the editor.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for a code or name that cannot be or that a chain has, [`Problem::Forbidden`].
    pub async fn new_chain(&self, actor: &Actor, new: NewChain) -> ServiceResult<i64> {
        require(actor, Action::EditChain)?;
        let mut fields = Vec::new();
        let code = needed_text("code", new.code, CODE_LIMIT, &mut fields);
        let name = needed_text("name", new.name, NAME_LIMIT, &mut fields);
        let node = needed_text("node", new.node, NAME_LIMIT, &mut fields);
        if !code.chars().all(is_code_character) {
            fields.push(FieldProblem::new("code", FieldProblemKind::Unknown));
        }
        let file = ChainFile {
            code,
            name,
            nodes: vec![ChainNode {
                code: "n1".to_owned(),
                name: node,
                stage: Stream::Midstream,
                group: None,
                aliases: Vec::new(),
                keywords: Vec::new(),
                priority: None,
                priority_source: None,
            }],
            ..ChainFile::default()
        };
        let transaction = self.database.begin().await?;
        let taken = chain::Entity::find()
            .filter(chain::Column::Code.eq(&file.code))
            .one(&transaction)
            .await?;
        if taken.is_some() {
            fields.push(FieldProblem::new("code", FieldProblemKind::Taken));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let written = self
            .write_chain(&transaction, actor, &file, &BTreeMap::new())
            .await?;
        transaction.commit().await?;
        Ok(written.chain_id)
    }

    /// One step of the draft: `make` gets its mark and its file.
    async fn step_draft(
        &self,
        actor: &Actor,
        chain_id: i64,
        make: impl Fn(&str, &ChainFile) -> ServiceResult<Applied>,
    ) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let chain = hold_chain(&transaction, chain_id).await?;
        let draft = find_draft(&transaction, chain_id).await?;
        let (base, file, mut steps) = match &draft {
            Some(draft) => (draft.base.clone(), draft.file.clone(), draft.undo.clone()),
            None => {
                let file = published(&transaction, &chain).await?;
                (file.clone(), file, Vec::new())
            }
        };
        let mark = mark(&chain, draft.as_ref().map(|draft| &draft.row));
        let applied = make(&mark, &file)?;
        if applied.undo.is_empty() {
            return Ok(());
        }
        steps.push(applied.undo);
        let surplus = steps.len().saturating_sub(UNDO_STEPS);
        steps.drain(..surplus);
        // A file in the draft's place is undone with two whole files; the oldest steps make room.
        let size = |step: &Vec<ChainEdit>| serde_json::to_vec(step).map_or(0, |bytes| bytes.len());
        let mut sizes: Vec<usize> = steps.iter().map(size).collect();
        while steps.len() > 1 && sizes.iter().sum::<usize>() > UNDO_BYTES {
            steps.remove(0);
            sizes.remove(0);
        }
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
        hold_chain(&transaction, chain_id).await?;
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
        hold_chain(&transaction, chain_id).await?;
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
        let chain = hold_chain(&transaction, chain_id).await?;
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
