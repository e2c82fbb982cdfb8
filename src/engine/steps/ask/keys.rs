//! The keys of `ask`, for editors.

use crate::engine::answers;
use crate::engine::keys::shared::{INTO, PROMPT, QUESTION, SENSITIVE, WAY};
use crate::written::keys::Key;

const ASK: Key = Key::new(
    "ask",
    PROMPT,
    "The caller hears this, and enters a value. Its type stands under `[answers]`, or here: `digits = 4`.",
    "ask = \"How heavy is it? Enter the kilograms, then press hash.\"",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [
        &[ASK, INTO.required()],
        WAY,
        QUESTION,
        &[SENSITIVE.key],
        &answers::types(),
    ]
    .concat()
}
