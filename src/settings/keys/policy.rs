//! The settings of what may be dialled and texted.

use crate::policy::{Country, NumberKind};
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

/// The most that a cap can be: a carrier places fewer calls in a day.
const MOST: u32 = 1_000_000;

const HELP: (&str, &str) = (
    "write 0 to reach none",
    "write at most 1000000: a cap that is never met is none",
);

pub(in crate::settings) const POLICY: Key = Key::new(
    "policy",
    Shape::Table(&[
        DIAL,
        TEXT,
        KINDS,
        PER_CALL.key,
        PER_CALLER.key,
        PER_NUMBER.key,
        PER_PREFIX.key,
        PER_DAY.key,
    ]),
    "Which numbers flows may dial and text (`hookswitch policy explain NUMBER`). Numbers that stand in a flow, and contacts, \
     always; premium numbers never. What follows is for numbers that come from a caller or a service. The caps count texts \
     to any number, and calls to numbers that are not written out, each by itself.",
    "policy.text = [\"GB\", \"IE\"]",
);

pub(in crate::settings) const DIAL: Key = Key::new(
    "dial",
    Shape::List(&Shape::Text),
    "The countries whose numbers may be dialled, by their two letters; `called` is that of the number called.",
    "dial = [\"called\", \"IE\"]",
)
.default("[]");

pub(in crate::settings) const TEXT: Key = Key::new(
    "text",
    Shape::List(&Shape::Text),
    "The countries whose numbers may be sent an SMS, in the same words.",
    "text = [\"called\", \"IE\"]",
)
.default("[\"called\"]");

pub(in crate::settings) const COUNTRY: TextField<Country> = TextField::new(
    "country",
    (
        Country::parse,
        "write a country's two letters, such as GB, or called",
    ),
    DIAL.doc,
    DIAL.example,
);

pub(in crate::settings) const KINDS: Key = Key::new(
    "kinds",
    Shape::List(&Shape::Text),
    "The kinds of those numbers: `fixed`, `mobile`, `freephone`, `shared_cost`, `voip`, `personal`, `pager`, `company`.",
    "kinds = [\"fixed\", \"mobile\", \"voip\"]",
)
.default("[\"fixed\", \"mobile\"]");

pub(in crate::settings) const KIND: TextField<NumberKind> = TextField::new(
    "kind",
    (
        NumberKind::named,
        "write fixed, mobile, freephone, shared_cost, voip, personal, pager or company",
    ),
    KINDS.doc,
    KINDS.example,
);

pub(in crate::settings) const PER_CALL: Field<u32> = cap(
    "per_call",
    "How many numbers a call may text, and how many it may dial.",
    "per_call = 5",
)
.or("5");

pub(in crate::settings) const PER_CALLER: Field<u32> = cap(
    "per_caller",
    "The same of a caller in a day (of UTC). Callers who withhold their number count as one.",
    "per_caller = 20",
)
.or("20");

pub(in crate::settings) const PER_NUMBER: Field<u32> = cap(
    "per_number",
    "How often a number may be texted in a day, and how often dialled.",
    "per_number = 10",
)
.or("10");

pub(in crate::settings) const PER_PREFIX: Field<u32> = cap(
    "per_prefix",
    "The same of all numbers together that differ in their last four digits only: who is paid for being texted has many.",
    "per_prefix = 50",
)
.or("50");

pub(in crate::settings) const PER_DAY: Field<u32> = cap(
    "per_day",
    "How many texts all calls may send in a day, and how many such calls they may place.",
    "per_day = 1000",
)
.or("1000");

const fn cap(name: &'static str, doc: &'static str, example: &'static str) -> Field<u32> {
    Field::whole(name, (0, MOST), doc, example).bounds_help(HELP.0, HELP.1)
}
