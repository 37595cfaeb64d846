//! Finding from anywhere: what is found, in which order, and for whom.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    unused_must_use
)]

mod common;

use std::time::{Duration, Instant};

use common::Zone;
use domain::{
    account::Actor,
    find::{Destination, FOUND_IN_GROUP, Found, FoundItem, FoundKind},
    lead::{LeadChange, LeadQuery, NewLead, SideState, SideStateChange},
    trip::{ChosenCandidate, NewTrip},
};
use entity::{enterprise, lead};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, sea_query::Expr,
};
use service::Named;

fn names() -> Vec<Named> {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    vec![
        (Destination::Today, named(&["今日", "Today"])),
        (
            Destination::Board,
            named(&["线索看板", "看板", "Lead board"]),
        ),
        (Destination::StageRules, named(&["阶段规则"])),
        (Destination::NewLead, named(&["登记线索"])),
        (Destination::NewTrip, named(&["新建出行"])),
        (Destination::NewChain, named(&["新建链"])),
    ]
}

async fn find(zone: &Zone, actor: &Actor, text: &str) -> Found {
    let found = zone.service.find(actor, text, &names()).await.unwrap();
    for group in &found.groups {
        assert!(
            (1..=FOUND_IN_GROUP).contains(&group.items.len()),
            "{text}: {group:?}"
        );
        assert!(group.items.iter().all(|item| item.kind == group.kind));
    }
    found
}

fn of(found: &Found, kind: FoundKind) -> Vec<FoundItem> {
    found
        .groups
        .iter()
        .find(|group| group.kind == kind)
        .map(|group| group.items.clone())
        .unwrap_or_default()
}

fn holds(found: &Found, kind: FoundKind, id: i64) -> bool {
    of(found, kind).iter().any(|item| item.id == id)
}

async fn company(zone: &Zone, name: &str) -> i64 {
    let admin = zone.actor("admin").await;
    let table = format!("企业名称,省份\n{name},陕西\n");
    zone.import(&admin, "a.csv", table.into_bytes()).await;
    zone.service.feed_search().await.unwrap();
    enterprise::Entity::find()
        .filter(enterprise::Column::Name.eq(name))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
        .id
}

async fn register(zone: &Zone, actor: &Actor, enterprise_id: i64, title: &str) -> i64 {
    let new = NewLead {
        enterprise_id,
        chain_node_id: None,
        bureau_id: None,
        title: title.to_owned(),
        investment_wan: None,
        land_mu: None,
        source: "展会".to_owned(),
    };
    zone.service.register_lead(actor, new).await.unwrap()
}

on_both! {
    a_company_and_its_lead_are_found_by_name_pinyin_initials_and_part(zone) {
        let officer = zone.actor("officer-east").await;
        let bank = company(&zone, "中国示例农业机械有限公司").await;
        let id = register(&zone, &officer, bank, "丘陵拖拉机总装").await;
        for text in ["中国示例农业机械有限公司", "示例农业", "shilinongye", "shili nongye", "zhongguo shilinongye", "slnyjx", "zgslny", "ＳＬＮＹＪＸ", "SLNYJX", "示例農業機械", "农业机械"] {
            let found = find(&zone, &officer, text).await;
            assert!(holds(&found, FoundKind::Enterprise, bank), "{text}: {found:?}");
            assert!(holds(&found, FoundKind::Lead, id), "{text}: {found:?}");
        }
        // By the title alone, each way.
        for text in ["拖拉机", "丘陵拖拉机总装", "qiulingtuolaji", "qltlj", "tlj", "丘陵拖拉機"] {
            let found = find(&zone, &officer, text).await;
            assert!(holds(&found, FoundKind::Lead, id), "{text}: {found:?}");
            let item = of(&found, FoundKind::Lead).into_iter().find(|item| item.id == id).unwrap();
            assert_eq!((item.name.as_str(), item.note.as_str(), item.href.as_str()), ("中国示例农业机械有限公司", "丘陵拖拉机总装", format!("/leads/{id}").as_str()));
        }
        // The list that the dialog offers finds the same.
        for text in ["qltlj", "丘陵拖拉機", "slnyjx", "示例農業機械"] {
            let page = zone.service.lead_page(&officer, &LeadQuery { text: text.to_owned(), ..LeadQuery::default() }).await.unwrap();
            assert!(page.leads.iter().any(|card| card.id == id), "{text}");
        }
        // A new title is found, the old one is not.
        let change = LeadChange { title: Some("果园机器人".to_owned()), ..LeadChange::default() };
        zone.service.change_lead(&officer, id, 1, change).await.unwrap();
        assert!(holds(&find(&zone, &officer, "gyjqr").await, FoundKind::Lead, id));
        assert!(!holds(&find(&zone, &officer, "qltlj").await, FoundKind::Lead, id));
    }

    another_bureaus_leads_trips_and_people_are_not_there(zone) {
        let east = zone.actor("officer-east").await;
        let made = company(&zone, "秦岭示例石墨毡有限公司").await;
        let id = register(&zone, &east, made, "石墨毡东部项目").await;
        let choices = zone.service.trip_choices(&east, None, None).await.unwrap();
        let candidates = choices.leads.iter().take(2).map(|one| ChosenCandidate { enterprise_id: one.enterprise_id, lead_id: one.lead_id, value: one.value, required: false }).collect();
        let trip = zone.service.plan_trip(&east, NewTrip { name: "石墨毡东行".into(), start_on: choices.today + chrono::Duration::days(7), days: 2, teams: 1, start_city: choices.start_city.clone(), candidates, bureau_id: None }).await.unwrap();
        for (login, sees) in [("admin", true), ("leader", true), ("chief-east", true), ("officer-east", true), ("delegate", true), ("chief-west", false), ("officer-west", false), ("viewer", false)] {
            let person = zone.actor(login).await;
            for text in ["石墨毡", "smz", "秦岭示例石墨毡有限公司"] {
                let found = find(&zone, &person, text).await;
                assert!(!text.starts_with("秦岭") || holds(&found, FoundKind::Enterprise, made), "{login}: companies are for everybody");
                assert_eq!(holds(&found, FoundKind::Lead, id), sees, "{login} {text}");
                if !sees {
                    assert!(!format!("{found:?}").contains("东部项目") && !format!("{found:?}").contains("东行"), "{login}: {found:?}");
                }
            }
            let found = find(&zone, &person, "石墨毡东行").await;
            assert_eq!(holds(&found, FoundKind::Trip, trip), sees, "{login}");
            let found = find(&zone, &person, &east.name).await;
            assert_eq!(holds(&found, FoundKind::Person, east.account_id), sees, "{login}");
            // What was opened before is shown only as far as it may still be seen.
            let opened = [(FoundKind::Lead, id), (FoundKind::Trip, trip), (FoundKind::Enterprise, made), (FoundKind::Lead, 0), (FoundKind::Person, east.account_id)];
            let last = zone.service.opened_last(&person, &opened, &names()).await.unwrap();
            let recent: Vec<(FoundKind, i64)> = last.groups.iter().find(|group| group.kind == FoundKind::Recent).unwrap().items.iter().map(|item| (item.kind, item.id)).collect();
            let due: Vec<(FoundKind, i64)> = opened.into_iter().take(3).filter(|(kind, _)| sees || *kind == FoundKind::Enterprise).collect();
            assert_eq!(recent, due, "{login}");
        }
    }

    pages_and_actions_are_those_of_the_role(zone) {
        for (login, action, board) in [("admin", "新建链", true), ("leader", "", true), ("officer-east", "登记线索", true), ("delegate", "新建出行", true), ("viewer", "", false)] {
            let person = zone.actor(login).await;
            let mut all = Vec::new();
            for text in ["djxs", "xinjian", "登记"] {
                all.extend(of(&find(&zone, &person, text).await, FoundKind::Action).into_iter().map(|item| item.name));
            }
            assert_eq!(all.iter().any(|name| name == action), !action.is_empty(), "{login}: {all:?}");
            assert_eq!(all.iter().any(|name| name == "新建链"), login == "admin");
            for text in ["看板", "kanban", "kb", "lead board"] {
                let pages = of(&find(&zone, &person, text).await, FoundKind::Page);
                assert_eq!(pages.iter().any(|page| page.href == "/leads"), board, "{login} {text}: {pages:?}");
            }
        }
        let leader = zone.actor("leader").await;
        let found = find(&zone, &leader, "jr").await;
        assert!(of(&found, FoundKind::Page).iter().any(|page| page.href == "/today"));
        // What fits exactly is the first group, whatever else holds the text.
        let found = find(&zone, &leader, "今日").await;
        assert_eq!(found.groups[0].kind, FoundKind::Page);
    }

    chains_and_nodes_are_found_by_name_and_alias(zone) {
        let viewer = zone.actor("viewer").await;
        let found = find(&zone, &viewer, "离子交换膜").await;
        let node = &of(&found, FoundKind::Node)[0];
        assert_eq!((node.name.as_str(), node.href.contains("?node=")), ("离子交换膜", true));
        assert!(holds(&find(&zone, &viewer, "lzjhm").await, FoundKind::Node, node.id));
        assert!(holds(&find(&zone, &viewer, "離子交換膜").await, FoundKind::Node, node.id));
        let found = find(&zone, &viewer, "钒电池储能").await;
        assert_eq!(of(&found, FoundKind::Chain)[0].name, "钒电池储能");
        let aliased = entity::chain_node::Entity::find().all(zone.tables()).await.unwrap().into_iter()
            .find_map(|row| Some((row.id, row.name.clone(), row.aliases.as_array()?.iter().find_map(|one| one.as_str())?.to_owned()))).unwrap();
        assert!(holds(&find(&zone, &viewer, &aliased.2).await, FoundKind::Node, aliased.0), "{aliased:?}");
    }

    odd_text_finds_nothing_and_breaks_nothing(zone) {
        let admin = zone.actor("admin").await;
        for text in ["", "   ", "\u{3000}", "\0", "\u{200b}\u{feff}"] {
            assert_eq!(find(&zone, &admin, text).await, Found::default(), "{text:?}");
        }
        for text in ["%", "_", "%%", "\\", "' OR 1=1 --", "😀", "👩‍👩‍👧", "***", "NOT AND OR", "\"", "[a-z", "a:b^2~", "\u{202e}abc"] {
            let found = find(&zone, &admin, text).await;
            for kind in [FoundKind::Lead, FoundKind::Trip, FoundKind::Person, FoundKind::Chain] {
                assert!(of(&found, kind).is_empty(), "{text}: {found:?}");
            }
        }
        // Too long a text is cut, not refused.
        for one in ["长", "a", "%", "😀", " x"] {
            find(&zone, &admin, &one.repeat(10_000)).await;
        }
        // Percent is a character like any other.
        let officer = zone.actor("officer-east").await;
        let made = company(&zone, "示例百分比有限公司").await;
        let id = register(&zone, &officer, made, "提效50%_改造").await;
        for text in ["50%", "%_", "50%_改"] {
            let found = of(&find(&zone, &officer, text).await, FoundKind::Lead);
            assert_eq!(found.iter().map(|item| item.id).collect::<Vec<_>>(), [id], "{text}");
        }
    }

    the_own_bureau_and_the_closest_come_first_and_the_lost_are_gone(zone) {
        let east = zone.actor("officer-east").await;
        let exact = company(&zone, "示例隔膜").await;
        let prefix = company(&zone, "示例隔膜东部有限公司").await;
        let part = company(&zone, "东部示例隔膜有限公司").await;
        // Names so close mean one company, unless their codes say that they are three.
        for (id, code) in [(exact, "91350100M000100Y43"), (prefix, "91110000600037341L"), (part, "91610900DEM000014E")] {
            enterprise::Entity::update_many().col_expr(enterprise::Column::CreditCode, Expr::value(code)).filter(enterprise::Column::Id.eq(id))
                .exec(zone.tables()).await.unwrap();
        }
        let mut ids = Vec::new();
        for id in [part, prefix, exact] {
            ids.push(register(&zone, &east, id, "项目").await);
        }
        let found = find(&zone, &east, "示例隔膜").await;
        let order: Vec<i64> = of(&found, FoundKind::Lead).iter().map(|item| item.id).collect();
        assert_eq!(order, [ids[2], ids[1], ids[0]]);
        let order: Vec<i64> = of(&found, FoundKind::Enterprise).iter().take(3).map(|item| item.id).collect();
        assert_eq!(order, [exact, prefix, part]);
        let change = SideStateChange { lead_id: ids[2], version: 1, to: Some(SideState::Lost), reason: "不来了".to_owned() };
        zone.service.set_side_state(&east, change).await.unwrap();
        assert!(!holds(&find(&zone, &east, "示例隔膜").await, FoundKind::Lead, ids[2]));
    }

    titles_of_before_are_spelled_in_rounds(zone) {
        let officer = zone.actor("officer-east").await;
        let made = company(&zone, "示例前朝有限公司").await;
        let id = register(&zone, &officer, made, "旧题项目").await;
        lead::Entity::update_many().col_expr(lead::Column::FindKey, Expr::value("")).exec(zone.tables()).await.unwrap();
        assert!(!holds(&find(&zone, &officer, "jtxm").await, FoundKind::Lead, id));
        let all = lead::Entity::find().count(zone.tables()).await.unwrap();
        assert_eq!(zone.service.spell_leads().await.unwrap(), all);
        assert_eq!(zone.service.spell_leads().await.unwrap(), 0);
        assert!(holds(&find(&zone, &officer, "jtxm").await, FoundKind::Lead, id));
    }
}

/// A hundred thousand leads; run by hand: `nextest run --run-ignored all -E 'test(hundred_thousand)'`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "measures"]
async fn a_hundred_thousand_leads_are_searched_while_one_types() {
    let zone = common::demo_zone(common::Backend::Sqlite).await.unwrap();
    let officer = zone.actor("officer-east").await;
    let template = lead::Entity::find()
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap();
    let companies: Vec<i64> = enterprise::Entity::find()
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|one| one.id)
        .collect();
    let bureaus = [
        zone.bureau("west-triangle").await.id,
        officer.bureau_id.unwrap(),
    ];
    let titles = [
        "储能电芯总装基地",
        "半导体封装测试",
        "离子交换膜产线",
        "果园机器人研发",
        "冷链物流园",
    ];
    for step in 0..200_usize {
        let rows = (0..500_usize).map(|row| {
            let number = step * 500 + row;
            let mut one: lead::ActiveModel = template.clone().into();
            one.id = sea_orm::ActiveValue::NotSet;
            one.enterprise_id = Set(companies[number % companies.len()]);
            one.bureau_id = Set(bureaus[number % 2]);
            one.title = Set(format!("{}第{number}期", titles[number % titles.len()]));
            one.find_key = Set(String::new());
            one
        });
        lead::Entity::insert_many(rows)
            .exec(zone.tables())
            .await
            .unwrap();
    }
    let begun = Instant::now();
    println!(
        "spelled {} in {:?}",
        zone.service.spell_leads().await.unwrap(),
        begun.elapsed()
    );
    for login in ["officer-east", "admin"] {
        let person = zone.actor(login).await;
        for text in [
            "果园",
            "gyjqr",
            "第99999期",
            "没有这样的",
            "有限公司",
            "ny",
            "a",
            "储能",
        ] {
            let mut best = Duration::MAX;
            for _ in 0..5 {
                let begun = Instant::now();
                zone.service.find(&person, text, &names()).await.unwrap();
                best = best.min(begun.elapsed());
            }
            println!("{login} {text}: {best:?}");
        }
    }
    zone.end().await;
}
