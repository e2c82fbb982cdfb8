//! From the text of a file to opening hours, or to all of its faults.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use jiff::ToSpan;
use jiff::civil::Date;
use toml::de::{DeTable, DeValue};

use super::calendar::{DatedDay, Hours};
use super::day::{NoDays, WEEKDAYS, date, date_help, dates, weekdays, weekdays_meant};
use super::keys::{CLOSED, DATED_CLOSED, DATED_NOTE, DATED_OPEN, DAYS, KEYS, UNTIL, ZONE};
use super::range::{DAY, OpenRange, meant};
use super::zone::zone_named;
use crate::written::diag::{Diag, Place, bounded, nearest};
use crate::written::syntax::{self, Dialect};
use crate::written::{Code, Explain, Faults, Item, MAX_SOURCE, Table};

/// That nothing begins on a day.
const NEVER: &str = "closed";
/// The most dates that a file may name: ten years of them.
const MAX_DATES: usize = 3660;

/// What a file of hours is read as.
const DIALECT: Dialect<'static> = Dialect {
    sure: &[
        Code::HoursDay,
        Code::HoursRange,
        Code::KeyUnknown,
        Code::ValueWrongType,
        Code::ZoneUnknown,
    ],
    tables: &[DAYS.name],
    lists: &[],
};

/// Reads the text of a file.
///
/// # Errors
/// All faults at once, in the order of the file.
pub fn read(file: &Arc<str>, source: &str) -> Result<Hours, Vec<Diag>> {
    let mut reader = Reader {
        file: Arc::clone(file),
        diags: Vec::new(),
        week: std::array::from_fn(|_| None),
        dated: BTreeMap::new(),
    };
    if source.len() > MAX_SOURCE {
        let message = format!("this file has {} bytes", source.len());
        reader
            .fault(Code::FlowTooLarge, 0..0, message)
            .help(format!("at most {MAX_SOURCE}"));
        return Err(reader.diags);
    }
    let (text, broken) = syntax::faults(source);
    let (document, _) = DeTable::parse_recoverable(&text);
    let top = Table::new(document.get_ref(), document.span());
    let hours = reader.hours(&top);
    let mut diags = reader.diags;
    if !broken.is_empty() {
        diags = syntax::tell(broken, file, diags, &DIALECT);
    }
    diags.sort_by_key(|diag| diag.at.span.start);
    diags.dedup();
    match hours.filter(|_| diags.is_empty()) {
        Some(hours) => Ok(hours),
        None => Err(bounded(diags)),
    }
}

/// A range, and where it stands.
type Written = (OpenRange, Range<usize>);

/// The days of a file so far, and its faults.
struct Reader {
    file: Arc<str>,
    diags: Vec<Diag>,
    /// By weekday: what is open, and where the day is named.
    week: [Option<(Vec<Written>, Range<usize>)>; 7],
    dated: BTreeMap<Date, (DatedDay, Range<usize>)>,
}

impl Faults for Reader {
    fn fault(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diag {
        let at = self.place(span);
        self.diags.push(Diag::new(code, at, message));
        self.diags.last_mut().expect("one was pushed")
    }
}

impl Reader {
    fn place(&self, span: Range<usize>) -> Place {
        Place {
            file: Arc::clone(&self.file),
            span,
        }
    }

    fn hours(&mut self, top: &Table<'_>) -> Option<Hours> {
        let zone = self.zone(top);
        for (key, item) in top.all() {
            if let Some(days) = weekdays(key) {
                self.of_week(&days, item);
            } else if !KEYS.iter().any(|known| known.name == key) {
                self.unknown_key(key, item);
            }
        }
        if let Some(item) = top.get(CLOSED.name) {
            self.closed(item);
        }
        let days = top.get(DAYS.name);
        let what = "`days` must be a table: `days.\"2026-12-24\" = \"08:00-12:00\"`";
        let days = days.and_then(|item| item.table(self, what));
        for (days, item) in days.map(|table| table.all()).unwrap_or_default() {
            self.dated(days, item);
        }
        let until = top.get(UNTIL.name).and_then(|item| self.until(item));
        self.tails();
        let week = std::mem::take(&mut self.week).map(|day| {
            let ranges = day.map(|(ranges, _)| ranges).unwrap_or_default();
            ranges.into_iter().map(|(range, _)| range).collect()
        });
        let dated = std::mem::take(&mut self.dated).into_iter();
        Some(Hours {
            zone: zone?,
            week,
            dated: dated.map(|(day, (dated, _))| (day, dated)).collect(),
            until,
        })
    }

    fn zone(&mut self, top: &Table<'_>) -> Option<jiff::tz::TimeZone> {
        let Some(item) = top.get(ZONE.name) else {
            let message = "nobody says which clock these hours go by".to_owned();
            self.fault(Code::ZoneMissing, 0..0, message)
                .help("write `zone = \"Europe/London\"`, or whichever it is, in the first line");
            return None;
        };
        let name = item.text(self, "`zone` must be text")?;
        zone_named(name, item.span(), self)
    }

    fn unknown_key(&mut self, key: &str, item: Item<'_>) {
        let known = KEYS.iter().map(|key| key.name).chain(WEEKDAYS);
        let help = match weekdays_meant(key).or_else(|| nearest(key, known).map(str::to_owned)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if date(key).is_ok() => format!("write `days.\"{key}\"`"),
            None => {
                "a day is `mon`, several in a row are `mon-fri`; dates stand in `closed` and `days`"
                    .to_owned()
            }
        };
        let message = format!("a file of hours has no key `{key}`");
        self.fault(Code::KeyUnknown, item.key_span(), message)
            .help(help);
    }

    fn of_week(&mut self, days: &[usize], item: Item<'_>) {
        let ranges = self.ranges(item);
        for day in days {
            if let Some((_, first)) = &self.week[*day] {
                let first = first.clone();
                self.twice(WEEKDAYS[*day], item.key_span(), first);
            } else {
                self.week[*day] = Some((ranges.clone(), item.key_span()));
            }
        }
    }

    fn twice(&mut self, day: &str, span: Range<usize>, first: Range<usize>) {
        let first = self.place(first);
        let diag = self.fault(Code::HoursTwice, span, format!("`{day}` has hours already"));
        diag.help("a day is named once: take it out of one of the two");
        diag.also = Some((first, "here".to_owned()));
    }

    /// The ranges of a day, in their order.
    fn ranges(&mut self, item: Item<'_>) -> Vec<Written> {
        let what = "hours must be text such as \"08:00-12:30\", or a list of such texts";
        let mut ranges: Vec<Written> = Vec::new();
        let texts = item.texts(self, what);
        let is_alone = texts.len() == 1;
        for (text, span) in texts {
            match OpenRange::parse(text) {
                Some(range) => ranges.push((range, span)),
                None if is_alone && text == NEVER => {}
                None => self.no_range(text, span),
            }
        }
        ranges.sort_by_key(|(range, _)| *range);
        for at in 1..ranges.len() {
            let ((before, first), (range, span)) = (&ranges[at - 1], &ranges[at]);
            if range.from() < before.to() {
                self.overlap(*range, span.clone(), *before, first.clone());
            }
        }
        ranges
    }

    fn no_range(&mut self, text: &str, span: Range<usize>) {
        let help = match meant(text) {
            Some(range) => format!("write `{range}`"),
            None => "from when to when, with two digits each: `08:00-12:30`; the day ends at 24:00"
                .to_owned(),
        };
        let message = format!("`{text}` says no hours");
        self.fault(Code::HoursRange, span, message).help(help);
    }

    fn overlap(
        &mut self,
        range: OpenRange,
        span: Range<usize>,
        before: OpenRange,
        first: Range<usize>,
    ) {
        let first = self.place(first);
        let message = format!("`{range}` begins before `{before}` is over");
        let diag = self.fault(Code::HoursOverlap, span, message);
        diag.help("write one range for both, or end the first where the second begins");
        diag.also = Some((first, "this one".to_owned()));
    }

    /// Reports weekdays that begin before what began the evening before is over.
    fn tails(&mut self) {
        for day in 0..7 {
            let (Some((evening, _)), Some((morning, _))) =
                (&self.week[day], &self.week[(day + 1) % 7])
            else {
                continue;
            };
            let (Some((last, first)), Some((next, span))) = (evening.last(), morning.first())
            else {
                continue;
            };
            if next.from() + DAY < last.to() {
                let (last, first, next, span) = (*last, first.clone(), *next, span.clone());
                // A line for several days has its fault once.
                let is_told = |diag: &Diag| diag.code == Code::HoursOverlap && diag.at.span == span;
                if !self.diags.iter().any(is_told) {
                    self.overlap(next, span, last, first);
                }
            }
        }
    }

    fn closed(&mut self, item: Item<'_>) {
        let entries = item.entries().unwrap_or_else(|| vec![item]);
        for entry in entries {
            let Some(text) = self.date_text(entry, "`closed` must be a list of dates") else {
                continue;
            };
            self.add(&text, entry.span(), &DatedDay::default());
        }
    }

    fn dated(&mut self, days: &str, item: Item<'_>) {
        let day = match item.as_table() {
            Some(table) => self.dated_table(table, item),
            None => DatedDay {
                open: self.plain_ranges(item),
                note: String::new(),
            },
        };
        self.add(days, item.key_span(), &day);
    }

    fn plain_ranges(&mut self, item: Item<'_>) -> Vec<OpenRange> {
        let ranges = self.ranges(item).into_iter();
        ranges.map(|(range, _)| range).collect()
    }

    fn dated_table(&mut self, table: Table<'_>, item: Item<'_>) -> DatedDay {
        let closed = table.get(DATED_CLOSED.name);
        let open = table.get(DATED_OPEN.name);
        let note = table.get(DATED_NOTE.name);
        let note = note.and_then(|note| note.text(self, "`note` must be text"));
        if let Some(closed) = closed {
            let is_closed = closed.boolean(self, "`closed` must be true");
            if is_closed == Some(false) || open.is_some() {
                let message = "this date is closed and is not".to_owned();
                self.fault(Code::HoursRange, closed.span(), message)
                    .help("write `closed = true`, or `open = \"08:00-12:00\"` alone");
            }
        } else if open.is_none() {
            let message = "nobody says when this date is open".to_owned();
            self.fault(Code::HoursRange, item.key_span(), message)
                .help("add `open = \"08:00-12:00\"`, or `closed = true`");
        }
        let open = open.map(|open| self.plain_ranges(open)).unwrap_or_default();
        table.finish(self, "a date");
        DatedDay {
            open,
            note: note.unwrap_or_default().to_owned(),
        }
    }

    /// Gives the dates that a text names their hours.
    fn add(&mut self, days: &str, span: Range<usize>, dated: &DatedDay) {
        let (mut day, last) = match dates(days) {
            Ok(dates) => dates,
            Err(NoDays::Date(text)) => return self.no_date(&text, span),
            Err(NoDays::Backwards) => {
                let message = format!("`{days}` ends before it begins");
                self.fault(Code::HoursDay, span, message)
                    .help("the first date stands first");
                return;
            }
        };
        loop {
            if self.dated.len() == MAX_DATES {
                let message = format!("this file names more than {MAX_DATES} dates");
                self.fault(Code::HoursDay, span, message)
                    .help("ten years of dates are the most");
                return;
            }
            if let Some((_, first)) = self.dated.get(&day) {
                let first = first.clone();
                return self.twice(&day.to_string(), span, first);
            }
            self.dated.insert(day, (dated.clone(), span.clone()));
            match day.checked_add(1.day()) {
                Ok(next) if next <= last => day = next,
                _ => return,
            }
        }
    }

    fn no_date(&mut self, text: &str, span: Range<usize>) {
        let message = format!("`{text}` is no date");
        self.fault(Code::HoursDay, span, message)
            .help(date_help(text));
    }

    fn until(&mut self, item: Item<'_>) -> Option<(Date, Range<usize>)> {
        let text = self.date_text(item, "`until` must be a date such as \"2027-12-31\"")?;
        let day = date(&text).ok();
        if day.is_none() {
            self.no_date(&text, item.span());
        }
        Some((day?, item.span()))
    }

    /// The text of a date; TOML has dates without quotes too.
    fn date_text(&mut self, item: Item<'_>, what: &str) -> Option<String> {
        match item.value {
            DeValue::Datetime(date) if date.time.is_none() => Some(date.to_string()),
            _ => item.text(self, what).map(str::to_owned),
        }
    }
}
