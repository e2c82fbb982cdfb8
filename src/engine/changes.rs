//! Changes to answers and variables: `set`, `append` and `forget`, beside `next`, on a key, or as an action of their own.

use std::ops::Range;
use std::sync::Arc;

use super::edge::{Appends, Effect, RoomAfter};
use super::expression::{Compiled, Name as ValueName, Values};
use super::fault::Fault;
use super::ids::Slot;
use super::template::Template;
use super::value::Value;

/// What is set, what is moved into a list and what is forgotten, in this order.
#[derive(Debug, Default)]
pub struct Changes {
    pub(super) set: Vec<(Name, SetTo)>,
    pub(super) append: Option<Append>,
    pub(super) forget: Vec<Slot>,
}

/// A new entry of a list.
#[derive(Debug)]
pub struct Append {
    /// The list.
    pub(super) list: Slot,
    /// The names whose values are moved into it.
    pub(super) names: Vec<Slot>,
    /// The most entries of the list.
    pub(super) most: usize,
    /// The bytes of the list's name.
    pub(super) at: Range<usize>,
}

/// What is set.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Slot(Slot),
    Language,
}

/// What it is set to.
#[derive(Debug)]
pub(super) enum SetTo {
    Value(Value),
    Text(Template),
    /// What another name holds; unset where that one is.
    Same(Slot, Arc<Compiled>),
}

impl Changes {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.append.is_none() && self.forget.is_empty()
    }

    /// What it does to names, for checks.
    pub fn effect(&self) -> Effect {
        let set = |(name, source): &(Name, SetTo)| match name {
            Name::Slot(slot) => Some((*slot, source.literal())),
            Name::Language => None,
        };
        let (mut reads, mut worked) = (Vec::new(), Vec::new());
        for (at, (name, source)) in self.set.iter().enumerate() {
            let before = self.set[..at].iter().filter_map(set).count();
            let text = match source {
                SetTo::Text(text) => text,
                SetTo::Same(_, code) => {
                    worked.push((before, Arc::clone(code)));
                    continue;
                }
                SetTo::Value(_) => continue,
            };
            reads.extend(
                text.readings
                    .iter()
                    .map(|reading| (before, Arc::clone(reading))),
            );
            let hole = text.as_hole().filter(|_| matches!(name, Name::Slot(_)));
            worked.extend(hole.map(|code| (before, Arc::clone(code))));
        }
        Effect {
            into: None,
            sets: self.set.iter().filter_map(set).collect(),
            appends: self.append.as_ref().map(|append| Appends {
                list: append.list,
                names: append.names.clone(),
                most: append.most,
                at: append.at.clone(),
                after: self.set.iter().filter_map(set).count(),
                room: RoomAfter::Any,
            }),
            forgets: self.forget.clone(),
            reads,
            worked,
        }
    }
}

impl SetTo {
    /// What another name holds.
    pub(super) fn same(slot: Slot, name: &str) -> Option<Self> {
        Some(Self::Same(slot, Arc::new(Compiled::name(slot, name)?)))
    }

    /// The value, where it is known without a call.
    pub(super) fn literal(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Text(template) => template
                .as_literal()
                .map(|text| Value::Text(text.to_owned())),
            Self::Same(..) => None,
        }
    }

    /// The value at one moment of a call; `None` where it is not set.
    ///
    /// # Errors
    /// When a hole in it cannot be worked out.
    pub(super) fn value(&self, values: &dyn Values) -> Result<Option<Value>, Fault> {
        match self {
            Self::Value(value) => Ok(Some(value.clone())),
            Self::Text(template) => template.value(values),
            Self::Same(slot, _) => Ok(values.read(ValueName::Slot(*slot)).map(Value::from)),
        }
    }
}
