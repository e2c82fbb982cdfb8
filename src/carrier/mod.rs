//! What we ask of the carrier beside answering its webhooks: rows of the outbox, and how each of them is carried out.
//!
//! A request is written down with what makes it necessary, in one commit, before anything is asked ([`CarrierRequest`]).
//! The outbox leases it, tries it again and sets it aside; [`Carrier`] carries it out. Each kind of request has a folder.

pub mod admin;
pub mod call;
mod perform;
pub mod recording;
mod request;
pub mod text;

pub use perform::{Carrier, LISTED, outcome_of_call};
pub use request::{CarrierRequest, DoubtedPayment, RecordingErasure};
