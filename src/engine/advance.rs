//! Moving a call on by one turn.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::call::{At, Call, Misses, Outcome};
use super::delivery::Delivery;
use super::edge::Target;
use super::fault::{Fault, STEPS_A_TURN, STEPS_A_VISIT};
use super::flow::Flow;
use super::ids::{Slot, StepId};
use super::input::{Ending, Input};
use super::moment::{Moment, Then};
use super::outbound::way_of;
use super::submission::Submission;
use super::taken::{GIVE_UP, ON_ERROR, ON_HANGUP, On, START, Taken};
use super::text_message::TextMessage;
use super::turn::{Gather, Reply, Verb};
use super::waits::Waits;
use super::way::Way;
use crate::written::PlacedOutcome;

/// Times that questions are repeated on demand in one visit.
pub const REPEATS_A_VISIT: u8 = 10;
/// Seconds without a sign of life, beyond what the step itself may take, until a call that was handed on counts as over.
const HANDED_ON_GRACE: u32 = 600;

/// The result of a turn.
#[derive(Clone, Debug, PartialEq)]
pub struct Turn {
    /// The call, to be saved. It waits for a turn greater by one.
    pub call: Call,
    /// The answer to the carrier.
    pub reply: Reply,
    /// What must be delivered.
    pub deliveries: Vec<Delivery>,
    /// What is sent by SMS.
    pub texts: Vec<TextMessage>,
    /// The ways that were taken, in order.
    pub ways: Vec<Taken>,
    /// The flow's milestones that were reached in it for the first time in the visit, by their places.
    pub reached: Vec<u16>,
    /// Steps that could not be done, for logs and metrics.
    pub faults: Vec<(StepId, Fault)>,
    /// Names that were read and not set, and at which step. What `is defined` guards is not among them.
    pub unset: Vec<(StepId, Slot)>,
    /// The condition that refused what was entered, by its place among those of the question.
    pub refused: Option<u16>,
    /// Seconds that the call may be handed on without a sign of life; `None` where it waits for the caller.
    pub holds_for: Option<u32>,
}

/// Moves a call on by one turn. Pure: same arguments, same answer.
///
/// A call that is over stays as it is, and hears nothing more.
pub fn advance(flow: &Flow, call: Call, input: &Input, now: Timestamp) -> Turn {
    let mut call = call;
    call.turn += 1;
    let known = call.reached.len();
    let mut run = Run {
        faults: Vec::new(),
        ways: Vec::new(),
        caller: Presence::at(input),
    };
    let step = call.step().unwrap_or(flow.start);
    let mut moment = Moment::new(flow, &mut call, step, now);
    let (last, holds_for) = run.turn(&mut moment, input);
    let Moment {
        spoken,
        submissions,
        texts,
        unset,
        refused,
        ended,
        ..
    } = moment;
    if let Some(outcome) = ended {
        call.at = At::Over {
            outcome,
            step: call.step().unwrap_or(flow.start),
        };
    }
    let deliveries = number(flow, &mut call, submissions, now);
    let (reply, unset) = (Reply::Speak(compose(spoken, last)), unset.into_inner());
    Turn {
        reply,
        deliveries,
        texts,
        ways: run.ways,
        reached: call.reached[known..].to_vec(),
        faults: run.faults,
        unset,
        refused,
        holds_for,
        call,
    }
}

/// [`advance`] in spite of bugs: a panic in a step becomes a fault of that step ([`Fault::Panic`]), and harms no other call.
pub fn advance_safely(flow: &Flow, call: Call, input: &Input, now: Timestamp) -> Turn {
    let spare = call.clone();
    let taken = catch_unwind(AssertUnwindSafe(|| advance(flow, call, input, now)));
    let again = taken.or_else(|_| {
        catch_unwind(AssertUnwindSafe(|| {
            advance(flow, spare.clone(), &Input::Failed(Fault::Panic), now)
        }))
    });
    again.unwrap_or_else(|_| {
        let mut call = spare;
        call.turn += 1;
        let step = call.step().unwrap_or(flow.start);
        call.at = At::Over {
            outcome: Outcome::Failed,
            step,
        };
        let reply = Reply::Speak(vec![Verb::Hangup]);
        let faults = vec![(step, Fault::Panic)];
        Turn {
            call,
            reply,
            deliveries: Vec::new(),
            texts: Vec::new(),
            ways: Vec::new(),
            reached: Vec::new(),
            faults,
            unset: Vec::new(),
            refused: None,
            holds_for: None,
        }
    })
}

/// A way of the flow itself.
fn go(on: &'static str, step: StepId) -> Then {
    Then::Go(on.into(), Target::Step(step))
}

/// What one turn needs besides the moment.
struct Run {
    faults: Vec<(StepId, Fault)>,
    ways: Vec<Taken>,
    caller: Presence,
}

/// Whether there is a caller.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    /// On the line.
    There,
    /// Has hung up at what the step waited for, which goes on all the same: what only is heard is passed over, and the first
    /// step that would wait is the end.
    Leaving,
    /// Has left: `[on] hangup` is done.
    Gone,
}

impl Presence {
    fn at(input: &Input) -> Self {
        match input {
            Input::HungUp(_) => Self::Gone,
            Input::Placed(outcome) if !outcome.is_answered() => Self::Gone,
            Input::Came(came) if came.has_left() => Self::Leaving,
            _ => Self::There,
        }
    }
}

/// The verb that a turn ends with.
enum Last {
    Ask(Gather),
    Verb(Verb),
}

impl Run {
    fn turn(&mut self, moment: &mut Moment<'_>, input: &Input) -> (Last, Option<u32>) {
        if matches!(
            input,
            Input::Keys(_) | Input::Speech(_) | Input::Heard(..) | Input::Came(_)
        ) {
            moment.call.gave_up = false;
        }
        let first = match (moment.call.at, input) {
            (At::Over { .. }, _) => return (Last::Verb(Verb::Hangup), None),
            (_, Input::HungUp(ending)) => return self.hang_up(moment, *ending),
            (_, Input::Failed(fault)) => Err(fault.clone()),
            (_, Input::Place) => return (Last::Verb(Verb::Hangup), None),
            (_, Input::Reached) => {
                moment.ended = Some(Outcome::Reached);
                return (Last::Verb(Verb::Hangup), None);
            }
            (_, Input::Placed(outcome)) if !outcome.is_answered() => {
                return self.not_reached(moment, *outcome);
            }
            (At::Start, Input::Placed(outcome)) => Ok(match moment.flow.placed_way(*outcome) {
                Some(step) => go(way_of(*outcome), step),
                None => go(START, moment.flow.start),
            }),
            (At::Start, _) => Ok(go(START, moment.flow.start)),
            (At::Step(step), input) => moment.flow.step(step).action.resume(moment, input),
        };
        let last = self.follow(moment, first);
        if self.caller == Presence::There {
            return last;
        }
        // Nobody hears it.
        moment.spoken.clear();
        (Last::Verb(Verb::Hangup), None)
    }

    /// The caller has left: `[on] hangup`, where there is one, up to the first step that needs a caller.
    fn hang_up(&mut self, moment: &mut Moment<'_>, ending: Ending) -> (Last, Option<u32>) {
        let outcome = ending.outcome();
        moment.ended = Some(outcome);
        self.caller = Presence::Gone;
        let flow = moment.flow;
        let (at, step) = (moment.call.at, moment.step);
        for way in flow.on_hangup_at(step) {
            moment.step = step;
            let first = moment.take(ON_HANGUP, way);
            let _ = self.follow(moment, first);
            // The last step is where the caller left, not what was done afterwards.
            moment.call.at = at;
            moment.ended = Some(outcome);
        }
        moment.spoken.clear();
        (Last::Verb(Verb::Hangup), None)
    }

    /// Nobody has answered a call that we placed: the way of `[outbound]`, where there is one, up to the first step that
    /// needs somebody.
    fn not_reached(
        &mut self,
        moment: &mut Moment<'_>,
        outcome: PlacedOutcome,
    ) -> (Last, Option<u32>) {
        moment.ended = Some(Outcome::Unreached);
        if let Some(step) = moment.flow.placed_way(outcome) {
            let _ = self.follow(moment, Ok(go(way_of(outcome), step)));
            moment.ended = Some(Outcome::Unreached);
        }
        moment.spoken.clear();
        (Last::Verb(Verb::Hangup), None)
    }

    fn follow(
        &mut self,
        moment: &mut Moment<'_>,
        first: Result<Then, Fault>,
    ) -> (Last, Option<u32>) {
        let (flow, mut then) = (moment.flow, first);
        for _ in 0..STEPS_A_TURN {
            let next = match then {
                Ok(Then::Go(on, target)) => self.go(moment, &on, target),
                Ok(Then::Ask(_) | Then::Wait(_)) if self.caller == Presence::Leaving => {
                    return self.hang_up(moment, Ending::HungUp);
                }
                Ok(Then::Ask(gather)) => return (Last::Ask(gather), None),
                Ok(Then::Wait(verb)) => {
                    let holds = moment.flow.step(moment.step).action.away();
                    return (
                        Last::Verb(verb),
                        holds.map(|away| away.longest.saturating_add(HANDED_ON_GRACE)),
                    );
                }
                Ok(Then::End(verb)) => {
                    moment.ended = Some(match verb {
                        Verb::Reject { .. } => Outcome::TurnedAway,
                        _ if moment.call.gave_up => Outcome::GaveUp,
                        _ => Outcome::Completed,
                    });
                    return (Last::Verb(verb), None);
                }
                Ok(Then::TakeAgain) => return (Last::Verb(Verb::Hangup), None),
                Ok(Then::GiveUp) => match flow.give_up_at(moment.step) {
                    Some(way) => moment.take(GIVE_UP, way),
                    None => Err(Fault::GaveUp),
                },
                Err(fault) if self.caller == Presence::Leaving => {
                    let is_end = matches!(fault, Fault::NoCaller | Fault::GaveUp);
                    self.faults
                        .extend((!is_end).then_some((moment.step, fault)));
                    return self.hang_up(moment, Ending::HungUp);
                }
                Err(fault) => match self.fault(moment, fault) {
                    Some(way) => moment.take(ON_ERROR, way),
                    None => return self.apologise(moment),
                },
            };
            then = next;
        }
        self.faults.push((moment.step, Fault::Circle));
        self.apologise(moment)
    }

    fn go(&mut self, moment: &mut Moment<'_>, on: &str, to: Target) -> Result<Then, Fault> {
        let from = moment.step;
        let on = On::named(moment.flow, from, on);
        self.ways.push(Taken { from, on, to });
        match to {
            Target::Hangup => Ok(Then::End(Verb::Hangup)),
            Target::Step(step) => {
                moment.forget_inner_facts(from, step);
                self.enter(moment, step)
            }
            Target::Repeat => self.repeat(moment),
            Target::Back => self.back(moment),
        }
    }

    fn enter(&mut self, moment: &mut Moment<'_>, step: StepId) -> Result<Then, Fault> {
        let flow = moment.flow;
        let action = &flow.step(step).action;
        let is_left = match self.caller {
            Presence::There => false,
            Presence::Leaving => !matches!(action.waits(), Waits::Nothing),
            Presence::Gone => action.needs_caller(),
        };
        if is_left {
            return match moment.ended {
                Some(_) => Ok(Then::End(Verb::Hangup)),
                None => Err(Fault::NoCaller),
            };
        }
        if action.asks() {
            moment.call.ask_at(step);
        }
        self.arrive(moment, step)
    }

    fn arrive(&mut self, moment: &mut Moment<'_>, step: StepId) -> Result<Then, Fault> {
        // What is done for a caller who has left is short, and must not be lost because the call was long.
        if self.caller == Presence::There && moment.call.steps >= STEPS_A_VISIT {
            return Err(Fault::TooLong);
        }
        let action = &moment.flow.step(step).action;
        moment.call.steps = moment.call.steps.saturating_add(1);
        moment.call.at = At::Step(step);
        moment.call.reach(moment.flow, step);
        if action.asks() {
            moment.call.misses = Misses::default();
        }
        moment.step = step;
        moment.forget_facts();
        // What is left of a wait that ended by a fault.
        moment.call.end_wait();
        action.enter(moment)
    }

    /// Puts the last question again, with its misses so far, whatever was done since; past the limit, goes on as after a
    /// wrong entry.
    fn repeat(&mut self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let flow = moment.flow;
        let Some(step) = moment.call.question else {
            return flow.step(moment.step).action.enter(moment);
        };
        moment.call.ask_at(step);
        moment.step = step;
        moment.call.at = At::Step(step);
        if moment.call.repeats >= REPEATS_A_VISIT {
            return flow.step(step).action.refuse(moment);
        }
        moment.call.repeats += 1;
        flow.step(step).action.enter(moment)
    }

    /// Back to the question before, with the answers of that moment; to the last question as it is, where nothing leads
    /// back.
    fn back(&mut self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        if moment.flow.step(moment.step).action.asks() {
            if moment.call.trail.len() < 2 {
                return self.repeat(moment);
            }
            moment.call.undo_last();
        }
        match moment.call.undo_last() {
            Some(step) => self.enter(moment, step),
            None => self.repeat(moment),
        }
    }

    /// Notes a fault; returns the way of `[on] error`, once a visit.
    fn fault<'a>(&mut self, moment: &mut Moment<'a>, fault: Fault) -> Option<&'a Way> {
        self.faults.push((moment.step, fault));
        let way = moment.flow.on_error_at(moment.step);
        let is_there = self.caller == Presence::There;
        let way = way.filter(|_| is_there && !moment.call.error_taken);
        moment.call.error_taken = true;
        if way.is_some() {
            // A call that is too long may still take the few steps of its way out, once.
            moment.call.steps = moment.call.steps.min(STEPS_A_VISIT - STEPS_A_TURN as u16);
        }
        way
    }

    /// Calm words and the end, where the flow knows no way.
    fn apologise(&mut self, moment: &mut Moment<'_>) -> (Last, Option<u32>) {
        moment.ended = Some(Outcome::Failed);
        let words = &moment.flow.own_words(moment.call.language).apology;
        moment
            .spoken
            .extend(words.iter().map(|verb| (verb.clone(), false)));
        (Last::Verb(Verb::Hangup), None)
    }
}

/// Puts what is spoken and the last verb together: what may be cut short and can be nested stands in the `Gather`.
fn compose(spoken: Vec<(Verb, bool)>, last: Last) -> Vec<Verb> {
    let mut gather = match last {
        Last::Verb(verb) => {
            let mut verbs: Vec<Verb> = spoken.into_iter().map(|(verb, _)| verb).collect();
            verbs.push(verb);
            return verbs;
        }
        Last::Ask(gather) => gather,
    };
    let outside = spoken
        .iter()
        .rposition(|spoken| !nests(spoken))
        .map_or(0, |at| at + 1);
    let mut verbs: Vec<Verb> = spoken.into_iter().map(|(verb, _)| verb).collect();
    gather.prompts = verbs.split_off(outside);
    verbs.push(Verb::Gather(gather));
    verbs
}

/// Whether a key may cut off what is spoken: that is allowed, and it can be nested in a `Gather`.
pub fn nests((verb, barge_in): &(Verb, bool)) -> bool {
    *barge_in && matches!(verb, Verb::Say(_) | Verb::Play(_) | Verb::Pause(_))
}

fn number(
    flow: &Flow,
    call: &mut Call,
    submissions: Vec<Submission>,
    now: Timestamp,
) -> Vec<Delivery> {
    let number = |submission: Submission| {
        call.deliveries += 1;
        submission.delivery(flow, call, now)
    };
    submissions.into_iter().map(number).collect()
}
