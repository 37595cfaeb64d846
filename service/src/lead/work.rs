//! What hangs on a lead: contacts, tasks, commitments, files. Whoever may write a note may write these.

use domain::{
    account::{Action, Actor},
    lead::{
        Commitment, CommitmentForm, CommitmentState, Contact, ContactForm, ENERGY_LIMIT, EventKind,
        FILE_LIMIT, FairCompetition, LeadFile, LeadWork, NAME_LIMIT, Reminder, Side, Stage, Task,
        TaskForm, WORK_LIMIT, WorkItem, WorkKind, asks_for_commitments, is_email_address,
        is_phone_number,
    },
    problem::{FieldProblem, FieldProblemKind, Problem, StaleField},
};
use entity::{commitment, contact, lead, lead_file, task};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DatabaseTransaction,
    EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{
    change::{owners, stale_at},
    existing, existing_held,
};
use crate::{
    Service, ServiceResult,
    account::hexadecimal,
    audit::{self, Change},
    clean_text, needed_text, require,
};

/// A file's name, size and who added it, without its bytes.
type FileRow = (i64, String, i64, i64, chrono::DateTime<chrono::Utc>);

impl Service {
    /// Writes a contact, and returns its id.
    ///
    /// # Errors
    /// [`Problem::Invalid`], [`Problem::Stale`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn write_contact(&self, actor: &Actor, form: ContactForm) -> ServiceResult<i64> {
        let (transaction, lead) = self.begin_work(actor, form.lead_id).await?;
        let id = self.put_contact(&transaction, actor, &lead, form).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// [`Service::write_contact`] of a lead that [`Service::noted_lead`] gave, in that transaction.
    pub(crate) async fn put_contact(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        form: ContactForm,
    ) -> ServiceResult<i64> {
        let mut fields = Vec::new();
        let name = needed_text("name", form.name, NAME_LIMIT, &mut fields);
        let position = clean_text("position", form.position, NAME_LIMIT, &mut fields);
        let phone = clean_text("phone", form.phone, NAME_LIMIT, &mut fields);
        let email = clean_text("email", form.email, NAME_LIMIT, &mut fields);
        if !phone.is_empty() && !is_phone_number(&phone) {
            fields.push(FieldProblem::new("phone", FieldProblemKind::NotAPhone));
        }
        if !email.is_empty() && !is_email_address(&email) {
            fields.push(FieldProblem::new("email", FieldProblemKind::NotAnAddress));
        }
        refuse(fields)?;
        let before = match form.changes {
            Some((id, seen)) => {
                let before = of_lead(
                    contact::Entity::find_by_id(id).one(transaction).await?,
                    lead.id,
                    |row| (row.lead_id, row.deleted_at.is_none()),
                )?;
                fresh(
                    seen,
                    before.version,
                    [
                        ("name", &before.name, &name),
                        ("position", &before.position, &position),
                        ("phone", &before.phone, &phone),
                        ("email", &before.email, &email),
                    ],
                )?;
                Some(before)
            }
            None => None,
        };
        let mut row = match &before {
            Some(before) => contact::ActiveModel {
                version: Set(before.version + 1),
                ..before.clone().into()
            },
            None => contact::ActiveModel {
                lead_id: Set(lead.id),
                account_id: Set(actor.account_id),
                created_at: Set(self.now()),
                version: Set(1),
                ..Default::default()
            },
        };
        row.name = Set(name);
        row.position = Set(position);
        row.phone = Set(phone);
        row.email = Set(email);
        let after = match &before {
            Some(_) => row.update(transaction).await?,
            None => row.insert(transaction).await?,
        };
        let id = after.id;
        let told = |row: &contact::Model| json!({ "lead_id": row.lead_id, "name": row.name, "position": row.position, "phone": row.phone, "email": row.email });
        self.keep_work(
            transaction,
            actor,
            lead,
            WorkKind::Contact,
            id,
            before.as_ref().map(told),
            Some(told(&after)),
        )
        .await?;
        Ok(id)
    }

    /// Writes a task, and returns its id.
    ///
    /// # Errors
    /// As [`Service::write_contact`].
    pub async fn write_task(&self, actor: &Actor, form: TaskForm) -> ServiceResult<i64> {
        let (transaction, lead) = self.begin_work(actor, form.lead_id).await?;
        let id = self.put_task(&transaction, actor, &lead, form).await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// [`Service::write_task`] of a lead that [`Service::noted_lead`] gave, in that transaction.
    pub(crate) async fn put_task(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        form: TaskForm,
    ) -> ServiceResult<i64> {
        let mut fields = Vec::new();
        let title = needed_text("title", form.title, WORK_LIMIT, &mut fields);
        let owner_id = form.owner_id.unwrap_or(actor.account_id);
        let before = match form.changes {
            Some((id, _)) => Some(of_lead(
                task::Entity::find_by_id(id).one(transaction).await?,
                lead.id,
                |row| (row.lead_id, row.deleted_at.is_none()),
            )?),
            None => None,
        };
        let is_kept = before
            .as_ref()
            .is_some_and(|before| before.owner_id == owner_id);
        if owner_id != actor.account_id
            && !is_kept
            && !owners(transaction, lead.bureau_id)
                .await?
                .iter()
                .any(|(id, _)| *id == owner_id)
        {
            fields.push(FieldProblem::new("owner_id", FieldProblemKind::Unknown));
        }
        if form.due_minute.is_some_and(|minute| minute >= 24 * 60) {
            fields.push(FieldProblem::new(
                "due_minute",
                FieldProblemKind::OutOfRange {
                    from: 0.0,
                    until: 1439.0,
                },
            ));
        }
        // A year that nobody plans for is a slip of the keyboard.
        let reach = chrono::Duration::days(3660);
        if (form.due_on - self.today()).abs() > reach {
            fields.push(FieldProblem::new("due_on", FieldProblemKind::NotADate));
        }
        refuse(fields)?;
        let due_minute = form.due_minute.map(i32::from);
        if let (Some(before), Some((_, seen))) = (&before, form.changes) {
            let minute =
                |minute: Option<i32>| minute.map(|minute| minute.to_string()).unwrap_or_default();
            fresh(
                seen,
                before.version,
                [
                    ("title", &before.title, &title),
                    (
                        "due_on",
                        &before.due_on.to_string(),
                        &form.due_on.to_string(),
                    ),
                    (
                        "due_minute",
                        &minute(before.due_minute),
                        &minute(due_minute),
                    ),
                    (
                        "reminder",
                        &before.reminder,
                        &form.reminder.key().to_owned(),
                    ),
                    (
                        "owner_id",
                        &before.owner_id.to_string(),
                        &owner_id.to_string(),
                    ),
                ],
            )?;
        }
        let mut row = match &before {
            Some(before) => task::ActiveModel {
                version: Set(before.version + 1),
                ..before.clone().into()
            },
            None => task::ActiveModel {
                lead_id: Set(lead.id),
                account_id: Set(actor.account_id),
                created_at: Set(self.now()),
                version: Set(1),
                ..Default::default()
            },
        };
        row.title = Set(title);
        row.due_on = Set(form.due_on);
        row.due_minute = Set(due_minute);
        row.reminder = Set(form.reminder.key().to_owned());
        row.remind_on = Set(form.reminder.day(form.due_on));
        row.owner_id = Set(owner_id);
        let after = match &before {
            Some(_) => row.update(transaction).await?,
            None => row.insert(transaction).await?,
        };
        let id = after.id;
        self.keep_work(
            transaction,
            actor,
            lead,
            WorkKind::Task,
            id,
            before.as_ref().map(told_task),
            Some(told_task(&after)),
        )
        .await?;
        Ok(id)
    }

    /// Says that a task is done, or that it is not after all, and returns its new version.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn set_task_done(
        &self,
        actor: &Actor,
        item: WorkItem,
        done: bool,
    ) -> ServiceResult<i64> {
        let lead_id = self
            .lead_of(WorkItem {
                kind: WorkKind::Task,
                ..item
            })
            .await?;
        let (transaction, lead) = self.begin_work(actor, lead_id).await?;
        let before = of_lead(
            task::Entity::find_by_id(item.id).one(&transaction).await?,
            lead.id,
            |row| (row.lead_id, row.deleted_at.is_none()),
        )?;
        if before.done_at.is_some() == done {
            return Ok(before.version);
        }
        let word = |done: bool| if done { "done" } else { "open" }.to_owned();
        fresh(
            item.version,
            before.version,
            [("state", &word(!done), &word(done))],
        )?;
        let version = before.version + 1;
        let mut row: task::ActiveModel = before.clone().into();
        row.done_at = Set(done.then(|| self.now()));
        row.done_by = Set(done.then_some(actor.account_id));
        row.version = Set(version);
        let after = row.update(&transaction).await?;
        self.end_work(
            transaction,
            actor,
            lead,
            WorkKind::Task,
            item.id,
            Some(told_task(&before)),
            Some(told_task(&after)),
        )
        .await?;
        Ok(version)
    }

    /// Writes what one side promised, and returns its id.
    ///
    /// # Errors
    /// As [`Service::write_contact`].
    pub async fn write_commitment(
        &self,
        actor: &Actor,
        form: CommitmentForm,
    ) -> ServiceResult<i64> {
        let (transaction, lead) = self.begin_work(actor, form.lead_id).await?;
        let id = self
            .put_commitment(&transaction, actor, &lead, form)
            .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// [`Service::write_commitment`] of a lead that [`Service::noted_lead`] gave, in that transaction.
    pub(crate) async fn put_commitment(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        form: CommitmentForm,
    ) -> ServiceResult<i64> {
        let mut fields = Vec::new();
        let content = needed_text("content", form.content, WORK_LIMIT, &mut fields);
        let owner = clean_text("owner", form.owner, NAME_LIMIT, &mut fields);
        // Only what we promise can favour an operator.
        let review = match form.side {
            Side::Ours => form.fair_competition,
            Side::Theirs => FairCompetition::NotNeeded,
        };
        refuse(fields)?;
        let day =
            |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        let before = match form.changes {
            Some((id, seen)) => {
                let before = of_lead(
                    commitment::Entity::find_by_id(id).one(transaction).await?,
                    lead.id,
                    |row| (row.lead_id, row.deleted_at.is_none()),
                )?;
                fresh(
                    seen,
                    before.version,
                    [
                        ("side", &before.side, &form.side.key().to_owned()),
                        ("content", &before.content, &content),
                        ("owner", &before.owner, &owner),
                        ("due_on", &day(before.due_on), &day(form.due_on)),
                        (
                            "fair_competition",
                            &before.fair_competition,
                            &review.key().to_owned(),
                        ),
                    ],
                )?;
                Some(before)
            }
            None => None,
        };
        let mut row = match &before {
            Some(before) => commitment::ActiveModel {
                version: Set(before.version + 1),
                ..before.clone().into()
            },
            None => commitment::ActiveModel {
                lead_id: Set(lead.id),
                account_id: Set(actor.account_id),
                created_at: Set(self.now()),
                state: Set(CommitmentState::Open.key().to_owned()),
                version: Set(1),
                ..Default::default()
            },
        };
        let was = before
            .as_ref()
            .and_then(|before| CommitmentState::from_key(&before.state))
            .unwrap_or(CommitmentState::Open);
        let state = form.state.unwrap_or(was);
        if state != was || before.is_none() {
            row.state = Set(state.key().to_owned());
            row.closed_at = Set((state != CommitmentState::Open).then(|| self.now()));
        }
        row.side = Set(form.side.key().to_owned());
        row.content = Set(content);
        row.owner = Set(owner);
        row.due_on = Set(form.due_on);
        row.fair_competition = Set(review.key().to_owned());
        let after = match &before {
            Some(_) => row.update(transaction).await?,
            None => row.insert(transaction).await?,
        };
        let id = after.id;
        if before.is_none() || state != was {
            self.tell_commitment(transaction, actor, &after).await?;
        }
        self.keep_work(
            transaction,
            actor,
            lead,
            WorkKind::Commitment,
            id,
            before.as_ref().map(told_commitment),
            Some(told_commitment(&after)),
        )
        .await?;
        Ok(id)
    }

    /// Says what became of a commitment, and returns its new version.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn set_commitment_state(
        &self,
        actor: &Actor,
        item: WorkItem,
        state: CommitmentState,
    ) -> ServiceResult<i64> {
        let lead_id = self
            .lead_of(WorkItem {
                kind: WorkKind::Commitment,
                ..item
            })
            .await?;
        let (transaction, lead) = self.begin_work(actor, lead_id).await?;
        let before = of_lead(
            commitment::Entity::find_by_id(item.id)
                .one(&transaction)
                .await?,
            lead.id,
            |row| (row.lead_id, row.deleted_at.is_none()),
        )?;
        if before.state == state.key() {
            return Ok(before.version);
        }
        fresh(
            item.version,
            before.version,
            [("state", &before.state, &state.key().to_owned())],
        )?;
        let version = before.version + 1;
        let mut row: commitment::ActiveModel = before.clone().into();
        row.state = Set(state.key().to_owned());
        row.closed_at = Set((state != CommitmentState::Open).then(|| self.now()));
        row.version = Set(version);
        let after = row.update(&transaction).await?;
        self.tell_commitment(&transaction, actor, &after).await?;
        self.end_work(
            transaction,
            actor,
            lead,
            WorkKind::Commitment,
            item.id,
            Some(told_commitment(&before)),
            Some(told_commitment(&after)),
        )
        .await?;
        Ok(version)
    }

    /// Keeps a file with a lead, and returns its id.
    ///
    /// # Errors
    /// [`Problem::TooLarge`] over [`FILE_LIMIT`], [`Problem::Invalid`] for an empty file, [`Problem::NotFound`],
    /// [`Problem::Forbidden`].
    pub async fn add_lead_file(
        &self,
        actor: &Actor,
        lead_id: i64,
        name: &str,
        content: Vec<u8>,
    ) -> ServiceResult<i64> {
        let (transaction, lead) = self.begin_work(actor, lead_id).await?;
        let id = self
            .put_file(&transaction, actor, &lead, name, content)
            .await?;
        transaction.commit().await?;
        Ok(id)
    }

    /// [`Service::add_lead_file`] of a lead that [`Service::noted_lead`] gave, in that transaction.
    pub(crate) async fn put_file(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        name: &str,
        content: Vec<u8>,
    ) -> ServiceResult<i64> {
        if content.len() > FILE_LIMIT {
            return Err(Problem::TooLarge {
                limit_bytes: FILE_LIMIT as u64,
            }
            .into());
        }
        let mut fields = Vec::new();
        // A browser of old sends the whole path.
        let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|one| !one.is_control()).collect();
        let name = needed_text("file", name, 2 * NAME_LIMIT, &mut fields);
        if content.is_empty() && fields.is_empty() {
            fields.push(FieldProblem::new("file", FieldProblemKind::Required));
        }
        refuse(fields)?;
        let now = self.now();
        let size = i64::try_from(content.len()).unwrap_or(i64::MAX);
        let digest = hexadecimal(&Sha256::digest(&content));
        let id = lead_file::Entity::insert(lead_file::ActiveModel {
            lead_id: Set(lead.id),
            account_id: Set(actor.account_id),
            created_at: Set(now),
            name: Set(name.clone()),
            size: Set(size),
            digest: Set(digest.clone()),
            content: Set(content),
            ..Default::default()
        })
        .exec(transaction)
        .await?
        .last_insert_id;
        let detail = json!({ "file": id });
        self.tell(
            transaction,
            actor,
            lead.id,
            EventKind::File,
            name.clone(),
            &detail,
        )
        .await?;
        let after = json!({ "lead_id": lead.id, "name": name, "size": size, "digest": digest });
        self.keep_work(
            transaction,
            actor,
            lead,
            WorkKind::File,
            id,
            None,
            Some(after),
        )
        .await?;
        Ok(id)
    }

    /// A file's name and bytes.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for a file of another lead or one that was removed.
    pub async fn lead_file(
        &self,
        actor: &Actor,
        lead_id: i64,
        file_id: i64,
    ) -> ServiceResult<(String, Vec<u8>)> {
        let database = self.database.read();
        let lead = existing(database, lead_id).await?;
        require(
            actor,
            Action::ReadLead {
                bureau_id: lead.bureau_id,
            },
        )?;
        let file = of_lead(
            lead_file::Entity::find_by_id(file_id).one(database).await?,
            lead_id,
            |row| (row.lead_id, row.deleted_at.is_none()),
        )?;
        Ok((file.name, file.content))
    }

    /// Takes something off a lead; [`Service::restore_work`] brings it back.
    ///
    /// # Errors
    /// [`Problem::Stale`], [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn remove_work(&self, actor: &Actor, item: WorkItem) -> ServiceResult<()> {
        self.set_removed(actor, item, true).await
    }

    /// Brings back what was taken off a lead.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Forbidden`].
    pub async fn restore_work(&self, actor: &Actor, item: WorkItem) -> ServiceResult<()> {
        self.set_removed(actor, item, false).await
    }

    async fn set_removed(&self, actor: &Actor, item: WorkItem, removed: bool) -> ServiceResult<()> {
        let lead_id = self.lead_of(item).await?;
        let (transaction, lead) = self.begin_work(actor, lead_id).await?;
        self.put_removed(&transaction, actor, &lead, item, removed)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Takes something off a lead, or brings it back; whether the person may is asked before.
    pub(crate) async fn put_removed(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        item: WorkItem,
        removed: bool,
    ) -> ServiceResult<()> {
        let deleted_at = removed.then(|| self.now());
        // One shape for four tables: the row, whether it is in its place, and what the audit keeps of it.
        macro_rules! mark {
            ($entity:ident) => {{
                let row = $entity::Entity::find_by_id(item.id)
                    .one(transaction)
                    .await?
                    .filter(|row| row.lead_id == lead.id && row.deleted_at.is_none() == removed)
                    .ok_or(Problem::NotFound)?;
                if removed {
                    fresh(
                        item.version,
                        row.version,
                        [("deleted_at", &String::new(), &"removed".to_owned())],
                    )?;
                }
                $entity::Entity::update_many()
                    .col_expr(
                        $entity::Column::DeletedAt,
                        sea_orm::sea_query::Expr::value(deleted_at),
                    )
                    .filter($entity::Column::Id.eq(item.id))
                    .exec(transaction)
                    .await?;
            }};
        }
        match item.kind {
            WorkKind::Contact => mark!(contact),
            WorkKind::Task => mark!(task),
            WorkKind::Commitment => mark!(commitment),
            WorkKind::File => {
                let found = lead_file::Entity::find_by_id(item.id)
                    .filter(lead_file::Column::LeadId.eq(lead.id))
                    .filter(if removed {
                        lead_file::Column::DeletedAt.is_null()
                    } else {
                        lead_file::Column::DeletedAt.is_not_null()
                    })
                    .count(transaction)
                    .await?;
                if found == 0 {
                    return Err(Problem::NotFound.into());
                }
                lead_file::Entity::update_many()
                    .col_expr(
                        lead_file::Column::DeletedAt,
                        sea_orm::sea_query::Expr::value(deleted_at),
                    )
                    .filter(lead_file::Column::Id.eq(item.id))
                    .exec(transaction)
                    .await?;
            }
        }
        let mark = |removed: bool| json!({ "lead_id": lead.id, "removed": removed });
        self.keep_work(
            transaction,
            actor,
            lead,
            item.kind,
            item.id,
            Some(mark(!removed)),
            Some(mark(removed)),
        )
        .await
    }

    /// The lead that something hangs on, whatever became of the thing.
    async fn lead_of(&self, item: WorkItem) -> ServiceResult<i64> {
        let database = self.database.read();
        macro_rules! lead_id {
            ($entity:ident) => {
                $entity::Entity::find_by_id(item.id)
                    .select_only()
                    .column($entity::Column::LeadId)
                    .into_tuple::<i64>()
                    .one(database)
                    .await?
            };
        }
        let found = match item.kind {
            WorkKind::Contact => lead_id!(contact),
            WorkKind::Task => lead_id!(task),
            WorkKind::Commitment => lead_id!(commitment),
            WorkKind::File => lead_id!(lead_file),
        };
        Ok(found.ok_or(Problem::NotFound)?)
    }

    async fn begin_work(
        &self,
        actor: &Actor,
        lead_id: i64,
    ) -> ServiceResult<(DatabaseTransaction, lead::Model)> {
        let transaction = self.database.begin().await?;
        let lead = self.noted_lead(&transaction, actor, lead_id).await?;
        Ok((transaction, lead))
    }

    /// A lead that the person may write on, held until the transaction ends.
    pub(crate) async fn noted_lead(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead_id: i64,
    ) -> ServiceResult<lead::Model> {
        let lead = existing_held(transaction, lead_id).await?;
        require(
            actor,
            Action::NoteLead {
                bureau_id: lead.bureau_id,
            },
        )?;
        Ok(lead)
    }

    /// [`Service::keep_work`], and ends the transaction.
    #[allow(clippy::too_many_arguments, reason = "what an audit row holds")]
    async fn end_work(
        &self,
        transaction: DatabaseTransaction,
        actor: &Actor,
        lead: lead::Model,
        kind: WorkKind,
        id: i64,
        before: Option<Value>,
        after: Option<Value>,
    ) -> ServiceResult<()> {
        self.keep_work(&transaction, actor, &lead, kind, id, before, after)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Marks the lead as touched and writes the audit. As with a note, the lead's version stays.
    #[allow(clippy::too_many_arguments, reason = "what an audit row holds")]
    async fn keep_work(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        lead: &lead::Model,
        kind: WorkKind,
        id: i64,
        before: Option<Value>,
        after: Option<Value>,
    ) -> ServiceResult<()> {
        let now = self.now();
        let mut touched: lead::ActiveModel = lead.clone().into();
        touched.last_activity_at = Set(now);
        touched.update(transaction).await?;
        let action = if before.is_none() { "add" } else { "change" };
        audit::record(
            transaction,
            Some(actor),
            now,
            Change {
                action,
                entity: kind.key(),
                entity_id: id,
                before,
                after,
            },
        )
        .await?;
        Ok(())
    }

    async fn tell_commitment(
        &self,
        transaction: &DatabaseTransaction,
        actor: &Actor,
        row: &commitment::Model,
    ) -> ServiceResult<()> {
        let detail = json!({ "side": row.side, "state": row.state });
        self.tell(
            transaction,
            actor,
            row.lead_id,
            EventKind::Commitment,
            row.content.clone(),
            &detail,
        )
        .await
    }
}

/// Everything that hangs on a lead, with a fixed number of queries.
pub(super) async fn work_of(service: &Service, lead_id: i64) -> ServiceResult<LeadWork> {
    let database = service.database.read();
    let contacts = contact::Entity::find()
        .filter(contact::Column::LeadId.eq(lead_id))
        .filter(contact::Column::DeletedAt.is_null())
        .order_by_asc(contact::Column::Id)
        .all(database)
        .await?;
    let tasks = task::Entity::find()
        .filter(task::Column::LeadId.eq(lead_id))
        .filter(task::Column::DeletedAt.is_null())
        .order_by_desc(task::Column::DoneAt.is_null())
        .order_by_asc(task::Column::DueOn)
        .order_by_asc(task::Column::Id)
        .all(database)
        .await?;
    let commitments = commitment::Entity::find()
        .filter(commitment::Column::LeadId.eq(lead_id))
        .filter(commitment::Column::DeletedAt.is_null())
        .order_by_desc(commitment::Column::State.eq(CommitmentState::Open.key()))
        .order_by_asc(commitment::Column::DueOn.is_null())
        .order_by_asc(commitment::Column::DueOn)
        .order_by_asc(commitment::Column::Id)
        .all(database)
        .await?;
    // Their bytes stay where they are.
    let files: Vec<FileRow> = lead_file::Entity::find()
        .select_only()
        .column(lead_file::Column::Id)
        .column(lead_file::Column::Name)
        .column(lead_file::Column::Size)
        .column(lead_file::Column::AccountId)
        .column(lead_file::Column::CreatedAt)
        .filter(lead_file::Column::LeadId.eq(lead_id))
        .filter(lead_file::Column::DeletedAt.is_null())
        .order_by_desc(lead_file::Column::Id)
        .into_tuple()
        .all(database)
        .await?;
    let people = service
        .account_names(
            tasks
                .iter()
                .map(|task| task.owner_id)
                .chain(files.iter().map(|file| file.3)),
        )
        .await?;
    let name_of = |id: i64| people.get(&id).cloned().unwrap_or_default();
    Ok(LeadWork {
        contacts: contacts
            .into_iter()
            .map(|row| Contact {
                id: row.id,
                version: row.version,
                name: row.name,
                position: row.position,
                phone: row.phone,
                email: row.email,
            })
            .collect(),
        tasks: tasks
            .into_iter()
            .map(|row| {
                let owner_name = name_of(row.owner_id);
                task_view(row, owner_name)
            })
            .collect(),
        commitments: commitments.into_iter().map(commitment_view).collect(),
        files: files
            .into_iter()
            .map(|(id, name, size, by, added_at)| LeadFile {
                id,
                name,
                size,
                by: name_of(by),
                added_at,
            })
            .collect(),
    })
}

pub(super) fn task_view(row: task::Model, owner_name: String) -> Task {
    Task {
        id: row.id,
        version: row.version,
        title: row.title,
        due_on: row.due_on,
        due_minute: row.due_minute.and_then(|minute| u16::try_from(minute).ok()),
        reminder: Reminder::from_key(&row.reminder).unwrap_or_default(),
        owner_id: row.owner_id,
        owner_name,
        done_at: row.done_at,
    }
}

pub(super) fn commitment_view(row: commitment::Model) -> Commitment {
    Commitment {
        id: row.id,
        version: row.version,
        side: Side::from_key(&row.side).unwrap_or(Side::Ours),
        content: row.content,
        owner: row.owner,
        due_on: row.due_on,
        state: CommitmentState::from_key(&row.state).unwrap_or(CommitmentState::Open),
        fair_competition: FairCompetition::from_key(&row.fair_competition).unwrap_or_default(),
        closed_at: row.closed_at,
    }
}

/// What bars a stage besides its own evidence: promises of ours that the fair-competition review has not let through.
pub(super) async fn barring_commitments(
    connection: &impl ConnectionTrait,
    lead_id: i64,
    to: Stage,
) -> ServiceResult<Vec<FieldProblem>> {
    if !asks_for_commitments(to) {
        return Ok(Vec::new());
    }
    let bars = commitment::Entity::find()
        .filter(commitment::Column::LeadId.eq(lead_id))
        .filter(commitment::Column::DeletedAt.is_null())
        .all(connection)
        .await?
        .into_iter()
        .map(commitment_view)
        .any(|row| row.bars_signing());
    Ok(if bars {
        vec![FieldProblem::new(
            "our_commitments",
            FieldProblemKind::FairCompetitionFailed,
        )]
    } else {
        Vec::new()
    })
}

/// What is wrong with the energy that a lead needs: kVA, and tonnes of coal equivalent a year.
pub(super) fn energy_problems(
    power_kva: Option<i64>,
    energy_tce: Option<i64>,
) -> Vec<FieldProblem> {
    [("power_kva", power_kva), ("energy_tce", energy_tce)]
        .into_iter()
        .filter(|(_, value)| value.is_some_and(|value| !(0..=ENERGY_LIMIT).contains(&value)))
        .map(|(field, _)| {
            FieldProblem::new(
                field,
                FieldProblemKind::OutOfRange {
                    from: 0.0,
                    until: 100_000_000.0,
                },
            )
        })
        .collect()
}

fn refuse(fields: Vec<FieldProblem>) -> Result<(), Problem> {
    if fields.is_empty() {
        Ok(())
    } else {
        Err(Problem::Invalid { fields })
    }
}

/// A row that is there and belongs to the lead.
fn of_lead<T>(
    row: Option<T>,
    lead_id: i64,
    place: impl Fn(&T) -> (i64, bool),
) -> Result<T, Problem> {
    row.filter(|row| place(row) == (lead_id, true))
        .ok_or(Problem::NotFound)
}

/// Refuses what was written over another version, with the fields that differ.
fn fresh<const N: usize>(
    seen: i64,
    version: i64,
    fields: [(&str, &String, &String); N],
) -> ServiceResult<()> {
    if seen == version {
        return Ok(());
    }
    let fields = fields
        .into_iter()
        .filter(|(_, theirs, yours)| theirs != yours)
        .map(|(field, theirs, yours)| StaleField {
            field: field.to_owned(),
            theirs: theirs.clone(),
            yours: yours.clone(),
        })
        .collect();
    Err(stale_at(version, fields))
}

fn told_task(row: &task::Model) -> Value {
    json!({ "lead_id": row.lead_id, "title": row.title, "due_on": row.due_on, "due_minute": row.due_minute,
        "reminder": row.reminder, "owner_id": row.owner_id, "done": row.done_at.is_some() })
}

fn told_commitment(row: &commitment::Model) -> Value {
    json!({ "lead_id": row.lead_id, "side": row.side, "content": row.content, "owner": row.owner, "due_on": row.due_on,
        "state": row.state, "fair_competition": row.fair_competition })
}
