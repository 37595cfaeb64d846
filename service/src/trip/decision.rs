//! A trip is submitted, and a leader approves it or sends it back.

use domain::{
    account::{Action, Actor},
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{TripDetail, TripState},
};
use entity::trip;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, sea_query::Expr};
use serde_json::json;

use super::stale;
use crate::{
    Service, ServiceResult,
    audit::{self, Change},
    require, without_nul,
};

/// Most letters of what a leader says.
const REMARK_LIMIT: usize = 500;

impl Service {
    /// Moves a trip on: its bureau submits it or takes it back to draft, a leader approves it or returns it.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::Invalid`] when the trip is not where that can be done, or a return has no
    /// reason; [`Problem::Stale`], [`Problem::NotFound`].
    pub async fn decide_trip(
        &self,
        actor: &Actor,
        trip_id: i64,
        version: i64,
        to: TripState,
        mut remark: String,
    ) -> ServiceResult<TripDetail> {
        without_nul(&mut remark);
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        let is_decision = matches!(to, TripState::Approved | TripState::Returned);
        require(
            actor,
            if is_decision {
                Action::DecideTrip { bureau_id }
            } else {
                Action::WriteTrip { bureau_id }
            },
        )?;
        if stored.version != version {
            return Err(stale(&stored));
        }
        let from = TripState::from_key(&stored.state).unwrap_or_default();
        let is_possible = match to {
            TripState::Submitted => from != TripState::Submitted,
            TripState::Draft => from == TripState::Submitted,
            TripState::Approved | TripState::Returned => from == TripState::Submitted,
        };
        let remark = remark.trim();
        let mut fields = Vec::new();
        if !is_possible {
            fields.push(FieldProblem::new("state", FieldProblemKind::NotAChoice));
        }
        if remark.chars().count() > REMARK_LIMIT {
            let kind = FieldProblemKind::TooLong {
                limit: REMARK_LIMIT,
            };
            fields.push(FieldProblem::new("remark", kind));
        } else if to == TripState::Returned && remark.is_empty() {
            fields.push(FieldProblem::new("remark", FieldProblemKind::Required));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let now = self.now();
        let version = stored.version + 1;
        let transaction = self.database.begin().await?;
        let mut write = trip::Entity::update_many()
            .col_expr(trip::Column::State, Expr::value(to.key()))
            .col_expr(trip::Column::Version, Expr::value(version))
            .col_expr(trip::Column::UpdatedAt, Expr::value(now));
        if is_decision {
            let approved = (to == TripState::Approved).then_some(version);
            write = write
                .col_expr(trip::Column::Remark, Expr::value(remark))
                .col_expr(
                    trip::Column::DecidedById,
                    Expr::value(Some(actor.account_id)),
                )
                .col_expr(trip::Column::DecidedAt, Expr::value(Some(now)))
                .col_expr(trip::Column::DecidedVersion, Expr::value(approved));
        }
        let written = write
            .filter(trip::Column::Id.eq(trip_id))
            .filter(trip::Column::Version.eq(stored.version))
            .exec(&transaction)
            .await?;
        if written.rows_affected == 0 {
            return Err(stale(&stored));
        }
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "decide",
                entity: "trip",
                entity_id: trip_id,
                before: Some(json!({ "state": stored.state })),
                after: Some(json!({ "state": to.key(), "remark": remark })),
            },
        )
        .await?;
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }
}
