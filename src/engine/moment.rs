//! One moment of a call, as a step sees it, and what the step wants next.

use std::borrow::Cow;
use std::cell::RefCell;

use jiff::Timestamp;
use jiff::civil::Date;

use super::call::{Call, Outcome};
use super::came::Came;
use super::changes::{Changes, Name as Changed};
use super::edge::Target;
use super::expression::{Clock, Name, Values};
use super::fault::Fault;
use super::flow::Flow;
use super::ids::{Slot, StepId};
use super::prompt::Prompt;
use super::render::render;
use super::scope::Scope;
use super::submission::Submission;
use super::turn::{Gather, Verb};
use super::value::Value;
use super::way::Way;

/// What a step wants next.
#[derive(Clone, Debug, PartialEq)]
pub enum Then {
    /// Goes on by a way: its name, as the edge has it (`anywhere.9` for a key of `[anywhere]`), and where it leads. What
    /// the way sets is set already.
    Go(Cow<'static, str>, Target),
    /// Waits for keys or words, listening while it speaks where that is allowed.
    Ask(Gather),
    /// Waits for the result of a verb.
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
    pub(crate) submissions: Vec<Submission>,
    /// Names that were read in this turn so far and not set.
    pub(crate) unset: RefCell<Vec<(StepId, Slot)>>,
    /// The condition that refused what was entered, by its place among those of the question.
    pub(crate) refused: Option<u16>,
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

    /// The day, by the clock that the flow reads.
    pub fn today(&self) -> Date {
        let scope = self.scope();
        let today = scope.read(Name::Now(Clock::Date));
        let day = today.and_then(|today| today.into_text().parse().ok());
        day.unwrap_or_default()
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
        for (name, source) in &changes.set {
            let value = source.value(&self.scope())?;
            match name {
                Changed::Slot(slot) => {
                    let value = value.map(|value| self.fit(*slot, value)).transpose()?;
                    self.call.put(*slot, value);
                }
                Changed::Language => self.set_language(value)?,
            }
        }
        for slot in &changes.forget {
            self.call.put(*slot, None);
        }
        Ok(())
    }

    /// Takes a way, by its name.
    ///
    /// # Errors
    /// When a value on it cannot be set.
    pub fn take(&mut self, on: impl Into<Cow<'static, str>>, way: &Way) -> Result<Then, Fault> {
        self.change(&way.changes)?;
        Ok(Then::Go(on.into(), way.next))
    }

    /// A value that an answer accepts; a variable accepts any.
    fn fit(&self, slot: Slot, value: Value) -> Result<Value, Fault> {
        match self.flow.answer(slot) {
            Some(answer) if !answer.kind.accepts(&value) => Err(Fault::Misfit {
                name: answer.name.clone(),
                value: if answer.sensitive {
                    String::new()
                } else {
                    value.to_string()
                },
            }),
            _ => Ok(value),
        }
    }

    fn set_language(&mut self, value: Option<Value>) -> Result<(), Fault> {
        let tag = value.map(|value| value.to_string()).unwrap_or_default();
        let mut languages = self.flow.languages.iter();
        let place = languages.position(|language| *language.tag == *tag);
        match place.and_then(|place| u8::try_from(place).ok()) {
            Some(place) => self.call.language = place,
            None => {
                return Err(Fault::Misfit {
                    name: "call.language".to_owned(),
                    value: tag,
                });
            }
        }
        Ok(())
    }

    /// Notes what came back to this step.
    pub fn came(&mut self, came: Came) {
        self.forget_facts();
        self.call.came.push((self.step, came));
    }

    /// Unsets the facts of this step: it waits again, or not at all.
    pub(super) fn forget_facts(&mut self) {
        let step = self.step;
        self.call.came.retain(|(to, _)| *to != step);
    }

    /// Whether the caller has hung up, and this is what the flow does then.
    pub fn has_left(&self) -> bool {
        self.ended.is_some()
    }

    /// Makes it impossible to go back past this moment.
    pub fn forbid_back(&mut self) {
        self.call.trail.clear();
    }
}
