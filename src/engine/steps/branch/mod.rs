//! `branch`: goes where the first condition that holds leads.

mod keys;

use std::sync::Arc;

use super::super::edge::{By, Edge};
use super::super::expression::Expression;
use super::super::fault::Fault;
use super::super::keys::shared::{NEXT, WHEN};
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

/// Words that elsewhere begin the way where no condition holds.
const ELSE: [&str; 4] = ["otherwise", "else", "default", "if"];

fn parse(item: Item<'_>, step: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let (entries, beside) = ways(item, step, check)?;
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
        if is_else(&table, check) {
            sound = false;
            continue;
        }
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
    if otherwise.is_none() && sound && !beside {
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

/// The ways as they are written, and whether a `next` beside them was meant as the last one.
fn ways<'a>(
    item: Item<'a>,
    step: &Table<'_>,
    check: &mut Checker,
) -> Option<(Vec<Item<'a>>, bool)> {
    // It is no key of a branch, and reported here if it is there.
    let next = step.peek(NEXT.name).and_then(|_| step.get(NEXT.name));
    let Some(entries) = item.entries() else {
        let what = "`branch` must be a list of `{ when, next }`, the last one `{ next }`";
        item.wrong(check, what)
            .help("write `branch = [{ when = \"…\", next = \"…\" }, { next = \"…\" }]`");
        return None;
    };
    if let Some(next) = next {
        let message = "a `branch` has no `next`: its ways have";
        check
            .fault(Code::KeyUnknown, next.key_span(), message)
            .help("write it as the last way of the list: `{ next = \"…\" }`");
    }
    Some((entries, next.is_some()))
}

/// Whether a way begins with a word for what is left, as in another language; a fault then.
fn is_else(way: &Table<'_>, check: &mut Checker) -> bool {
    let words = ELSE
        .iter()
        .filter(|word| way.peek(WHEN.name).is_none() || **word != "if");
    let mut written = words.filter_map(|word| Some((word, way.peek(word)?)));
    let Some((word, item)) = written.next() else {
        return false;
    };
    let next = way.peek(NEXT.name).unwrap_or(item);
    let next = next.value.as_str().unwrap_or("…");
    let help = if *word == "if" {
        "write `when = \"…\"`".to_owned()
    } else {
        format!(
            "the last way is for what is left, and needs no word for it: `{{ next = \"{next}\" }}`"
        )
    };
    let message = format!("this way has no key `{word}`");
    check
        .fault(Code::KeyUnknown, item.key_span(), message)
        .help(help);
    true
}

/// The way where no condition holds.
const OTHERWISE: &str = "otherwise";

/// The name of a condition's way.
fn arm(at: usize) -> String {
    format!("branch.{}", at + 1)
}

impl Step for Branch {
    fn edges(&self) -> Vec<Edge> {
        let arms = self.arms.iter().enumerate();
        let arms = arms.flat_map(|(at, (_, way))| way.edges(&arm(at), &By::When(at)));
        let last = By::When(self.arms.len());
        arms.chain(self.otherwise.edges(OTHERWISE, &last)).collect()
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
