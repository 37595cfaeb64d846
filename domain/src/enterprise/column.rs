//! Which column of somebody's table is which field of ours.

use serde::{Deserialize, Serialize};

use super::name::{fold_full_width, is_invisible};

/// What a column of an imported table can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnterpriseField {
    /// Full registered name; the only field that must not be empty.
    Name,
    /// Short name, for listed companies the exchange's.
    ShortName,
    EnglishName,
    /// 统一社会信用代码, 18 characters.
    CreditCode,
    /// Stock code as text; leading zeros matter.
    StockCode,
    /// 上市板块: 主板, 创业板 …
    Board,
    ListedOn,
    /// In shares, not in 万股.
    TotalShares,
    /// 大区: 华南, 西南 …
    Area,
    Province,
    City,
    Address,
    /// 国民经济行业, GB/T 4754-2017: a section (C 制造业), or a class of it.
    Industry,
    /// 申万行业, 2021.
    SwIndustry,
    /// Products in one cell, separated by ；;| or line breaks, else by 、, else by commas.
    Products,
    /// Revenue shares of the products, in the same order: 0.15 or 15%.
    ProductShares,
    Website,
    /// In 万元.
    Revenue,
    /// Number of people.
    Staff,
    BusinessScope,
    /// 标签 in one cell: 专精特新, 瞪羚 … separated as products are.
    Tags,
    /// Places of business in one cell, each with what it is: 生产基地：安徽合肥；研发中心：深圳.
    Sites,
    /// The day that the row's facts are of. It is no fact of the company: it dates the others.
    AsOf,
}

impl EnterpriseField {
    /// Every field, in the order in which pages list them.
    pub const ALL: [Self; 23] = [
        Self::Name,
        Self::ShortName,
        Self::EnglishName,
        Self::CreditCode,
        Self::StockCode,
        Self::Board,
        Self::ListedOn,
        Self::TotalShares,
        Self::Area,
        Self::Province,
        Self::City,
        Self::Address,
        Self::Industry,
        Self::SwIndustry,
        Self::Products,
        Self::ProductShares,
        Self::Website,
        Self::Revenue,
        Self::Staff,
        Self::BusinessScope,
        Self::Tags,
        Self::Sites,
        Self::AsOf,
    ];

    /// The stable key: the same as in JSON and in translation files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::ShortName => "short_name",
            Self::EnglishName => "english_name",
            Self::CreditCode => "credit_code",
            Self::StockCode => "stock_code",
            Self::Board => "board",
            Self::ListedOn => "listed_on",
            Self::TotalShares => "total_shares",
            Self::Area => "area",
            Self::Province => "province",
            Self::City => "city",
            Self::Address => "address",
            Self::Industry => "industry",
            Self::SwIndustry => "sw_industry",
            Self::Products => "products",
            Self::ProductShares => "product_shares",
            Self::Website => "website",
            Self::Revenue => "revenue",
            Self::Staff => "staff",
            Self::BusinessScope => "business_scope",
            Self::Tags => "tags",
            Self::Sites => "sites",
            Self::AsOf => "as_of",
        }
    }

    /// The field with this [`key`](Self::key).
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.key() == key)
    }

    /// Headers known to mean this field, already in the form [`fold_header`] gives.
    fn synonyms(self) -> &'static [&'static str] {
        match self {
            Self::Name => &[
                "公司全称",
                "企业全称",
                "企业名称",
                "公司名称",
                "单位名称",
                "单位全称",
                "企业名",
                "公司名",
                "全称",
                "名称",
                "name",
                "fullname",
                "companyname",
                "company",
                "enterprise",
                "enterprisename",
            ],
            Self::ShortName => &[
                "a股简称",
                "证券简称",
                "股票简称",
                "企业简称",
                "公司简称",
                "简称",
                "股票名称",
                "证券名称",
                "shortname",
                "abbreviation",
            ],
            Self::EnglishName => &[
                "英文名称",
                "英文名",
                "英文全称",
                "公司英文名称",
                "企业英文名称",
                "englishname",
                "nameen",
            ],
            Self::CreditCode => &[
                "统一社会信用代码",
                "社会统一信用代码",
                "统一信用代码",
                "社会信用代码",
                "信用代码",
                "统一代码",
                "creditcode",
                "uscc",
                "usci",
                "unifiedsocialcreditcode",
            ],
            Self::StockCode => &[
                "a股代码",
                "证券代码",
                "股票代码",
                "上市代码",
                "stockcode",
                "ticker",
                "symbol",
                "securitycode",
            ],
            Self::Board => &["板块", "上市板块", "所属板块", "市场板块", "board"],
            Self::ListedOn => &[
                "a股上市日期",
                "上市日期",
                "上市时间",
                "首发上市日期",
                "listedon",
                "listingdate",
                "ipodate",
            ],
            Self::TotalShares => &["a股总股本", "总股本", "股本总数", "totalshares"],
            Self::Area => &["地区", "大区", "区域", "所属大区", "area"],
            Self::Province => &[
                "省份",
                "省",
                "所属省份",
                "所在省份",
                "所在省",
                "注册省份",
                "省市自治区",
                "province",
            ],
            Self::City => &[
                "城市",
                "市",
                "地市",
                "所属城市",
                "所在城市",
                "所在市",
                "地级市",
                "city",
            ],
            Self::Address => &[
                "注册地址",
                "企业地址",
                "公司地址",
                "企业注册地址",
                "住所",
                "地址",
                "详细地址",
                "address",
                "registeredaddress",
            ],
            Self::Industry => &[
                "所属行业",
                "行业",
                "行业门类",
                "行业分类",
                "行业名称",
                "国标行业",
                "证监会行业",
                "国民经济行业",
                "国民经济行业分类",
                "国标行业分类",
                "industry",
                "csrcindustry",
            ],
            Self::SwIndustry => &[
                "申万行业",
                "申万三级行业",
                "申万三级",
                "申万行业分类",
                "所属申万行业",
                "swindustry",
                "sw3industry",
            ],
            Self::Products => &[
                "主营产品",
                "产品",
                "主要产品",
                "产品名称",
                "主导产品",
                "主营业务产品",
                "products",
                "product",
                "mainproducts",
            ],
            Self::ProductShares => &[
                "收入占比",
                "产品收入占比",
                "营收占比",
                "产品占比",
                "主营收入占比",
                "productshares",
                "revenueshare",
                "revenueshares",
            ],
            Self::Website => &[
                "公司网址",
                "企业网址",
                "网址",
                "网站",
                "官网",
                "公司网站",
                "企业官网",
                "website",
                "url",
                "homepage",
            ],
            Self::Revenue => &[
                "营业收入",
                "营收",
                "主营业务收入",
                "年营业收入",
                "营业总收入",
                "年产值收入",
                "销售收入",
                "revenue",
                "revenuewan",
            ],
            Self::Staff => &[
                "员工人数",
                "员工数",
                "职工人数",
                "从业人数",
                "从业人员",
                "人员规模",
                "参保人数",
                "员工",
                "staff",
                "employees",
                "headcount",
            ],
            Self::BusinessScope => &["经营范围", "业务范围", "营业范围", "businessscope", "scope"],
            Self::Tags => &[
                "标签",
                "企业标签",
                "资质标签",
                "荣誉资质",
                "tags",
                "tag",
                "labels",
            ],
            Self::Sites => &[
                "生产基地",
                "基地",
                "分支布局",
                "生产基地分布",
                "基地分布",
                "sites",
                "site",
                "plants",
            ],
            Self::AsOf => &[
                "数据日期",
                "数据截至日期",
                "报告期",
                "统计日期",
                "数据时间",
                "asof",
                "asofdate",
                "reportdate",
            ],
        }
    }

    /// Whether a remark in brackets behind the header is what the field expects anyway.
    fn expects_remark(self, remark: &str) -> bool {
        matches!(remark, "必填" | "选填" | "可选" | "required" | "optional")
            || match self {
                Self::TotalShares => remark == "股",
                Self::Revenue => remark == "万元",
                Self::Staff => matches!(remark, "人" | "个"),
                Self::CreditCode => matches!(remark, "18位" | "uscc"),
                Self::Name => remark == "全称",
                _ => false,
            }
    }

    /// Lists in one cell are a convention between people; their columns are always shown for confirmation.
    fn needs_a_look(self) -> bool {
        matches!(
            self,
            Self::Products | Self::ProductShares | Self::Tags | Self::Sites | Self::AsOf
        )
    }
}

/// What a header was taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recognised {
    pub field: EnterpriseField,
    /// False when a person should confirm it.
    pub certain: bool,
}

/// The field of each column, in the order of the file; `None` is not imported.
pub type Mapping = Vec<Option<EnterpriseField>>;

/// A header without white space, marks of required fields, underscores and case: `"地      区"` → `"地区"`, `"Stock_Code *"` → `"stockcode"`.
fn fold_header(header: &str) -> String {
    header
        .chars()
        .map(fold_full_width)
        .filter(|character| {
            !character.is_whitespace()
                && !is_invisible(*character)
                && !matches!(character, '*' | ':' | '_' | '-' | '"' | '\'')
        })
        .flat_map(char::to_lowercase)
        .collect()
}

fn field_of(folded: &str) -> Option<EnterpriseField> {
    EnterpriseField::ALL
        .into_iter()
        .find(|field| field.synonyms().contains(&folded))
}

/// Says which field a header means, or `None` when nothing fits.
///
/// Certain is a known header, also with the field's own unit behind it (`营业收入（万元）`).
/// Another unit or remark (`总股本（万股）`) and a known header inside a longer one (`目标企业名称`) are not certain.
pub fn recognise(header: &str) -> Option<Recognised> {
    let folded = fold_header(header);
    if let Some(field) = field_of(&folded) {
        return Some(Recognised {
            field,
            certain: !field.needs_a_look(),
        });
    }
    if let Some((outside, rest)) = folded.split_once(['(', '[', '【']) {
        let remark = rest.trim_end_matches([')', ']', '】']);
        if let Some(field) = field_of(outside) {
            return Some(Recognised {
                field,
                certain: field.expects_remark(remark) && !field.needs_a_look(),
            });
        }
    }
    // The B and H shares of a company are other securities, not other spellings of the same column.
    if folded.starts_with("b股") || folded.starts_with("h股") {
        return None;
    }
    EnterpriseField::ALL
        .into_iter()
        .flat_map(|field| {
            field
                .synonyms()
                .iter()
                .map(move |synonym| (synonym.chars().count(), *synonym, field))
        })
        .filter(|(length, synonym, _)| {
            *length >= 3 && !synonym.is_ascii() && folded.contains(synonym)
        })
        .max_by_key(|(length, _, _)| *length)
        .map(|(_, _, field)| Recognised {
            field,
            certain: false,
        })
}

/// [`recognise`] for a whole header row: each field goes to one column at most, the first certain one, else the first one.
pub fn recognise_all<Header: AsRef<str>>(headers: &[Header]) -> Vec<Option<Recognised>> {
    let mut found: Vec<Option<Recognised>> = headers
        .iter()
        .map(|header| recognise(header.as_ref()))
        .collect();
    for field in EnterpriseField::ALL {
        let is_field = |candidate: &Option<Recognised>| {
            candidate.is_some_and(|recognised| recognised.field == field)
        };
        let kept = found
            .iter()
            .position(|candidate| {
                is_field(candidate) && candidate.is_some_and(|recognised| recognised.certain)
            })
            .or_else(|| found.iter().position(is_field));
        for (index, candidate) in found.iter_mut().enumerate() {
            if is_field(candidate) && Some(index) != kept {
                *candidate = None;
            }
        }
    }
    found
}

/// The header row in the form in which two files have the same columns: folded cells, without empty ones at the end.
pub fn header_signature<Header: AsRef<str>>(headers: &[Header]) -> String {
    let folded: Vec<String> = headers
        .iter()
        .map(|header| fold_header(header.as_ref()))
        .collect();
    let length = folded
        .iter()
        .rposition(|header| !header.is_empty())
        .map_or(0, |last| last + 1);
    folded
        .iter()
        .take(length)
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join("\u{1f}")
}

/// Headers of the columns that a file of refused rows has behind the original ones: number of the row, fields, reasons;
/// in Chinese and in English. By them such a file is known again when it comes back.
pub const ADDED_HEADERS: [[&str; 3]; 2] = [["行号", "字段", "原因"], ["Row", "Field", "Reason"]];

/// Where the added columns begin, if the header row has them.
pub fn added_columns(headers: &[String]) -> Option<usize> {
    headers.windows(3).rposition(|three| {
        ADDED_HEADERS.iter().any(|added| {
            three
                .iter()
                .zip(added)
                .all(|(header, added)| header.trim() == *added)
        })
    })
}

/// A spreadsheet runs a cell that begins like this; so does one that hides it behind apostrophes, once they are gone.
fn is_runnable(cell: &str) -> bool {
    let bare = cell.trim_start_matches('\'');
    bare.starts_with(['=', '+', '@', '\t', '\r'])
        || (bare.starts_with('-') && bare.len() > 1 && bare.parse::<f64>().is_err())
}

/// A cell as text for a spreadsheet that reads it from CSV: what it would run gets an apostrophe in front.
pub fn guard_cell(cell: &str) -> String {
    if is_runnable(cell) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// The same for a cell that is marked as text anyway: only what [`bare_cell`] would take apart is guarded.
pub fn guard_text_cell(cell: &str) -> String {
    if cell.starts_with('\'') {
        guard_cell(cell)
    } else {
        cell.to_owned()
    }
}

/// A guarded cell as it was: one apostrophe less.
pub fn bare_cell(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(bare) if is_runnable(cell) => bare,
        _ => cell,
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn certain(field: EnterpriseField) -> Option<Recognised> {
        Some(Recognised {
            field,
            certain: true,
        })
    }

    fn uncertain(field: EnterpriseField) -> Option<Recognised> {
        Some(Recognised {
            field,
            certain: false,
        })
    }

    #[test]
    fn keys_are_the_serialised_form_and_synonyms_are_folded_and_unique() {
        let mut seen = std::collections::BTreeMap::new();
        for field in EnterpriseField::ALL {
            assert_eq!(serde_json::to_value(field).unwrap(), field.key());
            assert_eq!(EnterpriseField::from_key(field.key()), Some(field));
            assert_eq!(
                recognise(field.key()).unwrap().field,
                field,
                "the key itself is a header"
            );
            for synonym in field.synonyms() {
                assert_eq!(fold_header(synonym), *synonym);
                assert_eq!(
                    seen.insert(*synonym, field),
                    None,
                    "{synonym} means two fields"
                );
            }
        }
    }

    #[test]
    fn the_exchange_s_header_row() {
        let headers = [
            "板块",
            "公司全称",
            "英文名称",
            "注册地址",
            "A股代码",
            "A股简称",
            "A股上市日期",
            "A股总股本",
            "A股流通股本",
            "B股代码",
            "B股 简 称",
            "B股上市日期",
            "B股总股本",
            "B股流通股本",
            "地      区",
            "省    份",
            "城     市",
            "所属行业",
            "公司网址",
            "未盈利",
            "具有表决权差异安排",
            "具有协议控制架构",
        ];
        use EnterpriseField::*;
        let mut expected: Vec<_> = [
            Board,
            Name,
            EnglishName,
            Address,
            StockCode,
            ShortName,
            ListedOn,
            TotalShares,
        ]
        .map(certain)
        .to_vec();
        expected.extend([None; 6]);
        expected.extend([Area, Province, City, Industry, Website].map(certain));
        expected.extend([None; 3]);
        assert_eq!(recognise_all(&headers), expected);
    }

    #[test]
    fn units_remarks_and_longer_headers() {
        use EnterpriseField::*;
        assert_eq!(recognise("营业收入（万元）"), certain(Revenue));
        assert_eq!(recognise("营业收入(亿元)"), uncertain(Revenue));
        assert_eq!(recognise("总股本（万股）"), uncertain(TotalShares));
        assert_eq!(recognise("*企业名称："), certain(Name));
        assert_eq!(recognise("目标企业名称"), uncertain(Name));
        assert_eq!(recognise("主营产品"), uncertain(Products));
        assert_eq!(recognise("收入占比"), uncertain(ProductShares));
        assert_eq!(recognise("Stock_Code"), certain(StockCode));
        assert_eq!(recognise("城\u{3000}市"), certain(City));
        assert_eq!(recognise("联系人"), None);
        assert_eq!(recognise(""), None);
    }

    #[test]
    fn a_field_goes_to_one_column() {
        use EnterpriseField::*;
        assert_eq!(
            recognise_all(&["目标企业名称", "企业名称", "公司名称"]),
            [None, certain(Name), None]
        );
        assert_eq!(
            recognise_all(&["甲方企业名称", "乙方企业名称"]),
            [uncertain(Name), None]
        );
    }

    #[test]
    fn a_header_row_is_known_by_its_words() {
        assert_eq!(
            header_signature(&["企业名称", " 省  份", "Stock_Code*"]),
            header_signature(&["企业名称:", "省份", "stockcode", "", " "])
        );
        assert_ne!(
            header_signature(&["企业名称", "省份"]),
            header_signature(&["企业名称", "", "省份"])
        );
        assert_ne!(
            header_signature(&["企业名称", "省份"]),
            header_signature(&["省份", "企业名称"])
        );
    }

    #[test]
    fn added_columns_are_found_behind_the_original_ones() {
        let header = |text: &str| text.split(',').map(String::from).collect::<Vec<_>>();
        assert_eq!(
            added_columns(&header("企业名称,备注,行号,字段,原因")),
            Some(2)
        );
        assert_eq!(added_columns(&header("name,Row,Field,Reason")), Some(1));
        assert_eq!(
            added_columns(&header("行号,字段,原因,行号,字段,原因")),
            Some(3),
            "a list may have such columns of its own"
        );
        assert_eq!(added_columns(&header("行号,企业名称,原因")), None);
        for added in ADDED_HEADERS {
            for header in added {
                assert_eq!(recognise(header), None, "{header}");
            }
        }
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for (cell, guarded) in [
            ("=cmd|'/C calc'!A0", "'=cmd|'/C calc'!A0"),
            ("+86 1380000", "'+86 1380000"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("-2+3", "'-2+3"),
            ("'=1", "''=1"),
            ("-5", "-5"),
            ("-", "-"),
            ("甲'乙", "甲'乙"),
            ("'甲", "'甲"),
            ("", ""),
        ] {
            assert_eq!(guard_cell(cell), guarded);
            assert_eq!(bare_cell(guarded), cell);
        }
        assert_eq!(guard_text_cell("=1"), "=1");
        assert_eq!(bare_cell(&guard_text_cell("'=1")), "'=1");
    }

    proptest! {
        #[test]
        fn a_guarded_cell_comes_back_unchanged(cell in "['=+@\t -]{0,4}[0-9甲a|]{0,4}") {
            let (guarded, text) = (guard_cell(&cell), guard_text_cell(&cell));
            prop_assert_eq!(bare_cell(&guarded), &cell);
            prop_assert_eq!(bare_cell(&text), &cell);
        }

        #[test]
        fn never_panics(header in any::<String>()) {
            let _ = recognise(&header);
        }
    }
}
