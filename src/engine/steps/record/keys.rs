//! The keys of `record`, for editors.

use crate::engine::keys::shared::{APPEND, FORGET, FULL, INTO, NEXT, PROMPT, SET, WAY_OR_TARGET};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const RECORD: Key = Key::new(
    "record",
    PROMPT,
    "The caller hears this and a tone, and is recorded. Keys are not listened for before the tone.",
    "record = \"Please leave a message after the tone.\"",
)
.required();

/// The keys that the carrier knows (Twilio, `finishOnKey` of Record).
pub(super) const ANY: &str = "1234567890*#";

pub(super) const FINISH: Key = Key::new(
    "finish",
    Shape::Form("^[0-9*#]{1,12}$"),
    "The keys that end the recording; any key where nothing is said.",
    "finish = \"#\"",
);

/// The silence that ends a recording: longer ones only lead to recordings of silence.
pub(super) const TIMEOUT: Field<u32> = Field::seconds(
    "timeout",
    (0, 60),
    "The silence that ends the recording; \"0s\" for none.",
    "timeout = \"4s\"",
)
.or("\"5s\"");

pub(super) const TRANSCRIBE: Field<bool> = Field::flag(
    "transcribe",
    "Whether the carrier writes down what is said: only US English, and only of recordings under two minutes.",
    "transcribe = true",
)
.or("false");

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way("recorded", "Something was said.", "recorded = \"thanks\""),
        way("empty", "Nothing was said.", "empty = \"again\""),
        way(
            "error",
            "The carrier could not record; and what has no way of its own.",
            "error = \"sorry\"",
        ),
    ]),
    "Where the call goes on, by what came of it. `next` is for what was recorded.",
    "on.empty = \"again\"",
);

const fn way(name: &'static str, doc: &'static str, example: &'static str) -> Key {
    Key::new(name, WAY_OR_TARGET, doc, example)
}

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        RECORD,
        INTO.required(),
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        FINISH,
        TIMEOUT.key,
        TRANSCRIBE.key,
    ]
}
