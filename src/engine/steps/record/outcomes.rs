//! How a recording can end, and what comes back with it.

use std::borrow::Cow;

use super::super::super::came::{HUNG_UP, WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 3] = [
    WaitOutcome {
        name: RECORDED,
        is_good: true,
        is_plain: true,
        is_person: false,
        is_left: false,
        group: None,
    },
    WaitOutcome {
        is_plain: true,
        ..trouble(EMPTY)
    },
    trouble(ERROR),
];

/// Something was said, or may have been.
pub(super) const RECORDED: &str = "recorded";
/// Nothing was said.
pub(super) const EMPTY: &str = "empty";
/// The carrier could not record.
pub(super) const ERROR: &str = "error";

/// How long it lasted.
pub(super) const SECONDS: &str = "seconds";
/// The key that ended it; empty for none.
pub(super) const KEY: &str = "key";
/// Its name at the carrier.
pub(super) const SID: &str = "sid";
/// Where it lies.
pub(super) const URL: &str = "url";

/// The longest call that the carrier has, in seconds.
const LONGEST: i64 = 86_400;

/// What comes back.
pub(super) fn facts() -> Vec<WaitFact> {
    let fact = |name, of| WaitFact {
        name: Cow::Borrowed(name),
        of,
    };
    let high = LONGEST;
    let keys = "0123456789*#".chars().map(String::from);
    vec![
        fact(SECONDS, Type::Integer { low: 0, high }),
        fact(KEY, Type::words(keys.chain([String::new()]))),
        fact(HUNG_UP, Type::BOOLEAN),
        fact(SID, Type::TEXT),
        fact(URL, Type::TEXT),
    ]
}

const fn trouble(name: &'static str) -> WaitOutcome {
    WaitOutcome {
        name,
        is_good: false,
        is_plain: false,
        is_person: false,
        is_left: false,
        group: None,
    }
}
