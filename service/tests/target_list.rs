//! Target lists: kept, shared, pasted, made into leads and trips.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    lead::NewLead,
    problem::{FieldProblemKind, Problem},
    target::{Contact, LIST_LIMIT, ListAddition, ListedCompany, NewTargetList, TargetListChange},
};
use entity::{audit, chain_node, enterprise};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder,
};

fn listed(companies: &[enterprise::Model]) -> Vec<ListedCompany> {
    companies
        .iter()
        .map(|company| ListedCompany {
            enterprise_id: company.id,
            node_id: None,
        })
        .collect()
}

async fn make(
    zone: &Zone,
    actor: &Actor,
    name: &str,
    is_shared: bool,
    companies: &[enterprise::Model],
) -> ListAddition {
    let new = NewTargetList {
        name: name.to_owned(),
        is_shared,
        companies: listed(companies),
    };
    zone.service.make_target_list(actor, new).await.unwrap()
}

on_both! {
    a_list_is_its_owner_s_until_it_is_shared(zone) {
        let (owner, other, chief) = (zone.actor("officer-east").await, zone.actor("officer-east-2").await, zone.actor("chief-east").await);
        let (west, leader) = (zone.actor("officer-west").await, zone.actor("leader").await);
        let companies = zone.free_companies(3).await;
        let made = make(&zone, &owner, " 膜材料 ", false, &companies).await;
        assert_eq!((made.added, made.known), (3, 0));
        let id = made.list_id;
        let detail = zone.service.target_list(&owner, id).await.unwrap();
        assert_eq!((detail.list.name.as_str(), detail.list.companies, detail.list.bureau.clone(), detail.may_lead), ("膜材料", 3, None, true));
        assert_eq!(detail.rows.iter().map(|row| row.enterprise_id).collect::<Vec<_>>(), companies.iter().map(|company| company.id).collect::<Vec<_>>());
        for person in [&other, &chief, &west, &leader] {
            assert_eq!(refusal(zone.service.target_list(person, id).await), Problem::NotFound);
            assert!(zone.service.target_lists(person).await.unwrap().iter().all(|list| list.id != id));
        }
        let change = |version, is_shared| TargetListChange { id, version, name: "膜材料企业".to_owned(), is_shared };
        zone.service.change_target_list(&owner, change(1, true)).await.unwrap();
        assert!(matches!(refusal(zone.service.change_target_list(&owner, change(1, false)).await), Problem::Stale { version: 2, .. }));
        for (person, may_write) in [(&other, false), (&chief, true), (&leader, false)] {
            let list = zone.service.target_list(person, id).await.unwrap().list;
            assert_eq!((list.name.as_str(), list.may_write), ("膜材料企业", may_write));
            assert!(list.bureau.is_some());
            let outcome = zone.service.remove_from_target_list(person, id, &[companies[0].id]).await;
            assert_eq!(outcome.is_ok(), may_write);
        }
        assert_eq!(refusal(zone.service.target_list(&west, id).await), Problem::NotFound, "another bureau has nothing of it");
        assert_eq!(refusal(zone.service.add_to_target_list(&west, id, listed(&companies)).await), Problem::NotFound);
        assert_eq!(zone.service.target_list(&owner, id).await.unwrap().rows.len(), 2);
        // Removed and brought back, with what was on it.
        zone.service.set_target_list_deleted(&owner, id, true).await.unwrap();
        assert_eq!(refusal(zone.service.target_list(&owner, id).await), Problem::NotFound);
        assert_eq!(refusal(zone.service.set_target_list_deleted(&owner, id, true).await), Problem::NotFound);
        zone.service.set_target_list_deleted(&owner, id, false).await.unwrap();
        assert_eq!(zone.service.target_list(&owner, id).await.unwrap().rows.len(), 2);
        let noted = audit::Entity::find().filter(audit::Column::Entity.eq("target_list")).filter(audit::Column::EntityId.eq(id))
            .all(zone.tables()).await.unwrap();
        let actions: Vec<&str> = noted.iter().map(|row| row.action.as_str()).collect();
        assert_eq!(actions, ["add", "change", "change", "delete", "restore"]);
    }

    a_company_stands_on_a_list_once_and_a_list_has_an_end(zone) {
        let owner = zone.actor("officer-east").await;
        let companies = zone.free_companies(4).await;
        let id = make(&zone, &owner, "一", false, &companies[..2]).await.list_id;
        let again = zone.service.add_to_target_list(&owner, id, listed(&companies)).await.unwrap();
        assert_eq!((again.added, again.known), (2, 2));
        let twice = zone.service.add_to_target_list(&owner, id, listed(&companies)).await.unwrap();
        assert_eq!((twice.added, twice.known), (0, 4));
        let nobody = vec![ListedCompany { enterprise_id: i64::MAX, node_id: None }];
        assert_eq!(refused_fields(zone.service.add_to_target_list(&owner, id, nobody).await), [("companies".to_owned(), FieldProblemKind::NotAChoice)]);
        let many = (1..=i64::try_from(LIST_LIMIT).unwrap() + 1).map(|enterprise_id| ListedCompany { enterprise_id, node_id: None }).collect();
        assert_eq!(refused_fields(zone.service.add_to_target_list(&owner, id, many).await), [("companies".to_owned(), FieldProblemKind::TooLong { limit: LIST_LIMIT })]);
        let nameless = NewTargetList { name: " ".to_owned(), is_shared: false, companies: Vec::new() };
        assert_eq!(refused_fields(zone.service.make_target_list(&owner, nameless).await), [("name".to_owned(), FieldProblemKind::Required)]);
        let viewer = zone.actor("viewer").await;
        let shared = NewTargetList { name: "看".to_owned(), is_shared: true, companies: Vec::new() };
        assert_eq!(refusal(zone.service.make_target_list(&viewer, shared).await), Problem::Forbidden);
        // A company that went into another one is shown once, and one that closed is marked.
        let row = enterprise::Entity::find_by_id(companies[0].id).one(zone.tables()).await.unwrap().unwrap();
        let mut change: enterprise::ActiveModel = row.into();
        change.closed = Set(true);
        change.update(zone.tables()).await.unwrap();
        let rows = zone.service.target_list(&owner, id).await.unwrap().rows;
        assert_eq!(rows.iter().map(|row| row.is_gone).collect::<Vec<_>>(), [true, false, false, false]);
        // No lead is made of one that closed, and what is not on the list is not noted as taken off.
        let outcomes = zone.service.leads_of_list(&owner, id, &[companies[0].id]).await.unwrap();
        assert!(matches!(&outcomes[0].outcome, Err(Problem::Invalid { .. })), "{outcomes:?}");
        let anything: Vec<i64> = (1_000_000..1_100_000).chain([companies[1].id]).collect();
        zone.service.remove_from_target_list(&owner, id, &anything).await.unwrap();
        let last = audit::Entity::find().filter(audit::Column::Entity.eq("target_list")).order_by_desc(audit::Column::Id).one(zone.tables()).await.unwrap().unwrap();
        assert_eq!(last.after.unwrap()["removed"], serde_json::json!([companies[1].id]));
    }

    pasted_names_are_matched_and_the_rest_is_shown(zone) {
        let owner = zone.actor("officer-east").await;
        let table = "企业名称,股票代码\n甲试验果业股份有限公司,900901\n乙试验果业有限公司,\n".as_bytes().to_vec();
        zone.import(&owner, "果.csv", table).await;
        zone.service.feed_search().await.unwrap();
        let text = "1. 甲试验果业股份有限公司\n乙試驗果業有限公司\n900901.SH\n试验果业\n没有这家企业的名字\n";
        let (matches, is_cut) = zone.service.match_names(&owner, text).await.unwrap();
        assert!(!is_cut);
        let found: Vec<(&str, bool, usize)> = matches.iter().map(|one| (one.text.as_str(), one.is_certain, one.companies.len())).collect();
        assert_eq!(found[0], ("甲试验果业股份有限公司", true, 1));
        assert_eq!(found[2], ("900901.SH", true, 1));
        assert_eq!(matches[0].companies, matches[2].companies);
        // Not certain, but offered.
        let second = &matches[1];
        assert!(second.companies.iter().any(|(_, name)| name == "乙试验果业有限公司"), "{second:?}");
        assert_eq!((found[3].1, found[3].2), (false, 2));
        assert_eq!(found[4], ("没有这家企业的名字", false, 0));
        assert!(zone.service.match_names(&owner, "\0 \n、").await.unwrap().0.is_empty());
    }

    leads_are_made_of_a_list_and_what_cannot_be_says_why(zone) {
        let (owner, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        let companies = zone.free_companies(3).await;
        let node = chain_node::Entity::find().one(zone.tables()).await.unwrap().unwrap();
        let new = NewTargetList {
            name: "首批".to_owned(),
            is_shared: false,
            companies: companies.iter().map(|company| ListedCompany { enterprise_id: company.id, node_id: Some(node.id) }).collect(),
        };
        let id = zone.service.make_target_list(&owner, new).await.unwrap().list_id;
        let held = NewLead { enterprise_id: companies[1].id, chain_node_id: None, bureau_id: None, title: "先到".to_owned(), investment_wan: None, land_mu: None, source: "来电".to_owned() };
        zone.service.register_lead(&west, held).await.unwrap();
        let ids: Vec<i64> = companies.iter().map(|company| company.id).chain([i64::MAX]).collect();
        let outcomes = zone.service.leads_of_list(&owner, id, &ids).await.unwrap();
        assert_eq!(outcomes.len(), 3, "who is not on the list is passed over");
        assert!(matches!(&outcomes[1].outcome, Err(Problem::ClaimHeld { .. })), "{outcomes:?}");
        for place in [0, 2] {
            let lead_id = *outcomes[place].outcome.as_ref().unwrap();
            let lead = zone.service.lead(&owner, lead_id).await.unwrap();
            assert_eq!((lead.card.enterprise_id, lead.card.node.as_ref().unwrap().node_id), (companies[place].id, node.id));
        }
        let rows = zone.service.target_list(&owner, id).await.unwrap().rows;
        assert!(rows.iter().all(|row| row.contact == Contact::Held));
        assert_eq!(rows[1].held.as_ref().unwrap().lead_id, None, "whose lead it is, and no more");
        let again = zone.service.leads_of_list(&owner, id, &[companies[0].id]).await.unwrap();
        assert!(matches!(&again[0].outcome, Err(Problem::LeadExists { .. })), "{again:?}");
        assert_eq!(refusal(zone.service.leads_of_list(&west, id, &ids).await), Problem::NotFound);
    }

    a_trip_begins_with_a_list(zone) {
        let owner = zone.actor("officer-east").await;
        let companies = zone.free_companies(3).await;
        let id = make(&zone, &owner, "东行", false, &companies).await.list_id;
        let choices = zone.service.trip_choices(&owner, None, Some(id)).await.unwrap();
        let ids: Vec<i64> = companies.iter().map(|company| company.id).collect();
        assert_eq!(choices.picked, ids);
        for id in &ids {
            assert!(choices.leads.iter().chain(&choices.targets).any(|one| one.enterprise_id == *id));
        }
        let without = zone.service.trip_choices(&owner, None, None).await.unwrap();
        assert_eq!(without.picked, without.leads.iter().map(|one| one.enterprise_id).collect::<Vec<_>>());
        assert_eq!(refusal(zone.service.trip_choices(&owner, None, Some(i64::MAX)).await), Problem::NotFound);
    }
}
