//! `hangup`: ends the call.

mod keys;

use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::Step;
use super::super::turn::Verb;
use super::kind::Kind;
use crate::written::{Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "hangup",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Hangup;

fn parse(item: Item<'_>, _: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    if item.value.as_bool() != Some(true) {
        item.wrong(check, "`hangup` must be `true`");
        return None;
    }
    Some(Box::new(Hangup))
}

impl Step for Hangup {
    fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }

    fn enter(&self, _: &mut Moment<'_>) -> Result<Then, Fault> {
        Ok(Then::End(Verb::Hangup))
    }

    fn needs_caller(&self) -> bool {
        false
    }
}
