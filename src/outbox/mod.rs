//! Delivers what backends must receive, and asks the carrier for what must be done there: at least once, with the effect of
//! once.
//!
//! Every delivery is a row in the store. It has an id that never changes, is signed according to Standard Webhooks, and
//! is tried until the backend accepts it or it is set aside for a person. This room decides when to make an attempt and
//! what its outcome means. Keeping rows, and making sure that only one node holds a row at a time, is the store's job.

pub mod admin;
mod backend;
pub mod circuit;
mod client;
mod error;
mod lane;
mod masking;
mod outcome;
mod performer;
mod schedule;
mod signing;
mod surroundings;
mod worker;

pub use backend::{
    Backend, CARRIER, CONCURRENCY, DeliveryTarget, LEASE, REMEMBERS, TIMEOUT, TIMEOUT_MAX,
};
pub use client::{DeliveryClient, describe};
pub use error::Error;
pub use masking::{MASK, masked_body};
pub use outcome::AttemptOutcome;
pub use performer::{Perform, Performer};
pub use schedule::{STEPS, judge};
pub use signing::{InvalidSecret, SECRET_MIN, Secret, sign};
pub use surroundings::{Completer, DeliveryResult, Observer, Random, Surroundings, give};
pub use worker::{BackendCondition, Outbox};

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
