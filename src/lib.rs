#![doc = include_str!("ARCHITECTURE.md")]
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]

pub mod cli;

pub mod import;
pub mod phone;
pub mod replay;
pub mod web;

pub mod carrier;
pub mod services;

pub mod audio;
pub mod outbox;
pub mod picture;
pub mod store;
pub mod twilio;

pub mod study;

pub mod engine;
pub mod twiml;

pub mod hours;
pub mod policy;
pub mod verify;

pub mod written;

pub mod settings;
pub mod telemetry;
