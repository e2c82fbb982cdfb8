//! `branch`: goes where the first condition that holds leads.

mod keys;

use std::sync::Arc;

use super::super::edge::{By, Edge};
use super::super::expression::Expression;
use super::super::fault::Fault;
use super::super::keys::shared::WHEN;
use super::super::moment::{Moment, Then};
use super::super::read::{Checker, condition};
use super::super::step::{Reads, Step};
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "branch",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Branch {
    arms: Vec<(Expression, Way)>,
    otherwise: Way,
}

fn parse(item: Item<'_>, _: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let entries = item.list(
        check,
        "`branch` must be a list of `{ when, next }`, the last one `{ next }`",
    )?;
    let last = entries.len().wrapping_sub(1);
    let (mut arms, mut otherwise, mut sound) = (Vec::new(), None, true);
    for (at, entry) in entries.iter().enumerate() {
        let Some(table) = entry.table(
            check,
            "a way of `branch` must be a table: `{ when = \"…\", next = \"…\" }`",
        ) else {
            sound = false;
            continue;
        };
        let when = table
            .get(WHEN.name)
            .map(|when| condition(when, !arms.is_empty(), check));
        let way = Way::parse(&table, check, "this way");
        table.finish(check, "this way");
        match (when, way) {
            (Some(Some(when)), Some(way)) => arms.push((when, way)),
            (None, Some(way)) if at == last => otherwise = Some(way),
            (None, Some(_)) => {
                check
                    .fault(
                        Code::BranchNotLast,
                        entry.span(),
                        "a way without `when` hides those after it",
                    )
                    .help("put it last");
                sound = false;
            }
            _ => sound = false,
        }
    }
    if otherwise.is_none() && sound {
        check
            .fault(
                Code::BranchNoLast,
                item.span(),
                "nothing is said for when no condition holds",
            )
            .help("add a last way without `when`: `{ next = \"…\" }`");
    }
    Some(Box::new(Branch {
        arms,
        otherwise: otherwise.filter(|_| sound)?,
    }))
}

/// The way where no condition holds.
const OTHERWISE: &str = "otherwise";

/// The name of a condition's way.
fn arm(at: usize) -> String {
    format!("branch.{}", at + 1)
}

impl Step for Branch {
    fn edges(&self) -> Vec<Edge> {
        let arms = self
            .arms
            .iter()
            .enumerate()
            .map(|(at, (_, way))| way.edge(&arm(at), By::When(at)));
        arms.chain([self.otherwise.edge(OTHERWISE, By::When(self.arms.len()))])
            .collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        for (at, (when, way)) in self.arms.iter().enumerate() {
            if when.holds(&moment.scope())? {
                return moment.take(arm(at), way);
            }
        }
        moment.take(OTHERWISE, &self.otherwise)
    }

    fn reads(&self) -> Reads {
        let conditions = self.arms.iter();
        Reads {
            texts: Vec::new(),
            conditions: conditions
                .map(|(when, _)| Arc::clone(&when.reading))
                .collect(),
        }
    }

    fn needs_caller(&self) -> bool {
        false
    }
}
