//! Imports: upload, preview, start, work off; what is refused and what is left alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Write},
};

use chrono::Duration;
use common::{Backend, Zone, refusal, shared_data};
use domain::{
    account::Actor,
    enterprise::{
        EnterpriseField, ImportStart, ImportStatus, ImportSummary, RowProblemKind, RowVerdict,
    },
    problem::{FieldProblemKind, Problem, TableProblem},
};
use entity::{chain_match, enterprise, enterprise_product, import_job, import_refusal, outbox};
use rust_xlsxwriter::Workbook;
use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter,
    QueryOrder,
};
use zip::write::SimpleFileOptions;

const TABLE: &str = "企业名称,统一社会信用代码,证券代码,省份,城市,主营产品,营业收入,员工人数\n\
    甲试验膜业有限公司,91350100M000100Y43,,江苏省,苏州市,离子交换膜；垫片,12600.5,120\n\
    乙试验泵业有限公司,,990001,浙江,杭州市,磁力泵,8000,80\n\
    丙试验重工䶮有限公司,,,四川,成都市,,,\n";

/// Companies as the tables have them, without what differs from import to import.
async fn companies(zone: &Zone) -> Vec<String> {
    let products = enterprise_product::Entity::find()
        .order_by_asc(enterprise_product::Column::Position)
        .all(zone.tables())
        .await
        .unwrap();
    let mut rows: Vec<String> = enterprise::Entity::find()
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|row| {
            let own: Vec<_> = products
                .iter()
                .filter(|product| product.enterprise_id == row.id)
                .map(|product| {
                    (
                        product.position,
                        product.name.as_str(),
                        product.revenue_share,
                    )
                })
                .collect();
            format!(
                "{own:?} {:?}",
                enterprise::Model {
                    id: 0,
                    source: String::new(),
                    version: 0,
                    ..row
                }
            )
        })
        .collect();
    rows.sort();
    rows
}

async fn company(zone: &Zone, name: &str) -> enterprise::Model {
    enterprise::Entity::find()
        .filter(enterprise::Column::Name.eq(name))
        .one(zone.tables())
        .await
        .unwrap()
        .unwrap_or_else(|| panic!("{name}"))
}

async fn products(zone: &Zone, enterprise_id: i64) -> Vec<String> {
    enterprise_product::Entity::find()
        .filter(enterprise_product::Column::EnterpriseId.eq(enterprise_id))
        .order_by_asc(enterprise_product::Column::Position)
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|product| product.name)
        .collect()
}

fn counts(summary: Option<ImportSummary>) -> (u32, u32, u32, u32) {
    let summary = summary.unwrap();
    assert_eq!(
        summary.rows,
        summary.inserted + summary.updated + summary.unchanged + summary.refused
    );
    (
        summary.inserted,
        summary.updated,
        summary.unchanged,
        summary.refused,
    )
}

/// A workbook of one sheet.
fn workbook(rows: &[&[&str]]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, cells) in (0..).zip(rows) {
        for (column, cell) in (0..).zip(*cells) {
            sheet.write_string(row, column, *cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

/// A workbook whose one part holds 64 MiB of the same letter.
fn zip_bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("xl/workbook.xml", options).unwrap();
    archive.write_all(b"<workbook/>").unwrap();
    archive
        .start_file("xl/worksheets/sheet1.xml", options)
        .unwrap();
    let mebibyte = vec![b'a'; 1024 * 1024];
    for _ in 0..64 {
        archive.write_all(&mebibyte).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

async fn officer(zone: &Zone) -> Actor {
    zone.actor("officer-east").await
}

on_both! {
    a_file_goes_from_the_upload_to_its_summary(zone) {
        let officer = officer(&zone).await;
        let before = companies(&zone).await;
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        assert_eq!((preview.job.status, preview.job.total, preview.job.by.as_str()), (ImportStatus::Uploaded, 3, "林演示"));
        assert_eq!((preview.encoding.as_str(), preview.sheet.as_deref()), ("UTF-8", None));
        assert_eq!(counts(Some(preview.summary)), (3, 0, 0, 0));
        assert_eq!(preview.columns[0].field, Some(EnterpriseField::Name));
        assert_eq!((preview.columns[1].header.as_str(), preview.columns[1].sample.as_str()), ("统一社会信用代码", "91350100M000100Y43"));
        assert!(preview.rows.iter().all(|row| row.verdict == RowVerdict::Insert));
        assert_eq!(preview.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(companies(&zone).await, before, "a preview writes nothing");
        assert!(!zone.service.run_next_import(&mut |_| {}).await.unwrap(), "nothing runs before it is started");
        let mapping = preview.columns.iter().map(|column| column.field).collect();
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping }).await.unwrap();
        assert_eq!(zone.service.import_job(&officer, id).await.unwrap().status, ImportStatus::Queued);
        let mut heard = Vec::new();
        assert!(zone.service.run_next_import(&mut |progress| heard.push((progress.done, progress.total))).await.unwrap());
        assert_eq!(heard, [(3, 3)]);
        assert!(!zone.service.run_next_import(&mut |_| {}).await.unwrap());
        let job = zone.service.import_job(&officer, id).await.unwrap();
        assert_eq!((job.status, job.done, job.total, job.problem), (ImportStatus::Finished, 3, 3, None));
        assert_eq!(counts(job.summary), (3, 0, 0, 0));
        assert_eq!(companies(&zone).await.len(), before.len() + 3);
        let first = company(&zone, "甲试验膜业有限公司").await;
        assert_eq!(first.credit_code.as_deref(), Some("91350100M000100Y43"));
        assert_eq!((first.province.as_deref(), first.revenue_wan, first.staff), (Some("江苏"), Some(12_601), Some(120)));
        assert_eq!((first.source.as_str(), first.is_local, first.is_demo, first.closed), ("名单.csv", false, false, false));
        assert_eq!((first.initials.as_str(), first.pinyin.as_str()), ("jsymyyxgs", "jiashiyanmoyeyouxiangongsi"));
        assert_eq!(products(&zone, first.id).await, ["离子交换膜", "垫片"]);
        let matched = chain_match::Entity::find().filter(chain_match::Column::EnterpriseId.eq(first.id)).count(zone.tables()).await.unwrap();
        assert!(matched > 0, "the chains know of it");
        let announced = outbox::Entity::find().filter(outbox::Column::Key.eq(first.id)).count(zone.tables()).await.unwrap();
        assert_eq!(announced, 1);
        let jobs = zone.service.import_jobs(&officer).await.unwrap();
        assert_eq!(jobs.iter().map(|job| job.id).collect::<Vec<_>>(), [id]);
    }

    the_same_file_again_changes_nothing(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        let before = (companies(&zone).await, outbox::Entity::find().count(zone.tables()).await.unwrap());
        zone.pass(Duration::days(1));
        let again = zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        assert_eq!(counts(again.summary), (0, 0, 3, 0));
        assert_eq!((companies(&zone).await, outbox::Entity::find().count(zone.tables()).await.unwrap()), before);
    }

    a_table_says_the_same_in_every_encoding(zone) {
        let officer = officer(&zone).await;
        let rows: Vec<Vec<&str>> = TABLE.lines().map(|line| line.split(',').collect()).collect();
        let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
        let mut told = Vec::new();
        for (file, encoding, bytes) in [
            ("plain.csv", "UTF-8", TABLE.as_bytes().to_vec()),
            ("mark.csv", "UTF-8 BOM", [b"\xef\xbb\xbf", TABLE.as_bytes()].concat()),
            ("gb.csv", "GB18030", encoding_rs::GB18030.encode(TABLE).0.into_owned()),
            ("tabs.csv", "UTF-8", TABLE.replace(',', "\t").replace('\n', "\r\n").into_bytes()),
            ("book.xlsx", "UTF-8", workbook(&rows)),
        ] {
            let id = zone.service.upload_enterprises(&officer, file, bytes).await.unwrap();
            assert_eq!(zone.service.import_preview(&officer, id, None).await.unwrap().encoding, encoding, "{file}");
            let job = zone.finish_import(&officer, id).await;
            assert_eq!(counts(job.summary), (3, 0, 0, 0), "{file}");
            let of_file = enterprise::Entity::find().filter(enterprise::Column::Source.eq(file));
            let mut said = Vec::new();
            for row in of_file.clone().order_by_asc(enterprise::Column::Id).all(zone.tables()).await.unwrap() {
                said.push(format!("{:?} {:?}", products(&zone, row.id).await, enterprise::Model { id: 0, source: String::new(), ..row }));
            }
            told.push(said);
            enterprise::Entity::delete_many().filter(enterprise::Column::Source.eq(file)).exec(zone.tables()).await.unwrap();
        }
        assert_eq!(told[0].len(), 3);
        assert!(told[0][2].contains("丙试验重工䶮有限公司"), "a character that only GB18030 and Unicode have");
        for other in &told[1..] {
            assert_eq!(other, &told[0]);
        }
    }

    a_refused_row_is_named_and_the_others_are_taken(zone) {
        let officer = officer(&zone).await;
        let table = "企业名称,统一社会信用代码,上市日期,员工人数,备注\n\
            甲试验膜业有限公司,,,10,a\n\
            ,,,20,b\n\
            乙试验泵业有限公司,91350100M000100Y44,,30,c\n\
            \n\
            丙试验重工有限公司,,2026-02-30,许多,d\n\
            甲试验膜业有限公司,,,40,e\n\
            丁试验电子有限公司,,,50,f\n";
        let id = zone.service.upload_enterprises(&officer, "名单.csv", table.as_bytes().to_vec()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        assert_eq!(preview.columns[4].field, None);
        assert_eq!(counts(Some(preview.summary)), (2, 0, 0, 4));
        assert_eq!(preview.problem_rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 4, 6, 7]);
        let job = zone.finish_import(&officer, id).await;
        assert_eq!(counts(job.summary), (2, 0, 0, 4));
        let page = zone.service.refused_rows(&officer, id, 0).await.unwrap();
        let expected = [
            (3, Some(EnterpriseField::Name), "", RowProblemKind::EmptyName),
            (4, Some(EnterpriseField::CreditCode), "91350100M000100Y44", RowProblemKind::CreditCodeCheck { expected: '3' }),
            (6, Some(EnterpriseField::ListedOn), "2026-02-30", RowProblemKind::DateNotReal),
            (6, Some(EnterpriseField::Staff), "许多", RowProblemKind::NumberNotReal),
            (7, Some(EnterpriseField::Name), "甲试验膜业有限公司", RowProblemKind::DuplicateOf { row: 2 }),
        ];
        assert_eq!((page.total, page.page), (5, 0));
        let told: Vec<_> = page.rows.iter().map(|row| (row.row, row.field, row.value.as_str(), row.kind.clone())).collect();
        assert_eq!(told, expected);
        assert_eq!(zone.service.refused_rows(&officer, id, 1).await.unwrap().rows, []);
        let (file, header, rows) = zone.service.refused_table(&officer, id).await.unwrap();
        assert_eq!(file, "名单.csv");
        assert_eq!(header, ["企业名称", "统一社会信用代码", "上市日期", "员工人数", "备注"]);
        assert_eq!(rows.len(), 5);
        assert_eq!(rows[1].1, ["乙试验泵业有限公司", "91350100M000100Y44", "", "30", "c"], "the cells as they were, to be mended");
        assert_eq!(rows[2].0.row, 6);
        for name in ["甲试验膜业有限公司", "丁试验电子有限公司"] {
            company(&zone, name).await;
        }
        let refused = enterprise::Entity::find().filter(enterprise::Column::Name.is_in(["乙试验泵业有限公司", "丙试验重工有限公司"]));
        assert_eq!(refused.count(zone.tables()).await.unwrap(), 0);
    }

    what_is_no_table_is_refused_at_the_door(zone) {
        let officer = officer(&zone).await;
        let before = (companies(&zone).await, zone.audit_rows().await);
        let mut far = Workbook::new();
        far.add_worksheet().write_string(0, 0, "企业名称").unwrap().write_string(0, 1, "省份").unwrap()
            .write_string(1, 16_383, "甲试验膜业有限公司").unwrap();
        let with_password = [b"\xD0\xCF\x11\xE0".to_vec(), "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect()].concat();
        for (file, bytes, expected) in [
            ("a.xlsx", b"PK\x03\x04 and then nothing that makes sense".to_vec(), TableProblem::NotAWorkbook),
            ("a.xlsx", "企业名称,省份\n甲,乙\n".as_bytes().to_vec(), TableProblem::NotAWorkbook),
            ("a.csv", b"<html><table></table></html>".to_vec(), TableProblem::NotAWorkbook),
            ("a.xls", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), TableProblem::OldWorkbook),
            ("a.xlsx", with_password, TableProblem::Encrypted),
            ("a.xlsx", workbook(&[&["颜色", "尺寸"], &["红", "大"]]), TableProblem::NoKnownColumn),
            ("a.csv", "颜色,尺寸\n红,大\n".as_bytes().to_vec(), TableProblem::NoKnownColumn),
            ("a.xlsx", workbook(&[]), TableProblem::Empty),
            ("a.csv", Vec::new(), TableProblem::Empty),
            ("a.csv", "只有一列\n甲\n".as_bytes().to_vec(), TableProblem::NoHeader),
            ("a.csv", "企业名称,省份\n\"甲,乙\n丙,丁\n".as_bytes().to_vec(), TableProblem::Syntax { row: 2 }),
            ("a.csv", [("企业名称,省份\n甲,".as_bytes()), b"\xff\xff\n"].concat(), TableProblem::Encoding { row: 2 }),
            ("a.xlsx", far.save_to_buffer().unwrap(), TableProblem::TooManyColumns { column: "XFD".to_owned(), limit: 256 }),
            ("a.csv", vec![b'a'; 64 * 1024 * 1024 + 1], TableProblem::TooLarge { limit_bytes: 64 * 1024 * 1024 }),
        ] {
            let size = bytes.len();
            let problem = refusal(zone.service.upload_enterprises(&officer, file, bytes).await);
            assert_eq!(problem, Problem::Table { problem: expected }, "{file}, {size} bytes");
        }
        let bomb = zip_bomb();
        assert!(bomb.len() < 200_000);
        let problem = refusal(zone.service.upload_enterprises(&officer, "a.xlsx", bomb).await);
        assert!(matches!(problem, Problem::Table { problem: TableProblem::ZipBomb { .. } }), "{problem:?}");
        assert_eq!(import_job::Entity::find().count(zone.tables()).await.unwrap(), 0);
        assert_eq!((companies(&zone).await, zone.audit_rows().await), before);
    }

    a_mapping_must_have_a_name_and_nothing_twice(zone) {
        let officer = officer(&zone).await;
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        let name = Some(EnterpriseField::Name);
        for (mapping, expected) in [
            (vec![None; 8], Problem::Table { problem: TableProblem::NoNameColumn }),
            (Vec::new(), Problem::Table { problem: TableProblem::NoNameColumn }),
            (vec![name, name], Problem::invalid("name", FieldProblemKind::Taken)),
            (vec![name; 9], Problem::invalid("mapping", FieldProblemKind::Unknown)),
        ] {
            let start = ImportStart { job_id: id, mapping };
            assert_eq!(refusal(zone.service.start_import(&officer, start).await), expected);
        }
        assert_eq!(zone.service.import_job(&officer, id).await.unwrap().status, ImportStatus::Uploaded);
        // Taken as confirmed, not as recognised: here only the name.
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping: vec![name, None, None, None, None, None, None, None] }).await.unwrap();
        zone.service.run_next_import(&mut |_| {}).await.unwrap();
        let first = company(&zone, "甲试验膜业有限公司").await;
        assert_eq!((first.credit_code, first.province), (None, None));
    }

    an_empty_cell_leaves_alone_what_is_there(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        let before = company(&zone, "甲试验膜业有限公司").await;
        let other = "企业名称,城市,员工人数,主营产品\n甲试验膜业有限公司,无锡市,,\n乙试验泵业有限公司,,81,\n";
        let job = zone.import(&officer, "其他.csv", other.as_bytes().to_vec()).await;
        assert_eq!(counts(job.summary), (0, 2, 0, 0));
        let after = company(&zone, "甲试验膜业有限公司").await;
        assert_eq!((after.id, after.version, after.city.as_deref()), (before.id, before.version + 1, Some("无锡市")));
        assert_eq!((after.staff, after.revenue_wan, after.credit_code), (before.staff, before.revenue_wan, before.credit_code));
        assert_eq!(products(&zone, after.id).await, ["离子交换膜", "垫片"], "a list without products wipes none");
        let second = company(&zone, "乙试验泵业有限公司").await;
        assert_eq!((second.city.as_deref(), second.staff), (Some("杭州市"), Some(81)));
        let third = "企业名称,主营产品\n甲试验膜业有限公司,质子膜\n";
        zone.import(&officer, "再次.csv", third.as_bytes().to_vec()).await;
        assert_eq!(products(&zone, after.id).await, ["质子膜"], "a list with products replaces them");
        let leftovers = chain_match::Entity::find()
            .filter(chain_match::Column::EnterpriseId.eq(after.id))
            .filter(chain_match::Column::Product.eq("离子交换膜"))
            .count(zone.tables()).await.unwrap();
        assert_eq!(leftovers, 0, "nor do the chains remember the old ones");
    }

    an_import_starts_once(zone) {
        let officer = officer(&zone).await;
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        let start = || ImportStart { job_id: id, mapping: vec![Some(EnterpriseField::Name)] };
        let (one, two) = tokio::join!(zone.service.start_import(&officer, start()), zone.service.start_import(&officer, start()));
        assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
        assert_eq!(refusal(if one.is_ok() { two } else { one }), Problem::ImportNotReady);
        assert_eq!(refusal(zone.service.start_import(&officer, start()).await), Problem::ImportNotReady);
        zone.service.run_next_import(&mut |_| {}).await.unwrap();
        assert_eq!(refusal(zone.service.start_import(&officer, start()).await), Problem::ImportNotReady);
    }

    two_workers_share_the_queue(zone) {
        let officer = officer(&zone).await;
        for number in 0..4 {
            let table = format!("企业名称,省份\n第{number}试验膜业有限公司,江苏\n共同试验泵业有限公司,浙江\n");
            let id = zone.service.upload_enterprises(&officer, "名单.csv", table.into_bytes()).await.unwrap();
            let mapping = vec![Some(EnterpriseField::Name), Some(EnterpriseField::Province)];
            zone.service.start_import(&officer, ImportStart { job_id: id, mapping }).await.unwrap();
        }
        let work = async || while zone.service.run_next_import(&mut |_| {}).await.unwrap() {};
        tokio::join!(work(), work());
        let jobs = zone.service.import_jobs(&officer).await.unwrap();
        assert!(jobs.iter().all(|job| job.status == ImportStatus::Finished), "{jobs:?}");
        let common = enterprise::Entity::find().filter(enterprise::Column::Name.eq("共同试验泵业有限公司"));
        assert_eq!(common.count(zone.tables()).await.unwrap(), 1, "a company that two files bring at once is one company");
    }

    a_dead_worker_s_import_is_taken_up_again(zone) {
        let officer = officer(&zone).await;
        let mut table = "企业名称,省份,主营产品\n".to_owned();
        for number in 0..1200 {
            table.push_str(&format!("第{number}试验膜业有限公司,江苏,第{number}种垫片\n"));
        }
        table.push_str(",江苏,没有名称\n");
        let half: String = table.lines().take(601).flat_map(|line| [line, "\n"]).collect();
        zone.import(&officer, "一半.csv", half.into_bytes()).await;
        let id = zone.service.upload_enterprises(&officer, "全部.csv", table.clone().into_bytes()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        let mapping = preview.columns.iter().map(|column| column.field).collect();
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping }).await.unwrap();
        // As a worker leaves it that died after its first batch.
        let set = async |leased_until| {
            let job = import_job::Entity::find_by_id(id).one(zone.tables()).await.unwrap().unwrap();
            let mut change: import_job::ActiveModel = job.into();
            change.status = Set(ImportStatus::Running.key().to_owned());
            change.done = Set(500);
            change.leased_until = Set(Some(leased_until));
            change.update(zone.tables()).await.unwrap();
        };
        import_refusal::ActiveModel {
            import_job_id: Set(id), row: Set(1202), field: Set(Some("name".to_owned())), value: Set(String::new()),
            kind: Set(serde_json::json!({ "code": "empty_name" })), cells: Set(serde_json::json!(["", "江苏", "没有名称"])),
            ..Default::default()
        }.insert(zone.tables()).await.unwrap();
        set(zone.service.now() + Duration::seconds(1)).await;
        assert!(!zone.service.run_next_import(&mut |_| {}).await.unwrap(), "the lease still runs");
        set(zone.service.now() - Duration::seconds(1)).await;
        assert!(zone.service.run_next_import(&mut |_| {}).await.unwrap());
        let job = zone.service.import_job(&officer, id).await.unwrap();
        assert_eq!((job.status, job.done), (ImportStatus::Finished, 1201));
        assert_eq!(counts(job.summary), (600, 0, 600, 1));
        assert_eq!(zone.service.refused_rows(&officer, id, 0).await.unwrap().total, 1, "no refusal is kept twice");
        let resumed = companies(&zone).await;
        let again = zone.import(&officer, "全部.csv", table.into_bytes()).await;
        assert_eq!(counts(again.summary), (0, 0, 1200, 1));
        assert_eq!(companies(&zone).await, resumed);
    }

    somebody_else_s_import_is_not_there(zone) {
        let officer = officer(&zone).await;
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        let start = || ImportStart { job_id: id, mapping: vec![Some(EnterpriseField::Name)] };
        for (login, expected) in [
            ("officer-east-2", Problem::NotFound),
            ("chief-east", Problem::NotFound),
            ("officer-north", Problem::NotFound),
            ("delegate", Problem::Forbidden),
            ("viewer", Problem::Forbidden),
            ("leader", Problem::Forbidden),
        ] {
            let actor = zone.actor(login).await;
            assert_eq!(refusal(zone.service.import_job(&actor, id).await), expected, "{login}");
            assert_eq!(refusal(zone.service.import_preview(&actor, id, None).await), expected, "{login}");
            assert_eq!(refusal(zone.service.start_import(&actor, start()).await), expected, "{login}");
            assert_eq!(refusal(zone.service.refused_rows(&actor, id, 0).await), expected, "{login}");
            assert_eq!(refusal(zone.service.refused_table(&actor, id).await), expected, "{login}");
            match zone.service.import_jobs(&actor).await {
                Ok(jobs) => assert_eq!((jobs.len(), &expected), (0, &Problem::NotFound), "{login}"),
                refused => assert_eq!(refusal(refused), expected, "{login}"),
            }
        }
        let admin = zone.actor("admin").await;
        assert_eq!(zone.service.import_job(&admin, id).await.unwrap().by, "林演示");
        assert_eq!(zone.service.import_jobs(&admin).await.unwrap().len(), 1);
        assert_eq!(refusal(zone.service.import_job(&admin, i64::MAX).await), Problem::NotFound);
        assert_eq!(zone.service.import_job(&officer, id).await.unwrap().status, ImportStatus::Uploaded, "nobody started it");
    }

    who_may_not_import_keeps_nothing_here(zone) {
        for login in ["delegate", "viewer", "leader"] {
            let actor = zone.actor(login).await;
            let problem = refusal(zone.service.upload_enterprises(&actor, "名单.csv", TABLE.as_bytes().to_vec()).await);
            assert_eq!(problem, Problem::Forbidden, "{login}");
        }
        assert_eq!(import_job::Entity::find().count(zone.tables()).await.unwrap(), 0);
    }

    namesakes_with_codes_of_their_own_are_two_companies(zone) {
        let officer = officer(&zone).await;
        // Far apart, so that they come in two batches, and the other way round the second time.
        let one = "同名试验有限公司,91350100M000100Y43,甲地";
        let two = "同名试验有限公司,91310000MA1FL0AB1Q,乙地";
        let two = match domain::enterprise::check_credit_code("91310000MA1FL0AB1Q") {
            Err(domain::enterprise::CreditCodeProblem::Check { expected }) => format!("同名试验有限公司,91310000MA1FL0AB1{expected},乙地"),
            _ => two.to_owned(),
        };
        let table = |first: &str, last: &str| {
            let mut table = format!("企业名称,统一社会信用代码,地址\n{first}\n");
            for number in 0..600 {
                table.push_str(&format!("第{number}试验膜业有限公司,,\n"));
            }
            table.push_str(last);
            table.into_bytes()
        };
        let job = zone.import(&officer, "a.csv", table(one, &two)).await;
        assert_eq!(counts(job.summary), (602, 0, 0, 0));
        let before = companies(&zone).await;
        let job = zone.import(&officer, "b.csv", table(&two, one)).await;
        assert_eq!(counts(job.summary), (0, 0, 602, 0));
        assert_eq!(companies(&zone).await, before);
    }

    a_row_that_two_companies_could_be_does_not_stop_the_import(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        // The credit code of one company with the stock code of another.
        let table = "企业名称,统一社会信用代码,证券代码,城市\n\
            甲试验膜业有限公司,91350100M000100Y43,990001,南京市\n\
            戊试验化工有限公司,,,上海市\n";
        let job = zone.import(&officer, "冲突.csv", table.as_bytes().to_vec()).await;
        assert!(matches!(job.status, ImportStatus::Finished | ImportStatus::Failed), "{job:?}");
        let codes = enterprise::Entity::find().filter(enterprise::Column::StockCode.eq("990001"));
        assert_eq!(codes.count(zone.tables()).await.unwrap(), 1);
        let job = zone.import(&officer, "之后.csv", "企业名称,城市\n己试验化工有限公司,上海市\n".as_bytes().to_vec()).await;
        assert_eq!(job.status, ImportStatus::Finished, "the queue goes on");
    }

    two_rows_that_mean_one_company_do_not_double_its_products(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        // One row finds the company by its stock code under a new name, the other by its old name.
        let table = "企业名称,证券代码,主营产品\n乙新名泵业有限公司,990001,磁力泵；屏蔽泵\n乙试验泵业有限公司,,磁力泵；屏蔽泵；计量泵\n";
        zone.import(&officer, "改名.csv", table.as_bytes().to_vec()).await;
        for row in enterprise::Entity::find().filter(enterprise::Column::Name.contains("泵业")).all(zone.tables()).await.unwrap() {
            let own = products(&zone, row.id).await;
            let different: BTreeSet<&String> = own.iter().collect();
            assert_eq!(different.len(), own.len(), "{}: {own:?}", row.name);
        }
        let renamed = enterprise::Entity::find().filter(enterprise::Column::StockCode.eq("990001")).all(zone.tables()).await.unwrap();
        assert_eq!(renamed.len(), 1);
    }
}

/// The real files: the exchange's list, then the directory, then both again.
async fn real_files(backend: Backend) {
    let (Some(listed), Some(directory)) = (
        shared_data("szse_listed_companies.xlsx"),
        shared_data("enterprises.jsonl"),
    ) else {
        return;
    };
    let Some(zone) = common::demo_zone(backend).await else {
        return;
    };
    let admin = zone.actor("admin").await;
    let run = async |name: &str, path: &std::path::Path| {
        let job = zone
            .import(&admin, name, std::fs::read(path).unwrap())
            .await;
        assert_eq!(job.status, ImportStatus::Finished, "{:?}", job.problem);
        let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
        for refused in zone
            .service
            .refused_rows(&admin, job.id, 0)
            .await
            .unwrap()
            .rows
        {
            let code = serde_json::to_value(&refused.kind).unwrap()["code"].to_string();
            *kinds
                .entry(format!("{:?} {code}", refused.field))
                .or_default() += 1;
        }
        eprintln!("{backend:?} {name}: {:?}; refused {kinds:?}", job.summary);
        counts(job.summary)
    };
    let first = run("szse.xlsx", &listed).await;
    assert_eq!(first.0 + first.1 + first.2 + first.3, 2882);
    let second = run("enterprises.jsonl", &directory).await;
    assert_eq!(second.0 + second.1 + second.2 + second.3, 5087);
    assert!(
        second.1 > 2000,
        "most of the listed companies are known from the first file: {second:?}"
    );
    let between = companies(&zone).await;
    let third = run("szse.xlsx", &listed).await;
    for row in companies(&zone)
        .await
        .iter()
        .filter(|row| !between.contains(row))
    {
        eprintln!(
            "the sources disagree about {}",
            row.chars().take(900).collect::<String>()
        );
    }
    let fourth = run("enterprises.jsonl", &directory).await;
    assert_eq!((third.0, fourth.0), (0, 0), "nothing is inserted twice");
    assert_eq!((third.3, fourth.3), (first.3, second.3));
    // Where the sources disagree, each import writes its own word, and only there.
    assert_eq!(third.1, fourth.1);
    let settled = companies(&zone).await;
    let fifth = run("enterprises.jsonl", &directory).await;
    assert_eq!(
        fifth,
        (0, 0, fourth.1 + fourth.2, fourth.3),
        "the same file twice in a row changes nothing"
    );
    assert_eq!(companies(&zone).await, settled);
    let codes: Vec<String> = enterprise::Entity::find()
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .filter_map(|row| row.stock_code)
        .collect();
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len());
    zone.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_files_sqlite() {
    real_files(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_files_postgres() {
    real_files(Backend::Postgres).await;
}
