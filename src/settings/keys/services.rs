//! The settings of services, which flows ask while a call is on.

use std::time::Duration;

use secrecy::SecretString;

use super::{AT_MOST_YEARS, TOKEN, YEARS, names};
use crate::settings::{ServiceSign, value};
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

pub(in crate::settings) const SERVICES: Key = Key::new(
    "services",
    names(
        "stock",
        &Shape::Table(&[
            SERVICE_URL.key,
            SERVICE_SECRET.key,
            HEADERS,
            PRIVATE.key,
            AT_ONCE.key,
            SERVICE_REMEMBERS.key,
            IN_TURN.key,
            SIGN.key,
            TRUSTED.key,
        ]),
    ),
    "What flows ask while a call is on: a table for each service, with the name that an `http` says (`[a-z][a-z0-9_]*`).",
    "services.stock.url = \"https://stock.example.com/v1\"",
);

pub(in crate::settings) const SERVICE_URL: TextField<String> = TextField::new(
    "url",
    (
        value::service_url,
        "write an absolute http or https URL, with nothing behind its path",
    ),
    "Where the service is; what a flow writes stands behind it. https, or http with `private`.",
    "url = \"https://stock.example.com/v1\"",
);

pub(in crate::settings) const SERVICE_SECRET: TextField<SecretString> = TextField::new(
    "secret",
    TOKEN,
    "The token that the service knows us by (`Authorization: Bearer …`).",
    "secret = \"0123456789abcdef\"",
)
.secret();

pub(in crate::settings) const HEADERS: Key = Key::new(
    "headers",
    names("x_api_key", &Shape::Secret),
    "Further headers of every request, each by its name; `_` stands for `-`. Their values are secrets.",
    "headers.x_api_key = \"0123456789abcdef\"",
);

pub(in crate::settings) const HEADER: TextField<SecretString> = TextField::new(
    "headers",
    (value::header, "write one line of plain characters"),
    HEADERS.doc,
    HEADERS.example,
)
.secret();

pub(in crate::settings) const PRIVATE: Field<bool> = Field::flag(
    "private",
    "Whether it may be at an address of this machine or of a network of your own, and be asked without TLS.",
    "private = true",
)
.or("false");

pub(in crate::settings) const AT_ONCE: Field<u32> = Field::whole(
    "at_once",
    (1, 10_000),
    "Requests to it that a node may have under way at once; the next ones wait.",
    "at_once = 32",
)
.or("64")
.bounds_help(
    "write at least 1: with none, nothing could be asked",
    "write at most 10000: each is a connection to the service",
);

pub(in crate::settings) const SERVICE_REMEMBERS: Field<Duration> = Field::between(
    "remembers",
    ("1m", YEARS),
    "How long the service knows a request by its `Idempotency-Key`. Only where this is set is a request that changes \
     something made again.",
    "remembers = \"24h\"",
)
.bounds_help(
    "write at least 1m: a caller may wait that long, and a request that is made again must be known",
    AT_MOST_YEARS,
);

pub(in crate::settings) const IN_TURN: Field<Duration> = Field::between(
    "in_turn",
    ("0s", "2s"),
    "How long a turn waits for its answer before the caller hears that it lasts.",
    "in_turn = \"800ms\"",
)
.or("\"800ms\"")
.bounds_help("", "write at most 2s: the caller hears nothing meanwhile");

pub(in crate::settings) const SIGN: TextField<ServiceSign> = TextField::new(
    "sign",
    (value::service_sign, "write twilio"),
    "`twilio` signs requests with `twilio.auth_token` as Twilio signs its own, for functions that are protected so.",
    "sign = \"twilio\"",
);

pub(in crate::settings) const TRUSTED: Field<bool> = Field::flag(
    "trusted",
    "Whether it may get sensitive answers, in the body of a request.",
    "trusted = true",
)
.or("false");
