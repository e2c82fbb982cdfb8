//! One moment of a call, as a step sees it, and what the step wants next.

use std::borrow::Cow;
use std::cell::RefCell;

use jiff::Timestamp;

use super::call::{Call, Outcome};
use super::edge::Target;
use super::fault::Fault;
use super::flow::Flow;
use super::flow::changes::Changes;
use super::ids::{Slot, StepId};
use super::prompt::{Prompt, render};
use super::scope::Scope;
use super::turn::{Gather, Verb};

/// What a step wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// On by a way: its name, as the edge has it (`anywhere.9` for a key of `[anywhere]`), and where it leads. What is
    /// set on it is set.
    Go(Cow<'static, str>, Target),
    /// Waits for keys or words, listening while it speaks where that is allowed.
    Ask(Gather),
    /// Waits for what a verb comes to.
    Wait(Verb),
    /// The flow is over: says or does this last.
    End(Verb),
    /// The caller is out of attempts and the step knows no way of its own.
    GiveUp,
}

/// One moment of a call, as a step sees it.
pub struct Moment<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// The call.
    pub call: &'a mut Call,
    /// The step that is being done.
    pub step: StepId,
    /// The moment's time.
    pub now: Timestamp,
    /// What is heard in this turn so far, and whether a key may cut it short.
    pub(crate) spoken: Vec<(Verb, bool)>,
    /// What is submitted in this turn so far.
    pub(crate) submissions: Vec<super::submission::Submission>,
    /// Names that were read in this turn so far and not set.
    pub(crate) unset: RefCell<Vec<(StepId, Slot)>>,
    /// How the call ended, if it has.
    pub(crate) ended: Option<Outcome>,
}

impl Moment<'_> {
    /// What names mean now.
    pub fn scope(&self) -> Scope<'_> {
        Scope {
            flow: self.flow,
            call: self.call,
            now: self.now,
            step: self.step,
            unset: &self.unset,
        }
    }

    /// Speaks a prompt.
    ///
    /// # Errors
    /// When a hole in its text cannot be worked out.
    pub fn say(&mut self, prompt: &Prompt, barge_in: bool) -> Result<(), Fault> {
        let verbs = render(prompt, self.scope())?;
        self.spoken
            .extend(verbs.into_iter().map(|verb| (verb, barge_in)));
        Ok(())
    }

    /// Makes changes to answers and variables.
    ///
    /// # Errors
    /// When a value cannot be worked out or does not fit its answer.
    pub fn change(&mut self, changes: &Changes) -> Result<(), Fault> {
        changes.apply(self)
    }

    /// Makes it impossible to go back past this moment.
    pub fn forbid_back(&mut self) {
        self.call.trail.clear();
    }
}
