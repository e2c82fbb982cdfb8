//! `append`: moves answers into a new entry of a list.

mod keys;

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::Step;
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "append",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Append {
    way: Way,
}

/// The changes are those of any way; as an action they are all that it does.
fn parse(_: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    Some(Box::new(Append {
        way: Way::parse(table, check, "this step")?,
    }))
}

impl Step for Append {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges("next", &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.take("next", &self.way)
    }

    fn needs_caller(&self) -> bool {
        false
    }
}
