//! The keys of `dial`, for editors.

use crate::engine::schema::shared::{FORGET, NEXT, NUMBER, SET, TIME, WAY_OR_TARGET};
use crate::engine::schema::{Key, Shape};

const DIAL: Key = Key::new(
    "dial",
    Shape::Either(&[Shape::Form(NUMBER), Shape::Form(r"\{\{")]),
    "The number that the caller is connected to: \"+\", country code and number, no spaces. It may have holes.",
    "dial = \"+442079460000\"",
)
.required();

const ON: Key = Key::new(
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

const TIMEOUT: Key = Key::new(
    "timeout",
    TIME,
    "How long it rings, \"5s\" to \"600s\".",
    "timeout = \"20s\"",
)
.default("\"30s\"");

const TIME_LIMIT: Key = Key::new(
    "time_limit",
    TIME,
    "How long they may talk, up to \"24h\".",
    "time_limit = \"60m\"",
)
.default("\"4h\"");

const CALLER_ID: Key = Key::new(
    "caller_id",
    Shape::Form(NUMBER),
    "The number that is shown to who is called. The caller's own where nothing is said.",
    "caller_id = \"+442079460123\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![DIAL, NEXT, SET, FORGET, ON, TIMEOUT, TIME_LIMIT, CALLER_ID]
}
