//! Changes to answers and variables: `set` and `forget`, beside `next`, on a key, or as an action of their own.

use std::sync::Arc;

use super::edge::Effect;
use super::expression::Values;
use super::fault::Fault;
use super::ids::Slot;
use super::template::Template;
use super::value::Value;

/// What is set and what is forgotten, in this order.
#[derive(Debug, Default)]
pub struct Changes {
    pub(super) set: Vec<(Name, SetTo)>,
    pub(super) forget: Vec<Slot>,
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
}

impl Changes {
    /// Whether it changes nothing.
    pub fn is_empty(&self) -> bool {
        self.set.is_empty() && self.forget.is_empty()
    }

    /// What it does to names, for checks.
    pub fn effect(&self) -> Effect {
        let set = |(name, source): &(Name, SetTo)| match name {
            Name::Slot(slot) => Some((*slot, source.literal())),
            Name::Language => None,
        };
        let (mut reads, mut worked) = (Vec::new(), Vec::new());
        for (at, (name, source)) in self.set.iter().enumerate() {
            let SetTo::Text(text) = source else { continue };
            let before = self.set[..at].iter().filter_map(set).count();
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
            forgets: self.forget.clone(),
            reads,
            worked,
        }
    }
}

impl SetTo {
    /// The value, where it is known without a call.
    pub(super) fn literal(&self) -> Option<Value> {
        match self {
            Self::Value(value) => Some(value.clone()),
            Self::Text(template) => template
                .as_literal()
                .map(|text| Value::Text(text.to_owned())),
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
        }
    }
}
