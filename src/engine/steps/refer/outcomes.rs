//! How a transfer can end, and what comes back with it.

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 2] = [REFERRED, REFUSED];

pub(super) const REFERRED: WaitOutcome = WaitOutcome::good(
    "referred",
    "The caller's telephone system has called there, and somebody has answered.",
)
.person();
pub(super) const REFUSED: WaitOutcome = WaitOutcome::trouble(
    "refused",
    "The call did not come by SIP, or the caller's telephone system would not, or nobody answered there.",
)
.plain();

/// How the caller's telephone system answered.
const SIP_CODE: &str = "sip_code";
/// How whom it called answered.
const NOTIFY_CODE: &str = "notify_code";

/// What comes back.
pub(super) fn facts() -> Vec<WaitFact> {
    let code = |name| WaitFact::new(name, Type::Integer { low: 0, high: 699 });
    vec![code(SIP_CODE), code(NOTIFY_CODE)]
}
