//! How a dial can end, and what comes back with it.

use std::borrow::Cow;

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end. Of several who were called the first of this list that occurred is the outcome. The first one of all
/// needs a key by which the call can be turned down.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 6] = [
    unanswered(DECLINED),
    WaitOutcome {
        name: ANSWERED,
        is_good: true,
        is_plain: true,
        is_person: true,
        is_left: false,
        group: None,
    },
    unanswered("busy"),
    WaitOutcome {
        is_plain: true,
        ..unanswered(NO_ANSWER)
    },
    unanswered(FAILED),
    WaitOutcome {
        is_left: true,
        ..unanswered("canceled")
    },
];

/// Somebody took the call.
pub(super) const ANSWERED: &str = "answered";
/// Somebody turned it down.
pub(super) const DECLINED: &str = "declined";
/// Nobody took it.
pub(super) const NO_ANSWER: &str = "no_answer";
/// What the carrier reports where it could not dial at all.
pub(super) const FAILED: &str = "failed";
/// All but the first.
pub(super) const UNANSWERED: &str = "unanswered";

/// How long they talked.
pub(super) const SECONDS: &str = "seconds";
/// Who took the call.
pub(super) const BY: &str = "by";
/// Whether the two were connected, as the carrier says.
pub(super) const BRIDGED: &str = "bridged";
/// How a SIP address answered.
pub(super) const SIP_CODE: &str = "sip_code";

/// What comes back where these are called.
pub(super) fn facts<'n>(names: impl Iterator<Item = &'n str>) -> Vec<WaitFact> {
    let fact = |name, of| WaitFact {
        name: Cow::Borrowed(name),
        of,
    };
    let whole = |high| Type::Integer { low: 0, high };
    vec![
        fact(SECONDS, whole(i64::MAX)),
        fact(BY, Type::words(names.chain([""]))),
        fact(BRIDGED, Type::BOOLEAN),
        fact(SIP_CODE, whole(699)),
    ]
}

/// The bit of an outcome among those that were met.
pub(super) fn bit(outcome: &str) -> u16 {
    let place = OUTCOMES.iter().position(|other| other.name == outcome);
    place.map_or(0, |place| 1 << place)
}

/// The outcome of all that were met.
pub(super) fn of_all(met: u16) -> &'static str {
    let met = (0..OUTCOMES.len()).find(|place| met & (1 << place) != 0);
    met.map_or(FAILED, |place| OUTCOMES[place].name)
}

const fn unanswered(name: &'static str) -> WaitOutcome {
    WaitOutcome {
        name,
        is_good: false,
        is_plain: false,
        is_person: false,
        is_left: false,
        group: Some(UNANSWERED),
    }
}
