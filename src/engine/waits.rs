//! What a step waits for: keys under a question, or what comes of handing the call on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::answers::Answer;
use super::expression::Reading;
use super::flow::Flow;
use super::ids::Slot;
use super::question::{Key, Question};
use super::step::Step;
use super::value::Value;

/// What a step waits for.
#[derive(Clone, Copy, Debug)]
pub enum Waits<'a> {
    /// For nothing: the call goes on by itself, or is over.
    Nothing,
    /// For keys or words.
    Keys(Asked<'a>),
    /// For what comes of handing the call on.
    Away(Away<'a>),
}

/// A question that is put to the caller.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// How it is put.
    pub question: &'a Question,
    /// The answer that an entry is meant for, so that a sensitive one is kept from everybody.
    pub into: Option<Slot>,
    /// What may be entered.
    pub takes: Takes<'a>,
}

/// What may be entered at a question, whatever `[anywhere]` says.
#[derive(Clone, Copy, Debug)]
pub enum Takes<'a> {
    /// One of these keys.
    Keys(&'a [Key]),
    /// What is legal for a type of answers.
    Entry(&'a dyn Answer),
}

/// Where a call is while it is handed on.
#[derive(Clone, Copy, Debug)]
pub struct Away<'a> {
    /// The action, as a flow names it; a test call says under `[world]` by this name what the world does.
    pub action: &'static str,
    /// Whom it waits for, as a test call names them; empty where only a call knows.
    pub whom: &'a str,
    /// How it can end.
    pub outcomes: &'static [WaitOutcome],
    /// What comes back with the outcome.
    pub facts: &'static [WaitFact],
    /// Seconds until it is known, at the latest, whether somebody is there.
    pub rings: u32,
    /// Seconds that it may last at most, the ringing included.
    pub longest: u32,
}

/// How a wait can end.
#[derive(Debug, PartialEq, Eq)]
pub struct WaitOutcome {
    /// The word that a flow uses for it, under `on`.
    pub name: &'static str,
    /// Whether it is what the author wishes for; otherwise it is trouble.
    pub is_good: bool,
    /// Whether it is the plainest of those that are trouble: a test call that needs one takes it.
    pub is_plain: bool,
    /// Whether the caller has talked with somebody.
    pub is_person: bool,
    /// Whether it is what the carrier tells where the caller has left meanwhile.
    pub is_left: bool,
    /// The word under `on` for all outcomes of its kind that have no way of their own.
    pub group: Option<&'static str>,
}

/// Something that comes back with an outcome.
#[derive(Debug, PartialEq, Eq)]
pub struct WaitFact {
    /// Its name, behind `result.`.
    pub name: &'static str,
    /// What it is.
    pub is: FactType,
}

/// What a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactType {
    /// Text.
    Text,
    /// A whole number.
    Integer,
}

/// The name behind `result.` of how a wait ended.
pub const OUTCOME: &str = "outcome";

/// What came of a wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Came {
    /// How it ended: the name of one of the action's outcomes.
    pub outcome: String,
    /// What came back, by the names of the action's facts.
    pub facts: Vec<(String, Value)>,
}

impl Came {
    /// An outcome with what came back.
    pub fn new<const N: usize>(outcome: &str, facts: [(&str, Value); N]) -> Self {
        let facts = facts.into_iter();
        Self {
            outcome: outcome.to_owned(),
            facts: facts
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        }
    }

    /// Seconds that the caller talked with somebody, where it is told.
    pub fn seconds(&self) -> u32 {
        match self.fact("seconds") {
            Some(Value::Integer(seconds)) => u32::try_from(*seconds).unwrap_or_default(),
            _ => 0,
        }
    }

    /// What came back under a name.
    pub fn fact(&self, name: &str) -> Option<&Value> {
        let mut facts = self.facts.iter();
        facts
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }
}

impl Away<'_> {
    /// The outcome of this name.
    pub fn outcome(&self, name: &str) -> Option<&'static WaitOutcome> {
        self.outcomes.iter().find(|outcome| outcome.name == name)
    }

    /// An outcome of which nothing else is known.
    pub fn bare(&self, outcome: &str) -> Came {
        let nothing = |fact: &WaitFact| match fact.is {
            FactType::Text => Value::Text(String::new()),
            FactType::Integer => Value::Integer(0),
        };
        let facts = self.facts.iter();
        Came {
            outcome: outcome.to_owned(),
            facts: facts
                .map(|fact| (fact.name.to_owned(), nothing(fact)))
                .collect(),
        }
    }

    /// Whether this can come of it: an outcome of the list, and facts of the list with their types.
    pub fn admits(&self, came: &Came) -> bool {
        let fits = |(name, value): &(String, Value)| {
            let fact = self.facts.iter().find(|fact| fact.name == name);
            fact.is_some_and(|fact| {
                matches!(
                    (fact.is, value),
                    (FactType::Text, Value::Text(_)) | (FactType::Integer, Value::Integer(_))
                )
            })
        };
        self.outcome(&came.outcome).is_some() && came.facts.iter().all(fits)
    }
}

impl Waits<'_> {
    /// Whether what is entered is nobody's business but the backend's. True unless the step knows better, so that an
    /// action that does not say shows nothing.
    fn is_private(&self, flow: &Flow) -> bool {
        let Self::Keys(asked) = self else { return true };
        let is_sensitive = |slot| flow.answer(slot).is_none_or(|answer| answer.sensitive);
        asked.into.is_some_and(is_sensitive)
    }
}

/// Questions about what a step waits for.
impl dyn Step {
    fn asked(&self) -> Option<Asked<'_>> {
        match self.waits() {
            Waits::Keys(asked) => Some(asked),
            Waits::Nothing | Waits::Away(_) => None,
        }
    }

    /// Where the call is while the step waits, for one that hands it on.
    pub fn away(&self) -> Option<Away<'_>> {
        match self.waits() {
            Waits::Away(away) => Some(away),
            Waits::Nothing | Waits::Keys(_) => None,
        }
    }

    /// Whether it asks the caller, so that `back` can return to it.
    pub fn asks(&self) -> bool {
        self.asked().is_some()
    }

    /// Whether what is entered here is nobody's business but the backend's.
    pub fn is_private(&self, flow: &Flow) -> bool {
        self.waits().is_private(flow)
    }

    /// The answer that an entry here is meant for.
    pub fn fills(&self) -> Option<Slot> {
        self.asked()?.into
    }

    /// Times that it puts its question; none where it has none.
    pub fn attempts(&self) -> u8 {
        self.asked().map_or(0, |asked| asked.question.attempts())
    }

    /// What is read in the words to somebody who missed.
    pub fn miss_readings(&self) -> Vec<Arc<Reading>> {
        self.asked()
            .map(|asked| asked.question.miss_readings())
            .unwrap_or_default()
    }

    /// Whether an entry is one of its own, whatever `[anywhere]` says.
    pub fn takes(&self, keys: &str) -> bool {
        self.asked().is_some_and(|asked| match asked.takes {
            Takes::Keys(own) => own.iter().any(|key| key.keys == keys),
            Takes::Entry(kind) => kind.check(keys).is_some(),
        })
    }
}
