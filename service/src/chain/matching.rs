//! From a company's business to nodes, kept in the table `chain_match` so that a map of 100,000 companies is read,
//! not searched. People's decisions are kept apart and applied each time, so no import can undo them.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use domain::chain::{
    Business, MatchDecision, MatchSettings, MatchVerdict, Matcher, NodeTerms, RelationKind,
};
use entity::{
    chain_match, chain_node, enterprise, enterprise_product, match_decision, reference_relation,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::reference::list_numbers;
use crate::{Service, ServiceError, ServiceResult};

const BATCH: u64 = 2000;

/// A node with its name, aliases and keywords.
type OwnedTerms = (i64, String, Vec<String>, Vec<String>);
/// What a folded product is a kind of.
type Broader = HashMap<String, Vec<String>>;

/// The subclasses of the reference graph, as of the list's number. May be dropped at any time.
#[derive(Clone, Default)]
pub struct SubclassCache(Arc<Mutex<Held>>);

type Held = Option<(i64, Arc<Broader>)>;

pub(crate) fn strings(value: &serde_json::Value) -> Vec<String> {
    value
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|item| item.as_str().map(str::to_owned))
        .collect()
}

/// All that judging a company takes, read once for many.
struct Judge {
    /// One matcher a chain: a term that two chains use counts in both.
    matchers: Vec<(i64, Matcher)>,
    broader: Arc<Broader>,
}

impl Judge {
    async fn of(
        service: &Service,
        connection: &impl ConnectionTrait,
        chain_id: Option<i64>,
    ) -> ServiceResult<Self> {
        let (_, settings) = service.settings_in_force(connection).await?;
        let mut query = chain_node::Entity::find().order_by_asc(chain_node::Column::Id);
        if let Some(chain_id) = chain_id {
            query = query.filter(chain_node::Column::ChainId.eq(chain_id));
        }
        let mut by_chain: BTreeMap<i64, Vec<OwnedTerms>> = BTreeMap::new();
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
            let settings = MatchSettings {
                threshold: settings.match_threshold,
            };
            let matcher = Matcher::with_settings(&terms, settings)
                .map_err(|error| ServiceError::internal(format!("{error:?}")))?;
            matchers.push((chain_id, matcher));
        }
        Ok(Self {
            matchers,
            broader: broader(service, connection).await?,
        })
    }
}

async fn broader(
    service: &Service,
    connection: &impl ConnectionTrait,
) -> ServiceResult<Arc<Broader>> {
    let (newest, _) = list_numbers(connection).await?;
    let cache = &service.subclass_cache.0;
    if let Some((held, broader)) = &*cache.lock().unwrap_or_else(PoisonError::into_inner)
        && *held == newest
    {
        return Ok(Arc::clone(broader));
    }
    let mut map = Broader::new();
    if newest > 0 {
        let rows: Vec<(String, String)> = reference_relation::Entity::find()
            .select_only()
            .column(reference_relation::Column::Input)
            .column(reference_relation::Column::Output)
            .filter(reference_relation::Column::Relation.eq(RelationKind::Subclass.key()))
            .into_tuple()
            .all(connection)
            .await?;
        for (kind, wider) in rows {
            map.entry(domain::text::fold(&kind))
                .or_default()
                .push(wider);
        }
    }
    let broader = Arc::new(map);
    *cache.lock().unwrap_or_else(PoisonError::into_inner) = Some((newest, Arc::clone(&broader)));
    Ok(broader)
}

/// Writes the matches of companies whose old matches are gone already.
async fn match_companies(
    connection: &impl ConnectionTrait,
    judge: &Judge,
    companies: &[i64],
) -> ServiceResult<u64> {
    let mut products: HashMap<i64, Vec<(String, Option<f64>)>> = HashMap::new();
    for row in enterprise_product::Entity::find()
        .filter(enterprise_product::Column::EnterpriseId.is_in(companies.iter().copied()))
        .order_by_asc(enterprise_product::Column::EnterpriseId)
        .order_by_asc(enterprise_product::Column::Position)
        .all(connection)
        .await?
    {
        products
            .entry(row.enterprise_id)
            .or_default()
            .push((row.name, row.revenue_share));
    }
    let texts: Vec<(i64, Option<String>, Option<String>)> = enterprise::Entity::find()
        .select_only()
        .column(enterprise::Column::Id)
        .column(enterprise::Column::BusinessScope)
        .column(enterprise::Column::Industry)
        .filter(enterprise::Column::Id.is_in(companies.iter().copied()))
        .order_by_asc(enterprise::Column::Id)
        .into_tuple()
        .all(connection)
        .await?;
    let decisions = decisions(connection, companies).await?;
    let mut rows = Vec::new();
    for (id, scope, industry) in &texts {
        let own = products.get(id).map(Vec::as_slice).unwrap_or_default();
        let business = Business {
            products: own,
            scope: scope.as_deref(),
            industry: industry.as_deref(),
        };
        let decided = decisions.get(id).map(Vec::as_slice).unwrap_or_default();
        let broader = |product: &str| judge.broader.get(product).cloned().unwrap_or_default();
        for (chain_id, matcher) in &judge.matchers {
            for found in matcher.match_business(&business, decided, &broader) {
                rows.push(chain_match::ActiveModel {
                    chain_id: Set(*chain_id),
                    node_id: Set(found.node_id),
                    enterprise_id: Set(*id),
                    share: Set(found.share),
                    confidence: Set(found.confidence),
                    product: Set(found.product),
                    term: Set(found.term),
                    kind: Set(found.kind.key().to_owned()),
                    counted: Set(found.counted),
                    verdict: Set(found.verdict.map(|verdict| verdict.key().to_owned())),
                    ..Default::default()
                });
            }
        }
    }
    let count = rows.len() as u64;
    insert(connection, rows).await?;
    Ok(count)
}

async fn insert(
    connection: &impl ConnectionTrait,
    mut rows: Vec<chain_match::ActiveModel>,
) -> Result<(), DbErr> {
    while !rows.is_empty() {
        let rest = rows.split_off(rows.len().min(500));
        chain_match::Entity::insert_many(rows)
            .exec(connection)
            .await?;
        rows = rest;
    }
    Ok(())
}

/// The last word on each product of each of these companies.
async fn decisions(
    connection: &impl ConnectionTrait,
    companies: &[i64],
) -> ServiceResult<HashMap<i64, Vec<MatchDecision>>> {
    let rows = match_decision::Entity::find()
        .filter(match_decision::Column::EnterpriseId.is_in(companies.iter().copied()))
        .order_by_asc(match_decision::Column::Id)
        .all(connection)
        .await?;
    let mut last: BTreeMap<(i64, i64, String), MatchVerdict> = BTreeMap::new();
    for row in rows {
        if let Some(verdict) = MatchVerdict::from_key(&row.verdict) {
            last.insert((row.enterprise_id, row.node_id, row.product), verdict);
        }
    }
    let mut by_company: HashMap<i64, Vec<MatchDecision>> = HashMap::new();
    for ((enterprise_id, node_id, product), verdict) in last {
        by_company
            .entry(enterprise_id)
            .or_default()
            .push(MatchDecision {
                node_id,
                product,
                verdict,
            });
    }
    Ok(by_company)
}

/// Matches the whole directory to one chain again, in the caller's transaction.
pub(super) async fn rematch_chain(
    service: &Service,
    connection: &impl ConnectionTrait,
    chain_id: i64,
) -> ServiceResult<u64> {
    chain_match::Entity::delete_many()
        .filter(chain_match::Column::ChainId.eq(chain_id))
        .exec(connection)
        .await?;
    let judge = Judge::of(service, connection, Some(chain_id)).await?;
    let mut count = 0;
    let mut after = 0;
    loop {
        let ids: Vec<i64> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::Id.gt(after))
            .filter(enterprise::Column::MergedIntoId.is_null())
            .order_by_asc(enterprise::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(connection)
            .await?;
        let Some(last) = ids.last().copied() else {
            return Ok(count);
        };
        count += match_companies(connection, &judge, &ids).await?;
        after = last;
    }
}

/// Matches some enterprises to every chain again, in the caller's transaction.
pub(crate) async fn rematch_enterprises(
    service: &Service,
    connection: &impl ConnectionTrait,
    enterprise_ids: &[i64],
) -> ServiceResult<()> {
    let judge = Judge::of(service, connection, None).await?;
    for chunk in enterprise_ids.chunks(500) {
        chain_match::Entity::delete_many()
            .filter(chain_match::Column::EnterpriseId.is_in(chunk.iter().copied()))
            .exec(connection)
            .await?;
        if !judge.matchers.is_empty() {
            match_companies(connection, &judge, chunk).await?;
        }
    }
    Ok(())
}
