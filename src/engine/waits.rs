//! What a step waits for: keys under a question, or what comes of handing the call on.

use std::sync::Arc;

use super::answers::Answer;
use super::call::Slot;
use super::expression::Reading;
use super::flow::Flow;
use super::question::{Key, Question};
use super::step::Step;

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
    /// The word under `on` for all outcomes of its kind that have no way of their own.
    pub group: Option<&'static str>,
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
