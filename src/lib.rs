#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]

pub mod audio;
pub mod cli;
pub mod engine;
pub mod import;
pub mod outbox;
pub mod phone;
pub mod picture;
pub mod replay;
pub mod settings;
pub mod store;
pub mod study;
pub mod telemetry;
pub mod twilio;
pub mod twiml;
pub mod web;
pub mod written;
