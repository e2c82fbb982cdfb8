//! The keys of `start`, for editors.

use super::ERROR;
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, KEEP, NAMED, NEXT, SET};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

/// What can run beside a call.
pub(in crate::engine::steps) const WORDS: [&str; 3] = ["recording", "transcription", "stream"];

const START: Key = Key::new(
    "start",
    Shape::Word(&WORDS),
    "What runs beside the call from here on, until it is stopped or the call ends: it is recorded, written down, or heard by \
     a machine.",
    "start = \"recording\"",
)
.required();

pub(super) const TO: Key = Key::new(
    "to",
    Shape::Form(NAMED),
    "The machine that hears it, or gets the words: `[machines]` of the settings says where it is.",
    "to = \"notes\"",
);

pub(super) const CHANNELS: Field<u32> = Field::whole(
    "channels",
    (1, 2),
    "Whether both sides of a recording are on one channel, or each on one of its own.",
    "channels = 2",
)
.or("1");

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Table(&[way(&ERROR, "error = \"welcome\"")]),
    "Where the call goes on if nothing is begun; `next` where that is not said.",
    "on.error = \"welcome\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        START,
        NEXT.required(),
        SET,
        APPEND,
        FULL,
        FORGET,
        TO,
        CHANNELS.key,
        KEEP.key,
        ON,
    ]
}
