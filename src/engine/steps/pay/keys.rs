//! The keys of `pay`, for editors.

use super::outcomes::{CONNECTOR as DECLINED, ERROR, INVALID, PAID, STOPPED, TOO_MANY};
use super::words;
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, NAMED, NEXT, PROMPT, SET};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

const PAY: Key = Key::new(
    "pay",
    Shape::Either(&[Shape::Text, Shape::Number]),
    "The amount: a number, or a placeholder for one. What cannot be charged takes `on.invalid`.",
    "pay = 12.50",
)
.required();

pub(super) const CURRENCY: Key = Key::new(
    "currency",
    Shape::Form("^[A-Z]{3}$"),
    "The currency, by its three letters (ISO 4217).",
    "currency = \"GBP\"",
);

pub(super) const ABOUT: Key = Key::new(
    "about",
    Shape::Text,
    "What the provider is told that the payment is for, which may have holes.",
    "about = \"Order {{ order }}\"",
);

pub(super) const CONNECTOR: Key = Key::new(
    "connector",
    Shape::Form(NAMED),
    "Who takes the payment: `[connectors]` of the settings says what it is called at the carrier.",
    "connector = \"stripe\"",
);

/// As often as the carrier asks at most (Twilio, `maxAttempts` of Pay).
pub(super) const ATTEMPTS: Field<u32> = Field::whole(
    "attempts",
    (1, 3),
    "How often the caller is asked for each number.",
    "attempts = 3",
)
.or("3");

pub(super) const TIMEOUT: Field<u32> = Field::seconds(
    "timeout",
    (1, 60),
    "The silence after which the caller is asked again.",
    "timeout = \"8s\"",
)
.or("\"5s\"");

pub(super) const CARDS: Key = Key::new(
    "cards",
    Shape::Some(&Shape::Word(&words::CARDS)),
    "The kinds of card that are taken.",
    "cards = [\"visa\", \"mastercard\"]",
);

pub(super) const SECURITY_CODE: Field<bool> = Field::flag(
    "security_code",
    "Whether the caller is asked for the security code.",
    "security_code = false",
)
.or("true");

pub(super) const POSTAL_CODE: Field<bool> = Field::flag(
    "postal_code",
    "Whether the caller is asked for the postal code, which can have digits only.",
    "postal_code = true",
)
.or("false");

pub(super) const FOR: Key = Key::new(
    "for",
    Shape::Either(&[
        Shape::Word(&words::ASKED),
        Shape::Some(&Shape::Word(&words::ASKED)),
    ]),
    "What is asked for then, or `processing` while the provider is asked.",
    "for = \"card_number\"",
)
.required();

pub(super) const SAY: Key = Key::new(
    "say",
    PROMPT,
    "What the caller hears.",
    "say = \"Your card number, please.\"",
)
.required();

pub(super) const ATTEMPT: Key = Key::new(
    "attempt",
    Shape::Either(&[Shape::Whole(1, 3), Shape::Some(&Shape::Whole(1, 3))]),
    "At which attempts; at every one where nothing is said.",
    "attempt = [2, 3]",
);

pub(super) const WRONG: Key = Key::new(
    "wrong",
    Shape::Either(&[
        Shape::Word(&words::WRONG),
        Shape::Some(&Shape::Word(&words::WRONG)),
    ]),
    "After what went wrong; whatever it was where nothing is said.",
    "wrong = \"timeout\"",
);

pub(super) const CARD: Key = Key::new(
    "card",
    Shape::Either(&[
        Shape::Word(&words::CARDS),
        Shape::Some(&Shape::Word(&words::CARDS)),
    ]),
    "For which kinds of card; for all of them where nothing is said.",
    "card = \"amex\"",
);

pub(super) const PROMPTS: Key = Key::new(
    "prompts",
    Shape::Some(&Shape::Table(&[FOR, SAY, ATTEMPT, WRONG, CARD])),
    "What the caller hears while the carrier asks; its own words where nothing is said.",
    "prompts = [{ for = \"card_number\", say = \"Your card number, please.\" }]",
);

const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&PAID, "paid = \"thanks\""),
        way(&TOO_MANY, "too_many = \"other\""),
        way(&DECLINED, "connector = \"other\""),
        way(&STOPPED, "stopped = \"desk\""),
        way(&INVALID, "invalid = \"other\""),
        way(&ERROR, "error = \"desk\""),
    ]),
    "Where the call goes on, by what came of it. `next` is for what was paid, `error` also for all that has no way of its own.",
    "on.connector = \"other\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        PAY,
        CURRENCY.required(),
        CONNECTOR.required(),
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        ABOUT,
        ATTEMPTS.key,
        TIMEOUT.key,
        CARDS,
        SECURITY_CODE.key,
        POSTAL_CODE.key,
        PROMPTS,
    ]
}
