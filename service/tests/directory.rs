//! The directory as people and imports write it together: sources and days of fields, tags, places of business, figures,
//! the zone's own lists; what the finder makes of them; and questions kept under a name.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeMap;

use chrono::{Duration, NaiveDate};
use common::{Zone, refusal, refused_fields};
use domain::{
    account::Actor,
    enterprise::{
        DirectoryFilter, EnterpriseChange, EnterpriseDetail, EnterpriseField as Field,
        EnterpriseFilter, FieldOrigin, GrowthSign, ImportStart, RiskSign, RowProblemKind,
        RowVerdict, Site, SiteKind, SizeBand,
    },
    problem::{FieldProblemKind, Problem},
    region::Area,
    target::{NewTargetQuery, TargetQuery, TargetQueryChange, TargetTermKind},
};
use entity::{audit, enterprise};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

const HEAD: &str =
    "企业名称,省份,城市,申万行业,行业,标签,生产基地,营业收入,员工人数,数据日期,主营产品\n";

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

async fn import(
    zone: &Zone,
    actor: &Actor,
    name: &str,
    rows: &str,
) -> domain::enterprise::ImportJob {
    zone.import(actor, name, format!("{HEAD}{rows}").into_bytes())
        .await
}

async fn company(zone: &Zone, actor: &Actor, name: &str) -> EnterpriseDetail {
    let model = enterprise::Entity::find()
        .filter(enterprise::Column::Name.eq(name))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap();
    zone.service.enterprise(actor, model.id).await.unwrap()
}

fn origin(detail: &EnterpriseDetail, field: Field) -> FieldOrigin {
    let mut found = detail
        .profile
        .sources
        .iter()
        .filter(|source| source.fields.contains(&field));
    let one = found.next().unwrap().clone();
    assert_eq!(found.next(), None, "a field has one source");
    one
}

async fn version(zone: &Zone, id: i64) -> i64 {
    enterprise::Entity::find_by_id(id)
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap()
        .version
}

async fn change(zone: &Zone, id: i64, cells: &[(Field, &str)]) -> EnterpriseChange {
    EnterpriseChange {
        id,
        version: version(zone, id).await,
        cells: cells
            .iter()
            .map(|(field, text)| (*field, (*text).to_owned()))
            .collect(),
        ..EnterpriseChange::default()
    }
}

const NAME: &str = "甲试验铝业有限公司";

on_both! {
    each_field_says_where_it_is_from_and_of_which_day(zone) {
        let officer = zone.actor("officer-east").await;
        import(&zone, &officer, "2024.csv", "甲试验铝业有限公司,江苏,苏州市,铝,C 制造业,瞪羚；专精特新,安徽合肥；研发中心：深圳,10000,200,2024-12-31,电解铝；铝箔\n").await;
        let before = company(&zone, &officer, NAME).await;
        assert_eq!(before.profile.sw_industry.as_deref(), Some("铝"));
        assert_eq!(before.row.industry.as_deref(), Some("C 制造业"));
        assert_eq!(before.profile.tags, ["瞪羚", "专精特新"]);
        let sites = [(SiteKind::Plant, "安徽合肥"), (SiteKind::Research, "深圳")].map(|(kind, place)| Site { kind, place: place.to_owned() });
        assert_eq!(before.profile.sites, sites);
        let of = origin(&before, Field::Revenue);
        assert_eq!((of.source.as_str(), of.on, of.as_of, of.by), ("2024.csv", day(2026, 6, 30), Some(day(2024, 12, 31)), None));
        // Last year's list: revenue and staff follow, the older figures stay as history, and growth is told from both.
        zone.pass(Duration::days(1));
        import(&zone, &officer, "2025.csv", "甲试验铝业有限公司,江苏,苏州市,铝,C 制造业,,,12000,190,2025-12-31,\n").await;
        let after = company(&zone, &officer, NAME).await;
        assert_eq!((after.revenue_wan, after.staff), (Some(12_000), Some(190)));
        assert_eq!(after.profile.tags, before.profile.tags, "an empty cell leaves alone what is there");
        assert_eq!(origin(&after, Field::Revenue).as_of, Some(day(2025, 12, 31)));
        assert_eq!(origin(&after, Field::Tags).source, "2024.csv");
        let figures: Vec<_> = after.profile.figures.iter().map(|one| (one.as_of, one.revenue_wan, one.staff)).collect();
        assert_eq!(figures, [(day(2024, 12, 31), Some(10_000), Some(200)), (day(2025, 12, 31), Some(12_000), Some(190))]);
        assert!(after.profile.growth.iter().any(|sign| matches!(sign, GrowthSign::Revenue { rate, .. } if (rate - 0.2001).abs() < 1e-3)));
        assert!(after.profile.growth.iter().any(|sign| matches!(sign, GrowthSign::Tag { name } if name == "瞪羚")));
        // An older list taken in late changes nothing that is newer, and is not lost.
        let job = import(&zone, &officer, "2023.csv", "甲试验铝业有限公司,浙江,宁波市,铝,C 制造业,,,8000,180,2023-12-31,\n").await;
        let late = company(&zone, &officer, NAME).await;
        assert_eq!((late.revenue_wan, late.row.province.as_deref()), (Some(12_000), Some("江苏")));
        assert_eq!(late.profile.figures.len(), 3);
        assert_eq!(job.summary.unwrap().kept, 1);
        // The same file again says nothing new.
        let again = import(&zone, &officer, "2023.csv", "甲试验铝业有限公司,浙江,宁波市,铝,C 制造业,,,8000,180,2023-12-31,\n").await.summary.unwrap();
        assert_eq!((again.updated, again.unchanged, again.kept), (0, 1, 1));
    }

    what_a_person_wrote_outlasts_an_import_and_comes_back(zone) {
        let officer = zone.actor("officer-east").await;
        import(&zone, &officer, "名录.csv", "甲试验铝业有限公司,江苏,苏州市,,,,,10000,200,,电解铝；铝箔\n").await;
        let id = company(&zone, &officer, NAME).await.row.id;
        let mut by_hand = change(&zone, id, &[
            (Field::Address, "苏州工业园区金鸡湖大道 1 号"),
            (Field::Staff, "260"),
            (Field::Products, "电解铝 60%\n航空铝板 40%"),
            (Field::Tags, "瞪羚\n失信被执行人"),
        ]).await;
        by_hand.source = "2026-06 走访".to_owned();
        by_hand.as_of = Some(day(2026, 6, 28));
        let version = zone.service.change_enterprise(&officer, by_hand.clone()).await.unwrap();
        let detail = company(&zone, &officer, NAME).await;
        let of = origin(&detail, Field::Staff);
        assert_eq!((of.source.as_str(), of.as_of, of.by.as_deref()), ("2026-06 走访", Some(day(2026, 6, 28)), Some("林演示")));
        assert_eq!(origin(&detail, Field::City).by, None);
        assert_eq!(detail.products, [("电解铝".to_owned(), Some(0.6)), ("航空铝板".to_owned(), Some(0.4))]);
        assert!(detail.profile.risk.iter().any(|sign| matches!(sign, RiskSign::Tag { name } if name == "失信被执行人")));
        // The list again, with another address, staff and products: what was written stays, the rest follows, and the
        // preview and the summary say so.
        let rows = format!("{HEAD}甲试验铝业有限公司,江苏,无锡市,,,,,11000,210,,电解铝\n");
        let job = zone.service.upload_enterprises(&officer, "名录2.csv", rows.into_bytes()).await.unwrap();
        let preview = zone.service.import_preview(&officer, job, None).await.unwrap();
        let row = &preview.updated_rows[0];
        let mut kept: Vec<Field> = row.changes.iter().filter(|change| change.is_kept).map(|change| change.field).collect();
        kept.sort();
        assert_eq!((row.verdict, kept), (RowVerdict::Update, vec![Field::Products, Field::Staff]));
        assert_eq!(preview.summary.kept, 1);
        let job = zone.finish_import(&officer, job).await;
        assert_eq!(job.summary.clone().unwrap().kept, 1);
        let detail = company(&zone, &officer, NAME).await;
        assert_eq!((detail.staff, detail.revenue_wan, detail.row.city.as_deref()), (Some(260), Some(11_000), Some("无锡市")));
        assert_eq!(detail.products.len(), 2);
        // Taken back, the import leaves the company and its sources as they were.
        zone.service.undo_import(&officer, job.id).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        let back = company(&zone, &officer, NAME).await;
        assert_eq!((back.staff, back.revenue_wan, back.row.city.as_deref()), (Some(260), Some(10_000), Some("苏州市")));
        assert_eq!(origin(&back, Field::City).source, "名录.csv");
        assert!(origin(&back, Field::Staff).by.is_some());
        // What is emptied is nobody's word: the next import fills it.
        let emptied = change(&zone, id, &[(Field::Staff, "")]).await;
        zone.service.change_enterprise(&officer, emptied).await.unwrap();
        assert_eq!(company(&zone, &officer, NAME).await.staff, None);
        import(&zone, &officer, "名录3.csv", "甲试验铝业有限公司,江苏,苏州市,,,,,10000,220,,\n").await;
        assert_eq!(company(&zone, &officer, NAME).await.staff, Some(220));
        // Undone within its time, by who did it, while nobody wrote to it since.
        assert!(matches!(refusal(zone.service.undo_enterprise_change(&officer, id, version).await), Problem::Stale { .. }));
        let renamed = change(&zone, id, &[(Field::Name, "甲新材料铝业有限公司"), (Field::Tags, "")]).await;
        let version = zone.service.change_enterprise(&officer, renamed).await.unwrap();
        let other = zone.actor("officer-east-2").await;
        assert_eq!(refusal(zone.service.undo_enterprise_change(&other, id, version).await), Problem::NotFound);
        zone.service.undo_enterprise_change(&officer, id, version).await.unwrap();
        let back = company(&zone, &officer, NAME).await;
        assert_eq!(back.profile.tags, ["瞪羚", "失信被执行人"]);
        let rows = audit::Entity::find().filter(audit::Column::Entity.eq("enterprise")).filter(audit::Column::EntityId.eq(id))
            .order_by_asc(audit::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!(rows.len(), 4, "each change and the undoing leaves a row");
        assert!(rows.iter().all(|row| row.account_id == Some(officer.account_id)));
    }

    a_list_goes_on_meaning_a_company_that_a_person_named_anew(zone) {
        let officer = zone.actor("officer-east").await;
        let rows = "甲试验铝业有限公司,江苏,苏州市,,,,,10000,200,2025-12-31,\n";
        import(&zone, &officer, "名录.csv", rows).await;
        let id = company(&zone, &officer, NAME).await.row.id;
        let mut renamed = change(&zone, id, &[(Field::Name, "甲新材料股份有限公司"), (Field::City, "无锡市"), (Field::Revenue, "12000")]).await;
        renamed.as_of = Some(day(2025, 12, 31));
        let before = version(&zone, id).await;
        let after = zone.service.change_enterprise(&officer, renamed).await.unwrap();
        // The same list again, and again: no second company, nothing new, and what a person wrote of that very day stays.
        for _ in 0..2 {
            let summary = import(&zone, &officer, "名录.csv", rows).await.summary.unwrap();
            assert_eq!((summary.inserted, summary.updated, summary.unchanged, summary.kept), (0, 0, 1, 1));
        }
        let detail = company(&zone, &officer, "甲新材料股份有限公司").await;
        assert_eq!((detail.row.id, detail.row.city.as_deref(), detail.revenue_wan), (id, Some("无锡市"), Some(12_000)));
        assert_eq!(detail.profile.figures.iter().map(|one| one.revenue_wan).collect::<Vec<_>>(), [Some(12_000)]);
        // A list with another province leaves the place whole.
        import(&zone, &officer, "别的.csv", "甲试验铝业有限公司,浙江,宁波市,,,,,,,,\n").await;
        let detail = company(&zone, &officer, "甲新材料股份有限公司").await;
        assert_eq!((detail.row.province.as_deref(), detail.row.city.as_deref()), (Some("江苏"), Some("无锡市")));
        assert_eq!(enterprise::Entity::find().filter(enterprise::Column::Name.contains("试验铝业")).all(zone.tables()).await.unwrap().len(), 0);
        // Undone, the import before it can still be taken back; the undoing itself cannot be undone.
        let back = zone.service.undo_enterprise_change(&officer, id, after).await.unwrap();
        assert!(back > before);
        assert!(matches!(refusal(zone.service.undo_enterprise_change(&officer, id, back).await), Problem::CannotUndo { .. }));
        let first = zone.service.import_jobs(&officer).await.unwrap().last().unwrap().id;
        zone.service.undo_import(&officer, first).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        assert!(enterprise::Entity::find_by_id(id).one(zone.tables()).await.unwrap().is_none());
    }

    a_day_to_come_is_refused_and_a_closed_company_gets_no_lead(zone) {
        let officer = zone.actor("officer-east").await;
        let job = import(&zone, &officer, "未来.csv", "甲试验铝业有限公司,江苏,苏州市,,,,,10000,200,2035-12-31,\n乙试验铝业有限公司,江苏,苏州市,,,,,,,,\n").await;
        assert_eq!(job.summary.unwrap().refused, 1);
        let rows = zone.service.refused_rows(&officer, job.id, 0).await.unwrap().rows;
        assert_eq!((rows[0].field, rows[0].kind.clone()), (Some(Field::AsOf), RowProblemKind::DateInFuture));
        let id = company(&zone, &officer, "乙试验铝业有限公司").await.row.id;
        let closing = EnterpriseChange { closed: Some(true), source: "注销\0公告".to_owned(), ..change(&zone, id, &[(Field::Address, "旧址")]).await };
        zone.service.change_enterprise(&officer, closing).await.unwrap();
        let new = domain::lead::NewLead {
            enterprise_id: id,
            chain_node_id: None,
            bureau_id: None,
            title: "不该有的线索".to_owned(),
            investment_wan: None,
            land_mu: None,
            source: "测试".to_owned(),
        };
        assert_eq!(refused_fields(zone.service.register_lead(&officer, new).await), [("enterprise".to_owned(), FieldProblemKind::Unknown)]);
        let odd = NewTargetQuery {
            name: "怪".to_owned(),
            is_shared: false,
            query: TargetQuery { text: "膜".to_owned(), filter: DirectoryFilter { tags: vec!["甲\0乙".to_owned()], ..DirectoryFilter::default() }, ..TargetQuery::default() },
        };
        zone.service.save_target_query(&officer, odd.clone()).await.unwrap();
        let long = NewTargetQuery { query: TargetQuery { filter: DirectoryFilter { tags: vec!["长".repeat(101)], ..DirectoryFilter::default() }, ..odd.query }, ..odd };
        assert_eq!(refused_fields(zone.service.save_target_query(&officer, long).await), [("filter".to_owned(), FieldProblemKind::TooLong { limit: 100 })]);
    }

    a_wrong_cell_is_named_and_nothing_is_written(zone) {
        let officer = zone.actor("officer-east").await;
        import(&zone, &officer, "名录.csv", "甲试验铝业有限公司,江苏,苏州市,,,,,10000,200,,\n乙试验铝业有限公司,江苏,苏州市,,,,,,,,\n").await;
        let id = company(&zone, &officer, NAME).await.row.id;
        let other = company(&zone, &officer, "乙试验铝业有限公司").await.row.id;
        let before = enterprise::Entity::find_by_id(id).one(zone.tables()).await.unwrap();
        let wrong = change(&zone, id, &[(Field::Staff, "三百"), (Field::CreditCode, "123"), (Field::Name, " "), (Field::Address, "新址")]).await;
        let mut named = refused_fields(zone.service.change_enterprise(&officer, wrong).await);
        named.sort_by(|one, two| one.0.cmp(&two.0));
        let cell = |problem| FieldProblemKind::Cell { problem };
        assert_eq!(named, [
            ("credit_code".to_owned(), cell(RowProblemKind::CreditCodeLength)),
            ("name".to_owned(), cell(RowProblemKind::EmptyName)),
            ("staff".to_owned(), cell(RowProblemKind::NumberNotReal)),
        ]);
        let coded = change(&zone, other, &[(Field::CreditCode, "91350100M000100Y43")]).await;
        zone.service.change_enterprise(&officer, coded).await.unwrap();
        let taken = change(&zone, id, &[(Field::CreditCode, "91350100M000100Y43")]).await;
        assert_eq!(refused_fields(zone.service.change_enterprise(&officer, taken).await), [("credit_code".to_owned(), FieldProblemKind::Taken)]);
        let mut ahead = change(&zone, id, &[(Field::Staff, "300")]).await;
        ahead.as_of = Some(day(2027, 1, 1));
        assert_eq!(refused_fields(zone.service.change_enterprise(&officer, ahead.clone()).await), [("as_of".to_owned(), FieldProblemKind::InTheFuture)]);
        ahead.as_of = None;
        ahead.source = "长".repeat(121);
        assert_eq!(refused_fields(zone.service.change_enterprise(&officer, ahead.clone()).await), [("source".to_owned(), FieldProblemKind::TooLong { limit: 120 })]);
        // Seen at an earlier version: what would be overwritten is named, and what it says now.
        ahead.source.clear();
        ahead.version = 0;
        match refusal(zone.service.change_enterprise(&officer, ahead).await) {
            Problem::Stale { fields, version: 1 } => assert_eq!((fields[0].field.as_str(), fields[0].theirs.as_str(), fields[0].yours.as_str()), ("staff", "200", "300")),
            other => panic!("{other:?}"),
        }
        assert_eq!(enterprise::Entity::find_by_id(id).one(zone.tables()).await.unwrap(), before);
        for login in ["leader", "viewer", "delegate"] {
            let person = zone.actor(login).await;
            let change = change(&zone, id, &[(Field::Staff, "300")]).await;
            assert_eq!(refusal(zone.service.change_enterprise(&person, change).await), Problem::Forbidden);
            assert_eq!(refusal(zone.service.enterprise_form(&person, id).await), Problem::Forbidden);
        }
        assert_eq!(refusal(zone.service.enterprise_form(&officer, 0).await), Problem::NotFound);
    }

    the_zone_s_own_list_and_closed_companies_are_no_targets(zone) {
        let officer = zone.actor("officer-east").await;
        let rows = format!("{HEAD}甲试验铝业有限公司,江苏,苏州市,,,,,,,,罕见试验产品\n乙试验铝业有限公司,江苏,苏州市,,,,,,,,罕见试验产品\n丙试验铝业有限公司,江苏,苏州市,,,,,,,,罕见试验产品\n");
        zone.import(&officer, "a.csv", rows.clone().into_bytes()).await;
        zone.service.feed_search().await.unwrap();
        let asked = TargetQuery { text: "罕见试验产品".to_owned(), ..TargetQuery::default() };
        let names = async || {
            let page = zone.service.targets(&officer, &asked).await.unwrap();
            // Others are listed for their likeness.
            let mut names: Vec<String> = page.rows.into_iter().filter(|row| row.says).map(|row| row.name).collect();
            names.sort();
            (names, page.excluded_local)
        };
        assert_eq!(names().await.0.len(), 3);
        // The same list, as one of the zone's own.
        let id = zone.service.upload_enterprises(&officer, "本区.csv", format!("{HEAD}乙试验铝业有限公司,,,,,,,,,,\n").into_bytes()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        let mapping = preview.columns.iter().map(|column| column.field).collect();
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping, is_local: true }).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        assert!(company(&zone, &officer, "乙试验铝业有限公司").await.row.is_local);
        let closed = company(&zone, &officer, "丙试验铝业有限公司").await.row.id;
        let change = EnterpriseChange { closed: Some(true), ..change(&zone, closed, &[]).await };
        zone.service.change_enterprise(&officer, change).await.unwrap();
        zone.service.feed_search().await.unwrap();
        assert_eq!(names().await, (vec![NAME.to_owned()], 1));
        assert!(company(&zone, &officer, "丙试验铝业有限公司").await.closed);
        // The import taken back, it is no firm of the zone any more.
        zone.service.undo_import(&officer, id).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        assert!(!company(&zone, &officer, "乙试验铝业有限公司").await.row.is_local);
    }

    tags_industries_and_places_narrow_in_the_finder_and_in_the_api(zone) {
        let officer = zone.actor("officer-east").await;
        import(&zone, &officer, "a.csv", "甲试验铝业有限公司,江苏,苏州市,铝,C 制造业,瞪羚,,300000,,,罕见试验产品\n乙试验铝业有限公司,浙江,宁波市,铜,C 制造业,专精特新；瞪羚,,1000,,,罕见试验产品\n丙试验铝业有限公司,广东,深圳市,铝,,,陕西西安,,,,罕见试验产品\n").await;
        zone.service.feed_search().await.unwrap();
        let found = async |filter: DirectoryFilter| {
            let query = TargetQuery { text: "罕见试验产品".to_owned(), filter, ..TargetQuery::default() };
            zone.service.targets(&officer, &query).await.unwrap()
        };
        let all = found(DirectoryFilter::default()).await;
        assert_eq!(all.facets.sw_industries, [("铝".to_owned(), 2), ("铜".to_owned(), 1)]);
        assert_eq!(all.facets.tags, [("瞪羚".to_owned(), 2), ("专精特新".to_owned(), 1)]);
        let one = found(DirectoryFilter { tags: vec!["瞪羚".to_owned()], sw_industries: vec!["铜".to_owned()], ..DirectoryFilter::default() }).await;
        assert_eq!(one.rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["乙试验铝业有限公司"]);
        // Each group counts as if it narrowed nothing itself.
        assert_eq!(one.facets.sw_industries, [("铜".to_owned(), 1), ("铝".to_owned(), 1)]);
        assert_eq!(one.facets.tags, [("专精特新".to_owned(), 1), ("瞪羚".to_owned(), 1)]);
        // A title says that it grows; who has none has no such term, not a zero.
        let term = |name: &str| all.rows.iter().find(|row| row.name == name).unwrap().score.terms.iter().find(|term| term.kind == TargetTermKind::Growth).unwrap().value;
        assert_eq!((term(NAME), term("丙试验铝业有限公司")), (Some(1.0), None));
        // A plant in Xi'an is nearer than a head office in Shenzhen.
        let row = all.rows.iter().find(|row| row.name == "丙试验铝业有限公司").unwrap();
        assert_eq!(row.near_site.as_ref().map(|site| site.place.as_str()), Some("陕西西安"));
        let list = async |filter: EnterpriseFilter| zone.service.enterprise_list(&officer, &filter).await.unwrap();
        let q = "罕见试验产品".to_owned();
        let large = DirectoryFilter { sizes: vec![SizeBand::of(Some(300_000))], ..DirectoryFilter::default() };
        let page = list(EnterpriseFilter { q: q.clone(), directory: large, ..EnterpriseFilter::default() }).await;
        assert_eq!((page.total, page.rows[0].name.as_str()), (1, NAME));
        let page = list(EnterpriseFilter { q: q.clone(), city: "深圳市".to_owned(), is_local: Some(false), ..EnterpriseFilter::default() }).await;
        assert_eq!((page.total, page.rows[0].name.as_str()), (1, "丙试验铝业有限公司"));
        let areas = DirectoryFilter { areas: vec![Area { province: "江苏".to_owned(), city: String::new() }], sw_industries: vec!["铝".to_owned()], ..DirectoryFilter::default() };
        assert_eq!(list(EnterpriseFilter { directory: areas, ..EnterpriseFilter::default() }).await.total, 1);
        let both = EnterpriseFilter { q, updated_since: Some(common::morning()), ..EnterpriseFilter::default() };
        let told = refused_fields(zone.service.enterprise_list(&officer, &both).await);
        assert_eq!(told, [("updated_since".to_owned(), FieldProblemKind::NotTogether { other: "q".to_owned() })]);
    }

    a_question_is_kept_shared_and_brought_back(zone) {
        let (owner, other, west) = (zone.actor("officer-east").await, zone.actor("officer-east-2").await, zone.actor("officer-west").await);
        let query = TargetQuery {
            text: "隔膜、离子交换膜".to_owned(),
            filter: DirectoryFilter { tags: vec!["瞪羚".to_owned()], ..DirectoryFilter::default() },
            page: 3,
            ..TargetQuery::default()
        };
        let new = |is_shared| NewTargetQuery { name: " 膜企业 ".to_owned(), is_shared, query: query.clone() };
        let id = zone.service.save_target_query(&owner, new(false)).await.unwrap();
        let of = async |person: &Actor| zone.service.target_queries(person).await.unwrap().into_iter().find(|one| one.id == id);
        let own = of(&owner).await.unwrap();
        assert_eq!((own.name.as_str(), own.query.page, own.query.text.as_str(), own.may_write), ("膜企业", 0, "隔膜、离子交换膜", true));
        assert!(of(&other).await.is_none() && of(&west).await.is_none());
        let share = TargetQueryChange { id, version: 1, is_shared: Some(true), ..TargetQueryChange::default() };
        assert_eq!(refusal(zone.service.change_target_query(&other, share.clone()).await), Problem::NotFound);
        assert_eq!(zone.service.change_target_query(&owner, share.clone()).await.unwrap(), 2);
        assert!(of(&other).await.is_some_and(|one| !one.may_write && one.bureau.is_some()));
        assert!(of(&west).await.is_none(), "another bureau has nothing of it");
        let rename = TargetQueryChange { id, version: 1, name: Some("别名".to_owned()), ..TargetQueryChange::default() };
        assert!(matches!(refusal(zone.service.change_target_query(&owner, rename).await), Problem::Stale { version: 2, .. }));
        assert_eq!(refusal(zone.service.set_target_query_deleted(&other, id, true).await), Problem::Forbidden);
        zone.service.set_target_query_deleted(&owner, id, true).await.unwrap();
        assert!(of(&owner).await.is_none());
        zone.service.set_target_query_deleted(&owner, id, false).await.unwrap();
        assert!(of(&owner).await.is_some());
        let nothing = NewTargetQuery { name: String::new(), is_shared: false, query: TargetQuery { node_id: Some(0), ..TargetQuery::default() } };
        let mut named = refused_fields(zone.service.save_target_query(&owner, nothing).await);
        named.sort_by(|one, two| one.0.cmp(&two.0));
        assert_eq!(named, [("name".to_owned(), FieldProblemKind::Required), ("node_id".to_owned(), FieldProblemKind::Unknown)]);
        let viewer = zone.actor("viewer").await;
        assert_eq!(refusal(zone.service.save_target_query(&viewer, new(true)).await), Problem::Forbidden);
        let rows = audit::Entity::find().filter(audit::Column::Entity.eq("target_query")).filter(audit::Column::EntityId.eq(id)).all(zone.tables()).await.unwrap();
        assert_eq!(rows.len(), 4);
    }

    a_company_s_page_says_who_buys_who_is_like_it_and_what_was(zone) {
        let (officer, west) = (zone.actor("officer-east").await, zone.actor("officer-west").await);
        zone.service.feed_search().await.unwrap();
        let lead = entity::lead::Entity::find().order_by_asc(entity::lead::Column::Id).all(zone.tables()).await.unwrap()
            .into_iter().find(|lead| Some(lead.bureau_id) == officer.bureau_id).unwrap();
        let portrait = zone.service.portrait(&officer, lead.enterprise_id).await.unwrap();
        let peers = portrait.peers.unwrap();
        assert!(!peers.is_empty() && peers.iter().all(|peer| peer.enterprise_id != lead.enterprise_id));
        assert!((peers[0].likeness - 1.0).abs() < 1e-9, "the most alike is the measure");
        // Another bureau learns nothing of our talks and files.
        let theirs = zone.service.portrait(&west, lead.enterprise_id).await.unwrap();
        assert!(theirs.contacts.is_empty() && theirs.past_leads.is_empty() && theirs.files.is_empty());
        assert_eq!(refusal(zone.service.portrait(&officer, 0).await), Problem::NotFound);
        let cells: BTreeMap<Field, String> = zone.service.enterprise_form(&officer, lead.enterprise_id).await.unwrap().cells;
        let name = entity::enterprise::Entity::find_by_id(lead.enterprise_id).one(zone.tables()).await.unwrap().unwrap().name;
        assert_eq!(cells.get(&Field::Name), Some(&name));
    }
}
