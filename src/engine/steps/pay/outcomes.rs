//! How a payment can end, and what comes back with it.

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;
use super::super::super::outcome_ways;

/// How it can end.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 6] =
    [PAID, TOO_MANY, CONNECTOR, STOPPED, INVALID, ERROR];

pub(super) const PAID: WaitOutcome =
    WaitOutcome::good("paid", "The provider has taken the payment.");
pub(super) const TOO_MANY: WaitOutcome = WaitOutcome::trouble(
    "too_many",
    "The caller was silent or entered something wrong as often as may be.",
);
pub(super) const CONNECTOR: WaitOutcome = WaitOutcome::trouble(
    "connector",
    "The provider has declined the card, or could not be asked.",
)
.plain();
pub(super) const STOPPED: WaitOutcome =
    WaitOutcome::trouble("stopped", "The caller has pressed star.");
pub(super) const INVALID: WaitOutcome = WaitOutcome::trouble(
    "invalid",
    "The amount cannot be charged, or the carrier has refused what it was told.",
);
pub(super) const ERROR: WaitOutcome = WaitOutcome::trouble(
    outcome_ways::ERROR,
    "The carrier could not do it, or has told a result that is not known here.",
);

/// The provider's name for the payment; empty where there is none.
pub(super) const CONFIRMATION: &str = "confirmation";
/// The kind of card, in the carrier's word; empty where it is not known.
pub(super) const CARD: &str = "card";
/// The carrier's number for what went wrong; 0 for nothing.
pub(super) const CODE: &str = "code";

/// What comes back. Nothing of the card's numbers is among it, not even the last four digits.
pub(super) fn facts() -> Vec<WaitFact> {
    vec![
        WaitFact::new(CONFIRMATION, Type::TEXT),
        WaitFact::new(CARD, Type::TEXT),
        WaitFact::new(
            CODE,
            Type::Integer {
                low: 0,
                high: 99_999,
            },
        ),
    ]
}
