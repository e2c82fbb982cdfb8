//! How a request can end.

use std::sync::LazyLock;

use super::super::super::awaiting::HELD;
use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;
use super::super::super::outcome_ways;
use super::super::take::{self, Take};

/// How it can end, statuses of their own apart. The first needs something that is taken.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 6] =
    [MISFIT, GOOD, REFUSED, FAILED, TIME_LIMIT, ERROR];

pub(super) const MISFIT: WaitOutcome = WaitOutcome::trouble(
    "misfit",
    "The service did what was asked, and something that is taken is missing or of another type.",
);
pub(super) const GOOD: WaitOutcome = WaitOutcome::good("2xx", "The service did what was asked.");
pub(super) const REFUSED: WaitOutcome = WaitOutcome::trouble(
    "4xx",
    "The service refused, with a status that has no way of its own.",
);
pub(super) const FAILED: WaitOutcome = WaitOutcome::trouble(
    "5xx",
    "The service failed, with a status that has no way of its own.",
);
pub(super) const TIME_LIMIT: WaitOutcome =
    WaitOutcome::trouble("time_limit", "The service did not answer in time.");
pub(super) const ERROR: WaitOutcome = WaitOutcome::trouble(
    outcome_ways::ERROR,
    "The service could not be asked, gave no answer that can be used, or is left alone because it fails.",
)
.plain();

/// The statuses that a flow may have a way of its own for, in order.
static STATUSES: LazyLock<Vec<WaitOutcome>> = LazyLock::new(|| {
    let named = (FIRST..=LAST).map(|status| &*status.to_string().leak());
    let outcome = |name| WaitOutcome::trouble(name, "The service answered with this status.");
    named.map(outcome).collect()
});

/// The statuses that are no success and no redirect.
const FIRST: u16 = 400;
pub(super) const LAST: u16 = 599;

/// The status that was answered; 0 where none was.
pub(super) const STATUS: &str = "status";

/// The outcome of a status, by its name under `on`, if it is one that can have a way of its own.
pub(super) fn status(name: &str) -> Option<&'static WaitOutcome> {
    let status: u16 = name.parse().ok().filter(|_| name.len() == 3)?;
    STATUSES.get(usize::from(status.checked_sub(FIRST)?))
}

/// Those of the outcomes that can come.
pub(super) fn possible(takes: bool) -> &'static [WaitOutcome] {
    &OUTCOMES[usize::from(!takes)..]
}

/// What comes back where this is taken.
pub(super) fn facts(takes: &[Take]) -> Vec<WaitFact> {
    let high = LAST.into();
    let first = [
        WaitFact::new(STATUS, Type::Integer { low: 0, high }),
        WaitFact::new(HELD, Type::BOOLEAN),
    ];
    first.into_iter().chain(take::taken(takes)).collect()
}
