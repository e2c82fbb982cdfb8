//! A way out of a step: what is set and forgotten on it, and where it leads.

use super::advance::Fault;
use super::flow::changes::Changes;
use super::flow::check::Checker;
use super::flow::written::{Item, Table};
use super::step::{Edge, Moment, Target, Then};

/// Changes and a target.
#[derive(Debug)]
pub struct Way {
    changes: Changes,
    next: Target,
}

impl Way {
    /// A way with no changes.
    pub fn to(next: Target) -> Self {
        Self { changes: Changes::default(), next }
    }

    /// Reads `next`, `set` and `forget` of a table in which `next` must stand.
    pub fn parse(table: &Table<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        let changes = Changes::parse(table, check);
        let Some(next) = table.get("next") else {
            check.error("next-missing", table.span(), format!("{whose} has no `next`")).help =
                Some("add `next = \"…\"`; `next = \"hangup\"` ends the call".to_owned());
            return None;
        };
        Some(Self { changes, next: check.target(next)? })
    }

    /// Reads a target, or a table with `next`.
    pub fn parse_item(item: Item<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        if item.value.as_str().is_some() {
            return check.target(item).map(Self::to);
        }
        let table = item.table(check, &format!("{whose} must be a step, or a table with `next`"))?;
        let way = Self::parse(&table, check, whose);
        table.finish(check, whose);
        way
    }

    /// The edge that it is.
    pub fn edge(&self, on: &str) -> Edge {
        Edge { on: on.to_owned(), to: self.next }
    }

    /// Goes it.
    ///
    /// # Errors
    /// When a value cannot be set.
    pub fn take(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.change(&self.changes)?;
        Ok(Then::Go(self.next))
    }
}
