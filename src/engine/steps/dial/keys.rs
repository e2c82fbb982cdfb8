//! The keys of `dial`, for editors.

use crate::engine::keys::shared::{FORGET, NAMED, NEXT, NUMBER, SET, WAY_OR_TARGET};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const DIAL: Key = Key::new(
    "dial",
    Shape::Either(&[Shape::Form(NUMBER), Shape::Form(NAMED), Shape::Form(r"\{\{")]),
    "Whom the caller is connected to: a contact, by its name; or a number, \"+\", country code and number, no spaces, \
     which may have holes.",
    "dial = \"+442079460000\"",
)
.required();

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(
            "answered",
            "They have talked, and the other side has hung up.",
            "answered = \"bye\"",
        ),
        way("busy", "The line was busy.", "busy = \"busy\""),
        way(
            "no_answer",
            "It rang, and nobody answered.",
            "no_answer = \"sorry\"",
        ),
        way(
            "failed",
            "The number could not be reached.",
            "failed = \"sorry\"",
        ),
        way(
            "canceled",
            "The call was given up while it rang.",
            "canceled = \"sorry\"",
        ),
        way(
            "unanswered",
            "Nobody was reached, for whatever reason has no way of its own.",
            "unanswered = \"sorry\"",
        ),
    ]),
    "Where the call goes on, by what came of it. For the rest there is `next`.",
    "on.unanswered = \"sorry\"",
);

const fn way(name: &'static str, doc: &'static str, example: &'static str) -> Key {
    Key::new(name, WAY_OR_TARGET, doc, example)
}

/// How long it rings: within the carrier's bounds.
pub(super) const TIMEOUT: Field<u32> = Field::seconds(
    "timeout",
    (5, 600),
    "How long it rings.",
    "timeout = \"20s\"",
)
.or("\"30s\"");

/// How long they may talk: bounds and default are the carrier's own.
pub(super) const TIME_LIMIT: Field<u32> = Field::seconds(
    "time_limit",
    (1, 86_400),
    "How long they may talk, a day at most.",
    "time_limit = \"60m\"",
)
.or("\"4h\"");

pub(super) const CALLER_ID: Key = Key::new(
    "caller_id",
    Shape::Form(NUMBER),
    "The number that is shown to who is called. The caller's own where nothing is said.",
    "caller_id = \"+442079460123\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        DIAL,
        NEXT,
        SET,
        FORGET,
        ON,
        TIMEOUT.key,
        TIME_LIMIT.key,
        CALLER_ID,
    ]
}
