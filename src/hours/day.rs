//! Days as a file of hours names them: weekdays and runs of them, dates and runs of them.

use jiff::civil::{Date, Weekday};

/// The weekdays, from Monday.
pub(super) const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// What else people call them.
const LONG: [&str; 7] = [
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
];
/// What stands between the first and the last of a run of dates.
const RUN: &str = "..";

/// A weekday as a file of hours names it.
pub fn weekday_name(day: Weekday) -> &'static str {
    WEEKDAYS[day.to_monday_zero_offset() as usize]
}

/// The weekdays that a key names, counted from Monday: `mon`, `mon-fri`, `sat-mon`.
pub(super) fn weekdays(key: &str) -> Option<Vec<usize>> {
    let place = |name: &str| WEEKDAYS.iter().position(|known| *known == name);
    let Some((first, last)) = key.split_once('-') else {
        return place(key).map(|day| vec![day]);
    };
    let (first, last) = (place(first)?, place(last)?);
    let count = (last + 7 - first) % 7;
    (count > 0).then(|| (0..=count).map(|more| (first + more) % 7).collect())
}

/// The key that was probably meant by one which names no weekdays: `Monday`, `mon - fri`, `Sat`.
pub(super) fn weekdays_meant(key: &str) -> Option<String> {
    let part = |name: &str| {
        let name = name.trim().to_lowercase();
        let is_named = |(short, long): (&&str, &&str)| {
            name == **short || name.len() > 2 && long.starts_with(&name)
        };
        let at = WEEKDAYS.iter().zip(&LONG).position(is_named)?;
        Some(WEEKDAYS[at])
    };
    let plain = key.replace(['–', '_'], "-");
    let key = match plain.split_once('-') {
        Some((first, last)) => format!("{}-{}", part(first)?, part(last)?),
        None => part(&plain)?.to_owned(),
    };
    weekdays(&key).map(|_| key)
}

/// Why a text names no days.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoDays {
    /// It is no date.
    Date(String),
    /// The last day is before the first.
    Backwards,
}

/// The first and the last of the days that a text names: `2026-12-24`, `2026-12-25..2026-12-26`.
pub(super) fn dates(text: &str) -> Result<(Date, Date), NoDays> {
    let (first, last) = text.split_once(RUN).unwrap_or((text, text));
    let (first, last) = (date(first)?, date(last)?);
    if last < first {
        return Err(NoDays::Backwards);
    }
    Ok((first, last))
}

/// The day that a text names.
pub(super) fn date(text: &str) -> Result<Date, NoDays> {
    let is_of_form = text.len() == 10 && !text.contains(['T', ' ']);
    let day = text.parse().ok().filter(|_| is_of_form);
    day.ok_or_else(|| NoDays::Date(text.to_owned()))
}

/// What to write instead of a text that is no date.
pub(super) fn date_help(text: &str) -> String {
    if let [year, "02", "29"] = text.split('-').collect::<Vec<_>>()[..] {
        return format!("{year} has no 29th of February");
    }
    let parts: Vec<&str> = text.split(['.', '/', '-', ' ']).collect();
    let meant = match parts[..] {
        [day, month, year] if year.len() == 4 => Some((year, month, day)),
        [year, month, day] if year.len() == 4 => Some((year, month, day)),
        _ => None,
    };
    let meant = meant.and_then(|(year, month, day)| {
        let day: Date = format!("{year}-{month:0>2}-{day:0>2}").parse().ok()?;
        Some(format!("write `{day}`: year, month, day"))
    });
    meant.unwrap_or_else(|| {
        "a date is `2026-12-24`, and several in a row are `2026-12-25..2026-12-26`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_names_weekdays() {
        assert_eq!(weekdays("wed"), Some(vec![2]));
        assert_eq!(weekdays("mon-fri"), Some(vec![0, 1, 2, 3, 4]));
        assert_eq!(weekdays("sat-mon"), Some(vec![5, 6, 0]));
        assert_eq!(weekdays("mon-sun").map(|days| days.len()), Some(7));
        for key in ["monday", "Mon", "mon-", "mon-mon", "days", "mon-fri-sat"] {
            assert_eq!(weekdays(key), None, "{key}");
        }
        assert_eq!(weekdays_meant("Monday").as_deref(), Some("mon"));
        assert_eq!(weekdays_meant("tues").as_deref(), Some("tue"));
        assert_eq!(weekdays_meant("Mon - Fri").as_deref(), Some("mon-fri"));
        assert_eq!(weekdays_meant("mo"), None);
    }

    #[test]
    fn a_text_names_dates() {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        let (first, last) = (day("2026-12-25"), day("2026-12-26"));
        assert_eq!(dates("2026-12-25"), Ok((first, first)));
        assert_eq!(dates("2026-12-25..2026-12-26"), Ok((first, last)));
        assert_eq!(dates("2026-12-26..2026-12-25"), Err(NoDays::Backwards));
        for text in [
            "2027-02-29",
            "2026-12",
            "25.12.2026",
            "2026-12-25T10:00",
            "",
        ] {
            assert!(matches!(dates(text), Err(NoDays::Date(_))), "{text}");
        }
        assert_eq!(
            date_help("25.12.2026"),
            "write `2026-12-25`: year, month, day"
        );
        assert_eq!(date_help("2027-02-29"), "2027 has no 29th of February");
    }
}
