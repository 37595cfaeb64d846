//! The outbox and the worker that empties it into the engine.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, Utc};
use domain::account::{Action, Actor};
use entity::{enterprise, enterprise_product, outbox, setting};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use domain::{
    enterprise::{EngineProblem, EngineState},
    target::relevance::Profile,
};

use super::{Cursor, EnterpriseDocument};
use crate::{
    Service, ServiceError, ServiceResult,
    enterprise::{sites, tags},
    find::simplified,
    require,
};

const TOPIC_ENTERPRISE: &str = "enterprise";
const TOPIC_REBUILD: &str = "rebuild";
const BATCH: u64 = 1000;

/// Puts changed enterprises into the outbox, in the transaction that changed them.
pub(crate) async fn announce(
    connection: &impl ConnectionTrait,
    enterprise_ids: &[i64],
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    if enterprise_ids.is_empty() {
        return Ok(());
    }
    hold_order(connection).await?;
    for chunk in enterprise_ids.chunks(500) {
        outbox::Entity::insert_many(chunk.iter().map(|id| outbox::ActiveModel {
            topic: Set(TOPIC_ENTERPRISE.to_owned()),
            key: Set(*id),
            created_at: Set(at),
            ..Default::default()
        }))
        .exec(connection)
        .await?;
    }
    Ok(())
}

/// Asks whoever feeds the engine to make the index anew.
pub(crate) async fn announce_rebuild(
    connection: &impl ConnectionTrait,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    hold_order(connection).await?;
    outbox::ActiveModel {
        topic: Set(TOPIC_REBUILD.to_owned()),
        key: Set(0),
        created_at: Set(at),
        ..Default::default()
    }
    .insert(connection)
    .await?;
    Ok(())
}

/// On PostgreSQL two transactions may commit in another order than they took their numbers; a reader
/// that has passed the larger number would never see the smaller one. The lock makes the order of numbers
/// the order of commits. SQLite has one writer and needs none.
async fn hold_order(connection: &impl ConnectionTrait) -> Result<(), DbErr> {
    crate::database::hold(connection, crate::database::HOLD_OUTBOX).await
}

/// What a round of feeding did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SyncOutcome {
    pub documents: u64,
    pub rebuilt: bool,
}

/// What kept an engine from being fed when that was last tried, by its place in [`SearchEngine::parts`]. An engine that
/// answers may still refuse what is written.
///
/// [`SearchEngine::parts`]: super::SearchEngine::parts
#[derive(Clone, Default)]
pub(crate) struct FeedProblems(Arc<Mutex<BTreeMap<usize, EngineProblem>>>);

impl FeedProblems {
    fn note(&self, part: usize, outcome: &ServiceResult<SyncOutcome>) {
        let mut problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match outcome {
            Ok(_) => {
                problems.remove(&part);
            }
            Err(ServiceError::Search(error)) => {
                problems.insert(part, error.problem.clone());
            }
            // Our own database, which says nothing of the engine.
            Err(_) => {}
        }
    }

    fn of(&self, part: usize) -> Option<EngineProblem> {
        let problems = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        problems.get(&part).cloned()
    }
}

impl Service {
    /// Brings every engine up to date with the database. Cheap when there is nothing to do.
    ///
    /// # Errors
    /// The database or an engine does not answer; the next round goes on where this one stopped. An engine that fails
    /// keeps no other from being fed.
    pub async fn feed_search(&self) -> ServiceResult<SyncOutcome> {
        let mut all = SyncOutcome::default();
        let mut failure = None;
        for part in 0..self.search.parts().len() {
            match self.feed_engine(part).await {
                Ok(outcome) => {
                    all.documents = all.documents.max(outcome.documents);
                    all.rebuilt |= outcome.rebuilt;
                }
                Err(error) => failure = Some(error),
            }
        }
        failure.map_or(Ok(all), Err)
    }

    /// Brings one of the engines up to date, by its place in [`SearchEngine::parts`].
    ///
    /// # Errors
    /// As [`Self::feed_search`].
    pub async fn feed_engine(&self, part: usize) -> ServiceResult<SyncOutcome> {
        let outcome = self.bring_up_to_date(part).await;
        self.feed_problems.note(part, &outcome);
        outcome
    }

    async fn bring_up_to_date(&self, part: usize) -> ServiceResult<SyncOutcome> {
        let parts = self.search.parts();
        let Some(engine) = parts.get(part).copied() else {
            return Ok(SyncOutcome::default());
        };
        let database_id = self.database_id().await?;
        let Some(cursor) = self.fitting(engine.cursor().await?, &database_id).await? else {
            self.search.set_ready(part, false);
            return self.rebuild_engine(part, &mut |_, _| {}).await;
        };
        let mut outcome = SyncOutcome::default();
        let mut after = cursor.last_id;
        loop {
            let rows = outbox::Entity::find()
                .filter(outbox::Column::Id.gt(after))
                .order_by_asc(outbox::Column::Id)
                .limit(BATCH)
                .all(self.database.read())
                .await?;
            let Some(newest) = rows.last() else { break };
            after = newest.id;
            if rows.iter().any(|row| row.topic == TOPIC_REBUILD) {
                return self.rebuild_engine(part, &mut |_, _| {}).await;
            }
            let ids: BTreeSet<i64> = rows.iter().map(|row| row.key).collect();
            let ids: Vec<i64> = ids.into_iter().collect();
            let documents = self.documents(&ids).await?;
            let present: BTreeSet<i64> = documents.iter().map(|document| document.id).collect();
            let removed = ids
                .iter()
                .copied()
                .filter(|id| !present.contains(id))
                .collect();
            outcome.documents += documents.len() as u64;
            engine
                .write(
                    documents,
                    removed,
                    Some(Cursor {
                        database_id: database_id.clone(),
                        last_id: after,
                    }),
                )
                .await?;
        }
        self.search.set_ready(part, true);
        Ok(outcome)
    }

    /// Makes the index of every engine anew from the database. `progress` hears of documents done and to do.
    ///
    /// # Errors
    /// The database or an engine does not answer; what answered before goes on answering.
    pub async fn rebuild_search(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> ServiceResult<SyncOutcome> {
        let mut outcome = SyncOutcome::default();
        for part in 0..self.search.parts().len() {
            outcome = self.rebuild_engine(part, progress).await?;
        }
        Ok(outcome)
    }

    async fn rebuild_engine(
        &self,
        part: usize,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> ServiceResult<SyncOutcome> {
        use sea_orm::PaginatorTrait;
        let parts = self.search.parts();
        let Some(engine) = parts.get(part).copied() else {
            return Ok(SyncOutcome::default());
        };
        let database_id = self.database_id().await?;
        // Read before the documents: a change made meanwhile is fed once more afterwards.
        let last_id = self.last_outbox_id().await?;
        let total = enterprise::Entity::find()
            .count(self.database.read())
            .await?;
        let mut rebuild = engine.rebuild().await?;
        let mut done = 0;
        let mut after = 0;
        loop {
            let ids: Vec<i64> = enterprise::Entity::find()
                .select_only()
                .column(enterprise::Column::Id)
                .filter(enterprise::Column::Id.gt(after))
                .order_by_asc(enterprise::Column::Id)
                .limit(BATCH * 5)
                .into_tuple()
                .all(self.database.read())
                .await?;
            let Some(newest) = ids.last() else { break };
            after = *newest;
            let mut documents = Vec::with_capacity(ids.len());
            for chunk in ids.chunks(500) {
                documents.extend(self.documents(chunk).await?);
            }
            done += documents.len() as u64;
            rebuild.add(documents).await?;
            progress(done, total);
        }
        rebuild
            .finish(Cursor {
                database_id,
                last_id,
            })
            .await?;
        self.search.set_ready(part, true);
        Ok(SyncOutcome {
            documents: done,
            rebuilt: true,
        })
    }

    /// A cursor that fits this database: not of another one, nor of an older backup of it, nor from before what was cleaned
    /// out of the outbox.
    async fn fitting(
        &self,
        cursor: Option<Cursor>,
        database_id: &str,
    ) -> ServiceResult<Option<Cursor>> {
        let last = self.last_outbox_id().await?;
        let first = outbox::Entity::find()
            .order_by_asc(outbox::Column::Id)
            .one(self.database.read())
            .await?
            .map_or(last + 1, |row| row.id);
        Ok(cursor.filter(|cursor| {
            cursor.database_id == database_id
                && cursor.last_id <= last
                && cursor.last_id + 1 >= first
        }))
    }

    /// How each engine stands, the one that should answer first.
    ///
    /// # Errors
    /// The database does not answer. An engine that does not is a finding, not an error.
    pub async fn search_health(&self, actor: &Actor) -> ServiceResult<Vec<EngineState>> {
        use sea_orm::PaginatorTrait;
        require(actor, Action::ReadHealth)?;
        let database_id = self.database_id().await?;
        let mut states = Vec::new();
        for (part, engine) in self.search.parts().into_iter().enumerate() {
            let mut state = EngineState {
                engine: engine.name().to_owned(),
                problem: self.feed_problems.of(part),
                is_built: false,
                answers: states.is_empty(),
                waiting: 0,
                waiting_since: None,
            };
            match engine.cursor().await {
                Err(error) => state.problem = Some(error.problem),
                Ok(cursor) => {
                    let cursor = self.fitting(cursor, &database_id).await?;
                    state.is_built = cursor.is_some();
                    let after = cursor.map_or(0, |cursor| cursor.last_id);
                    let waiting = || outbox::Entity::find().filter(outbox::Column::Id.gt(after));
                    state.waiting = waiting().count(self.database.read()).await?;
                    state.waiting_since = waiting()
                        .order_by_asc(outbox::Column::Id)
                        .one(self.database.read())
                        .await?
                        .map(|row| row.created_at);
                }
            }
            states.push(state);
        }
        Ok(states)
    }

    /// Leaves a word for the process that writes the index.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn ask_search_rebuild(&self, actor: &Actor) -> ServiceResult<()> {
        require(actor, Action::ReadHealth)?;
        self.request_search_rebuild().await
    }

    /// [`Self::ask_search_rebuild`] for the command line, which nobody is signed in to.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn request_search_rebuild(&self) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        announce_rebuild(&transaction, self.now()).await?;
        transaction.commit().await?;
        Ok(())
    }

    pub(crate) async fn last_outbox_id(&self) -> ServiceResult<i64> {
        Ok(outbox::Entity::find()
            .order_by_desc(outbox::Column::Id)
            .one(self.database.read())
            .await?
            .map_or(0, |row| row.id))
    }

    /// A name that no other database has, so that an index made from another one is noticed.
    async fn database_id(&self) -> ServiceResult<String> {
        const KEY: &str = "database_id";
        let found = setting::Entity::find()
            .filter(setting::Column::Key.eq(KEY))
            .one(self.database.read())
            .await?;
        if let Some(id) = found.as_ref().and_then(|row| row.value.as_str()) {
            return Ok(id.to_owned());
        }
        let transaction = self.database.begin().await?;
        let id = crate::account::random_token(8)?;
        let inserted = setting::ActiveModel {
            key: Set(KEY.to_owned()),
            value: Set(serde_json::Value::String(id.clone())),
            updated_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await;
        match inserted {
            Ok(_) => {
                transaction.commit().await?;
                Ok(id)
            }
            Err(error) if crate::ServiceError::is_unique_violation(&error) => {
                transaction.rollback().await?;
                let row = setting::Entity::find()
                    .filter(setting::Column::Key.eq(KEY))
                    .one(self.database.read())
                    .await?;
                Ok(row
                    .and_then(|row| row.value.as_str().map(str::to_owned))
                    .unwrap_or_default())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn documents(&self, ids: &[i64]) -> ServiceResult<Vec<EnterpriseDocument>> {
        let mut products = self.products_of(ids).await?;
        Ok(enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::Closed.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|row| {
                let products = products.remove(&row.id).unwrap_or_default();
                let (scope, tags) = (scope(&row), tags(&row));
                EnterpriseDocument {
                    scope,
                    tags,
                    profile_length: profile(&row.name, &products).length(),
                    products: products.into_iter().map(|(name, _)| name).collect(),
                    id: row.id,
                    name: row.name,
                    short_name: row.short_name.unwrap_or_default(),
                    stock_code: row.stock_code.unwrap_or_default(),
                    sw_industry: row.sw_industry.unwrap_or_default(),
                    province: row.province.unwrap_or_default(),
                    city: row.city.unwrap_or_default(),
                    industry: row.industry.unwrap_or_default(),
                    revenue_wan: row.revenue_wan,
                    is_local: row.is_local,
                    pinyin: [Some(row.pinyin), row.english_name, row.credit_code]
                        .into_iter()
                        .flatten()
                        .collect::<Vec<_>>()
                        .join(" "),
                    initials: row.initials,
                }
            })
            .collect())
    }

    /// Products with their shares of revenue, in their order.
    pub(crate) async fn products_of(
        &self,
        ids: &[i64],
    ) -> ServiceResult<HashMap<i64, Vec<(String, Option<f64>)>>> {
        let mut products: HashMap<i64, Vec<(String, Option<f64>)>> = HashMap::new();
        for row in enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.is_in(ids.iter().copied()))
            .order_by_asc(enterprise_product::Column::EnterpriseId)
            .order_by_asc(enterprise_product::Column::Position)
            .all(self.database.read())
            .await?
        {
            products
                .entry(row.enterprise_id)
                .or_default()
                .push((row.name, row.revenue_share));
        }
        Ok(products)
    }
}

/// What is said of a company beyond its name and products.
fn scope(row: &enterprise::Model) -> String {
    row.business_scope
        .iter()
        .cloned()
        .chain(tags(row))
        .chain(sites(row).into_iter().map(|site| site.place))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What a company is known by, in simplified characters.
#[must_use]
pub fn profile(name: &str, products: &[(String, Option<f64>)]) -> Profile {
    let products: Vec<(String, Option<f64>)> = products
        .iter()
        .map(|(product, share)| (simplified(product), *share))
        .collect();
    Profile::of(
        &simplified(name),
        products
            .iter()
            .map(|(product, share)| (product.as_str(), *share)),
    )
}
