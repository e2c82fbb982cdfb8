//! What a way sets, and what is known of it then.

use std::sync::Arc;

use super::facts::{State, Watched};
use super::sums::{WorkedOut, choices, worked_out};
use crate::engine::expression::Compiled;
use crate::engine::flow::Flow;
use crate::engine::ids::Slot;
use crate::engine::value::Value;

/// What a way sets.
pub struct SetName {
    /// Its place among what the way sets.
    pub nth: usize,
    /// The name.
    pub slot: Slot,
    /// Where it stands in a state, if it is watched.
    pub place: Option<usize>,
    /// What is known of it then, whatever other names hold.
    pub known: u64,
    /// What it is worked out by.
    pub by: Option<Arc<Compiled>>,
}

/// What is set on a hop and does not fit its answer.
#[derive(Debug)]
pub struct Misfit {
    /// The hop, by its place.
    pub hop: usize,
    /// Which of what its way sets.
    pub set: usize,
    /// What it comes to; nothing where it cannot be worked out.
    pub value: Option<Value>,
}

impl SetName {
    /// Sets it in a state; what does not fit, where that is possible.
    pub fn take(&self, flow: &Flow, watched: &Watched, state: &mut State) -> Option<Option<Value>> {
        let results = self.by.as_ref().and_then(|by| results(by, watched, state));
        let Some(results) = results else {
            self.put(state, self.known);
            return None;
        };
        let fits = |value: &Value| {
            let answer = flow.answer(self.slot);
            answer.is_none_or(|answer| answer.kind.accepts(value))
        };
        let mut known = 0;
        let (mut is_exact, mut misfit) = (true, None);
        for (result, is_sure) in results {
            is_exact &= is_sure;
            match result {
                Ok(Some(value)) if fits(&value) => {
                    known |= watched.set(flow, self.slot, Some(&value), false)[0].1;
                }
                // What is not set leaves it unset, which is no class of its values.
                Ok(None) => is_exact = false,
                Ok(value) => misfit = misfit.or(Some(value)),
                Err(()) => misfit = misfit.or(Some(None)),
            }
        }
        let is_known = is_exact && known != 0;
        self.put(state, if is_known { known } else { self.known });
        misfit
    }

    fn put(&self, state: &mut State, known: u64) {
        if let Some(place) = self.place {
            state[place] = known;
        }
    }
}

/// What an expression can come to in a state, and whether nothing else is possible then.
fn results(by: &Compiled, watched: &Watched, state: &State) -> Option<Vec<(WorkedOut, bool)>> {
    let slots = by.slots().filter(|slots| !slots.is_empty())?;
    let each = slots.iter().map(|slot| watched.values(state, *slot));
    let each: Vec<Vec<(Option<Value>, bool)>> = each.collect::<Option<_>>()?;
    let lists: Vec<Vec<&(Option<Value>, bool)>> =
        each.iter().map(|values| values.iter().collect()).collect();
    let all = choices(&lists)?.into_iter().map(|chosen| {
        let values = chosen.iter().map(|(value, _)| value.as_ref());
        let names: Vec<_> = slots.iter().copied().zip(values).collect();
        let is_sure = chosen.iter().all(|(_, is_sure)| *is_sure);
        (worked_out(by, &names), is_sure)
    });
    Some(all.collect())
}
