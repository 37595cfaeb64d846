//! Signing in and out, sessions, tokens, accounts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use chrono::Duration;
use common::{refusal, refused_fields};
use domain::{
    account::{
        CREDENTIAL_MAX_BYTES, PASSWORD_MIN_CHARACTERS, Role, SESSION_HOURS, SIGN_IN_WINDOW_MINUTES,
        TokenScope,
    },
    problem::{FieldProblemKind, Problem},
};
use entity::{account, api_token, audit, login_attempt, session};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
};
use service::{account::NewAccount, demo::DEMO_PASSWORD};

const WRONG: &str = "not-the-password";

fn newcomer() -> NewAccount {
    NewAccount {
        login: "newcomer".to_owned(),
        name: "新演示".to_owned(),
        role: Role::Officer,
        bureau_code: Some("yangtze-delta".to_owned()),
        password: DEMO_PASSWORD.to_owned(),
    }
}

on_both! {
    a_session_lasts_from_sign_in_to_sign_out(zone) {
        let (token, actor) = zone.service.sign_in(" officer-east ", DEMO_PASSWORD, "10.0.0.1", Some("browser")).await.unwrap();
        assert_eq!((actor.login.as_str(), actor.role), ("officer-east", Role::Officer));
        assert_eq!(actor.bureau_name.as_deref(), Some("长三角分局"));
        assert_eq!(zone.service.actor_by_session(&token).await.unwrap(), Some(actor.clone()));
        let (other, _) = zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        assert_ne!(other, token);
        zone.service.sign_out(&token).await.unwrap();
        assert_eq!(zone.service.actor_by_session(&token).await.unwrap(), None);
        assert_eq!(zone.service.actor_by_session(&other).await.unwrap(), Some(actor), "the other session goes on");
        zone.service.sign_out(&token).await.unwrap();
        zone.service.sign_out("no such token").await.unwrap();
        assert_eq!(zone.service.actor_by_session("").await.unwrap(), None);
    }

    nobody_learns_which_half_was_wrong(zone) {
        let disabled = account::Entity::find().filter(account::Column::Login.eq("viewer")).one(zone.tables()).await.unwrap().unwrap();
        let mut change: account::ActiveModel = disabled.into();
        change.disabled = Set(true);
        change.update(zone.tables()).await.unwrap();
        for (login, password) in [
            ("officer-east", WRONG),
            ("officer-east", ""),
            ("nobody", DEMO_PASSWORD),
            ("", DEMO_PASSWORD),
            ("viewer", DEMO_PASSWORD),
            ("OFFICER-EAST", DEMO_PASSWORD),
            ("officer\0east", DEMO_PASSWORD),
            ("officer-east", "\0"),
        ] {
            let problem = refusal(zone.service.sign_in(login, password, "10.0.0.1", None).await);
            assert_eq!(problem, Problem::WrongPassword, "{login:?}");
        }
        assert_eq!(session::Entity::find().count(zone.tables()).await.unwrap(), 0);
    }

    eight_failures_close_a_login_until_the_window_is_over(zone) {
        for number in 0..8 {
            // From everywhere: it is the login that is guarded here.
            let problem = refusal(zone.service.sign_in("officer-east", WRONG, &format!("10.0.1.{number}"), None).await);
            assert_eq!(problem, Problem::WrongPassword, "{number}");
        }
        let closed = Problem::TooManyAttempts { minutes: SIGN_IN_WINDOW_MINUTES };
        assert_eq!(refusal(zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.2.1", None).await), closed);
        assert_eq!(refusal(zone.service.sign_in("officer-east", WRONG, "10.0.2.1", None).await), closed);
        zone.service.sign_in("officer-north", DEMO_PASSWORD, "10.0.2.1", None).await.unwrap();
        zone.pass(Duration::minutes(SIGN_IN_WINDOW_MINUTES) - Duration::seconds(1));
        assert_eq!(refusal(zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.2.1", None).await), closed);
        zone.pass(Duration::seconds(1));
        zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.2.1", None).await.unwrap();
    }

    a_success_wipes_the_failures_of_its_login(zone) {
        for _ in 0..2 {
            for _ in 0..7 {
                refusal(zone.service.sign_in("officer-east", WRONG, "10.0.0.1", None).await);
            }
            zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        }
    }

    an_address_that_tries_many_logins_is_closed(zone) {
        for number in 0..32 {
            let problem = refusal(zone.service.sign_in(&format!("guess-{number}"), WRONG, "10.0.0.66", None).await);
            assert_eq!(problem, Problem::WrongPassword, "{number}");
        }
        let problem = refusal(zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.66", None).await);
        assert_eq!(problem, Problem::TooManyAttempts { minutes: SIGN_IN_WINDOW_MINUTES });
        zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.67", None).await.unwrap();
    }

    guesses_at_the_same_moment_count_like_guesses_in_a_row(zone) {
        let tries: Vec<_> = (0..24)
            .map(|_| {
                let service = zone.service.clone();
                tokio::spawn(async move { refusal(service.sign_in("officer-east", WRONG, "10.0.0.1", None).await) })
            })
            .collect();
        let mut looked_at = 0;
        for one in tries {
            looked_at += usize::from(one.await.unwrap() == Problem::WrongPassword);
        }
        assert_eq!(looked_at, 8, "of 24 guesses at once, only as many as are allowed in a row are looked at");
    }

    a_password_of_ten_megabytes_is_not_even_looked_at(zone) {
        let huge = "x".repeat(10 * 1024 * 1024);
        assert_eq!(refusal(zone.service.sign_in("officer-east", &huge, "10.0.0.1", None).await), Problem::WrongPassword);
        assert_eq!(refusal(zone.service.sign_in(&huge, DEMO_PASSWORD, "10.0.0.1", None).await), Problem::WrongPassword);
        // Whatever is hashed is written down as an attempt.
        assert_eq!(login_attempt::Entity::find().count(zone.tables()).await.unwrap(), 0);
        assert_eq!(zone.service.actor_by_session(&huge).await.unwrap(), None);
        assert_eq!(zone.service.actor_by_token(&huge).await.unwrap(), None);
        let longest = "x".repeat(CREDENTIAL_MAX_BYTES);
        refusal(zone.service.sign_in("officer-east", &longest, "10.0.0.1", None).await);
        assert_eq!(login_attempt::Entity::find().count(zone.tables()).await.unwrap(), 1);
    }

    a_login_of_the_greatest_length_is_only_wrong(zone) {
        let longest = "x".repeat(CREDENTIAL_MAX_BYTES);
        assert_eq!(refusal(zone.service.sign_in(&longest, DEMO_PASSWORD, "10.0.0.1", None).await), Problem::WrongPassword);
    }

    who_is_disabled_or_gone_is_nobody(zone) {
        let id = zone.service.add_account(newcomer()).await.unwrap();
        let (session, _) = zone.service.sign_in("newcomer", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        let token = zone.service.create_token("newcomer", "脚本", None).await.unwrap();
        assert!(zone.service.actor_by_session(&session).await.unwrap().is_some());
        assert!(zone.service.actor_by_token(&token).await.unwrap().is_some());
        let set = async |disabled: bool| {
            let found = account::Entity::find_by_id(id).one(zone.tables()).await.unwrap().unwrap();
            let mut change: account::ActiveModel = found.into();
            change.disabled = Set(disabled);
            change.update(zone.tables()).await.unwrap();
        };
        set(true).await;
        assert_eq!(zone.service.actor_by_session(&session).await.unwrap(), None);
        assert_eq!(zone.service.actor_by_token(&token).await.unwrap(), None);
        set(false).await;
        assert!(zone.service.actor_by_session(&session).await.unwrap().is_some());
        account::Entity::delete_by_id(id).exec(zone.tables()).await.unwrap();
        assert_eq!(zone.service.actor_by_session(&session).await.unwrap(), None);
        assert_eq!(zone.service.actor_by_token(&token).await.unwrap(), None);
        assert_eq!(refusal(zone.service.sign_in("newcomer", DEMO_PASSWORD, "10.0.0.1", None).await), Problem::WrongPassword);
    }

    a_session_ends_by_itself(zone) {
        let (token, _) = zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        zone.pass(Duration::hours(SESSION_HOURS) - Duration::seconds(1));
        assert!(zone.service.actor_by_session(&token).await.unwrap().is_some());
        zone.pass(Duration::seconds(1));
        assert_eq!(zone.service.actor_by_session(&token).await.unwrap(), None);
        zone.pass(Duration::seconds(1));
        zone.service.sign_in("officer-north", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        assert_eq!(session::Entity::find().count(zone.tables()).await.unwrap(), 1, "the old row went when the new one came");
    }

    a_new_password_ends_every_session(zone) {
        let (first, _) = zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.1", None).await.unwrap();
        let (second, _) = zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.2", None).await.unwrap();
        let (other, _) = zone.service.sign_in("officer-north", DEMO_PASSWORD, "10.0.0.3", None).await.unwrap();
        let short = refused_fields(zone.service.set_password("officer-east", "short".to_owned()).await);
        assert_eq!(short, [("password".to_owned(), FieldProblemKind::TooShort { limit: PASSWORD_MIN_CHARACTERS })]);
        assert!(zone.service.actor_by_session(&first).await.unwrap().is_some(), "a refused change ends nothing");
        assert_eq!(refusal(zone.service.set_password("nobody", "another-password".to_owned()).await), Problem::NotFound);
        zone.service.set_password("officer-east", "another-password".to_owned()).await.unwrap();
        assert_eq!(zone.service.actor_by_session(&first).await.unwrap(), None);
        assert_eq!(zone.service.actor_by_session(&second).await.unwrap(), None);
        assert!(zone.service.actor_by_session(&other).await.unwrap().is_some());
        assert_eq!(refusal(zone.service.sign_in("officer-east", DEMO_PASSWORD, "10.0.0.1", None).await), Problem::WrongPassword);
        zone.service.sign_in("officer-east", "another-password", "10.0.0.1", None).await.unwrap();
    }

    a_token_speaks_for_its_account_until_it_ends(zone) {
        let forever = zone.service.create_token("officer-east", "报表", None).await.unwrap();
        let month = zone.service.create_token("officer-east", "试用", Some(30)).await.unwrap();
        assert_ne!(forever, month);
        let actor = zone.actor("officer-east").await;
        // Tokens from before tokens had an end still have none.
        let old = api_token::Entity::find().filter(api_token::Column::Name.eq("报表")).one(zone.tables()).await.unwrap().unwrap();
        let quarter = old.created_at + Duration::days(90);
        assert_eq!((old.scope.as_str(), old.expires_at), ("write", Some(quarter)), "ninety days unless said otherwise");
        let mut old: api_token::ActiveModel = old.into();
        old.expires_at = Set(None);
        old.update(zone.tables()).await.unwrap();
        let writer = Some((actor.clone(), TokenScope::Write));
        assert_eq!(zone.service.actor_by_token(&forever).await.unwrap(), writer);
        assert_eq!(zone.service.actor_by_token(&month).await.unwrap(), writer);
        assert_eq!(zone.service.actor_by_session(&forever).await.unwrap(), None, "a token is no session");
        assert_eq!(zone.service.actor_by_token("wutong_").await.unwrap(), None);
        assert_eq!(refusal(zone.service.create_token("nobody", "x", None).await), Problem::NotFound);
        zone.pass(Duration::days(30) - Duration::seconds(1));
        assert!(zone.service.actor_by_token(&month).await.unwrap().is_some());
        zone.pass(Duration::seconds(1));
        let day = (service::local_date(zone.service.now())).to_string();
        assert_eq!(refusal(zone.service.actor_by_token(&month).await), Problem::TokenExpired { on: day });
        assert_eq!(zone.service.actor_by_token(&forever).await.unwrap(), writer);
    }

    what_cannot_be_an_account_is_named(zone) {
        let before = account::Entity::find().count(zone.tables()).await.unwrap();
        let field = |name: &str, kind: FieldProblemKind| vec![(name.to_owned(), kind)];
        for (new, expected) in [
            (
                NewAccount { password: "123456789".to_owned(), ..newcomer() },
                field("password", FieldProblemKind::TooShort { limit: PASSWORD_MIN_CHARACTERS }),
            ),
            (
                NewAccount { password: "x".repeat(CREDENTIAL_MAX_BYTES + 1), ..newcomer() },
                field("password", FieldProblemKind::TooLong { limit: CREDENTIAL_MAX_BYTES }),
            ),
            (NewAccount { login: "officer-east".to_owned(), ..newcomer() }, field("login", FieldProblemKind::Taken)),
            (NewAccount { login: " officer-east ".to_owned(), ..newcomer() }, field("login", FieldProblemKind::Taken)),
            (NewAccount { login: "  ".to_owned(), ..newcomer() }, field("login", FieldProblemKind::Required)),
            (NewAccount { login: "x".repeat(61), ..newcomer() }, field("login", FieldProblemKind::TooLong { limit: 60 })),
            (NewAccount { name: String::new(), ..newcomer() }, field("name", FieldProblemKind::Required)),
            (NewAccount { bureau_code: Some("atlantis".to_owned()), ..newcomer() }, field("bureau", FieldProblemKind::Unknown)),
            (NewAccount { bureau_code: None, ..newcomer() }, field("bureau", FieldProblemKind::Required)),
            (NewAccount { bureau_code: None, role: Role::BureauChief, ..newcomer() }, field("bureau", FieldProblemKind::Required)),
            (NewAccount { bureau_code: None, role: Role::Delegate, ..newcomer() }, field("bureau", FieldProblemKind::Required)),
        ] {
            assert_eq!(refused_fields(zone.service.add_account(new.clone()).await), expected, "{new:?}");
        }
        let all = NewAccount { login: String::new(), name: String::new(), bureau_code: None, password: String::new(), ..newcomer() };
        let named: Vec<String> = refused_fields(zone.service.add_account(all).await).into_iter().map(|(field, _)| field).collect();
        assert_eq!(named, ["login", "name", "password", "bureau"], "everything at once");
        assert_eq!(account::Entity::find().count(zone.tables()).await.unwrap(), before);
        let id = zone.service.add_account(newcomer()).await.unwrap();
        let reader = NewAccount { login: "reader".to_owned(), role: Role::Viewer, bureau_code: None, ..newcomer() };
        zone.service.add_account(reader).await.unwrap();
        let rows = audit::Entity::find()
            .filter(audit::Column::Entity.eq("account"))
            .filter(audit::Column::EntityId.eq(id))
            .all(zone.tables()).await.unwrap();
        assert_eq!(rows.len(), 1);
        assert!(!serde_json::to_string(&rows[0].after).unwrap().contains("password"));
    }

    the_database_keeps_no_secret_in_clear(zone) {
        zone.service.add_account(newcomer()).await.unwrap();
        zone.service.set_password("newcomer", "a-second-password".to_owned()).await.unwrap();
        let (session_token, _) = zone.service.sign_in("newcomer", "a-second-password", "10.0.0.1", None).await.unwrap();
        let api = zone.service.create_token("newcomer", "脚本", Some(1)).await.unwrap();
        let accounts = account::Entity::find().all(zone.tables()).await.unwrap();
        for account in &accounts {
            assert!(account.password_hash.starts_with("$argon2id$"), "{}", account.login);
        }
        let mut hashes: Vec<&str> = accounts.iter().map(|account| account.password_hash.as_str()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), accounts.len(), "the demo's one password has a salt in every account");
        let everything = format!(
            "{accounts:?}{:?}{:?}{:?}{:?}",
            session::Entity::find().all(zone.tables()).await.unwrap(),
            api_token::Entity::find().all(zone.tables()).await.unwrap(),
            login_attempt::Entity::find().all(zone.tables()).await.unwrap(),
            audit::Entity::find().all(zone.tables()).await.unwrap(),
        );
        let session_row = session::Entity::find().one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(session_row.token_hash.len(), 64);
        assert!(everything.contains(&session_row.token_hash), "the search below looks at the right text");
        for secret in [session_token.as_str(), api.as_str(), api.trim_start_matches("wutong_"), DEMO_PASSWORD, "a-second-password"] {
            assert!(!everything.contains(secret), "{secret}");
        }
    }
}

/// The first start: nobody can sign in yet, and the first account changes that.
#[tokio::test]
async fn an_empty_zone_has_no_account() {
    for backend in [common::Backend::Sqlite, common::Backend::Postgres] {
        let Some(zone) = common::empty_zone(backend).await else {
            continue;
        };
        assert!(zone.service.has_no_account().await.unwrap());
        let administrator = NewAccount {
            role: Role::Administrator,
            bureau_code: None,
            ..newcomer()
        };
        zone.service.add_account(administrator).await.unwrap();
        assert!(!zone.service.has_no_account().await.unwrap());
        let (_, actor) = zone
            .service
            .sign_in("newcomer", DEMO_PASSWORD, "10.0.0.1", None)
            .await
            .unwrap();
        assert_eq!(actor.role, Role::Administrator);
        zone.end().await;
    }
}
