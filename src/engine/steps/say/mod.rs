//! `say`: the caller hears something, and the call goes on.

mod keys;

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::keys::shared::BARGE_IN;
use super::super::moment::{Moment, Then};
use super::super::prompt::Prompt;
use super::super::read::Checker;
use super::super::step::{Reads, Step};
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "say",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Say {
    prompt: Prompt,
    barge_in: bool,
    way: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let barge_in = BARGE_IN.read(table, check);
    let prompt = Prompt::parse(item, check);
    let way = Way::parse(table, check, "this step");
    Some(Box::new(Say {
        prompt: prompt?,
        barge_in,
        way: way?,
    }))
}

impl Step for Say {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges("next", &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.say(&self.prompt, self.barge_in)?;
        moment.take("next", &self.way)
    }

    fn reads(&self) -> Reads {
        Reads::texts(self.prompt.readings())
    }
}
