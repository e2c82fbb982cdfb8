//! What a backend got of an answer, small enough to be kept with the call.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::ids::Slot;
use super::value::Value;

/// The value of an answer that a backend got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// The backend, by its place among those that the call has submitted to.
    backend: u16,
    /// The answer.
    pub slot: Slot,
    /// The start of the value's hash: however long the value is, it takes eight bytes. Of a sensitive answer it is not
    /// to be kept in the clear, since a hash of a few digits is the digits.
    value: u64,
}

impl Sent {
    /// What a backend gets of an answer.
    pub fn new(backend: u16, slot: Slot, value: &Value) -> Self {
        let text = serde_json::to_vec(value).expect("texts and numbers are always JSON");
        let hash: [u8; 32] = Sha256::digest(text).into();
        let [start, ..] = hash.as_chunks::<8>().0 else {
            unreachable!("a hash has 32 bytes");
        };
        Self {
            backend,
            slot,
            value: u64::from_be_bytes(*start),
        }
    }

    /// Whether both speak of one answer and one backend.
    pub fn replaces(&self, other: &Self) -> bool {
        (self.backend, self.slot) == (other.backend, other.slot)
    }
}
