//! The zones that whoever has a number can be in, as far as its first digits tell. They are a bound and no more: a mobile
//! travels, and what is known of a block of numbers is where it was given out.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;

use crate::written::number::is_e164;

/// What numbers begin with, and the zones of each: the line of the table.
static ZONES: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
    let lines = include_str!("zones.txt").lines();
    let lines = lines.filter_map(|line| line.split_once(": "));
    let each = lines.flat_map(|(zones, begins)| begins.split(' ').map(move |one| (one, zones)));
    each.collect()
});

/// The zones that a number in E.164 can be in; none where nobody knows.
pub fn zones_of(number: &str) -> Vec<TimeZone> {
    let digits = number.strip_prefix('+').filter(|_| is_e164(number));
    let digits = digits.unwrap_or_default();
    let mut begins = (1..=digits.len()).rev().map(|length| &digits[..length]);
    let zones = begins.find_map(|begin| ZONES.get(begin));
    let names = zones.into_iter().flat_map(|zones| zones.split(' '));
    names.filter_map(|name| TimeZone::get(name).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use jiff::tz::TimeZone;

    use super::{ZONES, zones_of};

    fn names(number: &str) -> Vec<String> {
        let zones = zones_of(number).into_iter();
        let names = zones.map(|zone| zone.iana_name().unwrap_or_default().to_owned());
        names.collect()
    }

    #[test]
    fn the_longest_beginning_of_a_number_tells_where_it_is() {
        for (number, zones) in [
            ("+12025550173", &["America/New_York"][..]),
            ("+12062345678", &["America/Los_Angeles"]),
            ("+12082345678", &["America/Denver"]),
            ("+4930123456", &["Europe/Berlin"]),
            ("+390669820000", &["Europe/Vatican"]),
            ("+390878123456", &["Europe/Rome", "Europe/Vatican"]),
            ("2025550173", &[]),
            ("+", &[]),
            ("", &[]),
        ] {
            assert_eq!(names(number), zones, "{number}");
        }
        // A number that is in no place may be in any of its country.
        assert!(names("+18005550173").contains(&"Pacific/Honolulu".to_owned()));
    }

    #[test]
    fn every_zone_of_the_table_is_known() {
        let all: BTreeSet<&str> = ZONES.values().flat_map(|zones| zones.split(' ')).collect();
        assert!(all.len() > 200, "{}", all.len());
        for name in all {
            assert!(TimeZone::get(name).is_ok(), "{name}");
        }
    }
}
