//! The one table of words. Every sentence a person reads stands here, in Chinese and in English side by side;
//! a key that is missing or misspelled does not compile. The server, the command line and the API read the
//! same table.

use domain::{
    account::{Role, TokenScope},
    audit::UndoRefusal,
    calendar::CalendarProblem,
    chain::{
        ChainFileProblemKind, ChainPlace, GapClass, MatchKind, MatchVerdict, Stream, Threshold,
    },
    enterprise::{
        DuplicateState, EnterpriseField, ImportStatus, KeptReason, MergeProblem, MovedTable,
        ProductChoice, RowProblemKind, UNDO_DAYS, same_company::MatchReason,
    },
    find::{Destination, FoundKind},
    lead::{
        ClaimEventKind, CommitmentState, EventKind, EvidenceField, FairCompetition, LeadColumn,
        LeadOrder, LedgerRow, Recognition, Reminder, Renewal, Side, SideState, Stage, ViewReach,
    },
    notice::{MailChoice, NoticeDetail, NoticeKind},
    problem::{FieldProblemKind, ImportUndoRefusal, Problem, TableProblem},
    trip::VisitOutcome,
};
#[cfg(not(target_family = "wasm"))]
use std::collections::BTreeMap;

#[cfg(not(target_family = "wasm"))]
use domain::{
    chain::{ChainFileProblem, Conflict, EditProblem, FieldFault, ReferenceProblem},
    trip::{TripError, Violation},
};
use leptos::prelude::*;

use crate::find::keys::Act;

/// The reader's language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Locale {
    ZhCn,
    En,
}

/// The language of the page.
#[must_use]
pub fn use_words() -> Locale {
    use_context::<Locale>().unwrap_or(Locale::ZhCn)
}

impl Locale {
    /// The value of `lang`.
    #[must_use]
    pub const fn tag(self) -> &'static str {
        match self {
            Self::ZhCn => "zh-CN",
            Self::En => "en",
        }
    }

    /// From a tag such as `zh-CN`, `en_GB.UTF-8`; Chinese when nothing else is said.
    #[must_use]
    pub fn from_tag(tag: &str) -> Self {
        if tag.to_ascii_lowercase().starts_with("en") {
            Self::En
        } else {
            Self::ZhCn
        }
    }

    /// What the reader chose: a cookie on the server, the document's `lang` in the browser.
    #[must_use]
    pub fn current() -> Self {
        #[cfg(feature = "ssr")]
        {
            crate::server_side::cookie("wutong_locale")
                .map_or(Self::ZhCn, |tag| Self::from_tag(&tag))
        }
        #[cfg(not(feature = "ssr"))]
        {
            document()
                .document_element()
                .and_then(|root| root.get_attribute("lang"))
                .map_or(Self::ZhCn, |tag| Self::from_tag(&tag))
        }
    }

    /// Where the switch to the other language leads.
    #[must_use]
    pub const fn other_locale_href(self) -> &'static str {
        match self {
            Self::ZhCn => "/locale/en",
            Self::En => "/locale/zh-CN",
        }
    }
}

macro_rules! words {
    ($($key:ident $(($($argument:ident),+))? = $chinese:literal, $english:literal;)+) => {
        impl Locale {
            $(words!(@one $key $(($($argument),+))? = $chinese, $english);)+
        }
    };
    (@one $key:ident = $chinese:literal, $english:literal) => {
        #[must_use]
        pub const fn $key(self) -> &'static str {
            match self {
                Self::ZhCn => $chinese,
                Self::En => $english,
            }
        }
    };
    (@one $key:ident ($($argument:ident),+) = $chinese:literal, $english:literal) => {
        #[must_use]
        #[allow(clippy::too_many_arguments, reason = "a sentence has as many blanks as it needs")]
        pub fn $key(self, $($argument: impl std::fmt::Display),+) -> String {
            match self {
                Self::ZhCn => format!($chinese),
                Self::En => format!($english),
            }
        }
    };
}

words! {
    // Shell
    product = "梧桐", "Wutong";
    zone_name = "示例高新区", "Example High-tech Zone";
    skip_to_content = "跳到正文", "Skip to content";
    main_navigation = "主导航", "Main navigation";
    nav_work = "工作", "Work";
    nav_study = "研判", "Study";
    nav_manage = "管理", "Manage";
    nav_today = "今日", "Today";
    nav_board = "看板", "Board";
    nav_board_long = "线索看板", "Lead board";
    nav_enterprises = "企业", "Firms";
    nav_trips = "外出", "Trips";
    nav_trips_long = "外出招商", "Outbound trips";
    nav_chains = "链图", "Chains";
    nav_chains_long = "产业链图", "Industry chains";
    nav_imports = "导入", "Import";
    nav_imports_long = "数据导入", "Data import";
    search = "搜索", "Search";
    search_placeholder = "搜索企业、线索、环节、人：汉字、拼音或首字母", "Search companies, leads, nodes, people: name, pinyin or initials";
    other_locale = "English", "中文";

    // Finding and keys
    find_label = "查找企业、线索、环节、出行、人和页面", "Find companies, leads, nodes, trips, people and pages";
    find_placeholder = "汉字、拼音或首字母", "Name, pinyin or initials";
    find_hits = "查找结果", "Hits";
    find_hint = "↑↓ 选择，Enter 打开，Ctrl+Enter 在新标签页打开", "↑↓ to choose, Enter opens, Ctrl+Enter in a new tab";
    found_count(count) = "找到 {count} 项；↑↓ 选择，Enter 打开，Ctrl+Enter 在新标签页打开", "{count} found; ↑↓ to choose, Enter opens, Ctrl+Enter in a new tab";
    nothing_found(text) = "没有找到“{text}”，可到完整列表里再搜", "Nothing found for “{text}”; the full lists may have more";
    full_search = "在完整列表里搜", "Search the full lists";
    search_all_leads(text) = "在线索列表里搜“{text}”", "Search the list of leads for “{text}”";
    search_all_enterprises(text) = "在企业名录里搜“{text}”", "Search all companies for “{text}”";
    leads_of(name) = "{name}的线索", "Leads of {name}";
    keys_title = "键盘快捷键", "Keyboard shortcuts";
    keys_here = "本页", "On this page";
    keys_everywhere = "任何页面", "Everywhere";
    keys_switch = "启用单键快捷键", "Single-key shortcuts";
    keys_switch_hint = "关闭后，不带 Ctrl 的页面快捷键不再起作用；此处仍可从账号菜单打开。只记在这台电脑上。", "When off, page shortcuts without Ctrl do nothing; this sheet stays in the account menu. Kept on this computer only.";
    key_in_focus = "焦点在其上时", "when it has the focus";
    key_space = "空格", "Space";
    theme_light = "浅色", "Light";
    theme_dark = "深色", "Dark";
    theme_system = "跟随系统", "As the system";
    sign_in = "登录", "Sign in";
    sign_out = "退出登录", "Sign out";
    login_name = "账号", "Login";
    password = "口令", "Password";
    to_start = "回到首页", "Back to start";
    close = "关闭", "Close";
    cancel = "取消", "Cancel";
    save = "保存", "Save";
    loading = "正在载入", "Loading";
    page_not_found = "没有这一页", "There is no such page";
    page_failed = "这一页没能打开", "This page could not be opened";
    paging = "分页", "Paging";
    previous_page = "上一页", "Previous page";
    next_page = "下一页", "Next page";
    from_until_of(from, until, total) = "第 {from}—{until} 条，共 {total} 条", "{from}–{until} of {total}";
    demo = "演示", "demo";
    local = "本地", "local";
    act = "操作", "Act";
    reason = "原因", "Reason";
    value = "值", "Value";
    total = "合计", "Total";
    time = "时间", "Time";
    when = "时间", "When";
    by = "经办", "By";
    file = "文件", "File";
    status = "状态", "Status";
    code = "代码", "Code";
    row = "行", "Row";
    rows = "行数", "Rows";
    not_known = "暂无", "not known";
    missing_word = "缺", "none";
    to_review = "待核", "to review";
    clear_filter = "清除筛选", "Clear filter";
    basis = "依据", "Basis";
    confidence = "置信", "Confidence";
    source = "来源", "Source";
    source_on(source, day) = "{source}，{day}", "{source}, {day}";
    unit_firms = "家", "firms";
    unit_items = "件", "items";
    unit_rows = "行", "rows";
    unit_yi = "亿元", "100 m yuan";
    unit_yi_short = "亿", "×100 m";
    unit_wan = "万元", "10,000 yuan";
    unit_mu = "亩", "mu";
    unit_days = "天", "days";
    unit_hours = "小时", "h";
    unit_teams = "队", "teams";
    unit_cities = "个", "cities";
    yi(amount) = "{amount} 亿元", "{amount} × 100 m yuan";

    // Chains
    chain = "产业链", "Chain";
    chain_chief = "链长", "Chain chief";
    node = "环节", "Node";
    nodes = "环节", "Nodes";
    local_firms = "本地企业", "Local companies";
    open_leads = "在跟线索", "Open leads";
    chains_sub(chains, gaps, leads) = "{chains} 条链，{gaps} 个缺口环节（弱链、断链、延链），在跟线索 {leads} 件", "{chains} chains, {gaps} gap nodes (weak, missing, extension), {leads} open leads";
    no_chain = "还没有产业链", "There is no chain yet";
    no_chain_hint = "管理员可在“新建链”里画一条或传一个文件，也可用 wutong demo load 装入演示。", "An administrator draws one or uploads a file under New chain, or loads the demo with: wutong demo load";
    other_chain = "换一条链", "Another chain";
    map_title(name) = "{name} 产业链缺口图", "{name}: gap map";
    map_label(name, count) = "{name}产业链：{count} 个环节，从左到右为上游、中游、下游", "{name}: {count} nodes, from upstream at the left to downstream at the right";
    map_facts(nodes, edges, firms, chief) = "{nodes} 个环节，{edges} 条投入关系，本地企业 {firms} 家，链长 {chief}", "{nodes} nodes, {edges} inputs, {firms} local companies, chain chief {chief}";
    map_reference(firms, share, basis, moment) = "参照集 {firms} 家企业；本区企业 {share} % 有匹配；规模口径：{basis}；算于 {moment}", "Reference set of {firms} companies; {share} % of the zone's companies match; size by {basis}; computed {moment}";
    basis_revenue = "营业收入", "revenue";
    basis_one = "企业数（有企业缺营收）", "count of companies (some lack revenue)";
    filter_by_class = "按类别筛选", "Filter by class";
    find_in_map = "在图中查找环节", "Find a node in the map";
    zoom_in = "放大", "Zoom in";
    zoom_out = "缩小", "Zoom out";
    zoom_reset = "整图适应窗口", "Fit the whole map";
    zoom_fit = "适应", "Fit";
    map_viewport = "链图，可拖动；Ctrl 加滚轮缩放，+ − 0 也可", "The map: drag it, scale with Ctrl and the wheel, or + − 0";
    find_in_map_hint = "在图中查找  /", "Find in the map  /";
    filter_by_owner = "按在跟分局筛选", "Filter by who follows";
    any_owner = "不限在跟", "Anyone";
    with_leads = "有在跟线索", "With open leads";
    followed_by_nobody = "无人在跟", "Followed by nobody";
    followed_by(bureau) = "{bureau}在跟", "Followed by {bureau}";
    fold_groups = "折叠", "Fold";
    fold_all = "折叠全部分组", "Fold all groups";
    unfold_all = "全部展开", "Unfold all";
    fold_stage(stage) = "折叠或展开{stage}", "Fold or unfold {stage}";
    folded_label(name, count, classes) = "{name}，折叠的 {count} 个环节：{classes}；按回车展开", "{name}: {count} nodes folded, {classes}; Enter unfolds";
    export_png = "PNG 图片", "PNG picture";
    png_failed = "浏览器画不出图片，请改用 SVG。", "The browser cannot draw the picture; take the SVG instead.";
    no_nodes = "这条链还没有环节", "This chain has no node yet";
    no_nodes_hint = "在“编辑”里添加环节和投入关系，发布后就有图。", "Add nodes and edges under Edit; the map follows when they are published.";
    let_something_land = "推演落地", "Let it land";
    drag_to_map = "拖到图上的环节即落地；点一下填入上面的表。", "Drag one onto a node to let it land; a click fills the form above.";
    candidates_of_node = "所选环节的候选企业", "Candidates of the chosen node";
    node_count(count) = "{count} 环节", "{count} nodes";
    firm_count(count) = "{count} 家", "{count} firms";
    waits_for_data = "待补数据", "no data";
    node_label(name, class, firms) = "{name}，{class}，本地企业 {firms} 家", "{name}, {class}, {firms} local companies";
    node_label_scored(name, class, score, firms) = "{name}，{class}，缺口分 {score}，本地企业 {firms} 家", "{name}, {class}, gap score {score}, {firms} local companies";
    legend = "图例：先看形与纹，再看色", "Legend: shape first, colour second";
    legend_note = "底条是本地覆盖 c，左下数字是缺口分 G，右上方框是在跟线索数。粗线是所选环节的上下游。", "The bar at the foot is local cover c, the figure at the left the gap score G, the box at the top the open leads. Thick lines run up and down from the chosen node.";
    node_panel = "环节详情", "Node";
    node_head(stream, aliases) = "{stream}　别名：{aliases}", "{stream} · also: {aliases}";
    node_neighbours(inputs, outputs) = "投入：{inputs}；供给：{outputs}", "Inputs: {inputs}; goes into: {outputs}";
    node_facts(presence, expected, mean, low, high, cover, firms) = "本地企业当量 {presence}，期望 {expected}；区位商 {mean}（80 % 区间 {low}—{high}）；覆盖 c {cover}；参照企业 {firms} 家", "Presence {presence}, expected {expected}; location quotient {mean} (80 % interval {low}–{high}); cover c {cover}; {firms} reference companies";
    gap_score = "缺口分 G", "Gap score G";
    no_gap_score = "这一类不计缺口分：只有弱链、断链、延链有 G。", "No gap score for this class: only weak, missing and extension nodes have G.";
    rank_in_chain(rank) = "本链第 {rank}", "no. {rank} in the chain";
    term = "项", "Term";
    weight = "权重", "Weight";
    points = "得分", "Points";
    term_unmet = "未满足需求 u", "Unmet demand u";
    term_relatedness = "关联密度 ω", "Relatedness ω";
    term_criticality = "关键度 C", "Criticality C";
    term_priority = "政策优先 p", "Policy priority p";
    story_unmet(demand, output, largest, source) = "本地需求 D {demand} − 产出 X {output}（亿元）；全链最大 {largest}；{source}", "Local demand D {demand} − output X {output} (100 m yuan); largest in the chain {largest}; {source}";
    story_relatedness = "本区已有优势的环节与它的接近度，按各城市同现估计；少于三个地区有它时不计", "How near it is to what the zone is strong in, from what cities have together; left out when fewer than three regions have it";
    story_criticality = "投入图上的介数中心性，以全链最大值归一", "Betweenness in the input graph, divided by the largest of the chain";
    story_priority_missing = "没有文件写明优先级，未计入", "No document sets a priority; left out";
    coefficient_given = "投入系数按给定值", "input coefficients as given";
    coefficient_assumed = "投入系数未给，按 1/投入数 估计", "input coefficients assumed as 1 / number of inputs";
    coefficient_mixed = "投入系数部分给定，其余按 1/投入数 估计", "some input coefficients given, the others assumed as 1 / number of inputs";
    coefficient_none = "没有下游环节用它", "no node uses it";
    judged_as(class, detail) = "判为{class}：{detail}。", "Judged {class}: {detail}.";
    reason_few_reference(firms, needed) = "参照集中只有 {firms} 家企业做它，至少要 {needed} 家才能下结论", "only {firms} companies of the reference set make it, {needed} are needed to say anything";
    reason_few_matched(matched, firms, needed) = "本区 {firms} 家企业只有 {matched} 家能匹配到链上，不足 {needed} %", "only {matched} of the zone's {firms} companies match any chain, less than {needed} %";
    reason_demand(demand) = "本地 0 家，且本地需求 D = {demand} 亿元 > 0", "no local company, and local demand D = {demand} (100 m yuan) > 0";
    reason_near_strong(hops) = "本地 0 家，没有本地需求，但距强链环节 {hops} 步", "no local company and no local demand, but {hops} steps from a strong node";
    reason_nothing_near(hops) = "本地 0 家，没有本地需求，{hops} 步内没有强链环节；不是缺口", "no local company, no local demand, no strong node within {hops} steps; not a gap";
    reason_low_cover(firms, cover, below) = "本地 {firms} 家，覆盖 c = {cover} < {below}", "{firms} local companies, cover c = {cover} < {below}";
    reason_low_quotient(firms, high, below) = "本地 {firms} 家，区位商上界 {high} < {below}", "{firms} local companies, upper end of the location quotient {high} < {below}";
    reason_low_both(firms, cover, cover_below, high, quotient_below) = "本地 {firms} 家，覆盖 c = {cover} < {cover_below}，区位商上界 {high} < {quotient_below}", "{firms} local companies, cover c = {cover} < {cover_below}, upper end of the quotient {high} < {quotient_below}";
    reason_strong(firms, low, cover) = "本地 {firms} 家，区位商下界 {low} ≥ 1，覆盖 c = {cover} ≥ 1", "{firms} local companies, lower end of the quotient {low} ≥ 1, cover c = {cover} ≥ 1";
    reason_between(firms, low, high) = "本地 {firms} 家，区位商区间 {low}—{high}，既不弱也不强", "{firms} local companies, quotient interval {low}–{high}, neither weak nor strong";
    no_local_firm = "本地没有企业做这一环节。", "No local company makes this.";
    candidates = "候选企业", "Candidates";
    all_candidates(count) = "全部 {count} 家", "all {count}";
    no_candidate = "名录里没有找到做它的区外企业。", "The directory has no company elsewhere that makes this.";
    not_contacted = "未接触", "not contacted";
    held_by(bureau) = "{bureau} 在跟", "{bureau}";
    leads_in_progress(count) = "在跟线索 {count} 条", "Open leads: {count}";
    sum_yi(amount) = "合计 {amount} 亿元", "sum {amount} × 100 m yuan";
    no_lead_here = "还没有线索。", "No lead yet.";
    hidden_leads(count) = "另有 {count} 条属于其他分局。", "{count} more belong to other bureaus.";
    find_targets = "找目标企业", "Find targets";
    search_unavailable = "检索服务没有应答，候选企业稍后再看；其余数据不受影响。", "The search engine does not answer; candidates come back later, all else stands.";

    // Targets
    targets_title = "目标寻找", "Target finder";
    targets_for(node) = "{node}：目标企业", "Targets for {node}";
    targets_sub(said, alike, engine, size) = "{said} 家命中，{alike} 家相近；{engine}，库内 {size} 家", "{said} companies say it, {alike} resemble them; {engine}, {size} in the directory";
    targets_by_words = "没有入链的产品，也可以按词找企业", "For a product that is in no chain yet";
    targets_ask = "写出产品或技术的名称", "Name a product or a technology";
    targets_ask_hint = "多个词用顿号隔开，任何一个命中即可；说法不同而产品相近的企业也会列出。", "Part several by commas: any of them may hit, and companies that make the like are listed too.";
    from_a_chain = "从链图的缺口开始", "Begin at a gap of a chain";
    target_words = "检索词", "Words";
    target_words_hint = "如：离子交换膜、质子交换膜", "for example: 离子交换膜、质子交换膜";
    find_them = "查找", "Find";
    query = "查询", "Query";
    edit_query = "编辑查询", "Edit the query";
    edit_query_hint = "改过的查询就在网址里：收藏、发给同事都可以。", "The edited query is in the address: keep it, or send it to a colleague.";
    own_words = "恢复环节自己的词", "Back to the node's own words";
    query_cut = "最多 40 个词，每个不超过 40 个字；多出的没有用于检索。", "At most 40 words of 40 characters; the rest was not searched for.";
    engine_stands_in = "检索服务没有应答，本页由内嵌索引给出，内容完整。", "The search server does not answer; the embedded index gives this page, and it is complete.";
    filtered_by = "已筛选", "Narrowed by";
    without(name) = "去掉筛选 {name}", "Without {name}";
    products_and_grounds = "命中的产品与依据", "Products that hit, and why";
    found_by_likeness = "用词不同，产品相近", "other words, like products";
    supply_buys(product, into, firm, count) = "采购 {product}（做{into}），本地 {firm} 等 {count} 家在做", "buys {product} for {into}: {firm} among {count} firms here make it";
    supply_sells(product, into, firm, count) = "供应 {product}（做{into}），本地 {firm} 等 {count} 家要用", "sells {product} for {into}: {firm} among {count} firms here need it";
    in_own_region = "在本分局片区", "in the bureau's region";
    trip_passes(name, day, city) = "外出“{name}”{day} 起经过{city}", "trip {name} from {day} passes {city}";
    kilometres_away(kilometres) = "直线 {kilometres} 公里", "{kilometres} km away";
    turned_down_because(bureau, day, reason) = "{bureau} {day} 谈过未成：{reason}", "{bureau} lost it on {day}: {reason}";
    turned_down_by(bureau, day, returns) = "{bureau} {day} 谈过未成，{returns} 起可再谈", "{bureau} lost it on {day}; to be tried again from {returns}";
    excluded_turned_down(count) = "谈过未成、暂不列出 {count} 家", "{count} were tried lately and are left out";
    choose_it(name) = "选中 {name}", "Choose {name}";
    choose_every = "全选", "Choose all";
    compare_count(count) = "对比 {count} 家", "Compared: {count}";
    compare_hint(most) = "勾选 2 至 {most} 家，逐项对比；勾选的企业也可存为名单。", "Tick 2 to {most} companies to see them side by side, or keep what is ticked on a list.";
    keep_count(count) = "存为名单 {count}", "Keep {count}";
    keep_on_list = "存为名单", "Keep on a list";
    onto_list = "放入", "Onto";
    new_list = "新名单", "a new list";
    kept_on_list(added, known) = "已放入 {added} 家，原有 {known} 家", "{added} kept, {known} were there";
    local_links = "本地上下游", "Local buyers and suppliers";
    by_reference_graph = "按产品图谱", "by the reference graph";
    links_unknown = "产品图谱里没有它的产品，无从判断。", "The reference graph knows none of its products.";
    no_links = "本地没有企业采购或供应它的产品。", "No firm here buys or supplies its products.";
    peers = "同类企业", "Who makes the like";
    peers_sub = "按主营产品", "by main products";
    no_peers = "库内没有产品相近的企业。", "No company of the directory makes the like.";
    local_firm = "本地", "local";
    history_with_us = "与本区往来", "History with us";
    no_history = "还没有往来记录。", "Nothing on record yet.";
    target_lists = "目标名单", "Target lists";
    target_lists_sub = "从寻商结果或粘贴的名称存下来，可共享给分局，一次建线索或排外出", "Kept from a search or from pasted names; shared with the bureau, made into leads or a trip in one act";
    no_target_list = "还没有名单", "No list yet";
    no_target_list_hint = "在寻商页勾选企业存为名单，或粘贴一批企业名称。", "Tick companies in the finder, or paste names.";
    paste_names = "粘贴名称", "Paste names";
    pasted_names = "企业名称、简称或代码", "Names, short names or codes";
    pasted_hint(most) = "每行一个，最多 {most} 个。", "One a line, {most} at most.";
    match_them = "匹配", "Match";
    keep_list = "存为名单", "Keep as a list";
    names_matched(matched, unmatched) = "已匹配 {matched} 家，库内没有 {unmatched} 个。", "{matched} matched, {unmatched} are not in the directory.";
    names_cut(most) = "超过 {most} 个的没有匹配。", "Names past {most} were not matched.";
    not_in_directory = "库内没有", "not in the directory";
    which_company(name) = "“{name}”是哪一家", "Which company is {name}?";
    none_of_them = "都不是", "none of them";
    list_name = "名单名称", "Name of the list";
    shared_with = "共享", "Shared with";
    only_me = "仅本人", "only me";
    share_with_bureau = "本分局都能看到和使用", "the bureau sees and uses it, too";
    changed_at = "更新时间", "Changed";
    unit_companies = "家", "companies";
    target_list_sub(count, owner, reach) = "{count} 家；{owner} 建，{reach}", "{count} companies; by {owner}, {reach}";
    change_list = "改名称与共享", "Name and sharing";
    plan_trip_of_list = "排外出", "Plan a trip";
    make_leads(count) = "建线索 {count}", "Make {count} leads";
    leads_made(made, asked) = "已建线索 {made} 条，共 {asked} 家", "{made} leads made of {asked}";
    lead_made = "已建线索", "lead made";
    take_off(count) = "移出 {count} 家", "Take {count} off";
    taken_off(count) = "已移出 {count} 家", "{count} taken off";
    list_deleted = "名单已删除", "List deleted";
    list_empty = "名单是空的", "The list is empty";
    list_empty_hint = "在寻商页勾选企业，存入这份名单。", "Tick companies in the finder and keep them here.";
    no_target_any_more = "已注销或已是本地企业", "closed, or local by now";
    added_by = "加入", "Added";
    clear = "清空", "Clear";
    with_revenue(amount) = "营收 {amount} 亿元", "revenue {amount} × 100 m yuan";
    revenue_yi = "营收 亿元", "Revenue, 100 m yuan";
    distance_km = "直线距离 公里", "Distance, km";
    distribution = "分布", "Where they are";
    click_province = "点省份即筛选", "a province narrows the list";
    province_count(province, count) = "{province} {count} 家", "{province}: {count}";
    companies_count(count) = "{count} 家", "{count}";
    weights = "权重", "Weights";
    weights_hint = "权重按本分局保存；缺数据的项不计入，其余按比例放大。", "Kept for the bureau; a term without data is left out and the others are scaled up.";
    weights_default = "恢复默认", "Defaults";
    weights_saved = "权重已保存", "Weights saved";
    weights_wrong = "权重须在 0 至 1 之间，文本契合和可达至少有一项大于 0。", "Weights lie between 0 and 1, and fit or reach is more than 0.";
    region = "区域", "Region";
    search_health = "检索引擎", "Search engines";
    search_health_sub = "数据库里的改动依次写入每个引擎；引擎没有应答时由内嵌索引代答", "Changes are written to every engine in their order; the embedded one stands in for one that is down";
    look_again = "刷新", "Look again";
    rebuild_index = "重建索引", "Make the index anew";
    rebuild_asked = "已请求重建，建成前旧索引继续应答。", "Asked for; the old index goes on answering until the new one is made.";
    search_engine = "引擎", "Engine";
    duty = "职责", "Duty";
    answers_questions = "应答", "answers";
    stands_by = "备用", "stands by";
    waiting_changes = "待写入", "Waiting";
    waiting_since = "最早一条", "Since";
    engine_down(detail) = "没有应答：{detail}", "does not answer: {detail}";
    engine_key_missing = "服务器要求密钥，而 MEILI_KEY 没有设置；由内嵌索引代答", "wants a key and MEILI_KEY is not set; the embedded index stands in";
    engine_key_refused = "服务器拒绝了 MEILI_KEY：已过期、已撤销、有误或权限不足；由内嵌索引代答，换上有效的密钥后自动补写", "refuses MEILI_KEY: expired, withdrawn, mistyped or not for this; the embedded index stands in, and changes follow once a key is taken";
    engine_version(found, oldest) = "服务器版本为 {found}，需要 {oldest} 或同一主版本的更新版本；由内嵌索引代答", "its version is {found}; {oldest} is needed, or a later one of that major version; the embedded index stands in";
    engine_task_failed(code, message) = "写入失败（{code}）：{message}。改动仍在排队，稍后自动重试", "could not write ({code}): {message}. The changes stay in line and are tried again";
    engine_building = "索引尚未建成", "the index is not made yet";
    engine_fine = "正常", "fine";
    narrow = "筛选", "Narrow";
    revenue_size = "营收规模", "Revenue";
    listing = "上市", "Listing";
    listed = "已上市", "listed";
    not_listed = "未上市", "not listed";
    contact_group = "接触", "Contact";
    searched_terms = "检索词", "Searched for";
    back_to_map = "回到链图", "Back to the map";
    province = "省份", "Province";
    city = "城市", "City";
    enterprise = "企业", "Company";
    rank = "名次", "Rank";
    target_fit = "文本契合", "Fit";
    target_gap = "补缺 R", "Gap R";
    target_supply = "供应联系", "Supply links";
    target_reach = "可达", "Reach";
    target_growth = "扩张信号", "Growth";
    risk = "风险提示", "Risks";
    guessed_links = "推测（图谱中没有这条关系）", "Guessed (no such relation on record)";
    supply_guess(input, product, firm, count) = "做{product}可能要采购 {input}，本地 {firm} 等 {count} 家在做", "may buy {input} for {product}: {firm} among {count} firms here make it";
    reason_alike(count, examples) = "相近产品 {count} 种要用，如{examples}", "{count} products like it need it, such as {examples}";
    reason_named = "名称中带有它", "it stands within the name";
    reason_together(with) = "常与 {with} 同用", "often used with {with}";
    saved_queries = "已存查询", "Saved queries";
    save_query = "保存查询", "Save query";
    save_query_hint = "词和筛选一起保存；共享后分局同事都能打开。", "Words and filters are kept together; shared, the whole bureau can open it.";
    query_saved = "查询已保存，见“已存查询”", "Saved: see “Saved queries”";
    query_removed(name) = "已删除查询“{name}”", "Query “{name}” removed";
    change_query(name) = "修改查询“{name}”", "Change query “{name}”";
    remove_query(name) = "删除查询“{name}”", "Remove query “{name}”";
    share_query = "与本分局共享", "Shared with the bureau";
    node_is_gone = "环节已不在产业链中", "the node is no longer in its chain";
    change_this = "修改", "Change";
    updated_on = "更新", "Updated";
    change_company = "编辑企业资料", "Edit company";
    company_changed = "企业资料已保存", "Company saved";
    products_by_line = "一行一种，可在末尾写收入占比，如 电解铝 62.5%", "one to a line, with its share of revenue at the end, such as Aluminium 62.5%";
    tags_by_line = "一行一个", "one to a line";
    sites_by_line = "一行一处，如 研发中心：深圳", "one to a line, such as 研发中心：深圳";
    known_from = "依据（走访、年报、来函…）", "Known from (visit, report, letter …)";
    facts_of_day = "数据日期", "Facts of";
    company_is_local = "本区企业", "A company of the zone";
    company_is_closed = "已注销或停业（不再作为招商目标）", "Closed (no target any more)";
    by_hand_stays = "这里填写的字段不会被导入覆盖；清空的字段由下一次导入补上。", "Imports do not overwrite what is written here; what is emptied here the next import may fill.";
    closed_company = "已注销", "Closed";
    by_hand = "人工填写", "by hand";
    figures_by_year = "历年数据", "Figures";
    places_of_business = "生产基地等场所", "Places of business";
    files_of_leads = "项目文件", "Files";
    where_it_is = "所在位置", "Where it is";
    signs = "扩张与风险信号", "Growth and risk";
    no_signs = "还没有可判断的数据：补充历年营业收入、标签或上市日期。", "No data to tell from: add revenue by year, tags or the listing day.";
    day_column = "日期", "Day";
    map_by = "地图按", "Map by";
    cities_on_map = "企业所在城市", "Cities of the companies";
    the_zone(city) = "本区（{city}）", "the zone ({city})";
    revenue_grew(rate, since, until) = "营业收入年均 {rate}（{since} 至 {until}）", "revenue {rate} a year ({since} to {until})";
    staff_grew(rate, since, until) = "员工数年均 {rate}（{since} 至 {until}）", "staff {rate} a year ({since} to {until})";
    listed_lately(day) = "{day} 上市，募投期", "listed on {day}: building with what was raised";
    special_treatment = "ST：交易所风险警示", "ST: warning of the exchange";
    delisting_warning = "*ST：退市风险警示", "*ST: may be delisted";
    revenue_shrinks(rate) = "营业收入年均 {rate}", "revenue {rate} a year";
    site_nearby(kind, place) = "{kind}在{place}", "{kind} in {place}";
    tags = "标签", "Tags";
    sw_industry = "申万行业", "Shenwan industry";
    neighbour_words(names) = "上下游环节（只作语境）：{names}", "Nodes before and behind (context only): {names}";
    missing_terms(terms) = "缺 {terms}，未计入", "Left out, not known: {terms}";
    make_lead = "建线索", "Make a lead";
    make_lead_of(name) = "为 {name} 建线索", "Make a lead of {name}";
    project_title(name, class) = "{name} 补链项目（{class}）", "{name}: project ({class})";
    source_chain_map = "链图寻商", "Chain map";
    project_of(name) = "{name} 投资项目", "{name}: investment project";
    held_badge(bureau, stage) = "{bureau}在跟 {stage}", "{bureau}: {stage}";
    excluded_local(count) = "已排除本地企业 {count} 家", "{count} local companies are left out";
    no_target = "没有符合的企业", "No company fits";
    no_target_hint = "放宽筛选，换几个词，或先导入更多企业。", "Narrow it less, use other words, or import more companies first.";

    // Leads
    bureau = "分局", "Bureau";
    board_title(bureau) = "{bureau} 线索看板", "{bureau}: lead board";
    board_sub(bureau, count, sum, version) = "{bureau}，在办 {count} 件，{sum} 亿元；规则包 {version} 版", "{bureau}: {count} open, {sum} × 100 m yuan; rule pack {version}";
    after_signing = "签约后", "After signing";
    gate_needs(evidence) = "需 {evidence}", "Needs {evidence}";
    gate_registration = "需 来源、企业、环节、分局", "Needs source, company, node, bureau";
    drop_here(stage) = "放到“{stage}”", "Drop on {stage}";
    back_needs_reason = "退回需要写明原因", "Going back needs a reason";
    card_lifted(company, stage) = "已拿起{company},将放入“{stage}”。左右键选列,回车放下,Esc 放回", "{company} is picked up for {stage}. Arrows choose a column, Enter drops it, Escape puts it back";
    empty_column = "没有线索", "No lead";
    loaded_of(shown, count) = "已载入 {shown} / {count}", "{shown} of {count} shown";
    load_more = "再载 20", "20 more";
    owner_and_days(owner, days) = "{owner}　{days} 天", "{owner} · {days} d";
    claim_left(days) = "首报首谈 {days} 天", "claim {days} d";
    claim_lapsed(days) = "首报首谈已过期 {days} 天", "claim lapsed {days} d ago";
    claim_badge(bureau, until) = "首报首谈 {bureau}，至 {until}", "claimed by {bureau} until {until}";
    silent_days(days) = "静默 {days} 天", "silent {days} d";
    late_working_days(days) = "超时 {days} 工作日", "late {days} working d";
    late_days(days) = "超时 {days} 天", "late {days} d";
    forward_to_stage(stage) = "推进到 {stage}", "Move on to {stage}";
    forward_card(name, stage) = "把 {name} 推进到 {stage}", "Move {name} on to {stage}";
    back_to_stage(stage) = "退回到 {stage}", "Back to {stage}";
    gate_sentence(name, from, to) = "{name}，{from} → {to}。", "{name}: {from} → {to}.";
    gate_note = "证据齐全后才能推进；拖动、接口同此。", "The gate opens when the evidence is complete, by whatever way.";
    moved_to(stage) = "已移到 {stage}", "Moved to {stage}";
    please_choose = "请选择", "Please choose";
    waits_for_evidence = "待补证据", "waits for evidence";
    planned_investment = "拟投资", "Planned investment";
    land = "用地", "Land";
    owner = "负责人", "Owner";
    days_in_stage = "本阶段用时", "In this stage";
    stages = "阶段", "Stages";
    timeline = "时间线", "Timeline";
    entries_count(count) = "{count} 条", "{count} entries";
    evidence_title = "阶段证据", "Evidence";
    rule_pack(version) = "规则包 {version} 版", "rule pack {version}";
    no_evidence = "还在第一阶段，没有证据。", "Still at the first stage: no evidence yet.";
    enterprise_page = "企业页", "Company page";
    credit_code = "信用代码", "Credit code";
    location = "所在地", "Location";
    products = "产品", "Products";
    revenue = "上年营收", "Revenue";
    staff = "员工数", "Staff";
    write_note = "记一笔", "Write a note";
    write_note_hint = "记一笔，回车保存", "Write a note, Enter saves";
    note_kind = "类型", "Kind";
    note_saved = "已记下", "Noted";
    entered_stage(stage) = "进入 {stage}", "Entered {stage}";

    // 首报首谈: the ledger, the public pool, objections, leads handed over
    nav_pool = "公海", "Pool";
    nav_claims = "首报", "Claims";
    by_system = "系统", "system";
    claim_kept = "已签约，不到期", "signed: does not lapse";
    claim_kept_badge(bureau) = "首报首谈 {bureau}，已签约", "claimed by {bureau}, signed";
    held_by_word = "首报分局", "Held by";
    claimed_on = "首报日期", "Claimed on";
    protected_until = "保护至", "Protected until";
    recognised_by = "识别方式", "Recognised by";
    claim_record = "在案记录", "On record";
    no_claim_evidence = "没有走访或阶段记录。", "No visit and no stage on record.";
    claim_conflict = "首报冲突", "Held by another bureau";
    claim_situation = "首报情况", "Who holds it";
    no_conflict = "现在没有别的分局在保护期内，可以登记。", "No other bureau holds it now: it can be registered.";
    contest = "提出异议", "Object";
    contest_evidence = "异议证据（何时、与谁、谈了什么）", "Evidence (when, with whom, about what)";
    contest_hint = "提交后由领导裁定，双方都会看到证据和结果。", "Who leads decides; both bureaus see the evidence and the decision.";
    claim_contested = "异议已提交，等待裁定", "Submitted; it waits for a decision";
    pool_title = "公海", "Public pool";
    pool_sub(count, sum) = "{count} 件，拟投资合计 {sum} 亿元；首报到期、尚未签约，谁先认领归谁", "{count} leads, {sum} 亿元 planned; claims that lapsed before a contract, for whoever comes first";
    pool_had_by = "原分局", "Had by";
    pool_since = "进入日期", "Since";
    pool_lapsed(day) = "首报 {day} 到期未续", "claim ended {day}";
    pool_given_up = "未到期，已放弃首报", "claim given up before its end";
    last_activity = "最近往来", "Last touched";
    every_chain = "全部产业链", "Every chain";
    pool_empty = "公海里没有线索", "The pool is empty";
    pool_empty_hint = "首报到期未续、尚未签约的线索会自动进入这里，任何分局都可以认领。", "Leads whose claim lapses before a contract come here by themselves, and any bureau may take them.";
    take_from_pool = "认领", "Take";
    take_of(name) = "认领 {name}", "Take {name}";
    taken_from_pool(name) = "已认领 {name}", "{name} is yours";
    in_pool = "在公海，可认领", "In the pool";
    lies_in_pool = "首报已到期，线索在公海，本分局仍可查看和取回。", "The claim lapsed: the lead lies in the pool; its bureau still reads it and may take it back.";
    no_claim_runs = "本企业现在没有首报保护。", "No claim runs on the company.";
    claim_and_transfer = "首报与流转", "Claim and transfers";
    ledger_title = "首报台账", "Claim ledger";
    ledger_sub(count) = "{count} 条，最近的在前；只增不改", "{count} lines, newest first; none is ever changed";
    ledger_kind = "事项", "What";
    every_kind = "全部事项", "Everything";
    ledger_text = "说明", "Text";
    ledger_empty = "台账还没有记录", "The ledger is empty";
    ledger_empty_hint = "登记第一条线索时，首报会记在这里。", "The first lead that is registered writes its claim here.";
    no_ledger_line = "没有符合条件的记录", "No line matches";
    find_claim = "企业、拼音或首字母", "Company, pinyin or initials";
    day_from = "自", "From";
    day_until = "至", "Until";
    other_bureau = "对方分局", "Other bureau";
    share_word = "分成", "Share";
    ledger_lapsed(day) = "{day} 到期未续", "ended {day}";
    ledger_renewed(cause) = "续期：{cause}", "renewed by: {cause}";
    open_disputes = "待裁定的异议", "Objections to decide";
    dispute_line(claimant, holder, claimed, until) = "{claimant}对{holder}的首报提出异议；首报 {claimed}，保护至 {until}", "{claimant} objects to the claim of {holder}, claimed {claimed}, until {until}";
    dispute_withdrawn = "异议已撤回", "Objection withdrawn";
    dispute_decided = "裁定已记入台账", "Decided and written to the ledger";
    withdraw_dispute_of(name) = "撤回对 {name} 的异议", "Withdraw the objection on {name}";
    decide = "裁定", "Decide";
    decide_of(name) = "裁定 {name}", "Decide {name}";
    decision = "裁定结果", "Decision";
    decision_uphold(bureau) = "维持首报，仍归{bureau}", "The claim stays with {bureau}";
    decision_reject(bureau) = "改判，移交{bureau}", "The claim goes to {bureau}";
    decision_hint = "理由必填，双方可见。改判后线索连同时间线移交对方；对方已有线索的，首报转到该线索，原线索标为流转。", "The reason is needed and both see it. The lead goes over with its timeline; where the other bureau has a lead of its own, that one gets the claim and this one is marked as transferred.";
    share_kept_by(bureau) = "{bureau}保留的利益分成（%，可空）", "Share that {bureau} keeps (%, optional)";
    hand_over = "流转", "Hand over";
    propose_transfer = "提出流转", "Propose";
    transfer_proposed = "已提出，等对方分局接收", "Proposed; it waits for the other bureau";
    receiving_bureau = "接收分局", "Receiving bureau";
    share_of_giver = "本分局保留的利益分成（%）", "Share that this bureau keeps (%)";
    transfer_hint = "对方接收后，线索、首报和时间线一并移交，分成写在线索页和台账上。", "Once accepted, the lead goes over with its claim and timeline; the share stands on its page and in the ledger.";
    open_transfers = "待接收的流转", "Proposed transfers";
    transfer_line(from, to, percent) = "{from} → {to}，{from}保留分成 {percent} %", "{from} → {to}; {from} keeps {percent} %";
    accept_transfer = "接收", "Accept";
    accept_transfer_of(name) = "接收 {name}", "Accept {name}";
    decline_transfer = "不接收", "Decline";
    decline_transfer_of(name) = "不接收 {name}", "Decline {name}";
    withdraw_transfer_of(name) = "撤回 {name} 的流转", "Withdraw the transfer of {name}";
    transfer_accepted = "已接收，线索归本分局", "Accepted: the lead is yours";
    transfer_declined = "已谢绝", "Declined";
    transfer_withdrawn = "流转已撤回", "Withdrawn";
    keeps_share(bureau, percent) = "{bureau}保留分成 {percent} %", "{bureau} keeps {percent} %";
    claim_rules = "首报首谈规则", "Claim rules";
    claim_days_rule = "保护期（天）", "Days of a claim";
    claim_renew_days = "续期（天，自有记录之日起）", "Days of a renewal";
    claim_pool_after = "到期后几天入公海", "Days before the pool";
    claim_renew_on = "可续期的记录", "Renewed by";
    claim_source = "首报规则依据", "Source of the claim rules";
    claim_rule_line(days, renewed, grace) = "保护期 {days} 天；有续期记录之日起 {renewed} 天，只延不缩；到期后 {grace} 天入公海；签约后不再到期", "{days} days; {renewed} days from each renewal, never shorter; in the pool {grace} days after the end; from the contract on it does not lapse";
    nothing_renews = "没有可续期的记录", "nothing renews";

    // Enterprises
    search_enterprises = "在企业库中搜索", "Search the directory";
    enterprises_found(count, engine, size) = "找到 {count} 家，{engine}；库内 {size} 家", "{count} found, {engine}; {size} in the directory";
    enterprises_all(count, size) = "{count} 家，按读音排序；库内 {size} 家", "{count} companies by pinyin; {size} in the directory";
    local_only = "只看本地", "Local only";
    all_provinces = "全部省份", "All provinces";
    no_enterprise = "没有企业", "No company";
    no_enterprise_hint = "换一个词，或先导入名录。", "Try other words, or import a directory first.";
    stock_code = "证券代码", "Stock code";
    industry = "行业", "Industry";
    facts = "基本信息", "Facts";
    short_name = "简称", "Short name";
    exchange = "交易所", "Exchange";
    listed_on = "上市日期", "Listed on";
    address = "地址", "Address";
    website = "网址", "Website";
    product_name = "产品", "Product";
    revenue_share = "收入占比", "Revenue share";
    no_products = "没有产品数据。", "No products known.";
    places_in_chains = "在链位置", "Places in chains";
    no_places = "没有匹配到任何环节。", "Matches no node.";
    our_leads = "我们的线索", "Our leads";

    // One company, once
    duplicates_title = "疑似重复", "Possible duplicates";
    duplicates_sub(count, moment) = "{count} 对待处理；全库比对于 {moment}，此后新增和改动的企业随时比对", "{count} pairs wait; the whole directory was compared {moment}, changes since as they came";
    duplicates_never = "全库还没有比对过，后台正在进行", "The directory has not been compared yet; the background is at it";
    duplicate_open = "待处理", "Open";
    duplicate_distinct = "不是同一家", "Not the same";
    duplicate_merged = "已合并", "Merged";
    duplicate_likely = "只看很可能的", "Likely ones only";
    duplicate_state = "处理状态", "State";
    search_duplicates = "按企业名称筛选", "Filter by company name";
    duplicate_score = "相似", "Likeness";
    duplicate_pair = "两家企业", "Two companies";
    duplicate_reasons = "理由", "Reasons";
    duplicate_leads(count) = "线索 {count} 件", "{count} leads";
    duplicates_of_company(count) = "疑似重复 {count} 对", "{count} possible duplicates";
    no_duplicate = "没有疑似重复的企业", "No possible duplicates";
    no_duplicate_hint = "导入或新增企业后，后台会自动比对，有疑问的会列在这里。", "New and imported companies are compared in the background; what looks alike appears here.";
    no_duplicate_filtered = "没有符合筛选的", "None fits the filter";
    merge_action = "合并", "Merge";
    merge_pair(left, right) = "合并 {left} 和 {right}", "Merge {left} and {right}";
    distinct_pair(left, right) = "{left} 和 {right} 不是同一家", "{left} and {right} are not the same";
    distinct_hint = "记下原因；以后的比对不再提起这一对。", "Write down why; later scans will not ask again.";
    distinct_saved = "已记为不是同一家", "Noted: not the same";
    reopen_duplicate = "重新待处理", "Open again";
    reopened_duplicate = "已放回待处理", "Open again";
    merge_other_bureau = "涉及其他分局的线索，请管理员合并", "Other bureaus have leads here: an administrator merges";
    decided_by_on(name, day) = "{name}，{day}", "{name}, {day}";
    merge_title = "合并企业", "Merge two companies";
    merge_sub(score) = "相似度 {score}。逐项选择留下哪一家的值；不动的按预选。", "Likeness {score}. Choose field by field; the rest stays as preselected.";
    merge_keep = "保留哪一家的档案", "Which record stays";
    merge_keep_hint = "另一家的线索、首报、行程等都归到它名下，原网址自动转到它。", "All that belongs to the other moves to it, and the other's address leads to it.";
    merge_left = "左边", "Left";
    merge_right = "右边", "Right";
    merge_field = "字段", "Field";
    reload_pair = "重新载入两家", "Load both again";
    merge_fields = "不同的字段", "Fields that differ";
    merge_no_field = "两家的字段没有不同。", "No field differs.";
    merge_equal(count) = "相同的字段 {count} 项", "{count} equal fields";
    merge_empty = "（空）", "(empty)";
    merge_products = "合并后的产品", "Products afterwards";
    products_left = "左边的", "The left one's";
    products_right = "右边的", "The right one's";
    products_both = "两边都要", "Both";
    merge_product_list(count) = "{count} 项产品", "{count} products";
    merge_preview = "合并会带走什么", "What moves";
    merge_moves(name) = "从“{name}”移到保留的企业：", "From {name} to the kept company:";
    merge_matches(count) = "产业链匹配 {count} 条，按合并后的产品重新匹配", "{count} places in chains, matched anew from the products";
    merge_claim_conflict(stays, since, until, released, other) = "两家都有首报在效：{stays} {since} 首报更早，继续有效至 {until}；{released} {other} 的首报释放，并写进线索时间线。", "Both are claimed: {stays} was first ({since}) and keeps it until {until}; the claim of {released} ({other}) is released, which its lead's timeline says.";
    merge_twice_followed(bureaus) = "{bureaus} 在两家各有在办线索：合并后仍是两件。", "{bureaus} has open leads with both: they stay two leads.";
    merge_shared_trips(trips) = "行程“{trips}”里两家都有：两次走访都留着，请在行程里去掉一次。", "Trips {trips} visit both: the visits stay two, take one out there.";
    merge_local = "其中一家是本地企业，合并后按本地企业。", "One of them is local; so is the merged company.";
    merge_undo_hint = "合并可以撤销：两家的字段恢复原样，移走的逐条回去；合并后新增的留在保留的企业。", "A merge can be undone: both get their fields back, what moved goes back row by row, what came later stays.";
    merge_do = "合并", "Merge";
    merge_done = "已合并", "Merged";
    merge_history = "合并记录", "Merges";
    merge_line(name) = "曾用档案：{name}", "Merged record: {name}";
    merge_by_on(name, moment) = "{name} 合并于 {moment}", "merged by {name}, {moment}";
    merge_undone_by_on(name, moment) = "{name} 撤销于 {moment}", "undone by {name}, {moment}";
    undo_merge = "撤销合并", "Undo";
    undo_merge_of(name) = "撤销与 {name} 的合并", "Undo the merge with {name}";
    undo_merge_hint(name) = "“{name}”恢复为单独的企业，合并时移来的线索、首报、行程逐条回去；合并后新增或改过的留在本企业。", "{name} becomes a company again and what moved goes back; what came or changed since stays here.";
    merge_was_undone = "已撤销合并", "The merge was undone";
    merge_stayed(parts) = "已撤销合并。合并后新增或改过的留在本企业：{parts}。", "The merge was undone. What came or changed since stays here: {parts}.";
    moved_count(what, count) = "{what} {count} 条", "{what}: {count}";
    merge_choose(field) = "{field}：留下哪一个", "{field}: which one stays";

    // Import
    import_enterprises = "导入企业", "Import companies";
    import_sub = "xlsx、csv（UTF-8 或 GB18030）、jsonl；先试运行，再写入", "xlsx, csv (UTF-8 or GB18030), jsonl; a dry run first, then the import";
    import_title(file) = "导入 {file}", "Import {file}";
    import_file(file, sheet, rows, columns, size) = "{file}，{sheet}，{rows} 行 × {columns} 列，{size}", "{file}, {sheet}, {rows} rows × {columns} columns, {size}";
    import_promise = "拒绝的行不写入，其余照常；同一文件再导一次不会改变任何数据", "Refused rows are not written, the others are; the same file again changes nothing";
    step_upload = "上传", "Upload";
    step_columns = "认列", "Columns";
    step_check = "核对", "Check";
    step_import = "导入", "Import";
    choose_file = "把文件拖到这里，或点此选择", "Drop a file here, or click to choose";
    choose_file_hint = "xlsx、csv、jsonl，64 MB 以内", "xlsx, csv, jsonl, up to 64 MB";
    upload = "上传并核对", "Upload and check";
    imports_before = "最近的导入", "Recent imports";
    no_import = "还没有导入过", "Nothing imported yet";
    no_import_hint = "选一个名录文件开始。", "Begin by choosing a directory file.";
    columns = "列的对应", "Columns";
    columns_known(count, known) = "{count} 列：认出 {known}", "{count} columns, {known} recognised";
    file_column = "文件列", "File column";
    sample = "样例", "Sample";
    field = "对应字段", "Field";
    field_of_column(column) = "“{column}”列对应的字段", "Field of column {column}";
    do_not_import = "不导入", "Do not import";
    recognised = "自动", "recognised";
    please_check = "请核", "check";
    left_alone = "略", "left out";
    inserted = "新增", "New";
    updated = "更新", "Updated";
    unchanged = "不变", "Unchanged";
    refused = "拒绝", "Refused";
    warned = "其中提醒", "With warnings";
    kept_by_hand = "有字段保留", "With fields kept";
    kept_rows(count) = "{count} 行中有字段由人工填写，或本库数据日期更新：这些字段保留现值。", "In {count} rows some fields were written by people or are of a later day: these stay as they are.";
    stays_as(before, after) = "保留「{before}」，不取文件中的「{after}」", "stays “{before}”; “{after}” of the file is not taken";
    list_is_local = "这是本区企业名录：其中企业计入产业链覆盖，不作为招商目标", "These are the zone's own companies: they count in the coverage of chains and are no targets";
    dry_run = "试运行，未写入任何数据", "Dry run: nothing was written";
    verdict = "判定", "Verdict";
    was(value) = "（原为“{value}”）", " (it says “{value}”)";
    refused_rows(count) = "拒绝 {count} 行", "{count} rows refused";
    warned_rows(count) = "提醒 {count} 行", "{count} rows with warnings";
    other_file = "换一个文件", "Another file";
    import_rows(count) = "导入 {count} 行", "Import {count} rows";
    importing = "正在导入", "Importing";
    done_of(done, total) = "{done} / {total} 行", "{done} / {total} rows";
    import_done(rows, seconds) = "导入完成：{rows} 行，用时 {seconds} 秒", "Done: {rows} rows in {seconds} s";
    import_failed = "导入没有完成", "The import did not finish";
    to_enterprises = "看企业库", "To the directory";
    reason_separator = "；", "; ";
    reason_of_field(field, reason) = "{field}：{reason}", "{field}: {reason}";
    columns_remembered(by, day) = "沿用上次的对应（{by}，{day}）", "Columns as in the last import with this header ({by}, {day})";
    columns_guessed_again = "改回自动识别", "Back to what the headers say";
    remembered = "沿用", "as before";
    mended_file = "这是改过的问题行文件：行号指原文件的行，附加的三列不导入", "A file of refused rows, mended: row numbers are those of the original file, and the three added columns are not imported";
    all_rows = "全部", "All";
    next_problem = "下一个问题", "Next problem";
    no_such_rows = "没有这样的行。", "No such rows.";
    first_of(shown, total) = "列出前 {shown} 行，共 {total} 行", "The first {shown} of {total} rows";
    changed_from(before, after) = "原 {before} → {after}", "was {before} → {after}";
    import_promise_undo(days) = "拒绝的行不写入；导入后 {days} 天内可整批撤销，更新过的字段一并还原", "Refused rows are not written; within {days} days an import can be taken back as a whole, updated fields included";
    download_refused_csv = "问题行 CSV", "Refused rows, CSV";
    download_refused_xlsx = "问题行 XLSX", "Refused rows, XLSX";
    mend_hint = "改好后直接再传：多出的三列会自动略过。", "Mend the rows and upload the file again: the three added columns are ignored.";
    import_half(done, total) = "停在第 {done} 行（共 {total} 行）：前面的已经写入，可以撤销，也可以重新导入同一文件。", "It stopped after row {done} of {total}: what came before is written, and can be taken back; the same file can also be imported again.";
    directory_importing(done, total) = "正在导入：已写入 {done} / {total} 行，名录此刻不完整", "An import is running: {done} of {total} rows are written, the directory is not complete";
    directory_undoing(done, total) = "正在撤销一次导入：已处理 {done} / {total} 家，名录此刻不完整", "An import is being taken back: {done} of {total} companies, the directory is not complete";
    undo_import = "撤销此次导入", "Take this import back";
    undo_send = "撤销", "Take back";
    undo_explained = "新增的企业删除，更新过的企业恢复到导入之前的字段和产品。此后被改动过、或已有线索、行程、判定、方案的企业保留原样。", "New companies are deleted, updated ones get the fields and products from before the import. Companies that were changed since, or that a lead, trip, decision or scenario refers to, stay as they are.";
    undo_removed = "删除", "Deleted";
    undo_restored = "还原", "Restored";
    undo_kept = "保留", "Kept";
    undo_counts(removed, restored, kept) = "将删除 {removed} 家、还原 {restored} 家、保留 {kept} 家", "{removed} to be deleted, {restored} to be restored, {kept} to be kept";
    undoing = "正在撤销", "Taking back";
    undone_of(done, total) = "{done} / {total} 家", "{done} / {total} companies";
    undone_by(by, moment) = "已撤销：{by}，{moment}", "Taken back by {by}, {moment}";
    kept_companies(count) = "保留的企业 {count} 家", "{count} companies kept";
    kept_first(shown) = "列出前 {shown} 家", "The first {shown}";
    is_new_company = "新增", "new";
    is_updated_company = "更新", "updated";

    // Trips
    new_trip = "新建外出", "New trip";
    trips_sub(count) = "{count} 次", "{count} trips";
    no_trip = "还没有外出计划", "No trip planned yet";
    no_trip_hint = "从线索和缺口里挑企业，排出每天的行程。", "Pick companies from leads and gaps, and get an itinerary day by day.";
    trip_name = "名称", "Name";
    trip_default_name(month) = "{month} 月外出招商", "Trip in month {month}";
    start_on = "出发日期", "Start";
    days = "天数", "Days";
    days_of(limit) = "天数（至多 {limit}）", "Days (at most {limit})";
    teams = "队数", "Teams";
    teams_of(limit) = "队数（至多 {limit}）", "Teams (at most {limit})";
    cities = "城市", "Cities";
    visits = "企业", "Companies";
    start_city = "出发城市", "Start city";
    trip_form_sub = "在跟线索已选好；价值：线索 8 分起、每阶段加 0.25，目标企业为得分的十分之一", "Open leads are picked already; a lead is worth 8 and a quarter more a stage, a target a tenth of its score";
    whom_to_visit = "走访谁", "Whom to visit";
    picked_count(count) = "已选 {count} 家", "{count} picked";
    own_leads = "本分局在跟线索", "The bureau's open leads";
    free_targets = "缺口上没人跟的目标企业", "Targets for gaps that nobody follows";
    nothing_to_pick = "没有可选的企业。", "Nothing to pick.";
    pick_all = "全选", "All";
    must_visit = "必访", "must";
    unplaced(count) = "{count} 家所在城市没有坐标，会列入未排入。", "{count} have a city without coordinates and will be left out.";
    frame_of_trip = "行程范围", "Frame";
    trip_assumptions = "工作时间 9:00—18:00，午休 12:00—13:30，每家 90 分钟，周末不走访；行程时间按坐标估计：驾车、高铁、飞机取最快。", "Working hours 9:00–18:00, lunch 12:00–13:30, 90 minutes each, none at weekends; travel estimated from coordinates by road, rail or air, the fastest.";
    plan_it = "排行程", "Plan it";
    planning = "正在排行程…", "Planning…";
    trip_span(from, until, city, bureau) = "{from} 至 {until}，自 {city} 出发；{bureau}", "{from} to {until}, from {city}; {bureau}";
    calendar = "日历 ICS", "Calendar ICS";
    print = "打印", "Print";
    of_candidates(count) = "候选 {count}", "of {count}";
    of_value(share) = "占候选 {share} %", "{share} % of all";
    meetings = "会谈", "Meetings";
    travelling = "在途", "Travelling";
    plan_checked = "独立校验通过", "Checked independently";
    time_line = "时间线", "Time line";
    team(number) = "{number} 队", "Team {number}";
    on_the_way(hours) = "在途 {hours} h", "{hours} h travel";
    left_out(count) = "未排入 {count} 家", "{count} left out";
    nobody_left_out = "候选企业全部排入。", "Everybody is in the plan.";
    left_no_coordinates = "所在城市没有坐标", "No coordinates for its city";
    left_closed = "这几天没有可会谈的时间（周末不走访）", "No open hours on these days (none at weekends)";
    left_too_far(city, time) = "离最近的停留地 {city} 也要 {time}", "{time} from the nearest stop, {city}";
    left_no_time(team, day, minutes) = "{team} 队第 {day} 天还差 {minutes} 分钟", "Team {team} lacks {minutes} minutes on day {day}";
    left_lower_value(name, value) = "价值低于可替换的 {name}（{value}）", "Worth less than {name} ({value}), which it would displace";
    left_conflict = "固定的队、日或时间互相矛盾", "Its fixed team, day or time contradict";
    rest_day = "休息", "rest";
    free_day = "机动", "free";
    mode_local = "市内", "local";
    mode_road = "驾车", "by road";
    mode_rail = "高铁", "by rail";
    mode_flight = "飞机", "by air";
    journey(from, to, mode, kilometres, time) = "{from} → {to}，{mode}约 {time}，{kilometres} 公里", "{from} → {to} {mode}, about {time}, {kilometres} km";
    stay_in(city) = "住 {city}", "Night in {city}";
    // The planner
    looks = "查看方式", "Views";
    more = "更多", "More";
    totals = "合计", "Totals";
    actions = "操作", "Actions";
    as_list = "清单", "List";
    on_the_map = "地图", "Map";
    in_seconds(seconds) = "{seconds} 秒", "{seconds} s";
    search_seconds = "用时", "Seconds";
    search_anew = "重新优化", "Plan anew";
    search_anew_hint = "锁定的不动，其余重新排", "Locked visits stay, all others may move";
    search_kept = "少改动重排", "Mend the plan";
    search_kept_hint = "已排的尽量不动，只补空档", "Visits stay where they are as far as possible";
    searching = "正在找更好的方案", "Looking for a better plan";
    search_ended = "优化结束", "The search has ended";
    stop_search = "停止并采用", "Stop and keep";
    iterations(count) = "已试 {count} 次", "{count} tries";
    best_value(value) = "目前价值 {value}", "Value so far {value}";
    add_companies = "加企业", "Add companies";
    add_and_replan = "加入并重排", "Add and plan";
    teams_and_days = "队伍与天数", "Teams and days";
    team_name = "队名", "Name";
    team_people = "人员（顿号分隔）", "People, between commas";
    end_city = "返回城市", "End city";
    given_nights = "指定住宿（第几天 城市，如：1 南京、2 苏州；空着由排程决定）", "Given nights (day and city, such as: 1 南京, 2 苏州; empty: as planned)";
    remove_team(number) = "去掉 {number} 队", "Remove team {number}";
    add_team = "加一队", "Add a team";
    frame_hint = "保存后按新的队伍和日期重排，已排的走访尽量不动；锁定的走访若不在新的日期或队伍里，锁定会解除。", "The trip is then planned anew; locks on days or teams that are no more are given up.";
    nights = "住宿", "Nights";
    unit_nights = "晚", "nights";
    trip_cost = "预算", "Cost";
    unit_wan_yuan = "万元", "10k yuan";
    cost_parts(people, travel, hotels, allowances) = "{people} 人：城际交通 {travel} 元，住宿 {hotels} 元，伙食与市内交通 {allowances} 元。高铁 0.46 元/公里，航班 0.75 元/公里，用车 2.5 元/公里，住宿 450 元/晚，伙食 100 元/天、市内 80 元/天（财行〔2013〕531号）；未填人员的队按 3 人。", "{people} people: travel {travel} yuan, hotels {hotels} yuan, meals and local travel {allowances} yuan. Rail 0.46, flights 0.75 and cars 2.5 yuan/km, hotels 450 a night, meals 100 and local travel 80 a day; 3 people for a team without names.";
    trip_draft = "草稿", "Draft";
    trip_submitted = "待批准", "Waiting for approval";
    trip_approved = "已批准", "Approved";
    trip_returned = "已退回", "Returned";
    changed_since_approval = "批准后有改动，可再送审", "Changed since its approval; it can be submitted again";
    submit_trip = "送领导审批", "Submit";
    take_back_trip = "撤回", "Take back";
    approve_trip = "批准", "Approve";
    return_trip = "退回", "Return";
    return_reason = "退回的原因", "Why it is returned";
    trip_was_submitted = "已送审", "Submitted";
    trip_taken_back = "已撤回", "Taken back";
    trip_was_approved = "已批准", "Approved";
    move_here(time) = "移到 {time}", "Move to {time}";
    is_locked = "已锁定", "locked";
    is_pinned = "手工安排", "placed by hand";
    lock_visit = "锁定", "Lock";
    unlock_visit = "解除锁定", "Unlock";
    take_out_visit = "移出方案", "Take out";
    put_in_visit = "放入", "Put in";
    cancel_visit = "取消走访", "Cancel";
    cancel_visit_hint = "从这次外出里去掉，空档自动补上", "It leaves the trip, and the gap is filled";
    move_to = "移到", "Move to";
    put_into = "放入", "Put into";
    nowhere_to_move = "没有别的队和天能放下它：先移出或缩短别的走访。", "No other team or day has room: take out or shorten another visit first.";
    not_in_the_plan = "未排入", "Not in the plan";
    open_record = "打开", "Open";
    known_ways = "已知在途时间（每行：出发,到达,分钟[,驾车/高铁/飞机][,几点起]；或首行首列为城市的矩阵；其余按坐标估计）", "Known travel times (a line each: from,to,minutes[,road/rail/flight][,from hour]; or a matrix of cities; others are estimated)";
    still_saving = "上一步还在保存，请再试一次。", "The last step is still being saved: try again.";
    held_up = "误点受阻", "Held up";
    held_up_hint = "误了车、堵在路上：队伍在原地等到几点。已经发生的走访不动，其余尽量少改。", "A missed train, a blocked road: until when the team waits where it is. What has happened stays, the rest changes as little as possible.";
    replan_with_hold = "按此重排", "Plan again";
    from_time = "从", "From";
    until_time = "到", "Until";
    no_time_typed = "请填起止时间。", "Say from when until when.";
    until_before_from = "结束要晚于开始。", "It has to end after it begins.";
    left_past = "能接待的时间已经过去", "the hours in which it receives are over";
    now_word = "现在", "Now";
    move_past = "这次走访已经发生，不能再动", "It has happened already";
    ways_file = "从 CSV 文件读入", "Read a CSV file";
    file_unread = "文件读不出来：请存为 UTF-8 或 GBK 的 CSV。", "The file cannot be read: save it as CSV in UTF-8 or GBK.";
    where_to = "去哪些城市", "Where to";
    every_city = "不限城市", "Any city";
    value_explained = "右侧为走访价值：线索 8 分起，每进一阶段加 0.25；缺口目标为匹配分的十分之一；名单企业 6 分。排好后可逐家调整。", "The figure is the value of a visit: leads from 8, a quarter more a stage; targets of gaps a tenth of their score; companies of a list 6. Each can be changed on the trip.";
    way_unread(line, text) = "第 {line} 行读不懂：{text}", "Line {line} cannot be read: {text}";
    more_demands = "接待时间、次序、接待方", "Hours, order, host";
    visit_hours = "接待时间（空着按工作时间）", "Hours (empty: working hours)";
    hours_example = "周一 9:00-11:30；7-8 不接待", "周一 9:00-11:30; 7-8 closed";
    hours_unread(part, text) = "接待时间第 {part} 段读不懂：{text}", "Part {part} of the hours cannot be read: {text}";
    visit_first = "须先走访", "To be visited before";
    nobody_first = "无", "None";
    visit_host = "接待方（同一接待方的企业同队同日走访）", "Host (companies of one host are visited together)";
    visit_value = "价值", "Value";
    visit_minutes = "分钟", "Minutes";
    value_and_minutes = "价值要在 0 到 100 之间，时长要在 15 到 600 分钟之间。", "The value is from 0 to 100, the length from 15 to 600 minutes.";
    visit_moved(name, team, day) = "{name} 排到 {team} 队第 {day} 天", "{name} goes to team {team}, day {day}";
    visit_taken_out(name) = "已移出 {name}", "{name} was taken out";
    visit_cancelled(name) = "已取消走访 {name}", "{name} is no longer to be visited";
    visit_locked(name) = "已锁定 {name}", "{name} is locked";
    visit_unlocked(name) = "已解除锁定 {name}", "{name} is no longer locked";
    visit_changed(name) = "已改 {name}", "{name} was changed";
    company_gone = "已不在候选的企业", "a company that has left the trip";
    locked_elsewhere(names) = "{names} 已锁定在别处，与那个方案不同：先解除锁定。", "{names}: locked elsewhere than in that plan. Unlock first.";
    open_trip_first = "行程页面已关闭：请打开行程，在方案比较里换回，或逐项改回。", "The trip's page is closed: open it to change the plan back.";
    no_such_city(name) = "没有“{name}”这个城市", "There is no city {name}";
    plan_restored = "已恢复原方案", "The plan is back as it was";
    move_unknown = "这家企业没有坐标，排不进。", "The company has no place and cannot be planned.";
    move_locked = "已锁定：先解除锁定。", "It is locked: unlock it first.";
    move_closed = "那一天不接待，或约定了别的队、日期或时刻。", "It does not receive on that day, or is bound to another team, day or time.";
    move_full = "改后排不下：先移开或缩短同一天的走访。", "That does not fit: move or shorten visits of the same day first.";
    move_no_time(minutes) = "还差 {minutes} 分钟，排不下。", "It lacks {minutes} minutes.";
    move_bound = "次序或同一接待方的要求不允许。", "An order or a shared host does not allow it.";
    left_window_too_short(minutes) = "接待时间最长只有 {minutes} 分钟，短于走访", "Its longest opening has {minutes} minutes, shorter than the visit";
    left_order(name) = "要先访 {name}", "{name} must be visited before";
    left_host(team, day) = "同一接待方由 {team} 队第 {day} 天走访，放不下", "Its host is visited by team {team} on day {day}, without room for it";
    left_fits(team, day) = "{team} 队第 {day} 天放得下", "Fits with team {team} on day {day}";
    remedy_locate = "补上企业所在城市", "Enter its city";
    remedy_ask_for_time = "请对方在工作日安排时间，或屏对屏", "Ask for a time on a working day, or meet online";
    remedy_shorten(minutes) = "缩短到 {minutes} 分钟即可", "Fits when it lasts {minutes} minutes";
    remedy_remove(name) = "去掉 {name} 即可", "Fits without {name}";
    remedy_another_team = "另设一队即可", "Fits with one more team";
    remedy_more_days(days) = "行程延到 {days} 天、另设一队即可", "Fits in {days} days with a team of its own";
    remedy_release = "放开固定的队、日期或时刻", "Give up the fixed team, day or time";
    remedy_include(name) = "先排入 {name}", "Put in {name} first";
    changes_of(count) = "改动 {count} 处", "{count} changes";
    visit_added = "新排入", "new:";
    visit_dropped = "不再排入，原", "out, was";
    kept_plans = "方案比较", "Plans compared";
    no_kept_plan = "还没有留存的方案。留存后可与改动后的方案比较，也可换回。", "No plan is kept yet. A kept plan can be compared with what becomes of this one, and taken back.";
    keep_plan_as = "留存当前方案，名为", "Keep this plan as";
    keep_plan = "留存", "Keep";
    use_variant = "采用", "Use";
    plan_word = "方案", "Plan";
    plan_now = "当前", "now";
    no_difference = "与当前方案相同。", "The same as now.";
    itinerary_day(month, day, weekday) = "{month} 月 {day} 日 {weekday}", "{weekday} {day}/{month}";

    // The delegation's book
    book_word = "简报册", "Book";
    book_of(trip) = "{trip} 简报册", "{trip}: the book";
    book_sub(firms, teams, lacking) = "{firms} 家，{teams} 队，{lacking} 家待补", "{firms} companies, {teams} teams, {lacking} with gaps";
    book_empty = "方案里还没有走访", "The plan has no visit yet";
    book_empty_hint = "先在行程里排出走访，这里每家一页。", "Plan visits first: each gets its page here.";
    cover_page = "封面", "Cover";
    contents = "目录", "Contents";
    appendix = "附录", "Appendix";
    day_sheet = "每日行程", "Days";
    days_of_team(team) = "{team} 每日行程", "{team}: the days";
    lacks(count) = "缺 {count} 项", "{count} missing";
    firms_count(count) = "{count} 家", "{count} companies";
    lacks_word = "缺", "Missing";
    lacks_these(names) = "{names}（不作推断）", "{names} (not guessed)";
    of_team(team, what) = "{team} {what}", "{team} {what}";
    print_options = "打印选项", "Print options";
    print_book = "整册打印 / PDF", "Print all / PDF";
    print_sheet = "打印当前页", "Print this page";
    phone_page = "手机页", "Phone page";
    back_to_trip = "返回行程", "Back to the trip";
    page_layout = "版面", "Layout";
    with_codes = "含二维码", "QR codes";
    with_red_lines = "含红线", "Red lines";
    with_contacts = "含联系方式", "Contacts";
    book_check = "本册检查", "Checks";
    nothing_lacks = "各页字段齐全", "Nothing is missing";
    some_lack(count) = "{count} 家有缺项，页上已标明", "{count} companies lack facts, named on their pages";
    ours_overdue(count) = "{count} 条我方承诺逾期", "{count} commitments of ours are overdue";
    book_note = "内容随线索更新；简报不另存副本。", "It follows the leads: no copy is kept.";
    data_as_of(day) = "数据截至 {day}", "As of {day}";
    internal_use = "内部使用", "Internal";
    delegation_book = "招商小分队简报册", "Delegation's book";
    date_span(from, until) = "{from} 至 {until}", "{from} to {until}";
    book_totals(cities, firms, teams, hours) = "{cities} 城，{firms} 家企业，{teams} 队，在途 {hours} 小时", "{cities} cities, {firms} companies, {teams} teams, {hours} h on the way";
    code_of_trip(address) = "二维码：手机页 {address}", "QR code: phone page {address}";
    code_of_visit(name) = "二维码：{name} 的手机页", "QR code: phone page of {name}";
    teams_of_trip = "分组", "Teams";
    team_word = "队", "Team";
    members = "成员", "Members";
    people_unsaid = "未填", "Not said";
    page_word = "页", "Page";
    sheet_number(number) = "见 {number}", "page {number}";
    no_contact_yet = "还没有联系人", "No contact yet";
    name_word = "姓名", "Name";
    brief_number(number, count) = "走访简报 {number} / {count}", "brief {number} / {count}";
    no_address_in(city) = "{city}，地址待补", "{city}, address missing";
    listed_code = "上市代码", "Listed as";
    people_count(count) = "{count} 人", "{count} people";
    investment_and_land(yi, mu) = "{yi} 亿元，{mu} 亩", "{yi} × 100 m yuan, {mu} mu";
    brief_place = "一、在本地链上的位置", "1. Place in our chain";
    brief_facts = "二、他们是谁", "2. Who they are";
    brief_supply = "三、本地上下游", "3. Buyers and suppliers here";
    brief_past = "四、此前往来", "4. What was said before";
    brief_people = "五、在场", "5. Who will be there";
    brief_asks = "六、要问", "6. To ask";
    brief_offers = "七、可以谈", "7. To offer";
    brief_red_lines = "红线：公平竞争审查", "Red lines: fair-competition review";
    brief_end = "八、散会前核对", "8. Before leaving";
    in_no_chain = "未归入任何产业链环节，见面先问主营产品。", "In no node of a chain yet: ask for the main products first.";
    brief_term_unmet = "未满足", "unmet";
    brief_term_relatedness = "关联", "relatedness";
    brief_term_criticality = "关键", "criticality";
    brief_term_priority = "政策", "policy";
    brief_node(node, class, firms, cover) = "{node}（{class}）：本地 {firms} 家，需求满足 {cover}。", "{node} ({class}): {firms} firms here, {cover} of the demand met.";
    brief_score(score, terms) = "缺口分 {score} = {terms}。", " Gap score {score} = {terms}.";
    supply_none = "本地没有已知的上下游企业。", "No known buyer or supplier here.";
    supply_unknown = "主营产品不在关系库里，上下游未知。", "Its products are not in the reference: buyers and suppliers are unknown.";
    first_meeting_short = "首次见", "first meeting";
    first_meeting = "首次见面，没有往来记录。", "A first meeting: nothing on record.";
    last_of(shown, all) = "近 {shown} 条，共 {all} 条", "the last {shown} of {all}";
    promised_word = "已答应", "Promised";
    say_it_first = "逾期，先说明", "overdue: say it first";
    ask_promise(content) = "对方承诺的进展：{content}", "How far they are: {content}";
    ask_fact(name) = "补：{name}", "Missing: {name}";
    ask_who_decides = "谁拍板，还要见谁", "Who decides, and whom else to meet";
    offer_promise(content) = "已承诺：{content}", "Promised: {content}";
    offer_demand(node, cover) = "本地 {node} 需求只满足 {cover}，有现成市场", "Only {cover} of the demand for {node} is met here";
    offer_partners(count) = "{count} 条本地配套联系（见三）", "{count} links to firms here (see 3)";
    offer_public = "公开政策、标准厂房、用能与接管，按公布价", "Public policy, standard plants, energy and connections at published prices";
    red_line_rule = "不谈针对一家的税收、财政补助", "No tax or subsidy for one firm alone";
    red_line_local = "不以本地采购为落地条件", "No local purchase as a condition";
    end_promises = "承诺逐条：谁、什么、何时", "Each promise: who, what, when";
    end_next = "下一步和日期双方确认", "Next step and date agreed";
    end_people = "新见到的人记下职务、电话", "New people noted with position and number";
    end_record = "1 分钟走访记录已存（扫右上码）", "One-minute record saved (code above)";
    contact_person = "对接人", "Contact";
    stay_word = "住宿", "Night";
    to_do_word = "要问", "To ask";

    // On the road
    road_title(trip) = "{trip} 在路上", "{trip}: on the road";
    choose_team = "选队", "Team";
    is_offline = "离线", "Offline";
    to_be_sent(count) = "{count} 条待发", "{count} to send";
    until_clock(clock) = "至 {clock}", "to {clock}";
    record_this_visit = "记这次走访", "Write it down";
    record_again = "再记一次", "Write again";
    call_word = "拨打", "Call";
    navigate_word = "导航", "Map";
    brief_word = "简报", "Brief";
    to_get(names) = "要拿到：{names}", "To get: {names}";
    promise_overdue(content) = "{content}：我方逾期，见面先说明", "{content}: ours is overdue, say it first";
    drive_to(mode, time) = "{mode} {time}", "{mode} {time}";
    no_visit_that_day = "这一天没有走访", "No visit on this day";
    road_today = "今日", "Today";
    road_promises(count) = "承诺 {count}", "Promises {count}";
    road_outbox(count) = "待发 {count}", "Outbox {count}";
    road_report = "报告", "Report";
    visit_record = "走访记录", "Visit";
    outcome_word = "结果", "Outcome";
    whom_met = "见到谁", "Who was met";
    add_person = "加人", "Add";
    interest_word = "兴趣", "Interest";
    interest_of_five = "1 到 5", "1 to 5";
    last_interest(interest) = "上次 {interest}", "last time {interest}";
    who_what_when = "谁，什么，何时", "Who, what, when";
    add_line = "加一条", "Add one";
    promise_content = "承诺内容", "What is promised";
    promise_owner = "责任人", "Who answers";
    needs_review = "涉及优惠，待公平竞争审查", "A favour: needs the fair-competition review";
    one_sentence = "一句话", "One sentence";
    photo_word(count) = "照片 {count}", "Photos {count}";
    take_photo = "拍照", "Photo";
    next_step = "下一步", "Next step";
    next_step_hint = "如：请进来看厂房", "Such as: invite them to see the plant";
    keep_word = "保存", "Save";
    kept_offline_hint = "无网络也可保存，连上后按次序发送", "Saved without a network; sent in order later";
    outbox_title = "待发记录", "Outbox";
    outbox_empty = "没有待发的记录。", "Nothing waits to be sent.";
    send_now = "现在发送", "Send now";
    sending_word = "正在发送", "Sending";
    sent_visit(name) = "{name}：记录已送达", "{name}: delivered";
    kept_visit(name) = "{name}：已存在本机，联网后发送", "{name}: kept on this phone";
    kept_in_memory(name) = "{name}：手机存储不可用，正在直接发送，送达前请不要关闭页面", "{name}: this phone keeps nothing; it is being sent, leave the page open until it has arrived";
    opens_offline = "可离线", "Works offline";
    unread_record = "这条记录由别的版本写下，本版读不出来。请照下面的原文重记，再删去。", "Another version wrote this record and this one cannot read it. Write it again from the text below, then delete it.";
    withdraw_visit = "撤回", "Withdraw";
    withdraw_really = "确认撤回", "Withdraw it";
    withdraw_takes = "未改动的承诺、任务、联系人、照片一并移除。", "Promises, task, people and photos that nobody has changed go with it.";
    visit_withdrawn(name) = "{name}：记录已撤回", "{name}: withdrawn";
    withdrawn_word = "已撤回", "Withdrawn";
    to_be_decided(count) = "{count} 条待处理", "{count} to decide";
    reading_photos = "正在处理照片", "Reading photos";
    half_mended = "有未保存的修改：打开保存后发送，或按原文发送。", "Changed and not saved: open and save it, or send it as it was.";
    send_as_it_was = "按原文发送", "Send as it was";
    visit_refused = "未能发送", "Not sent";
    visit_known(by, day, outcome) = "{by} 已记过 {day} 的走访（{outcome}）", "{by} wrote a visit of {day} down already ({outcome})";
    keep_both = "两条都留", "Keep both";
    throw_away = "删去这条", "Delete this one";
    thrown_away = "已删去", "Deleted";
    send_again = "重发", "Send again";
    open_again = "打开修改", "Open and change";
    cannot_keep = "手机存储不可用，请不要关闭页面，联网后保存。", "This phone keeps nothing: leave the page open and save when there is a network.";
    photo_unread = "照片读不出来", "The photo cannot be read";
    too_many_photos(limit) = "最多 {limit} 张照片", "At most {limit} photos";
    their_word_open = "未了承诺", "Open promises";
    no_promise_open = "这次走访的企业没有未了承诺。", "No open promise with these companies.";
    signed_out_on_road = "登录已过期：记录还在本机，登录后发送。", "Signed out: records stay on this phone and are sent after signing in.";
    more_of_company = "打开线索", "Open the lead";
    visit_line(trip, people) = "{trip}，见 {people}", "{trip}, met {people}";
    interest_is(interest) = "兴趣 {interest}/5", "interest {interest}/5";
    taken_from_visit(day) = "已填入 {day} 的走访记录，可改。", "Filled in from the visit of {day}; change as needed.";

    // What came of trips
    report_word = "成果报告", "Report";
    report_of(trip) = "{trip} 成果报告", "{trip}: what came of it";
    visited_word = "已走访", "Visited";
    planned_word = "计划", "Planned";
    date_word = "日期", "Date";
    visited_of(visited, planned) = "计划 {planned} 家，走访 {visited} 家", "{planned} planned, {visited} visited";
    unanswered_word = "未反馈", "Unanswered";
    unanswered_sub = "日期已过，没有走访记录", "Their day is past and nothing was written down";
    outcomes_word = "走访结果", "Outcomes";
    promises_word = "承诺", "Promises";
    overdue_word = "逾期", "Overdue";
    open_word = "未了", "Open";
    kept_word = "兑现", "Kept";
    stage_now = "现阶段", "Stage now";
    stage_then = "走访时", "At the visit";
    advanced_word = "已推进", "Advanced";
    signed_word = "已签约", "Signed";
    signed_amount = "签约额", "Signed amount";
    cost_word = "费用估算", "Cost estimate";
    cost_per_visit = "每家费用", "Cost a visit";
    stages_now = "线索现阶段", "Leads by stage now";
    no_lead_yet = "还没有线索。", "No lead yet.";
    beside_plan = "计划外", "Not planned";
    not_yet_visited = "待走访", "To come";
    trips_of_year = "年度成效", "The year";
    year_of_trips(year) = "{year} 年外出招商成效", "Outbound trips of {year}";
    year_sub(trips, visited, signed) = "{trips} 次外出，走访 {visited} 家，已签约 {signed} 件", "{trips} trips, {visited} companies visited, {signed} signed";
    no_trip_in_year = "这一年没有获批或已走访的外出。", "No trip of this year was approved or made.";
    all_together = "合计", "All together";
    all_answered = "走访都有反馈。", "Every visit was written down.";
    remark_word = "一句话", "Remark";
    promises_open = "未了承诺", "Open promises";
    promises_overdue = "逾期承诺", "Overdue promises";
    unit_lines = "条", "";
    unit_leads = "件", "";
    back_word = "返回", "Back";
    unit_yuan_wan = "万元", "10k yuan";
    unit_yuan = "元", "yuan";

    // Atlas
    export = "导出", "Export";
    export_svg = "链图 SVG", "Map as SVG";
    export_file(form) = "链文件 {form}", "Chain file, {form}";
    print_a3 = "A3 打印", "Print on A3";
    nav_leader = "一览", "Overview";
    nav_targets = "寻商", "Targets";
    nav_settings = "口径", "Rules";
    what_if = "推演", "What if";
    history = "演变", "History";
    leader_title = "产业链招商一览", "Chains at a glance";
    leader_sub(today, chains, gaps) = "截至 {today}，{chains} 条链，{gaps} 个缺口；每个数点开即见明细", "As of {today}: {chains} chains, {gaps} gaps; every number opens";
    matrix_title = "链与环节类别", "Chains by class";
    matrix_sub = "环节数；断链一列对照约 30 天前的快照", "Count of nodes; missing against the snapshot of about 30 days ago";
    missing_trend = "断链 30 天", "Missing, 30 days";
    chief = "链长", "Chief";
    top_gaps = "全区头部缺口", "The zone’s largest gaps";
    top_gaps_sub = "按缺口分 G；未满足需求与在跟投资单位为亿元", "By gap score G; unmet demand and followed investment in 100 m yuan";
    no_gap = "没有缺口", "No gap";
    gap = "类别", "Class";
    days_open = "未闭合", "Open for";
    unmet_value = "未满足需求", "Unmet demand";
    followed = "在跟投资", "Followed";
    leader_calls = "建议顶格招商", "Worth a leader’s call";
    leader_calls_sub = "R 为对全部缺口的契合合计", "R: relevance over all gaps";
    held_by_nobody = "尚无分局在跟", "no bureau follows it yet";
    would_close(gaps) = "可补：{gaps}", "Would close: {gaps}";
    revenue_of(revenue) = "　营收 {revenue} 亿元", " · revenue {revenue} ×100 m yuan";
    chief_tasks = "链长任务", "Tasks of the chain chiefs";
    chief_tasks_sub = "未完成在前，按期限", "Open first, by date";
    no_task = "还没有任务", "No task yet";
    task = "任务", "Task";
    task_owner = "责任人", "Owner";
    due_on = "期限", "Due";
    state = "状态", "State";
    task_open = "进行中", "open";
    task_done(day) = "{day} 完成", "done {day}";
    add_task = "加任务", "Add task";
    review_queue = "匹配复核", "Review matches";
    review_title(chain) = "{chain} 匹配复核", "{chain}: review of matches";
    review_sub(threshold) = "置信不到 {threshold} 的匹配不自动计入，由人判断；决定在再次导入后仍然有效", "Matches below {threshold} wait for a person; decisions outlast every import";
    review_waiting = "待核", "Waiting";
    review_automatic = "自动计入", "Automatic";
    review_decided = "已判断", "Decided";
    nothing_to_review = "这里没有要判断的匹配", "Nothing to judge here";
    every_node = "全部环节", "Every node";
    match_evidence = "证据", "Evidence";
    match_kind_title = "方式", "How";
    counted_automatically = "自动计入", "counted";
    confirm_match = "确认", "Confirm";
    reject_match = "排除", "Reject";
    take_back = "撤回", "Take back";
    confirm_all(count) = "确认本页 {count} 条", "Confirm all {count} on this page";
    decided(count) = "已记录 {count} 条判断", "{count} decisions recorded";
    add_match = "补充匹配", "Add a match";
    add_match_sub = "匹配没有看到、而你知道的", "What the matcher did not see and you know";
    what_it_makes = "它做什么（写入证据）", "What it makes (kept as evidence)";
    settings_title = "评分口径", "Rules of the scores";
    settings_sub = "权重、阈值、参照集与匹配阈值；按生效日期，旧的不改", "Weights, thresholds, reference set and match threshold, each from its day on; none is changed";
    settings_history = "历次口径", "What held when";
    effective_on = "生效日期", "From";
    by_default = "出厂", "by default";
    in_force = "现行", "in force";
    reference_set = "参照集", "Reference set";
    reference_all = "全部企业", "all companies";
    reference_listed = "上市公司与本地", "listed and local";
    reference_without_demo = "不含演示企业", "without demo";
    setting_source = "依据", "Source";
    setting_by = "录入", "By";
    new_settings = "定新口径", "Set new rules";
    new_settings_sub = "从生效日起按新口径计算，此前的不变", "Holds from its day on; what was before stays";
    save_settings = "保存口径", "Save rules";
    settings_saved = "口径已保存", "Rules saved";
    history_title(chain) = "{chain} 演变", "{chain}: history";
    history_sub(count) = "{count} 个时点；每周一自动留一次快照", "{count} moments; one is kept every Monday";
    take_snapshot = "现在留快照", "Take a snapshot";
    snapshot_taken = "快照已留", "Snapshot taken";
    snapshot_today(day) = "今天 {day}", "Today {day}";
    snapshot_weekly(day) = "{day} 周快照", "{day}, weekly";
    snapshot_on_demand(moment) = "{moment} 手动", "{moment}, by hand";
    snapshot_published(moment) = "{moment} 改版前", "{moment}, before a new version";
    earlier = "更早", "Earlier";
    later = "更晚", "Later";
    moment_shown = "时点", "Moment";
    what_moved = "变动", "What moved";
    what_moved_sub = "与上一时点相比；同期签约及以后的项目列在后面", "Against the moment before; projects signed or further in that time";
    nothing_moved = "没有环节变类", "No node changed its class";
    not_there = "当时没有", "not there";
    before = "之前", "Before";
    after = "之后", "After";
    by_project = "项目", "Project";
    gap_closed = "缺口闭合", "gap closed";
    gap_opened = "新缺口", "gap opened";
    gap_changed = "变类", "changed";
    project_hidden(bureau) = "{bureau}的项目", "a project of {bureau}";
    what_if_title(chain) = "{chain} 推演", "{chain}: what if";
    what_if_sub = "放上项目，链图、类别与下一步就在本机重算", "Put projects on the map; classes and next steps are computed here at once";
    what_lands = "落地项目", "What lands";
    nothing_landed = "还没有放上项目", "Nothing has landed yet";
    from_lead = "取自在跟线索", "From a lead";
    no_lead_chosen = "不取线索", "none";
    project_name = "项目名称", "Project";
    new_project = "新项目", "New project";
    output_a_year = "年产值（亿元）", "Output a year (100 m yuan)";
    output_range = "填 0 到 100000 的数", "A number from 0 to 100000";
    let_it_land = "放上链图", "Let it land";
    remove = "移除", "Remove";
    before_and_after = "前后对照", "Before and after";
    closed_and_opened(closed, opened) = "闭合 {closed} 个缺口，新开 {opened} 个", "{closed} gaps closed, {opened} opened";
    nothing_differs = "没有可见的变化", "Nothing differs visibly";
    basis_changed = "规模口径变了（有的本地企业没有营收），前后的产值不能直接比", "The size basis differs (some local firm has no revenue): output before and after cannot be compared";
    cover = "覆盖", "Cover";
    local_demand = "本地需求 D", "Local demand D";
    where_next = "下一步先补", "Where to go next";
    scenarios = "留存方案", "Scenarios kept";
    no_scenario = "还没有方案", "None yet";
    scenario_name = "方案名称", "Name";
    keep_scenario = "留存方案", "Keep this scenario";
    scenario_kept = "方案已留存", "Scenario kept";
    scenario_of(by, count, day) = "{by}，{count} 个项目，{day}", "{by}, {count} projects, {day}";
    show_scenario = "打开", "Show";
    add_scenario = "叠加", "Add";
    what_would_flip = "什么会让它变类或换位", "What would flip it";
    flips_note = "阈值决定类别，权重决定缺口间的次序；下面是各自最小的改动", "Thresholds decide the class, weights the order among gaps; the smallest change of each";
    class_flip(threshold, now, at, class) = "{threshold} 由 {now} 改到 {at}：变为{class}", "{threshold} from {now} to {at}: becomes {class}";
    rank_flip_before(term, now, at, other) = "{term} 权重由 {now} 改到 {at}：排到 {other} 之前", "weight of {term} from {now} to {at}: comes before {other}";
    rank_flip_behind(term, now, at, other) = "{term} 权重由 {now} 改到 {at}：排到 {other} 之后", "weight of {term} from {now} to {at}: falls behind {other}";

    // What hangs on a lead, and the weekly sheet
    contacts = "联系人", "Contacts";
    add_contact = "添加联系人", "Add a contact";
    edit_contact = "修改联系人", "Edit the contact";
    no_contact = "还没有联系人", "No contact yet";
    call_number(name) = "拨打 {name}", "Call {name}";
    write_to(name) = "写邮件给 {name}", "Write to {name}";
    no_number = "无号码", "no number";
    person_name = "姓名", "Name";
    position_word = "职务", "Position";
    phone_word = "电话", "Phone";
    email_word = "邮箱", "E-mail";
    tasks = "任务", "Tasks";
    tasks_done(done, all) = "{done} / {all}", "{done} / {all}";
    add_lead_task = "添加任务", "Add a task";
    edit_task = "修改任务", "Edit the task";
    no_lead_task = "还没有任务", "No task yet";
    task_word = "事项", "What is to be done";
    due_word = "期限", "Due";
    time_word = "时间", "Time";
    before_closing = "下班前", "any time";
    reminder_word = "提醒", "Reminder";
    finish_task(title) = "完成：{title}", "Done: {title}";
    task_is_done = "已完成", "Done";
    task_reopened = "已恢复为未完成", "Open again";
    finish_word = "完成", "Done";
    reschedule = "改期", "Reschedule";
    commitments = "双方承诺", "Commitments of both sides";
    commitments_sub(all, overdue) = "{all} 条，{overdue} 条逾期", "{all}, {overdue} overdue";
    add_commitment = "添加承诺", "Add a commitment";
    edit_commitment = "修改承诺", "Edit the commitment";
    no_commitment = "双方还没有承诺", "Nobody has promised anything yet";
    commitment_word = "承诺内容", "What is promised";
    side_word = "承诺方", "Whose";
    owner_of_commitment = "责任人", "Who answers for it";
    fair_competition_word = "公平竞争审查", "Fair-competition review";
    in_review = "审查中", "in review";
    review_failed = "审查未过", "review failed";
    bars_contract = "未过公平竞争审查，不得写入合同", "Not through the fair-competition review: it may not stand in a contract";
    overdue_days(days) = "逾期 {days} 天", "{days} d overdue";
    days_until(days) = "余 {days} 天", "{days} d left";
    files = "材料", "Files";
    add_file = "上传材料", "Upload a file";

    no_file = "还没有材料", "No file yet";
    remove_word = "移除", "Remove";
    removed_from_lead(name) = "已移除：{name}", "Removed: {name}";
    restored_to_lead(name) = "已恢复：{name}", "Restored: {name}";
    power_kva = "用电（kVA）", "Power (kVA)";
    energy_tce = "年综合能耗（吨标煤）", "Energy a year (tce)";
    power_short = "用电", "Power";
    energy_short = "年综合能耗", "Energy a year";
    gain_title = "落地后缺口变化", "What the gap would gain";
    gain_note(output) = "按年产值等于拟投资 {output} 亿元推演", "With a year's output equal to the planned investment of {output} 亿元";
    gain_next(name, score) = "随后最大的缺口是 {name}，G {score}", "The largest gap then is {name}, G {score}";
    no_gain = "定了环节和拟投资，就能推演它补上多少缺口", "With a node and an amount it can be told what gap it closes";
    cover_word = "覆盖 c", "Cover c";
    gap_score_word = "缺口分 G", "Gap score G";
    follow_ups = "今日跟进", "Follow-ups";
    follow_ups_sub = "到今天为止该办的事", "What is due until today";
    follow_ups_done(count) = "今天已完成 {count}", "{count} done today";
    overdue_count(count) = "逾期 {count}", "{count} overdue";
    no_follow_up = "今天没有到期的任务", "No task is due today";
    our_commitments_title = "我方承诺", "Our commitments";
    our_commitments_sub(days) = "逾期与 {days} 天内", "overdue or within {days} days";
    none_promised(days) = "{days} 天内没有到期的我方承诺", "None of our commitments is due within {days} days";
    week_sheet = "周协调清单", "Weekly meeting";
    week_title(bureau) = "{bureau} 周协调", "{bureau}: weekly meeting";
    week_range(week, from, until) = "第 {week} 周，{from} 至 {until}", "Week {week}, {from} to {until}";
    whole_zone = "全区", "The whole zone";
    previous_week = "上一周", "The week before";
    next_week = "下一周", "The week after";
    print_word = "打印", "Print";
    project_word = "投影", "Project";
    week_registered = "本周新增", "Registered this week";
    week_signed = "本周签约", "Signed this week";
    week_visits = "本周走访", "Visits this week";
    week_visits_by(outbound, inbound, online) = "走出去 {outbound}，请进来 {inbound}，屏对屏 {online}", "{outbound} out, {inbound} in, {online} online";
    week_moves = "本周推进", "Moved this week";
    entered_on = "进入日期", "Entered";
    no_move = "本周没有线索进入新阶段", "No lead entered a stage this week";
    week_tasks = "到下周末的任务", "Tasks until the end of next week";
    shown_of(shown, all) = "前 {shown} 件，共 {all} 件", "the first {shown} of {all}";
    as_of_now = "截至现在", "as of now";

    // The list of leads, its forms, the rules
    lead_list = "线索列表", "Lead list";
    lead_list_sub(count, sum) = "{count} 件，拟投资合计 {sum} 亿元", "{count} leads, {sum} 亿元 planned in all";
    find_lead = "企业、拼音、首字母或项目", "Company, pinyin, initials or project";
    every_bureau = "全部分局", "Every bureau";
    every_stage = "全部阶段", "Every stage";
    stage_word = "阶段", "Stage";
    side_state_word = "状态", "State";
    in_progress = "在跟的", "In progress";
    on_the_track = "恢复推进", "Back on the track";
    order_word = "排序", "Order";
    only_late = "阶段超时", "Beyond the limit";
    only_lapsing(days) = "首报 {days} 天内到期或已过期", "Claim over or within {days} days of it";
    lapsing_short = "首报临期", "Claims near their end";
    today_week(week, day) = "第 {week} 周，{day}", "Week {week}, {day}";
    working_day = "工作日", "working day";
    day_off = "休息日", "day off";
    my_leads = "我的", "Mine";
    whose_day = "看谁的", "Whose day";
    today_overview = "今日概览", "Today at a glance";
    late_title = "阶段超时", "Beyond the time limit";
    late_sub = "按规则包的时限，工作日含调休；竖线为时限", "By the rule pack's limits; the mark is the limit";
    none_late = "没有超时的线索", "No lead is late";
    longest_late(days) = "最久 +{days}", "most +{days}";
    lapsing_title = "将失效的首报", "Claims about to lapse";
    lapsing_sub(days) = "{days} 天内到期或已过期", "within {days} days, or over";
    none_lapsing(days) = "{days} 天内没有首报到期", "No claim lapses within {days} days";
    due_today = "今日到期", "ends today";
    claims_in_effect(count) = "共 {count} 个在期", "of {count} in effect";
    claim_word = "首报剩余", "Claim left";
    days_over(days) = "过期 {days} 天", "{days} d over";
    days_left(days) = "{days} 天", "{days} d";
    silent_title = "静默线索", "Silent leads";
    silent_sub(days) = "{days} 天无往来", "nothing for {days} days";
    none_silent(days) = "没有静默满 {days} 天的线索", "No lead is silent for {days} days";
    longest_silent(days) = "最久 {days} 天", "longest {days} d";
    tomorrow_visits = "明日走访", "Tomorrow's visits";
    no_visit_tomorrow = "明天没有安排走访", "No visit is planned for tomorrow";
    team_number(number) = "第 {number} 组", "team {number}";
    show_all_of(count) = "全部 {count} 件", "All {count}";
    used_of_limit = "已用 / 时限", "Used / limit";
    over_word = "超", "Over";
    over_bar(limit, used) = "时限 {limit} 天，已 {used} 天", "limit {limit} days, used {used}";
    only_silent(days) = "静默满 {days} 天", "Silent for {days} days";
    silent_word = "静默", "Silent";
    no_lead_matches = "没有符合条件的线索", "No lead matches";
    investment_wan = "拟投资（万元）", "Investment (万元)";
    land_mu = "用地（亩）", "Land (亩)";
    limit_word = "时限", "Limit";
    unit_working_days = "工作日", "working days";
    no_node = "未定环节", "No node";
    change_lead = "修改", "Edit";
    change_side_state = "暂缓、终止…", "Pause, end…";
    side_state_hint = "终止会放开首报保护；恢复推进时若别的分局已登记，会说明是谁。", "Ending gives the claim up; coming back names who registered meanwhile.";
    lead_saved = "已保存", "Saved";
    // The bin, the audit, tokens
    more_word = "更多", "More";
    act_undone = "已撤销", "Undone";
    open_that_lead = "打开那条线索", "Open that lead";
    delete_word = "删除", "Delete";
    delete_of(name) = "删除{name}", "Delete {name}";
    deleted_name(name) = "已删除：{name}", "Deleted: {name}";
    delete_lead_hint(days) = "进回收站，放开首报保护；{days} 天内可照原样恢复，届时若别的分局已登记，会说明是谁。", "It goes into the bin and gives its claim up. Within {days} days it can come back as it was, unless another bureau registers meanwhile.";
    delete_trip_hint(days) = "进回收站，{days} 天内可照原样恢复。", "It goes into the bin and can come back within {days} days.";
    bin_title = "回收站", "Bin";
    bin_sub(days) = "删除的线索与行程；满 {days} 天后管理员可彻底清除", "Deleted leads and trips; after {days} days an administrator may remove them for good";
    bin_empty = "回收站里没有东西", "The bin is empty";
    bin_empty_hint = "您可以修改的线索或行程被删除后，会在这里等着恢复。", "Leads and trips that you may change wait here to be restored after they were deleted.";
    deleted_by = "删除人", "Deleted by";
    deleted_when = "删除时间", "Deleted at";
    restore = "恢复", "Restore";
    restore_of(name) = "恢复{name}", "Restore {name}";
    restored(name) = "已恢复：{name}", "Restored: {name}";
    purge = "彻底清除", "Remove for good";
    purge_sentence(name) = "{name}连同时间线、证据和首报记录都会清除，不能再恢复；操作记录保留。", "{name} goes for good with its timeline, evidence and claims. What the audit says of it stays.";
    purged = "已彻底清除", "Removed for good";
    too_early(on) = "还没满期，{on} 起才可彻底清除。", "It may be removed for good from {on} on.";
    undo_too_late = "过了十分钟，不能再撤销；可以照常修改。", "Ten minutes have passed: it cannot be undone. It can be changed as ever.";
    undo_undone = "已经撤销过了。", "It was undone already.";
    undo_not = "这一步不能撤销；可以照常修改。", "This step cannot be undone. It can be changed as ever.";
    undo_no_evidence = "原阶段在现行规则下没有完整的证据，不能直接回去；请照常推进。", "The stage has no complete evidence under the rules in force: move the lead there as ever.";
    token_scope_refused = "这个令牌只能读取，或不能用在这里。请用可写的令牌调用 /api/v1。", "This token may only read, or may not be used here. Use one that may write, under /api/v1.";
    token_expired(on) = "令牌已于 {on} 到期，请在“我的令牌”里新建一个。", "The token ended on {on}. Make another one under My tokens.";
    audit_title = "操作记录", "Change history";
    audit_sub = "谁在什么时候把什么改成了什么", "Who changed what, and when";
    audit_number = "序号", "Number";
    when_word = "时间", "When";
    who_word = "谁", "Who";
    what_word = "操作", "Act";
    record_word = "对象", "Record";
    record_kind = "对象类型", "Kind";
    record_number = "对象编号", "Record number";
    record_name = "名称", "Name";
    field_word = "字段", "Field";
    before_word = "改前", "Before";
    after_word = "改后", "After";
    change_word = "改动", "Change";
    the_program = "系统", "The program";
    everybody = "所有人", "Everybody";
    from_day = "从", "From";
    until_day = "到", "Until";
    filter_word = "筛选", "Filter";
    no_audit = "没有符合条件的操作记录", "No change matches";
    newest = "回到最新", "Newest";
    older = "更早", "Older";
    numbered(id) = "编号 {id}", "No. {id}";
    yes = "是", "Yes";
    no = "否", "No";
    wan(amount) = "{amount} 万元", "{amount} × 10,000 yuan";
    tokens_title = "我的令牌", "My tokens";
    tokens_sub = "供脚本调用接口，权限与您的账号相同", "For scripts that use the API, with the rights of your account";
    tokens_sub_all = "供脚本调用接口，权限与各人账号相同；管理员看得到并可吊销所有人的", "For scripts that use the API, with the rights of their accounts; an administrator sees and ends everybody's";
    tokens_in_use = "现有令牌", "Tokens";
    no_token = "还没有令牌", "No token yet";
    no_token_hint = "在上面起个名字，新建一个。", "Give it a name above and make one.";
    token_name = "用途", "What for";
    token_owner = "所有人", "Owner";
    token_scope_word = "权限", "Scope";
    token_made = "新建日期", "Made on";
    token_ends = "到期", "Ends";
    token_used = "最近使用", "Last used";
    token_days = "有效天数", "Days";
    no_end = "不到期", "No end";
    expired = "已到期", "Expired";
    never_used = "没用过", "Never";
    make_token = "新建令牌", "Make a token";
    make_token_sub(days) = "至多 {days} 天，到期后另建", "{days} days at most; then make another";
    token_secret = "令牌", "Token";
    token_secret_sub = "只显示这一次，请现在就存好", "Shown this once: keep it now";
    copy = "复制", "Copy";
    not_copied = "浏览器不允许复制，请选中后手动复制。", "The browser does not allow it: select the text and copy it by hand.";
    revoke = "吊销", "Revoke";
    revoke_of(name) = "吊销{name}", "Revoke {name}";
    revoke_sentence(name) = "用“{name}”的脚本会立刻停用。", "Scripts that use “{name}” stop at once.";
    revoked = "已吊销", "Revoked";
    stale_field(field, theirs, yours) = "{field}：现在是“{theirs}”，您要改成“{yours}”", "{field}: it is “{theirs}” now, you want “{yours}”";
    // Saved views of the list, its columns, changes of many leads
    views_word = "视图", "Views";
    all_leads = "全部线索", "All leads";
    view_modified = "已修改", "Changed";
    view_overwrite = "更新视图", "Update the view";
    view_reset = "还原", "Back to the view";
    view_save_as = "另存为视图", "Save as a view";
    view_settings = "视图设置", "View settings";
    view_remove = "删除视图", "Delete the view";
    view_name = "视图名称", "Name of the view";
    view_reach = "谁可以看", "Who sees it";
    view_of(name, owner) = "{name}（{owner}）", "{name} ({owner})";
    view_saved(name) = "已保存视图“{name}”", "View “{name}” saved";
    view_updated = "视图已更新", "View updated";
    view_removed(name) = "已删除视图“{name}”", "View “{name}” deleted";
    view_restored(name) = "已恢复视图“{name}”", "View “{name}” is back";
    undo = "撤销", "Undo";
    columns_word = "列", "Columns";
    columns_choose = "选择列", "Choose columns";
    columns_note = "勾选要显示的列，用箭头调整次序；导出的文件同此。", "Tick what is shown and move it with the arrows; files follow.";
    columns_copy_note = "这个视图由别人维护；改过的列另存为您的视图。", "Somebody else keeps this view; other columns make a view of your own.";
    columns_default = "恢复默认", "As it comes";
    columns_saved = "列已保存", "Columns saved";
    column_up(name) = "上移 {name}", "Move {name} up";
    column_down(name) = "下移 {name}", "Move {name} down";
    choose_lead(name) = "选择 {name}", "Choose {name}";
    choose_page = "选择本页", "Choose this page";
    chosen_count(count) = "已选 {count} 条", "{count} chosen";
    choose_all(count) = "选择全部 {count} 条", "Choose all {count}";
    choose_none = "取消选择", "Choose none";
    too_many_to_choose(count, limit) = "符合条件的有 {count} 条，一次至多改 {limit} 条；请先缩小筛选。", "{count} match, and at most {limit} are changed at once; narrow the filter first.";
    bulk_edit = "批量修改", "Change together";
    bulk_what = "改什么", "What to change";
    bulk_owner_note = "负责人取自第一条所在的分局；别的分局的线索会逐条拒绝。", "People of the first lead's bureau; leads of other bureaus are refused one by one.";
    bulk_stage = "退回阶段", "Back to a stage";
    bulk_stage_note = "批量只能退回；推进要逐条附证据。", "Together leads only go back; each step on needs its own evidence.";
    bulk_result = "批量修改结果", "What became of them";
    bulk_undo_result = "撤销结果", "What was taken back";
    bulk_counts(done, same, refused) = "完成 {done} 条，本来如此 {same} 条，拒绝 {refused} 条", "{done} done, {same} were so already, {refused} refused";
    bulk_refused = "拒绝的", "Refused";
    bulk_done = "完成的", "Done";
    bulk_undo_reason = "撤销批量修改", "A change of many leads was taken back";
    lead_by_number(id) = "编号 {id}", "number {id}";
    field_both_changed(field) = "{field}：与您看到的不同", "{field}: not what you saw";
    limit_late = "超时", "Beyond the limit";
    created_on = "登记日期", "Registered on";
    last_activity_on = "最近往来", "Last contact";
    claim_days_left = "首报剩余", "Claim left";
    drag_handle = "拖动", "Drag";
    stage_rules = "阶段规则", "Stage rules";
    stage_rules_sub = "每个阶段要什么证据、最多停多久；按日期生效，已进入的阶段保留当时的版本", "What each stage asks for and how long a lead may stay; dated, and what was entered keeps its version";
    rules_in_force = "现行规则", "Rules in force";
    download_pack = "下载规则文件", "Download the rules";
    upload_pack = "上传规则文件", "Upload a rule file";
    upload_pack_sub = "下载现行规则，改证据项、选项、时限，换版本号和生效日期后上传", "Download the rules in force, change questions, choices and limits, give another version and day, and upload";
    other_limits = "调整时限", "Other time limits";
    other_limits_sub = "空着为不限；从生效日期起按新版本", "Empty is no limit; the new version holds from its day";
    limit_of(stage) = "{stage} 时限", "Limit of {stage}";
    counted_in = "计时单位", "Counted in";
    pack_version = "版本号", "Version";
    rules_saved = "新规则已保存，到生效日期起用", "Saved; it holds from its day";
    optional_evidence(name) = "{name}（选填）", "{name} (optional)";
    work_calendar = "工作日历", "Working days";
    work_calendar_sub = "时限按工作日算时用；含调休", "What working days are counted by, weekend days worked for holidays included";
    year_word = "年份", "Year";
    days_off = "放假", "Days off";
    days_worked = "调休上班", "Weekend days worked";
    provisional = "暂按法定日", "statutory days only";
    calendar_file = "日历文件（JSON）", "Calendar (JSON)";
    import_calendar = "导入日历", "Import";
    calendar_hint = "接受 holiday-cn 的年度文件，或 {\"year\", \"source\", \"off\", \"work\"}；同年旧日历被替换。", "Takes a year of holiday-cn, or {\"year\", \"source\", \"off\", \"work\"}; it replaces the year.";
    rule_file_wrong(line, column) = "规则文件第 {line} 行第 {column} 列起读不懂：不是 JSON，或有不认识的项。", "The rule file cannot be read from line {line}, column {column} on: no JSON, or a field nobody knows.";
    list_comma = "，", ", ";
    list_semicolon = "；", "; ";
    too_large_to_draw(count) = "{count} 个环节太多，画不下；请用下面的表格编辑。", "{count} nodes are too many to draw here; edit them in the tables below.";
    rows_of(shown, total) = "列出 {shown} 行，共 {total} 行；输入名称或代码来找", "{shown} of {total} rows; type a name or code to find others";
    find_row = "查找环节", "Find a node";
    cannot_land = "没有放上：产值须为 0 到 100000，且至多 20 个项目", "Not landed: the output must be 0 to 100000, and there may be 20 projects";
    calendar_not = "这不是日历文件。", "This is no calendar.";
    calendar_year(value) = "年份“{value}”不在 2000 到 2100 之间。", "The year “{value}” is not from 2000 to 2100.";
    calendar_date(value) = "“{value}”不是有效的日期或区间。", "“{value}” is no date and no range.";
    calendar_other_year(value) = "“{value}”是别的年份。", "“{value}” is of another year.";
    calendar_contradiction(value) = "“{value}”既放假又上班。", "“{value}” is both off and worked.";
    calendar_too_many(limit) = "特殊日超过 {limit} 天。", "More than {limit} special days.";
    // Notices, one's own settings, mail
    notices = "通知", "Notices";
    notices_unread(count) = "通知，{count} 条未读", "Notices, {count} unread";
    notices_none_unread = "通知，没有未读", "Notices, none unread";
    notices_now(count) = "现有 {count} 条未读通知", "{count} notices unread now";
    all_notices = "全部通知", "All notices";
    only_unread = "只看未读", "Unread only";
    read_all = "全部已读", "Mark all as read";
    unread_word = "未读", "unread";
    no_notice = "还没有通知", "No notice yet";
    no_notice_sub = "线索交给您、被别人推进或暂缓、首报将到期、被提出异议或有了裁定、移交有了回音、阶段超时、导入完成时，会在这里告诉您。", "You are told here when a lead is handed to you, moved or paused by others, or late; when a claim is about to end, objected to or decided; when an offer is answered; and when an import is over.";
    no_unread_notice = "没有未读通知", "Nothing unread";
    notices_failed = "通知没能载入", "The notices could not be loaded";
    notices_sub(total, unread) = "共 {total} 条，{unread} 条未读", "{total} in all, {unread} unread";
    my_settings = "我的设置", "My settings";
    mail_title = "邮件", "Mail";
    mail_address = "邮箱地址", "E-mail address";
    mail_choice_word = "邮件内容", "What is mailed";
    mail_nothing = "不发邮件", "Nothing";
    mail_digest = "每个工作日 8 点的日报", "A digest at 8 on each working day";
    mail_urgent = "日报，急的随时发", "The digest, and what is urgent at once";
    mail_urgent_sub = "急的：线索交给您、首报将到期。没有内容时不发。", "Urgent is a lead handed to you and a claim about to lapse. Nothing is sent when there is nothing.";
    mail_is_off = "本站没有配置发信服务器，不会发出邮件；地址可以先填。", "This site has no mail server and sends nothing; the address may be given already.";
    mail_failed_on(moment) = "{moment} 有一封邮件多次没能送达，已放弃。请核对邮箱地址，或告诉管理员。", "A mail could not be delivered and was given up at {moment}. Check the address, or tell the administrator.";
    calendar_title = "日历订阅", "Calendar feed";
    calendar_sub = "自己线索的阶段时限、首报到期日，自己行程的走访，在手机或电脑的日历里看。地址就是钥匙，不要转给别人。", "The last days of your leads' stages and claims, and the visits of your trips, in the calendar of your phone or computer. The address is the key: give it to nobody.";
    calendar_make = "生成地址", "Make an address";
    calendar_renew = "换一个地址", "Make another address";
    calendar_remove = "停用地址", "Take the address away";
    calendar_in_force = "已有一个地址在用；它只在生成时显示一次。", "An address is in force; it was shown when it was made, once.";
    calendar_none = "还没有地址。", "There is no address yet.";
    calendar_address = "日历地址", "Calendar address";
    calendar_once = "只显示这一次；关掉后要看只能换一个。", "Shown this once; to see one again, make another.";
    calendar_replaced = "旧地址不再有效", "The old address opens nothing any more";
    calendar_removed = "地址已停用", "The address is taken away";
    copy_word = "复制", "Copy";
    copied = "已复制", "Copied";
    copy_by_hand = "浏览器不让复制，请选中后自己复制", "The browser does not allow it; select the text and copy it";
    feed_name(person) = "{person} 招商日程", "{person}: investment promotion";
    feed_deadline(stage, subject) = "{stage}到期：{subject}", "{stage} ends: {subject}";
    feed_claim(subject) = "首报到期：{subject}", "Claim ends: {subject}";
    feed_task(title, subject) = "{title}：{subject}", "{title}: {subject}";
    feed_visit(subject) = "走访：{subject}", "Visit: {subject}";
    feed_trip(trip, team) = "{trip}，第 {team} 组", "{trip}, team {team}";
    letter_hello(name) = "{name}，您好：", "Hello {name},";
    letter_digest_subject(day) = "梧桐日报 {day}", "Wutong, {day}";
    letter_urgent_subject(sentence) = "梧桐：{sentence}", "Wutong: {sentence}";
    letter_section(title, count) = "{title} {count} 件", "{title}: {count}";
    letter_unread(count) = "未读通知 {count} 条", "Unread notices: {count}";
    letter_foot = "在“我的设置”里改收什么、寄到哪里：", "What you are mailed, and where, is in your settings:";
    // Editing a chain
    edit_chain = "编辑", "Edit";
    edit_title(chain) = "{chain} 编辑", "{chain}: edit";
    draft_of(by, moment, version) = "草稿，{by} {moment} 改过，起于第 {version} 版", "Draft, last changed by {by} at {moment}, begun from version {version}";
    published_as(version) = "已发布第 {version} 版，没有草稿；改动先进草稿，发布后才生效", "Version {version} is published and there is no draft; changes go into a draft until it is published";
    undo_step(steps) = "撤销（{steps}）", "Undo ({steps})";
    discard_draft = "弃掉草稿", "Discard draft";
    publish_draft = "发布", "Publish";
    draft_saved = "已存入草稿", "Saved to the draft";
    step_undone = "已撤销一步", "One step undone";
    draft_discarded = "草稿已弃掉", "Draft discarded";
    draft_published = "已发布", "Published";
    findings = "检查", "Findings";
    findings_sub = "错误要改正才能发布；提醒可以留着", "Errors must be mended before publishing; warnings may stay";
    no_finding = "没有问题", "Nothing found";
    finding_level = "级别", "Level";
    finding_place = "位置", "Place";
    finding_what = "问题", "What";
    finding_error = "错误", "error";
    finding_warning = "提醒", "warning";
    finding_shared(term, nodes) = "“{term}”同属 {nodes}，匹配到的企业会同时计入", "“{term}” belongs to {nodes}: a company that meets it counts in each";
    finding_no_term(characters) = "没有 {characters} 个字以上的名称、别名或关键词，产品匹配不到", "no name, alias or keyword of {characters} characters: no product can meet it";
    finding_stage_order(from, to) = "由{from}指回{to}", "leads back from {from} to {to}";
    draft_changes = "草稿改了什么", "What the draft changes";
    draft_changes_sub = "与它起于的版本相比", "Against the version it began from";
    draft_same = "与已发布的相同", "The same as published";
    change_added = "新增", "added";
    change_removed = "去掉", "removed";
    change_changed = "改动", "changed";
    change_it = "改", "Change";
    add_node = "加环节", "Add node";
    change_node = "改环节", "Change node";
    edges = "关系", "Edges";
    edge_count(count) = "{count} 条", "{count}";
    add_edge = "加关系", "Add edge";
    assumed = "假定", "assumed";
    save_to_draft = "存入草稿", "Save to draft";
    node_form_hint = "别名与关键词用顿号分开；政策优先 0 到 1，写明依据", "Separate aliases and keywords by commas; priority from 0 to 1, with its document";
    field_conflict(field, there, wanted) = "{field} 已是“{there}”，你要改成“{wanted}”", "{field} is “{there}” by now, you wanted “{wanted}”";
    edit_conflict(place, fields) = "{place} 刚被别人改过：{fields}。请看过再改。", "Somebody has just changed {place}: {fields}. Look again, then change it.";
    edit_gone(place) = "{place} 已被去掉。", "{place} is gone.";
    edit_duplicate(place, field, value) = "{place} 的{field}“{value}”已经有了。", "{place}: the {field} “{value}” is taken.";
    edit_self_loop(node) = "环节 {node} 不能指向自己。", "Node {node} cannot feed itself.";
    edit_unknown_node(node) = "没有环节 {node}。", "There is no node {node}.";
    edit_form = "只用字母、数字、- _ .", "letters, digits and - _ . only";
    edit_out_of_range(value) = "“{value}”超出范围", "“{value}” is out of range";
    edit_invalid(place, field, fault) = "{place} 的{field}：{fault}。", "{place}, {field}: {fault}.";
    and_more(count) = "另有 {count} 处。", "And {count} more.";
    edit_other_chain(code, value) = "文件是另一条链（{value}），这里编辑的是 {code}", "The file is of another chain ({value}); this one is {code}";
    not_a_number = "不是数字", "Not a number";
    move_up = "上移", "Move up";
    move_down = "下移", "Move down";
    draft_map = "草稿图", "Map of the draft";
    draft_map_sub = "点环节或关系来改；点环节右下的箭头（或按 C），再点另一个环节，就连上", "Click a node or an edge to change it; click a node's arrow (or press C), then another node, to join them";
    choose_end = "请点投入去向的环节", "Click the node it goes into";
    begin_edge = "从这里连到…", "An edge from here to…";
    edge_label(from, to) = "关系：{from} → {to}", "Edge: {from} → {to}";
    remove_edge = "去掉这条关系", "Remove this edge";
    coefficient_hint = "每单位产值消耗的投入价值，大于 0、至多 1；空着则各投入均分，页面会注明。", "Value of the input per unit of output, above 0 and at most 1; left empty, inputs count equally and the page says so.";
    upload_draft = "用文件替换草稿", "Put a file in the place of the draft";
    upload_draft_sub = "XLSX、CSV 或 JSON，与导出的相同；可撤销，发布后才生效", "XLSX, CSV or JSON, as exported; can be undone, and holds when published";
    // The reference graph
    nav_reference = "图谱", "Products";
    nav_reference_long = "产品图谱", "Reference graph of products";
    reference_sub = "谁用什么、什么由什么做：画链时的参考，不是链本身", "What goes into what: a help for drawing chains, not a chain";
    reference_sources = "来源", "Sources";
    source_products = "产品关系", "Product relations";
    source_industries = "行业投入", "Industry inputs";
    source_of(file, by, moment) = "{file}，{by} {moment} 载入", "{file}, loaded by {by} at {moment}";
    source_facts(rows, kept, names, relations) = "{rows} 行，采用 {kept} 行，{names} 个名称；{relations}", "{rows} rows, {kept} kept, {names} names; {relations}";
    relation_flow = "投入关系", "inputs";
    relation_subclass = "上下位关系", "kinds";
    relation_industry = "行业投入", "industry inputs";
    rows_left_out(count) = "未采用 {count} 行，按原因列出", "{count} rows left out, by reason";
    left_examples = "例", "Examples";
    left_example(row, from, to) = "第 {row} 行 {from} / {to}", "row {row} {from} / {to}";
    left_empty = "空行", "Empty row";
    left_malformed = "缺列", "Cells missing";
    left_unknown_relation = "关系类型不识", "Unknown relation";
    left_invalid_count = "计数不是正整数", "Count is no whole number above 0";
    left_name = "名称不是产品", "Not a product's name";
    left_name_empty = "名称为空", "Name empty";
    left_name_long = "名称太长", "Name too long";
    left_self_loop = "指向自己", "Feeds itself";
    left_duplicate = "重复", "Repeated";
    left_two_cycle = "与另一行相反", "Contradicts another row";
    no_reference = "还没有载入产品图谱。", "No reference graph has been loaded.";
    no_reference_hint = "管理员载入一份关系表后，这里可查产品的上下游，编辑链时会给出建议。", "Once an administrator loads a list of relations, products can be looked up here, and the chain editor makes proposals.";
    reference_file = "关系表（CSV）", "List of relations (CSV)";
    reference_file_hint = "产品关系：from、to、relation（input / output / subclass）；行业投入：industry、input_industry、evidence_count。同类旧表被替换；不能用的行会列出原因。", "Product relations: from, to, relation (input / output / subclass); industry inputs: industry, input_industry, evidence_count. It replaces the list of its kind; rows of no use are listed with the reason.";
    load_reference = "载入", "Load";
    matching_follows = "企业正在按新图谱重新匹配", "Companies are being matched by the new graph";
    find_product = "查产品", "Find a product";
    type_a_product = "输入一个产品名，看它的上下游。", "Type a product to see what lies around it.";
    product_unknown(name) = "图谱里没有“{name}”。", "The graph does not know “{name}”.";
    hits = "查到的产品", "Products found";
    hit_relations(inputs, users) = "投入 {inputs}，去向 {users}", "{inputs} inputs, {users} users";
    hops = "步", "Hops";
    one_product = "产品", "Product";
    companies_behind = "企业", "Companies";
    of_them_local = "其中本地", "Local";
    made_by(companies, local) = "{companies} 家企业生产，其中本地 {local} 家", "Made by {companies} companies, {local} of them local";
    more_around(count) = "还有 {count} 个同样近的产品未列出", "{count} more products as near are not listed";
    goes_into_it = "上游投入", "Goes into it";
    made_of_it = "下游去向", "Made of it";
    kinds_of_it = "上下位产品", "Kinds of it";
    nothing_known = "图谱未记载", "Nothing known";
    chain_from_product = "以此建链", "Begin a chain";
    new_chain = "新建链", "New chain";
    new_chain_sub = "画一条，或传一个文件", "Draw one, or upload a file";
    begin_chain = "新建", "Begin";
    begin_chain_sub = "从一个环节开始，其余在编辑器里画，图谱会给建议", "Begin with one node; draw the rest in the editor, where the graph makes proposals";
    first_node = "首个环节", "First node";
    import_chain_file = "导入链文件", "Import a chain file";
    import_chain_file_sub = "XLSX、CSV 或 JSON；代码相同的链被整体替换，有错则一行不写", "XLSX, CSV or JSON; the chain of the same code is replaced as a whole, or nothing is written";
    proposals = "图谱建议", "Proposals of the graph";
    proposals_sub = "逐条采纳进草稿；企业数为目录里生产它或其下位产品的企业", "Taken into the draft one by one; companies are those that make it or a kind of it";
    product_or_node = "产品或环节", "Product or node";
    propose = "查建议", "Propose";
    proposal_kind = "建议", "Proposal";
    proposal_itself = "加为环节", "Add as a node";
    proposal_input = "加投入环节", "Add an input";
    proposal_output = "加下游环节", "Add a user";
    proposal_alias = "加别名", "Add an alias";
    proposal_keyword = "加关键词", "Add a keyword";
    proposal_edge = "加关系", "Add an edge";
    evidence_rows = "依据", "Evidence";
    adopt = "采纳", "Take";
    no_proposal(name) = "图谱对“{name}”没有更多建议。", "The graph has nothing to add around “{name}”.";
    coefficients_found(count) = "行业投入表可为 {count} 条未给系数的关系填上系数（按提及次数的占比）。", "The industry inputs suggest coefficients for {count} edges without one (shares of mentions).";
    reference_empty = "文件是空的。", "The file is empty.";
    reference_missing_column(column) = "表头缺少“{column}”列。", "The header has no column “{column}”.";
    edit_too_large(limit) = "太大，上限 {limit}。", "Too large, the limit is {limit}.";
}

impl Locale {
    #[must_use]
    pub const fn gap_class(self, class: GapClass) -> &'static str {
        let (chinese, english) = match class {
            GapClass::Strong => ("强链", "strong"),
            GapClass::Present => ("在链", "present"),
            GapClass::Weak => ("弱链", "weak"),
            GapClass::Missing => ("断链", "missing"),
            GapClass::Extension => ("延链", "extension"),
            GapClass::Blank => ("空白", "blank"),
            GapClass::Unknown => ("数据不足", "unknown"),
        };
        self.pick(chinese, english)
    }

    /// The rule of a class in one line, for the legend.
    #[must_use]
    pub const fn gap_rule(self, class: GapClass) -> &'static str {
        let (chinese, english) = match class {
            GapClass::Strong => (
                "区位商下界 ≥ 1 且覆盖 c ≥ 1",
                "quotient's lower end ≥ 1 and cover c ≥ 1",
            ),
            GapClass::Present => (
                "有本地企业，不弱也不强",
                "local companies, neither weak nor strong",
            ),
            GapClass::Weak => (
                "c < 0.5 或区位商上界 < 1",
                "c < 0.5 or quotient's upper end < 1",
            ),
            GapClass::Missing => ("本地 0 家且有需求 D > 0", "no local company, demand D > 0"),
            GapClass::Extension => (
                "本地 0 家，距强链 ≤ 2 步",
                "no local company, ≤ 2 steps from strong",
            ),
            GapClass::Blank => (
                "本地 0 家，无需求，不是缺口",
                "no company, no demand: not a gap",
            ),
            GapClass::Unknown => ("所知太少，不作缺口", "too little known: never a gap"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn stream(self, stream: Stream) -> &'static str {
        let (chinese, english) = match stream {
            Stream::Upstream => ("上游", "Upstream"),
            Stream::Midstream => ("中游", "Midstream"),
            Stream::Downstream => ("下游", "Downstream"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn stage(self, stage: Stage) -> &'static str {
        let (chinese, english) = match stage {
            Stage::Lead => ("线索", "Lead"),
            Stage::Screened => ("研判", "Screened"),
            Stage::Negotiating => ("在谈", "Negotiating"),
            Stage::SiteVisit => ("考察", "Site visit"),
            Stage::Review => ("评审", "Review"),
            Stage::Signed => ("签约", "Signed"),
            Stage::Registered => ("注册", "Registered"),
            Stage::Permits => ("审批", "Permits"),
            Stage::ConstructionStarted => ("开工", "Construction"),
            Stage::Completed => ("竣工", "Completed"),
            Stage::InProduction => ("投产", "In production"),
            Stage::FullCapacity => ("达产", "Full capacity"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn event(self, kind: EventKind) -> &'static str {
        let (chinese, english) = match kind {
            EventKind::Created => ("首报登记", "Registered"),
            EventKind::Note => ("备注", "Note"),
            EventKind::Call => ("通话", "Call"),
            EventKind::VisitOutbound => ("走出去", "Outbound visit"),
            EventKind::VisitInbound => ("请进来", "Inbound visit"),
            EventKind::VisitOnline => ("屏对屏", "Online visit"),
            EventKind::Stage => ("阶段", "Stage"),
            EventKind::SideState => ("状态", "State"),
            EventKind::Changed => ("修改", "Changed"),
            EventKind::Claim => ("首报首谈", "Claim"),
            EventKind::Deleted => ("删除", "Deleted"),
            EventKind::Restored => ("恢复", "Restored"),
            EventKind::File => ("材料", "File"),
            EventKind::Commitment => ("承诺", "Commitment"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn reminder(self, reminder: Reminder) -> &'static str {
        let (chinese, english) = match reminder {
            Reminder::None => ("不提醒", "None"),
            Reminder::SameDay => ("当天 8:30", "On the day, 8:30"),
            Reminder::DayBefore => ("提前一天", "A day before"),
            Reminder::DaysBefore => ("提前三天", "Three days before"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn commitment_side(self, side: Side) -> &'static str {
        let (chinese, english) = match side {
            Side::Ours => ("我方", "Ours"),
            Side::Theirs => ("对方", "Theirs"),
        };
        self.pick(chinese, english)
    }

    /// The head of a line of the timeline: whose commitment, and what became of it.
    #[must_use]
    pub fn commitment_told(self, side: Side, state: CommitmentState) -> String {
        let whose = self.commitment_side(side);
        let what = match (self, state) {
            (Self::ZhCn, CommitmentState::Open) => String::new(),
            (Self::ZhCn, state) => format!("，{}", self.commitment_state(state)),
            (Self::En, CommitmentState::Open) => " commitment".to_owned(),
            (Self::En, state) => format!(" commitment: {}", self.commitment_state(state)),
        };
        match self {
            Self::ZhCn => format!("{whose}承诺{what}"),
            Self::En => format!("{whose}{what}"),
        }
    }

    #[must_use]
    pub const fn commitment_state(self, state: CommitmentState) -> &'static str {
        let (chinese, english) = match state {
            CommitmentState::Open => ("进行中", "Open"),
            CommitmentState::Kept => ("已兑现", "Kept"),
            CommitmentState::Broken => ("未兑现", "Broken"),
            CommitmentState::Withdrawn => ("已撤回", "Withdrawn"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn fair_competition(self, review: FairCompetition) -> &'static str {
        let (chinese, english) = match review {
            FairCompetition::NotNeeded => ("不涉及", "Not needed"),
            FairCompetition::Pending => ("审查中", "In review"),
            FairCompetition::Passed => ("已通过", "Passed"),
            FairCompetition::Failed => ("未通过", "Failed"),
        };
        self.pick(chinese, english)
    }

    /// A line of the claim ledger.
    #[must_use]
    pub const fn claim_event(self, kind: ClaimEventKind) -> &'static str {
        let (chinese, english) = match kind {
            ClaimEventKind::Registered => ("首报", "Claimed"),
            ClaimEventKind::Renewed => ("续期", "Renewed"),
            ClaimEventKind::Lapsed => ("到期", "Lapsed"),
            ClaimEventKind::Released => ("放弃", "Given up"),
            ClaimEventKind::Transferred => ("移交", "Handed over"),
            ClaimEventKind::Contested => ("异议", "Contested"),
            ClaimEventKind::Upheld => ("裁定维持", "Upheld"),
            ClaimEventKind::Rejected => ("裁定改判", "Rejected"),
            ClaimEventKind::Withdrawn => ("撤回异议", "Withdrawn"),
            ClaimEventKind::GaveWay => ("合并让位", "Gave way in a merge"),
            ClaimEventKind::Returned => ("拆分恢复", "Runs again"),
        };
        self.pick(chinese, english)
    }

    /// The text of a line of the claim ledger: what the system noted in its words, what people wrote as it stands.
    #[must_use]
    pub fn ledger_body(self, row: &LedgerRow) -> String {
        match row.kind {
            ClaimEventKind::Renewed => match Renewal::from_key(&row.body) {
                Some(cause) => self.ledger_renewed(self.renewal(cause)),
                None => row.body.clone(),
            },
            ClaimEventKind::Lapsed => self.ledger_lapsed(&row.body),
            _ => row.body.clone(),
        }
    }

    /// What renews a claim.
    #[must_use]
    pub const fn renewal(self, cause: Renewal) -> &'static str {
        match cause {
            Renewal::Stage => self.pick("进入新阶段", "a stage entered"),
            _ => self.event(cause.event()),
        }
    }

    /// How a company was recognised.
    #[must_use]
    pub const fn recognition(self, recognised: Recognition) -> &'static str {
        match recognised {
            Recognition::SameEnterprise => self.pick("同一企业", "the same company"),
            Recognition::SameCreditCode => {
                self.pick("统一社会信用代码相同", "the same credit code")
            }
            Recognition::SameName => self.pick("名称指同一家企业", "a name of the same company"),
        }
    }

    #[must_use]
    pub const fn role(self, role: Role) -> &'static str {
        let (chinese, english) = match role {
            Role::Administrator => ("管理员", "Administrator"),
            Role::Leader => ("领导", "Leader"),
            Role::BureauChief => ("分局长", "Bureau chief"),
            Role::Officer => ("招商专员", "Officer"),
            Role::Delegate => ("小分队成员", "Delegate"),
            Role::Viewer => ("只读", "Viewer"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub const fn import_status(self, status: ImportStatus) -> &'static str {
        let (chinese, english) = match status {
            ImportStatus::Uploaded => ("待核对", "to check"),
            ImportStatus::Queued => ("排队中", "queued"),
            ImportStatus::Running => ("导入中", "running"),
            ImportStatus::Finished => ("已完成", "finished"),
            ImportStatus::Failed => ("未完成", "failed"),
            ImportStatus::Undoing => ("撤销中", "being taken back"),
            ImportStatus::Undone => ("已撤销", "taken back"),
        };
        self.pick(chinese, english)
    }

    /// A team's own name, or its number; the index is zero-based.
    #[must_use]
    pub fn team_called(self, name: Option<&str>, index: usize) -> String {
        name.map(str::trim)
            .filter(|name| !name.is_empty())
            .map_or_else(|| self.team(index + 1), str::to_owned)
    }

    /// How a visit went.
    #[must_use]
    pub const fn visit_outcome(self, outcome: VisitOutcome) -> &'static str {
        let (chinese, english) = match outcome {
            VisitOutcome::Interested => ("有意向", "interested"),
            VisitOutcome::Again => ("再谈", "talk again"),
            VisitOutcome::Declined => ("暂不", "not now"),
            VisitOutcome::Absent => ("未见到", "nobody met"),
        };
        self.pick(chinese, english)
    }

    /// Why a company stays when its import is taken back.
    #[must_use]
    pub const fn kept_reason(self, reason: KeptReason) -> &'static str {
        let (chinese, english) = match reason {
            KeptReason::ChangedSince => ("之后又被改动", "changed since"),
            KeptReason::Lead => ("已有线索或首报", "has a lead or a claim"),
            KeptReason::Trip => ("已列入外出行程", "on a trip"),
            KeptReason::Decision => ("已有人工判定", "a person judged a match"),
            KeptReason::Scenario => ("已用于推演方案", "in a scenario"),
            KeptReason::List => ("已在目标名单里", "on a target list"),
            KeptReason::CodeTaken => (
                "原来的代码已归另一家企业",
                "its former code is another company's",
            ),
            KeptReason::InUse => ("有其他记录引用", "something refers to it"),
            KeptReason::Gone => ("已不在名录中", "not in the directory any more"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub fn size_band(self, band: domain::enterprise::SizeBand) -> &'static str {
        use domain::enterprise::SizeBand;
        let (chinese, english) = match band {
            SizeBand::Huge => ("50 亿元以上", "5 bn yuan and more"),
            SizeBand::Large => ("10—50 亿元", "1 to 5 bn yuan"),
            SizeBand::Medium => ("2—10 亿元", "0.2 to 1 bn yuan"),
            SizeBand::Small => ("不足 2 亿元", "less than 0.2 bn yuan"),
            SizeBand::Unknown => ("缺数据", "not known"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub fn turned_down(self, refusal: &domain::target::TurnedDown) -> String {
        let day = crate::format::day(refusal.at);
        match &refusal.reason {
            Some(reason) => self.turned_down_because(&refusal.bureau, day, reason),
            None => self.turned_down_by(&refusal.bureau, day, refusal.returns_on.to_string()),
        }
    }

    #[must_use]
    pub fn growth_sign(self, sign: &domain::enterprise::GrowthSign) -> String {
        use domain::enterprise::GrowthSign;
        match sign {
            GrowthSign::Revenue { rate, since, until } => {
                self.revenue_grew(percent(*rate), since.to_string(), until.to_string())
            }
            GrowthSign::Staff { rate, since, until } => {
                self.staff_grew(percent(*rate), since.to_string(), until.to_string())
            }
            GrowthSign::Listed { on, .. } => self.listed_lately(on.to_string()),
            GrowthSign::Tag { name } => name.clone(),
        }
    }

    #[must_use]
    pub fn risk_sign(self, sign: &domain::enterprise::RiskSign) -> String {
        use domain::enterprise::RiskSign;
        match sign {
            RiskSign::SpecialTreatment => self.special_treatment().to_owned(),
            RiskSign::DelistingWarning => self.delisting_warning().to_owned(),
            RiskSign::Shrinking { rate } => self.revenue_shrinks(percent(*rate)),
            RiskSign::Tag { name } => name.clone(),
        }
    }

    #[must_use]
    pub fn supply_link(self, link: &domain::target::SupplyLink) -> String {
        use domain::target::SupplyDirection;
        let firms = crate::format::count(link.firms);
        match link.direction {
            SupplyDirection::Buys => self.supply_buys(&link.product, &link.into, &link.firm, firms),
            SupplyDirection::Sells => {
                self.supply_sells(&link.product, &link.into, &link.firm, firms)
            }
        }
    }

    #[must_use]
    pub fn guess_reasons(self, reasons: &[domain::target::extension::InputReason]) -> String {
        use domain::target::extension::InputReason;
        reasons
            .iter()
            .map(|reason| match reason {
                InputReason::Alike {
                    products, examples, ..
                } => {
                    let examples: Vec<&str> = examples
                        .iter()
                        .map(|one| one.name.as_str())
                        .take(2)
                        .collect();
                    self.reason_alike(products.to_string(), examples.join("、"))
                }
                InputReason::Named { .. } => self.reason_named().to_owned(),
                InputReason::Together { with, .. } => self.reason_together(with),
            })
            .collect::<Vec<_>>()
            .join("；")
    }

    #[must_use]
    pub fn site_kind(self, kind: domain::enterprise::SiteKind) -> &'static str {
        use domain::enterprise::SiteKind;
        let english = match kind {
            SiteKind::Headquarters => "head office",
            SiteKind::Plant => "plant",
            SiteKind::Research => "research",
            SiteKind::Sales => "sales",
            SiteKind::Logistics => "logistics",
            SiteKind::Other => "other",
        };
        self.pick(kind.word(), english)
    }

    #[must_use]
    pub fn near_site(self, site: &domain::enterprise::Site) -> String {
        self.site_nearby(self.site_kind(site.kind), &site.place)
    }

    #[must_use]
    pub fn contact(self, contact: domain::target::Contact) -> &'static str {
        use domain::target::Contact;
        let (chinese, english) = match contact {
            Contact::Untouched => ("未接触", "not contacted"),
            Contact::Held => ("在跟", "followed"),
            Contact::TurnedDown => ("谈过未成", "tried, came to nothing"),
        };
        self.pick(chinese, english)
    }

    #[must_use]
    pub fn engine(self, name: &str) -> &'static str {
        if name == "meilisearch" {
            "Meilisearch"
        } else {
            self.pick("内嵌索引", "embedded index")
        }
    }

    /// What is wrong with a search engine.
    #[must_use]
    pub fn engine_problem(self, problem: &domain::enterprise::EngineProblem) -> String {
        use domain::enterprise::EngineProblem;
        match problem {
            EngineProblem::KeyMissing => self.engine_key_missing().to_owned(),
            EngineProblem::KeyRefused => self.engine_key_refused().to_owned(),
            EngineProblem::Version { found, oldest } => self.engine_version(found, oldest),
            EngineProblem::TaskFailed { code, message } => self.engine_task_failed(code, message),
            EngineProblem::Other { detail } => self.engine_down(detail),
        }
    }

    #[must_use]
    pub const fn confidence_word(self, steps: u8) -> &'static str {
        match steps {
            3 => self.pick("置信度高", "high confidence"),
            2 => self.pick("置信度中", "medium confidence"),
            _ => self.pick("置信度低", "low confidence"),
        }
    }

    /// The question of a rule pack's field. Packs are data: a key that the table does not know is shown as
    /// it stands in the pack.
    #[must_use]
    pub fn evidence(self, key: &str) -> &str {
        let (chinese, english) = match key {
            "fit" => ("与产业链契合", "Fit to the chain"),
            "investment_wan" => ("拟投资", "Investment"),
            "land_mu" => ("用地", "Land"),
            "energy" => ("能耗", "Energy"),
            "environment" => ("环境影响", "Environment"),
            "verdict" => ("研判结论", "Verdict"),
            "contact_kind" => ("接触方式", "Kind of contact"),
            "contact_on" => ("接触日期", "Date of contact"),
            "summary" => ("会谈要点", "Summary"),
            "visited_on" => ("考察日期", "Date of visit"),
            "people" => ("参加人员", "People"),
            "outcome" => ("考察结论", "Outcome"),
            "reviewed_on" => ("评审日期", "Date of review"),
            "minutes" => ("会议纪要", "Minutes"),
            "fair_competition" => ("公平竞争审查", "Fair-competition check"),
            "contract_kind" => ("合同种类", "Kind of contract"),
            "amount_wan" => ("合同金额", "Amount"),
            "signed_on" => ("签约日期", "Date of signing"),
            "our_commitments" => ("我方承诺", "Our commitments"),
            "their_commitments" => ("对方承诺", "Their commitments"),
            "credit_code" => ("统一社会信用代码", "Unified social credit code"),
            "registered_on" => ("注册日期", "Date of registration"),
            "project_approval" => ("立项", "Project approval"),
            "land_use" => ("用地审批", "Land use"),
            "planning_permit" => ("规划许可", "Planning permit"),
            "environment_assessment" => ("环评", "Environmental assessment"),
            "energy_assessment" => ("能评", "Energy assessment"),
            "construction_permit" => ("施工许可", "Construction permit"),
            "started_on" => ("开工日期", "Start of construction"),
            "completed_on" => ("竣工日期", "Date of completion"),
            "production_on" => ("投产日期", "Start of production"),
            "full_capacity_on" => ("达产日期", "Full capacity since"),
            "proof" => ("凭证", "Proof"),
            "actual_investment_wan" => ("实际投资", "Actual investment"),
            "jobs" => ("用工", "Jobs"),
            "output_wan" => ("产值", "Output"),
            "tax_wan" => ("税收", "Tax"),
            other => return other,
        };
        self.pick(chinese, english)
    }

    /// The unit of a rule pack's number.
    #[must_use]
    pub fn evidence_unit(self, key: &str) -> &'static str {
        match key {
            "land_mu" => self.unit_mu(),
            "jobs" => self.pick("人", "people"),
            _ => "",
        }
    }

    /// An answer of a rule pack's choice.
    #[must_use]
    pub fn evidence_choice(self, key: &str) -> &str {
        let (chinese, english) = match key {
            "pursue" => ("积极跟进", "pursue"),
            "watch" => ("持续关注", "watch"),
            "call" => ("通话", "call"),
            "visit_outbound" => ("走出去", "outbound visit"),
            "visit_inbound" => ("请进来", "inbound visit"),
            "visit_online" => ("屏对屏", "online visit"),
            "passed" => ("通过", "passed"),
            "not_needed" => ("不需要", "not needed"),
            "failed" => ("未通过", "failed"),
            "intent" => ("意向协议", "letter of intent"),
            "framework" => ("框架协议", "framework"),
            "formal" => ("正式合同", "formal contract"),
            "promised" => ("承诺制", "on a promise"),
            "in_progress" => ("办理中", "in progress"),
            "granted" => ("已办结", "granted"),
            other => return other,
        };
        self.pick(chinese, english)
    }

    /// An answer as text: the word of a choice, or the text itself.
    #[must_use]
    pub fn evidence_choice_or(self, text: String) -> String {
        self.evidence_choice(&text).to_owned()
    }

    /// What a token may do.
    #[must_use]
    pub const fn token_scope(self, scope: TokenScope) -> &'static str {
        match scope {
            TokenScope::Read => self.pick("只读", "Read"),
            TokenScope::Write => self.pick("读写", "Read and write"),
        }
    }

    /// What was done, as the audit names it; a name that is not known is shown as it is.
    #[must_use]
    pub fn audit_action(self, action: &str) -> &str {
        let (chinese, english) = match action {
            "add" => ("新建", "Added"),
            "change" => ("修改", "Changed"),
            "replace" => ("替换", "Replaced"),
            "delete" => ("删除", "Deleted"),
            "restore" => ("恢复", "Restored"),
            "purge" => ("彻底清除", "Removed for good"),
            "revoke" => ("吊销", "Revoked"),
            "stage" => ("阶段", "Stage"),
            "side_state" => ("状态", "State"),
            "note" => ("记录", "Note"),
            "upload" => ("上传", "Uploaded"),
            "import" => ("导入", "Imported"),
            "set_password" => ("改口令", "Password set"),
            "lapse" => ("到期失效", "Lapsed"),
            "hand_over" => ("流转", "Handed over"),
            "answer" => ("答复", "Answered"),
            "decide" => ("裁定", "Decided"),
            "withdraw" => ("撤回", "Withdrawn"),
            "merge" => ("合并", "Merged"),
            "unmerge" => ("撤销合并", "Merge undone"),
            "undo" => ("撤销", "Undone"),
            "ask_undo" => ("请求撤销", "Undo asked for"),
            "plan" => ("排程", "Planned"),
            "change_settings" => ("改设置", "Settings changed"),
            other => return other,
        };
        self.pick(chinese, english)
    }

    /// A kind of record, as the audit names it.
    #[must_use]
    pub fn audit_entity(self, entity: &str) -> &str {
        let (chinese, english) = match entity {
            "lead" => ("线索", "Lead"),
            "contact" => ("联系人", "Contact"),
            "task" => ("任务", "Task"),
            "visit" => ("走访记录", "Visit"),
            "commitment" => ("承诺", "Commitment"),
            "file" => ("材料", "File"),
            "claim" => ("首报", "Claim"),
            "claim_dispute" => ("首报异议", "Objection to a claim"),
            "lead_transfer" => ("流转", "Lead handed over"),
            "saved_view" => ("视图", "View"),
            "trip" => ("行程", "Trip"),
            "enterprise" => ("企业", "Company"),
            "enterprise_merge" => ("企业合并", "Merge of companies"),
            "duplicate_candidate" => ("疑似重复", "Pair of companies"),
            "account" => ("账号", "Account"),
            "api_token" => ("令牌", "Token"),
            "import_job" => ("导入", "Import"),
            "chain" => ("产业链", "Chain"),
            "chain_draft" => ("链的草稿", "Draft of a chain"),
            "chain_snapshot" => ("快照", "Snapshot"),
            "chain_scenario" => ("情景", "Scenario"),
            "chief_task" => ("链长任务", "Chief's task"),
            "match_decision" => ("匹配判定", "Decision on a match"),
            "reference_source" => ("产品图谱", "Reference graph"),
            "atlas_setting" => ("评分设置", "Score settings"),
            "target_weights" => ("寻商权重", "Target weights"),
            "target_list" => ("目标名单", "Target list"),
            "target_query" => ("寻商查询", "Saved query"),
            "stage_rule_pack" => ("阶段规则", "Stage rules"),
            "work_calendar_year" => ("工作日历", "Calendar"),
            other => return other,
        };
        self.pick(chinese, english)
    }

    /// A threshold of the scores.
    #[must_use]
    pub const fn threshold(self, threshold: Threshold) -> &'static str {
        self.setting_name(match threshold {
            Threshold::MinReferenceFirms => "min_reference_firms",
            Threshold::MinMatchedShare => "min_matched_share",
            Threshold::WeakCover => "weak_cover",
            Threshold::WeakQuotient => "weak_quotient",
            Threshold::StrongCover => "strong_cover",
            Threshold::StrongQuotient => "strong_quotient",
            Threshold::ExtensionHops => "extension_hops",
        })
    }

    /// A setting of the scores, by its name in the form.
    #[must_use]
    pub const fn setting_name(self, name: &'static str) -> &'static str {
        match name.as_bytes() {
            b"weight_unmet" => self.pick("权重 u", "Weight u"),
            b"weight_relatedness" => self.pick("权重 ω", "Weight ω"),
            b"weight_criticality" => self.pick("权重 C_B", "Weight C_B"),
            b"weight_priority" => self.pick("权重 p", "Weight p"),
            b"weak_cover" => self.pick("弱链覆盖低于", "Weak below cover"),
            b"weak_quotient" => self.pick("弱链 q90 低于", "Weak below q90"),
            b"strong_cover" => self.pick("强链覆盖达到", "Strong from cover"),
            b"strong_quotient" => self.pick("强链 q10 达到", "Strong from q10"),
            b"min_reference_firms" => self.pick("参照企业至少", "Reference firms"),
            b"min_matched_share" => self.pick("本地匹配占比至少", "Matched share"),
            b"extension_hops" => self.pick("延链跳数", "Extension hops"),
            b"alpha" => self.pick("平滑 α", "Smoothing α"),
            b"match_threshold" => self.pick("匹配阈值", "Match threshold"),
            _ => name,
        }
    }

    /// A state beside the track.
    #[must_use]
    pub const fn side_state(self, state: SideState) -> &'static str {
        match state {
            SideState::Paused => self.pick("暂缓", "Paused"),
            SideState::Transferred => self.pick("流转", "Transferred"),
            SideState::Lost => self.pick("终止", "Lost"),
            SideState::Unreachable => self.pick("失联", "Unreachable"),
        }
    }

    /// A kind of thing that is found, as the head of its group.
    #[must_use]
    pub const fn found_kind(self, kind: FoundKind) -> &'static str {
        match kind {
            FoundKind::Recent => self.pick("最近打开", "Opened last"),
            FoundKind::Lead => self.pick("线索", "Leads"),
            FoundKind::Enterprise => self.pick("企业", "Companies"),
            FoundKind::Node => self.pick("环节", "Nodes"),
            FoundKind::Chain => self.pick("产业链", "Chains"),
            FoundKind::Trip => self.pick("外出", "Trips"),
            FoundKind::Person => self.pick("人", "People"),
            FoundKind::Page => self.pick("页面", "Pages"),
            FoundKind::Action => self.pick("操作", "Actions"),
        }
    }

    /// A page or an action by its name.
    #[must_use]
    pub const fn destination(self, destination: Destination) -> &'static str {
        match destination {
            Destination::Today => self.nav_today(),
            Destination::Board => self.nav_board_long(),
            Destination::LeadList => self.lead_list(),
            Destination::Pool => self.pool_title(),
            Destination::Ledger => self.ledger_title(),
            Destination::Week => self.week_sheet(),
            Destination::Duplicates => self.duplicates_title(),
            Destination::Bin => self.bin_title(),
            Destination::OwnSettings => self.my_settings(),
            Destination::Enterprises => self.pick("企业名录", "Companies"),
            Destination::Trips => self.nav_trips_long(),
            Destination::Chains => self.nav_chains_long(),
            Destination::Leader => self.leader_title(),
            Destination::Reference => self.nav_reference_long(),
            Destination::Imports => self.nav_imports_long(),
            Destination::AtlasSettings => self.settings_title(),
            Destination::StageRules => self.stage_rules(),
            Destination::NewLead => self.pick("登记线索", "Register a lead"),
            Destination::NewTrip => self.pick("新建出行", "New trip"),
            Destination::NewChain => self.new_chain(),
            Destination::ImportEnterprises => self.pick("导入企业", "Import companies"),
        }
    }

    /// What else people call it, parted by `|`.
    #[cfg(feature = "ssr")]
    #[must_use]
    pub const fn destination_also(self, destination: Destination) -> &'static str {
        match destination {
            Destination::Today => self.pick("今日|今天|待办", "home"),
            Destination::Board => self.pick("看板", "kanban|pipeline"),
            Destination::LeadList => self.pick("线索", "leads"),
            Destination::Pool => self.pick("认领", "lapsed"),
            Destination::Ledger => self.pick("首报首谈|异议|流转", "claims"),
            Destination::Week => self.pick("周会|周例会", "meeting"),
            Destination::Duplicates => self.pick("合并|查重", "merge"),
            Destination::Bin => self.pick("回收站|恢复", "deleted|restore"),
            Destination::OwnSettings => self.pick("邮件|日历|订阅", "mail|calendar"),
            Destination::Enterprises => self.pick("企业|公司", "firms"),
            Destination::Trips => self.pick("外出|出行|行程", "planner"),
            Destination::Chains => self.pick("链图|地图|产业链", "maps"),
            Destination::Leader => self.pick("一览|领导", "overview|leader"),
            Destination::Reference => self.pick("图谱", "products"),
            Destination::Imports => self.pick("导入", "imports"),
            Destination::AtlasSettings => self.pick("口径|设置", "settings|weights"),
            Destination::StageRules => self.pick("规则|时限", "rules"),
            Destination::NewLead => self.pick("新建线索|建线索|首报", "new lead"),
            Destination::NewTrip => self.pick("新建外出|新建行程", "plan a trip"),
            Destination::NewChain => "",
            Destination::ImportEnterprises => self.pick("上传企业", "upload"),
        }
    }

    /// What a key does.
    #[must_use]
    pub const fn key_act(self, act: Act) -> &'static str {
        match act {
            Act::Find => self.pick("查找", "Find"),
            Act::Help => self.pick("这张快捷键表", "This sheet"),
            Act::Today => self.pick("去今日", "Go to today"),
            Act::Board => self.pick("去看板", "Go to the board"),
            Act::LeadList => self.pick("去线索列表", "Go to the list of leads"),
            Act::Chains => self.pick("去链图", "Go to the maps"),
            Act::Enterprises => self.pick("去企业名录", "Go to the companies"),
            Act::Trips => self.pick("去外出", "Go to the trips"),
            Act::NewLead => self.pick("登记线索", "Register a lead"),
            Act::NextRow => self.pick("下一行", "Next row"),
            Act::PreviousRow => self.pick("上一行", "Previous row"),
            Act::OpenRow => self.pick("打开这一行", "Open the row"),
            Act::Edit => self.pick("修改线索", "Edit the lead"),
            Act::Note => self.pick("写记录", "Write a note"),
            Act::SaveNote => self.pick("保存记录", "Save the note"),
            Act::NextProblem => self.next_problem(),
            Act::Project => self.pick("投影放大", "Project"),
            Act::MoveCard => self.pick("推进卡片", "Move the card on"),
            Act::LiftCard => self.pick("拿起卡片", "Pick the card up"),
            Act::AimCard => self.pick("为拿起的卡片选一列", "Choose a column for it"),
            Act::DropCard => self.pick("放入这一列", "Put it into the column"),
            Act::MapFind => self.pick("查找环节", "Find a node"),
            Act::ClosePanel => self.pick("关闭详情", "Close the panel"),
            Act::ZoomIn => self.pick("放大", "Zoom in"),
            Act::ZoomOut => self.pick("缩小", "Zoom out"),
            Act::ZoomFit => self.pick("适合窗口", "Fit the window"),
            Act::Walk => self.pick("沿连线走到相邻环节", "Walk to a neighbour"),
            Act::OpenNode => self.pick("打开环节", "Open the node"),
        }
    }

    /// What a notice says, one line a kind.
    #[must_use]
    pub fn notice(self, kind: NoticeKind, detail: &NoticeDetail) -> String {
        let NoticeDetail { by, subject, .. } = detail;
        let stage = Stage::from_key(&detail.to).map_or("", |stage| self.stage(stage));
        let day = detail.day.map(|day| day.to_string()).unwrap_or_default();
        let (days, count) = (detail.days.unwrap_or(0), detail.count.unwrap_or(0));
        let say = |chinese: String, english: String| match self {
            Self::ZhCn => chinese,
            Self::En => english,
        };
        #[rustfmt::skip]
        let sentence = match (kind, SideState::from_key(&detail.to)) {
            (NoticeKind::LeadAssigned, _) => say(format!("{by}把“{subject}”的线索交给您"), format!("{by} handed you the lead of {subject}")),
            (NoticeKind::StageMoved, _) => say(format!("{by}把“{subject}”推进到{stage}"), format!("{by} moved {subject} to {stage}")),
            (NoticeKind::SideStateSet, None) => say(format!("{by}恢复推进“{subject}”"), format!("{by} put {subject} back on the track")),
            (NoticeKind::SideStateSet, Some(state)) => say(format!("{by}把“{subject}”设为{}", self.side_state(state)), format!("{by} set {subject} to {}", self.side_state(state))),
            (NoticeKind::ClaimLapsing, _) if days == 0 => say(format!("“{subject}”的首报今天到期"), format!("The claim on {subject} ends today")),
            (NoticeKind::ClaimLapsing, _) => say(format!("“{subject}”的首报还有 {days} 天到期（{day}）"), format!("The claim on {subject} ends in {days} days ({day})")),
            (NoticeKind::LeadLate, _) => say(format!("“{subject}”在{stage}阶段已超时"), format!("{subject} is beyond the limit of its stage, {stage}")),
            (NoticeKind::ClaimContested, _) => say(format!("{by}对“{subject}”的首报提出异议"), format!("{by} objects to the claim on {subject}")),
            (NoticeKind::ClaimDecided, _) => say(format!("“{subject}”的首报异议已裁定"), format!("The objection to the claim on {subject} is decided")),
            (NoticeKind::TransferProposed, _) => say(format!("{by}要把“{subject}”的线索流转给本分局"), format!("{by} offers the lead of {subject} to your bureau")),
            (NoticeKind::TransferAnswered, _) if detail.to == "accepted" => say(format!("{by}接收了“{subject}”的流转"), format!("{by} took the lead of {subject}")),
            (NoticeKind::TransferAnswered, _) => say(format!("{by}没有接收“{subject}”的流转"), format!("{by} did not take the lead of {subject}")),
            (NoticeKind::ImportFinished, _) => say(format!("“{subject}”导入完成，共 {count} 行"), format!("The import of {subject} is over: {count} rows")),
            (NoticeKind::ImportFailed, _) => say(format!("“{subject}”导入中断"), format!("The import of {subject} broke off")),
            (NoticeKind::TaskDue, _) => say(format!("任务提醒（{day}）：{}，{subject}", detail.to), format!("A task is due ({day}): {}, {subject}", detail.to)),
            (NoticeKind::ChiefTaskDue, _) => say(format!("链长任务到期（{day}）：{subject}"), format!("A chief's task is due ({day}): {subject}")),
        };
        sentence
    }

    /// What a person wants to be mailed.
    #[must_use]
    pub const fn mail_choice(self, choice: MailChoice) -> &'static str {
        match choice {
            MailChoice::Nothing => self.mail_nothing(),
            MailChoice::Digest => self.mail_digest(),
            MailChoice::Urgent => self.mail_urgent(),
        }
    }

    /// What people said about a pair of companies.
    #[must_use]
    pub const fn duplicate_state_of(self, state: DuplicateState) -> &'static str {
        match state {
            DuplicateState::Open => self.duplicate_open(),
            DuplicateState::Distinct => self.duplicate_distinct(),
            DuplicateState::Merged => self.duplicate_merged(),
        }
    }

    /// Whose products a merged company has.
    #[must_use]
    pub const fn product_choice(self, choice: ProductChoice) -> &'static str {
        match choice {
            ProductChoice::Left => self.products_left(),
            ProductChoice::Right => self.products_right(),
            ProductChoice::Both => self.products_both(),
        }
    }

    /// What moves with a company.
    #[must_use]
    pub const fn moved_table(self, table: MovedTable) -> &'static str {
        match table {
            MovedTable::Lead => self.pick(
                "线索（连同时间线和证据）",
                "Leads with timeline and evidence",
            ),
            MovedTable::Claim => self.pick("首报记录", "Claims"),
            MovedTable::TripCandidate => self.pick("行程走访", "Visits on trips"),
            MovedTable::MatchDecision => self.pick("匹配决定", "Decisions on matches"),
            MovedTable::ClaimEvent => self.pick("首报台账", "Lines of the claim ledger"),
            MovedTable::ClaimDispute => self.pick("首报异议", "Objections to claims"),
            MovedTable::TargetListCompany => self.pick("目标名单", "Target lists"),
            MovedTable::Visit => self.pick("走访记录", "Visits written down"),
        }
    }

    /// Why two companies are taken for one, or not.
    #[must_use]
    pub const fn match_reason(self, reason: MatchReason) -> &'static str {
        match reason {
            MatchReason::SameCreditCode => self.pick("信用代码相同", "same credit code"),
            MatchReason::DifferentCreditCode => self.pick("信用代码不同", "different credit codes"),
            MatchReason::SameOrganisationCode => self.pick(
                "信用代码里的主体标识相同",
                "same organisation part of the credit code",
            ),
            MatchReason::SameStockCode => self.pick("证券代码相同", "same stock code"),
            MatchReason::DifferentStockCode => self.pick("证券代码不同", "different stock codes"),
            MatchReason::EqualName => self.pick("名称相同", "equal names"),
            MatchReason::EqualParts => self.pick(
                "名称各部分相同，写法不同",
                "equal names, written differently",
            ),
            MatchReason::EqualBody => self.pick("字号和行业相同", "equal core and industry"),
            MatchReason::EqualCore => self.pick("字号相同", "equal core"),
            MatchReason::EqualShortName => self.pick("简称相同", "equal short name"),
            MatchReason::ShortName => self.pick("一边是简称", "one is a short name"),
            MatchReason::PlaceMissing => self.pick("一边没写地名", "one names no place"),
            MatchReason::PlaceWithin => self.pick("地名一大一小", "one place lies in the other"),
            MatchReason::PlaceDiffers => self.pick("地名不同", "different places"),
            MatchReason::PlaceElsewhere => self.pick(
                "地名位置不同，登记为两家",
                "place stands elsewhere: two names in the register",
            ),
            MatchReason::RecordPlaceSame => self.pick("所在地相同", "same place on record"),
            MatchReason::RecordPlaceDiffers => {
                self.pick("所在地不同", "different places on record")
            }
            MatchReason::IndustryDiffers => self.pick("行业用词不同", "different industry words"),
            MatchReason::FormDiffers => self.pick("组织形式不同", "different legal forms"),
            MatchReason::GroupDiffers => self.pick("一边是集团", "one is the group"),
            MatchReason::BranchDiffers => self.pick("分支机构不同", "different branches"),
            MatchReason::OneCharacter => self.pick("差一个字", "one character differs"),
            MatchReason::CoreDiffers => self.pick("字号不同", "different cores"),
        }
    }

    /// An order of the list of leads.
    #[must_use]
    pub const fn lead_order(self, order: LeadOrder) -> &'static str {
        match order {
            LeadOrder::Recent => self.pick("最近有动静", "Last touched"),
            LeadOrder::Silent => self.pick("静默最久", "Longest silent"),
            LeadOrder::Investment => self.pick("投资额从大到小", "Largest investment"),
            LeadOrder::Stage => self.pick("阶段从后到前", "Furthest stage"),
            LeadOrder::Waiting => self.pick("在阶段最久", "Longest in its stage"),
        }
    }

    /// A column of the list of leads.
    #[must_use]
    pub const fn lead_column(self, column: LeadColumn) -> &'static str {
        match column {
            LeadColumn::Enterprise => self.enterprise(),
            LeadColumn::Title => self.project_name(),
            LeadColumn::Stage => self.stage_word(),
            LeadColumn::SideState => self.side_state_word(),
            LeadColumn::DaysInStage => self.days_in_stage(),
            LeadColumn::Limit => self.limit_word(),
            LeadColumn::DaysLate => self.limit_late(),
            LeadColumn::Bureau => self.bureau(),
            LeadColumn::Owner => self.owner(),
            LeadColumn::Chain => self.chain(),
            LeadColumn::Node => self.node(),
            LeadColumn::Investment => self.planned_investment(),
            LeadColumn::Land => self.land(),
            LeadColumn::Source => self.source(),
            LeadColumn::Created => self.created_on(),
            LeadColumn::LastActivity => self.last_activity_on(),
            LeadColumn::SilentDays => self.silent_word(),
            LeadColumn::ClaimDaysLeft => self.claim_days_left(),
        }
    }

    /// With whom a view is shared.
    #[must_use]
    pub const fn view_reach_of(self, reach: ViewReach) -> &'static str {
        match reach {
            ViewReach::Own => self.pick("只有我", "Only me"),
            ViewReach::Bureau => self.pick("本分局", "My bureau"),
            ViewReach::Everybody => self.pick("所有人", "Everybody"),
        }
    }

    /// What a question of a rule pack is called: by the program's words, else by the pack's label, else by its key.
    #[must_use]
    pub fn evidence_of(self, field: &EvidenceField) -> String {
        let known = self.evidence(&field.key);
        match &field.label {
            Some(label) if known == field.key => label.clone(),
            _ => known.to_owned(),
        }
    }

    /// A field of a chain file, by its key.
    #[must_use]
    pub const fn chain_field(self, key: &'static str) -> &'static str {
        match key.as_bytes() {
            b"code" => self.pick("代码", "Code"),
            b"name" => self.pick("名称", "Name"),
            b"description" => self.pick("说明", "Description"),
            b"chief" => self.pick("链长", "Chief"),
            b"source" => self.pick("来源", "Source"),
            b"stage" => self.pick("段位", "Stage"),
            b"group" => self.pick("分组", "Group"),
            b"aliases" => self.pick("别名", "Aliases"),
            b"keywords" => self.pick("关键词", "Keywords"),
            b"priority" => self.pick("政策优先 p", "Priority p"),
            b"priority_source" => self.pick("优先依据", "Its source"),
            b"from" => self.pick("投入环节", "Input"),
            b"to" => self.pick("产出环节", "Output"),
            b"coefficient" => self.pick("投入系数 a", "Coefficient a"),
            b"position" => self.pick("次序", "Position"),
            b"edges" => self.pick("关系", "Edges"),
            _ => key,
        }
    }

    /// How a company met a node.
    #[must_use]
    pub const fn match_kind(self, kind: MatchKind) -> &'static str {
        match kind {
            MatchKind::NameExact => self.pick("名称相同", "name"),
            MatchKind::AliasExact => self.pick("别名相同", "alias"),
            MatchKind::NameContained => self.pick("含名称", "contains name"),
            MatchKind::AliasContained => self.pick("含别名", "contains alias"),
            MatchKind::Keyword => self.pick("含关键词", "keyword"),
            MatchKind::Subclass => self.pick("下位产品", "a kind of it"),
            MatchKind::Industry => self.pick("行业", "industry"),
            MatchKind::Scope => self.pick("经营范围", "business scope"),
            MatchKind::Similar => self.pick("字面相近", "similar"),
            MatchKind::Added => self.pick("人工补充", "added by hand"),
        }
    }

    /// What a person said of a match.
    #[must_use]
    pub const fn match_verdict(self, verdict: MatchVerdict) -> &'static str {
        match verdict {
            MatchVerdict::Confirmed => self.pick("已确认", "confirmed"),
            MatchVerdict::Rejected => self.pick("已排除", "rejected"),
            MatchVerdict::Added => self.pick("人工补充", "added"),
            MatchVerdict::Withdrawn => self.pick("已撤回", "taken back"),
        }
    }

    /// What is wrong with a field.
    #[must_use]
    pub fn field_problem(self, kind: &FieldProblemKind) -> String {
        let zh = self == Self::ZhCn;
        match kind {
            FieldProblemKind::Required => self.pick("必填", "This is needed").to_owned(),
            FieldProblemKind::TooLong { limit } if zh => format!("太长，至多 {limit}"),
            FieldProblemKind::TooLong { limit } => format!("Too long, at most {limit}"),
            FieldProblemKind::TooShort { limit } if zh => format!("太短，至少 {limit}"),
            FieldProblemKind::TooShort { limit } => format!("Too short, at least {limit}"),
            FieldProblemKind::NotANumber => self.pick("不是数字", "Not a number").to_owned(),
            FieldProblemKind::OutOfRange { from, until } if zh => {
                format!("应在 {from} 到 {until} 之间")
            }
            FieldProblemKind::OutOfRange { from, until } => format!("Between {from} and {until}"),
            FieldProblemKind::NotADate => self
                .pick(
                    "不是有效日期，例如 2026-06-30",
                    "Not a date, such as 2026-06-30",
                )
                .to_owned(),
            FieldProblemKind::NotAPhone => self
                .pick(
                    "不是电话号码：只用数字、空格、+、-、括号和“转”",
                    "Not a phone number: digits, spaces, +, - and brackets",
                )
                .to_owned(),
            FieldProblemKind::NotAnAddress => self
                .pick(
                    "不是邮箱地址，例如 name@example.com",
                    "Not an e-mail address, such as name@example.com",
                )
                .to_owned(),
            FieldProblemKind::InThePast => self
                .pick("日期在今天之前", "The date is in the past")
                .to_owned(),
            FieldProblemKind::InTheFuture => self
                .pick("日期在今天之后", "The date is in the future")
                .to_owned(),
            FieldProblemKind::NotAChoice => self.pick("请选择一项", "Choose one").to_owned(),
            FieldProblemKind::Unknown => {
                self.pick("没有这一项", "There is no such thing").to_owned()
            }
            FieldProblemKind::Taken => self.pick("重复了", "Taken already").to_owned(),
            FieldProblemKind::NotAMailAddress => self
                .pick("不是有效的邮箱地址", "Not an e-mail address")
                .to_owned(),
            FieldProblemKind::CreditCode => self
                .pick(
                    "信用代码不对：18 位，末位是校验码",
                    "Not a credit code: 18 characters, the last one checks",
                )
                .to_owned(),
            FieldProblemKind::NotTogether { other } if zh => format!("不能与 {other} 同时使用"),
            FieldProblemKind::NotTogether { other } => format!("Not together with {other}"),
            FieldProblemKind::Cell { problem } => row_problem_sentence(self, problem),
            FieldProblemKind::FairCompetitionFailed => self
                .pick(
                    "公平竞争审查未通过，不能推进",
                    "The fair-competition check failed: the lead stays here",
                )
                .to_owned(),
        }
    }

    const fn pick<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::ZhCn => chinese,
            Self::En => english,
        }
    }
}

/// The sentence of a problem: what it is, where, and what to do.
#[must_use]
#[allow(clippy::too_many_lines, reason = "a table")]
pub fn problem_sentence(words: Locale, problem: &Problem) -> String {
    let zh = words == Locale::ZhCn;
    match problem {
        Problem::NotSignedIn => words.pick("请先登录。", "Please sign in first.").to_owned(),
        Problem::WrongPassword => words
            .pick("账号或口令不对。", "Login or password is wrong.")
            .to_owned(),
        Problem::TooManyAttempts { minutes } if zh => {
            format!("尝试次数太多，请 {minutes} 分钟后再试。")
        }
        Problem::TooManyAttempts { minutes } => {
            format!("Too many attempts. Try again in {minutes} minutes.")
        }
        Problem::Forbidden => words
            .pick("您的角色不能做这件事。", "Your role may not do this.")
            .to_owned(),
        Problem::NotFound => words
            .pick(
                "它不存在，或不在您可以看到的范围内。",
                "It does not exist, or is not yours to see.",
            )
            .to_owned(),
        Problem::Invalid { fields } => {
            let named: Vec<String> = fields
                .iter()
                .map(|field| {
                    format!(
                        "{}{}{}",
                        form_field(words, &field.field),
                        words.pick("：", ": "),
                        words.field_problem(&field.kind)
                    )
                })
                .collect();
            if named.is_empty() {
                words
                    .pick("内容无法识别。", "This could not be understood.")
                    .to_owned()
            } else {
                named.join(words.pick("；", "; "))
            }
        }
        Problem::Stale { fields, .. } => {
            let mut sentence = words
                .pick(
                    "别人刚改过，请刷新后再操作；没有覆盖任何内容。",
                    "Somebody changed this just now. Reload and try again; nothing was overwritten.",
                )
                .to_owned();
            for field in fields {
                sentence.push('\n');
                if field.theirs.is_empty() && field.yours.is_empty() {
                    sentence.push_str(&words.field_both_changed(form_field(words, &field.field)));
                    continue;
                }
                sentence.push_str(&words.stale_field(
                    form_field(words, &field.field),
                    &field.theirs,
                    &field.yours,
                ));
            }
            sentence
        }
        Problem::RuleFile { line, column } => words.rule_file_wrong(line, column),
        Problem::Calendar { problem } => match problem {
            CalendarProblem::NotACalendar => words.calendar_not().to_owned(),
            CalendarProblem::Year { value } => words.calendar_year(value),
            CalendarProblem::Date { value } => words.calendar_date(value),
            CalendarProblem::OtherYear { value } => words.calendar_other_year(value),
            CalendarProblem::Contradiction { value } => words.calendar_contradiction(value),
            CalendarProblem::TooMany { limit } => words.calendar_too_many(limit),
        },
        Problem::ClaimHeld { bureau, held, .. } if held.is_kept && zh => {
            format!("首报首谈：{bureau}先登记了这家企业，已经签约。")
        }
        Problem::ClaimHeld { bureau, held, .. } if held.is_kept => {
            format!("{bureau} registered this company first and has signed.")
        }
        Problem::ClaimHeld {
            bureau, expires_on, ..
        } if zh => {
            format!("首报首谈：{bureau}先登记了这家企业，保护到 {expires_on}。")
        }
        Problem::ClaimHeld {
            bureau, expires_on, ..
        } => {
            format!("{bureau} registered this company first; its claim runs until {expires_on}.")
        }
        Problem::LeadExists { .. } => words
            .pick(
                "本分局已经在跟这家企业，不必再建。",
                "The bureau follows this company already.",
            )
            .to_owned(),
        Problem::StageNotReachable { from, to } if zh => format!(
            "不能从{}直接到{}：阶段要一步一步走。",
            words.stage(*from),
            words.stage(*to)
        ),
        Problem::StageNotReachable { from, to } => format!(
            "{} cannot be reached from {}: stages go one by one.",
            words.stage(*to),
            words.stage(*from)
        ),
        Problem::OneByOne => words.bulk_stage_note().to_owned(),
        Problem::TooManyLeads { count, limit } => words.too_many_to_choose(count, limit),
        Problem::TooManyViews { limit } if zh => {
            format!("一个人至多存 {limit} 个视图，请先删掉不用的。")
        }
        Problem::TooManyViews { limit } => {
            format!("A person keeps at most {limit} views; delete some first.")
        }
        Problem::Table { problem } => table_sentence(words, problem),
        Problem::Said { sentence, .. } => sentence.clone(),
        #[cfg(not(target_family = "wasm"))]
        Problem::ChainFile { problems } => {
            let mut lines: Vec<String> = problems
                .iter()
                .take(SENTENCES)
                .map(|problem| chain_problem_sentence(words, problem))
                .collect();
            if problems.len() > SENTENCES {
                lines.push(words.and_more(problems.len() - SENTENCES));
            }
            lines.join("\n")
        }
        #[cfg(not(target_family = "wasm"))]
        Problem::Reference { problem } => match problem {
            ReferenceProblem::Empty => words.reference_empty().to_owned(),
            ReferenceProblem::MissingColumn { column } => words.reference_missing_column(column),
            ReferenceProblem::TooLarge { limit } => problem_sentence(
                words,
                &Problem::TooLarge {
                    limit_bytes: *limit,
                },
            ),
        },
        #[cfg(not(target_family = "wasm"))]
        Problem::ChainEdit { problem } => edit_sentence(words, problem),
        #[cfg(not(target_family = "wasm"))]
        Problem::DraftConflict { conflicts } => conflicts
            .iter()
            .map(|conflict| conflict_sentence(words, conflict))
            .collect::<Vec<_>>()
            .join("\n"),
        Problem::NodeInUse { node, leads } if zh => {
            format!("环节“{node}”上有 {leads} 条线索，不能从链里去掉。")
        }
        Problem::NodeInUse { node, leads } => {
            format!("{leads} leads point to node {node}: it cannot leave the chain.")
        }
        #[cfg(not(target_family = "wasm"))]
        Problem::Trip { problem, names } => trip_sentence(words, problem, names),
        #[cfg(not(target_family = "wasm"))]
        Problem::TripPlan { violations, names } => violations_sentence(words, violations, names),
        #[cfg(not(target_family = "wasm"))]
        Problem::TripRequest { sentence, .. } => match words {
            Locale::ZhCn => format!("请求不成立：{sentence}"),
            Locale::En => format!("The request cannot be: {sentence}"),
        },
        Problem::VisitKnown {
            by,
            on,
            outcome,
            remark,
        } => {
            let known = words.visit_known(by, on, words.visit_outcome(*outcome));
            if remark.is_empty() {
                format!("{known}。")
            } else {
                format!("{known}：{remark}")
            }
        }
        Problem::SearchRunning => words
            .pick(
                "已有行程正在优化，请等它结束，或先停止。",
                "A better plan is being looked for already: wait for its end, or stop it.",
            )
            .to_owned(),
        Problem::TokenScope => words.token_scope_refused().to_owned(),
        Problem::TokenExpired { on } => words.token_expired(on),
        Problem::TooEarly { on } => words.too_early(on),
        Problem::CannotUndo { reason } => match reason {
            UndoRefusal::TooLate => words.undo_too_late(),
            UndoRefusal::Undone => words.undo_undone(),
            UndoRefusal::NotUndoable => words.undo_not(),
            UndoRefusal::NoEvidence => words.undo_no_evidence(),
        }
        .to_owned(),
        Problem::Merge { problem } => merge_problem_sentence(words, problem),
        Problem::ImportNotReady => words
            .pick(
                "这次导入已经开始或已结束。",
                "This import has started already, or is over.",
            )
            .to_owned(),
        Problem::UndoRefused { reason } => undo_refusal_sentence(words, *reason),
        Problem::SearchUnavailable => words
            .pick(
                "检索服务没有应答，请稍后再试；数据都在。",
                "The search engine does not answer. Try again shortly; no data is lost.",
            )
            .to_owned(),
        Problem::TooLarge { limit_bytes } if zh => {
            format!("内容太大，至多 {} 。", megabytes(*limit_bytes))
        }
        Problem::TooLarge { limit_bytes } => {
            format!("Too large: at most {}.", megabytes(*limit_bytes))
        }
        Problem::Internal { reference } if reference == "network" => words
            .pick(
                "没有连上服务器，内容还在，请重试。",
                "The server could not be reached. What you typed is still here; try again.",
            )
            .to_owned(),
        Problem::Internal { reference } if zh => {
            format!("我们这边出错了，没有写入任何内容。编号 {reference}。")
        }
        Problem::Internal { reference } => {
            format!("Something failed on our side; nothing was written. Reference {reference}.")
        }
    }
}

/// Faults named one by one in a sentence; a file of nothing but faults would fill screens.
#[cfg(not(target_family = "wasm"))]
const SENTENCES: usize = 50;

fn megabytes(bytes: u64) -> String {
    if bytes >= 1024 * 1024 {
        format!("{} MB", bytes / (1024 * 1024))
    } else {
        format!("{} KB", bytes.div_ceil(1024))
    }
}

fn merge_problem_sentence(words: Locale, problem: &MergeProblem) -> String {
    let zh = words == Locale::ZhCn;
    match problem {
        MergeProblem::AlreadyMerged { .. } => words
            .pick(
                "其中一家已经并入别的企业，请刷新。",
                "One of them went into another company already. Reload.",
            )
            .to_owned(),
        MergeProblem::AlreadyUndone => words
            .pick("这次合并已经撤销。", "This merge was undone already.")
            .to_owned(),
        MergeProblem::MergedSince { name } if zh => {
            format!("之后又合并过“{name}”，请先撤销那一次。")
        }
        MergeProblem::MergedSince { name } => {
            format!("{name} was merged since; undo that merge first.")
        }
        MergeProblem::CodeTaken { code, name } if zh => {
            format!("代码 {code} 现在属于“{name}”，不能恢复；请先改正那一家。")
        }
        MergeProblem::CodeTaken { code, name } => {
            format!("The code {code} belongs to {name} now; correct that company first.")
        }
    }
}

/// A form's field by the name that the API gives it.
/// A field of a form or of the API, by its key.
#[must_use]
pub fn form_field(words: Locale, field: &str) -> &str {
    let (chinese, english) = match field {
        "login" => ("账号", "Login"),
        "name" => ("名称", "Name"),
        "password" => ("口令", "Password"),
        "bureau" => ("分局", "Bureau"),
        "title" => ("项目名称", "Title"),
        "source" => ("来源", "Source"),
        "enterprise" => ("企业", "Company"),
        "claim" => ("首报让位", "Claim gives way"),
        "chain_node" => ("环节", "Node"),
        "body" => ("内容", "Text"),
        "kind" => ("类型", "Kind"),
        "reason" => ("原因", "Reason"),
        "start_on" => ("出发日期", "Start"),
        "days" => ("天数", "Days"),
        "teams" => ("队数", "Teams"),
        "start_city" => ("出发城市", "Start city"),
        "candidates" => ("候选企业", "Candidates"),
        "value" => ("价值", "Value"),
        "mapping" => ("列的对应", "Columns"),
        "chain_node_id" => ("环节", "Node"),
        "owner_id" => ("负责人", "Owner"),
        "stage" => ("阶段", "Stage"),
        "side_state" | "to" => ("状态", "State"),
        "version" => ("版本", "Version"),
        "effective_from" | "effective_on" => ("生效日期", "From"),
        "stages" => ("阶段（十二个，依次）", "Stages (all twelve, in order)"),
        "rule_pack" => ("规则文件", "Rule file"),
        "file" => ("文件", "File"),
        "query" => ("筛选条件", "Filter"),
        "text" => ("查找的文字", "Text looked for"),
        "columns" => ("列", "Columns"),
        "reach" => ("谁可以看", "Who sees it"),
        "leads" => ("线索", "Leads"),
        "code" => ("代码", "Code"),
        "position" => ("职务", "Position"),
        "mark" => ("记录编号", "Mark of the record"),
        "remark" => ("一句话", "Remark"),
        "next_step" => ("下一步", "Next step"),
        "next_on" => ("下一步日期", "Day of the next step"),
        "people" => ("见到的人", "People met"),
        "commitments" => ("承诺", "Promises"),
        "interest" => ("兴趣", "Interest"),
        "visited_on" => ("走访日期", "Day of the visit"),
        "begin_minute" => ("开始时间", "Begin"),
        "photos" => ("照片", "Photos"),
        "outcome" => ("结果", "Outcome"),
        "written_at" => ("记录时间", "Written"),
        "trip_id" => ("行程编号", "Trip"),
        "phone" => ("电话", "Phone"),
        "email" => ("邮箱", "E-mail"),
        "content" => ("承诺内容", "Commitment"),
        "owner" => ("责任人", "Who answers"),
        "due_on" => ("期限", "Due"),
        "due_minute" => ("时间", "Time"),
        "reminder" => ("提醒", "Reminder"),
        "side" => ("承诺方", "Whose"),
        "state" => ("状态", "State"),
        "deleted_at" | "removed" => ("移除", "Removed"),
        "lead_id" => ("线索编号", "Lead"),
        "size" => ("大小", "Size"),
        "digest" => ("校验值", "Digest"),
        "fair_competition" => ("公平竞争审查", "Fair-competition review"),
        "power_kva" => ("用电（kVA）", "Power (kVA)"),
        "energy_tce" => ("年综合能耗（吨标煤）", "Energy a year (tce)"),
        "node" | "node_id" => ("环节", "Node"),
        "deleted" => ("已删除", "Deleted"),
        "claim_until" => ("首报保护到", "Claim until"),
        "stage_entered_at" => ("进入阶段", "Entered"),
        "enterprise_id" => ("企业", "Company"),
        "bureau_id" => ("分局", "Bureau"),
        "account_id" => ("所有人", "Owner"),
        "chain_id" => ("产业链", "Chain"),
        "scope" => ("权限", "Scope"),
        "expires_at" => ("到期", "Ends"),
        "created_at" => ("新建时间", "Made at"),
        "role" => ("角色", "Role"),
        "sessions_ended" => ("结束的登录", "Sessions ended"),
        "event" => ("时间线编号", "Timeline entry"),
        "events" => ("时间线条数", "Timeline entries"),
        "entries" => ("证据条数", "Evidence entries"),
        "status" => ("进度", "Status"),
        "rows" => ("行数", "Rows"),
        "done" => ("完成", "Done"),
        "nodes" => ("环节", "Nodes"),
        "edges" => ("关系", "Edges"),
        "settings" => ("设置", "Settings"),
        "verdict" => ("结论", "Verdict"),
        "product" => ("产品", "Product"),
        "landings" => ("落地企业", "Landings"),
        "is_local" => ("本地", "Local"),
        "listed" => ("上市", "Listed"),
        "page" => ("页", "Page"),
        "updated_since" => ("更新时间", "Updated since"),
        "evidence" => ("证据", "Evidence"),
        "dispute" => ("未决异议", "Open objection"),
        "transfer" => ("未决流转", "Open transfer"),
        "to_bureau_id" => ("接收分局", "Receiving bureau"),
        "share_percent" => ("分成（%）", "Share (%)"),
        "claim.days" => ("保护期", "Days of a claim"),
        "claim.renew_days" => ("续期", "Days of a renewal"),
        "claim.pool_after" => ("到期后几天入公海", "Days before the pool"),
        "claim.renew_on" => ("可续期的记录", "Renewed by"),
        "claim.source" => ("首报规则依据", "Source of the claim rules"),
        "closed" => ("已注销", "Closed"),
        "filter" => ("筛选", "Filter"),
        other => {
            return EnterpriseField::from_key(other)
                .map_or_else(|| words.evidence(other), |field| field_name(words, field));
        }
    };
    words.pick(chinese, english)
}

fn undo_refusal_sentence(words: Locale, reason: ImportUndoRefusal) -> String {
    let sentence = match reason {
        ImportUndoRefusal::NotEnded => words.pick(
            "这次导入还没有结束，不能撤销。",
            "This import has not ended: it cannot be taken back.",
        ),
        ImportUndoRefusal::Already => words.pick(
            "这次导入已经撤销过，或正在撤销。",
            "This import was taken back already, or is being taken back.",
        ),
        ImportUndoRefusal::TooLate if words == Locale::ZhCn => {
            return format!("这次导入已超过 {UNDO_DAYS} 天，不能撤销。");
        }
        ImportUndoRefusal::TooLate => {
            return format!("This import is older than {UNDO_DAYS} days: it cannot be taken back.");
        }
        ImportUndoRefusal::NothingKept => words.pick(
            "这次导入没有改动任何企业，没有可撤销的内容。",
            "This import changed no company: there is nothing to take back.",
        ),
    };
    sentence.to_owned()
}

fn table_sentence(words: Locale, problem: &TableProblem) -> String {
    let zh = words == Locale::ZhCn;
    match problem {
        TableProblem::NotAWorkbook => words
            .pick(
                "这不是 Excel 工作簿，也不是 CSV 或 JSONL。请另存为 .xlsx 或 .csv 再传。",
                "This is no workbook, CSV or JSONL. Save it as .xlsx or .csv and send it again.",
            )
            .to_owned(),
        TableProblem::OldWorkbook => words
            .pick(
                "这是旧版 .xls，请在 Excel 里另存为 .xlsx。",
                "This is an old .xls. Save it as .xlsx in Excel.",
            )
            .to_owned(),
        TableProblem::Encrypted => words
            .pick(
                "工作簿有密码，请去掉密码再传。",
                "The workbook has a password. Remove it and send it again.",
            )
            .to_owned(),
        TableProblem::TooLarge { limit_bytes } if zh => {
            format!("文件太大，至多 {}。", megabytes(*limit_bytes))
        }
        TableProblem::TooLarge { limit_bytes } => format!(
            "The file is too large: at most {}.",
            megabytes(*limit_bytes)
        ),
        TableProblem::ZipBomb { limit_bytes } if zh => format!(
            "工作簿解开后超过 {}，像是压缩炸弹，没有打开。",
            megabytes(*limit_bytes)
        ),
        TableProblem::ZipBomb { limit_bytes } => format!(
            "The workbook inflates past {}: it looks like a zip bomb and was not opened.",
            megabytes(*limit_bytes)
        ),
        TableProblem::TooManyColumns { column, limit } if zh => {
            format!("{column} 列有内容，至多 {limit} 列。")
        }
        TableProblem::TooManyColumns { column, limit } => {
            format!("There is something in column {column}; at most {limit} columns are read.")
        }
        TableProblem::TooManyRows { limit } if zh => format!("行数太多，至多 {limit} 行。"),
        TableProblem::TooManyRows { limit } => format!("Too many rows: at most {limit}."),
        TableProblem::TooManyCells { limit } if zh => format!("单元格太多，至多 {limit} 个。"),
        TableProblem::TooManyCells { limit } => format!("Too many cells: at most {limit}."),
        TableProblem::Empty => words.pick("文件是空的。", "The file is empty.").to_owned(),
        TableProblem::NoHeader => words
            .pick(
                "前 20 行里没有找到表头。",
                "No header in the first 20 rows.",
            )
            .to_owned(),
        TableProblem::NoKnownColumn => words
            .pick(
                "没有认出任何一列。表头至少要有“企业名称”。",
                "No column was recognised. The header needs at least the company's name.",
            )
            .to_owned(),
        TableProblem::NoNameColumn => words
            .pick(
                "没有哪一列对应“企业名称”，请先选好。",
                "No column is the company's name. Choose one first.",
            )
            .to_owned(),
        TableProblem::Encoding { row } if zh => {
            format!("第 {row} 行的文字编码认不出来，请存为 UTF-8 或 GB18030。")
        }
        TableProblem::Encoding { row } => {
            format!("The text of row {row} is in no known encoding. Save it as UTF-8 or GB18030.")
        }
        TableProblem::Syntax { row } if zh => format!("第 {row} 行不符合 CSV 格式。"),
        TableProblem::Syntax { row } => format!("Row {row} is no valid CSV."),
        TableProblem::NoSheet => words
            .pick("工作簿里没有工作表。", "The workbook has no sheet.")
            .to_owned(),
    }
}

/// The name of a company of a trip, or its number where the name is not known.
#[cfg(not(target_family = "wasm"))]
fn company_of(words: Locale, id: i64, names: &BTreeMap<i64, String>) -> String {
    names.get(&id).cloned().unwrap_or_else(|| match words {
        Locale::ZhCn => format!("编号 {id} 的企业"),
        Locale::En => format!("company {id}"),
    })
}

#[cfg(not(target_family = "wasm"))]
fn trip_sentence(words: Locale, problem: &TripError, names: &BTreeMap<i64, String>) -> String {
    let zh = words == Locale::ZhCn;
    let company = |id: i64| company_of(words, id, names);
    match problem {
        TripError::EndOutOfReach { minutes } if zh => format!(
            "出发地、给定的住宿地、终点之间要 {minutes} 分钟，当天到不了：请放宽最晚到达，或改住宿城市。"
        ),
        TripError::EndOutOfReach { minutes } => format!(
            "Start, given hotels and end are {minutes} minutes apart: more than the day allows. Allow a later arrival, or another city for the night."
        ),
        TripError::NoTeams => words
            .pick("至少要一个队。", "At least one team is needed.")
            .to_owned(),
        TripError::NoDays => words
            .pick("至少要一天。", "At least one day is needed.")
            .to_owned(),
        TripError::NoCandidates => words
            .pick(
                "没有候选企业：请先选至少一家。",
                "There is no company to visit: choose one at least.",
            )
            .to_owned(),
        TripError::TooManyTeams { maximum } if zh => format!("至多 {maximum} 个队。"),
        TripError::TooManyTeams { maximum } => format!("At most {maximum} teams."),
        TripError::TooManyDays { maximum } if zh => format!("至多 {maximum} 天。"),
        TripError::TooManyDays { maximum } => format!("At most {maximum} days."),
        TripError::TooManyCandidates { maximum } if zh => format!("至多 {maximum} 家候选企业。"),
        TripError::TooManyCandidates { maximum } => format!("At most {maximum} companies."),
        TripError::EndBeforeStart { day } if zh => {
            format!("第 {} 天的日期不在前一天之后。", day + 1)
        }
        TripError::EndBeforeStart { day } => {
            format!("The date of day {} is not after the day before.", day + 1)
        }
        TripError::DuplicateCandidate { candidate_id } if zh => {
            format!("{} 给了两次。", company(*candidate_id))
        }
        TripError::DuplicateCandidate { candidate_id } => {
            format!("{} is given twice.", company(*candidate_id))
        }
        TripError::InvalidValue { candidate_id } if zh => {
            format!("{} 的价值不是 0 以上的数。", company(*candidate_id))
        }
        TripError::InvalidValue { candidate_id } => {
            format!("The value of {} is not a number from 0 on.", company(*candidate_id))
        }
        TripError::InvalidMinutes { candidate_id } if zh => format!(
            "{} 的走访时长、接待时间或约定时刻超出一天，或开始不早于结束。",
            company(*candidate_id)
        ),
        TripError::InvalidMinutes { candidate_id } => format!(
            "The length, the hours or the appointment of {} lie outside the day, or end before they begin.",
            company(*candidate_id)
        ),
        TripError::InvalidPlace {
            candidate_id: Some(id),
        } if zh => format!("{} 的城市或坐标不对。", company(*id)),
        TripError::InvalidPlace {
            candidate_id: Some(id),
        } => format!("City or coordinates of {} are not valid.", company(*id)),
        TripError::InvalidPlace { candidate_id: None } => words
            .pick(
                "出发地、终点或住宿地的城市或坐标不对。",
                "City or coordinates of a start, an end or a hotel are not valid.",
            )
            .to_owned(),
        TripError::InvalidSettings => words
            .pick(
                "作息时间的先后不对：最早出发、上班、午休、下班、最晚到达要依次不早于前一个。",
                "The hours of the day are out of order: earliest departure, work, lunch, end of work, latest arrival.",
            )
            .to_owned(),
        TripError::InvalidTeam { team } if zh => {
            format!("第 {} 队的住宿或起始时间不在行程之内，或次序不对。", team + 1)
        }
        TripError::InvalidTeam { team } => format!(
            "Team {}: a night or the beginning lies outside the trip, or is out of order.",
            team + 1
        ),
        TripError::InvalidNow => words
            .pick(
                "“现在”不在行程的日期之内。",
                "“Now” is not within the days of the trip.",
            )
            .to_owned(),
        TripError::InvalidHold { team, day } if zh => format!(
            "第 {} 队第 {} 天的受阻时间不对：要在行程之内，先起后止。",
            team + 1,
            day + 1
        ),
        TripError::InvalidHold { team, day } => format!(
            "Team {} on day {}: the time held up is not within the trip, or ends before it begins.",
            team + 1,
            day + 1
        ),
        TripError::HoldsOverlap { team, day } if zh => {
            format!("第 {} 队第 {} 天有两段受阻时间重叠。", team + 1, day + 1)
        }
        TripError::HoldsOverlap { team, day } => format!(
            "Team {} is held up twice at the same time on day {}.",
            team + 1,
            day + 1
        ),
        TripError::HoldBeforeFree { team, day } if zh => {
            format!("第 {} 队第 {} 天受阻时还没有出发。", team + 1, day + 1)
        }
        TripError::HoldBeforeFree { team, day } => format!(
            "Team {} is not yet on its way when it is held up on day {}.",
            team + 1,
            day + 1
        ),
        TripError::HoldOutOfReach { team, day } if zh => format!(
            "第 {} 队第 {} 天受阻后赶不上已锁定的走访：请先解除锁定，或改时间。",
            team + 1,
            day + 1
        ),
        TripError::HoldOutOfReach { team, day } => format!(
            "Team {}, held up on day {}, cannot reach what is locked: unlock it, or change its time.",
            team + 1,
            day + 1
        ),
        TripError::InvalidTravel { from, to } if zh => {
            format!("{from} 到 {to} 的在途时间不在 0 到 1440 分钟之间，或时段不对。")
        }
        TripError::InvalidTravel { from, to } => format!(
            "The travel time from {from} to {to} is not from 0 to 1440 minutes, or its hour is none."
        ),
        TripError::InvalidOrder { candidate_id } if zh => format!(
            "{} 的先后次序不成立：要先访的企业不在候选之中，或首尾相接。",
            company(*candidate_id)
        ),
        TripError::InvalidOrder { candidate_id } => format!(
            "The order of {} cannot be: what must come before is no candidate, or goes round in a circle.",
            company(*candidate_id)
        ),
        TripError::LockedConflict {
            candidate_id,
            other_id,
        } if candidate_id == other_id && zh => format!(
            "已锁定的 {} 按时赶不到，或之后赶不回：请改时间，或解除锁定。",
            company(*candidate_id)
        ),
        TripError::LockedConflict {
            candidate_id,
            other_id,
        } if candidate_id == other_id => format!(
            "The locked visit to {} cannot be reached in time, or leaves no time to get home: change or unlock it.",
            company(*candidate_id)
        ),
        TripError::LockedConflict {
            candidate_id,
            other_id,
        } if zh => format!(
            "已锁定的 {} 和 {} 不能都赶上：请改其中一个的时间，或解除锁定。",
            company(*candidate_id),
            company(*other_id)
        ),
        TripError::LockedConflict {
            candidate_id,
            other_id,
        } => format!(
            "The locked visits to {} and {} cannot both be: change or unlock one.",
            company(*candidate_id),
            company(*other_id)
        ),
    }
}

/// What a plan breaks: the first rules, and how many more.
#[cfg(not(target_family = "wasm"))]
fn violations_sentence(
    words: Locale,
    violations: &[Violation],
    names: &BTreeMap<i64, String>,
) -> String {
    const SHOWN: usize = 3;
    let zh = words == Locale::ZhCn;
    let shown: Vec<String> = violations
        .iter()
        .take(SHOWN)
        .map(|violation| violation_text(words, violation, names))
        .collect();
    let more = violations.len().saturating_sub(SHOWN);
    match (zh, more) {
        (true, 0) => format!("方案不成立，没有保存：{}。", shown.join("；")),
        (true, _) => format!(
            "方案不成立，没有保存：{}；另有 {more} 处。",
            shown.join("；")
        ),
        (false, 0) => format!(
            "The plan cannot be and was not saved: {}.",
            shown.join("; ")
        ),
        (false, _) => format!(
            "The plan cannot be and was not saved: {}; and {more} more.",
            shown.join("; ")
        ),
    }
}

#[cfg(not(target_family = "wasm"))]
fn violation_text(words: Locale, violation: &Violation, names: &BTreeMap<i64, String>) -> String {
    let of_company = |id: i64, chinese: &str, english: &str| {
        let name = company_of(words, id, names);
        match words {
            Locale::ZhCn => format!("{name} {chinese}"),
            Locale::En => format!("{name} {english}"),
        }
    };
    let of_day = |team: u8, day: u8, chinese: &str, english: &str| match words {
        Locale::ZhCn => format!("{} 队第 {} 天{chinese}", team + 1, day + 1),
        Locale::En => format!("team {} on day {} {english}", team + 1, day + 1),
    };
    match violation {
        Violation::ClosedDay { candidate_id } => {
            of_company(*candidate_id, "排在休息日", "is on a day off")
        }
        Violation::OutsideWorkingHours { candidate_id } => {
            of_company(*candidate_id, "在工作时间之外", "is outside working hours")
        }
        Violation::OutsideWindow { candidate_id } => {
            of_company(*candidate_id, "在接待时间之外", "is outside its hours")
        }
        Violation::AcrossLunch { candidate_id } => {
            of_company(*candidate_id, "占了午休", "takes the lunch break")
        }
        Violation::WrongTeam { candidate_id }
        | Violation::WrongDay { candidate_id }
        | Violation::WrongMinute { candidate_id } => of_company(
            *candidate_id,
            "不在约定的队、日期或时刻",
            "is not with the team, on the day or at the minute agreed upon",
        ),
        Violation::OutOfOrder { candidate_id } => of_company(
            *candidate_id,
            "排在应先访的企业之前",
            "comes before a company that must be first",
        ),
        Violation::HostSplit { candidate_id } => of_company(
            *candidate_id,
            "与同一接待方的其他企业不在同队同日",
            "is apart from others of the same host",
        ),
        Violation::UnknownCandidate { candidate_id }
        | Violation::WrongPlace { candidate_id }
        | Violation::WrongDuration { candidate_id }
        | Violation::VisitedTwice { candidate_id }
        | Violation::LeftOutTwice { candidate_id }
        | Violation::VisitedAndLeftOut { candidate_id }
        | Violation::Forgotten { candidate_id } => of_company(
            *candidate_id,
            "缺失、重复，或时长、地点与候选不符",
            "is missing, twice there, or differs in length or place",
        ),
        Violation::Overlap { team, day, .. } => {
            of_day(*team, *day, "有两件事重叠", "has two things at once")
        }
        Violation::LegTooShort { team, day, .. } => of_day(
            *team,
            *day,
            "的在途时间不够",
            "has too little time on the way",
        ),
        Violation::DepartureTooEarly { team, day, .. } => {
            of_day(*team, *day, "出发太早", "leaves too early")
        }
        Violation::ArrivalTooLate { team, day, .. } => {
            of_day(*team, *day, "到达太晚", "arrives too late")
        }
        Violation::NotFree { team, day, .. } => {
            of_day(*team, *day, "还不能动身", "is not free yet")
        }
        Violation::BeforeNow { team, day, .. } => of_day(
            *team,
            *day,
            "有走访排在已经过去的时间",
            "has something new in time that is past",
        ),
        Violation::PastChanged { team, day } => of_day(
            *team,
            *day,
            "已经发生的行程被改动",
            "changes what has happened",
        ),
        Violation::InHold { team, day, .. } => of_day(
            *team,
            *day,
            "在受阻时间里有安排",
            "has something while it is held up",
        ),
        Violation::WrongHotel { team, day } => of_day(
            *team,
            *day,
            "的住宿城市不对",
            "has the wrong city for the night",
        ),
        Violation::Discontinuity { team, day, .. } => {
            of_day(*team, *day, "的行程接不上", "is not where it goes on from")
        }
        Violation::WrongDate { team, day } => {
            of_day(*team, *day, "的日期不对", "has the wrong date")
        }
        Violation::NotHome { team } => match words {
            Locale::ZhCn => format!("{} 队最后一天赶不回来", team + 1),
            Locale::En => format!("team {} is not home on the last day", team + 1),
        },
        Violation::WrongTeamCount { .. }
        | Violation::WrongDayCount { .. }
        | Violation::WrongTotal { .. } => words
            .pick("队数、天数或合计不对", "teams, days or totals are wrong")
            .to_owned(),
    }
}

/// A rate with its sign: +12.3 %.
fn percent(rate: f64) -> String {
    format!("{:+.1}%", rate * 100.0)
}

/// What is wrong with a row of a table.
#[must_use]
pub fn row_problem_sentence(words: Locale, kind: &RowProblemKind) -> String {
    let zh = words == Locale::ZhCn;
    match kind {
        RowProblemKind::EmptyName => words.pick("企业名称为空", "The name is empty").to_owned(),
        RowProblemKind::CreditCodeLength => words
            .pick(
                "信用代码不是 18 位",
                "The credit code has not 18 characters",
            )
            .to_owned(),
        RowProblemKind::CreditCodeCharacter { character } if zh => {
            format!("信用代码里不能有“{character}”")
        }
        RowProblemKind::CreditCodeCharacter { character } => {
            format!("A credit code has no “{character}”")
        }
        RowProblemKind::CreditCodeCheck { expected } if zh => {
            format!("信用代码校验位应为 {expected}")
        }
        RowProblemKind::CreditCodeCheck { expected } => {
            format!("The check character should be {expected}")
        }
        RowProblemKind::DateNotReal => words
            .pick("没有这一天，或不是日期", "No date, or no such day")
            .to_owned(),
        RowProblemKind::DateInFuture => words
            .pick("数据日期在今天之后", "The facts are of a day to come")
            .to_owned(),
        RowProblemKind::NumberNotReal => words
            .pick("不是数字，或是负数", "Not a number, or negative")
            .to_owned(),
        RowProblemKind::ShareOutOfRange => words
            .pick(
                "收入占比应在 0 到 1 之间",
                "A revenue share is between 0 and 1",
            )
            .to_owned(),
        RowProblemKind::ShareCount { products, shares } if zh => {
            format!("产品 {products} 个，占比 {shares} 个，对不上")
        }
        RowProblemKind::ShareCount { products, shares } => {
            format!("{products} products but {shares} shares")
        }
        RowProblemKind::SharesDoNotAddUp { sum } if zh => {
            format!("收入占比合计 {sum:.2}，不为 1；照常导入，按比例折算")
        }
        RowProblemKind::SharesDoNotAddUp { sum } => {
            format!("Revenue shares add up to {sum:.2}, not 1; imported and scaled")
        }
        RowProblemKind::FullWidthFolded => words
            .pick(
                "全角字母或数字已转为半角",
                "Full-width characters were folded",
            )
            .to_owned(),
        RowProblemKind::DuplicateOf { row } if zh => format!("与第 {row} 行是同一家"),
        RowProblemKind::DuplicateOf { row } => format!("The same company as row {row}"),
        RowProblemKind::JsonSyntax { detail } if zh => format!("不是有效的 JSON：{detail}"),
        RowProblemKind::JsonSyntax { detail } => format!("No valid JSON: {detail}"),
        RowProblemKind::NotAnObject => words
            .pick("这一行不是 JSON 对象", "The line is no JSON object")
            .to_owned(),
        RowProblemKind::TooManyCells => words
            .pick(
                "最后一列之后还有内容",
                "There is text right of the last column",
            )
            .to_owned(),
        RowProblemKind::TooLong { limit } if zh => format!("太长，至多 {limit}"),
        RowProblemKind::TooLong { limit } => format!("Too long: at most {limit}"),
    }
}

/// A field of an enterprise.
#[must_use]
pub const fn field_name(words: Locale, field: EnterpriseField) -> &'static str {
    let (chinese, english) = match field {
        EnterpriseField::Name => ("企业名称", "Name"),
        EnterpriseField::ShortName => ("简称", "Short name"),
        EnterpriseField::EnglishName => ("英文名称", "English name"),
        EnterpriseField::CreditCode => ("统一社会信用代码", "Credit code"),
        EnterpriseField::StockCode => ("证券代码", "Stock code"),
        EnterpriseField::Board => ("上市板块", "Board"),
        EnterpriseField::ListedOn => ("上市日期", "Listed on"),
        EnterpriseField::TotalShares => ("总股本（股）", "Total shares"),
        EnterpriseField::Area => ("大区", "Area"),
        EnterpriseField::Province => ("省", "Province"),
        EnterpriseField::City => ("市", "City"),
        EnterpriseField::Address => ("地址", "Address"),
        EnterpriseField::Industry => ("国民经济行业", "Industry (GB/T 4754)"),
        EnterpriseField::SwIndustry => ("申万行业", "Industry (Shenwan)"),
        EnterpriseField::Products => ("产品", "Products"),
        EnterpriseField::ProductShares => ("产品收入占比", "Product shares"),
        EnterpriseField::Website => ("网址", "Website"),
        EnterpriseField::Revenue => ("营业收入（万元）", "Revenue (10,000 yuan)"),
        EnterpriseField::Staff => ("员工数", "Staff"),
        EnterpriseField::BusinessScope => ("经营范围", "Business scope"),
        EnterpriseField::Tags => ("标签", "Tags"),
        EnterpriseField::Sites => ("生产基地等场所", "Places of business"),
        EnterpriseField::AsOf => ("数据日期", "Facts of"),
    };
    match words {
        Locale::ZhCn => chinese,
        Locale::En => english,
    }
}

/// What is wrong with a chain file, and where.
#[cfg(not(target_family = "wasm"))]
#[must_use]
pub fn chain_problem_sentence(words: Locale, problem: &ChainFileProblem) -> String {
    let zh = words == Locale::ZhCn;
    let what = chain_kind_sentence(words, &problem.kind);
    match problem.line {
        Some(line) if zh => format!("第 {line} 行 {}：{what}", problem.place),
        Some(line) => format!("line {line}, {}: {what}", problem.place),
        None => format!("{}{}{what}", problem.place, words.pick("：", ": ")),
    }
}

/// What a chain's fault is, without its place.
#[must_use]
pub fn chain_kind_sentence(words: Locale, kind: &ChainFileProblemKind) -> String {
    let zh = words == Locale::ZhCn;
    match kind {
        ChainFileProblemKind::Syntax { detail } if zh => format!("格式读不懂：{detail}"),
        ChainFileProblemKind::Syntax { detail } => format!("cannot be read: {detail}"),
        ChainFileProblemKind::MissingColumn { column } if zh => format!("缺少 {column} 列"),
        ChainFileProblemKind::MissingColumn { column } => format!("column {column} is missing"),
        ChainFileProblemKind::UnknownKind { value } if zh => {
            format!("kind 应为 chain、node 或 edge，不是“{value}”")
        }
        ChainFileProblemKind::UnknownKind { value } => {
            format!("kind is chain, node or edge, not “{value}”")
        }
        ChainFileProblemKind::EmptyCode => words.pick("缺 code", "code is empty").to_owned(),
        ChainFileProblemKind::EmptyName => words.pick("缺 name", "name is empty").to_owned(),
        ChainFileProblemKind::UnknownStage { value } if zh => {
            format!("stage 应为 上游、中游 或 下游，不是“{value}”")
        }
        ChainFileProblemKind::UnknownStage { value } => {
            format!("stage is upstream, midstream or downstream, not “{value}”")
        }
        ChainFileProblemKind::DuplicateNode { code, first } if zh => {
            format!("环节 {code} 与 {first} 重复")
        }
        ChainFileProblemKind::DuplicateNode { code, first } => {
            format!("node {code} repeats {first}")
        }
        ChainFileProblemKind::DuplicateTerm { term, node, other } if zh => {
            format!("别名“{term}”同时在 {node} 和 {other}")
        }
        ChainFileProblemKind::DuplicateTerm { term, node, other } => {
            format!("alias “{term}” stands in {node} and in {other}")
        }
        ChainFileProblemKind::UnknownNode { code } if zh => format!("没有环节 {code}"),
        ChainFileProblemKind::UnknownNode { code } => format!("there is no node {code}"),
        ChainFileProblemKind::SelfLoop { code } if zh => format!("环节 {code} 指向自己"),
        ChainFileProblemKind::SelfLoop { code } => format!("node {code} feeds itself"),
        ChainFileProblemKind::DuplicateEdge { from, to, first } if zh => {
            format!("{from} → {to} 与 {first} 重复")
        }
        ChainFileProblemKind::DuplicateEdge { from, to, first } => {
            format!("{from} → {to} repeats {first}")
        }
        ChainFileProblemKind::Cycle { path } if zh => format!("成环：{}", path.join(" → ")),
        ChainFileProblemKind::Cycle { path } => format!("a cycle: {}", path.join(" → ")),
        ChainFileProblemKind::PriorityOutOfRange { value } if zh => {
            format!("priority 应在 0 到 1 之间，不是“{value}”")
        }
        ChainFileProblemKind::PriorityOutOfRange { value } => {
            format!("priority is between 0 and 1, not “{value}”")
        }
        ChainFileProblemKind::CoefficientOutOfRange { value } if zh => {
            format!("coefficient 应大于 0 且不超过 1，不是“{value}”")
        }
        ChainFileProblemKind::CoefficientOutOfRange { value } => {
            format!("coefficient is above 0 and at most 1, not “{value}”")
        }
        ChainFileProblemKind::NoNodes => words
            .pick("链里没有环节", "the chain has no node")
            .to_owned(),
        ChainFileProblemKind::TooLarge { limit } if zh => format!("太大，上限 {limit}"),
        ChainFileProblemKind::TooLarge { limit } => format!("too large, the limit is {limit}"),
        ChainFileProblemKind::OrphanNode { code } if zh => format!("环节 {code} 没有任何关系"),
        ChainFileProblemKind::OrphanNode { code } => format!("node {code} has no edge"),
    }
}

/// Where in a chain something is.
#[must_use]
pub fn place_name(words: Locale, place: &ChainPlace) -> String {
    match place {
        ChainPlace::Chain => words.chain().to_owned(),
        ChainPlace::Node { node } => format!("{} {node}", words.node()),
        ChainPlace::Edge { from, to } => format!("{from} → {to}"),
    }
}

/// The fields that two people changed differently, each with what is there and what was wanted.
#[cfg(not(target_family = "wasm"))]
fn conflict_sentence(words: Locale, conflict: &Conflict) -> String {
    let empty = || "—".to_owned();
    let fields: Vec<String> = conflict
        .fields
        .iter()
        .map(|field| {
            words.field_conflict(
                words.chain_field(field.field.key()),
                field.there.clone().unwrap_or_else(empty),
                field.wanted.clone().unwrap_or_else(empty),
            )
        })
        .collect();
    words.edit_conflict(place_name(words, &conflict.place), fields.join("；"))
}

/// Why a change of a draft cannot be.
#[cfg(not(target_family = "wasm"))]
fn edit_sentence(words: Locale, problem: &EditProblem) -> String {
    match problem {
        EditProblem::Conflict(conflict) => conflict_sentence(words, conflict),
        EditProblem::Gone { place } => words.edit_gone(place_name(words, place)),
        EditProblem::Duplicate {
            place,
            field,
            value,
        } => words.edit_duplicate(
            place_name(words, place),
            words.chain_field(field.key()),
            value,
        ),
        EditProblem::SelfLoop { node } => words.edit_self_loop(node),
        EditProblem::UnknownNode { node } => words.edit_unknown_node(node),
        EditProblem::InvalidField {
            place,
            field,
            fault,
        } => {
            let fault = match fault {
                FieldFault::Empty => words.field_problem(&FieldProblemKind::Required),
                FieldFault::TooLong { limit } => {
                    words.field_problem(&FieldProblemKind::TooLong { limit: *limit })
                }
                FieldFault::Form => words.edit_form().to_owned(),
                FieldFault::OtherChain { code, value } => words.edit_other_chain(code, value),
                FieldFault::OutOfRange { value } => words.edit_out_of_range(value),
            };
            words.edit_invalid(
                place_name(words, place),
                words.chain_field(field.key()),
                fault,
            )
        }
        EditProblem::TooLarge { limit } => words.edit_too_large(limit),
    }
}
