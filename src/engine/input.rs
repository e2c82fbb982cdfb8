//! What came from the caller or the carrier.

use serde::{Deserialize, Serialize};

use super::advance::Fault;
use super::call::Outcome;

/// What moves a call on by one turn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Input {
    /// The call comes in, or comes back.
    Begin,
    /// Keys, at least one: `0-9 * # A-D`, as far as the caller pressed any such.
    Keys(String),
    /// Words.
    Speech(String),
    /// Nothing, until the time was over.
    Silence,
    /// A dialled number has come to its end.
    Dialled(Dialled),
    /// The call is over.
    HungUp(Ending),
    /// Something went wrong on the way to the caller, or in the step itself.
    Failed(Fault),
}

/// What dialling came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialled {
    /// How it ended.
    pub outcome: DialOutcome,
    /// Seconds that they talked.
    pub seconds: u32,
}

/// How dialling a number ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum DialOutcome {
    /// They have talked.
    Answered,
    /// The line was busy.
    Busy,
    /// Nobody picked up in time.
    NoAnswer,
    /// The number could not be reached.
    Failed,
    /// It was taken back before anybody picked up.
    Canceled,
}

impl DialOutcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Answered,
        Self::Busy,
        Self::NoAnswer,
        Self::Failed,
        Self::Canceled,
    ];

    /// Reads the word that a flow uses for it.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }

    /// The word that a flow uses for it, under `on`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// How it is known that a call is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ending {
    /// The carrier said so.
    HungUp,
    /// Nothing was heard of it for too long.
    Silent,
    /// It was moved away from this flow, or to its beginning.
    Moved,
}

impl Ending {
    /// How a call went that ends so.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::HungUp => Outcome::HungUp,
            Self::Silent => Outcome::Silent,
            Self::Moved => Outcome::Moved,
        }
    }
}
