//! Plans that are kept beside a trip's own, to compare.

use domain::{
    account::{Action, Actor},
    lead::TITLE_LIMIT,
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{TRIP_VARIANTS, TripDetail, TripVariant},
};
use entity::trip_variant;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};

use super::stored_plan;
use crate::{Service, ServiceResult, require, without_nul};

impl Service {
    /// The plans kept beside a trip's own, first kept first.
    pub(super) async fn trip_variants(&self, trip_id: i64) -> ServiceResult<Vec<TripVariant>> {
        Ok(trip_variant::Entity::find()
            .filter(trip_variant::Column::TripId.eq(trip_id))
            .order_by_asc(trip_variant::Column::Id)
            .all(self.database.read())
            .await?
            .into_iter()
            .filter_map(|row| {
                Some(TripVariant {
                    id: row.id,
                    name: row.name,
                    plan: serde_json::from_value(row.plan).ok()?,
                })
            })
            .collect())
    }

    /// Keeps the trip's plan as it is beside what it will become.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for a name that is missing or too long, or one plan too many; [`Problem::Forbidden`],
    /// [`Problem::NotFound`].
    pub async fn keep_trip_variant(
        &self,
        actor: &Actor,
        trip_id: i64,
        mut name: String,
    ) -> ServiceResult<TripDetail> {
        without_nul(&mut name);
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::WriteTrip { bureau_id })?;
        let name = name.trim();
        let kind = if name.is_empty() {
            Some(FieldProblemKind::Required)
        } else if name.chars().count() > TITLE_LIMIT {
            Some(FieldProblemKind::TooLong { limit: TITLE_LIMIT })
        } else if self.trip_variants(trip_id).await?.len() >= TRIP_VARIANTS {
            Some(FieldProblemKind::OutOfRange {
                from: 0.0,
                until: TRIP_VARIANTS as f64,
            })
        } else {
            None
        };
        if let Some(kind) = kind {
            let fields = vec![FieldProblem::new("variant", kind)];
            return Err(Problem::Invalid { fields }.into());
        }
        let plan =
            serde_json::to_value(stored_plan(&stored)?).map_err(crate::ServiceError::internal)?;
        let transaction = self.database.begin().await?;
        trip_variant::ActiveModel {
            trip_id: Set(trip_id),
            name: Set(name.to_owned()),
            plan: Set(plan),
            created_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }

    /// Forgets a kept plan.
    ///
    /// # Errors
    /// [`Problem::Forbidden`], [`Problem::NotFound`].
    pub async fn drop_trip_variant(
        &self,
        actor: &Actor,
        trip_id: i64,
        variant_id: i64,
    ) -> ServiceResult<TripDetail> {
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::WriteTrip { bureau_id })?;
        let transaction = self.database.begin().await?;
        let dropped = trip_variant::Entity::delete_many()
            .filter(trip_variant::Column::Id.eq(variant_id))
            .filter(trip_variant::Column::TripId.eq(trip_id))
            .exec(&transaction)
            .await?;
        if dropped.rows_affected == 0 {
            return Err(Problem::NotFound.into());
        }
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }
}
