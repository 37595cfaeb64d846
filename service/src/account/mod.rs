//! People: sign-in, sessions, tokens, accounts, their own settings.

mod own;

use std::collections::HashMap;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier},
};
use chrono::Duration;
use domain::{
    account::{
        Action, Actor, CREDENTIAL_MAX_BYTES, MadeToken, NewToken, PASSWORD_MIN_CHARACTERS, Role,
        SESSION_HOURS, SIGN_IN_FAILURES_ALLOWED, SIGN_IN_WINDOW_MINUTES, TOKEN_DAYS,
        TOKEN_DAYS_LIMIT, TOKEN_NAME_LIMIT, TOKEN_USE_MINUTES, TokenPage, TokenScope, TokenView,
    },
    lead::BureauTag,
    problem::{FieldProblem, FieldProblemKind, Problem},
};
use entity::{account, api_token, bureau, login_attempt, session};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait,
    JoinType, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, sea_query::Expr,
};
use sha2::{Digest, Sha256};

use crate::{
    Service, ServiceError, ServiceResult,
    audit::{self, Change},
    database::{HOLD_SIGN_IN, hold},
    local_date, needed_text,
};

/// Tokens on the page: of a zone's people nobody has so many.
const TOKENS_SHOWN: u64 = 500;

/// Random bytes from the operating system as lower-case hexadecimal.
///
/// # Errors
/// The system gives no randomness.
pub(crate) fn random_token(bytes: usize) -> ServiceResult<String> {
    let mut buffer = vec![0_u8; bytes];
    getrandom::fill(&mut buffer).map_err(ServiceError::internal)?;
    Ok(hexadecimal(&buffer))
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A short mark of a content: another content has another one.
#[must_use]
pub fn content_mark(content: &[u8]) -> String {
    let mut mark = hexadecimal(&Sha256::digest(content));
    mark.truncate(32);
    mark
}

/// Tokens are long and random, so one round of SHA-256 is enough to keep them useless to a reader of the
/// database.
pub(crate) fn token_hash(token: &str) -> String {
    hexadecimal(&Sha256::digest(token.as_bytes()))
}

fn hash_password(password: &str) -> ServiceResult<String> {
    Ok(Argon2::default()
        .hash_password(password.as_bytes())
        .map_err(ServiceError::internal)?
        .to_string())
}

/// Argon2 takes tens of milliseconds on purpose: never on the threads that answer requests.
async fn on_blocking_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> ServiceResult<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(ServiceError::internal)
}

/// A new account.
#[derive(Clone, Debug)]
pub struct NewAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub bureau_code: Option<String>,
    pub password: String,
}

impl Service {
    /// Checks a login and a password and opens a session. Returns the token for the cookie, which is
    /// nowhere kept, and the person.
    ///
    /// # Errors
    /// [`Problem::WrongPassword`] whichever of the two is wrong, [`Problem::TooManyAttempts`].
    pub async fn sign_in(
        &self,
        login: &str,
        password: &str,
        address: &str,
        user_agent: Option<&str>,
    ) -> ServiceResult<(String, Actor)> {
        let login = login.trim();
        // No login holds a NUL, and PostgreSQL takes no text that does.
        if login.len() > CREDENTIAL_MAX_BYTES
            || password.len() > CREDENTIAL_MAX_BYTES
            || login.contains('\0')
        {
            return Err(Problem::WrongPassword.into());
        }
        let attempt = self.begin_attempt(login, address).await?;
        let found = account::Entity::find()
            .filter(account::Column::Login.eq(login))
            .filter(account::Column::Disabled.eq(false))
            .one(self.database.read())
            .await?;
        let hash = found.as_ref().map(|account| account.password_hash.clone());
        let password = password.to_owned();
        // An unknown login costs the same time as a known one: the clock must not tell which logins exist.
        let correct = on_blocking_thread(move || match hash {
            Some(hash) => argon2::PasswordHash::new(&hash).is_ok_and(|hash| {
                Argon2::default()
                    .verify_password(password.as_bytes(), &hash)
                    .is_ok()
            }),
            None => {
                let _ = hash_password(&password);
                false
            }
        })
        .await?;
        let Some(found) = found.filter(|_| correct) else {
            return Err(Problem::WrongPassword.into());
        };
        let transaction = self.database.begin().await?;
        let now = self.now();
        let mut attempt: login_attempt::ActiveModel = attempt.into();
        attempt.succeeded = Set(true);
        attempt.update(&transaction).await?;
        let token = random_token(32)?;
        session::ActiveModel {
            token_hash: Set(token_hash(&token)),
            account_id: Set(found.id),
            created_at: Set(now),
            expires_at: Set(now + Duration::hours(SESSION_HOURS)),
            user_agent: Set(user_agent.map(|agent| agent.chars().take(200).collect())),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        // Old rows go when new ones come, so that neither table grows without end.
        session::Entity::delete_many()
            .filter(session::Column::ExpiresAt.lt(now))
            .exec(&transaction)
            .await?;
        login_attempt::Entity::delete_many()
            .filter(login_attempt::Column::AttemptedAt.lt(now - Duration::days(30)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        let actor = self.actor_of(found).await?;
        Ok((token, actor))
    }

    /// Counts an attempt as failed before it is looked at, or refuses it: guesses that come at the same
    /// moment must not all pass while the first one is still being hashed.
    async fn begin_attempt(
        &self,
        login: &str,
        address: &str,
    ) -> ServiceResult<login_attempt::Model> {
        let transaction = self.database.begin().await?;
        hold(&transaction, HOLD_SIGN_IN).await?;
        self.throttle(&transaction, login, address).await?;
        let attempt = login_attempt::ActiveModel {
            login: Set(login.to_owned()),
            address: Set(address.to_owned()),
            attempted_at: Set(self.now()),
            succeeded: Set(false),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        transaction.commit().await?;
        Ok(attempt)
    }

    async fn throttle(
        &self,
        connection: &impl ConnectionTrait,
        login: &str,
        address: &str,
    ) -> ServiceResult<()> {
        let since = self.now() - Duration::minutes(SIGN_IN_WINDOW_MINUTES);
        let failures = login_attempt::Entity::find()
            .filter(
                Condition::any()
                    .add(login_attempt::Column::Login.eq(login))
                    .add(login_attempt::Column::Address.eq(address)),
            )
            .filter(login_attempt::Column::AttemptedAt.gt(since))
            .order_by_desc(login_attempt::Column::Id)
            .all(connection)
            .await?;
        // A success wipes the slate of its login, not of the address: one person's success must not open
        // the door for guesses at others from the same place.
        let by_login = failures
            .iter()
            .filter(|attempt| attempt.login == login)
            .take_while(|attempt| !attempt.succeeded)
            .count() as u64;
        let by_address = failures
            .iter()
            .filter(|attempt| attempt.address == address && !attempt.succeeded)
            .count() as u64;
        if by_login >= SIGN_IN_FAILURES_ALLOWED || by_address >= SIGN_IN_FAILURES_ALLOWED * 4 {
            return Err(Problem::TooManyAttempts {
                minutes: SIGN_IN_WINDOW_MINUTES,
            }
            .into());
        }
        Ok(())
    }

    /// Ends a session. A token that is none is no error: the person is signed out either way.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn sign_out(&self, token: &str) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        session::Entity::delete_many()
            .filter(session::Column::TokenHash.eq(token_hash(token)))
            .exec(&transaction)
            .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// The person behind a session cookie; `None` when the session is over or the account is gone.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn actor_by_session(&self, token: &str) -> ServiceResult<Option<Actor>> {
        if token.len() > CREDENTIAL_MAX_BYTES {
            return Ok(None);
        }
        let of_session = account::Entity::find()
            .join(
                JoinType::InnerJoin,
                account::Entity::belongs_to(session::Entity)
                    .from(account::Column::Id)
                    .to(session::Column::AccountId)
                    .into(),
            )
            .filter(session::Column::TokenHash.eq(token_hash(token)))
            .filter(session::Column::ExpiresAt.gt(self.now()));
        self.enabled_actor(of_session).await
    }

    /// The people behind these sessions, by the session's token; who is missing is signed out or may not sign in any
    /// more.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn actors_by_session(
        &self,
        tokens: &[String],
    ) -> ServiceResult<HashMap<String, Actor>> {
        let hashes: HashMap<String, &String> = tokens
            .iter()
            .map(|token| (token_hash(token), token))
            .collect();
        let sessions: Vec<(String, i64)> = session::Entity::find()
            .select_only()
            .column(session::Column::TokenHash)
            .column(session::Column::AccountId)
            .filter(session::Column::TokenHash.is_in(hashes.keys().cloned()))
            .filter(session::Column::ExpiresAt.gt(self.now()))
            .into_tuple()
            .all(self.database.read())
            .await?;
        let people: HashMap<i64, Actor> = account::Entity::find()
            .filter(account::Column::Id.is_in(sessions.iter().map(|(_, id)| *id)))
            .filter(account::Column::Disabled.eq(false))
            .all(self.database.read())
            .await?
            .into_iter()
            .map(|account| (account.id, actor(account, None)))
            .collect();
        Ok(sessions
            .into_iter()
            .filter_map(|(hash, id)| {
                Some(((*hashes.get(&hash)?).clone(), people.get(&id)?.clone()))
            })
            .collect())
    }

    /// The person behind an API token, and what the token may do. `None` when there is no such token, or its account is
    /// gone. The use is written down.
    ///
    /// # Errors
    /// [`Problem::TokenExpired`].
    pub async fn actor_by_token(&self, token: &str) -> ServiceResult<Option<(Actor, TokenScope)>> {
        if token.len() > CREDENTIAL_MAX_BYTES {
            return Ok(None);
        }
        let Some(found) = api_token::Entity::find()
            .filter(api_token::Column::TokenHash.eq(token_hash(token)))
            .one(self.database.read())
            .await?
        else {
            return Ok(None);
        };
        let Some(actor) = self
            .enabled_actor(account::Entity::find_by_id(found.account_id))
            .await?
        else {
            return Ok(None);
        };
        let now = self.now();
        if let Some(end) = found.expires_at.filter(|end| *end <= now) {
            let on = local_date(end).to_string();
            return Err(Problem::TokenExpired { on }.into());
        }
        let scope = TokenScope::from_key(&found.scope).unwrap_or_default();
        if found
            .last_used_at
            .is_none_or(|at| now - at >= Duration::minutes(TOKEN_USE_MINUTES))
        {
            let transaction = self.database.begin().await?;
            api_token::Entity::update_many()
                .col_expr(api_token::Column::LastUsedAt, Expr::value(Some(now)))
                .filter(api_token::Column::Id.eq(found.id))
                .exec(&transaction)
                .await?;
            transaction.commit().await?;
        }
        Ok(Some((actor, scope)))
    }

    /// One statement: every request begins with it.
    async fn enabled_actor(&self, chosen: Select<account::Entity>) -> ServiceResult<Option<Actor>> {
        let found = chosen
            .join(
                JoinType::LeftJoin,
                account::Entity::belongs_to(bureau::Entity)
                    .from(account::Column::BureauId)
                    .to(bureau::Column::Id)
                    .into(),
            )
            .filter(account::Column::Disabled.eq(false))
            .select_also(bureau::Entity)
            .one(self.database.read())
            .await?;
        Ok(found.map(|(account, bureau)| actor(account, bureau.map(|bureau| bureau.name))))
    }

    pub(crate) async fn actor_of(&self, account: account::Model) -> ServiceResult<Actor> {
        let bureau_name = match account.bureau_id {
            Some(id) => bureau::Entity::find_by_id(id)
                .one(self.database.read())
                .await?
                .map(|bureau| bureau.name),
            None => None,
        };
        Ok(actor(account, bureau_name))
    }

    /// The actor of an account, for the command line, which acts as the machine's owner.
    ///
    /// # Errors
    /// [`Problem::NotFound`] when there is no such account.
    pub async fn actor_by_login(&self, login: &str) -> ServiceResult<Actor> {
        let found = account::Entity::find()
            .filter(account::Column::Login.eq(login))
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        self.actor_of(found).await
    }

    /// Adds an account. Called from the command line only, whose user owns the database anyway.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with the fields that cannot be taken.
    pub async fn add_account(&self, new: NewAccount) -> ServiceResult<i64> {
        let mut fields = Vec::new();
        let login = new.login.trim().to_owned();
        let name = new.name.trim().to_owned();
        for (field, value) in [("login", &login), ("name", &name)] {
            if value.is_empty() {
                fields.push(FieldProblem::new(field, FieldProblemKind::Required));
            } else if value.chars().count() > 60 {
                fields.push(FieldProblem::new(
                    field,
                    FieldProblemKind::TooLong { limit: 60 },
                ));
            }
        }
        check_password(&new.password, &mut fields);
        let bureau_id = match &new.bureau_code {
            None if new.role.needs_bureau() => {
                fields.push(FieldProblem::new("bureau", FieldProblemKind::Required));
                None
            }
            None => None,
            Some(code) => {
                let found = bureau::Entity::find()
                    .filter(bureau::Column::Code.eq(code))
                    .one(self.database.read())
                    .await?;
                if found.is_none() {
                    fields.push(FieldProblem::new("bureau", FieldProblemKind::Unknown));
                }
                found.map(|bureau| bureau.id)
            }
        };
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let password = new.password;
        let password_hash = on_blocking_thread(move || hash_password(&password)).await??;
        let transaction = self.database.begin().await?;
        let inserted = account::ActiveModel {
            login: Set(login),
            name: Set(name),
            role: Set(new.role.key().to_owned()),
            bureau_id: Set(bureau_id),
            password_hash: Set(password_hash),
            disabled: Set(false),
            created_at: Set(self.now()),
            ..Default::default()
        }
        .insert(&transaction)
        .await;
        let inserted = match inserted {
            Err(error) if ServiceError::is_unique_violation(&error) => {
                return Err(Problem::invalid("login", FieldProblemKind::Taken).into());
            }
            other => other?,
        };
        audit::record(
            &transaction,
            None,
            self.now(),
            Change {
                action: "add",
                entity: "account",
                entity_id: inserted.id,
                before: None,
                after: Some(serde_json::json!({
                    "login": inserted.login, "name": inserted.name, "role": inserted.role,
                    "bureau_id": inserted.bureau_id,
                })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(inserted.id)
    }

    /// Sets a password and ends every session of the account.
    ///
    /// # Errors
    /// [`Problem::NotFound`], [`Problem::Invalid`].
    pub async fn set_password(&self, login: &str, password: String) -> ServiceResult<()> {
        let mut fields = Vec::new();
        check_password(&password, &mut fields);
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let found = account::Entity::find()
            .filter(account::Column::Login.eq(login))
            .one(self.database.read())
            .await?
            .ok_or(Problem::NotFound)?;
        let id = found.id;
        let password_hash = on_blocking_thread(move || hash_password(&password)).await??;
        let transaction = self.database.begin().await?;
        let mut change: account::ActiveModel = found.into();
        change.password_hash = Set(password_hash);
        change.update(&transaction).await?;
        let ended = session::Entity::delete_many()
            .filter(session::Column::AccountId.eq(id))
            .exec(&transaction)
            .await?
            .rows_affected;
        audit::record(
            &transaction,
            None,
            self.now(),
            Change {
                action: "set_password",
                entity: "account",
                entity_id: id,
                before: None,
                after: Some(serde_json::json!({ "login": login, "sessions_ended": ended })),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Makes a token that may write, for the account with this login, and returns its secret. Called from the command line
    /// only, whose user owns the database anyway.
    ///
    /// # Errors
    /// As [`Service::make_token`]; [`Problem::NotFound`] when there is no such account.
    pub async fn create_token(
        &self,
        login: &str,
        name: &str,
        days: Option<i64>,
    ) -> ServiceResult<String> {
        let new = NewToken {
            name: name.to_owned(),
            scope: TokenScope::Write,
            days,
        };
        Ok(self.create_token_of(login, new).await?.secret)
    }

    /// The same with every choice.
    ///
    /// # Errors
    /// As there.
    pub async fn create_token_of(&self, login: &str, new: NewToken) -> ServiceResult<MadeToken> {
        let owner = self.actor_by_login(login).await?;
        self.issue_token(None, &owner, new).await
    }

    /// Makes a token for the REST API with the person's own rights. The secret is shown once and kept as a hash.
    ///
    /// # Errors
    /// [`Problem::Invalid`] with the fields that cannot be taken.
    pub async fn make_token(&self, actor: &Actor, new: NewToken) -> ServiceResult<MadeToken> {
        self.issue_token(Some(actor), actor, new).await
    }

    async fn issue_token(
        &self,
        by: Option<&Actor>,
        owner: &Actor,
        new: NewToken,
    ) -> ServiceResult<MadeToken> {
        let mut fields = Vec::new();
        let name = needed_text("name", new.name, TOKEN_NAME_LIMIT, &mut fields);
        let days = new.days.unwrap_or(TOKEN_DAYS);
        if !(1..=TOKEN_DAYS_LIMIT).contains(&days) {
            #[allow(
                clippy::cast_precision_loss,
                reason = "a few hundred days are exact in a float"
            )]
            fields.push(FieldProblem::new(
                "days",
                FieldProblemKind::OutOfRange {
                    from: 1.0,
                    until: TOKEN_DAYS_LIMIT as f64,
                },
            ));
        }
        if !fields.is_empty() {
            return Err(Problem::Invalid { fields }.into());
        }
        let secret = format!("wutong_{}", random_token(32)?);
        let now = self.now();
        let transaction = self.database.begin().await?;
        let row = api_token::ActiveModel {
            account_id: Set(owner.account_id),
            name: Set(name),
            token_hash: Set(token_hash(&secret)),
            scope: Set(new.scope.key().to_owned()),
            created_at: Set(now),
            expires_at: Set(Some(now + Duration::days(days))),
            last_used_at: Set(None),
            ..Default::default()
        }
        .insert(&transaction)
        .await?;
        audit::record(
            &transaction,
            by,
            now,
            Change {
                action: "add",
                entity: "api_token",
                entity_id: row.id,
                before: None,
                after: Some(token_left(&row)),
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(MadeToken { id: row.id, secret })
    }

    /// A person's tokens; everybody's for an administrator.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn tokens(&self, actor: &Actor) -> ServiceResult<TokenPage> {
        let is_everybody = actor.may(Action::ManageEveryToken);
        let mut query = api_token::Entity::find();
        if !is_everybody {
            query = query.filter(api_token::Column::AccountId.eq(actor.account_id));
        }
        let rows = query
            .order_by_desc(api_token::Column::Id)
            .limit(TOKENS_SHOWN)
            .all(self.database.read())
            .await?;
        let people = self
            .account_names(rows.iter().map(|row| row.account_id))
            .await?;
        let now = self.now();
        Ok(TokenPage {
            tokens: rows
                .into_iter()
                .map(|row| TokenView {
                    id: row.id,
                    name: row.name,
                    scope: TokenScope::from_key(&row.scope).unwrap_or_default(),
                    owner: people.get(&row.account_id).cloned().unwrap_or_default(),
                    is_own: row.account_id == actor.account_id,
                    created_at: row.created_at,
                    expires_at: row.expires_at,
                    is_expired: row.expires_at.is_some_and(|end| end <= now),
                    last_used_at: row.last_used_at,
                })
                .collect(),
            is_everybody,
        })
    }

    /// Ends a token at once: one's own, or anybody's for an administrator.
    ///
    /// # Errors
    /// [`Problem::NotFound`], also for somebody else's.
    pub async fn revoke_token(&self, actor: &Actor, token_id: i64) -> ServiceResult<()> {
        let transaction = self.database.begin().await?;
        let row = api_token::Entity::find_by_id(token_id)
            .one(&transaction)
            .await?
            .filter(|row| row.account_id == actor.account_id || actor.may(Action::ManageEveryToken))
            .ok_or(Problem::NotFound)?;
        api_token::Entity::delete_by_id(token_id)
            .exec(&transaction)
            .await?;
        audit::record(
            &transaction,
            Some(actor),
            self.now(),
            Change {
                action: "revoke",
                entity: "api_token",
                entity_id: token_id,
                before: Some(token_left(&row)),
                after: None,
            },
        )
        .await?;
        transaction.commit().await?;
        Ok(())
    }

    /// True while nobody can sign in: the first start.
    ///
    /// # Errors
    /// The database does not answer.
    pub async fn has_no_account(&self) -> ServiceResult<bool> {
        Ok(account::Entity::find().count(self.database.read()).await? == 0)
    }

    /// The bureaus in their order.
    pub(crate) async fn bureaus(&self) -> ServiceResult<Vec<bureau::Model>> {
        Ok(bureau::Entity::find()
            .order_by_asc(bureau::Column::Position)
            .all(self.database.read())
            .await?)
    }
}

pub(crate) fn actor(account: account::Model, bureau_name: Option<String>) -> Actor {
    Actor {
        account_id: account.id,
        login: account.login,
        name: account.name,
        role: Role::from_key(&account.role).unwrap_or(Role::Viewer),
        bureau_id: account.bureau_id,
        bureau_name,
    }
}

/// What the audit keeps of a token: never its hash.
fn token_left(row: &api_token::Model) -> serde_json::Value {
    serde_json::json!({
        "account_id": row.account_id, "name": row.name, "scope": row.scope, "expires_at": row.expires_at,
    })
}

fn check_password(password: &str, fields: &mut Vec<FieldProblem>) {
    if password.chars().count() < PASSWORD_MIN_CHARACTERS {
        fields.push(FieldProblem::new(
            "password",
            FieldProblemKind::TooShort {
                limit: PASSWORD_MIN_CHARACTERS,
            },
        ));
    } else if password.len() > CREDENTIAL_MAX_BYTES {
        fields.push(FieldProblem::new(
            "password",
            FieldProblemKind::TooLong {
                limit: CREDENTIAL_MAX_BYTES,
            },
        ));
    }
}

pub(crate) fn tag(bureau: &bureau::Model) -> BureauTag {
    BureauTag {
        id: bureau.id,
        code: bureau.code.clone(),
        name: bureau.name.clone(),
    }
}
