//! Examples of what is entered: at a question that refuses entries, one that it takes.

use super::sums::Assumed;
use crate::engine::flow::Flow;
use crate::engine::ids::{Slot, StepId};
use crate::engine::question::EntryRefusal;
use crate::engine::value::Value;

/// How many entries are tried: of ten that are counted up, a check digit refuses nine.
const MAX_TRIED: usize = 100;

/// What a caller enters at a step that its own conditions do not refuse as long as nothing else is known; `None` where
/// the plainest example is as good, or no other is found.
pub fn taken(flow: &Flow, step: StepId) -> Option<String> {
    let action = &flow.step(step).action;
    let refusals = action.refusals();
    let slot = action.fills().filter(|_| !refusals.is_empty())?;
    let kind = &*flow.answer(slot)?.kind;
    let plainest = kind.example();
    let is_taken = |keys: &String| {
        let value = kind.check(keys);
        value.is_some_and(|value| !refuses(refusals, slot, &value))
    };
    if is_taken(&plainest) {
        return None;
    }
    following(&plainest).take(MAX_TRIED).find(is_taken)
}

fn refuses(refusals: &[EntryRefusal], slot: Slot, value: &Value) -> bool {
    let known = [(slot, Some(value))];
    let mut refusals = refusals.iter();
    refusals.any(|refusal| refusal.refuses(&Assumed(&known)).unwrap_or(true))
}

/// The numbers that follow one, with as many digits.
fn following(digits: &str) -> impl Iterator<Item = String> {
    let length = digits.len();
    let first = digits.parse::<u64>().ok();
    let all = first
        .into_iter()
        .flat_map(|first| first.saturating_add(1)..);
    let all = all.map(move |number| format!("{number:0length$}"));
    all.take_while(move |keys| keys.len() == length)
}
