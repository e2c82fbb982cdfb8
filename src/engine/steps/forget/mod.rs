//! `forget`: unsets answers and variables.

mod keys;

use super::change::parse;
use super::kind::Kind;

pub(super) const KIND: Kind = Kind {
    name: "forget",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};
