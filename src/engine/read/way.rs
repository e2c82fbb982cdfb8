//! Reads the ways out of a step.

use super::super::changes::Changes;
use super::super::keys::shared::NEXT;
use super::super::way::Way;
use super::Checker;
use crate::written::{Code, Explain, Item, Table};

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
}
