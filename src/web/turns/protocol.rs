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
pub struct Asked<'a> {
    /// The flow that its URL names.
    pub flow: &'a str,
    /// Where in the flow.
    pub place: Place,
    /// Whether it may move the call: it can be trusted, and somebody is there.
    pub moves: bool,
    /// Whether the carrier says with it that the call is over: then none begins.
    pub over: bool,
    /// When it came.
    pub now: Timestamp,
}

/// Where in a flow a URL leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Its beginning: a call comes in, or comes back. The request that says so.
    Start(Opening),
    /// A turn.
    Turn(Mark),
}

/// The turn that a URL names, and the visit that it was made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The turn.
    pub turn: u32,
    /// The visit.
    pub nonce: Nonce,
}

/// What the store knows of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known<'a> {
    /// Nothing.
    Nothing,
    /// Its state is gone, and it had come to its end.
    Past,
    /// Its state.
    Call(Standing<'a>),
}

/// Where a call stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing<'a> {
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
    Repeat(Repeat),
    /// Calm words: there is nothing that may be done.
    Apologise,
    /// An empty document: the call is over, and there is nobody to answer.
    Nothing,
}

/// Why nothing moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
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
pub fn decide(asked: &Asked<'_>, known: &Known<'_>) -> Decision {
    match (known, asked.place) {
        (Known::Nothing | Known::Past, _) if asked.over => Decision::Nothing,
        (Known::Nothing | Known::Past, _) if !asked.moves => Decision::Apologise,
        (Known::Nothing | Known::Past, Place::Start(_)) => Decision::Begin { lost: false },
        (Known::Past, Place::Turn(_)) => Decision::Nothing,
        (Known::Nothing, Place::Turn(mark)) if mark.is_older_than_any_call(asked.now) => {
            Decision::Nothing
        }
        (Known::Nothing, Place::Turn(_)) => Decision::Begin { lost: true },
        (Known::Call(_), _) if !asked.moves => Decision::Repeat(Repeat::Untrusted),
        (Known::Call(call), Place::Start(opening)) if call.was_begun_by(&opening) => {
            Decision::Repeat(Repeat::Again)
        }
        (Known::Call(call), Place::Start(_)) => Decision::Visit {
            leaves: !call.finished,
        },
        (Known::Call(call), Place::Turn(mark)) => call.turn_asked(asked.flow, mark),
    }
}

impl Standing<'_> {
    fn turn_asked(&self, flow: &str, mark: Mark) -> Decision {
        if mark.nonce != self.nonce || flow != self.flow {
            return Decision::Repeat(Repeat::Foreign);
        }
        match mark.turn {
            turn if turn > self.turn => Decision::Repeat(Repeat::Ahead),
            turn if turn == self.turn && !self.finished => Decision::Move,
            _ => Decision::Repeat(Repeat::Again),
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

impl Mark {
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
