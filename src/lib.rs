#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]
#![warn(missing_docs)]
#![warn(clippy::unwrap_used)]

pub mod cli;
pub mod web;
pub mod phone;
pub mod replay;
pub mod import;
pub mod settings;
pub mod telemetry;
pub mod outbox;
pub mod store;
pub mod twilio;
pub mod audio;
pub mod twiml;
pub mod engine;
pub mod written;
