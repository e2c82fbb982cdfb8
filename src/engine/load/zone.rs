//! The zone of a flow's clock.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::tz::{TimeZone, db};

use super::super::keys::top::ZONE;
use super::super::read::Checker;
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Table};

/// Reads the zone; UTC where there is none.
pub(super) fn zone(top: &Table<'_>, check: &mut Checker) -> TimeZone {
    check.has_zone = top.get(ZONE.key.name).is_some();
    let Some((name, span)) = ZONE.find(top, check) else {
        return TimeZone::UTC;
    };
    // Its names are found in any case, but only one is the zone's.
    let zone = TimeZone::get(&name).ok();
    let zone = zone.filter(|zone| zone.iana_name() == Some(name.as_str()));
    zone.unwrap_or_else(|| {
        unknown(&name, span, check);
        TimeZone::UTC
    })
}

fn unknown(name: &str, span: Range<usize>, check: &mut Checker) {
    let known: BTreeSet<String> = db().available().map(|zone| zone.to_string()).collect();
    let known = || known.iter().map(String::as_str);
    // Most people know the city.
    let city = |zone: &str| zone.rsplit('/').next().unwrap_or_default().to_lowercase();
    let wanted = city(&name.replace([' ', '-'], "_"));
    let of_city = || known().find(|zone| zone.contains('/') && city(zone) == wanted);
    let help = match of_city().or_else(|| nearest(name, known())) {
        Some(near) => format!("did you mean `{near}`?"),
        None => {
            "a zone is named by continent and city: `Europe/London`, `America/New_York`".to_owned()
        }
    };
    check
        .fault(
            Code::ZoneUnknown,
            span,
            format!("there is no zone `{name}`"),
        )
        .help(help);
}

/// Reports that the clock is read and nobody knows where it hangs.
pub(super) fn needs_zone(check: &mut Checker) {
    let Some(place) = check.zoneless.take() else {
        return;
    };
    let message = "the clock is read here, and the flow does not say in which zone".to_owned();
    let help = "write `zone = \"Europe/London\"`, or whichever it is, above the first header; the moment in UTC is `now.utc`";
    check.at_place(&place, Code::ZoneMissing, message, help.to_owned());
}
