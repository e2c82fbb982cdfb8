//! The keys of `menu`, for editors.

use crate::engine::keys::shared::{
    APPEND, FORGET, FULL, INTO, NEXT, PROMPT, QUESTION, SAYS, SENSITIVE, SET, SPEECH, SURE, TARGET,
    VALUE, WAY_OR_TARGET,
};
use crate::written::keys::{Key, Names, Shape};

const MENU: Key = Key::new(
    "menu",
    PROMPT,
    "The caller hears this, and presses one key or says a word.",
    "menu = \"For a letter press 1. For a parcel press 2.\"",
)
.required();

pub(super) const KEYS: Key = Key::new(
    "keys",
    Shape::Names(Names { form: "^([0-9*#]+|[0-9]+-[0-9]+)$", sample: "1", of: &KEY, fixed: &[ANY], some: true }),
    "Where each key leads: a step, or a table with `next`. `keys.1-3` is three keys, `keys.10-19` is ten, `keys.any` is all others; `\"#\"` and `\"*\"` need quotes.",
    "keys.1 = { value = \"letter\", next = \"hour\" }",
)
.required();

pub(super) const ANY: Key = Key::new(
    "any",
    WAY_OR_TARGET,
    "Where every key leads that has no entry of its own, here or in `[anywhere]`. Words still count as wrong.",
    "any = \"desk\"",
);

const KEY: Shape = Shape::Either(&[
    TARGET,
    Shape::Table(&[NEXT.required(), VALUE, SAYS, SET, APPEND, FULL, FORGET]),
]);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    [
        &[MENU, KEYS, INTO, SENSITIVE.key, SPEECH.key, SURE],
        QUESTION,
    ]
    .concat()
}
