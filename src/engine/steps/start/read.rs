//! Reads a `start`.

use std::ops::Range;

use super::super::super::keys::shared::KEEP;
use super::super::super::read::Checker;
use super::super::super::step::Step;
use super::super::super::turn::Beside;
use super::super::super::way::Way;
use super::super::runs_beside;
use super::{ERROR, Start, What, keys};
use crate::written::{Code, Explain, Item, Table, is_name};

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let what = runs_beside(item, check);
    let error = error(table, what, check);
    // `to` is read first: where it is not, it is taken for a `next`.
    let what = match what {
        Some(Beside::Recording) => recording(item, table, check),
        Some(what) => heard(what, item, table, check),
        None => {
            let _ = table.get(keys::TO.name);
            None
        }
    };
    let next = Way::parse(table, check, "this step");
    Some(Box::new(Start {
        what: what?,
        error: error?,
        next: next?,
    }))
}

/// A recording, which is kept for a time.
fn recording(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<What> {
    let dual = keys::CHANNELS.read(table, check) == 2;
    let keep = KEEP.find(table, check);
    if keep.is_none() && table.peek(KEEP.key.name).is_none() {
        let message = "nothing says how long this recording is kept".to_owned();
        check
            .fault(Code::RecordingNotKept, item.span(), message)
            .help("add `keep = \"30d\"`");
    }
    idle(keys::TO.name, Beside::Recording, table, check);
    let (keep, _) = keep?;
    Some(What::Recording { dual, keep })
}

/// What a machine hears or gets.
fn heard(what: Beside, item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<What> {
    for key in [keys::CHANNELS.key.name, KEEP.key.name] {
        idle(key, what, table, check);
    }
    let (by, at) = machine(what, item, table, check)?;
    Some(What::Heard { what, by, at })
}

fn machine(
    what: Beside,
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<(String, Range<usize>)> {
    let Some(to) = table.get(keys::TO.name) else {
        let message = format!("nothing says who gets this {}", what.as_str());
        check
            .fault(Code::BesideUnclear, item.span(), message)
            .help("add `to = \"…\"`, a machine of the settings (`[machines]`)");
        return None;
    };
    let name = to.text(
        check,
        "`to` must be the name of a machine, such as \"notes\"",
    )?;
    if !is_name(name) {
        check
            .fault(
                Code::BesideUnclear,
                to.span(),
                format!("`{name}` cannot name a machine"),
            )
            .help("a name is made of a-z, 0-9 and `_`; `[machines]` of the settings says where it is: no URL stands in a flow");
        return None;
    }
    Some((name.to_owned(), to.span()))
}

/// Reports a key that says nothing here.
fn idle(key: &str, what: Beside, table: &Table<'_>, check: &mut Checker) {
    if let Some(item) = table.get(key) {
        let message = format!("`{key}` says nothing of a {}", what.as_str());
        check
            .fault(Code::BesideUnclear, item.key_span(), message)
            .help("leave it out");
    }
}

/// The way where nothing is begun, if there is one; nothing where it is faulty.
fn error(table: &Table<'_>, what: Option<Beside>, check: &mut Checker) -> Option<Option<Way>> {
    let Some(item) = table.get(keys::ON.name) else {
        return Some(None);
    };
    let on = item.table(check, "`on` must be a table of outcomes")?;
    let way = on.get(ERROR.name).map(|item| {
        if what == Some(Beside::Recording) {
            let message = "`on.error` is never taken: a recording needs nothing of the settings";
            check
                .fault(Code::OutcomeNever, item.key_span(), message)
                .help("leave it out; that the carrier could not record is told to backends, and moves nobody");
        }
        Way::parse_item(item, check, "`on.error`")
    });
    on.finish(check, "`on`");
    match way {
        Some(way) => way.map(Some),
        None => Some(None),
    }
}
