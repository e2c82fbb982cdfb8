//! Opening hours against an evaluator that others have written, for the same hours in the language of OpenStreetMap.

use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

use chrono::DateTime;
use hookswitch::hours::{Hours, HoursState, read};
use jiff::civil::{Date, Time, date};
use jiff::{Timestamp, ToSpan};
use opening_hours::OpeningHours;

/// Where clocks are put forward by an hour at one and at two o'clock, by half an hour, at midnight, and never.
const ZONES: [&str; 5] = [
    "Europe/London",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
];

/// Hours as a file says them, and as OpenStreetMap does.
const HOURS: [(&str, &str); 4] = [
    (
        "mon-fri = [\"08:00-12:30\", \"13:30-17:30\"]\nsat = \"09:00-12:00\"\nclosed = [\"2026-12-25..2026-12-26\"]\ndays.\"2026-12-24\" = \"08:00-12:00\"\n",
        "Mo-Fr 08:00-12:30,13:30-17:30; Sa 09:00-12:00; 2026 Dec 25-2026 Dec 26 off; 2026 Dec 24 08:00-12:00",
    ),
    ("mon-sun = \"00:00-24:00\"\n", "24/7"),
    (
        "mon-sun = [\"00:15-00:45\", \"01:30-01:50\", \"02:10-02:40\", \"23:30-24:00\"]\n",
        "Mo-Su 00:15-00:45,01:30-01:50,02:10-02:40,23:30-24:00",
    ),
    ("thu-sat = \"18:00-01:30\"\n", "Th-Sa 18:00-01:30"),
];

/// Every moment of the year at which something may change and the minute before it, and every minute around the changes of
/// the clocks.
fn moments(hours: &Hours) -> BTreeSet<Timestamp> {
    let (first, last) = (date(2026, 1, 1), date(2026, 12, 31));
    let midnight = |day: Date| {
        hours
            .zone
            .to_timestamp(day.to_datetime(Time::midnight()))
            .expect("a moment")
    };
    let mut all = BTreeSet::new();
    for day in first.series(1.day()).take_while(|day| *day <= last) {
        for range in hours.of_day(day) {
            for minute in [range.from(), range.to()] {
                let clock = day.to_datetime(Time::midnight()) + i64::from(minute).minutes();
                let at = hours.zone.to_timestamp(clock).expect("a moment");
                all.extend([at, at - 1.minute(), at + 1.hour()]);
            }
        }
    }
    for turn in hours
        .zone
        .following(midnight(first))
        .take_while(|turn| turn.timestamp() < midnight(last))
    {
        all.extend((-180..180).map(|minute| turn.timestamp() + i64::from(minute).minutes()));
    }
    all
}

#[test]
fn opening_hours_are_what_another_evaluator_says() {
    for zone in ZONES {
        let tz: chrono_tz::Tz = zone.parse().expect("both know the zone");
        for (ours, theirs) in HOURS {
            let source = format!("zone = \"{zone}\"\n{ours}");
            let hours = read(&Arc::from("office.toml"), &source).expect("it can be read");
            let state = HoursState::of(&hours);
            let oracle = OpeningHours::from_str(theirs).expect("it can be read");
            let moments = moments(&hours);
            assert!(moments.len() > 700, "a year of them: {}", moments.len());
            for at in moments {
                let then = DateTime::from_timestamp(at.as_second(), 0).expect("a moment");
                let then = then.with_timezone(&tz);
                // Asked by the clock on the wall: of the last minute before it is put back the oracle
                // knows nothing otherwise.
                let expected = oracle.is_open(then.naive_local());
                assert_eq!(state.is_open(at), expected, "{zone}, {theirs}: {then}");
            }
        }
    }
}

#[test]
fn the_next_change_is_where_the_state_changes() {
    for zone in ZONES {
        for (ours, _) in HOURS {
            let source = format!("zone = \"{zone}\"\n{ours}");
            let hours = read(&Arc::from("office.toml"), &source).expect("it can be read");
            let state = HoursState::of(&hours);
            let from: Timestamp = "2026-02-20T00:00:00Z".parse().expect("a moment");
            // Every minute of eight weeks, over the spring's change of the clocks.
            let mut was = state.is_open(from);
            let mut seen = Vec::new();
            for minute in 1..(8 * 7 * 24 * 60) {
                let at = from + i64::from(minute).minutes();
                let open = state.is_open(at);
                if std::mem::replace(&mut was, open) != open {
                    seen.push((at, open));
                }
            }
            let mut after = from;
            for (at, open) in seen {
                let next = if open {
                    state.opens(after)
                } else {
                    state.closes(after)
                };
                assert_eq!(next, Some(at), "{zone}, {ours}: after {after}");
                after = at;
            }
        }
    }
}
