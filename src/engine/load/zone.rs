//! The zone of a flow's clock.

use jiff::tz::TimeZone;

use super::super::keys::top::ZONE;
use super::super::read::Checker;
use crate::hours::zone_named;
use crate::written::{Code, Table};

/// Reads the zone; UTC where there is none.
pub(super) fn zone(top: &Table<'_>, check: &mut Checker) -> TimeZone {
    check.here.has_zone = top.get(ZONE.key.name).is_some();
    let named = ZONE.find(top, check);
    let zone = named.and_then(|(name, span)| zone_named(&name, span, check));
    zone.unwrap_or(TimeZone::UTC)
}

/// Reports that the clock is read and nobody knows where it hangs.
pub(super) fn needs_zone(check: &mut Checker) {
    let zoneless = check.zoneless.take();
    // Where others go through the flow, theirs is meant.
    let zoneless = zoneless.filter(|_| !check.here.is_subflow);
    let Some(place) = zoneless else { return };
    let message = "the clock is read here, and the flow does not say in which zone".to_owned();
    let help = "write `zone = \"Europe/London\"`, or whichever it is, above the first header; the moment in UTC is `now.utc`";
    check.at_place(&place, Code::ZoneMissing, message, help.to_owned());
}
