//! What can be found out about a flow, and about calls on it: pure, and not needed to answer a webhook.
//!
//! `walk` draws all moments that a call can be in and checks them (`walk/time`: how long calls take), `diff` finds how
//! two versions differ, `retrace` computes a call again from its trail, `draft` writes it as a test call.
//! Leaves to others what a call needs (`engine`), how a flow is drawn (`picture`), and showing any of it.

pub mod diff;
mod draft;
pub mod order;
mod retrace;
mod rule;
pub mod walk;

#[cfg(test)]
pub(crate) mod tests;

pub use draft::Draft;
pub use retrace::{Moment, Retraced, retrace};
pub use rule::{Rule, edge_of};
