//! The review queue: what the matcher was not sure of, and people's words on it.

use std::collections::HashMap;

use domain::{
    account::{Action, Actor},
    chain::{
        MatchKind, MatchVerdict, NewDecision, REVIEW_PAGE, ReviewFilter, ReviewItem, ReviewPage,
        ReviewQuery,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::{chain, chain_match, chain_node, enterprise, match_decision};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, JoinType, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select,
};
use serde_json::json;

use super::matching::rematch_enterprises;
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    require,
    search::announce,
};

/// Longest text that is judged, and longest note, in characters.
const TEXT_CHARACTERS: usize = 400;

fn filtered(filter: ReviewFilter) -> Select<chain_match::Entity> {
    let matches = chain_match::Entity::find();
    match filter {
        ReviewFilter::Waiting => matches
            .filter(chain_match::Column::Verdict.is_null())
            .filter(chain_match::Column::Counted.eq(false)),
        ReviewFilter::Automatic => matches
            .filter(chain_match::Column::Verdict.is_null())
            .filter(chain_match::Column::Counted.eq(true)),
        ReviewFilter::Decided => matches.filter(chain_match::Column::Verdict.is_not_null()),
    }
}

/// Companies that are gone need no judgement.
fn with_company(matches: Select<chain_match::Entity>) -> Select<chain_match::Entity> {
    matches
        .join(
            JoinType::InnerJoin,
            chain_match::Entity::belongs_to(enterprise::Entity)
                .from(chain_match::Column::EnterpriseId)
                .to(enterprise::Column::Id)
                .into(),
        )
        .filter(enterprise::Column::Closed.eq(false))
}

impl Service {
    /// Matches of a chain to judge, companies of the zone first, then by falling confidence.
    ///
    /// # Errors
    /// [`Problem::NotFound`].
    pub async fn review(&self, actor: &Actor, query: ReviewQuery) -> ServiceResult<ReviewPage> {
        require(actor, Action::ReadZone)?;
        let database = self.database.read();
        let chain = chain::Entity::find_by_id(query.chain_id)
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        let nodes: Vec<(i64, String)> = chain_node::Entity::find()
            .select_only()
            .column(chain_node::Column::Id)
            .column(chain_node::Column::Name)
            .filter(chain_node::Column::ChainId.eq(chain.id))
            .order_by_asc(chain_node::Column::Position)
            .into_tuple()
            .all(database)
            .await?;
        let narrowed = |filter: ReviewFilter| {
            let mut matches =
                with_company(filtered(filter)).filter(chain_match::Column::ChainId.eq(chain.id));
            if let Some(node_id) = query.node_id {
                matches = matches.filter(chain_match::Column::NodeId.eq(node_id));
            }
            if query.local_only {
                matches = matches.filter(enterprise::Column::IsLocal.eq(true));
            }
            matches
        };
        let mut counts = Vec::with_capacity(ReviewFilter::ALL.len());
        for filter in ReviewFilter::ALL {
            counts.push(narrowed(filter).count(database).await?);
        }
        let rows = narrowed(query.filter)
            .order_by_desc(enterprise::Column::IsLocal)
            .order_by_desc(chain_match::Column::Confidence)
            .order_by_asc(chain_match::Column::EnterpriseId)
            .order_by_asc(chain_match::Column::Id)
            .offset(query.page.min(100_000) * REVIEW_PAGE)
            .limit(REVIEW_PAGE)
            .all(database)
            .await?;
        let items = self.review_items(rows, &nodes).await?;
        let (_, settings) = self.settings_in_force(database).await?;
        let total = ReviewFilter::ALL
            .iter()
            .position(|filter| *filter == query.filter)
            .and_then(|index| counts.get(index).copied())
            .unwrap_or(0);
        Ok(ReviewPage {
            chain_id: chain.id,
            chain_name: chain.name,
            nodes,
            chains: self
                .chain_models()
                .await?
                .into_iter()
                .map(|chain| (chain.id, chain.name))
                .collect(),
            items,
            total,
            counts,
            threshold: settings.match_threshold,
            may_review: actor.may(Action::ReviewMatch),
        })
    }

    async fn review_items(
        &self,
        rows: Vec<chain_match::Model>,
        nodes: &[(i64, String)],
    ) -> ServiceResult<Vec<ReviewItem>> {
        let database = self.database.read();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(rows.iter().map(|row| row.enterprise_id)))
            .all(database)
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let decided: Vec<match_decision::Model> = match_decision::Entity::find()
            .filter(match_decision::Column::EnterpriseId.is_in(companies.keys().copied()))
            .order_by_asc(match_decision::Column::Id)
            .all(database)
            .await?;
        let people = self
            .account_names(decided.iter().map(|decision| decision.account_id))
            .await?;
        let last: HashMap<(i64, i64, &str), &match_decision::Model> = decided
            .iter()
            .map(|one| ((one.node_id, one.enterprise_id, one.product.as_str()), one))
            .collect();
        let names: HashMap<i64, &str> = nodes
            .iter()
            .map(|(id, name)| (*id, name.as_str()))
            .collect();
        Ok(rows
            .into_iter()
            .filter_map(|row| {
                let company = companies.get(&row.enterprise_id)?;
                let word = last.get(&(row.node_id, row.enterprise_id, row.product.as_str()));
                let verdict = row.verdict.as_deref().and_then(MatchVerdict::from_key);
                Some(ReviewItem {
                    node_id: row.node_id,
                    node_name: names.get(&row.node_id).map(|name| (*name).to_owned())?,
                    enterprise_id: row.enterprise_id,
                    enterprise_name: company.name.clone(),
                    city: company.city.clone(),
                    is_local: company.is_local,
                    kind: MatchKind::from_key(&row.kind).unwrap_or(MatchKind::Keyword),
                    confidence: row.confidence,
                    share: row.share,
                    counted: row.counted,
                    by: verdict.and_then(|_| people.get(&word?.account_id).cloned()),
                    note: verdict.and_then(|_| word?.note.clone()),
                    product: row.product,
                    term: row.term,
                    verdict,
                })
            })
            .collect())
    }

    /// Takes people's words, all or none, and matches the companies again. Words are kept through every import.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a node or company that is not there; [`Problem::Invalid`]; [`Problem::Forbidden`].
    pub async fn decide_matches(
        &self,
        actor: &Actor,
        mut decisions: Vec<NewDecision>,
    ) -> ServiceResult<()> {
        require(actor, Action::ReviewMatch)?;
        if decisions.is_empty() || decisions.len() > 500 {
            let kind = FieldProblemKind::OutOfRange {
                from: 1.0,
                until: 500.0,
            };
            return Err(Problem::invalid("decisions", kind).into());
        }
        for decision in &mut decisions {
            crate::without_nul(&mut decision.product);
            decision.product = decision.product.trim().to_owned();
            if let Some(note) = &mut decision.note {
                crate::without_nul(note);
            }
            decision.note = decision
                .note
                .take()
                .map(|note| note.trim().to_owned())
                .filter(|note| !note.is_empty());
            let long = |text: &str| text.chars().count() > TEXT_CHARACTERS;
            let limit = TEXT_CHARACTERS;
            if decision.product.is_empty() {
                return Err(Problem::invalid("product", FieldProblemKind::Required).into());
            }
            if long(&decision.product) {
                return Err(
                    Problem::invalid("product", FieldProblemKind::TooLong { limit }).into(),
                );
            }
            if decision.note.as_deref().is_some_and(long) {
                return Err(Problem::invalid("note", FieldProblemKind::TooLong { limit }).into());
            }
        }
        let now = self.now();
        let transaction = self.database.begin().await?;
        let wanted_nodes: std::collections::BTreeSet<i64> =
            decisions.iter().map(|decision| decision.node_id).collect();
        let companies: std::collections::BTreeSet<i64> = decisions
            .iter()
            .map(|decision| decision.enterprise_id)
            .collect();
        let nodes = chain_node::Entity::find()
            .filter(chain_node::Column::Id.is_in(wanted_nodes.iter().copied()))
            .count(&transaction)
            .await?;
        let known = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(companies.iter().copied()))
            .filter(enterprise::Column::MergedIntoId.is_null())
            .count(&transaction)
            .await?;
        if nodes != wanted_nodes.len() as u64 || known != companies.len() as u64 {
            return Err(Problem::NotFound.into());
        }
        for decision in decisions {
            let row = match_decision::ActiveModel {
                node_id: Set(decision.node_id),
                enterprise_id: Set(decision.enterprise_id),
                product: Set(decision.product.clone()),
                verdict: Set(decision.verdict.key().to_owned()),
                note: Set(decision.note.clone()),
                account_id: Set(actor.account_id),
                decided_at: Set(now),
                ..Default::default()
            }
            .insert(&transaction)
            .await?;
            audit::record(
                &transaction,
                Some(actor),
                now,
                Change {
                    action: "add",
                    entity: "match_decision",
                    entity_id: row.id,
                    before: None,
                    after: Some(json!(decision)),
                },
            )
            .await?;
        }
        let companies: Vec<i64> = companies.into_iter().collect();
        rematch_enterprises(self, &transaction, &companies).await?;
        // Maps and the search index are computed from the matches.
        announce(&transaction, &companies, now).await?;
        transaction.commit().await?;
        Ok(())
    }
}
