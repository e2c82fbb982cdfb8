//! `opening_hours` of OpenStreetMap: weekdays and dates with ranges, `off` and `24/7`.
//!
//! A rule beats those before it on the days that it names. Seasons, weeks, the sun, "unknown" and comments are refused:
//! they have no place in a file of ours.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{HoursDraft, NotRead, Years, quoted, ranges};
use crate::hours::OpenRange;

/// Longer ones are not typed by people.
const MAX_TEXT: usize = 4096;
/// A row of dates that is longer is a season.
const MAX_DAYS: usize = 366;

const WEEKDAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
/// The same, as a file of ours has them.
const OURS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

const FORM: &str =
    "what is read: `Mo-Fr 08:00-12:30,13:30-17:30; Sa 09:00-12:00; 2026 Dec 24 off`, `24/7`";

/// The days that a rule is about.
#[derive(Default)]
struct Selected {
    weekdays: Vec<usize>,
    dates: Vec<Date>,
    /// Whether it names public holidays, which nobody here knows.
    holidays: bool,
}

/// Reads a text; `zone` is that of the place.
///
/// # Errors
/// When a part of it has no place in a file of ours; the message names it.
pub fn osm(text: &str, zone: &str, years: &Years) -> Result<HoursDraft, NotRead> {
    if text.len() > MAX_TEXT {
        let message = format!("this text has {} bytes", text.len());
        return Err(NotRead::new(message, format!("at most {MAX_TEXT}")));
    }
    let mut week: [Vec<OpenRange>; 7] = Default::default();
    let mut dated: BTreeMap<Date, Vec<OpenRange>> = BTreeMap::new();
    let mut left_out = Vec::new();
    let rules = text
        .split(';')
        .map(str::trim)
        .filter(|rule| !rule.is_empty());
    let mut count = 0;
    for rule in rules {
        count += 1;
        let (selected, open) = read_rule(rule, years)?;
        for day in &selected.weekdays {
            week[*day].clone_from(&open);
        }
        dated.extend(selected.dates.iter().map(|day| (*day, open.clone())));
        if selected.holidays {
            left_out.push(format!(
                "`{rule}`: nobody here knows the public holidays; `hookswitch hours import ical` reads a calendar of them"
            ));
        }
    }
    if count == 0 {
        return Err(NotRead::new("there is nothing to read", FORM));
    }
    Ok(HoursDraft {
        text: written(zone, &week, &dated),
        left_out,
    })
}

fn written(
    zone: &str,
    week: &[Vec<OpenRange>; 7],
    dated: &BTreeMap<Date, Vec<OpenRange>>,
) -> String {
    let mut text = format!("zone = {}\n", quoted(zone));
    let days: Vec<usize> = (0..7).collect();
    for run in days.chunk_by(|one, other| week[*one] == week[*other]) {
        let (first, last) = (OURS[run[0]], OURS[run[run.len() - 1]]);
        if week[run[0]].is_empty() {
            continue;
        }
        let key = if first == last {
            first.to_owned()
        } else {
            format!("{first}-{last}")
        };
        text += &format!("{key} = {}\n", ranges(&week[run[0]]));
    }
    for (day, open) in dated {
        text += &format!("days.\"{day}\" = {}\n", ranges(open));
    }
    text
}

/// The days that a rule names, and what is open on them.
fn read_rule(rule: &str, years: &Years) -> Result<(Selected, Vec<OpenRange>), NotRead> {
    if rule == "24/7" {
        let all = Selected {
            weekdays: (0..7).collect(),
            ..Selected::default()
        };
        return Ok((all, vec![OpenRange::between(0, 24 * 60).expect("a day")]));
    }
    if let Some(part) = [
        "\"", "||", "+", "sunrise", "sunset", "dawn", "dusk", "unknown", "week ",
    ]
    .into_iter()
    .find(|part| rule.contains(part))
    {
        let message = format!(
            "`{}` in `{rule}` has no place in a file of hours",
            part.trim()
        );
        return Err(NotRead::new(message, FORM));
    }
    let (days, open) = cut(rule);
    let open = match open {
        "" => {
            let message = format!("`{rule}` says no hours");
            return Err(NotRead::new(message, FORM));
        }
        "off" | "closed" => Vec::new(),
        times => times
            .split(',')
            .map(|time| range(time.trim(), rule))
            .collect::<Result<_, _>>()?,
    };
    Ok((select(days, rule, years)?, open))
}

/// A rule before and from its hours on.
fn cut(rule: &str) -> (&str, &str) {
    for word in ["off", "closed"] {
        if let Some(days) = rule.strip_suffix(word) {
            return (days.trim(), word);
        }
    }
    let is_time =
        |word: &str| word.as_bytes().get(2) == Some(&b':') || word.as_bytes().get(1) == Some(&b':');
    let mut at = 0;
    for word in rule.split_inclusive(' ') {
        if is_time(word) {
            return (rule[..at].trim().trim_end_matches(':'), rule[at..].trim());
        }
        at += word.len();
    }
    (rule, "")
}

fn range(text: &str, rule: &str) -> Result<OpenRange, NotRead> {
    let minute = |text: &str| {
        let (hour, minute) = text.trim().split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60 && hour <= 48).then(|| hour * 60 + minute)
    };
    let read = || {
        let (from, to) = text.split_once('-')?;
        let (from, to) = (minute(from)?, minute(to)?);
        // 26:00 is two o'clock of the next day.
        let to = if to > 24 * 60 { to - 24 * 60 } else { to };
        OpenRange::between(from, to)
    };
    read().ok_or_else(|| NotRead::new(format!("`{text}` in `{rule}` is no range of hours"), FORM))
}

fn select(days: &str, rule: &str, years: &Years) -> Result<Selected, NotRead> {
    let mut selected = Selected::default();
    if days.is_empty() {
        selected.weekdays = (0..7).collect();
        return Ok(selected);
    }
    for part in days.split(',').map(str::trim) {
        if let Some(weekdays) = weekdays(part) {
            selected.weekdays.extend(weekdays);
        } else if part == "PH" {
            selected.holidays = true;
        } else {
            selected.dates.extend(dates(part, years).ok_or_else(|| {
                let message = format!("`{part}` in `{rule}` has no place in a file of hours");
                NotRead::new(message, FORM)
            })?);
        }
    }
    Ok(selected)
}

fn weekdays(part: &str) -> Option<Vec<usize>> {
    let place = |name: &str| WEEKDAYS.iter().position(|known| *known == name);
    match part.split_once('-') {
        None => Some(vec![place(part)?]),
        Some((first, last)) => {
            let (first, last) = (place(first)?, place(last)?);
            Some(
                (0..=(last + 7 - first) % 7)
                    .map(|more| (first + more) % 7)
                    .collect(),
            )
        }
    }
}

/// The dates of `Dec 25`, `Dec 24-26`, `2026 Dec 25`, `2026 Dec 30-2027 Jan 02`: of those years where no year is named.
fn dates(part: &str, years: &Years) -> Option<Vec<Date>> {
    let (first, last) = part.split_once('-').map_or((part, None), |(first, last)| {
        (first.trim(), Some(last.trim()))
    });
    let (year, month, day) = day_of(first)?;
    let (end_year, end_month, end_day) = match last {
        None => (year, month, day),
        Some(last) => match last.parse() {
            Ok(day) => (year, month, day),
            Err(_) => {
                let (end_year, end_month, end_day) = day_of(last)?;
                (end_year.or(year), end_month, end_day)
            }
        },
    };
    let of: Vec<i16> = year.map_or_else(|| years.clone().collect(), |year| vec![year]);
    let mut all = Vec::new();
    for year in of {
        // The 29th of February stands only in years that have one.
        let Ok(from) = Date::new(year, month, day) else {
            continue;
        };
        let end_year = end_year.unwrap_or(year + i16::from((end_month, end_day) < (month, day)));
        let to = Date::new(end_year, end_month, end_day).ok()?;
        let days = from.series(1.day()).take_while(|day| *day <= to);
        all.extend(days.take(MAX_DAYS));
    }
    (!all.is_empty()).then_some(all)
}

/// Year, month and day of `2026 Dec 25` or `Dec 25`.
fn day_of(text: &str) -> Option<(Option<i16>, i8, i8)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let (year, month, day) = match words[..] {
        [year, month, day] => (Some(year.parse().ok()?), month, day),
        [month, day] => (None, month, day),
        _ => return None,
    };
    let month = MONTHS.iter().position(|known| *known == month)?;
    Some((year, i8::try_from(month + 1).ok()?, day.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn read(text: &str) -> Result<HoursDraft, NotRead> {
        let draft = osm(text, "Europe/London", &(2026..=2027))?;
        crate::hours::read(&Arc::from("a"), &draft.text)
            .unwrap_or_else(|diags| panic!("{}\n{diags:?}", draft.text));
        Ok(draft)
    }

    fn lines(text: &str) -> Vec<String> {
        let draft = read(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        draft.text.lines().skip(1).map(str::to_owned).collect()
    }

    #[test]
    fn the_common_part_is_read() {
        assert_eq!(
            lines("Mo-Fr 08:00-12:30,13:30-17:30; Sa 09:00-12:00"),
            [
                "mon-fri = [\"08:00-12:30\", \"13:30-17:30\"]",
                "sat = \"09:00-12:00\""
            ]
        );
        assert_eq!(lines("24/7"), ["mon-sun = \"00:00-24:00\""]);
        assert_eq!(lines("Mo-Su,PH 10:00-18:00"), ["mon-sun = \"10:00-18:00\""]);
        assert_eq!(
            lines("08:00-20:00; We off"),
            ["mon-tue = \"08:00-20:00\"", "thu-sun = \"08:00-20:00\""]
        );
        assert_eq!(lines("Fr-Sa 22:00-26:00"), ["fri-sat = \"22:00-02:00\""]);
        assert_eq!(
            lines("Mo 09:00-17:00; 2026 Dec 24 09:00-12:00; Dec 25-26 off"),
            [
                "mon = \"09:00-17:00\"",
                "days.\"2026-12-24\" = \"09:00-12:00\"",
                "days.\"2026-12-25\" = \"closed\"",
                "days.\"2026-12-26\" = \"closed\"",
                "days.\"2027-12-25\" = \"closed\"",
                "days.\"2027-12-26\" = \"closed\"",
            ]
        );
        assert_eq!(lines("Mo 09:00-17:00; Dec 31-Jan 01 off").len(), 5);
    }

    #[test]
    fn holidays_are_left_out_and_the_rest_is_refused_in_words() {
        let draft = read("Mo-Fr 09:00-17:00; PH off").expect("it can be read");
        assert_eq!(draft.left_out.len(), 1);
        for (text, part) in [
            ("", "nothing to read"),
            ("Mo-Fr", "says no hours"),
            ("Apr-Oct: Mo-Fr 09:00-17:00", "Apr-Oct: Mo-Fr"),
            ("Mo-Fr sunrise-sunset", "`sunrise`"),
            ("Mo-Fr 09:00+", "`+`"),
            ("week 1-10 Mo 09:00-10:00", "`week`"),
            ("Mo \"by appointment\"", "`\"`"),
            ("Mo 09:00-09:00", "`09:00-09:00`"),
            ("Mo[1] 09:00-10:00", "`Mo[1]`"),
            ("SH off", "`SH`"),
        ] {
            let error = read(text).expect_err(text);
            assert!(error.message.contains(part), "{text}: {error}");
        }
    }

    #[test]
    fn no_text_breaks_it() {
        let pieces = [
            "Mo", "-", "Fr", " ", "08:00", ",", ";", "Dec", "29", "2027", "Feb", "off", "24/7",
            "ü", ":", "é:",
        ];
        for one in pieces {
            for two in pieces {
                for three in pieces {
                    for four in pieces {
                        let _ = osm(
                            &format!("{one}{two}{three}{four}"),
                            "Europe/London",
                            &(2026..=2027),
                        );
                    }
                }
            }
        }
    }
}
