//! Notices: who is told what, once, and only as long as they may read it; mail as a queue; the calendar behind a secret.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use chrono::{Duration, TimeZone, Utc};
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    chain::NewChiefTask,
    enterprise::ImportStatus,
    feed::{FeedKind, FeedTime},
    lead::{LeadChange, NewLead, SideState, SideStateChange, Stage, StageChange},
    notice::{MAIL_ATTEMPTS, MailChoice, NoticeKind, NoticeQuery, NoticeView, OwnSettingsChange},
    problem::{FieldProblemKind, Problem},
    trip::{ChosenCandidate, NewTrip},
};
use entity::{account, claim, lead, mail};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};
use service::mail::{Letter, OutgoingMail};

async fn all(zone: &Zone, actor: &Actor) -> Vec<NoticeView> {
    zone.service
        .notice_page(actor, NoticeQuery::default())
        .await
        .unwrap()
        .notices
}

async fn of_kind(zone: &Zone, actor: &Actor, kind: NoticeKind) -> Vec<NoticeView> {
    let mut notices = all(zone, actor).await;
    notices.retain(|notice| notice.kind == kind);
    notices
}

async fn registered(zone: &Zone, actor: &Actor, count: usize) -> Vec<i64> {
    let mut ids = Vec::new();
    for company in zone.free_companies(count).await {
        let new = NewLead {
            enterprise_id: company.id,
            chain_node_id: None,
            bureau_id: None,
            title: "示例项目".to_owned(),
            investment_wan: Some(1_000),
            land_mu: None,
            source: "展会".to_owned(),
        };
        ids.push(zone.service.register_lead(actor, new).await.unwrap());
    }
    ids
}

async fn version(zone: &Zone, lead_id: i64) -> i64 {
    lead::Entity::find_by_id(lead_id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
        .version
}

async fn set_account(zone: &Zone, id: i64, change: impl FnOnce(&mut account::ActiveModel)) {
    let mut row = account::ActiveModel {
        id: Set(id),
        ..Default::default()
    };
    change(&mut row);
    row.update(zone.tables()).await.unwrap();
}

async fn wants(zone: &Zone, actor: &Actor, choice: MailChoice) {
    set_account(zone, actor.account_id, |row| {
        row.email = Set(Some(format!("{}@example.cn", actor.login)));
        row.mail_choice = Set(choice.key().to_owned());
    })
    .await;
}

fn letter(text: &str) -> Letter {
    Letter {
        subject: text.to_owned(),
        text: text.to_owned(),
        html: text.to_owned(),
    }
}

on_both! {
    the_owner_is_told_and_who_did_it_is_not(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let lead_id = registered(&zone, &officer, 1).await[0];
        assert_eq!((all(&zone, &officer).await.len(), all(&zone, &chief).await.len()), (0, 0), "nobody else did anything");
        // The owner's own steps tell nobody.
        let pause = |version, to, reason: &str| SideStateChange { lead_id, version, to, reason: reason.to_owned() };
        zone.service.set_side_state(&officer, pause(1, Some(SideState::Paused), "等")).await.unwrap();
        zone.service.set_side_state(&officer, pause(2, None, "来了")).await.unwrap();
        assert_eq!(zone.service.unread_notices(&officer).await.unwrap(), 0);
        // The chief's do.
        zone.service.set_side_state(&chief, pause(3, Some(SideState::Paused), "等土地")).await.unwrap();
        zone.service.set_side_state(&chief, pause(4, None, "有了")).await.unwrap();
        let evidence = serde_json::json!({"fit": "好", "investment_wan": 5000, "land_mu": 20, "energy": "低", "environment": "无", "verdict": "pursue"});
        let change = StageChange { lead_id, version: 5, to: Stage::Screened, evidence: evidence.as_object().unwrap().clone(), reason: String::new() };
        zone.service.change_stage(&chief, change).await.unwrap();
        let told = all(&zone, &officer).await;
        let kinds: Vec<(NoticeKind, &str)> = told.iter().map(|notice| (notice.kind, notice.detail.to.as_str())).collect();
        assert_eq!(kinds, [(NoticeKind::StageMoved, "screened"), (NoticeKind::SideStateSet, ""), (NoticeKind::SideStateSet, "paused")]);
        let company = zone.service.lead(&officer, lead_id).await.unwrap().card.enterprise_name;
        for notice in &told {
            assert_eq!((notice.detail.by.as_str(), &notice.detail.subject), (chief.name.as_str(), &company));
            assert_eq!((notice.lead_id, notice.href(), notice.is_read), (Some(lead_id), format!("/leads/{lead_id}"), false));
        }
        assert_eq!(all(&zone, &chief).await.len(), 0);
        // A refused step tells nothing: notices are in its transaction.
        refusal(zone.service.set_side_state(&chief, pause(1, Some(SideState::Lost), "迟了")).await);
        assert_eq!(all(&zone, &officer).await.len(), 3);
        // A lead handed over: the new owner hears of it, the old one does not.
        let change = LeadChange { owner_id: Some(chief.account_id), ..LeadChange::default() };
        zone.service.change_lead(&officer, lead_id, version(&zone, lead_id).await, change).await.unwrap();
        let chiefs = all(&zone, &chief).await;
        assert_eq!(chiefs.iter().map(|notice| notice.kind).collect::<Vec<_>>(), [NoticeKind::LeadAssigned]);
        assert_eq!(all(&zone, &officer).await.len(), 3);
        // To oneself is no news, and neither is another field.
        let take = LeadChange { owner_id: Some(officer.account_id), title: Some("接手".to_owned()), ..LeadChange::default() };
        zone.service.change_lead(&officer, lead_id, version(&zone, lead_id).await, take).await.unwrap();
        assert_eq!((all(&zone, &officer).await.len(), all(&zone, &chief).await.len()), (3, 1));
        // Who may not sign in any more is told nothing.
        set_account(&zone, officer.account_id, |row| row.disabled = Set(true)).await;
        zone.service.set_side_state(&chief, pause(version(&zone, lead_id).await, Some(SideState::Paused), "人已调离")).await.unwrap();
        assert_eq!(all(&zone, &officer).await.len(), 3);
    }

    a_lead_that_one_may_no_longer_read_is_not_told_of(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let ids = registered(&zone, &officer, 2).await;
        for lead_id in &ids {
            zone.service.set_side_state(&chief, SideStateChange { lead_id: *lead_id, version: 1, to: Some(SideState::Paused), reason: "等".to_owned() }).await.unwrap();
        }
        assert_eq!(zone.service.unread_notices(&officer).await.unwrap(), 2);
        // One lead goes to another bureau, the other is deleted.
        let west = zone.bureau("west-triangle").await.id;
        lead::ActiveModel { id: Set(ids[0]), bureau_id: Set(west), ..Default::default() }.update(zone.tables()).await.unwrap();
        let people = [officer.clone(), chief.clone()];
        let signals = zone.service.notice_signals(&people).await.unwrap();
        assert_eq!(signals.get(&officer.account_id).map(|(signal, _)| signal.unread), Some(1));
        assert_eq!(signals.get(&chief.account_id), None);
        let left = all(&zone, &officer).await;
        assert_eq!(left.iter().map(|notice| notice.lead_id).collect::<Vec<_>>(), [Some(ids[1])]);
        assert_eq!(zone.service.latest_notices(&officer).await.unwrap().unread, 1);
        lead::ActiveModel { id: Set(ids[1]), deleted_at: Set(Some(zone.service.now())), ..Default::default() }.update(zone.tables()).await.unwrap();
        assert_eq!((all(&zone, &officer).await.len(), zone.service.unread_notices(&officer).await.unwrap()), (0, 0));
        assert!(zone.service.notice_signals(&people).await.unwrap().is_empty());
    }

    notices_are_read_one_by_one_or_all_up_to_what_was_seen(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let ids = registered(&zone, &officer, 4).await;
        for lead_id in &ids {
            zone.service.set_side_state(&chief, SideStateChange { lead_id: *lead_id, version: 1, to: Some(SideState::Paused), reason: "等".to_owned() }).await.unwrap();
        }
        let told = all(&zone, &officer).await;
        assert!(told.windows(2).all(|pair| pair[0].id > pair[1].id), "newest first");
        // Somebody else's are left alone.
        assert_eq!(zone.service.read_notices(&chief, Some(vec![told[0].id]), 0).await.unwrap(), 0);
        assert_eq!(zone.service.unread_notices(&officer).await.unwrap(), 4);
        assert_eq!(zone.service.read_notices(&officer, Some(vec![told[3].id]), 0).await.unwrap(), 3);
        // All that were on the page; the one that came meanwhile stays.
        assert_eq!(zone.service.read_notices(&officer, None, told[1].id).await.unwrap(), 1);
        let unread = zone.service.notice_page(&officer, NoticeQuery { unread: true, page: 9 }).await.unwrap();
        assert_eq!((unread.total, unread.unread, unread.page), (1, 1, 0));
        assert_eq!(unread.notices[0].id, told[0].id);
        let page = zone.service.notice_page(&officer, NoticeQuery::default()).await.unwrap();
        assert_eq!((page.total, page.unread), (4, 1));
        assert_eq!(page.notices.iter().filter(|notice| notice.is_read).count(), 3);
        let signal = zone.service.notice_signals(std::slice::from_ref(&officer)).await.unwrap()[&officer.account_id];
        assert_eq!((signal.0.unread, signal.1), (1, told[0].id));
    }

    the_days_notices_come_once(zone) {
        let officer = zone.actor("officer-east").await;
        let ids = registered(&zone, &officer, 3).await;
        zone.service.tell_of_the_day().await.unwrap();
        let lapsing = async || of_kind(&zone, &officer, NoticeKind::ClaimLapsing).await.into_iter().filter(|notice| notice.lead_id == Some(ids[0])).map(|notice| notice.detail.days).collect::<Vec<_>>();
        assert_eq!(lapsing().await, []);
        // Its last day is in eight days, then in seven.
        let held = claim::Entity::find().filter(claim::Column::LeadId.eq(ids[0])).one(zone.tables()).await.unwrap().unwrap();
        let mut held: claim::ActiveModel = held.into();
        held.expires_on = Set(zone.service.today() + Duration::days(8));
        held.update(zone.tables()).await.unwrap();
        zone.service.tell_of_the_day().await.unwrap();
        assert_eq!(lapsing().await, []);
        for _ in 0..3 {
            zone.pass(Duration::hours(24));
            for _ in 0..2 { zone.service.tell_of_the_day().await.unwrap(); }
        }
        assert_eq!(lapsing().await, [Some(7)], "once, on the day itself");
        // The server stands still over the day before and tells it on the last one.
        zone.pass(Duration::days(5));
        for _ in 0..2 { zone.service.tell_of_the_day().await.unwrap(); }
        assert_eq!(lapsing().await, [Some(0), Some(7)]);
        zone.pass(Duration::days(1));
        zone.service.tell_of_the_day().await.unwrap();
        assert_eq!(lapsing().await.len(), 2, "what is over lapses no more");
        // Late: the owner is told on the day on which the card says so, and not again. Long late ones are no news.
        let late = async || of_kind(&zone, &officer, NoticeKind::LeadLate).await.into_iter().filter(|notice| [Some(ids[1]), Some(ids[2])].contains(&notice.lead_id)).collect::<Vec<_>>();
        let before = late().await.len();
        for (id, days) in [(ids[1], 30), (ids[2], 60)] {
            lead::ActiveModel { id: Set(id), stage: Set(Stage::SiteVisit.number()), stage_entered_at: Set(zone.service.now() - Duration::days(days)), ..Default::default() }
                .update(zone.tables()).await.unwrap();
        }
        zone.service.tell_of_the_day().await.unwrap();
        assert_eq!(late().await.len(), before, "30 of 30 days are not late");
        zone.pass(Duration::days(1));
        assert!(zone.service.lead(&officer, ids[1]).await.unwrap().card.days_late().is_some());
        for _ in 0..2 { zone.service.tell_of_the_day().await.unwrap(); }
        let told = late().await;
        assert_eq!((told.len(), told[0].lead_id, told[0].detail.to.as_str()), (before + 1, Some(ids[1]), "site_visit"));
        zone.pass(Duration::days(1));
        zone.service.tell_of_the_day().await.unwrap();
        assert_eq!(late().await.len(), before + 1);
    }

    tasks_and_imports_tell_their_people(zone) {
        let admin = zone.actor("admin").await;
        let leader = zone.actor("leader").await;
        let chain_id = zone.service.chains(&leader).await.unwrap()[0].id;
        let task = |title: &str, days: i64| NewChiefTask { chain_id, node_id: None, title: title.to_owned(), owner: admin.name.clone(),
            due_on: Some(zone.service.today() + Duration::days(days)) };
        zone.service.add_chief_task(&leader, task("今天的任务", 0)).await.unwrap();
        zone.service.add_chief_task(&leader, task("明天的任务", 1)).await.unwrap();
        for _ in 0..2 { zone.service.tell_of_the_day().await.unwrap(); }
        for person in [&leader, &admin] {
            let due: Vec<String> = of_kind(&zone, person, NoticeKind::ChiefTaskDue).await.into_iter().map(|notice| notice.detail.subject).collect();
            assert_eq!(due.iter().filter(|title| *title == "今天的任务").count(), 1);
            assert!(!due.contains(&"明天的任务".to_owned()));
        }
        let job = zone.import(&admin, "名单.csv", "企业名称,产品\n示例钒电有限公司,电解液\n".as_bytes().to_vec()).await;
        assert_eq!(job.status, ImportStatus::Finished);
        let told = of_kind(&zone, &admin, NoticeKind::ImportFinished).await;
        assert_eq!((told.len(), told[0].detail.subject.as_str(), told[0].detail.count, told[0].href()), (1, "名单.csv", Some(1), format!("/imports/{}", job.id)));
        assert_eq!(of_kind(&zone, &leader, NoticeKind::ImportFinished).await.len(), 0);
    }

    own_settings_take_a_whole_address_only(zone) {
        let officer = zone.actor("officer-east").await;
        let change = |email: &str, mail_choice| OwnSettingsChange { email: email.to_owned(), mail_choice, locale: "zh-CN".to_owned() };
        let settings = zone.service.own_settings(&officer).await.unwrap();
        assert_eq!((settings.email.as_str(), settings.mail_choice, settings.sends_mail, settings.has_calendar), ("", MailChoice::Nothing, false, false));
        let refused = async |change| refused_fields(zone.service.change_own_settings(&officer, change).await);
        assert_eq!(refused(change(" ", MailChoice::Digest)).await, [("email".to_owned(), FieldProblemKind::Required)]);
        assert_eq!(refused(change("a@b.cn\nBcc: x@y.cn", MailChoice::Digest)).await, [("email".to_owned(), FieldProblemKind::NotAMailAddress)]);
        assert_eq!(refused(OwnSettingsChange { locale: "xx".to_owned(), ..change("", MailChoice::Nothing) }).await, [("locale".to_owned(), FieldProblemKind::NotAChoice)]);
        zone.service.change_own_settings(&officer, change(" zhou@example.cn ", MailChoice::Urgent)).await.unwrap();
        let settings = zone.service.own_settings(&officer).await.unwrap();
        assert_eq!((settings.email.as_str(), settings.mail_choice), ("zhou@example.cn", MailChoice::Urgent));
        // Asked for at nine: the first digest is tomorrow's.
        assert!(zone.service.digests_due().await.unwrap().is_empty());
        zone.pass(Duration::days(1));
        assert_eq!(zone.service.digests_due().await.unwrap().len(), 1);
        zone.service.change_own_settings(&officer, change("", MailChoice::Nothing)).await.unwrap();
        assert!(zone.service.digests_due().await.unwrap().is_empty());
    }

    a_digest_is_made_once_a_working_day_from_eight_on(zone) {
        let officer = zone.actor("officer-east").await;
        let leader = zone.actor("leader").await;
        registered(&zone, &officer, 2).await;
        wants(&zone, &officer, MailChoice::Digest).await;
        wants(&zone, &leader, MailChoice::Digest).await;
        // Saturday 2026-07-04, then Monday the 6th at 07:59 and 08:00; the zone is eight hours ahead.
        let at = |day, hour, minute| *zone.clock.lock().unwrap() = Utc.with_ymd_and_hms(2026, 7, day, hour, minute, 0).unwrap();
        at(4, 4, 0);
        assert!(zone.service.digests_due().await.unwrap().is_empty());
        at(5, 23, 59);
        assert!(zone.service.digests_due().await.unwrap().is_empty());
        at(6, 0, 0);
        let due = zone.service.digests_due().await.unwrap();
        assert_eq!(due.len(), 2);
        let own = due.iter().find(|digest| digest.to.account_id == officer.account_id).unwrap();
        assert!(own.today.scope.mine && own.to.email == "officer-east@example.cn" && own.to.locale == "zh-CN");
        let page = zone.service.today_page(&officer, own.today.scope).await.unwrap();
        assert_eq!((own.today.late.total, own.today.lapsing.total, own.today.silent.total), (page.late.total, page.lapsing.total, page.silent.total));
        let leaders = due.iter().find(|digest| digest.to.account_id == leader.account_id).unwrap();
        assert!(!leaders.today.scope.mine);
        let day = zone.service.today();
        assert!(zone.service.queue_digest(&own.to, day, Some(letter("日报"))).await.unwrap());
        assert!(!zone.service.queue_digest(&own.to, day, Some(letter("又一份"))).await.unwrap(), "another server was first");
        assert!(zone.service.queue_digest(&leaders.to, day, None).await.unwrap());
        assert!(zone.service.digests_due().await.unwrap().is_empty());
        let queued = mail::Entity::find().all(zone.tables()).await.unwrap();
        assert_eq!(queued.iter().map(|mail| (mail.account_id, mail.subject.as_str())).collect::<Vec<_>>(), [(officer.account_id, "日报")]);
        zone.pass(Duration::days(1));
        assert_eq!(zone.service.digests_due().await.unwrap().len(), 2);
        // Who left gets none.
        set_account(&zone, leader.account_id, |row| row.disabled = Set(true)).await;
        assert_eq!(zone.service.digests_due().await.unwrap().len(), 1);
    }

    urgent_notices_are_mailed_once_to_those_who_want_them(zone) {
        let officer = zone.actor("officer-east").await;
        let chief = zone.actor("chief-east").await;
        let ids = registered(&zone, &chief, 2).await;
        let hand_over = async |lead_id| zone.service.change_lead(&chief, lead_id, version(&zone, lead_id).await,
            LeadChange { owner_id: Some(officer.account_id), ..LeadChange::default() }).await.unwrap();
        wants(&zone, &officer, MailChoice::Digest).await;
        hand_over(ids[0]).await;
        assert!(zone.service.urgent_due().await.unwrap().is_empty(), "the digest only");
        wants(&zone, &officer, MailChoice::Urgent).await;
        // What is not urgent waits for the digest.
        zone.service.set_side_state(&chief, SideStateChange { lead_id: ids[0], version: version(&zone, ids[0]).await, to: Some(SideState::Paused), reason: "等".to_owned() }).await.unwrap();
        let due = zone.service.urgent_due().await.unwrap();
        assert_eq!(due.len(), 1);
        assert_eq!(due[0].notices.iter().map(|notice| (notice.kind, notice.lead_id)).collect::<Vec<_>>(), [(NoticeKind::LeadAssigned, Some(ids[0]))]);
        assert!(zone.service.queue_urgent(&due[0], letter("交办")).await.unwrap());
        assert!(!zone.service.queue_urgent(&due[0], letter("交办")).await.unwrap(), "another server was first");
        assert!(zone.service.urgent_due().await.unwrap().is_empty());
        assert_eq!(mail::Entity::find().all(zone.tables()).await.unwrap().len(), 1);
        // What was read meanwhile need not be mailed; neither is yesterday's.
        hand_over(ids[1]).await;
        let seen = all(&zone, &officer).await[0].id;
        zone.pass(Duration::hours(25));
        assert!(zone.service.urgent_due().await.unwrap().is_empty());
        zone.pass(Duration::hours(-25));
        assert_eq!(zone.service.urgent_due().await.unwrap().len(), 1);
        zone.service.read_notices(&officer, Some(vec![seen]), 0).await.unwrap();
        assert!(zone.service.urgent_due().await.unwrap().is_empty());
    }

    a_mail_is_leased_tried_again_and_given_up(zone) {
        let officer = zone.actor("officer-east").await;
        wants(&zone, &officer, MailChoice::Digest).await;
        zone.pass(Duration::days(1));
        let digest = zone.service.digests_due().await.unwrap().remove(0);
        zone.service.queue_digest(&digest.to, zone.service.today(), Some(letter("日报"))).await.unwrap();
        let taken = zone.service.lease_mail().await.unwrap().unwrap();
        assert_eq!((taken.attempts, taken.recipient.as_str(), taken.letter.subject.as_str()), (1, "officer-east@example.cn", "日报"));
        assert!(zone.service.lease_mail().await.unwrap().is_none(), "leased");
        // Its server died: after the lease another one takes it.
        zone.pass(Duration::minutes(6));
        let mut taken: OutgoingMail = zone.service.lease_mail().await.unwrap().unwrap();
        for attempt in 2..MAIL_ATTEMPTS {
            assert_eq!(taken.attempts, attempt);
            assert!(!zone.service.mail_failed(&taken, "451 busy", false).await.unwrap());
            assert!(zone.service.lease_mail().await.unwrap().is_none(), "a pause comes first");
            zone.pass(Duration::minutes(5_i64.pow(u32::try_from(attempt - 1).unwrap())));
            taken = zone.service.lease_mail().await.unwrap().unwrap();
        }
        assert_eq!(taken.attempts, MAIL_ATTEMPTS);
        assert!(zone.service.own_settings(&officer).await.unwrap().mail_failed_at.is_none());
        assert!(zone.service.mail_failed(&taken, "451 busy", false).await.unwrap());
        zone.pass(Duration::days(1));
        assert!(zone.service.lease_mail().await.unwrap().is_none());
        assert!(zone.service.own_settings(&officer).await.unwrap().mail_failed_at.is_some());
        // The next one goes out, once, and the settings forget the failure.
        let digest = zone.service.digests_due().await.unwrap().remove(0);
        zone.service.queue_digest(&digest.to, zone.service.today(), Some(letter("次日"))).await.unwrap();
        let taken = zone.service.lease_mail().await.unwrap().unwrap();
        zone.service.mail_sent(taken.id).await.unwrap();
        zone.pass(Duration::days(1));
        assert!(zone.service.lease_mail().await.unwrap().is_none());
        assert!(zone.service.own_settings(&officer).await.unwrap().mail_failed_at.is_none());
    }

    a_calendar_opens_by_its_secret_only_and_shows_ones_own(zone) {
        let officer = zone.actor("officer-east").await;
        let unknown = "A".repeat(43);
        for secret in ["", "x", unknown.as_str(), "\0", "中文"] {
            assert_eq!(refusal(zone.service.calendar_feed(secret).await), Problem::NotFound);
        }
        let secret = zone.service.make_calendar_key(&officer).await.unwrap();
        assert_eq!(secret.len(), 43, "32 bytes as base64url without padding");
        assert!(zone.service.own_settings(&officer).await.unwrap().has_calendar);
        let kept = account::Entity::find_by_id(officer.account_id).one(zone.tables()).await.unwrap().unwrap().calendar_key_hash.unwrap();
        assert!(kept.len() == 64 && !kept.contains(&secret));
        let ids = registered(&zone, &officer, 2).await;
        lead::ActiveModel { id: Set(ids[0]), stage: Set(Stage::SiteVisit.number()), ..Default::default() }.update(zone.tables()).await.unwrap();
        let others = registered(&zone, &zone.actor("chief-east").await, 1).await[0];
        let candidates: Vec<ChosenCandidate> = zone.free_companies(200).await.into_iter().filter(|company| company.city.as_deref() == Some("上海市")).take(2)
            .map(|company| ChosenCandidate { enterprise_id: company.id, lead_id: None, value: 50.0, required: false }).collect();
        let new = NewTrip { name: "沪上行".to_owned(), start_on: zone.service.today() + Duration::days(1), days: 2, teams: 1, start_city: "上海市".to_owned(), candidates, bureau_id: None };
        let trip_id = zone.service.plan_trip(&officer, new).await.unwrap();
        let feed = zone.service.calendar_feed(&secret).await.unwrap();
        assert_eq!((feed.person.as_str(), feed.locale.as_str()), (officer.name.as_str(), "zh-CN"));
        let find = |uid: String| feed.entries.iter().find(move |entry| entry.uid == uid);
        // 30 days at 考察; 60 days for a claim; no limit for 线索.
        let deadline = find(format!("lead-{}-site_visit@wutong", ids[0])).unwrap();
        assert_eq!((&deadline.kind, deadline.time), (&FeedKind::StageDeadline(Stage::SiteVisit), FeedTime::Day(zone.service.today() + Duration::days(30))));
        assert!(!feed.entries.iter().any(|entry| entry.uid.starts_with(&format!("lead-{}-", ids[1]))));
        let claims: Vec<FeedTime> = feed.entries.iter().filter(|entry| entry.kind == FeedKind::ClaimEnd && entry.href == format!("/leads/{}", ids[1])).map(|entry| entry.time).collect();
        assert_eq!(claims, [FeedTime::Day(zone.service.today() + Duration::days(domain::lead::CLAIM_DAYS))]);
        assert!(feed.entries.iter().any(|entry| entry.uid.starts_with(&format!("trip-{trip_id}-visit-")) && !entry.subject.is_empty()));
        assert!(!feed.entries.iter().any(|entry| entry.href == format!("/leads/{others}")), "somebody else's");
        let mut uids: Vec<&String> = feed.entries.iter().map(|entry| &entry.uid).collect();
        uids.sort_unstable();
        assert!(uids.windows(2).all(|pair| pair[0] != pair[1]));
        // Another address takes the place of this one; taken away, none opens.
        let other = zone.service.make_calendar_key(&officer).await.unwrap();
        assert_ne!(other, secret);
        assert_eq!(refusal(zone.service.calendar_feed(&secret).await), Problem::NotFound);
        assert!(zone.service.calendar_feed(&other).await.is_ok());
        set_account(&zone, officer.account_id, |row| row.disabled = Set(true)).await;
        assert_eq!(refusal(zone.service.calendar_feed(&other).await), Problem::NotFound);
        set_account(&zone, officer.account_id, |row| row.disabled = Set(false)).await;
        zone.service.remove_calendar_key(&officer).await.unwrap();
        assert_eq!(refusal(zone.service.calendar_feed(&other).await), Problem::NotFound);
        assert!(!zone.service.own_settings(&officer).await.unwrap().has_calendar);
    }

    sessions_name_their_people_until_they_end(zone) {
        let (token, officer) = zone.service.sign_in("officer-east", service::demo::DEMO_PASSWORD, "127.0.0.1", None).await.unwrap();
        let tokens = vec![token.clone(), "nothing".to_owned()];
        let found = zone.service.actors_by_session(&tokens).await.unwrap();
        assert_eq!(found.keys().collect::<Vec<_>>(), [&token]);
        assert_eq!(found[&token].account_id, officer.account_id);
        set_account(&zone, officer.account_id, |row| row.disabled = Set(true)).await;
        assert!(zone.service.actors_by_session(&tokens).await.unwrap().is_empty());
        set_account(&zone, officer.account_id, |row| row.disabled = Set(false)).await;
        zone.service.sign_out(&token).await.unwrap();
        assert!(zone.service.actors_by_session(&tokens).await.unwrap().is_empty());
    }
}
