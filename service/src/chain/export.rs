//! A chain as the file it could come back from.

use domain::{
    account::{Action, Actor},
    chain::{ChainEdge, ChainFile, ChainNode, SheetRows, Stream},
};
use entity::{chain, chain_edge, chain_node};
use rust_xlsxwriter::Workbook;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use std::collections::HashMap;

use super::matching::strings;
use crate::{Service, ServiceError, ServiceResult, require};

/// The published form of a chain.
pub(super) async fn published(
    connection: &impl ConnectionTrait,
    chain: &chain::Model,
) -> ServiceResult<ChainFile> {
    let nodes = chain_node::Entity::find()
        .filter(chain_node::Column::ChainId.eq(chain.id))
        .order_by_asc(chain_node::Column::Position)
        .all(connection)
        .await?;
    let edges = chain_edge::Entity::find()
        .filter(chain_edge::Column::ChainId.eq(chain.id))
        .order_by_asc(chain_edge::Column::Id)
        .all(connection)
        .await?;
    let codes: HashMap<i64, String> = nodes
        .iter()
        .map(|node| (node.id, node.code.clone()))
        .collect();
    Ok(ChainFile {
        code: chain.code.clone(),
        name: chain.name.clone(),
        description: Some(chain.description.clone()).filter(|text| !text.is_empty()),
        chief: chain.chief.clone(),
        source: chain.source.clone(),
        nodes: nodes
            .into_iter()
            .map(|node| ChainNode {
                stage: Stream::parse(&node.stage).unwrap_or(Stream::Midstream),
                aliases: strings(&node.aliases),
                keywords: strings(&node.keywords),
                group: node.group_name,
                code: node.code,
                name: node.name,
                priority: node.priority,
                priority_source: node.priority_source,
            })
            .collect(),
        edges: edges
            .into_iter()
            .filter_map(|edge| {
                Some(ChainEdge {
                    from: codes.get(&edge.from_node_id)?.clone(),
                    to: codes.get(&edge.to_node_id)?.clone(),
                    coefficient: edge.coefficient,
                })
            })
            .collect(),
    })
}

impl Service {
    /// The published form of a chain, as `import chain` reads it.
    ///
    /// # Errors
    /// `Problem::NotFound`.
    pub async fn chain_file(&self, actor: &Actor, chain_id: i64) -> ServiceResult<ChainFile> {
        require(actor, Action::ReadZone)?;
        let chain = chain::Entity::find_by_id(chain_id)
            .one(self.database.read())
            .await?
            .ok_or(domain::problem::Problem::NotFound)?;
        published(self.database.read(), &chain).await
    }

    /// The same as a workbook of two sheets, 环节 and 关系. Every cell is text or a number, never a formula.
    ///
    /// # Errors
    /// `Problem::NotFound`.
    pub async fn chain_workbook(&self, actor: &Actor, chain_id: i64) -> ServiceResult<Vec<u8>> {
        let file = self.chain_file(actor, chain_id).await?;
        tokio::task::spawn_blocking(move || workbook(&file))
            .await
            .map_err(ServiceError::internal)?
            .map_err(ServiceError::internal)
    }
}

fn workbook(file: &ChainFile) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let (nodes, edges) = file.to_rows();
    let mut book = Workbook::new();
    for (name, rows) in [("环节", nodes), ("关系", edges)] {
        write_sheet(&mut book, name, &rows)?;
    }
    book.save_to_buffer()
}

fn write_sheet(
    book: &mut Workbook,
    name: &str,
    rows: &SheetRows,
) -> Result<(), rust_xlsxwriter::XlsxError> {
    let sheet = book.add_worksheet();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(cells) {
            sheet.write_string(row, column, cell)?;
        }
    }
    sheet.autofit();
    Ok(())
}
