//! The gap map: scores computed from what really matches, and the panel of one node.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::{
    account::{Action, Actor},
    chain::{
        AtlasSettings, ChainMap, ChainScore, ChainSummary, GapClass, Layout, LayoutNode, MapNode,
        NodeFirm, NodeLead, NodePanel, NodeScore, ReferenceSet, ScoreEdge, ScoreFirm, ScoreInput,
        ScoreNode, Stream, layout, score, sensitivity,
    },
    lead::{SideState, Stage},
    problem::Problem,
};
use entity::{chain, chain_edge, chain_match, chain_node, enterprise, lead, outbox};
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, sea_query::Expr,
};

use super::matching::strings;
use crate::{Service, ServiceError, ServiceResult, require};

/// What the scores of a chain depend on. Every change of a company or a chain changes it, on every server.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stamp {
    version: i64,
    last_change: i64,
    /// The settings in force; a day can begin with others.
    setting: Option<i64>,
}

/// What all chains depend on, asked once for as many as a page shows.
struct ScoreMoment {
    setting: Option<i64>,
    settings: AtlasSettings,
    last_change: i64,
}

/// The open leads of a node: how many, and of which bureaus.
#[derive(Clone, Debug, Default)]
pub(super) struct HeldLeads {
    count: u64,
    bureaus: Vec<i64>,
}

/// A chain with its scores, as of a stamp.
#[derive(Debug)]
pub(crate) struct ComputedChain {
    pub chain: chain::Model,
    pub nodes: Vec<chain_node::Model>,
    pub edges: Vec<chain_edge::Model>,
    /// What the score was computed from: "what if" starts here.
    pub input: ScoreInput,
    pub score: ChainScore,
    pub layout: Layout,
    pub local_firms: u32,
    pub reference_firms: u64,
    pub matched_share: f64,
    pub computed_at: DateTime<Utc>,
}

impl ComputedChain {
    pub(crate) fn node_score(&self, node_id: i64) -> Option<&NodeScore> {
        self.score.nodes.iter().find(|node| node.node_id == node_id)
    }
}

/// Computed chains. It may be dropped at any time: the stamp says whether an entry still holds.
#[derive(Clone, Default)]
pub struct ChainCache(Arc<Mutex<HashMap<i64, Stamped>>>);

type Stamped = (Stamp, Arc<ComputedChain>);

#[derive(FromQueryResult)]
struct CityCount {
    city: Option<String>,
    count: i64,
}

#[derive(FromQueryResult)]
struct MatchRow {
    node_id: i64,
    enterprise_id: i64,
    share: f64,
    city: Option<String>,
    is_local: bool,
    revenue_wan: Option<i64>,
}

impl Service {
    /// The chains, each with the count of its nodes by class.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn chains(&self, actor: &Actor) -> ServiceResult<Vec<ChainSummary>> {
        require(actor, Action::ReadZone)?;
        let leads = self.open_leads_by_node().await?;
        let chains = self.computed_chains().await?;
        Ok(chains
            .iter()
            .map(|computed| summary(computed, &leads))
            .collect())
    }

    /// The gap map of a chain.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn chain_map(&self, actor: &Actor, chain_id: i64) -> ServiceResult<ChainMap> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_by_id(chain_id).await?;
        self.map_of(&computed).await
    }

    /// The map of a chain that is computed already.
    pub(super) async fn map_of(&self, computed: &ComputedChain) -> ServiceResult<ChainMap> {
        let leads = self.open_leads_by_node().await?;
        let of_chain: BTreeSet<i64> = computed
            .nodes
            .iter()
            .filter_map(|node| leads.get(&node.id))
            .flat_map(|held| held.bureaus.iter().copied())
            .collect();
        Ok(ChainMap {
            summary: summary(computed, &leads),
            description: computed.chain.description.clone(),
            source: computed.chain.source.clone().unwrap_or_default(),
            basis: computed.score.size_basis,
            reference_firms: computed.reference_firms,
            matched_share: computed.matched_share,
            nodes: computed
                .nodes
                .iter()
                .filter_map(|node| map_node(computed, node, &leads))
                .collect(),
            bureaus: self
                .bureaus()
                .await?
                .into_iter()
                .filter(|bureau| of_chain.contains(&bureau.id))
                .map(|bureau| (bureau.id, bureau.name))
                .collect(),
            layout: computed.layout.clone(),
            computed_at: computed.computed_at,
            chains: self
                .chain_models()
                .await?
                .into_iter()
                .map(|chain| (chain.id, chain.name))
                .collect(),
        })
    }

    /// All that is known of one node: its score with every term, local firms, candidates, leads.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn node_panel(&self, actor: &Actor, node_id: i64) -> ServiceResult<NodePanel> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_of_node(node_id).await?;
        let leads_by_node = self.open_leads_by_node().await?;
        let node = computed
            .nodes
            .iter()
            .find(|node| node.id == node_id)
            .ok_or(Problem::NotFound)?;
        let score = computed.node_score(node_id).ok_or(Problem::NotFound)?;
        let names: HashMap<i64, &str> = computed
            .nodes
            .iter()
            .map(|node| (node.id, node.name.as_str()))
            .collect();
        let rank = score.score.and_then(|own| {
            let better = computed
                .score
                .nodes
                .iter()
                .filter_map(|other| other.score)
                .filter(|other| *other > own)
                .count();
            u32::try_from(better + 1).ok()
        });
        let (candidates, candidate_total, search_down) =
            match self.best_targets(actor, &computed, node, 5).await {
                Ok(page) => (page.rows, page.total, false),
                Err(ServiceError::Search(detail)) => {
                    tracing::warn!(%detail, "search engine");
                    (Vec::new(), 0, true)
                }
                Err(error) => return Err(error),
            };
        let (leads, hidden_leads) = self.node_leads(actor, node_id).await?;
        let flips = sensitivity(&computed.input, &computed.score, node_id);
        Ok(NodePanel {
            chain_id: computed.chain.id,
            node: map_node(&computed, node, &leads_by_node).ok_or(Problem::NotFound)?,
            aliases: strings(&node.aliases),
            keywords: strings(&node.keywords),
            priority_source: node.priority_source.clone(),
            inputs: computed
                .edges
                .iter()
                .filter(|edge| edge.to_node_id == node_id)
                .filter_map(|edge| names.get(&edge.from_node_id).map(|name| (*name).to_owned()))
                .collect(),
            outputs: computed
                .edges
                .iter()
                .filter(|edge| edge.from_node_id == node_id)
                .filter_map(|edge| names.get(&edge.to_node_id).map(|name| (*name).to_owned()))
                .collect(),
            largest_demand: computed.score.demand_max,
            other_names: flips
                .ranks
                .iter()
                .filter_map(|flip| {
                    let name = names.get(&flip.other_node)?;
                    Some((flip.other_node, (*name).to_owned()))
                })
                .collect(),
            sensitivity: flips,
            score: score.clone(),
            rank,
            local_firms: self.node_firms(node_id).await?,
            candidates,
            candidate_total,
            search_down,
            leads,
            hidden_leads,
            may_write: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
        })
    }

    async fn node_firms(&self, node_id: i64) -> ServiceResult<Vec<NodeFirm>> {
        let matches = chain_match::Entity::find()
            .filter(chain_match::Column::NodeId.eq(node_id))
            .filter(
                chain_match::Column::EnterpriseId.in_subquery(
                    enterprise::Entity::find()
                        .select_only()
                        .column(enterprise::Column::Id)
                        .filter(enterprise::Column::IsLocal.eq(true))
                        .filter(enterprise::Column::Closed.eq(false))
                        .into_query(),
                ),
            )
            .order_by_desc(chain_match::Column::Share)
            .order_by_asc(chain_match::Column::EnterpriseId)
            .limit(50)
            .all(self.database.read())
            .await?;
        let names: HashMap<i64, String> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(matches.iter().map(|row| row.enterprise_id)))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        Ok(matches
            .into_iter()
            .map(|row| NodeFirm {
                enterprise_id: row.enterprise_id,
                name: names.get(&row.enterprise_id).cloned().unwrap_or_default(),
                product: row.product,
                term: row.term,
                share: row.share,
                confidence: row.confidence,
                counted: row.counted,
            })
            .collect())
    }

    async fn node_leads(&self, actor: &Actor, node_id: i64) -> ServiceResult<(Vec<NodeLead>, u64)> {
        let all = open_leads()
            .filter(lead::Column::ChainNodeId.eq(node_id))
            .order_by_desc(lead::Column::Stage)
            .all(self.database.read())
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        let total = all.len();
        let visible: Vec<lead::Model> = all
            .into_iter()
            .filter(|lead| {
                actor.may(Action::ReadLead {
                    bureau_id: lead.bureau_id,
                })
            })
            .collect();
        let names: HashMap<i64, String> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(visible.iter().map(|lead| lead.enterprise_id)))
            .into_tuple::<(i64, String)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        let hidden = (total - visible.len()) as u64;
        Ok((
            visible
                .into_iter()
                .map(|lead| NodeLead {
                    lead_id: lead.id,
                    enterprise_name: names.get(&lead.enterprise_id).cloned().unwrap_or_default(),
                    stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                    bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                    investment_wan: lead.investment_wan,
                })
                .collect(),
            hidden,
        ))
    }

    pub(crate) async fn chain_models(&self) -> ServiceResult<Vec<chain::Model>> {
        Ok(chain::Entity::find()
            .order_by_asc(chain::Column::Position)
            .order_by_asc(chain::Column::Id)
            .all(self.database.read())
            .await?)
    }

    pub(crate) async fn computed_chain_by_id(
        &self,
        chain_id: i64,
    ) -> ServiceResult<Arc<ComputedChain>> {
        let chain = chain::Entity::find_by_id(chain_id)
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        self.computed_chain(chain).await
    }

    pub(crate) async fn computed_chain_of_node(
        &self,
        node_id: i64,
    ) -> ServiceResult<Arc<ComputedChain>> {
        let node = chain_node::Entity::find_by_id(node_id)
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        self.computed_chain_by_id(node.chain_id).await
    }

    pub(crate) async fn computed_chain(
        &self,
        chain: chain::Model,
    ) -> ServiceResult<Arc<ComputedChain>> {
        let moment = self.score_moment().await?;
        self.computed_at(chain, &moment).await
    }

    /// Every chain, computed at one moment.
    pub(crate) async fn computed_chains(&self) -> ServiceResult<Vec<Arc<ComputedChain>>> {
        let moment = self.score_moment().await?;
        let mut computed = Vec::new();
        for chain in self.chain_models().await? {
            computed.push(self.computed_at(chain, &moment).await?);
        }
        Ok(computed)
    }

    async fn score_moment(&self) -> ServiceResult<ScoreMoment> {
        let (setting, settings) = self.settings_in_force(self.database.read()).await?;
        let last_change = outbox::Entity::find()
            .select_only()
            .column_as(outbox::Column::Id.max(), "last")
            .into_tuple::<Option<i64>>()
            .one(self.database.read())
            .await?
            .flatten()
            .unwrap_or(0);
        Ok(ScoreMoment {
            setting,
            settings,
            last_change,
        })
    }

    async fn computed_at(
        &self,
        chain: chain::Model,
        moment: &ScoreMoment,
    ) -> ServiceResult<Arc<ComputedChain>> {
        let stamp = Stamp {
            setting: moment.setting,
            version: chain.version,
            last_change: moment.last_change,
        };
        {
            let cache = self
                .chain_cache
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some((known, computed)) = cache.get(&chain.id)
                && *known == stamp
            {
                return Ok(Arc::clone(computed));
            }
        }
        let id = chain.id;
        let computed = Arc::new(self.compute(chain, moment.settings.clone()).await?);
        self.chain_cache
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(id, (stamp, Arc::clone(&computed)));
        Ok(computed)
    }

    async fn compute(
        &self,
        chain: chain::Model,
        settings: AtlasSettings,
    ) -> ServiceResult<ComputedChain> {
        let database = self.database.read();
        let nodes = chain_node::Entity::find()
            .filter(chain_node::Column::ChainId.eq(chain.id))
            .order_by_asc(chain_node::Column::Position)
            .all(database)
            .await?;
        let edges = chain_edge::Entity::find()
            .filter(chain_edge::Column::ChainId.eq(chain.id))
            .order_by_asc(chain_edge::Column::Id)
            .all(database)
            .await?;
        let reference = reference_condition(settings.reference);
        let open = || {
            enterprise::Entity::find()
                .filter(enterprise::Column::Closed.eq(false))
                .filter(reference.clone())
        };
        let reference_firms = open().count(database).await?;
        let local_firm_count = open()
            .filter(enterprise::Column::IsLocal.eq(true))
            .count(database)
            .await?;
        let local_ids = open()
            .select_only()
            .column(enterprise::Column::Id)
            .filter(enterprise::Column::IsLocal.eq(true))
            .into_query();
        let local_matched_count = chain_match::Entity::find()
            .select_only()
            .column(chain_match::Column::EnterpriseId)
            .distinct()
            .filter(chain_match::Column::Counted.eq(true))
            .filter(chain_match::Column::EnterpriseId.in_subquery(local_ids))
            .into_tuple::<i64>()
            .all(database)
            .await?
            .len() as u64;
        let cities = open()
            .select_only()
            .column(enterprise::Column::City)
            .column_as(enterprise::Column::Id.count(), "count")
            .filter(enterprise::Column::IsLocal.eq(false))
            .group_by(enterprise::Column::City)
            .into_model::<CityCount>()
            .all(database)
            .await?;
        let matches = chain_match::Entity::find()
            .select_only()
            .column(chain_match::Column::NodeId)
            .column(chain_match::Column::EnterpriseId)
            .column(chain_match::Column::Share)
            .column_as(enterprise::Column::City, "city")
            .column_as(enterprise::Column::IsLocal, "is_local")
            .column_as(enterprise::Column::RevenueWan, "revenue_wan")
            .join_rev(
                sea_orm::JoinType::InnerJoin,
                enterprise::Entity::belongs_to(chain_match::Entity)
                    .from(enterprise::Column::Id)
                    .to(chain_match::Column::EnterpriseId)
                    .into(),
            )
            .filter(chain_match::Column::ChainId.eq(chain.id))
            .filter(chain_match::Column::Counted.eq(true))
            .filter(enterprise::Column::Closed.eq(false))
            .filter(reference.clone())
            .order_by_asc(chain_match::Column::EnterpriseId)
            .order_by_asc(chain_match::Column::Id)
            .into_model::<MatchRow>()
            .all(database)
            .await?;
        let mut firms: BTreeMap<i64, ScoreFirm> = BTreeMap::new();
        for row in matches {
            let firm = firms.entry(row.enterprise_id).or_insert_with(|| ScoreFirm {
                id: row.enterprise_id,
                region: row.city.clone().unwrap_or_default(),
                local: row.is_local,
                #[allow(clippy::cast_precision_loss, reason = "万元 stay far below 2^52")]
                size: row.revenue_wan.map(|revenue| revenue as f64),
                shares: Vec::new(),
            });
            // Several products of one company may match one node: w_fi is their sum.
            match firm
                .shares
                .iter_mut()
                .find(|(node, _)| *node == row.node_id)
            {
                Some((_, share)) => *share += row.share,
                None => firm.shares.push((row.node_id, row.share)),
            }
        }
        let local_firms = firms.values().filter(|firm| firm.local).count();
        let input = ScoreInput {
            nodes: nodes
                .iter()
                .map(|node| ScoreNode {
                    id: node.id,
                    priority: node.priority,
                })
                .collect(),
            edges: edges
                .iter()
                .map(|edge| ScoreEdge {
                    from: edge.from_node_id,
                    to: edge.to_node_id,
                    coefficient: edge.coefficient,
                })
                .collect(),
            firms: firms.into_values().collect(),
            reference_firm_count: reference_firms,
            local_firm_count,
            local_matched_count,
            region_firm_counts: cities
                .into_iter()
                .filter_map(|row| {
                    Some((
                        row.city.filter(|city| !city.trim().is_empty())?,
                        u64::try_from(row.count).ok()?,
                    ))
                })
                .collect(),
            settings: settings.score,
        };
        let layout_nodes: Vec<LayoutNode> = nodes
            .iter()
            .zip(0..)
            .map(|(node, order)| LayoutNode {
                id: node.id,
                stage: Stream::parse(&node.stage).unwrap_or(Stream::Midstream),
                order,
            })
            .collect();
        let pairs: Vec<(i64, i64)> = edges
            .iter()
            .map(|edge| (edge.from_node_id, edge.to_node_id))
            .collect();
        // Counting and drawing take milliseconds of pure computing: not on the threads that answer.
        let (input, score, layout) = tokio::task::spawn_blocking(move || {
            let scored = score(&input);
            (input, scored, layout(&layout_nodes, &pairs))
        })
        .await
        .map_err(ServiceError::internal)?;
        #[allow(clippy::cast_precision_loss, reason = "counts of companies")]
        let matched_share = if local_firm_count == 0 {
            0.0
        } else {
            local_matched_count as f64 / local_firm_count as f64
        };
        Ok(ComputedChain {
            chain,
            nodes,
            edges,
            input,
            score: score.map_err(|error| ServiceError::internal(format!("{error:?}")))?,
            layout,
            local_firms: u32::try_from(local_firms).unwrap_or(u32::MAX),
            reference_firms,
            matched_share,
            computed_at: self.now(),
        })
    }

    async fn open_leads_by_node(&self) -> ServiceResult<HashMap<i64, HeldLeads>> {
        let rows: Vec<(Option<i64>, i64, i64)> = open_leads()
            .select_only()
            .column(lead::Column::ChainNodeId)
            .column(lead::Column::BureauId)
            .column_as(lead::Column::Id.count(), "count")
            .filter(lead::Column::ChainNodeId.is_not_null())
            .group_by(lead::Column::ChainNodeId)
            .group_by(lead::Column::BureauId)
            .order_by_asc(lead::Column::BureauId)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let mut held: HashMap<i64, HeldLeads> = HashMap::new();
        for (node, bureau, count) in rows {
            let Some(node) = node else { continue };
            let entry = held.entry(node).or_default();
            entry.count += u64::try_from(count).unwrap_or(0);
            entry.bureaus.push(bureau);
        }
        Ok(held)
    }

    /// The class of each of these nodes, from the computed chains.
    pub(crate) async fn node_classes(
        &self,
        node_ids: &HashSet<i64>,
    ) -> ServiceResult<HashMap<i64, (i64, String, String, GapClass)>> {
        let mut classes = HashMap::new();
        if node_ids.is_empty() {
            return Ok(classes);
        }
        let chain_ids: HashSet<i64> = chain_node::Entity::find()
            .filter(chain_node::Column::Id.is_in(node_ids.iter().copied()))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|node| node.chain_id)
            .collect();
        let moment = self.score_moment().await?;
        for chain in self.chain_models().await? {
            if !chain_ids.contains(&chain.id) {
                continue;
            }
            let computed = self.computed_at(chain, &moment).await?;
            for node in &computed.nodes {
                if let Some(score) = computed.node_score(node.id)
                    && node_ids.contains(&node.id)
                {
                    classes.insert(
                        node.id,
                        (
                            computed.chain.id,
                            computed.chain.name.clone(),
                            node.name.clone(),
                            score.class,
                        ),
                    );
                }
            }
        }
        Ok(classes)
    }
}

/// Companies of the reference set; those of the zone are in each.
fn reference_condition(reference: ReferenceSet) -> sea_orm::Condition {
    let any = sea_orm::Condition::any();
    match reference {
        ReferenceSet::All => sea_orm::Condition::all(),
        ReferenceSet::Listed => any
            .add(enterprise::Column::IsLocal.eq(true))
            .add(enterprise::Column::StockCode.is_not_null()),
        ReferenceSet::WithoutDemo => any
            .add(enterprise::Column::IsLocal.eq(true))
            .add(enterprise::Column::IsDemo.eq(false)),
    }
}

/// Leads that somebody works on: neither deleted nor ended.
pub(crate) fn open_leads() -> sea_orm::Select<lead::Entity> {
    lead::Entity::find().filter(is_open())
}

/// The same for what is joined to leads.
///
/// The words stand in the statement and not beside it, because only so a database sees that they are those of the indexes
/// of open leads.
pub(crate) fn is_open() -> sea_orm::Condition {
    let ended = SideState::ENDED.map(|state| format!("'{}'", state.key()));
    let column = |name: &str| format!("\"lead\".\"{name}\"");
    let state = column("side_state");
    sea_orm::Condition::all()
        .add(Expr::cust(format!("{} IS NULL", column("deleted_at"))))
        .add(Expr::cust(format!(
            "({state} IS NULL OR {state} NOT IN ({}))",
            ended.join(", ")
        )))
}

fn summary(computed: &ComputedChain, leads: &HashMap<i64, HeldLeads>) -> ChainSummary {
    let count = |class: GapClass| {
        computed
            .score
            .nodes
            .iter()
            .filter(|node| node.class == class)
            .count()
    };
    ChainSummary {
        id: computed.chain.id,
        code: computed.chain.code.clone(),
        name: computed.chain.name.clone(),
        chief: computed.chain.chief.clone(),
        node_count: u32::try_from(computed.nodes.len()).unwrap_or(u32::MAX),
        edge_count: u32::try_from(computed.edges.len()).unwrap_or(u32::MAX),
        local_firms: computed.local_firms,
        open_leads: computed
            .nodes
            .iter()
            .filter_map(|node| leads.get(&node.id))
            .map(|held| held.count)
            .sum(),
        classes: GapClass::ALL
            .into_iter()
            .map(|class| (class, u32::try_from(count(class)).unwrap_or(u32::MAX)))
            .collect(),
    }
}

fn map_node(
    computed: &ComputedChain,
    node: &chain_node::Model,
    leads: &HashMap<i64, HeldLeads>,
) -> Option<MapNode> {
    let score = computed.node_score(node.id)?;
    Some(MapNode {
        id: node.id,
        code: node.code.clone(),
        name: node.name.clone(),
        stage: Stream::parse(&node.stage).unwrap_or(Stream::Midstream),
        group: node.group_name.clone(),
        class: score.class,
        score: score.score,
        cover: score.cover,
        local_firms: score.local_firms,
        open_leads: leads.get(&node.id).map_or(0, |held| held.count),
        bureaus: leads
            .get(&node.id)
            .map(|held| held.bureaus.clone())
            .unwrap_or_default(),
    })
}
