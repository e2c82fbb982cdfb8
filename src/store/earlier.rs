//! What earlier releases wrote of an input: they knew of one action that waits.

use serde::Deserialize;

use crate::engine::{Came, Ending, Fault, Input, Value};

/// What moved a call on by one turn.
#[derive(Deserialize)]
pub(super) enum EarlierInput {
    Begin,
    Keys(String),
    Speech(String),
    Silence,
    Dialled(Dialled),
    HungUp(Ending),
    Failed(Fault),
}

/// What dialling came to.
#[derive(Deserialize)]
pub(super) struct Dialled {
    outcome: DialOutcome,
    seconds: u32,
}

#[derive(Clone, Copy, Deserialize)]
enum DialOutcome {
    Answered,
    Busy,
    NoAnswer,
    Failed,
    Canceled,
}

impl From<Dialled> for Came {
    fn from(Dialled { outcome, seconds }: Dialled) -> Self {
        let outcome = match outcome {
            DialOutcome::Answered => "answered",
            DialOutcome::Busy => "busy",
            DialOutcome::NoAnswer => "no_answer",
            DialOutcome::Failed => "failed",
            DialOutcome::Canceled => "canceled",
        };
        Self::new(outcome, [("seconds", Value::Integer(seconds.into()))])
    }
}

impl From<EarlierInput> for Input {
    fn from(input: EarlierInput) -> Self {
        match input {
            EarlierInput::Begin => Self::Begin,
            EarlierInput::Keys(keys) => Self::Keys(keys),
            EarlierInput::Speech(words) => Self::Speech(words),
            EarlierInput::Silence => Self::Silence,
            EarlierInput::Dialled(dialled) => Self::Came(dialled.into()),
            EarlierInput::HungUp(ending) => Self::HungUp(ending),
            EarlierInput::Failed(fault) => Self::Failed(fault),
        }
    }
}
