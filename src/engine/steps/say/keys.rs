//! The keys of `say`, for editors.

use crate::engine::schema::Key;
use crate::engine::schema::shared::{BARGE_IN, PROMPT, WAY};

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
