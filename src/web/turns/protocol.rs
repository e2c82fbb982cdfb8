//! The turn protocol, pure: from what was asked and what the store has to what is done.
//!
//! Let n be the turn that a call waits for. The table stands in `ARCHITECTURE.md`; the tests play it, and every order of
//! every message of a call.

use jiff::Timestamp;

use crate::engine::{Nonce, Opening};

/// How long a carrier tries a request again, in seconds. Twilio ends every attempt, its retries included, after 15
/// seconds (Webhooks connection overrides, `tt`).
const RETRIES: i64 = 15;

/// How many requests that began a visit are remembered: a repeat of an older one comes too late to be one.
const REMEMBERED: usize = 4;

/// How long a call can last, in seconds. Twilio ends a call after 24 hours at the latest.
const LONGEST_CALL: i64 = 24 * 3_600;

/// What a request asks of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnRequest<'a> {
    /// The flow that its URL names.
    pub flow: &'a str,
    /// Where in the flow.
    pub place: EntryPoint,
    /// Whether it may move the call: it can be trusted, and somebody is there.
    pub moves: bool,
    /// Whether the carrier says with it that the call is over: then none begins.
    pub over: bool,
    /// When it came.
    pub now: Timestamp,
}

/// Where in a flow a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryPoint {
    /// Its beginning: a call comes in, or comes back. The request that says so.
    Start(Opening),
    /// A turn.
    Turn(TurnRef),
}

/// The turn that a URL names, and the visit that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TurnRef {
    /// The turn.
    pub turn: u32,
    /// The visit.
    pub nonce: Nonce,
}

/// What the store knows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KnownCall<'a> {
    /// Nothing.
    Nothing,
    /// Its state is gone, and it had come to its end.
    Past,
    /// Its state.
    Call(CallPosition<'a>),
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallPosition<'a> {
    /// The flow that it is in.
    pub flow: &'a str,
    /// The turn that it waits for.
    pub turn: u32,
    /// The visit.
    pub nonce: Nonce,
    /// The requests that began its visits.
    pub by: &'a [Opening],
    /// Whether its flow is over.
    pub finished: bool,
}

/// What is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The call begins in the flow that the URL names. `lost` where it had begun before, and the store has lost it.
    Begin {
        /// Whether the store has lost it.
        lost: bool,
    },
    /// The call has come back: a new visit begins. `leaves` where it was on, and its visit ends as moved.
    Visit {
        /// Whether a visit that is on ends by it.
        leaves: bool,
    },
    /// The call moves on by a turn.
    Move,
    /// The reply that was committed last; nothing moves.
    Repeat(RepeatReason),
    /// Calm words: there is nothing that may be done.
    Apologise,
    /// An empty document: the call is over, and there is nobody to answer.
    Nothing,
}

/// Why nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RepeatReason {
    /// It was acted on before.
    Again,
    /// It names a turn to which the call has not come: the store has lost turns.
    Ahead,
    /// It was made for another visit, or for another call of that name.
    Foreign,
    /// It may not move anything.
    Untrusted,
}

/// What is done with a request.
pub fn decide(asked: &TurnRequest<'_>, known: &KnownCall<'_>) -> Decision {
    match (known, asked.place) {
        (KnownCall::Nothing | KnownCall::Past, _) if asked.over => Decision::Nothing,
        (KnownCall::Nothing | KnownCall::Past, _) if !asked.moves => Decision::Apologise,
        (KnownCall::Nothing | KnownCall::Past, EntryPoint::Start(_)) => {
            Decision::Begin { lost: false }
        }
        (KnownCall::Past, EntryPoint::Turn(_)) => Decision::Nothing,
        (KnownCall::Nothing, EntryPoint::Turn(mark)) if mark.is_older_than_any_call(asked.now) => {
            Decision::Nothing
        }
        (KnownCall::Nothing, EntryPoint::Turn(_)) => Decision::Begin { lost: true },
        (KnownCall::Call(_), _) if !asked.moves => Decision::Repeat(RepeatReason::Untrusted),
        (KnownCall::Call(call), EntryPoint::Start(opening)) if call.was_begun_by(&opening) => {
            Decision::Repeat(RepeatReason::Again)
        }
        (KnownCall::Call(call), EntryPoint::Start(_)) => Decision::Visit {
            leaves: !call.finished,
        },
        (KnownCall::Call(call), EntryPoint::Turn(mark)) => call.turn_asked(asked.flow, mark),
    }
}

impl CallPosition<'_> {
    fn turn_asked(&self, flow: &str, mark: TurnRef) -> Decision {
        if mark.nonce != self.nonce || flow != self.flow {
            return Decision::Repeat(RepeatReason::Foreign);
        }
        match mark.turn {
            turn if turn > self.turn => Decision::Repeat(RepeatReason::Ahead),
            turn if turn == self.turn && !self.finished => Decision::Move,
            _ => Decision::Repeat(RepeatReason::Again),
        }
    }

    fn was_begun_by(&self, opening: &Opening) -> bool {
        self.by.iter().any(|earlier| is_repeat(earlier, opening))
    }
}

/// Whether a request repeats an earlier one. The carrier's token says so; where one of them has none, the same form within
/// the time in which a carrier tries again.
fn is_repeat(earlier: &Opening, later: &Opening) -> bool {
    match (earlier.token, later.token) {
        (Some(earlier), Some(later)) => earlier == later,
        _ => {
            earlier.form == later.form
                && (i64::from(later.at) - i64::from(earlier.at)).abs() <= RETRIES
        }
    }
}

impl TurnRef {
    /// What was said in a call that must be over by now begins no new one.
    fn is_older_than_any_call(&self, now: Timestamp) -> bool {
        self.nonce != Nonce::NONE && now.as_second() - self.nonce.seconds() > LONGEST_CALL
    }
}

/// The requests that are remembered once another one has begun a visit.
pub fn remember(by: &[Opening], opening: Opening) -> Vec<Opening> {
    let old = by.len().saturating_sub(REMEMBERED - 1);
    by[old..].iter().copied().chain([opening]).collect()
}

#[cfg(test)]
mod tests;
