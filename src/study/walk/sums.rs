//! What is worked out on a way and set into a name: which values must be told apart to know what it comes to.

use std::sync::Arc;

use crate::engine::edge::Edge;
use crate::engine::expression::{Compiled, Computed, Name, Type, Values};
use crate::engine::fault::Fault;
use crate::engine::flow::Flow;
use crate::engine::ids::Slot;
use crate::engine::value::Value;

/// The most values of a name that are told apart; of more only the first and the last.
const MAX_VALUES: i64 = 24;
/// The most names that a sum is made of.
const MAX_NAMES: usize = 3;
/// In how many ways a sum is worked out at a moment, at most.
const MAX_WAYS: usize = 64;

/// Something that is set to what an expression comes to.
#[derive(Debug)]
struct Sum {
    to: Slot,
    by: Arc<Compiled>,
    of: Vec<Slot>,
}

/// The sums of a flow that may not fit their answer, or that conditions ask for.
#[derive(Debug, Default)]
pub struct Sums {
    sums: Vec<Sum>,
    /// What is set to each name where that is written out.
    written: Vec<(Slot, Value)>,
}

/// Values of names, as far as an expression reads them.
pub struct Assumed<'v>(pub &'v [(Slot, Option<&'v Value>)]);

impl Values for Assumed<'_> {
    fn read(&self, name: Name) -> Option<Computed<'_>> {
        let Name::Slot(slot) = name else { return None };
        let found = self.0.iter().find(|(other, _)| *other == slot)?;
        found.1.map(Computed::from)
    }

    fn need(&self, name: Name) -> Option<Computed<'_>> {
        self.read(name)
    }

    fn ask(&self, _: Name, _: &[Computed<'_>]) -> Result<Option<Computed<'_>>, Fault> {
        Ok(None)
    }
}

/// What an expression comes to; an error where it cannot be worked out, nothing where it is not set.
pub type WorkedOut = Result<Option<Value>, ()>;

/// What an expression comes to with these values.
pub fn worked_out(by: &Compiled, names: &[(Slot, Option<&Value>)]) -> WorkedOut {
    match by.value(&Assumed(names)) {
        Ok(value) => Ok(value.map(Value::from)),
        Err(_) => Err(()),
    }
}

/// Each choice of one out of each list; nothing where there are too many.
pub fn choices<T: Copy>(lists: &[Vec<T>]) -> Option<Vec<Vec<T>>> {
    let mut all: Vec<Vec<T>> = vec![Vec::new()];
    for list in lists {
        let longer = all.iter().flat_map(|chosen| {
            list.iter()
                .map(|one| chosen.iter().copied().chain([*one]).collect())
        });
        all = longer.collect();
        if all.len() > MAX_WAYS {
            return None;
        }
    }
    Some(all)
}

impl Sums {
    /// Those of a flow.
    pub fn of(flow: &Flow) -> Self {
        let mut found = Self::default();
        let edges = flow.steps.iter().flat_map(|step| step.action.edges());
        for Edge { does, .. } in edges.chain(flow.edges()) {
            for (nth, by) in &does.worked {
                let (to, of) = (does.sets[*nth].0, by.slots().unwrap_or_default());
                let is_whole = match flow.answer(to) {
                    Some(answer) => matches!(answer.kind.type_of(), Type::Integer { .. }),
                    None => true,
                };
                if is_whole && (1..=MAX_NAMES).contains(&of.len()) {
                    let by = Arc::clone(by);
                    found.sums.push(Sum { to, by, of });
                }
            }
            let written = does.sets.into_iter();
            let written = written.filter_map(|(slot, value)| Some((slot, value?)));
            found.written.extend(written);
        }
        found
    }

    /// Whether there is nothing to look at.
    pub fn is_empty(&self) -> bool {
        self.sums.is_empty()
    }

    /// The values of names that must be told apart; `compared` are those with which conditions compare a name, if any
    /// asks for it.
    pub fn told_apart(
        &self,
        flow: &Flow,
        compared: impl Fn(Slot) -> Option<Vec<Value>>,
    ) -> Vec<(Slot, Value)> {
        let mut apart: Vec<(Slot, Value)> = Vec::new();
        for Sum { to, by, of } in &self.sums {
            let of_answer = flow.answer(*to);
            if of_answer.is_none() && compared(*to).is_none() {
                continue;
            }
            let each = of
                .iter()
                .map(|slot| self.values(flow, *slot, *to, &compared));
            let Some(each) = each.collect::<Option<Vec<_>>>() else {
                continue;
            };
            if of_answer.is_some_and(|answer| {
                !may_misfit(by, of, &each, &|value| answer.kind.accepts(value))
            }) {
                continue;
            }
            for (slot, values) in of.iter().zip(each) {
                apart.extend(values.into_iter().map(|value| (*slot, value)));
            }
        }
        apart
    }

    /// The values of a name by which what is worked out from it differs.
    fn values(
        &self,
        flow: &Flow,
        slot: Slot,
        to: Slot,
        compared: impl Fn(Slot) -> Option<Vec<Value>>,
    ) -> Option<Vec<Value>> {
        let range = match flow.answer(slot).map(|answer| answer.kind.type_of()) {
            Some(Type::Integer { low, high }) => (low, high),
            Some(Type::Boolean(_)) => {
                return Some(vec![Value::Boolean(true), Value::Boolean(false)]);
            }
            Some(_) => return None,
            // A variable that counts begins somewhere, and goes to where a condition or its answer ends it.
            None => {
                let written = self.written.iter().filter(|(of, _)| *of == slot);
                let written = written.map(|(_, value)| value.clone());
                let (asked, limit) = (compared(slot), flow.answer(to));
                let limit = limit.and_then(|answer| match answer.kind.type_of() {
                    Type::Integer { high, .. } => Some(Value::Integer(high)),
                    _ => None,
                });
                let all = written.chain(asked.into_iter().flatten()).chain(limit);
                let whole = all.filter_map(|value| match value {
                    Value::Integer(number) => Some(number),
                    _ => None,
                });
                let whole: Vec<i64> = whole.collect();
                (*whole.iter().min()?, whole.iter().max()?.saturating_add(1))
            }
        };
        let (low, high) = range;
        let all = if high.saturating_sub(low) < MAX_VALUES {
            (low..=high).collect()
        } else {
            vec![low, high]
        };
        Some(all.into_iter().map(Value::Integer).collect())
    }
}

/// Whether what is worked out from the outermost values of names may not fit.
fn may_misfit(
    by: &Compiled,
    of: &[Slot],
    each: &[Vec<Value>],
    fits: &dyn Fn(&Value) -> bool,
) -> bool {
    let lists: Vec<Vec<Option<&Value>>> = each
        .iter()
        .map(|values| vec![values.first(), values.last()])
        .collect();
    choices(&lists).unwrap_or_default().iter().any(|chosen| {
        let names: Vec<_> = of.iter().copied().zip(chosen.iter().copied()).collect();
        match worked_out(by, &names) {
            Ok(value) => value.is_some_and(|value| !fits(&value)),
            Err(()) => true,
        }
    })
}
