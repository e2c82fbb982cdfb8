//! Opening hours: a week, days that differ from it, and the zone of the clock on the wall.

use std::collections::BTreeMap;
use std::ops::Range;

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::range::{DAY, OpenRange};

/// Opening hours, as a file says them.
#[derive(Clone, Debug, PartialEq)]
pub struct Hours {
    /// Of the clock on the wall.
    pub zone: TimeZone,
    /// By weekday, from Monday, each in its order.
    pub week: [Vec<OpenRange>; 7],
    /// Days that have hours of their own.
    pub dated: BTreeMap<Date, DatedDay>,
    /// The last day for which the dated ones are known, and where that stands.
    pub until: Option<(Date, Range<usize>)>,
}

/// A day that has hours of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DatedDay {
    /// In their order; none where it is closed.
    pub open: Vec<OpenRange>,
    /// Why, as it may be told to callers.
    pub note: String,
}

impl Hours {
    /// What begins on a day.
    pub fn of_day(&self, day: Date) -> &[OpenRange] {
        match self.dated.get(&day) {
            Some(dated) => &dated.open,
            None => self.of_weekday(day),
        }
    }

    /// What begins on a day that has no hours of its own.
    pub fn of_weekday(&self, day: Date) -> &[OpenRange] {
        &self.week[day.weekday().to_monday_zero_offset() as usize]
    }

    /// Whether it is open at a minute of a day: by what begins on it, or by the tail of what began the evening before.
    pub(super) fn is_open_at(&self, day: Date, minute: u16) -> bool {
        let begun = |day: Date, minute| self.of_day(day).iter().any(|range| range.has(minute));
        begun(day, minute)
            || day
                .yesterday()
                .is_ok_and(|before| begun(before, minute + DAY))
    }

    /// Whether it is open, where that is the same at every moment.
    pub fn never_changes(&self) -> Option<bool> {
        let is_closed = self.week.iter().all(Vec::is_empty);
        let is_open = || {
            let all_day = |day: usize| {
                let before = &self.week[(day + 6) % 7];
                (0..DAY).all(|minute| {
                    let begun = self.week[day].iter().any(|range| range.has(minute));
                    begun || before.iter().any(|range| range.has(minute + DAY))
                })
            };
            (0..7).all(all_day)
        };
        let week = if is_closed {
            false
        } else if is_open() {
            true
        } else {
            return None;
        };
        let same = |dated: &DatedDay| {
            if week {
                dated.open == [OpenRange::between(0, DAY).expect("a day is a range")]
            } else {
                dated.open.is_empty()
            }
        };
        self.dated.values().all(same).then_some(week)
    }

    /// Whether it opens and closes again and again, whatever the day.
    pub fn always_changes(&self) -> bool {
        let week = Self {
            dated: BTreeMap::new(),
            ..self.clone()
        };
        week.never_changes().is_none()
    }

    /// How many days are left on a day for which the dated ones are known; less than none where it has run out.
    pub fn days_left(&self, today: Date) -> Option<i32> {
        let (until, _) = self.until.as_ref()?;
        Some((*until - today).get_days())
    }
}
