//! On the road: the trip as the phone carries it, and visits that are written down there.

use std::collections::{HashMap, HashSet};

use domain::{
    account::{Action, Actor, Role},
    lead::{
        CommitmentForm, ContactForm, EventKind, NewLead, Reminder, Stage, TITLE_LIMIT, TaskForm,
        WorkItem, WorkKind,
    },
    problem::{FieldProblem, FieldProblemKind, Problem},
    trip::{TripRoad, VISIT_PHOTOS, Visit, VisitForm, VisitLine, VisitOutcome, VisitReceipt},
};
use entity::{account, contact, enterprise, lead, lead_event, trip, visit};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr,
    EntityTrait, IntoActiveModel, QueryFilter, QueryOrder, QuerySelect,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{calendar::instant, called};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    chain::open_leads,
    lead::{Line, existing_held, hold_company_rows, owning_accounts},
    require,
};

/// Companies that were made one can point to each other in a row; so many steps are followed.
const MERGES: usize = 20;

/// How often a visit is begun anew because a lead of its company came meanwhile.
const ATTEMPTS: usize = 3;

/// A visit with what is kept beside what people see.
pub(super) struct Written {
    pub(super) visit: Visit,
    /// Where its lead stood then.
    pub(super) stage: Stage,
    /// The commitments that were made.
    pub(super) commitments: Vec<i64>,
}

/// What came of a visit beside its commitments, by ids.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Parts {
    /// The line on the timeline.
    event: i64,
    contacts: Vec<i64>,
    task: Option<i64>,
    files: Vec<i64>,
}

/// What became of a visit while the company was held.
enum Held {
    Written(VisitReceipt),
    /// The company has a lead that was not held before the company.
    Lead(i64),
    /// Somebody else's record of the same visit stands already.
    Another(Box<visit::Model>),
}

impl Service {
    /// A trip as a delegation carries it; `base` as in [`Service::trip_book`].
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for another bureau's trip.
    pub async fn trip_road(
        &self,
        actor: &Actor,
        trip_id: i64,
        base: &str,
    ) -> ServiceResult<TripRoad> {
        let stored = self.stored_trip(trip_id).await?;
        let may_write = actor.may(Action::NoteLead {
            bureau_id: stored.bureau_id,
        });
        let book = self.book_of(actor, stored, base).await?;
        let visits = self.visits_of(&[trip_id]).await?;
        Ok(TripRoad {
            book,
            visits: visits
                .into_iter()
                .map(|(_, written)| written.visit)
                .collect(),
            may_write,
            account_id: actor.account_id,
            person: actor.name.clone(),
        })
    }

    /// Writes a visit down: on the timeline of the company's lead, with its people, commitments, next step and photos,
    /// all or nothing. A company that the bureau does not follow yet gets its lead. The same mark again is the same
    /// visit, and nothing is written.
    ///
    /// # Errors
    /// [`Problem::NotSignedIn`] when somebody else is signed in than whoever wrote it; [`Problem::Invalid`];
    /// [`Problem::VisitKnown`] when somebody has written a visit of this trip to this company
    /// down already and the form does not say that both are meant; [`Problem::ClaimHeld`] when another bureau holds the
    /// company; [`Problem::TooLarge`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn record_visit(
        &self,
        actor: &Actor,
        trip_id: i64,
        mut form: VisitForm,
        photos: Vec<(String, Vec<u8>)>,
    ) -> ServiceResult<VisitReceipt> {
        let stored = self.stored_trip(trip_id).await?;
        let bureau_id = stored.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::NoteLead { bureau_id })?;
        if form.account_id.is_some_and(|id| id != actor.account_id) {
            // A page that was kept for one person sends it while another is signed in.
            return Err(Problem::NotSignedIn.into());
        }
        form.tidy();
        let mut fields = form.problems(self.today());
        if photos.len() > VISIT_PHOTOS {
            let limit = VISIT_PHOTOS;
            fields.push(FieldProblem::new(
                "photos",
                FieldProblemKind::TooLong { limit },
            ));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        if let Some(receipt) = known(self.database.read(), actor, trip_id, &form.mark).await? {
            return Ok(receipt);
        }
        let company = self.living_company(form.enterprise_id).await?;
        let new = self
            .lead_to_be(&stored, &company, &form, !photos.is_empty())
            .await?;
        let mut begun = None;
        for _ in 0..ATTEMPTS {
            let transaction = self.database.begin().await?;
            let written = self
                .write_held(
                    &transaction,
                    actor,
                    (&stored, &company),
                    &form,
                    (begun, new.clone()),
                    &photos,
                )
                .await;
            match written {
                Ok(Held::Written(receipt)) => {
                    transaction.commit().await?;
                    return Ok(receipt);
                }
                Ok(Held::Lead(lead_id)) => {
                    transaction.rollback().await?;
                    begun = Some(lead_id);
                }
                Ok(Held::Another(other)) => {
                    transaction.rollback().await?;
                    let by = self
                        .account_names(std::iter::once(other.account_id))
                        .await?
                        .remove(&other.account_id)
                        .unwrap_or_default();
                    return Err(Problem::VisitKnown {
                        by,
                        on: other.visited_on.to_string(),
                        outcome: VisitOutcome::from_key(&other.outcome)
                            .unwrap_or(VisitOutcome::Again),
                        remark: other.remark,
                    }
                    .into());
                }
                // The same mark, or the same company by another bureau, in the same second.
                Err(ServiceError::Database(error)) if ServiceError::is_unique_violation(&error) => {
                    transaction.rollback().await?;
                    if let Some(receipt) =
                        known(self.database.read(), actor, trip_id, &form.mark).await?
                    {
                        return Ok(receipt);
                    }
                    self.refuse_held_elsewhere(company.id, bureau_id).await?;
                    return Err(ServiceError::Database(error));
                }
                Err(error) => return Err(error),
            }
        }
        // The phone sends it again.
        Err(ServiceError::Database(DbErr::Custom(format!(
            "the lead of company {} changed {ATTEMPTS} times while a visit was written",
            company.id
        ))))
    }

    /// Finds the lead of a visit, or makes it, and writes the visit, while nobody else can write about the company.
    /// `begun` is a lead that turned up when it was tried before, `new` the one to be made where there is none.
    async fn write_held(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        (trip, company): (&trip::Model, &enterprise::Model),
        form: &VisitForm,
        (begun, new): (Option<i64>, Option<NewLead>),
        photos: &[(String, Vec<u8>)],
    ) -> ServiceResult<Held> {
        let open = || async {
            let open = open_leads()
                .filter(lead::Column::EnterpriseId.eq(company.id))
                .filter(lead::Column::BureauId.eq(trip.bureau_id))
                .order_by_asc(lead::Column::Id)
                .one(transaction)
                .await?;
            ServiceResult::Ok(open.map(|open| open.id))
        };
        // A lead is held before its company, as everybody does who changes a lead.
        let first = match begun {
            Some(lead_id) => Some(lead_id),
            None => open().await?,
        };
        let mut lead = match first {
            Some(lead_id) => Some(self.noted_lead(transaction, actor, lead_id).await?),
            None => None,
        };
        let (_, is_there) = hold_company_rows(transaction, company.id).await?;
        if !is_there {
            return Err(Problem::invalid("enterprise", FieldProblemKind::Unknown).into());
        }
        if let Some(receipt) = known(transaction, actor, trip.id, &form.mark).await? {
            return Ok(Held::Written(receipt));
        }
        if !form.beside_another {
            let other = visit::Entity::find()
                .filter(visit::Column::TripId.eq(trip.id))
                .filter(visit::Column::EnterpriseId.eq(company.id))
                .filter(visit::Column::WithdrawnAt.is_null())
                .order_by_desc(visit::Column::Id)
                .one(transaction)
                .await?;
            if let Some(other) = other {
                return Ok(Held::Another(Box::new(other)));
            }
        }
        if lead.is_none() {
            // One that came while nobody held the company: it is held first, from the beginning.
            if let Some(lead_id) = open().await? {
                return Ok(Held::Lead(lead_id));
            }
            if let Some(new) = new {
                // Whoever may write a visit down may begin the lead that it needs; a delegate does not own it.
                let owner_id = owner_of_new(transaction, actor, trip).await?;
                let made = self
                    .put_lead(transaction, actor, owner_id, trip.bureau_id, new)
                    .await;
                match made {
                    // The company has a lead under another of its names.
                    Err(ServiceError::Problem(Problem::LeadExists { lead_id })) => {
                        return Ok(Held::Lead(lead_id));
                    }
                    made => lead = Some(self.noted_lead(transaction, actor, made?).await?),
                }
            }
        }
        let lead_id = lead.as_ref().map(|lead| lead.id);
        let id = self
            .write_visit(
                transaction,
                actor,
                (trip, lead.as_ref()),
                company,
                form,
                photos,
            )
            .await?;
        Ok(Held::Written(VisitReceipt {
            id,
            lead_id,
            is_repeated: false,
        }))
    }

    /// Withdraws a visit that was written down by mistake: it counts nowhere any more, its line on the timeline says so,
    /// and what came of it is taken off the lead as far as nobody has changed it since. The lead itself stays.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for one that is withdrawn already; [`Problem::Forbidden`] for other people's.
    pub async fn withdraw_visit(
        &self,
        actor: &Actor,
        trip_id: i64,
        visit_id: i64,
    ) -> ServiceResult<()> {
        let bureau_id = self.stored_trip(trip_id).await?.bureau_id;
        require(actor, Action::ReadTrip { bureau_id })?;
        require(actor, Action::NoteLead { bureau_id })?;
        let there = || {
            visit::Entity::find_by_id(visit_id)
                .filter(visit::Column::TripId.eq(trip_id))
                .filter(visit::Column::WithdrawnAt.is_null())
        };
        let found = there().one(self.database.read()).await?;
        let found = found.ok_or(Problem::NotFound)?;
        if found.account_id != actor.account_id {
            return Err(Problem::Forbidden.into());
        }
        let transaction = self.database.begin().await?;
        let lead = match found.lead_id {
            Some(lead_id) => match existing_held(&transaction, lead_id).await {
                Ok(lead) => Some(lead),
                // In the bin: it comes back as it was.
                Err(ServiceError::Problem(Problem::NotFound)) => None,
                Err(error) => return Err(error),
            },
            None => None,
        };
        hold_company_rows(&transaction, found.enterprise_id).await?;
        let row = there().one(&transaction).await?.ok_or(Problem::NotFound)?;
        let parts: Parts = row
            .parts
            .clone()
            .and_then(|parts| serde_json::from_value(parts).ok())
            .unwrap_or_default();
        if let Some(lead) = &lead {
            let promises: Vec<i64> =
                serde_json::from_value(row.commitments.clone()).unwrap_or_default();
            let of = |kind, ids: &[i64]| -> Vec<WorkItem> {
                ids.iter()
                    .map(|id| WorkItem {
                        kind,
                        id: *id,
                        version: 1,
                    })
                    .collect()
            };
            let mut items = of(WorkKind::Commitment, &promises);
            items.extend(of(WorkKind::Contact, &parts.contacts));
            items.extend(of(WorkKind::Task, parts.task.as_slice()));
            items.extend(of(WorkKind::File, &parts.files));
            for item in items {
                let removed = self
                    .put_removed(&transaction, actor, lead, item, true)
                    .await;
                match removed {
                    // Somebody has worked with it, or taken it off already.
                    Ok(())
                    | Err(ServiceError::Problem(Problem::Stale { .. } | Problem::NotFound)) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if let Some(event) = lead_event::Entity::find_by_id(parts.event)
            .one(&transaction)
            .await?
        {
            let mut detail = event.detail.clone().unwrap_or_default();
            if let Some(line) = detail.get_mut("visit").and_then(Value::as_object_mut) {
                line.insert("is_withdrawn".to_owned(), true.into());
            }
            let mut event = event.into_active_model();
            event.kind = Set(EventKind::Note.key().to_owned());
            event.detail = Set(Some(detail));
            event.update(&transaction).await?;
        }
        let now = self.now();
        let mut withdrawn = row.into_active_model();
        withdrawn.withdrawn_at = Set(Some(now));
        withdrawn.update(&transaction).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "withdraw",
                entity: "visit",
                entity_id: visit_id,
                before: Some(json!({ "withdrawn": false })),
                after: Some(json!({ "withdrawn": true, "trip_id": trip_id })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Writes the visit and everything that comes of it.
    async fn write_visit(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        (trip, lead): (&trip::Model, Option<&lead::Model>),
        company: &enterprise::Model,
        form: &VisitForm,
        photos: &[(String, Vec<u8>)],
    ) -> ServiceResult<i64> {
        let now = self.now();
        let names: Vec<&str> = form.people.iter().map(|one| one.name.as_str()).collect();
        let mut commitments = Vec::new();
        if let Some(lead) = lead {
            for one in &form.commitments {
                let promise = CommitmentForm {
                    lead_id: lead.id,
                    changes: None,
                    side: one.side,
                    content: one.content.clone(),
                    owner: one.owner.clone(),
                    due_on: one.due_on,
                    fair_competition: one.fair_competition(),
                    state: None,
                };
                commitments.push(
                    self.put_commitment(transaction, actor, lead, promise)
                        .await?,
                );
            }
        }
        let mut row = visit::ActiveModel {
            trip_id: Set(trip.id),
            enterprise_id: Set(company.id),
            lead_id: Set(lead.map(|lead| lead.id)),
            account_id: Set(actor.account_id),
            mark: Set(form.mark.clone()),
            visited_on: Set(form.visited_on),
            begin_minute: Set(i32::from(form.begin_minute)),
            outcome: Set(form.outcome.key().to_owned()),
            interest: Set(form.interest.map(i32::from)),
            people: Set(json!(names)),
            remark: Set(form.remark.clone()),
            next_step: Set(form.next_step.clone()),
            next_on: Set(form.next_on),
            photos: Set(i32::try_from(photos.len()).unwrap_or(0)),
            stage: Set(lead.map_or(Stage::Lead.number(), |lead| lead.stage)),
            commitments: Set(json!(commitments)),
            written_at: Set(form.written_at),
            created_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        if let Some(lead) = lead {
            let line = VisitLine {
                visit_id: row.id,
                trip_id: trip.id,
                trip: trip.name.clone(),
                outcome: form.outcome,
                interest: form.interest,
                people: names.iter().map(|name| (*name).to_owned()).collect(),
                is_withdrawn: false,
            };
            let line = Line {
                // Where nobody was met there was no visit: it renews no claim and is no evidence.
                kind: if form.outcome.is_met() {
                    EventKind::VisitOutbound
                } else {
                    EventKind::Note
                },
                body: form.remark.clone(),
                detail: Some(json!({ "visit": line })),
                happened_at: instant(form.visited_on, form.begin_minute),
            };
            let mut parts = Parts {
                event: self.put_line(transaction, actor, lead, line).await?,
                ..Parts::default()
            };
            let known: HashSet<String> = contact::Entity::find()
                .filter(contact::Column::LeadId.eq(lead.id))
                .filter(contact::Column::DeletedAt.is_null())
                .all(transaction)
                .await?
                .into_iter()
                .map(|contact| contact.name)
                .collect();
            for person in form.people.iter().filter(|one| !known.contains(&one.name)) {
                let contact = ContactForm {
                    lead_id: lead.id,
                    changes: None,
                    name: person.name.clone(),
                    position: person.position.clone(),
                    phone: person.phone.clone(),
                    email: String::new(),
                };
                let id = self.put_contact(transaction, actor, lead, contact).await?;
                parts.contacts.push(id);
            }
            if let Some(due_on) = form.next_on {
                let task = TaskForm {
                    lead_id: lead.id,
                    changes: None,
                    title: form.next_step.clone(),
                    due_on,
                    due_minute: None,
                    reminder: Reminder::SameDay,
                    owner_id: None,
                };
                parts.task = Some(self.put_task(transaction, actor, lead, task).await?);
            }
            for (name, content) in photos {
                let id = self
                    .put_file(transaction, actor, lead, name, content.clone())
                    .await?;
                parts.files.push(id);
            }
            let mut with_parts = row.clone().into_active_model();
            with_parts.parts = Set(Some(json!(parts)));
            row = with_parts.update(transaction).await?;
        }
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action: "add",
                entity: "visit",
                entity_id: row.id,
                before: None,
                after: Some(json!({
                    "trip_id": row.trip_id, "enterprise_id": row.enterprise_id, "lead_id": row.lead_id,
                    "visited_on": row.visited_on, "begin_minute": row.begin_minute, "outcome": row.outcome,
                    "interest": row.interest, "people": row.people, "remark": row.remark,
                    "next_step": row.next_step, "next_on": row.next_on, "photos": row.photos,
                    "written_at": row.written_at,
                })),
            },
        )
        .await?;
        Ok(row.id)
    }

    /// The company of an id that a phone has carried for days: it may have been made one with another meanwhile.
    async fn living_company(&self, mut id: i64) -> ServiceResult<enterprise::Model> {
        for _ in 0..MERGES {
            let found = enterprise::Entity::find_by_id(id)
                .one(self.database.read())
                .await?;
            match found {
                Some(company) => match company.merged_into_id {
                    Some(other) => id = other,
                    None => return Ok(company),
                },
                None => break,
            }
        }
        Err(Problem::invalid("enterprise", FieldProblemKind::Unknown).into())
    }

    /// The lead that a visit begins where the bureau has none of the company. Where nobody was met and nothing was said
    /// there is no reason for one.
    async fn lead_to_be(
        &self,
        trip: &trip::Model,
        company: &enterprise::Model,
        form: &VisitForm,
        has_photos: bool,
    ) -> ServiceResult<Option<NewLead>> {
        let is_bare = !form.outcome.is_met()
            && form.people.is_empty()
            && form.commitments.is_empty()
            && form.next_on.is_none()
            && !has_photos;
        if is_bare {
            return Ok(None);
        }
        let node = self
            .brief_nodes(&[company.id], &HashMap::new())
            .await?
            .remove(&company.id);
        let name = called(&company.name, company.short_name.as_deref());
        let cut = |text: &str| text.chars().take(TITLE_LIMIT).collect::<String>();
        Ok(Some(NewLead {
            enterprise_id: company.id,
            chain_node_id: node.map(|node| node.node_id),
            bureau_id: Some(trip.bureau_id),
            title: cut(&name),
            investment_wan: None,
            land_mu: None,
            source: cut(&trip.name),
        }))
    }

    /// The visits that were written down on trips, each with its trip's id, in the order in which they were made.
    pub(super) async fn visits_of(&self, trip_ids: &[i64]) -> ServiceResult<Vec<(i64, Written)>> {
        let rows = visit::Entity::find()
            .filter(visit::Column::TripId.is_in(trip_ids.iter().copied()))
            .filter(visit::Column::WithdrawnAt.is_null())
            .order_by_asc(visit::Column::VisitedOn)
            .order_by_asc(visit::Column::BeginMinute)
            .order_by_asc(visit::Column::Id)
            .all(self.database.read())
            .await?;
        let names = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        Ok(rows
            .into_iter()
            .map(|mut row| {
                let by = names.get(&row.account_id).cloned().unwrap_or_default();
                let trip_id = row.trip_id;
                let written = Written {
                    stage: Stage::from_number(row.stage).unwrap_or(Stage::Lead),
                    commitments: serde_json::from_value(row.commitments.take()).unwrap_or_default(),
                    visit: visit_view(row, by),
                };
                (trip_id, written)
            })
            .collect())
    }

    /// The last visit of a lead that was written down on a trip and at which somebody was met: what a stage's evidence
    /// can be taken from.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for a lead that the person may not read.
    pub async fn last_visit(&self, actor: &Actor, lead_id: i64) -> ServiceResult<Option<Visit>> {
        let database = self.database.read();
        let lead = lead::Entity::find_by_id(lead_id)
            .one(database)
            .await?
            .filter(|lead| lead.deleted_at.is_none())
            .ok_or(Problem::NotFound)?;
        require(
            actor,
            Action::ReadLead {
                bureau_id: lead.bureau_id,
            },
        )?;
        let row = visit::Entity::find()
            .filter(visit::Column::LeadId.eq(lead_id))
            .filter(visit::Column::WithdrawnAt.is_null())
            .filter(visit::Column::Outcome.ne(VisitOutcome::Absent.key()))
            .order_by_desc(visit::Column::VisitedOn)
            .order_by_desc(visit::Column::Id)
            .one(database)
            .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        let by = self
            .account_names(std::iter::once(row.account_id))
            .await?
            .remove(&row.account_id)
            .unwrap_or_default();
        Ok(Some(visit_view(row, by)))
    }
}

/// Who owns a lead that a visit begins: whoever wrote the visit down if they write leads, else whoever planned the trip,
/// else the first of the bureau who does, its chief before others.
async fn owner_of_new(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    trip: &trip::Model,
) -> ServiceResult<i64> {
    let bureau_id = trip.bureau_id;
    if actor.may(Action::WriteLead { bureau_id }) {
        return Ok(actor.account_id);
    }
    let people: Vec<(i64, String)> = owning_accounts(bureau_id)
        .select_only()
        .column(account::Column::Id)
        .column(account::Column::Role)
        .filter(account::Column::Disabled.eq(false))
        .into_tuple()
        .all(connection)
        .await?;
    let first = people
        .into_iter()
        .min_by_key(|(id, role)| (*id != trip.owner_id, role != Role::BureauChief.key(), *id));
    Ok(first.map_or(actor.account_id, |(id, _)| id))
}

/// The receipt of a visit that has this mark already; somebody else's mark is none of this person's business.
async fn known(
    connection: &impl ConnectionTrait,
    actor: &Actor,
    trip_id: i64,
    mark: &str,
) -> ServiceResult<Option<VisitReceipt>> {
    let found = visit::Entity::find()
        .filter(visit::Column::Mark.eq(mark))
        .one(connection)
        .await?;
    match found {
        None => Ok(None),
        Some(row) if row.trip_id == trip_id && row.account_id == actor.account_id => {
            Ok(Some(VisitReceipt {
                id: row.id,
                lead_id: row.lead_id,
                is_repeated: true,
            }))
        }
        Some(_) => Err(Problem::invalid("mark", FieldProblemKind::Taken).into()),
    }
}

fn visit_view(row: visit::Model, by: String) -> Visit {
    Visit {
        id: row.id,
        enterprise_id: row.enterprise_id,
        lead_id: row.lead_id,
        visited_on: row.visited_on,
        begin_minute: u16::try_from(row.begin_minute).unwrap_or(0),
        outcome: VisitOutcome::from_key(&row.outcome).unwrap_or(VisitOutcome::Again),
        interest: row
            .interest
            .and_then(|interest| u8::try_from(interest).ok()),
        people: serde_json::from_value(row.people).unwrap_or_default(),
        remark: row.remark,
        next_step: row.next_step,
        next_on: row.next_on,
        photos: u16::try_from(row.photos).unwrap_or(0),
        account_id: row.account_id,
        by,
        written_at: row.written_at,
    }
}
