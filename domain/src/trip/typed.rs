//! What people type of a trip: opening hours, and known travel times as a table.

use chrono::{Datelike, NaiveDate};

use super::{KnownWay, OpenOn, OpenWindow, TravelMode};

/// Something typed that cannot be read: the part as it stands there, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypedProblem {
    pub part: usize,
    pub text: String,
}

const WEEKDAYS: [char; 7] = ['一', '二', '三', '四', '五', '六', '日'];

/// Minutes of a clock time, `9:30` or `9：30` or `9`.
fn clock(text: &str) -> Option<u16> {
    let text = text.trim().replace('：', ":");
    let (hour, minute) = text.split_once(':').unwrap_or((&text, "0"));
    let (hour, minute): (u16, u16) = (hour.trim().parse().ok()?, minute.trim().parse().ok()?);
    let total = hour.checked_mul(60)?.checked_add(minute)?;
    (minute < 60 && total <= 1440).then_some(total)
}

/// A weekday (周三, 星期三, 礼拜天) or a date (2026-07-08, 7-8, 7月8日), and what follows it. A date without a year is
/// of the year of `near`.
fn day(text: &str, near: NaiveDate) -> Option<(OpenOn, &str)> {
    for head in ["周", "星期", "礼拜"] {
        if let Some(rest) = text.strip_prefix(head) {
            let mut letters = rest.chars();
            let letter = letters.next()?;
            let letter = if letter == '天' { '日' } else { letter };
            let index = WEEKDAYS.iter().position(|own| *own == letter)?;
            return Some((OpenOn::Weekday(index as u8 + 1), letters.as_str()));
        }
    }
    let end = text
        .find(|letter: char| !(letter.is_ascii_digit() || "-/月".contains(letter)))
        .unwrap_or(text.len());
    let (date, rest) = text.split_at(end);
    let rest = rest.strip_prefix('日').unwrap_or(rest);
    let numbers: Vec<u32> = date
        .split(['-', '/', '月'])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let date = match numbers[..] {
        // Of the year in which it is nearest: a trip may go over New Year.
        [month, day] => (-1..=1)
            .filter_map(|years| NaiveDate::from_ymd_opt(near.year() + years, month, day))
            .min_by_key(|date| (*date - near).num_days().abs())?,
        [year, month, day] => NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?,
        _ => return None,
    };
    Some((OpenOn::Date(date), rest))
}

/// Reads opening hours: `周一 9:00-11:30；周三 14:00-17:00；7-8 不接待`.
///
/// # Errors
/// The first part that cannot be read.
pub fn read_hours(text: &str, near: NaiveDate) -> Result<Vec<OpenWindow>, TypedProblem> {
    let parts = text
        .split(['；', ';', '、', '，', ',', '\n'])
        .map(str::trim)
        .filter(|part| !part.is_empty());
    parts
        .enumerate()
        .map(|(index, part)| {
            window(part, near).ok_or_else(|| TypedProblem {
                part: index + 1,
                text: part.to_owned(),
            })
        })
        .collect()
}

fn window(part: &str, near: NaiveDate) -> Option<OpenWindow> {
    let (on, rest) = day(part, near)?;
    let rest = rest.trim().trim_start_matches([':', '：']).trim();
    if matches!(on, OpenOn::Date(_)) && matches!(rest, "不接待" | "休息" | "closed") {
        return Some(OpenWindow {
            on,
            from_minute: 0,
            until_minute: 0,
        });
    }
    let (from, until) = rest.split_once(['-', '—', '–', '~', '至', '到'])?;
    let until = until.trim_start_matches(['-', '—', '–']);
    let (from_minute, until_minute) = (clock(from)?, clock(until)?);
    (from_minute < until_minute).then_some(OpenWindow {
        on,
        from_minute,
        until_minute,
    })
}

/// Writes opening hours as [`read_hours`] reads them. Windows of a day of the trip are written with its date.
#[must_use]
pub fn hours_text(open: &[OpenWindow], days: &[NaiveDate]) -> String {
    let clock = |minute: u16| format!("{}:{:02}", minute / 60, minute % 60);
    let parts: Vec<String> = open
        .iter()
        .filter_map(|window| {
            let on = match window.on {
                OpenOn::Weekday(day) => {
                    format!("周{}", WEEKDAYS.get(usize::from(day).checked_sub(1)?)?)
                }
                OpenOn::Date(date) => date.to_string(),
                OpenOn::Day(day) => days.get(usize::from(day))?.to_string(),
            };
            Some(if window.from_minute == window.until_minute {
                format!("{on} 不接待")
            } else {
                format!(
                    "{on} {}-{}",
                    clock(window.from_minute),
                    clock(window.until_minute)
                )
            })
        })
        .collect();
    parts.join("；")
}

/// Reads known travel times, a line each: from, to, minutes, and where given the mode (驾车, 高铁, 飞机) and the hour
/// from which it holds. Commas of either kind or tabs between; a heading line is passed over. A table whose first cell is
/// empty, or says 城市 or city, is a matrix: destinations in its first line, origins in its first column, minutes inside.
///
/// # Errors
/// The first line that cannot be read; of a matrix the first way that is missing or no time.
pub fn read_ways(text: &str) -> Result<Vec<KnownWay>, TypedProblem> {
    // Spreadsheets mark UTF-8 with it.
    let text = text.trim_start_matches('\u{feff}');
    if let Some(matrix) = read_matrix(text) {
        return matrix;
    }
    let mut ways = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() {
            continue;
        }
        let cells: Vec<&str> = line.split(['，', ',', '\t']).map(str::trim).collect();
        let is_heading = index == 0
            && cells
                .get(2)
                .is_some_and(|cell| cell.parse::<f64>().is_err());
        if is_heading {
            continue;
        }
        let way = way(&cells).ok_or_else(|| TypedProblem {
            part: index + 1,
            text: line.to_owned(),
        })?;
        ways.push(way);
    }
    Ok(ways)
}

/// The ways of a matrix; `None` when the text is none.
fn read_matrix(text: &str) -> Option<Result<Vec<KnownWay>, TypedProblem>> {
    let split = |line: &str| -> Vec<String> {
        line.split(['，', ',', '\t'])
            .map(|cell| cell.trim().to_owned())
            .collect()
    };
    let mut lines = text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    let (_, head) = lines.next()?;
    let head = split(head);
    let corner = head.first()?.to_lowercase();
    let is_matrix = head.len() > 1
        && (corner.is_empty() || corner == "城市" || corner == "city")
        && head[1..].iter().all(|cell| cell.parse::<f64>().is_err());
    if !is_matrix {
        return None;
    }
    let mut ways = Vec::new();
    for (index, line) in lines {
        let row = split(line);
        let wrong = |text: String| {
            Some(Err(TypedProblem {
                part: index + 1,
                text,
            }))
        };
        let from = row.first().cloned().unwrap_or_default();
        if from.is_empty() || row.len() > head.len() {
            return wrong(line.trim().to_owned());
        }
        for (to, place) in head[1..].iter().zip(1..) {
            if *to == from || to.is_empty() {
                continue;
            }
            let cell = row.get(place).map(String::as_str).unwrap_or_default();
            match cell.parse::<u16>().ok().filter(|minutes| *minutes <= 1440) {
                Some(minutes) => ways.push(KnownWay {
                    from: from.clone(),
                    to: to.clone(),
                    from_hour: 0,
                    minutes,
                    mode: None,
                }),
                None => {
                    return wrong(format!("{from} → {to} {cell}").trim_end().to_owned());
                }
            }
        }
    }
    Some(Ok(ways))
}

fn way(cells: &[&str]) -> Option<KnownWay> {
    let (from, to) = (*cells.first()?, *cells.get(1)?);
    let minutes: u16 = cells.get(2)?.parse().ok()?;
    let mode = match cells.get(3).copied().unwrap_or_default() {
        "" => None,
        "驾车" | "road" => Some(TravelMode::Road),
        "高铁" | "rail" => Some(TravelMode::Rail),
        "飞机" | "flight" => Some(TravelMode::Flight),
        "市内" | "local" => Some(TravelMode::Local),
        _ => return None,
    };
    let from_hour = match cells.get(4).copied().unwrap_or_default() {
        "" => 0,
        hour => hour.parse().ok().filter(|hour| *hour < 24)?,
    };
    let is_named = !from.is_empty() && !to.is_empty() && cells.len() <= 5 && minutes <= 1440;
    is_named.then(|| KnownWay {
        from: from.to_owned(),
        to: to.to_owned(),
        from_hour,
        minutes,
        mode,
    })
}

/// Writes known ways as [`read_ways`] reads them.
#[must_use]
pub fn ways_text(ways: &[KnownWay]) -> String {
    let lines: Vec<String> = ways
        .iter()
        .map(|way| {
            let mode = match way.mode {
                None => "",
                Some(TravelMode::Road) => "驾车",
                Some(TravelMode::Rail) => "高铁",
                Some(TravelMode::Flight) => "飞机",
                Some(TravelMode::Local) => "市内",
            };
            let line = format!("{},{},{}", way.from, way.to, way.minutes);
            match (mode, way.from_hour) {
                ("", 0) => line,
                (mode, 0) => format!("{line},{mode}"),
                (mode, hour) => format!("{line},{mode},{hour}"),
            }
        })
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near() -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 7, 6).unwrap()
    }

    #[test]
    fn hours_are_read_as_they_are_said() {
        let date = |month, day| OpenOn::Date(NaiveDate::from_ymd_opt(2026, month, day).unwrap());
        let read = read_hours("周一 9:00-11:30；星期三14：00—17:00, 7-8 不接待\n7月9日 9-12；2026-07-10 10:00至11:00；礼拜天 9:05~9:10", near()).unwrap();
        let found: Vec<_> = read
            .iter()
            .map(|window| (window.on, window.from_minute, window.until_minute))
            .collect();
        assert_eq!(
            found,
            [
                (OpenOn::Weekday(1), 540, 690),
                (OpenOn::Weekday(3), 840, 1020),
                (date(7, 8), 0, 0),
                (date(7, 9), 540, 720),
                (date(7, 10), 600, 660),
                (OpenOn::Weekday(7), 545, 550),
            ]
        );
        assert_eq!(read_hours(&hours_text(&read, &[]), near()).unwrap(), read);
        assert_eq!(read_hours(" ", near()).unwrap(), []);
        let december = NaiveDate::from_ymd_opt(2026, 12, 30).unwrap();
        let new_year = NaiveDate::from_ymd_opt(2027, 1, 2).unwrap();
        let over = read_hours("1-2 不接待", december).unwrap();
        assert_eq!(over[0].on, OpenOn::Date(new_year));
        for wrong in [
            "周八 9:00-10:00",
            "周一",
            "周一 不接待",
            "13-1 9:00-10:00",
            "周一 10:00-9:00",
            "周一 25:00-26:00",
            "9:00-10:00",
        ] {
            let text = format!("周二 9:00-10:00；{wrong}");
            let problem = read_hours(&text, near()).unwrap_err();
            assert_eq!((problem.part, problem.text.as_str()), (2, wrong));
        }
        let of_day = OpenWindow {
            on: OpenOn::Day(1),
            from_minute: 540,
            until_minute: 600,
        };
        assert_eq!(
            hours_text(&[of_day], &[near(), near().succ_opt().unwrap()]),
            "2026-07-07 9:00-10:00"
        );
    }

    #[test]
    fn ways_are_read_with_or_without_a_heading() {
        let text =
            "出发,到达,分钟\n安康,西安,150\n西安，安康，155，高铁\n\n安康\t武汉\t240\t驾车\t17";
        let ways = read_ways(text).unwrap();
        let found: Vec<_> = ways
            .iter()
            .map(|way| {
                (
                    way.from.as_str(),
                    way.to.as_str(),
                    way.minutes,
                    way.mode,
                    way.from_hour,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("安康", "西安", 150, None, 0),
                ("西安", "安康", 155, Some(TravelMode::Rail), 0),
                ("安康", "武汉", 240, Some(TravelMode::Road), 17),
            ]
        );
        assert_eq!(read_ways(&ways_text(&ways)).unwrap(), ways);
        for wrong in [
            "安康,西安",
            "安康,西安,-5",
            "安康,西安,1441",
            ",西安,5",
            "安康,西安,5,船",
            "安康,西安,5,高铁,24",
            "安康,西安,5,高铁,3,x",
        ] {
            let problem = read_ways(&format!("安康,西安,150\n{wrong}")).unwrap_err();
            assert_eq!((problem.part, problem.text.as_str()), (2, wrong));
        }
    }

    #[test]
    fn a_matrix_is_read_and_its_holes_are_named() {
        let found = |text: &str| -> Vec<(String, String, u16)> {
            read_ways(text)
                .unwrap()
                .into_iter()
                .map(|way| (way.from, way.to, way.minutes))
                .collect()
        };
        let way = |from: &str, to: &str, minutes| (from.to_owned(), to.to_owned(), minutes);
        let expected = [
            way("安康", "西安", 150),
            way("安康", "武汉", 240),
            way("西安", "安康", 155),
            way("西安", "武汉", 280),
        ];
        assert_eq!(
            found("\u{feff}城市,安康,西安,武汉\n安康,0,150,240\n\n西安,155,,280\n"),
            expected
        );
        assert_eq!(
            found("\t安康\t西安\t武汉\n安康\t\t150\t240\n西安\t155\t0\t280"),
            expected
        );
        for (text, part, said) in [
            (",安康,西安\n安康,,\n", 2, "安康 → 西安"),
            (",安康,西安\n安康,,150\n西安,-5,", 3, "西安 → 安康 -5"),
            (",安康,西安\n安康,,1441", 2, "安康 → 西安 1441"),
            (",安康,西安\n,0,150", 2, ",0,150"),
            (",安康,西安\n安康,0,150,7", 2, "安康,0,150,7"),
        ] {
            let problem = read_ways(text).unwrap_err();
            assert_eq!((problem.part, problem.text.as_str()), (part, said));
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_is_too_strange(text in any::<String>()) {
            let _ = read_hours(&text, near());
            let _ = read_ways(&text);
        }
    }
}
