//! Reads the ways out of a step.

use super::super::changes::Changes;
use super::super::keys::shared::{APPEND, FORGET, FULL, NEXT, SET};
use super::super::way::Way;
use super::Checker;
use super::mistyped::is_nearly_next;
use crate::written::{Code, Explain, Item, Table};

impl Way {
    /// A way with no changes, by the name of its target.
    pub fn to(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        Some(Self {
            changes: Changes::default(),
            next: check.target(item)?,
            at: item.span(),
            full: None,
        })
    }

    /// Reads a way: the name of a target, or a table of `next` and what changes.
    pub fn parse_item(item: Item<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        if item.value.as_str().is_some() {
            return Self::to(item, check);
        }
        let table = item.table(
            check,
            &format!("{whose} must be a step, or a table with `next`"),
        )?;
        let changes = Changes::parse(&table, check);
        let full = Self::full(&table, check);
        let next = next(&table, check, whose);
        table.finish(check, whose);
        let next = next?;
        Some(Self {
            changes,
            next: check.target(next)?,
            at: next.span(),
            full,
        })
    }

    /// Reads the `full` of a table: the way that is taken where the list of its `append` can take no more.
    fn full(table: &Table<'_>, check: &mut Checker) -> Option<Box<Self>> {
        let item = table.get(FULL.name)?;
        if table.peek(APPEND.name).is_none() {
            check
                .fault(
                    Code::FullWithoutAppend,
                    item.key_span(),
                    "`full` says what comes when a list can take no more, and nothing is appended here",
                )
                .help("write `append = \"…\"`, the name of a list, beside it; or take it out");
        }
        let way = Self::plain(item, check)?;
        Some(Box::new(way))
    }

    /// Reads a way that appends nothing itself.
    fn plain(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let whose = "`full`";
        if item.value.as_str().is_some() {
            return Self::to(item, check);
        }
        let table = item.table(check, "`full` must be a step, or a table with `next`")?;
        let changes = Changes::without_append(&table, check);
        let next = next(&table, check, whose);
        table.finish(check, whose);
        let next = next?;
        Some(Self {
            changes,
            ..Self::to(next, check)?
        })
    }

    /// Reads the `next` of a table in which it must stand. It may be a way of its own; otherwise `set`, `append` with its
    /// `full`, and `forget` beside it belong to it.
    pub fn parse(table: &Table<'_>, check: &mut Checker, whose: &str) -> Option<Self> {
        let mut changes = Changes::parse(table, check);
        let mut full = Self::full(table, check);
        let item = next(table, check, whose)?;
        let way = Self::parse_item(item, check, "`next`")?;
        if !way.changes.is_empty() {
            if let Some((name, beside)) = changes_of(table) {
                let also = check.place(item.span());
                check
                    .fault(
                        Code::ChangesTwice,
                        beside.key_span(),
                        format!("`{name}` stands beside a `next` that has changes of its own"),
                    )
                    .help("write all of them in one place: inside `next`, or beside it")
                    .also(also, "this `next` has its own");
                return None;
            }
            (changes, full) = (way.changes, way.full);
        }
        Some(Self {
            changes,
            full,
            ..way
        })
    }
}

fn next<'a>(table: &Table<'a>, check: &mut Checker, whose: &str) -> Option<Item<'a>> {
    let next = table.get(NEXT.name);
    // A key that is nearly `next` is one, and is reported as unknown.
    if next.is_none() && !table.unread().any(is_nearly_next) {
        check
            .fault(
                Code::NextMissing,
                table.span(),
                format!("{whose} has no `next`"),
            )
            .help("add `next = \"…\"`; `next = \"hangup\"` ends the call");
    }
    next
}

/// The first of a table's changes, by its name.
fn changes_of<'a>(table: &Table<'a>) -> Option<(&'static str, Item<'a>)> {
    let all = [SET.name, APPEND.name, FULL.name, FORGET.name].into_iter();
    all.filter_map(|name| Some((name, table.peek(name)?)))
        .min_by_key(|(_, item)| item.key)
}

/// Reports changes in a step that has no `next` which they could belong to.
pub fn changes_without_next(table: &Table<'_>, whose: &str, check: &mut Checker) {
    if table.peek(NEXT.name).is_some() {
        return;
    }
    for name in [SET.name, APPEND.name, FULL.name, FORGET.name] {
        let Some(item) = table.peek(name) else {
            continue;
        };
        let _ = table.get(name);
        check
            .fault(
                Code::ChangesWithoutNext,
                item.key_span(),
                format!("`{name}` belongs to a `next`, and {whose} has none"),
            )
            .help(format!(
                "write it on the way where it shall happen: `{{ next = \"…\", {name} = … }}`; or make it a step of its own"
            ));
    }
}
