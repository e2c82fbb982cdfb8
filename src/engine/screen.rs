//! Screens a call: whoever is called hears something, and decides, before the two are connected.

use std::panic::{AssertUnwindSafe, catch_unwind};

use jiff::Timestamp;

use super::call::{At, Call};
use super::fault::Fault;
use super::flow::Flow;
use super::ids::StepId;
use super::leg::{LegAnswer, LegInput};
use super::moment::Moment;

/// What a leg of a call is answered. Pure, and the same for the same request: whoever is not waited for is hung up on.
///
/// The call is at the step that has called them. Words are in the flow's first language, for they are not the caller's.
///
/// # Errors
/// When the words cannot be worked out; then the leg is hung up on too.
pub fn answer_leg(
    flow: &Flow,
    call: &Call,
    leg: u8,
    input: &LegInput,
    now: Timestamp,
) -> Result<LegAnswer, (StepId, Fault)> {
    let At::Step(step) = call.at else {
        return Ok(LegAnswer::hang_up());
    };
    let mut call = Call {
        language: 0,
        ..call.clone()
    };
    let mut answer = || {
        let moment = Moment::new(flow, &mut call, step, now);
        flow.step(step).action.leg(&moment, leg, input)
    };
    let answered = catch_unwind(AssertUnwindSafe(&mut answer)).unwrap_or(Err(Fault::Panic));
    answered.map_err(|fault| (step, fault))
}
