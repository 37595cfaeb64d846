//! The directory's list and a company's page.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    enterprise::{
        DirectoryFilter, ENTERPRISE_PAGE, EnterpriseDetail, EnterpriseFilter, EnterpriseLead,
        EnterpriseList, EnterpriseNode, EnterprisePage, EnterpriseProfile, EnterpriseQuery,
        EnterpriseRow, FILTER_VALUES, FieldOrigin, growth_signs, most_first, risk_signs,
    },
    lead::Stage,
    problem::{FieldProblemKind, Problem},
    region::Area,
};
use entity::{chain, chain_match, chain_node, enterprise, enterprise_product, lead};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};

use super::profile::{figures, provenance, sites, tags};
use crate::{
    Service, ServiceResult,
    chain::open_leads,
    require,
    search::{SearchPage, SearchRequest},
};

impl Service {
    /// A page of the directory: by relevance when words are asked for, else by the sound of the names.
    ///
    /// # Errors
    /// [`Problem::SearchUnavailable`] when words are asked for and the engine does not answer.
    pub async fn enterprises(
        &self,
        actor: &Actor,
        query: EnterpriseQuery,
    ) -> ServiceResult<EnterprisePage> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let directory_size = enterprise::Entity::find()
            .filter(enterprise::Column::Closed.eq(false))
            .count(database)
            .await?;
        let text = query.text.trim();
        let province = Some(query.province.trim().to_owned()).filter(|name| !name.is_empty());
        let offset = query.page.saturating_mul(ENTERPRISE_PAGE);
        if text.is_empty() {
            let mut select =
                enterprise::Entity::find().filter(enterprise::Column::Closed.eq(false));
            if query.local_only {
                select = select.filter(enterprise::Column::IsLocal.eq(true));
            }
            let provinces: Vec<(Option<String>, i64)> = select
                .clone()
                .select_only()
                .column(enterprise::Column::Province)
                .column_as(enterprise::Column::Id.count(), "count")
                .group_by(enterprise::Column::Province)
                .into_tuple()
                .all(database)
                .await?;
            if let Some(province) = &province {
                select = select.filter(enterprise::Column::Province.eq(province));
            }
            let total = select.clone().count(database).await?;
            let rows = select
                .order_by_asc(enterprise::Column::SortKey)
                .order_by_asc(enterprise::Column::Id)
                .offset(offset)
                .limit(ENTERPRISE_PAGE)
                .all(database)
                .await?;
            let provinces = most_first(
                provinces
                    .into_iter()
                    .filter_map(|(name, count)| Some((name?, u64::try_from(count).ok()?))),
            );
            return Ok(EnterprisePage {
                rows: self.rows(rows).await?,
                total,
                page: query.page,
                directory_size,
                provinces,
                engine: None,
                importing: self.running_import().await?,
                may_merge: actor.may(Action::ReviewDuplicate),
            });
        }
        let filter = DirectoryFilter {
            areas: province
                .map(|province| Area::of(Some(&province), None))
                .into_iter()
                .collect(),
            is_local: query.local_only.then_some(true),
            ..DirectoryFilter::default()
        };
        let text: String = text.chars().take(100).collect();
        let (found, rows) = self.look_up(text, filter, query.page).await?;
        Ok(EnterprisePage {
            rows,
            total: found.total,
            page: query.page,
            directory_size,
            provinces: found.facets.provinces(),
            engine: Some(found.engine.to_owned()),
            may_merge: actor.may(Action::ReviewDuplicate),
            importing: self.running_import().await?,
        })
    }

    /// A page of the companies that match, for the API: counted exactly, whatever is asked for.
    ///
    /// # Errors
    /// [`Problem::SearchUnavailable`] when the search engine is asked and does not answer; [`Problem::Invalid`] when it
    /// should tell when companies changed, which it does not know.
    pub async fn enterprise_list(
        &self,
        actor: &Actor,
        filter: &EnterpriseFilter,
    ) -> ServiceResult<EnterpriseList> {
        require(actor, Action::ReadZone)?;
        if filter.needs_engine() {
            return self.enterprises_found(filter).await;
        }
        let database = self.database.read();
        let mut matching = enterprise::Entity::find().filter(enterprise::Column::Closed.eq(false));
        for (column, value) in [
            (enterprise::Column::Province, &filter.province),
            (enterprise::Column::City, &filter.city),
            (enterprise::Column::Industry, &filter.industry),
        ] {
            if !value.is_empty() {
                matching = matching.filter(column.eq(value));
            }
        }
        if let Some(is_local) = filter.is_local {
            matching = matching.filter(enterprise::Column::IsLocal.eq(is_local));
        }
        match filter.listed {
            Some(true) => matching = matching.filter(enterprise::Column::StockCode.is_not_null()),
            Some(false) => matching = matching.filter(enterprise::Column::StockCode.is_null()),
            None => {}
        }
        if let Some(since) = filter.updated_since {
            matching = matching.filter(enterprise::Column::UpdatedAt.gte(since));
        }
        let total = matching.clone().count(database).await?;
        let rows = matching
            .order_by_asc(enterprise::Column::Id)
            .offset(Ord::min(
                filter.page.saturating_mul(ENTERPRISE_PAGE),
                i64::MAX.unsigned_abs(),
            ))
            .limit(ENTERPRISE_PAGE)
            .all(database)
            .await?;
        Ok(EnterpriseList {
            rows: self.rows(rows).await?,
            total,
            page: filter.page,
            page_size: ENTERPRISE_PAGE,
        })
    }

    /// The same from the search engine, by relevance.
    async fn enterprises_found(&self, filter: &EnterpriseFilter) -> ServiceResult<EnterpriseList> {
        if filter.updated_since.is_some() {
            let other = if filter.q.is_empty() { "filter" } else { "q" };
            let other = other.to_owned();
            return Err(
                Problem::invalid("updated_since", FieldProblemKind::NotTogether { other }).into(),
            );
        }
        let narrowed = filter.narrowed();
        if !narrowed.is_short() {
            let limit = FILTER_VALUES;
            return Err(Problem::invalid("filter", FieldProblemKind::TooLong { limit }).into());
        }
        let (found, rows) = self
            .look_up(filter.q.clone(), narrowed, filter.page)
            .await?;
        Ok(EnterpriseList {
            rows,
            total: found.total,
            page: filter.page,
            page_size: ENTERPRISE_PAGE,
        })
    }

    /// A page from the search engine, and its companies as the database has them. Without words everything that passes the
    /// filter is found.
    async fn look_up(
        &self,
        text: String,
        filter: DirectoryFilter,
        page: u64,
    ) -> ServiceResult<(SearchPage, Vec<EnterpriseRow>)> {
        let offset = page.saturating_mul(ENTERPRISE_PAGE);
        let found = self
            .search
            .search(SearchRequest {
                any_of: Some(text)
                    .filter(|text| !text.is_empty())
                    .into_iter()
                    .collect(),
                in_names: true,
                filter,
                offset: usize::try_from(offset).unwrap_or(usize::MAX),
                limit: usize::try_from(ENTERPRISE_PAGE).unwrap_or(usize::MAX),
                hits_only: false,
            })
            .await?;
        let mut models: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(found.hits.iter().map(|hit| hit.id)))
            .filter(enterprise::Column::Closed.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|model| (model.id, model))
            .collect();
        let ordered = found
            .hits
            .iter()
            .filter_map(|hit| models.remove(&hit.id))
            .collect();
        let rows = self.rows(ordered).await?;
        Ok((found, rows))
    }

    /// One company with its products, its places in chains, and its leads that the person may see.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn enterprise(&self, actor: &Actor, id: i64) -> ServiceResult<EnterpriseDetail> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let mut model = enterprise::Entity::find_by_id(id)
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        // What was merged answers as the company that it went into.
        while let Some(into_id) = model.merged_into_id {
            model = enterprise::Entity::find_by_id(into_id)
                .one(database)
                .await?
                .ok_or(Problem::NotFound)?;
        }
        let is_merged = model.id != id;
        let id = model.id;
        let products: Vec<(String, Option<f64>)> = enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.eq(id))
            .order_by_asc(enterprise_product::Column::Position)
            .all(database)
            .await?
            .into_iter()
            .map(|product| (product.name, product.revenue_share))
            .collect();
        let matches = chain_match::Entity::find()
            .filter(chain_match::Column::EnterpriseId.eq(id))
            .order_by_desc(chain_match::Column::Confidence)
            .all(database)
            .await?;
        let chains: HashMap<i64, String> = chain::Entity::find()
            .all(database)
            .await?
            .into_iter()
            .map(|chain| (chain.id, chain.name))
            .collect();
        let nodes: HashMap<i64, String> = chain_node::Entity::find()
            .filter(chain_node::Column::Id.is_in(matches.iter().map(|row| row.node_id)))
            .all(database)
            .await?
            .into_iter()
            .map(|node| (node.id, node.name))
            .collect();
        let open = open_leads()
            .filter(lead::Column::EnterpriseId.eq(id))
            .order_by_desc(lead::Column::Id)
            .all(database)
            .await?;
        let bureaus: HashMap<i64, String> = self
            .bureaus()
            .await?
            .into_iter()
            .map(|bureau| (bureau.id, bureau.name))
            .collect();
        let bureau_name = |id: i64| bureaus.get(&id).cloned().unwrap_or_default();
        let stage = |lead: &lead::Model| Stage::from_number(lead.stage).unwrap_or(Stage::Lead);
        let in_pool = self.is_pooled(id).await?;
        let held_by = open
            .iter()
            .filter(|_| !in_pool)
            .find(|lead| Some(lead.bureau_id) != actor.bureau_id)
            .map(|lead| (bureau_name(lead.bureau_id), stage(lead)));
        let leads = open
            .iter()
            .filter(|lead| {
                actor.may(Action::ReadLead {
                    bureau_id: lead.bureau_id,
                })
            })
            .map(|lead| EnterpriseLead {
                lead_id: lead.id,
                title: lead.title.clone(),
                stage: stage(lead),
                bureau: bureau_name(lead.bureau_id),
            })
            .collect();
        let duplicates = if actor.may(Action::ReviewDuplicate) {
            Some(self.duplicates_of(id).await?)
        } else {
            None
        };
        let (tags, figures) = (tags(&model), figures(&model));
        let provenance = provenance(&model);
        let writers = self
            .account_names(provenance.sources().iter().filter_map(|source| source.by))
            .await?;
        let profile = EnterpriseProfile {
            sw_industry: model.sw_industry.clone(),
            sites: sites(&model),
            growth: growth_signs(&figures, &tags, model.listed_on, self.today()),
            risk: risk_signs(model.short_name.as_deref(), &figures, &tags),
            sources: provenance
                .sources()
                .iter()
                .map(|source| FieldOrigin {
                    source: source.source.clone(),
                    on: source.on,
                    as_of: source.as_of,
                    by: source
                        .by
                        .map(|id| writers.get(&id).cloned().unwrap_or_default()),
                    fields: source.fields.iter().copied().collect(),
                })
                .collect(),
            tags,
            figures,
        };
        Ok(EnterpriseDetail {
            may_change: actor.may(Action::ChangeEnterprise),
            closed: model.closed,
            profile,
            is_merged,
            merges: self.merges_of(actor, id).await?,
            duplicates,
            row: row(
                &model,
                products.iter().map(|(name, _)| name.clone()).collect(),
            ),
            english_name: model.english_name,
            credit_code: model.credit_code,
            exchange: model.exchange,
            board: model.board,
            listed_on: model.listed_on,
            total_shares: model.total_shares,
            address: model.address,
            website: model.website,
            business_scope: model.business_scope,
            revenue_wan: model.revenue_wan,
            staff: model.staff,
            source: model.source,
            updated_at: model.updated_at,
            products,
            nodes: matches
                .into_iter()
                .map(|found| EnterpriseNode {
                    chain_id: found.chain_id,
                    chain_name: chains.get(&found.chain_id).cloned().unwrap_or_default(),
                    node_id: found.node_id,
                    node_name: nodes.get(&found.node_id).cloned().unwrap_or_default(),
                    product: found.product,
                    term: found.term,
                    share: found.share,
                    confidence: found.confidence,
                    counted: found.counted,
                })
                .collect(),
            leads,
            held_by,
            in_pool,
            may_write: actor
                .bureau_id
                .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id })),
        })
    }

    async fn rows(&self, models: Vec<enterprise::Model>) -> ServiceResult<Vec<EnterpriseRow>> {
        let mut products: HashMap<i64, Vec<String>> = HashMap::new();
        for product in enterprise_product::Entity::find()
            .filter(
                enterprise_product::Column::EnterpriseId.is_in(models.iter().map(|model| model.id)),
            )
            .filter(enterprise_product::Column::Position.lt(4))
            .order_by_asc(enterprise_product::Column::Position)
            .all(self.database.read())
            .await?
        {
            products
                .entry(product.enterprise_id)
                .or_default()
                .push(product.name);
        }
        Ok(models
            .iter()
            .map(|model| row(model, products.remove(&model.id).unwrap_or_default()))
            .collect())
    }
}

fn row(model: &enterprise::Model, products: Vec<String>) -> EnterpriseRow {
    EnterpriseRow {
        id: model.id,
        name: model.name.clone(),
        short_name: model.short_name.clone(),
        stock_code: model.stock_code.clone(),
        province: model.province.clone(),
        city: model.city.clone(),
        industry: model.industry.clone(),
        products,
        is_local: model.is_local,
        is_demo: model.is_demo,
    }
}
