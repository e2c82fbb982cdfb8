//! How a recording can end, and what comes back with it.

use super::super::super::came::{HUNG_UP, SID, URL, WaitFact, WaitOutcome};
use super::super::super::expression::Type;
use super::super::super::outcome_ways;

/// How it can end.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 3] = [RECORDED, EMPTY, ERROR];

pub(super) const RECORDED: WaitOutcome =
    WaitOutcome::good("recorded", "Something was said, or may have been.").plain();
pub(super) const EMPTY: WaitOutcome = WaitOutcome::trouble("empty", "Nothing was said.").plain();
pub(super) const ERROR: WaitOutcome =
    WaitOutcome::trouble(outcome_ways::ERROR, "The carrier could not record.");

/// How long it lasted.
pub(super) const SECONDS: &str = "seconds";
/// The key that ended it; empty for none.
pub(super) const KEY: &str = "key";

/// The longest call that the carrier has, in seconds.
const LONGEST: i64 = 86_400;

/// What comes back.
pub(super) fn facts() -> Vec<WaitFact> {
    let high = LONGEST;
    let keys = "0123456789*#".chars().map(String::from);
    vec![
        WaitFact::new(SECONDS, Type::Integer { low: 0, high }),
        WaitFact::new(KEY, Type::words(keys.chain([String::new()]))),
        WaitFact::new(HUNG_UP, Type::BOOLEAN),
        WaitFact::new(SID, Type::TEXT),
        WaitFact::new(URL, Type::TEXT),
    ]
}
