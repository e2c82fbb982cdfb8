//! The keys of `say`, for editors.

use crate::engine::keys::shared::{BARGE_IN, PROMPT, WAY};
use crate::written::keys::Key;

const SAY: Key = Key::new(
    "say",
    PROMPT,
    "The caller hears this, and the call goes on: text, `\"@id\"`, or a list of pieces.",
    "say = [\"Welcome.\", { pause = \"1s\" }, \"@hours\"]",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [&[SAY, BARGE_IN.key], WAY].concat()
}
