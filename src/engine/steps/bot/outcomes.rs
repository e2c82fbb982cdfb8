//! How a talk with a machine can end, and what comes back with it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::super::super::came::{WaitFact, WaitOutcome};
use super::super::super::expression::Type;
use super::super::super::outcome_ways::ERROR;
use super::super::take::{self, Take};

/// How it can end, beside the words of the machine's own.
pub(in crate::engine::steps) static OUTCOMES: [WaitOutcome; 6] =
    [DONE, LOST, UNREACHABLE, SILENT, MISFIT, TIME_LIMIT];

/// The word under `on` for all ends that are the machine's fault, and for the first of them.
pub(super) const LOST_GROUP: &str = "lost";

pub(super) const DONE: WaitOutcome = WaitOutcome::good("done", "The machine has ended the talk.");
pub(super) const LOST: WaitOutcome =
    WaitOutcome::trouble(LOST_GROUP, "The machine was lost in the middle.")
        .in_group(LOST_GROUP)
        .plain();
pub(super) const UNREACHABLE: WaitOutcome = WaitOutcome::trouble(
    "unreachable",
    "The machine could not be reached, or it is not known here where it is.",
)
.in_group(LOST_GROUP);
pub(super) const SILENT: WaitOutcome =
    WaitOutcome::trouble("silent", "The machine says that nobody has said anything.")
        .in_group(LOST_GROUP);
pub(super) const MISFIT: WaitOutcome = WaitOutcome::trouble(
    "misfit",
    "What the machine has told is not what the flow takes, or names no end that the flow knows.",
)
.in_group(LOST_GROUP);
pub(super) const TIME_LIMIT: WaitOutcome =
    WaitOutcome::trouble("time_limit", "The time was over.").in_group(LOST_GROUP);
/// What a word of the machine's own means.
pub(in crate::engine::steps) const OWN: &str = "The machine has ended the talk with this word.";

/// The longest word.
const LONGEST: usize = 64;

/// Seconds that it lasted.
pub(super) const SECONDS: &str = "seconds";
/// The carrier's number for what went wrong; 0 for nothing.
pub(super) const CODE: &str = "code";
/// What the machine hands back, as it came: JSON, if all is well. It is read once, and no fact of the step: nobody knows what
/// else a machine has put into it.
pub(super) const HANDOFF: &str = "handoff";

/// The end that is a word of the machine's own. Each word is kept once for as long as the program runs: flows name few, and the
/// same again after each reload.
pub(super) fn own(word: &str) -> Option<&'static WaitOutcome> {
    static WORDS: Mutex<BTreeMap<String, &'static WaitOutcome>> = Mutex::new(BTreeMap::new());
    let is_known = |known: &WaitOutcome| known.name == word;
    if word.len() > LONGEST || word == ERROR || OUTCOMES.iter().any(is_known) {
        return None;
    }
    let mut words = WORDS.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = words.entry(word.to_owned()).or_insert_with(|| {
        let name: &'static str = word.to_owned().leak();
        &*Box::leak(Box::new(WaitOutcome::good(name, OWN)))
    });
    Some(*outcome)
}

/// What comes back where this is taken.
pub(super) fn facts(takes: &[Take]) -> Vec<WaitFact> {
    let whole = |high| Type::Integer { low: 0, high };
    let first = [
        WaitFact::new(SECONDS, whole(86_400)),
        WaitFact::new(CODE, whole(99_999)),
    ];
    first.into_iter().chain(take::taken(takes)).collect()
}
