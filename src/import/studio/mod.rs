//! Flows of Twilio Studio as flows of ours.
//!
//! `export` reads what Studio writes, and `player` plays it as Studio does.

pub mod export;
pub mod player;
