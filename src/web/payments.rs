//! Payments of which nobody knows how they ended: the caller has left, or the carrier could not tell us, while the provider may have
//! taken the money. Each is a row for a person, written with the turn that ends the wait.

use jiff::Timestamp;

use crate::carrier::{CarrierRequest, DoubtedPayment};
use crate::engine::{Call, Fault, Flow, Input};
use crate::store::{Row, RowState};
use crate::twilio::{self, FallbackCause};

/// Why a person must look.
const WHY: &str =
    "nobody has told whether the caller has paid: look at the provider, and drop this";

/// Whether the call is at a step at which the caller pays.
pub fn is_paying(flow: &Flow, call: &Call) -> bool {
    let step = call.step().filter(|_| !call.is_over());
    step.is_some_and(|step| flow.step(step).action.charges())
}

/// The row about a payment that a call was at before this input, where that ends it without a result. The carrier may go on by itself
/// after the last attempt: nothing was charged then; nor where it refused the document.
pub fn in_doubt(flow: &Flow, call: &Call, input: &Input, now: Timestamp) -> Option<Row> {
    let is_told = match input {
        Input::HungUp(_) => false,
        Input::Failed(Fault::Refused(code)) => {
            matches!(twilio::fault(*code), FallbackCause::Document)
        }
        _ => true,
    };
    if is_told || call.opened.rehearsal || !is_paying(flow, call) {
        return None;
    }
    let step = flow.step(call.step()?);
    let doubted = CarrierRequest::DoubtPayment(DoubtedPayment {
        call: call.sid.clone(),
        flow: flow.name.clone(),
        step: step.name.clone(),
        turn: call.turn.to_string(),
        connector: step.action.away()?.whom.written().to_owned(),
    });
    tracing::error!(call_sid = %call.sid, step = step.name, "Nobody has told whether the caller has paid.");
    Some(Row {
        state: RowState::Uncertain,
        ambiguous: true,
        last_error: WHY.to_owned(),
        ..doubted.row(now, now)
    })
}
