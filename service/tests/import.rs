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
        EnterpriseField, EnterpriseQuery, ImportStart, ImportStatus, ImportSummary, KeptReason,
        MappingBasis, RowProblemKind, RowVerdict, UndoSummary,
    },
    problem::{FieldProblemKind, ImportUndoRefusal, Problem, TableProblem},
};
use entity::{
    audit, chain_match, chain_scenario, enterprise, enterprise_product, import_job, import_refusal,
    match_decision, outbox,
};
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

/// 1301 rows in three batches: 1299 companies, one without a name, one twice.
fn long_table() -> Vec<u8> {
    let mut table = "企业名称,省份,主营产品\n".to_owned();
    for number in 0..1299 {
        table.push_str(&format!(
            "第{number}试验膜业有限公司,江苏,第{number}种垫片；离子交换膜\n"
        ));
    }
    // The row that it repeats lies in the first batch.
    table.push_str(",江苏,没有名称\n第7试验膜业有限公司,江苏,\n");
    table.into_bytes()
}

/// Uploads a file and starts it with its columns as recognised.
async fn started(zone: &Zone, actor: &Actor, file: &str, bytes: Vec<u8>) -> i64 {
    let id = zone
        .service
        .upload_enterprises(actor, file, bytes)
        .await
        .unwrap();
    let preview = zone.service.import_preview(actor, id, None).await.unwrap();
    let mapping = preview.columns.iter().map(|column| column.field).collect();
    zone.service
        .start_import(
            actor,
            ImportStart {
                job_id: id,
                mapping,
                is_local: false,
            },
        )
        .await
        .unwrap();
    id
}

/// Companies as [`companies`] has them, without the instants at which they were written.
async fn comparable(zone: &Zone) -> Vec<String> {
    companies(zone)
        .await
        .into_iter()
        .map(|row| {
            row.split(", created_at")
                .next()
                .unwrap_or_default()
                .to_owned()
        })
        .collect()
}

async fn refusals(zone: &Zone, id: i64) -> Vec<(i32, Option<String>, String, String)> {
    import_refusal::Entity::find()
        .filter(import_refusal::Column::ImportJobId.eq(id))
        .order_by_asc(import_refusal::Column::Id)
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|row| {
            (
                row.row,
                row.field,
                row.kind.to_string(),
                row.cells.to_string(),
            )
        })
        .collect()
}

/// What the chains know, company by company.
async fn matches(zone: &Zone) -> Vec<(i64, i64, String)> {
    let mut rows: Vec<_> = chain_match::Entity::find()
        .all(zone.tables())
        .await
        .unwrap()
        .into_iter()
        .map(|row| (row.enterprise_id, row.node_id, row.product))
        .collect();
    rows.sort();
    rows
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
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping, is_local: false }).await.unwrap();
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
                said.push(format!("{:?} {:?}", products(&zone, row.id).await, enterprise::Model { id: 0, source: String::new(), field_sources: None, ..row }));
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
        let table = zone.service.refused_table(&officer, id).await.unwrap();
        assert_eq!(table.file_name, "名单.csv");
        assert_eq!(table.header, ["企业名称", "统一社会信用代码", "上市日期", "员工人数", "备注"]);
        assert_eq!(table.rows.iter().map(|row| (row.row, row.reasons.len())).collect::<Vec<_>>(), [(3, 1), (4, 1), (6, 2), (7, 1)]);
        assert_eq!(table.rows[1].cells, ["乙试验泵业有限公司", "91350100M000100Y44", "", "30", "c"], "the cells as they were, to be mended");
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
            let start = ImportStart { job_id: id, mapping, is_local: false };
            assert_eq!(refusal(zone.service.start_import(&officer, start).await), expected);
        }
        assert_eq!(zone.service.import_job(&officer, id).await.unwrap().status, ImportStatus::Uploaded);
        // Taken as confirmed, not as recognised: here only the name.
        zone.service.start_import(&officer, ImportStart { job_id: id, mapping: vec![name, None, None, None, None, None, None, None], is_local: false }).await.unwrap();
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
        let start = || ImportStart { job_id: id, mapping: vec![Some(EnterpriseField::Name)], is_local: false };
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
            zone.service.start_import(&officer, ImportStart { job_id: id, mapping, is_local: false }).await.unwrap();
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
        let table = long_table();
        // Once without a break, as the measure; then taken back.
        let whole = zone.import(&officer, "全部.csv", table.clone()).await;
        let expected = (comparable(&zone).await, refusals(&zone, whole.id).await);
        zone.service.undo_import(&officer, whole.id).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        let id = started(&zone, &officer, "全部.csv", table).await;
        // Each server dies after its first batch, in the middle of the next one.
        let mut deaths = 0;
        loop {
            let (committed, waits) = tokio::sync::oneshot::channel();
            let mut committed = Some(committed);
            let mut heard = Vec::new();
            let mut progress = |progress: service::enterprise::ImportProgress| {
                heard.push(progress.done);
                if let Some(committed) = committed.take() {
                    let _ = committed.send(());
                }
            };
            let over = tokio::select! {
                biased;
                Ok(()) = waits => false,
                worked = zone.service.run_next_import(&mut progress) => { assert!(worked.unwrap()); true }
            };
            if over {
                break;
            }
            deaths += 1;
            assert_eq!(heard.len(), 1);
            let job = zone.service.import_job(&officer, id).await.unwrap();
            assert_eq!((job.status, job.done), (ImportStatus::Running, heard[0]));
            let seen = job.summary.unwrap();
            assert_eq!(seen.inserted + seen.updated + seen.unchanged + seen.refused, job.done, "the summary is that of the rows done");
            let page = zone.service.enterprises(&officer, EnterpriseQuery::default()).await.unwrap();
            assert_eq!(page.importing.map(|running| (running.is_undo, running.done, running.total)), Some((false, job.done, job.total)));
            assert!(!zone.service.run_next_import(&mut |_| {}).await.unwrap(), "the lease still runs");
            zone.pass(Duration::seconds(61));
        }
        assert!(deaths >= 2, "{deaths}");
        let job = zone.service.import_job(&officer, id).await.unwrap();
        assert_eq!((job.status, job.done), (ImportStatus::Finished, 1301));
        let untimed = |summary: Option<ImportSummary>| ImportSummary { milliseconds: 0, ..summary.unwrap() };
        assert_eq!(untimed(job.summary), untimed(whole.summary), "told as if nothing had happened");
        assert_eq!(refusals(&zone, id).await, expected.1, "no refusal is kept twice");
        assert_eq!(comparable(&zone).await, expected.0);
        let page = zone.service.enterprises(&officer, EnterpriseQuery::default()).await.unwrap();
        assert_eq!(page.importing, None);
    }

    a_worker_that_lost_its_lease_writes_nothing(zone) {
        let officer = officer(&zone).await;
        let id = started(&zone, &officer, "全部.csv", long_table()).await;
        // The first worker stands still after its first batch; the second one does the rest; then the first one wakes up.
        let clock = std::sync::Arc::clone(&zone.clock);
        let other = zone.service.clone();
        let runtime = tokio::runtime::Handle::current();
        let mut second = None;
        let mut progress = |progress: service::enterprise::ImportProgress| {
            if second.is_none() {
                *clock.lock().unwrap() += Duration::seconds(61);
                let other = other.clone();
                let outcome = tokio::task::block_in_place(|| runtime.block_on(async move { other.run_next_import(&mut |_| {}).await }));
                second = Some((progress.done, outcome.unwrap()));
            } else {
                panic!("a second batch of the first worker: {progress:?}");
            }
        };
        assert!(zone.service.run_next_import(&mut progress).await.unwrap());
        assert_eq!(second, Some((500, true)));
        let job = zone.service.import_job(&officer, id).await.unwrap();
        assert_eq!((job.status, job.done), (ImportStatus::Finished, 1301));
        assert_eq!(counts(job.summary), (1299, 0, 0, 2));
        let made = enterprise::Entity::find().filter(enterprise::Column::Source.eq("全部.csv"));
        assert_eq!(made.count(zone.tables()).await.unwrap(), 1299);
    }

    confirmed_columns_are_remembered_for_the_same_header_row(zone) {
        let officer = officer(&zone).await;
        let table = "单位,企 业 名 称,省份,备注\n甲部,甲试验膜业有限公司,江苏,苏州市\n".as_bytes().to_vec();
        let id = zone.service.upload_enterprises(&officer, "a.csv", table.clone()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        assert_eq!(preview.basis, MappingBasis::Guessed);
        let guess = vec![None, Some(EnterpriseField::Name), Some(EnterpriseField::Province), None];
        assert_eq!(preview.guess, guess);
        let chosen = vec![None, Some(EnterpriseField::Name), Some(EnterpriseField::Province), Some(EnterpriseField::City)];
        let looked = zone.service.import_preview(&officer, id, Some(chosen.clone())).await.unwrap();
        assert_eq!(looked.basis, MappingBasis::Chosen);
        let start = ImportStart { job_id: id, mapping: chosen.clone(), is_local: false };
        zone.service.start_import(&officer, start).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        // Another person, another day, the same headers with other spaces: the same columns, and who chose them.
        zone.pass(Duration::days(1));
        let chief = zone.actor("chief-east").await;
        let spaced = "单位*,企业名称,省  份,备注,\n乙部,乙试验泵业有限公司,浙江,杭州市\n".as_bytes().to_vec();
        let id = zone.service.upload_enterprises(&chief, "b.csv", spaced).await.unwrap();
        let preview = zone.service.import_preview(&chief, id, None).await.unwrap();
        assert_eq!(preview.basis, MappingBasis::Remembered { by: officer.name.clone(), used_at: common::morning() });
        assert_eq!(preview.columns.iter().map(|column| column.field).collect::<Vec<_>>(), chosen);
        assert_eq!(preview.rows[0].city, "杭州市");
        // The way back, and that is what the next file gets.
        let back = zone.service.import_preview(&chief, id, Some(preview.guess)).await.unwrap();
        assert_eq!((back.basis, back.rows[0].city.as_str()), (MappingBasis::Guessed, ""));
        zone.service.start_import(&chief, ImportStart { job_id: id, mapping: guess, is_local: false }).await.unwrap();
        let id = zone.service.upload_enterprises(&officer, "c.csv", table).await.unwrap();
        assert_eq!(zone.service.import_preview(&officer, id, None).await.unwrap().basis, MappingBasis::Guessed);
        // Another order is another header row.
        let other = "企业名称,单位,省份,备注\n丙试验重工有限公司,丙部,四川,成都市\n".as_bytes().to_vec();
        let id = zone.service.upload_enterprises(&officer, "d.csv", other).await.unwrap();
        assert_eq!(zone.service.import_preview(&officer, id, None).await.unwrap().basis, MappingBasis::Guessed);
    }

    refused_rows_come_back_mended(zone) {
        let officer = officer(&zone).await;
        let table = "企业名称,统一社会信用代码,备注\n\
            甲试验膜业有限公司,,a\n\
            乙试验泵业有限公司,91350100M000100Y44,=cmd|'/C calc'!A0\n\
            ,,\"多\n行\"\n\
            甲试验膜业有限公司,,重\n";
        let job = zone.import(&officer, "名单.csv", table.as_bytes().to_vec()).await;
        assert_eq!(counts(job.summary), (1, 0, 0, 3));
        let refused = zone.service.refused_table(&officer, job.id).await.unwrap();
        assert_eq!(refused.rows.iter().map(|row| row.row).collect::<Vec<_>>(), [3, 4, 6]);
        assert_eq!(refused.rows[0].cells[2], "=cmd|'/C calc'!A0");
        // As the server writes it, with the code mended, the second row still without a name, and the third one's name changed.
        let mended = "\u{feff}企业名称,统一社会信用代码,备注,行号,字段,原因\n\
            乙试验泵业有限公司,91350100M000100Y43,'=cmd|'/C calc'!A0,3,统一社会信用代码,校验位应为 3\n\
            ,,\"多\n行\",4,企业名称,企业名称为空\n\
            戊试验化工有限公司,,重,6,企业名称,与第 2 行是同一家\n";
        let id = zone.service.upload_enterprises(&officer, "refused.csv", mended.as_bytes().to_vec()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        assert!(preview.mended);
        assert_eq!(preview.columns.len(), 3, "the added columns are not there");
        assert_eq!(preview.rows.iter().map(|row| row.number).collect::<Vec<_>>(), [3, 4, 6], "numbers of the first file");
        let job = zone.finish_import(&officer, id).await;
        assert_eq!(counts(job.summary), (2, 0, 0, 1));
        let again = zone.service.refused_table(&officer, id).await.unwrap();
        assert_eq!(again.header, ["企业名称", "统一社会信用代码", "备注"]);
        assert_eq!(again.rows.iter().map(|row| (row.row, row.cells.as_slice())).collect::<Vec<_>>(), [(4, ["".to_owned(), String::new(), "多\n行".to_owned()].as_slice())]);
        company(&zone, "戊试验化工有限公司").await;
        assert_eq!(company(&zone, "乙试验泵业有限公司").await.credit_code.as_deref(), Some("91350100M000100Y43"));
    }

    an_import_is_taken_back_whole(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        let before = comparable(&zone).await;
        let matches = matches(&zone).await;
        let first = company(&zone, "甲试验膜业有限公司").await;
        // Updates with products, a new name and codes, and more companies than a batch.
        let mut table = "企业名称,统一社会信用代码,证券代码,省份,城市,主营产品,营业收入,员工人数\n\
            甲试验膜业有限公司,91350100M000100Y43,990007,浙江,湖州市,质子膜；双极板,1,1\n\
            乙更名泵业有限公司,,990001,福建,福州市,屏蔽泵,2,2\n\
            丙试验重工䶮有限公司,,990009,四川,绵阳市,轧机,3,3\n".to_owned();
        for number in 0..700 {
            table.push_str(&format!("第{number}试验膜业有限公司,,,江苏,苏州市,离子交换膜,5,5\n"));
        }
        let job = zone.import(&officer, "更新.csv", table.clone().into_bytes()).await;
        assert_eq!(counts(job.summary), (700, 3, 0, 0));
        assert!(job.may_undo);
        assert_ne!(comparable(&zone).await, before);
        let report = zone.service.undo_report(&officer, job.id).await.unwrap();
        let whole = UndoSummary { removed: 700, restored: 3, kept: 0 };
        assert_eq!(report.summary, whole);
        assert_eq!(report.kept, []);
        assert_ne!(comparable(&zone).await, before, "a report writes nothing");
        let outbox_before = outbox::Entity::find().count(zone.tables()).await.unwrap();
        zone.service.undo_import(&officer, job.id).await.unwrap();
        assert_eq!(zone.service.import_job(&officer, job.id).await.unwrap().status, ImportStatus::Undoing);
        let mut heard = Vec::new();
        assert!(zone.service.run_next_import(&mut |progress| heard.push((progress.done, progress.total))).await.unwrap());
        assert_eq!(heard, [(500, 703), (703, 703)]);
        let undone = zone.service.import_job(&officer, job.id).await.unwrap();
        assert_eq!((undone.status, undone.may_undo), (ImportStatus::Undone, false));
        let state = undone.undo.unwrap();
        assert_eq!((state.by.as_str(), state.total, state.summary), ("林演示", 703, whole));
        assert_eq!(comparable(&zone).await, before, "every field, every product");
        assert_eq!(self::matches(&zone).await, matches, "and every match");
        let restored = company(&zone, "甲试验膜业有限公司").await;
        assert_eq!((restored.id, restored.version), (first.id, first.version + 2), "a version of its own");
        assert_eq!(outbox::Entity::find().count(zone.tables()).await.unwrap(), outbox_before + 703, "the search engine hears of each");
        let told = audit::Entity::find().filter(audit::Column::Entity.eq("import_job")).filter(audit::Column::EntityId.eq(job.id))
            .order_by_asc(audit::Column::Id).all(zone.tables()).await.unwrap();
        assert_eq!(told.iter().map(|row| row.action.as_str()).collect::<Vec<_>>(), ["upload", "import", "ask_undo", "undo"]);
        assert_eq!(told[2].account_id, Some(officer.account_id));
        // Twice is refused, whoever asks.
        for actor in [&officer, &zone.actor("admin").await] {
            let problem = refusal(zone.service.undo_import(actor, job.id).await);
            assert_eq!(problem, Problem::UndoRefused { reason: ImportUndoRefusal::Already });
        }
        // The same file can come again.
        let again = zone.import(&officer, "更新.csv", table.into_bytes()).await;
        assert_eq!(counts(again.summary), (700, 3, 0, 0));
    }

    what_something_hangs_on_stays_and_is_named(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        let table = "企业名称,省份,城市,主营产品,员工人数\n\
            甲试验膜业有限公司,江苏,无锡市,质子膜,7\n\
            乙试验泵业有限公司,浙江,宁波市,,8\n\
            有线索试验有限公司,江苏,,电解液,\n\
            有判定试验有限公司,江苏,,电解液,\n\
            有方案试验有限公司,江苏,,电解液,\n\
            又改过试验有限公司,江苏,,电解液,\n\
            没有人用试验有限公司,江苏,,电解液,\n";
        let job = zone.import(&officer, "更新.csv", table.as_bytes().to_vec()).await;
        assert_eq!(counts(job.summary), (5, 2, 0, 0));
        let with_lead = company(&zone, "有线索试验有限公司").await;
        zone.service.register_lead(&officer, domain::lead::NewLead {
            enterprise_id: with_lead.id, chain_node_id: None, bureau_id: None, title: "试验项目".to_owned(),
            investment_wan: None, land_mu: None, source: "试验".to_owned(),
        }).await.unwrap();
        let node = chain_match::Entity::find().one(zone.tables()).await.unwrap().unwrap();
        match_decision::ActiveModel {
            node_id: Set(node.node_id), enterprise_id: Set(company(&zone, "有判定试验有限公司").await.id), product: Set("电解液".to_owned()),
            verdict: Set("confirmed".to_owned()), note: Set(None), account_id: Set(officer.account_id), decided_at: Set(zone.service.now()),
            ..Default::default()
        }.insert(zone.tables()).await.unwrap();
        let landings = serde_json::json!([{ "name": "x", "node_id": node.node_id, "output": 1.0, "enterprise_id": company(&zone, "有方案试验有限公司").await.id }]);
        chain_scenario::ActiveModel {
            chain_id: Set(node.chain_id), name: Set("试验".to_owned()), landings: Set(landings), account_id: Set(officer.account_id),
            created_at: Set(zone.service.now()), ..Default::default()
        }.insert(zone.tables()).await.unwrap();
        zone.import(&officer, "之后.csv", "企业名称,员工人数\n又改过试验有限公司,9\n乙试验泵业有限公司,99\n".as_bytes().to_vec()).await;
        let report = zone.service.undo_report(&officer, job.id).await.unwrap();
        zone.service.undo_import(&officer, job.id).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        let done = zone.service.undo_report(&officer, job.id).await.unwrap();
        assert_eq!(done, report, "what was announced is what was done");
        assert_eq!(report.summary, UndoSummary { removed: 1, restored: 1, kept: 5 });
        let kept: BTreeMap<&str, (bool, KeptReason)> = done.kept.iter().map(|one| (one.name.as_str(), (one.is_new, one.reason))).collect();
        assert_eq!(kept, BTreeMap::from([
            ("有线索试验有限公司", (true, KeptReason::Lead)),
            ("有判定试验有限公司", (true, KeptReason::Decision)),
            ("有方案试验有限公司", (true, KeptReason::Scenario)),
            ("又改过试验有限公司", (true, KeptReason::ChangedSince)),
            ("乙试验泵业有限公司", (false, KeptReason::ChangedSince)),
        ]));
        for name in kept.keys() {
            company(&zone, name).await;
        }
        let gone = enterprise::Entity::find().filter(enterprise::Column::Name.eq("没有人用试验有限公司"));
        assert_eq!(gone.count(zone.tables()).await.unwrap(), 0);
        let restored = company(&zone, "甲试验膜业有限公司").await;
        assert_eq!((restored.city.as_deref(), restored.staff), (Some("苏州市"), Some(120)));
        assert_eq!(products(&zone, restored.id).await, ["离子交换膜", "垫片"]);
        assert_eq!(company(&zone, "乙试验泵业有限公司").await.staff, Some(99));
    }

    imports_are_taken_back_one_after_the_other(zone) {
        let officer = officer(&zone).await;
        let before = comparable(&zone).await;
        let one = zone.import(&officer, "一.csv", "企业名称,员工人数\n甲试验膜业有限公司,1\n乙试验泵业有限公司,1\n".as_bytes().to_vec()).await;
        let between = comparable(&zone).await;
        let two = zone.import(&officer, "二.csv", "企业名称,员工人数\n甲试验膜业有限公司,2\n".as_bytes().to_vec()).await;
        let undo = async |id| {
            zone.service.undo_import(&officer, id).await.unwrap();
            while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
            zone.service.undo_report(&officer, id).await.unwrap().summary
        };
        assert_eq!(undo(two.id).await, UndoSummary { removed: 0, restored: 1, kept: 0 });
        assert_eq!(comparable(&zone).await, between);
        assert_eq!(undo(one.id).await, UndoSummary { removed: 2, restored: 0, kept: 0 }, "what the later one did is undone, so it is as the earlier one left it");
        assert_eq!(comparable(&zone).await, before);
    }

    a_former_code_that_another_company_has_stays_there(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "一.csv", "企业名称,证券代码,统一社会信用代码\n甲试验膜业有限公司,990001,91350100M000100Y43\n".as_bytes().to_vec()).await;
        let job = zone.import(&officer, "二.csv", "企业名称,证券代码,统一社会信用代码\n甲试验膜业有限公司,990002,91350100M000100Y43\n".as_bytes().to_vec()).await;
        zone.import(&officer, "三.csv", "企业名称,证券代码\n乙试验泵业有限公司,990001\n".as_bytes().to_vec()).await;
        zone.service.undo_import(&officer, job.id).await.unwrap();
        while zone.service.run_next_import(&mut |_| {}).await.unwrap() {}
        let report = zone.service.undo_report(&officer, job.id).await.unwrap();
        assert_eq!(report.summary, UndoSummary { removed: 0, restored: 0, kept: 1 });
        assert_eq!(report.kept[0].reason, KeptReason::CodeTaken);
        assert_eq!(company(&zone, "甲试验膜业有限公司").await.stock_code.as_deref(), Some("990002"));
    }

    a_worker_dies_while_it_takes_back(zone) {
        let officer = officer(&zone).await;
        let before = comparable(&zone).await;
        let job = zone.import(&officer, "全部.csv", long_table()).await;
        zone.service.undo_import(&officer, job.id).await.unwrap();
        let (committed, waits) = tokio::sync::oneshot::channel();
        let mut committed = Some(committed);
        let mut progress = |_: service::enterprise::ImportProgress| { if let Some(committed) = committed.take() { let _ = committed.send(()); } };
        tokio::select! {
            biased;
            Ok(()) = waits => {}
            worked = zone.service.run_next_import(&mut progress) => panic!("{worked:?}"),
        }
        let half = zone.service.import_job(&officer, job.id).await.unwrap();
        assert_eq!((half.status, half.undo.unwrap().summary.removed), (ImportStatus::Undoing, 500));
        assert!(!zone.service.run_next_import(&mut |_| {}).await.unwrap(), "the lease still runs");
        zone.pass(Duration::seconds(61));
        assert!(zone.service.run_next_import(&mut |_| {}).await.unwrap());
        let undone = zone.service.import_job(&officer, job.id).await.unwrap();
        assert_eq!((undone.status, undone.undo.unwrap().summary.removed), (ImportStatus::Undone, 1299));
        assert_eq!(comparable(&zone).await, before);
    }

    what_cannot_be_taken_back_says_why(zone) {
        let officer = officer(&zone).await;
        let refused = async |id| {
            let problem = refusal(zone.service.undo_import(&officer, id).await);
            assert_eq!(refusal(zone.service.undo_report(&officer, id).await), problem);
            assert!(!zone.service.import_job(&officer, id).await.unwrap().may_undo);
            problem
        };
        let because = |reason| Problem::UndoRefused { reason };
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        assert_eq!(refused(id).await, because(ImportUndoRefusal::NotEnded));
        zone.finish_import(&officer, id).await;
        for (login, expected) in [("officer-east-2", Problem::NotFound), ("viewer", Problem::Forbidden)] {
            let actor = zone.actor(login).await;
            assert_eq!(refusal(zone.service.undo_import(&actor, id).await), expected, "{login}");
            assert_eq!(refusal(zone.service.undo_report(&actor, id).await), expected, "{login}");
        }
        let same = zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        assert_eq!(refused(same.id).await, because(ImportUndoRefusal::NothingKept));
        zone.pass(Duration::days(31));
        assert_eq!(refused(id).await, because(ImportUndoRefusal::TooLate));
        zone.pass(Duration::days(-2));
        zone.service.undo_import(&zone.actor("admin").await, id).await.unwrap();
        assert_eq!(zone.service.import_job(&officer, id).await.unwrap().status, ImportStatus::Undoing);
    }

    a_preview_says_what_an_update_changes(zone) {
        let officer = officer(&zone).await;
        zone.import(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await;
        let table = "企业名称,城市,主营产品,员工人数\n甲试验膜业有限公司,无锡市,质子膜,120\n乙试验泵业有限公司,杭州市,磁力泵,\n";
        let id = zone.service.upload_enterprises(&officer, "a.csv", table.as_bytes().to_vec()).await.unwrap();
        let preview = zone.service.import_preview(&officer, id, None).await.unwrap();
        assert_eq!(counts(Some(preview.summary)), (0, 1, 1, 0));
        assert_eq!(preview.updated_rows.len(), 1);
        let changes: Vec<_> = preview.updated_rows[0].changes.iter().map(|change| (change.field, change.before.as_str(), change.after.as_str())).collect();
        assert_eq!(changes, [(EnterpriseField::City, "苏州市", "无锡市"), (EnterpriseField::Products, "离子交换膜；垫片", "质子膜")]);
        assert_eq!(preview.rows[1].changes, []);
    }

    somebody_else_s_import_is_not_there(zone) {
        let officer = officer(&zone).await;
        let id = zone.service.upload_enterprises(&officer, "名单.csv", TABLE.as_bytes().to_vec()).await.unwrap();
        let start = || ImportStart { job_id: id, mapping: vec![Some(EnterpriseField::Name)], is_local: false };
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
