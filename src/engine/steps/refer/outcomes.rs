//! How a transfer can end, and what comes back with it.

use std::borrow::Cow;

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 2] = [
    WaitOutcome {
        name: "referred",
        is_good: true,
        is_plain: false,
        is_person: true,
        is_left: false,
        group: None,
    },
    WaitOutcome {
        name: REFUSED,
        is_good: false,
        is_plain: true,
        is_person: false,
        is_left: false,
        group: None,
    },
];

/// It could not be done, or nobody answered there.
pub(super) const REFUSED: &str = "refused";

/// How the caller's telephone system answered.
const SIP_CODE: &str = "sip_code";
/// How whom it called answered.
const NOTIFY_CODE: &str = "notify_code";

/// What comes back.
pub(super) fn facts() -> Vec<WaitFact> {
    let code = |name| WaitFact {
        name: Cow::Borrowed(name),
        of: Type::Integer { low: 0, high: 699 },
    };
    vec![code(SIP_CODE), code(NOTIFY_CODE)]
}
