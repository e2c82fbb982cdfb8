//! `reject`: refuses the call without answering it.

mod keys;

use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::Step;
use super::super::turn::Verb;
use super::kind::Kind;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "reject",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Reject {
    busy: bool,
}

fn parse(item: Item<'_>, _: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let busy = match (item.value.as_str(), item.value.as_bool()) {
        (Some("busy"), _) => true,
        (Some("rejected"), _) | (_, Some(true)) => false,
        _ => {
            check
                .fault(
                    Code::RejectReason,
                    item.span(),
                    "a call is rejected as \"busy\" or \"rejected\"",
                )
                .help("write `reject = \"busy\"`");
            return None;
        }
    };
    Some(Box::new(Reject { busy }))
}

impl Step for Reject {
    fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }

    fn enter(&self, _: &mut Moment<'_>) -> Result<Then, Fault> {
        Ok(Then::End(Verb::Reject { busy: self.busy }))
    }
}
