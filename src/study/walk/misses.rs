//! How a caller can miss at a question, and what is no answer to it.

use crate::engine::diag::StepEvent;
use crate::engine::edge::By;
use crate::engine::flow::Flow;
use crate::engine::ids::StepId;
use crate::engine::key::{KeyHearing, said};
use crate::engine::question::Miss;
use crate::engine::speech::{Choice, Normal};
use crate::engine::step::Step;
use crate::written::CallerAct;

/// Whether a caller can miss so at a question, is asked again, and comes to be out of attempts.
pub fn counts(flow: &Flow, step: StepId, miss: Miss) -> bool {
    let action = &flow.step(step).action;
    let is_possible = || !action.refusals().is_empty() || can_be_wrong(flow, step);
    action.counts(miss) && (miss == Miss::NoInput || is_possible())
}

/// Whether something can be pressed or said at a question that is no answer, apart from what is refused.
pub fn can_be_wrong(flow: &Flow, step: StepId) -> bool {
    let action = &flow.step(step).action;
    action.hears() || !has_any(&**action) && free_keys(flow, step).is_some()
}

fn has_any(action: &(dyn Step + 'static)) -> bool {
    action.edges().iter().any(|edge| edge.by == By::AnyKey)
}

/// What is no answer to a question.
pub fn wrong(flow: &Flow, step: StepId) -> StepEvent {
    let action = &flow.step(step).action;
    if let Some(keys) = free_keys(flow, step).filter(|_| !has_any(&**action)) {
        return StepEvent::press(keys);
    }
    // Every key leads somewhere: only words are wrong, and what is refused.
    if !action.hears() {
        let refused = action.edges().into_iter().find_map(|edge| match edge.by {
            By::Keys(keys) | By::Entry(keys) if edge.does.into.is_some() => Some(keys),
            _ => None,
        });
        return StepEvent::press(refused.unwrap_or_else(|| "#".to_owned()));
    }
    StepEvent::Acts(CallerAct::Says(unknown_words(flow, step).into()))
}

/// Words that stand for no key of a question, in none of the flow's languages.
fn unknown_words(flow: &Flow, step: StepId) -> String {
    let action = &flow.step(step).action;
    let keys = action.keys().iter().chain(flow.anywhere_at(step));
    let is_known = |words: &str| {
        let mut languages = (0..).zip(&flow.languages);
        languages.any(|(place, language)| {
            let heard = Normal::new(words, &language.tag);
            let meant = said(&keys, &heard, (place, &language.tag), |_, _| {
                KeyHearing::Near
            });
            meant != Choice::None
        })
    };
    let mut words = "none of these".to_owned();
    while is_known(&words) {
        // No language has such a word, and none that is longer is like it.
        words = format!("qx{}", words.replace(' ', ""));
    }
    words
}

/// Keys that have no way of their own at a question; `None` where each has one.
pub fn free_keys(flow: &Flow, step: StepId) -> Option<String> {
    let all = [
        "8", "7", "6", "5", "4", "3", "0", "9", "2", "1", "*", "9999", "00",
    ];
    // In a menu the number sign is a key like any other; alone it is silence in an ask.
    let all = all.into_iter().chain(is_menu(flow, step).then_some("#"));
    all.into_iter()
        .find(|keys| is_free(flow, step, keys))
        .map(str::to_owned)
}

/// Whether keys have no way of their own at a question, as far as the carrier waits for them.
pub fn is_free(flow: &Flow, step: StepId, keys: &str) -> bool {
    let action = &flow.step(step).action;
    let mut own = action.keys().iter().chain(flow.anywhere_at(step));
    // An entry ends by itself where all have one length.
    let most = entry_length(flow, step);
    let keys = most.and_then(|most| keys.get(..most)).unwrap_or(keys);
    !action.takes(keys) && !own.any(|other| other.keys.starts_with(keys))
}

fn is_menu(flow: &Flow, step: StepId) -> bool {
    let action = &flow.step(step).action;
    action.options() > 0 || has_any(&**action)
}

/// How many keys the carrier waits for at a question; nothing where that is open.
fn entry_length(flow: &Flow, step: StepId) -> Option<usize> {
    let action = &flow.step(step).action;
    if is_menu(flow, step) {
        let mut lengths = action.keys().iter().chain(flow.anywhere_at(step));
        let first = lengths.next()?.keys.len();
        return lengths.all(|key| key.keys.len() == first).then_some(first);
    }
    let answer = flow.answer(action.fills()?)?;
    let (shortest, longest) = answer.kind.length();
    (shortest == longest).then_some(longest as usize)
}
