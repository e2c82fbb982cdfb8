//! The keys of `bot`, for editors.

use super::super::take::TAKE;
use super::outcomes::{DONE, LOST, MISFIT, SILENT, TIME_LIMIT as TIME_LIMITED, UNREACHABLE};
use crate::engine::keys::outcomes::{REST, way};
use crate::engine::keys::shared::{
    APPEND, FORGET, FULL, GIVE, NAMED, NEXT, PROMPT, SET, WAY_OR_TARGET,
};
use crate::written::Field;
use crate::written::keys::{Key, Names, Shape};

const BOT: Key = Key::new(
    "bot",
    Shape::Form(NAMED),
    "The machine that talks with the caller, by its name under `[machines]` of the settings: a relay, a stream or an agent.",
    "bot = \"assistant\"",
)
.required();

pub(super) const GREET: Key = Key::new(
    "greet",
    PROMPT,
    "What the caller hears first: words only.",
    "greet = \"I am a machine. How can I help?\"",
);

pub(super) const TIME_LIMIT: Field<u32> = Field::seconds(
    "time_limit",
    (10, 3_600),
    "How long the talk may last. The machine gets it as a parameter.",
    "time_limit = \"10m\"",
)
.or("\"10m\"");

const ON: Key = Key::new(
    "on",
    Shape::Names(Names {
        form: NAMED,
        sample: "person",
        of: &WAY_OR_TARGET,
        fixed: &[
            way(&DONE, "done = \"bye\""),
            way(&LOST, "lost = \"desk\""),
            way(&UNREACHABLE, "unreachable = \"desk\""),
            way(&SILENT, "silent = \"bye\""),
            way(&MISFIT, "misfit = \"desk\""),
            way(&TIME_LIMITED, "time_limit = \"desk\""),
            REST,
        ],
        some: false,
    }),
    "Where the call goes on: by a word that the machine hands the call back with, or by one of these. `lost` is also for \
     `unreachable`, `silent`, `misfit` and `time_limit` without a way of their own.",
    "on.person = \"desk\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        BOT,
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        GREET,
        GIVE,
        TAKE,
        TIME_LIMIT.key,
    ]
}
