//! Opening hours as other programs write them, to files of ours: the common part of each form, and what is not in it is
//! refused or left out in words, never guessed.

mod ical;
mod osm;

use std::ops::RangeInclusive;

use crate::hours::OpenRange;

pub use ical::ical;
pub use osm::osm;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HoursDraft {
    /// A file of hours, or lines of one.
    pub text: String,
    /// What is not in it, and why.
    pub left_out: Vec<String>,
}

/// Why nothing was read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotRead {
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl NotRead {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
        }
    }
}

/// The years for which days without a year are written down.
pub type Years = RangeInclusive<i16>;

/// A text as TOML.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// Ranges as TOML: one, or a list.
fn ranges(open: &[OpenRange]) -> String {
    let all: Vec<String> = open
        .iter()
        .map(|range| quoted(&range.to_string()))
        .collect();
    match all.as_slice() {
        [] => quoted("closed"),
        [one] => one.clone(),
        all => format!("[{}]", all.join(", ")),
    }
}
