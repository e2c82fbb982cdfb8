//! The step that `set`, `append` and `forget` are: it changes names, and goes on.

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::Step;
use super::super::way::Way;
use crate::written::{Item, Table};

#[derive(Debug)]
struct Change {
    way: Way,
}

/// The changes are those of any way; as an action they are all that it does.
pub(super) fn parse(_: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    Some(Box::new(Change {
        way: Way::parse(table, check, "this step")?,
    }))
}

impl Step for Change {
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
