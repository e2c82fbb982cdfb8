//! Flows of Twilio Studio as flows of ours.
//!
//! `export` reads what Studio writes, `translate` makes a flow of it that a person would have written, and `player` plays the
//! export as Studio does. The last two know nothing of each other, so that one can be held against the other: `ways` finds what a
//! call can meet, and how it goes in Studio.

pub mod export;
pub mod on_purpose;
pub mod player;
pub mod translate;
pub mod ways;
