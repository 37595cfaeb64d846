//! What came of trips: the report of one, and those of a year compared.

use std::collections::{HashMap, HashSet};

use chrono::{Datelike, NaiveDate};
use domain::{
    account::{Action, Actor},
    lead::{CommitmentState, Side, Stage},
    trip::{
        Promises, ReportRow, TripReport, TripState, TripYear, TripYearRow, TripYield,
        UNANSWERED_ROWS, UnansweredVisit,
    },
};
use entity::{commitment, enterprise, lead, trip, trip_candidate, visit};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
};

use super::{called, problem::Outline, road::Written, stored_plan};
use crate::{Service, ServiceResult, lead::bureau_names, of_bureau, require};

/// Most trips of a year that are compared.
const YEAR_TRIPS: u64 = 500;
/// Ids of one question to the database.
const CHUNK: usize = 10_000;

/// What came of trips, and the leads that the person may read: stage and planned investment in 万元.
struct Told {
    trips: Vec<ToldTrip>,
    leads: Leads,
}

type Leads = HashMap<i64, (Stage, Option<i64>)>;

/// A trip with its plan and the rows of its report.
struct ToldTrip {
    trip: trip::Model,
    outline: Outline,
    rows: Vec<ReportRow>,
    total: TripYield,
}

impl Service {
    /// The report of a trip.
    ///
    /// # Errors
    /// [`domain::problem::Problem::NotFound`], also for another bureau's trip.
    pub async fn trip_report(&self, actor: &Actor, trip_id: i64) -> ServiceResult<TripReport> {
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        let bureau = self.bureau_name(bureau_id).await?;
        let mut told = self.told(actor, vec![stored]).await?.trips;
        let Some(told) = told.pop() else {
            return Err(domain::problem::Problem::NotFound.into());
        };
        Ok(TripReport {
            id: trip_id,
            name: told.trip.name,
            bureau,
            start_on: told.trip.start_on,
            days: told.outline.days,
            teams: told
                .outline
                .frame
                .teams
                .into_iter()
                .map(|team| team.name)
                .collect(),
            total: told.total,
            rows: told.rows,
        })
    }

    /// The trips of a year that a person may see, compared; without a year those of the last one that has any.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn trip_year(&self, actor: &Actor, year: Option<i32>) -> ServiceResult<TripYear> {
        let database = self.database.read();
        let mine = of_bureau(actor, None, trip::Column::BureauId, |bureau_id| {
            Action::ReadTrip { bureau_id }
        })?;
        // A plan that nobody approved and nobody went on cost nothing and owes no answer.
        let was_made = Condition::any()
            .add(trip::Column::State.eq(TripState::Approved.key()))
            .add(
                trip::Column::Id.in_subquery(
                    visit::Entity::find()
                        .select_only()
                        .column(visit::Column::TripId)
                        .filter(visit::Column::WithdrawnAt.is_null())
                        .into_query(),
                ),
            );
        let mine = mine.add(was_made);
        let starts: Vec<NaiveDate> = trip::Entity::find()
            .select_only()
            .column(trip::Column::StartOn)
            .distinct()
            .filter(trip::Column::DeletedAt.is_null())
            .filter(mine.clone())
            .into_tuple()
            .all(database)
            .await?;
        let mut years: Vec<i32> = starts.iter().map(Datelike::year).collect();
        years.sort_unstable_by(|one, other| other.cmp(one));
        years.dedup();
        let year = year
            .or_else(|| years.first().copied())
            .unwrap_or_else(|| self.today().year());
        let span = NaiveDate::from_ymd_opt(year, 1, 1).zip(NaiveDate::from_ymd_opt(year, 12, 31));
        let trips = match span {
            Some((first, last)) => {
                trip::Entity::find()
                    .filter(trip::Column::DeletedAt.is_null())
                    .filter(mine)
                    .filter(trip::Column::StartOn.between(first, last))
                    .order_by_desc(trip::Column::StartOn)
                    .order_by_desc(trip::Column::Id)
                    .limit(YEAR_TRIPS)
                    .all(database)
                    .await?
            }
            None => Vec::new(),
        };
        let bureaus = bureau_names(database).await?;
        let Told { trips: told, leads } = self.told(actor, trips).await?;
        let total = TripYield::together(
            told.iter().map(|told| (&told.rows[..], &told.total)),
            |id| leads.get(&id).and_then(|lead| lead.1),
        );
        let mut unanswered: Vec<UnansweredVisit> = told
            .iter()
            .flat_map(|told| {
                told.rows
                    .iter()
                    .filter(|row| row.is_unanswered)
                    .map(|row| UnansweredVisit {
                        trip_id: told.trip.id,
                        trip: told.trip.name.clone(),
                        enterprise_id: row.enterprise_id,
                        name: row.name.clone(),
                        date: row.date,
                    })
            })
            .collect();
        unanswered.sort_by(|one, other| {
            (one.date, one.trip_id, one.enterprise_id).cmp(&(
                other.date,
                other.trip_id,
                other.enterprise_id,
            ))
        });
        unanswered.truncate(UNANSWERED_ROWS);
        Ok(TripYear {
            year,
            years,
            rows: told
                .into_iter()
                .map(|told| TripYearRow {
                    id: told.trip.id,
                    bureau: bureaus
                        .get(&told.trip.bureau_id)
                        .cloned()
                        .unwrap_or_default(),
                    name: told.trip.name,
                    start_on: told.trip.start_on,
                    days: told.outline.days,
                    teams: u8::try_from(told.outline.frame.teams.len()).unwrap_or(0),
                    total: told.total,
                })
                .collect(),
            total,
            unanswered,
            today: self.today(),
        })
    }

    /// What came of each trip, with a fixed number of questions for all of them.
    async fn told(&self, actor: &Actor, trips: Vec<trip::Model>) -> ServiceResult<Told> {
        let database = self.database.read();
        let today = self.today();
        let ids: Vec<i64> = trips.iter().map(|trip| trip.id).collect();
        let mut by_trip: HashMap<i64, Vec<Written>> = HashMap::new();
        for (trip_id, written) in self.visits_of(&ids).await? {
            by_trip.entry(trip_id).or_default().push(written);
        }
        let written = || by_trip.values().flatten();
        let candidates: HashMap<(i64, i64), i64> = trip_candidate::Entity::find()
            .select_only()
            .column(trip_candidate::Column::TripId)
            .column(trip_candidate::Column::EnterpriseId)
            .column(trip_candidate::Column::LeadId)
            .filter(trip_candidate::Column::TripId.is_in(ids.iter().copied()))
            .filter(trip_candidate::Column::LeadId.is_not_null())
            .into_tuple::<(i64, i64, i64)>()
            .all(database)
            .await?
            .into_iter()
            .map(|(trip, company, lead)| ((trip, company), lead))
            .collect();
        let mut plans = Vec::new();
        let mut companies: HashSet<i64> = written().map(|one| one.visit.enterprise_id).collect();
        for trip in &trips {
            let plan = stored_plan(trip)?;
            companies.extend(plan.stops().map(|(.., stop)| stop.candidate_id));
            plans.push(plan);
        }
        let lead_ids: HashSet<i64> = written()
            .filter_map(|one| one.visit.lead_id)
            .chain(candidates.values().copied())
            .collect();
        let companies = self.names_and_cities(companies).await?;
        let leads = self.stages_of(actor, lead_ids).await?;
        let promises = self
            .promise_states(written().flat_map(|one| one.commitments.iter().copied()))
            .await?;
        let row = |trip_id: i64, company: i64, own: &[Written]| {
            let here = || own.iter().filter(|one| one.visit.enterprise_id == company);
            let visit = here()
                .rfind(|one| one.visit.outcome.is_met())
                .or_else(|| here().next_back())
                .map(|last| &last.visit);
            let is_read =
                |one: &&Written| one.visit.lead_id.is_some_and(|id| leads.contains_key(&id));
            let mut sum = Promises::default();
            for id in here().filter(is_read).flat_map(|one| &one.commitments) {
                let Some((side, state, due_on)) = promises.get(id) else {
                    continue;
                };
                match (state, side) {
                    (CommitmentState::Open, Side::Ours) => sum.ours_open += 1,
                    (CommitmentState::Open, Side::Theirs) => sum.theirs_open += 1,
                    (CommitmentState::Kept, _) => sum.kept += 1,
                    (CommitmentState::Broken, _) => sum.broken += 1,
                    (CommitmentState::Withdrawn, _) => {}
                }
                sum.overdue += u32::from(
                    *state == CommitmentState::Open && due_on.is_some_and(|due| due < today),
                );
            }
            let lead_id = visit
                .and_then(|visit| visit.lead_id)
                .or_else(|| candidates.get(&(trip_id, company)).copied())
                .filter(|id| leads.contains_key(id));
            ReportRow {
                enterprise_id: company,
                name: companies
                    .get(&company)
                    .map(|(name, _)| name.clone())
                    .unwrap_or_default(),
                city: String::new(),
                team: None,
                date: visit.map_or(today, |visit| visit.visited_on),
                begin_minute: visit.map_or(0, |visit| visit.begin_minute),
                is_unanswered: false,
                lead_id,
                stage: lead_id.and_then(|id| leads.get(&id)).map(|lead| lead.0),
                // The first visit of the lead that is shown; else the first of the company.
                stage_then: here()
                    .find(|one| one.visit.lead_id == lead_id)
                    .or_else(|| here().next())
                    .map(|first| first.stage),
                visit: visit.cloned(),
                promises: sum,
            }
        };
        let mut all = Vec::new();
        for (trip, plan) in trips.into_iter().zip(plans) {
            let own = by_trip.remove(&trip.id).unwrap_or_default();
            let outline = Outline::of(&trip)?;
            let mut rows = Vec::new();
            let mut seen = HashSet::new();
            for (team, _, day, stop) in plan.stops() {
                let date = day.date;
                seen.insert(stop.candidate_id);
                let row = row(trip.id, stop.candidate_id, &own);
                rows.push(ReportRow {
                    city: stop.city.clone(),
                    team: Some(team),
                    date,
                    begin_minute: stop.begin_minute,
                    is_unanswered: row.visit.is_none() && date < today,
                    ..row
                });
            }
            for written in &own {
                let id = written.visit.enterprise_id;
                if seen.insert(id) {
                    let city = companies.get(&id).map(|(_, city)| city.clone());
                    rows.push(ReportRow {
                        city: city.unwrap_or_default(),
                        ..row(trip.id, id, &own)
                    });
                }
            }
            let cost = outline.cost(&plan).total;
            let total = TripYield::of(&rows, cost, |id| leads.get(&id).and_then(|lead| lead.1));
            all.push(ToldTrip {
                trip,
                outline,
                rows,
                total,
            });
        }
        Ok(Told { trips: all, leads })
    }

    async fn names_and_cities(
        &self,
        ids: HashSet<i64>,
    ) -> ServiceResult<HashMap<i64, (String, String)>> {
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<(i64, String, Option<String>, Option<String>)> =
                enterprise::Entity::find()
                    .select_only()
                    .column(enterprise::Column::Id)
                    .column(enterprise::Column::Name)
                    .column(enterprise::Column::ShortName)
                    .column(enterprise::Column::City)
                    .filter(enterprise::Column::Id.is_in(ids.iter().copied()))
                    .into_tuple()
                    .all(self.database.read())
                    .await?;
            found.extend(rows.into_iter().map(|(id, name, short, city)| {
                (
                    id,
                    (called(&name, short.as_deref()), city.unwrap_or_default()),
                )
            }));
        }
        Ok(found)
    }

    /// Stage and planned investment of leads that are not in the bin and that the person may read.
    async fn stages_of(&self, actor: &Actor, ids: HashSet<i64>) -> ServiceResult<Leads> {
        let mine = of_bureau(actor, None, lead::Column::BureauId, |bureau_id| {
            Action::ReadLead { bureau_id }
        })?;
        let ids: Vec<i64> = ids.into_iter().collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<(i64, i32, Option<i64>)> = lead::Entity::find()
                .select_only()
                .column(lead::Column::Id)
                .column(lead::Column::Stage)
                .column(lead::Column::InvestmentWan)
                .filter(lead::Column::Id.is_in(ids.iter().copied()))
                .filter(lead::Column::DeletedAt.is_null())
                .filter(mine.clone())
                .into_tuple()
                .all(self.database.read())
                .await?;
            found.extend(rows.into_iter().map(|(id, stage, wan)| {
                (id, (Stage::from_number(stage).unwrap_or(Stage::Lead), wan))
            }));
        }
        Ok(found)
    }

    async fn promise_states(
        &self,
        ids: impl Iterator<Item = i64>,
    ) -> ServiceResult<HashMap<i64, (Side, CommitmentState, Option<NaiveDate>)>> {
        let ids: Vec<i64> = ids.collect();
        let mut found = HashMap::new();
        for ids in ids.chunks(CHUNK) {
            let rows: Vec<(i64, String, String, Option<NaiveDate>)> = commitment::Entity::find()
                .select_only()
                .column(commitment::Column::Id)
                .column(commitment::Column::Side)
                .column(commitment::Column::State)
                .column(commitment::Column::DueOn)
                .filter(commitment::Column::Id.is_in(ids.iter().copied()))
                .filter(commitment::Column::DeletedAt.is_null())
                .into_tuple()
                .all(self.database.read())
                .await?;
            found.extend(rows.into_iter().filter_map(|(id, side, state, due_on)| {
                let side = Side::from_key(&side)?;
                Some((id, (side, CommitmentState::from_key(&state)?, due_on)))
            }));
        }
        Ok(found)
    }
}
