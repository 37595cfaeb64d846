//! Who of the zone would buy from a company, and sell to it, by the reference graph of products.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use domain::{
    chain::ReferenceGraph,
    target::{
        LEAST_GUESS, SupplyDirection, SupplyGuess, SupplyLink,
        extension::{LinkExtension, MissingInput},
    },
};
use entity::{enterprise, enterprise_product};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait};

use crate::{Service, ServiceResult, chain::Reference};

/// The zone's makers of each product. It may be dropped at any time: the stamp says whether it still holds.
#[derive(Clone, Debug, Default)]
pub struct SupplyCache(Arc<Mutex<Held>>);

/// The lists of the reference graph and the last change of a company that it was made from.
type Stamp = ((i64, i64), i64);
type Held = Option<(Stamp, Arc<LocalSupply>)>;

/// Who makes what in the zone, and the graph that says what it is made into.
#[derive(Debug, Default)]
pub(crate) struct LocalSupply {
    reference: Arc<Reference>,
    /// By product of the graph: firms in the order of their names.
    makers: HashMap<u32, Vec<(i64, String)>>,
    /// Counted when it is first asked for: few pages need it.
    extension: OnceLock<LinkExtension>,
}

impl LocalSupply {
    fn graph(&self) -> &ReferenceGraph {
        self.reference.graph()
    }

    /// The links of a company by what it makes, strongest first; `None` when the graph knows none of its products.
    ///
    /// A link stands for a product: firms that make two things of it count once.
    pub(crate) fn links(
        &self,
        own_id: i64,
        products: &[(String, Option<f64>)],
        strong_firms: &HashSet<i64>,
    ) -> Option<Vec<SupplyLink>> {
        let graph = self.graph();
        let mut is_known = false;
        let mut found: BTreeMap<(SupplyDirection, u32), (u32, BTreeSet<i64>, String)> =
            BTreeMap::new();
        for (name, _) in products {
            let Some(product) = graph.product(name) else {
                continue;
            };
            is_known = true;
            // What it buys is told by what is bought, what it sells by its own product.
            let bought = graph
                .inputs(product)
                .iter()
                .map(|input| (SupplyDirection::Buys, *input, *input, product));
            let sold = graph
                .users(product)
                .iter()
                .map(|user| (SupplyDirection::Sells, *user, product, *user));
            for (direction, made_here, goes, into) in bought.chain(sold) {
                let firms = self.makers.get(&made_here).into_iter().flatten();
                for (firm_id, firm) in firms.filter(|(id, _)| *id != own_id) {
                    let (_, ids, _) = found
                        .entry((direction, goes))
                        .or_insert_with(|| (into, BTreeSet::new(), firm.clone()));
                    ids.insert(*firm_id);
                }
            }
        }
        let name = |product: u32| graph.name(product).unwrap_or_default().to_owned();
        let mut links: Vec<SupplyLink> = found
            .into_iter()
            .map(|((direction, goes), (into, firms, firm))| SupplyLink {
                direction,
                product: name(goes),
                into: name(into),
                is_strong: firms.iter().any(|id| strong_firms.contains(id)),
                firms: firms.len() as u64,
                firm,
            })
            .collect();
        links.sort_by(|one, two| {
            two.is_strong
                .cmp(&one.is_strong)
                .then(two.firms.cmp(&one.firms))
                .then(one.direction.cmp(&two.direction))
                .then(one.product.cmp(&two.product))
        });
        is_known.then_some(links)
    }

    /// What a company probably buys that firms of the zone make, though no relation is on record; surest first, each input
    /// once. It takes some milliseconds a product.
    pub(crate) fn guesses(
        &self,
        own_id: i64,
        products: &[(String, Option<f64>)],
        limit: usize,
    ) -> Vec<SupplyGuess> {
        let graph = self.graph();
        let extension = self.extension.get_or_init(|| LinkExtension::new(graph));
        let mut guesses: BTreeMap<u32, SupplyGuess> = BTreeMap::new();
        for (name, _) in products {
            for MissingInput {
                product,
                name: input,
                score,
                reasons,
            } in extension.missing_inputs(graph, name, INPUTS_GUESSED)
            {
                let makers = self.makers.get(&product).into_iter().flatten();
                let mut others = makers.filter(|(id, _)| *id != own_id);
                let Some((_, firm)) = others.next().filter(|_| score >= LEAST_GUESS) else {
                    continue;
                };
                let guess = SupplyGuess {
                    product: name.clone(),
                    input,
                    score,
                    firms: 1 + others.count() as u64,
                    firm: firm.clone(),
                    reasons,
                };
                match guesses.get(&product) {
                    Some(known) if known.score >= score => {}
                    _ => {
                        guesses.insert(product, guess);
                    }
                }
            }
        }
        let mut guesses: Vec<SupplyGuess> = guesses.into_values().collect();
        guesses.sort_by(|one, two| {
            two.score
                .total_cmp(&one.score)
                .then(one.input.cmp(&two.input))
        });
        guesses.truncate(limit);
        guesses
    }
}

/// Inputs that are looked at for each product.
const INPUTS_GUESSED: usize = 10;

impl Service {
    /// Who makes what in the zone, as it stands now.
    pub(crate) async fn local_supply(&self) -> ServiceResult<Arc<LocalSupply>> {
        let (numbers, reference) = self.reference_in_force().await?;
        let stamp = (numbers, self.last_outbox_id().await?);
        {
            let held = self
                .supply_cache
                .0
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            if let Some((of, supply)) = held.as_ref()
                && *of == stamp
            {
                return Ok(Arc::clone(supply));
            }
        }
        let local = || {
            enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .filter(enterprise::Column::IsLocal.eq(true))
                .filter(enterprise::Column::Closed.eq(false))
        };
        let firms: Vec<(i64, String)> = local()
            .column(enterprise::Column::Name)
            .order_by_asc(enterprise::Column::SortKey)
            .order_by_asc(enterprise::Column::Id)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let mut products: HashMap<i64, BTreeSet<u32>> = HashMap::new();
        let rows: Vec<(i64, String)> = enterprise_product::Entity::find()
            .select_only()
            .column(enterprise_product::Column::EnterpriseId)
            .column(enterprise_product::Column::Name)
            .filter(enterprise_product::Column::EnterpriseId.in_subquery(local().into_query()))
            .into_tuple()
            .all(self.database.read())
            .await?;
        for (id, name) in rows {
            if let Some(product) = reference.graph().product(&name) {
                products.entry(id).or_default().insert(product);
            }
        }
        let mut makers: HashMap<u32, Vec<(i64, String)>> = HashMap::new();
        for (id, firm) in firms {
            for product in products.remove(&id).into_iter().flatten() {
                makers.entry(product).or_default().push((id, firm.clone()));
            }
        }
        let supply = Arc::new(LocalSupply {
            reference,
            makers,
            extension: OnceLock::new(),
        });
        *self
            .supply_cache
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = Some((stamp, Arc::clone(&supply)));
        Ok(supply)
    }
}
