//! What a step waits for: keys under a question, or what comes of handing the call on.

use std::ops::Range;
use std::time::Duration;

use super::answer::Answer;
use super::came::{Came, OUTCOME, WaitFact, WaitOutcome};
use super::expression::Type;
use super::ids::{Slot, own_name};
use super::key::Key;
use super::prompt::Prompt;
use super::question::{Miss, Question};
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
    /// Whether what is entered is kept from everybody, whatever it fills.
    pub is_secret: bool,
}

/// What may be entered at a question, whatever `[anywhere]` says.
#[derive(Clone, Copy, Debug)]
pub enum Takes<'a> {
    /// One key.
    Keys {
        /// Those that have an entry of their own.
        own: &'a [Key],
        /// Whether every other key leads somewhere too.
        any: bool,
    },
    /// What is legal for a type of answers.
    Entry {
        /// The type.
        kind: &'a dyn Answer,
        /// Keys that are no legal entry, and lead somewhere.
        own: &'a [Key],
    },
}

impl<'a> Asked<'a> {
    /// Whether a caller who misses so is asked again, and comes to be out of attempts.
    pub fn counts(&self, miss: Miss) -> bool {
        match (miss, self.takes) {
            (Miss::NoInput, _) => self.question.silent.is_none(),
            // Where every key leads somewhere, only words can be wrong, and what is refused.
            (Miss::NoMatch, Takes::Keys { any: true, .. }) => {
                self.question.hears() || !self.question.refuse.is_empty()
            }
            (Miss::NoMatch, _) => true,
        }
    }

    /// The most questions, each time that this one is put, by which it is found out what was said.
    pub fn guesses(&self) -> u32 {
        match self.takes {
            _ if !self.question.hears() => 0,
            // Words can fit two keys where two have any.
            Takes::Keys { own, .. } => {
                let spoken = own.iter().filter(|key| !key.says.is_empty()).count();
                let most = if spoken > 1 { 2 } else { 0 };
                most.max(u32::from(self.question.sure.is_some()))
            }
            Takes::Entry { .. } => u32::from(self.question.sure.is_some()),
        }
    }

    /// The keys of its own.
    pub fn own(&self) -> &'a [Key] {
        match self.takes {
            Takes::Keys { own, .. } | Takes::Entry { own, .. } => own,
        }
    }
}

/// Whom a call is handed on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whom<'a> {
    /// Only a call knows.
    Open,
    /// A number.
    Number(&'a str),
    /// A contact, whose number the shell may know better.
    Contact(&'a str),
    /// Several, at once or one after the other.
    Several,
    /// A queue, a connector or a machine, by its name.
    Named(&'a str),
    /// A service, which is asked.
    Service(&'a str),
}

impl<'a> Whom<'a> {
    /// As it is written; empty where only a call knows.
    pub fn written(self) -> &'a str {
        match self {
            Self::Open | Self::Several => "",
            Self::Number(text) | Self::Contact(text) | Self::Named(text) | Self::Service(text) => {
                text
            }
        }
    }
}

/// What whoever answers hears before the two are connected.
#[derive(Clone, Copy, Debug)]
pub struct Whispers<'a> {
    /// The words.
    pub words: &'a Prompt,
    /// Seconds that they have for a key.
    pub decides: u32,
    /// How often that may be.
    pub times: u16,
}

/// A piece of what a caller hears who waits in a queue.
#[derive(Debug)]
pub struct HoldPiece {
    /// The words.
    pub words: Prompt,
    /// The bytes of it.
    pub at: Range<usize>,
}

/// What a caller hears who waits in a queue: pieces, again and again, between which the time is looked at.
#[derive(Clone, Copy, Debug)]
pub struct Holds<'a> {
    /// The pieces.
    pub pieces: &'a [HoldPiece],
    /// Seconds from one time that the place is told to the next, at least.
    pub every: Option<u32>,
    /// What is said then.
    pub says: Option<&'a Prompt>,
}

/// Where a call is while it is handed on.
#[derive(Clone, Copy, Debug)]
pub struct Away<'a> {
    /// The action, as a flow names it; a test call says under `[world]` by this name what the world does.
    pub action: &'static str,
    /// Whom it waits for.
    pub whom: Whom<'a>,
    /// How it can end.
    pub outcomes: &'a [&'static WaitOutcome],
    /// What comes back with the outcome.
    pub facts: &'a [WaitFact],
    /// Seconds until it is known, at the latest, whether somebody is there, or what came of it where nobody can be; what is
    /// whispered to them comes on top.
    pub rings: u32,
    /// What whoever answers hears before the two are connected.
    pub whispers: Option<Whispers<'a>>,
    /// What the caller hears meanwhile, where the flow says it.
    pub holds: Option<Holds<'a>>,
    /// Whether the carrier is to answer the caller's call only when somebody is there: it can do so only before the caller
    /// has heard anything.
    pub keeps_ringing: bool,
    /// Seconds that it may last at most, the ringing included.
    pub longest: u32,
    /// How long the carrier keeps what is recorded meanwhile, at most; nothing where nothing is.
    pub keeps: Option<Duration>,
}

impl Away<'_> {
    /// The key below `[world]` of a test call that says what comes of it, whichever step it is; nothing where only a call
    /// knows, or several are called.
    pub fn world_key(&self) -> Option<String> {
        match self.whom {
            Whom::Open | Whom::Several => None,
            Whom::Number(number) => Some(format!("{}.\"{number}\"", self.action)),
            Whom::Contact(name) => Some(format!("{}.contact.{}", self.action, own_name(name))),
            Whom::Named(name) => Some(format!("{}.{name}", self.action)),
            Whom::Service(name) => Some(format!("{}.service.{name}", self.action)),
        }
    }

    /// The outcome of this name.
    pub fn outcome(&self, name: &str) -> Option<&'static WaitOutcome> {
        let mut all = self.outcomes.iter().copied();
        all.find(|outcome| outcome.name == name)
    }

    /// An outcome about which nothing else is known: numbers are as small as can be.
    pub fn bare(&self, outcome: &str) -> Came {
        let least = |fact: &WaitFact| match fact.of {
            Type::Integer { low, .. } => Some((fact.name.to_string(), Value::Integer(low.max(0)))),
            _ => None,
        };
        Came {
            outcome: outcome.to_owned(),
            facts: self.facts.iter().filter_map(least).collect(),
        }
    }

    /// What of a result the step asks for: the carrier may tell more.
    pub fn known(&self, came: &Came) -> Came {
        let is_known =
            |(name, _): &&(String, Value)| self.facts.iter().any(|fact| fact.name == *name);
        Came {
            outcome: came.outcome.clone(),
            facts: came.facts.iter().filter(is_known).cloned().collect(),
        }
    }

    /// Whether this can be the result: an outcome of the list, and facts of the list with their types.
    pub fn admits(&self, came: &Came) -> bool {
        let fits = |(name, value): &(String, Value)| {
            let fact = self.facts.iter().find(|fact| fact.name == *name);
            fact.is_some_and(|fact| Type::of(value).meets(&fact.of))
        };
        self.outcome(&came.outcome).is_some() && came.facts.iter().all(fits)
    }

    /// What a fact can be: how the wait ended, or something that comes back with it. `None` if there is no such fact.
    pub fn type_of(&self, fact: &str) -> Option<Type> {
        if fact == OUTCOME {
            return Some(Type::words(
                self.outcomes.iter().map(|outcome| outcome.name),
            ));
        }
        let found = self.facts.iter().find(|known| known.name == fact);
        found.map(|fact| fact.of.clone())
    }

    /// The names of its facts, how it ended first.
    pub fn fact_names(&self) -> Vec<&str> {
        let facts = self.facts.iter().map(|fact| &*fact.name);
        std::iter::once(OUTCOME).chain(facts).collect()
    }
}
