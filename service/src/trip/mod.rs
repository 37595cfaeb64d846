//! Trips: candidates from leads and gaps, the plan, the calendar.

mod book;
mod calendar;
mod change;
mod decision;
mod feed;
mod problem;
mod report;
mod road;
mod search;
mod solve;
mod variant;

pub(crate) use search::TripSearches;

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    time::Instant,
};

use chrono::NaiveDate;
use domain::{
    account::{Action, Actor},
    chain::GapClass,
    city,
    lead::{SideState, TITLE_LIMIT},
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{
        ChosenCandidate, Demand, NewTrip, Plan, TRIP_CANDIDATES, TRIP_DAYS, TRIP_TEAMS,
        TripCandidate, TripChoices, TripDetail, TripError, TripProblem, TripState, TripSummary,
        VISIT_MINUTES, solve, validate,
    },
};
use entity::{bureau, enterprise, enterprise_product, lead, trip, trip_candidate};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::json;

use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    lead::bureau_names,
    of_bureau, require,
    target::zone_place,
    without_nul,
};

use problem::{Outline, planning_settings};

/// How long the solver looks for a better plan, in milliseconds: a person waits for the answer.
const SOLVER_MILLISECONDS: u128 = 1500;
/// What a visit to a company of a target list is worth, on the scale of leads: somebody chose it.
const LISTED_VALUE: f64 = 6.0;
/// Gaps of a chain whose targets are proposed for a trip, and targets of each.
const GAPS_PER_CHAIN: usize = 3;
const TARGETS_PER_GAP: u64 = 4;

impl Service {
    /// What a trip of this person may visit: open leads of the bureau, and the best targets of the largest
    /// gaps that nobody follows yet; with a target list, its companies as well, and those are picked.
    ///
    /// # Errors
    /// [`Problem::Forbidden`]; [`Problem::NotFound`] for a list that the person does not have.
    pub async fn trip_choices(
        &self,
        actor: &Actor,
        bureau_id: Option<i64>,
        list_id: Option<i64>,
    ) -> ServiceResult<TripChoices> {
        let bureau_id = self.trip_bureau(actor, bureau_id)?;
        let listed = match list_id {
            Some(list_id) => self.target_list(actor, list_id).await?.rows,
            None => Vec::new(),
        };
        let leads = open_leads()
            .filter(lead::Column::BureauId.eq(bureau_id))
            .filter(
                sea_orm::Condition::any()
                    .add(lead::Column::SideState.is_null())
                    .add(lead::Column::SideState.ne(SideState::Paused.key())),
            )
            .filter(lead::Column::Stage.lt(domain::lead::Stage::Registered.number()))
            .order_by_desc(lead::Column::Stage)
            .order_by_asc(lead::Column::Id)
            .limit(100)
            .all(self.database.read())
            .await?;
        let rules = self.rules_in_force().await?;
        let cards = self.cards(leads, &rules).await?;
        let mut chosen: Vec<(ChosenCandidate, Option<String>)> = cards
            .iter()
            .map(|card| {
                (
                    ChosenCandidate {
                        enterprise_id: card.enterprise_id,
                        lead_id: Some(card.id),
                        value: lead_value(card.stage.number()),
                        required: false,
                    },
                    card.node.as_ref().map(|node| node.name.clone()),
                )
            })
            .collect();
        let lead_count = chosen.len();
        let mut picked: Vec<i64> = chosen.iter().map(|(one, _)| one.enterprise_id).collect();
        if list_id.is_some() {
            picked = listed
                .iter()
                .filter(|row| !row.is_gone)
                .map(|row| row.enterprise_id)
                .collect();
            for row in listed.into_iter().filter(|row| !row.is_gone) {
                let is_known = |(one, _): &(ChosenCandidate, Option<String>)| {
                    one.enterprise_id == row.enterprise_id
                };
                if !chosen.iter().any(is_known) {
                    chosen.push((
                        ChosenCandidate {
                            enterprise_id: row.enterprise_id,
                            lead_id: None,
                            value: LISTED_VALUE,
                            required: false,
                        },
                        row.node_name,
                    ));
                }
            }
        }
        for computed in self.computed_chains().await? {
            let mut gaps: Vec<_> = computed
                .score
                .nodes
                .iter()
                .filter(|node| {
                    matches!(
                        node.class,
                        GapClass::Missing | GapClass::Weak | GapClass::Extension
                    )
                })
                .filter_map(|node| Some((node.score?, node.node_id)))
                .collect();
            gaps.sort_by(|one, two| two.0.total_cmp(&one.0));
            for (_, node_id) in gaps.into_iter().take(GAPS_PER_CHAIN) {
                let Some(node) = computed.nodes.iter().find(|node| node.id == node_id) else {
                    continue;
                };
                let page = match self
                    .best_targets(actor, &computed, node, TARGETS_PER_GAP)
                    .await
                {
                    Ok(page) => page,
                    // Leads can still be visited while the search engine is away.
                    Err(ServiceError::Search(detail)) => {
                        tracing::warn!(%detail, "search engine");
                        continue;
                    }
                    Err(error) => return Err(error),
                };
                for row in page.rows {
                    if row.held.is_none()
                        && chosen
                            .iter()
                            .all(|(known, _)| known.enterprise_id != row.enterprise_id)
                    {
                        chosen.push((
                            ChosenCandidate {
                                enterprise_id: row.enterprise_id,
                                lead_id: None,
                                value: (row.score.total).round() / 10.0,
                                required: false,
                            },
                            Some(node.name.clone()),
                        ));
                    }
                }
            }
        }
        let mut candidates = self.candidates(chosen).await?;
        let targets = candidates.split_off(lead_count.min(candidates.len()));
        Ok(TripChoices {
            leads: candidates,
            targets,
            picked,
            cities: city::names().to_vec(),
            start_city: zone_place().city,
            today: self.today(),
        })
    }

    /// Plans a trip and keeps it. Returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`], [`Problem::Trip`], [`Problem::Forbidden`].
    pub async fn plan_trip(&self, actor: &Actor, mut new: NewTrip) -> ServiceResult<i64> {
        without_nul(&mut new.name);
        let bureau_id = self.trip_bureau(actor, new.bureau_id)?;
        let mut fields = check(&new, self.today());
        if self
            .bureaus()
            .await?
            .iter()
            .all(|bureau| bureau.id != bureau_id)
        {
            fields.push(FieldProblem::new("bureau", FieldProblemKind::Unknown));
        }
        if fields.is_empty() {
            self.check_candidates(actor, &new.candidates, &mut fields)
                .await?;
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let candidates = self.candidates(bare(&new.candidates)).await?;
        let seed: u32 = 7;
        let outline = Outline {
            start_on: new.start_on,
            days: new.days,
            frame: new.frame(),
            settings: planning_settings(),
            seed: u64::from(seed),
        };
        // A trip that is put down while it runs, or afterwards, is planned as if it were to come.
        let asked = TripProblem {
            now: None,
            ..self.trip_problem(&outline, &candidates).await?
        };
        let plan = on_solver_thread(asked)
            .await
            .map_err(|error| named(error, &candidates))?;
        let now = self.now();
        let transaction = self.database.begin().await?;
        let stored = trip::ActiveModel {
            bureau_id: Set(bureau_id),
            owner_id: Set(actor.account_id),
            name: Set(new.name.trim().to_owned()),
            start_on: Set(new.start_on),
            days: Set(i32::from(new.days)),
            teams: Set(i32::from(new.teams)),
            start_city: Set(new.start_city.clone()),
            settings: Set(serde_json::to_value(&outline.settings).map_err(ServiceError::internal)?),
            frame: Set(Some(
                serde_json::to_value(&outline.frame).map_err(ServiceError::internal)?,
            )),
            state: Set(TripState::Draft.key().to_owned()),
            remark: Set(String::new()),
            plan: Set(Some(
                serde_json::to_value(&plan).map_err(ServiceError::internal)?,
            )),
            seed: Set(i64::from(seed)),
            created_at: Set(now),
            updated_at: Set(now),
            version: Set(1),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        insert_candidates(&transaction, stored.id, 0, &candidates).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "add",
                entity: "trip",
                entity_id: stored.id,
                before: None,
                after: Some(json!({
                    "name": stored.name, "bureau_id": stored.bureau_id, "owner_id": stored.owner_id,
                    "start_on": stored.start_on, "days": stored.days, "teams": stored.teams,
                    "start_city": stored.start_city, "candidates": new.candidates, "version": 1,
                })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(stored.id)
    }

    /// Trips a person may see, newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn trips(&self, actor: &Actor) -> ServiceResult<Vec<TripSummary>> {
        let trips = trip::Entity::find()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(of_bureau(
                actor,
                None,
                trip::Column::BureauId,
                |bureau_id| Action::ReadTrip { bureau_id },
            )?)
            .order_by_desc(trip::Column::Id)
            .limit(100)
            .all(self.database.read())
            .await?;
        let counts: HashMap<i64, i64> = trip_candidate::Entity::find()
            .select_only()
            .column(trip_candidate::Column::TripId)
            .column_as(trip_candidate::Column::Id.count(), "count")
            .filter(trip_candidate::Column::TripId.is_in(trips.iter().map(|trip| trip.id)))
            .group_by(trip_candidate::Column::TripId)
            .into_tuple::<(i64, i64)>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        let bureaus = bureau_names(self.database.read()).await?;
        Ok(trips
            .into_iter()
            .map(|trip| {
                let plan: Option<Plan> = trip
                    .plan
                    .and_then(|value| serde_json::from_value(value).ok());
                TripSummary {
                    id: trip.id,
                    name: trip.name,
                    bureau: bureaus.get(&trip.bureau_id).cloned().unwrap_or_default(),
                    start_on: trip.start_on,
                    days: u8::try_from(trip.days).unwrap_or(0),
                    teams: u8::try_from(trip.teams).unwrap_or(0),
                    candidates: counts
                        .get(&trip.id)
                        .and_then(|count| u32::try_from(*count).ok())
                        .unwrap_or(0),
                    visited: plan.as_ref().map(|plan| plan.visited),
                    cities: plan.as_ref().map(|plan| plan.cities),
                    state: TripState::from_key(&trip.state).unwrap_or_default(),
                }
            })
            .collect())
    }

    /// A trip with its plan.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for another bureau's.
    pub async fn trip(&self, actor: &Actor, trip_id: i64) -> ServiceResult<TripDetail> {
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        let candidates = self.trip_candidates(trip_id).await?;
        let plan = stored_plan(&stored)?;
        let outline = Outline::of(&stored)?;
        let asked = self.trip_problem(&outline, &candidates).await?;
        let decided_by = match stored.decided_by_id {
            Some(id) => self.account_names(std::iter::once(id)).await?.remove(&id),
            None => None,
        };
        Ok(TripDetail {
            id: stored.id,
            bureau: self.bureau_name(bureau_id).await?,
            start_on: stored.start_on,
            days: outline.days,
            teams: u8::try_from(outline.frame.teams.len()).unwrap_or(0),
            start_city: stored.start_city,
            seed: outline.seed,
            candidates,
            cost: outline.cost(&plan),
            plan,
            problem: asked,
            frame: outline.frame,
            variants: self.trip_variants(trip_id).await?,
            state: TripState::from_key(&stored.state).unwrap_or_default(),
            decided_by,
            decided_at: stored.decided_at,
            is_changed: stored
                .decided_version
                .is_some_and(|decided| decided != stored.version),
            remark: stored.remark,
            may_write: actor.may(Action::WriteTrip { bureau_id }),
            may_decide: actor.may(Action::DecideTrip { bureau_id }),
            version: stored.version,
            name: stored.name,
        })
    }

    async fn bureau_name(&self, id: i64) -> ServiceResult<String> {
        Ok(bureau::Entity::find_by_id(id)
            .one(self.database.read())
            .await?
            .map(|bureau| bureau.name)
            .unwrap_or_default())
    }

    /// A trip that is not in the bin.
    async fn stored_trip(&self, trip_id: i64) -> ServiceResult<trip::Model> {
        Ok(trip::Entity::find_by_id(trip_id)
            .one(self.database.read())
            .await?
            .filter(|trip| trip.deleted_at.is_none())
            .ok_or(Problem::NotFound)?)
    }

    /// A trip that a person may change, at the version that the person has seen.
    async fn changeable_trip(
        &self,
        actor: &Actor,
        trip_id: i64,
        version: i64,
    ) -> ServiceResult<trip::Model> {
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::WriteTrip { bureau_id })?;
        if stored.version != version {
            return Err(stale(&stored));
        }
        Ok(stored)
    }

    /// The companies of a trip with what is asked of their visits, in their order.
    async fn trip_candidates(&self, trip_id: i64) -> ServiceResult<Vec<TripCandidate>> {
        let rows = trip_candidate::Entity::find()
            .filter(trip_candidate::Column::TripId.eq(trip_id))
            .order_by_asc(trip_candidate::Column::Position)
            .order_by_asc(trip_candidate::Column::Id)
            .all(self.database.read())
            .await?;
        // A lead in the bin has no page to open.
        let there: HashSet<i64> = lead::Entity::find()
            .select_only()
            .column(lead::Column::Id)
            .filter(lead::Column::Id.is_in(rows.iter().filter_map(|row| row.lead_id)))
            .filter(lead::Column::DeletedAt.is_null())
            .into_tuple::<i64>()
            .all(self.database.read())
            .await?
            .into_iter()
            .collect();
        let chosen = rows
            .iter()
            .map(|row| {
                (
                    ChosenCandidate {
                        enterprise_id: row.enterprise_id,
                        lead_id: row.lead_id.filter(|id| there.contains(id)),
                        value: row.value,
                        required: row.required,
                    },
                    None,
                )
            })
            .collect();
        let mut candidates = self.candidates(chosen).await?;
        let mut rows: HashMap<i64, trip_candidate::Model> = rows
            .into_iter()
            .map(|row| (row.enterprise_id, row))
            .collect();
        for candidate in &mut candidates {
            let Some(row) = rows.remove(&candidate.enterprise_id) else {
                continue;
            };
            candidate.duration_minutes =
                u16::try_from(row.duration_minutes).unwrap_or(VISIT_MINUTES);
            candidate.demand = row
                .demand
                .and_then(|demand| serde_json::from_value(demand).ok())
                .unwrap_or_default();
        }
        Ok(candidates)
    }

    fn trip_bureau(&self, actor: &Actor, asked: Option<i64>) -> ServiceResult<i64> {
        let Some(bureau_id) = asked.or(actor.bureau_id) else {
            require(actor, Action::EditChain)?;
            return Err(Problem::invalid("bureau", FieldProblemKind::Required).into());
        };
        require(actor, Action::WriteTrip { bureau_id })?;
        Ok(bureau_id)
    }

    async fn check_candidates(
        &self,
        actor: &Actor,
        chosen: &[ChosenCandidate],
        fields: &mut Vec<FieldProblem>,
    ) -> ServiceResult<()> {
        let ids: Vec<i64> = chosen.iter().map(|one| one.enterprise_id).collect();
        let known = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .filter(enterprise::Column::MergedIntoId.is_null())
            .count(self.database.read())
            .await?;
        // A closed company is visited for a lead only.
        let bare = chosen
            .iter()
            .filter(|one| one.lead_id.is_none())
            .map(|one| one.enterprise_id);
        let closed = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(bare))
            .filter(enterprise::Column::Closed.eq(true))
            .count(self.database.read())
            .await?;
        if known != ids.len() as u64 || closed > 0 {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Unknown));
        }
        let lead_ids: Vec<i64> = chosen.iter().filter_map(|one| one.lead_id).collect();
        let leads = lead::Entity::find()
            .filter(lead::Column::Id.is_in(lead_ids.iter().copied()))
            .filter(lead::Column::DeletedAt.is_null())
            .all(self.database.read())
            .await?;
        let readable = leads
            .iter()
            .filter(|lead| {
                let is_chosen = chosen.iter().any(|one| {
                    one.lead_id == Some(lead.id) && one.enterprise_id == lead.enterprise_id
                });
                is_chosen
                    && actor.may(Action::ReadLead {
                        bureau_id: lead.bureau_id,
                    })
            })
            .count();
        if readable != lead_ids.len() {
            fields.push(FieldProblem::new("candidates", FieldProblemKind::Unknown));
        }
        Ok(())
    }

    /// Companies with what a plan shows of them, in the order given.
    async fn candidates(
        &self,
        chosen: Vec<(ChosenCandidate, Option<String>)>,
    ) -> ServiceResult<Vec<TripCandidate>> {
        let ids: Vec<i64> = chosen.iter().map(|(one, _)| one.enterprise_id).collect();
        let companies: HashMap<i64, enterprise::Model> = enterprise::Entity::find()
            .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|company| (company.id, company))
            .collect();
        let mut products: HashMap<i64, Vec<String>> = HashMap::new();
        for row in enterprise_product::Entity::find()
            .filter(enterprise_product::Column::EnterpriseId.is_in(ids))
            .filter(enterprise_product::Column::Position.lt(3))
            .order_by_asc(enterprise_product::Column::Position)
            .all(self.database.read())
            .await?
        {
            products
                .entry(row.enterprise_id)
                .or_default()
                .push(row.name);
        }
        Ok(chosen
            .into_iter()
            .filter_map(|(one, node)| {
                let company = companies.get(&one.enterprise_id)?;
                Some(TripCandidate {
                    enterprise_id: one.enterprise_id,
                    lead_id: one.lead_id,
                    name: called(&company.name, company.short_name.as_deref()),
                    has_place: city::find(
                        company.province.as_deref(),
                        company.city.as_deref().unwrap_or_default(),
                    )
                    .is_some(),
                    city: company.city.clone(),
                    node,
                    value: one.value,
                    duration_minutes: VISIT_MINUTES,
                    required: one.required,
                    address: company.address.clone(),
                    products: products.remove(&one.enterprise_id).unwrap_or_default(),
                    demand: Demand::default(),
                })
            })
            .collect())
    }
}

/// What a company is called on a trip: by its short name where it has one.
fn called(name: &str, short_name: Option<&str>) -> String {
    short_name.unwrap_or(name).to_owned()
}

/// A visit to a company that is already talking is worth 8 points, and a quarter more a stage: it goes before
/// nearly every stranger, whose value is a tenth of a target score (10 at most, 8 for a perfect fit in reach), and
/// the later the stage, the more a meeting moves.
fn lead_value(stage: i32) -> f64 {
    8.0 + 0.25 * f64::from(stage)
}

fn check(new: &NewTrip, today: NaiveDate) -> Vec<FieldProblem> {
    let mut fields = Vec::new();
    let mut wrong = |field: &str, kind| fields.push(FieldProblem::new(field, kind));
    if new.name.trim().is_empty() {
        wrong("name", FieldProblemKind::Required);
    } else if new.name.chars().count() > TITLE_LIMIT {
        wrong("name", FieldProblemKind::TooLong { limit: TITLE_LIMIT });
    }
    let range = |until: u8| FieldProblemKind::OutOfRange {
        from: 1.0,
        until: f64::from(until),
    };
    if !(1..=TRIP_DAYS).contains(&new.days) {
        wrong("days", range(TRIP_DAYS));
    }
    if !(1..=TRIP_TEAMS).contains(&new.teams) {
        wrong("teams", range(TRIP_TEAMS));
    }
    if (new.start_on - today).num_days().abs() > 366 * 2 {
        wrong("start_on", FieldProblemKind::NotADate);
    }
    if city::find(None, &new.start_city).is_none() {
        wrong("start_city", FieldProblemKind::Unknown);
    }
    if new.candidates.is_empty() {
        wrong("candidates", FieldProblemKind::Required);
    } else if new.candidates.len() > TRIP_CANDIDATES {
        wrong(
            "candidates",
            FieldProblemKind::TooLong {
                limit: TRIP_CANDIDATES,
            },
        );
    }
    let mut ids: Vec<i64> = new.candidates.iter().map(|one| one.enterprise_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.len() != new.candidates.len() {
        wrong("candidates", FieldProblemKind::Taken);
    }
    if new
        .candidates
        .iter()
        .any(|one| !one.value.is_finite() || !(0.0..=100.0).contains(&one.value))
    {
        wrong(
            "value",
            FieldProblemKind::OutOfRange {
                from: 0.0,
                until: 100.0,
            },
        );
    }
    fields
}

/// Chosen companies without their nodes.
fn bare(chosen: &[ChosenCandidate]) -> Vec<(ChosenCandidate, Option<String>)> {
    chosen
        .iter()
        .map(|candidate| (candidate.clone(), None))
        .collect()
}

async fn insert_candidates(
    connection: &impl ConnectionTrait,
    trip_id: i64,
    first: i32,
    candidates: &[TripCandidate],
) -> ServiceResult<()> {
    let rows: Vec<trip_candidate::ActiveModel> = (first..)
        .zip(candidates)
        .map(|(position, candidate)| trip_candidate::ActiveModel {
            trip_id: Set(trip_id),
            enterprise_id: Set(candidate.enterprise_id),
            lead_id: Set(candidate.lead_id),
            value: Set(candidate.value),
            duration_minutes: Set(i32::from(candidate.duration_minutes)),
            required: Set(candidate.required),
            position: Set(position),
            ..Default::default()
        })
        .collect();
    trip_candidate::Entity::insert_many(rows)
        .exec(connection)
        .await?;
    Ok(())
}

/// A problem of the solver, before the names of the companies in it are known.
fn unnamed(problem: TripError) -> Problem {
    Problem::Trip {
        problem,
        names: BTreeMap::new(),
    }
}

/// The same with the names of the companies.
fn named(error: ServiceError, candidates: &[TripCandidate]) -> ServiceError {
    match error {
        ServiceError::Problem(Problem::Trip { problem, .. }) => Problem::Trip {
            problem,
            names: names(candidates),
        }
        .into(),
        other => other,
    }
}

fn names(candidates: &[TripCandidate]) -> BTreeMap<i64, String> {
    candidates
        .iter()
        .map(|candidate| (candidate.enterprise_id, candidate.name.clone()))
        .collect()
}

/// Somebody else has changed the trip meanwhile.
fn stale(stored: &trip::Model) -> ServiceError {
    Problem::Stale {
        fields: Vec::new(),
        version: stored.version,
    }
    .into()
}

fn stored_plan(stored: &trip::Model) -> ServiceResult<Plan> {
    stored
        .plan
        .clone()
        .and_then(|value| serde_json::from_value(value).ok())
        .ok_or_else(|| ServiceError::internal("a trip without a readable plan"))
}

async fn on_solver_thread(asked: TripProblem) -> ServiceResult<Plan> {
    tokio::task::spawn_blocking(move || {
        let started = Instant::now();
        let plan = solve(&asked, &mut |_| {
            started.elapsed().as_millis() < SOLVER_MILLISECONDS
        })
        .map_err(|error: TripError| ServiceError::from(unnamed(error)))?;
        checked(&asked, plan)
    })
    .await
    .map_err(ServiceError::internal)?
}

/// A plan of the solver that breaks no rule. The validator shares no code with the solver: a plan that it refuses is
/// never kept.
fn checked(asked: &TripProblem, plan: Plan) -> ServiceResult<Plan> {
    let violations = validate(asked, &plan);
    if violations.is_empty() {
        Ok(plan)
    } else {
        Err(ServiceError::internal(format!(
            "invalid plan: {violations:?}"
        )))
    }
}
