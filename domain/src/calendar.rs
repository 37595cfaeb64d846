//! The zone's working days: weekends, official holidays, and the weekend days that are worked for them (调休).

use std::{collections::BTreeMap, ops::Bound, sync::OnceLock};

use chrono::{DateTime, Datelike, Days, NaiveDate, Utc, Weekday};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Special days that one year may have at most; the official lists have about forty.
const DAYS_LIMIT: usize = 200;
/// Longest source of a calendar, in characters.
const SOURCE_LIMIT: usize = 400;

/// One year's special days. What is in neither list is off on Saturday and Sunday and worked on other days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYear {
    pub year: i32,
    /// The notice that it follows.
    pub source: String,
    /// True while the official notice is not known and only the statutory days stand.
    #[serde(default)]
    pub provisional: bool,
    /// Days off, each a date or the first and the last one with `/` between.
    pub off: Vec<String>,
    /// Saturdays and Sundays that are worked, in the same form.
    pub work: Vec<String>,
}

/// Why a calendar cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CalendarProblem {
    /// Not JSON, or none of the two forms.
    NotACalendar,
    /// A year before 2000 or after 2100.
    Year {
        value: String,
    },
    /// No date, or a range whose end lies before its beginning.
    Date {
        value: String,
    },
    /// A date of another year.
    OtherYear {
        value: String,
    },
    /// A day that is both off and worked.
    Contradiction {
        value: String,
    },
    TooMany {
        limit: usize,
    },
}

/// Reads a year's calendar from JSON: the own form ([`CalendarYear`]), or that of the public collection
/// `NateScarlet/holiday-cn`, `{"year", "papers", "days": [{"name", "date", "isOffDay"}]}`.
///
/// # Errors
/// The first [`CalendarProblem`].
pub fn read_calendar(text: &str) -> Result<CalendarYear, CalendarProblem> {
    let value: Value = serde_json::from_str(text).map_err(|_| CalendarProblem::NotACalendar)?;
    let year = if value.get("days").is_some() {
        from_collection(&value)?
    } else {
        serde_json::from_value(value).map_err(|_| CalendarProblem::NotACalendar)?
    };
    days(&year)?;
    Ok(year)
}

fn from_collection(value: &Value) -> Result<CalendarYear, CalendarProblem> {
    let days = value["days"]
        .as_array()
        .ok_or(CalendarProblem::NotACalendar)?;
    let year = value["year"]
        .as_i64()
        .and_then(|year| i32::try_from(year).ok())
        .ok_or(CalendarProblem::NotACalendar)?;
    let (mut off, mut work) = (Vec::new(), Vec::new());
    for day in days {
        let date = day["date"].as_str().ok_or(CalendarProblem::NotACalendar)?;
        let is_off = day["isOffDay"]
            .as_bool()
            .ok_or(CalendarProblem::NotACalendar)?;
        // The collection lists days of the year before and after that belong to this year's notice.
        if date.get(..4).is_some_and(|text| text != year.to_string()) && parse(date).is_ok() {
            continue;
        }
        if is_off { &mut off } else { &mut work }.push(date.to_owned());
    }
    let papers = value["papers"].as_array().into_iter().flatten();
    Ok(CalendarYear {
        year,
        source: papers
            .filter_map(Value::as_str)
            .collect::<Vec<_>>()
            .join(" ")
            .chars()
            .take(SOURCE_LIMIT)
            .collect(),
        provisional: false,
        off,
        work,
    })
}

fn parse(text: &str) -> Result<NaiveDate, CalendarProblem> {
    text.trim().parse().map_err(|_| CalendarProblem::Date {
        value: text.chars().take(40).collect(),
    })
}

/// The special days of a year: true is off.
fn days(year: &CalendarYear) -> Result<BTreeMap<NaiveDate, bool>, CalendarProblem> {
    if !(2000..=2100).contains(&year.year) {
        return Err(CalendarProblem::Year {
            value: year.year.to_string(),
        });
    }
    let mut days = BTreeMap::new();
    for (list, is_off) in [(&year.off, true), (&year.work, false)] {
        for text in list {
            let (first, last) = match text.split_once('/') {
                Some((first, last)) => (parse(first)?, parse(last)?),
                None => (parse(text)?, parse(text)?),
            };
            if last < first {
                return Err(CalendarProblem::Date {
                    value: text.chars().take(40).collect(),
                });
            }
            for date in first.iter_days().take_while(|date| *date <= last) {
                if date.year() != year.year {
                    return Err(CalendarProblem::OtherYear {
                        value: date.to_string(),
                    });
                }
                if days
                    .insert(date, is_off)
                    .is_some_and(|known| known != is_off)
                {
                    return Err(CalendarProblem::Contradiction {
                        value: date.to_string(),
                    });
                }
                if days.len() > DAYS_LIMIT {
                    return Err(CalendarProblem::TooMany { limit: DAYS_LIMIT });
                }
            }
        }
    }
    Ok(days)
}

fn is_weekday(date: NaiveDate) -> bool {
    !matches!(date.weekday(), Weekday::Sat | Weekday::Sun)
}

/// All years that are known. A year that is not has its weekends off and nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkCalendar {
    years: BTreeMap<i32, CalendarYear>,
    /// True for a day off.
    special: BTreeMap<NaiveDate, bool>,
}

impl WorkCalendar {
    /// The years that come with the program: 2025 and 2026 as announced, 2027 with its statutory days.
    ///
    /// # Errors
    /// The shipped file does not parse; a test makes sure that it does.
    pub fn shipped() -> Result<Self, serde_json::Error> {
        // Every page that shows a lead asks for it.
        static SHIPPED: OnceLock<WorkCalendar> = OnceLock::new();
        if let Some(calendar) = SHIPPED.get() {
            return Ok(calendar.clone());
        }
        let years: Vec<CalendarYear> =
            serde_json::from_str(include_str!("../data/work_calendar.json"))?;
        let mut calendar = Self::default();
        for year in years {
            calendar.put(year);
        }
        Ok(SHIPPED.get_or_init(|| calendar).clone())
    }

    /// Takes a year in the place of the one that was known. One that contradicts itself is not taken.
    pub fn put(&mut self, year: CalendarYear) {
        if let Ok(days) = days(&year) {
            self.special.retain(|date, _| date.year() != year.year);
            self.special.extend(days);
            self.years.insert(year.year, year);
        }
    }

    /// The years that are known.
    pub fn years(&self) -> impl Iterator<Item = &CalendarYear> {
        self.years.values()
    }

    #[must_use]
    pub fn is_working(&self, date: NaiveDate) -> bool {
        match self.special.get(&date) {
            Some(is_off) => !is_off,
            None => is_weekday(date),
        }
    }

    /// Working days after `from` up to and with `until`: 0 on the day itself, 1 on the next working day. 0 when
    /// `until` lies before.
    #[must_use]
    pub fn working_days_between(&self, from: NaiveDate, until: NaiveDate) -> i64 {
        if until <= from {
            return 0;
        }
        let days = (until - from).num_days();
        // Whole weeks, the days left over, and what is special among all of them.
        let rest = from
            .iter_days()
            .skip(1)
            .zip(0..days % 7)
            .filter(|(date, _)| is_weekday(*date))
            .count();
        let special: i64 = self
            .special
            .range((Bound::Excluded(from), Bound::Included(until)))
            .map(|(date, is_off)| match (is_weekday(*date), is_off) {
                (true, true) => -1,
                (false, false) => 1,
                _ => 0,
            })
            .sum();
        days / 7 * 5 + i64::try_from(rest).unwrap_or(i64::MAX) + special
    }

    /// The day on which `count` working days have passed since `from`; `from` itself for 0.
    #[must_use]
    pub fn after_working_days(&self, from: NaiveDate, count: u16) -> NaiveDate {
        let mut date = from;
        let mut left = count;
        while left > 0 {
            let Some(next) = date.checked_add_days(Days::new(1)) else {
                return date;
            };
            date = next;
            if self.is_working(date) {
                left -= 1;
            }
        }
        date
    }

    /// The latest day after which `count` working days have passed by `until`; `until` itself for 0. So
    /// `working_days_between(date, until) >= count` exactly for the dates up to it.
    #[must_use]
    pub fn before_working_days(&self, until: NaiveDate, count: u16) -> NaiveDate {
        let mut date = until;
        let mut left = count;
        while left > 0 {
            let Some(before) = date.checked_sub_days(Days::new(1)) else {
                return date;
            };
            if self.is_working(date) {
                left -= 1;
            }
            date = before;
        }
        date
    }
}

/// A year as the settings page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarYearView {
    pub calendar: CalendarYear,
    /// Days off beside weekends, and weekend days worked.
    pub off_days: u32,
    pub work_days: u32,
    /// Who imported it and when; `None` for one that came with the program.
    pub by: Option<String>,
    pub imported_at: Option<DateTime<Utc>>,
}

impl CalendarYearView {
    /// The view of a year, with its days counted.
    #[must_use]
    pub fn new(
        calendar: CalendarYear,
        by: Option<String>,
        imported_at: Option<DateTime<Utc>>,
    ) -> Self {
        let days = days(&calendar).unwrap_or_default();
        let count = |off: bool| {
            let days = days.values().filter(|is_off| **is_off == off).count();
            u32::try_from(days).unwrap_or(u32::MAX)
        };
        Self {
            off_days: count(true),
            work_days: count(false),
            calendar,
            by,
            imported_at,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn the_spring_festival_of_2026_and_its_worked_saturdays() {
        let calendar = WorkCalendar::shipped().unwrap();
        // 2026-02-14 is a Saturday that is worked, 02-15 to 02-23 are off, 02-28 is a worked Saturday.
        assert!(calendar.is_working(date("2026-02-14")));
        assert!(!calendar.is_working(date("2026-02-16")), "a Monday");
        assert!(!calendar.is_working(date("2026-02-23")), "a Monday");
        assert!(calendar.is_working(date("2026-02-28")));
        // From Friday the 13th: 14 is 1, then 24, 25 are 2 and 3.
        assert_eq!(
            calendar.after_working_days(date("2026-02-13"), 3),
            date("2026-02-25")
        );
        assert_eq!(
            calendar.working_days_between(date("2026-02-13"), date("2026-02-25")),
            3
        );
    }

    #[test]
    fn the_day_itself_is_no_day_and_backwards_is_none() {
        let calendar = WorkCalendar::shipped().unwrap();
        let friday = date("2026-06-12");
        assert_eq!(calendar.working_days_between(friday, friday), 0);
        assert_eq!(calendar.working_days_between(friday, date("2026-06-14")), 0);
        assert_eq!(calendar.working_days_between(friday, date("2026-06-15")), 1);
        assert_eq!(calendar.working_days_between(friday, date("2026-06-01")), 0);
        // Friday 19 June 2026 is 端午: three working days after Wednesday the 17th end on Tuesday the 23rd.
        assert_eq!(
            calendar.after_working_days(date("2026-06-17"), 3),
            date("2026-06-23")
        );
    }

    #[test]
    fn a_year_nobody_knows_has_its_weekends() {
        let calendar = WorkCalendar::shipped().unwrap();
        assert!(calendar.is_working(date("2031-10-01")));
        assert!(!calendar.is_working(date("2031-10-04")));
        let years: Vec<(i32, bool)> = calendar
            .years()
            .map(|year| (year.year, year.provisional))
            .collect();
        assert_eq!(years, [(2025, false), (2026, false), (2027, true)]);
    }

    #[test]
    fn both_forms_are_read_and_a_later_one_takes_the_place() {
        let text = r#"{"year": 2027, "papers": ["https://www.gov.cn/notice"], "days": [
            {"name": "元旦", "date": "2027-01-01", "isOffDay": true},
            {"name": "元旦", "date": "2027-01-03", "isOffDay": false},
            {"name": "元旦", "date": "2028-01-01", "isOffDay": true}]}"#;
        let year = read_calendar(text).unwrap();
        assert_eq!((year.off.len(), year.work.len()), (1, 1));
        let mut calendar = WorkCalendar::shipped().unwrap();
        calendar.put(year);
        assert!(calendar.is_working(date("2027-01-03")), "a Sunday");
        assert!(
            calendar.is_working(date("2027-02-08")),
            "the shipped days are gone"
        );
        let own =
            r#"{"year": 2030, "source": "示例", "off": ["2030-01-01/2030-01-03"], "work": []}"#;
        assert_eq!(read_calendar(own).unwrap().off, ["2030-01-01/2030-01-03"]);
    }

    #[test]
    fn what_is_no_calendar_is_named() {
        use CalendarProblem as Problem;
        let value = |text: &str| text.to_owned();
        let own = |off: &str, work: &str| {
            read_calendar(&format!(
                r#"{{"year": 2026, "source": "", "off": [{off}], "work": [{work}]}}"#
            ))
            .unwrap_err()
        };
        assert_eq!(read_calendar("x").unwrap_err(), Problem::NotACalendar);
        assert_eq!(read_calendar("[]").unwrap_err(), Problem::NotACalendar);
        assert_eq!(
            own("\"2026-02-30\"", ""),
            Problem::Date {
                value: value("2026-02-30")
            }
        );
        assert_eq!(
            own("\"2026-02-03/2026-02-01\"", ""),
            Problem::Date {
                value: value("2026-02-03/2026-02-01")
            }
        );
        assert_eq!(
            own("\"2025-12-31\"", ""),
            Problem::OtherYear {
                value: value("2025-12-31")
            }
        );
        assert_eq!(
            own("\"2026-05-01\"", "\"2026-05-01\""),
            Problem::Contradiction {
                value: value("2026-05-01")
            }
        );
        assert_eq!(
            own("\"2026-01-01/2026-12-31\"", ""),
            Problem::TooMany { limit: DAYS_LIMIT }
        );
        let far = r#"{"year": 1, "source": "", "off": [], "work": []}"#;
        assert_eq!(
            read_calendar(far).unwrap_err(),
            Problem::Year { value: value("1") }
        );
    }

    /// The public collection, where it is at hand, says the same as the shipped years.
    #[test]
    fn the_shipped_years_agree_with_the_public_collection() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data");
        let shipped = WorkCalendar::shipped().unwrap();
        for year in [2025, 2026] {
            let Ok(text) = std::fs::read_to_string(format!("{folder}/holidays_{year}.json")) else {
                eprintln!("skipped: {folder} is not here");
                return;
            };
            let mut collection = WorkCalendar::default();
            collection.put(read_calendar(&text).unwrap());
            let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
            for date in first.iter_days().take_while(|date| date.year() == year) {
                assert_eq!(
                    shipped.is_working(date),
                    collection.is_working(date),
                    "{date}"
                );
            }
        }
    }

    proptest! {
        #[test]
        fn weeks_and_special_days_count_as_day_by_day(offset in 0_u64..1_100, length in 0_u64..800) {
            let calendar = WorkCalendar::shipped().unwrap();
            let from = date("2024-12-01") + Days::new(offset);
            let until = from + Days::new(length);
            let counted = from.iter_days().skip(1).take_while(|date| *date <= until).filter(|date| calendar.is_working(*date)).count();
            prop_assert_eq!(calendar.working_days_between(from, until), i64::try_from(counted).unwrap());
            prop_assert_eq!(calendar.working_days_between(until, from), 0);
        }

        #[test]
        fn counting_and_adding_agree(offset in 0_u64..900, count in 0_u16..60) {
            let calendar = WorkCalendar::shipped().unwrap();
            let from = date("2025-01-01") + Days::new(offset);
            let until = calendar.after_working_days(from, count);
            prop_assert_eq!(calendar.working_days_between(from, until), i64::from(count));
            prop_assert!(count == 0 || calendar.is_working(until));
        }

        #[test]
        fn the_latest_day_before_is_the_last_that_counts(offset in 60_u64..900, count in 0_u16..40) {
            let calendar = WorkCalendar::shipped().unwrap();
            let until = date("2025-01-01") + Days::new(offset);
            let latest = calendar.before_working_days(until, count);
            prop_assert!(calendar.working_days_between(latest, until) >= i64::from(count));
            prop_assert!(latest == until || calendar.working_days_between(latest + Days::new(1), until) < i64::from(count));
        }
    }
}
