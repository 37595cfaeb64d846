//! Changing a trip: its plan by hand, its companies, its frame.

use std::collections::{HashMap, HashSet};

use chrono::Duration;
use domain::{
    account::Actor,
    lead::TITLE_LIMIT,
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{
        CandidateDemand, DayPlan, Demand, HoldFrame, OpenOn, Plan, TRIP_CANDIDATES, TeamPlan,
        TripCandidate, TripCandidatesChange, TripDetail, TripFrameChange, TripPlanChange,
        TripState, replan, restated, slots, validate,
    },
};
use entity::{trip, trip_candidate};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter,
    sea_query::Expr,
};
use serde_json::json;

use super::{
    SOLVER_MILLISECONDS, bare, checked, insert_candidates, named, names, problem::Outline, stale,
    stored_plan, unnamed,
};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    without_nul,
};

/// Most opening windows of one company.
const WINDOW_LIMIT: usize = 60;
/// Most letters of a host's name.
const HOST_LIMIT: usize = 40;

impl Service {
    /// Keeps a plan that was changed by hand, with the demands that came with it.
    ///
    /// # Errors
    /// [`Problem::TripPlan`] when the plan breaks a rule, [`Problem::Stale`], [`Problem::Invalid`],
    /// [`Problem::Forbidden`], [`Problem::NotFound`].
    pub async fn change_trip_plan(
        &self,
        actor: &Actor,
        trip_id: i64,
        change: TripPlanChange,
    ) -> ServiceResult<TripDetail> {
        let stored = self.changeable_trip(actor, trip_id, change.version).await?;
        let mut candidates = self.trip_candidates(trip_id).await?;
        take_demands(&mut candidates, &change.demands)?;
        let outline = Outline::of(&stored)?;
        let asked = self.trip_problem(&outline, &candidates).await?;
        asked
            .check()
            .map_err(|problem| named(unnamed(problem).into(), &candidates))?;
        // What has happened on the road is not judged again.
        let asked = asked.begun(&stored_plan(&stored)?);
        let violations = validate(&asked, &change.plan);
        if !violations.is_empty() {
            let names = names(&candidates);
            return Err(Problem::TripPlan { violations, names }.into());
        }
        // Kept is what the same visits at the same minutes give here: reasons and figures are not the sender's to say.
        let plan = match restated(&asked, &change.plan) {
            Ok(plan) if slots(&plan) == slots(&change.plan) => checked(&asked, plan)?,
            _ => change.plan,
        };
        let changed: Vec<i64> = change.demands.iter().map(|one| one.enterprise_id).collect();
        let transaction = self.database.begin().await?;
        self.keep_plan(&transaction, actor, &stored, &plan, "plan")
            .await?;
        keep_demands(&transaction, trip_id, &candidates, &changed).await?;
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }

    /// Companies join a trip or leave it; the plan changes as little as possible.
    ///
    /// # Errors
    /// As [`Service::change_trip_plan`]; [`Problem::Trip`] when there is no plan any more.
    pub async fn change_trip_candidates(
        &self,
        actor: &Actor,
        trip_id: i64,
        change: TripCandidatesChange,
    ) -> ServiceResult<TripDetail> {
        let stored = self.changeable_trip(actor, trip_id, change.version).await?;
        let there = self.trip_candidates(trip_id).await?;
        let mut fields = Vec::new();
        let known: HashSet<i64> = there.iter().map(|one| one.enterprise_id).collect();
        let mut seen = known.clone();
        if change.add.iter().any(|one| !seen.insert(one.enterprise_id)) {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Taken));
        }
        if change.remove.iter().any(|id| !known.contains(id)) {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Unknown));
        }
        if seen.len() > TRIP_CANDIDATES {
            let kind = FieldProblemKind::TooLong {
                limit: TRIP_CANDIDATES,
            };
            fields.push(FieldProblem::new("candidates", kind));
        }
        let is_value = |value: f64| value.is_finite() && (0.0..=100.0).contains(&value);
        if !change.add.iter().all(|one| is_value(one.value)) {
            fields.push(FieldProblem::new("value", value_range()));
        }
        if fields.is_empty() {
            self.check_candidates(actor, &change.add, &mut fields)
                .await?;
        }
        let leaving: HashSet<i64> = change.remove.iter().copied().collect();
        if leaving.len() >= there.len() + change.add.len() {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Required));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let joining = self.candidates(bare(&change.add)).await?;
        let mut candidates = there;
        candidates.retain(|one| !leaving.contains(&one.enterprise_id));
        candidates.extend(joining.iter().cloned());
        let outline = Outline::of(&stored)?;
        let asked = self.trip_problem(&outline, &candidates).await?;
        let before = stored_plan(&stored)?;
        let plan = replanned(asked, before)
            .await
            .map_err(|error| named(error, &candidates))?;
        let transaction = self.database.begin().await?;
        self.keep_plan(&transaction, actor, &stored, &plan, "plan")
            .await?;
        trip_candidate::Entity::delete_many()
            .filter(trip_candidate::Column::TripId.eq(trip_id))
            .filter(trip_candidate::Column::EnterpriseId.is_in(leaving))
            .exec(&transaction)
            .await?;
        if !joining.is_empty() {
            // After all that are there: positions only order.
            let first = i32::try_from(candidates.len() + change.remove.len()).unwrap_or(i32::MAX);
            insert_candidates(&transaction, trip_id, first, &joining).await?;
        }
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }

    /// Changes when a trip is, and who travels from where; then plans it again with as little change as possible: visits
    /// keep their dates and their teams. Locks and hand-made placements on dates or teams that are no more are given up.
    ///
    /// # Errors
    /// As [`Service::change_trip_candidates`].
    pub async fn change_trip_frame(
        &self,
        actor: &Actor,
        trip_id: i64,
        mut change: TripFrameChange,
    ) -> ServiceResult<TripDetail> {
        without_nul(&mut change.name);
        for team in &mut change.frame.teams {
            without_nul(&mut team.name);
            team.people.iter_mut().for_each(without_nul);
            team.people.retain(|person| !person.trim().is_empty());
        }
        let stored = self.changeable_trip(actor, trip_id, change.version).await?;
        let former = Outline::of(&stored)?;
        let mut outline = Outline {
            start_on: change.start_on,
            days: change.days,
            frame: change.frame,
            settings: former.settings.clone(),
            seed: former.seed,
        };
        outline.name_cities();
        let mut fields = outline.check();
        if change.name.trim().is_empty() {
            fields.push(FieldProblem::new("name", FieldProblemKind::Required));
        } else if change.name.chars().count() > TITLE_LIMIT {
            let kind = FieldProblemKind::TooLong { limit: TITLE_LIMIT };
            fields.push(FieldProblem::new("name", kind));
        }
        if (change.start_on - self.today()).num_days().abs() > 366 * 2 {
            fields.push(FieldProblem::new("start_on", FieldProblemKind::NotADate));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let former_candidates = self.trip_candidates(trip_id).await?;
        let former_problem = self.trip_problem(&former, &former_candidates).await?;
        let before = stored_plan(&stored)?;
        let shift = Shift::new(&former, &outline, &change.former);
        if outline.frame.holds == former.frame.holds {
            outline.frame.holds = shift.holds(&former.frame.holds);
        }
        let mut candidates = former_candidates.clone();
        for candidate in &mut candidates {
            shift.demand(&mut candidate.demand);
        }
        let changed: Vec<i64> = candidates
            .iter()
            .zip(&former_candidates)
            .filter(|(one, other)| one.demand != other.demand)
            .map(|(one, _)| one.enterprise_id)
            .collect();
        let teams = outline.frame.teams.len();
        let asked = self.trip_problem(&outline, &candidates).await?;
        let plan = if asked == former_problem {
            // Names alone move nobody.
            before
        } else {
            replanned(asked, shift.plan(&before))
                .await
                .map_err(|error| named(error, &candidates))?
        };
        let transaction = self.database.begin().await?;
        let mut row: trip::ActiveModel = self
            .keep_plan(&transaction, actor, &stored, &plan, "plan")
            .await?
            .into();
        row.name = Set(change.name.trim().to_owned());
        row.start_on = Set(outline.start_on);
        row.days = Set(i32::from(outline.days));
        row.teams = Set(i32::try_from(teams).unwrap_or(1));
        if let Some(team) = outline.frame.teams.first() {
            row.start_city = Set(team.start_city.clone());
        }
        row.frame = Set(Some(
            serde_json::to_value(&outline.frame).map_err(ServiceError::internal)?,
        ));
        row.update(&transaction).await?;
        keep_demands(&transaction, trip_id, &candidates, &changed).await?;
        transaction.commit().await?;
        self.trip(actor, trip_id).await
    }

    /// Writes a new plan at the next version, unless somebody was faster.
    pub(super) async fn keep_plan(
        &self,
        transaction: &impl ConnectionTrait,
        actor: &Actor,
        stored: &trip::Model,
        plan: &Plan,
        action: &'static str,
    ) -> ServiceResult<trip::Model> {
        let version = stored.version + 1;
        let now = self.now();
        let value = serde_json::to_value(plan).map_err(ServiceError::internal)?;
        // What waits for a leader's word is not what was sent: it is a draft again.
        let state = match TripState::from_key(&stored.state) {
            Some(TripState::Submitted | TripState::Returned) => TripState::Draft.key().to_owned(),
            _ => stored.state.clone(),
        };
        let written = trip::Entity::update_many()
            .col_expr(trip::Column::Plan, Expr::value(Some(value)))
            .col_expr(trip::Column::State, Expr::value(state))
            .col_expr(trip::Column::Version, Expr::value(version))
            .col_expr(trip::Column::UpdatedAt, Expr::value(now))
            .filter(trip::Column::Id.eq(stored.id))
            .filter(trip::Column::Version.eq(stored.version))
            .filter(trip::Column::DeletedAt.is_null())
            .exec(transaction)
            .await?;
        if written.rows_affected == 0 {
            return Err(stale(stored));
        }
        let totals = |plan: &Plan| {
            json!({ "visited": plan.visited, "cities": plan.cities, "value": plan.total_value,
                "travel_minutes": plan.travel_minutes })
        };
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action,
                entity: "trip",
                entity_id: stored.id,
                before: Some(stored_plan(stored).map(|plan| totals(&plan))?),
                after: Some(totals(plan)),
            },
        )
        .await?;
        Ok(trip::Entity::find_by_id(stored.id)
            .one(transaction)
            .await?
            .ok_or(Problem::NotFound)?)
    }
}

/// Where days and teams of before are now.
struct Shift {
    /// By the former team.
    teams: Vec<Option<u8>>,
    /// By the former day.
    days: Vec<Option<u8>>,
    now: (usize, usize),
    start_on: chrono::NaiveDate,
}

impl Shift {
    fn new(before: &Outline, after: &Outline, former: &[Option<u8>]) -> Self {
        let count = after.frame.teams.len();
        let place = |team: usize| {
            if former.len() == count {
                former
                    .iter()
                    .position(|own| own.is_some_and(|own| usize::from(own) == team))
            } else {
                (team < count).then_some(team)
            }
        };
        let days = (0..before.days)
            .map(|day| {
                let date = before.start_on + Duration::days(i64::from(day));
                let now = (date - after.start_on).num_days();
                u8::try_from(now).ok().filter(|now| *now < after.days)
            })
            .collect();
        Self {
            teams: (0..before.frame.teams.len())
                .map(|team| place(team).and_then(|team| u8::try_from(team).ok()))
                .collect(),
            days,
            now: (count, usize::from(after.days)),
            start_on: after.start_on,
        }
    }

    /// The demand with its team and date as they are counted now; without them when they are no more.
    fn demand(&self, demand: &mut Demand) {
        let is_bound = demand.fixed_team.is_some() || demand.fixed_day.is_some();
        let now = |own: Option<u8>, table: &[Option<u8>]| match own {
            None => Ok(None),
            Some(own) => table
                .get(usize::from(own))
                .copied()
                .flatten()
                .map(Some)
                .ok_or(()),
        };
        match (
            now(demand.fixed_team, &self.teams),
            now(demand.fixed_day, &self.days),
        ) {
            (Ok(team), Ok(day)) => (demand.fixed_team, demand.fixed_day) = (team, day),
            _ if is_bound => {
                (demand.fixed_team, demand.fixed_day, demand.fixed_minute) = (None, None, None);
                demand.locked = false;
            }
            _ => {}
        }
        for window in &mut demand.open {
            if let OpenOn::Day(day) = window.on
                && let Some(now) = self.days.get(usize::from(day)).copied().flatten()
            {
                window.on = OpenOn::Day(now);
            }
        }
    }

    /// When teams are held up, by the teams and days of now.
    fn holds(&self, before: &[HoldFrame]) -> Vec<HoldFrame> {
        let now = |own: u8, table: &[Option<u8>]| table.get(usize::from(own)).copied().flatten();
        before
            .iter()
            .filter_map(|hold| {
                Some(HoldFrame {
                    team: now(hold.team, &self.teams)?,
                    day: now(hold.day, &self.days)?,
                    ..*hold
                })
            })
            .collect()
    }

    /// The visits and ways of a plan, by the teams and days of now. What else a plan says does not count for planning
    /// again.
    fn plan(&self, before: &Plan) -> Plan {
        let days = (0..i64::try_from(self.now.1).unwrap_or(0))
            .map(|day| DayPlan {
                date: self.start_on + Duration::days(day),
                legs: Vec::new(),
                stops: Vec::new(),
                hotel_city: None,
            })
            .collect();
        let mut teams = vec![
            TeamPlan {
                days,
                visits: 0,
                travel_minutes: 0,
            };
            self.now.0
        ];
        for (team, own) in before.teams.iter().enumerate() {
            let Some(there) = self.teams.get(team).copied().flatten() else {
                continue;
            };
            for (day, own) in own.days.iter().enumerate() {
                let Some(now) = self.days.get(day).copied().flatten() else {
                    continue;
                };
                let place = teams
                    .get_mut(usize::from(there))
                    .and_then(|team| team.days.get_mut(usize::from(now)));
                if let Some(place) = place {
                    place.stops.clone_from(&own.stops);
                    place.legs.clone_from(&own.legs);
                    place.hotel_city.clone_from(&own.hotel_city);
                }
            }
        }
        Plan {
            teams,
            ..before.clone()
        }
    }
}

fn value_range() -> FieldProblemKind {
    FieldProblemKind::OutOfRange {
        from: 0.0,
        until: 100.0,
    }
}

/// Puts demands into the candidates that they are of.
fn take_demands(
    candidates: &mut [TripCandidate],
    demands: &[CandidateDemand],
) -> ServiceResult<()> {
    let mut by_id: HashMap<i64, &mut TripCandidate> = candidates
        .iter_mut()
        .map(|candidate| (candidate.enterprise_id, candidate))
        .collect();
    let mut fields = Vec::new();
    for one in demands {
        let Some(candidate) = by_id.get_mut(&one.enterprise_id) else {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Unknown));
            continue;
        };
        if !one.value.is_finite() || !(0.0..=100.0).contains(&one.value) {
            fields.push(FieldProblem::new("value", value_range()));
        }
        if one.demand.open.len() > WINDOW_LIMIT {
            let kind = FieldProblemKind::TooLong {
                limit: WINDOW_LIMIT,
            };
            fields.push(FieldProblem::new("open", kind));
        }
        let is_locked = one.demand.fixed_team.is_some()
            && one.demand.fixed_day.is_some()
            && one.demand.fixed_minute.is_some();
        if one.demand.locked && !is_locked {
            fields.push(FieldProblem::new("locked", FieldProblemKind::Required));
        }
        let mut demand = one.demand.clone();
        if let Some(host) = &mut demand.host {
            without_nul(host);
            if host.chars().count() > HOST_LIMIT {
                let kind = FieldProblemKind::TooLong { limit: HOST_LIMIT };
                fields.push(FieldProblem::new("host", kind));
            }
        }
        candidate.value = one.value;
        candidate.duration_minutes = one.duration_minutes;
        candidate.required = one.required;
        candidate.demand = demand;
    }
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Problem::Invalid { fields }.into())
    }
}

async fn keep_demands(
    connection: &impl ConnectionTrait,
    trip_id: i64,
    candidates: &[TripCandidate],
    changed: &[i64],
) -> ServiceResult<()> {
    for candidate in candidates
        .iter()
        .filter(|candidate| changed.contains(&candidate.enterprise_id))
    {
        let demand = serde_json::to_value(&candidate.demand).map_err(ServiceError::internal)?;
        trip_candidate::Entity::update_many()
            .col_expr(trip_candidate::Column::Value, Expr::value(candidate.value))
            .col_expr(
                trip_candidate::Column::DurationMinutes,
                Expr::value(i32::from(candidate.duration_minutes)),
            )
            .col_expr(
                trip_candidate::Column::Required,
                Expr::value(candidate.required),
            )
            .col_expr(trip_candidate::Column::Demand, Expr::value(Some(demand)))
            .filter(trip_candidate::Column::TripId.eq(trip_id))
            .filter(trip_candidate::Column::EnterpriseId.eq(candidate.enterprise_id))
            .exec(connection)
            .await?;
    }
    Ok(())
}

/// A plan with as little change as possible.
async fn replanned(asked: domain::trip::TripProblem, before: Plan) -> ServiceResult<Plan> {
    tokio::task::spawn_blocking(move || {
        let started = std::time::Instant::now();
        let asked = asked.begun(&before);
        let plan = replan(&asked, &before, &mut |_| {
            started.elapsed().as_millis() < SOLVER_MILLISECONDS
        })
        .map_err(unnamed)?;
        checked(&asked, plan)
    })
    .await
    .map_err(ServiceError::internal)?
}
