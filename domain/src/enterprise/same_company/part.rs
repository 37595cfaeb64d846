//! The parts of a company's name: 行政区划 place, 字号 core, 行业 industry words, 组织形式 form, and the branch.

use std::{collections::HashMap, sync::OnceLock};

use super::region::{self, Region};
use crate::enterprise::{normalise_name, normalise_short_name};

/// The legal form that a name ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// 有限公司, 有限责任公司.
    Limited,
    /// 股份有限公司, 股份公司.
    Shares,
    /// 公司, 总公司, and whatever foreign forms say.
    Company,
    /// 合伙企业, 事务所.
    Partnership,
    /// 厂.
    Factory,
    /// 合作社.
    Cooperative,
}

/// A company's name in parts, every part in the form in which it is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameParts {
    /// All of it, without brackets and marks.
    pub whole: String,
    /// From the head of the name and from brackets, in this order.
    pub places: Vec<Region>,
    /// 字号 and industry words together.
    pub body: String,
    /// 字号.
    pub core: String,
    /// Industry words behind the core, in order.
    pub industry: Vec<String>,
    /// `None` for a short name.
    pub form: Option<Form>,
    pub is_group: bool,
    pub is_holding: bool,
    /// 深圳分公司, 浦东支行, 第二分厂: what follows the company that the branch belongs to.
    pub branch: Option<String>,
    /// The core is itself an industry word: 农业 in 农业银行. Such a name says little without its place.
    pub is_generic: bool,
    /// A place stood at the head, and not in brackets or at the end.
    pub is_place_first: bool,
    /// The characters of [`Self::whole`] and [`Self::body`].
    pub(super) whole_characters: Vec<char>,
    pub(super) body_characters: Vec<char>,
}

fn simplified() -> &'static HashMap<char, char> {
    static TABLE: OnceLock<HashMap<char, char>> = OnceLock::new();
    TABLE.get_or_init(|| {
        include_str!("../../../data/traditional.txt")
            .lines()
            .filter_map(|line| {
                let mut pair = line.chars();
                Some((pair.next()?, pair.next()?))
            })
            .collect()
    })
}

/// A name as it is compared: as [`normalise_name`] gives it, in simplified characters, and of the punctuation with
/// brackets only. Doing it twice changes nothing.
#[must_use]
pub fn comparable(name: &str) -> String {
    let table = simplified();
    normalise_name(name)
        .chars()
        .map(|character| table.get(&character).copied().unwrap_or(character))
        .filter(|character| character.is_alphanumeric() || matches!(character, '(' | ')'))
        .collect()
}

const FORMS: [(&str, Form); 17] = [
    ("股份有限责任公司", Form::Shares),
    ("股份有限公司", Form::Shares),
    ("有限责任公司", Form::Limited),
    ("责任有限公司", Form::Limited),
    ("股份公司", Form::Shares),
    ("有限公司", Form::Limited),
    ("专业合作社", Form::Cooperative),
    ("合伙企业", Form::Partnership),
    ("合作社", Form::Cooperative),
    ("事务所", Form::Partnership),
    ("总公司", Form::Company),
    ("公司", Form::Company),
    ("工厂", Form::Factory),
    ("总厂", Form::Factory),
    ("厂", Form::Factory),
    ("有限", Form::Limited),
    ("股份有限", Form::Shares),
];

const LATIN_FORMS: [&str; 15] = [
    "companylimited",
    "companyltd",
    "incorporated",
    "corporation",
    "limited",
    "coltd",
    "coinc",
    "gmbh",
    "corp",
    "ltd",
    "inc",
    "llc",
    "plc",
    "kk",
    "ag",
];

/// Words after which something more can only be a branch.
const CLOSING: [&str; 6] = [
    "股份有限公司",
    "有限责任公司",
    "有限公司",
    "股份公司",
    "集团公司",
    "总公司",
];

const BRANCHES: [&str; 24] = [
    "分公司",
    "子公司",
    "支公司",
    "分行",
    "支行",
    "分理处",
    "营业部",
    "营业厅",
    "营业所",
    "经营部",
    "门市部",
    "办事处",
    "代表处",
    "联络处",
    "分厂",
    "分店",
    "分部",
    "分社",
    "分所",
    "分院",
    "分校",
    "分中心",
    "事业部",
    "项目部",
];

/// Industry words at the end of names, gathered from the names of listed companies.
const INDUSTRY: &str = "科技 技术 电子 材料 新材料 新材 药业 发展 实业 电气 能源 新能源 化工 装备 食品 医药 投资 信息 制药 \
生物 机械 传媒 银行 证券 设备 工程 工业 电器 产业 软件 化学 医疗 智能 系统 环保 微电子 电力 光电 开发 建设 物流 通信 通讯 机电 汽车 环境 \
用品 服务 家居 重工 制造 部件 钢铁 旅游 教育 动力 资源 文化 设计 矿业 铝业 铜业 网络 制品 健康 研究院 地产 房地产 管理 出版 自动化 企业 \
纸业 公路 高速公路 航空 航天 包装 电机 商业 酒业 电缆 线缆 装饰 服饰 服装 器械 器材 水务 燃气 零部件 热电 水泥 资本 置业 控制 农业 建材 \
复合材料 数码 半导体 黄金 轴承 精工 玻璃 珠宝 仪器 仪表 精密 纺织 轮胎 石化 乳业 国际 电路 气体 合金 煤业 路桥 钛业 种业 啤酒 电梯 医院 泵业 \
数据 大数据 运输 保险 酒店 金属 机床 金融 照明 铁路 发电 重机 联合 数字 海运 影视 供应链 印刷 牧业 数控 农化 管业 模具 风机 光学 机器 机器人 \
检测 资讯 电池 蓄电池 生态 港口 有色金属 机场 百货 化纤 航运 林业 咨询 节能 客车 期货 塑料 塑胶 橡胶 建筑 安装 贸易 商贸 进出口 国际贸易 经贸 \
电子商务 商务 信托 租赁 融资租赁 担保 基金 创业投资 股权投资 资产 财务 人力资源 劳务 物业 广告 餐饮 饮料 粮油 水产 渔业 养殖 茶业 园林 绿化 市政 \
机电设备 五金 灯饰 家具 家电 陶瓷 皮革 鞋业 玩具 工艺品 印染 染料 涂料 颜料 农药 肥料 化肥 饲料 矿山 冶金 铸造 锻造 焊接 阀门 管道 锅炉 压缩机 \
制冷 空调 暖通 消防 安防 传感器 芯片 集成电路 显示 激光 光伏 太阳能 风电 风力发电 核电 水电 储能 锂电 锂业 钒业 镍业 钴业 稀土 磁材 磁性材料 碳素 石墨 \
玻纤 碳纤维 纤维 无纺布 造纸 木业 竹业 石业 石材 石油 天然气 煤炭 焦化 煤化工 盐化 氟化工 硅业 硅材料 多晶硅 氢能 燃料电池 充电 换电 车辆 轨道交通 交通 \
船舶 造船 飞机 航空器 无人机 卫星 导航 测绘 地理信息 勘探 勘察 规划 监理 会展 体育 娱乐 游戏 动漫 音乐 图书 报业 广播 电视 互联网 云计算 人工智能 物联网 \
计算机 计算机系统 电脑 软件技术 生命 生命科学 基因 诊断 疫苗 血液制品 中药 中药饮片 医疗器械 康复 养老 护理 美容 化妆品 日化 日用品 眼镜 钟表 电商 零售 连锁 超市 \
批发 购物 市场 农产品 农业发展 畜牧 屠宰 肉类 调味品 糖业 面粉 油脂 罐头 糕点 糖果 保健品 研究 研发 孵化器 创新 创投 控制系统 电源 电控 电驱 驱动 传动 液压 气动 \
刀具 工具 量具 紧固件 弹簧 链条 齿轮 电线 电线电缆 开关 变压器 互感器 断路器 继电器 电容器 电阻 电感 连接器 线路板 电路板 元件 元器件 器件 模组 触控 触摸屏 屏显 \
显示技术 精细化工 高新技术 高科 高科技 置地 水利 水处理 固废 再生资源 循环 清洁 净化 除尘 脱硫 通用 专用";

struct Lexicon {
    words: std::collections::HashSet<&'static str>,
    longest: usize,
}

fn lexicon() -> &'static Lexicon {
    static LEXICON: OnceLock<Lexicon> = OnceLock::new();
    LEXICON.get_or_init(|| {
        let words: std::collections::HashSet<&'static str> = INDUSTRY.split_whitespace().collect();
        let longest = words
            .iter()
            .map(|word| word.chars().count())
            .max()
            .unwrap_or(0);
        Lexicon { words, longest }
    })
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// Cuts `suffix` off, when `keep` characters remain.
fn cut<'a>(text: &'a str, suffix: &str, keep: usize) -> Option<&'a str> {
    text.strip_suffix(suffix)
        .filter(|rest| length(rest) >= keep)
}

/// A branch as it is compared: 深圳市分公司 is 深圳分公司.
fn branch_key(text: &str) -> String {
    text.chars()
        .filter(|character| !matches!(character, '市' | '省' | '第' | '(' | ')'))
        .collect()
}

/// The Chinese name alone, where its foreign name stands behind or before it: 甲公司JIA CO LTD.
fn without_latin(text: &str) -> String {
    let chinese = text.trim_end_matches(|one: char| one.is_ascii());
    let chinese = if chinese.ends_with("公司") {
        chinese
    } else {
        text
    };
    let tail = chinese.trim_start_matches(|one: char| one.is_ascii());
    if tail.len() < chinese.len()
        && tail.ends_with("公司")
        && !region::leading(tail, 2).0.is_empty()
    {
        return tail.to_owned();
    }
    chinese.to_owned()
}

impl NameParts {
    /// Reads a company's full or short name.
    #[must_use]
    pub fn of(name: &str) -> Self {
        // Marks of risk warning stand before names of listed companies and are no part of them.
        let text = comparable(&normalise_short_name(name));
        let text = if text.is_empty() {
            comparable(name)
        } else {
            text
        };
        let mut parts = Self {
            whole: text
                .chars()
                .filter(|character| !matches!(character, '(' | ')'))
                .collect(),
            ..Self::default()
        };
        let flat = without_latin(&parts.take_brackets(&text));
        let bracket_places = std::mem::take(&mut parts.places);
        let named = parts.take_branch(&flat);
        let (head, rest) = region::leading(&named, 2);
        if !head.is_empty() {
            parts.places.push(head);
            parts.is_place_first = true;
        }
        parts.places.extend(bracket_places);
        let rest = parts.take_form(rest);
        let (tail, rest) = if parts.form.is_some() {
            region::trailing(rest, 2)
        } else {
            (Region::default(), rest)
        };
        if !tail.is_empty() {
            parts.places.push(tail);
        }
        parts.places.dedup();
        let mut rest = rest;
        loop {
            let before = rest;
            for (word, flag) in [
                ("集团", &mut parts.is_group),
                ("控股", &mut parts.is_holding),
            ] {
                if let Some(shorter) = cut(rest, word, 2) {
                    rest = shorter;
                    *flag = true;
                }
            }
            if let Some(shorter) = cut(rest, "股份", 2) {
                rest = shorter;
            }
            if rest == before {
                break;
            }
        }
        // 万科A, 瓦轴B: the kind of share.
        if parts.form.is_none()
            && let Some(shorter) = rest.strip_suffix(['a', 'b'])
            && !shorter.is_ascii()
            && length(shorter) >= 2
        {
            rest = shorter;
        }
        parts.body = rest.to_owned();
        parts.take_industry();
        parts.whole_characters = parts.whole.chars().collect();
        parts.body_characters = parts.body.chars().collect();
        parts
    }

    /// Reads and removes what stands in brackets: places, forms, branches, former names. Anything else stays in line.
    fn take_brackets(&mut self, text: &str) -> String {
        let mut flat = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('(') {
            flat.push_str(before);
            let (inside, after) = after.split_once(')').unwrap_or((after, ""));
            let inside: String = inside.chars().filter(|one| *one != '(').collect();
            rest = after;
            if let Some(place) = region::exact(&inside) {
                self.places.push(place);
            } else if inside == "集团" {
                self.is_group = true;
            } else if inside == "控股" {
                self.is_holding = true;
            } else if inside.ends_with("合伙") {
                self.form = Some(Form::Partnership);
            } else if ["原", "曾用名", "前身", "简称"]
                .iter()
                .any(|word| inside.starts_with(word))
                || ["总部", "本部", "总行", "总公司"].contains(&inside.as_str())
                || (inside.is_ascii() && !before.is_ascii() && before.ends_with("公司"))
            {
                // Another name of the same company.
            } else if BRANCHES.iter().any(|word| inside.ends_with(word)) {
                self.branch = Some(branch_key(&inside));
            } else {
                flat.push_str(&inside);
            }
        }
        flat.extend(rest.chars().filter(|one| *one != ')'));
        flat
    }

    /// Cuts the branch off and returns the name of the company that it belongs to.
    fn take_branch(&mut self, text: &str) -> String {
        let closing = CLOSING
            .iter()
            .filter_map(|word| Some(text.find(word)? + word.len()))
            .filter(|end| *end < text.len())
            .min();
        if let Some((named, branch)) = closing.and_then(|end| text.split_at_checked(end)) {
            self.branch = Some(branch_key(branch));
            return named.to_owned();
        }
        let Some(word) = BRANCHES.iter().find(|word| text.ends_with(**word)) else {
            return text.to_owned();
        };
        let named = text.strip_suffix(word).unwrap_or(text);
        let split = named
            .find("银行")
            .map(|at| at + "银行".len())
            .or_else(|| named.find("集团").map(|at| at + "集团".len()));
        if let Some((parent, branch)) = split.and_then(|end| named.split_at_checked(end)) {
            self.branch = Some(branch_key(&format!("{branch}{word}")));
            return parent.to_owned();
        }
        let (_, parent) = region::trailing(named, 2);
        let place = named.strip_prefix(parent).unwrap_or_default();
        self.branch = Some(branch_key(&format!("{place}{word}")));
        parent.to_owned()
    }

    fn take_form<'a>(&mut self, text: &'a str) -> &'a str {
        for (word, form) in FORMS {
            if let Some(rest) = cut(text, word, 2) {
                self.form.get_or_insert(form);
                return rest;
            }
        }
        if text.is_ascii() {
            for word in LATIN_FORMS {
                if let Some(rest) = cut(text, word, 3) {
                    self.form.get_or_insert(Form::Company);
                    return rest;
                }
            }
        }
        text
    }

    fn take_industry(&mut self) {
        let lexicon = lexicon();
        let mut core = self.body.clone();
        loop {
            let starts: Vec<usize> = core.char_indices().map(|(at, _)| at).collect();
            let found = (2..=lexicon.longest)
                .rev()
                .filter(|size| starts.len() >= size + 2)
                .find_map(|size| {
                    let at = *starts.get(starts.len() - size)?;
                    lexicon.words.contains(core.get(at..)?).then_some(at)
                });
            let Some(at) = found else { break };
            let word = core.split_off(at);
            self.industry.insert(0, word);
        }
        self.is_generic = lexicon.words.contains(core.as_str()) || length(&core) < 2;
        self.core = core;
    }
}
