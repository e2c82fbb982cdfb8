//! What comes back to steps that wait, by the step's name: `steps.desk.outcome`. A step is read after some that read its
//! facts, so these are looked at when all are known.

use std::ops::Range;

use super::super::came::{OUTCOME, WaitOutcome};
use super::super::expression::{Name, Type};
use super::super::flow::{StepFact, StepOf};
use super::super::ids::{Slot, StepId};
use super::Checker;
use crate::written::diag::nearest;
use crate::written::{Code, Explain};

impl Checker<'_> {
    /// Notes that a step waits, and how that can end.
    pub(in crate::engine) fn waits(&mut self, step: &str, outcomes: &'static [WaitOutcome]) {
        // A flow that is gone through has its own, and is checked by itself.
        if !outcomes.is_empty() && !self.is_inner() {
            self.facts.waiting.push((step.to_owned(), outcomes));
        }
    }

    /// The facts that are read, by their slots.
    pub(in crate::engine) fn take_facts(&mut self) -> Vec<StepFact> {
        std::mem::take(&mut self.facts.read)
    }

    /// What `steps.<rest>` means.
    pub(super) fn step_fact(&mut self, name: &str, rest: &str, span: Range<usize>) -> Option<Name> {
        let (step, fact) = rest.split_once('.').unwrap_or((rest, ""));
        let Some(id) = self.step(step) else {
            let help = self.waiting_step_like(step);
            self.fault(Code::NameUnknown, span, format!("`{name}` is not known"))
                .help(help);
            return None;
        };
        let slot = self.slot_of_fact(id, fact, span)?;
        Some(if fact == OUTCOME {
            Name::Outcome(slot)
        } else {
            Name::Fact(slot)
        })
    }

    /// Which step may be meant whose facts somebody reads.
    fn waiting_step_like(&self, step: &str) -> String {
        let waiting = || self.facts.waiting.iter().map(|(name, _)| name.as_str());
        if let Some(near) = self.near(step, waiting()) {
            return format!("did you mean `steps.{near}`?");
        }
        format!("no step is named `{step}`; {}", waiting_steps(waiting()))
    }

    fn slot_of_fact(&mut self, step: StepId, fact: &str, span: Range<usize>) -> Option<Slot> {
        let known = self.facts.read.iter();
        let known = known
            .enumerate()
            .find(|(_, known)| known.step == step && known.name == fact);
        let at = known.map_or(self.facts.read.len(), |(at, _)| at);
        if at == self.facts.read.len() {
            self.facts.read.push(StepFact {
                step,
                name: fact.to_owned(),
            });
        }
        let place = self.place(span);
        self.facts.places.push((at, place));
        Slot::try_from(self.first_fact() + at).ok()
    }

    /// The slot of the first fact: behind all other names.
    fn first_fact(&self) -> usize {
        self.first_call_field() + self.call_fields.len()
    }

    /// What a fact can be.
    pub(super) fn type_of_fact(&self, slot: Slot) -> Type {
        let at = usize::from(slot).checked_sub(self.first_fact());
        let known = at.and_then(|at| self.facts.types.get(at));
        known.cloned().unwrap_or(Type::Open)
    }
}

/// Finds the types of the facts that are read, and reports those that no step has.
pub fn check_facts(steps: &[Option<StepOf>], check: &mut Checker) {
    let read = check.facts.read.iter();
    let found: Vec<Result<Type, String>> = read.map(|fact| type_of(fact, steps, check)).collect();
    for (at, place) in std::mem::take(&mut check.facts.places) {
        let Err(help) = &found[at] else { continue };
        let StepFact { step, name } = &check.facts.read[at];
        // The step has been read, else its facts can be anything.
        let step = steps[usize::from(*step)]
            .as_ref()
            .map_or("", |step| &step.name);
        let message = match name.as_str() {
            "" => format!("`steps.{step}` is a step, and no value"),
            name => format!("`steps.{step}.{name}` is not known"),
        };
        check.at_place(&place, Code::NameUnknown, message, help.clone());
    }
    check.facts.types = found
        .into_iter()
        .map(|of| of.unwrap_or(Type::Open))
        .collect();
}

/// What a fact can be, or what would be right.
fn type_of(fact: &StepFact, steps: &[Option<StepOf>], check: &Checker) -> Result<Type, String> {
    let Some(step) = &steps[usize::from(fact.step)] else {
        return Ok(Type::Open);
    };
    let Some(away) = step.action.away() else {
        let waiting = check.facts.waiting.iter().map(|(name, _)| name.as_str());
        let waiting = waiting_steps(waiting);
        return Err(format!("nothing comes back to `{}`; {waiting}", step.name));
    };
    away.type_of(&fact.name).ok_or_else(|| {
        let known = away.fact_names();
        match nearest(&fact.name, known.iter().copied()) {
            Some(near) => format!("did you mean `steps.{}.{near}`?", step.name),
            None => format!("`steps.{}` has {}", step.name, known.join(", ")),
        }
    })
}

/// The steps that something comes back to, in words.
fn waiting_steps<'a>(waiting: impl Iterator<Item = &'a str>) -> String {
    let steps: Vec<String> = waiting.map(|step| format!("`{step}`")).collect();
    if steps.is_empty() {
        return "no step of this flow waits for an outcome".to_owned();
    }
    format!("something comes back to {}", steps.join(", "))
}
