//! The outbox and the worker that empties it into the engine.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use entity::{enterprise, enterprise_product, outbox, setting};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::{Cursor, EnterpriseDocument};
use crate::{Service, ServiceResult};

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

impl Service {
    /// Brings the engine up to date with the database. Cheap when there is nothing to do.
    ///
    /// # Errors
    /// The database or the engine does not answer; the next round goes on where this one stopped.
    pub async fn feed_search(&self) -> ServiceResult<SyncOutcome> {
        let database_id = self.database_id().await?;
        let cursor = self.search.cursor().await?;
        let last = self.last_outbox_id().await?;
        let first = outbox::Entity::find()
            .order_by_asc(outbox::Column::Id)
            .one(self.database.read())
            .await?
            .map_or(last + 1, |row| row.id);
        let Some(cursor) = cursor.filter(|cursor| {
            // Another database, an older backup of it, or an outbox that was cleaned past the cursor.
            cursor.database_id == database_id
                && cursor.last_id <= last
                && cursor.last_id + 1 >= first
        }) else {
            return self.rebuild_search(&mut |_, _| {}).await;
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
                return self.rebuild_search(&mut |_, _| {}).await;
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
            self.search
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
        Ok(outcome)
    }

    /// Makes the index anew from the database. `progress` hears of documents done and to do.
    ///
    /// # Errors
    /// The database or the engine does not answer; without a cursor the next round starts again.
    pub async fn rebuild_search(
        &self,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> ServiceResult<SyncOutcome> {
        use sea_orm::PaginatorTrait;
        let database_id = self.database_id().await?;
        // Read before the documents: a change made meanwhile is fed once more afterwards.
        let last_id = self.last_outbox_id().await?;
        let total = enterprise::Entity::find()
            .count(self.database.read())
            .await?;
        self.search.clear().await?;
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
            self.search.write(documents, Vec::new(), None).await?;
            progress(done, total);
        }
        self.search
            .write(
                Vec::new(),
                Vec::new(),
                Some(Cursor {
                    database_id,
                    last_id,
                }),
            )
            .await?;
        Ok(SyncOutcome {
            documents: done,
            rebuilt: true,
        })
    }

    /// Leaves a word for the process that writes the index.
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
        let mut products: HashMap<i64, Vec<String>> = HashMap::new();
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
                .push(row.name);
        }
        Ok(enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::Closed.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|row| EnterpriseDocument {
                products: products.remove(&row.id).unwrap_or_default(),
                id: row.id,
                name: row.name,
                short_name: row.short_name.unwrap_or_default(),
                stock_code: row.stock_code.unwrap_or_default(),
                scope: row.business_scope.unwrap_or_default(),
                province: row.province.unwrap_or_default(),
                is_local: row.is_local,
                pinyin: row.pinyin,
                initials: row.initials,
            })
            .collect())
    }
}
