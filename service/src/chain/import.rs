//! A chain comes in as a file and replaces the chain of the same code as a whole, or not at all.

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    account::{Action, Actor},
    chain::{ChainFile, ChainFileProblem, from_rows, parse_chain},
    problem::Problem,
};
use entity::{chain, chain_edge, chain_node, lead};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::{NotSet, Set},
    ColumnTrait, DatabaseTransaction, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    sea_query::LockType,
};
use serde_json::json;

use super::{export::published, matching};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    enterprise::table::{TableLimits, is_workbook, read_sheets},
    require,
};

/// What a chain import did.
#[derive(Clone, Debug, PartialEq)]
pub struct ChainImported {
    pub chain_id: i64,
    pub nodes: usize,
    pub edges: usize,
    /// Company–node matches found in the directory.
    pub matches: u64,
    /// What is no fault, but worth a look.
    pub warnings: Vec<ChainFileProblem>,
}

impl Service {
    /// Reads a chain file (XLSX, JSON or CSV by its content and name) and stores it.
    ///
    /// # Errors
    /// [`Problem::ChainFile`] with every fault and its place, [`Problem::Table`] for a workbook that cannot be read,
    /// [`Problem::NodeInUse`] when a node that
    /// leads point to is gone from the file, [`Problem::Forbidden`]. Nothing is written then.
    pub async fn import_chain(
        &self,
        actor: &Actor,
        file_name: &str,
        bytes: &[u8],
    ) -> ServiceResult<ChainImported> {
        require(actor, Action::EditChain)?;
        let file = read_file(file_name, bytes.to_vec()).await?;
        self.store_chain(actor, &file).await
    }

    pub(crate) async fn store_chain(
        &self,
        actor: &Actor,
        file: &ChainFile,
    ) -> ServiceResult<ChainImported> {
        let transaction = self.database.begin().await?;
        let imported = self
            .write_chain(&transaction, actor, file, &BTreeMap::new())
            .await?;
        transaction.commit().await?;
        Ok(imported)
    }

    /// Writes a whole chain in the caller's transaction. `renames` gives the old code of a node by its new one.
    #[allow(clippy::too_many_lines, reason = "one transaction, told in its order")]
    pub(super) async fn write_chain(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        file: &ChainFile,
        renames: &BTreeMap<String, String>,
    ) -> ServiceResult<ChainImported> {
        let now = self.now();
        let existing = chain::Entity::find()
            .filter(chain::Column::Code.eq(&file.code))
            .lock(LockType::NoKeyUpdate)
            .one(transaction)
            .await?;
        let replaced = match &existing {
            Some(found) => serde_json::to_value(published(transaction, found).await?).ok(),
            None => None,
        };
        let chain_id = match &existing {
            Some(found) => {
                let mut change: chain::ActiveModel = found.clone().into();
                change.name = Set(file.name.clone());
                change.description = Set(file.description.clone().unwrap_or_default());
                change.chief = Set(file.chief.clone());
                change.source = Set(file.source.clone());
                change.version = Set(found.version + 1);
                change.updated_at = Set(now);
                change.update(transaction).await?;
                found.id
            }
            None => {
                let position = chain::Entity::find().count(transaction).await?;
                chain::ActiveModel {
                    code: Set(file.code.clone()),
                    name: Set(file.name.clone()),
                    description: Set(file.description.clone().unwrap_or_default()),
                    chief: Set(file.chief.clone()),
                    source: Set(file.source.clone()),
                    position: Set(i32::try_from(position).unwrap_or(i32::MAX)),
                    version: Set(1),
                    updated_at: Set(now),
                    ..Default::default()
                }
                .insert(transaction)
                .await?
                .id
            }
        };
        // Nodes keep their ids through an import, because leads point to them.
        let before: BTreeMap<String, chain_node::Model> = chain_node::Entity::find()
            .filter(chain_node::Column::ChainId.eq(chain_id))
            .all(transaction)
            .await?
            .into_iter()
            .map(|node| (node.code.clone(), node))
            .collect();
        let old_code =
            |code: &'_ str| -> String { renames.get(code).map_or(code, String::as_str).to_owned() };
        let codes: BTreeSet<String> = file.nodes.iter().map(|node| old_code(&node.code)).collect();
        for (code, node) in &before {
            if codes.contains(code) {
                continue;
            }
            let leads = lead::Entity::find()
                .filter(lead::Column::ChainNodeId.eq(node.id))
                .count(transaction)
                .await?;
            if leads > 0 {
                return Err(Problem::NodeInUse {
                    node: node.name.clone(),
                    leads,
                }
                .into());
            }
            chain_node::Entity::delete_by_id(node.id)
                .exec(transaction)
                .await?;
        }
        let mut ids: BTreeMap<&str, i64> = BTreeMap::new();
        for (position, node) in (0..).zip(&file.nodes) {
            let known = before.get(&old_code(&node.code));
            let model = chain_node::ActiveModel {
                id: known.map_or(NotSet, |known| Set(known.id)),
                chain_id: Set(chain_id),
                code: Set(node.code.clone()),
                name: Set(node.name.clone()),
                stage: Set(node.stage.code().to_owned()),
                group_name: Set(node.group.clone()),
                aliases: Set(json!(node.aliases)),
                keywords: Set(json!(node.keywords)),
                priority: Set(node.priority),
                priority_source: Set(node.priority_source.clone()),
                position: Set(position),
            };
            let stored = if known.is_some() {
                model.update(transaction).await?
            } else {
                model.insert(transaction).await?
            };
            ids.insert(&node.code, stored.id);
        }
        chain_edge::Entity::delete_many()
            .filter(chain_edge::Column::ChainId.eq(chain_id))
            .exec(transaction)
            .await?;
        let mut edges: Vec<chain_edge::ActiveModel> = file
            .edges
            .iter()
            .filter_map(|edge| {
                Some(chain_edge::ActiveModel {
                    chain_id: Set(chain_id),
                    from_node_id: Set(*ids.get(edge.from.as_str())?),
                    to_node_id: Set(*ids.get(edge.to.as_str())?),
                    coefficient: Set(edge.coefficient),
                    ..Default::default()
                })
            })
            .collect();
        // A statement of SQLite takes 32,766 values at most.
        while !edges.is_empty() {
            let rest = edges.split_off(edges.len().min(2000));
            chain_edge::Entity::insert_many(edges)
                .exec(transaction)
                .await?;
            edges = rest;
        }
        let matches = matching::rematch_chain(self, transaction, chain_id).await?;
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: if existing.is_some() { "replace" } else { "add" },
                entity: "chain",
                entity_id: chain_id,
                before: replaced,
                after: serde_json::to_value(file).ok(),
            },
        )
        .await?;
        Ok(ChainImported {
            chain_id,
            nodes: file.nodes.len(),
            edges: file.edges.len(),
            matches,
            warnings: file.warnings(),
        })
    }
}

/// A chain from the bytes of a file: a workbook of two sheets, JSON or CSV.
pub(super) async fn read_file(file_name: &str, bytes: Vec<u8>) -> ServiceResult<ChainFile> {
    let name = file_name.to_owned();
    let read = tokio::task::spawn_blocking(move || -> ServiceResult<ChainFile> {
        let faults = |problems| Problem::ChainFile { problems }.into();
        if !is_workbook(&name, &bytes) {
            return parse_chain(&name, &decode(&bytes)).map_err(faults);
        }
        let mut sheets = read_sheets(&bytes, &TableLimits::default())
            .map_err(Problem::from)?
            .into_iter();
        let nodes = sheets.next().unwrap_or_default();
        let edges = sheets.next().unwrap_or_default();
        from_rows(&nodes, &edges).map_err(faults)
    });
    read.await.map_err(ServiceError::internal)?
}

/// UTF-8 with or without its mark, else GB18030, which reads anything.
pub(super) fn decode(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_or_else(
        |_| encoding_rs::GB18030.decode(bytes).0.into_owned(),
        str::to_owned,
    );
    text.replace('\0', "")
}
