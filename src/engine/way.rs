//! A way out of a step: what is set and forgotten on it, and where it leads.

use std::borrow::Cow;
use std::ops::Range;

use super::edge::{By, Edge, Target};
use super::fault::Fault;
use super::flow::changes::Changes;
use super::flow::check::Checker;
use super::flow::written::{Item, Table};
use super::moment::{Moment, Then};
use super::schema::shared::NEXT;
use crate::written::{Code, Explain};

/// Changes and a target.
#[derive(Debug)]
pub struct Way {
    changes: Changes,
    next: Target,
    at: Range<usize>,
}

impl Way {
    /// A way with no changes, by the name of its target.
    pub fn to(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        Some(Self {
            changes: Changes::default(),
            next: check.target(item)?,
            at: item.span(),
        })
    }

    /// Reads `next`, `set` and `forget` of a table in which `next` must stand.
    pub fn parse(table: &Table<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        let changes = Changes::parse(table, check);
        let Some(next) = table.get(NEXT.name) else {
            check
                .fault(
                    Code::NextMissing,
                    table.span(),
                    format!("{whose} has no `next`"),
                )
                .help("add `next = \"…\"`; `next = \"hangup\"` ends the call");
            return None;
        };
        Some(Self {
            changes,
            next: check.target(next)?,
            at: next.span(),
        })
    }

    /// Reads a target, or a table with `next`.
    pub fn parse_item(item: Item<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        if item.value.as_str().is_some() {
            return Self::to(item, check);
        }
        let table = item.table(
            check,
            &format!("{whose} must be a step, or a table with `next`"),
        )?;
        let way = Self::parse(&table, check, whose);
        table.finish(check, whose);
        way
    }

    /// Where it leads.
    pub fn target(&self) -> Target {
        self.next
    }

    /// The edge that it is.
    pub fn edge(&self, on: &str, by: By) -> Edge {
        Edge {
            on: on.to_owned(),
            by,
            to: self.next,
            at: self.at.clone(),
            does: self.changes.effect(),
        }
    }

    /// Takes it, by its name.
    ///
    /// # Errors
    /// When a value cannot be set.
    pub fn take(
        &self,
        on: impl Into<Cow<'static, str>>,
        moment: &mut Moment<'_>,
    ) -> Result<Then, Fault> {
        moment.change(&self.changes)?;
        Ok(Then::Go(on.into(), self.next))
    }
}
