//! What must reach a backend: at least once, in effect once.
//!
//! Every delivery is a row in the store. It has an id that never changes, is signed after Standard Webhooks, and is
//! tried until the backend says yes or it is set aside where a person can see it. This room decides when an attempt is
//! made and what it means; where rows are kept, and that two nodes never hold one at a time, is the store's.

pub mod admin;
mod backend;
mod circuit;
mod delivery;
mod error;
mod lane;
mod masking;
mod schedule;
mod signing;
mod surroundings;
mod worker;

pub use backend::{Backend, CONCURRENCY, LEASE, REMEMBERS, TIMEOUT, TIMEOUT_MAX, Target};
pub use delivery::{Courier, Outcome};
pub use error::{Error, InvalidSecret};
pub use masking::{MASK, masked_body};
pub use schedule::{STEPS, judge};
pub use signing::{SECRET_MIN, Secret, sign};
pub use surroundings::{Clock, Observer, Random, Settled, Surroundings};
pub use worker::{Condition, Outbox};

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use jiff::Timestamp;

    use crate::engine::CallSid;
    use crate::store::{History, Row, RowId, RowState};

    /// A new row of a backend, as a commit writes it.
    pub(super) fn row(backend: &str) -> Row {
        let created: Timestamp = "2026-11-23T12:00:00Z".parse().expect("a time");
        Row {
            id: RowId {
                sid: CallSid::parse("CA0001").expect("a sid"),
                key: 1,
            },
            backend: backend.to_owned(),
            body: Bytes::from_static(b"{}"),
            sensitive: Vec::new(),
            created,
            state: RowState::Sending,
            attempts: 1,
            next: created,
            ambiguous: false,
            last_error: String::new(),
            history: History::default(),
        }
    }
}
