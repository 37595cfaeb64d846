use super::reference::*;
use super::{ChainEdge, ChainFile, ChainNode, Stream};
use proptest::prelude::*;

/// 矿石 → 五氧化二钒 → 电解液 → 全钒液流电池 → 储能系统; 隔膜 and 碳毡 go into the battery too.
const BATTERY: &str = "from,to,relation
五氧化二钒,钒矿石,input
钒电解液,五氧化二钒,input
五氧化二钒,钒电解液,output
全钒液流电池,钒电解液,input
全钒液流电池,离子交换膜,input
全钒液流电池,碳毡,input
储能系统,全钒液流电池,input
储能系统,逆变器,input
离子交换膜,全氟树脂,input
离子交换膜,全氟离子交换膜,subclass
离子交换膜,离子交换膜电解槽,subclass
离子交换膜,阳离子交换膜,subclass
膜,离子交换膜,subclass
";

fn read(text: &str) -> (ReferenceGraph, ReferenceReport) {
    read_reference(text).unwrap()
}

fn names(graph: &ReferenceGraph, products: &[u32]) -> Vec<String> {
    products
        .iter()
        .map(|product| graph.name(*product).unwrap().to_owned())
        .collect()
}

fn reasons(report: &ReferenceReport) -> Vec<(LeftOutReason, u32)> {
    report
        .left_out
        .iter()
        .map(|left_out| (left_out.reason, left_out.count))
        .collect()
}

fn node(code: &str, name: &str, stage: Stream, aliases: &[&str]) -> ChainNode {
    ChainNode {
        code: code.into(),
        name: name.into(),
        stage,
        aliases: aliases.iter().map(|alias| (*alias).to_owned()).collect(),
        keywords: Vec::new(),
        priority: None,
        priority_source: None,
        group: None,
    }
}

fn edge(from: &str, to: &str) -> ChainEdge {
    ChainEdge {
        from: from.into(),
        to: to.into(),
        coefficient: None,
    }
}

fn chain(nodes: Vec<ChainNode>, edges: Vec<ChainEdge>) -> ChainFile {
    ChainFile {
        code: "vanadium".into(),
        name: "钒电池".into(),
        nodes,
        edges,
        ..ChainFile::default()
    }
}

#[test]
fn relations_run_from_input_to_output() {
    let (graph, report) = read(BATTERY);
    let product = |name: &str| graph.product(name).unwrap();
    let battery = product("全钒液流电池");
    let mut inputs = names(&graph, graph.inputs(battery));
    inputs.sort();
    assert_eq!(inputs, ["碳毡", "离子交换膜", "钒电解液"]);
    assert_eq!(names(&graph, graph.users(battery)), ["储能系统"]);
    // A row of each kind says so.
    assert_eq!(
        graph.evidence(product("五氧化二钒"), product("钒电解液")),
        2
    );
    assert_eq!(graph.evidence(product("钒矿石"), product("五氧化二钒")), 1);
    assert_eq!(graph.evidence(product("五氧化二钒"), product("钒矿石")), 0);
    assert_eq!(names(&graph, graph.generals(product("离子交换膜"))), ["膜"]);
    assert_eq!(graph.specials(product("离子交换膜")).len(), 3);
    assert_eq!(graph.subclass_count(), 4);
    assert_eq!(graph.flow().edge_count(), 8);
    assert_eq!(
        report,
        ReferenceReport {
            rows: 13,
            products: 13,
            inputs: 8,
            outputs: 1,
            subclasses: 4,
            flows: 8,
            left_out: Vec::new(),
        }
    );
}

#[test]
fn dirt_is_left_out_and_named() {
    let text = "\u{feff}relation, TO ,source,from\r
input,钢,x,钢管\r
input,钢,x,钢管\r
INPUT,ＰＶＣ,x,pvc管\r
input,Pvc,x,PVC管\r
output,苯,x,苯酚\r
input,苯,x,苯酚\r
input,蒸汽,x,蒸汽\r
made_of,铁,x,铁锅\r
input,铁\r
,,,\r
\r
input,,x,铜线\r
input,2.1.5,x,铜线\r
input,饱,x,铜线\r
input,以甲基乙烯基硅橡胶,x,密封圈\r
input,硅”,x,密封圈\r
subclass,建筑防水材料技术指标,x,建筑防水材料\r
input,大葱适量,x,炖鸡\r
input,一二三四五六七八九十一二三四五六七八九十一二三四五六七八九十多,x,铜线\r
input,\"铜\",x,\"铜,锌合金\"\r
input,\"锌,x,合金\r
subclass,钢,x,钢管\r
subclass,钢管,x,钢\r
";
    let (graph, report) = read(text);
    use LeftOutReason as Why;
    assert_eq!(
        reasons(&report),
        [
            (Why::EmptyRow, 2),
            (Why::Malformed, 2),
            (Why::UnknownRelation, 1),
            (Why::Name(NameProblem::Empty), 1),
            (Why::Name(NameProblem::TooLong), 1),
            (Why::Name(NameProblem::NoLetters), 1),
            (Why::Name(NameProblem::OneCharacter), 1),
            (Why::Name(NameProblem::Punctuation), 1),
            (Why::Name(NameProblem::Clause), 1),
            (Why::Name(NameProblem::Facet), 1),
            (Why::Name(NameProblem::Quantity), 1),
            (Why::SelfLoop, 1),
            (Why::Duplicate, 3),
            (Why::TwoNodeCycle, 2),
        ]
    );
    let of = |reason| {
        let held = report.left_out.iter().find(|held| held.reason == reason);
        held.unwrap().examples.clone()
    };
    let row = |row, from: &str, to: &str| LeftOutRow {
        row,
        from: from.into(),
        to: to.into(),
    };
    assert_eq!(
        of(Why::Duplicate),
        [
            row(3, "钢管", "钢"),
            row(5, "PVC管", "Pvc"),
            // The longer name is the special one, whichever comes first.
            row(24, "钢", "钢管"),
        ]
    );
    assert_eq!(
        of(Why::TwoNodeCycle),
        [row(6, "苯酚", "苯"), row(7, "苯酚", "苯")]
    );
    assert_eq!(of(Why::Malformed)[0], row(10, "", "铁"));
    assert_eq!(of(Why::EmptyRow)[1], row(12, "", ""));
    assert_eq!(
        (report.inputs, report.outputs, report.subclasses),
        (3, 0, 1)
    );
    // Folded names are one product, under the spelling that comes first.
    assert_eq!(graph.name(graph.product("Pvc").unwrap()), Some("ＰＶＣ"));
    assert_eq!(
        graph.inputs(graph.product("铜,锌合金").unwrap()),
        [graph.product("铜").unwrap()]
    );
    // What has no relation left is no product.
    assert_eq!(graph.product("苯"), None);
    assert_eq!(graph.product(""), None);
    assert_eq!(report.products, graph.product_count());
}

#[test]
fn of_two_opposite_directions_the_better_supported_stays() {
    let (graph, report) =
        read("from,to,relation\n酒精,葡萄糖,input\n葡萄糖,酒精,output\n葡萄糖,酒精,input\n");
    let product = |name: &str| graph.product(name).unwrap();
    assert_eq!(graph.evidence(product("葡萄糖"), product("酒精")), 2);
    assert_eq!(graph.users(product("酒精")), [0_u32; 0]);
    assert_eq!(reasons(&report), [(LeftOutReason::TwoNodeCycle, 1)]);
    assert_eq!(report.left_out[0].examples[0].row, 4);
}

#[test]
fn good_names_are_kept() {
    let good = [
        "糖",
        "钢",
        "氧",
        "铀",
        "金",
        "以太网交换机",
        "用户端设备",
        "用电设备",
        "将军罐",
        "把手",
        "在线监测系统",
        "从动滚轮",
        "对苯二酚",
        "聚丙烯(PP)",
        "二氟一氯甲烷（R22）",
        "APP应用",
        "优质“济南青”石料",
        "标准件",
        "方法兰",
        "1,2-二氯乙烷",
        "R134a",
        "线型低密度聚乙烯(LLDPE)",
        "三七片",
        "不锈钢",
        "使君子仁",
        "参数测试仪",
        "BRIN'S酸",
        "Xilinx’s芯片",
    ];
    let bad = [
        "C",
        "顺",
        "以煤",
        "由塑料",
        "用于建材",
        "将石墨",
        "把白果",
        "是石英",
        "在铜",
        "从气相淀积",
        "采用PVC树脂粉",
        "使用金属",
        "玻璃制成",
        "橡胶做成",
        "装配而成",
        "服务指标",
        "器件参数",
        "料酒（",
        "大黄）",
        "芎?",
        "牛肉…",
        "少许盐",
        "———",
        "①",
    ];
    for (names, kept) in [(&good[..], 1), (&bad[..], 0)] {
        for name in names {
            let (_, report) = read(&format!("from,to,relation\n原料,\"{name}\",input\n"));
            assert_eq!(report.inputs, kept, "{name}: {:?}", reasons(&report));
        }
    }
}

#[test]
fn only_the_header_is_fatal() {
    let problem = |text: &str| read_reference(text).unwrap_err();
    assert_eq!(problem(""), ReferenceProblem::Empty);
    assert_eq!(problem(" \n\n"), ReferenceProblem::Empty);
    let missing = ReferenceProblem::MissingColumn {
        column: "relation".into(),
    };
    assert_eq!(problem("from,to,kind\na,b,input\n"), missing);
    assert_eq!(
        serde_json::to_string(&missing).unwrap(),
        r#"{"missing_column":{"column":"relation"}}"#
    );
    let (graph, report) = read("from,to,relation");
    assert_eq!((graph.product_count(), report.rows), (0, 0));
    assert!(graph.find("钢", 5).is_empty());
    assert!(graph.neighbourhood(0, 2, 10).is_none());
    assert_eq!(
        serde_json::to_string(&LeftOutReason::Name(NameProblem::NoLetters)).unwrap(),
        r#"{"name":"no_letters"}"#
    );
}

#[test]
fn reports_show_the_first_twenty_rows() {
    let mut text = "from,to,relation\n".to_owned();
    for _ in 0..25 {
        text.push_str(&format!("{},铜,inputs\n", "长".repeat(100)));
    }
    let (_, report) = read(&text);
    let held = &report.left_out[0];
    assert_eq!((held.count, held.examples.len()), (25, MAX_EXAMPLES));
    assert_eq!(held.examples[19].row, 21);
    assert_eq!(held.examples[0].from.chars().count(), 60);
}

#[test]
fn names_are_found_exact_first_then_short() {
    let (graph, _) = read(BATTERY);
    let found = |text: &str, limit| -> Vec<(HitKind, String)> {
        graph
            .find(text, limit)
            .into_iter()
            .map(|hit| (hit.kind, hit.name))
            .collect()
    };
    let hit = |kind, name: &str| (kind, name.to_owned());
    assert_eq!(
        found(" 离子交换膜", 10),
        [
            hit(HitKind::Exact, "离子交换膜"),
            hit(HitKind::Prefix, "离子交换膜电解槽"),
            hit(HitKind::Contained, "阳离子交换膜"),
            hit(HitKind::Contained, "全氟离子交换膜"),
        ]
    );
    assert_eq!(found("全氟", 1), [hit(HitKind::Prefix, "全氟树脂")]);
    assert_eq!(found("全氟", 0), []);
    assert_eq!(found("　", 5), []);
    assert_eq!(found("没有", 5), []);
    let membrane = &graph.find("离子交换膜", 1)[0];
    assert_eq!(
        (membrane.inputs, membrane.users, membrane.related),
        (1, 1, 4)
    );
    assert_eq!(graph.product("离子交换膜"), Some(membrane.product));
}

#[test]
fn neighbours_by_side_and_distance() {
    let (graph, _) = read(BATTERY);
    let product = |name: &str| graph.product(name).unwrap();
    let around = graph.neighbourhood(product("离子交换膜"), 2, 100).unwrap();
    let places: Vec<(&str, i32, Side)> = around
        .products
        .iter()
        .map(|one| (one.name.as_str(), one.level(), one.side))
        .collect();
    assert_eq!(
        places,
        [
            ("离子交换膜", 0, Side::Centre),
            ("全氟树脂", -1, Side::Upstream),
            ("全钒液流电池", 1, Side::Downstream),
            ("储能系统", 2, Side::Downstream),
            // True kinds before what is only called after it.
            ("全氟离子交换膜", 0, Side::Related),
            ("膜", 0, Side::Related),
            ("阳离子交换膜", 0, Side::Related),
            ("离子交换膜电解槽", 0, Side::Related),
        ]
    );
    assert_eq!(around.more, 0);
    let flows = around
        .edges
        .iter()
        .filter(|edge| edge.kind == NeighbourEdgeKind::Flow);
    assert_eq!(flows.count(), 3);
    assert_eq!(around.edges.len(), 3 + 4);

    // The sides take turns: one each, then a second one downstream.
    let few = graph.neighbourhood(product("离子交换膜"), 2, 4).unwrap();
    let sides: Vec<Side> = few.products.iter().map(|one| one.side).collect();
    assert_eq!(
        sides,
        [
            Side::Centre,
            Side::Upstream,
            Side::Downstream,
            Side::Downstream,
            Side::Related
        ]
    );
    assert_eq!(few.more, 3);
    let alone = graph.neighbourhood(product("离子交换膜"), 0, 4).unwrap();
    assert_eq!((alone.products.len(), alone.edges.len()), (1, 0));
    assert!(graph.neighbourhood(graph.product_count(), 2, 4).is_none());
}

fn companies(name: &str) -> u32 {
    match name {
        "碳毡" => 3,
        "离子交换膜" | "全氟离子交换膜" => 5,
        "储能系统" => 40,
        _ => 0,
    }
}

/// What is proposed, as (name, kind, companies, evidence) in short.
fn short(proposals: &[Proposal]) -> Vec<String> {
    proposals
        .iter()
        .map(|one| {
            let place = |new: &NewNode| {
                format!(
                    "{} [{}] [{}]",
                    new.stage.code(),
                    new.inputs.join(" "),
                    new.outputs.join(" ")
                )
            };
            let kind = match &one.kind {
                ProposalKind::Itself(new) => format!("itself {}", place(new)),
                ProposalKind::Input(new) => format!("input {}", place(new)),
                ProposalKind::Output(new) => format!("output {}", place(new)),
                ProposalKind::Alias => "alias".to_owned(),
                ProposalKind::Keyword => "keyword".to_owned(),
                ProposalKind::Edge { from, to } => format!("edge {from} {to}"),
            };
            format!("{} {kind} {}/{}", one.name, one.companies, one.evidence)
        })
        .collect()
}

#[test]
fn what_a_chain_lacks_around_a_node() {
    let (graph, _) = read(BATTERY);
    let existing = chain(
        vec![
            node("oxide", "五氧化二钒", Stream::Upstream, &[]),
            node("battery", "钒电池", Stream::Midstream, &["全钒液流电池"]),
            node("electrolyte", "电解液", Stream::Midstream, &["钒电解液"]),
        ],
        vec![edge("oxide", "battery")],
    );
    let wanted = [
        "储能系统 output downstream [battery] [] 40/1",
        "离子交换膜 input upstream [] [battery] 5/1",
        "碳毡 input upstream [] [battery] 3/1",
        "电解液 → 钒电池 edge electrolyte battery 0/1",
    ];
    // By name, by alias and by code.
    for product in ["钒电池", "全钒液流电池", "Battery"] {
        assert_eq!(
            short(&graph.propose(product, &existing, &companies, 10)),
            wanted
        );
    }
    // The limit is one for each kind.
    assert_eq!(
        short(&graph.propose("钒电池", &existing, &companies, 1)),
        [wanted[0], wanted[1], wanted[3]]
    );
    assert_eq!(
        short(&graph.propose_edges(&existing, &companies, 10)),
        [
            "五氧化二钒 → 电解液 edge oxide electrolyte 0/2",
            "电解液 → 钒电池 edge electrolyte battery 0/1",
        ]
    );
    assert!(
        graph
            .propose("没有的产品", &existing, &companies, 10)
            .is_empty()
    );
}

#[test]
fn what_a_chain_lacks_around_a_product() {
    let (graph, _) = read(BATTERY);
    let mut existing = chain(
        vec![
            node("battery", "全钒液流电池", Stream::Midstream, &[]),
            node("resin", "全氟树脂", Stream::Upstream, &[]),
        ],
        vec![edge("resin", "battery")],
    );
    existing.nodes[0].keywords = vec!["阳离子交换膜".into()];
    assert_eq!(
        short(&graph.propose("离子交换膜", &existing, &companies, 10)),
        [
            // Between an upstream and a midstream node.
            "离子交换膜 itself midstream [resin] [battery] 5/2",
            "全氟离子交换膜 alias 5/1",
            "离子交换膜电解槽 keyword 0/1",
        ]
    );
    // In an empty chain the stage comes from the graph.
    let empty = chain(Vec::new(), Vec::new());
    let of = |name| short(&graph.propose(name, &empty, &companies, 10));
    assert_eq!(
        of("碳毡"),
        [
            "碳毡 itself upstream [] [] 3/0",
            "全钒液流电池 output midstream [] [] 0/1"
        ]
    );
    assert_eq!(
        of("储能系统"),
        [
            "储能系统 itself downstream [] [] 40/0",
            "全钒液流电池 input midstream [] [] 0/1",
            "逆变器 input midstream [] [] 0/1"
        ]
    );
}

#[test]
fn nothing_proposed_closes_a_cycle() {
    let (graph, _) = read(
        "from,to,relation\n钢板,钢坯,input\n钢坯,废钢,input\n废钢,钢板,input\n汽车,钢板,input\n",
    );
    // 钢坯 → 钢板 is there; 废钢 → 钢坯 and 钢板 → 废钢 would make a circle of it.
    let existing = chain(
        vec![
            node("slab", "钢坯", Stream::Upstream, &[]),
            node("plate", "钢板", Stream::Midstream, &[]),
        ],
        vec![edge("slab", "plate")],
    );
    assert_eq!(
        short(&graph.propose("钢坯", &existing, &|_| 0, 10)),
        ["废钢 input upstream [] [slab] 0/2"]
    );
    assert_eq!(
        short(&graph.propose("钢板", &existing, &|_| 0, 10)),
        [
            "废钢 output downstream [plate] [] 0/2",
            "汽车 output downstream [plate] [] 0/1"
        ]
    );
    let all = chain(
        vec![
            node("slab", "钢坯", Stream::Upstream, &[]),
            node("plate", "钢板", Stream::Midstream, &[]),
            node("scrap", "废钢", Stream::Midstream, &[]),
        ],
        vec![edge("slab", "plate"), edge("plate", "scrap")],
    );
    assert!(graph.propose_edges(&all, &|_| 0, 10).is_empty());
}

#[test]
fn industries_and_their_inputs() {
    let read = read_industry_inputs(
        "industry,input_industry,evidence_count
钢铁Ⅲ,焦炭Ⅲ,3
钢铁Ⅲ,铁矿石,6
钢铁Ⅲ,电力,3
钢铁Ⅲ,焦炭,1
钢铁Ⅲ,钢铁,2
钢铁Ⅲ,煤炭,0
钢铁Ⅲ,煤炭,many
电力,钢铁,1
",
    )
    .unwrap();
    assert_eq!((read.industry_count(), read.relation_count()), (2, 4));
    let inputs: Vec<(&str, u32, f64)> = read
        .inputs("钢铁")
        .iter()
        .map(|one| (one.name.as_str(), one.evidence, one.share))
        .collect();
    assert_eq!(
        inputs,
        [("铁矿石", 6, 0.5), ("焦炭Ⅲ", 3, 0.25), ("电力", 3, 0.25)]
    );
    assert_eq!(read.coefficient("焦炭", "钢铁Ⅲ"), Some(0.25));
    assert_eq!(read.coefficient("钢铁", "焦炭"), None);
    let left_out: Vec<(LeftOutReason, u32)> = read
        .left_out
        .iter()
        .map(|held| (held.reason, held.count))
        .collect();
    assert_eq!(
        left_out,
        [
            (LeftOutReason::InvalidCount, 2),
            (LeftOutReason::SelfLoop, 1),
            (LeftOutReason::Duplicate, 1)
        ]
    );
    let mut chain = chain(
        vec![
            node("ore", "矿", Stream::Upstream, &["铁矿石"]),
            node("steel", "钢铁", Stream::Midstream, &[]),
            node("power", "电力", Stream::Upstream, &[]),
            node("car", "汽车", Stream::Downstream, &[]),
        ],
        vec![
            edge("ore", "steel"),
            edge("power", "steel"),
            edge("steel", "car"),
        ],
    );
    chain.edges[1].coefficient = Some(0.1);
    assert_eq!(read.coefficients(&chain), [(0, 0.5)]);
    assert_eq!(
        read_industry_inputs("industry,evidence_count\n").unwrap_err(),
        ReferenceProblem::MissingColumn {
            column: "input_industry".into()
        }
    );
}

fn data(name: &str) -> Option<String> {
    let folder = std::env::var("WUTONG_SHARED_DATA")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data").to_owned());
    let path = format!("{folder}/{name}");
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("skipped: {path} is not there");
    }
    text
}

#[test]
fn the_public_collection_of_products() {
    let Some(text) = data("product_edges.csv") else {
        return;
    };
    let (graph, report) = read(&text);
    println!(
        "{} rows, {} products, {} inputs, {} outputs, {} subclasses, {} flows",
        report.rows,
        report.products,
        report.inputs,
        report.outputs,
        report.subclasses,
        report.flows
    );
    for held in &report.left_out {
        let shown: Vec<String> = held
            .examples
            .iter()
            .map(|one| format!("{} {}|{}", one.row, one.from, one.to))
            .collect();
        println!("{:?} {}: {}", held.reason, held.count, shown.join(", "));
    }
    let left_out: u32 = report.left_out.iter().map(|held| held.count).sum();
    assert_eq!(
        report.inputs + report.outputs + report.subclasses + left_out,
        report.rows
    );
    assert!(left_out < report.rows / 20);
    let product = |name: &str| graph.product(name).unwrap();
    assert!(graph.evidence(product("甲醇"), product("二甲醚")) > 0);
    assert!(graph.evidence(product("ABS工程塑料"), product("ABS安全帽")) > 0);
    assert_eq!(graph.product("以甲基乙烯基硅橡胶"), None);
    for name in ["锂电池", "钢板", "芯片"] {
        let hits = graph.find(name, 10);
        assert_eq!(hits[0].kind, HitKind::Exact, "{name}");
        let around = graph.neighbourhood(hits[0].product, 2, 60).unwrap();
        assert!(around.products.len() > 3, "{name}");
    }
}

#[test]
fn the_public_collection_of_industries() {
    let Some(text) = data("sw_industry_inputs.csv") else {
        return;
    };
    let read = read_industry_inputs(&text).unwrap();
    let left_out: u32 = read.left_out.iter().map(|held| held.count).sum();
    println!(
        "{} rows, {} industries, {} relations, {left_out} left out",
        read.rows,
        read.industry_count(),
        read.relation_count()
    );
    assert_eq!(
        read.relation_count() as u64 + u64::from(left_out),
        u64::from(read.rows)
    );
    assert!(!read.inputs("锂电池").is_empty());
}

proptest! {
    #[test]
    fn no_text_breaks_the_readers(text in "(from,to,relation\n)?[a钢,\"（\n…0-9 由]{0,80}") {
        let _ = read_reference(&text);
        let _ = read_industry_inputs(&text);
    }

    #[test]
    fn every_row_is_kept_or_named(
        rows in prop::collection::vec((0_usize..8, 0_usize..8, 0_usize..4), 0..60),
    ) {
        let names = ["铁", "铁矿", "钢", "钢板", "汽车", "以煤", "", "车"];
        let relations = ["input", "output", "subclass", "kind"];
        let mut text = "from,to,relation\n".to_owned();
        for (from, to, relation) in &rows {
            text.push_str(&format!("{},{},{}\n", names[*from], names[*to], relations[*relation]));
        }
        let (graph, report) = read(&text);
        let left_out: u32 = report.left_out.iter().map(|held| held.count).sum();
        prop_assert_eq!(report.rows as usize, rows.len());
        prop_assert_eq!(report.inputs + report.outputs + report.subclasses + left_out, report.rows);
        prop_assert_eq!(report.flows, graph.flow_count());
        for product in 0..graph.product_count() {
            prop_assert_eq!(graph.product(graph.name(product).unwrap()), Some(product));
            for user in graph.users(product) {
                prop_assert!(graph.inputs(*user).contains(&product));
                prop_assert!((1..=2).contains(&graph.evidence(product, *user)));
                prop_assert_eq!(graph.evidence(*user, product), 0);
            }
            let around = graph.neighbourhood(product, 3, 5).unwrap();
            prop_assert!(around.products.len() <= 6);
            // Whatever is shown hangs together.
            for one in around.products.iter().skip(1) {
                let joined = around
                    .edges
                    .iter()
                    .any(|edge| edge.from == one.product || edge.to == one.product);
                prop_assert!(joined);
            }
        }
    }
}
