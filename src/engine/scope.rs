//! What names mean at one moment of a call.

use std::cell::RefCell;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::call::Call;
use super::came::OUTCOME;
use super::expression::{Clock, Fact, Held, Name, Values};
use super::flow::Flow;
use super::ids::{Slot, StepId};
use super::value::Value;

/// What names mean at one moment of a call.
#[derive(Clone, Copy)]
pub struct Scope<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The call.
    pub call: &'a Call,
    /// The moment.
    pub now: Timestamp,
    /// The step that the call is at.
    pub step: StepId,
    /// Collects the names that are read and not set.
    pub unset: &'a RefCell<Vec<(StepId, Slot)>>,
}

impl Values for Scope<'_> {
    fn need(&self, name: Name) -> Option<Value> {
        let value = self.read(name);
        let slot = match name {
            Name::Slot(slot) => Some(slot),
            Name::Result(_) => Slot::try_from(self.flow.names.len()).ok(),
            _ => None,
        };
        if let Some(slot) = slot.filter(|_| value.is_none()) {
            self.note_unset(slot);
        }
        value
    }

    fn note_unset(&self, slot: Slot) {
        let mut unset = self.unset.borrow_mut();
        if !unset.contains(&(self.step, slot)) {
            unset.push((self.step, slot));
        }
    }

    fn held(&self, slot: Slot) -> Held {
        if usize::from(slot) < self.flow.names.len() {
            self.call
                .value(slot)
                .map_or(Held::Nothing, |value| Held::This(value.clone()))
        } else {
            self.call
                .came
                .as_ref()
                .map_or(Held::Nothing, |_| Held::Something)
        }
    }

    fn read(&self, name: Name) -> Option<Value> {
        let text = |text: &str| Some(Value::Text(text.to_owned()));
        match name {
            Name::Slot(slot) => self.call.value(slot).cloned(),
            Name::Call(Fact::Sid) => text(self.call.sid.as_str()),
            Name::Call(Fact::From) => text(&self.call.about.from),
            Name::Call(Fact::To) => text(&self.call.about.to),
            Name::Call(Fact::Direction) => text(&self.call.about.direction),
            Name::Call(Fact::CallerName) => text(&self.call.about.caller_name),
            Name::Call(Fact::Language) => text(&self.flow.language(self.call.language).tag),
            Name::Call(Fact::Attempt) => Some(Value::Integer(
                i64::from(self.call.misses.no_input) + i64::from(self.call.misses.no_match) + 1,
            )),
            Name::Call(Fact::Flow) => text(&self.call.flow),
            Name::Now(clock) => {
                let now = self.now.to_zoned_datetime(TimeZone::UTC);
                let format = match clock {
                    Clock::Date => "%Y-%m-%d",
                    Clock::Time => "%H:%M",
                    Clock::Weekday => "%A",
                };
                Some(Value::Text(now.strftime(format).to_string()))
            }
            Name::Result(part) => {
                let came = self.call.came.as_ref()?;
                match part {
                    OUTCOME => text(&came.outcome),
                    fact => came.fact(fact).cloned(),
                }
            }
        }
    }
}
