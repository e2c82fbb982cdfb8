//! Opening hours by several clocks at once: of somebody who may be in any of several zones.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use super::calendar::Hours;
use super::state::HoursState;

/// How far ahead is looked, in days: hours that are dated a year ahead are found.
const DAYS: i64 = 400;

/// The first moment, now or later, at which it is open by the clocks of all these zones, whatever zone the file says; by
/// the file's own where there are none. `None` where there is no such moment in more than a year.
pub fn open_everywhere(hours: &Hours, zones: &[TimeZone], now: Timestamp) -> Option<Timestamp> {
    let own = std::slice::from_ref(&hours.zone);
    let zones = if zones.is_empty() { own } else { zones };
    let by_each = zones.iter().map(|zone| Hours {
        zone: zone.clone(),
        ..hours.clone()
    });
    let by_each: Vec<Hours> = by_each.collect();
    let last = now.checked_add((DAYS * 24).hours()).ok()?;
    let mut at = now;
    while at <= last {
        let mut closed = by_each.iter().map(HoursState::of);
        match closed.find(|state| !state.is_open(at)) {
            None => return Some(at),
            Some(state) => at = state.opens(at)?,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use jiff::tz::TimeZone;

    use super::open_everywhere;
    use crate::hours::read;

    fn opens(source: &str, zones: &[&str], now: &str) -> Option<String> {
        let hours = read(&Arc::from("calling.toml"), source).expect("they are sound");
        let zone = |name: &&str| TimeZone::get(name).expect("a zone");
        let zones: Vec<TimeZone> = zones.iter().map(zone).collect();
        let now: Timestamp = now.parse().expect("a moment");
        open_everywhere(&hours, &zones, now).map(|at| at.to_string())
    }

    #[test]
    fn it_is_open_where_all_clocks_say_so() {
        let hours = "zone = \"Europe/London\"\nmon-sun = \"08:00-21:00\"\n";
        let coasts = ["America/New_York", "America/Los_Angeles"];
        for (zones, now, opens_at) in [
            (
                &["Europe/Berlin"][..],
                "2026-11-23T06:30:00Z",
                "2026-11-23T07:00:00Z",
            ),
            (
                &["Europe/Berlin"],
                "2026-11-23T12:00:00Z",
                "2026-11-23T12:00:00Z",
            ),
            (
                &["Europe/Berlin"],
                "2026-11-23T20:00:00Z",
                "2026-11-24T07:00:00Z",
            ),
            (&coasts, "2026-11-23T13:30:00Z", "2026-11-23T16:00:00Z"),
            // Nine in the evening in New York: in Los Angeles too it is tomorrow then.
            (&coasts, "2026-11-24T02:00:00Z", "2026-11-24T16:00:00Z"),
            // The file's own clock, where nobody knows the number.
            (&[], "2026-11-23T06:30:00Z", "2026-11-23T08:00:00Z"),
        ] {
            let found = opens(hours, zones, now);
            assert_eq!(found.as_deref(), Some(opens_at), "{zones:?} {now}");
        }
    }

    #[test]
    fn clocks_that_never_agree_are_never_open_together() {
        let hours = "zone = \"Europe/London\"\nmon-sun = \"08:00-10:00\"\n";
        let zones = ["America/New_York", "America/Los_Angeles"];
        assert_eq!(opens(hours, &zones, "2026-11-23T06:30:00Z"), None);
    }
}
