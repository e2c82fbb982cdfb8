//! The keys of `[check]`: what an author demands of a flow as a whole.

use std::time::Duration;

use super::shared::TARGET;
use crate::written::Field;
use crate::written::keys::Key;

/// A step that a caller can come to from every question.
pub const REACHABLE: Key = Key::new(
    "reachable_from_everywhere",
    TARGET,
    "A step that a caller can come to from every question.",
    "reachable_from_everywhere = \"desk\"",
);

/// In how many turns.
pub const WITHIN_TURNS: Field<u32> = Field::whole(
    "within_turns",
    (1, 100),
    "In how many turns at most that step is reached.",
    "within_turns = 4",
);

/// The longest call.
pub const LONGEST_CALL: Field<Duration> = Field::time(
    "longest_call",
    "How long the longest call may take: every question missed as often as it may be, everything heard.",
    "longest_call = \"5m\"",
);

/// A call that goes well.
pub const TYPICAL_CALL: Field<Duration> = Field::time(
    "typical_call",
    "How long a call may take that goes well and hears everything.",
    "typical_call = \"90s\"",
);

/// The first key.
pub const FIRST_KEY: Field<Duration> = Field::time(
    "first_key",
    "How long a caller may hear from the beginning until the first key is told.",
    "first_key = \"15s\"",
);

/// The keys of a menu.
pub const MENU_OPTIONS: Field<u32> = Field::whole(
    "menu_options",
    (1, 10_000),
    "How many keys of its own a menu may have.",
    "menu_options = 5",
);

/// The words between two questions.
pub const PROMPT_WORDS: Field<u32> = Field::whole(
    "prompt_words",
    (1, 10_000),
    "How many words may be heard in one go, between two questions.",
    "prompt_words = 40",
);

/// The price of the longest call.
pub const CALL_COST: Field<f64> = Field::amount(
    "call_cost",
    "What the longest call may cost, in the currency of `[prices]` in the settings.",
    "call_cost = 0.05",
);

/// All of them.
pub const CHECK: &[Key] = &[
    REACHABLE,
    WITHIN_TURNS.key,
    LONGEST_CALL.key,
    TYPICAL_CALL.key,
    FIRST_KEY.key,
    MENU_OPTIONS.key,
    PROMPT_WORDS.key,
    CALL_COST.key,
];
