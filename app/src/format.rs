//! Figures as people read them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, Utc};
use domain::lead::{LeadCard, LimitUnit};

use crate::words::Locale;

/// 万元 as 亿元 with one decimal, two below 1 亿.
#[must_use]
pub fn yi(wan: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "amounts stay far below 2^52")]
    let yi = wan as f64 / 10_000.0;
    if wan != 0 && yi.abs() < 1.0 {
        format!("{yi:.2}")
    } else {
        grouped(&format!("{yi:.1}"))
    }
}

/// A planned investment, 万元, as [`yi`] shows it; a dash for one that nobody has named.
#[must_use]
pub fn investment(wan: Option<i64>) -> String {
    wan.map_or_else(|| "—".to_owned(), yi)
}

/// Thousands parted by commas.
#[must_use]
pub fn count(number: impl Into<i128>) -> String {
    grouped(&number.into().to_string())
}

fn grouped(number: &str) -> String {
    let (whole, fraction) = number
        .split_once('.')
        .map_or((number, None), |(whole, fraction)| (whole, Some(fraction)));
    let (sign, digits) = whole
        .strip_prefix('-')
        .map_or(("", whole), |digits| ("-", digits));
    let mut parted = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            parted.push(',');
        }
        parted.push(digit);
    }
    match fraction {
        Some(fraction) => format!("{sign}{parted}.{fraction}"),
        None => format!("{sign}{parted}"),
    }
}

/// Minutes since midnight as 09:30.
#[must_use]
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// Minutes since midnight of `09:30`; `None` for no time.
#[must_use]
pub fn minute_of(text: &str) -> Option<u16> {
    let (hours, minutes) = text.trim().split_once(':')?;
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.get(..2)?.parse().ok()?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Minutes as 3:40.
#[must_use]
pub fn duration(minutes: u32) -> String {
    format!("{}:{:02}", minutes / 60, minutes % 60)
}

/// Hours with one decimal.
#[must_use]
pub fn hours(minutes: u32) -> String {
    format!("{:.1}", f64::from(minutes) / 60.0)
}

fn zone() -> FixedOffset {
    // China keeps one time; the offset is always valid.
    FixedOffset::east_opt(8 * 3600).unwrap_or_else(|| chrono::Offset::fix(&Utc))
}

/// The zone's day of an instant.
#[must_use]
pub fn zone_day(instant: DateTime<Utc>) -> NaiveDate {
    instant.with_timezone(&zone()).date_naive()
}

/// 6-29 09:12 in the zone's time.
#[must_use]
pub fn moment(instant: DateTime<Utc>) -> String {
    let local = instant.with_timezone(&zone());
    format!(
        "{}-{} {}",
        local.month(),
        local.day(),
        local.format("%H:%M")
    )
}

/// 2026-06-29 09:12 in the zone's time.
#[must_use]
pub fn instant(instant: DateTime<Utc>) -> String {
    instant
        .with_timezone(&zone())
        .format("%Y-%m-%d %H:%M")
        .to_string()
}

/// 2026-06-29 in the zone's time.
#[must_use]
pub fn day(instant: DateTime<Utc>) -> String {
    zone_day(instant).to_string()
}

/// 6-29.
#[must_use]
pub fn short_day(date: NaiveDate) -> String {
    format!("{}-{}", date.month(), date.day())
}

/// 周一.
#[must_use]
pub fn weekday(words: Locale, date: NaiveDate) -> &'static str {
    let names = match words {
        Locale::ZhCn => ["周一", "周二", "周三", "周四", "周五", "周六", "周日"],
        Locale::En => ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"],
    };
    names
        .get(date.weekday().num_days_from_monday() as usize)
        .copied()
        .unwrap_or_default()
}

/// Province and city in a few characters.
#[must_use]
pub fn place(province: Option<&str>, city: Option<&str>) -> String {
    let city = city.map(|city| city.strip_suffix('市').unwrap_or(city));
    match (province, city) {
        (Some(province), Some(city)) if province != city => format!("{province} {city}"),
        (Some(one), _) | (None, Some(one)) => one.to_owned(),
        (None, None) => "—".to_owned(),
    }
}

/// What a phone dials of a number as it is written: digits before an extension; empty when there are none.
#[must_use]
pub fn dialled(phone: &str) -> String {
    phone
        .chars()
        .take_while(|one| *one != '转')
        .filter(|one| one.is_ascii_digit() || *one == '+')
        .collect()
}

/// File size in KB or MB.
#[must_use]
pub fn size(bytes: i64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
    let kilobytes = bytes as f64 / 1024.0;
    if kilobytes < 1024.0 {
        format!("{kilobytes:.0} KB")
    } else {
        format!("{:.1} MB", kilobytes / 1024.0)
    }
}

/// Days in the stage against its limit: 4/7, or 4.
#[must_use]
pub fn stage_days(card: &LeadCard) -> String {
    match card.limit_days {
        Some(limit) => format!("{}/{limit}", card.days_in_stage),
        None => card.days_in_stage.to_string(),
    }
}

/// How late a lead is in its stage, in the unit that its limit counts in; `None` when it is not.
#[must_use]
pub fn late(words: Locale, card: &LeadCard) -> Option<String> {
    let days = card.days_late()?;
    Some(match card.limit_in {
        LimitUnit::Days => words.late_days(days),
        LimitUnit::WorkingDays => words.late_working_days(days),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_browsers_write_it() {
        assert_eq!(minute_of("09:30"), Some(570));
        assert_eq!(minute_of("23:59:00"), Some(1439));
        for text in ["", "9", "24:00", "09:60", "九点", "09:3"] {
            assert_eq!(minute_of(text), None, "{text}");
        }
    }

    #[test]
    fn money_is_shown_in_yi() {
        assert_eq!(yi(65_000), "6.5");
        assert_eq!(yi(8_000), "0.80");
        assert_eq!(yi(0), "0.0");
        assert_eq!(yi(123_456_789), "12,345.7");
    }

    #[test]
    fn thousands_are_parted() {
        assert_eq!(count(2882), "2,882");
        assert_eq!(count(-1_234_567), "-1,234,567");
        assert_eq!(count(12), "12");
    }

    #[test]
    fn times_are_the_zones() {
        let instant = DateTime::parse_from_rfc3339("2026-06-29T17:30:00Z")
            .unwrap()
            .to_utc();
        assert_eq!(moment(instant), "6-30 01:30");
        assert_eq!(day(instant), "2026-06-30");
        assert_eq!(clock(545), "09:05");
        assert_eq!(duration(218), "3:38");
    }
}
