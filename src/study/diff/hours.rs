//! The days on which opening hours differ that both versions read.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::comparison::Comparison;
use super::{Change, FlowChange, What};
use crate::engine::diag::Place;
use crate::engine::flow::Flow;
use crate::hours::{Hours, ranges_text, weekday_name};

/// Days in a row, from the first to the last, and what is open on them: before, and now.
type Run = (Date, Date, String, String);

impl Comparison<'_> {
    /// Compares the opening hours of each name.
    pub(super) fn hours(&mut self, old: &Flow, new: &Flow) {
        for (name, now) in &new.hours {
            let Some((_, before)) = old.hours.iter().find(|(other, _)| other == name) else {
                continue;
            };
            let zone = |hours: &Hours| hours.zone.iana_name().unwrap_or("UTC").to_owned();
            if before.zone != now.zone {
                self.note_hours(name, "the zone".to_owned(), zone(before), zone(now));
            }
            for (first, last, was, is) in week(before, now) {
                let days = named(
                    weekday_name(first.weekday()),
                    weekday_name(last.weekday()),
                    "-",
                );
                self.note_hours(name, days, was, is);
            }
            for (first, last, was, is) in dates(before, now) {
                let days = named(&first.to_string(), &last.to_string(), "..");
                self.note_hours(name, days, was, is);
            }
        }
    }

    fn note_hours(&mut self, name: &str, what: String, old: String, new: String) {
        let bundle = &self.new.loaded.bundle;
        let file = bundle.hours.iter().find(|file| file.name == name);
        let change = Change {
            steps: Vec::new(),
            what: What::Flow(FlowChange::Hours(name.to_owned(), what, old, new)),
            at: Place {
                file: file.map_or_else(|| bundle.file.clone(), |file| file.file.clone()),
                span: 0..0,
            },
            gone: false,
        };
        self.found.push((0, change));
    }
}

fn named(first: &str, last: &str, to: &str) -> String {
    if first == last {
        first.to_owned()
    } else {
        format!("{first}{to}{last}")
    }
}

/// The weekdays that differ.
fn week(old: &Hours, new: &Hours) -> Vec<Run> {
    // 2026-01-05 is a Monday.
    let days = date(2026, 1, 5).series(1.day()).take(7);
    let told = |hours: &Hours, day| ranges_text(hours.of_weekday(day));
    runs(days.map(|day| (day, told(old, day), told(new, day))))
}

/// The dates that differ, where one of the versions names them.
fn dates(old: &Hours, new: &Hours) -> Vec<Run> {
    let named: std::collections::BTreeSet<Date> =
        old.dated.keys().chain(new.dated.keys()).copied().collect();
    let told = |hours: &Hours, day: Date| {
        let note = hours.dated.get(&day).map_or("", |dated| &dated.note);
        let note = if note.is_empty() {
            String::new()
        } else {
            format!(" ({note})")
        };
        format!("{}{note}", ranges_text(hours.of_day(day)))
    };
    runs(
        named
            .into_iter()
            .map(|day| (day, told(old, day), told(new, day))),
    )
}

/// Days that differ alike, those in a row together.
fn runs(days: impl Iterator<Item = (Date, String, String)>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (day, was, is) in days.filter(|(_, was, is)| was != is) {
        match runs.last_mut() {
            Some((_, last, old, new))
                if last.tomorrow().is_ok_and(|next| next == day)
                    && (&*old, &*new) == (&was, &is) =>
            {
                *last = day;
            }
            _ => runs.push((day, day, was, is)),
        }
    }
    runs
}
