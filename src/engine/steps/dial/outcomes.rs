//! How a dial can end, and what comes back with it.

use super::super::super::came::{SID, URL, WaitFact, WaitOutcome};
use super::super::super::expression::Type;

/// How it can end. Of several who were called the first of this list that occurred is the outcome. The first one of all
/// needs a key by which the call can be turned down.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 6] =
    [DECLINED, ANSWERED, BUSY, NO_ANSWER, FAILED, CANCELED];

/// All but the second.
pub(super) const UNANSWERED: &str = "unanswered";

pub(super) const DECLINED: WaitOutcome = WaitOutcome::trouble(
    "declined",
    "Somebody turned the call down by the key of `decline`.",
)
.in_group(UNANSWERED);
pub(super) const ANSWERED: WaitOutcome = WaitOutcome::good(
    "answered",
    "They have talked, and the other side has hung up.",
)
.plain()
.person();
pub(super) const BUSY: WaitOutcome =
    WaitOutcome::trouble("busy", "The line was busy.").in_group(UNANSWERED);
pub(super) const NO_ANSWER: WaitOutcome =
    WaitOutcome::trouble("no_answer", "It rang, and nobody took the call.")
        .plain()
        .in_group(UNANSWERED);
/// Also what the carrier reports where it could not dial at all.
pub(super) const FAILED: WaitOutcome =
    WaitOutcome::trouble("failed", "The number could not be reached.").in_group(UNANSWERED);
pub(super) const CANCELED: WaitOutcome =
    WaitOutcome::trouble("canceled", "The call was given up while it rang.")
        .left()
        .in_group(UNANSWERED);

/// How long they talked.
pub(super) const SECONDS: &str = "seconds";
/// Who took the call.
pub(super) const BY: &str = "by";
/// Whether the two were connected, as the carrier says.
pub(super) const BRIDGED: &str = "bridged";
/// How a SIP address answered.
pub(super) const SIP_CODE: &str = "sip_code";

/// Those of the outcomes that can come.
pub(super) fn possible(can_decline: bool) -> &'static [WaitOutcome] {
    &OUTCOMES[usize::from(!can_decline)..]
}

/// What comes back where these are called, and where they are recorded.
pub(super) fn facts<'n>(names: impl Iterator<Item = &'n str>, is_recorded: bool) -> Vec<WaitFact> {
    let whole = |high| Type::Integer { low: 0, high };
    let recording = [SID, URL].map(|name| WaitFact::new(name, Type::TEXT));
    let talk = [
        WaitFact::new(SECONDS, whole(i64::MAX)),
        WaitFact::new(BY, Type::words(names.chain([""]))),
        WaitFact::new(BRIDGED, Type::BOOLEAN),
        WaitFact::new(SIP_CODE, whole(699)),
    ];
    let recording = recording.into_iter().filter(|_| is_recorded);
    talk.into_iter().chain(recording).collect()
}

/// The bit of an outcome among those that were met.
pub(super) fn bit(outcome: &str) -> u16 {
    let place = OUTCOMES.iter().position(|other| other.name == outcome);
    place.map_or(0, |place| 1 << place)
}

/// The outcome of all that were met.
pub(super) fn of_all(met: u16) -> &'static str {
    let met = (0..OUTCOMES.len()).find(|place| met & (1 << place) != 0);
    met.map_or(FAILED.name, |place| OUTCOMES[place].name)
}
