//! From a gap to ranked companies with the reasons.

mod contact;
mod list;
mod portrait;
mod query;
mod sharing;
mod supply;
mod weight;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use async_trait::async_trait;
use domain::{
    account::{Action, Actor},
    chain::{GapClass, relevance},
    enterprise::{FILTER_VALUES, growth as growth_value, growth_signs, risk_signs},
    place::{Place, haversine_kilometres},
    problem::{FieldProblem, FieldProblemKind, Problem},
    region::Area,
    target::{
        Contact, ProductHit, SUPPLY_SHOWN, TARGET_PAGE, TargetNode, TargetPage, TargetQuery,
        TargetRow, TargetTermKind, query_terms, reach,
        relevance::{Fit, Profile, Question},
        supply as supply_value, target_score,
    },
};
use entity::{chain_match, chain_node, enterprise};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::{
    Service, ServiceResult,
    chain::{ComputedChain, strings},
    enterprise::{figures, sites, tags},
    find::simplified,
    require,
    search::{ProfileSource, SearchRequest, TextRequest, profile, rank_by_text},
};

pub(crate) use portrait::MEETINGS;
pub use supply::SupplyCache;

/// Candidates that are compared for a page of targets; paging goes no further.
const HEAD: usize = 240;
/// And for the few that stand beside a map or in a trip's choices.
const SHORT_HEAD: usize = 60;
/// A company that says none of the words but resembles those that do fits less than one that says them.
const UNSAID: f64 = 0.6;
/// One that resembles them less than this is left out.
const LEAST_RESEMBLANCE: f64 = 0.12;
/// What a keyword counts against a name: it only hints.
const KEYWORD_WEIGHT: f64 = 0.5;
/// What the name of a node before or behind it counts: who makes both is more likely meant than who makes neither.
const NEIGHBOUR_WEIGHT: f64 = 0.1;
/// Reach of a company in a city where a planned trip of the bureau stops already.
const TRIP_REACH: f64 = 0.95;

/// Where the zone lies, until settings say otherwise: 安康, the demo zone's city.
pub(crate) fn zone_place() -> Place {
    Place {
        city: "安康".to_owned(),
        longitude: 109.03,
        latitude: 32.69,
    }
}

/// A node whose gap is to be closed, with its chain.
#[derive(Clone, Copy)]
struct Gap<'a> {
    computed: &'a ComputedChain,
    node: &'a chain_node::Model,
}

impl Gap<'_> {
    /// What surrounds the node, nearest first.
    fn context(&self) -> Vec<String> {
        let group = self.node.group_name.as_deref();
        [group, Some(self.computed.chain.name.as_str())]
            .into_iter()
            .flatten()
            .map(simplified)
            .collect()
    }

    /// Names of the nodes that feed this one and that it feeds, in the order of the chain's nodes.
    fn neighbours(&self) -> Vec<String> {
        let beside: HashSet<i64> = self
            .computed
            .edges
            .iter()
            .filter_map(|edge| match (edge.from_node_id, edge.to_node_id) {
                (from, to) if from == self.node.id => Some(to),
                (from, to) if to == self.node.id => Some(from),
                _ => None,
            })
            .collect();
        let nodes = self.computed.nodes.iter();
        nodes
            .filter(|node| node.id != self.node.id && beside.contains(&node.id))
            .map(|node| node.name.clone())
            .collect()
    }

    /// Nodes whose class is 强链.
    fn strong_nodes(&self) -> Vec<i64> {
        let nodes = self.computed.score.nodes.iter();
        nodes
            .filter(|node| node.class == GapClass::Strong)
            .map(|node| node.node_id)
            .collect()
    }
}

/// The words of a node: name, aliases, keywords, each once.
fn node_terms(node: &chain_node::Model) -> Vec<String> {
    let mut terms = vec![node.name.clone()];
    for term in strings(&node.aliases)
        .into_iter()
        .chain(strings(&node.keywords))
    {
        if !terms.contains(&term) {
            terms.push(term);
        }
    }
    terms
}

/// The question of a node by its own words and, more softly, those of its neighbours.
fn node_question(node: &chain_node::Model, neighbours: &[String], context: &[String]) -> Question {
    let named: Vec<(String, f64)> = std::iter::once((simplified(&node.name), 1.0))
        .chain(
            strings(&node.aliases)
                .iter()
                .map(|alias| (simplified(alias), 1.0)),
        )
        .chain(
            strings(&node.keywords)
                .iter()
                .map(|keyword| (simplified(keyword), KEYWORD_WEIGHT)),
        )
        .chain(
            neighbours
                .iter()
                .map(|name| (simplified(name), NEIGHBOUR_WEIGHT)),
        )
        .collect();
    Question::of(
        named.iter().map(|(term, weight)| (term.as_str(), *weight)),
        context.iter().map(String::as_str),
    )
}

#[async_trait]
impl ProfileSource for Service {
    async fn profiles(&self, ids: &[i64]) -> ServiceResult<Vec<(i64, Profile)>> {
        let mut products = self.products_of(ids).await?;
        let names: Vec<(i64, String)> = enterprise::Entity::find()
            .select_only()
            .column(enterprise::Column::Id)
            .column(enterprise::Column::Name)
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::Closed.eq(false))
            .order_by_asc(enterprise::Column::Id)
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(names
            .into_iter()
            .map(|(id, name)| {
                let made = products.remove(&id).unwrap_or_default();
                (id, profile(&name, &made))
            })
            .collect())
    }
}

impl Service {
    /// Companies that would close the gap at a node, or that make what the words say, best first.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a node that is not there; [`Problem::Invalid`] on `text` when nothing is asked;
    /// [`Problem::SearchUnavailable`] when no engine answers.
    pub async fn targets(&self, actor: &Actor, query: &TargetQuery) -> ServiceResult<TargetPage> {
        self.targets_in_pages(actor, query, TARGET_PAGE).await
    }

    /// [`Self::targets`] in pages of another size; `u64::MAX` for everything that is ranked.
    ///
    /// # Errors
    /// As [`Self::targets`].
    pub async fn targets_in_pages(
        &self,
        actor: &Actor,
        query: &TargetQuery,
        page_size: u64,
    ) -> ServiceResult<TargetPage> {
        require(actor, Action::ReadZone)?;
        if !query.filter.is_short() {
            return Err(Problem::invalid(
                "filter",
                FieldProblemKind::TooLong {
                    limit: FILTER_VALUES,
                },
            )
            .into());
        }
        let Some(node_id) = query.node_id else {
            return self.targets_of(actor, None, query, page_size, HEAD).await;
        };
        let computed = self.computed_chain_of_node(node_id).await?;
        let node = computed
            .nodes
            .iter()
            .find(|node| node.id == node_id)
            .ok_or(Problem::NotFound)?;
        let gap = Gap {
            computed: &computed,
            node,
        };
        self.targets_of(actor, Some(gap), query, page_size, HEAD)
            .await
    }

    /// The node of a code, in a chain when it is said in which; the first one in the order of chains otherwise.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn node_of_code(
        &self,
        actor: &Actor,
        chain_id: Option<i64>,
        code: &str,
    ) -> ServiceResult<i64> {
        require(actor, Action::ReadZone)?;
        let code = code.replace('\0', "");
        let mut nodes = chain_node::Entity::find().filter(chain_node::Column::Code.eq(code));
        if let Some(chain_id) = chain_id {
            nodes = nodes.filter(chain_node::Column::ChainId.eq(chain_id));
        }
        let found = nodes
            .order_by_asc(chain_node::Column::ChainId)
            .order_by_asc(chain_node::Column::Id)
            .one(self.database.read())
            .await?;
        Ok(found.ok_or(Problem::NotFound)?.id)
    }

    /// The best few for a node, from a shorter list of candidates.
    pub(crate) async fn best_targets(
        &self,
        actor: &Actor,
        computed: &ComputedChain,
        node: &chain_node::Model,
        count: u64,
    ) -> ServiceResult<TargetPage> {
        let query = TargetQuery {
            node_id: Some(node.id),
            ..TargetQuery::default()
        };
        let gap = Gap { computed, node };
        self.targets_of(actor, Some(gap), &query, count, SHORT_HEAD)
            .await
    }

    #[allow(
        clippy::too_many_lines,
        reason = "search, look up, score, rank: one story"
    )]
    async fn targets_of(
        &self,
        actor: &Actor,
        gap: Option<Gap<'_>>,
        query: &TargetQuery,
        page_size: u64,
        head: usize,
    ) -> ServiceResult<TargetPage> {
        let database = self.database.read();
        let (typed, is_cut) = query_terms(&query.text);
        let own_terms = gap.map(|gap| node_terms(gap.node)).unwrap_or_default();
        let terms = if typed.is_empty() {
            own_terms.clone()
        } else {
            typed.clone()
        };
        if terms.is_empty() {
            let fields = vec![FieldProblem::new("text", FieldProblemKind::Required)];
            return Err(Problem::Invalid { fields }.into());
        }
        let context = gap.map(|gap| gap.context()).unwrap_or_default();
        let neighbours = gap.map(|gap| gap.neighbours()).unwrap_or_default();
        let question = match gap.filter(|_| typed.is_empty()) {
            Some(gap) => node_question(gap.node, &neighbours, &context),
            None => {
                let words: Vec<String> = terms.iter().map(|term| simplified(term)).collect();
                Question::of(
                    words.iter().map(|word| (word.as_str(), 1.0)),
                    context.iter().map(String::as_str),
                )
            }
        };
        let rivals: Vec<Question> = gap
            .iter()
            .flat_map(|gap| {
                gap.computed
                    .nodes
                    .iter()
                    .filter(|node| node.id != gap.node.id)
                    .map(|node| node_question(node, &[], &[]))
            })
            .collect();
        let mut filter = query.filter.clone();
        filter.is_local = Some(false);
        let said = self
            .search
            .search(SearchRequest {
                any_of: terms.clone(),
                in_names: false,
                filter: filter.clone(),
                offset: 0,
                limit: head,
                hits_only: false,
            })
            .await?;
        let mut certain: Vec<i64> = said.hits.iter().map(|hit| hit.id).collect();
        // Words that were typed stand for the node's own, and for what people confirmed of it.
        let asks_node = typed.is_empty();
        if let Some(gap) = gap.filter(|_| asks_node && filter == only_elsewhere()) {
            certain.extend(self.counted_in(gap.node.id, head).await?);
        }
        let ranking = rank_by_text(
            self.search.as_ref(),
            self,
            &TextRequest {
                question: &question,
                rivals: &rivals,
                filter: &filter,
                certain: &certain,
                limit: head,
            },
        )
        .await?;
        let says: HashSet<i64> = said.hits.iter().map(|hit| hit.id).collect();
        // Who says it in its business scope only, or was confirmed by a person, makes nothing that resembles it.
        let mut rest: BTreeSet<i64> = certain.into_iter().collect();
        let mut fits = ranking.fits;
        for fit in &fits {
            rest.remove(&fit.id);
        }
        fits.extend(rest.into_iter().map(|id| Fit {
            id,
            value: LEAST_RESEMBLANCE,
        }));
        let ids: Vec<i64> = fits
            .iter()
            .filter(|fit| says.contains(&fit.id) || fit.value >= LEAST_RESEMBLANCE)
            .map(|fit| fit.id)
            .collect();
        let mut companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::Closed.eq(false))
            .filter(enterprise::Column::IsLocal.eq(false))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let products = self.products_of(&ids).await?;
        let mut matches: HashMap<i64, Vec<chain_match::Model>> = HashMap::new();
        if let Some(gap) = gap {
            for row in chain_match::Entity::find()
                .filter(chain_match::Column::ChainId.eq(gap.computed.chain.id))
                .filter(chain_match::Column::EnterpriseId.is_in(ids.iter().copied()))
                .all(database)
                .await?
            {
                matches.entry(row.enterprise_id).or_default().push(row);
            }
        }
        let holds = self.holds(actor, &ids).await?;
        let turned_down = self.turned_down(actor, &ids).await?;
        let supply = self.local_supply().await?;
        let strong_firms = match gap {
            Some(gap) => self.strong_firms(gap).await?,
            None => HashSet::new(),
        };
        let trips = self.planned_stops(actor).await?;
        let weights = self.weights_of(actor.bureau_id).await?;
        let regions: Vec<String> = match actor.bureau_id {
            None => Vec::new(),
            Some(id) => self
                .bureaus()
                .await?
                .into_iter()
                .filter(|bureau| bureau.id == id)
                .flat_map(|bureau| strings(&bureau.regions))
                .collect(),
        };
        let zone = zone_place();
        let today = self.today();
        let mut contacts: BTreeMap<Contact, u64> = Contact::ALL.map(|contact| (contact, 0)).into();
        let mut excluded_turned_down = 0;
        let mut rows: Vec<TargetRow> = Vec::with_capacity(ids.len());
        for fit in &fits {
            // The database is the truth: a company that was closed or turned local since is passed over.
            let Some(company) = companies.remove(&fit.id) else {
                continue;
            };
            let held = holds.get(&fit.id).cloned();
            let refusal = turned_down.get(&fit.id).cloned();
            let contact = Contact::of(held.as_ref(), refusal.as_ref());
            *contacts.entry(contact).or_default() += 1;
            let is_wanted = if query.contacts.is_empty() {
                let is_away = held.is_none()
                    && refusal
                        .as_ref()
                        .is_some_and(|refusal| refusal.returns_on > today);
                excluded_turned_down += u64::from(is_away);
                !is_away
            } else {
                query.contacts.contains(&contact)
            };
            if !is_wanted {
                continue;
            }
            let own = matches.remove(&fit.id).unwrap_or_default();
            let counted: Vec<(i64, f64)> = own
                .iter()
                .filter(|row| row.counted)
                .map(|row| (row.node_id, row.share))
                .collect();
            let says = says.contains(&fit.id);
            let text_fit = fit.value * if says { 1.0 } else { UNSAID };
            let fit_value = own
                .iter()
                .filter(|row| {
                    let is_own = gap.is_some_and(|gap| row.node_id == gap.node.id);
                    asks_node && is_own && row.counted
                })
                .map(|row| row.confidence)
                .fold(text_fit, f64::max);
            // A plant nearby is as good as a head office nearby.
            let sites = sites(&company);
            let in_regions = |area: &Area| regions.contains(&area.province);
            let home = Area::of(company.province.as_deref(), company.city.as_deref());
            let home_place = domain::city::find(
                company.province.as_deref(),
                company.city.as_deref().unwrap_or_default(),
            );
            let nearness = |area: &Area, place: Option<&Place>| {
                let trip = trips.get(area).cloned();
                let value = reach(in_regions(area), &zone, place)
                    .into_iter()
                    .chain(trip.as_ref().map(|_| TRIP_REACH))
                    .reduce(f64::max);
                (value, in_regions(area), trip)
            };
            let (mut reach, mut in_region, mut trip) = nearness(&home, home_place.as_ref());
            let mut near_site = None;
            for site in sites {
                let Some(area) = site.area() else {
                    continue;
                };
                let place = domain::city::find(Some(&area.province), &area.city);
                let (value, inside, passing) = nearness(&area, place.as_ref());
                if value > reach {
                    (reach, in_region, trip) = (value, inside, passing);
                    near_site = Some(site);
                }
            }
            let made = products.get(&fit.id).map_or(&[][..], Vec::as_slice);
            let links = supply.links(fit.id, made, &strong_firms);
            let figures = figures(&company);
            let tags = tags(&company);
            let growth = growth_signs(&figures, &tags, company.listed_on, today);
            let score = target_score(
                &[
                    (TargetTermKind::Fit, Some(fit_value)),
                    (
                        TargetTermKind::Gap,
                        gap.map(|gap| relevance(&counted, &gap.computed.score) / 100.0),
                    ),
                    (TargetTermKind::Supply, links.as_deref().map(supply_value)),
                    (TargetTermKind::Reach, reach),
                    (TargetTermKind::Growth, growth_value(&growth)),
                ],
                &weights,
            );
            let mut links = links.unwrap_or_default();
            links.truncate(SUPPLY_SHOWN);
            rows.push(TargetRow {
                rank: 0,
                enterprise_id: company.id,
                hits: product_hits(made, &terms),
                says,
                supply: links,
                in_region,
                growth,
                risk: risk_signs(company.short_name.as_deref(), &figures, &tags),
                near_site,
                kilometres: home_place
                    .as_ref()
                    .map(|place| haversine_kilometres(&zone, place)),
                trip,
                contact,
                held,
                turned_down: refusal,
                name: company.name,
                province: company.province,
                city: company.city,
                stock_code: company.stock_code,
                industry: company.industry,
                revenue_wan: company.revenue_wan,
                is_demo: company.is_demo,
                score,
            });
        }
        rows.sort_by(|one, two| {
            two.score
                .total
                .total_cmp(&one.score.total)
                .then(one.enterprise_id.cmp(&two.enterprise_id))
        });
        for (row, rank) in rows.iter_mut().zip(1..) {
            row.rank = rank;
        }
        let node = match gap {
            None => None,
            Some(gap) => {
                let score = gap
                    .computed
                    .node_score(gap.node.id)
                    .ok_or(Problem::NotFound)?;
                Some(TargetNode {
                    chain_id: gap.computed.chain.id,
                    chain_name: gap.computed.chain.name.clone(),
                    node_id: gap.node.id,
                    node_name: gap.node.name.clone(),
                    class: score.class,
                    gap_score: score.score,
                    terms: own_terms,
                    neighbours,
                })
            }
        };
        let total = rows.len() as u64;
        let skip = usize::try_from(query.page.saturating_mul(page_size)).unwrap_or(usize::MAX);
        Ok(TargetPage {
            node,
            terms,
            is_cut,
            rows: rows
                .into_iter()
                .skip(skip)
                .take(usize::try_from(page_size).unwrap_or(usize::MAX))
                .collect(),
            total,
            page: query.page,
            said: said.total,
            excluded_local: said.facets.local,
            facets: said.facets,
            contacts: contacts.into_iter().collect(),
            excluded_turned_down,
            engine: said.engine.to_owned(),
            stood_in: said.stood_in || ranking.stood_in,
            directory_size: enterprise::Entity::find()
                .filter(enterprise::Column::MergedIntoId.is_null())
                .count(database)
                .await?,
            weights,
            may_write: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
        })
    }

    /// Companies that are counted in a node, surest first: what people confirmed is found whatever words say.
    async fn counted_in(&self, node_id: i64, limit: usize) -> ServiceResult<Vec<i64>> {
        let rows: Vec<i64> = chain_match::Entity::find()
            .select_only()
            .column(chain_match::Column::EnterpriseId)
            .filter(chain_match::Column::NodeId.eq(node_id))
            .filter(chain_match::Column::Counted.eq(true))
            .order_by_desc(chain_match::Column::Confidence)
            .order_by_asc(chain_match::Column::EnterpriseId)
            .limit(limit as u64)
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(rows)
    }

    /// Firms that are counted in a 强链 node of the chain.
    async fn strong_firms(&self, gap: Gap<'_>) -> ServiceResult<HashSet<i64>> {
        let ids: Vec<i64> = chain_match::Entity::find()
            .select_only()
            .column(chain_match::Column::EnterpriseId)
            .filter(chain_match::Column::ChainId.eq(gap.computed.chain.id))
            .filter(chain_match::Column::NodeId.is_in(gap.strong_nodes()))
            .filter(chain_match::Column::Counted.eq(true))
            .distinct()
            .into_tuple()
            .all(self.database.read())
            .await?;
        Ok(ids.into_iter().collect())
    }
}

/// The filter of a query that narrows nothing by itself.
fn only_elsewhere() -> domain::enterprise::DirectoryFilter {
    domain::enterprise::DirectoryFilter {
        is_local: Some(false),
        ..Default::default()
    }
}

/// Up to four products with the term each was found by: those that hit first, else the first ones.
fn product_hits(products: &[(String, Option<f64>)], terms: &[String]) -> Vec<ProductHit> {
    let fold = |text: &str| domain::text::fold(&simplified(text));
    let folded: Vec<(String, &String)> = terms.iter().map(|term| (fold(term), term)).collect();
    let mut hits: Vec<ProductHit> = products
        .iter()
        .filter_map(|(product, _)| {
            let text = fold(product);
            folded
                .iter()
                .filter(|(term, _)| text.contains(term.as_str()))
                .max_by_key(|(term, _)| term.chars().count())
                .map(|(_, term)| ProductHit {
                    product: product.clone(),
                    // As it stands in the product, so that it can be marked there.
                    term: simplified(term),
                })
        })
        .collect();
    if hits.is_empty() {
        hits = products
            .iter()
            .map(|(product, _)| ProductHit {
                product: product.clone(),
                term: String::new(),
            })
            .collect();
    }
    hits.truncate(4);
    hits
}
