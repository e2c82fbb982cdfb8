//! What came from the caller or the carrier.

use serde::{Deserialize, Serialize};

use super::call::Outcome;
use super::came::Came;
use super::fault::Fault;
use crate::written::PlacedOutcome;

/// What moves a call on by one turn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Input {
    /// The call comes in, or comes back.
    Begin,
    /// Keys, at least one: `0-9 * # A-D`, as far as the caller pressed any such.
    Keys(String),
    /// Words; how sure of them the recogniser is, is not known.
    Speech(String),
    /// Nothing, until the time was over.
    Silence,
    /// What the call was handed on for has come to its end.
    Came(Came),
    /// The call is over.
    HungUp(Ending),
    /// Something went wrong on the way to the caller, or in the step itself.
    Failed(Fault),
    /// A call is to be placed: what it is given is known, and nobody is called yet.
    Place,
    /// The call that was to be placed is on: it goes on under the carrier's name.
    Reached,
    /// A call that we placed came out so, which was not answered by a person.
    Placed(PlacedOutcome),
    /// Words, and how sure of them the recogniser is, in percent.
    Heard(String, u8),
}

impl Input {
    /// Words that were heard; how sure of them the recogniser is in percent, where that is known.
    pub fn heard(words: String, percent: Option<u8>) -> Self {
        match percent {
            Some(percent) => Self::Heard(words, percent),
            None => Self::Speech(words),
        }
    }

    /// The words, if it is words, and how sure of them the recogniser is in percent.
    pub fn words(&self) -> Option<(&str, Option<u8>)> {
        match self {
            Self::Speech(words) => Some((words, None)),
            Self::Heard(words, percent) => Some((words, Some(*percent))),
            _ => None,
        }
    }

    /// Whether a visit begins by it, if this is its turn from then on.
    pub fn begins(&self, turn: u32) -> bool {
        match self {
            Self::Begin | Self::Place => true,
            Self::Placed(outcome) => outcome.is_answered() || turn == 1,
            _ => false,
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
