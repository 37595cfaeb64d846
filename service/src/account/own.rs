//! A person's own settings: mail, and the secret address of the calendar.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use domain::{
    account::Actor,
    feed::{Feed, FeedEntry},
    notice::{
        DIGEST_HOUR, MAIL_ADDRESS_LIMIT, MailChoice, OwnSettings, OwnSettingsChange,
        is_mail_address,
    },
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{account, mail};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};
use serde_json::json;

use super::{actor, token_hash};
use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    clean_text, local_time,
};

/// Bytes of the secret in a calendar's address.
const CALENDAR_KEY_BYTES: usize = 32;

impl Service {
    /// A person's own settings.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when the account is gone.
    pub async fn own_settings(&self, actor: &Actor) -> ServiceResult<OwnSettings> {
        let database = self.database.read();
        let own = account::Entity::find_by_id(actor.account_id)
            .one(database)
            .await?
            .ok_or(Problem::NotFound)?;
        let last = mail::Entity::find()
            .filter(mail::Column::AccountId.eq(actor.account_id))
            .order_by_desc(mail::Column::Id)
            .one(database)
            .await?;
        Ok(OwnSettings {
            email: own.email.unwrap_or_default(),
            mail_choice: MailChoice::from_key(&own.mail_choice).unwrap_or_default(),
            sends_mail: self.sends_mail,
            mail_failed_at: last.and_then(|mail| mail.given_up_at),
            has_calendar: own.calendar_key_hash.is_some(),
        })
    }

    /// Changes a person's own settings.
    ///
    /// # Errors
    /// [`Problem::Invalid`] for an address that is none, or is missing where mail is wanted.
    pub async fn change_own_settings(
        &self,
        actor: &Actor,
        change: OwnSettingsChange,
    ) -> ServiceResult<()> {
        let mut fields = Vec::new();
        let email = clean_text("email", change.email, MAIL_ADDRESS_LIMIT, &mut fields);
        if email.is_empty() {
            if change.mail_choice != MailChoice::Nothing {
                fields.push(FieldProblem::new("email", FieldProblemKind::Required));
            }
        } else if fields.is_empty() && !is_mail_address(&email) {
            fields.push(FieldProblem::new(
                "email",
                FieldProblemKind::NotAMailAddress,
            ));
        }
        if !["zh-CN", "en"].contains(&change.locale.as_str()) {
            fields.push(FieldProblem::new("locale", FieldProblemKind::NotAChoice));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let transaction = self.database.begin().await?;
        let own = account::Entity::find_by_id(actor.account_id)
            .one(&transaction)
            .await?
            .ok_or(Problem::NotFound)?;
        let before = json!({ "email": own.email, "mail_choice": own.mail_choice });
        let email = Some(email).filter(|email| !email.is_empty());
        let after = json!({ "email": email, "mail_choice": change.mail_choice });
        let now = self.now();
        let was_off = own.mail_choice == MailChoice::Nothing.key();
        let mut row: account::ActiveModel = own.into();
        row.email = Set(email);
        row.mail_choice = Set(change.mail_choice.key().to_owned());
        row.locale = Set(change.locale);
        // Who asks for it in the afternoon wants tomorrow's, not this morning's.
        if was_off && chrono::Timelike::hour(&local_time(now)) >= DIGEST_HOUR {
            row.digest_on = Set(Some(self.today()));
        }
        row.update(&transaction).await?;
        audit::record(
            &transaction,
            Some(actor),
            now,
            Change {
                action: "change_settings",
                entity: "account",
                entity_id: actor.account_id,
                before: Some(before),
                after: Some(after),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes an address for a person's calendar, in the place of the one there was, and returns its secret. It is shown
    /// once and kept as a hash.
    ///
    /// # Errors
    /// The system gives no randomness; the database does not answer.
    pub async fn make_calendar_key(&self, actor: &Actor) -> ServiceResult<String> {
        let mut bytes = [0_u8; CALENDAR_KEY_BYTES];
        getrandom::fill(&mut bytes).map_err(ServiceError::internal)?;
        let secret = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        self.set_calendar_key(actor, Some(token_hash(&secret)))
            .await?;
        Ok(secret)
    }

    /// Takes a person's calendar address away: whoever has it reads no more.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn remove_calendar_key(&self, actor: &Actor) -> ServiceResult<()> {
        self.set_calendar_key(actor, None).await
    }

    async fn set_calendar_key(&self, actor: &Actor, hash: Option<String>) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let action = if hash.is_some() {
            "make_calendar"
        } else {
            "remove_calendar"
        };
        account::ActiveModel {
            id: Set(actor.account_id),
            calendar_key_hash: Set(hash),
            ..Default::default()
        }
        .update(&transaction)
        .await?;
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action,
                entity: "account",
                entity_id: actor.account_id,
                before: None,
                after: None,
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// What the calendar behind a secret shows. Whatever the secret looks like, it costs one hash and one look into an
    /// index.
    ///
    /// # Errors
    /// [`Problem::NotFound`] for a secret that opens nothing, or whose person may not sign in any more.
    pub async fn calendar_feed(&self, secret: &str) -> ServiceResult<Feed> {
        let own = account::Entity::find()
            .filter(account::Column::CalendarKeyHash.eq(token_hash(secret)))
            .filter(account::Column::Disabled.eq(false))
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        let locale = own.locale.clone();
        let person = actor(own, None);
        // Each source adds its own entries.
        let mut entries: Vec<FeedEntry> = Vec::new();
        entries.extend(self.stage_deadline_entries(&person).await?);
        entries.extend(self.claim_entries(&person).await?);
        entries.extend(self.visit_entries(&person).await?);
        entries.extend(self.task_entries(&person).await?);
        Ok(Feed {
            person: person.name,
            locale,
            entries,
        })
    }
}
