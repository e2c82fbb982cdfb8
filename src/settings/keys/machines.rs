//! The settings of machines that calls are handed to, or that hear them, and of connectors that take payments.

use super::names;
use crate::settings::value;
use crate::written::TextField;
use crate::written::keys::{Key, Shape};

pub(in crate::settings) const MACHINES: Key = Key::new(
    "machines",
    names(
        "assistant",
        &Shape::Table(&[MACHINE_KIND.key, MACHINE_AT.key]),
    ),
    "Machines that calls are handed to, or that hear them: a table for each, with the name that a `bot` or a `start` says \
     (`[a-z][a-z0-9_]*`).",
    "machines.assistant.kind = \"relay\"",
);

pub(in crate::settings) const MACHINE_KIND: TextField<String> = TextField::new(
    "kind",
    (
        value::machine_kind,
        "write relay, stream, agent or transcription",
    ),
    "What it is: `relay` talks with callers by text, and the carrier hears and speaks for it; `stream` hears the sound of a call, \
     and may speak where the call is handed to it; `agent` is one of the carrier's; `transcription` gets what is said, \
     written down piece by piece.",
    "kind = \"relay\"",
);

pub(in crate::settings) const MACHINE_AT: TextField<String> = TextField::new(
    "at",
    (value::line_of_text, "write where it is, in one line"),
    "Where it is: the wss URL of a relay's or a stream's socket, the name of an agent's connector, the URL that a transcription is \
     told to.",
    "at = \"wss://assistant.example.com/calls\"",
);

pub(in crate::settings) const CONNECTORS: Key = Key::new(
    "connectors",
    names("stripe", &Shape::Text),
    "What takes payments, by the names that flows give (`connector = \"stripe\"`): the name of a connector of your account, made in \
     Twilio's console. A connector of the same name where nothing is said.",
    "connectors.stripe = \"Stripe_Live\"",
);

pub(in crate::settings) const CONNECTOR: TextField<String> = TextField::new(
    "connectors",
    (
        value::connector,
        "write the name of a connector of your account: letters, digits, `_` and `-`",
    ),
    CONNECTORS.doc,
    CONNECTORS.example,
);
