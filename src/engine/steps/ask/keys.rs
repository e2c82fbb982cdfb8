//! The keys of `ask`, for editors.

use crate::engine::answers;
use crate::engine::keys::shared::{
    INTO, PROMPT, QUESTION, SENSITIVE, SPEECH, SURE, WAY, WAY_OR_TARGET,
};
use crate::written::keys::{Key, Names, Shape};

const ASK: Key = Key::new(
    "ask",
    PROMPT,
    "The caller hears this, and enters a value. Its type stands under `[answers]`, or here: `digits = 4`.",
    "ask = \"How heavy is it? Enter the kilograms, then press hash.\"",
)
.required();

pub(super) const KEYS: Key = Key::new(
    "keys",
    Shape::Names(Names {
        form: "^([0-9*]+|[0-9]-[0-9])$",
        sample: "*",
        of: &WAY_OR_TARGET,
        fixed: &[],
        some: true,
    }),
    "Where keys lead that are no legal entry. Such a key counts when it is the whole entry.",
    "keys.\"*\" = \"desk\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [
        &[ASK, INTO.required()],
        WAY,
        &[KEYS],
        QUESTION,
        &[SENSITIVE.key, SPEECH.key, SURE],
        &answers::types(),
    ]
    .concat()
}
