//! Targets: from a gap to ranked companies with the reasons.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;

use common::{Zone, refusal};
use domain::{
    account::Actor,
    lead::Stage,
    problem::Problem,
    target::{TARGET_PAGE, TargetPage, TargetRow, TargetTermKind},
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

async fn page(
    zone: &Zone,
    actor: &Actor,
    node_id: i64,
    province: Option<&str>,
    page: u64,
) -> TargetPage {
    zone.service
        .targets(actor, node_id, province.map(str::to_owned), page)
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
            assert_eq!((page.node_id, page.terms[0].as_str(), page.engine.as_str()), (node.id, node.name.as_str(), "embedded"));
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
                assert!((1..=4).contains(&row.hits.len()), "{row:?}");
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
        let sum: u64 = first.provinces.iter().map(|(_, count)| count).sum();
        let nameless = all.iter().filter(|row| row.province.is_none()).count() as u64;
        assert!(nameless > 0);
        assert_eq!(sum + nameless, first.total);
        assert!(first.provinces.len() > 1);
        for (province, count) in &first.provinces {
            let rows = all_rows(&zone, &officer, node, Some(province)).await;
            assert_eq!(rows.len() as u64, *count, "{province}");
            let mut ids: Vec<i64> = rows.iter().map(|row| row.enterprise_id).collect();
            ids.sort_unstable();
            let mut expected: Vec<i64> = all.iter().filter(|row| row.province.as_ref() == Some(province)).map(|row| row.enterprise_id).collect();
            expected.sort_unstable();
            assert_eq!(ids, expected, "{province}");
            let page = page(&zone, &officer, node, Some(province), 0).await;
            assert_eq!((page.total, &page.provinces, page.excluded_local), (*count, &first.provinces, first.excluded_local));
        }
        let nowhere = page(&zone, &officer, node, Some("不存在"), 0).await;
        assert_eq!((nowhere.total, nowhere.rows.len()), (0, 0));
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
        assert_eq!(refusal(zone.service.targets(&officer, i64::MAX, None, 0).await), Problem::NotFound);
    }
}
