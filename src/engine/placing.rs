//! A placement: a call that we are to place, with what it is given, and how often that was tried.

use serde::{Deserialize, Serialize};

use super::sid::CallSid;
use crate::written::PlacedOutcome;

/// How far a placement is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Placing {
    /// What was asked for, by a hash: so a repeat is told from something else under the same key.
    pub asked: u64,
    /// The campaign that it belongs to; empty where it is by itself.
    pub campaign: String,
    /// Until when it may be tried, in milliseconds since 1970.
    pub until: Option<i64>,
    /// How many calls may be placed in a thousand seconds, of its campaign or of all that have none; nothing where nobody
    /// says.
    pub pace: Option<u32>,
    /// The tries, the one that is under way or comes next at the end.
    pub tries: Vec<PlacedTry>,
}

/// A try of a placement: one call at the carrier.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlacedTry {
    /// When it may begin, in milliseconds since 1970.
    pub at: i64,
    /// The call, once it is known.
    pub sid: Option<CallSid>,
    /// How it came out.
    pub outcome: Option<PlacedOutcome>,
}

impl Placing {
    /// The number of the last try, from 1.
    pub fn nth(&self) -> u32 {
        u32::try_from(self.tries.len()).unwrap_or(u32::MAX)
    }
}

impl CallSid {
    /// What the names of placements begin with: no carrier names a call so.
    const PLACEMENT: &str = "PL";

    /// The name of the placement with this hash of its key.
    pub fn of_placement(hash: [u8; 16]) -> Self {
        let hash = u128::from_be_bytes(hash);
        Self::parse(&format!("{}{hash:032x}", Self::PLACEMENT)).expect("it is legal")
    }

    /// Whether it names a placement.
    pub fn is_placement(&self) -> bool {
        self.as_str().starts_with(Self::PLACEMENT)
    }
}
