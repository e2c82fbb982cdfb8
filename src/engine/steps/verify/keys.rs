//! The keys of `verify`, for editors.

use super::{EXPIRED, REFUSED};
use crate::engine::keys::outcomes::{REST, way};
use crate::engine::keys::shared::{NAME, NAMED, NUMBER, PROMPT, PROMPTS, QUESTION, TIMEOUT, WAY};
use crate::verify::{LEAST_DIGITS, MOST_DIGITS};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const VERIFY: Key = Key::new(
    "verify",
    PROMPT,
    "The caller hears this once a code is on its way by SMS, and enters it.",
    "verify = \"We have texted you a code. Please enter it. For a new one press star, then hash.\"",
)
.required();

pub(super) const WORDS: Key = Key::new(
    "words",
    PROMPTS,
    "What the SMS says, in the language of the call: words in which `{{ verify.code }}` is the code.",
    "words = \"{{ verify.code }} is your code for Example. Tell nobody.\"",
)
.required();

pub(super) const TO: Key = Key::new(
    "to",
    Shape::Either(&[
        Shape::Form(NUMBER),
        Shape::Form(NAMED),
        Shape::Form(r"\{\{"),
    ]),
    "Whose number is proved: a number, which may have holes, or a contact. Whoever calls, where nothing is said.",
    "to = \"+{{ phone }}\"",
);

pub(super) const FROM: Key = Key::new(
    "from",
    NAME,
    "Who the SMS comes from: a sender of the settings (`[senders]`). The number called, where nothing is said.",
    "from = \"desk\"",
);

pub(super) const DIGITS: Field<u32> = Field::whole(
    "digits",
    (LEAST_DIGITS, MOST_DIGITS),
    "How many digits the code has.",
    "digits = 8",
)
.or("6")
.bounds_help(
    "write at least 6: fewer can be guessed",
    "write at most 10: nobody reads out more without a mistake",
);

pub(super) const AGAIN: Key = Key::new(
    "again",
    Shape::Form("^[0-9*]$"),
    "The key by which the caller has another code sent, pressed alone. It counts no attempt; the limits count it.",
    "again = \"*\"",
);

/// An SMS takes longer than a caller is silent elsewhere.
pub(super) const WAITS: Field<u32> = Field::seconds(
    TIMEOUT.key.name,
    (1, 600),
    "The silence until the caller counts as silent. An SMS may take this long.",
    "timeout = \"60s\"",
)
.or("\"30s\"");

pub(super) const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&REFUSED, "refused = \"hangup\""),
        way(&EXPIRED, "expired = \"hangup\""),
        REST,
    ]),
    "Where the call goes on if no code is sent, and if the code can be used no more. `on.error` takes what has no way of its own.",
    "on.refused = \"hangup\"",
)
.required();

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    let others = QUESTION
        .iter()
        .filter(|key| ![TIMEOUT.key.name, "refuse"].contains(&key.name));
    [VERIFY, WORDS, TO, FROM, DIGITS.key, AGAIN, ON, WAITS.key]
        .into_iter()
        .chain(WAY.iter().copied())
        .chain(others.copied())
        .collect()
}
