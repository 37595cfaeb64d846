//! What a company is beyond its register entry: places of business, figures over the years, signs of growth and of risk.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::name::fold_full_width;
use crate::region::Area;

/// What a place of business is for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SiteKind {
    /// 总部.
    Headquarters,
    /// 生产基地; what a place is when nothing is said.
    #[default]
    Plant,
    /// 研发中心.
    Research,
    /// 销售.
    Sales,
    /// 仓储物流.
    Logistics,
    /// 其他.
    Other,
}

impl SiteKind {
    pub const ALL: [Self; 6] = [
        Self::Headquarters,
        Self::Plant,
        Self::Research,
        Self::Sales,
        Self::Logistics,
        Self::Other,
    ];

    /// The word in the API.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Headquarters => "headquarters",
            Self::Plant => "plant",
            Self::Research => "research",
            Self::Sales => "sales",
            Self::Logistics => "logistics",
            Self::Other => "other",
        }
    }

    /// The word in a cell or a form, in front of the place.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Headquarters => "总部",
            Self::Plant => "生产基地",
            Self::Research => "研发中心",
            Self::Sales => "销售",
            Self::Logistics => "仓储物流",
            Self::Other => "其他",
        }
    }

    fn of_word(word: &str) -> Option<Self> {
        let begins = |words: &[&str]| words.iter().any(|known| word.contains(known));
        Some(if begins(&["总部", "headquarters"]) {
            Self::Headquarters
        } else if begins(&["研发", "研究", "技术中心", "research"]) {
            Self::Research
        } else if begins(&["销售", "营销", "办事处", "sales"]) {
            Self::Sales
        } else if begins(&["仓储", "物流", "仓库", "logistics"]) {
            Self::Logistics
        } else if begins(&["生产", "基地", "工厂", "厂区", "制造", "plant"]) {
            Self::Plant
        } else if begins(&["其他", "其它", "other"]) {
            Self::Other
        } else {
            return None;
        })
    }
}

/// A place of business.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    pub kind: SiteKind,
    /// As it was written: 安徽合肥, 深圳市宝安区.
    pub place: String,
}

impl Site {
    /// One entry of a cell: `研发中心：深圳`, `安徽合肥`. A word in front that is no kind stays with the place.
    #[must_use]
    pub fn read(text: &str) -> Self {
        if let Some((word, place)) = text.split_once(['：', ':'])
            && let Some(kind) = SiteKind::of_word(&word.trim().to_lowercase())
            && !place.trim().is_empty()
        {
            return Self {
                kind,
                place: place.trim().to_owned(),
            };
        }
        Self {
            kind: SiteKind::default(),
            place: text.trim().to_owned(),
        }
    }

    /// As [`Self::read`] reads it.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{}：{}", self.kind.word(), self.place)
    }

    /// Where it lies, when its text names a city or a province.
    #[must_use]
    pub fn area(&self) -> Option<Area> {
        crate::region::area_in(&self.place)
    }
}

/// Figures of a company on a day, most often the end of a year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    pub as_of: NaiveDate,
    /// Of the year that ends on the day, in 万元.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revenue_wan: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staff: Option<i64>,
    pub source: String,
}

/// Figures of one company that are kept: the newest.
pub const FIGURES: usize = 12;

/// Adds a figure in the order of days; of one day the later word counts, and what it does not say stays.
pub fn add_figure(figures: &mut Vec<Figure>, figure: Figure) {
    match figures.binary_search_by_key(&figure.as_of, |known| known.as_of) {
        Ok(place) => {
            if let Some(known) = figures.get_mut(place) {
                known.revenue_wan = figure.revenue_wan.or(known.revenue_wan);
                known.staff = figure.staff.or(known.staff);
                known.source = figure.source;
            }
        }
        Err(place) => figures.insert(place, figure),
    }
    let surplus = figures.len().saturating_sub(FIGURES);
    figures.drain(..surplus);
}

/// Days between two figures that make a rate of a year; less says more of the season than of the company.
const RATE_DAYS: i64 = 300;
/// Yearly change of revenue or staff at which the sign counts 0 and 1; between them it is linear.
const FLAT: f64 = -0.2;
const FAST: f64 = 0.3;
/// Days for which a listing is a sign: what was raised is built with in about three years.
const LISTED_DAYS: i64 = 3 * 365;
/// Yearly change of revenue below which it is a sign of risk.
const SHRINKING: f64 = -0.2;

/// Tags that say a company grows; 瞪羚 and 独角兽 are titles given for growth.
const GROWTH_TAGS: [&str; 8] = [
    "瞪羚",
    "独角兽",
    "扩产",
    "募投",
    "融资",
    "高成长",
    "拟上市",
    "新建产能",
];
/// Tags that say to be careful.
const RISK_TAGS: [&str; 9] = [
    "失信",
    "被执行",
    "经营异常",
    "破产",
    "重整",
    "环保处罚",
    "安全事故",
    "欠税",
    "风险",
];

/// Days by which the ends of two years may differ.
const YEAR_SLACK: f64 = 15.0;

/// The yearly rate between the newest figure that has one to compare it with and that one, at least [`RATE_DAYS`] before:
/// (later ÷ earlier)^(365.25 ÷ days) − 1. What is summed over a year is compared with the same day of another year only: the
/// first quarter says nothing beside a whole year.
#[allow(
    clippy::cast_precision_loss,
    reason = "figures far below 2^52, and days"
)]
fn rate(
    figures: &[Figure],
    is_summed: bool,
    value: impl Fn(&Figure) -> Option<i64>,
) -> Option<(f64, NaiveDate, NaiveDate)> {
    let known: Vec<(NaiveDate, i64)> = figures
        .iter()
        .rev()
        .filter_map(|figure| Some((figure.as_of, value(figure).filter(|value| *value > 0)?)))
        .collect();
    let mut rest = known.as_slice();
    while let Some(((until, later), before)) = rest.split_first() {
        let comparable = before.iter().find(|(day, _)| {
            let days = (*until - *day).num_days();
            let off = (days as f64 / 365.25).round().mul_add(-365.25, days as f64);
            days >= RATE_DAYS && (!is_summed || off.abs() <= YEAR_SLACK)
        });
        if let Some((since, earlier)) = comparable {
            let days = (*until - *since).num_days() as f64;
            let rate = (*later as f64 / *earlier as f64).powf(365.25 / days) - 1.0;
            return rate.is_finite().then_some((rate, *since, *until));
        }
        rest = before;
    }
    None
}

/// A sign that a company is about to build.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum GrowthSign {
    /// Yearly change, 0.1 for 10 %.
    Revenue {
        rate: f64,
        since: NaiveDate,
        until: NaiveDate,
    },
    Staff {
        rate: f64,
        since: NaiveDate,
        until: NaiveDate,
    },
    Listed {
        on: NaiveDate,
        /// 1 on the day, 0 after [`LISTED_DAYS`].
        freshness: f64,
    },
    Tag {
        name: String,
    },
}

impl GrowthSign {
    /// In 0..=1.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self {
            Self::Revenue { rate, .. } | Self::Staff { rate, .. } => {
                ((rate - FLAT) / (FAST - FLAT)).clamp(0.0, 1.0)
            }
            Self::Listed { freshness, .. } => *freshness,
            Self::Tag { .. } => 1.0,
        }
    }
}

/// The signs of growth that a company's data hold.
#[must_use]
pub fn growth_signs(
    figures: &[Figure],
    tags: &[String],
    listed_on: Option<NaiveDate>,
    today: NaiveDate,
) -> Vec<GrowthSign> {
    let mut signs = Vec::new();
    if let Some((rate, since, until)) = rate(figures, true, |figure| figure.revenue_wan) {
        signs.push(GrowthSign::Revenue { rate, since, until });
    }
    if let Some((rate, since, until)) = rate(figures, false, |figure| figure.staff) {
        signs.push(GrowthSign::Staff { rate, since, until });
    }
    if let Some(on) = listed_on {
        let days = (today - on).num_days();
        if (0..LISTED_DAYS).contains(&days) {
            #[allow(clippy::cast_precision_loss, reason = "days of three years")]
            let freshness = 1.0 - days as f64 / LISTED_DAYS as f64;
            signs.push(GrowthSign::Listed { on, freshness });
        }
    }
    signs.extend(tags_with(tags, &GROWTH_TAGS).map(|name| GrowthSign::Tag { name }));
    signs
}

/// Their mean in 0..=1; `None` without a sign.
#[must_use]
pub fn growth(signs: &[GrowthSign]) -> Option<f64> {
    if signs.is_empty() {
        return None;
    }
    let sum: f64 = signs.iter().map(GrowthSign::value).sum();
    #[allow(clippy::cast_precision_loss, reason = "a handful of signs")]
    Some(sum / signs.len() as f64)
}

/// A sign to be careful. It is said beside the score and takes nothing off it: what it weighs is for people to say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum RiskSign {
    /// ST: the exchange warns of the company.
    SpecialTreatment,
    /// *ST: the exchange warns that it may be delisted.
    DelistingWarning,
    /// Yearly change of revenue, -0.25 for a quarter less.
    Shrinking {
        rate: f64,
    },
    Tag {
        name: String,
    },
}

/// The signs of risk that a company's data hold.
#[must_use]
pub fn risk_signs(short_name: Option<&str>, figures: &[Figure], tags: &[String]) -> Vec<RiskSign> {
    let mut signs = Vec::new();
    let short_name: String = short_name
        .unwrap_or_default()
        .chars()
        .map(fold_full_width)
        .filter(|character| !character.is_whitespace())
        .collect::<String>()
        .to_uppercase();
    // S*ST and SST: companies that had not reformed their shares.
    let marked: &str = short_name.strip_prefix('S').unwrap_or(&short_name);
    let is_marked = |mark: &str| {
        // STELLANTIS is no such mark.
        [short_name.as_str(), marked].into_iter().any(|name| {
            name.strip_prefix(mark)
                .and_then(|rest| rest.chars().next())
                .is_some_and(|next| !next.is_ascii_alphabetic())
        })
    };
    if is_marked("*ST") {
        signs.push(RiskSign::DelistingWarning);
    } else if is_marked("ST") {
        signs.push(RiskSign::SpecialTreatment);
    }
    if let Some((rate, _, _)) = rate(figures, true, |figure| figure.revenue_wan)
        && rate < SHRINKING
    {
        signs.push(RiskSign::Shrinking { rate });
    }
    signs.extend(tags_with(tags, &RISK_TAGS).map(|name| RiskSign::Tag { name }));
    signs
}

/// Tags that hold one of some words and do not mean something else by it: 融资租赁 is a trade, 无失信记录 the opposite.
fn tags_with(tags: &[String], words: &'static [&str]) -> impl Iterator<Item = String> {
    const OTHERWISE: [&str; 4] = ["融资租赁", "风险投资", "风险管理", "融资担保"];
    tags.iter()
        .filter(|tag| !tag.starts_with(['无', '非', '低', '未']))
        .filter(|tag| !OTHERWISE.iter().any(|other| tag.contains(other)))
        .filter(|tag| words.iter().any(|word| tag.contains(word)))
        .cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i32, month: u32, day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
    }

    fn figure(year: i32, revenue_wan: i64) -> Figure {
        Figure {
            as_of: day(year, 12, 31),
            revenue_wan: Some(revenue_wan),
            staff: None,
            source: "年报".to_owned(),
        }
    }

    #[test]
    fn a_site_says_what_it_is_and_where() {
        let site = Site::read("研发中心：深圳市南山区");
        assert_eq!(site.kind, SiteKind::Research);
        assert_eq!(site.place, "深圳市南山区");
        assert_eq!(
            site.area().map(|area| (area.province, area.city)),
            Some(("广东".to_owned(), "深圳".to_owned()))
        );
        assert_eq!(Site::read(&site.text()), site);
        let bare = Site::read("安徽合肥");
        assert_eq!(bare.kind, SiteKind::Plant);
        assert_eq!(
            bare.area().map(|area| (area.province, area.city)),
            Some(("安徽".to_owned(), "合肥".to_owned()))
        );
        // What stands before the colon is no kind: it stays.
        assert_eq!(Site::read("一期：越南").place, "一期：越南");
        assert_eq!(Site::read("一期：越南").area(), None);
    }

    #[test]
    fn every_kind_is_read_from_its_own_word() {
        for kind in SiteKind::ALL {
            let site = Site {
                kind,
                place: "西安".to_owned(),
            };
            assert_eq!(Site::read(&site.text()), site);
        }
    }

    #[test]
    fn figures_are_kept_by_day() {
        let mut figures = Vec::new();
        add_figure(&mut figures, figure(2025, 1200));
        add_figure(&mut figures, figure(2024, 1000));
        add_figure(
            &mut figures,
            Figure {
                as_of: day(2025, 12, 31),
                revenue_wan: None,
                staff: Some(40),
                source: "名录".to_owned(),
            },
        );
        assert_eq!(figures.len(), 2);
        assert_eq!(figures[1].revenue_wan, Some(1200));
        assert_eq!(figures[1].staff, Some(40));
        for year in 2000..2023 {
            add_figure(&mut figures, figure(year, 1));
        }
        assert_eq!(figures.len(), FIGURES);
        assert_eq!(figures.last().map(|one| one.as_of), Some(day(2025, 12, 31)));
    }

    #[test]
    fn growth_by_hand() {
        // 1000 → 1200 in 365 days: 1.2^(365.25/365) − 1 = 0.20015; (0.20015 + 0.2) / 0.5 = 0.8003.
        let figures = [figure(2024, 1000), figure(2025, 1200)];
        let signs = growth_signs(&figures, &[], None, day(2026, 6, 1));
        assert_eq!(signs.len(), 1);
        assert!((growth(&signs).unwrap_or_default() - 0.8003).abs() < 1e-4);
        // A listing 1.5 years ago counts ½, a title 1: the mean of three is (0.8003 + 0.5 + 1) / 3.
        let signs = growth_signs(
            &figures,
            &["国家级瞪羚企业".to_owned(), "高新技术".to_owned()],
            Some(day(2026, 6, 1) - chrono::Days::new(547)),
            day(2026, 6, 1),
        );
        assert_eq!(signs.len(), 3);
        assert!((growth(&signs).unwrap_or_default() - (0.8003 + 0.50046 + 1.0) / 3.0).abs() < 1e-3);
        // Nothing known: no term, not a zero. A quarter's change is no rate.
        assert_eq!(
            growth(&growth_signs(
                &[],
                &[],
                Some(day(1999, 1, 1)),
                day(2026, 6, 1)
            )),
            None
        );
        let quarter = [
            figure(2025, 1000),
            Figure {
                as_of: day(2026, 3, 31),
                ..figure(2025, 300)
            },
        ];
        assert_eq!(
            growth(&growth_signs(&quarter, &[], None, day(2026, 6, 1))),
            None
        );
    }

    #[test]
    fn risk_is_named() {
        assert_eq!(
            risk_signs(Some("*ST华仪"), &[], &[]),
            [RiskSign::DelistingWarning]
        );
        assert_eq!(
            risk_signs(Some("ＳＴ 中安"), &[], &[]),
            [RiskSign::SpecialTreatment]
        );
        assert_eq!(
            risk_signs(Some("S*ST昌鱼"), &[], &[]),
            [RiskSign::DelistingWarning]
        );
        assert_eq!(
            risk_signs(Some("SST华新"), &[], &[]),
            [RiskSign::SpecialTreatment]
        );
        for none in ["赛腾股份", "STAR科技", "Stellantis", "ST", ""] {
            assert!(risk_signs(Some(none), &[], &[]).is_empty(), "{none}");
        }
        let harmless = ["融资租赁", "风险投资机构", "无失信记录"].map(str::to_owned);
        assert!(risk_signs(None, &[], &harmless).is_empty());
        assert_eq!(
            growth(&growth_signs(&[], &harmless, None, day(2026, 6, 1))),
            None
        );
        let signs = risk_signs(
            None,
            &[figure(2024, 1000), figure(2025, 700)],
            &["失信被执行人".to_owned()],
        );
        assert!(
            matches!(&signs[..], [RiskSign::Shrinking { rate }, RiskSign::Tag { .. }] if *rate < -0.29)
        );
    }
}
