//! Who answered a call that we placed, as the carrier finds out while the flow goes on.

use serde::{Deserialize, Serialize};

/// Who answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnsweredBy {
    /// A person.
    Human,
    /// An answering machine.
    Machine,
    /// A fax.
    Fax,
    /// The carrier cannot tell: mostly a person who says little.
    Unknown,
}

impl AnsweredBy {
    /// Every answer.
    pub const ALL: [Self; 4] = [Self::Human, Self::Machine, Self::Fax, Self::Unknown];

    /// The word of flows for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Machine => "machine",
            Self::Fax => "fax",
            Self::Unknown => "unknown",
        }
    }
}
