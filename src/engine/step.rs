//! What every action is asked, and what it can answer.

use std::borrow::Cow;
use std::cell::RefCell;
use std::fmt::Debug;
use std::ops::Range;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::advance::Fault;
use super::call::{Call, Outcome, Slot, StepId};
use super::expression::{Reading, Scope};
use super::flow::Flow;
use super::flow::changes::Changes;
use super::flow::check::Checker;
use super::flow::written::{Item, Table};
use super::input::Input;
use super::prompt::{Prompt, render};
use super::schema::Key;
use super::turn::{Gather, Verb};
use super::value::Value;
use super::waits::{WaitOutcome, Waits};

/// An action, for the list in `steps`: its name, its papers and how it is read.
#[derive(Debug)]
pub struct Kind {
    /// The key that names the action in a step.
    pub name: &'static str,
    /// What it does, for the author.
    pub doc: &'static str,
    /// A flow that shows it, and loads.
    pub example: &'static str,
    /// Scripted calls on that flow that take every edge.
    pub calls: &'static str,
    /// The keys of its steps, for editors.
    pub keys: fn() -> Vec<Key>,
    /// Reads it: the action's value, and the step around it.
    pub parse: fn(Item<'_>, &Table<'_>, &mut Checker) -> Option<Box<dyn Step>>,
}

/// A checked step of a flow.
///
/// A step that waits answers `enter` with [`Then::Wait`] or [`Then::Ask`] and is resumed with whatever comes. What it
/// waits for it says with [`Self::waits`]; nothing outside its room knows more of it than that.
pub trait Step: Debug + Send + Sync {
    /// The ways out, for checks and graphs.
    fn edges(&self) -> Vec<Edge>;

    /// The call comes to the step.
    ///
    /// # Errors
    /// When it cannot be done: the call takes `[on] error`.
    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault>;

    /// The call waited here, and this came.
    ///
    /// # Errors
    /// As [`Self::enter`].
    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let _ = input;
        self.enter(moment)
    }

    /// The caller wanted it once more too often: goes on as a wrong entry would.
    ///
    /// # Errors
    /// As [`Self::enter`].
    fn refuse(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let _ = moment;
        Ok(Then::GiveUp)
    }

    /// What it waits for.
    fn waits(&self) -> Waits<'_> {
        Waits::Nothing
    }

    /// What its words, numbers, URLs and conditions read.
    fn reads(&self) -> Reads {
        Reads::default()
    }

    /// What it does outside of the call, which cannot be taken back.
    fn outside(&self) -> Option<Outside<'_>> {
        None
    }

    /// Whether it can be done only while the caller is on the line.
    fn needs_caller(&self) -> bool {
        true
    }
}

/// What a step reads.
#[derive(Clone, Debug, Default)]
pub struct Reads {
    /// What its words, numbers and URLs read when the call comes to it.
    pub texts: Vec<Arc<Reading>>,
    /// What the conditions of its ways read, in order.
    pub conditions: Vec<Arc<Reading>>,
}

impl Reads {
    /// No more than these.
    pub fn texts(texts: Vec<Arc<Reading>>) -> Self {
        Self {
            texts,
            conditions: Vec::new(),
        }
    }
}

/// What a step does outside of the call, which cannot be taken back: `back` does not lead past it.
#[derive(Clone, Debug)]
pub enum Outside<'a> {
    /// Reaches out to somebody.
    Reaches,
    /// Submits what was answered.
    Submits {
        /// The backend, for the shell to check against its settings.
        backend: &'a str,
        /// The bytes of its name.
        at: Range<usize>,
        /// Whether everything that is promised must be there.
        full: bool,
    },
}

/// Questions about what a step does and reads.
impl dyn Step {
    /// What its words, numbers and URLs read when the call comes to it.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.reads().texts
    }

    /// The conditions of its ways, in order.
    pub fn conditions(&self) -> Vec<Arc<Reading>> {
        self.reads().conditions
    }

    /// Whether `back` does not lead past it.
    pub fn forbids_back(&self) -> bool {
        self.outside().is_some()
    }

    /// The backend that it submits to, with the place of its name.
    pub fn backend(&self) -> Option<(&str, Range<usize>)> {
        match self.outside()? {
            Outside::Submits { backend, at, .. } => Some((backend, at)),
            Outside::Reaches => None,
        }
    }

    /// Whether it submits everything that is promised.
    pub fn needs_promised(&self) -> bool {
        matches!(self.outside(), Some(Outside::Submits { full: true, .. }))
    }
}

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

/// What takes a way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// Nothing: the call goes on by itself.
    Itself,
    /// The condition of this place holds, and none before it.
    When(usize),
    /// The caller presses these keys.
    Keys(String),
    /// The caller enters what is legal, such as this.
    Entry(String),
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
            Self::Itself | Self::When(_) | Self::Keys(_) | Self::Entry(_) => false,
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
    /// What is unset after that.
    pub forgets: Vec<Slot>,
    /// What is read for it, and how many are set before.
    pub reads: Vec<(usize, Arc<Reading>)>,
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
