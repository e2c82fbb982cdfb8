//! The pure heart: `advance` moves a call on by one turn.

mod sid;
mod turn;

pub use sid::{CallSid, Fingerprint, InvalidCallSid};
pub use turn::{Audio, Dial, Gather, Reply, Say, Speech, Verb, Words};
