//! From products to nodes, kept in the table `chain_match` so that a map of 100,000 companies is read, not
//! searched.

use std::collections::HashMap;

use domain::chain::{MatchKind, Matcher, NodeTerms};
use entity::{chain_match, chain_node, enterprise_product};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use crate::{ServiceError, ServiceResult};

const BATCH: u64 = 2000;

/// An enterprise and its products with their shares of revenue.
type Portfolio = (i64, Vec<(String, Option<f64>)>);
/// A node with its name, aliases and keywords.
type OwnedTerms = (i64, String, Vec<String>, Vec<String>);

pub(crate) fn strings(value: &serde_json::Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

pub(super) const fn kind_key(kind: MatchKind) -> &'static str {
    match kind {
        MatchKind::NameExact => "name_exact",
        MatchKind::AliasExact => "alias_exact",
        MatchKind::NameContained => "name_contained",
        MatchKind::AliasContained => "alias_contained",
        MatchKind::Keyword => "keyword",
    }
}

/// One matcher a chain: a term that two chains use counts in both.
async fn matchers(
    connection: &impl ConnectionTrait,
    chain_id: Option<i64>,
) -> ServiceResult<Vec<(i64, Matcher)>> {
    let mut query = chain_node::Entity::find().order_by_asc(chain_node::Column::Id);
    if let Some(chain_id) = chain_id {
        query = query.filter(chain_node::Column::ChainId.eq(chain_id));
    }
    let mut by_chain: HashMap<i64, Vec<OwnedTerms>> = HashMap::new();
    for node in query.all(connection).await? {
        by_chain.entry(node.chain_id).or_default().push((
            node.id,
            node.name,
            strings(&node.aliases),
            strings(&node.keywords),
        ));
    }
    let mut matchers = Vec::with_capacity(by_chain.len());
    for (chain_id, nodes) in by_chain {
        let terms: Vec<NodeTerms<'_>> = nodes
            .iter()
            .map(|(id, name, aliases, keywords)| {
                (*id, name.as_str(), aliases.as_slice(), keywords.as_slice())
            })
            .collect();
        let matcher =
            Matcher::new(&terms).map_err(|error| ServiceError::internal(format!("{error:?}")))?;
        matchers.push((chain_id, matcher));
    }
    matchers.sort_by_key(|(chain_id, _)| *chain_id);
    Ok(matchers)
}

async fn match_batch(
    connection: &impl ConnectionTrait,
    matchers: &[(i64, Matcher)],
    products: Vec<Portfolio>,
) -> Result<u64, DbErr> {
    let mut rows = Vec::new();
    for (enterprise_id, products) in products {
        for (chain_id, matcher) in matchers {
            for found in matcher.match_products(&products) {
                rows.push(chain_match::ActiveModel {
                    chain_id: Set(*chain_id),
                    node_id: Set(found.node_id),
                    enterprise_id: Set(enterprise_id),
                    share: Set(found.share),
                    confidence: Set(found.confidence),
                    product: Set(found.product),
                    term: Set(found.term),
                    kind: Set(kind_key(found.kind).to_owned()),
                    counted: Set(found.counted),
                    ..Default::default()
                });
            }
        }
    }
    let count = rows.len() as u64;
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(500));
        chain_match::Entity::insert_many(rows)
            .exec(connection)
            .await?;
        rows = rest;
    }
    Ok(count)
}

/// Groups rows ordered by enterprise.
fn grouped(rows: Vec<enterprise_product::Model>) -> Vec<Portfolio> {
    let mut groups: Vec<Portfolio> = Vec::new();
    for row in rows {
        match groups.last_mut() {
            Some((id, products)) if *id == row.enterprise_id => {
                products.push((row.name, row.revenue_share));
            }
            _ => groups.push((row.enterprise_id, vec![(row.name, row.revenue_share)])),
        }
    }
    groups
}

/// Matches the whole directory to one chain again, in the caller's transaction.
pub(super) async fn rematch_chain(
    connection: &impl ConnectionTrait,
    chain_id: i64,
) -> ServiceResult<u64> {
    chain_match::Entity::delete_many()
        .filter(chain_match::Column::ChainId.eq(chain_id))
        .exec(connection)
        .await?;
    let matchers = matchers(connection, Some(chain_id)).await?;
    let mut count = 0;
    let mut after = 0;
    loop {
        let ids: Vec<i64> = enterprise_product::Entity::find()
            .select_only()
            .column(enterprise_product::Column::EnterpriseId)
            .distinct()
            .filter(enterprise_product::Column::EnterpriseId.gt(after))
            .order_by_asc(enterprise_product::Column::EnterpriseId)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some(last) = ids.last().copied() else {
            return Ok(count);
        };
        let rows = enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.gt(after))
            .filter(enterprise_product::Column::EnterpriseId.lte(last))
            .order_by_asc(enterprise_product::Column::EnterpriseId)
            .order_by_asc(enterprise_product::Column::Position)
            .all(connection)
            .await?;
        count += match_batch(connection, &matchers, grouped(rows)).await?;
        after = last;
    }
}

/// Matches some enterprises to every chain again, in the caller's transaction.
pub(crate) async fn rematch_enterprises(
    connection: &impl ConnectionTrait,
    enterprise_ids: &[i64],
) -> ServiceResult<()> {
    let matchers = matchers(connection, None).await?;
    for chunk in enterprise_ids.chunks(500) {
        chain_match::Entity::delete_many()
            .filter(chain_match::Column::EnterpriseId.is_in(chunk.iter().copied()))
            .exec(connection)
            .await?;
        if matchers.is_empty() {
            continue;
        }
        let rows = enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.is_in(chunk.iter().copied()))
            .order_by_asc(enterprise_product::Column::EnterpriseId)
            .order_by_asc(enterprise_product::Column::Position)
            .all(connection)
            .await?;
        match_batch(connection, &matchers, grouped(rows)).await?;
    }
    Ok(())
}
