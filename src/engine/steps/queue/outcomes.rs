//! How a wait in a queue can end, and what comes back with it.

use std::borrow::Cow;

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end. The first needs a key by which the caller can leave, the last a time limit.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 5] = [
    trouble(LEFT),
    WaitOutcome {
        is_good: true,
        is_person: true,
        ..trouble(TALKED)
    },
    trouble("full"),
    WaitOutcome {
        is_plain: true,
        ..trouble(ERROR)
    },
    trouble(TIME_LIMIT),
];

/// The caller has left by a key.
pub(super) const LEFT: &str = "left";
/// Somebody has come, and they have talked.
pub(super) const TALKED: &str = "talked";
/// The caller could not be put into the queue, or was taken out of it by others.
pub(super) const ERROR: &str = "error";
/// Nobody has come in time.
pub(super) const TIME_LIMIT: &str = "time_limit";

/// Seconds that the caller has waited.
pub(super) const WAITED: &str = "waited";
/// The place that the caller has heard last; 0 where none was told.
pub(super) const POSITION: &str = "position";
/// The key by which the caller has left; empty where there was none.
pub(super) const KEY: &str = "key";

/// Those of the outcomes that can come.
pub(super) fn possible(has_keys: bool, has_limit: bool) -> &'static [WaitOutcome] {
    let first = usize::from(!has_keys);
    let last = OUTCOMES.len() - usize::from(!has_limit);
    &OUTCOMES[first..last]
}

/// What comes back where the caller can leave by these keys.
pub(super) fn facts<'n>(keys: impl Iterator<Item = &'n str>) -> Vec<WaitFact> {
    let fact = |name, of| WaitFact {
        name: Cow::Borrowed(name),
        of,
    };
    let whole = |high| Type::Integer { low: 0, high };
    vec![
        fact(WAITED, whole(i64::MAX)),
        fact(POSITION, whole(5_000)),
        fact(KEY, Type::words(keys.chain([""]))),
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
