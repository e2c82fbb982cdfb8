//! The settings of the calls that we place.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::settings::value;
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

pub(in crate::settings) const OUTBOUND: Key = Key::new(
    "outbound",
    Shape::Table(&[
        OUTBOUND_FROM.key,
        OUTBOUND_TOKEN.key,
        OUTBOUND_PACE.key,
        SUPPRESS.key,
        STOP_AFTER.key,
    ]),
    "Calls that we place, by `twilio.account_sid`. Whom they may reach, `[policy]` says.",
    "outbound.from = \"+442079460123\"",
);

pub(in crate::settings) const OUTBOUND_FROM: TextField<String> = TextField::new(
    "from",
    (
        value::number,
        "write a plus, country code and number, no spaces: \"+442079460123\"",
    ),
    "The number that calls come from which name no other: one of the account, or one that it has verified.",
    "from = \"+442079460123\"",
);

pub(in crate::settings) const OUTBOUND_TOKEN: TextField<SecretString> = TextField::new(
    "token",
    (value::admin_token, value::ADMIN_TOKEN),
    "Whoever has it may have calls placed by the admin listener (`POST /calls`), and nothing else there. At least 16 \
     characters (`openssl rand -hex 16`).",
    "token = \"9c1d7f2e6b8a4053\"",
)
.secret();

pub(in crate::settings) const OUTBOUND_PACE: Field<f64> = Field::amount_within(
    "pace",
    (0.001, 1_000.0),
    "Calls that all nodes together begin per second at most. Twilio takes one a second of an account that has not been given \
     more.",
    "pace = 1",
)
.or("1.0")
.bounds_help(
    "write at least 0.001 calls a second, or place none",
    "write at most 1000 calls a second",
);

pub(in crate::settings) const SUPPRESS: TextField<PathBuf> = TextField::new(
    "suppress",
    (value::folder, "write the path of a file"),
    "A file of numbers that are never called, one a line. It is looked at before each call, so that a number which is added is \
     not called any more.",
    "suppress = \"config/suppress.txt\"",
);

pub(in crate::settings) const STOP_AFTER: Field<u32> = Field::whole(
    "stop_after",
    (1, 10_000),
    "After so many calls in a row that the carrier could not place, a node places none for ten minutes.",
    "stop_after = 20",
)
.or("20")
.bounds_help("write at least 1", "write at most 10000");
