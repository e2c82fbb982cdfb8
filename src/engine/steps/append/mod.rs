//! `append`: moves answers into a new entry of a list.

mod keys;

use super::change::parse;
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "append",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};
