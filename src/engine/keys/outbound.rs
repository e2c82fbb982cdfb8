//! The keys of `[outbound]`: what a flow says of the calls that we place.

use std::time::Duration;

use super::shared::TARGET;
use crate::written::Field;
use crate::written::keys::{Key, Shape};

/// When somebody may be called.
pub const HOURS: Field<String> = Field::text(
    "hours",
    Shape::Form("^[a-z][a-z0-9_-]*$"),
    "The opening hours in which somebody may be called, by the clock of whoever is called: the name of a file in \
     `config/hours`. Where a number may be in several zones, they hold in all of them.",
    "hours = \"calling\"",
);

/// How often.
pub const TRIES: Field<u32> = Field::whole(
    "tries",
    (1, 10),
    "How often it is tried to reach somebody whose line is busy or who does not answer.",
    "tries = 3",
)
.or("1");

/// The pause between two of them.
pub const PAUSE: Field<Duration> = Field::time(
    "pause",
    "How long after a try the next one comes.",
    "pause = \"2h\"",
)
.or("\"1h\"");

/// How long it rings.
pub const RINGS: Field<u32> = Field::whole(
    "rings",
    (5, 600),
    "Seconds that it rings at most.",
    "rings = 30",
)
.or("30");

/// What is found out of whoever answers.
pub const DETECTS: Key = Key::new(
    "detects",
    Shape::Word(&["machine", "greeting_end", "meanwhile"]),
    "What the carrier finds out of whoever answers. Before the flow begins: whether it is a machine, or also when its \
     greeting is over, so that words can be left there; whoever answers hears nothing for a few seconds. Or meanwhile, \
     while the flow goes on: then it is `call.answered_by`.",
    "detects = \"greeting_end\"",
);

/// For a machine.
pub const MACHINE: Key = Key::new(
    "machine",
    TARGET,
    "The step for an answering machine or a fax; where nothing is said, the flow begins as for anybody.",
    "machine = \"leave_word\"",
);

/// For a busy line.
pub const BUSY: Key = Key::new(
    "busy",
    TARGET,
    "The step for a line that was busy at the last try: one that needs nobody, such as `submit`.",
    "busy = \"not_reached\"",
);

/// For nobody.
pub const NO_ANSWER: Key = Key::new(
    "no_answer",
    TARGET,
    "The step where nobody answered at the last try: one that needs nobody.",
    "no_answer = \"not_reached\"",
);

/// For a call that could not be placed.
pub const FAILED: Key = Key::new(
    "failed",
    TARGET,
    "The step for a call that could not be placed, or was not to be: one that needs nobody.",
    "failed = \"wrong_number\"",
);

/// Where a call goes.
pub const ON: Key = Key::new(
    "on",
    Shape::Table(&[MACHINE, BUSY, NO_ANSWER, FAILED]),
    "Where a call goes that nobody answers, or only a machine.",
    "on.busy = \"not_reached\"",
);

/// All of them.
pub const OUTBOUND: &[Key] = &[HOURS.key, TRIES.key, PAUSE.key, RINGS.key, DETECTS, ON];
