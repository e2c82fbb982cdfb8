//! How a call that we placed came out, in the words of flows and test calls.

use serde::{Deserialize, Serialize};

/// How a call that we placed came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum PlacedOutcome {
    /// Somebody answered, as far as is known.
    Answered,
    /// An answering machine did, or a fax.
    Machine,
    /// The line was busy.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// It could not be placed, or was not to be.
    Failed,
}

impl PlacedOutcome {
    /// Each of them.
    pub const ALL: [Self; 5] = [
        Self::Answered,
        Self::Machine,
        Self::Busy,
        Self::NoAnswer,
        Self::Failed,
    ];

    /// The one that goes by a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.as_str() == name)
    }

    /// The word of flows, test calls, logs and figures.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Answered => "answered",
            Self::Machine => "machine",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Failed => "failed",
        }
    }

    /// Whether the line was answered, so that something can be said.
    pub fn is_answered(self) -> bool {
        matches!(self, Self::Answered | Self::Machine)
    }

    /// Whether another try may come out otherwise.
    pub fn may_change(self) -> bool {
        matches!(self, Self::Busy | Self::NoAnswer)
    }
}
