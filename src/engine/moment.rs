//! One moment of a call, as a step sees it, and what the step wants next.

use std::borrow::Cow;
use std::cell::RefCell;

use jiff::Timestamp;
use jiff::civil::Date;

use super::call::{Call, Outcome};
use super::came::Came;
use super::changes::{Append, Changes, Name as Changed};
use super::edge::Target;
use super::expression::{Clock, Name, Values};
use super::fault::Fault;
use super::flow::Flow;
use super::ids::{Slot, StepId};
use super::outcome_ways::OutcomeWays;
use super::permit::{CodeAct, CodeWanted, Permit, PermitWanted, TurnWants};
use super::prompt::Prompt;
use super::render::render;
use super::scope::Scope;
use super::submission::Submission;
use super::text_message::TextMessage;
use super::turn::{Gather, Verb};
use super::value::Value;
use super::way::{Way, full};
use crate::policy::Reach;
use crate::verify::CodeAnswer;

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
    /// The turn counts for nothing: it is taken again once it is known whether a number may be reached.
    TakeAgain,
}

/// What is left of a list after an entry was to be appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// It can take more.
    Left,
    /// The entry was the last that it can take.
    Filled,
    /// It could not take the entry.
    None,
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
    /// What is sent by SMS in this turn so far.
    pub(crate) texts: Vec<TextMessage>,
    /// Names that were read in this turn so far and not set.
    pub(crate) unset: RefCell<Vec<(StepId, Slot)>>,
    /// The condition that refused what was entered, by its place among those of the question.
    pub(crate) refused: Option<u16>,
    /// How the call ended, if it has.
    pub(crate) ended: Option<Outcome>,
}

impl<'a> Moment<'a> {
    /// One in which nothing has been said or done yet.
    pub fn new(flow: &'a Flow, call: &'a mut Call, step: StepId, now: Timestamp) -> Self {
        Self {
            flow,
            call,
            step,
            now,
            spoken: Vec::new(),
            submissions: Vec::new(),
            texts: Vec::new(),
            unset: RefCell::default(),
            refused: None,
            ended: None,
        }
    }
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

    /// Begins or ends something beside the call, at this place of what is heard.
    pub fn run(&mut self, verb: Verb) {
        self.spoken.push((verb, false));
    }

    /// Makes changes to answers and variables; what is left of the list that gets an entry.
    ///
    /// # Errors
    /// When a value cannot be worked out or does not fit its answer, or the entry of a list lacks one.
    fn change(&mut self, changes: &Changes) -> Result<Room, Fault> {
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
        let room = match &changes.append {
            Some(append) => self.append(append)?,
            None => Room::Left,
        };
        for slot in &changes.forget {
            self.call.put(*slot, None);
        }
        Ok(room)
    }

    /// Moves what is set of a list's names into a new entry of it. Where there is no room, nothing moves.
    fn append(&mut self, append: &Append) -> Result<Room, Fault> {
        let entries = self.call.value(append.list).map_or(0, Value::entries);
        if entries >= append.most {
            return Ok(Room::None);
        }
        let mut entry = Vec::with_capacity(append.names.len());
        for slot in &append.names {
            match (self.call.value(*slot), self.flow.answer(*slot)) {
                (Some(value), _) => entry.push((*slot, value.clone())),
                (None, Some(answer)) if !answer.optional => {
                    return Err(Fault::Unset(answer.name.clone()));
                }
                (None, _) => {}
            }
        }
        let mut list = match self.call.value(append.list) {
            Some(Value::Entries(list)) => list.clone(),
            _ => Vec::new(),
        };
        list.push(entry);
        for slot in &append.names {
            self.call.put(*slot, None);
        }
        self.call.put(append.list, Some(Value::Entries(list)));
        Ok(if entries + 1 == append.most {
            Room::Filled
        } else {
            Room::Left
        })
    }

    /// Takes a way, by its name; the one in its place where its list can take no more.
    ///
    /// # Errors
    /// When a value on it cannot be set, or its list can take no more and it does not say what comes then.
    pub fn take(&mut self, on: impl Into<Cow<'static, str>>, way: &Way) -> Result<Then, Fault> {
        let room = self.change(&way.changes)?;
        match (&way.full, &way.changes.append) {
            (Some(instead), _) if room != Room::Left => {
                self.change(&instead.changes)?;
                Ok(Then::Go(full(on), instead.next))
            }
            (None, Some(append)) if room == Room::None => {
                Err(Fault::ListFull(self.flow.written_name(append.list)))
            }
            _ => Ok(Then::Go(on.into(), way.next)),
        }
    }

    /// Takes the way of an outcome; the caller gives up where there is none.
    ///
    /// # Errors
    /// As [`Moment::take`].
    pub fn take_outcome(&mut self, outcome: &str, ways: &OutcomeWays) -> Result<Then, Fault> {
        match ways.way(outcome) {
            Some((on, way)) => self.take(on, way),
            None => Ok(Then::GiveUp),
        }
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

    /// Sends an SMS. A flow that goes in a circle within one turn says the same again: it is sent once.
    pub fn send(&mut self, text: TextMessage) {
        if !self.texts.contains(&text) {
            self.texts.push(text);
        }
    }

    /// Whether a number may be reached; nothing where that is not known yet: the step then answers [`Then::TakeAgain`].
    pub fn permit(&mut self, reach: Reach, number: &str, is_written: bool) -> Option<Permit> {
        let step = self.step;
        let Some(permits) = &mut self.call.permits else {
            return Some(Permit::Granted);
        };
        permits.next(|| {
            TurnWants::Number(PermitWanted {
                step,
                reach,
                number: number.to_owned(),
                is_written,
            })
        })
    }

    /// What comes of a code; nothing where that is not known yet: the step then answers [`Then::TakeAgain`].
    pub fn code(&mut self, act: CodeAct) -> Option<CodeAnswer> {
        let (step, unasked) = (self.step, act.unasked());
        let Some(permits) = &mut self.call.permits else {
            return Some(unasked);
        };
        match permits.next(|| TurnWants::Code(CodeWanted { step, act }))? {
            Permit::Code(answer) => Some(answer),
            // Of a trail that does not fit: as if nobody had counted.
            Permit::Granted | Permit::Refused(_) => Some(unasked),
        }
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

    /// Unsets the facts of a flow's steps that the call comes into: it knows nothing of the time before.
    pub(super) fn forget_inner_facts(&mut self, from: StepId, to: StepId) {
        let flow = self.flow;
        if let Some(inner) = flow.entered(from, to) {
            let is_inner = |step: StepId| flow.step(step).subflow == Some(inner);
            self.call.came.retain(|(of, _)| !is_inner(*of));
        }
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
