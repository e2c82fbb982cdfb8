//! Holidays of a calendar (iCalendar, RFC 5545): whole days, and those that come back each year, as days that are closed.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::{HoursDraft, NotRead, Years, quoted};

/// More days of one event are no holiday.
const MAX_DAYS: usize = 100;
/// The most events that are read.
const MAX_EVENTS: usize = 10_000;

/// An event as far as it matters here.
#[derive(Default)]
struct CalendarEvent {
    start: Option<String>,
    end: Option<String>,
    summary: String,
    rule: Option<String>,
    is_cancelled: bool,
}

/// Reads a calendar: a line of `days` for each closed day of these years.
///
/// # Errors
/// When it is no calendar.
pub fn ical(text: &str, years: &Years) -> Result<HoursDraft, NotRead> {
    let lines = unfolded(text);
    if lines.first().map(|line| line.trim_end()) != Some("BEGIN:VCALENDAR") {
        let help = "it begins with `BEGIN:VCALENDAR`; most calendars export it as a file that ends in .ics";
        return Err(NotRead::new("this is no calendar", help));
    }
    let mut days: BTreeMap<Date, String> = BTreeMap::new();
    let mut left_out = Vec::new();
    for event in events(&lines)? {
        match dates(&event, years) {
            Ok(dates) => {
                for day in dates {
                    days.entry(day).or_insert_with(|| event.summary.clone());
                }
            }
            Err(why) => left_out.push(format!("`{}`: {why}", event.summary)),
        }
    }
    let line = |(day, note): (&Date, &String)| {
        if note.is_empty() {
            format!("days.\"{day}\" = \"closed\"\n")
        } else {
            format!(
                "days.\"{day}\" = {{ closed = true, note = {} }}\n",
                quoted(note)
            )
        }
    };
    Ok(HoursDraft {
        text: days.iter().map(line).collect(),
        left_out,
    })
}

/// The lines, with those put together that were folded.
fn unfolded(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(more), Some(last)) => last.push_str(more),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

fn events(lines: &[String]) -> Result<Vec<CalendarEvent>, NotRead> {
    let mut events = Vec::new();
    let mut event: Option<CalendarEvent> = None;
    // What stands within an event, such as an alarm, is no part of it.
    let mut depth = 0_usize;
    for line in lines {
        let Some((head, value)) = line.split_once(':') else {
            continue;
        };
        let name = head.split(';').next().unwrap_or_default().to_uppercase();
        match (name.as_str(), value.trim_end(), &mut event) {
            ("BEGIN", "VEVENT", event @ None) => *event = Some(CalendarEvent::default()),
            ("END", "VEVENT", _) if depth == 0 => events.extend(event.take()),
            ("BEGIN", _, Some(_)) => depth += 1,
            ("END", _, Some(_)) => depth = depth.saturating_sub(1),
            (name, value, Some(event)) if depth == 0 => event.read(name, value),
            _ => {}
        }
        if events.len() > MAX_EVENTS {
            let message = format!("this calendar has more than {MAX_EVENTS} events");
            return Err(NotRead::new(message, "take one of holidays alone"));
        }
    }
    Ok(events)
}

impl CalendarEvent {
    fn read(&mut self, name: &str, value: &str) {
        match name {
            "DTSTART" => self.start = Some(value.to_owned()),
            "DTEND" => self.end = Some(value.to_owned()),
            "SUMMARY" => self.summary = plain(value),
            "RRULE" => self.rule = Some(value.to_uppercase()),
            "STATUS" => self.is_cancelled = value.eq_ignore_ascii_case("CANCELLED"),
            _ => {}
        }
    }
}

/// A text without its escapes.
fn plain(value: &str) -> String {
    let mut text = String::with_capacity(value.len());
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => match letters.next() {
                Some('n' | 'N') => text.push(' '),
                Some(other) => text.push(other),
                None => {}
            },
            letter => text.push(letter),
        }
    }
    text.trim().to_owned()
}

/// The days of an event within these years, or why it has none that can be written down.
fn dates(event: &CalendarEvent, years: &Years) -> Result<Vec<Date>, &'static str> {
    if event.is_cancelled {
        return Ok(Vec::new());
    }
    let day = |value: Option<&str>| value.and_then(day_of);
    let Some(first) = day(event.start.as_deref()) else {
        return Err("it is no event of whole days");
    };
    // The end is the day behind the last one.
    let end = day(event.end.as_deref()).filter(|end| *end > first);
    let end = end.unwrap_or_else(|| first.saturating_add(1.day()));
    let length = (end - first).get_days();
    if length < 0 || length as usize > MAX_DAYS {
        return Err("it is too long for a holiday");
    }
    let starts: Vec<Date> = match event.rule.as_deref() {
        None => vec![first],
        Some(rule) if is_yearly(rule) => {
            let years = years.clone().filter(|year| *year >= first.year());
            let of = |year| Date::new(year, first.month(), first.day()).ok();
            years.filter_map(of).collect()
        }
        Some(_) => return Err("it comes back by a rule that is not read: write its days down"),
    };
    let all = starts.into_iter().flat_map(|start| {
        let days = start.series(1.day());
        days.take(length as usize)
    });
    Ok(all.filter(|day| years.contains(&day.year())).collect())
}

/// Whether a rule says: on this date each year.
fn is_yearly(rule: &str) -> bool {
    rule.split(';')
        .all(|part| part == "FREQ=YEARLY" || part == "INTERVAL=1" || part.starts_with("WKST="))
}

/// The day of `20261225`.
fn day_of(value: &str) -> Option<Date> {
    let is_day = value.len() == 8 && value.bytes().all(|digit| digit.is_ascii_digit());
    if !is_day {
        return None;
    }
    let part = |range: std::ops::Range<usize>| value[range].parse().ok();
    Date::new(value[..4].parse().ok()?, part(4..6)?, part(6..8)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n\
        BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20261225\r\nDTEND;VALUE=DATE:20261227\r\nSUMMARY:Christmas\\, and \r\n Boxing Day\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20200101\r\nRRULE:FREQ=YEARLY\r\nSUMMARY:New Year\r\nBEGIN:VALARM\r\nSUMMARY:Wake up\r\nEND:VALARM\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260525\r\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\r\nSUMMARY:Spring bank holiday\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART:20261224T120000Z\r\nSUMMARY:Party\r\nEND:VEVENT\r\n\
        BEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260501\r\nSTATUS:CANCELLED\r\nSUMMARY:Off\r\nEND:VEVENT\r\n\
        END:VCALENDAR\r\n";

    #[test]
    fn whole_days_become_days_that_are_closed() {
        let draft = ical(CALENDAR, &(2026..=2027)).expect("a calendar");
        let expected = "days.\"2026-01-01\" = { closed = true, note = \"New Year\" }\n\
            days.\"2026-12-25\" = { closed = true, note = \"Christmas, and Boxing Day\" }\n\
            days.\"2026-12-26\" = { closed = true, note = \"Christmas, and Boxing Day\" }\n\
            days.\"2027-01-01\" = { closed = true, note = \"New Year\" }\n";
        assert_eq!(draft.text, expected);
        assert_eq!(draft.left_out.len(), 2, "{:?}", draft.left_out);
        let source = format!("zone = \"Europe/London\"\n{}", draft.text);
        crate::hours::read(&std::sync::Arc::from("a"), &source).expect("a file of hours");
    }

    #[test]
    fn what_is_no_calendar_is_refused() {
        for text in ["", "Christmas: 2026-12-25", "BEGIN:VEVENT"] {
            assert!(ical(text, &(2026..=2027)).is_err(), "{text}");
        }
        let cut = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:2026122ü\n";
        assert_eq!(ical(cut, &(2026..=2027)), Ok(HoursDraft::default()));
    }
}
