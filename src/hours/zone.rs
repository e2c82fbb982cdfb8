//! The zone of a clock, by its name.

use std::collections::BTreeSet;
use std::ops::Range;

use jiff::tz::{TimeZone, db};

use crate::written::diag::nearest;
use crate::written::{Code, Explain, Faults};

/// The zone that a name at a place means; a fault where there is none.
pub fn zone_named(
    name: &str,
    span: Range<usize>,
    check: &mut (impl Faults + ?Sized),
) -> Option<TimeZone> {
    // Its names are found in any case, but only one is the zone's.
    let zone = TimeZone::get(name).ok();
    let zone = zone.filter(|zone| zone.iana_name() == Some(name));
    if zone.is_none() {
        unknown(name, span, check);
    }
    zone
}

fn unknown(name: &str, span: Range<usize>, check: &mut (impl Faults + ?Sized)) {
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
