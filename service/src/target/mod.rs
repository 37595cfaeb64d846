//! From a gap to ranked companies with the reasons.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    chain::relevance,
    lead::Stage,
    place::Place,
    problem::Problem,
    target::{
        ProductHit, TARGET_PAGE, TargetHold, TargetPage, TargetRow, TargetTermKind, reach,
        target_score,
    },
};
use entity::{chain_match, chain_node, enterprise, enterprise_product, lead};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder};

use crate::{Service, ServiceResult, chain::ComputedChain, require, search::SearchRequest};

/// The engine's best hits that are scored and ranked; paging goes no further.
const HEAD: usize = 200;
/// Fit of a company that the engine found but the matcher did not count, at most.
const UNCOUNTED_FIT: f64 = 0.4;
/// Where the zone lies, until settings say otherwise: 安康, the demo zone's city.
pub(crate) fn zone_place() -> Place {
    Place {
        city: "安康".to_owned(),
        longitude: 109.03,
        latitude: 32.69,
    }
}

impl Service {
    /// Companies that would close the gap at a node, best first.
    ///
    /// # Errors
    /// [`Problem::NotFound`]; [`Problem::SearchUnavailable`] when the engine does not answer.
    pub async fn targets(
        &self,
        actor: &Actor,
        node_id: i64,
        province: Option<String>,
        page: u64,
    ) -> ServiceResult<TargetPage> {
        require(actor, Action::ReadZone)?;
        let computed = self.computed_chain_of_node(node_id).await?;
        let node = computed
            .nodes
            .iter()
            .find(|node| node.id == node_id)
            .ok_or(Problem::NotFound)?;
        self.targets_of(actor, &computed, node, province, page, TARGET_PAGE)
            .await
    }

    #[allow(
        clippy::too_many_lines,
        reason = "search, look up, score, rank: one story"
    )]
    pub(crate) async fn targets_of(
        &self,
        actor: &Actor,
        computed: &ComputedChain,
        node: &chain_node::Model,
        province: Option<String>,
        page: u64,
        page_size: u64,
    ) -> ServiceResult<TargetPage> {
        let database = self.database.read();
        let mut terms = vec![node.name.clone()];
        for term in crate::chain::strings(&node.aliases)
            .into_iter()
            .chain(crate::chain::strings(&node.keywords))
        {
            if !terms.contains(&term) {
                terms.push(term);
            }
        }
        let request = SearchRequest {
            any_of: terms.clone(),
            in_names: false,
            province,
            is_local: Some(false),
            offset: 0,
            limit: HEAD,
        };
        let found = self.search.search(request.clone()).await?;
        let local = self
            .search
            .search(SearchRequest {
                is_local: Some(true),
                province: None,
                limit: 0,
                ..request
            })
            .await?;
        let ids: Vec<i64> = found.hits.iter().map(|hit| hit.id).collect();
        let best = found.hits.first().map_or(1.0, |hit| hit.relevance);
        let mut companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::Closed.eq(false))
            .filter(enterprise::Column::IsLocal.eq(false))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let mut products: HashMap<i64, Vec<String>> = HashMap::new();
        for row in enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.is_in(ids.iter().copied()))
            .order_by_asc(enterprise_product::Column::Position)
            .all(database)
            .await?
        {
            products
                .entry(row.enterprise_id)
                .or_default()
                .push(row.name);
        }
        let mut matches: HashMap<i64, Vec<chain_match::Model>> = HashMap::new();
        for row in chain_match::Entity::find()
            .filter(chain_match::Column::ChainId.eq(computed.chain.id))
            .filter(chain_match::Column::EnterpriseId.is_in(ids.iter().copied()))
            .all(database)
            .await?
        {
            matches.entry(row.enterprise_id).or_default().push(row);
        }
        let holds = self.holds(actor, &ids).await?;
        let regions: Vec<String> = match actor.bureau_id {
            None => Vec::new(),
            Some(id) => self
                .bureaus()
                .await?
                .into_iter()
                .filter(|bureau| bureau.id == id)
                .flat_map(|bureau| crate::chain::strings(&bureau.regions))
                .collect(),
        };
        let zone = zone_place();
        let mut rows: Vec<TargetRow> = Vec::with_capacity(ids.len());
        for hit in &found.hits {
            // The database is the truth: a company that was closed or turned local since is passed over.
            let Some(company) = companies.remove(&hit.id) else {
                continue;
            };
            let own = matches.remove(&hit.id).unwrap_or_default();
            let counted: Vec<(i64, f64)> = own
                .iter()
                .filter(|row| row.counted)
                .map(|row| (row.node_id, row.share))
                .collect();
            let fit = own
                .iter()
                .filter(|row| row.node_id == node.id && row.counted)
                .map(|row| row.confidence)
                .fold(None, |best: Option<f64>, next| {
                    Some(best.map_or(next, |best| best.max(next)))
                })
                .unwrap_or_else(|| {
                    UNCOUNTED_FIT * (hit.relevance / best.max(f64::EPSILON)).min(1.0)
                });
            let in_region = company
                .province
                .as_ref()
                .is_some_and(|province| regions.contains(province));
            let place = domain::city::find(
                company.province.as_deref(),
                company.city.as_deref().unwrap_or_default(),
            );
            let score = target_score(&[
                (TargetTermKind::Fit, Some(fit)),
                (
                    TargetTermKind::Gap,
                    Some(relevance(&counted, &computed.score) / 100.0),
                ),
                (
                    TargetTermKind::Reach,
                    reach(in_region, &zone, place.as_ref()),
                ),
            ]);
            rows.push(TargetRow {
                rank: 0,
                enterprise_id: company.id,
                hits: product_hits(products.get(&company.id).map_or(&[], Vec::as_slice), &terms),
                held: holds.get(&company.id).cloned(),
                name: company.name,
                province: company.province,
                city: company.city,
                stock_code: company.stock_code,
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
        let score = computed.node_score(node.id).ok_or(Problem::NotFound)?;
        let skip = usize::try_from(page.saturating_mul(page_size)).unwrap_or(usize::MAX);
        Ok(TargetPage {
            chain_id: computed.chain.id,
            chain_name: computed.chain.name.clone(),
            node_id: node.id,
            node_name: node.name.clone(),
            class: score.class,
            gap_score: score.score,
            terms,
            rows: rows
                .into_iter()
                .skip(skip)
                .take(usize::try_from(page_size).unwrap_or(usize::MAX))
                .collect(),
            total: found.total,
            page,
            excluded_local: local.total,
            engine: self.search.name().to_owned(),
            directory_size: enterprise::Entity::find()
                .filter(enterprise::Column::MergedIntoId.is_null())
                .count(database)
                .await?,
            provinces: found.provinces,
            may_write: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
        })
    }

    /// Who follows these companies with an open lead. The lead's number only goes to those who may read it.
    pub(crate) async fn holds(
        &self,
        actor: &Actor,
        enterprise_ids: &[i64],
    ) -> ServiceResult<HashMap<i64, TargetHold>> {
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        Ok(crate::chain::open_leads()
            .filter(lead::Column::EnterpriseId.is_in(enterprise_ids.iter().copied()))
            .order_by_asc(lead::Column::Stage)
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|lead| {
                (
                    lead.enterprise_id,
                    TargetHold {
                        lead_id: actor
                            .may(Action::ReadLead {
                                bureau_id: lead.bureau_id,
                            })
                            .then_some(lead.id),
                        bureau: bureaus.get(&lead.bureau_id).cloned().unwrap_or_default(),
                        stage: Stage::from_number(lead.stage).unwrap_or(Stage::Lead),
                    },
                )
            })
            .collect())
    }
}

/// Up to four products with the term each was found by: those that hit first, else the first ones.
fn product_hits(products: &[String], terms: &[String]) -> Vec<ProductHit> {
    let folded: Vec<(String, &String)> = terms
        .iter()
        .map(|term| (domain::text::fold(term), term))
        .collect();
    let mut hits: Vec<ProductHit> = products
        .iter()
        .filter_map(|product| {
            let text = domain::text::fold(product);
            folded
                .iter()
                .filter(|(term, _)| text.contains(term.as_str()))
                .max_by_key(|(term, _)| term.chars().count())
                .map(|(_, term)| ProductHit {
                    product: product.clone(),
                    term: (*term).clone(),
                })
        })
        .collect();
    if hits.is_empty() {
        hits = products
            .iter()
            .map(|product| ProductHit {
                product: product.clone(),
                term: String::new(),
            })
            .collect();
    }
    hits.truncate(4);
    hits
}
