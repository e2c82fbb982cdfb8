//! The keys of `sms`, for editors.

use super::REFUSED;
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, NAME, NAMED, NEXT, NUMBER, PROMPTS, SET};
use crate::written::keys::{Key, Shape};

const SMS: Key = Key::new(
    "sms",
    PROMPTS,
    "What is sent, in the language of the call: text with holes, a prompt by its name, or a list of these. Only words can be \
     sent. 1,600 characters at most.",
    "sms = \"Your table: {{ guests }} at {{ hour }}.\"",
)
.required();

pub(super) const TO: Key = Key::new(
    "to",
    Shape::Either(&[
        Shape::Form(NUMBER),
        Shape::Form(NAMED),
        Shape::Form(r"\{\{"),
    ]),
    "Who gets it: a number, which may have holes, or a contact. Whoever calls, where nothing is said.",
    "to = \"{{ phone }}\"",
);

pub(super) const FROM: Key = Key::new(
    "from",
    NAME,
    "Who it comes from: a sender of the settings (`[senders]`). The number called, where nothing is said.",
    "from = \"desk\"",
);

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Table(&[way(&REFUSED, "refused = \"sorry\"")]),
    "Where the call goes on if nothing is sent; `next` where that is not said.",
    "on.refused = \"sorry\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        SMS,
        NEXT.required(),
        SET,
        APPEND,
        FULL,
        FORGET,
        TO,
        FROM,
        ON,
    ]
}
