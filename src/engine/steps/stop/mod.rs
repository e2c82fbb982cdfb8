//! `stop`: what ran beside the call ends.

mod keys;

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::{RunsBeside, Step};
use super::super::turn::{Beside, Verb};
use super::super::way::Way;
use super::kind::Kind;
use super::runs_beside;
use crate::written::{Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "stop",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Stop {
    what: Beside,
    way: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let what = runs_beside(item, check);
    let way = Way::parse(table, check, "this step");
    Some(Box::new(Stop {
        what: what?,
        way: way?,
    }))
}

impl Step for Stop {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges("next", &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.run(Verb::Stop(self.what));
        moment.take("next", &self.way)
    }

    fn beside(&self) -> Option<RunsBeside> {
        Some(RunsBeside::Ends(self.what))
    }
}
