//! A flow as it is checked: every name in it is resolved, so that nobody asks whether a step exists.
//!
//! What a person writes is a TOML file and the prompts that it uses (a [`Bundle`]). [`load`](super::load::load) is the only
//! way from there to a [`Flow`].

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::answer::Answer;
pub use super::bundle::{Audio, Bundle, Catalogue, Entry, HoursFile, Sound, Unplayable};
use super::edge::{By, Edge};
use super::expression::HoursAt;
use super::ids::{Slot, StepId};
use super::key::Key;
pub use super::language::Language;
use super::own_prompts::OwnWords;
use super::prompt::Prompt;
use super::sid::Fingerprint;
use super::step::Step;
use super::way::Way;
use crate::hours::Hours;
use crate::written::number::canonical;

/// A flow that can be run.
#[derive(Debug)]
pub struct Flow {
    /// Its path without the ending: `billing/pay`.
    pub name: String,
    /// For people.
    pub title: String,
    /// The hash of all that decides what a caller hears.
    pub fingerprint: Fingerprint,
    /// Numbers whose calls come here, in E.164.
    pub numbers: Vec<String>,
    /// The numbers that have names, by these.
    pub lines: Vec<(String, String)>,
    /// Numbers that steps dial by name: the flow's own, and what the shell knows of more. Not part of the fingerprint as
    /// far as the shell gives them.
    pub contacts: BTreeMap<String, String>,
    /// What the queues are called at the carrier that the shell knows: none of it is part of the fingerprint.
    pub queues: BTreeMap<String, QueueName>,
    /// The languages; the first is the one that a call begins in.
    pub languages: Vec<Language>,
    /// What Hookswitch says itself, in each of them.
    pub own_words: Vec<OwnWords>,
    /// The zone of its clock; UTC where it never reads the clock.
    pub zone: TimeZone,
    /// The opening hours that it reads, by their names.
    pub hours: Vec<(String, Arc<Hours>)>,
    /// The words by which it speaks when somebody opens or closes, where it does.
    pub moment_words: Option<MomentWords>,
    /// Where a call begins.
    pub start: StepId,
    /// Where a call goes that is out of attempts.
    pub give_up: Option<Way>,
    /// What is done when the caller leaves early.
    pub on_hangup: Option<Way>,
    /// Where a call goes when a step cannot be done.
    pub on_error: Option<Way>,
    /// Keys of every menu and ask.
    pub anywhere: Vec<Key>,
    /// The names of the ways that are taken in place of its own ones, and not those of a step, where a list can take no
    /// more.
    pub full_ways: Vec<String>,
    /// What its author counts.
    pub milestones: Vec<Milestone>,
    /// What the backend is promised.
    pub answers: Vec<AnswerOf>,
    /// What it reads of the request that a call begins with.
    pub call_fields: Vec<CallField>,
    /// The names of the answers, then those of the variables and of [`Self::call_fields`]: a [`Slot`] is a place in it, or
    /// behind it a place in [`Self::facts`].
    pub names: Vec<String>,
    /// What of that which comes back to its steps is read anywhere.
    pub facts: Vec<StepFact>,
    /// The steps, in the order of the file.
    pub steps: Vec<StepOf>,
    /// Where things stand in the file.
    pub places: Places,
    /// What the author demands of it, for `check`.
    pub demands: Demands,
}

/// What a queue is at the carrier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QueueName {
    /// A queue, by its name there.
    Queue(String),
    /// A workflow, by its name there: `WW…`.
    Workflow(String),
}

/// Words by which a moment is spoken: `Monday at 8:00`.
#[derive(Debug)]
pub struct MomentWords {
    /// From Monday.
    pub weekdays: [Prompt; 7],
    /// In place of the weekday.
    pub today: Prompt,
    /// In place of the weekday.
    pub tomorrow: Prompt,
    /// Between the day and the hour.
    pub at: Prompt,
}

/// Where things stand in a flow's file, in bytes.
#[derive(Debug, Default)]
pub struct Places {
    /// The names of the steps.
    pub steps: Vec<Range<usize>>,
    /// The names of the answers, where they are first.
    pub answers: Vec<Range<usize>>,
    /// The names of the fields of the first request.
    pub call_fields: Vec<Range<usize>>,
}

/// `[check]`: what must hold of every way through a flow.
#[derive(Debug, Default)]
pub struct Demands {
    /// The step that every question must lead to, and where it is named.
    pub reachable: Option<(StepId, Range<usize>)>,
    /// In how many turns, at most.
    pub within_turns: Option<u32>,
    /// How long the longest call may take.
    pub longest_call: Demand<Duration>,
    /// How long the typical call may take.
    pub typical_call: Demand<Duration>,
    /// How long a caller may listen until the first key is named.
    pub first_key: Demand<Duration>,
    /// How many keys of its own a menu may have.
    pub menu_options: Demand<u32>,
    /// How many words may be heard in one go.
    pub prompt_words: Demand<u32>,
    /// What the longest call may cost, in the currency of the prices.
    pub call_cost: Demand<f64>,
}

/// What may not be exceeded, and where that stands; nothing where the author does not say.
pub type Demand<T> = Option<(T, Range<usize>)>;

/// A moment of a call that its author counts. It is reached by entering one of its steps, before the step acts.
#[derive(Debug)]
pub struct Milestone {
    /// Its name.
    pub name: String,
    /// The steps.
    pub steps: Vec<StepId>,
    /// The bytes of its name in the flow's file.
    pub at: Range<usize>,
}

/// A step of a flow.
#[derive(Debug)]
pub struct StepOf {
    /// Its name.
    pub name: String,
    /// The names of its ways, in the order of its edges.
    pub ways: Vec<String>,
    /// What it does.
    pub action: Box<dyn Step>,
}

/// Something that comes back to a step which waits: `steps.<step>.<name>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFact {
    /// The step.
    pub step: StepId,
    /// The fact's name.
    pub name: String,
}

/// An answer of a flow.
#[derive(Debug)]
pub struct AnswerOf {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Arc<dyn Answer>,
    /// Whether a full submission may lack it.
    pub optional: bool,
    /// Whether it is kept from everybody but the backend.
    pub sensitive: bool,
    /// Values that have a prompt to be spoken by.
    pub spoken: Vec<(String, Prompt)>,
    /// The names of its entries, where it is a list.
    pub entry: Vec<Slot>,
}

impl AnswerOf {
    /// How many entries it needs and holds, where it is a list.
    pub fn count(&self) -> Option<(usize, usize)> {
        self.kind.count()
    }
}

/// A field of the request that a call begins with, as the flow reads it: `call.country`.
#[derive(Debug)]
pub struct CallField {
    /// The carrier's name for it.
    pub at: String,
    /// Its name in the flow, with `call.` before it, and its type; a submission never has it.
    pub of: AnswerOf,
}

impl Flow {
    /// A step.
    pub fn step(&self, step: StepId) -> &StepOf {
        &self.steps[usize::from(step)]
    }

    /// The ways that belong to no step: keys of `[anywhere]`, `give_up`, and those of `[on]`.
    pub fn edges(&self) -> Vec<Edge> {
        let keys = self.anywhere.iter();
        let keys = keys.flat_map(|key| key.way.edges("", &By::Keys(key.keys.clone())));
        let events = [&self.give_up, &self.on_hangup, &self.on_error];
        let events = events.into_iter().flatten();
        keys.chain(events.flat_map(|way| way.edges("", &By::Itself)))
            .collect()
    }

    /// A language; the first for a place that is none.
    pub fn language(&self, place: u8) -> &Language {
        self.languages
            .get(usize::from(place))
            .unwrap_or(&self.languages[0])
    }

    /// What Hookswitch says itself in a language; in the first for a place that is none.
    pub fn own_words(&self, place: u8) -> &OwnWords {
        self.own_words
            .get(usize::from(place))
            .unwrap_or(&self.own_words[0])
    }

    /// The name of one of its numbers; empty for any other number.
    pub fn line(&self, number: &str) -> &str {
        let number = canonical(number);
        let mut lines = self.lines.iter();
        lines
            .find(|(_, own)| canonical(own) == number)
            .map_or("", |(name, _)| name)
    }

    /// The name of opening hours that it reads, and what their file says, by their place among them.
    pub fn hours(&self, at: HoursAt) -> Option<(&str, &Hours)> {
        let (name, hours) = self.hours.get(usize::from(at))?;
        Some((name, hours))
    }

    /// What comes back to a step, by its slot.
    pub fn fact(&self, slot: Slot) -> Option<&StepFact> {
        self.facts
            .get(usize::from(slot).checked_sub(self.names.len())?)
    }

    /// The facts of a step that are read anywhere, by their slots.
    pub fn facts_of(&self, step: StepId) -> impl Iterator<Item = (Slot, &str)> {
        let facts = self.facts.iter().enumerate();
        facts
            .filter(move |(_, fact)| fact.step == step)
            .filter_map(|(at, fact)| {
                let slot = Slot::try_from(self.names.len() + at).ok()?;
                Some((slot, fact.name.as_str()))
            })
    }

    /// A name as it is written.
    pub fn written_name(&self, slot: Slot) -> String {
        match (self.names.get(usize::from(slot)), self.fact(slot)) {
            (Some(name), _) => name.clone(),
            (None, Some(StepFact { step, name })) => {
                format!("steps.{}.{name}", self.step(*step).name)
            }
            (None, None) => String::new(),
        }
    }

    /// Whether a name is a list.
    pub fn is_list(&self, slot: Slot) -> bool {
        self.answer(slot)
            .is_some_and(|answer| answer.count().is_some())
    }

    /// The list that an answer is sent in; `None` where it is sent by itself.
    pub fn list_of(&self, slot: Slot) -> Option<&AnswerOf> {
        self.answers
            .iter()
            .find(|answer| answer.entry.contains(&slot))
    }

    /// The answer that a slot is, if it is not a variable.
    pub fn answer(&self, slot: Slot) -> Option<&AnswerOf> {
        self.answers.get(usize::from(slot))
    }

    /// The slots of the fields of the first request.
    pub fn call_slots(&self) -> Range<usize> {
        self.names.len() - self.call_fields.len()..self.names.len()
    }

    /// The field of the first request that a slot is.
    pub fn call_field(&self, slot: Slot) -> Option<&CallField> {
        let at = usize::from(slot).checked_sub(self.call_slots().start)?;
        self.call_fields.get(at)
    }

    /// What is declared of a slot: of an answer, or of a field of the first request.
    pub fn declared(&self, slot: Slot) -> Option<&AnswerOf> {
        let field = || self.call_field(slot).map(|field| &field.of);
        self.answer(slot).or_else(field)
    }

    /// Whether what a slot holds is kept from everybody but the backend.
    pub fn is_sensitive(&self, slot: Slot) -> bool {
        self.declared(slot).is_some_and(|of| of.sensitive)
    }

    /// Whether anything that a call can hold is kept so.
    pub fn has_secrets(&self) -> bool {
        let fields = self.call_fields.iter().map(|field| &field.of);
        self.answers.iter().chain(fields).any(|of| of.sensitive)
    }
}
