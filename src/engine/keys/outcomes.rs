//! The keys under `on` of a step that waits: what came of it, and where the call goes on.

use super::shared::WAY_OR_TARGET;
use crate::engine::came::WaitOutcome;
use crate::engine::outcome_ways::ERROR;
use crate::written::keys::Key;

/// The way of an outcome.
pub const fn way(outcome: &WaitOutcome, example: &'static str) -> Key {
    Key::new(outcome.name, WAY_OR_TARGET, outcome.meaning, example)
}

/// The way of all outcomes that have a word in common, and none of their own.
pub const fn way_of_group(name: &'static str, doc: &'static str, example: &'static str) -> Key {
    Key::new(name, WAY_OR_TARGET, doc, example)
}

/// The way of all trouble that has none of its own, where the action has no outcome of this name.
pub const REST: Key = Key::new(
    ERROR,
    WAY_OR_TARGET,
    "What has no way of its own.",
    "error = \"desk\"",
);
