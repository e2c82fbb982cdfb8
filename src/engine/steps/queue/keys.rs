//! The keys of `queue`, for editors.

use super::outcomes::{ERROR, LEFT, QUEUE_FULL, TALKED, TIME_LIMIT as TIME_LIMITED};
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{
    APPEND, FORGET, FULL, GIVE, NAMED, NEXT, PROMPT, SET, URL, WAY_OR_TARGET,
};
use crate::written::Field;
use crate::written::keys::{Key, Names, Shape};

pub(super) const QUEUE: Key = Key::new(
    "queue",
    Shape::Form(NAMED),
    "The queue that the caller waits in. `[queues]` of the settings may say what it is at the carrier: a queue of another \
     name, or a workflow. A queue of this name where they say nothing.",
    "queue = \"engineers\"",
)
.required();

pub(super) const PRIORITY: Field<u32> = Field::whole(
    "priority",
    (0, 1_000),
    "How urgent the call is for a workflow: the greater the sooner.",
    "priority = 5",
);

pub(super) const TWIML: Key = Key::new(
    "twiml",
    URL,
    "The TwiML that is heard by whoever waits, which the carrier asks for again and again.",
    "twiml = \"https://example.com/hold\"",
)
.required();

pub(super) const HOLD: Key = Key::new(
    "hold",
    Shape::Either(&[PROMPT, Shape::Some(&PROMPT), Shape::Table(&[TWIML])]),
    "What is heard meanwhile: prompts, one after the other, again and again; or somebody's TwiML. The carrier's music where \
     nothing is said.",
    "hold = [\"Please hold.\", { pause = \"20s\" }]",
);

/// How often a place may be told: the carrier's document is asked for between pieces, and nobody wants to hear it all
/// the time.
pub(super) const EVERY: Field<u32> = Field::seconds(
    "every",
    (5, 3_600),
    "How long it takes at least until the caller hears it, and until it is heard again.",
    "every = \"30s\"",
)
.or("\"30s\"");

pub(super) const SAY: Key = Key::new(
    "say",
    PROMPT,
    "What is said; `queue.position`, `queue.waited` (seconds) and `queue.size` are known here and in `hold`.",
    "say = \"You are number {{ queue.position }}.\"",
)
.required();

pub(super) const SAY_EVERY: Key = Key::new(
    "say_every",
    Shape::Table(&[EVERY.key, SAY]),
    "What is said between two pieces of `hold`, and only where the caller's place is lower than it was told before.",
    "say_every = { every = \"30s\", say = \"You are number {{ queue.position }}.\" }",
);

pub(super) const KEYS: Key = Key::new(
    "keys",
    Shape::Names(Names {
        form: "^[0-9*#]$",
        sample: "1",
        of: &WAY_OR_TARGET,
        fixed: &[],
        some: true,
    }),
    "Keys by which the caller leaves the queue, and where each leads.",
    "keys.1 = \"callback\"",
);

pub(super) const TIME_LIMIT: Field<u32> = Field::seconds(
    "time_limit",
    (10, 14_400),
    "How long the caller waits at most. It is looked at between two pieces of `hold`.",
    "time_limit = \"10m\"",
);

const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&TALKED, "talked = \"bye\""),
        way(&QUEUE_FULL, "full = \"callback\""),
        way(&LEFT, "left = \"callback\""),
        way(&TIME_LIMITED, "time_limit = \"callback\""),
        way(&ERROR, "error = \"sorry\""),
    ]),
    "Where the call goes on, by what came of it. `next` is for those who have talked, `left` for those of whom it is not \
     known any more by which key they left, `error` also for all that has no way of its own.",
    "on.full = \"callback\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        QUEUE,
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        GIVE,
        PRIORITY.key,
        HOLD,
        SAY_EVERY,
        KEYS,
        TIME_LIMIT.key,
    ]
}
