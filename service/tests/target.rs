//! Targets: from a gap to ranked companies with the reasons.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use chrono::Duration;
use common::{Zone, refusal};
use domain::{
    account::Actor,
    enterprise::{DirectoryFilter, SizeBand},
    lead::{NewLead, SideState, SideStateChange, Stage},
    problem::{FieldProblemKind, Problem},
    region::Area,
    target::{
        Contact, RETURN_DAYS, TARGET_PAGE, TargetPage, TargetQuery, TargetRow, TargetTermKind,
        TargetWeights,
    },
    trip::{ChosenCandidate, NewTrip},
};
use entity::{chain_node, enterprise, enterprise_product, lead};
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};

/// Nodes of all chains, in the order of ids.
async fn nodes(zone: &Zone) -> Vec<chain_node::Model> {
    chain_node::Entity::find()
        .order_by_asc(chain_node::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
}

/// A node's targets, in one province or anywhere.
fn asked(node_id: i64, province: Option<&str>, page: u64) -> TargetQuery {
    TargetQuery {
        node_id: Some(node_id),
        filter: DirectoryFilter {
            areas: province
                .map(|province| Area::of(Some(province), None))
                .into_iter()
                .collect(),
            ..DirectoryFilter::default()
        },
        page,
        ..TargetQuery::default()
    }
}

async fn page(
    zone: &Zone,
    actor: &Actor,
    node_id: i64,
    province: Option<&str>,
    page: u64,
) -> TargetPage {
    zone.service
        .targets(actor, &asked(node_id, province, page))
        .await
        .unwrap()
}

/// A node that has targets for several pages, because more companies make its product.
async fn fullest(zone: &Zone, actor: &Actor) -> i64 {
    let node = nodes(zone)
        .await
        .into_iter()
        .find(|node| node.name == "离子交换膜")
        .unwrap();
    let places = [
        "江苏,苏州市",
        "广东,深圳市",
        "四川,成都市",
        "浙江,杭州市",
        "新疆,",
        ",",
        "湖北,武汉市",
    ];
    let mut table = "企业名称,省份,城市,主营产品\n".to_owned();
    for number in 0..45 {
        let place = places[number % places.len()];
        table.push_str(&format!(
            "第{number}试验膜业有限公司,{place},全氟离子交换膜；第{number}种垫片\n"
        ));
    }
    let job = zone.import(actor, "膜.csv", table.into_bytes()).await;
    assert_eq!(job.summary.unwrap().inserted, 45);
    zone.service.feed_search().await.unwrap();
    node.id
}

async fn all_rows(
    zone: &Zone,
    actor: &Actor,
    node_id: i64,
    province: Option<&str>,
) -> Vec<TargetRow> {
    let mut rows = Vec::new();
    for number in 0.. {
        let next = page(zone, actor, node_id, province, number).await;
        assert_eq!(next.page, number);
        if next.rows.is_empty() {
            return rows;
        }
        rows.extend(next.rows);
    }
    rows
}

on_both! {
    rows_stand_by_their_total_and_give_their_reasons(zone) {
        let officer = zone.actor("officer-east").await;
        let mut seen = 0;
        for node in nodes(&zone).await {
            let page = page(&zone, &officer, node.id, None, 0).await;
            let gap = page.node.as_ref().unwrap();
            assert_eq!((gap.node_id, page.terms[0].as_str(), page.engine.as_str(), page.stood_in), (node.id, node.name.as_str(), "embedded", false));
            assert_eq!(gap.terms, page.terms);
            assert!(page.rows.is_sorted_by(|one, two| one.score.total >= two.score.total), "{}", node.name);
            for (row, rank) in page.rows.iter().zip(1..) {
                seen += 1;
                assert_eq!(row.rank, rank);
                assert!((0.0..=100.0).contains(&row.score.total), "{row:?}");
                // Worked out by hand from what is shown: Σ weight·value over the known terms, to 100.
                let known: Vec<_> = row.score.terms.iter().filter(|term| term.value.is_some()).collect();
                let weights: f64 = known.iter().map(|term| term.weight).sum();
                let sum: f64 = known.iter().map(|term| term.weight * term.value.unwrap()).sum();
                assert!((row.score.total - 100.0 * sum / weights).abs() < 1e-9, "{row:?}");
                assert_eq!(row.score.terms.iter().map(|term| term.kind).collect::<Vec<_>>(), TargetTermKind::ALL);
                let products: Vec<String> = enterprise_product::Entity::find()
                    .filter(enterprise_product::Column::EnterpriseId.eq(row.enterprise_id))
                    .all(zone.tables()).await.unwrap().into_iter().map(|product| product.name).collect();
                assert!(row.hits.len() <= 4.min(products.len()) && (products.is_empty() || !row.hits.is_empty()), "{row:?}");
                assert!(row.says || row.hits.iter().all(|hit| hit.term.is_empty()), "{row:?}");
                for hit in &row.hits {
                    assert!(products.contains(&hit.product), "{hit:?}");
                    let found = page.terms.contains(&hit.term) && domain::text::fold(&hit.product).contains(&domain::text::fold(&hit.term));
                    assert!(found || hit.term.is_empty(), "{hit:?}");
                }
                let said = row.hits.iter().filter(|hit| hit.term.is_empty()).count();
                assert!(said == 0 || said == row.hits.len(), "either hits or a word that there are none: {row:?}");
            }
        }
        assert!(seen > 200, "{seen}");
    }

    local_firms_are_counted_and_left_out(zone) {
        let officer = zone.actor("officer-east").await;
        let (mut excluded, mut shown) = (0, 0);
        for node in nodes(&zone).await {
            let page = page(&zone, &officer, node.id, None, 0).await;
            excluded += page.excluded_local;
            shown += page.rows.len();
            let ids = page.rows.iter().map(|row| row.enterprise_id);
            let local = enterprise::Entity::find()
                .filter(enterprise::Column::Id.is_in(ids))
                .filter(enterprise::Column::IsLocal.eq(true))
                .count(zone.tables()).await.unwrap();
            assert_eq!(local, 0, "{}", node.name);
        }
        assert!(excluded > 0 && shown > 0);
        // By hand for one node: local companies with a product in which one of the terms stands.
        let node = nodes(&zone).await.into_iter().find(|node| node.name == "电解液" || node.name.contains("电解液")).unwrap();
        let page = page(&zone, &officer, node.id, None, 0).await;
        let terms: Vec<String> = page.terms.iter().map(|term| domain::text::fold(term)).collect();
        let mut expected = BTreeSet::new();
        let local: BTreeSet<i64> = enterprise::Entity::find().filter(enterprise::Column::IsLocal.eq(true))
            .all(zone.tables()).await.unwrap().into_iter().map(|company| company.id).collect();
        for product in enterprise_product::Entity::find().all(zone.tables()).await.unwrap() {
            let text = domain::text::fold(&product.name);
            if local.contains(&product.enterprise_id) && terms.iter().any(|term| text.contains(term.as_str())) {
                expected.insert(product.enterprise_id);
            }
        }
        assert!(!expected.is_empty());
        assert!(page.excluded_local >= expected.len() as u64, "{} < {}", page.excluded_local, expected.len());
    }

    who_is_followed_is_said_and_by_whom(zone) {
        let leads = lead::Entity::find().filter(lead::Column::ChainNodeId.is_not_null()).all(zone.tables()).await.unwrap();
        let mut held = 0;
        for login in ["officer-east", "officer-north", "viewer", "leader", "admin", "delegate"] {
            let actor = zone.actor(login).await;
            for lead in &leads {
                let rows = all_rows(&zone, &actor, lead.chain_node_id.unwrap(), None).await;
                let Some(row) = rows.iter().find(|row| row.enterprise_id == lead.enterprise_id) else { continue };
                held += 1;
                let hold = row.held.as_ref().unwrap();
                let bureau = entity::bureau::Entity::find_by_id(lead.bureau_id).one(zone.tables()).await.unwrap().unwrap();
                assert_eq!(hold.bureau, bureau.name, "{login}");
                assert_eq!(Some(hold.stage), Stage::from_number(lead.stage));
                let may_read = actor.reads_every_bureau() || actor.bureau_id == Some(lead.bureau_id);
                assert_eq!(hold.lead_id, may_read.then_some(lead.id), "{login}");
                let others = rows.iter().filter(|row| leads.iter().all(|lead| lead.enterprise_id != row.enterprise_id));
                assert!(others.into_iter().all(|row| row.held.is_none()));
            }
        }
        assert!(held >= 30, "{held}");
    }

    pages_do_not_overlap_and_hold_everything(zone) {
        let officer = zone.actor("officer-east").await;
        let node = fullest(&zone, &officer).await;
        let first = page(&zone, &officer, node, None, 0).await;
        assert_eq!(first.rows.len() as u64, TARGET_PAGE);
        let rows = all_rows(&zone, &officer, node, None).await;
        assert_eq!(rows.len() as u64, first.total);
        let ids: BTreeSet<i64> = rows.iter().map(|row| row.enterprise_id).collect();
        assert_eq!(ids.len(), rows.len());
        assert!(rows.iter().zip(1..).all(|(row, rank)| row.rank == rank));
        assert!(rows.is_sorted_by(|one, two| one.score.total >= two.score.total));
        assert_eq!(page(&zone, &officer, node, None, u64::MAX).await.rows, []);
        assert_eq!(page(&zone, &officer, node, None, 0).await, first, "asked again, answered the same");
    }

    a_province_can_be_asked_for(zone) {
        let officer = zone.actor("officer-east").await;
        let node = fullest(&zone, &officer).await;
        let all = all_rows(&zone, &officer, node, None).await;
        let first = page(&zone, &officer, node, None, 0).await;
        let said = |rows: &[TargetRow]| -> BTreeSet<i64> { rows.iter().filter(|row| row.says).map(|row| row.enterprise_id).collect() };
        let provinces = first.facets.provinces();
        let sum: u64 = provinces.iter().map(|(_, count)| count).sum();
        let nameless = all.iter().filter(|row| row.says && row.province.is_none()).count() as u64;
        assert!(nameless > 0);
        assert_eq!((sum + nameless, said(&all).len() as u64), (first.said, first.said));
        assert!(provinces.len() > 1);
        for (province, count) in &provinces {
            let rows = all_rows(&zone, &officer, node, Some(province)).await;
            assert!(rows.iter().all(|row| row.province.as_ref() == Some(province)));
            let expected: BTreeSet<i64> = all.iter().filter(|row| row.says && row.province.as_ref() == Some(province)).map(|row| row.enterprise_id).collect();
            assert_eq!((said(&rows), rows.len() as u64 >= *count), (expected, true), "{province}");
            let page = page(&zone, &officer, node, Some(province), 0).await;
            assert_eq!((page.said, page.facets.provinces()), (*count, provinces.clone()), "whatever province was asked for");
        }
        let nowhere = page(&zone, &officer, node, Some("不存在"), 0).await;
        assert_eq!((nowhere.total, nowhere.said, nowhere.rows.len()), (0, 0, 0));
    }

    regions_sizes_and_listing_narrow_and_keep_their_counts(zone) {
        let officer = zone.actor("officer-east").await;
        let node = fullest(&zone, &officer).await;
        let all = all_rows(&zone, &officer, node, None).await;
        let first = page(&zone, &officer, node, None, 0).await;
        let count = |holds: &dyn Fn(&TargetRow) -> bool| all.iter().filter(|row| row.says && holds(row)).count() as u64;
        let area = |row: &TargetRow| Area::of(row.province.as_deref(), row.city.as_deref());
        let (regions, outside) = first.facets.regions();
        for (name, said) in &regions {
            let region = domain::region::region(name).unwrap();
            assert_eq!(*said, count(&|row| region.holds(&area(row))), "{name}");
            let filter = DirectoryFilter { regions: vec![name.clone()], ..DirectoryFilter::default() };
            let query = TargetQuery { node_id: Some(node), filter, ..TargetQuery::default() };
            let page = zone.service.targets(&officer, &query).await.unwrap();
            assert_eq!((page.said, page.facets.regions().0), (*said, regions.clone()), "{name}");
            assert!(page.rows.iter().all(|row| region.holds(&area(row))));
        }
        assert_eq!(outside, count(&|row| domain::region::regions().iter().all(|region| !region.holds(&area(row)))));
        for (band, said) in &first.facets.sizes {
            assert_eq!(*said, count(&|row| SizeBand::of(row.revenue_wan) == *band), "{band:?}");
        }
        assert_eq!((first.facets.listed, first.facets.not_listed), (count(&|row| row.stock_code.is_some()), count(&|row| row.stock_code.is_none())));
        let filter = DirectoryFilter { is_listed: Some(false), sizes: vec![SizeBand::Unknown], ..DirectoryFilter::default() };
        let query = TargetQuery { node_id: Some(node), filter, ..TargetQuery::default() };
        let page = zone.service.targets(&officer, &query).await.unwrap();
        assert_eq!(page.said, count(&|row| row.stock_code.is_none() && row.revenue_wan.is_none()));
        assert_eq!(page.facets.listed, count(&|row| row.stock_code.is_some() && row.revenue_wan.is_none()), "a group does not narrow itself");
    }

    words_are_asked_without_a_node(zone) {
        let officer = zone.actor("officer-east").await;
        fullest(&zone, &officer).await;
        let query = |text: &str| TargetQuery { text: text.to_owned(), ..TargetQuery::default() };
        let page = zone.service.targets(&officer, &query("全氟離子交換膜、没有这种")).await.unwrap();
        assert_eq!((page.node.clone(), page.said), (None, 45), "繁體 finds 简体");
        assert_eq!(page.terms, ["全氟離子交換膜", "没有这种"]);
        assert!(page.rows.iter().any(|row| row.says && row.hits[0].term == "全氟离子交换膜"));
        let gap = page.rows[0].score.terms.iter().find(|term| term.kind == TargetTermKind::Gap).unwrap();
        assert_eq!(gap.value, None, "no chain, no gap");
        let invalid = |field: &str, outcome| assert_eq!(common::refused_fields(outcome), [(field.to_owned(), FieldProblemKind::Required)]);
        for nothing in ["", " ", "、，"] {
            invalid("text", zone.service.targets(&officer, &query(nothing)).await);
        }
        for odd in ["。！？", "😀", "'; DROP TABLE enterprise; --", "a AND (b", "\0", "*", "%"] {
            let page = zone.service.targets(&officer, &query(odd)).await.unwrap();
            assert!(page.rows.iter().all(|row| row.score.total.is_finite()), "{odd}");
        }
        let page = zone.service.targets(&officer, &query(&format!("{}、离子交换膜", "长".repeat(10_000)))).await.unwrap();
        assert!(page.is_cut && page.said >= 45 && page.terms == ["离子交换膜"]);
        // The node's own words can be edited, and its chain stays.
        let node = nodes(&zone).await.into_iter().find(|node| node.name == "离子交换膜").unwrap();
        let edited = zone.service.targets(&officer, &TargetQuery { node_id: Some(node.id), ..query("垫片") }).await.unwrap();
        assert_eq!((edited.terms.clone(), edited.node.unwrap().node_id), (vec!["垫片".to_owned()], node.id));
        let other = zone.service.targets(&officer, &TargetQuery { node_id: Some(node.id), ..query("没有这种产品呀") }).await.unwrap();
        assert_eq!(other.said, 0);
        assert!(other.rows.iter().all(|row| !row.says), "what people confirmed of the node is not what was asked");
        let mut wide = query("垫片");
        wide.filter.regions = vec!["长三角".to_owned(); 101];
        assert_eq!(common::refused_fields(zone.service.targets(&officer, &wide).await), [("filter".to_owned(), FieldProblemKind::TooLong { limit: 100 })]);
    }

    who_only_may_make_it_is_listed_last(zone) {
        let officer = zone.actor("officer-east").await;
        let table = "企业名称,省份,主营产品,经营范围\n甲试验果业有限公司,四川,奇异果干,果品销售\n乙贸易行,四川,五金,奇异果干批发\n";
        zone.import(&officer, "果.csv", table.as_bytes().to_vec()).await;
        zone.service.feed_search().await.unwrap();
        let query = TargetQuery { text: "奇异果干".to_owned(), ..TargetQuery::default() };
        let page = zone.service.targets(&officer, &query).await.unwrap();
        let names: Vec<&str> = page.rows.iter().filter(|row| row.says).map(|row| row.name.as_str()).collect();
        assert_eq!((page.said, names), (2, vec!["甲试验果业有限公司", "乙贸易行"]));
    }

    who_says_it_otherwise_is_found_by_what_the_others_make(zone) {
        let officer = zone.actor("officer-east").await;
        let table = "企业名称,省份,主营产品\n甲试验酒业有限公司,四川,浓香奇异酒\n乙试验酒业有限公司,四川,浓香奇异酒\n丙试验酒业有限公司,四川,浓香老窖奇异\n丁彩电厂,四川,液晶电视\n";
        zone.import(&officer, "酒.csv", table.as_bytes().to_vec()).await;
        zone.service.feed_search().await.unwrap();
        let query = TargetQuery { text: "奇异酒".to_owned(), ..TargetQuery::default() };
        let page = zone.service.targets(&officer, &query).await.unwrap();
        let row = |name: &str| page.rows.iter().find(|row| row.name == name);
        assert_eq!(page.said, 2);
        assert!(row("甲试验酒业有限公司").unwrap().says);
        let other = row("丙试验酒业有限公司").unwrap();
        assert!(!other.says && other.rank > 2);
        assert!(row("丁彩电厂").is_none());
    }

    a_company_turned_down_stays_away_with_its_reason_and_comes_back(zone) {
        let (east, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        let node = fullest(&zone, &east).await;
        let first = page(&zone, &east, node, None, 0).await;
        let gone = first.rows.iter().find(|row| row.contact == Contact::Untouched).unwrap().clone();
        let new = NewLead { enterprise_id: gone.enterprise_id, chain_node_id: Some(node), bureau_id: None, title: "试谈".to_owned(), investment_wan: None, land_mu: None, source: "来电".to_owned() };
        let lead_id = zone.service.register_lead(&east, new).await.unwrap();
        let held = page(&zone, &west, node, None, 0).await;
        let row = held.rows.iter().find(|row| row.enterprise_id == gone.enterprise_id).unwrap();
        assert_eq!((row.contact, row.held.as_ref().unwrap().lead_id), (Contact::Held, None));
        let version = lead::Entity::find_by_id(lead_id).one(zone.tables()).await.unwrap().unwrap().version;
        let change = SideStateChange { lead_id, version, to: Some(SideState::Lost), reason: "电价谈不拢".to_owned() };
        zone.service.set_side_state(&east, change).await.unwrap();
        let after = page(&zone, &west, node, None, 0).await;
        assert_eq!(after.excluded_turned_down, first.excluded_turned_down + 1);
        assert!(all_rows(&zone, &west, node, None).await.iter().all(|row| row.enterprise_id != gone.enterprise_id));
        let asked_for = TargetQuery { contacts: vec![Contact::TurnedDown], ..asked(node, None, 0) };
        let refusal = |page: TargetPage| page.rows.into_iter().find(|row| row.enterprise_id == gone.enterprise_id).unwrap().turned_down.unwrap();
        // Whose lead it was reads why; the others only that, and until when.
        let own = refusal(zone.service.targets(&east, &asked_for).await.unwrap());
        assert_eq!((own.lead_id, own.reason.as_deref()), (Some(lead_id), Some("电价谈不拢")));
        let others = refusal(zone.service.targets(&west, &asked_for).await.unwrap());
        assert_eq!((others.lead_id, others.reason, others.bureau), (None, None, own.bureau));
        assert_eq!(own.returns_on, zone.service.today() + Duration::days(RETURN_DAYS));
        zone.pass(Duration::days(RETURN_DAYS));
        let back = all_rows(&zone, &west, node, None).await;
        assert!(back.iter().any(|row| row.enterprise_id == gone.enterprise_id && row.contact == Contact::TurnedDown));
    }

    a_bureau_s_weights_are_its_own(zone) {
        let (chief, officer, west) = (zone.actor("chief-east").await, zone.actor("officer-east").await, zone.actor("officer-west").await);
        let node = fullest(&zone, &officer).await;
        let mut weights = TargetWeights::default();
        for kind in TargetTermKind::ALL { weights.set(kind, 0.0); }
        weights.set(TargetTermKind::Reach, 0.5);
        assert_eq!(refusal(zone.service.set_target_weights(&officer, Some(weights)).await), Problem::Forbidden);
        zone.service.set_target_weights(&chief, Some(weights)).await.unwrap();
        let page_of = async |actor: &Actor| page(&zone, actor, node, None, 0).await;
        let own = page_of(&officer).await;
        assert_eq!((own.weights, page_of(&west).await.weights), (weights, TargetWeights::default()));
        for row in &own.rows {
            let reach = row.score.terms.iter().find(|term| term.kind == TargetTermKind::Reach).unwrap().value.unwrap_or_default();
            assert!((row.score.total - 100.0 * reach).abs() < 1e-9, "{row:?}");
        }
        weights.set(TargetTermKind::Reach, 0.0);
        weights.set(TargetTermKind::Growth, 1.0);
        let wrong = common::refused_fields(zone.service.set_target_weights(&chief, Some(weights)).await);
        assert_eq!(wrong.len(), 5);
        zone.service.set_target_weights(&chief, None).await.unwrap();
        assert_eq!(page_of(&officer).await.weights, TargetWeights::default());
    }

    a_planned_trip_brings_a_city_near(zone) {
        let officer = zone.actor("officer-east").await;
        let node = fullest(&zone, &officer).await;
        let far = all_rows(&zone, &officer, node, None).await.into_iter().find(|row| row.city.as_deref() == Some("成都市")).unwrap();
        let trip = NewTrip {
            name: "西行".to_owned(), start_on: zone.service.today() + Duration::days(9), days: 2, teams: 1, start_city: "安康".to_owned(),
            candidates: vec![ChosenCandidate { enterprise_id: far.enterprise_id, lead_id: None, value: 5.0, required: true }], bureau_id: None,
        };
        let trip_id = zone.service.plan_trip(&officer, trip).await.unwrap();
        let rows = all_rows(&zone, &officer, node, None).await;
        let row = rows.iter().find(|row| row.city.as_deref() == Some("成都市") && row.enterprise_id != far.enterprise_id).unwrap();
        let trip = row.trip.as_ref().unwrap();
        assert_eq!((trip.trip_id, trip.name.as_str(), trip.city.as_str()), (trip_id, "西行", "成都"));
        let reach = |row: &TargetRow| row.score.terms.iter().find(|term| term.kind == TargetTermKind::Reach).unwrap().value.unwrap();
        assert!((reach(row) - 0.95).abs() < 1e-12);
        let west = zone.actor("officer-west").await;
        assert!(all_rows(&zone, &west, node, None).await.iter().all(|row| row.trip.is_none()), "another bureau's trips are not told of");
    }

    the_bureau_s_own_region_is_near(zone) {
        let (east, south) = (zone.actor("officer-east").await, zone.actor("officer-south").await);
        let node = fullest(&zone, &east).await;
        let reach = |rows: Vec<TargetRow>, province: &str| -> Vec<Option<f64>> {
            rows.iter().filter(|row| row.province.as_deref() == Some(province))
                .map(|row| row.score.terms.iter().find(|term| term.kind == TargetTermKind::Reach).unwrap().value)
                .collect()
        };
        let (mine, theirs) = (all_rows(&zone, &east, node, None).await, all_rows(&zone, &south, node, None).await);
        let province = ["江苏", "浙江", "上海", "安徽"].into_iter().find(|province| mine.iter().any(|row| row.province.as_deref() == Some(province))).unwrap();
        assert!(reach(mine, province).iter().all(|value| *value == Some(1.0)));
        assert!(reach(theirs, province).iter().all(|value| value.is_none_or(|value| value < 1.0)));
    }

    a_closed_company_is_no_target(zone) {
        let officer = zone.actor("officer-east").await;
        let node = fullest(&zone, &officer).await;
        let before = page(&zone, &officer, node, None, 0).await;
        let gone = before.rows[0].enterprise_id;
        let company = enterprise::Entity::find_by_id(gone).one(zone.tables()).await.unwrap().unwrap();
        let mut change: enterprise::ActiveModel = company.into();
        change.closed = Set(true);
        change.update(zone.tables()).await.unwrap();
        // The index has not heard of it yet: the database is the truth.
        let after = page(&zone, &officer, node, None, 0).await;
        assert!(after.rows.iter().all(|row| row.enterprise_id != gone));
        assert_eq!(after.rows[0].rank, 1);
        assert_eq!(refusal(zone.service.targets(&officer, &asked(i64::MAX, None, 0)).await), Problem::NotFound);
    }
}
