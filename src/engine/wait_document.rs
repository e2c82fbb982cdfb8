//! What a caller hears who waits in a queue, piece by piece.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::call::{At, Call};
use super::fault::Fault;
use super::flow::Flow;
use super::moment::Moment;
use super::waiting::{WaitAnswer, WaitAsked};

/// What a caller who waits hears next. Pure, and the same for the same request; it never fails: what cannot be worked out
/// is left out, and whoever is not waited for any more leaves the queue.
pub fn answer_wait(flow: &Flow, call: &Call, asked: &WaitAsked, now: Timestamp) -> WaitAnswer {
    let (At::Step(step), Some(_)) = (call.at, call.waiting()) else {
        return WaitAnswer::leave();
    };
    let mut call = call.clone();
    if let Some(waiting) = call.waiting_mut() {
        waiting.now = Some(asked.queue);
    }
    let answer = || {
        let moment = Moment::new(flow, &mut call, step, now);
        flow.step(step).action.keep_waiting(&moment, asked)
    };
    catch_unwind(AssertUnwindSafe(answer)).unwrap_or_else(|_| WaitAnswer {
        faults: vec![Fault::Panic],
        ..WaitAnswer::silence()
    })
}
