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
pub use super::bundle::{Audio, Bundle, Catalogue, Entry, FlowFile, HoursFile, Sound, Unplayable};
use super::edge::{By, Edge};
use super::expression::HoursAt;
pub use super::ids::own_name;
use super::ids::{Slot, StepId};
use super::key::Key;
use super::keys::shared::NEXT;
pub use super::language::Language;
use super::machine::Machine;
use super::outbound::Outbound;
use super::own_prompts::OwnWords;
use super::prompt::Prompt;
use super::reserved::RETURN;
use super::sid::Fingerprint;
use super::step::Step;
use super::text_message::Sender;
use super::way::Way;
use crate::hours::Hours;
use crate::written::diag::Place;
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
    /// The machines that the shell knows, by their names in the settings: none of it is part of the fingerprint.
    pub machines: BTreeMap<String, Machine>,
    /// What connectors are called at the carrier that take payments, by their names in the settings: no part of the fingerprint.
    pub connectors: BTreeMap<String, String>,
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
    /// The words by which it asks what was meant, where it listens for words.
    pub guess_words: Option<Box<GuessWords>>,
    /// Where a call begins.
    pub start: StepId,
    /// Where a call goes that is out of attempts.
    pub give_up: Option<Way>,
    /// What is done when the caller leaves early.
    pub on_hangup: Option<Way>,
    /// Where a call goes when a step cannot be done.
    pub on_error: Option<Way>,
    /// What it says of calls that we place; nothing where we place none.
    pub outbound: Option<Box<Outbound>>,
    /// Keys of every menu and ask.
    pub anywhere: Vec<Key>,
    /// Whether it is made to be gone through by others, and no call comes to it by itself: it has `[args]`, `[gives]` or
    /// `[exits]`.
    pub is_subflow: bool,
    /// The flows that it goes through, each before those that it goes through itself.
    pub subflows: Vec<Subflow>,
    /// The names of the ways that are taken in place of its own ones, and not those of a step, where a list can take no
    /// more.
    pub full_ways: Vec<String>,
    /// What its author counts.
    pub milestones: Vec<Milestone>,
    /// What the backend is promised.
    pub answers: Vec<AnswerOf>,
    /// What it reads of the request that a call begins with.
    pub call_fields: Vec<CallField>,
    /// Whether a step of it sends on the whole of that request.
    pub sends_request: bool,
    /// The names of the answers, then those of the variables and of [`Self::call_fields`]: a [`Slot`] is a place in it, or
    /// behind it a place in [`Self::facts`].
    pub names: Vec<String>,
    /// What of that which comes back to its steps is read anywhere.
    pub facts: Vec<StepFact>,
    /// Who its SMS come from, by the names of the settings where it runs.
    pub senders: BTreeMap<String, Sender>,
    /// Whether a step of it may ask for a permit.
    pub asks_permits: bool,
    /// The numbers among those that stand in it and its contacts that are never reached here.
    pub barred: Vec<String>,
    /// The steps, in the order of the file; behind them those of each of [`Self::subflows`], in their order.
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

/// Words by which a caller is asked what was meant: `Was that bill? Press 1 or say yes.`
#[derive(Debug)]
pub struct GuessWords {
    /// Before what was perhaps said.
    pub was_that: Prompt,
    /// Before the key that stands for yes.
    pub press: Prompt,
    /// Behind it.
    pub or_say_yes: Prompt,
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
    /// The flow that it belongs to, by its place among [`Flow::subflows`]; none where it is the flow's own.
    pub subflow: Option<u16>,
}

/// A flow that a step of another goes through. Its steps and names stand with those of the other, as `number/phone`; what
/// it does not say of itself is as the other has it.
#[derive(Debug)]
pub struct Subflow {
    /// Its name.
    pub flow: String,
    /// The step that goes through it.
    pub step: StepId,
    /// What stands before its names: `number/`.
    pub prefix: String,
    /// The file.
    pub file: Arc<str>,
    /// Where the file begins, in [`Places`] and wherever else a flow says where something stands: behind the flow's own
    /// file and those of the subflows before.
    pub begins: usize,
    /// The zone of its clock.
    pub zone: Option<TimeZone>,
    /// Where a call goes that is out of attempts.
    pub give_up: Option<Way>,
    /// What is done when the caller leaves early; what the other does then follows.
    pub on_hangup: Option<Way>,
    /// Where a call goes when a step of it cannot be done.
    pub on_error: Option<Way>,
    /// Keys of every menu and ask in it.
    pub anywhere: Option<Vec<Key>>,
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
    /// Its name as the flow writes it that has it.
    pub fn own_name(&self) -> &str {
        own_name(&self.name)
    }

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
        let inner = self.subflows.iter().flat_map(|of| &of.anywhere);
        let keys = self.anywhere.iter().chain(inner.flatten());
        let keys = keys.flat_map(|key| key.way.edges("", &By::Keys(key.keys.clone())));
        let events = [&self.give_up, &self.on_hangup, &self.on_error];
        let inner = self.subflows.iter();
        let inner = inner.flat_map(|of| [&of.give_up, &of.on_hangup, &of.on_error]);
        let events = events.into_iter().chain(inner).flatten();
        keys.chain(events.flat_map(|way| way.edges("", &By::Itself)))
            .collect()
    }

    /// The flows that a step is in, innermost first; none for a step of the flow itself.
    pub fn subflows_at(&self, step: StepId) -> impl Iterator<Item = &Subflow> {
        let of = move |step: StepId| {
            let place = self.steps.get(usize::from(step))?.subflow?;
            self.subflows.get(usize::from(place))
        };
        std::iter::successors(of(step), move |inner| of(inner.step))
    }

    /// The keys that count at every menu and ask where a step is.
    pub fn anywhere_at(&self, step: StepId) -> &[Key] {
        let mut own = self.subflows_at(step).filter_map(|of| of.anywhere.as_ref());
        own.next().unwrap_or(&self.anywhere)
    }

    /// Where a call goes that is out of attempts at a step.
    pub fn give_up_at(&self, step: StepId) -> Option<&Way> {
        let mut own = self.subflows_at(step).filter_map(|of| of.give_up.as_ref());
        own.next().or(self.give_up.as_ref())
    }

    /// Where a call goes when a step cannot be done.
    pub fn on_error_at(&self, step: StepId) -> Option<&Way> {
        let mut own = self.subflows_at(step).filter_map(|of| of.on_error.as_ref());
        own.next().or(self.on_error.as_ref())
    }

    /// What is done when the caller leaves early at a step: one after the other, what the innermost flow does first.
    pub fn on_hangup_at(&self, step: StepId) -> impl Iterator<Item = &Way> {
        let inner = self.subflows_at(step);
        let inner = inner.filter_map(|of| of.on_hangup.as_ref());
        inner.chain(&self.on_hangup)
    }

    /// The zone of the clock that a step reads.
    pub fn zone_at(&self, step: StepId) -> &TimeZone {
        let mut own = self.subflows_at(step).filter_map(|of| of.zone.as_ref());
        own.next().unwrap_or(&self.zone)
    }

    /// The flow that a way from a step leads into, by its place among [`Self::subflows`].
    pub fn entered(&self, from: StepId, to: StepId) -> Option<u16> {
        let place = self.steps.get(usize::from(to))?.subflow?;
        let inner = self.subflows.get(usize::from(place))?;
        (inner.step == from).then_some(place)
    }

    /// For a step at an end of a flow that is gone through, and a way of it: the step that goes through it, and the way as that
    /// step's table names it (`next`, `on.refused`).
    pub fn end_of(&self, step: StepId, on: &str) -> Option<(StepId, String)> {
        let inner = self.subflows_at(step).next()?;
        let exit = own_name(&self.step(step).name).strip_prefix(RETURN)?;
        let on = match exit {
            "" => on.to_owned(),
            exit => format!("on{exit}{}", on.strip_prefix(NEXT.name)?),
        };
        Some((inner.step, on))
    }

    /// Where bytes stand: in the flow's own file, or in that of a flow that it goes through.
    pub fn place(&self, file: &Arc<str>, span: Range<usize>) -> Place {
        let mut inner = self.subflows.iter().rev();
        match inner.find(|of| of.begins <= span.start) {
            Some(of) => Place {
                file: Arc::clone(&of.file),
                span: span.start - of.begins..span.end - of.begins,
            },
            None => Place {
                file: Arc::clone(file),
                span,
            },
        }
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

    /// The answers that are the flow's own, and where each is named first: not those of flows that it goes through.
    pub fn own_answers(&self) -> impl Iterator<Item = (&AnswerOf, &Range<usize>)> {
        let all = self.answers.iter().zip(&self.places.answers);
        all.filter(|(answer, _)| answer.own_name() == answer.name)
    }

    /// The ways out of a step as its table names them: of one that goes through a flow, those of that flow's ends.
    pub fn edges_of(&self, step: StepId) -> Vec<Edge> {
        let mut edges = self.step(step).action.edges();
        let mut inner = self.subflows.iter();
        if !inner.any(|inner| inner.step == step) {
            return edges;
        }
        edges.clear();
        let all = (0..).zip(&self.steps);
        let ends =
            all.flat_map(|(end, of)| of.action.edges().into_iter().map(move |edge| (end, edge)));
        edges.extend(ends.filter_map(|(end, edge)| {
            let (through, on) = self.end_of(end, &edge.on)?;
            (through == step).then_some(Edge { on, ..edge })
        }));
        edges
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
