//! What changes for callers between two versions of a flow, in their terms.
//!
//! Both versions are checked, so nothing here asks whether a step exists. A step is taken apart into what a caller can
//! meet at it ([`facts`]): its ways, from the `Step` trait's edges; its prompts and its other keys, found by what its
//! action describes for editors. So a new action needs no line here, and no difference in what is written can go
//! unnoticed: a key that no rule has words for is named. What nobody on the line can notice (`title`, `[check]`,
//! comments, the order of keys, a default that is written out) is no change.

mod changed;
mod compare;
mod comparison;
mod facts;
mod flows;
mod hours;
mod leaves;
mod order;
mod prompts;
mod said;
mod steps;
mod subflows;
mod ways;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::diag::Place;
use crate::engine::load::Loaded;
use crate::written::PlacedOutcome;

/// Something that changes for callers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The steps that it is about, by their names in the new version, or in the old one where they are gone; none where
    /// it is about the flow as a whole.
    pub steps: Vec<String>,
    /// What it is.
    pub what: What,
    /// Where it stands: in the new version, unless `gone`.
    pub at: Place,
    /// Whether it stands in the old version only.
    pub gone: bool,
}

/// What changes for callers. Names of steps are those of the new version, unless something is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Something about the flow as a whole.
    Flow(FlowChange),
    /// Something about the answer of this name.
    Answer(String, AnswerChange),
    /// A step is new: its action, and what it says in the first language.
    StepNew(String, String),
    /// A step is gone: its action.
    StepGone(String),
    /// A step has another name; this one before.
    StepRenamed(String),
    /// A step has another action: before, and now.
    Action(String, String),
    /// A way leads elsewhere.
    Way(Vec<Event>, Goal, Goal),
    /// On a way something else is set, forgotten or stored: the key below the way, before and now.
    Effect(Vec<Event>, Vec<String>, Option<String>, Option<String>),
    /// A `branch` asks another condition in the place of one: before, and now.
    Condition(String, String),
    /// A `branch` asks its conditions in another order, which is this.
    Conditions(Vec<String>),
    /// Other words.
    Words(Words),
    /// What is entered is stored as another answer: before, and now.
    Stores(Option<String>, Option<String>),
    /// What was answered goes to another backend: before, and now.
    Submits(String, String),
    /// Whether it submits even if answers are missing.
    Partial(bool),
    /// The call is handed on to somebody else: the action, before, and now.
    Destination(&'static str, String, String),
    /// Any other key: its path, before and now.
    Key(Vec<String>, Option<String>, Option<String>),
    /// A question is put before another one that was put before it.
    Earlier(String),
    /// A question is put after another one that was put after it.
    Later(String),
}

/// What changes about a flow as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FlowChange {
    /// The flow is new.
    New,
    /// The flow is gone.
    Gone,
    /// Calls to a number come here that did not.
    NumberNew(String),
    /// Calls to a number no longer come here.
    NumberGone(String),
    /// A call begins in another language: before, and now.
    First(String, String),
    /// A language is new.
    LanguageNew(String),
    /// A language is gone.
    LanguageGone(String),
    /// A language is spoken by another voice: before, and now; `None` is the account's own.
    Voice(String, Option<String>, Option<String>),
    /// Opening hours differ: their name, the days or whatever it is, before, and now.
    Hours(String, String, String, String),
}

/// What changes about an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnswerChange {
    /// The backend may get it now: what may be entered.
    New(String),
    /// The backend does not get it any more.
    Gone,
    /// Something else may be entered: before, and now.
    Type(String, String),
    /// Whether a full submission may lack it.
    Optional(bool),
    /// Whether it is kept from everybody but the backend.
    Sensitive(bool),
}

/// What is said that differs from before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words {
    /// By which key each of the steps says it; empty where that is its action. For a value of an answer, the prompt.
    pub keys: Vec<Vec<String>>,
    /// The language; `None` where the flow speaks one only.
    pub language: Option<String>,
    /// The words before; `None` where nothing was said.
    pub old: Option<String>,
    /// The words now; `None` where nothing is said any more.
    pub new: Option<String>,
    /// The recordings before and now, where those differ; empty where words are spoken.
    pub recordings: Option<(Vec<String>, Vec<String>)>,
}

/// What takes a way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Event {
    /// A call comes in.
    Begins,
    /// A caller is out of attempts, at a question that has no `give_up` of its own.
    OutOfAttempts,
    /// A caller hangs up before the flow has ended.
    LeavesEarly,
    /// A step cannot be done.
    CannotBeDone,
    /// A call that we placed comes out so.
    Placed(PlacedOutcome),
    /// A key at any question.
    Anywhere(String),
    /// Keys of a menu.
    Keys(String),
    /// Any key of a menu that has no entry of its own.
    AnyKey,
    /// A legal entry.
    Entry,
    /// The call goes on by itself.
    Itself,
    /// A condition holds.
    When(String),
    /// None does.
    Otherwise,
    /// The first silence, where it counts no attempt.
    Silent,
    /// Silence at the last attempt.
    NoInput,
    /// A wrong entry at the last attempt.
    NoMatch,
    /// The flow that is gone through ends so.
    Exit(String),
    /// How what the step waits for ends, in the flow's word, and whether that is good.
    Outcome(&'static str, bool),
}

/// Where a way leads.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Goal {
    /// To a step.
    Step(String),
    /// Ends the call.
    Hangup,
    /// Puts the question again.
    Repeat,
    /// To the question before.
    Back,
    /// Ends the call with an apology.
    Apology,
    /// There is no such way: a key is a wrong entry, a condition is not asked, nothing is done.
    Nothing,
}

/// Two versions of a flow, compared.
#[derive(Clone, Debug, Default)]
pub struct Diff {
    /// What changes for callers, in the order of the new version's file.
    pub changes: Vec<Change>,
    /// Steps that have another name now: the old one, and the new one.
    pub renamed: BTreeMap<String, String>,
    /// The steps of the old version and of the new one that only end the call, which nobody on the line can tell from a
    /// way that does.
    pub unnoticed: (BTreeSet<String>, BTreeSet<String>),
}

impl Diff {
    /// What a step of the old version is called now.
    pub fn name_now(&self, old: &str) -> String {
        self.renamed.get(old).map_or(old, String::as_str).to_owned()
    }
}

/// Compares two versions of a flow.
pub fn diff(old: &Loaded, new: &Loaded) -> Diff {
    compare::versions(old, new)
}

/// The one change of a flow that only one side has.
pub fn only(flow: &Loaded, gone: bool) -> Change {
    let at = Place {
        file: flow.bundle.file.clone(),
        span: 0..0,
    };
    Change {
        steps: Vec::new(),
        what: What::Flow(if gone {
            FlowChange::Gone
        } else {
            FlowChange::New
        }),
        at,
        gone,
    }
}
