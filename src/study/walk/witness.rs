//! Whether the call that is to show a fault shows it: played by the engine, as a caller would.

use jiff::{Timestamp, ToSpan};

use super::map::NONE;
use crate::engine::advance::{Turn, advance_safely};
use crate::engine::call::{About, Call};
use crate::engine::diag::{Example, ExampleStep, Shows, StepEvent};
use crate::engine::fault::Fault;
use crate::engine::flow::Flow;
use crate::engine::ids::Slot;
use crate::engine::input::{Ending, Input};
use crate::engine::sid::CallSid;
use crate::engine::taken::Taken;
use crate::engine::turn::{Gather, Reply, Verb};
use crate::hours::HoursState;
use crate::written::CallerAct;
use crate::written::carrier_fields::by_key;

/// Hours between the moments that are tried where a call depends on when it is made.
const EVERY: i64 = 3;
/// How many of them are tried: a week.
const MOMENTS: i64 = 7 * 24 / EVERY;
/// The most changes of opening hours at which a call is tried, for each.
const MOST_CHANGES: usize = 100;
/// When the first call is made: a Monday morning, as in a test call.
const FIRST: Timestamp = Timestamp::constant(1_795_428_900, 0);
/// The carrier's error that a call meets which it cannot go on with.
const REFUSED: u32 = 12_100;

/// The example as its call shows the fault: at the usual moment or, where more are tried, at any of a week. Nothing where
/// no call does.
pub fn proved(flow: &Flow, example: &Example, tries_more: bool) -> Option<Example> {
    if let Some(example) = shown(flow, example, FIRST) {
        return Some(example);
    }
    if !tries_more {
        return None;
    }
    let week = (1..MOMENTS).map(|at| FIRST + (at * EVERY).hours());
    week.chain(hours_change(flow)).find_map(|at| {
        let shown = shown(flow, example, at)?;
        Some(Example {
            at: Some(at.to_string()),
            ..shown
        })
    })
}

/// When the opening hours that a flow reads change: in a week, and around the days that differ.
fn hours_change(flow: &Flow) -> Vec<Timestamp> {
    let changes = flow.hours.iter().flat_map(|(_, hours)| {
        let changes = HoursState::of(hours).changes(FIRST);
        changes.map(|(at, _)| at).take(MOST_CHANGES)
    });
    changes.collect()
}

/// The example as far as it was played at a moment, if its call shows the fault.
fn shown(flow: &Flow, example: &Example, at: Timestamp) -> Option<Example> {
    let mut played = Played {
        flow,
        at,
        call: Some(caller(flow, at, &example.fields)),
        last: None,
        steps: Vec::new(),
        has_failed: false,
        is_too_long: false,
        has_read_unset: false,
        silent_at: String::new(),
        sent: Vec::new(),
    };
    played.turn(&Input::Begin);
    let acts = played.all(&example.acts);
    let before = played.steps.len();
    let had_failed = played.has_failed;
    let then = acts.as_ref().and_then(|_| played.all(&example.then));
    let is_round = example.then.is_empty() || then.as_ref().is_some_and(|then| !then.is_empty());
    let is_done = then.is_some();
    // The way of an error is taken once a call: a round that fails is not gone through again.
    let goes_round = is_done && is_round && (had_failed || !played.has_failed);
    let is_shown = match &example.shows {
        Shows::Failure => is_done && played.has_failed,
        Shows::Unset => played.has_read_unset,
        // Where nobody is asked, a call without an end goes on until it is too long.
        Shows::NoEnd if example.then.is_empty() => {
            played.is_too_long || goes_round && !played.is_over()
        }
        // What is too long within a turn is another circle.
        Shows::NoEnd => goes_round && !played.is_over() && !played.is_too_long,
        Shows::Survivor { backend, answer } => is_done && played.has_sent(backend, answer),
        Shows::LeftOver { backend, answer } => {
            is_done && played.keeps(answer) && played.got(backend)
        }
        Shows::NotReached(step) => is_done && !played.steps[before..].contains(step),
        Shows::Comes(step) => is_done && played.steps.contains(step),
        Shows::Longer(_) | Shows::Cost => true,
    };
    is_shown.then(|| Example {
        acts: acts.unwrap_or_else(|| example.acts.clone()),
        then: then.unwrap_or_else(|| example.then.clone()),
        ..example.clone()
    })
}

/// A call from a test's usual number, which begins with these fields.
fn caller(flow: &Flow, at: Timestamp, fields: &[(String, String)]) -> Call {
    let sid = CallSid::parse("CA00000000000000000000000000000000").expect("it is one");
    let about = About {
        from: "+442079460001".to_owned(),
        to: "+442079460123".to_owned(),
        direction: "inbound".to_owned(),
        started: at.as_millisecond(),
        ..About::default()
    };
    let sent = |name: &str| {
        let mut fields = fields.iter();
        let given = fields.find(|(known, value)| known == name && !value.is_empty());
        match by_key(name) {
            Some("from") => Some(about.from.as_str()),
            Some("to") => Some(about.to.as_str()),
            // Whatever it is, whoever places the call says something.
            Some("") => Some("inbound"),
            _ => given.map(|(_, value)| value.as_str()),
        }
    };
    let fields = flow.read_call(sent);
    Call::new(sid, flow, about).with_fields(fields)
}

/// A call that is played, and what was seen of it.
struct Played<'f> {
    flow: &'f Flow,
    at: Timestamp,
    call: Option<Call>,
    last: Option<Verb>,
    steps: Vec<String>,
    has_failed: bool,
    is_too_long: bool,
    has_read_unset: bool,
    /// The step at which the caller was silent last, and has done nothing since.
    silent_at: String,
    /// The backends that got something, and which answers.
    sent: Vec<(String, Vec<Slot>)>,
}

impl Played<'_> {
    fn is_over(&self) -> bool {
        self.call.as_ref().is_none_or(Call::is_over)
    }

    /// Whether a backend got an answer.
    fn has_sent(&self, backend: &str, answer: &str) -> bool {
        let is_it = |slot: &Slot| {
            let named = self.flow.answer(*slot);
            named.is_some_and(|named| named.name == answer)
        };
        let mut sent = self.sent.iter();
        sent.any(|(to, answers)| to == backend && answers.iter().any(is_it))
    }

    /// Whether a backend got something.
    fn got(&self, backend: &str) -> bool {
        self.sent.iter().any(|(to, _)| to == backend)
    }

    /// Whether an answer is set.
    fn keeps(&self, answer: &str) -> bool {
        let slots = (0..).zip(&self.flow.names);
        let mut slots = slots.filter(|(_, name)| *name == answer);
        let slot = slots.next().map(|(slot, _)| slot);
        let value = slot.zip(self.call.as_ref());
        value.is_some_and(|(slot, call)| call.value(slot).is_some())
    }

    /// Does what an example says, one after the other; what was done of it, or nothing where the call went another way. A
    /// silence more than a question has patience for is left out.
    fn all(&mut self, acts: &[ExampleStep]) -> Option<Vec<ExampleStep>> {
        let mut done = Vec::new();
        for act in acts {
            let is_more_of_the_same = act.event == StepEvent::SILENT && self.silent_at == act.step;
            if self.act(act) {
                done.push(act.clone());
            } else if !is_more_of_the_same {
                return None;
            }
            self.silent_at = match act.event {
                StepEvent::SILENT => act.step.clone(),
                _ => String::new(),
            };
        }
        Some(done)
    }

    /// Does what an example says; whether the call waits for that.
    fn act(&mut self, act: &ExampleStep) -> bool {
        let waits = self.call.as_ref().filter(|call| !call.is_over());
        let Some(step) = waits.and_then(Call::step).filter(|step| *step != NONE) else {
            return false;
        };
        let of = self.flow.step(step);
        if of.name != act.step {
            return false;
        }
        let input = match &act.event {
            StepEvent::Acts(act) => match &self.last {
                Some(Verb::Gather(gather)) => entry(gather, act),
                _ => return false,
            },
            StepEvent::Came { outcome, .. } => match of.action.away() {
                Some(away) => {
                    let input = Input::Came(away.bare(outcome));
                    self.call = self.call.take().map(Call::with_last_ring);
                    input
                }
                None => return false,
            },
            StepEvent::Refused => Input::Failed(Fault::Refused(REFUSED)),
            StepEvent::HangUp | StepEvent::HangUpAway => Input::HungUp(Ending::HungUp),
        };
        self.turn(&input);
        true
    }

    fn turn(&mut self, input: &Input) {
        let Some(call) = self.call.take() else { return };
        let turn = advance_safely(self.flow, call, input, self.at);
        self.note(&turn, input);
        let Reply::Speak(mut verbs) = turn.reply;
        self.last = verbs.pop();
        self.call = Some(turn.call);
    }

    fn note(&mut self, turn: &Turn, input: &Input) {
        let came_to = turn.ways.iter().filter_map(Taken::step);
        let last = came_to.clone().next_back();
        let names = came_to.map(|step| self.flow.step(step).name.clone());
        self.steps.extend(names);
        // What is done for a caller who has left ends silently at a step that needs one.
        let is_gone = matches!(input, Input::HungUp(_));
        let needs_caller = |step| self.flow.step(step).action.needs_caller();
        // An error of the carrier is the caller's bad luck, and no fault of a step.
        let refused = matches!(input, Input::Failed(_));
        let mut own = turn.faults.iter().skip(usize::from(refused));
        let gave_up = |step| self.flow.on_error_at(step).is_some();
        let has_failed = own.any(|(step, fault)| !(*fault == Fault::GaveUp && gave_up(*step)));
        self.has_failed |= has_failed || is_gone && last.is_some_and(needs_caller);
        let mut faults = turn.faults.iter();
        self.is_too_long |=
            faults.any(|(_, fault)| matches!(fault, Fault::TooLong | Fault::Circle));
        self.has_read_unset |= !turn.unset.is_empty();
        let deliveries = turn.deliveries.iter();
        self.sent
            .extend(deliveries.map(|sent| (sent.backend.clone(), sent.answers.clone())));
    }
}

/// What an act comes to that the carrier waits for.
fn entry(gather: &Gather, act: &CallerAct) -> Input {
    match act {
        CallerAct::Silent => Input::Silence,
        CallerAct::Says(said) if gather.speech.is_some() => {
            Input::heard(said.words.clone(), said.percent)
        }
        // Nobody listens.
        CallerAct::Says(_) => Input::Silence,
        CallerAct::Press(keys) => {
            let most = gather.num_digits.map_or(usize::MAX, |most| most as usize);
            let entered: String = keys
                .chars()
                .take_while(|key| gather.finish_on_key != Some(*key))
                .take(most)
                .collect();
            if entered.is_empty() {
                Input::Silence
            } else {
                Input::Keys(entered)
            }
        }
    }
}
