//! Whether somebody is open at a moment, and when that changes: the clock on the wall decides.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::AmbiguousOffset;
use jiff::{Timestamp, ToSpan};

use super::calendar::Hours;
use super::range::OpenRange;
use super::switch::HoursSwitch;

/// So many days behind the last dated one, every weekday has come.
const WEEK_AND_MORE: i32 = 9;

/// Opening hours, with the switch that may beat them.
///
/// It is open exactly while the clock on the wall shows a time of a range. So an opening in an hour that the clock leaves
/// out begins at the next moment there is, and a range in an hour that comes twice covers both.
#[derive(Clone, Copy, Debug)]
pub struct HoursState<'a> {
    /// What the file says.
    pub hours: &'a Hours,
    /// What beats it.
    pub switch: Option<&'a HoursSwitch>,
}

impl<'a> HoursState<'a> {
    /// What holds where nobody has switched anything.
    pub fn of(hours: &'a Hours) -> Self {
        Self {
            hours,
            switch: None,
        }
    }

    /// What the clock on the wall shows.
    pub fn clock(&self, at: Timestamp) -> DateTime {
        self.hours.zone.to_datetime(at)
    }

    /// The switch, as long as it holds.
    fn switch_at(&self, at: Timestamp) -> Option<&'a HoursSwitch> {
        self.switch.filter(|switch| at < switch.until)
    }

    /// Whether it is open.
    pub fn is_open(&self, at: Timestamp) -> bool {
        if let Some(switch) = self.switch_at(at) {
            return switch.open;
        }
        let clock = self.clock(at);
        self.hours.is_open_at(clock.date(), minute_of(clock.time()))
    }

    /// Why the day is as it is, where somebody has said so; else empty.
    pub fn note(&self, at: Timestamp) -> &'a str {
        match self.switch_at(at) {
            Some(switch) => &switch.note,
            None => {
                let dated = self.hours.dated.get(&self.clock(at).date());
                dated.map_or("", |dated| &dated.note)
            }
        }
    }

    /// When it opens next.
    pub fn opens(&self, after: Timestamp) -> Option<Timestamp> {
        self.changes(after)
            .find(|(_, open)| *open)
            .map(|(at, _)| at)
    }

    /// When it closes next.
    pub fn closes(&self, after: Timestamp) -> Option<Timestamp> {
        self.changes(after)
            .find(|(_, open)| !open)
            .map(|(at, _)| at)
    }

    /// Whether it opens on a day, be it for a minute.
    pub fn is_open_on(&self, day: Date) -> bool {
        let ranges = self.hours.of_day(day);
        let Some(switch) = self.switch else {
            return !ranges.is_empty();
        };
        let last = |range: &OpenRange| {
            let end = day.to_datetime(Time::midnight());
            end.checked_add(i64::from(range.to() - 1).minutes()).ok()
        };
        let is_after = |clock: Option<DateTime>| {
            let at = clock.and_then(|clock| self.hours.zone.to_timestamp(clock).ok());
            at.is_some_and(|at| at >= switch.until)
        };
        let is_switched_open = switch.open
            && day <= self.clock(switch.until).date()
            && !is_after(Some(day.to_datetime(Time::midnight())));
        is_switched_open || ranges.iter().any(|range| is_after(last(range)))
    }

    /// Whether it is open when the clock on the wall shows a time of a day, for the first time where it does so twice.
    pub fn is_open_at(&self, day: Date, time: Time) -> bool {
        let at = self.hours.zone.to_timestamp(day.to_datetime(time));
        at.is_ok_and(|at| self.is_open(at))
    }

    /// The changes behind a moment, and whether it is open then: those of a week, and of all that is dated or switched.
    pub fn changes(&self, after: Timestamp) -> impl Iterator<Item = (Timestamp, bool)> + use<'a> {
        let state = *self;
        let first = state.clock(after).date();
        let days = std::iter::successors(Some(first), move |day| state.day_behind(*day, first));
        let mut was = state.is_open(after);
        days.flat_map(move |day| state.instants(day))
            .filter(move |at| *at > after)
            .filter_map(move |at| {
                let open = state.is_open(at);
                let has_changed = std::mem::replace(&mut was, open) != open;
                has_changed.then_some((at, open))
            })
    }

    /// The next day on which something can change that has not changed in the week before: years between two dates that
    /// are far from each other are passed over.
    fn day_behind(&self, day: Date, first: Date) -> Option<Date> {
        let next = day.tomorrow().ok()?;
        let switched = self.switch.map(|switch| self.clock(switch.until).date());
        let week_before = next.checked_sub(WEEK_AND_MORE.days()).unwrap_or(Date::MIN);
        let tomorrow = next.tomorrow().unwrap_or(next);
        let is_near = |day: Date| (week_before..=tomorrow).contains(&day);
        let dated = &self.hours.dated;
        if is_near(first)
            || switched.is_some_and(is_near)
            || dated.range(week_before..=tomorrow).next().is_some()
        {
            return Some(next);
        }
        let later = dated.range(next..).next().map(|(day, _)| *day);
        let switched = switched.filter(|day| *day > next);
        let day = [later, switched].into_iter().flatten().min()?;
        Some(day.yesterday().unwrap_or(day))
    }

    /// The moments of a day at which something can change, in order.
    fn instants(&self, day: Date) -> Vec<Timestamp> {
        let midnight = day.to_datetime(Time::midnight());
        let own = self.hours.of_day(day).iter();
        let own = own.flat_map(|range| [i64::from(range.from()), i64::from(range.to())]);
        let before = day.yesterday().map(|day| self.hours.of_day(day));
        let before = before.unwrap_or_default().iter();
        let before = before.map(|range| i64::from(range.to()) - 24 * 60);
        let minutes = own
            .chain(before)
            .filter(|minute| (0..24 * 60).contains(minute));
        let clocks = minutes.filter_map(|minute| midnight.checked_add(minute.minutes()).ok());
        let mut all: Vec<Timestamp> = clocks.flat_map(|clock| self.shown_at(clock)).collect();
        let span = self.span(day);
        all.extend(
            self.switch
                .map(|switch| switch.until)
                .filter(|until| span.contains(until)),
        );
        all.extend(self.turns_of_clock(&span));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The moments at which the clock on the wall shows a time: two where it comes twice, none where it is left out.
    fn shown_at(&self, clock: DateTime) -> impl Iterator<Item = Timestamp> + use<> {
        let offsets = match self.hours.zone.to_ambiguous_timestamp(clock).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
            AmbiguousOffset::Gap { .. } => [None, None],
        };
        let all = offsets.into_iter().flatten();
        all.filter_map(move |offset| offset.to_timestamp(clock).ok())
    }

    /// From the beginning of a day to that of the next.
    fn span(&self, day: Date) -> Range<Timestamp> {
        let begins = |day: Date| {
            self.hours
                .zone
                .to_timestamp(day.to_datetime(Time::midnight()))
        };
        let from = begins(day).unwrap_or(Timestamp::MIN);
        let to = day.tomorrow().and_then(begins).unwrap_or(Timestamp::MAX);
        from..to
    }

    /// When the clock is put forward or back within a day.
    fn turns_of_clock(&self, span: &Range<Timestamp>) -> Vec<Timestamp> {
        let zone = &self.hours.zone;
        if zone.to_offset(span.start) == zone.to_offset(span.end) {
            return Vec::new();
        }
        let turns = zone.following(span.start).map(|turn| turn.timestamp());
        turns.take_while(|turn| *turn <= span.end).collect()
    }
}

fn minute_of(time: Time) -> u16 {
    u16::try_from(i32::from(time.hour()) * 60 + i32::from(time.minute()))
        .expect("a time of day has a minute of the day")
}
