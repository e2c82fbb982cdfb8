//! What is worked out for a call that awaits what a service answers, beside its turns.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::awaiting::{Awaiting, SaidBefore};
use super::call::{At, Call};
use super::came::Came;
use super::fault::Fault;
use super::flow::Flow;
use super::moment::{Moment, Then};
use super::progress::Progress;
use super::prompt::Prompt;
use super::service::{ServiceAnswer, ServiceRequest};
use super::turn::Verb;

/// Seconds of silence behind what is heard while an answer is awaited: with the time that the same turn takes which is asked
/// again, no caller is without words for more than four seconds.
const SILENCE: u32 = 2;

impl Moment<'_> {
    /// Awaits what a service answers; the caller hears that it lasts, unless the answer comes in the same turn.
    pub(super) fn await_answer(&mut self, hold: Option<&Prompt>) -> Result<Then, Fault> {
        let spoken = self.spoken.iter();
        let said = spoken.filter_map(|(verb, barge_in)| Some((SaidBefore::of(verb)?, *barge_in)));
        let awaiting = Awaiting {
            began: self.now.as_millisecond(),
            said: said.collect(),
            ..Awaiting::default()
        };
        self.call.wait_for(Progress::Service(awaiting));
        self.say_hold(hold)?;
        Ok(Then::Wait(Verb::Again))
    }

    /// Ends the wait. What was said before is heard now, where the caller has not heard it.
    pub(super) fn end_awaiting(&mut self, is_held: bool) {
        let progress = self.call.progress.take();
        if let (Some(Progress::Service(awaiting)), false) =
            (progress.map(|progress| *progress), is_held)
        {
            let said = awaiting.said.into_iter();
            self.spoken
                .extend(said.map(|(said, barge_in)| (said.into(), barge_in)));
        }
    }

    /// What is heard while it lasts: the flow's words, else our own.
    pub(super) fn say_hold(&mut self, hold: Option<&Prompt>) -> Result<(), Fault> {
        match hold {
            Some(prompt) => self.say(prompt, false)?,
            None => {
                let own = &self.flow.own_words(self.call.language).hold;
                let own = own.iter().filter(|verb| !matches!(verb, Verb::Pause(_)));
                self.spoken.extend(own.map(|verb| (verb.clone(), false)));
            }
        }
        self.spoken.push((Verb::Pause(SILENCE), false));
        Ok(())
    }
}

/// What a call awaits, if it does: pure, and the same on every node.
///
/// # Errors
/// When it cannot be worked out, which it could when the step was entered.
pub fn awaited_request(flow: &Flow, call: &Call) -> Result<Option<ServiceRequest>, Fault> {
    let (At::Step(step), Some(awaiting)) = (call.at, call.awaiting()) else {
        return Ok(None);
    };
    let (mut call, began) = (call.clone(), awaiting.began());
    let work_out = || {
        let moment = Moment::new(flow, &mut call, step, began);
        flow.step(step).action.request(&moment)
    };
    catch_unwind(AssertUnwindSafe(work_out)).unwrap_or(Err(Fault::Panic))
}

/// What an answer comes to for the step that awaits it; nothing where the call awaits none.
pub fn awaited_answer(flow: &Flow, call: &Call, answer: &ServiceAnswer) -> Option<Came> {
    let (At::Step(step), Some(_)) = (call.at, call.awaiting()) else {
        return None;
    };
    let action = &flow.step(step).action;
    catch_unwind(AssertUnwindSafe(|| action.answered(answer))).ok()
}

/// What the caller hears once more while an answer is awaited; the call's next turn is asked for behind it.
pub fn hold_again(flow: &Flow, call: &Call, now: Timestamp) -> Vec<Verb> {
    let mut call = call.clone();
    let words = || {
        let At::Step(step) = call.at else {
            return Vec::new();
        };
        let mut moment = Moment::new(flow, &mut call, step, now);
        // Words that cannot be worked out any more were worked out before: silence will do.
        let _ = flow.step(step).action.hold(&mut moment);
        moment.spoken.into_iter().map(|(verb, _)| verb).collect()
    };
    let words = catch_unwind(AssertUnwindSafe(words)).unwrap_or_default();
    let silence = Verb::Pause(SILENCE);
    let silence = (!words.contains(&silence)).then_some(silence);
    words
        .into_iter()
        .chain(silence)
        .chain([Verb::Again])
        .collect()
}
