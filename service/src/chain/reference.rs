//! The reference graph of products and the list of industry inputs: read from files, stored, looked at, and asked for
//! what a chain may have forgotten.

use std::{
    cell::RefCell,
    collections::{BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    account::{Action, Actor},
    chain::{
        ChainFile, IndustryInputs, ProposalPage, ReferenceGraph, ReferencePage, ReferenceProblem,
        ReferenceProduct, ReferenceQuery, ReferenceRelation, ReferenceSource, RelationKind,
        SourceKind, SourceReport, read_industry_inputs, read_reference,
    },
    problem::Problem,
    text::fold,
};
use entity::{enterprise, enterprise_product, reference_relation, reference_source};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, JoinType,
    QueryFilter, QuerySelect,
};
use serde_json::json;

use super::import::decode;
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    require,
};

/// Relations written in one statement.
const ROWS: usize = 2000;
/// Hits of a search by name.
const HITS: usize = 30;
/// How far around a product one looks, and how many products are shown.
const HOPS: u32 = 2;
const SHOWN: usize = 60;
/// Proposals of each kind.
const PROPOSALS: usize = 12;
/// Names that count as one product when its makers are counted; the broadest one of the public collection has 1,300.
const TRADE_NAMES: usize = 5_000;

/// What was read, as of the lists' numbers. May be dropped at any time.
#[derive(Clone, Default)]
pub struct ReferenceCache(Arc<Mutex<Held>>);

type Held = Option<((i64, i64), Arc<Reference>)>;

/// Both lists in the form that is asked.
#[derive(Debug, Default)]
pub(crate) struct Reference {
    graph: ReferenceGraph,
    industries: IndustryInputs,
}

impl Reference {
    pub(crate) const fn graph(&self) -> &ReferenceGraph {
        &self.graph
    }
}

/// The numbers of the lists that were read, products and industries; 0 for none. A list that is read anew has another.
pub(super) async fn list_numbers(connection: &impl ConnectionTrait) -> ServiceResult<(i64, i64)> {
    let rows: Vec<(i64, String)> = reference_source::Entity::find()
        .select_only()
        .column(reference_source::Column::Id)
        .column(reference_source::Column::Kind)
        .into_tuple()
        .all(connection)
        .await?;
    let of = |kind: SourceKind| {
        let mut of_kind = rows.iter().filter(|(_, key)| key == kind.key());
        of_kind.next().map_or(0, |(id, _)| *id)
    };
    Ok((of(SourceKind::Product), of(SourceKind::Industry)))
}

/// A list of either kind, told apart by its columns.
fn read(text: &str) -> Result<(SourceKind, SourceReport, Vec<ReferenceRelation>), Problem> {
    let refused = |problem| Problem::Reference { problem };
    let by_kind = |relations: &[ReferenceRelation]| -> Vec<(RelationKind, u32)> {
        [
            RelationKind::Flow,
            RelationKind::Subclass,
            RelationKind::Industry,
        ]
        .into_iter()
        .map(|kind| {
            let of_kind = relations.iter().filter(|one| one.kind == kind);
            (kind, u32::try_from(of_kind.count()).unwrap_or(u32::MAX))
        })
        .filter(|(_, count)| *count > 0)
        .collect()
    };
    match read_reference(text) {
        Ok((graph, report)) => {
            let relations = graph.relations();
            let report = SourceReport {
                rows: report.rows,
                kept: report.inputs + report.outputs + report.subclasses,
                names: report.products,
                relations: by_kind(&relations),
                left_out: report.left_out,
            };
            Ok((SourceKind::Product, report, relations))
        }
        Err(ReferenceProblem::MissingColumn { column }) => match read_industry_inputs(text) {
            Ok(industries) => {
                let relations = industries.relations();
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let report = SourceReport {
                    rows: industries.rows,
                    kept: count(relations.len()),
                    names: count(industries.industry_count()),
                    relations: by_kind(&relations),
                    left_out: industries.left_out,
                };
                Ok((SourceKind::Industry, report, relations))
            }
            // Whoever has one of its columns means the list of industries.
            Err(other @ ReferenceProblem::MissingColumn { .. })
                if text.lines().next().unwrap_or_default().contains("industry") =>
            {
                Err(refused(other))
            }
            Err(_) => Err(refused(ReferenceProblem::MissingColumn { column })),
        },
        Err(problem) => Err(refused(problem)),
    }
}

impl Service {
    /// Reads a list of product relations (`from`, `to`, `relation`) or of industry inputs (`industry`,
    /// `input_industry`, `evidence_count`) from CSV and puts it in the place of the one before. Rows that cannot be
    /// used are left out and reported. Companies are matched by it in the background.
    ///
    /// # Errors
    /// [`Problem::Reference`] for a file that is no such list, [`Problem::Forbidden`]. Nothing is written then.
    pub async fn load_reference(
        &self,
        actor: &Actor,
        file_name: &str,
        bytes: Vec<u8>,
    ) -> ServiceResult<SourceReport> {
        require(actor, Action::EditChain)?;
        let (kind, report, relations) = tokio::task::spawn_blocking(move || read(&decode(&bytes)))
            .await
            .map_err(ServiceError::internal)??;
        let replaced = match kind {
            SourceKind::Product => [RelationKind::Flow, RelationKind::Subclass].as_slice(),
            SourceKind::Industry => [RelationKind::Industry].as_slice(),
        };
        let now = self.now();
        let transaction = self.database.begin().await?;
        // Two lists of one kind, read at the same moment, must not both be kept.
        crate::database::hold(&transaction, crate::database::HOLD_REFERENCE).await?;
        reference_relation::Entity::delete_many()
            .filter(
                reference_relation::Column::Relation.is_in(replaced.iter().map(|kind| kind.key())),
            )
            .exec(&transaction)
            .await?;
        for chunk in relations.chunks(ROWS) {
            let rows = chunk.iter().map(|one| reference_relation::ActiveModel {
                input: Set(one.input.clone()),
                output: Set(one.output.clone()),
                relation: Set(one.kind.key().to_owned()),
                evidence: Set(i32::try_from(one.evidence).unwrap_or(i32::MAX)),
                ..Default::default()
            });
            reference_relation::Entity::insert_many(rows)
                .exec(&transaction)
                .await?;
        }
        let held = reference_source::Entity::find()
            .filter(reference_source::Column::Kind.eq(kind.key()))
            .one(&transaction)
            .await?;
        let before = held
            .as_ref()
            .map(|held| json!({ "file": held.file_name, "loaded_at": held.loaded_at }));
        if let Some(held) = held {
            reference_source::Entity::delete_by_id(held.id)
                .exec(&transaction)
                .await?;
        }
        // A row of its own: its number says that this is another list.
        let stored = reference_source::ActiveModel {
            kind: Set(kind.key().to_owned()),
            file_name: Set(file_name.chars().take(200).collect()),
            report: Set(serde_json::to_value(&report).map_err(ServiceError::internal)?),
            account_id: Set(actor.account_id),
            loaded_at: Set(now),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: if before.is_some() { "replace" } else { "add" },
                entity: "reference_source",
                entity_id: stored.id,
                before,
                after: Some(json!({ "file": file_name, "rows": report.rows, "kept": report.kept })),
            },
        )
        .await?;
        transaction.commit().await?;
        self.wake_atlas();
        Ok(report)
    }

    async fn reference(&self) -> ServiceResult<Arc<Reference>> {
        Ok(self.reference_in_force().await?.1)
    }

    /// Both lists, and their numbers.
    pub(crate) async fn reference_in_force(&self) -> ServiceResult<((i64, i64), Arc<Reference>)> {
        let database = self.database.read();
        let newest = list_numbers(database).await?;
        let cache = &self.reference_cache.0;
        if let Some((held, reference)) = &*cache.lock().unwrap_or_else(PoisonError::into_inner)
            && *held == newest
        {
            return Ok((newest, Arc::clone(reference)));
        }
        let rows: Vec<(String, String, String, i32)> = reference_relation::Entity::find()
            .select_only()
            .column(reference_relation::Column::Input)
            .column(reference_relation::Column::Output)
            .column(reference_relation::Column::Relation)
            .column(reference_relation::Column::Evidence)
            .into_tuple()
            .all(database)
            .await?;
        let reference = tokio::task::spawn_blocking(move || {
            let relations: Vec<ReferenceRelation> = rows
                .into_iter()
                .filter_map(|(input, output, kind, evidence)| {
                    Some(ReferenceRelation {
                        kind: RelationKind::from_key(&kind)?,
                        input,
                        output,
                        evidence: u32::try_from(evidence).unwrap_or(1),
                    })
                })
                .collect();
            Reference {
                graph: ReferenceGraph::from_relations(&relations),
                industries: IndustryInputs::from_relations(&relations),
            }
        })
        .await
        .map_err(ServiceError::internal)?;
        let reference = Arc::new(reference);
        *cache.lock().unwrap_or_else(PoisonError::into_inner) =
            Some((newest, Arc::clone(&reference)));
        Ok((newest, reference))
    }

    /// What was read, and what lies around one product.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn reference_page(
        &self,
        actor: &Actor,
        query: ReferenceQuery,
    ) -> ServiceResult<ReferencePage> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let rows = reference_source::Entity::find().all(database).await?;
        let people = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        let mut sources = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(kind) = SourceKind::from_key(&row.kind) else {
                continue;
            };
            sources.push(ReferenceSource {
                kind,
                file_name: row.file_name,
                by: people.get(&row.account_id).cloned().unwrap_or_default(),
                loaded_at: row.loaded_at,
                report: serde_json::from_value(row.report).map_err(ServiceError::internal)?,
            });
        }
        let reference = self.reference().await?;
        let graph = &reference.graph;
        let text: String = query.text.trim().chars().take(80).collect();
        let hits = graph.find(&text, HITS);
        let product = query
            .product
            .as_deref()
            .and_then(|name| graph.product(name))
            .or_else(|| hits.first().map(|hit| hit.product));
        let around = product.and_then(|product| graph.neighbourhood(product, HOPS, SHOWN));
        let (found, more) = around.map_or((Vec::new(), 0), |around| (around.products, around.more));
        let makers = self
            .makers(graph, found.iter().map(|one| one.name.as_str()))
            .await?;
        Ok(ReferencePage {
            sources,
            is_matched: self.is_matched().await?,
            text,
            hits,
            products: found
                .into_iter()
                .map(|one| {
                    let (companies, local_companies) =
                        makers.get(&one.name).copied().unwrap_or_default();
                    ReferenceProduct {
                        side: one.side,
                        distance: one.distance,
                        companies,
                        local_companies,
                        name: one.name,
                    }
                })
                .collect(),
            more,
            may_load: actor.may(Action::EditChain),
        })
    }

    /// How many companies make each of these products or a kind of it that is called after it, and how many of them
    /// are of the zone. A query for ten thousand names.
    async fn makers(
        &self,
        graph: &ReferenceGraph,
        products: impl Iterator<Item = &str>,
    ) -> ServiceResult<HashMap<String, (u32, u32)>> {
        let names: Vec<(String, Vec<&str>)> = products
            .map(|name| {
                let sold = match graph.product(name) {
                    Some(product) => graph.trade_names(product, TRADE_NAMES),
                    None => Vec::new(),
                };
                (name.to_owned(), sold)
            })
            .collect();
        let asked: BTreeSet<&str> = names
            .iter()
            .flat_map(|(name, sold)| std::iter::once(name.as_str()).chain(sold.iter().copied()))
            .collect();
        let asked: Vec<&str> = asked.into_iter().collect();
        let mut makers: HashMap<String, Vec<(i64, bool)>> = HashMap::new();
        for chunk in asked.chunks(10_000) {
            let rows: Vec<(String, i64, bool)> = enterprise_product::Entity::find()
                .select_only()
                .column(enterprise_product::Column::Name)
                .column(enterprise_product::Column::EnterpriseId)
                .column(enterprise::Column::IsLocal)
                .join(
                    JoinType::InnerJoin,
                    enterprise_product::Entity::belongs_to(enterprise::Entity)
                        .from(enterprise_product::Column::EnterpriseId)
                        .to(enterprise::Column::Id)
                        .into(),
                )
                .filter(enterprise_product::Column::Name.is_in(chunk.iter().copied()))
                .filter(enterprise::Column::Closed.eq(false))
                .into_tuple()
                .all(self.database.read())
                .await?;
            for (name, enterprise_id, is_local) in rows {
                makers
                    .entry(name)
                    .or_default()
                    .push((enterprise_id, is_local));
            }
        }
        Ok(names
            .into_iter()
            .map(|(name, sold)| {
                let companies: HashSet<(i64, bool)> = std::iter::once(name.as_str())
                    .chain(sold)
                    .filter_map(|one| makers.get(one))
                    .flatten()
                    .copied()
                    .collect();
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let local = companies.iter().filter(|(_, is_local)| *is_local).count();
                (name, (count(companies.len()), count(local)))
            })
            .collect())
    }

    /// What could be added to a chain's draft around a product, or a node of it, with the companies behind each; and
    /// coefficients that the industry inputs suggest for edges without one.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn chain_proposals(
        &self,
        actor: &Actor,
        chain_id: i64,
        product: String,
    ) -> ServiceResult<ProposalPage> {
        require(actor, Action::EditChain)?;
        let file: ChainFile = self.chain_draft(actor, chain_id).await?.file;
        let reference = self.reference().await?;
        let product: String = product.trim().chars().take(80).collect();
        // The rules ask for counts one by one; the first round only learns which ones, so that one query has them all.
        let (graph, asked) = (&reference.graph, RefCell::new(BTreeSet::new()));
        if !product.is_empty() {
            let ask = |name: &str| {
                asked.borrow_mut().insert(name.to_owned());
                0
            };
            let _ = graph.propose(&product, &file, &ask, usize::MAX);
        }
        let asked = asked.into_inner();
        let makers = self.makers(graph, asked.iter().map(String::as_str)).await?;
        let count = |name: &str| makers.get(name).map_or(0, |(companies, _)| *companies);
        let proposals = if product.is_empty() {
            Vec::new()
        } else {
            graph.propose(&product, &file, &count, PROPOSALS)
        };
        let wanted = fold(&product);
        let is_node = file.nodes.iter().any(|node| {
            std::iter::once(&node.name)
                .chain(std::iter::once(&node.code))
                .chain(&node.aliases)
                .any(|term| fold(term) == wanted)
        });
        Ok(ProposalPage {
            has_graph: graph.product_count() > 0,
            is_known: is_node || graph.product(&product).is_some(),
            product,
            proposals,
            coefficients: reference
                .industries
                .coefficients(&file)
                .into_iter()
                .filter_map(|(index, share)| {
                    let edge = file.edges.get(index)?;
                    Some((edge.from.clone(), edge.to.clone(), share))
                })
                .collect(),
        })
    }
}
