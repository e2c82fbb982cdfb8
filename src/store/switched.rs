//! How somebody has switched opening hours, with who and when.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::hours::HoursSwitch;

/// How somebody has switched opening hours. Stored as JSON, so that releases can write and read each other's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptSwitch {
    /// What holds.
    #[serde(flatten)]
    pub switch: HoursSwitch,
    /// Who did it, as far as that is known.
    pub by: String,
    /// When.
    pub at: Timestamp,
}

impl KeptSwitch {
    /// As it is stored.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("texts and times can be written")
    }

    /// What was stored; nothing where it is none.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}
