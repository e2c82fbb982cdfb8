//! The keys of `record`, for editors.

use super::outcomes::{EMPTY, ERROR, RECORDED};
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, INTO, NEXT, PROMPT, SET};
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

const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&RECORDED, "recorded = \"thanks\""),
        way(&EMPTY, "empty = \"again\""),
        way(&ERROR, "error = \"sorry\""),
    ]),
    "Where the call goes on, by what came of it. `next` is for what was recorded, `error` also for `empty` without a way of \
     its own.",
    "on.empty = \"again\"",
);

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
