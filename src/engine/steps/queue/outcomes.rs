//! How a wait in a queue can end, and what comes back with it.

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;
use super::super::super::outcome_ways;

/// How it can end. The first needs a key by which the caller can leave, the last a time limit.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 5] =
    [LEFT, TALKED, QUEUE_FULL, ERROR, TIME_LIMIT];

pub(super) const LEFT: WaitOutcome =
    WaitOutcome::trouble("left", "The caller has left by a key.").elsewhere("keys");
pub(super) const TALKED: WaitOutcome = WaitOutcome::good(
    "talked",
    "Somebody has come, they have talked, and the other side has hung up.",
)
.person();
pub(super) const QUEUE_FULL: WaitOutcome =
    WaitOutcome::trouble("full", "As many wait already as can.");
pub(super) const ERROR: WaitOutcome = WaitOutcome::trouble(
    outcome_ways::ERROR,
    "The carrier could not do it, or somebody has taken the caller out of the queue otherwise.",
)
.plain();
pub(super) const TIME_LIMIT: WaitOutcome =
    WaitOutcome::trouble("time_limit", "Nobody has come in time.");

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
    let whole = |high| Type::Integer { low: 0, high };
    vec![
        WaitFact::new(WAITED, whole(i64::MAX)),
        WaitFact::new(POSITION, whole(5_000)),
        WaitFact::new(KEY, Type::words(keys.chain([""]))),
    ]
}
