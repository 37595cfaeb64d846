//! Telling people: notices are written here and nowhere else, in the transaction of what they tell of.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Duration, Utc};
use domain::{
    account::{Action, Actor},
    notice::{
        BELL_ROWS, NOTICE_PAGE, NoticeDetail, NoticeKind, NoticePage, NoticeQuery, NoticeSignal,
        NoticeView,
    },
};
use entity::{account, chief_task, enterprise, lead, notice};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType,
    PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, RelationDef, Select, TryInsertResult,
    sea_query::Expr,
};

use crate::{Service, ServiceError, ServiceResult, of_bureau};

/// Rows written at a time: nine values each, far below what a statement takes.
const BATCH: usize = 500;
/// Notices that one call marks as read.
const READ_LIMIT: usize = 1_000;
/// Days for which a notice is kept: read, and unread.
const KEEP_READ_DAYS: i64 = 90;
const KEEP_DAYS: i64 = 365;

/// Something to tell.
#[derive(Clone, Debug)]
pub(crate) struct Notice {
    pub kind: NoticeKind,
    pub lead_id: Option<i64>,
    pub detail: NoticeDetail,
    /// What makes it the same as another of its kind: a person is told of it once. `None` is told each time.
    pub once: Option<String>,
}

/// Tells people something, but not the one who did it, nor those who cannot sign in any more. Returns to how many.
pub(crate) async fn tell(
    transaction: &impl ConnectionTrait,
    doer: Option<&Actor>,
    recipients: impl IntoIterator<Item = i64>,
    at: DateTime<Utc>,
    notice: Notice,
) -> ServiceResult<u64> {
    let recipients: BTreeSet<i64> = recipients
        .into_iter()
        .filter(|id| doer.is_none_or(|doer| doer.account_id != *id))
        .collect();
    let each = recipients
        .into_iter()
        .map(|account_id| (account_id, notice.clone()))
        .collect();
    tell_each(transaction, at, each).await
}

/// The same for what concerns a company: its name is looked up when there is somebody to tell.
pub(crate) async fn tell_of_company(
    transaction: &impl ConnectionTrait,
    doer: &Actor,
    recipients: Vec<i64>,
    at: DateTime<Utc>,
    enterprise_id: i64,
    mut notice: Notice,
) -> ServiceResult<()> {
    if recipients.iter().all(|id| *id == doer.account_id) {
        return Ok(());
    }
    let subject: Option<String> = enterprise::Entity::find_by_id(enterprise_id)
        .select_only()
        .column(enterprise::Column::Name)
        .into_tuple()
        .one(transaction)
        .await?;
    notice.detail.by.clone_from(&doer.name);
    notice.detail.subject = subject.unwrap_or_default();
    tell(transaction, Some(doer), recipients, at, notice).await?;
    Ok(())
}

/// The same for a lead and one person.
pub(crate) async fn tell_of_lead(
    transaction: &impl ConnectionTrait,
    doer: &Actor,
    recipient: i64,
    at: DateTime<Utc>,
    kind: NoticeKind,
    (lead_id, enterprise_id): (i64, i64),
    detail: NoticeDetail,
) -> ServiceResult<()> {
    let notice = Notice {
        kind,
        lead_id: Some(lead_id),
        detail,
        once: None,
    };
    tell_of_company(
        transaction,
        doer,
        vec![recipient],
        at,
        enterprise_id,
        notice,
    )
    .await
}

/// Tells each person something of their own. Returns how many notices are new.
pub(crate) async fn tell_each(
    transaction: &impl ConnectionTrait,
    at: DateTime<Utc>,
    notices: Vec<(i64, Notice)>,
) -> ServiceResult<u64> {
    let mut written = 0;
    for batch in notices.chunks(BATCH) {
        let people: BTreeSet<i64> = batch.iter().map(|(account_id, _)| *account_id).collect();
        let enabled: BTreeSet<i64> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .filter(account::Column::Id.is_in(people))
            .filter(account::Column::Disabled.eq(false))
            .into_tuple::<i64>()
            .all(transaction)
            .await?
            .into_iter()
            .collect();
        let mut rows = Vec::with_capacity(batch.len());
        for (account_id, notice) in batch {
            if !enabled.contains(account_id) {
                continue;
            }
            rows.push(notice::ActiveModel {
                account_id: Set(*account_id),
                kind: Set(notice.kind.key().to_owned()),
                lead_id: Set(notice.lead_id),
                detail: Set(serde_json::to_value(&notice.detail).map_err(ServiceError::internal)?),
                once: Set(notice.once.clone()),
                created_at: Set(at),
                read_at: Set(None),
                mailed_at: Set(None),
                ..Default::default()
            });
        }
        if rows.is_empty() {
            continue;
        }
        let outcome = notice::Entity::insert_many(rows)
            .on_conflict_do_nothing_on([
                notice::Column::AccountId,
                notice::Column::Kind,
                notice::Column::Once,
            ])
            .exec_without_returning(transaction)
            .await?;
        if let TryInsertResult::Inserted(rows) = outcome {
            written += rows;
        }
    }
    Ok(written)
}

/// From a notice to the lead it tells of.
fn its_lead() -> RelationDef {
    notice::Entity::belongs_to(lead::Entity)
        .from(notice::Column::LeadId)
        .to(lead::Column::Id)
        .into()
}

/// A person's notices, without those of leads that the person may not read any more.
pub(crate) fn notices_of(actor: &Actor) -> ServiceResult<Select<notice::Entity>> {
    Ok(notice::Entity::find()
        .join(JoinType::LeftJoin, its_lead())
        .filter(notice::Column::AccountId.eq(actor.account_id))
        .filter(
            Condition::any().add(notice::Column::LeadId.is_null()).add(
                Condition::all()
                    .add(lead::Column::DeletedAt.is_null())
                    .add(of_bureau(
                        actor,
                        None,
                        lead::Column::BureauId,
                        |bureau_id| Action::ReadLead { bureau_id },
                    )?),
            ),
        ))
}

pub(crate) fn view(row: notice::Model) -> Option<NoticeView> {
    Some(NoticeView {
        id: row.id,
        kind: NoticeKind::from_key(&row.kind)?,
        lead_id: row.lead_id,
        detail: serde_json::from_value(row.detail).ok()?,
        created_at: row.created_at,
        is_read: row.read_at.is_some(),
    })
}

impl Service {
    /// How many notices a person has not read.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn unread_notices(&self, actor: &Actor) -> ServiceResult<u64> {
        Ok(notices_of(actor)?
            .filter(notice::Column::ReadAt.is_null())
            .count(self.database.read())
            .await?)
    }

    /// A page of a person's notices, newest first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn notice_page(
        &self,
        actor: &Actor,
        query: NoticeQuery,
    ) -> ServiceResult<NoticePage> {
        let unread = self.unread_notices(actor).await?;
        let mut matching = notices_of(actor)?;
        if query.unread {
            matching = matching.filter(notice::Column::ReadAt.is_null());
        }
        let total = if query.unread {
            unread
        } else {
            matching.clone().count(self.database.read()).await?
        };
        let page = Ord::min(query.page, total.saturating_sub(1) / NOTICE_PAGE);
        Ok(NoticePage {
            notices: self
                .notice_rows(matching, page * NOTICE_PAGE, NOTICE_PAGE)
                .await?,
            total,
            unread,
            page,
        })
    }

    /// The latest notices, for the panel of the bell.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn latest_notices(&self, actor: &Actor) -> ServiceResult<NoticePage> {
        let notices = self.notice_rows(notices_of(actor)?, 0, BELL_ROWS).await?;
        Ok(NoticePage {
            total: notices.len() as u64,
            notices,
            unread: self.unread_notices(actor).await?,
            page: 0,
        })
    }

    async fn notice_rows(
        &self,
        matching: Select<notice::Entity>,
        offset: u64,
        limit: u64,
    ) -> ServiceResult<Vec<NoticeView>> {
        Ok(matching
            .order_by_desc(notice::Column::Id)
            .offset(offset)
            .limit(limit)
            .all(self.database.read())
            .await?
            .into_iter()
            .filter_map(view)
            .collect())
    }

    /// Marks notices as read: those named, or without names all up to and with `until`. Returns how many are left
    /// unread. Somebody else's are left alone.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn read_notices(
        &self,
        actor: &Actor,
        ids: Option<Vec<i64>>,
        until: i64,
    ) -> ServiceResult<u64> {
        let transaction = self.database.begin().await?;
        let mut update = notice::Entity::update_many()
            .col_expr(notice::Column::ReadAt, Expr::value(Some(self.now())))
            .filter(notice::Column::AccountId.eq(actor.account_id))
            .filter(notice::Column::ReadAt.is_null());
        update = match ids {
            Some(ids) => update.filter(notice::Column::Id.is_in(ids.into_iter().take(READ_LIMIT))),
            None => update.filter(notice::Column::Id.lte(until)),
        };
        update.exec(&transaction).await?;
        transaction.commit().await?;
        self.unread_notices(actor).await
    }

    /// How many notices wait for each of these people, and the latest of them, with one query for all. Who is not in
    /// the answer has read everything.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn notice_signals(
        &self,
        people: &[Actor],
    ) -> ServiceResult<HashMap<i64, (NoticeSignal, i64)>> {
        let actors: HashMap<i64, &Actor> = people
            .iter()
            .map(|actor| (actor.account_id, actor))
            .collect();
        let rows: Vec<(i64, Option<i64>, i64, i64)> = notice::Entity::find()
            .select_only()
            .column(notice::Column::AccountId)
            .column(lead::Column::BureauId)
            .column_as(notice::Column::Id.count(), "count")
            .column_as(notice::Column::Id.max(), "latest")
            .join(JoinType::LeftJoin, its_lead())
            .filter(notice::Column::AccountId.is_in(actors.keys().copied()))
            .filter(notice::Column::ReadAt.is_null())
            .filter(lead::Column::DeletedAt.is_null())
            .group_by(notice::Column::AccountId)
            .group_by(lead::Column::BureauId)
            .into_tuple()
            .all(self.database.read())
            .await?;
        let mut signals: HashMap<i64, (NoticeSignal, i64)> = HashMap::new();
        for (account_id, bureau_id, count, latest) in rows {
            let may_read = actors.get(&account_id).is_some_and(|actor| {
                bureau_id.is_none_or(|bureau_id| actor.may(Action::ReadLead { bureau_id }))
            });
            if may_read {
                let entry = signals
                    .entry(account_id)
                    .or_insert((NoticeSignal { unread: 0 }, 0));
                entry.0.unread += u64::try_from(count).unwrap_or(0);
                entry.1 = Ord::max(entry.1, latest);
            }
        }
        Ok(signals)
    }

    /// What the calendar tells: claims about to lapse, leads that are late now, chiefs' tasks that are due. Each is told
    /// once, however often this is called. Returns how many notices are new.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tell_of_the_day(&self) -> ServiceResult<u64> {
        let mut notices = self.lead_notices().await?;
        notices.extend(self.chief_task_notices().await?);
        notices.extend(self.task_notices().await?);
        // Two servers write in one order, so that neither waits for the other in a circle.
        notices.sort_by(|(one, first), (two, second)| {
            (one, first.kind.key(), &first.once).cmp(&(two, second.kind.key(), &second.once))
        });
        let now = self.now();
        let transaction = self.database.begin().await?;
        let written = tell_each(&transaction, now, notices).await?;
        notice::Entity::delete_many()
            .filter(
                Condition::any()
                    .add(notice::Column::CreatedAt.lt(now - Duration::days(KEEP_DAYS)))
                    .add(
                        Condition::all()
                            .add(notice::Column::ReadAt.is_not_null())
                            .add(notice::Column::CreatedAt.lt(now - Duration::days(KEEP_READ_DAYS)))
                            // What is told once must be remembered as long as it may come up again.
                            .add(notice::Column::Once.is_null()),
                    ),
            )
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(written)
    }

    /// Tasks due today or within the last week, for who wrote them down and for who is named as theirs.
    async fn chief_task_notices(&self) -> ServiceResult<Vec<(i64, Notice)>> {
        let database = self.database.read();
        let today = self.today();
        let tasks = chief_task::Entity::find()
            .filter(chief_task::Column::DoneAt.is_null())
            .filter(chief_task::Column::DueOn.lte(today))
            .filter(chief_task::Column::DueOn.gt(today - Duration::days(7)))
            .all(database)
            .await?;
        if tasks.is_empty() {
            return Ok(Vec::new());
        }
        let named: Vec<(i64, String)> = account::Entity::find()
            .select_only()
            .column(account::Column::Id)
            .column(account::Column::Name)
            .filter(account::Column::Name.is_in(tasks.iter().map(|task| task.owner.as_str())))
            .into_tuple()
            .all(database)
            .await?;
        let mut notices = Vec::new();
        for task in tasks {
            let mut people: BTreeSet<i64> = named
                .iter()
                .filter(|(_, name)| *name == task.owner)
                .map(|(id, _)| *id)
                .collect();
            people.insert(task.account_id);
            for account_id in people {
                notices.push((
                    account_id,
                    Notice {
                        kind: NoticeKind::ChiefTaskDue,
                        lead_id: None,
                        detail: NoticeDetail {
                            subject: task.title.clone(),
                            day: task.due_on,
                            href: "/leader".to_owned(),
                            ..NoticeDetail::default()
                        },
                        once: task.due_on.map(|day| format!("{}:{day}", task.id)),
                    },
                ));
            }
        }
        Ok(notices)
    }
}
