//! Files that are broken on purpose, from a seeded generator: none brings the program down, each ends as an import with
//! a result for every row or as a refusal that has a sentence, and none takes much memory.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{Cursor, Write as _},
    sync::atomic::{AtomicU32, Ordering},
};

use common::Backend;
use domain::{
    account::Actor,
    enterprise::{ImportStart, ImportStatus},
    problem::Problem,
};
use rust_xlsxwriter::{Format, Formula, Workbook};
use service::Service;
use zip::write::{SimpleFileOptions, ZipWriter};

/// Files, all families together.
const FILES: u64 = 520;
/// How much more memory than before one file may take, in KiB.
const GROWTH: u64 = 100 * 1024;
const MEBIBYTE: usize = 1024 * 1024;
static PANICS: AtomicU32 = AtomicU32::new(0);

/// SplitMix64: the same numbers everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// In [0, below).
    fn below(&mut self, below: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(below.max(1)).unwrap()).unwrap()
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_le_bytes()[0]).collect()
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const HEADER: &str =
    "企业名称,统一社会信用代码,证券代码,上市日期,省份,城市,主营产品,收入占比,员工人数";

fn table(random: &mut Random) -> String {
    let mut table = format!("{HEADER}\n");
    for _ in 0..random.below(30) + 2 {
        let number = random.below(1_000_000);
        let _ = writeln!(
            table,
            "第{number}畸形试验有限公司,,,2020-0{}-11,江苏,\"苏州,昆山\",膜；\"\"泵\"\",0.5；0.5,{}",
            random.below(9) + 1,
            random.below(5000)
        );
    }
    table
}

fn workbook(random: &mut Random) -> Vec<u8> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (row, line) in (0..).zip(table(random).lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            sheet.write_string(row, column, cell).unwrap();
        }
    }
    workbook.save_to_buffer().unwrap()
}

const TYPES: &str = r#"<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>"#;
const PACKAGE: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const BOOK: &str = r#"<?xml version="1.0"?><workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="A" r:id="rId1" sheetId="1"/></sheets></workbook>"#;
const RELATIONS: &str = r#"<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#;
const STRINGS: &str = r#"<?xml version="1.0"?><sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" uniqueCount="3"><si><t>企业名称</t></si><si><t>城市</t></si><si><t>共享试验有限公司</t></si></sst>"#;
const ROWS: &str = r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row><row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2" t="inlineStr"><is><t>苏州</t></is></c></row>"#;

/// A package whose parts may be replaced.
fn package(parts: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let options = SimpleFileOptions::default();
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let whole = [
        ("[Content_Types].xml", TYPES.as_bytes().to_vec()),
        ("_rels/.rels", PACKAGE.as_bytes().to_vec()),
        ("xl/workbook.xml", BOOK.as_bytes().to_vec()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes().to_vec()),
        ("xl/sharedStrings.xml", STRINGS.as_bytes().to_vec()),
        ("xl/worksheets/sheet1.xml", sheet(ROWS)),
    ];
    for (name, content) in whole {
        let content = parts
            .iter()
            .find(|(replaced, _)| *replaced == name)
            .map_or(content, |(_, content)| content.clone());
        writer.start_file(name, options).unwrap();
        writer.write_all(&content).unwrap();
    }
    for (name, content) in parts.iter().filter(|(name, _)| name.starts_with('+')) {
        writer.start_file(&name[1..], options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn sheet(rows: &str) -> Vec<u8> {
    format!(r#"<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/><sheetData>{rows}</sheetData></worksheet>"#)
        .into_bytes()
}

fn damaged(mut bytes: Vec<u8>, random: &mut Random, times: usize) -> Vec<u8> {
    for _ in 0..times {
        let place = random.below(bytes.len());
        bytes[place] = random.next().to_le_bytes()[0];
    }
    bytes
}

/// A file of one of the families.
#[allow(clippy::too_many_lines, reason = "a list of families")]
fn file(number: u64, random: &mut Random) -> (&'static str, &'static str, Vec<u8>) {
    match number % 26 {
        0 => {
            let mut bytes = table(random).into_bytes();
            bytes.truncate(random.below(bytes.len()));
            ("cut.csv", "a table that ends anywhere", bytes)
        }
        1 => {
            let mut bytes = workbook(random);
            bytes.truncate(random.below(bytes.len()));
            ("cut.xlsx", "a workbook that ends anywhere", bytes)
        }
        2 => {
            let mut bytes = table(random).into_bytes();
            for _ in 0..random.below(4) + 1 {
                bytes.insert(random.below(bytes.len()), 0);
            }
            ("nul.csv", "NUL bytes", bytes)
        }
        3 => {
            let mut text = table(random);
            let most = *random.one(&[40, 250, 300]);
            for _ in 0..40 {
                let cells = random.below(most);
                let _ = writeln!(text, "齐{cells}试验公司{}x", ",".repeat(cells));
            }
            ("ragged.csv", "rows of any length", text.into_bytes())
        }
        4 => {
            let text = table(random);
            let bytes = encoding_rs::GB18030.encode(&text).0.into_owned();
            let marked = [b"\xef\xbb\xbf".to_vec(), bytes].concat();
            ("gb.csv", "GB18030 that says it is UTF-8", marked)
        }
        5 => {
            let units = table(random);
            let bytes = units.encode_utf16().flat_map(u16::to_le_bytes).collect();
            ("wide.csv", "UTF-16 without a mark", bytes)
        }
        6 => {
            let text = format!("\u{feff}{}", table(random));
            let mut bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            bytes.truncate(bytes.len() - 1 - random.below(9));
            ("wide.csv", "UTF-16 cut inside a character", bytes)
        }
        7 => {
            let text = table(random).replace('业', "業").replace('苏', "蘇");
            let bytes = encoding_rs::BIG5.encode(&text).0.into_owned();
            ("big5.csv", "Big5", bytes)
        }
        8 => {
            let text = table(random);
            // At the beginning of a cell it opens a quotation, inside one it is a mark like any other.
            let text = if random.below(2) == 0 {
                text.replacen("\n第", "\n\"第", 1)
            } else {
                text.replacen("试验", "试\"验", 1)
            };
            ("quote.csv", "a quotation mark too many", text.into_bytes())
        }
        9 => {
            let length = random.below(200_000);
            ("random.csv", "random bytes", random.bytes(length))
        }
        10 => {
            let length = random.below(200_000);
            let bytes = [b"PK\x03\x04".to_vec(), random.bytes(length)].concat();
            ("random.xlsx", "random bytes after a true beginning", bytes)
        }
        11 => {
            let times = random.below(20) + 1;
            let bytes = damaged(workbook(random), random, times);
            ("flipped.xlsx", "a workbook with bytes changed", bytes)
        }
        12 => {
            // The container is sound, so the damage reaches the parser.
            let times = random.below(6) + 1;
            let (name, part) = match random.below(4) {
                0 => ("xl/workbook.xml", BOOK.as_bytes().to_vec()),
                1 => ("xl/sharedStrings.xml", STRINGS.as_bytes().to_vec()),
                2 => ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes().to_vec()),
                _ => ("xl/worksheets/sheet1.xml", sheet(ROWS)),
            };
            let bytes = package(&[(name, damaged(part, random, times))]);
            (
                "inside.xlsx",
                "a sound container with a damaged part",
                bytes,
            )
        }
        13 => {
            let spaces = vec![b' '; (random.below(30) + 50) * MEBIBYTE];
            let bytes = package(&[("xl/worksheets/sheet1.xml", spaces)]);
            ("bomb.xlsx", "a part that inflates a thousandfold", bytes)
        }
        14 => {
            let mut inner = package(&[("xl/worksheets/sheet1.xml", vec![b'a'; 8 * MEBIBYTE])]);
            for _ in 0..random.below(6) + 1 {
                inner = package(&[("+xl/embeddings/inner.zip", inner.repeat(8))]);
            }
            ("nested.xlsx", "a bomb in a bomb", inner)
        }
        15 => {
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            writer
                .start_file("xl/workbook.xml", SimpleFileOptions::default())
                .unwrap();
            for part in 0..random.below(12_000) + 9000 {
                writer
                    .start_file(format!("p{part}"), SimpleFileOptions::default())
                    .unwrap();
            }
            let bytes = writer.finish().unwrap().into_inner();
            ("many.xlsx", "thousands of parts", bytes)
        }
        16 => {
            let far = random.one(&[
                "XFD1048576",
                "XFD1",
                "A1048576",
                "A1048577",
                "ZZZZZZ99999999999999",
                "A0",
                "0",
                "",
            ]);
            let rows =
                format!(r#"{ROWS}<row><c r="{far}" t="inlineStr"><is><t>远</t></is></c></row>"#);
            let bytes = package(&[("xl/worksheets/sheet1.xml", sheet(&rows))]);
            ("far.xlsx", "a cell in the last corner", bytes)
        }
        17 => {
            let laughs: String = (1..12).fold(
                r#"<!ENTITY l0 "哈哈哈哈哈哈哈哈哈哈">"#.to_owned(),
                |mut laughs, level| {
                    let below = format!("&l{};", level - 1).repeat(10);
                    let _ = write!(laughs, r#"<!ENTITY l{level} "{below}">"#);
                    laughs
                },
            );
            let external = r#"<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY % y SYSTEM "http://127.0.0.1:9/e"> %y;"#;
            let declared = format!("<!DOCTYPE sst [{laughs}{external}]>");
            let with = |part: &str| part.replacen("?>", &format!("?>{declared}"), 1);
            let entity = random.one(&["&l11;", "&x;", "&undefined;", "&#0;", "&#xD800;"]);
            let bytes = match random.below(3) {
                0 => package(&[(
                    "xl/workbook.xml",
                    with(BOOK)
                        .replace("name=\"A\"", &format!("name=\"{entity}\""))
                        .into_bytes(),
                )]),
                1 => package(&[(
                    "xl/sharedStrings.xml",
                    with(STRINGS).replace("共享", entity).into_bytes(),
                )]),
                _ => {
                    let rows = String::from_utf8(sheet(ROWS)).unwrap();
                    let part = with(&rows).replace("苏州", entity);
                    package(&[("xl/worksheets/sheet1.xml", part.into_bytes())])
                }
            };
            (
                "entity.xlsx",
                "entities without end and from elsewhere",
                bytes,
            )
        }
        18 => {
            let mut workbook = Workbook::new();
            let date = Format::new().set_num_format("yyyy-mm-dd");
            let sheet = workbook.add_worksheet();
            for (column, header) in (0..).zip(HEADER.split(',')) {
                sheet.write_string(0, column, header).unwrap();
            }
            for row in 1..30 {
                let name = format!("公式{row}试验有限公司");
                sheet.write_string(row, 0, name).unwrap();
                for column in 1..9 {
                    match random.below(6) {
                        0 => sheet.write_formula(
                            row,
                            column,
                            Formula::new("=1/0").set_result("#DIV/0!"),
                        ),
                        1 => sheet.write_formula(row, column, "=HYPERLINK(\"http://x\")"),
                        2 => sheet.write_boolean(row, column, true),
                        3 => sheet.write_number_with_format(row, column, -1e300, &date),
                        4 => sheet.write_number_with_format(row, column, 2_958_470.5, &date),
                        _ => sheet.write_number(row, column, 1e-300),
                    }
                    .unwrap();
                }
            }
            let bytes = workbook.save_to_buffer().unwrap();
            ("formula.xlsx", "formulas, errors, dates of no year", bytes)
        }
        19 => {
            // Every fourth one is as large as that; each is kept in the database.
            let length = if number % 104 == 19 { 10 } else { 1 } * MEBIBYTE;
            let long = "甲".repeat(length / 3);
            match random.below(4) {
                0 => (
                    "long.csv",
                    "a cell of 10 MB",
                    format!("{HEADER}\n甲公司,\"{long}\"\n").into_bytes(),
                ),
                1 => (
                    "long.jsonl",
                    "a cell of 10 MB",
                    format!("{{\"name\": \"{long}\"}}\n").into_bytes(),
                ),
                2 => {
                    let part = STRINGS.replace("共享", &long).into_bytes();
                    (
                        "long.xlsx",
                        "a cell of 10 MB",
                        package(&[("xl/sharedStrings.xml", part)]),
                    )
                }
                _ => (
                    "long.csv",
                    "a cell of 10 MB",
                    format!("{long},城市\n甲公司,a\n").into_bytes(),
                ),
            }
        }
        20 => {
            let text = match random.below(8) {
                0 => String::new(),
                1 => "\u{feff}".to_owned(),
                2 => format!("{HEADER}\n"),
                3 => format!("{HEADER}\n{HEADER}\n甲公司\n"),
                4 => format!("\n\n\n{HEADER}\n,,,,\n\n"),
                5 => "\n".repeat(100_000),
                6 => "企业名称\n甲公司\n".to_owned(),
                _ => ",".repeat(100_000),
            };
            (
                "empty.csv",
                "nothing, or next to nothing",
                text.into_bytes(),
            )
        }
        21 => {
            let deep = "[".repeat(random.below(100_000));
            let line = match random.below(6) {
                0 => format!("{{\"name\": {deep}"),
                1 => "{\"name\": \"甲\", \"staff\": 1e999}".to_owned(),
                2 => "{\"name\": \"\\ud800\"}".to_owned(),
                3 => "{\"name\": \"甲\\u0000乙畸形\", \"products\": [[[]]]}".to_owned(),
                4 => {
                    "{\"name\": \"甲畸形\", \"products\": \"".to_owned()
                        + &"；".repeat(9000)
                        + "\"}"
                }
                _ => "{}".repeat(random.below(1000) + 1),
            };
            (
                "lines.jsonl",
                "lines that are no objects",
                format!("{{\"name\": \"好畸形\"}}\n{line}\n").into_bytes(),
            )
        }
        22 => {
            let index = random.one(&["99999999999999999999", "-1", "3", "NaN", "1e3", ""]);
            let rows = format!("{ROWS}<row r=\"3\"><c r=\"A3\" t=\"s\"><v>{index}</v></c></row>");
            let count = random.one(&["0", "4294967295", "18446744073709551616", "x"]);
            let strings = STRINGS.replace("uniqueCount=\"3\"", &format!("uniqueCount=\"{count}\""));
            let bytes = package(&[
                ("xl/worksheets/sheet1.xml", sheet(&rows)),
                ("xl/sharedStrings.xml", strings.into_bytes()),
            ]);
            ("strings.xlsx", "strings that are not there", bytes)
        }
        23 => {
            let mut bytes = table(random).into_bytes();
            let odd: [&[u8]; 6] = [
                b"\xed\xa0\x80",
                b"\xc0\x80",
                b"\xf4\x90\x80\x80",
                "\u{202e}\u{200b}\u{feff}".as_bytes(),
                b"\x01\x02\x1b[31m",
                "\u{10ffff}".as_bytes(),
            ];
            let place = random.below(bytes.len());
            bytes.splice(place..place, random.one(&odd).iter().copied());
            ("odd.csv", "characters that are none", bytes)
        }
        24 => {
            let text = match random.below(6) {
                0 => "企业名称,".repeat(250) + "\n" + &"甲公司,".repeat(250) + "\n",
                1 => "企业名称,城市,".repeat(200) + "\n甲公司\n",
                2 => "行号,字段,原因\n1,企业名称,空\n".to_owned(),
                3 => "企业名称,行号,字段,原因\n甲畸形公司,-3,,\n乙畸形公司,99999999999999999999,,\n丙畸形公司,0,,\n丁畸形公司,7,,\n戊畸形公司,7,,,,,,x\n".to_owned(),
                4 => "json,行号,字段,原因\n{,1,,\n\"{\"\"name\"\": \"\"己畸形\"\"}\",2,,\n".to_owned(),
                _ => format!("{},城市\n甲公司,b\n", "企业名称".repeat(20_000)),
            };
            ("header.csv", "headers of every kind", text.into_bytes())
        }
        _ => {
            let bytes = match random.below(5) {
                0 => b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".repeat(1000),
                1 => b"<html><table><tr><td>a</td></tr></table></html>".to_vec(),
                2 => b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
                3 => b"%PDF-1.7\n,,,\n".to_vec(),
                _ => b"\xff\xfe\x00\x00".to_vec(),
            };
            ("other.xlsx", "no table at all", bytes)
        }
    }
}

/// Memory of this process in KiB: what it has now, or the most it had since [`forget_peak`].
fn memory(key: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(key))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn forget_peak() {
    let _ = std::fs::write("/proc/self/clear_refs", "5");
}

/// Takes a file as a person would, all the way that it goes.
async fn taken(
    service: &Service,
    actor: &Actor,
    name: &str,
    bytes: Vec<u8>,
) -> Result<(), Problem> {
    let told = |error: service::ServiceError| error.into_problem();
    let job_id = service
        .upload_enterprises(actor, name, bytes)
        .await
        .map_err(told)?;
    let preview = service
        .import_preview(actor, job_id, None)
        .await
        .map_err(told)?;
    let mapping = preview.columns.iter().map(|column| column.field).collect();
    service
        .start_import(
            actor,
            ImportStart {
                job_id,
                mapping,
                is_local: false,
            },
        )
        .await
        .map_err(told)?;
    while service.run_next_import(&mut |_| {}).await.map_err(told)? {}
    let job = service.import_job(actor, job_id).await.map_err(told)?;
    let summary = job.summary.unwrap_or_default();
    assert_eq!(
        job.status,
        ImportStatus::Finished,
        "{name}: {:?}",
        job.problem
    );
    assert_eq!(
        summary.rows,
        summary.inserted + summary.updated + summary.unchanged + summary.refused,
        "every row has its result"
    );
    assert_eq!(summary.rows, preview.summary.rows);
    let refused = service.refused_table(actor, job_id).await.map_err(told)?;
    assert_eq!(u32::try_from(refused.rows.len()).unwrap(), summary.refused);
    assert!(refused.rows.iter().all(|row| !row.reasons.is_empty()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_file_brings_the_program_down() {
    // Counted and told in a line: a backtrace reads this binary's own symbols, which takes more memory than any file.
    std::panic::set_hook(Box::new(|panic| {
        PANICS.fetch_add(1, Ordering::Relaxed);
        eprintln!("{panic}");
    }));
    let zone = common::demo_zone(Backend::Sqlite).await.unwrap();
    let actor = zone.actor("officer-east").await;
    let mut told: BTreeMap<&str, (u32, BTreeMap<String, u32>, u64)> = BTreeMap::new();
    for number in 0..FILES {
        let mut random = Random(20_260_630 + number);
        let (name, family, bytes) = file(number, &mut random);
        let size = bytes.len();
        forget_peak();
        let before = memory("VmRSS:");
        let outcome = taken(&zone.service, &actor, name, bytes).await;
        let growth = before
            .zip(memory("VmHWM:"))
            .map(|(before, peak)| peak.saturating_sub(before));
        let entry = told.entry(family).or_default();
        entry.2 = entry.2.max(growth.unwrap_or(0));
        if let Some(growth) = growth {
            assert!(
                growth < GROWTH,
                "file {number}, {family}, {size} bytes: {growth} KiB more"
            );
        }
        match outcome {
            Ok(()) => entry.0 += 1,
            Err(Problem::Table { problem }) => {
                let code = format!("{problem:?}");
                let code = code.split([' ', '{']).next().unwrap_or_default().to_owned();
                *entry.1.entry(code).or_default() += 1;
            }
            Err(problem) => panic!("file {number}, {family}: {problem:?}"),
        }
    }
    assert_eq!(PANICS.load(Ordering::Relaxed), 0, "panics, caught or not");
    assert_eq!(told.len(), 26);
    for (family, (taken, refused, growth)) in &told {
        eprintln!("{family}: {taken} taken, refused {refused:?}, at most {growth} KiB more");
    }
    // The families that must never get in, and those of which some do.
    for family in [
        "a part that inflates a thousandfold",
        "thousands of parts",
        "no table at all",
    ] {
        assert_eq!(told[family].0, 0, "{family}");
    }
    for family in [
        "a table that ends anywhere",
        // Nobody opens the inner ones.
        "a bomb in a bomb",
        "rows of any length",
        "formulas, errors, dates of no year",
        "lines that are no objects",
    ] {
        assert!(told[family].0 > 0, "{family}");
    }
    zone.end().await;
}
