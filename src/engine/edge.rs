//! The ways out of a step: what takes each, what happens to names on it, and where it leads.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::came::WaitOutcome;
use super::expression::{Compiled, Reading};
use super::ids::{Slot, StepId};
use super::value::Value;

/// A way out of a step.
#[derive(Clone, Debug)]
pub struct Edge {
    /// What takes it, as it is written: a key, `next`, `on.busy`, …
    pub on: String,
    /// What takes it.
    pub by: By,
    /// Where it leads.
    pub to: Target,
    /// The bytes of the target's name.
    pub at: Range<usize>,
    /// What happens to names on it.
    pub does: Effect,
}

impl Edge {
    /// Whether it is taken in place of another where a list can take no more.
    pub fn is_full(&self) -> bool {
        let appends = self.does.appends.as_ref();
        appends.is_some_and(|appends| appends.room == RoomAfter::None)
    }
}

/// What takes a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Nothing: the call goes on by itself.
    Itself,
    /// The condition of this place holds, and none before it.
    When(usize),
    /// The caller presses these keys.
    Keys(String),
    /// The caller presses any key that has no way of its own.
    AnyKey,
    /// The caller enters what is legal, such as this.
    Entry(String),
    /// The caller is silent, at the first attempt.
    Silent,
    /// The caller is silent, at the last attempt.
    NoInput,
    /// The caller enters something wrong, at the last attempt.
    NoMatch,
    /// What the step waited for ends in one of these ways.
    Outcome(Vec<&'static WaitOutcome>),
}

impl By {
    /// Whether what takes the way is that something did not work.
    pub fn is_trouble(&self) -> bool {
        match self {
            Self::NoInput | Self::NoMatch => true,
            Self::Outcome(outcomes) => {
                !outcomes.is_empty() && outcomes.iter().all(|outcome| !outcome.is_good)
            }
            Self::Itself
            | Self::When(_)
            | Self::Keys(_)
            | Self::AnyKey
            | Self::Entry(_)
            | Self::Silent => false,
        }
    }
}

/// What happens to names on a way.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// The answer that the caller gave by taking it, and which one it is where that is known.
    pub into: Option<(Slot, Option<Value>)>,
    /// What is set after that, in order, and to what where that is known.
    pub sets: Vec<(Slot, Option<Value>)>,
    /// The list that gets an entry, which unsets the names of the entry.
    pub appends: Option<Appends>,
    /// What is unset after that.
    pub forgets: Vec<Slot>,
    /// What is read for it, and how many are set before.
    pub reads: Vec<(usize, Arc<Reading>)>,
    /// What of it is worked out from other names, by its place among what is set.
    pub worked: Vec<(usize, Arc<Compiled>)>,
}

/// That a list gets an entry on a way, as long as there is room for it.
#[derive(Clone, Debug)]
pub struct Appends {
    /// The list.
    pub list: Slot,
    /// The names that are moved into the entry.
    pub names: Vec<Slot>,
    /// The most entries of the list.
    pub most: usize,
    /// The bytes of the list's name.
    pub at: Range<usize>,
    /// How many names are set before.
    pub after: usize,
    /// What is left of the list where the way is taken.
    pub room: RoomAfter,
}

/// What is left of a list after an entry was to be appended to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoomAfter {
    /// Whatever it is, as long as there was room for the entry: the flow does not say what comes then.
    Any,
    /// It can take more.
    Some,
    /// It can take no more: because of this entry, or it could not take the entry.
    None,
}

/// Where a way leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// To a step.
    Step(StepId),
    /// Hangs up.
    Hangup,
    /// Puts the question again.
    Repeat,
    /// To the question before.
    Back,
}
