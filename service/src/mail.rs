//! Outgoing mail: whose digest is due, what is urgent, and a queue of rows that servers lease. What a letter says is put
//! into words by the program; here are the facts for it, and when it goes out.

use chrono::{Duration, NaiveDate};
use domain::{
    account::{Action, Actor},
    lead::{Today, TodayScope},
    notice::{
        MAIL_ATTEMPTS, MailChoice, NoticeKind, NoticeView, is_digest_time, mail_pause_minutes,
    },
};
use entity::{account, mail, notice};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    QueryFilter, QueryOrder, QuerySelect, sea_query::Expr,
};

use crate::{
    Service, ServiceResult, local_time,
    notice::{notices_of, view},
};

/// People whose letters one round makes.
const PEOPLE: u64 = 20;
/// Urgent notices in one letter.
const NOTICES: u64 = 20;
/// Hours after which a notice is not urgent any more: the digest counts it.
const URGENT_HOURS: i64 = 24;
/// A mail that somebody leased and did not settle is free again after this.
const LEASE_MINUTES: i64 = 5;
/// Days for which mails are kept.
const KEEP_DAYS: i64 = 90;
/// Characters of an error that are kept.
const ERROR_CHARACTERS: usize = 500;

/// Who gets a letter.
#[derive(Clone, Debug)]
pub struct Addressee {
    pub account_id: i64,
    pub name: String,
    pub email: String,
    /// The tag of the person's language.
    pub locale: String,
}

/// A day as it is mailed.
#[derive(Clone, Debug)]
pub struct Digest {
    pub to: Addressee,
    pub today: Today,
    /// Notices that the person has not read.
    pub unread: u64,
}

impl Digest {
    /// Whether there is nothing to say.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let day = &self.today;
        day.late.total == 0
            && day.silent.total == 0
            && day.lapsing.total == 0
            && day.visits.is_empty()
            && self.unread == 0
    }
}

/// Notices that are mailed at once.
#[derive(Clone, Debug)]
pub struct Urgent {
    pub to: Addressee,
    /// Newest first.
    pub notices: Vec<NoticeView>,
}

/// A letter in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A mail to send now.
#[derive(Clone, Debug)]
pub struct OutgoingMail {
    pub id: i64,
    pub recipient: String,
    pub letter: Letter,
    /// This one is among them.
    pub attempts: i32,
}

fn addressee(account: &account::Model) -> Option<Addressee> {
    Some(Addressee {
        account_id: account.id,
        name: account.name.clone(),
        email: account.email.clone()?,
        locale: account.locale.clone(),
    })
}

impl Service {
    /// The digests that are due now: of a working day, from eight on, for those who want one and got none yet. Some may
    /// be empty. Each is settled with [`Service::queue_digest`].
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn digests_due(&self) -> ServiceResult<Vec<Digest>> {
        let today = self.today();
        let rules = self.rules_in_force().await?;
        if !is_digest_time(rules.calendar.is_working(today), local_time(self.now())) {
            return Ok(Vec::new());
        }
        let people = account::Entity::find()
            .filter(account::Column::Disabled.eq(false))
            .filter(account::Column::Email.is_not_null())
            .filter(account::Column::MailChoice.ne(MailChoice::Nothing.key()))
            .filter(
                Condition::any()
                    .add(account::Column::DigestOn.is_null())
                    .add(account::Column::DigestOn.lt(today)),
            )
            .order_by_asc(account::Column::Id)
            .limit(PEOPLE)
            .all(self.database.read())
            .await?;
        let mut digests = Vec::new();
        for person in people {
            let Some(to) = addressee(&person) else {
                continue;
            };
            let actor = self.actor_of(person).await?;
            let mine = owns_leads(&actor);
            let scope = TodayScope {
                mine,
                bureau_id: None,
            };
            digests.push(Digest {
                to,
                today: self.today_page(&actor, scope).await?,
                unread: self.unread_notices(&actor).await?,
            });
        }
        Ok(digests)
    }

    /// Puts a person's digest of a day in the queue, or notes with `None` that there was nothing to say. Returns false
    /// when another server was first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn queue_digest(
        &self,
        to: &Addressee,
        day: NaiveDate,
        letter: Option<Letter>,
    ) -> ServiceResult<bool> {
        let transaction = self.database.begin().await?;
        let taken = account::Entity::update_many()
            .col_expr(account::Column::DigestOn, Expr::value(Some(day)))
            .filter(account::Column::Id.eq(to.account_id))
            .filter(
                Condition::any()
                    .add(account::Column::DigestOn.is_null())
                    .add(account::Column::DigestOn.lt(day)),
            )
            .exec(&transaction)
            .await?;
        if taken.rows_affected == 0 {
            return Ok(false);
        }
        if let Some(letter) = letter {
            self.queue(&transaction, to, letter).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Urgent notices that nobody has read or mailed yet, for those who want them at once. Each is settled with
    /// [`Service::queue_urgent`].
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn urgent_due(&self) -> ServiceResult<Vec<Urgent>> {
        let waiting = Condition::all()
            .add(notice::Column::ReadAt.is_null())
            .add(notice::Column::MailedAt.is_null())
            .add(notice::Column::CreatedAt.gt(self.now() - Duration::hours(URGENT_HOURS)))
            .add(
                notice::Column::Kind.is_in(
                    NoticeKind::ALL
                        .iter()
                        .filter(|kind| kind.is_urgent())
                        .map(|kind| kind.key()),
                ),
            );
        let ids: Vec<i64> = notice::Entity::find()
            .select_only()
            .column(notice::Column::AccountId)
            .distinct()
            .filter(waiting.clone())
            .into_tuple()
            .all(self.database.read())
            .await?;
        let people = account::Entity::find()
            .filter(account::Column::Id.is_in(ids))
            .filter(account::Column::Disabled.eq(false))
            .filter(account::Column::Email.is_not_null())
            .filter(account::Column::MailChoice.eq(MailChoice::Urgent.key()))
            .order_by_asc(account::Column::Id)
            .limit(PEOPLE)
            .all(self.database.read())
            .await?;
        let mut urgent = Vec::new();
        for person in people {
            let Some(to) = addressee(&person) else {
                continue;
            };
            let actor = self.actor_of(person).await?;
            let notices: Vec<NoticeView> = notices_of(&actor)?
                .filter(waiting.clone())
                .order_by_desc(notice::Column::Id)
                .limit(NOTICES)
                .all(self.database.read())
                .await?
                .into_iter()
                .filter_map(view)
                .collect();
            if !notices.is_empty() {
                urgent.push(Urgent { to, notices });
            }
        }
        Ok(urgent)
    }

    /// Puts a letter about urgent notices in the queue. Returns false when another server was first.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn queue_urgent(&self, urgent: &Urgent, letter: Letter) -> ServiceResult<bool> {
        let transaction = self.database.begin().await?;
        let taken = notice::Entity::update_many()
            .col_expr(notice::Column::MailedAt, Expr::value(Some(self.now())))
            .filter(notice::Column::Id.is_in(urgent.notices.iter().map(|notice| notice.id)))
            .filter(notice::Column::MailedAt.is_null())
            .exec(&transaction)
            .await?;
        if taken.rows_affected != urgent.notices.len() as u64 {
            return Ok(false);
        }
        self.queue(&transaction, &urgent.to, letter).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn queue(
        &self,
        transaction: &impl ConnectionTrait,
        to: &Addressee,
        letter: Letter,
    ) -> ServiceResult<()> {
        let now = self.now();
        mail::ActiveModel {
            account_id: Set(to.account_id),
            recipient: Set(to.email.clone()),
            subject: Set(letter.subject),
            text: Set(letter.text),
            html: Set(letter.html),
            created_at: Set(now),
            attempts: Set(0),
            due_at: Set(now),
            ..Default::default()
        }
        .insert(transaction)
        .await?;
        // Old mails go when new ones come.
        mail::Entity::delete_many()
            .filter(mail::Column::CreatedAt.lt(now - Duration::days(KEEP_DAYS)))
            .exec(transaction)
            .await?;
        Ok(())
    }

    /// Leases the mail that has waited longest. The attempt is counted before it is made: a server that dies in the
    /// middle must not try for ever.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn lease_mail(&self) -> ServiceResult<Option<OutgoingMail>> {
        let now = self.now();
        let transaction = self.database.begin().await?;
        let found = mail::Entity::find()
            .filter(mail::Column::SentAt.is_null())
            .filter(mail::Column::GivenUpAt.is_null())
            .filter(mail::Column::DueAt.lte(now))
            .order_by_asc(mail::Column::DueAt)
            .order_by_asc(mail::Column::Id)
            .one(&transaction)
            .await?;
        let Some(found) = found else { return Ok(None) };
        let is_over = found.attempts >= MAIL_ATTEMPTS;
        let mut update = mail::Entity::update_many()
            .filter(mail::Column::Id.eq(found.id))
            .filter(mail::Column::Attempts.eq(found.attempts))
            .filter(mail::Column::SentAt.is_null());
        update = if is_over {
            update.col_expr(mail::Column::GivenUpAt, Expr::value(Some(now)))
        } else {
            update
                .col_expr(mail::Column::Attempts, Expr::value(found.attempts + 1))
                .col_expr(
                    mail::Column::DueAt,
                    Expr::value(now + Duration::minutes(LEASE_MINUTES)),
                )
        };
        let taken = update.exec(&transaction).await?;
        transaction.commit().await?;
        // Another server may have been first; the next round looks again.
        if is_over || taken.rows_affected == 0 {
            return Ok(None);
        }
        Ok(Some(OutgoingMail {
            id: found.id,
            recipient: found.recipient,
            letter: Letter {
                subject: found.subject,
                text: found.text,
                html: found.html,
            },
            attempts: found.attempts + 1,
        }))
    }

    /// Notes that a mail is out: it is never sent again.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn mail_sent(&self, id: i64) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        mail::ActiveModel {
            id: Set(id),
            sent_at: Set(Some(self.now())),
            last_error: Set(None),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Notes why a mail could not be sent, and when it is tried again. Returns true when it is given up, at once when
    /// the server said that it never will take it.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn mail_failed(
        &self,
        outgoing: &OutgoingMail,
        error: &str,
        for_good: bool,
    ) -> ServiceResult<bool> {
        let now = self.now();
        let given_up = for_good || outgoing.attempts >= MAIL_ATTEMPTS;
        let transaction = self.database.begin().await?;
        mail::ActiveModel {
            id: Set(outgoing.id),
            last_error: Set(Some(
                error
                    .chars()
                    .filter(|character| *character != '\0')
                    .take(ERROR_CHARACTERS)
                    .collect(),
            )),
            given_up_at: Set(given_up.then_some(now)),
            due_at: Set(now + Duration::minutes(mail_pause_minutes(outgoing.attempts))),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(given_up)
    }
}

/// Whether a person's day is the own leads' or the bureau's.
fn owns_leads(actor: &Actor) -> bool {
    actor
        .bureau_id
        .is_some_and(|bureau_id| actor.may(Action::WriteLead { bureau_id }))
}
